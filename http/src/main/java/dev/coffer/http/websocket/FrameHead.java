package dev.coffer.http.websocket;

import dev.coffer.memory.layout.BigEndian;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// The head of a frame that comes, octet by octet (RFC 6455, section 5.2): two octets, a longer length where they say so, a mask's key.
final class FrameHead {
    /// Bytes of memory: the longest has 14.
    static final int BYTES = 16;
    private static final int FIRST_BYTES = 2;

    /// ILLEGAL: no frame may begin like that here.
    enum Coming { MORE, WHOLE, ILLEGAL }

    private final MemorySegment memory;
    private final long base;
    private int have;               // bytes that have come
    private int wanted = FIRST_BYTES;
    private int taken;              // of the last input
    private int opcode;
    private boolean last;           // the frame ends its message
    private int key;
    private long length;            // of its payload

    FrameHead(MemorySegment memory, long at) {
        this.memory = memory;
        this.base = at;
    }

    /// Another head comes.
    void begin() {
        have = 0;
        wanted = FIRST_BYTES;
    }

    /// Takes octets from the front of what has come, none behind the head's own; [#taken] says how many.
    ///
    /// @param within  whether a message is under way
    Coming take(MemorySegment input, long at, long room, boolean within) {
        taken = 0;
        while (have < wanted) {
            if (taken == room) {
                return Coming.MORE;
            }
            memory.set(ValueLayout.JAVA_BYTE, base + have++, input.get(ValueLayout.JAVA_BYTE, at + taken++));
            if (have == FIRST_BYTES) {
                if (!isLegal(within)) {
                    return Coming.ILLEGAL;
                }
                int size = size();
                wanted += WebSocketFrame.KEY_BYTES
                        + (size == WebSocketFrame.LENGTH_16 ? Short.BYTES : size == WebSocketFrame.LENGTH_64 ? Long.BYTES : 0);
            }
        }
        int size = size();
        length = size == WebSocketFrame.LENGTH_16 ? BigEndian.u16(memory, base + FIRST_BYTES)
                : size == WebSocketFrame.LENGTH_64 ? BigEndian.i64(memory, base + FIRST_BYTES) : size;
        if (length < 0 || size == WebSocketFrame.LENGTH_16 && length < WebSocketFrame.LENGTH_16
                || size == WebSocketFrame.LENGTH_64 && length < 1 << Short.SIZE) {
            return Coming.ILLEGAL;  // longer than it need be, or the highest bit is set (section 5.2)
        }
        key = Integer.reverseBytes(BigEndian.i32(memory, base + wanted - WebSocketFrame.KEY_BYTES));
        begin();
        return Coming.WHOLE;
    }

    /// {@return whether the first two octets may stand here (sections 5.1, 5.2, 5.4, 5.5)}
    private boolean isLegal(boolean within) {
        int one = octet(0);
        opcode = one & WebSocketFrame.OPCODE;
        last = (one & WebSocketFrame.FIN) != 0;
        boolean known = switch (opcode) {
            case WebSocketFrame.CONTINUATION -> within;
            case WebSocketFrame.TEXT, WebSocketFrame.BINARY -> !within;
            case WebSocketFrame.CLOSE, WebSocketFrame.PING, WebSocketFrame.PONG -> last && size() <= WebSocketFrame.CONTROL_BYTES_MAX;
            default -> false;
        };
        return known && (one & WebSocketFrame.RESERVED) == 0 && (octet(1) & WebSocketFrame.MASKED) != 0;
    }

    private int octet(int index) {
        return memory.get(ValueLayout.JAVA_BYTE, base + index) & 0xff;
    }

    private int size() {
        return octet(1) & WebSocketFrame.LENGTH;
    }

    int taken() {
        return taken;
    }

    int opcode() {
        return opcode;
    }

    /// {@return whether the frame ends its message}
    boolean isLast() {
        return last;
    }

    int key() {
        return key;
    }

    /// {@return bytes of the frame's payload}
    long length() {
        return length;
    }
}
