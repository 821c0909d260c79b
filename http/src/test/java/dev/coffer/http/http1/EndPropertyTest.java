package dev.coffer.http.http1;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.http.Ascii;
import dev.coffer.http.HttpEngine;
import dev.coffer.http.HttpEvent;
import dev.coffer.http.Method;
import dev.coffer.http.Refusal;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The peer's end, or the transport's, behind every byte of a message, whatever the application has consumed by then: what
/// came before it is told, what it completes is complete, and CLOSED comes once and last.
class EndPropertyTest {
    private static final Ascii HOST = Ascii.of("a");
    private static final Ascii PATH = Ascii.of("/");
    private static final String OK = "HTTP/1.1 200 OK\r\n";

    /// When the application takes what is shown to it.
    private enum Reader { AT_ONCE, BYTE_BY_BYTE, AFTER_THE_END, DISCARDS_AT_HEAD, DISCARDS_AFTER_THE_END }

    /// How far our own message is when the peer's comes.
    private enum Writer { DONE, LATE, NEVER }

    /// A message, where its content lies, and from which length on it is complete.
    private record Peer(String name, String text, int contentAt, String content, boolean untilClose, boolean keeps) {
        static Peer length(String head, boolean keeps) {
            String text = head + "Content-Length: 5\r\n\r\n";
            return new Peer("length, " + keeps, text + "hello", text.length(), "hello", false, keeps);
        }

        static Peer none(String text) {
            return new Peer("no content", text, text.length(), "", false, true);
        }

        boolean isComplete(int cut, boolean lost) {
            return untilClose ? cut >= contentAt && !lost : cut == text.length();
        }

        /// {@return how much of the content lies before `cut`}
        String content(int cut) {
            if (content.isEmpty() || cut <= contentAt) {
                return "";
            }
            if (text.startsWith("2\r\n", contentAt)) {  // chunks: 2 CRLF he CRLF 3 CRLF llo CRLF
                int in = cut - contentAt;
                return content.substring(0, in < 3 ? 0 : in < 5 ? in - 3 : in < 10 ? 2 : Math.min(5, in - 8));
            }
            return content.substring(0, Math.min(cut - contentAt, content.length()));
        }
    }

    private static Peer chunks(String head, String trailer) {
        String text = head + "Transfer-Encoding: chunked\r\n\r\n";
        return new Peer("chunks", text + "2\r\nhe\r\n3\r\nllo\r\n0\r\n" + trailer + "\r\n", text.length(), "hello", false, true);
    }

    private static final List<Peer> ANSWERS = List.of(Peer.length(OK, true), Peer.length(OK + "Connection: close\r\n", false),
            Peer.length("HTTP/1.1 103 x\r\nA: b\r\n\r\n" + OK, true), chunks(OK, ""), chunks(OK, "T: x\r\n"),
            Peer.none("HTTP/1.1 204 x\r\n\r\n"), Peer.none(OK + "Content-Length: 0\r\n\r\n"),
            new Peer("until the end", OK + "\r\nhello", (OK + "\r\n").length(), "hello", true, false));

    private static final String POST = "POST / HTTP/1.1\r\nHost: a\r\n";
    private static final List<Peer> REQUESTS = List.of(Peer.length(POST, true), Peer.length(POST + "Connection: close\r\n", false),
            Peer.length(POST + "Expect: 100-continue\r\n", true), chunks(POST, ""), chunks(POST, "T: x\r\n"),
            Peer.none("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));

    /// Our content: all there, there when `ready`, or never.
    private static final class Source extends Lab.TextSource {
        boolean ready;

        Source(java.util.function.Consumer<dev.coffer.http.HeadWriter> head, boolean ready) {
            super(head, "content");
            this.ready = ready;
        }

        @Override
        public long body(MemorySegment output, long offset, long room) {
            return ready || at < 3 ? super.body(output, offset, ready ? room : Math.min(room, 3 - at)) : 0;
        }
    }

    /// One engine and what it told.
    private static final class Run implements AutoCloseable {
        final Arena arena = Arena.ofConfined();
        final HttpEngine engine;
        final Reader reader;
        final MemorySegment wire = arena.allocate(8192);
        final List<HttpEvent> events = new ArrayList<>();
        final StringBuilder content = new StringBuilder();
        final Source source;
        long stream = -1;
        boolean after;        // the end was told to the engine

        Run(boolean isServer, Reader reader, Writer writer) {
            this.reader = reader;
            Http1Config config = Http1Config.tight();
            MemorySegment memory = arena.allocate(config.plan().totalBytes(), 64);
            source = new Source(isServer ? h -> h.status(200).content(7) : h -> h.request(Method.POST, HOST, PATH).content(7),
                    writer == Writer.DONE);
            engine = isServer ? new Http1Server(config, memory, 0, null) : new Http1Client(config, memory, 0);
            engine.reset(0);
        }

        void feed(String text) {
            byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
            MemorySegment.copy(bytes, 0, wire, ValueLayout.JAVA_BYTE, 0, bytes.length);
            assertEquals(bytes.length, engine.feed(wire, 0, bytes.length, 0), "taken");
        }

        void turn() {
            int turns = 0;
            for (boolean more = true; more; turns++) {
                assertTrue(turns < 100, "no end of turns: " + events);
                more = engine.pollOutput(wire, 0, wire.byteSize(), 0) > 0;
                for (HttpEvent event; (event = engine.pollEvent()) != null; more = true) {
                    events.add(event);
                    handle(event);
                }
                more |= read();
                ((Http1Engine) engine).receiver.checkInvariants();
            }
        }

        private void handle(HttpEvent event) {
            switch (event) {
                case REQUEST -> {
                    stream = engine.stream();
                    ((Http1Server) engine).proceed(stream);
                    if (reader == Reader.DISCARDS_AT_HEAD) {
                        engine.discard(stream);
                        ((Http1Server) engine).respond(stream, source);
                    }
                }
                case RESPONSE -> {
                    if (reader == Reader.DISCARDS_AT_HEAD) {
                        engine.discard(stream);
                    }
                }
                case END -> {
                    if (engine instanceof Http1Server server) {
                        server.respond(stream, source);
                    }
                }
                case ABORTED -> stream = -1;
                default -> {}
            }
        }

        /// Takes what is shown, if its time has come; returns whether anything was taken.
        private boolean read() {
            boolean open = stream >= 0 && !engine.isEnded() && ((Http1Engine) engine).open;
            if (!open || reader != Reader.AT_ONCE && reader != Reader.BYTE_BY_BYTE && !after) {
                return false;
            }
            long length = engine.dataLength(stream);
            if (reader == Reader.DISCARDS_AFTER_THE_END && length > 0) {
                engine.discard(stream);
                return true;
            }
            long bytes = reader == Reader.BYTE_BY_BYTE ? Math.min(1, length) : length;
            content.append(Lab.text(engine.dataSegment(stream), engine.dataAt(stream), bytes));
            engine.consume(stream, bytes);
            return bytes > 0;
        }

        void end(boolean lost) {
            after = true;
            if (lost) {
                engine.disconnect(0);
            } else {
                engine.feedEnd(0);
            }
            turn();
        }

        int count(HttpEvent event) {
            return (int) events.stream().filter(e -> e == event).count();
        }

        @Override
        public void close() {
            engine.close();
            arena.close();
        }
    }

    private static boolean discards(Reader reader, int length) {
        return reader == Reader.DISCARDS_AT_HEAD || reader == Reader.DISCARDS_AFTER_THE_END && length > 0;
    }

    @Test
    void aClientLosesNothingOfAnAnswerWhereverItsServerEnds() {
        int runs = 0;
        for (Peer answer : ANSWERS) {
            for (int cut = 0; cut <= answer.text.length(); cut++) {
                for (Reader reader : Reader.values()) {
                    for (Writer writer : Writer.values()) {
                        for (boolean lost : new boolean[] {false, true}) {
                            client(answer, cut, reader, writer, lost);
                            runs++;
                        }
                    }
                }
            }
        }
        assertTrue(runs > 10_000, "runs " + runs);
    }

    private static void client(Peer answer, int cut, Reader reader, Writer writer, boolean lost) {
        String what = answer.name + " cut at " + cut + " of " + answer.text.length() + ", " + reader + ", " + writer
                + (lost ? ", lost" : "");
        try (Run run = new Run(false, reader, writer)) {
            Http1Client client = (Http1Client) run.engine;
            run.stream = client.request(run.source);
            run.turn();
            run.feed(answer.text.substring(0, cut));
            run.turn();
            if (writer == Writer.LATE) {
                run.source.ready = true;
                if (client.open) {
                    client.resume(run.stream);
                }
                run.turn();
            }
            run.end(lost);
            what += ": " + run.events;
            String content = answer.content(cut);
            boolean complete = answer.isComplete(cut, lost);
            boolean discards = discards(reader, content.length());
            assertEquals(HttpEvent.CLOSED, run.events.getLast(), what);
            assertEquals(1, run.count(HttpEvent.CLOSED), what);
            assertTrue(client.isEnded() && client.isOutputEnded(), what);
            assertEquals(discards ? "" : content, run.content.toString(), what);
            assertEquals(complete && !discards ? 1 : 0, run.count(HttpEvent.END), what);
            // an answer after which the server takes nothing ends a request that is still being sent
            boolean sent = writer == Writer.DONE
                    || writer == Writer.LATE && !(cut == answer.text.length() && !answer.keeps && !answer.untilClose
                            && reader != Reader.AFTER_THE_END && reader != Reader.DISCARDS_AFTER_THE_END);
            assertEquals(complete && sent ? 0 : 1, run.count(HttpEvent.ABORTED), what);
            assertTrue(!complete || run.count(HttpEvent.SENT) == (sent ? 1 : 0), what);
            assertEquals(complete ? sent ? Refusal.NONE : Refusal.LOCAL : lost ? Refusal.BROKEN : Refusal.TRUNCATED,
                    client.refusal(), what);
            assertEquals(complete ? 0 : 1, run.count(HttpEvent.REFUSED), what);
        }
    }

    @Test
    void aServerAnswersWhatIsCompleteWhereverItsClientEnds() {
        int runs = 0;
        for (Peer request : REQUESTS) {
            for (int cut = 0; cut <= request.text.length(); cut++) {
                for (Reader reader : Reader.values()) {
                    for (Writer writer : Writer.values()) {
                        for (boolean lost : new boolean[] {false, true}) {
                            server(request, cut, reader, writer, lost);
                            runs++;
                        }
                    }
                }
            }
        }
        assertTrue(runs > 10_000, "runs " + runs);
    }

    private static void server(Peer request, int cut, Reader reader, Writer writer, boolean lost) {
        String what = request.name + " cut at " + cut + " of " + request.text.length() + ", " + reader + ", " + writer
                + (lost ? ", lost" : "");
        try (Run run = new Run(true, reader, writer)) {
            Http1Server server = (Http1Server) run.engine;
            run.turn();
            run.feed(request.text.substring(0, cut));
            run.turn();
            if (writer == Writer.LATE) {
                run.source.ready = true;
                if (server.open) {
                    server.resume(run.stream);
                }
                run.turn();
            }
            run.end(lost);
            what += ": " + run.events;
            String content = request.content(cut);
            boolean complete = cut == request.text.length();
            boolean told = run.count(HttpEvent.REQUEST) == 1;
            boolean late = reader == Reader.AFTER_THE_END || reader == Reader.DISCARDS_AFTER_THE_END;
            assertEquals(cut >= request.contentAt, told, what);
            // who reads after the end, of a transport that is gone, has no exchange any more
            assertEquals(discards(reader, content.length()) || lost && late ? "" : content, run.content.toString(), what);
            assertEquals(complete && !discards(reader, content.length()) && !(lost && late && !content.isEmpty()) ? 1 : 0,
                    run.count(HttpEvent.END), what);
            boolean answers = told && (reader == Reader.DISCARDS_AT_HEAD || run.count(HttpEvent.END) == 1);
            boolean written = answers && writer != Writer.NEVER;
            if (writer == Writer.NEVER && answers && complete && !lost) {
                assertEquals(0, run.count(HttpEvent.CLOSED), what);  // it waits for its source, as long as that takes
                assertEquals(0, run.count(HttpEvent.ABORTED), what);
                return;
            }
            if (reader == Reader.DISCARDS_AFTER_THE_END && complete && !content.isEmpty() && !lost) {
                assertEquals(0, run.count(HttpEvent.CLOSED), what);  // it waits for its answer
                return;
            }
            assertEquals(HttpEvent.CLOSED, run.events.getLast(), what);
            assertEquals(1, run.count(HttpEvent.CLOSED), what);
            assertTrue(server.isEnded() && server.isOutputEnded(), what);
            assertEquals(written ? 1 : 0, run.count(HttpEvent.SENT), what);
            assertEquals(told && !written ? 1 : 0, run.count(HttpEvent.ABORTED), what);
        }
    }

    /// The last bytes of both messages meet: the answer's end is known, not yet told, when the request's last byte is written.
    @Test
    void aRequestThatIsWrittenWhileTheAnswersEndWaitsIsSentAndNotAborted() {
        try (Run run = new Run(false, Reader.AT_ONCE, Writer.LATE)) {
            run.stream = ((Http1Client) run.engine).request(run.source);
            run.turn();
            run.feed(OK + "Connection: close\r\nContent-Length: 1\r\n\r\n");
            run.turn();
            run.feed("a");
            assertEquals(HttpEvent.DATA, run.engine.pollEvent());
            run.engine.consume(run.stream, 1);
            run.source.ready = true;
            run.engine.resume(run.stream);
            ((Http1Client) run.engine).advance();  // as any feed would
            assertTrue(run.engine.pollOutput(run.wire, 0, 8192, 0) > 0);
            run.turn();
            assertEquals(List.of(HttpEvent.RESPONSE, HttpEvent.END, HttpEvent.SENT, HttpEvent.CLOSED), run.events);
        }
    }

    @Test
    void anAnswerWhoseEndWaitsWhenItIsDiscardedEndsItsExchange() {
        try (Run run = new Run(false, Reader.AT_ONCE, Writer.DONE)) {
            Http1Client client = (Http1Client) run.engine;
            run.stream = client.request(run.source);
            run.turn();
            run.feed(OK + "Content-Length: 0\r\n\r\n");
            assertEquals(HttpEvent.RESPONSE, client.pollEvent());
            run.feed("");
            client.advance();
            assertTrue(client.isPending(HttpEvent.END));
            client.discard(run.stream);
            run.turn();
            assertTrue(client.canRequest(), client + " " + run.events);
        }
    }

    /// What lies behind an answer is a fault whether or not the end has come with it.
    @Test
    void bytesBehindAnAnswerAreUnexpectedAlsoBeforeAnEnd() {
        for (boolean ends : new boolean[] {false, true}) {
            try (Run run = new Run(false, Reader.AFTER_THE_END, Writer.DONE)) {
                run.stream = ((Http1Client) run.engine).request(run.source);
                run.turn();
                run.feed(OK + "Content-Length: 1\r\n\r\naHTTP/1.1 408 x\r\n");
                run.turn();
                run.after = true;
                if (ends) {
                    run.engine.feedEnd(0);
                }
                run.turn();
                assertEquals(List.of(HttpEvent.SENT, HttpEvent.RESPONSE, HttpEvent.DATA, HttpEvent.END, HttpEvent.REFUSED,
                        HttpEvent.CLOSED), run.events, "ends " + ends);
                assertEquals(Refusal.UNEXPECTED, run.engine.refusal());
            }
        }
    }

    /// An answer that is written is SENT, also if the rest of its request turns out bad before that was told.
    @Test
    void anAnswerThatIsWrittenIsSentWhateverBecomesOfItsRequest() {
        for (boolean lost : new boolean[] {false, true}) {
            try (Run run = new Run(true, Reader.DISCARDS_AT_HEAD, Writer.DONE)) {
                Http1Server server = (Http1Server) run.engine;
                run.feed(POST + "Transfer-Encoding: chunked\r\n\r\n5");
                assertEquals(HttpEvent.REQUEST, server.pollEvent());
                run.stream = server.stream();
                server.discard(run.stream);
                server.respond(run.stream, run.source);
                assertTrue(server.pollOutput(run.wire, 0, 8192, 0) > 0);
                assertTrue(server.isPending(HttpEvent.SENT));
                if (lost) {
                    server.disconnect(0);
                } else {
                    run.feed("x");  // no chunk
                    run.engine.onDeadline(Long.MAX_VALUE / 2);
                }
                run.turn();
                assertEquals(List.of(HttpEvent.SENT, HttpEvent.REFUSED, HttpEvent.CLOSED), run.events);
            }
        }
    }

    @Test
    void whatIsFedAfterTheEndIsTheCallersFault() {
        try (Run run = new Run(true, Reader.AT_ONCE, Writer.DONE)) {
            run.feed(POST + "Content-Length: 3\r\n\r\nabc");
            run.turn();
            run.feed(POST + "Content-Length: 3\r\n\r\n");
            run.engine.feedEnd(0);
            assertThrows(IllegalStateException.class, () -> run.engine.feed(run.wire, 0, 1, 0));
            run.turn();
            assertEquals(8, run.engine.feed(run.wire, 0, 8, 0), "discarded, once it is over");
        }
    }
}
