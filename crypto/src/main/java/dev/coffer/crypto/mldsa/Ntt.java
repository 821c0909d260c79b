package dev.coffer.crypto.mldsa;

import dev.coffer.memory.layout.LittleEndian;
import java.lang.foreign.MemorySegment;

/// The number-theoretic transform of FIPS 204, section 7.5, in scalar `long`s. No branch, index or division depends on a
/// coefficient. Stateless, thread-safe; 0 heap bytes.
///
/// A polynomial is 256 unsigned coefficients of 32 bits, little-endian. Nothing is ever negative: products are reduced by
/// Shoup's method with a quotient of 32 bits, which leaves 0..2q-1 for every factor below 2^32, and differences add a
/// multiple of q first. 512q is below 2^32, so neither transform needs a reduction on its way.
final class Ntt {
    /// The modulus q (section 4, table 1): 2^23 - 2^13 + 1.
    static final long Q = (1 << 23) - (1 << 13) + 1;
    /// A 512th root of unity modulo q (section 2.3).
    private static final int ZETA = 1753;
    /// 256^-1 modulo q (section 7.5, algorithm 42).
    private static final long N_INVERSE = 8347681;
    private static final int N = Polynomial.N;

    // zeta^BitRev8(m) (section 7.5), and floor(2^32 z / q) beside it. Number 0 is in no layer: it holds the inverse's last
    // zeta with 256^-1 in it.
    private static final long[] ZETAS = new long[N];
    private static final long[] SHOUP = new long[N];

    static {
        long power = 1;
        for (int exponent = 0; exponent < N; exponent++) {
            ZETAS[Integer.reverse(exponent) >>> 24] = power;
            power = Polynomial.canonical(Polynomial.reduce(power * ZETA));
        }
        ZETAS[0] = Polynomial.canonical(Polynomial.reduce(ZETAS[1] * N_INVERSE));
        for (int m = 0; m < N; m++) {
            SHOUP[m] = shoup(ZETAS[m]);
        }
    }

    private Ntt() {}

    /// {@return floor(2^32 z / q), bit by bit}
    private static long shoup(long z) {
        long quotient = 0;
        long rest = z;
        for (int bit = 0; bit < 32; bit++) {
            rest <<= 1;
            long one = (Q - 1 - rest) >>> 63;
            rest -= one * Q;
            quotient = quotient << 1 | one;
        }
        return quotient;
    }

    /// {@return x z modulo q, below 2q}
    ///
    /// @param x  below 2^32
    private static long multiply(long x, long z, long shoup) {
        return x * z - (x * shoup >>> 32) * Q;
    }

    private static long load(MemorySegment w, long at, int i) {
        return LittleEndian.u32(w, at + 4L * i);
    }

    private static void store(MemorySegment w, long at, int i, long x) {
        LittleEndian.u32(w, at + 4L * i, x);
    }

    /// Algorithm 41, in place.
    ///
    /// @param at  a polynomial with coefficients below 2q; after it below 18q
    static void forward(MemorySegment w, long at) {
        for (int step = N / 4; step >= 1; step >>= 2) {  // len = 2 step and step
            int z = step == 64 ? 1 : step == 16 ? 4 : step == 4 ? 16 : 64;
            for (int start = 0; start < N; start += 4 * step) {
                down(w, at, start, step, z++);
            }
        }
    }

    /// Two layers over four times `step` coefficients: zeta number z, then 2z and 2z + 1.
    private static void down(MemorySegment w, long at, int start, int step, int z) {
        long z1 = ZETAS[z];
        long s1 = SHOUP[z];
        long z2 = ZETAS[2 * z];
        long s2 = SHOUP[2 * z];
        long z3 = ZETAS[2 * z + 1];
        long s3 = SHOUP[2 * z + 1];
        for (int i = start; i < start + step; i++) {
            long a = load(w, at, i);
            long b = load(w, at, i + step);
            long t = multiply(load(w, at, i + 2 * step), z1, s1);
            long u = multiply(load(w, at, i + 3 * step), z1, s1);
            long c = a + 2 * Q - t;
            long d = b + 2 * Q - u;
            a += t;
            b += u;
            t = multiply(b, z2, s2);
            u = multiply(d, z3, s3);
            store(w, at, i, a + t);
            store(w, at, i + step, a + 2 * Q - t);
            store(w, at, i + 2 * step, c + u);
            store(w, at, i + 3 * step, c + 2 * Q - u);
        }
    }

    /// Algorithm 42, in place.
    ///
    /// @param at  a polynomial with coefficients below 2q, before and after
    static void inverse(MemorySegment w, long at) {
        long most = 2 * Q;  // a multiple of q that no coefficient reaches
        for (int step = 1; step <= N / 4; step <<= 2) {  // len = step and 2 step
            int inner = step == 1 ? 254 : step == 4 ? 62 : step == 16 ? 14 : 2;  // of the second half of the first group
            for (int start = 0; start < N; start += 4 * step) {
                up(w, at, start, step, inner, step == N / 4 ? 0 : inner >> 1, most);
                inner -= 2;
            }
            most *= 4;
        }
        long shoup = shoup(N_INVERSE);
        for (int i = 0; i < N / 2; i++) {  // the other half had it in its zeta
            store(w, at, i, multiply(load(w, at, i), N_INVERSE, shoup));
        }
    }

    /// Two layers over four times `step` coefficients: zetas number inner + 1 and inner, then outer.
    private static void up(MemorySegment w, long at, int start, int step, int inner, int outer, long most) {
        long z1 = ZETAS[outer];
        long s1 = SHOUP[outer];
        long z2 = ZETAS[inner + 1];
        long s2 = SHOUP[inner + 1];
        long z3 = ZETAS[inner];
        long s3 = SHOUP[inner];
        for (int i = start; i < start + step; i++) {
            long xa = load(w, at, i);
            long xb = load(w, at, i + step);
            long xc = load(w, at, i + 2 * step);
            long xd = load(w, at, i + 3 * step);
            long a = xa + xb;
            long b = multiply(xb + most - xa, z2, s2);
            long c = xc + xd;
            long d = multiply(xd + most - xc, z3, s3);
            store(w, at, i, a + c);
            store(w, at, i + step, b + d);
            store(w, at, i + 2 * step, multiply(c + 2 * most - a, z1, s1));
            store(w, at, i + 3 * step, multiply(d + 2 * most - b, z1, s1));
        }
    }
}
