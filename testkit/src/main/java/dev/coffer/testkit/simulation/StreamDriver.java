package dev.coffer.testkit.simulation;

import dev.coffer.memory.engine.Engine;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/// Drives any [Engine] over a simulated stream, as awkwardly as the outline allows: input in pieces of any size, more than there is room for,
/// output in rooms of any size, partial writes, deadlines asked early and twice, ends told twice; what was lent is overwritten after each
/// call. And it holds the engine to the outline: every promise of [Engine] that can be seen from outside is an assertion here.
///
/// One engine, one connection. Reset the engine before.
///
/// @param <E> the engine's events
@SuppressWarnings("this-escape")  // to its outline, which keeps it for the words of a message alone
public class StreamDriver<E> implements Actor {
    private static final int INPUT_BYTES = 1 << 12;
    private static final int GUARD_BYTES = Outline.GUARD_BYTES;
    private static final byte GUARD = Outline.GUARD;
    private static final int OUTPUT_BYTES_MORE = 1 << 12;   // room past the smallest
    private static final int ROUNDS_MAX = 10_000;           // of one turn: more is an engine that never stops
    private static final long LINGER_NANOS = 5_000_000_000L;
    private static final long PATIENCE_NANOS = 600_000_000_000L;  // with a peer that takes no output

    private final Outline outline = new Outline(this);
    private final String name;
    private final Engine<E> engine;
    private final StreamEnd end;
    private final SplittableRandom random;
    private final Consumer<E> events;
    private final MemorySegment input = MemorySegment.ofArray(new byte[INPUT_BYTES + 2 * GUARD_BYTES]);
    private final MemorySegment output;
    private boolean holdsBack;          // receives nothing while output waits, as a server should
    private final boolean looks;        // asks whether to listen before it asks for room
    private int heldAt = GUARD_BYTES;   // received and not yet taken
    private int held;
    private int pendingAt;              // polled and not yet written
    private int pending;
    private boolean inputEnded;
    private boolean gone;               // the engine was told that the transport is
    private boolean finished;
    private boolean resting;            // the engine is closed, as it said that it holds nothing
    private long restingUntil;
    private boolean done;
    private long doneAt;
    private long stuckSince;            // of the pending output
    private long now;

    /// @param name    in messages
    /// @param engine  after its reset
    /// @param end     its connection; closed by the driver when the engine has ended
    /// @param random  decides everything that the driver may choose
    /// @param events  the application, which may call the engine
    public StreamDriver(String name, Engine<E> engine, StreamEnd end, SplittableRandom random, Consumer<E> events) {
        this.name = name;
        this.engine = engine;
        this.end = end;
        this.random = random;
        this.events = events;
        this.holdsBack = random.nextBoolean();
        this.looks = random.nextBoolean();
        outline.require(engine.outputBytesMin() > 0 && engine.outputBytesMin() < 1 << 20, "outputBytesMin", engine.outputBytesMin());
        this.output = MemorySegment.ofArray(new byte[(int) engine.outputBytesMin() + OUTPUT_BYTES_MORE + 2 * GUARD_BYTES]);
    }

    /// Receives whatever waits to be sent: what a client must do, lest both sides wait for the other to read.
    public final StreamDriver<E> readsAlways() {
        holdsBack = false;
        return this;
    }

    /// {@return whether the engine has ended and the connection is closed}
    public final boolean isDone() {
        return done;
    }

    @Override
    public final boolean turn(long nowNanos) {
        if (done) {
            return false;
        }
        now = nowNanos;
        if (resting && !end.isReadable() && now < restingUntil) {
            return false;
        }
        boolean late = resting && !end.isReadable();
        wake();
        if (late) {
            engine.shutdown(now);  // its time limit has passed meanwhile
        }
        boolean moved = onDeadline();
        moved |= receive();
        moved |= drain();
        moved |= write();
        moved |= ends();
        rest();
        return moved | late;
    }

    /// Takes the engine from an idle connection, as a driver may that lends engines to those who need one.
    private void rest() {
        if (!done && !inputEnded && !gone && held == 0 && pending == 0 && engine.isAtRest() && random.nextBoolean()) {
            outline.require(engine.pollEvent() == null, "an event though it is at rest");
            outline.require(pollOutput((int) engine.outputBytesMin()) == 0, "output though it is at rest");
            restingUntil = engine.deadlineNanos();
            engine.close();
            resting = true;
        }
    }

    /// Gives the connection an engine again.
    private void wake() {
        if (resting) {
            resting = false;
            engine.reset(now);
        }
    }

    /// Shuts the engine down, at rest or not: between two turns.
    public final void shutdown(long nowNanos) {
        now = nowNanos;
        wake();
        engine.shutdown(nowNanos);
    }

    @Override
    public final long deadlineNanos() {
        long patience = pending > 0 ? stuckSince + PATIENCE_NANOS : Long.MAX_VALUE;
        return done ? Long.MAX_VALUE : resting ? end.isReadable() ? now : restingUntil
                : Math.min(patience, engine.isEnded() && finished ? doneAt + LINGER_NANOS : engine.deadlineNanos());
    }

    private boolean onDeadline() {
        long deadline = engine.deadlineNanos();
        if (deadline > now && random.nextInt(16) != 0) {
            return false;
        }
        engine.onDeadline(now);  // early ones are harmless
        if (deadline > now) {
            return false;
        }
        outline.deadlineTold(now, engine.deadlineNanos());
        return true;
    }

    private boolean receive() {
        if (inputEnded || gone || holdsBack && pending > 0 && !engine.isEnded()) {
            return !gone && end.isBroken() && broke();
        }
        boolean listens = engine.awaitsInput();
        long room = listens || !looks ? engine.feedRoom() : 0;
        outline.require(room >= 0, "feedRoom", room);
        outline.require(room == 0 || engine.awaitsInput(), "room, and no input is awaited:", room);
        boolean moved = false;
        // as much as there is room for, as a careful driver reads; or more, or though there is none
        int most = (int) Math.min(INPUT_BYTES - held, random.nextInt(8) == 0 ? INPUT_BYTES : Math.max(0, room - held));
        if (most > 0) {
            if (held == 0) {
                heldAt = GUARD_BYTES;
            } else if (heldAt + held + most > GUARD_BYTES + INPUT_BYTES) {
                MemorySegment.copy(input, heldAt, input, GUARD_BYTES, held);
                heldAt = GUARD_BYTES;
            }
            int read = end.read(input, heldAt + held, random.nextBoolean() ? most : 1 + random.nextInt(most));
            if (read == StreamEnd.BROKEN) {
                feed();
                return broke();
            }
            if (read == StreamEnd.FINISHED) {
                if (held > 0) {
                    moved = feed();
                    if (held > 0) {
                        return moved;
                    }
                }
                inputEnded = true;
                engine.feedEnd(now);
                if (random.nextInt(4) == 0) {
                    engine.feedEnd(now);  // a repeated call does nothing
                }
                return true;
            }
            held += read;
            moved = read > 0;
        }
        return feed() || moved;
    }

    private boolean broke() {
        gone = true;
        held = 0;
        pending = 0;
        engine.disconnect(now);
        if (random.nextInt(4) == 0) {
            engine.disconnect(now);
        }
        outline.require(engine.isOutputEnded(), "output has not ended though the transport is gone");
        return true;
    }

    private boolean feed() {
        if (held == 0) {
            return false;
        }
        long room = engine.feedRoom();
        int offered = random.nextInt(4) == 0 ? 1 + random.nextInt(held) : held;
        long taken = engine.feed(input, heldAt, offered, now);
        outline.require(taken >= Math.min(room, offered) && taken <= offered,
                "less than feedRoom promised, or more than was offered:", taken);
        input.asSlice(heldAt, taken).fill(GUARD);  // borrowed for the call: it may not look there again
        heldAt += (int) taken;
        held -= (int) taken;
        held = afterFeed(offered, (int) taken, held);
        return taken > 0;
    }

    /// A driver's mistake to plant: what it keeps of its input after a call of `feed`. The right driver keeps all that was not taken.
    ///
    /// @param offered  bytes offered
    /// @param taken    of them
    /// @param left     bytes that are left, those not offered included
    /// @return bytes of them to keep
    protected int afterFeed(int offered, int taken, int left) {
        return left;
    }

    /// Output and events until there are none of either, or output waits to be written.
    private boolean drain() {
        boolean moved = false;
        boolean more;
        int rounds = 0;
        do {
            more = poll();
            for (E event; (event = engine.pollEvent()) != null; more = true) {
                events.accept(event);
            }
            moved |= more;
            outline.require(++rounds < ROUNDS_MAX, "events without an end");
        } while (more && pending == 0);
        return moved;
    }

    private boolean poll() {
        if (pending > 0) {
            return false;
        }
        int least = (int) engine.outputBytesMin();
        int room = random.nextInt(8) == 0 ? random.nextInt(least) : least + random.nextInt(OUTPUT_BYTES_MORE);
        long wrote = pollOutput(room);
        if (wrote == 0 && room < least) {
            wrote = pollOutput(least);  // with the least room it makes progress
        }
        if (wrote == 0 && random.nextInt(4) == 0) {
            outline.require(pollOutput(least + OUTPUT_BYTES_MORE) == 0 || engine.isEnded(), "output that least room did not bring");
        }
        return wrote > 0;
    }

    private long pollOutput(int room) {
        output.fill(GUARD);
        boolean ended = engine.isOutputEnded();
        long wrote = engine.pollOutput(output, GUARD_BYTES, room, now);
        outline.require(wrote >= 0 && wrote <= room, "wrote more than its room, or less than nothing:", wrote);
        outline.require(!ended || wrote == 0, "wrote after the end of its output:", wrote);
        outline.require(Outline.isGuarded(output, room), "wrote outside its room");
        pendingAt = GUARD_BYTES;
        pending = (int) wrote;
        stuckSince = now;
        return wrote;
    }

    private boolean write() {
        int total = 0;
        if (pending > 0 && now >= stuckSince + PATIENCE_NANOS) {
            end.reset();
            return broke();
        }
        while (pending > 0 && !end.isBroken()) {
            int taken = end.write(output, pendingAt, random.nextInt(4) == 0 ? 1 + random.nextInt(pending) : pending);
            if (taken <= 0) {
                break;
            }
            pendingAt += taken;
            pending -= taken;
            total += taken;
            stuckSince = now;
        }
        return total > 0;
    }

    private boolean ends() {
        if (engine.isEnded()) {
            outline.require(engine.isOutputEnded(), "ended, but not its output");
            outline.require(engine.feedRoom() == Long.MAX_VALUE, "feedRoom though it has ended:", engine.feedRoom());
            outline.require(engine.deadlineNanos() == Long.MAX_VALUE, "deadline though it has ended:", engine.deadlineNanos());
        }
        boolean moved = false;
        if (engine.isOutputEnded() && pending == 0 && !finished) {
            finished = true;
            end.finish();
            doneAt = now;
            moved = true;
        }
        if (engine.isEnded() && finished && (inputEnded || gone || now >= doneAt + LINGER_NANOS)) {
            end.close();
            done = true;
            moved = true;
        }
        return moved;
    }

    @Override
    public final String toString() {
        return name + " " + engine + " on " + end + (held > 0 ? ", " + held + " held" : "") + (pending > 0 ? ", " + pending + " pending" : "")
                + (resting ? ", at rest" : "") + (done ? ", done" : "");
    }
}
