package dev.coffer.evm.curve;

import java.util.Arrays;

/// Inverses modulo an odd prime of at most 256 bits: division steps by thirties (Bernstein and Yang, "Fast constant-time gcd computation and modular inversion",
/// TCHES 2019), here without the constant time. Some twenty rounds; each finds from the lowest bits of f and g what thirty steps make of them, a matrix, and
/// applies it to f and g, and to d and e modulo p, where f = d x and g = e x (times a power of 2 that is divided out). Numbers stand in nine limbs of 30 bits, of
/// which the last has the sign: products of a limb and a matrix's entry fit into a long. Immutable, thread-safe; makes no object after its constructor.
final class Inverses {
    private static final int BITS = 30;
    private static final long MASK = (1L << BITS) - 1;
    private static final int LIMBS = 9;                                    // 270 bits

    // Places in the working space.
    private static final int F = 0;
    private static final int G = F + LIMBS;
    private static final int D = G + LIMBS;
    private static final int E = D + LIMBS;
    private static final int MATRIX = E + LIMBS;                           // u, v, q, r: f' = (u f + v g) / 2^30, g' = (q f + r g) / 2^30
    /// Longs of working space that an inverse needs.
    static final int WORKING_LONGS = MATRIX + 4;

    private final long[] p = new long[LIMBS];
    private final long reciprocal;                                         // 1/p modulo 2^30

    /// @param prime  four longs, odd
    Inverses(long[] prime) {
        split(prime, 0, p, 0);
        long inverse = prime[0];                                           // right in its low 3 bits; each step doubles them
        for (int i = 0; i < 4; i++) {
            inverse *= 2 - prime[0] * inverse;
        }
        reciprocal = inverse & MASK;
    }

    private static void split(long[] x, int a, long[] z, int r) {
        for (int i = 0; i < LIMBS; i++) {
            int bit = BITS * i;
            int word = bit >>> 6;
            int shift = bit & 63;
            long low = x[a + word] >>> shift;
            z[r + i] = (shift + BITS > 64 && word < 3 ? low | x[a + word + 1] << 64 - shift : low) & MASK;
        }
    }

    /// Writes 1 / x modulo p, plain numbers of four longs; 0 for 0.
    ///
    /// @param x  below p
    /// @param w  working space of [#WORKING_LONGS] from `at`, apart from all else
    void invert(long[] x, int a, long[] z, int r, long[] w, int at) {
        System.arraycopy(p, 0, w, at + F, LIMBS);
        split(x, a, w, at + G);
        Arrays.fill(w, at + D, at + E + LIMBS, 0);
        w[at + E] = 1;
        int delta = 1;
        while (!isZero(w, at + G)) {
            delta = steps(delta, w, at);
            applyToBoth(w, at);
            applyModulo(w, at);
        }
        join(w, at + D, w[at + F + LIMBS - 1] < 0, z, r);
    }

    private static boolean isZero(long[] w, int at) {
        long any = 0;
        for (int i = 0; i < LIMBS; i++) {
            any |= w[at + i];
        }
        return any == 0;
    }

    /// Does thirty steps on the lowest bits and writes their matrix.
    ///
    /// @return delta after them
    private static int steps(int before, long[] w, int at) {
        long u = 1;
        long v = 0;
        long q = 0;
        long r = 1;
        long f = w[at + F] | w[at + F + 1] << BITS;
        long g = w[at + G] | w[at + G + 1] << BITS;
        int delta = before;
        int left = BITS;
        for (;;) {
            int zeros = Long.numberOfTrailingZeros(g | -1L << left);       // steps that only halve g
            g >>= zeros;
            u <<= zeros;
            v <<= zeros;
            delta += zeros;
            left -= zeros;
            if (left == 0) {
                break;
            }
            if (delta > 0) {
                delta = -delta;
                long t = f;
                f = g;
                g = -t;
                t = u;
                u = q;
                q = -t;
                t = v;
                v = r;
                r = -t;
            }
            // Steps that add f to g, until delta is above 0 again or bits are none left: as many of g's low bits go, six at most, since f (f^2 - 2) is -1/f modulo 64.
            int steps = Math.min(Math.min(1 - delta, left), 6);
            long times = g * f * (f * f - 2) & (1L << steps) - 1;
            g += f * times;
            q += u * times;
            r += v * times;
        }
        w[at + MATRIX] = u;
        w[at + MATRIX + 1] = v;
        w[at + MATRIX + 2] = q;
        w[at + MATRIX + 3] = r;
        return delta;
    }

    private static void applyToBoth(long[] w, int at) {
        long u = w[at + MATRIX];
        long v = w[at + MATRIX + 1];
        long q = w[at + MATRIX + 2];
        long r = w[at + MATRIX + 3];
        long cf = u * w[at + F] + v * w[at + G] >> BITS;                   // what is shifted out is zero
        long cg = q * w[at + F] + r * w[at + G] >> BITS;
        for (int i = 1; i < LIMBS; i++) {
            long f = w[at + F + i];
            long g = w[at + G + i];
            cf += u * f + v * g;
            cg += q * f + r * g;
            w[at + F + i - 1] = cf & MASK;
            w[at + G + i - 1] = cg & MASK;
            cf >>= BITS;
            cg >>= BITS;
        }
        w[at + F + LIMBS - 1] = cf;
        w[at + G + LIMBS - 1] = cg;
    }

    /// The same of d and e, which stay above -2 p and below p: p is added where one is negative, then as often as makes the sum divisible.
    private void applyModulo(long[] w, int at) {
        long u = w[at + MATRIX];
        long v = w[at + MATRIX + 1];
        long q = w[at + MATRIX + 2];
        long r = w[at + MATRIX + 3];
        long d = w[at + D];
        long e = w[at + E];
        long below = w[at + D + LIMBS - 1] >> 63;
        long belowE = w[at + E + LIMBS - 1] >> 63;
        long timesD = (u & below) + (v & belowE);
        long timesE = (q & below) + (r & belowE);
        long cd = u * d + v * e;
        long ce = q * d + r * e;
        timesD -= reciprocal * cd + timesD & MASK;
        timesE -= reciprocal * ce + timesE & MASK;
        cd = cd + p[0] * timesD >> BITS;
        ce = ce + p[0] * timesE >> BITS;
        for (int i = 1; i < LIMBS; i++) {
            d = w[at + D + i];
            e = w[at + E + i];
            long m = p[i];
            cd += u * d + v * e + m * timesD;
            ce += q * d + r * e + m * timesE;
            w[at + D + i - 1] = cd & MASK;
            w[at + E + i - 1] = ce & MASK;
            cd >>= BITS;
            ce >>= BITS;
        }
        w[at + D + LIMBS - 1] = cd;
        w[at + E + LIMBS - 1] = ce;
    }

    /// Writes d, or -d, modulo p.
    private void join(long[] w, int d, boolean negated, long[] z, int r) {
        addIfNegative(w, d);                                               // above -p, below p
        if (negated) {
            negate(w, d);
        }
        addIfNegative(w, d);
        Arrays.fill(z, r, r + 4, 0);
        for (int i = 0; i < LIMBS; i++) {
            int bit = BITS * i;
            int word = bit >>> 6;
            int shift = bit & 63;
            z[r + word] |= w[d + i] << shift;
            if (shift + BITS > 64 && word < 3) {
                z[r + word + 1] |= w[d + i] >>> 64 - shift;
            }
        }
    }

    private void addIfNegative(long[] w, int at) {
        long add = w[at + LIMBS - 1] >> 63;
        long carry = 0;
        for (int i = 0; i < LIMBS - 1; i++) {
            carry += w[at + i] + (p[i] & add);
            w[at + i] = carry & MASK;
            carry >>= BITS;
        }
        w[at + LIMBS - 1] += carry + (p[LIMBS - 1] & add);
    }

    private static void negate(long[] w, int at) {
        long carry = 0;
        for (int i = 0; i < LIMBS - 1; i++) {
            carry -= w[at + i];
            w[at + i] = carry & MASK;
            carry >>= BITS;
        }
        w[at + LIMBS - 1] = carry - w[at + LIMBS - 1];
    }
}
