package dev.coffer.client;

import dev.coffer.server.net.Sockets;
import dev.coffer.testkit.simulation.Actor;
import dev.coffer.testkit.simulation.Conditions;
import dev.coffer.testkit.simulation.Simulation;
import dev.coffer.testkit.simulation.StreamEnd;
import dev.coffer.testkit.simulation.StreamListener;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;

/// [Sockets] of a simulated client, which calls and is not called: [#await] lets the world go on. A port stands for who listens there;
/// where nobody does a call is refused after its way there and back, or never answered. One thread for all.
final class CallSockets implements Sockets, Actor {
    private static final int STEPS_MAX = 300_000;
    private static final long NEVER = Long.MAX_VALUE;

    private final Simulation world;
    private final SplittableRandom random;
    private final Map<Integer, StreamListener> listeners = new HashMap<>();
    private final StreamEnd[] ends;
    private final int[] ports;
    private final long[] madeAt;            // when a call is answered, NEVER for one that is not
    private final boolean[] refused;
    private final int[] interests;
    private final int[] readySlots;
    private final int[] readyOperations;
    private int readyCount;
    private final int perOriginMax;
    private double blackHoles;              // share of calls that nobody answers
    private double noDescriptors;           // share of calls for which the process has none
    private boolean woken;
    private long until = NEVER;
    private boolean closed;
    int calls;

    CallSockets(Simulation world, SplittableRandom random, int slots, int perOriginMax) {
        this.world = world;
        this.random = random;
        this.ends = new StreamEnd[slots];
        this.ports = new int[slots];
        this.madeAt = new long[slots];
        this.refused = new boolean[slots];
        this.interests = new int[slots];
        this.readySlots = new int[slots + 1];
        this.readyOperations = new int[slots + 1];
        this.perOriginMax = perOriginMax;
        world.add(this);
    }

    void listens(int port, StreamListener listener) {
        listeners.put(port, listener);
    }

    void faults(double newBlackHoles, double newNoDescriptors) {
        blackHoles = newBlackHoles;
        noDescriptors = newNoDescriptors;
    }

    @Override
    public int connect(int slot, InetSocketAddress address) {
        if (ends[slot] != null) {
            throw new IllegalStateException("slot " + slot + " is taken");
        }
        if (random.nextDouble() < noDescriptors) {
            return NO_DESCRIPTOR;
        }
        int port = address.getPort();
        int open = 0;
        for (int i = 0; i < ends.length; i++) {
            open += ends[i] != null && ports[i] == port ? 1 : 0;
        }
        if (open >= perOriginMax) {
            throw new IllegalStateException("port " + port + " has " + open + " connections already");
        }
        calls++;
        Conditions up = Conditions.any(random, false);
        Conditions down = Conditions.any(random, false);
        StreamListener listener = listeners.get(port);
        refused[slot] = listener == null;
        ends[slot] = listener == null ? world.network().stream(up, down).client() : world.network().connect(listener, up, down);
        madeAt[slot] = random.nextDouble() < blackHoles ? NEVER : world.clock().nanos() + up.delayNanos() + down.delayNanos();
        ports[slot] = port;
        interests[slot] = WRITE;
        return NOTHING;
    }

    private boolean isMade(int slot) {
        return world.clock().nanos() >= madeAt[slot];
    }

    @Override
    public int connected(int slot) {
        return !isMade(slot) ? NOTHING : refused[slot] || ends[slot].isBroken() ? BROKEN : CONNECTED;
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
        int first = random.nextInt(ends.length);
        for (int i = 0; i < ends.length; i++) {
            int slot = (first + i) % ends.length;
            int operations = possible(slot);
            if (operations != 0 && random.nextInt(8) != 0) {  // a report may come a wait later
                report(slot, operations);
            }
        }
        return readyCount;
    }

    private int possible(int slot) {
        StreamEnd end = ends[slot];
        if (end == null || !isMade(slot)) {
            return 0;
        }
        return refused[slot] || end.isBroken() ? READ | WRITE
                : interests[slot] & ((end.isReadable() ? READ : 0) | (end.isWritable() ? WRITE : 0));
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
        long next = until;
        for (int slot = 0; slot < ends.length; slot++) {
            if (possible(slot) != 0) {
                return 0;  // a report that was put off
            }
            next = ends[slot] == null || isMade(slot) ? next : Math.min(next, madeAt[slot]);
        }
        return next;
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
    public int receive(int slot, MemorySegment target, long at, int length) {
        return ends[slot].read(target, at, random.nextInt(4) == 0 ? 1 + random.nextInt(length) : length);
    }

    @Override
    public int send(int slot, MemorySegment source, long at, int length) {
        return ends[slot].write(source, at, length);
    }

    @Override
    public void interest(int slot, int operations) {
        interests[slot] = operations;
    }

    @Override
    public void finish(int slot) {
        ends[slot].finish();
    }

    @Override
    public void close(int slot) {
        if (ends[slot] != null) {
            ends[slot].close();
            ends[slot] = null;
        }
    }

    @Override
    public boolean isOpen(int slot) {
        return ends[slot] != null;
    }

    @Override
    public void wake() {
        woken = true;
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            for (int slot = 0; slot < ends.length; slot++) {
                close(slot);
            }
        }
    }

    // Nobody calls a client.

    @Override
    public void listen(InetSocketAddress address) {
        throw new IllegalStateException("a client listens");
    }

    @Override
    public InetSocketAddress address() {
        throw new IllegalStateException("a client listens nowhere");
    }

    @Override
    public void listening(boolean on) {
        // nor is it told to
    }

    @Override
    public void closeListener() {
        // there is none
    }

    @Override
    public int accept() {
        return NOTHING;
    }

    @Override
    public boolean keep(int slot) {
        throw new IllegalStateException("nothing is in hand");
    }

    @Override
    public void pass(Sockets other) {
        throw new IllegalStateException("nothing is in hand");
    }

    @Override
    public boolean adopt() {
        return false;
    }

    @Override
    public void drop() {
        throw new IllegalStateException("nothing is in hand");
    }

    @Override
    public int save(int wanted) {
        return 0;
    }

    @Override
    public boolean spend() {
        return false;
    }

    @Override
    public boolean isLoopback(int slot) {
        return false;
    }

    @Override
    public int peer(int slot, MemorySegment target, long at) {
        return 0;
    }
}
