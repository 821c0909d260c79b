package dev.coffer.server.net;

import dev.coffer.memory.MemoryPlan;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.UnsupportedAddressTypeException;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// [Sockets] on the JDK's channels, for every system. Reading and writing make no object as long as they are given the
/// memory of the same few segments; accepting a connection and changing what is awaited do, inside the JDK.
@SuppressWarnings("exports")  // annotations that users need not have
public final class NioSockets implements Sockets {
    private static final int BACKLOG = 1024;
    private static final int VIEWS_MAX = 4;
    private static final long MILLI = 1_000_000L;

    private final SocketChannel[] channels;
    private final SelectionKey[] keys;
    private final boolean[] loopback;
    private final SocketChannel[] spares = new SocketChannel[SPARES_MAX];  // bound and connected to nothing
    private int spareCount;
    private @Nullable SocketChannel hand;   // accepted or adopted, in no slot yet
    private final SocketChannel[] passed;   // a ring from the loop that listens to this one
    private volatile long passedCount;      // written by the loop that listens alone
    private long adoptedCount;
    private final int[] readySlots;
    private final int[] readyOperations;
    private final Consumer<SelectionKey> collector = this::collect;
    private final Selector selector;
    // A buffer is an object: the views of the loop's few segments are made once.
    private final MemorySegment[] viewed = new MemorySegment[VIEWS_MAX];
    private final ByteBuffer[] views = new ByteBuffer[VIEWS_MAX];
    private int nextView;
    private @Nullable ServerSocketChannel listener;
    private @Nullable SelectionKey listenerKey;
    private @Nullable InetSocketAddress address;
    private volatile boolean woken;
    private int ready;

    /// @param slots  connections at most
    /// @throws IOException  the system gave no selector
    public NioSockets(int slots) throws IOException {
        channels = new SocketChannel[slots];
        keys = new SelectionKey[slots];
        loopback = new boolean[slots];
        passed = new SocketChannel[slots];
        readySlots = new int[slots + 2];
        readyOperations = new int[slots + 2];
        selector = Selector.open();
    }

    private SocketChannel hand() {
        return Objects.requireNonNull(hand, "accepted");
    }

    private SelectionKey listenerKey() {
        return Objects.requireNonNull(listenerKey, "it listens");
    }

    /// {@return the plan of the driver's memory: none of its own, the JDK keeps its own buffers}
    public static MemoryPlan plan() {
        return MemoryPlan.group("sockets").noted("the JDK's channels keep memory of their own, not counted here");
    }

    @Override
    public void listen(InetSocketAddress where) throws IOException {
        ServerSocketChannel channel = ServerSocketChannel.open();
        try {
            channel.configureBlocking(false);
            channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            channel.bind(where, BACKLOG);
            address = (InetSocketAddress) channel.getLocalAddress();
            listenerKey = channel.register(selector, SelectionKey.OP_ACCEPT, LISTENER);
            listener = channel;
        } catch (IOException e) {
            channel.close();
            throw refused(e);
        } catch (RuntimeException | Error e) {
            channel.close();
            throw e;
        }
    }

    /// {@return what the JDK says of a bind that was refused, in our words}
    static IOException refused(IOException e) {
        String text = String.valueOf(e.getMessage());
        return !(e instanceof BindException) ? e : new IOException(text.contains("in use") ? "address in use"
                : text.contains("assign") ? "no such address on this machine" : text, e);
    }

    @Override
    public @Nullable InetSocketAddress address() {
        return address;
    }

    @Override
    public void listening(boolean on) {
        if (listener != null) {
            listenerKey().interestOps(on ? SelectionKey.OP_ACCEPT : 0);
        }
    }

    @Override
    public void closeListener() {
        if (listener != null) {
            quietly(listener);
            listener = null;
        }
    }

    @Override
    public int await(long timeoutNanos) {
        ready = 0;
        try {
            if (timeoutNanos == 0) {
                selector.selectNow(collector);
            } else {
                selector.select(collector, timeoutNanos == Long.MAX_VALUE ? 0 : Math.ceilDiv(timeoutNanos, MILLI));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("select", e);
        }
        if (woken) {
            woken = false;
            readySlots[ready++] = WAKE;
        }
        return ready;
    }

    private void collect(SelectionKey key) {
        int slot = (Integer) key.attachment();
        int operations = key.readyOps();
        readySlots[ready] = slot;
        readyOperations[ready++] = ((operations & SelectionKey.OP_READ) != 0 ? READ : 0)
                | ((operations & (SelectionKey.OP_WRITE | SelectionKey.OP_CONNECT)) != 0 ? WRITE : 0);
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
        if (listener == null) {
            return NOTHING;
        }
        try {
            hand = listener.accept();
            return hand == null ? NOTHING : ACCEPTED;
        } catch (IOException e) {
            return NO_DESCRIPTOR;
        }
    }

    @Override
    public boolean keep(int slot) {
        assert channels[slot] == null : "slot " + slot + " is taken";
        try {
            hand().configureBlocking(false);
            hand().setOption(StandardSocketOptions.TCP_NODELAY, true);
            loopback[slot] = ((InetSocketAddress) hand().getRemoteAddress()).getAddress().isLoopbackAddress();
            keys[slot] = hand().register(selector, SelectionKey.OP_READ, slot);
            channels[slot] = hand;
            hand = null;
            return true;
        } catch (IOException e) {
            drop();  // that one is gone already
            return false;
        }
    }

    @Override
    public void pass(Sockets other) {
        NioSockets to = (NioSockets) other;
        long count = to.passedCount;
        to.passed[(int) (count % to.passed.length)] = hand;
        to.passedCount = count + 1;
        hand = null;
        to.wake();
    }

    @Override
    public boolean adopt() {
        assert hand == null : "a connection is in hand";
        if (adoptedCount == passedCount) {
            return false;
        }
        int at = (int) (adoptedCount++ % passed.length);
        hand = passed[at];
        passed[at] = null;
        return true;
    }

    @Override
    public void drop() {
        quietly(hand());
        hand = null;
    }

    @Override
    public int connect(int slot, InetSocketAddress where) {
        assert channels[slot] == null : "slot " + slot + " is taken";
        SocketChannel channel;
        try {
            channel = SocketChannel.open();
        } catch (IOException e) {
            return NO_DESCRIPTOR;
        }
        try {
            channel.configureBlocking(false);
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            boolean made = channel.connect(where);
            keys[slot] = channel.register(selector, made ? SelectionKey.OP_WRITE : SelectionKey.OP_CONNECT, slot);
        } catch (IOException | UnsupportedAddressTypeException e) {
            quietly(channel);
            return BROKEN;
        }
        channels[slot] = channel;
        loopback[slot] = where.getAddress().isLoopbackAddress();
        return NOTHING;
    }

    @Override
    public int connected(int slot) {
        try {
            return channels[slot].finishConnect() ? CONNECTED : NOTHING;
        } catch (IOException e) {
            return BROKEN;
        }
    }

    @Override
    public int save(int wanted) {
        try {
            while (spareCount < wanted) {
                spares[spareCount] = SocketChannel.open();
                spareCount++;
            }
        } catch (IOException e) {
            // there is none to hold back
        }
        return spareCount;
    }

    @Override
    public boolean spend() {
        if (spareCount == 0) {
            return false;
        }
        quietly(spares[--spareCount]);
        spares[spareCount] = null;
        return true;
    }

    @Override
    public boolean isLoopback(int slot) {
        return loopback[slot];
    }

    @Override
    public int peer(int slot, MemorySegment target, long at) {
        try {
            String text = ((InetSocketAddress) channels[slot].getRemoteAddress()).getAddress().getHostAddress();
            int scope = text.indexOf('%');
            int length = scope < 0 ? text.length() : scope;
            for (int i = 0; i < length; i++) {
                target.set(ValueLayout.JAVA_BYTE, at + i, (byte) text.charAt(i));
            }
            return length;
        } catch (IOException e) {
            return 0;
        }
    }

    @Override
    public int receive(int slot, MemorySegment target, long at, int length) {
        try {
            int count = channels[slot].read(view(target, at, length));
            return count < 0 ? FINISHED : count;
        } catch (IOException e) {
            return BROKEN;
        }
    }

    @Override
    public int send(int slot, MemorySegment source, long at, int length) {
        try {
            return channels[slot].write(view(source, at, length));
        } catch (IOException e) {
            return BROKEN;
        }
    }

    @SuppressWarnings("MemorySegmentReferenceEquality")  // a view is of that object: another may have another life
    private ByteBuffer view(MemorySegment segment, long at, int length) {
        for (int i = 0; i < VIEWS_MAX; i++) {
            if (viewed[i] == segment) {
                return views[i].clear().limit((int) at + length).position((int) at);
            }
        }
        int i = nextView;
        nextView = (nextView + 1) % VIEWS_MAX;
        viewed[i] = segment;
        views[i] = segment.asByteBuffer();
        return views[i].limit((int) at + length).position((int) at);
    }

    @Override
    public void interest(int slot, int operations) {
        keys[slot].interestOps(keyOperations(operations));
    }

    /// Watches a channel that is none of a slot's.
    ///
    /// @return its key, to change what is awaited
    SelectionKey watch(SelectableChannel channel, int slot) throws IOException {
        return channel.register(selector, SelectionKey.OP_READ, slot);
    }

    /// {@return what a selector is told for a sum of [#READ] and [#WRITE]}
    static int keyOperations(int operations) {
        return ((operations & READ) != 0 ? SelectionKey.OP_READ : 0) | ((operations & WRITE) != 0 ? SelectionKey.OP_WRITE : 0);
    }

    @Override
    public void finish(int slot) {
        try {
            channels[slot].shutdownOutput();
        } catch (IOException e) {
            // the peer went first: the next receive says so
        }
    }

    @Override
    public void close(int slot) {
        if (channels[slot] != null) {
            quietly(channels[slot]);
            channels[slot] = null;
            keys[slot] = null;
        }
    }

    @Override
    public boolean isOpen(int slot) {
        return channels[slot] != null;
    }

    @Override
    public void wake() {
        woken = true;
        selector.wakeup();
    }

    @Override
    public void close() {
        closeListener();
        for (int slot = 0; slot < channels.length; slot++) {
            close(slot);
        }
        while (hand != null || adopt()) {
            drop();
        }
        while (spend()) {
            // until none is left
        }
        quietly(selector);
    }

    static void quietly(AutoCloseable closeable) {
        try {
            closeable.close();
        } catch (Exception e) {
            // nothing is left to do with it
        }
    }
}
