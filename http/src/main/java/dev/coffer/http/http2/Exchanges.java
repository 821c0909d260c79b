package dev.coffer.http.http2;

import dev.coffer.http.HttpEvent;
import dev.coffer.http.Refusal;

/// What becomes of a connection's streams, from their HEADERS to the place that they give back: by frames, by the application, by time.
/// A stream is given back when it is over on the wire and the application has heard so.
final class Exchanges {
    private final Http2Server server;
    private final Http2Config config;
    private final Http2Streams shared;
    private final StreamList streams;
    private final Controls controls;
    private final Floods floods;

    Exchanges(Http2Server server, Http2Streams shared, StreamList streams, Controls controls, Floods floods) {
        this.server = server;
        this.config = shared.config();
        this.shared = shared;
        this.streams = streams;
        this.controls = controls;
        this.floods = floods;
    }

    /// An event is being told.
    void told(Stream stream, HttpEvent event) {
        switch (event) {
            case REQUEST -> {
                stream.requestDue = false;
                stream.open = true;
            }
            case DATA -> stream.show();
            case TRAILERS -> stream.trailersDue = false;
            case END -> stream.endDue = false;
            case SENT, ABORTED -> {
                stream.open = false;
                stream.sentDue = false;
                stream.abortedDue = false;
                if (stream.refusal == null) {
                    release(stream);
                } else {
                    streams.unready(stream);  // an answer of ours is still to be written
                }
            }
            default -> throw new AssertionError(event);
        }
    }

    /// {@return a place for a new stream, or null}
    Stream open(int id, boolean hasContent) {
        if (streams.count() >= config.streamsMax()) {
            return null;
        }
        Stream stream = shared.tryLend();
        if (stream == null) {
            return null;
        }
        stream.open(id, server.base() + id, server.sending().initialWindow());
        if (hasContent) {
            stream.windowAt = shared.tryLendWindow();
            if (stream.windowAt == Http2Streams.NONE) {
                shared.release(stream);
                return null;
            }
        }
        server.begun();
        streams.add(stream);
        return stream;
    }

    /// A request is complete as far as its head.
    void request(Stream stream) {
        stream.told = true;
        stream.requestDue = true;
        stream.awaits100 = stream.request.expectsContinue() && !stream.remoteEnded;
        stream.endDue = stream.remoteEnded;
        streams.ready(stream);
    }

    /// Answers a request that is too much, where that can still be said; else resets its stream.
    ///
    /// @return whether the connection goes on
    boolean refuse(Stream stream, Refusal why) {
        if (stream.isDoomed || stream.answer == Stream.Answer.SENT || stream.refusal != null) {
            return true;
        }
        if (stream.answer != Stream.Answer.NONE && stream.answer != Stream.Answer.HEAD) {
            return reset(stream, ErrorCode.CANCEL, why);
        }
        server.blame(why);
        withdraw(stream);
        stream.skip();
        stream.refusal = why;
        stream.refusalTold = 0;
        stream.source = null;
        stream.blocked = false;
        stream.answer = Stream.Answer.HEAD;
        stream.receivePace.stop();
        return true;
    }

    /// Takes the exchange from the application: ABORTED, unless it never heard of it.
    private void withdraw(Stream stream) {
        if (stream.requestDue) {
            stream.requestDue = false;
        } else if (stream.open && !stream.sentDue) {
            stream.abortedDue = true;
            streams.ready(stream);
        }
    }

    /// A new stream is not taken.
    ErrorCode refuseStream(int id, ErrorCode code, long now) {
        server.blame(Refusal.UNEXPECTED);
        return floods.resets.take(now) && controls.reset(id, code) ? ErrorCode.NO_ERROR : ErrorCode.ENHANCE_YOUR_CALM;
    }

    /// A new stream has no place: the client's doing where it has as many as we said, else our shortage, which is not held against what
    /// it may take back.
    ErrorCode refuseStream(int id, long now) {
        server.blame(Refusal.UNEXPECTED);
        Rate ration = streams.count() >= config.streamsMax() ? floods.resets : floods.shortages;
        return ration.take(now) && controls.reset(id, ErrorCode.REFUSED_STREAM) ? ErrorCode.NO_ERROR : ErrorCode.ENHANCE_YOUR_CALM;
    }

    /// The peer has done what its stream does not allow.
    ///
    /// @return NO_ERROR, or an error of the connection where it makes us reset too many
    ErrorCode streamError(Stream stream, ErrorCode code, Refusal why, long now) {
        return reset(stream, code, why) && floods.resets.take(now) ? ErrorCode.NO_ERROR : ErrorCode.ENHANCE_YOUR_CALM;
    }

    /// Resets a stream.
    ///
    /// @return whether the connection goes on: not where more resets are owed than have a place
    boolean reset(Stream stream, ErrorCode code, Refusal why) {
        server.blame(why);
        if (!controls.reset(stream.id, code)) {
            server.fail(ErrorCode.ENHANCE_YOUR_CALM, why);
            return false;
        }
        doom(stream);
        return true;
    }

    /// The peer has reset a stream.
    void cancelled(Stream stream) {
        server.note(Refusal.BROKEN);
        doom(stream);
    }

    /// A source has failed.
    void failed(Stream stream) {
        reset(stream, ErrorCode.INTERNAL_ERROR, Refusal.LOCAL);
    }

    /// An answer is written.
    void sent(Stream stream) {
        stream.answer = Stream.Answer.SENT;
        stream.source = null;
        if (stream.refusal != null) {
            stream.refusal = null;
            if (!stream.open) {
                release(stream);
            }
            return;
        }
        stream.sentDue = true;
        streams.ready(stream);
    }

    /// Nothing more of a stream is written or taken; it is given back when the application has heard of it.
    void doom(Stream stream) {
        stream.isDoomed = true;
        stream.answer = Stream.Answer.SENT;
        stream.source = null;
        stream.refusal = null;
        stream.interimDue = false;
        stream.skip();
        withdraw(stream);
        if (!stream.open) {
            release(stream);
        } else {
            streams.ready(stream);
        }
    }

    private void release(Stream stream) {
        if (!stream.remoteEnded && !stream.isDoomed && server.owesResets()
                && !controls.reset(stream.id, ErrorCode.NO_ERROR)) {  // its content is not worth waiting for (section 8.1)
            server.fail(ErrorCode.ENHANCE_YOUR_CALM, Refusal.UNEXPECTED);
        }
        server.receiving().forget(stream);
        streams.remove(stream);
        shared.release(stream);
        if (streams.isEmpty()) {
            server.idle();
        }
        server.finishIfDone();
    }

    /// Gives all streams up.
    void abandon() {
        for (Stream stream = streams.first; stream != null;) {
            Stream following = stream.next;
            if (!stream.isDoomed) {
                doom(stream);
            }
            stream = following;
        }
    }
}
