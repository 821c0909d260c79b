package dev.coffer.quic;

import dev.coffer.memory.layout.LittleEndian;
import java.lang.foreign.MemorySegment;

/// Packets of one space that were sent and of which nothing is known yet: when, how long, and what they carried that must arrive (RFC 9002, appendix A.1).
/// A ring of records in a chain of [Blocks], oldest first; what is not ack-eliciting is not kept. Stateless; 0 heap bytes. All zeros is the empty ring.
///
/// ```
///   record   0: number | 8: sent | 16: bytes | 18: flags | 20: kind | 22: length | 24: stream | 32: offset
/// ```
///
/// A packet is one record with one [item](#item) of what it carried; each further item is a record of its own, marked [#MORE]. Content is not kept here: an
/// item says where it lies in a [SendBuffer], or which word is to be said anew.
///
/// **When full**, [#reserve] says no before a packet is begun: then nothing new is sent until the peer has acknowledged something, or its loss is known.
final class SentPackets {
    /// Items that one packet has at most.
    static final int ITEMS_MAX = 3;

    // Flags.
    /// It asks for an ACK.
    static final int ELICITING = 1;
    /// It counts against the congestion window.
    static final int IN_FLIGHT = 1 << 1;
    /// It went with ECT(0).
    static final int ECT_0 = 1 << 2;
    /// It is one record more of the packet before.
    static final int MORE = 1 << 3;
    /// Acknowledged or lost: its place is free when it is the oldest.
    static final int OVER = 1 << 4;
    /// It carried MAX_DATA.
    static final int MAX_DATA = 1 << 5;
    /// It carried MAX_STREAMS for both ways.
    static final int MAX_STREAMS_BIDI = 1 << 6;
    /// It carried MAX_STREAMS for one way.
    static final int MAX_STREAMS_UNI = 1 << 7;
    /// It carried HANDSHAKE_DONE.
    static final int HANDSHAKE_DONE = 1 << 8;
    /// It probes the path's MTU: its loss says nothing of congestion.
    static final int MTU_PROBE = 1 << 9;
    /// It is over because it was lost.
    static final int LOST = 1 << 10;
    /// It carried NEW_TOKEN.
    static final int NEW_TOKEN = 1 << 11;
    /// Three bits: DATAGRAM frames that it carried, which are counted when they are lost, and not said again.
    static final int DATAGRAMS_SHIFT = 12;
    static final int DATAGRAMS_MASK = DatagramFrames.FRAMES_MAX << DATAGRAMS_SHIFT;
    /// Words for the connection as a whole, to be said anew where they are lost.
    static final int WORDS = MAX_DATA | MAX_STREAMS_BIDI | MAX_STREAMS_UNI | HANDSHAKE_DONE | NEW_TOKEN;

    private static final long HEAD = 0;          // u32, block of the oldest record
    private static final long TAIL = 4;          // u32, block of the newest
    private static final long HEAD_INDEX = 8;    // u16, of the oldest in its block
    private static final long TAIL_INDEX = 10;   // u16, behind the newest in its block
    private static final long COUNT = 12;        // u32, records
    static final long BYTES = 16;

    // A record.
    private static final long NUMBER = 0;        // i64
    private static final long SENT = 8;          // i64, nanoseconds
    private static final long LENGTH = 16;       // u16, bytes of the packet
    private static final long FLAGS = 18;        // u16
    private static final long KIND = 20;         // u8, of the item; 0 for none
    private static final long ITEM_LENGTH = 22;  // u16
    private static final long STREAM = 24;       // i64
    private static final long OFFSET = 32;       // i64
    static final int RECORD_BYTES = 40;

    private SentPackets() {}

    private static int perBlock(Blocks blocks) {
        return blocks.contentBytes() / RECORD_BYTES;
    }

    /// {@return records, of packets and of what else they carried}
    static int count(MemorySegment memory, long at) {
        return LittleEndian.i32(memory, at + COUNT);
    }

    /// Makes sure that one packet with all items can be kept.
    ///
    /// @param recordsMax  of the ring
    /// @return whether it can; false where the ring or the blocks are used up
    static boolean reserve(MemorySegment memory, long at, Blocks blocks, int recordsMax) {
        if (count(memory, at) + ITEMS_MAX > recordsMax) {
            return false;
        }
        int tail = LittleEndian.i32(memory, at + TAIL);
        if (tail == Blocks.NONE) {
            int block = blocks.tryTake(Blocks.LAST);
            if (block == Blocks.NONE) {
                return false;
            }
            LittleEndian.i32(memory, at + HEAD, block);
            LittleEndian.i32(memory, at + TAIL, block);
            return true;  // a block holds a packet: BLOCK_BYTES_MIN
        }
        if (LittleEndian.u16(memory, at + TAIL_INDEX) + ITEMS_MAX > perBlock(blocks) && blocks.next(tail) == Blocks.NONE) {
            int block = blocks.tryTake(Blocks.NEED);
            if (block == Blocks.NONE) {
                return false;
            }
            blocks.next(tail, block);
        }
        return true;
    }

    /// Adds a record, for which [#reserve] has made room.
    ///
    /// @return where it lies in the memory of the blocks
    private static long append(MemorySegment memory, long at, Blocks blocks) {
        int tail = LittleEndian.i32(memory, at + TAIL);
        int index = LittleEndian.u16(memory, at + TAIL_INDEX);
        if (index == perBlock(blocks)) {
            tail = blocks.next(tail);
            index = 0;
            LittleEndian.i32(memory, at + TAIL, tail);
        }
        LittleEndian.u16(memory, at + TAIL_INDEX, index + 1);
        LittleEndian.i32(memory, at + COUNT, count(memory, at) + 1);
        return blocks.content(tail) + (long) index * RECORD_BYTES;
    }

    /// Begins a packet.
    ///
    /// @return its record, for [#item] and [#end]
    static long begin(MemorySegment memory, long at, Blocks blocks, long number, long nowNanos) {
        long record = append(memory, at, blocks);
        MemorySegment in = blocks.memory();
        LittleEndian.i64(in, record + NUMBER, number);
        LittleEndian.i64(in, record + SENT, nowNanos);
        return record;
    }

    /// Notes what a packet carries; [#ITEMS_MAX] at most.
    ///
    /// @param first   the packet's record
    /// @param kind    1..255, for the owner
    /// @param stream  or another number
    /// @param length  0..65535
    static void item(MemorySegment memory, long at, Blocks blocks, long first, int kind, long stream, long offset, int length) {
        MemorySegment in = blocks.memory();
        long record = first;
        if (kind(in, first) != 0) {
            record = append(memory, at, blocks);
            LittleEndian.i64(in, record + NUMBER, number(in, first));
            LittleEndian.u16(in, record + FLAGS, MORE);
        }
        LittleEndian.u16(in, record + KIND, kind);
        LittleEndian.u16(in, record + ITEM_LENGTH, length);
        LittleEndian.i64(in, record + STREAM, stream);
        LittleEndian.i64(in, record + OFFSET, offset);
    }

    /// A packet is complete.
    static void end(Blocks blocks, long record, int bytes, int flags) {
        LittleEndian.u16(blocks.memory(), record + LENGTH, bytes);
        LittleEndian.u16(blocks.memory(), record + FLAGS, flags);
    }

    // Walking: a cursor is block << 16 | index, 0 at the end.

    /// {@return a cursor on the oldest record, 0 for none}
    static long oldest(MemorySegment memory, long at) {
        return count(memory, at) == 0 ? 0 : (long) LittleEndian.i32(memory, at + HEAD) << Short.SIZE | LittleEndian.u16(memory, at + HEAD_INDEX);
    }

    /// {@return a cursor on the record behind that, 0 for none}
    static long next(MemorySegment memory, long at, Blocks blocks, long cursor) {
        int block = (int) (cursor >>> Short.SIZE);
        int index = (int) (cursor & 0xffff) + 1;
        if (block == LittleEndian.i32(memory, at + TAIL) && index == LittleEndian.u16(memory, at + TAIL_INDEX)) {
            return 0;
        }
        return index < perBlock(blocks) ? cursor + 1 : (long) blocks.next(block) << Short.SIZE;
    }

    /// {@return where the record of a cursor lies in the memory of the blocks}
    static long record(Blocks blocks, long cursor) {
        return blocks.content((int) (cursor >>> Short.SIZE)) + (cursor & 0xffff) * RECORD_BYTES;
    }

    static long number(MemorySegment in, long record) {
        return LittleEndian.i64(in, record + NUMBER);
    }

    static long sentNanos(MemorySegment in, long record) {
        return LittleEndian.i64(in, record + SENT);
    }

    static int length(MemorySegment in, long record) {
        return LittleEndian.u16(in, record + LENGTH);
    }

    static int flags(MemorySegment in, long record) {
        return LittleEndian.u16(in, record + FLAGS);
    }

    static void mark(MemorySegment in, long record, int flags) {
        LittleEndian.u16(in, record + FLAGS, flags(in, record) | flags);
    }

    static void unmark(MemorySegment in, long record, int flags) {
        LittleEndian.u16(in, record + FLAGS, flags(in, record) & ~flags);
    }

    /// {@return kind of the item, 0 for none}
    static int kind(MemorySegment in, long record) {
        return LittleEndian.u16(in, record + KIND);
    }

    static long stream(MemorySegment in, long record) {
        return LittleEndian.i64(in, record + STREAM);
    }

    static long offset(MemorySegment in, long record) {
        return LittleEndian.i64(in, record + OFFSET);
    }

    static int itemLength(MemorySegment in, long record) {
        return LittleEndian.u16(in, record + ITEM_LENGTH);
    }

    /// Forgets the oldest records that are [#OVER], and what more they carried.
    static void trim(MemorySegment memory, long at, Blocks blocks) {
        MemorySegment in = blocks.memory();
        for (long cursor = oldest(memory, at); cursor != 0 && (flags(in, record(blocks, cursor)) & (OVER | MORE)) != 0; cursor = oldest(memory, at)) {
            int head = LittleEndian.i32(memory, at + HEAD);
            int index = LittleEndian.u16(memory, at + HEAD_INDEX) + 1;
            int count = count(memory, at) - 1;
            LittleEndian.i32(memory, at + COUNT, count);
            if (count == 0) {
                release(memory, at, blocks);
                return;
            }
            if (index == perBlock(blocks)) {
                LittleEndian.i32(memory, at + HEAD, blocks.release(head));
                index = 0;
            }
            LittleEndian.u16(memory, at + HEAD_INDEX, index);
        }
    }

    /// Forgets everything, and gives all blocks back.
    static void release(MemorySegment memory, long at, Blocks blocks) {
        blocks.releaseChain(LittleEndian.i32(memory, at + HEAD));
        for (long i = 0; i < BYTES; i += Long.BYTES) {
            LittleEndian.i64(memory, at + i, 0);
        }
    }

    /// For property tests.
    static void checkInvariants(MemorySegment memory, long at, Blocks blocks) {
        int records = 0;
        long before = -1;
        for (long cursor = oldest(memory, at); cursor != 0; cursor = next(memory, at, blocks, cursor)) {
            long record = record(blocks, cursor);
            long number = number(blocks.memory(), record);
            boolean more = (flags(blocks.memory(), record) & MORE) != 0;
            assert more ? number == before : number > before : "packet " + number + " behind " + before;
            before = number;
            records++;
        }
        assert records == count(memory, at) : records + " records, counted " + count(memory, at);
    }
}
