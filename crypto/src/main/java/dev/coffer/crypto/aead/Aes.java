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

    /// Bytes of a nonce as [#packNonce] leaves it.
    static final int PACKED_BYTES = 5 * Long.BYTES;

    private static final long M1 = 0x5555555555555555L;
    private static final long M2 = 0x3333333333333333L;
    private static final long M4 = 0x0f0f0f0f0f0f0f0fL;
    private static final long EVERY_16 = 0x0001000100010001L;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private Aes() {}

    /// Encrypts the planes in place, save for the last turns, which [#unpack] makes.
    ///
    /// @param keys    `rounds + 1` round keys as [AesKey] writes them
    /// @param rounds  10 or 14 (section 5); or 0 for nothing but the S-box, which the key expansion needs
    static void rounds(MemorySegment planes, long at, MemorySegment keys, long keysAt, int rounds) {
        long p0 = plane(planes, at, 0);
        long p1 = plane(planes, at, 1);
        long p2 = plane(planes, at, 2);
        long p3 = plane(planes, at, 3);
        long p4 = plane(planes, at, 4);
        long p5 = plane(planes, at, 5);
        long p6 = plane(planes, at, 6);
        long p7 = plane(planes, at, 7);
        if (rounds != 0) {
            p0 ^= plane(keys, keysAt, 0);
            p1 ^= plane(keys, keysAt, 1);
            p2 ^= plane(keys, keysAt, 2);
            p3 ^= plane(keys, keysAt, 3);
            p4 ^= plane(keys, keysAt, 4);
            p5 ^= plane(keys, keysAt, 5);
            p6 ^= plane(keys, keysAt, 6);
            p7 ^= plane(keys, keysAt, 7);
        }
        for (int round = 1;; round++) {
            // SubBytes (5.1.1); p7 is the most significant bit
            // @formatter:off
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
            if (round >= rounds) {
                p0 = q0; p1 = q1; p2 = q2; p3 = q3;
                p4 = q4; p5 = q5; p6 = q6; p7 = q7;
                break;
                // @formatter:on
            }
            // MixColumns (5.1.3) where the rows stand turned back `round` times: the row below is `round` columns on.
            switch (round & 3) {
                case 0 -> {
                    // @formatter:off
                    long b0 = Long.rotateRight(q0, 16); long a0 = q0 ^ b0;
                    long b1 = Long.rotateRight(q1, 16); long a1 = q1 ^ b1;
                    long b2 = Long.rotateRight(q2, 16); long a2 = q2 ^ b2;
                    long b3 = Long.rotateRight(q3, 16); long a3 = q3 ^ b3;
                    long b4 = Long.rotateRight(q4, 16); long a4 = q4 ^ b4;
                    long b5 = Long.rotateRight(q5, 16); long a5 = q5 ^ b5;
                    long b6 = Long.rotateRight(q6, 16); long a6 = q6 ^ b6;
                    long b7 = Long.rotateRight(q7, 16); long a7 = q7 ^ b7;
                    // @formatter:on
                    p0 = a7 ^ b0 ^ Long.rotateRight(a0, 32);
                    p1 = a0 ^ a7 ^ b1 ^ Long.rotateRight(a1, 32);
                    p2 = a1 ^ b2 ^ Long.rotateRight(a2, 32);
                    p3 = a2 ^ a7 ^ b3 ^ Long.rotateRight(a3, 32);
                    p4 = a3 ^ a7 ^ b4 ^ Long.rotateRight(a4, 32);
                    p5 = a4 ^ b5 ^ Long.rotateRight(a5, 32);
                    p6 = a5 ^ b6 ^ Long.rotateRight(a6, 32);
                    p7 = a6 ^ b7 ^ Long.rotateRight(a7, 32);
                }
                case 1 -> {
                    // @formatter:off
                    long b0 = below1(q0); long a0 = q0 ^ b0;
                    long b1 = below1(q1); long a1 = q1 ^ b1;
                    long b2 = below1(q2); long a2 = q2 ^ b2;
                    long b3 = below1(q3); long a3 = q3 ^ b3;
                    long b4 = below1(q4); long a4 = q4 ^ b4;
                    long b5 = below1(q5); long a5 = q5 ^ b5;
                    long b6 = below1(q6); long a6 = q6 ^ b6;
                    long b7 = below1(q7); long a7 = q7 ^ b7;
                    // @formatter:on
                    p0 = a7 ^ b0 ^ opposite2(a0);
                    p1 = a0 ^ a7 ^ b1 ^ opposite2(a1);
                    p2 = a1 ^ b2 ^ opposite2(a2);
                    p3 = a2 ^ a7 ^ b3 ^ opposite2(a3);
                    p4 = a3 ^ a7 ^ b4 ^ opposite2(a4);
                    p5 = a4 ^ b5 ^ opposite2(a5);
                    p6 = a5 ^ b6 ^ opposite2(a6);
                    p7 = a6 ^ b7 ^ opposite2(a7);
                }
                case 2 -> {
                    // @formatter:off
                    long b0 = below2(q0); long a0 = q0 ^ b0;
                    long b1 = below2(q1); long a1 = q1 ^ b1;
                    long b2 = below2(q2); long a2 = q2 ^ b2;
                    long b3 = below2(q3); long a3 = q3 ^ b3;
                    long b4 = below2(q4); long a4 = q4 ^ b4;
                    long b5 = below2(q5); long a5 = q5 ^ b5;
                    long b6 = below2(q6); long a6 = q6 ^ b6;
                    long b7 = below2(q7); long a7 = q7 ^ b7;
                    // @formatter:on
                    p0 = a7 ^ b0 ^ Long.rotateRight(a0, 32);
                    p1 = a0 ^ a7 ^ b1 ^ Long.rotateRight(a1, 32);
                    p2 = a1 ^ b2 ^ Long.rotateRight(a2, 32);
                    p3 = a2 ^ a7 ^ b3 ^ Long.rotateRight(a3, 32);
                    p4 = a3 ^ a7 ^ b4 ^ Long.rotateRight(a4, 32);
                    p5 = a4 ^ b5 ^ Long.rotateRight(a5, 32);
                    p6 = a5 ^ b6 ^ Long.rotateRight(a6, 32);
                    p7 = a6 ^ b7 ^ Long.rotateRight(a7, 32);
                }
                default -> {
                    // @formatter:off
                    long b0 = below3(q0); long a0 = q0 ^ b0;
                    long b1 = below3(q1); long a1 = q1 ^ b1;
                    long b2 = below3(q2); long a2 = q2 ^ b2;
                    long b3 = below3(q3); long a3 = q3 ^ b3;
                    long b4 = below3(q4); long a4 = q4 ^ b4;
                    long b5 = below3(q5); long a5 = q5 ^ b5;
                    long b6 = below3(q6); long a6 = q6 ^ b6;
                    long b7 = below3(q7); long a7 = q7 ^ b7;
                    // @formatter:on
                    p0 = a7 ^ b0 ^ opposite2(a0);
                    p1 = a0 ^ a7 ^ b1 ^ opposite2(a1);
                    p2 = a1 ^ b2 ^ opposite2(a2);
                    p3 = a2 ^ a7 ^ b3 ^ opposite2(a3);
                    p4 = a3 ^ a7 ^ b4 ^ opposite2(a4);
                    p5 = a4 ^ b5 ^ opposite2(a5);
                    p6 = a5 ^ b6 ^ opposite2(a6);
                    p7 = a6 ^ b7 ^ opposite2(a7);
                }
            }
            long key = keysAt + (long) round * PLANES_BYTES;
            p0 ^= plane(keys, key, 0);
            p1 ^= plane(keys, key, 1);
            p2 ^= plane(keys, key, 2);
            p3 ^= plane(keys, key, 3);
            p4 ^= plane(keys, key, 4);
            p5 ^= plane(keys, key, 5);
            p6 ^= plane(keys, key, 6);
            p7 ^= plane(keys, key, 7);
        }
        if (rounds != 0) {
            long key = keysAt + (long) rounds * PLANES_BYTES;
            p0 ^= plane(keys, key, 0);
            p1 ^= plane(keys, key, 1);
            p2 ^= plane(keys, key, 2);
            p3 ^= plane(keys, key, 3);
            p4 ^= plane(keys, key, 4);
            p5 ^= plane(keys, key, 5);
            p6 ^= plane(keys, key, 6);
            p7 ^= plane(keys, key, 7);
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

    /// {@return a plane of eight}
    ///
    /// The assertion makes it longer than the 35 bytes that C1 inlines, on purpose: as many inlined accesses as the rounds have are more
    /// than its registers can name, see [dev.coffer.crypto.keccak.Keccak]. C2 inlines it, at no cost.
    private static long plane(MemorySegment planes, long at, int i) {
        assert 0 <= i && i < 8 : "plane " + i;
        return planes.get(LONG, at + (long) Long.BYTES * i);
    }

    // What stands one row below and 1, 2 or 3 columns on, and two of both: a rotation, and one by a row less for the
    // columns that wrap.

    @SuppressWarnings("ConstantOverflow")  // masks, whose highest bit is no sign
    private static long below1(long x) {
        return Long.rotateRight(x, 16 + 4) & EVERY_16 * 0x0fff | Long.rotateRight(x, 4) & EVERY_16 * 0xf000;
    }

    @SuppressWarnings("ConstantOverflow")  // masks, whose highest bit is no sign
    private static long below2(long x) {
        return Long.rotateRight(x, 16 + 8) & EVERY_16 * 0x00ff | Long.rotateRight(x, 8) & EVERY_16 * 0xff00;
    }

    @SuppressWarnings("ConstantOverflow")  // masks, whose highest bit is no sign
    private static long below3(long x) {
        return Long.rotateRight(x, 16 + 12) & EVERY_16 * 0x000f | Long.rotateRight(x, 12) & EVERY_16 * 0xfff0;
    }

    @SuppressWarnings("ConstantOverflow")  // masks, whose highest bit is no sign
    private static long opposite2(long x) {
        return Long.rotateRight(x, 32 + 8) & EVERY_16 * 0x00ff | Long.rotateRight(x, 32 + 8 - 16) & EVERY_16 * 0xff00;
    }

    /// Turns eight words, word `4 * (column & 1) + block` with the bytes of its column and the second next one
    /// interleaved, into planes, and back: in each byte place, bit i of word j changes places with bit j of word i.
    static void transpose(MemorySegment planes, long at) {
        for (int i = 0; i < 8; i += 2) {
            swap(planes, at + 8 * i, at + 8 * i + 8, 1, M1);
        }
        for (int i = 0; i < 8; i += 4) {
            swap(planes, at + 8 * i, at + 8 * i + 16, 2, M2);
            swap(planes, at + 8 * i + 8, at + 8 * i + 24, 2, M2);
        }
        for (int i = 0; i < 4; i++) {
            swap(planes, at + 8 * i, at + 8 * i + 32, 4, M4);
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

    /// Prepares columns 0 to 2 of counter blocks, which are the nonce: four words, and one that [#pack] needs.
    static void packNonce(MemorySegment nonce, long nonceAt, MemorySegment packed, long packedAt) {
        long x0 = interleave(nonce.get(AesKey.WORD, nonceAt), nonce.get(AesKey.WORD, nonceAt + 8));
        long x1 = x0;
        long x2 = x0;
        long x3 = x0;
        long t;
        // @formatter:off
        t = (x0 >>> 1 ^ x1) & M1; x0 ^= t << 1; x1 ^= t;
        t = (x2 >>> 1 ^ x3) & M1; x2 ^= t << 1; x3 ^= t;
        t = (x0 >>> 2 ^ x2) & M2; x0 ^= t << 2; x2 ^= t;
        t = (x1 >>> 2 ^ x3) & M2; x1 ^= t << 2; x3 ^= t;
        // @formatter:on
        packed.set(LONG, packedAt, x0);
        packed.set(LONG, packedAt + 8, x1);
        packed.set(LONG, packedAt + 16, x2);
        packed.set(LONG, packedAt + 24, x3);
        packed.set(LONG, packedAt + 32, spread(nonce.get(AesKey.WORD, nonceAt + 4)));
    }

    /// Makes the planes of four counter blocks: [#transpose] with its first half done by [#packNonce].
    ///
    /// @param counter  of the first; the others follow, modulo 2^32
    static void pack(MemorySegment packed, long packedAt, int counter, MemorySegment planes, long at) {
        long column1 = packed.get(LONG, packedAt + 32);
        long x0 = packed.get(LONG, packedAt);
        long x1 = packed.get(LONG, packedAt + 8);
        long x2 = packed.get(LONG, packedAt + 16);
        long x3 = packed.get(LONG, packedAt + 24);
        long x4 = column1 | spread(Integer.reverseBytes(counter)) << 8;
        long x5 = column1 | spread(Integer.reverseBytes(counter + 1)) << 8;
        long x6 = column1 | spread(Integer.reverseBytes(counter + 2)) << 8;
        long x7 = column1 | spread(Integer.reverseBytes(counter + 3)) << 8;
        long t;
        // @formatter:off
        t = (x4 >>> 1 ^ x5) & M1; x4 ^= t << 1; x5 ^= t;
        t = (x6 >>> 1 ^ x7) & M1; x6 ^= t << 1; x7 ^= t;
        t = (x4 >>> 2 ^ x6) & M2; x4 ^= t << 2; x6 ^= t;
        t = (x5 >>> 2 ^ x7) & M2; x5 ^= t << 2; x7 ^= t;
        t = (x0 >>> 4 ^ x4) & M4; x0 ^= t << 4; x4 ^= t;
        t = (x1 >>> 4 ^ x5) & M4; x1 ^= t << 4; x5 ^= t;
        t = (x2 >>> 4 ^ x6) & M4; x2 ^= t << 4; x6 ^= t;
        t = (x3 >>> 4 ^ x7) & M4; x3 ^= t << 4; x7 ^= t;
        // @formatter:on
        planes.set(LONG, at, x0);
        planes.set(LONG, at + 8, x1);
        planes.set(LONG, at + 16, x2);
        planes.set(LONG, at + 24, x3);
        planes.set(LONG, at + 32, x4);
        planes.set(LONG, at + 40, x5);
        planes.set(LONG, at + 48, x6);
        planes.set(LONG, at + 56, x7);
    }

    /// Turns planes into four blocks, with rows 1 and 3 turned by two columns: what 10 or 14 rounds leave to do.
    static void unpack(MemorySegment planes, long at, MemorySegment blocks, long blocksAt) {
        long x0 = planes.get(LONG, at);
        long x1 = planes.get(LONG, at + 8);
        long x2 = planes.get(LONG, at + 16);
        long x3 = planes.get(LONG, at + 24);
        long x4 = planes.get(LONG, at + 32);
        long x5 = planes.get(LONG, at + 40);
        long x6 = planes.get(LONG, at + 48);
        long x7 = planes.get(LONG, at + 56);
        long t;
        // @formatter:off
        t = (x0 >>> 1 ^ x1) & M1; x0 ^= t << 1; x1 ^= t;
        t = (x2 >>> 1 ^ x3) & M1; x2 ^= t << 1; x3 ^= t;
        t = (x4 >>> 1 ^ x5) & M1; x4 ^= t << 1; x5 ^= t;
        t = (x6 >>> 1 ^ x7) & M1; x6 ^= t << 1; x7 ^= t;
        t = (x0 >>> 2 ^ x2) & M2; x0 ^= t << 2; x2 ^= t;
        t = (x1 >>> 2 ^ x3) & M2; x1 ^= t << 2; x3 ^= t;
        t = (x4 >>> 2 ^ x6) & M2; x4 ^= t << 2; x6 ^= t;
        t = (x5 >>> 2 ^ x7) & M2; x5 ^= t << 2; x7 ^= t;
        t = (x0 >>> 4 ^ x4) & M4; x0 ^= t << 4; x4 ^= t;
        t = (x1 >>> 4 ^ x5) & M4; x1 ^= t << 4; x5 ^= t;
        t = (x2 >>> 4 ^ x6) & M4; x2 ^= t << 4; x6 ^= t;
        t = (x3 >>> 4 ^ x7) & M4; x3 ^= t << 4; x7 ^= t;
        // @formatter:on
        columns(x0, blocks, blocksAt);
        columns(x4, blocks, blocksAt + 4);
        columns(x1, blocks, blocksAt + 16);
        columns(x5, blocks, blocksAt + 20);
        columns(x2, blocks, blocksAt + 32);
        columns(x6, blocks, blocksAt + 36);
        columns(x3, blocks, blocksAt + 48);
        columns(x7, blocks, blocksAt + 52);
    }

    /// Writes a column and the second next one. Their bytes come in turns: first they are parted, then rows 1 and 3
    /// change places.
    private static void columns(long word, MemorySegment blocks, long at) {
        long t = (word >>> 8 ^ word) & 0x0000ff000000ff00L;
        long x = word ^ t ^ t << 8;
        t = (x >>> 16 ^ x) & 0x00000000ffff0000L;
        x ^= t ^ t << 16;
        t = (x >>> 32 ^ x) & 0xff00ff00L;
        x ^= t ^ t << 32;
        blocks.set(AesKey.WORD, at, (int) x);
        blocks.set(AesKey.WORD, at + 8, (int) (x >>> 32));
    }
}
