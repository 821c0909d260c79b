package dev.coffer.server;

import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig.Commit;
import dev.coffer.server.drive.LoopConfig;
import dev.coffer.server.websocket.Frames;
import dev.coffer.server.websocket.WebSocketConfig;
import dev.coffer.server.websocket.WebSocketHub;
import dev.coffer.testkit.HeapMode;
import dev.coffer.testkit.SteadyPath;
import dev.coffer.testkit.SteadyPaths;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What a loop does for its peers over real sockets: 0 heap bytes of its thread, whoever executes it. The portable form,
/// on the JDK's sockets, makes no such promise: its figure is in `ServerAllocationTest`.
class ServerSteadyPathsTest {
    private static final List<Class<? extends SteadyPath>> PATHS = List.of(Requests.class, Faults.class, Newcomers.class,
            Looks.class, TurnedAway.class, Idle.class, Large.class, Touched.class, Sockets.class);

    @ParameterizedTest
    @EnumSource(HeapMode.class)
    void noRequestAndNoConnectionMakesAnObject(HeapMode mode) {
        SteadyPaths.check(mode, PATHS);
    }

    /// A server with a few files, and the thread of its one loop.
    private abstract static class Served implements SteadyPath {
        static final String HOST = " HTTP/1.1\r\nHost: localhost\r\n";
        final TurnedClock clock = new TurnedClock();
        final Server server;
        private final long thread;
        private final byte[] sink = new byte[1 << 16];

        Served(int connections, int files) throws IOException {
            this(connections, files, LoopConfig.COMMIT);
        }

        Served(int connections, int files, Commit commit) throws IOException {
            Path root = Files.createTempDirectory("steady");
            Runtime.getRuntime().addShutdownHook(new Thread(() -> deleteFiles(root)));
            for (int i = 0; i < 6; i++) {
                Path file = Files.writeString(root.resolve("f" + i + ".txt"), "x".repeat(10 + 100 * i));
                Files.setLastModifiedTime(file, FileTime.from(Instant.ofEpochSecond(1_700_000_000)));
            }
            Files.createDirectory(root.resolve("sub"));
            Files.write(root.resolve("large.bin"), new byte[3 << 20]);
            server = Setup.standard(root).withCommit(commit).sized(1, connections, files).open(clock);
            server.start();
            thread = Thread.getAllStackTraces().keySet().stream().filter(t -> t.getName().equals("coffer-loop-0"))
                    .findFirst().orElseThrow().threadId();
        }

        private static void deleteFiles(Path root) {
            try (var paths = Files.walk(root)) {
                paths.sorted(Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        Socket connect() throws IOException {
            Socket socket = new Socket(server.address().getAddress(), server.address().getPort());
            socket.setTcpNoDelay(true);
            return socket;
        }

        /// Sends, reads what comes until the server closes, and answers with the status.
        int converse(String text) throws IOException {
            try (Socket socket = connect()) {
                socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
                return readToEnd(socket);
            }
        }

        int readToEnd(Socket socket) throws IOException {
            InputStream in = socket.getInputStream();
            int total = 0;
            int got;
            try {
                while ((got = in.read(sink, total, 512)) >= 0) {
                    total = Math.min(total + got, 1 << 15);
                }
            } catch (IOException e) {
                // reset: what was there is what we have
            }
            return total < 12 ? 0 : Integer.parseInt(new String(sink, 9, 3, StandardCharsets.US_ASCII));
        }

        /// Reads answers until so many have come in all.
        void drain(Socket socket, long answers) throws IOException {
            InputStream in = socket.getInputStream();
            while (server.count(LoopStatistics.Count.REQUESTS) < answers || in.available() > 0) {
                if (in.available() > 0) {
                    in.read(sink);
                } else {
                    LockSupport.parkNanos(20_000);
                }
            }
        }

        static void expect(int expected, int status) {
            if (status != expected) {
                throw new AssertionError("status " + status + " (expected " + expected + ")");
            }
        }

        @Override
        public int operations() {
            return 20;
        }

        @Override
        public long thread() {
            return thread;
        }

        @Override
        public void close() {
            server.close();
        }
    }

    /// Every kind of request, pipelined and one by one, on a connection that stays open.
    static final class Requests extends Served {
        private static final String[] KINDS = {"GET /f0.txt" + HOST + "\r\n", "GET /f1.txt?q" + HOST + "Accept: */*\r\n\r\n",
                "GET /f1.txt" + HOST + "If-Modified-Since: Tue, 14 Nov 2023 22:13:20 GMT\r\n\r\n",
                "GET /f2.txt" + HOST + "If-None-Match: \"x\", *\r\n\r\n", "GET /f2.txt" + HOST + "If-Match: \"x\"\r\n\r\n",
                "GET /f3.txt" + HOST + "Range: bytes=5-20\r\n\r\n",
                "GET /f4.txt" + HOST + "Range: bytes=-7\r\nIf-Range: \"x\"\r\n\r\n",
                "GET /f5.txt" + HOST + "Range: bytes=99999-\r\n\r\n", "HEAD /f5.txt" + HOST + "\r\n", "GET /none" + HOST + "\r\n",
                "GET /../x" + HOST + "\r\n", "GET /%zz" + HOST + "\r\n", "GET /sub" + HOST + "\r\n", "GET /sub/" + HOST + "\r\n",
                "OPTIONS /f0.txt" + HOST + "\r\n", "BREW /f0.txt" + HOST + "\r\n",
                "POST /f0.txt" + HOST + "Content-Length: 3\r\n\r\nabc",
                "POST /f0.txt" + HOST + "Transfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0\r\nX-T: 1\r\n\r\n",
                "GET /" + "a".repeat(260) + HOST + "\r\n",
                "GET /-/ledger.json" + HOST + "\r\n", "GET /-/ledger.json HTTP/1.1\r\nHost: example.com\r\n\r\n"};
        private final Socket socket = connect();
        private final byte[][] requests = new byte[KINDS.length][];
        private final byte[] all = String.join("", KINDS).getBytes(StandardCharsets.US_ASCII);

        Requests() throws IOException {
            super(8, 8);
            for (int i = 0; i < requests.length; i++) {
                requests[i] = KINDS[i].getBytes(StandardCharsets.US_ASCII);
            }
        }

        @Override
        public void run() throws IOException {
            long before = server.count(LoopStatistics.Count.REQUESTS);
            socket.getOutputStream().write(all);
            drain(socket, before + requests.length);
            for (byte[] request : requests) {
                before = server.count(LoopStatistics.Count.REQUESTS);
                socket.getOutputStream().write(request, 0, 9);  // cut, so that half a request waits for the rest
                socket.getOutputStream().write(request, 9, request.length - 9);
                drain(socket, before + 1);
            }
        }
    }

    /// Refusals that end their connection.
    static final class Faults extends Served {
        Faults() throws IOException {
            super(8, 8);
        }

        @Override
        public void run() throws IOException {
            expect(400, converse("GET / HTTP/1.1\r\n\r\n"));
            expect(400, converse("\0\r\n\r\n"));
            expect(505, converse("GET / HTTP/3.0\r\nHost: a\r\n\r\n"));
            expect(501, converse("POST /" + HOST + "Transfer-Encoding: gzip, chunked\r\n\r\n"));
            expect(417, converse("GET /" + HOST + "Expect: tea\r\n\r\n"));
            expect(200, converse("GET /f1.txt" + HOST + "Connection: close\r\n\r\n"));
            converse("GET /" + HOST + "X: " + "b".repeat(20_000));
        }

        @Override
        public int operations() {
            return 8;
        }
    }

    /// A connection, two files that are not open, and goodbye: two slots for six files.
    static final class Newcomers extends Served {
        private int next;

        Newcomers() throws IOException {
            super(8, 2);
        }

        @Override
        public void run() throws IOException {
            next = (next + 1) % 6;
            expect(200, converse("GET /f" + next + ".txt" + HOST + "\r\nGET /f" + (next + 3) % 6 + ".txt" + HOST
                    + "Connection: close\r\n\r\n"));
        }
    }

    /// Files that are looked after again: the clock goes on by more than they are trusted for.
    static final class Looks extends Served {
        Looks() throws IOException {
            super(8, 8);
        }

        @Override
        public void run() throws IOException {
            clock.advanceMillis(3000);
            for (int i = 0; i < 6; i++) {
                expect(200, converse("GET /f" + i + ".txt" + HOST + "Connection: close\r\n\r\n"));
            }
        }
    }

    /// One seat, which is taken: 503 for who comes then.
    static final class TurnedAway extends Served {
        private final Socket seated = connect();

        TurnedAway() throws IOException {
            super(1, 8);
            long before = server.count(LoopStatistics.Count.REQUESTS);
            seated.getOutputStream().write(("GET /f0.txt" + HOST + "\r\n").getBytes(StandardCharsets.US_ASCII));
            drain(seated, before + 1);
        }

        @Override
        public void run() throws IOException {
            expect(503, converse("GET /" + HOST + "\r\n"));
        }
    }

    /// Peers that say nothing, or begin and do not end, until their time is over.
    static final class Idle extends Served {
        Idle() throws IOException {
            super(8, 8);
        }

        @Override
        public void run() throws IOException {
            try (Socket silent = connect(); Socket slow = connect(); Socket kept = connect()) {
                slow.getOutputStream().write("GET /f1".getBytes(StandardCharsets.US_ASCII));
                long before = server.count(LoopStatistics.Count.REQUESTS);
                kept.getOutputStream().write(("GET /f0.txt" + HOST + "\r\n").getBytes(StandardCharsets.US_ASCII));
                drain(kept, before + 1);
                clock.advanceMillis(3_600_000);
                expect(200, converse("GET /f1.txt" + HOST + "Connection: close\r\n\r\n"));  // the loop looks at its clock
                readToEnd(silent);
                readToEnd(slow);
                readToEnd(kept);
            }
        }

        @Override
        public int operations() {
            return 5;
        }
    }

    /// More than the system's buffers take at once.
    static final class Large extends Served {
        private final Socket socket = connect();
        private final byte[] request = ("GET /large.bin" + HOST + "\r\n").getBytes(StandardCharsets.US_ASCII);

        Large() throws IOException {
            super(8, 8);
        }

        @Override
        public void run() throws IOException {
            long before = server.count(LoopStatistics.Count.REQUESTS);
            socket.getOutputStream().write(request);
            LockSupport.parkNanos(2_000_000);
            drain(socket, before + 1);
        }

        @Override
        public int operations() {
            return 5;
        }
    }

    /// Memory that is committed when touched: pages that an answer took, which the sweep gives back between two of them, and which the next one takes anew.
    static final class Touched extends Served {
        private static final int PASSES = 4;
        private static final int PASS_MILLIS = 1_100;
        private static final int TRIES_MAX = 100;
        private final Region region = server.regions().getFirst();

        Touched() throws IOException {
            super(8, 8, Commit.ON_TOUCH);
        }

        /// A machine that is so busy that whole passes go by between two looks shows the same number twice: then once more.
        @Override
        public void run() throws IOException {
            boolean less = !region.givesBack();
            int tries = 0;
            do {
                if (tries++ == TRIES_MAX) {
                    throw new AssertionError("nothing was given back: " + region.committedBytes() + " bytes are committed");
                }
                expect(200, converse("GET /large.bin" + HOST + "Connection: close\r\n\r\n"));
                long before = region.committedBytes();
                for (int i = 0; i < PASSES; i++) {
                    clock.advanceMillis(PASS_MILLIS);
                    expect(200, converse("GET /f1.txt" + HOST + "Connection: close\r\n\r\n"));  // the loop looks at its clock
                    long now = region.committedBytes();
                    less |= now < before;
                    before = now;
                }
            } while (!less);
        }

        @Override
        public int operations() {
            return 5;
        }
    }

    /// Messages both ways on sockets that rest between them, whole and in pieces; pings, broadcasts, an opening and an end. The client takes everything.
    static final class Sockets implements SteadyPath {
        private static final int BYTES = 3 + 8 + 302 + 5 + 5;     // of what comes back in a run, on the first socket
        private final WebSocketHub hub = WebSocketHub.of(WebSocketConfig.standard(),
                (socket, text, data, at, length, last) -> socket.send(text, data, at, length));
        private final Server server = Server.open(ServerConfig.standard(), hub);
        private final long thread;
        private final Frames one;
        private final byte[] text = Frames.frame(0x81, "x");
        private final byte[] ping = Frames.frame(0x89, "a ping");
        private final byte[] large = Frames.frame(0x82, "y".repeat(298));
        private final byte[] first = Frames.frame(1, "on");
        private final byte[] last = Frames.frame(0x80, "e");
        private final byte[] sink = new byte[1 << 12];
        private final MemorySegment news = MemorySegment.ofArray("all".getBytes(StandardCharsets.US_ASCII));

        Sockets() throws IOException {
            server.start();
            thread = Thread.getAllStackTraces().keySet().stream().filter(t -> t.getName().equals("coffer-loop-0")).findFirst().orElseThrow().threadId();
            one = Frames.open(server.address(), "/");
        }

        @Override
        public void run() throws IOException {
            try (Frames passing = Frames.open(server.address(), "/")) {
                one.say(text).say(ping);
                one.say(large, 100).say(first).say(last);
                hub.broadcast(true, news, 0, 3);
                for (int got = 0; got < BYTES;) {
                    got += one.read(sink, BYTES - got);
                }
                passing.say(Frames.close(1000));
                while (passing.read(sink, sink.length) >= 0) {
                    // its close, and the end
                }
            }
        }

        @Override
        public int operations() {
            return 10;
        }

        @Override
        public long thread() {
            return thread;
        }

        @Override
        public void close() {
            server.close();
        }
    }
}
