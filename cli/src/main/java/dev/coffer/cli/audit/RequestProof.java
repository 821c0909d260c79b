package dev.coffer.cli.audit;

import dev.coffer.memory.ledger.Ledger;
import dev.coffer.server.LoopStatistics.Count;
import dev.coffer.server.Server;
import dev.coffer.server.ServerConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/// A server's loop answers requests without a heap byte and without growing: files, 304s, ranges, HEAD and errors, on an
/// open connection, counted on the loop's own thread.
final class RequestProof implements Proof {
    private static final int WINDOWS = 100;
    private static final int ROUNDS = 200;
    private static final long WARM_UP_NANOS_MAX = 30_000_000_000L;
    private static final int CONNECTIONS = 64;
    private static final long LEFT_ALONE_NANOS = 3_000_000_000L;

    private static final com.sun.management.ThreadMXBean THREADS =
            (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

    @Override
    public String name() {
        return "request";
    }

    @Override
    public String claim() {
        return "an HTTP request on an open connection allocates nothing, on or off the heap";
    }

    @Override
    public List<String> faults() {
        return List.of("request-reconnects");
    }

    @Override
    public Verdict run(Setting setting) {
        boolean reconnect = setting.has("request-reconnects");
        try {
            write(setting.folder().resolve("a.txt"), "0123456789\n".repeat(100));
            write(setting.folder().resolve("b.html"), "<!doctype html><title>b</title>\n");
            LockSupport.parkNanos(LEFT_ALONE_NANOS);
            // The JDK's sockets make objects for each accepted connection: that is the fault.
            ServerConfig config = ServerConfig.standard(setting.folder()).withPortable(reconnect);
            try (Server server = Server.open(config)) {
                server.start();
                return run(server, reconnect);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The tag of a file that has just changed is weak and becomes strong when it has been left alone for a while, which
    /// changes an answer's length: the date is set back, and the change itself, which cannot be dated, is waited for.
    private static void write(Path file, String text) throws IOException {
        Files.writeString(file, text);
        Files.setLastModifiedTime(file, FileTime.fromMillis(System.currentTimeMillis() - 3_600_000));
    }

    private static Verdict run(Server server, boolean reconnect) throws IOException {
        long thread = loopThread();
        Ledger ledger = server.ledger();
        String tag;
        try (RequestClient client = new RequestClient(server.address())) {
            tag = client.entityTag("/a.txt");
        }
        List<String> round = List.of(get("/a.txt", ""), get("/b.html", ""), get("/a.txt", "If-None-Match: " + tag),
                get("/a.txt", "Range: bytes=5-14"), get("/missing", ""), get("/a.txt", "Range: bytes=900000-"),
                get("/a.txt", "").replace("GET", "HEAD"));
        try (RequestClient client = new RequestClient(server.address())) {
            client.learn(round);
            if (!reconnect) {  // the fault never warms up
                warmUp(client, thread);
            }
            long requestsBefore = server.count(Count.REQUESTS);
            long used = settled(ledger);
            long held = ledger.regionBytes();
            long start = System.nanoTime();
            long allocated = 0;
            int windows = 0;
            for (int i = 0; i < WINDOWS; i++) {
                long before = heapBytes(thread);
                if (reconnect) {
                    new RequestClient(server.address()).close();
                }
                client.rounds(ROUNDS);
                long bytes = heapBytes(thread) - before;
                allocated += bytes;
                windows += bytes == 0 ? 0 : 1;
            }
            long seconds = (System.nanoTime() - start) / 1_000_000_000;
            long grown = settled(ledger) - used + ledger.regionBytes() - held;
            long answered = server.count(Count.REQUESTS) - requestsBefore;
            // Once a second, not once a request, the loop looks whether its files have changed.
            boolean promised = windows <= seconds + 1 && grown == 0 && answered == (long) WINDOWS * ROUNDS * round.size();
            return Verdict.of(promised, String.format("%,d requests (200, 206, 304, 404, 416, HEAD): 0 heap bytes on the "
                    + "loop's thread in %d of %d windows of %,d requests, %,d bytes in the rest (files looked after once a "
                    + "second, in %d s); ledger grown by %,d bytes; an accepted connection: %,d heap bytes", answered,
                    WINDOWS - windows, WINDOWS, ROUNDS * round.size(), allocated, seconds, grown,
                    perConnection(server, thread)));
        }
    }

    /// Until the loop's code is compiled: a system call costs a slice of 32 bytes in the interpreter and in C1.
    private static void warmUp(RequestClient client, long thread) throws IOException {
        int quiet = 0;
        long start = System.nanoTime();
        while (quiet < WINDOWS / 5 && System.nanoTime() - start < WARM_UP_NANOS_MAX) {
            long before = heapBytes(thread);
            client.rounds(ROUNDS);
            quiet = heapBytes(thread) == before ? quiet + 1 : 0;
        }
    }

    /// {@return bytes in use once the last answer's buffers are back}
    private static long settled(Ledger ledger) {
        long least = ledger.usedBytes();
        for (int i = 0; i < 50; i++) {
            LockSupport.parkNanos(4_000_000);
            least = Math.min(least, ledger.usedBytes());
        }
        return least;
    }

    private static String get(String path, String field) {
        return "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n" + (field.isEmpty() ? "" : field + "\r\n") + "\r\n";
    }

    /// Stated, not promised.
    private static long perConnection(Server server, long thread) throws IOException {
        long before = 0;
        for (int pass = 0; pass < 2; pass++) {  // the first warms up
            before = heapBytes(thread);
            for (int i = 0; i < CONNECTIONS; i++) {
                try (RequestClient client = new RequestClient(server.address())) {
                    client.entityTag("/a.txt");
                }
            }
        }
        return (heapBytes(thread) - before) / CONNECTIONS;
    }

    private static long loopThread() {
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            if (thread.getName().equals("coffer-loop-0")) {
                return thread.threadId();
            }
        }
        throw new IllegalStateException("the server's loop has no thread \"coffer-loop-0\"");
    }

    private static long heapBytes(long thread) {
        return THREADS.getThreadAllocatedBytes(thread);
    }
}
