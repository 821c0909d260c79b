package dev.coffer.http.http2;

import dev.coffer.http.FieldName;
import dev.coffer.http.Refusal;
import dev.coffer.memory.layout.BigEndian;
import java.lang.foreign.MemorySegment;

/// What each frame of a client means in each state of its stream (RFC 9113, sections 5.1 and 6): which are errors of the connection,
/// which of a stream, and what the others do.
final class Receiving {
    private static final int CLIENT = 1;            // streams of clients have odd numbers (section 5.1.1)

    private final Http2Server server;
    private final Http2Streams shared;
    private final StreamList streams;
    private final Controls controls;
    private final HeadReception head;
    private final Floods floods;

    private Stream target;          // of the DATA frame that is under way; null where it is passed by
    private int lastStream;         // highest that a client has begun
    private boolean settled;        // the client's settings have come
    private boolean acknowledged;   // it has ours

    Receiving(Http2Server server, Http2Streams shared, StreamList streams, Controls controls, HeadReception head, Floods floods) {
        this.server = server;
        this.shared = shared;
        this.streams = streams;
        this.controls = controls;
        this.head = head;
        this.floods = floods;
    }

    void reset() {
        target = null;
        lastStream = 0;
        settled = false;
        acknowledged = false;
        head.reset();
    }

    int lastStream() {
        return lastStream;
    }

    boolean inBlock() {
        return head.isOpen();
    }

    long blockBegan() {
        return head.began();
    }

    /// {@return whether the connection has ended: no frame is looked at any more}
    boolean isOver() {
        return server.isOver();
    }

    /// A stream is given back: nothing is kept for it any more.
    void forget(Stream released) {
        if (target == released) {
            target = null;
        }
        head.forget(released);
    }

    /// A frame's head has come.
    ErrorCode frame(int type, int flags, int id, int length, long now) {
        if (length > Frame.PAYLOAD_BYTES_MAX) {
            return ErrorCode.FRAME_SIZE_ERROR;  // section 4.2
        }
        if (head.isOpen() && (type != Frame.CONTINUATION || id != head.id())
                || !settled && (type != Frame.SETTINGS || (flags & Frame.ACK) != 0)) {
            return ErrorCode.PROTOCOL_ERROR;    // sections 6.10, 3.4
        }
        return switch (type) {
            case Frame.DATA -> id == 0 || isIdle(id) ? ErrorCode.PROTOCOL_ERROR : ErrorCode.NO_ERROR;
            case Frame.HEADERS -> id % 2 != CLIENT ? ErrorCode.PROTOCOL_ERROR : ErrorCode.NO_ERROR;
            case Frame.CONTINUATION -> !head.isOpen() ? ErrorCode.PROTOCOL_ERROR
                    : head.isContinuationTooMany() ? ErrorCode.ENHANCE_YOUR_CALM : ErrorCode.NO_ERROR;
            case Frame.PRIORITY -> id == 0 ? ErrorCode.PROTOCOL_ERROR : floods.priorities.take(now) ? ErrorCode.NO_ERROR
                    : ErrorCode.ENHANCE_YOUR_CALM;
            case Frame.RST_STREAM -> id == 0 || isIdle(id) ? ErrorCode.PROTOCOL_ERROR : size(length == 4);
            case Frame.SETTINGS -> settings(flags, id, length, now);
            case Frame.PUSH_PROMISE -> ErrorCode.PROTOCOL_ERROR;  // section 8.4
            case Frame.PING -> id != 0 ? ErrorCode.PROTOCOL_ERROR : length != 8 ? ErrorCode.FRAME_SIZE_ERROR
                    : floods.pings.take(now) ? ErrorCode.NO_ERROR : ErrorCode.ENHANCE_YOUR_CALM;
            case Frame.GOAWAY -> id != 0 ? ErrorCode.PROTOCOL_ERROR : size(length >= 8);
            case Frame.WINDOW_UPDATE -> id != 0 && isIdle(id) ? ErrorCode.PROTOCOL_ERROR : length != 4 ? ErrorCode.FRAME_SIZE_ERROR
                    : floods.updates.take(now) ? ErrorCode.NO_ERROR : ErrorCode.ENHANCE_YOUR_CALM;
            case Frame.PRIORITY_UPDATE -> id != 0 ? ErrorCode.PROTOCOL_ERROR : length < 4 ? ErrorCode.FRAME_SIZE_ERROR
                    : floods.priorities.take(now) ? ErrorCode.NO_ERROR : ErrorCode.ENHANCE_YOUR_CALM;
            default -> floods.priorities.take(now) ? ErrorCode.NO_ERROR : ErrorCode.ENHANCE_YOUR_CALM;  // ignored (section 5.5)
        };
    }

    private static ErrorCode size(boolean right) {
        return right ? ErrorCode.NO_ERROR : ErrorCode.FRAME_SIZE_ERROR;
    }

    /// {@return whether no stream of that number was ever begun; we begin none}
    private boolean isIdle(int id) {
        return id % 2 != CLIENT || id > lastStream;
    }

    private ErrorCode settings(int flags, int id, int length, long now) {
        if (id != 0) {
            return ErrorCode.PROTOCOL_ERROR;
        }
        if (length % Frame.SETTING_BYTES != 0 || (flags & Frame.ACK) != 0 && length != 0) {
            return ErrorCode.FRAME_SIZE_ERROR;
        }
        settled = true;
        return floods.settings.take(now) ? ErrorCode.NO_ERROR : ErrorCode.ENHANCE_YOUR_CALM;
    }

    /// One of the client's settings (section 6.5.2).
    ErrorCode setting(int name, long value) {
        return switch (name) {
            case Frame.HEADER_TABLE_SIZE -> {
                server.sending().tableLimit(value);
                yield ErrorCode.NO_ERROR;
            }
            case Frame.ENABLE_PUSH, Frame.NO_RFC7540_PRIORITIES -> value > 1 ? ErrorCode.PROTOCOL_ERROR : ErrorCode.NO_ERROR;
            case Frame.INITIAL_WINDOW_SIZE -> value > Frame.WINDOW_BYTES_MAX ? ErrorCode.FLOW_CONTROL_ERROR
                    : server.sending().initialWindow((int) value);
            case Frame.MAX_FRAME_SIZE -> value < Frame.PAYLOAD_BYTES_MAX || value >= 1 << 24 ? ErrorCode.PROTOCOL_ERROR
                    : ErrorCode.NO_ERROR;  // ours are never larger than the least
            default -> ErrorCode.NO_ERROR;
        };
    }

    /// DATA or a field block begins.
    ///
    /// @param payload     bytes with padding
    /// @param bytes       without
    /// @param dependency  of the old priority, 0 for none
    ErrorCode bodyBegin(int type, int flags, int id, int payload, int bytes, int dependency, long now) {
        return switch (type) {
            case Frame.DATA -> dataBegin(flags, id, payload, bytes, now);
            case Frame.HEADERS -> headersBegin(flags, id, dependency, now);
            default -> ErrorCode.NO_ERROR;
        };
    }

    ErrorCode body(int type, MemorySegment input, long at, int length, long now) {
        if (type != Frame.DATA) {
            return head.fragment(input, at, length);
        }
        Stream stream = target;
        if (stream == null || stream.isDoomed) {
            return ErrorCode.NO_ERROR;
        }
        stream.received += length;
        stream.receivePace.passed(length, now);
        long announced = stream.request.contentLength();
        if (announced >= 0 && stream.received > announced) {
            return server.exchanges().streamError(stream, ErrorCode.PROTOCOL_ERROR, Refusal.CONTENT_LENGTH, now);  // section 8.1.1
        }
        if (stream.received > shared.config().limits().bodyBytesMax() && !stream.skipping) {
            server.exchanges().refuse(stream, Refusal.CONTENT_TOO_LARGE);
        }
        if (stream.skipping) {
            stream.credit += length;
        } else {
            stream.put(input, at, length);
            streams.ready(stream);
        }
        return ErrorCode.NO_ERROR;
    }

    ErrorCode bodyEnd(int type, int flags, long now) {
        if (type == Frame.DATA) {
            Stream stream = target;
            target = null;
            return stream != null && !stream.isDoomed && (flags & Frame.END_STREAM) != 0 ? requestEnd(stream, now) : ErrorCode.NO_ERROR;
        }
        return (flags & Frame.END_HEADERS) != 0 ? headEnd(now) : ErrorCode.NO_ERROR;
    }

    private ErrorCode dataBegin(int flags, int id, int payload, int bytes, long now) {
        target = null;
        if (payload > Frame.WINDOW_BYTES_INITIAL - controls.credit()) {
            return ErrorCode.FLOW_CONTROL_ERROR;
        }
        controls.credit(payload);  // each stream has a window of its own, so the connection's holds nobody back
        if (bytes == 0 && (flags & Frame.END_STREAM) == 0 && !floods.empties.take(now)) {
            return ErrorCode.ENHANCE_YOUR_CALM;
        }
        Stream stream = streams.find(id);
        if (stream == null) {
            return controls.isRecent(id) ? ErrorCode.NO_ERROR : ErrorCode.STREAM_CLOSED;
        }
        if (stream.isDoomed) {
            return ErrorCode.NO_ERROR;
        }
        if (stream.remoteEnded) {
            return server.exchanges().streamError(stream, ErrorCode.STREAM_CLOSED, Refusal.UNEXPECTED, now);
        }
        if (payload > stream.allowed) {
            // before it has our settings it may take the window for larger (section 6.9.2)
            return server.exchanges().streamError(stream, acknowledged ? ErrorCode.FLOW_CONTROL_ERROR : ErrorCode.REFUSED_STREAM,
                    Refusal.CONTENT_TOO_LARGE, now);
        }
        stream.allowed -= payload;
        stream.credit += payload - bytes;
        stream.awaits100 = false;
        target = stream;
        return ErrorCode.NO_ERROR;
    }

    private ErrorCode headersBegin(int flags, int id, int dependency, long now) {
        boolean ends = (flags & Frame.END_STREAM) != 0;
        Stream stream = streams.find(id);
        if (stream != null) {
            return trailersBegin(stream, ends, now);
        }
        if (id <= lastStream) {
            if (!controls.isRecent(id)) {
                return ErrorCode.STREAM_CLOSED;
            }
            head.begin(id, null, HeadReception.Kind.PASSED_BY, ends, now);
            return ErrorCode.NO_ERROR;
        }
        lastStream = id;
        ErrorCode refused = ErrorCode.NO_ERROR;
        if (server.takesNoMore()) {
            refused = ErrorCode.REFUSED_STREAM;
        } else if (dependency == id) {
            refused = ErrorCode.PROTOCOL_ERROR;
        } else {
            stream = server.exchanges().open(id, !ends);
        }
        head.begin(id, stream, HeadReception.Kind.REQUEST, ends, now);
        return stream != null ? ErrorCode.NO_ERROR
                : refused == ErrorCode.NO_ERROR ? server.exchanges().refuseStream(id, now) : server.exchanges().refuseStream(id, refused, now);
    }

    private ErrorCode trailersBegin(Stream stream, boolean ends, long now) {
        Stream taker = stream.isDoomed || stream.remoteEnded || !ends ? null : stream;
        head.begin(stream.id, taker, HeadReception.Kind.TRAILERS, ends, now);
        return taker != null || stream.isDoomed ? ErrorCode.NO_ERROR
                : stream.remoteEnded ? server.exchanges().streamError(stream, ErrorCode.STREAM_CLOSED, Refusal.UNEXPECTED, now)
                        : server.exchanges().streamError(stream, ErrorCode.PROTOCOL_ERROR, Refusal.TRAILER, now);  // section 8.1
    }

    private ErrorCode headEnd(long now) {
        Stream stream = head.stream();
        ErrorCode error = head.end();
        if (error != ErrorCode.NO_ERROR || stream == null || stream.isDoomed) {
            return error;
        }
        if (head.kind() == HeadReception.Kind.TRAILERS) {
            if (head.isMalformed() || head.isTooLong()) {
                return server.exchanges().streamError(stream, ErrorCode.PROTOCOL_ERROR, head.isTooLong() ? Refusal.TOO_MANY_FIELDS : Refusal.TRAILER, now);
            }
            stream.trailersDue = true;
            return requestEnd(stream, now);
        }
        stream.remoteEnded = head.ends();
        if (stream.refusal != null) {
            return ErrorCode.NO_ERROR;  // it took too long, and is being answered
        }
        ReceivedFields request = stream.request;
        request.complete(head.ends());
        if (request.isMalformed() && !head.isTooLong()) {
            return server.exchanges().streamError(stream, ErrorCode.PROTOCOL_ERROR, Refusal.FIELD_NAME, now);  // section 8.1.1
        }
        int priority = request.find(FieldName.PRIORITY);
        if (priority >= 0) {
            Priority.read(stream, stream.memory, request.valueAt(priority), request.valueLength(priority));
        }
        if (head.isTooLong()) {
            request.refuse(Refusal.HEAD_TOO_LONG);
        } else if (request.contentLength() > shared.config().limits().bodyBytesMax()) {
            request.refuse(Refusal.CONTENT_TOO_LARGE);
        }
        if (request.refusal() != Refusal.NONE) {
            server.exchanges().refuse(stream, request.refusal());
        } else {
            server.exchanges().request(stream);
        }
        return ErrorCode.NO_ERROR;
    }

    /// END_STREAM has come.
    private ErrorCode requestEnd(Stream stream, long now) {
        long announced = stream.request.contentLength();
        if (announced >= 0 && announced != stream.received) {
            return server.exchanges().streamError(stream, ErrorCode.PROTOCOL_ERROR, Refusal.CONTENT_LENGTH, now);
        }
        stream.remoteEnded = true;
        stream.endDue = true;
        streams.ready(stream);
        return ErrorCode.NO_ERROR;
    }

    /// A frame that is small has come, or the beginning of one that is not looked at further.
    ///
    /// @param length  bytes at `at`
    ErrorCode kept(int type, int flags, int id, MemorySegment memory, long at, int length, long now) {
        return switch (type) {
            case Frame.SETTINGS -> settingsEnd(flags);
            case Frame.PING -> ping(flags, BigEndian.i64(memory, at));
            case Frame.PRIORITY -> priority(id, memory, at, length, now);
            case Frame.RST_STREAM -> rstStream(id, now);
            case Frame.GOAWAY -> {
                server.retire();
                yield ErrorCode.NO_ERROR;
            }
            case Frame.WINDOW_UPDATE -> update(id, BigEndian.i32(memory, at) & Integer.MAX_VALUE, now);
            case Frame.PRIORITY_UPDATE -> {
                int prioritized = BigEndian.i32(memory, at) & Integer.MAX_VALUE;
                Stream stream = streams.find(prioritized);
                if (stream != null) {
                    Priority.read(stream, memory, at + Integer.BYTES, length - Integer.BYTES);
                }
                yield prioritized == 0 ? ErrorCode.PROTOCOL_ERROR : ErrorCode.NO_ERROR;  // RFC 9218, section 7.1
            }
            default -> ErrorCode.NO_ERROR;
        };
    }

    private ErrorCode settingsEnd(int flags) {
        if ((flags & Frame.ACK) != 0) {
            acknowledged = true;
            return ErrorCode.NO_ERROR;
        }
        return controls.settingsAck() ? ErrorCode.NO_ERROR : ErrorCode.ENHANCE_YOUR_CALM;
    }

    private ErrorCode ping(int flags, long opaque) {
        if ((flags & Frame.ACK) != 0) {
            if (opaque == Controls.FAREWELL) {
                server.farewellHeard();
            }
            return ErrorCode.NO_ERROR;
        }
        return controls.ping(opaque) ? ErrorCode.NO_ERROR : ErrorCode.ENHANCE_YOUR_CALM;
    }

    /// The old priorities are taken apart for their errors and else ignored (section 5.3).
    private ErrorCode priority(int id, MemorySegment memory, long at, int length, long now) {
        ErrorCode code = length != 5 ? ErrorCode.FRAME_SIZE_ERROR
                : (BigEndian.i32(memory, at) & Integer.MAX_VALUE) == id ? ErrorCode.PROTOCOL_ERROR : ErrorCode.NO_ERROR;
        if (code == ErrorCode.NO_ERROR) {
            return code;
        }
        Stream stream = streams.find(id);
        return stream == null ? code : stream.isDoomed ? ErrorCode.NO_ERROR : server.exchanges().streamError(stream, code, Refusal.UNEXPECTED, now);
    }

    private ErrorCode rstStream(int id, long now) {
        Stream stream = streams.find(id);
        if (stream == null || stream.isDoomed) {
            return ErrorCode.NO_ERROR;
        }
        boolean early = !stream.sentDue;
        server.exchanges().cancelled(stream);
        return early && !floods.resets.take(now) ? ErrorCode.ENHANCE_YOUR_CALM : ErrorCode.NO_ERROR;
    }

    private ErrorCode update(int id, int bytes, long now) {
        if (id == 0) {
            return bytes == 0 ? ErrorCode.PROTOCOL_ERROR : server.sending().credit(bytes);
        }
        Stream stream = streams.find(id);
        if (stream == null || stream.isDoomed) {
            return ErrorCode.NO_ERROR;  // it may have been sent before our end was heard of (section 5.1)
        }
        if (bytes == 0) {
            return server.exchanges().streamError(stream, ErrorCode.PROTOCOL_ERROR, Refusal.UNEXPECTED, now);  // section 6.9
        }
        stream.window += bytes;
        return stream.window > Frame.WINDOW_BYTES_MAX ? server.exchanges().streamError(stream, ErrorCode.FLOW_CONTROL_ERROR, Refusal.UNEXPECTED, now)
                : ErrorCode.NO_ERROR;
    }
}
