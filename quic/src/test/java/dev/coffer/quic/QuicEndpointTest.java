package dev.coffer.quic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.memory.engine.DatagramHeader;
import dev.coffer.memory.engine.NetworkPath;
import dev.coffer.memory.engine.StreamTransport;
import dev.coffer.quic.frame.TransportError;
import dev.coffer.quic.packet.Version;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Many connections behind one socket, datagram by datagram: who gets what, and what happens where a place is lacking. Client `i` has port 5000 + `i`.
class QuicEndpointTest {
    private static final long MILLI = 1_000_000;
    private static final int CLIENTS = 5;

    private EndpointEnds ends;
    private final MemorySegment wire = Arena.ofAuto().allocate(2048);
    private final MemorySegment header = Arena.ofAuto().allocate(DatagramHeader.BYTES);
    private final MemorySegment path = Arena.ofAuto().allocate(NetworkPath.BYTES);
    private final List<String> told = new ArrayList<>();
    private long now = 1000 * MILLI;

    private void open(int connections, int handshakes) {
        ends = new EndpointEnds(QuicConfig.tight(), QuicConfig.tight(), EndpointConfig.defaults(connections, handshakes), EndpointKeys.none(), CLIENTS);
        ends.clients.forEach(client -> client.reset(now));
    }

    @AfterEach
    void end() {
        ends.endpoint.reset(now);
        ends.clients.forEach(client -> client.reset(now));
        assertEquals(0, ends.held());
        ends.close();
    }

    private void connect(int client) {
        NetworkPath.ipv4(path, 0, 0x0a000001, 443, 0x0a000002, 5000 + client);
        assertTrue(ends.clients.get(client).connect("coffer.test", Version.V1, path, 0, now));
    }

    private List<byte[]> all(int client) {
        List<byte[]> all = new ArrayList<>();
        for (long bytes; (bytes = ends.clients.get(client).pollOutput(wire, 0, 1472, header, 0, now)) > 0;) {
            all.add(wire.asSlice(0, bytes).toArray(ValueLayout.JAVA_BYTE));
        }
        return all;
    }

    private void feed(int client, byte[] datagram) {
        MemorySegment.copy(datagram, 0, wire, ValueLayout.JAVA_BYTE, 0, datagram.length);
        DatagramHeader.ecn(header, 0, DatagramHeader.NOT_ECT);
        NetworkPath.ipv4(header, DatagramHeader.PATH, 0x0a000002, 5000 + client, 0x0a000001, 443);
        ends.endpoint.feed(wire, 0, datagram.length, header, 0, now);
    }

    private boolean drain() {
        boolean moved = false;
        for (boolean more = true; more; moved |= more) {
            long bytes = ends.endpoint.pollOutput(wire, 0, 1472, header, 0, now);
            more = bytes > 0;
            if (more) {
                QuicConnection to = ends.clients.get(NetworkPath.remotePort(header, DatagramHeader.PATH) - 5000);
                NetworkPath.ipv4(header, DatagramHeader.PATH, 0x0a000001, 443, 0x0a000002, 5000 + ends.clients.indexOf(to));
                to.feed(wire, 0, bytes, header, 0, now);
            }
            for (QuicEvent event; (event = ends.endpoint.pollEvent()) != null; more = true) {
                told.add(ends.endpoint.number() + " " + event);
                if (event == QuicEvent.STREAMS) {
                    echo(ends.endpoint.connection(ends.endpoint.number()));
                }
            }
        }
        return moved;
    }

    private static void echo(QuicConnection connection) {
        for (long stream; (stream = connection.pollReady()) != StreamTransport.NONE;) {
            connection.write(stream, connection.inputSegment(stream), connection.inputAt(stream), connection.inputLength(stream));
            connection.consume(stream, connection.inputLength(stream));
            if (connection.isInputEnded(stream)) {
                connection.finish(stream);
                connection.release(stream);
            }
        }
    }

    private boolean turn() {
        boolean moved = false;
        for (int client = 0; client < CLIENTS; client++) {
            List<byte[]> said = all(client);
            for (byte[] each : said) {
                feed(client, each);
            }
            moved |= !said.isEmpty();
        }
        return moved | drain();
    }

    private void converse() {
        for (int quiet = 0; quiet < 3;) {
            quiet = turn() ? 0 : quiet + 1;
            pass(30 * MILLI);
        }
    }

    private void pass(long nanos) {
        now += nanos;
        ends.clients.forEach(client -> client.onDeadline(now));
        ends.endpoint.onDeadline(now);
    }

    private void exchange(int client) {
        QuicConnection of = ends.clients.get(client);
        long stream = of.open(true);
        assertNotEquals(StreamTransport.NONE, stream);
        of.write(stream, MemorySegment.ofArray(new byte[] {(byte) client, 2, 3}), 0, 3);
        of.finish(stream);
        converse();
        assertEquals(stream, of.pollReady());
        assertEquals(3, of.inputLength(stream));
        assertEquals(client, of.inputSegment(stream).get(ValueLayout.JAVA_BYTE, of.inputAt(stream)));
        of.consume(stream, 3);
        assertTrue(of.isInputEnded(stream));
        of.release(stream);
        converse();
    }

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
        assertEquals(0, ends.endpoint.connectionCount());
        assertEquals(0, ends.serverLoop.handshakesAccount().usedBytes());
        assertEquals(List.of("0 CLOSED"), told);
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
}
