package dev.coffer.server;

import dev.coffer.memory.Account;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.SlotAccount;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.HeapLayout;
import java.lang.foreign.MemorySegment;

/// The large output buffers of a loop, lent to a connection while it has something to send. When none is left a
/// connection sends through its own small buffer: slower, never stopped by others who read slowly.
///
/// One thread at a time. A block comes back wiped as far as it was written.
final class OutputBlocks {
    static final int NONE = -1;

    private final MemorySegment memory;
    private final int blockBytes;
    private final int[] free;       // a stack: what was used last is still in the cache
    private int freeCount;
    private final SlotAccount account;

    OutputBlocks(MemorySegment memory, int blockBytes, int count) {
        this.memory = memory;
        this.blockBytes = blockBytes;
        this.free = new int[count];
        for (int i = 0; i < count; i++) {
            free[i] = count - 1 - i;
        }
        this.freeCount = count;
        this.account = new SlotAccount("output blocks", blockBytes, count);
    }

    static MemoryPlan plan(int blockBytes, int count) {
        return MemoryPlan.block("output blocks", blockBytes, count, "lent while something is to be sent")
                .withHeap(HeapLayout.array(int.class, count));
    }

    /// {@return number of a block, or [#NONE]}
    int acquire() {
        if (freeCount == 0) {
            return NONE;
        }
        account.taken();
        return free[--freeCount];
    }

    /// @param dirty  bytes written from the block's start
    void release(int block, int dirty) {
        Wipe.bytes(memory, at(block), dirty);
        free[freeCount++] = block;
        account.released();
    }

    MemorySegment memory() {
        return memory;
    }

    long at(int block) {
        return (long) block * blockBytes;
    }

    int blockBytes() {
        return blockBytes;
    }

    Account account() {
        return account;
    }
}
