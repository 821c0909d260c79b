package dev.coffer.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.client.Client.Count;
import dev.coffer.http.Ascii;
import dev.coffer.http.Method;
import dev.coffer.http.Status;
import dev.coffer.memory.Entropy;
import dev.coffer.server.Handler;
import dev.coffer.server.Http2Serving;
import dev.coffer.server.Server;
import dev.coffer.server.ServerConfig;
import dev.coffer.server.Site;
import dev.coffer.server.tls.Tls;
import dev.coffer.testkit.Eventually;
import dev.coffer.tls.ReplayGuard;
import dev.coffer.tls.TicketConfig;
import dev.coffer.tls.TicketKeys;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Requests that go with a connection's hello (RFC 8470), to servers that take them, that do not, and that fail over them: whoever asks hears of one answer,
/// and of no failure that there would not have been without.
@Timeout(600)
class EarlyCallsTest {
    private static final byte[] EARLY = "early".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] LATE = "late".getBytes(StandardCharsets.US_ASCII);
    private static final int EARLY_BYTES = 16_384;

    @TempDir
    private static Path folder;
    private static Localhost localhost;

    private final List<String> heard = new CopyOnWriteArrayList<>();
    private TicketKeys keys;
    private ReplayGuard guard;
    private MemorySegment words;

    @BeforeAll
    static void make() throws Exception {
        localhost = Localhost.in(folder);
    }

    @BeforeEach
    void open() {
        keys = TicketKeys.fresh(Arena.ofAuto().allocate(TicketKeys.BYTES), Entropy.SYSTEM, 1000);
        guard = ReplayGuard.over(Arena.ofAuto().allocate(ReplayGuard.bytes(64)), Entropy.SYSTEM);
        words = Arena.ofAuto().allocate(16);
        MemorySegment.copy(EARLY, 0, words, ValueLayout.JAVA_BYTE, 0, EARLY.length);
        MemorySegment.copy(LATE, 0, words, ValueLayout.JAVA_BYTE, 8, LATE.length);
    }

    @AfterEach
    void close() {
        guard.close();
        keys.close();
    }

    private Tls tls(Localhost who, String... protocols) {
        return Tls.of(localhost.serving(protocols).withTickets(new TicketConfig(2, 1000, EARLY_BYTES)), who.identity())
                .ticketKeys(keys).replayGuard(guard);
    }

    /// Says whether a request came early, and of `/unsure` that it came too early.
    private Server server(Tls tls) throws IOException {
        Handler tells = exchange -> {
            boolean early = exchange.isEarly();
            heard.add((early ? "early " : "late ") + exchange.request().method());
            boolean unsure = exchange.pathLength() == "/unsure".length();
            exchange.respond(early && unsure ? Status.TOO_EARLY : 200, Ascii.of("text/plain"), words, early ? 0 : 8, early ? EARLY.length : LATE.length);
        };
        Server server = Server.open(ServerConfig.tight().withSize(1, 8, 4).withHttp2(Http2Serving.defaults()).withTls(tls), Site.of(tells));
        server.start();
        return server;
    }

    private static String uri(Server server, String path) {
        return "https://localhost:" + server.address().getPort() + path;
    }

    private static Client client(boolean second) throws Exception {
        ClientConfig config = localhost.client(EARLY_BYTES);
        return Client.open(second ? config.withHttp2(Http2Asking.defaults()) : config);
    }

    private static Asked ok(Asked asked, Client client) {
        asked.by(client).await();
        assertNull(asked.failure);
        assertEquals(200, asked.status);
        return asked;
    }

    /// Has a session, and no connection that is open. In HTTP/2 that goes on, so its server ends.
    private void resumable(Client client, boolean second) throws Exception {
        try (Server first = server(tls(localhost, second ? "h2" : "http/1.1"))) {
            assertEquals("late", ok(Asked.get(uri(first, "/")), client).text());
            first.stop();
            first.join();
        }
        Eventually.equal(0, client::connections);
        heard.clear();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aSafeRequestGoesWithTheHelloAndOthersDoNot(boolean second) throws Exception {
        try (Server server = server(tls(localhost, "h2", "http/1.1")); Client client = client(second)) {
            resumable(client, second);
            assertEquals("early", ok(Asked.get(uri(server, "/")), client).text());
            assertEquals(List.of("early GET"), heard);
            assertEquals(1, client.count(Count.EARLY));
            assertEquals("late", ok(new Asked(Method.POST, uri(server, "/"), "some"), client).text());
            assertEquals(1, client.count(Count.EARLY));
            assertEquals(0, client.count(Count.REPEATED));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatIsTooEarlyIsAskedAgainWhenTheHandshakeIsDone(boolean second) throws Exception {
        try (Server server = server(tls(localhost, "h2", "http/1.1")); Client client = client(second)) {
            resumable(client, second);
            Asked asked = ok(Asked.get(uri(server, "/unsure")), client);
            assertEquals("late", asked.text(), "of 425 nothing is told");
            assertEquals(2, asked.begins);
            assertEquals(List.of("early GET", "late GET"), heard);
            assertEquals(1, client.count(Count.REPEATED));
        }
    }

    @Test
    void whatIsNotAskedForOrNotHarmlessIsNotSaidEarly() throws Exception {
        try (Server server = server(tls(localhost, "http/1.1")); Client client = client(false)) {
            resumable(client, false);
            ok(new Asked(Method.POST, uri(server, "/"), "some"), client);
            ok(new Asked(Method.PUT, uri(server, "/"), "some"), client);
            ok(new Asked(Method.GET, uri(server, "/"), null) {
                @Override
                public boolean mayBeEarly() {
                    return false;
                }
            }, client);
            ok(new Asked(Method.GET, uri(server, "/"), null) {
                @Override
                public boolean isRepeatable() {
                    return false;
                }
            }, client);
            ok(new Asked(Method.POST, uri(server, "/"), "some") {
                @Override
                public boolean mayBeEarly() {
                    return true;
                }
            }, client);
            assertEquals(0, client.count(Count.EARLY));
            Asked put = ok(new Asked(Method.PUT, uri(server, "/"), "some") {
                @Override
                public boolean mayBeEarly() {
                    return true;
                }
            }, client);
            assertEquals(1, client.count(Count.EARLY));
            assertEquals("late", put.text(), "its server does not agree, and says so before a handler hears of it");
            assertEquals(2, put.begins);
            assertEquals(6, heard.size());
        }
        try (Server server = server(tls(localhost, "http/1.1"));
                Client plain = Client.open(localhost.client(0))) {
            resumable(plain, false);
            assertEquals("late", ok(Asked.get(uri(server, "/")), plain).text());
            assertEquals(0, plain.count(Count.EARLY), "off where nothing is said");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatIsNotTakenIsHeardOnceWhenTheHandshakeIsDone(boolean second) throws Exception {
        try (Server server = server(tls(localhost, "h2", "http/1.1").replayGuard(null)); Client client = client(second)) {
            resumable(client, second);
            Asked asked = ok(Asked.get(uri(server, "/")), client);
            assertEquals("late", asked.text());
            assertEquals(1, asked.begins, "TLS says it again");
            assertEquals(1, client.count(Count.EARLY));
            assertEquals(List.of("late GET"), heard);
        }
    }

    /// What was said in HTTP/2 is not to be read by a server that now speaks HTTP/1.1.
    @Test
    void whereTheServerSpeaksAnotherVersionNowItIsAskedAgain() throws Exception {
        try (Server server = server(tls(localhost, "http/1.1")); Client client = client(true)) {
            resumable(client, true);
            Asked asked = ok(Asked.get(uri(server, "/")), client);
            assertEquals("late", asked.text());
            assertEquals(2, asked.begins);
            assertEquals(1, client.count(Count.EARLY));
            assertEquals(List.of("late GET"), heard);
        }
    }

    /// A middlebox, or a server, that fails over early data.
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whereTheHandshakeComesToNothingItIsAskedAgainWithout(boolean second) throws Exception {
        try (Server server = server(tls(localhost, "h2", "http/1.1")); Client client = client(second); Peer front = new Peer((socket, n) -> {
            if (n == 0) {
                assertTrue(socket.getInputStream().read() == 22, "a hello");
                Peer.reset(socket);
            } else {
                pass(socket, server.address().getPort());
            }
        })) {
            resumable(client, second);
            Asked asked = ok(Asked.get(front.secureUri("/")), client);
            assertEquals("late", asked.text());
            assertEquals(2, asked.begins);
            assertEquals(1, client.count(Count.EARLY));
            assertEquals(2, front.connections.get());
        }
    }

    private static void pass(Socket client, int port) throws Exception {
        try (Socket server = new Socket("localhost", port)) {
            Thread up = Thread.ofVirtual().start(() -> {
                try {
                    client.getInputStream().transferTo(server.getOutputStream());
                    server.shutdownOutput();
                } catch (IOException e) {
                    // over
                }
            });
            server.getInputStream().transferTo(client.getOutputStream());
            client.shutdownOutput();
            up.join();
        }
    }

    @Test
    void whoIsNotTrustedIsAskedNothingMore() throws Exception {
        Localhost other = Localhost.in(Files.createTempDirectory(folder, "other"));
        try (Client client = client(false)) {
            resumable(client, false);
            try (TicketKeys others = TicketKeys.fresh(Arena.ofAuto().allocate(TicketKeys.BYTES), Entropy.SYSTEM, 1000);
                    Server server = server(tls(other, "http/1.1").ticketKeys(others))) {
                Asked asked = Asked.get(uri(server, "/")).by(client).await();
                assertEquals(Failure.UNTRUSTED, asked.failure);
                assertEquals(1, asked.begins);
                assertEquals(1, client.count(Count.EARLY));
            }
        }
        assertEquals(List.of(), heard);
    }
}
