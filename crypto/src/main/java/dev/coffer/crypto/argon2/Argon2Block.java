package dev.coffer.crypto.argon2;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// The compression function G of two blocks (RFC 9106, section 3.5), scalar, in locals, without a branch or index that depends on
/// data. Stateless, thread-safe; 0 heap bytes. Ranges were checked by the caller.
final class Argon2Block {
    private static final int BYTES = Argon2id.BLOCK_BYTES;
    private static final int ROW_BYTES = 16 * Long.BYTES;
    private static final int PAIR_BYTES = 2 * Long.BYTES;
    private static final int ROWS = 8;
    private static final long LOW = 0xffff_ffffL;

    private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private Argon2Block() {}

    /// Writes G of two blocks, which may be the output too; or adds it to what lies there (section 3.4, step 6 of later passes).
    ///
    /// @param z  a block that is overwritten
    static void compress(MemorySegment blocks, long x, long y, long output, boolean adds, MemorySegment z, long zAt) {
        for (int i = 0; i < BYTES; i += Long.BYTES) {
            z.set(WORD, zAt + i, blocks.get(WORD, x + i) ^ blocks.get(WORD, y + i));
        }
        if (adds) {
            for (int i = 0; i < BYTES; i += Long.BYTES) {
                blocks.set(WORD, output + i, blocks.get(WORD, output + i) ^ z.get(WORD, zAt + i));
            }
        } else {
            MemorySegment.copy(z, zAt, blocks, output, BYTES);
        }
        permute(z, zAt, ROW_BYTES, PAIR_BYTES);
        permute(z, zAt, PAIR_BYTES, ROW_BYTES);
        add(z, zAt, blocks, output);
    }

    /// Adds a block to another, without carry.
    static void add(MemorySegment block, long at, MemorySegment sum, long sumAt) {
        for (int i = 0; i < BYTES; i += Long.BYTES) {
            sum.set(WORD, sumAt + i, sum.get(WORD, sumAt + i) ^ block.get(WORD, at + i));
        }
    }

    /// The permutation P (section 3.6) of eight rows of eight pairs, or of eight columns.
    ///
    /// @param step  bytes from one to the next
    /// @param pair  bytes from a pair to the next of the same
    private static void permute(MemorySegment z, long at, long step, long pair) {
        long p = at;
        for (int row = 0; row < ROWS; row++, p += step) {
            long v0 = word(z, p, 0);
            long v1 = word(z, p, 1);
            long v2 = word(z, p + pair, 0);
            long v3 = word(z, p + pair, 1);
            long v4 = word(z, p + 2 * pair, 0);
            long v5 = word(z, p + 2 * pair, 1);
            long v6 = word(z, p + 3 * pair, 0);
            long v7 = word(z, p + 3 * pair, 1);
            long v8 = word(z, p + 4 * pair, 0);
            long v9 = word(z, p + 4 * pair, 1);
            long v10 = word(z, p + 5 * pair, 0);
            long v11 = word(z, p + 5 * pair, 1);
            long v12 = word(z, p + 6 * pair, 0);
            long v13 = word(z, p + 6 * pair, 1);
            long v14 = word(z, p + 7 * pair, 0);
            long v15 = word(z, p + 7 * pair, 1);
            v0 = added(v0, v4);
            v12 = Long.rotateRight(v12 ^ v0, 32);
            v8 = added(v8, v12);
            v4 = Long.rotateRight(v4 ^ v8, 24);
            v0 = added(v0, v4);
            v12 = Long.rotateRight(v12 ^ v0, 16);
            v8 = added(v8, v12);
            v4 = Long.rotateRight(v4 ^ v8, 63);
            v1 = added(v1, v5);
            v13 = Long.rotateRight(v13 ^ v1, 32);
            v9 = added(v9, v13);
            v5 = Long.rotateRight(v5 ^ v9, 24);
            v1 = added(v1, v5);
            v13 = Long.rotateRight(v13 ^ v1, 16);
            v9 = added(v9, v13);
            v5 = Long.rotateRight(v5 ^ v9, 63);
            v2 = added(v2, v6);
            v14 = Long.rotateRight(v14 ^ v2, 32);
            v10 = added(v10, v14);
            v6 = Long.rotateRight(v6 ^ v10, 24);
            v2 = added(v2, v6);
            v14 = Long.rotateRight(v14 ^ v2, 16);
            v10 = added(v10, v14);
            v6 = Long.rotateRight(v6 ^ v10, 63);
            v3 = added(v3, v7);
            v15 = Long.rotateRight(v15 ^ v3, 32);
            v11 = added(v11, v15);
            v7 = Long.rotateRight(v7 ^ v11, 24);
            v3 = added(v3, v7);
            v15 = Long.rotateRight(v15 ^ v3, 16);
            v11 = added(v11, v15);
            v7 = Long.rotateRight(v7 ^ v11, 63);
            v0 = added(v0, v5);
            v15 = Long.rotateRight(v15 ^ v0, 32);
            v10 = added(v10, v15);
            v5 = Long.rotateRight(v5 ^ v10, 24);
            v0 = added(v0, v5);
            v15 = Long.rotateRight(v15 ^ v0, 16);
            v10 = added(v10, v15);
            v5 = Long.rotateRight(v5 ^ v10, 63);
            v1 = added(v1, v6);
            v12 = Long.rotateRight(v12 ^ v1, 32);
            v11 = added(v11, v12);
            v6 = Long.rotateRight(v6 ^ v11, 24);
            v1 = added(v1, v6);
            v12 = Long.rotateRight(v12 ^ v1, 16);
            v11 = added(v11, v12);
            v6 = Long.rotateRight(v6 ^ v11, 63);
            v2 = added(v2, v7);
            v13 = Long.rotateRight(v13 ^ v2, 32);
            v8 = added(v8, v13);
            v7 = Long.rotateRight(v7 ^ v8, 24);
            v2 = added(v2, v7);
            v13 = Long.rotateRight(v13 ^ v2, 16);
            v8 = added(v8, v13);
            v7 = Long.rotateRight(v7 ^ v8, 63);
            v3 = added(v3, v4);
            v14 = Long.rotateRight(v14 ^ v3, 32);
            v9 = added(v9, v14);
            v4 = Long.rotateRight(v4 ^ v9, 24);
            v3 = added(v3, v4);
            v14 = Long.rotateRight(v14 ^ v3, 16);
            v9 = added(v9, v14);
            v4 = Long.rotateRight(v4 ^ v9, 63);
            word(z, p, 0, v0);
            word(z, p, 1, v1);
            word(z, p + pair, 0, v2);
            word(z, p + pair, 1, v3);
            word(z, p + 2 * pair, 0, v4);
            word(z, p + 2 * pair, 1, v5);
            word(z, p + 3 * pair, 0, v6);
            word(z, p + 3 * pair, 1, v7);
            word(z, p + 4 * pair, 0, v8);
            word(z, p + 4 * pair, 1, v9);
            word(z, p + 5 * pair, 0, v10);
            word(z, p + 5 * pair, 1, v11);
            word(z, p + 6 * pair, 0, v12);
            word(z, p + 6 * pair, 1, v13);
            word(z, p + 7 * pair, 0, v14);
            word(z, p + 7 * pair, 1, v15);
        }
    }

    /// {@return a + b + 2 * low(a) * low(b), of the lower halves: a multiplication, which hardware for hashing is not faster at}
    private static long added(long a, long b) {
        return a + b + ((a & LOW) * (b & LOW) << 1);
    }

    /// {@return a word of a pair}
    ///
    /// The assertion makes it longer than the 35 bytes that C1 inlines, on purpose: see [dev.coffer.crypto.keccak.Keccak].
    private static long word(MemorySegment z, long pair, int i) {
        assert 0 <= i && i < 2 : "word " + i;
        return z.get(WORD, pair + (long) Long.BYTES * i);
    }

    private static void word(MemorySegment z, long pair, int i, long value) {
        assert 0 <= i && i < 2 : "word " + i;
        z.set(WORD, pair + (long) Long.BYTES * i, value);
    }
}
