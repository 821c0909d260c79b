package dev.coffer.quic.packet;

import dev.coffer.memory.QuicVarint;
import dev.coffer.memory.layout.BigEndian;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Writes headers of packets (RFC 9000, section 17), unprotected: then come the frames, then [#length] of a long header, then [SealingKeys].
/// Stateless, thread-safe, 0 heap bytes.
///
/// ```java
/// long numberAt = PacketWriter.initial(out, at, version, ids, dest, source, token, tokenAt, tokenBytes, number, bytes);
/// long end = frames(out, numberAt + bytes, ...);
/// PacketWriter.length(out, numberAt, end);                 // the tag of 16 bytes counted in
/// end = keys.seal(out, at, numberAt, number, end);
/// ```
///
/// IDs are places of [ConnectionId]. Each method throws `IndexOutOfBoundsException` where the header does not fit in its segment (caller's
/// fault: [#longBytes] and [#shortBytes] ask first); part of it may be written then.
public final class PacketWriter {
    /// Bytes of a long header's length: two, so that it is written when the packet is done.
    public static final int LENGTH_BYTES = 2;
    /// Most bytes that it counts: number, frames and tag (16,383).
    public static final int LENGTH_MAX = (1 << 14) - 1;

    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
    private static final int SPIN_BIT = 0x20;
    static final int KEY_PHASE_BIT = 0x04;
    private static final int TAG_BYTES = 16;

    private PacketWriter() {}

    /// {@return bytes of a long header with its number}
    ///
    /// @param tokenLength  of an Initial, 0 for none; below 0 for the types without
    public static int longBytes(int destinationLength, int sourceLength, int tokenLength, int numberBytes) {
        int token = tokenLength < 0 ? 0 : QuicVarint.bytes(tokenLength) + tokenLength;
        return 1 + Integer.BYTES + 1 + destinationLength + 1 + sourceLength + token + LENGTH_BYTES + numberBytes;
    }

    /// {@return bytes of a short header with its number}
    public static int shortBytes(int destinationLength, int numberBytes) {
        return 1 + destinationLength + numberBytes;
    }

    /// Writes the header of an Initial packet (section 17.2.2); its length is missing.
    ///
    /// @param ids          memory of both IDs
    /// @param destination  place of the peer's
    /// @param source       place of ours
    /// @param token        does not overlap the output
    /// @param tokenLength  0 for none
    /// @param number       of the packet
    /// @param numberBytes  that are sent of it, as of [PacketNumber#bytes]
    /// @return offset of the number; the frames begin `numberBytes` behind
    public static long initial(MemorySegment out, long at, Version version, MemorySegment ids, long destination, long source, MemorySegment token,
            long tokenAt, int tokenLength, long number, int numberBytes) {
        long p = begin(out, at, version, PacketType.INITIAL, ids, destination, source, numberBytes);
        p += QuicVarint.set(out, p, tokenLength);
        MemorySegment.copy(token, tokenAt, out, p, tokenLength);
        return end(out, p + tokenLength, number, numberBytes);
    }

    /// Writes the header of a Handshake or 0-RTT packet (sections 17.2.3 and 17.2.4); its length is missing.
    ///
    /// @param type  [PacketType#HANDSHAKE] or [PacketType#ZERO_RTT]
    /// @return offset of the number
    /// @throws IllegalArgumentException  another type (caller's fault); nothing is written
    public static long longHeader(MemorySegment out, long at, Version version, PacketType type, MemorySegment ids, long destination, long source,
            long number, int numberBytes) {
        if (type != PacketType.HANDSHAKE && type != PacketType.ZERO_RTT) {
            throw new IllegalArgumentException("long header: " + type + " (expected HANDSHAKE or ZERO_RTT)");
        }
        return end(out, begin(out, at, version, type, ids, destination, source, numberBytes), number, numberBytes);
    }

    private static long begin(MemorySegment out, long at, Version version, PacketType type, MemorySegment ids, long destination, long source,
            int numberBytes) {
        out.set(BYTE, at, (byte) (firstByte(version, type) | numberBytes - 1));
        return identify(out, at, version.code(), ids, destination, source);
    }

    static int firstByte(Version version, PacketType type) {
        return PacketReader.LONG_HEADER | PacketReader.FIXED_BIT | version.bits(type) << PacketReader.TYPE_SHIFT;
    }

    /// Writes version and IDs, which are in every long header.
    ///
    /// @return offset behind
    static long identify(MemorySegment out, long at, int version, MemorySegment ids, long destination, long source) {
        BigEndian.i32(out, at + 1, version);
        return copyId(out, copyId(out, at + 1 + Integer.BYTES, ids, destination), ids, source);
    }

    private static long copyId(MemorySegment out, long at, MemorySegment ids, long id) {
        int length = ConnectionId.length(ids, id);
        out.set(BYTE, at, (byte) length);
        MemorySegment.copy(ids, id + ConnectionId.VALUE, out, at + 1, length);
        return at + 1 + length;
    }

    private static long end(MemorySegment out, long at, long number, int numberBytes) {
        QuicVarint.set(out, at, 0, LENGTH_BYTES);
        PacketNumber.write(out, at + LENGTH_BYTES, number, numberBytes);
        return at + LENGTH_BYTES;
    }

    /// Writes the length of a long header, when its frames are there.
    ///
    /// @param numberAt  what the header's writer returned
    /// @param end       offset behind the last frame; the tag, still to come, is counted in
    /// @throws IllegalArgumentException  more than [#LENGTH_MAX] bytes (caller's fault); nothing is written
    public static void length(MemorySegment out, long numberAt, long end) {
        long bytes = end - numberAt + TAG_BYTES;
        if (bytes < TAG_BYTES + 1 || bytes > LENGTH_MAX) {
            throw new IllegalArgumentException("packet: " + bytes + " bytes of number, frames and tag (expected 17.." + LENGTH_MAX + ")");
        }
        QuicVarint.set(out, numberAt - LENGTH_BYTES, bytes, LENGTH_BYTES);
    }

    /// Writes the header of a 1-RTT packet (section 17.3.1). The key phase is 0: [SealingKeys#seal] sets it.
    ///
    /// @param spin  the latency spin bit (section 17.4)
    /// @return offset of the number
    public static long shortHeader(MemorySegment out, long at, MemorySegment ids, long destination, long number, int numberBytes, boolean spin) {
        out.set(BYTE, at, (byte) (PacketReader.FIXED_BIT | (spin ? SPIN_BIT : 0) | numberBytes - 1));
        int length = ConnectionId.length(ids, destination);
        MemorySegment.copy(ids, destination + ConnectionId.VALUE, out, at + 1, length);
        PacketNumber.write(out, at + 1 + length, number, numberBytes);
        return at + 1 + length;
    }

    /// Clears the fixed bit of a header, so that nobody gets used to it (RFC 9287, section 3.1): where the peer said that it takes that, and
    /// before the packet is sealed.
    public static void clearFixedBit(MemorySegment out, long at) {
        out.set(BYTE, at, (byte) (out.get(BYTE, at) & ~PacketReader.FIXED_BIT));
    }

    /// Writes a Retry packet but for its tag (section 17.2.5): then [RetryTag#write].
    ///
    /// @param token  does not overlap the output
    /// @return offset behind the token, where the tag belongs
    /// @throws IllegalArgumentException  no token (caller's fault); nothing is written
    public static long retry(MemorySegment out, long at, Version version, int random, MemorySegment ids, long destination, long source,
            MemorySegment token, long tokenAt, int tokenLength) {
        if (tokenLength < 1) {
            throw new IllegalArgumentException("Retry: token of " + tokenLength + " bytes (expected 1 or more)");
        }
        out.set(BYTE, at, (byte) (firstByte(version, PacketType.RETRY) | random & 0x0f));  // four bits are unused: any
        long p = identify(out, at, version.code(), ids, destination, source);
        MemorySegment.copy(token, tokenAt, out, p, tokenLength);
        return p + tokenLength;
    }
}
