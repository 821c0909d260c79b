package dev.coffer.crypto.falcon;

import dev.coffer.memory.layout.LittleEndian;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Polynomials modulo X^n + 1 and q = 12289, n coefficients of 16 bits, little-endian. No branch, index or division depends on a
/// coefficient. Stateless, thread-safe; 0 heap bytes.
///
/// Products with a root are reduced by Shoup's method with a quotient of 16 bits, which leaves 0..2q-1 for every factor below 2^16;
/// 4q is below 2^16, so sums of two such need no reduction before they are stored.
final class Ntt {
    /// The modulus q (section 2.1): 12 * 1024 + 1.
    static final int Q = 12 * 1024 + 1;
    /// A 2048th root of unity modulo q.
    private static final int ROOT = 7;
    private static final int ROOTS = 1024;
    private static final int INVERSE_OF_TWO = (Q + 1) / 2;
    /// floor(2^44 / q), bit by bit.
    private static final long BARRETT = quotient(1, 44);

    // ROOT^BitRev10(m), floor(2^16 z / q) beside it; the same of its inverse.
    private static final int[] ZETAS = new int[ROOTS];
    private static final int[] SHOUP = new int[ROOTS];
    private static final int[] INVERSES = new int[ROOTS];
    private static final int[] INVERSES_SHOUP = new int[ROOTS];

    static {
        int power = 1;
        int inversePower = 1;
        int inverse = inverse(ROOT);
        for (int exponent = 0; exponent < ROOTS; exponent++) {
            int m = Integer.reverse(exponent) >>> 22;
            ZETAS[m] = power;
            SHOUP[m] = (int) quotient(power, 16);
            INVERSES[m] = inversePower;
            INVERSES_SHOUP[m] = (int) quotient(inversePower, 16);
            power = multiply(power, ROOT);
            inversePower = multiply(inversePower, inverse);
        }
    }

    private Ntt() {}

    /// {@return floor(2^bits z / q), bit by bit}
    private static long quotient(long z, int bits) {
        long quotient = 0;
        long rest = z;
        for (int bit = 0; bit < bits; bit++) {
            rest <<= 1;
            long one = (Q - 1 - rest) >>> 63;
            rest -= one * Q;
            quotient = quotient << 1 | one;
        }
        return quotient;
    }

    /// {@return x, below 2q, as it is below q}
    private static int canonical(int x) {
        int y = x - Q;
        return y + (y >> 31 & Q);
    }

    /// {@return x, below 4q, below 2q}
    private static int halved(int x) {
        int y = x - 2 * Q;
        return y + (y >> 31 & 2 * Q);
    }

    /// {@return x modulo q, for 0 to 2^31 - 1}
    static int reduce(int x) {
        return canonical((int) (x - (x * BARRETT >>> 44) * Q));
    }

    /// {@return x y modulo q, of factors below 2q}
    static int multiply(int x, int y) {
        return reduce(x * y);
    }

    /// {@return x^(q-2): the inverse, or 0 of 0}
    static int inverse(int x) {
        int power = 1;
        for (int bit = 13; bit >= 0; bit--) {  // the exponent is public
            power = multiply(power, power);
            if ((Q - 2 >> bit & 1) != 0) {
                power = multiply(power, x);
            }
        }
        return power;
    }

    static int load(MemorySegment w, long at, int i) {
        return LittleEndian.u16(w, at + 2L * i);
    }

    static void store(MemorySegment w, long at, int i, int x) {
        LittleEndian.u16(w, at + 2L * i, x);
    }

    /// Signed coefficients of 8 bits to canonical ones.
    static void fromBytes(MemorySegment w, long from, MemorySegment v, long to, int logn) {
        for (int i = 0; i < 1 << logn; i++) {
            int x = w.get(ValueLayout.JAVA_BYTE, from + i);
            store(v, to, i, x + (x >> 31 & Q));
        }
    }

    /// Signed coefficients of 16 bits above -q and below q to canonical ones.
    static void fromSigned(MemorySegment w, long from, long to, int logn) {
        for (int i = 0; i < 1 << logn; i++) {
            int x = (short) load(w, from, i);
            store(w, to, i, x + (x >> 31 & Q));
        }
    }

    /// The transform, in place.
    ///
    /// @param at  coefficients below 2q; canonical after it
    static void forward(MemorySegment w, long at, int logn) {
        int n = 1 << logn;
        int z = 1;
        for (int step = n >> 1; step >= 1; step >>= 1) {
            for (int start = 0; start < n; start += 2 * step) {
                int zeta = ZETAS[z];
                int shoup = SHOUP[z++];
                for (int i = start; i < start + step; i++) {
                    int x = load(w, at, i);
                    int y = load(w, at, i + step);
                    y = y * zeta - (y * shoup >>> 16) * Q;
                    store(w, at, i, halved(x + y));
                    store(w, at, i + step, halved(x - y + 2 * Q));
                }
            }
        }
        for (int i = 0; i < n; i++) {
            store(w, at, i, canonical(load(w, at, i)));
        }
    }

    /// The inverse, in place.
    ///
    /// @param at  coefficients below 2q; canonical after it
    static void inverse(MemorySegment w, long at, int logn) {
        int n = 1 << logn;
        int scale = 1;
        for (int step = 1; step < n; step <<= 1) {
            int z = n >> 1 >> Integer.numberOfTrailingZeros(step);
            for (int start = 0; start < n; start += 2 * step) {
                int zeta = INVERSES[z];
                int shoup = INVERSES_SHOUP[z++];
                for (int i = start; i < start + step; i++) {
                    int x = load(w, at, i);
                    int y = load(w, at, i + step);
                    store(w, at, i, halved(x + y));
                    int d = x - y + 2 * Q;
                    store(w, at, i + step, d * zeta - (d * shoup >>> 16) * Q);
                }
            }
            scale = multiply(scale, INVERSE_OF_TWO);
        }
        for (int i = 0; i < n; i++) {
            store(w, at, i, multiply(load(w, at, i), scale));
        }
    }

    /// Products of transformed coefficients: a becomes a b.
    static void multiply(MemorySegment w, long a, MemorySegment v, long b, int logn) {
        for (int i = 0; i < 1 << logn; i++) {
            store(w, a, i, multiply(load(w, a, i), load(v, b, i)));
        }
    }

    /// Quotients of transformed coefficients: a becomes a / b. One power, of 27 multiplications, inverts the product of all, and
    /// products of those before give each its own part of it (Montgomery's trick), in four rows, so that none waits for another; where one
    /// is 0 there are no quotients at all.
    ///
    /// @param scratch  a polynomial
    /// @return whether there are: no coefficient of b is 0
    static boolean divide(MemorySegment w, long a, long b, long scratch, int logn) {
        int zero = 0;
        int p0 = 1;
        int p1 = 1;
        int p2 = 1;
        int p3 = 1;
        for (int i = 0; i < 1 << logn; i += 4) {
            int x0 = load(w, b, i);
            int x1 = load(w, b, i + 1);
            int x2 = load(w, b, i + 2);
            int x3 = load(w, b, i + 3);
            zero |= x0 - 1 | x1 - 1 | x2 - 1 | x3 - 1;
            store(w, scratch, i, p0);
            store(w, scratch, i + 1, p1);
            store(w, scratch, i + 2, p2);
            store(w, scratch, i + 3, p3);
            p0 = multiply(p0, x0);
            p1 = multiply(p1, x1);
            p2 = multiply(p2, x2);
            p3 = multiply(p3, x3);
        }
        int two = multiply(p0, p1);
        int three = multiply(two, p2);
        int inverse = inverse(multiply(three, p3));
        int q3 = multiply(inverse, three);
        inverse = multiply(inverse, p3);
        int q2 = multiply(inverse, two);
        inverse = multiply(inverse, p2);
        int q1 = multiply(inverse, p0);
        int q0 = multiply(inverse, p1);
        for (int i = (1 << logn) - 4; i >= 0; i -= 4) {
            store(w, a, i, multiply(load(w, a, i), multiply(q0, load(w, scratch, i))));
            store(w, a, i + 1, multiply(load(w, a, i + 1), multiply(q1, load(w, scratch, i + 1))));
            store(w, a, i + 2, multiply(load(w, a, i + 2), multiply(q2, load(w, scratch, i + 2))));
            store(w, a, i + 3, multiply(load(w, a, i + 3), multiply(q3, load(w, scratch, i + 3))));
            q0 = multiply(q0, load(w, b, i));
            q1 = multiply(q1, load(w, b, i + 1));
            q2 = multiply(q2, load(w, b, i + 2));
            q3 = multiply(q3, load(w, b, i + 3));
        }
        return zero >= 0;
    }

    /// {@return x, canonical, as it is nearest to 0}
    static int centred(int x) {
        return x - (Q / 2 - x >> 31 & Q);
    }
}
