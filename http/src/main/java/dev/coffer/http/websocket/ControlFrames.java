package dev.coffer.http.websocket;

import dev.coffer.http.Ascii;
import dev.coffer.memory.layout.BigEndian;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// The control frames that are sent (RFC 6455, section 5.5), one at a time: pongs, a ping, and a close behind which nothing goes.
final class ControlFrames {
    /// Bytes of memory: a head and the longest payload have 127.
    static final int BYTES = 128;

    private final MemorySegment memory;
    private final long base;
    private int length;             // of the frame that is under way, else 0
    private int sentBytes;          // of it
    private boolean pingDue;
    private int closeDue;           // code, NONE for none to be said; 0 where no close is due
    private @Nullable Ascii reason;
    private boolean noMore;         // no message begins any more
    private boolean closing;        // a close frame is composed
    private boolean closed;         // and has gone

    ControlFrames(MemorySegment memory, long at) {
        this.memory = memory;
        this.base = at;
    }

    void reset() {
        length = 0;
        sentBytes = 0;
        pingDue = false;
        closeDue = 0;
        reason = null;
        noMore = false;
        closing = false;
        closed = false;
    }

    void ping() {
        pingDue = true;
    }

    /// A close is due, unless one was before.
    void close(int code, @Nullable Ascii why) {
        if (closeDue == 0) {
            closeDue = code;
            reason = why;
        }
    }

    void endMessages() {
        noMore = true;
    }

    boolean areMessagesEnded() {
        return noMore;
    }

    boolean isCloseDue() {
        return closeDue != 0;
    }

    /// {@return whether the next frame is a close, or that has gone: nothing follows it}
    boolean isSilent() {
        return noMore && closeDue != 0;
    }

    boolean isClosed() {
        return closed;
    }

    /// {@return whether a frame has begun, or waits for room}
    boolean isUnderWay() {
        return length > 0;
    }

    /// Composes the answer to a ping.
    ///
    /// @param at  of the ping's payload
    void pong(long at, int bytes) {
        int head = WebSocketFrame.head(memory, base, WebSocketFrame.PONG, bytes);
        MemorySegment.copy(memory, at, memory, base + head, bytes);
        length = head + bytes;
        sentBytes = 0;
    }

    /// Puts the frame together that is due, a close before a ping.
    ///
    /// @return whether there is one
    boolean compose() {
        boolean closes = isSilent();
        if (closing || !closes && !pingDue) {
            return false;
        }
        sentBytes = 0;
        if (!closes) {
            pingDue = false;
            length = WebSocketFrame.head(memory, base, WebSocketFrame.PING, 0);
            return true;
        }
        closing = true;
        int payload = closeDue == CloseCode.NONE ? 0 : Short.BYTES + (reason == null ? 0 : reason.length());
        length = WebSocketFrame.head(memory, base, WebSocketFrame.CLOSE, payload) + payload;
        if (payload > 0) {
            BigEndian.u16(memory, base + 2, closeDue);
            if (reason != null) {
                reason.write(memory, base + 2 + Short.BYTES);
            }
        }
        return true;
    }

    /// Writes the frame that is under way, or as much of it as there is room for.
    int write(MemorySegment output, long at, long room) {
        int bytes = (int) Math.min(room, length - sentBytes);
        MemorySegment.copy(memory, base + sentBytes, output, at, bytes);
        sentBytes += bytes;
        if (sentBytes == length) {
            length = 0;
            closed = closing;
        }
        return bytes;
    }
}
