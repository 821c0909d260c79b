package dev.coffer.tls;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.packet.CipherSuite;
import dev.coffer.memory.layout.BigEndian;
import dev.coffer.testkit.RawMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// What a client of ours says with its hello to a server of ours (RFC 8446, sections 2.3 and 4.2.10): taken once, or said again.
class EarlyDataTest extends EarlyPair {
    private static final byte[] TEXT = "harmless twice".getBytes(StandardCharsets.US_ASCII);

    @Test
    void itIsHeardAndAnsweredBeforeTheHandshakeIsDone() throws Exception {
        for (CipherSuite suite : SERVER.suites()) {
            open(SERVER.withSuites(suite), CLIENT);
            resumable();
            begin(TEXT);
            assertFalse(client.isEarly());
            byte[] first = said(client);
            assertTrue(client.isEarly());
            assertEquals("http/1.1", client.protocol(), "as the session's was");
            hear(server, first);
            assertTrue(server.isEarly() && !server.isOpen());
            assertEquals("http/1.1", server.protocol());
            assertArrayEquals(TEXT, ear.heard.toByteArray(), "of " + suite);
            byte[] flight = said(server);  // with the answer behind its Finished
            assertEquals(0, ear.feedRoom() - Ear.ROOM, "it was answered");
            hear(client, flight);
            assertTrue(client.isOpen() && client.isEarlyTaken() && !client.isEarly(), client.toString());
            assertArrayEquals(TEXT, speaker.heard.toByteArray());
            hear(server, said(client));
            assertTrue(server.isOpen() && !server.isEarly(), server.toString());
            assertArrayEquals(TEXT, ear.heard.toByteArray(), "once");
            assertTrue(client.isResumed() && server.isResumed());
            converse();
            end();
        }
    }

    /// {@return octets that are not zero of the client's handshake secret, in the one small place}
    private int clientSecret() {
        var kinds = place.context().config().slots().kinds();
        long before = 0;
        for (int i = 0; i < TlsContext.KIND_WAITING; i++) {
            before += kinds.get(i).slotBytes() * kinds.get(i).slots();
        }
        return RawMemory.nonZero(place.context().pool().segment(), before + ServerFinish.CLIENT, (int) (ServerFinish.NEXT - ServerFinish.CLIENT));
    }

    /// The server keeps it until the client has said what it says early, which is another key's, and not until its Finished.
    @Test
    void theHandshakeSecretIsToldWithEndOfEarlyDataAndGone() throws Exception {
        open(SERVER, CLIENT);
        resumable();
        begin(TEXT);
        hear(server, said(client));
        hear(client, said(server));
        assertEquals(1, place.context().pool().lent(TlsContext.KIND_WAITING));
        assertTrue(clientSecret() > 16, "it has yet to be told");
        byte[] last = said(client);
        List<byte[]> records = KeyLogTest.records(last);
        int end = 0;
        for (int i = 0; i < records.size() - 1 && clientSecret() > 0; i++) {
            hear(server, records.get(i));
            end = i + 1;
        }
        assertTrue(end > 0 && !server.isOpen(), "of " + records.size() + " records");
        assertEquals(0, clientSecret(), "after EndOfEarlyData");
        assertEquals(1, place.context().pool().lent(TlsContext.KIND_WAITING), "Finished has yet to come");
        for (byte[] record : records.subList(end, records.size())) {
            hear(server, record);
        }
        assertTrue(server.isOpen(), server.toString());
        converse();
        end();
    }

    /// The secret of what is said early too, by both sides; not by a server that does not take it.
    @Test
    void whoHearsSecretsReadsWhatIsSaidEarly() throws Exception {
        open(SERVER.withSuites(CipherSuite.AES_128_GCM_SHA256), CLIENT);
        resumable();
        KeyLogTest.Heard ofServer = new KeyLogTest.Heard();
        KeyLogTest.Heard ofClient = new KeyLogTest.Heard();
        place.context().keyLog(ofServer);
        clients.context().keyLog(ofClient);
        begin(TEXT);
        byte[] first = said(client);
        hear(server, first);
        assertTrue(server.isEarly());
        converse();
        assertTrue(client.isEarlyTaken());
        end();
        assertEquals(5, ofServer.lines.size());
        assertEquals(ofServer.lines, ofClient.lines);
        List<byte[]> records = KeyLogTest.records(first);
        byte[] said = KeyLogTest.open(ofServer.of(KeyLog.Label.CLIENT_EARLY_TRAFFIC_SECRET), 0, records.getLast());
        assertEquals(new String(TEXT, StandardCharsets.US_ASCII), new String(said, 0, TEXT.length, StandardCharsets.US_ASCII));
        assertTrue(ofServer.lines.keySet().iterator().next()
                .equals(KeyLog.Label.CLIENT_EARLY_TRAFFIC_SECRET + " " + HexFormat.of().formatHex(records.getFirst(), 11, 43)),
                "first, by the client's random");
        ofServer.lines.clear();
        ofClient.lines.clear();
        place.context().replayGuard(null);
        begin(TEXT);
        converse();
        end();
        assertEquals(4, ofServer.lines.size(), "it was not taken");
        assertEquals(5, ofClient.lines.size(), "it was said");
    }

    @Test
    void anySplitOfItIsTheSame() throws Exception {
        byte[] text = new byte[12_000];
        Arrays.fill(text, (byte) 'x');
        open(SERVER, CLIENT);
        resumable();
        for (int seed = 0; seed < 20; seed++) {
            begin(text);
            TlsClientTest.converse(client, server, seed, now);
            assertArrayEquals(text, ear.heard.toByteArray());
            assertArrayEquals(text, speaker.heard.toByteArray());
            assertTrue(client.isEarlyTaken(), "seed " + seed);
            end();
        }
    }

    @Test
    void withoutBeingAskedForNothingIsSaidEarlyByEitherSide() throws Exception {
        open(SERVER, CLIENT);
        resumable();
        mayEarly = false;
        assertAgain("the connection did not ask", false);
        mayEarly = true;
        assertTaken();
        open(SERVER.withTickets(new TicketConfig(2, 1000)), CLIENT);
        resumable();
        assertAgain("the tickets do not say", false);
        open(SERVER, CLIENT.withEarlyBytes(0));
        resumable();
        assertAgain("the client has no room", false);
        open(SERVER, CLIENT);
        place.context().replayGuard(null);
        resumable();
        assertAgain("nobody remembers", false);
    }

    @Test
    void whatIsNotTakenIsSaidAgainOnce() throws Exception {
        open(SERVER, CLIENT);
        resumable();
        place.context().replayGuard(null);
        assertAgain("nobody remembers", true);
        open(SERVER, CLIENT);
        resumable();
        place.context().replayGuard(guard());
        assertAgain("another guard, as of another process", true);
        open(SERVER, CLIENT);
        resumable();
        keys();
        place.context().ticketKeys(keys);
        assertAgain("other keys: a whole handshake", true);
        open(SERVER, CLIENT);
        resumable();
        reopenServer(SERVER.withSuites(CipherSuite.AES_128_GCM_SHA256));
        assertAgain("another suite of the same hash", true);
        open(SERVER, CLIENT);
        resumable();
        reopenServer(SERVER.withSuites(CipherSuite.AES_256_GCM_SHA384));
        assertAgain("another suite of another hash", true);
        open(SERVER, CLIENT);
        resumable();
        reopenServer(SERVER.withGroups(NamedGroup.SECP256R1));
        assertAgain("a retry", true);
    }

    /// What was said in one protocol is not read in another.
    @Test
    void whereTheServerChoosesAnotherProtocolTheConnectionEnds() throws Exception {
        open(SERVER, CLIENT);
        resumable();
        reopenServer(SERVER.withProtocols("h2"));
        begin(TEXT);
        converse();
        assertEquals(Alert.INTERNAL_ERROR, client.alertSent());
        assertEquals(0, ear.heard.size());
        assertTrue(speaker.isOutputEnded(), "it was told");
        end();
    }

    /// A server that wants a request in another protocol is offered no other.
    @Test
    void aConnectionOffersOneProtocolAloneAndTakesAndSaysNothingInAnother() throws Exception {
        open(SERVER, CLIENT);
        resumable();
        begin(TEXT);
        assertThrows(IllegalArgumentException.class, () -> client.offering("h3"));
        client.offering("h2").reset(now);
        byte[] first = said(client);
        assertFalse(client.isEarly(), "the session is of another");
        hear(server, first);
        converse();
        assertEquals("h2", client.protocol());
        assertEquals("h2", server.protocol(), "though it would choose the other");
        assertArrayEquals(TEXT, ear.heard.toByteArray());
        end();
        begin(TEXT);
        client.offering("http/1.1").reset(now);
        converse();
        assertEquals("http/1.1", client.protocol());
        end();
        begin(TEXT);
        client.offering("http/1.1").offering(null).reset(now);
        converse();
        assertTrue(client.isEarlyTaken(), "all are offered again");
        end();
        reopenServer(SERVER.withProtocols("h2"));
        begin(TEXT);
        client.offering("http/1.1").reset(now);
        converse();
        assertEquals(Alert.NO_APPLICATION_PROTOCOL, client.alertReceived());
        end();
    }

    /// RFC 7301, section 3.1: a server that answers with what it was not offered this time, though the client would speak it.
    @Test
    void aProtocolThatWasNotOfferedThisTimeIsRefused() {
        MemorySegment[] both = {MemorySegment.ofArray("h2".getBytes(StandardCharsets.US_ASCII)),
                MemorySegment.ofArray("http/1.1".getBytes(StandardCharsets.US_ASCII))};
        MemorySegment message = Arena.ofAuto().allocate(EncryptedExtensions.BYTES_MAX);
        int bytes = (int) EncryptedExtensions.write(message, 0, both[0], 0, false, null);
        BigEndian.u24(message, 1, bytes - Wire.MESSAGE_HEADER_BYTES);
        for (int only = -1; only < 2; only++) {
            EncryptedExtensions extensions = new EncryptedExtensions();
            assertEquals(only == 1 ? Alert.ILLEGAL_PARAMETER : null, extensions.read(message, 0, bytes, both, only, false, false, false));
            assertEquals(only == 1 ? -1 : 0, extensions.protocol());
        }
    }

    /// RFC 8446, section 8: the same hello on several connections, at one time and one after another.
    @Test
    void whoSaysItAgainIsNotHeardEarly() throws Exception {
        open(SERVER, CLIENT);
        resumable();
        begin(TEXT);
        byte[] first = said(client);
        hear(server, first);
        assertTrue(server.isEarly());
        TlsServer<Echo.Event> again = another(1);
        Ear other = ear;
        hear(again, first);
        assertFalse(again.isEarly(), "while the first is under way");
        assertEquals(0, other.heard.size());
        assertTrue(said(again).length > 0, "the handshake goes on");
        again.close();
        server.close();
        for (long later : new long[] {0, 1, 9_999, 10_000, 10_001, 20_000, 21_001, 100_000}) {
            now += later * MILLI;
            again = another(1);
            hear(again, first);
            assertFalse(again.isEarly(), later + " ms later");
            again.close();
        }
        client.close();
    }

    /// Section 8.3: a ticket's age is ours to within ten seconds.
    @Test
    void whatIsNotFreshIsNotHeardEarly() throws Exception {
        for (long off : new long[] {0, 10_000, 10_001, -10_000, -10_001}) {
            open(SERVER, CLIENT);
            now = 100 * SECOND;
            resumable();
            now += 30 * SECOND;
            begin(TEXT);
            byte[] first = said(client);
            server.close();
            now += off * MILLI;
            server = another(0);
            hear(server, first);
            assertEquals(Math.abs(off) <= 10_000, server.isEarly(), off + " ms");
            server.close();
            client.close();
        }
    }

    @Test
    void aTicketOfBeforeARestartIsResumedAndNothingIsTakenEarly() throws Exception {
        open(SERVER, CLIENT);
        resumable();
        reopenServer(SERVER);
        place.context().replayGuard(guard());
        assertAgain("it knows nothing of before", true);
        assertTrue(resumed);
        assertTaken();
    }

    @Test
    void asMuchAsTheTicketSaysAndNotAByteMore() throws Exception {
        for (int bytes : new int[] {3000, 3001}) {
            open(SERVER.withTickets(new TicketConfig(2, 1000, 3000)), CLIENT);
            resumable();
            sessions(entry -> BigEndian.i32(entry, SessionStore.EARLY, 16_000));
            begin(new byte[bytes]);
            hear(server, said(client));
            said(server);
            assertEquals(bytes == 3000 ? null : Alert.UNEXPECTED_MESSAGE, server.alertSent());
            end();
        }
    }

    @Test
    void aClientSaysNoMoreThanItsRoomAndTheRestWhenItIsOpen() throws Exception {
        byte[] text = new byte[30_000];
        new SplittableRandom(9).nextBytes(text);
        open(SERVER, CLIENT.withEarlyBytes(5000));
        resumable();
        begin(text);
        hear(server, said(client));
        assertEquals(5000, ear.heard.size() / 1000 * 1000, "2,048 at least are left for the engine, or nothing is asked of it");
        assertTrue(ear.heard.size() <= 5000);
        converse();
        assertArrayEquals(text, speaker.heard.toByteArray());
        assertTrue(client.isEarlyTaken());
        end();
    }

    /// A driver without room for more than the hello.
    @Test
    void anAnswerMayOvertakeWhatIsBehindTheHello() throws Exception {
        open(SERVER, CLIENT);
        for (NamedGroup group : new NamedGroup[] {NamedGroup.X25519, NamedGroup.SECP256R1}) {  // the second by a retry
            reopenServer(SERVER);
            resumable();
            reopenServer(SERVER.withGroups(group));
            begin(TEXT);
            byte[] hello = new byte[20_000];
            int bytes = (int) client.pollOutput(MemorySegment.ofArray(hello), 0, hello.length, now);
            hear(server, Arrays.copyOf(hello, bytes));
            hear(client, said(server));
            converse();
            assertArrayEquals(TEXT, ear.heard.toByteArray(), client + ", " + server);
            assertArrayEquals(TEXT, speaker.heard.toByteArray());
            end();
        }
    }

    @Test
    void whoseCarrierHasNothingIsOpenedAllTheSame() throws Exception {
        open(SERVER, CLIENT);
        resumable();
        begin(new byte[0]);
        converse();
        assertTrue(client.isOpen() && client.isEarlyTaken(), client.toString());
        end();
    }

    @Test
    void anAnswerThatEndsTheConnectionIsHeard() throws Exception {
        open(SERVER, CLIENT);
        resumable();
        begin(TEXT);
        hear(server, said(client));
        server.shutdown(now);
        hear(client, said(server));
        assertArrayEquals(TEXT, speaker.heard.toByteArray());
        hear(server, said(client));
        assertTrue(client.isEnded() && server.isEnded(), client + ", " + server);
        end();
    }
}
