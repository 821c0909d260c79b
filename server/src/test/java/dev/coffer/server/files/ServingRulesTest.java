package dev.coffer.server.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.http.http1.Http1Config;
import dev.coffer.server.Client;
import dev.coffer.server.Client.Response;
import dev.coffer.server.FixedFields;
import dev.coffer.server.Server;
import dev.coffer.server.ServerConfig;
import dev.coffer.server.TurnedClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What a folder's site does beside its files: pages in place of others, siblings, fields. Over real sockets.
class ServingRulesTest {
    private static final FileTime OLD = FileTime.from(Instant.ofEpochSecond(1_700_000_000));
    private static final String HTML = "Accept: text/html,application/xhtml+xml,*/*;q=0.8";

    @TempDir
    Path root;

    private final TurnedClock clock = new TurnedClock();
    private Server server;

    private Client open(boolean portable, UnaryOperator<FileSite> with) throws IOException {
        FileSite site = with.apply(FileSite.of(root, 16));
        server = clock.open(ServerConfig.standard().withLongerHeads(site.headBytes()).withPortable(portable), site);
        server.start();
        return new Client(server.address());
    }

    @AfterEach
    void close() {
        if (server != null) {
            server.close();
        }
    }

    private void write(String name, String text) throws IOException {
        Path file = root.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
        Files.setLastModifiedTime(file, OLD);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aPageOfOnesOwnSaysThatAFileIsMissing(boolean portable) throws IOException {
        write("errors/404.html", "<p>gone");
        write("a.txt", "0123456789");
        try (Client client = open(portable, site -> site.withNotFoundPage("/errors/404.html"))) {
            for (String path : new String[] {"/none", "/a.txt/b", "/errors/", "/.git/config"}) {
                Response missing = client.get(path, "Range: bytes=0-1", "If-None-Match: *");
                assertEquals(404, missing.status(), path);
                assertEquals("<p>gone", missing.text());
                assertEquals("text/html; charset=utf-8", missing.field("content-type"));
                assertNull(missing.field("etag"));
                assertNull(missing.field("accept-ranges"));
            }
            Response head = client.request("HEAD", "/none");
            assertEquals(404, head.status());
            assertEquals("7", head.field("content-length"));
            assertEquals(400, client.get("/%zz").status());
            assertEquals("Bad Request\n", client.get("/%zz").text(), "other statuses keep their words");
            assertEquals(405, client.request("POST", "/none").status());
            assertEquals(200, client.get("/errors/404.html").status(), "asked for by its name it is a page like others");
            assertEquals("0123456789", client.get("/a.txt").text());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aPageThatIsGoneLaterLeavesTheWords(boolean portable) throws IOException {
        write("404.html", "<p>gone");
        try (Client client = open(portable, site -> site.withNotFoundPage("404.html"))) {
            assertEquals("<p>gone", client.get("/x").text());
            Files.delete(root.resolve("404.html"));
            clock.advanceMillis(1100);  // a name is trusted for a second
            assertEquals("Not Found\n", client.get("/x").text());
        }
    }

    /// A client joins a part to what it has by the tag alone: within the second for which a name is trusted too, by whatever way the file was found.
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aPartIsNeverOfOtherBytesThanItsTagSays(boolean portable) throws IOException {
        for (String name : new String[] {"a.txt", "a.js.gz", "index.html"}) {
            write(name, "AAAAAAAAAAAAAAAA");
        }
        write("a.js", "plain");
        clock.advanceMillis(10_000);  // so that what was written just now has been left alone
        try (Client client = open(portable, site -> site.withFallbackPage("index.html").withPrecompressed())) {
            partsOf(client, "a.txt", "/a.txt", "X: y");
            partsOf(client, "a.js.gz", "/a.js", "Accept-Encoding: gzip");
            partsOf(client, "index.html", "/users/17", HTML);
            Files.delete(root.resolve("a.txt"));
            assertEquals(404, client.get("/a.txt", "Range: bytes=4-").status());
            assertEquals(404, client.get("/a.txt").status());
        }
    }

    private void partsOf(Client client, String file, String path, String chosenBy) throws IOException {
        String before = client.get(path, chosenBy).field("etag");
        assertEquals(206, client.get(path, chosenBy, "Range: bytes=0-3", "If-Range: " + before).status());
        Path place = root.resolve(file);
        Files.writeString(place, "BBBBBBBBBBBBBBBB");
        clock.advanceMillis(100);
        Response whole = client.get(path, chosenBy, "Range: bytes=4-", "If-Range: " + before);
        assertEquals(200, whole.status(), path);
        assertEquals("BBBBBBBBBBBBBBBB", whole.text());
        String now = whole.field("etag");
        assertNotEquals(before, now);
        Path other = root.resolve("other");
        write("other", "CCCCCCCCCCCCCCCC");
        Files.move(other, place, StandardCopyOption.REPLACE_EXISTING);
        clock.advanceMillis(100);
        Response part = client.get(path, chosenBy, "Range: bytes=4-");
        assertEquals(206, part.status(), path);
        assertEquals("CCCCCCCCCCCC", part.text());
        assertNotEquals(now, part.field("etag"));
    }

    @Test
    void aPageThatIsNotThereAtTheStartIsSaid() throws IOException {
        Files.createDirectory(root.resolve("folder"));
        for (String name : new String[] {"none.html", "folder"}) {
            IOException refused = assertThrows(IOException.class, () -> open(false, site -> site.withNotFoundPage(name)));
            assertTrue(refused.getMessage().startsWith("page " + name + ": "), refused.getMessage());
            assertThrows(IOException.class, () -> open(true, site -> site.withFallbackPage(name)));
        }
        for (String name : new String[] {"", "/", "..", "a/../b", "a//b", "a/", "./a", "a\0", "\0a", "x".repeat(1021)}) {
            assertThrows(IllegalArgumentException.class, () -> FileSite.of(root, 1).withNotFoundPage(name), name);
        }
        FileSite.of(root, 1).withNotFoundPage("x".repeat(1020));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whoGoesToAPageThatIsMissingGetsTheApplicationAndOthersDoNot(boolean portable) throws IOException {
        write("index.html", "<script src=app.js>");
        write("404.html", "<p>gone");
        try (Client client = open(portable, site -> site.withFallbackPage("index.html").withNotFoundPage("404.html"))) {
            Response page = client.get("/users/17", HTML);
            assertEquals(200, page.status());
            assertEquals("<script src=app.js>", page.text());
            assertEquals("Accept", page.field("vary"));
            assertEquals(304, client.get("/users/18", HTML, "If-None-Match: " + page.field("etag")).status());
            assertEquals(206, client.get("/users/18", HTML, "Range: bytes=1-2").status());
            assertEquals(200, client.request("HEAD", "/users", HTML).status());
            assertEquals(200, client.get("/x", "Accept: image/png", "Accept: application/xhtml+xml;q=0.001").status());
            for (String accept : new String[] {"Accept: */*", "Accept: text/*", "Accept: text/html;q=0", "Accept: text/htmlx", "X: y",
                    "Accept: text/html;q=0.0001", "Accept: text/html;q =1", "Accept: text/html;q", "Accept: text/html;q=1;q=1",
                    "Accept: a/b;c=\"text/html, text/html\"", "Accept:"}) {
                Response missing = client.get("/app2.js", accept);
                assertEquals(404, missing.status(), accept);
                assertEquals("<p>gone", missing.text());
                assertEquals("Accept", missing.field("vary"), "it depended on that");
            }
            assertEquals(405, client.request("POST", "/users/17", HTML).status());
            assertEquals(400, client.get("/%00", HTML).status());
            assertNull(client.get("/index.html", HTML).field("vary"), "what is there depends on nothing");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "-", value = {
            "br | br", "gzip | gzip", "GZIP | gzip", "x-gzip | gzip", "zstd | zstd", "gzip, br, zstd | br", "gzip, zstd | zstd",
            "gzip;q=1.0, br;q=0.999 | gzip", "gzip;q=0.5,br;q=0.25,zstd;q=0.75 | zstd", "br;q=0, gzip | gzip", "*| br", "*;q=0.1, gzip | gzip",
            "br;q=0, * | zstd", "identity | -", "deflate | -", "'' | -", "identity, br;q=0.5 | -", "identity;q=0.5, br;q=0.5 | br",
            "identity;q=0, gzip;q=0.001 | gzip", "br;q=2, gzip | gzip", "br;q=0.9, gzip;q=0.8 | br", "gzip;q=0.999, br;q=0.998 | gzip", "br;q=1.001 | -",
            "br;q=0.0001 | -", "br;q | -", "br;q= | -", "br;q =0 | -", "br;q =0, * | zstd", "br;q\t=1 | -", "br;q= 1 | -", "br \t;\t q=1 | br",
            "br;q=1;q=0 | -",
            "br;q=0;q=1, gzip | gzip", "br;q , br;q=0.5 | br", "*;q =1 | -", "identity;q =0, br;q=0.1 | br", "identity;q =0 | -", "br;; | br", "br;q=1;x=y | -",
            "br;qx=0 | -", "br;\"q=0\" | -", "br;x=y;q=0 | -", "br ; Q=0.5 , gzip | gzip", ",, ,br | br", "br;q=0,gzip;q=0.000,zstd;q=0. | -", "brx | -",
            "b | -"})
    void theWeightsOfTheClientDecide(String accept, String coding) throws IOException {
        write("app.js", "identity");
        write("app.js.br", "br");
        write("app.js.gz", "gzip");
        write("app.js.zst", "zstd");
        try (Client client = open(false, FileSite::withPrecompressed)) {
            Response answer = client.get("/app.js", "Accept-Encoding: " + accept);
            assertEquals(200, answer.status());
            assertEquals(coding, answer.field("content-encoding"));
            assertEquals(coding == null ? "identity" : coding, answer.text());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aSiblingIsARepresentationOfItsOwn(boolean portable) throws IOException {
        write("app.js", "0123456789");
        write("app.js.gz", "abcdefg");
        write("plain.txt", "p");
        write("index.html", "<p>");
        write("index.html.br", "B");
        Files.createDirectory(root.resolve("plain.txt.br"));
        clock.advanceMillis(2100);  // a tag is weak while its file is that new
        try (Client client = open(portable, site -> site.withPrecompressed().withCacheControl("*.js", "max-age=1"))) {
            Response plain = client.get("/app.js");
            assertNull(plain.field("content-encoding"));
            assertEquals("Accept-Encoding", plain.field("vary"));
            Response gzip = client.get("/app.js", "Accept-Encoding: gzip, br");
            assertEquals("abcdefg", gzip.text());
            assertEquals("gzip", gzip.field("content-encoding"));
            assertEquals("7", gzip.field("content-length"));
            assertEquals("text/javascript; charset=utf-8", gzip.field("content-type"));
            assertEquals("max-age=1", gzip.field("cache-control"));
            assertEquals("Accept-Encoding", gzip.field("vary"));
            assertFalse(gzip.field("etag").startsWith("W/"), gzip.field("etag"));
            assertNotEquals(plain.field("etag"), gzip.field("etag"));
            Response same = client.get("/app.js", "Accept-Encoding: gzip", "If-None-Match: " + gzip.field("etag"));
            assertEquals(304, same.status());
            assertEquals("Accept-Encoding", same.field("vary"));
            assertEquals("max-age=1", same.field("cache-control"));
            assertEquals(200, client.get("/app.js", "Accept-Encoding: gzip", "If-None-Match: " + plain.field("etag")).status());
            Response part = client.get("/app.js", "Accept-Encoding: gzip", "Range: bytes=1-2", "If-Range: " + gzip.field("etag"));
            assertEquals(206, part.status());
            assertEquals("bc", part.text());
            assertEquals("bytes 1-2/7", part.field("content-range"));
            assertEquals("gzip", part.field("content-encoding"));
            assertEquals(200, client.get("/app.js", "Accept-Encoding: gzip", "Range: bytes=1-2", "If-Range: " + plain.field("etag")).status());
            assertEquals(416, client.get("/app.js", "Accept-Encoding: gzip", "Range: bytes=7-").status());
            assertEquals(406, client.get("/app.js", "Accept-Encoding: br, identity;q=0").status());
            assertEquals(406, client.get("/app.js", "Accept-Encoding: *;q=0").status());
            assertEquals("Accept-Encoding", client.get("/app.js", "Accept-Encoding: *;q=0").field("vary"));
            Response direct = client.get("/app.js.gz", "Accept-Encoding: gzip");
            assertEquals("application/gzip", direct.field("content-type"));
            assertNull(direct.field("content-encoding"));
            assertNull(client.get("/plain.txt", "Accept-Encoding: br").field("vary"), "a folder is no sibling");
            Response index = client.get("/", "Accept-Encoding: br");
            assertEquals("B", index.text());
            assertEquals("text/html; charset=utf-8", index.field("content-type"));
            assertEquals(404, client.get("/none.js", "Accept-Encoding: *;q=0").status());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void siblingsComeAndGo(boolean portable) throws IOException {
        write("a.css", "plain");
        try (Client client = open(portable, FileSite::withPrecompressed)) {
            assertEquals("plain", client.get("/a.css", "Accept-Encoding: br").text());
            write("a.css.br", "br");
            clock.advanceMillis(1100);
            assertEquals("br", client.get("/a.css", "Accept-Encoding: br").text());
            Files.delete(root.resolve("a.css.br"));
            clock.advanceMillis(1100);
            Response plain = client.get("/a.css", "Accept-Encoding: br");
            assertEquals("plain", plain.text());
            assertNull(plain.field("content-encoding"));
        }
    }

    @Test
    void withoutTheOptionNothingIsNegotiated() throws IOException {
        write("app.js", "identity");
        write("app.js.br", "br");
        try (Client client = open(false, site -> site)) {
            Response plain = client.get("/app.js", "Accept-Encoding: br");
            assertEquals("identity", plain.text());
            assertNull(plain.field("vary"));
            assertNull(plain.field("cache-control"));
        }
    }

    @Test
    void theFirstRuleThatFitsSaysHowLongAFileIsKept() throws IOException {
        write("index.html", "i");
        write("assets/a b.js", "a");
        write("assets/x/y.html", "y");
        write("z", "z");
        write("404.html", "4");
        try (Client client = open(false, site -> site.withCacheControl("/assets/*", "max-age=31536000, immutable")
                .withCacheControl("*.html", "no-cache").withCacheControl("/*ss*s/z*", "never").withNotFoundPage("404.html"))) {
            assertEquals("max-age=31536000, immutable", client.get("/assets/a%20b.js").field("cache-control"));
            assertEquals("max-age=31536000, immutable", client.get("/%61ssets/x/y.html").field("cache-control"));
            assertEquals("no-cache", client.get("/404.html").field("cache-control"));
            assertNull(client.get("/z").field("cache-control"));
            assertNull(client.get("/").field("cache-control"), "the name is what was asked for");
            assertNull(client.get("/none.html").field("cache-control"), "404 is nobody's to keep");
        }
        assertThrows(IllegalArgumentException.class, () -> FileSite.of(root, 1).withCacheControl("assets/*", "no-cache"));
        assertThrows(IllegalArgumentException.class, () -> FileSite.of(root, 1).withCacheControl("", "no-cache"));
        assertThrows(IllegalArgumentException.class, () -> FileSite.of(root, 1).withCacheControl("*", "no-cache\r\nX: y"));
        assertThrows(IllegalArgumentException.class, () -> FileSite.of(root, 1).withCacheControl("*", " "));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void fieldsOfOnesOwnAreInEveryAnswer(boolean portable) throws IOException {
        write("a.txt", "0123456789");
        Files.createDirectory(root.resolve("sub"));
        FixedFields fields = FixedFields.of(List.of("Strict-Transport-Security: max-age=1", "X-Mine:  a: b,\tc ", "Link: </a>"));
        try (Client client = open(portable, site -> site.withFields(fields))) {
            for (String path : new String[] {"/a.txt", "/none", "/sub", "/%zz"}) {
                Response answer = client.get(path);
                assertEquals("max-age=1", answer.field("strict-transport-security"), path);
                assertEquals("a: b,\tc", answer.field("x-mine"));
                assertEquals("</a>", answer.field("link"));
            }
            assertEquals("</a>", client.request("OPTIONS", "/a.txt").field("link"));
            assertEquals("</a>", client.get("/a.txt", "If-None-Match: *").field("link"));
            assertEquals(301, client.get("/sub?" + "q".repeat(700)).status(), "what is longer has its room");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"Content-Length: 1", "transfer-encoding: chunked", "CONNECTION: close", "Keep-Alive: 1", "Upgrade: x", "TE: x",
            "Trailer: x", "Date: x", "ETag: \"x\"", "Cache-Control: x", "Host: x", "X: a\r\nY: b", "X: a\nb", "X: \u0000", "X: \u00e9", "X:",
            "X", ": x", "X : y", "X\r: y", "\u00e9: y", " X: y", "X\u0000: y"})
    void aFieldThatWouldFrameOrSplitIsRefused(String line) {
        IllegalArgumentException refused = assertThrows(IllegalArgumentException.class, () -> FixedFields.of(List.of(line)));
        assertTrue(refused.getMessage().chars().allMatch(c -> c >= ' ' && c <= '~'), refused.getMessage());
    }

    @Test
    void fieldsAreBoundedInNumberAndBytes() {
        FixedFields.of(java.util.Collections.nCopies(32, "X: y"));
        assertThrows(IllegalArgumentException.class, () -> FixedFields.of(java.util.Collections.nCopies(33, "X: y")));
        assertEquals(8192, FixedFields.of(List.of("X: " + "y".repeat(8187))).bytes());
        assertThrows(IllegalArgumentException.class, () -> FixedFields.of(List.of("X: " + "y".repeat(8188))));
    }

    /// The longest head of all fits with what was added, in the smallest room that there is.
    @Test
    void headsThatWouldNotFitAreRefusedAtTheStart() throws IOException {
        write("long.js", "x".repeat(1000));
        write("long.js.zst", "y".repeat(1000));
        FileSite site = FileSite.of(root, 4).withPrecompressed().withFields(FixedFields.of(List.of("X-A: " + "a".repeat(200))))
                .withCacheControl("*", "b".repeat(100));
        ServerConfig small = ServerConfig.tight().withBlocks(0, 512);
        assertEquals(512, Http1Config.tight().sentHeadBytesMax());
        assertThrows(IllegalArgumentException.class, () -> Server.open(small, site));
        server = Server.open(small.withLongerHeads(site.headBytes()), site);
        server.start();
        try (Client client = new Client(server.address())) {
            assertEquals(206, client.get("/long.js", "Accept-Encoding: zstd", "Range: bytes=998-999").status());
            client.send("GET /long.js HTTP/1.0\r\nConnection: keep-alive\r\nRange: bytes=1-1\r\n\r\n");
            assertEquals(206, client.read().status());
        }
    }

    /// Where its sibling is sent the file itself is let go: a table of four is enough for any number of such pairs.
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aFileWhoseSiblingIsSentIsLetGo(boolean portable) throws IOException {
        for (int i = 0; i < 12; i++) {
            write("a" + i + ".css", "plain " + i);
            write("a" + i + ".css.br", "br " + i);
        }
        FileSite site = FileSite.of(root, 4).withPrecompressed();
        server = Server.open(ServerConfig.standard().withLongerHeads(site.headBytes()).withPortable(portable), site);
        server.start();
        try (Client client = new Client(server.address())) {
            for (int i = 0; i < 12; i++) {
                assertEquals("br " + i, client.get("/a" + i + ".css", "Accept-Encoding: br").text());
            }
        }
    }
}
