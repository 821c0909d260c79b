package dev.coffer.crypto.aead;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// AES encryption (FIPS 197), four blocks at a time, bitsliced: constant time by construction, as there is no table, no
/// branch and no index that depends on data. Stateless, thread-safe; ranges are checked by the callers.
///
/// ```
///   plane i holds bit i of all 64 bytes; in it, bit 16 * row + 4 * column + block
///   so rows turn by rotating the word by 16, and columns by rotating within each 16 bits
/// ```
///
/// ShiftRows is never done. After round n the planes hold the state with its rows turned back n times; MixColumns looks
/// for its neighbours where that put them, round keys are stored turned back alike, and after the last round, number 10
/// or 14, two turns are made good (the "fixslicing" of Adomnicai and Peyrin, 2020). The S-box is the circuit of Boyar
/// and Peralta (2011): 115 gates, with their names.
final class Aes {
    /// Blocks that are encrypted at a time.
    static final int LANES = 4;
    /// Bytes of the planes: 8 bits of 16 bytes of 4 blocks. Round keys have the same form.
    static final int PLANES_BYTES = 8 * Long.BYTES;
    static final int BLOCK_BYTES = 16;

    private static final long EVERY_16 = 0x0001000100010001L;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private Aes() {}

    /// Encrypts the planes in place, save for the last turns, which [#unpack] makes.
    ///
    /// @param keys    `rounds + 1` round keys as [AesKey] writes them
    /// @param rounds  10 or 14 (section 5); or 0 for nothing but the S-box, which the key expansion needs
    static void rounds(MemorySegment planes, long at, MemorySegment keys, long keysAt, int rounds) {
        long p0 = planes.get(LONG, at);
        long p1 = planes.get(LONG, at + 8);
        long p2 = planes.get(LONG, at + 16);
        long p3 = planes.get(LONG, at + 24);
        long p4 = planes.get(LONG, at + 32);
        long p5 = planes.get(LONG, at + 40);
        long p6 = planes.get(LONG, at + 48);
        long p7 = planes.get(LONG, at + 56);
        if (rounds != 0) {
            p0 ^= keys.get(LONG, keysAt);
            p1 ^= keys.get(LONG, keysAt + 8);
            p2 ^= keys.get(LONG, keysAt + 16);
            p3 ^= keys.get(LONG, keysAt + 24);
            p4 ^= keys.get(LONG, keysAt + 32);
            p5 ^= keys.get(LONG, keysAt + 40);
            p6 ^= keys.get(LONG, keysAt + 48);
            p7 ^= keys.get(LONG, keysAt + 56);
        }
        for (int round = 1;; round++) {
            // SubBytes (5.1.1); p7 is the most significant bit
                long y14 = p4 ^ p2; long y13 = p7 ^ p1; long y9 = p7 ^ p4; long y8 = p7 ^ p2; long t0 = p6 ^ p5;
                long y1 = t0 ^ p0; long y4 = y1 ^ p4; long y12 = y13 ^ y14; long y2 = y1 ^ p7; long y5 = y1 ^ p1;
                long y3 = y5 ^ y8; long t1 = p3 ^ y12; long y15 = t1 ^ p2; long y20 = t1 ^ p6; long y6 = y15 ^ p0;
                long y10 = y15 ^ t0; long y11 = y20 ^ y9; long y7 = p0 ^ y11; long y17 = y10 ^ y11;
                long y19 = y10 ^ y8; long y16 = t0 ^ y11; long y21 = y13 ^ y16; long y18 = p7 ^ y16;
                long t2 = y12 & y15; long t3 = y3 & y6; long t4 = t3 ^ t2; long t5 = y4 & p0; long t6 = t5 ^ t2;
                long t7 = y13 & y16; long t8 = y5 & y1; long t9 = t8 ^ t7; long t10 = y2 & y7; long t11 = t10 ^ t7;
                long t12 = y9 & y11; long t13 = y14 & y17; long t14 = t13 ^ t12; long t15 = y8 & y10;
                long t16 = t15 ^ t12; long t17 = t4 ^ t14; long t18 = t6 ^ t16; long t19 = t9 ^ t14;
                long t20 = t11 ^ t16; long t21 = t17 ^ y20; long t22 = t18 ^ y19; long t23 = t19 ^ y21;
                long t24 = t20 ^ y18; long t25 = t21 ^ t22; long t26 = t21 & t23; long t27 = t24 ^ t26;
                long t28 = t25 & t27; long t29 = t28 ^ t22; long t30 = t23 ^ t24; long t31 = t22 ^ t26;
                long t32 = t31 & t30; long t33 = t32 ^ t24; long t34 = t23 ^ t33; long t35 = t27 ^ t33;
                long t36 = t24 & t35; long t37 = t36 ^ t34; long t38 = t27 ^ t36; long t39 = t29 & t38;
                long t40 = t25 ^ t39; long t41 = t40 ^ t37; long t42 = t29 ^ t33; long t43 = t29 ^ t40;
                long t44 = t33 ^ t37; long t45 = t42 ^ t41; long z0 = t44 & y15; long z1 = t37 & y6;
                long z2 = t33 & p0; long z3 = t43 & y16; long z4 = t40 & y1; long z5 = t29 & y7; long z6 = t42 & y11;
                long z7 = t45 & y17; long z8 = t41 & y10; long z9 = t44 & y12; long z10 = t37 & y3;
                long z11 = t33 & y4; long z12 = t43 & y13; long z13 = t40 & y5; long z14 = t29 & y2;
                long z15 = t42 & y9; long z16 = t45 & y14; long z17 = t41 & y8; long t46 = z15 ^ z16;
                long t47 = z10 ^ z11; long t48 = z5 ^ z13; long t49 = z9 ^ z10; long t50 = z2 ^ z12;
                long t51 = z2 ^ z5; long t52 = z7 ^ z8; long t53 = z0 ^ z3; long t54 = z6 ^ z7; long t55 = z16 ^ z17;
                long t56 = z12 ^ t48; long t57 = t50 ^ t53; long t58 = z4 ^ t46; long t59 = z3 ^ t54;
                long t60 = t46 ^ t57; long t61 = z14 ^ t57; long t62 = t52 ^ t58; long t63 = t49 ^ t58;
                long t64 = z4 ^ t59; long t65 = t61 ^ t62; long t66 = z1 ^ t63; long q7 = t59 ^ t63;
                long q1 = t56 ^ ~t62; long q0 = t48 ^ ~t60; long t67 = t64 ^ t65; long q4 = t53 ^ t66;
                long q3 = t51 ^ t66; long q2 = t47 ^ t65; long q6 = t64 ^ ~q4; long q5 = t55 ^ ~t67;
            p0 = q0; p1 = q1; p2 = q2; p3 = q3;
            p4 = q4; p5 = q5; p6 = q6; p7 = q7;
            if (round >= rounds) {
                break;
            }
            // MixColumns (5.1.3) where the rows stand turned back `round` times: the row below is `round` columns on.
            int shift = 4 * (round & 3);
            int shift2 = 8 * (round & 1);
            long keep = EVERY_16 * (0xffff >>> shift);
            long keep2 = EVERY_16 * (0xffff >>> shift2);
            long b0 = turn(Long.rotateRight(q0, 16), shift, keep);
            long a0 = q0 ^ b0;
            long b1 = turn(Long.rotateRight(q1, 16), shift, keep);
            long a1 = q1 ^ b1;
            long b2 = turn(Long.rotateRight(q2, 16), shift, keep);
            long a2 = q2 ^ b2;
            long b3 = turn(Long.rotateRight(q3, 16), shift, keep);
            long a3 = q3 ^ b3;
            long b4 = turn(Long.rotateRight(q4, 16), shift, keep);
            long a4 = q4 ^ b4;
            long b5 = turn(Long.rotateRight(q5, 16), shift, keep);
            long a5 = q5 ^ b5;
            long b6 = turn(Long.rotateRight(q6, 16), shift, keep);
            long a6 = q6 ^ b6;
            long b7 = turn(Long.rotateRight(q7, 16), shift, keep);
            long a7 = q7 ^ b7;
            p0 = a7 ^ b0 ^ turn(Long.rotateRight(a0, 32), shift2, keep2);
            p1 = a0 ^ a7 ^ b1 ^ turn(Long.rotateRight(a1, 32), shift2, keep2);
            p2 = a1 ^ b2 ^ turn(Long.rotateRight(a2, 32), shift2, keep2);
            p3 = a2 ^ a7 ^ b3 ^ turn(Long.rotateRight(a3, 32), shift2, keep2);
            p4 = a3 ^ a7 ^ b4 ^ turn(Long.rotateRight(a4, 32), shift2, keep2);
            p5 = a4 ^ b5 ^ turn(Long.rotateRight(a5, 32), shift2, keep2);
            p6 = a5 ^ b6 ^ turn(Long.rotateRight(a6, 32), shift2, keep2);
            p7 = a6 ^ b7 ^ turn(Long.rotateRight(a7, 32), shift2, keep2);
            long key = keysAt + (long) round * PLANES_BYTES;
            p0 ^= keys.get(LONG, key);
            p1 ^= keys.get(LONG, key + 8);
            p2 ^= keys.get(LONG, key + 16);
            p3 ^= keys.get(LONG, key + 24);
            p4 ^= keys.get(LONG, key + 32);
            p5 ^= keys.get(LONG, key + 40);
            p6 ^= keys.get(LONG, key + 48);
            p7 ^= keys.get(LONG, key + 56);
        }
        if (rounds != 0) {
            long key = keysAt + (long) rounds * PLANES_BYTES;
            p0 ^= keys.get(LONG, key);
            p1 ^= keys.get(LONG, key + 8);
            p2 ^= keys.get(LONG, key + 16);
            p3 ^= keys.get(LONG, key + 24);
            p4 ^= keys.get(LONG, key + 32);
            p5 ^= keys.get(LONG, key + 40);
            p6 ^= keys.get(LONG, key + 48);
            p7 ^= keys.get(LONG, key + 56);
        }
        planes.set(LONG, at, p0);
        planes.set(LONG, at + 8, p1);
        planes.set(LONG, at + 16, p2);
        planes.set(LONG, at + 24, p3);
        planes.set(LONG, at + 32, p4);
        planes.set(LONG, at + 40, p5);
        planes.set(LONG, at + 48, p6);
        planes.set(LONG, at + 56, p7);
    }

    /// Rotates each 16 bits right; `keep` marks what does not wrap.
    private static long turn(long word, int shift, long keep) {
        return (word >>> shift & keep) | (word << (16 - shift) & ~keep);
    }

    /// Turns eight words, word `4 * (column & 1) + block` with the bytes of its column and the second next one
    /// interleaved, into planes, and back: in each byte place, bit i of word j changes places with bit j of word i.
    static void transpose(MemorySegment planes, long at) {
        for (int i = 0; i < 8; i += 2) {
            swap(planes, at + 8 * i, at + 8 * i + 8, 1, 0x5555555555555555L);
        }
        for (int i = 0; i < 8; i += 4) {
            swap(planes, at + 8 * i, at + 8 * i + 16, 2, 0x3333333333333333L);
            swap(planes, at + 8 * i + 8, at + 8 * i + 24, 2, 0x3333333333333333L);
        }
        for (int i = 0; i < 4; i++) {
            swap(planes, at + 8 * i, at + 8 * i + 32, 4, 0x0f0f0f0f0f0f0f0fL);
        }
    }

    private static void swap(MemorySegment planes, long a, long b, int shift, long mask) {
        long x = planes.get(LONG, a);
        long y = planes.get(LONG, b);
        long t = (x >>> shift ^ y) & mask;
        planes.set(LONG, a, x ^ t << shift);
        planes.set(LONG, b, y ^ t);
    }

    /// {@return the two columns of one of the eight words: bytes of `even` and of `odd` in turns}
    static long interleave(int even, int odd) {
        return spread(even) | spread(odd) << 8;
    }

    private static long spread(int word) {
        long x = Integer.toUnsignedLong(word);
        x = (x | x << 16) & 0x0000ffff0000ffffL;
        return (x | x << 8) & 0x00ff00ff00ff00ffL;
    }

    /// {@return what [#interleave] took as `even`}
    static int even(long word) {
        long x = word & 0x00ff00ff00ff00ffL;
        x = (x | x >>> 8) & 0x0000ffff0000ffffL;
        return (int) (x | x >>> 16);
    }

    /// Turns planes into four blocks, with rows 1 and 3 turned by two columns: what 10 or 14 rounds leave to do.
    static void unpack(MemorySegment planes, long at, MemorySegment blocks, long blocksAt) {
        transpose(planes, at);
        for (int block = 0; block < LANES; block++) {
            for (int column = 0; column < 2; column++) {
                long word = planes.get(LONG, at + 8 * (4 * column + block));
                // Bytes 2 and 3 are row 1 of this column and the second next, 6 and 7 are row 3: they change places.
                word = word & 0x0000ffff0000ffffL | (word & 0x00ff000000ff0000L) << 8 | word >>> 8 & 0x00ff000000ff0000L;
                long to = blocksAt + BLOCK_BYTES * block + 4 * column;
                blocks.set(AesKey.WORD, to, even(word));
                blocks.set(AesKey.WORD, to + 8, even(word >>> 8));
            }
        }
    }
}
