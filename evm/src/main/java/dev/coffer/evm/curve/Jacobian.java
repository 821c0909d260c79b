package dev.coffer.evm.curve;

import dev.coffer.evm.word.Word;

/// Points of a curve y^2 = x^3 + b over a prime field, in Jacobian coordinates: x / z^2, y / z^3, with z = 0 for the neutral element. A point is twelve longs
/// of an array, x, y, z, in Montgomery's form. Takes time by its values: for public points. Makes no object after its constructor; one thread at a time.
final class Jacobian {
    static final int LONGS = 3 * Word.LONGS;
    static final int DIGIT_BITS = 4;
    /// Longs of a table of a point's multiples by 0 to 15.
    static final int TABLE_LONGS = LONGS << DIGIT_BITS;

    private static final int X = 0;
    private static final int Y = Word.LONGS;
    private static final int Z = 2 * Word.LONGS;

    private final Residues f;
    private final long[] w = new long[7 * Word.LONGS];

    Jacobian(Residues field) {
        f = field;
    }

    static boolean isNeutral(long[] s, int p) {
        return Word.isZero(s, p + Z);
    }

    static void neutral(long[] s, int p) {
        java.util.Arrays.fill(s, p, p + LONGS, 0);
    }

    /// Writes 2 p; formulas "dbl-2009-l" of the Explicit-Formulas Database. Of the neutral element, and of a point with y = 0, the neutral one.
    void twice(long[] s, int p, long[] t, int r) {
        int a = 0;
        int b = 4;
        int c = 8;
        int d = 12;
        f.multiply(s, p + X, s, p + X, w, a);
        f.multiply(s, p + Y, s, p + Y, w, b);
        f.multiply(w, b, w, b, w, c);
        f.add(s, p + X, w, b, w, d);
        f.multiply(w, d, w, d, w, d);
        f.subtract(w, d, w, a, w, d);
        f.subtract(w, d, w, c, w, d);
        f.add(w, d, w, d, w, d);                 // 4 x y^2
        f.add(w, a, w, a, w, b);
        f.add(w, b, w, a, w, a);                 // 3 x^2
        f.multiply(s, p + Y, s, p + Z, w, b);
        f.add(w, b, w, b, t, r + Z);
        f.multiply(w, a, w, a, w, b);
        f.subtract(w, b, w, d, w, b);
        f.subtract(w, b, w, d, t, r + X);
        f.subtract(w, d, t, r + X, w, d);
        f.multiply(w, a, w, d, w, d);
        f.add(w, c, w, c, w, c);
        f.add(w, c, w, c, w, c);
        f.add(w, c, w, c, w, c);
        f.subtract(w, d, w, c, t, r + Y);
    }

    /// Writes p + q, whatever they are; formulas "add-1998-cmo-2" of the same database. The result may lie where `p` lies.
    void add(long[] s, int p, long[] t, int q, long[] to, int r) {
        if (isNeutral(s, p) || isNeutral(t, q)) {
            if (isNeutral(s, p)) {
                System.arraycopy(t, q, to, r, LONGS);
            } else {
                System.arraycopy(s, p, to, r, LONGS);
            }
            return;
        }
        int zz1 = 0;
        int zz2 = 4;
        int u = 8;
        int v = 12;
        int h = 16;
        int e = 20;
        int g = 24;
        f.multiply(s, p + Z, s, p + Z, w, zz1);
        f.multiply(t, q + Z, t, q + Z, w, zz2);
        f.multiply(s, p + X, w, zz2, w, u);      // x of p, over both z
        f.multiply(t, q + X, w, zz1, w, h);
        f.subtract(w, h, w, u, w, h);
        f.multiply(w, zz2, t, q + Z, w, zz2);
        f.multiply(s, p + Y, w, zz2, w, v);      // y of p, over both z
        f.multiply(w, zz1, s, p + Z, w, zz1);
        f.multiply(t, q + Y, w, zz1, w, e);
        f.subtract(w, e, w, v, w, e);
        if (Word.isZero(w, h)) {
            if (Word.isZero(w, e)) {
                twice(s, p, to, r);
            } else {
                neutral(to, r);
            }
            return;
        }
        f.multiply(s, p + Z, t, q + Z, w, g);
        f.multiply(w, g, w, h, to, r + Z);
        f.multiply(w, h, w, h, w, g);            // h^2
        f.multiply(w, u, w, g, w, u);
        f.multiply(w, g, w, h, w, g);            // h^3
        f.multiply(w, v, w, g, w, v);
        f.multiply(w, e, w, e, w, h);
        f.subtract(w, h, w, g, w, h);
        f.subtract(w, h, w, u, w, h);
        f.subtract(w, h, w, u, to, r + X);
        f.subtract(w, u, to, r + X, w, u);
        f.multiply(w, e, w, u, w, u);
        f.subtract(w, u, w, v, to, r + Y);
    }

    /// Fills a table with the multiples of a point by 0 to 15.
    void table(long[] s, int p, long[] to, int at) {
        neutral(to, at);
        System.arraycopy(s, p, to, at + LONGS, LONGS);
        for (int i = 2; i < 1 << DIGIT_BITS; i++) {
            add(to, at + LONGS * (i - 1), to, at + LONGS, to, at + LONGS * i);
        }
    }

    /// Writes k p + l q, from tables of p and q; both numbers plain.
    void twoMultiples(long[] k, int ki, long[] p, int pi, long[] l, int li, long[] q, int qi, long[] to, int r) {
        neutral(to, r);
        for (int bit = 256 - DIGIT_BITS; bit >= 0; bit -= DIGIT_BITS) {
            for (int i = 0; i < DIGIT_BITS; i++) {
                twice(to, r, to, r);
            }
            add(to, r, p, pi + LONGS * digit(k, ki, bit), to, r);
            add(to, r, q, qi + LONGS * digit(l, li, bit), to, r);
        }
    }

    /// Writes k p, from a table of p; the number plain.
    void multiple(long[] k, int ki, long[] p, int pi, long[] to, int r) {
        int bit = 256 - DIGIT_BITS;
        while (bit > 0 && digit(k, ki, bit) == 0) {
            bit -= DIGIT_BITS;
        }
        System.arraycopy(p, pi + LONGS * digit(k, ki, bit), to, r, LONGS);
        for (bit -= DIGIT_BITS; bit >= 0; bit -= DIGIT_BITS) {
            for (int i = 0; i < DIGIT_BITS; i++) {
                twice(to, r, to, r);
            }
            add(to, r, p, pi + LONGS * digit(k, ki, bit), to, r);
        }
    }

    private static int digit(long[] k, int at, int bit) {
        return (int) (k[at + (bit >>> 6)] >>> (bit & 63)) & (1 << DIGIT_BITS) - 1;
    }

    /// Writes the plain coordinates of a point that is not the neutral one: x and y, eight longs.
    ///
    /// @param v  working space of 8 longs and [Residues#POWER_LONGS] from `at`
    void leave(long[] s, int p, long[] to, int r, long[] v, int at) {
        f.invert(s, p + Z, v, at, v, at + 8);
        f.multiply(v, at, v, at, v, at + 4);
        f.multiply(s, p + X, v, at + 4, to, r);
        f.leave(to, r, to, r);
        f.multiply(v, at + 4, v, at, v, at + 4);
        f.multiply(s, p + Y, v, at + 4, to, r + 4);
        f.leave(to, r + 4, to, r + 4);
    }
}
