package dev.coffer.crypto.p256;

import static dev.coffer.crypto.p256.P256Field.BYTES;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// u1 G + u2 Q for **public** numbers and points, as verification needs it: in Jacobian coordinates (x = X/Z^2, y =
/// Y/Z^3), whose
/// doubling is cheaper, with branches for the cases that their addition does not cover. Time and addresses depend on
/// everything. Stateless, thread-safe; 0 heap bytes.
final class P256Public {
    /// Bytes of the scratch: nine elements, a point of eight odd multiples each, two times 257 digits.
    static final long SCRATCH_BYTES = 12 * BYTES + 8 * P256Point.POINT_BYTES + 2 * 264;

    private static final long X = 0;
    private static final long Y = BYTES;
    private static final long Z = 2 * BYTES;

    private static final long H = 0;
    private static final long R = BYTES;
    private static final long U1 = 2 * BYTES;
    private static final long S1 = 3 * BYTES;
    private static final long A = 4 * BYTES;
    private static final long B = 5 * BYTES;
    private static final long ZZ = 6 * BYTES;
    private static final long Q = 9 * BYTES;  // the summand, signed; three elements
    private static final long ODD = 12 * BYTES;
    private static final long NAF_1 = ODD + 8 * P256Point.POINT_BYTES;
    private static final long NAF_2 = NAF_1 + 264;
    private static final int DIGITS = 257;    // a carry may run out of bit 255

    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

    private P256Public() {}

    /// p = u1 G + u2 p; both numbers 32 bytes big-endian, p with Z = 1.
    static void multiplyTwo(MemorySegment w, long p, long u1, long u2, long s) {
        MemorySegment.copy(w, p, w, s + ODD, P256Point.POINT_BYTES);
        twice(w, p, s);
        for (int i = 1; i < 8; i++) {
            long odd = s + ODD + i * P256Point.POINT_BYTES;
            MemorySegment.copy(w, odd - P256Point.POINT_BYTES, w, odd, P256Point.POINT_BYTES);
            add(w, odd, p, false, s);
        }
        nonAdjacent(w, s + NAF_1, u1, 8);
        nonAdjacent(w, s + NAF_2, u2, 5);
        infinity(w, p);
        for (int i = DIGITS - 1; i >= 0; i--) {
            twice(w, p, s);
            int digit1 = w.get(BYTE, s + NAF_1 + i);
            if (digit1 != 0) {
                int entry = (Math.abs(digit1) >> 1) * P256Table.ENTRY;
                for (int limb = 0; limb < P256Table.ENTRY; limb++) {
                    w.set(LONG, s + Q + (long) limb * Long.BYTES, P256Table.ODD[entry + limb]);
                }
                P256Field.one(w, s + Q + Z);
                addSigned(w, p, digit1, true, s);
            }
            int digit2 = w.get(BYTE, s + NAF_2 + i);
            if (digit2 != 0) {
                long entry = s + ODD + (Math.abs(digit2) >> 1) * P256Point.POINT_BYTES;
                MemorySegment.copy(w, entry, w, s + Q, P256Point.POINT_BYTES);
                addSigned(w, p, digit2, false, s);
            }
        }
    }

    /// {@return whether x of p equals the number at `r` modulo the order, both affine; false for the neutral element}
    ///
    /// x, 0..p - 1, is r or r + n, where that is below p.
    ///
    /// @param r        32 bytes big-endian, below n
    /// @param rPlusN   the same for r + n, or negative where that is 2^256 or above
    static boolean hasX(MemorySegment w, long p, long r, long rPlusN, long s) {
        if (P256Field.maskZero(w, p + Z, s + A) != 0) {
            return false;
        }
        P256Field.square(w, s + ZZ, p + Z);
        return isX(w, p, r, s) || rPlusN >= 0 && isX(w, p, rPlusN, s);
    }

    private static boolean isX(MemorySegment w, long p, long candidate, long s) {
        if (!P256Field.decode(w, s + H, w, candidate, s + A)) {
            return false;
        }
        P256Field.multiply(w, s + H, s + H, s + ZZ);
        P256Field.subtract(w, s + H, s + H, p + X);
        return P256Field.maskZero(w, s + H, s + A) != 0;
    }

    private static void infinity(MemorySegment w, long p) {
        P256Field.one(w, p + X);
        P256Field.one(w, p + Y);
        P256Field.zero(w, p + Z);
    }

    private static void addSigned(MemorySegment w, long p, int digit, boolean affine, long s) {
        P256Field.negateIf(w, digit >> 31, s + Q + Y, s + Q + Y);
        add(w, p, s + Q, affine, s);
    }

    /// p = 2p: 3 multiplications and 5 squarings; right for the neutral element too, and no other point is its own
    /// negative.
    private static void twice(MemorySegment w, long p, long s) {
        long delta = s + H;
        long gamma = s + R;
        long beta = s + U1;
        long alpha = s + S1;
        P256Field.square(w, delta, p + Z);
        P256Field.square(w, gamma, p + Y);
        P256Field.multiply(w, beta, p + X, gamma);
        P256Field.subtract(w, s + A, p + X, delta);
        P256Field.add(w, s + B, p + X, delta);
        P256Field.multiply(w, alpha, s + A, s + B);
        P256Field.times(w, alpha, alpha, 3);           // 3 (X - delta)(X + delta)
        P256Field.add(w, p + Z, p + Y, p + Z);
        P256Field.square(w, p + Z, p + Z);
        P256Field.subtract(w, p + Z, p + Z, gamma);
        P256Field.subtract(w, p + Z, p + Z, delta);    // (Y + Z)^2 - gamma - delta
        P256Field.times(w, beta, beta, 4);
        P256Field.square(w, p + X, alpha);
        P256Field.subtract(w, p + X, p + X, beta);
        P256Field.subtract(w, p + X, p + X, beta);     // alpha^2 - 8 beta
        P256Field.subtract(w, beta, beta, p + X);
        P256Field.multiply(w, p + Y, alpha, beta);
        P256Field.square(w, gamma, gamma);
        P256Field.times(w, gamma, gamma, 8);
        P256Field.subtract(w, p + Y, p + Y, gamma);    // alpha (4 beta - X) - 8 gamma^2
    }

    /// p = p + q; with `affine`, q has Z = 1 and five products are saved.
    private static void add(MemorySegment w, long p, long q, boolean affine, long s) {
        if (P256Field.maskZero(w, p + Z, s + A) != 0) {
            MemorySegment.copy(w, q, w, p, P256Point.POINT_BYTES);
            return;
        }
        P256Field.square(w, s + A, p + Z);
        P256Field.multiply(w, s + H, q + X, s + A);
        P256Field.multiply(w, s + A, s + A, p + Z);
        P256Field.multiply(w, s + R, q + Y, s + A);
        long u1 = p + X;
        long s1 = p + Y;
        if (!affine) {
            u1 = s + U1;
            s1 = s + S1;
            P256Field.square(w, s + A, q + Z);
            P256Field.multiply(w, u1, p + X, s + A);
            P256Field.multiply(w, s + A, s + A, q + Z);
            P256Field.multiply(w, s1, p + Y, s + A);
            P256Field.multiply(w, p + Z, p + Z, q + Z);
        }
        P256Field.subtract(w, s + H, s + H, u1);
        P256Field.subtract(w, s + R, s + R, s1);
        if (P256Field.maskZero(w, s + H, s + A) != 0) {
            equalX(w, p, q, s);
            return;
        }
        P256Field.multiply(w, p + Z, p + Z, s + H);
        P256Field.square(w, s + A, s + H);
        P256Field.multiply(w, s + B, s + A, s + H);    // H^3
        P256Field.multiply(w, s + A, u1, s + A);       // V = U1 H^2
        P256Field.multiply(w, s + S1, s1, s + B);
        P256Field.square(w, p + X, s + R);
        P256Field.subtract(w, p + X, p + X, s + B);
        P256Field.subtract(w, p + X, p + X, s + A);
        P256Field.subtract(w, p + X, p + X, s + A);    // R^2 - H^3 - 2V
        P256Field.subtract(w, s + A, s + A, p + X);
        P256Field.multiply(w, p + Y, s + R, s + A);
        P256Field.subtract(w, p + Y, p + Y, s + S1);   // R (V - X) - S1 H^3
    }

    /// q and p have one x: they are the same point, or each other's negative.
    private static void equalX(MemorySegment w, long p, long q, long s) {
        if (P256Field.maskZero(w, s + R, s + A) != 0) {
            MemorySegment.copy(w, q, w, p, P256Point.POINT_BYTES);
            twice(w, p, s);
        } else {
            infinity(w, p);
        }
    }

    /// Writes 257 signed digits, each 0 or odd and below 2^(width - 1) in size, with width - 1 zeros after each other
    /// one.
    private static void nonAdjacent(MemorySegment w, long digits, long scalar, int width) {
        int carry = 0;
        int position = 0;
        while (position < DIGITS) {
            if (bit(w, scalar, position) == carry) {
                w.set(BYTE, digits + position++, (byte) 0);
                continue;
            }
            int window = carry;
            for (int i = 0; i < width; i++) {
                window += bit(w, scalar, position + i) << i;
            }
            carry = window >> width - 1 & 1;
            w.set(BYTE, digits + position++, (byte) (window - (carry << width)));
            for (int i = 1; i < width && position < DIGITS; i++) {
                w.set(BYTE, digits + position++, (byte) 0);
            }
        }
    }

    private static int bit(MemorySegment w, long scalar, int at) {
        return at < 256 ? w.get(BYTE, scalar + 31 - (at >> 3)) >> (at & 7) & 1 : 0;
    }
}
