package dev.coffer.server.net;

import dev.coffer.testkit.simulation.Conditions;
import dev.coffer.testkit.simulation.PolledStreams;
import dev.coffer.testkit.simulation.Simulation;
import dev.coffer.testkit.simulation.StreamEnd;
import dev.coffer.testkit.simulation.StreamListener;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.SplittableRandom;

/// [Sockets] of a simulated server, which is called: a whole loop runs on them unchanged. One thread for all.
///
/// What a kernel does and a good day on the loopback never shows is asked for here: partial writes and full windows at any size, accepts that
/// fail for want of descriptors, `epoll_ctl` that finds no memory, reports in any order.
public final class FakeSockets extends PolledStreams implements Sockets {
    private static final int BACKLOG = 64;
    private static final byte[] PEER = "10.0.0.1".getBytes(StandardCharsets.US_ASCII);

    private final ArrayDeque<StreamEnd> passed = new ArrayDeque<>();
    private StreamListener listener;
    private InetSocketAddress address;
    private boolean listening = true;
    private StreamEnd hand;
    private int spares;
    private int foreign;                // descriptors that others of the process hold
    private final int descriptorsMax;
    private double watchFailures;       // share of `keep` that fails
    private boolean closed;

    /// @param slots           as of any [Sockets]
    /// @param descriptorsMax  of the process: connections, spares and what [#foreign] says
    public FakeSockets(Simulation world, SplittableRandom random, int slots, int descriptorsMax) {
        super(world, random, slots);
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
        return world().network().connect(listener, up, down);
    }

    /// {@return descriptors in use by these sockets}
    public int descriptors() {
        return spares + (hand == null ? 0 : 1) + passed.size() + taken();
    }

    private boolean isSpent() {
        return descriptors() + foreign >= descriptorsMax;
    }

    @Override
    public void listen(InetSocketAddress where) throws IOException {
        address = where;
        listener = world().network().listen(BACKLOG);
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
    protected void reportOthers(boolean isWoken) {
        if (isWoken) {
            report(WAKE, READ);
        }
        if (listening && listener != null && listener.isReadable()) {
            report(LISTENER, READ);
        }
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
        if (random().nextDouble() < watchFailures) {
            end.close();
            return false;
        }
        put(slot, end, READ);
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
    public boolean passes() {
        return true;
    }

    @Override
    public int sendTwo(int slot, MemorySegment first, long firstAt, int firstLength, MemorySegment second, long secondAt, int secondLength) {
        int sent = end(slot).write(first, firstAt, firstLength);
        int more = sent < firstLength ? 0 : end(slot).write(second, secondAt, secondLength);
        return more < 0 ? sent : sent + more;
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            closeListener();
            closeAll();
            drop();
            for (StreamEnd end; (end = passed.poll()) != null;) {
                end.close();
            }
            spares = 0;
        }
    }

    @Override
    public String toString() {
        return super.toString() + (hand == null ? "" : ", in hand " + hand) + ", " + spares
                + " spares" + (listening ? "" : ", not listening");
    }
}
