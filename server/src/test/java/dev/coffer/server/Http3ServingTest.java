package dev.coffer.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.key.KeyAlgorithm;
import dev.coffer.http.HeadWriter;
import dev.coffer.http.Method;
import dev.coffer.http.Status;
import dev.coffer.memory.Account;
import dev.coffer.quic.frame.TransportError;
import dev.coffer.server.easy.Easy;
import dev.coffer.server.easy.Response;
import dev.coffer.server.events.EventConfig;
import dev.coffer.server.events.EventHub;
import dev.coffer.server.files.FileSite;
import dev.coffer.server.tls.Certified;
import dev.coffer.server.tls.Tls;
import dev.coffer.testkit.Eventually;
import dev.coffer.tls.ClientAuthentication;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// HTTP/3 over a UDP socket, through the handlers that serve the other versions, beside them at the same port.
class Http3ServingTest {
    private static final long H3_NO_ERROR = 0x100;
    private static final int BLOCKS = 256;
    private static Certified identity;

    @TempDir
    Path folder;

    @BeforeAll
    static void identity() throws Exception {
        identity = Certified.make(KeyAlgorithm.ED25519, "localhost");
    }

    private static Tls tls(Certified identity) {
        return Tls.of(Certified.patient().withProtocols("h2", "http/1.1").withQuicProtocols("h3"), identity.identity());
    }

    static Http3Serving serving() {
        Http3Serving defaults = Http3Serving.defaults().withSize(4, 2, 40);
        return defaults.withQuic(defaults.quic().withBlocks(defaults.quic().blockBytes(), BLOCKS));
    }

    private static ServerConfig config() {
        return config(identity);
    }

    static ServerConfig config(Certified identity) {
        return ServerConfig.tight().withSize(1, 8, 4).withHttp2(Http2Serving.defaults().withSize(16, 4)).withTls(tls(identity)).withHttp3(serving());
    }

    /// Nothing is lent any more, once the loop has heard of the connections' ends and they have drained.
    private static void isEmpty(Server server) {
        for (String name : new String[] {"http3 stream", "http3/connection", "quic blocks", "quic handshakes"}) {
            Eventually.equal(0, () -> accounts(server).stream().filter(a -> a.name().endsWith(name)).mapToLong(Account::usedBytes).sum());
        }
    }

    private static List<Account> accounts(Server server) {
        return server.ledger().lines().stream().map(line -> line.account()).filter(Objects::nonNull).toList();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void filesOverOneConnectionManyAtATime(boolean portable) throws Exception {
        byte[] large = new byte[700_000];
        new Random(5).nextBytes(large);
        Files.write(folder.resolve("large.bin"), large);
        Files.writeString(folder.resolve("small.txt"), "hello");
        try (Server server = Server.open(config().withPortable(portable), FileSite.of(folder, 8).withListing(10))) {
            server.start();
            try (Http3Talk talk = Http3Talk.open(server, identity)) {
                assertEquals("h3", talk.quic().protocol());
                List<Http3Talk.Asked> asked = new ArrayList<>();
                for (int i = 0; i < 4; i++) {
                    asked.add(talk.get("/large.bin"));
                    asked.add(talk.get("/small.txt"));
                }
                for (int i = 0; i < 8; i += 2) {
                    assertTrue(Arrays.equals(large, talk.end(asked.get(i)).content.toByteArray()), asked.get(i).toString());
                    assertEquals("hello", talk.end(asked.get(i + 1)).text());
                }
                Http3Talk.Asked small = asked.get(1);
                assertEquals(200, small.status);
                assertNull(small.answered.get("alt-svc"), "whoever is here knows");
                assertEquals(304, talk.end(talk.get("/small.txt", "if-none-match", small.answered.get("etag"))).status);
                assertEquals("ell", talk.end(talk.get("/small.txt", "range", "bytes=1-3")).text());
                assertEquals(404, talk.end(talk.get("/none")).status);
                assertTrue(talk.end(talk.get("/")).text().contains("small.txt"));
                Http3Talk.Asked head = talk.end(talk.ask(new Http3Talk.Asked(Method.HEAD, "/large.bin", new byte[0])));
                assertEquals("700000", head.answered.get("content-length"));
                assertEquals(0, head.content.size());
                assertEquals(13, server.count(LoopStatistics.Count.REQUESTS));
                assertEquals(1, server.count(LoopStatistics.Count.ACCEPTED));
                talk.leave(System.nanoTime());
            }
            isEmpty(server);
            assertEquals(0, server.count(LoopStatistics.Count.FAILED));
        }
    }

    @Test
    void theOtherVersionsSayWhereItIs() throws Exception {
        Files.writeString(folder.resolve("small.txt"), "hello");
        try (Server server = Server.open(config(), FileSite.of(folder, 8));
                HttpClient client = HttpClient.newBuilder().sslContext(identity.trusting()).build()) {
            server.start();
            for (HttpClient.Version version : new HttpClient.Version[] {HttpClient.Version.HTTP_1_1, HttpClient.Version.HTTP_2}) {
                for (String path : new String[] {"/small.txt", "/none"}) {
                    HttpResponse<String> answer = client.send(HttpRequest.newBuilder(URI.create("https://localhost:" + server.address().getPort() + path))
                            .version(version).build(), BodyHandlers.ofString());
                    assertEquals(version, answer.version());
                    assertEquals("h3=\":" + server.address().getPort() + "\"; ma=86400", answer.headers().firstValue("alt-svc").orElseThrow(), path);
                }
            }
        }
    }

    @Test
    void contentGoesToTheHandlerAndComesBack() throws Exception {
        byte[] content = new byte[300_000];
        new Random(6).nextBytes(content);
        try (Server server = Server.open(config(), Easy.answering(request -> Response.bytes("a/b", request.bytes()).withField("x-path", request.path())))) {
            server.start();
            try (Http3Talk talk = Http3Talk.open(server, identity)) {
                for (int i = 0; i < 3; i++) {
                    Http3Talk.Asked echo = talk.end(talk.post("/a" + i, content));
                    assertTrue(Arrays.equals(content, echo.content.toByteArray()), echo.toString());
                    assertEquals("/a" + i, echo.answered.get("x-path"));
                }
                talk.leave(System.nanoTime());
            }
            isEmpty(server);
        }
    }

    @Test
    void whatIsAnsweredByAnotherThreadHasATurnOfItsConnection() throws Exception {
        AtomicReference<Later> waiting = new AtomicReference<>();
        AtomicReference<Long> ticket = new AtomicReference<>();
        try (Server server = Server.open(config(), Site.of(exchange -> {
            Later later = exchange.later();
            ticket.set(later.ticket());
            waiting.set(later);
        }))) {
            server.start();
            try (Http3Talk talk = Http3Talk.open(server, identity)) {
                Http3Talk.Asked asked = talk.get("/");
                Eventually.holds("request", () -> talk.turn() && waiting.get() != null);
                assertTrue(waiting.get().respond(ticket.get(), Status.GONE));
                assertEquals(410, talk.end(asked).status);
            }
        }
    }

    @Test
    void eventsComeAsTheyAreBroadcast() throws Exception {
        EventHub hub = EventHub.of(EventConfig.standard().withSize(4, 128, 4, 2));
        try (Server server = Server.open(config(), hub)) {
            server.start();
            try (Http3Talk talk = Http3Talk.open(server, identity)) {
                Http3Talk.Asked asked = talk.head(talk.get("/"));
                assertEquals("text/event-stream", asked.answered.get("content-type"));
                for (int i = 0; i < 3; i++) {
                    String said = "event " + i;
                    hub.publish(null, said);
                    Eventually.holds(said, () -> talk.turn() && asked.text().contains("data: " + said + "\n\n"));
                }
                assertFalse(asked.ended);
                talk.leave(System.nanoTime());  // else the stop waits for it as long as it may
            }
        }
    }

    @Test
    void whoThrowsEndsItsOwnAnswerAndNothingElse() throws Exception {
        try (Server server = Server.open(config(), Site.of(exchange -> {
            if (exchange.request().pathLength() > 1) {
                exchange.respond(Status.OK, new Answer() {
                    @Override
                    public void head(HeadWriter head) {
                        throw new IllegalStateException("on purpose");
                    }

                    @Override
                    public long body(MemorySegment output, long at, long room) {
                        return END;
                    }
                });
            } else {
                exchange.respond(Status.OK);
            }
        }))) {
            server.start();
            try (Http3Talk talk = Http3Talk.open(server, identity)) {
                Http3Talk.Asked bad = talk.get("/throws");
                Http3Talk.Asked good = talk.get("/");
                assertEquals(500, talk.end(bad).status);
                assertEquals(200, talk.end(good).status);
                assertEquals(200, talk.end(talk.get("/")).status);
            }
            assertEquals(1, server.count(LoopStatistics.Count.FAILED));
            assertEquals(1, server.count(LoopStatistics.Count.ACCEPTED));
        }
    }

    @Test
    void whoBreaksHttpEndsHisConnectionAndNoOther() throws Exception {
        try (Server server = Server.open(config(), Site.of(exchange -> exchange.respond(Status.OK)))) {
            server.start();
            try (Http3Talk good = Http3Talk.open(server, identity); Http3Talk bad = Http3Talk.open(server, identity)) {
                assertEquals(200, good.end(good.get("/")).status);
                long stream = bad.quic().open(true);
                bad.quic().write(stream, MemorySegment.ofArray(new byte[] {4, 0}), 0, 2);  // SETTINGS on a request's stream
                assertEquals(0x105, bad.ended(), "H3_FRAME_UNEXPECTED");
                assertTrue(bad.quic().isClosedByPeer() && bad.quic().isClosedByApplication());
                good.sayRaw(RehearsalHttp3Peer.ofNoVersion(1200));
                assertEquals(200, good.end(good.get("/")).status);
                assertEquals(1, server.count(LoopStatistics.Count.REFUSED));
                good.leave(System.nanoTime());
            }
        }
    }

    @Test
    void whoLeavesInTheMiddleOfAnAnswerIsForgotten() throws Exception {
        Files.write(folder.resolve("large.bin"), new byte[1_000_000]);  // more than is under way at a time, and no more than this client takes
        try (Server server = Server.open(config(), FileSite.of(folder, 8))) {
            server.start();
            try (Http3Talk talk = Http3Talk.open(server, identity)) {
                Http3Talk.Asked asked = new Http3Talk.Asked(Method.GET, "/large.bin", new byte[0]);
                asked.left = true;
                assertEquals(200, talk.head(talk.ask(asked)).status);
                talk.leave(System.nanoTime());
            }
            isEmpty(server);
            Eventually.holds("one broken answer counted", () -> server.count(LoopStatistics.Count.BROKEN) == 1);
            assertEquals(0, server.count(LoopStatistics.Count.FAILED));
            try (Http3Talk talk = Http3Talk.open(server, identity)) {
                assertEquals(404, talk.end(talk.get("/none")).status);
            }
        }
    }

    @Test
    void aStopLetsAnswersEndAndSaysGoodbye() throws Exception {
        AtomicReference<Later> waiting = new AtomicReference<>();
        AtomicReference<Long> ticket = new AtomicReference<>();
        try (Server server = Server.open(config(), Site.of(exchange -> {
            if (exchange.request().pathLength() > 1) {
                Later later = exchange.later();
                ticket.set(later.ticket());
                waiting.set(later);
            } else {
                exchange.respond(Status.OK);
            }
        }))) {
            server.start();
            try (Http3Talk busy = Http3Talk.open(server, identity); Http3Talk idle = Http3Talk.open(server, identity)) {
                assertEquals(200, idle.end(idle.get("/")).status);
                Http3Talk.Asked asked = busy.get("/wait");
                Eventually.holds("request", () -> busy.turn() && waiting.get() != null);
                server.stop();
                assertEquals(H3_NO_ERROR, idle.ended());
                Eventually.holds("GOAWAY", () -> busy.turn() && !busy.http().canRequest());
                assertFalse(busy.isEnded());
                try (Http3Talk late = new Http3Talk(server.config().tls().config(), identity)) {
                    late.connect(server.address(), System.nanoTime());
                    assertEquals(TransportError.CONNECTION_REFUSED, late.ended());
                }
                waiting.get().respond(ticket.get(), Status.OK);
                assertEquals(200, busy.end(asked).status);
                assertEquals(H3_NO_ERROR, busy.ended());
            }
            server.join();
            assertEquals(0, server.count(LoopStatistics.Count.BROKEN));
        }
    }

    @Test
    void aPortThatIsTakenOverUdpIsRefusedInWords() throws Exception {
        String words = "address in use";
        for (int tries = 0; tries < 20 && words.equals("address in use"); tries++) {  // over TCP, by somebody else of this machine
            try (DatagramSocket taken = new DatagramSocket(config().address())) {
                ServerConfig config = config().withAddress(new InetSocketAddress(config().address().getAddress(), taken.getLocalPort()));
                String said = assertThrows(IOException.class, () -> Server.open(config, Site.of(exchange -> {}))).getMessage();
                words = said.replace("UDP port " + taken.getLocalPort() + ",", "that port,");
            }
        }
        assertTrue(words.startsWith("that port, for HTTP/3: "), words);
    }

    @Test
    void itIsRefusedWithoutTlsAndWhereClientsAreAskedWhoTheyAre() {
        assertThrows(IllegalArgumentException.class, () -> ServerConfig.tight().withHttp3(serving()));
        Tls asking = Tls.of(Certified.patient().withClientAuthentication(ClientAuthentication.OPTIONAL), identity.identity());
        assertThrows(IllegalArgumentException.class, () -> ServerConfig.tight().withTls(asking).withHttp3(serving()));
    }

    @Test
    void everyRowOfThePlanIsCarvedAndTheFirstLoopAloneServesIt() throws Exception {
        for (boolean portable : new boolean[] {false, true}) {
            ServerConfig config = config().withSize(2, 8, 4).withPortable(portable);
            Site site = FileSite.of(folder, 8);
            try (Server server = Server.open(config, site)) {
                assertEquals(Server.plan(config, site).totalBytes(), server.regions().stream().mapToLong(region -> region.bytes()).sum());
                assertEquals(server.regions().get(0).bytes(), server.regions().get(0).usedBytes());
                assertTrue(server.regions().get(0).plan().toTable().contains("quic"));
                assertFalse(server.regions().get(1).plan().toTable().contains("quic"));
            }
        }
    }
}
