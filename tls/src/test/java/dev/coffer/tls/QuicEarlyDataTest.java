package dev.coffer.tls;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.packet.CipherSuite;
import dev.coffer.memory.layout.BigEndian;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Early data where QUIC carries the handshake (RFC 9001, section 4.6), on the terms of the session that it resumes, and the tickets that allow it.
class QuicEarlyDataTest extends QuicPair {
    private static final TlsServerConfig SERVER = QuicPair.SERVER.withTickets(TicketConfig.defaults().withEarlyBytes(1));

    /// Two whole handshakes, the second of which could be early.
    private void first(TlsServerConfig config) {
        open(config, null, CLIENT);
        guard();
        begin();
        assertEquals(EarlyData.NONE, client.earlyData());
        converse();
        assertEquals(2, clients.context().sessions());
    }

    @Test
    void itIsTakenUnderTheSameSecretInEverySuiteOnceAndOnItsTerms() {
        for (CipherSuite suite : SERVER.suites()) {
            first(SERVER.withSuites(suite));
            begin();
            assertEquals(EarlyData.OFFERED, client.earlyData());
            assertEquals("h3", client.protocol(), "of the session");
            assertArrayEquals(new byte[] {3, 1, 4}, ofClient.heardTerms);
            assertEquals(List.of("our EARLY"), List.copyOf(ofClient.secrets.keySet()), "told when it begins");
            List<Said> hello = said(client);
            converse(hello);
            assertEquals(EarlyData.TAKEN, client.earlyData());
            assertEquals(EarlyData.TAKEN, ofClient.earlyAtParameters, "known when the parameters come");
            assertTrue(server.isResumed());
            client.close();
            server.close();
            again();
            for (Said piece : hello) {
                assertNull(hear(server, piece.level(), piece.bytes()));
            }
            assertEquals(EarlyData.REFUSED, server.earlyData(), "the same hello again");
            assertNull(ofServer.secrets.get("peer's EARLY"));
        }
    }

    @Test
    void onOtherTermsTheSessionIsResumedAndNothingIsTaken() {
        first(SERVER);
        for (byte[] other : new byte[][] {{3, 1, 5}, {3, 1}, new byte[QuicTransport.TERMS_BYTES_MAX]}) {
            begin();
            ofServer.terms = other;
            converse();
            assertTrue(client.isResumed());
            assertEquals(EarlyData.REFUSED, client.earlyData());
            assertEquals(EarlyData.REFUSED, ofClient.earlyAtParameters);
            assertEquals(EarlyData.REFUSED, server.earlyData());
            begin();
            converse();
            assertEquals(EarlyData.REFUSED, client.earlyData(), "a ticket that was made on those");
        }
    }

    @Test
    void aServerWhoseTransportGrantsNoTermsAllowsNoneAndTakesNone() {
        first(SERVER);
        begin();
        ofServer.terms = new byte[0];
        converse();
        assertEquals(EarlyData.REFUSED, client.earlyData(), "allowed before");
        assertNull(ofServer.secrets.get("peer's EARLY"));
        begin();
        assertEquals(EarlyData.NONE, client.earlyData(), "its ticket says nothing of it");
        ofServer.terms = new byte[0];
        converse();
        assertTrue(client.isResumed());
        assertNull(ofServer.secrets.get("peer's EARLY"));
    }

    @Test
    void aRetryRefusesIt() {
        first(SERVER);
        reopenServer(SERVER.withGroups(NamedGroup.SECP256R1));
        begin();
        assertEquals(EarlyData.OFFERED, client.earlyData());
        converse();
        assertEquals(EarlyData.REFUSED, client.earlyData());
        assertEquals(NamedGroup.SECP256R1, client.group());
        assertTrue(client.isResumed(), "all the same");
    }

    /// What was said is said again by who carries it, and nobody who was told has to read the one protocol in the other.
    @Test
    void aServerThatRefusesItAndChoosesAnotherProtocolIsNotSpokenTo() {
        open(SERVER, null, CLIENT.withProtocols("h4", "h3"));
        guard();
        begin();
        converse();
        reopenServer(SERVER.withProtocols("h4", "h3"));
        begin();
        assertEquals("h3", client.protocol());
        assertEquals(EarlyData.OFFERED, client.earlyData());
        carry(client, server);
        Alert refused = null;
        for (Said piece : said(server)) {
            refused = refused == null ? hear(client, piece.level(), piece.bytes()) : refused;
        }
        assertEquals(Alert.INTERNAL_ERROR, refused);
        server.close();
        client.close();
    }

    @Test
    void withoutTermsWithoutTheWishAndWithoutAGuardNothingIsOffered() {
        open(SERVER, null, CLIENT);
        guard();
        begin();
        ofClient.terms = new byte[0];
        converse();
        begin();
        assertEquals(EarlyData.NONE, client.earlyData());
        converse();
        assertTrue(client.isResumed());
        begin();
        assertEquals(EarlyData.OFFERED, client.earlyData(), "the second session has terms");
        client.close();
        client.early(false);
        ofClient.secrets.clear();
        assertTrue(client.begin(NOW));
        assertEquals(EarlyData.NONE, client.earlyData());
        converse();
        open(SERVER, null, CLIENT);
        begin();
        converse();
        begin();
        assertEquals(EarlyData.NONE, client.earlyData(), "no guard");
        converse();
    }

    @Test
    void aTicketThatNamesANumberOfBytesIsAViolation() {
        for (int bytes : new int[] {0xffffffff, 0xfffffffe, 0, 16_384}) {
            open(SERVER, null, CLIENT);
            begin();
            converse();
            MemorySegment ticket = MemorySegment.ofArray(TestClient.hex("04000016 00000e10 00000000 00 0001 77 0008 002a 0004 00000000"));
            BigEndian.u24(ticket, 1, (int) ticket.byteSize() - 4);
            BigEndian.i32(ticket, ticket.byteSize() - 4, bytes);
            Alert refused = hear(client, QuicHandshake.Level.APPLICATION, (byte[]) ticket.heapBase().orElseThrow());
            assertEquals(bytes == 0xffffffff ? null : Alert.ILLEGAL_PARAMETER, refused);
            assertEquals(bytes == 0xffffffff ? 0 : 0x0a, client.error());
        }
    }

    @Test
    void termsAreOfALengthThatHasRoomOrItIsTheTransportsFault() {
        open(SERVER, null, CLIENT);
        guard();
        begin();
        ofClient.terms = new byte[QuicTransport.TERMS_BYTES_MAX];
        converse();
        begin();
        assertEquals(QuicTransport.TERMS_BYTES_MAX, ofClient.heardTerms.length);
        converse();
        begin();
        ofServer.terms = new byte[QuicTransport.TERMS_BYTES_MAX + 1];
        assertThrows(IllegalArgumentException.class, this::converse);
    }

    @Test
    void aTicketInPiecesIsKeptAndOfTwoAtATimeTheLast() {
        open(SERVER.withCounts(2, 2, 1), null, CLIENT.withCounts(2, 2, 1));
        guard();
        piecesMax = 1;
        begin();
        converse();
        assertEquals(2, clients.context().sessions(), "octet by octet");
        QuicHandshake other = QuicHandshake.client(clients.context(), 1, ofClient).to("other.test");
        byte[] ticket = TestClient.hex("0400000f 00000e10 00000000 00 0001 77 0000");
        ticket[3] = (byte) (ticket.length - 4);
        assertNull(hear(client, QuicHandshake.Level.APPLICATION, Arrays.copyOf(ticket, 9)));
        ClientResumption resumption = clients.context().resumption();
        byte[] body = Arrays.copyOfRange(ticket, 4, ticket.length);
        MemorySegment from = MemorySegment.ofArray(body);
        assertEquals(-1, resumption.gather(1, from, 0, 3, 0, body.length), "another connection begins one");
        assertNull(hear(client, QuicHandshake.Level.APPLICATION, Arrays.copyOfRange(ticket, 9, ticket.length)));
        assertEquals(2, clients.context().sessions(), "what was begun before is passed over");
        assertTrue(resumption.gather(1, from, 3, body.length - 3, 3, body.length) > 0);
        other.close();
        assertEquals(-1, resumption.gather(1, from, 3, body.length - 3, 3, body.length), "its end ends it");
    }
}
