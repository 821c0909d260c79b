package dev.coffer.examples.seeds;

import dev.coffer.http.HeadWriter;
import dev.coffer.http.HttpEvent;
import dev.coffer.http.MessageSource;
import dev.coffer.http.Method;
import dev.coffer.http.Status;
import dev.coffer.http.http1.Http1Config;
import dev.coffer.http.http1.Http1Server;
import dev.coffer.memory.Budget;
import dev.coffer.memory.Buffer;
import dev.coffer.memory.ConstantTime;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import dev.coffer.memory.pool.BufferPool;
import dev.coffer.memory.pool.BufferPoolConfig;
import dev.coffer.memory.pool.PooledBuffer;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// The design page on milli-http's memory, as far as it can be written today: its budget as a plan, its buffers, and the HTTP/1.1
/// part of its target as an engine. TLS, QUIC and HTTP/3 are not here yet.
public final class HttpBudget {
    private HttpBudget() {}

    public static void main(String[] arguments) {
        budget();
        buffersThatShrink();
        handshakePool();
        pureCodec();
    }

    private static MemoryPlan row(String name, long bytes) {
        return MemoryPlan.block(name, bytes);
    }

    /// The document's own estimates, row by row; the sums are the plan's.
    private static MemoryPlan established() {
        return MemoryPlan.group("h3", row("core", 1500), row("keys", 440), row("streams", 624), row("sent packets", 1324),
                row("packet numbers", 272), row("events", 824), row("loss, congestion, flow", 328), row("stream buffers", 4248),
                row("h3", 200), row("request streams", 124), row("request data", 3000));
    }

    private static MemoryPlan handshake() {
        return MemoryPlan.group("handshake", row("context", 2008), row("tls engine", 1100), row("tls buffers", 6000),
                row("pending crypto", 4000), row("reassembly", 6200));
    }

    private static MemoryPlan https() {
        return MemoryPlan.group("https1", row("tls", 1600), row("http1", 3700), row("net and app buffers", 10_096));
    }

    private static void budget() {
        Beside.example("milli-http: the budget as a plan");
        MemoryPlan total = MemoryPlan.group("target", established().times(4), handshake().times(2), https(), row("pool", 16));
        Beside.differs("an established HTTP/3 connection", "~12900", established().totalBytes());
        Beside.differs("a handshake on top", "~19300", handshake().totalBytes());
        Beside.differs("HTTPS/1.1", "~15400", https().totalBytes());
        Beside.differs("in all", "~105600", total.totalBytes());
        Budget sram = Budget.root("sram", 100_000);
        Beside.differs("against 100,000 bytes", "5.6 KB over, in words", Beside.words(() -> sram.reserve(total.totalBytes())));
        Beside.agrees("reserved then", 0, sram.usedBytes());
        long compact = total.totalBytes() - 2 * 3072 - 4 * 2048;
        Beside.differs("less its own savings", "~90 KB", compact + " bytes");
        Beside.agrees("which fits", true, sram.tryReserve(compact));
    }

    private static void buffersThatShrink() {
        Beside.example("milli-http: a handshake's buffer shrinks when it is over");
        MemoryPlan plan = MemoryPlan.group("tls", row("flight", 2048));
        Budget budget = Budget.root("handshakes", 2048);
        try (Region region = Region.open(RegionConfig.defaults("tls"), plan)) {
            MemorySegment memory = region.carve("flight");
            try (Buffer flight = Buffer.within(budget, memory, 0)) {
                Beside.agrees("bytes while idle", 0, budget.usedBytes());
                flight.resize(2048);
                flight.putZeros(1000);
                flight.put("certificate".getBytes(StandardCharsets.US_ASCII));
                Beside.agrees("bytes in a handshake", 2048, budget.usedBytes());
                flight.burn();
                flight.resize(0);
                Beside.agrees("bytes after it", 0, budget.usedBytes());
                Beside.differs("what lay there", "freed as it is", ConstantTime.isZero(memory, 0, 2048) ? "zero" : "there");
            }
        }
    }

    private static void handshakePool() {
        Beside.example("milli-http: two handshakes at a time");
        BufferPoolConfig config = BufferPoolConfig.of("handshakes", 19_328, 2);  // the sum above, in lines of 64
        try (Region region = Region.open(RegionConfig.defaults("handshakes"), MemoryPlan.group("data", BufferPool.plan(config)));
                BufferPool pool = BufferPool.open(config, region);
                PooledBuffer one = pool.acquire()) {
            PooledBuffer two = pool.acquire();
            Beside.differs("the third", "no slot", Beside.words(pool::acquire));
            two.close();
            Beside.agrees("after one has ended", true, isServed(pool));
            Beside.differs("bytes of an idle slot", 8, config.bufferBytes());
            Beside.agrees("bytes of an active one at least", true, one.capacity() >= handshake().totalBytes());
        }
    }

    private static boolean isServed(BufferPool pool) {
        try (PooledBuffer buffer = pool.tryAcquire()) {
            return buffer != null;
        }
    }

    /// Answers 200 with no content.
    private static final class Answer implements MessageSource {
        @Override
        public void head(HeadWriter head) {
            head.status(Status.OK).content(0);
        }

        @Override
        public long body(MemorySegment output, long at, long room) {
            return END;
        }
    }

    private static void pureCodec() {
        Beside.example("milli-http: bytes in, bytes out, events, HTTP/1.1");
        Http1Config http = Http1Config.tight();
        Beside.differs("bytes of an HTTP/1.1 connection", "~3700", http.plan().totalBytes());
        byte[] request = "GET /index.html HTTP/1.1\r\nHost: example.com\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
        MemoryPlan plan = MemoryPlan.group("connection", http.plan().named("http1"), row("input", 256), row("output", 512));
        try (Region region = Region.open(RegionConfig.defaults("connection"), plan)) {
            MemorySegment input = region.carve("input");
            MemorySegment output = region.carve("output");
            MemorySegment.copy(MemorySegment.ofArray(request), 0, input, 0, request.length);
            Http1Server server = new Http1Server(http, region.carve("http1"), 0, null);
            Beside.only("events of the request in one piece", serve(server, input, request.length, request.length, output));
            Beside.only("the same byte by byte", serve(server, input, request.length, 1, output));
            server.close();
        }
    }

    private static List<HttpEvent> serve(Http1Server server, MemorySegment input, int length, int step, MemorySegment output) {
        List<HttpEvent> events = new ArrayList<>();
        server.reset(0);
        for (int at = 0; at < length; at += step) {
            if (server.feed(input, at, Math.min(step, length - at), 0) != Math.min(step, length - at)) {
                throw new AssertionError("not taken at " + at);
            }
            boolean more;
            do {
                more = server.pollOutput(output, 0, output.byteSize(), 0) > 0;
                for (HttpEvent event = server.pollEvent(); event != null; event = server.pollEvent(), more = true) {
                    events.add(event);
                    if (event == HttpEvent.REQUEST) {
                        if (server.request(server.stream()).method() != Method.GET) {
                            throw new AssertionError("another method");
                        }
                        server.respond(server.stream(), new Answer());
                    }
                }
            } while (more);
        }
        return events;
    }
}
