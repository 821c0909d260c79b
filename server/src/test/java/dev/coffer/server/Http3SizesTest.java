package dev.coffer.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.quic.QuicConfig;
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

    /// RFC 9114, section 6.2: three streams of one direction, and 1,024 octets for each where memory is not what counts (decision 0236).
    @Test
    void aClientHasStreamsForWhatItHasToSay() {
        for (Http3Serving each : new Http3Serving[] {Http3Serving.defaults(), Http3Serving.tight(), Http3Serving.tight().withQuic(QuicConfig.tight())}) {
            assertTrue(each.quic().streamsUni() > 3, "one that is reserved beside them");
        }
        assertTrue(Http3Serving.defaults().quic().streamBytes() >= 1024);
        Http3Serving base = Http3Serving.tight();
        QuicConfig two = base.quic().withStreams(base.quic().streamsBidi(), 2);
        assertThrows(IllegalArgumentException.class, () -> new Http3Serving(base.config(), two, false, 4, 2, 16));
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
