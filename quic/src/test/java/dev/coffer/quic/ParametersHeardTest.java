package dev.coffer.quic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.quic.frame.TransportError;
import dev.coffer.quic.packet.ConnectionId;
import dev.coffer.quic.parameter.TransportParameters;
import dev.coffer.quic.parameter.TransportParametersWriter;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/// What a connection makes of what its peer says of itself: IDs that it has not seen (RFC 9000, section 7.3), and the numbers that it goes by from then on (section 18.2).
class ParametersHeardTest extends Talk {
    private final MemorySegment said = Arena.ofAuto().allocate(TransportParameters.BYTES, 8);
    private final MemorySegment id = Arena.ofAuto().allocate(ConnectionId.BYTES);

    ParametersHeardTest() {
        super(QuicConfig.tight());
    }

    /// As far as both have heard of each other, and know their handshakes' places still.
    private Connection heard(QuicConnection by) {
        carry(ends.client, 0x0a000002, 5000);
        if (by == ends.client) {
            for (Datagram each : all(ends.server)) {
                feed(ends.client, each.bytes(), 0x0a000001, 443);
            }
        }
        assertTrue(by.c.handshakeAt >= 0 && by.c.phase == Connection.OPEN);
        return by.c;
    }

    /// {@return the error, when the peer's parameters are as they were but for a change}
    private long hear(Connection c, Consumer<MemorySegment> change) {
        MemorySegment.copy(c.memory, c.handshakeAt + ConnectionLayout.PARAMETERS, said, 0, TransportParameters.BYTES);
        MemorySegment kept = Arena.ofAuto().allocate(TransportParameters.BYTES, 8).copyFrom(said);
        change.accept(said);
        int length = (int) TransportParametersWriter.write(said, 0, c.client, wire, 0);
        c.onParameters(wire, 0, length);
        MemorySegment.copy(kept, 0, c.memory, c.handshakeAt + ConnectionLayout.PARAMETERS, TransportParameters.BYTES);
        return c.parametersError;
    }

    private void another(int bytes) {
        ConnectionId.set(id, 0, MemorySegment.ofArray(new byte[20]), 0, bytes);
    }

    @Test
    void aClientBelievesNoIdThatItHasNotSeen() {
        Connection c = heard(ends.client);
        another(8);
        assertEquals(TransportError.NO_ERROR, hear(c, to -> {}));
        assertEquals(TransportError.TRANSPORT_PARAMETER_ERROR, hear(c, to -> TransportParameters.initialSource(to, 0, id, 0)));
        assertEquals(TransportError.TRANSPORT_PARAMETER_ERROR, hear(c, to -> TransportParameters.originalDestination(to, 0, id, 0)));
        assertEquals(TransportError.TRANSPORT_PARAMETER_ERROR, hear(c, to -> TransportParameters.retrySource(to, 0, id, 0)), "there was no Retry");
        c.retried = true;
        ConnectionId.copy(id, 0, c.memory, c.handshakeAt + ConnectionLayout.RETRY_ID);
        assertEquals(TransportError.TRANSPORT_PARAMETER_ERROR, hear(c, to -> {}), "there was one");
        assertEquals(TransportError.NO_ERROR, hear(c, to -> TransportParameters.retrySource(to, 0, id, 0)));
        another(9);
        assertEquals(TransportError.TRANSPORT_PARAMETER_ERROR, hear(c, to -> TransportParameters.retrySource(to, 0, id, 0)), "of another ID");
        c.retried = false;
    }

    @Test
    void aServerBelievesNoIdThatItHasNotSeen() {
        Connection c = heard(ends.server);
        another(8);
        assertEquals(TransportError.NO_ERROR, hear(c, to -> {}));
        assertEquals(TransportError.TRANSPORT_PARAMETER_ERROR, hear(c, to -> TransportParameters.initialSource(to, 0, id, 0)));
    }

    @Test
    void whoHasNoIdPrefersNoAddress() {
        Connection c = heard(ends.client);
        Consumer<MemorySegment> prefers = to -> {
            ConnectionId.set(to, TransportParameters.preferredIdAt(0), MemorySegment.ofArray(new byte[8]), 0, 8);
            TransportParameters.prefer(to, 0);
        };
        int length = ConnectionId.length(c.memory, c.peerIdAt());
        another(0);
        MemorySegment before = Arena.ofAuto().allocate(ConnectionId.BYTES).copyFrom(c.memory.asSlice(c.peerIdAt(), ConnectionId.BYTES));
        ConnectionId.copy(id, 0, c.memory, c.peerIdAt());
        assertEquals(TransportError.TRANSPORT_PARAMETER_ERROR, hear(c, prefers));
        MemorySegment.copy(before, 0, c.memory, c.peerIdAt(), ConnectionId.BYTES);
        assertEquals(8, length);
        assertEquals(TransportError.NO_ERROR, hear(c, prefers));
        assertEquals(2, c.ids);
    }

    @Test
    void theShorterOfBothIdleTimesHolds() {
        for (int i = 0; i < 2; i++) {
            Connection c = heard(i == 0 ? ends.server : ends.client);
            long own = c.loop.config.idleNanos();
            assertEquals(TransportError.NO_ERROR, hear(c, to -> TransportParameters.idleTimeoutMillis(to, 0, own / MILLI + 1)));
            assertEquals(own, c.idleNanos);
            hear(c, to -> TransportParameters.idleTimeoutMillis(to, 0, 0));
            assertEquals(own, c.idleNanos, "it has none");
            hear(c, to -> TransportParameters.idleTimeoutMillis(to, 0, own / MILLI - 1));
            assertEquals(own - MILLI, c.idleNanos);
            c.idleNanos = 0;
            hear(c, to -> TransportParameters.idleTimeoutMillis(to, 0, 7000));
            assertEquals(7000 * MILLI, c.idleNanos, "we have none");
        }
    }

    @Test
    void itsDelaysAreThePeers() {
        Connection c = heard(ends.server);
        assertEquals(TransportError.NO_ERROR, hear(c, to -> {
            TransportParameters.ackDelayExponent(to, 0, 20);
            TransportParameters.ackDelayMaxMillis(to, 0, (1 << 14) - 1);
            TransportParameters.udpPayloadBytesMax(to, 0, 1300);
            TransportParameters.disableMigration(to, 0);
        }));
        assertEquals(20, c.peerExponent);
        assertEquals(((1 << 14) - 1) * MILLI, c.peerDelayNanosMax);
        assertTrue(c.peerStays);
        assertTrue(PathMtu.hope(c.memory, c.recoveryAt() + LossRecovery.MTU) <= 1300);
    }
}
