package dev.coffer.http.http1;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.http.Limits;
import dev.coffer.http.Refusal;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// Each limit in a pair: taken at it, refused one past it, with the status that belongs to it.
class LimitsTest {
    private static final Limits LIMITS = new Limits(100, 120, 400, 8, 1000, 1_000_000_000L, 2_000_000_000L,
            500_000_000L, 100);
    private static final Http1Config CONFIG = new Http1Config(LIMITS, 128, 20, 500, 256, 1_000_000_000);
    private static final String HEAD = "GET / HTTP/1.1\r\nHost: a\r\n";
    private static final String POST = "POST / HTTP/1.1\r\nHost: a\r\n";
    private static final String CHUNKS = POST + "Transfer-Encoding: chunked\r\n\r\n";

    private record Pair(String name, Refusal refusal, String atLimit, String past) {}

    private static String target(int lineBytes) {
        return "GET /" + "x".repeat(lineBytes - "GET / HTTP/1.1".length()) + " HTTP/1.1\r\nHost: a\r\n\r\n";
    }

    private static String field(int lineBytes) {
        return HEAD + "X: " + "y".repeat(lineBytes - 3) + "\r\n\r\n";
    }

    private static String head(int bytes) {
        StringBuilder text = new StringBuilder(HEAD);
        while (bytes - text.length() > 110) {
            text.append("A: ").append("z".repeat(95)).append("\r\n");
        }
        text.append("B: ");
        return text.append("z".repeat(bytes - text.length() - 4)).append("\r\n\r\n").toString();
    }

    private static String chunks(int bytes) {
        StringBuilder text = new StringBuilder(CHUNKS);
        for (int at = 0; at < bytes; at += 100) {
            int size = Math.min(100, bytes - at);
            text.append(Integer.toHexString(size)).append("\r\n").append("c".repeat(size)).append("\r\n");
        }
        return text.append("0\r\n\r\n").toString();
    }

    private static String extensions(int bytes) {
        return CHUNKS + "1;" + "e".repeat(bytes / 2 - 1) + "\r\nx\r\n0;" + "f".repeat(bytes - bytes / 2 - 1)
                + "\r\n\r\n";
    }

    private static String trailers(int bytes) {
        return CHUNKS + "0\r\nA: b\r\nT: " + "t".repeat(bytes - 6 - 3 - 4) + "\r\n\r\n";
    }

    private static List<Pair> pairs() {
        return List.of(
                new Pair("start line", Refusal.START_LINE_TOO_LONG, target(100), target(101)),
                new Pair("field line", Refusal.FIELD_TOO_LONG, field(120), field(121)),
                new Pair("head", Refusal.HEAD_TOO_LONG, head(400), head(401)),
                new Pair("fields", Refusal.TOO_MANY_FIELDS, HEAD + "X: y\r\n".repeat(7) + "\r\n",
                        HEAD + "X: y\r\n".repeat(8) + "\r\n"),
                new Pair("fields with trailers", Refusal.TOO_MANY_FIELDS, CHUNKS + "0\r\n" + "X: y\r\n".repeat(6) + "\r\n",
                        CHUNKS + "0\r\n" + "X: y\r\n".repeat(7) + "\r\n"),
                new Pair("content by length", Refusal.CONTENT_TOO_LARGE,
                        POST + "Content-Length: 1000\r\n\r\n" + "c".repeat(1000), POST + "Content-Length: 1001\r\n\r\n"),
                new Pair("content in chunks", Refusal.CONTENT_TOO_LARGE, chunks(1000), chunks(1001)),
                new Pair("chunk extensions", Refusal.CHUNK_EXTENSIONS, extensions(20), extensions(21)),
                new Pair("trailers", Refusal.HEAD_TOO_LONG, trailers(127), trailers(128)),
                new Pair("trailer line", Refusal.FIELD_TOO_LONG, CHUNKS + "0\r\nT: " + "t".repeat(117) + "\r\n\r\n",
                        CHUNKS + "0\r\nT: " + "t".repeat(118) + "\r\n\r\n"));
    }

    @TestFactory
    Stream<DynamicTest> takenAtTheLimitAndRefusedPastIt() {
        return pairs().stream().map(p -> DynamicTest.dynamicTest(p.name, () -> {
            try (Lab lab = new Lab(CONFIG)) {
                lab.onRequest = l -> {};
                lab.feed(p.atLimit);
                assertTrue(lab.events.getLast().startsWith("END"), lab.events + " " + lab.output);
            }
            try (Lab lab = new Lab(CONFIG)) {
                lab.onRequest = l -> {};
                lab.feed(p.past);
                assertEquals(List.of(p.refusal.status()), lab.statuses());
                assertEquals(p.refusal, lab.server.refusal());
                assertTrue(lab.closed());
            }
        }));
    }

    @Test
    void nameOf255BytesIsTakenAndOneMoreRefused() {
        for (int bytes = 255; bytes <= 256; bytes++) {
            try (Lab lab = new Lab()) {
                lab.feed(HEAD + "n".repeat(bytes) + ": v\r\n\r\n");
                assertEquals(List.of(bytes == 255 ? 200 : 431), lab.statuses());
            }
        }
    }

    /// No line end ever comes: the limit ends it, not the memory.
    @Test
    void endlessLinesAreRefusedAtTheirLimits() {
        try (Lab lab = new Lab(CONFIG)) {
            lab.feed("GET /" + "x".repeat(100_000));
            assertEquals(List.of(414), lab.statuses());
        }
        try (Lab lab = new Lab(CONFIG)) {
            lab.feed(HEAD + "X: " + "y".repeat(100_000));
            assertEquals(List.of(431), lab.statuses());
        }
    }

    @Test
    void smallRestOfContentIsSkippedAfterTheAnswerAndALargeOneClosesTheConnection() {
        for (int bytes = 500; bytes <= 501; bytes++) {
            try (Lab lab = new Lab(CONFIG)) {
                lab.feed(POST + "Content-Length: " + bytes + "\r\n\r\n");
                assertEquals(bytes > 500, lab.closed(), lab.events.toString());
                assertEquals(bytes > 500, lab.output.toString().contains("Connection: close"));
                lab.feed("c".repeat(bytes) + HEAD + "\r\n");
                assertEquals(bytes > 500 ? List.of(200) : List.of(200, 200), lab.statuses());
            }
        }
    }

    @Test
    void chunkedRestPastItsWorthClosesTheConnection() {
        for (int bytes = 500; bytes <= 501; bytes++) {
            try (Lab lab = new Lab(CONFIG)) {
                lab.feed(chunks(bytes)).feed(HEAD + "\r\n");
                assertEquals(bytes == 500 ? List.of(200, 200) : List.of(200), lab.statuses());
            }
        }
    }

    @Test
    void headOfTheLargestSizeIsServedAtAnyPlaceInThePipeline() {
        try (Lab lab = new Lab(CONFIG)) {
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < 200; i++) {
                text.append(head(60 + i)).append(head(400)).append(chunks(300 + i));
            }
            lab.feed(text.toString());
            assertEquals(600, lab.statuses().size(), lab.events.getLast());
            assertEquals("SENT 599", lab.events.getLast());
        }
    }

    @Test
    void configurationsOutOfRangeAreRefused() {
        Limits ok = Limits.defaults();
        assertThrows(IllegalArgumentException.class, () -> ok.withBodyBytesMax(-1));
        assertThrows(IllegalArgumentException.class, () -> ok.withTimes(0, 1 << 20, 1 << 20));
        assertThrows(IllegalArgumentException.class,
                () -> new Limits(15, 120, 400, 8, 1000, 1 << 20, 1 << 20, 1 << 20, 100));
        assertThrows(IllegalArgumentException.class,
                () -> new Limits(100, 120, 400, 0, 1000, 1 << 20, 1 << 20, 1 << 20, 100));
        assertThrows(IllegalArgumentException.class, () -> new Http1Config(ok, 63, 0, 0, 256, 1 << 20));
        assertThrows(IllegalArgumentException.class, () -> new Http1Config(ok, 65_472, 0, 0, 256, 1 << 20));
        assertThrows(IllegalArgumentException.class, () -> new Http1Config(ok, 64, 0, 0, 255, 1 << 20));
    }

    @Test
    void memoryOneByteShortIsRefused() {
        try (Lab lab = new Lab(CONFIG)) {
            long bytes = CONFIG.plan().totalBytes();
            assertEquals(0, bytes % 64);
            new Http1Server(CONFIG, lab.arena.allocate(bytes), 0, null).close();
            assertThrows(IllegalArgumentException.class,
                    () -> new Http1Server(CONFIG, lab.arena.allocate(bytes - 1), 0, null));
            assertThrows(IllegalArgumentException.class,
                    () -> new Http1Server(CONFIG, lab.arena.allocate(bytes), 1, null));
            assertThrows(IllegalArgumentException.class,
                    () -> new Http1Client(CONFIG, lab.arena.allocate(bytes), -1));
        }
    }
}
