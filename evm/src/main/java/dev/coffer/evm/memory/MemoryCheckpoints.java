package dev.coffer.evm.memory;

import dev.coffer.memory.Wipe;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicLong;

/// The checkpoints of an [EvmMemory], last in first out. A token is `generation << 16 | place`, so one that was used,
/// forgotten, left behind with its frame, of another memory or made up is told from the one that is due.
final class MemoryCheckpoints {
    /// Where the generations of the next memory begin, so that two memories seldom have one in common: room for 2^24 in each
    /// before they meet the next one's, and 2^23 memories before a token's 47 bits begin anew.
    private static final AtomicLong NEXT = new AtomicLong();
    private static final long GENERATIONS_A_MEMORY = 1L << 24;
    private static final long GENERATION_MASK = (1L << 47) - 1;

    /// A generation, a depth, a length, a place of saved bytes.
    static final long HEAP_BYTES_EACH = 3L * Long.BYTES + Integer.BYTES;
    private static final int PLACE_BITS = 16;
    private static final long NO_CONTENT = -1;

    private final MemoryFrames memory;
    private final long savedRow;          // where saved bytes start
    private final long savedBytesMax;
    private final long[] generations;
    private final int[] depths;
    private final long[] lengths;
    private final long[] savedAt;         // from savedRow, or NO_CONTENT
    private int count;
    private long savedEnd;                // bytes of savedRow in use
    private long savedDirty;              // bytes of savedRow that may be other than zero
    private long generation = NEXT.getAndAdd(GENERATIONS_A_MEMORY) & GENERATION_MASK;

    MemoryCheckpoints(MemoryFrames memory, long savedRow, long savedBytesMax, int checkpointsMax) {
        this.memory = memory;
        this.savedRow = savedRow;
        this.savedBytesMax = savedBytesMax;
        this.generations = new long[checkpointsMax];
        this.depths = new int[checkpointsMax];
        this.lengths = new long[checkpointsMax];
        this.savedAt = new long[checkpointsMax];
    }

    long take(boolean content) {
        if (count == generations.length) {
            throw new IllegalStateException("EVM memory: " + count + " checkpoints are in use");
        }
        long length = memory.length();
        if (content && length > savedBytesMax - savedEnd) {
            return -1;
        }
        generation = generation + 1 & GENERATION_MASK;
        generations[count] = generation;
        depths[count] = memory.depth();
        lengths[count] = length;
        savedAt[count] = NO_CONTENT;
        if (content) {
            savedAt[count] = savedEnd;
            savedDirty = Math.max(savedDirty, savedEnd + length);
            MemorySegment.copy(memory.data(), memory.position(0), memory.data(), savedRow + savedEnd, length);
            savedEnd += length;
        }
        return generation << PLACE_BITS | count++;
    }

    void restore(long token) {
        pop(token);
        memory.shrink(lengths[count]);
        if (savedAt[count] != NO_CONTENT) {
            MemorySegment.copy(memory.data(), savedRow + savedAt[count], memory.data(), memory.position(0),
                    lengths[count]);
        }
    }

    void forget(long token) {
        pop(token);
    }

    private void pop(long token) {
        int place = (int) (token & (1 << PLACE_BITS) - 1);
        if (place >= count || generations[place] != token >>> PLACE_BITS) {
            throw new IllegalStateException("EVM memory: checkpoint " + token + " is not held (any more)");
        }
        if (place != count - 1) {
            throw new IllegalStateException("EVM memory: checkpoint " + place + " is not the latest, which is "
                    + (count - 1) + "; restore or forget them in reverse order");
        }
        if (depths[place] != memory.depth()) {
            throw new IllegalStateException("EVM memory: checkpoint of depth " + depths[place] + " used at depth "
                    + memory.depth());
        }
        drop();
    }

    /// Forgets those of frames deeper than `depth`.
    void dropAbove(int depth) {
        while (count > 0 && depths[count - 1] > depth) {
            drop();
        }
    }

    /// Zeroes what was ever saved.
    void wipe(MemorySegment data) {
        Wipe.bytes(data, savedRow, savedDirty);
    }

    private void drop() {
        count--;
        if (savedAt[count] != NO_CONTENT) {
            savedEnd = savedAt[count];
        }
    }
}
