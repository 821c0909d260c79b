package dev.coffer.server.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.key.KeyAlgorithm;
import dev.coffer.http.Ascii;
import dev.coffer.memory.Entropy;
import dev.coffer.server.Handler;
import dev.coffer.server.Server;
import dev.coffer.server.ServerConfig;
import dev.coffer.server.Site;
import dev.coffer.testkit.EngineSocket;
import dev.coffer.testkit.Eventually;
import dev.coffer.testkit.Speaker;
import dev.coffer.tls.Alert;
import dev.coffer.tls.ClientContext;
import dev.coffer.tls.PeerVerifier;
import dev.coffer.tls.ReplayGuard;
import dev.coffer.tls.TicketConfig;
import dev.coffer.tls.TicketKeys;
import dev.coffer.tls.TlsClient;
import dev.coffer.tls.TlsClientConfig;
import dev.coffer.tls.TlsServerConfig;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Requests that come with a client's hello (RFC 8470), over real sockets.
@Timeout(600)
class EarlyRequestsTest {
    private static final byte[] EARLY = "early".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] LATE = "late".getBytes(StandardCharsets.US_ASCII);

    private static final long PATIENCE_NANOS = Eventually.MILLIS * 1_000_000L;

    private final AtomicInteger early = new AtomicInteger();
    private final AtomicInteger late = new AtomicInteger();
    private TicketKeys keys;
    private ReplayGuard guard;
    private Tls tls;
    private Server server;
    private ClientContext clients;

    /// Trusts anybody: that is for others to show.
    private static final class Trusting implements PeerVerifier {
        @Override
        public int[] schemes() {
            return new int[] {0x0403};
        }

        @Override
        public PeerVerifier another() {
            return this;
        }

        @Override
        public Alert trust(MemorySegment chain, long at, int length, String host) {
            return null;
        }

        @Override
        public boolean verifies(int scheme, MemorySegment covered, long coveredAt, int coveredLength, MemorySegment signature, long signatureAt,
                int signatureLength) {
            return true;
        }
    }

    /// A connection of ours over a socket.
    private final class Line implements AutoCloseable {
        final Speaker talk;
        final TlsClient<Speaker.Event> engine;
        final EngineSocket wire;

        Line(String text) throws Exception {
            talk = new Speaker(text);
            engine = new TlsClient<Speaker.Event>(clients, 0, (connection, nowNanos) -> talk).to("localhost").early(true);
            engine.reset(System.nanoTime());
            wire = new EngineSocket(engine, new Socket(server.address().getAddress(), server.address().getPort()));
        }

        /// Goes on until so much of an answer is there.
        void until(String end) throws Exception {
            wire.until(() -> talk.text().contains(end));
        }

        @Override
        public void close() throws IOException {
            wire.close();
        }
    }

    @BeforeEach
    void open() throws Exception {
        keys = TicketKeys.fresh(Arena.ofAuto().allocate(TicketKeys.BYTES), Entropy.SYSTEM, 1000);
        guard = ReplayGuard.over(Arena.ofAuto().allocate(ReplayGuard.bytes(64)), Entropy.SYSTEM);
        TlsServerConfig config = TlsServerConfig.defaults().withTickets(new TicketConfig(2, 1000, 4096)).withNanosMax(PATIENCE_NANOS, PATIENCE_NANOS);
        tls = Tls.of(config, Certified.make(KeyAlgorithm.P256, "localhost").identity()).ticketKeys(keys).replayGuard(guard);
        MemorySegment words = Arena.ofAuto().allocate(16);
        MemorySegment.copy(EARLY, 0, words, ValueLayout.JAVA_BYTE, 0, EARLY.length);
        MemorySegment.copy(LATE, 0, words, ValueLayout.JAVA_BYTE, 8, LATE.length);
        Handler tells = exchange -> {
            (exchange.isEarly() ? early : late).incrementAndGet();
            exchange.respond(200, Ascii.of("text/plain"), words, exchange.isEarly() ? 0 : 8, exchange.isEarly() ? EARLY.length : LATE.length);
        };
        server = Server.open(ServerConfig.tight().withSize(1, 8, 4).withTls(tls), Site.of(tells));
        server.start();
        TlsClientConfig client = TlsClientConfig.defaults().withCounts(1, 1, 1).withEarlyBytes(4096);
        clients = ClientContext.over(client, new Trusting(), Entropy.SYSTEM, Arena.ofAuto().allocate(client.plan().totalBytes(), 64));
    }

    @AfterEach
    void close() {
        clients.close();
        server.close();
        guard.close();
        keys.close();
    }

    private static String request(String method, String fields) {
        return method + " / HTTP/1.1\r\nHost: localhost\r\n" + fields + "\r\n";
    }

    private void resumable() throws Exception {
        if (clients.sessions() > 0) {
            return;
        }
        try (Line line = new Line(request("GET", ""))) {
            line.until("late");
            assertFalse(line.engine.isEarlyTaken());
        }
        assertTrue(clients.sessions() > 0);
    }

    @Test
    void aGetIsServedEarlyAndTheNextIsNot() throws Exception {
        resumable();
        try (Line line = new Line(request("GET", ""))) {
            line.until("early");
            assertTrue(line.engine.isEarlyTaken());
            line.talk.say(request("GET", ""));
            line.until("late");
        }
        assertEquals(1, early.get());
    }

    @Test
    void whatIsNotHarmlessTwiceIsTooEarlyAndThenIsNot() throws Exception {
        for (String unsafe : new String[] {request("POST", "Content-Length: 0\r\n"), request("PUT", "Content-Length: 3\r\n") + "abc", request("DELETE", ""),
                request("BREW", ""), request("GET", "Connection: Upgrade\r\nUpgrade: websocket\r\n")}) {
            resumable();
            late.set(0);
            try (Line line = new Line(unsafe)) {
                line.until("HTTP/1.1 425 Too Early\r\n");
                assertTrue(line.engine.isEarlyTaken());
                assertEquals(0, early.get() + late.get(), "no handler has heard of it");
                line.until("Early\n");
                line.talk.say(unsafe);
                line.until("late");
            }
        }
    }

    @Test
    void whatAGatewayHeardEarlyIsEarlyHereToo() throws Exception {
        try (Line line = new Line(request("POST", "Content-Length: 0\r\nEarly-Data: 1\r\n"))) {
            line.until("HTTP/1.1 425 Too Early\r\n");
            line.talk.say(request("GET", "Early-Data: 1\r\n"));
            line.until("early");
            line.talk.say(request("POST", "Content-Length: 0\r\n"));
            line.until("late");
        }
    }

    /// RFC 8470, section 5.1: otherwise a client that says 0 early hides what the gateway adds behind.
    @Test
    void whatAGatewaySaysIsHiddenByNothingThatAClientSays() throws Exception {
        try (Line line = new Line(request("GET", ""))) {
            line.until("late");
            for (String told : new String[] {"Early-Data: 0\r\nEarly-Data: 1\r\n", "Early-Data: 1\r\nEarly-Data: 1\r\n", "Early-Data: 1, 1\r\n",
                    "Early-Data: ?1\r\n",
                    "Early-Data:\r\n", "early-data: 0\r\n"}) {
                line.talk.say(request("POST", "Content-Length: 0\r\n" + told));
                line.until("HTTP/1.1 425 Too Early\r\n");
                line.talk.say(request("GET", told));
                line.until("early");
            }
            int served = early.get() + late.get();
            line.talk.say(request("GET", "Early-Data: 1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"));
            line.until("HTTP/1.1 425 Too Early\r\n");
            assertEquals(served, early.get() + late.get(), "a tunnel is opened by nobody who may be another");
        }
    }

    /// Whoever listened says the same again, while the first is under way and later.
    @Test
    void whoSaysItAgainIsNotServed() throws Exception {
        resumable();
        late.set(0);
        byte[] said;
        try (Line line = new Line(request("GET", ""))) {
            line.until("early");
            said = line.wire.first();
            for (int i = 0; i < 3; i++) {
                try (Socket again = new Socket(server.address().getAddress(), server.address().getPort())) {
                    again.getOutputStream().write(said);
                    assertTrue(again.getInputStream().read() >= 0, "the handshake goes on");
                    again.shutdownOutput();
                    again.getInputStream().readAllBytes();  // until it is over for the server
                }
            }
        }
        assertEquals(1, early.get());
        assertEquals(0, late.get());
    }

    @Test
    void withoutAGuardItIsSaidAgainWhenTheHandshakeIsDone() throws Exception {
        resumable();
        tls.replayGuard(null);
        for (int i = 0; i < 3; i++) {  // it is so from the loop's next turn on
            try (Line line = new Line(request("GET", ""))) {
                line.until(i == 0 ? "a" : "late");
            }
        }
        assertTrue(early.get() <= 1);
    }
}
