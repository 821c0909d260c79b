package dev.coffer.http.http2;

import dev.coffer.http.MessageSource;
import dev.coffer.http.hpack.HpackEncoder;
import dev.coffer.http.internal.HeadFields;
import dev.coffer.http.internal.RestBlocks;
import dev.coffer.memory.Wipe;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// Writes a connection's frames: those of control first, then heads, then content, each frame whole or not at all. Content is pulled from
/// the stream of the smallest urgency (RFC 9218, section 10); of one urgency those that are not incremental come one after the other, the
/// others in turns, a frame each; and never more than both windows allow (RFC 9113, section 5.2).
abstract sealed class Sending permits ServerSending, ClientSending {
    static final long UNKNOWN = HeadFields.UNKNOWN;
    static final int FULL = -1;             // nothing more fits
    /// Bytes that [#keep] writes.
    static final int KEPT_BYTES = Long.BYTES + Integer.BYTES;
    /// Content below which no frame is begun while there is more to come and no room for it.
    private static final int CONTENT_ROOM_MIN = 64;
    private static final int IDLE = -2;     // nothing more is due

    final Http2Streams shared;
    private final Http2Engine engine;
    private final StreamList streams;
    private final Controls controls;

    private long window;            // of the connection
    private int initialWindow;
    private long frames;            // of content, ever
    private @Nullable Throwable failure;      // of a source, after frames that were written before it: thrown at the next poll

    Sending(Http2Engine engine) {
        this.engine = engine;
        this.shared = engine.shared;
        this.streams = engine.streams;
        this.controls = engine.controls;
    }

    /// Writes a head, which may be an interim one.
    ///
    /// @return bytes written, or FULL
    abstract int head(Stream stream, MemorySegment output, long at, long room);

    /// {@return content of the stream's message, as [MessageSource#body]}
    long body(Stream stream, MemorySegment output, long at, long most) {
        return stream.source().body(output, at, most);
    }

    void reset() {
        window = Frame.WINDOW_BYTES_INITIAL;
        initialWindow = Frame.WINDOW_BYTES_INITIAL;
        frames = 0;
        failure = null;
    }

    /// {@return whether nothing is owed but what streams owe}
    final boolean isIdle() {
        return failure == null;
    }

    final void keep(RestBlocks rest) {
        rest.putLong(window);
        rest.putInt(initialWindow);
    }

    final void resume(RestBlocks rest) {
        window = rest.getLong();
        initialWindow = rest.getInt();
    }

    int initialWindow() {
        return initialWindow;
    }

    boolean isHeldBack(Stream stream) {
        return window <= 0 || stream.window <= 0;
    }

    /// Our streams begin with another window, and those that are open change by as much (section 6.9.2).
    ErrorCode initialWindow(int bytes) {
        long change = (long) bytes - initialWindow;
        initialWindow = bytes;
        for (Stream stream = streams.first; stream != null; stream = stream.next) {
            stream.window += change;
            if (stream.window > Frame.WINDOW_BYTES_MAX) {
                return ErrorCode.FLOW_CONTROL_ERROR;
            }
        }
        return ErrorCode.NO_ERROR;
    }

    ErrorCode credit(int bytes) {
        window += bytes;
        return window > Frame.WINDOW_BYTES_MAX ? ErrorCode.FLOW_CONTROL_ERROR : ErrorCode.NO_ERROR;
    }

    /// Writes what is due and fits. Where a source throws behind frames that are written, these are told of first, as what they said
    /// cannot be taken back: it is thrown by the next call.
    long poll(MemorySegment output, long at, long room, boolean ending, long now) {
        rethrow();
        long wrote = controls.write(output, at, room, ending);
        if (ending || controls.isGoAwayDue() && wrote == 0) {
            return wrote;
        }
        try {
            while (true) {
                int bytes = next(output, at + wrote, room - wrote, now);
                if (bytes < 0) {
                    return wrote;
                }
                wrote += bytes;
            }
        } catch (RuntimeException | Error thrown) {
            if (wrote == 0) {
                throw thrown;
            }
            failure = thrown;
            return wrote;
        }
    }

    private void rethrow() {
        Throwable thrown = failure;
        failure = null;
        if (thrown instanceof RuntimeException fault) {
            throw fault;
        } else if (thrown instanceof Error fault) {
            throw fault;
        }
    }

    private int next(MemorySegment output, long at, long room, long now) {
        Stream best = null;
        for (Stream stream = streams.first; stream != null; stream = stream.next) {
            if (stream.credit > 0 && isUpdateDue(stream)) {
                if (room < Frame.WINDOW_UPDATE_BYTES) {
                    return FULL;
                }
                Controls.update(output, at, stream.id, stream.credit);
                stream.allowed += stream.credit;
                stream.credit = 0;
                return Frame.WINDOW_UPDATE_BYTES;
            }
            if (stream.interimDue || stream.inform != null || stream.answer == Stream.Answer.HEAD) {
                return head(stream, output, at, room);
            }
            if (isReady(stream) && (best == null || isBefore(stream, best))) {
                best = stream;
            }
        }
        return best == null ? IDLE : best.answer == Stream.Answer.TRAILERS ? trailers(best, output, at, room)
                : content(best, output, at, room, now);
    }

    private boolean isUpdateDue(Stream stream) {
        return stream.id != 0 && !stream.remoteEnded && !stream.isDoomed && !stream.lingers() && stream.credit >= engine.config.windowBytes() / 2;
    }

    private boolean isReady(Stream stream) {
        return !stream.blocked && (stream.answer == Stream.Answer.TRAILERS || stream.answer == Stream.Answer.CONTENT && !isHeldBack(stream));
    }

    private static boolean isBefore(Stream one, Stream other) {
        return one.urgency != other.urgency ? one.urgency < other.urgency
                : one.incremental && other.incremental ? one.served < other.served
                        : one.incremental != other.incremental && other.incremental;
    }

    /// Writes HEADERS where they fit.
    final int headers(HeadFields head, Stream stream, int flags, MemorySegment output, long at, long room) {
        if (Frame.HEAD_BYTES + HpackEncoder.UPDATE_BYTES_MAX + head.encodedBytesMax() > room) {
            head.drop();
            return FULL;
        }
        HpackEncoder encoder = engine.encoder;
        encoder.begin(output, at + Frame.HEAD_BYTES);
        for (boolean more = head.first(); more; more = head.next()) {
            encoder.field(head.memory(), head.nameAt(), head.nameLength(), head.valueAt(), head.valueLength());
        }
        long end = encoder.end();
        head.drop();
        Frame.head(output, at, (int) (end - at) - Frame.HEAD_BYTES, Frame.HEADERS, flags, stream.id);
        return (int) (end - at);
    }

    private int content(Stream stream, MemorySegment output, long at, long room, long now) {
        long most = Math.min(Math.min(window, stream.window), Frame.PAYLOAD_BYTES_MAX);
        if (stream.left >= 0) {
            most = Math.min(most, stream.left);
        }
        if (room - Frame.HEAD_BYTES < Math.min(most, CONTENT_ROOM_MIN)) {
            return FULL;
        }
        most = Math.min(most, room - Frame.HEAD_BYTES);
        long bytes = pull(stream, output, at + Frame.HEAD_BYTES, most);
        if (bytes == 0) {
            stream.blocked = true;
            return 0;
        }
        if (bytes == MessageSource.END && stream.left == UNKNOWN) {
            stream.answer = Stream.Answer.TRAILERS;
            return 0;
        }
        if (bytes < 0) {  // failed, or short of what was announced
            engine.exchanges().failed(stream);
            return 0;
        }
        boolean last = false;
        if (stream.left >= 0) {
            stream.left -= bytes;
            last = stream.left == 0;
        }
        Frame.head(output, at, (int) bytes, Frame.DATA, last ? Frame.END_STREAM : 0, stream.id);
        window -= bytes;
        stream.window -= bytes;
        stream.served = ++frames;
        moved(stream, bytes, now);
        engine.floods.said();
        if (last) {
            engine.exchanges().sent(stream);
        }
        return (int) bytes + Frame.HEAD_BYTES;
    }

    /// Content has gone out of the connection's window: whoever waits for nothing but its turn at that moves with it.
    private void moved(Stream sent, long bytes, long now) {
        for (Stream stream = streams.first; stream != null; stream = stream.next) {
            if (stream == sent || stream.window > 0) {
                stream.sendPace.passed(bytes, now);
            }
        }
    }

    private long pull(Stream stream, MemorySegment output, long at, long most) {
        long bytes = MessageSource.FAILED;
        try {
            bytes = body(stream, output, at, most);
            if (bytes > most || bytes < MessageSource.FAILED) {
                long told = bytes;
                bytes = MessageSource.FAILED;
                throw new IllegalStateException("source wrote " + told + " bytes (room was " + most + ")");
            }
        } finally {
            if (bytes == MessageSource.FAILED) {  // it may have begun; nobody will be told of these bytes
                Wipe.bytes(output, at, most);
            }
        }
        return bytes;
    }

    /// Ends content of unknown length, with trailers or an empty frame.
    private int trailers(Stream stream, MemorySegment output, long at, long room) {
        HeadFields head = shared.head();
        head.beginTrailers();
        int bytes;
        try {
            stream.source().trailers(head);
            head.finishTrailers();
            if (head.isEmpty()) {
                bytes = room < Frame.HEAD_BYTES ? FULL : Frame.HEAD_BYTES;
                if (bytes > 0) {
                    Frame.head(output, at, 0, Frame.DATA, Frame.END_STREAM, stream.id);
                }
            } else {
                bytes = headers(head, stream, Frame.END_HEADERS | Frame.END_STREAM, output, at, room);
            }
        } finally {
            head.drop();
        }
        if (bytes > 0) {
            engine.exchanges().sent(stream);
        }
        return bytes;
    }
}
