package dev.coffer.crypto.internal;

import dev.coffer.memory.Wipe;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// Decryption by AES in CBC mode (FIPS 197; SP 800-38A, section 6.2), of key files alone, which others lock so: some kilobytes, once. It is plain and slow, 8 bytes
/// of the state in a long, and as free of secret-dependent branches and indices as the rest: the S-box is computed, as the inverse in GF(2^8) that it is.
///
/// Stateless, thread-safe; ranges are the caller's to check. 0 heap bytes.
public final class AesCbc {
    /// Bytes of a block, and of an initialization vector.
    public static final int BLOCK_BYTES = 16;

    private static final int ROUNDS_MAX = 14;
    private static final int WORDS = 4;  // of a block, its columns

    // The workspace: round keys, the state before and behind a step, the ciphertext block that comes next into the chain, and the one before.
    private static final long KEYS = 0;
    private static final long FROM = KEYS + (ROUNDS_MAX + 1) * BLOCK_BYTES;
    private static final long TO = FROM + BLOCK_BYTES;
    private static final long NEXT = TO + BLOCK_BYTES;
    private static final long CHAIN = NEXT + BLOCK_BYTES;
    /// Bytes of a workspace, at any alignment.
    public static final long WORKSPACE_BYTES = CHAIN + BLOCK_BYTES;

    private static final long ONES = 0x0101010101010101L;
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private AesCbc() {}

    /// Decrypts in place. What the padding says is the caller's to look at.
    ///
    /// @param work      [#WORKSPACE_BYTES] off the heap; wiped when this returns
    /// @param keyBytes  16 or 32
    /// @param iv        the initialization vector, [#BLOCK_BYTES]
    /// @param length    a multiple of [#BLOCK_BYTES]
    public static void decrypt(MemorySegment work, long workAt, MemorySegment key, long keyAt, int keyBytes, MemorySegment iv, long ivAt, MemorySegment text,
            long at, long length) {
        assert (keyBytes == 16 || keyBytes == 32) && length % BLOCK_BYTES == 0 : keyBytes + " " + length;
        int rounds = keyBytes / Integer.BYTES + 6;
        try {
            expand(work, workAt + KEYS, key, keyAt, keyBytes, rounds);
            MemorySegment.copy(iv, ivAt, work, workAt + CHAIN, BLOCK_BYTES);
            for (long i = 0; i < length; i += BLOCK_BYTES) {
                MemorySegment.copy(text, at + i, work, workAt + NEXT, BLOCK_BYTES);
                block(work, workAt, text, at + i, rounds);
                for (int half = 0; half < BLOCK_BYTES; half += Long.BYTES) {
                    text.set(LONG, at + i + half, text.get(LONG, at + i + half) ^ work.get(LONG, workAt + CHAIN + half));
                }
                MemorySegment.copy(work, workAt + NEXT, work, workAt + CHAIN, BLOCK_BYTES);
            }
        } finally {
            Wipe.bytes(work, workAt, WORKSPACE_BYTES);
        }
    }

    /// KeyExpansion (section 5.2); words lie with their first byte lowest.
    private static void expand(MemorySegment w, long keys, MemorySegment key, long keyAt, int keyBytes, int rounds) {
        MemorySegment.copy(key, keyAt, w, keys, keyBytes);
        int words = keyBytes / Integer.BYTES;
        int constant = 1;
        for (int i = words; i < WORDS * (rounds + 1); i++) {
            int word = w.get(INT, keys + (long) Integer.BYTES * (i - 1));
            if (i % words == 0) {
                word = (int) substituted(Integer.toUnsignedLong(Integer.rotateRight(word, Byte.SIZE))) ^ constant;
                constant = constant << 1 ^ (constant >> 7) * 0x11b;
            } else if (words > 6 && i % words == 4) {
                word = (int) substituted(Integer.toUnsignedLong(word));
            }
            w.set(INT, keys + (long) Integer.BYTES * i, w.get(INT, keys + (long) Integer.BYTES * (i - words)) ^ word);
        }
    }

    /// InvCipher (section 5.3), of a block in place.
    private static void block(MemorySegment w, long workAt, MemorySegment text, long at, int rounds) {
        long from = workAt + FROM;
        long to = workAt + TO;
        MemorySegment.copy(text, at, w, from, BLOCK_BYTES);
        addRoundKey(w, from, workAt + KEYS + (long) rounds * BLOCK_BYTES);
        for (int round = rounds - 1; round >= 0; round--) {
            for (int i = 0; i < BLOCK_BYTES; i++) {  // InvShiftRows: row i & 3 goes so many columns on
                w.set(BYTE, to + (i + 4L * (i & 3)) % BLOCK_BYTES, w.get(BYTE, from + i));
            }
            for (int half = 0; half < BLOCK_BYTES; half += Long.BYTES) {
                w.set(LONG, from + half, unsubstituted(w.get(LONG, to + half)));
            }
            addRoundKey(w, from, workAt + KEYS + (long) round * BLOCK_BYTES);
            for (int half = 0; half < BLOCK_BYTES && round > 0; half += Long.BYTES) {
                w.set(LONG, from + half, unmixed(w.get(LONG, from + half)));
            }
        }
        MemorySegment.copy(w, from, text, at, BLOCK_BYTES);
    }

    private static void addRoundKey(MemorySegment w, long state, long key) {
        for (int half = 0; half < BLOCK_BYTES; half += Long.BYTES) {
            w.set(LONG, state + half, w.get(LONG, state + half) ^ w.get(LONG, key + half));
        }
    }

    /// InvMixColumns (section 5.3.3) of two columns: each byte by 14, the ones below it by 11, 13 and 9.
    private static long unmixed(long x) {
        long x2 = doubled(x);
        long x4 = doubled(x2);
        long x8 = doubled(x4);
        return x8 ^ x4 ^ x2 ^ below(x8 ^ x2 ^ x, 1) ^ below(x8 ^ x4 ^ x, 2) ^ below(x8 ^ x, 3);
    }

    /// {@return in the place of each byte the one so many rows below it, in two columns}
    private static long below(long x, int rows) {
        int low = Integer.rotateRight((int) x, Byte.SIZE * rows);
        int high = Integer.rotateRight((int) (x >>> Integer.SIZE), Byte.SIZE * rows);
        return Integer.toUnsignedLong(low) | Integer.toUnsignedLong(high) << Integer.SIZE;
    }

    /// The S-box (section 5.1.1), of eight bytes.
    private static long substituted(long x) {
        long b = inverted(x);
        return b ^ turned(b, 1) ^ turned(b, 2) ^ turned(b, 3) ^ turned(b, 4) ^ 0x63 * ONES;
    }

    /// Its inverse.
    private static long unsubstituted(long x) {
        return inverted(turned(x, 1) ^ turned(x, 3) ^ turned(x, 6) ^ 0x05 * ONES);
    }

    /// {@return each byte to the power of 254: its inverse, 0 for 0}
    private static long inverted(long x) {
        long x2 = product(x, x);
        long x3 = product(x2, x);
        long x6 = product(x3, x3);
        long x12 = product(x6, x6);
        long x15 = product(x12, x3);
        long x30 = product(x15, x15);
        long x60 = product(x30, x30);
        long x120 = product(x60, x60);
        long x240 = product(x120, x120);
        return product(product(x240, x12), x2);
    }

    /// {@return products in GF(2^8) (section 4.2), byte by byte}
    private static long product(long a, long b) {
        long sum = 0;
        long multiple = a;
        for (int bit = 0; bit < Byte.SIZE; bit++) {
            sum ^= multiple & (b >>> bit & ONES) * 0xff;
            multiple = doubled(multiple);
        }
        return sum;
    }

    private static long doubled(long x) {
        return (x & 0x7f * ONES) << 1 ^ (x >>> 7 & ONES) * 0x1b;
    }

    /// {@return each byte turned left}
    private static long turned(long x, int bits) {
        long high = (0xff << bits & 0xff) * ONES;
        return x << bits & high | x >>> Byte.SIZE - bits & ~high;
    }
}
