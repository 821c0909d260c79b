package dev.coffer.server;

import dev.coffer.http.Ascii;
import dev.coffer.http.FieldName;
import dev.coffer.http.Fields;
import dev.coffer.http.HeadWriter;
import dev.coffer.http.RequestHead;
import dev.coffer.http.Status;
import dev.coffer.memory.MemoryPlan;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What the [Rehearsal] plays on: a handler that does everything that an exchange allows, each at a path of its own under
/// `/~`, and behind it the stage of the site that is rehearsed.
final class RehearsalStage extends Site {
    private static final Ascii PREFIX = Ascii.of("/~");
    private static final Ascii TEXT = Ascii.of("said");
    private static final Ascii NAME = Ascii.of("x-rehearsed");
    private static final long SECOND = 1_000_000_000L;
    private static final int CONTENT_BYTES_MAX = 1 << 10;
    private static final long LARGE_BYTES = 1L << 30;
    private static final String FIELDS = " HTTP/1.1\r\nHost: localhost\r\n";

    /// Each on the same connection, answered before the next.
    static final List<String> REQUESTS = List.of("GET /~status" + FIELDS + "\r\n", "HEAD /~status" + FIELDS + "\r\n",
            "GET /~bytes?q" + FIELDS + "Cookie: a=b\r\nX-Other: c\r\n\r\n", "GET /~answer" + FIELDS + "\r\n",
            "GET /~none" + FIELDS + "\r\n", "GET /~status" + FIELDS + "\r\nGET /~answer" + FIELDS + "\r\n",
            "POST /~take" + FIELDS + "Content-Length: 5\r\n\r\nhello",
            "POST /~take" + FIELDS + "Transfer-Encoding: chunked\r\n\r\n5;x=\"y\"\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n",
            "POST /~take" + FIELDS + "Content-Length: 2000\r\n\r\n" + "x".repeat(2000),
            "POST /~hold" + FIELDS + "Content-Length: 2\r\n\r\nab", "GET /~limit" + FIELDS + "Content-Length: 1\r\n\r\nx",
            "GET /~hints" + FIELDS + "\r\n", "GET /~later" + FIELDS + "\r\n", "GET /~laterbytes" + FIELDS + "\r\n", "GET /~lateranswer" + FIELDS + "\r\n",
            "GET /~throw" + FIELDS + "\r\n", "GET /~throwhead" + FIELDS + "\r\n", "GET /~nothing" + FIELDS + "\r\n",
            "POST /~status" + FIELDS + "Content-Length: 5\r\n\r\nhello",
            "POST /~status" + FIELDS + "Transfer-Encoding: chunked\r\n\r\n5;x=\"y\"\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n",
            "GET /~status HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
            "PUT /~take" + FIELDS + "Expect: 100-continue\r\nContent-Length: 5\r\n\r\n");

    private final Site behind;

    /// @param behind  the stage of what is rehearsed, or null
    RehearsalStage(@Nullable Site behind) {
        this.behind = behind != null ? behind : Site.of(exchange -> exchange.respond(Status.NOT_FOUND));
    }

    @Override
    public MemoryPlan plan(ServerConfig config, int exchanges) {
        return behind.plan(config, exchanges);
    }

    @Override
    public int timers() {
        return behind.timers();
    }

    @Override
    public int descriptors() {
        return behind.descriptors();
    }

    @Override
    public Handler open(Place place) throws IOException {
        Handler next = behind.open(place);
        return exchange -> {
            RequestHead request = exchange.request();
            if (PREFIX.prefixes(request.segment(), request.pathAt(), request.pathLength())) {
                play(exchange, request);
            } else {
                next.handle(exchange);
            }
        };
    }

    private static void play(Exchange exchange, RequestHead request) {
        StringBuilder path = new StringBuilder();
        for (int i = PREFIX.length(); i < request.pathLength(); i++) {
            path.append((char) request.segment().get(ValueLayout.JAVA_BYTE, request.pathAt() + i));
        }
        switch (path.toString()) {
            case "status" -> exchange.field(FieldName.CACHE_CONTROL, TEXT).respond(Status.OK);
            case "hints" -> {
                exchange.earlyHints(FixedFields.of(List.of("Link: </~>; rel=preload")));
                exchange.respond(Status.OK);
            }
            case "bytes" -> bytes(exchange, request);
            case "answer" -> exchange.respond(Status.OK, new Played(LARGE_BYTES >> 25, false));
            case "large" -> exchange.respond(Status.OK, new Played(LARGE_BYTES, false));
            case "take" -> exchange.receive(new Taker(false), CONTENT_BYTES_MAX);
            case "hold" -> exchange.receive(new Taker(true), CONTENT_BYTES_MAX);
            case "limit" -> exchange.limit(0, SECOND);
            case "wait" -> {
                exchange.limit(CONTENT_BYTES_MAX, SECOND);
                exchange.later();
            }
            case "later" -> {
                Later later = exchange.later();
                later.respond(later.ticket(), Status.OK);
            }
            case "laterbytes" -> {
                Later later = exchange.later();
                later.respond(later.ticket(), Status.OK, MediaType.TEXT, exchange.scratch(), exchange.scratchAt(), 1);
            }
            case "lateranswer" -> {
                Later later = exchange.later();
                later.respond(later.ticket(), Status.OK, new Played(1, false));
                later.resume(later.ticket());
            }
            case "throw" -> throw new Rehearsed();
            case "throwhead" -> exchange.respond(Status.OK, new Played(1, true));
            case "nothing" -> {}
            default -> exchange.respond(Status.NOT_FOUND);
        }
    }

    private static void bytes(Exchange exchange, RequestHead request) {
        exchange.addParameter("rehearsed", request.pathAt(), 1);
        exchange.parameter("rehearsed");
        exchange.dropParameters(exchange.parameterLength(0) + exchange.parameters());
        exchange.attach(TEXT);
        exchange.onEnd((over, complete) -> over.status());
        exchange.field(NAME, TEXT).field(FieldName.AGE, 1).field(FieldName.ETAG, request.segment(), request.pathAt(), 2);
        exchange.scratch().set(ValueLayout.JAVA_BYTE, exchange.scratchAt(), (byte) 'x');
        exchange.peer(exchange.scratch(), exchange.scratchAt() + 1);
        exchange.respond(Status.OK, MediaType.TEXT, exchange.scratch(), exchange.scratchAt(), 1);
    }

    /// What the stage throws: a class of its own, as the log names it.
    private static final class Rehearsed extends RuntimeException {
        private static final long serialVersionUID = 1;

        Rehearsed() {
            super("on purpose", null, false, false);
        }
    }

    /// Content of a length that is announced or, where it is short, in pieces with a pause.
    private static final class Played implements Answer {
        private final long length;
        private final boolean fails;
        private long left;

        Played(long length, boolean fails) {
            this.length = length;
            this.fails = fails;
            this.left = length;
        }

        @Override
        public void head(HeadWriter head) {
            if (fails) {
                throw new Rehearsed();
            }
            head.field(FieldName.CONTENT_TYPE, MediaType.UNKNOWN);
            if (length == LARGE_BYTES) {
                head.content(length);
            } else {
                head.contentOfUnknownLength();
            }
        }

        @Override
        public long body(MemorySegment output, long at, long room) {
            long bytes = Math.min(room, left);
            left -= bytes;
            return bytes == 0 ? END : bytes;  // zeros, which is what lies there
        }

        @Override
        public void trailers(HeadWriter trailers) {
            trailers.field(NAME, TEXT);
        }
    }

    /// Takes content, one byte at a time where it holds back.
    private static final class Taker implements ContentSink {
        private final boolean holds;

        Taker(boolean holds) {
            this.holds = holds;
        }

        @Override
        public long take(Exchange exchange, MemorySegment content, long at, long length) {
            if (holds) {
                exchange.remote().resume(exchange.remote().ticket());
            }
            return holds ? 1 : length;
        }

        @Override
        public void end(Exchange exchange) {
            Fields trailers = exchange.trailers();
            exchange.respond(trailers.count() >= 0 ? Status.OK : Status.BAD_REQUEST);
        }
    }
}
