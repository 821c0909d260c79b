package dev.coffer.quic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.memory.engine.NetworkPath;
import dev.coffer.quic.frame.FrameType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What a peer asks on a path (RFC 9000, section 8.2.2), also where the window, or the table of what is under way, lets nothing go.
class PathAnswersTest extends Talk {
    private static final int HOME = 0x0a000002;
    private static final int PORT = 5000;
    private static final byte PING = 0x01;
    private static final byte[] CHALLENGE = {0x1a, 1, 2, 3, 4, 5, 6, 7, 8};

    PathAnswersTest() {
        super(QuicConfig.tight().withTables(QuicConfig.tight().records(), 32));
    }

    @BeforeEach
    void connected() {
        converse();
        assertTrue(ends.server.isConfirmed() && ends.client.isConfirmed());
    }

    private int port() {
        MemorySegment to = Arena.ofAuto().allocate(NetworkPath.BYTES);
        NetworkPath.copy(ends.server.c.memory, ends.server.c.core + ConnectionLayout.PATH, to, 0);  // in use, whether or not it has answered
        return NetworkPath.remotePort(to, 0);
    }

    private static int there(List<Datagram> said) {
        return said.stream().filter(each -> each.port() == 6000).mapToInt(each -> each.bytes().length).sum();
    }

    /// Fills the table of what is under way: nobody hears of any of it.
    private void fill(QuicConnection from) {
        Connection c = from.c;
        long sent = c.spaceAt(PacketSpace.APPLICATION) + PacketSpace.SENT;
        long stream = from.open(true);
        while (SentPackets.reserve(c.memory, sent, c.blocks(), c.loop.config.records())) {
            from.write(stream, MemorySegment.ofArray(new byte[1]), 0, 1);
            all(from);
            now += 20 * MILLI;
        }
    }

    /// All that is under way went to where the client was, and none of it is heard of before the server has asked whether the client is where it is now.
    @Test
    void aTableThatIsFullKeepsNobodyFromAsking() {
        fill(ends.server);
        feed(ends.server, packet(ends.client, PING), HOME, 6000);
        assertEquals(6000, port());
        carry(ends.server, 0, 0);
        carry(ends.client, HOME, 6000);
        assertTrue(ends.server.c.validated && port() == 6000, "asked, and answered");
        converse(HOME, 6000);
        assertEquals(0, PacketSpace.eliciting(ends.server.c.memory, ends.server.c.spaceAt(PacketSpace.APPLICATION)), "under way, of all that was");
    }

    /// Its peer asks where it is, and may say nothing of what has arrived before it has heard.
    @Test
    void norFromAnswering() {
        fill(ends.client);
        feed(ends.client, packet(ends.server, CHALLENGE), 0x0a000001, 443);
        List<Datagram> said = all(ends.client);
        assertEquals(List.of(1200), said.stream().map(each -> each.bytes().length).toList(), "the answer, in a datagram that is full (section 8.2.2)");
        assertFalse(ends.client.c.challengeDue);
        converse();
    }

    /// Who asks again and again, with few bytes, has one answer of 1,200 in the time of a probe where the window, or the table, lets none go: it would count for nothing (RFC 9002, section 7).
    @Test
    void anAnswerThatCountsForNothingGoesAsOftenAsAProbe() {
        for (int i = 0; i < 3; i++) {
            feed(ends.client, packet(ends.server, CHALLENGE), 0x0a000001, 443);
            assertEquals(1, large(), "as often as it is asked, where it is counted");
        }
        fill(ends.client);
        feed(ends.client, packet(ends.server, CHALLENGE), 0x0a000001, 443);
        assertEquals(1, large());
        for (int i = 0; i < 3; i++) {
            feed(ends.client, packet(ends.server, CHALLENGE), 0x0a000001, 443);
            assertEquals(0, large());
        }
        Connection c = ends.client.c;
        assertTrue(c.challengeDue && c.respondAt > now && c.respondAt <= now + Timers.probeNanos(c));
        assertTrue(ends.client.deadlineNanos() <= c.respondAt);
        now = c.respondAt - 1;
        ends.client.onDeadline(now);
        assertEquals(0, large());
        now++;
        ends.client.onDeadline(now);
        assertEquals(1, large(), "the last one that was asked");
        assertFalse(c.challengeDue);
        converse();
    }

    private int large() {
        return (int) all(ends.client).stream().filter(each -> each.bytes().length == 1200).count();
    }

    /// Nor has who asks on a path not in use more.
    @Test
    void norDoesOneOnAnotherPath() {
        int answers = 0;
        long began = now;
        for (int i = 0; i < 4; i++) {
            feed(ends.server, packet(ends.client, CHALLENGE), HOME, 6000);
            answers += there(all(ends.server)) > 0 ? 1 : 0;
        }
        assertEquals(1, answers);
        assertTrue(ends.server.deadlineNanos() <= began + Timers.probeNanos(ends.server.c));
        now = ends.server.deadlineNanos();
        ends.server.onDeadline(now);
        assertTrue(there(all(ends.server)) > 0, "in its time");
    }

    /// Asks there, with something that is no probe: the client is there now.
    private List<Datagram> askFrom(int port) {
        byte[] frames = Arrays.copyOf(CHALLENGE, CHALLENGE.length + 1);
        frames[CHALLENGE.length] = PING;
        feed(ends.server, packet(ends.client, frames), HOME, port);
        assertEquals(port, port());
        return all(ends.server);
    }

    /// Each path has its own time, which that in use keeps while the client moves away and back. One that has never answered may have three times what came from it, and is forgotten.
    @Test
    void whoAsksFromTwoPlacesIsAnsweredInEachAsIfItWereTheOnlyOne() {
        fill(ends.server);
        Connection c = ends.server.c;
        askFrom(PORT);
        assertFalse(c.challengeDue);
        long there = c.respondAt;
        now += MILLI;
        assertTrue(there(askFrom(6000)) > 0);
        assertFalse(c.challengeDue, "nobody was answered there before");
        assertEquals(now + Timers.probeNanos(c), c.respondAt);
        askFrom(6000);
        assertTrue(c.challengeDue, "but now");
        askFrom(PORT);
        assertTrue(c.challengeDue && c.respondAt == there, "nor again where it asked first");
        now = there;
        ends.server.onDeadline(now);
        all(ends.server);
        assertFalse(c.challengeDue, "before its time");
        converse(HOME, PORT);
    }

    /// RFC 9000, section 8.2.2.
    @Test
    void whatWasAskedOnThePathBeforeIsAnsweredThere() {
        fill(ends.server);
        Connection c = ends.server.c;
        askFrom(PORT);
        askFrom(PORT);
        long due = c.respondAt;
        assertTrue(c.challengeDue && due > now);
        feed(ends.server, packet(ends.client, PING), HOME, 6000);
        assertFalse(c.challengeDue, "not where it is now");
        all(ends.server);
        assertEquals(due, Paths.respondNanos(c, now));
        assertTrue(ends.server.deadlineNanos() <= due);
        now = due;
        assertEquals(1 + Long.BYTES, Paths.otherDueBytes(c, now));
        assertTrue(all(ends.server).stream().anyMatch(each -> each.port() == PORT && each.bytes().length == 1200));
        assertEquals(0, Paths.otherDueBytes(c, now));
        converse(HOME, 6000);
        assertEquals(Blocks.NONE, c.paths, "nothing is open");
    }

    @Test
    void whoMovesItselfAnswersWhereItWasAsked() {
        fill(ends.client);
        Connection c = ends.client.c;
        for (int i = 0; i < 2; i++) {
            feed(ends.client, packet(ends.server, CHALLENGE), 0x0a000001, 443);
            assertEquals(1 - i, large());
        }
        long due = c.respondAt;
        NetworkPath.ipv4(path, 0, 0x0a000001, 443, HOME, 7000);
        assertTrue(ends.client.migrate(path, 0, now));
        all(ends.client);
        byte[] answer = ByteBuffer.allocate(1 + Long.BYTES).put((byte) FrameType.PATH_RESPONSE).putLong(Paths.data(c, 1)).array();
        feed(ends.client, packet(ends.server, answer), 0x0a000001, 443);
        assertFalse(c.challengeDue, "it is elsewhere now");
        all(ends.client);
        assertEquals(due, Paths.respondNanos(c, now));
        now = due;
        assertEquals(1 + Long.BYTES, Paths.otherDueBytes(c, now));
        assertTrue(large() > 0);
        assertEquals(Blocks.NONE, c.paths, "nothing is open");
        converse(HOME, 7000);
    }

    /// Nobody was ever known to be there.
    @Test
    void whatWasAskedOnAPathThatNeverAnsweredIsForgottenWithIt() {
        fill(ends.server);
        Connection c = ends.server.c;
        askFrom(6000);
        askFrom(6000);
        assertTrue(c.challengeDue && c.respondAt > now);
        feed(ends.server, packet(ends.client, PING), HOME, 7000);
        assertFalse(c.challengeDue);
        assertTrue(c.respondAt <= now, "and its time");
        assertEquals(Connection.NEVER, Paths.respondNanos(c, now), "the path before was asked nothing");
        askFrom(7000);
        askFrom(7000);
        assertTrue(c.challengeDue);
        feed(ends.server, packet(ends.client, PING), HOME, PORT);
        assertFalse(c.challengeDue);
        assertEquals(Blocks.NONE, c.paths, "nothing is open");
        converse();
    }
}
