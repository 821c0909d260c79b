package dev.coffer.memory.internal.os;

import java.lang.foreign.MemorySegment;

/// The calls of Linux for datagrams, many a call. Results as of [SocketCalls]: the call's own or the negated error number. 0 heap
/// bytes a call; stateless, thread-safe.
///
/// Headers hold addresses of other memory ([MessageHeader]), which the kernel reads and writes and nobody checks: whoever makes
/// the call keeps that memory alive.
public final class DatagramCalls {
    // Values of the generic ABI, the same on x86-64 and AArch64: include/uapi/linux/in.h, in6.h, udp.h, asm-generic/socket.h.
    public static final int SOCK_DGRAM = 2;
    public static final int SO_RCVBUF = 8;
    public static final int IPPROTO_IP = 0;
    public static final int IP_TOS = 1;
    public static final int IP_PKTINFO = 8;
    public static final int IP_MTU_DISCOVER = 10;
    public static final int IP_RECVERR = 11;
    public static final int IP_RECVTOS = 13;
    public static final int IPV6_MTU_DISCOVER = 23;
    public static final int IPV6_RECVPKTINFO = 49;
    public static final int IPV6_PKTINFO = 50;
    public static final int IPV6_DONTFRAG = 62;
    public static final int IPV6_RECVTCLASS = 66;
    public static final int IPV6_TCLASS = 67;
    /// Never fragment, and do not believe the path MTU that ICMP told: `IP_PMTUDISC_PROBE`, `IPV6_PMTUDISC_PROBE`.
    public static final int PMTUDISC_PROBE = 3;
    public static final int IPPROTO_UDP = 17;
    /// Bytes of each datagram of a longer message: generic segmentation offload, Linux 4.18.
    public static final int UDP_SEGMENT = 103;
    /// Datagrams of one peer may come as one message: generic receive offload, Linux 5.0.
    public static final int UDP_GRO = 104;

    public static final int MSG_CTRUNC = 0x08;
    public static final int MSG_TRUNC = 0x20;

    private static final int RECVMMSG = Syscall.number(299, 243);
    private static final int SENDMMSG = Syscall.number(307, 269);

    private DatagramCalls() {}

    /// `recvmmsg(2)` without waiting. The length of a message is that of what came, also where it was cut.
    ///
    /// @param headers  `count` [MessageHeader]s at `at`
    /// @return messages, 1 or more, or the negated error number (`-EAGAIN`: none now)
    public static int receive(int fd, MemorySegment headers, long at, int count) {
        return call(RECVMMSG, fd, headers, at, count, SocketCalls.MSG_DONTWAIT | MSG_TRUNC);
    }

    /// `sendmmsg(2)` without waiting.
    ///
    /// @param headers  `count` [MessageHeader]s at `at`
    /// @return messages taken, from the first on, or the negated error number of the first (`-EAGAIN`: none now)
    public static int send(int fd, MemorySegment headers, long at, int count) {
        return call(SENDMMSG, fd, headers, at, count, SocketCalls.MSG_DONTWAIT | SocketCalls.MSG_NOSIGNAL);
    }

    private static int call(int number, int fd, MemorySegment headers, long at, int count, int flags) {
        long address = Syscall.address(headers, at, count * MessageHeader.BYTES);
        long result;
        do {
            result = Syscall.call(number, fd, address, count, flags, 0, 0);
        } while (result == -Errno.EINTR);
        return (int) result;
    }
}
