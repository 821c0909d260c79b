package dev.coffer.quic.parameter;

import dev.coffer.memory.QuicVarint;
import dev.coffer.memory.layout.BigEndian;
import dev.coffer.quic.packet.ConnectionId;
import dev.coffer.quic.packet.Version;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/// Writes transport parameters as they are on the wire (RFC 9000, section 18): those that were said, in the order of their numbers.
/// Stateless, thread-safe, 0 heap bytes.
public final class TransportParametersWriter {
    /// Bytes of all of them at most: 12 integers with number, length and 8 bytes; three IDs; a reset token; a preferred address; a choice of
    /// two versions; two that are empty, one of which has a number of 4 bytes.
    public static final int BYTES_MAX = 12 * 10 + 3 * (2 + ConnectionId.LENGTH_MAX) + 18 + (2 + 24 + 1 + ConnectionId.LENGTH_MAX + 16) + (2 + 12) + 2 + 5;

    private static final int INDICES = TransportParameter.GREASE_QUIC_BIT_BIT + 1;
    private static final int VERSIONS = 2;
    private static final int ADDRESSES = 4 + 2 + 16 + 2;

    private TransportParametersWriter() {}

    /// Writes what a side says of itself.
    ///
    /// @param place  of a [TransportParameters]; apart from the output
    /// @param out    room for [#BYTES_MAX], or for fewer where fewer are said
    /// @return offset behind
    /// @throws IndexOutOfBoundsException  no room (caller's fault); a part may be written
    /// @throws IllegalArgumentException   a client's side says what only servers do (caller's fault); nothing is written
    public static long write(MemorySegment place, long placeAt, boolean ofServer, MemorySegment out, long at) {
        Objects.checkFromIndexSize(at, 0, out.byteSize());
        for (int index = 0; index < INDICES && !ofServer; index++) {
            if (TransportParameters.has(place, placeAt, index) && TransportParameter.isOnlyOfServers(index)) {
                throw new IllegalArgumentException("transport parameter " + index + ": of a client (expected of a server, RFC 9000 section 18.2)");
            }
        }
        long p = at;
        for (int index = 0; index < INDICES; index++) {
            if (TransportParameters.has(place, placeAt, index)) {
                p += QuicVarint.set(out, p, TransportParameter.number(index));
                p = value(place, placeAt, index, out, p);
            }
        }
        return p;
    }

    private static long value(MemorySegment place, long placeAt, int index, MemorySegment out, long at) {
        if (TransportParameter.isInteger(index)) {
            long value = TransportParameters.integer(place, placeAt, index);
            QuicVarint.set(out, at, QuicVarint.bytes(value));
            return at + 1 + QuicVarint.set(out, at + 1, value);
        }
        return switch (index) {
            case TransportParameter.DISABLE_MIGRATION, TransportParameter.GREASE_QUIC_BIT_BIT -> at + QuicVarint.set(out, at, 0);
            case TransportParameter.RESET_TOKEN -> bytes(place, TransportParameters.resetTokenAt(placeAt), TransportParameters.RESET_TOKEN_BYTES, out, at);
            case TransportParameter.PREFERRED_ADDRESS -> preferred(place, placeAt, out, at);
            case TransportParameter.VERSION_INFORMATION -> versions(place, placeAt, out, at);
            default -> {
                long id = TransportParameters.idAt(placeAt, index);
                yield bytes(place, id + ConnectionId.VALUE, ConnectionId.length(place, id), out, at);
            }
        };
    }

    private static long bytes(MemorySegment from, long fromAt, int length, MemorySegment out, long at) {
        QuicVarint.set(out, at, length);
        MemorySegment.copy(from, fromAt, out, at + 1, length);
        return at + 1 + length;
    }

    private static long preferred(MemorySegment place, long placeAt, MemorySegment out, long at) {
        long id = TransportParameters.preferredIdAt(placeAt);
        int idBytes = 1 + ConnectionId.length(place, id);
        long p = at + QuicVarint.set(out, at, (long) ADDRESSES + idBytes + TransportParameters.RESET_TOKEN_BYTES);
        MemorySegment.copy(place, TransportParameters.preferredAt(placeAt), out, p, ADDRESSES);
        MemorySegment.copy(place, id, out, p + ADDRESSES, idBytes);
        p += ADDRESSES + idBytes;
        MemorySegment.copy(place, TransportParameters.preferredTokenAt(placeAt), out, p, TransportParameters.RESET_TOKEN_BYTES);
        return p + TransportParameters.RESET_TOKEN_BYTES;
    }

    private static long versions(MemorySegment place, long placeAt, MemorySegment out, long at) {
        long p = at + 1;
        BigEndian.i32(out, p, TransportParameters.chosenVersion(place, placeAt));
        p += Integer.BYTES;
        for (int i = 0; i < VERSIONS; i++) {
            Version version = i == 0 ? Version.V1 : Version.V2;
            if (TransportParameters.isAvailable(place, placeAt, version)) {
                BigEndian.i32(out, p, version.code());
                p += Integer.BYTES;
            }
        }
        QuicVarint.set(out, at, p - at - 1);
        return p;
    }
}
