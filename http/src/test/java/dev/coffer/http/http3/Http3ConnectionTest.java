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

import dev.coffer.http.FieldName;
import dev.coffer.http.HeadWriter;
import dev.coffer.http.Limits;
import dev.coffer.http.MessageSource;
import dev.coffer.http.Refusal;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Connections that go well, or end as they should: requests of every kind, many at a time, content both ways under every size of place, time, stops.
class Http3ConnectionTest {
    private static final long SECOND = 1_000_000_000L;
    private static final String HEAD = "HEADERS :status=200, content-type=text/plain";

    /// Of a transport whose places are short a source is asked once for all that has room, or for what a place holds where nothing is set apart for that.
    @ParameterizedTest
    @CsvSource({"16384, 1, 2", "1000, 3, 5", "0, 5, 6"})
    void contentIsPulledInOnePieceForManyPlaces(int pulledBytes, int known, int unknown) {
        for (boolean post : new boolean[] {false, true}) {
            Http3Peer peer = new Http3Peer(Http3Config.defaults().withPulledBytes(pulledBytes), 16, 4096, 4096).hello();
            peer.wire.inOnePiece = 700;
            if (post) {
                peer.end(0, request("POST", "/echo"), data(3000));
            } else {
                peer.get(0, "/3000");
            }
            assertEquals(3000, content(peer.said(0)));
            assertEquals(post ? unknown : known, peer.pulls);
            peer.checkNothingHeld();
        }
    }

    /// The place where content is put together is everybody's: the next source finds nothing of this one's in it.
    @ParameterizedTest
    @ValueSource(strings = {"/echo", "/tunnel"})
    void whatASourceLeavesBehindWhatItSaysIsWiped(String path) {
        Http3Peer peer = new Http3Peer(Http3Config.defaults().withPulledBytes(1000), 16, 4096, 4096).hello();
        peer.wire.inOnePiece = 100;
        peer.leaves = true;
        if (path.equals("/tunnel")) {
            peer.send(0, frame(Frame.HEADERS, section(":method", "CONNECT", ":protocol", "websocket", ":scheme", "https", ":authority", "a", ":path", path)));
            peer.send(0, data(10)).end(0, data(10));
        } else {
            peer.end(0, request("POST", path), data(10));
        }
        assertTrue(peer.pulls > 0);
        peer.checkNothingHeld();
    }

    /// Whatever pieces bytes come and go in.
    @ParameterizedTest
    @CsvSource({"4096, 4096, 100000", "64, 1100, 1", "100, 1064, 7", "1, 1041, 3"})
    void requestsOfEveryKindAreAnswered(int input, int output, int piece) {
        Http3Peer peer = new Http3Peer(Http3Config.defaults(), 128, input, output);
        peer.wire.piece = piece;
        peer.wire.pieceOut = piece;
        peer.hello();
        peer.get(0, "/").get(4, "/3000").end(8, request("HEAD", "/"));
        peer.end(12, request("POST", "/echo", "content-length", "5000"), data(2000), data(0), data(3000));
        peer.end(16, request("POST", "/echo"), data(900), frame(0x21, new byte[70]), data(1), frame(Frame.HEADERS, section("t", "u", "v", "w")));
        peer.end(20, request("GET", "/hints")).end(24, request("GET", "/fail")).end(28, request("OPTIONS", "*"));
        peer.end(32, request("GET", "/throw"));
        peer.end(36, request("POST", "/", "expect", "100-continue", "content-length", "3"), data(3));
        assertEquals("-", peer.closed());
        assertEquals(List.of(HEAD + ", content-length=5", "DATA 5", "end"), peer.said(0));
        assertEquals(List.of(HEAD + ", content-length=3000", "DATA 3000", "end"), peer.said(4));
        assertEquals(List.of(HEAD + ", content-length=5", "end"), peer.said(8));
        assertEquals(5000, content(peer.said(12)));
        assertEquals(HEAD, peer.said(12).getFirst());
        assertEquals(List.of("HEADERS vary=0, x-end=text/plain", "end"), peer.said(12).subList(peer.said(12).size() - 2, peer.said(12).size()));
        assertEquals(901, content(peer.said(16)));
        assertTrue(peer.said(16).contains("HEADERS vary=2, x-end=text/plain"), () -> peer.said(16).toString());
        assertEquals(List.of("HEADERS :status=103, link=text/plain", HEAD + ", content-length=5", "DATA 5", "end"), peer.said(20));
        assertTrue(peer.said(24).contains("RESET H3_INTERNAL_ERROR"), () -> peer.said(24).toString());
        assertEquals("end", peer.said(28).getLast());
        assertEquals(List.of("HEADERS :status=500, content-type=text/plain, content-length=5", "DATA 5", "end"), peer.said(32));
        assertEquals(HEAD + ", content-length=5", peer.said(36).getFirst(), "the content was not asked for, and has come");
        assertEquals(List.of("SETTINGS"), peer.said(3));
        peer.checkNothingHeld();
    }

    private static int content(List<String> said) {
        return said.stream().filter(text -> text.startsWith("DATA ")).mapToInt(text -> Integer.parseInt(text.substring(5))).sum();
    }

    @Test
    void aHundredStreamsAtATimeAreAllAnswered() {
        Http3Peer peer = new Http3Peer(Http3Config.defaults(), 200, 128, 1100).hello();
        peer.wire.piece = 9;
        for (int i = 0; i < 100; i++) {
            peer.wire.send(4L * i, join(request("POST", "/echo"), data(i * 20)), i % 2 == 0);
        }
        peer.run();
        assertEquals(100, peer.events.stream().filter(event -> event.startsWith("REQUEST")).count());
        for (int i = 1; i < 100; i += 2) {
            peer.wire.send(4L * i, data(7), true);
        }
        peer.run();
        for (int i = 0; i < 100; i++) {
            assertEquals(i * 20 + i % 2 * 7, content(peer.said(4L * i)), "stream " + i);
            assertEquals("end", peer.said(4L * i).getLast());
        }
        peer.checkNothingHeld();
    }

    @Test
    void oneStreamMoreThanWasSaidIsRejectedAndMayBeSentAgain() {
        Http3Peer peer = new Http3Peer(Http3Config.defaults().withStreamsMax(2), 8, 1024, 4096).hello().get(0, "/wait").get(4, "/wait").get(8, "/");
        assertEquals(List.of("RESET H3_REQUEST_REJECTED", "STOP H3_REQUEST_REJECTED"), peer.said(8));
        peer.exchange(1).answer(new byte[3]);
        peer.run().get(12, "/");
        assertEquals("end", peer.said(12).getLast());
        assertEquals("-", peer.closed());
    }

    /// Content that the application leaves where it is holds the client back, and nothing is copied.
    @Test
    void anUploadIsHeldBackByItsApplication() {
        Http3Peer peer = new Http3Peer(Http3Config.defaults(), 8, 256, 4096).hello();
        peer.send(0, request("POST", "/hold"), data(2000));
        Http3Peer.Exchange exchange = peer.exchange(1);
        long there = peer.engine.dataLength(1);
        assertTrue(there > 0 && there <= 256, "as much as the transport holds");
        assertEquals(peer.wire.find(0).arrived, peer.run().wire.find(0).arrived, "no more comes");
        for (int taken = 0; taken < 2000;) {
            int bytes = (int) Math.min(peer.engine.dataLength(1), 100);
            exchange.take(bytes);
            taken += bytes;
            peer.run();
        }
        exchange.answer(new byte[1]);
        peer.run();
        assertEquals("d".repeat(2000), exchange.content.toString(StandardCharsets.US_ASCII));
        assertEquals(List.of(HEAD + ", content-length=1", "DATA 1", "end", "STOP H3_NO_ERROR"), peer.said(0), "the end of its side is not waited for");
        assertThrows(IllegalArgumentException.class, () -> peer.engine.consume(1, 0), "stale");
    }

    @Test
    void sectionsThatReferToEntriesWaitForThemAndAreAcknowledged() {
        Http3Peer peer = new Http3Peer().hello();
        peer.encoder.settings(4096, 16);
        byte[] first = peer.remembered(0, "/", "x-long", "v".repeat(50));
        byte[] second = peer.remembered(4, "/7", "x-long", "v".repeat(50));
        byte[] instructions = peer.instructions();
        peer.end(0, first).end(4, second);
        assertEquals(List.of(), peer.events, "both wait");
        peer.send(Http3Peer.ENCODER, numbers(Frame.ENCODER), instructions);
        assertEquals("end", peer.said(0).getLast());
        assertEquals("end", peer.said(4).getLast());
        SimulatedStreams.Lane decoder = decoderStream(peer);
        assertEquals(QpackDecoderTold.ACKNOWLEDGED, told(peer, decoder), "what our client hears lets it go on");
    }

    private enum QpackDecoderTold { ACKNOWLEDGED, NOT }

    private static QpackDecoderTold told(Http3Peer peer, SimulatedStreams.Lane lane) {
        int result = peer.encoder.feed(java.lang.foreign.MemorySegment.ofArray(lane.sent), 1, lane.sentLength - 1);
        return result == dev.coffer.http.qpack.QpackEncoder.TAKEN && peer.encoder.outstanding() == 0 ? QpackDecoderTold.ACKNOWLEDGED : QpackDecoderTold.NOT;
    }

    private static SimulatedStreams.Lane decoderStream(Http3Peer peer) {
        for (int i = 0; i < peer.wire.count(); i++) {
            SimulatedStreams.Lane lane = peer.wire.lane(i);
            if ((lane.id & 3) == 3 && lane.sentLength > 0 && lane.sent[0] == Frame.DECODER) {
                return lane;
            }
        }
        throw new AssertionError("no decoder stream");
    }

    @Test
    void whatIsTakenBackWhileItWaitsIsCancelled() {
        Http3Peer peer = new Http3Peer().hello();
        peer.encoder.settings(4096, 16);
        byte[] first = peer.remembered(0, "/", "x-long", "v".repeat(50));
        peer.end(0, first).reset(0, ErrorCode.H3_REQUEST_CANCELLED.code());
        assertEquals(1, peer.encoder.outstanding());
        assertEquals(QpackDecoderTold.ACKNOWLEDGED, told(peer, decoderStream(peer)), "by a cancellation");
        assertEquals(List.of(), peer.events);
        peer.checkNothingHeld();
    }

    /// Urgency decides, then order; those that are incremental come behind and take turns.
    @Test
    void theMostUrgentAnswerGoesFirst() {
        Http3Peer peer = new Http3Peer(Http3Config.defaults(), 8, 1024, 60_000).hello();
        byte[] urgent = "u=0".getBytes(StandardCharsets.US_ASCII);
        byte[] least = "u=7, i".getBytes(StandardCharsets.US_ASCII);
        peer.send(Http3Peer.CONTROL, frame(Frame.PRIORITY_UPDATE, join(numbers(12), least)), frame(Frame.PRIORITY_UPDATE, join(numbers(16), least)));
        for (int i = 0; i < 5; i++) {
            peer.wire.send(4L * i, request("GET", i < 3 ? "/9000" : "/40000", "priority", i == 0 ? "u=5" : i == 1 ? "u=1" : "u=3"), true);
        }
        peer.wire.send(Http3Peer.CONTROL, frame(Frame.PRIORITY_UPDATE, join(numbers(8), urgent)), false);
        peer.wire.ordered = 0;
        peer.run();
        List<Long> order = java.util.Arrays.stream(peer.wire.order, 0, peer.wire.ordered).boxed().toList();
        assertEquals(List.of(12L, 16L, 0L, 4L, 8L, 4L, 0L, 12L, 16L, 12L, 16L, 12L, 16L), order, "heads as they came, then content by urgency, then by turns");
        assertEquals("-", peer.closed());
    }

    /// RFC 9218, section 7: a frame overrules the field, also where it says the default, and whenever it came.
    @Test
    void aPriorityInAFrameSaysMoreThanTheField() {
        byte[] usual = "u=3".getBytes(StandardCharsets.US_ASCII);
        for (boolean before : new boolean[] {true, false}) {
            Http3Peer peer = new Http3Peer(Http3Config.defaults(), 8, 1024, 60_000).hello();
            if (before) {
                peer.send(Http3Peer.CONTROL, frame(Frame.PRIORITY_UPDATE, join(numbers(0), usual)));
            }
            peer.wire.send(0, request("GET", "/9000", "priority", "u=0"), true);
            peer.wire.send(4, request("GET", "/9000", "priority", "u=1"), true);
            if (!before) {
                peer.wire.send(Http3Peer.CONTROL, frame(Frame.PRIORITY_UPDATE, join(numbers(0), usual)), false);
            }
            peer.wire.ordered = 0;
            peer.run();
            List<Long> order = java.util.Arrays.stream(peer.wire.order, 0, peer.wire.ordered).boxed().toList();
            assertTrue(order.lastIndexOf(4L) < order.lastIndexOf(0L), before + ": " + order);
            assertEquals("-", peer.closed());
        }
    }

    /// RFC 9114, section 4.2.2: names, values and 32 octets a field. A head of 42 so counted, an interim one of 88, trailers of 83.
    @ParameterizedTest
    @CsvSource({"88, true, true, true", "87, false, true, true", "83, false, true, true", "82, false, true, false", "42, false, true, false",
            "41, false, false, false",
            "0, false, false, false"})
    void noSectionIsSentThatIsLargerThanTheClientTakes(int most, boolean interim, boolean head, boolean trailers) {
        Http3Peer peer = new Http3Peer().hello(Frame.MAX_FIELD_SECTION_SIZE, most);
        peer.end(0, request("POST", "/wait"));
        long stream = peer.exchange(1).stream;
        assertTrue(peer.engine.inform(stream, 103, fields -> fields.field(FieldName.LINK, Http3Peer.TEXT)));
        peer.run();
        assertEquals(interim ? List.of("HEADERS :status=103, link=text/plain") : List.of(), peer.said(0));
        boolean[] begun = new boolean[1];
        peer.engine.respond(stream, new MessageSource() {
            @Override
            public void head(HeadWriter writer) {
                writer.status(200).contentOfUnknownLength();
            }

            @Override
            public long body(MemorySegment output, long at, long room) {
                begun[0] = true;
                return END;
            }

            @Override
            public void trailers(HeadWriter writer) {
                writer.field(FieldName.LINK, Http3Peer.TEXT).field(FieldName.VARY, 1);
            }
        });
        peer.run();
        assertEquals(trailers ? "end" : "RESET H3_INTERNAL_ERROR", peer.said(0).getLast());
        assertEquals(head, begun[0], "behind its head");
        assertEquals("-", peer.closed());
        peer.checkNothingHeld();
    }

    /// RFC 9651, section 4.2, RFC 9218, section 4: a field in several lines is one, and what is none, or more than is kept of a frame, changes nothing.
    @Test
    void aPriorityIsADictionaryOrNothing() {
        byte[] most = "u=0, i=".getBytes(StandardCharsets.US_ASCII);
        byte[] longest = ("u=0, x=\"" + "y".repeat(55) + "\"").getBytes(StandardCharsets.US_ASCII);
        for (byte[] frame : new byte[][] {most, longest, {}}) {
            Http3Peer peer = new Http3Peer(Http3Config.defaults(), 8, 1024, 60_000).hello();
            peer.wire.send(0, request("GET", "/9000", "priority", "u=4", "priority", "x, u=1"), true);
            peer.wire.send(4, request("GET", "/9000", "priority", "u=1, i=?2"), true);
            peer.wire.send(8, request("GET", "/9000", "priority", "u=2"), true);
            if (frame.length > 0) {
                peer.wire.send(Http3Peer.CONTROL, frame(Frame.PRIORITY_UPDATE, join(numbers(8), frame)), false);
            }
            peer.wire.ordered = 0;
            peer.run();
            List<Long> order = java.util.Arrays.stream(peer.wire.order, 0, peer.wire.ordered).boxed().toList();
            assertTrue(order.lastIndexOf(0L) < order.lastIndexOf(4L), order.toString());
            assertEquals(frame == longest ? 64 : frame.length, frame.length, "as much as is kept");
            assertEquals(frame == longest, order.lastIndexOf(8L) < order.lastIndexOf(0L), order.toString());
            assertTrue(order.lastIndexOf(8L) < order.lastIndexOf(4L), order.toString());
            assertEquals("-", peer.closed());
        }
        Http3Peer peer = new Http3Peer(Http3Config.defaults(), 8, 1024, 60_000).hello();
        byte[] longer = ("u=0, x=\"" + "y".repeat(56) + "\"").getBytes(StandardCharsets.US_ASCII);
        peer.send(Http3Peer.CONTROL, frame(Frame.PRIORITY_UPDATE, join(numbers(0), longer)));
        assertEquals(-1, peer.engine.controlReader.early(0), "its end is not known");
    }

    /// What is kept ahead is as much as there may be requests (RFC 9218, section 7.2).
    @Test
    void aConnectionOfFewRequestsKeepsAsManyPrioritiesAhead() {
        Http3Peer peer = new Http3Peer(Http3Config.defaults().withStreamsMax(4), 8, 1024, 60_000).hello();
        byte[] urgent = "u=0".getBytes(StandardCharsets.US_ASCII);
        for (long id = 4; id <= 20; id += 4) {
            peer.send(Http3Peer.CONTROL, frame(Frame.PRIORITY_UPDATE, join(numbers(id), urgent)));
        }
        assertEquals(-1, peer.engine.controlReader.early(4), "the oldest is forgotten");
        for (long id = 8; id <= 20; id += 4) {
            assertEquals(0, peer.engine.controlReader.early(id), "of stream " + id);
        }
    }

    /// Streams whose type is cut have as many places as there may be requests: in one of these a type that is a fault is heard, in none it is not.
    @ParameterizedTest
    @CsvSource({"4, true", "5, false"})
    void streamsWithoutATypeHaveAPlaceEach(int streams, boolean heard) {
        Http3Peer peer = new Http3Peer(Http3Config.defaults().withStreamsMax(4), 8, 1024, 60_000).hello();
        for (int i = 0; i < streams; i++) {
            peer.send(18 + 4L * i, new byte[] {0x40});
        }
        peer.send(18, new byte[] {0});
        assertEquals(heard ? "H3_STREAM_CREATION_ERROR" : "-", peer.closed(), "a second control stream");
    }

    @Test
    void anExtendedConnectBecomesATunnelBothWays() {
        Http3Peer peer = new Http3Peer().hello();
        peer.send(0, frame(Frame.HEADERS, section(":method", "CONNECT", ":protocol", "websocket", ":scheme", "https", ":authority", "a", ":path", "/tunnel")));
        peer.send(0, data(10)).send(0, data(20));
        assertEquals(List.of("HEADERS :status=200", "DATA 10", "DATA 20"), peer.said(0));
        peer.end(0, data(5));
        assertEquals(List.of("HEADERS :status=200", "DATA 10", "DATA 20", "DATA 5", "end"), peer.said(0));
        peer.checkNothingHeld();
    }

    @Test
    void aStopHasTwoSteps() {
        Http3Peer peer = new Http3Peer().hello().get(0, "/wait");
        peer.engine.shutdown(peer.now);
        peer.run();
        assertEquals(List.of("SETTINGS", "GOAWAY fffffffffffffffc"), peer.said(3));
        peer.get(4, "/");
        assertEquals("end", peer.said(4).getLast(), "it was on its way");
        peer.pass(SECOND);
        assertEquals("GOAWAY 08", peer.said(3).getLast());
        peer.get(8, "/");
        assertEquals(List.of("RESET H3_REQUEST_REJECTED", "STOP H3_REQUEST_REJECTED"), peer.said(8));
        assertEquals("-", peer.closed());
        peer.exchange(1).answer(new byte[2]);
        peer.run();
        assertEquals("H3_NO_ERROR", peer.closed());
        assertEquals("CLOSED", peer.events.getLast());
        assertTrue(peer.engine.isEnded());
    }

    /// Who lets us open no stream to say GOAWAY on hears of the stop by its end.
    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void aStopWaitsForNobodyWhoCannotHearOfIt(int allowed) {
        Http3Peer peer = new Http3Peer();
        peer.wire.unidirectionalMax = allowed;
        peer.hello().get(0, "/wait");
        peer.engine.shutdown(peer.now);
        peer.pass(SECOND);
        assertEquals("-", peer.closed());
        peer.exchange(1).answer(new byte[2]);
        peer.run();
        assertEquals("H3_NO_ERROR", peer.closed());
    }

    @Test
    void timesHaveTheirLimits() {
        Http3Peer idle = new Http3Peer().hello();
        idle.pass(10 * SECOND - 1);
        assertEquals("-", idle.closed());
        idle.pass(1);
        assertEquals("H3_NO_ERROR", idle.closed());
        assertEquals(Refusal.IDLE, idle.engine.refusal());
        Http3Peer slow = new Http3Peer().hello().send(0, new byte[] {1, 40, 0, 0});
        slow.pass(10 * SECOND - 1);
        assertEquals(List.of(), slow.said(0));
        slow.pass(1);
        assertTrue(slow.said(0).getFirst().startsWith("HEADERS :status=408"), () -> slow.said(0).toString());
        assertEquals("-", slow.closed());
        slow.get(4, "/").pass(60 * SECOND);
        assertEquals("H3_NO_ERROR", slow.closed(), "idle");
    }

    @Test
    void whoReadsTooSlowlyIsGivenUpAndWhoWritesTooSlowlyIsAnswered() {
        Http3Peer peer = new Http3Peer(Http3Config.defaults(), 8, 1024, 2000).hello();
        peer.wire.creditEach = 1500;
        peer.get(0, "/9000").send(4, request("POST", "/echo"), data(10));
        peer.engine.deadlineNanos();
        for (int i = 0; i < 22; i++) {
            peer.pass(SECOND);
            peer.engine.deadlineNanos();
        }
        assertTrue(peer.said(0).contains("RESET H3_REQUEST_CANCELLED"), () -> peer.said(0).toString());
        assertTrue(peer.said(4).getFirst().startsWith("HEADERS :status=408"), () -> peer.said(4).toString());
    }

    /// A peer is slow by its flow control alone: a place that has too little room for a frame, as what is in it is under way or as memory lacks, is not its fault.
    @Test
    void whoHasGivenCreditIsNotGivenUpForAPlaceThatIsShort() {
        Http3Peer peer = new Http3Peer(Http3Config.defaults(), 8, 1024, 2000).hello();
        peer.wire.pieceOut = 0;
        peer.send(0, request("POST", "/echo")).end(0, data(4000));
        peer.engine.deadlineNanos();
        for (int i = 0; i < 22; i++) {
            peer.pass(SECOND);
            peer.engine.deadlineNanos();
        }
        peer.wire.pieceOut = 4000;
        peer.run();
        assertEquals(4000, content(peer.said(0)));
    }

    /// No credit, or what is not enough for a head, or for a frame of content of unknown length, holds no place for ever.
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 9, 63, 64, 90})
    void whoLetsTooLittleGoIsGivenUp(int credit) {
        Http3Peer peer = new Http3Peer(Http3Config.defaults(), 8, 1024, 2000).hello();
        peer.wire.creditEach = credit;
        peer.wire.send(0, request("GET", "/9000"), true);
        peer.wire.send(4, join(request("POST", "/echo"), data(500)), true);
        peer.run();
        for (int i = 0; i < 22; i++) {
            peer.engine.deadlineNanos();
            peer.pass(SECOND);
        }
        assertTrue(peer.said(0).contains("RESET H3_REQUEST_CANCELLED"), () -> peer.said(0).toString());
        assertTrue(peer.said(4).contains("RESET H3_REQUEST_CANCELLED"), () -> peer.said(4).toString());
        peer.checkNothingHeld();
    }

    @Test
    void whatIsTooMuchIsRefusedInWords() {
        Http3Peer peer = new Http3Peer(Http3Config.defaults().withLimits(Limits.defaults().withHead(512, 8).withBodyBytesMax(100)), 8, 4096, 4096).hello();
        peer.get(0, "/", "x", "y".repeat(600)).end(4, request("POST", "/echo", "content-length", "101"), data(101)).end(8, request("POST", "/echo"), data(101));
        peer.end(12, request("POST", "/echo"), data(100)).get(16, "/", "x", "y".repeat(3000)).get(20, "/", "a", "b", "a", "b", "a", "b", "a", "b", "a", "b",
                "a", "b", "a", "b", "a", "b", "a", "b");
        for (int i : new int[] {0, 16, 20}) {
            assertTrue(peer.said(i).getFirst().startsWith("HEADERS :status=431"), () -> i + ": " + peer.said(i));
        }
        assertTrue(peer.said(4).getFirst().startsWith("HEADERS :status=413"), () -> peer.said(4).toString());
        assertTrue(peer.said(8).getFirst().startsWith("HEADERS :status=413"), () -> peer.said(8).toString());
        assertTrue(peer.said(12).getFirst().startsWith(HEAD), () -> peer.said(12).toString());
        assertEquals("-", peer.closed());
        peer.checkNothingHeld();
    }

    @Test
    void aLostTransportEndsAllOfIt() {
        Http3Peer peer = new Http3Peer().hello().get(0, "/wait").send(4, request("POST", "/hold"), data(10));
        peer.engine.disconnect(peer.now);
        peer.run();
        List<String> last = peer.events.subList(peer.events.size() - 4, peer.events.size());
        assertEquals(List.of("ABORTED 1", "ABORTED 2"), last.subList(0, 2).stream().sorted().toList());
        assertEquals(List.of("REFUSED", "CLOSED"), last.subList(2, 4));
        assertTrue(peer.engine.isEnded() && peer.exchanges.isEmpty());
        peer.checkNothingHeld();
    }

    @Test
    void anEngineServesOneConnectionAfterAnotherAndIsWiped() {
        Http3Peer peer = new Http3Peer().hello();
        peer.encoder.settings(4096, 16);
        byte[] first = peer.remembered(0, "/wait", "x-long", "secret".repeat(9));
        peer.send(Http3Peer.ENCODER, numbers(Frame.ENCODER), peer.instructions()).end(0, first);
        assertTrue(!isZero(peer));
        peer.engine.close();
        assertTrue(isZero(peer));
        peer.checkNothingHeld();
        assertThrows(IllegalStateException.class, () -> peer.engine.advance(peer.now));
        peer.wire.clear();
        peer.engine.reset(peer.now);
        assertThrows(IllegalStateException.class, () -> peer.engine.advance(peer.now), "not attached");
        peer.engine.attach(peer.wire);
        assertThrows(IllegalStateException.class, () -> peer.engine.attach(peer.wire));
        peer.hello().get(0, "/");
        assertEquals("end", peer.said(0).getLast());
        assertEquals("REQUEST 2", peer.events.stream().filter(event -> event.startsWith("REQUEST")).toList().getLast(), "a number is never used again");
    }

    private static boolean isZero(Http3Peer peer) {
        for (byte b : peer.memory.toArray(ValueLayout.JAVA_BYTE)) {
            if (b != 0) {
                return false;
            }
        }
        return true;
    }

    @Test
    void misuseIsTheCallers() {
        Http3Peer peer = new Http3Peer().hello().get(0, "/wait");
        assertThrows(IllegalStateException.class, () -> peer.engine.feed(peer.memory, 0, 1, peer.now));
        assertThrows(IllegalArgumentException.class, () -> peer.engine.request(77));
        assertThrows(IllegalArgumentException.class, () -> peer.engine.consume(1, 1));
        assertThrows(IllegalStateException.class, () -> peer.engine.tunnel(1));
        assertThrows(IllegalArgumentException.class, () -> peer.engine.inform(1, 200, fields -> {}));
        peer.exchange(1).answer(new byte[1]);
        assertThrows(IllegalStateException.class, () -> peer.exchange(1).answer(new byte[1]));
        assertFalse(peer.engine.inform(1, 103, fields -> {}));
        assertThrows(IllegalArgumentException.class, () -> new Http3Peer(Http3Config.defaults(), 1, 100, 1040), "places below outputBytesMin");
        assertThrows(IllegalArgumentException.class, () -> Http3Config.defaults().withStreamsMax(0));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void aClientThatAllowsFewerStreamsIsServedAllTheSame(int allowed) {
        Http3Peer peer = new Http3Peer();
        peer.wire.unidirectionalMax = allowed;
        peer.hello();
        peer.encoder.settings(4096, 16);
        byte[] first = peer.remembered(0, "/", "x-long", "v".repeat(50));
        peer.send(Http3Peer.ENCODER, numbers(Frame.ENCODER), peer.instructions()).end(0, first);
        assertEquals("end", peer.said(0).getLast());
        assertEquals("-", peer.closed());
    }
}
