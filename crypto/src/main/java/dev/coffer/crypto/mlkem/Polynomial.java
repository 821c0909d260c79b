package dev.coffer.crypto.mlkem;

import static dev.coffer.crypto.mlkem.Ntt.PAIR;
import static dev.coffer.crypto.mlkem.Ntt.Q;

import dev.coffer.memory.layout.LittleEndian;
import java.lang.foreign.MemorySegment;

/// A polynomial of 256 coefficients in memory: sampling, arithmetic, compression, encoding (FIPS 203, sections 4.2, 4.3).
/// No branch, index or division depends on a coefficient, save where a method says that it is public. Stateless,
/// thread-safe; 0 heap bytes.
///
/// 64 longs, little-endian, of four unsigned coefficients each:
///
/// ```
///   bits   0..15  16..31     32..47     48..63
///          f[4i]  f[4i + 2]  f[4i + 1]  f[4i + 3]
/// ```
///
/// So `x & PAIR` is the pair (f[4i], f[4i + 1]) and `x >>> 16 & PAIR` the next one, with 32 bits for each, as [Ntt] wants
/// them. *Canonical* means below q.
final class Polynomial {
    /// Coefficients (section 2.4): n.
    static final int N = 256;
    /// Bytes in memory.
    static final int BYTES = N * Short.BYTES;
    /// Bytes of ByteEncode12 (section 4.2.1).
    static final int ENCODED_12_BYTES = 12 * N / 8;

    /// Bytes past an encoding that are written and read with it.
    static final int SLACK_BYTES = 16;

    /// ceil(2^43 / q): `x * RECIPROCAL >>> RECIPROCAL_SHIFT` is floor(x / q) for every x below 2^31, as
    /// RECIPROCAL * q - 2^43 = 2113 < 2^12.
    static final long RECIPROCAL = 2642262849L;
    static final int RECIPROCAL_SHIFT = 43;

    private static final long LANES = 0x0001_0001_0001_0001L;
    private static final long NIBBLE_LOW = 0x0003_0003_0003_0003L;

    private Polynomial() {}

    /// {@return x modulo q, canonical}
    ///
    /// @param x  0..2^31-1
    static long remainder(long x) {
        return x - (x * RECIPROCAL >>> RECIPROCAL_SHIFT) * Q;
    }

    /// {@return each of four coefficients below 4q modulo q, canonical}
    private static long canonical(long four) {
        long x = four - ((four + LANES * (0x8000 - 2 * Q) >>> 15) & LANES) * (2 * Q);
        return x - ((x + LANES * (0x8000 - Q) >>> 15) & LANES) * Q;
    }

    private static long load(MemorySegment w, long at, int i) {
        return LittleEndian.i64(w, at + 8L * i);
    }

    private static void store(MemorySegment w, long at, int i, long four) {
        LittleEndian.i64(w, at + 8L * i, four);
    }

    /// SamplePolyCBD (algorithm 8) of eta = 2, plus q: coefficients q - 2..q + 2.
    ///
    /// @param from  128 bytes
    static void sampleCbd2(MemorySegment w, long from, long at) {
        for (int i = 0; i < N / 16; i++) {
            long bits = LittleEndian.i64(w, from + 8L * i);
            long sums = (bits & 0x5555555555555555L) + (bits >>> 1 & 0x5555555555555555L);
            for (int j = 0; j < 4; j++) {
                long four = sums >>> 16 * j;  // four of y << 2 | x
                long spread = four & 0xf | (four & 0xf0) << 28 | (four & 0xf00) << 8 | (four & 0xf000) << 36;
                store(w, at, 4 * i + j, (spread & NIBBLE_LOW) + LANES * Q - (spread >>> 2 & NIBBLE_LOW));
            }
        }
    }

    /// SamplePolyCBD (algorithm 8) of eta = 3, plus q: coefficients q - 3..q + 3.
    ///
    /// @param from  192 bytes
    static void sampleCbd3(MemorySegment w, long from, long at) {
        for (int i = 0; i < N / 4; i++) {
            long bits = LittleEndian.u24(w, from + 3L * i);
            long sums = (bits & 0x249249) + (bits >>> 1 & 0x249249) + (bits >>> 2 & 0x249249);
            long spread = sums & 0x3f | (sums & 0xfc0) << 26 | (sums & 0x3f000) << 4 | (sums & 0xfc0000) << 30;
            store(w, at, i, (spread & LANES * 7) + LANES * Q - (spread >>> 3 & LANES * 7));
        }
    }

    /// Row times column in the transformed domain (section 4.3.1): `sum of a[j] * b[j]`, canonical, to `at`.
    ///
    /// @param a      first of `k` polynomials, one behind the other, below 2^16
    /// @param b      the same, below 2^12
    /// @param k      1 to 4
    static void multiplyAdd(MemorySegment aSegment, long a, MemorySegment bSegment, long b, int k, MemorySegment w,
            long at) {
        for (int i = 0; i < N / 4; i++) {
            long lowStraight = 0;   // sums of a0 b0 | a0 b1, for the pair of the lower bits
            long lowCrossed = 0;    // sums of a1 b0 | a1 b1
            long highStraight = 0;
            long highCrossed = 0;
            for (int j = 0; j < k; j++) {
                long x = load(aSegment, a + (long) j * BYTES, i);
                long y = load(bSegment, b + (long) j * BYTES, i);
                long low = y & PAIR;
                long high = y >>> 16 & PAIR;
                lowStraight += (x & 0xffff) * low;
                lowCrossed += (x >>> 32 & 0xffff) * low;
                highStraight += (x >>> 16 & 0xffff) * high;
                highCrossed += (x >>> 48) * high;
            }
            store(w, at, i, product(lowStraight, lowCrossed, Ntt.GAMMAS[2 * i])
                    | product(highStraight, highCrossed, Ntt.GAMMAS[2 * i + 1]) << 16);
        }
    }

    /// {@return c0 | c1 << 32, canonical: the end of BaseCaseMultiply (algorithm 12)}
    private static long product(long straight, long crossed, int gamma) {
        long c0 = remainder((straight & 0xffffffffL) + remainder(crossed >>> 32) * gamma);
        long c1 = remainder((straight >>> 32) + (crossed & 0xffffffffL));
        return c0 | c1 << 32;
    }

    /// Takes a polynomial below 2q from a canonical one: `to = canonical(other - to)`.
    static void subtractFrom(MemorySegment w, long other, long to) {
        for (int i = 0; i < N / 4; i++) {
            store(w, to, i, canonical(load(w, other, i) + 2 * Q * LANES - load(w, to, i)));
        }
    }

    /// Adds two polynomials, below 4q together: canonical.
    static void add(MemorySegment w, long to, long other) {
        for (int i = 0; i < N / 4; i++) {
            store(w, to, i, canonical(load(w, to, i) + load(w, other, i)));
        }
    }

    /// Makes coefficients below 2^16 canonical.
    static void reduce(MemorySegment w, long at) {
        for (int i = 0; i < N / 4; i++) {
            long x = load(w, at, i);
            long low = Ntt.reduce(x & PAIR);
            long high = Ntt.reduce(x >>> 16 & PAIR);
            store(w, at, i, canonical(low | high << 16));
        }
    }

    /// ByteEncode12 (algorithm 5) of canonical coefficients.
    static void encode12(MemorySegment w, long at, MemorySegment output, long outputAt) {
        for (int i = 0; i < N / 4; i++) {
            long x = load(w, at, i);
            long bits = x & 0xfff | (x >>> 32 & 0xfff) << 12 | (x >>> 16 & 0xfff) << 24 | x >>> 48 << 36;
            LittleEndian.i32(output, outputAt + 6L * i, (int) bits);
            LittleEndian.u16(output, outputAt + 6L * i + 4, (int) (bits >>> 32));
        }
    }

    /// ByteDecode12 (algorithm 6), without the reduction modulo q.
    ///
    /// @return 0 where every coefficient is below q, else another number
    static long decode12(MemorySegment input, long inputAt, MemorySegment w, long at) {
        long above = 0;
        for (int i = 0; i < N / 4; i++) {
            long bits = LittleEndian.u32(input, inputAt + 6L * i) | (long) LittleEndian.u16(input, inputAt + 6L * i + 4) << 32;
            long x = bits & 0xfff | (bits & 0xfff000) << 20 | (bits & 0xfff000000L) >>> 8 | (bits & 0xfff000000000L) << 12;
            above |= (x + LANES * (0x8000 - Q)) & LANES << 15;
            store(w, at, i, x);
        }
        return above;
    }

    /// {@return Compress_d of a canonical coefficient (section 4.2.1): round(2^d x / q) modulo 2^d}
    static long compress(long x, int d) {
        return ((x << d) + Q / 2) * RECIPROCAL >>> RECIPROCAL_SHIFT & (1L << d) - 1;
    }

    /// {@return Decompress_d (section 4.2.1): round(q y / 2^d)}
    static long decompress(long y, int d) {
        return y * Q + (1L << d - 1) >>> d;
    }

    /// ByteEncode_d of Compress_d of canonical coefficients.
    ///
    /// @param d   1, 4, 5, 10 or 11
    /// @param to  32d bytes and [#SLACK_BYTES] of slack, which are written too
    static void compressEncode(MemorySegment w, long at, int d, long to) {
        for (int i = 0; i < N / 8; i++) {  // eight coefficients are d bytes
            long first = compressFour(load(w, at, 2 * i), d);
            long second = compressFour(load(w, at, 2 * i + 1), d);
            LittleEndian.i64(w, to + (long) i * d, first | second << 4 * d);
            if (d > 8) {
                LittleEndian.i64(w, to + (long) i * d + 8, second >>> 64 - 4 * d);
            }
        }
    }

    private static long compressFour(long x, int d) {
        return compress(x & 0xffff, d) | compress(x >>> 32 & 0xffff, d) << d | compress(x >>> 16 & 0xffff, d) << 2 * d
                | compress(x >>> 48, d) << 3 * d;
    }

    /// Decompress_d of ByteDecode_d: canonical.
    ///
    /// @param d     1, 4, 5, 10 or 11
    /// @param from  32d bytes and [#SLACK_BYTES] of slack, which are read too
    static void decodeDecompress(MemorySegment w, long from, int d, long at) {
        for (int i = 0; i < N / 8; i++) {
            long first = LittleEndian.i64(w, from + (long) i * d);
            long second = first >>> 4 * d;
            if (d > 8) {
                second |= LittleEndian.i64(w, from + (long) i * d + 8) << 64 - 4 * d;
            }
            store(w, at, 2 * i, decompressFour(first, d));
            store(w, at, 2 * i + 1, decompressFour(second, d));
        }
    }

    private static long decompressFour(long bits, int d) {
        long mask = (1L << d) - 1;
        return decompress(bits & mask, d) | decompress(bits >>> d & mask, d) << 32
                | decompress(bits >>> 2 * d & mask, d) << 16 | decompress(bits >>> 3 * d & mask, d) << 48;
    }
}
