package dev.coffer.quic;

import dev.coffer.memory.layout.LittleEndian;
import java.lang.foreign.MemorySegment;

/// What came on a stream, or in CRYPTO frames of a level, in any order, until it is read in order (RFC 9000, sections 2.2 and 7.5). In a chain of [Blocks];
/// stateless; 0 heap bytes. All zeros is an empty one.
///
/// ```
///   0 ..... read | ready to be read | gap | came early | gap | came early | highest
///   released       block, block, block ...
/// ```
///
/// The chain covers the gaps too, so what fills one always finds its place. Where pieces came early they are remembered in a block of its own. A gap is memory that its sender has not paid
/// for: one byte at the end of a window holds all of it (RFC 9000, section 21.6). While half of the blocks are free that harms nobody; else a gap is at most [#GAP_BYTES_MAX] longer than
/// what came behind it, and a piece that would need more is refused.
/// **When full** [#insert] changes nothing and says so: then the packet must not be acknowledged, and its sender says it again. What comes early leaves
/// blocks to what comes in order, so that a stream never waits for the memory that its own later pieces hold.
final class ReceiveBuffer {
    private static final long READ = 0;       // i64, all before was read
    private static final long READY = 8;      // i64, all before came
    private static final long HIGHEST = 16;   // i64, behind the last byte that was ever said
    private static final long HEAD = 24;      // u32, block of the byte at READ; a block holds offsets k*C..k*C+C-1
    private static final long EARLY = 28;     // u32, block with a RangeSet of what came behind READY
    private static final long LENGTH = 32;    // u32, blocks in the chain
    static final long SPARE = 36;             // u32, of whoever has the buffer
    static final long BYTES = 40;
    /// Of gaps, where blocks are few: what a burst of five datagrams leaves that were lost.
    static final int GAP_BYTES_MAX = 8192;

    private ReceiveBuffer() {}

    static long read(MemorySegment memory, long at) {
        return LittleEndian.i64(memory, at + READ);
    }

    static long ready(MemorySegment memory, long at) {
        return LittleEndian.i64(memory, at + READY);
    }

    static long highest(MemorySegment memory, long at) {
        return LittleEndian.i64(memory, at + HIGHEST);
    }

    /// {@return whether something came early}
    static boolean hasGap(MemorySegment memory, long at) {
        return LittleEndian.i32(memory, at + EARLY) != Blocks.NONE;
    }

    /// {@return bytes of the blocks that are held from the first gap on, with that in which pieces are remembered; 0 where there is no gap}
    static long gapBytes(MemorySegment memory, long at, Blocks blocks) {
        if (!hasGap(memory, at)) {
            return 0;
        }
        long content = blocks.contentBytes();
        return ((highest(memory, at) - 1) / content - ready(memory, at) / content + 2) * content;
    }

    private static int rangesMax(Blocks blocks) {
        return (int) ((blocks.contentBytes() - RangeSet.bytes(0)) / (RangeSet.bytes(1) - RangeSet.bytes(0)));
    }

    /// {@return blocks that are held}
    static int held(MemorySegment memory, long at) {
        return LittleEndian.i32(memory, at + LENGTH) + (LittleEndian.i32(memory, at + EARLY) == Blocks.NONE ? 0 : 1);
    }

    /// Takes a piece.
    ///
    /// @param blocksMax  that may be taken for it
    /// @param keep       blocks that stay free where it came early
    /// @return whether it is kept, or was there before; false where there is no room, and nothing has changed
    static boolean insert(MemorySegment memory, long at, Blocks blocks, long offset, MemorySegment from, long fromAt, int length, int blocksMax, int keep) {
        long ready = ready(memory, at);
        long start = Math.max(offset, ready);
        long end = offset + length;
        if (end > start) {
            boolean early = start > ready;
            int content = blocks.contentBytes();
            int taken = LittleEndian.i32(memory, at + LENGTH);
            int wanted = Math.max(0, (int) ((end - 1) / content - read(memory, at) / content + 1 - taken));
            int set = early && LittleEndian.i32(memory, at + EARLY) == Blocks.NONE ? 1 : 0;
            if (wanted + set > blocksMax || wanted + set > blocks.freeCount() - (early ? keep : 0)
                    || wanted > 0 && early && isGaping(memory, at, blocks, start, end)
                    || early && !note(memory, at, blocks, start, end)) {
                return false;
            }
            extend(memory, at, blocks, wanted);
            write(memory, at, blocks, start, from, fromAt + start - offset, (int) (end - start));
            if (!early) {
                LittleEndian.i64(memory, at + READY, end);
                join(memory, at, blocks);
            }
        }
        LittleEndian.i64(memory, at + HIGHEST, Math.max(end, highest(memory, at)));
        return true;
    }

    /// {@return whether blocks are few, and a piece behind all others would leave gaps much longer than what came}
    private static boolean isGaping(MemorySegment memory, long at, Blocks blocks, long start, long end) {
        if (blocks.isAmple()) {
            return false;
        }
        int block = LittleEndian.i32(memory, at + EARLY);
        long came = end - start;
        for (int i = 0; block != Blocks.NONE && i < RangeSet.count(blocks.memory(), blocks.content(block)); i++) {
            came += RangeSet.end(blocks.memory(), blocks.content(block), i) - RangeSet.start(blocks.memory(), blocks.content(block), i);
        }
        return end - ready(memory, at) - came > GAP_BYTES_MAX + came;
    }

    private static boolean note(MemorySegment memory, long at, Blocks blocks, long start, long end) {
        int block = LittleEndian.i32(memory, at + EARLY);
        if (block == Blocks.NONE) {
            block = blocks.tryTake(Blocks.NEED);
            LittleEndian.i32(memory, at + EARLY, block);
        }
        return RangeSet.add(blocks.memory(), blocks.content(block), rangesMax(blocks), start, end);
    }

    private static void extend(MemorySegment memory, long at, Blocks blocks, int wanted) {
        int length = LittleEndian.i32(memory, at + LENGTH);
        int tail = LittleEndian.i32(memory, at + HEAD);
        for (int i = 1; i < length && wanted > 0; i++) {
            tail = blocks.next(tail);
        }
        for (int i = 0; i < wanted; i++) {
            int block = blocks.tryTake(Blocks.NEED);
            if (tail == Blocks.NONE) {
                LittleEndian.i32(memory, at + HEAD, block);
            } else {
                blocks.next(tail, block);
            }
            tail = block;
        }
        LittleEndian.i32(memory, at + LENGTH, length + wanted);
    }

    private static int block(MemorySegment memory, long at, Blocks blocks, long offset) {
        int block = LittleEndian.i32(memory, at + HEAD);
        int content = blocks.contentBytes();
        for (long k = read(memory, at) / content; k < offset / content; k++) {
            block = blocks.next(block);
        }
        return block;
    }

    private static void write(MemorySegment memory, long at, Blocks blocks, long offset, MemorySegment from, long fromAt, int length) {
        int content = blocks.contentBytes();
        int block = block(memory, at, blocks, offset);
        for (int done = 0; done < length;) {
            int inside = (int) ((offset + done) % content);
            int part = Math.min(length - done, content - inside);
            MemorySegment.copy(from, fromAt + done, blocks.memory(), blocks.content(block) + inside, part);
            done += part;
            block = done < length ? blocks.next(block) : block;
        }
    }

    /// What came early and is early no more is ready.
    private static void join(MemorySegment memory, long at, Blocks blocks) {
        int early = LittleEndian.i32(memory, at + EARLY);
        if (early == Blocks.NONE) {
            return;
        }
        long set = blocks.content(early);
        long ready = ready(memory, at);
        while (RangeSet.count(blocks.memory(), set) > 0 && RangeSet.start(blocks.memory(), set, 0) <= ready) {
            ready = Math.max(ready, RangeSet.end(blocks.memory(), set, 0));
            RangeSet.removeBelow(blocks.memory(), set, ready);
        }
        LittleEndian.i64(memory, at + READY, ready);
        if (RangeSet.count(blocks.memory(), set) == 0) {
            blocks.release(early);
            LittleEndian.i32(memory, at + EARLY, Blocks.NONE);
        }
    }

    /// {@return bytes that can be read in one piece now, at [#readAt]; 0 for none}
    static int readable(MemorySegment memory, long at, Blocks blocks) {
        long read = read(memory, at);
        int content = blocks.contentBytes();
        return (int) Math.min(ready(memory, at) - read, content - read % content);
    }

    /// {@return where the next [#readable] bytes lie in the memory of the blocks}
    static long readAt(MemorySegment memory, long at, Blocks blocks) {
        return blocks.content(LittleEndian.i32(memory, at + HEAD)) + read(memory, at) % blocks.contentBytes();
    }

    /// Bytes were read, and are wiped with their blocks.
    ///
    /// @param length  0..ready - read
    static void consume(MemorySegment memory, long at, Blocks blocks, long length) {
        int content = blocks.contentBytes();
        long read = read(memory, at);
        long now = read + length;
        assert now <= ready(memory, at) : length + " bytes of " + (ready(memory, at) - read);
        int head = LittleEndian.i32(memory, at + HEAD);
        int held = LittleEndian.i32(memory, at + LENGTH);
        for (long k = read / content; k < now / content && held > 0; k++) {
            head = blocks.release(head);
            held--;
        }
        if (now == ready(memory, at) && LittleEndian.i32(memory, at + EARLY) == Blocks.NONE && held > 0) {
            blocks.releaseChain(head);
            head = Blocks.NONE;
            held = 0;
        }
        LittleEndian.i32(memory, at + HEAD, head);
        LittleEndian.i32(memory, at + LENGTH, held);
        LittleEndian.i64(memory, at + READ, now);
    }

    /// Forgets what was not read, and gives all blocks back. What was said stays counted, and read.
    static void release(MemorySegment memory, long at, Blocks blocks) {
        blocks.releaseChain(LittleEndian.i32(memory, at + HEAD));
        blocks.releaseChain(LittleEndian.i32(memory, at + EARLY));
        LittleEndian.i32(memory, at + HEAD, 0);
        LittleEndian.i32(memory, at + EARLY, 0);
        LittleEndian.i32(memory, at + LENGTH, 0);
        LittleEndian.i64(memory, at + READY, highest(memory, at));
        LittleEndian.i64(memory, at + READ, highest(memory, at));
    }

    /// For property tests.
    static void checkInvariants(MemorySegment memory, long at, Blocks blocks) {
        assert read(memory, at) <= ready(memory, at) && ready(memory, at) <= highest(memory, at) : read(memory, at) + ", " + ready(memory, at);
        int length = 0;
        for (int block = LittleEndian.i32(memory, at + HEAD); block != Blocks.NONE; block = blocks.next(block)) {
            length++;
        }
        assert length == LittleEndian.i32(memory, at + LENGTH) : length + " blocks";
        int early = LittleEndian.i32(memory, at + EARLY);
        if (early != Blocks.NONE) {
            RangeSet.checkInvariants(blocks.memory(), blocks.content(early), rangesMax(blocks));
            assert RangeSet.start(blocks.memory(), blocks.content(early), 0) > ready(memory, at) : "early, and ready";
        }
    }
}
