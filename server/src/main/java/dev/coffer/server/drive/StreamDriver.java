package dev.coffer.server.drive;

import dev.coffer.memory.Wipe;
import dev.coffer.memory.engine.Engine;
import dev.coffer.memory.layout.HeapLayout;
import dev.coffer.server.net.Sockets;
import java.lang.foreign.MemorySegment;

/// Drives whatever protocol is spoken over one stream: receives, feeds, polls, flushes, lingers, and keeps time. One a seat
/// of the loop, made at start, reused for one connection after another.
///
/// ```
///   FREE --accept--> IDLE --bytes, a protocol is lent--> OPEN --engine ended, all sent--> FREE
///                     ^ |                                 |              '--it lingers--> LINGERING --end or time--> FREE
///                     | '--bytes, none is left--> WAITING |
///                     '-----------at rest-----------------'       anywhere: broken, too slow --> FREE
/// ```
///
/// A connection of the lane's own is CONNECTING first, then IDLE; it is the lane that gives it a protocol, and bytes that come while
/// it is idle end it, as nobody has asked for them. While it is OPEN both directions go on at once: an answer may come before the
/// question has gone out whole, and a peer may wait for us to read before it reads on.
///
/// An idle connection is this row and its socket, nothing else. One for which no protocol is left waits with reading switched
/// off, first come first served; when its time is over it hears the lane's refusal and is closed.
///
/// While output waits for room nothing is received from who called us: a peer that does not read cannot make us write.
final class StreamDriver implements Transport {
    enum State { FREE, CONNECTING, IDLE, WAITING, OPEN, LINGERING }

    /// How long we listen to a peer that was refused, or whose content nobody wants, so that our answer reaches it before
    /// a reset does (RFC 9112, section 9.6).
    private static final long LINGER_NANOS = 1_000_000_000L;
    private static final long NEVER = Long.MAX_VALUE;
    private static final long SECOND = 1_000_000_000L;

    private final Shared shared;
    private final int slot;
    private final Outgoing out;

    private State state = State.FREE;
    private Protocol protocol;          // on loan while OPEN, else null
    private boolean dialed;             // the connection is the lane's own
    private boolean ended;              // the peer has finished sending
    private boolean cut;                // a reset, or an answer was cut
    private boolean finished;           // our half has ended
    private boolean fresh;              // no byte has come yet
    private int awaited;                // what the sockets were told
    private long since;                 // when the connection began
    private long until;                 // when IDLE, WAITING or LINGERING end
    private long again;                 // while WAITING: when somebody may have to give way
    private long stuckUntil;            // when a peer that leaves pending output waiting is given up, else NEVER
    private long armed = NEVER;         // what the timer was told
    private boolean promised;           // a turn, so it stands in that queue
    private boolean yielding;           // has more to send, and is promised a turn for it
    StreamDriver nextTurn;              // links of Shared
    StreamDriver before;
    StreamDriver after;

    StreamDriver(Shared shared, int slot) {
        this.shared = shared;
        this.slot = slot;
        this.out = new Outgoing(shared, this);
    }

    /// {@return bytes of the Java objects of one seat}
    static long heapBytes() {
        return HeapLayout.instance(StreamDriver.class) + Outgoing.heapBytes();
    }

    boolean isFree() {
        return state == State.FREE;
    }

    int slot() {
        return slot;
    }

    @Override
    public boolean isLoopback() {
        return shared.sockets.isLoopback(slot);
    }

    @Override
    public int peer(MemorySegment target, long at) {
        return shared.sockets.peer(slot, target, at);
    }

    @Override
    public void turnSoon() {
        if (!promised && !out.isPolling()) {
            promised = true;
            shared.turnSoon(this);
        }
    }

    @Override
    public int unsent() {
        return out.unsent();
    }

    @Override
    public void cut() {
        cut = true;
    }

    /// A connection was accepted into the seat.
    void open(long now) {
        begin(State.IDLE, Sockets.READ, now + shared.lane.silenceNanosMax());
        dialed = false;
        fresh = true;
        since = now;
    }

    /// A connection of the lane's own is under way in the seat.
    ///
    /// @param untilNanos  when it is given up
    void connect(long untilNanos) {
        begin(State.CONNECTING, Sockets.WRITE, untilNanos);
        dialed = true;
        fresh = false;
    }

    private void begin(State first, int awaits, long untilNanos) {
        assert state == State.FREE : "slot " + slot + " is " + state;
        state = first;
        ended = false;
        cut = false;
        finished = false;
        yielding = false;
        awaited = awaits;
        stuckUntil = NEVER;
        until = untilNanos;
        arm();
    }

    private void connected(long now) {
        int result = shared.sockets.connected(slot);
        if (result == Sockets.BROKEN) {
            close(now);
        } else if (result == Sockets.CONNECTED) {
            state = State.IDLE;
            until = now + shared.lane.silenceNanosMax();
            await(Sockets.READ);
            shared.lane.connected(slot);
        }
    }

    /// Gives a protocol to an idle connection of the lane's own.
    void use(Protocol lent, long now) {
        assert state == State.IDLE && dialed : "slot " + slot + " is " + state;
        lent.engine().reset(now);
        protocol = lent;
        state = State.OPEN;
        lent.begin(this);
        turnSoon();
    }

    /// The socket is ready.
    void ready(int operations, long now) {
        switch (state) {
            case CONNECTING -> connected(now);
            case IDLE -> {
                if (dialed) {
                    close(now);  // an end, or an answer to nothing
                } else {
                    wake(now);
                }
            }
            case OPEN -> {
                if (dialed) {
                    bothWays(operations, now);
                    return;
                }
                if (yielding) {
                    return;  // it goes on after the others' events, and what has come stays where it is
                }
                if ((operations & Sockets.WRITE) != 0 && out.isPending(protocol) || (operations & Sockets.READ) == 0) {
                    turn(now);
                } else {
                    receive(now);
                }
            }
            case LINGERING -> discard(now);
            case WAITING -> broken(now);  // nothing was awaited but trouble, and here it is
            case FREE -> throw new AssertionError("slot " + slot + " is free");
        }
    }

    /// Bytes have come, or the end.
    private void wake(long now) {
        Protocol lent = shared.waiting.first() == null ? shared.lane.acquire() : null;  // nobody is overtaken
        if (lent == null) {
            starve(now);
        } else {
            begin(lent, now);
        }
    }

    private void begin(Protocol lent, long now) {
        Engine<?> engine = lent.engine();
        engine.reset(fresh ? since : now);
        engine.allowPassages(shared.sockets.passes());
        int room = (int) Math.min(engine.feedRoom(), shared.received.byteSize());
        int result = shared.sockets.receive(slot, shared.received, 0, room);
        if (result > 0) {
            fresh = false;
            protocol = lent;
            shared.holding.add(this);
            lent.begin(this);
            state = State.OPEN;
            feed(result, now);
            return;
        }
        lent.end();
        shared.lane.release(lent);
        if (result == Sockets.FINISHED) {
            close(now);
        } else if (result == Sockets.BROKEN) {
            broken(now);
        }
    }

    private void bothWays(int operations, long now) {
        if ((operations & Sockets.WRITE) != 0) {
            turn(now);
        }
        if ((operations & Sockets.READ) != 0 && state == State.OPEN) {
            receive(now);
        }
    }

    private void receive(long now) {
        if (ended || out.isPending(protocol) && !dialed) {  // nothing was awaited but trouble, and here it is
            broken(now);
            return;
        }
        Engine<?> engine = protocol.engine();
        int room = (int) Math.min(engine.feedRoom(), shared.received.byteSize());
        if (room == 0) {
            if (awaited == 0) {  // the same: a reset is told again and again, whatever is awaited
                broken(now);
            } else {
                turn(now);
            }
            return;
        }
        int result = shared.sockets.receive(slot, shared.received, 0, room);
        if (result > 0) {
            feed(result, now);
        } else if (result == Sockets.FINISHED) {
            ended = true;
            engine.feedEnd(now);
            turn(now);
        } else if (result == Sockets.BROKEN) {
            broken(now);
        }
    }

    private void feed(int length, long now) {
        long taken = protocol.engine().feed(shared.received, 0, length, now);
        assert taken == length : "fed " + length + ", taken " + taken;
        Wipe.bytes(shared.received, 0, length);
        turn(now);
    }

    /// Listens to a peer for whom nothing is left to be said.
    private void discard(long now) {
        int result = shared.sockets.receive(slot, shared.received, 0, (int) shared.received.byteSize());
        if (result < 0) {
            close(now);
        } else {
            Wipe.bytes(shared.received, 0, result);
        }
    }

    /// The turn that was promised.
    void promisedTurn(long now) {
        promised = false;
        if (state == State.OPEN) {
            turn(now);
        } else if (state == State.WAITING) {
            Protocol lent = shared.lane.acquire();
            if (lent != null) {
                shared.waiting.remove(this);
                promiseNext();  // there may be more than this one
                state = State.IDLE;
                until = now + shared.lane.silenceNanosMax();
                await(Sockets.READ);
                begin(lent, now);
            }
        }
    }

    /// Moves everything that can move: what is pending to the socket, what the engine has to say to the buffer, what it
    /// has to tell to the protocol.
    private void turn(long now) {
        yielding = false;
        long budget = Outgoing.TURN_BYTES_MAX;
        while (state == State.OPEN) {
            if (out.isPending(protocol)) {
                int sent = out.flush(protocol, now);
                if (sent < 0) {
                    broken(now);
                    return;
                }
                if (out.isFull()) {
                    stuckUntil = patience(stuckUntil, sent, now, shared.lane.graceNanos(), shared.lane.bytesPerSecondMin());
                    if (dialed && goesNoFurther(now)) {
                        return;
                    }
                    await(Sockets.WRITE | (dialed ? reading() : 0));
                    return;
                }
                stuckUntil = NEVER;
                budget -= sent;
                if (budget <= 0) {
                    yieldTurn();  // there is room, and the others come first
                    return;
                }
            }
            if (!out.fill(protocol, now)) {
                break;
            }
        }
        if (state == State.OPEN) {
            rest(now);
        }
    }

    private void yieldTurn() {
        if (dialed) {
            await(Sockets.WRITE | reading());  // the next wait returns at once, with what has come as well
            return;
        }
        yielding = true;
        if (!promised) {
            promised = true;
            shared.turnAfterOthers(this);
        }
        arm();
    }

    /// Hears what has come while output waits.
    ///
    /// @return whether that has ended the connection
    private boolean goesNoFurther(long now) {
        while (protocol.event(now)) {
            // all that has come
        }
        if (protocol.engine().isEnded()) {
            close(now);
            return true;
        }
        return false;
    }

    private int reading() {
        return ended || protocol.engine().feedRoom() == 0 ? 0 : Sockets.READ;
    }

    /// Nothing is left to be written now.
    private void rest(long now) {
        Engine<?> engine = protocol.engine();
        if (engine.isEnded()) {
            if (ended || !protocol.lingers()) {
                close(now);
                return;
            }
            finish();
            giveBack();
            linger(now);
        } else if (!ended && protocol.isAtRest()) {
            until = dialed ? now + shared.lane.silenceNanosMax() : engine.deadlineNanos();
            giveBack();
            state = State.IDLE;
            await(Sockets.READ);
            if (dialed) {
                shared.lane.rested(slot);
            }
        } else {
            if (engine.isOutputEnded()) {
                finish();
            }
            await(reading());
        }
    }

    private void finish() {
        if (!finished) {
            finished = true;
            shared.sockets.finish(slot);
        }
    }

    private void linger(long now) {
        state = State.LINGERING;
        until = now + LINGER_NANOS;
        await(Sockets.READ);
    }

    /// Gives the protocol back, and lets whoever waits for one have a turn.
    private void giveBack() {
        Protocol lent = protocol;
        protocol = null;
        if (!dialed) {
            shared.holding.remove(this);
        }
        lent.end();
        shared.lane.release(lent);
        promiseNext();
    }

    private void promiseNext() {
        StreamDriver waiting = shared.waiting.first();
        if (waiting != null) {
            waiting.turnSoon();
        }
    }

    /// No protocol is left: waits for one.
    private void starve(long now) {
        state = State.WAITING;
        until = now + shared.config.starvedNanosMax();
        shared.waiting.add(this);
        again = now + shared.patienceNanos;
        await(0);
        shared.makeWay(now);
    }

    /// Somebody waits for a protocol.
    ///
    /// @return whether this one is given up: its peer has begun a head that long ago, and not ended it
    boolean giveWay(long now, long patienceNanos) {
        if (out.isPending(protocol) || !protocol.giveWay(now, patienceNanos)) {
            return false;
        }
        turn(now);  // says why, and ends
        return true;
    }

    /// Has waited for a protocol for too long: says the lane's refusal, for which a socket that was never written to, or not for
    /// long, has room.
    private void refuse(long now) {
        shared.waiting.remove(this);
        shared.tally.starved();
        int sent = shared.sockets.send(slot, shared.refusal, 0, shared.refusalBytes);
        if (sent < shared.refusalBytes) {
            broken(now);
            return;
        }
        finish();
        linger(now);
    }

    private void await(int operations) {
        if (operations != awaited) {
            shared.sockets.interest(slot, operations);
            awaited = operations;
        }
        arm();
    }

    /// Tells the timer, unless it fires early enough to be asked then.
    private void arm() {
        long deadline = deadline();
        if (deadline < armed) {
            armed = deadline;
            shared.timers.arm(slot, deadline);
        }
    }

    /// {@return when [#onDeadline] has something to do}
    private long deadline() {
        return switch (state) {
            case FREE -> NEVER;
            case CONNECTING, IDLE, LINGERING -> until;
            case WAITING -> Math.min(until, again);
            case OPEN -> Math.min(protocol.engine().deadlineNanos(), stuckUntil);
        };
    }

    /// {@return until when a peer that leaves output waiting is waited for: the grace at first; later each byte that it took
    /// puts that off by its share of the slowest rate, never past the grace from now. What went before it began to wait buys
    /// no time: a system's buffers take a megabyte at once}
    ///
    /// @param before         what this answered last, or NEVER where nothing waited till now
    /// @param sent           bytes that went since, 0..2^30
    /// @param bytesASecond   the slowest rate, 1 or more
    static long patience(long before, long sent, long now, long graceNanos, long bytesASecond) {
        long most = now + graceNanos;
        return before == NEVER ? most : Math.min(most, before + sent * SECOND / bytesASecond);
    }

    /// The timer has fired: a time limit may have passed.
    void onTimer(long now) {
        armed = NEVER;
        if (deadline() <= now) {
            onDeadline(now);
        }
        if (state != State.FREE) {
            arm();
        }
    }

    private void onDeadline(long now) {
        switch (state) {
            case CONNECTING, IDLE, LINGERING -> close(now);
            case WAITING -> {
                if (now >= until) {
                    refuse(now);
                } else {
                    again = now + shared.patienceNanos;
                    shared.makeWay(now);
                }
            }
            case OPEN -> {
                if (now >= stuckUntil) {
                    shared.tally.refused();
                    close(now);
                    return;
                }
                protocol.engine().onDeadline(now);
                if (!out.isPending(protocol)) {
                    turn(now);
                    return;
                }
                while (protocol.event(now)) {
                    // all that the deadline has led to
                }
                if (protocol.engine().isEnded()) {  // it does not read what is pending, so it would read no answer either
                    close(now);
                }
            }
            case FREE -> throw new AssertionError("slot " + slot + " is free");
        }
    }

    /// Finishes what is in flight and takes no more.
    void shutdown(long now) {
        switch (state) {
            case CONNECTING, IDLE -> close(now);
            case WAITING -> refuse(now);
            case OPEN -> {
                protocol.engine().shutdown(now);
                if (!out.isPending(protocol)) {
                    turn(now);
                }
            }
            case FREE, LINGERING -> {}
        }
    }

    private void broken(long now) {
        cut = true;
        close(now);
    }

    /// Ends the connection now: every byte it dirtied is wiped, the seat is free.
    void close(long now) {
        if (state == State.FREE) {
            return;
        }
        if (cut || out.isPending(protocol) || protocol != null && protocol.isBusy()) {  // whoever ends it, a stop included
            shared.tally.broken();
        }
        out.drop(protocol);
        if (state == State.WAITING) {
            shared.waiting.remove(this);
        }
        if (protocol != null) {
            giveBack();
        }
        shared.sockets.close(slot);
        state = State.FREE;
        armed = NEVER;
        shared.timers.cancel(slot);
        shared.left(slot);
        if (dialed) {
            shared.lane.left(slot);
        }
    }
}
