package dev.coffer.memory.engine;

import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Bytes that go to the peer from where they lie, in memory or in an open file, and not through the output of their engine: see
/// [Engine#passage]. Made by the engine, set by whoever has the bytes, read by the driver. One thread; 0 heap bytes.
///
/// Whoever sets it keeps the bytes where they are until the last one has gone or the message has ended in another way. A driver
/// reads memory by its address: it must be off the heap, and must not be closed meanwhile. Bytes of a file that is written to
/// meanwhile are sent as they are found, also after they were handed to the system.
public final class Passage {
    private static final int NONE = -1;

    private @Nullable MemorySegment segment;
    private int file = NONE;
    private long at;
    private long left;

    /// Makes one that holds nothing.
    public Passage() {}

    /// A range of memory.
    ///
    /// @param newSegment  off the heap
    /// @param newAt       offset of the first byte
    /// @param length      bytes, 1 or more
    /// @throws IllegalArgumentException   memory of the heap, or no byte (caller's fault)
    /// @throws IndexOutOfBoundsException  not in the segment (caller's fault)
    public void ofMemory(MemorySegment newSegment, long newAt, long length) {
        Objects.checkFromIndexSize(newAt, length, newSegment.byteSize());
        if (!newSegment.isNative()) {
            throw new IllegalArgumentException("passage: a heap segment (expected native memory)");
        }
        set(newSegment, NONE, newAt, length);
    }

    /// A range of an open file, as long as the file was when somebody looked. The file's own position is neither used nor moved.
    ///
    /// @param descriptor  of the system
    /// @param position    in bytes, of the first byte
    /// @param length      bytes, 1 or more
    /// @throws IllegalArgumentException  a number out of its range (caller's fault)
    public void ofFile(int descriptor, long position, long length) {
        if (descriptor < 0 || position < 0) {
            throw new IllegalArgumentException("passage: descriptor " + descriptor + ", position " + position);
        }
        set(null, descriptor, position, length);
    }

    private void set(@Nullable MemorySegment newSegment, int newFile, long newAt, long length) {
        if (length < 1) {
            throw new IllegalArgumentException("passage: " + length + " bytes (expected 1 or more)");
        }
        segment = newSegment;
        file = newFile;
        at = newAt;
        left = length;
    }

    /// {@return whether the bytes lie in a file}
    public boolean isFile() {
        return file != NONE;
    }

    /// {@return the memory, null where it is a file}
    @SuppressWarnings("exports")  // an annotation that users need not have
    public @Nullable MemorySegment segment() {
        return segment;
    }

    /// {@return the file's descriptor, -1 where it is memory}
    public int file() {
        return file;
    }

    /// {@return offset in the memory, or position in the file, of the next byte}
    public long at() {
        return at;
    }

    /// {@return bytes that are still to go; 0 where there is no passage}
    public long left() {
        return left;
    }

    /// Some have gone.
    ///
    /// @param bytes  0..[#left]
    /// @throws IllegalArgumentException  more than there are (caller's fault)
    public void advance(long bytes) {
        if (bytes < 0 || bytes > left) {
            throw new IllegalArgumentException("passage: " + bytes + " bytes gone (expected 0.." + left + ")");
        }
        at += bytes;
        left -= bytes;
    }

    /// Forgets the bytes.
    public void clear() {
        segment = null;
        file = NONE;
        left = 0;
    }

    @Override
    public String toString() {
        return left == 0 ? "Passage[none]" : "Passage[" + left + " bytes at " + at + (isFile() ? " of a file]" : " of memory]");
    }
}
