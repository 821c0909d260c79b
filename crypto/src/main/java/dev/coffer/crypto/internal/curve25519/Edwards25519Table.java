package dev.coffer.crypto.internal.curve25519;

import static dev.coffer.crypto.internal.curve25519.Field25519.BYTES;

import dev.coffer.crypto.internal.limbs.Limbs;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Multiples of the base point, as y + x, y - x, 2dxy of affine points: public numbers, made once from the base point.
final class Edwards25519Table {
    /// Longs of an entry: three elements.
    static final int ENTRY = 15;
    /// Row i of 32 holds 1 to 8 times 256^i times the base point: 32 * 8 * 120 bytes = 30 KiB.
    static final long[] ROWS = new long[32 * 8 * ENTRY];
    /// 1, 3, ... 127 times the base point: 64 * 120 bytes = 7.5 KiB.
    static final long[] ODD = new long[64 * ENTRY];

    private static final int POINTS = 32 * 8 + 64;
    private static final long POINT = Edwards25519.POINT_BYTES;

    private Edwards25519Table() {}

    static {
        try (Arena arena = Arena.ofConfined()) {
            make(arena.allocate(POINTS * POINT + 3 * POINT + Edwards25519.SCRATCH_BYTES + POINTS * BYTES));
        }
    }

    private static void make(MemorySegment w) {
        long p = POINTS * POINT;
        long q = p + POINT;
        long step = q + POINT;
        long s = step + POINT;
        Edwards25519.base(w, p);
        Edwards25519.cache(w, step, p, s);
        for (int row = 0; row < 32; row++) {
            multiples(w, row * 8L * POINT, 8, p, step, q, s);
            for (int i = 0; i < 8; i++) {
                Edwards25519.twice(w, p, i == 7, s);
            }
            Edwards25519.cache(w, step, p, s);
        }
        Edwards25519.base(w, p);
        MemorySegment.copy(w, p, w, q, POINT);
        Edwards25519.twice(w, q, true, s);
        Edwards25519.cache(w, step, q, s);
        multiples(w, 32L * 8 * POINT, 64, p, step, q, s);
        long prefix = s + Edwards25519.SCRATCH_BYTES;
        toAffine(w, prefix, s);
        for (int i = 0; i < POINTS; i++) {
            long[] table = i < 32 * 8 ? ROWS : ODD;
            entry(w, i * POINT, table, (i < 32 * 8 ? i : i - 32 * 8) * ENTRY, s);
        }
    }

    /// Writes p, p + step, p + 2 step, ...
    private static void multiples(MemorySegment w, long out, int count, long p, long step, long q, long s) {
        MemorySegment.copy(w, p, w, q, POINT);
        for (int i = 0; i < count; i++) {
            MemorySegment.copy(w, q, w, out + i * POINT, POINT);
            Edwards25519.addCached(w, q, step, s);
        }
    }

    /// Divides all points by their Z with one inversion: products of the first i Z, inverted, and back.
    private static void toAffine(MemorySegment w, long prefix, long s) {
        long z = 2 * BYTES;
        Limbs.copy(w, prefix, z);
        for (int i = 1; i < POINTS; i++) {
            Field25519.multiply(w, prefix + i * BYTES, prefix + (i - 1) * BYTES, i * POINT + z);
        }
        long inverse = s + 5 * BYTES;
        long own = s + 6 * BYTES;
        Field25519.invert(w, inverse, prefix + (POINTS - 1) * BYTES, s);
        for (int i = POINTS - 1; i >= 0; i--) {
            long point = i * POINT;
            if (i == 0) {
                Limbs.copy(w, own, inverse);
            } else {
                Field25519.multiply(w, own, inverse, prefix + (i - 1) * BYTES);
                Field25519.multiply(w, inverse, inverse, point + z);
            }
            Field25519.multiply(w, point, point, own);
            Field25519.multiply(w, point + BYTES, point + BYTES, own);
        }
    }

    private static void entry(MemorySegment w, long point, long[] table, int at, long s) {
        long niels = s;
        Limbs.add(w, niels, point + BYTES, point);
        Limbs.subtract(w, niels + BYTES, point + BYTES, point);
        Field25519.multiply(w, niels + 2 * BYTES, point, point + BYTES);
        Edwards25519.constantD2(w, s + 4 * BYTES);
        Field25519.multiply(w, niels + 2 * BYTES, niels + 2 * BYTES, s + 4 * BYTES);
        for (int limb = 0; limb < ENTRY; limb++) {
            table[at + limb] = w.get(ValueLayout.JAVA_LONG_UNALIGNED, niels + (long) limb * Long.BYTES);
        }
    }
}
