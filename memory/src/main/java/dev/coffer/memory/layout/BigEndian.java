package dev.coffer.memory.layout;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// Network byte order at any alignment: widths of 2, 3, 4 and 8 bytes. Stateless, thread-safe; 0 heap bytes.
///
/// Every method throws `IndexOutOfBoundsException` where the bytes do not lie in the segment; a protocol checks its
/// lengths before, so from there it is the caller's fault.
public final class BigEndian {
    private static final ValueLayout.OfShort U16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfInt U32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfLong U64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private BigEndian() {}

    /// {@return the u16 at `at`, 0..65535}
    public static int u16(MemorySegment segment, long at) {
        return Short.toUnsignedInt(segment.get(U16, at));
    }

    /// {@return the u24 at `at`, 0..2^24-1}
    public static int u24(MemorySegment segment, long at) {
        return Byte.toUnsignedInt(segment.get(ValueLayout.JAVA_BYTE, at)) << 16 | u16(segment, at + 1);
    }

    /// {@return the 32 bits at `at`, signed; see [#u32] for the unsigned reading}
    public static int i32(MemorySegment segment, long at) {
        return segment.get(U32, at);
    }

    /// {@return the u32 at `at`, 0..2^32-1}
    public static long u32(MemorySegment segment, long at) {
        return Integer.toUnsignedLong(segment.get(U32, at));
    }

    /// {@return the 64 bits at `at`}
    public static long i64(MemorySegment segment, long at) {
        return segment.get(U64, at);
    }

    /// Writes the low 16 bits of `value`.
    public static void u16(MemorySegment segment, long at, int value) {
        segment.set(U16, at, (short) value);
    }

    /// Writes the low 24 bits of `value`.
    public static void u24(MemorySegment segment, long at, int value) {
        segment.set(ValueLayout.JAVA_BYTE, at, (byte) (value >>> 16));
        segment.set(U16, at + 1, (short) value);
    }

    /// Writes 32 bits.
    public static void i32(MemorySegment segment, long at, int value) {
        segment.set(U32, at, value);
    }

    /// Writes the low 32 bits of `value`.
    public static void u32(MemorySegment segment, long at, long value) {
        segment.set(U32, at, (int) value);
    }

    /// Writes 64 bits.
    public static void i64(MemorySegment segment, long at, long value) {
        segment.set(U64, at, value);
    }
}
