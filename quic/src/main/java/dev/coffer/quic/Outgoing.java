package dev.coffer.quic;

import dev.coffer.crypto.Aead;
import dev.coffer.memory.engine.DatagramEngine;
import dev.coffer.memory.engine.DatagramHeader;
import dev.coffer.memory.engine.NetworkPath;
import dev.coffer.quic.frame.FrameWriter;
import dev.coffer.quic.frame.TransportError;
import dev.coffer.quic.packet.ConnectionId;
import dev.coffer.quic.packet.PacketNumber;
import dev.coffer.quic.packet.PacketType;
import dev.coffer.quic.packet.PacketWriter;
import dev.coffer.quic.packet.SealingKeys;
import java.lang.foreign.MemorySegment;

/// Writes a datagram of a connection: one packet of each level that has something to say. One object serves a loop, as it remembers the packet that it is
/// writing; one thread at a time; 0 heap bytes.
final class Outgoing {
    /// Room below which no packet is begun behind another.
    private static final int ROOM_MIN = 128;
    /// Bytes of a number and frames at least, for the sample of header protection (RFC 9001, section 5.4.2).
    private static final int TEXT_BYTES_MIN = 4;
    /// Bytes of a short packet beyond an ID of ours, so that a stateless reset which answers it, and is shorter, looks like a packet to us (RFC 9000, section 10.3).
    private static final int BEYOND_ID_MIN = 22;
    private static final long SEALS_LEFT_MIN = 1 << 16;  // a key update is due
    private static final int PACKETS_EACH_PING = 256;

    private final Body body = new Body();
    private Connection c;
    private MemorySegment out = MemorySegment.NULL;
    private int space;         // of the packet that is being written
    private long number;
    private boolean marks;     // whether what wants an ACK goes with ECT(0)
    private boolean marked;    // the datagram does
    private boolean follows;   // it lies behind another
    private boolean saidAll;   // the packet was an ACK alone, and nothing else is to be said
    private boolean waited;    // its ACK was due with time, and not at once
    private long nowNanos;
    private long coins;        // bits at random that are left, above them a 1

    @SuppressWarnings("NullAway.Init")  // poll() says whose, before anything else is asked
    Outgoing() {}

    /// {@return bytes of a datagram, or of several for one path, all as long as the first but the last; 0 where there is nothing to say now}
    long poll(Connection of, MemorySegment output, long outputAt, long length, MemorySegment header, long headerAt, long now) {
        c = of;
        out = output;
        nowNanos = now;
        c.lastNanos = now;
        marked = false;
        follows = false;
        saidAll = false;
        body.beginRun();
        if (c.retiringLost) {
            c.fail(TransportError.CONNECTION_ID_LIMIT_ERROR, 0, now);  // RFC 9000, section 5.1.2
        }
        if (c.phase == Connection.OPEN) {
            Carried.carry(c, now);  // where there was no block for what it says
            long probe = Paths.otherDueBytes(c, now) > 0 ? other(outputAt, length) : 0;
            if (probe > 0) {
                Paths.copyOther(c, header, headerAt + DatagramHeader.PATH);
                Paths.otherWent(c, probe);  // nothing may be open then, so it is forgotten
                return tell(header, headerAt, probe, probe);
            }
            probe = larger(outputAt, length);
            if (probe > 0) {
                NetworkPath.copy(c.memory, c.core + ConnectionLayout.PATH, header, headerAt + DatagramHeader.PATH);
                return tell(header, headerAt, probe, probe);
            }
        }
        if (c.phase != Connection.OPEN && (c.phase != Connection.CLOSING || !c.closeDue)) {
            return 0;
        }
        long room = Math.min(Math.min(length, size()), Amplification.left(c));
        if (room < Amplification.least(c)) {
            return 0;
        }
        c.paceAt = Paths.respondNanos(c, now);
        marks = c.confirmed && EcnValidation.isMarking(c.memory, c.recoveryAt() + LossRecovery.ECN);
        long written = c.phase == Connection.CLOSING ? closing(outputAt, outputAt + room) : datagram(outputAt, outputAt + room);
        if (written == 0) {
            return 0;
        }
        c.sentBytes += c.client || c.validated ? 0 : written;
        NetworkPath.copy(c.memory, c.core + ConnectionLayout.PATH, header, headerAt + DatagramHeader.PATH);
        if (written != room || room != c.datagramBytes()) {
            return tell(header, headerAt, written, written);
        }
        if (c.confirmed && !body.fills) {  // not full by padding
            PathMtu.full(c.memory, c.recoveryAt() + LossRecovery.MTU, (int) room, now);
        }
        return tell(header, headerAt, written, written + more(outputAt + written, outputAt + length, (int) written));
    }

    /// {@return whether nothing more is to be said behind what was written last, until something comes or is due}
    boolean hasSaidAll() {
        return saidAll;
    }

    /// {@return whether that was an ACK which had waited for its time: nobody waits for it}
    boolean hasAcknowledgedLate() {
        return saidAll && waited;
    }

    /// {@return bytes of a datagram as of now: the least on a path that has not shown that it carries more, and of probes, as what had no answer may have been too large}
    private int size() {
        boolean least = c.confirmed && (!c.client && !c.validated || PacketSpace.probes(c.memory, c.spaceAt(PacketSpace.APPLICATION)) > 0);
        return least ? PathMtu.BASE : c.datagramBytes();
    }

    /// Writes a datagram that asks whether the path carries as many bytes (RFC 9000, section 14.4).
    ///
    /// @return its bytes; 0 where none is wanted, or it may not go
    private long larger(long start, long length) {
        int bytes = PathMtu.wanted(c.memory, c.recoveryAt() + LossRecovery.MTU, c.datagramBytes());
        if (bytes == 0 || length < bytes || !c.confirmed || !c.client && !c.validated || LossRecovery.sendNanos(c) > nowNanos
                || LossRecovery.room(c) < bytes) {
            return 0;
        }
        space = PacketSpace.APPLICATION;
        long row = c.spaceAt(space);
        if (!ready(space) || !SentPackets.reserve(c.memory, row + PacketSpace.SENT, c.blocks(), c.loop.config.records())) {
            return 0;
        }
        number = PacketSpace.next(c.memory, row);
        int numberBytes = numberBytes();
        body.begin(c, out, space, number, start + headerBytes(numberBytes), start + bytes - Aead.TAG_BYTES, nowNanos);
        body.ping(true);
        body.words = SentPackets.MTU_PROBE;
        body.at = FrameWriter.padding(out, body.at, body.end);
        marks = false;
        PathMtu.went(c.memory, c.recoveryAt() + LossRecovery.MTU);
        return seal(start, numberBytes, 0) - start;
    }

    private long tell(MemorySegment header, long headerAt, long datagram, long all) {
        DatagramHeader.ecn(header, headerAt, marked ? DatagramHeader.ECT_0 : DatagramHeader.NOT_ECT);
        DatagramHeader.segmentBytes(header, headerAt, (int) datagram);
        return all;
    }

    /// Writes datagrams behind a first one that is full: as long as it, for the same path and with the same mark, as long as there is something that wants an ACK
    /// and may go. An ACK alone is not written here, as it would go marked.
    ///
    /// @return bytes of them
    private long more(long start, long limit, int datagram) {
        follows = true;
        body.staysWithStream = true;
        long behind = start;
        for (int count = 1; count < DatagramEngine.SEGMENTS_MAX && limit - behind >= datagram && mayFollow(); count++) {
            long before = behind;
            behind = packet(PacketSpace.APPLICATION, before, before + datagram, false, false);
            if (behind - before < datagram) {
                break;
            }
        }
        follows = false;
        body.staysWithStream = false;
        return behind - start;
    }

    private boolean mayFollow() {
        return c.phase == Connection.OPEN && c.confirmed && (c.client || c.validated)
                && marked == EcnValidation.isMarking(c.memory, c.recoveryAt() + LossRecovery.ECN)
                && Body.hasSomething(c, PacketSpace.APPLICATION) && LossRecovery.sendNanos(c) <= nowNanos;
    }

    private long datagram(long start, long limit) {
        boolean pads = false;
        boolean handshakeWent = false;
        long behind = start;
        for (int level = 0; level < PacketSpace.COUNT; level++) {
            if (c.spaceAt(level) < 0 || !c.seals(level)) {
                continue;
            }
            long before = behind;
            behind = packet(level, behind, limit, behind == start, pads);
            pads |= level == PacketSpace.INITIAL && behind > before && (c.client || body.isEliciting());
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

    /// Writes a datagram for the path that is not in use: its challenge, the answer to the peer's (RFC 9000, section 8.2). It counts for nothing that is known of
    /// the path in use, and is not sent again where it is lost: challenges are made anew.
    ///
    /// @return its bytes; 0 where it may not go
    private long other(long start, long length) {
        long room = Math.min(Math.min(length, QuicConfig.DATAGRAM_BYTES_MIN), Paths.otherBudget(c));
        space = PacketSpace.APPLICATION;
        number = PacketSpace.next(c.memory, c.spaceAt(space));
        int numberBytes = numberBytes();
        long id = Paths.otherIdAt(c);
        long textAt = start + PacketWriter.shortBytes(ConnectionId.length(c.memory, id), numberBytes);
        if (room < textAt - start + Paths.otherDueBytes(c, nowNanos) + Aead.TAG_BYTES || !ready(space)) {  // to the byte: it is all that path may have
            return 0;
        }
        body.begin(c, out, space, number, textAt, start + room - Aead.TAG_BYTES, nowNanos);
        Paths.writeOther(c, body, nowNanos);
        if (room == QuicConfig.DATAGRAM_BYTES_MIN) {
            body.at = FrameWriter.padding(out, body.at, body.end);
        }
        long numberAt = PacketWriter.shortHeader(out, start, c.memory, id, number, numberBytes, false);
        grease(start);
        long behind = c.sealing(space).seal(out, start, numberAt, number, body.at);
        PacketSpace.use(c.memory, c.spaceAt(space));
        return behind - start;
    }

    /// {@return whether a level behind that one is likely to say something: then it pads the datagram}
    private boolean isFollowed(int level) {
        for (int next = level + 1; next < PacketSpace.COUNT; next++) {
            long at = c.spaceAt(next);
            if (at >= 0 && c.seals(next) && (ReceivedRanges.isAckWanted(c.memory, at + PacketSpace.RECEIVED) || PacketSpace.probes(c.memory, at) > 0
                    || Body.hasCrypto(c, next) || next == PacketSpace.APPLICATION && c.early && c.client && Body.hasSomething(c, next))) {
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
            default -> isLong() ? PacketWriter.longHeader(out, start, c.version, PacketType.ZERO_RTT, memory, c.peerIdAt(), local, number, numberBytes)
                    : PacketWriter.shortHeader(out, start, memory, c.peerIdAt(), number, numberBytes, false);
        };
    }

    /// Clears the fixed bit of every second packet or so, once the peer's parameters have said that it takes that (RFC 9287, section 3.1): a server's Initial
    /// packets as well. Nothing of it is remembered for another connection.
    private void grease(long start) {
        if (!c.fixedBitFree) {
            return;
        }
        if (coins <= 1) {
            coins = c.loop.coins() | Long.MIN_VALUE;
        }
        if ((coins & 1) == 0) {
            PacketWriter.clearFixedBit(out, start);
        }
        coins >>>= 1;
    }

    /// {@return whether the packet has a long header: of 1-RTT's space those of 0-RTT have}
    private boolean isLong() {
        return space != PacketSpace.APPLICATION || c.early && c.client;
    }

    private int headerBytes(int numberBytes) {
        int peer = ConnectionId.length(c.memory, c.peerIdAt());
        return !isLong() ? PacketWriter.shortBytes(peer, numberBytes)
                : PacketWriter.longBytes(peer, c.loop.ids.bytes(), space == PacketSpace.INITIAL ? c.tokenBytes : -1, numberBytes);
    }

    private int numberBytes() {
        return PacketNumber.bytes(number, PacketSpace.largestAcked(c.memory, c.spaceAt(space)));
    }

    /// {@return offset behind a packet of a level, `start` where it has nothing to say}
    ///
    /// @param first  whether it is the datagram's first, which an ACK that is not due yet is no reason for
    /// @param pads   whether the datagram is to be full
    private long packet(int level, long start, long limit, boolean first, boolean pads) {
        MemorySegment memory = c.memory;
        space = level;
        long row = c.spaceAt(level);
        number = PacketSpace.next(memory, row);
        int numberBytes = numberBytes();
        long textAt = start + headerBytes(numberBytes);
        body.begin(c, out, level, number, textAt, limit - Aead.TAG_BYTES, nowNanos);
        boolean wants = PacketSpace.probes(memory, row) > 0 || follows || Body.hasSomething(c, level);
        boolean mayAck = (ReceivedRanges.dueNanos(memory, row + PacketSpace.RECEIVED) <= nowNanos || !first) && (wants || Amplification.mayAckAlone(c));
        if (!wants && !mayAck && !pads) {
            return start;  // before somebody's keys are put to rest for these
        }
        if (body.end - textAt < TEXT_BYTES_MIN || !ready(level)) {
            return start;
        }
        int ranges = fill(level, row, wants);
        boolean due = ranges > 0 && mayAck;
        if (due && level == PacketSpace.APPLICATION && !body.isEliciting() && !follows && number % PACKETS_EACH_PING == PACKETS_EACH_PING - 1) {
            body.ping(false);  // who has nothing to say but ACKs hears of them now and then (section 13.2.4): without that no update of keys is confirmed
        }
        if (!body.isEliciting() && (follows || !due && !pads)) {
            return start;
        }
        boolean whole = body.fills && limit - start >= QuicConfig.DATAGRAM_BYTES_MIN;  // else it is the limit of what may go that holds it back (section 8.2.1)
        boolean padsHere = (pads || whole || level == PacketSpace.INITIAL && (c.client || body.isEliciting()))
                && (!isFollowed(level) || body.end - body.at < ROOM_MIN + Aead.TAG_BYTES);
        if (padsHere) {
            body.at = FrameWriter.padding(out, body.at, body.end);
        } else if (body.at - textAt + numberBytes < TEXT_BYTES_MIN) {
            body.at = FrameWriter.padding(out, body.at, textAt + TEXT_BYTES_MIN - numberBytes);
        }
        saidAll = c.confirmed && !wants;
        waited = !ReceivedRanges.isDueAtOnce(memory, row + PacketSpace.RECEIVED);
        return seal(start, numberBytes, ranges);
    }

    /// Writes the frames of a packet.
    ///
    /// @param wants  whether there is something that asks for an ACK: a block for records is taken for what is there to say, and not by looking
    /// @return ranges of its ACK, 0 for none
    private int fill(int level, long row, boolean wants) {
        MemorySegment memory = c.memory;
        long sendAt = LossRecovery.sendNanos(c);
        int probes = PacketSpace.probes(memory, row);
        boolean late = probes > 0 && LossRecovery.probeCount(memory, c.recoveryAt()) > 0;  // a PING that was asked for takes nothing past the window (RFC 9002, section 7.5)
        boolean goes = late || sendAt <= nowNanos || Body.hasCrypto(c, level) && isProbing();
        boolean responds = level == PacketSpace.APPLICATION && c.challengeDue;
        boolean asks = responds && (goes || c.respondAt <= nowNanos) || level == PacketSpace.APPLICATION && Paths.isDue(c);  // whatever the window of the path before says
        boolean may = wants && (goes || asks) && SentPackets.reserve(memory, row + PacketSpace.SENT, c.blocks(), c.loop.config.records());
        boolean alone = may && goes && level == PacketSpace.APPLICATION && DatagramFrames.goesAlone(c, body.end - body.at);  // the ACK goes with the next packet
        if (asks) {
            body.paths(may, may && goes);  // before an ACK, which may go with another packet where the room is what a path may have that has not answered
        }
        if (responds && c.challengeDue && c.respondAt > nowNanos) {
            c.paceAt = Math.min(c.paceAt, c.respondAt);
        }
        int ranges = !alone && ReceivedRanges.isAckWanted(memory, row + PacketSpace.RECEIVED) ? body.ack(row + PacketSpace.RECEIVED) : 0;
        if (may && goes) {
            body.crypto();
            if (level == PacketSpace.APPLICATION) {
                body.application();
            }
            if (probes > 0 && body.record == 0) {
                body.ping(true);
            }
        } else if (probes > 0) {
            body.ping(false);
        } else if (sendAt > nowNanos && sendAt != Long.MAX_VALUE && wants) {
            c.paceAt = Math.min(c.paceAt, sendAt);
        }
        if (c.client && level == PacketSpace.APPLICATION && body.isEliciting() && body.probes) {
            body.ping(may);  // the client is where this comes from, and its server is to follow it there: it would not for a probe (RFC 9000, section 9.1)
        }
        return ranges;
    }

    /// {@return whether the keys of a level may seal one more packet, updated where that is due}
    private boolean ready(int level) {
        SealingKeys keys = c.sealing(level);
        if (keys.sealsLeft() >= SEALS_LEFT_MIN) {
            return true;
        }
        if (level == PacketSpace.APPLICATION && c.confirmed && Timers.mayTurnKeys(c)) {
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
        grease(start);
        if (isLong()) {
            PacketWriter.length(out, numberAt, body.at);
        } else {
            body.at = FrameWriter.padding(out, body.at, Math.clamp(start + c.loop.ids.bytes() + BEYOND_ID_MIN - Aead.TAG_BYTES, body.at, body.end));
        }
        long behind = c.sealing(space).seal(out, start, numberAt, number, body.at);
        PacketSpace.use(memory, row);
        int bytes = (int) (behind - start);
        if (ranges > 0) {
            long largest = ReceivedRanges.largest(memory, row + PacketSpace.RECEIVED);
            ReceivedRanges.told(memory, row + PacketSpace.RECEIVED, ranges);
            if (body.record != 0) {
                PacketSpace.carriesAck(memory, row, number, largest);
            }
        }
        if (body.record != 0) {
            boolean ect = marks && space == PacketSpace.APPLICATION;
            marked |= ect;
            int flags = SentPackets.ELICITING | SentPackets.IN_FLIGHT | (ect ? SentPackets.ECT_0 : 0) | body.words;
            SentPackets.end(c.blocks(), body.record, bytes, flags);
            LossRecovery.sent(c, space, bytes, flags, nowNanos);
        }
        if (body.isEliciting()) {
            PacketSpace.probes(memory, row, Math.max(0, PacketSpace.probes(memory, row) - 1));
            if (!c.spoken) {
                c.spoken = true;
                Timers.touch(c, nowNanos);
            }
        }
        return behind;
    }

    /// CONNECTION_CLOSE in each level whose keys the peer may have (RFC 9000, section 10.2.3).
    private long closing(long start, long limit) {
        long behind = start;
        for (int level = 0; level < PacketSpace.COUNT; level++) {
            if (c.spaceAt(level) < 0 || !c.seals(level)) {
                continue;
            }
            space = level;
            number = PacketSpace.next(c.memory, c.spaceAt(level));
            int numberBytes = numberBytes();
            body.begin(c, out, level, number, behind + headerBytes(numberBytes), limit - Aead.TAG_BYTES, nowNanos);
            if (body.end - body.at < TEXT_BYTES_MIN || !ready(level) || !body.take(close(level))) {
                break;
            }
            if (level == PacketSpace.INITIAL && c.client) {
                body.at = FrameWriter.padding(out, body.at, body.end);
            }
            behind = seal(behind, numberBytes, 0);
        }
        c.closeDue = false;
        return behind - start;
    }

    private long close(int level) {
        if (c.errorOfApplication && level == PacketSpace.APPLICATION) {
            return FrameWriter.applicationClose(out, body.at, body.end, c.error, out, body.at, 0);
        }
        long code = c.errorOfApplication ? TransportError.APPLICATION_ERROR : c.error;
        return FrameWriter.connectionClose(out, body.at, body.end, code, c.errorOfApplication ? 0 : c.errorFrame, out, body.at, 0);
    }
}
