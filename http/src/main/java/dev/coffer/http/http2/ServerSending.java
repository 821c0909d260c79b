package dev.coffer.http.http2;

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

    private final Http2Server server;

    ServerSending(Http2Server server) {
        super(server);
        this.server = server;
    }

    @Override
    int head(Stream stream, MemorySegment output, long at, long room) {
        return stream.interimDue || stream.inform != null ? interim(stream, output, at, room) : answer(stream, output, at, room);
    }

    private int interim(Stream stream, MemorySegment output, long at, long room) {
        HeadFields head = shared.head();
        Consumer<HeadWriter> inform = stream.inform;
        boolean asks = stream.interimDue || inform == null;
        boolean done = false;
        int bytes;
        head.beginTrailers();
        try {
            head.anyStatus(asks ? Status.CONTINUE : stream.informStatus);
            if (inform != null && !asks) {
                inform.accept(head);
            }
            head.finishTrailers();
            bytes = headers(head, stream, Frame.END_HEADERS, output, at, room);
            done = true;
        } finally {
            head.drop();
            if (!done) {
                stream.inform = null;  // the answer goes on without
            }
        }
        if (bytes > 0 && asks) {
            stream.interimDue = false;
        } else if (bytes > 0) {
            stream.inform = null;
        }
        return bytes;
    }

    private int answer(Stream stream, MemorySegment output, long at, long room) {
        HeadFields head = shared.head();
        head.beginResponse();
        boolean silent;
        long content;
        boolean closes;
        int bytes;
        try {
            if (stream.refusal != null) {
                head.status(stream.refusal().status()).field(FieldName.CONTENT_TYPE, PLAIN_TEXT).content(stream.refusal().wordsLength());
            } else {
                stream.source().head(head);
                head.requireTunnelOnly(stream.tunnel);
            }
            content = head.content();
            closes = head.closes();
            boolean bodiless = Status.isBodiless(head.status());
            silent = bodiless || stream.request().method() == Method.HEAD || content == HeadFields.NO_CONTENT || content == 0;
            head.finish(bodiless);
            bytes = headers(head, stream, Frame.END_HEADERS | (silent ? Frame.END_STREAM : 0), output, at, room);
        } finally {
            head.drop();
        }
        if (bytes > 0) {
            stream.left = content;
            stream.interimDue = false;
            if (closes) {
                server.retire();
            }
            if (silent) {
                server.exchanges().sent(stream);
            } else {
                stream.answer = Stream.Answer.CONTENT;
            }
        }
        return bytes;
    }

    @Override
    long body(Stream stream, MemorySegment output, long at, long most) {
        return stream.refusal != null ? words(stream, output, at, most) : super.body(stream, output, at, most);
    }

    private static long words(Stream stream, MemorySegment output, long at, long most) {
        Refusal refusal = stream.refusal();
        int count = (int) Math.min(most, refusal.wordsLength() - stream.refusalTold);
        refusal.writeWords(stream.refusalTold, output, at, count);
        stream.refusalTold += count;
        return count;
    }
}
