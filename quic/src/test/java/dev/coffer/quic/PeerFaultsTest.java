package dev.coffer.quic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.memory.engine.DatagramHeader;
import dev.coffer.memory.engine.NetworkPath;
import dev.coffer.memory.engine.StreamTransport;
import dev.coffer.memory.layout.LittleEndian;
import dev.coffer.quic.packet.ConnectionId;
import dev.coffer.quic.packet.PacketReader;
import dev.coffer.quic.packet.PacketWriter;
import dev.coffer.quic.packet.RetryTag;
import dev.coffer.quic.packet.Version;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What peers, forgers and bad luck do to a connection that must not depend on their good will. Frames that our own side never says are sealed under its keys.
class PeerFaultsTest {
    private static final long MILLI = 1_000_000;
    private static final int NUMBER_BYTES = 2;

    private final Ends ends = new Ends(QuicConfig.tight(), QuicConfig.tight(), Ends.tls());
    private final MemorySegment wire = Arena.ofAuto().allocate(2048);
    private final MemorySegment header = Arena.ofAuto().allocate(DatagramHeader.BYTES);
    private final MemorySegment path = Arena.ofAuto().allocate(NetworkPath.BYTES);
    private final MemorySegment elsewhere = Arena.ofAuto().allocate(NetworkPath.BYTES);
    private long now = 1000 * MILLI;

    @BeforeEach
    void begin() {
        NetworkPath.ipv4(path, 0, 0x0a000001, 443, 0x0a000002, 5000);
        NetworkPath.ipv4(elsewhere, 0, 0x0a000003, 443, 0x0a000002, 5000);
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

    private List<byte[]> all(QuicConnection from) {
        List<byte[]> all = new ArrayList<>();
        for (long bytes; (bytes = from.pollOutput(wire, 0, 1472, header, 0, now)) > 0;) {
            all.add(wire.asSlice(0, bytes).toArray(ValueLayout.JAVA_BYTE));
        }
        return all;
    }

    private void feed(QuicConnection to, byte[] datagram, MemorySegment by) {
        MemorySegment.copy(datagram, 0, wire, ValueLayout.JAVA_BYTE, 0, datagram.length);
        DatagramHeader.ecn(header, 0, DatagramHeader.NOT_ECT);
        NetworkPath.copy(by, 0, header, DatagramHeader.PATH);
        to.feed(wire, 0, datagram.length, header, 0, now);
    }

    private void feed(QuicConnection to, byte[] datagram) {
        feed(to, datagram, path);
    }

    private boolean carry(QuicConnection from, QuicConnection to) {
        List<byte[]> all = all(from);
        all.forEach(each -> feed(to, each));
        return !all.isEmpty();
    }

    private void converse() {
        for (int quiet = 0; quiet < 3;) {
            quiet = carry(ends.client, ends.server) | carry(ends.server, ends.client) ? 0 : quiet + 1;
            now += 30 * MILLI;
            ends.client.onDeadline(now);
            ends.server.onDeadline(now);
        }
    }

    /// {@return a packet of 1-RTT with such frames, as one side would seal it}
    private byte[] packet(QuicConnection from, byte... frames) {
        Connection c = from.c;
        MemorySegment out = Arena.ofAuto().allocate(1472);
        long number = PacketSpace.use(c.memory, c.spaceAt(PacketSpace.APPLICATION));
        long numberAt = PacketWriter.shortHeader(out, 0, c.memory, c.peerIdAt(), number, NUMBER_BYTES, false);
        MemorySegment.copy(frames, 0, out, ValueLayout.JAVA_BYTE, numberAt + NUMBER_BYTES, frames.length);
        long end = c.sealing(PacketSpace.APPLICATION).seal(out, 0, numberAt, number, numberAt + NUMBER_BYTES + frames.length);
        return out.asSlice(0, end).toArray(ValueLayout.JAVA_BYTE);
    }

    private static byte[] newId(int sequence, int retirePriorTo, byte[] token) {
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        frame.writeBytes(new byte[] {0x18, (byte) sequence, (byte) retirePriorTo, 8, 1, 2, 3, 4, 5, 6, 7, 8});
        frame.writeBytes(token);
        return frame.toByteArray();
    }

    private static byte[] reset(byte[] token, int bytes) {
        byte[] datagram = new byte[bytes];
        Arrays.fill(datagram, (byte) 0x5b);
        System.arraycopy(token, 0, datagram, bytes - token.length, token.length);
        return datagram;
    }

    private static byte[] token(int last) {
        byte[] token = new byte[16];
        Arrays.fill(token, (byte) 0x77);
        token[15] = (byte) last;
        return token;
    }

    private boolean isClosed() {
        boolean closed = false;
        for (QuicEvent event; (event = ends.client.pollEvent()) != null;) {
            closed |= event == QuicEvent.CLOSED;
        }
        return closed;
    }

    @Test
    void aStatelessResetEndsTheConnectionWhateverItsDestinationAndOneOfAnotherTokenDoesNot() {
        converse();
        feed(ends.client, packet(ends.server, newId(2, 1, token(1))));
        feed(ends.client, reset(token(1), 43));
        assertFalse(isClosed(), "of an ID that we have not used (RFC 9000, section 10.3.1)");
        feed(ends.client, packet(ends.server, newId(3, 3, token(2))));
        feed(ends.client, reset(token(3), 43));
        feed(ends.client, reset(token(1), 43));
        feed(ends.client, reset(token(2), 20));
        assertFalse(isClosed(), "another token, one that was given back, a datagram that is too short");
        feed(ends.client, reset(token(2), 21));
        assertTrue(isClosed());
        assertEquals(List.of(), all(ends.client), "who drains says nothing");
    }

    @Test
    void whatWasWrittenAndNeverSentCostsNoCreditWhenItsStreamIsReset() {
        converse();
        for (int i = 0; i < 12; i++) {
            long stream = ends.client.open(true);
            assertNotEquals(StreamTransport.NONE, stream, "stream " + i);
            assertTrue(ends.client.outputFree(stream) >= 250, () -> "credit of the connection: " + ends.client.outputFree(stream));
            ends.client.write(stream, MemorySegment.ofArray(new byte[250]), 0, 250);
            ends.client.reset(stream, 1);
            ends.client.release(stream);
            converse();
            assertEquals(stream, ends.server.pollReady());
            ends.server.reset(stream, 2);
            ends.server.release(stream);
            converse();
        }
        assertEquals(0, ends.held());
    }

    @Test
    void aStreamThatIsDoneWithIsForgottenWhenItsEndComesLate() {
        converse();
        for (int i = 0; i < 12; i++) {
            long stream = ends.client.open(true);
            assertNotEquals(StreamTransport.NONE, stream, "stream " + i + " of which 4 may be at a time");
            ends.client.write(stream, MemorySegment.ofArray(new byte[3]), 0, 3);
            converse();
            assertEquals(stream, ends.server.pollReady());
            ends.server.finish(stream);
            ends.server.release(stream);  // and asks for no more of it
            converse();
            ends.client.finish(stream);   // which the client does not follow
            ends.client.release(stream);
            converse();
            assertEquals(0, ends.held(), () -> "rows: " + ends.serverLoop + ", " + ends.clientLoop);
        }
    }

    @Test
    void ofManyAcksInOnePacketTheFirstCount() {
        converse();
        ByteArrayOutputStream frames = new ByteArrayOutputStream();
        Connection c = ends.server.c;
        long at = c.spaceAt(PacketSpace.APPLICATION);
        long first = PacketSpace.next(c.memory, at);
        for (int i = 0; i < 2 * Incoming.ACKS_MAX; i++) {
            feed(ends.client, packet(ends.server, (byte) 1, (byte) 1));  // so that its number is one that went
            frames.writeBytes(new byte[] {2, (byte) (first + i), 0, 0, 0});
        }
        assertTrue(first + 2 * Incoming.ACKS_MAX < 64, "one byte each");
        feed(ends.server, packet(ends.client, frames.toByteArray()));
        assertEquals(first + Incoming.ACKS_MAX - 1, PacketSpace.largestAcked(c.memory, at));
        assertEquals(0, c.error);
        feed(ends.server, packet(ends.client, (byte) 2, (byte) (first + 5), (byte) 0, (byte) 0, (byte) 0));
        assertEquals(first + 5, PacketSpace.largestAcked(c.memory, at), "each packet anew");
    }

    @Test
    void onlyDatagramsOfThisConnectionLetAServerSayMore() {
        List<byte[]> hello = all(ends.client);
        byte[] foreign = hello.get(0).clone();
        foreign[6] ^= 1;  // of its destination
        feed(ends.server, new byte[1200]);
        long heard = 0;
        for (byte[] each : hello) {
            feed(ends.server, each);
            heard += each.length;
            feed(ends.server, foreign);
            feed(ends.server, hello.get(0), elsewhere);
        }
        assertEquals(3 * heard, Amplification.left(ends.server.c));
        byte[] broken = hello.get(1).clone();
        broken[600] ^= 1;
        feed(ends.server, broken);
        assertEquals(3 * (heard + 1200), Amplification.left(ends.server.c), "its own counts, whatever is in it (RFC 9000, section 8.1)");
    }

    /// RFC 9000, section 8.1: three times as much, to the byte.
    @Test
    void aServerSaysThreeTimesWhatCameAndNotAByteMore() {
        long heard = 0;
        for (byte[] each : all(ends.client)) {
            feed(ends.server, each);
            heard += each.length;
        }
        Connection c = ends.server.c;
        c.sentBytes = 3 * heard - 1199;
        assertEquals(List.of(), all(ends.server), "its first datagram is of 1,200 bytes");
        assertTrue(c.isBlockedByAmplification());
        c.sentBytes = 3 * heard - 1200;
        assertFalse(c.isBlockedByAmplification());
        assertEquals(List.of(1200), all(ends.server).stream().map(each -> each.length).toList());
        assertEquals(3 * heard, c.sentBytes);
    }

    @Test
    void aFirstPacketThatIsNotAuthenticHoldsNoHandshake() {
        List<byte[]> hello = all(ends.client);
        byte[] broken = hello.get(0).clone();
        broken[6] ^= 1;
        feed(ends.server, broken);
        assertEquals(0, ends.serverLoop.handshakesAccount().usedBytes());
        hello.forEach(each -> feed(ends.server, each));
        converse();
        assertTrue(ends.server.isConfirmed() && ends.client.isConfirmed());
    }

    @Test
    void aPathIsAnsweredForInADatagramOfTheLeastSizeOfAll() {
        converse();
        feed(ends.client, packet(ends.server, (byte) 0x1a, (byte) 1, (byte) 2, (byte) 3, (byte) 4, (byte) 5, (byte) 6, (byte) 7, (byte) 8));
        assertEquals(1200, all(ends.client).get(0).length, "RFC 9000, section 8.2.2");
    }

    @Test
    void whereAllPlacesForPacketsAreTakenAndNobodyHasHeardOfThemOneGoesThatNeedsNone() {
        converse();
        Connection c = ends.server.c;
        long sent = c.spaceAt(PacketSpace.APPLICATION) + PacketSpace.SENT;
        for (int i = 0; i < 60 && SentPackets.count(c.memory, sent) + SentPackets.ITEMS_MAX <= QuicConfig.tight().records(); i++) {
            if (i % 10 == 0) {
                long stream = ends.server.open(false);
                ends.server.write(stream, MemorySegment.ofArray(new byte[200]), 0, 200);
            }
            PacketSpace.probes(c.memory, c.spaceAt(PacketSpace.APPLICATION), 1);
            assertFalse(all(ends.server).isEmpty());  // lost, all of it
        }
        assertTrue(SentPackets.count(c.memory, sent) + SentPackets.ITEMS_MAX > QuicConfig.tight().records(), "full");
        now = ends.server.deadlineNanos();
        ends.server.onDeadline(now);
        List<byte[]> probes = all(ends.server);
        assertFalse(probes.isEmpty(), "a table that is full and that nobody hears of would stay so (seed 243 of 300 with 30 % loss)");
        probes.forEach(each -> feed(ends.client, each));
        converse();
        assertEquals(0, SentPackets.count(c.memory, sent));
        for (long stream; (stream = ends.client.pollReady()) != StreamTransport.NONE;) {
            assertTrue(ends.client.inputLength(stream) > 0);
        }
    }

    private PacketReader hello() {
        byte[] datagram = all(ends.client).get(0);
        MemorySegment memory = Arena.ofAuto().allocate(datagram.length);
        MemorySegment.copy(datagram, 0, memory, ValueLayout.JAVA_BYTE, 0, datagram.length);
        PacketReader reader = new PacketReader();
        reader.begin(memory, 0, datagram.length, Connection.LOCAL_ID_BYTES);
        assertEquals(PacketReader.Found.PACKET, reader.next());
        return reader;
    }

    @Test
    void aRetryWithTheIdThatItAnswersIsPassedOver() {
        PacketReader hello = hello();
        MemorySegment ids = Arena.ofAuto().allocate(2 * ConnectionId.BYTES);
        ConnectionId.set(ids, 0, hello.segment(), hello.destinationAt(), hello.destinationLength());
        ConnectionId.set(ids, ConnectionId.BYTES, hello.segment(), hello.sourceAt(), hello.sourceLength());
        MemorySegment out = Arena.ofAuto().allocate(128);
        long end = PacketWriter.retry(out, 0, Version.V1, 0, ids, ConnectionId.BYTES, 0, MemorySegment.ofArray(new byte[4]), 0, 4);
        end = new RetryTag(Arena.ofAuto().allocate(RetryTag.WORKSPACE_BYTES), 0).write(Version.V1, ids, 0, out, 0, end);
        feed(ends.client, out.asSlice(0, end).toArray(ValueLayout.JAVA_BYTE));
        assertEquals(List.of(), all(ends.client), "RFC 9000, section 17.2.5.1");
    }

    @Test
    void aVersionNegotiationThatIsCutEndsNothing() {
        PacketReader hello = hello();
        MemorySegment out = Arena.ofAuto().allocate(64);
        out.set(ValueLayout.JAVA_BYTE, 0, (byte) 0xc0);
        long at = 5;
        for (long[] id : new long[][] {{hello.sourceAt(), hello.sourceLength()}, {hello.destinationAt(), hello.destinationLength()}}) {
            out.set(ValueLayout.JAVA_BYTE, at, (byte) id[1]);
            MemorySegment.copy(hello.segment(), id[0], out, at + 1, id[1]);
            at += 1 + id[1];
        }
        feed(ends.client, out.asSlice(0, at).toArray(ValueLayout.JAVA_BYTE));
        feed(ends.client, out.asSlice(0, at + 6).toArray(ValueLayout.JAVA_BYTE));
        assertFalse(isClosed(), "no version, one and a half");
    }

    @Test
    void aHelloThatIsLostGoesWithAProbeOfTheNextLevelThoughThatFillsTheWindow() {
        carry(ends.client, ends.server);
        assertFalse(all(ends.server).isEmpty(), "both levels are under way");
        Connection c = ends.server.c;
        long send = ConnectionLayout.cryptoSend(c.core, c.handshakeAt, PacketSpace.INITIAL);
        LossRecovery.discard(c, PacketSpace.INITIAL);
        SendBuffer.again(c.memory, send, c.blocks(), 0, SendBuffer.end(c.memory, send));
        LittleEndian.i64(c.memory, c.recoveryAt() + LossRecovery.CONGESTION + CongestionControl.WINDOW, 1);
        assertEquals(List.of(), all(ends.server), "the window is full");
        now = ends.server.deadlineNanos();
        ends.server.onDeadline(now);
        List<byte[]> probes = all(ends.server);
        assertEquals(0xc0, probes.get(0)[0] & 0xf0, "an Initial packet, without which nobody opens the other");
        assertEquals(SendBuffer.end(c.memory, send), SendBuffer.sent(c.memory, send));
        probes.forEach(each -> feed(ends.client, each));
        assertTrue(ends.client.c.opens(PacketSpace.HANDSHAKE));
    }
}
