package dev.coffer.crypto.blake2;

import dev.coffer.crypto.internal.HashFunction;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.LittleEndian;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// BLAKE2b (RFC 7693), scalar, in locals, without a branch or index that depends on data. What is static takes any length of digest
/// and a key, for Argon2; an object is a [HashFunction] of one length, for [dev.coffer.crypto.Hash].
///
/// Every range was checked by the caller. A state is the caller's to wipe.
public final class Blake2b extends HashFunction {
    /// Bytes of a block (section 2.1): 16 words.
    public static final int BLOCK_BYTES = 16 * Long.BYTES;
    /// Bytes of the longest digest, and of the longest key.
    public static final int DIGEST_BYTES_MAX = 64;

    // A state: the chaining value, the bytes that were compressed, the bytes that wait, and those.
    private static final long CHAIN = 0;
    private static final long COUNT = CHAIN + 8 * Long.BYTES;
    private static final long HELD = COUNT + Long.BYTES;
    private static final long BLOCK = HELD + Long.BYTES;
    /// Bytes of a state, at any alignment.
    public static final long STATE_BYTES = BLOCK + BLOCK_BYTES;

    private static final ValueLayout.OfLong NATIVE = ValueLayout.JAVA_LONG_UNALIGNED;

    // Section 2.6: that of SHA-512.
    private static final long IV0 = 0x6a09e667f3bcc908L;
    private static final long IV1 = 0xbb67ae8584caa73bL;
    private static final long IV2 = 0x3c6ef372fe94f82bL;
    private static final long IV3 = 0xa54ff53a5f1d36f1L;
    private static final long IV4 = 0x510e527fade682d1L;
    private static final long IV5 = 0x9b05688c2b3e6c1fL;
    private static final long IV6 = 0x1f83d9abfb41bd6bL;
    private static final long IV7 = 0x5be0cd19137e2179L;

    private static final int ROUNDS = 12;

    /// Section 2.7, ten rows; rounds 10 and 11 take the first two again. Read by round number, which is public.
    private static final byte[] SIGMA = {
            0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
            14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3,
            11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4,
            7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8,
            9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13,
            2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9,
            12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11,
            13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10,
            6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5,
            10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0,
            0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
            14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3,
    };

    /// Made once for each size, by [dev.coffer.crypto.Hash].
    ///
    /// @param digestBytes  1 to 64
    public Blake2b(int digestBytes) {
        super("BLAKE2b-" + digestBytes * Byte.SIZE, digestBytes, BLOCK_BYTES, STATE_BYTES, STATE_BYTES);
    }

    @Override
    public void begin(MemorySegment state, long at) {
        start(state, at, digestBytes(), 0);
    }

    @Override
    public void absorb(MemorySegment state, long at, MemorySegment input, long inputAt, long length) {
        take(state, at, input, inputAt, length);
    }

    @Override
    public void finish(MemorySegment state, long at, MemorySegment output, long outputAt) {
        end(state, at, output, outputAt, digestBytes());
    }

    /// Writes a state that has seen nothing.
    ///
    /// @param digestBytes  1 to 64
    public static void begin(MemorySegment state, long at, int digestBytes) {
        start(state, at, digestBytes, 0);
    }

    /// Writes a state that has seen a key (section 2.5): a block of its own, filled up with zeros.
    ///
    /// @param keyLength  1 to 64
    public static void begin(MemorySegment state, long at, int digestBytes, MemorySegment key, long keyAt, int keyLength) {
        start(state, at, digestBytes, keyLength);
        MemorySegment.copy(key, keyAt, state, at + BLOCK, keyLength);
        Wipe.bytes(state, at + BLOCK + keyLength, BLOCK_BYTES - keyLength);
        state.set(NATIVE, at + HELD, BLOCK_BYTES);
    }

    private static void start(MemorySegment state, long at, int digestBytes, int keyBytes) {
        assert 1 <= digestBytes && digestBytes <= DIGEST_BYTES_MAX && 0 <= keyBytes && keyBytes <= DIGEST_BYTES_MAX;
        state.set(NATIVE, at + CHAIN, IV0 ^ 0x01010000 ^ keyBytes << 8 ^ digestBytes);
        state.set(NATIVE, at + CHAIN + 8, IV1);
        state.set(NATIVE, at + CHAIN + 16, IV2);
        state.set(NATIVE, at + CHAIN + 24, IV3);
        state.set(NATIVE, at + CHAIN + 32, IV4);
        state.set(NATIVE, at + CHAIN + 40, IV5);
        state.set(NATIVE, at + CHAIN + 48, IV6);
        state.set(NATIVE, at + CHAIN + 56, IV7);
        state.set(NATIVE, at + COUNT, 0);
        state.set(NATIVE, at + HELD, 0);
    }

    /// Takes the next bytes of the message. A block is compressed when a byte comes after it: the last one is another's.
    public static void take(MemorySegment state, long at, MemorySegment input, long inputAt, long length) {
        long held = state.get(NATIVE, at + HELD);
        long count = state.get(NATIVE, at + COUNT);
        long taken = Math.min(BLOCK_BYTES - held, length);
        MemorySegment.copy(input, inputAt, state, at + BLOCK + held, taken);
        held += taken;
        if (taken < length) {
            count += BLOCK_BYTES;
            compress(state, at + CHAIN, state, at + BLOCK, count, 0);
            for (; length - taken > BLOCK_BYTES; taken += BLOCK_BYTES) {
                count += BLOCK_BYTES;
                compress(state, at + CHAIN, input, inputAt + taken, count, 0);
            }
            held = length - taken;
            MemorySegment.copy(input, inputAt + taken, state, at + BLOCK, held);
            state.set(NATIVE, at + COUNT, count);
        }
        state.set(NATIVE, at + HELD, held);
    }

    /// Compresses the last block, filled up with zeros, and writes the digest.
    ///
    /// @param length  bytes of it, as [#begin] was told
    public static void end(MemorySegment state, long at, MemorySegment output, long outputAt, int length) {
        long held = state.get(NATIVE, at + HELD);
        Wipe.bytes(state, at + BLOCK + held, BLOCK_BYTES - held);
        compress(state, at + CHAIN, state, at + BLOCK, state.get(NATIVE, at + COUNT) + held, -1);
        for (int i = 0; i < Long.BYTES; i++) {  // the words of the digest are little-endian
            long word = at + CHAIN + (long) i * Long.BYTES;
            LittleEndian.i64(state, word, state.get(NATIVE, word));
        }
        MemorySegment.copy(state, at + CHAIN, output, outputAt, length);
    }

    /// The function F (section 3.2), with a count of bytes below 2^63.
    private static void compress(MemorySegment state, long chain, MemorySegment input, long at, long count, long last) {
        long v0 = chained(state, chain, 0);
        long v1 = chained(state, chain, 1);
        long v2 = chained(state, chain, 2);
        long v3 = chained(state, chain, 3);
        long v4 = chained(state, chain, 4);
        long v5 = chained(state, chain, 5);
        long v6 = chained(state, chain, 6);
        long v7 = chained(state, chain, 7);
        long v8 = IV0;
        long v9 = IV1;
        long v10 = IV2;
        long v11 = IV3;
        long v12 = IV4 ^ count;
        long v13 = IV5;
        long v14 = IV6 ^ last;
        long v15 = IV7;
        for (int s = 0; s < 16 * ROUNDS; s += 16) {
            v0 += v4 + word(input, at, s);
            v12 = Long.rotateRight(v12 ^ v0, 32);
            v8 += v12;
            v4 = Long.rotateRight(v4 ^ v8, 24);
            v0 += v4 + word(input, at, s + 1);
            v12 = Long.rotateRight(v12 ^ v0, 16);
            v8 += v12;
            v4 = Long.rotateRight(v4 ^ v8, 63);
            v1 += v5 + word(input, at, s + 2);
            v13 = Long.rotateRight(v13 ^ v1, 32);
            v9 += v13;
            v5 = Long.rotateRight(v5 ^ v9, 24);
            v1 += v5 + word(input, at, s + 3);
            v13 = Long.rotateRight(v13 ^ v1, 16);
            v9 += v13;
            v5 = Long.rotateRight(v5 ^ v9, 63);
            v2 += v6 + word(input, at, s + 4);
            v14 = Long.rotateRight(v14 ^ v2, 32);
            v10 += v14;
            v6 = Long.rotateRight(v6 ^ v10, 24);
            v2 += v6 + word(input, at, s + 5);
            v14 = Long.rotateRight(v14 ^ v2, 16);
            v10 += v14;
            v6 = Long.rotateRight(v6 ^ v10, 63);
            v3 += v7 + word(input, at, s + 6);
            v15 = Long.rotateRight(v15 ^ v3, 32);
            v11 += v15;
            v7 = Long.rotateRight(v7 ^ v11, 24);
            v3 += v7 + word(input, at, s + 7);
            v15 = Long.rotateRight(v15 ^ v3, 16);
            v11 += v15;
            v7 = Long.rotateRight(v7 ^ v11, 63);
            v0 += v5 + word(input, at, s + 8);
            v15 = Long.rotateRight(v15 ^ v0, 32);
            v10 += v15;
            v5 = Long.rotateRight(v5 ^ v10, 24);
            v0 += v5 + word(input, at, s + 9);
            v15 = Long.rotateRight(v15 ^ v0, 16);
            v10 += v15;
            v5 = Long.rotateRight(v5 ^ v10, 63);
            v1 += v6 + word(input, at, s + 10);
            v12 = Long.rotateRight(v12 ^ v1, 32);
            v11 += v12;
            v6 = Long.rotateRight(v6 ^ v11, 24);
            v1 += v6 + word(input, at, s + 11);
            v12 = Long.rotateRight(v12 ^ v1, 16);
            v11 += v12;
            v6 = Long.rotateRight(v6 ^ v11, 63);
            v2 += v7 + word(input, at, s + 12);
            v13 = Long.rotateRight(v13 ^ v2, 32);
            v8 += v13;
            v7 = Long.rotateRight(v7 ^ v8, 24);
            v2 += v7 + word(input, at, s + 13);
            v13 = Long.rotateRight(v13 ^ v2, 16);
            v8 += v13;
            v7 = Long.rotateRight(v7 ^ v8, 63);
            v3 += v4 + word(input, at, s + 14);
            v14 = Long.rotateRight(v14 ^ v3, 32);
            v9 += v14;
            v4 = Long.rotateRight(v4 ^ v9, 24);
            v3 += v4 + word(input, at, s + 15);
            v14 = Long.rotateRight(v14 ^ v3, 16);
            v9 += v14;
            v4 = Long.rotateRight(v4 ^ v9, 63);
        }
        chained(state, chain, 0, v0 ^ v8);
        chained(state, chain, 1, v1 ^ v9);
        chained(state, chain, 2, v2 ^ v10);
        chained(state, chain, 3, v3 ^ v11);
        chained(state, chain, 4, v4 ^ v12);
        chained(state, chain, 5, v5 ^ v13);
        chained(state, chain, 6, v6 ^ v14);
        chained(state, chain, 7, v7 ^ v15);
    }

    /// {@return the word of the block that a place of the schedule names}
    ///
    /// The assertion makes it longer than the 35 bytes that C1 inlines, on purpose: see [dev.coffer.crypto.keccak.Keccak].
    private static long word(MemorySegment input, long at, int place) {
        int i = SIGMA[place];
        assert 0 <= i && i < 16 : "word " + i;
        return LittleEndian.i64(input, at + (long) Long.BYTES * i);
    }

    /// {@return a word of the chaining value; as long as [#word], for the same reason}
    private static long chained(MemorySegment state, long at, int i) {
        assert 0 <= i && i < 8 : "word " + i;
        return state.get(NATIVE, at + (long) Long.BYTES * i);
    }

    private static void chained(MemorySegment state, long at, int i, long mixed) {
        assert 0 <= i && i < 8 : "word " + i;
        long word = at + (long) Long.BYTES * i;
        state.set(NATIVE, word, state.get(NATIVE, word) ^ mixed);
    }
}
