package dev.coffer.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.server.LoopStatistics.Count;
import dev.coffer.testkit.HeapBytes;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What the loop's thread allocates on the heap, counted by the VM.
class ServerAllocationTest {
    private static final int FILES = 12;

    @TempDir
    Path root;

    private Server server;
    private long loop;  // id of its thread

    private void open(Setup config) throws IOException {
        for (int i = 0; i < FILES; i++) {
            Path file = Files.writeString(root.resolve("f" + i + ".txt"), "x".repeat(10 + 100 * i));
            Files.setLastModifiedTime(file, FileTime.from(Instant.ofEpochSecond(1_700_000_000)));
        }
        server = config.open();
        server.start();
        loop = Thread.getAllStackTraces().keySet().stream().filter(t -> t.getName().equals("coffer-loop-0"))
                .findFirst().orElseThrow().threadId();
    }

    /// A round of everything: different paths, a 304, ranges, a 416, a 404, a refused path, another method, the ledger.
    private static byte[] round() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < FILES; i++) {
            text.append("GET /f").append(i).append(".txt HTTP/1.1\r\nHost: t\r\nAccept: */*\r\n\r\n");
        }
        String[] more = {"GET /f1.txt HTTP/1.1\r\nHost: t\r\nIf-Modified-Since: Tue, 14 Nov 2023 22:13:20 GMT\r\n\r\n",
                "GET /f2.txt HTTP/1.1\r\nHost: t\r\nIf-None-Match: \"x\", *\r\n\r\n",
                "GET /f3.txt HTTP/1.1\r\nHost: t\r\nRange: bytes=5-20\r\n\r\n",
                "GET /f4.txt HTTP/1.1\r\nHost: t\r\nRange: bytes=-7\r\nIf-Range: \"x\"\r\n\r\n",
                "GET /f5.txt HTTP/1.1\r\nHost: t\r\nRange: bytes=99999-\r\n\r\n",
                "HEAD /f6.txt HTTP/1.1\r\nHost: t\r\n\r\n", "GET /none HTTP/1.1\r\nHost: t\r\n\r\n",
                "GET /../x HTTP/1.1\r\nHost: t\r\n\r\n", "OPTIONS /f0.txt HTTP/1.1\r\nHost: t\r\n\r\n",
                "POST /f0.txt HTTP/1.1\r\nHost: t\r\nContent-Length: 3\r\n\r\nabc",
                "GET /-/ledger.json HTTP/1.1\r\nHost: localhost\r\n\r\n"};
        for (String request : more) {
            text.append(request);
        }
        return text.toString().getBytes(StandardCharsets.US_ASCII);
    }

    /// {@return requests answered}
    private long requests(Client client, long rounds) throws IOException {
        byte[] round = round();
        long perRound = new String(round, StandardCharsets.US_ASCII).split("HTTP/1.1", -1).length - 1;
        InputStream in = client.socket().getInputStream();
        byte[] sink = new byte[1 << 16];
        long before = server.count(Count.REQUESTS);
        for (long i = 0; i < rounds; i++) {
            client.socket().getOutputStream().write(round);
            while (server.count(Count.REQUESTS) < before + (i + 1) * perRound || in.available() > 0) {
                if (in.available() > 0) {
                    in.read(sink);
                } else {
                    Thread.onSpinWait();
                }
            }
        }
        return rounds * perRound;
    }

    private void requestsAllocateNothing(long rounds, int windows) throws IOException, InterruptedException {
        open(Setup.standard(root));
        try (Client client = new Client(server.address())) {
            // What the VM itself makes on the loop's thread while it hands classes to its compilers comes once a class, when
            // the compilers get to it; what a request allocated would show in every window. `ServerSteadyPathsTest` asks the
            // interpreter, which has no such moments.
            long allocated = Long.MAX_VALUE;
            long count = 0;
            int quiet = 0;
            for (int window = 0; window < windows && quiet < 3; window++) {
                long before = HeapBytes.ofThread(loop);
                count = requests(client, rounds);
                allocated = HeapBytes.ofThread(loop) - before;
                quiet = allocated == 0 ? quiet + 1 : 0;
                System.out.println("requests: " + count + ", heap bytes of the loop's thread: " + allocated);
            }
            assertEquals(3, quiet, "windows in a row without a heap byte; in the last: " + allocated);
        } finally {
            server.close();
        }
    }

    @Test
    @Timeout(600)
    void requestsOnAnOpenConnectionAllocateNothing() throws IOException, InterruptedException {
        requestsAllocateNothing(300, 100);
    }

    @Test
    @Tag("long")
    void aMillionRequestsAllocateNothing() throws IOException, InterruptedException {
        requestsAllocateNothing(50_000, 20);
    }

    @Test
    @Timeout(600)
    void connectionsAndCacheMissesAllocateNothing() throws IOException {
        open(Setup.standard(root).sized(1, 8, 2));  // fewer slots than files: nearly every request misses
        try {
            long last = Long.MAX_VALUE;
            for (int pass = 0; pass < 100 && last > 0; pass++) {
                long before = HeapBytes.ofThread(loop);
                for (int i = 0; i < 600; i++) {
                    try (Client client = new Client(server.address())) {
                        assertEquals(200, client.get("/f" + i % FILES + ".txt").status());
                        assertEquals(200, client.get("/f" + (i + 5) % FILES + ".txt").status());
                    }
                }
                last = HeapBytes.ofThread(loop) - before;
                System.out.println("600 connections with 1200 cache misses: " + last + " heap bytes");
            }
            assertEquals(0, last, "heap bytes of 600 connections with two cache misses each");
        } finally {
            server.close();
        }
    }

    /// Not a promise but a figure: what the JDK's own sockets and files cost.
    @Test
    @Timeout(600)
    void thePortableFormIsMeasured() throws IOException {
        open(Setup.standard(root).withPortable(true));
        try {
            int count = 1000;
            long connection = 0;
            for (int pass = 0; pass < 3; pass++) {
                long before = HeapBytes.ofThread(loop);
                for (int i = 0; i < count; i++) {
                    try (Client client = new Client(server.address())) {
                        assertEquals(200, client.get("/f1.txt").status());
                    }
                }
                connection = (HeapBytes.ofThread(loop) - before) / count;
            }
            System.out.println("JDK sockets: " + connection + " heap bytes per accepted connection with one request");
            assertTrue(connection < 8192, connection + " heap bytes a connection");
        } finally {
            server.close();
        }
    }
}
