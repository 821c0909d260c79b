package dev.coffer.http.http2;

import dev.coffer.http.Method;
import dev.coffer.http.internal.HeadFields;
import java.lang.foreign.MemorySegment;

/// What a client sends: requests, whose streams have numbers from when their heads go out, so that those are in the order of their numbers
/// whatever was given up before (RFC 9113, section 5.1.1).
final class ClientSending extends Sending {
    private final Http2Client client;

    ClientSending(Http2Client client) {
        super(client);
        this.client = client;
    }

    @Override
    int head(Stream stream, MemorySegment output, long at, long room) {
        HeadFields head = shared.head();
        head.beginRequest(client.isSecure());
        int bytes = FULL;
        boolean silent;
        long content;
        boolean expects;
        boolean closes;
        try {
            stream.source().head(head);
            content = head.content();
            silent = content == HeadFields.NO_CONTENT || content == 0;
            expects = head.expects() && !silent;
            closes = head.closes();
            stream.toHead = head.method() == Method.HEAD;
            head.finishRequest();
            stream.id = client.nextId();
            bytes = headers(head, stream, Frame.END_HEADERS | (silent ? Frame.END_STREAM : 0), output, at, room);
        } finally {
            head.drop();
            if (bytes <= 0) {
                stream.id = 0;
            }
        }
        if (bytes > 0) {
            client.opened();
            client.floods.begun();
            stream.left = content;
            stream.asked = client.last;
            if (silent) {
                client.exchanges().sent(stream);
            } else {
                stream.answer = expects ? Stream.Answer.EXPECTING : Stream.Answer.CONTENT;
            }
            if (closes) {
                client.retire();
            }
        }
        return bytes;
    }
}
