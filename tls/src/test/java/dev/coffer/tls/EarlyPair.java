package dev.coffer.tls;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.key.KeyAlgorithm;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.engine.Engine;
import dev.coffer.testkit.RawMemory;
import dev.coffer.testkit.Speaker;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;

/// A client and a server of ours with sessions to resume, turn by turn.
abstract class EarlyPair {
    static final long MILLI = 1_000_000L;
    static final long SECOND = 1000 * MILLI;
    static final TlsServerConfig SERVER = TlsServerConfig.defaults().withCounts(2, 2, 2).withWaiting(1).withProtocols("http/1.1", "h2").withHelloBytesMax(3000)
            .withTickets(new TicketConfig(2, 1000, 16_384));
    static final TlsClientConfig CLIENT = TlsClientConfig.defaults().withCounts(1, 1, 1).withProtocols("http/1.1", "h2")
            .withGroups(NamedGroup.X25519, NamedGroup.SECP256R1).withEarlyBytes(16_384);
    private static final ServerIdentity IDENTITY = identity();
    private static final int ROOM = 1 << 18;

    /// What the server carries: says back what it hears, and keeps it.
    static final class Ear extends Echo {
        static final int ROOM = 40_000;
        final ByteArrayOutputStream heard = new ByteArrayOutputStream();

        Ear() {
            super(ROOM);
        }

        @Override
        public long feed(MemorySegment input, long at, long length, long nowNanos) {
            long taken = super.feed(input, at, length, nowNanos);
            heard.writeBytes(input.asSlice(at, taken).toArray(ValueLayout.JAVA_BYTE));
            return taken;
        }
    }

    TicketKeys keys;
    Place place;
    ClientPlace clients;
    TlsServer<Echo.Event> server;
    TlsClient<Speaker.Event> client;
    Ear ear;
    Speaker speaker;
    boolean mayEarly = true;
    boolean resumed;
    long now = 5 * SECOND;
    private final MemorySegment wire = Arena.ofAuto().allocate(ROOM);

    private static ServerIdentity identity() {
        try {
            return Identities.of(KeyAlgorithm.ED25519, "coffer.test");
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    final void keys() {
        keys = TicketKeys.fresh(Arena.ofAuto().allocate(TicketKeys.BYTES), Entropy.SYSTEM, 1000);
    }

    final ReplayGuard guard() {
        return ReplayGuard.over(Arena.ofAuto().allocate(ReplayGuard.bytes(512)), Entropy.SYSTEM);
    }

    final void open(TlsServerConfig ofServer, TlsClientConfig ofClient) throws Exception {
        close();
        keys();
        reopenServer(ofServer);
        clients = ClientPlace.of(ofClient, new MutationTest.Trusting());
    }

    private ReplayGuard current;

    /// Another configuration, under the same keys and the same guard.
    final void reopenServer(TlsServerConfig config) {
        boolean first = place == null;
        closePlace();
        place = Place.of(config, IDENTITY);
        place.context().ticketKeys(keys);
        current = first ? guard() : current;
        place.context().replayGuard(current);
    }

    private void closePlace() {
        if (place != null) {
            left(place.context(), place.memory());
            place.close();
            place = null;
        }
    }

    private static void left(TlsContext context, MemorySegment memory) {
        assertEquals(0, context.pool().usedBytes(), "lent at the end");
        context.close();
        assertEquals(0, RawMemory.nonZero(memory), "left in the region");
    }

    @AfterEach
    void close() {
        closePlace();
        if (clients != null) {
            left(clients.context(), clients.memory());
            clients.close();
            clients = null;
        }
    }

    final TlsServer<Echo.Event> another(int connection) {
        Ear own = new Ear();
        ear = own;
        TlsServer<Echo.Event> made = new TlsServer<>(place.context(), connection, (of, at) -> own);
        made.reset(now);
        return made;
    }

    final void begin(byte[] text) {
        server = another(0);
        Speaker own = new Speaker(text);
        speaker = own;
        client = new TlsClient<Speaker.Event>(clients.context(), 0, (of, at) -> own).to("coffer.test").early(mayEarly);
        client.reset(now);
    }

    final void end() {
        resumed = server.isResumed();
        client.close();
        server.close();
        now += SECOND;
    }

    final void converse() {
        TlsClientTest.converse(client, server, now, now);
    }

    /// A whole handshake, behind which the client has tickets.
    final void resumable() {
        begin(new byte[10]);
        converse();
        assertTrue(client.isOpen() && server.isOpen(), client + ", " + server);
        end();
        assertTrue(clients.context().sessions() > 0);
    }

    final void assertTaken() {
        begin(new byte[100]);
        converse();
        assertTrue(client.isEarlyTaken(), client + ", " + server);
        end();
    }

    /// Nothing is heard early, and all of it, once, when the handshake is done.
    final void assertAgain(String why, boolean announced) {
        byte[] text = new byte[3000];
        new SplittableRandom(why.length()).nextBytes(text);
        begin(text);
        byte[] first = said(client);
        assertEquals(announced, first.length > text.length, why);
        hear(server, first);
        assertEquals(false, server.isEarly(), why);
        assertEquals(0, ear.heard.size(), why);
        converse();
        assertTrue(client.isOpen() && server.isOpen() && !client.isEarlyTaken(), why + ": " + client + ", " + server);
        assertArrayEquals(text, ear.heard.toByteArray(), why);
        assertArrayEquals(text, speaker.heard.toByteArray(), why);
        end();
    }

    final void sessions(Consumer<MemorySegment> change) {
        MemorySegment store = clients.context().resumption().store().memory();
        for (long at = 0; at < store.byteSize(); at += SessionStore.ENTRY_BYTES) {
            change.accept(store.asSlice(at, SessionStore.ENTRY_BYTES));
        }
    }

    /// {@return all that an engine has to say now}
    final byte[] said(Engine<?> engine) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (boolean more = true; more;) {
            long wrote = engine.pollOutput(wire, 0, 20_000, now);
            all.writeBytes(wire.asSlice(0, wrote).toArray(ValueLayout.JAVA_BYTE));
            more = wrote > 0;
            while (engine.pollEvent() != null) {
                more = true;
            }
        }
        return all.toByteArray();
    }

    /// An engine hears bytes, as far as it takes them.
    final void hear(Engine<?> engine, byte[] bytes) {
        for (int done = 0; done < bytes.length;) {
            int part = (int) Math.min(Math.min(engine.feedRoom(), ROOM), bytes.length - done);
            if (part == 0) {
                return;
            }
            MemorySegment.copy(bytes, done, wire, ValueLayout.JAVA_BYTE, 0, part);
            assertEquals(part, engine.feed(wire, 0, part, now));
            done += part;
        }
    }
}
