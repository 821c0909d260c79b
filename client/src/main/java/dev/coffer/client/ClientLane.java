package dev.coffer.client;

import dev.coffer.client.Client.Count;
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
import java.lang.System.Logger;
import dev.coffer.tls.ClientContext;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/// The client's side of a loop: takes calls up, finds addresses, makes connections, and brings the one to the other.
///
/// ```
///   asked --> origin's queue --connection idle, protocol free--> on the wire --> end, or once more the head of the queue
///                 '--none idle, and fewer than it may have--> a connection is made
/// ```
///
/// When the table of connections is full the one that has been idle the longest makes room, whosever it is.
final class ClientLane implements Lane {
    private static final Logger LOG = System.getLogger("dev.coffer.client");
    private static final int ACTIVE_TYPICALLY = 4;
    private static final String TLS = "tls";

    private final ClientConfig config;
    private final Http1Config http;
    private final Http2Config http2;        // null where it is not spoken
    private final Dialing dialing;
    private final ClientStatistics statistics;
    private final Inbox inbox;
    private final SlotAccount active;
    private LoopContext context;
    private ClientContext tls;      // null without
    private Http2Streams streams;   // null where HTTP/2 is not spoken
    private final ClientConnection[] all;
    private final ClientConnection[] free;  // a stack
    private int freeCount;
    private final Seat[] seats;
    private final OriginPool[] pools;
    private int pool;               // where the next round begins
    private boolean dirty;          // something has changed for who waits
    private boolean stopped;

    ClientLane(ClientConfig config, Resolver resolver, ClientStatistics statistics) {
        this.config = config;
        this.http = config.engine();
        this.http2 = config.http2() == null ? null : config.http2().engine(http);
        this.statistics = statistics;
        this.inbox = new Inbox(config.calls());
        this.active = new SlotAccount("active", activeBytes(), config.active());
        this.all = new ClientConnection[config.active()];
        this.free = new ClientConnection[config.active()];
        this.seats = new Seat[config.connections()];
        this.pools = new OriginPool[config.origins()];
        this.dialing = new Dialing(this, config, resolver, seats);
    }

    /// {@return what the engine of a connection holds, whichever it is}
    private MemoryPlan versions() {
        return http2 == null ? http.clientPlan() : MemoryPlan.oneOf("version", http.clientPlan(), http2.clientPlan());
    }

    private long activeBytes() {
        return versions().totalBytes() + config.outputBytes();
    }

    private MemoryPlan streamsPlan() {
        return http2 == null ? MemoryPlan.block("streams", 0, 1, "not spoken") : Http2Streams.planOfClient(http2, config.http2().streams());
    }

    @Override
    public MemoryPlan plan() {
        return MemoryPlan.group("http",
                MemoryPlan.group("active", versions(), MemoryPlan.block("own output", config.outputBytes()))
                        .times(config.active()).typically(Math.min(config.active(), ACTIVE_TYPICALLY))
                        .noted("lent while a call is on the wire")
                        .withHeap(config.active() * ClientConnection.heapBytes()
                                + 2 * HeapLayout.array(ClientConnection.class, config.active())),
                streamsPlan(),
                config.tls() == null ? MemoryPlan.block(TLS, 0, 1, "not spoken") : config.tlsConfig().plan().named(TLS)
                        .withHeap(config.active() * (ClientConnection.tlsHeapBytes() + config.tls().verifier().heapBytes())),
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
    public void open(LoopContext newContext, MemorySegment memory) {
        context = newContext;
        long engineBytes = versions().totalBytes();
        MemoryPlan plan = plan();
        dialing.open(newContext);
        tls = config.tls() == null ? null : ClientContext.over(config.tlsConfig(), config.tls().verifier(), Entropy.SYSTEM,
                memory.asSlice(plan.offsetOf(TLS), plan.child(TLS).totalBytes()));
        if (tls != null) {
            tls.identity(config.tls().identity());
            tls.keyLog(config.tls().keyLog());
        }
        if (http2 != null) {
            streams = Http2Streams.ofClient(http2, config.http2().streams(), memory, plan.offsetOf("streams"));
        }
        for (int i = config.active() - 1; i >= 0; i--) {
            long at = i * activeBytes();
            Http2Client second = http2 == null ? null
                    : new Http2Client(http2, config.times().idle(), http.continueNanosMax(), memory, at, streams);
            all[i] = new ClientConnection(this, new Http1Client(http, memory, at), second, tls, i,
                    new OwnOutput(memory, at + engineBytes, config.outputBytes()));
            free[freeCount++] = all[i];
        }
        for (int i = 0; i < seats.length; i++) {
            seats[i] = new Seat(i);
        }
        for (int i = 0; i < pools.length; i++) {
            OriginPool row = new OriginPool();
            row.timer(newContext.timer(() -> dialing.tooLong(row)));
            pools[i] = row;
        }
        Call[] calls = new Call[config.calls()];
        for (int i = 0; i < calls.length; i++) {
            Call call = new Call(this, i);
            call.timer(newContext.timer(() -> call.stop(Failure.TIMED_OUT)));
            calls[i] = call;
        }
        inbox.open(newContext, calls);
    }

    @Override
    public List<Account> accounts() {
        List<Account> all = new ArrayList<>(List.of(active));
        if (tls != null) {
            all.addAll(tls.accounts());
        }
        if (streams != null) {
            all.addAll(streams.accounts());
        }
        return all;
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

    long nowNanos() {
        return context.now().nanos();
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
    public Protocol acquire() {
        return null;
    }

    @Override
    public void release(Protocol protocol) {
        free[freeCount++] = (ClientConnection) protocol;
        active.released();
        dirty = true;
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
            if (found.pool.isAnswer(found.question)) {
                dialing.found(found.pool, found.addresses);
                dirty = true;
            }
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
            for (OriginPool row : pools) {
                row.giveUp(Failure.STOPPED);
            }
        }
    }

    private void takeUp(Call call) {
        statistics.add(Count.CALLS);
        long now = nowNanos();
        long own = 0;
        OriginPool row = null;
        Failure why = stopped ? Failure.STOPPED : Failure.ORIGINS_FULL;
        try {
            own = call.request.nanosMax();
            Origin origin = call.request.origin();
            if (origin.isSecure() && tls == null && !stopped) {
                why = Failure.NO_TLS;
            } else {
                row = stopped ? null : row(origin, now);
            }
        } catch (RuntimeException | Error thrown) {
            thrown(thrown);
            why = Failure.APPLICATION;
        }
        call.begin(now + (own > 0 ? Math.min(own, Long.MAX_VALUE / 4) : config.times().call()));
        if (row == null) {
            call.finish(why);
        } else {
            row.add(call);
            dirty = true;
        }
    }

    /// {@return the origin's row, null where all are in use}
    private OriginPool row(Origin origin, long now) {
        OriginPool spare = null;
        for (OriginPool row : pools) {
            if (row.origin == origin || origin.equals(row.origin)) {
                return row;
            }
            if (spare == null ? row.origin == null || row.isIdle() : spare.origin != null && row.origin == null) {
                spare = row;
            }
        }
        if (spare != null) {
            closeIdle(spare);
            spare.begin(origin, now, mayShare(origin));
        }
        return spare;
    }

    /// {@return whether a connection to it may turn out to carry several calls}
    private boolean mayShare(Origin origin) {
        return http2 != null && (origin.isSecure() || config.http2().alone());
    }

    /// {@return whether nothing but HTTP/2 is spoken}
    boolean isHttp2Alone() {
        return http2 != null && config.http2().alone();
    }

    /// {@return whether a place for another exchange of HTTP/2 is there}
    boolean hasStream() {
        return streams != null && streams.hasFree();
    }

    /// {@return who hears what connections do, or null}
    ClientTrace trace() {
        return config.trace();
    }

    /// A call waits again, before all others, as nothing of it could go out.
    void waitsAgain(Call call, OriginPool row) {
        row.addFirst(call);
        dirty = true;
    }

    /// Something has changed for who waits.
    void changed() {
        dirty = true;
    }

    /// Sends a call once more, before all others: its connection died before it was heard, or the server has left it out.
    void repeat(Call call, OriginPool row, boolean died) {
        statistics.add(Count.REPEATED);
        row.suspicious |= died;
        row.addFirst(call);
        dirty = true;
    }

    @Override
    public boolean dispatch() {
        if (!dirty) {
            return false;
        }
        dirty = false;
        boolean given = false;
        pool = (pool + 1) % pools.length;
        for (int i = 0; i < pools.length; i++) {
            OriginPool row = pools[(pool + i) % pools.length];
            if (row.first() != null) {
                given |= serve(row);
            }
        }
        return given;
    }

    private boolean serve(OriginPool row) {
        if (row.suspicious) {
            row.suspicious = false;
            closeIdle(row);
        }
        boolean given = false;
        for (Seat seat = row.firstShared(); seat != null && row.first() != null; seat = seat.older) {
            while (row.first() != null && seat.connection.takesMore()) {
                given |= share(row, seat, row.first());
            }
        }
        while (row.first() != null && row.newestIdle() != null && (hasStream() || !isHttp2Alone())
                && (freeCount > 0 || closeIdleShared())) {
            given |= use(row, row.newestIdle(), row.first());
        }
        if (row.first() != null && row.newestIdle() == null) {
            dialing.grow(row, nowNanos());
        }
        return given;
    }

    /// Gives a call to a connection that carries others, or has.
    private boolean share(OriginPool row, Seat seat, Call call) {
        if (!begin(row, call)) {
            return false;
        }
        if (seat.uses > 0 || seat.connection.isBusy()) {
            statistics.add(Count.REUSED);
        }
        seat.connection.add(call);
        return true;
    }

    /// Takes a call out of its queue, to be sent.
    private boolean begin(OriginPool row, Call call) {
        row.remove(call);
        try {
            call.request.begin();
            return true;
        } catch (RuntimeException | Error thrown) {
            thrown(thrown);
            call.finish(Failure.APPLICATION);
            return false;
        }
    }

    private boolean use(OriginPool row, Seat seat, Call call) {
        if (!begin(row, call)) {
            return false;
        }
        row.removeIdle(seat);
        if (seat.uses > 0) {
            statistics.add(Count.REUSED);
        }
        seat.state = Seat.State.BUSY;
        ClientConnection connection = free[--freeCount];
        active.taken();
        seat.connection = connection;
        row.unsettled++;
        connection.give(call, seat);
        context.use(seat.index, connection);
        return true;
    }

    /// It is known what a connection speaks, and how much of it at a time.
    ///
    /// @param shares  whether it carries several calls
    void settled(Seat seat, boolean shares) {
        seat.pool.unsettled--;
        seat.pool.shares(shares);
        dirty = true;
    }

    /// A connection carries several calls from now on.
    void shared(Seat seat) {
        seat.state = Seat.State.SHARED;
        seat.pool.addShared(seat);
        dirty = true;
    }

    private void closeIdle(OriginPool row) {
        while (row.newestIdle() != null) {
            context.close(row.newestIdle().index);
        }
        for (Seat seat = row.firstShared(); seat != null;) {
            Seat following = seat.older;
            if (!seat.connection.isBusy()) {
                context.close(seat.index);
            }
            seat = following;
        }
    }

    /// {@return whether an active place has come free: that of the connection of HTTP/2 that has carried nothing for the longest}
    private boolean closeIdleShared() {
        return close(oldest(false));
    }

    /// {@return whether there was an idle connection to close, whosever it was}
    boolean closeOldestIdle() {
        return close(oldest(true));
    }

    private Seat oldest(boolean any) {
        Seat oldest = null;
        for (Seat seat : seats) {
            boolean idle = any && seat.state == Seat.State.IDLE || seat.state == Seat.State.SHARED && !seat.connection.isBusy();
            if (idle && (oldest == null || seat.since < oldest.since)) {
                oldest = seat;
            }
        }
        return oldest;
    }

    private boolean close(Seat oldest) {
        if (oldest == null) {
            return false;
        }
        context.close(oldest.index);
        return true;
    }

    @Override
    public void connected(int index) {
        statistics.add(Count.CONNECTIONS);
        Seat seat = seats[index];
        seat.pool.dialing--;
        seat.pool.reached(seat.address);
        idle(seat);
    }

    @Override
    public void rested(int index) {
        seats[index].uses++;
        seats[index].connection = null;
        idle(seats[index]);
    }

    private void idle(Seat seat) {
        seat.state = Seat.State.IDLE;
        seat.since = nowNanos();
        seat.pool.addIdle(seat);
        dirty = true;
    }

    @Override
    public void left(int index) {
        Seat seat = seats[index];
        OriginPool row = seat.pool;
        Seat.State was = seat.state;
        seat.state = Seat.State.FREE;
        seat.pool = null;
        seat.connection = null;
        row.connections--;
        dirty = true;
        if (was == Seat.State.IDLE) {
            row.removeIdle(seat);
        } else if (was == Seat.State.SHARED) {
            row.removeShared(seat);
        } else if (was == Seat.State.DIALING) {
            row.dialing--;
            dialing.missed(row, seat.address, nowNanos() >= seat.until ? Failure.CONNECT_TIMED_OUT : Failure.UNREACHABLE);
        }
    }

    /// Ends what is left: the loop does not run any more, every connection has ended.
    @Override
    public void close() {
        inbox.stop();
        if (context != null) {
            takeIn();
        }
        if (tls != null) {
            tls.close();
        }
    }
}
