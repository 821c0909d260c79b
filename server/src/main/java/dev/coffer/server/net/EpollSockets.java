package dev.coffer.server.net;

import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.internal.os.EpollEvent;
import dev.coffer.memory.internal.os.Errno;
import dev.coffer.memory.internal.os.SocketAddress;
import dev.coffer.memory.internal.os.SocketCalls;
import dev.coffer.memory.internal.os.Syscall;
import dev.coffer.memory.layout.Align;
import dev.coffer.memory.layout.HeapLayout;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// [Sockets] on Linux's own calls: 0 heap bytes for every operation of a running loop, accepting and closing included.
///
/// Its memory is a scratch line for addresses and options, and the events of one wait.
@SuppressWarnings("exports")  // annotations that users need not have
public final class EpollSockets implements Sockets {
    /// Connections that the system keeps for us until they are accepted; it cuts this to `net.core.somaxconn`.
    private static final int BACKLOG = 1024;
    /// Events that one wait takes; more wait for the next.
    private static final int EVENTS_MAX = 64;
    /// Pending connections that one [#accept] finds gone before it takes the trouble for its own.
    private static final int GONE_MAX = 64;

    private static final long SCRATCH = 0;
    private static final long SCRATCH_BYTES = 64;  // sockaddr_in6 28 + its length 4, or an option, or an event
    private static final long ONE = SCRATCH + SCRATCH_BYTES - Long.BYTES;  // u64, what a wake adds to the counter
    private static final long GATHER = SCRATCH + SCRATCH_BYTES;
    private static final long EVENTS = GATHER + SocketCalls.GATHER_BYTES;

    private static final long TOKEN_LISTENER = -1;
    private static final long TOKEN_WAKE = -2;
    private static final int NONE = -1;

    static {
        Errno.name(Errno.EMFILE);  // who has no descriptor left cannot load the words for that
    }

    private final MemorySegment memory;
    private final int[] descriptors;   // by slot; NONE where free
    private final boolean[] loopback;  // by slot
    private final int[] spares = new int[SPARES_MAX];  // counters of events that nobody counts
    private int spareCount;
    private int hand = NONE;           // accepted or adopted, in no slot yet
    private boolean handLoopback;
    // A ring from the loop that listens to this one: descriptor << 1 | whether the peer is this machine.
    private final int[] passed;
    private volatile long passedCount;   // written by the loop that listens alone
    private long adoptedCount;
    private final int epoll;
    private final int wake;
    private int listener = NONE;
    private @Nullable InetSocketAddress address;
    private volatile boolean closed;   // read by wake

    /// @param slots   connections at most
    /// @param memory  the row of [#plan(int)]
    /// @throws IOException  the system gave no descriptor
    public EpollSockets(int slots, MemorySegment memory) throws IOException {
        this.memory = memory;
        this.descriptors = new int[slots];
        Arrays.fill(descriptors, NONE);
        this.loopback = new boolean[slots];
        this.passed = new int[slots];
        this.epoll = check("epoll_create1", SocketCalls.epoll());
        int event = SocketCalls.event();
        if (event < 0) {
            SocketCalls.close(epoll);
            throw refused("eventfd", event);
        }
        this.wake = event;
        memory.set(ValueLayout.JAVA_LONG, ONE, 1);
        int watched = control(SocketCalls.EPOLL_CTL_ADD, wake, EpollEvent.EPOLLIN, TOKEN_WAKE);
        if (watched < 0) {
            SocketCalls.close(wake);
            SocketCalls.close(epoll);
            throw refused("epoll_ctl", watched);
        }
    }

    /// {@return whether this system has the calls}
    public static boolean available() {
        return Syscall.available();
    }

    /// {@return the plan of the driver's memory}
    ///
    /// @param slots  connections at most
    public static MemoryPlan plan(int slots) {
        return MemoryPlan.group("sockets",
                MemoryPlan.block("address, option or event", SCRATCH_BYTES),
                MemoryPlan.block("two ranges", SocketCalls.GATHER_BYTES, 1, "msghdr, 2 x iovec"),
                MemoryPlan.block("events", Align.up(EVENTS_MAX * EpollEvent.BYTES, Align.CACHE_LINE_BYTES), 1,
                        EVENTS_MAX + " x " + EpollEvent.BYTES + ", one wait"))
                .withHeap(2 * HeapLayout.array(int.class, slots) + HeapLayout.array(boolean.class, slots));
    }

    @Override
    public void listen(InetSocketAddress where) throws IOException {
        int fd = check("socket", SocketCalls.socket(SocketAddress.family(where.getAddress()),
                SocketCalls.SOCK_STREAM | SocketCalls.SOCK_NONBLOCK | SocketCalls.SOCK_CLOEXEC));
        try {
            check("SO_REUSEADDR", SocketCalls.option(fd, SocketCalls.SOL_SOCKET, SocketCalls.SO_REUSEADDR, 1, memory, SCRATCH));
            // Accepted sockets inherit it: no call a connection.
            check("TCP_NODELAY", SocketCalls.option(fd, SocketCalls.IPPROTO_TCP, SocketCalls.TCP_NODELAY, 1, memory, SCRATCH));
            if (where.getAddress() instanceof Inet6Address) {  // :: takes IPv4 too, whatever the system's default
                check("IPV6_V6ONLY", SocketCalls.option(fd, SocketCalls.IPPROTO_IPV6, SocketCalls.IPV6_V6ONLY, 0, memory,
                        SCRATCH));
            }
            long length = SocketAddress.write(memory, SCRATCH, where);
            check("bind", SocketCalls.bind(fd, memory, SCRATCH, length));
            check("listen", SocketCalls.listen(fd, BACKLOG));
            check("getsockname", SocketCalls.name(fd, memory, SCRATCH));
            address = SocketAddress.read(memory, SCRATCH);
            listener = fd;
            check("epoll_ctl", control(SocketCalls.EPOLL_CTL_ADD, fd, EpollEvent.EPOLLIN, TOKEN_LISTENER));
        } catch (IOException e) {
            listener = NONE;
            SocketCalls.close(fd);
            throw e;
        }
    }

    @Override
    public @Nullable InetSocketAddress address() {
        return address;
    }

    @Override
    public void listening(boolean on) {
        if (listener != NONE) {
            control(SocketCalls.EPOLL_CTL_MOD, listener, on ? EpollEvent.EPOLLIN : 0, TOKEN_LISTENER);
        }
    }

    @Override
    public void closeListener() {
        if (listener != NONE) {
            SocketCalls.close(listener);
            listener = NONE;
        }
    }

    @Override
    public int await(long timeoutNanos) {
        int count = SocketCalls.await(epoll, memory, EVENTS, EVENTS_MAX, timeoutNanos, SCRATCH);
        assert count >= 0 : "epoll_pwait: " + Errno.name(-count);
        return Math.max(count, 0);
    }

    @Override
    public int readySlot(int i) {
        long token = EpollEvent.token(memory, EVENTS + i * EpollEvent.BYTES);
        if (token == TOKEN_WAKE) {
            SocketCalls.drainEvent(wake, memory, SCRATCH);
            return WAKE;
        }
        return token == TOKEN_LISTENER ? LISTENER : (int) token;
    }

    @Override
    public int readyOperations(int i) {
        int events = EpollEvent.events(memory, EVENTS + i * EpollEvent.BYTES);
        if ((events & (EpollEvent.EPOLLERR | EpollEvent.EPOLLHUP)) != 0) {
            return READ | WRITE;
        }
        return ((events & EpollEvent.EPOLLIN) != 0 ? READ : 0) | ((events & EpollEvent.EPOLLOUT) != 0 ? WRITE : 0);
    }

    @Override
    public int accept() {
        assert hand == NONE : "a connection is in hand";
        for (int gone = 0; listener != NONE; gone++) {
            int fd = SocketCalls.accept(listener, memory, SCRATCH);
            if (fd >= 0) {
                hand = fd;
                handLoopback = SocketAddress.isLoopback(memory, SCRATCH);
                return ACCEPTED;
            }
            switch (-fd) {
                case Errno.EAGAIN -> {
                    return NOTHING;
                }
                case Errno.EMFILE, Errno.ENFILE, Errno.ENOBUFS, Errno.ENOMEM -> {
                    return NO_DESCRIPTOR;
                }
                default -> {  // ECONNABORTED and the network's own errors: that one is gone, there may be another
                    if (gone == GONE_MAX) {
                        return NO_DESCRIPTOR;  // it is the listener's trouble, whatever it is: rest, and try again
                    }
                }
            }
        }
        return NOTHING;
    }

    @Override
    public boolean keep(int slot) {
        assert descriptors[slot] == NONE : "slot " + slot + " is taken";
        if (control(SocketCalls.EPOLL_CTL_ADD, hand, EpollEvent.EPOLLIN, slot) < 0) {
            drop();  // no memory for the watch, or fs.epoll.max_user_watches
            return false;
        }
        descriptors[slot] = hand;
        loopback[slot] = handLoopback;
        hand = NONE;
        return true;
    }

    @Override
    public void pass(Sockets other) {
        EpollSockets to = (EpollSockets) other;
        long count = to.passedCount;
        to.passed[(int) (count % to.passed.length)] = hand << 1 | (handLoopback ? 1 : 0);
        to.passedCount = count + 1;
        hand = NONE;
        SocketCalls.signalEvent(to.wake, to.memory, ONE);
    }

    @Override
    public boolean adopt() {
        assert hand == NONE : "a connection is in hand";
        if (adoptedCount == passedCount) {
            return false;
        }
        int entry = passed[(int) (adoptedCount++ % passed.length)];
        hand = entry >>> 1;
        handLoopback = (entry & 1) != 0;
        return true;
    }

    @Override
    public void drop() {
        SocketCalls.close(hand);
        hand = NONE;
    }

    @Override
    public int connect(int slot, InetSocketAddress where) {
        assert descriptors[slot] == NONE : "slot " + slot + " is taken";
        int fd = SocketCalls.socket(SocketAddress.family(where.getAddress()),
                SocketCalls.SOCK_STREAM | SocketCalls.SOCK_NONBLOCK | SocketCalls.SOCK_CLOEXEC);
        if (fd < 0) {
            return switch (-fd) {
                case Errno.EMFILE, Errno.ENFILE, Errno.ENOBUFS, Errno.ENOMEM -> NO_DESCRIPTOR;
                default -> BROKEN;  // a family that this system does not speak
            };
        }
        SocketCalls.option(fd, SocketCalls.IPPROTO_TCP, SocketCalls.TCP_NODELAY, 1, memory, SCRATCH);
        long length = SocketAddress.write(memory, SCRATCH, where);
        int result = SocketCalls.connect(fd, memory, SCRATCH, length);
        if (result < 0 && result != -Errno.EINPROGRESS && result != -Errno.EINTR
                || control(SocketCalls.EPOLL_CTL_ADD, fd, EpollEvent.EPOLLOUT, slot) < 0) {
            SocketCalls.close(fd);
            return BROKEN;
        }
        descriptors[slot] = fd;
        loopback[slot] = where.getAddress().isLoopbackAddress();
        return NOTHING;
    }

    @Override
    public int connected(int slot) {
        if (SocketCalls.error(descriptors[slot], memory, SCRATCH) < 0) {
            return BROKEN;
        }
        int peer = SocketCalls.peer(descriptors[slot], memory, SCRATCH);  // no error yet may also mean: nothing yet
        return peer >= 0 ? CONNECTED : peer == -Errno.ENOTCONN ? NOTHING : BROKEN;
    }

    @Override
    public int save(int wanted) {
        while (spareCount < wanted) {
            int fd = SocketCalls.event();
            if (fd < 0) {
                break;
            }
            spares[spareCount++] = fd;
        }
        return spareCount;
    }

    @Override
    public boolean spend() {
        if (spareCount == 0) {
            return false;
        }
        SocketCalls.close(spares[--spareCount]);
        return true;
    }

    @Override
    public boolean isLoopback(int slot) {
        return loopback[slot];
    }

    @Override
    public int peer(int slot, MemorySegment target, long at) {
        return SocketCalls.peer(descriptors[slot], memory, SCRATCH) < 0 ? 0
                : SocketAddress.writeText(memory, SCRATCH, target, at);
    }

    @Override
    public int receive(int slot, MemorySegment target, long at, int length) {
        long result = SocketCalls.receive(descriptors[slot], target, at, length);
        return result > 0 ? (int) result : result == 0 ? FINISHED : result == -Errno.EAGAIN ? NOTHING : BROKEN;
    }

    @Override
    public int send(int slot, MemorySegment source, long at, int length) {
        return sent(SocketCalls.send(descriptors[slot], source, at, length));
    }

    private static int sent(long result) {
        return result >= 0 ? (int) result : result == -Errno.EAGAIN ? NOTHING : BROKEN;
    }

    @Override
    public boolean passes() {
        return true;
    }

    @Override
    public int sendTwo(int slot, MemorySegment first, long firstAt, int firstLength, MemorySegment second, long secondAt, int secondLength) {
        return sent(SocketCalls.gather(descriptors[slot], first, firstAt, firstLength, second, secondAt, secondLength, memory, GATHER));
    }

    @Override
    public int sendMore(int slot, MemorySegment source, long at, int length) {
        return sent(SocketCalls.sendMore(descriptors[slot], source, at, length));
    }

    @Override
    public int sendFile(int slot, int file, long position, int length) {
        long result = SocketCalls.sendFile(descriptors[slot], file, position, length, memory, SCRATCH);
        // Whatever else it says: the file is asked for in the other way, and a broken connection says so then.
        return result > 0 ? (int) result : result == -Errno.EAGAIN ? NOTHING : UNFIT;
    }

    @Override
    public void interest(int slot, int operations) {
        control(SocketCalls.EPOLL_CTL_MOD, descriptors[slot], events(operations), slot);
    }

    @Override
    public void finish(int slot) {
        SocketCalls.shutdown(descriptors[slot], SocketCalls.SHUT_WR);
    }

    @Override
    public void close(int slot) {
        if (descriptors[slot] != NONE) {
            SocketCalls.close(descriptors[slot]);  // the kernel ends the watch with the last descriptor of the socket
            descriptors[slot] = NONE;
        }
    }

    @Override
    public boolean isOpen(int slot) {
        return descriptors[slot] != NONE;
    }

    @Override
    public synchronized void wake() {
        if (!closed) {
            SocketCalls.signalEvent(wake, memory, ONE);
        }
    }

    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        closeListener();
        for (int slot = 0; slot < descriptors.length; slot++) {
            close(slot);
        }
        while (hand != NONE || adopt()) {
            drop();
        }
        while (spend()) {
            // until none is left
        }
        SocketCalls.close(wake);
        SocketCalls.close(epoll);
    }

    /// Watches a descriptor that is none of a slot's, or changes what is awaited of it.
    ///
    /// @param operations  a sum of [#READ] and [#WRITE], or 0
    /// @return 0 or the negated error number
    int watch(int fd, int slot, int operations, boolean anew) {
        return control(anew ? SocketCalls.EPOLL_CTL_ADD : SocketCalls.EPOLL_CTL_MOD, fd, events(operations), slot);
    }

    private int control(int operation, int fd, int events, long token) {
        EpollEvent.set(memory, SCRATCH, events, token);
        return SocketCalls.control(epoll, operation, fd, memory, SCRATCH);
    }

    private static int events(int operations) {
        return ((operations & READ) != 0 ? EpollEvent.EPOLLIN : 0) | ((operations & WRITE) != 0 ? EpollEvent.EPOLLOUT : 0);
    }

    static int check(String call, int result) throws IOException {
        if (result < 0) {
            throw refused(call, result);
        }
        return result;
    }

    private static IOException refused(String call, int result) {
        return new IOException(switch (-result) {
            case Errno.EADDRINUSE -> "address in use";
            case Errno.EADDRNOTAVAIL -> "no such address on this machine";
            case Errno.EACCES -> "not permitted; ports below 1024 need the right to bind them";
            default -> call + " refused, " + Errno.name(-result);
        });
    }
}
