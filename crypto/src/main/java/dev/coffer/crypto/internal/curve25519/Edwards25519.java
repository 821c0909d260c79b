package dev.coffer.crypto.internal.curve25519;

import static dev.coffer.crypto.internal.curve25519.Field25519.BYTES;

import dev.coffer.crypto.internal.limbs.Limbs;
import dev.coffer.memory.ConstantTime;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// The group edwards25519, -x^2 + y^2 = 1 + d x^2 y^2 (RFC 8032 section 5.1), in extended coordinates (X : Y : Z : T),
/// x = X/Z,
/// y = Y/Z, xy = T/Z, on points in the caller's memory. Stateless, thread-safe; 0 heap bytes.
///
/// The addition is complete: one sequence of operations for all pairs of points. [#multiplyBase] depends on no secret
/// bit in time or address; [#multiplyTwo] is for public numbers and says so.
public final class Edwards25519 {
    /// Bytes of a point: X, Y, Z, T.
    public static final long POINT_BYTES = 4 * BYTES;
    /// Bytes of an encoded point (section 5.1.2).
    public static final int ENCODED_BYTES = 32;
    /// Bytes of the scratch of every operation but [#multiplyTwo].
    public static final long SCRATCH_BYTES = 12 * BYTES;
    /// Bytes of the scratch of [#multiplyTwo]: that of the rest, 8 odd multiples of A, two times 256 digits.
    public static final long TWO_BYTES = SCRATCH_BYTES + 8 * POINT_BYTES + 2 * 256;

    private static final long X = 0;
    private static final long Y = BYTES;
    private static final long Z = 2 * BYTES;
    private static final long T = 3 * BYTES;

    // Scratch of one operation.
    private static final long A = 0;
    private static final long B = BYTES;
    private static final long C = 2 * BYTES;
    private static final long D = 3 * BYTES;
    private static final long E = 4 * BYTES;
    // A table entry that was selected: y + x, y - x, 2dxy; past it digits.
    private static final long NIELS = 5 * BYTES;
    private static final long DIGITS = 8 * BYTES;  // 64 bytes
    private static final long ODD = SCRATCH_BYTES;
    private static final long NAF_A = ODD + 8 * POINT_BYTES;
    private static final long NAF_B = NAF_A + 256;

    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

    private Edwards25519() {}

    /// Writes the neutral element (0 : 1 : 1 : 0).
    static void neutral(MemorySegment w, long p) {
        Field25519.set(w, p + X, 0);
        Field25519.set(w, p + Y, 1);
        Field25519.set(w, p + Z, 1);
        Field25519.set(w, p + T, 0);
    }

    /// Writes the base point (section 5.1); its y is 4/5, its x even.
    static void base(MemorySegment w, long p) {
        Limbs.set(w, p + X, 0x62d608f25d51aL, 0x412a4b4f6592aL, 0x75b7171a4b31dL, 0x1ff60527118feL,
                0x216936d3cd6e5L);
        Limbs.set(w, p + Y, 0x6666666666658L, 0x4ccccccccccccL, 0x1999999999999L, 0x3333333333333L,
                0x6666666666666L);
        Field25519.set(w, p + Z, 1);
        Field25519.multiply(w, p + T, p + X, p + Y);
    }

    /// p = 2p. T may be left out where the next operation is a doubling, which does not read it.
    static void twice(MemorySegment w, long p, boolean withT, long s) {
        Limbs.add(w, s + E, p + X, p + Y);
        Field25519.square(w, s + E, s + E);          // (X + Y)^2
        Field25519.square(w, s + A, p + X);          // A
        Field25519.square(w, s + B, p + Y);          // B
        Field25519.square(w, s + C, p + Z);
        Limbs.add(w, s + C, s + C, s + C);      // C = 2 Z^2
        Limbs.add(w, s + D, s + A, s + B);      // H = A + B
        Limbs.subtract(w, s + E, s + D, s + E); // E = H - (X + Y)^2
        Limbs.subtract(w, s + A, s + A, s + B); // G = A - B
        Limbs.add(w, s + C, s + C, s + A);      // F = C + G, four summands
        finish(w, p, s, s + A, s + D, withT);
    }

    /// X = EF, Y = GH, Z = FG, T = EH; F in C, E in E.
    private static void finish(MemorySegment w, long p, long s, long g, long h, boolean withT) {
        Field25519.multiply(w, p + X, s + E, s + C);
        Field25519.multiply(w, p + Y, g, h);
        Field25519.multiply(w, p + Z, s + C, g);
        if (withT) {
            Field25519.multiply(w, p + T, s + E, h);
        }
    }

    /// p = p + q, q affine as y + x, y - x, 2dxy.
    static void addNiels(MemorySegment w, long p, long q, long s) {
        Limbs.subtract(w, s + A, p + Y, p + X);
        Field25519.multiply(w, s + A, s + A, q + BYTES);
        Limbs.add(w, s + B, p + Y, p + X);
        Field25519.multiply(w, s + B, s + B, q);
        Field25519.multiply(w, s + C, p + T, q + 2 * BYTES);
        Limbs.add(w, s + D, p + Z, p + Z);
        combine(w, p, s);
    }

    /// p = p + q, q as Y + X, Y - X, Z, 2dT.
    static void addCached(MemorySegment w, long p, long q, long s) {
        Limbs.subtract(w, s + A, p + Y, p + X);
        Field25519.multiply(w, s + A, s + A, q + BYTES);
        Limbs.add(w, s + B, p + Y, p + X);
        Field25519.multiply(w, s + B, s + B, q);
        Field25519.multiply(w, s + C, p + T, q + 3 * BYTES);
        Field25519.multiply(w, s + D, p + Z, q + 2 * BYTES);
        Limbs.add(w, s + D, s + D, s + D);
        combine(w, p, s);
    }

    /// From A, B, C, D of section 5.1.4: E = B - A, F = D - C, G = D + C, H = B + A.
    private static void combine(MemorySegment w, long p, long s) {
        Limbs.subtract(w, s + E, s + B, s + A);
        Limbs.add(w, s + B, s + B, s + A);      // H
        Limbs.add(w, s + A, s + D, s + C);      // G
        Limbs.subtract(w, s + C, s + D, s + C); // F
        finish(w, p, s, s + A, s + B, true);
    }

    /// Writes p as Y + X, Y - X, Z, 2dT.
    static void cache(MemorySegment w, long out, long p, long s) {
        Limbs.add(w, s + A, p + Y, p + X);
        Limbs.subtract(w, out + BYTES, p + Y, p + X);
        Limbs.copy(w, out, s + A);
        Limbs.copy(w, out + 2 * BYTES, p + Z);
        constantD2(w, s + A);
        Field25519.multiply(w, out + 3 * BYTES, p + T, s + A);
    }

    /// 2d, d = -121665/121666.
    static void constantD2(MemorySegment w, long out) {
        Limbs.set(w, out, 0x69b9426b2f159L, 0x35050762add7aL, 0x3cf44c0038052L, 0x6738cc7407977L,
                0x2406d9dc56dffL);
    }

    /// Encodes p (section 5.1.2): y, with the low bit of x on top.
    public static void encode(MemorySegment w, long p, MemorySegment target, long at, long s) {
        Field25519.invert(w, s + E, p + Z, s + A);  // A to D are the scratch
        Field25519.multiply(w, s + A, p + X, s + E);
        Field25519.multiply(w, s + B, p + Y, s + E);
        Field25519.encode(w, s + A, w, s + C);
        long sign = w.get(BYTE, s + C) & 1;
        Field25519.encode(w, s + B, w, s + C);
        w.set(BYTE, s + C + 31, (byte) (w.get(BYTE, s + C + 31) | sign << 7));
        MemorySegment.copy(w, s + C, target, at, ENCODED_BYTES);
    }

    /// Writes the u-coordinate of p on Curve25519: (Z + Y) / (Z - Y) (RFC 7748 section 4.1); 0 for the neutral element.
    public static void encodeMontgomeryU(MemorySegment w, long p, MemorySegment target, long at, long s) {
        Limbs.subtract(w, p + T, p + Z, p + Y);
        Field25519.invert(w, s + E, p + T, s + A);
        Limbs.add(w, s + A, p + Z, p + Y);
        Field25519.multiply(w, s + A, s + A, s + E);
        Field25519.encode(w, s + A, target, at);
    }

    /// Decodes a point (section 5.1.3), which is public: branches tell whether it is one.
    ///
    /// @return false where y is p or above, where there is no x, or where x is 0 with its sign bit set
    public static boolean decode(MemorySegment w, long p, MemorySegment source, long at, long s) {
        Field25519.decode(w, p + Y, source, at);
        Field25519.encode(w, p + Y, w, s + E);
        long sign = source.get(BYTE, at + 31) >> 7 & 1;
        w.set(BYTE, s + E + 31, (byte) (w.get(BYTE, s + E + 31) | sign << 7));
        if (!ConstantTime.equal(w, s + E, source, at, ENCODED_BYTES)) {
            return false;
        }
        long u = p + Z;
        long v = p + T;
        Field25519.square(w, u, p + Y);
        constantD2(w, s + E);
        Field25519.multiply(w, v, u, s + E);       // 2d y^2
        Field25519.set(w, s + E, 1);
        Limbs.subtract(w, u, u, s + E);
        Limbs.add(w, u, u, u);                // 2 (y^2 - 1): u and v both twice, for the ratio is what counts
        Limbs.add(w, s + E, s + E, s + E);
        Limbs.add(w, v, v, s + E);            // 2 (d y^2 + 1)
        return root(w, p, sign, s);
    }

    /// x = u v^3 (u v^7)^((p - 5) / 8), perhaps times sqrt(-1); then the sign, and Z and T in place of u and v.
    private static boolean root(MemorySegment w, long p, long sign, long s) {
        long u = p + Z;
        long v = p + T;
        Field25519.square(w, p + X, v);
        Field25519.multiply(w, p + X, p + X, v);   // v^3
        Field25519.square(w, s + E, p + X);
        Field25519.multiply(w, s + E, s + E, v);   // v^7
        Field25519.multiply(w, s + E, s + E, u);
        Field25519.power22523(w, s + E, s + E, s + A);
        Field25519.multiply(w, p + X, p + X, u);
        Field25519.multiply(w, p + X, p + X, s + E);
        Field25519.square(w, s + A, p + X);
        Field25519.multiply(w, s + A, s + A, v);   // v x^2
        Limbs.subtract(w, s + B, s + A, u);
        if (!isZero(w, s + B, s + C)) {
            Limbs.add(w, s + B, s + A, u);
            if (!isZero(w, s + B, s + C)) {
                return false;
            }
            Limbs.set(w, s + B, 0x61b274a0ea0b0L, 0x0d5a5fc8f189dL, 0x7ef5e9cbd0c60L, 0x78595a6804c9eL,
                    0x2b8324804fc1dL);             // sqrt(-1) = 2^((p - 1) / 4)
            Field25519.multiply(w, p + X, p + X, s + B);
        }
        Field25519.encode(w, p + X, w, s + C);
        if (sign == 1 && ConstantTime.isZero(w, s + C, ENCODED_BYTES)) {
            return false;
        }
        if ((w.get(BYTE, s + C) & 1) != sign) {
            Limbs.negate(w, p + X, p + X);
        }
        Field25519.set(w, p + Z, 1);
        Field25519.multiply(w, p + T, p + X, p + Y);
        return true;
    }

    private static boolean isZero(MemorySegment w, long a, long encoded) {
        Field25519.encode(w, a, w, encoded);
        return ConstantTime.isZero(w, encoded, ENCODED_BYTES);
    }

    /// p = -p.
    public static void negate(MemorySegment w, long p) {
        Limbs.negate(w, p + X, p + X);
        Limbs.negate(w, p + T, p + T);
    }

    /// p = scalar * base point. The scalar, 32 bytes little-endian below 2^255, is secret: 64 signed digits of 4 bits,
    /// the odd
    /// ones first, then four doublings, then the even ones; each entry is read by passing over its whole row.
    public static void multiplyBase(MemorySegment w, long p, long scalar, long s) {
        long carry = 0;
        for (int i = 0; i < 64; i++) {
            long digit = (w.get(BYTE, scalar + (i >> 1)) >> 4 * (i & 1) & 15) + carry;
            carry = digit + 8 >> 4;
            w.set(BYTE, s + DIGITS + i, (byte) (digit - (carry << 4)));  // -8..7; the last one at most 8
        }
        w.set(BYTE, s + DIGITS + 63, (byte) (w.get(BYTE, s + DIGITS + 63) + (carry << 4)));
        neutral(w, p);
        for (int i = 1; i < 64; i += 2) {
            select(w, s + NIELS, i >> 1, w.get(BYTE, s + DIGITS + i));
            addNiels(w, p, s + NIELS, s);
        }
        for (int i = 0; i < 4; i++) {
            twice(w, p, i == 3, s);
        }
        for (int i = 0; i < 64; i += 2) {
            select(w, s + NIELS, i >> 1, w.get(BYTE, s + DIGITS + i));
            addNiels(w, p, s + NIELS, s);
        }
    }

    /// Writes digit * 256^row * base point, passing over the row's eight entries.
    private static void select(MemorySegment w, long out, int row, long digit) {
        long negative = digit >> 63;
        long size = (digit ^ negative) - negative;
        long[] table = Edwards25519Table.ROWS;
        int first = row * 8 * Edwards25519Table.ENTRY;
        for (int limb = 0; limb < Edwards25519Table.ENTRY; limb++) {
            long value = 0;
            for (int j = 0; j < 8; j++) {
                long mask = (size ^ j + 1) - 1 >> 63;  // ones where equal
                value |= mask & table[first + j * Edwards25519Table.ENTRY + limb];
            }
            w.set(LONG, out + (long) limb * Long.BYTES, value);
        }
        long one = size - 1 >>> 63;  // digit 0: the neutral element, 1, 1, 0
        w.set(LONG, out, w.get(LONG, out) | one);
        w.set(LONG, out + BYTES, w.get(LONG, out + BYTES) | one);
        Limbs.swapIf(w, negative, out, out + BYTES);
        for (long i = out + 2 * BYTES; i < out + 3 * BYTES; i += Long.BYTES) {
            w.set(LONG, i, (w.get(LONG, i) ^ negative) - negative);
        }
    }

    /// p = b * base point + a * p. **All public**: time and addresses depend on both numbers and on p.
    ///
    /// @param a  32 bytes little-endian, below 2^253
    /// @param b  the same
    /// @param s  [#TWO_BYTES]
    public static void multiplyTwo(MemorySegment w, long p, long a, long b, long s) {
        cache(w, s + ODD, p, s);
        long q = s + NIELS;                        // room for a point, up to the odd multiples
        twice(w, p, true, s);
        cache(w, q, p, s);                         // 2P
        oddMultiples(w, p, q, s);
        nonAdjacent(w, s + NAF_A, a, 5);
        nonAdjacent(w, s + NAF_B, b, 8);
        int i = 255;
        while (i >= 0 && (w.get(BYTE, s + NAF_A + i) | w.get(BYTE, s + NAF_B + i)) == 0) {
            i--;
        }
        neutral(w, p);
        for (; i >= 0; i--) {
            int digitA = w.get(BYTE, s + NAF_A + i);
            int digitB = w.get(BYTE, s + NAF_B + i);
            twice(w, p, (digitA | digitB) != 0, s);
            if (digitA != 0) {
                signedCached(w, q, s + ODD + (Math.abs(digitA) >> 1) * POINT_BYTES, digitA < 0);
                addCached(w, p, q, s);
            }
            if (digitB != 0) {
                signedNiels(w, q, Math.abs(digitB) >> 1, digitB < 0);
                addNiels(w, p, q, s);
            }
        }
    }

    /// From 2P in p and, cached, in q: 3P, 5P, ... 15P, cached, behind P.
    private static void oddMultiples(MemorySegment w, long p, long q, long s) {
        addCached(w, p, s + ODD, s);               // 3P
        cache(w, s + ODD + POINT_BYTES, p, s);
        for (int i = 2; i < 8; i++) {
            addCached(w, p, q, s);
            cache(w, s + ODD + i * POINT_BYTES, p, s);
        }
    }

    private static void signedCached(MemorySegment w, long out, long entry, boolean negative) {
        Limbs.copy(w, out, negative ? entry + BYTES : entry);
        Limbs.copy(w, out + BYTES, negative ? entry : entry + BYTES);
        Limbs.copy(w, out + 2 * BYTES, entry + 2 * BYTES);
        Limbs.copy(w, out + 3 * BYTES, entry + 3 * BYTES);
        if (negative) {
            Limbs.negate(w, out + 3 * BYTES, out + 3 * BYTES);
        }
    }

    private static void signedNiels(MemorySegment w, long out, int index, boolean negative) {
        long[] table = Edwards25519Table.ODD;
        for (int limb = 0; limb < Edwards25519Table.ENTRY; limb++) {
            w.set(LONG, out + (long) limb * Long.BYTES, table[index * Edwards25519Table.ENTRY + limb]);
        }
        if (negative) {
            Limbs.swapIf(w, -1, out, out + BYTES);
            Limbs.negate(w, out + 2 * BYTES, out + 2 * BYTES);
        }
    }

    /// Writes 256 signed digits, each 0 or odd and below 2^(width - 1) in size, with width - 1 zeros after each other
    /// one.
    private static void nonAdjacent(MemorySegment w, long digits, long scalar, int width) {
        int carry = 0;
        int position = 0;
        while (position < 256) {
            int bit = w.get(BYTE, scalar + (position >> 3)) >> (position & 7) & 1;
            if (bit == carry) {
                w.set(BYTE, digits + position++, (byte) 0);
                continue;
            }
            int window = carry;
            for (int i = 0; i < width && position + i < 256; i++) {
                int at = position + i;
                window += (w.get(BYTE, scalar + (at >> 3)) >> (at & 7) & 1) << i;
            }
            carry = window >> width - 1 & 1;
            w.set(BYTE, digits + position++, (byte) (window - (carry << width)));
            for (int i = 1; i < width && position < 256; i++) {
                w.set(BYTE, digits + position++, (byte) 0);
            }
        }
    }
}
