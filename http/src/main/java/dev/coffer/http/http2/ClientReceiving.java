package dev.coffer.http.http2;

import dev.coffer.http.HttpClient;
import dev.coffer.http.Refusal;
import dev.coffer.http.Status;
import dev.coffer.http.internal.Lifecycle;
import dev.coffer.http.internal.ReceivedAnswer;

/// What a server's frames mean: answers, interim ones, and what it takes no more.
final class ClientReceiving extends Receiving {
    private final Http2Client client;
    private int goneAway;           // the last stream that GOAWAY named

    ClientReceiving(Http2Client client) {
        super(client);
        this.client = client;
    }

    @Override
    void reset() {
        super.reset();
        goneAway = Integer.MAX_VALUE;
    }

    /// A server begins none, as it is told not to push.
    @Override
    boolean isIdle(int id) {
        return !client.hasBegun(id);
    }

    /// Servers must not send PRIORITY_UPDATE (RFC 9218, section 7.1).
    @Override
    ErrorCode check(int type, int id) {
        return type == Frame.PRIORITY_UPDATE || id == 0 || isIdle(id) ? ErrorCode.PROTOCOL_ERROR : ErrorCode.NO_ERROR;
    }

    @Override
    ErrorCode prioritize(int id, int priority) {
        return ErrorCode.PROTOCOL_ERROR;  // its head is refused already
    }

    @Override
    ErrorCode ownSetting(int name, long value) {
        return switch (name) {
            case Frame.ENABLE_PUSH -> value != 0 ? ErrorCode.PROTOCOL_ERROR : ErrorCode.NO_ERROR;
            case Frame.MAX_CONCURRENT_STREAMS -> {
                client.streamsAllowed(value);
                yield ErrorCode.NO_ERROR;
            }
            default -> ErrorCode.NO_ERROR;
        };
    }

    @Override
    ErrorCode headersBegin(int flags, int id, int dependency, long now) {
        boolean ends = (flags & Frame.END_STREAM) != 0;
        Stream stream = streams.find(id);
        if (stream == null) {
            return passBy(id, ends, now);
        }
        if (stream.isDoomed || stream.answered) {
            return trailersBegin(stream, ends, now);
        }
        stream.heard = true;
        stream.beginHead();
        head.begin(id, stream, HeadReception.Kind.HEAD, ends, now);
        return ErrorCode.NO_ERROR;
    }

    @Override
    ErrorCode headEnd(Stream stream, long now) {
        if (head.isTooLong()) {
            return client.exchanges().streamError(stream, ErrorCode.CANCEL, Refusal.HEAD_TOO_LONG, now);
        }
        ReceivedAnswer answer = stream.response();
        answer.complete(head.ends(), stream.toHead);
        if (answer.isMalformed() || answer.refusal() != Refusal.NONE) {
            return client.exchanges().streamError(stream, answer.isMalformed() ? ErrorCode.PROTOCOL_ERROR : ErrorCode.CANCEL,
                    answer.isMalformed() ? Refusal.UNEXPECTED : answer.refusal(), now);
        }
        return answer.status() < 200 ? interim(stream, answer.status(), now) : last(stream, answer, now);
    }

    private ErrorCode interim(Stream stream, int status, long now) {
        if (++stream.informations > HttpClient.INFORMATIONS_MAX) {
            return client.exchanges().streamError(stream, ErrorCode.ENHANCE_YOUR_CALM, Refusal.TOO_MANY_INFORMATIONS, now);
        }
        stream.inform();
        if (status == Status.CONTINUE && stream.answer == Stream.Answer.EXPECTING) {
            stream.answer = Stream.Answer.CONTENT;
        }
        streams.ready(stream);
        return ErrorCode.NO_ERROR;
    }

    private ErrorCode last(Stream stream, ReceivedAnswer answer, long now) {
        if (answer.contentLength() > client.limits.bodyBytesMax()) {
            return client.exchanges().streamError(stream, ErrorCode.CANCEL, Refusal.CONTENT_TOO_LARGE, now);
        }
        stream.answered = true;
        stream.responseDue = true;
        if (stream.answer == Stream.Answer.EXPECTING) {
            client.exchanges().stopShort(stream);
        }
        streams.ready(stream);
        return head.ends() ? messageEnd(stream, now) : ErrorCode.NO_ERROR;
    }

    /// An answer that has come whole needs no more of the request (section 8.1); one that was refused was looked at by nobody (8.7).
    @Override
    ErrorCode rstStream(Stream stream, ErrorCode code, long now) {
        if (!stream.remoteEnded) {
            client.exchanges().cut(stream, stream.heard ? Refusal.RESET : untaken(code, Refusal.RESET));
        } else if (!stream.localEnded) {
            client.exchanges().cut(stream, Refusal.LOCAL);
        }
        return ErrorCode.NO_ERROR;
    }

    /// {@return what a code says of a request of which nothing was answered}
    private static Refusal untaken(ErrorCode code, Refusal otherwise) {
        return switch (code) {
            case REFUSED_STREAM -> Refusal.NOT_TAKEN;
            case HTTP_1_1_REQUIRED -> Refusal.HTTP_1_1_REQUIRED;
            default -> otherwise;
        };
    }

    @Override
    ErrorCode goAway(int lastStream, ErrorCode why) {
        if (lastStream > goneAway) {
            return ErrorCode.PROTOCOL_ERROR;  // section 6.8: it may only go down
        }
        goneAway = lastStream;
        client.life.retreat(Lifecycle.Retreat.SHUT);
        client.exchanges().leaveOut(lastStream, untaken(why, Refusal.NOT_TAKEN));
        client.finishIfDone();
        return ErrorCode.NO_ERROR;
    }
}
