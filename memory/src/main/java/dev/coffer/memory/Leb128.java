package dev.coffer.memory;

import java.lang.foreign.ValueLayout;

/// The variable-length integer with seven bits a byte, lowest first, the high bit set on all but the last (LEB128, DWARF 5
/// section 7.6, as WebAssembly and protocol buffers use it), in a [Buffer]: 64 bits, unsigned or zigzag. Stateless; 0
/// heap bytes. QUIC's is [QuicVarint].
public final class Leb128 {
    /// Largest form: 64 bits in groups of 7.
    public static final int BYTES_MAX = (64 + 6) / 7;

    private static final int MALFORMED = -1;

    private Leb128() {}

    /// {@return bytes of the shortest form of 64 unsigned bits, 1..10}
    public static int bytes(long value) {
        return Math.max(1, (Long.SIZE - Long.numberOfLeadingZeros(value) + 6) / 7);
    }

    /// Writes 64 unsigned bits in their shortest form, whole or not at all.
    public static void put(Buffer buffer, long value) {
        int bytes = bytes(value);
        long at = buffer.stain(bytes);
        long rest = value;
        for (int i = 0; i < bytes - 1; i++) {
            buffer.segment.set(ValueLayout.JAVA_BYTE, at + i, (byte) (rest | 0x80));
            rest >>>= 7;
        }
        buffer.segment.set(ValueLayout.JAVA_BYTE, at + bytes - 1, (byte) rest);
        buffer.grow(bytes);
    }

    /// Writes a signed value so that small magnitudes are short (zigzag), whole or not at all.
    public static void putSigned(Buffer buffer, long value) {
        put(buffer, value << 1 ^ value >> 63);
    }

    /// {@return bytes of the integer at the position; 0 while it is not whole; -1 where it can never be: more than 64 bits,
    /// or longer than its shortest form; makes no object}
    public static int ready(Buffer buffer) {
        long left = buffer.remaining();
        for (int i = 0; i < BYTES_MAX; i++) {
            if (i == left) {
                return 0;
            }
            int octet = buffer.u8At(buffer.position() + i);
            if ((octet & 0x80) == 0) {
                boolean padded = i > 0 && octet == 0;
                boolean wide = i == BYTES_MAX - 1 && octet > 1;
                return padded || wide ? MALFORMED : i + 1;
            }
        }
        return MALFORMED;
    }

    /// {@return the 64 unsigned bits at the position}
    ///
    /// @throws BufferBoundsException     not whole; nothing changes
    /// @throws IllegalArgumentException  malformed, see [#ready]; nothing changes
    public static long take(Buffer buffer) {
        int bytes = ready(buffer);
        if (bytes == MALFORMED) {
            throw new IllegalArgumentException("LEB128: more than 64 bits, or not the shortest form");
        }
        if (bytes == 0) {
            throw new BufferBoundsException("LEB128", buffer.remaining() + 1, buffer.remaining());
        }
        long at = buffer.position();
        long value = 0;
        for (int i = 0; i < bytes; i++) {
            value |= (long) (buffer.u8At(at + i) & 0x7f) << 7 * i;
        }
        buffer.advance(bytes);
        return value;
    }

    /// {@return the signed value at the position, as [#putSigned] wrote it}
    public static long takeSigned(Buffer buffer) {
        long value = take(buffer);
        return value >>> 1 ^ -(value & 1);
    }
}
