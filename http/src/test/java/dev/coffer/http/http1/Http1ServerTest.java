package dev.coffer.http.http1;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.http.Ascii;
import dev.coffer.http.DateField;
import dev.coffer.http.FieldName;
import dev.coffer.http.HeadWriter;
import dev.coffer.http.HttpEvent;
import dev.coffer.http.MessageSource;
import dev.coffer.http.Method;
import dev.coffer.http.Refusal;
import dev.coffer.http.Status;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class Http1ServerTest {
    @Test
    void answersGet() {
        try (Lab lab = new Lab()) {
            lab.feed("GET /a%20b?q=1 HTTP/1.1\r\nHost: example.org:80\r\nX-Any:  thing \r\n\r\n");
            assertEquals(List.of("REQUEST 0 GET /a%20b ?q=1 @example.org:80 11 0 [host=example.org:80] [x-any=thing]",
                    "END 0 \"\"", "SENT 0"), lab.events);
            assertEquals("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", lab.output.toString());
        }
    }

    /// RFC 9110, section 2.5: a minor version that nobody knows is the highest that is known; of a major one nothing is.
    @Test
    void aVersionThatIsToComeIsServedWhereItsMajorNumberIsOurs() {
        for (String minor : new String[] {"1.1", "1.2", "1.9"}) {
            try (Lab lab = new Lab()) {
                lab.feed("GET / HTTP/" + minor + "\r\nHost: a\r\n\r\n");
                assertEquals("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", lab.output.toString());
            }
        }
        for (String major : new String[] {"0.9", "2.0", "3.0"}) {
            try (Lab lab = new Lab()) {
                lab.feed("GET / HTTP/" + major + "\r\nHost: a\r\n\r\n");
                assertTrue(lab.output.toString().startsWith("HTTP/1.1 505 "), lab.output.toString());
            }
        }
    }

    @Test
    void answersPipelinedRequestsInOrder() {
        try (Lab lab = new Lab()) {
            StringBuilder requests = new StringBuilder();
            for (int i = 0; i < 1000; i++) {
                requests.append("GET /").append(i).append(" HTTP/1.1\r\nHost: a\r\n\r\n");
            }
            lab.onRequest = l -> l.server.respond(l.server.stream(), Lab.text(200 + (int) l.server.stream() % 3, "x"));
            lab.feed(requests.toString());
            assertEquals(3000, lab.events.size());
            assertEquals("REQUEST 999 GET /999 @a 11 0 [host=a]", lab.events.get(2997));
            List<Integer> statuses = lab.statuses();
            assertEquals(1000, statuses.size());
            for (int i = 0; i < 1000; i++) {
                assertEquals(200 + i % 3, statuses.get(i));
            }
        }
    }

    @Test
    void aFaultBehindAnAnswerGetsNoAnswerOfItsOwn() {
        try (Lab lab = new Lab()) {
            lab.feed("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
            assertEquals(List.of(200), lab.statuses());
            String answered = lab.output.toString();
            lab.feed("zz\r\n");
            assertEquals(answered, lab.output.toString(), "the next request's answer, as a client would read it");
            assertTrue(lab.server.isEnded());
        }
    }

    private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    private static final String OK = "HTTP/1.1 200 OK\r\n";

    private record Case(String name, Supplier<MessageSource> answer, String request, boolean closes, String output) {}

    private static Case row(String name, Supplier<MessageSource> answer, String request, boolean closes,
            String output) {
        return new Case(name, answer, request, closes, output);
    }

    private static MessageSource withTrailer() {
        Lab.TextSource source = (Lab.TextSource) Lab.chunked(200, "hello");
        source.trailer = Ascii.of("t");
        return source;
    }

    private static List<Case> cases() {
        return List.of(
                row("known length", () -> Lab.text(200, "hello"), GET, false, OK + "Content-Length: 5\r\n\r\nhello"),
                row("no content", () -> Lab.text(200, ""), GET, false, OK + "Content-Length: 0\r\n\r\n"),
                row("nothing said", () -> new Lab.TextSource(h -> h.status(200), ""), GET, false,
                        OK + "Content-Length: 0\r\n\r\n"),
                row("chunks", () -> Lab.chunked(200, "hello"), GET, false,
                        OK + "Transfer-Encoding: chunked\r\n\r\n0005\r\nhello\r\n0\r\n\r\n"),
                row("trailers", Http1ServerTest::withTrailer, GET, false,
                        OK + "Transfer-Encoding: chunked\r\n\r\n0005\r\nhello\r\n0\r\nx-trailer: t\r\n\r\n"),
                row("HEAD", () -> Lab.text(200, "hello"), GET.replace("GET", "HEAD"), false,
                        OK + "Content-Length: 5\r\n\r\n"),
                row("HEAD of chunks", () -> Lab.chunked(200, "hello"), GET.replace("GET", "HEAD"), false,
                        OK + "Transfer-Encoding: chunked\r\n\r\n"),
                row("304 with a length", () -> Lab.text(304, "hello"), GET, false,
                        "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n"),
                row("304", () -> new Lab.TextSource(h -> h.status(304), ""), GET, false,
                        "HTTP/1.1 304 Not Modified\r\n\r\n"),
                row("204", () -> Lab.text(204, ""), GET, false, "HTTP/1.1 204 No Content\r\n\r\n"),
                row("a status without a phrase", () -> Lab.text(599, ""), GET, false,
                        "HTTP/1.1 599 \r\nContent-Length: 0\r\n\r\n"),
                row("the client closes", () -> Lab.text(200, ""), GET.replace("a\r\n", "a\r\nConnection: x ,close\r\n"),
                        true, OK + "Content-Length: 0\r\nConnection: close\r\n\r\n"),
                row("the application closes", () -> new Lab.TextSource(h -> h.status(200).close(), ""), GET, true,
                        OK + "Content-Length: 0\r\nConnection: close\r\n\r\n"),
                row("HTTP/1.0", () -> Lab.text(200, ""), "GET / HTTP/1.0\r\n\r\n", true,
                        OK + "Content-Length: 0\r\nConnection: close\r\n\r\n"),
                row("HTTP/1.0 kept", () -> Lab.text(200, ""), "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", false,
                        OK + "Content-Length: 0\r\nConnection: keep-alive\r\n\r\n"),
                row("HTTP/1.0 without a length", () -> Lab.chunked(200, "hello"),
                        "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", true,
                        OK + "Connection: close\r\n\r\nhello"),
                row("fields of every kind", () -> new Lab.TextSource(h -> h.status(206)
                        .field(FieldName.CONTENT_TYPE, Ascii.of("text/plain")).field(Ascii.of("x-own"), Ascii.of("1"))
                        .field(FieldName.AGE, 9_223_372_036_854_775_807L).date(FieldName.LAST_MODIFIED, 784_111_777)
                        .begin(FieldName.CONTENT_RANGE).text(Ascii.of("bytes ")).decimal(0).text(Ascii.of("-")).decimal(4)
                        .text(Ascii.of("/")).decimal(10).end().begin(FieldName.ETAG).hex(-1).hex(0).end().content(0), ""),
                        GET, false, "HTTP/1.1 206 Partial Content\r\nContent-Type: text/plain\r\nx-own: 1\r\n"
                                + "Age: 9223372036854775807\r\nLast-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
                                + "Content-Range: bytes 0-4/10\r\nETag: ffffffffffffffff0\r\nContent-Length: 0\r\n\r\n"));
    }

    @TestFactory
    Stream<DynamicTest> writesEachAnswer() {
        return cases().stream().map(c -> DynamicTest.dynamicTest(c.name, () -> {
            try (Lab lab = new Lab()) {
                lab.onRequest = l -> l.server.respond(l.server.stream(), c.answer.get());
                lab.feed(c.request);
                assertEquals(c.output, lab.output.toString());
                assertEquals(c.closes, lab.closed());
            }
        }));
    }

    @Test
    void asksForContentThatTheClientHoldsBackOnlyIfItIsWanted() {
        String head = "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: 5\r\n\r\n";
        try (Lab lab = new Lab()) {
            lab.answersAtEnd = true;
            lab.feed(head);
            assertEquals("HTTP/1.1 100 Continue\r\n\r\n", lab.output.toString());
            lab.feed("hello").feed(GET);
            assertEquals(List.of(100, 200, 200), lab.statuses());
        }
        try (Lab lab = new Lab()) {  // answered at once: the content may or may not come, so the connection ends
            lab.proceeds = false;
            lab.feed(head);
            assertEquals(List.of(200), lab.statuses());
            assertTrue(lab.output.toString().contains("Connection: close"));
            assertTrue(lab.closed());
        }
        try (Lab lab = new Lab()) {  // it came all the same: 100 would say nothing new
            lab.answersAtEnd = true;
            lab.feed(head + "hello");
            assertEquals(List.of(100, 200), lab.statuses());
            lab.proceeds = false;
            lab.feed(head + "hello");
            assertEquals(List.of(100, 200, 200), lab.statuses());
            assertFalse(lab.closed());
        }
        try (Lab lab = new Lab()) {  // HTTP/1.0 knows no 100
            lab.answersAtEnd = true;
            lab.feed(head.replace("HTTP/1.1", "HTTP/1.0") + "hello");
            assertEquals(List.of(200), lab.statuses());
        }
    }

    @Test
    void anyRoomOfOutputGivesTheSameBytes() {
        for (int room = 256; room < 400; room++) {
            try (Lab lab = new Lab(Http1Config.tight())) {
                lab.outputRoom = 4096;
                String whole = null;
                for (int pass = 0; pass < 2; pass++) {
                    lab.output.setLength(0);
                    lab.onRequest = l -> l.server.respond(l.server.stream(), Lab.text(200, "0123456789".repeat(100)));
                    lab.feed(GET.repeat(3));
                    whole = whole == null ? lab.output.toString() : whole;
                    lab.outputRoom = room;
                }
                assertEquals(whole, lab.output.toString());
            }
        }
    }

    @Test
    void roomThatIsTooSmallForAHeadWritesNothingUntilItIsLargeEnough() {
        try (Lab lab = new Lab()) {
            lab.outputRoom = 37;
            lab.feed(GET);
            assertEquals("", lab.output.toString());
            lab.outputRoom = 38;
            lab.turn();
            assertEquals(OK + "Content-Length: 2\r\n\r\nok", lab.output.toString());
        }
    }

    @Test
    void headThatFitsNowhereIsTheCallersFault() {
        try (Lab lab = new Lab(Http1Config.tight())) {
            lab.outputRoom = 512;
            lab.onRequest = l -> l.server.respond(0, new Lab.TextSource(
                    h -> h.status(200).field(FieldName.SERVER, Ascii.of("s".repeat(500))), ""));
            assertThrows(IllegalStateException.class, () -> lab.feed(GET));
        }
    }

    @Test
    void sourceIsAskedAgainOnlyAfterResume() {
        int[] asked = {0};
        try (Lab lab = new Lab()) {
            lab.onRequest = l -> l.server.respond(0, new Lab.TextSource(h -> h.status(200).contentOfUnknownLength(), "") {
                @Override
                public long body(MemorySegment output, long at, long room) {
                    return switch (asked[0]++) {
                        case 0 -> 0;
                        case 1 -> {
                            output.set(ValueLayout.JAVA_BYTE, at, (byte) 'x');
                            yield 1;
                        }
                        default -> END;
                    };
                }
            });
            lab.feed(GET);
            lab.turn();
            assertEquals(1, asked[0]);
            lab.server.resume(0);
            lab.turn();
            assertTrue(lab.output.toString().endsWith("\r\n\r\n0001\r\nx\r\n0\r\n\r\n"));
            assertEquals("SENT 0", lab.events.getLast());
        }
    }

    @Test
    void contentThatFailsOrEndsEarlyIsCutSoThatThePeerSees() {
        for (long code : new long[] {MessageSource.FAILED, MessageSource.END}) {
            try (Lab lab = new Lab()) {
                lab.onRequest = l -> l.server.respond(0, new Lab.TextSource(h -> h.status(200).content(9), "") {
                    @Override
                    public long body(MemorySegment output, long at, long room) {
                        return code;
                    }
                });
                lab.feed(GET + GET);
                assertEquals(OK + "Content-Length: 9\r\n\r\n", lab.output.toString());
                assertEquals(List.of("ABORTED 0", "CLOSED -1"), lab.events.subList(2, 4));
            }
        }
        try (Lab lab = new Lab()) {  // chunks without the last one
            lab.onRequest = l -> l.server.respond(0, new Lab.TextSource(h -> h.status(200).contentOfUnknownLength(), "") {
                @Override
                public long body(MemorySegment output, long at, long room) {
                    return FAILED;
                }
            });
            lab.feed(GET);
            assertTrue(lab.output.toString().endsWith("chunked\r\n\r\n"));
            assertTrue(lab.closed());
        }
    }

    @Test
    void sourceThatWritesMoreThanItsRoomIsTheCallersFault() {
        try (Lab lab = new Lab()) {
            lab.onRequest = l -> l.server.respond(0, new Lab.TextSource(h -> h.status(200).content(9), "") {
                @Override
                public long body(MemorySegment output, long at, long room) {
                    assertEquals(9, room);
                    return room + 1;
                }
            });
            assertThrows(IllegalStateException.class, () -> lab.feed(GET));
        }
    }

    @Test
    void peerThatOnlyReadsIsStillAnswered() {
        try (Lab lab = new Lab()) {
            lab.answersAtEnd = true;
            lab.feed(GET + GET).feedEnd();
            assertEquals(List.of(200, 200), lab.statuses());
            assertEquals("CLOSED -1", lab.events.getLast());
        }
        try (Lab lab = new Lab()) {
            lab.onRequest = l -> {};
            lab.feed(GET + GET).feedEnd();
            assertFalse(lab.closed());
            lab.onRequest = l -> l.server.respond(l.server.stream(), Lab.text(200, ""));
            lab.server.respond(0, Lab.text(200, ""));
            lab.turn();
            assertEquals(List.of(200, 200), lab.statuses());
            assertEquals("CLOSED -1", lab.events.getLast());
        }
    }

    @Test
    void streamThatEndsInsideAMessageAbortsIt() {
        for (String part : List.of("GET / HT", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhell",
                "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n")) {
            try (Lab lab = new Lab()) {
                lab.answersAtEnd = true;
                lab.feed(part).feedEnd();
                assertEquals("", lab.output.toString());
                assertEquals(Refusal.TRUNCATED, lab.server.refusal());
                assertEquals(part.startsWith("POST"), lab.events.contains("ABORTED 0"));
                assertTrue(lab.closed());
            }
        }
    }

    @Test
    void shutdownFinishesWhatHasBegun() {
        try (Lab lab = new Lab()) {
            lab.server.shutdown(lab.now);
            lab.turn();
            assertEquals(List.of("CLOSED -1"), lab.events);
        }
        try (Lab lab = new Lab()) {
            lab.onRequest = l -> {
                l.server.shutdown(l.now);
                l.server.respond(0, Lab.text(200, "ok"));
            };
            lab.feed(GET + GET);
            assertEquals(OK + "Content-Length: 2\r\nConnection: close\r\n\r\nok", lab.output.toString());
            assertTrue(lab.closed());
        }
        try (Lab lab = new Lab()) {
            lab.feed("GET / HT");
            lab.server.shutdown(lab.now);
            lab.feed("TP/1.1\r\nHost: a\r\n\r\n");
            assertEquals(List.of(200), lab.statuses());
            assertTrue(lab.closed());
        }
    }

    /// A refusal of each kind that is answered: its words, whole, however little room each poll has; none to HEAD.
    @Test
    void everyRefusalSaysWhyInWords() {
        for (Refusal refusal : Refusal.values()) {
            if (refusal.status() == 0) {
                assertEquals(0, refusal.reason().length(), refusal.name());
                continue;
            }
            for (int room : new int[] {1, 7, 1000}) {
                try (Lab lab = new Lab()) {
                    Sender sender = new Sender(null, 256, true);
                    sender.refuse(refusal);
                    StringBuilder text = new StringBuilder();
                    long wrote;
                    while ((wrote = sender.poll(lab.wire, 0, text.isEmpty() ? 256 : room)) > 0) {
                        text.append(Lab.text(lab.wire, 0, wrote));
                    }
                    String words = Status.phrase(refusal.status()) + ": " + refusal.reason() + "\n";
                    assertTrue(text.toString().endsWith("\r\n\r\n" + words), text::toString);
                    assertTrue(text.toString().contains("\r\nContent-Length: " + words.length() + "\r\n"), text::toString);
                    assertTrue(sender.isSent());
                }
            }
        }
    }

    @Test
    void aRefusedHeadRequestGetsNoContentAndTheNextRefusalDoes() {
        try (Lab lab = new Lab()) {
            lab.feed("HEAD / HTTP/1.1\r\nX: y\r\n\r\n").feedEnd();
            assertTrue(lab.output.toString().endsWith("\r\n\r\n"), lab.output::toString);
        }
        try (Lab lab = new Lab()) {  // the request before was HEAD; this one's method is never known
            lab.feed("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n\u0001").feedEnd();
            assertTrue(lab.output.toString().endsWith(": a control character in the head\n"), lab.output::toString);
        }
    }

    /// Content that is taken before its event is polled: told as long as some is left.
    @Test
    void dataIsToldWhileSomeIsLeftToConsume() {
        for (int consumed : new int[] {4, 5}) {
            try (Lab lab = new Lab()) {
                lab.onRequest = l -> {};
                lab.feed("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n");
                MemorySegment.copy("hello".getBytes(StandardCharsets.US_ASCII), 0, lab.wire, ValueLayout.JAVA_BYTE, 0, 5);
                assertEquals(5, lab.server.feed(lab.wire, 0, 5, 0));
                lab.server.consume(0, consumed);
                assertEquals(consumed == 5 ? null : HttpEvent.DATA, lab.server.pollEvent());
            }
        }
    }

    @Test
    void aStreamOfAnEarlierConnectionStaysStale() {
        try (Lab lab = new Lab()) {
            lab.feed("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
            lab.server.reset(0);
            lab.onRequest = l -> {};
            lab.feed("GET /other HTTP/1.1\r\nHost: a\r\n\r\n");
            assertThrows(IllegalArgumentException.class, () -> lab.server.respond(0, Lab.text(200, "for the first")));
            assertThrows(IllegalArgumentException.class, () -> lab.server.request(0));
            lab.server.respond(1, Lab.text(200, "for the second"));
        }
    }

    @Test
    void staleStreamsAndSecondAnswersAreTheCallersFault() {
        try (Lab lab = new Lab()) {
            assertThrows(IllegalArgumentException.class, () -> lab.server.request(0));
            lab.onRequest = l -> {
                MessageSource answer = Lab.text(200, "ok");
                l.server.respond(l.server.stream(), answer);
                assertThrows(IllegalStateException.class, () -> l.server.respond(l.server.stream(), answer));
                assertThrows(IllegalArgumentException.class, () -> l.server.respond(l.server.stream() + 1, answer));
                assertThrows(IllegalArgumentException.class, () -> l.server.consume(l.server.stream(), 1));
                assertThrows(IndexOutOfBoundsException.class, () -> l.server.request(l.server.stream()).nameAt(1));
            };
            lab.feed(GET);
            assertThrows(IllegalArgumentException.class, () -> lab.server.request(0));
            lab.feed(GET);
            assertEquals(List.of(200, 200), lab.statuses());
        }
    }

    @Test
    void abortEndsTheConnection() {
        try (Lab lab = new Lab()) {
            lab.onRequest = l -> l.server.abort(0);
            lab.feed(GET + GET);
            assertEquals("", lab.output.toString());
            assertEquals(List.of("ABORTED 0", "CLOSED -1"), lab.events.subList(1, 3));
        }
    }

    @Test
    void answersThatWouldSplitAreRefused() {
        MemorySegment evil = MemorySegment.ofArray("x\r\nSet-Cookie: y".getBytes(StandardCharsets.US_ASCII));
        List<Consumer<HeadWriter>> heads = List.of(
                h -> h.status(200).field(FieldName.LOCATION, Ascii.of("x\r\nSet-Cookie: y")),
                h -> h.status(200).field(FieldName.LOCATION, evil, 0, (int) evil.byteSize()),
                h -> h.status(200).field(FieldName.LOCATION, Ascii.of("x\0")),
                h -> h.status(200).field(Ascii.of("x: y\r\nz"), Ascii.of("")),
                h -> h.status(200).field(Ascii.of("X-Large"), Ascii.of("")),
                h -> h.status(200).field(Ascii.of(""), Ascii.of("")),
                h -> h.status(200).field(Ascii.of("content-length"), Ascii.of("5")),
                h -> h.status(200).field(FieldName.CONTENT_LENGTH, 5),
                h -> h.status(200).field(FieldName.TRANSFER_ENCODING, Ascii.of("chunked")),
                h -> h.status(200).field(FieldName.CONNECTION, Ascii.of("keep-alive")),
                h -> h.status(200).field(FieldName.OTHER, Ascii.of("x")),
                h -> h.status(200).field(FieldName.AGE, -1),
                h -> h.status(200).content(-1),
                h -> h.status(199),
                h -> h.status(1000));
        for (var head : heads) {
            try (Lab lab = new Lab()) {
                lab.onRequest = l -> l.server.respond(0, new Lab.TextSource(head, ""));
                assertThrows(IllegalArgumentException.class, () -> lab.feed(GET));
            }
        }
        List<Consumer<HeadWriter>> orders = List.of(
                h -> {}, h -> h.field(FieldName.AGE, 1), h -> h.status(200).status(200), h -> h.status(200).end(),
                h -> h.status(200).begin(FieldName.AGE), h -> h.status(200).text(Ascii.of("x")),
                h -> h.request(Method.GET, Ascii.of("a"), Ascii.of("/")));
        for (var head : orders) {
            try (Lab lab = new Lab()) {
                lab.onRequest = l -> l.server.respond(0, new Lab.TextSource(head, ""));
                assertThrows(IllegalStateException.class, () -> lab.feed(GET));
            }
        }
    }

    @Test
    void dateIsTheLoops() {
        try (Lab lab = new Lab()) {
            DateField date = new DateField();
            Http1Server server = new Http1Server(lab.config, lab.arena.allocate(lab.config.plan().totalBytes()), 0, date);
            server.reset(0);
            date.update(784_111_777);
            byte[] bad = "GET\r\n".getBytes(StandardCharsets.US_ASCII);
            MemorySegment.copy(bad, 0, lab.wire, ValueLayout.JAVA_BYTE, 0, bad.length);
            server.feed(lab.wire, 0, bad.length, 0);
            server.pollEvent();
            long wrote = server.pollOutput(lab.wire, 0, 1024, 0);
            String words = "Bad Request: the first line is not of the form \"method target version\"\n";
            assertEquals("HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: "
                    + words.length() + "\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nConnection: close\r\n\r\n" + words,
                    Lab.text(lab.wire, 0, wrote));
        }
    }

    @Test
    void contentIsHeldBackUntilItIsConsumed() {
        try (Lab lab = new Lab(Http1Config.tight())) {
            lab.onRequest = l -> {};
            lab.feed("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n");
            long taken = 0;
            for (int i = 0; i < 1000; i++) {
                long room = lab.server.feedRoom();
                long now = lab.server.feed(lab.wire, 0, 1000, 0);
                assertEquals(Math.min(1000, room), now);
                taken += now;
            }
            assertTrue(taken <= lab.config.inputBytes(), "taken " + taken);
            lab.server.pollEvent();
            lab.server.consume(0, lab.server.dataLength(0) - 1);
            assertEquals(0, lab.server.feedRoom());
            lab.server.consume(0, 1);
            assertTrue(lab.server.feedRoom() >= 512);
        }
    }

    /// Four digits are written for every chunk, so that one more byte than they can say begins another.
    @Test
    void aChunkIsAsLongAsFourDigitsSayAndTheNextHasTheRest() {
        try (Lab lab = new Lab()) {
            lab.outputRoom = 100_000;
            lab.onRequest = each -> each.server.respond(each.server.stream(), Lab.chunked(200, "x".repeat(70_000)));
            lab.feed("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
            String body = lab.output.substring(lab.output.indexOf("\r\n\r\n") + 4);
            assertEquals("ffff\r\n" + "x".repeat(65_535) + "\r\n1171\r\n" + "x".repeat(4465) + "\r\n0\r\n\r\n", body);
        }
    }
}
