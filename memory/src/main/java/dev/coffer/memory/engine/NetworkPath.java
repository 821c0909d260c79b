package dev.coffer.memory.engine;

import dev.coffer.memory.layout.BigEndian;
import java.lang.foreign.MemorySegment;

/// Both ends of a datagram's way, seen from one of them: a value of 40 bytes, in network byte order, any alignment. Stateless,
/// thread-safe, 0 heap bytes.
///
/// ```
///   0        16       32           34          36      40
///   | remote | local  | remote port | local port | zone  |
/// ```
///
/// An IPv4 address is held in its IPv6 form, `::ffff:a.b.c.d` (RFC 4291, section 2.5.5.2), so that there is one form and equal
/// paths are equal bytes. A local address that the system did not tell is all zeros: it chooses one when sending. The zone is
/// that of a link-local address (RFC 4007), else 0.
///
/// Every method throws `IndexOutOfBoundsException` where the bytes do not lie in the segment (caller's fault).
public final class NetworkPath {
    public static final long REMOTE = 0;         // 16 bytes, the peer's address
    public static final long LOCAL = 16;         // 16 bytes, ours; all zeros where unknown
    public static final long REMOTE_PORT = 32;   // u16
    public static final long LOCAL_PORT = 34;    // u16
    public static final long ZONE = 36;          // u32
    public static final long BYTES = 40;
    public static final int ADDRESS_BYTES = 16;  // of REMOTE and of LOCAL
    /// First 12 bytes of an IPv4 address: `::ffff:0:0/96`.
    private static final long IPV4_HIGH = 0;
    private static final int IPV4_MIDDLE = 0xffff;

    private NetworkPath() {}

    /// {@return the peer's port, 0..65535}
    public static int remotePort(MemorySegment segment, long at) {
        return BigEndian.u16(segment, at + REMOTE_PORT);
    }

    /// {@return our port, 0..65535}
    public static int localPort(MemorySegment segment, long at) {
        return BigEndian.u16(segment, at + LOCAL_PORT);
    }

    /// Writes a path between IPv4 addresses, each as its 32 bits; local 0 for unknown.
    ///
    /// @throws IllegalArgumentException  a port is not in 0..65535 (caller's fault)
    public static void ipv4(MemorySegment segment, long at, int remote, int remotePort, int local, int localPort) {
        ports(remotePort, localPort);
        address(segment, at + REMOTE, remote);
        if (local == 0) {
            BigEndian.i64(segment, at + LOCAL, 0);
            BigEndian.i64(segment, at + LOCAL + 8, 0);
        } else {
            address(segment, at + LOCAL, local);
        }
        BigEndian.u16(segment, at + REMOTE_PORT, remotePort);
        BigEndian.u16(segment, at + LOCAL_PORT, localPort);
        BigEndian.i32(segment, at + ZONE, 0);
    }

    private static void address(MemorySegment segment, long at, int ipv4) {
        BigEndian.i64(segment, at, IPV4_HIGH);
        BigEndian.i32(segment, at + 8, IPV4_MIDDLE);
        BigEndian.i32(segment, at + 12, ipv4);
    }

    private static void ports(int remotePort, int localPort) {
        if ((remotePort | localPort) >>> 16 != 0) {
            throw new IllegalArgumentException("ports: " + remotePort + ", " + localPort + " (expected 0..65535)");
        }
    }

    /// {@return whether the peer's address is IPv4}
    public static boolean isIpv4(MemorySegment segment, long at) {
        return BigEndian.i64(segment, at + REMOTE) == IPV4_HIGH && BigEndian.i32(segment, at + REMOTE + 8) == IPV4_MIDDLE;
    }

    /// Copies a path.
    public static void copy(MemorySegment from, long fromAt, MemorySegment to, long toAt) {
        for (long i = 0; i < BYTES; i += Long.BYTES) {
            BigEndian.i64(to, toAt + i, BigEndian.i64(from, fromAt + i));
        }
    }

    /// {@return whether both are the same path, ports and local address included}
    public static boolean equal(MemorySegment a, long aAt, MemorySegment b, long bAt) {
        return same(a, aAt, b, bAt, BYTES);
    }

    /// {@return whether both have the same peer's address and zone, whatever the ports: a change of the port alone is most likely a
    /// NAT's (RFC 9000, section 9.4)}
    public static boolean isSameRemoteHost(MemorySegment a, long aAt, MemorySegment b, long bAt) {
        return same(a, aAt + REMOTE, b, bAt + REMOTE, ADDRESS_BYTES)
                && BigEndian.i32(a, aAt + ZONE) == BigEndian.i32(b, bAt + ZONE);
    }

    private static boolean same(MemorySegment a, long aAt, MemorySegment b, long bAt, long bytes) {
        long differing = 0;
        for (long i = 0; i < bytes; i += Long.BYTES) {
            differing |= BigEndian.i64(a, aAt + i) ^ BigEndian.i64(b, bAt + i);
        }
        return differing == 0;
    }
}
