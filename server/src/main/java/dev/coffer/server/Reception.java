package dev.coffer.server;

import dev.coffer.http.HttpServer;

/// The content of one exchange's request on its way to a sink: limits, what the sink has left, the end.
final class Reception {
    private ContentSink sink;           // null: nobody wants it
    private long bytesMax;
    private long taken;
    private boolean held;               // the sink has left some

    void open(ContentSink newSink, long newBytesMax) {
        sink = newSink;
        bytesMax = newBytesMax;
        taken = 0;
        held = false;
    }

    void close() {
        sink = null;
        held = false;
    }

    /// {@return whether content is wanted and has not ended}
    boolean isOpen() {
        return sink != null;
    }

    /// {@return whether the sink has left some}
    boolean isHeld() {
        return held;
    }

    /// {@return whether what lies there is more than may come}
    boolean isTooLarge(HttpServer engine, long stream) {
        return engine.dataLength(stream) > bytesMax - taken;
    }

    /// Offers what lies there.
    void offer(Exchange exchange, HttpServer engine, long stream) {
        long length = engine.dataLength(stream);
        held = false;
        if (length == 0) {
            return;
        }
        long bytes = sink.take(exchange, engine.dataSegment(stream), engine.dataAt(stream), length);
        if (bytes < 0 || bytes > length) {
            throw new IllegalStateException("a sink took " + bytes + " bytes of " + length);
        }
        engine.consume(stream, bytes);
        taken += bytes;
        held = bytes < length;
    }

    /// The content is complete.
    void end(Exchange exchange) {
        ContentSink ending = sink;
        close();
        ending.end(exchange);
    }
}
