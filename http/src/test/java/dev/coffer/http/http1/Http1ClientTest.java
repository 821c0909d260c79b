package dev.coffer.http.http1;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.http.Ascii;
import dev.coffer.http.HttpEvent;
import dev.coffer.http.Limits;
import dev.coffer.http.MessageSource;
import dev.coffer.http.Method;
import dev.coffer.http.Refusal;
import dev.coffer.http.ResponseHead;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class Http1ClientTest {
    private static final Ascii HOST = Ascii.of("example.org");
    private static final Ascii PATH = Ascii.of("/x?y");

    /// A client on a bench, as [Lab] is for the server.
    private static final class Bench implements AutoCloseable {
        final Arena arena = Arena.ofConfined();
        final Http1Config config;
        final Http1Client client;
        final MemorySegment wire = arena.allocate(1 << 16);
        final StringBuilder output = new StringBuilder();
        final List<String> events = new ArrayList<>();
        final StringBuilder content = new StringBuilder();
        boolean discards;
        long now;

        Bench() {
            this(Http1Config.defaults());
        }

        Bench(Http1Config config) {
            this.config = config;
            client = new Http1Client(config, arena.allocate(config.plan().totalBytes(), 64), 0);
            client.reset(0);
        }

        Bench ask(Method method) {
            return ask(new Lab.TextSource(h -> h.request(method, HOST, PATH), ""));
        }

        Bench ask(MessageSource source) {
            assertTrue(client.request(source) >= 0);
            turn();
            return this;
        }

        Bench feed(String text) {
            byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
            turn();
            for (int at = 0; at < bytes.length;) {
                MemorySegment.copy(bytes, at, wire, ValueLayout.JAVA_BYTE, 0, bytes.length - at);
                long taken = client.feed(wire, 0, bytes.length - at, now);
                client.receiver.checkInvariants();
                assertTrue(turn() || taken > 0, "stuck");
                at += (int) taken;
            }
            return this;
        }

        Bench feedEnd() {
            client.feedEnd(now);
            turn();
            return this;
        }

        Bench deadline(long millis) {
            now = millis * 1_000_000;
            client.onDeadline(now);
            turn();
            return this;
        }

        boolean turn() {
            boolean any = false;
            for (boolean more = true; more; any |= more) {
                long wrote = client.pollOutput(wire, 0, 2048, now);
                output.append(Lab.text(wire, 0, wrote));
                more = wrote > 0;
                for (HttpEvent event; (event = client.pollEvent()) != null; more = true) {
                    handle(event, client.stream());
                }
            }
            return any;
        }

        private void handle(HttpEvent event, long stream) {
            switch (event) {
                case INFORMATION, RESPONSE -> {
                    ResponseHead head = client.response(stream);
                    events.add(event + " " + head.status() + " " + head.contentLength() + Lab.describe(head));
                    if (discards && event == HttpEvent.RESPONSE) {
                        client.discard(stream);
                    }
                }
                case DATA -> {
                    content.append(Lab.text(client.dataSegment(stream), client.dataAt(stream),
                            client.dataLength(stream)));
                    client.consume(stream, client.dataLength(stream));
                }
                case TRAILERS -> events.add("TRAILERS" + Lab.describe(client.trailers(stream)));
                case END -> {
                    events.add("END " + content);
                    content.setLength(0);
                }
                case REFUSED -> events.add("REFUSED " + client.refusal());
                default -> events.add(event.toString());
            }
        }

        @Override
        public void close() {
            client.close();
            arena.close();
        }
    }

    @Test
    void asksAndIsAnsweredAgainAndAgain() {
        try (Bench bench = new Bench()) {
            for (int i = 0; i < 3; i++) {
                bench.ask(Method.GET).feed("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX: y\r\n\r\nhello");
            }
            assertEquals("GET /x?y HTTP/1.1\r\nHost: example.org\r\n\r\n".repeat(3), bench.output.toString());
            assertEquals(9, bench.events.size(), bench.events.toString());
            assertEquals(List.of("SENT", "RESPONSE 200 5 [content-length=5] [x=y]", "END hello"),
                    bench.events.subList(0, 3));
            assertTrue(bench.client.canRequest());
        }
    }

    private record Case(String name, Method method, String answer, boolean ends, List<String> events) {}

    private static final String OK = "HTTP/1.1 200 OK\r\n";

    private static List<Case> cases() {
        return List.of(
                new Case("chunks and trailers", Method.GET, OK + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nA: b\r\n\r\n",
                        false, List.of("RESPONSE 200 -1 [transfer-encoding=chunked]", "TRAILERS [a=b]", "END hello")),
                new Case("until the end", Method.GET, "HTTP/1.0 200 OK\r\n\r\nhello", true,
                        List.of("RESPONSE 200 -1", "END hello", "CLOSED")),
                new Case("HEAD", Method.HEAD, OK + "Content-Length: 5\r\n\r\n", false,
                        List.of("RESPONSE 200 0 [content-length=5]", "END ")),
                new Case("HEAD with chunks", Method.HEAD, OK + "Transfer-Encoding: chunked\r\n\r\n", false,
                        List.of("RESPONSE 200 0 [transfer-encoding=chunked]", "END ")),
                new Case("304", Method.GET, "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", false,
                        List.of("RESPONSE 304 0 [content-length=5]", "END ")),
                new Case("204 without a phrase", Method.DELETE, "HTTP/1.1 204\r\n\r\n", false,
                        List.of("RESPONSE 204 0", "END ")),
                new Case("interim heads", Method.GET, "HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\nHTTP/1.1 100 \r\n\r\n" + OK
                        + "Content-Length: 0\r\n\r\n", false,
                        List.of("INFORMATION 103 0 [link=a]", "INFORMATION 100 0", "RESPONSE 200 0 [content-length=0]", "END ")),
                new Case("close", Method.GET, OK + "Connection: x, Close\r\nContent-Length: 1\r\n\r\na", false,
                        List.of("RESPONSE 200 1 [connection=x, Close] [content-length=1]", "END a", "CLOSED")),
                // refused: no status is sent, the exchange is aborted
                new Case("both lengths", Method.GET, OK + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", false,
                        List.of("ABORTED", "REFUSED BOTH_LENGTHS", "CLOSED")),
                new Case("two lengths", Method.GET, OK + "Content-Length: 5\r\nContent-Length: 6\r\n\r\n", false,
                        List.of("ABORTED", "REFUSED CONTENT_LENGTH", "CLOSED")),
                new Case("coding after chunked", Method.GET, OK + "Transfer-Encoding: chunked, gzip\r\n\r\n", false,
                        List.of("ABORTED", "REFUSED TRANSFER_ENCODING", "CLOSED")),
                new Case("bad chunk", Method.GET, OK + "Transfer-Encoding: chunked\r\n\r\nx\r\n", false,
                        List.of("RESPONSE 200 -1 [transfer-encoding=chunked]", "ABORTED", "REFUSED CHUNK", "CLOSED")),
                new Case("LF alone", Method.GET, "HTTP/1.1 200 OK\nContent-Length: 0\r\n\r\n", false,
                        List.of("ABORTED", "REFUSED BARE_CR_OR_LF", "CLOSED")),
                new Case("no status", Method.GET, "HTTP/1.1 OK OK\r\n\r\n", false,
                        List.of("ABORTED", "REFUSED START_LINE", "CLOSED")),
                new Case("status 099", Method.GET, "HTTP/1.1 099 OK\r\n\r\n", false,
                        List.of("ABORTED", "REFUSED START_LINE", "CLOSED")),
                new Case("HTTP/2.0", Method.GET, "HTTP/2.0 200 OK\r\n\r\n", false,
                        List.of("ABORTED", "REFUSED VERSION", "CLOSED")),
                new Case("101 that nobody asked for", Method.GET, "HTTP/1.1 101 x\r\nUpgrade: y\r\n\r\n", false,
                        List.of("ABORTED", "REFUSED UNEXPECTED", "CLOSED")),
                new Case("a second answer", Method.GET, OK + "Content-Length: 0\r\n\r\n" + OK + "\r\n", false,
                        List.of("RESPONSE 200 0 [content-length=0]", "END ", "REFUSED UNEXPECTED", "CLOSED")),
                new Case("cut in its head", Method.GET, "HTTP/1.1 2", true,
                        List.of("ABORTED", "REFUSED TRUNCATED", "CLOSED")),
                new Case("cut in its content", Method.GET, OK + "Content-Length: 5\r\n\r\nhell", true,
                        List.of("RESPONSE 200 5 [content-length=5]", "ABORTED", "REFUSED TRUNCATED", "CLOSED")),
                new Case("cut in its chunks", Method.GET, OK + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", true,
                        List.of("RESPONSE 200 -1 [transfer-encoding=chunked]", "ABORTED", "REFUSED TRUNCATED", "CLOSED")),
                new Case("no answer", Method.GET, "", true, List.of("ABORTED", "REFUSED TRUNCATED", "CLOSED")));
    }

    @TestFactory
    Stream<DynamicTest> readsEachAnswerInEverySplit() {
        return cases().stream().map(c -> DynamicTest.dynamicTest(c.name, () -> {
            for (int cut = 0; cut <= c.answer.length(); cut++) {
                try (Bench bench = new Bench()) {
                    bench.ask(c.method);
                    assertEquals(List.of("SENT"), bench.events);
                    bench.feed(c.answer.substring(0, cut)).feed(c.answer.substring(cut));
                    if (c.ends) {
                        bench.feedEnd();
                    }
                    assertEquals(c.events, bench.events.subList(1, bench.events.size()), "cut at " + cut);
                    assertEquals(!c.events.contains("CLOSED"), bench.client.canRequest());
                }
            }
        }));
    }

    @Test
    void discardedContentEndsTheExchangeWithoutEnd() {
        try (Bench bench = new Bench()) {
            bench.discards = true;
            bench.ask(Method.GET).feed(OK + "Content-Length: 9000\r\n\r\n" + "c".repeat(9000));
            assertEquals(List.of("SENT", "RESPONSE 200 9000 [content-length=9000]"), bench.events);
            assertTrue(bench.client.canRequest());
        }
    }

    private static Lab.TextSource post(boolean expects) {
        return new Lab.TextSource(h -> {
            h.request(Method.POST, HOST, PATH).content(5);
            if (expects) {
                h.expectContinue();
            }
        }, "hello");
    }

    @Test
    void contentWaitsFor100() {
        try (Bench bench = new Bench()) {
            bench.ask(post(true));
            assertEquals("POST /x?y HTTP/1.1\r\nHost: example.org\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n",
                    bench.output.toString());
            bench.feed("HTTP/1.1 100 Continue\r\n\r\n");
            assertTrue(bench.output.toString().endsWith("\r\n\r\nhello"));
            bench.feed(OK + "Content-Length: 0\r\n\r\n");
            assertEquals(List.of("INFORMATION 100 0", "SENT", "RESPONSE 200 0 [content-length=0]", "END "),
                    bench.events);
        }
    }

    @Test
    void contentIsSentUnaskedAfterAWhile() {
        try (Bench bench = new Bench()) {
            bench.ask(post(true));
            bench.deadline(999);
            assertFalse(bench.output.toString().endsWith("hello"));
            assertEquals(1_000_000_000, bench.client.deadlineNanos());
            bench.deadline(1000);
            assertTrue(bench.output.toString().endsWith("hello"));
        }
    }

    @Test
    void finalAnswerInsteadOf100KeepsTheContentBackAndEndsTheConnection() {
        try (Bench bench = new Bench()) {
            bench.ask(post(true)).feed("HTTP/1.1 413 x\r\nContent-Length: 0\r\n\r\n");
            assertFalse(bench.output.toString().endsWith("hello"));
            assertEquals("CLOSED", bench.events.getLast());
        }
    }

    @Test
    void serverThatIsSilentIsGivenUp() {
        Limits limits = Limits.defaults().withTimes(1_000_000_000L, 2_000_000_000L, 500_000_000L);
        try (Bench bench = new Bench(Http1Config.defaults().withLimits(limits))) {
            bench.ask(Method.GET).deadline(1999);
            assertEquals(List.of("SENT"), bench.events);
            assertEquals(2_000_000_000, bench.client.deadlineNanos());
            bench.deadline(2000);
            assertEquals(List.of("SENT", "ABORTED", "REFUSED TOO_SLOW", "CLOSED"), bench.events);
            assertEquals(Refusal.TOO_SLOW, bench.client.refusal());
        }
    }

    @Test
    void interimHeadsAreCounted() {
        String interim = "HTTP/1.1 103 x\r\n\r\n";
        try (Bench bench = new Bench()) {
            for (int i = 0; i < 2; i++) {  // each exchange anew
                bench.events.clear();
                bench.ask(Method.GET).feed(interim.repeat(Http1Client.INFORMATIONS_MAX) + OK + "Content-Length: 0\r\n\r\n");
                assertEquals("END ", bench.events.getLast());
                assertEquals(1 + Http1Client.INFORMATIONS_MAX + 2, bench.events.size());
            }
            bench.events.clear();
            bench.ask(Method.GET).feed(interim.repeat(Http1Client.INFORMATIONS_MAX + 1));
            assertEquals(List.of("ABORTED", "REFUSED TOO_MANY_INFORMATIONS", "CLOSED"), bench.events.subList(1 + Http1Client.INFORMATIONS_MAX,
                    bench.events.size()));
        }
    }

    /// Each interim head ends while the next one begins, so that the connection is never between two: neither wait is put off by that.
    @Test
    void interimHeadsThatTrickleDoNotPutTheEndOff() {
        Limits limits = Limits.defaults().withTimes(10_000_000_000L, 20_000_000_000L, 500_000_000L);
        for (boolean expects : new boolean[] {false, true}) {
            try (Bench bench = new Bench(Http1Config.defaults().withLimits(limits))) {
                bench.ask(expects ? post(true) : new Lab.TextSource(h -> h.request(Method.GET, HOST, PATH), "")).feed("H");
                for (int second = 9; second < 27; second += 9) {
                    bench.deadline(second * 1000L).feed("TTP/1.1 103 x\r\n\r\nH");
                }
                bench.deadline(27_000).feed("TTP/1.1 103 x\r\n\r\nH");
                assertEquals(30_000_000_000L, bench.client.deadlineNanos(), "a head begun in the idle time has its own time");
                bench.deadline(29_999);
                assertEquals("INFORMATION 103 0", bench.events.getLast());
                bench.deadline(30_000);
                if (expects) {
                    assertTrue(bench.output.toString().endsWith("hello"), "content is sent unasked, and the wait begins anew, once");
                    bench.deadline(60_000);
                }
                assertEquals(List.of("ABORTED", "REFUSED TOO_SLOW", "CLOSED"), bench.events.subList(bench.events.size() - 3, bench.events.size()));
            }
        }
    }

    @Test
    void oneRequestAtATime() {
        try (Bench bench = new Bench()) {
            bench.ask(Method.GET);
            assertEquals(-1, bench.client.request(post(false)));
            bench.client.shutdown(bench.now);
            bench.feed(OK + "Content-Length: 0\r\n\r\n");
            assertEquals("CLOSED", bench.events.getLast());
            assertEquals(-1, bench.client.request(post(false)));
        }
    }

    @Test
    void bytesThatNobodyAskedForEndTheConnection() {
        try (Bench bench = new Bench()) {
            bench.feed("HTTP/1.1 408 x\r\n\r\n");
            assertEquals(List.of("REFUSED UNEXPECTED", "CLOSED"), bench.events);
        }
    }

    @Test
    void requestsThatWouldSplitAreRefused() {
        List<java.util.function.Consumer<dev.coffer.http.HeadWriter>> heads = List.of(
                h -> h.request(Method.GET, Ascii.of("a\r\nX: y"), PATH),
                h -> h.request(Method.GET, Ascii.of("a/b"), PATH),
                h -> h.request(Method.GET, HOST, Ascii.of("/ HTTP/1.1\r\nX:")),
                h -> h.request(Method.GET, HOST, Ascii.of("x")),
                h -> h.request(Method.GET, HOST, Ascii.of("")),
                h -> h.request(Method.CONNECT, HOST, PATH),
                h -> h.request(Method.OTHER, HOST, PATH),
                h -> h.request(Method.GET, HOST, Ascii.of("*")));
        for (var head : heads) {
            try (Bench bench = new Bench()) {
                bench.client.request(new Lab.TextSource(head, ""));
                assertThrows(IllegalArgumentException.class, () -> bench.client.pollOutput(bench.wire, 0, 2048, 0));
            }
        }
        try (Bench bench = new Bench()) {
            bench.client.request(new Lab.TextSource(h -> h.status(200), ""));
            assertThrows(IllegalStateException.class, () -> bench.client.pollOutput(bench.wire, 0, 2048, 0));
        }
    }

    @Test
    void contentUntilTheEndThatWasCutIsNotEndedByAnEndToldLater() {
        for (boolean thenEnds : new boolean[] {false, true}) {
            try (Bench bench = new Bench()) {
                bench.ask(Method.GET);
                byte[] bytes = (OK + "\r\nhello").getBytes(StandardCharsets.ISO_8859_1);
                MemorySegment.copy(bytes, 0, bench.wire, ValueLayout.JAVA_BYTE, 0, bytes.length);
                bench.client.feed(bench.wire, 0, bytes.length, 0);
                bench.client.disconnect(0);
                if (thenEnds) {
                    bench.client.feedEnd(0);
                }
                bench.turn();
                assertEquals(List.of("SENT", "RESPONSE 200 -1", "ABORTED", "REFUSED BROKEN", "CLOSED"), bench.events);
            }
        }
    }

    /// The end of the stream comes before anything was polled; told once more, before what it brings is polled or after, it adds
    /// nothing.
    @Test
    void theEndToldTwiceIsTheEndToldOnce() {
        for (String answer : List.of("HTTP/1.0 200 OK\r\n\r\nhello", OK + "Content-Length: 5\r\n\r\nhello",
                OK + "Content-Length: 0\r\n\r\n", OK + "Content-Le")) {
            List<List<String>> seen = new ArrayList<>();
            for (int times = 1; times <= 3; times++) {
                try (Bench bench = new Bench()) {
                    bench.ask(Method.GET);
                    byte[] bytes = answer.getBytes(StandardCharsets.ISO_8859_1);
                    MemorySegment.copy(bytes, 0, bench.wire, ValueLayout.JAVA_BYTE, 0, bytes.length);
                    assertEquals(bytes.length, bench.client.feed(bench.wire, 0, bytes.length, 0));
                    for (int i = 0; i < times; i++) {
                        bench.client.feedEnd(0);
                        if (i == 1) {
                            bench.turn();
                        }
                    }
                    bench.turn();
                    seen.add(bench.events);
                }
            }
            assertEquals(seen.get(0), seen.get(1));
            assertEquals(seen.get(0), seen.get(2));
        }
    }
}
