package dev.coffer.http.http3;

import static dev.coffer.http.http3.Http3Peer.data;
import static dev.coffer.http.http3.Http3Peer.frame;
import static dev.coffer.http.http3.Http3Peer.join;
import static dev.coffer.http.http3.Http3Peer.numbers;
import static dev.coffer.http.http3.Http3Peer.section;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.coffer.http.Method;
import dev.coffer.http.Refusal;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A client's connection: answers of every kind, what servers may not say with its code, what may be sent again, time; and with a server's engine at the other end.
class Http3ClientTest {
    private static final long SECOND = 1_000_000_000L;

    private record Case(String name, String closed, String told, Consumer<Http3Caller> script) {}

    private static byte[] head(String... fields) {
        return frame(Frame.HEADERS, section(fields));
    }

    private static byte[] ok(String... more) {
        String[] all = new String[2 + more.length];
        all[0] = ":status";
        all[1] = "200";
        System.arraycopy(more, 0, all, 2, more.length);
        return head(all);
    }

    private static Case closes(String name, ErrorCode code, Consumer<Http3Caller> script) {
        return new Case(name, code.name(), "ABORTED 1 UNEXPECTED", script);
    }

    /// The one exchange ends so, and the connection goes on.
    private static Case tells(String name, String told, Consumer<Http3Caller> script) {
        return new Case(name, "-", told, script);
    }

    @TestFactory
    Stream<DynamicTest> eachSectionHasItsAnswer() {
        ErrorCode unexpected = ErrorCode.H3_FRAME_UNEXPECTED;
        List<Case> cases = new ArrayList<>(List.of(
                tells("4.1: an answer", "END 1", c -> c.says(0, true, ok("content-length", "5"), data(5))),
                tells("4.1: without a length, with trailers", "END 1", c -> c.says(0, true, ok(), data(5), data(0), data(6), head("a", "b"))),
                tells("4.1: 103 and 100 before it", "END 1", c -> c.says(0, true, head(":status", "103", "link", "x"), head(":status", "100"), ok())),
                tells("4.1: unknown frames in it", "END 1", c -> c.says(0, true, frame(0x21), ok(), frame(0x40, new byte[9]), data(1), frame(0x21))),
                tells("4.1: less content than was said", "ABORTED 1 CONTENT_LENGTH", c -> c.says(0, true, ok("content-length", "5"), data(4))),
                tells("4.1: more content than was said", "ABORTED 1 CONTENT_LENGTH", c -> c.says(0, true, ok("content-length", "5"), data(6))),
                tells("4.1: an end before the last head", "ABORTED 1 TRUNCATED", c -> c.says(0, true)),
                tells("4.1: an end behind an interim head", "ABORTED 1 TRUNCATED", c -> c.says(0, true, head(":status", "103"))),
                tells("4.3.2: no status", "ABORTED 1 UNEXPECTED", c -> c.says(0, true, head("a", "b"))),
                tells("4.3.2: a status of two digits", "ABORTED 1 UNEXPECTED", c -> c.says(0, true, head(":status", "20"))),
                tells("4.3.2: two of them", "ABORTED 1 UNEXPECTED", c -> c.says(0, true, head(":status", "200", ":status", "200"))),
                tells("4.3: a request's pseudo-header field", "ABORTED 1 UNEXPECTED", c -> c.says(0, true, ok(":path", "/"))),
                tells("4.5: 101", "ABORTED 1 UNEXPECTED", c -> c.says(0, false, head(":status", "101"))),
                tells("4.2: a capital in a name", "ABORTED 1 UNEXPECTED", c -> c.says(0, true, ok("A", "b"))),
                tells("4.2: Connection", "ABORTED 1 UNEXPECTED", c -> c.says(0, true, ok("connection", "close"))),
                tells("4.3: a status among trailers", "ABORTED 1 TRAILER", c -> c.says(0, true, ok(), head(":status", "200"))),
                tells("4.1.1: reset", "ABORTED 1 RESET", c -> {
                    c.says(0, false, ok()).wire.resetByPeer(0, 0x102);
                    c.run();
                }),
                tells("4.1.1: rejected", "ABORTED 1 NOT_TAKEN", c -> {
                    c.wire.resetByPeer(0, 0x10b);
                    c.run();
                }),
                new Case("5.2: left out by GOAWAY", ErrorCode.H3_NO_ERROR.name(), "ABORTED 1 NOT_TAKEN",
                        c -> c.says(3, false, frame(Frame.GOAWAY, numbers(0)))),
                closes("4.1: DATA before HEADERS", unexpected, c -> c.says(0, false, data(1))),
                closes("4.1: DATA behind an interim head", unexpected, c -> c.says(0, false, head(":status", "103"), data(1))),
                closes("4.1: DATA behind trailers", unexpected, c -> c.says(0, false, ok(), head("a", "b"), data(1))),
                closes("7.2.4: SETTINGS on a request stream", unexpected, c -> c.says(0, false, frame(Frame.SETTINGS))),
                closes("7.2.4: SETTINGS again", unexpected, c -> c.says(3, false, frame(Frame.SETTINGS))),
                closes("7.2.7: MAX_PUSH_ID", unexpected, c -> c.says(3, false, frame(Frame.MAX_PUSH_ID, numbers(1)))),
                closes("9218 7.2: PRIORITY_UPDATE", unexpected, c -> c.says(3, false, frame(Frame.PRIORITY_UPDATE, numbers(0)))),
                closes("7.2.8: HTTP/2's PING", unexpected, c -> c.says(3, false, frame(6, new byte[8]))),
                closes("4.6: a push stream", ErrorCode.H3_ID_ERROR, c -> c.says(7, false, numbers(Frame.PUSH, 0))),
                closes("7.2.5: PUSH_PROMISE", ErrorCode.H3_ID_ERROR, c -> c.says(0, false, frame(Frame.PUSH_PROMISE, numbers(0)))),
                closes("7.2.3: CANCEL_PUSH", ErrorCode.H3_ID_ERROR, c -> c.says(3, false, frame(Frame.CANCEL_PUSH, numbers(0)))),
                closes("5.2: GOAWAY of a stream that is no request", ErrorCode.H3_ID_ERROR, c -> c.says(3, false, frame(Frame.GOAWAY, numbers(3)))),
                closes("5.2: GOAWAY with a larger number than before", ErrorCode.H3_ID_ERROR,
                        c -> c.says(3, false, frame(Frame.GOAWAY, numbers(4)), frame(Frame.GOAWAY, numbers(8)))),
                closes("6.2.1: the control stream is reset", ErrorCode.H3_CLOSED_CRITICAL_STREAM, c -> {
                    c.wire.resetByPeer(3, 0x100);
                    c.run();
                }),
                tells("9110 15.3.5: content of 204", "ABORTED 1 CONTENT_LENGTH", c -> c.says(0, true, head(":status", "204"), data(1))),
                tells("9110 15.4.5: content of 304", "ABORTED 1 CONTENT_LENGTH", c -> c.says(0, true, head(":status", "304", "content-length", "1"), data(1))),
                tells("9110 8.6: a length of 304, which has no content", "END 1", c -> c.says(0, true, head(":status", "304", "content-length", "5"))),
                tells("4.1.2: an answer with two lengths", "ABORTED 1 UNEXPECTED",
                        c -> c.says(0, true, ok("content-length", "1", "content-length", "1"), data(1))),
                tells("4.2: a blank behind a value", "ABORTED 1 UNEXPECTED", c -> c.says(0, true, ok("a", "b "))),
                closes("6.1: a stream of both directions", ErrorCode.H3_STREAM_CREATION_ERROR, c -> c.says(1, false, data(1))),
                closes("6.2.1: a second control stream", ErrorCode.H3_STREAM_CREATION_ERROR, c -> c.says(7, false, numbers(Frame.CONTROL))),
                closes("6.2.1: the control stream ends", ErrorCode.H3_CLOSED_CRITICAL_STREAM, c -> c.says(3, true)),
                closes("9204 4.5: a section of nothing", ErrorCode.QPACK_DECOMPRESSION_FAILED, c -> c.says(0, false, frame(Frame.HEADERS))),
                closes("9204 4.3.4: a duplicate of nothing", ErrorCode.QPACK_ENCODER_STREAM_ERROR,
                        c -> c.says(7, false, numbers(Frame.ENCODER), new byte[] {0})),
                new Case("7.1: an end in a frame", ErrorCode.H3_FRAME_ERROR.name(), "ABORTED 1 TRUNCATED", c -> c.says(0, true, ok(), new byte[] {0, 9, 1}))));
        return cases.stream().map(each -> dynamicTest(each.name, () -> {
            for (int piece : new int[] {Integer.MAX_VALUE, 1}) {
                Http3Caller caller = new Http3Caller().hello();
                caller.wire.piece = piece;
                caller.get("/");
                each.script.accept(caller);
                assertEquals(each.closed, caller.closed(), () -> each.name + ": " + caller.events);
                assertTrue(caller.events.contains(each.told), () -> caller.events.toString());
                if (each.closed.equals("-") && caller.engine.canRequest()) {
                    caller.get("/more");
                    caller.says(4, true, ok(), data(3));
                    assertTrue(caller.events.contains("END 2"), () -> caller.events.toString());
                }
                caller.checkNothingHeld();
            }
        }));
    }

    @Test
    void whatIsSentIsWhatTheStandardSays() {
        Http3Caller caller = new Http3Caller().hello();
        Http3Caller.Call post = caller.call(Method.POST, "/up", 3000);
        SimulatedStreams.Lane lane = caller.wire.find(0);
        assertTrue(lane.ended, "sent to its end");
        byte[] content = java.util.Arrays.copyOfRange(lane.sent, lane.sentLength - 3000, lane.sentLength);
        assertEquals("c".repeat(3000), new String(content, java.nio.charset.StandardCharsets.US_ASCII), "content, in one frame");
        caller.says(0, true, ok(), data(9));
        assertEquals(200, post.status);
        assertEquals(9, post.got.size());
        assertEquals(List.of("SENT 1", "RESPONSE 1", "DATA 1", "END 1"), caller.events);
        caller.checkNothingHeld();
    }

    /// It has no number for the transport yet, and no pace: the server allows another stream when it likes.
    /// RFC 9114, section 4.2.2: names, values and 32 octets a field, of settings that are there and of those that are remembered.
    @Test
    void noSectionIsSentThatIsLargerThanTheServerTakes() {
        long most = 42 + 44 + 43 + 38 + 52;
        for (boolean remembered : new boolean[] {false, true}) {
            for (int past = 0; past <= 1; past++) {
                Http3Caller caller = new Http3Caller();
                if (remembered) {
                    MemorySegment terms = MemorySegment.ofArray(new byte[Http3Config.TERMS_BYTES]);
                    new Http3Caller().hello(6, most - past).engine.writeTerms(terms, 0);
                    caller.engine.rememberTerms(terms, 0);
                } else {
                    caller.hello(6, most - past);
                }
                caller.get("/");
                assertEquals(past == 1, caller.events.contains("ABORTED 1 LOCAL"), caller.events.toString());
                assertEquals(past == 0, caller.engine.streams.count() == 1);
                assertEquals("-", caller.closed());
            }
        }
    }

    @Test
    void aRequestThatWaitsForItsStreamHasNoPace() {
        Http3Caller caller = new Http3Caller().hello();
        caller.wire.bidirectionalMax = 0;
        Http3Caller.Call call = caller.get("/");
        for (int i = 0; i < 25; i++) {  // longer than the grace of content
            assertTrue(caller.engine.deadlineNanos() > caller.now);
            caller.pass(SECOND);
        }
        assertEquals(List.of(), caller.events);
        caller.wire.bidirectionalMax = 1;
        caller.run();
        caller.says(0, true, ok(), data(1));
        assertEquals(200, call.status);
        caller.checkNothingHeld();
    }

    @Test
    void contentWaitsFor100AndNotForEver() {
        Http3Caller caller = new Http3Caller().hello();
        Http3Caller.Call call = caller.new Call(Method.POST, "/", 100);
        call.expects = true;
        call.stream = caller.engine.request(call);
        caller.calls.put(call.stream, call);
        caller.run();
        int before = caller.wire.find(0).sentLength;
        caller.says(0, false, head(":status", "100"));
        assertEquals(100, call.informed);
        assertTrue(caller.wire.find(0).sentLength >= before + 100);
        Http3Caller other = new Http3Caller().hello();
        Http3Caller.Call late = other.new Call(Method.POST, "/", 100);
        late.expects = true;
        late.stream = other.engine.request(late);
        other.calls.put(late.stream, late);
        other.run();
        other.pass(SECOND);
        assertTrue(other.wire.find(0).ended, "unasked");
    }

    @Test
    void aServerThatReadsNoMoreStillAnswers() {
        Http3Caller caller = new Http3Caller(Http3Config.defaults(), 1024, 1100).hello();
        caller.wire.creditEach = 1500;
        Http3Caller.Call call = caller.call(Method.POST, "/", 9000);
        caller.wire.stopByPeer(0, ErrorCode.H3_NO_ERROR.code());
        caller.run();
        assertEquals(ErrorCode.H3_NO_ERROR.code(), caller.wire.find(0).reset);
        caller.says(0, true, ok(), data(4));
        assertEquals(200, call.status);
        assertEquals(4, call.got.size());
        assertEquals("END 1", caller.events.getLast());
        caller.checkNothingHeld();
    }

    @Test
    void aGoAwayLetsThoseBelowItGoOnAndThenTheConnectionEnds() {
        Http3Caller caller = new Http3Caller().hello();
        Http3Caller.Call first = caller.get("/");
        Http3Caller.Call second = caller.get("/");
        caller.says(3, false, frame(Frame.GOAWAY, numbers(4)));
        assertFalse(caller.engine.canRequest());
        assertTrue(second.unheard);
        assertTrue(caller.events.contains("ABORTED 2 NOT_TAKEN"));
        caller.says(0, true, ok());
        assertEquals(200, first.status);
        assertEquals("H3_NO_ERROR", caller.closed());
        assertEquals("CLOSED", caller.events.getLast());
    }

    @Test
    void timesHaveTheirLimits() {
        Http3Caller idle = new Http3Caller().hello();
        idle.pass(30 * SECOND - 1);
        assertEquals("-", idle.closed());
        idle.pass(1);
        assertEquals("H3_NO_ERROR", idle.closed());
        Http3Caller caller = new Http3Caller().hello();
        caller.get("/");
        caller.pass(60 * SECOND - 1);
        assertEquals(List.of("SENT 1"), caller.events);
        caller.pass(1);
        assertEquals("ABORTED 1 TOO_SLOW", caller.events.getLast().equals("REFUSED") ? caller.events.get(1) : caller.events.getLast());
        assertEquals(ErrorCode.H3_REQUEST_CANCELLED.code(), caller.wire.find(0).stopped);
        assertEquals("-", caller.closed());
    }

    @Test
    void aLostTransportAbortsWhatIsNotWhole() {
        Http3Caller caller = new Http3Caller().hello();
        Http3Caller.Call call = caller.get("/");
        caller.says(0, false, ok(), data(5));
        caller.engine.disconnect(caller.now);
        caller.run();
        assertTrue(caller.events.contains("ABORTED 1 BROKEN"), () -> caller.events.toString());
        assertFalse(call.unheard);
        assertEquals(Refusal.BROKEN, caller.engine.refusal());
        assertEquals("CLOSED", caller.events.getLast());
        caller.checkNothingHeld();
    }

    /// Both engines, each over its own streams; what one says the other hears, in any pieces, with tables both ways.
    @ParameterizedTest
    @CsvSource({"4096, 1000000", "200, 40", "64, 1"})
    void bothEndsUnderstandEachOther(int places, int piece) {
        Http3Peer server = new Http3Peer(Http3Config.defaults(), 128, places, 1100);
        Http3Caller client = new Http3Caller(Http3Config.defaults(), places, 1100);
        server.wire.piece = piece;
        client.wire.piece = piece;
        int[][] told = new int[2][300];
        List<Http3Caller.Call> calls = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            Http3Caller.Call call =
                    client.call(i % 3 == 0 ? Method.POST : Method.GET, i % 3 == 0 ? "/echo" : i % 3 == 1 ? "/700" : "/hints", i % 3 == 0 ? 10 * i + 1 : 0);
            calls.add(call);
            if (i % 4 == 3) {
                meet(server, client, told);
            }
        }
        meet(server, client, told);
        for (int i = 0; i < 60; i++) {
            Http3Caller.Call call = calls.get(i);
            assertEquals(200, call.status, "call " + i + " of " + call.stream);
            assertEquals(i % 3 == 0 ? 10 * i + 1 : i % 3 == 1 ? 700 : 5, call.got.size(), "call " + i);
            assertEquals(i % 3 == 2 ? 103 : 0, call.informed);
            assertEquals(i % 3 == 0 ? 2 : -1, call.trailers);
        }
        assertEquals("-", server.closed());
        assertEquals("-", client.closed());
        assertTrue(server.engine.decoder.tableBytes() > 0 && client.engine.decoder.tableBytes() > 0, "tables both ways");
        server.engine.shutdown(server.now);
        meet(server, client, told);
        assertFalse(client.engine.canRequest());
        server.pass(SECOND);
        meet(server, client, told);
        assertEquals("H3_NO_ERROR", client.closed());
        server.checkNothingHeld();
        client.checkNothingHeld();
    }

    private static void meet(Http3Peer server, Http3Caller client, int[][] told) {
        boolean more;
        do {
            if (!server.engine.isEnded()) {
                server.run();
            }
            if (!client.engine.isEnded()) {
                client.run();
            }
            more = carry(client.wire, server.wire, told[0]) | carry(server.wire, client.wire, told[1]);
        } while (more);
    }

    /// Brings what one side has written to the other.
    private static boolean carry(SimulatedStreams from, SimulatedStreams to, int[] told) {
        boolean any = false;
        for (int i = 0; i < from.count(); i++) {
            SimulatedStreams.Lane lane = from.lane(i);
            boolean ended = lane.ended && (told[i] & 1 << 30) == 0;
            int before = told[i] & (1 << 30) - 1;
            if (lane.sentLength > before || ended) {
                to.send(lane.id, java.util.Arrays.copyOfRange(lane.sent, before, lane.sentLength), lane.ended);
                told[i] = lane.sentLength | (lane.ended ? 1 << 30 : 0);
                any = true;
            }
        }
        return any;
    }
}
