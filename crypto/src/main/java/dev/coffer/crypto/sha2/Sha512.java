package dev.coffer.crypto.sha2;

import dev.coffer.crypto.internal.HashFunction;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.BigEndian;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// SHA-384 and SHA-512 (FIPS 180-4, sections 6.5 and 6.4): the state, the buffering and the padding. Users reach it through [dev.coffer.crypto.Hash].
public final class Sha512 extends HashFunction {
    // The state: chaining value, then bytes seen so far, then the block that is being filled.
    private static final long CHAIN = 0;
    private static final long COUNT = CHAIN + Compress64.CHAIN_BYTES;
    private static final long BLOCK = COUNT + Long.BYTES;
    private static final long STATE_BYTES = BLOCK + Compress64.BLOCK_BYTES;

    private static final int BLOCK_BYTES = Compress64.BLOCK_BYTES;
    private static final int LENGTH_BYTES = 16;  // of the message's length in bits, at the end of the last block (5.1.2)

    private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG_UNALIGNED;
    private static final ValueLayout.OfLong COUNTER = ValueLayout.JAVA_LONG_UNALIGNED;

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
        super("SHA-" + digestBytes * Byte.SIZE, digestBytes, Compress64.BLOCK_BYTES, STATE_BYTES);
    }

    @Override
    public void begin(MemorySegment state, long at) {
        long[] iv = digestBytes() == 48 ? SHA_384_IV : SHA_512_IV;
        for (int i = 0; i < iv.length; i++) {
            state.set(WORD, at + CHAIN + i * Long.BYTES, iv[i]);
        }
        state.set(COUNTER, at + COUNT, 0);
    }

    @Override
    public void absorb(MemorySegment state, long at, MemorySegment input, long inputAt, long length) {
        long count = state.get(COUNTER, at + COUNT);
        state.set(COUNTER, at + COUNT, count + length);
        long held = count & (BLOCK_BYTES - 1);
        long taken = 0;
        if (held != 0) {
            taken = Math.min(BLOCK_BYTES - held, length);
            MemorySegment.copy(input, inputAt, state, at + BLOCK + held, taken);
            if (held + taken < BLOCK_BYTES) {
                return;
            }
            Compress64.blocks(state, at + CHAIN, state, at + BLOCK, 1);
        }
        long blocks = (length - taken) / BLOCK_BYTES;
        if (blocks > 0) {
            Compress64.blocks(state, at + CHAIN, input, inputAt + taken, blocks);
            taken += blocks * BLOCK_BYTES;
        }
        MemorySegment.copy(input, inputAt + taken, state, at + BLOCK, length - taken);
    }

    /// Section 5.1.2: a one bit, zeros, the length in bits; in one block or two.
    @Override
    public void finish(MemorySegment state, long at, MemorySegment output, long outputAt) {
        long count = state.get(COUNTER, at + COUNT);
        long held = count & (BLOCK_BYTES - 1);
        state.set(ValueLayout.JAVA_BYTE, at + BLOCK + held, (byte) 0x80);
        held++;
        if (held > BLOCK_BYTES - LENGTH_BYTES) {
            Wipe.bytes(state, at + BLOCK + held, BLOCK_BYTES - held);
            Compress64.blocks(state, at + CHAIN, state, at + BLOCK, 1);
            held = 0;
        }
        Wipe.bytes(state, at + BLOCK + held, BLOCK_BYTES - held);
        BigEndian.i64(state, at + BLOCK + BLOCK_BYTES - Long.BYTES, count << 3);
        Compress64.blocks(state, at + CHAIN, state, at + BLOCK, 1);
        for (int i = 0; i < digestBytes(); i += Long.BYTES) {
            BigEndian.i64(output, outputAt + i, state.get(WORD, at + CHAIN + i));
        }
    }
}
