package dev.coffer.http.http2;

import dev.coffer.memory.layout.BigEndian;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// A frame's head, its types and flags (RFC 9113, sections 4.1 and 6). Stateless, thread-safe.
///
/// ```
///   0        3      4       5           9
///   | length | type | flags | stream id | length bytes of payload
/// ```
final class Frame {
    static final int HEAD_BYTES = 9;
    /// Largest payload that both sides take without asking (section 4.2); we never allow more.
    static final int PAYLOAD_BYTES_MAX = 1 << 14;

    static final int DATA = 0x0;
    static final int HEADERS = 0x1;
    static final int PRIORITY = 0x2;
    static final int RST_STREAM = 0x3;
    static final int SETTINGS = 0x4;
    static final int PUSH_PROMISE = 0x5;
    static final int PING = 0x6;
    static final int GOAWAY = 0x7;
    static final int WINDOW_UPDATE = 0x8;
    static final int CONTINUATION = 0x9;
    static final int PRIORITY_UPDATE = 0x10;    // RFC 9218, section 7.1

    static final int END_STREAM = 0x1;
    static final int ACK = 0x1;
    static final int END_HEADERS = 0x4;
    static final int PADDED = 0x8;
    static final int PRIORITIZED = 0x20;

    static final int RST_STREAM_BYTES = HEAD_BYTES + 4;
    static final int PING_BYTES = HEAD_BYTES + 8;
    static final int GOAWAY_BYTES = HEAD_BYTES + 8;
    static final int WINDOW_UPDATE_BYTES = HEAD_BYTES + 4;

    // Settings (section 6.5.2; RFC 8441; RFC 9218, section 2.1).
    static final int SETTING_BYTES = 6;
    static final int HEADER_TABLE_SIZE = 0x1;
    static final int ENABLE_PUSH = 0x2;
    static final int MAX_CONCURRENT_STREAMS = 0x3;
    static final int INITIAL_WINDOW_SIZE = 0x4;
    static final int MAX_FRAME_SIZE = 0x5;
    static final int MAX_HEADER_LIST_SIZE = 0x6;
    static final int ENABLE_CONNECT_PROTOCOL = 0x8;
    static final int NO_RFC7540_PRIORITIES = 0x9;

    /// What a window starts with, and the most that it may have (sections 6.9.2, 6.9.1).
    static final int WINDOW_BYTES_INITIAL = 65_535;
    static final int WINDOW_BYTES_MAX = Integer.MAX_VALUE;

    private Frame() {}

    static void head(MemorySegment output, long at, int length, int type, int flags, int stream) {
        BigEndian.u24(output, at, length);
        output.set(ValueLayout.JAVA_BYTE, at + 3, (byte) type);
        output.set(ValueLayout.JAVA_BYTE, at + 4, (byte) flags);
        BigEndian.i32(output, at + 5, stream);
    }

    static void setting(MemorySegment output, long at, int name, int value) {
        BigEndian.u16(output, at, name);
        BigEndian.i32(output, at + 2, value);
    }
}
