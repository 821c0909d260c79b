package dev.coffer.quic.parameter;

import dev.coffer.memory.Wipe;
import dev.coffer.quic.packet.ConnectionId;
import dev.coffer.quic.packet.Version;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// What a side says of itself in the handshake (RFC 9000, section 18), in memory: [#BYTES], any alignment. What is not there has its usual value.
/// [TransportParametersReader] and [TransportParametersWriter] bring it from and to the wire. Stateless, thread-safe, 0 heap bytes.
///
/// ```
///   0 which are there u32 | 4 chosen version u32 | 8 available versions u8 | 9 three IDs, 21 each: original, source, retry
///   72 twelve integers, 8 each | 168 reset token 16 | 184 preferred address: IPv4 4+2, IPv6 16+2, ID 21, token 16
/// ```
///
/// Integers are in the machine's byte order, whoever asks. Every method throws `IndexOutOfBoundsException` where the bytes do not lie in the
/// segment (caller's fault).
public final class TransportParameters {
    private static final long PRESENT = 0;
    private static final long CHOSEN = 4;
    private static final long AVAILABLE = 8;
    private static final long IDS = 9;
    private static final int ID_COUNT = 3;
    private static final long INTEGERS = IDS + ID_COUNT * ConnectionId.BYTES;
    private static final int INTEGER_COUNT = 12;
    private static final long RESET_TOKEN = INTEGERS + (long) INTEGER_COUNT * Long.BYTES;
    /// Bytes of a reset token.
    public static final int RESET_TOKEN_BYTES = 16;
    /// Bytes of the preferred addresses: IPv4 4, port 2, IPv6 16, port 2.
    public static final int PREFERRED_ADDRESS_BYTES = 4 + 2 + 16 + 2;
    private static final long PREFERRED = RESET_TOKEN + RESET_TOKEN_BYTES;
    // Of the preferred address, as on the wire but for the ID, which has a place of a fixed size.
    static final long PREFERRED_ID = PREFERRED + PREFERRED_ADDRESS_BYTES;
    static final long PREFERRED_TOKEN = PREFERRED_ID + ConnectionId.BYTES;
    /// Bytes of the place.
    public static final long BYTES = PREFERRED_TOKEN + RESET_TOKEN_BYTES;

    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

    private TransportParameters() {}

    /// Says nothing: every value is the usual one.
    public static void clear(MemorySegment place, long at) {
        Wipe.bytes(place, at, BYTES);
    }

    static boolean has(MemorySegment place, long at, int index) {
        return (place.get(INT, at + PRESENT) >>> index & 1) != 0;
    }

    static void add(MemorySegment place, long at, int index) {
        place.set(INT, at + PRESENT, place.get(INT, at + PRESENT) | 1 << index);
    }

    /// {@return offset of an integer's value}
    private static long integerAt(long at, int index) {
        int place = index == TransportParameter.IDLE_TIMEOUT ? 0 : index <= TransportParameter.ACK_DELAY_MAX ? index - 2
                : index == TransportParameter.ACTIVE_IDS ? 10 : 11;
        return at + INTEGERS + (long) place * Long.BYTES;
    }

    static long integer(MemorySegment place, long at, int index) {
        return has(place, at, index) ? place.get(LONG, integerAt(at, index)) : TransportParameter.usual(index);
    }

    static void integer(MemorySegment place, long at, int index, long value) {
        long least = TransportParameter.least(index);
        long most = TransportParameter.most(index);
        if (value < least || value > most || value > (1L << 62) - 1) {
            throw new IllegalArgumentException("transport parameter " + index + ": " + value + " (expected " + least + ".."
                    + Math.min(most, (1L << 62) - 1) + ", RFC 9000 section 18.2)");
        }
        place.set(LONG, integerAt(at, index), value);
        add(place, at, index);
    }

    static long idAt(long at, int index) {
        int place = index == TransportParameter.ORIGINAL_DESTINATION ? 0 : index == TransportParameter.INITIAL_SOURCE ? 1 : 2;
        return at + IDS + place * ConnectionId.BYTES;
    }

    static long resetTokenAt(long at) {
        return at + RESET_TOKEN;
    }

    static long preferredAt(long at) {
        return at + PREFERRED;
    }

    private static void id(MemorySegment place, long at, int index, MemorySegment ids, long id) {
        ConnectionId.copy(ids, id, place, idAt(at, index));
        add(place, at, index);
    }

    private static boolean isId(MemorySegment place, long at, int index, MemorySegment ids, long id) {
        return has(place, at, index) && ConnectionId.equal(place, idAt(at, index), ids, id);
    }

    /// {@return max_idle_timeout in milliseconds; 0 for none}
    public static long idleTimeoutMillis(MemorySegment place, long at) {
        return integer(place, at, TransportParameter.IDLE_TIMEOUT);
    }

    /// Writes max_idle_timeout.
    ///
    /// @throws IllegalArgumentException  out of its range (caller's fault); so of all integers here
    public static void idleTimeoutMillis(MemorySegment place, long at, long value) {
        integer(place, at, TransportParameter.IDLE_TIMEOUT, value);
    }

    /// {@return max_udp_payload_size, 1200 or more}
    public static long udpPayloadBytesMax(MemorySegment place, long at) {
        return integer(place, at, TransportParameter.UDP_PAYLOAD);
    }

    /// Writes max_udp_payload_size.
    public static void udpPayloadBytesMax(MemorySegment place, long at, long value) {
        integer(place, at, TransportParameter.UDP_PAYLOAD, value);
    }

    /// {@return initial_max_data}
    public static long dataMax(MemorySegment place, long at) {
        return integer(place, at, TransportParameter.DATA);
    }

    /// Writes initial_max_data.
    public static void dataMax(MemorySegment place, long at, long value) {
        integer(place, at, TransportParameter.DATA, value);
    }

    /// {@return initial_max_stream_data_bidi_local: of streams that the side which says it opens}
    public static long streamDataMaxLocal(MemorySegment place, long at) {
        return integer(place, at, TransportParameter.STREAM_DATA_BIDIRECTIONAL_LOCAL);
    }

    /// Writes initial_max_stream_data_bidi_local.
    public static void streamDataMaxLocal(MemorySegment place, long at, long value) {
        integer(place, at, TransportParameter.STREAM_DATA_BIDIRECTIONAL_LOCAL, value);
    }

    /// {@return initial_max_stream_data_bidi_remote: of streams that are opened to it}
    public static long streamDataMaxRemote(MemorySegment place, long at) {
        return integer(place, at, TransportParameter.STREAM_DATA_BIDIRECTIONAL_REMOTE);
    }

    /// Writes initial_max_stream_data_bidi_remote.
    public static void streamDataMaxRemote(MemorySegment place, long at, long value) {
        integer(place, at, TransportParameter.STREAM_DATA_BIDIRECTIONAL_REMOTE, value);
    }

    /// {@return initial_max_stream_data_uni}
    public static long streamDataMaxUnidirectional(MemorySegment place, long at) {
        return integer(place, at, TransportParameter.STREAM_DATA_UNIDIRECTIONAL);
    }

    /// Writes initial_max_stream_data_uni.
    public static void streamDataMaxUnidirectional(MemorySegment place, long at, long value) {
        integer(place, at, TransportParameter.STREAM_DATA_UNIDIRECTIONAL, value);
    }

    /// {@return initial_max_streams_bidi or initial_max_streams_uni, at most 2^60}
    public static long streamsMax(MemorySegment place, long at, boolean bidirectional) {
        return integer(place, at, bidirectional ? TransportParameter.STREAMS_BIDIRECTIONAL : TransportParameter.STREAMS_UNIDIRECTIONAL);
    }

    /// Writes initial_max_streams_bidi or initial_max_streams_uni.
    public static void streamsMax(MemorySegment place, long at, boolean bidirectional, long value) {
        integer(place, at, bidirectional ? TransportParameter.STREAMS_BIDIRECTIONAL : TransportParameter.STREAMS_UNIDIRECTIONAL, value);
    }

    /// {@return ack_delay_exponent, 0..20}
    public static int ackDelayExponent(MemorySegment place, long at) {
        return (int) integer(place, at, TransportParameter.ACK_DELAY_EXPONENT);
    }

    /// Writes ack_delay_exponent.
    public static void ackDelayExponent(MemorySegment place, long at, long value) {
        integer(place, at, TransportParameter.ACK_DELAY_EXPONENT, value);
    }

    /// {@return max_ack_delay in milliseconds, below 2^14}
    public static int ackDelayMaxMillis(MemorySegment place, long at) {
        return (int) integer(place, at, TransportParameter.ACK_DELAY_MAX);
    }

    /// Writes max_ack_delay.
    public static void ackDelayMaxMillis(MemorySegment place, long at, long value) {
        integer(place, at, TransportParameter.ACK_DELAY_MAX, value);
    }

    /// {@return active_connection_id_limit, 2 or more}
    public static long activeIdsMax(MemorySegment place, long at) {
        return integer(place, at, TransportParameter.ACTIVE_IDS);
    }

    /// Writes active_connection_id_limit.
    public static void activeIdsMax(MemorySegment place, long at, long value) {
        integer(place, at, TransportParameter.ACTIVE_IDS, value);
    }

    /// {@return max_datagram_frame_size; 0 where DATAGRAM is not spoken (RFC 9221)}
    public static long datagramFrameBytesMax(MemorySegment place, long at) {
        return integer(place, at, TransportParameter.DATAGRAM_FRAME_BIT);
    }

    /// Writes max_datagram_frame_size.
    public static void datagramFrameBytesMax(MemorySegment place, long at, long value) {
        integer(place, at, TransportParameter.DATAGRAM_FRAME_BIT, value);
    }

    /// {@return disable_active_migration}
    public static boolean isMigrationDisabled(MemorySegment place, long at) {
        return has(place, at, TransportParameter.DISABLE_MIGRATION);
    }

    /// Says disable_active_migration.
    public static void disableMigration(MemorySegment place, long at) {
        add(place, at, TransportParameter.DISABLE_MIGRATION);
    }

    /// {@return grease_quic_bit: packets to this side may have a fixed bit of 0 (RFC 9287)}
    public static boolean isFixedBitFree(MemorySegment place, long at) {
        return has(place, at, TransportParameter.GREASE_QUIC_BIT_BIT);
    }

    /// Says grease_quic_bit.
    public static void freeFixedBit(MemorySegment place, long at) {
        add(place, at, TransportParameter.GREASE_QUIC_BIT_BIT);
    }

    /// Writes initial_source_connection_id, the source of our first Initial packet; each side says it.
    public static void initialSource(MemorySegment place, long at, MemorySegment ids, long id) {
        id(place, at, TransportParameter.INITIAL_SOURCE, ids, id);
    }

    /// {@return whether initial_source_connection_id is that [ConnectionId]: where not, TRANSPORT_PARAMETER_ERROR (section 7.3)}
    public static boolean isInitialSource(MemorySegment place, long at, MemorySegment ids, long id) {
        return isId(place, at, TransportParameter.INITIAL_SOURCE, ids, id);
    }

    /// Writes original_destination_connection_id, that of the client's very first packet; a server says it.
    public static void originalDestination(MemorySegment place, long at, MemorySegment ids, long id) {
        id(place, at, TransportParameter.ORIGINAL_DESTINATION, ids, id);
    }

    /// {@return whether original_destination_connection_id is that [ConnectionId]}
    public static boolean isOriginalDestination(MemorySegment place, long at, MemorySegment ids, long id) {
        return isId(place, at, TransportParameter.ORIGINAL_DESTINATION, ids, id);
    }

    /// Writes retry_source_connection_id, that of the Retry packet; a server says it that sent one.
    public static void retrySource(MemorySegment place, long at, MemorySegment ids, long id) {
        id(place, at, TransportParameter.RETRY_SOURCE, ids, id);
    }

    /// {@return whether retry_source_connection_id is that [ConnectionId]}
    public static boolean isRetrySource(MemorySegment place, long at, MemorySegment ids, long id) {
        return isId(place, at, TransportParameter.RETRY_SOURCE, ids, id);
    }

    /// {@return whether there is a retry_source_connection_id: there must be none without a Retry}
    public static boolean hasRetrySource(MemorySegment place, long at) {
        return has(place, at, TransportParameter.RETRY_SOURCE);
    }

    /// {@return whether there is a stateless_reset_token}
    public static boolean hasResetToken(MemorySegment place, long at) {
        return has(place, at, TransportParameter.RESET_TOKEN);
    }

    /// Copies stateless_reset_token to where it is used.
    public static void copyResetToken(MemorySegment place, long at, MemorySegment to, long toAt) {
        MemorySegment.copy(place, at + RESET_TOKEN, to, toAt, RESET_TOKEN_BYTES);
    }

    /// Writes stateless_reset_token.
    public static void resetToken(MemorySegment place, long at, MemorySegment from, long fromAt) {
        MemorySegment.copy(from, fromAt, place, at + RESET_TOKEN, RESET_TOKEN_BYTES);
        add(place, at, TransportParameter.RESET_TOKEN);
    }

    /// {@return the version that its side chose (RFC 9368, section 3), a number; 0 where version_information is not there}
    public static int chosenVersion(MemorySegment place, long at) {
        return has(place, at, TransportParameter.VERSION_INFORMATION) ? place.get(INT, at + CHOSEN) : 0;
    }

    /// {@return whether its side has that version available}
    public static boolean isAvailable(MemorySegment place, long at, Version version) {
        return has(place, at, TransportParameter.VERSION_INFORMATION) && (place.get(BYTE, at + AVAILABLE) >>> version.ordinal() & 1) != 0;
    }

    /// Writes version_information: which version is chosen, and which are available in the order of their numbers.
    public static void versions(MemorySegment place, long at, Version chosen, boolean v1, boolean v2) {
        chosen(place, at, chosen.code());
        place.set(BYTE, at + AVAILABLE, (byte) ((v1 ? 1 << Version.V1.ordinal() : 0) | (v2 ? 1 << Version.V2.ordinal() : 0)));
        add(place, at, TransportParameter.VERSION_INFORMATION);
    }

    static void chosen(MemorySegment place, long at, int code) {
        place.set(INT, at + CHOSEN, code);
        place.set(BYTE, at + AVAILABLE, (byte) 0);
    }

    static void available(MemorySegment place, long at, Version version) {
        place.set(BYTE, at + AVAILABLE, (byte) (place.get(BYTE, at + AVAILABLE) | 1 << version.ordinal()));
    }

    /// {@return whether there is a preferred_address}
    public static boolean hasPreferred(MemorySegment place, long at) {
        return has(place, at, TransportParameter.PREFERRED_ADDRESS);
    }

    /// {@return offset of the preferred IPv4 address, 4 bytes, and its port behind, in network byte order; zeros for none}
    public static long preferredIpv4At(long at) {
        return at + PREFERRED;
    }

    /// {@return offset of the preferred IPv6 address, 16 bytes, and its port behind; zeros for none}
    public static long preferredIpv6At(long at) {
        return at + PREFERRED + 4 + 2;
    }

    /// {@return offset of the [ConnectionId] for the preferred address: its number is 1 (section 5.1.1)}
    public static long preferredIdAt(long at) {
        return at + PREFERRED_ID;
    }

    /// {@return offset of that ID's reset token}
    public static long preferredTokenAt(long at) {
        return at + PREFERRED_TOKEN;
    }

    /// Says that the preferred address is there, when its four parts were written.
    ///
    /// @throws IllegalArgumentException  no ID (caller's fault); nothing is written
    public static void prefer(MemorySegment place, long at) {
        if (ConnectionId.length(place, at + PREFERRED_ID) < 1) {
            throw new IllegalArgumentException("preferred address: no connection ID (expected 1..20 bytes, RFC 9000 section 18.2)");
        }
        add(place, at, TransportParameter.PREFERRED_ADDRESS);
    }
}
