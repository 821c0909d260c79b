package dev.coffer.memory.internal.os;

import dev.coffer.testkit.HeapMode;
import dev.coffer.testkit.SteadyPath;
import dev.coffer.testkit.SteadyPaths;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Every binding, succeeding and failing: 0 heap bytes, whoever executes it.
class SystemCallsHeapTest {
    private static final List<Class<? extends SteadyPath>> PATHS =
            List.of(Files.class, Sockets.class, Memory.class, Random.class);

    @ParameterizedTest
    @EnumSource(HeapMode.class)
    void noCallMakesAnObject(HeapMode mode) {
        SteadyPaths.check(mode, PATHS);
    }

    private static void expect(long expected, long result) {
        if (result != expected) {
            throw new AssertionError(result);
        }
    }

    /// Paths that are there and that are not.
    static final class Files implements SteadyPath {
        private final MemorySegment memory = Arena.global().allocate(512);
        private final MemorySegment missing = Arena.global().allocateFrom("none");
        private final MemorySegment file = Arena.global().allocateFrom("self/stat");
        private final MemorySegment folder = Arena.global().allocateFrom("/proc");
        private final int proc = FileCalls.open(FileCalls.AT_FDCWD, folder, 0, FileCalls.O_DIRECTORY, 0, memory, 0);

        @Override
        public void run() {
            expect(-Errno.ENOENT, FileCalls.open(proc, missing, 0, 0, FileCalls.RESOLVE_BENEATH, memory, 0));
            int fd = FileCalls.open(proc, file, 0, FileCalls.O_CLOEXEC, 0, memory, 0);
            memory.set(ValueLayout.JAVA_BYTE, 0, (byte) 0);
            expect(0, FileCalls.status(fd, memory, 64, memory, 0));
            expect(8, FileCalls.read(fd, memory, 64, 8, 0));
            FileCalls.close(fd);
            expect(-Errno.EBADF, FileCalls.read(-1, memory, 64, 8, 0));
            expect(-Errno.EBADF, FileCalls.status(-1, memory, 64, memory, 0));
        }
    }

    /// A listener that nobody calls, and a connection to oneself, on each way that a loop takes.
    static final class Sockets implements SteadyPath {
        private final MemorySegment memory = Arena.global().allocate(512);
        private final int listener = SocketCalls.socket(SocketCalls.AF_INET,
                SocketCalls.SOCK_STREAM | SocketCalls.SOCK_NONBLOCK);
        private final int epoll = SocketCalls.epoll();
        private final int event = SocketCalls.event();

        Sockets() {
            long length = SocketAddress.write(memory, 0, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            expect(0, SocketCalls.bind(listener, memory, 0, length));
            expect(0, SocketCalls.listen(listener, 1));
        }

        @Override
        public void run() {
            expect(-Errno.EAGAIN, SocketCalls.accept(listener, memory, 0));
            expect(0, SocketCalls.name(listener, memory, 0));
            expect(0, SocketCalls.option(listener, SocketCalls.SOL_SOCKET, SocketCalls.SO_REUSEADDR, 1, memory, 0));
            EpollEvent.set(memory, 64, EpollEvent.EPOLLIN, 7);
            expect(0, SocketCalls.control(epoll, SocketCalls.EPOLL_CTL_ADD, event, memory, 64));
            expect(-17, SocketCalls.control(epoll, SocketCalls.EPOLL_CTL_ADD, event, memory, 64));  // EEXIST
            expect(0, SocketCalls.await(epoll, memory, 128, 8, 0, 0));
            memory.set(ValueLayout.JAVA_LONG, 256, 1);
            SocketCalls.signalEvent(event, memory, 256);
            expect(1, SocketCalls.await(epoll, memory, 128, 8, Long.MAX_VALUE, 0));
            expect(7, EpollEvent.token(memory, 128));
            SocketCalls.drainEvent(event, memory, 256);
            expect(0, SocketCalls.control(epoll, SocketCalls.EPOLL_CTL_DEL, event, memory, 64));
            expect(-107, SocketCalls.receive(listener, memory, 256, 8));  // ENOTCONN
            expect(-Errno.EPIPE, SocketCalls.send(listener, memory, 256, 8));
            expect(-88, SocketCalls.shutdown(event, SocketCalls.SHUT_WR));  // ENOTSOCK
            expect(-97, SocketCalls.socket(-1, 1));  // EAFNOSUPPORT
            SocketCalls.close(SocketCalls.event());
            SocketCalls.close(-1);
        }
    }

    /// What a region does that commits on touch, and what is refused.
    static final class Memory implements SteadyPath {
        private final MemoryCalls calls = MemoryCalls.SYSTEM;

        @Override
        public void run() {
            long page = calls.pageBytes();
            long address = calls.map(page, MemoryCalls.PROT_READ | MemoryCalls.PROT_WRITE,
                    MemoryCalls.MAP_PRIVATE | MemoryCalls.MAP_ANONYMOUS, -1);
            expect(0, calls.advise(address, page, MemoryCalls.MADV_DONTNEED));
            expect(0, calls.protect(address, page, MemoryCalls.PROT_READ));
            expect(0, calls.unmap(address, page));
            expect(-Errno.EINVAL, calls.protect(1, page, MemoryCalls.PROT_READ));
            expect(-Errno.ENOMEM, calls.lock(address, page));
        }
    }

    static final class Random implements SteadyPath {
        private final MemorySegment memory = Arena.global().allocate(64);

        @Override
        public void run() {
            expect(0, RandomCall.fill(memory, 8, 32));
        }
    }
}
