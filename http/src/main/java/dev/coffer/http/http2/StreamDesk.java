package dev.coffer.http.http2;

import dev.coffer.http.Fields;
import dev.coffer.http.HttpServer;
import dev.coffer.http.MessageSource;
import dev.coffer.http.Refusal;
import dev.coffer.http.RequestHead;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/// The application's side of a connection: what it asks of one of its streams, by number.
abstract sealed class StreamDesk implements HttpServer permits Http2Server {
    final StreamList streams = new StreamList();

    abstract Exchanges exchanges();

    private Stream check(long wanted) {
        Stream stream = streams.find(wanted);
        if (stream == null || !stream.open) {
            throw new IllegalArgumentException("stream " + wanted + ": not open");
        }
        return stream;
    }

    @Override
    public RequestHead request(long wanted) {
        return check(wanted).request;
    }

    @Override
    public void proceed(long wanted) {
        Stream stream = check(wanted);
        if (stream.awaits100 && stream.answer == Stream.Answer.NONE) {
            stream.awaits100 = false;
            stream.interimDue = true;
        }
    }

    @Override
    public void respond(long wanted, MessageSource source) {
        Stream stream = check(wanted);
        Objects.requireNonNull(source);
        if (stream.isDoomed || stream.refusal != null) {
            return;  // ABORTED is on its way
        }
        if (stream.answer != Stream.Answer.NONE) {
            throw new IllegalStateException("stream " + wanted + " has its answer");
        }
        stream.source = source;
        stream.answer = Stream.Answer.HEAD;
    }

    @Override
    public MemorySegment dataSegment(long wanted) {
        return check(wanted).memory;
    }

    @Override
    public long dataAt(long wanted) {
        Stream stream = check(wanted);
        return stream.windowAt + stream.first;
    }

    @Override
    public long dataLength(long wanted) {
        return check(wanted).shown;
    }

    @Override
    public void consume(long wanted, long bytes) {
        Stream stream = check(wanted);
        if (bytes < 0 || bytes > stream.shown) {
            throw new IllegalArgumentException("consume: " + bytes + " bytes (expected 0.." + stream.shown + ")");
        }
        stream.consume((int) bytes);
        streams.ready(stream);
    }

    @Override
    public void discard(long wanted) {
        Stream stream = check(wanted);
        stream.skip();
        stream.trailersDue = false;
        stream.endDue = false;
    }

    @Override
    public Fields trailers(long wanted) {
        return check(wanted).trailers;
    }

    @Override
    public void resume(long wanted) {
        check(wanted).blocked = false;
    }

    @Override
    public void abort(long wanted) {
        Stream stream = check(wanted);
        if (!stream.isDoomed) {
            exchanges().reset(stream, ErrorCode.INTERNAL_ERROR, Refusal.LOCAL);
        }
    }
}
