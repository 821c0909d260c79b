package dev.coffer.quic;

import dev.coffer.memory.layout.LittleEndian;
import java.lang.foreign.MemorySegment;

/// What was said on a stream, or at an encryption level, and is not acknowledged: kept in a chain of [Blocks] to be said again where it is lost
/// (RFC 9000, section 13.3). Stateless; 0 heap bytes. All zeros is an empty one.
///
/// ```
///   0 ......... base | acknowledged here and there, lost here and there | sent | not sent yet | end
///   released           block, block, block ...
/// ```
///
/// What lies out of order, acknowledged or lost, is remembered in a block of its own, taken when first needed. **When there is none**, or it is full,
/// more is sent again than need be: what cannot be remembered counts as not sent. Nothing is lost by that.
final class SendBuffer {
    private static final long BASE = 0;        // i64, all before is acknowledged
    private static final long SENT = 8;        // i64, what goes next that is not in LOST
    private static final long END = 16;        // i64, behind the last byte that there is
    private static final long HIGHEST = 24;    // i64, behind the last byte that ever went: flow control counts that
    private static final long HEAD = 32;       // u32, block of the byte at BASE; a block holds offsets k*C..k*C+C-1
    private static final long TAIL = 36;       // u32; with FRESH where nothing was written to it yet
    private static final long ACKED = 40;      // u32, block with a RangeSet of what is acknowledged behind BASE
    private static final long LOST = 44;       // u32, block with a RangeSet of what is to go again
    static final long BYTES = 48;

    private static final int FRESH = 1 << 31;

    private SendBuffer() {}

    static long base(MemorySegment memory, long at) {
        return LittleEndian.i64(memory, at + BASE);
    }

    static long sent(MemorySegment memory, long at) {
        return LittleEndian.i64(memory, at + SENT);
    }

    static long end(MemorySegment memory, long at) {
        return LittleEndian.i64(memory, at + END);
    }

    static long highest(MemorySegment memory, long at) {
        return LittleEndian.i64(memory, at + HIGHEST);
    }

    /// {@return whether all that there is has been acknowledged}
    static boolean isEmpty(MemorySegment memory, long at) {
        return base(memory, at) == end(memory, at);
    }

    private static int rangesMax(Blocks blocks) {
        return (int) ((blocks.contentBytes() - RangeSet.bytes(0)) / (RangeSet.bytes(1) - RangeSet.bytes(0)));
    }

    /// {@return bytes that [#append] takes now}
    ///
    /// @param blocksMax  that may be taken for it
    static long room(MemorySegment memory, long at, Blocks blocks, int blocksMax) {
        int content = blocks.contentBytes();
        long end = end(memory, at);
        boolean lacks = lacksBlock(memory, at, blocks);
        long taken = Math.min(blocksMax, blocks.freeCount());
        return taken == 0 && lacks ? 0 : taken * content + (lacks ? 0 : content) - end % content;
    }

    /// Adds bytes behind the others; [#room] at most.
    static void append(MemorySegment memory, long at, Blocks blocks, MemorySegment from, long fromAt, int length) {
        for (int done = 0; done < length;) {
            long to = writeAt(memory, at, blocks);
            int part = (int) Math.min(length - done, writable(memory, at, blocks));
            MemorySegment.copy(from, fromAt + done, blocks.memory(), to, part);
            wrote(memory, at, part);
            done += part;
        }
    }

    /// {@return whether the next byte goes into a block that is not there}
    private static boolean lacksBlock(MemorySegment memory, long at, Blocks blocks) {
        int tail = LittleEndian.i32(memory, at + TAIL);
        return tail == Blocks.NONE || (tail & FRESH) == 0 && end(memory, at) % blocks.contentBytes() == 0;
    }

    /// {@return bytes that may be written in one piece at [#writeAt]; 0 where no block is free}
    static long writable(MemorySegment memory, long at, Blocks blocks) {
        return lacksBlock(memory, at, blocks) && blocks.freeCount() == 0 ? 0 : blocks.contentBytes() - end(memory, at) % blocks.contentBytes();
    }

    /// {@return where the next [#writable] bytes go in the memory of the blocks}
    static long writeAt(MemorySegment memory, long at, Blocks blocks) {
        long inside = end(memory, at) % blocks.contentBytes();
        if (lacksBlock(memory, at, blocks)) {
            int block = extend(memory, at, blocks);
            LittleEndian.i32(memory, at + TAIL, inside == 0 ? block | FRESH : block);
        }
        return blocks.content(LittleEndian.i32(memory, at + TAIL) & ~FRESH) + inside;
    }

    /// Bytes were written at [#writeAt].
    static void wrote(MemorySegment memory, long at, long bytes) {
        LittleEndian.i64(memory, at + END, end(memory, at) + bytes);
        if (bytes > 0) {
            LittleEndian.i32(memory, at + TAIL, LittleEndian.i32(memory, at + TAIL) & ~FRESH);
        }
    }

    private static int extend(MemorySegment memory, long at, Blocks blocks) {
        int block = blocks.tryTake(Blocks.NEED);
        if (block == Blocks.NONE) {
            throw new IllegalStateException("send buffer: no block (expected no more than room())");
        }
        blocks.written(1);
        int tail = LittleEndian.i32(memory, at + TAIL);
        if (tail == Blocks.NONE) {
            LittleEndian.i32(memory, at + HEAD, block);
        } else {
            blocks.next(tail & ~FRESH, block);
        }
        LittleEndian.i32(memory, at + TAIL, block);
        return block;
    }

    /// Copies what lies at an offset, to send it.
    ///
    /// @param offset  base..end
    static void copy(MemorySegment memory, long at, Blocks blocks, long offset, MemorySegment to, long toAt, int length) {
        copy(memory, at, blocks, offset, to, toAt, length, Blocks.NONE);
    }

    /// As above, by who copies one piece behind the other: the way along the chain is gone once.
    ///
    /// @param known  block of the byte at `offset`; [Blocks#NONE] where that is not known
    /// @return that of the byte behind what was copied, as long as nothing is acknowledged or written; [Blocks#NONE] where there is none
    static int copy(MemorySegment memory, long at, Blocks blocks, long offset, MemorySegment to, long toAt, int length, int known) {
        assert base(memory, at) <= offset && offset + length <= end(memory, at) : offset + " and " + length;
        int content = blocks.contentBytes();
        int block = known == Blocks.NONE ? block(memory, at, blocks, offset) : known;
        for (int done = 0; done < length;) {
            int inside = (int) ((offset + done) % content);
            int part = Math.min(length - done, content - inside);
            MemorySegment.copy(blocks.memory(), blocks.content(block) + inside, to, toAt + done, part);
            done += part;
            block = inside + part == content ? blocks.next(block) : block;
        }
        return block;
    }

    private static int block(MemorySegment memory, long at, Blocks blocks, long offset) {
        int content = blocks.contentBytes();
        int block = LittleEndian.i32(memory, at + HEAD);
        for (long k = base(memory, at) / content; k < offset / content; k++) {
            block = blocks.next(block);
        }
        return block;
    }

    /// {@return the offset to send from: what was lost first, then what never went; equal to [#nextEnd] where there is nothing}
    static long next(MemorySegment memory, long at, Blocks blocks) {
        int lost = LittleEndian.i32(memory, at + LOST);
        return lost == Blocks.NONE ? sent(memory, at) : RangeSet.start(blocks.memory(), blocks.content(lost), 0);
    }

    /// {@return one past what may be sent in one piece from [#next] on}
    static long nextEnd(MemorySegment memory, long at, Blocks blocks) {
        int lost = LittleEndian.i32(memory, at + LOST);
        return lost == Blocks.NONE ? end(memory, at) : RangeSet.end(blocks.memory(), blocks.content(lost), 0);
    }

    /// Bytes from [#next] on go now.
    ///
    /// @param length  1..nextEnd - next
    static void went(MemorySegment memory, long at, Blocks blocks, int length) {
        int lost = LittleEndian.i32(memory, at + LOST);
        if (lost != Blocks.NONE) {
            RangeSet.removeBelow(blocks.memory(), blocks.content(lost), next(memory, at, blocks) + length);
            dropIfEmpty(memory, at, blocks, LOST);
        } else {
            long sent = sent(memory, at) + length;
            LittleEndian.i64(memory, at + SENT, sent);
            LittleEndian.i64(memory, at + HIGHEST, Math.max(sent, highest(memory, at)));
        }
    }

    /// {@return content of the block with one of the sets, taken where there is none; -1 where none is free}
    private static long set(MemorySegment memory, long at, Blocks blocks, long which) {
        int block = LittleEndian.i32(memory, at + which);
        if (block == Blocks.NONE) {
            block = blocks.tryTake(Blocks.NEED);
            LittleEndian.i32(memory, at + which, block);
        }
        return block == Blocks.NONE ? -1 : blocks.content(block);
    }

    private static void dropIfEmpty(MemorySegment memory, long at, Blocks blocks, long which) {
        int block = LittleEndian.i32(memory, at + which);
        if (block != Blocks.NONE && RangeSet.count(blocks.memory(), blocks.content(block)) == 0) {
            blocks.release(block);
            LittleEndian.i32(memory, at + which, Blocks.NONE);
        }
    }

    /// The peer has acknowledged bytes; none where it is an end alone, perhaps of what came before.
    static void acknowledged(MemorySegment memory, long at, Blocks blocks, long start, long end) {
        long base = base(memory, at);
        long from = Math.max(start, base);
        if (end <= from) {
            return;
        }
        int lost = LittleEndian.i32(memory, at + LOST);
        if (lost != Blocks.NONE) {  // it was not lost after all; where that cannot be taken out, it goes once more
            RangeSet.remove(blocks.memory(), blocks.content(lost), rangesMax(blocks), from, end);
            dropIfEmpty(memory, at, blocks, LOST);
        }
        if (from == base) {
            advance(memory, at, blocks, end);
            return;
        }
        long set = set(memory, at, blocks, ACKED);
        if (set < 0 || !RangeSet.add(blocks.memory(), set, rangesMax(blocks), from, end)) {
            again(memory, at, blocks, from, Math.min(end, sent(memory, at)));
        }
    }

    private static void advance(MemorySegment memory, long at, Blocks blocks, long to) {
        int content = blocks.contentBytes();
        long base = base(memory, at);
        long now = to;
        int acked = LittleEndian.i32(memory, at + ACKED);
        if (acked != Blocks.NONE) {
            long set = blocks.content(acked);
            RangeSet.removeBelow(blocks.memory(), set, to);
            if (RangeSet.count(blocks.memory(), set) > 0 && RangeSet.start(blocks.memory(), set, 0) == to) {
                now = RangeSet.end(blocks.memory(), set, 0);
                RangeSet.removeBelow(blocks.memory(), set, now);
            }
            dropIfEmpty(memory, at, blocks, ACKED);
        }
        int lost = LittleEndian.i32(memory, at + LOST);
        if (lost != Blocks.NONE) {  // what is to go again may reach over what is acknowledged
            RangeSet.removeBelow(blocks.memory(), blocks.content(lost), now);
            dropIfEmpty(memory, at, blocks, LOST);
        }
        int head = LittleEndian.i32(memory, at + HEAD);
        for (long k = base / content; k < now / content && head != Blocks.NONE; k++) {
            head = blocks.release(head);
            blocks.written(-1);
        }
        if (now == end(memory, at) && head != Blocks.NONE) {  // nothing is left: not even a part of a block is held
            blocks.release(head);
            blocks.written(-1);
            head = Blocks.NONE;
        }
        LittleEndian.i32(memory, at + HEAD, head);
        if (head == Blocks.NONE) {
            LittleEndian.i32(memory, at + TAIL, Blocks.NONE);
        }
        LittleEndian.i64(memory, at + BASE, now);
        LittleEndian.i64(memory, at + SENT, Math.max(now, sent(memory, at)));
    }

    /// Bytes are lost, or are to go once more for another reason.
    static void again(MemorySegment memory, long at, Blocks blocks, long start, long end) {
        long from = Math.max(start, base(memory, at));
        if (from >= end || from >= sent(memory, at)) {
            return;
        }
        long to = Math.min(end, sent(memory, at));
        int acked = LittleEndian.i32(memory, at + ACKED);
        if (acked != Blocks.NONE && RangeSet.covers(blocks.memory(), blocks.content(acked), from, to)) {
            return;
        }
        long set = set(memory, at, blocks, LOST);
        if (set < 0) {
            LittleEndian.i64(memory, at + SENT, from);
        } else {
            RangeSet.cover(blocks.memory(), set, rangesMax(blocks), from, to);
        }
    }

    /// Forgets everything, and gives all blocks back: the stream was reset, or the level is over. What went stays counted.
    static void release(MemorySegment memory, long at, Blocks blocks) {
        blocks.written(-blocks.releaseChain(LittleEndian.i32(memory, at + HEAD)));
        blocks.releaseChain(LittleEndian.i32(memory, at + ACKED));
        blocks.releaseChain(LittleEndian.i32(memory, at + LOST));
        LittleEndian.i64(memory, at + HEAD, 0);
        LittleEndian.i64(memory, at + ACKED, 0);
        LittleEndian.i64(memory, at + BASE, end(memory, at));
        LittleEndian.i64(memory, at + SENT, end(memory, at));
    }

    /// For property tests.
    static void checkInvariants(MemorySegment memory, long at, Blocks blocks) {
        assert base(memory, at) <= sent(memory, at) && sent(memory, at) <= end(memory, at) && highest(memory, at) <= end(memory, at) : base(memory, at)
                + ", " + sent(memory, at) + ", " + end(memory, at);
        int acked = LittleEndian.i32(memory, at + ACKED);
        if (acked != Blocks.NONE) {
            RangeSet.checkInvariants(blocks.memory(), blocks.content(acked), rangesMax(blocks));
            assert RangeSet.start(blocks.memory(), blocks.content(acked), 0) > base(memory, at) : "acknowledged at the base";
        }
        int lost = LittleEndian.i32(memory, at + LOST);
        if (lost != Blocks.NONE) {
            RangeSet.checkInvariants(blocks.memory(), blocks.content(lost), rangesMax(blocks));
            assert RangeSet.start(blocks.memory(), blocks.content(lost), 0) >= base(memory, at) : "lost before the base";
        }
    }
}
