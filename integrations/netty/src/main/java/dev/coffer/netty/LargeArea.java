package dev.coffer.netty;

import dev.coffer.memory.pool.BlockAllocator;
import java.lang.foreign.MemorySegment;

/// The part of an allocator that serves what no size class does: runs of 4 KiB blocks, first fit, up to all of it in one
/// piece. Under one lock, as such buffers are rare and large; wiped whole on release.
final class LargeArea {
    static final int BLOCK_BYTES = 4 << 10;

    private final BlockAllocator blocks;
    private final MemorySegment memory;

    LargeArea(BlockAllocator.Config config, MemorySegment memory) {
        this.blocks = BlockAllocator.over(config, memory);
        this.memory = memory;
    }

    /// {@return a piece's offset, or -1 where no run of blocks is long enough}
    synchronized long tryAllocate(int bytes) {
        return blocks.tryAllocate(Math.max(1, bytes));
    }

    synchronized void release(long at) {
        blocks.release(at);
    }

    MemorySegment memory() {
        return memory;
    }

    long usedBytes() {
        return blocks.usedBytes();
    }

    long peakBytes() {
        return blocks.peakBytes();
    }

    synchronized long largestFreeBytes() {
        return blocks.largestFreeBytes();
    }

    synchronized void close() {
        blocks.close();
    }
}
