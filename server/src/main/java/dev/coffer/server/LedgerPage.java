package dev.coffer.server;

import dev.coffer.http.Ascii;
import dev.coffer.http.FieldName;
import dev.coffer.http.HeadWriter;
import dev.coffer.http.Method;
import dev.coffer.http.RequestHead;
import dev.coffer.http.Status;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.Decimal;
import dev.coffer.memory.ledger.LedgerSnapshot;
import dev.coffer.server.LoopStatistics.Count;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The ledger as JSON at `/-/ledger.json`, for this machine alone and under a name of its own; every other path is the next
/// site's. A web page whose own name was made to point here, or a proxy that passes names on, gets no ledger; a proxy of this machine that
/// passes nothing on would: best in an [Annex].
public final class LedgerPage extends SiteBefore {
    private static final Ascii PATH = Ascii.of("/-/ledger.json");
    private static final Ascii NO_STORE = Ascii.of("no-store");
    private static final Ascii NO_SNIFF = Ascii.of("nosniff");
    private static final int RETRY_SECONDS = 1;
    /// Bytes of the ledger's JSON for the rows of one loop, at most; checked when the ledger is known.
    private static final int LEDGER_LOOP_BYTES = 1 << 14;                 // 10,497 with TLS, HTTP/2 and HTTP/3, and the secrets that are not a loop's stand in one of its own

    private LedgerPage(Site next) {
        super(next);
    }

    /// {@return the page, and behind it what is served at every other path}
    public static LedgerPage before(Site next) {
        return new LedgerPage(next);
    }

    @Override
    public MemoryPlan plan(ServerConfig config, int exchanges) {
        return MemoryPlan.group("pages",
                MemoryPlan.block("ledger page", (long) LEDGER_LOOP_BYTES * (config.loops() + 1), 1, "the ledger as JSON"),
                next().plan(config, exchanges));
    }

    @Override
    protected SiteBefore withNext(Site other) {
        return new LedgerPage(other);
    }

    @Override
    public Handler open(Place place) throws IOException {
        Page page = new Page(place.carve((long) LEDGER_LOOP_BYTES * (place.config().loops() + 1)));
        place.whenReady(page::ready);
        Handler behind = next().open(place);
        return exchange -> {
            RequestHead request = exchange.request();
            if (!PATH.matches(request.segment(), request.pathAt(), request.pathLength())
                    || request.method() != Method.GET && request.method() != Method.HEAD) {
                behind.handle(exchange);
            } else if (!LocalRequest.is(exchange)) {
                exchange.respond(Status.NOT_FOUND);
            } else if (page.render()) {
                page.answer(exchange);
            } else {
                exchange.field(FieldName.RETRY_AFTER, RETRY_SECONDS).respond(Status.SERVICE_UNAVAILABLE);
            }
        };
    }

    @Override
    protected List<String> ownRequests() {
        return List.of("GET /-/ledger.json HTTP/1.1\r\nHost: localhost\r\n\r\n", "GET /-/ledger.json HTTP/1.1\r\nHost: 127.0.0.1:1\r\n\r\n",
                "GET /-/ledger.json HTTP/1.1\r\nHost: [::1]\r\n\r\n", "GET /-/ledger.json HTTP/1.1\r\nHost: example.com\r\n\r\n");
    }

    /// The one rendering of a loop. It belongs to one exchange at a time, from rendering until it has been sent; meanwhile
    /// another one is answered 503. 0 heap bytes.
    private static final class Page implements Answer {
        private static final byte[] REQUESTS = ascii("{\"requests\":");
        private static final byte[] CONNECTIONS = ascii(",\"connectionsAccepted\":");
        private static final byte[] HEAP_USED = ascii(",\"heapUsedBytes\":");

        private final MemorySegment memory;
        private @Nullable Overview overview;  // set once all loops are open
        private @Nullable LedgerSnapshot snapshot;
        private boolean taken;
        private long from;
        private long length;

        Page(MemorySegment memory) {
            this.memory = memory;
        }

        private LedgerSnapshot snapshot() {
            return Objects.requireNonNull(snapshot, "open");
        }

        private Overview overview() {
            return Objects.requireNonNull(overview, "open");
        }

        void ready(Overview all) {
            overview = all;
            snapshot = all.ledger().snapshot();
            long needed = snapshot.jsonBytesMax() + REQUESTS.length + CONNECTIONS.length + HEAP_USED.length + 3 * Decimal.BYTES_MAX;
            if (needed > memory.byteSize()) {
                throw new IllegalStateException("ledger: " + needed + " bytes of JSON, page of " + memory.byteSize());
            }
        }

        /// {@return whether the page was free, and is rendered now}
        boolean render() {
            if (taken) {
                return false;
            }
            taken = true;
            boolean done = false;
            try {
                write();
                done = true;
            } finally {
                if (!done) {
                    length = memory.byteSize();  // how far it came nobody knows
                    ended(false);
                }
            }
            return true;
        }

        private void write() {
            snapshot().refresh();
            Runtime runtime = Runtime.getRuntime();
            long at = text(REQUESTS, 0);
            at = Decimal.write(memory, at, overview().count(Count.REQUESTS));
            at = Decimal.write(memory, text(CONNECTIONS, at), overview().count(Count.ACCEPTED));
            at = Decimal.write(memory, text(HEAP_USED, at), runtime.totalMemory() - runtime.freeMemory());
            length = at + snapshot().writeJson(memory, at);
            memory.set(ValueLayout.JAVA_BYTE, at, (byte) ',');  // in place of its brace: one object
            from = 0;
        }

        /// Gives itself to an exchange, and is free again where that has an answer already.
        void answer(Exchange exchange) {
            boolean given = false;
            try {
                exchange.respond(Status.OK, this);
                given = true;
            } finally {
                if (!given) {
                    ended(false);
                }
            }
        }

        @Override
        public void head(HeadWriter head) {
            head.field(FieldName.CONTENT_TYPE, MediaType.JSON).field(FieldName.CACHE_CONTROL, NO_STORE)
                    .field(FieldName.X_CONTENT_TYPE_OPTIONS, NO_SNIFF).content(length);
        }

        @Override
        public long body(MemorySegment output, long at, long room) {
            long bytes = Math.min(room, length - from);
            MemorySegment.copy(memory, from, output, at, bytes);
            from += bytes;
            return bytes;
        }

        @Override
        public void ended(boolean complete) {
            Wipe.bytes(memory, 0, length);
            length = 0;
            taken = false;
        }

        private long text(byte[] ascii, long at) {
            MemorySegment.copy(ascii, 0, memory, ValueLayout.JAVA_BYTE, at, ascii.length);
            return at + ascii.length;
        }

        private static byte[] ascii(String text) {
            return text.getBytes(StandardCharsets.US_ASCII);
        }
    }
}
