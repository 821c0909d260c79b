package dev.coffer.memory.ring;

import dev.coffer.memory.BufferBoundsException;
import dev.coffer.memory.pool.BufferPool;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The reading side of a [CircularBuffer], above its writing side, whose room it gives back wiped.
abstract sealed class RingReader extends RingWriter permits CircularBuffer {
    long readAt;            // 0..capacity-1, offset in the ring
    long seenWritten;       // `written` at the last look, so a lower bound

    RingReader(String name, @Nullable BufferPool pool, @Nullable MemorySegment segment, long base, long capacity) {
        super(name, pool, segment, base, capacity);
    }

    /// Looks how much may be read.
    ///
    /// @return bytes, 0..capacity; the ranges below are valid until the next call of the reader
    /// @throws IllegalStateException  closed (caller's fault)
    public final long readable() {
        if (closed) {
            throw refusal();
        }
        seenWritten = lookAtWritten();
        if (seenWritten > readBytes()) {
            checkOpen();  // only now: what the writer did to the lease before it wrote is seen from here on
        }
        return seenWritten - readBytes();
    }

    /// {@return offset in [CircularBuffer#segment()] of the first range of the last [#readable]}
    public final long firstReadableAt() {
        return base + readAt;
    }

    /// {@return bytes of the first range of the last [#readable]}
    public final long firstReadableBytes() {
        return Math.min(seenWritten - readBytes(), capacity - readAt);
    }

    /// {@return offset in [CircularBuffer#segment()] of the second range: the ring's start}
    public final long secondReadableAt() {
        return base;
    }

    /// {@return bytes of the second range of the last [#readable], 0 where the data does not wrap}
    public final long secondReadableBytes() {
        return seenWritten - readBytes() - firstReadableBytes();
    }

    /// Wipes `bytes` bytes from the reading side and gives their room to the writer.
    ///
    /// @param bytes  0..[#readable]
    /// @throws IllegalArgumentException  more than is readable, or negative (caller's fault); nothing changes
    /// @throws IllegalStateException     closed (caller's fault)
    public final void consume(long bytes) {
        long there = readable();
        if (bytes < 0 || bytes > there) {
            throw new IllegalArgumentException(
                    "ring \"" + name + "\": consume of " + bytes + " bytes (expected 0.." + there + ")");
        }
        advanceReader(bytes);
    }

    /// Reads `bytes` bytes into `target` from `at`, all or nothing.
    ///
    /// @throws BufferBoundsException      fewer are there now; it says how many; nothing changes
    /// @throws IllegalArgumentException   more than the capacity, which can never be there, or a read-only target (caller's
    ///                                    fault); nothing changes
    /// @throws IndexOutOfBoundsException  the range does not lie in the target (caller's fault); nothing changes
    /// @throws IllegalStateException      closed (caller's fault)
    public final void read(MemorySegment target, long at, long bytes) {
        peek(target, at, bytes);
        advanceReader(bytes);
    }

    /// Reads as [#read] does, and says no without making an object.
    ///
    /// @return whether they are read; false where there are fewer now
    /// @throws IllegalArgumentException   as of [#read]
    /// @throws IndexOutOfBoundsException  as of [#read]
    /// @throws IllegalStateException      as of [#read]
    public final boolean tryRead(MemorySegment target, long at, long bytes) {
        if (!tryPeek(target, at, bytes)) {
            return false;
        }
        advanceReader(bytes);
        return true;
    }

    /// Reads as many bytes as there are, at most `bytes`, into `target` from `at`.
    ///
    /// @return bytes read, 0..bytes
    /// @throws IndexOutOfBoundsException  the range does not lie in the target (caller's fault); nothing changes
    /// @throws IllegalArgumentException   a read-only target (caller's fault); nothing changes
    /// @throws IllegalStateException      closed (caller's fault)
    public final long readSome(MemorySegment target, long at, long bytes) {
        Objects.checkFromIndexSize(at, bytes, target.byteSize());
        long there = Math.min(bytes, readable());
        copyOut(target, at, there);
        advanceReader(there);
        return there;
    }

    /// Reads one byte.
    ///
    /// @return 0..255, or -1 where the ring is empty
    public final int readU8() {
        int value = peekU8(0);
        if (value >= 0) {
            advanceReader(1);
        }
        return value;
    }

    /// Copies the next `bytes` bytes into `target` from `at` and leaves them where they are.
    ///
    /// @throws BufferBoundsException      as of [#read]
    /// @throws IllegalArgumentException   as of [#read]
    /// @throws IndexOutOfBoundsException  as of [#read]
    /// @throws IllegalStateException      as of [#read]
    public final void peek(MemorySegment target, long at, long bytes) {
        if (!tryPeek(target, at, bytes)) {
            throw new BufferBoundsException("ring \"" + name + "\" read", bytes, seenWritten - readBytes());
        }
    }

    /// Copies as [#peek] does, and says no without making an object.
    ///
    /// @return whether they were there; false where there are fewer now, and nothing is copied
    /// @throws IllegalArgumentException   as of [#read]
    /// @throws IndexOutOfBoundsException  as of [#read]
    /// @throws IllegalStateException      as of [#read]
    public final boolean tryPeek(MemorySegment target, long at, long bytes) {
        Objects.checkFromIndexSize(at, bytes, target.byteSize());
        checkFits("read", bytes);
        if (bytes > readable()) {
            return false;
        }
        copyOut(target, at, bytes);
        return true;
    }

    /// {@return the byte `ahead` bytes past the next one, 0..255, or -1 where there are fewer}
    ///
    /// @param ahead  0 or more
    /// @throws IllegalArgumentException  negative (caller's fault)
    public final int peekU8(long ahead) {
        if (ahead < 0) {
            throw new IllegalArgumentException("ring \"" + name + "\": peek at " + ahead + " (expected 0 or more)");
        }
        return ahead >= readable() ? -1
                : Byte.toUnsignedInt(lent().get(ValueLayout.JAVA_BYTE, base + wrap(readAt + ahead)));
    }

    /// Wipes everything that is readable now and gives its room to the writer.
    ///
    /// @return bytes dropped
    public final long clear() {
        long there = readable();
        advanceReader(there);
        return there;
    }

    private void copyOut(MemorySegment target, long at, long bytes) {
        if (bytes == 0) {
            return;
        }
        long first = Math.min(bytes, capacity - readAt);
        MemorySegment.copy(segment, base + readAt, target, at, first);
        MemorySegment.copy(segment, base, target, at + first, bytes - first);
    }

    private void advanceReader(long bytes) {
        if (bytes == 0) {
            return;
        }
        wipe(readAt, bytes);
        readAt = wrap(readAt + bytes);
        storeRead(readBytes() + bytes);  // after the wipe: the writer never meets an old byte
    }
}
