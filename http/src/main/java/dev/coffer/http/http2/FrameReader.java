package dev.coffer.http.http2;

import dev.coffer.http.Ascii;
import dev.coffer.memory.layout.BigEndian;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Takes a connection's bytes apart: the preface (RFC 9113, section 3.4), then frames (4.1), in pieces of any size. Content and field
/// blocks are handed on as they come; of other frames as much is kept as is looked at.
final class FrameReader {
    static final Ascii PREFACE = Ascii.of("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    private static final int PRIORITY_BYTES = 5;
    /// Of a frame that is looked at: of a longer one it is not known what comes behind.
    static final int KEPT_MAX = Controls.PAYLOAD_BYTES - 16;

    private enum State { PREFACE, HEAD, PREFIX, BODY, PADDING, KEPT, REST }

    private final Http2Engine engine;
    private final boolean prefaced;     // the peer says the preface
    private final MemorySegment memory;
    private final long headAt;
    private final long keptAt;

    private State state = State.PREFACE;
    private int have;           // bytes of the preface, the head, the prefix or what is kept
    private int want;
    private int left;           // bytes of the payload
    private int padding;
    private int type;
    private int flags;
    private int stream;

    FrameReader(Http2Engine engine, Controls controls, boolean prefaced) {
        this.engine = engine;
        this.prefaced = prefaced;
        this.memory = controls.memory();
        this.headAt = controls.payloadAt();
        this.keptAt = headAt + 16;
    }

    void reset() {
        if (prefaced) {
            state = State.PREFACE;
            have = 0;
            want = PREFACE.length();
        } else {
            toHead();
        }
    }

    /// The preface came long ago.
    void resume() {
        toHead();
    }

    /// {@return whether nothing of a frame has come}
    boolean isBetween() {
        return state == State.HEAD && have == 0;
    }

    boolean inPreface() {
        return state == State.PREFACE;
    }

    /// Takes bytes, up to an error of the connection, or to its end by what a frame has brought about.
    ///
    /// @return NO_ERROR where there was none
    ErrorCode feed(MemorySegment input, long at, long length, long now) {
        long from = at;
        long last = at + length;
        ErrorCode error = ErrorCode.NO_ERROR;
        while (from < last && error == ErrorCode.NO_ERROR && !engine.isOver()) {
            switch (state) {
                case PREFACE -> {
                    if (input.get(ValueLayout.JAVA_BYTE, from++) != PREFACE.at(have++)) {
                        return ErrorCode.PROTOCOL_ERROR;
                    }
                    if (have == want) {
                        toHead();
                    }
                }
                case HEAD -> from += collect(input, from, last, headAt);
                case PREFIX, KEPT -> from += collect(input, from, last, keptAt);
                case BODY, PADDING, REST -> {
                    int bytes = (int) Math.min(last - from, left - (state == State.BODY ? padding : 0));
                    if (state == State.BODY) {
                        error = engine.receiving().body(type, input, from, bytes, now);
                    }
                    left -= bytes;
                    from += bytes;
                }
            }
            while (error == ErrorCode.NO_ERROR && isDone() && !engine.isOver()) {
                error = next(now);
            }
        }
        return error;
    }

    private void toHead() {
        state = State.HEAD;
        have = 0;
        want = Frame.HEAD_BYTES;
    }

    private int collect(MemorySegment input, long from, long last, long to) {
        int bytes = (int) Math.min(want - have, last - from);
        MemorySegment.copy(input, from, memory, to + have, bytes);
        have += bytes;
        return bytes;
    }

    private boolean isDone() {
        return switch (state) {
            case PREFACE -> false;
            case HEAD, PREFIX, KEPT -> have == want;
            case BODY -> left == padding;
            case PADDING, REST -> left == 0;
        };
    }

    private ErrorCode next(long now) {
        return switch (state) {
            case PREFACE -> throw new AssertionError(state);
            case HEAD -> begin(now);
            case PREFIX -> prefixed(now);
            case BODY -> {
                state = State.PADDING;
                yield ErrorCode.NO_ERROR;
            }
            case PADDING -> {
                toHead();
                yield engine.receiving().bodyEnd(type, flags, now);
            }
            case KEPT -> kept(now);
            case REST -> {
                toHead();
                yield ErrorCode.NO_ERROR;
            }
        };
    }

    private ErrorCode begin(long now) {
        left = BigEndian.u24(memory, headAt);
        type = memory.get(ValueLayout.JAVA_BYTE, headAt + 3) & 0xff;
        flags = memory.get(ValueLayout.JAVA_BYTE, headAt + 4) & 0xff;
        stream = BigEndian.i32(memory, headAt + 5) & Integer.MAX_VALUE;  // the reserved bit is ignored (section 4.1)
        FrameTrace trace = engine.trace();
        if (trace != null) {
            trace.frame(false, type, flags, stream, left);
        }
        ErrorCode error = engine.receiving().frame(type, flags, stream, left, now);
        if (error != ErrorCode.NO_ERROR) {
            return error;
        }
        have = 0;
        padding = 0;
        switch (type) {
            case Frame.DATA, Frame.HEADERS, Frame.CONTINUATION -> {
                boolean padded = type != Frame.CONTINUATION && (flags & Frame.PADDED) != 0;
                want = (padded ? 1 : 0) + (type == Frame.HEADERS && (flags & Frame.PRIORITIZED) != 0 ? PRIORITY_BYTES : 0);
                if (want > left) {
                    return ErrorCode.FRAME_SIZE_ERROR;
                }
                state = State.PREFIX;
            }
            case Frame.SETTINGS -> {
                want = Math.min(left, Frame.SETTING_BYTES);
                state = State.KEPT;
            }
            default -> {
                want = Math.min(left, KEPT_MAX);
                state = State.KEPT;
            }
        }
        return ErrorCode.NO_ERROR;
    }

    /// Padding's length and the old priority have come.
    private ErrorCode prefixed(long now) {
        int payload = left;
        left -= want;
        long at = keptAt;
        if (type != Frame.CONTINUATION && (flags & Frame.PADDED) != 0) {
            padding = memory.get(ValueLayout.JAVA_BYTE, at++) & 0xff;
            if (padding > left) {
                return ErrorCode.PROTOCOL_ERROR;  // sections 6.1, 6.2
            }
        }
        int dependency = want >= PRIORITY_BYTES ? BigEndian.i32(memory, at) & Integer.MAX_VALUE : 0;
        state = State.BODY;
        return engine.receiving().bodyBegin(type, flags, stream, payload, left - padding, dependency, now);
    }

    private ErrorCode kept(long now) {
        left -= want;
        if (type == Frame.SETTINGS && want > 0) {
            ErrorCode error = engine.receiving().setting(BigEndian.u16(memory, keptAt), BigEndian.u32(memory, keptAt + 2));
            if (error != ErrorCode.NO_ERROR) {
                return error;
            }
            have = 0;
            want = Math.min(left, Frame.SETTING_BYTES);
            if (want > 0) {
                return ErrorCode.NO_ERROR;
            }
        }
        state = State.REST;
        return engine.receiving().kept(type, flags, stream, memory, keptAt, want, now);
    }
}
