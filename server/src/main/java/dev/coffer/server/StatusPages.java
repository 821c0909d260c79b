package dev.coffer.server;

import dev.coffer.http.Ascii;
import dev.coffer.http.FieldName;
import dev.coffer.http.Method;
import dev.coffer.http.RequestHead;
import dev.coffer.http.Status;
import dev.coffer.memory.MemoryPlan;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// Two pages of text for those who watch a server, and behind them what is served at every other path: whether it answers (`ok`), and
/// its counts and memory as Prometheus reads them (text format 0.0.4). For whom [LedgerPage] is: this machine, under a name of its own; to
/// others both are 404. Best in an [Annex]: at the address of a site, a proxy of this machine that says nothing of itself would show them to strangers. 0 heap bytes.
///
/// A loop renders one page of metrics at a time; meanwhile another one is 503.
public final class StatusPages extends SiteBefore {
    /// Where whether it answers is told, unless another path is said.
    public static final String HEALTH = "/-/health";
    /// Where counts and memory are told, unless another path is said.
    public static final String METRICS = "/-/metrics";

    private static final Ascii NO_STORE = Ascii.of("no-store");
    private static final int PATH_BYTES_MAX = 255;
    private static final int RETRY_SECONDS = 1;

    private final String health;
    private final String metrics;

    private StatusPages(String health, String metrics, Site next) {
        super(next);
        this.health = path(health);
        this.metrics = path(metrics);
        if (health.equals(metrics)) {
            throw new IllegalArgumentException("pages: two at " + health);
        }
    }

    /// {@return the pages at [#HEALTH] and [#METRICS]}
    ///
    /// @param next  what is served at every other path
    public static StatusPages before(Site next) {
        return new StatusPages(HEALTH, METRICS, next);
    }

    /// {@return the pages at other paths}
    ///
    /// @param health   of the one, as it is sent: `/` and what a path may hold (RFC 3986, section 3.3), up to 255 bytes
    /// @param metrics  of the other
    /// @throws IllegalArgumentException  no path, or the same twice (caller's fault)
    public StatusPages withPaths(String health, String metrics) {
        return new StatusPages(health, metrics, next());
    }

    private static String path(String text) {
        if (!text.startsWith("/") || text.length() > PATH_BYTES_MAX
                || !text.chars().allMatch(c -> c > ' ' && c < 0x7f && "?#\"<>\\^`{|}".indexOf(c) < 0)) {
            throw new IllegalArgumentException("page path \"" + text.replaceAll("[^ -~]", "?") + "\" (expected / and what a path may hold)");
        }
        return text;
    }

    @Override
    public MemoryPlan plan(ServerConfig config, int exchanges) {
        return MemoryPlan.group("status pages", MemoryPlan.block("metrics page", Metrics.BYTES, 1, "a sample at a time"),
                next().plan(config, exchanges));
    }

    @Override
    protected SiteBefore withNext(Site other) {
        return new StatusPages(health, metrics, other);
    }

    @Override
    public Handler open(Place place) throws IOException {
        Metrics rendering = new Metrics(place.carve(Metrics.BYTES));
        place.whenReady(rendering::ready);
        return new Pages(Ascii.of(health), Ascii.of(metrics), rendering, next().open(place));
    }

    /// The handler of one loop.
    private static final class Pages implements Handler {
        private static final MemorySegment OK = MemorySegment.ofArray("ok\n".getBytes(StandardCharsets.US_ASCII)).asReadOnly();
        private final Ascii health;
        private final Ascii metrics;
        private final Metrics rendering;
        private final Handler behind;

        Pages(Ascii health, Ascii metrics, Metrics rendering, Handler behind) {
            this.health = health;
            this.metrics = metrics;
            this.rendering = rendering;
            this.behind = behind;
        }

        @Override
        public void handle(Exchange exchange) {
            RequestHead request = exchange.request();
            boolean isRead = request.method() == Method.GET || request.method() == Method.HEAD;
            boolean isHealth = isRead && health.matches(request.segment(), exchange.pathAt(), exchange.pathLength());
            boolean isMetrics = isRead && metrics.matches(request.segment(), exchange.pathAt(), exchange.pathLength());
            if (!isHealth && !isMetrics) {
                behind.handle(exchange);
            } else if (!LocalRequest.is(exchange)) {
                exchange.respond(Status.NOT_FOUND);
            } else if (isHealth) {
                exchange.field(FieldName.CACHE_CONTROL, NO_STORE).respond(Status.OK, MediaType.TEXT, OK, 0, OK.byteSize());
            } else if (rendering.begin()) {
                exchange.field(FieldName.CACHE_CONTROL, NO_STORE).respond(Status.OK, rendering);
            } else {
                exchange.field(FieldName.RETRY_AFTER, RETRY_SECONDS).respond(Status.SERVICE_UNAVAILABLE);
            }
        }
    }

    @Override
    protected List<String> ownRequests() {
        return List.of("GET " + health + " HTTP/1.1\r\nHost: localhost\r\n\r\n", "GET " + metrics + " HTTP/1.1\r\nHost: localhost\r\n\r\n",
                "GET " + metrics + " HTTP/1.1\r\nHost: localhost\r\nVia: 1.1 a\r\n\r\n");
    }
}
