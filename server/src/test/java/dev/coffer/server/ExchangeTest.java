package dev.coffer.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.http.Ascii;
import dev.coffer.http.FieldName;
import dev.coffer.http.HeadWriter;
import dev.coffer.http.Status;
import dev.coffer.server.Client.Response;
import dev.coffer.server.LoopStatistics.Count;
import dev.coffer.server.time.Timer;
import dev.coffer.testkit.Eventually;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What a handler can do with an exchange, over real sockets.
@Timeout(600)
class ExchangeTest {
    private static final Ascii NAME = Ascii.of("x-name");
    private static final Ascii VALUE = Ascii.of("value");

    private final BlockingQueue<Object> seen = new ArrayBlockingQueue<>(100);
    private Server server;

    private Client serve(Handler handler) throws IOException {
        return serve(ServerConfig.standard(), handler);
    }

    private Client serve(ServerConfig config, Handler handler) throws IOException {
        server = Server.open(config, Site.of(handler));
        server.start();
        return new Client(server.address());
    }

    @AfterEach
    void close() {
        if (server != null) {
            server.close();
        }
    }

    private Object next() throws InterruptedException {
        Object next = seen.poll(Eventually.MILLIS, TimeUnit.MILLISECONDS);
        return next == null ? "nothing" : next;
    }

    private static String text(MemorySegment segment, long at, long length) {
        byte[] bytes = new byte[(int) length];
        MemorySegment.copy(segment, ValueLayout.JAVA_BYTE, at, bytes, 0, bytes.length);
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    /// Content of unknown length, piece by piece, and a trailer.
    private static final class Pieces implements Answer {
        private final BlockingQueue<Object> told;
        private int left;

        Pieces(int count, BlockingQueue<Object> told) {
            this.left = count;
            this.told = told;
        }

        @Override
        public void head(HeadWriter head) {
            head.field(FieldName.CONTENT_TYPE, MediaType.TEXT).contentOfUnknownLength();
        }

        @Override
        public long body(MemorySegment output, long at, long room) {
            if (left == 0) {
                return END;
            }
            left--;
            output.set(ValueLayout.JAVA_BYTE, at, (byte) 'p');
            return 1;
        }

        @Override
        public void trailers(HeadWriter trailers) {
            trailers.field(NAME, VALUE);
        }

        @Override
        public void ended(boolean complete) {
            told.add("ended " + complete);
        }
    }

    /// Takes all content and answers with it.
    private static class Collector implements ContentSink {
        private final StringBuilder content = new StringBuilder();
        private final int most;

        Collector(int most) {
            this.most = most;
        }

        @Override
        public long take(Exchange exchange, MemorySegment segment, long at, long length) {
            long taken = Math.min(length, most);
            content.append(text(segment, at, taken));
            if (taken < length) {
                Later remote = exchange.remote();
                long ticket = remote.ticket();
                Thread.ofVirtual().start(() -> remote.resume(ticket));
            }
            return taken;
        }

        @Override
        public void end(Exchange exchange) {
            byte[] bytes = (content + "|" + exchange.trailers().count()).getBytes(StandardCharsets.ISO_8859_1);
            exchange.respond(Status.OK, MediaType.TEXT, MemorySegment.ofArray(bytes), 0, bytes.length);
        }
    }

    @Test
    void aStatusIsAnsweredInWordsAndWithTheFieldsThatWereAdded() throws Exception {
        try (Client client = serve(exchange -> exchange.field(FieldName.CACHE_CONTROL, VALUE).field(NAME, VALUE)
                .field(FieldName.AGE, 7).field(FieldName.ETAG, exchange.request().segment(), exchange.request().pathAt(), 3)
                .respond(Status.CONFLICT))) {
            for (int i = 0; i < 3; i++) {
                Response response = client.get("/abc");
                assertEquals(409, response.status());
                assertEquals("Conflict\n", response.text());
                assertEquals("value", response.field("cache-control"));
                assertEquals("value", response.field("x-name"));
                assertEquals("7", response.field("age"));
                assertEquals("/ab", response.field("etag"));
            }
            assertEquals(3, server.count(Count.ERRORS));
            assertEquals(0, server.count(Count.FAILED));
        }
    }

    @Test
    void bytesAreAnsweredAndAnAnswerInPiecesEndsWithItsTrailers() throws Exception {
        try (Arena arena = Arena.ofShared()) {
            MemorySegment bytes = arena.allocate(100_000).fill((byte) 'b');
            Client client = serve(exchange -> {
                if (exchange.request().pathLength() > 1) {
                    exchange.respond(Status.OK, new Pieces(3, seen));
                } else {
                    exchange.respond(Status.OK, MediaType.TEXT, bytes, 10, 99_990);
                }
            });
            try (client) {
                assertEquals("b".repeat(99_990), client.get("/").text());
                client.send("GET /p HTTP/1.1\r\nHost: t\r\n\r\n");
                assertEquals("chunked", client.read().field("transfer-encoding"));
                assertEquals("ended true", next());
                StringBuilder rest = new StringBuilder();
                while (!rest.toString().endsWith("x-name: value\r\n\r\n")) {
                    rest.append((char) client.socket().getInputStream().read());
                }
                assertEquals("ppp", rest.toString().replaceAll("[^p]", ""));
                assertEquals("b".repeat(99_990), client.get("/").text());
            }
            server.close();
        }
    }

    @Test
    void contentIsTakenAtThePaceOfItsSinkWithItsTrailers() throws Exception {
        for (int most : new int[] {1, 7, Integer.MAX_VALUE}) {
            try (Client client = serve(exchange -> exchange.receive(new Collector(most), 10_000))) {
                assertEquals("|0", client.request("POST", "/").text());
                client.send("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 5\r\n\r\nhello");
                assertEquals("hello|0", client.read().text());
                client.send("POST / HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n"
                        + "X-A: b\r\n\r\n");
                assertEquals("hello world|1", client.read().text());
                String large = "0123456789".repeat(300);  // more than a window
                client.send("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 3000\r\n\r\n" + large);
                assertEquals(large + "|0", client.read().text());
            }
            server.close();
        }
    }

    @Test
    void whoWaitsFor100IsToldWhenTheContentIsWantedAndOnlyThen() throws Exception {
        try (Client client = serve(exchange -> {
            if (exchange.request().pathLength() > 1) {
                exchange.respond(Status.OK);
            } else {
                exchange.receive(new Collector(100), 10);
            }
        })) {
            String head = " HTTP/1.1\r\nHost: t\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n";
            client.send("PUT /" + head);
            assertEquals(100, client.read().status());
            client.send("ab");
            assertEquals("ab|0", client.read().text());
            client.send("PUT /" + head.replace(": 2", ": 11"));
            assertEquals(413, client.read().status(), "not worth asking for");
            assertTrue(client.atEnd());
            try (Client other = new Client(server.address())) {
                other.send("PUT /x" + head);
                assertEquals(200, other.read().status());
                assertTrue(other.atEnd());
            }
        }
    }

    @Test
    void contentAtItsLimitIsTakenAndOneByteMoreIs413HoweverItIsFramed() throws Exception {
        try (Client client = serve(exchange -> exchange.receive(new Collector(3), 10))) {
            client.send("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 10\r\n\r\n0123456789");
            assertEquals("0123456789|0", client.read().text());
            client.send("POST / HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\na\r\n0123456789\r\n0\r\n\r\n");
            assertEquals("0123456789|0", client.read().text());
            client.send("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 11\r\n\r\n01234567890");
            assertEquals(413, client.read().status());
            client.send("POST / HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n01234567890\r\n0\r\n\r\n");
            assertEquals(413, client.read().status());
            assertEquals(0, server.count(Count.FAILED));
        }
    }

    @Test
    void aRoutesLimitsHold() throws Exception {
        try (Client client = serve(exchange -> {
            boolean within = exchange.limit(3, 50_000_000);
            seen.add(within);
            if (within && exchange.request().contentLength() != 0) {
                exchange.receive(new Collector(100), 1000);
            } else if (within) {
                exchange.later();
            }
        })) {
            client.send("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 3\r\n\r\nabc");
            assertEquals("abc|0", client.read().text());
            client.send("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 4\r\n\r\nabcd");
            assertEquals(413, client.read().status());
            assertEquals(503, client.get("/").status(), "nobody answers it in time");
            client.send("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 3\r\n\r\na");
            assertEquals(408, client.read().status(), "its content does not come in time");
            assertEquals(List.of(true, false, true, true), new ArrayList<>(seen));
        }
    }

    @Test
    void whatAHandlerThrowsIs500AndHurtsNobodyElse() throws Exception {
        try (Client client = serve(exchange -> {
            switch (exchange.request().pathLength()) {
                case 1 -> exchange.respond(Status.OK);
                case 2 -> throw new IllegalStateException("secret");
                case 3 -> throw new StackOverflowError();
                case 4 -> {
                    exchange.field(NAME, VALUE).respond(Status.OK);
                    throw new AssertionError("after the answer");
                }
                case 5 -> {}
                case 7 -> throw new InternalError("a fault in memory that was mapped");
                default -> exchange.receive(new Collector(10) {
                    @Override
                    public void end(Exchange ended) {
                        // answers nothing
                    }
                }, 10);
            }
        }); Client other = new Client(server.address())) {
            int failed = 0;
            for (String path : new String[] {"/2", "/33", "/444", "/5555", "/66666", "/777777"}) {
                Response response = client.get(path);
                assertEquals(500, response.status(), path);
                assertEquals("Internal Server Error\n", response.text());
                assertFalse(response.fields().containsKey("x-name"));
                assertEquals(++failed, server.count(Count.FAILED));
                assertEquals(200, other.get("/").status());
            }
            assertEquals(200, client.get("/").status());
            assertFalse(server.hasFailed());
        }
    }

    @Test
    void whatIsDoneToAnExchangeAtItsEndIsRefusedAndDoesNotReachTheNext() throws Exception {
        try (Client client = serve(exchange -> {
            int kind = exchange.request().pathLength();
            if (kind > 1) {
                exchange.onEnd((over, complete) -> {
                    switch (kind) {
                        case 2 -> over.respond(Status.OK);
                        case 3 -> over.receive(new Collector(10), 10);
                        case 4 -> over.later();
                        case 5 -> over.onEnd((again, whole) -> {});
                        case 6 -> over.abort();
                        default -> {}  // its answer does
                    }
                });
            }
            exchange.respond(Status.OK, new Answer() {
                @Override
                public void head(HeadWriter head) {
                    head.content(0);
                }

                @Override
                public long body(MemorySegment output, long at, long room) {
                    return FAILED;
                }

                @Override
                public void ended(boolean complete) {
                    if (kind == 7) {
                        exchange.respond(Status.OK);
                    }
                }
            });
        })) {
            int failed = 0;
            for (String path : new String[] {"/2", "/33", "/444", "/5555", "/66666", "/777777"}) {
                assertEquals(200, client.get(path).status(), path);
                assertEquals(200, client.get("/").status(), "after " + path);
                Eventually.equal(++failed, () -> server.count(Count.FAILED));
            }
        }
    }

    @Test
    void anAnswerThatFailsBeforeItsContentIs500AndIsCutAfterwards() throws Exception {
        try (Client client = serve(exchange -> {
            int kind = exchange.request().pathLength();
            exchange.onEnd((over, complete) -> seen.add("over " + complete + " " + over.status()));
            exchange.respond(Status.OK, new Answer() {
                @Override
                public void head(HeadWriter head) {
                    if (kind == 1) {
                        throw new IllegalStateException("head");
                    }
                    if (kind == 2) {
                        head.status(200);  // it stands there already
                    }
                    if (kind == 3) {
                        for (int i = 0; i < 10_000; i++) {
                            head.field(NAME, VALUE);  // more than a head may hold
                        }
                    }
                    head.content(10);
                }

                @Override
                public long body(MemorySegment output, long at, long room) {
                    if (kind == 5) {
                        return room + 1;
                    }
                    throw new IllegalStateException("body");
                }

                @Override
                public void ended(boolean complete) {
                    seen.add("ended " + complete);
                }
            });
        })) {
            for (String path : new String[] {"/", "/2", "/33"}) {
                assertEquals(500, client.get(path).status(), path);
                assertEquals("ended false", next());
                assertEquals("over true 500", next());
            }
            for (String path : new String[] {"/444", "/5555"}) {
                try (Client cut = new Client(server.address())) {
                    assertThrows(IOException.class, () -> cut.get(path), "cut");
                }
                assertEquals("ended false", next());
                assertEquals("over false 200", next());
            }
            assertEquals(5, server.count(Count.FAILED));
            Eventually.equal(2, () -> server.count(Count.BROKEN));
        }
    }

    @Test
    void misuseIsRefusedInWords() throws Exception {
        List<Exchange> kept = new ArrayList<>();
        try (Client client = serve(exchange -> {
            kept.add(exchange);
            for (Runnable misuse : new Runnable[] {() -> exchange.respond(199), () -> exchange.respond(1000),
                    () -> exchange.respond(200, MediaType.TEXT, MemorySegment.NULL, 0, 1), () -> exchange.respond(200, null),
                    () -> exchange.parameterAt(0), () -> exchange.limit(-1, 1), () -> exchange.limit(1, 0)}) {
                assertThrows(RuntimeException.class, misuse::run);
            }
            for (int i = 0; i < Exchange.PARAMETERS_MAX; i++) {
                exchange.addParameter(i < 2 ? "a" : "b", exchange.request().pathAt() + i, i);
            }
            assertThrows(IllegalStateException.class, () -> exchange.addParameter("a", exchange.request().pathAt(), 1));
            assertEquals(7, exchange.parameterLength(7));
            assertEquals(1, exchange.parameter("a"), "the last of that name");
            assertEquals(7, exchange.parameter("b"));
            assertEquals(-1, exchange.parameter("c"));
            assertEquals(exchange.request().pathAt() + 7, exchange.parameterAt(7));
            for (int i = 0; i < Exchange.FIELDS_MAX; i++) {
                exchange.field(NAME, VALUE);
            }
            assertThrows(IllegalStateException.class, () -> exchange.field(NAME, VALUE));
            exchange.respond(Status.NO_CONTENT);
            assertThrows(IllegalStateException.class, () -> exchange.respond(200));
            assertThrows(IllegalStateException.class, exchange::later);
            assertThrows(IllegalStateException.class, () -> exchange.field(NAME, VALUE));
        })) {
            client.send("GET / HTTP/1.1\r\nHost: t\r\n\r\n");
            byte[] head = client.socket().getInputStream().readNBytes(12);
            assertEquals("HTTP/1.1 204", new String(head, StandardCharsets.US_ASCII));
        }
        server.close();
        assertThrows(IllegalStateException.class, () -> kept.getFirst().respond(200), "it is over");
        assertEquals(0, server.count(Count.FAILED));
    }

    @Test
    void scratchIsZeroForEachExchangeAndThePeerIsTold() throws Exception {
        for (boolean portable : new boolean[] {false, true}) {
            try (Client client = serve(ServerConfig.standard().withPortable(portable), exchange -> {
                MemorySegment scratch = exchange.scratch();
                long at = exchange.scratchAt();
                long sum = 0;
                for (int i = 0; i < Exchange.SCRATCH_BYTES; i++) {
                    sum += scratch.get(ValueLayout.JAVA_BYTE, at + i);
                    scratch.set(ValueLayout.JAVA_BYTE, at + i, (byte) 1);
                }
                int length = exchange.peer(scratch, at);
                seen.add(sum + " " + text(scratch, at, length) + " " + exchange.isLoopback() + " " + exchange.attachment());
                exchange.attach("kept");
                exchange.respond(Status.OK);
            })) {
                for (int i = 0; i < 3; i++) {
                    assertEquals(200, client.get("/").status());
                    assertEquals("0 127.0.0.1 true null", next());
                }
            }
            server.close();
        }
        assertNotEquals(0, Exchange.SCRATCH_BYTES);
    }

    @Test
    void whatATimersTaskThrowsIsCountedAndTheLoopGoesOn() throws Exception {
        Timer[] timer = {null};
        server = Server.open(ServerConfig.standard(), new Site() {
            @Override
            public int timers() {
                return 1;
            }

            @Override
            public Handler open(Place place) {
                timer[0] = place.timer(() -> {
                    throw new IllegalStateException("task");
                });
                return exchange -> {
                    timer[0].arm(exchange.nowNanos());
                    exchange.respond(Status.OK);
                };
            }
        });
        server.start();
        try (Client client = new Client(server.address())) {
            for (int i = 1; i <= 3; i++) {
                assertEquals(200, client.get("/").status());
                Eventually.equal(i, () -> server.count(Count.FAILED));
            }
            assertFalse(server.hasFailed());
        }
    }
}
