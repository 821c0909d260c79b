package dev.coffer.evm.memory;

import java.lang.foreign.MemorySegment;

/// The checkpoints of an [EvmMemory], last in first out. A token is `generation << 16 | place`, so one that was used,
/// forgotten, left behind with its frame or made up is told from the one that is due.
final class MemoryCheckpoints {
    private static final int PLACE_BITS = 16;
    private static final long NO_CONTENT = -1;

    private final EvmMemory memory;
    private final long savedRow;          // where saved bytes start
    private final long savedBytesMax;
    private final long[] generations;
    private final int[] depths;
    private final long[] lengths;
    private final long[] savedAt;         // from savedRow, or NO_CONTENT
    private int count;
    private long savedEnd;                // bytes of savedRow in use
    private long generation;

    MemoryCheckpoints(EvmMemory memory, long savedRow, long savedBytesMax, int checkpointsMax) {
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
        generations[count] = ++generation;
        depths[count] = memory.depth();
        lengths[count] = length;
        savedAt[count] = NO_CONTENT;
        if (content) {
            savedAt[count] = savedEnd;
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

    private void drop() {
        count--;
        if (savedAt[count] != NO_CONTENT) {
            savedEnd = savedAt[count];
        }
    }
}
