package dev.coffer.client;

import dev.coffer.client.Client.Count;
import dev.coffer.http.Ascii;
import dev.coffer.http.Fields;
import dev.coffer.http.http1.Http1Client;
import dev.coffer.http.http1.Http1Config;
import dev.coffer.http.http2.Http2Client;
import dev.coffer.http.http2.Http2Config;
import dev.coffer.http.http2.Http2Streams;
import dev.coffer.memory.Account;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.SlotAccount;
import dev.coffer.memory.layout.HeapLayout;
import dev.coffer.server.drive.Lane;
import dev.coffer.server.drive.LoopContext;
import dev.coffer.server.drive.OwnOutput;
import dev.coffer.server.drive.Protocol;
import java.io.IOException;
import java.lang.System.Logger;
import dev.coffer.tls.ClientContext;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The client's side of a loop: lays its memory out, and takes up what other threads have left for calls. Which call gets which connection is
/// [Seating]'s.
final class ClientLane implements Lane {
    private static final Logger LOG = System.getLogger("dev.coffer.client");
    private static final int ACTIVE_TYPICALLY = 4;
    private static final String TLS = "tls";
    private static final String HTTP_3 = "http3";

    private final ClientConfig config;
    private final Http1Config http;
    private final @Nullable Http2Config http2;  // null where it is not spoken
    private final @Nullable Http3Socket quic;  // null where HTTP/3 is not spoken
    private final Seating seating;
    private final ClientStatistics statistics;
    private final Inbox inbox;
    private final SlotAccount active;
    private @Nullable LoopContext context;
    private @Nullable ClientContext tls;     // null without
    private @Nullable Http2Streams streams;  // null where HTTP/2 is not spoken
    private boolean stopped;
    private boolean opened;                  // to its end: the tables have their rows

    ClientLane(ClientConfig config, Resolver resolver, ClientStatistics statistics) {
        this.config = config;
        this.http = config.engine();
        this.http2 = config.http2() == null ? null : config.http2().engine(http);
        this.statistics = statistics;
        this.inbox = new Inbox(config.calls());
        this.active = new SlotAccount("active", activeBytes(), config.active());
        this.quic = config.http3() == null || config.tls() == null ? null : new Http3Socket(this, config, config.http3(), config.tls(), http);
        this.seating = new Seating(this, config, resolver, statistics, active, quic);
    }

    /// {@return what the engine of a connection holds, whichever it is}
    private MemoryPlan versions() {
        return http2 == null ? http.clientPlan() : MemoryPlan.oneOf("version", http.clientPlan(), http2.clientPlan());
    }

    private long activeBytes() {
        return versions().totalBytes() + config.outputBytes();
    }

    private MemoryPlan streamsPlan() {
        return http2 == null ? MemoryPlan.block("streams", 0, 1, "not spoken") : Http2Streams.planOfClient(http2, asking().streams());
    }

    private Http2Asking asking() {
        return Objects.requireNonNull(config.http2(), "HTTP/2 is spoken");
    }

    private LoopContext context() {
        return Objects.requireNonNull(context, "opened");
    }

    @Override
    public MemoryPlan plan() {
        return MemoryPlan.group("http",
                MemoryPlan.group("active", versions(), MemoryPlan.block("own output", config.outputBytes()))
                        .times(config.active()).typically(Math.min(config.active(), ACTIVE_TYPICALLY))
                        .noted("lent while a call is on the wire")
                        .withHeap(config.active() * ClientConnection.heapBytes()
                                + HeapLayout.array(ClientConnection.class, config.active())),
                streamsPlan(),
                config.tls() == null ? MemoryPlan.block(TLS, 0, 1, "not spoken") : config.tlsConfig().plan().named(TLS)
                        .withHeap(config.active() * (ClientConnection.tlsHeapBytes() + config.tls().verifier().heapBytes())),
                quic == null ? Http3Socket.nothing(HTTP_3) : quic.plan(HTTP_3),
                table("seats", Seat.class, config.connections(), "what the pool knows of connections"),
                table("calls", Call.class, config.calls(), "one more is refused"),
                table("origins", OriginPool.class, config.origins(), "queues of calls, addresses"));
    }

    private static MemoryPlan table(String name, Class<?> row, int rows, String note) {
        return MemoryPlan.block(name, 0, rows, note).withHeap(rows * HeapLayout.instance(row) + HeapLayout.array(row, rows));
    }

    @Override
    public int timers() {
        return config.calls() + config.origins();
    }

    @Override
    public int datagrams() {
        return quic == null ? 0 : 1;
    }

    @Override
    public void open(LoopContext newContext, MemorySegment memory) throws IOException {
        context = newContext;
        long engineBytes = versions().totalBytes();
        MemoryPlan plan = plan();
        newContext.own(memory);  // all of it: requests and sinks are asked on the loop's thread, and what other threads leave for it lies in objects
        seating.open(newContext);
        tls = config.tls() == null ? null : ClientContext.over(config.tlsConfig(), config.tls().verifier(), Entropy.SYSTEM,
                memory.asSlice(plan.offsetOf(TLS), plan.child(TLS).totalBytes()));
        if (tls != null && config.tls() != null) {
            tls.identity(config.tls().identity());
            tls.keyLog(config.tls().keyLog());
        }
        if (http2 != null) {
            streams = Http2Streams.ofClient(http2, asking().streams(), memory, plan.offsetOf("streams"));
        }
        for (int i = config.active() - 1; i >= 0; i--) {
            long at = i * activeBytes();
            Http2Client second = http2 == null || streams == null ? null
                    : new Http2Client(http2, config.times().idle(), http.continueNanosMax(), memory, at, streams);
            seating.add(new ClientConnection(this, new Http1Client(http, memory, at), second, tls, i,
                    new OwnOutput(memory, at + engineBytes, config.outputBytes())));
        }
        Call[] calls = new Call[config.calls()];
        for (int i = 0; i < calls.length; i++) {
            Call call = new Call(this, i);
            call.timer(newContext.timer(() -> call.stop(Failure.TIMED_OUT)));
            calls[i] = call;
        }
        if (quic != null) {
            quic.open(newContext, memory.asSlice(plan.offsetOf(HTTP_3), plan.child(HTTP_3).totalBytes()));
        }
        inbox.open(newContext, calls);
        opened = true;
    }

    @Override
    public List<Account> accounts() {
        List<Account> all = new ArrayList<>(List.of(active));
        if (tls != null) {
            all.addAll(Http3Socket.Placed.in("http/" + TLS + "/tls lent", tls.accounts()));
        }
        if (streams != null) {
            all.addAll(Http3Socket.Placed.in("http/streams", streams.accounts()));
        }
        if (quic != null) {
            all.addAll(quic.accounts(HTTP_3));
        }
        return all;
    }

    Seating seating() {
        return seating;
    }

    Inbox inbox() {
        return inbox;
    }

    ClientStatistics statistics() {
        return statistics;
    }

    boolean isStopped() {
        return stopped;
    }

    /// The loop begins to stop: whatever ends from here on ends for that.
    void stops() {
        stopped |= inbox.isStopped();
    }

    /// {@return connections of HTTP/3 that are open or under way; for any thread, exact when the client is quiet}
    int quicConnections() {
        return quic == null ? 0 : quic.count();
    }

    /// An answer of a secure origin has come: it may say where else it can be asked.
    void heard(Origin origin, Fields answer) {
        if (quic != null && quic.asking().when() != Http3Asking.When.ALONE && quic.alternatives().heard(origin, answer, nowNanos())) {
            seating.changed();
        }
    }

    /// The alternative of an origin has said that it is none.
    void forget(Origin origin) {
        if (quic != null) {
            quic.alternatives().forget(origin);
        }
    }

    /// {@return what a request over HTTP/3 says of where it goes (Alt-Used, RFC 7838, section 5); null where that is not at an alternative}
    @Nullable
    Ascii alternative(Origin origin) {
        return quic != null && quic.alternatives().isAnnounced(origin, nowNanos()) ? quic.alternatives().authority(origin) : null;
    }

    long nowNanos() {
        return context().now().nanos();
    }

    /// Something of the application's has thrown. Its message may hold what was sent or received, so it is not told.
    void thrown(Throwable thrown) {
        try {
            StackTraceElement[] trace = thrown.getStackTrace();
            LOG.log(Logger.Level.ERROR, "a request or a sink failed: " + thrown.getClass().getName()
                    + (trace.length == 0 ? "" : " at " + trace[0]));
        } catch (RuntimeException | Error e) {
            // no memory for it
        }
    }

    /// {@return null: nobody calls a client}
    @Override
    public @Nullable Protocol acquire() {
        return null;
    }

    @Override
    public void release(Protocol protocol) {
        seating.release((ClientConnection) protocol);
    }

    @Override
    public long silenceNanosMax() {
        return config.times().idle();
    }

    @Override
    public long graceNanos() {
        return http.limits().graceNanos();
    }

    @Override
    public long bytesPerSecondMin() {
        return http.limits().bytesPerSecondMin();
    }

    @Override
    public byte[] refusal() {
        return new byte[0];
    }

    @Override
    public void tick() {
        // nothing hangs on the time of day
    }

    @Override
    public void takeIn() {
        stopped |= inbox.isStopped();
        for (Inbox.Found found = inbox.takeFound(); found != null; found = found.before) {
            seating.found(found);
        }
        Call next;
        for (Call call = inbox.take(); call != null; call = next) {
            next = call.taken();
            int what = call.taken;
            if ((what & Call.ASKED) != 0) {
                takeUp(call);
            }
            if ((what & Call.RESUME) != 0) {
                call.resume();
            }
            if ((what & Call.CANCEL) != 0) {
                call.stop(Failure.CANCELLED);
            }
        }
        if (stopped) {
            seating.giveUp(Failure.STOPPED);
        }
    }

    private void takeUp(Call call) {
        statistics.add(Count.CALLS);
        long now = nowNanos();
        long own = 0;
        Origin origin = null;
        Failure why = stopped ? Failure.STOPPED : null;
        try {
            own = call.request().nanosMax();
            origin = call.request().origin();
            if (why == null && origin.isSecure() && tls == null) {
                why = Failure.NO_TLS;
            }
        } catch (RuntimeException | Error thrown) {
            thrown(thrown);
            why = Failure.APPLICATION;
        }
        call.begin(now + (own > 0 ? Math.min(own, Long.MAX_VALUE / 4) : config.times().call()));
        if (why == null && origin != null && !seating.queue(call, origin, now)) {
            why = Failure.ORIGINS_FULL;
        }
        if (why != null) {
            call.finish(why);
        }
    }

    /// {@return whether a connection to it may turn out to carry several calls}
    boolean mayShare(Origin origin) {
        return http2 != null && (origin.isSecure() || asking().alone());
    }

    /// {@return whether something may go with a hello}
    boolean saysEarly() {
        return config.tls() != null && config.tls().config().earlyBytes() > 0;
    }

    /// {@return whether HTTP/1.1 is spoken where it is asked for}
    boolean speaksFirst() {
        return !isHttp2Alone() && (quic == null || quic.asking().when() != Http3Asking.When.ALONE);
    }

    /// {@return whether nothing but HTTP/2 is spoken}
    boolean isHttp2Alone() {
        return http2 != null && asking().alone();
    }

    /// {@return whether a place for another exchange of HTTP/2 is there}
    boolean hasStream() {
        return streams != null && streams.hasFree();
    }

    /// {@return who hears what connections do, or null}
    @Nullable
    ClientTrace trace() {
        return config.trace();
    }

    @Override
    public boolean dispatch() {
        return seating.dispatch();
    }

    @Override
    public void connected(int index) {
        seating.connected(index);
    }

    @Override
    public void rested(int index) {
        seating.rested(index);
    }

    @Override
    public void left(int index) {
        seating.left(index);
    }

    /// Ends what is left: the loop does not run any more, every connection has ended.
    @Override
    public void close() {
        inbox.stop();
        if (opened) {
            takeIn();
        }
        if (quic != null) {
            quic.close();
        }
        if (tls != null) {
            tls.close();
        }
    }
}
