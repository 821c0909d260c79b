package dev.coffer.quic.parameter;

/// Numbers of transport parameters (RFC 9000, section 18.2; RFC 9221, section 3; RFC 9287, section 3; RFC 9368, section 3). Those below 32 are
/// their index among what a [TransportParameters] says is there, too.
final class TransportParameter {
    static final int ORIGINAL_DESTINATION = 0x00;
    static final int IDLE_TIMEOUT = 0x01;
    static final int RESET_TOKEN = 0x02;
    static final int UDP_PAYLOAD = 0x03;
    static final int DATA = 0x04;
    static final int STREAM_DATA_BIDIRECTIONAL_LOCAL = 0x05;
    static final int STREAM_DATA_BIDIRECTIONAL_REMOTE = 0x06;
    static final int STREAM_DATA_UNIDIRECTIONAL = 0x07;
    static final int STREAMS_BIDIRECTIONAL = 0x08;
    static final int STREAMS_UNIDIRECTIONAL = 0x09;
    static final int ACK_DELAY_EXPONENT = 0x0a;
    static final int ACK_DELAY_MAX = 0x0b;
    static final int DISABLE_MIGRATION = 0x0c;
    static final int PREFERRED_ADDRESS = 0x0d;
    static final int ACTIVE_IDS = 0x0e;
    static final int INITIAL_SOURCE = 0x0f;
    static final int RETRY_SOURCE = 0x10;
    static final int VERSION_INFORMATION = 0x11;
    static final int DATAGRAM_FRAME = 0x20;
    static final int GREASE_QUIC_BIT = 0x2ab2;

    // Places of those whose number is no index.
    static final int DATAGRAM_FRAME_BIT = 0x12;
    static final int GREASE_QUIC_BIT_BIT = 0x13;
    static final int UNKNOWN = -1;

    private static final int ONLY_OF_SERVERS = 1 << ORIGINAL_DESTINATION | 1 << RESET_TOKEN | 1 << PREFERRED_ADDRESS | 1 << RETRY_SOURCE;
    private static final int INTEGERS = 1 << IDLE_TIMEOUT | 1 << UDP_PAYLOAD | 1 << DATA | 1 << STREAM_DATA_BIDIRECTIONAL_LOCAL
            | 1 << STREAM_DATA_BIDIRECTIONAL_REMOTE | 1 << STREAM_DATA_UNIDIRECTIONAL | 1 << STREAMS_BIDIRECTIONAL | 1 << STREAMS_UNIDIRECTIONAL
            | 1 << ACK_DELAY_EXPONENT | 1 << ACK_DELAY_MAX | 1 << ACTIVE_IDS | 1 << DATAGRAM_FRAME_BIT;

    private TransportParameter() {}

    /// {@return the index of a number; [#UNKNOWN] of one that is passed over}
    static int index(long number) {
        return number >= 0 && number <= VERSION_INFORMATION ? (int) number : number == DATAGRAM_FRAME ? DATAGRAM_FRAME_BIT
                : number == GREASE_QUIC_BIT ? GREASE_QUIC_BIT_BIT : UNKNOWN;
    }

    /// {@return the number of an index}
    static long number(int index) {
        return index == DATAGRAM_FRAME_BIT ? DATAGRAM_FRAME : index == GREASE_QUIC_BIT_BIT ? GREASE_QUIC_BIT : index;
    }

    static boolean isOnlyOfServers(int index) {
        return (ONLY_OF_SERVERS >>> index & 1) != 0;
    }

    /// {@return whether it is one integer}
    static boolean isInteger(int index) {
        return (INTEGERS >>> index & 1) != 0;
    }

    /// {@return the lowest value of an integer that is right}
    static long least(int index) {
        return index == UDP_PAYLOAD ? 1200 : index == ACTIVE_IDS ? 2 : 0;
    }

    /// {@return the highest}
    static long most(int index) {
        return switch (index) {
            case STREAMS_BIDIRECTIONAL, STREAMS_UNIDIRECTIONAL -> 1L << 60;
            case ACK_DELAY_EXPONENT -> 20;
            case ACK_DELAY_MAX -> (1 << 14) - 1;
            default -> Long.MAX_VALUE;
        };
    }

    /// {@return the value of an integer that is not said}
    static long usual(int index) {
        return switch (index) {
            case UDP_PAYLOAD -> 65_527;
            case ACK_DELAY_EXPONENT -> 3;
            case ACK_DELAY_MAX -> 25;
            case ACTIVE_IDS -> 2;
            default -> 0;
        };
    }
}
