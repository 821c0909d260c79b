package dev.coffer.http.http3;

import dev.coffer.http.HttpEvent;
import dev.coffer.http.Refusal;
import org.jspecify.annotations.Nullable;

/// What becomes of a server's requests: those that are told, answers and refusals that are written.
final class ServerExchanges extends Exchanges {
    private final Http3Server server;

    ServerExchanges(Http3Server server) {
        super(server);
        this.server = server;
    }

    /// An end of the exchange comes before anything that follows it.
    @Override
    @Nullable
    HttpEvent due(Stream stream) {
        if (stream.requestDue) {
            return HttpEvent.REQUEST;
        }
        if (!stream.open) {
            return null;
        }
        if (stream.abortedDue) {
            return HttpEvent.ABORTED;
        }
        HttpEvent content = stream.contentDue(server.readable(stream));
        return content != null ? content : stream.sentDue ? HttpEvent.SENT : null;
    }

    @Override
    void told(Stream stream, HttpEvent event) {
        switch (event) {
            case REQUEST -> {
                stream.requestDue = false;
                stream.open = true;
            }
            case DATA -> stream.shown = server.readable(stream);
            case TRAILERS -> stream.trailersDue = false;
            case END -> stream.endDue = false;
            case SENT, ABORTED -> {
                stream.open = false;
                stream.sentDue = false;
                stream.abortedDue = false;
                if (stream.refusal == null) {
                    release(stream);
                } else {  // an answer of ours is still to be written
                    server.shared.dropHeadIfRefused(stream);
                }
            }
            default -> throw new AssertionError(event);
        }
    }

    /// A request is complete as far as its head.
    void request(Stream stream) {
        stream.requestDue = true;
        stream.awaits100 = stream.request().expectsContinue() && stream.request().contentLength() != 0;
        server.ready(stream);
    }

    /// Answers a request that is too much, where that can still be said; else resets its stream.
    @Override
    void refuse(Stream stream, Refusal why) {
        if (stream.isDoomed || stream.answer == Stream.Answer.SENT || stream.refusal != null) {
            return;
        }
        if (stream.answer != Stream.Answer.NONE && stream.answer != Stream.Answer.HEAD) {
            reset(stream, ErrorCode.H3_REQUEST_CANCELLED, why);
            return;
        }
        server.life.blame(why);
        withdraw(stream);
        stream.skip();
        stream.trailersDue = false;
        stream.endDue = false;
        stream.refusal = why;
        stream.refusalTold = 0;
        stream.source = null;
        stream.blocked = false;
        stream.answer = Stream.Answer.HEAD;
        stream.receiveUntil = Paces.NEVER;
        server.shared.dropHeadIfRefused(stream);
    }

    /// Takes the exchange from the application: ABORTED, unless it never heard of it.
    private void withdraw(Stream stream) {
        if (stream.requestDue) {
            stream.requestDue = false;
        } else if (stream.open && !stream.sentDue) {
            stream.abortedDue = true;
            server.ready(stream);
        }
    }

    @Override
    void abort(Stream stream) {
        if (!stream.isDoomed) {
            reset(stream, ErrorCode.H3_INTERNAL_ERROR, Refusal.LOCAL);
        }
    }

    @Override
    void ended(Stream stream) {}

    @Override
    void discarded(Stream stream) {
        stream.endDue = false;
    }

    @Override
    boolean awaitsContent(Stream stream) {
        return stream.awaitsRest() && !stream.isDoomed && !stream.tunnel && stream.refusal == null;  // what is refused has its answer's pace alone
    }

    /// The peer has taken a request back.
    void cancelled(Stream stream, long now) {
        boolean early = !stream.sentDue;
        server.life.note(Refusal.BROKEN);
        if (!stream.localEnded) {
            server.transport().reset(stream.id, ErrorCode.H3_REQUEST_CANCELLED.code());
            stream.localEnded = true;
        }
        stopReading(stream, ErrorCode.H3_REQUEST_CANCELLED);
        if (!server.isOver()) {
            doom(stream, Refusal.BROKEN);
        }
        if (early && !floods.takeReset(now)) {
            server.fail(ErrorCode.H3_EXCESSIVE_LOAD, Refusal.UNEXPECTED);
        }
    }

    @Override
    void stopped(Stream stream, ErrorCode code, long now) {
        cancelled(stream, now);
    }

    @Override
    void sent(Stream stream) {
        stream.answer = Stream.Answer.SENT;
        stream.source = null;
        if (!stream.localEnded) {
            stream.localEnded = true;
            server.transport().finish(stream.id);
        }
        if (stream.refusal != null) {
            stream.refusal = null;
            if (!stream.open) {
                release(stream);
            }
            return;
        }
        stream.sentDue = true;
        server.ready(stream);
    }

    @Override
    void doom(Stream stream, Refusal why) {
        stream.isDoomed = true;
        stream.answer = Stream.Answer.SENT;
        stream.source = null;
        stream.refusal = null;
        stream.interimDue = false;
        stream.inform = null;
        stream.trailersDue = false;
        stream.endDue = false;
        stream.skip();
        withdraw(stream);
        if (!stream.open) {
            release(stream);
        } else {
            server.ready(stream);
        }
    }

    @Override
    void abandon(Refusal why) {
        for (int i = streams.count() - 1; i >= 0; i--) {
            if (!streams.get(i).isDoomed) {
                doom(streams.get(i), why);
            }
        }
    }
}
