package dev.coffer.quic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.memory.engine.NetworkPath;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

/// Who waits for an answer keeps the connection, and the path to itself (RFC 9000, section 10.1.2); who waits for nothing does not.
class QuicKeepAliveTest extends Talk {
    private static final long SECOND = 1000 * MILLI;
    private static final int HOST = 0x0a000002;

    QuicKeepAliveTest() {
        super(QuicConfig.tight());
    }

    /// Time passes from deadline to deadline, the client is heard from that port.
    ///
    /// @return datagrams that the client said
    private int pass(long nanos, int port) {
        int said = 0;
        for (long until = now + nanos; now < until;) {
            now = Math.min(until, Math.min(ends.client.deadlineNanos(), ends.server.deadlineNanos()));
            ends.client.onDeadline(now);
            ends.server.onDeadline(now);
            for (int quiet = 0; quiet < 2;) {
                boolean client = carry(ends.client, HOST, port);
                said += client ? 1 : 0;
                quiet = client | carry(ends.server, 0, 0) ? 0 : quiet + 1;
            }
        }
        return said;
    }

    private long ask() {
        converse();
        long stream = ends.client.open(true);
        ends.client.write(stream, MemorySegment.ofArray(new byte[] {1}), 0, 1);
        ends.client.finish(stream);
        converse();
        assertEquals(stream, ends.server.pollReady());
        ends.server.consume(stream, 1);
        return stream;
    }

    private void answer(long stream, int port) {
        ends.server.write(stream, MemorySegment.ofArray(new byte[] {2, 3}), 0, 2);
        ends.server.finish(stream);
        pass(SECOND, port);
        pass(SECOND, port);     // its ACK
    }

    @Test
    void anAnswerMayTakeTenMinutesAndAPingGoesEveryFifteenSeconds() {
        long stream = ask();
        int said = pass(600 * SECOND, 5000);
        assertTrue(ends.client.isConnected() && ends.server.isConnected());
        assertTrue(said >= 39 && said <= 42, said + " datagrams");
        answer(stream, 5000);
        assertEquals(2, ends.client.inputLength(stream));
    }

    @Test
    void whatHasComeWholeAndNobodyReadsKeepsNothing() {
        long stream = ask();
        answer(stream, 5000);
        assertEquals(0, pass(28 * SECOND, 5000));
        pass(4 * SECOND, 5000);
        assertFalse(ends.client.isConnected() || ends.server.isConnected());
    }

    @Test
    void whatIsNotWantedKeepsNothing() {
        long stream = ask();
        ends.client.stopSending(stream, 1);
        pass(SECOND, 5000);
        pass(31 * SECOND, 5000);
        assertFalse(ends.client.isConnected() || ends.server.isConnected());
    }

    @Test
    void whoWaitsForNothingEndsAfterTheIdleTime() {
        converse();
        assertEquals(0, pass(29 * SECOND, 5000));
        pass(2 * SECOND, 5000);
        assertFalse(ends.client.isConnected() || ends.server.isConnected());
    }

    /// Both sides have their idle time anew by each PING, of whichever side, and nothing more goes than it and its ACK.
    @Test
    void aPingOfTheApplicationsKeepsAConnectionOfWhichNothingIsAsked() {
        ends.client.ping();  // to nobody yet
        converse();
        for (int i = 0; i < 6; i++) {
            QuicConnection of = i % 2 == 0 ? ends.client : ends.server;
            of.ping();
            of.ping();
            assertEquals(1, pass(SECOND, 5000) + pass(19 * SECOND, 5000), "a PING, or its ACK");
            assertTrue(ends.client.isConnected() && ends.server.isConnected(), "PING " + i);
        }
        pass(31 * SECOND, 5000);
        assertFalse(ends.client.isConnected() || ends.server.isConnected());
        ends.client.ping();
        assertEquals(0, pass(SECOND, 5000), "to nobody any more");
    }

    /// A NAT has forgotten its client, who waits: the next PING tells the server where it is now.
    @Test
    void anAnswerFindsItsClientBehindAnotherPort() {
        long stream = ask();
        pass(20 * SECOND, 6000);
        ends.server.path(path, 0);
        assertEquals(6000, NetworkPath.remotePort(path, 0));
        answer(stream, 6000);
        assertEquals(2, ends.client.inputLength(stream));
    }
}
