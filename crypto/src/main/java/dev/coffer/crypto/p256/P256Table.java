package dev.coffer.crypto.p256;

import static dev.coffer.crypto.p256.P256Field.BYTES;

import dev.coffer.crypto.internal.limbs.Limbs;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Multiples of G as affine points in Montgomery's form: public numbers, made once from G.
final class P256Table {
    /// Longs of an entry: x and y.
    static final int ENTRY = 10;
    /// Row i of 52 holds 1 to 16 times 32^i G: 52 * 16 * 80 bytes = 65 KiB.
    static final long[] ROWS = new long[P256Point.DIGITS * 16 * ENTRY];
    /// 1, 3, ... 127 times G: 64 * 80 bytes = 5 KiB.
    static final long[] ODD = new long[64 * ENTRY];

    private static final int IN_ROWS = P256Point.DIGITS * 16;
    private static final int POINTS = IN_ROWS + 64;
    private static final long POINT = P256Point.POINT_BYTES;

    private P256Table() {}

    static {
        try (Arena arena = Arena.ofConfined()) {
            make(arena.allocate(POINTS * (POINT + BYTES) + 3 * POINT + P256Point.SCRATCH_BYTES));
        }
    }

    private static void make(MemorySegment w) {
        long p = POINTS * POINT;
        long q = p + POINT;
        long step = q + POINT;
        long s = step + POINT;
        P256Point.constants(w, s);
        P256Point.base(w, p);
        for (int row = 0; row < P256Point.DIGITS; row++) {
            multiples(w, row * 16L * POINT, 16, p, p, q, s);
            for (int i = 0; i < 5; i++) {
                P256Point.twice(w, p, s);
            }
        }
        P256Point.base(w, p);
        P256Point.base(w, step);
        P256Point.twice(w, step, s);
        multiples(w, IN_ROWS * POINT, 64, p, step, q, s);
        toAffine(w, s + P256Point.SCRATCH_BYTES, s);
        for (int i = 0; i < POINTS; i++) {
            long[] table = i < IN_ROWS ? ROWS : ODD;
            int first = (i < IN_ROWS ? i : i - IN_ROWS) * ENTRY;
            for (int limb = 0; limb < ENTRY; limb++) {
                table[first + limb] = w.get(ValueLayout.JAVA_LONG_UNALIGNED, i * POINT + (long) limb * Long.BYTES);
            }
        }
    }

    /// Writes p, p + step, p + 2 step, ...
    private static void multiples(MemorySegment w, long out, int count, long p, long step, long q, long s) {
        MemorySegment.copy(w, p, w, q, POINT);
        for (int i = 0; i < count; i++) {
            MemorySegment.copy(w, q, w, out + i * POINT, POINT);
            P256Point.add(w, q, step, s);
        }
    }

    /// Divides all points by their Z with one inversion: products of the first i Z, inverted, and back.
    private static void toAffine(MemorySegment w, long prefix, long s) {
        long z = 2 * BYTES;
        Limbs.copy(w, prefix, z);
        for (int i = 1; i < POINTS; i++) {
            P256Field.multiply(w, prefix + i * BYTES, prefix + (i - 1) * BYTES, i * POINT + z);
        }
        long inverse = s + 5 * BYTES;
        long own = s + 6 * BYTES;
        P256Field.invert(w, inverse, prefix + (POINTS - 1) * BYTES, s);
        for (int i = POINTS - 1; i >= 0; i--) {
            long point = i * POINT;
            if (i == 0) {
                Limbs.copy(w, own, inverse);
            } else {
                P256Field.multiply(w, own, inverse, prefix + (i - 1) * BYTES);
                P256Field.multiply(w, inverse, inverse, point + z);
            }
            P256Field.multiply(w, point, point, own);
            P256Field.multiply(w, point + BYTES, point + BYTES, own);
        }
    }
}
