package dev.coffer.testkit.simulation;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Objects;
import java.util.SplittableRandom;

/// Connections of a simulated world in slots, and what a system's poller tells of them: in any order, at times a wait later. Waiting is where
/// the world goes on: [#await] lets everyone else act and the clock run until something is ready or the time is over. The simulated sockets of
/// a program are a subclass, with what else they are told: to listen, to call. They add themselves to their world. One thread for all.
public abstract class PolledStreams implements Actor {
    /// In what is awaited and reported: there is something to read.
    protected static final int READABLE = 1;
    /// In what is awaited and reported: there is room to write.
    protected static final int WRITABLE = 2;
    /// Rounds of the world within one wait; more is a world that never comes to anything.
    private static final int STEPS_MAX = 300_000;
    private static final int OTHERS_MAX = 2;
    private static final long NEVER = Long.MAX_VALUE;

    private final Simulation world;
    private final SplittableRandom random;
    private final StreamEnd[] ends;
    private final int[] interests;
    private final int[] readySlots;
    private final int[] readyOperations;
    private int readyCount;
    private boolean woken;
    private long until = NEVER;

    /// @param slots  connections at most
    protected PolledStreams(Simulation world, SplittableRandom random, int slots) {
        this.world = world;
        this.random = random;
        this.ends = new StreamEnd[slots];
        this.interests = new int[slots];
        this.readySlots = new int[slots + OTHERS_MAX];
        this.readyOperations = new int[slots + OTHERS_MAX];
    }

    /// {@return the world that it is of}
    protected final Simulation world() {
        return world;
    }

    /// {@return who decides what may be one way or another}
    protected final SplittableRandom random() {
        return random;
    }

    /// {@return number of slots}
    protected final int slots() {
        return ends.length;
    }

    /// {@return the end in a slot that is taken}
    protected final StreamEnd end(int slot) {
        return Objects.requireNonNull(ends[slot], () -> "slot " + slot + " is free");
    }

    /// {@return slots that are taken}
    protected final int taken() {
        return (int) Arrays.stream(ends).filter(Objects::nonNull).count();
    }

    /// Puts an end into a free slot.
    protected final void put(int slot, StreamEnd end, int operations) {
        if (ends[slot] != null) {
            throw new IllegalStateException("slot " + slot + " is taken");
        }
        ends[slot] = end;
        interests[slot] = operations;
    }

    /// Waits until something awaited is ready, a [#wake], or the time is over.
    public final int await(long timeoutNanos) {
        until = timeoutNanos == NEVER ? NEVER : world.clock().nanos() + timeoutNanos;
        world.run(STEPS_MAX, () -> collect() > 0 || world.clock().nanos() >= until);
        until = NEVER;
        woken = false;
        return readyCount;
    }

    private int collect() {
        readyCount = 0;
        reportOthers(woken);
        int first = ends.length == 0 ? 0 : random.nextInt(ends.length);
        for (int i = 0; i < ends.length; i++) {
            int slot = (first + i) % ends.length;
            int operations = ready(slot);
            if (operations != 0 && (operations == (READABLE | WRITABLE) || random.nextInt(8) != 0)) {  // else it is told a wait later
                report(slot, operations);
            }
        }
        return readyCount;
    }

    /// Reports what is ready beside the slots.
    ///
    /// @param isWoken  whether there was a [#wake]
    protected abstract void reportOthers(boolean isWoken);

    /// Reports something: a slot, or what else has a number.
    protected final void report(int slot, int operations) {
        readySlots[readyCount] = slot;
        readyOperations[readyCount++] = operations;
    }

    /// {@return what a slot is ready for of what is awaited there; all where it is broken}
    private int ready(int slot) {
        StreamEnd end = ends[slot];
        if (end == null || !isKnown(slot)) {
            return 0;
        }
        return isBroken(slot) ? READABLE | WRITABLE
                : interests[slot] & ((end.isReadable() ? READABLE : 0) | (end.isWritable() ? WRITABLE : 0));
    }

    /// {@return whether anything can be told of a slot that is taken}
    protected boolean isKnown(int slot) {
        return true;
    }

    /// {@return whether a slot that is taken is good for nothing any more}
    protected boolean isBroken(int slot) {
        return end(slot).isBroken();
    }

    @Override
    public final boolean turn(long nowNanos) {
        return false;  // what the loop does it does between two waits
    }

    @Override
    public long deadlineNanos() {
        for (int slot = 0; slot < ends.length; slot++) {
            if (ready(slot) != 0) {
                return 0;  // a report that was put off
            }
        }
        return until;
    }

    /// {@return which slot the last [#await] reported}
    public final int readySlot(int i) {
        return readySlots[i];
    }

    /// {@return for what}
    public final int readyOperations(int i) {
        return readyOperations[i];
    }

    /// Reads, at times less than there is.
    public final int receive(int slot, MemorySegment target, long at, int length) {
        return end(slot).read(target, at, length > 0 && random.nextInt(4) == 0 ? 1 + random.nextInt(length) : length);
    }

    /// Writes what there is room for.
    public final int send(int slot, MemorySegment source, long at, int length) {
        return end(slot).write(source, at, length);
    }

    /// Changes what is awaited.
    public final void interest(int slot, int operations) {
        interests[slot] = operations;
    }

    /// Ends our half.
    public final void finish(int slot) {
        end(slot).finish();
    }

    /// Closes what is in a slot, if anything is.
    public final void close(int slot) {
        if (ends[slot] != null) {
            ends[slot].close();
            ends[slot] = null;
        }
    }

    /// {@return whether a slot is taken}
    public final boolean isOpen(int slot) {
        return ends[slot] != null;
    }

    /// Makes the present or next [#await] return.
    public final void wake() {
        woken = true;
    }

    /// Closes every slot.
    protected final void closeAll() {
        for (int slot = 0; slot < ends.length; slot++) {
            close(slot);
        }
    }

    @Override
    public String toString() {
        return getClass().getSimpleName() + Arrays.stream(ends).filter(Objects::nonNull).toList();
    }
}
