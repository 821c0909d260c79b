package dev.coffer.crypto.sha2;

import dev.coffer.memory.layout.BigEndian;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// The compression function of SHA-384 and SHA-512 (FIPS 180-4, section 6.4.2): scalar, without a branch or index that depends on data.
///
/// The message schedule is made first, in memory of the caller's, and then read: eight words of state and sixteen of a schedule are more
/// than a machine has registers, and C2 spends half of its time moving them. Two methods, as one has more inlined accesses
/// than C2 takes into a method, and calls the rest.
public final class Compress64 {
    /// Bytes of a block (section 5.2): 16 words.
    public static final int BLOCK_BYTES = 16 * Long.BYTES;
    /// Bytes of the chaining value: 8 words.
    public static final int CHAIN_BYTES = 8 * Long.BYTES;
    private static final int ROUNDS = 80;
    /// Bytes of a message schedule (section 6.4.2): a word a round.
    public static final int SCHEDULE_BYTES = ROUNDS * Long.BYTES;

    private static final ValueLayout.OfLong INPUT = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG_UNALIGNED;

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
    ///
    /// @param schedule  [#SCHEDULE_BYTES] from `scheduleAt`, left with what follows from the last block, for the caller to wipe; may
    ///                  begin with the input where that is one block, else apart from both
    public static void blocks(MemorySegment state, long at, MemorySegment input, long inputAt, long blocks, MemorySegment schedule,
            long scheduleAt) {
        for (long p = inputAt, end = inputAt + blocks * BLOCK_BYTES; p < end; p += BLOCK_BYTES) {
            expand(input, p, schedule, scheduleAt);
            rounds(state, at, schedule, scheduleAt);
        }
    }

    /// The message schedule (section 6.4.2, step 1). Each load and store of memory is checked, so what the next step needs again stays
    /// in a local.
    private static void expand(MemorySegment input, long from, MemorySegment w, long at) {
        for (int i = 0; i < BLOCK_BYTES; i += Long.BYTES) {
            w.set(WORD, at + i, input.get(INPUT, from + i));
        }
        long a = w.get(WORD, at);
        long y = w.get(WORD, at + 14 * Long.BYTES);
        long z = w.get(WORD, at + 15 * Long.BYTES);
        for (int t = BLOCK_BYTES; t < SCHEDULE_BYTES; t += Long.BYTES) {
            long b = w.get(WORD, at + t - 15 * Long.BYTES);
            long n = a + small0(b) + w.get(WORD, at + t - 7 * Long.BYTES) + small1(y);
            w.set(WORD, at + t, n);
            a = b;
            y = z;
            z = n;
        }
    }

    /// The 80 rounds (step 3) and the sum (step 4). Eight at a time, so that no local changes its place; sums in this order, as what came last is
    /// waited for.
    private static void rounds(MemorySegment state, long at, MemorySegment w, long from) {
        long a = chained(state, at, 0);
        long b = chained(state, at, 1);
        long c = chained(state, at, 2);
        long d = chained(state, at, 3);
        long e = chained(state, at, 4);
        long f = chained(state, at, 5);
        long g = chained(state, at, 6);
        long h = chained(state, at, 7);
        for (int t = 0; t < ROUNDS; t += 8) {
            h = h + (K[t] + w.get(WORD, from + (long) Long.BYTES * t)) + ch(e, f, g) + big1(e);
            d += h;
            h = h + maj(a, b, c) + big0(a);
            g = g + (K[t + 1] + w.get(WORD, from + (long) Long.BYTES * t + 1 * Long.BYTES)) + ch(d, e, f) + big1(d);
            c += g;
            g = g + maj(h, a, b) + big0(h);
            f = f + (K[t + 2] + w.get(WORD, from + (long) Long.BYTES * t + 2 * Long.BYTES)) + ch(c, d, e) + big1(c);
            b += f;
            f = f + maj(g, h, a) + big0(g);
            e = e + (K[t + 3] + w.get(WORD, from + (long) Long.BYTES * t + 3 * Long.BYTES)) + ch(b, c, d) + big1(b);
            a += e;
            e = e + maj(f, g, h) + big0(f);
            d = d + (K[t + 4] + w.get(WORD, from + (long) Long.BYTES * t + 4 * Long.BYTES)) + ch(a, b, c) + big1(a);
            h += d;
            d = d + maj(e, f, g) + big0(e);
            c = c + (K[t + 5] + w.get(WORD, from + (long) Long.BYTES * t + 5 * Long.BYTES)) + ch(h, a, b) + big1(h);
            g += c;
            c = c + maj(d, e, f) + big0(d);
            b = b + (K[t + 6] + w.get(WORD, from + (long) Long.BYTES * t + 6 * Long.BYTES)) + ch(g, h, a) + big1(g);
            f += b;
            b = b + maj(c, d, e) + big0(c);
            a = a + (K[t + 7] + w.get(WORD, from + (long) Long.BYTES * t + 7 * Long.BYTES)) + ch(f, g, h) + big1(f);
            e += a;
            a = a + maj(b, c, d) + big0(b);
        }
        state.set(WORD, at, chained(state, at, 0) + a);
        state.set(WORD, at + Long.BYTES, chained(state, at, 1) + b);
        state.set(WORD, at + 2 * Long.BYTES, chained(state, at, 2) + c);
        state.set(WORD, at + 3 * Long.BYTES, chained(state, at, 3) + d);
        state.set(WORD, at + 4 * Long.BYTES, chained(state, at, 4) + e);
        state.set(WORD, at + 5 * Long.BYTES, chained(state, at, 5) + f);
        state.set(WORD, at + 6 * Long.BYTES, chained(state, at, 6) + g);
        state.set(WORD, at + 7 * Long.BYTES, chained(state, at, 7) + h);
    }

    /// Writes the front of the digest that a chaining value is.
    ///
    /// @param length  bytes, a multiple of 8
    public static void write(MemorySegment state, long at, MemorySegment output, long outputAt, int length) {
        for (int i = 0; i < length; i += Long.BYTES) {
            BigEndian.i64(output, outputAt + i, state.get(WORD, at + i));
        }
    }

    /// {@return a word of the chaining value}
    ///
    /// The assertion makes it longer than the 35 bytes that C1 inlines, on purpose: as many inlined accesses as this class has are more
    /// than its registers can name, see [dev.coffer.crypto.keccak.Keccak]. C2 inlines it, at no cost.
    private static long chained(MemorySegment state, long at, int i) {
        assert 0 <= i && i < 8 : "word " + i;
        return state.get(WORD, at + (long) Long.BYTES * i);
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
