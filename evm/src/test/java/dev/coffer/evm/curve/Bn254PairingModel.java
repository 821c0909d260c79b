package dev.coffer.evm.curve;

import java.math.BigInteger;

/// Precompile 8 as EIP-197 has it, on `BigInteger`: whether a product of optimal ate pairings on alt_bn128 is one (EIP-197).
///
/// The tower is kept flat: an element of the field of degree 12 is a polynomial in w with w^12 = 18 w^6 - 82, and the
/// element i of the quadratic field, i^2 = -1, is w^6 - 9. The twisted point (x, y) over the quadratic field becomes
/// (x w^2, y w^3). Plain and slow: about a second a pair.
public final class Bn254PairingModel {
    private static final BigInteger P = Bn254Model.P;
    private static final BigInteger NINE = BigInteger.valueOf(9);
    private static final BigInteger C6 = BigInteger.valueOf(18);
    private static final BigInteger C0 = BigInteger.valueOf(-82);
    private static final int DEGREE = 12;
    private static final int WORD = 32;
    private static final int PAIR_BYTES = 6 * WORD;
    /// 6u + 2 for the curve's parameter u = 4965661367192848881.
    private static final BigInteger LOOP = new BigInteger("29793968203157093288");
    private static final BigInteger FINAL = P.pow(DEGREE).subtract(BigInteger.ONE).divide(Bn254Model.N);

    private Bn254PairingModel() {}

    /// {@return the word 1 or 0, or null where the input is no list of pairs of points of the right groups}
    public static byte[] check(byte[] in) {
        if (in.length % PAIR_BYTES != 0) {
            return null;
        }
        BigInteger[] product = constant(BigInteger.ONE);
        for (int at = 0; at < in.length; at += PAIR_BYTES) {
            Bn254Model.Point p = Bn254Model.point(in, at);
            BigInteger[][] q = twisted(in, at + 2 * WORD);
            if (p == null || q == null) {
                return null;
            }
            if (!p.infinite() && q.length > 0) {
                product = multiply(product, miller(q, new BigInteger[][] {constant(p.x()), constant(p.y())}));
            }
        }
        byte[] out = new byte[WORD];
        out[WORD - 1] = (byte) (isOne(power(product, FINAL)) ? 1 : 0);
        return out;
    }

    /// {@return the point of the twist at `from`, as one over the large field; empty at infinity; null where none}
    private static BigInteger[][] twisted(byte[] in, int from) {
        BigInteger[] w = new BigInteger[4];   // x imaginary, x real, y imaginary, y real
        boolean zero = true;
        for (int i = 0; i < 4; i++) {
            w[i] = Bn254Model.number(in, from + WORD * i, WORD);
            if (w[i].compareTo(P) >= 0) {
                return null;
            }
            zero &= w[i].signum() == 0;
        }
        if (zero) {
            return new BigInteger[0][];
        }
        BigInteger[][] q = {raised(w[1], w[0], 2), raised(w[3], w[2], 3)};
        BigInteger[] curve = subtract(multiply(q[1], q[1]), multiply(q[0], multiply(q[0], q[0])));
        boolean onCurve = isZero(subtract(curve, constant(BigInteger.valueOf(3))));
        return onCurve && times(q, Bn254Model.N) == null ? q : null;
    }

    /// {@return (re + im i) w^shift}
    private static BigInteger[] raised(BigInteger re, BigInteger im, int shift) {
        BigInteger[] e = constant(BigInteger.ZERO);
        e[shift] = re.subtract(im.multiply(NINE)).mod(P);
        e[6 + shift] = im;
        return e;
    }

    private static BigInteger[] miller(BigInteger[][] q, BigInteger[][] p) {
        BigInteger[] f = constant(BigInteger.ONE);
        BigInteger[][] r = q;
        for (int i = LOOP.bitLength() - 2; i >= 0; i--) {
            f = multiply(multiply(f, f), line(r, r, p));
            r = add(r, r);
            if (LOOP.testBit(i)) {
                f = multiply(f, line(r, q, p));
                r = add(r, q);
            }
        }
        BigInteger[][] q1 = {power(q[0], P), power(q[1], P)};
        BigInteger[][] q2 = {power(q1[0], P), subtract(constant(BigInteger.ZERO), power(q1[1], P))};
        f = multiply(f, line(r, q1, p));
        return multiply(f, line(add(r, q1), q2, p));
    }

    /// {@return the line through a and b, or the tangent, at p}
    private static BigInteger[] line(BigInteger[][] a, BigInteger[][] b, BigInteger[][] p) {
        if (isZero(subtract(a[0], b[0])) && !isZero(subtract(a[1], b[1]))) {
            return subtract(p[0], a[0]);
        }
        return subtract(multiply(slope(a, b), subtract(p[0], a[0])), subtract(p[1], a[1]));
    }

    private static BigInteger[] slope(BigInteger[][] a, BigInteger[][] b) {
        if (isZero(subtract(a[0], b[0]))) {
            BigInteger[] square = multiply(a[0], a[0]);
            return multiply(add(square, add(square, square)), inverse(add(a[1], a[1])));
        }
        return multiply(subtract(b[1], a[1]), inverse(subtract(b[0], a[0])));
    }

    /// {@return a + b; null at infinity, which null also is as an operand}
    private static BigInteger[][] add(BigInteger[][] a, BigInteger[][] b) {
        if (a == null || b == null) {
            return a == null ? b : a;
        }
        if (isZero(subtract(a[0], b[0])) && isZero(add(a[1], b[1]))) {
            return null;
        }
        BigInteger[] slope = slope(a, b);
        BigInteger[] x = subtract(subtract(multiply(slope, slope), a[0]), b[0]);
        return new BigInteger[][] {x, subtract(multiply(slope, subtract(a[0], x)), a[1])};
    }

    private static BigInteger[][] times(BigInteger[][] a, BigInteger k) {
        BigInteger[][] sum = null;
        for (int i = k.bitLength() - 1; i >= 0; i--) {
            sum = add(sum, sum);
            sum = k.testBit(i) ? add(sum, a) : sum;
        }
        return sum;
    }

    // --- the field of degree 12 -------------------------------------------------------------------------------------

    private static BigInteger[] constant(BigInteger value) {
        BigInteger[] e = new BigInteger[DEGREE];
        java.util.Arrays.fill(e, BigInteger.ZERO);
        e[0] = value;
        return e;
    }

    private static BigInteger[] add(BigInteger[] a, BigInteger[] b) {
        BigInteger[] r = new BigInteger[DEGREE];
        for (int i = 0; i < DEGREE; i++) {
            r[i] = a[i].add(b[i]).mod(P);
        }
        return r;
    }

    private static BigInteger[] subtract(BigInteger[] a, BigInteger[] b) {
        BigInteger[] r = new BigInteger[DEGREE];
        for (int i = 0; i < DEGREE; i++) {
            r[i] = a[i].subtract(b[i]).mod(P);
        }
        return r;
    }

    private static BigInteger[] multiply(BigInteger[] a, BigInteger[] b) {
        BigInteger[] wide = new BigInteger[2 * DEGREE - 1];
        java.util.Arrays.fill(wide, BigInteger.ZERO);
        for (int i = 0; i < DEGREE; i++) {
            for (int j = 0; j < DEGREE && a[i].signum() != 0; j++) {
                if (b[j].signum() != 0) {
                    wide[i + j] = wide[i + j].add(a[i].multiply(b[j]));
                }
            }
        }
        for (int i = wide.length - 1; i >= DEGREE; i--) {
            wide[i - 6] = wide[i - 6].add(wide[i].multiply(C6));
            wide[i - DEGREE] = wide[i - DEGREE].add(wide[i].multiply(C0));
        }
        BigInteger[] r = new BigInteger[DEGREE];
        for (int i = 0; i < DEGREE; i++) {
            r[i] = wide[i].mod(P);
        }
        return r;
    }

    private static BigInteger[] power(BigInteger[] a, BigInteger k) {
        BigInteger[] r = constant(BigInteger.ONE);
        for (int i = k.bitLength() - 1; i >= 0; i--) {
            r = multiply(r, r);
            r = k.testBit(i) ? multiply(r, a) : r;
        }
        return r;
    }

    /// By solving a * x = 1 as twelve linear equations: column j of the matrix is a * w^j.
    private static BigInteger[] inverse(BigInteger[] a) {
        BigInteger[][] m = new BigInteger[DEGREE][DEGREE + 1];
        BigInteger[] column = a;
        BigInteger[] w = constant(BigInteger.ZERO);
        w[1] = BigInteger.ONE;
        for (int j = 0; j < DEGREE; j++) {
            for (int i = 0; i < DEGREE; i++) {
                m[i][j] = column[i];
                m[i][DEGREE] = i == 0 ? BigInteger.ONE : BigInteger.ZERO;
            }
            column = multiply(column, w);
        }
        for (int c = 0; c < DEGREE; c++) {
            int pivot = c;
            while (m[pivot][c].signum() == 0) {
                pivot++;                           // a is not zero, so there is one
            }
            BigInteger[] row = m[pivot];
            m[pivot] = m[c];
            m[c] = row;
            BigInteger scale = row[c].modInverse(P);
            for (int k = c; k <= DEGREE; k++) {
                row[k] = row[k].multiply(scale).mod(P);
            }
            for (int i = 0; i < DEGREE; i++) {
                BigInteger factor = m[i][c];
                for (int k = c; k <= DEGREE && i != c && factor.signum() != 0; k++) {
                    m[i][k] = m[i][k].subtract(factor.multiply(row[k])).mod(P);
                }
            }
        }
        BigInteger[] r = new BigInteger[DEGREE];
        for (int i = 0; i < DEGREE; i++) {
            r[i] = m[i][DEGREE];
        }
        return r;
    }

    private static boolean isZero(BigInteger[] a) {
        for (BigInteger c : a) {
            if (c.signum() != 0) {
                return false;
            }
        }
        return true;
    }

    private static boolean isOne(BigInteger[] a) {
        return isZero(subtract(a, constant(BigInteger.ONE)));
    }
}
