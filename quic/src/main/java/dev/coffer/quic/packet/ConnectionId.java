package dev.coffer.quic.packet;

import dev.coffer.memory.Wipe;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// A connection ID of version 1 or 2 in memory (RFC 9000, section 5.1): its length, then its bytes; any alignment. Stateless,
/// thread-safe, 0 heap bytes.
///
/// ```
///   0 length u8, 0..20 | 1 bytes, 20: those past the length are zero
/// ```
///
/// Every method throws `IndexOutOfBoundsException` where the bytes do not lie in the segment (caller's fault).
public final class ConnectionId {
    /// Bytes of the longest (section 17.2).
    public static final int LENGTH_MAX = 20;
    /// Bytes of the longest in a packet of another version, whose IDs are to be said back (RFC 8999, section 5.1).
    public static final int INVARIANT_LENGTH_MAX = 255;
    /// Offset of its first byte.
    public static final long VALUE = 1;
    /// Bytes of the place.
    public static final long BYTES = VALUE + LENGTH_MAX;

    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;

    private ConnectionId() {}

    /// {@return bytes of the ID, 0..20}
    public static int length(MemorySegment segment, long at) {
        return segment.get(BYTE, at);
    }

    /// Writes an ID; what lay there is gone.
    ///
    /// @param from    its bytes; they do not overlap the place
    /// @param length  0..[#LENGTH_MAX]
    /// @throws IllegalArgumentException  another length (caller's fault); nothing is written
    public static void set(MemorySegment segment, long at, MemorySegment from, long fromAt, int length) {
        if (length < 0 || length > LENGTH_MAX) {
            throw new IllegalArgumentException("connection ID: " + length + " bytes (expected 0.." + LENGTH_MAX + ")");
        }
        Wipe.bytes(segment, at, BYTES);
        segment.set(BYTE, at, (byte) length);
        MemorySegment.copy(from, fromAt, segment, at + VALUE, length);
    }

    /// Copies an ID.
    public static void copy(MemorySegment from, long fromAt, MemorySegment to, long toAt) {
        MemorySegment.copy(from, fromAt, to, toAt, BYTES);
    }

    /// {@return whether both places hold the same ID}
    public static boolean equal(MemorySegment a, long aAt, MemorySegment b, long bAt) {
        return matches(a, aAt, b, bAt + VALUE, length(b, bAt));
    }

    /// {@return whether the place holds these bytes}
    public static boolean matches(MemorySegment segment, long at, MemorySegment bytes, long bytesAt, int length) {
        if (length(segment, at) != length) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (segment.get(BYTE, at + VALUE + i) != bytes.get(BYTE, bytesAt + i)) {
                return false;
            }
        }
        return true;
    }
}
