package dev.coffer.http.http2;

import dev.coffer.http.Refusal;
import dev.coffer.http.internal.Priority;
import dev.coffer.http.internal.Rate;
import dev.coffer.http.internal.RestBlocks;
import dev.coffer.memory.layout.BigEndian;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// What each frame of a peer means in each state of its stream (RFC 9113, sections 5.1 and 6): which are errors of the connection, which of a
/// stream, and what the others do. What depends on whose side it is, heads above all, is the two sides' own.
abstract sealed class Receiving permits ServerReceiving, ClientReceiving {
    private static final int SETTLED = 1;
    private static final int ACKNOWLEDGED = 2;
    /// Bytes that [#keep] writes.
    static final int KEPT_BYTES = Integer.BYTES;

    final StreamList streams;
    final Controls controls;
    final HeadReception head;
    final Floods floods;
    private final Http2Engine engine;

    private @Nullable Stream target;          // of the DATA frame that is under way; null where it is passed by
    private boolean settled;        // the peer's settings have come
    private boolean acknowledged;   // it has ours

    Receiving(Http2Engine engine) {
        this.engine = engine;
        this.streams = engine.streams;
        this.controls = engine.controls;
        this.head = engine.head;
        this.floods = engine.floods;
    }

    void reset() {
        target = null;
        settled = false;
        acknowledged = false;
        head.reset();
    }

    final void keep(RestBlocks rest) {
        rest.putInt((settled ? SETTLED : 0) | (acknowledged ? ACKNOWLEDGED : 0));
    }

    final void resume(RestBlocks rest) {
        int flags = rest.getInt();
        settled = (flags & SETTLED) != 0;
        acknowledged = (flags & ACKNOWLEDGED) != 0;
    }

    /// {@return whether no stream of that number was ever begun}
    abstract boolean isIdle(int id);

    /// A frame's head that only one side may send, or that names no stream which this side would take.
    abstract ErrorCode check(int type, int id);

    /// A setting that only one side may say, or means something to.
    abstract ErrorCode ownSetting(int name, long value);

    /// HEADERS begin.
    abstract ErrorCode headersBegin(int flags, int id, int dependency, long now);

    /// An answer's or a request's head has ended, whole.
    abstract ErrorCode headEnd(Stream stream, long now);

    /// The peer resets a stream.
    abstract ErrorCode rstStream(Stream stream, ErrorCode code, long now);

    /// PRIORITY_UPDATE says that of a stream.
    ///
    /// @param priority  NONE where it is none
    abstract ErrorCode prioritize(int id, int priority);

    /// The peer takes no streams past that one.
    ///
    /// @param why  as it says
    abstract ErrorCode goAway(int lastStream, ErrorCode why);

    /// {@return whether the peer's settings have come}
    final boolean isSettled() {
        return settled;
    }

    /// {@return whether the peer may still take a stream's window for larger than it is (section 6.9.2): what it sends past it then is no fault}
    final boolean mayOverrun() {
        return !acknowledged && engine.config.windowBytes() < Frame.WINDOW_BYTES_INITIAL;
    }

    /// A stream is given back: nothing is kept for it any more.
    final void forget(Stream released) {
        if (target == released) {
            target = null;
        }
        head.forget(released);
    }

    /// A frame's head has come.
    final ErrorCode frame(int type, int flags, int id, int length, long now) {
        if (length > Frame.PAYLOAD_BYTES_MAX) {
            return ErrorCode.FRAME_SIZE_ERROR;  // section 4.2
        }
        if (head.isOpen() && (type != Frame.CONTINUATION || id != head.id())
                || !settled && (type != Frame.SETTINGS || (flags & Frame.ACK) != 0)) {
            return ErrorCode.PROTOCOL_ERROR;    // sections 6.10, 3.4
        }
        return switch (type) {
            case Frame.DATA -> id == 0 || isIdle(id) ? ErrorCode.PROTOCOL_ERROR : ErrorCode.NO_ERROR;
            case Frame.HEADERS -> check(type, id);
            case Frame.CONTINUATION -> !head.isOpen() ? ErrorCode.PROTOCOL_ERROR
                    : head.isContinuationTooMany() ? ErrorCode.ENHANCE_YOUR_CALM : ErrorCode.NO_ERROR;
            case Frame.PRIORITY -> id == 0 ? ErrorCode.PROTOCOL_ERROR : ration(floods.priorities, now);
            case Frame.RST_STREAM -> id == 0 || isIdle(id) ? ErrorCode.PROTOCOL_ERROR : size(length == 4);
            case Frame.SETTINGS -> settings(flags, id, length, now);
            case Frame.PUSH_PROMISE -> ErrorCode.PROTOCOL_ERROR;  // sections 8.4, 6.5.2: a server is told not to
            case Frame.PING -> id != 0 ? ErrorCode.PROTOCOL_ERROR : length != 8 ? ErrorCode.FRAME_SIZE_ERROR : ration(floods.pings, now);
            case Frame.GOAWAY -> id != 0 ? ErrorCode.PROTOCOL_ERROR : size(length >= 8);
            case Frame.WINDOW_UPDATE -> id != 0 && isIdle(id) ? ErrorCode.PROTOCOL_ERROR
                    : length != 4 ? ErrorCode.FRAME_SIZE_ERROR : ration(floods.updates, now);
            case Frame.PRIORITY_UPDATE -> {
                ErrorCode error = check(type, id);
                yield error != ErrorCode.NO_ERROR ? error : length < 4 ? ErrorCode.FRAME_SIZE_ERROR : ration(floods.priorities, now);
            }
            default -> ration(floods.priorities, now);  // ignored (section 5.5)
        };
    }

    private static ErrorCode ration(Rate rate, long now) {
        return rate.take(now) ? ErrorCode.NO_ERROR : ErrorCode.ENHANCE_YOUR_CALM;
    }

    private static ErrorCode size(boolean right) {
        return right ? ErrorCode.NO_ERROR : ErrorCode.FRAME_SIZE_ERROR;
    }

    private ErrorCode settings(int flags, int id, int length, long now) {
        if (id != 0) {
            return ErrorCode.PROTOCOL_ERROR;
        }
        if (length % Frame.SETTING_BYTES != 0 || (flags & Frame.ACK) != 0 && length != 0) {
            return ErrorCode.FRAME_SIZE_ERROR;
        }
        return ration(floods.settings, now);
    }

    /// One of the peer's settings (section 6.5.2).
    final ErrorCode setting(int name, long value) {
        return switch (name) {
            case Frame.HEADER_TABLE_SIZE -> {
                engine.encoder.limit(value);
                yield ErrorCode.NO_ERROR;
            }
            case Frame.NO_RFC7540_PRIORITIES, Frame.ENABLE_CONNECT_PROTOCOL -> value > 1 ? ErrorCode.PROTOCOL_ERROR : ErrorCode.NO_ERROR;
            case Frame.INITIAL_WINDOW_SIZE -> value > Frame.WINDOW_BYTES_MAX ? ErrorCode.FLOW_CONTROL_ERROR
                    : engine.sending().initialWindow((int) value);
            case Frame.MAX_FRAME_SIZE -> value < Frame.PAYLOAD_BYTES_MAX || value >= 1 << 24 ? ErrorCode.PROTOCOL_ERROR
                    : ErrorCode.NO_ERROR;  // ours are never larger than the least
            default -> ownSetting(name, value);
        };
    }

    /// DATA or a field block begins.
    ///
    /// @param payload     bytes with padding
    /// @param bytes       without
    /// @param dependency  of the old priority, 0 for none
    final ErrorCode bodyBegin(int type, int flags, int id, int payload, int bytes, int dependency, long now) {
        return switch (type) {
            case Frame.DATA -> dataBegin(flags, id, payload, bytes, now);
            case Frame.HEADERS -> headersBegin(flags, id, dependency, now);
            default -> ErrorCode.NO_ERROR;
        };
    }

    final ErrorCode body(int type, MemorySegment input, long at, int length, long now) {
        if (type != Frame.DATA) {
            return head.fragment(input, at, length);
        }
        Stream stream = target;
        if (stream == null || stream.isDoomed) {
            return ErrorCode.NO_ERROR;
        }
        stream.received += length;
        engine.paces.came(length, now);
        long announced = stream.section().contentLength();
        if (announced >= 0 && stream.received > announced) {
            return engine.exchanges().streamError(stream, ErrorCode.PROTOCOL_ERROR, Refusal.CONTENT_LENGTH, now);  // section 8.1.1
        }
        if (!stream.tunnel && stream.received > engine.limits.bodyBytesMax() && !stream.skipping) {
            engine.exchanges().refuse(stream, Refusal.CONTENT_TOO_LARGE);
        }
        if (stream.skipping) {
            stream.credit += length;
        } else {
            stream.put(input, at, length);
            streams.ready(stream);
        }
        return ErrorCode.NO_ERROR;
    }

    final ErrorCode bodyEnd(int type, int flags, long now) {
        if (type == Frame.DATA) {
            Stream stream = target;
            target = null;
            if (stream == null || stream.isDoomed) {
                return ErrorCode.NO_ERROR;
            }
            if ((flags & Frame.END_STREAM) != 0) {
                return messageEnd(stream, now);
            }
            if (stream.lingers() && stream.isNearlyShut()) {
                engine.exchanges().lingered(stream);
            }
            return ErrorCode.NO_ERROR;
        }
        return (flags & Frame.END_HEADERS) != 0 ? blockEnd(now) : ErrorCode.NO_ERROR;
    }

    private ErrorCode dataBegin(int flags, int id, int payload, int bytes, long now) {
        target = null;
        if (payload > controls.window() - controls.credit()) {
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
            return stream.recalled ? ErrorCode.STREAM_CLOSED : ErrorCode.NO_ERROR;
        }
        if (stream.remoteEnded) {
            return engine.exchanges().streamError(stream, ErrorCode.STREAM_CLOSED, Refusal.UNEXPECTED, now);
        }
        if (!stream.takesContent()) {
            return engine.exchanges().streamError(stream, ErrorCode.PROTOCOL_ERROR, Refusal.UNEXPECTED, now);  // section 8.1: before a head
        }
        if (payload > stream.allowed) {
            return engine.exchanges().streamError(stream, mayOverrun() ? ErrorCode.REFUSED_STREAM : ErrorCode.FLOW_CONTROL_ERROR,
                    Refusal.CONTENT_TOO_LARGE, now);
        }
        stream.allowed -= payload;
        stream.credit += payload - bytes;
        stream.awaits100 = false;
        target = stream;
        return ErrorCode.NO_ERROR;
    }

    /// A block of fields that nobody wants, of a stream that is closed.
    ///
    /// @return STREAM_CLOSED where its end is long known
    final ErrorCode passBy(int id, boolean ends, long now) {
        if (!controls.isRecent(id)) {
            return ErrorCode.STREAM_CLOSED;
        }
        head.begin(id, null, HeadReception.Kind.PASSED_BY, ends, now);
        return ErrorCode.NO_ERROR;
    }

    final ErrorCode trailersBegin(Stream stream, boolean ends, long now) {
        if (stream.recalled) {
            return ErrorCode.STREAM_CLOSED;
        }
        Stream taker = stream.isDoomed || stream.remoteEnded || !ends || stream.tunnel ? null : stream;  // of a tunnel none (section 8.5)
        head.begin(stream.id, taker, HeadReception.Kind.TRAILERS, ends, now);
        return taker != null || stream.isDoomed ? ErrorCode.NO_ERROR
                : stream.remoteEnded ? engine.exchanges().streamError(stream, ErrorCode.STREAM_CLOSED, Refusal.UNEXPECTED, now)
                        : engine.exchanges().streamError(stream, ErrorCode.PROTOCOL_ERROR, Refusal.TRAILER, now);  // section 8.1
    }

    private ErrorCode blockEnd(long now) {
        Stream stream = head.stream();
        ErrorCode error = head.end();
        if (error != ErrorCode.NO_ERROR || stream == null || stream.isDoomed) {
            return error;
        }
        if (head.kind() == HeadReception.Kind.HEAD) {
            return headEnd(stream, now);
        }
        if (head.isMalformed() || head.isTooLong()) {
            return engine.exchanges().streamError(stream, ErrorCode.PROTOCOL_ERROR, head.isTooLong() ? Refusal.TOO_MANY_FIELDS : Refusal.TRAILER, now);
        }
        stream.trailersDue = !stream.skipping;
        return messageEnd(stream, now);
    }

    /// END_STREAM has come.
    final ErrorCode messageEnd(Stream stream, long now) {
        long announced = stream.section().contentLength();
        if (announced >= 0 && announced != stream.received) {
            return engine.exchanges().streamError(stream, ErrorCode.PROTOCOL_ERROR, Refusal.CONTENT_LENGTH, now);
        }
        stream.remoteEnded = true;
        stream.endDue = true;
        streams.ready(stream);
        engine.exchanges().ended(stream);  // which may give it back
        return ErrorCode.NO_ERROR;
    }

    /// A frame that is small has come, or the beginning of one that is not looked at further.
    ///
    /// @param length  bytes at `at`
    final ErrorCode kept(int type, int flags, int id, MemorySegment memory, long at, int length, long now) {
        return switch (type) {
            case Frame.SETTINGS -> settingsEnd(flags);
            case Frame.PING -> ping(flags, BigEndian.i64(memory, at));
            case Frame.PRIORITY -> priority(id, memory, at, length, now);
            case Frame.RST_STREAM -> {
                Stream stream = streams.find(id);
                if (stream == null) {
                    controls.forget(id);
                    yield ErrorCode.NO_ERROR;
                }
                stream.recalled = true;
                yield stream.isDoomed ? ErrorCode.NO_ERROR : rstStream(stream, ErrorCode.of(BigEndian.i32(memory, at)), now);
            }
            case Frame.GOAWAY -> goAway(BigEndian.i32(memory, at) & Integer.MAX_VALUE, ErrorCode.of(BigEndian.i32(memory, at + Integer.BYTES)));
            case Frame.WINDOW_UPDATE -> update(id, BigEndian.i32(memory, at) & Integer.MAX_VALUE, now);
            case Frame.PRIORITY_UPDATE -> {
                boolean whole = length < FrameReader.KEPT_MAX;
                yield prioritize(BigEndian.i32(memory, at) & Integer.MAX_VALUE,
                        whole ? Priority.read(memory, at + Integer.BYTES, length - Integer.BYTES) : Priority.NONE);
            }
            default -> ErrorCode.NO_ERROR;
        };
    }

    /// {@return whether the peer has acknowledged our settings}
    final boolean isAcknowledged() {
        return acknowledged;
    }

    private ErrorCode settingsEnd(int flags) {
        if ((flags & Frame.ACK) != 0) {
            acknowledged = true;
            for (Stream stream = streams.first; stream != null; stream = stream.next) {
                streams.ready(stream);
            }
            return ErrorCode.NO_ERROR;
        }
        settled = true;     // not before all of them are known
        return controls.settingsAck() ? ErrorCode.NO_ERROR : ErrorCode.ENHANCE_YOUR_CALM;
    }

    private ErrorCode ping(int flags, long opaque) {
        if ((flags & Frame.ACK) != 0) {
            acknowledgedPing(opaque);
            return ErrorCode.NO_ERROR;
        }
        return controls.ping(opaque) ? ErrorCode.NO_ERROR : ErrorCode.ENHANCE_YOUR_CALM;
    }

    /// A ping of ours is answered, or one that was never sent.
    void acknowledgedPing(long opaque) {}

    /// The old priorities are taken apart for their errors and else ignored (section 5.3).
    private ErrorCode priority(int id, MemorySegment memory, long at, int length, long now) {
        ErrorCode code = length != 5 ? ErrorCode.FRAME_SIZE_ERROR
                : (BigEndian.i32(memory, at) & Integer.MAX_VALUE) == id ? ErrorCode.PROTOCOL_ERROR : ErrorCode.NO_ERROR;
        if (code == ErrorCode.NO_ERROR) {
            return code;
        }
        Stream stream = streams.find(id);
        return stream == null ? code : stream.isDoomed ? ErrorCode.NO_ERROR : engine.exchanges().streamError(stream, code, Refusal.UNEXPECTED, now);
    }

    private ErrorCode update(int id, int bytes, long now) {
        if (id == 0) {
            return bytes == 0 ? ErrorCode.PROTOCOL_ERROR : engine.sending().credit(bytes);
        }
        Stream stream = streams.find(id);
        if (stream == null || stream.isDoomed) {
            return ErrorCode.NO_ERROR;  // it may have been sent before our end was heard of (section 5.1)
        }
        if (bytes == 0) {
            return engine.exchanges().streamError(stream, ErrorCode.PROTOCOL_ERROR, Refusal.UNEXPECTED, now);  // section 6.9
        }
        stream.window += bytes;
        return stream.window > Frame.WINDOW_BYTES_MAX ? engine.exchanges().streamError(stream, ErrorCode.FLOW_CONTROL_ERROR, Refusal.UNEXPECTED, now)
                : ErrorCode.NO_ERROR;
    }
}
