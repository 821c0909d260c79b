package dev.coffer.crypto.falcon;

import dev.coffer.memory.layout.LittleEndian;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Encodings of section 3.11: numbers of a fixed width, most significant bit first, and the compression of section 3.11.2. Each value has
/// one encoding; all others are refused. Nothing in the fixed widths branches on a number; the compression does, on signatures, which
/// are public. Stateless, thread-safe; 0 heap bytes.
///
/// As many numbers as bits fill whole bytes, since n is a multiple of 8.
final class Codec {
    private static final int LOW_BITS = 7;
    private static final int MAGNITUDE_MAX = 2047;

    private Codec() {}

    private static int byteAt(MemorySegment segment, long at) {
        return segment.get(ValueLayout.JAVA_BYTE, at) & 0xff;
    }

    private static void byteAt(MemorySegment segment, long at, int value) {
        segment.set(ValueLayout.JAVA_BYTE, at, (byte) value);
    }

    /// Numbers of 16 bits in memory, the low `bits` of each.
    static void pack16(MemorySegment w, long from, int n, int bits, MemorySegment out, long outAt) {
        int held = 0;
        int word = 0;
        long to = outAt;
        for (int i = 0; i < n; i++) {
            word = word << bits | LittleEndian.u16(w, from + 2L * i) & (1 << bits) - 1;
            for (held += bits; held >= Byte.SIZE;) {
                held -= Byte.SIZE;
                byteAt(out, to++, word >>> held);
            }
        }
    }

    /// Numbers of 8 bits in memory, the low `bits` of each.
    static void pack8(MemorySegment w, long from, int n, int bits, MemorySegment out, long outAt) {
        int held = 0;
        int word = 0;
        long to = outAt;
        for (int i = 0; i < n; i++) {
            word = word << bits | byteAt(w, from + i) & (1 << bits) - 1;
            for (held += bits; held >= Byte.SIZE;) {
                held -= Byte.SIZE;
                byteAt(out, to++, word >>> held);
            }
        }
    }

    /// Unsigned numbers below q to 16 bits each.
    ///
    /// @return whether all are
    static boolean unpackPublic(MemorySegment in, long inAt, int n, MemorySegment w, long to) {
        int held = 0;
        int word = 0;
        int bad = 0;
        long from = inAt;
        for (int i = 0; i < n; i++) {
            for (; held < Parameters.PUBLIC_BITS; held += Byte.SIZE) {
                word = word << Byte.SIZE | byteAt(in, from++);
            }
            held -= Parameters.PUBLIC_BITS;
            int x = word >>> held & (1 << Parameters.PUBLIC_BITS) - 1;
            bad |= Ntt.Q - 1 - x;
            LittleEndian.u16(w, to + 2L * i, x);
        }
        return bad >= 0;
    }

    /// Signed numbers to 8 bits each.
    ///
    /// @return whether none is -2^(bits-1), which no key has
    static boolean unpack8(MemorySegment in, long inAt, int n, int bits, MemorySegment w, long to) {
        int held = 0;
        int word = 0;
        int bad = 0;
        long from = inAt;
        for (int i = 0; i < n; i++) {
            for (; held < bits; held += Byte.SIZE) {
                word = word << Byte.SIZE | byteAt(in, from++);
            }
            held -= bits;
            int x = word << Integer.SIZE - bits - held >> Integer.SIZE - bits;
            bad |= x + (1 << bits - 1) - 1;
            byteAt(w, to + i, x);
        }
        return bad >= 0;
    }

    /// Signed numbers of [Parameters#CONSTANT_BITS] to 16 bits each.
    ///
    /// @return whether none is the smallest, which no signature has
    static boolean unpack16(MemorySegment in, long inAt, int n, MemorySegment w, long to) {
        int bits = Parameters.CONSTANT_BITS;
        int held = 0;
        int word = 0;
        int bad = 0;
        long from = inAt;
        for (int i = 0; i < n; i++) {
            for (; held < bits; held += Byte.SIZE) {
                word = word << Byte.SIZE | byteAt(in, from++);
            }
            held -= bits;
            int x = word << Integer.SIZE - bits - held >> Integer.SIZE - bits;
            bad |= x + (1 << bits - 1) - 1;
            LittleEndian.u16(w, to + 2L * i, x);
        }
        return bad >= 0;
    }

    /// {@return whether all numbers can be written in either form of 12 bits}
    static boolean isEncodable(MemorySegment w, long from, int n) {
        int bad = 0;
        for (int i = 0; i < n; i++) {
            int x = (short) LittleEndian.u16(w, from + 2L * i);
            bad |= MAGNITUDE_MAX - x | MAGNITUDE_MAX + x;
        }
        return bad >= 0;
    }

    /// {@return bytes that [#compress] writes}
    static int compressedBytes(MemorySegment w, long from, int n) {
        int bits = 0;
        for (int i = 0; i < n; i++) {
            bits += 2 + LOW_BITS + (Math.abs((short) LittleEndian.u16(w, from + 2L * i)) >>> LOW_BITS);
        }
        return bits + Byte.SIZE - 1 >>> 3;
    }

    /// Compress (algorithm 17): for each number its sign, seven low bits, as many zeros as the rest says, and a one; zeros to the byte's
    /// end.
    static void compress(MemorySegment w, long from, int n, MemorySegment out, long outAt) {
        long word = 0;
        int held = 0;
        long to = outAt;
        for (int i = 0; i < n; i++) {
            int x = (short) LittleEndian.u16(w, from + 2L * i);
            int magnitude = Math.abs(x);
            int high = magnitude >>> LOW_BITS;
            word = word << 1 | x >>> 31;
            word = word << LOW_BITS | magnitude & (1 << LOW_BITS) - 1;
            word = word << high + 1 | 1;
            for (held += 2 + LOW_BITS + high; held >= Byte.SIZE;) {
                held -= Byte.SIZE;
                byteAt(out, to++, (int) (word >>> held));
            }
        }
        if (held > 0) {
            byteAt(out, to, (int) word << Byte.SIZE - held);
        }
    }

    /// Decompress (algorithm 18), of public bytes.
    ///
    /// @return bytes that were read, or -1: too few, a number above 2047, a negative zero, ones in what ends the last byte
    static long decompress(MemorySegment in, long inAt, long length, int n, MemorySegment w, long to) {
        long word = 0;
        int held = 0;
        long used = 0;
        for (int i = 0; i < n; i++) {
            if (used >= length) {
                return -1;
            }
            word = word << Byte.SIZE | byteAt(in, inAt + used++);
            int first = (int) (word >>> held);
            int magnitude = first & (1 << LOW_BITS) - 1;
            while (true) {
                if (held == 0) {
                    if (used >= length) {
                        return -1;
                    }
                    word = word << Byte.SIZE | byteAt(in, inAt + used++);
                    held = Byte.SIZE;
                }
                held--;
                if ((word >>> held & 1) != 0) {
                    break;
                }
                magnitude += 1 << LOW_BITS;
                if (magnitude > MAGNITUDE_MAX) {
                    return -1;
                }
            }
            boolean negative = (first & 1 << LOW_BITS) != 0;
            if (negative && magnitude == 0) {
                return -1;
            }
            LittleEndian.u16(w, to + 2L * i, negative ? -magnitude : magnitude);
        }
        return (word & (1L << held) - 1) == 0 ? used : -1;
    }
}
