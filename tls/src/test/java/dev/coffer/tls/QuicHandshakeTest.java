package dev.coffer.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.packet.CipherSuite;
import dev.coffer.tls.QuicHandshake.Level;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/// Handshakes that QUIC carries (RFC 9001): two of ours over lossless pipes, one for each level, and whoever says something wrong.
class QuicHandshakeTest extends QuicPair {
    @Test
    void bothSidesMakeTheSameSecretsInEveryGroupAndSuite() {
        for (CipherSuite suite : SERVER.suites()) {
            for (NamedGroup group : NamedGroup.values()) {
                open(SERVER.withSuites(suite).withGroups(group), null, CLIENT);
                begin();
                converse();
                assertEquals(suite, ofServer.suite);
                assertEquals(group, server.group(), "some of them by a retry");
                assertFalse(server.isResumed());
                begin();
                converse();
                assertTrue(server.isResumed(), "by a ticket of the level of applications");
            }
        }
    }

    /// Trusts any client.
    private static final class Anybody extends MutationTest.Trusting implements ClientVerifier {
        @Override
        public ClientVerifier another() {
            return this;
        }

        @Override
        public void key(MemorySegment target, long at) {
            target.asSlice(at, KEY_BYTES).fill((byte) 7);
        }

        @Override
        public long policy() {
            return 1;
        }

        @Override
        public long untilSeconds() {
            return Long.MAX_VALUE / 2000;
        }
    }

    @Test
    void aClientShowsWhoItIs() {
        open(SERVER.withClientAuthentication(ClientAuthentication.REQUIRED), new Anybody(), CLIENT);
        clients.context().identity(IDENTITY);
        begin();
        converse();
        clients.context().identity(null);
        begin();
        carry(client, server);
        carry(server, client);
        Alert refused = null;
        for (Said piece : said(client)) {
            refused = refused != null ? refused : hear(server, piece.level(), piece.bytes());
        }
        assertEquals(Alert.CERTIFICATE_REQUIRED, refused);
        assertEquals(0x100 + 116, QuicHandshake.error(refused));
        assertEquals(0, place.context().pool().usedBytes());
    }

    /// A hello of a client that does what it is told.
    private Alert hello(byte[] session, Consumer<List<byte[]>> change) {
        open(SERVER, null, CLIENT);
        begin();
        TestClient other = new TestClient(new Echo(1), CipherSuite.CHACHA20_POLY1305_SHA256);
        List<byte[]> extensions = other.extensions();
        extensions.add(TestClient.extension(Wire.ALPN, TestClient.hex("0003 02 6833")));
        extensions.add(TestClient.extension(Wire.QUIC_PARAMETERS, new byte[9]));
        change.accept(extensions);
        Alert alert = hear(server, Level.INITIAL, other.hello(session, extensions));
        assertEquals(alert == null ? 9 : 0, ofServer.peers.length);
        return alert;
    }

    @Test
    void whatQuicNeedsIsThereOrItIsRefused() {
        assertNull(hello(new byte[0], all -> {}));
        assertEquals(Alert.MISSING_EXTENSION, hello(new byte[0], List::removeLast), "no parameters");
        assertEquals(0x100 + 109, server.error());
        assertEquals(Alert.NO_APPLICATION_PROTOCOL, hello(new byte[0], all -> all.remove(all.size() - 2)));
        assertEquals(Alert.NO_APPLICATION_PROTOCOL,
                hello(new byte[0], all -> all.set(all.size() - 2, TestClient.extension(Wire.ALPN, TestClient.hex("0003 02 6832")))));
        assertEquals(Alert.ILLEGAL_PARAMETER, hello(new byte[1], all -> {}), "a session's number");
        assertEquals(VIOLATION, server.error());
        assertEquals(Alert.ILLEGAL_PARAMETER, hello(new byte[0], all -> all.add(all.getLast())), "parameters twice");
    }

    @Test
    void aHelloWithRecordsHasNoTransportParameters() {
        open(SERVER.withCounts(1, 1, 1), null, CLIENT);
        begin();
        TestClient other =
                new TestClient(new TlsServer<Echo.Event>(place.context(), 0, (connection, now) -> new Echo(1)), CipherSuite.CHACHA20_POLY1305_SHA256);
        server.close();
        List<byte[]> extensions = other.extensions();
        extensions.add(TestClient.extension(Wire.QUIC_PARAMETERS, new byte[9]));
        other.say(Wire.HANDSHAKE, other.hello(extensions));
        other.listen();
        assertEquals(Alert.UNSUPPORTED_EXTENSION, other.alert());
        other.server.close();
    }

    @Test
    void whatComesAtAnotherLevelIsRefused() {
        for (int at = 0; at < 4; at++) {
            open(SERVER, null, CLIENT);
            begin();
            if (at > 0) {
                carry(client, server);
            }
            if (at > 1) {
                carry(server, client);
            }
            if (at > 2) {
                carry(client, server);
                carry(server, client);
            }
            QuicHandshake who = at == 0 || at == 2 ? server : client;
            Level right = at == 0 || at == 1 ? Level.INITIAL : at == 2 ? Level.HANDSHAKE : Level.APPLICATION;
            for (Level level : Level.values()) {
                if (level != right) {
                    assertEquals(Alert.UNEXPECTED_MESSAGE, hear(who, level, new byte[] {1, 0, 0, 1, 0}), "at " + at + ", " + level);
                    assertEquals(VIOLATION, who.error());
                }
            }
        }
    }

    @Test
    void behindAServersHelloNothingIsOfItsLevel() {
        open(SERVER, null, CLIENT);
        begin();
        carry(client, server);
        ByteArrayOutputStream hello = new ByteArrayOutputStream();
        for (Said piece : said(server)) {
            if (piece.level() == Level.INITIAL) {
                hello.writeBytes(piece.bytes());
            }
        }
        hello.write(8);
        assertEquals(Alert.UNEXPECTED_MESSAGE, hear(client, Level.INITIAL, hello.toByteArray()));
        assertEquals(VIOLATION, client.error());
        assertEquals(0, clients.context().pool().usedBytes());
        assertTrue(ofClient.secrets.isEmpty());
    }

    /// RFC 9001, section 6: keys are updated by packets.
    @Test
    void noMessageUpdatesKeysAndAServerHearsNothingMore() {
        open(SERVER, null, CLIENT);
        begin();
        converse();
        assertEquals(Alert.UNEXPECTED_MESSAGE, hear(client, Level.APPLICATION, TestClient.hex("18000001 00")));
        assertEquals(0x10a, client.error());
        assertEquals(Alert.UNEXPECTED_MESSAGE, hear(server, Level.APPLICATION, TestClient.hex("04000001 00")));
        assertEquals(0x10a, server.error());
        begin();
        converse();
        assertEquals(Alert.UNEXPECTED_MESSAGE, hear(client, Level.APPLICATION, TestClient.hex("0d000003 000000")));
        assertEquals(VIOLATION, client.error(), "RFC 9001, section 4.4");
    }

    @Test
    void whereNoSlotIsLeftNothingBegins() {
        open(SERVER, null, CLIENT.withCounts(2, 1, 1));
        begin();
        QuicHandshake another = QuicHandshake.client(clients.context(), 1, ofClient).to("coffer.test");
        assertFalse(another.begin(NOW));
        client.close();
        assertTrue(another.begin(NOW));
        another.close();
    }

    @Test
    void parametersOfAnotherLengthAreTheCallersFaultAndNothingIsHeld() {
        open(SERVER, null, CLIENT);
        begin();
        for (int bytes : new int[] {0, QuicTransport.PARAMETERS_BYTES_MAX + 1}) {
            client.close();
            QuicHandshake wrong = QuicHandshake.client(clients.context(), 0, new Told(bytes)).to("coffer.test");
            assertThrows(IllegalArgumentException.class, () -> wrong.begin(NOW));
            assertEquals(0, clients.context().pool().usedBytes());
        }
    }

    /// Chromium's hello has 1,981 bytes, and comes in three pieces of any lengths.
    @Test
    void aLongHelloComesInPiecesOfAnyLength() {
        for (int piece : new int[] {1, 2, 3, 500, 660, 1977, 1980, 1981}) {
            open(SERVER.withHelloBytesMax(1977), null, CLIENT);
            begin();
            byte[] hello = hello(1981);
            for (int at = 0; at < hello.length; at += piece) {
                assertEquals(0, ofServer.peers.length, "not before the last octet");
                assertNull(hear(server, Level.INITIAL, Arrays.copyOfRange(hello, at, Math.min(hello.length, at + piece))));
            }
            assertEquals(9, ofServer.peers.length);
            assertEquals(Level.INITIAL, server.level());
        }
        open(SERVER.withHelloBytesMax(1976), null, CLIENT);
        begin();
        assertEquals(Alert.DECODE_ERROR, hear(server, Level.INITIAL, Arrays.copyOf(hello(1981), 4)), "one more than there is room for");
        assertEquals(0x100 + 50, server.error());
    }

    /// The place of the one long hello is another's: nothing of the next one is taken until that is read, or has taken a second, in whatever pieces its header comes.
    @Test
    void aLongHelloWaitsForThePlaceOfAnother() {
        for (int before = 0; before <= 4; before++) {
            open(SERVER.withCounts(2, 2, 0).withHelloBytesMax(1500).withLongHelloBytesMax(2000), null, CLIENT);
            begin();
            Told ofOther = new Told(QuicTransport.PARAMETERS_BYTES_MAX);
            QuicHandshake other = QuicHandshake.server(place.context(), 1, ofOther);
            ofOther.of = other;
            assertTrue(other.begin(NOW));
            MemorySegment hello = MemorySegment.ofArray(hello(1981));
            assertTrue(other.mayFeed(Level.INITIAL, hello, 0, 1000, NOW));
            assertNull(other.feed(Level.INITIAL, hello, 0, 1000, NOW));
            assertTrue(other.mayFeed(Level.INITIAL, hello, 1000, 981, NOW), "its own");
            assertTrue(server.mayFeed(Level.INITIAL, hello, 0, Math.min(before, 3), NOW));
            assertNull(server.feed(Level.INITIAL, hello, 0, Math.min(before, 3), NOW));
            int at = Math.min(before, 3);
            assertFalse(server.isHeldUp());
            assertFalse(server.mayFeed(Level.INITIAL, hello, at, 4 - at, NOW + 999_999_999));
            assertTrue(server.isHeldUp());
            assertFalse(server.mayFeed(Level.INITIAL, hello, at, 1981 - at, NOW + 999_999_999));
            if (before < 4) {
                assertNull(other.feed(Level.INITIAL, hello, 1000, 981, NOW));
                assertTrue(server.mayFeed(Level.INITIAL, hello, at, 1981 - at, NOW));
                assertNull(server.feed(Level.INITIAL, hello, at, 1981 - at, NOW));
                assertEquals(9, ofOther.peers.length);
            } else {
                assertTrue(server.mayFeed(Level.INITIAL, hello, at, 1981 - at, NOW + 1_000_000_000));
                assertNull(server.feed(Level.INITIAL, hello, at, 1981 - at, NOW + 1_000_000_000));
                assertEquals(Alert.CLOSE_NOTIFY, other.feed(Level.INITIAL, hello, 1000, 981, NOW + 1_000_000_000));
                assertEquals(0x02, other.error(), "CONNECTION_REFUSED: it was slow itself");
            }
            assertEquals(9, ofServer.peers.length);
            other.close();
        }
        open(SERVER.withCounts(2, 2, 0).withHelloBytesMax(1500).withLongHelloBytesMax(2000), null, CLIENT);
        begin();
        QuicHandshake other = QuicHandshake.server(place.context(), 1, ofServer);
        assertTrue(other.begin(NOW));
        assertNull(other.feed(Level.INITIAL, MemorySegment.ofArray(hello(1981)), 0, 1000, NOW));
        for (int bytes : new int[] {1500, 2001}) {  // what has room, and what never will
            byte[] header = {1, 0, (byte) (bytes >> 8), (byte) bytes};
            assertTrue(server.mayFeed(Level.INITIAL, MemorySegment.ofArray(header), 0, 4, NOW));
        }
        assertTrue(server.mayFeed(Level.INITIAL, MemorySegment.ofArray(new byte[] {2, 0, 7, 0}), 0, 4, NOW), "nor what is none");
        other.close();
    }

    /// What the server says lies at the end of the hello's place: whatever of the hello reaches into that, the keys that both sides agree on are the same.
    @Test
    void theAnswerLiesInTheHellosPlace() {
        for (NamedGroup group : NamedGroup.values()) {
            for (int most = 2700; most <= 4200; most += 100) {
                TlsServerConfig config = SERVER.withHelloBytesMax(most).withGroups(group);
                long asked = config.withClientAuthentication(ClientAuthentication.OPTIONAL).plan().totalBytes();
                assertTrue(config.plan().totalBytes() < asked - 1000, "certificates of clients are proven beside them");
                open(config, null, CLIENT.withGroups(group));
                begin();
                converse();
            }
        }
    }

    private static byte[] hello(int bytes) {
        TestClient other = new TestClient(new Echo(1), CipherSuite.CHACHA20_POLY1305_SHA256);
        List<byte[]> extensions = other.extensions();
        extensions.add(TestClient.extension(Wire.ALPN, TestClient.hex("0003 02 6833")));
        extensions.add(TestClient.extension(Wire.QUIC_PARAMETERS, new byte[9]));
        int without = other.hello(new byte[0], extensions).length;
        extensions.add(TestClient.extension(21, new byte[bytes - without - 4]));  // padding, RFC 7685
        return other.hello(new byte[0], extensions);
    }

    @Test
    void aRetryAndAWholeFlightComeOctetByOctet() {
        piecesMax = 1;
        open(SERVER.withGroups(NamedGroup.SECP256R1), null, CLIENT);
        begin();
        converse();
        assertEquals(NamedGroup.SECP256R1, client.group());
    }

    @Test
    void oneContextServesRecordsAndQuicEachWithItsOwnProtocols() {
        open(SERVER.withCounts(2, 1, 1).withProtocols("http/1.1").withQuicProtocols("h3"), null, CLIENT.withProtocols("http/1.1", "h3"));
        begin();
        converse();
        assertEquals(Alert.NO_APPLICATION_PROTOCOL, overRecords("0003 02 6833"));
        assertNull(overRecords("000c 02 6833 08 687474702f312e31"));
        open(SERVER.withCounts(2, 1, 1).withProtocols("http/1.1").withQuicProtocols("h3"), null, CLIENT.withProtocols("http/1.1"));
        begin();
        Alert refused = null;
        for (Said piece : said(client)) {
            refused = refused != null ? refused : hear(server, piece.level(), piece.bytes());
        }
        assertEquals(Alert.NO_APPLICATION_PROTOCOL, refused);
    }

    private Alert overRecords(String protocols) {
        TestClient other =
                new TestClient(new TlsServer<Echo.Event>(place.context(), 0, (connection, now) -> new Echo(1)), CipherSuite.CHACHA20_POLY1305_SHA256);
        List<byte[]> extensions = other.extensions();
        extensions.add(TestClient.extension(Wire.ALPN, TestClient.hex(protocols)));
        byte[] hello = other.hello(extensions);
        other.remember(hello);
        other.say(Wire.HANDSHAKE, hello);
        other.listen();
        other.server.close();
        return other.alert();
    }

    @Test
    void aServerThatHasSaidItsPartHoldsLittle() {
        open(SERVER, null, CLIENT);
        begin();
        assertEquals(1, place.context().pool().lent(TlsContext.KIND_HANDSHAKE));
        carry(client, server);
        said(server);
        assertEquals(0, place.context().pool().lent(TlsContext.KIND_HANDSHAKE));
        assertEquals(ServerFinish.BYTES, place.context().pool().usedBytes());
    }

    @Test
    void noConnectionWithRecordsIsMadeInAContextForQuicAlone() {
        open(SERVER, null, CLIENT);
        begin();
        assertThrows(IllegalArgumentException.class, () -> new TlsServer<Echo.Event>(place.context(), 0, (connection, now) -> new Echo(1)));
        assertThrows(IllegalArgumentException.class, () -> new TlsClient<Echo.Event>(clients.context(), 0, (connection, now) -> new Echo(1)));
        assertEquals(0, SERVER.connectionBytes());
    }

    /// Of a server and of a client, at each of the four secrets.
    @Test
    void aTransportThatThrowsWhereverItIsToldASecretLeavesNothingBehind() {
        for (int i = 0; i < 8; i++) {
            boolean byServer = i < 4;
            open(SERVER, null, CLIENT);
            begin();
            Told throwing = byServer ? ofServer : ofClient;
            throwing.until = i % 4;
            assertThrows(IllegalStateException.class, this::converse);
            assertEquals(i % 4, throwing.secrets.size());
            assertEquals(0, (byServer ? place.context() : clients.context()).pool().usedBytes(), "secret " + i);
        }
    }
}
