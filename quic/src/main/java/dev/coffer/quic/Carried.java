package dev.coffer.quic;

import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.LittleEndian;
import dev.coffer.quic.frame.FrameType;
import dev.coffer.quic.frame.TransportError;
import dev.coffer.quic.packet.ConnectionId;
import dev.coffer.quic.parameter.TransportParameters;
import dev.coffer.quic.parameter.TransportParametersReader;
import dev.coffer.quic.parameter.TransportParametersWriter;
import dev.coffer.tls.Alert;
import dev.coffer.tls.QuicHandshake.Level;
import java.lang.foreign.MemorySegment;

/// The handshake that a connection carries (RFC 9001, section 4): bytes of CRYPTO frames both ways, level by level, and what both sides say of themselves.
/// Stateless; 0 heap bytes.
final class Carried {
    private static final long MILLI = 1_000_000;

    private Carried() {}

    static int space(Level level) {
        return switch (level) {
            case INITIAL -> PacketSpace.INITIAL;
            case HANDSHAKE -> PacketSpace.HANDSHAKE;
            default -> PacketSpace.APPLICATION;
        };
    }

    private static Level level(int space) {
        return space == PacketSpace.INITIAL ? Level.INITIAL : space == PacketSpace.HANDSHAKE ? Level.HANDSHAKE : Level.APPLICATION;
    }

    /// CRYPTO came.
    ///
    /// @return as of [Streams]
    static long onCrypto(Connection c, int space, long offset, MemorySegment from, long at, int length) {
        long receive = ConnectionLayout.cryptoReceive(c.core, c.handshakeAt, space);
        if (offset + length - ReceiveBuffer.read(c.memory, receive) > c.loop.config.cryptoBytes()) {
            return c.tls().isHeldUp() ? Streams.NOT_KEPT : TransportError.CRYPTO_BUFFER_EXCEEDED;  // it is us that do not read
        }
        return ReceiveBuffer.insert(c.memory, receive, c.blocks(), offset, from, at, length, c.blocks().available(Blocks.CRYPTO),
                c.blocks().freeCount() - c.blocks().available(Blocks.EARLY)) ? Streams.OK
                        : Streams.NOT_KEPT;
    }

    /// Carries what came to the handshake, and takes what it says.
    static void carry(Connection c, long nowNanos) {
        boolean moved = true;
        while (moved && c.phase == Connection.OPEN) {
            moved = false;
            for (int space = 0; space < PacketSpace.COUNT && c.phase == Connection.OPEN; space++) {
                moved |= (c.alive & 1 << space) != 0 && hear(c, space, nowNanos);
            }
            moved |= c.phase == Connection.OPEN && say(c, nowNanos);
        }
    }

    private static boolean hear(Connection c, int space, long nowNanos) {
        long receive = ConnectionLayout.cryptoReceive(c.core, c.handshakeAt, space);
        boolean heard = false;
        if (space == PacketSpace.APPLICATION && c.client && c.loop.early != null && !c.loop.early.areKnown(c.number)) {
            return false;  // a ticket is kept with what is known of its terms
        }
        while (c.phase == Connection.OPEN && c.tls().level() == null && (c.alive & 1 << space) != 0) {
            int bytes = ReceiveBuffer.readable(c.memory, receive, c.blocks());
            if (bytes == 0) {
                return heard;
            }
            long readAt = ReceiveBuffer.readAt(c.memory, receive, c.blocks());
            if (!c.tls().mayFeed(level(space), c.blocks().memory(), readAt, bytes, nowNanos)) {
                return heard;  // it waits here until its sender asks again
            }
            Alert refused = c.tls().feed(level(space), c.blocks().memory(), readAt, bytes, nowNanos);
            ReceiveBuffer.consume(c.memory, receive, c.blocks(), bytes);
            if (c.parametersError != TransportError.NO_ERROR || refused != null) {
                boolean ours = c.parametersError == Connection.ENDS;
                c.fail(ours ? TransportError.NO_ERROR : refused != null && c.parametersError == TransportError.NO_ERROR ? c.tls().error() : c.parametersError,
                        ours ? 0 : FrameType.CRYPTO, nowNanos);
                return true;
            }
            heard = true;
            settle(c);
        }
        return heard;
    }

    private static boolean say(Connection c, long nowNanos) {
        boolean said = false;
        for (Level level = c.tls().level(); level != null; level = c.tls().level()) {
            int space = space(level);
            long send = ConnectionLayout.cryptoSend(c.core, c.handshakeAt, space);
            int room = (int) Math.min(QuicLoop.CRYPTO_PIECE_BYTES, SendBuffer.room(c.memory, send, c.blocks(), c.blocks().available(Blocks.CRYPTO)));
            if (room == 0 || (c.alive & 1 << space) == 0) {
                return said;
            }
            int bytes = c.tls().poll(c.memory, c.loop.cryptoAt, room, nowNanos);
            SendBuffer.append(c.memory, send, c.blocks(), c.memory, c.loop.cryptoAt, bytes);
            Wipe.bytes(c.memory, c.loop.cryptoAt, bytes);
            said = true;
            settle(c);
        }
        return said;
    }

    private static void settle(Connection c) {
        Early.settle(c);
        if (!c.complete && c.tls().isDone()) {
            c.complete = true;
            c.events |= Connection.TELL_CONNECTED;
            if (!c.client) {
                c.handshakeDoneDue = true;
                c.tokenDue = c.loop.strangers != null;
                c.confirm();
            }
        }
    }

    /// Writes what we say of ourselves (RFC 9000, section 18.2).
    static int parameters(Connection c, MemorySegment target, long targetAt) {
        QuicConfig config = c.loop.config;
        long at = c.loop.ownParametersAt;
        TransportParameters.clear(c.memory, at);
        TransportParameters.initialSource(c.memory, at, c.memory, LocalIds.at(c, 0));
        if (!c.client) {
            TransportParameters.originalDestination(c.memory, at, c.memory, c.handshakeAt + ConnectionLayout.ORIGINAL_ID);
            if (c.retried) {
                TransportParameters.retrySource(c.memory, at, c.memory, c.handshakeAt + ConnectionLayout.RETRY_ID);
            }
            if (c.loop.prefers) {
                prefer(c, at);
            }
            if (c.loop.ids.areFound()) {
                TransportParameters.resetToken(c.memory, at, c.memory, LocalIds.token(c, 0));
            }
        }
        TransportParameters.idleTimeoutMillis(c.memory, at, config.idleNanos() / MILLI);
        TransportParameters.udpPayloadBytesMax(c.memory, at, QuicConfig.DATAGRAM_BYTES_MAX);
        TransportParameters.dataMax(c.memory, at, config.connectionBytes());
        TransportParameters.streamDataMaxLocal(c.memory, at, config.streamBytes());
        TransportParameters.streamDataMaxRemote(c.memory, at, config.streamBytes());
        TransportParameters.streamDataMaxUnidirectional(c.memory, at, config.streamBytes());
        TransportParameters.streamsMax(c.memory, at, true, config.streamsBidi());
        TransportParameters.streamsMax(c.memory, at, false, config.streamsUni());
        TransportParameters.ackDelayMaxMillis(c.memory, at, config.ackDelayNanos() / MILLI);
        TransportParameters.activeIdsMax(c.memory, at, ConnectionLayout.PEER_IDS);
        TransportParameters.freeFixedBit(c.memory, at);
        Versions.write(c, at);
        if (DatagramFrames.ownMax(config) > 0) {
            TransportParameters.datagramFrameBytesMax(c.memory, at, DatagramFrames.ownMax(config));
        }
        return (int) (TransportParametersWriter.write(c.memory, at, !c.client, target, targetAt) - targetAt);
    }

    /// Says where the server would rather be spoken to (RFC 9000, section 9.6).
    private static void prefer(Connection c, long at) {
        long id = LocalIds.prefer(c);
        if (id >= 0) {
            MemorySegment.copy(c.memory, c.loop.preferredAt, c.memory, TransportParameters.preferredIpv4At(at), TransportParameters.PREFERRED_ADDRESS_BYTES);
            ConnectionId.copy(c.memory, id, c.memory, TransportParameters.preferredIdAt(at));
            MemorySegment.copy(c.memory, LocalIds.token(c, 1), c.memory, TransportParameters.preferredTokenAt(at), TransportParameters.RESET_TOKEN_BYTES);
            TransportParameters.prefer(c.memory, at);
        }
    }

    /// {@return whether a server without an ID gives one with an address (section 18.2)}
    private static boolean isPreferredWrong(Connection c, long at) {
        return c.client && TransportParameters.hasPreferred(c.memory, at) && ConnectionId.length(c.memory, c.peerIdAt()) == 0;
    }

    /// Takes what the peer says of itself; whether it is right is told when the handshake has come back, as it is in the midst of a message.
    static void onParameters(Connection c, MemorySegment from, long fromAt, int length) {
        long at = c.handshakeAt + ConnectionLayout.PARAMETERS;
        long ids = c.client ? TransportParameters.activeIdsMax(c.memory, at) : 0;  // as remembered
        long datagram = c.client ? TransportParameters.datagramFrameBytesMax(c.memory, at) : 0;
        long wrong = TransportParametersReader.read(from, fromAt, length, c.client, c.memory, at);
        boolean right = wrong == TransportError.NO_ERROR && !isPreferredWrong(c, at)
                && TransportParameters.isInitialSource(c.memory, at, c.memory, c.handshakeAt + ConnectionLayout.FIRST_PEER_ID)
                && (!c.client || TransportParameters.isOriginalDestination(c.memory, at, c.memory, c.handshakeAt + ConnectionLayout.ORIGINAL_ID)
                        && (c.retried ? TransportParameters.isRetrySource(c.memory, at, c.memory, c.handshakeAt + ConnectionLayout.RETRY_ID)
                                : !TransportParameters.hasRetrySource(c.memory, at)));
        c.parametersError = (byte) (right ? Versions.agree(c, at) : TransportError.TRANSPORT_PARAMETER_ERROR);
        if (c.parametersError == TransportError.NO_ERROR) {
            c.parametersError = (byte) Early.onParameters(c, c.memory, at, ids, datagram);
        }
        if (c.parametersError != TransportError.NO_ERROR) {
            return;
        }
        c.peerDelayNanosMax = TransportParameters.ackDelayMaxMillis(c.memory, at) * MILLI;
        c.peerStays = TransportParameters.isMigrationDisabled(c.memory, at);
        c.fixedBitFree = TransportParameters.isFixedBitFree(c.memory, at);
        c.peerExponent = TransportParameters.ackDelayExponent(c.memory, at);
        DatagramFrames.peerMax(c, TransportParameters.datagramFrameBytesMax(c.memory, at));
        PathMtu.begin(c.memory, c.recoveryAt() + LossRecovery.MTU,
                (int) Math.min(c.loop.config.datagramBytes(), TransportParameters.udpPayloadBytesMax(c.memory, at)));
        long peerIdle = Math.min(1L << 50, TransportParameters.idleTimeoutMillis(c.memory, at) * MILLI);
        c.idleNanos = peerIdle <= 0 ? c.idleNanos : c.idleNanos == 0 ? peerIdle : Math.min(c.idleNanos, peerIdle);
        if (c.client && TransportParameters.hasPreferred(c.memory, at)) {
            PeerIds.prefer(c, c.memory, at);
        }
        if (c.client && TransportParameters.hasResetToken(c.memory, at)) {
            long id = c.core + ConnectionLayout.PEER_IDS_AT;
            TransportParameters.copyResetToken(c.memory, at, c.memory, id + ConnectionLayout.PEER_ID_TOKEN);
            LittleEndian.u16(c.memory, id + ConnectionLayout.PEER_ID_HAS_TOKEN, 1);
        }
    }
}
