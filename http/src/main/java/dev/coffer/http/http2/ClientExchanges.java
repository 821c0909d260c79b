package dev.coffer.http.http2;

import dev.coffer.http.HttpEvent;
import dev.coffer.http.Refusal;
import org.jspecify.annotations.Nullable;

/// What becomes of a client's streams: requests that are written, answers that are told. An exchange ends when both are, or by ABORTED, which
/// comes behind what had come before the peer ended it, and at once where it is we who do.
final class ClientExchanges extends Exchanges {
    private final Http2Client client;

    ClientExchanges(Http2Client client) {
        super(client);
        this.client = client;
    }

    @Override
    @Nullable
    HttpEvent due(Stream stream) {
        if (!stream.open) {
            return null;
        }
        if (stream.informationDue) {
            return HttpEvent.INFORMATION;
        }
        if (stream.responseDue) {
            return HttpEvent.RESPONSE;
        }
        HttpEvent content = stream.contentDue();
        if (content != null) {
            return content;
        }
        return stream.cut == null ? stream.sentDue ? HttpEvent.SENT : null : stream.shown == 0 ? HttpEvent.ABORTED : null;
    }

    @Override
    void told(Stream stream, HttpEvent event) {
        stream.informing = event == HttpEvent.INFORMATION;
        switch (event) {
            case INFORMATION -> stream.informationDue = false;
            case RESPONSE -> stream.responseDue = false;
            case DATA -> stream.show();
            case TRAILERS -> stream.trailersDue = false;
            case END -> {
                stream.endDue = false;
                stream.endTold = true;
                endIfDone(stream);
            }
            case SENT -> {
                stream.sentDue = false;
                stream.sentTold = true;
                endIfDone(stream);
            }
            case ABORTED -> {
                stream.open = false;
                client.aborted(stream);
                release(stream, null);
            }
            default -> throw new AssertionError(event);
        }
    }

    private void endIfDone(Stream stream) {
        if (stream.endTold && stream.sentTold) {
            stream.open = false;
            release(stream, stream.localEnded ? null : ErrorCode.CANCEL);  // content of ours that was never asked for
        }
    }

    @Override
    void sent(Stream stream) {
        stream.answer = Stream.Answer.SENT;
        stream.source = null;
        stream.localEnded = true;
        stream.sentDue = true;
        stream.asked = client.last;
        streams.ready(stream);
    }

    /// The answer has come without the content having been asked for, which is not sent any more.
    void stopShort(Stream stream) {
        stream.answer = Stream.Answer.SENT;
        stream.source = null;
        stream.sentDue = true;
        streams.ready(stream);
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
        stream.endTold = true;
        endIfDone(stream);
    }

    @Override
    boolean refuse(Stream stream, Refusal why) {
        return reset(stream, ErrorCode.CANCEL, why);
    }

    @Override
    void abort(Stream stream) {
        if (stream.isDoomed) {
            doom(stream, stream.cut());  // what is held is not waited for
        } else {
            reset(stream, ErrorCode.CANCEL, Refusal.LOCAL);
        }
    }

    @Override
    boolean awaitsContent(Stream stream) {
        return stream.answered && !stream.remoteEnded && !stream.isDoomed;
    }

    @Override
    void doom(Stream stream, Refusal why) {
        stream.informationDue = false;
        stream.responseDue = false;
        stream.trailersDue = false;
        stream.endDue = false;
        stream.skip();
        cut(stream, why);
    }

    /// Nothing more of a stream comes or goes; what had come is told, then why.
    void cut(Stream stream, Refusal why) {
        stream.isDoomed = true;
        stream.answer = Stream.Answer.SENT;
        stream.source = null;
        stream.sentDue = false;
        stream.cut = why;
        streams.ready(stream);
    }

    /// Those that were answered whole are told so; a request that has not gone out whole by then never will.
    @Override
    void abandon(Refusal why) {
        for (Stream stream = streams.first; stream != null; stream = stream.next) {
            if (!stream.isDoomed && !isWhole(stream)) {
                cut(stream, stream.remoteEnded ? Refusal.LOCAL : why);
            }
        }
    }

    private static boolean isWhole(Stream stream) {
        return stream.remoteEnded && stream.answer == Stream.Answer.SENT;
    }

    /// The server takes up no stream past that one, nor any that has yet to go out. Of one that it has begun to answer it cannot say so: that is
    /// cut off, and not to be sent again.
    ///
    /// @param why  nothing was done with the others
    void leaveOut(int lastStream, Refusal why) {
        for (Stream stream = streams.first; stream != null; stream = stream.next) {
            if (!stream.isDoomed && !isWhole(stream) && (stream.id == 0 || stream.id > lastStream)) {
                cut(stream, !stream.heard ? why : stream.remoteEnded ? Refusal.LOCAL : Refusal.RESET);
            }
        }
    }
}
