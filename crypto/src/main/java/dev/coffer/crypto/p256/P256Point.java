package dev.coffer.crypto.p256;

import static dev.coffer.crypto.p256.P256Field.BYTES;

import dev.coffer.crypto.internal.limbs.Limbs;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// The group of P-256, y^2 = x^3 - 3x + b (SP 800-186 section 3.2.1.3), in projective coordinates (X : Y : Z), x = X/Z,
/// y = Y/Z, on
/// points in the caller's memory. Stateless, thread-safe; 0 heap bytes; nothing depends on a secret in time or address.
///
/// Addition and doubling are the complete formulas of Renes, Costello and Batina (EUROCRYPT 2016, algorithms 4 to 6):
/// one
/// sequence of operations for all pairs of points, the neutral element (0 : 1 : 0) and equal points included.
final class P256Point {
    /// Bytes of a point: X, Y, Z.
    static final long POINT_BYTES = 3 * BYTES;
    /// Bytes of the scratch of all operations but [#multiply].
    static final long SCRATCH_BYTES = 16 * BYTES;
    /// Bytes of the scratch of [#multiply]: that of the rest and a table of 16 points.
    static final long MULTIPLY_BYTES = SCRATCH_BYTES + 16 * POINT_BYTES;

    private static final long X = 0;
    private static final long Y = BYTES;
    private static final long Z = 2 * BYTES;

    // Scratch of one operation: the letters of the paper.
    private static final long T0 = 0;
    private static final long T1 = BYTES;
    private static final long T2 = 2 * BYTES;
    private static final long T3 = 3 * BYTES;
    private static final long T4 = 4 * BYTES;
    private static final long U = 5 * BYTES;
    private static final long V = 6 * BYTES;
    private static final long B = 7 * BYTES;        // the curve's b
    private static final long SELECTED = 8 * BYTES;  // a table entry
    private static final long KEPT = 11 * BYTES;     // a point
    private static final long RECODED = 14 * BYTES;  // 52 digits
    private static final long TABLE = SCRATCH_BYTES;

    /// Windows of 5 bits in 256: 52, of which the last has one bit and a carry.
    static final int DIGITS = 52;

    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

    private P256Point() {}

    static void neutral(MemorySegment w, long p) {
        P256Field.zero(w, p + X);
        P256Field.one(w, p + Y);
        P256Field.zero(w, p + Z);
    }

    /// Writes the base point G.
    static void base(MemorySegment w, long p) {
        Limbs.set(w, p + X, 0x30d418a9143c1L, 0xc4fedb60179e7L, 0x62251075ba95fL, 0x5c669fb732b77L,
                0x08905f76b5375L);
        Limbs.set(w, p + Y, 0x5357ce95560a8L, 0x43a19e45cddf2L, 0x21f3258b4ab8eL, 0xd8552e88688ddL,
                0x0571ff18a5885L);
        P256Field.one(w, p + Z);
    }

    /// Writes the curve's b where additions expect it; once before a run of them.
    static void constants(MemorySegment w, long s) {
        Limbs.set(w, s + B, 0xdf6229c4bddfdL, 0xca8843090d89cL, 0x212ed6acf005cL, 0x83415a220abf7L,
                0x0c30061dd4874L);
    }

    /// p = p + q (algorithm 4).
    static void add(MemorySegment w, long p, long q, long s) {
        P256Field.multiply(w, s + T0, p + X, q + X);
        P256Field.multiply(w, s + T1, p + Y, q + Y);
        P256Field.multiply(w, s + T2, p + Z, q + Z);
        P256Field.add(w, s + T3, p + X, p + Y);
        P256Field.add(w, s + T4, q + X, q + Y);
        P256Field.multiply(w, s + T3, s + T3, s + T4);
        P256Field.add(w, s + T4, s + T0, s + T1);
        P256Field.subtract(w, s + T3, s + T3, s + T4);   // X1 Y2 + X2 Y1
        P256Field.add(w, s + T4, p + Y, p + Z);
        P256Field.add(w, s + U, q + Y, q + Z);
        P256Field.multiply(w, s + T4, s + T4, s + U);
        P256Field.add(w, s + U, s + T1, s + T2);
        P256Field.subtract(w, s + T4, s + T4, s + U);    // Y1 Z2 + Y2 Z1
        P256Field.add(w, s + U, p + X, p + Z);
        P256Field.add(w, s + V, q + X, q + Z);
        P256Field.multiply(w, s + U, s + U, s + V);
        P256Field.add(w, s + V, s + T0, s + T2);
        P256Field.subtract(w, s + V, s + U, s + V);      // X1 Z2 + X2 Z1
        finish(w, p, s);
    }

    /// p = p + q for an affine q, which is not the neutral element (algorithm 5). p is neutral, or was left by an addition:
    /// with the Z of a doubling, of four products, a factor could pass what the field takes.
    static void addAffine(MemorySegment w, long p, long q, long s) {
        P256Field.multiply(w, s + T0, p + X, q + X);
        P256Field.multiply(w, s + T1, p + Y, q + Y);
        P256Field.add(w, s + T3, q + X, q + Y);
        P256Field.add(w, s + T4, p + X, p + Y);
        P256Field.multiply(w, s + T3, s + T3, s + T4);
        P256Field.add(w, s + T4, s + T0, s + T1);
        P256Field.subtract(w, s + T3, s + T3, s + T4);
        P256Field.multiply(w, s + T4, q + Y, p + Z);
        P256Field.add(w, s + T4, s + T4, p + Y);
        P256Field.multiply(w, s + V, q + X, p + Z);
        P256Field.add(w, s + V, s + V, p + X);
        Limbs.copy(w, s + T2, p + Z);
        finish(w, p, s);
    }

    /// What algorithms 4 and 5 share, from step 19 and 12 on: T0 = X1 X2, T1 = Y1 Y2, T2 = Z1 Z2, and the mixed sums.
    private static void finish(MemorySegment w, long p, long s) {
        P256Field.multiply(w, s + U, s + B, s + T2);
        P256Field.subtract(w, s + U, s + V, s + U);
        P256Field.times(w, s + U, s + U, 3);
        P256Field.multiply(w, s + V, s + B, s + V);
        P256Field.times(w, s + T2, s + T2, 3);
        P256Field.subtract(w, s + V, s + V, s + T2);
        P256Field.subtract(w, s + V, s + V, s + T0);
        P256Field.times(w, s + V, s + V, 3);
        P256Field.times(w, s + T0, s + T0, 3);
        P256Field.subtract(w, s + T0, s + T0, s + T2);
        P256Field.add(w, p + X, s + T1, s + U);
        P256Field.subtract(w, s + U, s + T1, s + U);
        P256Field.multiply(w, s + T1, s + T4, s + V);
        P256Field.multiply(w, s + T2, s + T0, s + V);
        P256Field.multiply(w, p + Y, p + X, s + U);
        P256Field.add(w, p + Y, p + Y, s + T2);
        P256Field.multiply(w, p + X, s + T3, p + X);
        P256Field.subtract(w, p + X, p + X, s + T1);
        P256Field.multiply(w, p + Z, s + T4, s + U);
        P256Field.multiply(w, s + T1, s + T3, s + T0);
        P256Field.add(w, p + Z, p + Z, s + T1);
    }

    /// p = 2p (algorithm 6).
    static void twice(MemorySegment w, long p, long s) {
        P256Field.square(w, s + T0, p + X);
        P256Field.square(w, s + T1, p + Y);
        P256Field.square(w, s + T2, p + Z);
        P256Field.multiply(w, s + T3, p + X, p + Y);
        P256Field.times(w, s + T3, s + T3, 2);
        P256Field.multiply(w, s + T4, p + Y, p + Z);     // step 28
        P256Field.multiply(w, s + U, p + X, p + Z);
        P256Field.times(w, s + U, s + U, 2);             // Z3 of step 7
        P256Field.multiply(w, s + V, s + B, s + T2);
        P256Field.subtract(w, s + V, s + V, s + U);
        P256Field.times(w, s + V, s + V, 3);             // Y3 of step 11
        P256Field.subtract(w, p + X, s + T1, s + V);
        P256Field.add(w, p + Y, s + T1, s + V);
        P256Field.multiply(w, p + Y, p + X, p + Y);
        P256Field.multiply(w, p + X, p + X, s + T3);
        P256Field.times(w, s + T2, s + T2, 3);
        P256Field.multiply(w, s + U, s + B, s + U);
        P256Field.subtract(w, s + U, s + U, s + T2);
        P256Field.subtract(w, s + U, s + U, s + T0);
        P256Field.times(w, s + U, s + U, 3);             // Z3 of step 22
        P256Field.times(w, s + T0, s + T0, 3);
        P256Field.subtract(w, s + T0, s + T0, s + T2);
        P256Field.multiply(w, s + T0, s + T0, s + U);
        P256Field.add(w, p + Y, p + Y, s + T0);
        P256Field.times(w, s + T4, s + T4, 2);
        P256Field.multiply(w, s + U, s + T4, s + U);
        P256Field.subtract(w, p + X, p + X, s + U);
        P256Field.multiply(w, p + Z, s + T4, s + T1);
        P256Field.times(w, p + Z, p + Z, 4);
    }

    /// Writes 52 signed digits in radix 32, -16..15 and at most 2 in the last, of 32 bytes big-endian.
    private static void recode(MemorySegment w, long digits, long scalar) {
        long carry = 0;
        for (int i = 0; i < DIGITS; i++) {
            int bit = 5 * i;
            int at = bit >> 3;
            long pair = w.get(BYTE, scalar + 31 - at) & 0xff;
            if (at < 31) {
                pair |= (w.get(BYTE, scalar + 30 - at) & 0xffL) << 8;
            }
            long digit = (pair >> (bit & 7) & 31) + carry;
            carry = digit + 16 >> 5;
            w.set(BYTE, digits + i, (byte) (digit - (carry << 5)));
        }
    }

    /// p = scalar p. The scalar, 32 bytes big-endian below the order, and the point may be secret: windows of 5 bits,
    /// each entry
    /// read by passing over all sixteen.
    ///
    /// @param s  [#MULTIPLY_BYTES]
    static void multiply(MemorySegment w, long p, long scalar, long s) {
        constants(w, s);
        MemorySegment.copy(w, p, w, s + TABLE, POINT_BYTES);
        for (int i = 1; i < 16; i++) {
            add(w, p, s + TABLE, s);
            MemorySegment.copy(w, p, w, s + TABLE + i * POINT_BYTES, POINT_BYTES);
        }
        recode(w, s + RECODED, scalar);
        neutral(w, p);
        for (int i = DIGITS - 1; i >= 0; i--) {
            for (int j = 0; j < 5 && i < DIGITS - 1; j++) {
                twice(w, p, s);
            }
            select(w, s, w.get(BYTE, s + RECODED + i));
            add(w, p, s + SELECTED, s);
        }
    }

    /// Writes digit times the point, passing over the table of 1 to 16 times the point.
    private static void select(MemorySegment w, long s, long digit) {
        long negative = digit >> 63;
        long size = (digit ^ negative) - negative;
        for (long limb = 0; limb < POINT_BYTES; limb += Long.BYTES) {
            long value = 0;
            for (int j = 0; j < 16; j++) {
                long mask = (size ^ j + 1) - 1 >> 63;  // ones where equal
                value |= mask & w.get(LONG, s + TABLE + j * POINT_BYTES + limb);
            }
            w.set(LONG, s + SELECTED + limb, value);
        }
        P256Field.negateIf(w, negative, s + SELECTED + Y, s + SELECTED + Y);
        P256Field.one(w, s + U);
        Limbs.copyIf(w, size - 1 >> 63, s + SELECTED + Y, s + U);  // digit 0: (0 : 1 : 0)
    }

    /// p = scalar G. The scalar, 32 bytes big-endian below the order, is secret: 52 additions and no doubling.
    ///
    /// @param s  [#SCRATCH_BYTES]
    static void multiplyBase(MemorySegment w, long p, long scalar, long s) {
        constants(w, s);
        recode(w, s + RECODED, scalar);
        neutral(w, p);
        for (int i = 0; i < DIGITS; i++) {
            long digit = w.get(BYTE, s + RECODED + i);
            long negative = digit >> 63;
            long size = (digit ^ negative) - negative;
            selectBase(w, s + SELECTED, i, size);
            P256Field.negateIf(w, negative, s + SELECTED + Y, s + SELECTED + Y);
            addBase(w, p, size - 1 >> 63, s);
        }
    }

    /// Writes size * 32^row * G, passing over the row's sixteen entries; zeros for 0.
    private static void selectBase(MemorySegment w, long out, int row, long size) {
        long[] table = P256Table.ROWS;
        int first = row * 16 * P256Table.ENTRY;
        for (int limb = 0; limb < P256Table.ENTRY; limb++) {
            long value = 0;
            for (int j = 0; j < 16; j++) {
                long mask = (size ^ j + 1) - 1 >> 63;  // ones where equal
                value |= mask & table[first + j * P256Table.ENTRY + limb];
            }
            w.set(LONG, out + (long) limb * Long.BYTES, value);
        }
    }

    /// Adds the selected affine entry, or, where `skip` is all ones, computes the sum and leaves p as it was.
    private static void addBase(MemorySegment w, long p, long skip, long s) {
        long kept = s + KEPT;
        MemorySegment.copy(w, p, w, kept, POINT_BYTES);
        addAffine(w, p, s + SELECTED, s);
        Limbs.copyIf(w, skip, p + X, kept + X);
        Limbs.copyIf(w, skip, p + Y, kept + Y);
        Limbs.copyIf(w, skip, p + Z, kept + Z);
    }

    /// Reads a point from its encoding (SEC 1 section 2.3.4): 65 bytes uncompressed, 33 compressed. Public bytes.
    ///
    /// @param length  bytes of the encoding
    /// @return whether it is a point of the curve; never the neutral element, for that one byte is refused
    static boolean decode(MemorySegment w, long p, MemorySegment source, long at, long length, long s) {
        if (length != P256.PUBLIC_KEY_BYTES && length != P256.COMPRESSED_BYTES) {
            return false;
        }
        int form = source.get(BYTE, at);
        boolean compressed = length == P256.COMPRESSED_BYTES;
        if (compressed ? form != 2 && form != 3 : form != 4) {
            return false;
        }
        if (!P256Field.decode(w, p + X, source, at + 1, s + T0)) {
            return false;
        }
        // U = x^3 - 3x + b
        constants(w, s);
        P256Field.square(w, s + U, p + X);
        P256Field.multiply(w, s + U, s + U, p + X);
        P256Field.times(w, s + T1, p + X, 3);
        P256Field.subtract(w, s + U, s + U, s + T1);
        P256Field.add(w, s + U, s + U, s + B);
        if (compressed) {
            P256Field.root(w, p + Y, s + U, s + T0);  // T0 to T3
            P256Field.encode(w, p + Y, w, s + V, s + T0);
            P256Field.negateIf(w, -((w.get(BYTE, s + V + 31) ^ form) & 1), p + Y, p + Y);
        } else if (!P256Field.decode(w, p + Y, source, at + 33, s + T0)) {
            return false;
        }
        P256Field.one(w, p + Z);
        P256Field.square(w, s + V, p + Y);
        P256Field.subtract(w, s + V, s + V, s + U);
        return P256Field.maskZero(w, s + V, s + T0) != 0;
    }

    /// Writes 64 bytes, x and y of a point that is not the neutral element.
    static void encode(MemorySegment w, long p, MemorySegment target, long at, long s) {
        P256Field.invert(w, s + V, p + Z, s + T0);
        P256Field.multiply(w, s + U, p + Y, s + V);
        P256Field.multiply(w, s + V, p + X, s + V);
        P256Field.encode(w, s + V, target, at, s + T0);
        P256Field.encode(w, s + U, target, at + 32, s + T0);
    }

    /// Writes 32 bytes, x of a point that is not the neutral element.
    static void encodeX(MemorySegment w, long p, MemorySegment target, long at, long s) {
        P256Field.invert(w, s + V, p + Z, s + T0);
        P256Field.multiply(w, s + V, p + X, s + V);
        P256Field.encode(w, s + V, target, at, s + T0);
    }
}
