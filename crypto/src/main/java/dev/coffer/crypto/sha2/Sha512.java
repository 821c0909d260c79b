package dev.coffer.crypto.sha2;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// SHA-384 and SHA-512 (FIPS 180-4, sections 6.5 and 6.4): words, constants and digest. Users reach it through [dev.coffer.crypto.Hash].
public final class Sha512 extends BlockHash {
    private static final int LENGTH_BYTES = 16;  // section 5.1.2

    private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG_UNALIGNED;

    // Section 5.3: square roots of the first primes.
    private static final long[] SHA_512_IV = {
            0x6a09e667f3bcc908L, 0xbb67ae8584caa73bL, 0x3c6ef372fe94f82bL, 0xa54ff53a5f1d36f1L,
            0x510e527fade682d1L, 0x9b05688c2b3e6c1fL, 0x1f83d9abfb41bd6bL, 0x5be0cd19137e2179L,
    };
    private static final long[] SHA_384_IV = {
            0xcbbb9d5dc1059ed8L, 0x629a292a367cd507L, 0x9159015a3070dd17L, 0x152fecd8f70e5939L,
            0x67332667ffc00b31L, 0x8eb44a8768581511L, 0xdb0c2e0d64f98fa7L, 0x47b5481dbefa4fa4L,
    };

    /// Made once for each size, by [dev.coffer.crypto.Hash].
    ///
    /// @param digestBytes  48 or 64
    public Sha512(int digestBytes) {
        super("SHA-" + digestBytes * Byte.SIZE, digestBytes, Compress64.BLOCK_BYTES, Compress64.CHAIN_BYTES,
                Compress64.SCHEDULE_BYTES, LENGTH_BYTES);
    }

    @Override
    void compress(MemorySegment state, long chain, MemorySegment input, long inputAt, long blocks, long schedule) {
        Compress64.blocks(state, chain, input, inputAt, blocks, state, schedule);
    }

    @Override
    void start(MemorySegment state, long chain) {
        long[] iv = digestBytes() == 48 ? SHA_384_IV : SHA_512_IV;
        for (int i = 0; i < iv.length; i++) {
            state.set(WORD, chain + i * Long.BYTES, iv[i]);
        }
    }

    @Override
    void write(MemorySegment state, long chain, MemorySegment output, long outputAt) {
        Compress64.write(state, chain, output, outputAt, digestBytes());
    }
}
