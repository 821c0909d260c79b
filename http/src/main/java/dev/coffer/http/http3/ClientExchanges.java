package dev.coffer.http.http3;

import dev.coffer.http.HttpEvent;
import dev.coffer.http.Refusal;
import org.jspecify.annotations.Nullable;

/// What becomes of a client's streams: requests that are written, answers that are told. An exchange ends when both are, or by ABORTED, which
/// comes behind what had come and lies there still.
final class ClientExchanges extends Exchanges {
    private final Http3Client client;

    ClientExchanges(Http3Client client) {
        super(client);
        this.client = client;
    }

    @Override
    @Nullable
    HttpEvent due(Stream stream) {
        if (!stream.open) {
            return null;
        }
        if (stream.awaited().informationDue) {
            return HttpEvent.INFORMATION;
        }
        if (stream.awaited().responseDue) {
            return HttpEvent.RESPONSE;
        }
        HttpEvent content = stream.contentDue(client.readable(stream));
        if (content != null) {
            return content;
        }
        return stream.awaited().cut == null ? stream.sentDue ? HttpEvent.SENT : null : stream.shown == 0 ? HttpEvent.ABORTED : null;
    }

    @Override
    void told(Stream stream, HttpEvent event) {
        stream.awaited().informing = event == HttpEvent.INFORMATION;
        switch (event) {
            case INFORMATION -> stream.awaited().informationDue = false;
            case RESPONSE -> stream.awaited().responseDue = false;
            case DATA -> stream.shown = client.readable(stream);
            case TRAILERS -> stream.trailersDue = false;
            case END -> {
                stream.endDue = false;
                stream.awaited().endTold = true;
                endIfDone(stream);
            }
            case SENT -> {
                stream.sentDue = false;
                stream.awaited().sentTold = true;
                endIfDone(stream);
            }
            case ABORTED -> {
                stream.open = false;
                client.aborted(stream);
                release(stream);
            }
            default -> throw new AssertionError(event);
        }
    }

    private void endIfDone(Stream stream) {
        if (stream.awaited().endTold && stream.awaited().sentTold) {
            stream.open = false;
            if (!stream.localEnded && client.life.isHeard()) {
                client.transport().reset(stream.id, ErrorCode.H3_REQUEST_CANCELLED.code());  // content of ours that was never asked for
            }
            release(stream);
        }
    }

    @Override
    void sent(Stream stream) {
        stream.answer = Stream.Answer.SENT;
        stream.source = null;
        stream.localEnded = true;
        client.transport().finish(stream.id);
        stream.sentDue = true;
        stream.awaited().asked = client.last;
        client.ready(stream);
    }

    /// The content is not sent any more: the answer has come without it having been asked for, or the server reads no more of it.
    void stopShort(Stream stream) {
        stream.answer = Stream.Answer.SENT;
        stream.source = null;
        stream.sentDue = true;
        stream.awaited().asked = client.last;
        client.ready(stream);
    }

    @Override
    void stopped(Stream stream, ErrorCode code, long now) {
        if (!stream.localEnded) {
            client.transport().reset(stream.id, code.code());
            stream.localEnded = true;
            stopShort(stream);  // its answer may still come (section 4.1)
        }
    }

    @Override
    void ended(Stream stream) {
        if (stream.skipping) {
            passEnd(stream);
        }
    }

    @Override
    void discarded(Stream stream) {
        if (stream.endDue) {
            passEnd(stream);
        }
    }

    /// The answer's end is not told.
    private void passEnd(Stream stream) {
        stream.endDue = false;
        stream.awaited().endTold = true;
        endIfDone(stream);
    }

    @Override
    void refuse(Stream stream, Refusal why) {
        reset(stream, ErrorCode.H3_REQUEST_CANCELLED, why);
    }

    @Override
    void abort(Stream stream) {
        if (stream.isDoomed) {
            doom(stream, stream.awaited().cut == null ? Refusal.LOCAL : stream.awaited().cut);  // what is held is not waited for
        } else {
            reset(stream, ErrorCode.H3_REQUEST_CANCELLED, Refusal.LOCAL);
        }
    }

    @Override
    boolean awaitsContent(Stream stream) {
        return stream.awaited().answered && stream.awaitsRest() && !stream.isDoomed;
    }

    @Override
    void doom(Stream stream, Refusal why) {
        stream.awaited().informationDue = false;
        stream.awaited().responseDue = false;
        stream.trailersDue = false;
        stream.endDue = false;
        stream.skip();
        cut(stream, why);
    }

    /// Nothing more of a stream comes or goes; heads that had come are told, then why.
    void cut(Stream stream, Refusal why) {
        stream.isDoomed = true;
        stream.shown = 0;       // the transport may have let it go
        stream.answer = Stream.Answer.SENT;
        stream.source = null;
        stream.sentDue = false;
        stream.awaited().cut = why;
        client.ready(stream);
    }

    /// Those that were answered whole are told so; a request that has not gone out whole by then never will.
    @Override
    void abandon(Refusal why) {
        for (int i = 0; i < streams.count(); i++) {
            Stream stream = streams.get(i);
            if (!stream.isDoomed && !isWhole(stream)) {
                cut(stream, stream.remoteEnded ? Refusal.LOCAL : why);
            }
        }
    }

    private static boolean isWhole(Stream stream) {
        return stream.remoteEnded && stream.answer == Stream.Answer.SENT;
    }

    /// The server takes up no request from that one on, nor any that has yet to go out.
    void leaveOut(long id) {
        for (int i = streams.count() - 1; i >= 0; i--) {
            Stream stream = streams.get(i);
            if (!stream.isDoomed && !isWhole(stream) && (stream.id < 0 || stream.id >= id)) {
                Refusal why = !stream.awaited().heard ? Refusal.NOT_TAKEN : stream.remoteEnded ? Refusal.LOCAL : Refusal.RESET;
                giveUp(stream);
                cut(stream, why);
            }
        }
    }

    /// Ends both directions of a stream that the server will not go on with.
    void giveUp(Stream stream) {
        if (stream.id >= 0) {
            if (!stream.localEnded) {
                client.transport().reset(stream.id, ErrorCode.H3_REQUEST_CANCELLED.code());
                stream.localEnded = true;
            }
            stopReading(stream, ErrorCode.H3_REQUEST_CANCELLED);
        }
    }
}
