package dev.coffer.http.http1;

import dev.coffer.http.Ascii;
import dev.coffer.http.Fields;
import dev.coffer.http.HeadWriter;
import dev.coffer.http.HttpEvent;
import dev.coffer.http.MessageSource;
import dev.coffer.http.RequestHead;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// A server engine on a bench: bytes in as text, output and events out as text. Answers every request by itself.
final class Lab implements AutoCloseable {
    final Arena arena = Arena.ofConfined();
    final Http1Config config;
    final MemorySegment memory;
    final Http1Server server;
    final MemorySegment wire = arena.allocate(1 << 17);
    final StringBuilder output = new StringBuilder();
    final List<String> events = new ArrayList<>();
    final StringBuilder content = new StringBuilder();
    long now;
    int outputRoom = 4096;
    boolean proceeds = true;
    boolean answersAtEnd;
    /// What is done on REQUEST; answers 200 with the text "ok" unless set.
    long firstStream = -1;  // of this connection: events are told with the ordinal on it
    Consumer<Lab> onRequest = lab -> lab.server.respond(lab.server.stream(), text(200, "ok"));

    Lab() {
        this(Http1Config.defaults());
    }

    Lab(Http1Config config) {
        this.config = config;
        memory = arena.allocate(config.plan().totalBytes() + 128, 64);
        server = new Http1Server(config, memory, 64, null);
        server.reset(0);
    }

    static String text(MemorySegment segment, long at, long length) {
        byte[] bytes = new byte[(int) length];
        MemorySegment.copy(segment, ValueLayout.JAVA_BYTE, at, bytes, 0, bytes.length);
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    /// A response of known length.
    static MessageSource text(int status, String body) {
        return new TextSource(head -> head.status(status).content(body.length()), body);
    }

    /// A response in chunks.
    static MessageSource chunked(int status, String body) {
        return new TextSource(head -> head.status(status).contentOfUnknownLength(), body);
    }

    /// Feeds all of `text`, as the driver's turn does; returns this.
    Lab feed(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        int at = 0;
        turn();
        while (at < bytes.length) {
            int length = Math.min(bytes.length - at, (int) wire.byteSize());
            MemorySegment.copy(bytes, at, wire, ValueLayout.JAVA_BYTE, 0, length);
            long taken = server.feed(wire, 0, length, now);
            server.receiver.checkInvariants();
            if (!turn() && taken == 0) {
                throw new AssertionError("stuck at byte " + at + ": " + server);
            }
            at += (int) taken;
        }
        return this;
    }

    Lab feedEnd() {
        server.feedEnd(now);
        turn();
        return this;
    }

    Lab at(long millis) {
        now = millis * 1_000_000;
        return this;
    }

    Lab deadline() {
        server.onDeadline(now);
        turn();
        return this;
    }

    /// Drains output and events; returns whether there were any.
    boolean turn() {
        boolean any = false;
        for (boolean more = true; more; any |= more) {
            more = false;
            long wrote = server.pollOutput(wire, 0, outputRoom, now);
            output.append(text(wire, 0, wrote));
            more |= wrote > 0;
            for (HttpEvent event; (event = server.pollEvent()) != null; more = true) {
                handle(event);
            }
            server.receiver.checkInvariants();
        }
        return any;
    }

    private void handle(HttpEvent event) {
        long stream = server.stream();
        switch (event) {
            case REQUEST -> {
                events.add(event + " " + ordinal(stream) + " " + describe(server.request(stream)));
                if (proceeds) {
                    server.proceed(stream);
                }
                if (!answersAtEnd) {
                    onRequest.accept(this);
                }
            }
            case DATA -> {
                content.append(text(server.dataSegment(stream), server.dataAt(stream), server.dataLength(stream)));
                server.consume(stream, server.dataLength(stream));
            }
            case TRAILERS -> events.add(event + " " + describe(server.trailers(stream)));
            case END -> {
                events.add(event + " " + ordinal(stream) + " \"" + content + "\"");
                content.setLength(0);
                if (answersAtEnd) {
                    onRequest.accept(this);
                }
            }
            case REFUSED -> events.add(event + " " + server.refusal());
            case ABORTED -> {
                events.add(event + " " + ordinal(stream));
                content.setLength(0);
            }
            default -> events.add(event + " " + ordinal(stream));
        }
    }

    static String describe(RequestHead head) {
        MemorySegment in = head.segment();
        return text(in, head.methodAt(), head.methodLength()) + " " + text(in, head.pathAt(), head.pathLength())
                + (head.queryLength() < 0 ? "" : " ?" + text(in, head.queryAt(), head.queryLength()))
                + (head.authorityLength() < 0 ? "" : " @" + text(in, head.authorityAt(), head.authorityLength()))
                + " " + head.version() + " " + head.contentLength() + describe((Fields) head);
    }

    static String describe(Fields fields) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < fields.count(); i++) {
            text.append(" [").append(text(fields.segment(), fields.nameAt(i), fields.nameLength(i))).append('=')
                    .append(text(fields.segment(), fields.valueAt(i), fields.valueLength(i))).append(']');
        }
        return text.toString();
    }

    /// {@return status codes of the responses written, in order}
    List<Integer> statuses() {
        List<Integer> codes = new ArrayList<>();
        String text = output.toString();
        for (int at = text.indexOf("HTTP/1.1 "); at >= 0; at = text.indexOf("HTTP/1.1 ", at + 1)) {
            codes.add(Integer.parseInt(text.substring(at + 9, at + 12)));
        }
        return codes;
    }

    boolean closed() {
        return events.contains("CLOSED -1");
    }

    @Override
    public void close() {
        server.close();
        arena.close();
    }

    /// Text as a message.
    static class TextSource implements MessageSource {
        final Consumer<HeadWriter> head;
        final byte[] body;
        int at;
        Ascii trailer;

        TextSource(Consumer<HeadWriter> head, String body) {
            this.head = head;
            this.body = body.getBytes(StandardCharsets.ISO_8859_1);
        }

        @Override
        public void head(HeadWriter writer) {
            head.accept(writer);
        }

        @Override
        public long body(MemorySegment output, long offset, long room) {
            if (at == body.length) {
                return END;
            }
            int length = (int) Math.min(room, body.length - at);
            MemorySegment.copy(body, at, output, ValueLayout.JAVA_BYTE, offset, length);
            at += length;
            return length;
        }

        @Override
        public void trailers(HeadWriter trailers) {
            if (trailer != null) {
                trailers.field(Ascii.of("x-trailer"), trailer);
            }
        }
    }

    private long ordinal(long stream) {
        if (stream >= 0 && firstStream < 0) {
            firstStream = stream;
        }
        return stream < 0 ? stream : stream - firstStream;
    }
}
