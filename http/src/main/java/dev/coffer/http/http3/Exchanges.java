package dev.coffer.http.http3;

import dev.coffer.http.HttpEvent;
import dev.coffer.http.Refusal;
import dev.coffer.memory.engine.StreamTransport;
import org.jspecify.annotations.Nullable;

/// What becomes of a connection's requests, from their beginning to the place that they give back: by frames, by the application, by time.
/// A stream is given back when it is over on the wire and the application has heard so.
abstract sealed class Exchanges permits ServerExchanges, ClientExchanges {
    final StreamList streams;
    final Floods floods;
    private final Http3Engine engine;

    Exchanges(Http3Engine engine) {
        this.engine = engine;
        this.streams = engine.streams;
        this.floods = engine.floods;
    }

    /// {@return the event that is due, in the order of their kind, or null}
    abstract @Nullable HttpEvent due(Stream stream);

    /// An event is being told.
    abstract void told(Stream stream, HttpEvent event);

    /// A message of ours is written.
    abstract void sent(Stream stream);

    /// What comes of the peer's message is too much, or too slow: ends the exchange in the way that this side has for it.
    abstract void refuse(Stream stream, Refusal why);

    /// The application gives the exchange up.
    abstract void abort(Stream stream);

    /// The peer's message is complete.
    abstract void ended(Stream stream);

    /// The application wants no more of the content.
    abstract void discarded(Stream stream);

    /// The peer reads no more of a stream.
    abstract void stopped(Stream stream, ErrorCode code, long now);

    /// {@return whether the peer's content or the end behind it is awaited, so that its pace counts}
    abstract boolean awaitsContent(Stream stream);

    /// Nothing more of a stream is written or taken; it is given back when the application has heard of it.
    abstract void doom(Stream stream, Refusal why);

    /// Gives all streams up that the peer has not completed, or all.
    abstract void abandon(Refusal why);

    /// The peer has done what its stream does not allow.
    final void streamError(Stream stream, ErrorCode code, Refusal why, long now) {
        reset(stream, code, why);
        if (!floods.takeReset(now)) {
            engine.fail(ErrorCode.H3_EXCESSIVE_LOAD, why);
        }
    }

    /// Resets a stream in both directions.
    final void reset(Stream stream, ErrorCode code, Refusal why) {
        engine.life.blame(why);
        if (stream.id >= 0 && !engine.isOver()) {
            if (!stream.localEnded) {
                engine.transport().reset(stream.id, code.code());
                stream.localEnded = true;
            }
            stopReading(stream, code);
        }
        if (!engine.isOver()) {
            doom(stream, why);
        }
    }

    /// Reads no more of a stream, whatever comes.
    final void stopReading(Stream stream, ErrorCode code) {
        if (stream.id >= 0 && stream.part != Stream.Part.ENDED) {
            stream.part = Stream.Part.ENDED;
            stream.shown = 0;
            engine.shared.endSection(stream);
            stream.isBlocked = false;
            engine.shared.dropHeadIfRefused(stream);
            engine.transport().stopSending(stream.id, code.code());
            engine.controls.cancelSections(stream.id);
        }
    }

    /// A source has failed.
    final void failed(Stream stream) {
        reset(stream, ErrorCode.H3_INTERNAL_ERROR, Refusal.LOCAL);
    }

    /// Gives a stream back.
    final void release(Stream stream) {
        StreamTransport transport = engine.transport();
        if (stream.id >= 0 && engine.life.isHeard()) {
            stopReading(stream, ErrorCode.H3_NO_ERROR);  // content of its that is still to come is not worth waiting for (section 4.1)
            transport.release(stream.id);
        }
        streams.remove(stream);
        engine.shared.release(stream, streams.count());
        engine.released();
    }
}
