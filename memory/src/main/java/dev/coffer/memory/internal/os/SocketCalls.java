package dev.coffer.memory.internal.os;

import java.lang.foreign.MemorySegment;

/// The socket and readiness calls of Linux. Each returns its result or the negated error number (see
/// [Errno]), nothing is thrown for what the system refuses, and a call that a signal interrupts is made again.
/// 0 heap bytes a call once linked, in the interpreter too: memory is passed as (segment, offset, length), checked here, and reaches the
/// kernel as an address.
///
/// Where [Syscall#available] is false each answers `-ENOSYS`. Stateless, thread-safe.
public final class SocketCalls {
    // Values of the generic ABI, the same on x86-64 and AArch64.
    public static final int AF_INET = 2;
    public static final int AF_INET6 = 10;
    public static final int SOCK_STREAM = 1;
    public static final int SOCK_NONBLOCK = 04000;
    public static final int SOCK_CLOEXEC = 02000000;
    public static final int SOL_SOCKET = 1;
    public static final int SO_REUSEADDR = 2;
    public static final int SO_ERROR = 4;
    public static final int SO_SNDBUF = 7;
    public static final int SO_REUSEPORT = 15;
    public static final int IPPROTO_TCP = 6;
    public static final int TCP_NODELAY = 1;
    public static final int IPPROTO_IPV6 = 41;
    public static final int IPV6_V6ONLY = 26;
    public static final int SHUT_WR = 1;
    public static final int MSG_DONTWAIT = 0x40;
    public static final int MSG_NOSIGNAL = 0x4000;
    public static final int MSG_MORE = 0x8000;
    /// Bytes of what [#gather] writes: `struct msghdr` 56 and two `iovec` of 16, rounded to 64.
    public static final long GATHER_BYTES = 128;
    // of struct msghdr: name, its length, vectors, their count, control, its length, flags; all words of 8 bytes here
    private static final long VECTORS = 2 * Long.BYTES;
    private static final long VECTOR_COUNT = 3 * Long.BYTES;
    private static final long FIRST_VECTOR = 7 * Long.BYTES;
    private static final long VECTOR_BYTES = 2 * Long.BYTES;
    public static final int EPOLL_CTL_ADD = 1;
    public static final int EPOLL_CTL_DEL = 2;
    public static final int EPOLL_CTL_MOD = 3;

    private static final int SOCKET = Syscall.number(41, 198);
    private static final int BIND = Syscall.number(49, 200);
    private static final int LISTEN = Syscall.number(50, 201);
    private static final int ACCEPT4 = Syscall.number(288, 242);
    private static final int CONNECT = Syscall.number(42, 203);
    private static final int GETSOCKNAME = Syscall.number(51, 204);
    private static final int GETPEERNAME = Syscall.number(52, 205);
    private static final int SETSOCKOPT = Syscall.number(54, 208);
    private static final int GETSOCKOPT = Syscall.number(55, 209);
    private static final int RECVFROM = Syscall.number(45, 207);
    private static final int SENDTO = Syscall.number(44, 206);
    private static final int SENDMSG = Syscall.number(46, 211);
    private static final int SENDFILE = Syscall.number(40, 71);
    private static final int SHUTDOWN = Syscall.number(48, 210);
    private static final int CLOSE = Syscall.number(3, 57);
    private static final int READ = Syscall.number(0, 63);
    private static final int WRITE = Syscall.number(1, 64);
    private static final int EVENTFD2 = Syscall.number(290, 19);
    private static final int EPOLL_CREATE1 = Syscall.number(291, 20);
    private static final int EPOLL_CTL = Syscall.number(233, 21);
    private static final int EPOLL_PWAIT = Syscall.number(281, 22);  // AArch64 has no epoll_wait

    private static final int EPOLL_PWAIT2 = 441;  // the same number on every architecture
    private static final long MILLI = 1_000_000L;
    private static final long SECOND = 1_000_000_000L;

    // Whether the system, or a filter, has no epoll_pwait2; learnt once, and the same from every thread.
    private static boolean isOld;

    private SocketCalls() {}

    /// `socket(2)`.
    ///
    /// @return a file descriptor, or the negated error number
    public static int socket(int family, int type) {
        return (int) Syscall.call(SOCKET, family, type, 0, 0, 0, 0);
    }

    /// `bind(2)` to the address at `at`; see [SocketAddress].
    public static int bind(int fd, MemorySegment address, long at, long length) {
        return (int) Syscall.call(BIND, fd, at(address, at, length), length, 0, 0, 0);
    }

    /// `listen(2)`.
    public static int listen(int fd, int backlog) {
        return (int) Syscall.call(LISTEN, fd, backlog, 0, 0, 0, 0);
    }

    /// `accept4(2)`, non-blocking and closed on exec; writes the peer's address.
    ///
    /// @param peer  room for [SocketAddress#BYTES_MAX] bytes, followed by 4 that hold its length
    /// @return a file descriptor, or the negated error number
    public static int accept(int fd, MemorySegment peer, long at) {
        long address = at(peer, at, SocketAddress.BYTES_MAX + Integer.BYTES);
        peer.set(SocketAddress.NATIVE_INT, at + SocketAddress.BYTES_MAX, (int) SocketAddress.BYTES_MAX);
        return (int) again(ACCEPT4, fd, address, address + SocketAddress.BYTES_MAX, SOCK_NONBLOCK | SOCK_CLOEXEC);
    }

    /// `connect(2)` to the address at `at`; see [SocketAddress].
    ///
    /// @return 0, or the negated error number: `-EINPROGRESS` where it takes its time, and `EPOLLOUT` and [#error] say how it went
    public static int connect(int fd, MemorySegment address, long at, long length) {
        return (int) Syscall.call(CONNECT, fd, at(address, at, length), length, 0, 0, 0);  // not again: a signal leaves it in progress
    }

    /// `getsockopt(2)` of `SO_ERROR`: what has befallen the socket since this was asked last.
    ///
    /// @param scratch  8 bytes at `at`, overwritten
    /// @return 0 for nothing, or the negated error number
    public static int error(int fd, MemorySegment scratch, long at) {
        long address = at(scratch, at, 2 * Integer.BYTES);
        scratch.set(SocketAddress.NATIVE_INT, at, 0);
        scratch.set(SocketAddress.NATIVE_INT, at + Integer.BYTES, Integer.BYTES);
        long result = Syscall.call(GETSOCKOPT, fd, SOL_SOCKET, SO_ERROR, address, address + Integer.BYTES, 0);
        return result < 0 ? (int) result : -scratch.get(SocketAddress.NATIVE_INT, at);
    }

    /// `getsockname(2)`.
    ///
    /// @param name  room as of [#accept]
    public static int name(int fd, MemorySegment name, long at) {
        long address = at(name, at, SocketAddress.BYTES_MAX + Integer.BYTES);
        name.set(SocketAddress.NATIVE_INT, at + SocketAddress.BYTES_MAX, (int) SocketAddress.BYTES_MAX);
        return (int) Syscall.call(GETSOCKNAME, fd, address, address + SocketAddress.BYTES_MAX, 0, 0, 0);
    }

    /// `getpeername(2)`.
    ///
    /// @param name  room as of [#accept]
    public static int peer(int fd, MemorySegment name, long at) {
        long address = at(name, at, SocketAddress.BYTES_MAX + Integer.BYTES);
        name.set(SocketAddress.NATIVE_INT, at + SocketAddress.BYTES_MAX, (int) SocketAddress.BYTES_MAX);
        return (int) Syscall.call(GETPEERNAME, fd, address, address + SocketAddress.BYTES_MAX, 0, 0, 0);
    }

    /// `setsockopt(2)` of an `int`.
    ///
    /// @param scratch  4 bytes at `at`, overwritten
    public static int option(int fd, int level, int option, int value, MemorySegment scratch, long at) {
        scratch.set(SocketAddress.NATIVE_INT, at, value);
        return (int) Syscall.call(SETSOCKOPT, fd, level, option, at(scratch, at, Integer.BYTES),
                Integer.BYTES, 0);
    }

    /// `recv(2)` without waiting, from a socket that was reported readable.
    ///
    /// @return bytes read, 0 for the end of the stream, or the negated error number (`-EAGAIN`: nothing now)
    public static long receive(int fd, MemorySegment target, long at, long length) {
        return again(RECVFROM, fd, at(target, at, length), length, MSG_DONTWAIT);
    }

    /// `send(2)` without waiting and without `SIGPIPE`.
    ///
    /// @return bytes taken by the system, or the negated error number (`-EAGAIN`: none now)
    public static long send(int fd, MemorySegment source, long at, long length) {
        return again(SENDTO, fd, at(source, at, length), length, MSG_DONTWAIT | MSG_NOSIGNAL);
    }

    /// [#send], saying that more follows at once, so that the system waits for it with what does not fill a segment.
    public static long sendMore(int fd, MemorySegment source, long at, long length) {
        return again(SENDTO, fd, at(source, at, length), length, MSG_DONTWAIT | MSG_NOSIGNAL | MSG_MORE);
    }

    /// `sendmsg(2)` of two ranges, one behind the other, as [#send].
    ///
    /// @param scratch  [#GATHER_BYTES] at `scratchAt`, overwritten
    public static long gather(int fd, MemorySegment first, long firstAt, long firstLength, MemorySegment second, long secondAt,
            long secondLength, MemorySegment scratch, long scratchAt) {
        long message = at(scratch, scratchAt, GATHER_BYTES);
        long vectors = scratchAt + FIRST_VECTOR;
        for (long i = 0; i < FIRST_VECTOR; i += Long.BYTES) {
            scratch.set(SocketAddress.NATIVE_LONG, scratchAt + i, 0L);
        }
        scratch.set(SocketAddress.NATIVE_LONG, scratchAt + VECTORS, message + FIRST_VECTOR);
        scratch.set(SocketAddress.NATIVE_LONG, scratchAt + VECTOR_COUNT, 2L);
        scratch.set(SocketAddress.NATIVE_LONG, vectors, at(first, firstAt, firstLength));
        scratch.set(SocketAddress.NATIVE_LONG, vectors + Long.BYTES, firstLength);
        scratch.set(SocketAddress.NATIVE_LONG, vectors + VECTOR_BYTES, at(second, secondAt, secondLength));
        scratch.set(SocketAddress.NATIVE_LONG, vectors + VECTOR_BYTES + Long.BYTES, secondLength);
        return again(SENDMSG, fd, message, MSG_DONTWAIT | MSG_NOSIGNAL, 0);
    }

    /// `sendfile(2)` to a socket that does not wait, from a position; the file's own is neither used nor moved.
    ///
    /// @param scratch  8 bytes at `at`, overwritten
    /// @return bytes taken by the system, 0 at the end of the file, or the negated error number (`-EAGAIN`: none now; `-EINVAL`:
    ///         not of this file)
    public static long sendFile(int fd, int file, long position, long length, MemorySegment scratch, long at) {
        scratch.set(SocketAddress.NATIVE_LONG, at, position);
        return again(SENDFILE, fd, file, at(scratch, at, Long.BYTES), length);
    }

    /// `shutdown(2)`.
    public static int shutdown(int fd, int how) {
        return (int) Syscall.call(SHUTDOWN, fd, how, 0, 0, 0, 0);
    }

    /// `close(2)`. The descriptor is gone, whatever the system thinks of it.
    public static void close(int fd) {
        Syscall.call(CLOSE, fd, 0, 0, 0, 0, 0);
    }

    /// `eventfd(2)`, non-blocking.
    public static int event() {
        return (int) Syscall.call(EVENTFD2, 0, SOCK_NONBLOCK | SOCK_CLOEXEC, 0, 0, 0, 0);
    }

    /// Empties the counter of an `eventfd`.
    ///
    /// @param scratch  8 bytes at `at`, overwritten
    public static void drainEvent(int fd, MemorySegment scratch, long at) {
        again(READ, fd, at(scratch, at, Long.BYTES), Long.BYTES, 0);
    }

    /// Adds a number to the counter of an `eventfd`.
    ///
    /// @param count  the number as 8 bytes of native order at `at`
    public static void signalEvent(int fd, MemorySegment count, long at) {
        again(WRITE, fd, at(count, at, Long.BYTES), Long.BYTES, 0);
    }

    /// `epoll_create1(2)`.
    public static int epoll() {
        return (int) Syscall.call(EPOLL_CREATE1, SOCK_CLOEXEC, 0, 0, 0, 0, 0);
    }

    /// `epoll_ctl(2)`.
    ///
    /// @param event  an [EpollEvent] at `at`; ignored by [#EPOLL_CTL_DEL]
    public static int control(int epoll, int operation, int fd, MemorySegment event, long at) {
        return (int) Syscall.call(EPOLL_CTL, epoll, operation, fd, at(event, at, EpollEvent.BYTES), 0, 0);
    }

    /// `epoll_pwait2(2)`, or `epoll_pwait(2)` in whole milliseconds on a system before Linux 5.11. A signal ends the wait early,
    /// with 0.
    ///
    /// @param events        room for `count` [EpollEvent]s at `at`, and for a `timespec` of 16 bytes at `timeAt`, overwritten
    /// @param timeoutNanos  0 not at all, `Long.MAX_VALUE` for ever
    /// @return number of events, or the negated error number
    public static int await(int epoll, MemorySegment events, long at, int count, long timeoutNanos, long timeAt) {
        long address = at(events, at, count * EpollEvent.BYTES);
        boolean timed = timeoutNanos > 0 && timeoutNanos != Long.MAX_VALUE;
        long result = -Errno.ENOSYS;
        if (timed && !isOld) {
            events.set(SocketAddress.NATIVE_LONG, timeAt, timeoutNanos / SECOND);
            events.set(SocketAddress.NATIVE_LONG, timeAt + Long.BYTES, timeoutNanos % SECOND);
            result = Syscall.call(EPOLL_PWAIT2, epoll, address, count, at(events, timeAt, 2 * Long.BYTES), 0, 8);
            isOld = result == -Errno.ENOSYS || result == -Errno.EPERM;
        }
        if (!timed || isOld) {
            long millis = timed ? Math.min(Math.ceilDiv(timeoutNanos, MILLI), Integer.MAX_VALUE) : timeoutNanos == 0 ? 0 : -1;
            result = Syscall.call(EPOLL_PWAIT, epoll, address, count, millis, 0, 8);
        }
        return result == -Errno.EINTR ? 0 : (int) result;
    }

    private static long again(int number, int fd, long b, long c, long d) {
        long result;
        do {
            result = Syscall.call(number, fd, b, c, d, 0, 0);
        } while (result == -Errno.EINTR);
        return result;
    }

    /// {@return the address of a range that lies in living memory}
    private static long at(MemorySegment segment, long at, long length) {
        return Syscall.address(segment, at, length);
    }
}
