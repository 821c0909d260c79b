package dev.coffer.crypto.internal.curve25519;

import static dev.coffer.crypto.internal.limbs.Limbs.LONG;

import dev.coffer.crypto.internal.limbs.Limbs;
import dev.coffer.memory.layout.LittleEndian;
import java.lang.foreign.MemorySegment;

/// The field of integers modulo p = 2^255 - 19 (RFC 7748 section 4.1, RFC 8032 section 5.1) on elements in the caller's
/// memory. Stateless, thread-safe; 0 heap bytes; no branch, index or division depends on an element.
///
/// An element is five signed [Limbs] in radix 2^51. What [#multiply], [#square] and [#multiplySmall] leave has limbs between
/// -2^17 and 2^51 + 2^17; sums and differences are made limb by limb, so they may be the sum of several such elements. With k1 and
/// k2 the numbers of summands of the two factors,
/// a product wants k1 * k2 <= 32, and k2 <= 31, for the second is shifted by 7; a square k1 <= 5; [#multiplySmall] 32:
///
/// ```
/// high half of a limb product   k1 * k2 * 2^51
/// of which a column takes       1 + 4 * 19 = 77 at most, and its low halves less than 77 * 2^51
/// together                      (32 + 1) * 77 * 2^51 < 2^62.4 < 2^63
/// ```
///
/// Output may be the same element as an input; apart from that elements do not overlap.
public final class Field25519 {
    /// Bytes of an element: 5 limbs of 8.
    public static final long BYTES = Limbs.BYTES;
    /// Bytes of the scratch of [#invert] and [#power22523]: 4 elements.
    public static final long POWER_BYTES = 4 * BYTES;
    /// Bytes of the canonical encoding.
    public static final int ENCODED_BYTES = 32;

    private static final long MASK = (1L << 51) - 1;

    private Field25519() {}

    /// Writes a small number, 0..2^51 - 1, public.
    public static void set(MemorySegment w, long out, long value) {
        Limbs.set(w, out, value, 0, 0, 0, 0);
    }

    /// out = a * b.
    ///
    /// A limb product x * y is cut at bit 51: its high part h is the high half of (x * 2^6)(y * 2^7), its low part is
    /// x * y - h * 2^51, of which whole columns are taken at once, as wrapping sums.
    public static void multiply(MemorySegment w, long out, long a, long b) {
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
        long x0 = a0 << 6;
        long x1 = a1 << 6;
        long x2 = a2 << 6;
        long x3 = a3 << 6;
        long x4 = a4 << 6;
        long y0 = b0 << 7;
        long y1 = b1 << 7;
        long y2 = b2 << 7;
        long y3 = b3 << 7;
        long y4 = b4 << 7;
        long h0 = high(x0, y0);
        long h1 = high(x0, y1) + high(x1, y0);
        long h2 = high(x0, y2) + high(x1, y1) + high(x2, y0);
        long h3 = high(x0, y3) + high(x1, y2) + high(x2, y1) + high(x3, y0);
        long h4 = high(x0, y4) + high(x1, y3) + high(x2, y2) + high(x3, y1) + high(x4, y0);
        long h5 = high(x1, y4) + high(x2, y3) + high(x3, y2) + high(x4, y1);
        long h6 = high(x2, y4) + high(x3, y3) + high(x4, y2);
        long h7 = high(x3, y4) + high(x4, y3);
        long h8 = high(x4, y4);
        long c0 = a0 * b0 - (h0 << 51);
        long c1 = a0 * b1 + a1 * b0 - (h1 << 51) + h0;
        long c2 = a0 * b2 + a1 * b1 + a2 * b0 - (h2 << 51) + h1;
        long c3 = a0 * b3 + a1 * b2 + a2 * b1 + a3 * b0 - (h3 << 51) + h2;
        long c4 = a0 * b4 + a1 * b3 + a2 * b2 + a3 * b1 + a4 * b0 - (h4 << 51) + h3;
        long c5 = a1 * b4 + a2 * b3 + a3 * b2 + a4 * b1 - (h5 << 51) + h4;
        long c6 = a2 * b4 + a3 * b3 + a4 * b2 - (h6 << 51) + h5;
        long c7 = a3 * b4 + a4 * b3 - (h7 << 51) + h6;
        long c8 = a4 * b4 - (h8 << 51) + h7;
        carry(w, out, c0 + 19 * c5, c1 + 19 * c6, c2 + 19 * c7, c3 + 19 * c8, c4 + 19 * h8);
    }

    private static long high(long x, long y) {
        return Math.multiplyHigh(x, y);
    }

    /// Carries columns of magnitude below 2^63 into limbs, all at once; the carry out of the top returns times 19. What
    /// is
    /// carried is below 2^12, so limbs stay within 2^51 + 2^17.
    private static void carry(MemorySegment w, long out, long r0, long r1, long r2, long r3, long r4) {
        Limbs.set(w, out, (r0 & MASK) + 19 * (r4 >> 51), (r1 & MASK) + (r0 >> 51), (r2 & MASK) + (r1 >> 51),
                (r3 & MASK) + (r2 >> 51), (r4 & MASK) + (r3 >> 51));
    }

    /// out = a^2.
    public static void square(MemorySegment w, long out, long a) {
        squareTimes(w, out, a, 1);
    }

    /// out = a^(2^count).
    ///
    /// @param count  1 or more, public
    public static void squareTimes(MemorySegment w, long out, long a, int count) {
        long a0 = w.get(LONG, a);
        long a1 = w.get(LONG, a + 8);
        long a2 = w.get(LONG, a + 16);
        long a3 = w.get(LONG, a + 24);
        long a4 = w.get(LONG, a + 32);
        for (int i = 0; i < count; i++) {
            long d0 = a0 << 1;
            long d1 = a1 << 1;
            long d2 = a2 << 1;
            long d3 = a3 << 1;
            long x1 = a1 << 6;
            long x2 = a2 << 6;
            long x3 = a3 << 6;
            long x4 = a4 << 6;
            long y0 = d0 << 7;
            long y1 = d1 << 7;
            long y2 = d2 << 7;
            long y3 = d3 << 7;
            long h0 = high(a0 << 6, a0 << 7);
            long h1 = high(x1, y0);
            long h2 = high(x2, y0) + high(x1, a1 << 7);
            long h3 = high(x3, y0) + high(x2, y1);
            long h4 = high(x4, y0) + high(x3, y1) + high(x2, a2 << 7);
            long h5 = high(x4, y1) + high(x3, y2);
            long h6 = high(x4, y2) + high(x3, a3 << 7);
            long h7 = high(x4, y3);
            long h8 = high(x4, a4 << 7);
            long c5 = a4 * d1 + a3 * d2 - (h5 << 51) + h4;
            long c6 = a4 * d2 + a3 * a3 - (h6 << 51) + h5;
            long c7 = a4 * d3 - (h7 << 51) + h6;
            long c8 = a4 * a4 - (h8 << 51) + h7;
            long r0 = a0 * a0 - (h0 << 51) + 19 * c5;
            long r1 = a1 * d0 - (h1 << 51) + h0 + 19 * c6;
            long r2 = a2 * d0 + a1 * a1 - (h2 << 51) + h1 + 19 * c7;
            long r3 = a3 * d0 + a2 * d1 - (h3 << 51) + h2 + 19 * c8;
            long r4 = a4 * d0 + a3 * d1 + a2 * a2 - (h4 << 51) + h3 + 19 * h8;
            a0 = (r0 & MASK) + 19 * (r4 >> 51);
            a1 = (r1 & MASK) + (r0 >> 51);
            a2 = (r2 & MASK) + (r1 >> 51);
            a3 = (r3 & MASK) + (r2 >> 51);
            a4 = (r4 & MASK) + (r3 >> 51);
        }
        Limbs.set(w, out, a0, a1, a2, a3, a4);
    }

    /// out = a * factor.
    ///
    /// @param factor  0..2^17, public
    public static void multiplySmall(MemorySegment w, long out, long a, long factor) {
        long y = factor << 7;
        long a0 = w.get(LONG, a);
        long a1 = w.get(LONG, a + 8);
        long a2 = w.get(LONG, a + 16);
        long a3 = w.get(LONG, a + 24);
        long a4 = w.get(LONG, a + 32);
        long h0 = high(a0 << 6, y);
        long h1 = high(a1 << 6, y);
        long h2 = high(a2 << 6, y);
        long h3 = high(a3 << 6, y);
        long h4 = high(a4 << 6, y);
        carry(w, out, a0 * factor - (h0 << 51) + 19 * h4, a1 * factor - (h1 << 51) + h0,
                a2 * factor - (h2 << 51) + h1, a3 * factor - (h3 << 51) + h2, a4 * factor - (h4 << 51) + h3);
    }

    /// out = 1 / a, and 0 for a = 0: a^(p - 2), 254 squarings and 11 multiplications.
    ///
    /// @param scratch  [#POWER_BYTES], apart from both; left with values of the computation
    public static void invert(MemorySegment w, long out, long a, long scratch) {
        long eleven = scratch + 3 * BYTES;
        power250(w, scratch, a);
        squareTimes(w, scratch, scratch, 5);  // 2^255 - 2^5
        multiply(w, out, scratch, eleven);    // 2^255 - 2^5 + 11 = p - 2
    }

    /// out = a^((p - 5) / 8), the root finder of RFC 8032 section 5.1.3; the exponent is 2^252 - 3.
    ///
    /// @param scratch  [#POWER_BYTES], apart from both; left with values of the computation
    public static void power22523(MemorySegment w, long out, long a, long scratch) {
        power250(w, scratch, a);
        squareTimes(w, scratch, scratch, 2);  // 2^252 - 4
        multiply(w, out, scratch, a);
    }

    /// Leaves a^(2^250 - 1) in the first element of the scratch and a^11 in the fourth.
    private static void power250(MemorySegment w, long t, long a) {
        long u = t + BYTES;
        long v = u + BYTES;
        long eleven = v + BYTES;
        squareTimes(w, t, a, 1);       // exponent 2
        squareTimes(w, u, t, 2);       // 8
        multiply(w, u, u, a);          // 9
        multiply(w, eleven, u, t);     // 11
        squareTimes(w, t, eleven, 1);  // 22
        multiply(w, t, t, u);          // 31 = 2^5 - 1
        squareTimes(w, u, t, 5);
        multiply(w, t, u, t);          // 2^10 - 1
        squareTimes(w, u, t, 10);
        multiply(w, u, u, t);          // 2^20 - 1
        squareTimes(w, v, u, 20);
        multiply(w, v, v, u);          // 2^40 - 1
        squareTimes(w, v, v, 10);
        multiply(w, v, v, t);          // 2^50 - 1
        squareTimes(w, u, v, 50);
        multiply(w, u, u, v);          // 2^100 - 1
        squareTimes(w, t, u, 100);
        multiply(w, t, t, u);          // 2^200 - 1
        squareTimes(w, t, t, 50);
        multiply(w, t, t, v);          // 2^250 - 1
    }

    /// Reads 32 bytes little-endian; bit 255 is ignored and values of p and above are taken modulo p.
    public static void decode(MemorySegment w, long out, MemorySegment source, long at) {
        long b0 = LittleEndian.i64(source, at);
        long b1 = LittleEndian.i64(source, at + 8);
        long b2 = LittleEndian.i64(source, at + 16);
        long b3 = LittleEndian.i64(source, at + 24);
        Limbs.set(w, out, b0 & MASK, (b0 >>> 51 | b1 << 13) & MASK, (b1 >>> 38 | b2 << 26) & MASK,
                (b2 >>> 25 | b3 << 39) & MASK, b3 >>> 12 & MASK);
    }

    /// Writes the canonical 32 bytes, little-endian, of an element of at most 7 summands.
    public static void encode(MemorySegment w, long a, MemorySegment target, long at) {
        // 8p makes every limb positive; two passes of carrying leave a value in 0..2^255 + 18, limbs in range.
        long r0 = w.get(LONG, a) + 8 * (MASK - 18);
        long r1 = w.get(LONG, a + 8) + 8 * MASK + (r0 >> 51);
        long r2 = w.get(LONG, a + 16) + 8 * MASK + (r1 >> 51);
        long r3 = w.get(LONG, a + 24) + 8 * MASK + (r2 >> 51);
        long r4 = w.get(LONG, a + 32) + 8 * MASK + (r3 >> 51);
        r0 = (r0 & MASK) + 19 * (r4 >> 51);
        r1 = (r1 & MASK) + (r0 >> 51);
        r2 = (r2 & MASK) + (r1 >> 51);
        r3 = (r3 & MASK) + (r2 >> 51);
        r4 = (r4 & MASK) + (r3 >> 51);
        // The value is p or above exactly where adding 19 carries out of bit 255; then 19 is added and 2^255 dropped.
        long q = (r0 & MASK) + 19 >> 51;
        q = (r1 & MASK) + q >> 51;
        q = (r2 & MASK) + q >> 51;
        q = (r3 & MASK) + q >> 51;
        q = r4 + q >> 51;
        r0 = (r0 & MASK) + 19 * q;
        r1 = (r1 & MASK) + (r0 >> 51);
        r2 = (r2 & MASK) + (r1 >> 51);
        r3 = (r3 & MASK) + (r2 >> 51);
        r4 = (r4 & MASK) + (r3 >> 51);
        r0 &= MASK;
        r1 &= MASK;
        r2 &= MASK;
        r3 &= MASK;
        r4 &= MASK;
        LittleEndian.i64(target, at, r0 | r1 << 51);
        LittleEndian.i64(target, at + 8, r1 >>> 13 | r2 << 38);
        LittleEndian.i64(target, at + 16, r2 >>> 26 | r3 << 25);
        LittleEndian.i64(target, at + 24, r3 >>> 39 | r4 << 12);
    }
}
