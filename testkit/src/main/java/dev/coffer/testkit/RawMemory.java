package dev.coffer.testkit;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;

/// Reads this process's memory through `/proc/self/mem`: another door than every accessor under test, so neither the
/// compiler nor a pool's bookkeeping can flatter the result. Linux only.
public final class RawMemory {
    private RawMemory() {}

    /// {@return a copy of `length` bytes at an address of this process}
    ///
    /// @throws UncheckedIOException  the address is not mapped or not readable
    public static byte[] read(long address, int length) {
        byte[] bytes = new byte[length];
        try (RandomAccessFile memory = new RandomAccessFile("/proc/self/mem", "r")) {
            memory.seek(address);
            memory.readFully(bytes);
            return bytes;
        } catch (IOException e) {
            throw new UncheckedIOException("raw read of " + length + " bytes", e);
        }
    }

    /// {@return a copy of the segment's bytes, read at their address}
    public static byte[] read(MemorySegment segment) {
        return read(segment, 0, Math.toIntExact(segment.byteSize()));
    }

    /// {@return a copy of some of the segment's bytes, read at their address. The segment lives as long: of an automatic arena, of which nobody else may know any
    /// more, the collector would give the memory to somebody else in the midst of it}
    public static byte[] read(MemorySegment segment, long at, int length) {
        try {
            return read(segment.address() + at, length);
        } finally {
            Reference.reachabilityFence(segment);
        }
    }

    /// {@return how many of `length` bytes at the address are not zero}
    public static int nonZero(long address, int length) {
        return nonZero(read(address, length));
    }

    /// {@return how many of the segment's bytes are not zero}
    public static int nonZero(MemorySegment segment) {
        return nonZero(read(segment));
    }

    /// {@return how many of some of the segment's bytes are not zero}
    public static int nonZero(MemorySegment segment, long at, int length) {
        return nonZero(read(segment, at, length));
    }

    private static int nonZero(byte[] bytes) {
        int count = 0;
        for (byte b : bytes) {
            if (b != 0) {
                count++;
            }
        }
        return count;
    }
}
