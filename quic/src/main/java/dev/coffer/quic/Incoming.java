package dev.coffer.quic;

import dev.coffer.memory.ConstantTime;
import dev.coffer.memory.engine.DatagramHeader;
import dev.coffer.memory.engine.NetworkPath;
import dev.coffer.memory.layout.BigEndian;
import dev.coffer.memory.layout.LittleEndian;
import dev.coffer.quic.frame.FrameReader;
import dev.coffer.quic.frame.FrameType;
import dev.coffer.quic.frame.TransportError;
import dev.coffer.quic.packet.ConnectionId;
import dev.coffer.quic.packet.OpeningKeys;
import dev.coffer.quic.packet.PacketReader;
import dev.coffer.quic.packet.PacketReader.Found;
import dev.coffer.quic.packet.PacketType;
import dev.coffer.quic.packet.Version;
import dev.coffer.quic.packet.VersionNegotiation;
import dev.coffer.quic.parameter.TransportParameters;
import dev.coffer.quic.token.ResetTokens;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/// Reads a datagram of a connection: its packets, their frames. Stateless; 0 heap bytes.
///
/// A packet of which anything could not be kept is not acknowledged, so all of it comes again: each frame may be taken twice without harm, but a DATAGRAM, which counts when all
/// of its packet was kept.
final class Incoming {
    private static final int INITIAL_ID_BYTES_MIN = 8;  // that a client chooses (RFC 9000, section 7.2)
    /// How long the ACK of a hello waits whose other datagram is on its way, for that and for our answer (`docs/decisions/0213`).
    static final long HELLO_ACK_NANOS = 4_000_000;
    private static final long DELAY_MICROS_MAX = 1L << 40;
    /// ACKs of a packet that count: a peer has no use for a second, and each may look through all that is under way (section 21.9). The others are passed over, as if lost.
    static final int ACKS_MAX = 4;
    /// Packets before a number is passed over, and bits of chance added: one in 80 or so.
    private static final int PASSED_AFTER_MIN = 16;
    private static final int PASSED_AFTER_MASK = 127;

    private Incoming() {}

    static void feed(Connection c, MemorySegment input, long at, long length, MemorySegment header, long headerAt, long nowNanos) {
        c.lastNanos = nowNanos;
        int from = c.phase == Connection.IDLE ? Paths.IN_USE : Paths.from(c, header, headerAt);
        if (c.phase == Connection.DRAINING || c.phase == Connection.ENDED || !Paths.mayCome(c, from)) {
            return;
        }
        PacketReader reader = c.loop.packets;
        reader.begin(input, at, length, c.loop.ids.bytes());  // whatever the fixed bit: we say grease_quic_bit (RFC 9287)
        boolean any = false;
        Found found = reader.next();
        boolean counts = found == Found.PACKET && from == Paths.IN_USE && isCounted(c, reader);
        while (found != Found.END && found != Found.INVALID && c.phase != Connection.DRAINING) {
            switch (found) {
                case PACKET -> {
                    if (packet(c, reader, length, from, header, headerAt, nowNanos)) {
                        any = true;
                        Carried.carry(c, nowNanos);  // so that there are keys for the packets behind
                    }
                }
                case RETRY -> retry(c, reader);
                case NEGOTIATION -> negotiate(c, reader, nowNanos);
                default -> {}  // another version: a listener's to answer
            }
            found = reader.next();
        }
        if (counts && c.phase != Connection.IDLE) {
            c.receivedBytes += length;
        }
        if (!any && (c.phase == Connection.OPEN || c.phase == Connection.CLOSING) && isReset(c, from, input, at + length, length)) {
            c.drain(TransportError.NO_ERROR, false, nowNanos);
        }
        if (any && c.phase == Connection.OPEN) {
            c.spoken = false;
            Timers.touch(c, nowNanos);
        }
    }

    /// {@return whether a datagram lets a server say three times as much (section 8.1): it begins the connection, or belongs to it whatever is in it}
    private static boolean isCounted(Connection c, PacketReader reader) {
        return !c.client && !c.validated
                && (c.phase == Connection.IDLE || isOurs(c, reader));
    }

    /// {@return whether the packet was authentic and new}
    private static boolean packet(Connection c, PacketReader reader, long datagramBytes, int from, MemorySegment header, long headerAt, long nowNanos) {
        PacketType type = reader.type();
        int space = type == PacketType.INITIAL ? PacketSpace.INITIAL : type == PacketType.HANDSHAKE ? PacketSpace.HANDSHAKE : PacketSpace.APPLICATION;
        Version before = c.version;
        boolean turns = reader.isLong() && c.phase != Connection.IDLE && reader.version() != before;
        boolean early = type == PacketType.ZERO_RTT;
        if (early && c.client || !c.client && space == PacketSpace.APPLICATION && c.early != early
                || turns && !Versions.mayTurn(c, reader, space)) {
            return false;
        }
        if (space == PacketSpace.INITIAL && !c.client && datagramBytes < QuicConfig.DATAGRAM_BYTES_MIN) {
            return false;  // section 14.1
        }
        if (space == PacketSpace.INITIAL && c.client && reader.tokenLength() > 0) {
            return false;  // a server says none (section 17.2.2)
        }
        boolean begins = c.phase == Connection.IDLE;
        if (begins && !accept(c, reader, space, header, headerAt, nowNanos)) {
            return false;
        }
        if (!c.opens(space) || !isOurs(c, reader) || reader.isLong() && !isFromPeer(c, reader)) {
            return false;
        }
        if (c.phase == Connection.CLOSING) {
            Ending.onLateInput(c);
        }
        if (turns) {
            Versions.turn(c, Objects.requireNonNull(reader.version(), "of a packet"));
        }
        long received = c.spaceAt(space) + PacketSpace.RECEIVED;
        OpeningKeys keys = c.opening(space);
        long number = keys.open(reader.segment(), reader.at(), reader.numberAt(), reader.end(), ReceivedRanges.largest(c.memory, received));
        if (turns && number < 0) {
            Versions.turn(c, before);  // not the server's
            return false;
        }
        if (begins && number == OpeningKeys.DROPPED) {
            c.reset(nowNanos);  // nobody's: its IDs, on which all that follows would depend, are not to be believed
            return false;
        }
        if (begins && !(LocalIds.begin(c) && c.shake(nowNanos))) {
            c.reset(nowNanos);
            return false;
        }
        if (number < 0) {
            refused(c, number, nowNanos);
            return false;
        }
        if (turns) {
            Early.turn(c);
        }
        if (c.phase == Connection.CLOSING) {
            look(c, keys.textAt(), keys.textEnd(), type, nowNanos);
            return false;
        }
        int look = ReceivedRanges.look(c.memory, received, ConnectionLayout.ranges(c.loop.config, space), number);
        if (look != ReceivedRanges.NEW) {
            if (look == ReceivedRanges.FULL) {
                ReceivedRanges.refused(c.memory, received, nowNanos);
            }
            return false;
        }
        authentic(c, reader, space, keys, nowNanos);
        boolean newest = number > ReceivedRanges.largest(c.memory, received);
        FrameReader frames = c.loop.frames;
        frames.begin(reader.segment(), keys.textAt(), keys.textEnd(), type, !c.client);
        long mark = DatagramFrames.mark(c);
        boolean kept = frames(c, space, frames, header, headerAt, nowNanos);
        DatagramFrames.settle(c, mark, kept);
        Timers.lookAtGaps(c, nowNanos);
        if (from != Paths.IN_USE && c.phase == Connection.OPEN) {
            Paths.look(c, header, headerAt, datagramBytes, newest && !frames.isProbing(), nowNanos);
        }
        if (c.phase == Connection.OPEN && kept && c.spaceAt(space) >= 0) {
            ReceivedRanges.add(c.memory, received, ConnectionLayout.ranges(c.loop.config, space), number, frames.isEliciting(),
                    DatagramHeader.ecn(header, headerAt), ackDelayNanos(c, space), nowNanos);
        }
        return true;
    }

    private static long ackDelayNanos(Connection c, int space) {
        boolean restIsOnItsWay = space == PacketSpace.INITIAL && !c.client && !c.seals(PacketSpace.HANDSHAKE);
        return space == PacketSpace.APPLICATION ? c.loop.config.ackDelayNanos() : restIsOnItsWay ? HELLO_ACK_NANOS : 0;
    }

    /// While closing, only whether the peer closes as well is of interest.
    private static void look(Connection c, long at, long end, PacketType type, long nowNanos) {
        FrameReader frames = c.loop.frames;
        frames.begin(c.loop.packets.segment(), at, end, type, !c.client);
        for (int frame = frames.next(); frame >= 0; frame = frames.next()) {
            if (frame == FrameType.CONNECTION_CLOSE || frame == FrameType.CONNECTION_CLOSE_APPLICATION) {
                c.drain(frames.code(), frame == FrameType.CONNECTION_CLOSE_APPLICATION, nowNanos);
            }
        }
    }

    /// A server's first packet: the connection begins with it, and has an ID and a handshake when it has proven authentic.
    private static boolean accept(Connection c, PacketReader reader, int space, MemorySegment header, long headerAt, long nowNanos) {
        if (c.client || space != PacketSpace.INITIAL || reader.destinationLength() < INITIAL_ID_BYTES_MIN
                || !c.begin(Objects.requireNonNull(reader.version(), "of a packet"), nowNanos)) {
            return false;
        }
        MemorySegment in = reader.segment();
        MemorySegment memory = c.memory;
        NetworkPath.copy(header, headerAt + DatagramHeader.PATH, memory, c.core + ConnectionLayout.PATH);
        long first = c.firstIdAt();
        ConnectionId.set(memory, first, in, reader.destinationAt(), reader.destinationLength());
        if (c.retried) {
            ConnectionId.copy(c.loop.originalIn, c.loop.originalAt, memory, c.handshakeAt + ConnectionLayout.ORIGINAL_ID);
        }
        c.loop.ids.original(c, first);
        peer(c, reader);
        c.initialKeys(memory, first + ConnectionId.VALUE, reader.destinationLength());
        return true;
    }

    private static void peer(Connection c, PacketReader reader) {
        ConnectionId.set(c.memory, c.peerIdAt(), reader.segment(), reader.sourceAt(), reader.sourceLength());
        ConnectionId.set(c.memory, c.handshakeAt + ConnectionLayout.FIRST_PEER_ID, reader.segment(), reader.sourceAt(), reader.sourceLength());
        c.ids = 1;
    }

    /// {@return whether a packet is sent to an ID of ours; of a client's first ones to the ID that it chose for us}
    private static boolean isOurs(Connection c, PacketReader reader) {
        MemorySegment in = reader.segment();
        return LocalIds.contains(c, in, reader.destinationAt(), reader.destinationLength())
                || !c.client && (reader.type() == PacketType.INITIAL || reader.type() == PacketType.ZERO_RTT) && c.handshakeAt >= 0
                        && ConnectionId.matches(c.memory, c.firstIdAt(), in, reader.destinationAt(), reader.destinationLength());
    }

    /// {@return whether a long header has the source that the peer began with (section 7.2)}
    private static boolean isFromPeer(Connection c, PacketReader reader) {
        return c.client && !c.serverHeard
                || ConnectionId.matches(c.memory, c.handshakeAt + ConnectionLayout.FIRST_PEER_ID, reader.segment(), reader.sourceAt(), reader.sourceLength());
    }

    private static void refused(Connection c, long answer, long nowNanos) {
        if (answer == OpeningKeys.RESERVED_BITS) {
            c.fail(TransportError.PROTOCOL_VIOLATION, 0, nowNanos);
        } else if (answer == OpeningKeys.OLD_KEYS) {
            c.fail(TransportError.KEY_UPDATE_ERROR, 0, nowNanos);
        } else if (answer == OpeningKeys.SPENT) {
            c.fail(TransportError.AEAD_LIMIT_REACHED, 0, nowNanos);
        }
    }

    /// {@return whether a datagram of which nothing was authentic is a stateless reset (section 10.3.1): it ends with the token of the ID that we send to where it came from, and its
    /// destination is anything. Compared without a branch on the token}
    private static boolean isReset(Connection c, int from, MemorySegment input, long end, long length) {
        long id = from == Paths.ON_OTHER && c.paths != Blocks.NONE ? Paths.otherIdAt(c) - ConnectionLayout.PEER_ID
                : c.core + ConnectionLayout.PEER_IDS_AT + c.currentId * ConnectionLayout.PEER_ID_BYTES;
        long token = id + ConnectionLayout.PEER_ID_TOKEN;
        return length >= ResetTokens.DATAGRAM_BYTES_MIN && LittleEndian.u16(c.memory, id + ConnectionLayout.PEER_ID_HAS_TOKEN) != 0
                && ConstantTime.equal(c.memory, token, input, end - TransportParameters.RESET_TOKEN_BYTES, TransportParameters.RESET_TOKEN_BYTES);
    }

    /// What an authentic packet says before its frames are read.
    private static void authentic(Connection c, PacketReader reader, int space, OpeningKeys keys, long nowNanos) {
        if (c.client && !c.serverHeard && reader.isLong()) {
            c.serverHeard = true;
            peer(c, reader);
        }
        if (!c.client && space == PacketSpace.HANDSHAKE) {
            c.validated = true;  // it has heard us (section 8.1)
            c.discard(PacketSpace.INITIAL);  // RFC 9001, section 4.9.1, also where a token had shown its address
        }
        if (space == PacketSpace.APPLICATION && c.seals(space) && keys.generation() > c.sealing(space).generation()) {
            c.sealing(space).update();  // the peer has updated its keys: ours follow (RFC 9001, section 6.2)
        }
        if (keys.generation() > c.generationHeard) {
            c.generationHeard = keys.generation();
            Timers.keysTurned(c, keys, nowNanos);
        }
    }

    /// A server wants to know that we are where we say (section 17.2.5): once, and before anything else of it.
    private static void retry(Connection c, PacketReader reader) {
        if (!c.client || c.phase != Connection.OPEN || c.serverHeard || c.retried || reader.version() != c.version
                || reader.tokenLength() > ConnectionLayout.TOKEN_BYTES_MAX || !isOurs(c, reader)
                || ConnectionId.matches(c.memory, c.peerIdAt(), reader.segment(), reader.sourceAt(), reader.sourceLength())  // section 17.2.5.1
                || !c.loop.retryTag.verify(c.memory, c.handshakeAt + ConnectionLayout.ORIGINAL_ID, reader)) {
            return;
        }
        c.retried = true;
        MemorySegment.copy(reader.segment(), reader.tokenAt(), c.memory, c.handshakeAt + ConnectionLayout.TOKEN, reader.tokenLength());
        c.tokenBytes = reader.tokenLength();
        ConnectionId.set(c.memory, c.handshakeAt + ConnectionLayout.RETRY_ID, reader.segment(), reader.sourceAt(), reader.sourceLength());
        ConnectionId.set(c.memory, c.peerIdAt(), reader.segment(), reader.sourceAt(), reader.sourceLength());
        c.initialKeys(c.memory, c.peerIdAt() + ConnectionId.VALUE, reader.sourceLength());
        c.startOver();
        Early.again(c);
    }

    /// The server does not speak our version (section 6.2): nothing more can be said.
    private static void negotiate(Connection c, PacketReader reader, long nowNanos) {
        if (c.client && c.phase == Connection.OPEN && !c.serverHeard && !c.retried && isOurs(c, reader)
                && ConnectionId.matches(c.memory, c.peerIdAt(), reader.segment(), reader.sourceAt(), reader.sourceLength())
                && VersionNegotiation.count(reader) > 0 && !VersionNegotiation.contains(reader, c.version)) {
            c.drain(TransportError.VERSION_NEGOTIATION_ERROR, false, nowNanos);
        }
    }

    /// {@return whether all frames were kept}
    private static boolean frames(Connection c, int space, FrameReader frames, MemorySegment header, long headerAt, long nowNanos) {
        boolean kept = true;
        int acks = 0;
        for (int type = frames.next(); type >= 0 && c.phase == Connection.OPEN; type = frames.next()) {
            if ((type == FrameType.ACK || type == FrameType.ACK_ECN) && ++acks > ACKS_MAX) {
                continue;
            }
            long answer = FrameType.isStream(type) ? StreamFrames.onStream(c, frames.streamId(), frames.offset(), frames.segment(), frames.dataAt(),
                    (int) frames.dataLength(), frames.isFin())
                    : type == FrameType.PATH_CHALLENGE
                            ? Paths.onChallenge(c, BigEndian.i64(frames.segment(), frames.dataAt()), header, headerAt, nowNanos) ? Streams.OK
                                    : Streams.NOT_KEPT
                            : frame(c, space, type, frames, nowNanos);
            if (answer > 0) {
                c.fail(answer, type, nowNanos);
                return false;
            }
            kept &= answer != Streams.NOT_KEPT;
            if (c.spaceAt(space) < 0) {
                return false;  // the frame before ended this level
            }
        }
        if (frames.error() != TransportError.NO_ERROR && c.phase == Connection.OPEN) {
            c.fail(frames.error(), frames.errorType(), nowNanos);
        }
        return kept;
    }

    private static long frame(Connection c, int space, int type, FrameReader frames, long nowNanos) {
        switch (type) {
            case FrameType.ACK, FrameType.ACK_ECN -> {
                return ack(c, space, type == FrameType.ACK_ECN, frames, nowNanos);
            }
            case FrameType.CRYPTO -> {
                return Carried.onCrypto(c, space, frames.offset(), frames.segment(), frames.dataAt(), (int) frames.dataLength());
            }
            case FrameType.RESET_STREAM -> {
                return StreamFrames.onReset(c, frames.streamId(), frames.code(), frames.finalSize());
            }
            case FrameType.STOP_SENDING -> {
                return StreamFrames.onStopSending(c, frames.streamId(), frames.code());
            }
            case FrameType.MAX_STREAM_DATA -> {
                return StreamFrames.onMaxStreamData(c, frames.streamId(), frames.maximum());
            }
            case FrameType.STREAM_DATA_BLOCKED -> {
                return StreamFrames.onStreamDataBlocked(c, frames.streamId());
            }
            case FrameType.MAX_DATA -> Streams.onMaxData(c, frames.maximum());
            case FrameType.MAX_STREAMS_BIDIRECTIONAL, FrameType.MAX_STREAMS_UNIDIRECTIONAL -> {
                if (Streams.onMaxStreams(c, type == FrameType.MAX_STREAMS_UNIDIRECTIONAL, frames.maximum())) {
                    c.events |= Connection.TELL_STREAMS;
                }
            }
            case FrameType.NEW_CONNECTION_ID -> {
                return PeerIds.onNew(c, frames);
            }
            case FrameType.RETIRE_CONNECTION_ID -> {
                PacketReader packet = c.loop.packets;
                return LocalIds.onRetire(c, frames.sequence(), packet.segment(), packet.destinationAt(), packet.destinationLength());
            }
            case FrameType.NEW_TOKEN -> c.keepToken(frames.segment(), frames.dataAt(), frames.dataLength());
            case FrameType.PATH_RESPONSE -> Paths.onResponse(c, BigEndian.i64(frames.segment(), frames.dataAt()), nowNanos);
            case FrameType.HANDSHAKE_DONE -> c.confirm();
            case FrameType.CONNECTION_CLOSE, FrameType.CONNECTION_CLOSE_APPLICATION ->
                c.drain(frames.code(), type == FrameType.CONNECTION_CLOSE_APPLICATION, nowNanos);
            case FrameType.DATAGRAM, FrameType.DATAGRAM_LENGTH -> {
                return DatagramFrames.onDatagram(c, frames.frameBytes(), frames.segment(), frames.dataAt(), (int) frames.dataLength());
            }
            default -> {}  // PADDING, PING, DATA_BLOCKED, STREAMS_BLOCKED: nothing follows from them
        }
        return Streams.OK;
    }

    private static long ack(Connection c, int space, boolean counted, FrameReader frames, long nowNanos) {
        long at = c.spaceAt(space);
        if (frames.largest() >= PacketSpace.next(c.memory, at)) {
            return TransportError.PROTOCOL_VIOLATION;  // of a packet that never went (section 13.1)
        }
        int count = 0;
        long ranges = c.loop.ackRangesAt;
        long passed = PacketSpace.passedOver(c.memory, at);
        while (count < QuicLoop.ackRangesMax() && frames.nextRange()) {
            if (frames.rangeLow() <= passed && passed <= frames.rangeHigh()) {
                return TransportError.PROTOCOL_VIOLATION;  // it never went, and who says that it came guesses (section 21.4)
            }
            LittleEndian.i64(c.memory, ranges + count * 16L, frames.rangeLow());
            LittleEndian.i64(c.memory, ranges + count * 16L + Long.BYTES, frames.rangeHigh());
            count++;
        }
        long micros = Math.min(DELAY_MICROS_MAX, frames.delay()) << (space == PacketSpace.APPLICATION ? c.peerExponent : 3);
        long delay = Math.min(DELAY_MICROS_MAX, micros) * 1000;
        if (space == PacketSpace.HANDSHAKE) {
            c.peerValidated = true;
        }
        c.sealing(space).acknowledged(frames.largest());
        LossRecovery.onAck(c, space, c.memory, ranges, count, delay, counted, counted ? frames.ecnCount(DatagramHeader.ECT_0) : 0,
                counted ? frames.ecnCount(DatagramHeader.ECT_1) : 0, counted ? frames.ecnCount(DatagramHeader.CE) : 0, nowNanos);
        if (space == PacketSpace.APPLICATION && PacketSpace.wantsToPass(c.memory, at)) {
            PacketSpace.passOver(c.memory, at, PASSED_AFTER_MIN + (int) (c.loop.coins() & PASSED_AFTER_MASK));
        }
        return Streams.OK;
    }
}
