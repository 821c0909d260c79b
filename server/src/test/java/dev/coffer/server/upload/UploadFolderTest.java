package dev.coffer.server.upload;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.http.Limits;
import dev.coffer.http.http1.Http1Config;
import dev.coffer.server.Client;
import dev.coffer.server.Client.Response;
import dev.coffer.server.Server;
import dev.coffer.server.ServerConfig;
import dev.coffer.server.Site;
import dev.coffer.server.route.Route;
import dev.coffer.server.route.Router;
import dev.coffer.testkit.Eventually;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Files that clients send, over real sockets.
@Timeout(600)
class UploadFolderTest {
    private static final int MAX = 2 << 20;

    @TempDir
    Path folder;

    private Server server;

    private Client serve(UploadFolder uploads) throws IOException {
        Site site = Router.of(Route.put("/files/{name}", uploads), Route.put("/hasty/{name}", uploads).withLimits(MAX, 50_000_000L),
                Route.put("/none", uploads), Route.get("/", exchange -> exchange.respond(200)));
        server = Server.open(ServerConfig.standard().withHttp(Http1Config.defaults().withLimits(Limits.defaults().withBodyBytesMax(MAX + 10))), site);
        server.start();
        return new Client(server.address());
    }

    private Client serve() throws IOException {
        return serve(UploadFolder.of(folder, MAX));
    }

    @AfterEach
    void close() {
        if (server != null) {
            server.close();
        }
    }

    private static String put(String name, String content) {
        return "PUT /files/" + name + " HTTP/1.1\r\nHost: t\r\nContent-Length: " + content.length() + "\r\n\r\n" + content;
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    /// Waits until no partial file is left: an exchange's end follows its answer.
    private void settled(String... expected) {
        Eventually.equal(List.of(expected), this::names);
    }

    @Test
    void aFileArrivesWholeHoweverItIsSent() throws Exception {
        try (Client client = serve()) {
            assertEquals(201, client.send(put("a.txt", "hello")).read().status());
            assertEquals("hello", Files.readString(folder.resolve("a.txt")));
            assertEquals(201, client.send(put("empty", "")).read().status());
            assertEquals(0, Files.size(folder.resolve("empty")));
            client.send("PUT /files/%C3%A9%20x HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
            client.send("2\r\nde\r\n0\r\n\r\n");
            assertEquals(201, client.read().status());
            assertEquals("abcde", Files.readString(folder.resolve("\u00e9 x")));
            byte[] large = new byte[MAX];
            new Random(1).nextBytes(large);
            client.send(put("large", new String(large, StandardCharsets.ISO_8859_1)));
            assertEquals(201, client.read().status(), "at the limit");
            assertArrayEquals(large, Files.readAllBytes(folder.resolve("large")));
            client.send("PUT /files/asked HTTP/1.1\r\nHost: t\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
            assertEquals(100, client.read().status());
            assertEquals(201, client.send("ok").read().status());
            settled("a.txt", "asked", "empty", "large", "\u00e9 x");
        }
    }

    @Test
    void whatExistsIsRefusedOrReplacedAsTold() throws Exception {
        Files.writeString(folder.resolve("there"), "old");
        Files.createDirectory(folder.resolve("sub"));
        Path outside = Files.writeString(folder.resolve("target"), "kept");
        Files.createSymbolicLink(folder.resolve("link"), outside);
        try (Client client = serve()) {
            assertEquals(409, client.send(put("there", "new")).read().status());
            assertEquals(409, client.send(put("sub", "new")).read().status());
            assertEquals(409, client.send(put("link", "new")).read().status());
            assertEquals("old", Files.readString(folder.resolve("there")));
            client.send("PUT /files/raced HTTP/1.1\r\nHost: t\r\nContent-Length: 5\r\n\r\nab");
            Eventually.holds("a partial file", () -> names().stream().anyMatch(name -> name.endsWith(".partial")));
            Files.writeString(folder.resolve("raced"), "first");
            assertEquals(409, client.send("cde").read().status(), "it appeared meanwhile, and stays");
            assertEquals("first", Files.readString(folder.resolve("raced")));
        }
        server.close();
        try (Client client = serve(UploadFolder.of(folder, MAX).withReplacement())) {
            client.send(put("there", "new") + "GET / HTTP/1.1\r\nHost: t\r\n\r\n");
            assertEquals(204, client.read().status());
            assertEquals(200, client.read().status());
            assertEquals("new", Files.readString(folder.resolve("there")));
            assertEquals(409, client.send(put("sub", "new")).read().status());
            client.send(put("link", "new"));
            assertEquals(204, client.read().status());
            assertEquals("kept", Files.readString(outside), "a link is not followed");
            assertFalse(Files.isSymbolicLink(folder.resolve("link")));
            assertEquals(201, client.send(put("fresh", "new")).read().status());
        }
        settled("fresh", "link", "raced", "sub", "target", "there");
    }

    @Test
    void namesThatAreNoneOrLeadElsewhereAreRefused() throws Exception {
        try (Client client = serve()) {
            for (String name : List.of(".hidden", ".coffer-1-0.partial", "%2e%2e", "a%2fb", "%2fetc%2fx", "..%2fx", "a%5cb", "a%00b", "a%0ab", "a%7fb",
                    "%ff", "%c0%af", "%zz", "a".repeat(256))) {
                assertEquals(400, client.send(put(name, "x")).read().status(), name);
            }
            assertEquals(201, client.send(put("a".repeat(255), "x")).read().status());
            assertEquals(500, client.send(put("x", "y").replace("/files/x", "/none")).read().status(), "the route's fault");
            assertEquals(1, names().size());
        }
    }

    @Test
    void whatIsCutTooLongOrTooLateLeavesNothing() throws Exception {
        try (Client client = serve()) {
            client.send("PUT /files/long HTTP/1.1\r\nHost: t\r\nContent-Length: " + (MAX + 1) + "\r\n\r\n");
            assertEquals(413, client.read().status());
        }
        try (Client client = new Client(server.address())) {
            client.send("PUT /files/chunks HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n");
            String chunk = "10000\r\n" + "x".repeat(0x10000) + "\r\n";
            for (int i = 0; i < MAX / 0x10000; i++) {
                client.send(chunk);
            }
            client.send("1\r\nx\r\n0\r\n\r\n");
            assertEquals(413, client.read().status());
        }
        try (Client client = new Client(server.address())) {
            client.send("PUT /files/cut HTTP/1.1\r\nHost: t\r\nContent-Length: 10\r\n\r\nabc");
            Eventually.holds("a partial file", () -> !names().isEmpty());
        }
        settled();
        try (Client client = new Client(server.address())) {
            client.send("PUT /hasty/late HTTP/1.1\r\nHost: t\r\nContent-Length: 10\r\n\r\nabc");
            assertEquals(408, client.read().status());
        }
        settled();
        try (Client client = new Client(server.address())) {
            client.send("PUT /files/stopped HTTP/1.1\r\nHost: t\r\nContent-Length: 10\r\n\r\nabc");
            Eventually.holds("a partial file", () -> !names().isEmpty());
            server.stop();
        }
        server.close();
        settled();
    }

    @Test
    void moreUploadsThanAllowedAre503AndOthersGoOn() throws Exception {
        try (Client client = serve(UploadFolder.of(folder, MAX).withUploads(1)); Client other = new Client(server.address())) {
            client.send("PUT /files/one HTTP/1.1\r\nHost: t\r\nContent-Length: 5\r\n\r\nab");
            Eventually.holds("a partial file", () -> !names().isEmpty());
            Response busy = other.send(put("two", "x")).read();
            assertEquals(503, busy.status());
            assertEquals("1", busy.field("retry-after"));
            assertEquals(200, other.get("/").status());
            assertEquals(201, client.send("cde").read().status());
            assertEquals(201, other.send(put("two", "x")).read().status(), "there is room again");
        }
        settled("one", "two");
    }

    @Test
    void aDiskThatFailsIs500AndAFolderThatIsNotThereIsRefusedAtTheStart() throws Exception {
        assertThrows(NotDirectoryException.class, () -> Server.open(ServerConfig.standard(), Router.of(
                Route.put("/{name}", UploadFolder.of(folder.resolve("none"), 1)))));
        Path sub = Files.createDirectory(folder.resolve("sub"));
        try (Client client = serve(UploadFolder.of(sub, MAX))) {
            Files.delete(sub);
            assertEquals(500, client.send(put("x", "y")).read().status());
            assertEquals(200, client.get("/").status());
            Files.createDirectory(sub);
            assertEquals(201, client.send(put("x", "y")).read().status());
        }
        assertThrows(IllegalArgumentException.class, () -> UploadFolder.of(folder, -1));
        assertThrows(IllegalArgumentException.class, () -> UploadFolder.of(folder, 1).withUploads(0));
        assertTrue(UploadFolder.of(folder, 0).uploads() > 0);
    }
}
