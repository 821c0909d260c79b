package dev.coffer.http.http3;

import dev.coffer.http.Ascii;
import dev.coffer.http.FieldName;
import dev.coffer.http.HeadWriter;
import dev.coffer.http.Method;
import dev.coffer.http.Refusal;
import dev.coffer.http.Status;
import dev.coffer.http.internal.HeadFields;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;

/// What a server sends: answers, interim ones, and refusals in words.
final class ServerSending extends Sending {
    private static final Ascii PLAIN_TEXT = Ascii.of("text/plain; charset=utf-8");

    private final Http3Server server;

    ServerSending(Http3Server server) {
        super(server);
        this.server = server;
    }

    @Override
    boolean head(Stream stream) {
        Consumer<HeadWriter> inform = stream.inform;
        boolean done;
        if (stream.interimDue) {
            done = interim(stream, Status.CONTINUE, null);
            stream.interimDue = !done;
        } else if (inform != null) {
            stream.inform = null;  // where it throws the answer goes on without
            done = interim(stream, stream.informStatus, inform);
            stream.inform = done ? null : inform;
        } else {
            done = answer(stream);
        }
        return done;
    }

    private boolean interim(Stream stream, int status, @org.jspecify.annotations.Nullable Consumer<HeadWriter> fields) {
        HeadFields head = shared.head();
        head.beginTrailers();
        try {
            head.anyStatus(status);
            if (fields != null) {
                fields.accept(head);
            }
            head.finishTrailers();
            return isTooMuch(head) || headers(head, stream);
        } finally {
            head.drop();
        }
    }

    private boolean answer(Stream stream) {
        HeadFields head = shared.head();
        head.beginResponse();
        boolean silent;
        long content;
        boolean closes;
        Refusal refusal = stream.refusal;
        try {
            if (refusal != null) {
                head.status(refusal.status()).field(FieldName.CONTENT_TYPE, PLAIN_TEXT).content(refusal.wordsLength());
            } else {
                stream.source().head(head);
                head.requireTunnelOnly(stream.tunnel);
            }
            content = head.content();
            closes = head.closes();
            boolean bodiless = Status.isBodiless(head.status());
            silent = bodiless || stream.request().method() == Method.HEAD || content == HeadFields.NO_CONTENT || content == 0;
            head.finish(bodiless);
            if (isTooMuch(head)) {
                server.exchanges().failed(stream);
                return true;
            }
            if (!headers(head, stream)) {
                return false;
            }
        } finally {
            head.drop();
        }
        stream.left = content;
        stream.dataHeadDue = true;
        stream.interimDue = false;
        if (closes) {
            server.retire();
        }
        if (stream.tunnel) {
            shared.dropHead(stream);  // its handler has returned, and a tunnel may last for days
        }
        if (silent) {
            written(stream);
        } else {
            stream.answer = Stream.Answer.CONTENT;
        }
        return true;
    }

    @Override
    long body(Stream stream, MemorySegment output, long at, long most) {
        Refusal refusal = stream.refusal;
        return refusal != null ? words(stream, refusal, output, at, most) : super.body(stream, output, at, most);
    }

    private static long words(Stream stream, Refusal refusal, MemorySegment output, long at, long most) {
        int count = (int) Math.min(most, refusal.wordsLength() - stream.refusalTold);
        refusal.writeWords(stream.refusalTold, output, at, count);
        stream.refusalTold = (short) (stream.refusalTold + count);
        return count;
    }
}
