package dev.coffer.http.http2;

import static dev.coffer.http.http2.Http2Peer.frameBytes;
import static dev.coffer.http.http2.Http2Peer.get;
import static dev.coffer.http.http2.Http2Peer.ints;
import static dev.coffer.http.http2.Http2Peer.request;
import static dev.coffer.http.http2.Http2Peer.setting;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.http.Limits;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;

/// Two ends that meet: an end of the connection in the middle of what was fed, an answer of ours in the middle of a request's head, a time that is over
/// where there is nothing left to do about it.
class Http2EndsMeetTest {
    private static final long SECOND = 1_000_000_000L;
    private static final int END_BOTH = Frame.END_HEADERS | Frame.END_STREAM;

    @Test
    void whatFollowsTheEndOfTheConnectionInThePieceIsNotLookedAt() {
        Http2Peer peer = new Http2Peer().hello();
        ByteArrayOutputStream piece = new ByteArrayOutputStream();
        int stream = 1;
        for (int i = 0; i < 129; i++, stream += 4) {  // resets owed, one more than have a place: those of neighbours share one
            piece.writeBytes(frameBytes(Frame.HEADERS, END_BOTH, stream, get("/", "te", "x").length, get("/", "te", "x")));
        }
        piece.writeBytes(frameBytes(Frame.HEADERS, END_BOTH, stream, get("/").length, get("/")));
        peer.send(piece.toByteArray());
        assertTrue(peer.last().endsWith("ENHANCE_YOUR_CALM"), peer::last);
        assertFalse(peer.events.contains("REQUEST " + stream), peer.events::toString);
        assertTrue(peer.exchanges.isEmpty());
        assertEquals(0, peer.streams.accounts().getFirst().usedBytes(), "nothing is lent");
    }

    @Test
    void aRequestThatWasRefusedBeforeItsHeadHadEndedIsNotTold() {
        Limits limits = Limits.defaults();
        Http2Config config = Http2Config.defaults().withLimits(new Limits(limits.startLineBytesMax(), limits.fieldBytesMax(), limits.headBytesMax(),
                limits.fieldsMax(), limits.bodyBytesMax(), 10 * SECOND, 60 * SECOND, SECOND, 100));
        Http2Peer peer = new Http2Peer(config, 4, 2);
        peer.hello().frame(Frame.SETTINGS, 0, 0, setting(Frame.INITIAL_WINDOW_SIZE, 0));
        peer.frame(Frame.HEADERS, 0, 1, request("POST", "/wait"));
        peer.engine.deadlineNanos();
        peer.pass(SECOND);
        peer.frame(Frame.CONTINUATION, Frame.END_HEADERS, 1);
        peer.frame(Frame.WINDOW_UPDATE, 0, 1, ints(1000));
        assertFalse(peer.events.contains("REQUEST 1"), peer.events::toString);
        peer.pass(SECOND);
        assertEquals(0, peer.streams.accounts().getFirst().usedBytes(), () -> peer.events + " " + peer.said());
    }

    @Test
    void aTimeThatIsOverDoesNotComeAgainAndAgain() {
        Http2Peer peer = new Http2Peer().hello();
        peer.frame(Frame.SETTINGS, 0, 0, setting(Frame.INITIAL_WINDOW_SIZE, 3));
        peer.post(1, "/wait", "content-length", "99999999999");  // answered by our words, three of them now
        for (int i = 0; i < 200 && !peer.engine.isEnded(); i++) {
            long due = peer.engine.deadlineNanos();
            assertTrue(due > peer.now, () -> "due again: " + peer.said());
            peer.pass(Math.min(due - peer.now, SECOND));
            if (i < 8) {
                peer.frame(Frame.WINDOW_UPDATE, 0, 1, ints(1));
            }
        }
        assertTrue(peer.engine.isEnded());
    }

    @Test
    void anEndThatCannotBeWrittenHasNoTimeOfItsOwn() {
        Http2Peer peer = new Http2Peer().hello();
        peer.reads = false;
        peer.frame(Frame.DATA, 0, 0);
        peer.pass(1000 * SECOND);
        assertTrue(peer.engine.deadlineNanos() > peer.now, "else its driver turns in vain");
    }

    @Test
    void aStreamThatIsTakenBackMakesRoomForAnotherInTheSamePiece() {
        Http2Peer peer = new Http2Peer(Http2Config.defaults().withStreamsMax(2), 8, 4);
        peer.hello().get(1, "/wait").get(3, "/wait");
        ByteArrayOutputStream piece = new ByteArrayOutputStream();
        piece.writeBytes(frameBytes(Frame.RST_STREAM, 0, 3, 4, ints(8)));
        piece.writeBytes(frameBytes(Frame.HEADERS, END_BOTH, 5, get("/").length, get("/")));
        piece.writeBytes(frameBytes(Frame.HEADERS, END_BOTH, 7, get("/").length, get("/")));
        peer.send(piece.toByteArray());
        assertTrue(peer.said().contains("DATA 5 5 end"), () -> peer.said().toString());
        assertTrue(peer.said().contains("RST 7 REFUSED_STREAM"), () -> "one more than are open: " + peer.said());
    }

    /// A client that sends its uploads one after the other.
    @Test
    void whoseContentWaitsBehindAnotherUploadIsNotTooSlowWhileTheConnectionMoves() {
        for (int bytesAStep : new int[] {8000, 30}) {  // 16,000 and 60 a second, of 256 that are wanted
            Http2Peer peer = new Http2Peer().hello().post(1, "/echo").post(3, "/echo");
            for (int i = 0; i < 120; i++) {
                peer.engine.deadlineNanos();
                peer.pass(SECOND / 2);
                peer.data(1, false, bytesAStep);
            }
            boolean fast = bytesAStep == 8000;
            assertEquals(fast ? 0 : 2, peer.said().stream().filter(text -> text.contains("=408")).count(), () -> peer.said().toString());
            peer.data(3, true, 4);
            assertEquals(fast, peer.said().stream().anyMatch(text -> text.equals("DATA 3 4")), () -> peer.said().toString());
        }
    }

    /// The connection's window is all that holds the second answer back, and it is the first one's turn.
    @Test
    void whoWaitsForItsTurnIsNotTooSlowWhileTheConnectionMoves() {
        for (int bytesAStep : new int[] {8000, 30}) {  // 16,000 and 60 a second, of 256 that are wanted
            Http2Peer peer = new Http2Peer().hello().frame(Frame.SETTINGS, 0, 0, setting(Frame.INITIAL_WINDOW_SIZE, 1 << 20));
            peer.get(1, "/500000").get(3, "/70000");
            for (int i = 0; i < 70; i++) {
                peer.engine.deadlineNanos();
                peer.pass(SECOND / 2);
                peer.frame(Frame.WINDOW_UPDATE, 0, 0, ints(bytesAStep));
            }
            boolean fast = bytesAStep == 8000;
            assertEquals(fast ? 0 : 2, peer.said().stream().filter(text -> text.startsWith("RST")).count(), () -> peer.said().toString());
            assertEquals(fast, peer.said().stream().anyMatch(text -> text.startsWith("DATA 3")), () -> peer.said().toString());
        }
    }

    /// Who lingers gives way in the order in which they ended, whatever their numbers are; who ends meanwhile is passed by.
    @Test
    void whoHasLingeredLongestGivesWayFirst() {
        Http2Peer peer =
                new Http2Peer(Http2Config.defaults().withStreamsMax(4), 8, 8).hello().frame(Frame.SETTINGS, 0, 0, setting(Frame.INITIAL_WINDOW_SIZE, 0));
        for (int stream = 1; stream <= 7; stream += 2) {
            peer.post(stream, "/");
        }
        for (int stream : new int[] {5, 7, 1, 3}) {
            peer.frame(Frame.WINDOW_UPDATE, 0, stream, ints(100));
        }
        peer.data(7, true, 0);
        List<String> gone = new ArrayList<>();
        for (int stream = 9; stream <= 15; stream += 2) {
            peer.get(stream, "/wait");
            gone.add(peer.last());
        }
        assertEquals(List.of("DATA 3 5 end", "RST 5 NO_ERROR", "RST 1 NO_ERROR", "RST 3 NO_ERROR"), gone);
        peer.get(17, "/wait");
        assertEquals("RST 17 REFUSED_STREAM", peer.last(), "nobody lingers any more");
    }

    /// All that may be open linger, none behind another in numbers, and their time ends in one moment.
    @Test
    void manyThatEndAtOnceAreAllTold() {
        int many = 400;
        Http2Peer peer = new Http2Peer(Http2Config.defaults().withStreamsMax(many), many, many).hello();
        for (int i = 0; i < many; i++) {
            peer.post(4 * i + 1, "/");
        }
        peer.pass(60 * SECOND);
        assertEquals(many, peer.said().stream().filter(text -> text.startsWith("RST") && text.endsWith("NO_ERROR")).count());
        assertEquals("-", peer.said().stream().filter(text -> text.startsWith("GOAWAY")).findAny().orElse("-"));
    }
}
