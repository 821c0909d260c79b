package dev.coffer.memory.pool;

import dev.coffer.memory.Account;
import dev.coffer.memory.ConstantTime;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Region;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.internal.event.MemoryEvents;
import dev.coffer.memory.layout.Align;
import dev.coffer.memory.layout.HeapLayout;
import java.lang.foreign.MemorySegment;

/// Runs of blocks, first fit over a bitmap: for pieces of differing sizes and lives in one small piece of memory.
///
/// ```
///   blocks   |0 |1 |2 |3 |4 |5 |6 |7 | ...      taken    1 1 1 0 1 1 0 0     bit 0 first
///             '-A-----'     '-B--'              numbers  a 0 0 0 b 0 0 0     A is 3 blocks, B is 2
///
///   piece    [ number | first block ]           a long above 0: one bit of sign, as many for the block as it takes, the rest
/// ```
///
/// A piece is named by a handle, never by where it lies: [#at] answers its offset in [#segment()]. A handle holds a number that
/// only that piece has, so one that was released is refused for good, though its blocks were handed out again, as is one of
/// another allocator. (Numbers come round after 2^36 pieces where there are most blocks, 2^57 by default.) A piece is zero when handed
/// out, and is wiped when released. Pieces take whole blocks; what that wastes is the caller's to know.
///
/// **When full**, or too broken up: [#tryAllocate] answers -1, [#allocate] throws with the largest run that is left. More than there is
/// altogether is the caller's fault, and told apart.
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
    private final long[] numbers;        // by block: the number of the piece that begins there, or 0
    private final int blockBits;         // of a handle, for the block
    private long number;                 // of the last piece, from 1
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
        this.numbers = new long[config.blocks()];
        this.blockBits = Integer.SIZE - Integer.numberOfLeadingZeros(config.blocks() - 1);
        this.number = HandleNumbers.beginning(numberBits());
    }

    /// {@return the plan's row}
    public static MemoryPlan plan(Config config) {
        return MemoryPlan.block(config.name(), config.blockBytes(), config.blocks(), "blocks, first fit")
                .withHeap(HeapLayout.instance(BlockAllocator.class) + HeapLayout.array(long.class, config.words())
                        + HeapLayout.array(long.class, config.blocks()));
    }

    /// {@return an allocator over memory that the caller has carved}
    ///
    /// @param memory  exactly `config.bytes()`, zero, writable, off the heap, nobody else's
    /// @throws IllegalArgumentException  another size, or memory that is read-only or on the heap (caller's fault)
    public static BlockAllocator over(Config config, MemorySegment memory) {
        return new BlockAllocator(config, Carved.check("blocks", config.name(), memory, config.bytes()));
    }

    /// {@return an allocator over the row of a region's plan that [#plan] made}
    ///
    /// @throws IllegalArgumentException  no such row, or another size (caller's fault)
    /// @throws IllegalStateException     the row is carved already, or the region closed (caller's fault); after any refusal
    ///                                   nothing is held, and the row may be opened anew
    public static BlockAllocator open(Config config, Region region) {
        return region.carve(config.name(), row -> over(config, row));
    }

    private int numberBits() {
        return Long.SIZE - 1 - blockBits;
    }

    /// {@return a piece of at least `bytes` zero bytes: a handle above 0; [#at] says where it lies}
    ///
    /// @param bytes  1..[#capacityBytes()]
    /// @throws BlocksExhaustedException  no run of free blocks is that long now
    /// @throws IllegalArgumentException  0, negative, or more than [#capacityBytes()], which no wait would bring (caller's fault)
    /// @throws IllegalStateException     closed (caller's fault)
    public long allocate(long bytes) {
        long piece = tryAllocate(bytes);
        if (piece < 0) {
            throw new BlocksExhaustedException(config.name(), bytes, freeBytes(), largestFreeBytes());
        }
        return piece;
    }

    /// Allocates as [#allocate] does, and where there is no room now says so without making an object.
    ///
    /// @return the handle, or -1
    public long tryAllocate(long bytes) {
        checkOpen();
        if (bytes < 1 || bytes > config.bytes()) {
            throw new IllegalArgumentException(
                    "blocks \"" + config.name() + "\": " + bytes + " bytes (expected 1.." + config.bytes() + ")");
        }
        int first = firstFit((int) ((bytes + config.blockBytes() - 1) / config.blockBytes()));
        if (first < 0) {
            refusals++;
            MemoryEvents.poolExhausted(config.name(), bytes, usedBytes(), config.bytes());
            return -1;
        }
        return numbers[first] << blockBits | first;
    }

    private int firstFit(int count) {
        int blocks = config.blocks();
        int at = next(0, false);
        while (at + count <= blocks) {
            int end = Math.min(next(at, true), blocks);
            if (end - at >= count) {
                mark(at, count, true);
                number = Math.max(1, number + 1 & (1L << numberBits()) - 1);  // 0 is nobody's
                numbers[at] = number;
                takenBlocks += count;
                peakBlocks = Math.max(peakBlocks, takenBlocks);
                allocations++;
                return at;
            }
            at = next(end, false);
        }
        return -1;
    }

    /// {@return offset of a piece in [#segment()], a multiple of the block}
    ///
    /// @param piece  what [#allocate] answered
    /// @throws IllegalArgumentException  as of [#release]
    /// @throws IllegalStateException     as of [#release]
    public long at(long piece) {
        return (long) first(piece) * config.blockBytes();
    }

    /// Wipes a piece and gives its blocks back.
    ///
    /// @param piece  what [#allocate] answered
    /// @throws IllegalArgumentException  it never was a handle of such an allocator (caller's fault); nothing changes
    /// @throws IllegalStateException     released before, whoever has its blocks now, or another allocator's, or closed (caller's
    ///                                   fault); nothing changes
    public void release(long piece) {
        int first = first(piece);
        int count = blocksFrom(first);
        Wipe.bytes(segment, (long) first * config.blockBytes(), (long) count * config.blockBytes());
        mark(first, count, false);
        numbers[first] = 0;
        takenBlocks -= count;
        releases++;
    }

    /// {@return bytes of a piece: what was asked, rounded up to blocks}
    ///
    /// @throws IllegalArgumentException  as of [#release]
    /// @throws IllegalStateException     as of [#release]
    public long pieceBytes(long piece) {
        return (long) blocksFrom(first(piece)) * config.blockBytes();
    }

    /// {@return whether a piece is out: handed out here, and not released}
    ///
    /// @param piece  any number
    public boolean holds(long piece) {
        long block = piece & (1L << blockBits) - 1;
        return !closed && piece > 0 && block < numbers.length && numbers[(int) block] != 0
                && numbers[(int) block] == piece >>> blockBits;
    }

    private int first(long piece) {
        checkOpen();
        long block = piece & (1L << blockBits) - 1;
        if (piece >>> blockBits == 0 || piece < 0 || block >= numbers.length) {
            throw new IllegalArgumentException("blocks \"" + config.name() + "\": " + piece
                    + " is no piece of it (expected what allocate answered)");
        }
        if (!holds(piece)) {
            throw new IllegalStateException("blocks \"" + config.name() + "\": piece " + piece
                    + " is not out: released before, or another allocator's");
        }
        return (int) block;
    }

    private int blocksFrom(int first) {
        int end = first + 1;
        while (end < config.blocks() && (taken[end / WORD_BITS] & 1L << end) != 0 && numbers[end] == 0) {
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

    /// {@return the memory that [#at] answers offsets in}
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
            Carved.wipe(segment);
            closed = true;
            takenBlocks = 0;
        }
    }

    private void checkOpen() {
        if (closed) {
            throw Carved.closed("blocks", config.name());
        }
    }

    /// For property tests.
    void checkInvariants() {
        int count = 0;
        for (int block = 0; block < taken.length * WORD_BITS; block++) {
            boolean isTaken = (taken[block / WORD_BITS] & 1L << block) != 0;
            assert !isTaken || block < config.blocks() : "taken past the end: " + block;
            assert isTaken || block >= config.blocks() || numbers[block] == 0 : "a piece begins in free block " + block;
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
