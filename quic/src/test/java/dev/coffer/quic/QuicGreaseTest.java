package dev.coffer.quic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.memory.engine.DatagramHeader;
import dev.coffer.memory.engine.NetworkPath;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The fixed bit of packets, which is any value once the peer has said that it takes that (RFC 9287).
class QuicGreaseTest extends EndpointTalk {
    private static final int ROUNDS = 40;

    /// First bytes of datagrams, in order.
    private final List<Byte> ofClient = new ArrayList<>();
    private final List<Byte> ofServer = new ArrayList<>();

    @BeforeEach
    void open() {
        open(CLIENTS, CLIENTS);
    }

    @Override
    void feed(int client, byte[] datagram) {
        ofClient.add(datagram[0]);
        super.feed(client, datagram);
    }

    /// As of a turn of one client, with what the endpoint says looked at.
    private void turn(int client) {
        all(client).forEach(each -> feed(client, each));
        for (QuicEvent event; (event = ends.endpoint.pollEvent()) != null;) {
            if (event == QuicEvent.STREAMS) {
                Echo.echo(ends.endpoint.connection(ends.endpoint.number()));
            }
        }
        for (long bytes; (bytes = ends.endpoint.pollOutput(wire, 0, 1472, header, 0, now)) > 0;) {
            ofServer.add(wire.get(ValueLayout.JAVA_BYTE, 0));
            NetworkPath.ipv4(header, DatagramHeader.PATH, 0x0a000001, 443, 0x0a000002, 5000 + client);
            ends.clients.get(client).feed(wire, 0, bytes, header, 0, now);
        }
        pass(30 * MILLI);
    }

    /// Streams there and back, whose every byte is heard.
    private void speak(int client) {
        Echo.Speaker speaker = new Echo.Speaker(ends.clients.get(client), ROUNDS, 10);
        for (int i = 0; i < 10 * ROUNDS && speaker.done < ROUNDS; i++) {
            speaker.go();
            turn(client);
        }
        assertEquals(ROUNDS, speaker.done, "streams that were heard again");
    }

    private static long cleared(List<Byte> firstBytes) {
        return firstBytes.stream().filter(each -> (each & 0x40) == 0).count();
    }

    private static void assertBothValues(List<Byte> firstBytes) {
        long cleared = cleared(firstBytes);
        assertTrue(cleared > firstBytes.size() / 8 && cleared < firstBytes.size() * 7L / 8, cleared + " of " + firstBytes.size());
    }

    @Test
    void bothValuesOfTheFixedBitAreSentAndTaken() {
        connect(0);
        speak(0);
        assertBothValues(ofClient);
        assertBothValues(ofServer);
    }

    @Test
    void aClientThatHasNotHeardTheServerSetsIt() {
        for (int round = 0; round < ROUNDS; round++) {
            connect(0);
            List<byte[]> first = all(0);
            pass(3000 * MILLI);
            first.addAll(all(0));  // once more, as nobody answered
            assertTrue(first.size() > 1);
            first.forEach(each -> assertEquals(0x40, each[0] & 0x40));
            ends.clients.get(0).reset(now);
        }
    }

    @Test
    void nothingOfItIsRememberedForAnotherConnection() {
        connect(0);
        turn(0);
        turn(0);
        assertTrue(ends.clients.get(0).c.fixedBitFree && ends.endpoint.connection(0).c.fixedBitFree);
        ends.clients.get(0).reset(now);
        ends.endpoint.reset(now);
        assertFalse(ends.clients.get(0).c.fixedBitFree || ends.endpoint.connection(0).c.fixedBitFree);
    }

    @Test
    void aPeerThatHasNotSaidItGetsTheFixedBit() {
        connect(0);
        turn(0);
        turn(0);
        ends.clients.get(0).c.fixedBitFree = false;
        ends.endpoint.connection(0).c.fixedBitFree = false;
        ofClient.clear();
        ofServer.clear();
        speak(0);
        assertEquals(0, cleared(ofClient) + cleared(ofServer));
    }

    @Test
    void aFirstPacketWithoutItBeginsAConnection() {
        List<byte[]> first = List.of();
        for (int round = 0; round < 100 && (first.isEmpty() || cleared(first.stream().map(each -> each[0]).toList()) < first.size()); round++) {
            ends.clients.get(0).reset(now);
            connect(0);
            ends.clients.get(0).c.fixedBitFree = true;  // as a client may that has a token of a server that said it (section 3.1)
            first = all(0);
        }
        assertEquals(first.size(), cleared(first.stream().map(each -> each[0]).toList()), "all of a flight");
        first.forEach(each -> feed(0, each));
        assertEquals(1, ends.endpoint.connectionCount());
        converse();
        exchange(0);
    }
}
