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

    /// Algorithm 41, in place. Layers whose butterflies have one zeta for 16 or more neighbours are loops over a distance that C2 knows, as
    /// it makes vectors of these by itself, which lie in registers; with the distance in a variable, or zetas from a table, it does not. Layers
    /// below go two at a time, which saves loads and stores.
    ///
    /// @param at  a polynomial with coefficients below 2q; after it below 18q
    static void forward(MemorySegment w, long at) {
        down128(w, at, ZETAS[1], SHOUP[1]);
        for (int i = 0; i < 2; i++) {
            down64(w, at + 512L * i, ZETAS[2 + i], SHOUP[2 + i]);
        }
        for (int i = 0; i < 4; i++) {
            down32(w, at + 256L * i, ZETAS[4 + i], SHOUP[4 + i]);
        }
        for (int i = 0; i < 8; i++) {
            down16(w, at + 128L * i, ZETAS[8 + i], SHOUP[8 + i]);
        }
        for (int i = 0; i < 16; i++) {
            down4(w, at + 64L * i, 16 + i);
        }
        for (int i = 0; i < 64; i++) {
            down1(w, at + 16L * i, 64 + i);
        }
    }

    private static void down128(MemorySegment w, long at, long z, long shoup) {
        for (int i = 0; i < 128; i++) {
            long a = load(w, at, i);
            long t = multiply(load(w, at, i + 128), z, shoup);
            store(w, at, i, a + t);
            store(w, at, i + 128, a + 2 * Q - t);
        }
    }

    private static void down64(MemorySegment w, long at, long z, long shoup) {
        for (int i = 0; i < 64; i++) {
            long a = load(w, at, i);
            long t = multiply(load(w, at, i + 64), z, shoup);
            store(w, at, i, a + t);
            store(w, at, i + 64, a + 2 * Q - t);
        }
    }

    private static void down32(MemorySegment w, long at, long z, long shoup) {
        for (int i = 0; i < 32; i++) {
            long a = load(w, at, i);
            long t = multiply(load(w, at, i + 32), z, shoup);
            store(w, at, i, a + t);
            store(w, at, i + 32, a + 2 * Q - t);
        }
    }

    private static void down16(MemorySegment w, long at, long z, long shoup) {
        for (int i = 0; i < 16; i++) {
            long a = load(w, at, i);
            long t = multiply(load(w, at, i + 16), z, shoup);
            store(w, at, i, a + t);
            store(w, at, i + 16, a + 2 * Q - t);
        }
    }

    /// Two layers over 16 coefficients: zeta number z, then 2z and 2z + 1.
    private static void down4(MemorySegment w, long at, int z) {
        long z1 = ZETAS[z];
        long s1 = SHOUP[z];
        long z2 = ZETAS[2 * z];
        long s2 = SHOUP[2 * z];
        long z3 = ZETAS[2 * z + 1];
        long s3 = SHOUP[2 * z + 1];
        for (int i = 0; i < 4; i++) {
            long a = load(w, at, i);
            long b = load(w, at, i + 4);
            long t = multiply(load(w, at, i + 8), z1, s1);
            long u = multiply(load(w, at, i + 12), z1, s1);
            long c = a + 2 * Q - t;
            long d = b + 2 * Q - u;
            a += t;
            b += u;
            t = multiply(b, z2, s2);
            u = multiply(d, z3, s3);
            store(w, at, i, a + t);
            store(w, at, i + 4, a + 2 * Q - t);
            store(w, at, i + 8, c + u);
            store(w, at, i + 12, c + 2 * Q - u);
        }
    }

    /// The last two, over four.
    private static void down1(MemorySegment w, long at, int z) {
        long a = load(w, at, 0);
        long b = load(w, at, 1);
        long t = multiply(load(w, at, 2), ZETAS[z], SHOUP[z]);
        long u = multiply(load(w, at, 3), ZETAS[z], SHOUP[z]);
        long c = a + 2 * Q - t;
        long d = b + 2 * Q - u;
        a += t;
        b += u;
        t = multiply(b, ZETAS[2 * z], SHOUP[2 * z]);
        u = multiply(d, ZETAS[2 * z + 1], SHOUP[2 * z + 1]);
        store(w, at, 0, a + t);
        store(w, at, 1, a + 2 * Q - t);
        store(w, at, 2, c + u);
        store(w, at, 3, c + 2 * Q - u);
    }

    /// Algorithm 42, in place; layers as in [#forward].
    ///
    /// @param at  a polynomial with coefficients below 2q, before and after
    static void inverse(MemorySegment w, long at) {
        for (int i = 0; i < 64; i++) {
            up1(w, at + 16L * i, 254 - 2 * i, 127 - i);
        }
        for (int i = 0; i < 16; i++) {
            up4(w, at + 64L * i, 62 - 2 * i, 31 - i);
        }
        for (int i = 0; i < 8; i++) {
            up16(w, at + 128L * i, ZETAS[15 - i], SHOUP[15 - i]);
        }
        for (int i = 0; i < 4; i++) {
            up32(w, at + 256L * i, ZETAS[7 - i], SHOUP[7 - i]);
        }
        for (int i = 0; i < 2; i++) {
            up64(w, at + 512L * i, ZETAS[3 - i], SHOUP[3 - i]);
        }
        up128(w, at, ZETAS[0], SHOUP[0]);
        scale(w, at, N_INVERSE, shoup(N_INVERSE));
    }

    private static void up16(MemorySegment w, long at, long z, long shoup) {
        for (int i = 0; i < 16; i++) {
            long a = load(w, at, i);
            long b = load(w, at, i + 16);
            store(w, at, i, a + b);
            store(w, at, i + 16, multiply(b + 32 * Q - a, z, shoup));
        }
    }

    private static void up32(MemorySegment w, long at, long z, long shoup) {
        for (int i = 0; i < 32; i++) {
            long a = load(w, at, i);
            long b = load(w, at, i + 32);
            store(w, at, i, a + b);
            store(w, at, i + 32, multiply(b + 64 * Q - a, z, shoup));
        }
    }

    private static void up64(MemorySegment w, long at, long z, long shoup) {
        for (int i = 0; i < 64; i++) {
            long a = load(w, at, i);
            long b = load(w, at, i + 64);
            store(w, at, i, a + b);
            store(w, at, i + 64, multiply(b + 128 * Q - a, z, shoup));
        }
    }

    private static void up128(MemorySegment w, long at, long z, long shoup) {
        for (int i = 0; i < 128; i++) {
            long a = load(w, at, i);
            long b = load(w, at, i + 128);
            store(w, at, i, a + b);
            store(w, at, i + 128, multiply(b + 256 * Q - a, z, shoup));
        }
    }

    /// The half that had no 256^-1 in its zeta.
    private static void scale(MemorySegment w, long at, long z, long shoup) {
        for (int i = 0; i < N / 2; i++) {
            store(w, at, i, multiply(load(w, at, i), z, shoup));
        }
    }

    /// The first two layers, over four: zetas number inner + 1 and inner, then outer.
    private static void up1(MemorySegment w, long at, int inner, int outer) {
        long xa = load(w, at, 0);
        long xb = load(w, at, 1);
        long xc = load(w, at, 2);
        long xd = load(w, at, 3);
        long a = xa + xb;
        long b = multiply(xb + 2 * Q - xa, ZETAS[inner + 1], SHOUP[inner + 1]);
        long c = xc + xd;
        long d = multiply(xd + 2 * Q - xc, ZETAS[inner], SHOUP[inner]);
        store(w, at, 0, a + c);
        store(w, at, 1, b + d);
        store(w, at, 2, multiply(c + 4 * Q - a, ZETAS[outer], SHOUP[outer]));
        store(w, at, 3, multiply(d + 4 * Q - b, ZETAS[outer], SHOUP[outer]));
    }

    /// The next two, over 16.
    private static void up4(MemorySegment w, long at, int inner, int outer) {
        long z1 = ZETAS[outer];
        long s1 = SHOUP[outer];
        long z2 = ZETAS[inner + 1];
        long s2 = SHOUP[inner + 1];
        long z3 = ZETAS[inner];
        long s3 = SHOUP[inner];
        for (int i = 0; i < 4; i++) {
            long xa = load(w, at, i);
            long xb = load(w, at, i + 4);
            long xc = load(w, at, i + 8);
            long xd = load(w, at, i + 12);
            long a = xa + xb;
            long b = multiply(xb + 8 * Q - xa, z2, s2);
            long c = xc + xd;
            long d = multiply(xd + 8 * Q - xc, z3, s3);
            store(w, at, i, a + c);
            store(w, at, i + 4, b + d);
            store(w, at, i + 8, multiply(c + 16 * Q - a, z1, s1));
            store(w, at, i + 12, multiply(d + 16 * Q - b, z1, s1));
        }
    }
}
