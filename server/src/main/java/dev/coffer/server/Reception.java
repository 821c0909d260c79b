package dev.coffer.server;

import dev.coffer.http.HttpServer;
import dev.coffer.server.ExchangeState.Content;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The content of one exchange's request on its way to a sink: limits, what the sink has left, the end.
final class Reception {
    private final ExchangeState state;
    private @Nullable ContentSink sink;  // null where nobody takes any
    private long askedBytesMax;         // by whoever asked for the content
    private long bytesMax;              // that, and the exchange's own limit
    private long taken;

    Reception(ExchangeState state) {
        this.state = state;
    }

    private ContentSink sink() {
        return Objects.requireNonNull(sink, "somebody takes it");
    }

    void open(ContentSink newSink, long newBytesMax, long exchangeBytesMax) {
        state.move(Content.WANTED);
        sink = newSink;
        askedBytesMax = newBytesMax;
        bytesMax = Math.min(newBytesMax, exchangeBytesMax);
        taken = 0;
    }

    /// The exchange has another limit.
    ///
    /// @return whether what was taken is within it
    boolean limit(long exchangeBytesMax) {
        bytesMax = Math.min(askedBytesMax, exchangeBytesMax);
        return taken <= bytesMax;
    }

    /// Nobody takes any more.
    void close() {
        sink = null;
    }

    /// {@return whether what lies there is more than may come}
    boolean isTooLarge(HttpServer engine, long stream) {
        return engine.dataLength(stream) > bytesMax - taken;
    }

    /// Offers what lies there.
    void offer(Exchange exchange, HttpServer engine, long stream) {
        long length = engine.dataLength(stream);
        if (state.is(Content.HELD)) {
            state.move(Content.WANTED);
        }
        if (length == 0) {
            return;
        }
        long bytes = sink().take(exchange, engine.dataSegment(stream), engine.dataAt(stream), length);
        if (bytes < 0 || bytes > length) {
            throw new IllegalStateException("a sink took " + bytes + " bytes of " + length);
        }
        if (!state.isReceiving()) {
            return;  // the sink has given up the exchange, or its own limit: what lies there is skipped already
        }
        engine.consume(stream, bytes);
        taken += bytes;
        if (bytes < length) {
            state.move(Content.HELD);
        }
    }

    /// The content is complete.
    void end(Exchange exchange) {
        ContentSink ending = sink();
        state.move(Content.ENDED);
        close();
        ending.end(exchange);
    }
}
