package dev.coffer.quic;

import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.SlotAccount;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.HeapLayout;
import dev.coffer.memory.layout.LittleEndian;
import java.lang.foreign.MemorySegment;

/// What all connections of a loop hold while they need it, in blocks of one size: rows of streams, what was sent and is not acknowledged, what was
/// received and is not read, and what is known of packets that are under way. An idle connection holds none.
///
/// ```
///   a block:   0: number of the next one of its chain, 0 in the last | 4: unused | 8: content
/// ```
///
/// Numbers begin at 1, so that a row of zeros holds nothing. A block is zero when taken, and wiped when released.
///
/// **When full** [#tryTake] answers [#NONE] and makes no object: what came is treated as lost on its way, what was to go waits. Who takes ahead of need
/// (pieces that came too early) leaves `keep` blocks for those who are in order.
///
/// One thread at a time; the account may be read from any. 0 heap bytes after construction.
final class Blocks {
    /// No block.
    static final int NONE = 0;
    /// In front of the content.
    static final int HEADER_BYTES = 8;
    static final int BLOCK_BYTES_MIN = 128;  // a row of a stream fits in, and what a packet carries
    static final int BLOCK_BYTES_MAX = 1 << 14;

    private final MemorySegment memory;
    private final long base;
    private final int blockBytes;
    private final int[] free;   // a stack
    private int freeCount;
    private final SlotAccount account;

    /// @param memory      the caller's, zero; must outlive this
    /// @param at          offset of `blocks` x `blockBytes`
    /// @param blockBytes  a multiple of 8, 128..16384
    /// @throws IllegalArgumentException  a number out of its range (caller's fault)
    Blocks(String name, int blocks, int blockBytes, MemorySegment memory, long at) {
        if (blocks < 1 || blockBytes < BLOCK_BYTES_MIN || blockBytes > BLOCK_BYTES_MAX || blockBytes % Long.BYTES != 0) {
            throw new IllegalArgumentException("blocks \"" + name + "\": " + blocks + " of " + blockBytes
                    + " bytes (expected 1 or more, of a multiple of 8 in 128..16384)");
        }
        this.memory = memory;
        this.base = at;
        this.blockBytes = blockBytes;
        this.free = new int[blocks];
        for (int i = blocks; i >= 1; i--) {
            free[freeCount++] = i;
        }
        this.account = new SlotAccount(name, blockBytes, blocks);
    }

    /// {@return the plan's row}
    static MemoryPlan plan(String name, int blocks, int blockBytes) {
        return MemoryPlan.block(name, blockBytes, blocks, "lent by need")
                .withHeap(HeapLayout.instance(Blocks.class) + HeapLayout.instance(SlotAccount.class) + HeapLayout.array(int.class, blocks));
    }

    SlotAccount account() {
        return account;
    }

    MemorySegment memory() {
        return memory;
    }

    /// {@return bytes of content of a block}
    int contentBytes() {
        return blockBytes - HEADER_BYTES;
    }

    int freeCount() {
        return freeCount;
    }

    /// {@return a block, zero; or [#NONE] where no more than `keep` are free}
    ///
    /// @param keep  blocks that are left to others, 0 or more
    int tryTake(int keep) {
        if (freeCount <= keep) {
            return NONE;
        }
        account.taken();
        return free[--freeCount];
    }

    /// {@return offset of a block's content in [#memory()]}
    long content(int block) {
        assert block >= 1 && block <= free.length : "block " + block;
        return base + (long) (block - 1) * blockBytes + HEADER_BYTES;
    }

    /// {@return the next block of its chain, or [#NONE]}
    int next(int block) {
        return LittleEndian.i32(memory, content(block) - HEADER_BYTES);
    }

    void next(int block, int following) {
        LittleEndian.i32(memory, content(block) - HEADER_BYTES, following);
    }

    /// Wipes one block and takes it back.
    ///
    /// @return the one that followed it
    int release(int block) {
        int following = next(block);
        Wipe.bytes(memory, content(block) - HEADER_BYTES, blockBytes);
        free[freeCount++] = block;
        account.released();
        return following;
    }

    /// Wipes a block and all that follow it, and takes them back.
    void releaseChain(int first) {
        for (int block = first; block != NONE;) {
            block = release(block);
        }
    }

    @Override
    public String toString() {
        return "Blocks[" + freeCount + " of " + free.length + " free]";
    }
}
