package dev.coffer.client.easy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.coffer.client.Client;
import dev.coffer.client.ClientConfig;
import dev.coffer.client.Failure;
import dev.coffer.http.Method;
import dev.coffer.testkit.Eventually;
import dev.coffer.testkit.FreePort;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Text and bytes, redirects, futures.
@Timeout(600)
class EasyTest {
    private final CountDownLatch slow = new CountDownLatch(1);
    private HttpServer server;
    private HttpServer other;
    private Easy http;

    @BeforeEach
    void open() throws IOException {
        server = serve();
        other = serve();
        http = Easy.open();
    }

    private HttpServer serve() throws IOException {
        HttpServer one = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        one.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        one.createContext("/", this::answer);
        one.start();
        return one;
    }

    @AfterEach
    void close() {
        slow.countDown();
        http.close();
        server.stop(0);
        other.stop(0);
    }

    /// `/to/STATUS?PLACE` redirects, `/later/STATUS?PLACE` after a while, `/endless/STATUS?PLACE` with content that has no end; all else tells what was heard.
    private void answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        byte[] content = exchange.getRequestBody().readAllBytes();
        byte[] answer = (exchange.getRequestMethod() + " " + exchange.getRequestURI() + " " + content.length + " "
                + exchange.getRequestHeaders().getFirst("Authorization") + " " + exchange.getRequestHeaders().getFirst("Cookie") + " "
                + exchange.getRequestHeaders().getFirst("Content-Type") + " " + exchange.getRequestHeaders().getFirst("X-Mine"))
                .getBytes(StandardCharsets.UTF_8);
        int status = 200;
        if (path.startsWith("/later/")) {
            nap();
        }
        if (path.matches("/(to|later|endless)/.*")) {
            status = Integer.parseInt(path.substring(path.lastIndexOf('/') + 1));
            exchange.getResponseHeaders().set("Location", exchange.getRequestURI().getQuery());
        } else if (path.equals("/slow")) {
            try {
                slow.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        } else if (path.equals("/large")) {
            answer = new byte[100_000];
        }
        if (path.startsWith("/endless/")) {
            exchange.sendResponseHeaders(status, 0);
            while (true) {
                exchange.getResponseBody().write(new byte[10_000]);  // until nobody takes it
            }
        }
        exchange.getResponseHeaders().set("X-Answer", "yes");
        exchange.sendResponseHeaders(status, answer.length);
        exchange.getResponseBody().write(answer);
        exchange.close();
    }

    private static void nap() {
        try {
            Thread.sleep(250);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private String uri(HttpServer of, String path) {
        return "http://127.0.0.1:" + of.getAddress().getPort() + path;
    }

    private String uri(String path) {
        return uri(server, path);
    }

    @Test
    void getsAndPostsTextAndReadsFields() throws Exception {
        Reply reply = http.get(uri("/a?b=c#not-sent"));
        assertEquals(200, reply.status());
        assertEquals("GET /a?b=c 0 null null null null", reply.text());
        assertEquals(Optional.of("yes"), reply.header("X-ANSWER"));
        assertEquals(11, reply.version());
        assertEquals(reply.bytes().length, reply.contentLength());
        Question post = Question.post(uri("/p"), "text/x", "ä").withField("X-Mine", "m");
        assertEquals("POST /p 2 null null text/x m", http.send(post).text());
        assertEquals("DELETE / 0 null null null null", http.send(Question.of(Method.DELETE, uri(""))).text());
        assertEquals("", http.send(Question.of(Method.HEAD, uri("/h"))).text());
    }

    @Test
    void aRedirectIsFollowedByTheRulesOfItsStatus() throws Exception {
        assertEquals("GET /x 0 null null null null", http.get(uri("/to/302?/x")).text());
        Question post = Question.post(uri("/to/303?/x"), "text/x", "abc");
        assertEquals("GET /x 0 null null null null", http.send(post).text());
        assertEquals("GET /x 0 null null null null", http.send(Question.post(uri("/to/301?/x"), "text/x", "abc")).text());
        assertEquals("POST /x 3 null null text/x null", http.send(Question.post(uri("/to/307?/x"), "text/x", "abc")).text());
        assertEquals("POST /x 3 null null text/x null", http.send(Question.post(uri("/to/308?/x"), "text/x", "abc")).text());
        assertEquals("POST /x 3 null null text/x null", http.send(Question.post(uri("/to/300?/x"), "text/x", "abc")).text());
        assertEquals("PUT /x 1 null null t/x null",
                http.send(Question.of(Method.PUT, uri("/to/302?/x")).withContent("t/x", new byte[1])).text());
        assertEquals(302, http.withRedirectsMax(0).get(uri("/to/302?/x")).status());
        assertEquals(uri("/x"), http.get(uri("/to/302?/x")).uri().toString());
    }

    @Test
    void credentialsStayWithTheirOrigin() throws Exception {
        for (HttpServer to : new HttpServer[] {server, other}) {
            Question question = Question.get(uri("/to/302?" + uri(to, "/x"))).withField("Authorization", "Basic eA==")
                    .withField("Cookie", "a=b").withField("X-Mine", "m");
            String expected = to == server ? "GET /x 0 Basic eA== a=b null m" : "GET /x 0 null null null m";
            assertEquals(expected, http.send(question).text());
        }
    }

    @Test
    void asManyRedirectsAsAllowedAreFollowedAndOneMoreIsTheReply() throws Exception {
        String two = "/to/302?/to/302?/end";  // the query of the first is a redirect itself
        assertEquals("GET /end 0 null null null null", http.withRedirectsMax(2).get(uri(two)).text());
        assertEquals(302, http.withRedirectsMax(1).get(uri(two)).status());
    }

    /// As many questions at once as the client has calls, and one more as soon as one is answered.
    @Test
    void aRedirectNeedsNoSecondCallAndAnAnswerLeavesItsCallFree() throws Exception {
        try (Easy one = Easy.open(ClientConfig.standard().withSize(1, 1, 1, 1))) {
            for (int i = 0; i < 300; i++) {
                assertEquals("GET /x 0 null null null null", one.get(uri("/to/302?/to/307?/x")).text());
            }
            assertEquals(900, one.client().count(Client.Count.CALLS));
            assertEquals(200, one.get(uri("/endless/302?/x")).status());
        }
    }

    @Test
    void aRedirectToWhatIsNotSpokenIsAFailure() {
        FetchException e = assertThrows(FetchException.class, () -> http.get(uri("/to/302?https://example.org/")));
        assertEquals(Failure.NO_TLS, e.failure().orElseThrow());
        assertThrows(FetchException.class, () -> http.get(uri("/to/302?file:///etc/passwd")));
    }

    @Test
    void contentAtItsLimitIsTakenAndOneByteMoreIsTooLarge() throws Exception {
        assertEquals(100_000, http.withContentBytesMax(100_000).get(uri("/large")).bytes().length);
        FetchException e = assertThrows(FetchException.class, () -> http.withContentBytesMax(99_999).get(uri("/large")));
        assertEquals(Optional.of(Failure.TOO_LARGE), e.failure());
        assertEquals(200, http.get(uri("/after")).status());
    }

    @Test
    void aSinkTakesContentAndItsExceptionComesBack() throws Exception {
        ByteArrayOutputStream got = new ByteArrayOutputStream();
        ReplySink sink = new ReplySink() {
            @Override
            public void head(Reply head) {
                got.reset();
            }

            @Override
            public void take(ByteBuffer piece) {
                byte[] bytes = new byte[piece.remaining()];
                piece.get(bytes);
                got.writeBytes(bytes);
            }
        };
        Reply reply = http.send(Question.get(uri("/to/302?/large")), sink);
        assertEquals(0, reply.bytes().length);
        assertArrayEquals(new byte[100_000], got.toByteArray());
        IOException planted = new IOException("planted by the test");
        CompletionException e = assertThrows(CompletionException.class, () -> http.send(Question.get(uri("/large")), new ReplySink() {
            @Override
            public void head(Reply head) {}

            @Override
            public void take(ByteBuffer piece) throws IOException {
                throw planted;
            }
        }));
        assertEquals(planted, e.getCause());
        assertEquals(200, http.get(uri("/after")).status());
    }

    @Test
    void aFutureIsCompletedCancelledOrFails() throws Exception {
        assertEquals(200, http.sendLater(Question.get(uri("/x"))).get().status());
        CompletableFuture<Reply> never = http.sendLater(Question.get(uri("/slow")));
        assertTrue(never.cancel(false));
        Eventually.equal(1, () -> http.client().count(Client.Count.FAILED));
        try (Socket nobody = FreePort.refusing()) {
            Throwable e = Eventually.done(http.sendLater(Question.get("http://127.0.0.1:" + nobody.getLocalPort() + "/")).handle((reply, failed) -> failed));
            assertEquals(Optional.of(Failure.UNREACHABLE), ((FetchException) e).failure());
        }
    }

    @Test
    void aTimeLimitEndsTheWait() {
        FetchException e = assertThrows(FetchException.class, () -> http.withNanosMax(50_000_000L).get(uri("/slow")));
        assertEquals(Optional.of(Failure.TIMED_OUT), e.failure());
    }

    /// Each answer comes in time, and all of them do not.
    @Test
    void aTimeLimitIsOfAllRedirectsTogether() {
        String three = uri("/later/302?/later/302?/later/302?/x");
        FetchException e = assertThrows(FetchException.class, () -> http.withNanosMax(600_000_000L).get(three));
        assertEquals(Optional.of(Failure.TIMED_OUT), e.failure());
    }

    @Test
    void aRedirectWhoseContentHasNoEndIsFollowed() throws Exception {
        assertEquals("GET /x 0 null null null null", http.withNanosMax(30_000_000_000L).get(uri("/endless/302?/x")).text());
        assertEquals("GET /x 0 null null null null", http.withNanosMax(30_000_000_000L).get(uri("/endless/302?/endless/307?/x")).text());
    }

    @Test
    void anInterruptGivesTheCallUp() throws Exception {
        Thread.currentThread().interrupt();
        assertThrows(InterruptedException.class, () -> http.get(uri("/slow")));
        assertFalse(Thread.currentThread().isInterrupted());
        assertEquals(200, http.get(uri("/after")).status());
    }

    @Test
    void whatCannotBeAskedIsTheCallersFault() {
        assertThrows(IllegalArgumentException.class, () -> Question.get("ftp://example.org/"));
        assertThrows(IllegalArgumentException.class, () -> Question.get("example.org"));
        assertThrows(IllegalArgumentException.class, () -> Question.get("http:///x"));
        assertThrows(IllegalArgumentException.class, () -> Question.get("http://user:secret@host/"));
        assertThrows(IllegalArgumentException.class, () -> Question.get("http://host:0/"));
        assertThrows(IllegalArgumentException.class, () -> Question.get("http://host/ä ö"));
        Question question = Question.get("http://host/");
        for (String name : new String[] {"Host", "content-length", "Transfer-Encoding", "a b", "", "x:"}) {
            assertThrows(IllegalArgumentException.class, () -> question.withField(name, "x"), name);
        }
        assertThrows(IllegalArgumentException.class, () -> question.withField("x", "a\r\nEvil: b"));
        int room = ClientConfig.standard().http().sentHeadBytesMax();
        assertThrows(IllegalArgumentException.class, () -> http.send(Question.get(uri("/" + "x".repeat(room)))));
        assertNull(http.client().count(Client.Count.CALLS) == 0 ? null : "asked");
    }

    @Test
    void aHeadThatIsAboutTheLimitIsSent() throws Exception {
        int room = ClientConfig.standard().http().sentHeadBytesMax();
        int most = room;
        while (most > 0) {
            try {
                assertEquals(200, http.send(Question.get(uri("/" + "x".repeat(most)))).status());
                break;
            } catch (IllegalArgumentException e) {
                most--;
            }
        }
        assertTrue(most > room - 300, "longest target that is sent: " + most);
    }
}
