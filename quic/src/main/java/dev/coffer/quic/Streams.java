package dev.coffer.quic;

import dev.coffer.memory.layout.LittleEndian;
import dev.coffer.quic.frame.TransportError;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// The streams of a connection, and the flow control of all of them (RFC 9000, sections 2 to 4), over a layout of the connection and a chain of [StreamRow]s
/// in [Blocks]. Stateless; 0 heap bytes. [#begin] first.
///
/// What a frame of the peer's comes to is answered by [#OK], by [#NOT_KEPT] where there is no memory for it (its packet is then not acknowledged), or by the
/// transport error that closes the connection, above 0.
final class Streams {
    static final long OK = 0;
    static final long NOT_KEPT = -1;

    // The layout.
    private static final long FIRST = 0;          // u32, block of the first row
    private static final long ROWS = 4;           // u24: as many as there are blocks, 2^20, at most
    private static final long DUE = 7;            // u8, words of SentPackets: limits that are to go; and whether a row may await room, AWAITED
    private static final long TURN = 8;           // u32, block of the row that speaks next
    static final long ROOT = 12;                  // u32, of StreamTree
    private static final long OPENED = 16;        // 4 x i64, streams opened, by type
    static final long LIMIT = 48;         // 4 x i64, streams that may be, by type: ours as the peer says, the peer's as we say
    static final long SEND_MAX = 80;      // i64, as the peer says
    private static final long SENT = 88;          // i64, new bytes of all streams
    private static final long RECEIVE_MAX = 96;   // i64, as we say
    private static final long RECEIVED = 104;     // i64, highest offsets of all streams
    private static final long CONSUMED = 112;     // i64, read, or discarded
    static final long NEWS = 120;         // of StreamNews
    static final long INITIAL = 128;      // 3 x i64, what the peer lets us send on a stream: bidi of its own (as it says "remote"), bidi of ours, uni of ours
    static final long BYTES = 152;
    private static final int ROWS_MASK = (1 << 24) - 1;
    private static final int DUE_MASK = SentPackets.MAX_DATA | SentPackets.MAX_STREAMS_BIDI | SentPackets.MAX_STREAMS_UNI;
    private static final int AWAITED = 1;

    /// Bits of an ID (section 2.1).
    static final int SERVER = 1;
    static final int UNI = 2;

    /// A connection, as its streams see it.
    interface Owner extends Gaps.Owner {
        MemorySegment memory();

        Blocks blocks();

        /// {@return offset of the layout here}
        long streamsAt();

        QuicConfig config();

        boolean isClient();
    }

    private Streams() {}

    static void begin(Owner of) {
        MemorySegment memory = of.memory();
        long at = of.streamsAt();
        QuicConfig config = of.config();
        LittleEndian.i64(memory, at + RECEIVE_MAX, config.connectionBytes());
        int peer = of.isClient() ? SERVER : 0;
        limit(memory, at, peer, config.streamsBidi());
        limit(memory, at, peer | UNI, config.streamsUni());
    }

    static long opened(MemorySegment memory, long at, int type) {
        return LittleEndian.i64(memory, at + OPENED + type * (long) Long.BYTES);
    }

    private static void opened(MemorySegment memory, long at, int type, long count) {
        LittleEndian.i64(memory, at + OPENED + type * (long) Long.BYTES, count);
    }

    static long limit(MemorySegment memory, long at, int type) {
        return LittleEndian.i64(memory, at + LIMIT + type * (long) Long.BYTES);
    }

    private static void limit(MemorySegment memory, long at, int type, long streams) {
        LittleEndian.i64(memory, at + LIMIT + type * (long) Long.BYTES, streams);
    }

    static int rows(Owner of) {
        return LittleEndian.i32(of.memory(), of.streamsAt() + ROWS) & ROWS_MASK;
    }

    private static void rows(Owner of, int more) {
        long at = of.streamsAt() + ROWS;
        LittleEndian.i32(of.memory(), at, LittleEndian.i32(of.memory(), at) + more);
    }

    private static int word(Owner of) {
        return Byte.toUnsignedInt(of.memory().get(ValueLayout.JAVA_BYTE, of.streamsAt() + DUE));
    }

    private static void word(Owner of, int bits) {
        of.memory().set(ValueLayout.JAVA_BYTE, of.streamsAt() + DUE, (byte) bits);
    }

    /// {@return block of the first row}
    static int first(Owner of) {
        return LittleEndian.i32(of.memory(), of.streamsAt() + FIRST);
    }

    /// {@return whether what was written to streams that are released has arrived}
    static boolean isDelivered(Owner of) {
        Blocks blocks = of.blocks();
        for (int block = first(of); block != Blocks.NONE; block = blocks.next(block)) {
            long row = blocks.content(block);
            if (StreamRow.has(blocks.memory(), row, StreamRow.RELEASED) && !StreamRow.isSendingOver(blocks.memory(), row)) {
                return false;
            }
        }
        return true;
    }

    /// {@return whether something is still to come on a stream of both directions that we opened: an answer}
    static boolean awaits(Owner of) {
        if (opened(of.memory(), of.streamsAt(), of.isClient() ? 0 : SERVER) == 0) {
            return false;  // a server, whose streams of both directions are all its client's: no walk
        }
        Blocks blocks = of.blocks();
        for (int block = first(of); block != Blocks.NONE; block = blocks.next(block)) {
            long row = blocks.content(block);
            if (isOwn(of, StreamRow.id(blocks.memory(), row)) && !hasAll(blocks.memory(), row)
                    && !StreamRow.has(blocks.memory(), row, StreamRow.NOT_RECEIVING | StreamRow.RESET_BY_PEER | StreamRow.STOP | StreamRow.RELEASED)) {
                return true;
            }
        }
        return false;
    }

    static boolean isOwn(Owner of, long id) {
        return (id & SERVER) == 0 == of.isClient();
    }

    /// {@return offset of a stream's row in the memory of the blocks, -1 where there is none}
    static long find(Owner of, long id) {
        int block = StreamTree.find(of.memory(), of.streamsAt() + ROOT, of.blocks(), id);
        return block == Blocks.NONE ? -1 : of.blocks().content(block);
    }

    /// Opens a stream of ours.
    ///
    /// @return its ID; -1 where the peer allows no more, or there is no block
    static long open(Owner of, boolean uni) {
        MemorySegment memory = of.memory();
        long at = of.streamsAt();
        int type = (of.isClient() ? 0 : SERVER) | (uni ? UNI : 0);
        long count = opened(memory, at, type);
        if (count >= limit(memory, at, type)) {
            return -1;
        }
        long id = count << 2 | type;
        long max = LittleEndian.i64(memory, at + INITIAL + (uni ? 16 : 8));
        if (!add(of, id, StreamRow.KNOWN | (uni ? StreamRow.NOT_RECEIVING : 0), max)) {
            return -1;
        }
        opened(memory, at, type, count + 1);
        return id;
    }

    /// {@return blocks that what comes may take: some stay for packets under way, without which nothing more could be said, so nothing be freed}
    static int blocksMax(Owner of) {
        return of.blocks().available(Blocks.ORDER);
    }

    private static boolean add(Owner of, long id, int flags, long sendMax) {
        Blocks blocks = of.blocks();
        int block = blocks.tryTake(Blocks.ORDER);
        if (block == Blocks.NONE) {
            return false;
        }
        StreamRow.begin(blocks.memory(), blocks.content(block), id, flags, sendMax, of.config().streamBytes());
        int second = first(of);
        blocks.next(block, second);
        if (second != Blocks.NONE) {
            before(blocks, second, block);
        }
        LittleEndian.i32(of.memory(), of.streamsAt() + FIRST, block);
        StreamTree.add(of.memory(), of.streamsAt() + ROOT, blocks, block);
        rows(of, 1);
        StreamNews.opened(of);
        if ((flags & StreamRow.TELL) != 0) {
            StreamNews.tell(of, blocks.content(block));
        }
        return true;
    }

    /// {@return whether a stream of the peer's is one of as many as it was told}
    static boolean isWithinLimits(Owner of, long id) {
        return id >>> 2 < limit(of.memory(), of.streamsAt(), (int) (id & (SERVER | UNI)));
    }

    /// Opens streams of the peer's up to that one (section 3.2: those before are opened too).
    ///
    /// @return [#OK], also where it was opened before and may be over; [#NOT_KEPT]; an error
    static long openPeers(Owner of, long id) {
        MemorySegment memory = of.memory();
        long at = of.streamsAt();
        int type = (int) (id & (SERVER | UNI));
        if (!isWithinLimits(of, id)) {
            return TransportError.STREAM_LIMIT_ERROR;
        }
        for (long count = opened(memory, at, type); count <= id >>> 2; count++) {
            boolean uni = (type & UNI) != 0;
            if (!add(of, count << 2 | type, StreamRow.TELL | (uni ? StreamRow.NOT_SENDING : 0), uni ? 0 : LittleEndian.i64(memory, at + INITIAL))) {
                return NOT_KEPT;
            }
            opened(memory, at, type, count + 1);
        }
        return OK;
    }

    static void received(Owner of, long bytes) {
        long at = of.streamsAt() + RECEIVED;
        LittleEndian.i64(of.memory(), at, LittleEndian.i64(of.memory(), at) + bytes);
        moveWindow(of);
    }

    /// Nobody wants what a stream said up to there: it counts as read.
    static void discard(Owner of, MemorySegment in, long row, long end) {
        long receive = row + StreamRow.RECEIVE;
        long highest = ReceiveBuffer.highest(in, receive);
        received(of, Math.max(0, end - highest));
        long unread = Math.max(end, highest) - ReceiveBuffer.read(in, receive);
        Gaps.forgotten(of, in, receive);
        ReceiveBuffer.insert(in, receive, of.blocks(), end, in, 0, 0, 0, 0);
        ReceiveBuffer.release(in, receive, of.blocks());
        consumed(of, unread);
    }

    private static void consumed(Owner of, long bytes) {
        long at = of.streamsAt() + CONSUMED;
        LittleEndian.i64(of.memory(), at, LittleEndian.i64(of.memory(), at) + bytes);
        moveWindow(of);
    }

    /// The connection's window moves when half of it is used (section 4.2), in steps of an eighth at least. What some of its streams have unread is used up as well, and must not hold the
    /// others as long as there is something that was read.
    private static void moveWindow(Owner of) {
        MemorySegment memory = of.memory();
        long at = of.streamsAt();
        long window = of.config().connectionBytes();
        long max = LittleEndian.i64(memory, at + RECEIVE_MAX);
        long next = LittleEndian.i64(memory, at + CONSUMED) + window;
        if (max - LittleEndian.i64(memory, at + RECEIVED) <= window / 2 && next - max >= window / 8) {
            LittleEndian.i64(memory, at + RECEIVE_MAX, next);
            due(of, SentPackets.MAX_DATA);
        }
    }

    /// {@return whether all that the peer says on a stream has come: then a reset changes nothing (section 3.2)}
    static boolean hasAll(MemorySegment in, long row) {
        return StreamRow.has(in, row, StreamRow.SIZE_KNOWN)
                && ReceiveBuffer.ready(in, row + StreamRow.RECEIVE) == ReceiveBuffer.highest(in, row + StreamRow.RECEIVE);
    }

    /// There is more room to write: who waits for it is told.
    static void roomCame(Owner of, long row) {
        MemorySegment in = of.blocks().memory();
        if (StreamRow.has(in, row, StreamRow.AWAITS_ROOM)) {
            StreamRow.clear(in, row, StreamRow.AWAITS_ROOM);
            StreamNews.tell(of, row);
        }
    }

    private static void before(Blocks blocks, int block, int before) {
        LittleEndian.i32(blocks.memory(), blocks.content(block) + StreamRow.BEFORE, before);
    }

    /// The application asked for room on a stream and got less than there may be: it is told when there is more.
    static void awaitRoom(Owner of, long row) {
        StreamRow.set(of.blocks().memory(), row, StreamRow.AWAITS_ROOM);
        word(of, word(of) | AWAITED);
    }

    /// There is more room for all of them. Rows are looked at once for each time that one began to wait, however often this is said.
    static void roomCame(Owner of) {
        if ((word(of) & AWAITED) == 0) {
            return;
        }
        word(of, word(of) & ~AWAITED);
        Blocks blocks = of.blocks();
        for (int block = first(of); block != Blocks.NONE; block = blocks.next(block)) {
            roomCame(of, blocks.content(block));
        }
    }

    /// MAX_DATA (section 19.9).
    static void onMaxData(Owner of, long max) {
        long at = of.streamsAt() + SEND_MAX;
        if (max > LittleEndian.i64(of.memory(), at)) {
            LittleEndian.i64(of.memory(), at, max);
            roomCame(of);
        }
    }

    /// MAX_STREAMS (section 19.11), of at most 2^60.
    ///
    /// @return whether more may be opened than before
    static boolean onMaxStreams(Owner of, boolean uni, long max) {
        int type = (of.isClient() ? 0 : SERVER) | (uni ? UNI : 0);
        if (max <= limit(of.memory(), of.streamsAt(), type)) {
            return false;
        }
        limit(of.memory(), of.streamsAt(), type, max);
        return true;
    }

    /// Words of [SentPackets] are to go.
    static void due(Owner of, int which) {
        word(of, word(of) | which & DUE_MASK);
    }

    /// {@return words that are to go}
    static int due(Owner of) {
        return word(of) & DUE_MASK;
    }

    static void went(Owner of, int which) {
        word(of, word(of) & ~(which & DUE_MASK));
    }

    /// {@return whether the connection's window lets so many new bytes come}
    static boolean mayReceive(Owner of, long more) {
        return LittleEndian.i64(of.memory(), of.streamsAt() + RECEIVED) + more <= receiveMax(of);
    }

    /// {@return what MAX_DATA says}
    static long receiveMax(Owner of) {
        return LittleEndian.i64(of.memory(), of.streamsAt() + RECEIVE_MAX);
    }

    /// {@return what MAX_STREAMS says}
    static long peerStreamsMax(Owner of, boolean uni) {
        return limit(of.memory(), of.streamsAt(), (of.isClient() ? SERVER : 0) | (uni ? UNI : 0));
    }

    /// {@return new bytes that the connection may send}
    static long sendRoom(Owner of) {
        return LittleEndian.i64(of.memory(), of.streamsAt() + SEND_MAX) - LittleEndian.i64(of.memory(), of.streamsAt() + SENT);
    }

    /// New bytes went.
    static void sent(Owner of, long bytes) {
        long at = of.streamsAt() + SENT;
        LittleEndian.i64(of.memory(), at, LittleEndian.i64(of.memory(), at) + bytes);
    }

    /// The application has read bytes of a stream.
    static void read(Owner of, long row, long bytes) {
        MemorySegment in = of.blocks().memory();
        long receive = row + StreamRow.RECEIVE;
        ReceiveBuffer.consume(in, receive, of.blocks(), bytes);
        consumed(of, bytes);
        long window = of.config().streamBytes();
        long read = ReceiveBuffer.read(in, receive);
        if (!StreamRow.has(in, row, StreamRow.SIZE_KNOWN | StreamRow.STOP) && StreamRow.receiveMax(in, row) - read <= window / 2) {
            StreamRow.receiveMax(in, row, read + window);
            StreamRow.set(in, row, StreamRow.LIMIT_DUE);
        }
    }

    /// {@return whether all that the peer says on a stream was read}
    static boolean isAtEnd(MemorySegment in, long row) {
        long receive = row + StreamRow.RECEIVE;
        return StreamRow.has(in, row, StreamRow.SIZE_KNOWN) && ReceiveBuffer.read(in, receive) == ReceiveBuffer.highest(in, receive);
    }

    /// We end a stream before all is said (section 3.1).
    static void reset(Owner of, long row, long code) {
        MemorySegment in = of.blocks().memory();
        if (StreamRow.has(in, row, StreamRow.NOT_SENDING | StreamRow.RESET | StreamRow.FIN_ACKED)) {
            return;
        }
        long unsent = SendBuffer.end(in, row + StreamRow.SEND) - SendBuffer.highest(in, row + StreamRow.SEND);
        SendBuffer.release(in, row + StreamRow.SEND, of.blocks());
        if (unsent > 0) {  // the final size leaves it out (section 4.5): others may say as much
            sent(of, -unsent);
            roomCame(of);
        }
        StreamRow.clear(in, row, StreamRow.AWAITS_ROOM | StreamRow.FIN_DUE);
        StreamRow.set(in, row, StreamRow.RESET | StreamRow.RESET_DUE);
        StreamRow.sendMax(in, row, code);
        said(in, row);
    }

    /// We want nothing more of a stream (section 3.5). A server says so when all of its own words have arrived, or will not: a client that is told to stop while it speaks may take
    /// that for a failure, and no longer listen to the answer that says why (RFC 9114, section 4.1). Until then flow control holds it.
    static void stop(Owner of, long row, long code) {
        MemorySegment in = of.blocks().memory();
        if (StreamRow.has(in, row, StreamRow.NOT_RECEIVING | StreamRow.STOP)) {
            return;
        }
        boolean ends = StreamRow.has(in, row, StreamRow.RESET_BY_PEER | StreamRow.SIZE_KNOWN);
        discard(of, in, row, ReceiveBuffer.highest(in, row + StreamRow.RECEIVE));
        StreamRow.clear(in, row, StreamRow.LIMIT_DUE);
        boolean later = !of.isClient() && !StreamRow.has(in, row, StreamRow.RESET) && !StreamRow.isSendingOver(in, row);
        StreamRow.set(in, row, StreamRow.STOP | (ends ? 0 : later ? StreamRow.STOP_LATER : StreamRow.STOP_DUE));
        if (!StreamRow.has(in, row, StreamRow.RESET_BY_PEER)) {
            StreamRow.receiveMax(in, row, code);
        }
    }

    /// All that we say of a stream has arrived, or will not.
    static void said(MemorySegment in, long row) {
        if (StreamRow.has(in, row, StreamRow.STOP_LATER)) {
            StreamRow.clear(in, row, StreamRow.STOP_LATER);
            StreamRow.set(in, row, StreamRow.STOP_DUE);
        }
    }

    /// The application has done with a stream: what has not ended is given up.
    static void released(Owner of, long row, long code) {
        MemorySegment in = of.blocks().memory();
        if (!StreamRow.isReceivingOver(in, row) || !isAtEnd(in, row)) {
            stop(of, row, code);
        }
        if (!StreamRow.has(in, row, StreamRow.SAID_ALL) || StreamRow.has(in, row, StreamRow.WITHHELD)) {
            reset(of, row, code);
        }
        StreamRow.clear(in, row, StreamRow.TELL | StreamRow.AWAITS_ROOM);
        StreamRow.set(in, row, StreamRow.RELEASED);
    }

    /// Our side ends behind what was written.
    static void finish(Owner of, long row) {
        MemorySegment in = of.blocks().memory();
        if (!StreamRow.has(in, row, StreamRow.SAID_ALL | StreamRow.RESET)) {
            StreamRow.clear(in, row, StreamRow.AWAITS_ROOM);
            StreamRow.set(in, row, StreamRow.SAID_ALL | StreamRow.FIN_DUE);
        }
    }

    /// Forgets a stream that is over; where it was the peer's, another may come, which it is told when half of them are used (section 4.6).
    ///
    /// @return whether it is forgotten
    static boolean settle(Owner of, long id) {
        Blocks blocks = of.blocks();
        int found = StreamTree.find(of.memory(), of.streamsAt() + ROOT, blocks, id);
        if (found == Blocks.NONE || !StreamRow.isOver(blocks.memory(), blocks.content(found))) {
            return false;
        }
        forget(of, found);
        if (!isOwn(of, id)) {
            raise(of, (int) (id & 3));
        }
        return true;
    }

    static void forget(Owner of, int block) {
        Blocks blocks = of.blocks();
        long row = blocks.content(block);
        int before = LittleEndian.i32(blocks.memory(), row + StreamRow.BEFORE);
        SendBuffer.release(blocks.memory(), row + StreamRow.SEND, blocks);
        ReceiveBuffer.release(blocks.memory(), row + StreamRow.RECEIVE, blocks);
        StreamTree.remove(of.memory(), of.streamsAt() + ROOT, blocks, block);
        int next = blocks.release(block);
        if (before == Blocks.NONE) {
            LittleEndian.i32(of.memory(), of.streamsAt() + FIRST, next);
        } else {
            blocks.next(before, next);
        }
        if (next != Blocks.NONE) {
            before(blocks, next, before);
        }
        if (turn(of) == block) {
            turn(of, next);
        }
        StreamNews.forgotten(of, block, next);
        rows(of, -1);
    }

    private static void raise(Owner of, int type) {
        boolean uni = (type & UNI) != 0;
        limit(of.memory(), of.streamsAt(), type, limit(of.memory(), of.streamsAt(), type) + 1);
        due(of, uni ? SentPackets.MAX_STREAMS_UNI : SentPackets.MAX_STREAMS_BIDI);
    }

    /// {@return block of the row that speaks next}
    static int turn(Owner of) {
        return LittleEndian.i32(of.memory(), of.streamsAt() + TURN);
    }

    static void turn(Owner of, int block) {
        LittleEndian.i32(of.memory(), of.streamsAt() + TURN, block);
    }

    /// Gives everything back.
    static void release(Owner of) {
        while (first(of) != Blocks.NONE) {
            forget(of, first(of));
        }
    }
}
