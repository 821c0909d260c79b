package dev.coffer.quic.parameter;

import dev.coffer.memory.QuicVarint;
import dev.coffer.memory.layout.BigEndian;
import dev.coffer.quic.frame.TransportError;
import dev.coffer.quic.packet.ConnectionId;
import dev.coffer.quic.packet.Version;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;

/// Reads transport parameters as they are on the wire (RFC 9000, section 18): pairs of number and value. What nobody knows is passed over.
/// Stateless, thread-safe, 0 heap bytes.
public final class TransportParametersReader {
    /// Most parameters that are taken, unknown ones among them: a repeated one is looked for among all before it.
    public static final int PARAMETERS_MAX = 64;

    private static final long WRONG = -1;
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;

    private TransportParametersReader() {}

    /// Reads what a peer said.
    ///
    /// @param from        with `length` bytes of it
    /// @param fromServer  whether the peer is a server: a client must not say what only servers do
    /// @param place       for a [TransportParameters]; after an error it says nothing
    /// @return [TransportError#NO_ERROR], or [TransportError#TRANSPORT_PARAMETER_ERROR]: malformed, repeated, out of its range, not this side's,
    ///         or without an ID that its side must say (section 7.3)
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault)
    public static long read(MemorySegment from, long at, int length, boolean fromServer, MemorySegment place, long placeAt) {
        Objects.checkFromIndexSize(at, length, from.byteSize());
        TransportParameters.clear(place, placeAt);
        boolean right = false;
        try {
            right = readAll(from, at, at + length, fromServer, place, placeAt);
        } finally {
            if (!right) {
                TransportParameters.clear(place, placeAt);
            }
        }
        return right ? TransportError.NO_ERROR : TransportError.TRANSPORT_PARAMETER_ERROR;
    }

    private static boolean readAll(MemorySegment from, long at, long end, boolean fromServer, MemorySegment place, long placeAt) {
        int count = 0;
        for (long p = at; p < end;) {
            long number = varint(from, p, end);
            long lengthAt = number < 0 ? end : p + QuicVarint.bytesAt(from, p);
            long length = varint(from, lengthAt, end);
            if (length < 0 || ++count > PARAMETERS_MAX) {
                return false;
            }
            long valueAt = lengthAt + QuicVarint.bytesAt(from, lengthAt);
            if (length > end - valueAt) {
                return false;
            }
            int index = TransportParameter.index(number);
            if (index == TransportParameter.UNKNOWN) {
                if (isRepeated(from, at, p, number)) {
                    return false;
                }
            } else if (TransportParameters.has(place, placeAt, index) || !fromServer && TransportParameter.isOnlyOfServers(index)
                    || !take(from, valueAt, (int) length, fromServer, index, place, placeAt)) {
                return false;
            }
            p = valueAt + length;
        }
        return TransportParameters.has(place, placeAt, TransportParameter.INITIAL_SOURCE)
                && (!fromServer || TransportParameters.has(place, placeAt, TransportParameter.ORIGINAL_DESTINATION));
    }

    /// {@return whether a number stands in front of `before`, too: all of these are whole}
    private static boolean isRepeated(MemorySegment from, long at, long before, long number) {
        for (long p = at; p < before;) {
            if (QuicVarint.get(from, p) == number) {
                return true;
            }
            p += QuicVarint.bytesAt(from, p);
            long length = QuicVarint.get(from, p);
            p += QuicVarint.bytesAt(from, p) + length;
        }
        return false;
    }

    /// {@return the integer there; below 0 where it is not whole}
    private static long varint(MemorySegment from, long at, long end) {
        return at >= end || QuicVarint.bytesAt(from, at) > end - at ? WRONG : QuicVarint.get(from, at);
    }

    private static boolean take(MemorySegment from, long at, int length, boolean fromServer, int index, MemorySegment place, long placeAt) {
        boolean right = TransportParameter.isInteger(index) ? takeInteger(from, at, length, index, place, placeAt) : switch (index) {
            case TransportParameter.DISABLE_MIGRATION, TransportParameter.GREASE_QUIC_BIT_BIT -> length == 0;
            case TransportParameter.RESET_TOKEN -> takeToken(from, at, length, place, placeAt);
            case TransportParameter.PREFERRED_ADDRESS -> takePreferred(from, at, length, place, placeAt);
            case TransportParameter.VERSION_INFORMATION -> takeVersions(from, at, length, fromServer, place, placeAt);
            default -> takeId(from, at, length, index, place, placeAt);
        };
        if (right) {
            TransportParameters.add(place, placeAt, index);
        }
        return right;
    }

    private static boolean takeInteger(MemorySegment from, long at, int length, int index, MemorySegment place, long placeAt) {
        long value = varint(from, at, at + length);
        if (value < TransportParameter.least(index) || value > TransportParameter.most(index) || QuicVarint.bytesAt(from, at) != length) {
            return false;
        }
        TransportParameters.integer(place, placeAt, index, value);
        return true;
    }

    private static boolean takeId(MemorySegment from, long at, int length, int index, MemorySegment place, long placeAt) {
        if (length > ConnectionId.LENGTH_MAX) {
            return false;
        }
        ConnectionId.set(place, TransportParameters.idAt(placeAt, index), from, at, length);
        return true;
    }

    private static boolean takeToken(MemorySegment from, long at, int length, MemorySegment place, long placeAt) {
        if (length != TransportParameters.RESET_TOKEN_BYTES) {
            return false;
        }
        MemorySegment.copy(from, at, place, TransportParameters.resetTokenAt(placeAt), length);
        return true;
    }

    /// Addresses and ports, then the ID with its length, which is not 0, then its token.
    private static boolean takePreferred(MemorySegment from, long at, int length, MemorySegment place, long placeAt) {
        int addresses = (int) (TransportParameters.preferredIdAt(0) - TransportParameters.preferredAt(0));
        if (length < addresses + 1) {
            return false;
        }
        int idLength = Byte.toUnsignedInt(from.get(BYTE, at + addresses));
        if (idLength < 1 || idLength > ConnectionId.LENGTH_MAX || length != addresses + 1 + idLength + TransportParameters.RESET_TOKEN_BYTES) {
            return false;
        }
        MemorySegment.copy(from, at, place, TransportParameters.preferredAt(placeAt), addresses);
        ConnectionId.set(place, TransportParameters.preferredIdAt(placeAt), from, at + addresses + 1, idLength);
        MemorySegment.copy(from, at + addresses + 1 + idLength, place, TransportParameters.preferredTokenAt(placeAt), TransportParameters.RESET_TOKEN_BYTES);
        return true;
    }

    /// No version is 0, and a client has available what it chose (RFC 9368, sections 3 and 4).
    private static boolean takeVersions(MemorySegment from, long at, int length, boolean fromServer, MemorySegment place, long placeAt) {
        if (length < Integer.BYTES || length % Integer.BYTES != 0 || BigEndian.i32(from, at) == Version.NEGOTIATION) {
            return false;
        }
        int chosen = BigEndian.i32(from, at);
        TransportParameters.chosen(place, placeAt, chosen);
        boolean available = false;
        for (int i = Integer.BYTES; i < length; i += Integer.BYTES) {
            int code = BigEndian.i32(from, at + i);
            if (code == Version.NEGOTIATION) {
                return false;
            }
            available |= code == chosen;
            Version version = Version.of(code);
            if (version != null) {
                TransportParameters.available(place, placeAt, version);
            }
        }
        return available || fromServer;
    }
}
