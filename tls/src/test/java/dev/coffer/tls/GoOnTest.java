package dev.coffer.tls;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.key.KeyAlgorithm;
import dev.coffer.crypto.packet.CipherSuite;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.layout.BigEndian;
import dev.coffer.testkit.RawMemory;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Connections that shake hands in one context and go on in another, which has room for open ones alone; and sessions that somebody else keeps.
class GoOnTest {
    private static final long NOW = 7_000_000_000L;
    private static final TlsServerConfig SERVER = TlsServerConfig.defaults().withCounts(1, 1, 1).withProtocols("one", "two");
    private static final TlsClientConfig CLIENT = TlsClientConfig.defaults().withCounts(1, 1, 1).withProtocols("two").withSessions(1);
    private static final TlsServerConfig OPEN_SERVERS = TlsServerConfig.defaults().withCounts(3, 0, 1).withProtocols("two");
    private static final TlsClientConfig OPEN_CLIENTS = TlsClientConfig.defaults().withCounts(3, 0, 1).withProtocols("two").withSessions(1);

    @TempDir
    private Path folder;
    private ServerIdentity identity;
    private TicketKeys keys;
    private Place server;
    private ClientPlace client;
    private Place openServers;
    private ClientPlace openClients;
    private final Saying saying = new Saying();
    private final Echo echo = new Echo(1 << 16);

    /// Says what it is told to, hears, and never ends.
    private static final class Saying extends Echo {
        private final Deque<byte[]> texts = new ArrayDeque<>();
        private final ByteArrayOutputStream heard = new ByteArrayOutputStream();

        Saying() {
            super(0);
        }

        @Override
        public long feed(MemorySegment input, long at, long length, long nowNanos) {
            heard.writeBytes(input.asSlice(at, length).toArray(ValueLayout.JAVA_BYTE));
            return length;
        }

        @Override
        public long feedRoom() {
            return Long.MAX_VALUE;
        }

        @Override
        public long pollOutput(MemorySegment output, long at, long length, long nowNanos) {
            byte[] text = texts.poll();
            if (text == null) {
                return 0;
            }
            MemorySegment.copy(text, 0, output, ValueLayout.JAVA_BYTE, at, text.length);
            return text.length;
        }
    }

    /// Keeps one session, off the heap.
    private static final class Keeping implements SessionKeeper {
        private final MemorySegment session = Arena.ofAuto().allocate(SESSION_BYTES);
        private int kept;
        private boolean has;

        @Override
        public void keep(MemorySegment from, long at) {
            MemorySegment.copy(from, at, session, 0, SESSION_BYTES);
            kept++;
            has = true;
        }

        @Override
        public boolean offer(MemorySegment target, long at) {
            if (has) {
                MemorySegment.copy(session, 0, target, at, SESSION_BYTES);
            }
            boolean had = has;
            has = false;
            return had;
        }
    }

    @BeforeEach
    void open() throws Exception {
        identity = Identities.of(KeyAlgorithm.ED25519, "coffer.test");
        keys = TicketKeys.fresh(Arena.ofAuto().allocate(TicketKeys.BYTES), Entropy.SYSTEM, 1000);
        Path trusted = Files.writeString(folder.resolve("trusted.pem"), "-----BEGIN CERTIFICATE-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(identity.certificate().getEncoded()) + "\n-----END CERTIFICATE-----\n");
        server = Place.of(SERVER, identity);
        server.context().ticketKeys(keys);
        client = ClientPlace.of(CLIENT, JdkVerifier.of(trusted));
        openServers = Place.of(OPEN_SERVERS);
        openClients = ClientPlace.of(OPEN_CLIENTS, JdkVerifier.of(trusted));
    }

    @AfterEach
    void close() {
        for (MemorySegment each : List.of(server.memory(), client.memory(), openServers.memory(), openClients.memory())) {
            MemorySegment memory = each;
            if (memory == server.memory()) {
                server.context().close();
            } else if (memory == client.memory()) {
                client.context().close();
            } else if (memory == openServers.memory()) {
                openServers.context().close();
            } else {
                openClients.context().close();
            }
            assertEquals(0, RawMemory.nonZero(memory), "left behind");
        }
        server.region().close();
        client.region().close();
        openServers.region().close();
        openClients.region().close();
        keys.close();
    }

    private TlsServer<Echo.Event> newServer() {
        echo.reset(NOW);
        TlsServer<Echo.Event> made = new TlsServer<>(server.context(), 0, (connection, at) -> echo);
        made.reset(NOW);
        return made;
    }

    private TlsClient<Echo.Event> newClient(SessionKeeper keeper) {
        TlsClient<Echo.Event> made = new TlsClient<Echo.Event>(client.context(), 0, (connection, at) -> saying).to("coffer.test").sessions(keeper);
        made.reset(NOW);
        return made;
    }

    private void echoes(TlsClient<?> of, TlsServer<?> with, String text) {
        saying.heard.reset();
        saying.texts.add(text.getBytes());
        TlsClientTest.converse(of, with, 3, NOW);
        assertArrayEquals(text.getBytes(), saying.heard.toByteArray(), of + ", " + with);
    }

    @Test
    void anOpenConnectionGoesOnInAContextWithoutHandshakesAndLeavesNothing() {
        for (CipherSuite suite : SERVER.suites()) {
            client.close();
            client = ClientPlace.of(CLIENT.withSuites(suite), verifier());
            Keeping keeping = new Keeping();
            TlsServer<Echo.Event> before = newServer();
            TlsClient<Echo.Event> asking = newClient(keeping);
            echoes(asking, before, "before");
            TlsServer<Echo.Event> after = new TlsServer<>(openServers.context(), 2, (connection, at) -> null);
            TlsClient<Echo.Event> on = new TlsClient<>(openClients.context(), 1, (connection, at) -> null);
            assertTrue(before.canMove() && asking.canMove());
            after.goOn(before, NOW);
            on.goOn(asking, NOW);
            assertEquals(0, server.context().pool().usedBytes() + client.context().pool().usedBytes());
            assertEquals("two", on.protocol());
            assertEquals(suite, after.suite());
            assertEquals(before.group(), after.group());
            echoes(on, after, "after");
            on.updateKey();
            after.updateKey();
            echoes(on, after, "under new keys");
            assertTrue(on.isOpen() && after.isOpen());
            on.close();
            after.close();
            assertEquals(0, openServers.context().pool().usedBytes() + openClients.context().pool().usedBytes());
        }
    }

    /// What the peer takes in a record, and what we said that we take (RFC 8449), holds for the connection and not for its context.
    @Test
    void limitsOfRecordsMoveToo() throws Exception {
        client.close();
        client = ClientPlace.of(CLIENT.withRecordSizeLimit(600), verifier());
        TlsServer<Echo.Event> before = newServer();
        TlsClient<Echo.Event> asking = newClient(new Keeping());
        echoes(asking, before, "before");
        TlsServer<Echo.Event> after = new TlsServer<>(openServers.context(), 2, (connection, at) -> null);
        TlsClient<Echo.Event> on = new TlsClient<>(openClients.context(), 1, (connection, at) -> null);
        after.goOn(before, NOW);
        on.goOn(asking, NOW);
        echoes(on, after, "x".repeat(3000));
        Field writer = ConnectionParts.class.getDeclaredField("writer");
        writer.setAccessible(true);
        ((RecordWriter) writer.get(after)).limit(1 << 14);  // a server that forgets
        saying.heard.reset();
        saying.texts.add(new byte[3000]);
        TlsClientTest.converse(on, after, 3, NOW);
        assertEquals(Alert.RECORD_OVERFLOW, on.alertSent());
        on.close();
        after.close();
    }

    private JdkVerifier verifier() {
        try {
            return JdkVerifier.of(folder.resolve("trusted.pem"));
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void whatCannotMoveStaysAsItIs() {
        TlsServer<Echo.Event> before = newServer();
        TlsClient<Echo.Event> asking = newClient(new Keeping());
        TlsClient<Echo.Event> on = new TlsClient<>(openClients.context(), 0, (connection, at) -> null);
        assertThrows(IllegalStateException.class, () -> on.goOn(asking, NOW), "in its handshake");
        TlsClientTest.converse(asking, before, 4, NOW);
        TlsServer<Echo.Event> other = new TlsServer<>(openServers.context(), 0, (connection, at) -> null);
        assertThrows(IllegalStateException.class, () -> on.goOn(on, NOW), "itself");
        asking.updateKey();
        assertFalse(asking.canMove(), "with a word to say");
        echoes(asking, before, "still there");
        try (ClientPlace strange = ClientPlace.of(OPEN_CLIENTS.withProtocols("three"), verifier())) {
            TlsClient<Echo.Event> there = new TlsClient<>(strange.context(), 0, (connection, at) -> null);
            assertThrows(IllegalArgumentException.class, () -> there.goOn(asking, NOW), "another protocol");
        }
        try (Place strange = Place.of(OPEN_SERVERS.withSuites(CipherSuite.AES_256_GCM_SHA384))) {
            TlsServer<Echo.Event> there = new TlsServer<>(strange.context(), 0, (connection, at) -> null);
            assertThrows(IllegalArgumentException.class, () -> there.goOn(before, NOW), "another suite");
        }
        echoes(asking, before, "still here");
        other.goOn(before, NOW);
        assertThrows(IllegalStateException.class, () -> new TlsServer<Echo.Event>(openServers.context(), 1, (connection, at) -> null).goOn(before, NOW),
                "closed");
        other.close();
        asking.close();
    }

    @Test
    void aContextWithoutHandshakesBeginsNone() {
        TlsClient<Echo.Event> begins = new TlsClient<Echo.Event>(openClients.context(), 0, (connection, at) -> saying).to("coffer.test");
        begins.reset(NOW);
        assertEquals(0, begins.pollOutput(Arena.ofAuto().allocate(20_000), 0, 20_000, NOW));
        assertTrue(begins.isEnded());
        TlsServer<Echo.Event> waits = new TlsServer<>(openServers.context(), 0, (connection, at) -> echo);
        waits.reset(NOW);
        assertEquals(0, waits.feedRoom());
        waits.close();
        begins.close();
        assertTrue(OPEN_CLIENTS.plan().totalBytes() < CLIENT.plan().totalBytes() - 20_000, OPEN_CLIENTS.plan().toString());
    }

    @Test
    void aSessionThatSomebodyElseKeepsIsResumedOnceAndIsNotInTheContext() {
        Keeping keeping = new Keeping();
        for (boolean moves : new boolean[] {false, true, true}) {
            keeping.kept = 0;
            boolean had = keeping.has;
            TlsServer<Echo.Event> answering = newServer();
            TlsClient<Echo.Event> asking = newClient(keeping);
            TlsClientTest.exchange(asking, answering, NOW);   // hello
            TlsClientTest.exchange(answering, asking, NOW);   // the server's flight
            TlsClientTest.exchange(asking, answering, NOW);   // Finished
            assertEquals(had, asking.isResumed());
            assertEquals(had, answering.isResumed());
            assertEquals(0, keeping.kept);
            TlsClient<Echo.Event> on = new TlsClient<>(openClients.context(), 2, (connection, at) -> null);
            TlsClient<Echo.Event> hears = moves ? on : asking;
            if (moves) {
                on.goOn(asking, NOW);
            }
            echoes(hears, answering, "behind the tickets");
            assertEquals(2, keeping.kept, "tickets of this connection");
            assertEquals(had, hears.isResumed());
            assertEquals(0, client.context().sessions() + openClients.context().sessions());
            hears.close();
            answering.close();
            assertTrue(keeping.has);
        }
        BigEndian.i64(keeping.session, SessionStore.UNTIL, 1);  // too old since 1970, and whole
        TlsServer<Echo.Event> answering = newServer();
        TlsClient<Echo.Event> asking = newClient(keeping);
        echoes(asking, answering, "from the beginning");
        assertFalse(asking.isResumed());
        asking.close();
        answering.close();
    }
}
