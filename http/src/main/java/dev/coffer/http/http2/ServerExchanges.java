package dev.coffer.http.http2;

import dev.coffer.http.HttpEvent;
import dev.coffer.http.Refusal;
import dev.coffer.http.internal.Rate;
import org.jspecify.annotations.Nullable;

/// What becomes of a server's streams: requests that are told, answers and refusals that are written.
final class ServerExchanges extends Exchanges {
    /// How long a client that has its answer may take to end its side.
    private static final long LINGER_NANOS = 1_000_000_000L;

    private final Http2Server server;

    ServerExchanges(Http2Server server) {
        super(server);
        this.server = server;
    }

    /// An end of the exchange comes before anything that follows it.
    @Override
    @Nullable
    HttpEvent due(Stream stream) {
        if (stream.requestDue) {
            // one that may yet be refused for its content must not be told: REFUSED_STREAM says that nobody has seen it (section 8.7)
            return server.receiving().mayOverrun() && !stream.remoteEnded ? null : HttpEvent.REQUEST;
        }
        if (!stream.open) {
            return null;
        }
        if (stream.abortedDue) {
            return HttpEvent.ABORTED;
        }
        HttpEvent content = stream.contentDue();
        return content != null ? content : stream.sentDue ? HttpEvent.SENT : null;
    }

    @Override
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
                    giveBack(stream);
                } else {
                    streams.unready(stream);  // an answer of ours is still to be written
                }
            }
            default -> throw new AssertionError(event);
        }
    }

    /// {@return a place for a new stream, or null}
    @Nullable
    Stream open(int id, boolean hasContent) {
        if (isFull() && !makesRoom()) {
            return null;
        }
        Stream stream = lend(hasContent);
        if (stream == null && makesRoom()) {
            stream = lend(hasContent);
        }
        if (stream != null) {
            stream.open(id, server.base + id, server.sending().initialWindow());
            server.begun();
            floods.begun();
            streams.add(stream);
        }
        return stream;
    }

    /// {@return whether the client has as many streams as it was told; those that are over do not count, though the application has yet to hear so}
    private boolean isFull() {
        return streams.count() >= config.streamsMax() && streams.countOnWire() >= config.streamsMax();
    }

    /// A request is complete as far as its head.
    void request(Stream stream) {
        stream.requestDue = true;
        stream.awaits100 = stream.request().expectsContinue() && !stream.remoteEnded;
        stream.endDue = stream.remoteEnded;
        streams.ready(stream);
    }

    /// Answers a request that is too much, where that can still be said; else resets its stream.
    @Override
    boolean refuse(Stream stream, Refusal why) {
        if (stream.isDoomed || stream.answer == Stream.Answer.SENT || stream.refusal != null) {
            return true;
        }
        if (stream.answer != Stream.Answer.NONE && stream.answer != Stream.Answer.HEAD) {
            return reset(stream, ErrorCode.CANCEL, why);
        }
        server.life.blame(why);
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
        server.life.blame(Refusal.UNEXPECTED);
        return floods.resets.take(now) && controls.reset(id, code) ? ErrorCode.NO_ERROR : ErrorCode.ENHANCE_YOUR_CALM;
    }

    /// A new stream has no place: the client's doing where it has as many as we said and it has heard, else our shortage, which is not held against what
    /// it may take back.
    ErrorCode refuseStream(int id, long now) {
        server.life.blame(Refusal.UNEXPECTED);
        Rate ration = isFull() && server.receiving().isAcknowledged() ? floods.resets : floods.shortages;
        return ration.take(now) && controls.reset(id, ErrorCode.REFUSED_STREAM) ? ErrorCode.NO_ERROR : ErrorCode.ENHANCE_YOUR_CALM;
    }

    @Override
    void abort(Stream stream) {
        if (!stream.isDoomed) {
            reset(stream, ErrorCode.INTERNAL_ERROR, Refusal.LOCAL);
        }
    }

    @Override
    void discarded(Stream stream) {
        stream.endDue = false;
    }

    @Override
    boolean awaitsContent(Stream stream) {
        // what is refused has its answer's pace alone, what lingers its own time
        return !stream.remoteEnded && !stream.isDoomed && !stream.tunnel && stream.refusal == null && !stream.lingers();
    }

    /// The peer has reset a stream.
    void cancelled(Stream stream) {
        if (stream.lingers()) {
            release(stream, null);
            return;
        }
        server.life.note(Refusal.BROKEN);
        doom(stream, Refusal.BROKEN);
    }

    @Override
    void sent(Stream stream) {
        stream.answer = Stream.Answer.SENT;
        stream.source = null;
        if (stream.refusal != null) {
            stream.refusal = null;
            if (!stream.open) {
                giveBack(stream);
            }
            return;
        }
        stream.sentDue = true;
        streams.ready(stream);
    }

    @Override
    void doom(Stream stream, Refusal why) {
        stream.isDoomed = true;
        stream.answer = Stream.Answer.SENT;
        stream.source = null;
        stream.refusal = null;
        stream.interimDue = false;
        stream.inform = null;
        stream.skip();
        withdraw(stream);
        if (!stream.open) {
            giveBack(stream);
        } else {
            streams.ready(stream);
        }
    }

    /// An exchange is over for us and for the application. Where the client has not ended its side it has a while for that, and a window: most clients end
    /// by themselves, and what they do wrong meanwhile is answered as ever. Then it hears that nobody waits for the rest (section 8.1).
    private void giveBack(Stream stream) {
        if (stream.remoteEnded || stream.isDoomed) {
            release(stream, null);
        } else if (server.takesNoMore() || server.life.hasPeerEnded() || server.head.isOf(stream) || stream.isNearlyShut()) {
            release(stream, ErrorCode.NO_ERROR);
        } else {
            streams.linger(stream, server.last + LINGER_NANOS);
            stream.skip();
            releaseWindow(stream);
            streams.unready(stream);
        }
    }

    @Override
    void ended(Stream stream) {
        if (stream.lingers()) {
            release(stream, null);
        }
    }

    @Override
    void lingered(Stream stream) {
        release(stream, ErrorCode.NO_ERROR);
    }

    @Override
    void lingeredAll() {
        for (Stream stream; (stream = streams.firstLingering()) != null && !server.isOver();) {
            lingered(stream);
        }
    }

    /// {@return whether a stream that lingered has made room: the one that has longest}
    private boolean makesRoom() {
        Stream stream = streams.firstLingering();
        if (stream != null) {
            lingered(stream);
        }
        return stream != null;
    }

    @Override
    void abandon(Refusal why) {
        for (Stream stream = streams.first; stream != null;) {
            Stream following = stream.next;
            if (!stream.isDoomed) {
                doom(stream, why);
            }
            stream = following;
        }
    }
}
