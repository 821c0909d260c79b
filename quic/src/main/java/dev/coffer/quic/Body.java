package dev.coffer.quic;

import dev.coffer.memory.Wipe;
import dev.coffer.memory.engine.DatagramHeader;
import dev.coffer.memory.layout.BigEndian;
import dev.coffer.quic.frame.AckWriter;
import dev.coffer.quic.frame.FrameType;
import dev.coffer.quic.frame.FrameWriter;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// The frames of the packet that [Outgoing] writes, and the record of what of them must arrive. One object serves a loop; one thread at a time; 0 heap bytes.
final class Body {
    /// Room below which no more is begun in a packet.
    private static final int ROOM_MIN = 32;

    private Connection c;
    private MemorySegment out = MemorySegment.NULL;
    private int space;
    private long number;
    private long nowNanos;
    long at;           // behind the last frame
    long end;          // of the room for frames
    long record;       // 0 before something is in it that wants an ACK
    boolean bare;      // it wants an ACK, and there is no room for a record of it
    boolean probes;    // nothing is in it but what asks for a path, and padding (RFC 9000, section 9.1)
    int words;
    private int items; // in the record
    // As of SendRoom, while streams are written.
    private long left;
    private long promised;
    // Of the stream that was copied from last, while nothing but packets is written: how far, and where it goes on.
    private long copiedRow;
    private long copiedTo;
    private int copiedBlock;
    boolean staysWithStream;  // the packet is one of a run
    boolean fills;     // the datagram is to be as long as it may (RFC 9000, sections 8.2.1 and 8.2.2)

    @SuppressWarnings("NullAway.Init")  // begin() says whose, before anything else is asked
    Body() {}

    /// Begins packets of a connection one behind the other.
    void beginRun() {
        copiedRow = -1;
        staysWithStream = false;
    }

    /// Begins the frames of a packet.
    void begin(Connection of, MemorySegment output, int level, long packet, long textAt, long textEnd, long now) {
        c = of;
        out = output;
        space = level;
        number = packet;
        nowNanos = now;
        at = textAt;
        end = textEnd;
        record = 0;
        bare = false;
        probes = true;
        words = 0;
        items = 0;
        fills = false;
    }

    /// A frame was written.
    ///
    /// @return whether there was room
    boolean take(long behind) {
        if (behind == FrameWriter.NO_ROOM) {
            return false;
        }
        at = behind;
        return true;
    }

    /// Something is in the packet that wants an ACK.
    void elicit() {
        if (record == 0) {
            record = SentPackets.begin(c.memory, c.spaceAt(space) + PacketSpace.SENT, c.blocks(), number, nowNanos);
            items = 0;
        }
    }

    /// Something is in the packet that wants an ACK, without a record where there is no room for one.
    private void elicit(boolean recorded) {
        if (recorded) {
            elicit();
        } else {
            bare = true;
        }
    }

    /// PING, without a record where there is no room for one: whatever its ACK tells of makes some. Without it, a full table that nobody hears of would stay full.
    void ping(boolean recorded) {
        if (take(FrameWriter.ping(out, at, end))) {
            probes = false;
            elicit(recorded);
        }
    }

    /// {@return whether something is in the packet that wants an ACK}
    boolean isEliciting() {
        return record != 0 || bare;
    }

    private boolean hasItem() {
        return record == 0 || items < SentPackets.ITEMS_MAX;
    }

    private void item(int kind, long stream, long offset, int length) {
        elicit();
        probes &= kind == Sent.NEW_ID;
        SentPackets.item(c.memory, c.spaceAt(space) + PacketSpace.SENT, c.blocks(), record, kind, stream, offset, length);
        items++;
    }

    private void word(int which) {
        elicit();
        probes = false;
        words |= which;
    }

    /// {@return ranges that the ACK tells of, 0 where there is no room}
    int ack(long received) {
        MemorySegment memory = c.memory;
        AckWriter writer = c.loop.acks;
        long delay = Math.max(0, nowNanos - ReceivedRanges.largestNanos(memory, received)) / 1000 >>> 3;
        long largest = ReceivedRanges.last(memory, received, 0);
        long low = ReceivedRanges.first(memory, received, 0);
        boolean begun = ReceivedRanges.hasEcn(memory, received)
                ? writer.begin(out, at, end, largest, low, delay, ReceivedRanges.ecn(memory, received, DatagramHeader.ECT_0),
                        ReceivedRanges.ecn(memory, received, DatagramHeader.ECT_1), ReceivedRanges.ecn(memory, received, DatagramHeader.CE))
                : writer.begin(out, at, end, largest, low, delay);
        if (!begun) {
            return 0;
        }
        int ranges = 1;
        while (ranges < ReceivedRanges.count(memory, received)
                && writer.add(ReceivedRanges.last(memory, received, ranges), ReceivedRanges.first(memory, received, ranges))) {
            ranges++;
        }
        at = writer.end();
        probes = false;
        return ranges;
    }

    static boolean hasCrypto(Connection c, int level) {
        long send = ConnectionLayout.cryptoSend(c.core, c.handshakeAt, level);
        return SendBuffer.next(c.memory, send, c.blocks()) < SendBuffer.nextEnd(c.memory, send, c.blocks());
    }

    void crypto() {
        long send = ConnectionLayout.cryptoSend(c.core, c.handshakeAt, space);
        while (hasItem() && hasCrypto(c, space)) {
            long offset = SendBuffer.next(c.memory, send, c.blocks());
            long most = SendBuffer.nextEnd(c.memory, send, c.blocks()) - offset;
            int length = (int) Math.min(most, FrameWriter.cryptoRoom(offset, end - at));
            if (length < 1 || !take(FrameWriter.crypto(out, at, end, offset, length))) {
                return;
            }
            SendBuffer.copy(c.memory, send, c.blocks(), offset, out, at, length);
            at += length;
            SendBuffer.went(c.memory, send, c.blocks(), length);
            item(Sent.CRYPTO, 0, offset, length);
        }
    }

    void application() {
        if (c.handshakeDoneDue && take(FrameWriter.handshakeDone(out, at, end))) {
            c.handshakeDoneDue = false;
            word(SentPackets.HANDSHAKE_DONE);
        }
        if (c.tokenDue) {
            token();
        }
        while (PeerIds.retiring(c) >= 0 && hasItem() && take(FrameWriter.retireConnectionId(out, at, end, PeerIds.retiring(c)))) {
            item(Sent.RETIRE_ID, PeerIds.retiring(c), 0, 0);
            PeerIds.retired(c);
        }
        while (LocalIds.isDue(c) && hasItem()) {
            long id = LocalIds.dueNumber(c);
            if (!take(LocalIds.write(c, out, at, end))) {
                break;
            }
            item(Sent.NEW_ID, id, 0, 0);
        }
        int due = Streams.due(c);
        if ((due & SentPackets.MAX_DATA) != 0 && take(FrameWriter.maxData(out, at, end, Streams.receiveMax(c)))) {
            went(SentPackets.MAX_DATA);
        }
        if ((due & SentPackets.MAX_STREAMS_BIDI) != 0 && take(FrameWriter.maxStreams(out, at, end, true, Streams.peerStreamsMax(c, false)))) {
            went(SentPackets.MAX_STREAMS_BIDI);
        }
        if ((due & SentPackets.MAX_STREAMS_UNI) != 0 && take(FrameWriter.maxStreams(out, at, end, false, Streams.peerStreamsMax(c, true)))) {
            went(SentPackets.MAX_STREAMS_UNI);
        }
        datagrams();
        streams();
    }

    /// What is said once (RFC 9221).
    private void datagrams() {
        int count = 0;
        while (count < DatagramFrames.FRAMES_MAX && DatagramFrames.isDue(c)) {
            if (take(DatagramFrames.write(c, out, at, end))) {
                elicit();
                probes = false;
                count++;
            } else if (DatagramFrames.isTooLong(c)) {
                DatagramFrames.giveUp(c);
            } else {
                break;  // the next packet may have more room: of a probe, or behind another packet, there is less than the path carries
            }
        }
        words |= count << SentPackets.DATAGRAMS_SHIFT;
    }

    /// What lets the client show another time that it is where it is now (RFC 9000, section 8.1.3): another one each time that it goes.
    private void token() {
        Strangers strangers = c.loop.strangers;
        int bytes = strangers == null ? 0 : strangers.token(c.memory, c.core + ConnectionLayout.PATH, c.version, nowNanos, c.memory, c.loop.cryptoAt);
        if (bytes == 0) {
            c.tokenDue = false;
        } else if (take(FrameWriter.newToken(out, at, end, c.memory, c.loop.cryptoAt, bytes))) {
            c.tokenDue = false;
            word(SentPackets.NEW_TOKEN);
        }
        Wipe.bytes(c.memory, c.loop.cryptoAt, bytes);
    }

    /// What asks for the path in use, and what answers on it, without a record where there is no room for one: a table that is full of what went to where the peer was stays full
    /// until it is heard of from where it is, and that it is there nobody would ask. An answer that goes past the window, or is counted nowhere, goes as a probe does: one in the time
    /// of a probe (RFC 9002, section 7.5), which is as often as anybody may ask (RFC 9000, section 8.2.1).
    ///
    /// @param within  whether it is recorded, and the window lets it go
    void paths(boolean recorded, boolean within) {
        if (c.challengeDue && (within || nowNanos >= c.respondAt) && path(FrameType.PATH_RESPONSE, c.challenge)) {
            c.challengeDue = false;
            c.respondAt = within ? c.respondAt : nowNanos + Timers.probeNanos(c);
            elicit(recorded);
            fills = true;
        }
        if (Paths.isDue(c) && path(FrameType.PATH_CHALLENGE, Paths.data(c, 0))) {
            Paths.went(c);
            elicit(recorded);
            fills = true;
        }
    }

    /// PATH_CHALLENGE or PATH_RESPONSE.
    boolean path(int type, long data) {
        if (end - at <= Long.BYTES) {
            return false;
        }
        out.set(ValueLayout.JAVA_BYTE, at, (byte) type);
        BigEndian.i64(out, at + 1, data);
        at += 1 + Long.BYTES;
        return true;
    }

    private void went(int which) {
        Streams.went(c, which);
        word(which);
    }

    /// Each stream in its turn says what it has, until the packet is full. In a run of datagrams the one that was cut off goes on: others are not looked at for each of them, and a peer
    /// has a stream's end sooner.
    private void streams() {
        Blocks blocks = c.blocks();
        left = SendRoom.left(c);
        promised = left == Long.MAX_VALUE ? 0 : SendRoom.promised(c);
        int block = Streams.turn(c);
        int last = Blocks.NONE;
        for (int rows = Streams.rows(c); rows > 0 && hasItem() && end - at > ROOM_MIN; rows--) {
            last = block == Blocks.NONE ? Streams.first(c) : block;
            stream(blocks.content(last));
            block = blocks.next(last);
        }
        Streams.turn(c, staysWithStream && last != Blocks.NONE && hasData(c, blocks.content(last), left, promised) ? last : block);
    }

    private static boolean hasData(Connection c, long row, long left, long promised) {
        return SendBuffer.next(c.blocks().memory(), row + StreamRow.SEND, c.blocks()) < dataEnd(c, row, left, promised);
    }

    /// {@return one past what of a stream may be said in one piece}
    private static long dataEnd(Connection c, long row, long left, long promised) {
        Blocks blocks = c.blocks();
        return Math.min(SendBuffer.nextEnd(blocks.memory(), row + StreamRow.SEND, blocks), SendRoom.end(c, row, left, promised));
    }

    /// {@return whether a stream's end is to be said, and nothing of it before}
    private static boolean isEndDue(Connection c, long row) {
        MemorySegment in = c.blocks().memory();
        return StreamRow.has(in, row, StreamRow.FIN_DUE)
                && SendBuffer.next(in, row + StreamRow.SEND, c.blocks()) == SendBuffer.end(in, row + StreamRow.SEND);
    }

    private void stream(long row) {
        MemorySegment in = c.blocks().memory();
        long id = StreamRow.id(in, row);
        int flags = StreamRow.flags(in, row);
        if ((flags & StreamRow.RESET_DUE) != 0
                && take(FrameWriter.resetStream(out, at, end, id, StreamRow.sendMax(in, row), SendBuffer.highest(in, row + StreamRow.SEND)))) {
            StreamRow.clear(in, row, StreamRow.RESET_DUE);
            item(Sent.RESET_STREAM, id, 0, 0);
        }
        if ((flags & StreamRow.STOP_DUE) != 0 && hasItem() && take(FrameWriter.stopSending(out, at, end, id, StreamRow.receiveMax(in, row)))) {
            StreamRow.clear(in, row, StreamRow.STOP_DUE);
            item(Sent.STOP_SENDING, id, 0, 0);
        }
        if ((flags & StreamRow.LIMIT_DUE) != 0 && hasItem() && take(FrameWriter.maxStreamData(out, at, end, id, StreamRow.receiveMax(in, row)))) {
            StreamRow.clear(in, row, StreamRow.LIMIT_DUE);
            item(Sent.MAX_STREAM_DATA, id, 0, 0);
        }
        if ((flags & (StreamRow.RESET | StreamRow.NOT_SENDING)) == 0) {
            data(in, row, id);
        }
    }

    private void data(MemorySegment in, long row, long id) {
        long send = row + StreamRow.SEND;
        Blocks blocks = c.blocks();
        while (hasItem()) {
            long offset = SendBuffer.next(in, send, blocks);
            long behind = dataEnd(c, row, left, promised);
            if (offset == behind && !isEndDue(c, row)) {
                return;
            }
            long room = FrameWriter.streamRoom(id, offset, end - at);
            int length = (int) Math.min(behind - offset, room);
            boolean fin = StreamRow.has(in, row, StreamRow.SAID_ALL) && offset + length == SendBuffer.end(in, send);
            if (length < 0 || length == 0 && !fin || !take(FrameWriter.stream(out, at, end, id, offset, length, fin, true))) {
                return;
            }
            int known = copiedRow == row && copiedTo == offset ? copiedBlock : Blocks.NONE;
            copiedBlock = SendBuffer.copy(in, send, blocks, offset, out, at, length, known);
            copiedRow = row;
            copiedTo = offset + length;
            at += length;
            if (length > 0) {
                long highest = SendBuffer.highest(in, send);
                SendBuffer.went(in, send, blocks, length);
                long went = left == Long.MAX_VALUE ? 0 : SendBuffer.highest(in, send) - highest;
                left -= went;
                promised -= StreamRow.has(in, row, StreamRow.OWES) ? 0 : went;
            }
            if (fin) {
                StreamRow.clear(in, row, StreamRow.FIN_DUE);
            }
            item(fin ? Sent.STREAM_END : Sent.STREAM, id, offset, length);
            if (fin && SendBuffer.next(in, send, blocks) == SendBuffer.nextEnd(in, send, blocks)) {
                return;
            }
        }
    }

    /// {@return whether a level has something that wants an ACK}
    static boolean hasSomething(Connection c, int level) {
        if (hasCrypto(c, level)) {
            return true;
        }
        if (level != PacketSpace.APPLICATION) {
            return false;
        }
        if (c.handshakeDoneDue || c.tokenDue || c.challengeDue || Paths.isDue(c) || PeerIds.retiring(c) >= 0 || LocalIds.isDue(c) || Streams.due(c) != 0
                || DatagramFrames.isDue(c)) {
            return true;
        }
        Blocks blocks = c.blocks();
        MemorySegment in = blocks.memory();
        long left = SendRoom.left(c);
        long promised = left == Long.MAX_VALUE ? 0 : SendRoom.promised(c);
        int block = Streams.turn(c);  // whose turn it is likely has something
        for (int rows = Streams.rows(c); rows > 0; rows--) {
            block = block == Blocks.NONE ? Streams.first(c) : block;
            long row = blocks.content(block);
            if (StreamRow.has(in, row, StreamRow.RESET_DUE | StreamRow.STOP_DUE | StreamRow.LIMIT_DUE) || isEndDue(c, row) || hasData(c, row, left, promised)) {
                return true;
            }
            block = blocks.next(block);
        }
        return false;
    }
}
