package dev.coffer.http.http2;

import static dev.coffer.http.http2.Http2Peer.ints;
import static dev.coffer.http.http2.Http2Peer.setting;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.http.HttpClient;
import dev.coffer.http.Limits;
import dev.coffer.http.Method;
import dev.coffer.http.http2.Http2Origin.Ask;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// A client's connection, against a server that says what it likes (RFC 9113).
class Http2ClientTest {
    private static final long SECOND = 1_000_000_000L;

    private static List<String> since(Http2Origin origin, int from) {
        return List.copyOf(origin.said.subList(from, origin.said.size()));
    }

    /// {@return what became of it: nothing is lent, all is zero}
    private static void isGone(Http2Origin origin) {
        assertEquals(0, origin.streams.accounts().getFirst().usedBytes());
        origin.engine.close();
        for (MemorySegment memory : new MemorySegment[] {origin.memory, origin.sharedMemory}) {
            assertEquals(-1, memory.mismatch(MemorySegment.ofArray(new byte[(int) memory.byteSize()])), "a byte is left");
        }
    }

    @Test
    void saysPrefaceAndSettingsThenAsksOnceUntilItKnowsHowMuchTheServerTakes() {
        Http2Origin origin = new Http2Origin();
        Ask first = origin.ask(Method.GET, 0);
        assertEquals(List.of("PRI * HTTP/2.0", "SETTINGS", "HEADERS 1 end"), origin.said);
        assertTrue(first.stream >= 0);
        assertFalse(origin.engine.canRequest());
        origin.hello(setting(Frame.MAX_CONCURRENT_STREAMS, 2));
        assertTrue(origin.engine.canRequest());
        origin.ask(Method.GET, 0);
        assertEquals(-1, origin.ask(Method.GET, 0).stream, "the server allows two");
        origin.headers(1, true, ":status", "204");
        assertEquals(List.of("SENT GET", "SENT GET", "RESPONSE GET 204", "END GET"), origin.events);
        assertTrue(origin.engine.canRequest());
        origin.headers(3, true, ":status", "200", "content-length", "0");
        isGone(origin);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 1 << 20})
    void anAnswerOfAllPartsInPiecesOfAnySize(int piece) {
        Http2Origin origin = new Http2Origin().hello();
        origin.piece = piece;
        origin.ask(Method.POST, 100);
        origin.headers(1, false, ":status", "103", "link", "</a>").headers(1, false, ":status", "200", "etag", "x").data(1, false, 1000).data(1, false, 0)
                .headers(1, true, "x-sum", "1");
        String joined = String.join(", ", origin.events);
        assertTrue(joined.startsWith("SENT POST, INFORMATION POST 103 link=</a>, RESPONSE POST 200 etag=x, DATA POST "), joined);
        assertTrue(joined.endsWith("TRAILERS POST 1, END POST"), joined);
        assertEquals(1000, origin.asks.values().iterator().next().got);
        isGone(origin);
    }

    @Test
    void anInterimHeadAndTheLastOneInOnePieceAreBothTold() {
        Http2Origin origin = new Http2Origin().hello();
        origin.ask(Method.GET, 0);
        java.io.ByteArrayOutputStream piece = new java.io.ByteArrayOutputStream();
        for (String[] head : new String[][] {{":status", "100"}, {":status", "103", "link", "</b>"}, {":status", "200", "etag", "y"}}) {
            byte[] block = Http2Peer.block(head);
            piece.writeBytes(Http2Peer.frameBytes(Frame.HEADERS, Frame.END_HEADERS | (head[1].equals("200") ? Frame.END_STREAM : 0), 1, block.length, block));
        }
        origin.send(piece.toByteArray());
        assertEquals(List.of("SENT GET", "INFORMATION GET 103 link=</b>", "RESPONSE GET 200 etag=y", "END GET"), origin.events);
        isGone(origin);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void interimHeadsAreCounted(int past) {
        Http2Origin origin = new Http2Origin().hello();
        origin.ask(Method.GET, 0);
        for (int i = 0; i < HttpClient.INFORMATIONS_MAX + past; i++) {
            origin.headers(1, false, ":status", "102");
        }
        assertEquals(past == 0 ? "INFORMATION GET 102" : "REFUSED", origin.events.getLast());
        assertEquals(past == 1, origin.events.contains("ABORTED GET TOO_MANY_INFORMATIONS"));
    }

    @Test
    void contentGoesAsBothWindowsAllowAndAGivenUpRequestLeavesNoGapInTheNumbers() {
        Http2Origin origin = new Http2Origin().hello(setting(Frame.INITIAL_WINDOW_SIZE, 10));
        Ask never = new Ask(Method.PUT, 5);
        never.blocked = true;
        long stream = origin.engine.request(never);
        origin.engine.abort(stream);
        origin.turn();
        assertFalse(String.join(",", origin.said).contains("RST"), "nothing of it had gone");
        origin.ask(Method.PUT, 25);
        assertEquals("DATA 1 10", origin.last());
        origin.frame(Frame.WINDOW_UPDATE, 0, 1, ints(7));
        assertEquals("DATA 1 7", origin.last());
        origin.frame(Frame.SETTINGS, 0, 0, setting(Frame.INITIAL_WINDOW_SIZE, 100));
        assertTrue(origin.said.contains("DATA 1 8 end"), origin.said::toString);
        Ask unknown = new Ask(Method.POST, 20);
        unknown.unknown = true;
        origin.ask(unknown);
        assertEquals("HEADERS 3 end", origin.last(), "trailers");
    }

    @Test
    void theServerIsHeldBackWhileNothingIsTaken() {
        Http2Origin origin = new Http2Origin(Http2Config.defaults().withWindowBytes(1024), 4).hello();
        origin.holds = true;
        Ask ask = origin.ask(Method.GET, 0);
        origin.headers(1, false, ":status", "200").data(1, false, 1024);
        assertEquals("HEADERS 1 end", origin.last(), "no window is given back");
        origin.engine.consume(ask.stream, 512);
        origin.turn();
        assertEquals("UPDATE 1 512", origin.last());
        origin.data(1, false, 513);
        assertEquals("RST 1 FLOW_CONTROL_ERROR", origin.last());
        assertTrue(origin.events.contains("ABORTED GET CONTENT_TOO_LARGE"), origin.events::toString);
        isGone(origin);
    }

    @Test
    void aLargerWindowIsSaidForStreamAndConnection() {
        Http2Origin origin = new Http2Origin(Http2Config.defaults().withLimits(Limits.defaults().withBodyBytesMax(1 << 21)).withWindowBytes(1 << 20), 1);
        origin.turn();
        assertEquals(List.of("PRI * HTTP/2.0", "SETTINGS", "UPDATE 0 " + ((1 << 20) - 65_535)), origin.said);
        origin.hello();
        origin.ask(Method.GET, 0);
        origin.headers(1, false, ":status", "200");
        for (int i = 0; i < 100; i++) {
            origin.data(1, false, 16_384);
        }
        assertFalse(origin.engine.isEnded());
        assertEquals(100 * 16_384, origin.asks.values().iterator().next().got);
    }

    @Test
    void whatTheServerLeavesOutIsNotTakenAndTheRestGoesOn() {
        Http2Origin origin = new Http2Origin().hello();
        for (String name : new String[] {"one", "two", "three"}) {
            origin.ask(new Ask(Method.POST, 3).named(name));
        }
        origin.headers(1, false, ":status", "200").frame(Frame.RST_STREAM, 0, 3, ints(ErrorCode.REFUSED_STREAM.code()));
        assertEquals("ABORTED two NOT_TAKEN unheard", origin.events.getLast());
        origin.frame(Frame.GOAWAY, 0, 0, ints(3, 0));
        assertEquals("ABORTED three NOT_TAKEN unheard", origin.events.getLast());
        assertFalse(origin.engine.canRequest());
        assertEquals(-1, origin.ask(Method.GET, 0).stream);
        origin.data(1, true, 4);
        assertEquals(List.of("DATA one 4", "END one", "CLOSED"), origin.events.subList(origin.events.size() - 3, origin.events.size()));
        isGone(origin);
    }

    /// RFC 9113, section 7: of one request by its stream's end, of all that are left out by the connection's.
    @Test
    void whatTheServerWantsInTheOtherVersionIsToldApart() {
        Http2Origin origin = new Http2Origin().hello();
        for (String name : new String[] {"taken", "other", "answered", "left"}) {
            origin.ask(new Ask(Method.POST, 3).named(name));
        }
        origin.frame(Frame.RST_STREAM, 0, 3, ints(ErrorCode.HTTP_1_1_REQUIRED.code()));
        assertEquals("ABORTED other HTTP_1_1_REQUIRED unheard", origin.events.getLast());
        assertTrue(origin.engine.canRequest(), "the others go on");
        origin.headers(5, false, ":status", "200").frame(Frame.RST_STREAM, 0, 5, ints(ErrorCode.HTTP_1_1_REQUIRED.code()));
        assertEquals("ABORTED answered RESET", origin.events.getLast(), "its application has heard of an answer");
        origin.frame(Frame.GOAWAY, 0, 0, ints(1, ErrorCode.HTTP_1_1_REQUIRED.code()));
        assertEquals("ABORTED left HTTP_1_1_REQUIRED unheard", origin.events.getLast());
        origin.headers(1, true, ":status", "200");
        assertEquals(List.of("RESPONSE taken 200", "END taken", "CLOSED"), origin.events.subList(origin.events.size() - 3, origin.events.size()));
        isGone(origin);
    }

    @Test
    void goAwayNamesFewerAndFewer() {
        Http2Origin origin = new Http2Origin().hello();
        origin.ask(Method.GET, 0);
        origin.frame(Frame.GOAWAY, 0, 0, ints(Integer.MAX_VALUE, 0));
        origin.frame(Frame.GOAWAY, 0, 0, ints(1, 0));
        assertFalse(origin.engine.isOver());
        origin.frame(Frame.GOAWAY, 0, 0, ints(3, 0));
        assertEquals("GOAWAY 0 PROTOCOL_ERROR", origin.last());
    }

    @Test
    void aResetOfTheServersIsToldBehindWhatHadCome() {
        Http2Origin origin = new Http2Origin().hello();
        origin.ask(new Ask(Method.GET, 0).named("one"));
        Ask upload = new Ask(Method.POST, 100_000).named("two");
        origin.ask(upload);
        origin.headers(1, false, ":status", "200").data(1, false, 3).frame(Frame.RST_STREAM, 0, 1, ints(ErrorCode.CANCEL.code()));
        assertEquals("ABORTED one RESET", origin.events.getLast());
        origin.headers(3, true, ":status", "403").frame(Frame.RST_STREAM, 0, 3, ints(0));
        assertEquals(List.of("RESPONSE two 403", "END two", "ABORTED two LOCAL"), origin.events.subList(origin.events.size() - 3, origin.events.size()));
        assertTrue(origin.engine.canRequest());
        isGone(origin);
    }

    /// It contradicts itself: were the request sent again, its application would hear of two answers.
    @Test
    void aServerThatHasAnsweredCannotLeaveARequestOut() {
        Http2Origin origin = new Http2Origin().hello();
        origin.ask(new Ask(Method.GET, 0).named("answered"));
        origin.ask(new Ask(Method.GET, 0).named("informed"));
        origin.ask(new Ask(Method.GET, 0).named("whole"));
        origin.ask(new Ask(Method.GET, 0).named("none"));
        origin.headers(1, false, ":status", "200").data(1, false, 3).headers(3, false, ":status", "103");
        origin.holds = true;
        origin.headers(5, false, ":status", "200").data(5, true, 3);
        origin.frame(Frame.GOAWAY, 0, 0, ints(0, 0));
        assertTrue(origin.events.contains("ABORTED answered RESET") && origin.events.contains("ABORTED informed RESET")
                && origin.events.contains("ABORTED none NOT_TAKEN unheard"), origin.events::toString);
        Ask whole = origin.asks.values().stream().filter(ask -> ask.name.equals("whole")).findFirst().orElseThrow();
        origin.engine.consume(whole.stream, 3);
        origin.turn();
        assertEquals(List.of("END whole", "CLOSED"), origin.events.subList(origin.events.size() - 2, origin.events.size()));
        isGone(origin);
    }

    @ParameterizedTest
    @ValueSource(strings = {"reset", "ended", "lost"})
    void whatTheServerHasCutEndsAtOnceWhenItIsGivenUpThoughContentIsHeld(String way) {
        Http2Origin origin = new Http2Origin().hello();
        origin.holds = true;
        Ask ask = origin.ask(Method.GET, 0);
        origin.headers(1, false, ":status", "200").data(1, false, 5);
        switch (way) {
            case "reset" -> origin.frame(Frame.RST_STREAM, 0, 1, ints(ErrorCode.CANCEL.code()));
            case "ended" -> origin.engine.feedEnd(origin.now);
            default -> origin.engine.disconnect(origin.now);
        }
        origin.turn();
        assertFalse(origin.events.toString().contains("ABORTED"), "content is held");
        int said = origin.said.size();
        origin.engine.abort(ask.stream);
        origin.turn();
        assertTrue(origin.events.toString().contains("ABORTED GET " + (way.equals("reset") ? "RESET" : way.equals("ended") ? "TRUNCATED" : "BROKEN")),
                origin.events::toString);
        assertEquals(List.of(), since(origin, said), "the server knows");
        isGone(origin);
    }

    @Test
    void oneIsGivenUpAndTheOthersGoOn() {
        Http2Origin origin = new Http2Origin().hello();
        Ask one = origin.ask(new Ask(Method.GET, 0).named("one"));
        origin.ask(new Ask(Method.GET, 0).named("two"));
        origin.headers(1, false, ":status", "200").data(1, false, 10);
        origin.engine.abort(one.stream);
        origin.turn();
        assertEquals("RST 1 CANCEL", origin.last());
        assertEquals("ABORTED one LOCAL", origin.events.getLast());
        origin.data(1, false, 10).headers(1, true, "late", "x");  // on their way
        origin.headers(3, true, ":status", "200");
        assertEquals("END two", origin.events.getLast());
        assertThrows(IllegalArgumentException.class, () -> origin.engine.response(one.stream));
        isGone(origin);
    }

    @Test
    void contentWaitsForAHundredAndNotForEver() {
        for (int way = 0; way < 3; way++) {
            Http2Origin origin = new Http2Origin().hello();
            Ask ask = new Ask(Method.POST, 5);
            ask.expects = true;
            origin.ask(ask);
            assertEquals("HEADERS 1", origin.last());
            if (way == 0) {
                origin.headers(1, false, ":status", "100");
                assertEquals("DATA 1 5 end", origin.last());
            } else if (way == 1) {
                origin.pass(Http2Origin.CONTINUE - 1);
                assertEquals("HEADERS 1", origin.last());
                origin.pass(1);
                assertEquals("DATA 1 5 end", origin.last());
            } else {
                origin.headers(1, true, ":status", "417");
                assertEquals(List.of("RESPONSE POST 417", "END POST", "SENT POST"), origin.events);
                assertEquals("RST 1 CANCEL", origin.last(), "what was never asked for");
            }
            if (way < 2) {
                origin.headers(1, true, ":status", "200");
            }
            isGone(origin);
        }
    }

    @Test
    void timesOfAnAnswerOfAHeadOfContentAndOfNothing() {
        Http2Origin origin = new Http2Origin().hello();
        origin.ask(new Ask(Method.GET, 0).named("one"));
        origin.pass(30 * SECOND - 1);
        assertEquals("SENT one", origin.events.getLast());
        origin.pass(1);
        assertTrue(origin.events.contains("ABORTED one TOO_SLOW unheard"), origin.events::toString);
        assertEquals("RST 1 CANCEL", origin.last());
        origin.ask(new Ask(Method.GET, 0).named("two"));
        origin.headers(3, false, ":status", "200").engine.deadlineNanos();
        origin.pass(21 * SECOND);
        assertEquals("RST 3 CANCEL", origin.last());
        origin.pass(Http2Origin.IDLE - 1);
        assertFalse(origin.engine.isEnded());
        origin.pass(1);
        assertEquals("GOAWAY 0 NO_ERROR", origin.last());
        assertTrue(origin.engine.isEnded());
        Http2Origin slow = new Http2Origin().hello();
        slow.ask(Method.GET, 0);
        slow.frame(Frame.HEADERS, 0, 1, Http2Peer.block(":status", "200"));
        slow.pass(10 * SECOND);
        assertEquals("GOAWAY 0 ENHANCE_YOUR_CALM", slow.last());
    }

    @Test
    void whatHadComeWholeIsToldThoughTheServerHasGone() {
        for (boolean lost : new boolean[] {false, true}) {
            Http2Origin origin = new Http2Origin().hello();
            Ask whole = origin.ask(new Ask(Method.GET, 0).named("whole"));
            origin.ask(new Ask(Method.GET, 0).named("part"));
            origin.ask(new Ask(Method.GET, 0).named("none"));
            origin.holds = true;
            origin.headers(1, false, ":status", "200").data(1, true, 5).headers(3, false, ":status", "200");
            if (lost) {
                origin.engine.disconnect(origin.now);
            } else {
                origin.engine.feedEnd(origin.now);
            }
            origin.turn();
            String why = lost ? "BROKEN" : "TRUNCATED";
            assertTrue(origin.events.contains("ABORTED part " + why) && origin.events.contains("ABORTED none " + why + " unheard"), origin.events::toString);
            assertFalse(origin.engine.isEnded(), "content is still held");
            origin.engine.consume(whole.stream, 5);
            origin.turn();
            assertTrue(origin.events.contains("END whole"), origin.events::toString);
            assertTrue(origin.engine.isEnded());
            isGone(origin);
        }
    }

    /// What a server may not say, and the error that it hears.
    @ParameterizedTest
    @CsvSource({"0, push", "1, settings", "2, continuation", "3, idle", "4, even", "5, zero", "6, update", "7, twice", "8, goaway", "9, large", "10, hpack"})
    void faultsOfTheConnectionEndIt(int which, String name) {
        Http2Origin origin = new Http2Origin().hello();
        origin.ask(Method.GET, 0);
        String code = "PROTOCOL_ERROR";
        switch (which) {
            case 0 -> origin.frame(Frame.PUSH_PROMISE, Frame.END_HEADERS, 1, ints(2));
            case 1 -> origin.frame(Frame.SETTINGS, 0, 0, setting(Frame.ENABLE_PUSH, 1));
            case 2 -> origin.frame(Frame.CONTINUATION, Frame.END_HEADERS, 1);
            case 3 -> origin.headers(3, true, ":status", "200");
            case 4 -> origin.headers(2, true, ":status", "200");
            case 5 -> origin.frame(Frame.DATA, 0, 0, new byte[1]);
            case 6 -> origin.frame(Frame.PRIORITY_UPDATE, 0, 0, ints(1));
            case 7 -> {
                origin.headers(1, true, ":status", "200").data(1, true, 1);
                code = "STREAM_CLOSED";
            }
            case 8 -> {
                origin.frame(Frame.GOAWAY, 0, 0, new byte[7]);
                code = "FRAME_SIZE_ERROR";
            }
            case 9 -> {
                origin.frame(Frame.DATA, 0, 1, new byte[16_385]);
                code = "FRAME_SIZE_ERROR";
            }
            default -> {
                origin.frame(Frame.HEADERS, Frame.END_HEADERS, 1, (byte) 0xff, (byte) 0xff, (byte) 0xff);
                code = "COMPRESSION_ERROR";
            }
        }
        assertEquals("GOAWAY 0 " + code, origin.last(), name);
        assertTrue(origin.engine.isEnded());
        isGone(origin);
    }

    @ParameterizedTest
    @ValueSource(strings = {":status=99", ":status=20", ":status=2000", ":status=2x0", ":status=101", ":status=200,:status=200", "a=b", "a=b,:status=200",
            ":status=200,:path=/", ":status=200,connection=close", ":status=200,transfer-encoding=chunked", ":status=200,A=b", ":status=200,a= b",
            ":status=200,content-length=1,content-length=1", ":status=200,content-length=x", ":status=200,te=gzip"})
    void aMalformedAnswerIsResetAndTheOthersGoOn(String fields) {
        Http2Origin origin = new Http2Origin().hello();
        origin.ask(new Ask(Method.GET, 0).named("one"));
        origin.ask(new Ask(Method.GET, 0).named("two"));
        origin.headers(1, false, fields.split("[=,]"));
        assertEquals("RST 1 PROTOCOL_ERROR", origin.last());
        assertTrue(origin.events.contains("ABORTED one UNEXPECTED"), origin.events::toString);
        origin.headers(3, true, ":status", "200");
        assertEquals("END two", origin.events.getLast());
        isGone(origin);
    }

    @ParameterizedTest
    @CsvSource({"4, 5, RST 1 PROTOCOL_ERROR", "4, 3, RST 1 PROTOCOL_ERROR", "4, 4, HEADERS 1 end"})
    void contentIsAsLongAsItWasSaid(String announced, int bytes, String said) {
        Http2Origin origin = new Http2Origin().hello();
        origin.ask(Method.GET, 0);
        origin.headers(1, false, ":status", "200", "content-length", announced).data(1, true, bytes);
        assertEquals(said, origin.last());
    }

    @Test
    void anAnswerToHeadAnnouncesContentAndHasNone() {
        Http2Origin origin = new Http2Origin().hello();
        origin.ask(Method.HEAD, 0);
        origin.headers(1, true, ":status", "200", "content-length", "1000");
        assertEquals(List.of("SENT HEAD", "RESPONSE HEAD 200 content-length=1000", "END HEAD"), origin.events);
        origin.ask(Method.HEAD, 0);
        origin.headers(3, false, ":status", "200").data(3, true, 1);
        assertEquals("RST 3 PROTOCOL_ERROR", origin.last());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void aHeadLargerThanItsPlaceIsGivenUp(int past) {
        Limits limits = Limits.defaults().withHead(300, 4);
        Http2Origin origin = new Http2Origin(Http2Config.defaults().withLimits(limits), 2).hello();
        origin.ask(Method.GET, 0);
        origin.headers(1, true, ":status", "200", "a", "x".repeat(289 + past));
        assertEquals(past == 0 ? "END GET" : "REFUSED", origin.events.getLast());
        assertEquals(past == 1, origin.events.contains("ABORTED GET HEAD_TOO_LONG"), origin.events::toString);
        assertFalse(origin.engine.isEnded(), "the table goes on");
    }

    /// Each a little more than its ration.
    @ParameterizedTest
    @CsvSource({"ping", "settings", "empty", "update", "unknown", "continuation"})
    void floodsOfAServerEndItsConnection(String what) {
        Http2Origin origin = new Http2Origin().hello();
        origin.ask(Method.GET, 0);
        origin.headers(1, false, ":status", "200");
        if (what.equals("continuation")) {
            origin.frame(Frame.HEADERS, 0, 1);
        }
        for (int i = 0; i < 2000 && !origin.engine.isEnded(); i++) {
            switch (what) {
                case "ping" -> origin.frame(Frame.PING, 0, 0, new byte[8]);
                case "settings" -> origin.frame(Frame.SETTINGS, 0, 0);
                case "empty" -> origin.data(1, false, 0);
                case "update" -> origin.frame(Frame.WINDOW_UPDATE, 0, 1, ints(1));
                case "unknown" -> origin.frame(0x77, 0, 0, new byte[8]);
                default -> origin.frame(Frame.CONTINUATION, 0, 1);
            }
        }
        assertTrue(origin.said.contains("GOAWAY 0 ENHANCE_YOUR_CALM"), origin.said::toString);
        isGone(origin);
    }

    /// The server's settings may take everything away again.
    @Test
    void noStreamMayBeAllowed() {
        Http2Origin origin = new Http2Origin().hello(setting(Frame.MAX_CONCURRENT_STREAMS, 0));
        assertFalse(origin.engine.canRequest());
        origin.frame(Frame.SETTINGS, 0, 0, setting(Frame.MAX_CONCURRENT_STREAMS, 1));
        assertTrue(origin.engine.canRequest());
    }

    @Test
    void aTraceSeesEveryFrame() {
        Http2Origin origin = new Http2Origin();
        List<String> frames = new ArrayList<>();
        origin.engine.trace((sent, type, flags, stream, length) -> frames.add((sent ? "> " : "< ") + FrameTrace.name(type) + " " + stream));
        origin.ask(Method.GET, 0);
        origin.hello().headers(1, true, ":status", "200");
        assertEquals(List.of("> SETTINGS 0", "> HEADERS 1", "< SETTINGS 0", "> SETTINGS 0", "< SETTINGS 0", "< HEADERS 1"), frames);
    }

    @Test
    void misuseIsTheCallers() {
        Http2Origin origin = new Http2Origin().hello();
        assertThrows(IllegalArgumentException.class, () -> origin.engine.response(77));
        assertThrows(IllegalArgumentException.class, () -> origin.engine.isUnheard(77));
        assertThrows(NullPointerException.class, () -> origin.engine.request(null));
        assertThrows(IllegalArgumentException.class, () -> new Http2Client(origin.config, 1, 1, origin.memory, 64, origin.streams));
        origin.engine.close();
        assertThrows(IllegalStateException.class, () -> origin.engine.feed(origin.memory, 0, 1, origin.now));
        assertEquals(0, origin.memory.get(ValueLayout.JAVA_BYTE, 0));
    }
}
