package dev.coffer.crypto.internal.order;

import static dev.coffer.crypto.internal.limbs.Limbs.LONG;
import static dev.coffer.crypto.internal.limbs.Limbs.set;
import static dev.coffer.crypto.internal.limbs.Radix52.BITS;
import static dev.coffer.crypto.internal.limbs.Radix52.MASK;
import static dev.coffer.crypto.internal.limbs.Radix52.high;

import dev.coffer.crypto.internal.limbs.Limbs;
import java.lang.foreign.MemorySegment;

/// Integers modulo the prime order m of a group, in Montgomery's form with R = 2^260, on elements in the caller's
/// memory.
/// Immutable, thread-safe; 0 heap bytes; no branch, index or division depends on an element.
///
/// An element is five [Limbs] in radix 2^52; sums are made limb by limb and carried by the next product. *Plain* means the
/// number itself, *inner* means times R. A product's inputs are below 2^259 and its result is below 2m; with 2^252 < m <
/// 2^256:
///
/// ```
/// a * b / R + m < 2^256 * 2^256 / 2^260 + m < 2m      for two plain inputs of 256 bits
///                 2^259 * 2m    / 2^260 + m = 2m      for one sum and one product
/// ```
public final class OrderField {
    /// Bytes of an element: 5 limbs of 8.
    public static final long BYTES = Limbs.BYTES;
    /// Bytes of the scratch of [#invert]: 16 powers.
    public static final long INVERT_BYTES = 16 * BYTES;

    /// L = 2^252 + 27742317777372353535851937790883648493, the order of edwards25519's base point.
    public static final OrderField EDWARDS25519 = new OrderField(
            0x1000000000000000L, 0x0000000000000000L, 0x14def9dea2f79cd6L, 0x5812631a5cf5d3edL);
    /// n of P-256.
    public static final OrderField P256 = new OrderField(
            0xffffffff00000000L, 0xffffffffffffffffL, 0xbce6faada7179e84L, 0xf3b9cac2fc632551L);

    private static final int R_BITS = 5 * BITS;

    private final long m0;
    private final long m1;
    private final long m2;
    private final long m3;
    private final long m4;
    private final long k;  // -1/m modulo 2^52
    private final long[] powerR2;   // R^2 mod m: takes a plain number inside; public
    private final long[] powerHigh;  // 2^256 R^2 mod m: the same for the upper half of 512 bits
    private final long[] exponent = new long[4];  // m - 2 in 64-bit words, least first

    private OrderField(long w3, long w2, long w1, long w0) {
        m0 = w0 & MASK;
        m1 = (w0 >>> 52 | w1 << 12) & MASK;
        m2 = (w1 >>> 40 | w2 << 24) & MASK;
        m3 = (w2 >>> 28 | w3 << 36) & MASK;
        m4 = w3 >>> 16;
        long inverse = 1;
        for (int i = 0; i < 6; i++) {
            inverse *= 2 - w0 * inverse;  // Newton: right bits double from 1 to 64
        }
        k = -inverse & MASK;
        exponent[0] = w0 - 2;
        exponent[1] = w1;
        exponent[2] = w2;
        exponent[3] = w3;
        powerR2 = powerOfTwo(2 * R_BITS);
        powerHigh = powerOfTwo(256 + 2 * R_BITS);
    }

    /// {@return 2^power mod m, by doubling; public}
    private long[] powerOfTwo(int power) {
        long[] m = {m0, m1, m2, m3, m4};
        long[] a = {1, 0, 0, 0, 0};
        for (int i = 0; i < power; i++) {
            long[] less = new long[5];
            long borrow = 0;
            long carry = 0;
            for (int j = 0; j < 5; j++) {
                carry += a[j] << 1;
                a[j] = carry & MASK;
                carry >>= BITS;
                borrow += a[j] - m[j];
                less[j] = borrow & MASK;
                borrow >>= BITS;
            }
            a = borrow < 0 ? a : less;
        }
        return a;
    }

    /// {@return all ones where a number as decoded is below m, else 0}
    public long maskBelow(MemorySegment w, long a) {
        long borrow = w.get(LONG, a) - m0 >> BITS;
        borrow = w.get(LONG, a + 8) - m1 + borrow >> BITS;
        borrow = w.get(LONG, a + 16) - m2 + borrow >> BITS;
        borrow = w.get(LONG, a + 24) - m3 + borrow >> BITS;
        return w.get(LONG, a + 32) - m4 + borrow >> 63;
    }

    /// Adds 1 to a number as decoded; what comes of 2^256 - 1 is not below m and has no encoding.
    public static void increment(MemorySegment w, long a) {
        long s0 = w.get(LONG, a) + 1;
        long s1 = w.get(LONG, a + 8) + (s0 >> BITS);
        long s2 = w.get(LONG, a + 16) + (s1 >> BITS);
        long s3 = w.get(LONG, a + 24) + (s2 >> BITS);
        long s4 = w.get(LONG, a + 32) + (s3 >> BITS);
        set(w, a, s0 & MASK, s1 & MASK, s2 & MASK, s3 & MASK, s4);
    }

    /// Adds m to a reduced number, which is public.
    ///
    /// @return whether the sum is 2^256 or more and has no encoding
    public boolean addOrder(MemorySegment w, long a) {
        long s0 = w.get(LONG, a) + m0;
        long s1 = w.get(LONG, a + 8) + m1 + (s0 >> BITS);
        long s2 = w.get(LONG, a + 16) + m2 + (s1 >> BITS);
        long s3 = w.get(LONG, a + 24) + m3 + (s2 >> BITS);
        long s4 = w.get(LONG, a + 32) + m4 + (s3 >> BITS);
        set(w, a, s0 & MASK, s1 & MASK, s2 & MASK, s3 & MASK, s4);
        return s4 >>> 256 - 4 * BITS != 0;
    }

    /// Takes a plain number inside.
    public void enter(MemorySegment w, long out, long a) {
        product(w, out, a, powerR2[0], powerR2[1], powerR2[2], powerR2[3], powerR2[4]);
    }

    /// Takes a plain number of 512 bits, as two decoded halves, inside: out = low + 2^256 high. `high` is used up.
    public void enterWide(MemorySegment w, long out, long low, long high) {
        product(w, high, high, powerHigh[0], powerHigh[1], powerHigh[2], powerHigh[3], powerHigh[4]);
        enter(w, out, low);
        Limbs.add(w, out, out, high);
    }

    /// Takes an inner number out, reduced: 0..m - 1.
    public void leave(MemorySegment w, long out, long a) {
        product(w, out, a, 1, 0, 0, 0, 0);
        reduceOnce(w, out);
    }

    /// Reduces a plain number of 256 bits: 0..m - 1.
    public void reduce(MemorySegment w, long out, long a) {
        enter(w, out, a);
        leave(w, out, out);
    }

    /// Subtracts m where the number, below 2m and carried, is m or above.
    private void reduceOnce(MemorySegment w, long a) {
        long a0 = w.get(LONG, a);
        long a1 = w.get(LONG, a + 8);
        long a2 = w.get(LONG, a + 16);
        long a3 = w.get(LONG, a + 24);
        long a4 = w.get(LONG, a + 32);
        long s0 = a0 - m0;
        long s1 = a1 - m1 + (s0 >> BITS);
        long s2 = a2 - m2 + (s1 >> BITS);
        long s3 = a3 - m3 + (s2 >> BITS);
        long s4 = a4 - m4 + (s3 >> BITS);
        long keep = s4 >> 63;
        set(w, a, choose(keep, a0, s0), choose(keep, a1, s1), choose(keep, a2, s2), choose(keep, a3, s3),
                choose(keep, a4, s4));
    }

    private static long choose(long mask, long ifOnes, long ifZero) {
        return mask & ifOnes | ~mask & ifZero & MASK;
    }

    /// out = a * b / R: the product of two inner numbers, inner; of a plain and an inner one, plain.
    public void multiply(MemorySegment w, long out, long a, long b) {
        product(w, out, a, w.get(LONG, b), w.get(LONG, b + 8), w.get(LONG, b + 16), w.get(LONG, b + 24),
                w.get(LONG, b + 32));
    }

    private void product(MemorySegment w, long out, long a, long b0, long b1, long b2, long b3, long b4) {
        long a0 = w.get(LONG, a);
        long a1 = w.get(LONG, a + 8);
        long a2 = w.get(LONG, a + 16);
        long a3 = w.get(LONG, a + 24);
        long a4 = w.get(LONG, a + 32);
        long h0 = high(a0, b0);
        long h1 = high(a0, b1) + high(a1, b0);
        long h2 = high(a0, b2) + high(a1, b1) + high(a2, b0);
        long h3 = high(a0, b3) + high(a1, b2) + high(a2, b1) + high(a3, b0);
        long h4 = high(a0, b4) + high(a1, b3) + high(a2, b2) + high(a3, b1) + high(a4, b0);
        long h5 = high(a1, b4) + high(a2, b3) + high(a3, b2) + high(a4, b1);
        long h6 = high(a2, b4) + high(a3, b3) + high(a4, b2);
        long h7 = high(a3, b4) + high(a4, b3);
        long h8 = high(a4, b4);
        long c0 = a0 * b0 - (h0 << 52);
        long c1 = a0 * b1 + a1 * b0 - (h1 << 52) + h0;
        long c2 = a0 * b2 + a1 * b1 + a2 * b0 - (h2 << 52) + h1;
        long c3 = a0 * b3 + a1 * b2 + a2 * b1 + a3 * b0 - (h3 << 52) + h2;
        long c4 = a0 * b4 + a1 * b3 + a2 * b2 + a3 * b1 + a4 * b0 - (h4 << 52) + h3;
        long c5 = a1 * b4 + a2 * b3 + a3 * b2 + a4 * b1 - (h5 << 52) + h4;
        long c6 = a2 * b4 + a3 * b3 + a4 * b2 - (h6 << 52) + h5;
        long c7 = a3 * b4 + a4 * b3 - (h7 << 52) + h6;
        long c8 = a4 * b4 - (h8 << 52) + h7;
        montgomery(w, out, c0, c1, c2, c3, c4, c5, c6, c7, c8, h8);
    }

    /// Five times: adds the multiple q of m that clears the lowest limb, and drops that limb.
    private void montgomery(MemorySegment w, long out, long c0, long c1, long c2, long c3, long c4, long c5, long c6,
            long c7, long c8, long c9) {
        for (int i = 0; i < 5; i++) {
            long q = c0 * k & MASK;
            long h0 = high(q, m0);
            long h1 = high(q, m1);
            long h2 = high(q, m2);
            long h3 = high(q, m3);
            long h4 = high(q, m4);
            c0 = c1 + h0 + q * m1 - (h1 << 52) + (c0 + q * m0 - (h0 << 52) >> BITS);
            c1 = c2 + h1 + q * m2 - (h2 << 52);
            c2 = c3 + h2 + q * m3 - (h3 << 52);
            c3 = c4 + h3 + q * m4 - (h4 << 52);
            c4 = c5 + h4;
            c5 = c6;
            c6 = c7;
            c7 = c8;
            c8 = c9;
            c9 = 0;
        }
        c1 += c0 >> BITS;
        c2 += c1 >> BITS;
        c3 += c2 >> BITS;
        c4 += c3 >> BITS;
        set(w, out, c0 & MASK, c1 & MASK, c2 & MASK, c3 & MASK, c4);
    }

    /// out = 1 / a for inner numbers, and 0 for 0: a^(m - 2), by windows of 4 bits of the exponent, which is public.
    ///
    /// @param scratch  [#INVERT_BYTES], apart from both; left with powers of a
    public void invert(MemorySegment w, long out, long a, long scratch) {
        set(w, scratch, 1, 0, 0, 0, 0);
        enter(w, scratch, scratch);
        for (int i = 1; i < 16; i++) {
            multiply(w, scratch + i * BYTES, scratch + (i - 1) * BYTES, a);
        }
        MemorySegment.copy(w, scratch, w, out, BYTES);
        for (int bit = 252; bit >= 0; bit -= 4) {
            for (int i = 0; i < 4; i++) {
                multiply(w, out, out, out);
            }
            int digit = (int) (exponent[bit >> 6] >>> (bit & 63)) & 15;
            if (digit != 0) {
                multiply(w, out, out, scratch + digit * BYTES);
            }
        }
    }
}
