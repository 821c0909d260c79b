package dev.coffer.http.http2;

import dev.coffer.http.Fields;
import dev.coffer.http.HttpEngine;
import java.lang.foreign.MemorySegment;

/// The application's side of a connection, in what a server and a client have in common: what it asks of one of its streams, by number.
abstract sealed class StreamDesk implements HttpEngine permits Http2Engine {
    final StreamList streams = new StreamList();

    abstract Exchanges exchanges();

    final Stream check(long wanted) {
        Stream stream = streams.find(wanted);
        if (stream == null || !stream.open) {
            throw new IllegalArgumentException("stream " + wanted + ": not open");
        }
        return stream;
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
        exchanges().discarded(stream);
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
        exchanges().abort(check(wanted));
    }
}
