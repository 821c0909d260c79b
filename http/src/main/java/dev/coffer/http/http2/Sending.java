package dev.coffer.http.http2;

import dev.coffer.http.Ascii;
import dev.coffer.http.FieldName;
import dev.coffer.http.MessageSource;
import dev.coffer.http.Method;
import dev.coffer.http.Refusal;
import dev.coffer.http.Status;
import dev.coffer.http.hpack.HpackEncoder;
import dev.coffer.memory.Wipe;
import java.lang.foreign.MemorySegment;

/// Writes a connection's frames: those of control first, then heads, then content, each frame whole or not at all. Content is pulled from
/// the stream of the smallest urgency (RFC 9218, section 10); of one urgency those that are not incremental come one after the other, the
/// others in turns, a frame each; and never more than both windows allow (RFC 9113, section 5.2).
final class Sending {
    static final long UNKNOWN = HeadFields.UNKNOWN;
    /// Content below which no frame is begun while there is more to come and no room for it.
    private static final int CONTENT_ROOM_MIN = 64;
    private static final int FULL = -1;     // nothing more fits
    private static final int IDLE = -2;     // nothing more is due
    private static final Ascii PLAIN_TEXT = Ascii.of("text/plain; charset=utf-8");

    private final Http2Server server;
    private final Http2Streams shared;
    private final StreamList streams;
    private final Controls controls;
    private final HpackEncoder encoder;
    private final Floods floods;

    private long window;            // of the connection
    private int initialWindow;
    private long frames;            // of content, ever
    private Throwable failure;      // of a source, after frames that were written before it: thrown at the next poll

    Sending(Http2Server server, Http2Streams shared, StreamList streams, Controls controls, HpackEncoder encoder, Floods floods) {
        this.server = server;
        this.shared = shared;
        this.streams = streams;
        this.controls = controls;
        this.encoder = encoder;
        this.floods = floods;
    }

    void reset() {
        window = Frame.WINDOW_BYTES_INITIAL;
        initialWindow = Frame.WINDOW_BYTES_INITIAL;
        frames = 0;
        failure = null;
    }

    int initialWindow() {
        return initialWindow;
    }

    boolean isHeldBack(Stream stream) {
        return window <= 0 || stream.window <= 0;
    }

    void tableLimit(long bytes) {
        encoder.limit(bytes);
    }

    /// The client's streams begin with another window, and those that are open change by as much (section 6.9.2).
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
            if (stream.interimDue) {
                return interim(stream, output, at, room);
            }
            if (stream.answer == Stream.Answer.HEAD) {
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
        return !stream.remoteEnded && !stream.isDoomed && stream.credit >= shared.config().windowBytes() / 2;
    }

    private boolean isReady(Stream stream) {
        return !stream.blocked && (stream.answer == Stream.Answer.TRAILERS || stream.answer == Stream.Answer.CONTENT && !isHeldBack(stream));
    }

    private static boolean isBefore(Stream one, Stream other) {
        return one.urgency != other.urgency ? one.urgency < other.urgency
                : one.incremental && other.incremental ? one.served < other.served
                        : one.incremental != other.incremental && other.incremental;
    }

    private int interim(Stream stream, MemorySegment output, long at, long room) {
        HeadFields head = shared.head();
        head.begin(true);
        head.interim(Status.CONTINUE);
        head.finishTrailers();
        int bytes = headers(head, stream, Frame.END_HEADERS, output, at, room);
        if (bytes > 0) {
            stream.interimDue = false;
        }
        return bytes;
    }

    private int head(Stream stream, MemorySegment output, long at, long room) {
        HeadFields head = shared.head();
        head.begin(false);
        boolean silent;
        long content;
        boolean closes;
        int bytes;
        try {
            if (stream.refusal != null) {
                head.status(stream.refusal.status()).field(FieldName.CONTENT_TYPE, PLAIN_TEXT).content(stream.refusal.wordsLength());
            } else {
                stream.source.head(head);
            }
            content = head.content;
            closes = head.closes;
            boolean bodiless = Status.isBodiless(head.status);
            silent = bodiless || stream.request.method() == Method.HEAD || content == HeadFields.NO_CONTENT || content == 0;
            head.finish(bodiless);
            bytes = headers(head, stream, Frame.END_HEADERS | (silent ? Frame.END_STREAM : 0), output, at, room);
        } finally {
            head.drop();
        }
        if (bytes > 0) {
            stream.left = content;
            stream.interimDue = false;
            if (closes) {
                server.retire();
            }
            if (silent) {
                server.exchanges().sent(stream);
            } else {
                stream.answer = Stream.Answer.CONTENT;
            }
        }
        return bytes;
    }

    /// Writes HEADERS where they fit.
    private int headers(HeadFields head, Stream stream, int flags, MemorySegment output, long at, long room) {
        if (Frame.HEAD_BYTES + head.encodedBytesMax() > room) {
            head.drop();
            return FULL;
        }
        long end = head.encode(encoder, output, at + Frame.HEAD_BYTES);
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
            server.exchanges().failed(stream);
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
        floods.updates.give(Floods.UPDATES_EACH_DATA);
        if (last) {
            server.exchanges().sent(stream);
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

    private static long pull(Stream stream, MemorySegment output, long at, long most) {
        long bytes = MessageSource.FAILED;
        try {
            bytes = stream.refusal != null ? words(stream, output, at, most) : stream.source.body(output, at, most);
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

    private static long words(Stream stream, MemorySegment output, long at, long most) {
        Refusal refusal = stream.refusal;
        int count = (int) Math.min(most, refusal.wordsLength() - stream.refusalTold);
        refusal.writeWords(stream.refusalTold, output, at, count);
        stream.refusalTold += count;
        return count;
    }

    /// Ends content of unknown length, with trailers or an empty frame.
    private int trailers(Stream stream, MemorySegment output, long at, long room) {
        HeadFields head = shared.head();
        head.begin(true);
        int bytes;
        try {
            stream.source.trailers(head);
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
            server.exchanges().sent(stream);
        }
        return bytes;
    }
}
