package dev.coffer.crypto.sha2;

import dev.coffer.crypto.internal.HashFunction;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.BigEndian;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// What the hashes of FIPS 180-4 share: a chaining value, a count, a message schedule whose front is the block that is being filled,
/// and the padding (section 5.1). Words, constants and compression are those of [Sha256] and [Sha512].
abstract class BlockHash extends HashFunction {
    /// Offset of the chaining value; behind it the bytes seen so far, then the block that is being filled, in the front of the schedule.
    static final long CHAIN = 0;

    private static final ValueLayout.OfLong COUNTER = ValueLayout.JAVA_LONG_UNALIGNED;

    private final int blockMask;
    private final int lengthBytes;  // of the message's length in bits, at the end of the last block
    private final long count;       // offsets
    private final long block;

    BlockHash(String name, int digestBytes, int blockBytes, long chainBytes, long scheduleBytes, int lengthBytes) {
        super(name, digestBytes, blockBytes, CHAIN + chainBytes + Long.BYTES + scheduleBytes, CHAIN + chainBytes + Long.BYTES);
        assert Integer.bitCount(blockBytes) == 1 : blockBytes;
        this.blockMask = blockBytes - 1;
        this.lengthBytes = lengthBytes;
        this.count = CHAIN + chainBytes;
        this.block = count + Long.BYTES;
    }

    /// Takes whole blocks into the chaining value (section 6).
    ///
    /// @param schedule  offset in the state of the message schedule; a block of the input may lie there
    abstract void compress(MemorySegment state, long chain, MemorySegment input, long inputAt, long blocks, long schedule);

    /// Writes the first chaining value (section 5.3).
    abstract void start(MemorySegment state, long chain);

    /// Writes the digest of the last one.
    abstract void write(MemorySegment state, long chain, MemorySegment output, long outputAt);

    /// {@return chaining value, count and block: the rest of the schedule is made anew for each block}
    @Override
    public final long runningBytes() {
        return block + blockMask + 1;
    }

    @Override
    public final void begin(MemorySegment state, long at) {
        start(state, at + CHAIN);
        state.set(COUNTER, at + count, 0);
    }

    @Override
    public final void absorb(MemorySegment state, long at, MemorySegment input, long inputAt, long length) {
        long seen = state.get(COUNTER, at + count);
        state.set(COUNTER, at + count, seen + length);
        long held = seen & blockMask;
        long taken = 0;
        if (held != 0) {
            taken = Math.min(blockMask + 1 - held, length);
            MemorySegment.copy(input, inputAt, state, at + block + held, taken);
            if (held + taken <= blockMask) {
                return;
            }
            compress(state, at + CHAIN, state, at + block, 1, at + block);
        }
        long whole = length - taken & ~(long) blockMask;
        if (whole > 0) {
            compress(state, at + CHAIN, input, inputAt + taken, whole / (blockMask + 1), at + block);
            taken += whole;
        }
        MemorySegment.copy(input, inputAt + taken, state, at + block, length - taken);
    }

    /// A one bit, zeros, the length in bits; in one block or two.
    @Override
    public final void finish(MemorySegment state, long at, MemorySegment output, long outputAt) {
        int blockBytes = blockMask + 1;
        long seen = state.get(COUNTER, at + count);
        long held = seen & blockMask;
        state.set(ValueLayout.JAVA_BYTE, at + block + held, (byte) 0x80);
        held++;
        if (held > blockBytes - lengthBytes) {
            Wipe.bytes(state, at + block + held, blockBytes - held);
            compress(state, at + CHAIN, state, at + block, 1, at + block);
            held = 0;
        }
        Wipe.bytes(state, at + block + held, blockBytes - held);
        BigEndian.i64(state, at + block + blockBytes - Long.BYTES, seen << 3);
        compress(state, at + CHAIN, state, at + block, 1, at + block);
        write(state, at + CHAIN, output, outputAt);
    }
}
