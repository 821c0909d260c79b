package dev.coffer.http.http3;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/// Trailers end a message's words, and not its stream: who says them and never ends the stream is too slow, as one is who leaves content out.
/// In HTTP/2 trailers carry the end.
class Http3LateEndTest {
    private static final long GRACE_NANOS = Http3Config.defaults().limits().graceNanos();

    private static byte[] trailers() {
        return Http3Peer.frame(Frame.HEADERS, Http3Peer.section("x-t", "u"));
    }

    @Test
    void aClientThatNeverEndsItsStreamBehindTrailersIsTooSlow() {
        Http3Peer peer = new Http3Peer().hello();
        peer.send(0, Http3Peer.request("POST", "/echo"), Http3Peer.data(9), trailers());
        peer.pass(GRACE_NANOS - 1);
        assertTrue(!peer.events.contains("ABORTED 1") && !peer.events.contains("END 1"), peer.events::toString);
        peer.pass(GRACE_NANOS);
        assertTrue(peer.events.contains("ABORTED 1"), peer.events::toString);
        assertTrue(peer.said(0).getFirst().contains(":status=408"), () -> peer.said(0).toString());
        assertEquals("-", peer.closed());
    }

    @Test
    void aServerThatNeverEndsItsStreamBehindTrailersIsTooSlow() {
        Http3Caller caller = new Http3Caller().hello();
        caller.get("/");
        caller.says(0, false, Http3Peer.frame(Frame.HEADERS, Http3Peer.section(":status", "200")), Http3Peer.data(9), trailers());
        caller.pass(GRACE_NANOS - 1);
        assertTrue(caller.events.stream().noneMatch(event -> event.startsWith("ABORTED") || event.startsWith("END")), caller.events::toString);
        caller.pass(GRACE_NANOS);
        assertTrue(caller.events.contains("ABORTED 1 TOO_SLOW"), caller.events::toString);
        assertEquals("-", caller.closed());
    }

    @Test
    void whoIsAnsweredBeforeItEndsHoldsNothing() {
        Http3Peer peer = new Http3Peer().hello();
        peer.send(0, Http3Peer.request("POST", "/wait"), Http3Peer.data(9), trailers());
        peer.exchange(1).answer(new byte[5]);
        peer.run();
        assertTrue(peer.events.contains("SENT 1"), peer.events::toString);
        for (int i = 0; i < 3; i++) {
            assertTrue(peer.engine.deadlineNanos() > peer.now, "a time that is over is due again");
            peer.pass(GRACE_NANOS);
        }
        assertTrue(peer.exchanges.isEmpty() && peer.engine.isEnded() | peer.streams.isUnused(), peer.engine::toString);
    }

    @Test
    void whoEndsItsStreamBehindTrailersInTimeIsAnswered() {
        Http3Peer peer = new Http3Peer().hello();
        peer.send(0, Http3Peer.request("POST", "/echo"), Http3Peer.data(9), trailers());
        peer.pass(GRACE_NANOS - 1);
        peer.end(0);
        assertTrue(peer.events.contains("SENT 1"), peer.events::toString);
    }
}
