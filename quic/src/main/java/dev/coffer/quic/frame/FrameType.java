package dev.coffer.quic.frame;

import dev.coffer.quic.packet.PacketType;

/// Types of frames (RFC 9000, sections 12.4 and 19; RFC 9221, section 4), and where each may stand. Stateless, thread-safe.
public final class FrameType {
    public static final int PADDING = 0x00;
    public static final int PING = 0x01;
    public static final int ACK = 0x02;
    /// ACK with counts of ECN codepoints.
    public static final int ACK_ECN = 0x03;
    public static final int RESET_STREAM = 0x04;
    public static final int STOP_SENDING = 0x05;
    public static final int CRYPTO = 0x06;
    public static final int NEW_TOKEN = 0x07;
    /// The first of eight: [#STREAM_FIN], [#STREAM_LENGTH] and [#STREAM_OFFSET] are added.
    public static final int STREAM = 0x08;
    public static final int STREAM_FIN = 0x01;
    public static final int STREAM_LENGTH = 0x02;
    public static final int STREAM_OFFSET = 0x04;
    public static final int MAX_DATA = 0x10;
    public static final int MAX_STREAM_DATA = 0x11;
    public static final int MAX_STREAMS_BIDIRECTIONAL = 0x12;
    public static final int MAX_STREAMS_UNIDIRECTIONAL = 0x13;
    public static final int DATA_BLOCKED = 0x14;
    public static final int STREAM_DATA_BLOCKED = 0x15;
    public static final int STREAMS_BLOCKED_BIDIRECTIONAL = 0x16;
    public static final int STREAMS_BLOCKED_UNIDIRECTIONAL = 0x17;
    public static final int NEW_CONNECTION_ID = 0x18;
    public static final int RETIRE_CONNECTION_ID = 0x19;
    public static final int PATH_CHALLENGE = 0x1a;
    public static final int PATH_RESPONSE = 0x1b;
    /// With a [TransportError].
    public static final int CONNECTION_CLOSE = 0x1c;
    /// With a code of the application.
    public static final int CONNECTION_CLOSE_APPLICATION = 0x1d;
    public static final int HANDSHAKE_DONE = 0x1e;
    /// Up to the packet's end.
    public static final int DATAGRAM = 0x30;
    public static final int DATAGRAM_LENGTH = 0x31;

    // Table 3 of RFC 9000 with the text below it (section 12.5): a bit for each type.
    private static final long IN_INITIAL = 1L << PADDING | 1L << PING | 1L << ACK | 1L << ACK_ECN | 1L << CRYPTO | 1L << CONNECTION_CLOSE;
    private static final long STREAMS = 0xffL << STREAM;
    private static final long IN_ONE_RTT = (1L << HANDSHAKE_DONE + 1) - 1 | 1L << DATAGRAM | 1L << DATAGRAM_LENGTH;
    private static final long NOT_IN_ZERO_RTT = 1L << ACK | 1L << ACK_ECN | 1L << CRYPTO | 1L << NEW_TOKEN | 1L << RETIRE_CONNECTION_ID
            | 1L << PATH_RESPONSE | 1L << HANDSHAKE_DONE;
    private static final long NOT_ELICITING = 1L << PADDING | 1L << ACK | 1L << ACK_ECN | 1L << CONNECTION_CLOSE | 1L << CONNECTION_CLOSE_APPLICATION;
    private static final long PROBING = 1L << PADDING | 1L << NEW_CONNECTION_ID | 1L << PATH_CHALLENGE | 1L << PATH_RESPONSE;
    private static final long ONLY_OF_SERVERS = 1L << NEW_TOKEN | 1L << HANDSHAKE_DONE;

    private FrameType() {}

    /// {@return whether there is such a type}
    public static boolean isKnown(long type) {
        return type >= 0 && type < Long.SIZE && (IN_ONE_RTT >>> type & 1) != 0;
    }

    /// {@return whether a frame of this type may stand in such a packet}
    ///
    /// @param type  one that is known
    public static boolean isAllowed(int type, PacketType packet) {
        long allowed = switch (packet) {
            case INITIAL, HANDSHAKE -> IN_INITIAL;
            case ZERO_RTT -> IN_ONE_RTT & ~NOT_IN_ZERO_RTT;
            case ONE_RTT -> IN_ONE_RTT;
            case RETRY, VERSION_NEGOTIATION -> 0;
        };
        return (allowed >>> type & 1) != 0;
    }

    /// {@return whether a packet with it is to be acknowledged (RFC 9002, section 2)}
    ///
    /// @param type  one that is known
    public static boolean isEliciting(int type) {
        return (NOT_ELICITING >>> type & 1) == 0;
    }

    /// {@return whether a packet of nothing else leaves the peer's path as it is (RFC 9000, section 9.1)}
    ///
    /// @param type  one that is known
    public static boolean isProbing(int type) {
        return (PROBING >>> type & 1) != 0;
    }

    /// {@return whether clients must not send it (sections 19.7 and 19.20)}
    static boolean isOnlyOfServers(int type) {
        return (ONLY_OF_SERVERS >>> type & 1) != 0;
    }

    /// {@return whether it is one of the eight of STREAM}
    public static boolean isStream(int type) {
        return (STREAMS >>> type & 1) != 0;
    }
}
