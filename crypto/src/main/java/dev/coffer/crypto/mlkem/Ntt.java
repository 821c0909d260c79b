package dev.coffer.crypto.mlkem;

import dev.coffer.memory.layout.LittleEndian;
import java.lang.foreign.MemorySegment;

/// The number-theoretic transform of FIPS 203, section 4.3, two coefficients at a time in one scalar `long`. No branch,
/// index or division depends on a coefficient. Stateless, thread-safe; 0 heap bytes.
///
/// A polynomial lies in memory as [Polynomial] says: each long holds two pairs of neighbours, which share their zetas in
/// all seven layers. Taken apart, a pair is `f[2p] | f[2p + 1] << 32`, so one multiplication serves both. Nothing is ever
/// negative: products are reduced by Shoup's method with a quotient of 16 bits, which leaves 0..2q-1 for every factor
/// below 2^16, and differences add a multiple of q first. So sums may grow to 2^16 before they need a reduction: never in
/// the forward transform, once in the inverse one.
final class Ntt {
    /// The modulus q (section 2.4).
    static final int Q = 3329;
    /// The primitive 256th root of unity modulo q (section 2.4).
    private static final int ZETA = 17;
    /// 128^-1 modulo q (section 4.3, algorithm 10).
    private static final int N_INVERSE = 3303;

    static final long PAIR = 0x0000ffff_0000ffffL;
    static final long ONES = 0x00000001_00000001L;
    static final long Q_PAIR = Q * ONES;

    // zeta^BitRev7(i) (appendix A), and what Shoup's method wants beside it.
    private static final long[] ZETAS = new long[128];
    private static final long[] SHOUP = new long[128];
    // zeta^(2 BitRev7(p) + 1) (appendix A): the gamma of pair p.
    static final int[] GAMMAS = new int[128];

    static {
        for (int i = 0; i < 128; i++) {
            ZETAS[i] = power(Integer.reverse(i) >>> 25);
            SHOUP[i] = shoup(ZETAS[i]);
            GAMMAS[i] = power(2 * (Integer.reverse(i) >>> 25) + 1);
        }
        // Number 0 is in no layer: it holds the inverse's last zeta with 128^-1 in it.
        ZETAS[0] = Polynomial.remainder(ZETAS[1] * N_INVERSE);
        SHOUP[0] = shoup(ZETAS[0]);
    }

    private Ntt() {}

    private static int power(int exponent) {
        long value = 1;
        for (int i = 0; i < exponent; i++) {
            value = Polynomial.remainder(value * ZETA);
        }
        return (int) value;
    }

    /// {@return floor(2^16 z / q)}
    private static long shoup(long z) {
        return (z << 16) * Polynomial.RECIPROCAL >>> Polynomial.RECIPROCAL_SHIFT;
    }

    /// {@return z times each of a pair modulo q, below 2q; the pair may be anything below 2^16}
    private static long multiply(long pair, long z, long shoup) {
        return pair * z - (pair * shoup >>> 16 & PAIR) * Q;
    }

    /// {@return each of a pair modulo q, at most q + 2; the pair may be anything below 2^16}
    static long reduce(long pair) {
        // floor(2^26 / q) = 20158 falls short by less than 2^-10 in the quotient
        return pair - (pair * 20158 >>> 26 & 0x0000003f_0000003fL) * Q;
    }

    private static long load(MemorySegment w, long at, int i) {
        return LittleEndian.i64(w, at + 8L * i);
    }

    private static void store(MemorySegment w, long at, int i, long low, long high) {
        LittleEndian.i64(w, at + 8L * i, low | high << 16);
    }

    /// Algorithm 9, in place.
    ///
    /// @param at  a polynomial with coefficients up to 5q; after it up to 19q, below 2^16
    static void forward(MemorySegment w, long at) {
        for (int i = 0; i < 16; i++) {  // len = 128, 64
            fourDown(w, at, i, 16, 1);
        }
        for (int block = 0; block < 4; block++) {  // len = 32, 16
            for (int i = 16 * block; i < 16 * block + 4; i++) {
                fourDown(w, at, i, 4, 4 + block);
            }
        }
        for (int block = 0; block < 16; block++) {  // len = 8, 4
            fourDown(w, at, 4 * block, 1, 16 + block);
        }
        for (int i = 0; i < 64; i++) {  // len = 2: both pairs of a long
            long x = load(w, at, i);
            long low = x & PAIR;
            long t = multiply(x >>> 16 & PAIR, ZETAS[64 + i], SHOUP[64 + i]);
            store(w, at, i, low + t, low + 2 * Q_PAIR - t);
        }
    }

    /// Two layers over four longs that lie `step` apart: zeta number `z`, then 2z and 2z + 1.
    private static void fourDown(MemorySegment w, long at, int i, int step, int z) {
        long z1 = ZETAS[z];
        long s1 = SHOUP[z];
        long z2 = ZETAS[2 * z];
        long s2 = SHOUP[2 * z];
        long z3 = ZETAS[2 * z + 1];
        long s3 = SHOUP[2 * z + 1];
        long xa = load(w, at, i);
        long xb = load(w, at, i + step);
        long xc = load(w, at, i + 2 * step);
        long xd = load(w, at, i + 3 * step);

        long a = xa & PAIR;
        long b = xb & PAIR;
        long t = multiply(xc & PAIR, z1, s1);
        long u = multiply(xd & PAIR, z1, s1);
        long c = a + 2 * Q_PAIR - t;
        long d = b + 2 * Q_PAIR - u;
        a += t;
        b += u;
        t = multiply(b, z2, s2);
        u = multiply(d, z3, s3);

        long a2 = xa >>> 16 & PAIR;
        long b2 = xb >>> 16 & PAIR;
        long t2 = multiply(xc >>> 16 & PAIR, z1, s1);
        long u2 = multiply(xd >>> 16 & PAIR, z1, s1);
        long c2 = a2 + 2 * Q_PAIR - t2;
        long d2 = b2 + 2 * Q_PAIR - u2;
        a2 += t2;
        b2 += u2;
        t2 = multiply(b2, z2, s2);
        u2 = multiply(d2, z3, s3);

        store(w, at, i, a + t, a2 + t2);
        store(w, at, i + step, a + 2 * Q_PAIR - t, a2 + 2 * Q_PAIR - t2);
        store(w, at, i + 2 * step, c + u, c2 + u2);
        store(w, at, i + 3 * step, c + 2 * Q_PAIR - u, c2 + 2 * Q_PAIR - u2);
    }

    /// Algorithm 10, in place.
    ///
    /// @param at  a polynomial with coefficients up to q; after it below 2q
    static void inverse(MemorySegment w, long at) {
        for (int i = 0; i < 64; i++) {  // len = 2: sums below 2q
            long x = load(w, at, i);
            long low = x & PAIR;
            long high = x >>> 16 & PAIR;
            store(w, at, i, low + high, multiply(high + Q_PAIR - low, ZETAS[127 - i], SHOUP[127 - i]));
        }
        for (int block = 0; block < 16; block++) {  // len = 4, 8
            fourUp(w, at, 4 * block, 1, 62 - 2 * block, 31 - block, 2 * Q_PAIR);
        }
        for (int block = 0; block < 4; block++) {  // len = 16, 32
            for (int i = 16 * block; i < 16 * block + 4; i++) {
                fourUp(w, at, i, 4, 14 - 2 * block, 7 - block, 4 * Q_PAIR);
            }
        }
        for (int i = 0; i < 16; i++) {  // len = 64, 128; the last differences have 128^-1 in their zeta
            fourUp(w, at, i, 16, 2, 0, 4 * Q_PAIR);
        }
        long shoup = shoup(N_INVERSE);
        for (int i = 0; i < 32; i++) {
            long x = load(w, at, i);
            store(w, at, i, multiply(x & PAIR, N_INVERSE, shoup), multiply(x >>> 16 & PAIR, N_INVERSE, shoup));
        }
    }

    /// Two layers over four longs that lie `step` apart. Reduces the sum of sums, so that what it leaves is at most 4q.
    ///
    /// @param inner  zeta number of the second half in the first layer; the first half's is one more
    /// @param outer  zeta number of the second layer
    /// @param most   a multiple of q, at most 4q, that no coefficient is above
    private static void fourUp(MemorySegment w, long at, int i, int step, int inner, int outer, long most) {
        long z1 = ZETAS[outer];
        long s1 = SHOUP[outer];
        long z2 = ZETAS[inner + 1];
        long s2 = SHOUP[inner + 1];
        long z3 = ZETAS[inner];
        long s3 = SHOUP[inner];
        long xa = load(w, at, i);
        long xb = load(w, at, i + step);
        long xc = load(w, at, i + 2 * step);
        long xd = load(w, at, i + 3 * step);

        long a = (xa & PAIR) + (xb & PAIR);
        long b = multiply((xb & PAIR) + most - (xa & PAIR), z2, s2);
        long c = (xc & PAIR) + (xd & PAIR);
        long d = multiply((xd & PAIR) + most - (xc & PAIR), z3, s3);

        long a2 = (xa >>> 16 & PAIR) + (xb >>> 16 & PAIR);
        long b2 = multiply((xb >>> 16 & PAIR) + most - (xa >>> 16 & PAIR), z2, s2);
        long c2 = (xc >>> 16 & PAIR) + (xd >>> 16 & PAIR);
        long d2 = multiply((xd >>> 16 & PAIR) + most - (xc >>> 16 & PAIR), z3, s3);

        store(w, at, i, reduce(a + c), reduce(a2 + c2));
        store(w, at, i + step, b + d, b2 + d2);
        store(w, at, i + 2 * step, multiply(c + 2 * most - a, z1, s1), multiply(c2 + 2 * most - a2, z1, s1));
        store(w, at, i + 3 * step, multiply(d + 2 * most - b, z1, s1), multiply(d2 + 2 * most - b2, z1, s1));
    }
}
