package dev.coffer.crypto.falcon;

import dev.coffer.memory.layout.LittleEndian;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;

/// Arithmetic modulo small primes, for large integers that are held by their remainders: primes below 2^31 that are 1 modulo 2048, largest
/// first, so that X^n + 1 splits modulo each. A number modulo a prime is 0..p-1 in 32 bits; products are Montgomery's with R = 2^31. No
/// branch, index or division depends on a number. Stateless, thread-safe; 0 heap bytes.
///
/// The tables are public and computed once, when the first key is made: 7 KiB.
final class Rns {
    /// Primes: words of the longest number, the unreduced F at half the depth of Falcon-1024's tower.
    static final int PRIMES = 308;
    private static final int R_BITS = 31;
    private static final int LOW = Integer.MAX_VALUE;
    private static final int ORDER = 2048;

    private static final int[] P = new int[PRIMES];
    private static final int[] NEGATIVE_INVERSE = new int[PRIMES];  // -1/p modulo R
    private static final int[] R2 = new int[PRIMES];                // R^2 modulo p
    private static final int[] ROOT = new int[PRIMES];              // of order 2048, times R
    private static final int[] INVERSE_ROOT = new int[PRIMES];
    private static final int[] CRT = new int[PRIMES];               // the inverse of the product of the primes before, times R

    static {
        int candidate = (int) ((1L << R_BITS) - ORDER + 1);
        for (int k = 0; k < PRIMES; candidate -= ORDER) {
            BigInteger p = BigInteger.valueOf(candidate);
            if (p.isProbablePrime(20)) {
                initialize(k++, candidate, p);
            }
        }
    }

    private Rns() {}

    private static void initialize(int k, int prime, BigInteger p) {
        P[k] = prime;
        NEGATIVE_INVERSE[k] = negativeInverse(prime);
        BigInteger r = BigInteger.ONE.shiftLeft(R_BITS);
        R2[k] = r.multiply(r).mod(p).intValueExact();
        BigInteger exponent = p.subtract(BigInteger.ONE).shiftRight(11);
        BigInteger root = BigInteger.ONE;
        for (int base = 2; !root.modPow(BigInteger.valueOf(ORDER >> 1), p).equals(p.subtract(BigInteger.ONE)); base++) {
            root = BigInteger.valueOf(base).modPow(exponent, p);
        }
        ROOT[k] = root.multiply(r).mod(p).intValueExact();
        INVERSE_ROOT[k] = root.modInverse(p).multiply(r).mod(p).intValueExact();
        int product = one(k);
        for (int i = 0; i < k; i++) {
            product = multiply(product, multiply(P[i] - prime, R2[k], k), k);  // all primes are between 2^30 and 2^31
        }
        BigInteger plain = BigInteger.valueOf(multiply(product, 1, k));
        CRT[k] = plain.modInverse(p).multiply(r).mod(p).intValueExact();
    }

    static int load(MemorySegment w, long at, int i) {
        return LittleEndian.i32(w, at + 4L * i);
    }

    static void store(MemorySegment w, long at, int i, int x) {
        LittleEndian.i32(w, at + 4L * i, x);
    }

    /// {@return prime number k}
    static int prime(int k) {
        return P[k];
    }

    /// {@return 1 times R: 2^31 - p}
    private static int one(int k) {
        return LOW - P[k] + 1;
    }

    /// {@return R^2 modulo p: what a product by it multiplies by R}
    static int squaredR(int k) {
        return R2[k];
    }

    /// {@return what [Integers#rebuild] multiplies by}
    static int crt(int k) {
        return CRT[k];
    }

    /// {@return a small number, -p..p, modulo p}
    static int of(int x, int k) {
        return x + (x >> 31 & P[k]);
    }

    /// {@return x, 0..p-1, as it is nearest to 0}
    static int centred(int x, int k) {
        return x - ((P[k] >> 1) - x >> 31 & P[k]);
    }

    static int add(int a, int b, int k) {
        int d = a + b - P[k];  // wraps, and back
        return d + (d >> 31 & P[k]);
    }

    static int subtract(int a, int b, int k) {
        int d = a - b;
        return d + (d >> 31 & P[k]);
    }

    /// {@return a b / R modulo p}
    static int multiply(int a, int b, int k) {
        long z = (long) a * b;
        long m = z * NEGATIVE_INVERSE[k] & LOW;
        int d = (int) (z + m * P[k] >>> R_BITS) - P[k];
        return d + (d >> 31 & P[k]);
    }

    /// {@return R^exponent modulo p, of a public exponent from 1 on}
    static int powerOfR(int exponent, int k) {
        int power = one(k);
        for (int bit = 31 - Integer.numberOfLeadingZeros(exponent); bit >= 0; bit--) {
            power = multiply(power, power, k);
            if ((exponent >> bit & 1) != 0) {
                power = multiply(power, R2[k], k);
            }
        }
        return multiply(power, 1, k);
    }

    /// {@return -1/x modulo R, for odd x}
    static int negativeInverse(int x) {
        int inverse = 1;
        for (int i = 0; i < 5; i++) {
            inverse *= 2 - x * inverse;  // twice as many bits each time
        }
        return -inverse & LOW;
    }

    /// Writes the roots of a transform and of its inverse: n numbers each.
    static void roots(MemorySegment w, long roots, long inverses, int logn, int k) {
        int root = ROOT[k];
        int inverse = INVERSE_ROOT[k];
        for (int i = logn; i < 10; i++) {
            root = multiply(root, root, k);
            inverse = multiply(inverse, inverse, k);
        }
        int x = one(k);
        int y = x;
        for (int i = 0; i < 1 << logn; i++) {
            int reversed = logn == 0 ? 0 : Integer.reverse(i) >>> Integer.SIZE - logn;
            store(w, roots, reversed, x);
            store(w, inverses, reversed, y);
            x = multiply(x, root, k);
            y = multiply(y, inverse, k);
        }
    }

    /// The transform, in place, of numbers that lie `stride` words apart.
    static void forward(MemorySegment w, long at, int stride, long roots, int logn, int k) {
        int n = 1 << logn;
        int z = 1;
        for (int step = n >> 1; step >= 1; step >>= 1) {
            for (int start = 0; start < n; start += 2 * step) {
                int root = load(w, roots, z++);
                for (int i = start; i < start + step; i++) {
                    int x = load(w, at, i * stride);
                    int y = multiply(load(w, at, (i + step) * stride), root, k);
                    store(w, at, i * stride, add(x, y, k));
                    store(w, at, (i + step) * stride, subtract(x, y, k));
                }
            }
        }
    }

    /// The inverse, in place.
    static void inverse(MemorySegment w, long at, int stride, long inverses, int logn, int k) {
        int n = 1 << logn;
        for (int step = 1; step < n; step <<= 1) {
            int z = n >> 1 >> Integer.numberOfTrailingZeros(step);
            for (int start = 0; start < n; start += 2 * step) {
                int root = load(w, inverses, z++);
                for (int i = start; i < start + step; i++) {
                    int x = load(w, at, i * stride);
                    int y = load(w, at, (i + step) * stride);
                    store(w, at, i * stride, add(x, y, k));
                    store(w, at, (i + step) * stride, multiply(subtract(x, y, k), root, k));
                }
            }
        }
        int scale = 1 << R_BITS - logn;  // R / n
        for (int i = 0; i < n && logn > 0; i++) {
            store(w, at, i * stride, multiply(load(w, at, i * stride), scale, k));
        }
    }

    /// Signed bytes modulo p.
    static void fromBytes(MemorySegment w, long from, long to, int n, int k) {
        for (int i = 0; i < n; i++) {
            store(w, to, i, of(w.get(ValueLayout.JAVA_BYTE, from + i), k));
        }
    }

    /// Transformed coefficients of f to those of its norm f(x) f(-x), a polynomial in x^2: n numbers to n/2.
    ///
    /// @param stride  between those that are written
    static void norm(MemorySegment w, long from, long to, int stride, int half, int k) {
        for (int i = 0; i < half; i++) {
            int product = multiply(load(w, from, 2 * i), load(w, from, 2 * i + 1), k);
            store(w, to, i * stride, multiply(product, R2[k], k));
        }
    }
}
