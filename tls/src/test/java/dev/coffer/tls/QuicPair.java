package dev.coffer.tls;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.key.KeyAlgorithm;
import dev.coffer.crypto.packet.CipherSuite;
import dev.coffer.memory.Entropy;
import dev.coffer.testkit.RawMemory;
import dev.coffer.tls.QuicHandshake.Level;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;

/// A client and a server of ours whose handshake QUIC carries, over lossless pipes, one for each level, in pieces of any length.
abstract class QuicPair {
    static final long NOW = 1_000_000_000L;
    static final long VIOLATION = 0x0a;  // RFC 9000, section 20.1
    static final TlsServerConfig SERVER = TlsServerConfig.defaults().withCounts(1, 1, 0).withWaiting(1).withProtocols("h3");
    static final TlsClientConfig CLIENT = TlsClientConfig.defaults().withCounts(1, 1, 0).withProtocols("h3");
    static final ServerIdentity IDENTITY = identity();

    private static ServerIdentity identity() {
        try {
            return Identities.of(KeyAlgorithm.ED25519, "coffer.test");
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /// Whoever carries it: keeps what it is told.
    static final class Told implements QuicTransport {
        final MemorySegment own;
        private final int said;  // bytes that it says it wrote
        byte[] terms = {3, 1, 4};
        byte[] heardTerms;
        EarlyData earlyAtParameters;
        QuicHandshake of;
        byte[] peers = {};
        CipherSuite suite;
        final Map<String, byte[]> secrets = new LinkedHashMap<>();
        int until = Integer.MAX_VALUE;  // so many secrets: the next one is more than it can take

        Told(int bytes) {
            own = Arena.ofAuto().allocate(Math.clamp(bytes, 0, PARAMETERS_BYTES_MAX));
            own.fill((byte) bytes);
            said = bytes;
        }

        @Override
        public int parameters(MemorySegment target, long at) {
            MemorySegment.copy(own, 0, target, at, own.byteSize());
            return said;
        }

        @Override
        public int terms(MemorySegment target, long at) {
            MemorySegment.copy(terms, 0, target, ValueLayout.JAVA_BYTE, at, terms.length);
            return terms.length;
        }

        @Override
        public void onTerms(MemorySegment from, long at, int length) {
            assertTrue(secrets.isEmpty(), "before the secret");
            heardTerms = from.asSlice(at, length).toArray(ValueLayout.JAVA_BYTE);
        }

        @Override
        public void onParameters(MemorySegment from, long at, int length) {
            peers = from.asSlice(at, length).toArray(ValueLayout.JAVA_BYTE);
            earlyAtParameters = of.earlyData();
        }

        @Override
        public void onSecret(Level level, boolean ours, CipherSuite of, MemorySegment secret, long at) {
            suite = of;
            if (secrets.size() == until) {
                throw new IllegalStateException("full");
            }
            byte[] before = secrets.put((ours ? "our " : "peer's ") + level, secret.asSlice(at, of.secretBytes()).toArray(ValueLayout.JAVA_BYTE));
            assertNull(before, "told once");
        }
    }

    Place place;
    ClientPlace clients;
    Told ofServer;
    Told ofClient;
    QuicHandshake server;
    QuicHandshake client;
    private TicketKeys keys;
    private ReplayGuard guard;
    private final SplittableRandom random = new SplittableRandom(1);
    int piecesMax = 1200;
    final MemorySegment wire = Arena.ofAuto().allocate(1 << 16);

    void open(TlsServerConfig server, ClientVerifier verifier, TlsClientConfig client) {
        close();
        keys = TicketKeys.fresh(Arena.ofAuto().allocate(TicketKeys.BYTES), Entropy.SYSTEM, 1000);
        place = Place.of(server, verifier, Entropy.SYSTEM, IDENTITY);
        place.context().ticketKeys(keys);
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
        assertEquals(0, RawMemory.nonZero(memory), "left in the region");
    }

    /// Has the server take early data.
    void guard() {
        guard = ReplayGuard.over(Arena.ofAuto().allocate(ReplayGuard.bytes(64)), Entropy.SYSTEM);
        place.context().replayGuard(guard);
    }

    /// Another server in the place of this one, with its tickets' keys and its guard.
    void reopenServer(TlsServerConfig config) {
        server.close();
        place.close();
        place = Place.of(config, null, Entropy.SYSTEM, IDENTITY);
        place.context().ticketKeys(keys);
        place.context().replayGuard(guard);
    }

    void begin() {
        ofClient = new Told(QuicTransport.PARAMETERS_BYTES_MAX);
        client = QuicHandshake.client(clients.context(), 0, ofClient).to("coffer.test").early(true);
        ofClient.of = client;
        assertTrue(client.begin(NOW));
        again();
    }

    /// The server alone begins.
    void again() {
        ofServer = new Told(17);
        server = QuicHandshake.server(place.context(), 0, ofServer);
        ofServer.of = server;
        assertTrue(server.begin(NOW));
    }

    /// Octets of a level.
    @SuppressWarnings("ArrayRecordComponent")  // they are heard and thrown away
    record Said(Level level, byte[] bytes) {}

    /// {@return all that one side says now, in pieces with their levels}
    List<Said> said(QuicHandshake by) {
        List<Said> all = new ArrayList<>();
        for (Level level = by.level(); level != null; level = by.level()) {
            int bytes = by.poll(wire, 3, 1 + random.nextInt(piecesMax), NOW);
            assertTrue(bytes > 0);
            all.add(new Said(level, wire.asSlice(3, bytes).toArray(ValueLayout.JAVA_BYTE)));
        }
        return all;
    }

    Alert hear(QuicHandshake by, Level level, byte[] bytes) {
        MemorySegment.copy(bytes, 0, wire, ValueLayout.JAVA_BYTE, 5, bytes.length);
        return by.feed(level, wire, 5, bytes.length, NOW);
    }

    boolean carry(QuicHandshake from, QuicHandshake to) {
        return carry(said(from), to);
    }

    private boolean carry(List<Said> all, QuicHandshake to) {
        for (Said piece : all) {
            assertNull(hear(to, piece.level(), piece.bytes()), to + " at " + piece.level());
        }
        return !all.isEmpty();
    }

    void converse() {
        converse(said(client));
    }

    /// Carries the whole handshake, of which the client has said that.
    void converse(List<Said> first) {
        boolean moved = carry(first, server);
        while (moved) {
            moved = carry(server, client) | carry(client, server);
        }
        assertTrue(client.isDone() && server.isDone(), client + ", " + server);
        assertEquals("h3", client.protocol());
        assertEquals("h3", server.protocol());
        assertEquals(client.isResumed(), server.isResumed());
        assertEquals(client.group(), server.group());
        assertEquals(ofClient.suite, ofServer.suite);
        assertArrayEquals(ofClient.own.toArray(ValueLayout.JAVA_BYTE), ofServer.peers);
        assertArrayEquals(ofServer.own.toArray(ValueLayout.JAVA_BYTE), ofClient.peers);
        boolean early = client.earlyData() == EarlyData.TAKEN;
        assertEquals(early, server.earlyData() == EarlyData.TAKEN);
        assertEquals(early ? 5 : 4, ofServer.secrets.size());
        if (early) {
            assertArrayEquals(ofClient.secrets.get("our EARLY"), ofServer.secrets.get("peer's EARLY"));
            assertEquals("peer's EARLY", ofServer.secrets.keySet().iterator().next(), "before all others");
        }
        for (Level level : new Level[] {Level.HANDSHAKE, Level.APPLICATION}) {
            assertArrayEquals(ofClient.secrets.get("our " + level), ofServer.secrets.get("peer's " + level));
            assertArrayEquals(ofServer.secrets.get("our " + level), ofClient.secrets.get("peer's " + level));
            assertFalse(Arrays.equals(ofServer.secrets.get("our " + level), ofClient.secrets.get("our " + level)));
        }
        assertEquals(0, place.context().pool().usedBytes());
        assertEquals(0, clients.context().pool().usedBytes());
    }
}
