package dev.coffer.server.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.coffer.http.Ascii;
import dev.coffer.server.Client;
import dev.coffer.server.LoopStatistics.Count;
import dev.coffer.server.Server;
import dev.coffer.server.ServerConfig;
import dev.coffer.server.Site;
import dev.coffer.server.files.FileSite;
import dev.coffer.testkit.Eventually;
import dev.coffer.testkit.RawMemory;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// A line for each request, as it was answered.
@Timeout(600)
class AccessLogTest extends LoggedServer {
    private static final Pattern COMMON = Pattern.compile("(\\S+) - - \\[([^]]+)] \"((?:[^\"\\\\]|\\\\.)*)\" (\\d{3}|-) (\\d+)");
    private static final Pattern COMBINED = Pattern.compile(COMMON.pattern() + " \"((?:[^\"\\\\]|\\\\.)*)\" \"((?:[^\"\\\\]|\\\\.)*)\"");

    private static Matcher match(Pattern pattern, String line) {
        Matcher matcher = pattern.matcher(line);
        assertTrue(matcher.matches(), line);
        return matcher;
    }

    @Test
    void theCommonFormatSaysWhoAskedForWhatAndWhatWasSent() throws IOException {
        long before = Instant.now().getEpochSecond();
        try (Client client = open(LogFormat.COMMON)) {
            client.get("/a?b=%22&c");
            client.get("/");
            client.request("HEAD", "/");
            client.get("/ab");
            client.get("/1234567");
            client.send("BREW /12345678 HTTP/1.0\r\n\r\n").read();
        }
        List<String> lines = lines(6);
        String[][] expected = {{"GET /a?b=%22&c HTTP/1.1", "201", "8"}, {"GET / HTTP/1.1", "200", "3"}, {"HEAD / HTTP/1.1", "200", "0"},
                {"GET /ab HTTP/1.1", "500", "22"}, {"GET /1234567 HTTP/1.1", "204", "0"}, {"BREW /12345678 HTTP/1.0", "200", "3"}};
        for (int i = 0; i < expected.length; i++) {
            Matcher line = match(COMMON, lines.get(i));
            assertEquals("127.0.0.1", line.group(1));
            long time = ZonedDateTime.parse(line.group(2), DateTimeFormatter.ofPattern("dd/MMM/yyyy:HH:mm:ss Z", Locale.ROOT)).toEpochSecond();
            assertTrue(time >= before && time <= Instant.now().getEpochSecond(), lines.get(i));
            assertEquals(List.of(expected[i]), List.of(line.group(3), line.group(4), line.group(5)));
        }
    }

    /// Quotation marks, backslashes, controls and bytes that are no UTF-8, as far as a request may hold them.
    @ParameterizedTest
    @EnumSource(LogFormat.class)
    void whatAPeerSendsEndsNeitherALineNorAQuotation(LogFormat format) throws IOException {
        String nasty = "\"\\\t\u00ff\u00c3\u0080 \"x\" \u009b1m";
        try (Client client = open(format)) {
            client.send("GET /long/a\\b\"c HTTP/1.1\r\nHost: a\r\nReferer: " + nasty + "\r\nUser-Agent: " + nasty + "\r\n\r\n");
            client.read();
            client.send("!#$%&'*+-.^_`|~ / HTTP/1.1\r\nHost: a\r\nReferer: \r\n\r\n");
            client.read();
            client.send("GET /" + "\"".repeat(1500) + " HTTP/1.1\r\nHost: a\r\nReferer: " + "\u00ff".repeat(500) + "\r\nUser-Agent: u\r\n\r\n");
            client.read();
        }
        List<String> lines = lines(3);
        for (String line : lines) {
            assertTrue(line.chars().allMatch(c -> c >= ' ' && c < 0x7f), line);
        }
        if (format == LogFormat.JSON) {
            JsonObject first = JsonParser.parseString(lines.get(0)).getAsJsonObject();
            assertEquals("/long/a\\b\"c", first.get("target").getAsString());
            assertEquals(nasty, first.get("referer").getAsString());
            assertEquals(nasty, first.get("userAgent").getAsString());
            JsonObject second = JsonParser.parseString(lines.get(1)).getAsJsonObject();
            assertEquals("", second.get("referer").getAsString());
            assertTrue(second.get("userAgent").isJsonNull());
            assertEquals("!#$%&'*+-.^_`|~", second.get("method").getAsString());
            JsonObject third = JsonParser.parseString(lines.get(2)).getAsJsonObject();
            assertTrue(third.get("target").getAsString().endsWith("\"..."), lines.get(2));
            assertTrue(third.get("referer").getAsString().endsWith("\u00ff..."), lines.get(2));
            return;
        }
        Matcher first = match(format == LogFormat.COMMON ? COMMON : COMBINED, lines.get(0));
        assertEquals("GET /long/a\\\\b\\\"c HTTP/1.1", first.group(3));
        if (format == LogFormat.COMBINED) {
            assertEquals("\\\"\\\\\\x09\\xff\\xc3\\x80 \\\"x\\\" \\x9b1m", first.group(6));
            Matcher second = match(COMBINED, lines.get(1));
            assertEquals("", second.group(6));
            assertEquals("-", second.group(7));
            Matcher third = match(COMBINED, lines.get(2));
            assertTrue(third.group(6).endsWith("\\xff..."), lines.get(2));
            assertEquals("u", third.group(7));
        }
    }

    @Test
    void anAnswerThatWasCutIsToldAsFarAsItWent() throws IOException {
        long received = 0;
        try (Client client = open(LogFormat.JSON)) {
            client.send("GET /1234 HTTP/1.1\r\nHost: a\r\n\r\n");
            byte[] sink = new byte[1 << 16];
            while (received < 10_000_000) {
                received += client.socket().getInputStream().read(sink);
            }
            client.socket().setSoLinger(true, 0);
        }
        JsonObject endless = JsonParser.parseString(lines(1).getFirst()).getAsJsonObject();
        assertEquals(200, endless.get("status").getAsInt());
        assertFalse(endless.get("complete").getAsBoolean());
        long bytes = endless.get("bytes").getAsLong();
        assertTrue(bytes > received - 1000 && bytes < received + (32L << 20), bytes + " logged, " + received + " received");
        try (Client client = new Client(server.address())) {
            client.send("GET /12345 HTTP/1.1\r\nHost: a\r\n\r\n");
            assertThrows(IOException.class, client::read);
        }
        JsonObject failing = JsonParser.parseString(lines(2).getLast()).getAsJsonObject();
        assertEquals(200, failing.get("status").getAsInt());
        assertEquals(100, failing.get("bytes").getAsInt());
        assertFalse(failing.get("complete").getAsBoolean());
        try (Client client = new Client(server.address())) {
            client.send("GET /123456 HTTP/1.1\r\nHost: a\r\n\r\n");
            assertTrue(client.atEnd());
        }
        JsonObject aborted = JsonParser.parseString(lines(3).getLast()).getAsJsonObject();
        assertTrue(aborted.get("status").isJsonNull(), aborted.toString());
        assertEquals(0, aborted.get("bytes").getAsInt());
        try (Client client = new Client(server.address())) {
            client.send("GET /123 HTTP/1.1\r\nHost: a\r\n\r\n");
            Eventually.equal(4, () -> server.count(Count.REQUESTS));
            client.socket().setSoLinger(true, 0);
        }
        JsonObject left = JsonParser.parseString(lines(4).getLast()).getAsJsonObject();
        assertTrue(left.get("status").isJsonNull(), "the client left before there was an answer");
        assertTrue(left.get("micros").getAsLong() >= 0);
    }

    /// A status that was decided and never left is no status that anyone was told.
    @Test
    void aStatusThatWasNeverSentIsNone() throws IOException {
        for (LogFormat format : LogFormat.values()) {
            try (Client client = open(format)) {
                client.send("GET /123456789 HTTP/1.1\r\nHost: a\r\n\r\n");
                assertTrue(client.atEnd(), "cut before its head");
            }
            String line = lines(1).getFirst();
            if (format == LogFormat.JSON) {
                JsonObject cut = JsonParser.parseString(line).getAsJsonObject();
                assertTrue(cut.get("status").isJsonNull() && cut.get("bytes").getAsInt() == 0 && !cut.get("complete").getAsBoolean(), line);
            } else {
                Matcher cut = match(format == LogFormat.COMMON ? COMMON : COMBINED, line);
                assertEquals("-", cut.group(4));
                assertEquals("0", cut.group(5));
            }
            server.close();
            Files.delete(file());
        }
    }

    /// However a file's bytes go: by the system, from a copy, through a buffer; wholly, in part, or not at all.
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theBytesOfFilesAreThoseOfTheirContent(boolean portable) throws IOException {
        Path root = Files.createDirectory(folder.resolve("root"));
        int[] sizes = {0, 14, 5_000, (1 << 16) - 1, 1 << 16, 3_000_001};
        FileTime old = FileTime.from(Instant.ofEpochSecond(1_700_000_000));
        for (int size : sizes) {
            Files.write(root.resolve("f" + size), new byte[size]);
            Files.setLastModifiedTime(root.resolve("f" + size), old);
        }
        server = Server.open(ServerConfig.standard().withPortable(portable), AccessLog.to(file(), LogFormat.JSON, FileSite.of(root, 16)));
        server.start();
        List<String> expected = new ArrayList<>();
        try (Client client = new Client(server.address())) {
            for (int size : sizes) {
                String tag = "";
                for (int i = 0; i < 4; i++) {  // a small one is copied meanwhile
                    Client.Response whole = client.get("/f" + size);
                    assertEquals(size, whole.body().length);
                    tag = whole.field("etag");
                    expected.add("200 " + size + " true");
                }
                client.request("HEAD", "/f" + size);
                expected.add("200 0 true");
                assertEquals(304, client.get("/f" + size, "If-None-Match: " + tag).status());
                expected.add("304 0 true");
                if (size > 0) {
                    assertEquals(206, client.get("/f" + size, "Range: bytes=1-").status());
                    expected.add("206 " + (size - 1) + " true");
                }
                Client.Response past = client.get("/f" + size, "Range: bytes=" + size + "-");
                expected.add(past.status() + " " + past.body().length + " true");
            }
            client.send("GET /f3000001 HTTP/1.1\r\nHost: a\r\n\r\nGET /f14 HTTP/1.1\r\nHost: a\r\n\r\n");
            client.read();
            client.read();
        }
        expected.addAll(List.of("200 3000001 true", "200 14 true"));
        List<String> told = new ArrayList<>();
        for (String line : lines(expected.size())) {
            JsonObject one = JsonParser.parseString(line).getAsJsonObject();
            told.add(one.get("status").getAsInt() + " " + one.get("bytes").getAsLong() + " " + one.get("complete").getAsBoolean());
        }
        assertEquals(expected, told);
    }

    /// The content of a file that the system was sending when its peer left is told as far as it went.
    @Test
    void ofAFileThatWasCutSoMuchIsToldAsTheSystemTook() throws IOException {
        Path root = Files.createDirectory(folder.resolve("root"));
        int size = 256 << 20;
        try (RandomAccessFile sparse = new RandomAccessFile(root.resolve("f").toFile(), "rw")) {
            sparse.setLength(size);
        }
        server = Server.open(ServerConfig.standard(), AccessLog.to(file(), LogFormat.JSON, FileSite.of(root, 16)));
        server.start();
        long received = 0;
        try (Client client = new Client(server.address())) {
            client.send("GET /f HTTP/1.1\r\nHost: a\r\n\r\n");
            byte[] sink = new byte[1 << 16];
            while (received < 10_000_000) {
                received += client.socket().getInputStream().read(sink);
            }
            client.socket().setSoLinger(true, 0);
        }
        JsonObject cut = JsonParser.parseString(lines(1).getFirst()).getAsJsonObject();
        long bytes = cut.get("bytes").getAsLong();
        assertEquals(200, cut.get("status").getAsInt());
        assertFalse(cut.get("complete").getAsBoolean());
        assertTrue(bytes > received - 1000 && bytes < received + (32L << 20), bytes + " logged, " + received + " received");
    }

    @ParameterizedTest
    @EnumSource(LogFormat.class)
    void everyByteIsPlannedAccountedAndWiped(LogFormat format) throws IOException {
        try (Client client = open(format)) {
            assertEquals(server.plan().totalBytes(), server.ledger().regionBytes());
            LogFile file = log.file();
            file.writing().lock();  // as a disk that hangs would: lines stay where they are
            try {
                for (int i = 0; i < 3; i++) {
                    assertEquals(201, client.get("/s", "User-Agent: planted-" + 4711, "Referer: planted-" + 4711).status());
                }
                assertEquals(format != LogFormat.COMMON, holds("planted-" + 4711), "the control is found");
            } finally {
                file.writing().unlock();
            }
            lines(3);
            Eventually.holds("wiped after it was written", () -> !holds("planted-" + 4711) && !holds(" HTTP/1."));
            assertTrue(server.ledger().lines().stream().filter(line -> line.account() != null)
                    .map(line -> line.name()).toList().containsAll(List.of("log lines", "log ring")));
        }
    }

    private boolean holds(String text) throws IOException {
        MemorySegment region = server.regions().getFirst().data();
        return new String(RawMemory.read(region), StandardCharsets.ISO_8859_1).contains(text);
    }

    /// Nothing of a request is left where its line was put together, whatever its length.
    @Test
    void aLineLeavesNothingWhereItWasPutTogether() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment target = arena.allocate(128);
            LogText text = new LogText(target).from(3).commonTime(1_764_110_407, Ascii.of(" +0000"));
            assertEquals("25/Nov/2025:22:40:07 +0000", new String(target.asSlice(3, text.at() - 3).toArray(ValueLayout.JAVA_BYTE),
                    StandardCharsets.US_ASCII));
            for (long i = text.at(); i < 128; i++) {
                assertEquals(0, target.get(ValueLayout.JAVA_BYTE, i), "byte " + i);
            }
        }
    }

    @Test
    void aSocketThatAsksNothingHasNoLine() throws IOException {
        try (Client client = open(LogFormat.COMMON); Socket silent = new Socket(server.address().getAddress(), server.address().getPort())) {
            client.get("/x");
            silent.shutdownOutput();
            lines(1);
        }
    }

    /// A site before another one needs what that one needs and its own besides, at least and at most, and hands on what is left.
    @Test
    void theDescriptorsOfALogAreAddedToThoseOfItsSite() throws IOException {
        FileSite site = FileSite.of(folder, 8);
        for (Site logged : new Site[] {AccessLog.to(folder.resolve(".log"), LogFormat.COMMON, site),
                AccessLog.toStandardOutput(LogFormat.COMMON, site)}) {
            int own = logged.descriptors() - site.descriptors();
            assertTrue(own >= 0, "own " + own);
            assertEquals(site.descriptorsMin() + own, logged.descriptorsMin());
            assertEquals(site.withDescriptors(site.descriptorsMin()).descriptors() + own, logged.withDescriptors(logged.descriptorsMin()).descriptors());
        }
        assertTrue(AccessLog.to(folder.resolve(".log"), LogFormat.COMMON, site).descriptors() > site.descriptors());
    }
}
