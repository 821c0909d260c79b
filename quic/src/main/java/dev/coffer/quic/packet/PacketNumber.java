package dev.coffer.quic.packet;

import dev.coffer.memory.layout.BigEndian;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Numbers of packets: 62 bits, of which 1 to 4 bytes are sent (RFC 9000, sections 12.3 and 17.1, appendices A.2 and A.3). Stateless,
/// thread-safe, 0 heap bytes.
public final class PacketNumber {
    /// The highest (section 12.3).
    public static final long MAX = (1L << 62) - 1;
    /// Where no packet was acknowledged or received yet.
    public static final long NONE = -1;
    /// Bytes of the longest form.
    public static final int BYTES_MAX = 4;

    private PacketNumber() {}

    /// {@return bytes that are to be sent of a number, 1..4, so that twice the distance to what the peer has acknowledged fits and is
    /// exceeded (section 17.1)}
    ///
    /// @param number   that is sent next, 0..[#MAX]
    /// @param largest  number in its space that was acknowledged, below `number`; [#NONE] for none
    /// @throws IllegalArgumentException  a number out of its range, or 2^31 or more beyond what was acknowledged (caller's fault: who
    ///                                   sends that much without an answer has lost its peer)
    public static int bytes(long number, long largest) {
        long distance = number - largest;
        if (number < 0 || number > MAX || largest < NONE || distance < 1 || distance >= 1L << 31) {
            throw new IllegalArgumentException("packet number: " + number + ", acknowledged " + largest
                    + " (expected 0..2^62 - 1, less than 2^31 above what was acknowledged)");
        }
        int bits = Long.SIZE - Long.numberOfLeadingZeros(distance) + 1;
        return (bits + Byte.SIZE - 1) / Byte.SIZE;
    }

    /// Writes the lowest bytes of a number.
    ///
    /// @param bytes  1..[#BYTES_MAX]
    public static void write(MemorySegment segment, long at, long number, int bytes) {
        switch (bytes) {
            case 1 -> segment.set(ValueLayout.JAVA_BYTE, at, (byte) number);
            case 2 -> BigEndian.u16(segment, at, (int) number);
            case 3 -> BigEndian.u24(segment, at, (int) number);
            case 4 -> BigEndian.i32(segment, at, (int) number);
            default -> throw new IllegalArgumentException("packet number: " + bytes + " bytes (expected 1..4)");
        }
    }

    /// {@return the number that was meant, 0..2^62 - 1: nearest to the one that is expected (appendix A.3)}
    ///
    /// @param bytes    1..[#BYTES_MAX], which lie at `at`
    /// @param largest  number in its space that was received and authentic; [#NONE] for none
    /// @throws IllegalArgumentException  another number of bytes (caller's fault)
    public static long read(MemorySegment segment, long at, int bytes, long largest) {
        long low = switch (bytes) {
            case 1 -> Byte.toUnsignedInt(segment.get(ValueLayout.JAVA_BYTE, at));
            case 2 -> BigEndian.u16(segment, at);
            case 3 -> BigEndian.u24(segment, at);
            case 4 -> BigEndian.u32(segment, at);
            default -> throw new IllegalArgumentException("packet number: " + bytes + " bytes (expected 1..4)");
        };
        return decode(low, bytes * Byte.SIZE, largest);
    }

    private static long decode(long low, int bits, long largest) {
        long expected = largest + 1;
        long window = 1L << bits;
        long half = window / 2;
        long candidate = expected & -window | low;
        if (candidate <= expected - half && candidate <= MAX - window) {
            return candidate + window;
        }
        if (candidate > MAX || candidate > expected + half && candidate >= window) {
            return candidate - window;
        }
        return candidate;
    }
}
