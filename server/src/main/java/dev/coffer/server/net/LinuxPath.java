package dev.coffer.server.net;

import dev.coffer.memory.engine.NetworkPath;
import dev.coffer.memory.internal.os.ControlMessage;
import dev.coffer.memory.internal.os.DatagramCalls;
import dev.coffer.memory.internal.os.SocketAddress;
import dev.coffer.memory.internal.os.SocketCalls;
import dev.coffer.memory.layout.BigEndian;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// A [NetworkPath] as Linux says it: the peer as a socket address, our own address as packet info. Stateless, 0 heap bytes.
///
/// ```
///   in_pktinfo   interface 4 | address to send from 4 | destination 4    12 bytes, ip(7)
///   in6_pktinfo  address 16 | interface 4                                20 bytes, ipv6(7)
/// ```
final class LinuxPath {
    static final int PACKET_INFO_4_BYTES = 12;
    static final int PACKET_INFO_6_BYTES = 20;
    private static final long SPECIFIC_4 = 4;       // the local address, also where the destination is a group
    private static final long INTERFACE_6 = 16;
    private static final int MAPPED = 0xffff;       // ::ffff:a.b.c.d, RFC 4291 section 2.5.5.2
    private static final int LINK_LOCAL = 0xfe80;   // fe80::/10, RFC 4291 section 2.5.6

    private static final ValueLayout.OfShort I16 = ValueLayout.JAVA_SHORT_UNALIGNED;
    private static final ValueLayout.OfInt I32 = ValueLayout.JAVA_INT_UNALIGNED;

    private LinuxPath() {}

    /// Reads the peer's address, port and zone.
    ///
    /// @param nameBytes  that the kernel wrote
    /// @return whether it is an address of the internet
    static boolean remote(MemorySegment memory, long name, int nameBytes, long path) {
        int family = nameBytes < Short.BYTES ? 0 : memory.get(I16, name + SocketAddress.FAMILY);
        if (family == SocketCalls.AF_INET6 && nameBytes >= SocketAddress.IN6_BYTES) {
            long low = BigEndian.i64(memory, name + SocketAddress.IN6_ADDRESS + 8);
            BigEndian.i64(memory, path + NetworkPath.REMOTE, BigEndian.i64(memory, name + SocketAddress.IN6_ADDRESS));
            BigEndian.i64(memory, path + NetworkPath.REMOTE + 8, low);
            BigEndian.i32(memory, path + NetworkPath.ZONE, memory.get(I32, name + SocketAddress.IN6_SCOPE));
        } else if (family == SocketCalls.AF_INET && nameBytes >= SocketAddress.IN_BYTES) {
            mapped(memory, path + NetworkPath.REMOTE, BigEndian.i32(memory, name + SocketAddress.IN_ADDRESS));
            BigEndian.i32(memory, path + NetworkPath.ZONE, 0);
        } else {
            return false;
        }
        BigEndian.u16(memory, path + NetworkPath.REMOTE_PORT, BigEndian.u16(memory, name + SocketAddress.PORT));
        return true;
    }

    /// Writes the peer as a socket address.
    ///
    /// @param six  whether the socket is one of IPv6
    /// @return its bytes, or 0 where a socket of IPv4 cannot reach it
    static int name(MemorySegment memory, long path, long name, boolean six) {
        if (six) {
            memory.set(I16, name + SocketAddress.FAMILY, (short) SocketCalls.AF_INET6);
            memory.set(I32, name + SocketAddress.PORT + Short.BYTES, 0);  // flow label
            BigEndian.i64(memory, name + SocketAddress.IN6_ADDRESS, BigEndian.i64(memory, path + NetworkPath.REMOTE));
            BigEndian.i64(memory, name + SocketAddress.IN6_ADDRESS + 8, BigEndian.i64(memory, path + NetworkPath.REMOTE + 8));
            memory.set(I32, name + SocketAddress.IN6_SCOPE, BigEndian.i32(memory, path + NetworkPath.ZONE));
        } else if (NetworkPath.isIpv4(memory, path)) {
            memory.set(I16, name + SocketAddress.FAMILY, (short) SocketCalls.AF_INET);
            BigEndian.i32(memory, name + SocketAddress.IN_ADDRESS, BigEndian.i32(memory, path + NetworkPath.REMOTE + 12));
            BigEndian.i64(memory, name + SocketAddress.IN_ADDRESS + 4, 0);
        } else {
            return 0;
        }
        BigEndian.u16(memory, name + SocketAddress.PORT, NetworkPath.remotePort(memory, path));
        return (int) (six ? SocketAddress.IN6_BYTES : SocketAddress.IN_BYTES);
    }

    /// Reads our address from the packet info of IPv4.
    static void local4(MemorySegment memory, long info, long path) {
        mapped(memory, path + NetworkPath.LOCAL, BigEndian.i32(memory, info + SPECIFIC_4));
    }

    /// Reads our address from the packet info of IPv6.
    static void local6(MemorySegment memory, long info, long path) {
        BigEndian.i64(memory, path + NetworkPath.LOCAL, BigEndian.i64(memory, info));
        BigEndian.i64(memory, path + NetworkPath.LOCAL + 8, BigEndian.i64(memory, info + 8));
    }

    /// {@return whether our address is known}
    static boolean hasLocal(MemorySegment memory, long path) {
        return (BigEndian.i64(memory, path + NetworkPath.LOCAL) | BigEndian.i64(memory, path + NetworkPath.LOCAL + 8)) != 0;
    }

    /// Writes the control message that chooses our address: of the peer's family.
    ///
    /// @return its bytes
    static long packetInfo(MemorySegment memory, long path, long at) {
        long data = at + ControlMessage.DATA;
        if (NetworkPath.isIpv4(memory, path)) {
            memory.set(I32, data, 0);  // any interface
            BigEndian.i32(memory, data + SPECIFIC_4, BigEndian.i32(memory, path + NetworkPath.LOCAL + 12));
            memory.set(I32, data + 8, 0);
            return ControlMessage.write(memory, at, DatagramCalls.IPPROTO_IP, DatagramCalls.IP_PKTINFO, PACKET_INFO_4_BYTES);
        }
        BigEndian.i64(memory, data, BigEndian.i64(memory, path + NetworkPath.LOCAL));
        BigEndian.i64(memory, data + 8, BigEndian.i64(memory, path + NetworkPath.LOCAL + 8));
        // an address of a link is one of an interface
        boolean link = (BigEndian.u16(memory, path + NetworkPath.LOCAL) & 0xffc0) == LINK_LOCAL;
        memory.set(I32, data + INTERFACE_6, link ? BigEndian.i32(memory, path + NetworkPath.ZONE) : 0);
        return ControlMessage.write(memory, at, SocketCalls.IPPROTO_IPV6, DatagramCalls.IPV6_PKTINFO, PACKET_INFO_6_BYTES);
    }

    private static void mapped(MemorySegment memory, long at, int ipv4) {
        BigEndian.i64(memory, at, 0);
        BigEndian.i32(memory, at + 8, MAPPED);
        BigEndian.i32(memory, at + 12, ipv4);
    }
}
