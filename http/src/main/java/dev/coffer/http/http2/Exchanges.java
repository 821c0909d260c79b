package dev.coffer.http.http2;

import dev.coffer.http.HttpEvent;
import dev.coffer.http.Refusal;
import org.jspecify.annotations.Nullable;

/// What becomes of a connection's streams, from their beginning to the place that they give back: by frames, by the application, by time.
/// A stream is given back when it is over on the wire and the application has heard so.
abstract sealed class Exchanges permits ServerExchanges, ClientExchanges {
    final Http2Config config;
    final Http2Streams shared;
    final StreamList streams;
    final Controls controls;
    final Floods floods;
    private final Http2Engine engine;

    Exchanges(Http2Engine engine) {
        this.engine = engine;
        this.config = engine.config;
        this.shared = engine.shared;
        this.streams = engine.streams;
        this.controls = engine.controls;
        this.floods = engine.floods;
    }

    /// {@return the event that is due, in the order of their kind, or null}
    abstract @Nullable HttpEvent due(Stream stream);

    /// An event is being told.
    abstract void told(Stream stream, HttpEvent event);

    /// A message of ours is written.
    abstract void sent(Stream stream);

    /// What comes of the peer's message is too much, or too slow: ends the exchange in the way that this side has for it.
    ///
    /// @return whether the connection goes on
    abstract boolean refuse(Stream stream, Refusal why);

    /// A server's stream that lingers has done so long enough, or need not: its client hears that nobody waits for the rest (section 8.1).
    void lingered(Stream stream) {}

    /// Nothing more comes of streams that linger.
    void lingeredAll() {}

    /// The application gives the exchange up.
    abstract void abort(Stream stream);

    /// The peer's message is complete.
    void ended(Stream stream) {}

    /// The application wants no more of the content.
    abstract void discarded(Stream stream);

    /// {@return whether the peer's content is awaited, so that its pace counts}
    abstract boolean awaitsContent(Stream stream);

    /// Nothing more of a stream is written or taken; it is given back when the application has heard of it.
    abstract void doom(Stream stream, Refusal why);

    /// Gives all streams up that the peer has not completed, or all.
    abstract void abandon(Refusal why);

    /// Lends a stream its place, and a window where the peer's message may have content.
    ///
    /// @return null where there is none for this connection
    final @Nullable Stream lend(boolean hasContent) {
        Stream stream = shared.tryLend(streams.count());
        if (stream == null || !hasContent) {
            return stream;
        }
        stream.windowAt = shared.tryLendWindow(engine.windows);
        if (stream.windowAt == Http2Streams.NONE) {
            shared.release(stream);
            return null;
        }
        engine.windows++;
        return stream;
    }

    /// The peer has done what its stream does not allow.
    ///
    /// @return NO_ERROR, or an error of the connection where it makes us reset too many
    final ErrorCode streamError(Stream stream, ErrorCode code, Refusal why, long now) {
        return reset(stream, code, why) && floods.resets.take(now) ? ErrorCode.NO_ERROR : ErrorCode.ENHANCE_YOUR_CALM;
    }

    /// Resets a stream.
    ///
    /// @return whether the connection goes on: not where more resets are owed than have a place
    final boolean reset(Stream stream, ErrorCode code, Refusal why) {
        engine.life.blame(why);
        if (stream.isOnWire() && !controls.reset(stream.id, code)) {
            engine.fail(ErrorCode.ENHANCE_YOUR_CALM, why);
            return false;
        }
        doom(stream, why);
        return true;
    }

    /// A source has failed.
    final void failed(Stream stream) {
        reset(stream, ErrorCode.INTERNAL_ERROR, Refusal.LOCAL);
    }

    /// Gives a stream back.
    ///
    /// @param code  what its peer hears, where it has not heard the stream's end; null for nothing
    final void release(Stream stream, @Nullable ErrorCode code) {
        boolean isTold = code == null || !engine.life.isHeard() || controls.reset(stream.id, code);
        engine.receiving().forget(stream);
        streams.remove(stream);
        releaseWindow(stream);
        shared.release(stream);
        engine.released();
        if (!isTold) {
            engine.fail(ErrorCode.ENHANCE_YOUR_CALM, Refusal.UNEXPECTED);  // which gives all others back
        }
    }

    /// Gives back the room for a stream's content, where it has any.
    final void releaseWindow(Stream stream) {
        if (stream.windowAt != Http2Streams.NONE) {
            engine.windows--;
            shared.releaseWindow(stream);
        }
    }
}
