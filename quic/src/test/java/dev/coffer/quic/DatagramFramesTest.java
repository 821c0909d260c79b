package dev.coffer.quic;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.quic.frame.TransportError;
import dev.coffer.testkit.Seeds;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.Field;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Datagrams that are said once (RFC 9221), datagram by datagram.
class DatagramFramesTest extends Talk {
    private static final int SELF = 0x0a000002;
    private static final int QUEUE = 4096;
    private static final byte DATAGRAM = 0x30;
    private static final byte DATAGRAM_LENGTH = 0x31;

    private final MemorySegment place = Arena.ofAuto().allocate(2048);

    DatagramFramesTest() {
        super(QuicConfig.defaults().withDatagrams(QUEUE));
    }

    private boolean send(QuicConnection from, byte... bytes) {
        MemorySegment.copy(bytes, 0, place, ValueLayout.JAVA_BYTE, 0, bytes.length);
        return from.sendDatagram(place, 0, bytes.length);
    }

    private byte[] taken(QuicConnection by) {
        int length = by.datagramLength();
        assertEquals(length, by.receiveDatagram(place, 0));
        return length < 0 ? null : place.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
    }

    private void feed(byte... frames) {
        feed(ends.server, packet(ends.client, frames), SELF, 5000);
    }

    private static boolean tells(QuicConnection by, QuicEvent which) {
        boolean told = false;
        for (QuicEvent event; (event = by.pollEvent()) != null;) {
            told |= event == which;
        }
        return told;
    }

    @Test
    void whatIsSentArrivesWholeInOrderWhereNothingIsLostBothWays() {
        assertEquals(0, ends.client.datagramBytesMax(), "before there are keys");
        assertFalse(send(ends.client, (byte) 1));
        converse();
        tells(ends.server, QuicEvent.DATAGRAMS);
        assertTrue(send(ends.client) && send(ends.client, (byte) 1, (byte) 2) && send(ends.server, (byte) 3));
        converse();
        assertTrue(tells(ends.server, QuicEvent.DATAGRAMS) && tells(ends.client, QuicEvent.DATAGRAMS));
        assertFalse(tells(ends.server, QuicEvent.DATAGRAMS), "once");
        assertArrayEquals(new byte[0], taken(ends.server));
        assertArrayEquals(new byte[] {1, 2}, taken(ends.server));
        assertArrayEquals(new byte[] {3}, taken(ends.client));
        assertEquals(-1, ends.server.datagramLength());
        assertEquals(-1, ends.server.receiveDatagram(place, 0));
    }

    /// Who is told of datagrams and has nothing to say but ACKs asks for one now and then: without that it would never hear that an update of its keys has arrived.
    @Test
    void whoSaysNothingButAcksHearsOfThemNowAndThen() {
        converse();
        Connection server = ends.server.c;
        long before = PacketSpace.largestAcked(server.memory, server.spaceAt(PacketSpace.APPLICATION));
        long from = PacketSpace.next(server.memory, server.spaceAt(PacketSpace.APPLICATION));
        int packets = 0;
        for (int i = 0; i < 1200; i++) {
            assertTrue(send(ends.client, (byte) i));
            now += 30 * MILLI;
            converse();
            taken(ends.server);
            packets++;
        }
        long last = PacketSpace.next(server.memory, server.spaceAt(PacketSpace.APPLICATION)) - 1;
        long heard = PacketSpace.largestAcked(server.memory, server.spaceAt(PacketSpace.APPLICATION));
        assertTrue(last - from > 512, last + " of " + packets);
        assertTrue(heard > before && last - heard <= 256, heard + " of " + last);
    }

    @Test
    void theLargestGoesAndOneByteMoreDoesNotAlsoWhereAnAckIsWanted() {
        converse();
        int most = ends.server.datagramBytesMax();
        assertTrue(most > 1100 && most < PathMtu.BASE, most + " bytes");
        feed((byte) 1);  // PING
        assertTrue(send(ends.server, new byte[most]));
        assertFalse(send(ends.server, new byte[most + 1]));
        List<Datagram> went = all(ends.server);
        assertTrue(went.stream().anyMatch(each -> each.bytes().length > most), "at once, and the ACK when it is due");
        for (Datagram each : went) {
            feed(ends.client, each.bytes(), 0x0a000001, 443);
        }
        converse();
        assertEquals(most, ends.client.datagramLength());
        assertThrows(IndexOutOfBoundsException.class, () -> ends.client.receiveDatagram(Arena.ofAuto().allocate(most - 1), 0));
        assertEquals(most, taken(ends.client).length, "it waits still");
        assertEquals(0, ends.server.datagramsLost());
    }

    @Test
    void bothFormsAreHeardAndWhatIsLargerThanWasSaidOrNotAskedForIsAViolation() {
        converse();
        feed(DATAGRAM_LENGTH, (byte) 2, (byte) 7, (byte) 8, DATAGRAM, (byte) 9);
        assertArrayEquals(new byte[] {7, 8}, taken(ends.server));
        assertArrayEquals(new byte[] {9}, taken(ends.server));
        byte[] most = new byte[1400];
        most[0] = DATAGRAM;
        feed(most);
        assertEquals(1399, taken(ends.server).length);
        Connection c = ends.server.c;
        assertEquals(QuicConfig.DATAGRAM_BYTES_MAX, DatagramFrames.ownMax(c.loop.config));
        assertEquals(Streams.OK, DatagramFrames.onDatagram(c, QuicConfig.DATAGRAM_BYTES_MAX, place, 0, QuicConfig.DATAGRAM_BYTES_MAX - 1));
        assertEquals(TransportError.PROTOCOL_VIOLATION,
                DatagramFrames.onDatagram(c, QuicConfig.DATAGRAM_BYTES_MAX + 1, place, 0, QuicConfig.DATAGRAM_BYTES_MAX));
    }

    /// A time-out's probes are of 1,200 bytes, which says nothing of what the path carries.
    @Test
    void noneIsGivenUpForAPacketThatIsShorterThanThePathCarries() {
        converse();
        long stream = ends.server.open(false);
        ends.server.write(stream, MemorySegment.ofArray(new byte[3000]), 0, 3000);
        converse();
        assertEquals(QuicConfig.defaults().datagramBytes(), ends.server.c.datagramBytes());
        int sent = 0;
        for (; send(ends.server, new byte[1400]); sent++) {
            all(ends.server);
        }
        all(ends.server);
        while (send(ends.server, new byte[1400])) {
            sent++;
        }
        int lost = sent - QUEUE / 1402;
        Connection c = ends.server.c;
        while (PacketSpace.probes(c.memory, c.spaceAt(PacketSpace.APPLICATION)) == 0) {
            now = ends.server.deadlineNanos();
            ends.server.onDeadline(now);
        }
        for (int i = 0; i < 20; i++) {
            converse();
            while (taken(ends.client) != null) {
                sent--;
            }
        }
        assertEquals(lost, sent, "those that wait arrive");
        assertEquals(lost, ends.server.datagramsLost());
    }

    /// A packet of which something is not kept is not remembered, so it may come any number of times.
    @Test
    void whatComesInAPacketThatIsNotRememberedCountsWhenItIs() {
        converse();
        Blocks blocks = ends.server.c.blocks();
        List<Integer> held = new ArrayList<>();
        for (int block; (block = blocks.tryTake(Blocks.NEED)) != Blocks.NONE;) {
            held.add(block);
        }
        byte[] packet = packet(ends.client, DATAGRAM_LENGTH, (byte) 1, (byte) 7, (byte) 0x0a, (byte) ends.client.open(true), (byte) 1, (byte) 9);
        tells(ends.server, QuicEvent.DATAGRAMS);
        for (int i = 0; i < 3; i++) {
            feed(ends.server, packet.clone(), SELF, 5000);
            assertEquals(-1, ends.server.datagramLength());
            assertFalse(tells(ends.server, QuicEvent.DATAGRAMS));
        }
        held.forEach(ends.server.c.blocks()::release);
        for (int i = 0; i < 2; i++) {
            feed(ends.server, packet.clone(), SELF, 5000);
        }
        assertTrue(tells(ends.server, QuicEvent.DATAGRAMS));
        assertArrayEquals(new byte[] {7}, taken(ends.server));
        assertEquals(-1, ends.server.datagramLength());
    }

    @Test
    void eachThingThatIsToldHasABitOfItsOwn() throws IllegalAccessException {
        int all = 0;
        int count = 0;
        for (Field field : Connection.class.getDeclaredFields()) {
            if (field.getName().startsWith("TELL_")) {
                int bit = field.getInt(null);
                assertEquals(1, Integer.bitCount(bit), field.getName());
                assertEquals(0, all & bit, field.getName());
                all |= bit;
                count++;
            }
        }
        assertTrue(count >= 4);
    }

    @Test
    void aFullQueueSaysNoAndHasRoomWhenOutputWasPolledAndWhatComesToAFullOneIsDroppedAndCounted() {
        converse();
        int taken = 0;
        while (send(ends.client, new byte[1000])) {
            taken++;
        }
        assertEquals(QUEUE / 1002, taken);
        converse();
        assertTrue(send(ends.client, new byte[1000]));
        converse();
        assertEquals(1, ends.server.datagramsDropped());
        assertEquals(0, ends.client.datagramsLost(), "it was acknowledged");
        for (int i = 0; i < taken; i++) {
            assertEquals(1000, taken(ends.server).length);
        }
        assertEquals(-1, ends.server.datagramLength());
    }

    @Test
    void whatIsLostIsCountedAndNotSaidAgain() {
        converse();
        assertTrue(send(ends.server, (byte) 1, (byte) 2) && send(ends.server, (byte) 3));
        assertFalse(all(ends.server).isEmpty(), "and is lost");
        for (int i = 0; i < 50; i++) {
            now += 30 * MILLI;
            ends.server.onDeadline(now);
            converse();
        }
        assertEquals(2, ends.server.datagramsLost());
        assertEquals(-1, ends.client.datagramLength());
        assertTrue(send(ends.server, (byte) 4));
        converse();
        assertArrayEquals(new byte[] {4}, taken(ends.client));
    }

    @Test
    void whatNoLongerFitsThePathIsLost() {
        converse();
        long stream = ends.server.open(false);
        ends.server.write(stream, MemorySegment.ofArray(new byte[3000]), 0, 3000);
        converse();
        assertEquals(QuicConfig.defaults().datagramBytes(), ends.server.c.datagramBytes());
        assertTrue(send(ends.server, new byte[1300]) && send(ends.server, (byte) 5));
        ends.server.c.datagramBytes(PathMtu.BASE);
        converse();
        assertEquals(1, ends.server.datagramsLost());
        assertArrayEquals(new byte[] {5}, taken(ends.client));
    }

    @Test
    void theRingsAreThoseOfAModel() {
        converse();
        Connection c = ends.server.c;
        Seeds.forEach(1, 20, random -> {
            Deque<byte[]> model = new ArrayDeque<>();
            int used = 0;
            for (int step = 0; step < 300; step++) {
                if (random.nextInt(5) < 3) {
                    byte[] bytes = new byte[random.nextInt(random.nextBoolean() ? 30 : 1400)];
                    random.nextBytes(bytes);
                    MemorySegment.copy(bytes, 0, place, ValueLayout.JAVA_BYTE, 0, bytes.length);
                    long before = ends.server.datagramsDropped();
                    assertEquals(Streams.OK, DatagramFrames.onDatagram(c, 1 + bytes.length, place, 0, bytes.length));
                    boolean fits = used + 2 + bytes.length <= QUEUE;
                    assertEquals(fits ? 0 : 1, ends.server.datagramsDropped() - before);
                    if (fits) {
                        model.add(bytes);
                        used += 2 + bytes.length;
                    }
                } else {
                    byte[] expected = model.poll();
                    assertArrayEquals(expected, taken(ends.server));
                    used -= expected == null ? 0 : 2 + expected.length;
                }
            }
            while (!model.isEmpty()) {
                assertArrayEquals(model.poll(), taken(ends.server));
            }
        });
    }

    @Test
    void streamsAndDatagramsShareAConnection() {
        converse();
        long stream = ends.client.open(true);
        ends.client.write(stream, MemorySegment.ofArray(new byte[20_000]), 0, 20_000);
        List<Byte> sent = new ArrayList<>();
        for (byte i = 0; i < 40; i++) {
            byte[] bytes = new byte[500];
            Arrays.fill(bytes, i);
            if (send(ends.client, bytes)) {
                sent.add(i);
            }
            converse();
            for (byte[] each; (each = taken(ends.server)) != null;) {
                assertEquals(sent.removeFirst(), each[499]);
            }
        }
        assertTrue(sent.isEmpty());
        assertEquals(stream, ends.server.pollReady());
    }
}
