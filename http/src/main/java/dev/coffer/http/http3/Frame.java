package dev.coffer.http.http3;

import dev.coffer.memory.QuicVarint;
import java.lang.foreign.MemorySegment;

/// Frames, streams and settings of HTTP/3 by their numbers (RFC 9114, sections 6.2, 7.2), and how a number is written (RFC 9000, section 16).
/// Stateless, thread-safe.
final class Frame {
    static final int DATA = 0x0;
    static final int HEADERS = 0x1;
    static final int CANCEL_PUSH = 0x3;
    static final int SETTINGS = 0x4;
    static final int PUSH_PROMISE = 0x5;
    static final int GOAWAY = 0x7;
    static final int MAX_PUSH_ID = 0xd;
    static final int PRIORITY_UPDATE = 0xf0700;         // of a request (RFC 9218, section 7.2)
    static final int PRIORITY_UPDATE_PUSH = 0xf0701;

    // Types of unidirectional streams.
    static final int CONTROL = 0x0;
    static final int PUSH = 0x1;
    static final int ENCODER = 0x2;
    static final int DECODER = 0x3;

    // Settings (section 7.2.4.1; RFC 9204, section 5; RFC 9220, section 3).
    static final int QPACK_MAX_TABLE_CAPACITY = 0x1;
    static final int MAX_FIELD_SECTION_SIZE = 0x6;
    static final int QPACK_BLOCKED_STREAMS = 0x7;
    static final int ENABLE_CONNECT_PROTOCOL = 0x8;
    static final int H3_DATAGRAM = 0x33;                // RFC 9297, section 2.1.1
    /// One of those that mean nothing, so that nobody relies on there being none (section 7.2.4.1).
    static final int GREASE = 0x1f * 0x1a7 + 0x21;

    static final int NUMBER_BYTES_MAX = QuicVarint.BYTES_MAX;
    /// A frame's head, at most.
    static final int HEAD_BYTES_MAX = 1 + NUMBER_BYTES_MAX;
    /// The head of a frame whose length is written when its content is there: in two octets.
    static final int SHORT_HEAD_BYTES = 3;
    static final int SHORT_LENGTH_MAX = (1 << 14) - 1;

    private Frame() {}

    /// {@return whether a type is HTTP/2's, and an error here (section 7.2.8)}
    static boolean isReserved(long type) {
        return type == 0x2 || type == 0x6 || type == 0x8 || type == 0x9;
    }

    /// {@return whether a setting is HTTP/2's, and an error here (section 7.2.4.1)}
    static boolean isReservedSetting(long id) {
        return id == 0x0 || id >= 0x2 && id <= 0x5;
    }

    static int numberBytes(long value) {
        return QuicVarint.bytes(value);
    }

    /// Writes a number as short as it can be.
    ///
    /// @return where the next byte goes
    static long number(MemorySegment output, long at, long value) {
        return at + QuicVarint.set(output, at, value);
    }

    /// Writes a number in so many octets, 1, 2, 4 or 8.
    ///
    /// @return where the next byte goes
    static long number(MemorySegment output, long at, long value, int bytes) {
        QuicVarint.set(output, at, value, bytes);
        return at + bytes;
    }

    static long head(MemorySegment output, long at, long type, long length) {
        return number(output, number(output, at, type), length);
    }
}
