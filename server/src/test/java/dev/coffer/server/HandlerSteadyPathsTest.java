package dev.coffer.server;

import dev.coffer.http.FieldName;
import dev.coffer.http.HeadWriter;
import dev.coffer.http.Status;
import dev.coffer.testkit.HeapMode;
import dev.coffer.testkit.SteadyPath;
import dev.coffer.testkit.SteadyPaths;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What a loop does for handlers, whoever executes it: 0 heap bytes of its thread. What another thread needs to answer later is
/// that thread's.
class HandlerSteadyPathsTest {
    private static final List<Class<? extends SteadyPath>> PATHS = List.of(Echoes.class, Laters.class, Answers.class,
            Starved.class);

    @ParameterizedTest
    @EnumSource(HeapMode.class)
    void noRequestToAHandlerMakesAnObject(HeapMode mode) {
        SteadyPaths.check(mode, PATHS);
    }

    /// A server, one connection, and the thread of its loop.
    private abstract static class Served implements SteadyPath {
        final Server server;
        final Socket socket;
        private final byte[] heard = new byte[1 << 17];
        private final long thread;

        Served(int connections, int active, Site site) throws IOException {
            ServerConfig config = ServerConfig.standard().withSize(1, connections, active);
            server = Server.open(config.withTimes(20_000_000_000L, 1_000_000, 1_000_000), site);
            server.start();
            thread = Thread.getAllStackTraces().keySet().stream().filter(t -> t.getName().equals("coffer-loop-0"))
                    .findFirst().orElseThrow().threadId();
            socket = connect();
        }

        Socket connect() throws IOException {
            Socket made = new Socket(server.address().getAddress(), server.address().getPort());
            made.setTcpNoDelay(true);
            return made;
        }

        /// Sends, and reads until as many bytes have come as the first answer to the same request had.
        void ask(Socket to, byte[] request, String end) throws IOException {
            to.getOutputStream().write(request);
            hear(to, end);
        }

        void hear(Socket from, String end) throws IOException {
            InputStream in = from.getInputStream();
            byte[] last = end.getBytes(StandardCharsets.US_ASCII);
            int length = 0;
            while (length < last.length || !endsWith(length, last)) {
                int got = in.read(heard, length, heard.length - length);
                if (got < 0) {
                    throw new IOException("ended after " + new String(heard, 0, length, StandardCharsets.US_ASCII));
                }
                length += got;
            }
        }

        private boolean endsWith(int length, byte[] last) {
            for (int i = 0; i < last.length; i++) {
                if (heard[length - last.length + i] != last[i]) {
                    return false;
                }
            }
            return true;
        }

        static byte[] bytes(String text) {
            return text.getBytes(StandardCharsets.US_ASCII);
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

    /// `POST /`, in one piece, in chunks with a trailer, in two halves, and with 100-continue.
    static final class Echoes extends Served {
        private final byte[] plain = bytes("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 10\r\n\r\n0123456789");
        private final byte[] chunked = bytes("POST / HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "5\r\nhello\r\n6\r\n world\r\n0\r\nX-A: b\r\n\r\n");
        private final byte[] large = bytes("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 4096\r\n\r\n" + "x".repeat(4095) + "y");
        private final byte[] expects = bytes("POST / HTTP/1.1\r\nHost: t\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n");
        private final byte[] one = {'!'};
        private final byte[] tooMuch = bytes("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 4097\r\n\r\n" + "x".repeat(4097));

        Echoes() throws IOException {
            super(4, 2, new EchoSite());
        }

        @Override
        public void run() throws IOException {
            ask(socket, plain, "0123456789");
            ask(socket, chunked, "hello world");
            ask(socket, large, "xy");
            ask(socket, expects, "100 Continue\r\n\r\n");
            ask(socket, one, "!");
            ask(socket, tooMuch, "Content Too Large\n");
        }
    }

    /// Answered by another thread.
    static final class Laters extends Served {
        private final byte[] request = bytes("GET /later HTTP/1.1\r\nHost: t\r\n\r\n");

        Laters() throws IOException {
            super(4, 2, new EchoSite());
        }

        @Override
        public void run() throws IOException {
            ask(socket, request, "OK\n");
        }
    }

    /// Every form of answer, with fields, parameters, scratch and someone who is told of the end.
    static final class Answers extends Served {
        private static final byte[] STATUS = bytes("GET /s HTTP/1.1\r\nHost: t\r\n\r\n");
        private static final byte[] SCRATCH = bytes("GET /xx HTTP/1.1\r\nHost: t\r\n\r\n");
        private static final byte[] PIECES = bytes("GET /pieces HTTP/1.1\r\nHost: t\r\n\r\n");

        Answers() throws IOException {
            super(4, 2, Site.of(new Handled()));
        }

        @Override
        public void run() throws IOException {
            ask(socket, STATUS, "Conflict\n");
            ask(socket, SCRATCH, "127.0.0.1");
            ask(socket, PIECES, "\r\n\r\n");
        }
    }

    /// 100,000 bytes of unknown length, and a trailer. One exchange at a time.
    private static final class Handled implements Handler, Answer, Ending {
        private long left;

        @Override
        public void handle(Exchange exchange) {
            exchange.limit(100, 1_000_000_000L);
            exchange.onEnd(this);
            exchange.attach(this);
            exchange.field(FieldName.AGE, 1).field(FieldName.ETAG, exchange.request().segment(), exchange.request().pathAt(), 2);
            exchange.addParameter("name", exchange.request().pathAt(), 1);
            switch (exchange.request().pathLength()) {
                case 2 -> exchange.respond(Status.CONFLICT);
                case 3 -> {
                    int length = exchange.peer(exchange.scratch(), exchange.scratchAt());
                    exchange.respond(Status.OK, MediaType.TEXT, exchange.scratch(), exchange.scratchAt(), length);
                }
                default -> {
                    left = 100_000;
                    exchange.respond(Status.OK, this);
                }
            }
        }

        @Override
        public void ended(Exchange exchange, boolean complete) {
            exchange.attach(null);
        }

        @Override
        public void head(HeadWriter head) {
            head.field(FieldName.CONTENT_TYPE, MediaType.TEXT).contentOfUnknownLength();
        }

        @Override
        public long body(MemorySegment output, long at, long room) {
            long bytes = Math.min(room, left);
            left -= bytes;
            return bytes == 0 ? END : bytes;
        }

        @Override
        public void trailers(HeadWriter trailers) {
            trailers.field(FieldName.AGE, 2);
        }
    }

    /// Memory for one; the other waits for it, and then hears 503.
    static final class Starved extends Served {
        private static final long ACTIVE_BYTES = 16_000;  // or more
        private final byte[] begun = bytes("GET / HTTP/1.1\r\nHost:");
        private final byte[] rest = bytes(" t\r\n\r\n");
        private final byte[] whole = bytes("GET / HTTP/1.1\r\nHost: t\r\n\r\n");

        Starved() throws IOException {
            super(4, 1, Site.of(exchange -> exchange.respond(Status.OK)));
        }

        private final long idle = server.ledger().usedBytes();

        private void awaitLent(boolean lent) {
            while (server.ledger().usedBytes() >= idle + ACTIVE_BYTES != lent) {
                LockSupport.parkNanos(20_000);
            }
        }

        @Override
        public void run() throws IOException {
            awaitLent(false);
            socket.getOutputStream().write(begun);
            awaitLent(true);
            try (Socket other = connect()) {
                ask(other, whole, "Server is busy.\r\n");
            }
            ask(socket, rest, "OK\n");
        }

        @Override
        public int operations() {
            return 5;
        }
    }
}
