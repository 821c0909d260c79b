package dev.coffer.quic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.memory.engine.DatagramHeader;
import dev.coffer.memory.engine.NetworkPath;
import dev.coffer.testkit.Seeds;
import dev.coffer.tls.TlsClientConfig;
import dev.coffer.tls.TlsServerConfig;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Hellos that are longer than a handshake's slot has room for, of more than one client at a time, for the one place of them that there is.
class LongHelloTest extends EndpointTalk {
    private static final int CRYPTO_BYTES = 2048;

    /// Clients whose hellos have more than 2,048 bytes, which is more than the server's connections keep of what is not read.
    private void openLong() {
        openLong(CRYPTO_BYTES);
    }

    private void openLong(int cryptoBytes) {
        QuicConfig tight = QuicConfig.tight();
        QuicConfig quic = new QuicConfig(tight.blockBytes(), 1024, tight.streamsBidi(), tight.streamsUni(), tight.streamBytes(), tight.connectionBytes(),
                tight.sendBytes(), tight.records(), tight.ranges(), cryptoBytes, tight.datagramBytes(), tight.idleNanos(), tight.ackDelayNanos(),
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

    /// {@return ports that the server says something long to, in their order: its answers to hellos}
    private List<Integer> answered() {
        List<Integer> ports = new ArrayList<>();
        for (long bytes; (bytes = ends.endpoint.pollOutput(wire, 0, 1472, header, 0, now)) > 0;) {
            int port = NetworkPath.remotePort(header, DatagramHeader.PATH);
            if (bytes >= 1000 && !ports.contains(port)) {
                ports.add(port);
            }
        }
        return ports;
    }

    /// Time goes by to when the endpoint asks for it last, and that is then; nobody is answered before.
    private void passUntil(long end) {
        while (now < end) {
            assertEquals(List.of(), answered());
            now = ends.endpoint.deadlineNanos();
            assertTrue(now <= end, () -> now - end + " ns too late");
            ends.endpoint.onDeadline(now);
        }
    }

    /// They stand in a line: none has to ask again, and no time goes by.
    @Test
    void whoWaitsIsServedInTheOrderOfThatWhenThePlaceIsFree() {
        Seeds.forEach(1, 20, random -> {
            openLong(2 * CRYPTO_BYTES);  // which are kept whole
            connect(0);
            List<byte[]> first = all(0);
            feed(0, first.getFirst());
            List<Integer> line = new ArrayList<>(List.of(1, 2, 3, 4));
            for (int i = line.size() - 1; i > 0; i--) {
                Collections.swap(line, i, random.nextInt(i + 1));
            }
            for (int client : line) {
                connect(client);
                all(client).forEach(each -> feed(client, each));
            }
            assertEquals(List.of(), answered());
            boolean speaks = random.nextBoolean();
            if (speaks) {
                first.subList(1, first.size()).forEach(each -> feed(0, each));
            } else {
                passUntil(now + 1000 * MILLI);  // when that has had its second
            }
            List<Integer> expected = new ArrayList<>(speaks ? List.of(5000) : List.of());
            line.forEach(client -> expected.add(5000 + client));
            assertEquals(expected, answered());
            end();
            ends = null;
        });
    }

    /// It is its turn, and it does not come, as it is over: the next one has its own a quarter of a second later. Who is gone keeps nobody.
    @Test
    void whoDoesNotTakeItKeepsNobodyForLong() {
        openLong(2 * CRYPTO_BYTES);  // which are kept whole
        connect(0);
        List<byte[]> first = all(0);
        feed(0, first.getFirst());
        for (int client = 1; client <= 3; client++) {
            connect(client);
            int of = client;
            all(client).forEach(each -> feed(of, each));
        }
        assertEquals(List.of(), answered());
        ends.endpoint.connection(2).c.end();  // gone
        first.subList(1, first.size()).forEach(each -> feed(0, each));
        assertEquals(now, ends.serverContext.longHelloNanos(now), "it is somebody's turn");
        assertEquals(ends.endpoint.connection(1).c, ends.serverContext.nextLongHello(now));
        assertNull(ends.serverContext.nextLongHello(now), "once");
        assertEquals(now + 250 * MILLI, ends.serverContext.longHelloNanos(now));
        now += 250 * MILLI - 1;
        assertNull(ends.serverContext.nextLongHello(now));
        now++;
        assertEquals(ends.endpoint.connection(3).c, ends.serverContext.nextLongHello(now));
        now += 250 * MILLI;
        assertEquals(ends.endpoint.connection(1).c, ends.serverContext.nextLongHello(now), "it stands last, and is first again");
        now += 250 * MILLI;
        ends.endpoint.onDeadline(now);
        assertEquals(List.of(5000, 5003, 5001), answered());
    }
}
