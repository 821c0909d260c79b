package dev.coffer.crypto.falcon;

import java.lang.foreign.MemorySegment;

/// SamplerZ (section 3.9.3, algorithms 12 to 15): an integer near a centre, by a Gaussian distribution. Stateless, thread-safe; 0 heap bytes.
///
/// How many candidates are rejected shows in time, and says nothing of the centre or the deviation: the distribution of trials is the same
/// for all of them, which is what the factor sigmaMin / sigma is for (Howe, Prest, Ricosset, Rossi, 2020). Nothing else branches or indexes
/// on a secret: tables are read in full, and bytes are compared until the first that differs from a random one.
final class Sampler {
    private static final double INVERSE_LN2 = 1.4426950408889634;
    private static final double LN2 = 0.6931471805599453;
    /// 1 / (2 sigma0^2), with sigma0 = 1.8205.
    private static final double INVERSE_2_SIGMA0_SQUARED = 0.15086504887537272;
    private static final double TWO_63 = 0x1p63;
    /// The reverse cumulative distribution of |N(0, sigma0)| with 72 bits (section 3.9.3, table 3.1), three numbers of 24 bits each.
    private static final int[] DISTRIBUTION = {
            10745844, 3068844, 3741698, 5559083, 1580863, 8248194, 2260429, 13669192, 2736639, 708981, 4421575, 10046180, 169348, 7122675,
            4136815, 30538, 13063405, 7650655, 4132, 14505003, 7826148, 417, 16768101, 11363290, 31, 8444042, 8086568, 1, 12844466, 265321, 0,
            1232676, 13644283, 0, 38047, 9111839, 0, 870, 6138264, 0, 14, 12545723, 0, 0, 3104126, 0, 0, 28824, 0, 0, 198, 0, 0, 1,
    };
    /// Coefficients of exp(-x) for 0 <= x < ln 2 (algorithm 13), scaled by 2^63.
    private static final long[] EXPONENTIAL = {
            0x00000004741183A3L, 0x00000036548CFC06L, 0x0000024FDCBF140AL, 0x0000171D939DE045L, 0x0000D00CF58F6F84L, 0x000680681CF796E3L,
            0x002D82D8305B0FEAL, 0x011111110E066FD0L, 0x0555555555070F00L, 0x155555555581FF00L, 0x400000000002B400L, 0x7FFFFFFFFFFF4800L,
            0x8000000000000000L,
    };

    /// A trial is accepted with a chance of 0.57: with a deviation as a key's tree has it, so many fail once in 2^150 samples. It is what
    /// only looks like a key that comes here, and would stay.
    private static final int TRIALS_MAX = 128;

    private Sampler() {}

    /// SamplerZ (algorithm 15).
    ///
    /// @param generator     a [Generator]
    /// @param centre        mu
    /// @param inverseSigma  1 / sigma'
    static int sample(MemorySegment w, long generator, double centre, double inverseSigma, double sigmaMin) {
        long s = Reals.floor(centre);
        double r = centre - (double) s;
        double dss = inverseSigma * inverseSigma * 0.5;
        double ccs = inverseSigma * sigmaMin;
        for (int trials = 0; trials < TRIALS_MAX; trials++) {
            int z0 = base(w, generator);
            int b = Generator.u8(w, generator) & 1;
            int z = b + ((b << 1) - 1) * z0;
            double d = (double) z - r;
            double x = d * d * dss - (double) (z0 * z0) * INVERSE_2_SIGMA0_SQUARED;
            if (accepts(w, generator, x, ccs)) {
                return (int) s + z;
            }
        }
        Generator.fail(w, generator);
        return (int) s;
    }

    /// BaseSampler (algorithm 12).
    static int base(MemorySegment w, long generator) {
        long low = Generator.i64(w, generator);
        int high = Generator.u8(w, generator);
        int v0 = (int) low & 0xffffff;
        int v1 = (int) (low >>> 24) & 0xffffff;
        int v2 = (int) (low >>> 48) | high << 16;
        int z = 0;
        for (int i = 0; i < DISTRIBUTION.length; i += 3) {
            int borrow = v0 - DISTRIBUTION[i + 2] >>> 31;
            borrow = v1 - DISTRIBUTION[i + 1] - borrow >>> 31;
            borrow = v2 - DISTRIBUTION[i] - borrow >>> 31;
            z += borrow;
        }
        return z;
    }

    /// BerExp (algorithm 14): true with the chance of ccs exp(-x), for x not below 0.
    private static boolean accepts(MemorySegment w, long generator, double x, double ccs) {
        long s = Reals.floor(x * INVERSE_LN2);
        double r = x - (double) s * LN2;
        s |= 63 - s >> 63;  // 64 and more are as good as 63: the chance is below 2^-64
        long z = (exponential(r, ccs) << 1) - 1 >>> (s & 63);
        int i = Long.SIZE;
        int difference;
        do {
            i -= Byte.SIZE;
            difference = Generator.u8(w, generator) - (int) (z >>> i & 0xff);
        } while (difference == 0 && i > 0);
        return difference < 0;
    }

    /// ApproxExp (algorithm 13): 2^63 ccs exp(-x), in integers.
    static long exponential(double x, double ccs) {
        long z = (long) (x * TWO_63) << 1;
        long y = EXPONENTIAL[0];
        for (int i = 1; i < EXPONENTIAL.length; i++) {
            y = EXPONENTIAL[i] - Math.unsignedMultiplyHigh(z, y);
        }
        return Math.unsignedMultiplyHigh((long) (ccs * TWO_63) << 1, y);
    }
}
