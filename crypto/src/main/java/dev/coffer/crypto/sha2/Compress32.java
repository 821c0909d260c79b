package dev.coffer.crypto.sha2;

import dev.coffer.memory.layout.BigEndian;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// The compression function of SHA-256 (FIPS 180-4, section 6.2.2): scalar, in locals, without a branch or index that
/// depends on data. The message schedule is a ring of sixteen locals, so nothing is spilled into memory by name.
public final class Compress32 {
    /// Bytes of a block (section 5.2): 16 words.
    public static final int BLOCK_BYTES = 16 * Integer.BYTES;
    /// Bytes of the chaining value: 8 words.
    public static final int CHAIN_BYTES = 8 * Integer.BYTES;

    private static final ValueLayout.OfInt WORD =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfInt STATE = ValueLayout.JAVA_INT_UNALIGNED;

    // Section 4.2.2: fractional parts of the cube roots of the first 64 primes. Read by round number, which is public.
    private static final int[] K = {
            0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
            0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
            0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
            0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
            0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
            0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
            0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
            0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
    };

    private Compress32() {}

    /// Compresses whole blocks into the chaining value, which is held in the machine's byte order.
    public static void blocks(MemorySegment state, long at, MemorySegment input, long inputAt, long blocks) {
        int s0 = chained(state, at, 0);
        int s1 = chained(state, at, 1);
        int s2 = chained(state, at, 2);
        int s3 = chained(state, at, 3);
        int s4 = chained(state, at, 4);
        int s5 = chained(state, at, 5);
        int s6 = chained(state, at, 6);
        int s7 = chained(state, at, 7);
        for (long p = inputAt, end = inputAt + blocks * BLOCK_BYTES; p < end; p += BLOCK_BYTES) {
            int w0 = word(input, p, 0);
            int w1 = word(input, p, 1);
            int w2 = word(input, p, 2);
            int w3 = word(input, p, 3);
            int w4 = word(input, p, 4);
            int w5 = word(input, p, 5);
            int w6 = word(input, p, 6);
            int w7 = word(input, p, 7);
            int w8 = word(input, p, 8);
            int w9 = word(input, p, 9);
            int w10 = word(input, p, 10);
            int w11 = word(input, p, 11);
            int w12 = word(input, p, 12);
            int w13 = word(input, p, 13);
            int w14 = word(input, p, 14);
            int w15 = word(input, p, 15);
            int a = s0;
            int b = s1;
            int c = s2;
            int d = s3;
            int e = s4;
            int f = s5;
            int g = s6;
            int h = s7;
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
                if (t == 48) {
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
        state.set(STATE, at + 4, s1);
        state.set(STATE, at + 8, s2);
        state.set(STATE, at + 12, s3);
        state.set(STATE, at + 16, s4);
        state.set(STATE, at + 20, s5);
        state.set(STATE, at + 24, s6);
        state.set(STATE, at + 28, s7);
    }

    /// Writes the front of the digest that a chaining value is.
    ///
    /// @param length  bytes, a multiple of 4
    public static void write(MemorySegment state, long at, MemorySegment output, long outputAt, int length) {
        for (int i = 0; i < length; i += Integer.BYTES) {
            BigEndian.i32(output, outputAt + i, state.get(STATE, at + i));
        }
    }

    /// {@return a word of a block}
    ///
    /// The assertion makes it longer than the 35 bytes that C1 inlines, on purpose: as many inlined accesses as this class has are more
    /// than its registers can name, see [dev.coffer.crypto.keccak.Keccak]. C2 inlines it, at no cost.
    private static int word(MemorySegment input, long at, int i) {
        assert 0 <= i && i < 16 : "word " + i;
        return input.get(WORD, at + (long) Integer.BYTES * i);
    }

    /// {@return a word of the chaining value; as long as [#word], for the same reason}
    private static int chained(MemorySegment state, long at, int i) {
        assert 0 <= i && i < 8 : "word " + i;
        return state.get(STATE, at + (long) Integer.BYTES * i);
    }

    private static int ch(int x, int y, int z) {
        return z ^ (x & (y ^ z));
    }

    private static int maj(int x, int y, int z) {
        return (x & y) | (z & (x | y));
    }

    // Section 4.1.2: the two upper-case and the two lower-case sigmas.

    private static int big0(int x) {
        return Integer.rotateRight(x, 2) ^ Integer.rotateRight(x, 13) ^ Integer.rotateRight(x, 22);
    }

    private static int big1(int x) {
        return Integer.rotateRight(x, 6) ^ Integer.rotateRight(x, 11) ^ Integer.rotateRight(x, 25);
    }

    private static int small0(int x) {
        return Integer.rotateRight(x, 7) ^ Integer.rotateRight(x, 18) ^ (x >>> 3);
    }

    private static int small1(int x) {
        return Integer.rotateRight(x, 17) ^ Integer.rotateRight(x, 19) ^ (x >>> 10);
    }
}
