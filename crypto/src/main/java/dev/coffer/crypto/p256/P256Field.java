package dev.coffer.crypto.p256;

import static dev.coffer.crypto.internal.limbs.Limbs.LONG;
import static dev.coffer.crypto.internal.limbs.Limbs.set;
import static dev.coffer.crypto.internal.limbs.Radix52.MASK;
import static dev.coffer.crypto.internal.limbs.Radix52.high;

import dev.coffer.crypto.internal.limbs.Limbs;
import dev.coffer.crypto.internal.limbs.Radix52;
import java.lang.foreign.MemorySegment;

/// The field of integers modulo p = 2^256 - 2^224 + 2^192 + 2^96 - 1 (SP 800-186 section 3.2.1.3) in Montgomery's form with
/// R = 2^260, on elements in the caller's memory. Stateless, thread-safe; 0 heap bytes; no branch, index or division
/// depends on an element, save where a method says that its input is public.
///
/// An element is five signed [Limbs] in radix 2^52. This radix makes Montgomery's reduction free of multiplications: p = -1 modulo 2^52, so the multiple of p that clears the lowest limb
/// is that limb itself, and p has four bits' worth of shifts.
///
/// Every element that an operation leaves lies between -2^253 and 2^256 + 2^253: a product is a b / R, below 2^252.5, and
/// less than p; a sum is folded by the multiple of p that its top bits ask for, at most 9, and passes 0..2^256 by less than
/// 2^228. Limbs of a product are below 2^52 + 2^11; sums do not carry them. A product takes limbs below 2^57, which can be
/// shifted by 6, with bounds whose product is at most 2^112, for a column adds the high halves of four; a square takes limbs
/// below 2^56. The formulas of this package come nearest in [P256Point#addAffine], 24 times 9 products below 2^56.6 and
/// 2^55.2, and square Y + Z in doubling, 9 + 3 products below 2^55.6.
final class P256Field {
    /// Bytes of an element: 5 limbs of 8.
    static final long BYTES = Limbs.BYTES;
    /// Bytes of an encoded element (SP 800-186 section 2, SEC 1 section 2.3.5).
    static final int ENCODED_BYTES = 32;
    /// Bytes of the scratch of [#invert] and [#root]: 4 elements.
    static final long POWER_BYTES = 4 * BYTES;

    // p in limbs: bits 0..95 are ones, bit 192 is one, bits 224..255 are ones.
    private static final long P0 = MASK;
    private static final long P1 = (1L << 96 - 52) - 1;
    private static final long P3 = 1L << 192 - 156;
    private static final long P4 = (1L << 256 - 208) - (1L << 224 - 208);

    private P256Field() {}

    static void zero(MemorySegment w, long out) {
        set(w, out, 0, 0, 0, 0, 0);
    }

    /// Writes 1: R modulo p = 2^260 - 16 p = 2^228 - 2^196 - 2^100 + 16.
    static void one(MemorySegment w, long out) {
        set(w, out, 16, -(1L << 100 - 52), 0, -(1L << 196 - 156), 1L << 228 - 208);
    }

    /// Stores a sum of limbs, folded: q = its bits from 256 on; q p is taken away.
    private static void fold(MemorySegment w, long out, long a0, long a1, long a2, long a3, long a4) {
        long q = a4 >> 48;
        set(w, out, a0 + q, a1 - (q << 44), a2, a3 - (q << 36), a4 - (q << 48) + (q << 16));
    }

    /// out = a + b.
    static void add(MemorySegment w, long out, long a, long b) {
        fold(w, out, w.get(LONG, a) + w.get(LONG, b), w.get(LONG, a + 8) + w.get(LONG, b + 8),
                w.get(LONG, a + 16) + w.get(LONG, b + 16), w.get(LONG, a + 24) + w.get(LONG, b + 24),
                w.get(LONG, a + 32) + w.get(LONG, b + 32));
    }

    /// out = a - b.
    static void subtract(MemorySegment w, long out, long a, long b) {
        fold(w, out, w.get(LONG, a) - w.get(LONG, b), w.get(LONG, a + 8) - w.get(LONG, b + 8),
                w.get(LONG, a + 16) - w.get(LONG, b + 16), w.get(LONG, a + 24) - w.get(LONG, b + 24),
                w.get(LONG, a + 32) - w.get(LONG, b + 32));
    }

    /// out = n a, for n from -8 to 8, public.
    static void times(MemorySegment w, long out, long a, long n) {
        fold(w, out, n * w.get(LONG, a), n * w.get(LONG, a + 8), n * w.get(LONG, a + 16), n * w.get(LONG, a + 24),
                n * w.get(LONG, a + 32));
    }

    /// out = -a where `mask` is all ones, a where it is 0.
    static void negateIf(MemorySegment w, long mask, long out, long a) {
        fold(w, out, (w.get(LONG, a) ^ mask) - mask, (w.get(LONG, a + 8) ^ mask) - mask,
                (w.get(LONG, a + 16) ^ mask) - mask, (w.get(LONG, a + 24) ^ mask) - mask,
                (w.get(LONG, a + 32) ^ mask) - mask);
    }

    /// out = a b / R.
    static void multiply(MemorySegment w, long out, long a, long b) {
        long a0 = w.get(LONG, a);
        long a1 = w.get(LONG, a + 8);
        long a2 = w.get(LONG, a + 16);
        long a3 = w.get(LONG, a + 24);
        long a4 = w.get(LONG, a + 32);
        long b0 = w.get(LONG, b);
        long b1 = w.get(LONG, b + 8);
        long b2 = w.get(LONG, b + 16);
        long b3 = w.get(LONG, b + 24);
        long b4 = w.get(LONG, b + 32);
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
        reduce(w, out, c0, c1, c2, c3, c4, c5, c6, c7, c8, h8);
    }

    /// Divides by R: five times the lowest limb q is cleared by adding q p, which is q (2^96 + 2^192 - 2^224 + 2^256)
    /// without its lowest limb, and dropped.
    private static void reduce(MemorySegment w, long out, long c0, long c1, long c2, long c3, long c4, long c5,
            long c6, long c7, long c8, long c9) {
        for (int i = 0; i < 5; i++) {  // a loop, so that the method stays small enough to be compiled into its callers
            long q = c0 & MASK;
            c0 = c1 + (c0 >> 52) + ((q & 0xff) << 44);
            c1 = c2 + (q >>> 8);
            c2 = c3 + ((q & 0xffff) << 36);
            c3 = c4 + (q >>> 16) + ((q & 0xf) << 48) - (q << 16 & MASK);
            c4 = c5 + (q >>> 4) - (q >>> 36);
            c5 = c6;
            c6 = c7;
            c7 = c8;
            c8 = c9;
            c9 = 0;
        }
        set(w, out, c0 & MASK, (c1 & MASK) + (c0 >> 52), (c2 & MASK) + (c1 >> 52), (c3 & MASK) + (c2 >> 52),
                c4 + (c3 >> 52));  // one step for all limbs at once: they stay below 2^52 + 2^6
    }

    /// out = a^2 / R.
    static void square(MemorySegment w, long out, long a) {
        long a0 = w.get(LONG, a);
        long a1 = w.get(LONG, a + 8);
        long a2 = w.get(LONG, a + 16);
        long a3 = w.get(LONG, a + 24);
        long a4 = w.get(LONG, a + 32);
        long d0 = a0 << 1;
        long d1 = a1 << 1;
        long d2 = a2 << 1;
        long d3 = a3 << 1;
        long h0 = high(a0, a0);
        long h1 = high(d0, a1);
        long h2 = high(d0, a2) + high(a1, a1);
        long h3 = high(d0, a3) + high(d1, a2);
        long h4 = high(d0, a4) + high(d1, a3) + high(a2, a2);
        long h5 = high(d1, a4) + high(d2, a3);
        long h6 = high(d2, a4) + high(a3, a3);
        long h7 = high(d3, a4);
        long h8 = high(a4, a4);
        reduce(w, out, a0 * a0 - (h0 << 52), d0 * a1 - (h1 << 52) + h0, d0 * a2 + a1 * a1 - (h2 << 52) + h1,
                d0 * a3 + d1 * a2 - (h3 << 52) + h2, d0 * a4 + d1 * a3 + a2 * a2 - (h4 << 52) + h3,
                d1 * a4 + d2 * a3 - (h5 << 52) + h4, d2 * a4 + a3 * a3 - (h6 << 52) + h5,
                d3 * a4 - (h7 << 52) + h6, a4 * a4 - (h8 << 52) + h7, h8);
    }

    /// out = a^(2^count) in Montgomery's form.
    ///
    /// @param count  1 or more, public
    static void squareTimes(MemorySegment w, long out, long a, int count) {
        square(w, out, a);
        for (int i = 1; i < count; i++) {
            square(w, out, out);
        }
    }

    /// out = 1 / a, and 0 for a = 0: a^(p - 2), p - 2 = (2^32 - 1) 2^224 + 2^192 + (2^94 - 1) 4 + 1.
    ///
    /// @param t  [#POWER_BYTES] of scratch, apart from both; left with values of the computation
    static void invert(MemorySegment w, long out, long a, long t) {
        long x30 = t + BYTES;
        long x32 = t + 2 * BYTES;
        long u = t + 3 * BYTES;
        powers(w, a, t);
        squareTimes(w, u, x32, 32);
        multiply(w, u, u, a);          // 2^64 - 2^32 + 1
        squareTimes(w, u, u, 96 + 32);
        multiply(w, u, u, x32);
        squareTimes(w, u, u, 32);
        multiply(w, u, u, x32);
        squareTimes(w, u, u, 30);
        multiply(w, u, u, x30);
        squareTimes(w, u, u, 2);
        multiply(w, out, u, a);
    }

    /// out = a^((p + 1) / 4), the root of a square (SEC 1 section 2.3.4; p = 3 modulo 4): 2^254 - 2^222 + 2^190 + 2^94.
    ///
    /// @param t  [#POWER_BYTES] of scratch, apart from both
    static void root(MemorySegment w, long out, long a, long t) {
        long u = t + 3 * BYTES;
        powers(w, a, t);
        squareTimes(w, u, t + 2 * BYTES, 32);
        multiply(w, u, u, a);
        squareTimes(w, u, u, 96);
        multiply(w, u, u, a);
        squareTimes(w, out, u, 94);
    }

    /// Leaves a^(2^30 - 1) in the second element of t and a^(2^32 - 1) in the third.
    private static void powers(MemorySegment w, long a, long t) {
        long x30 = t + BYTES;
        long x32 = t + 2 * BYTES;
        long u = t + 3 * BYTES;
        square(w, t, a);
        multiply(w, x32, t, a);        // 2^2 - 1
        square(w, t, x32);
        multiply(w, x30, t, a);        // 2^3 - 1
        squareTimes(w, t, x30, 3);
        multiply(w, t, t, x30);        // 2^6 - 1
        squareTimes(w, u, t, 6);
        multiply(w, t, u, t);          // 2^12 - 1
        squareTimes(w, u, t, 3);
        multiply(w, t, u, x30);        // 2^15 - 1
        squareTimes(w, u, t, 15);
        multiply(w, x30, u, t);        // 2^30 - 1
        squareTimes(w, u, x30, 2);
        multiply(w, x32, u, x32);      // 2^32 - 1
    }

    /// Reads 32 bytes, big-endian, which must be below p to be an encoding.
    ///
    /// @param scratch  one element
    /// @return whether they are; decides on public bytes
    static boolean decode(MemorySegment w, long out, MemorySegment source, long at, long scratch) {
        Radix52.decodeBigEndian(w, out, source, at);
        long borrow = w.get(LONG, out) - P0 >> 52;
        borrow = w.get(LONG, out + 8) - P1 + borrow >> 52;
        borrow = w.get(LONG, out + 16) + borrow >> 52;
        borrow = w.get(LONG, out + 24) - P3 + borrow >> 52;
        long below = w.get(LONG, out + 32) - P4 + borrow >> 63;
        // R^2 modulo p = 2^520 modulo p.
        set(w, scratch, 0x0000000000300L, 0xffffffff00000L, 0xffffefffffffbL, 0xfdfffffffffffL, 0x0000004ffffffL);
        multiply(w, out, out, scratch);
        return below != 0;
    }

    /// Writes the canonical 32 bytes, big-endian.
    ///
    /// @param scratch  one element
    static void encode(MemorySegment w, long a, MemorySegment target, long at, long scratch) {
        leave(w, scratch, a);
        Radix52.encodeBigEndian(w, scratch, target, at);
    }

    /// Divides by R and reduces to 0..p - 1. The quotient a / R + q p / R lies in 0..p, for |a| < R / 2 and q < R.
    private static void leave(MemorySegment w, long out, long a) {
        reduce(w, out, w.get(LONG, a), w.get(LONG, a + 8), w.get(LONG, a + 16), w.get(LONG, a + 24),
                w.get(LONG, a + 32), 0, 0, 0, 0, 0);
        long a0 = w.get(LONG, out);
        long a1 = w.get(LONG, out + 8) + (a0 >> 52);
        long a2 = w.get(LONG, out + 16) + (a1 >> 52);
        long a3 = w.get(LONG, out + 24) + (a2 >> 52);
        long a4 = w.get(LONG, out + 32) + (a3 >> 52);
        a0 &= MASK;
        a1 &= MASK;
        a2 &= MASK;
        a3 &= MASK;
        long s0 = a0 - P0;
        long s1 = a1 - P1 + (s0 >> 52);
        long s2 = a2 + (s1 >> 52);
        long s3 = a3 - P3 + (s2 >> 52);
        long s4 = a4 - P4 + (s3 >> 52);
        long keep = s4 >> 63;
        set(w, out, keep & a0 | ~keep & s0 & MASK, keep & a1 | ~keep & s1 & MASK, keep & a2 | ~keep & s2 & MASK,
                keep & a3 | ~keep & s3 & MASK, keep & a4 | ~keep & s4);
    }

    /// {@return all ones where a = 0, else 0}
    ///
    /// @param scratch  one element
    static long maskZero(MemorySegment w, long a, long scratch) {
        leave(w, scratch, a);
        return Limbs.maskZero(w, scratch);
    }
}
