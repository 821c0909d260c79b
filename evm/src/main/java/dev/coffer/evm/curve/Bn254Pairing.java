package dev.coffer.evm.curve;

import dev.coffer.evm.word.Word;
import java.math.BigInteger;

/// A product of optimal ate pairings on alt_bn128 (EIP-197): Miller's loop over 6 u + 2 on the twist, y^2 = x^3 + 3 / (9 + i), in Jacobian coordinates, whose
/// points (x, y) stand for (x w^2, y w^3); then one exponentiation for all. Lines are known up to a factor of the quadratic field, which that takes to 1. Numbers
/// in Montgomery's form. Takes time by its values: for public points. Makes no object after its constructor; one thread at a time.
final class Bn254Pairing {
    /// The curve's parameter u: p and n are polynomials in it.
    static final long U = 4965661367192848881L;
    /// 6 u + 2 without its highest bit, 64: 29,793,968,203,157,093,288 - 2^64.
    private static final long LOOP = BigInteger.valueOf(U).multiply(BigInteger.valueOf(6)).add(BigInteger.TWO).longValue();
    /// 6 u^2: what the p-th power does to a point of the group of order n.
    private static final BigInteger EIGENVALUE = BigInteger.valueOf(U).pow(2).multiply(BigInteger.valueOf(6));
    private static final long[] EIGENVALUE_LONGS = Word.of(EIGENVALUE);
    private static final int EIGENVALUE_BITS = EIGENVALUE.bitLength();

    private static final int TWO = Field2.LONGS;
    private static final int X = 0;                                        // of the point that runs: x, y, z
    private static final int Y = TWO;
    private static final int Z = 2 * TWO;
    private static final int Q = 3 * TWO;                                  // of the point of the pair: x, y
    private static final int Q1 = Q + 2 * TWO;                             // of its p-th power
    private static final int LINE = Q1 + 2 * TWO;                          // three numbers
    private static final int TERM = LINE + 3 * TWO;                        // seven of them
    private static final int TERM_LONGS = 7 * TWO;
    private static final int POINT_LONGS = TERM + TERM_LONGS;
    private static final int POWERS = 12;
    /// Longs of working space that each holds.
    static final int WORKING_LONGS = POINT_LONGS + (POWERS + 2) * Field12.LONGS + Field2.WORKING_LONGS + Field12.WORKING_LONGS + TWO;

    private final Residues f;
    private final Field2 q;
    private final Field12 g;
    private final long[] b = new long[TWO];                                // 3 / (9 + i)
    private final long[] w = new long[POINT_LONGS];
    private final long[] product = new long[Field12.LONGS];
    private final long[] loop = new long[Field12.LONGS];
    private final long[] y = new long[POWERS * Field12.LONGS];

    Bn254Pairing(Residues field) {
        f = field;
        q = new Field2(field);
        g = new Field12(field, q);
        f.one(w, 0);
        q.timesXi(w, 0, w, 0);
        q.invert(w, 0, w, 0, y, 0);
        q.twice(w, 0, b, 0);
        q.add(b, 0, w, 0, b, 0);
    }

    /// Begins with the empty product.
    void begin() {
        g.one(product, 0);
    }

    /// Takes the point of the twist that comes next.
    ///
    /// @return whether it is one of the group of order n: on the curve, and its p-th power is its multiple by 6 u^2. For that power F, F^2 - t F + p is 0, where
    ///     t - 1 = 6 u^2 is its trace less one; so where F is t - 1 on a point, p + 1 - t, which is n, times the point is 0
    boolean second(long[] m, int at) {
        System.arraycopy(m, at, w, Q, 2 * TWO);
        q.square(w, Q + Y, w, TERM);
        q.square(w, Q, w, TERM + TWO);
        q.multiply(w, TERM + TWO, w, Q, w, TERM + TWO);
        q.add(w, TERM + TWO, b, 0, w, TERM + TWO);
        if (!Field2.equal(w, TERM, w, TERM + TWO)) {
            return false;
        }
        start();
        for (int i = EIGENVALUE_BITS - 2; i >= 0; i--) {
            twice();
            if ((EIGENVALUE_LONGS[i >>> 6] >>> i & 1) != 0) {
                add(Q);
            }
        }
        if (Field2.isZero(w, Z)) {
            return false;
        }
        raise(Q);
        q.square(w, Z, w, TERM);
        q.multiply(w, Q1, w, TERM, w, TERM + TWO);
        q.multiply(w, TERM, w, Z, w, TERM);
        q.multiply(w, Q1 + Y, w, TERM, w, TERM);
        return Field2.equal(w, X, w, TERM + TWO) && Field2.equal(w, Y, w, TERM);
    }

    /// Multiplies the product by the pairing of a point of the curve, x and y, with the one that was taken last; neither is the neutral one.
    void pair(long[] m, int p) {
        start();
        g.one(loop, 0);
        for (int i = 63; i >= 0; i--) {
            if (i < 63) {
                g.square(loop, 0, loop, 0);
            }
            twice();
            times(m, p);
            if ((LOOP >>> i & 1) != 0) {
                add(Q);
                times(m, p);
            }
        }
        raise(Q);
        add(Q1);
        times(m, p);
        raise(Q1);
        q.negate(w, Q1 + Y, w, Q1 + Y);
        add(Q1);
        times(m, p);
        g.multiply(product, 0, loop, 0, product, 0);
    }

    /// Multiplies by the line, at the point p.
    private void times(long[] m, int p) {
        q.scale(w, LINE, m, p + Word.LONGS, w, LINE);
        q.negate(w, LINE, w, LINE);
        q.scale(w, LINE + TWO, m, p, w, LINE + TWO);
        g.timesLine(loop, 0, w, LINE);
    }

    private void start() {
        System.arraycopy(w, Q, w, X, 2 * TWO);
        java.util.Arrays.fill(w, Z, Z + TWO, 0);
        f.one(w, Z);
    }

    /// Writes the p-th power of a point, seen as (x w^2, y w^3).
    private void raise(int from) {
        Field12.power(q, 2, w, from, w, Q1);
        Field12.power(q, 3, w, from + Y, w, Q1 + Y);
    }

    /// Doubles the point that runs; formulas "dbl-2009-l" of the Explicit-Formulas Database. The line is the tangent, times 2 y z^3.
    private void twice() {
        int a = TERM;
        int c = a + TWO;
        int d = c + TWO;
        int e = d + TWO;
        int h = e + TWO;
        int zz = h + TWO;
        q.square(w, X, w, a);
        q.square(w, Y, w, c);
        q.square(w, Z, w, zz);
        q.add(w, X, w, c, w, d);
        q.square(w, d, w, d);
        q.subtract(w, d, w, a, w, d);
        q.twice(w, a, w, e);
        q.add(w, e, w, a, w, e);                                           // 3 x^2
        q.square(w, c, w, h);                                              // y^4
        q.subtract(w, d, w, h, w, d);
        q.twice(w, d, w, d);                                               // 4 x y^2
        q.multiply(w, e, w, X, w, a);
        q.twice(w, c, w, c);
        q.subtract(w, c, w, a, w, LINE + 2 * TWO);                         // 2 y^2 - 3 x^3
        q.multiply(w, e, w, zz, w, LINE + TWO);
        q.multiply(w, Y, w, Z, w, Z);
        q.twice(w, Z, w, Z);
        q.multiply(w, Z, w, zz, w, LINE);
        q.square(w, e, w, X);
        q.subtract(w, X, w, d, w, X);
        q.subtract(w, X, w, d, w, X);
        q.subtract(w, d, w, X, w, d);
        q.multiply(w, e, w, d, w, Y);
        q.twice(w, h, w, h);
        q.twice(w, h, w, h);
        q.twice(w, h, w, h);
        q.subtract(w, Y, w, h, w, Y);
    }

    /// Adds a point, x and y, to the one that runs, whatever they are. The line, where they are neither equal nor opposite, is that through both, times z (x2 - x).
    private void add(int p) {
        if (Field2.isZero(w, Z)) {
            System.arraycopy(w, p, w, X, 2 * TWO);
            f.one(w, Z);
            return;
        }
        int h = TERM;
        int r = h + TWO;
        int hh = r + TWO;
        int v = hh + TWO;
        int k = v + TWO;
        q.square(w, Z, w, hh);
        q.multiply(w, p, w, hh, w, h);
        q.subtract(w, h, w, X, w, h);
        q.multiply(w, hh, w, Z, w, hh);
        q.multiply(w, p + Y, w, hh, w, r);
        q.subtract(w, r, w, Y, w, r);
        if (Field2.isZero(w, h)) {
            if (Field2.isZero(w, r)) {
                twice();
            } else {
                java.util.Arrays.fill(w, Z, Z + TWO, 0);
            }
            return;
        }
        q.multiply(w, Z, w, h, w, Z);
        Field2.copy(w, Z, w, LINE);
        Field2.copy(w, r, w, LINE + TWO);
        q.multiply(w, p + Y, w, Z, w, LINE + 2 * TWO);
        q.multiply(w, r, w, p, w, k);
        q.subtract(w, LINE + 2 * TWO, w, k, w, LINE + 2 * TWO);
        q.square(w, h, w, hh);
        q.multiply(w, X, w, hh, w, v);
        q.multiply(w, hh, w, h, w, hh);                                    // h^3
        q.square(w, r, w, X);
        q.subtract(w, X, w, hh, w, X);
        q.subtract(w, X, w, v, w, X);
        q.subtract(w, X, w, v, w, X);
        q.subtract(w, v, w, X, w, v);
        q.multiply(w, r, w, v, w, v);
        q.multiply(w, Y, w, hh, w, hh);
        q.subtract(w, v, w, hh, w, Y);
    }

    /// {@return whether the product to the power of (p^12 - 1) / n is one}
    boolean isOne() {
        exponentiate();
        return g.isOne(product, 0);
    }

    /// The easy part is (p^6 - 1) (p^2 + 1); the hard one is that of Scott and others, "On the final exponentiation for calculating pairings on ordinary elliptic
    /// curves" (2009), section 5: y0 y1^2 y2^6 y3^12 y4^18 y5^30 y6^36.
    private void exponentiate() {
        int fu = at(7);
        int fu2 = at(8);
        int fu3 = at(9);
        int t0 = at(10);
        int t1 = at(11);
        g.conjugate(product, 0, y, t0);
        g.invert(product, 0, y, t1);
        g.multiply(y, t0, y, t1, product, 0);
        g.frobenius(product, 0, y, t0);
        g.frobenius(y, t0, y, t0);
        g.multiply(product, 0, y, t0, product, 0);

        power(product, 0, fu);
        power(y, fu, fu2);
        power(y, fu2, fu3);
        g.frobenius(product, 0, y, t0);
        g.frobenius(y, t0, y, t1);
        g.multiply(y, t0, y, t1, y, at(0));
        g.frobenius(y, t1, y, t1);
        g.multiply(y, at(0), y, t1, y, at(0));                             // f^(p + p^2 + p^3)
        g.conjugate(product, 0, y, at(1));
        g.frobenius(y, fu2, y, at(4));
        g.frobenius(y, at(4), y, at(2));                                   // f^(u^2 p^2)
        g.multiply(y, at(4), y, fu, y, at(4));
        g.conjugate(y, at(4), y, at(4));                                   // f^-(u + u^2 p)
        g.frobenius(y, fu, y, at(3));
        g.conjugate(y, at(3), y, at(3));                                   // f^-(u p)
        g.conjugate(y, fu2, y, at(5));
        g.frobenius(y, fu3, y, at(6));
        g.multiply(y, at(6), y, fu3, y, at(6));
        g.conjugate(y, at(6), y, at(6));                                   // f^-(u^3 + u^3 p)

        g.square(y, at(6), y, t0);
        g.multiply(y, t0, y, at(4), y, t0);
        g.multiply(y, t0, y, at(5), y, t0);
        g.multiply(y, at(3), y, at(5), y, t1);
        g.multiply(y, t1, y, t0, y, t1);
        g.multiply(y, t0, y, at(2), y, t0);
        g.square(y, t1, y, t1);
        g.multiply(y, t1, y, t0, y, t1);
        g.square(y, t1, y, t1);
        g.multiply(y, t1, y, at(1), y, t0);
        g.multiply(y, t1, y, at(0), y, t1);
        g.square(y, t0, y, t0);
        g.multiply(y, t0, y, t1, product, 0);
    }

    private static int at(int power) {
        return Field12.LONGS * power;
    }

    /// Writes x to the power of u, to `y`.
    private void power(long[] x, int a, int r) {
        Field12.copy(x, a, y, r);
        for (int i = 61; i >= 0; i--) {                                    // u has 63 bits
            g.square(y, r, y, r);
            if ((U >>> i & 1) != 0) {
                g.multiply(y, r, x, a, y, r);
            }
        }
    }
}
