package dev.coffer.server.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.memory.MemoryPlan;
import dev.coffer.server.Client;
import dev.coffer.server.Server;
import dev.coffer.server.ServerConfig;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Lists of folders, over real sockets and both drivers.
class ListingTest {
    private static final Pattern ROW = Pattern.compile("<tr><td><a href=\"([^\"]*)\"><bdi>([^<]*)</bdi></a><td>([0-9]*)<td>([0-9: -]{19})\n");

    @TempDir
    Path temporary;

    private Path root;
    private Server server;

    /// A row of a list.
    private record Row(String reference, String text, String bytes, String changed) {}

    private void open(boolean portable, int names) throws IOException {
        open(ServerConfig.standard().withPortable(portable), FileSite.of(root(), 16).withListing(names));
    }

    private void open(ServerConfig config, FileSite site) throws IOException {
        server = Server.open(config, site);
        server.start();
    }

    private Path root() throws IOException {
        root = temporary.resolve("root");
        return Files.createDirectories(root);
    }

    @AfterEach
    void close() {
        if (server != null) {
            server.close();
        }
    }

    /// {@return an answer as a peer of HTTP/1.0 hears it: to the end of the connection}
    private String ask(String path) throws IOException {
        try (Socket socket = new Socket(server.address().getAddress(), server.address().getPort())) {
            socket.getOutputStream().write(("GET " + path + " HTTP/1.0\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static List<Row> rows(String answer) {
        List<Row> rows = new ArrayList<>();
        Matcher matcher = ROW.matcher(answer);
        while (matcher.find()) {
            rows.add(new Row(matcher.group(1), matcher.group(2), matcher.group(3), matcher.group(4)));
        }
        return rows;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aFolderIsListedInOrderWithSizesAndTimes(boolean portable) throws IOException {
        root();
        for (String name : new String[] {"b", "a.txt", "B", "ä", "a", "sub2/x", "Sub/x", ".hidden", ".well-known/x"}) {
            Files.createDirectories(root.resolve(name).getParent());
            Files.write(root.resolve(name), new byte[name.length() * 1000]);
            Files.setLastModifiedTime(root.resolve(name), FileTime.from(Instant.parse("2024-02-29T23:59:58Z")));
        }
        Files.createSymbolicLink(root.resolve("c-link"), Path.of("sub2"));
        Files.createSymbolicLink(root.resolve("out"), temporary);
        Files.createSymbolicLink(root.resolve("dangling"), Path.of("nowhere"));
        new ProcessBuilder("mkfifo", root.resolve("fifo").toString()).start().onExit().join();
        open(portable, 100);
        String answer = ask("/");
        assertTrue(answer.startsWith("HTTP/1.1 200 OK\r\n") && answer.contains("Content-Type: text/html; charset=utf-8\r\n"), answer);
        List<Row> rows = rows(answer);
        assertEquals(List.of("Sub/", "c-link/", "sub2/", "B", "a", "a.txt", "b", "ä"), rows.stream().map(Row::text).toList());
        assertEquals(new Row("./a.txt", "a.txt", "5000", "2024-02-29 23:59:58"), rows.get(5));
        assertEquals("", rows.get(0).bytes());
        assertTrue(answer.contains("<title>/</title>") && answer.contains("<h1><bdi>/</bdi></h1>"), answer);
        assertFalse(answer.contains("../") || answer.contains("hidden") || answer.contains("well-known"), answer);
        assertTrue(answer.endsWith("</html>\n"), answer);
        String below = ask("/sub2/");
        assertTrue(below.contains("<a href=\"../\">../</a>") && below.contains("<title>/sub2/</title>"), below);
        assertEquals(1, rows(below).size());
        assertEquals(rows(below), rows(ask("/c-link/")));
        assertTrue(ask("/sub2").contains("\r\nLocation: /sub2/\r\n"));
        for (String path : new String[] {"/out/", "/none/", "/.hidden/", "/.well-known/../", "/a/", "/sub2//"}) {
            String none = ask(path);
            assertTrue(none.startsWith("HTTP/1.1 40"), path + none);
        }
        assertTrue(ask("/.well-known/").startsWith("HTTP/1.1 200"));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void namesOfAnyBytesAreShownAndLeadToTheirFiles(boolean portable) throws IOException, InterruptedException {
        root();
        String[] names = {"3c7363726970743e616c6572742831293c", "22206f6e6d6f7573656f7665723d22", "26616d703b", "27", "6a6176617363726970743a616c6572742831",
                "c3a4",
                "ff", "c0af", "eda080", "e282", "61ff62", "f09f9880", "e280ae67706a", "0a0d09", "c285", "25323f", "5c", "3f613d62", "2361",
                "61".repeat(255), "22".repeat(255), "01".repeat(255)};
        for (String hex : names) {
            byte[] name = HexFormat.of().parseHex(hex);
            StringBuilder printf = new StringBuilder();
            for (byte b : name) {
                printf.append(String.format("\\%03o", b & 0xff));
            }
            Process shell = new ProcessBuilder("sh", "-c", "cd '" + root + "' && n=$(printf '" + printf + "x') && printf %s " + hex.hashCode()
                    + " > \"./${n%x}\"").start();
            assertEquals(0, shell.waitFor(), hex);
        }
        open(portable, 100);
        String answer = ask("/");
        List<Row> rows = rows(answer);
        assertEquals(names.length, rows.size(), answer);
        for (Row row : rows) {
            assertFalse(row.text().chars().anyMatch(c -> c < ' ' || c == '"' || c == '\'' || c == '>' || c >= 0x7f && c < 0xa0), row.toString());
            URI resolved = URI.create("http://h/").resolve(row.reference());
            assertEquals("h", resolved.getHost(), row.toString());
            try (Client client = new Client(server.address())) {
                Client.Response file = client.get(resolved.getRawPath());
                assertEquals(200, file.status(), row.toString());
                assertEquals(row.bytes(), file.field("content-length"));
            }
        }
        assertTrue(answer.contains("<bdi>&#60;script&#62;alert(1)&#60;</bdi>") && answer.contains("<bdi>a\ufffdb</bdi>")
                && answer.contains("<bdi>\ufffd\ufffd\ufffd</bdi>") && answer.contains("<bdi>😀</bdi>"), answer);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void pastItsBoundAListSaysThatThereAreMore(boolean portable) throws IOException {
        root();
        for (int i = 0; i < 20; i++) {
            Files.createFile(root.resolve("f" + i));
        }
        open(portable, 20);
        assertEquals(20, rows(ask("/")).size());
        assertFalse(ask("/").contains("more names"));
        Files.createFile(root.resolve("one-more"));
        String more = ask("/");
        assertEquals(20, rows(more).size());
        assertTrue(more.contains("more names"), more);
        List<String> texts = rows(more).stream().map(Row::text).toList();
        assertEquals(texts.stream().sorted().toList(), texts);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void longNamesAndHiddenOnesAreBoundedToo(boolean portable) throws IOException {
        root();
        Files.createDirectory(root.resolve("long"));
        Files.createDirectory(root.resolve("hidden"));
        for (int i = 0; i < 8; i++) {
            Files.createFile(root.resolve("long/" + i + "y".repeat(200)));
        }
        for (int i = 0; i < 200; i++) {
            Files.createFile(root.resolve("hidden/.h" + i));
        }
        open(portable, 20);
        String names = ask("/long/");
        assertEquals(20 * 64 / 201, rows(names).size());
        assertTrue(names.contains("more names"));
        assertTrue(ask("/hidden/").contains("more names"));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aPageOfItsOwnComesFirstAndTheListBeforeTheApplication(boolean portable) throws IOException {
        root();
        Files.writeString(root.resolve("index.html"), "index");
        Files.createDirectory(root.resolve("empty"));
        open(ServerConfig.standard().withPortable(portable), FileSite.of(root, 8).withListing(10).withFallbackPage("index.html"));
        try (Client client = new Client(server.address())) {
            assertEquals("index", client.get("/").text());
            assertEquals("index", client.get("/none/", "Accept: text/html").text());
            client.send("GET /empty/ HTTP/1.1\r\nHost: a\r\nAccept: text/html\r\n\r\n");
            Client.Response empty = client.read();
            assertEquals("chunked", empty.field("transfer-encoding"));
            assertEquals("text/html; charset=utf-8", empty.field("content-type"));
        }
        try (Client client = new Client(server.address())) {
            Client.Response head = client.request("HEAD", "/empty/");
            assertEquals(200, head.status());
            assertNull(head.field("etag"));
            assertEquals(405, client.request("POST", "/empty/").status());
            assertEquals(403, forbidden(client));
        }
    }

    /// {@return what a folder that may not be read is answered with; root reads all}
    private int forbidden(Client client) throws IOException {
        Path locked = Files.createDirectory(root.resolve("locked"));
        Files.setPosixFilePermissions(locked, java.util.Set.of(java.nio.file.attribute.PosixFilePermission.OWNER_EXECUTE));
        return Files.isReadable(locked) ? 403 : client.get("/locked/").status();
    }

    /// A name that is refused before anything is looked for leaves nothing of the request before to be listed in its place.
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aHiddenFolderIsNotListedWhateverWasAskedForBefore(boolean portable) throws IOException {
        root();
        Files.createDirectories(root.resolve(".git/objects"));
        Files.createFile(root.resolve(".git/secret"));
        Files.createFile(root.resolve("shown"));
        open(portable, 10);
        String[] before = {"/", "/abcd/", "/abcdefghijkl/", "/shown", "/%", "/" + "x".repeat(1100)};
        String[] refused = {"/.git/", "/.git/objects/", "/.git", "/x//", "//", "/.git/secret", "/.well-known/.git/"};
        for (String first : before) {
            for (String second : refused) {
                ask(first);
                String answer = ask(second);
                assertTrue(answer.startsWith("HTTP/1.1 404"), () -> first + ", then " + second + ": " + answer);
            }
        }
    }

    @Test
    void withoutTheOptionAFolderWithoutAPageIsMissing() throws IOException {
        open(ServerConfig.standard(), FileSite.of(root(), 8));
        assertTrue(ask("/").startsWith("HTTP/1.1 404"));
    }

    /// More links than are looked up in a turn, the first of which lead nowhere: the list goes on by itself, with a body and without.
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aListOfManyLinksGoesOnTurnAfterTurn(boolean portable) throws IOException {
        root();
        Files.createDirectory(root.resolve("target"));
        for (int i = 0; i < 3 * Listing.LOOKS_A_TURN; i++) {
            Files.createSymbolicLink(root.resolve("a" + i), Path.of("nowhere"));
            Files.createSymbolicLink(root.resolve("b" + i), Path.of("target"));
        }
        open(portable, 1000);
        for (int i = 0; i < 2; i++) {
            String answer = ask("/");
            assertEquals(1 + 3 * Listing.LOOKS_A_TURN, rows(answer).size());
            assertTrue(answer.endsWith("</html>\n"), answer);
            try (Socket leaves = new Socket(server.address().getAddress(), server.address().getPort())) {
                leaves.getOutputStream().write("GET / HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                leaves.setSoLinger(true, 0);
            }
            try (Client client = new Client(server.address())) {
                assertEquals(200, client.request("HEAD", "/").status());
            }
        }
    }

    /// A reader of a small list in small pieces, and of a large one, gets all of it; who comes while all listings are in flight hears 503.
    @Test
    void aFifthListOfALoopIsRefusedUntilOneHasEnded() throws IOException {
        root();
        for (int i = 0; i < 4000; i++) {
            Files.createFile(root.resolve("\"".repeat(240) + i));
        }
        open(ServerConfig.standard(), FileSite.of(root, 8).withListing(20_000));
        List<Socket> slow = new ArrayList<>();
        byte[] request = "GET / HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
        for (int i = 0; i < 4; i++) {
            Socket socket = new Socket();
            socket.setReceiveBufferSize(4096);
            socket.connect(server.address());
            socket.getOutputStream().write(request);
            socket.getInputStream().read();
            slow.add(socket);
        }
        String refused = ask("/");
        assertTrue(refused.startsWith("HTTP/1.1 503") && refused.contains("Retry-After: 1"), refused.substring(0, 100));
        ByteArrayOutputStream heard = new ByteArrayOutputStream();
        byte[] piece = new byte[777];
        for (int got; (got = slow.getFirst().getInputStream().read(piece)) > 0;) {
            heard.write(piece, 0, got);
        }
        assertEquals(4000, rows(heard.toString(StandardCharsets.UTF_8)).size());
        assertEquals(4000, rows(ask("/")).size());
        for (Socket socket : slow) {
            socket.close();
        }
    }

    @Test
    void everyByteIsPlannedAndAccounted() throws IOException {
        root();
        FileSite site = FileSite.of(root, 8).withListing(50);
        for (boolean portable : new boolean[] {false, true}) {
            ServerConfig config = ServerConfig.standard().withPortable(portable).withSize(2, 10, 10);
            MemoryPlan plan = Server.plan(config, site);
            assertEquals(portable, site.plan(config, 1).children().getFirst().totalBytes() == 0, "the JDK's folder has no memory of ours");
            try (Server opened = Server.open(config, site)) {
                assertEquals(plan.totalBytes(), opened.ledger().regionBytes());
                assertEquals(plan.totalBytes(), opened.ledger().planBytes());
                assertTrue(opened.ledger().lines().stream().anyMatch(line -> line.name().equals("listings") && line.account() != null));
            }
        }
        for (int wrong : new int[] {Integer.MIN_VALUE, 0, 65_537}) {
            assertThrows(IllegalArgumentException.class, () -> FileSite.of(root, wrong), "files " + wrong);
        }
        FileSite.of(root, 1);
        FileSite.of(root, 65_536);
        assertThrows(IllegalArgumentException.class, () -> FileSite.of(root, 8).withListing(0));
        assertThrows(IllegalArgumentException.class, () -> FileSite.of(root, 8).withListing(65_537));
        FileSite.of(root, 8).withListing(65_536);
    }

    @Test
    void aReferenceEncodesAllButWhatNeedsNoEncoding() {
        String plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";
        MemorySegment target = MemorySegment.ofArray(new byte[8]);
        for (int b = 0; b < 256; b++) {
            long end = HtmlText.reference(MemorySegment.ofArray(new byte[] {7, (byte) b}), 1, 1, target, 2);
            String written = new String(target.asSlice(2, end - 2).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.US_ASCII);
            assertEquals(plain.indexOf(b) >= 0 ? "" + (char) b : String.format("%%%02X", b), written);
        }
    }

    /// The order of the page beside the JDK's, for names of any bytes and any number of them.
    @Test
    void theOrderIsThatOfBytesFoldersFirst() {
        Random random = new Random(7);
        for (int round = 0; round < 300; round++) {
            int count = random.nextInt(40);
            var memory = java.lang.foreign.Arena.ofAuto().allocate(FolderNames.bytes(40), 8);
            FolderNames names = new FolderNames(memory, 0, 40);
            List<byte[]> expected = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                byte[] name = new byte[1 + random.nextInt(3)];
                random.nextBytes(name);
                name[0] = (byte) (random.nextInt(3) + 'a');
                boolean folder = random.nextInt(3) == 0;
                names.name(java.lang.foreign.MemorySegment.ofArray(name), 0, name.length, folder ? Folder.Kind.FOLDER : Folder.Kind.FILE);
                byte[] ranked = new byte[name.length + 1];
                ranked[0] = (byte) (folder ? 0 : 1);
                System.arraycopy(name, 0, ranked, 1, name.length);
                expected.add(ranked);
            }
            expected.sort(java.util.Arrays::compareUnsigned);
            assertTrue(names.sort(Integer.MAX_VALUE));
            for (int i = 0; i < count; i++) {
                byte[] name = new byte[names.nameLength(i) + 1];
                name[0] = (byte) (names.isFolder(i) ? 0 : 1);
                for (int k = 1; k < name.length; k++) {
                    name[k] = names.memory().get(java.lang.foreign.ValueLayout.JAVA_BYTE, names.nameAt(i) + k - 1);
                }
                org.junit.jupiter.api.Assertions.assertArrayEquals(expected.get(i), name, "round " + round);
            }
            names.clear();
            assertEquals(-1, memory.mismatch(java.lang.foreign.MemorySegment.ofArray(new byte[(int) memory.byteSize()])), "wiped");
        }
    }
}
