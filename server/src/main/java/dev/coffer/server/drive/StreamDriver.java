package dev.coffer.server.drive;

import dev.coffer.memory.Wipe;
import dev.coffer.memory.engine.Engine;
import dev.coffer.memory.layout.HeapLayout;
import dev.coffer.server.net.Sockets;
import org.jspecify.annotations.Nullable;

/// Drives whatever protocol is spoken over one stream: receives, feeds, polls, flushes, lingers, and keeps time. One a seat
/// of the loop, made at start, reused for one connection after another. What is said while it is OPEN is its [Conversation].
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
/// An idle connection is this row and its socket, and what its protocol has kept for it ([Transport#keep]), which goes on when bytes come or a turn is
/// asked for; nothing else. One for which no protocol is left waits with reading switched
/// off, first come first served; when its time is over it hears the lane's refusal and is closed.
final class StreamDriver {
    enum State { FREE, CONNECTING, IDLE, WAITING, OPEN, LINGERING }

    /// How long we listen to a peer that was refused, or whose content nobody wants, so that our answer reaches it before
    /// a reset does (RFC 9112, section 9.6).
    private static final long LINGER_NANOS = 1_000_000_000L;
    private static final long NEVER = Long.MAX_VALUE;

    private final Shared shared;
    private final int slot;
    private final Conversation talk;    // on a lent protocol while OPEN

    private State state = State.FREE;
    private boolean fresh;              // no byte has come yet
    private int awaited;                // what the sockets were told
    private long since;                 // when the connection began
    private long until;                 // when IDLE, WAITING or LINGERING end
    private long again;                 // while WAITING: when somebody may have to give way
    private long armed = NEVER;         // what the timer was told
    private boolean promised;           // a turn, so it stands in that queue
    private boolean yielding;           // has more to send, and is promised a turn for it
    @Nullable
    StreamDriver nextTurn;    // links of Shared
    @Nullable
    StreamDriver before;
    @Nullable
    StreamDriver after;

    StreamDriver(Shared shared, int slot) {
        this.shared = shared;
        this.slot = slot;
        this.talk = new Conversation(shared, this);
    }

    /// {@return bytes of the Java objects of one seat}
    static long heapBytes() {
        return HeapLayout.instance(StreamDriver.class) + Conversation.heapBytes();
    }

    boolean isFree() {
        return state == State.FREE;
    }

    int slot() {
        return slot;
    }

    /// Has a turn soon, in this turn of the loop.
    void turnSoon() {
        if (!promised) {
            promised = true;
            shared.turnSoon(this);
        }
    }

    /// A connection was accepted into the seat.
    void open(long now) {
        begin(false, State.IDLE, Sockets.READ, now + shared.lane.silenceNanosMax());
        fresh = true;
        since = now;
    }

    /// A connection of the lane's own is under way in the seat.
    ///
    /// @param untilNanos  when it is given up
    void connect(long untilNanos) {
        begin(true, State.CONNECTING, Sockets.WRITE, untilNanos);
        fresh = false;
    }

    private void begin(boolean own, State first, int awaits, long untilNanos) {
        assert state == State.FREE : "slot " + slot + " is " + state;
        state = first;
        yielding = false;
        awaited = awaits;
        talk.reset(own);
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
        assert state == State.IDLE && talk.isDialed() : "slot " + slot + " is " + state;
        lent.engine().reset(now);
        talk.lend(lent);
        state = State.OPEN;
        lent.begin(talk);
        turnSoon();
    }

    /// The socket is ready.
    void ready(int operations, long now) {
        switch (state) {
            case CONNECTING -> connected(now);
            case IDLE -> {
                if (talk.isDialed()) {
                    close(now);  // an end, or an answer to nothing
                } else {
                    wake(now);
                }
            }
            case OPEN -> {
                if (talk.isDialed()) {
                    bothWays(operations, now);
                    return;
                }
                if (yielding) {
                    return;  // it goes on after the others' events, and what has come stays where it is
                }
                if ((operations & Sockets.WRITE) != 0 && talk.isPending() || (operations & Sockets.READ) == 0) {
                    settle(talk.turn(now), now);
                } else {
                    settle(talk.receive(awaited, now), now);
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
        int room = talk.room(engine);
        int result = room == 0 ? 0 : shared.sockets.receive(slot, shared.received, 0, room);
        if (result > 0 || room == 0 || result == Sockets.NOTHING && talk.kept() != null) {  // without room it waits for what others have, and asks again by its deadline
            fresh = false;
            talk.lend(lent);
            shared.holding.add(this);
            lent.begin(talk);
            state = State.OPEN;
            settle(result > 0 ? talk.feed(result, now) : talk.turn(now), now);
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
            settle(talk.turn(now), now);
        }
        if ((operations & Sockets.READ) != 0 && state == State.OPEN) {
            settle(talk.receive(awaited, now), now);
        }
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
            settle(talk.turn(now), now);
        } else if (state == State.IDLE && talk.kept() != null) {
            wake(now);  // it has something to say
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

    /// Does what comes of a step of the conversation.
    private void settle(int outcome, long now) {
        if (outcome == Conversation.UNCHANGED) {
            return;
        }
        yielding = outcome == Conversation.YIELDS;
        if (outcome >= 0) {
            await(outcome);
            return;
        }
        switch (outcome) {
            case Conversation.YIELDS -> yieldTurn();
            case Conversation.RESTS -> rest(now);
            case Conversation.LINGERS -> {
                talk.finish();
                giveBack();
                linger(now);
            }
            case Conversation.ENDED -> close(now);
            case Conversation.BROKEN -> broken(now);
            default -> throw new AssertionError("outcome " + outcome);
        }
    }

    private void yieldTurn() {
        if (!promised) {
            promised = true;
            shared.turnAfterOthers(this);
        }
        arm();
    }

    private void rest(long now) {
        boolean own = talk.isDialed();
        until = own ? now + shared.lane.silenceNanosMax() : talk.restUntil();
        giveBack();
        state = State.IDLE;
        await(Sockets.READ);
        if (own) {
            shared.lane.rested(slot);
        }
    }

    private void linger(long now) {
        state = State.LINGERING;
        until = now + LINGER_NANOS;
        await(Sockets.READ);
    }

    /// Gives the protocol back, and lets whoever waits for one have a turn.
    private void giveBack() {
        Protocol lent = talk.takeBack();
        if (!talk.isDialed()) {
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
        boolean gives = talk.givesWay(now, patienceNanos);
        if (gives) {
            settle(talk.turn(now), now);  // says why, and ends
        }
        return gives;
    }

    /// Has waited for a protocol for too long: says the lane's refusal, for which a socket that was never written to, or not for
    /// long, has room.
    private void refuse(long now) {
        shared.waiting.remove(this);
        shared.tally.starved();
        if (talk.kept() != null) {  // what is spoken there is not the lane's first words
            broken(now);
            return;
        }
        int sent = shared.sockets.send(slot, shared.refusal, 0, shared.refusalBytes);
        if (sent < shared.refusalBytes) {
            broken(now);
            return;
        }
        talk.finish();
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
            case OPEN -> talk.deadline();
        };
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
            case IDLE -> {
                if (!saysLast(now)) {
                    close(now);
                }
            }
            case CONNECTING, LINGERING -> close(now);
            case WAITING -> {
                if (now >= until) {
                    refuse(now);
                } else {
                    again = now + shared.patienceNanos;
                    shared.makeWay(now);
                }
            }
            case OPEN -> settle(talk.onDeadline(now), now);
            case FREE -> throw new AssertionError("slot " + slot + " is free");
        }
    }

    /// The time of an idle connection is over.
    ///
    /// @return whether it has a protocol to say so: where one is free, and what is kept of it has a word to say
    private boolean saysLast(long now) {
        boolean says = talk.kept() != null && !talk.kept().isBusy() && shared.waiting.first() == null;
        Protocol lent = says ? shared.lane.acquire() : null;
        if (lent != null) {
            begin(lent, now);
        }
        return lent != null;
    }

    /// Finishes what is in flight and takes no more.
    void shutdown(long now) {
        switch (state) {
            case CONNECTING -> close(now);
            case IDLE, WAITING -> {
                if (talk.kept() != null) {
                    shared.lane.stopping(talk.kept());
                } else if (state == State.IDLE) {
                    close(now);
                } else {
                    refuse(now);
                }
            }
            case OPEN -> settle(talk.shutdown(now), now);
            case FREE, LINGERING -> {}
        }
    }

    private void broken(long now) {
        talk.cut();
        close(now);
    }

    /// Ends the connection now: every byte it dirtied is wiped, the seat is free.
    void close(long now) {
        if (state == State.FREE) {
            return;
        }
        if (talk.isCutByEnd()) {  // whoever ends it, a stop included
            shared.tally.broken();
        }
        talk.drop();
        if (state == State.WAITING) {
            shared.waiting.remove(this);
        }
        if (talk.isLent()) {
            giveBack();
        }
        if (talk.kept() != null) {
            Kept kept = talk.kept();
            talk.keep(null);
            shared.lane.forsake(kept);
        }
        shared.sockets.close(slot);
        state = State.FREE;
        armed = NEVER;
        shared.timers.cancel(slot);
        shared.left(slot);
        if (talk.isDialed()) {
            shared.lane.left(slot);
        }
    }
}
