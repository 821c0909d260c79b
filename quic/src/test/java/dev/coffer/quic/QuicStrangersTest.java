package dev.coffer.quic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.memory.Entropy;
import dev.coffer.memory.engine.DatagramHeader;
import dev.coffer.memory.engine.NetworkPath;
import dev.coffer.quic.frame.TransportError;
import dev.coffer.quic.packet.Version;
import dev.coffer.quic.token.AddressTokens;
import dev.coffer.quic.token.ConnectionIdSource;
import dev.coffer.quic.token.SpentSource;
import dev.coffer.tls.TicketKeys;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What an endpoint says to who has no connection, and to who had one with a process that was killed.
class QuicStrangersTest extends EndpointTalk {
    private static final long EPOCH_MILLIS = 1_800_000_000_000L;
    private static final int STRANGER = 9;

    private final TicketKeys tickets = TicketKeys.fresh(Arena.ofAuto().allocate(TicketKeys.BYTES), Entropy.SYSTEM, 3600);
    private final MemorySegment resetKey = Arena.ofAuto().allocate(32).fill((byte) 7);
    private final MemorySegment token = Arena.ofAuto().allocate(QuicConnection.TOKEN_BYTES_MAX);

    private EndpointKeys keys() {
        return EndpointKeys.none().withTickets(tickets).withResets(resetKey, 0);
    }

    private void open(int retryBelow) {
        open(QuicConfig.tight(), EndpointConfig.defaults(2, 2).withRetryBelow(retryBelow), keys());
        ends.endpoint.clock(now, EPOCH_MILLIS);
    }

    private void connect(int client, int tokenBytes) {
        NetworkPath.ipv4(path, 0, 0x0a000001, 443, 0x0a000002, 5000 + client);
        assertTrue(ends.clients.get(client).connect("coffer.test", Version.V1, path, 0, token, 0, tokenBytes, now));
    }

    /// {@return what goes to the stranger's address}
    private List<byte[]> answers() {
        List<byte[]> answers = new ArrayList<>();
        for (long bytes; (bytes = ends.endpoint.pollOutput(wire, 0, 1472, header, 0, now)) > 0;) {
            assertEquals(5000 + STRANGER, NetworkPath.remotePort(header, DatagramHeader.PATH));
            assertEquals(bytes, DatagramHeader.segmentBytes(header, 0));
            answers.add(wire.asSlice(0, bytes).toArray(ValueLayout.JAVA_BYTE));
        }
        return answers;
    }

    private static byte[] shortHeader(int bytes) {
        byte[] datagram = new byte[bytes];
        Arrays.fill(datagram, (byte) 0x41);
        return datagram;
    }

    private static byte[] ofAnotherVersion() {
        byte[] datagram = new byte[1200];
        byte[] first = {(byte) 0xc0, 0x1a, 0x2a, 0x3a, 0x4a, 8, 1, 2, 3, 4, 5, 6, 7, 8, 1, 99};
        System.arraycopy(first, 0, datagram, 0, first.length);
        return datagram;
    }

    @Test
    void anotherVersionIsToldOurs() {
        open(0);
        byte[] datagram = ofAnotherVersion();
        feed(STRANGER, datagram);
        byte[] answer = answers().getFirst();
        assertEquals(0, answer[1] | answer[2] | answer[3] | answer[4]);
        assertEquals(99, answer[6], "its source is our destination");
        feed(STRANGER, Arrays.copyOf(datagram, 1199));
        assertEquals(List.of(), answers(), "less than 1,200 bytes");
    }

    @Test
    void whoComesAgainAfterARetryHasShownItsAddressAndTookNoPlaceBefore() {
        open(Integer.MAX_VALUE);
        connect(0);
        for (byte[] each : all(0)) {
            feed(0, each);
        }
        assertEquals(0, ends.endpoint.connectionCount());
        drain();
        for (byte[] each : all(0)) {
            feed(0, each);
        }
        assertEquals(1, ends.endpoint.connectionCount());
        assertEquals(Long.MAX_VALUE, Amplification.left(ends.endpoint.connection(0).c), "no limit of three times");
        converse();
        assertTrue(ends.clients.get(0).isConfirmed(), "the IDs that the server said are those of its Retry");
        exchange(0);
    }

    /// A source of IDs that counts comes to its end: who is new is told so at once, and need not wait for a time-out; who is there goes on.
    @Test
    void whoComesWhenThereAreNoMoreIdsIsRefused() {
        open(QuicConfig.tight(), EndpointConfig.defaults(4, 4), EndpointKeys.none().withIds(SpentSource.of(2)));
        for (int client = 0; client < 3; client++) {
            connect(client);
            converse();
        }
        assertEquals(1, ends.endpoint.connectionCount());
        for (int client = 1; client < 3; client++) {
            assertEquals(TransportError.CONNECTION_REFUSED, ends.clients.get(client).closeCode(), "client " + client);
            assertTrue(ends.clients.get(client).isClosedByPeer());
        }
        exchange(0);
    }

    @Test
    void whoIsToComeAgainWhenThereAreNoMoreIdsIsRefused() {
        open(QuicConfig.tight(), EndpointConfig.defaults(2, 2).withRetryBelow(Integer.MAX_VALUE), keys().withIds(SpentSource.of(0)));
        ends.endpoint.clock(now, EPOCH_MILLIS);
        connect(0);
        converse();
        assertEquals(TransportError.CONNECTION_REFUSED, ends.clients.get(0).closeCode());
    }

    /// Beyond the bound nothing is sealed for nobody: an answer that may not go takes no ID, so that one more than those that went is left.
    @Test
    void anAnswerThatMayNotGoIsNotMade() {
        open(QuicConfig.tight(), EndpointConfig.defaults(2, 2).withRetryBelow(Integer.MAX_VALUE).withAnswers(3, 1, 1), keys().withIds(SpentSource.of(3)));
        ends.endpoint.clock(now, EPOCH_MILLIS);
        connect(0);
        byte[] hello = all(0).getFirst();
        for (int i = 0; i < 20; i++) {
            feed(0, hello);
        }
        int went = 0;
        while (ends.endpoint.pollOutput(wire, 0, 1472, header, 0, now) > 0) {
            went++;
        }
        assertEquals(2, went, "one, and a second's worth");
        now += 1000 * MILLI;
        feed(0, hello);
        assertTrue(ends.endpoint.pollOutput(wire, 0, 1472, header, 0, now) > 0);
        assertEquals(0xf0, wire.get(ValueLayout.JAVA_BYTE, 0) & 0xf0, "a Retry, and no refusal");
    }

    /// As nginx does it: a Retry with an ID of 20 bytes, which comes before the rest of the hello has gone.
    @Test
    void aRetryThatComesAfterHalfAHelloIsFollowed() {
        open(QuicConfig.defaults(), EndpointConfig.defaults(2, 2).withRetryBelow(Integer.MAX_VALUE),
                keys().withIds(ConnectionIdSource.random(Entropy.SYSTEM, 20)));
        ends.endpoint.clock(now, EPOCH_MILLIS);
        connect(0);
        long bytes = ends.clients.get(0).pollOutput(wire, 0, 1472, header, 0, now);
        feed(0, wire.asSlice(0, bytes).toArray(ValueLayout.JAVA_BYTE));
        drain();
        assertEquals(0, ends.endpoint.connectionCount());
        QuicConnection client = ends.clients.get(0);
        assertTrue(client.c.retried);
        for (int turns = 0; turns < 100 && !client.isConfirmed(); turns++) {  // at its own deadlines, and at no other times
            turn();
            now = Math.min(client.deadlineNanos(), ends.endpoint.deadlineNanos());
            client.onDeadline(now);
            ends.endpoint.onDeadline(now);
        }
        assertTrue(client.isConfirmed());
        exchange(0);
    }

    @Test
    void aRetryIsAskedForWhereFewHandshakesAreFreeAndNotBefore() {
        open(2);
        connect(0);
        feed(0, all(0).getFirst());
        assertEquals(1, ends.endpoint.connectionCount(), "two were free");
        connect(1);
        feed(1, all(1).getFirst());
        assertEquals(1, ends.endpoint.connectionCount(), "one is free");
        converse();
        assertTrue(ends.clients.get(1).isConfirmed());
    }

    @Test
    void aTokenForAnotherTimeSparesTheRetry() {
        open(Integer.MAX_VALUE);
        connect(0);
        converse();
        int bytes = ends.clients.get(0).takeToken(token, 0);
        assertEquals(AddressTokens.BYTES, bytes);
        assertEquals(0, ends.clients.get(0).takeToken(token, 0), "once");
        ends.clients.get(0).reset(now);
        connect(0, bytes);
        feed(0, all(0).getFirst());
        assertEquals(2, ends.endpoint.connectionCount());
        Connection c = ends.endpoint.connection(1).c;
        assertEquals(Amplification.FACTOR * 1200, Amplification.left(c) + c.sentBytes, "it may be another's who shares the address");
        assertTrue(c.shown, "but nobody's who was never there");
        converse();
        assertTrue(ends.clients.get(0).isConfirmed());
    }

    @Test
    void aRetrysTokenThatIsNotRightIsToldSo() {
        open(Integer.MAX_VALUE);
        token.fill((byte) 0x12);
        connect(0, AddressTokens.BYTES);
        converse();
        assertEquals(TransportError.INVALID_TOKEN, ends.clients.get(0).closeCode());
        assertEquals(0, ends.endpoint.connectionCount());
    }

    @Test
    void aServerThatWasKilledTellsItsClientsWhichComeAgainWithTheirTokens() {
        open(Integer.MAX_VALUE);
        connect(0);
        converse();
        int bytes = ends.clients.get(0).takeToken(token, 0);
        kill(keys());
        ask(0);
        assertTrue(ends.clients.get(0).isClosedByPeer(), "a stateless reset");
        ends.clients.get(0).reset(now);
        connect(0, bytes);
        feed(0, all(0).getFirst());
        assertEquals(1, ends.endpoint.connectionCount(), "without a Retry");
        converse();
        exchange(0);
        kill(EndpointKeys.none().withTickets(tickets));
        ask(0);
        assertFalse(ends.clients.get(0).isClosedByPeer(), "of a key that is not known any more");
    }

    /// Servers that have one key: whoever has seen an ID asks another of them for the token that ends its connection (RFC 9000, section 21.11). What another says is of its own place.
    @Test
    void serversWithOneKeySayNoResetsForEachOther() {
        open(0);
        connect(0);
        converse();
        kill(keys().withServer("another"));
        ask(0);
        assertFalse(ends.clients.get(0).isClosedByPeer(), "another name");
        kill(keys());
        QuicConnection client = ends.clients.get(0);
        now = client.deadlineNanos();
        client.onDeadline(now);
        byte[] said = all(0).getFirst();
        assertFalse(isEndedBy(said, 0x0a000009, 443), "another address");
        assertFalse(isEndedBy(said, 0x0a000001, 444), "another port");
        assertTrue(isEndedBy(said, 0x0a000001, 443), "after a restart");
    }

    /// {@return whether what is answered to a datagram that came to that address ends the client that said it}
    private boolean isEndedBy(byte[] datagram, int address, int port) {
        MemorySegment.copy(datagram, 0, wire, ValueLayout.JAVA_BYTE, 0, datagram.length);
        DatagramHeader.ecn(header, 0, DatagramHeader.NOT_ECT);
        NetworkPath.ipv4(header, DatagramHeader.PATH, 0x0a000002, 5000, address, port);
        ends.endpoint.feed(wire, 0, datagram.length, header, 0, now);
        long bytes = ends.endpoint.pollOutput(wire, 0, 1472, header, 0, now);
        assertTrue(bytes > 0, "it answers");
        NetworkPath.ipv4(header, DatagramHeader.PATH, 0x0a000001, 443, 0x0a000002, 5000);
        ends.clients.get(0).feed(wire, 0, bytes, header, 0, now);
        return ends.clients.get(0).isClosedByPeer();
    }

    private void kill(EndpointKeys keys) {
        ends.endpoint.close();
        ends.open(keys, now);
        ends.endpoint.clock(now, EPOCH_MILLIS);
    }

    private void ask(int client) {
        QuicConnection of = ends.clients.get(client);
        of.write(of.open(false), MemorySegment.ofArray(new byte[60]), 0, 60);
        turn();
    }

    @Test
    void aResetIsShorterThanWhatItAnswersAndNoLongerThanAPacketThatSaysLittle() {
        open(0);
        for (int bytes = 1; bytes <= 60; bytes++) {
            feed(STRANGER, shortHeader(bytes));
            List<byte[]> answers = answers();
            assertEquals(bytes > 21 ? 1 : 0, answers.size(), bytes + " bytes");
            if (bytes > 21) {
                assertEquals(Math.min(bytes - 1, 43), answers.getFirst().length);
                assertEquals(0x40, answers.getFirst()[0] & 0xc0);
            }
        }
    }

    @Test
    void soManyAnswersWaitAndSoManyGoInASecond() {
        open(QuicConfig.tight(), EndpointConfig.defaults(1, 1).withAnswers(3, 1, 5), keys());
        for (int i = 0; i < 10; i++) {
            feed(STRANGER, shortHeader(100));
        }
        assertEquals(3, answers().size(), "as many as wait");
        int more = 0;
        for (int i = 0; i < 10; i++) {
            feed(STRANGER, shortHeader(100));
            more += answers().size();
        }
        assertEquals(3, more, "six in all: one, and a second's worth");
        now += 1000 * MILLI;
        for (int i = 0; i < 10; i++) {
            feed(STRANGER, shortHeader(100));
            more += answers().size();
        }
        assertEquals(8, more, "five in a second");
        int others = 0;
        for (int i = 0; i < 10; i++) {
            feed(STRANGER, ofAnotherVersion());
            others += answers().size();
        }
        assertEquals(2, others, "of other answers one, and a second's worth");
    }

    /// Whatever asks for a reset: packets of a handshake, too, which anyone can make, take nothing of what is left for those who begin.
    @Test
    void whoAsksForResetsTakesNobodysAnswer() {
        open(QuicConfig.tight(), EndpointConfig.defaults(2, 2).withRetryBelow(Integer.MAX_VALUE).withAnswers(64, 2, 5), keys());
        ends.endpoint.clock(now, EPOCH_MILLIS);
        int length = ends.serverLoop.ids.bytes();
        byte[] handshake = new byte[60];
        handshake[0] = (byte) 0xe0;
        handshake[4] = 1;
        handshake[5] = (byte) length;
        handshake[7 + length] = (byte) (60 - 8 - length);
        for (int i = 0; i < 40; i++) {
            handshake[6] = (byte) i;
            feed(STRANGER, handshake);
        }
        assertEquals(6, answers().size(), "one, and a second's worth");
        connect(0);
        feed(0, all(0).getFirst());
        assertTrue(ends.endpoint.pollOutput(wire, 0, 1472, header, 0, now) > 0);
        assertEquals(0xf0, wire.get(ValueLayout.JAVA_BYTE, 0) & 0xf0, "a Retry");
    }

    @Test
    void aFirstPacketThatIsNotAuthenticTakesNoId() {
        open(QuicConfig.tight(), EndpointConfig.defaults(2, 2), EndpointKeys.none().withIds(SpentSource.of(4)));
        connect(0);
        List<byte[]> hello = all(0);
        for (int forged = 0; forged < 8; forged++) {
            byte[] each = hello.getFirst().clone();
            each[each.length - 1 - forged] ^= 1;
            feed(0, each);
        }
        assertFalse(ends.serverLoop.ids.areUsedUp());
        assertEquals(0, ends.endpoint.connectionCount());
        hello.forEach(each -> feed(0, each));
        converse();
        assertTrue(ends.clients.get(0).isConfirmed());
    }
}
