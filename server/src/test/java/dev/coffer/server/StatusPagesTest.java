package dev.coffer.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.http.Status;
import dev.coffer.server.files.FileSite;
import dev.coffer.server.log.AccessLog;
import dev.coffer.server.log.LogFormat;
import dev.coffer.testkit.Eventually;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Health and metrics: what they say, in which form, and to whom.
class StatusPagesTest {
    @TempDir
    Path folder;

    private Server server;

    private void open(ServerConfig config, Site site) throws IOException {
        server = Server.open(config, site);
        server.start();
    }

    @AfterEach
    void close() {
        if (server != null) {
            server.close();
        }
    }

    /// {@return head and content of an answer, to the connection's end}
    private String ask(String path, String fields) throws IOException {
        try (Socket socket = new Socket(server.address().getAddress(), server.address().getPort())) {
            socket.getOutputStream().write(("GET " + path + " HTTP/1.0\r\n" + fields + "\r\n").getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /// The grammar of the text format as its description has it (exposition formats, text format 0.0.4), every rule: HELP and TYPE once and
    /// before the samples, samples of a family together, names and labels of their alphabets, escapes that exist, no sample twice.
    private static final class Exposition {
        private static final Pattern SAMPLE = Pattern.compile("([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\\{(.*)})? (-?[0-9]+|\\+Inf|-Inf|NaN)");
        private static final Pattern LABEL = Pattern.compile("([a-zA-Z_][a-zA-Z0-9_]*)=\"((?:[^\"\\\\\n]|\\\\[\\\\\"n])*)\"(?:,|$)");
        final Map<String, String> types = new LinkedHashMap<>();
        final Map<String, Map<Map<String, String>, Long>> samples = new TreeMap<>();

        Exposition(String text) {
            assertTrue(text.endsWith("\n"), "the last line ends");
            Set<String> helped = new HashSet<>();
            String family = "";
            for (String line : text.split("\n")) {
                if (line.startsWith("# HELP ")) {
                    family = line.split(" ")[2];
                    assertTrue(helped.add(family), "HELP twice: " + line);
                } else if (line.startsWith("# TYPE ")) {
                    String[] words = line.split(" ");
                    assertEquals(4, words.length, line);
                    assertEquals(family, words[2], "HELP and TYPE side by side");
                    assertTrue(Set.of("counter", "gauge").contains(words[3]), line);
                    assertEquals(null, types.put(words[2], words[3]), "TYPE twice: " + line);
                } else {
                    Matcher sample = SAMPLE.matcher(line);
                    assertTrue(sample.matches(), line);
                    assertEquals(family, sample.group(1), "samples of a family stand together");
                    assertTrue(types.containsKey(family), line);
                    assertEquals(types.get(family).equals("counter"), family.endsWith("_total"), line);
                    Map<String, String> labels = labels(sample.group(2), line);
                    Long before = samples.computeIfAbsent(family, name -> new LinkedHashMap<>()).put(labels, Long.valueOf(sample.group(3)));
                    assertEquals(null, before, "twice: " + line);
                }
            }
            assertEquals(types.keySet(), new LinkedHashMap<>(types).keySet());
            assertEquals(helped, samples.keySet(), "a family without samples");
        }

        private static Map<String, String> labels(String text, String line) {
            Map<String, String> labels = new TreeMap<>();
            if (text != null) {
                Matcher label = LABEL.matcher(text);
                int end = 0;
                while (end < text.length()) {
                    assertTrue(label.find() && label.start() == end, line);
                    labels.put(label.group(1), label.group(2));
                    end = label.end();
                }
            }
            return labels;
        }

        long value(String family) {
            return samples.get(family).get(Map.of());
        }

        long sum(String family) {
            return samples.get(family).values().stream().mapToLong(Long::longValue).sum();
        }
    }

    private Exposition metrics(String path) throws IOException {
        String answer = ask(path, "Host: 127.0.0.1\r\n");
        assertTrue(answer.startsWith("HTTP/1.1 200 OK\r\n") && answer.contains("\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n")
                && answer.contains("\r\nCache-Control: no-store\r\n"), answer);
        return new Exposition(answer.substring(answer.indexOf("\r\n\r\n") + 4));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void metricsAreTheCountsAndTheLedger(boolean portable) throws IOException {
        open(ServerConfig.standard().withPortable(portable).withSize(3, 31, 30),
                LedgerPage.before(StatusPages.before(AccessLog.to(folder.resolve(".log"), LogFormat.JSON,
                        FileSite.of(folder, 8).withListing(50)))));
        ask("/none", "");
        Eventually.equal(0, server::connections);  // who has read the end is there until the loop has closed
        Exposition told = metrics("/-/metrics");
        assertEquals(2, told.value("coffer_requests_total"));
        assertEquals(1, told.value("coffer_error_responses_total"));
        assertEquals(2, told.value("coffer_connections_accepted_total"));
        assertEquals(0, told.value("coffer_access_log_lost_total"));
        assertEquals(1, told.value("coffer_connections"));
        assertTrue(told.value("coffer_heap_used_bytes") > 1_000_000);
        assertEquals(server.plan().totalBytes(), told.sum("coffer_memory_planned_bytes"), "each byte once");
        long used = told.sum("coffer_memory_used_bytes");
        assertTrue(used > 0 && used <= told.sum("coffer_memory_peak_bytes") && used < server.plan().totalBytes());
        assertEquals(told.samples.get("coffer_memory_planned_bytes").keySet(), told.samples.get("coffer_memory_peak_bytes").keySet());
        assertEquals(Set.of("loop-0", "loop-1", "loop-2"),
                new HashSet<>(told.samples.get("coffer_memory_used_bytes").keySet().stream().map(labels -> labels.get("region")).toList()));
        assertEquals(3, metrics("/-/metrics").value("coffer_requests_total"), "the page is told of too");
        assertTrue(ask("/-/ledger.json", "Host: localhost\r\n").startsWith("HTTP/1.1 200"), "the ledger's page has room for all rows");
    }

    @Test
    void labelsAreEscaped() {
        assertEquals("a\\\\b\\\"c\\nd", Metrics.escaped("a\\b\"c\nd"));
    }

    @Test
    void healthIsAWord() throws IOException {
        open(ServerConfig.standard(), StatusPages.before(Site.of(exchange -> exchange.respond(Status.CREATED))));
        try (Client client = new Client(server.address())) {
            Client.Response health = client.get("/-/health");
            assertEquals(200, health.status());
            assertEquals("ok\n", health.text());
            assertEquals("no-store", health.field("cache-control"));
            assertEquals(200, client.request("HEAD", "/-/health").status());
            assertEquals(201, client.request("POST", "/-/health").status());
            assertEquals(201, client.get("/-/healthy").status());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/-/health", "/-/metrics", "/-/ledger.json"})
    void nobodyElseIsTold(String path) throws IOException {
        open(ServerConfig.standard(), LedgerPage.before(StatusPages.before(Site.of(exchange -> exchange.respond(Status.CREATED)))));
        for (String told : new String[] {"", "Host: localhost\r\n", "Host: LocalHost:8080\r\n", "Host: 127.9.9.9:1\r\n", "Host: [::1]:1\r\n",
                "Host: localhost\r\nX-Forwarder: a\r\n"}) {
            assertTrue(ask(path, told).startsWith("HTTP/1.1 200"), path + told);
        }
        for (String refused : new String[] {"Host: example.com\r\n", "Host: 127.example.com\r\n", "Host: localhost.example.com\r\n", "Host: 128.0.0.1\r\n",
                "Host: localhost\r\nX-Forwarded-For: 1.2.3.4\r\n", "Host: localhost\r\nForwarded: for=1.2.3.4\r\n", "Host: 127.0.0.1\r\nVia: 1.1 proxy\r\n",
                "Host: localhost\r\nx-forwarded-host: a\r\n", "Host: localhost\r\nX-Real-IP: 1.2.3.4\r\n", "Host: localhost\r\nX-Forwarded-Proto: https\r\n"}) {
            assertTrue(ask(path, refused).startsWith("HTTP/1.1 404"), path + refused);
        }
    }

    @Test
    void thePathsAreAsWasAsked() throws IOException {
        Site behind = Site.of(exchange -> exchange.respond(Status.CREATED));
        open(ServerConfig.standard(), StatusPages.before(behind).withPaths("/healthz", "/metrics"));
        assertTrue(ask("/healthz", "").endsWith("\r\n\r\nok\n"));
        metrics("/metrics");
        assertTrue(ask("/-/health", "").startsWith("HTTP/1.1 201"));
        for (String wrong : new String[] {"", "x", "/a b", "/a?b", "/\u00e9", "/a#", "/" + "x".repeat(255)}) {
            assertThrows(IllegalArgumentException.class, () -> StatusPages.before(behind).withPaths(wrong, "/m"), wrong);
            assertThrows(IllegalArgumentException.class, () -> StatusPages.before(behind).withPaths("/h", wrong), wrong);
        }
        assertThrows(IllegalArgumentException.class, () -> StatusPages.before(behind).withPaths("/same", "/same"));
        StatusPages.before(behind).withPaths("/" + "x".repeat(254), "/m");
    }

    /// One rendering a loop: a second one at the same time is refused, and it is free again, wiped, when its reader has ended.
    @Test
    void aPageIsOneReadersAtATime() throws IOException {
        open(ServerConfig.standard().withBlocks(0, 1024), StatusPages.before(Site.of(exchange -> exchange.respond(Status.CREATED))));
        MemorySegment memory = MemorySegment.ofArray(new byte[Metrics.BYTES]);
        Metrics page = new Metrics(memory);
        page.ready(server);
        MemorySegment output = MemorySegment.ofArray(new byte[7]);
        assertTrue(page.begin());
        assertFalse(page.begin());
        StringBuilder text = new StringBuilder();
        for (long bytes; (bytes = page.body(output, 0, 7)) != Answer.END;) {
            text.append(new String(output.asSlice(0, bytes).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.US_ASCII));
        }
        new Exposition(text.toString());
        page.ended(true);
        assertEquals(-1, memory.mismatch(MemorySegment.ofArray(new byte[Metrics.BYTES])), "wiped");
        assertTrue(page.begin());
        assertEquals(server.plan().totalBytes(), server.ledger().regionBytes());
    }
}
