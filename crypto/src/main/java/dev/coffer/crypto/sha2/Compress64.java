package dev.coffer.crypto.sha2;

import dev.coffer.memory.layout.BigEndian;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// The compression function of SHA-384 and SHA-512 (FIPS 180-4, section 6.4.2): scalar, in locals, without a branch or index that
/// depends on data. The message schedule is a ring of sixteen locals, so nothing is spilled into memory by name.
public final class Compress64 {
    /// Bytes of a block (section 5.2): 16 words.
    public static final int BLOCK_BYTES = 16 * Long.BYTES;
    /// Bytes of the chaining value: 8 words.
    public static final int CHAIN_BYTES = 8 * Long.BYTES;

    private static final ValueLayout.OfLong WORD =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfLong STATE = ValueLayout.JAVA_LONG_UNALIGNED;

    // Section 4.2.3: fractional parts of the cube roots of the first 80 primes. Read by round number, which is public.
    private static final long[] K = {
            0x428a2f98d728ae22L, 0x7137449123ef65cdL, 0xb5c0fbcfec4d3b2fL, 0xe9b5dba58189dbbcL,
            0x3956c25bf348b538L, 0x59f111f1b605d019L, 0x923f82a4af194f9bL, 0xab1c5ed5da6d8118L,
            0xd807aa98a3030242L, 0x12835b0145706fbeL, 0x243185be4ee4b28cL, 0x550c7dc3d5ffb4e2L,
            0x72be5d74f27b896fL, 0x80deb1fe3b1696b1L, 0x9bdc06a725c71235L, 0xc19bf174cf692694L,
            0xe49b69c19ef14ad2L, 0xefbe4786384f25e3L, 0x0fc19dc68b8cd5b5L, 0x240ca1cc77ac9c65L,
            0x2de92c6f592b0275L, 0x4a7484aa6ea6e483L, 0x5cb0a9dcbd41fbd4L, 0x76f988da831153b5L,
            0x983e5152ee66dfabL, 0xa831c66d2db43210L, 0xb00327c898fb213fL, 0xbf597fc7beef0ee4L,
            0xc6e00bf33da88fc2L, 0xd5a79147930aa725L, 0x06ca6351e003826fL, 0x142929670a0e6e70L,
            0x27b70a8546d22ffcL, 0x2e1b21385c26c926L, 0x4d2c6dfc5ac42aedL, 0x53380d139d95b3dfL,
            0x650a73548baf63deL, 0x766a0abb3c77b2a8L, 0x81c2c92e47edaee6L, 0x92722c851482353bL,
            0xa2bfe8a14cf10364L, 0xa81a664bbc423001L, 0xc24b8b70d0f89791L, 0xc76c51a30654be30L,
            0xd192e819d6ef5218L, 0xd69906245565a910L, 0xf40e35855771202aL, 0x106aa07032bbd1b8L,
            0x19a4c116b8d2d0c8L, 0x1e376c085141ab53L, 0x2748774cdf8eeb99L, 0x34b0bcb5e19b48a8L,
            0x391c0cb3c5c95a63L, 0x4ed8aa4ae3418acbL, 0x5b9cca4f7763e373L, 0x682e6ff3d6b2b8a3L,
            0x748f82ee5defb2fcL, 0x78a5636f43172f60L, 0x84c87814a1f0ab72L, 0x8cc702081a6439ecL,
            0x90befffa23631e28L, 0xa4506cebde82bde9L, 0xbef9a3f7b2c67915L, 0xc67178f2e372532bL,
            0xca273eceea26619cL, 0xd186b8c721c0c207L, 0xeada7dd6cde0eb1eL, 0xf57d4f7fee6ed178L,
            0x06f067aa72176fbaL, 0x0a637dc5a2c898a6L, 0x113f9804bef90daeL, 0x1b710b35131c471bL,
            0x28db77f523047d84L, 0x32caab7b40c72493L, 0x3c9ebe0a15c9bebcL, 0x431d67c49c100d4cL,
            0x4cc5d4becb3e42b6L, 0x597f299cfc657e2aL, 0x5fcb6fab3ad6faecL, 0x6c44198c4a475817L,
    };

    private Compress64() {}

    /// Compresses whole blocks into the chaining value, which is held in the machine's byte order.
    public static void blocks(MemorySegment state, long at, MemorySegment input, long inputAt, long blocks) {
        long s0 = chained(state, at, 0);
        long s1 = chained(state, at, 1);
        long s2 = chained(state, at, 2);
        long s3 = chained(state, at, 3);
        long s4 = chained(state, at, 4);
        long s5 = chained(state, at, 5);
        long s6 = chained(state, at, 6);
        long s7 = chained(state, at, 7);
        for (long p = inputAt, end = inputAt + blocks * BLOCK_BYTES; p < end; p += BLOCK_BYTES) {
            long w0 = word(input, p, 0);
            long w1 = word(input, p, 1);
            long w2 = word(input, p, 2);
            long w3 = word(input, p, 3);
            long w4 = word(input, p, 4);
            long w5 = word(input, p, 5);
            long w6 = word(input, p, 6);
            long w7 = word(input, p, 7);
            long w8 = word(input, p, 8);
            long w9 = word(input, p, 9);
            long w10 = word(input, p, 10);
            long w11 = word(input, p, 11);
            long w12 = word(input, p, 12);
            long w13 = word(input, p, 13);
            long w14 = word(input, p, 14);
            long w15 = word(input, p, 15);
            long a = s0;
            long b = s1;
            long c = s2;
            long d = s3;
            long e = s4;
            long f = s5;
            long g = s6;
            long h = s7;
            for (int t = 0;; t += 16) {
                h += big1(e) + ch(e, f, g) + K[t] + w0;
                d += h;
                h += big0(a) + maj(a, b, c);
                g += big1(d) + ch(d, e, f) + K[t + 1] + w1;
                c += g;
                g += big0(h) + maj(h, a, b);
                f += big1(c) + ch(c, d, e) + K[t + 2] + w2;
                b += f;
                f += big0(g) + maj(g, h, a);
                e += big1(b) + ch(b, c, d) + K[t + 3] + w3;
                a += e;
                e += big0(f) + maj(f, g, h);
                d += big1(a) + ch(a, b, c) + K[t + 4] + w4;
                h += d;
                d += big0(e) + maj(e, f, g);
                c += big1(h) + ch(h, a, b) + K[t + 5] + w5;
                g += c;
                c += big0(d) + maj(d, e, f);
                b += big1(g) + ch(g, h, a) + K[t + 6] + w6;
                f += b;
                b += big0(c) + maj(c, d, e);
                a += big1(f) + ch(f, g, h) + K[t + 7] + w7;
                e += a;
                a += big0(b) + maj(b, c, d);
                h += big1(e) + ch(e, f, g) + K[t + 8] + w8;
                d += h;
                h += big0(a) + maj(a, b, c);
                g += big1(d) + ch(d, e, f) + K[t + 9] + w9;
                c += g;
                g += big0(h) + maj(h, a, b);
                f += big1(c) + ch(c, d, e) + K[t + 10] + w10;
                b += f;
                f += big0(g) + maj(g, h, a);
                e += big1(b) + ch(b, c, d) + K[t + 11] + w11;
                a += e;
                e += big0(f) + maj(f, g, h);
                d += big1(a) + ch(a, b, c) + K[t + 12] + w12;
                h += d;
                d += big0(e) + maj(e, f, g);
                c += big1(h) + ch(h, a, b) + K[t + 13] + w13;
                g += c;
                c += big0(d) + maj(d, e, f);
                b += big1(g) + ch(g, h, a) + K[t + 14] + w14;
                f += b;
                b += big0(c) + maj(c, d, e);
                a += big1(f) + ch(f, g, h) + K[t + 15] + w15;
                e += a;
                a += big0(b) + maj(b, c, d);
                if (t == 64) {
                    break;
                }
                w0 += small0(w1) + w9 + small1(w14);
                w1 += small0(w2) + w10 + small1(w15);
                w2 += small0(w3) + w11 + small1(w0);
                w3 += small0(w4) + w12 + small1(w1);
                w4 += small0(w5) + w13 + small1(w2);
                w5 += small0(w6) + w14 + small1(w3);
                w6 += small0(w7) + w15 + small1(w4);
                w7 += small0(w8) + w0 + small1(w5);
                w8 += small0(w9) + w1 + small1(w6);
                w9 += small0(w10) + w2 + small1(w7);
                w10 += small0(w11) + w3 + small1(w8);
                w11 += small0(w12) + w4 + small1(w9);
                w12 += small0(w13) + w5 + small1(w10);
                w13 += small0(w14) + w6 + small1(w11);
                w14 += small0(w15) + w7 + small1(w12);
                w15 += small0(w0) + w8 + small1(w13);
            }
            s0 += a;
            s1 += b;
            s2 += c;
            s3 += d;
            s4 += e;
            s5 += f;
            s6 += g;
            s7 += h;
        }
        state.set(STATE, at, s0);
        state.set(STATE, at + 8, s1);
        state.set(STATE, at + 16, s2);
        state.set(STATE, at + 24, s3);
        state.set(STATE, at + 32, s4);
        state.set(STATE, at + 40, s5);
        state.set(STATE, at + 48, s6);
        state.set(STATE, at + 56, s7);
    }

    /// Writes the front of the digest that a chaining value is.
    ///
    /// @param length  bytes, a multiple of 8
    public static void write(MemorySegment state, long at, MemorySegment output, long outputAt, int length) {
        for (int i = 0; i < length; i += Long.BYTES) {
            BigEndian.i64(output, outputAt + i, state.get(STATE, at + i));
        }
    }

    /// {@return a word of a block}
    ///
    /// The assertion makes it longer than the 35 bytes that C1 inlines, on purpose: as many inlined accesses as this class has are more
    /// than its registers can name, see [dev.coffer.crypto.keccak.Keccak]. C2 inlines it, at no cost.
    private static long word(MemorySegment input, long at, int i) {
        assert 0 <= i && i < 16 : "word " + i;
        return input.get(WORD, at + (long) Long.BYTES * i);
    }

    /// {@return a word of the chaining value; as long as [#word], for the same reason}
    private static long chained(MemorySegment state, long at, int i) {
        assert 0 <= i && i < 8 : "word " + i;
        return state.get(STATE, at + (long) Long.BYTES * i);
    }

    private static long ch(long x, long y, long z) {
        return z ^ (x & (y ^ z));
    }

    private static long maj(long x, long y, long z) {
        return (x & y) | (z & (x | y));
    }

    // Section 4.1.3: the two upper-case and the two lower-case sigmas.

    private static long big0(long x) {
        return Long.rotateRight(x, 28) ^ Long.rotateRight(x, 34) ^ Long.rotateRight(x, 39);
    }

    private static long big1(long x) {
        return Long.rotateRight(x, 14) ^ Long.rotateRight(x, 18) ^ Long.rotateRight(x, 41);
    }

    private static long small0(long x) {
        return Long.rotateRight(x, 1) ^ Long.rotateRight(x, 8) ^ (x >>> 7);
    }

    private static long small1(long x) {
        return Long.rotateRight(x, 19) ^ Long.rotateRight(x, 61) ^ (x >>> 6);
    }
}
