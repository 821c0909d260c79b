package dev.coffer.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.coffer.client.Http3Asking.When;
import dev.coffer.http.Method;
import dev.coffer.server.Http2Serving;
import dev.coffer.server.Server;
import dev.coffer.server.ServerConfig;
import dev.coffer.server.Site;
import dev.coffer.server.easy.Easy;
import dev.coffer.server.easy.Response;
import dev.coffer.server.tls.Tls;
import dev.coffer.testkit.Eventually;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// How a client comes to HTTP/3 (Alt-Svc, RFC 7838), and back to TCP where UDP is blocked.
class Http3ClimbTest {
    private static final long MILLI = 1_000_000L;
    private static Localhost localhost;

    @BeforeAll
    static void make(@TempDir Path folder) throws Exception {
        localhost = Localhost.in(folder);
    }

    /// Versions in which connections were made, in their order.
    private static final class Versions implements ClientTrace {
        final List<Integer> all = new CopyOnWriteArrayList<>();
        final List<String> words = new CopyOnWriteArrayList<>();

        @Override
        public void carries(Origin origin, int version, String security) {
            all.add(version);
            words.add(security);
        }

        @Override
        public void frame(boolean sent, int type, int flags, int stream, int length) {}

        @Override
        public void http3Frame(boolean sent, long type, long stream, long length) {
            words.add((sent ? "> " : "< ") + dev.coffer.http.http3.FrameTrace.nameOf(type));
        }
    }

    private static Server tcp(String altSvc) throws Exception {
        return tcp(200, altSvc);
    }

    private static Server tcp(int status, String altSvc) throws Exception {
        Site site = Easy.answering(request -> {
            Response answer = Response.text("over TCP").withStatus(status);
            return altSvc == null ? answer : answer.withField("alt-svc", altSvc);
        });
        Server server =
                Server.open(ServerConfig.tight().withHttp2(Http2Serving.defaults()).withTls(Tls.of(localhost.serving("h2", "http/1.1"), localhost.identity())),
                        site);
        server.start();
        return server;
    }

    private static String url(Server server) {
        return url(server, "/5");
    }

    private static String url(Server server, String path) {
        return "https://localhost:" + server.address().getPort() + path;
    }

    private static Asked answered(Asked asked) {
        asked.await();
        assertNull(asked.failure);
        assertEquals(200, asked.status);
        return asked;
    }

    private static ClientConfig config(When when, long waitNanos, Versions versions) throws Exception {
        return localhost.client(0).withHttp2(Http2Asking.defaults()).withHttp3(Http3Asking.defaults().withWhen(when).withWait(waitNanos)).withTrace(versions);
    }

    @Test
    void theNextCallClimbsToWhatTheServerHasAnnounced() throws Exception {
        Versions versions = new Versions();
        try (Http3Origin origin = new Http3Origin(localhost.identity(), "h3", 100, 0);
                Server tcp = tcp("h3-29=\":1\", h3=\":" + origin.port() + "\"; ma=60");
                Client client = Client.open(config(When.ANNOUNCED, Eventually.MILLIS * MILLI, versions))) {
            assertEquals("over TCP", answered(Asked.get(url(tcp)).by(client)).text());
            assertEquals("abcde", answered(Asked.get(url(tcp)).by(client)).text());
            assertEquals("abcde", answered(Asked.get(url(tcp)).by(client)).text());
            assertEquals(List.of(20, 30), versions.all);
            assertEquals("localhost:" + origin.port(), origin.lastAltUsed);
            String words = versions.words.stream().filter(w -> w.startsWith("QUIC")).findFirst().orElseThrow();
            assertEquals("QUIC v1, TLS 1.3, ", words.substring(0, 18));
            assertEquals("h3", words.substring(words.length() - 2));
            assertEquals(true, versions.words.containsAll(List.of("> SETTINGS", "> HEADERS", "< SETTINGS", "< HEADERS", "< DATA")), versions.words.toString());
        }
    }

    /// RFC 7838, section 6: it is asked no more, also where the request cannot be sent again.
    @Test
    void anAlternativeThatIsTheWrongOneIsForgotten() throws Exception {
        Versions versions = new Versions();
        try (Http3Origin origin = new Http3Origin(localhost.identity(), "h3", 100, 0);
                Server tcp = tcp("h3=\":" + origin.port() + "\"; ma=60");
                Client client = Client.open(config(When.ANNOUNCED, Eventually.MILLIS * MILLI, versions))) {
            assertEquals("over TCP", answered(Asked.get(url(tcp)).by(client)).text());
            Asked wrong = new Asked(Method.POST, url(tcp, "/wrong"), "some") {
                @Override
                public boolean isRepeatable() {
                    return false;
                }
            }.by(client).await();
            assertEquals(421, wrong.status);
            assertEquals("over TCP", answered(Asked.get(url(tcp)).by(client)).text());
        }
    }

    /// RFC 7838, section 6: who is the wrong one has no word in where its origin can be asked.
    @Test
    void whatTheWrongOneAnnouncesIsNotBelieved() throws Exception {
        Versions versions = new Versions();
        try (Http3Origin origin = new Http3Origin(localhost.identity(), "h3", 100, 0);
                Server tcp = tcp(421, "h3=\":" + origin.port() + "\"; ma=60");
                Client client = Client.open(config(When.ANNOUNCED, Eventually.MILLIS * MILLI, versions))) {
            Asked wrong = Asked.get(url(tcp)).by(client).await();
            assertEquals(421, wrong.status);
            assertEquals("over TCP", wrong.text());
            assertEquals(0, origin.requests.get());
        }
    }

    @Test
    void tcpIsAskedWhereUdpIsBlockedAndIsNotHeldUpAgain() throws Exception {
        Versions versions = new Versions();
        ClientConfig config = config(When.FIRST, 20 * MILLI, versions);
        ClientConfig.Times times = config.times();
        try (Server tcp = tcp(null);
                Client client = Client.open(config.withTimes(new ClientConfig.Times(500 * MILLI, times.firstByte(), times.call(), times.idle(), 0)))) {
            assertEquals("over TCP", answered(Asked.get(url(tcp)).by(client)).text());
            Eventually.holds("it is given up", () -> client.connections() == 1);
            for (int i = 0; i < 5; i++) {
                assertEquals("over TCP", answered(Asked.get(url(tcp)).by(client)).text());
            }
            assertEquals(List.of(20), versions.all);
        }
    }

    @Test
    void whatIsTakenBackIsNotAskedAnyMore() throws Exception {
        Versions versions = new Versions();
        try (Server tcp = tcp("clear"); Client client = Client.open(config(When.ANNOUNCED, 20 * MILLI, versions))) {
            answered(Asked.get(url(tcp)).by(client));
            answered(Asked.get(url(tcp)).by(client));
            assertEquals(List.of(20), versions.all);
        }
    }

    @Test
    void whoAsksFirstOverHttp3NeedsNoAnnouncement() throws Exception {
        Versions versions = new Versions();
        try (Http3Origin origin = new Http3Origin(localhost.identity(), "h3", 100, 0);
                Client client = Client.open(config(When.FIRST, Eventually.MILLIS * MILLI, versions))) {
            assertEquals("abcde", answered(Asked.get(origin.url("/5")).by(client)).text());
            assertNull(origin.lastAltUsed);
            assertEquals(List.of(30), versions.all);
        }
    }
}
