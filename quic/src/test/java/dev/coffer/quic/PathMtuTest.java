package dev.coffer.quic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.memory.engine.DatagramHeader;
import dev.coffer.quic.parameter.TransportParameters;
import dev.coffer.quic.parameter.TransportParametersWriter;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The search for the size of datagrams that a path carries, by itself and datagram by datagram.
class PathMtuTest extends Talk {
    private static final int MOST = QuicConfig.defaults().datagramBytes();
    private static final long MINUTE = 60_000 * MILLI;

    private final MemorySegment memory = Arena.ofAuto().allocate(PathMtu.BYTES);
    private int probes;

    PathMtuTest() {
        super(QuicConfig.defaults());
    }

    /// Sends full datagrams over a path that carries so many bytes, until no probe is wanted.
    private int search(int from, int carries) {
        int size = from;
        probes = 0;
        for (int quiet = 0; quiet < 2;) {
            PathMtu.full(memory, 0, size, now);
            int bytes = PathMtu.wanted(memory, 0, size);
            quiet = bytes == 0 ? quiet + 1 : 0;
            if (bytes > 0) {
                assertTrue(bytes > size && bytes <= MOST, "a probe of " + bytes);
                PathMtu.went(memory, 0);
                assertEquals(0, PathMtu.wanted(memory, 0, size), "one at a time");
                probes++;
                if (bytes <= carries) {
                    size = PathMtu.arrived(memory, 0, size, bytes, now);
                    assertEquals(bytes, size);
                } else {
                    PathMtu.lost(memory, 0, size, bytes, now);
                }
            }
        }
        return size;
    }

    @Test
    void whateverAPathCarriesIsFoundWithinSixteenBytes() {
        for (int carries = PathMtu.BASE; carries <= MOST; carries++) {
            PathMtu.begin(memory, 0, MOST);
            int found = search(PathMtu.BASE, carries);
            assertTrue(found <= carries && found > carries - 16, found + " of " + carries);
            assertTrue(probes <= 15, probes + " probes for " + carries);
        }
        PathMtu.begin(memory, 0, MOST);
        assertEquals(MOST, search(PathMtu.BASE, MOST));
        assertEquals(1, probes, "most paths carry all of it");
    }

    @Test
    void aPathThatHasGrownIsFoundTenMinutesLaterAndNotBefore() {
        PathMtu.begin(memory, 0, MOST);
        int small = search(PathMtu.BASE, 1300);
        now += 8 * MINUTE;
        assertEquals(small, search(small, MOST));
        assertEquals(0, probes);
        now += 4 * MINUTE;
        assertEquals(MOST, search(small, MOST));
    }

    @Test
    void largePacketsThatAreLostThreeTimesAndNeverAcknowledgedBetweenMakeABlackHole() {
        PathMtu.begin(memory, 0, MOST);
        search(PathMtu.BASE, MOST);
        for (int i = 0; i < 3; i++) {
            assertEquals(MOST, PathMtu.largeLost(memory, 0, MOST, MOST, now));
            assertEquals(MOST, PathMtu.largeLost(memory, 0, MOST, MOST, now));
            PathMtu.largeArrived(memory, 0, MOST);
        }
        for (int i = 0; i < 9; i++) {
            assertEquals(MOST, PathMtu.largeLost(memory, 0, MOST, 1300, now), "who fills no datagram, by chance");
            PathMtu.largeArrived(memory, 0, 1300);
        }
        assertEquals(MOST, PathMtu.largeLost(memory, 0, MOST, 1400, now));
        PathMtu.largeArrived(memory, 0, 1391);  // a path that has shrunk may carry it
        assertEquals(MOST, PathMtu.largeLost(memory, 0, MOST, 1320, now));
        PathMtu.largeArrived(memory, 0, 1311);
        assertEquals(PathMtu.BASE, PathMtu.largeLost(memory, 0, MOST, MOST, now));
        assertEquals(MOST - 1, PathMtu.hope(memory, 0));
        assertEquals(PathMtu.BASE, PathMtu.arrived(memory, 0, PathMtu.BASE, MOST, now), "of a probe before");
        int found = search(PathMtu.BASE, 1333);
        assertTrue(found <= 1333 && found > 1333 - 16);
    }

    private void say(int bytes) {
        long stream = ends.server.open(false);
        ends.server.write(stream, MemorySegment.ofArray(new byte[bytes]), 0, bytes);
    }

    @Test
    void whoFillsNoDatagramSendsNoProbeAndWhoDoesSendsOneBehindIt() {
        converse();
        say(800);
        List<Datagram> small = all(ends.server);
        assertTrue(small.stream().allMatch(each -> each.bytes().length < PathMtu.BASE), "no probe");
        say(2000);
        List<Datagram> large = all(ends.server);
        assertTrue(large.stream().anyMatch(each -> each.bytes().length == MOST));
        for (Datagram each : large) {
            feed(ends.client, each.bytes(), 0x0a000001, 443);
        }
        converse();
        assertEquals(MOST, ends.server.c.datagramBytes());
        assertEquals(PathMtu.BASE, ends.client.c.datagramBytes(), "who has said nothing");
        say(3 * MOST + 100);
        long bytes = ends.server.pollOutput(wire, 0, 1 << 16, header, 0, now);
        assertEquals(MOST, DatagramHeader.segmentBytes(header, 0), "and as many as go in one output");
        assertTrue(bytes > 3 * MOST && bytes < 4 * MOST);
    }

    @Test
    void whatHadNoAnswerIsSaidAgainInDatagramsThatEveryPathCarries() {
        converse();
        say(2000);
        converse();
        assertEquals(MOST, ends.server.c.datagramBytes());
        say(10_000);
        all(ends.server);
        now = ends.server.deadlineNanos();
        ends.server.onDeadline(now);
        List<Datagram> probes = all(ends.server);
        assertEquals(PathMtu.BASE, probes.get(0).bytes().length);
        assertEquals(PathMtu.BASE, probes.get(1).bytes().length);
    }

    @Test
    void moreThanThePeerTakesIsNotLookedFor() {
        for (Datagram each : all(ends.client)) {
            feed(ends.server, each.bytes(), 0x0a000002, 5000);
        }
        Connection c = ends.server.c;
        MemorySegment said = Arena.ofAuto().allocate(TransportParameters.BYTES, 8);
        MemorySegment.copy(c.memory, c.handshakeAt + ConnectionLayout.PARAMETERS, said, 0, TransportParameters.BYTES);
        TransportParameters.udpPayloadBytesMax(said, 0, 1234);
        long length = TransportParametersWriter.write(said, 0, false, wire, 0);
        c.onParameters(wire, 0, (int) length);
        assertEquals(1234, PathMtu.hope(c.memory, c.recoveryAt() + LossRecovery.MTU));
        converse();
        say(5000);
        converse();
        assertEquals(1234, c.datagramBytes());
    }

    @Test
    void anotherPathIsSearchedAnew() {
        converse();
        say(2000);
        converse();
        Connection c = ends.server.c;
        assertEquals(MOST, c.datagramBytes());
        for (int i = 0; i < 3; i++) {
            c.datagramBytes(PathMtu.largeLost(c.memory, c.recoveryAt() + LossRecovery.MTU, c.datagramBytes(), MOST, now));
        }
        assertEquals(MOST - 1, PathMtu.hope(c.memory, c.recoveryAt() + LossRecovery.MTU), "of this path");
        c.datagramBytes(MOST - 1);
        feed(ends.server, packet(ends.client, (byte) 0x01), 0x0a000009, 6000);
        for (Datagram each : all(ends.server)) {
            assertTrue(each.bytes().length <= PathMtu.BASE, "to where nobody has answered yet");
            feed(ends.client, each.bytes(), 0x0a000001, 443);
        }
        converse(0x0a000009, 6000);
        assertEquals(PathMtu.BASE, c.datagramBytes());
        say(2000);
        converse(0x0a000009, 6000);
        assertEquals(MOST, c.datagramBytes());
    }

    private Datagram probe() {
        say(2000);
        return all(ends.server).stream().filter(each -> each.bytes().length == MOST).findFirst().orElseThrow();
    }

    private void arrives(Datagram probe) {
        feed(ends.client, probe.bytes(), 0x0a000001, 443);
        now += 30 * MILLI;
        ends.client.onDeadline(now);
        carry(ends.client, 0x0a000002, 5000);
    }

    /// It is acknowledged late, while the other path is searched.
    @Test
    void aProbeOfThePathBeforeSaysNothingOfTheOtherOne() {
        converse();
        Datagram before = probe();
        LossRecovery.move(ends.server.c);
        Datagram other = probe();
        arrives(before);
        assertEquals(PathMtu.BASE, ends.server.c.datagramBytes());
        arrives(other);
        assertEquals(MOST, ends.server.c.datagramBytes());
    }
}
