package dev.coffer.memory.internal.os;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteOrder;

/// `struct sockaddr_in` and `struct sockaddr_in6` (ip(7), ipv6(7)). Stateless, thread-safe.
///
/// ```
///   in   family u16 | port u16 big-endian | address 4 | zero 8                         16 bytes
///   in6  family u16 | port u16 big-endian | flow 4 | address 16 | scope u32            28 bytes
/// ```
public final class SocketAddress {
    public static final long FAMILY = 0;
    public static final long PORT = 2;
    public static final long IN_ADDRESS = 4;
    public static final long IN_BYTES = 16;
    public static final long IN6_ADDRESS = 8;
    public static final long IN6_SCOPE = 24;
    public static final long IN6_BYTES = 28;
    public static final long BYTES_MAX = IN6_BYTES;

    static final ValueLayout.OfLong NATIVE_LONG = ValueLayout.JAVA_LONG_UNALIGNED;
    static final ValueLayout.OfInt NATIVE_INT = ValueLayout.JAVA_INT_UNALIGNED;
    private static final ValueLayout.OfShort NATIVE_SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
    private static final ValueLayout.OfShort U16 = NATIVE_SHORT.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfInt U32 = NATIVE_INT.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfLong U64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfByte U8 = ValueLayout.JAVA_BYTE;

    private SocketAddress() {}

    /// {@return the address family for sockets of that address}
    public static int family(InetAddress address) {
        return address instanceof Inet6Address ? SocketCalls.AF_INET6 : SocketCalls.AF_INET;
    }

    /// Writes an address at `at`, which has room for [#BYTES_MAX].
    ///
    /// @return its length in bytes
    public static long write(MemorySegment segment, long at, InetSocketAddress address) {
        byte[] bytes = address.getAddress().getAddress();
        boolean six = bytes.length == 16;
        for (long i = 0; i < BYTES_MAX; i++) {
            segment.set(U8, at + i, (byte) 0);
        }
        segment.set(NATIVE_SHORT, at + FAMILY, (short) family(address.getAddress()));
        segment.set(U16, at + PORT, (short) address.getPort());
        for (int i = 0; i < bytes.length; i++) {
            segment.set(U8, at + (six ? IN6_ADDRESS : IN_ADDRESS) + i, bytes[i]);
        }
        if (address.getAddress() instanceof Inet6Address scoped) {
            segment.set(NATIVE_INT, at + IN6_SCOPE, scoped.getScopeId());
        }
        return six ? IN6_BYTES : IN_BYTES;
    }

    /// {@return the address at `at`}
    public static InetSocketAddress read(MemorySegment segment, long at) {
        boolean six = segment.get(NATIVE_SHORT, at + FAMILY) == SocketCalls.AF_INET6;
        byte[] bytes = new byte[six ? 16 : 4];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = segment.get(U8, at + (six ? IN6_ADDRESS : IN_ADDRESS) + i);
        }
        try {
            return new InetSocketAddress(InetAddress.getByAddress(bytes),
                    Short.toUnsignedInt(segment.get(U16, at + PORT)));
        } catch (UnknownHostException e) {
            throw new AssertionError("an address of " + bytes.length + " bytes", e);
        }
    }

    /// {@return whether the address at `at` is this machine talking to itself: 127.0.0.0/8, ::1, or the first mapped
    /// into IPv6}
    public static boolean isLoopback(MemorySegment segment, long at) {
        if (segment.get(NATIVE_SHORT, at + FAMILY) != SocketCalls.AF_INET6) {
            return segment.get(U8, at + IN_ADDRESS) == 127;
        }
        long high = segment.get(U64, at + IN6_ADDRESS);
        long low = segment.get(U64, at + IN6_ADDRESS + Long.BYTES);
        boolean mapped = low >>> 32 == 0xffff && segment.get(U32, at + IN6_ADDRESS + 12) >>> 24 == 127;
        return high == 0 && (low == 1 || mapped);
    }

    /// Writes the address at `at` as text, without its port: IPv4 in dotted form, also where it is mapped into IPv6, else eight
    /// groups in hexadecimal without leading zeros.
    ///
    /// @param target  room for 39 bytes at `to`
    /// @return bytes written
    public static int writeText(MemorySegment segment, long at, MemorySegment target, long to) {
        boolean six = segment.get(NATIVE_SHORT, at + FAMILY) == SocketCalls.AF_INET6;
        boolean mapped = six && segment.get(U64, at + IN6_ADDRESS) == 0
                && segment.get(U32, at + IN6_ADDRESS + Long.BYTES) == 0xffff;
        long end = to;
        if (!six || mapped) {
            long octets = six ? at + IN6_ADDRESS + 12 : at + IN_ADDRESS;
            for (int i = 0; i < 4; i++) {
                end = digits(target, i == 0 ? end : separator(target, end, '.'), segment.get(U8, octets + i) & 0xff, 10);
            }
        } else {
            for (int i = 0; i < 8; i++) {
                end = digits(target, i == 0 ? end : separator(target, end, ':'),
                        segment.get(U16, at + IN6_ADDRESS + 2 * i) & 0xffff, 16);
            }
        }
        return (int) (end - to);
    }

    private static long separator(MemorySegment target, long to, char c) {
        target.set(U8, to, (byte) c);
        return to + 1;
    }

    private static long digits(MemorySegment target, long to, int number, int radix) {
        int count = 1;
        for (int rest = number / radix; rest != 0; rest /= radix) {
            count++;
        }
        int rest = number;
        for (int i = count - 1; i >= 0; i--) {
            int digit = rest % radix;
            target.set(U8, to + i, (byte) (digit < 10 ? '0' + digit : 'a' + digit - 10));
            rest /= radix;
        }
        return to + count;
    }
}
