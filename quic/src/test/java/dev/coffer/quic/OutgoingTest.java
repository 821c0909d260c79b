package dev.coffer.quic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.memory.engine.DatagramHeader;
import dev.coffer.memory.engine.NetworkPath;
import dev.coffer.memory.layout.LittleEndian;
import dev.coffer.memory.engine.StreamTransport;
import dev.coffer.quic.packet.Version;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Several datagrams in one output, and packets that an update of the keys has overtaken.
class OutgoingTest extends Talk {
    private static final int DATAGRAM = QuicConfig.DATAGRAM_BYTES_MIN;
    private static final int HOME = 0x0a000002;
    private static final int PORT = 5000;
    private static final byte PING = 0x01;

    OutgoingTest() {
        super(QuicConfig.defaults().withDatagram(DATAGRAM));  // no larger ones are looked for
    }

    @BeforeEach
    void connected() {
        converse();
        assertTrue(ends.server.isConfirmed() && ends.client.isConfirmed());
    }

    private long say(int bytes) {
        long stream = ends.server.open(false);
        ends.server.write(stream, MemorySegment.ofArray(new byte[bytes]), 0, bytes);
        return stream;
    }

    private long poll(long room) {
        return ends.server.pollOutput(wire, 0, room, header, 0, now);
    }

    /// Carries each datagram of an output by itself.
    private int carryAll(long bytes) {
        int segment = DatagramHeader.segmentBytes(header, 0);
        byte[] all = wire.asSlice(0, bytes).toArray(ValueLayout.JAVA_BYTE);
        int count = 0;
        for (int at = 0; at < all.length; at += segment, count++) {
            feed(ends.client, Arrays.copyOfRange(all, at, Math.min(all.length, at + segment)), 0x0a000001, 443);
        }
        return count;
    }

    @Test
    void severalDatagramsOfOneSizeGoInOneOutputAndEachOpensByItself() {
        long stream = say(4 * DATAGRAM + 100);
        Connection client = ends.client.c;
        long received = client.spaceAt(PacketSpace.APPLICATION) + PacketSpace.RECEIVED;
        long before = ReceivedRanges.largest(client.memory, received);
        long bytes = poll(1 << 16);
        assertEquals(DATAGRAM, DatagramHeader.segmentBytes(header, 0));
        assertTrue(bytes > 4 * DATAGRAM && bytes < 5 * DATAGRAM, bytes + " bytes: four that are full and what is left");
        MemorySegment home = Arena.ofAuto().allocate(NetworkPath.BYTES);
        NetworkPath.ipv4(home, 0, HOME, PORT, 0x0a000001, 443);
        assertTrue(NetworkPath.isSameRemoteHost(home, 0, header, DatagramHeader.PATH) && NetworkPath.remotePort(header, DatagramHeader.PATH) == PORT);
        assertEquals(5, carryAll(bytes));
        assertEquals(before + 5, ReceivedRanges.largest(client.memory, received));
        assertEquals(stream, ends.client.pollReady());
    }

    /// An ACK that may wait is no reason to expand keys, which would put another connection's to rest; when it went there is nothing to ask for.
    @Test
    void whoHasNothingToSayYetIsNotAskedForItsKeys() {
        ends.client.ping();
        Datagram ping = all(ends.client).getFirst();
        feed(ends.server, ping.bytes(), HOME, PORT);
        Connection c = ends.server.c;
        Version version = c.version;
        c.version = null;
        assertEquals(0, poll(1 << 16));
        c.version = version;
        now += 25 * MILLI;
        ends.server.onDeadline(now);
        assertTrue(poll(1 << 16) > 0, "its ACK");
        assertTrue(ends.server.loop.outgoing.hasSaidAll());
        assertEquals(0, poll(1 << 16));
        say(2 * DATAGRAM);
        assertTrue(poll(DATAGRAM) > 0);
        assertFalse(ends.server.loop.outgoing.hasSaidAll(), "the rest of it waits");
    }

    /// Of what goes whatever the window says are the probes of a time-out alone (RFC 9002, section 7.5).
    @Test
    void aPingTakesNothingElsePastTheWindow() {
        say(1 << 16);
        while (poll(1 << 16) > 0) {
            now += MILLI / 8;
        }
        assertTrue(LossRecovery.room(ends.server.c) < DATAGRAM && Body.hasSomething(ends.server.c, PacketSpace.APPLICATION));
        ends.server.ping();
        long bytes = poll(1 << 16);
        assertTrue(bytes > 0 && bytes < 64, () -> bytes + " bytes");
        assertEquals(0, poll(1 << 16));
        now += 5000 * MILLI;
        ends.server.onDeadline(now);
        assertEquals(DATAGRAM, poll(DATAGRAM), "a probe");
    }

    @Test
    void noMoreIsWrittenThanThereIsRoomForAndNoDatagramIsCut() {
        say(8 * DATAGRAM);
        long room = 3 * DATAGRAM + DATAGRAM / 2;
        wire.fill((byte) 0x5a);
        assertEquals(3 * DATAGRAM, poll(room));
        for (long at = room; at < wire.byteSize(); at++) {
            assertEquals(0x5a, wire.get(ValueLayout.JAVA_BYTE, at), "behind the room");
        }
        assertEquals(3, carryAll(3 * DATAGRAM));
        assertEquals(DATAGRAM, poll(DATAGRAM));
    }

    @Test
    void anOutputHasOneMarkForAllOfItsDatagrams() {
        Connection c = ends.server.c;
        long ecn = c.recoveryAt() + LossRecovery.ECN;
        LittleEndian.i64(c.memory, c.recoveryAt() + LossRecovery.CONGESTION + CongestionControl.WINDOW, 100 * DATAGRAM);  // it is not what ends an output
        EcnValidation.restart(c.memory, ecn);  // ten go with a mark, and then none until those are told of
        say(14 * DATAGRAM);
        long marked = 0;
        long others = 0;
        for (int i = 0; i < 20; i++) {
            now += 100 * MILLI;
            long bytes = poll(7 * DATAGRAM);
            if (bytes > 0 && DatagramHeader.ecn(header, 0) == DatagramHeader.ECT_0) {
                marked += bytes;
            } else {
                others += bytes;
            }
        }
        assertEquals(10 * DATAGRAM, marked, "ten with a mark, and none in their outputs without");
        assertTrue(others > 4 * DATAGRAM && others < 5 * DATAGRAM, others + " bytes without");
        assertFalse(EcnValidation.isMarking(c.memory, ecn));
    }

    @Test
    void toWhoHasNotAnsweredOneDatagramGoesAtATime() {
        say(10 * DATAGRAM);
        byte[] large = new byte[1000];
        large[0] = PING;
        feed(ends.server, packet(ends.client, large), HOME, 6000);
        for (long bytes, left = 3 * 1100; (bytes = poll(1 << 16)) > 0;) {
            if (NetworkPath.remotePort(header, DatagramHeader.PATH) == 6000) {
                assertEquals(bytes, DatagramHeader.segmentBytes(header, 0));
                left -= bytes;
                assertTrue(left >= 0, "three times what came");
            }
        }
    }

    /// STREAM with a length (RFC 9000, section 19.8).
    private byte[] said(int stream) {
        return packet(ends.client, (byte) 0x0a, (byte) stream, (byte) 1, (byte) 7);
    }

    @Test
    void aPacketThatAnUpdateOfTheKeysHasOvertakenIsOpenedForThreeProbesAndNotAfter() {
        byte[] first = said(0);
        byte[] second = said(4);
        assertTrue(ends.client.updateKeys());
        feed(ends.server, packet(ends.client, PING), HOME, PORT);
        assertEquals(1, ends.server.c.opening(PacketSpace.APPLICATION).generation());
        assertEquals(1, ends.server.keyGeneration(), "it follows (section 6.2)");
        long until = now + 3 * Timers.probeNanos(ends.server.c);
        now = until - 1;
        ends.server.onDeadline(now);
        feed(ends.server, first, HOME, PORT);
        assertEquals(0, ends.server.pollReady());
        now = until;
        assertTrue(ends.server.deadlineNanos() <= now);
        ends.server.onDeadline(now);
        feed(ends.server, second, HOME, PORT);
        assertEquals(StreamTransport.NONE, ends.server.pollReady(), "section 6.5 of RFC 9001");
        assertEquals(Connection.OPEN, ends.server.c.phase);
        assertFalse(ends.server.c.opening(PacketSpace.APPLICATION).isLate());
    }

    /// RFC 9000, section 10.3: of a packet to who has no ID, too.
    @Test
    void noPacketIsSoShortThatAResetWhichAnswersItDoesNotLookLikeOne() {
        ends.client.reset(now);
        ends.server.reset(now);
        ends.clientLoop.ids.alone(0);
        assertTrue(ends.client.connect("coffer.test", Version.V1, path, 0, now));
        converse();
        assertTrue(ends.server.isConfirmed());
        ends.server.ping();
        assertEquals(Connection.LOCAL_ID_BYTES + 22, poll(1472));
        ends.client.ping();
        assertTrue(ends.client.pollOutput(wire, 0, 1472, header, 0, now) >= 22);
        ends.server.close(0);
        assertEquals(Connection.LOCAL_ID_BYTES + 22, poll(1472), "its last word");
    }
}
