package dev.coffer.quic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.memory.engine.DatagramHeader;
import dev.coffer.memory.engine.NetworkPath;
import dev.coffer.quic.frame.TransportError;
import dev.coffer.quic.packet.ConnectionId;
import dev.coffer.quic.packet.PacketReader;
import dev.coffer.quic.packet.PacketWriter;
import dev.coffer.quic.packet.RetryTag;
import dev.coffer.quic.packet.Version;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.openjdk.jol.info.ClassLayout;

/// One connection of ours and another, datagram by datagram, with a clock of our own.
class QuicConnectionTest {
    private static final long MILLI = 1_000_000;
    private static final long IDLE_NANOS = 30_000 * MILLI;

    private final Ends ends = new Ends(QuicConfig.tight(), QuicConfig.tight(), Ends.tls());
    private final MemorySegment wire = Arena.ofAuto().allocate(2048);
    private final MemorySegment header = Arena.ofAuto().allocate(DatagramHeader.BYTES);
    private final MemorySegment path = Arena.ofAuto().allocate(NetworkPath.BYTES);
    private long now = 1000 * MILLI;

    @BeforeEach
    void begin() {
        NetworkPath.ipv4(path, 0, 0x0a000001, 443, 0x0a000002, 5000);
        ends.server.reset(now);
        ends.client.reset(now);
        assertTrue(ends.client.connect("coffer.test", Version.V1, path, 0, now));
    }

    @AfterEach
    void end() {
        ends.server.reset(now);
        ends.client.reset(now);
        assertEquals(0, ends.held());
        ends.close();
    }

    private byte[] poll(QuicConnection from) {
        long bytes = from.pollOutput(wire, 0, 1472, header, 0, now);
        return bytes == 0 ? null : wire.asSlice(0, bytes).toArray(ValueLayout.JAVA_BYTE);
    }

    private List<byte[]> all(QuicConnection from) {
        List<byte[]> all = new ArrayList<>();
        for (byte[] each; (each = poll(from)) != null;) {
            all.add(each);
        }
        return all;
    }

    private void feed(QuicConnection to, byte[] datagram) {
        MemorySegment.copy(datagram, 0, wire, ValueLayout.JAVA_BYTE, 0, datagram.length);
        DatagramHeader.ecn(header, 0, DatagramHeader.NOT_ECT);
        NetworkPath.copy(path, 0, header, DatagramHeader.PATH);
        to.feed(wire, 0, datagram.length, header, 0, now);
    }

    private boolean carry(QuicConnection from, QuicConnection to) {
        List<byte[]> all = all(from);
        all.forEach(each -> feed(to, each));
        return !all.isEmpty();
    }

    /// Both say all that they have, with delays of acknowledgements that pass.
    private void converse() {
        for (int quiet = 0; quiet < 3;) {
            quiet = carry(ends.client, ends.server) | carry(ends.server, ends.client) ? 0 : quiet + 1;
            now += 30 * MILLI;
            ends.client.onDeadline(now);
            ends.server.onDeadline(now);
        }
    }

    private void leg(QuicConnection from, QuicConnection to) {
        assertTrue(carry(from, to), "nothing to say");
        now += MILLI / 2;
    }

    /// On a path of a millisecond nothing waits for a timer: an end that paces by the round trip of 333 ms that it began with says its third datagram some 30 ms late.
    @Test
    void aHandshakeARequestAndItsAnswerTakeTheirRoundTripsAndNoTimer() {
        leg(ends.client, ends.server);
        leg(ends.server, ends.client);
        long stream = ends.client.open(true);
        ends.client.write(stream, MemorySegment.ofArray(new byte[] {1, 2, 3}), 0, 3);
        ends.client.finish(stream);
        leg(ends.client, ends.server);
        assertEquals(stream, ends.server.pollReady());
        assertEquals(3, ends.server.inputLength(stream));
        ends.server.write(stream, MemorySegment.ofArray(new byte[] {4}), 0, 1);
        leg(ends.server, ends.client);
        assertEquals(1, ends.client.inputLength(stream));
        assertTrue(ends.client.c.confirmed, "the end of the handshake came with it");
    }

    private static List<QuicEvent> events(QuicConnection of) {
        List<QuicEvent> events = new ArrayList<>();
        for (QuicEvent event; (event = of.pollEvent()) != null;) {
            events.add(event);
        }
        return events;
    }

    private void exchange() {
        long stream = ends.client.open(true);
        ends.client.write(stream, MemorySegment.ofArray(new byte[] {1, 2, 3}), 0, 3);
        ends.client.finish(stream);
        converse();
        assertEquals(stream, ends.server.pollReady());
        assertEquals(3, ends.server.inputLength(stream));
        assertEquals(2, ends.server.inputSegment(stream).get(ValueLayout.JAVA_BYTE, ends.server.inputAt(stream) + 1));
        assertFalse(ends.server.isInputEnded(stream));
        ends.server.consume(stream, 3);
        assertTrue(ends.server.isInputEnded(stream));
        ends.server.finish(stream);
        ends.server.release(stream);
        converse();
        assertEquals(stream, ends.client.pollReady());
        assertTrue(ends.client.isInputEnded(stream));
        ends.client.release(stream);
        converse();
    }

    @Test
    void anIdleConnectionKeepsItsCoreAndNothingElse() {
        converse();
        assertEquals(List.of(QuicEvent.CONNECTED), events(ends.client));
        assertTrue(ends.client.isConfirmed() && ends.server.isConfirmed());
        exchange();
        assertEquals(0, ends.held(), () -> "blocks and handshakes: " + ends.serverLoop + ", " + ends.clientLoop);
        assertEquals(1216, QuicConnection.plan(QuicConfig.tight()).totalBytes());
        assertEquals(ClassLayout.parseClass(QuicConnection.class).instanceSize() + ClassLayout.parseClass(Connection.class).instanceSize(),
                QuicConnection.heapBytes());
        assertTrue(QuicConnection.heapBytes() <= 336, QuicConnection.heapBytes() + " bytes of objects");
    }

    @Test
    void keysAreUpdatedOnceThePhaseBeforeIsAcknowledged() {
        assertFalse(ends.client.updateKeys(), "no handshake yet");
        converse();
        exchange();
        for (int generation = 1; generation <= 3; generation++) {
            assertTrue(ends.client.updateKeys());
            assertFalse(ends.client.updateKeys(), "nothing of this phase was acknowledged");
            exchange();
            assertEquals(generation, ends.client.keyGeneration());
            assertEquals(generation, ends.server.keyGeneration());
        }
        assertTrue(ends.server.updateKeys(), "the other side may, too");
        exchange();
        assertEquals(4, ends.client.keyGeneration());
    }

    @Test
    void aServerSaysThreeTimesWhatItHeardUntilItsClientHasAnswered() {
        List<byte[]> hello = all(ends.client);
        long heard = 0;
        long said = 0;
        for (byte[] each : hello) {
            assertEquals(1200, each.length, "padded (RFC 9000, section 14.1)");
            feed(ends.server, each);
            heard += each.length;
        }
        for (byte[] each : all(ends.server)) {
            said += each.length;
        }
        for (int probe = 0; probe < 20; probe++) {
            now = Math.max(now, Math.min(ends.server.deadlineNanos(), now + 1000 * MILLI));
            ends.server.onDeadline(now);
            for (byte[] each : all(ends.server)) {
                said += each.length;
            }
            assertTrue(said <= 3 * heard, said + " bytes for " + heard);
        }
        assertTrue(said > 3 * heard - 1200, "as much as it may: " + said);
        assertTrue(ends.server.deadlineNanos() > now, "nothing could be said: nothing is due");
    }

    @Test
    void aDatagramThatIsTooSmallBeginsNothing() {
        feed(ends.server, initial(1199));
        assertEquals(0, ends.serverLoop.handshakesAccount().usedBytes());
        assertNull(poll(ends.server));
        feed(ends.server, initial(1200));
        assertTrue(ends.serverLoop.handshakesAccount().usedBytes() > 0, "the least (RFC 9000, section 14.1)");
    }

    /// {@return an Initial packet of the client's, whole and authentic, of so many bytes}
    private byte[] initial(int bytes) {
        Connection c = ends.client.c;
        MemorySegment out = Arena.ofAuto().allocate(1472);
        long number = PacketSpace.use(c.memory, c.spaceAt(PacketSpace.INITIAL));
        long numberAt = PacketWriter.initial(out, 0, Version.V1, c.memory, c.peerIdAt(), LocalIds.at(c, 0), c.memory,
                c.handshakeAt + ConnectionLayout.TOKEN, 0, number, 2);
        long end = bytes - RetryTag.BYTES;
        out.set(ValueLayout.JAVA_BYTE, numberAt + 2, (byte) 1);  // PING, then padding
        PacketWriter.length(out, numberAt, end);
        assertEquals(bytes, c.sealing(PacketSpace.INITIAL).seal(out, 0, numberAt, number, end));
        return out.asSlice(0, bytes).toArray(ValueLayout.JAVA_BYTE);
    }

    @Test
    void aCloseIsHeardAndBothSidesEndThreeProbesLater() {
        converse();
        long stream = ends.client.open(true);
        ends.client.write(stream, MemorySegment.ofArray(new byte[300]), 0, 200);
        carry(ends.client, ends.server);
        ends.client.close(77);
        assertEquals(0, ends.clientLoop.blocksAccount().usedBytes(), "nothing more is said");
        byte[] close = poll(ends.client);
        assertNull(poll(ends.client), "once");
        feed(ends.server, close);
        assertTrue(events(ends.server).contains(QuicEvent.CLOSED));
        assertTrue(ends.server.isClosedByApplication() && ends.server.isClosedByPeer());
        assertEquals(77, ends.server.closeCode());
        assertNull(poll(ends.server), "who drains says nothing");
        Connection c = ends.server.c;
        long deadline = ends.server.deadlineNanos();
        assertEquals(now + 3 * RoundTrip.probeNanos(c.memory, c.recoveryAt() + LossRecovery.ROUND_TRIP, c.peerDelayNanosMax), deadline);
        now = deadline - 1;
        ends.server.onDeadline(now);
        assertFalse(ends.server.isEnded());
        now = deadline;
        ends.server.onDeadline(now);
        assertTrue(ends.server.isEnded());
        assertEquals(Long.MAX_VALUE, ends.server.deadlineNanos());
        now = Math.max(now, ends.client.deadlineNanos());
        ends.client.onDeadline(now);
        assertTrue(ends.client.isEnded());
        assertEquals(0, ends.held());
    }

    @Test
    void whoClosesAnswersFewerAndFewerOfThePacketsThatStillCome() {
        converse();
        long stream = ends.server.open(false);
        ends.server.write(stream, MemorySegment.ofArray(new byte[1]), 0, 1);
        byte[] late = poll(ends.server);
        ends.client.close(1);
        poll(ends.client);
        int answers = 0;
        for (int i = 0; i < 63; i++) {
            feed(ends.client, late);
            answers += all(ends.client).size();
        }
        assertEquals(6, answers, "behind 1, 2, 4, 8, 16 and 32 packets");
    }

    @Test
    void aConnectionThatSaysNothingEndsAfterItsIdleTimeAndNotBefore() {
        converse();
        long deadline = ends.client.deadlineNanos();
        assertTrue(deadline > now && deadline <= now + IDLE_NANOS, (deadline - now) + " ns");
        ends.client.onDeadline(deadline - 1);
        assertFalse(ends.client.isEnded());
        ends.client.onDeadline(deadline);
        assertTrue(ends.client.isEnded());
        assertTrue(events(ends.client).contains(QuicEvent.CLOSED));
        assertEquals(0, ends.client.closeCode());
    }

    private PacketReader hello(byte[] datagram) {
        MemorySegment memory = Arena.ofAuto().allocate(datagram.length);
        MemorySegment.copy(datagram, 0, memory, ValueLayout.JAVA_BYTE, 0, datagram.length);
        PacketReader reader = new PacketReader();
        reader.begin(memory, 0, datagram.length, Connection.LOCAL_ID_BYTES);
        assertEquals(PacketReader.Found.PACKET, reader.next());
        return reader;
    }

    private byte[] negotiation(PacketReader hello, int version) {
        MemorySegment out = Arena.ofAuto().allocate(64);
        out.set(ValueLayout.JAVA_BYTE, 0, (byte) 0xc0);
        long at = 5;
        for (long[] id : new long[][] {{hello.sourceAt(), hello.sourceLength()}, {hello.destinationAt(), hello.destinationLength()}}) {
            out.set(ValueLayout.JAVA_BYTE, at, (byte) id[1]);
            MemorySegment.copy(hello.segment(), id[0], out, at + 1, id[1]);
            at += 1 + id[1];
        }
        out.set(ValueLayout.JAVA_INT_UNALIGNED.withOrder(java.nio.ByteOrder.BIG_ENDIAN), at, version);
        return out.asSlice(0, at + 4).toArray(ValueLayout.JAVA_BYTE);
    }

    @Test
    void aServerOfOtherVersionsEndsTheConnectionUnlessItSaysOurs() {
        PacketReader hello = hello(poll(ends.client));
        feed(ends.client, negotiation(hello, Version.V1.code()));
        assertEquals(List.of(), events(ends.client), "what says our version is passed over");
        feed(ends.client, negotiation(hello, 0x1a2a3a4a));
        assertEquals(List.of(QuicEvent.CLOSED), events(ends.client));
        assertEquals(TransportError.VERSION_NEGOTIATION_ERROR, ends.client.closeCode());
    }

    @Test
    void aRetryIsFollowedOnceWithItsTokenAndItsIdAndAForgedOneIsNot() {
        PacketReader hello = hello(poll(ends.client));
        MemorySegment ids = Arena.ofAuto().allocate(3 * ConnectionId.BYTES);
        ConnectionId.set(ids, 0, hello.segment(), hello.destinationAt(), hello.destinationLength());
        ConnectionId.set(ids, ConnectionId.BYTES, hello.segment(), hello.sourceAt(), hello.sourceLength());
        ConnectionId.set(ids, 2 * ConnectionId.BYTES, MemorySegment.ofArray(new byte[] {9, 8, 7, 6, 5}), 0, 5);
        MemorySegment token = MemorySegment.ofArray(new byte[] {1, 2, 3, 4});
        MemorySegment out = Arena.ofAuto().allocate(128);
        long end = PacketWriter.retry(out, 0, Version.V1, 0, ids, ConnectionId.BYTES, 2 * ConnectionId.BYTES, token, 0, 4);
        RetryTag tag = new RetryTag(Arena.ofAuto().allocate(RetryTag.WORKSPACE_BYTES), 0);
        end = tag.write(Version.V1, ids, 0, out, 0, end);
        byte[] retry = out.asSlice(0, end).toArray(ValueLayout.JAVA_BYTE);
        byte[] forged = retry.clone();
        forged[forged.length - 1] ^= 1;
        all(ends.client);
        feed(ends.client, forged);
        assertNull(poll(ends.client));
        feed(ends.client, retry);
        byte[] again = poll(ends.client);
        PacketReader second = hello(again);
        assertEquals(4, second.tokenLength());
        assertEquals(5, second.destinationLength());
        assertEquals(9, second.segment().get(ValueLayout.JAVA_BYTE, second.destinationAt()));
        all(ends.client);
        feed(ends.client, retry);
        assertNull(poll(ends.client), "a second one");
    }

    @Test
    void whereNoHandshakeIsFreeNothingIsHeld() {
        QuicConnection other = QuicConnection.client(ends.clientLoop, ends.clientContext, 0);
        other.reset(now);
        long held = ends.held();
        assertFalse(other.connect("coffer.test", Version.V1, path, 0, now), "one place, which another has");
        assertEquals(held, ends.held());
    }
}
