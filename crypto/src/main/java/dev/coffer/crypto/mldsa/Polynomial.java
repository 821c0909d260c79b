package dev.coffer.crypto.mldsa;

import static dev.coffer.crypto.mldsa.Ntt.Q;

import dev.coffer.memory.layout.LittleEndian;
import java.lang.foreign.MemorySegment;

/// Arithmetic, rounding and encoding of polynomials in memory (FIPS 204, sections 7.1, 7.2, 7.4, 7.6): 256 unsigned
/// coefficients of 32 bits, little-endian. *Canonical* means below q. No branch, index or division depends on a
/// coefficient. Stateless, thread-safe; 0 heap bytes.
final class Polynomial {
    /// Coefficients (section 2.3).
    static final int N = 256;
    /// Bytes in memory.
    static final int BYTES = N * Integer.BYTES;

    /// floor(2^85 / q), below 2^63.
    private static final long RECIPROCAL = 4616193469569370305L;
    private static final int RECIPROCAL_SHIFT = 85 - Long.SIZE;
    /// Coefficients at the end that [#pack] does one by one: of 3 bits, which are the shortest, 16 have 6 bytes, and 8 are written behind 3.
    private static final int PACKED_LAST = 16;
    /// Bits dropped from t (section 4, table 1): d.
    static final int D = 13;

    private Polynomial() {}

    /// {@return x modulo q, below 2q}
    ///
    /// @param x  0..2^63-1
    static long reduce(long x) {
        return x - (Math.multiplyHigh(x, RECIPROCAL) >>> RECIPROCAL_SHIFT) * Q;
    }

    /// {@return x modulo q, canonical}
    ///
    /// @param x  below 2q
    static long canonical(long x) {
        long y = x - Q;
        return y + (y >> 63 & Q);
    }

    static long load(MemorySegment w, long at, int i) {
        return LittleEndian.u32(w, at + 4L * i);
    }

    static void store(MemorySegment w, long at, int i, long x) {
        LittleEndian.u32(w, at + 4L * i, x);
    }

    /// `to = to + sum of a[j] * b[j]` in the transformed domain, below 2q.
    ///
    /// @param to     below 2q; not read where `fresh`
    /// @param a      first of `count` polynomials, one behind the other, below 18q
    /// @param b      the same
    /// @param count  1 to 8: 8 * (18q)^2 is below 2^63
    static void multiplyAdd(MemorySegment aSegment, long a, MemorySegment w, long b, int count, boolean fresh, long to) {
        long kept = fresh ? 0 : -1;
        int j = 0;
        // Written out, as C2 makes ten times the code of a loop in the loop.
        for (; j + 4 <= count; j += 4) {
            four(aSegment, a + (long) j * BYTES, w, b + (long) j * BYTES, kept, to);
            kept = -1;
        }
        for (; j < count; j++) {
            one(aSegment, a + (long) j * BYTES, w, b + (long) j * BYTES, kept, to);
            kept = -1;
        }
    }

    private static void four(MemorySegment aSegment, long a, MemorySegment w, long b, long kept, long to) {
        for (int i = 0; i < N; i++) {
            store(w, to, i, reduce((load(w, to, i) & kept) + load(aSegment, a, i) * load(w, b, i)
                    + load(aSegment, a + BYTES, i) * load(w, b + BYTES, i)
                    + load(aSegment, a + 2L * BYTES, i) * load(w, b + 2L * BYTES, i)
                    + load(aSegment, a + 3L * BYTES, i) * load(w, b + 3L * BYTES, i)));
        }
    }

    private static void one(MemorySegment aSegment, long a, MemorySegment w, long b, long kept, long to) {
        for (int i = 0; i < N; i++) {
            store(w, to, i, reduce((load(w, to, i) & kept) + load(aSegment, a, i) * load(w, b, i)));
        }
    }

    /// `to = to - a * b` in the transformed domain, below 2q.
    ///
    /// @param a  below 18q, and so are b and `to`
    static void multiplySubtract(MemorySegment aSegment, long a, MemorySegment w, long b, long to) {
        for (int i = 0; i < N; i++) {
            store(w, to, i, reduce(load(w, to, i) + 324 * Q * Q - load(aSegment, a, i) * load(w, b, i)));
        }
    }

    /// Brings coefficients below 2^28 below 2q, as 2^23 is q + 2^13 - 1.
    static void reduce(MemorySegment w, long at) {
        for (int i = 0; i < N; i++) {
            long x = load(w, at, i);
            store(w, at, i, x - (x >>> 23) * Q);
        }
    }

    /// Makes coefficients below 2q canonical.
    static void canonical(MemorySegment w, long at) {
        for (int i = 0; i < N; i++) {
            store(w, at, i, canonical(load(w, at, i)));
        }
    }

    /// `to = to + a`, canonical, of canonical ones.
    static void add(MemorySegment w, long a, long to) {
        for (int i = 0; i < N; i++) {
            store(w, to, i, canonical(load(w, to, i) + load(w, a, i)));
        }
    }

    /// `to = to - a`, canonical, of canonical ones.
    static void subtract(MemorySegment w, long a, long to) {
        for (int i = 0; i < N; i++) {
            long x = load(w, to, i) - load(w, a, i);
            store(w, to, i, x + (x >> 63 & Q));
        }
    }

    /// {@return negative where the greatest absolute value (section 2.3) of a canonical coefficient reaches the bound, else 0
    /// or more}
    static long reaches(MemorySegment w, long at, long bound) {
        long above = 0;
        for (int i = 0; i < N; i++) {
            above |= bound - 1 - magnitude(load(w, at, i));
        }
        return above;
    }

    /// {@return |x mod± q| of a canonical coefficient}
    static long magnitude(long x) {
        long other = Q - x;
        long sign = other - x >> 63;  // ones where x > q / 2
        return x ^ (x ^ other) & sign;
    }

    /// Power2Round (algorithm 35) of canonical coefficients: r1 to `high`, r0 in place, modulo q.
    static void power2Round(MemorySegment w, long at, long high) {
        for (int i = 0; i < N; i++) {
            long r = load(w, at, i);
            long r1 = r + (1 << D - 1) - 1 >>> D;
            long r0 = r - (r1 << D);
            store(w, high, i, r1);
            store(w, at, i, r0 + (r0 >> 63 & Q));
        }
    }

    /// {@return HighBits (algorithm 37) of a canonical coefficient}
    ///
    /// @param gamma2  (q - 1) / 88 or (q - 1) / 32; public
    static long highBits(long r, long gamma2) {
        long r1 = r + 127 >>> 7;  // the reference implementation's way to divide by 2 gamma2, rounding half down
        if (gamma2 == MlDsa.GAMMA2_32) {
            return r1 * 1025 + (1 << 21) >>> 22 & 15;
        }
        r1 = r1 * 11275 + (1 << 23) >>> 24;
        return r1 ^ 43 - r1 >> 63 & r1;  // 44 is 0
    }

    /// {@return LowBits (algorithm 38) of a canonical coefficient, as a signed number}
    static long lowBits(long r, long gamma2) {
        long r0 = r - highBits(r, gamma2) * 2 * gamma2;
        return r0 - ((Q - 1 >> 1) - r0 >> 63 & Q);
    }

    /// {@return as [#reaches], of LowBits of canonical coefficients}
    static long lowBitsReach(MemorySegment w, long at, long gamma2, long bound) {
        long above = 0;
        for (int i = 0; i < N; i++) {
            long r0 = lowBits(load(w, at, i), gamma2);
            above |= bound - 1 - r0 | bound - 1 + r0;
        }
        return above;
    }

    /// HighBits of each to `to`.
    static void highBits(MemorySegment w, long at, long gamma2, long to) {
        for (int i = 0; i < N; i++) {
            store(w, to, i, highBits(load(w, at, i), gamma2));
        }
    }

    /// MakeHint (algorithm 39): a bit for each coefficient, 32 bytes to `hints`: whether adding `z` changes the high bits.
    ///
    /// @param at  w - c s2, canonical
    /// @param z   c t0, canonical
    /// @return bits that are set
    static int makeHint(MemorySegment w, long at, long z, long gamma2, long hints) {
        int count = 0;
        for (int i = 0; i < N; i += Integer.SIZE) {
            int bits = 0;
            for (int j = 0; j < Integer.SIZE; j++) {
                long r = load(w, at, i + j);
                long sum = canonical(r + load(w, z, i + j));
                long differs = highBits(r, gamma2) ^ highBits(sum, gamma2);
                bits |= (int) (-differs >>> 63) << j;
            }
            LittleEndian.i32(w, hints + (i >> 3), bits);
            count += Integer.bitCount(bits);
        }
        return count;
    }

    /// `x 2^d`, of coefficients of t1, so that they stay below q.
    static void shift(MemorySegment w, long at) {
        for (int i = 0; i < N; i++) {
            store(w, at, i, load(w, at, i) << D);
        }
    }

    /// UseHint (algorithm 40), of public numbers: the corrected high bits.
    ///
    /// @param at     canonical
    /// @param hints  a bit for each coefficient, 32 bytes
    /// @param to     where the high bits go
    static void useHint(MemorySegment w, long at, long gamma2, long hints, long to) {
        long m = gamma2 == MlDsa.GAMMA2_32 ? 16 : 44;
        for (int i = 0; i < N; i++) {
            long r = load(w, at, i);
            long r1 = highBits(r, gamma2);
            if ((LittleEndian.i32(w, hints + (i >> 5) * 4L) >>> (i & 31) & 1) != 0) {
                r1 = lowBits(r, gamma2) > 0 ? r1 + 1 == m ? 0 : r1 + 1 : r1 == 0 ? m - 1 : r1 - 1;
            }
            store(w, to, i, r1);
        }
    }

    /// SimpleBitPack (algorithm 16): `bits` of each coefficient, 32 * bits bytes. Eight coefficients are `bits` bytes, which whole words are written
    /// for: what these write behind is written over by the next ones, so the last are written one by one.
    ///
    /// @param bits  1 to 15, or 17 to 20
    static void pack(MemorySegment w, long at, int bits, MemorySegment output, long outputAt) {
        long to = outputAt;
        int bit = 4 * bits;
        for (int i = 0; i < N - PACKED_LAST; i += 8) {
            long low = four(w, at, i, bits);
            long high = four(w, at, i + 4, bits);
            if (bit < Long.SIZE) {
                LittleEndian.i64(output, to, low | high << bit);
                if (bits > Long.BYTES) {
                    LittleEndian.i64(output, to + 8, high >>> Long.SIZE - bit);
                }
            } else {
                LittleEndian.i64(output, to, low);
                LittleEndian.i64(output, to + 8, load(w, at, i + 3) >>> Long.SIZE - 3 * bits);
                LittleEndian.i64(output, to + (bits >> 1), high);
                LittleEndian.i64(output, to + (bits >> 1) + 8, load(w, at, i + 7) >>> Long.SIZE - 3 * bits);
            }
            to += bits;
        }
        packLast(w, at, bits, output, to);
    }

    private static long four(MemorySegment w, long at, int i, int bits) {
        return load(w, at, i) | load(w, at, i + 1) << bits | load(w, at, i + 2) << 2 * bits | load(w, at, i + 3) << 3 * bits;
    }

    private static void packLast(MemorySegment w, long at, int bits, MemorySegment output, long outputAt) {
        int last = (bits * PACKED_LAST >> 3) - Integer.BYTES;  // where 32 bits can be written, at the most
        for (int i = 0; i < PACKED_LAST; i++) {  // each by a store of its own, as [#unpack] loads
            int bit = i * bits;
            int to = Math.min(bit >>> 3, last);
            int shift = bit - 8 * to;
            int before = LittleEndian.i32(output, outputAt + to) & (1 << shift) - 1;
            LittleEndian.i32(output, outputAt + to, before | (int) load(w, at, N - PACKED_LAST + i) << shift);
        }
    }

    /// SimpleBitUnpack (algorithm 18).
    static void unpack(MemorySegment input, long inputAt, int bits, MemorySegment w, long at) {
        long mask = (1L << bits) - 1;
        int last = (bits * N >> 3) - Integer.BYTES;  // where 32 bits can be read, at the most
        for (int i = 0; i < N; i++) {  // each by a load of its own: C2 throws a loop away, time and again, that loads only at times
            int bit = i * bits;
            int from = Math.min(bit >>> 3, last);
            store(w, at, i, LittleEndian.u32(input, inputAt + from) >>> bit - 8 * from & mask);
        }
    }

    /// `b - x` modulo q, in place: what BitPack and BitUnpack (algorithms 17 and 19) do before and behind.
    ///
    /// @param at  canonical, before and after
    /// @param b   below q
    static void subtractFrom(MemorySegment w, long b, long at) {
        for (int i = 0; i < N; i++) {
            long x = b - load(w, at, i);
            store(w, at, i, x + (x >> 63 & Q));
        }
    }

    /// {@return negative where a coefficient is above `most`, else 0 or more}
    static long above(MemorySegment w, long at, long most) {
        long above = 0;
        for (int i = 0; i < N; i++) {
            above |= most - load(w, at, i);
        }
        return above;
    }
}
