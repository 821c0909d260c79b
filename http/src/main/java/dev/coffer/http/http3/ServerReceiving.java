package dev.coffer.http.http3;

import dev.coffer.http.Refusal;
import dev.coffer.http.internal.Priority;
import dev.coffer.http.internal.ReceivedFields;

/// What a client's request streams mean: requests that begin, and what takes them back.
final class ServerReceiving extends Receiving {
    private final Http3Server server;
    private long lastStream = -1;   // highest that a client has begun
    private long numbers;           // that were ever given to streams

    ServerReceiving(Http3Server server) {
        super(server);
        this.server = server;
    }

    void reset() {
        lastStream = -1;
    }

    /// {@return the number that GOAWAY says: of the first request that is not taken}
    long nextStream() {
        return lastStream < 0 ? 0 : lastStream + 4;
    }

    @Override
    void begin(long id, long now) {
        lastStream = Math.max(lastStream, id);
        Stream stream = server.takesNoMore() || streams.isFull() ? null : server.shared.tryLend(streams.count());
        if (stream == null) {
            reject(id, now);
            return;
        }
        stream.open(id, ++numbers, now);
        streams.add(stream);
        stream.holder = server;
        server.begun();
        server.floods.begun();
        int early = server.controlReader.early(id);
        if (early >= 0) {
            stream.priority(early);
            stream.isPrioritized = true;
        }
        arrived(stream, now);
    }

    /// Nothing is done with a request, so that it may be sent again (section 4.1.1).
    private void reject(long id, long now) {
        server.life.blame(Refusal.UNEXPECTED);
        server.transport().reset(id, ErrorCode.H3_REQUEST_REJECTED.code());
        server.transport().stopSending(id, ErrorCode.H3_REQUEST_REJECTED.code());
        server.transport().release(id);
        server.controls.cancelSections(id);
        if (!server.floods.takeShortage(now)) {
            server.fail(ErrorCode.H3_EXCESSIVE_LOAD, Refusal.UNEXPECTED);
        }
    }

    @Override
    void headBegin(Stream stream, long now) {}

    @Override
    void headEnd(Stream stream, long now) {
        if (stream.refusal != null) {
            return;  // it took too long, and is being answered
        }
        ReceivedFields request = stream.request();
        request.complete(server.transport().isInputEnded(stream.id));
        if (request.isMalformed() && !stream.tooLong) {
            server.exchanges().streamError(stream, ErrorCode.H3_MESSAGE_ERROR, Refusal.FIELD_NAME, now);  // section 4.1.2
            return;
        }
        int priority = stream.isPrioritized ? Priority.NONE : Priority.field(request);
        if (priority != Priority.NONE) {
            stream.priority(priority);
        }
        if (stream.tooLong) {
            request.refuse(Refusal.HEAD_TOO_LONG);
        } else if (request.contentLength() > server.limits.bodyBytesMax()) {
            request.refuse(Refusal.CONTENT_TOO_LARGE);
        }
        if (request.refusal() != Refusal.NONE) {
            server.exchanges().refuse(stream, request.refusal());
        } else {
            server.exchanges().request(stream);
        }
    }

    @Override
    void incomplete(Stream stream, long now) {
        stream.part = Stream.Part.ENDED;
        stream.remoteEnded = true;
        server.exchanges().streamError(stream, ErrorCode.H3_REQUEST_INCOMPLETE, Refusal.TRUNCATED, now);  // section 4.1
    }

    @Override
    void wasReset(Stream stream, ErrorCode code, long now) {
        server.exchanges().cancelled(stream, now);
    }
}
