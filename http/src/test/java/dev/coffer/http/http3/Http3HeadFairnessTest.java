package dev.coffer.http.http3;

import static dev.coffer.http.http3.Http3Peer.data;
import static dev.coffer.http.http3.Http3Peer.frame;
import static dev.coffer.http.http3.Http3Peer.join;
import static dev.coffer.http.http3.Http3Peer.numbers;
import static dev.coffer.http.http3.Http3Peer.request;
import static dev.coffer.http.http3.Http3Peer.section;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.http.HttpEvent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Connections whose heads share one memory: whose is the last room, who is first, and what wakes whom. The tight profile with eight streams has 72 blocks, and
/// a head that comes takes 20; four shares of 640 bytes have 40.
class Http3HeadFairnessTest {
    private static final Http3Config TIGHT = Http3Config.tight();
    private static final Http3Config TWO = Http3Config.tight().withHeadShareBytes(640);
    private static final String LONG = "v".repeat(800);
    private static final long SECOND = 1_000_000_000L;
    private static final int TURNS_MAX = 200;

    /// Another connection beside a peer's, over the same places.
    private static final class Other {
        final Http3Peer beside;
        final Http3Server engine;
        final SimulatedStreams wire = new SimulatedStreams(false, 300, 2048, 4096);
        final List<String> events = new ArrayList<>();

        Other(Http3Peer beside, Http3Config config) {
            this.beside = beside;
            engine = new Http3Server(config, beside.arena.allocate(Math.max(64, config.plan().totalBytes()), 64), 0, beside.streams);
            engine.reset(beside.now);
            engine.attach(wire);
            wire.send(Http3Peer.CONTROL, join(numbers(Frame.CONTROL), frame(Frame.SETTINGS)), false);
            turn();
        }

        Other send(long stream, byte[] octets, boolean end) {
            wire.send(stream, octets, end);
            return turn();
        }

        Other turn() {
            boolean more = true;
            for (int i = 0; more; i++) {
                assertTrue(i < TURNS_MAX, "it does not come to rest");
                more = wire.move() | engine.advance(beside.now);
                for (HttpEvent event; (event = engine.pollEvent()) != null; more = true) {
                    events.add(event + " " + engine.stream());
                }
            }
            return this;
        }

        Other pass() {
            engine.onDeadline(beside.now);
            return turn();
        }

        boolean isAsked(int requests) {
            return events.stream().filter(event -> event.startsWith("REQUEST")).count() == requests;
        }
    }

    private static Http3Peer tight() {
        return new Http3Peer(TIGHT, 8, 2048, 4096).hello();
    }

    private static Http3Peer two() {
        return new Http3Peer(TWO, 4, 2048, 4096).hello();
    }

    private static byte[] half() {
        return Arrays.copyOf(request("GET", "/wait", "x-long", LONG), 300);
    }

    @Test
    void slowHeadsOfOneConnectionLeaveRoomToAnother() {
        Http3Peer peer = tight();
        Other other = new Other(peer, TIGHT).send(0, request("GET", "/events"), true);
        peer.send(0, half()).send(4, half()).send(8, half());
        peer.now += SECOND;
        peer.engine.onDeadline(peer.now);
        peer.run();
        other.send(4, request("GET", "/next"), true);
        assertTrue(other.isAsked(2), "at once: " + other.events);
        peer.reset(0, 0).reset(4, 0).reset(8, 0);
        other.engine.close();
        peer.checkNothingHeld();
    }

    @Test
    void whatHasYetToComeTakesNoPlace() {
        Http3Peer peer = two();
        Other other = new Other(peer, TWO);
        byte[] head = request("GET", "/wait", "x-long", LONG);
        int begin = numbers(Frame.HEADERS, head.length).length;
        peer.send(0, Arrays.copyOf(head, begin));
        other.send(0, half(), false).send(4, request("GET", "/next"), true);
        assertFalse(other.isAsked(1), "the last is left");
        peer.send(0, Arrays.copyOfRange(head, begin, begin + 1));
        other.send(0, Arrays.copyOfRange(head, 300, head.length), true);
        peer.end(0, Arrays.copyOfRange(head, begin + 1, head.length));
        assertEquals(1, peer.exchanges.size());
        assertTrue(other.isAsked(1));
    }

    @Test
    void theLastRoomIsForWhoHasNone() {
        Http3Peer peer = tight();
        peer.send(0, half()).send(4, half()).send(8, half());
        Other other = new Other(peer, TIGHT).send(0, half(), false);
        byte[] rest = Arrays.copyOfRange(request("GET", "/wait", "x-long", LONG), 300, request("GET", "/wait", "x-long", LONG).length);
        other.send(0, rest, true);
        assertTrue(other.isAsked(1), "though the other asked first");
        peer.end(8, rest);
        assertEquals(0, peer.exchanges.size(), "the third waits");
        other.engine.abort(1);
        other.turn();
        assertTrue(peer.streams.takeFreed());
        peer.run();
        assertEquals(0, peer.exchanges.size(), "and leaves the last still");
        peer.reset(0, 0);
        assertEquals(1, peer.exchanges.size());
    }

    /// Heads that are whole, and stay for long, are bounded as those that come.
    @Test
    void wholeHeadsLeaveRoomToOthersToo() {
        Http3Peer peer = tight();
        String[] fields = new String[36];
        Arrays.fill(fields, "x-1");
        fields[1] = "v".repeat(860);
        for (int i = 0; i < 4; i++) {
            peer.get(4L * i, "/wait", fields);
        }
        peer.pass(SECOND);
        peer.pass(TIGHT.limits().headNanosMax() - SECOND);
        assertEquals(2, peer.exchanges.size(), "of 18 blocks each");
        assertEquals(List.of("RESET H3_REQUEST_REJECTED"), peer.said(12));
        Other other = new Other(peer, TIGHT).send(0, request("GET", "/next", "x-long", LONG), true);
        assertTrue(other.isAsked(1), other.events.toString());
    }

    @Test
    void whatIsKeptForAnIdleConnectionIsLentAfterASecond() {
        Http3Peer peer = two();
        Other other = new Other(peer, TWO);
        peer.get(0, "/wait", "x-long", LONG).get(4, "/wait");
        assertEquals(1, peer.exchanges.size(), "with an idle connection beside");
        assertEquals(peer.now + SECOND, peer.engine.deadlineNanos());
        peer.pass(SECOND);
        assertEquals(2, peer.exchanges.size());
        other.send(0, request("GET", "/next", "x-long", LONG), true);
        assertTrue(other.isAsked(1), "and there is as much for the other");
        peer.get(8, "/wait", "x-long", LONG);
        peer.pass(SECOND);
        assertEquals(2, peer.exchanges.size(), "what would take too much waits on");
    }

    @Test
    void aConnectionThatGoesLeavesWhatWasKeptForIt() {
        Http3Peer peer = two();
        Other other = new Other(peer, TWO);
        peer.get(0, "/wait", "x-long", LONG).get(4, "/wait", "x-long", LONG);
        assertEquals(1, peer.exchanges.size());
        peer.streams.takeFreed();
        other.engine.close();
        assertTrue(peer.streams.takeFreed());
        peer.run();
        assertEquals(2, peer.exchanges.size());
    }

    @Test
    void whoHasWaitedLongestIsFirst() {
        Http3Peer peer = two();
        Other first = new Other(peer, TWO);
        Other second = new Other(peer, TWO);
        peer.send(0, half());
        first.send(0, half(), false);
        peer.now++;
        second.send(0, request("GET", "/second"), true);
        peer.now++;
        Other third = new Other(peer, TWO).send(0, request("GET", "/third"), true);
        peer.streams.takeFreed();
        peer.wire.resetByPeer(0, 0);
        peer.run();
        assertTrue(peer.streams.takeFreed());
        third.turn();
        assertFalse(third.isAsked(1), "another has waited longer");
        second.turn();
        assertTrue(second.isAsked(1));
        first.wire.resetByPeer(0, 0);
        first.turn();
        assertTrue(peer.streams.takeFreed());
        third.turn();
        assertTrue(third.isAsked(1));
    }

    /// A section that waits for QPACK's table is not taken up again and again because another connection's waits for room.
    @Test
    void whatIsBlockedByATableDoesNotTurnForWhoWaitsForRoom() {
        Http3Config config = TIGHT.withHeadShareBytes(704).withTables(4096, 16, 0);
        Http3Peer peer = new Http3Peer(config, 4, 2048, 4096).hello();
        peer.encoder.settings(4096, 100);
        Other other = new Other(peer, config).send(0, request("GET", "/events"), true);
        peer.send(0, peer.remembered(0, "/wait", "x-a", "b".repeat(40)));
        assertEquals(1, peer.engine.decoder.blocked());
        peer.send(4, half());
        other.send(4, request("GET", "/next"), true);
        peer.wire.resetByPeer(4, 0);
        int turns = 0;
        while (peer.wire.move() | peer.engine.advance(peer.now) | peer.engine.pollEvent() != null) {
            assertTrue(turns++ < TURNS_MAX, "it does not come to rest");
        }
        other.turn();
        assertTrue(other.isAsked(2));
    }

    /// Trailers that find no room are passed by, and who sent them has the answer.
    @Test
    void trailersNeverWaitAndAreNeverRejected() {
        Http3Peer peer = two();
        byte[] trailers = frame(Frame.HEADERS, section("x-end", "yes"));
        peer.send(0, request("POST", "/echo", "x-long", LONG), data(5)).send(4, request("POST", "/echo", "x-long", LONG), data(5));
        assertEquals(2, peer.exchanges.size());
        peer.send(0, Arrays.copyOf(trailers, 5)).end(4, trailers);
        assertEquals("end", peer.said(4).getLast(), peer.events.toString());
        assertFalse(peer.events.contains("TRAILERS 2"));
        peer.end(0, Arrays.copyOfRange(trailers, 5, trailers.length));
        assertEquals("end", peer.said(0).getLast());
        peer.checkNothingHeld();
        peer.send(8, request("POST", "/wait", "x-long", LONG), data(5)).send(12, request("POST", "/wait", "x-long", LONG), data(5));
        peer.send(8, Arrays.copyOf(trailers, 5));
        peer.pass(TWO.limits().headNanosMax());
        assertEquals("HEADERS :status=408", peer.said(8).getFirst().substring(0, 19), "those that come too slowly are as before");
    }

    @Test
    void whatIsRefusedAndWhatIsATunnelGiveTheirHeadsBack() {
        Http3Peer peer = two();
        String[] websocket = {":protocol", "websocket", "x-long", LONG};
        peer.send(0, connect(websocket)).send(4, connect(websocket)).send(8, connect(websocket)).send(12, connect(websocket));
        assertEquals(4, peer.exchanges.size(), "a tunnel holds none");
        assertThrows(IllegalStateException.class, () -> peer.engine.request(1));
        for (int i = 0; i < 4; i++) {
            peer.send(4L * i, data(3));
            assertTrue(peer.said(4L * i).contains("DATA 3"), peer.said(4L * i).toString());
        }
    }

    private static byte[] connect(String... more) {
        String[] all = new String[8 + more.length];
        System.arraycopy(new String[] {":method", "CONNECT", ":scheme", "https", ":authority", "a", ":path", "/tunnel"}, 0, all, 0, 8);
        System.arraycopy(more, 0, all, 8, more.length);
        return frame(Frame.HEADERS, section(all));
    }

    /// One that is refused may have to wait until its client takes what is said.
    @Test
    void aHeadThatComesTooSlowlyIsGivenBackAtOnce() {
        Http3Peer peer = two();
        Other other = new Other(peer, TWO);
        peer.send(0, half());
        other.send(0, half(), false);
        Other third = new Other(peer, TWO).send(0, request("GET", "/next", "x-long", LONG), true);
        assertFalse(third.isAsked(1));
        peer.now += TWO.limits().headNanosMax();
        peer.engine.onDeadline(peer.now);
        third.turn();
        assertTrue(third.isAsked(1), "before the refusal is written");
        peer.run();
        assertEquals("HEADERS :status=408", peer.said(0).getFirst().substring(0, 19));
    }
}
