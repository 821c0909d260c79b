package dev.coffer.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.coffer.client.Client.Count;
import dev.coffer.client.Http3Asking.When;
import dev.coffer.http.Ascii;
import dev.coffer.http.Method;
import dev.coffer.http.Status;
import dev.coffer.http.http3.Http3Config;
import dev.coffer.memory.Entropy;
import dev.coffer.quic.QuicConfig;
import dev.coffer.server.Handler;
import dev.coffer.server.Http3Serving;
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
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Requests that go with a hello over QUIC (RFC 8470; RFC 9114, section 7.2.4.2), through real sockets, to servers that take them and that do not.
@Timeout(600)
class Http3EarlyCallsTest {
    private static final byte[] EARLY = "early".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] LATE = "late".getBytes(StandardCharsets.US_ASCII);
    private static final int EARLY_BYTES = 16_384;
    private static final long DIAL_NANOS = 10 * Eventually.MILLIS * 1_000_000L;  // a call that waited for it would not come to its end
    private static Localhost localhost;

    private final List<String> heard = new CopyOnWriteArrayList<>();
    private TicketKeys keys;
    private ReplayGuard guard;
    private MemorySegment words;

    @BeforeAll
    static void make(@TempDir Path folder) throws Exception {
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

    /// Says whether a request came early, and of `/unsure` that it came too early.
    private Server server(ReplayGuard by, @Nullable Http3Serving http3) throws IOException {
        return server(by, http3, 0);
    }

    private Server server(ReplayGuard by, @Nullable Http3Serving http3, int port) throws IOException {
        Handler tells = exchange -> {
            boolean early = exchange.isEarly();
            heard.add((early ? "early " : "late ") + exchange.request().method());
            boolean unsure = exchange.pathLength() == "/unsure".length();
            exchange.respond(early && unsure ? Status.TOO_EARLY : 200, Ascii.of("text/plain"), words, early ? 0 : 8, early ? EARLY.length : LATE.length);
        };
        Tls tls = Tls.of(localhost.serving("h3", "http/1.1").withTickets(new TicketConfig(2, 1000, EARLY_BYTES)), localhost.identity())
                .ticketKeys(keys).replayGuard(by);
        ServerConfig config = ServerConfig.tight().withAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), port)).withSize(1, 8, 4).withTls(tls);
        Server server = Server.open(http3 == null ? config : config.withHttp3(http3), Site.of(tells));
        server.start();
        return server;
    }

    private Server server() throws IOException {
        return server(guard, Http3Serving.tight());
    }

    private static String uri(Server server, String path) {
        return "https://localhost:" + server.address().getPort() + path;
    }

    private static Client client(int earlyBytes) throws Exception {
        return client(earlyBytes, Http3Asking.defaults().withWhen(When.ALONE));
    }

    private static Client client(int earlyBytes, Http3Asking asking) throws Exception {
        ClientConfig config = localhost.client(earlyBytes);
        ClientConfig.Times times = config.times();
        return Client.open(config.withHttp3(asking).withTimes(new ClientConfig.Times(DIAL_NANOS, times.firstByte(), times.call(), times.idle(), times.stop())));
    }

    private static Asked ok(Asked asked, Client client) {
        asked.by(client).await();
        assertNull(asked.failure, () -> asked.failure + " " + asked.refusal);
        assertEquals(200, asked.status);
        return asked;
    }

    /// Has a session, and no connection that is open.
    private void resumable(Client client) throws Exception {
        resumable(client, Http3Serving.tight());
    }

    /// {@return the server that the client has a session and a token of, begun again}
    private Server again(Client client) throws Exception {
        return server(guard, Http3Serving.tight(), resumable(client, Http3Serving.tight()));
    }

    /// {@return the port that its server had}
    private int resumable(Client client, Http3Serving with) throws Exception {
        int port;
        try (Server first = server(guard, with)) {
            port = first.address().getPort();
            assertEquals("late", ok(Asked.get(uri(first, "/")), client).text());
            first.stop();
            first.join();
        }
        Eventually.equal(0, client::connections);
        heard.clear();
        return port;
    }

    @Test
    void aSafeRequestGoesWithTheHelloAndOthersDoNot() throws Exception {
        try (Client client = client(EARLY_BYTES); Server server = again(client)) {
            assertEquals("early", ok(Asked.get(uri(server, "/")), client).text());
            assertEquals(List.of("early GET"), heard);
            assertEquals(1, client.count(Count.EARLY));
            assertEquals("late", ok(new Asked(Method.POST, uri(server, "/"), "some"), client).text());
            assertEquals("late", ok(Asked.get(uri(server, "/")), client).text());
            assertEquals(1, client.count(Count.EARLY));
            assertEquals(0, client.count(Count.REPEATED));
            assertEquals(2, client.count(Count.CONNECTIONS));
        }
    }

    /// RFC 9000, section 8.1.3: a token is for the server that gave it. Sessions are of a name.
    @Test
    void aTokenIsNotShownToTheServerAtAnotherPort() throws Exception {
        try (Server other = server(); Client client = client(EARLY_BYTES); Server server = again(client)) {
            assertEquals("late", ok(Asked.get(uri(other, "/")), client).text(), "said early, and nothing is taken of who shows no token");
            assertEquals(1, client.count(Count.EARLY));
            assertEquals("early", ok(Asked.get(uri(server, "/")), client).text(), "it is there still");
        }
    }

    @Test
    void whatIsTooEarlyIsAskedAgainWhenTheHandshakeIsDone() throws Exception {
        try (Client client = client(EARLY_BYTES); Server server = again(client)) {
            Asked asked = ok(Asked.get(uri(server, "/unsure")), client);
            assertEquals("late", asked.text(), "of 425 nothing is told");
            assertEquals(2, asked.begins);
            assertEquals(List.of("early GET", "late GET"), heard);
            assertEquals(1, client.count(Count.REPEATED));
        }
    }

    @Test
    void whatItsServerDoesNotHoldForHarmlessIsNotHeardEarly() throws Exception {
        try (Client client = client(EARLY_BYTES); Server server = again(client)) {
            Asked put = ok(new Asked(Method.PUT, uri(server, "/"), "some") {
                @Override
                public boolean mayBeEarly() {
                    return true;
                }
            }, client);
            assertEquals(1, client.count(Count.EARLY));
            assertEquals("late", put.text());
            assertEquals(2, put.begins);
            assertEquals(List.of("late PUT"), heard);
        }
    }

    @Test
    void whatIsNotTakenIsHeardOnceWhenTheHandshakeIsDone() throws Exception {
        try (Server server = server(null, Http3Serving.tight()); Client client = client(EARLY_BYTES)) {
            resumable(client);
            Asked asked = ok(Asked.get(uri(server, "/")), client);
            assertEquals("late", asked.text());
            assertEquals(1, asked.begins, "QUIC says it again");
            assertEquals(1, client.count(Count.EARLY));
            assertEquals(List.of("late GET"), heard);
        }
    }

    @Test
    void onOtherSettingsNothingIsTaken() throws Exception {
        try (Server server = server(guard, Http3Serving.tight().withConfig(Http3Config.tight().withTables(512, 2, 0))); Client client = client(EARLY_BYTES)) {
            resumable(client);
            assertEquals("late", ok(Asked.get(uri(server, "/")), client).text());
            assertEquals(1, client.count(Count.EARLY));
            assertEquals(List.of("late GET"), heard);
        }
    }

    @Test
    void whereNobodyAnswersOverUdpItGoesByTcpAsSoonAsOthersDo() throws Exception {
        try (Client client = client(EARLY_BYTES, Http3Asking.defaults().withWhen(When.FIRST).withWait(50_000_000)); Server server = server(guard, null);
                DatagramSocket silent = new DatagramSocket(server.address().getPort())) {
            long before;
            do {  // until the first server answered before the wait was over: else both ways were tried there, too
                before = client.count(Count.CONNECTIONS);
                resumable(client);
            } while (client.count(Count.CONNECTIONS) != before + 1);
            long early = client.count(Count.EARLY);
            long repeated = client.count(Count.REPEATED);
            assertEquals(server.address().getPort(), silent.getLocalPort());
            assertEquals("late", ok(Asked.get(uri(server, "/")), client).text());
            assertEquals(early + 1, client.count(Count.EARLY));
            assertEquals(repeated + 1, client.count(Count.REPEATED));
            assertEquals(before + 2, client.count(Count.CONNECTIONS));
        }
    }

    @Test
    void whoRefusesAndGrantsLessThanWasSaidIsAskedAgain() throws Exception {
        Http3Serving tight = Http3Serving.tight();
        QuicConfig wide = tight.quic().withBlocks(1024, 256).withWindows(1 << 14, 1 << 16, 1 << 14);
        try (Client client = client(EARLY_BYTES)) {
            resumable(client, tight.withQuic(wide));
            try (Server server = server()) {
                Asked asked = ok(new Asked(Method.PUT, uri(server, "/"), "x".repeat(2000)) {
                    @Override
                    public boolean mayBeEarly() {
                        return true;
                    }
                }, client);
                assertEquals("late", asked.text());
                assertEquals(2, asked.begins);
                assertEquals(1, client.count(Count.EARLY));
                assertEquals(List.of("late PUT"), heard);
            }
        }
    }

    /// A server of the tight profile lets 256 octets of a stream go at a time.
    @Test
    void aHeadLongerThanTheServersWindowIsHeard() throws Exception {
        try (Server server = server(); Client client = client(0)) {
            assertEquals("late", ok(Asked.get(uri(server, "/" + "~q".repeat(300))), client).text());
            assertEquals("late", ok(new Asked(Method.PUT, uri(server, "/" + "~q".repeat(300)), "x".repeat(3000)), client).text());
            assertEquals(List.of("late GET", "late PUT"), heard);
        }
    }

    @Test
    void withoutTheWishNothingIsSaidEarly() throws Exception {
        try (Server server = server(); Client client = client(0)) {
            resumable(client);
            assertEquals("late", ok(Asked.get(uri(server, "/")), client).text());
            assertEquals(0, client.count(Count.EARLY));
        }
    }
}
