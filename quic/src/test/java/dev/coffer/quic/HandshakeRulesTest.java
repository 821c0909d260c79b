package dev.coffer.quic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.quic.frame.TransportError;
import dev.coffer.quic.packet.ConnectionId;
import dev.coffer.quic.packet.PacketType;
import dev.coffer.quic.packet.PacketWriter;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What holds before a handshake is confirmed: sizes (RFC 9000, section 14.1), whose packets are taken (section 7.2), what is said of an early end (section 10.2.3), when keys go (RFC 9001,
/// section 4.9.1); and that what is lost is said again (section 13.3).
class HandshakeRulesTest extends Talk {
    private static final int INITIAL_TYPE = 0xc0;
    private static final int TYPE_MASK = 0xb0;
    private static final byte PING = 0x01;

    HandshakeRulesTest() {
        super(QuicConfig.tight());
    }

    private static boolean beginsWithInitial(Datagram datagram) {
        return (datagram.bytes()[0] & TYPE_MASK) == (INITIAL_TYPE & TYPE_MASK);
    }

    private void toServer(List<Datagram> said) {
        said.forEach(each -> feed(ends.server, each.bytes(), 0x0a000002, 5000));
    }

    private void toClient(List<Datagram> said) {
        said.forEach(each -> feed(ends.client, each.bytes(), 0x0a000001, 443));
    }

    private static void probe(QuicConnection of) {
        PacketSpace.probes(of.c.memory, of.c.spaceAt(PacketSpace.INITIAL), 1);
    }

    /// @param said  by one side, one or more with an Initial packet
    private static void areWhole(List<Datagram> said) {
        assertTrue(said.stream().anyMatch(HandshakeRulesTest::beginsWithInitial));
        said.stream().filter(HandshakeRulesTest::beginsWithInitial).forEach(each -> assertEquals(1200, each.bytes().length));
    }

    @Test
    void everyInitialOfAClientGoesInADatagramOfTheLeastSize() {
        List<Datagram> hello = all(ends.client);
        areWhole(hello);
        probe(ends.client);
        areWhole(all(ends.client));
        toServer(hello);
        toClient(all(ends.server).subList(0, 1));
        areWhole(all(ends.client));
    }

    @Test
    void itsLastWordToo() {
        ends.client.close(5);
        areWhole(all(ends.client));
    }

    @Test
    void anInitialOfAServersThatAsksForAnAckGoesInOneToo() {
        toServer(all(ends.client));
        areWhole(all(ends.server));
        ends.server.c.validated = true;
        probe(ends.server);
        areWhole(all(ends.server));
    }

    /// RFC 9000, section 10.2.3: a code of the application's tells of its state to whoever reads Initial packets.
    @Test
    void anEarlyEndTellsNothingOfTheApplication() {
        toServer(all(ends.client));
        ends.client.close(0x42);
        toServer(all(ends.client));
        assertEquals(Connection.DRAINING, ends.server.c.phase);
        assertEquals(TransportError.APPLICATION_ERROR, ends.server.closeCode());
        assertFalse(ends.server.isClosedByApplication());
    }

    /// A packet of the handshake that is the peer's but for its source.
    private byte[] withSource(QuicConnection from, int space, MemorySegment ids, long source) {
        Connection c = from.c;
        MemorySegment out = Arena.ofAuto().allocate(1472);
        ConnectionId.copy(c.memory, c.peerIdAt(), ids, 0);
        long number = PacketSpace.use(c.memory, c.spaceAt(space));
        long numberAt = space == PacketSpace.INITIAL ? PacketWriter.initial(out, 0, c.version, ids, 0, source, ids, 0, 0, number, 4)
                : PacketWriter.longHeader(out, 0, c.version, PacketType.HANDSHAKE, ids, 0, source, number, 4);
        long end = 1200 - 16;
        out.set(ValueLayout.JAVA_BYTE, numberAt + 4, PING);
        PacketWriter.length(out, numberAt, end);
        end = c.sealing(space).seal(out, 0, numberAt, number, end);
        return out.asSlice(0, end).toArray(ValueLayout.JAVA_BYTE);
    }

    private static long largest(QuicConnection of, int space) {
        return ReceivedRanges.largest(of.c.memory, of.c.spaceAt(space) + PacketSpace.RECEIVED);
    }

    private void onlyFromItsFirstId(QuicConnection by, int space) {
        QuicConnection peer = by == ends.client ? ends.server : ends.client;
        MemorySegment ids = Arena.ofAuto().allocate(3 * ConnectionId.BYTES);
        ConnectionId.copy(peer.c.memory, LocalIds.at(peer.c, 0), ids, ConnectionId.BYTES);
        ConnectionId.set(ids, 2 * ConnectionId.BYTES, MemorySegment.ofArray(new byte[8]), 0, 8);
        long before = largest(by, space);
        byte[] other = withSource(peer, space, ids, 2 * ConnectionId.BYTES);
        byte[] same = withSource(peer, space, ids, ConnectionId.BYTES);
        feed(by, other, by == ends.client ? 0x0a000001 : 0x0a000002, by == ends.client ? 443 : 5000);
        assertEquals(before, largest(by, space));
        feed(by, same, by == ends.client ? 0x0a000001 : 0x0a000002, by == ends.client ? 443 : 5000);
        assertTrue(largest(by, space) > before, "as it is");
    }

    /// RFC 9000, section 7.2: who has changed its ID is somebody else.
    @Test
    void packetsOfTheHandshakeComeFromTheIdThatItBeganWith() {
        toServer(all(ends.client));
        onlyFromItsFirstId(ends.server, PacketSpace.INITIAL);
        List<Datagram> flight = all(ends.server);
        toClient(flight.subList(0, 1));
        onlyFromItsFirstId(ends.client, PacketSpace.INITIAL);
        toClient(flight);
        onlyFromItsFirstId(ends.client, PacketSpace.HANDSHAKE);
    }

    @Test
    void aClientForgetsItsInitialKeysWhenItSaysSomethingOfTheHandshake() {
        toServer(all(ends.client));
        toClient(all(ends.server));
        assertTrue(ends.client.c.spaceAt(PacketSpace.INITIAL) >= 0);
        all(ends.client);
        assertTrue(ends.client.c.spaceAt(PacketSpace.INITIAL) < 0);
        assertTrue(ends.client.c.spaceAt(PacketSpace.HANDSHAKE) >= 0);
    }

    /// RFC 9000, section 10.2.2: who closes, and hears that the peer does as well, has nothing more to say.
    @Test
    void whoClosesAndIsClosedFallsSilent() {
        converse();
        ends.server.close(1);
        ends.client.close(2);
        all(ends.server);
        toServer(all(ends.client));
        assertEquals(Connection.DRAINING, ends.server.c.phase);
        assertEquals(1, ends.server.closeCode(), "why it closed itself");
        feed(ends.server, packet(ends.client, PING), 0x0a000002, 5000);
        assertEquals(List.of(), all(ends.server));
    }

    @Test
    void thatTheHandshakeIsDoneIsSaidAgainWhereItIsLost() {
        toServer(all(ends.client));
        toClient(all(ends.server));
        toServer(all(ends.client));
        assertTrue(ends.server.isConfirmed());
        all(ends.server);
        assertFalse(ends.server.c.handshakeDoneDue);
        lose(ends.server);
        toClient(all(ends.server));
        assertTrue(ends.client.isConfirmed());
    }

    private static void lose(QuicConnection of) {
        LossRecovery.forsake(of.c, PacketSpace.APPLICATION);
    }

    @Test
    void whatIsLostOfLimitsEndsAndIdsIsSaidAgain() {
        converse();
        Connection c = ends.client.c;
        long stream = ends.client.open(true);
        ends.client.write(stream, MemorySegment.ofArray(new byte[3]), 0, 3);
        long row = Streams.find(c, stream);
        int limits = SentPackets.MAX_DATA | SentPackets.MAX_STREAMS_BIDI | SentPackets.MAX_STREAMS_UNI;
        all(ends.client);
        Streams.due(c, limits);
        StreamRow.set(c.blocks().memory(), row, StreamRow.LIMIT_DUE);
        PeerIds.retire(c, 0);
        all(ends.client);
        assertEquals(0, Streams.due(c));
        assertEquals(-1, PeerIds.retiring(c));
        assertFalse(StreamRow.has(c.blocks().memory(), row, StreamRow.LIMIT_DUE));
        lose(ends.client);
        assertEquals(limits, Streams.due(c));
        assertEquals(0, PeerIds.retiring(c));
        assertTrue(StreamRow.has(c.blocks().memory(), row, StreamRow.LIMIT_DUE));
        c.retiring = 0;
        ends.client.stopSending(stream, 7);
        ends.client.reset(stream, 8);
        all(ends.client);
        int ends = StreamRow.RESET_DUE | StreamRow.STOP_DUE;
        assertEquals(0, StreamRow.flags(c.blocks().memory(), row) & ends);
        lose(this.ends.client);
        assertEquals(ends, StreamRow.flags(c.blocks().memory(), row) & ends);
    }

    /// RFC 9001, section 5.7: a server has the keys before it knows who the client is.
    @Test
    void nothingOf1RttIsTakenBeforeTheHandshakeIsComplete() {
        toServer(all(ends.client));
        toClient(all(ends.server));
        List<Datagram> finished = all(ends.client);
        assertTrue(ends.client.isConnected());
        byte[] ask = packet(ends.client, (byte) 0x0b, (byte) 0, (byte) 1, (byte) 7);
        feed(ends.server, ask, 0x0a000002, 5000);
        assertEquals(-1, ends.server.pollReady());
        toServer(finished);
        feed(ends.server, ask, 0x0a000002, 5000);
        assertEquals(0, ends.server.pollReady(), "as it may be now");
    }

    /// RFC 9000, section 13.2.5: what we wait with an ACK is told, so that it is no part of the round trip.
    @Test
    void anAckTellsHowLongItHasWaited() {
        converse();
        Connection c = ends.client.c;
        for (int i = 0; i < 20; i++) {
            ends.client.ping();
            toServer(all(ends.client));
            assertEquals(List.of(), all(ends.server), "one packet that asks waits");
            now = ends.server.deadlineNanos();
            ends.server.onDeadline(now);
            toClient(all(ends.server));
        }
        assertTrue(RoundTrip.smoothed(c.memory, c.recoveryAt() + LossRecovery.ROUND_TRIP) < 5 * MILLI);
    }

    private void fromServer(MemorySegment said, long bytes) {
        feed(ends.client, said.asSlice(0, bytes).toArray(ValueLayout.JAVA_BYTE), 0x0a000001, 443);
    }

    /// RFC 9000, section 6.2: nobody authenticates it.
    @Test
    void behindAnotherPacketNoVersionsAreNegotiated() {
        Connection c = ends.client.c;
        MemorySegment out = Arena.ofAuto().allocate(64);
        out.set(ValueLayout.JAVA_BYTE, 0, (byte) 0xc0);
        out.set(ValueLayout.JAVA_BYTE, 5, (byte) 8);
        MemorySegment.copy(c.memory, LocalIds.at(c, 0) + ConnectionId.VALUE, out, 6, 8);
        out.set(ValueLayout.JAVA_BYTE, 14, (byte) 8);
        MemorySegment.copy(c.memory, c.peerIdAt() + ConnectionId.VALUE, out, 15, 8);
        out.asSlice(23, 4).fill((byte) 0x0a);
        c.serverHeard = true;
        fromServer(out, 27);
        c.serverHeard = false;
        c.retried = true;
        fromServer(out, 27);
        c.retried = false;
        assertEquals(Connection.OPEN, c.phase);
        fromServer(out, 27);
        assertEquals(Connection.DRAINING, c.phase, "first of all");
    }

    /// RFC 9000, section 17.2.5.2.
    @Test
    void behindAnotherPacketNoRetryIsFollowed() {
        Connection c = ends.client.c;
        MemorySegment ids = Arena.ofAuto().allocate(2 * ConnectionId.BYTES);
        ConnectionId.copy(c.memory, LocalIds.at(c, 0), ids, 0);
        ConnectionId.set(ids, ConnectionId.BYTES, MemorySegment.ofArray(new byte[8]), 0, 8);
        MemorySegment out = Arena.ofAuto().allocate(128);
        long end = PacketWriter.retry(out, 0, c.version, 0, ids, 0, ConnectionId.BYTES, ids, 0, 5);
        end = ends.clientLoop.retryTag.write(c.version, c.memory, c.handshakeAt + ConnectionLayout.ORIGINAL_ID, out, 0, end);
        c.serverHeard = true;
        fromServer(out, end);
        assertFalse(c.retried);
        c.serverHeard = false;
        fromServer(out, end);
        assertTrue(c.retried, "first of all");
    }

    /// RFC 9000, section 9.
    @Test
    void nobodyMovesBeforeTheHandshakeIsConfirmed() {
        toServer(all(ends.client));
        toClient(all(ends.server));
        List<Datagram> finished = all(ends.client);
        finished.forEach(each -> feed(ends.server, each.bytes(), 0x0a000002, 6000));
        assertFalse(ends.server.isConnected());
        toServer(finished);
        assertTrue(ends.server.isConnected());
    }

    /// RFC 9000, section 10.1: who says more and more to nobody is idle all the same.
    @Test
    void theIdleTimeBeginsWithTheFirstThatGoesBehindWhatCame() {
        converse();
        Connection c = ends.server.c;
        ends.server.ping();
        assertFalse(all(ends.server).isEmpty());
        long idle = c.idleAt;
        now += 1000 * MILLI;
        ends.server.ping();
        assertFalse(all(ends.server).isEmpty());
        assertEquals(idle, c.idleAt);
        feed(ends.server, packet(ends.client, PING), 0x0a000002, 5000);
        assertTrue(c.idleAt > idle);
    }
}
