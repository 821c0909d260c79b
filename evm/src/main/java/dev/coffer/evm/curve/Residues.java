package dev.coffer.evm.curve;

import dev.coffer.evm.word.Word;

/// Arithmetic modulo an odd prime of at most 256 bits, in Montgomery's form: x stands as x 2^256 modulo p, below p. Values are words of arrays, four longs
/// each, the least significant first; a result may lie where an operand lies. Takes time by its values: for public numbers. Makes no object after its
/// constructor; immutable, thread-safe.
final class Residues {
    private static final int WORD = Word.LONGS;
    private static final int DIGIT_BITS = 4;
    /// Longs of working space that [#power] needs.
    static final int POWER_LONGS = WORD << DIGIT_BITS;

    private final long p0;
    private final long p1;
    private final long p2;
    private final long p3;
    private final long negated;                        // -1/p modulo 2^64
    private final long[] one = {1, 0, 0, 0};           // 2^256 modulo p
    private final long[] square = new long[WORD];      // 2^512 modulo p
    private final long[] plainOne = {1, 0, 0, 0};
    private final long[] cube = new long[WORD];        // 2^768 modulo p
    private final Inverses inverses;

    /// @param p  the prime, four longs, above 2
    Residues(long... p) {
        p0 = p[0];
        p1 = p[1];
        p2 = p[2];
        p3 = p[3];
        long inverse = p0;                             // right in its low 3 bits; each step doubles them
        for (int i = 0; i < 5; i++) {
            inverse *= 2 - p0 * inverse;
        }
        negated = -inverse;
        inverses = new Inverses(p);
        for (int i = 0; i < 256; i++) {
            add(one, 0, one, 0, one, 0);
        }
        System.arraycopy(one, 0, square, 0, WORD);
        for (int i = 0; i < 256; i++) {
            add(square, 0, square, 0, square, 0);
        }
        multiply(square, 0, square, 0, cube, 0);
    }

    /// {@return whether a plain number is below p}
    boolean isBelow(long[] x, int a) {
        return Long.compareUnsigned(x[a + 3], p3) < 0 || x[a + 3] == p3
                && (Long.compareUnsigned(x[a + 2], p2) < 0 || x[a + 2] == p2
                        && (Long.compareUnsigned(x[a + 1], p1) < 0 || x[a + 1] == p1 && Long.compareUnsigned(x[a], p0) < 0));
    }

    /// Brings a plain number, of any size, to Montgomery's form.
    void enter(long[] x, int a, long[] z, int r) {
        multiply(x, a, square, 0, z, r);
    }

    /// Brings a value back to the plain number below p.
    void leave(long[] x, int a, long[] z, int r) {
        multiply(x, a, plainOne, 0, z, r);
    }

    /// Writes the value 1.
    void one(long[] z, int r) {
        Word.copy(one, 0, z, r);
    }

    void add(long[] x, int a, long[] y, int b, long[] z, int r) {
        long s0 = x[a] + y[b];
        long c = carry(s0, x[a]);
        long s1 = x[a + 1] + c;
        c = carry(s1, c);
        long t = s1 + y[b + 1];
        c += carry(t, s1);
        s1 = t;
        long s2 = x[a + 2] + c;
        c = carry(s2, c);
        t = s2 + y[b + 2];
        c += carry(t, s2);
        s2 = t;
        long s3 = x[a + 3] + c;
        c = carry(s3, c);
        t = s3 + y[b + 3];
        c += carry(t, s3);
        reduce(s0, s1, s2, t, c, z, r);
    }

    void subtract(long[] x, int a, long[] y, int b, long[] z, int r) {
        long s0 = x[a] - y[b];
        long c = carry(x[a], y[b]);                    // of a subtraction: whether the first is the smaller
        long t = x[a + 1] - y[b + 1];
        long s1 = t - c;
        c = carry(x[a + 1], y[b + 1]) + carry(t, c);
        t = x[a + 2] - y[b + 2];
        long s2 = t - c;
        c = carry(x[a + 2], y[b + 2]) + carry(t, c);
        t = x[a + 3] - y[b + 3];
        long s3 = t - c;
        c = carry(x[a + 3], y[b + 3]) + carry(t, c);
        long mask = -c;                                // p where it went below zero
        long q = s0 + (p0 & mask);
        c = carry(q, s0);
        z[r] = q;
        q = s1 + c;
        c = carry(q, s1);
        t = q + (p1 & mask);
        c += carry(t, q);
        z[r + 1] = t;
        q = s2 + c;
        c = carry(q, s2);
        t = q + (p2 & mask);
        c += carry(t, q);
        z[r + 2] = t;
        z[r + 3] = s3 + c + (p3 & mask);
    }

    /// 1 where the sum came out below what was added, or `s < x`; unsigned.
    private static long carry(long s, long x) {
        return Long.compareUnsigned(s, x) < 0 ? 1 : 0;
    }

    /// Writes a number of at most 257 bits, below 2 p, as one below p.
    private void reduce(long s0, long s1, long s2, long s3, long s4, long[] z, int r) {
        long d0 = s0 - p0;
        long c = carry(s0, p0);
        long t = s1 - p1;
        long d1 = t - c;
        c = carry(s1, p1) + carry(t, c);
        t = s2 - p2;
        long d2 = t - c;
        c = carry(s2, p2) + carry(t, c);
        t = s3 - p3;
        long d3 = t - c;
        c = carry(s3, p3) + carry(t, c);
        boolean keeps = Long.compareUnsigned(s4, c) < 0;
        z[r] = keeps ? s0 : d0;
        z[r + 1] = keeps ? s1 : d1;
        z[r + 2] = keeps ? s2 : d2;
        z[r + 3] = keeps ? s3 : d3;
    }

    /// Writes x y / 2^256, the product in Montgomery's form; of plain numbers below 2^256 one of them must be below p.
    void multiply(long[] x, int a, long[] y, int b, long[] z, int r) {
        long y0 = y[b];
        long y1 = y[b + 1];
        long y2 = y[b + 2];
        long y3 = y[b + 3];
        long t0 = 0;
        long t1 = 0;
        long t2 = 0;
        long t3 = 0;
        long t4 = 0;
        for (int i = 0; i < WORD; i++) {               // t = (t + x[i] y + m p) / 2^64, below 2 p
            long d = x[a + i];
            long low = d * y0;
            long u = t0 + low;
            long c = Math.unsignedMultiplyHigh(d, y0) + carry(u, low);
            long m = u * negated;
            // First digit of m p: its low half and u cancel, with a carry unless both are zero.
            long k = Math.unsignedMultiplyHigh(m, p0) + (u != 0 ? 1 : 0);

            low = d * y1;
            long s = low + c;
            c = Math.unsignedMultiplyHigh(d, y1) + carry(s, low);
            u = t1 + s;
            c += carry(u, s);
            low = m * p1;
            s = low + k;
            k = Math.unsignedMultiplyHigh(m, p1) + carry(s, low);
            t0 = u + s;
            k += carry(t0, s);

            low = d * y2;
            s = low + c;
            c = Math.unsignedMultiplyHigh(d, y2) + carry(s, low);
            u = t2 + s;
            c += carry(u, s);
            low = m * p2;
            s = low + k;
            k = Math.unsignedMultiplyHigh(m, p2) + carry(s, low);
            t1 = u + s;
            k += carry(t1, s);

            low = d * y3;
            s = low + c;
            c = Math.unsignedMultiplyHigh(d, y3) + carry(s, low);
            u = t3 + s;
            c += carry(u, s);
            low = m * p3;
            s = low + k;
            k = Math.unsignedMultiplyHigh(m, p3) + carry(s, low);
            t2 = u + s;
            k += carry(t2, s);

            u = t4 + c;
            long over = carry(u, c);
            t3 = u + k;
            t4 = over + carry(t3, k);
        }
        reduce(t0, t1, t2, t3, t4, z, r);
    }

    /// Writes x to the power of a plain number.
    ///
    /// @param w  working space of [#POWER_LONGS] from `at`, apart from all else
    void power(long[] x, int a, long[] exponent, long[] z, int r, long[] w, int at) {
        one(w, at);
        Word.copy(x, a, w, at + WORD);
        for (int i = 2; i < 1 << DIGIT_BITS; i++) {
            multiply(w, at + WORD * (i - 1), w, at + WORD, w, at + WORD * i);
        }
        one(z, r);
        for (int bit = 256 - DIGIT_BITS; bit >= 0; bit -= DIGIT_BITS) {
            for (int i = 0; i < DIGIT_BITS; i++) {
                multiply(z, r, z, r, z, r);
            }
            int digit = (int) (exponent[bit >>> 6] >>> (bit & 63)) & (1 << DIGIT_BITS) - 1;
            multiply(z, r, w, at + WORD * digit, z, r);
        }
    }

    /// Writes 1 / x; 0 for 0.
    ///
    /// @param w  working space of [#POWER_LONGS] from `at`, apart from all else
    void invert(long[] x, int a, long[] z, int r, long[] w, int at) {
        inverses.invert(x, a, z, r, w, at);
        multiply(z, r, cube, 0, z, r);                 // of x 2^256 that was 1 / (x 2^256)
    }
}
