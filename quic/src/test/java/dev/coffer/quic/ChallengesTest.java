package dev.coffer.quic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.memory.engine.DatagramHeader;
import dev.coffer.memory.engine.NetworkPath;
import dev.coffer.quic.packet.ConnectionId;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What a path is asked and who may answer (RFC 9000, sections 8.2 and 13.3), which way a client goes that was asked to stay (sections 9.6 and 18.2), and whose resets are heard meanwhile.
class ChallengesTest extends Talk {
    private static final int HOME = 0x0a000002;
    private static final int PORT = 5000;
    private static final byte PING = 0x01;

    ChallengesTest() {
        super(QuicConfig.tight());
    }

    @BeforeEach
    void connected() {
        converse();
        assertTrue(ends.server.isConfirmed() && ends.client.isConfirmed());
    }

    private byte[] answer(long asked) {
        return packet(ends.client, ByteBuffer.allocate(9).put((byte) 0x1b).putLong(asked).array());
    }

    /// {@return what the server asks at a port now, as the client hears it}
    private List<Long> asked(int port) {
        List<Long> asked = new ArrayList<>();
        for (Datagram each : all(ends.server)) {
            if (each.port() == port) {
                ends.client.c.challengeDue = false;
                feed(ends.client, each.bytes(), 0x0a000001, 443);
                if (ends.client.c.challengeDue) {
                    asked.add(ends.client.c.challenge);
                }
            }
        }
        return asked;
    }

    /// @param rounds  of asking
    private List<Long> askedFor(int rounds, int port) {
        List<Long> all = new ArrayList<>();
        for (int i = 0; i < rounds; i++) {
            all.addAll(asked(port));
            now = Math.max(now, ends.server.deadlineNanos());
            ends.server.onDeadline(now);
            feed(ends.server, packet(ends.client, PING), HOME, 6000);  // pays for the next
        }
        return all;
    }

    @Test
    void eachRoundAsksSomethingElse() {
        feed(ends.server, packet(ends.client, PING), HOME, 6000);
        for (int port : new int[] {6000, PORT}) {
            List<Long> asked = askedFor(4, port);
            assertTrue(asked.size() >= 3, () -> asked.size() + " times, at " + port);
            assertEquals(asked.size(), new HashSet<>(asked).size(), "none of them twice");
        }
    }

    @Test
    void theAnswerToAnEarlierRoundCounts() {
        feed(ends.server, packet(ends.client, PING), HOME, 6000);
        List<Long> asked = askedFor(3, 6000);
        assertTrue(asked.size() >= 2);
        assertFalse(ends.server.c.validated);
        feed(ends.server, answer(asked.getFirst() ^ 1L << 40), HOME, 6000);
        feed(ends.server, answer(asked.getFirst() ^ 0xff), HOME, 6000);
        assertFalse(ends.server.c.validated, "nobody asked that");
        feed(ends.server, answer(asked.getFirst()), HOME, 6000);
        assertTrue(ends.server.c.validated);
    }

    /// A path of a millisecond whose peer acknowledges at once: 1,100 rounds before nothing is hoped for any more, of which 256 are told apart.
    @Test
    void behindTheLastRoundOfManyItIsDrawnAnew() {
        Connection c = ends.server.c;
        c.peerDelayNanosMax = 0;
        for (int i = 0; i < 100; i++) {
            RoundTrip.sample(c.memory, c.recoveryAt() + LossRecovery.ROUND_TRIP, MILLI, 0, now);
        }
        feed(ends.server, packet(ends.client, PING), HOME, 6000);
        HashSet<Long> asked = new HashSet<>();
        while (!c.validated && c.paths != Blocks.NONE) {
            assertTrue(asked.add(Paths.data(c, 0)) && asked.add(Paths.data(c, 1)), "asked twice, in round " + asked.size() / 2);
            now = Paths.deadlineNanos(c);
            Paths.onDeadline(c, now);
        }
        assertTrue(asked.size() > 4 * 256, asked.size() + " questions");
    }

    @Test
    void whoIsAskedToStayMayGoToThePreferredAddressAlone() {
        ends.client.c.peerStays = true;
        NetworkPath.ipv4(path, 0, 0x0a000001, 443, HOME, 5001);
        assertFalse(ends.client.migrate(path, 0, now), "another port of its own");
        NetworkPath.ipv4(path, 0, 0x0a000001, 443, HOME + 1, PORT);
        assertFalse(ends.client.migrate(path, 0, now), "another address of its own");
        NetworkPath.ipv4(path, 0, 0x0a000009, 8443, HOME, PORT);
        assertTrue(ends.client.migrate(path, 0, now), "where the server would rather be spoken to");
    }

    /// Section 10.3.1: a token counts where the ID that it is of was used.
    @Test
    void aResetIsHeardOnThePathThatIsAskedByTheTokenOfItsId() {
        Connection c = ends.client.c;
        NetworkPath.ipv4(path, 0, 0x0a000001, 443, HOME, 5001);
        long spare = PeerIds.spare(c);
        assertTrue(ends.client.migrate(path, 0, now));
        byte[] reset = new byte[43];
        long token = PeerIds.idAt(c, spare) - ConnectionLayout.PEER_ID + ConnectionLayout.PEER_ID_TOKEN;
        MemorySegment.copy(c.memory, ValueLayout.JAVA_BYTE, token, reset, 27, 16);
        reset[0] = 0x5b;
        feed(ends.client, reset, 0x0a000001, 443);
        assertTrue(ends.client.isConnected(), "of an ID that nothing was sent to from here");
        feedAt(5001, reset);
        assertFalse(ends.client.isConnected());
        assertEquals(Connection.DRAINING, c.phase);
    }

    private void feedAt(int port, byte[] datagram) {
        MemorySegment.copy(datagram, 0, wire, ValueLayout.JAVA_BYTE, 0, datagram.length);
        NetworkPath.ipv4(header, DatagramHeader.PATH, 0x0a000001, 443, HOME, port);
        ends.client.feed(wire, 0, datagram.length, header, 0, now);
    }

    /// Section 9.5: whoever sees both paths does not know that they are of one connection.
    @Test
    void anotherPathHasAnotherId() {
        Connection server = ends.server.c;
        long before = PeerIds.current(server);
        feed(ends.server, packet(ends.client, PING), HOME, 6000);
        assertTrue(PeerIds.current(server) > before, "where the client is");
        assertEquals(PeerIds.idAt(server, before), Paths.otherIdAt(server), "where it was");
        converse(HOME, 6000);
        assertEquals(before + 2, PeerIds.spare(server), "what was used there is given back, and another is had for it");
        Connection client = ends.client.c;
        long inUse = client.peerIdAt();
        NetworkPath.ipv4(path, 0, 0x0a000001, 443, HOME, 5001);
        assertTrue(ends.client.migrate(path, 0, now));
        assertTrue(Paths.otherIdAt(client) != inUse);
        byte[] asked = all(ends.client).getFirst().bytes();
        long other = Paths.otherIdAt(client) + ConnectionId.VALUE;
        assertEquals(-1, MemorySegment.mismatch(MemorySegment.ofArray(asked), 1, 9, client.memory, other, other + 8));
    }
}
