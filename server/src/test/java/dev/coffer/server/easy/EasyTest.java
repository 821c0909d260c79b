package dev.coffer.server.easy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.coffer.http.Method;
import dev.coffer.server.Client;
import dev.coffer.server.Client.Response;
import dev.coffer.server.LoopStatistics.Count;
import dev.coffer.server.Server;
import dev.coffer.server.ServerConfig;
import dev.coffer.server.Site;
import dev.coffer.server.route.Route;
import dev.coffer.server.route.Router;
import dev.coffer.testkit.Eventually;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Lambdas that answer, over real sockets.
@Timeout(600)
class EasyTest {
    private Server server;

    private Client serve(Site site) throws IOException {
        return serve(ServerConfig.standard(), site);
    }

    private Client serve(ServerConfig config, Site site) throws IOException {
        server = Server.open(config, site);
        server.start();
        return new Client(server.address());
    }

    @AfterEach
    void close() {
        if (server != null) {
            server.close();
        }
    }

    private static dev.coffer.server.easy.Response text(String text) {
        return dev.coffer.server.easy.Response.text(text);
    }

    @Test
    void anEchoIsOneLineHoweverItsContentComes() throws Exception {
        try (Client client = serve(Router.of(Route.post("/echo", Easy.answering(request -> text(request.text())))))) {
            assertEquals("", client.request("POST", "/echo").text());
            client.send("POST /echo HTTP/1.1\r\nHost: t\r\nContent-Length: 7\r\n\r\nh\u00c3\u00a9");
            client.send("llo");
            client.send("\nPOST /echo HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
            assertEquals("h\u00e9llo\n", client.read().text());
            assertEquals("abcde", client.read().text());
            String large = "0123456789".repeat(30_000);
            client.send("POST /echo HTTP/1.1\r\nHost: t\r\nContent-Length: 300000\r\n\r\n" + large);
            assertEquals(large, client.read().text());
            assertEquals(405, client.get("/echo").status());
        }
    }

    /// A chat is a site as its hub is: what that asks of a loop is asked, and a text goes round.
    @Test
    void aChatSaysBackWhatItHears() throws Exception {
        BlockingQueue<String> heard = new LinkedBlockingQueue<>();
        Chat chat = Chat.answering((talker, text) -> talker.send(text + ", " + text));
        serve(chat).close();
        try (HttpClient client = HttpClient.newHttpClient()) {
            WebSocket socket = Eventually.done(client.newWebSocketBuilder()
                    .buildAsync(URI.create("ws://localhost:" + server.address().getPort() + "/"), new WebSocket.Listener() {
                        @Override
                        public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
                            heard.add(data.toString());
                            from.request(1);
                            return null;
                        }
                    }));
            Eventually.done(socket.sendText("h\u00e9", true));
            assertEquals("h\u00e9, h\u00e9", Eventually.found("an answer", heard::poll));
            chat.broadcast("news");
            assertEquals("news", Eventually.found("the news", heard::poll));
            assertEquals(1, chat.talkers());
            socket.abort();
        }
    }

    @Test
    void contentAtItsLimitIsTakenAndOneByteMoreIs413() throws Exception {
        try (Client client = serve(Easy.answering(request -> text("" + request.bytes().length)).withContentBytesMax(5))) {
            client.send("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 5\r\n\r\n12345");
            assertEquals("5", client.read().text());
            client.send("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 6\r\n\r\n123456");
            assertEquals(413, client.read().status());
            client.send("POST / HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n6\r\n123456\r\n0\r\n\r\n");
            assertEquals(413, client.read().status());
        }
    }

    @Test
    void aRequestIsReadDecoded() throws Exception {
        try (Client client = serve(Router.of(Route.of((Method) null, "/{a}/{rest*}", Easy.answering(request -> text(String.join("|", request.method(),
                request.path(), request.parameter("a"), request.parameter("rest"), request.query("q").orElse("none"),
                request.queries("r").toString(), request.header("X-Name").orElse("none"), request.headers("x-list").toString(),
                request.rawQuery(), request.peer()))))))) {
            assertEquals("GET|/x y/b/\u00e9|x y|b/\u00e9|1 2+|[, a=b, c]|none|[]|q=1+2%2B&r&q=3&r=a%3Db&r=c|127.0.0.1",
                    client.get("/x%20y/b/%C3%A9?q=1+2%2B&r&q=3&r=a%3Db&r=c").text());
            assertEquals("BREW|/a/%zz|a|%zz|none|[]|v|[1, 2]||127.0.0.1".replace("%zz", "+"),
                    client.request("BREW", "/a/+", "X-Name: v", "X-List: 1", "X-LIST: 2").text().replace("%zz", "+"));
            assertEquals("%zz", client.get("/a/b?q=%zz").text().split("\\|")[4], "as it was sent");
        }
    }

    private static dev.coffer.server.easy.Response kind(Request request) {
        return switch (request.path()) {
            case "/json" -> dev.coffer.server.easy.Response.json("{\"a\":1}");
            case "/html" -> dev.coffer.server.easy.Response.html("<p>");
            case "/bytes" -> dev.coffer.server.easy.Response.bytes("image/x", new byte[] {1, 2, 3});
            case "/created" -> text("new").withStatus(201).withField("X-A", "b").withField("x-a", "c").withField("Content-Type", "a/b");
            case "/none" -> dev.coffer.server.easy.Response.status(204);
            case "/gone" -> dev.coffer.server.easy.Response.status(410);
            default -> dev.coffer.server.easy.Response.redirect("/json?a=b").withStatus(307);
        };
    }

    @Test
    void aResponseIsTextJsonBytesAStatusOrARedirection() throws Exception {
        try (Client client = serve(Easy.answering(EasyTest::kind))) {
            assertEquals("application/json", client.get("/json").field("content-type"));
            assertEquals("{\"a\":1}", client.get("/json").text());
            assertEquals("text/html; charset=utf-8", client.get("/html").field("content-type"));
            assertEquals(3, client.get("/bytes").body().length);
            client.send("GET /created HTTP/1.1\r\nHost: t\r\n\r\n");
            assertThrows(IOException.class, client::read, "x-a stands there twice, as was asked for");
        }
        try (Client client = new Client(server.address())) {
            client.send("GET /none HTTP/1.1\r\nHost: t\r\n\r\n");
            Response none = client.read();
            assertEquals(204, none.status());
            assertFalse(none.fields().containsKey("content-type"));
            assertEquals("Gone\n", client.get("/gone").text());
            Response moved = client.get("/");
            assertEquals(307, moved.status());
            assertEquals("/json?a=b", moved.field("location"));
            Response head = client.request("HEAD", "/json");
            assertEquals("7", head.field("content-length"));
            assertEquals(200, client.get("/json").status(), "nothing followed the head");
        }
    }

    @Test
    void aResponseThatCannotBeSentIsRefusedWhereItIsMade() {
        for (String name : new String[] {"", "a b", "a:b", "x\r\ny", "Content-Length", "transfer-encoding", "Connection", "Date", "\u00e9"}) {
            assertThrows(IllegalArgumentException.class, () -> text("").withField(name, "v"), name);
        }
        for (String value : new String[] {"a\r\nb", "\n", "\0", "\u00e9", "\u007f"}) {
            assertThrows(IllegalArgumentException.class, () -> text("").withField("x", value));
        }
        text("").withField("X", "a\tb ~");
        assertThrows(IllegalArgumentException.class, () -> dev.coffer.server.easy.Response.status(199));
        assertThrows(IllegalArgumentException.class, () -> dev.coffer.server.easy.Response.status(1000));
        assertThrows(IllegalArgumentException.class, () -> Easy.answering(EasyTest::kind).withContentBytesMax(-1));
        assertThrows(IllegalArgumentException.class, () -> Easy.answering(EasyTest::kind).withVirtualThreads(0));
    }

    @Test
    void aHeadAtItsLimitIsSentAndALargerOneIs500HoweverManyBuffersAreFree() throws Exception {
        int most = ServerConfig.standard().http().sentHeadBytesMax();
        int others = 17 + "content-length: 4\r\n".length() + 37 + 2 + "content-type".length() + "text/plain; charset=utf-8".length() + 4 + "x".length() + 4;
        for (int blocks : new int[] {0, 4}) {
            try (Client client = serve(ServerConfig.standard().withBlocks(blocks, 1 << 16), Easy.answering(request -> text("fine")
                    .withField("x", "v".repeat(most - others + (request.path().equals("/more") ? 1 : 0)))))) {
                assertEquals("fine", client.get("/").text());
                assertEquals(500, client.get("/more").status());
                assertEquals("fine", client.get("/").text());
            }
            server.close();
        }
    }

    private static dev.coffer.server.easy.Response failing(Request request) throws Exception {
        return switch (request.path()) {
            case "/checked" -> throw new IOException("secret");
            case "/unchecked" -> throw new IllegalStateException("secret");
            case "/error" -> throw new StackOverflowError();
            case "/null" -> null;
            case "/parameter" -> text(request.parameter("none"));
            default -> text("fine");
        };
    }

    @Test
    void whateverALambdaThrowsIs500OnEitherKindOfThread() throws Exception {
        for (Easy easy : new Easy[] {Easy.answering(EasyTest::failing), Easy.answering(EasyTest::failing).withVirtualThreads(1)}) {
            try (Client client = serve(easy)) {
                int failed = 0;
                for (String path : new String[] {"/checked", "/unchecked", "/error", "/null", "/parameter"}) {
                    assertEquals(500, client.get(path).status(), path);
                    assertEquals(++failed, server.count(Count.FAILED));
                    assertEquals("fine", client.get("/").text());
                }
            }
            server.close();
        }
    }

    @Test
    void virtualThreadsMayWaitAndOneMoreThanAllowedIs503() throws Exception {
        Semaphore go = new Semaphore(0);
        CountDownLatch in = new CountDownLatch(2);
        try (Client client = serve(Easy.answering(request -> {
            if (request.path().equals("/wait")) {
                in.countDown();
                go.acquire();
            }
            return text(Thread.currentThread().isVirtual() + " " + request.path());
        }).withVirtualThreads(2)); Client other = new Client(server.address()); Client third = new Client(server.address())) {
            assertEquals("true /", third.get("/").text());
            client.send("GET /wait HTTP/1.1\r\nHost: t\r\n\r\n");
            other.send("GET /wait HTTP/1.1\r\nHost: t\r\n\r\n");
            Eventually.open(in);
            Response busy = third.get("/");
            assertEquals(503, busy.status());
            assertEquals("1", busy.field("retry-after"));
            go.release(2);
            assertEquals("true /wait", client.read().text());
            assertEquals("true /wait", other.read().text());
            assertEquals("true /", third.get("/").text(), "its place is free before its answer is heard");
        }
    }

    @Test
    void anAnswerAfterThePeerHasGoneOrTheTimeIsOverComesToNothing() throws Exception {
        Semaphore go = new Semaphore(0);
        CountDownLatch done = new CountDownLatch(3);
        Site waiting = Easy.answering(request -> {
            go.acquire();
            done.countDown();
            return text("late");
        }).withVirtualThreads(3);
        Client client = serve(ServerConfig.standard().withTimes(60_000_000_000L, 1_000_000_000L, 100_000_000L),
                Router.of(Route.get("/", waiting), Route.get("/hasty", waiting).withLimits(0, 50_000_000)));
        client.send("GET / HTTP/1.1\r\nHost: t\r\n\r\n");
        try (Client other = new Client(server.address()); Client staying = new Client(server.address())) {
            assertEquals(503, other.get("/hasty").status());
            staying.send("GET / HTTP/1.1\r\nHost: t\r\n\r\n");
            Eventually.equal(3, () -> server.count(Count.REQUESTS));
            client.close();
            go.release(1);
            assertEquals(503, other.get("/hasty").status(), "others are served");
            server.close();     // with two waiting: past its patience it ends all the same
            go.release(10);
            Eventually.open(done);
            assertEquals(0, server.count(Count.FAILED));
        }
    }
}
