package dev.coffer.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.coffer.server.Client.Response;
import dev.coffer.testkit.Eventually;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Files over real sockets, on both drivers.
class ServerFilesTest {
    private static final String DATE = "Tue, 14 Nov 2023 22:13:20 GMT";  // 1,700,000,000

    @TempDir
    Path temporary;

    private final TurnedClock clock = new TurnedClock();
    private Path root;
    private Server server;

    private Client open(boolean portable) throws IOException {
        root = Files.createDirectories(temporary.resolve("root"));
        write("index.html", "<h1>start</h1>\n".getBytes());
        write("a.txt", "0123456789".getBytes());
        write("empty.css", new byte[0]);
        write("with space.json", "{}".getBytes());
        write("sub/index.html", "<h1>sub</h1>\n".getBytes());
        Files.createDirectories(root.resolve("bare"));
        clock.advanceMillis(10_000);  // so that files which were written just now have been left alone
        server = Setup.standard(root).withPortable(portable).open(clock);
        server.start();
        return new Client(server.address());
    }

    private void write(String name, byte[] content) throws IOException {
        Path file = root.resolve(name);
        Files.createDirectories(file.getParent());
        Files.write(file, content);
        Files.setLastModifiedTime(file, FileTime.from(Instant.ofEpochSecond(1_700_000_000)));
    }

    @AfterEach
    void close() {
        if (server != null) {
            server.close();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void servesFilesOnOneConnection(boolean portable) throws IOException {
        try (Client client = open(portable)) {
            Response a = client.get("/a.txt");
            assertEquals(200, a.status());
            assertEquals("0123456789", a.text());
            assertEquals("text/plain; charset=utf-8", a.field("content-type"));
            assertEquals(DATE, a.field("last-modified"));
            assertEquals("bytes", a.field("accept-ranges"));
            assertEquals("<h1>start</h1>\n", client.get("/").text());
            assertEquals("text/html; charset=utf-8", client.get("/?q=1").field("content-type"));
            assertEquals("<h1>sub</h1>\n", client.get("/sub/").text());
            assertEquals("{}", client.get("/with%20space.json").text());
            Response empty = client.get("/empty.css");
            assertEquals("0", empty.field("content-length"));
            assertEquals("text/css; charset=utf-8", empty.field("content-type"));
            Response head = client.request("HEAD", "/a.txt");
            assertEquals("10", head.field("content-length"));
            assertEquals(a.field("etag"), head.field("etag"));
            Response folder = client.get("/sub?x=%20");
            assertEquals(301, folder.status());
            assertEquals("/sub/?x=%20", folder.field("location"));
            assertEquals(404, client.get("/bare/").status());
            assertEquals(404, client.get("/none").status());
            assertEquals("Not Found\n", client.get("/none").text());
            assertEquals(404, client.get("/a.txt/").status());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void largeFilesArriveWhole(boolean portable) throws IOException {
        byte[] large = new byte[3_000_001];
        new Random(1).nextBytes(large);
        try (Client client = open(portable)) {
            write("large.bin", large);
            assertArrayEquals(large, client.get("/large.bin").body());
            Response part = client.get("/large.bin", "Range: bytes=1000-2500000");
            assertArrayEquals(Arrays.copyOfRange(large, 1000, 2_500_001), part.body());
            client.send("GET /large.bin HTTP/1.1\r\nHost: t\r\n\r\n".repeat(3));  // pipelined
            for (int i = 0; i < 3; i++) {
                assertArrayEquals(large, client.read().body());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void answersRanges(boolean portable) throws IOException {
        try (Client client = open(portable)) {
            String etag = client.get("/a.txt").field("etag");
            Response part = client.get("/a.txt", "Range: bytes=2-4");
            assertEquals(206, part.status());
            assertEquals("234", part.text());
            assertEquals("bytes 2-4/10", part.field("content-range"));
            assertEquals("789", client.get("/a.txt", "Range: bytes=-3").text());
            assertEquals("9", client.get("/a.txt", "Range: bytes=9-").text());
            Response none = client.get("/a.txt", "Range: bytes=10-");
            assertEquals(416, none.status());
            assertEquals("bytes */10", none.field("content-range"));
            assertEquals(200, client.get("/a.txt", "Range: bytes=0-1,4-5").status(), "several are ignored");
            assertEquals(200, client.get("/a.txt", "Range: lines=0-1").status());
            assertEquals(200, client.request("HEAD", "/a.txt", "Range: bytes=0-1").status());
            assertEquals(206, client.get("/a.txt", "Range: bytes=0-1", "If-Range: " + etag).status());
            assertEquals(206, client.get("/a.txt", "Range: bytes=0-1", "If-Range: " + DATE).status());
            assertEquals(200, client.get("/a.txt", "Range: bytes=0-1", "If-Range: \"other\"").status());
            assertEquals(200, client.get("/a.txt", "Range: bytes=0-1", "If-Range: W/" + etag).status());
            assertEquals(200, client.get("/a.txt", "Range: bytes=0-1", "If-Range: *").status());
            assertEquals(200, client.get("/a.txt", "Range: bytes=0-1",
                    "If-Range: Tue, 14 Nov 2023 22:13:21 GMT").status());
            assertEquals(416, client.get("/empty.css", "Range: bytes=0-").status());
            assertEquals(200, client.get("/empty.css", "Range: bytes=-5").status(), "all of it");
            assertEquals(200, client.get("/a.txt", "Range: bytes=0-1", "If-Range: \"x\", " + etag).status(), "no list");
            assertEquals(200, client.get("/a.txt", "Range: bytes=0-1", "If-Range: " + etag, "If-Range: " + etag).status());
            assertEquals(200, client.get("/a.txt", "Range: bytes=0-1", "Range: bytes=0-1").status());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void answersConditions(boolean portable) throws IOException {
        try (Client client = open(portable)) {
            String etag = client.get("/a.txt").field("etag");
            Response same = client.get("/a.txt", "If-None-Match: " + etag);
            assertEquals(304, same.status());
            assertEquals(etag, same.field("etag"));
            assertEquals(DATE, same.field("last-modified"));
            assertEquals(304, client.get("/a.txt", "If-None-Match: \"x\", W/" + etag).status());
            assertEquals(304, client.get("/a.txt", "If-None-Match: *").status());
            assertEquals(200, client.get("/a.txt", "If-None-Match: \"x\"").status());
            assertEquals(304, client.get("/a.txt", "If-Modified-Since: " + DATE).status());
            assertEquals(304, client.request("HEAD", "/a.txt", "If-Modified-Since: " + DATE).status());
            assertEquals(200, client.get("/a.txt", "If-Modified-Since: Tue, 14 Nov 2023 22:13:19 GMT").status());
            assertEquals(200, client.get("/a.txt", "If-Modified-Since: yesterday").status());
            assertEquals(200, client.get("/a.txt", "If-None-Match: \"x\"", "If-Modified-Since: " + DATE).status(),
                    "the tag decides");
            assertEquals(412, client.get("/a.txt", "If-Match: \"x\"").status());
            assertEquals(200, client.get("/a.txt", "If-Match: " + etag).status());
            assertEquals(412, client.get("/a.txt", "If-Match: W/" + etag).status());
            assertEquals(412, client.get("/a.txt", "If-Unmodified-Since: Tue, 14 Nov 2023 22:13:19 GMT").status());
            assertEquals(200, client.get("/a.txt", "If-Unmodified-Since: " + DATE).status());
            assertEquals("0123456789", client.get("/a.txt").text(), "the connection is still in step");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void leadsNobodyOut(boolean portable) throws IOException {
        try (Client client = open(portable)) {
            Path secret = Files.writeString(temporary.resolve("secret"), "TOP SECRET");
            Files.createSymbolicLink(root.resolve("link"), secret);
            Files.createSymbolicLink(root.resolve("up"), temporary);
            Files.createDirectories(root.resolve(".git"));
            Files.writeString(root.resolve(".git/config"), "TOP SECRET");
            String[] paths = {"/../secret", "/..%2fsecret", "/%2e%2e/secret", "/%2e%2e%2fsecret", "/sub/../../secret",
                    "/link", "/up/secret", "/.git/config", "/%2egit/config", "//secret", "/..\\secret", "/%5c..%5csecret",
                    "/a.txt%00.html", "/%00", "/%c0%ae%c0%ae/secret", "/%c0%af../secret", "/sub/.", "/./a.txt",
                    "/%252e%252e/secret", "/..;/secret", "/%ff", "/%", "/%2", secret.toString(), "/" + secret};
            for (String path : paths) {
                Response response = client.get(path);
                assertTrue(response.status() == 400 || response.status() == 404, path + " gave " + response.status());
                assertFalse(response.text().contains("SECRET"), path);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void answersOtherMethodsAndSkipsTheirContent(boolean portable) throws IOException {
        try (Client client = open(portable)) {
            Response options = client.request("OPTIONS", "/a.txt");
            assertEquals(204, options.status());
            assertEquals("GET, HEAD, OPTIONS", options.field("allow"));
            assertNull(options.field("content-length"));
            client.send("POST /a.txt HTTP/1.1\r\nHost: t\r\nContent-Length: 5\r\n\r\nhello");
            Response post = client.read();
            assertEquals(405, post.status());
            assertEquals("GET, HEAD, OPTIONS", post.field("allow"));
            client.send("GET /a.txt HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
            assertEquals("0123456789", client.read().text());
            assertEquals(501, client.request("BREW", "/pot").status());
            assertEquals(200, client.get("/a.txt").status());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aChangedFileShowsWithinASecond(boolean portable) throws IOException {
        try (Client client = open(portable)) {
            String before = client.get("/a.txt").field("etag");
            Path other = Files.writeString(root.resolve("b.txt"), "changed");
            Files.move(other, root.resolve("a.txt"), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
            clock.advanceMillis(1100);  // a name is trusted for a second
            Response after = client.get("/a.txt");
            assertEquals("changed", after.text());
            assertFalse(before.equals(after.field("etag")));
        }
    }

    /// Equal in size and modification time: 304 and 206 would mix two files.
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aFileReplacedByItsDoubleIsAnother(boolean portable) throws IOException {
        try (Client client = open(portable)) {
            String before = client.get("/a.txt").field("etag");
            write("b.txt", "abcdefghij".getBytes());
            Files.move(root.resolve("b.txt"), root.resolve("a.txt"), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
            clock.advanceMillis(1100);
            assertEquals("abcdefghij", client.get("/a.txt", "If-None-Match: " + before).text());
            assertEquals("abcdefghij", client.get("/a.txt", "Range: bytes=5-", "If-Range: " + before).text());
            assertEquals(412, client.get("/a.txt", "If-Match: " + before).status());
            Files.writeString(root.resolve("a.txt"), "ABCDEFGHIJ");  // in place: the same inode
            Files.setLastModifiedTime(root.resolve("a.txt"), FileTime.from(Instant.ofEpochSecond(1_700_000_000)));
            clock.advanceMillis(1100);
            assertEquals("ABCDEFGHIJ", client.get("/a.txt", "If-None-Match: " + before).text());
        }
    }

    /// Deleted, and nobody asks: the space on the disk is free within seconds.
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aDeletedFileIsLetGoThoughNobodyAsks(boolean portable) throws IOException, InterruptedException {
        try (Client client = open(portable)) {
            Path real = root.resolve("a.txt").toRealPath();
            Eventually.holds("held while it is there", () -> {
                assertEquals(200, client.get("/a.txt").status());
                return holds(real.toString());
            });
            Files.delete(real);
            Eventually.holds("let go", () -> !holds(real.toString()) && !holds(real + " (deleted)"));
        }
    }

    private static boolean holds(String file) throws IOException {
        try (var links = Files.list(Path.of("/proc/self/fd"))) {
            return links.anyMatch(link -> {
                try {
                    return Files.readSymbolicLink(link).toString().equals(file);
                } catch (IOException e) {
                    return false;
                }
            });
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void namesOfAnyBytesAndLinksWithinAreServed(boolean portable) throws IOException {
        try (Client client = open(portable)) {
            write("back\\slash/a b\n%.txt", "x".getBytes());
            Files.createSymbolicLink(root.resolve("link.txt"), root.toRealPath().resolve("a.txt"));
            assertEquals("x", client.get("/back%5cslash/a%20b%0A%25.txt").text());
            assertEquals("x", client.get("/back\\slash/a%20b%0a%25.txt").text());
            assertEquals("0123456789", client.get("/link.txt").text());
            assertEquals("/back%5Cslash/?a\\b", client.get("/back\\slash?a\\b").field("location"));
            assertEquals(404, client.get("/%ff%fe").status());
        }
    }

    /// A redirection repeats what was asked for; what does not fit is refused, whichever buffer it would go through.
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aRedirectionThatDoesNotFitIsRefused(boolean portable) throws IOException {
        open(portable).close();
        server.close();
        server = Setup.standard(root).withPortable(portable).withBlocks(0, 1024).open();
        server.start();
        try (Client client = new Client(server.address())) {
            Files.createDirectories(root.resolve("s\\u\\b"));
            int room = 1024 - (32 + 12 + 41 + 20 + 37 + 24 + 2) - "/sub".length() - 2;
            for (int more = -1; more <= 1; more++) {
                int status = client.get("/sub?" + "q".repeat(room + more), "Connection: keep-alive").status();
                assertEquals(more <= 0 ? 301 : 414, status, "query of " + (room + more));
                int encoded = client.get("/s\\u\\b?" + "q".repeat(room - 6 + more), "Connection: keep-alive").status();
                assertEquals(more <= 0 ? 301 : 414, encoded, "a backslash is %5C there: two more octets each, and one of its own");
            }
            assertEquals(414, client.get("/sub?" + "q".repeat(8000)).status());
            assertEquals(404, client.get("/none?" + "q".repeat(8000)).status());
            client.send("GET /sub?" + "q".repeat(room) + " HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
            assertEquals(301, client.read().status());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void answersTheLedgerToThisMachine(boolean portable) throws IOException {
        try (Client client = open(portable)) {
            client.get("/a.txt");
            Response response = client.get("/-/ledger.json");
            assertEquals("application/json", response.field("content-type"));
            assertEquals("no-store", response.field("cache-control"));
            JsonObject ledger = JsonParser.parseString(response.text()).getAsJsonObject();
            long plan = server.plan().totalBytes();
            assertEquals(plan, ledger.get("planBytes").getAsLong());
            assertEquals(plan, ledger.get("regionBytes").getAsLong());
            long used = ledger.get("usedBytes").getAsLong();
            long peak = ledger.get("peakBytes").getAsLong();
            assertTrue(0 < used && used <= peak && peak <= plan, used + " used, " + peak + " peak");
            assertEquals(2, ledger.get("requests").getAsLong());
            assertEquals(1, ledger.get("connectionsAccepted").getAsLong());
            assertEquals(1, ledger.getAsJsonArray("tree").size());
            assertEquals(200, client.get("/-/ledger.json").status(), "the page is free again");
            assertEquals(404, client.get("/-/").status());
            for (String host : new String[] {"LOCALHOST:8080", "127.0.0.1:1", "127.1.2.3", "[::1]", "[::1]:80"}) {
                client.send("GET /-/ledger.json HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
                assertEquals(200, client.read().status(), host);
            }
            // a name that was made to point here is a stranger's, in the field or in the target
            for (String host : new String[] {"example.com", "127.0.0.1.example.com", "localhost.example.com", "", "128.0.0.1",
                    "[::2]", "10.0.0.127", "localhosts"}) {
                client.send("GET /-/ledger.json HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
                assertEquals(404, client.read().status(), host);
            }
            assertEquals(404, client.get("http://example.com/-/ledger.json").status());
        }
    }
}
