package dev.coffer.crypto.sha2;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// SHA-256 (FIPS 180-4, section 6.2): words, constants and digest. Users reach it through [dev.coffer.crypto.Hash].
public final class Sha256 extends BlockHash {
    private static final int LENGTH_BYTES = 8;  // section 5.1.1

    private static final ValueLayout.OfInt WORD = ValueLayout.JAVA_INT_UNALIGNED;

    // Section 5.3: square roots of the first primes.
    private static final int[] SHA_256_IV = {
            0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
            0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
    };

    /// Made once, by [dev.coffer.crypto.Hash].
    public Sha256() {
        super("SHA-256", 32, Compress32.BLOCK_BYTES, Compress32.CHAIN_BYTES,
                Compress32.SCHEDULE_BYTES, LENGTH_BYTES);
    }

    @Override
    void compress(MemorySegment state, long chain, MemorySegment input, long inputAt, long blocks, long schedule) {
        Compress32.blocks(state, chain, input, inputAt, blocks, state, schedule);
    }

    @Override
    void start(MemorySegment state, long chain) {
        int[] iv = SHA_256_IV;
        for (int i = 0; i < iv.length; i++) {
            state.set(WORD, chain + i * Integer.BYTES, iv[i]);
        }
    }

    @Override
    void write(MemorySegment state, long chain, MemorySegment output, long outputAt) {
        Compress32.write(state, chain, output, outputAt, digestBytes());
    }
}
