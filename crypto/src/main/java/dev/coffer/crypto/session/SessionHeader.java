package dev.coffer.crypto.session;

import dev.coffer.memory.layout.BigEndian;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// The first bytes of a message: `id 4 | epoch u32 | sequence u64`, big-endian, authenticated, not encrypted.
final class SessionHeader {
    private static final long ID = 0;
    private static final long EPOCH = ID + Integer.BYTES;
    private static final long SEQUENCE = EPOCH + Integer.BYTES;
    static final int BYTES = (int) SEQUENCE + Long.BYTES;

    private SessionHeader() {}

    static void write(MemorySegment segment, long at, int id, long epoch, long sequence) {
        segment.set(ValueLayout.JAVA_INT_UNALIGNED, at + ID, id);  // four bytes of HKDF, in no order
        BigEndian.u32(segment, at + EPOCH, epoch);
        BigEndian.i64(segment, at + SEQUENCE, sequence);
    }

    static int id(MemorySegment segment, long at) {
        return segment.get(ValueLayout.JAVA_INT_UNALIGNED, at + ID);
    }

    static long epoch(MemorySegment segment, long at) {
        return BigEndian.u32(segment, at + EPOCH);
    }

    static long sequence(MemorySegment segment, long at) {
        return BigEndian.i64(segment, at + SEQUENCE);
    }
}
