package dev.coffer.server.net;

import dev.coffer.memory.internal.os.DatagramCalls;
import dev.coffer.memory.internal.os.SocketCalls;
import java.lang.foreign.MemorySegment;

/// The calls that [LinuxDatagrams] makes, each answered by the negated error number where it is refused: the system's, or those of a
/// test that refuses one.
class DatagramKernel {
    static final DatagramKernel SYSTEM = new DatagramKernel();

    int socket(int family) {
        return SocketCalls.socket(family, DatagramCalls.SOCK_DGRAM | SocketCalls.SOCK_NONBLOCK | SocketCalls.SOCK_CLOEXEC);
    }

    int option(int fd, int level, int option, int value, MemorySegment scratch, long at) {
        return SocketCalls.option(fd, level, option, value, scratch, at);
    }

    int bind(int fd, MemorySegment address, long at, long length) {
        return SocketCalls.bind(fd, address, at, length);
    }

    int name(int fd, MemorySegment name, long at) {
        return SocketCalls.name(fd, name, at);
    }

    int receive(int fd, MemorySegment headers, long at, int count) {
        return DatagramCalls.receive(fd, headers, at, count);
    }

    int send(int fd, MemorySegment headers, long at, int count) {
        return DatagramCalls.send(fd, headers, at, count);
    }

    void close(int fd) {
        SocketCalls.close(fd);
    }
}
