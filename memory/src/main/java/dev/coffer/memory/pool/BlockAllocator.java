package dev.coffer.memory.pool;

import dev.coffer.memory.Account;
import dev.coffer.memory.ConstantTime;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.internal.event.MemoryEvents;
import dev.coffer.memory.layout.Align;
import dev.coffer.memory.layout.HeapLayout;
import java.lang.foreign.MemorySegment;

/// Runs of blocks, first fit over a bitmap: for pieces of differing sizes and lives in one small piece of memory.
///
/// ```
///   blocks   |0 |1 |2 |3 |4 |5 |6 |7 | ...      taken   1 1 1 0 1 1 0 0     bit 0 first
///             '-A-----'     '-B--'              starts  1 0 0 0 1 0 0 0     A is 3 blocks, B is 2
/// ```
///
/// A piece is its offset in [#segment()]; it is zero when handed out, and is wiped when released. Freeing twice, freeing
/// the middle of a piece and freeing what was never handed out are refused. (An offset that was released and handed out
/// again names the new piece: no bitmap can tell.) Pieces take whole blocks; what that wastes is the caller's to know.
///
/// **When full**, or too broken up: [#tryAllocate] answers -1, [#allocate] throws with the largest run that is left.
///
/// One thread at a time; the statistics may be read from any. 0 heap bytes after the factory.
public final class BlockAllocator implements Account, AutoCloseable {
    private static final int WORD_BITS = Long.SIZE;

    /// How much, in blocks of what size.
    ///
    /// | component | unit | default | range |
    /// |---|---|---|---|
    /// | `bytes` | bytes | 16 KiB = 64 blocks | a multiple of `blockBytes` and of 64, up to 2^30 |
    /// | `blockBytes` | bytes | 256 | a multiple of 8, from 8 |
    ///
    /// @param name        the plan's row
    /// @param bytes       in all
    /// @param blockBytes  of one block
    public record Config(String name, int bytes, int blockBytes) {
        /// @throws IllegalArgumentException  a number out of its range
        public Config {
            if (blockBytes < 8 || blockBytes % 8 != 0 || bytes < blockBytes || bytes > 1 << 30 || bytes % blockBytes != 0
                    || !Align.is(bytes, Align.CACHE_LINE_BYTES)) {
                throw new IllegalArgumentException("blocks \"" + name + "\": " + bytes + " bytes in blocks of " + blockBytes
                        + " (expected a multiple of 64 and of the block, up to 2^30; blocks a multiple of 8)");
            }
        }

        /// {@return 16 KiB in 256-byte blocks}
        public static Config defaults(String name) {
            return new Config(name, 16 << 10, 256);
        }

        int blocks() {
            return bytes / blockBytes;
        }

        int words() {
            return (blocks() + WORD_BITS - 1) / WORD_BITS;
        }
    }

    private final Config config;
    private final MemorySegment segment;
    private final long[] taken;          // one bit a block
    private final long[] starts;         // one bit a block: a piece begins here
    private volatile int takenBlocks;
    private volatile int peakBlocks;
    private volatile long allocations;
    private volatile long releases;
    private volatile long refusals;
    private boolean closed;

    private BlockAllocator(Config config, MemorySegment segment) {
        this.config = config;
        this.segment = segment;
        this.taken = new long[config.words()];
        this.starts = new long[config.words()];
    }

    /// {@return the plan's row}
    public static MemoryPlan plan(Config config) {
        return MemoryPlan.block(config.name(), config.blockBytes(), config.blocks(), "blocks, first fit")
                .withHeap(HeapLayout.instance(BlockAllocator.class) + 2 * HeapLayout.array(long.class, config.words()));
    }

    /// {@return an allocator over memory that the caller has carved}
    ///
    /// @param memory  exactly `config.bytes()`, zero, writable, nobody else's
    /// @throws IllegalArgumentException  another size, or read-only (caller's fault)
    public static BlockAllocator over(Config config, MemorySegment memory) {
        if (memory.byteSize() != config.bytes() || memory.isReadOnly()) {
            throw new IllegalArgumentException("blocks \"" + config.name() + "\": memory of " + memory.byteSize()
                    + " bytes (expected " + config.bytes() + ", writable)");
        }
        return new BlockAllocator(config, memory);
    }

    /// {@return offset of a piece of at least `bytes` zero bytes, a multiple of the block}
    ///
    /// @param bytes  1 or more
    /// @throws BlocksExhaustedException  no run of free blocks is that long
    /// @throws IllegalArgumentException  0 or negative (caller's fault)
    /// @throws IllegalStateException     closed (caller's fault)
    public long allocate(long bytes) {
        long at = tryAllocate(bytes);
        if (at < 0) {
            throw new BlocksExhaustedException(config.name(), bytes, freeBytes(), largestFreeBytes());
        }
        return at;
    }

    /// Allocates as [#allocate] does, and says no without making an object.
    ///
    /// @return the offset, or -1
    public long tryAllocate(long bytes) {
        checkOpen();
        if (bytes < 1) {
            throw new IllegalArgumentException(
                    "blocks \"" + config.name() + "\": " + bytes + " bytes (expected 1 or more)");
        }
        int first = bytes > config.bytes() ? -1 : firstFit((int) ((bytes + config.blockBytes() - 1) / config.blockBytes()));
        if (first < 0) {
            refusals++;
            MemoryEvents.poolExhausted(config.name(), bytes, usedBytes(), config.bytes());
            return -1;
        }
        return (long) first * config.blockBytes();
    }

    private int firstFit(int count) {
        int blocks = config.blocks();
        int at = next(0, false);
        while (at + count <= blocks) {
            int end = Math.min(next(at, true), blocks);
            if (end - at >= count) {
                mark(at, count, true);
                starts[at / WORD_BITS] |= 1L << at;
                takenBlocks += count;
                peakBlocks = Math.max(peakBlocks, takenBlocks);
                allocations++;
                return at;
            }
            at = next(end, false);
        }
        return -1;
    }

    /// Wipes a piece and gives its blocks back.
    ///
    /// @param at  what [#allocate] answered
    /// @throws IllegalArgumentException  no block begins there: foreign, or inside a block (caller's fault)
    /// @throws IllegalStateException     no piece begins there: released before, inside a piece, or closed (caller's
    ///                                   fault)
    public void release(long at) {
        int first = pieceAt(at);
        int count = piece(first);
        Wipe.bytes(segment, at, (long) count * config.blockBytes());
        mark(first, count, false);
        starts[first / WORD_BITS] &= ~(1L << first);
        takenBlocks -= count;
        releases++;
    }

    /// {@return bytes of the piece at `at`: what was asked, rounded up to blocks}
    ///
    /// @throws IllegalArgumentException  as of [#release]
    /// @throws IllegalStateException     as of [#release]
    public long pieceBytes(long at) {
        return (long) piece(pieceAt(at)) * config.blockBytes();
    }

    private int pieceAt(long at) {
        checkOpen();
        if (at < 0 || at >= config.bytes() || at % config.blockBytes() != 0) {
            throw new IllegalArgumentException("blocks \"" + config.name() + "\": offset " + at
                    + " is no block of it (expected a multiple of " + config.blockBytes() + " below " + config.bytes() + ")");
        }
        int block = (int) (at / config.blockBytes());
        if ((starts[block / WORD_BITS] & 1L << block) == 0) {
            throw new IllegalStateException("blocks \"" + config.name() + "\": offset " + at
                    + ((taken[block / WORD_BITS] & 1L << block) == 0 ? " is free: released twice, or never handed out"
                            : " is inside a piece"));
        }
        return block;
    }

    private int piece(int first) {
        int end = first + 1;
        while (end < config.blocks() && (taken[end / WORD_BITS] & 1L << end) != 0
                && (starts[end / WORD_BITS] & 1L << end) == 0) {
            end++;
        }
        return end - first;
    }

    /// {@return the first block from `from` on that is taken, or free; the number of bits where there is none}
    private int next(int from, boolean isTaken) {
        for (int at = from; at < taken.length * WORD_BITS; at = (at / WORD_BITS + 1) * WORD_BITS) {
            long word = isTaken ? taken[at / WORD_BITS] : ~taken[at / WORD_BITS];
            long rest = word >>> at;
            if (rest != 0) {
                return at + Long.numberOfTrailingZeros(rest);
            }
        }
        return taken.length * WORD_BITS;
    }

    private void mark(int first, int count, boolean isTaken) {
        for (int block = first; block < first + count; block++) {
            if (isTaken) {
                taken[block / WORD_BITS] |= 1L << block;
            } else {
                taken[block / WORD_BITS] &= ~(1L << block);
            }
        }
    }

    /// {@return the memory that offsets are in}
    public MemorySegment segment() {
        checkOpen();
        return segment;
    }

    /// {@return bytes of the longest run of free blocks: the most that can be allocated now}
    public long largestFreeBytes() {
        int largest = 0;
        for (int at = next(0, false); at < config.blocks();) {
            int end = Math.min(next(at, true), config.blocks());
            largest = Math.max(largest, end - at);
            at = next(end, false);
        }
        return (long) largest * config.blockBytes();
    }

    /// {@return bytes of all free blocks}
    public long freeBytes() {
        return config.bytes() - usedBytes();
    }

    /// {@return how broken up the free memory is, in percent: 0 where it is one run or none, near 100 where the largest
    /// run is a small part of what is free (100 - 100 x largest / free, rounded down)}
    public int fragmentationPercent() {
        long free = freeBytes();
        return free == 0 ? 0 : (int) ((free - largestFreeBytes()) * 100 / free);
    }

    @Override
    public String name() {
        return config.name();
    }

    @Override
    public long capacityBytes() {
        return config.bytes();
    }

    /// {@return bytes of taken blocks}
    @Override
    public long usedBytes() {
        return (long) takenBlocks * config.blockBytes();
    }

    @Override
    public long peakBytes() {
        return (long) peakBlocks * config.blockBytes();
    }

    /// {@return pieces handed out since the start}
    public long allocations() {
        return allocations;
    }

    /// {@return pieces given back since the start}
    public long releases() {
        return releases;
    }

    /// {@return requests refused since the start}
    public long refusals() {
        return refusals;
    }

    /// Wipes everything, pieces still out too; every use is refused from here on. Twice is harmless.
    @Override
    public void close() {
        if (!closed) {
            if (segment.scope().isAlive()) {  // a region that is closed has wiped it
                Wipe.segment(segment);
            }
            closed = true;
            takenBlocks = 0;
        }
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("blocks \"" + config.name() + "\" is closed");
        }
    }

    /// For property tests.
    void checkInvariants() {
        int count = 0;
        for (int block = 0; block < taken.length * WORD_BITS; block++) {
            boolean isTaken = (taken[block / WORD_BITS] & 1L << block) != 0;
            assert !isTaken || block < config.blocks() : "taken past the end: " + block;
            assert isTaken || (starts[block / WORD_BITS] & 1L << block) == 0 : "a piece begins in free block " + block;
            count += isTaken ? 1 : 0;
            assert isTaken || block >= config.blocks() || ConstantTime.isZero(segment,
                    (long) block * config.blockBytes(), config.blockBytes()) : "free and not zero: " + block;
        }
        assert count == takenBlocks : count + " taken, counted " + takenBlocks;
        assert allocations >= releases : this;
    }

    @Override
    public String toString() {
        return "BlockAllocator[" + config.name() + ", " + usedBytes() + " of " + config.bytes() + " bytes, largest free "
                + largestFreeBytes() + (closed ? ", closed" : "") + "]";
    }
}
