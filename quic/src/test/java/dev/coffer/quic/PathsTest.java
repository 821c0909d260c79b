package dev.coffer.quic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.memory.engine.DatagramHeader;
import dev.coffer.memory.engine.NetworkPath;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A path changes, or somebody says that it does (RFC 9000, sections 8.2 and 9).
class PathsTest extends Talk {
    private static final int HOME = 0x0a000002;
    private static final int PORT = 5000;
    private static final int ELSEWHERE = 0x0a000063;
    private static final byte PING = 0x01;
    private static final byte[] CHALLENGE = {0x1a, 1, 2, 3, 4, 5, 6, 7, 8};

    PathsTest() {
        super(QuicConfig.tight().withTables(QuicConfig.tight().records(), 32));
    }

    @BeforeEach
    void connected() {
        converse();
        assertTrue(ends.server.isConfirmed() && ends.client.isConfirmed());
    }

    private long window() {
        Connection c = ends.server.c;
        return CongestionControl.window(c.memory, c.recoveryAt() + LossRecovery.CONGESTION);
    }

    private boolean isSampled() {
        Connection c = ends.server.c;
        return RoundTrip.isSampled(c.memory, c.recoveryAt() + LossRecovery.ROUND_TRIP);
    }

    private int port() {
        MemorySegment to = Arena.ofAuto().allocate(NetworkPath.BYTES);
        NetworkPath.copy(ends.server.c.memory, ends.server.c.core + ConnectionLayout.PATH, to, 0);  // in use, whether or not it has answered
        return NetworkPath.remotePort(to, 0);
    }

    /// Something of the server's, to be seen where it goes.
    private long say(int bytes) {
        long stream = ends.server.open(false);
        ends.server.write(stream, MemorySegment.ofArray(new byte[bytes]), 0, bytes);
        return stream;
    }

    @Test
    void aPortThatChangesIsFollowedAskedAndKeepsItsWindow() {
        assertTrue(isSampled());
        feed(ends.server, packet(ends.client, PING), HOME, 6000);
        assertEquals(6000, port());
        List<Datagram> said = all(ends.server);
        int there = said.stream().filter(each -> each.port() == 6000).mapToInt(each -> each.bytes().length).sum();
        assertTrue(there > 0 && there <= 3 * 32, there + " bytes to who has not answered, for 32");
        assertTrue(said.stream().anyMatch(each -> each.port() == PORT && each.bytes().length == 1200), "the path before is asked too (section 9.3.3)");
        said.stream().filter(each -> each.port() == 6000).forEach(each -> feed(ends.client, each.bytes(), 0x0a000001, 443));
        all(ends.client).forEach(each -> feed(ends.server, each.bytes(), HOME, 6000));
        assertTrue(ends.server.c.validated && port() == 6000);
        assertTrue(isSampled(), "a port alone is most likely a NAT's (section 9.4)");
        assertTrue(all(ends.server).stream().anyMatch(each -> each.port() == 6000 && each.bytes().length == 1200),
                "asked in few bytes, so asked again whether full datagrams arrive (section 8.2.1)");
        converse(HOME, 6000);
        assertEquals(0, ends.held());
    }

    /// As to a preferred address: what is said from another of ours would be taken by no client (section 9).
    @Test
    void whoSpeaksToAnotherAddressOfOursIsAnsweredFromThere() {
        byte[] said = packet(ends.client, PING);
        MemorySegment.copy(said, 0, wire, ValueLayout.JAVA_BYTE, 0, said.length);
        NetworkPath.ipv4(header, DatagramHeader.PATH, HOME, PORT, 0x0a000005, 443);
        ends.server.feed(wire, 0, said.length, header, 0, now);
        boolean there = false;
        while (ends.server.pollOutput(wire, 0, 1472, header, 0, now) > 0) {
            there |= header.get(ValueLayout.JAVA_BYTE, DatagramHeader.PATH + NetworkPath.LOCAL + NetworkPath.ADDRESS_BYTES - 1) == 5;
        }
        assertTrue(there, "answered, and asked");
        assertFalse(ends.server.c.validated, "it is another path");
        feed(ends.server, packet(ends.client, PING), HOME, PORT);
        assertTrue(ends.server.c.validated, "and back on the one before");
    }

    @Test
    void anAddressThatChangesBeginsItsWindowAndRoundTripAnew() {
        feed(ends.server, packet(ends.client, PING), ELSEWHERE, PORT);
        List<Datagram> said = all(ends.server);
        assertTrue(isSampled(), "not before it has answered");
        for (Datagram each : said) {
            if (each.host() == ELSEWHERE) {
                feed(ends.client, each.bytes(), 0x0a000001, 443);
            }
        }
        for (Datagram each : all(ends.client)) {
            feed(ends.server, each.bytes(), ELSEWHERE, PORT);
        }
        assertTrue(ends.server.c.validated);
        assertFalse(isSampled());
        assertEquals(CongestionControl.WINDOW_DATAGRAMS_INITIAL * 1200, window());
        converse(ELSEWHERE, PORT);
        assertEquals(0, ends.held(), "asked once more in a datagram of full size, and done");
    }

    @Test
    void whoHasNotAnsweredHasThreeTimesWhatCame() {
        say(250);
        byte[] ping = packet(ends.client, PING);
        feed(ends.server, ping, ELSEWHERE, PORT);
        int there = 0;
        for (int i = 0; i < 20; i++) {
            there += all(ends.server).stream().filter(each -> each.host() == ELSEWHERE).mapToInt(each -> each.bytes().length).sum();
            now = Math.max(now, Math.min(ends.server.deadlineNanos(), now + 1000 * MILLI));
            ends.server.onDeadline(now);
            assertTrue(there <= 3 * ping.length, there + " bytes for " + ping.length);
            if (!ends.server.c.validated) {
                assertEquals(ELSEWHERE, hostOfServersPeer());
            }
        }
        assertTrue(there > 0);
    }

    private int hostOfServersPeer() {
        MemorySegment to = Arena.ofAuto().allocate(NetworkPath.BYTES);
        NetworkPath.copy(ends.server.c.memory, ends.server.c.core + ConnectionLayout.PATH, to, 0);  // in use, whether or not it has answered
        return to.get(java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED.withOrder(java.nio.ByteOrder.BIG_ENDIAN), NetworkPath.REMOTE + 12);
    }

    @Test
    void whereNobodyAnswersTheServerGoesBackToThePathBefore() {
        feed(ends.server, packet(ends.client, PING), ELSEWHERE, PORT);
        assertEquals(ELSEWHERE, hostOfServersPeer());
        long began = now;
        while (hostOfServersPeer() == ELSEWHERE && now < began + 20_000 * MILLI) {
            all(ends.server);
            now = ends.server.deadlineNanos();
            ends.server.onDeadline(now);
        }
        assertEquals(HOME, hostOfServersPeer());
        assertTrue(ends.server.c.validated && isSampled());
        converse();
        assertEquals(0, ends.held());
    }

    @Test
    void whoForwardsAClientsPacketFromAnotherAddressDoesNotMoveIt() {
        byte[] taken = packet(ends.client, PING);
        feed(ends.server, taken, ELSEWHERE, 7);  // faster than the client's own
        feed(ends.server, taken, HOME, PORT);
        assertEquals(ELSEWHERE, hostOfServersPeer(), "it was authentic and new");
        for (Datagram each : all(ends.server)) {
            if (each.host() == HOME) {
                feed(ends.client, each.bytes(), 0x0a000001, 443);
            }
        }
        long stream = ends.client.open(false);
        ends.client.write(stream, MemorySegment.ofArray(new byte[1]), 0, 1);
        carry(ends.client, HOME, PORT);
        assertEquals(HOME, hostOfServersPeer());
        assertTrue(ends.server.c.validated && isSampled(), "nothing was lost of what was known");
        assertTrue(all(ends.server).stream().noneMatch(each -> each.host() == ELSEWHERE));
        converse();
        assertEquals(Blocks.NONE, ends.server.c.paths);
    }

    @Test
    void anOldPacketFromElsewhereAndAProbeMoveNothing() {
        byte[] old = packet(ends.client, PING);
        feed(ends.server, packet(ends.client, PING), HOME, PORT);
        feed(ends.server, old, ELSEWHERE, PORT);
        assertEquals(HOME, hostOfServersPeer(), "a newer one came before (section 9.3)");
        byte[] probe = packet(ends.client, CHALLENGE);
        feed(ends.server, probe, ELSEWHERE, PORT);
        assertEquals(HOME, hostOfServersPeer(), "a probe (section 9.1)");
        int there = all(ends.server).stream().filter(each -> each.host() == ELSEWHERE).mapToInt(each -> each.bytes().length).sum();
        assertTrue(there > 0 && there <= 3 * probe.length, "answered on its own path, with " + there + " bytes");
        byte[] forged = packet(ends.client, PING);
        forged[forged.length - 1] ^= 1;
        feed(ends.server, forged, ELSEWHERE, PORT);
        assertEquals(HOME, hostOfServersPeer());
    }

    @Test
    void everNewAddressesAskThePathBeforeNoMoreOftenAndHaveNoMoreTime() {
        long home = 0;
        for (int i = 0; i < 20; i++) {
            feed(ends.server, packet(ends.client, PING), ELSEWHERE + i, PORT);
            home += all(ends.server).stream().filter(each -> each.host() == HOME).mapToInt(each -> each.bytes().length).sum();
        }
        assertEquals(1200, home, "or a packet of 30 bytes buys 1,200 for who was there");
        long began = now;
        for (int i = 20; hostOfServersPeer() != HOME && now < began + 20_000 * MILLI; i++) {
            now += 100 * MILLI;
            ends.server.onDeadline(now);
            if (hostOfServersPeer() != HOME) {
                feed(ends.server, packet(ends.client, PING), ELSEWHERE + i, PORT);
            }
            all(ends.server).stream().filter(each -> each.host() == HOME).forEach(each -> feed(ends.client, each.bytes(), 0x0a000001, 443));
            carry(ends.client, HOME, PORT);
        }
        assertEquals(HOME, hostOfServersPeer());
        assertTrue(now < began + 5000 * MILLI, "it has answered: three probes");
        assertTrue(ends.server.c.validated);
    }

    @Test
    void aClientHearsItsServerAlone() {
        long stream = say(3);
        byte[] datagram = all(ends.server).get(0).bytes();
        feed(ends.client, datagram, 0x0a000009, 443);
        feed(ends.client, datagram, 0x0a000001, 444);
        assertEquals(-1, ends.client.pollReady());
        feed(ends.client, datagram, 0x0a000001, 443);
        assertEquals(stream, ends.client.pollReady());
    }

    /// Once the new path has answered something goes that is no probe: else a client that only listens would be sent to where it was (section 9.3).
    @Test
    void aClientThatMovesAndHasNothingToSayIsFollowed() {
        NetworkPath.ipv4(path, 0, 0x0a000001, 443, HOME, 7000);
        assertTrue(ends.client.migrate(path, 0, now));
        for (int turns = 0; turns < 4; turns++) {
            for (long bytes; (bytes = ends.client.pollOutput(wire, 0, 1472, header, 0, now)) > 0;) {
                byte[] said = wire.asSlice(0, bytes).toArray(ValueLayout.JAVA_BYTE);
                feed(ends.server, said, HOME, NetworkPath.localPort(header, DatagramHeader.PATH));
            }
            for (Datagram each : all(ends.server)) {
                MemorySegment.copy(each.bytes(), 0, wire, ValueLayout.JAVA_BYTE, 0, each.bytes().length);
                NetworkPath.ipv4(header, DatagramHeader.PATH, 0x0a000001, 443, HOME, each.port());
                ends.client.feed(wire, 0, each.bytes().length, header, 0, now);
            }
        }
        assertEquals(7000, port());
        assertTrue(ends.server.c.validated);
        converse(HOME, 7000);
    }

    @Test
    void withoutABlockNothingMoves() {
        Blocks blocks = ends.serverLoop.blocks;
        int chain = Blocks.NONE;
        while (blocks.freeCount() > QuicConfig.tight().blocks() / 16) {
            int block = blocks.tryTake(0);
            blocks.next(block, chain);
            chain = block;
        }
        feed(ends.server, packet(ends.client, PING), ELSEWHERE, PORT);
        assertEquals(HOME, hostOfServersPeer());
        blocks.releaseChain(chain);
        feed(ends.server, packet(ends.client, PING), ELSEWHERE, PORT);
        assertEquals(ELSEWHERE, hostOfServersPeer());
    }

    /// Three times a PING of 30 bytes: of a question that is lost another can be asked, though nothing more has come.
    @Test
    void threeTimesAPingAreTwoQuestions() {
        byte[] ping = shortPing();
        feed(ends.server, ping, HOME, 6000);
        int first = there(all(ends.server));
        assertTrue(first > 0, "asked");
        now = ends.server.deadlineNanos();
        ends.server.onDeadline(now);
        List<Datagram> again = all(ends.server);
        int second = there(again);
        assertTrue(second > 0 && first + second <= 3 * ping.length, "and again: " + first + " and " + second + " of " + 3 * ping.length);
        again.stream().filter(each -> each.port() == 6000).forEach(each -> feed(ends.client, each.bytes(), 0x0a000001, 443));
        carry(ends.client, HOME, 6000);
        assertTrue(ends.server.c.validated && port() == 6000);
    }

    /// An ACK of as many ranges as are kept takes more than three times a PING.
    @Test
    void anAckOfManyRangesLeavesRoomToAsk() {
        Connection of = ends.client.c;
        for (int i = 0; i < 30; i++) {
            PacketSpace.use(of.memory, of.spaceAt(PacketSpace.APPLICATION));  // a packet that is lost
            feed(ends.server, packet(ends.client, PING), HOME, PORT);
        }
        byte[] ping = packet(ends.client, PING);
        feed(ends.server, ping, HOME, 6000);
        List<Datagram> said = all(ends.server);
        assertTrue(there(said) > 0 && there(said) <= 3 * ping.length);
        said.stream().filter(each -> each.port() == 6000).forEach(each -> feed(ends.client, each.bytes(), 0x0a000001, 443));
        carry(ends.client, HOME, 6000);
        assertTrue(ends.server.c.validated && port() == 6000, "asked, and answered");
    }

    /// An ACK for which what a path may have before it answers is too little is not due: a driver would be asked again and again. What is left is the next challenge's.
    @Test
    void anAckByItselfTakesNothingThatAChallengeNeeds() {
        Connection of = ends.client.c;
        for (int i = 0; i < 70; i++) {
            PacketSpace.use(of.memory, of.spaceAt(PacketSpace.APPLICATION));
        }
        feed(ends.server, packet(ends.client, PING), HOME, 6000);
        all(ends.server);
        feed(ends.server, packet(ends.client, PING), HOME, 6000);
        now += 30 * MILLI;  // an ACK waits no longer
        Connection c = ends.server.c;
        for (int left = Amplification.least(c); left < 91; left++) {
            c.sentBytes = Amplification.FACTOR * c.receivedBytes - left;
            now += 1;
            ends.server.onDeadline(now);
            assertEquals(0, there(all(ends.server)), "of " + left);
            assertTrue(ends.server.deadlineNanos() > now, "due, and not said, of " + left);
        }
        c.sentBytes = Amplification.FACTOR * c.receivedBytes - 91;
        assertTrue(ends.server.deadlineNanos() <= now);
        assertTrue(there(all(ends.server)) > 0);
    }

    private static int there(List<Datagram> said) {
        return said.stream().filter(each -> each.port() == 6000).mapToInt(each -> each.bytes().length).sum();
    }

    /// A PING as the client says it, with a number of one byte.
    private byte[] shortPing() {
        ends.client.ping();
        List<Datagram> said = all(ends.client);
        assertEquals(List.of(30), said.stream().map(each -> each.bytes().length).toList());
        return said.get(0).bytes();
    }

    /// What a client says again where it hears nothing may be NEW_CONNECTION_ID, which by itself is a probe: its server would never follow it (section 9.1).
    @Test
    void whatAClientSaysOnItsPathIsNoProbe() {
        LocalIds.again(ends.client.c, 1);
        List<Datagram> again = all(ends.client);
        assertEquals(1, again.size());
        feed(ends.server, again.get(0).bytes(), HOME, 6000);
        assertEquals(6000, port());
    }

    /// What a path may have that has not answered is three times what came from there, to the byte: an answer with a question, and two questions more. What is left takes no frame, so nothing goes.
    @ParameterizedTest
    @ValueSource(ints = {0, 10})
    void whatAPathNotInUseMayBeAskedIsKnownToTheByte(int padding) {
        byte[] probe = packet(ends.client, Arrays.copyOf(CHALLENGE, CHALLENGE.length + padding));
        assertEquals(38 + padding, probe.length);
        feed(ends.server, probe, HOME, 6000);
        List<Integer> there = new ArrayList<>();
        do {
            all(ends.server).stream().filter(each -> each.port() == 6000).forEach(each -> there.add(each.bytes().length));
            now = ends.server.deadlineNanos();
            ends.server.onDeadline(now);
        } while (ends.server.c.paths != Blocks.NONE);
        assertEquals(List.of(44, 35, 35), there, () -> "of " + 3 * probe.length);
    }

    /// RFC 9000, section 13.4.2: of a path that takes marks off nothing follows for another one.
    @Test
    void ecnIsAskedOfAnotherPathAnew() {
        Connection c = ends.server.c;
        long ecn = c.recoveryAt() + LossRecovery.ECN;
        assertTrue(EcnValidation.isFailed(c.memory, ecn), "no mark came through");
        feed(ends.server, packet(ends.client, PING), ELSEWHERE, PORT);
        all(ends.server).stream().filter(each -> each.host() == ELSEWHERE).forEach(each -> feed(ends.client, each.bytes(), 0x0a000001, 443));
        carry(ends.client, ELSEWHERE, PORT);
        assertTrue(c.validated);
        assertTrue(EcnValidation.isMarking(c.memory, ecn));
        say(3);
        assertTrue(ends.server.pollOutput(wire, 0, 1472, header, 0, now) > 0);
        assertEquals(DatagramHeader.ECT_0, DatagramHeader.ecn(header, 0));
        converse(ELSEWHERE, PORT);
    }
}
