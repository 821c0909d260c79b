package dev.coffer.http.http2;

import static dev.coffer.http.http2.Http2Peer.ints;
import static dev.coffer.http.http2.Http2Peer.setting;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/// A connection at rest: what is kept of it, when it is none, and that nothing which it owes or remembers is lost or bought by it.
class Http2RestTest {
    private static final long SECOND = 1_000_000_000L;
    private static final int BLOCK_BYTES = 128;

    private static Http2Peer resting() {
        return resting(new Http2Peer());
    }

    private static Http2Peer resting(Http2Peer peer) {
        peer.rests = rests(peer, 4);
        return peer.hello();
    }

    private static Http2Rests rests(Http2Peer peer, int connections) {
        return new Http2Rests(connections, peer.arena.allocate(Http2Rests.plan(connections).totalBytes(), 64), 0);
    }

    @Test
    void whatIsInTheTablesIsThereAfterwards() {
        Http2Peer peer = resting();
        for (int i = 0; i < 400; i++) {
            peer.remembered(1 + 2 * i, i % 2 == 0 ? "/" : "/100", "x-" + i % 7, "value " + i % 40, "accept", "y".repeat(i % 90));
            assertEquals(i % 2 == 0 ? "DATA " + (1 + 2 * i) + " 5 end" : "DATA " + (1 + 2 * i) + " 100 end", peer.last());
        }
        assertTrue(peer.rested > 400, "rested " + peer.rested);
        assertEquals(0, peer.said().stream().filter(text -> text.startsWith("GOAWAY")).count());
    }

    @Test
    void aTableThatTheClientMadeSmallerTwiceStaysSo() {
        Http2Peer peer = resting().get(1, "/");
        peer.frame(Frame.SETTINGS, 0, 0, setting(Frame.HEADER_TABLE_SIZE, 0));
        peer.frame(Frame.SETTINGS, 0, 0, setting(Frame.HEADER_TABLE_SIZE, 100));
        peer.get(3, "/");  // whose block says both, or its decoder fails
        assertEquals("DATA 3 5 end", peer.last());
        peer.frame(Frame.SETTINGS, 0, 0, setting(Frame.HEADER_TABLE_SIZE, 0));
        peer.get(5, "/").get(7, "/");
        assertEquals("DATA 7 5 end", peer.last());
    }

    /// Frames may still be on their way for streams that were reset: a connection remembers which, also while it rests.
    @Test
    void streamsThatWereResetAreRemembered() {
        Http2Peer peer = resting();
        int before = peer.engine.restBytes();
        for (int stream = 1; stream < 100; stream += 2) {
            peer.post(stream, "/echo", "content-length", "10").data(stream, true, 9);
            assertEquals("RST " + stream + " PROTOCOL_ERROR", peer.last());
            peer.pass(SECOND);
        }
        assertTrue(peer.rested > 50, "rested " + peer.rested);
        assertTrue(peer.engine.restBytes() >= before + 40 * Integer.BYTES, "kept in " + peer.engine.restBytes() + " bytes, before in " + before);
        int said = peer.said().size();
        peer.data(1, false, 1).data(99, false, 1);
        assertEquals(said, peer.said().size(), () -> peer.said().toString());
    }

    @Test
    void windowsGoOnWhereTheyWere() {
        Http2Peer peer = resting();
        peer.frame(Frame.SETTINGS, 0, 0, setting(Frame.INITIAL_WINDOW_SIZE, 1 << 20));
        peer.get(1, "/60000").get(3, "/10000");
        assertEquals("DATA 3 5535", peer.last(), "the connection's window has 65,535");
        peer.frame(Frame.WINDOW_UPDATE, 0, 0, ints(4465));
        assertEquals("DATA 3 4465 end", peer.last());
        peer.frame(Frame.WINDOW_UPDATE, 0, 0, ints(Integer.MAX_VALUE)).frame(Frame.WINDOW_UPDATE, 0, 0, ints(1));
        assertEquals("GOAWAY 3 FLOW_CONTROL_ERROR", peer.last());
    }

    @Test
    void contentThatHasComeCountsOnTowardsTheNextUpdate() {
        Http2Peer peer = resting();
        for (int stream = 1; stream < 9; stream += 2) {
            peer.post(stream, "/echo").data(stream, true, 10_000);
        }
        assertEquals(1, peer.said().stream().filter(text -> text.equals("UPDATE 0 40000")).count(), () -> peer.said().toString());
    }

    @Test
    void framesOfAStreamThatWasResetJustBeforeAreStillNoFault() {
        Http2Peer peer = resting().post(1, "/", "te", "x");
        assertEquals("RST 1 PROTOCOL_ERROR", peer.last());
        int rested = peer.rested;
        peer.data(1, false, 10).data(1, true, 10).get(3, "/");
        assertTrue(peer.rested > rested);
        assertEquals("DATA 3 5 end", peer.last());
        peer.data(3, true, 1);
        assertEquals("GOAWAY 3 STREAM_CLOSED", peer.last(), "that one was not reset");
    }

    @Test
    void noFloodIsBoughtByRest() {
        Http2Peer peer = resting();
        for (int i = 0; i < 30; i++) {  // and two in the greeting
            peer.frame(Frame.SETTINGS, 0, 0);
        }
        assertEquals(31, peer.seen.stream().filter(each -> each.text().equals("SETTINGS ack")).count());
        peer.frame(Frame.SETTINGS, 0, 0);
        assertTrue(peer.last().endsWith("ENHANCE_YOUR_CALM"), peer::last);
    }

    @Test
    void theIdleTimeIsNotBegunAnew() {
        Http2Peer peer = resting().get(1, "/");
        long due = peer.engine.deadlineNanos();
        peer.pass(SECOND);
        peer.frame(Frame.PING, 0, 0, new byte[8]);
        assertEquals(due, peer.engine.deadlineNanos());
        peer.pass(due - peer.now - 1);
        assertFalse(peer.last().startsWith("GOAWAY"), peer::last);
        int rested = peer.rested;
        peer.pass(1);
        assertEquals(rested, peer.rested, "a connection whose time is over has a word to say");
        assertEquals("GOAWAY 1 NO_ERROR", peer.last());
    }

    @Test
    void whoOwesOrAwaitsSomethingDoesNotRest() {
        Http2Peer peer = new Http2Peer();
        Http2Rests rests = rests(peer, 1);
        assertFalse(rests.takes(peer.engine), "our settings have yet to go");
        peer.hello();
        assertTrue(rests.takes(peer.engine));
        peer.send((byte) 0);
        assertFalse(rests.takes(peer.engine), "half a frame");
        peer.send(new byte[] {0, 8, 6, 0, 0, 0, 0, 0}).send(new byte[8]);
        assertTrue(rests.takes(peer.engine));
        peer.reads = false;
        peer.frame(Frame.PING, 0, 0, new byte[8]);
        assertFalse(rests.takes(peer.engine), "an answer to a ping");
        peer.reads = true;
        peer.turn();
        peer.get(1, "/wait");
        assertFalse(rests.takes(peer.engine), "a stream");
        assertThrows(IllegalStateException.class, () -> rests.keep(peer.engine));
        peer.exchange(1).answer(new byte[3]);
        peer.turn();
        assertTrue(rests.takes(peer.engine));
        peer.engine.shutdown(peer.now);
        assertFalse(rests.takes(peer.engine), "goodbye is said");
        assertEquals(0, rests.account().usedBytes());
    }

    @Test
    void aConnectionTakesAsManyBlocksAsItNeedsAndWhatIsForgottenIsWiped() {
        Http2Peer peer = new Http2Peer().hello();
        MemorySegment memory = peer.arena.allocate(Http2Rests.plan(1).totalBytes(), 64);
        Http2Rests rests = new Http2Rests(1, memory, 0);
        int empty = rests.keep(peer.engine);
        assertEquals(BLOCK_BYTES, rests.account().usedBytes());
        rests.forget(empty);
        int stream = 1;
        while (rests.takes(peer.engine)) {
            peer.remembered(stream, "/", "x", "y".repeat(100 + stream / 2));
            stream += 2;
        }
        assertTrue(peer.engine.restBytes() > 16 * 124 && peer.engine.restBytes() <= 17 * 124, "one block too few: " + peer.engine.restBytes());
        Http2Rests more = rests(peer, 2);
        int full = more.keep(peer.engine);
        assertEquals(17 * BLOCK_BYTES, more.account().usedBytes());
        more.forget(full);
        assertEquals(0, more.account().usedBytes());
        assertEquals(0, LongStream.of(memory.toArray(ValueLayout.JAVA_LONG)).filter(word -> word != 0).count());
    }

    @Test
    void whatCannotBeTakenUpIsForgottenAllTheSame() {
        Http2Peer peer = new Http2Peer().hello();
        for (int i = 0; i < 20; i++) {
            peer.remembered(1 + 2 * i, "/", "x", "y".repeat(150 + i));
        }
        Http2Rests rests = rests(peer, 4);
        int rest = rests.keep(peer.engine);
        Http2Server gone;
        try (Arena arena = Arena.ofConfined()) {
            gone = new Http2Server(peer.config, arena.allocate(peer.config.plan().totalBytes(), 64), 0, peer.streams);
            gone.reset(peer.now);
        }
        assertThrows(IllegalStateException.class, () -> rests.resume(rest, gone), "its memory is closed");
        assertEquals(0, rests.account().usedBytes());
    }

    /// The largest that a peer can make of it: entries as small as they may be, in both tables.
    @Test
    void fullTablesTakeWhatThePlanSays() {
        Http2Peer peer = resting(new Http2Peer());
        for (int i = 0; i < 130; i++) {
            peer.remembered(1 + 2 * i, "/", "x", "" + (char) ('0' + i % 10) + (char) ('0' + i / 10));
        }
        assertTrue(peer.engine.restBytes() <= 55 * 124, "bytes " + peer.engine.restBytes());
        assertTrue(peer.rested > 130);
    }
}
