package dev.coffer.http.http3;

import dev.coffer.http.Method;
import dev.coffer.http.internal.HeadFields;
import dev.coffer.memory.engine.StreamTransport;

/// What a client sends: requests, whose streams are opened when their heads go out, as soon as the server allows one.
final class ClientSending extends Sending {
    private final Http3Client client;

    ClientSending(Http3Client client) {
        super(client);
        this.client = client;
    }

    @Override
    boolean head(Stream stream) {
        if (stream.id < 0) {
            stream.id = client.transport().open(true);
            if (stream.id == StreamTransport.NONE) {
                return false;
            }
            if (client.transport().outputFree(stream.id) <= 0) {
                return false;  // the transport names it when the server lets some of it go
            }
        }
        HeadFields head = shared.head();
        head.beginRequest(true);
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
            stream.awaited().toHead = head.method() == Method.HEAD;
            head.finishRequest();
            if (isTooMuch(head)) {
                client.exchanges().failed(stream);
                return true;
            }
            if (!headers(head, stream)) {
                return false;
            }
        } finally {
            head.drop();
        }
        client.floods.begun();
        stream.left = content;
        stream.dataHeadDue = true;
        stream.awaited().asked = client.last;
        if (silent) {
            written(stream);
        } else {
            stream.answer = expects ? Stream.Answer.EXPECTING : Stream.Answer.CONTENT;
        }
        if (closes) {
            client.retire();
        }
        return true;
    }
}
