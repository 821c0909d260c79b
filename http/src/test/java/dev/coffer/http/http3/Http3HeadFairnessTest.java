package dev.coffer.http.http3;

import static dev.coffer.http.http3.Http3Peer.data;
import static dev.coffer.http.http3.Http3Peer.frame;
import static dev.coffer.http.http3.Http3Peer.join;
import static dev.coffer.http.http3.Http3Peer.numbers;
import static dev.coffer.http.http3.Http3Peer.request;
import static dev.coffer.http.http3.Http3Peer.section;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
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
        assertNull(peer.streams.takeFreed(peer.now), "and leaves the last still");
        peer.run();
        assertEquals(0, peer.exchanges.size());
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
        assertEquals(List.of("RESET H3_REQUEST_REJECTED"), peer.said(8), "it was given room, and would have kept too much");
        assertEquals(List.of("RESET H3_REQUEST_REJECTED", "STOP H3_REQUEST_REJECTED"), peer.said(12), "it stood behind that one");
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
    void whoIsLateIsWokenByRoomThatLeavesAsMuch() {
        Http3Peer peer = two();
        Other other = new Other(peer, TWO);
        peer.get(0, "/wait");
        other.send(0, half(), false);
        peer.get(4, "/wait");
        peer.pass(SECOND);
        assertEquals(1, peer.exchanges.size(), "there is no room");
        assertNull(peer.streams.takeFreed(peer.now));
        other.wire.resetByPeer(0, 0);
        other.turn();
        assertSame(peer.wire, peer.streams.takeFreed(peer.now));
        peer.run();
        assertEquals(2, peer.exchanges.size());
    }

    /// Who has none goes before one that has some and has waited longer, though that is late; and of those that are late who has waited longest is first.
    @Test
    void whoIsLateGoesBehindWhoHasNoneAndInTurn() {
        Http3Config config = TIGHT.withHeadShareBytes(320);  // 40 blocks too, of 8 streams
        Http3Peer peer = new Http3Peer(config, 8, 2048, 4096).hello();
        Other other = new Other(peer, config);
        Other none = new Other(peer, config);
        peer.get(0, "/wait").get(4, "/wait");
        peer.now++;
        other.send(0, request("GET", "/one"), true).send(4, request("GET", "/two"), true);
        assertEquals(1, peer.exchanges.size());
        peer.now += SECOND;
        other.pass();
        assertFalse(other.isAsked(2), "another is late for longer");
        peer.engine.onDeadline(peer.now);
        peer.run();
        assertEquals(2, peer.exchanges.size());
        assertSame(other.wire, peer.streams.takeFreed(peer.now));
        other.turn();
        assertTrue(other.isAsked(2));
        peer.get(8, "/wait");
        Other slow = new Other(peer, config).send(0, half(), false);
        none.send(0, request("GET", "/none"), true);
        peer.now += SECOND;
        peer.engine.onDeadline(peer.now);
        slow.wire.resetByPeer(0, 0);
        slow.turn();
        peer.run();
        assertEquals(2, peer.exchanges.size(), "though it is late");
        assertSame(none.wire, peer.streams.takeFreed(peer.now));
        none.turn();
        assertTrue(none.isAsked(1));
    }

    /// A head that is whole takes less than one that comes.
    @Test
    void aHeadThatShrinksMakesRoomForWhoWaits() {
        Http3Config config = TIGHT.withHeadShareBytes(64);
        Http3Peer peer = new Http3Peer(config, 38, 2048, 4096).hello();
        Other other = new Other(peer, config);
        byte[] head = request("GET", "/wait", "x-long", LONG);
        peer.send(0, Arrays.copyOf(head, 300));
        other.send(0, request("GET", "/next"), true);
        assertNull(peer.streams.takeFreed(peer.now));
        peer.end(0, Arrays.copyOfRange(head, 300, head.length));
        assertSame(other.wire, peer.streams.takeFreed(peer.now));
        other.turn();
        assertTrue(other.isAsked(1));
    }

    @Test
    void aConnectionThatGoesLeavesWhatWasKeptForIt() {
        Http3Peer peer = two();
        Other other = new Other(peer, TWO);
        peer.get(0, "/wait", "x-long", LONG).get(4, "/wait", "x-long", LONG);
        assertEquals(1, peer.exchanges.size());
        assertNull(peer.streams.takeFreed(peer.now));
        other.engine.close();
        assertSame(peer.wire, peer.streams.takeFreed(peer.now));
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
        assertNull(peer.streams.takeFreed(peer.now));
        peer.wire.resetByPeer(0, 0);
        peer.run();
        assertSame(second.wire, peer.streams.takeFreed(peer.now));
        third.turn();
        assertFalse(third.isAsked(1), "another has waited longer");
        second.turn();
        assertTrue(second.isAsked(1));
        first.wire.resetByPeer(0, 0);
        first.turn();
        assertSame(third.wire, peer.streams.takeFreed(peer.now));
        third.turn();
        assertTrue(third.isAsked(1));
    }

    /// Heads that come slowly: who goes on leaves room, and nothing is given back meanwhile.
    @Test
    void roomForTwoWakesTwo() {
        Http3Peer peer = two();
        Other[] others = new Other[3];
        Arrays.setAll(others, i -> new Other(peer, TWO));
        peer.send(0, half());
        for (Other other : others) {
            other.send(0, half(), false);
        }
        peer.wire.resetByPeer(0, 0);
        peer.run();
        others[0].wire.resetByPeer(0, 0);
        others[0].turn();
        assertSame(others[1].wire, peer.streams.takeFreed(peer.now));
        others[1].turn();
        assertSame(others[2].wire, peer.streams.takeFreed(peer.now));
    }

    /// Where many wait, each that goes on has one turn for it, and nobody else has any: room for one moves one, in the order in which they began to wait.
    @Test
    void roomForOneWakesOne() {
        Http3Config config = TIGHT.withHeadShareBytes(64);  // 35 blocks: a head that comes takes 20
        Http3Peer peer = new Http3Peer(config, 35, 2048, 4096).hello();
        peer.send(0, half());
        List<Other> waiting = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            waiting.add(new Other(peer, config));
            new Other(peer, config);  // which wants nothing
        }
        for (int i = 0; i < 30; i++) {
            waiting.get(i * 7 % 30).send(0, half(), false);
        }
        assertNull(peer.streams.takeFreed(peer.now));
        waiting.get(2 * 7).wire.resetByPeer(0, 0);
        waiting.get(2 * 7).turn();
        waiting.get(29 * 7 % 30).wire.resetByPeer(0, 0);
        waiting.get(29 * 7 % 30).turn();
        assertNull(peer.streams.takeFreed(peer.now), "there is no room yet");
        peer.wire.resetByPeer(0, 0);
        peer.run();
        for (int i = 0; i < 29; i++) {
            if (i == 2) {
                continue;  // it has gone
            }
            Other next = waiting.get(i * 7 % 30);
            assertSame(next.wire, peer.streams.takeFreed(peer.now), "turn " + i);
            assertNull(peer.streams.takeFreed(peer.now), "one at a time");
            if (i == 7) {
                next.wire.resetByPeer(0, 0);  // it goes when it may go on
                next.turn();
                continue;
            }
            next.turn();
            assertNull(peer.streams.takeFreed(peer.now), "it has what there is");
            next.wire.resetByPeer(0, 0);
            next.turn();
        }
        assertNull(peer.streams.takeFreed(peer.now), "nobody waits");
        waiting.forEach(other -> other.engine.close());
        peer.checkNothingHeld();
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
