package dev.coffer.crypto.mldsa;

import static dev.coffer.crypto.mldsa.Ntt.Q;

import dev.coffer.memory.layout.LittleEndian;
import java.lang.foreign.MemorySegment;

/// The challenge times a short polynomial, without a transform. Of the challenge's 256 coefficients tau are 1 or -1 (FIPS 204, algorithm 29), so
/// the product is the sum of tau copies of the polynomial, each shifted, with what passes the end negated, as X^256 = -1.
///
/// Eight coefficients lie in a word, 8 bits each, and biased by eta, so that none is negative; half of the copies add up to 30 * 8 at most, so no sum
/// carries into its neighbour. Behind each other lie the negated polynomial, the polynomial, and the negated one again; a shift is where in
/// these a copy starts. Addresses depend on the challenge alone, which is public where it becomes part of a signature and says nothing where it
/// does not; no branch or address depends on the other polynomial. Stateless, thread-safe; 0 heap bytes.
final class ShiftedSums {
    /// Bytes of the polynomial, negated, as it is, negated.
    static final long COPIES_BYTES = 3L * Polynomial.N;
    /// Bytes of as many shifts as a challenge has, 60 at most.
    static final long SHIFTS_BYTES = 128;

    private static final long BYTES_OF_SHORTS = 0x00ff_00ff_00ff_00ffL;

    private ShiftedSums() {}

    /// Finds the shifts of a challenge.
    ///
    /// @param c       canonical, as [Sampling#ball] makes it
    /// @param shifts  [#SHIFTS_BYTES], apart from it
    static void shifts(MemorySegment w, long c, long shifts) {
        int count = 0;
        for (int i = 0; i < Polynomial.N; i++) {
            long x = Polynomial.load(w, c, i);
            int start = Polynomial.N - i;
            LittleEndian.u16(w, shifts + 2L * count, x > 1 ? start + Polynomial.N : start);  // -1, 1, or 0, which the next one overwrites
            count += (int) (-x >>> 63);
        }
    }

    /// Lays a polynomial out, of s1 or s2, which are encoded as `eta - x`.
    ///
    /// @param bits    3 or 4
    /// @param copies  [#COPIES_BYTES]
    static void copies(MemorySegment encoded, long encodedAt, int bits, int eta, MemorySegment w, long copies) {
        long all = 2L * eta * 0x0101_0101_0101_0101L;
        long four = (1L << 4 * bits) - 1;
        long two = ((1L << 2 * bits) - 1) * 0x1_0000_0001L;
        long one = ((1L << bits) - 1) * 0x1_0001_0001_0001L;
        long last = 32L * bits - Long.BYTES;
        for (int i = 0; i < Polynomial.N / 8; i++) {
            long from = Math.min((long) bits * i, last);  // no byte behind them is read
            long x = LittleEndian.i64(encoded, encodedAt + from) >>> (int) (8 * (bits * i - from));
            x = x & four | x << 32 - 4 * bits & four << 32;
            x = x & two | x << 16 - 2 * bits & two << 16;
            x = x & one | x << 8 - bits & one << 8;
            LittleEndian.i64(w, copies + 8L * i, x);
            LittleEndian.i64(w, copies + Polynomial.N + 8L * i, all - x);
            LittleEndian.i64(w, copies + 2L * Polynomial.N + 8L * i, x);
        }
    }

    /// `to = to + sign * c * x`, canonical, of canonical ones.
    ///
    /// @param tau   shifts
    /// @param eta   of the copies
    /// @param sign  1 or -1
    static void add(MemorySegment w, long copies, long shifts, int tau, int eta, int sign, long to) {
        long bias = (long) tau * eta;
        int half = tau + 1 >> 1;
        for (int i = 0; i < Polynomial.N; i += 32) {
            long a = 0;
            long b = 0;
            long c = 0;
            long d = 0;
            for (int n = 0; n < half; n++) {
                long from = copies + i + LittleEndian.u16(w, shifts + 2L * n);
                a += LittleEndian.i64(w, from);
                b += LittleEndian.i64(w, from + 8);
                c += LittleEndian.i64(w, from + 16);
                d += LittleEndian.i64(w, from + 24);
            }
            long e = 0;
            long f = 0;
            long g = 0;
            long h = 0;
            for (int n = half; n < tau; n++) {
                long from = copies + i + LittleEndian.u16(w, shifts + 2L * n);
                e += LittleEndian.i64(w, from);
                f += LittleEndian.i64(w, from + 8);
                g += LittleEndian.i64(w, from + 16);
                h += LittleEndian.i64(w, from + 24);
            }
            eight(w, to, i, a, e, bias, sign);
            eight(w, to, i + 8, b, f, bias, sign);
            eight(w, to, i + 16, c, g, bias, sign);
            eight(w, to, i + 24, d, h, bias, sign);
        }
    }

    /// Both halves of eight sums.
    private static void eight(MemorySegment w, long to, int i, long x, long y, long bias, int sign) {
        four(w, to, i, (x & BYTES_OF_SHORTS) + (y & BYTES_OF_SHORTS), bias, sign);
        four(w, to, i + 1, (x >>> 8 & BYTES_OF_SHORTS) + (y >>> 8 & BYTES_OF_SHORTS), bias, sign);
    }

    /// Every other coefficient.
    private static void four(MemorySegment w, long to, int i, long sums, long bias, int sign) {
        one(w, to, i, sign * ((sums & 0xffff) - bias));
        one(w, to, i + 2, sign * ((sums >>> 16 & 0xffff) - bias));
        one(w, to, i + 4, sign * ((sums >>> 32 & 0xffff) - bias));
        one(w, to, i + 6, sign * ((sums >>> 48) - bias));
    }

    private static void one(MemorySegment w, long to, int i, long x) {
        long sum = Polynomial.load(w, to, i) + x;
        Polynomial.store(w, to, i, Polynomial.canonical(sum + (sum >> 63 & Q)));
    }
}
