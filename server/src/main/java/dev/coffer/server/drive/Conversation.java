package dev.coffer.server.drive;

import dev.coffer.memory.Wipe;
import dev.coffer.memory.engine.Engine;
import dev.coffer.memory.layout.HeapLayout;
import dev.coffer.server.net.Sockets;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// What is said over one stream while a protocol is lent to it: what comes is fed, what the engine writes is sent, both directions
/// at once. One a seat, reused; its [StreamDriver] does what comes of each step, so that a seat's state changes there alone.
///
/// Every step answers with an outcome: the operations to wait for, 0 or more, where it goes on, or one of the constants.
///
/// While output waits for room nothing is received from who called us: a peer that does not read cannot make us write.
final class Conversation implements Transport {
    /// Nothing changes: not even what is waited for.
    static final int UNCHANGED = -1;
    /// There is more to send and room for it, and the others come first.
    static final int YIELDS = -2;
    /// Nothing is under way: the protocol can be given back until more is said.
    static final int RESTS = -3;
    /// All is said, and the peer has yet to be listened to for a while.
    static final int LINGERS = -4;
    /// Over.
    static final int ENDED = -5;
    /// Cut short.
    static final int BROKEN = -6;

    private static final long NEVER = Long.MAX_VALUE;
    private static final long SECOND = 1_000_000_000L;

    private final Shared shared;
    private final StreamDriver driver;
    private final int slot;
    private final Outgoing out;
    private @Nullable Protocol protocol;  // on loan, else null
    private boolean dialed;             // the connection is the lane's own
    private boolean ended;              // the peer has finished sending
    private boolean cut;                // a reset, or an answer was cut
    private boolean finished;           // our half has ended
    private @Nullable Kept kept;        // by a protocol that was given back
    private long stuckUntil;            // when a peer that leaves pending output waiting is given up, else NEVER

    Conversation(Shared shared, StreamDriver driver) {
        this.shared = shared;
        this.driver = driver;
        this.slot = driver.slot();
        this.out = new Outgoing(shared, this);
    }

    private Protocol protocol() {
        return Objects.requireNonNull(protocol, "on loan");
    }

    /// {@return bytes of the objects}
    static long heapBytes() {
        return HeapLayout.instance(Conversation.class) + Outgoing.heapBytes();
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
        if (!out.isPolling()) {
            driver.turnSoon();
        }
    }

    @Override
    public void makeWay(long nowNanos) {
        shared.makeWay(nowNanos);
    }

    @Override
    public void keep(@Nullable Kept thing) {
        kept = thing;
    }

    @Override
    public @Nullable Kept kept() {
        return kept;
    }

    @Override
    public int fills() {
        return out.fills();
    }

    @Override
    public long unsentAt() {
        return out.unsentAt();
    }

    @Override
    public void cut() {
        cut = true;
    }

    /// A connection begins; nothing is said yet.
    ///
    /// @param own  whether it is the lane's own
    void reset(boolean own) {
        dialed = own;
        ended = false;
        cut = false;
        finished = false;
        kept = null;
        stuckUntil = NEVER;
    }

    /// {@return whether the connection is the lane's own}
    boolean isDialed() {
        return dialed;
    }

    void lend(Protocol lent) {
        protocol = lent;
    }

    boolean isLent() {
        return protocol != null;
    }

    /// {@return the protocol, no longer on loan}
    Protocol takeBack() {
        Protocol lent = protocol();
        protocol = null;
        return lent;
    }

    /// {@return whether output waits}
    boolean isPending() {
        return out.isPending(protocol);
    }

    /// {@return whether something was cut short, or an end now would do that}
    boolean isCutByEnd() {
        return cut || kept != null && kept.isBusy() || out.isPending(protocol) || protocol != null && protocol.isBusy();
    }

    /// Wipes and gives back what was written and not sent.
    void drop() {
        out.drop(protocol);
    }

    /// Receives and feeds. While a protocol is lent, as all that follow.
    ///
    /// @param awaited  what the sockets were told
    int receive(int awaited, long now) {
        if (ended || out.isPending(protocol) && !dialed) {  // nothing was awaited but trouble, and here it is
            return BROKEN;
        }
        Engine<?> engine = protocol().engine();
        int room = room(engine);
        if (room == 0) {
            return awaited == 0 ? BROKEN : turn(now);  // the same: a reset is told again and again, whatever is awaited
        }
        int result = shared.sockets.receive(slot, shared.received, 0, room);
        if (result > 0) {
            return feed(result, now);
        }
        if (result == Sockets.FINISHED) {
            ended = true;
            engine.feedEnd(now);
            return turn(now);
        }
        return result == Sockets.BROKEN ? BROKEN : UNCHANGED;
    }

    /// {@return bytes that are received at once, at most}
    int room(Engine<?> engine) {
        return (int) Math.min(engine.feedRoom(), shared.received.byteSize());
    }

    /// Feeds what was received.
    int feed(int length, long now) {
        long taken = protocol().engine().feed(shared.received, 0, length, now);
        assert taken == length : "fed " + length + ", taken " + taken;
        Wipe.bytes(shared.received, 0, length);
        return turn(now);
    }

    /// Moves everything that can move: what is pending to the socket, what the engine has to say to the buffer, what it
    /// has to tell to the protocol.
    int turn(long now) {
        long budget = Outgoing.TURN_BYTES_MAX;
        while (protocol != null) {  // which may end the connection while it hears of something
            if (out.isPending(protocol)) {
                int sent = out.flush(protocol, now);
                if (sent < 0) {
                    return BROKEN;
                }
                if (out.isFull()) {
                    return full(sent, now);
                }
                stuckUntil = NEVER;
                budget -= sent;
                if (budget <= 0) {
                    // our own: the next wait returns at once, with what has come as well
                    return dialed ? Sockets.WRITE | reading() : YIELDS;
                }
            }
            if (!out.fill(protocol, now)) {
                return protocol == null ? UNCHANGED : rest();
            }
        }
        return UNCHANGED;
    }

    /// The system has no room for what is pending.
    private int full(int sent, long now) {
        stuckUntil = patience(stuckUntil, sent, now, shared.lane.graceNanos(), shared.lane.bytesPerSecondMin());
        if (!dialed) {
            return Sockets.WRITE;
        }
        return goesNoFurther(now) ? ENDED : Sockets.WRITE | reading();
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

    /// Hears what has come while output waits.
    ///
    /// @return whether that has ended the connection
    private boolean goesNoFurther(long now) {
        while (protocol().event(now)) {
            // all that has come
        }
        return protocol().engine().isEnded();
    }

    private int reading() {
        return ended || !protocol().engine().awaitsInput() ? 0 : Sockets.READ;
    }

    /// Nothing is left to be written now.
    private int rest() {
        Engine<?> engine = protocol().engine();
        if (engine.isEnded()) {
            return ended || !protocol().lingers() ? ENDED : LINGERS;
        }
        if (!ended && protocol().isAtRest()) {
            return RESTS;
        }
        if (engine.isOutputEnded()) {
            finish();
        }
        return reading();
    }

    /// Ends our half. Safe to call twice.
    void finish() {
        if (!finished) {
            finished = true;
            shared.sockets.finish(slot);
        }
    }

    /// {@return until when more is waited for once it rests, as the engine says}
    long restUntil() {
        return protocol().engine().deadlineNanos();
    }

    /// {@return when [#onDeadline] has something to do}
    long deadline() {
        return Math.min(protocol().engine().deadlineNanos(), stuckUntil);
    }

    int onDeadline(long now) {
        if (now >= stuckUntil) {
            shared.tally.refused();
            return ENDED;
        }
        protocol().engine().onDeadline(now);
        if (!out.isPending(protocol)) {
            return turn(now);
        }
        // it does not read what is pending, so it would read no answer either
        return goesNoFurther(now) ? ENDED : UNCHANGED;
    }

    /// {@return whether the protocol is given up for somebody who waits for one: its peer has begun a head that long ago, and not
    /// ended it. The next turn says so}
    boolean givesWay(long now, long patienceNanos) {
        return !out.isPending(protocol) && protocol().giveWay(now, patienceNanos);
    }

    /// Finishes what is in flight and takes no more.
    int shutdown(long now) {
        protocol().shutdown(now);
        return out.isPending(protocol) ? UNCHANGED : turn(now);
    }
}
