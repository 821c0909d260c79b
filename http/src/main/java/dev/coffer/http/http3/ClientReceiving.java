package dev.coffer.http.http3;

import dev.coffer.http.HttpClient;
import dev.coffer.http.Refusal;
import dev.coffer.http.Status;
import dev.coffer.http.internal.ReceivedAnswer;

/// What a server's side of request streams means: answers, interim ones, and what it takes no more.
final class ClientReceiving extends Receiving {
    private final Http3Client client;

    ClientReceiving(Http3Client client) {
        super(client);
        this.client = client;
    }

    /// One of ours that was given back: the transport names none of those.
    @Override
    void begin(long id, long now) {}

    @Override
    void headBegin(Stream stream, long now) {
        stream.awaited().heard = true;
        stream.began = now;
        stream.beginHead();
    }

    @Override
    void headEnd(Stream stream, long now) {
        if (stream.tooLong) {
            client.exchanges().streamError(stream, ErrorCode.H3_REQUEST_CANCELLED, Refusal.HEAD_TOO_LONG, now);
            return;
        }
        ReceivedAnswer answer = stream.awaited().response;
        boolean ended = answer.status() >= 200 && client.transport().isInputEnded(stream.id);  // an end behind an interim one is seen as such
        answer.complete(ended, stream.awaited().toHead);
        if (answer.isMalformed() || answer.refusal() != Refusal.NONE) {
            boolean malformed = answer.isMalformed();
            client.exchanges().streamError(stream, malformed ? ErrorCode.H3_MESSAGE_ERROR : ErrorCode.H3_REQUEST_CANCELLED,
                    malformed ? Refusal.UNEXPECTED : answer.refusal(), now);
        } else if (answer.status() < 200) {
            interim(stream, answer.status(), now);
        } else {
            last(stream, answer, now);
        }
    }

    private void interim(Stream stream, int status, long now) {
        if (++stream.awaited().informations > HttpClient.INFORMATIONS_MAX) {
            client.exchanges().streamError(stream, ErrorCode.H3_EXCESSIVE_LOAD, Refusal.TOO_MANY_INFORMATIONS, now);
            return;
        }
        stream.part = Stream.Part.NOTHING;  // another head follows
        stream.inform();
        if (status == Status.CONTINUE && stream.answer == Stream.Answer.EXPECTING) {
            stream.answer = Stream.Answer.CONTENT;
        }
        client.ready(stream);
    }

    private void last(Stream stream, ReceivedAnswer answer, long now) {
        if (answer.contentLength() > client.limits.bodyBytesMax()) {
            client.exchanges().streamError(stream, ErrorCode.H3_REQUEST_CANCELLED, Refusal.CONTENT_TOO_LARGE, now);
            return;
        }
        stream.awaited().answered = true;
        stream.awaited().responseDue = true;
        if (stream.answer == Stream.Answer.EXPECTING) {
            client.exchanges().stopShort(stream);
        }
        client.ready(stream);
    }

    /// The last head never came.
    @Override
    void incomplete(Stream stream, long now) {
        client.exchanges().streamError(stream, ErrorCode.H3_MESSAGE_ERROR, Refusal.TRUNCATED, now);  // section 4.1
    }

    /// One that was rejected was looked at by nobody (section 4.1.1); one that is wanted in another version may be sent so (section 8.1).
    @Override
    void wasReset(Stream stream, ErrorCode code, long now) {
        Refusal why = stream.awaited().heard ? Refusal.RESET : code == ErrorCode.H3_REQUEST_REJECTED ? Refusal.NOT_TAKEN
                : code == ErrorCode.H3_VERSION_FALLBACK ? Refusal.HTTP_1_1_REQUIRED : Refusal.RESET;
        client.exchanges().giveUp(stream);
        if (!client.isOver()) {
            client.exchanges().cut(stream, why);
        }
    }
}
