package dev.coffer.crypto.sha2;

import dev.coffer.crypto.internal.HashFunction;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.BigEndian;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// SHA-256 (FIPS 180-4, section 6.2): the state, the buffering and the padding. Users reach it through [dev.coffer.crypto.Hash].
public final class Sha256 extends HashFunction {
    // The state: chaining value, then bytes seen so far, then the block that is being filled.
    private static final long CHAIN = 0;
    private static final long COUNT = CHAIN + Compress32.CHAIN_BYTES;
    private static final long BLOCK = COUNT + Long.BYTES;
    private static final long STATE_BYTES = BLOCK + Compress32.BLOCK_BYTES;

    private static final int BLOCK_BYTES = Compress32.BLOCK_BYTES;
    private static final int LENGTH_BYTES = 8;  // of the message's length in bits, at the end of the last block (5.1.1)

    private static final ValueLayout.OfInt WORD = ValueLayout.JAVA_INT_UNALIGNED;
    private static final ValueLayout.OfLong COUNTER = ValueLayout.JAVA_LONG_UNALIGNED;

    // Section 5.3: square roots of the first primes.
    private static final int[] SHA_256_IV = {
            0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
            0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
    };

    /// Made once, by [dev.coffer.crypto.Hash].
    public Sha256() {
        super("SHA-256", 32, Compress32.BLOCK_BYTES, STATE_BYTES);
    }

    @Override
    public void begin(MemorySegment state, long at) {
        int[] iv = SHA_256_IV;
        for (int i = 0; i < iv.length; i++) {
            state.set(WORD, at + CHAIN + i * Integer.BYTES, iv[i]);
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
            Compress32.blocks(state, at + CHAIN, state, at + BLOCK, 1);
        }
        long blocks = (length - taken) / BLOCK_BYTES;
        if (blocks > 0) {
            Compress32.blocks(state, at + CHAIN, input, inputAt + taken, blocks);
            taken += blocks * BLOCK_BYTES;
        }
        MemorySegment.copy(input, inputAt + taken, state, at + BLOCK, length - taken);
    }

    /// Section 5.1.1: a one bit, zeros, the length in bits; in one block or two.
    @Override
    public void finish(MemorySegment state, long at, MemorySegment output, long outputAt) {
        long count = state.get(COUNTER, at + COUNT);
        long held = count & (BLOCK_BYTES - 1);
        state.set(ValueLayout.JAVA_BYTE, at + BLOCK + held, (byte) 0x80);
        held++;
        if (held > BLOCK_BYTES - LENGTH_BYTES) {
            Wipe.bytes(state, at + BLOCK + held, BLOCK_BYTES - held);
            Compress32.blocks(state, at + CHAIN, state, at + BLOCK, 1);
            held = 0;
        }
        Wipe.bytes(state, at + BLOCK + held, BLOCK_BYTES - held);
        BigEndian.i64(state, at + BLOCK + BLOCK_BYTES - Long.BYTES, count << 3);
        Compress32.blocks(state, at + CHAIN, state, at + BLOCK, 1);
        for (int i = 0; i < digestBytes(); i += Integer.BYTES) {
            BigEndian.i32(output, outputAt + i, state.get(WORD, at + CHAIN + i));
        }
    }
}
