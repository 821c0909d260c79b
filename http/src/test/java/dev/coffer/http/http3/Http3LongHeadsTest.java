package dev.coffer.http.http3;

import static dev.coffer.http.http3.Http3Peer.frame;
import static dev.coffer.http.http3.Http3Peer.numbers;
import static dev.coffer.http.http3.Http3Peer.request;
import static dev.coffer.http.http3.Http3Peer.section;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.http.Limits;
import dev.coffer.http.Method;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Heads and trailers that are longer than the peer's window: they go as it rises, and nothing is over before they have.
class Http3LongHeadsTest {
    private static final long SECOND = 1_000_000_000L;
    private static final String COOKIE = "c".repeat(500);

    /// The server's side: an answer without content, one with, one of unknown length with a trailer, one in words.
    @ParameterizedTest
    @CsvSource({"/0, 6", "/300, 9", "/echo, 5", "/hints, 9", "/0, 1", "/300, 1", "/echo, 1"})
    void anAnswersHeadGoesAsTheClientLetsIt(String path, int window) {
        Http3Peer peer = new Http3Peer(Http3Config.defaults(), 8, 4096, 2000).hello();
        peer.wire.creditEach = window;
        peer.wire.send(0, Http3Peer.join(request(path.equals("/echo") ? "POST" : "GET", path), path.equals("/echo") ? Http3Peer.data(90) : new byte[0]), true);
        peer.run();
        assertFalse(peer.events.contains("SENT 1"), "not all of it may go");
        assertEquals(window, peer.wire.find(0).sentLength);
        for (int i = 0; i < 3000 && !peer.wire.find(0).ended; i++) {
            assertTrue(peer.wire.find(0).sentLength <= window + (long) i * window);
            peer.wire.credit(0, window);
            peer.run();
        }
        List<String> said = peer.said(0);
        assertTrue(said.getFirst().startsWith(path.equals("/hints") ? "HEADERS :status=103" : "HEADERS :status=200"), said::toString);
        assertEquals("end", said.getLast());
        assertTrue(!path.equals("/echo") || said.get(said.size() - 2).contains("x-end"), said::toString);
        assertTrue(peer.events.contains("SENT 1"), peer.events::toString);
        assertEquals("-", peer.closed());
        peer.checkNothingHeld();
    }

    /// The client's side, whose heads may be longer than what a small server lets go, with content behind them or not, and trailers.
    @ParameterizedTest
    @CsvSource({"GET, 0, 256", "POST, 700, 256", "POST, -90, 20", "GET, 0, 7", "POST, 700, 20", "POST, -90, 7"})
    void aRequestsHeadGoesAsTheServerLetsIt(Method method, int content, int window) {
        Http3Caller caller = new Http3Caller(Http3Config.defaults(), 2048, 4096).hello();
        caller.wire.creditEach = window;
        Http3Caller.Call call = caller.new Call(method, content < 0 ? "/echo" : "/" + COOKIE, Math.abs(content));
        call.unknown = content < 0;
        call.trailer = content < 0;
        call.stream = caller.engine.request(call);
        caller.calls.put(call.stream, call);
        caller.run();
        assertEquals(window, caller.wire.find(0).sentLength);
        assertFalse(caller.events.contains("SENT 1"));
        for (int i = 0; i < 400 && !caller.wire.find(0).ended; i++) {
            caller.wire.credit(0, window);
            caller.run();
        }
        assertTrue(caller.events.contains("SENT 1"));
        Http3Peer server = new Http3Peer(Http3Config.defaults(), 8, 4096, 4096).hello();
        SimulatedStreams.Lane lane = caller.wire.find(0);
        server.wire.send(0, java.util.Arrays.copyOf(lane.sent, lane.sentLength), true);
        server.run();
        assertTrue(server.said(0).getFirst().startsWith("HEADERS :status=200"), () -> server.said(0).toString());
        assertEquals(content < 0, server.events.contains("TRAILERS 1"), server.events::toString);
        caller.says(0, true, frame(Frame.HEADERS, section(":status", "204")));
        assertEquals(204, call.status);
        caller.checkNothingHeld();
    }

    /// Nothing of a head is kept for a server that gives no credit at all, of however many calls.
    @Test
    void aRequestIsNotBegunWhereNothingOfItMayGo() {
        Http3Caller caller = new Http3Caller(Http3Config.defaults(), 2048, 4096).hello();
        caller.wire.creditEach = 0;
        Http3Caller.Call[] calls = new Http3Caller.Call[3];
        for (int i = 0; i < calls.length; i++) {
            calls[i] = caller.new Call(Method.GET, "/" + i, 0);
            calls[i].stream = caller.engine.request(calls[i]);
            caller.calls.put(calls[i].stream, calls[i]);
            caller.run();
        }
        for (int i = 0; i < calls.length; i++) {
            assertEquals(0, caller.wire.find(4L * i).credit, "owed by its stream");
            assertFalse(caller.events.contains("SENT " + calls[i].stream));
        }
        for (int i = calls.length - 1; i >= 0; i--) {
            caller.wire.credit(4L * i, 256);
            caller.run();
            assertTrue(caller.wire.find(4L * i).ended);
            caller.says(4L * i, true, frame(Frame.HEADERS, section(":status", "204")));
            assertEquals(204, calls[i].status);
        }
        caller.checkNothingHeld();
    }

    /// It is given up when nothing more may go for its time, and not while it goes on in a pace that is allowed.
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aHeadHasThePaceOfContent(boolean goesOn) {
        Limits limits = Limits.defaults();
        Limits slow = new Limits(limits.startLineBytesMax(), limits.fieldBytesMax(), limits.headBytesMax(), limits.fieldsMax(), limits.bodyBytesMax(),
                limits.headNanosMax(),
                limits.idleNanosMax(), 3 * SECOND, 1);
        Http3Peer peer = new Http3Peer(Http3Config.defaults().withLimits(slow), 8, 4096, 2000).hello();
        peer.wire.creditEach = 1;
        peer.get(0, "/0");
        peer.engine.deadlineNanos();
        for (int i = 0; i < 22 && !peer.wire.find(0).ended; i++) {
            if (goesOn) {
                peer.wire.credit(0, 1);
                peer.run();
            }
            peer.pass(SECOND);
            peer.engine.deadlineNanos();
        }
        assertEquals(!goesOn, peer.said(0).contains("RESET H3_REQUEST_CANCELLED"), () -> peer.said(0).toString());
        if (goesOn) {
            assertEquals("end", peer.said(0).getLast());
        }
        peer.checkNothingHeld();
    }

    /// What the peer takes back meanwhile is given back with what is owed of it.
    @Test
    void whatIsTakenBackIsOwedNoMore() {
        Http3Peer peer = new Http3Peer(Http3Config.defaults(), 8, 4096, 2000).hello();
        peer.wire.creditEach = 3;
        peer.get(0, "/0").get(4, "/300");
        peer.wire.stopByPeer(0, 0x10c);
        peer.wire.stopByPeer(4, 0x10c);
        peer.run();
        assertTrue(peer.said(0).contains("RESET H3_REQUEST_CANCELLED") && peer.said(4).contains("RESET H3_REQUEST_CANCELLED"));
        peer.checkNothingHeld();
    }

    /// A unidirectional stream whose first octets never come, and one of those that last with a gap in it, hold memory no longer than a head may take.
    @Test
    void gapsAreWaitedForAsLongAsAHead() {
        Http3Peer peer = new Http3Peer().hello();
        peer.get(0, "/wait");
        long time = peer.config.limits().headNanosMax();
        peer.wire.gap(14, true);
        peer.run();
        for (int i = 0; i < 3; i++) {  // others that come and go change nothing
            peer.pass(time / 4);
            peer.end(18 + 4L * i, numbers(0x21));
            peer.wire.gap(42 + 4L * i, true);
            peer.run();
        }
        assertFalse(peer.wire.find(14).released);
        peer.pass(time / 4);
        assertTrue(peer.wire.find(14).released);
        assertEquals("STOP H3_STREAM_CREATION_ERROR", peer.said(14).getLast());
        for (int i = 0; i < 3; i++) {
            assertFalse(peer.wire.find(42 + 4L * i).released);
            peer.pass(time);
            assertTrue(peer.wire.find(42 + 4L * i).released);
        }
        peer.pass(100 * time);
        assertEquals("-", peer.closed());
    }

    @ParameterizedTest
    @ValueSource(longs = {Http3Peer.CONTROL, Http3Peer.ENCODER, Http3Peer.DECODER})
    void aGapInAStreamThatLastsEndsTheConnectionAndOneThatIsClosedDoesNot(long stream) {
        for (boolean closed : new boolean[] {true, false}) {
            Http3Peer peer = new Http3Peer().hello().send(Http3Peer.ENCODER, numbers(Frame.ENCODER)).send(Http3Peer.DECODER, numbers(Frame.DECODER));
            peer.get(0, "/wait");
            long time = peer.config.limits().headNanosMax();
            peer.wire.gap(stream, true);
            peer.run();
            peer.pass(time - 1);
            assertEquals("-", peer.closed());
            if (closed) {
                peer.wire.gap(stream, false);
                peer.run();
                peer.wire.gap(stream, true);  // another, which has a time of its own
                peer.run();
                peer.pass(time - 1);
                assertEquals("-", peer.closed());
                peer.wire.gap(stream, false);
                peer.run();
            }
            peer.pass(1);
            peer.pass(100 * time);
            assertEquals(closed ? "-" : "H3_EXCESSIVE_LOAD", peer.closed());
        }
    }

    /// As on a path that loses: there is a gap whenever one looks, and what came before it goes on in the pace of content.
    @Test
    void aStreamThatGoesOnLeavesNoGap() {
        Http3Peer peer = new Http3Peer().hello();
        peer.get(0, "/wait");
        peer.wire.gap(Http3Peer.CONTROL, true);
        peer.run();
        long time = peer.config.limits().headNanosMax();
        for (int i = 0; i < 6; i++) {
            peer.pass(time / 2);
            peer.send(Http3Peer.CONTROL, frame(0x21, new byte[1500]));
            assertEquals("-", peer.closed());
        }
        peer.pass(time);
        assertEquals("H3_EXCESSIVE_LOAD", peer.closed());
    }
}
