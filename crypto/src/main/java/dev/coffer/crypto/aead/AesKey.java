package dev.coffer.crypto.aead;

import dev.coffer.memory.Wipe;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// The key expansion of AES-128 and AES-256 (FIPS 197, section 5.2) into bitsliced round keys, in constant time.
/// Stateless, thread-safe; ranges are checked by the callers.
final class AesKey {
    /// A column of the state: four bytes, row 0 first.
    static final ValueLayout.OfInt WORD = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    // Scratch: the last words of the expansion, planes for the S-box.
    private static final long WORDS = 0;
    private static final long PLANES = WORDS + 8 * Integer.BYTES;
    static final long SCRATCH_BYTES = PLANES + Aes.PLANES_BYTES;

    private AesKey() {}

    /// {@return rounds for a key of 16 or 32 bytes (section 5): 10 or 14}
    static int rounds(int keyBytes) {
        return keyBytes / Integer.BYTES + 6;
    }

    /// {@return bytes of the round keys}
    static long scheduleBytes(int keyBytes) {
        return (rounds(keyBytes) + 1L) * Aes.PLANES_BYTES;
    }

    /// Writes all round keys.
    ///
    /// @param scratch  [#SCRATCH_BYTES], wiped when this returns
    static void expand(MemorySegment key, long keyAt, int keyBytes, MemorySegment keys, long keysAt,
            MemorySegment scratch, long scratchAt) {
        int keyWords = keyBytes / Integer.BYTES;
        int words = 4 * (rounds(keyBytes) + 1);
        int roundConstant = 1;
        int previous = 0;
        try {
            for (int i = 0; i < words; i++) {
                long slot = scratchAt + WORDS + Integer.BYTES * (i % keyWords);
                int word;
                if (i < keyWords) {
                    word = key.get(WORD, keyAt + Integer.BYTES * i);
                } else {
                    int t = previous;
                    if (i % keyWords == 0) {
                        t = Integer.rotateRight(substitute(t, scratch, scratchAt + PLANES), 8) ^ roundConstant;
                        roundConstant = roundConstant << 1 ^ (roundConstant >>> 7) * 0x11b;  // table 5: powers of x
                    } else if (keyWords == 8 && i % keyWords == 4) {
                        t = substitute(t, scratch, scratchAt + PLANES);
                    }
                    word = scratch.get(WORD, slot) ^ t;
                }
                scratch.set(WORD, slot, word);
                place(word, i & 3, i >>> 2, keys, keysAt + (long) (i >>> 2) * Aes.PLANES_BYTES);
                previous = word;
            }
            for (long round = 0; round < words / 4; round++) {
                Aes.transpose(keys, keysAt + round * Aes.PLANES_BYTES);
            }
        } finally {
            Wipe.bytes(scratch, scratchAt, SCRATCH_BYTES);
        }
    }

    /// SubWord (section 5.2).
    private static int substitute(int word, MemorySegment planes, long at) {
        Wipe.bytes(planes, at, Aes.PLANES_BYTES);
        planes.set(LONG, at, Aes.interleave(word, 0));
        Aes.transpose(planes, at);
        Aes.rounds(planes, at, planes, at, 0);
        Aes.transpose(planes, at);
        return Aes.even(planes.get(LONG, at));
    }

    /// Puts one column of a round key, the same for all four blocks, where the rows turned back `round` times have its
    /// bytes. The round key is not yet planes: see [Aes#transpose].
    private static void place(int word, int column, int round, MemorySegment keys, long at) {
        for (int row = 0; row < 4; row++) {
            int to = column + round * row & 3;
            byte value = (byte) (word >>> Byte.SIZE * row);
            for (int block = 0; block < Aes.LANES; block++) {
                keys.set(ValueLayout.JAVA_BYTE, at + Long.BYTES * (4 * (to & 1) + block) + 2 * row + (to >>> 1), value);
            }
        }
    }
}
