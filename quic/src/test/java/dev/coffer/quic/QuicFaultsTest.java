package dev.coffer.quic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.memory.engine.DatagramHeader;
import dev.coffer.memory.engine.NetworkPath;
import dev.coffer.quic.frame.TransportError;
import dev.coffer.quic.packet.Version;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What throws in the midst of one connection, where nothing should: it costs that connection, is thrown on once, and costs no other anything. The faults here are a source of
/// randomness that has none, and a connection whose version is gone, so that it has no keys.
class QuicFaultsTest extends EndpointTalk {
    private void feedFrom(int client, byte[] datagram, int host) {
        MemorySegment.copy(datagram, 0, wire, ValueLayout.JAVA_BYTE, 0, datagram.length);
        DatagramHeader.ecn(header, 0, DatagramHeader.NOT_ECT);
        NetworkPath.ipv4(header, DatagramHeader.PATH, host, 5000 + client, 0x0a000001, 443);
        ends.endpoint.feed(wire, 0, datagram.length, header, 0, now);
    }

    private byte[] said(int client) {
        QuicConnection of = ends.clients.get(client);
        long stream = of.open(true);
        of.write(stream, MemorySegment.ofArray(new byte[100]), 0, 100);
        List<byte[]> all = all(client);
        assertEquals(1, all.size());
        return all.get(0);
    }

    private void fails(Runnable turn) {
        ends.entropyFails = true;
        assertEquals("no entropy", assertThrows(IllegalStateException.class, turn::run).getMessage());
        ends.entropyFails = false;
    }

    private void connectBoth() {
        connect(0);
        connect(1);
        converse();
        told.clear();
    }

    private void oneHasEndedAndTheOtherGoesOn() {
        drain();
        assertEquals(List.of("0 CLOSED"), told);
        assertEquals(TransportError.INTERNAL_ERROR, ends.clients.get(0).closeCode());
        assertTrue(ends.clients.get(0).isClosedByPeer(), "its peer is told");
        exchange(1);
        for (int i = 0; i < 200 && ends.endpoint.connectionCount() == 2; i++) {
            pass(100 * MILLI);
            turn();
        }
        assertEquals(1, ends.endpoint.connectionCount(), "its place is free again");
        connect(2);
        converse();
        exchange(2);
    }

    @Test
    void whatADatagramBringsAboutCostsItsConnectionAlone() {
        open(2, 2);
        connectBoth();
        byte[] said = said(0);
        fails(() -> feedFrom(0, said, 0x0a000009));  // it has moved, and is to be asked with something random
        oneHasEndedAndTheOtherGoesOn();
    }

    /// Keys of a phase before are forgotten, which here has none to be asked of.
    @Test
    void whatADeadlineBringsAboutCostsItsConnectionAlone() {
        open(2, 2);
        connectBoth();
        Connection c = ends.endpoint.connection(0).c;
        c.lateAt = now + MILLI;
        ends.endpoint.turnSoon(0);
        drain();
        now += 2 * MILLI;
        broken(c, () -> ends.endpoint.onDeadline(now));
        oneHasEndedAndTheOtherGoesOn();
    }

    @Test
    void whatIsToBeSaidCostsItsConnectionAlone() {
        open(2, 2);
        connectBoth();
        feed(0, said(0));
        echoAll();
        broken(ends.endpoint.connection(0).c, () -> ends.endpoint.pollOutput(wire, 0, 1472, header, 0, now));
        oneHasEndedAndTheOtherGoesOn();
    }

    private void echoAll() {
        for (QuicEvent event; (event = ends.endpoint.pollEvent()) != null;) {
            assertEquals(QuicEvent.STREAMS, event);
            Echo.echo(ends.endpoint.connection(ends.endpoint.number()));
        }
    }

    /// What throws while it is being ended for having thrown ends at once: nobody is told but the application.
    @Test
    void oneThatThrowsForEverEndsAtOnce() {
        open(2, 2);
        connectBoth();
        feed(0, said(0));
        echoAll();
        Connection c = ends.endpoint.connection(0).c;
        broken(c, () -> ends.endpoint.pollOutput(wire, 0, 1472, header, 0, now));
        broken(c, () -> ends.endpoint.pollOutput(wire, 0, 1472, header, 0, now));
        assertEquals(0, ends.endpoint.pollOutput(wire, 0, 1472, header, 0, now));
        drain();
        assertEquals(List.of("0 CLOSED"), told);
        assertEquals(1, ends.endpoint.connectionCount());
        exchange(1);
        ends.clients.get(0).reset(now);
        connect(0);
        converse();
        exchange(0);
    }

    private static void broken(Connection c, Runnable turn) {
        Version version = c.version;
        c.version = null;
        assertThrows(NullPointerException.class, turn::run);
        c.version = version;
    }

    /// The first one to be told is what all hear of who look for it.
    @Test
    void oneThatBeginsWithAFaultHoldsNothing() {
        open(2, 2);
        connect(1);
        converse();
        long held = ends.serverLoop.blocksAccount().usedBytes() + ends.serverLoop.handshakesAccount().usedBytes();
        connect(0);
        List<byte[]> hello = all(0);
        for (int i = 0; i < 5; i++) {
            fails(() -> hello.forEach(each -> feed(0, each)));
            assertEquals(1, ends.endpoint.connectionCount());
            assertEquals(held, ends.serverLoop.blocksAccount().usedBytes() + ends.serverLoop.handshakesAccount().usedBytes());
        }
        assertFalse(told.contains("0 CLOSED"), "nobody knew of it");
        hello.forEach(each -> feed(0, each));
        converse();
        exchange(0);
        exchange(1);
    }
}
