package dev.coffer.crypto.sha2;

import dev.coffer.memory.layout.BigEndian;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// The compression function of SHA-256 (FIPS 180-4, section 6.2.2): scalar, without a branch or index that depends on data.
///
/// The message schedule is made first, in memory of the caller's, and then read: eight words of state and sixteen of a schedule are more
/// than a machine has registers, and C2 spends half of its time moving them. Two methods, as one has more inlined accesses
/// than C2 takes into a method, and calls the rest.
public final class Compress32 {
    /// Bytes of a block (section 5.2): 16 words.
    public static final int BLOCK_BYTES = 16 * Integer.BYTES;
    /// Bytes of the chaining value: 8 words.
    public static final int CHAIN_BYTES = 8 * Integer.BYTES;
    private static final int ROUNDS = 64;
    /// Bytes of a message schedule (section 6.2.2): a word a round.
    public static final int SCHEDULE_BYTES = ROUNDS * Integer.BYTES;

    private static final ValueLayout.OfLong INPUT = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfLong PAIR = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
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

    /// The message schedule (section 6.2.2, step 1), two words at a time: each load and store of memory is checked, and what the next
    /// step needs again stays in a local.
    private static void expand(MemorySegment input, long from, MemorySegment w, long at) {
        for (int i = 0; i < BLOCK_BYTES; i += Long.BYTES) {
            w.set(PAIR, at + i, Long.rotateLeft(input.get(INPUT, from + i), Integer.SIZE));
        }
        long a = w.get(PAIR, at);  // words t - 16 and t - 15
        long m = w.get(PAIR, at + 8 * Integer.BYTES);
        long z = w.get(PAIR, at + 14 * Integer.BYTES);
        for (int t = BLOCK_BYTES; t < SCHEDULE_BYTES; t += Long.BYTES) {
            long b = w.get(PAIR, at + t - 14 * Integer.BYTES);
            long n = w.get(PAIR, at + t - 6 * Integer.BYTES);
            int low = (int) a + small0((int) (a >>> 32)) + (int) (m >>> 32) + small1((int) z);
            int high = (int) (a >>> 32) + small0((int) b) + (int) n + small1((int) (z >>> 32));
            z = low & 0xffffffffL | (long) high << 32;
            w.set(PAIR, at + t, z);
            a = b;
            m = n;
        }
    }

    /// The 64 rounds (step 3) and the sum (step 4). Eight at a time, so that no local changes its place; sums in this order, as what came last is
    /// waited for.
    private static void rounds(MemorySegment state, long at, MemorySegment w, long from) {
        int a = chained(state, at, 0);
        int b = chained(state, at, 1);
        int c = chained(state, at, 2);
        int d = chained(state, at, 3);
        int e = chained(state, at, 4);
        int f = chained(state, at, 5);
        int g = chained(state, at, 6);
        int h = chained(state, at, 7);
        for (int t = 0; t < ROUNDS; t += 8) {
            long w01 = w.get(PAIR, from + (long) Integer.BYTES * t);
            long w23 = w.get(PAIR, from + (long) Integer.BYTES * t + 2 * Integer.BYTES);
            long w45 = w.get(PAIR, from + (long) Integer.BYTES * t + 4 * Integer.BYTES);
            long w67 = w.get(PAIR, from + (long) Integer.BYTES * t + 6 * Integer.BYTES);
            h = h + (K[t] + (int) w01) + ch(e, f, g) + big1(e);
            d += h;
            h = h + maj(a, b, c) + big0(a);
            g = g + (K[t + 1] + (int) (w01 >>> 32)) + ch(d, e, f) + big1(d);
            c += g;
            g = g + maj(h, a, b) + big0(h);
            f = f + (K[t + 2] + (int) w23) + ch(c, d, e) + big1(c);
            b += f;
            f = f + maj(g, h, a) + big0(g);
            e = e + (K[t + 3] + (int) (w23 >>> 32)) + ch(b, c, d) + big1(b);
            a += e;
            e = e + maj(f, g, h) + big0(f);
            d = d + (K[t + 4] + (int) w45) + ch(a, b, c) + big1(a);
            h += d;
            d = d + maj(e, f, g) + big0(e);
            c = c + (K[t + 5] + (int) (w45 >>> 32)) + ch(h, a, b) + big1(h);
            g += c;
            c = c + maj(d, e, f) + big0(d);
            b = b + (K[t + 6] + (int) w67) + ch(g, h, a) + big1(g);
            f += b;
            b = b + maj(c, d, e) + big0(c);
            a = a + (K[t + 7] + (int) (w67 >>> 32)) + ch(f, g, h) + big1(f);
            e += a;
            a = a + maj(b, c, d) + big0(b);
        }
        state.set(STATE, at, chained(state, at, 0) + a);
        state.set(STATE, at + Integer.BYTES, chained(state, at, 1) + b);
        state.set(STATE, at + 2 * Integer.BYTES, chained(state, at, 2) + c);
        state.set(STATE, at + 3 * Integer.BYTES, chained(state, at, 3) + d);
        state.set(STATE, at + 4 * Integer.BYTES, chained(state, at, 4) + e);
        state.set(STATE, at + 5 * Integer.BYTES, chained(state, at, 5) + f);
        state.set(STATE, at + 6 * Integer.BYTES, chained(state, at, 6) + g);
        state.set(STATE, at + 7 * Integer.BYTES, chained(state, at, 7) + h);
    }

    /// Writes the front of the digest that a chaining value is.
    ///
    /// @param length  bytes, a multiple of 4
    public static void write(MemorySegment state, long at, MemorySegment output, long outputAt, int length) {
        for (int i = 0; i < length; i += Integer.BYTES) {
            BigEndian.i32(output, outputAt + i, state.get(STATE, at + i));
        }
    }

    /// {@return a word of the chaining value}
    ///
    /// The assertion makes it longer than the 35 bytes that C1 inlines, on purpose: as many inlined accesses as this class has are more
    /// than its registers can name, see [dev.coffer.crypto.keccak.Keccak]. C2 inlines it, at no cost.
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
