package dev.coffer.quic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.tls.TlsClientConfig;
import dev.coffer.tls.TlsServerConfig;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Hellos that are longer than a handshake's slot has room for, of more than one client at a time, for the one place of them that there is.
class LongHelloTest extends EndpointTalk {
    private static final int CRYPTO_BYTES = 2048;

    /// Clients whose hellos have more than 2,048 bytes, which is more than the server's connections keep of what is not read.
    private void openLong() {
        QuicConfig tight = QuicConfig.tight();
        QuicConfig quic = new QuicConfig(tight.blockBytes(), 1024, tight.streamsBidi(), tight.streamsUni(), tight.streamBytes(), tight.connectionBytes(),
                tight.sendBytes(), tight.records(), tight.ranges(), CRYPTO_BYTES, tight.datagramBytes(), tight.idleNanos(), tight.ackDelayNanos(),
                tight.cubic(),
                tight.datagramQueueBytes());
        ends = new EndpointEnds(quic, quic, EndpointConfig.defaults(5, 5), EndpointKeys.none(), CLIENTS,
                Ends.tls().withHelloBytesMax(1024).withLongHelloBytesMax(4096),
                TlsClientConfig.defaults().withProtocols("h3", "x".repeat(250), "y".repeat(250)));
        ends.clients.forEach(client -> client.reset(now));
    }

    @Override
    void connect(int client) {
        connect(client, ("a".repeat(60) + ".").repeat(3) + "coffer.test");
    }

    private boolean isConfirmed(int client) {
        return ends.clients.get(client).isConfirmed();
    }

    private void goOn(int turns) {
        for (int i = 0; i < turns; i++) {
            turn();
            pass(100 * MILLI);
        }
    }

    /// Clients of one hello each whose longest names are such that it has 2,131 bytes: with a ticket a browser's may have so many.
    private void openTight() {
        ends = new EndpointEnds(QuicConfig.tight(), QuicConfig.tight(), EndpointConfig.defaults(5, 5), EndpointKeys.none(), CLIENTS,
                TlsServerConfig.tight().withProtocols("h3"),
                TlsClientConfig.defaults().withProtocols("h3", "x".repeat(250), "y".repeat(250)));
        ends.clients.forEach(client -> client.reset(now));
    }

    /// What the tight profile's slots have room for waits for nobody.
    @Test
    void ofTheTightProfilesOwnNoneWaits() {
        openTight();
        for (int client = 1; client <= 2; client++) {
            connect(client);
        }
        List<byte[]> first = all(1);
        List<byte[]> second = all(2);
        assertTrue(first.size() > 1 && second.size() > 1);
        feed(1, first.getFirst());
        second.forEach(each -> feed(2, each));
        drain();
        for (int i = 0; i < 10; i++) {
            turn();
        }
        assertEquals(List.of("1 CONNECTED"), told, "the other's hello is half there");
        first.subList(1, first.size()).forEach(each -> feed(1, each));
        drain();
        for (int i = 0; i < 10; i++) {
            turn();
        }
        assertEquals(List.of("1 CONNECTED", "0 CONNECTED"), told);
    }

    /// Of the second the server keeps what it has room for, and reads it when it asks again.
    @Test
    void theSecondWaitsForTheFirst() {
        openLong();
        connect(1);
        List<byte[]> first = all(1);
        assertTrue(first.stream().mapToInt(each -> each.length).sum() > CRYPTO_BYTES + 300, () -> first.size() + " datagrams");
        feed(1, first.getFirst());  // which has the place
        connect(2);
        all(2).forEach(each -> feed(2, each));
        drain();
        assertEquals(2, ends.endpoint.connectionCount());
        assertFalse(isConfirmed(2));
        first.subList(1, first.size()).forEach(each -> feed(1, each));
        drain();
        goOn(30);
        assertTrue(isConfirmed(1), () -> ends.clients.get(1).toString());
        assertTrue(isConfirmed(2), () -> ends.clients.get(2).toString());
        assertEquals(List.of("0 CONNECTED", "1 CONNECTED"), told);
    }

    /// Whoever says no more keeps it for a second.
    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void whoSpeaksSlowlyGivesWay(int others) {
        openLong();
        connect(0);
        feed(0, all(0).getFirst());
        ends.clients.getFirst().reset(now);
        for (int client = 1; client <= others; client++) {
            connect(client);
        }
        goOn(5);
        assertEquals(List.of(), told);
        goOn(60);
        for (int client = 1; client <= others; client++) {
            assertTrue(isConfirmed(client), "client " + client);
        }
    }
}
