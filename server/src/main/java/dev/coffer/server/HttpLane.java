package dev.coffer.server;

import dev.coffer.http.DateField;
import dev.coffer.http.http1.Http1Server;
import dev.coffer.http.http2.Http2Server;
import dev.coffer.http.http2.Http2Streams;
import dev.coffer.memory.Account;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.SlotAccount;
import dev.coffer.memory.layout.HeapLayout;
import dev.coffer.server.drive.Kept;
import dev.coffer.server.drive.Lane;
import dev.coffer.server.drive.LoopContext;
import dev.coffer.server.drive.OwnOutput;
import dev.coffer.server.drive.Protocol;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// HTTP in one loop: the pool of its engines and exchanges, and the handler that they all serve.
final class HttpLane implements Lane {
    private static final byte[] REFUSAL = """
            HTTP/1.1 503 Service Unavailable\r
            Connection: close\r
            Retry-After: 1\r
            Content-Type: text/plain; charset=utf-8\r
            Content-Length: 17\r
            \r
            Server is busy.\r
            """.getBytes(StandardCharsets.US_ASCII);

    /// Exchanges more than connections can have in flight: one whose answer another thread is writing down when it ends comes back
    /// a little later than its connection.
    private static final int SPARES = 8;
    /// Connections that are read or answered at one moment, as a rule: a loop answers most requests in the turn in which they come.
    private static final int ACTIVE_TYPICALLY = 8;

    private final ServerConfig config;
    private final Site site;
    private final int loop;
    private final int active;
    private final int exchanges;
    private final LoopStatistics statistics;
    private final Failures failures;
    private final DateField date = new DateField();
    private final SlotAccount account;
    private @Nullable LoopContext context;
    private @Nullable Completions completions;
    private @Nullable Http2Streams streams;  // null where HTTP/2 is not spoken
    private @Nullable Http2Resting resting;  // the same
    private @Nullable Place place;
    private @Nullable Handler handler;
    private FixedFields announced = FixedFields.NONE;
    private HttpConnection[] free = {};  // a stack: what was used last is still in the cache
    private int freeCount;
    private Course[] freeExchanges = {};
    private int freeExchangeCount;

    /// @param loop        ordinal of the loop
    /// @param statistics  of the loop
    HttpLane(ServerConfig config, Site site, int loop, LoopStatistics statistics) {
        this(config, site, loop, statistics, new Failures(statistics, Logger.Level.ERROR));
    }

    private Completions completions() {
        return Objects.requireNonNull(completions, "opened");
    }

    private LoopContext context() {
        return Objects.requireNonNull(context, "opened");
    }

    private Place place() {
        return Objects.requireNonNull(place, "opened");
    }

    HttpLane(ServerConfig config, Site site, int loop, LoopStatistics statistics, Failures failures) {
        this.config = config;
        this.site = site;
        this.active = config.activeOf(loop);
        this.loop = loop;
        this.exchanges = active + config.streamsOf(loop) + config.http3StreamsOf(loop) + Math.min(site.resting(), config.connectionsOf(loop)) + SPARES;
        this.statistics = statistics;
        this.failures = failures;
        this.account = new SlotAccount("active", activeBytes(config), active);
    }

    /// {@return bytes of one active connection}
    private static long activeBytes(ServerConfig config) {
        return versions(config).totalBytes() + config.outputBytes();
    }

    /// {@return what the engine of a connection holds, whichever it is}
    private static MemoryPlan versions(ServerConfig config) {
        return config.http2() == null ? config.http().plan()
                : MemoryPlan.oneOf("version", config.http().plan(), config.http2().config().plan());
    }

    private MemoryPlan streams() {
        return Http2Streams.plan(Objects.requireNonNull(config.http2(), "spoken").config(), config.streamsOf(loop), config.windowsOf(loop));
    }

    @Override
    public MemoryPlan plan() {
        return MemoryPlan.group("http", rows());
    }

    private MemoryPlan[] rows() {
        List<MemoryPlan> rows = new ArrayList<>(List.of(
                MemoryPlan.group("active", versions(config), MemoryPlan.block("own output", config.outputBytes()))
                        .times(active).typically(Math.min(active, ACTIVE_TYPICALLY)).noted("lent while there is something to say")
                        .withHeap(active * HttpConnection.heapBytes() + HeapLayout.array(HttpConnection.class, active)),
                MemoryPlan.block("exchanges", Exchange.bytes(config.exchangeFieldBytes()), exchanges, "scratch " + Exchange.SCRATCH_BYTES + ", fields "
                        + config.exchangeFieldBytes())
                        .withHeap(exchanges * Course.heapBytes() + HeapLayout.array(Course.class, exchanges)),
                site.plan(config, exchanges).named("handler")));
        if (config.http2() != null) {
            rows.add(2, streams());
            rows.add(3, Http2Resting.plan(config.connectionsOf(loop), config.restingOf(loop)));
        }
        return rows.toArray(MemoryPlan[]::new);
    }

    @Override
    public int timers() {
        return exchanges + site.timers();
    }

    @Override
    public void open(LoopContext newContext, MemorySegment memory) throws IOException {
        context = newContext;
        completions = new Completions(newContext);
        MemoryPlan plan = plan();
        long exchangesAt = plan.offsetOf("exchanges");
        free = new HttpConnection[active];
        freeExchanges = new Course[exchanges];
        if (config.http2() != null) {
            streams = new Http2Streams(config.http2().config(), config.streamsOf(loop), config.windowsOf(loop), memory,
                    plan.offsetOf("streams"), date);
            resting = new Http2Resting(config.connectionsOf(loop), config.restingOf(loop), memory, plan.offsetOf("resting"));
        }
        for (int i = active - 1; i >= 0; i--) {
            long at = i * activeBytes(config);
            HttpVersions versions = new HttpVersions(new Http1Server(config.http(), memory, at, date),
                    streams == null ? null : new Http2Server(Objects.requireNonNull(config.http2(), "spoken").config(), memory, at, streams));
            free[freeCount++] = new HttpConnection(this, versions, new OwnOutput(memory, at + versions(config).totalBytes(), config.outputBytes()));
        }
        for (int i = exchanges - 1; i >= 0; i--) {
            freeExchanges[freeExchangeCount++] = new Course(memory, exchangesAt + (long) i * Exchange.bytes(config.exchangeFieldBytes()),
                    config.exchangeFieldBytes(), newContext,
                    completions, failures);
        }
        long handlerAt = plan.offsetOf("handler");
        long behindExchanges = plan.offsetOf(config.http2() == null ? "handler" : "streams");
        newContext.own(memory.asSlice(0, exchangesAt));  // other threads may write to the scratch of an exchange, and to what is the handler's
        newContext.own(memory.asSlice(behindExchanges, handlerAt - behindExchanges));
        place = new Place(config, newContext, exchanges, memory.asSlice(handlerAt, plan.child("handler").totalBytes()),
                failures);
        handler = site.open(place);
        if (place.left() > 0) {
            throw new IllegalStateException("site: " + place.left() + " bytes were planned and not carved");
        }
    }

    @Override
    public List<Account> accounts() {
        List<Account> all = new ArrayList<>(place().accounts());
        all.add(account);
        if (streams != null) {
            all.addAll(streams.accounts());
            all.add(resting().account());
        }
        return all;
    }

    /// All loops are open.
    void ready(Overview overview) {
        place().ready(overview);
    }

    @Override
    public @Nullable Protocol acquire() {
        if (freeCount == 0) {
            return null;
        }
        account.taken();
        return free[--freeCount];
    }

    @Override
    public void release(Protocol protocol) {
        free[freeCount++] = (HttpConnection) protocol;
        account.released();
    }

    @Override
    public void forsake(Kept kept) {
        if (Http2Resting.isOne(kept)) {
            resting().forget(kept);
            return;
        }
        Course course = (Course) kept;
        if (course.end(false)) {
            giveBack(course);
        }
    }

    @Override
    public void stopping(Kept kept) {
        if (Http2Resting.isOne(kept)) {
            Http2Resting.stopping(kept);
        } else {
            ((Course) kept).stopping();
        }
    }

    /// {@return connections of HTTP/2 at rest, where that is spoken}
    Http2Resting resting() {
        return Objects.requireNonNull(resting, "HTTP/2 is spoken");
    }

    /// {@return an exchange that is lent to nobody, null if there is none}
    @Nullable
    Course lend() {
        return freeExchangeCount == 0 ? null : freeExchanges[--freeExchangeCount];
    }

    void giveBack(Course course) {
        freeExchanges[freeExchangeCount++] = course;
    }

    @Override
    public void tick() {
        date.update(context().now().epochSeconds());
    }

    @Override
    public void takeIn() {
        place().takeIn();
        Later next;
        for (Later later = completions().take(); later != null; later = next) {
            next = later.next;  // it may be added anew from here on
            later.next = null;
            if (later.course.signalled()) {
                giveBack(later.course);
            }
        }
    }

    @Override
    public long silenceNanosMax() {
        return config.http().limits().headNanosMax();
    }

    @Override
    public long graceNanos() {
        return config.http().limits().graceNanos();
    }

    @Override
    public long bytesPerSecondMin() {
        return config.http().limits().bytesPerSecondMin();
    }

    @Override
    public byte[] refusal() {
        return REFUSAL;
    }

    /// {@return the loop's Date}
    DateField date() {
        return date;
    }

    /// Has answers over TCP say where HTTP/3 is spoken (RFC 7838): to be told before the loop runs.
    void announce(FixedFields fields) {
        announced = fields;
    }

    FixedFields announced() {
        return announced;
    }

    long contentBytesMax() {
        return config.http().limits().bodyBytesMax();
    }

    long answerNanosMax() {
        return config.answerNanosMax();
    }

    LoopStatistics statistics() {
        return statistics;
    }

    Failures failures() {
        return failures;
    }

    Handler handler() {
        return Objects.requireNonNull(handler, "opened");
    }

    @Override
    public void close() {
        if (place != null) {
            place.close();
        }
    }
}
