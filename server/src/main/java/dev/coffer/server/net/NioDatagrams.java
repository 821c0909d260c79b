package dev.coffer.server.net;

import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.engine.DatagramHeader;
import dev.coffer.memory.engine.NetworkPath;
import dev.coffer.memory.layout.Align;
import dev.coffer.memory.layout.BigEndian;
import dev.coffer.server.net.DatagramStatistics.Count;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketOption;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// [Datagrams] on the JDK's channel, for every system: a datagram a call. What the JDK has no way for: runs and groups, the ECN
/// codepoint that a datagram came with, and which of its own addresses it came to where the socket is bound to all of them.
/// An ECN codepoint is sent by an option of the whole socket, changed where it must be.
///
/// A datagram to or from another peer than the one before makes objects, in the JDK and for its address here.
@SuppressWarnings("exports")  // annotations that users need not have
public final class NioDatagrams implements Datagrams {
    private static final int ERRORS_MAX = 16;
    private static final int TARGETS = 8;               // peers whose addresses are kept as objects
    private static final long HEADER_BYTES = Align.CACHE_LINE_BYTES;
    /// [java.net] has no constant for it; `jdk.net.ExtendedSocketOptions` does, in a module that may be missing.
    private static final String UNFRAGMENTED_OPTION = "IP_DONTFRAGMENT";
    private static final Feature[] FEATURES = Feature.values();

    private final DatagramConfig config;
    private final MemorySegment memory;
    private final DatagramStatistics statistics = new DatagramStatistics();
    private final DatagramQueue queue;
    private final ByteBuffer buffer;                    // of all the memory
    private final int header = 0;
    private final int targetPaths;                      // NetworkPath of each target
    private final int place;
    private final InetSocketAddress[] targets = new InetSocketAddress[TARGETS];
    private final boolean[] features = new boolean[FEATURES.length];
    private int nextTarget;
    private @Nullable DatagramChannel channel;
    private @Nullable SelectionKey key;
    private boolean closed;
    private @Nullable InetSocketAddress address;
    private @Nullable InetSocketAddress source;         // of the datagram before
    private int codepoint;                              // that the channel sends
    private int length;
    private boolean has;                                // a datagram that next has not shown yet

    /// @param memory  the row of [#plan]
    /// @throws IllegalArgumentException  memory of another size, or on the heap (caller's fault)
    public NioDatagrams(DatagramConfig config, MemorySegment memory) {
        if (memory.byteSize() != plan(config).totalBytes() || !memory.isNative() || memory.isReadOnly()) {
            throw new IllegalArgumentException("datagrams: memory of " + memory.byteSize() + " bytes (expected "
                    + plan(config).totalBytes() + ", writable, off the heap)");
        }
        this.config = config;
        this.memory = memory;
        this.buffer = memory.asByteBuffer();
        this.targetPaths = (int) (header + HEADER_BYTES);
        this.place = (int) (targetPaths + targetBytes());
        this.queue = new DatagramQueue(config, memory, place + placeBytes(config));
    }

    private InetSocketAddress bound() {
        return Objects.requireNonNull(address, "open");
    }

    private SelectionKey key() {
        return Objects.requireNonNull(key, "open");
    }

    private DatagramChannel channel() {
        return Objects.requireNonNull(channel, "open");
    }

    private static long targetBytes() {
        return Align.up(TARGETS * NetworkPath.BYTES, Align.CACHE_LINE_BYTES);
    }

    /// One byte more than the largest datagram: what fills it was longer.
    private static long placeBytes(DatagramConfig config) {
        return Align.up(config.datagramBytesMax() + 1, Align.CACHE_LINE_BYTES);
    }

    /// {@return the plan of a socket's memory}
    public static MemoryPlan plan(DatagramConfig config) {
        MemoryPlan[] sends = DatagramQueue.plan(config);
        return MemoryPlan.group("datagrams", MemoryPlan.block("received header", HEADER_BYTES),
                MemoryPlan.block("targets", targetBytes(), 1, TARGETS + " x " + NetworkPath.BYTES),
                MemoryPlan.block("received", placeBytes(config)), sends[0], sends[1])
                .noted("the JDK's channel keeps memory of its own, not counted here");
    }

    @Override
    public void bind(InetSocketAddress where) throws IOException {
        if (channel != null || closed) {
            throw new IllegalStateException(closed ? "closed" : "bound already to " + address);
        }
        boolean six = where.getAddress() instanceof Inet6Address;
        DatagramChannel opened = DatagramChannel.open(six ? StandardProtocolFamily.INET6 : StandardProtocolFamily.INET);
        try {
            opened.configureBlocking(false);
            if (config.systemReceiveBytes() > 0) {
                opened.setOption(StandardSocketOptions.SO_RCVBUF, config.systemReceiveBytes());
            }
            if (config.systemSendBytes() > 0) {
                opened.setOption(StandardSocketOptions.SO_SNDBUF, config.systemSendBytes());
            }
            features[Feature.ECN_SENT.ordinal()] = opened.supportedOptions().contains(StandardSocketOptions.IP_TOS);
            features[Feature.UNFRAGMENTED.ordinal()] = unfragmented(opened);
            opened.bind(where);
            address = (InetSocketAddress) opened.getLocalAddress();
        } catch (IOException e) {
            opened.close();
            throw NioSockets.refused(e);
        } catch (RuntimeException | Error e) {
            opened.close();
            throw e;
        }
        features[Feature.LOCAL_ADDRESS.ordinal()] = !where.getAddress().isAnyLocalAddress();
        channel = opened;
    }

    private static boolean unfragmented(DatagramChannel opened) throws IOException {
        for (SocketOption<?> option : opened.supportedOptions()) {
            if (option.name().equals(UNFRAGMENTED_OPTION) && option.type() == Boolean.class) {
                @SuppressWarnings("unchecked")  // its type was looked at
                SocketOption<Boolean> known = (SocketOption<Boolean>) option;
                opened.setOption(known, true);
                return true;
            }
        }
        return false;
    }

    @Override
    public @Nullable InetSocketAddress address() {
        return address;
    }

    @Override
    public boolean has(Feature feature) {
        return features[feature.ordinal()];
    }

    @Override
    public String features() {
        StringBuilder text = new StringBuilder("datagrams at ").append(address).append(", the JDK's:");
        for (Feature feature : FEATURES) {
            text.append(' ').append(feature).append(has(feature) ? "" : " (no)");
        }
        return text.toString();
    }

    @Override
    public void watch(Sockets loop, int slot) throws IOException {
        key = ((NioSockets) loop).watch(channel(), slot);
    }

    @Override
    public void interest(int operations) {
        key().interestOps(NioSockets.keyOperations(operations));
    }

    @Override
    public int receive() {
        wipe();
        for (int i = 0; i < ERRORS_MAX; i++) {
            try {
                int most = config.datagramBytesMax() + 1;
                InetSocketAddress from = (InetSocketAddress) channel().receive(buffer.clear().limit(place + most).position(place));
                if (from == null) {
                    return 0;
                }
                length = buffer.position() - place;
                statistics.add(Count.RECEIVE_CALLS, 1);
                has = length < most;
                if (!has) {
                    statistics.add(Count.TRUNCATED, 1);
                    return 1;
                }
                received(from);
                return 1;
            } catch (IOException e) {
                statistics.add(Count.RECEIVE_ERRORS, 1);
            }
        }
        return 0;
    }

    private void received(InetSocketAddress from) {
        if (from != source) {  // the JDK hands out the same object for the same peer
            path(header, from, has(Feature.LOCAL_ADDRESS) ? bound().getAddress() : null);
            source = from;
        }
        statistics.add(Count.RECEIVED, 1);
        statistics.add(Count.RECEIVED_BYTES, length);
    }

    private void path(long at, InetSocketAddress remote, @Nullable InetAddress local) {
        NetworkPath.ipv4(memory, at, 0, remote.getPort(), 0, bound().getPort());
        write(at + NetworkPath.REMOTE, remote.getAddress());
        if (local != null) {
            write(at + NetworkPath.LOCAL, local);
        }
        BigEndian.i32(memory, at + NetworkPath.ZONE, remote.getAddress() instanceof Inet6Address six ? six.getScopeId() : 0);
    }

    private void write(long at, InetAddress from) {
        byte[] bytes = from.getAddress();
        boolean four = from instanceof Inet4Address;
        BigEndian.i64(memory, at, four ? 0 : i64(bytes, 0));
        BigEndian.i64(memory, at + 8, four ? 0xffff_0000_0000L | i64(bytes, -4) & 0xffff_ffffL : i64(bytes, 8));
    }

    /// {@return eight bytes of an address, those before its start as zeros}
    private static long i64(byte[] bytes, int from) {
        long value = 0;
        for (int i = from; i < from + 8; i++) {
            value = value << 8 | (i < 0 ? 0 : bytes[i] & 0xff);
        }
        return value;
    }

    private void wipe() {
        Wipe.bytes(memory, place, length);
        length = 0;
        has = false;
    }

    @Override
    public int batch() {
        return 1;
    }

    @Override
    public boolean next() {
        boolean here = has;
        has = false;
        return here;
    }

    @Override
    public MemorySegment received() {
        return memory;
    }

    @Override
    public long at() {
        return place;
    }

    @Override
    public int length() {
        return length;
    }

    @Override
    public long headerAt() {
        return header;
    }

    @Override
    public DatagramQueue queue() {
        return queue;
    }

    @Override
    public int send() {
        while (!queue.isEmpty()) {
            int run = queue.first();
            int bytes = queue.message(run, queue.done(), false);
            int at = (int) queue.bytesAt(run) + queue.done();
            try {
                codepoint(DatagramHeader.ecn(memory, queue.header(run)));
                InetSocketAddress target = target(queue.header(run) + DatagramHeader.PATH);
                if (channel().send(buffer.clear().limit(at + bytes).position(at), target) < bytes) {
                    statistics.add(Count.FULL, 1);
                    return FULL;
                }
                statistics.add(Count.SENT, 1);
                statistics.add(Count.SENT_BYTES, bytes);
                statistics.add(Count.SEND_CALLS, 1);
            } catch (IOException | IllegalArgumentException e) {  // refused by the system; or, by the JDK, an address not of this family
                statistics.add(Count.REFUSED, 1);
            }
            queue.take(bytes);
        }
        return SENT;
    }

    private void codepoint(int wanted) throws IOException {
        if (wanted != codepoint && has(Feature.ECN_SENT)) {
            channel().setOption(StandardSocketOptions.IP_TOS, wanted);
            codepoint = wanted;
        }
    }

    private InetSocketAddress target(long path) throws UnknownHostException {
        for (int i = 0; i < TARGETS; i++) {
            if (targets[i] != null && isSameRemote(targetPaths + i * NetworkPath.BYTES, path)) {
                return targets[i];
            }
        }
        int i = nextTarget;
        nextTarget = (nextTarget + 1) % TARGETS;
        targets[i] = null;
        NetworkPath.copy(memory, path, memory, targetPaths + i * NetworkPath.BYTES);
        InetSocketAddress made = remote(path);
        targets[i] = made;
        return made;
    }

    private boolean isSameRemote(long a, long b) {
        return NetworkPath.isSameRemoteHost(memory, a, memory, b)
                && NetworkPath.remotePort(memory, a) == NetworkPath.remotePort(memory, b);
    }

    private InetSocketAddress remote(long path) throws UnknownHostException {
        byte[] bytes = new byte[NetworkPath.ADDRESS_BYTES];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (BigEndian.u16(memory, path + NetworkPath.REMOTE + (i & ~1)) >>> ((i & 1) == 0 ? 8 : 0));
        }
        // the JDK makes an IPv4 address of a mapped one
        InetAddress host = NetworkPath.isIpv4(memory, path) ? InetAddress.getByAddress(bytes)
                : Inet6Address.getByAddress(null, bytes, BigEndian.i32(memory, path + NetworkPath.ZONE));
        return new InetSocketAddress(host, NetworkPath.remotePort(memory, path));
    }

    @Override
    public DatagramStatistics statistics() {
        return statistics;
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        wipe();
        queue.clear();
        if (channel != null) {
            NioSockets.quietly(channel);
        }
    }

    @Override
    public String toString() {
        return "NioDatagrams[" + (closed ? "closed" : channel == null ? "not bound" : features()) + ", " + queue + "]";
    }
}
