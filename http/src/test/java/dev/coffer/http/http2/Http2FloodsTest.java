package dev.coffer.http.http2;

import static dev.coffer.http.http2.Http2Peer.block;
import static dev.coffer.http.http2.Http2Peer.get;
import static dev.coffer.http.http2.Http2Peer.ints;
import static dev.coffer.http.http2.Http2Peer.request;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What a client may do often, and what ends its connection with ENHANCE_YOUR_CALM (RFC 9113, section 10.5): taken at the limit, refused one past it.
class Http2FloodsTest {
    private static final int END_BOTH = Frame.END_HEADERS | Frame.END_STREAM;

    private interface Deed {
        void run(Http2Peer peer, int turn);
    }

    /// @param most       times at once
    /// @param perSecond  times a second from then on
    record Flood(String name, int most, int perSecond, Deed deed) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Flood> floods() {
        return Stream.of(
                new Flood("rapid reset (CVE-2023-44487)", 200, 50, (p, i) -> p.get(101 + 2 * i, "/wait").frame(Frame.RST_STREAM, 0, 101 + 2 * i, ints(8))),
                new Flood("resets that we are made to send (CVE-2025-8671): a window of 0", 200, 50,
                        (p, i) -> p.get(101 + 2 * i, "/wait").frame(Frame.WINDOW_UPDATE, 0, 101 + 2 * i, ints(0))),
                new Flood("resets that we are made to send: DATA behind the end", 200, 50, (p, i) -> p.get(101 + 2 * i, "/wait").data(101 + 2 * i, true, 1)),
                new Flood("resets that we are made to send: malformed requests", 200, 50, (p, i) -> p.get(101 + 2 * i, "/", "te", "x")),
                new Flood("resets that we are made to send: more content than announced", 200, 50,
                        (p, i) -> p.post(101 + 2 * i, "/wait", "content-length", "1").data(101 + 2 * i, false, 2)),
                new Flood("resets that we are made to send: PRIORITY of four octets", 200, 50,
                        (p, i) -> p.get(101 + 2 * i, "/wait").frame(Frame.PRIORITY, 0, 101 + 2 * i, new byte[4])),
                new Flood("SETTINGS", 32 - 2, 1, (p, i) -> p.frame(Frame.SETTINGS, 0, 0)),  // two of them in the greeting
                new Flood("acknowledgements of SETTINGS", 32 - 2, 1, (p, i) -> p.frame(Frame.SETTINGS, 1, 0)),
                new Flood("PING", 64, 10, (p, i) -> p.frame(Frame.PING, 0, 0, new byte[8])),
                new Flood("acknowledgements of PING", 64, 10, (p, i) -> p.frame(Frame.PING, 1, 0, new byte[8])),
                new Flood("DATA without content", 64, 10, (p, i) -> p.frame(Frame.DATA, 0, 1)),
                new Flood("DATA of padding alone", 64, 10, (p, i) -> p.frame(Frame.DATA, Frame.PADDED, 1, (byte) 2, (byte) 0, (byte) 0)),
                new Flood("WINDOW_UPDATE", 1000, 200, (p, i) -> p.frame(Frame.WINDOW_UPDATE, 0, 0, ints(1))),
                new Flood("WINDOW_UPDATE of a stream that is gone", 1000, 200, (p, i) -> p.frame(Frame.WINDOW_UPDATE, 0, 3, ints(1))),
                new Flood("PRIORITY", 256, 50, (p, i) -> p.frame(Frame.PRIORITY, 0, 3, new byte[5])),
                new Flood("PRIORITY_UPDATE", 256, 50, (p, i) -> p.frame(Frame.PRIORITY_UPDATE, 0, 0, ints(1001))),
                new Flood("frames that nobody knows", 256, 50, (p, i) -> p.frame(0x77, 0, 0)));
    }

    private static Http2Peer peer() {
        return new Http2Peer().hello().post(1, "/hold").get(3, "/");
    }

    @ParameterizedTest
    @MethodSource("floods")
    void soManyAreTakenAtOnceAndNoMore(Flood flood) {
        Http2Peer peer = peer();
        for (int i = 0; i < flood.most; i++) {
            flood.deed.run(peer, i);
            assertFalse(peer.engine.isEnded(), () -> peer.last());
        }
        flood.deed.run(peer, flood.most);
        assertTrue(peer.last().endsWith("ENHANCE_YOUR_CALM"), () -> peer.last());
        assertEquals("CLOSED", peer.events.getLast());
        assertTrue(peer.exchanges.isEmpty(), "the application has heard of every end");
    }

    @ParameterizedTest
    @MethodSource("floods")
    void aSecondBringsSomeBack(Flood flood) {
        Http2Peer peer = peer();
        int turn = 0;
        for (; turn < flood.most; turn++) {
            flood.deed.run(peer, turn);
        }
        peer.pass(1_000_000_000L);
        for (int i = 0; i < flood.perSecond; i++) {
            flood.deed.run(peer, turn++);
            assertFalse(peer.engine.isEnded(), () -> peer.last());
        }
        flood.deed.run(peer, turn);
        assertTrue(peer.engine.isEnded(), flood.name);
    }

    @Test
    void whatAnswersOurContentIsNotHeldAgainstThePeer() {
        Http2Peer peer = new Http2Peer().hello();
        for (int i = 0; i < 1200; i++) {
            peer.get(1 + 2 * i, "/");
            for (int j = 0; j < 3; j++) {
                peer.frame(Frame.WINDOW_UPDATE, 0, 0, ints(5));
            }
        }
        assertFalse(peer.engine.isEnded(), () -> peer.last());
    }

    /// As browsers, gRPC and those who say a message's end by a frame of its own do, however many requests there are in no time.
    @Test
    void whatComesWithEachRequestIsNoFlood() {
        Http2Peer peer = new Http2Peer().hello();
        for (int i = 0; i < 600; i++) {
            int stream = 1 + 4 * i;
            peer.frame(Frame.PRIORITY_UPDATE, 0, 0, ints(stream)).post(stream, "/hold").frame(Frame.PRIORITY_UPDATE, 0, 0, ints(stream));
            peer.frame(Frame.DATA, 0, stream).frame(0x77, 0, stream).data(stream, true, 0);
            peer.get(stream + 2, "/").frame(Frame.PING, 0, 0, new byte[8]);
            assertFalse(peer.engine.isEnded(), () -> peer.last());
        }
    }

    @Test
    void thirtyTwoContinuationsAreTaken() {
        for (int count : new int[] {32, 33}) {
            Http2Peer peer = new Http2Peer().hello();
            peer.frame(Frame.HEADERS, Frame.END_STREAM, 1, get("/"));
            for (int i = 1; i < count; i++) {
                peer.frame(Frame.CONTINUATION, 0, 1);
            }
            peer.frame(Frame.CONTINUATION, Frame.END_HEADERS, 1);
            assertEquals(count == 32 ? "DATA 1 5 end" : "GOAWAY 1 ENHANCE_YOUR_CALM", peer.last());
        }
    }

    /// CONTINUATION flood (CVE-2024-27316 and its like): a block without end holds no more than a head.
    @Test
    void aBlockOfFourHeadsEndsTheConnection() {
        Http2Peer peer = new Http2Peer().hello();
        byte[] much = new byte[8192];
        peer.frame(Frame.HEADERS, Frame.END_STREAM, 1, Http2Peer.block("x", "y".repeat(8000)));
        for (int i = 0; i < 3; i++) {
            peer.frame(Frame.CONTINUATION, 0, 1, Http2Peer.block("x", "y".repeat(8000)));
            assertFalse(peer.engine.isEnded());
        }
        peer.frame(Frame.CONTINUATION, 0, 1, much);
        assertEquals("GOAWAY 1 ENHANCE_YOUR_CALM", peer.last());
    }

    /// A header bomb: an entry of almost the table's size, named again and again by one octet each.
    @Test
    void sixteenHeadsOutOfOneBlockEndTheConnection() {
        Http2Peer peer = new Http2Peer().hello();
        byte[] entry = block("x", "y".repeat(4000));
        entry[0] = 0x40;
        byte[] bomb = new byte[64];
        java.util.Arrays.fill(bomb, (byte) (0x80 | 62));
        peer.frame(Frame.HEADERS, Frame.END_STREAM, 1, entry);
        peer.frame(Frame.CONTINUATION, Frame.END_HEADERS, 1, bomb);
        assertEquals("GOAWAY 1 ENHANCE_YOUR_CALM", peer.last());
    }

    @Test
    void aHeadPastItsRoomIsAnsweredAndTheTableGoesOn() {
        Http2Peer peer = new Http2Peer().hello();
        byte[] request = get("/", "a", "b".repeat(8152));
        byte[] indexed = block("x", "y");
        indexed[0] = 0x40;
        peer.frame(Frame.HEADERS, Frame.END_STREAM, 1, request);
        peer.frame(Frame.CONTINUATION, Frame.END_HEADERS, 1, indexed);
        assertTrue(peer.said().getFirst().startsWith("HEADERS 1 :status=431"), peer.said().toString());
        byte[] next = get("/");
        byte[] named = java.util.Arrays.copyOf(next, next.length + 1);
        named[next.length] = (byte) (0x80 | 62);  // the field of the block that was too long
        peer.frame(Frame.HEADERS, END_BOTH, 3, named);
        assertEquals("DATA 3 5 end", peer.last());
    }

    @Test
    void everyLimitOfAHeadHasItsStatus() {
        Http2Peer peer = new Http2Peer(Http2Config.defaults().withLimits(dev.coffer.http.Limits.tight()), 8, 4).hello();
        String[] many = new String[66];
        java.util.Arrays.setAll(many, i -> "f" + i / 2);
        peer.frame(Frame.HEADERS, END_BOTH, 1, get("/", java.util.Arrays.copyOf(many, 64)));
        assertEquals("DATA 1 5 end", peer.last());
        peer.frame(Frame.HEADERS, END_BOTH, 3, get("/", many));
        peer.frame(Frame.HEADERS, END_BOTH, 5, get("/", "x", "y".repeat(1023)));
        peer.frame(Frame.HEADERS, END_BOTH, 7, get("/", "x", "y".repeat(1024)));
        peer.frame(Frame.HEADERS, END_BOTH, 9, get("/" + "p".repeat(1023)));
        peer.frame(Frame.HEADERS, END_BOTH, 11, get("/" + "p".repeat(1000) + "?" + "q".repeat(23)));
        peer.post(13, "/wait", "content-length", "" + ((1 << 20) + 1));
        assertEquals("431 200 431 200 414 413", statuses(peer).substring(4));
    }

    /// The crumbs of a cookie are one field, and no larger than one.
    @Test
    void crumbsTogetherAreNoLongerThanAField() {
        Http2Peer peer = new Http2Peer(Http2Config.defaults().withLimits(dev.coffer.http.Limits.tight()), 8, 4).hello();
        peer.get(1, "/", "cookie", "y".repeat(500), "cookie", "z".repeat(1024 - 6 - 500 - 2));
        assertEquals("DATA 1 5 end", peer.last());
        peer.get(3, "/", "cookie", "y".repeat(500), "cookie", "z".repeat(1024 - 6 - 500 - 2 + 1));
        assertEquals("200 431", statuses(peer));
    }

    private static String statuses(Http2Peer peer) {
        return String.join(" ",
                peer.said().stream().filter(text -> text.contains(":status=")).map(text -> text.replaceAll(".*:status=(\\d+).*", "$1")).toList());
    }

    @Test
    void contentPastTheLimitIsAnsweredWhileNothingElseIs() {
        Http2Peer peer = new Http2Peer(Http2Config.defaults().withLimits(dev.coffer.http.Limits.tight().withBodyBytesMax(10)), 8, 4).hello();
        peer.post(1, "/wait").data(1, false, 10);
        assertFalse(peer.said().toString().contains("413"));
        peer.data(1, false, 1);
        assertTrue(peer.said().toString().contains(":status=413"), peer.said().toString());
        assertTrue(peer.events.contains("ABORTED 1"));
        peer.pass(1_000_000_000L);
        assertEquals("RST 1 NO_ERROR", peer.last());
    }

    /// Who does not read cannot make us owe without end.
    @Test
    void whatIsOwedHasPlaces() {
        Http2Peer peer = new Http2Peer().hello();
        peer.reads = false;
        for (int i = 0; i < 64; i++) {
            peer.frame(Frame.PING, 0, 0, new byte[8]);
        }
        peer.pass(1_000_000_000L);
        peer.reads = true;
        peer.turn();
        assertEquals(64, peer.said().stream().filter("PING ack"::equals).count());
        peer = new Http2Peer().hello();
        peer.reads = false;
        for (int i = 0; i < 64; i++) {
            peer.frame(Frame.PING, 0, 0, new byte[8]);
        }
        peer.pass(1_000_000_000L);
        peer.frame(Frame.PING, 0, 0, new byte[8]);  // it may ping again, and has not read
        peer.reads = true;
        peer.turn();
        assertEquals("GOAWAY 0 ENHANCE_YOUR_CALM", peer.last());
    }

    private static byte[] times(int count, IntFunction<byte[]> frame) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int i = 0; i < count; i++) {
            all.writeBytes(frame.apply(i));
        }
        return all.toByteArray();
    }

    /// What may come at once may come in one piece, before anything of it is answered.
    @Test
    void whatMayComeAtOnceMayComeInOnePiece() {
        Http2Peer peer = new Http2Peer().hello();
        peer.send(times(64, i -> Http2Peer.frameBytes(Frame.PING, 0, 0, 8, ByteBuffer.allocate(8).putInt(i).array())));
        assertEquals(64, peer.said().stream().filter("PING ack"::equals).count());
        peer = new Http2Peer().hello();
        long before = acknowledgements(peer);
        peer.send(times(30, i -> Http2Peer.frameBytes(Frame.SETTINGS, 0, 0, 0)));
        assertEquals(before + 30, acknowledgements(peer));
        assertFalse(peer.engine.isEnded());
    }

    private static long acknowledgements(Http2Peer peer) {
        return peer.seen.stream().filter(seen -> seen.toString().equals("SETTINGS ack")).count();
    }

    /// A client that has yet to hear how many streams it may have loses those that are too many, each by its own RST_STREAM, and no other.
    @Test
    void requestsBeforeOurSettingsAreHeardAreRefusedOneByOne() {
        for (int room : new int[] {1 << 16, 100}) {
            Http2Peer peer = new Http2Peer(Http2Config.defaults().withStreamsMax(4), 8, 1);
            peer.room = room;
            peer.send(Http2Server.preface());
            peer.frame(Frame.SETTINGS, 0, 0);
            byte[] block = request("GET", "/wait");
            peer.send(times(600, i -> Http2Peer.frameBytes(Frame.HEADERS, END_BOTH, 1 + 2 * i, block.length, block)));
            List<String> refused = peer.said().stream().filter(said -> said.startsWith("RST ")).toList();
            assertEquals(IntStream.range(4, 600).mapToObj(i -> "RST " + (1 + 2 * i) + " REFUSED_STREAM").toList(), refused);
            assertFalse(peer.engine.isEnded());
        }
    }

    /// That we are short of places is not the client's fault: what it may take back, and what it makes us reset, stays as it was.
    @Test
    void refusalsForOurShortageHaveARationOfTheirOwn() {
        Http2Peer peer = new Http2Peer(Http2Config.defaults(), 8, 1).hello().post(1, "/hold");
        for (int i = 0; i < 1000; i++) {
            peer.post(3 + 2 * i, "/hold");
            assertEquals("RST " + (3 + 2 * i) + " REFUSED_STREAM", peer.last());
        }
        for (int i = 0; i < 200; i++) {
            peer.get(2003 + 2 * i, "/wait").frame(Frame.RST_STREAM, 0, 2003 + 2 * i, ints(8));
            assertFalse(peer.engine.isEnded(), () -> peer.last());
        }
        peer.pass(1_000_000_000L);
        for (int i = 0; i < 200; i++) {
            peer.post(3003 + 2 * i, "/hold");
            assertEquals("RST " + (3003 + 2 * i) + " REFUSED_STREAM", peer.last());
        }
        peer.post(4003, "/hold");
        assertEquals("GOAWAY 4003 ENHANCE_YOUR_CALM", peer.last());
    }

    /// More streams than we said is the client's doing, whether there are places or not.
    @Test
    void streamsPastWhatWasSaidCountAsTheClientsResets() {
        for (int places : new int[] {1, 8}) {
            Http2Peer peer = new Http2Peer(Http2Config.defaults().withStreamsMax(1), places, 1).hello().get(1, "/wait");
            for (int i = 0; i < 200; i++) {
                peer.get(3 + 2 * i, "/wait");
                assertEquals("RST " + (3 + 2 * i) + " REFUSED_STREAM", peer.last());
            }
            peer.get(1003, "/wait");
            assertEquals("GOAWAY 1003 ENHANCE_YOUR_CALM", peer.last());
        }
    }

    @Test
    void streamsAndWindowsThatAreLentOutAreRefusedAndComeBack() {
        Http2Peer peer = new Http2Peer(Http2Config.defaults(), 3, 1).hello();
        peer.post(1, "/hold");
        peer.post(3, "/hold");
        assertEquals("RST 3 REFUSED_STREAM", peer.last());
        peer.get(5, "/wait").get(7, "/wait").get(9, "/");
        assertEquals("RST 9 REFUSED_STREAM", peer.last());
        peer.frame(Frame.RST_STREAM, 0, 1, ints(8));
        peer.frame(Frame.HEADERS, Frame.END_HEADERS, 11, request("POST", "/echo")).data(11, true, 3);
        assertEquals("HEADERS 11 vary=0, x-end=text/plain end", peer.last());
    }
}
