package dev.coffer.server.net;

import dev.coffer.testkit.simulation.Actor;
import dev.coffer.testkit.simulation.Conditions;
import dev.coffer.testkit.simulation.Simulation;
import dev.coffer.testkit.simulation.StreamEnd;
import dev.coffer.testkit.simulation.StreamListener;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.SplittableRandom;

/// [Sockets] of a simulated world: a whole loop runs in it unchanged. Waiting is where the world goes on: [#await] lets everyone else act
/// and the clock run until something is ready or the time is over. One thread for all.
///
/// What a kernel does and a good day on the loopback never shows is asked for here: partial writes and full windows at any size, accepts that
/// fail for want of descriptors, `epoll_ctl` that finds no memory, reports in any order.
public final class FakeSockets implements Sockets, Actor {
    /// Rounds of the world within one wait; more is a world that never comes to anything.
    private static final int STEPS_MAX = 200_000;
    private static final int BACKLOG = 64;
    private static final byte[] PEER = "10.0.0.1".getBytes(StandardCharsets.US_ASCII);
    private static final long NEVER = Long.MAX_VALUE;

    private final Simulation world;
    private final SplittableRandom random;
    private final StreamEnd[] slots;
    private final int[] interests;
    private final int[] readySlots;
    private final int[] readyOperations;
    private int readyCount;
    private final ArrayDeque<StreamEnd> passed = new ArrayDeque<>();
    private StreamListener listener;
    private InetSocketAddress address;
    private boolean listening = true;
    private StreamEnd hand;
    private int spares;
    private int foreign;                // descriptors that others of the process hold
    private final int descriptorsMax;
    private double watchFailures;       // share of `keep` that fails
    private boolean woken;
    private long until = NEVER;
    private boolean closed;

    /// @param slots           as of any [Sockets]
    /// @param descriptorsMax  of the process: connections, spares and what [#foreign] says
    public FakeSockets(Simulation world, SplittableRandom random, int slots, int descriptorsMax) {
        this.world = world;
        this.random = random;
        this.slots = new StreamEnd[slots];
        this.interests = new int[slots];
        this.readySlots = new int[slots + 2];
        this.readyOperations = new int[slots + 2];
        this.descriptorsMax = descriptorsMax;
        world.add(this);
    }

    /// Says how many descriptors other parts of the process hold from now on: with enough of them `accept` finds none.
    public void foreign(int descriptors) {
        foreign = descriptors;
    }

    /// Says in how many cases the system has no memory to watch a new connection.
    public void watchFailures(double share) {
        watchFailures = share;
    }

    /// Connects a peer. Refused where nobody listens.
    public StreamEnd connect(Conditions up, Conditions down) {
        return world.network().connect(listener, up, down);
    }

    /// {@return descriptors in use by these sockets}
    public int descriptors() {
        int open = spares + (hand == null ? 0 : 1) + passed.size();
        for (StreamEnd slot : slots) {
            open += slot == null ? 0 : 1;
        }
        return open;
    }

    private boolean isSpent() {
        return descriptors() + foreign >= descriptorsMax;
    }

    @Override
    public void listen(InetSocketAddress where) throws IOException {
        address = where;
        listener = world.network().listen(BACKLOG);
    }

    @Override
    public InetSocketAddress address() {
        return address;
    }

    @Override
    public void listening(boolean on) {
        listening = on;
    }

    @Override
    public void closeListener() {
        if (listener != null) {
            listener.close();
        }
    }

    @Override
    public int await(long timeoutNanos) {
        until = timeoutNanos == Long.MAX_VALUE ? NEVER : world.clock().nanos() + timeoutNanos;
        world.run(STEPS_MAX, () -> collect() > 0 || world.clock().nanos() >= until);
        until = NEVER;
        woken = false;
        return readyCount;
    }

    private int collect() {
        readyCount = 0;
        if (woken) {
            report(WAKE, READ);
        }
        if (listening && listener != null && listener.isReadable()) {
            report(LISTENER, READ);
        }
        int first = slots.length == 0 ? 0 : random.nextInt(slots.length);
        for (int i = 0; i < slots.length; i++) {
            int slot = (first + i) % slots.length;
            StreamEnd end = slots[slot];
            if (end == null) {
                continue;
            }
            int operations = end.isBroken() ? READ | WRITE
                    : interests[slot] & ((end.isReadable() ? READ : 0) | (end.isWritable() ? WRITE : 0));
            if (operations != 0 && (end.isBroken() || random.nextInt(8) != 0)) {  // a report may come a wait later
                report(slot, operations);
            }
        }
        return readyCount;
    }

    private void report(int slot, int operations) {
        readySlots[readyCount] = slot;
        readyOperations[readyCount++] = operations;
    }

    @Override
    public boolean turn(long nowNanos) {
        return false;  // what the loop does it does between two waits
    }

    @Override
    public long deadlineNanos() {
        for (int slot = 0; slot < slots.length; slot++) {  // a report that was put off
            if (slots[slot] != null && (interests[slot] & READ) != 0 && slots[slot].isReadable()) {
                return 0;
            }
            if (slots[slot] != null && (interests[slot] & WRITE) != 0 && slots[slot].isWritable()) {
                return 0;
            }
        }
        return until;
    }

    @Override
    public int readySlot(int i) {
        return readySlots[i];
    }

    @Override
    public int readyOperations(int i) {
        return readyOperations[i];
    }

    @Override
    public int accept() {
        assert hand == null : "a connection is in hand";
        if (!listener.isReadable()) {
            return NOTHING;
        }
        if (isSpent()) {
            return NO_DESCRIPTOR;
        }
        hand = listener.accept();
        return ACCEPTED;
    }

    @Override
    public boolean keep(int slot) {
        StreamEnd end = hand;
        hand = null;
        if (slots[slot] != null) {
            throw new IllegalStateException("slot " + slot + " is taken");
        }
        if (random.nextDouble() < watchFailures) {
            end.close();
            return false;
        }
        slots[slot] = end;
        interests[slot] = READ;
        return true;
    }

    @Override
    public void pass(Sockets other) {
        FakeSockets to = (FakeSockets) other;
        to.passed.add(hand);
        hand = null;
        to.wake();
    }

    @Override
    public boolean adopt() {
        hand = passed.poll();
        return hand != null;
    }

    @Override
    public void drop() {
        if (hand != null) {
            hand.close();
            hand = null;
        }
    }

    /// Nobody is there to be called: a server's loop does not.
    @Override
    public int connect(int slot, InetSocketAddress where) {
        return BROKEN;
    }

    @Override
    public int connected(int slot) {
        return BROKEN;
    }

    @Override
    public int save(int wanted) {
        while (spares < wanted && !isSpent()) {
            spares++;
        }
        return spares;
    }

    @Override
    public boolean spend() {
        if (spares == 0) {
            return false;
        }
        spares--;
        return true;
    }

    @Override
    public boolean isLoopback(int slot) {
        return false;
    }

    @Override
    public int peer(int slot, MemorySegment target, long at) {
        MemorySegment.copy(PEER, 0, target, ValueLayout.JAVA_BYTE, at, PEER.length);
        return PEER.length;
    }

    @Override
    public int receive(int slot, MemorySegment target, long at, int length) {
        return slots[slot].read(target, at, length == 0 ? 0 : random.nextInt(4) == 0 ? 1 + random.nextInt(length) : length);
    }

    @Override
    public int send(int slot, MemorySegment source, long at, int length) {
        return slots[slot].write(source, at, length);
    }

    @Override
    public boolean passes() {
        return true;
    }

    @Override
    public int sendTwo(int slot, MemorySegment first, long firstAt, int firstLength, MemorySegment second, long secondAt, int secondLength) {
        int sent = slots[slot].write(first, firstAt, firstLength);
        int more = sent < firstLength ? 0 : slots[slot].write(second, secondAt, secondLength);
        return more < 0 ? sent : sent + more;
    }

    @Override
    public void interest(int slot, int operations) {
        interests[slot] = operations;
    }

    @Override
    public void finish(int slot) {
        slots[slot].finish();
    }

    @Override
    public void close(int slot) {
        if (slots[slot] != null) {
            slots[slot].close();
            slots[slot] = null;
        }
    }

    @Override
    public boolean isOpen(int slot) {
        return slots[slot] != null;
    }

    @Override
    public void wake() {
        woken = true;
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            closeListener();
            for (int slot = 0; slot < slots.length; slot++) {
                close(slot);
            }
            drop();
            for (StreamEnd end; (end = passed.poll()) != null;) {
                end.close();
            }
            spares = 0;
        }
    }

    @Override
    public String toString() {
        return "FakeSockets" + Arrays.stream(slots).filter(s -> s != null).toList() + (hand == null ? "" : ", in hand " + hand) + ", " + spares
                + " spares" + (listening ? "" : ", not listening");
    }
}
