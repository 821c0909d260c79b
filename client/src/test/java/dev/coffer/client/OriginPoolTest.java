package dev.coffer.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// In which order an origin's addresses are tried over QUIC.
class OriginPoolTest {
    private final OriginPool pool = new OriginPool();

    @BeforeEach
    void find() throws UnknownHostException {
        pool.begin(Origin.of(URI.create("https://localhost")), 0, true, false);
        pool.found(new InetAddress[] {InetAddress.getByName("::1"), InetAddress.getByName("127.0.0.1")}, 0);
    }

    private String asked() {
        return pool.addressQuic().getAddress().getHostAddress();
    }

    /// A server that listens at one of two addresses is climbed to there: at the other nobody says that nobody is there, and the calls would not wait.
    @Test
    void anAddressThatTcpHasReachedIsAskedFirst() {
        pool.reached(1);
        assertEquals("127.0.0.1", asked());
        assertTrue(pool.isFirstQuic());
        assertFalse(pool.missedByQuic(1));
        assertEquals("0:0:0:0:0:0:0:1", asked());
        assertFalse(pool.isFirstQuic());
        assertTrue(pool.missedByQuic(0), "all were tried");
        assertEquals("127.0.0.1", asked());
    }

    @Test
    void whereNothingIsKnownTheyAreAskedInTheirOrder() {
        assertEquals("0:0:0:0:0:0:0:1", asked());
        assertFalse(pool.missedByQuic(1), "another round's");
        assertFalse(pool.missedByQuic(0));
        assertEquals("127.0.0.1", asked());
        assertTrue(pool.missedByQuic(1));
    }

    /// What QUIC has reached counts more than what TCP has, until it is missed.
    @Test
    void anAddressThatWasReachedIsAskedAgain() {
        pool.reachedByQuic(0);
        pool.reached(1);
        assertEquals("0:0:0:0:0:0:0:1", asked());
        assertFalse(pool.missedByQuic(0));
        pool.reached(1);
        assertEquals("127.0.0.1", asked());
        assertTrue(pool.missedByQuic(1));
        pool.reached(1);
        assertEquals("127.0.0.1", asked(), "none is known any more");
    }
}
