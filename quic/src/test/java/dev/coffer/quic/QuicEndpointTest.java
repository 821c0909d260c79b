package dev.coffer.quic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.memory.engine.DatagramHeader;
import dev.coffer.memory.engine.StreamTransport;
import dev.coffer.quic.frame.TransportError;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Many connections behind one socket, datagram by datagram: who gets what, and what happens where a place is lacking.
class QuicEndpointTest extends EndpointTalk {
    @Test
    void eachConnectionHasItsOwnDatagramsAndPlacesAreUsedAgain() {
        open(3, 3);
        for (int client = 0; client < 3; client++) {
            connect(client);
        }
        converse();
        assertEquals(List.of("0 CONNECTED", "1 CONNECTED", "2 CONNECTED"), told.stream().sorted().toList());
        assertEquals(3, ends.endpoint.connectionCount());
        for (int client = 0; client < 3; client++) {
            exchange(client);
        }
        told.clear();
        ends.clients.get(1).close(7);
        converse();
        assertTrue(told.contains("1 CLOSED"), told::toString);
        for (int i = 0; i < 200 && ends.endpoint.connectionCount() == 3; i++) {
            pass(100 * MILLI);
            turn();
        }
        assertEquals(2, ends.endpoint.connectionCount(), "its time of draining is over");
        connect(3);
        converse();
        assertTrue(told.contains("1 CONNECTED"), told::toString);
        exchange(3);
        exchange(0);
        exchange(2);
    }

    @Test
    void whoComesWhenEveryPlaceIsTakenIsRefusedAndTheOthersGoOn() {
        open(2, 2);
        connect(0);
        connect(1);
        converse();
        connect(2);
        converse();
        assertEquals(TransportError.CONNECTION_REFUSED, ends.clients.get(2).closeCode());
        assertTrue(ends.clients.get(2).isClosedByPeer());
        assertEquals(2, ends.endpoint.connectionCount());
        exchange(0);
        exchange(1);
    }

    @Test
    void whoComesWhenNoHandshakeIsFreeWaitsAndTheEstablishedGoOn() {
        open(5, 1);
        connect(0);
        converse();
        connect(1);
        List<byte[]> half = all(1);
        feed(1, half.get(0));  // which holds the only place of a handshake
        connect(2);
        for (byte[] each : all(2)) {
            feed(2, each);
        }
        assertEquals(2, ends.endpoint.connectionCount());
        exchange(0);
        assertFalse(ends.clients.get(2).isConfirmed());
        for (int i = 0; i < 50 && !(ends.clients.get(1).isConfirmed() && ends.clients.get(2).isConfirmed()); i++) {
            pass(100 * MILLI);
            turn();
        }
        assertTrue(ends.clients.get(1).isConfirmed(), "it went on");
        assertTrue(ends.clients.get(2).isConfirmed(), "its hello came again");
        exchange(2);
    }

    @Test
    void aHandshakeThatDoesNotGoOnIsGivenUp() {
        open(5, 1);
        connect(1);
        feed(1, all(1).get(0));
        ends.clients.get(1).reset(now);
        pass(9_999 * MILLI);
        drain();
        assertEquals(1, ends.endpoint.connectionCount());
        pass(2 * MILLI);
        drain();
        pass(0);
        drain();
        assertEquals(0, ends.endpoint.connectionCount());
        assertEquals(0, ends.serverLoop.handshakesAccount().usedBytes());
        assertEquals(List.of("0 CLOSED"), told);
    }

    /// A client that was only slow would say its last word to nobody.
    @Test
    void whoseHandshakeIsGivenUpHearsOfIt() {
        open(5, 1);
        connect(1);
        all(1).forEach(each -> feed(1, each));
        drain();
        all(1);  // lost: with what completes its handshake
        assertFalse(ends.clients.get(1).isConfirmed());
        now += 10_001 * MILLI;
        ends.endpoint.onDeadline(now);
        drain();
        assertEquals(TransportError.CONNECTION_REFUSED, ends.clients.get(1).closeCode());
        assertTrue(ends.clients.get(1).isClosedByPeer());
        pass(0);
        drain();
        assertEquals(0, ends.endpoint.connectionCount());
    }

    @Test
    void anAckAloneIsToldFromAnAnswer() {
        open(1, 1);
        connect(1);
        converse();
        ends.clients.get(1).ping();
        all(1).forEach(each -> feed(1, each));
        assertEquals(0, ends.endpoint.pollOutput(wire, 0, 1472, header, 0, now));
        now += 25 * MILLI;
        ends.endpoint.onDeadline(now);
        assertTrue(ends.endpoint.pollOutput(wire, 0, 1472, header, 0, now) > 0);
        assertTrue(ends.endpoint.hasAcknowledgedAlone());
        ends.endpoint.connection(0).ping();
        ends.endpoint.turnSoon(0);
        assertTrue(ends.endpoint.pollOutput(wire, 0, 1472, header, 0, now) > 0);
        assertFalse(ends.endpoint.hasAcknowledgedAlone());
    }

    /// An ACK that is due at once sets the pace of who uploads, or tells of a loss: it is no less an answer than any other.
    @ParameterizedTest
    @EnumSource
    void anAckThatDidNotWaitIsAnAnswer(AtOnce why) {
        open(1, 1);
        connect(1);
        converse();
        QuicConnection client = ends.clients.get(1);
        if (why != AtOnce.MARKED) {
            client.ping();
            List<byte[]> first = all(1);
            first.stream().filter(each -> why == AtOnce.SECOND).forEach(each -> feed(1, each));
            assertEquals(0, ends.endpoint.pollOutput(wire, 0, 1472, header, 0, now));
        }
        client.ping();
        all(1).forEach(each -> feed(1, each, why == AtOnce.MARKED ? DatagramHeader.CE : DatagramHeader.NOT_ECT));
        assertTrue(ends.endpoint.pollOutput(wire, 0, 1472, header, 0, now) > 0);
        assertFalse(ends.endpoint.hasAcknowledgedAlone());
        assertEquals(0, ends.endpoint.pollOutput(wire, 0, 1472, header, 0, now), "and it is all that there was");
        client.ping();
        all(1).forEach(each -> feed(1, each));
        now += 25 * MILLI;
        ends.endpoint.onDeadline(now);
        assertTrue(ends.endpoint.pollOutput(wire, 0, 1472, header, 0, now) > 0);
        assertTrue(ends.endpoint.hasAcknowledgedAlone(), "the next one has waited");
    }

    enum AtOnce { SECOND, BEHIND_A_GAP, MARKED }

    /// The word that its handshake was given up is lost, and so is the connection: what a client says under the handshake's keys, the only ones that it may ask with before HANDSHAKE_DONE
    /// came, is answered by a stateless reset, whose token it has.
    @Test
    void whoIsDoneWhenItsHandshakeWasGivenUpIsReset() {
        open(5, 1);
        connect(1);
        for (int turns = 0; turns < 20 && !ends.clients.get(1).isConnected(); turns++) {
            all(1).forEach(each -> feed(1, each));
            drain();
        }
        QuicConnection client = ends.clients.get(1);
        assertTrue(client.isConnected());
        long stream = client.open(true);
        client.write(stream, MemorySegment.ofArray(new byte[] {1, 2, 3}), 0, 3);
        all(1);
        now += 10_001 * MILLI;
        ends.endpoint.onDeadline(now);
        while (ends.endpoint.pollOutput(wire, 0, 1472, header, 0, now) > 0) {
            ends.endpoint.pollEvent();
        }
        pass(0);
        converse();
        assertEquals(0, ends.endpoint.connectionCount());
        assertFalse(client.isConnected(), client.toString());
        assertTrue(client.isClosedByPeer(), "and not by its own time-out");
    }

    /// Nobody answers: without an idle time as well a client's handshake comes to an end.
    @Test
    void aClientThatNobodyAnswersGivesUp() {
        open(QuicConfig.tight().withIdle(0), EndpointConfig.defaults(1, 1), EndpointKeys.none());
        connect(0);
        QuicConnection client = ends.clients.get(0);
        long begun = now;
        for (int probes = 0; probes < 40 && !client.isEnded(); probes++) {
            all(0);
            now = client.deadlineNanos();
            client.onDeadline(now);
        }
        assertTrue(client.isEnded());
        assertTrue(now - begun < 300_000 * MILLI);
    }

    @Test
    void aFirstPacketThatComesOnceMoreBeginsNoSecondConnection() {
        open(5, 5);
        connect(0);
        List<byte[]> hello = all(0);
        for (byte[] each : hello) {
            feed(0, each);
            feed(0, each);
        }
        assertEquals(1, ends.endpoint.connectionCount());
        converse();
        assertTrue(ends.clients.get(0).isConfirmed());
        hello.forEach(each -> feed(0, each));
        assertEquals(1, ends.endpoint.connectionCount(), "long after");
        exchange(0);
    }

    @Test
    void whoComesBehindTheWordThatNobodyMayIsRefusedAndTheOthersGoOn() {
        open(4, 4);
        connect(0);
        converse();
        connect(1);
        turn();
        ends.endpoint.refuseNewcomers();
        connect(2);
        converse();
        assertEquals(TransportError.CONNECTION_REFUSED, ends.clients.get(2).closeCode());
        assertTrue(ends.clients.get(1).isConnected(), "its handshake had begun");
        assertEquals(2, ends.endpoint.connectionCount());
        exchange(0);
        exchange(1);
        ends.endpoint.reset(now);
        connect(3);
        converse();
        assertTrue(ends.clients.get(3).isConnected());
    }

    @Test
    void aShutdownTellsAllOfThemAndRefusesOthers() {
        open(3, 3);
        connect(0);
        connect(1);
        converse();
        ends.endpoint.shutdown(now);
        connect(2);
        converse();
        assertEquals(TransportError.CONNECTION_REFUSED, ends.clients.get(2).closeCode());
        assertTrue(ends.clients.get(0).isClosedByPeer() && ends.clients.get(1).isClosedByPeer());
        for (int i = 0; i < 200 && !ends.endpoint.isEnded(); i++) {
            pass(100 * MILLI);
            turn();
        }
        assertTrue(ends.endpoint.isEnded());
        assertFalse(told.isEmpty());
        assertEquals(Long.MAX_VALUE, ends.endpoint.deadlineNanos());
    }

    @Test
    void aConnectionMoreCostsFewBytesBesideItsCore() {
        long one = QuicEndpoint.plan(EndpointConfig.defaults(1, 1)).totalBytes();
        long more = QuicEndpoint.plan(EndpointConfig.defaults(100_000, 1)).totalBytes();
        assertTrue((more - one) / 99_999 <= 80, (more - one) / 99_999 + " bytes each");
        assertTrue(one <= 13_000, one + " bytes for one");
    }

    @Test
    void whoLackedABlockGoesOnWhenOneIsGivenBack() {
        open(QuicConfig.tight().withBlocks(128, 64).withWindows(4096, 8192, 8192), EndpointConfig.defaults(2, 2), EndpointKeys.none());
        connect(0);
        connect(1);
        converse();
        Blocks blocks = ends.serverLoop.blocks;
        int taken = Blocks.NONE;
        for (int block; (block = blocks.of(ends.endpoint.connection(0).c.core + ConnectionLayout.OWNER).tryTake(Blocks.LAST)) != Blocks.NONE;) {
            blocks.next(block, taken);
            taken = block;
        }
        QuicConnection server = ends.endpoint.connection(1);
        long stream = server.open(true);
        assertEquals(StreamTransport.NONE, stream, "not even a stream");
        ends.endpoint.turnSoon(1);
        drain();
        for (int i = 0; i < 5; i++) {
            taken = blocks.of(ends.endpoint.connection(0).c.core + ConnectionLayout.OWNER).release(taken);
        }
        stream = server.open(true);
        assertEquals(0, server.outputFree(stream), "no more than a stream");
        ends.endpoint.turnSoon(1);
        drain();
        told.clear();
        drain();
        assertEquals(List.of(), told);
        blocks.of(ends.endpoint.connection(0).c.core + ConnectionLayout.OWNER).releaseChain(taken);
        drain();
        assertEquals(List.of("1 STREAMS"), told, "there is room");
        assertTrue(server.outputFree(stream) > 0);
    }
}
