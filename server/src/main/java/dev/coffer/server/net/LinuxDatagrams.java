package dev.coffer.server.net;

import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.engine.DatagramHeader;
import dev.coffer.memory.engine.NetworkPath;
import dev.coffer.memory.internal.os.DatagramCalls;
import dev.coffer.memory.internal.os.Errno;
import dev.coffer.memory.internal.os.SocketAddress;
import dev.coffer.memory.internal.os.SocketCalls;
import dev.coffer.memory.internal.os.Syscall;
import dev.coffer.memory.layout.Align;
import dev.coffer.server.net.DatagramStatistics.Count;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// [Datagrams] on Linux's own calls: many messages a call, runs that the system cuts and groups that it makes, ECN both ways, our own
/// address told and chosen. 0 heap bytes for every operation of a bound socket.
///
/// `IP_RECVERR` is left off: what ICMP says, which anyone may forge, is not told to a socket that is connected to nobody, so it stops
/// nothing. An error that is told all the same is counted, and the next call goes on.
@SuppressWarnings("exports")  // annotations that users need not have
public final class LinuxDatagrams implements Datagrams {
    /// Errors told one after another before the others of the loop have their turn.
    private static final int ERRORS_MAX = 16;
    private static final long SCRATCH_BYTES = Align.CACHE_LINE_BYTES;  // sockaddr_in6 28 + its length 4, or an option
    private static final int NONE = -1;
    private static final int UNTRIED = 1;
    private static final Feature[] FEATURES = Feature.values();

    private final DatagramConfig config;
    private final MemorySegment memory;
    private final DatagramKernel kernel;
    private final DatagramStatistics statistics = new DatagramStatistics();
    private final LinuxReceived received;
    private final LinuxSent sent;
    private final DatagramQueue queue;
    // By feature: the system's answer when it was tried, 0 for yes, or UNTRIED.
    private final int[] answers = new int[FEATURES.length];
    private int fd = NONE;
    private boolean closed;
    private boolean told;           // an error that may be another peer's has hit what waits first
    private @Nullable InetSocketAddress address;
    private @Nullable EpollSockets sockets;
    private int slot;

    /// @param memory  the row of [#plan]
    /// @throws IllegalArgumentException  memory of another size, or on the heap (caller's fault)
    public LinuxDatagrams(DatagramConfig config, MemorySegment memory) {
        this(config, memory, DatagramKernel.SYSTEM);
    }

    private EpollSockets sockets() {
        return Objects.requireNonNull(sockets, "open");
    }

    LinuxDatagrams(DatagramConfig config, MemorySegment memory, DatagramKernel kernel) {
        if (memory.byteSize() != plan(config).totalBytes() || !memory.isNative() || memory.isReadOnly()) {
            throw new IllegalArgumentException("datagrams: memory of " + memory.byteSize() + " bytes (expected "
                    + plan(config).totalBytes() + ", writable, off the heap)");
        }
        this.config = config;
        this.memory = memory;
        this.kernel = kernel;
        long at = SCRATCH_BYTES;
        this.received = new LinuxReceived(config, memory, at, statistics);
        for (MemoryPlan row : LinuxReceived.plan(config)) {
            at += row.totalBytes();
        }
        this.queue = new DatagramQueue(config, memory, at);
        for (MemoryPlan row : DatagramQueue.plan(config)) {
            at += row.totalBytes();
        }
        this.sent = new LinuxSent(config, memory, at);
        Arrays.fill(answers, UNTRIED);
    }

    /// {@return whether this system has the calls}
    public static boolean available() {
        return Syscall.available();
    }

    /// {@return the plan of a socket's memory}
    public static MemoryPlan plan(DatagramConfig config) {
        MemoryPlan[] receives = LinuxReceived.plan(config);
        MemoryPlan[] sends = DatagramQueue.plan(config);
        return MemoryPlan.group("datagrams", MemoryPlan.block("address or option", SCRATCH_BYTES), receives[0], receives[1], receives[2],
                sends[0], sends[1], LinuxSent.plan(config));
    }

    @Override
    public void bind(InetSocketAddress where) throws IOException {
        if (fd != NONE || closed) {
            throw new IllegalStateException(closed ? "closed" : "bound already to " + address);
        }
        boolean six = where.getAddress() instanceof Inet6Address;
        int opened = check("socket", kernel.socket(SocketAddress.family(where.getAddress())));
        try {
            buffers(opened);
            if (six) {  // :: takes IPv4 too, whatever the system's default
                check("IPV6_V6ONLY", option(opened, SocketCalls.IPPROTO_IPV6, SocketCalls.IPV6_V6ONLY, 0));
            }
            boolean any = where.getAddress().isAnyLocalAddress();
            ask(opened, six, any);
            long length = SocketAddress.write(memory, 0, where);
            check("bind", kernel.bind(opened, memory, 0, length));
            check("getsockname", kernel.name(opened, memory, 0));
            address = SocketAddress.read(memory, 0);
            // What every path of ours begins with: our port, and our address where it is but one.
            NetworkPath.ipv4(memory, received.own(), 0, 0, 0, address.getPort());
            if (!any) {
                LinuxPath.remote(memory, 0, (int) length, received.own());
                MemorySegment.copy(memory, received.own() + NetworkPath.REMOTE, memory, received.own() + NetworkPath.LOCAL,
                        NetworkPath.ADDRESS_BYTES);
            }
            rehearse(opened);
        } catch (IOException | RuntimeException | Error e) {
            address = null;
            Arrays.fill(answers, UNTRIED);
            kernel.close(opened);
            throw e;
        }
        sent.six = six;
        fd = opened;
        if (isWithoutAny()) {
            Notice.tell(Level.WARNING, features());
        }
    }

    /// Sizes of the system's buffers: it gives what it may.
    private void buffers(int opened) {
        if (config.systemReceiveBytes() > 0) {
            option(opened, SocketCalls.SOL_SOCKET, DatagramCalls.SO_RCVBUF, config.systemReceiveBytes());
        }
        if (config.systemSendBytes() > 0) {
            option(opened, SocketCalls.SOL_SOCKET, SocketCalls.SO_SNDBUF, config.systemSendBytes());
        }
    }

    /// Asks for everything, and notes what was answered.
    private void ask(int opened, boolean six, boolean any) {
        int ip = DatagramCalls.IPPROTO_IP;
        int ip6 = SocketCalls.IPPROTO_IPV6;
        if (config.grouped()) {
            answers[Feature.GROUPED_RECEIVING.ordinal()] = option(opened, DatagramCalls.IPPROTO_UDP, DatagramCalls.UDP_GRO, 1);
            answers[Feature.SEGMENTED_SENDING.ordinal()] = option(opened, DatagramCalls.IPPROTO_UDP, DatagramCalls.UDP_SEGMENT, 0);
        }
        answers[Feature.ECN_RECEIVED.ordinal()] = both(opened, six, any, DatagramCalls.IP_RECVTOS, DatagramCalls.IPV6_RECVTCLASS, 1);
        answers[Feature.ECN_SENT.ordinal()] = both(opened, six, any, DatagramCalls.IP_TOS, DatagramCalls.IPV6_TCLASS,
                DatagramHeader.NOT_ECT);
        answers[Feature.UNFRAGMENTED.ordinal()] = both(opened, six, any, DatagramCalls.IP_MTU_DISCOVER,
                DatagramCalls.IPV6_MTU_DISCOVER, DatagramCalls.PMTUDISC_PROBE);
        if (six) {
            option(opened, ip6, DatagramCalls.IPV6_DONTFRAG, 1);  // what PROBE implies; older kernels want both
        }
        // One that is bound to an address knows it without being told.
        answers[Feature.LOCAL_ADDRESS.ordinal()] = !any ? 0
                : six ? option(opened, ip6, DatagramCalls.IPV6_RECVPKTINFO, 1) : option(opened, ip, DatagramCalls.IP_PKTINFO, 1);
        sent.segmented = has(Feature.SEGMENTED_SENDING);
        sent.ecn = has(Feature.ECN_SENT);
        sent.local = any && has(Feature.LOCAL_ADDRESS);
        if (has(Feature.GROUPED_RECEIVING)) {
            received.grouped();
        }
    }

    /// Asks for one thing of each family that the socket carries: that of all of IPv6's addresses carries both.
    ///
    /// @return 0, or what the first refusal said
    private int both(int opened, boolean six, boolean any, int four, int sixth, int value) {
        int answer = six ? option(opened, SocketCalls.IPPROTO_IPV6, sixth, value) : 0;
        return answer != 0 || six && !any ? answer : option(opened, DatagramCalls.IPPROTO_IP, four, value);
    }

    /// Makes both calls once: a filter may forbid them.
    private void rehearse(int opened) throws IOException {
        int nothing = kernel.send(opened, memory, sent.headers(), 0);
        check("sendmmsg", nothing);
        received.prepare();
        int count = kernel.receive(opened, memory, received.headers(), received.messages());
        if (count != -Errno.EAGAIN) {
            check("recvmmsg", count);
            received.filled(count);  // whoever was that fast
        }
    }

    private int option(int opened, int level, int option, int value) {
        return kernel.option(opened, level, option, value, memory, 0);
    }

    private static int check(String call, int result) throws IOException {
        return EpollSockets.check(call, result);
    }

    @Override
    public @Nullable InetSocketAddress address() {
        return address;
    }

    @Override
    public boolean has(Feature feature) {
        return answers[feature.ordinal()] == 0;
    }

    private boolean isWithoutAny() {
        for (Feature feature : FEATURES) {
            if (answers[feature.ordinal()] < 0) {
                return true;
            }
        }
        return false;
    }

    @Override
    public String features() {
        StringBuilder text = new StringBuilder("datagrams at ").append(address).append(':');
        for (Feature feature : FEATURES) {
            int answer = answers[feature.ordinal()];
            text.append(' ').append(feature).append(answer == 0 ? "" : answer == UNTRIED ? " (off)" : " (" + Errno.name(-answer) + ")");
        }
        return text.toString();
    }

    @Override
    public void watch(Sockets loop, int slotOfLoop) throws IOException {
        check("epoll_ctl", ((EpollSockets) loop).watch(fd, slotOfLoop, Sockets.READ, true));
        sockets = (EpollSockets) loop;
        slot = slotOfLoop;
    }

    @Override
    public void interest(int operations) {
        sockets().watch(fd, slot, operations, false);
    }

    @Override
    public int receive() {
        for (int i = 0; i < ERRORS_MAX; i++) {
            received.prepare();
            int count = kernel.receive(fd, memory, received.headers(), received.messages());
            if (count >= 0) {
                received.filled(count);
                statistics.add(Count.RECEIVE_CALLS, 1);
                return count;
            }
            if (count == -Errno.EAGAIN) {
                return 0;
            }
            statistics.add(Count.RECEIVE_ERRORS, 1);
        }
        return 0;
    }

    @Override
    public int batch() {
        return received.messages();
    }

    @Override
    public boolean next() {
        return received.next();
    }

    @Override
    public MemorySegment received() {
        return memory;
    }

    @Override
    public long at() {
        return received.at();
    }

    @Override
    public int length() {
        return received.length();
    }

    @Override
    public long headerAt() {
        return received.header();
    }

    @Override
    public DatagramQueue queue() {
        return queue;
    }

    @Override
    public int send() {
        while (!queue.isEmpty()) {
            int count = sent.fill(queue);
            int result = count == 0 ? -Errno.EAFNOSUPPORT : kernel.send(fd, memory, sent.headers(), count);
            if (result > 0) {
                taken(result);
            } else if (result == 0 || result == -Errno.EAGAIN) {
                statistics.add(Count.FULL, 1);
                return FULL;
            } else {
                refused(-result);
            }
        }
        return SENT;
    }

    /// The system took so many messages.
    private void taken(int messages) {
        for (int i = 0; i < messages; i++) {
            int bytes = queue.message(queue.first(), queue.done(), sent.segmented);
            statistics.add(Count.SENT, queue.datagrams(queue.first(), bytes));
            statistics.add(Count.SENT_BYTES, bytes);
            queue.take(bytes);
        }
        statistics.add(Count.SEND_CALLS, 1);
        told = false;
    }

    /// The system refused the message that waits first.
    private void refused(int error) {
        int run = queue.first();
        int bytes = queue.message(run, queue.done(), sent.segmented);
        int datagrams = queue.datagrams(run, bytes);
        boolean several = datagrams > 1;
        if (several && error == Errno.EIO) {                // the device computes no checksums: it cuts nothing
            answers[Feature.SEGMENTED_SENDING.ordinal()] = -error;
            sent.segmented = false;
        } else if (several && (error == Errno.EINVAL || error == Errno.EMSGSIZE)) {
            queue.singly();                                 // larger than the path's MTU, or one message too many for it
        } else if (!told && isOfAnother(error)) {
            told = true;                                    // it may be what ICMP had to say of one before: once more
        } else {
            statistics.add(error == Errno.EMSGSIZE ? Count.TOO_LARGE : Count.REFUSED, datagrams);
            queue.take(bytes);
            told = false;
        }
    }

    private static boolean isOfAnother(int error) {
        return error == Errno.ECONNREFUSED || error == Errno.EHOSTUNREACH || error == Errno.ENETUNREACH;
    }

    @Override
    public DatagramStatistics statistics() {
        return statistics;
    }

    /// {@return the descriptor, or -1}
    int descriptor() {
        return fd;
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        received.clear();
        queue.clear();
        if (fd != NONE) {
            kernel.close(fd);  // the kernel ends the watch with the last descriptor of the socket
            fd = NONE;
        }
    }

    @Override
    public String toString() {
        return "LinuxDatagrams[" + (closed ? "closed" : fd == NONE ? "not bound" : features()) + ", " + queue + "]";
    }
}
