package dev.coffer.memory;

import static dev.coffer.memory.layout.BigEndian.i64;
import static dev.coffer.memory.layout.BigEndian.u16;
import static dev.coffer.memory.layout.BigEndian.u32;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// The variable-length integer of QUIC (RFC 9000, section 16), in a [Buffer] or at a place in memory: the two highest bits of
/// the first byte say 1, 2, 4 or 8 bytes, the rest is the value, big-endian. Stateless; 0 heap bytes. The other one is [Leb128].
public final class QuicVarint {
    /// Largest value: 62 bits.
    public static final long VALUE_MAX = (1L << 62) - 1;
    /// Largest form, in bytes.
    public static final int BYTES_MAX = 8;

    private QuicVarint() {}

    /// {@return bytes of the shortest form: 1, 2, 4 or 8}
    ///
    /// @param value  0..[#VALUE_MAX]
    /// @throws IllegalArgumentException  outside that range (caller's fault)
    public static int bytes(long value) {
        if (value < 0 || value > VALUE_MAX) {
            throw new IllegalArgumentException("varint: " + value + " (expected 0.." + VALUE_MAX + ", RFC 9000 section 16)");
        }
        return value < 1 << 6 ? 1 : value < 1 << 14 ? 2 : value < 1 << 30 ? 4 : 8;
    }

    /// Writes the shortest form, whole or not at all.
    public static void put(Buffer buffer, long value) {
        put(buffer, value, bytes(value));
    }

    /// Writes a form of a chosen length, whole or not at all: for a field that is patched later.
    ///
    /// @param bytes  1, 2, 4 or 8, no less than [#bytes(long)]
    /// @throws IllegalArgumentException  another length (caller's fault); nothing changes
    public static void put(Buffer buffer, long value, int bytes) {
        checkForm(value, bytes);
        switch (bytes) {
            case 1 -> buffer.putU8((int) value);
            case 2 -> buffer.putU16((int) value | 1 << 14);
            case 4 -> buffer.putU32(value | 2L << 30);
            default -> buffer.putI64(value | 3L << 62);
        }
    }

    /// {@return bytes of the integer at the position, or 0 while it is not whole; makes no object}
    public static int ready(Buffer buffer) {
        if (!buffer.hasRemaining()) {
            return 0;
        }
        int bytes = 1 << (buffer.peekU8() >>> 6);
        return bytes <= buffer.remaining() ? bytes : 0;
    }

    /// {@return the integer at the position, in whichever length it was written}
    ///
    /// @throws BufferBoundsException  it is not whole; nothing changes; [#ready] asks first
    public static long take(Buffer buffer) {
        int bytes = 1 << (buffer.peekU8() >>> 6);
        long at = buffer.leftAt(bytes);
        long value = switch (bytes) {
            case 1 -> buffer.u8At(at);
            case 2 -> u16(buffer.segment, at) & (1 << 14) - 1;
            case 4 -> u32(buffer.segment, at) & (1L << 30) - 1;
            default -> i64(buffer.segment, at) & VALUE_MAX;
        };
        buffer.advance(bytes);
        return value;
    }

    /// {@return bytes of the integer whose first byte lies there, whether the others do or not: 1, 2, 4 or 8}
    ///
    /// @throws IndexOutOfBoundsException  that byte does not lie in the segment (caller's fault)
    public static int bytesAt(MemorySegment segment, long at) {
        return 1 << (Byte.toUnsignedInt(segment.get(ValueLayout.JAVA_BYTE, at)) >>> 6);
    }

    /// {@return the integer that lies there, in whichever length it was written; [#bytesAt] asks first}
    ///
    /// @throws IndexOutOfBoundsException  it does not lie in the segment (caller's fault)
    public static long get(MemorySegment segment, long at) {
        return switch (bytesAt(segment, at)) {
            case 1 -> segment.get(ValueLayout.JAVA_BYTE, at);
            case 2 -> u16(segment, at) & (1 << 14) - 1;
            case 4 -> u32(segment, at) & (1L << 30) - 1;
            default -> i64(segment, at) & VALUE_MAX;
        };
    }

    /// Writes the shortest form.
    ///
    /// @return bytes written
    /// @throws IllegalArgumentException   a value out of its range (caller's fault); nothing is written
    /// @throws IndexOutOfBoundsException  it does not fit in the segment (caller's fault); nothing is written
    public static int set(MemorySegment segment, long at, long value) {
        int bytes = bytes(value);
        write(segment, at, value, bytes);
        return bytes;
    }

    /// Writes a form of a chosen length: for a field that is written later, when its value is known.
    ///
    /// @param bytes  1, 2, 4 or 8, no less than [#bytes(long)]
    /// @throws IllegalArgumentException   another length (caller's fault); nothing is written
    /// @throws IndexOutOfBoundsException  it does not fit in the segment (caller's fault); nothing is written
    public static void set(MemorySegment segment, long at, long value, int bytes) {
        checkForm(value, bytes);
        write(segment, at, value, bytes);
    }

    private static void checkForm(long value, int bytes) {
        if (bytes(value) > bytes || bytes > BYTES_MAX || Integer.bitCount(bytes) != 1) {
            throw new IllegalArgumentException("varint: " + value + " in " + bytes + " bytes (expected 1, 2, 4 or 8, at least "
                    + bytes(value) + ")");
        }
    }

    private static void write(MemorySegment segment, long at, long value, int bytes) {
        switch (bytes) {
            case 1 -> segment.set(ValueLayout.JAVA_BYTE, at, (byte) value);
            case 2 -> u16(segment, at, (int) value | 1 << 14);
            case 4 -> u32(segment, at, value | 2L << 30);
            default -> i64(segment, at, value | 3L << 62);
        }
    }
}
