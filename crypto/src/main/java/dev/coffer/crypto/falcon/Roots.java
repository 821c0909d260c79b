package dev.coffer.crypto.falcon;

import java.math.BigInteger;

/// Roots of unity for the transform of doubles: exp(i pi BitRev10(k) / 1024), each part the double nearest to it. Computed once, at start,
/// in integers of 128 bits behind the point: public numbers, 16 KiB.
final class Roots {
    private static final int COUNT = 1024;
    private static final int BITS = 128;

    /// Real parts, by k.
    static final double[] REAL = new double[COUNT];
    /// Imaginary parts, by k.
    static final double[] IMAGINARY = new double[COUNT];

    static {
        // One step of the angle by the series, the others by multiplication: 1024 roundings of 2^-128 leave 2^-117.
        BigInteger angle = pi().shiftRight(10);
        BigInteger stepCosine = series(angle, false);
        BigInteger stepSine = series(angle, true);
        BigInteger cosine = BigInteger.ONE.shiftLeft(BITS);
        BigInteger sine = BigInteger.ZERO;
        for (int i = 0; i < COUNT; i++) {
            int k = Integer.reverse(i) >>> 22;
            REAL[k] = nearest(cosine);
            IMAGINARY[k] = nearest(sine);
            BigInteger next = cosine.multiply(stepCosine).subtract(sine.multiply(stepSine)).shiftRight(BITS);
            sine = sine.multiply(stepCosine).add(cosine.multiply(stepSine)).shiftRight(BITS);
            cosine = next;
        }
        REAL[1] = 0;  // i
        IMAGINARY[1] = 1;
    }

    private Roots() {}

    private static double nearest(BigInteger scaled) {
        return Math.scalb(scaled.doubleValue(), -BITS);
    }

    /// {@return pi by Machin's formula: 16 arctan(1/5) - 4 arctan(1/239)}
    private static BigInteger pi() {
        return arctan(5).shiftLeft(4).subtract(arctan(239).shiftLeft(2)).shiftRight(BITS);
    }

    /// {@return arctan(1/x), with twice the bits}
    private static BigInteger arctan(int x) {
        BigInteger square = BigInteger.valueOf((long) x * x);
        BigInteger power = BigInteger.ONE.shiftLeft(2 * BITS).divide(BigInteger.valueOf(x));
        BigInteger sum = BigInteger.ZERO;
        for (long i = 1; power.signum() != 0; i += 2) {
            BigInteger term = power.divide(BigInteger.valueOf(i));
            sum = (i & 2) == 0 ? sum.add(term) : sum.subtract(term);
            power = power.divide(square);
        }
        return sum;
    }

    /// {@return the sine, or the cosine, of a small angle}
    private static BigInteger series(BigInteger angle, boolean sine) {
        BigInteger term = sine ? angle : BigInteger.ONE.shiftLeft(BITS);
        BigInteger sum = BigInteger.ZERO;
        for (long i = sine ? 2 : 1; term.signum() != 0; i += 2) {
            sum = sum.add(term);
            term = term.multiply(angle).shiftRight(BITS).multiply(angle).shiftRight(BITS).divide(BigInteger.valueOf(i * (i + 1))).negate();
            if (term.bitLength() <= 1) {
                break;
            }
        }
        return sum;
    }
}
