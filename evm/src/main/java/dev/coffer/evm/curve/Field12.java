package dev.coffer.evm.curve;

import dev.coffer.evm.word.Word;
import java.math.BigInteger;
import java.util.Arrays;

/// The field of degree 12 in which pairings on alt_bn128 lie (EIP-197): polynomials in w over the quadratic field, w^6 = 9 + i, as a tower: v = w^2, six
/// coefficients of eight longs, those of 1, v, v^2, then those of w, w v, w v^2. A result may lie where an operand lies. Takes time by its values: for public
/// numbers. Makes no object after its constructor; one thread at a time.
final class Field12 {
    static final int LONGS = 6 * Field2.LONGS;

    private static final int TWO = Field2.LONGS;
    private static final int SIX = 3 * Field2.LONGS;                       // from the part without w to that with it
    /// Longs of working space that each holds.
    static final int WORKING_LONGS = 8 * TWO + 4 * SIX + Residues.POWER_LONGS;

    /// Place of the coefficient of w^k.
    private static final int[] OF_POWER = {0, SIX, TWO, SIX + TWO, 2 * TWO, SIX + 2 * TWO};
    /// (9 + i)^(k (p - 1) / 6): what the p-th power makes of w^k, divided by it.
    private static final long[] FROBENIUS = frobenius();

    private final Residues f;
    private final Field2 q;
    private final long[] s = new long[8 * TWO];                            // of products of the field of degree 6
    private final long[] t = new long[4 * SIX];                            // of this field's operations
    private final long[] powers = new long[Residues.POWER_LONGS];

    Field12(Residues field, Field2 quadratic) {
        f = field;
        q = quadratic;
    }

    private static long[] frobenius() {
        Field2 q = new Field2(Bn254.FIELD);
        long[] xi = new long[TWO];
        Bn254.FIELD.one(xi, 0);
        q.timesXi(xi, 0, xi, 0);
        long[] all = new long[6 * TWO];
        Bn254.FIELD.one(all, 0);
        Bn254.FIELD.one(all, TWO);
        BigInteger exponent = Bn254.P.subtract(BigInteger.ONE).divide(BigInteger.valueOf(6));
        for (int i = exponent.bitLength() - 1; i >= 0; i--) {
            q.square(all, TWO, all, TWO);
            if (exponent.testBit(i)) {
                q.multiply(all, TWO, xi, 0, all, TWO);
            }
        }
        for (int k = 2; k < 6; k++) {
            q.multiply(all, TWO * (k - 1), all, TWO, all, TWO * k);
        }
        return all;
    }

    /// Writes what the p-th power makes of a coefficient of w^k: the conjugate, times a constant.
    static void power(Field2 q, int k, long[] x, int a, long[] z, int r) {
        q.conjugate(x, a, z, r);
        q.multiply(z, r, FROBENIUS, TWO * k, z, r);
    }

    static void copy(long[] x, int a, long[] z, int r) {
        System.arraycopy(x, a, z, r, LONGS);
    }

    void one(long[] z, int r) {
        Arrays.fill(z, r, r + LONGS, 0);
        f.one(z, r);
    }

    boolean isOne(long[] x, int a) {
        f.one(t, 0);
        boolean is = Word.equal(x, a, t, 0);
        for (int i = Word.LONGS; i < LONGS; i++) {
            is &= x[a + i] == 0;
        }
        return is;
    }

    void multiply(long[] x, int a, long[] y, int b, long[] z, int r) {
        add6(x, a, x, a + SIX, t, 0);
        add6(y, b, y, b + SIX, t, SIX);
        multiply6(t, 0, t, SIX, t, 0);
        multiply6(x, a, y, b, t, SIX);
        multiply6(x, a + SIX, y, b + SIX, t, 2 * SIX);
        gather(z, r);
    }

    /// From (a0 + a1) (b0 + b1), a0 b0 and a1 b1 makes the product.
    private void gather(long[] z, int r) {
        subtract6(t, 0, t, SIX, t, 0);
        subtract6(t, 0, t, 2 * SIX, z, r + SIX);
        timesV(t, 2 * SIX, t, 2 * SIX);
        add6(t, SIX, t, 2 * SIX, z, r);
    }

    void square(long[] x, int a, long[] z, int r) {
        multiply6(x, a, x, a + SIX, t, 0);                                 // a0 a1
        add6(x, a, x, a + SIX, t, SIX);
        timesV(x, a + SIX, t, 2 * SIX);
        add6(x, a, t, 2 * SIX, t, 2 * SIX);
        multiply6(t, SIX, t, 2 * SIX, t, SIX);                             // (a0 + a1) (a0 + v a1)
        subtract6(t, SIX, t, 0, t, SIX);
        timesV(t, 0, t, 2 * SIX);
        subtract6(t, SIX, t, 2 * SIX, z, r);
        add6(t, 0, t, 0, z, r + SIX);
    }

    /// Multiplies by a line, `l0 + l1 w + l3 w^3`: three numbers of the quadratic field, one after the other.
    void timesLine(long[] x, int a, long[] line, int l) {
        int l1 = l + TWO;
        int l3 = l + 2 * TWO;
        add6(x, a, x, a + SIX, t, 0);
        q.add(line, l, line, l1, t, 3 * SIX);
        q.multiply(x, a, line, l, t, SIX);
        q.multiply(x, a + TWO, line, l, t, SIX + TWO);
        q.multiply(x, a + 2 * TWO, line, l, t, SIX + 2 * TWO);
        timesPair(t, 0, t, 3 * SIX, line, l3, t, 0);
        timesPair(x, a + SIX, line, l1, line, l3, t, 2 * SIX);
        gather(x, a);
    }

    /// Writes x (b + c v), of the field of degree 6.
    private void timesPair(long[] x, int a, long[] y, int b, long[] u, int c, long[] z, int r) {
        q.multiply(x, a, y, b, s, 0);
        q.multiply(x, a + TWO, u, c, s, TWO);
        q.add(x, a, x, a + TWO, s, 2 * TWO);
        q.add(y, b, u, c, s, 3 * TWO);
        q.multiply(s, 2 * TWO, s, 3 * TWO, s, 2 * TWO);
        q.subtract(s, 2 * TWO, s, 0, s, 2 * TWO);
        q.subtract(s, 2 * TWO, s, TWO, s, 2 * TWO);
        q.multiply(x, a + 2 * TWO, u, c, s, 3 * TWO);
        q.timesXi(s, 3 * TWO, s, 3 * TWO);
        q.multiply(x, a + 2 * TWO, y, b, s, 4 * TWO);
        q.add(s, 0, s, 3 * TWO, z, r);
        Field2.copy(s, 2 * TWO, z, r + TWO);
        q.add(s, TWO, s, 4 * TWO, z, r + 2 * TWO);
    }

    /// Writes a0 - a1 w, the power of p^6; also the inverse, after the easy part of the last exponentiation.
    void conjugate(long[] x, int a, long[] z, int r) {
        System.arraycopy(x, a, z, r, SIX);
        for (int i = SIX; i < LONGS; i += TWO) {
            q.negate(x, a + i, z, r + i);
        }
    }

    /// Writes the p-th power.
    void frobenius(long[] x, int a, long[] z, int r) {
        for (int k = 0; k < 6; k++) {
            power(q, k, x, a + OF_POWER[k], z, r + OF_POWER[k]);
        }
    }

    /// Writes 1 / x; 0 for 0.
    void invert(long[] x, int a, long[] z, int r) {
        multiply6(x, a, x, a, t, 0);
        multiply6(x, a + SIX, x, a + SIX, t, SIX);
        timesV(t, SIX, t, SIX);
        subtract6(t, 0, t, SIX, t, 0);                                     // a0^2 - v a1^2
        invert6(0);
        multiply6(x, a, t, 0, z, r);
        multiply6(x, a + SIX, t, 0, t, 0);
        for (int i = 0; i < SIX; i += TWO) {
            q.negate(t, i, z, r + SIX + i);
        }
    }

    /// Inverts a number of the field of degree 6 in `t`, with what lies behind it there.
    private void invert6(int a) {
        int a1 = a + TWO;
        int a2 = a + 2 * TWO;
        int c0 = a + SIX;
        int c1 = c0 + TWO;
        int c2 = c1 + TWO;
        int d = c2 + TWO;
        int e = d + TWO;
        q.square(t, a, t, c0);
        q.multiply(t, a1, t, a2, t, d);
        q.timesXi(t, d, t, d);
        q.subtract(t, c0, t, d, t, c0);                                    // a0^2 - xi a1 a2
        q.square(t, a2, t, c1);
        q.timesXi(t, c1, t, c1);
        q.multiply(t, a, t, a1, t, d);
        q.subtract(t, c1, t, d, t, c1);                                    // xi a2^2 - a0 a1
        q.square(t, a1, t, c2);
        q.multiply(t, a, t, a2, t, d);
        q.subtract(t, c2, t, d, t, c2);                                    // a1^2 - a0 a2
        q.multiply(t, a2, t, c1, t, d);
        q.multiply(t, a1, t, c2, t, e);
        q.add(t, d, t, e, t, d);
        q.timesXi(t, d, t, d);
        q.multiply(t, a, t, c0, t, e);
        q.add(t, d, t, e, t, d);
        q.invert(t, d, t, d, powers, 0);
        for (int i = 0; i < SIX; i += TWO) {
            q.multiply(t, c0 + i, t, d, t, a + i);
        }
    }

    // --- the field of degree 6: a0 + a1 v + a2 v^2, v^3 = 9 + i -----------------------------------------------------

    private void add6(long[] x, int a, long[] y, int b, long[] z, int r) {
        for (int i = 0; i < SIX; i += Word.LONGS) {
            f.add(x, a + i, y, b + i, z, r + i);
        }
    }

    private void subtract6(long[] x, int a, long[] y, int b, long[] z, int r) {
        for (int i = 0; i < SIX; i += Word.LONGS) {
            f.subtract(x, a + i, y, b + i, z, r + i);
        }
    }

    private void timesV(long[] x, int a, long[] z, int r) {
        q.timesXi(x, a + 2 * TWO, s, 0);
        System.arraycopy(x, a, z, r + TWO, 2 * TWO);
        Field2.copy(s, 0, z, r);
    }

    private void multiply6(long[] x, int a, long[] y, int b, long[] z, int r) {
        int v0 = 0;
        int v1 = TWO;
        int v2 = 2 * TWO;
        int r0 = 3 * TWO;
        int r1 = 4 * TWO;
        int r2 = 5 * TWO;
        int left = 6 * TWO;
        int right = 7 * TWO;
        q.multiply(x, a, y, b, s, v0);
        q.multiply(x, a + TWO, y, b + TWO, s, v1);
        q.multiply(x, a + 2 * TWO, y, b + 2 * TWO, s, v2);
        q.add(x, a + TWO, x, a + 2 * TWO, s, left);
        q.add(y, b + TWO, y, b + 2 * TWO, s, right);
        cross(left, right, v1, v2, r0);
        q.timesXi(s, r0, s, r0);
        q.add(s, r0, s, v0, s, r0);
        q.add(x, a, x, a + TWO, s, left);
        q.add(y, b, y, b + TWO, s, right);
        cross(left, right, v0, v1, r1);
        q.add(x, a, x, a + 2 * TWO, s, left);
        q.add(y, b, y, b + 2 * TWO, s, right);
        cross(left, right, v0, v2, r2);
        q.add(s, r2, s, v1, s, r2);
        q.timesXi(s, v2, s, v2);
        q.add(s, r1, s, v2, s, r1);
        System.arraycopy(s, r0, z, r, SIX);
    }

    /// Writes left right - c - d.
    private void cross(int left, int right, int c, int d, int r) {
        q.multiply(s, left, s, right, s, r);
        q.subtract(s, r, s, c, s, r);
        q.subtract(s, r, s, d, s, r);
    }
}
