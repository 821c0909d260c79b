package dev.coffer.quic.packet;

import dev.coffer.memory.QuicVarint;
import dev.coffer.memory.layout.BigEndian;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Walks over the packets of one datagram and reads what of their headers is not hidden (RFC 9000, sections 12.2 and 17; RFC 8999). It
/// reads and never writes; nothing that came is believed, and no length leads out of the datagram.
///
/// ```java
/// reader.begin(datagram, at, length, ourIdBytes);
/// for (Found found; (found = reader.next()) != Found.END;) {
///     switch (found) {
///         case PACKET      -> ...;  // type(), destinationAt(), numberAt(), end(): for OpeningKeys
///         case RETRY       -> ...;  // tokenAt(), the tag in the last 16 bytes: for RetryTag
///         case NEGOTIATION -> ...;  // for VersionNegotiation
///         case UNKNOWN     -> ...;  // another version: a server says which it speaks
///         default          -> ...;  // dropped
///     }
/// }
/// ```
///
/// One object serves a loop. One thread at a time; 0 heap bytes.
@SuppressWarnings("exports")  // annotations that users need not have
public final class PacketReader {
    /// What was found.
    public enum Found {
        /// A packet of a version that is spoken here, with a number: still protected.
        PACKET,
        /// A Retry of a version that is spoken here, with a token and a tag.
        RETRY,
        /// Version Negotiation.
        NEGOTIATION,
        /// A long header of another version: only its IDs are known, each up to 255 bytes, and nothing follows it.
        UNKNOWN,
        /// Bytes that are no packet, or behind a packet anything but one of the same connection (section 12.2): to be dropped, with all behind
        /// them.
        INVALID,
        /// There is no more.
        END
    }

    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
    static final int LONG_HEADER = 0x80;
    static final int FIXED_BIT = 0x40;
    /// Bits of a long header's type, and how far they stand to the left.
    static final int TYPE_SHIFT = 4;
    private static final int TYPE_MASK = 3;
    private static final int VERSION_AT = 1;
    private static final int VERSION_END = VERSION_AT + Integer.BYTES;

    private MemorySegment datagram = MemorySegment.NULL;
    private int ownIdBytes;
    private boolean fixedBitRead;
    private long next;           // where the next packet begins
    private long datagramEnd;
    private boolean ended;       // nothing may follow what was found
    private long firstIdAt;      // destination of the first packet, which all others have; below 0 for none yet
    private int firstIdLength;

    private @Nullable Version version;
    private int versionCode;
    private PacketType type = PacketType.INITIAL;
    private long start;
    private long destinationAt;
    private int destinationLength;
    private long sourceAt;
    private int sourceLength;
    private long tokenAt;
    private int tokenLength;
    private long numberAt;
    private long end;

    /// Makes a reader that is at an end.
    public PacketReader() {
        ended = true;
    }

    /// Begins a datagram, in which a fixed bit of 0 is taken as it comes (RFC 9287, section 3): right for whoever says so in its transport
    /// parameters.
    ///
    /// @param segment     with the datagram, borrowed until the next one
    /// @param ownIdBytes  bytes of the IDs that we give out, 0..20: a short header does not say
    /// @throws IndexOutOfBoundsException  it does not lie in the segment (caller's fault)
    /// @throws IllegalArgumentException   another length of IDs (caller's fault)
    public void begin(MemorySegment segment, long at, long length, int ownIdBytes) {
        begin(segment, at, length, ownIdBytes, false);
    }

    /// As above.
    ///
    /// @param fixedBitRead  whether packets are dropped whose fixed bit is 0 (RFC 9000, section 17.2)
    public void begin(MemorySegment segment, long at, long length, int ownIdBytes, boolean fixedBitRead) {
        Objects.checkFromIndexSize(at, length, segment.byteSize());
        if (ownIdBytes < 0 || ownIdBytes > ConnectionId.LENGTH_MAX) {
            throw new IllegalArgumentException("connection IDs: " + ownIdBytes + " bytes (expected 0.." + ConnectionId.LENGTH_MAX + ")");
        }
        this.datagram = segment;
        this.ownIdBytes = ownIdBytes;
        this.fixedBitRead = fixedBitRead;
        this.next = at;
        this.datagramEnd = at + length;
        this.ended = false;
        this.firstIdAt = -1;
    }

    /// {@return what comes next in the datagram; the accessors are about it until the next call}
    public Found next() {
        if (ended || next == datagramEnd) {
            ended = true;
            return Found.END;
        }
        start = next;
        end = datagramEnd;
        version = null;
        versionCode = Version.NEGOTIATION;
        sourceLength = 0;
        tokenLength = 0;
        Found found = (u8(start) & LONG_HEADER) == 0 ? shortHeader() : longHeader();
        if (found == Found.PACKET ? !isOfFirst() : firstIdAt >= 0) {
            found = Found.INVALID;
        }
        ended = found != Found.PACKET;
        next = end;
        return found;
    }

    private Found shortHeader() {
        type = PacketType.ONE_RTT;
        destinationAt = start + 1;
        destinationLength = ownIdBytes;
        numberAt = destinationAt + ownIdBytes;
        return numberAt > end || isFixedBitWrong() ? Found.INVALID : Found.PACKET;
    }

    private boolean isFixedBitWrong() {
        return fixedBitRead && (u8(start) & FIXED_BIT) == 0;
    }

    private Found longHeader() {
        if (end - start < VERSION_END + 1) {
            return Found.INVALID;
        }
        versionCode = BigEndian.i32(datagram, start + VERSION_AT);
        destinationLength = u8(start + VERSION_END);
        destinationAt = start + VERSION_END + 1;
        if (end - destinationAt < destinationLength + 1) {
            return Found.INVALID;
        }
        sourceLength = u8(destinationAt + destinationLength);
        sourceAt = destinationAt + destinationLength + 1;
        if (end - sourceAt < sourceLength) {
            return Found.INVALID;
        }
        if (versionCode == Version.NEGOTIATION) {
            type = PacketType.VERSION_NEGOTIATION;
            return Found.NEGOTIATION;
        }
        version = Version.of(versionCode);
        return version == null ? Found.UNKNOWN : ofVersion(version);
    }

    private Found ofVersion(Version spoken) {
        if (destinationLength > ConnectionId.LENGTH_MAX || sourceLength > ConnectionId.LENGTH_MAX || isFixedBitWrong()) {
            return Found.INVALID;
        }
        type = spoken.type(u8(start) >>> TYPE_SHIFT & TYPE_MASK);
        long at = sourceAt + sourceLength;
        if (type == PacketType.RETRY) {
            tokenAt = at;
            tokenLength = (int) Math.min(end - at - RetryTag.BYTES, Integer.MAX_VALUE);
            return tokenLength > 0 ? Found.RETRY : Found.INVALID;  // an empty token is none (section 17.2.5.2)
        }
        if (type == PacketType.INITIAL) {
            long length = varint(at);
            if (length < 0) {
                return Found.INVALID;
            }
            tokenAt = at + QuicVarint.bytesAt(datagram, at);
            if (length > end - tokenAt) {
                return Found.INVALID;
            }
            tokenLength = (int) length;
            at = tokenAt + length;
        }
        long length = varint(at);
        if (length < 0) {
            return Found.INVALID;
        }
        numberAt = at + QuicVarint.bytesAt(datagram, at);
        if (length > end - numberAt) {
            return Found.INVALID;
        }
        end = numberAt + length;
        return Found.PACKET;
    }

    /// {@return the integer there; below 0 where it is not whole}
    private long varint(long at) {
        return at >= end || QuicVarint.bytesAt(datagram, at) > end - at ? -1 : QuicVarint.get(datagram, at);
    }

    /// {@return whether this packet is of the same connection as the first one of the datagram (section 12.2)}
    private boolean isOfFirst() {
        if (firstIdAt < 0) {
            firstIdAt = destinationAt;
            firstIdLength = destinationLength;
            return true;
        }
        return destinationLength == firstIdLength && MemorySegment.mismatch(datagram, destinationAt, destinationAt + destinationLength,
                datagram, firstIdAt, firstIdAt + firstIdLength) < 0;
    }

    private int u8(long at) {
        return Byte.toUnsignedInt(datagram.get(BYTE, at));
    }

    /// {@return the memory of the datagram}
    public MemorySegment segment() {
        return datagram;
    }

    /// {@return what kind of packet; of [Found#PACKET], [Found#RETRY] and [Found#NEGOTIATION]}
    public PacketType type() {
        return type;
    }

    /// {@return its version, of a long header that is spoken here; else null}
    public @Nullable Version version() {
        return version;
    }

    /// {@return the number that a long header says, whatever version it is; [Version#NEGOTIATION] of a short one}
    public int versionCode() {
        return versionCode;
    }

    /// {@return whether it has a long header}
    public boolean isLong() {
        return (u8(start) & LONG_HEADER) != 0;
    }

    /// {@return offset of the packet's first byte}
    public long at() {
        return start;
    }

    /// {@return offset behind the packet: there the next one begins}
    public long end() {
        return end;
    }

    /// {@return offset of the destination's ID}
    public long destinationAt() {
        return destinationAt;
    }

    /// {@return its bytes, 0..20; of another version 0..255}
    public int destinationLength() {
        return destinationLength;
    }

    /// {@return offset of the source's ID, of a long header}
    public long sourceAt() {
        return sourceAt;
    }

    /// {@return its bytes, 0..20; of another version 0..255; of a short header 0}
    public int sourceLength() {
        return sourceLength;
    }

    /// {@return offset of the token, of an Initial or a Retry}
    public long tokenAt() {
        return tokenAt;
    }

    /// {@return its bytes, 0 for none}
    public int tokenLength() {
        return tokenLength;
    }

    /// {@return offset of the number, of [Found#PACKET]: protected as all behind it; how long it is nobody knows yet}
    public long numberAt() {
        return numberAt;
    }
}
