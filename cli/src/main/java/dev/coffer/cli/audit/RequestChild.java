package dev.coffer.cli.audit;

import dev.coffer.instruments.ChildJvm;
import dev.coffer.memory.ledger.Ledger;
import dev.coffer.server.LedgerPage;
import dev.coffer.server.LoopStatistics.Count;
import dev.coffer.server.Server;
import dev.coffer.server.ServerConfig;
import dev.coffer.server.files.FileSite;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/// The process that [RequestProof] looks at: a server and its one client. Says what it counted in one line and ends.
final class RequestChild {
    /// Windows of [#REQUESTS] each; those of the first half link what was not linked, those of the second half are judged.
    private static final int WINDOWS = 100;
    private static final int FAULTY_WINDOWS = 10;  // a fault makes objects in each of them
    private static final int ROUNDS = 10;
    static final int KINDS = 7;
    static final int REQUESTS = ROUNDS * KINDS;
    private static final int CONNECTIONS = 16;
    private static final long LEFT_ALONE_NANOS = 3_000_000_000L;

    private static final com.sun.management.ThreadMXBean THREADS =
            (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

    private RequestChild() {}

    /// The child: `FOLDER FAULT`.
    public static void main(String... arguments) throws IOException {
        Path folder = Path.of(arguments[0]);
        boolean reconnect = arguments[1].equals("request-reconnects");
        write(folder.resolve("a.txt"), "0123456789\n".repeat(100));
        write(folder.resolve("b.html"), "<!doctype html><title>b</title>\n");
        LockSupport.parkNanos(LEFT_ALONE_NANOS);
        // The JDK's sockets make objects for each accepted connection, its files for each that is looked for: the faults.
        ServerConfig config = ServerConfig.standard().withPortable(!arguments[1].equals("none"));
        try (Server server = Server.open(config, LedgerPage.before(FileSite.of(folder, FileSite.FILES)))) {
            server.start();
            ChildJvm.pause("counted " + count(server, reconnect, windows(arguments[1])));
        }
    }

    /// {@return how many there are under a fault, or none}
    static int windows(String fault) {
        return fault.equals("none") ? WINDOWS : FAULTY_WINDOWS;
    }

    /// The tag of a file that has just changed is weak and becomes strong when it has been left alone for a while, which
    /// changes an answer's length: the date is set back, and the change itself, which cannot be dated, is waited for.
    private static void write(Path file, String text) throws IOException {
        Files.writeString(file, text);
        Files.setLastModifiedTime(file, FileTime.fromMillis(System.currentTimeMillis() - 3_600_000));
    }

    /// {@return requests answered; bytes of the first half; bytes of the second; windows of the second with none; bytes that
    /// the ledger grew by; bytes of an accepted connection}
    private static String count(Server server, boolean reconnect, int windows) throws IOException {
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
            heapBytes(thread);
            long requestsBefore = server.count(Count.REQUESTS);
            long used = settled(ledger);
            long held = ledger.regionBytes();
            long[] allocated = new long[2];
            int empty = 0;
            for (int i = 0; i < windows; i++) {
                long before = heapBytes(thread);
                if (reconnect) {
                    new RequestClient(server.address()).close();
                }
                client.rounds(ROUNDS);
                long bytes = heapBytes(thread) - before;
                allocated[2 * i / windows] += bytes;
                empty += 2 * i >= windows && bytes == 0 ? 1 : 0;
            }
            long grown = settled(ledger) - used + ledger.regionBytes() - held;
            long answered = server.count(Count.REQUESTS) - requestsBefore;
            return answered + " " + allocated[0] + " " + allocated[1] + " " + empty + " " + grown + " "
                    + perConnection(server, thread);
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

    private static long perConnection(Server server, long thread) throws IOException {
        long before = 0;
        for (int pass = 0; pass < 2; pass++) {  // the first links
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
