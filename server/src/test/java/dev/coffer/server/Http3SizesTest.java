package dev.coffer.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/// What more connections of HTTP/3 bring with them.
class Http3SizesTest {
    @Test
    void moreConnectionsBringTheBlocksThatTheyHoldAndPlacesForHandshakes() {
        Http3Serving base = Http3Serving.defaults();
        Http3Serving many = base.withConnections(10_000);
        assertEquals(10_000, many.connections());
        assertEquals(base.quic().blocks() + 6 * (10_000 - base.connections()), many.quic().blocks());
        assertEquals(10_000 / 64, many.handshakes());
        assertEquals(base.quic().blockBytes(), many.quic().blockBytes());
    }

    @Test
    void fewerConnectionsLeaveTheBlocksAsTheyAre() {
        Http3Serving few = Http3Serving.defaults().withConnections(1);
        assertEquals(Http3Serving.defaults().quic().blocks(), few.quic().blocks());
        assertEquals(1, few.handshakes());
    }

    @Test
    void aRefusalNamesHowManyThereMayBe() {
        Http3Serving base = Http3Serving.defaults();
        String refused = assertThrows(IllegalArgumentException.class, () -> base.withConnections(500_000)).getMessage();
        assertTrue(refused.contains("connections: 500000 (expected 1..174208"), refused);
        int most = 174_208;
        assertTrue(base.withConnections(most).quic().blocks() <= 1 << 20);
        assertThrows(IllegalArgumentException.class, () -> base.withConnections(most + 1));
        assertThrows(IllegalArgumentException.class, () -> base.withConnections(0));
        assertThrows(IllegalArgumentException.class, () -> base.withConnections((1 << 20) + 1));
    }
}
