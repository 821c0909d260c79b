package dev.coffer.server.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.http.Method;
import dev.coffer.http.Status;
import dev.coffer.server.Client;
import dev.coffer.server.Client.Response;
import dev.coffer.server.ContentSink;
import dev.coffer.server.Exchange;
import dev.coffer.server.Handler;
import dev.coffer.server.MediaType;
import dev.coffer.server.Server;
import dev.coffer.server.ServerConfig;
import dev.coffer.server.Site;
import dev.coffer.server.files.FileSite;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Routes over real sockets.
@Timeout(600)
class RouterTest {
    private Server server;

    private Client serve(Route... routes) throws IOException {
        server = Server.open(ServerConfig.standard(), Router.of(routes));
        server.start();
        return new Client(server.address());
    }

    @AfterEach
    void close() {
        if (server != null) {
            server.close();
        }
    }

    /// Answers with its name, what is left of the path, and the parameters, decoded.
    private static Handler telling(String name) {
        return exchange -> {
            StringBuilder text = new StringBuilder(name).append(' ').append(text(exchange, exchange.pathAt(), exchange.pathLength()));
            for (int i = 0; i < exchange.parameters(); i++) {
                int length = Percent.decode(exchange.request().segment(), exchange.parameterAt(i), exchange.parameterLength(i),
                        exchange.scratch(), exchange.scratchAt(), Exchange.SCRATCH_BYTES);
                byte[] value = new byte[length];
                MemorySegment.ofArray(value).copyFrom(exchange.scratch().asSlice(exchange.scratchAt(), length));
                text.append(' ').append(new String(value, StandardCharsets.UTF_8));
            }
            byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
            exchange.respond(Status.OK, MediaType.TEXT, MemorySegment.ofArray(bytes), 0, bytes.length);
        };
    }

    private static String text(Exchange exchange, long at, int length) {
        return new String(exchange.request().segment().asSlice(at, length).toArray(ValueLayout.JAVA_BYTE),
                StandardCharsets.US_ASCII);
    }

    @Test
    void aRequestGoesToItsRouteWithItsParametersDecodedOnDemand() throws Exception {
        try (Client client = serve(Route.get("/", telling("root")), Route.get("/users/{id}/posts/{post}", telling("post")),
                Route.get("/users/me/posts/{post}", telling("mine")), Route.get("/files/{rest*}", telling("rest")))) {
            assertEquals("root /", client.get("/").text());
            assertEquals("root /?", client.get("/?q=/users").text() + "?");
            assertEquals("post /users/%C3%A9%20%2f/posts/7 \u00e9 / 7", client.get("/users/%C3%A9%20%2f/posts/7").text());
            assertEquals("mine /users/%6de/posts/7 7", client.get("/users/%6de/posts/7").text());
            assertEquals("rest /files/ ", client.get("/files/").text());
            assertEquals("rest /files/a//b/%25 a//b/%", client.get("/files/a//b/%25").text());
            for (String path : List.of("/users", "/users/", "/users//posts/7", "/users/1/posts/", "/files", "/Files/a", "//")) {
                assertEquals(404, client.get(path).status(), path);
            }
            client.send("GET http://localhost HTTP/1.1\r\nHost: localhost\r\n\r\n");
            assertEquals("root ", client.read().text(), "an empty path is the root");
        }
    }

    @Test
    void aPathThatCanBeReadInTwoWaysIs400() throws Exception {
        try (Client client = serve(Route.of(null, "/{all*}", telling("all")))) {
            for (String path : List.of("/%", "/%4", "/%4g", "/a/%zz", "/%00", "/.", "/..", "/a/../b", "/a/./b", "/a/..", "/%2e",
                    "/%2E.", "/a/.%2e/b", "/a/%2e%2e")) {
                assertEquals(400, client.get(path).status(), path);
            }
            for (String path : List.of("/...", "/.a", "/a.", "/..a/b", "/%2e%2e%2e", "/a/.b/..c")) {
                assertEquals(200, client.get(path).status(), path);
            }
        }
    }

    @Test
    void methodsThatNoRouteHasAreToldWhichOnesThereAre() throws Exception {
        try (Client client = serve(Route.get("/a", telling("get")), Route.post("/a", telling("post")),
                Route.delete("/{x}", telling("delete")), Route.of(Method.HEAD, "/h", telling("head")),
                Route.of(Method.OPTIONS, "/o", telling("options")))) {
            Response refused = client.request("PUT", "/a");
            assertEquals(405, refused.status());
            assertEquals("GET, HEAD, POST, DELETE, OPTIONS", refused.field("allow"));
            assertEquals("delete /a a", client.request("DELETE", "/a").text(), "the next pattern has the method");
            Response head = client.request("HEAD", "/a");
            assertEquals(200, head.status());
            assertEquals("6", head.field("content-length"));
            assertEquals("", head.text());
            assertEquals("DELETE, OPTIONS", client.request("HEAD", "/b").field("allow"));
            assertEquals("HEAD, DELETE, OPTIONS", client.get("/h").field("allow"));
            assertEquals(501, client.request("BREW", "/a").status());
            assertEquals(404, client.request("BREW", "/a/b").status());
            assertEquals(404, client.request("OPTIONS", "/a/b").status());
            assertEquals("options /o", client.request("OPTIONS", "/o").text());
            client.send("OPTIONS /a HTTP/1.1\r\nHost: t\r\n\r\n");
            Response options = client.read();
            assertEquals(204, options.status());
            assertEquals("GET, HEAD, POST, DELETE, OPTIONS", options.field("allow"));
            client.send("OPTIONS * HTTP/1.1\r\nHost: t\r\n\r\n");
            assertEquals("GET, HEAD, POST, DELETE, OPTIONS", client.read().field("allow"));
            assertNull(client.get("/a").field("allow"));
        }
    }

    @Test
    void aRouteHasLimitsOfItsOwn() throws Exception {
        try (Client client = serve(Route.post("/small", telling("small")).withLimits(3, 0),
                Route.get("/late", Exchange::later).withLimits(Long.MAX_VALUE, 50_000_000),
                Route.under("/deep/", Router.of(Route.post("/small", telling("small")).withLimits(2, 0))))) {
            client.send("POST /small HTTP/1.1\r\nHost: t\r\nContent-Length: 3\r\n\r\nabc");
            assertEquals(200, client.read().status());
            client.send("POST /small HTTP/1.1\r\nHost: t\r\nContent-Length: 4\r\n\r\nabcd");
            assertEquals(413, client.read().status());
            client.send("POST /deep/small HTTP/1.1\r\nHost: t\r\nContent-Length: 3\r\n\r\nabc");
            assertEquals(413, client.read().status());
            assertEquals(503, client.get("/late").status());
        }
    }

    @Test
    void aMountsLimitHoldsBelowItWhereARouteThereSaysAnotherOrNone() throws Exception {
        try (Client client = serve(
                Route.under("/time/", Router.of(Route.post("/a", Exchange::later).withLimits(2, 0), Route.post("/b", Exchange::later)))
                        .withLimits(Long.MAX_VALUE, 50_000_000),
                Route.under("/size/", Router.of(Route.post("/a", exchange -> exchange.receive(new Whole(), 100)).withLimits(50, 3_600_000_000_000L)))
                        .withLimits(3, 0),
                Route.under("/longer/", Router.of(Route.post("/a", telling("a")).withLimits(Long.MAX_VALUE, Long.MAX_VALUE - 1)))
                        .withLimits(Long.MAX_VALUE, 1))) {
            assertEquals(503, client.request("POST", "/time/a").status(), "its size says nothing of its time");
            assertEquals(503, client.request("POST", "/time/b").status());
            client.send("POST /time/a HTTP/1.1\r\nHost: t\r\nContent-Length: 3\r\n\r\nabc");
            assertEquals(413, client.read().status());
            String chunked = "POST /size/a HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n";
            client.send(chunked + "3\r\nabc\r\n0\r\n\r\n");
            assertEquals(200, client.read().status());
            client.send("POST /size/a HTTP/1.1\r\nHost: t\r\nContent-Length: 4\r\n\r\nabcd");
            assertEquals(413, client.read().status());
            client.send(chunked + "4\r\nabcd\r\n0\r\n\r\n");
            assertEquals(413, client.read().status(), "however it is framed");
            assertEquals(200, client.request("POST", "/longer/a").status(), "of the time the inner one counts");
        }
    }

    /// Takes all content.
    private static final class Whole implements ContentSink {
        @Override
        public long take(Exchange exchange, MemorySegment content, long at, long length) {
            return length;
        }

        @Override
        public void end(Exchange exchange) {
            exchange.respond(Status.OK);
        }
    }

    @Test
    void filesAndRoutersAreMountedBelowAPrefix(@TempDir Path root) throws Exception {
        Files.writeString(root.resolve("a.txt"), "hello");
        Files.createDirectory(root.resolve("sub"));
        Files.writeString(root.resolve("sub/index.html"), "index");
        try (Client client = serve(Route.under("/static/", FileSite.of(root, 8)), Route.under("/more/{user}/", FileSite.of(root, 8)),
                Route.get("/static/own", telling("own")),
                Route.under("/api/{version}/", Router.of(Route.get("/", telling("top")), Route.get("/users/{id}", telling("user")))))) {
            assertEquals("hello", client.get("/static/a.txt").text());
            assertEquals("index", client.get("/static/sub/").text());
            assertEquals("/static/sub/", client.get("/static/sub").field("location"));
            assertEquals("own /static/own", client.get("/static/own").text());
            assertEquals("hello", client.get("/more/me/a.txt").text());
            assertEquals("top / v1", client.get("/api/v1/").text());
            assertEquals("user /users/7 v1 7", client.get("/api/v1/users/7").text());
            assertEquals(404, client.get("/static").status());
            assertEquals(404, client.get("/api/v1/none").status());
            assertEquals(400, client.get("/static/../a.txt").status());
            assertTrue(server.ledger().snapshot().toJson().contains("site 1 static files"), "each has rows of its own");
            assertEquals(server.plan().totalBytes(), server.regions().stream().mapToLong(region -> region.plan().totalBytes()).sum());
        }
    }

    @Test
    void aRouterIsFittedToTheDescriptorsThatThereAre(@TempDir Path root) {
        Site router = Router.of(Route.under("/a/", FileSite.of(root, 20)), Route.under("/b/", FileSite.of(root, 30)));
        assertEquals(23 + 33, router.descriptors());
        assertEquals(11 + 11, router.descriptorsMin());
        assertEquals(40, router.withDescriptors(40).descriptors());
        assertEquals(22, router.withDescriptors(22).descriptors());
    }
}
