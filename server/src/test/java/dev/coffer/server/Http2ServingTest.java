package dev.coffer.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.http.http2.Http2Config;
import dev.coffer.http.http2.Http2Server;
import dev.coffer.memory.Account;
import dev.coffer.server.easy.Easy;
import dev.coffer.server.easy.Response;
import dev.coffer.server.files.FileSite;
import dev.coffer.testkit.Eventually;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// HTTP/2 by prior knowledge, over real sockets, through the handlers that serve HTTP/1.1.
class Http2ServingTest {
    private static final int REFUSED_STREAM = 7;

    @TempDir
    Path folder;

    private static ServerConfig config() {
        return ServerConfig.tight().withSize(1, 16, 4).withHttp2(Http2Serving.defaults().withSize(40, 32));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void filesOverOneConnectionManyAtATime(boolean portable) throws Exception {
        byte[] large = new byte[700_000];
        new Random(5).nextBytes(large);
        Files.write(folder.resolve("large.bin"), large);
        Files.writeString(folder.resolve("small.txt"), "hello");
        try (Server server = Server.open(config().withPortable(portable), FileSite.of(folder, 8))) {
            server.start();
            try (Http2Talk talk = Http2Talk.open(server.address()).hello()) {
                for (int i = 0; i < 10; i++) {
                    talk.get(1 + 4 * i, "/large.bin").get(3 + 4 * i, "/small.txt");
                }
                for (int i = 0; i < 10; i++) {
                    assertTrue(Arrays.equals(large, talk.answer(1 + 4 * i).content.toByteArray()));
                    assertEquals("hello", talk.answer(3 + 4 * i).text());
                    assertEquals(":status=200", talk.answer(3 + 4 * i).status());
                }
                talk.get(101, "/small.txt", "if-none-match", talk.answers.get(3).fields.stream().filter(f -> f.startsWith("etag=")).findFirst().orElseThrow()
                        .substring(5));
                assertEquals(":status=304", talk.answer(101).status());
                talk.get(103, "/small.txt", "range", "bytes=1-3");
                assertEquals("ell", talk.answer(103).text());
                talk.get(105, "/none");
                assertEquals(":status=404", talk.answer(105).status());
                assertEquals(23, server.count(LoopStatistics.Count.REQUESTS));
                talk.request(107, "CONNECT", "/small.txt", true, ":protocol", "websocket");
                assertEquals(":status=501", talk.answer(107).status(), "RFC 8441, RFC 9220, section 3: nobody speaks it here");
            }
            try (Client client = new Client(server.address())) {
                assertEquals("hello", client.get("/small.txt").text());
            }
            isEmpty(server);
        }
    }

    /// Nothing is lent any more, once the loop has heard of the connections' ends.
    private static void isEmpty(Server server) {
        Eventually.equal(0, server::connections);
        for (String name : new String[] {"stream", "window", "active"}) {
            Eventually.equal(0, () -> accounts(server).stream().filter(a -> a.name().equals(name)).mapToLong(Account::usedBytes).sum());
        }
    }

    private static List<Account> accounts(Server server) {
        return server.ledger().lines().stream().map(line -> line.account()).filter(Objects::nonNull).toList();
    }

    @Test
    void thePrefaceInSingleOctetsAndWhatOnlyBeginsLikeIt() throws Exception {
        Files.writeString(folder.resolve("small.txt"), "hello");
        try (Server server = Server.open(config(), FileSite.of(folder, 8))) {
            server.start();
            try (Http2Talk talk = Http2Talk.open(server.address())) {
                for (byte b : Http2Server.preface()) {
                    talk.raw(b);
                }
                talk.frame(Http2Talk.SETTINGS, 0, 0);
                talk.get(1, "/small.txt");
                assertEquals("hello", talk.answer(1).text());
            }
            for (String begun : new String[] {"PRI * HTTP/2.0\r\n\r\nSX\r\n\r\n", "PRI * HTTP/1.1\r\nHost: a\r\n\r\n",
                    "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"}) {
                try (Client client = new Client(server.address())) {
                    int expected = begun.startsWith("PUT") ? 405 : begun.contains("2.0") ? 505 : 400;
                    assertEquals(expected, client.send(begun).read().status(), begun);
                }
            }
        }
    }

    @Test
    void contentGoesToTheHandlerAndComesBack() throws Exception {
        try (Server server = Server.open(config(), Easy.answering(request -> Response.bytes("a/b", request.bytes()).withField("x-path", request.path())))) {
            server.start();
            byte[] content = new byte[200_000];
            new Random(6).nextBytes(content);
            try (Http2Talk talk = Http2Talk.open(server.address()).hello()) {
                talk.request(1, "POST", "/a", false, "content-length", "" + content.length);
                int at = 0;
                int window = 65_535;
                while (at < content.length) {  // as much as the window allows at the least, then what was consumed
                    int bytes = Math.min(Math.min(10_000, content.length - at), window);
                    talk.frame(Http2Talk.DATA, at + bytes == content.length ? 1 : 0, 1, Arrays.copyOfRange(content, at, at + bytes));
                    at += bytes;
                    window -= bytes;
                    while (window < 10_000 && at < content.length) {
                        talk.read();
                        window = 65_535;  // the handler takes all of it
                    }
                }
                Http2Talk.Answer answer = talk.answer(1);
                assertTrue(Arrays.equals(content, answer.content.toByteArray()));
                assertTrue(answer.fields.contains("x-path=/a"), answer.fields.toString());
            }
            isEmpty(server);
        }
    }

    @Test
    void answersThatComeLaterAndEchoesOfOtherThreads() throws Exception {
        Site echo = new EchoSite();
        Site both = Site.of(exchange -> {
            Later later = exchange.later();
            long ticket = later.ticket();
            Thread.ofVirtual().start(() -> later.respond(ticket, 200));
        });
        assertEquals(0, both.timers() + echo.timers());
        for (Site site : new Site[] {both, echo}) {
            try (Server server = Server.open(config(), site)) {
                server.start();
                ask(server, site == both ? "/later" : "/");
                isEmpty(server);
            }
        }
    }

    private static void ask(Server server, String path) throws IOException {
        try (Http2Talk talk = Http2Talk.open(server.address()).hello()) {
            for (int i = 0; i < 20; i++) {
                talk.request(1 + 2 * i, "POST", path, false);
                talk.frame(Http2Talk.DATA, 1, 1 + 2 * i, ("hello " + i).getBytes(StandardCharsets.US_ASCII));
            }
            for (int i = 0; i < 20; i++) {
                assertEquals(":status=200", talk.answer(1 + 2 * i).status());
                assertEquals(path.equals("/") ? "hello " + i : "OK\n", talk.answer(1 + 2 * i).text());
            }
        }
    }

    @Test
    void streamsPastThePoolAreRefusedAndTheOthersGoOn() throws Exception {
        Site waiting = Site.of(exchange -> exchange.later());
        ServerConfig few = config().withHttp2(Http2Serving.defaults().withSize(3, 1).withConfig(Http2Config.defaults()));
        try (Server server = Server.open(few, waiting)) {
            server.start();
            try (Http2Talk talk = Http2Talk.open(server.address()).hello()) {
                talk.get(1, "/").get(3, "/").get(5, "/").get(7, "/");
                assertEquals(REFUSED_STREAM, talk.answer(7).reset);
                talk.frame(Http2Talk.RST_STREAM, 0, 3, new byte[] {0, 0, 0, 8});
                talk.frame(Http2Talk.PING, 0, 0, new byte[8]);
                while (talk.pings == 0) {  // what came in one piece with the reset would find its place still taken
                    assertTrue(talk.read());
                }
                talk.get(9, "/").get(11, "/");
                assertEquals(REFUSED_STREAM, talk.answer(11).reset);
                for (int stream : new int[] {1, 5, 9}) {  // else the server answers them for as long as it may
                    talk.frame(Http2Talk.RST_STREAM, 0, stream, new byte[] {0, 0, 0, 8});
                }
            }
            isEmpty(server);
        }
    }

    @Test
    void aStopEndsIdleConnectionsAndFinishesWhatIsUnderWay() throws Exception {
        List<Later> later = new CopyOnWriteArrayList<>();
        List<Long> tickets = new CopyOnWriteArrayList<>();
        Site waiting = Site.of(exchange -> {
            Later one = exchange.later();
            tickets.add(one.ticket());
            later.add(one);
        });
        Server server = Server.open(config(), waiting);
        server.start();
        try (Http2Talk busy = Http2Talk.open(server.address()).hello(); Http2Talk idle = Http2Talk.open(server.address()).hello()) {
            busy.get(1, "/");
            idle.frame(Http2Talk.PING, 0, 0, new byte[8]);
            while (idle.pings == 0) {
                idle.read();
            }
            Eventually.equal(1, later::size);
            Thread stopping = Thread.ofVirtual().start(server::close);
            idle.end();
            assertEquals(List.of("2147483647 0", "0 0"), idle.goodbyes);
            while (busy.goodbyes.size() < 2) {
                assertTrue(busy.read());
            }
            assertEquals(List.of("2147483647 0", "1 0"), busy.goodbyes);
            assertTrue(later.getFirst().respond(tickets.getFirst(), 200));
            assertEquals(":status=200", busy.answer(1).status());
            busy.end();
            stopping.join();
        }
    }

    /// Four may be active, and as many speak HTTP/2 and say nothing: who comes then has a turn.
    @Test
    void aConnectionThatIsIdleGivesWayToWhoWaits() throws Exception {
        ServerConfig hasty = config().withTimes(60_000_000_000L, 2_000_000_000L, 1_000_000_000L);
        Files.writeString(folder.resolve("small.txt"), "hello");
        try (Server server = Server.open(hasty, FileSite.of(folder, 8))) {
            server.start();
            List<Http2Talk> idle = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                idle.add(Http2Talk.open(server.address()).hello().get(1, "/small.txt"));
                assertEquals("hello", idle.getLast().answer(1).text());
            }
            try (Http2Talk talk = Http2Talk.open(server.address()).hello().get(1, "/small.txt")) {
                assertEquals("hello", talk.answer(1).text());
            }
            for (Http2Talk talk : idle) {
                talk.close();
            }
        }
    }

    /// Every other stream is reset while its echo is under way: the places go to others at once, and each of those hears its own.
    @Test
    void resetsAmongAnswersOfOtherThreadsMixNothing() throws Exception {
        try (Server server = Server.open(config(), new EchoSite())) {
            server.start();
            try (Http2Talk talk = Http2Talk.open(server.address()).hello()) {
                for (int first = 1; first < 400; first += 24) {
                    for (int stream = first; stream < first + 24; stream += 2) {
                        talk.request(stream, "POST", "/", false);
                        talk.frame(Http2Talk.DATA, stream % 4 == 1 ? 1 : 0, stream, ("hello " + stream).getBytes(StandardCharsets.US_ASCII));
                    }
                    for (int stream = first; stream < first + 24; stream += 4) {
                        Http2Talk.Answer answer = talk.answer(stream);
                        assertEquals("hello " + stream, answer.text(), () -> answer.fields + " reset " + answer.reset);
                        talk.frame(Http2Talk.RST_STREAM, 0, stream + 2, new byte[] {0, 0, 0, 8});
                    }
                }
            }
            isEmpty(server);
        }
    }

    /// What may become the preface, or a POST, is a head that is begun: it does not keep a place longer than any other.
    @Test
    void aPrefaceThatIsBegunGivesWayToWhoWaits() throws Exception {
        ServerConfig hasty = config().withTimes(60_000_000_000L, 2_000_000_000L, 1_000_000_000L);
        Files.writeString(folder.resolve("small.txt"), "hello");
        try (Server server = Server.open(hasty, FileSite.of(folder, 8))) {
            server.start();
            List<Client> silent = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                silent.add(new Client(server.address()).send("P"));
            }
            Eventually.equal(4, server::connections);
            try (Client client = new Client(server.address())) {
                assertEquals("hello", client.get("/small.txt").text());
            }
            for (Client one : silent) {
                one.close();
            }
        }
    }

    @Test
    void aResetOfTheClientIsHeardByTheHandlerAndTheConnectionGoesOn() throws IOException {
        List<Boolean> ends = new CopyOnWriteArrayList<>();
        AtomicInteger begun = new AtomicInteger();
        Site site = Site.of(exchange -> {
            begun.incrementAndGet();
            exchange.onEnd((one, complete) -> ends.add(complete));
            if (exchange.request().pathLength() == 1) {
                exchange.respond(200);
            } else {
                exchange.later();
            }
        });
        try (Server server = Server.open(config(), site)) {
            server.start();
            try (Http2Talk talk = Http2Talk.open(server.address()).hello().get(1, "/wait")) {
                Eventually.equal(1, begun::get);  // else the handler never hears of it
                talk.frame(Http2Talk.RST_STREAM, 0, 1, new byte[] {0, 0, 0, 8});
                talk.get(3, "/");
                assertEquals(":status=200", talk.answer(3).status());
                Eventually.equal(List.of(false, true), () -> List.copyOf(ends));
            }
        }
    }
}
