package dev.coffer.client;

import dev.coffer.client.Client.Count;
import dev.coffer.memory.SlotAccount;
import dev.coffer.server.drive.LoopContext;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Which call gets which connection: the queues of the origins, the table of connections, and the active places, of which a connection has one
/// while it carries calls.
///
/// ```
///   asked --> origin's queue --connection idle, place free--> on the wire --> end, or once more the head of the queue
///                 '--none idle, and fewer than it may have--> a connection is made
/// ```
///
/// When the table of connections is full the one that has been idle the longest makes room, whosever it is. On the client's thread.
final class Seating {
    private final ClientLane lane;
    private final ClientStatistics statistics;
    private final Dialing dialing;
    private final SlotAccount active;
    private final ClientConnection[] free;  // a stack
    private int freeCount;
    private final Seat[] seats;
    private final OriginPool[] pools;
    private int pool;               // where the next round begins
    private boolean dirty;          // something has changed for who waits
    private @Nullable LoopContext context;

    /// @param quic  null where HTTP/3 is not spoken
    Seating(ClientLane lane, ClientConfig config, Resolver resolver, ClientStatistics statistics, SlotAccount active, @Nullable Http3Socket quic) {
        this.lane = lane;
        this.statistics = statistics;
        this.active = active;
        this.free = new ClientConnection[config.active()];
        this.seats = new Seat[config.connections()];
        this.pools = new OriginPool[config.origins()];
        this.dialing = new Dialing(lane, this, config, resolver, seats, quic);
    }

    void open(LoopContext newContext) {
        context = newContext;
        dialing.open(newContext);
        for (int i = 0; i < seats.length; i++) {
            seats[i] = new Seat(i);
        }
        for (int i = 0; i < pools.length; i++) {
            OriginPool row = new OriginPool();
            row.timer(newContext.timer(() -> dialing.tooLong(row)));
            pools[i] = row;
        }
    }

    private LoopContext context() {
        return Objects.requireNonNull(context, "opened");
    }

    // Places of active connections.

    /// One more is there.
    void add(ClientConnection connection) {
        free[freeCount++] = connection;
    }

    /// One is not used any more.
    void release(ClientConnection connection) {
        add(connection);
        active.released();
        dirty = true;
    }

    // Calls that wait.

    /// A call waits for a connection to its origin.
    ///
    /// @return whether there is a row for that
    boolean queue(Call call, Origin origin, long now) {
        OriginPool row = row(origin, false, now);
        if (row != null) {
            row.add(call);
            dirty = true;
        }
        return row != null;
    }

    /// Addresses of an origin were found, or were not.
    void found(Inbox.Found found) {
        if (found.pool.isAnswer(found.question)) {
            dialing.found(found.pool, found.addresses);
            dirty = true;
        }
    }

    /// Ends every call that waits.
    void giveUp(Failure why) {
        for (OriginPool row : pools) {
            row.giveUp(why);
        }
    }

    /// {@return the origin's row, null where all are in use}
    ///
    /// @param ofFirst  that for requests that its server wants in HTTP/1.1
    private @Nullable OriginPool row(Origin origin, boolean ofFirst, long now) {
        OriginPool spare = null;
        for (OriginPool row : pools) {
            if (row.origin != null && row.isOfFirst() == ofFirst && origin.equals(row.origin)) {
                return row;
            }
            if (spare == null ? row.origin == null || row.isIdle() : spare.origin != null && row.origin == null) {
                spare = row;
            }
        }
        if (spare != null) {
            closeIdle(spare);
            spare.begin(origin, now, lane.mayShare(origin) && !ofFirst, ofFirst);
        }
        return spare;
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

    /// Sends a call once more, before all others: its connection died before it was heard, or the server has left it out, or wants it otherwise.
    ///
    /// @param died  the connection, so that others may have too
    void repeat(Call call, OriginPool row, boolean died) {
        statistics.add(Count.REPEATED);
        row.suspicious |= died;
        row.addFirst(call);
        dirty = true;
    }

    /// Brings calls to connections.
    ///
    /// @return whether one has got one
    boolean dispatch() {
        if (!dirty) {
            return false;
        }
        dirty = false;
        boolean given = false;
        pool = (pool + 1) % pools.length;
        for (OriginPool row : pools) {
            if (row.takeMixed()) {
                part(row);
            }
        }
        for (int i = 0; i < pools.length; i++) {
            OriginPool row = pools[(pool + i) % pools.length];
            if (row.first() != null) {
                given |= serve(row);
            }
        }
        return given;
    }

    /// Calls that go in HTTP/1.1 alone wait apart, for connections that are made for that.
    private void part(OriginPool row) {
        Origin origin = row.origin();
        Call next;
        for (Call call = row.first(); call != null; call = next) {
            next = call.after;
            if (call.isOfFirst()) {
                row.remove(call);
                OriginPool apart = row(origin, true, lane.nowNanos());
                if (apart == null) {
                    call.finish(Failure.ORIGINS_FULL);
                } else {
                    apart.add(call);
                }
            }
        }
    }

    private boolean serve(OriginPool row) {
        if (row.suspicious) {
            row.suspicious = false;
            closeIdle(row);
        }
        boolean given = share(row, true);
        if (row.first() == null || dialing.growQuic(row, lane.nowNanos())) {
            return given;
        }
        given |= share(row, false);
        while (row.first() != null && row.newestIdle() != null && (lane.hasStream() || !lane.isHttp2Alone())
                && (freeCount > 0 || closeIdleShared())) {
            given |= use(row, row.newestIdle(), row.first());
        }
        if (row.first() != null && row.newestIdle() == null) {
            dialing.grow(row, lane.nowNanos());
        }
        return given;
    }

    /// Gives calls to connections that carry others.
    ///
    /// @param ofQuic  to those of HTTP/3, or to those of HTTP/2
    private boolean share(OriginPool row, boolean ofQuic) {
        boolean given = false;
        for (Seat seat = row.firstShared(); seat != null && row.first() != null; seat = seat.older) {
            while (row.first() != null && seat.isOfQuic() == ofQuic && seat.connection().takesMore()) {
                given |= share(row, seat, row.first());
            }
        }
        return given;
    }

    /// Gives a call to a connection that carries others, or has.
    private boolean share(OriginPool row, Seat seat, Call call) {
        if (!begin(row, call)) {
            return false;
        }
        if (seat.uses > 0 || seat.connection().isBusy()) {
            statistics.add(Count.REUSED);
        }
        seat.connection().add(call);
        return true;
    }

    /// A connection of HTTP/3 is under way, and something may go with its hello: the call that comes next, if it is one that may.
    void early(OriginPool row, Http3Connection connection) {
        Call call = row.first();
        if (call != null && call.mayBeEarly() && begin(row, call)) {
            statistics.add(Count.EARLY);
            connection.addEarly(call);
        }
    }

    /// Takes a call out of its queue, to be sent.
    private boolean begin(OriginPool row, Call call) {
        row.remove(call);
        try {
            call.request().begin();
            return true;
        } catch (RuntimeException | Error thrown) {
            lane.thrown(thrown);
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
        context().use(seat.index, connection);
        return true;
    }

    /// It is known what a connection speaks, and how much of it at a time.
    ///
    /// @param shares  whether it carries several calls
    void settled(Seat seat, boolean shares) {
        seat.pool().unsettled--;
        seat.pool().shares(shares);
        dirty = true;
    }

    /// A connection carries several calls from now on.
    void shared(Seat seat) {
        seat.state = Seat.State.SHARED;
        seat.pool().addShared(seat);
        dirty = true;
    }

    private void closeIdle(OriginPool row) {
        while (row.newestIdle() != null) {
            context().close(row.newestIdle().index);
        }
        for (Seat seat = row.firstShared(); seat != null;) {
            Seat following = seat.older;
            if (!seat.connection().isBusy()) {
                close(seat);
            }
            seat = following;
        }
    }

    private void close(Seat seat) {
        if (seat.connection instanceof Http3Connection idle) {
            idle.endIdle();
        } else {
            context().close(seat.index);
        }
    }

    /// {@return whether an active place has come free: that of the connection of HTTP/2 that has carried nothing for the longest}
    private boolean closeIdleShared() {
        return closeOne(oldest(false));
    }

    /// {@return whether there was an idle connection to close, whosever it was}
    boolean closeOldestIdle() {
        return closeOne(oldest(true));
    }

    private @Nullable Seat oldest(boolean any) {
        Seat oldest = null;
        for (Seat seat : seats) {
            boolean idle = any && seat.state == Seat.State.IDLE || seat.state == Seat.State.SHARED && !seat.connection().isBusy();
            if (idle && (oldest == null || seat.since < oldest.since)) {
                oldest = seat;
            }
        }
        return oldest;
    }

    private boolean closeOne(@Nullable Seat oldest) {
        if (oldest == null) {
            return false;
        }
        context().close(oldest.index);
        return true;
    }

    // What becomes of connections.

    /// One was made.
    void connected(int index) {
        statistics.add(Count.CONNECTIONS);
        Seat seat = seats[index];
        seat.pool().dialing--;
        seat.pool().reached(seat.address);
        idle(seat);
    }

    /// One of HTTP/3 was made.
    void connectedByQuic(Seat seat, Http3Connection connection) {
        OriginPool row = seat.pool();
        row.dialingQuic--;
        row.reachedByQuic(seat.address);
        row.hold(lane.nowNanos());
        seat.connection = connection;
        shared(seat);
    }

    /// One of HTTP/3 could not be made.
    void missedByQuic(OriginPool row, int address, Failure why) {
        againByQuic(row);
        dialing.missedByQuic(row, address, why);
    }

    /// One of HTTP/3 has ended before it was made, by no fault of its address.
    void againByQuic(OriginPool row) {
        row.dialingQuic--;
        row.connections--;
        dirty = true;
    }

    /// One of HTTP/3 is gone.
    void leftByQuic(Seat seat) {
        OriginPool row = seat.pool();
        row.removeShared(seat);
        row.connections--;
        seat.state = Seat.State.FREE;
        seat.pool = null;
        seat.connection = null;
        dirty = true;
    }

    /// One has carried a call, and could carry another.
    void rested(int index) {
        seats[index].uses++;
        seats[index].connection = null;
        idle(seats[index]);
    }

    private void idle(Seat seat) {
        seat.state = Seat.State.IDLE;
        seat.since = lane.nowNanos();
        seat.pool().addIdle(seat);
        dirty = true;
    }

    /// One is gone.
    void left(int index) {
        Seat seat = seats[index];
        OriginPool row = seat.pool();
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
            dialing.missed(row, seat.address, lane.nowNanos() >= seat.until ? Failure.CONNECT_TIMED_OUT : Failure.UNREACHABLE);
        }
    }
}
