package dev.coffer.client;

import dev.coffer.server.net.Sockets;
import dev.coffer.testkit.simulation.Conditions;
import dev.coffer.testkit.simulation.PolledStreams;
import dev.coffer.testkit.simulation.Simulation;
import dev.coffer.testkit.simulation.StreamListener;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;

/// [Sockets] of a simulated client, which calls and is not called. A port stands for who listens there; where nobody does a call is refused
/// after its way there and back, or never answered. One thread for all.
final class CallSockets extends PolledStreams implements Sockets {
    private static final long NEVER = Long.MAX_VALUE;

    private final Map<Integer, StreamListener> listeners = new HashMap<>();
    private final int[] ports;
    private final long[] madeAt;            // when a call is answered, NEVER for one that is not
    private final boolean[] refused;
    private final int perOriginMax;
    private double blackHoles;              // share of calls that nobody answers
    private double noDescriptors;           // share of calls for which the process has none
    private boolean closed;
    int calls;

    CallSockets(Simulation world, SplittableRandom random, int slots, int perOriginMax) {
        super(world, random, slots);
        this.ports = new int[slots];
        this.madeAt = new long[slots];
        this.refused = new boolean[slots];
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
        if (random().nextDouble() < noDescriptors) {
            return NO_DESCRIPTOR;
        }
        int port = address.getPort();
        int open = 0;
        for (int i = 0; i < slots(); i++) {
            open += isOpen(i) && ports[i] == port ? 1 : 0;
        }
        if (open >= perOriginMax) {
            throw new IllegalStateException("port " + port + " has " + open + " connections already");
        }
        calls++;
        Conditions up = Conditions.any(random(), false);
        Conditions down = Conditions.any(random(), false);
        StreamListener listener = listeners.get(port);
        refused[slot] = listener == null;
        put(slot, listener == null ? world().network().stream(up, down).client() : world().network().connect(listener, up, down), WRITE);
        madeAt[slot] = random().nextDouble() < blackHoles ? NEVER : world().clock().nanos() + up.delayNanos() + down.delayNanos();
        ports[slot] = port;
        return NOTHING;
    }

    @Override
    protected boolean isKnown(int slot) {
        return world().clock().nanos() >= madeAt[slot];
    }

    @Override
    protected boolean isBroken(int slot) {
        return refused[slot] || super.isBroken(slot);
    }

    @Override
    public int connected(int slot) {
        return !isKnown(slot) ? NOTHING : isBroken(slot) ? BROKEN : CONNECTED;
    }

    @Override
    protected void reportOthers(boolean isWoken) {
        if (isWoken) {
            report(WAKE, READ);
        }
    }

    @Override
    public long deadlineNanos() {
        long next = super.deadlineNanos();
        for (int slot = 0; slot < slots(); slot++) {
            next = isOpen(slot) && !isKnown(slot) ? Math.min(next, madeAt[slot]) : next;
        }
        return next;
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            closeAll();
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
