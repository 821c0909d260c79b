package dev.coffer.quic;

import dev.coffer.crypto.Aead;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.engine.DatagramHeader;
import dev.coffer.memory.engine.NetworkPath;
import dev.coffer.memory.layout.BigEndian;
import dev.coffer.quic.frame.AckWriter;
import dev.coffer.quic.frame.FrameType;
import dev.coffer.quic.frame.FrameWriter;
import dev.coffer.quic.frame.TransportError;
import dev.coffer.quic.packet.ConnectionId;
import dev.coffer.quic.packet.PacketNumber;
import dev.coffer.quic.packet.PacketType;
import dev.coffer.quic.packet.PacketWriter;
import dev.coffer.quic.packet.SealingKeys;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Writes a datagram of a connection: one packet of each level that has something to say. One object serves a loop, as it remembers the packet that it is
/// writing; one thread at a time; 0 heap bytes.
final class Outgoing {
    /// Room below which no packet is begun behind another.
    private static final int ROOM_MIN = 128;
    /// Bytes of a number and frames at least, for the sample of header protection (RFC 9001, section 5.4.2).
    private static final int TEXT_BYTES_MIN = 4;
    private static final long SEALS_LEFT_MIN = 1 << 16;  // a key update is due

    // The packet that is being written.
    private Connection c;
    private MemorySegment out = MemorySegment.NULL;
    private int space;
    private long number;
    private long at;           // behind the last frame
    private long end;          // of the room for frames
    private long record;       // 0 before something is in it that wants an ACK
    private int words;
    private boolean may;       // whether something may be in it that wants an ACK
    private int items;         // in the record
    private boolean fills;     // the datagram is to be as long as it may (RFC 9000, section 8.2.2)
    private boolean marked;    // the datagram goes with ECT(0)
    private long nowNanos;

    @SuppressWarnings("NullAway.Init")  // poll() says whose, before anything else is asked
    Outgoing() {}

    /// {@return bytes of a datagram, 0 where there is nothing to say now}
    long poll(Connection of, MemorySegment output, long outputAt, long length, MemorySegment header, long headerAt, long now) {
        c = of;
        out = output;
        nowNanos = now;
        c.lastNanos = now;
        if (c.phase == Connection.OPEN) {
            Carried.carry(c, now);  // where there was no block for what it says
        }
        long room = Math.min(Math.min(length, c.datagramBytes), c.sendBudget());
        if (room < QuicConfig.DATAGRAM_BYTES_MIN || c.phase != Connection.OPEN && (c.phase != Connection.CLOSING || !c.closeDue)) {
            return 0;
        }
        c.paceAt = Long.MAX_VALUE;
        long written = c.phase == Connection.CLOSING ? closing(outputAt, outputAt + room) : datagram(outputAt, outputAt + room);
        if (written > 0) {
            c.sentBytes += c.client || c.validated ? 0 : written;
            NetworkPath.copy(c.memory, c.core + ConnectionLayout.PATH, header, headerAt + DatagramHeader.PATH);
            DatagramHeader.ecn(header, headerAt, marked ? DatagramHeader.ECT_0 : DatagramHeader.NOT_ECT);
            DatagramHeader.segmentBytes(header, headerAt, (int) written);
        }
        return written;
    }

    private long datagram(long start, long limit) {
        marked = false;
        boolean pads = false;
        boolean handshakeWent = false;
        long behind = start;
        for (int level = 0; level < PacketSpace.COUNT; level++) {
            if (c.spaceAt(level) < 0 || !c.seals(level)) {
                continue;
            }
            long before = behind;
            behind = packet(level, behind, limit, behind == start, pads);
            pads |= level == PacketSpace.INITIAL && behind > before && (c.client || record != 0);
            handshakeWent |= level == PacketSpace.HANDSHAKE && behind > before;
            if (c.phase != Connection.OPEN || limit - behind < ROOM_MIN) {
                break;
            }
        }
        if (handshakeWent && c.client) {
            c.discard(PacketSpace.INITIAL);  // RFC 9001, section 4.9.1
        }
        return behind - start;
    }

    /// {@return whether a level behind that one is likely to say something: then it pads the datagram}
    private boolean isFollowed(int level) {
        for (int next = level + 1; next < PacketSpace.COUNT; next++) {
            long at = c.spaceAt(next);
            if (at >= 0 && c.seals(next) && (ReceivedRanges.isAckWanted(c.memory, at + PacketSpace.RECEIVED) || PacketSpace.probes(c.memory, at) > 0
                    || hasCrypto(next))) {
                return true;
            }
        }
        return false;
    }

    /// {@return whether a probe goes in any level: then CRYPTO that was lost goes with it, whatever the window says. What fills that may be packets of the next
    /// level, which the peer cannot open before it has this (RFC 9002, section 6.2.4)}
    private boolean isProbing() {
        for (int level = 0; level < PacketSpace.COUNT; level++) {
            long at = c.spaceAt(level);
            if (at >= 0 && c.seals(level) && PacketSpace.probes(c.memory, at) > 0) {
                return true;
            }
        }
        return false;
    }

    private boolean hasCrypto(int level) {
        long send = ConnectionLayout.cryptoSend(c.core, c.handshakeAt, level);
        return SendBuffer.next(c.memory, send, c.blocks()) < SendBuffer.nextEnd(c.memory, send, c.blocks());
    }

    /// Begins a packet: its header.
    ///
    /// @return offset of its number
    private long header(long start, int numberBytes) {
        MemorySegment memory = c.memory;
        long local = LocalIds.at(c, 0);
        return switch (space) {
            case PacketSpace.INITIAL -> PacketWriter.initial(out, start, c.version, memory, c.peerIdAt(), local, memory,
                    c.handshakeAt + ConnectionLayout.TOKEN, c.tokenBytes, number, numberBytes);
            case PacketSpace.HANDSHAKE -> PacketWriter.longHeader(out, start, c.version, PacketType.HANDSHAKE, memory, c.peerIdAt(), local, number,
                    numberBytes);
            default -> PacketWriter.shortHeader(out, start, memory, c.peerIdAt(), number, numberBytes, false);
        };
    }

    private int headerBytes(int numberBytes) {
        int peer = ConnectionId.length(c.memory, c.peerIdAt());
        return space == PacketSpace.APPLICATION ? PacketWriter.shortBytes(peer, numberBytes)
                : PacketWriter.longBytes(peer, c.loop.ids.bytes(), space == PacketSpace.INITIAL ? c.tokenBytes : -1, numberBytes);
    }

    private int numberBytes() {
        return PacketNumber.bytes(number, PacketSpace.largestAcked(c.memory, c.spaceAt(space)));
    }

    /// {@return offset behind a packet of a level, `start` where it has nothing to say}
    private long packet(int level, long start, long limit, boolean first, boolean pads) {
        MemorySegment memory = c.memory;
        space = level;
        long row = c.spaceAt(level);
        number = PacketSpace.next(memory, row);
        int numberBytes = numberBytes();
        long textAt = start + headerBytes(numberBytes);
        at = textAt;
        end = limit - Aead.TAG_BYTES;
        record = 0;
        words = 0;
        fills = false;
        if (end - at < TEXT_BYTES_MIN || !ready(level)) {
            return start;
        }
        long sendAt = LossRecovery.sendNanos(c);
        int probes = PacketSpace.probes(memory, row);
        boolean wants = probes > 0 || hasSomething(level);  // a block for records is taken for what is there to say, and not by looking
        may = wants && (probes > 0 || sendAt <= nowNanos || hasCrypto(level) && isProbing())
                && SentPackets.reserve(memory, row + PacketSpace.SENT, c.blocks(), c.loop.config.records());
        int ranges = ReceivedRanges.isAckWanted(memory, row + PacketSpace.RECEIVED) ? ack(row + PacketSpace.RECEIVED) : 0;
        if (may) {
            crypto();
            if (level == PacketSpace.APPLICATION) {
                application();
            }
            if (probes > 0 && record == 0) {
                take(FrameWriter.ping(out, at, end));
                begin();
            }
        } else if (sendAt > nowNanos && sendAt != Long.MAX_VALUE && wants) {
            c.paceAt = Math.min(c.paceAt, sendAt);
        }
        boolean due = ranges > 0 && (ReceivedRanges.dueNanos(memory, row + PacketSpace.RECEIVED) <= nowNanos || !first || level != PacketSpace.APPLICATION);
        if (record == 0 && !due && !pads) {
            return start;
        }
        boolean padsHere = (pads || fills || level == PacketSpace.INITIAL && (c.client || record != 0))
                && (!isFollowed(level) || end - at < ROOM_MIN + Aead.TAG_BYTES);
        if (padsHere) {
            at = FrameWriter.padding(out, at, end);
        } else if (at - textAt + numberBytes < TEXT_BYTES_MIN) {
            at = FrameWriter.padding(out, at, textAt + TEXT_BYTES_MIN - numberBytes);
        }
        return seal(start, numberBytes, ranges);
    }

    /// {@return whether the keys of a level may seal one more packet, updated where that is due}
    private boolean ready(int level) {
        SealingKeys keys = c.sealing(level);
        if (level == PacketSpace.APPLICATION && c.confirmed && keys.sealsLeft() < SEALS_LEFT_MIN && keys.mayUpdate()) {
            keys.update();
        }
        if (keys.sealsLeft() == 0) {
            c.end();  // nothing can be said any more, not even that
            return false;
        }
        return true;
    }

    private long seal(long start, int numberBytes, int ranges) {
        MemorySegment memory = c.memory;
        long row = c.spaceAt(space);
        long numberAt = header(start, numberBytes);
        if (space != PacketSpace.APPLICATION) {
            PacketWriter.length(out, numberAt, at);
        }
        long behind = c.sealing(space).seal(out, start, numberAt, number, at);
        PacketSpace.use(memory, row);
        int bytes = (int) (behind - start);
        if (ranges > 0) {
            long largest = ReceivedRanges.largest(memory, row + PacketSpace.RECEIVED);
            ReceivedRanges.told(memory, row + PacketSpace.RECEIVED, ranges);
            if (record != 0) {
                PacketSpace.carriesAck(memory, row, number, largest);
            }
        }
        if (record != 0) {
            boolean marks = space == PacketSpace.APPLICATION && c.confirmed && EcnValidation.isMarking(memory, c.recoveryAt() + LossRecovery.ECN);
            marked |= marks;
            int flags = SentPackets.ELICITING | SentPackets.IN_FLIGHT | (marks ? SentPackets.ECT_0 : 0) | words;
            SentPackets.end(c.blocks(), record, bytes, flags);
            LossRecovery.sent(c, space, bytes, flags, nowNanos);
            PacketSpace.probes(memory, row, Math.max(0, PacketSpace.probes(memory, row) - 1));
            if (!c.spoken) {
                c.spoken = true;
                c.touch(nowNanos);
            }
        }
        return behind;
    }

    /// A frame was written.
    ///
    /// @return whether there was room
    private boolean take(long behind) {
        if (behind == FrameWriter.NO_ROOM) {
            return false;
        }
        at = behind;
        return true;
    }

    /// Something is in the packet that wants an ACK.
    private void begin() {
        if (record == 0) {
            record = SentPackets.begin(c.memory, c.spaceAt(space) + PacketSpace.SENT, c.blocks(), number, nowNanos);
            items = 0;
        }
    }

    private boolean hasItem() {
        return record == 0 || items < SentPackets.ITEMS_MAX;
    }

    private void item(int kind, long stream, long offset, int length) {
        begin();
        SentPackets.item(c.memory, c.spaceAt(space) + PacketSpace.SENT, c.blocks(), record, kind, stream, offset, length);
        items++;
    }

    private void word(int which) {
        begin();
        words |= which;
    }

    /// {@return ranges that the ACK tells of, 0 where there is no room}
    private int ack(long received) {
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
        return ranges;
    }

    private void crypto() {
        long send = ConnectionLayout.cryptoSend(c.core, c.handshakeAt, space);
        while (hasItem() && hasCrypto(space)) {
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

    private void application() {
        if (c.handshakeDoneDue && take(FrameWriter.handshakeDone(out, at, end))) {
            c.handshakeDoneDue = false;
            word(SentPackets.HANDSHAKE_DONE);
        }
        if (c.tokenDue) {
            token();
        }
        if (c.challengeDue && end - at > Long.BYTES) {
            out.set(ValueLayout.JAVA_BYTE, at, (byte) FrameType.PATH_RESPONSE);
            BigEndian.i64(out, at + 1, c.challenge);
            at += 1 + Long.BYTES;
            c.challengeDue = false;
            begin();
            fills = true;
        }
        while (PeerIds.retiring(c) >= 0 && hasItem() && take(FrameWriter.retireConnectionId(out, at, end, PeerIds.retiring(c)))) {
            item(Sent.RETIRE_ID, PeerIds.retiring(c), 0, 0);
            PeerIds.retired(c);
        }
        while (LocalIds.isDue(c) && hasItem()) {
            long number = LocalIds.dueNumber(c);
            if (!take(LocalIds.write(c, out, at, end))) {
                break;
            }
            item(Sent.NEW_ID, number, 0, 0);
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
        streams();
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

    private void went(int which) {
        Streams.went(c, which);
        word(which);
    }

    /// Each stream in its turn says what it has, until the packet is full.
    private void streams() {
        Blocks blocks = c.blocks();
        int left = Streams.rows(c);
        int block = Streams.turn(c);
        for (; left > 0 && hasItem() && end - at > ROOM_MIN / 4; left--) {
            block = block == Blocks.NONE ? Streams.first(c) : block;
            stream(blocks.content(block));
            block = blocks.next(block);
        }
        Streams.turn(c, block);
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
            long behind = SendBuffer.nextEnd(in, send, blocks);
            boolean ends = StreamRow.has(in, row, StreamRow.FIN_DUE);
            if (offset == behind && !ends) {
                return;
            }
            long room = FrameWriter.streamRoom(id, offset, end - at);
            int length = (int) Math.min(behind - offset, room);
            boolean fin = StreamRow.has(in, row, StreamRow.SAID_ALL) && offset + length == SendBuffer.end(in, send);
            if (length < 0 || length == 0 && !fin || !take(FrameWriter.stream(out, at, end, id, offset, length, fin, true))) {
                return;
            }
            SendBuffer.copy(in, send, blocks, offset, out, at, length);
            at += length;
            if (length > 0) {
                SendBuffer.went(in, send, blocks, length);
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
    private boolean hasSomething(int level) {
        if (hasCrypto(level)) {
            return true;
        }
        if (level != PacketSpace.APPLICATION) {
            return false;
        }
        if (c.handshakeDoneDue || c.tokenDue || c.challengeDue || PeerIds.retiring(c) >= 0 || LocalIds.isDue(c) || Streams.due(c) != 0) {
            return true;
        }
        Blocks blocks = c.blocks();
        MemorySegment in = blocks.memory();
        for (int block = Streams.first(c); block != Blocks.NONE; block = blocks.next(block)) {
            long row = blocks.content(block);
            if (StreamRow.has(in, row, StreamRow.RESET_DUE | StreamRow.STOP_DUE | StreamRow.LIMIT_DUE | StreamRow.FIN_DUE)
                    || SendBuffer.next(in, row + StreamRow.SEND, blocks) < SendBuffer.nextEnd(in, row + StreamRow.SEND, blocks)) {
                return true;
            }
        }
        return false;
    }

    /// CONNECTION_CLOSE in each level whose keys the peer may have (RFC 9000, section 10.2.3).
    private long closing(long start, long limit) {
        marked = false;
        long behind = start;
        for (int level = 0; level < PacketSpace.COUNT; level++) {
            if (c.spaceAt(level) < 0 || !c.seals(level)) {
                continue;
            }
            space = level;
            number = PacketSpace.next(c.memory, c.spaceAt(level));
            int numberBytes = numberBytes();
            at = behind + headerBytes(numberBytes);
            end = limit - Aead.TAG_BYTES;
            record = 0;
            if (end - at < TEXT_BYTES_MIN || !ready(level) || !take(close(level))) {
                break;
            }
            if (level == PacketSpace.INITIAL && c.client) {
                at = FrameWriter.padding(out, at, end);
            }
            behind = seal(behind, numberBytes, 0);
        }
        c.closeDue = false;
        return behind - start;
    }

    private long close(int level) {
        if (c.errorOfApplication && level == PacketSpace.APPLICATION) {
            return FrameWriter.applicationClose(out, at, end, c.error, out, at, 0);
        }
        long code = c.errorOfApplication ? TransportError.APPLICATION_ERROR : c.error;
        return FrameWriter.connectionClose(out, at, end, code, c.errorOfApplication ? 0 : c.errorFrame, out, at, 0);
    }
}
