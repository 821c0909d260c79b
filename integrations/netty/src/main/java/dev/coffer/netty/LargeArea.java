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

    /// {@return a piece's handle, or -1 where no run of blocks is long enough}
    synchronized long tryAllocate(int bytes) {
        return bytes > blocks.capacityBytes() ? -1 : blocks.tryAllocate(Math.max(1, bytes));
    }

    /// {@return a piece's offset in [#memory()]}
    synchronized long at(long piece) {
        return blocks.at(piece);
    }

    /// @throws IllegalStateException  released before
    synchronized void release(long piece) {
        blocks.release(piece);
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
