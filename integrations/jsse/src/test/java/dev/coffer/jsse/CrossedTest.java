package dev.coffer.jsse;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.jsse.Certificates.Side;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Our engine and the JDK's, each with itself and with the other.
final class CrossedTest {
    static Stream<Arguments> pairs() {
        return Stream.of(Side.values()).flatMap(client -> Stream.of(Side.values()).map(server -> Arguments.of(client, server)));
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void handshakeDataAndCloseGoThrough(Side client, Side server) throws Exception {
        Exchange exchange = new Exchange(client.client().createSSLEngine("localhost", 443), server.server("EC").createSSLEngine());
        exchange.handshake();
        assertEquals(client == Side.JDK && exchange.finishedByClient > 1 ? 2 : 1, exchange.finishedByClient, exchange.log::toString);  // the JDK tells it for a ticket too
        assertEquals(1, exchange.finishedByServer, exchange.log::toString);
        byte[] question = new byte[40_000];
        java.util.Arrays.fill(question, (byte) 7);
        exchange.say(true, question);
        assertArrayEquals(question, Exchange.taken(exchange.heardByServer));
        exchange.say(false, "answer".getBytes());
        assertArrayEquals("answer".getBytes(), Exchange.taken(exchange.heardByClient));
        assertEquals("TLSv1.3", exchange.client.getSession().getProtocol());
        assertEquals(exchange.server.getSession().getCipherSuite(), exchange.client.getSession().getCipherSuite());
        assertEquals("CN=EC", exchange.client.getSession().getPeerPrincipal().getName());
        exchange.client.closeOutbound();
        exchange.settle();
        assertTrue(exchange.server.isInboundDone());
        assertFalse(exchange.server.isOutboundDone());
        exchange.server.closeOutbound();
        exchange.settle();
        assertTrue(exchange.client.isInboundDone() && exchange.client.isOutboundDone() && exchange.server.isOutboundDone());
    }
}
