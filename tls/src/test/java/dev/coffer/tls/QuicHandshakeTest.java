package dev.coffer.tls;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.key.KeyAlgorithm;
import dev.coffer.crypto.packet.CipherSuite;
import dev.coffer.memory.Entropy;
import dev.coffer.testkit.RawMemory;
import dev.coffer.tls.QuicHandshake.Level;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Handshakes that QUIC carries (RFC 9001): two of ours over lossless pipes, one for each level, and whoever says something wrong.
class QuicHandshakeTest {
    private static final long NOW = 1_000_000_000L;
    private static final TlsServerConfig SERVER = TlsServerConfig.defaults().withCounts(1, 1, 1).withProtocols("h3");
    private static final TlsClientConfig CLIENT = TlsClientConfig.defaults().withCounts(1, 1, 1).withProtocols("h3");
    private static final ServerIdentity IDENTITY = identity();

    private static ServerIdentity identity() {
        try {
            return Identities.of(KeyAlgorithm.ED25519, "coffer.test");
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /// Whoever carries it: keeps what it is told.
    private static final class Told implements QuicTransport {
        private final MemorySegment own;
        byte[] peers = {};
        CipherSuite suite;
        final Map<String, byte[]> secrets = new LinkedHashMap<>();

        Told(int bytes) {
            own = Arena.ofAuto().allocate(bytes);
            own.fill((byte) bytes);
        }

        @Override
        public MemorySegment parameters() {
            return own;
        }

        @Override
        public void onParameters(MemorySegment from, long at, int length) {
            peers = from.asSlice(at, length).toArray(ValueLayout.JAVA_BYTE);
        }

        @Override
        public void onSecret(Level level, boolean ours, CipherSuite of, MemorySegment secret, long at) {
            suite = of;
            byte[] before = secrets.put((ours ? "our " : "peer's ") + level, secret.asSlice(at, of.secretBytes()).toArray(ValueLayout.JAVA_BYTE));
            assertNull(before, "told once");
        }
    }

    private Place place;
    private ClientPlace clients;
    private Told ofServer;
    private Told ofClient;
    private QuicHandshake server;
    private QuicHandshake client;
    private final SplittableRandom random = new SplittableRandom(1);
    private final MemorySegment wire = Arena.ofAuto().allocate(1 << 16);

    private void open(TlsServerConfig server, ClientVerifier verifier, TlsClientConfig client) {
        close();
        place = Place.of(server, verifier, Entropy.SYSTEM, IDENTITY);
        place.context().ticketKeys(TicketKeys.fresh(Arena.ofAuto().allocate(TicketKeys.BYTES), Entropy.SYSTEM, 1000));
        clients = ClientPlace.of(client, new MutationTest.Trusting());
    }

    @AfterEach
    void close() {
        if (place != null) {
            server.close();
            client.close();
            left(place.context(), place.memory());
            left(clients.context(), clients.memory());
            place.close();
            clients.close();
            place = null;
        }
    }

    private static void left(TlsContext context, MemorySegment memory) {
        assertEquals(0, context.pool().usedBytes(), "lent at the end");
        context.close();
        assertEquals(0, RawMemory.nonZero(memory.address(), (int) memory.byteSize()), "left in the region");
    }

    private void begin() {
        ofServer = new Told(17);
        ofClient = new Told(QuicTransport.PARAMETERS_BYTES_MAX);
        server = QuicHandshake.server(place.context(), 0, ofServer);
        client = QuicHandshake.client(clients.context(), 0, ofClient).to("coffer.test");
        assertTrue(server.begin(NOW) && client.begin(NOW));
    }

    /// {@return all that one side says now, in pieces with their levels}
    private List<Map.Entry<Level, byte[]>> said(QuicHandshake by) {
        List<Map.Entry<Level, byte[]>> all = new ArrayList<>();
        for (Level level = by.level(); level != null; level = by.level()) {
            int room = level == Level.APPLICATION ? 1200 : 1 + random.nextInt(1200);  // a ticket comes whole, or is passed over
            int bytes = by.poll(wire, 3, room, NOW);
            assertTrue(bytes > 0);
            all.add(Map.entry(level, wire.asSlice(3, bytes).toArray(ValueLayout.JAVA_BYTE)));
        }
        return all;
    }

    private Alert hear(QuicHandshake by, Level level, byte[] bytes) {
        MemorySegment.copy(bytes, 0, wire, ValueLayout.JAVA_BYTE, 5, bytes.length);
        return by.feed(level, wire, 5, bytes.length, NOW);
    }

    private boolean carry(QuicHandshake from, QuicHandshake to) {
        boolean moved = false;
        for (Map.Entry<Level, byte[]> piece : said(from)) {
            moved = true;
            assertNull(hear(to, piece.getKey(), piece.getValue()), to + " at " + piece.getKey());
        }
        return moved;
    }

    private void converse() {
        boolean moved = true;
        while (moved) {
            moved = carry(client, server) | carry(server, client);
        }
        assertTrue(client.isDone() && server.isDone(), client + ", " + server);
        assertEquals("h3", client.protocol());
        assertEquals("h3", server.protocol());
        assertEquals(client.isResumed(), server.isResumed());
        assertEquals(client.group(), server.group());
        assertEquals(ofClient.suite, ofServer.suite);
        assertArrayEquals(ofClient.own.toArray(ValueLayout.JAVA_BYTE), ofServer.peers);
        assertArrayEquals(ofServer.own.toArray(ValueLayout.JAVA_BYTE), ofClient.peers);
        assertEquals(4, ofClient.secrets.size());
        for (Level level : new Level[] {Level.HANDSHAKE, Level.APPLICATION}) {
            assertArrayEquals(ofClient.secrets.get("our " + level), ofServer.secrets.get("peer's " + level));
            assertArrayEquals(ofServer.secrets.get("our " + level), ofClient.secrets.get("peer's " + level));
            assertFalse(Arrays.equals(ofServer.secrets.get("our " + level), ofClient.secrets.get("our " + level)));
        }
        assertEquals(0, place.context().pool().usedBytes());
        assertEquals(0, clients.context().pool().usedBytes());
    }

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
        for (Map.Entry<Level, byte[]> piece : said(client)) {
            refused = refused != null ? refused : hear(server, piece.getKey(), piece.getValue());
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
        assertEquals(Alert.NO_APPLICATION_PROTOCOL, hello(new byte[0], all -> all.remove(all.size() - 2)));
        assertEquals(Alert.NO_APPLICATION_PROTOCOL,
                hello(new byte[0], all -> all.set(all.size() - 2, TestClient.extension(Wire.ALPN, TestClient.hex("0003 02 6832")))));
        assertEquals(Alert.ILLEGAL_PARAMETER, hello(new byte[1], all -> {}), "a session's number");
        assertEquals(Alert.ILLEGAL_PARAMETER, hello(new byte[0], all -> all.add(all.getLast())), "parameters twice");
    }

    @Test
    void aHelloWithRecordsHasNoTransportParameters() {
        open(SERVER, null, CLIENT);
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
        for (Map.Entry<Level, byte[]> piece : said(server)) {
            if (piece.getKey() == Level.INITIAL) {
                hello.writeBytes(piece.getValue());
            }
        }
        hello.write(8);
        assertEquals(Alert.UNEXPECTED_MESSAGE, hear(client, Level.INITIAL, hello.toByteArray()));
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
        assertEquals(Alert.UNEXPECTED_MESSAGE, hear(server, Level.APPLICATION, TestClient.hex("04000001 00")));
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
}
