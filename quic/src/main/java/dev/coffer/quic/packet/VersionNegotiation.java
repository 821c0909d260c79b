package dev.coffer.quic.packet;

import dev.coffer.memory.layout.BigEndian;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// The packet by which a server says which versions it speaks (RFC 8999, section 6; RFC 9000, sections 6 and 17.2.1). Nobody authenticates
/// it. Stateless, thread-safe, 0 heap bytes.
///
/// ```
///   1xxxxxxx | 0 u32 | length u8, destination | length u8, source | versions, u32 each
/// ```
public final class VersionNegotiation {
    /// Bytes of the longest that is written: both IDs of 255 bytes, one version that is none, those that are spoken.
    public static final int BYTES_MAX = 1 + Integer.BYTES + 2 * (1 + ConnectionId.INVARIANT_LENGTH_MAX) + 3 * Integer.BYTES;

    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;

    private VersionNegotiation() {}

    /// Answers a packet of a version that is not spoken here: with its IDs, exchanged, and the versions in the order of our preference behind
    /// one that is reserved (RFC 9000, section 6.3). Who calls sees to it that the datagram had 1,200 bytes, and that not every one is answered
    /// (section 6.1).
    ///
    /// @param out       room for [#BYTES_MAX]; does not overlap the packet
    /// @param received  at a [PacketReader.Found#UNKNOWN]
    /// @param random    any bits
    /// @param versions  spoken here, in the order of preference; two at most
    /// @return offset behind
    public static long write(MemorySegment out, long at, PacketReader received, int random, Version[] versions) {
        out.set(BYTE, at, (byte) (PacketReader.LONG_HEADER | PacketReader.FIXED_BIT | random >>> 24));
        BigEndian.i32(out, at + 1, Version.NEGOTIATION);
        long p = copyId(out, at + 1 + Integer.BYTES, received.segment(), received.sourceAt(), received.sourceLength());
        p = copyId(out, p, received.segment(), received.destinationAt(), received.destinationLength());
        int reserved = Version.reserved(random);
        BigEndian.i32(out, p, reserved == received.versionCode() ? Version.reserved(~random) : reserved);
        p += Integer.BYTES;
        for (int i = 0; i < versions.length; i++) {
            BigEndian.i32(out, p, versions[i].code());
            p += Integer.BYTES;
        }
        return p;
    }

    private static long copyId(MemorySegment out, long at, MemorySegment from, long fromAt, int length) {
        out.set(BYTE, at, (byte) length);
        MemorySegment.copy(from, fromAt, out, at + 1, length);
        return at + 1 + length;
    }

    /// {@return versions that a packet says; 0 where it is malformed: none or half a version, which is to be dropped}
    ///
    /// @param received  at a [PacketReader.Found#NEGOTIATION]
    public static int count(PacketReader received) {
        long bytes = received.end() - versionsAt(received);
        return bytes % Integer.BYTES == 0 ? (int) (bytes / Integer.BYTES) : 0;
    }

    /// {@return the number of a version in it}
    ///
    /// @param index  0..[#count]-1
    public static int code(PacketReader received, int index) {
        return BigEndian.i32(received.segment(), versionsAt(received) + (long) index * Integer.BYTES);
    }

    /// {@return whether it says that version: the one that was tried must not be in it (RFC 9000, section 6.2)}
    public static boolean contains(PacketReader received, Version version) {
        for (int i = count(received) - 1; i >= 0; i--) {
            if (code(received, i) == version.code()) {
                return true;
            }
        }
        return false;
    }

    private static long versionsAt(PacketReader received) {
        return received.sourceAt() + received.sourceLength();
    }
}
