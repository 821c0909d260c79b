package dev.coffer.quic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.memory.engine.NetworkPath;
import dev.coffer.memory.engine.StreamTransport;
import dev.coffer.quic.frame.TransportError;
import dev.coffer.quic.packet.PacketWriter;
import dev.coffer.quic.packet.SealingKeys;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A peer that has the keys and means ill: what it would hold or have told in its name.
class HostilePeerTest extends Talk {
    private static final int SELF = 0x0a000002;
    private static final int OTHER = 0x7f000001;
    private static final byte PING = 1;
    private static final byte RETIRE = 0x19;
    private static final long SECOND = 1000 * MILLI;

    HostilePeerTest() {
        super(QuicConfig.defaults());
    }

    private void feed(byte... frames) {
        feed(ends.server, packet(ends.client, frames), SELF, 5000);
    }

    private long ask() {
        long stream = ends.client.open(true);
        ends.client.write(stream, MemorySegment.ofArray(new byte[3]), 0, 3);
        converse();
        assertEquals(stream, ends.server.pollReady());
        return stream;
    }

    private int hostTold() {
        MemorySegment told = Arena.ofAuto().allocate(NetworkPath.BYTES);
        ends.server.path(told, 0);
        return Integer.reverseBytes(told.get(ValueLayout.JAVA_INT_UNALIGNED, NetworkPath.REMOTE + 12));
    }

    @Test
    void anIdIsGivenBackWhenItWasToldAndNotBefore() {
        converse();
        feed(RETIRE, (byte) 1);
        all(ends.server);  // says the next one
        feed(RETIRE, (byte) 2);
        assertTrue(ends.server.isConnected());
        feed(RETIRE, (byte) 3);  // drawn in place of the one before, and not said yet
        assertFalse(ends.server.isConnected());
        assertEquals(TransportError.PROTOCOL_VIOLATION, ends.server.closeCode());
    }

    private long saying = StreamTransport.NONE;

    private void sayMuch() {
        saying = saying == StreamTransport.NONE ? ends.server.open(false) : saying;
        ends.server.write(saying, MemorySegment.ofArray(new byte[8000]), 0, 8000);
    }

    @Test
    void whoAcknowledgesWhatNeverWentIsClosedAndWhoReceivesIsNot() {
        converse();
        Connection c = ends.server.c;
        long at = c.spaceAt(PacketSpace.APPLICATION);
        sayMuch();
        converse();
        assertFalse(PacketSpace.wantsToPass(c.memory, at), "drawn by itself");
        for (int distance = 1; distance < 4; distance++) {
            PacketSpace.passOver(c.memory, at, distance);
            long number = PacketSpace.next(c.memory, at) + distance;
            sayMuch();
            converse();
            assertTrue(ends.server.isConnected(), ends.server.toString());
            assertTrue(PacketSpace.largestAcked(c.memory, at) > number, "gone by");
            assertTrue(PacketSpace.passedOver(c.memory, at) != number, "and another is drawn");
        }
        long number = passOver();
        ack(number, 1);
        endsWith(TransportError.PROTOCOL_VIOLATION);
    }

    /// {@return the number that was passed over, of many that went}
    private long passOver() {
        Connection c = ends.server.c;
        long at = c.spaceAt(PacketSpace.APPLICATION);
        PacketSpace.passOver(c.memory, at, 2);
        long number = PacketSpace.next(c.memory, at) + 2;
        assertEquals(-1, PacketSpace.passedOver(c.memory, at), "not yet");
        sayMuch();
        assertTrue(all(ends.server).size() > 3);
        assertEquals(number, PacketSpace.passedOver(c.memory, at));
        return number;
    }

    /// Acknowledges a packet, and so many before it.
    private void ack(long number, int before) {
        assertTrue(number < 1 << 14 && before < 64);
        feed((byte) 2, (byte) (0x40 | number >> 8), (byte) number, (byte) 0, (byte) 0, (byte) before);
    }

    private void endsWith(long code) {
        assertFalse(ends.server.isConnected());
        assertEquals(code, ends.server.closeCode());
    }

    @Test
    void allThatWentMayBeAcknowledgedButWhatWasPassedOver() {
        converse();
        long number = passOver();
        ack(number - 1, 0);
        assertTrue(ends.server.isConnected());
        ack(number + 1, 1);
        endsWith(TransportError.PROTOCOL_VIOLATION);
    }

    /// Sixteen and a number of 0 to 127 behind the ACK of one that went behind the one before: 79.5 on average, and some round trip.
    @Test
    void oneNumberOf80IsPassedOver() {
        converse();
        Connection c = ends.server.c;
        long space = c.spaceAt(PacketSpace.APPLICATION);
        long began = PacketSpace.next(c.memory, space);
        long before = began - 1;
        long last = began;
        int passed = 0;
        int packets = 0;
        while (packets < 8000) {
            ends.server.ping();
            long number = PacketSpace.next(c.memory, space);
            int said = all(ends.server, ends.client);
            packets += said;
            if (said == 1 && number == before + 2) {
                long distance = number - 1 - last;
                assertTrue(passed == 0 || distance >= 17 && distance <= 16 + 127 + 4, "passed over " + distance + " behind the one before");
                last = number - 1;
                passed++;
            }
            before = number;
            now += 30 * MILLI;
            ends.client.onDeadline(now);
            all(ends.client, ends.server);
        }
        assertTrue(passed >= 8000 / 90 && passed <= 8000 / 72, passed + " of " + packets);
        assertEquals(passed, PacketSpace.next(c.memory, space) - began - packets, "each was seen, and none beside them");
    }

    private int all(QuicConnection from, QuicConnection to) {
        List<Datagram> said = all(from);
        said.forEach(each -> feed(to, each.bytes(), to == ends.client ? 0x0a000001 : SELF, to == ends.client ? 443 : 5000));
        return said.size();
    }

    /// RFC 9000, section 13.1.
    @Test
    void theNumberThatGoesNextIsNotToBeAcknowledged() {
        converse();
        Connection c = ends.server.c;
        sayMuch();
        all(ends.server);
        long next = PacketSpace.next(c.memory, c.spaceAt(PacketSpace.APPLICATION));
        assertEquals(-1, PacketSpace.passedOver(c.memory, c.spaceAt(PacketSpace.APPLICATION)));
        ack(next - 1, 0);
        assertTrue(ends.server.isConnected());
        ack(next, 0);
        endsWith(TransportError.PROTOCOL_VIOLATION);
    }

    /// RFC 9000, section 17.3.1; of who has the keys, as the bits are authentic.
    @ParameterizedTest
    @ValueSource(ints = {0x08, 0x10})
    void reservedBitsEndTheConnection(int bit) {
        converse();
        Connection c = ends.client.c;
        MemorySegment out = Arena.ofAuto().allocate(1472);
        long number = PacketSpace.use(c.memory, c.spaceAt(PacketSpace.APPLICATION));
        long numberAt = PacketWriter.shortHeader(out, 0, c.memory, c.peerIdAt(), number, 4, false);
        out.set(ValueLayout.JAVA_BYTE, 0, (byte) (out.get(ValueLayout.JAVA_BYTE, 0) | bit));
        out.set(ValueLayout.JAVA_BYTE, numberAt + 4, PING);
        long end = c.sealing(PacketSpace.APPLICATION).seal(out, 0, numberAt, number, numberAt + 5);
        feed(ends.server, out.asSlice(0, end).toArray(ValueLayout.JAVA_BYTE), SELF, 5000);
        endsWith(TransportError.PROTOCOL_VIOLATION);
    }

    /// RFC 9001, section 6.4: who goes back to keys that it has updated.
    @Test
    void aLaterPacketUnderTheKeysBeforeEndsTheConnection() {
        converse();
        Connection c = ends.client.c;
        MemorySegment out = Arena.ofAuto().allocate(1472);
        long number = PacketSpace.next(c.memory, c.spaceAt(PacketSpace.APPLICATION)) + 10;
        long numberAt = PacketWriter.shortHeader(out, 0, c.memory, c.peerIdAt(), number, 4, false);
        out.set(ValueLayout.JAVA_BYTE, numberAt + 4, PING);
        c.sealing(PacketSpace.APPLICATION).rest();
        MemorySegment keys = c.memory.asSlice(ConnectionLayout.sealing(c.core, c.handshakeAt, PacketSpace.APPLICATION), SealingKeys.STATE_BYTES);
        byte[] before = keys.toArray(ValueLayout.JAVA_BYTE);
        long end = c.sealing(PacketSpace.APPLICATION).seal(out, 0, numberAt, number, numberAt + 5);
        c.sealing(PacketSpace.APPLICATION).rest();
        keys.copyFrom(MemorySegment.ofArray(before));  // ours seal no lower number after a higher one
        assertTrue(ends.client.updateKeys());
        feed(ends.server, packet(ends.client, PING), SELF, 5000);
        assertTrue(ends.server.isConnected());
        feed(ends.server, out.asSlice(0, end).toArray(ValueLayout.JAVA_BYTE), SELF, 5000);
        endsWith(TransportError.KEY_UPDATE_ERROR);
    }

    /// What is left of a limit lies in a key's state while it rests: nobody waits for 2^52 forgeries, nor for 2^23 packets.
    private static void left(Connection c, long state, long at, long left) {
        c.sealing(PacketSpace.APPLICATION).rest();
        c.opening(PacketSpace.APPLICATION).rest();
        c.memory.set(ValueLayout.JAVA_LONG_UNALIGNED, state + at, left);
    }

    /// RFC 9001, section 6.6: the integrity limit.
    @Test
    void theLastForgeryThatMayBeEndsTheConnection() {
        converse();
        Connection c = ends.server.c;
        left(c, ConnectionLayout.opening(c.core, c.handshakeAt, PacketSpace.APPLICATION), 96, 2);
        assertEquals(2, c.opening(PacketSpace.APPLICATION).forgeriesLeft());
        byte[] forged = packet(ends.client, PING);
        forged[forged.length - 1] ^= 1;
        feed(ends.server, forged, SELF, 5000);
        assertTrue(ends.server.isConnected(), "one more may be");
        feed(ends.server, forged, SELF, 5000);
        endsWith(TransportError.AEAD_LIMIT_REACHED);
    }

    private void sealsLeft(long left) {
        Connection c = ends.server.c;
        left(c, ConnectionLayout.sealing(c.core, c.handshakeAt, PacketSpace.APPLICATION), 88, left);
        assertEquals(left, c.sealing(PacketSpace.APPLICATION).sealsLeft());
        PacketSpace.probes(c.memory, c.spaceAt(PacketSpace.APPLICATION), 1);
    }

    /// RFC 9001, section 6.6: the confidentiality limit. Long before it keys are updated.
    @Test
    void keysAreUpdatedBeforeTheyAreSpent() {
        converse();
        Connection c = ends.server.c;
        sealsLeft(1 << 16);
        assertFalse(all(ends.server).isEmpty());
        assertEquals(0, c.sealing(PacketSpace.APPLICATION).generation(), "enough");
        sealsLeft((1 << 16) - 1);
        carry(ends.server, SELF, 5000);
        assertEquals(1, c.sealing(PacketSpace.APPLICATION).generation());
        assertEquals(1, ends.client.c.generationHeard);
        sealsLeft(1);
        assertEquals(1, all(ends.server).size(), "an update is not acknowledged, so there is no other");
        assertEquals(1, c.sealing(PacketSpace.APPLICATION).generation());
        PacketSpace.probes(c.memory, c.spaceAt(PacketSpace.APPLICATION), 1);
        assertTrue(all(ends.server).isEmpty());
        assertTrue(ends.server.isEnded(), "nothing can be said any more, not even that");
    }

    @Test
    void keysTurnNoMoreOftenThanEveryThreeProbes() {
        converse();
        assertTrue(ends.server.updateKeys());
        carry(ends.server, SELF, 5000);
        feed(PING);
        sayMuch();
        for (int i = 0; i < 3; i++) {  // and no time passes
            carry(ends.server, SELF, 5000);
            now += MILLI;
            carry(ends.client, SELF, 5000);
        }
        Connection c = ends.server.c;
        assertTrue(c.sealing(PacketSpace.APPLICATION).mayUpdate(), "acknowledged");
        assertEquals(1, c.generationHeard, "and the peer has followed");
        assertFalse(ends.server.updateKeys());
        assertFalse(ends.client.updateKeys());
        now += 3 * Timers.probeNanos(c) + MILLI;
        ends.server.onDeadline(now);
        ends.client.onDeadline(now);
        assertTrue(ends.server.updateKeys());
    }

    @Test
    void whoAcknowledgesNothingIsGivenUpThoughItGoesOnTalking() {
        converse();
        long stream = ask();
        ends.server.write(stream, MemorySegment.ofArray(new byte[1000]), 0, 1000);
        long until = now + 600 * SECOND;
        for (long ping = 0; !ends.server.isEnded() && now < until; now += 100 * MILLI) {
            if (now >= ping) {
                feed(PING);
                ping = now + 20 * SECOND;
            }
            if (ends.server.deadlineNanos() <= now) {
                ends.server.onDeadline(now);
            }
            all(ends.server);
        }
        assertTrue(ends.server.isEnded(), ends.server.toString());
        assertEquals(0, ends.serverLoop.blocksAccount().usedBytes());
    }

    @Test
    void whoAcknowledgesLateHoldsNoPlaceLongerForThat() {
        converse();
        long stream = ask();
        for (int lie = 0; lie < 2; lie++) {
            ends.server.write(stream, MemorySegment.ofArray(new byte[100]), 0, 100);
            long number = PacketSpace.next(ends.server.c.memory, ends.server.c.spaceAt(PacketSpace.APPLICATION));
            all(ends.server);
            now += 25 * SECOND;
            feed((byte) 2, (byte) (0x40 | number >> 8), (byte) number, (byte) 0, (byte) 0, (byte) 0);
            assertTrue(ends.server.isConnected(), "acknowledged");
        }
        assertTrue(Timers.probeNanos(ends.server.c) > 25 * SECOND, "the peer has made it long");
        assertTrue(ends.server.c.idleAt - now <= 60 * SECOND, "idle");
        ends.server.shutdown(now);
        assertTrue(ends.server.deadlineNanos() - now <= 9 * SECOND, "closing");
    }

    @Test
    void aHandshakeThatFailsHoldsItsPlaceNoLongerThanOneMayTake() {
        long begun = now;
        for (Datagram each : all(ends.client)) {
            feed(ends.server, each.bytes(), SELF, 5000);
        }
        ends.serverLoop.handshakeNanosMax = 10 * SECOND;
        now += 9500 * MILLI;
        ends.server.c.fail(TransportError.PROTOCOL_VIOLATION, 0, now);
        assertTrue(3 * Timers.probeNanos(ends.server.c) > SECOND, "would be longer");
        assertEquals(begun + 10 * SECOND, ends.server.deadlineNanos());
        now = begun + 10 * SECOND;
        ends.server.onDeadline(now);
        assertEquals(0, ends.serverLoop.handshakesAccount().usedBytes());
    }

    @Test
    void anIdToBeGivenBackThatWouldBeForgottenEndsTheConnection() {
        converse();
        Connection c = ends.client.c;
        assertTrue(PeerIds.retire(c, 1));
        assertFalse(all(ends.client).isEmpty(), "which is lost");
        assertTrue(PeerIds.retire(c, 70), "too far to be kept beside it");
        now = ends.client.deadlineNanos();
        ends.client.onDeadline(now);
        all(ends.client);
        assertEquals(TransportError.CONNECTION_ID_LIMIT_ERROR, ends.client.closeCode());
    }

    @Test
    void aPacketUnderAnothersAddressIsNotTheOthers() {
        converse();
        assertEquals(SELF, hostTold());
        feed(ends.server, packet(ends.client, (byte) 0x0b, (byte) 0, (byte) 3, (byte) 1, (byte) 2, (byte) 3), OTHER, 5000);
        assertEquals(0, ends.server.pollReady(), "its stream is there");
        assertFalse(ends.server.c.validated);
        assertEquals(SELF, hostTold());
        ends.server.c.fail(TransportError.PROTOCOL_VIOLATION, 0, now);
        assertEquals(SELF, hostTold(), "also when it ends in the midst of that");
    }

    /// RFC 9000, section 10.1: at least three probes, however short the time is that was agreed on.
    @Test
    void aShortIdleTimeIsThreeProbesOfALongPath() {
        converse();
        Connection c = ends.server.c;
        c.idleNanos = SECOND / 2;
        c.peerDelayNanosMax = 2 * SECOND;
        assertTrue(Timers.probeNanos(c) > 2 * SECOND && Timers.probeNanos(c) < 3 * SECOND);
        Timers.touch(c, now);
        assertEquals(now + 3 * Timers.probeNanos(c), c.idleAt);
        c.peerDelayNanosMax = 20 * SECOND;
        Timers.touch(c, now);
        assertEquals(now + 9 * SECOND, c.idleAt, "and no more than of an honest one");
    }

    /// What is long by itself is no sign of anything; what was asked again and again has an end, however long the idle time is.
    @Test
    void whoAcknowledgesNothingIsGivenUpAfterProbesAlone() {
        converse();
        Connection c = ends.server.c;
        c.idleNanos = 3600 * SECOND;
        c.peerDelayNanosMax = 70 * SECOND;
        Timers.touch(c, now);
        ends.server.onDeadline(now += SECOND);
        assertEquals(Connection.OPEN, c.phase, "nothing was asked");
        c.idleNanos = 10 * SECOND;
        LossRecovery.probeCount(c.memory, c.recoveryAt(), 1);
        ends.server.onDeadline(now += SECOND);
        assertEquals(Connection.OPEN, c.phase, "one probe of a long path");
        c.idleNanos = 3600 * SECOND;
        LossRecovery.probeCount(c.memory, c.recoveryAt(), LossTimer.BACK_OFF_MAX - 1);
        c.peerDelayNanosMax = 0;
        ends.server.onDeadline(now += SECOND);
        assertEquals(Connection.OPEN, c.phase, "not yet");
        LossRecovery.probeCount(c.memory, c.recoveryAt(), LossTimer.BACK_OFF_MAX);
        ends.server.onDeadline(now += SECOND);
        assertTrue(c.phase != Connection.OPEN);
    }

    @Test
    void whoHasAnsweredFromAnotherAddressIsThere() {
        converse();
        feed(ends.server, packet(ends.client, PING), OTHER, 5000);
        converse(OTHER, 5000);
        assertEquals(OTHER, hostTold());
    }

    @Test
    void aServersInitialWithATokenIsDropped() {
        for (Datagram each : all(ends.client)) {
            feed(ends.server, each.bytes(), SELF, 5000);
        }
        feed(ends.client, initial(1), 0x0a000001, 443);
        assertFalse(ends.client.c.serverHeard);
        feed(ends.client, initial(0), 0x0a000001, 443);
        assertTrue(ends.client.c.serverHeard);
    }

    private byte[] initial(int tokenBytes) {
        Connection c = ends.server.c;
        MemorySegment out = Arena.ofAuto().allocate(1472);
        long number = PacketSpace.use(c.memory, c.spaceAt(PacketSpace.INITIAL));
        long numberAt =
                PacketWriter.initial(out, 0, c.version, c.memory, c.peerIdAt(), LocalIds.at(c, 0), Arena.ofAuto().allocate(16), 0, tokenBytes, number, 2);
        out.set(ValueLayout.JAVA_BYTE, numberAt + 2, PING);  // and PADDING
        long end = numberAt + 1100;
        PacketWriter.length(out, numberAt, end);
        return out.asSlice(0, c.sealing(PacketSpace.INITIAL).seal(out, 0, numberAt, number, end)).toArray(ValueLayout.JAVA_BYTE);
    }
}
