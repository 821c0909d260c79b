package dev.coffer.client;

import dev.coffer.client.Client.Count;
import dev.coffer.http.http1.Http1Client;
import dev.coffer.http.http1.Http1Config;
import dev.coffer.memory.Account;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.SlotAccount;
import dev.coffer.memory.layout.HeapLayout;
import dev.coffer.server.drive.Lane;
import dev.coffer.server.drive.LoopContext;
import dev.coffer.server.drive.Protocol;
import java.lang.System.Logger;
import dev.coffer.tls.ClientContext;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.UnknownHostException;
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
    /// After every address of an origin has failed while other connections to it go on.
    private static final long PAUSE_NANOS = 1_000_000_000L;
    private static final int ACTIVE_TYPICALLY = 4;
    private static final String TLS = "tls";

    private final ClientConfig config;
    private final Http1Config http;
    private final Resolver resolver;
    private final ClientStatistics statistics;
    private final Inbox inbox;
    private final SlotAccount active;
    private LoopContext context;
    private ClientContext tls;      // null without
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
        this.resolver = resolver;
        this.statistics = statistics;
        this.inbox = new Inbox(config.calls());
        this.active = new SlotAccount("active", http.clientPlan().totalBytes() + config.outputBytes(), config.active());
        this.free = new ClientConnection[config.active()];
        this.seats = new Seat[config.connections()];
        this.pools = new OriginPool[config.origins()];
    }

    @Override
    public MemoryPlan plan() {
        return MemoryPlan.group("http",
                MemoryPlan.group("active", http.clientPlan(), MemoryPlan.block("own output", config.outputBytes()))
                        .times(config.active()).typically(Math.min(config.active(), ACTIVE_TYPICALLY))
                        .noted("lent while a call is on the wire")
                        .withHeap(config.active() * ClientConnection.heapBytes()
                                + HeapLayout.array(ClientConnection.class, config.active())),
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
        long engineBytes = http.clientPlan().totalBytes();
        MemoryPlan plan = plan();
        tls = config.tls() == null ? null : ClientContext.over(config.tlsConfig(), config.tls().verifier(), Entropy.SYSTEM,
                memory.asSlice(plan.offsetOf(TLS), plan.child(TLS).totalBytes()));
        if (tls != null) {
            tls.identity(config.tls().identity());
        }
        for (int i = config.active() - 1; i >= 0; i--) {
            long at = i * (engineBytes + config.outputBytes());
            free[freeCount++] = new ClientConnection(this, new Http1Client(http, memory, at), tls, i, memory, at + engineBytes,
                    config.outputBytes());
        }
        for (int i = 0; i < seats.length; i++) {
            seats[i] = new Seat(i);
        }
        for (int i = 0; i < pools.length; i++) {
            OriginPool row = new OriginPool();
            row.timer(newContext.timer(() -> tooLong(row)));
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
                found(found.pool, found.addresses);
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
            spare.begin(origin, now);
        }
        return spare;
    }

    /// Sends a call a second time, before all others: its connection died before it was heard.
    void repeat(Call call, OriginPool row) {
        statistics.add(Count.REPEATED);
        row.addFirst(call);
        row.suspicious = true;
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
        while (row.first() != null && row.newestIdle() != null && freeCount > 0) {
            given |= use(row, row.newestIdle(), row.first());
        }
        if (row.first() != null && row.newestIdle() == null) {
            grow(row, nowNanos());
        }
        return given;
    }

    private boolean use(OriginPool row, Seat seat, Call call) {
        row.remove(call);
        try {
            call.request.begin();
        } catch (RuntimeException | Error thrown) {
            thrown(thrown);
            call.finish(Failure.APPLICATION);
            return false;
        }
        row.removeIdle(seat);
        if (seat.uses > 0) {
            statistics.add(Count.REUSED);
        }
        seat.state = Seat.State.BUSY;
        ClientConnection connection = free[--freeCount];
        active.taken();
        connection.give(call, seat);
        context.use(seat.index, connection);
        return true;
    }

    /// Makes connections for those that wait, as many as there may be.
    private void grow(OriginPool row, long now) {
        while (row.dialing < row.waiting() && row.connections < config.perOrigin()
                && (row.connections == 0 || now >= row.dialAfter)) {
            if (!row.isFound(now)) {
                find(row, now);
                return;
            }
            int address = row.next();
            long until = now + Math.max(1, config.times().connect() / row.addressCount());
            int result = context.connect(row.address(), until);
            if ((result == LoopContext.NO_SEAT || result == LoopContext.NO_DESCRIPTOR) && closeOldestIdle()) {
                result = context.connect(row.address(), until);
            }
            switch (result) {
                case LoopContext.NO_SEAT -> {
                    return;
                }
                case LoopContext.NO_DESCRIPTOR -> {
                    if (row.connections == 0) {
                        row.giveUp(Failure.NO_DESCRIPTOR);
                    }
                    return;
                }
                case LoopContext.REFUSED -> missed(row, address, Failure.UNREACHABLE);
                default -> {
                    Seat seat = seats[result];
                    seat.state = Seat.State.DIALING;
                    seat.pool = row;
                    seat.address = address;
                    seat.until = until;
                    seat.uses = 0;
                    row.dialing++;
                    row.connections++;
                }
            }
        }
    }

    private void find(OriginPool row, long now) {
        Origin origin = row.origin;
        if (origin.literal != null) {
            row.found(new InetAddress[] {origin.literal}, now);
            grow(row, now);
            return;
        }
        if (row.isAsking()) {
            return;
        }
        int question = row.ask(now + config.times().connect());
        Thread.ofVirtual().name("coffer-resolve").start(() -> {
            InetAddress[] addresses = null;
            try {
                addresses = resolver.resolve(origin.host());
            } catch (UnknownHostException | RuntimeException | Error e) {
                // there are none
            }
            inbox.found(row, question, addresses);
        });
    }

    private void found(OriginPool row, InetAddress[] addresses) {
        row.answered();
        if (addresses == null || addresses.length == 0) {
            row.giveUp(Failure.UNKNOWN_HOST);
        } else {
            row.found(addresses, nowNanos());
            dirty = true;
        }
    }

    private void tooLong(OriginPool row) {
        row.answered();
        row.giveUp(Failure.CONNECT_TIMED_OUT);
    }

    /// An address of an origin was not reached. When none is left, who waits has waited in vain, unless another connection is there.
    private void missed(OriginPool row, int address, Failure why) {
        if (row.missed(address)) {
            row.dialAfter = nowNanos() + PAUSE_NANOS;
            if (row.connections == 0) {
                row.giveUp(why);
            }
        }
    }

    private void closeIdle(OriginPool row) {
        while (row.newestIdle() != null) {
            context.close(row.newestIdle().index);
        }
    }

    private boolean closeOldestIdle() {
        Seat oldest = null;
        for (Seat seat : seats) {
            if (seat.state == Seat.State.IDLE && (oldest == null || seat.since < oldest.since)) {
                oldest = seat;
            }
        }
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
        row.connections--;
        dirty = true;
        if (was == Seat.State.IDLE) {
            row.removeIdle(seat);
        } else if (was == Seat.State.DIALING) {
            row.dialing--;
            missed(row, seat.address, nowNanos() >= seat.until ? Failure.CONNECT_TIMED_OUT : Failure.UNREACHABLE);
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
