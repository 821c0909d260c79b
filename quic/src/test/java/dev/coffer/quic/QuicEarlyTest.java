package dev.coffer.quic;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.memory.engine.StreamTransport;
import dev.coffer.quic.frame.TransportError;
import dev.coffer.quic.packet.PacketType;
import dev.coffer.quic.packet.PacketWriter;
import dev.coffer.quic.packet.Version;
import dev.coffer.quic.parameter.TransportParameters;
import dev.coffer.tls.EarlyData;
import dev.coffer.tls.TicketConfig;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// 0-RTT packets (RFC 9001, section 4.6) between our two engines: taken, refused, said again, and what a hostile peer makes of them.
class QuicEarlyTest extends Talk {
    private static final int SELF = 0x0a000002;
    private static final byte PING = 1;
    private static final int NUMBER_BYTES = 4;

    private final EarlyPeers.Grants grants = new EarlyPeers.Grants();
    private final EarlyPeers.Remembers remembers = new EarlyPeers.Remembers();

    QuicEarlyTest() {
        super(QuicConfig.defaults(), Ends.tls().withTickets(TicketConfig.defaults().withEarlyBytes(1)));
        ends.resuming();
        ends.serverLoop.early(grants);
        ends.clientLoop.early(remembers);
    }

    /// A whole handshake, then another that is begun.
    private void resume() {
        converse();
        assertTrue(ends.client.isConnected());
        again(true);
    }

    private void again(boolean early) {
        fresh(true);
        ends.client.reset(now);
        assertEquals(0, ends.held());
        ends.client.early(early);
        assertTrue(ends.client.connect("coffer.test", Version.V1, path, 0, now));
    }

    /// A server's connection stands anew, as an endpoint would have it.
    ///
    /// @param shown  whether its client has a token of its address
    private void fresh(boolean shown) {
        ends.server.reset(now);
        ends.server.c.admit(shown, false, false);
    }

    private long say(int bytes) {
        long stream = ends.client.open(true);
        assertTrue(stream != StreamTransport.NONE);
        ends.client.write(stream, MemorySegment.ofArray(new byte[bytes]), 0, bytes);
        return stream;
    }

    private static List<QuicEvent> events(QuicConnection of) {
        List<QuicEvent> all = new ArrayList<>();
        for (QuicEvent event; (event = of.pollEvent()) != null;) {
            all.add(event);
        }
        return all;
    }

    private void feed(byte[] datagram) {
        feed(ends.server, datagram, SELF, 5000);
    }

    /// {@return a 0-RTT packet with such frames, as the client would seal it}
    private byte[] early(byte... frames) {
        return sealed(PacketType.ZERO_RTT, PacketSpace.APPLICATION, frames);
    }

    private byte[] sealed(PacketType type, int space, byte... frames) {
        Connection c = ends.client.c;
        MemorySegment out = Arena.ofAuto().allocate(1472);
        long number = PacketSpace.use(c.memory, c.spaceAt(space));
        long numberAt = PacketWriter.longHeader(out, 0, c.version, type, c.memory, c.peerIdAt(), LocalIds.at(c, 0), number, NUMBER_BYTES);
        MemorySegment.copy(frames, 0, out, ValueLayout.JAVA_BYTE, numberAt + NUMBER_BYTES, frames.length);
        PacketWriter.length(out, numberAt, numberAt + NUMBER_BYTES + frames.length);
        long end = c.sealing(space).seal(out, 0, numberAt, number, numberAt + NUMBER_BYTES + frames.length);
        return out.asSlice(0, end).toArray(ValueLayout.JAVA_BYTE);
    }

    @Test
    void whatIsSaidEarlyIsHeardWithTheHelloAndAnsweredBeforeTheHandshakeIsOver() {
        resume();
        assertEquals(List.of(QuicEvent.EARLY), events(ends.client));
        assertTrue(ends.client.isEarly());
        assertEquals(EarlyData.OFFERED, ends.client.earlyData());
        assertArrayEquals(new byte[] {7, 7}, remembers.resumed);
        long stream = say(300);
        ends.client.finish(stream);
        List<Datagram> first = all(ends.client);
        assertEquals(2, first.size(), "behind the hello, in its datagrams");
        for (Datagram each : first) {
            assertTrue(each.bytes().length >= QuicConfig.DATAGRAM_BYTES_MIN);
            feed(each.bytes());
        }
        assertEquals(List.of(QuicEvent.EARLY, QuicEvent.STREAMS), events(ends.server));
        assertTrue(ends.server.isEarly());
        assertEquals(stream, ends.server.pollReady());
        assertEquals(300, ends.server.inputLength(stream));
        ends.server.consume(stream, 300);
        assertTrue(ends.server.isInputEnded(stream));
        carryAll();
        assertEquals(EarlyData.TAKEN, ends.client.earlyData());
        assertFalse(ends.client.isEarly());
        converse();
        assertEquals(List.of(QuicEvent.CONNECTED), events(ends.server).stream().filter(QuicEvent.CONNECTED::equals).toList());
        assertFalse(ends.server.isEarly());
        ends.server.write(stream, MemorySegment.ofArray(new byte[5000]), 0, 5000);
        ends.server.finish(stream);
        converse();
        assertEquals(stream, ends.client.pollReady());
        assertTrue(ends.client.inputLength(stream) > 0);
        assertTrue(ends.client.isConnected() && ends.server.isConnected() && ends.client.isConfirmed());
    }

    @Test
    void whoHasNoTokenOfItsAddressIsHeardWhenTheHandshakeIsOverAndItsTicketIsNotUsedUp() {
        resume();
        fresh(false);
        long stream = say(300);
        List<Datagram> hello = all(ends.client);
        hello.forEach(each -> feed(ends.server, each.bytes(), 0x7f000001, 7777));
        assertEquals(List.of(), events(ends.server), "who only says that it is there");
        assertFalse(ends.server.c.opens(PacketSpace.APPLICATION));
        fresh(true);
        hello.forEach(each -> feed(each.bytes()));
        assertEquals(List.of(QuicEvent.EARLY, QuicEvent.STREAMS), events(ends.server), "the guard has not seen it");
        fresh(false);
        again(true);
        fresh(false);
        assertEquals(stream, say(300));
        converse();
        assertEquals(EarlyData.REFUSED, ends.client.earlyData());
        assertTrue(ends.server.isConnected());
        assertEquals(stream, ends.server.pollReady());
        assertEquals(300, heard(stream));
    }

    private void carryAll() {
        carry(ends.server, 0, 0);
    }

    @Test
    void anAnswerGoesWithTheServersFlightAndIsHeardInOneRoundTrip() {
        resume();
        events(ends.client);
        long stream = say(100);
        ends.client.finish(stream);
        for (Datagram each : all(ends.client)) {
            feed(each.bytes());
        }
        events(ends.server);
        assertEquals(stream, ends.server.pollReady());
        ends.server.write(stream, MemorySegment.ofArray(new byte[200]), 0, 200);
        ends.server.finish(stream);
        carry(ends.server, 0, 0);
        assertTrue(events(ends.client).contains(QuicEvent.STREAMS));
        assertEquals(200, ends.client.inputLength(stream));
    }

    @Test
    void withoutTheWishNothingIsEarly() {
        converse();
        again(false);
        assertEquals(List.of(), events(ends.client));
        assertFalse(ends.client.isEarly());
        assertEquals(StreamTransport.NONE, ends.client.open(true));
        converse();
        assertTrue(ends.client.isResumed());
        assertEquals(EarlyData.NONE, ends.client.earlyData());
        ends.client.early(true);
        ends.clientLoop.early(null);
        again(true);
        assertFalse(ends.client.isEarly(), "no terms");
    }

    @Test
    void theSameHelloAgainIsNotTakenAndWhatItSaysIsSaidAgain() {
        resume();
        say(400);
        List<Datagram> hello = all(ends.client);
        hello.forEach(each -> feed(each.bytes()));
        assertEquals(List.of(QuicEvent.EARLY, QuicEvent.STREAMS), events(ends.server));
        fresh(true);
        hello.forEach(each -> feed(each.bytes()));
        assertEquals(List.of(), events(ends.server), "not under that ticket");
        assertFalse(ends.server.isEarly());
        assertFalse(ends.server.c.opens(PacketSpace.APPLICATION));
        converse();
        assertEquals(EarlyData.REFUSED, ends.client.earlyData());
        assertEquals(1, remembers.refused);
        assertTrue(ends.client.isConnected() && ends.server.isConnected());
        long stream = ends.server.pollReady();
        assertEquals(0, stream);
        assertEquals(400, ends.server.inputLength(stream), "said again");
    }

    @Test
    void onOtherTermsItIsRefusedAndTheStreamsGoOn() {
        resume();
        grants.protocol = new byte[] {7, 8};
        long stream = say(5000);
        ends.client.finish(stream);
        List<Datagram> hello = all(ends.client);
        assertTrue(hello.size() > 3);
        hello.forEach(each -> feed(each.bytes()));
        assertEquals(List.of(), events(ends.server));
        assertEquals(0, ends.server.c.spaceAt(PacketSpace.APPLICATION) < 0 ? 0
                : ReceivedRanges.count(ends.server.c.memory, ends.server.c.spaceAt(PacketSpace.APPLICATION) + PacketSpace.RECEIVED), "none is acknowledged");
        converse();
        assertEquals(EarlyData.REFUSED, ends.client.earlyData());
        converse();  // as its pace lets it
        assertEquals(stream, ends.server.pollReady());
        assertEquals(5000, heard(stream));
        assertTrue(ends.server.isInputEnded(stream));
    }

    private long heard(long stream) {
        long all = 0;
        for (long bytes; (bytes = ends.server.inputLength(stream)) > 0; all += bytes) {
            ends.server.consume(stream, bytes);
            converse();
        }
        return all;
    }

    @Test
    void whatOvertakesItsHelloIsPassedOverAndSaidAgain() {
        resume();
        long stream = say(3000);
        List<Datagram> hello = all(ends.client);
        for (Datagram each : hello.subList(2, hello.size())) {
            feed(each.bytes());
        }
        assertTrue(ends.server.c.phase == Connection.IDLE, "nothing is kept");
        assertEquals(0, ends.serverLoop.handshakesAccount().usedBytes());
        hello.subList(0, 2).forEach(each -> feed(each.bytes()));
        assertEquals(QuicEvent.EARLY, events(ends.server).getFirst());
        converse();
        assertEquals(stream, ends.server.pollReady());
        assertEquals(3000, heard(stream));
        assertEquals(EarlyData.TAKEN, ends.client.earlyData());
    }

    @Test
    void noMoreThanThreeTimesWhatCameGoesBeforeTheClientHasShownItself() {
        resume();
        long stream = say(100);
        ends.client.finish(stream);
        List<Datagram> hello = all(ends.client);
        long came = 0;
        for (Datagram each : hello) {
            feed(each.bytes());
            came += each.bytes().length;
        }
        assertEquals(stream, ends.server.pollReady());
        ends.server.write(stream, MemorySegment.ofArray(new byte[30_000]), 0, 30_000);
        long went = 0;
        for (int i = 0; i < 20; i++) {
            for (Datagram each : all(ends.server)) {
                went += each.bytes().length;
            }
            now += 200 * MILLI;
            ends.server.onDeadline(now);
        }
        assertTrue(went > 0 && went <= 3 * came, went + " bytes for " + came);
    }

    @ParameterizedTest
    @ValueSource(ints = {0x02, 0x06, 0x07, 0x19, 0x1b, 0x1e})
    void whatHasNoPlaceInAnEarlyPacketIsAViolation(int type) {
        resume();
        say(1);
        all(ends.client).forEach(each -> feed(each.bytes()));
        assertTrue(ends.server.isEarly());
        feed(early(PING, (byte) type, (byte) 0, (byte) 0, (byte) 0, (byte) 0, (byte) 0, (byte) 0, (byte) 0, (byte) 0, (byte) 0));
        assertEquals(TransportError.PROTOCOL_VIOLATION, ends.server.closeCode());
        assertFalse(ends.server.isEarly());
    }

    @Test
    void limitsHoldEarlyToo() {
        resume();
        say(1);
        all(ends.client).forEach(each -> feed(each.bytes()));
        feed(early((byte) 0x0e, (byte) 4, (byte) 0xbf, (byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 1, (byte) 0));
        assertEquals(TransportError.FLOW_CONTROL_ERROR, ends.server.closeCode());
        again(true);
        assertTrue(ends.client.isEarly());
        say(1);
        all(ends.client).forEach(each -> feed(each.bytes()));
        feed(early((byte) 0x0a, (byte) 0x7f, (byte) 0xf0, (byte) 1, (byte) 0));
        assertEquals(TransportError.STREAM_LIMIT_ERROR, ends.server.closeCode());
    }

    @Test
    void earlyKeysAreGoneWithTheHandshakeAndNothingIsHeldThen() {
        resume();
        say(10);
        all(ends.client).forEach(each -> feed(each.bytes()));
        byte[] late = early(PING);
        converse();
        assertFalse(ends.server.c.early || ends.client.c.early);
        long space = ends.server.c.spaceAt(PacketSpace.APPLICATION) + PacketSpace.RECEIVED;
        long largest = ReceivedRanges.largest(ends.server.c.memory, space);
        feed(late);
        assertEquals(largest, ReceivedRanges.largest(ends.server.c.memory, space), "no keys for it any more");
        assertEquals(0, ends.serverLoop.handshakesAccount().usedBytes() + ends.clientLoop.handshakesAccount().usedBytes());
    }

    @Test
    void aServerThatTakesItAndGrantsLessIsAtFault() {
        resume();
        say(10);
        PeerLimits.take(ends.client.c, 1L << 40, 0, 0, 0, 0, 0);  // as if it was remembered
        all(ends.client).forEach(each -> feed(each.bytes()));
        carryAll();
        assertEquals(TransportError.PROTOCOL_VIOLATION, ends.client.closeCode());
        assertFalse(ends.client.isClosedByPeer());
    }

    @Test
    void whoRefusesAndGrantsLessThanWasSaidIsLeftInPeace() {
        resume();
        grants.protocol = new byte[0];
        PeerLimits.take(ends.client.c, 0, 0, 0, 0, 200, 0);  // as if more were remembered
        for (int i = 0; i < 101; i++) {
            say(1);
        }
        all(ends.client).forEach(each -> feed(each.bytes()));
        carry(ends.server, 0, 0);
        assertEquals(EarlyData.REFUSED, ends.client.earlyData());
        assertEquals(List.of(QuicEvent.CLOSED), events(ends.client));
        assertEquals(TransportError.NO_ERROR, ends.client.closeCode());
    }

    /// RFC 9001, section 4.9.1: whatever it says.
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void initialKeysGoWithTheFirstHandshakePacketWhetherTheAddressWasShownOrNot(boolean shown) {
        ends.server.c.admit(shown, shown, false);
        all(ends.client).forEach(each -> feed(each.bytes()));
        all(ends.server).forEach(each -> feed(ends.client, each.bytes(), 0x0a000001, 443));
        assertTrue(ends.server.c.opens(PacketSpace.INITIAL));
        feed(sealed(PacketType.HANDSHAKE, PacketSpace.HANDSHAKE, PING));
        assertTrue(ends.server.c.opens(PacketSpace.HANDSHAKE), "it goes on");
        assertFalse(ends.server.c.opens(PacketSpace.INITIAL));
        converse();
        assertTrue(ends.server.isConnected());
    }

    /// What was said and did not go, as no more was allowed, asks for nothing of what is granted.
    @Test
    void whatHasToBeGrantedIsWhatWent() {
        resume();
        grants.protocol = new byte[0];
        PeerLimits.forget(ends.client.c);
        PeerLimits.take(ends.client.c, 1000, 1000, 1000, 1000, 100, 2);  // as if no more was remembered
        int each = QuicConfig.defaults().sendBytes() - 1;
        for (long said = 0; said <= QuicConfig.defaults().connectionBytes(); said += each) {
            long stream = ends.client.open(true);
            if (ends.client.outputPlace(stream) < each) {
                break;
            }
            ends.client.write(stream, MemorySegment.ofArray(new byte[each]), 0, each);
        }
        all(ends.client).forEach(datagram -> feed(datagram.bytes()));
        carry(ends.server, 0, 0);
        assertEquals(EarlyData.REFUSED, ends.client.earlyData());
        assertFalse(events(ends.client).contains(QuicEvent.CLOSED));
        assertTrue(ends.client.isConnected());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whoWaitsForRoomIsNamedWhereMoreIsGrantedThanWasRemembered(boolean taken) {
        resume();
        grants.protocol = taken ? grants.protocol : new byte[0];
        PeerLimits.forget(ends.client.c);
        PeerLimits.take(ends.client.c, 1000, 1000, 1000, 1000, 2, 2);  // as if no more was remembered
        long one = say(1000);
        long other = ends.client.open(true);
        assertEquals(0, ends.client.outputFree(other), "the other one's of the connection");
        assertEquals(StreamTransport.NONE, ends.client.open(true));
        events(ends.client);
        all(ends.client).forEach(each -> feed(each.bytes()));
        carry(ends.server, 0, 0);
        assertEquals(taken ? EarlyData.TAKEN : EarlyData.REFUSED, ends.client.earlyData());
        assertTrue(events(ends.client).contains(QuicEvent.STREAMS));
        assertEquals(other, ends.client.pollReady());
        assertTrue(ends.client.outputFree(other) > 0);
        assertTrue(ends.client.open(true) > one);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whereTheServerWouldRatherSpeakVersion2ItIsTakenInVersion1OrHeardIn2(boolean shown) {
        resume();
        ends.serverLoop.preferVersion2(true);
        fresh(shown);
        long stream = say(3000);
        ends.client.finish(stream);
        all(ends.client).forEach(each -> feed(each.bytes()));
        assertEquals(shown, events(ends.server).contains(QuicEvent.EARLY));
        converse();
        assertEquals(shown ? EarlyData.TAKEN : EarlyData.REFUSED, ends.client.earlyData());
        assertEquals(shown ? 0 : 1, remembers.refused);
        assertEquals(shown ? "V1 V1" : "V2 V2", ends.client.c.version + " " + ends.server.c.version);
        assertEquals(stream, ends.server.pollReady());
        assertEquals(3000, heard(stream));
        ends.serverLoop.preferVersion2(false);
    }

    /// A packet of version 2 that nobody's keys have sealed is not the server's turn: 0-RTT goes on.
    @Test
    void whoForgesATurnToVersion2EndsNothing() {
        resume();
        List<Datagram> hello = all(ends.client);
        Connection c = ends.client.c;
        MemorySegment out = Arena.ofAuto().allocate(1472);
        MemorySegment ours = c.memory.asSlice(LocalIds.at(c, 0), 24);
        PacketWriter.length(out, PacketWriter.initial(out, 0, Version.V2, ours, 0, 0, ours, 0, 0, 0, 1), 1200 - 16);
        feed(ends.client, out.asSlice(0, 1200).toArray(ValueLayout.JAVA_BYTE), 0x0a000001, 443);
        assertTrue(ends.client.isEarly());
        long stream = say(300);
        hello.forEach(each -> feed(each.bytes()));
        all(ends.client).forEach(each -> feed(each.bytes()));
        assertEquals(List.of(QuicEvent.EARLY, QuicEvent.STREAMS), events(ends.server));
        assertEquals(stream, ends.server.pollReady());
        assertEquals(300, ends.server.inputLength(stream));
    }

    /// The server's own turn ends it at once, before the handshake says what became of it.
    @Test
    void theServersTurnEndsWhatIsEarly() {
        resume();
        ends.serverLoop.preferVersion2(true);
        fresh(false);
        all(ends.client).forEach(each -> feed(each.bytes()));
        feed(ends.client, all(ends.server).getFirst().bytes(), 0x0a000001, 443);  // an Initial, which its hello fills
        assertEquals(Version.V2, ends.client.c.version);
        assertEquals(EarlyData.OFFERED, ends.client.earlyData());
        assertFalse(ends.client.isEarly());
        ends.serverLoop.preferVersion2(false);
    }

    @Test
    void sessionsAndTokensOfOneVersionAreNotForTheOther() {
        ends.serverLoop.preferVersion2(true);
        converse();
        assertEquals(Version.V2, ends.client.c.version);
        assertEquals(2, ends.clientContext.sessions());
        ends.client.c.keepToken(MemorySegment.ofArray(new byte[9]), 0, 9);
        assertEquals(0, ends.client.takeToken(wire, 0), "the next one begins in version 1");
        ends.serverLoop.preferVersion2(false);
        again(true);
        converse();
        assertFalse(ends.client.isResumed() || ends.server.isResumed());
        assertEquals(4, ends.clientContext.sessions());
        again(true);
        converse();
        assertTrue(ends.client.isResumed() && ends.server.isResumed(), "of version 1");
        ends.server.reset(now);
        ends.client.reset(now);
        assertTrue(ends.client.connect("coffer.test", Version.V2, path, 0, now));
        converse();
        assertTrue(ends.client.isResumed() && ends.server.isResumed(), "of version 2");
    }

    @Test
    void whoTakesItAndTakesSmallerDatagramsIsAtFault() {
        resume();
        say(10);
        TransportParameters.datagramFrameBytesMax(ends.client.c.memory, ends.client.c.handshakeAt + ConnectionLayout.PARAMETERS, 1);  // as if it was remembered
        all(ends.client).forEach(each -> feed(each.bytes()));
        carryAll();
        assertEquals(TransportError.PROTOCOL_VIOLATION, ends.client.closeCode());
    }

    @Test
    void ticketsWaitUntilTheProtocolKnowsItsTerms() {
        remembers.known = false;
        converse();
        assertEquals(0, ends.clientContext.sessions());
        remembers.known = true;
        remembers.protocol = new byte[] {7, 7, 7};
        converse();
        assertEquals(2, ends.clientContext.sessions());
        again(true);
        assertArrayEquals(new byte[] {7, 7, 7}, remembers.resumed);
    }
}
