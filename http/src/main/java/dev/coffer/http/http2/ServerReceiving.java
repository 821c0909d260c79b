package dev.coffer.http.http2;

import dev.coffer.http.Refusal;
import dev.coffer.http.internal.Priority;
import dev.coffer.http.internal.ReceivedFields;

/// What a client's frames mean: streams that begin, requests, and what takes them back.
final class ServerReceiving extends Receiving {
    private static final int CLIENT = 1;            // streams of clients have odd numbers (section 5.1.1)

    private final Http2Server server;
    private int lastStream;         // highest that a client has begun

    ServerReceiving(Http2Server server) {
        super(server);
        this.server = server;
    }

    @Override
    void reset() {
        super.reset();
        lastStream = 0;
    }

    int lastStream() {
        return lastStream;
    }

    void lastStream(int id) {
        lastStream = id;
    }

    /// We begin none.
    @Override
    boolean isIdle(int id) {
        return id % 2 != CLIENT || id > lastStream;
    }

    @Override
    ErrorCode check(int type, int id) {
        return type == Frame.HEADERS ? id % 2 != CLIENT ? ErrorCode.PROTOCOL_ERROR : ErrorCode.NO_ERROR
                : id != 0 ? ErrorCode.PROTOCOL_ERROR : ErrorCode.NO_ERROR;
    }

    /// RFC 9218, section 7.1. Of a push there is none, and of requests that have yet to come no more than there may be streams, those that there are among them.
    @Override
    ErrorCode prioritize(int id, int priority) {
        if (id % 2 != CLIENT) {
            return ErrorCode.PROTOCOL_ERROR;
        }
        Stream stream = streams.find(id);
        if (priority == Priority.NONE) {
            return ErrorCode.NO_ERROR;  // what is no priority changes none
        }
        if (stream != null) {
            stream.priority(priority);
        } else if (isIdle(id)) {
            controls.early(id, priority);
            boolean tooMany = isAcknowledged() && controls.earlyPast(lastStream) + streams.countOnWire() > server.config.streamsMax();
            return tooMany ? ErrorCode.PROTOCOL_ERROR : ErrorCode.NO_ERROR;
        }
        return ErrorCode.NO_ERROR;
    }

    @Override
    ErrorCode ownSetting(int name, long value) {
        return name == Frame.ENABLE_PUSH && value > 1 ? ErrorCode.PROTOCOL_ERROR : ErrorCode.NO_ERROR;
    }

    @Override
    ErrorCode headersBegin(int flags, int id, int dependency, long now) {
        boolean ends = (flags & Frame.END_STREAM) != 0;
        Stream stream = streams.find(id);
        if (stream != null) {
            return trailersBegin(stream, ends, now);
        }
        if (id < lastStream && !controls.isRecent(id)) {
            return ErrorCode.PROTOCOL_ERROR;  // section 5.1.1: numbers go up
        }
        if (id <= lastStream) {
            return passBy(id, ends, now);
        }
        lastStream = id;
        ErrorCode refused = ErrorCode.NO_ERROR;
        if (server.takesNoMore()) {
            refused = ErrorCode.REFUSED_STREAM;
        } else if (dependency == id) {
            refused = ErrorCode.PROTOCOL_ERROR;
        } else {
            stream = server.exchanges().open(id, !ends);
        }
        head.begin(id, stream, HeadReception.Kind.HEAD, ends, now);
        return stream != null ? ErrorCode.NO_ERROR
                : refused == ErrorCode.NO_ERROR ? server.exchanges().refuseStream(id, now) : server.exchanges().refuseStream(id, refused, now);
    }

    @Override
    ErrorCode headEnd(Stream stream, long now) {
        stream.remoteEnded = head.ends();
        if (stream.refusal != null) {
            return ErrorCode.NO_ERROR;  // it took too long, and is being answered
        }
        ReceivedFields request = stream.request();
        request.complete(head.ends());
        if (request.isMalformed() && !head.isTooLong()) {
            return server.exchanges().streamError(stream, ErrorCode.PROTOCOL_ERROR, Refusal.FIELD_NAME, now);  // section 8.1.1
        }
        int early = controls.early(stream.id);  // what a frame says overrules the field (RFC 9218, section 7)
        int priority = early != Priority.NONE ? early : Priority.field(request);
        if (priority != Priority.NONE) {
            stream.priority(priority);
        }
        if (head.isTooLong()) {
            request.refuse(Refusal.HEAD_TOO_LONG);
        } else if (request.contentLength() > server.limits.bodyBytesMax()) {
            request.refuse(Refusal.CONTENT_TOO_LARGE);
        }
        if (request.refusal() != Refusal.NONE) {
            server.exchanges().refuse(stream, request.refusal());
        } else {
            server.exchanges().request(stream);
        }
        return ErrorCode.NO_ERROR;
    }

    @Override
    ErrorCode rstStream(Stream stream, ErrorCode code, long now) {
        boolean early = !stream.sentDue && !stream.lingers();
        server.exchanges().cancelled(stream);
        return early && !floods.resets.take(now) ? ErrorCode.ENHANCE_YOUR_CALM : ErrorCode.NO_ERROR;
    }

    @Override
    ErrorCode goAway(int ofOurs, ErrorCode why) {
        server.retire();
        return ErrorCode.NO_ERROR;
    }

    @Override
    void acknowledgedPing(long opaque) {
        if (opaque == Controls.FAREWELL) {
            server.farewellHeard();
        }
    }
}
