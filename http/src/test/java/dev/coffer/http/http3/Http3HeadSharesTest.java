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
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.http.FieldName;
import dev.coffer.http.RequestHead;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Heads that share their memory: what each keeps, who waits for room, and until when. A share of 640 bytes for each of four streams has room for two that come.
class Http3HeadSharesTest {
    private static final Http3Config CONFIG = Http3Config.tight().withHeadShareBytes(640);
    private static final String LONG = "v".repeat(800);

    private final Http3Peer peer = new Http3Peer(CONFIG, 4, 2048, 4096).hello();

    private Http3Peer answer(long number) {
        peer.exchange(number).answer(new byte[3]);
        return peer.run();
    }

    private static String value(Http3Peer peer, long number, String name) {
        RequestHead head = peer.engine.request(number);
        for (int i = 0; i < head.count(); i++) {
            if (Http3Peer.string(head.segment(), head.nameAt(i), head.nameLength(i)).equals(name)) {
                return Http3Peer.string(head.segment(), head.valueAt(i), head.valueLength(i));
            }
        }
        return "";
    }

    @Test
    void headsKeepWhatTheyTakeAndReadTheSameAfterwards() {
        for (int i = 0; i < 4; i++) {
            peer.end(4L * i, request("GET", "/wait", "x-one", "1" + i, "cookie", "a=" + i, "cookie", "b=" + i, "x-two", "2" + i));
        }
        assertEquals(4, peer.exchanges.size(), "four short ones have room beside each other");
        for (int i = 0; i < 4; i++) {
            assertEquals("1" + i, value(peer, i + 1, "x-one"));
            assertEquals("2" + i, value(peer, i + 1, "x-two"));
            assertEquals("a=" + i + "; b=" + i, value(peer, i + 1, "cookie"));
            assertEquals("/wait", peer.exchange(i + 1).path);
            assertTrue(peer.engine.request(i + 1).find(FieldName.COOKIE) >= 0);
        }
        for (int i = 0; i < 4; i++) {
            peer.exchange(i + 1).answer(new byte[3]);
            peer.run();
            assertEquals("end", peer.said(4L * i).getLast());
        }
        peer.checkNothingHeld();
    }

    @Test
    void aHeadThatFindsNoRoomWaitsForIt() {
        peer.get(0, "/wait", "x-long", LONG).get(4, "/wait", "x-long", LONG).get(8, "/wait", "x-long", LONG);
        assertEquals(2, peer.exchanges.size(), "the third has no room");
        peer.exchange(2).answer(new byte[3]);
        peer.run();
        assertEquals("end", peer.said(4).getLast());
        assertEquals(LONG, value(peer, 3, "x-long"));
        peer.exchange(1).answer(new byte[3]);
        peer.exchange(3).answer(new byte[3]);
        peer.run();
        assertEquals("end", peer.said(8).getLast());
        peer.checkNothingHeld();
    }

    @Test
    void aHeadThatWaitsAsLongAsOneMayTakeIsRejected() {
        peer.get(0, "/wait", "x-long", LONG).get(4, "/wait", "x-long", LONG).get(8, "/wait", "x-long", LONG);
        peer.pass(CONFIG.limits().headNanosMax());
        assertEquals(List.of("RESET H3_REQUEST_REJECTED", "STOP H3_REQUEST_REJECTED"), peer.said(8), "its client may ask again");
        answer(2).get(12, "/wait", "x-long", LONG);
        assertEquals(LONG, value(peer, 4, "x-long"));
        answer(1);
        answer(4).checkNothingHeld();
        assertEquals("-", peer.closed());
    }

    /// A head that comes slowly holds the room of the longest, and one that waits is told by whatever ends the other.
    @Test
    void whoGivesUpAHeadMakesRoom() {
        byte[] slow = request("GET", "/wait", "x-long", LONG);
        peer.send(0, Arrays.copyOf(slow, 500)).send(4, Arrays.copyOf(slow, 500)).get(8, "/wait");
        assertEquals(0, peer.exchanges.size());
        peer.reset(0, 0);
        assertEquals(1, peer.exchanges.size());
        peer.get(12, "/wait", "x-long", LONG).reset(4, 0);
        assertEquals(2, peer.exchanges.size(), "who waits on the same connection goes on with it");
        assertNull(peer.streams.takeFreed(peer.now), "and nobody else is woken");
        answer(4);
        answer(3).checkNothingHeld();
    }

    @Test
    void trailersHaveAPlaceOfTheirsAndTheHeadsLimits() {
        byte[] trailers = frame(Frame.HEADERS, section("x-end", "yes"));
        peer.end(0, request("POST", "/echo", "x-long", LONG), data(5), trailers);
        assertEquals("end", peer.said(0).getLast());
        peer.send(4, request("POST", "/hold", "x-long", LONG), data(5)).get(8, "/wait", "x-long", LONG);
        peer.end(4, trailers);
        peer.exchange(2).take(5);
        peer.run();
        assertTrue(peer.events.contains("END 2"), peer.events.toString());
        assertFalse(peer.events.contains("TRAILERS 2"), "where there is no room for trailers they are passed by");
        answer(3);
        answer(2).send(16, request("POST", "/hold", "x-long", LONG), data(5)).end(16, trailers);
        peer.exchange(4).take(5);
        peer.run();
        assertEquals(1, peer.engine.trailers(4).count());
        assertEquals("yes", Http3Peer.string(peer.engine.trailers(4).segment(), peer.engine.trailers(4).valueAt(0), peer.engine.trailers(4).valueLength(0)));
        answer(4).end(12, request("POST", "/echo", "x-long", LONG), frame(Frame.HEADERS, section("x-end", "e".repeat(300))));
        assertEquals(List.of("RESET H3_MESSAGE_ERROR"), peer.said(12), "more than a head's in all");
        peer.checkNothingHeld();
    }

    /// What a client without a table may say of tables: that it has none, and that a stream is given up.
    @Test
    void connectionsWithoutTablesTakeWhatIsSaidWithoutThem() {
        byte[] longest = {0x7f, (byte) 0xbd, -1, -1, -1, -1, -1, -1, -1, 0x3f};  // 63 and what follows: 2^62 - 4
        peer.send(Http3Peer.DECODER, numbers(Frame.DECODER), new byte[] {0x40, 0x7e, 0x7f, 0x00}, longest);
        peer.send(Http3Peer.ENCODER, numbers(Frame.ENCODER), new byte[] {0x20, 0x20});
        assertEquals("-", peer.closed());
        for (byte[] wrong : new byte[][] {{0x00}, {0x01}, {(byte) 0x80}, {0x7f, -1, -1, -1, -1, -1, -1, -1, -1, 0x7f},
                {0x7f, -1, -1, -1, -1, -1, -1, -1, -1, -1, 0x00}}) {
            Http3Peer other = new Http3Peer(CONFIG, 4, 2048, 4096).hello().send(Http3Peer.DECODER, numbers(Frame.DECODER), wrong);
            assertEquals("QPACK_DECODER_STREAM_ERROR", other.closed(), Arrays.toString(wrong));
        }
        for (byte[] wrong : new byte[][] {{0x00}, {0x21}, {0x3f, 0x00}, {(byte) 0xc0, 0x00}, {0x41, 'a', 0x00}}) {
            Http3Peer other = new Http3Peer(CONFIG, 4, 2048, 4096).hello().send(Http3Peer.ENCODER, numbers(Frame.ENCODER), wrong);
            assertEquals("QPACK_ENCODER_STREAM_ERROR", other.closed(), Arrays.toString(wrong));
        }
        Http3Peer settled = new Http3Peer(CONFIG, 4, 2048, 4096).hello().get(0, "/");
        assertEquals("end", settled.said(0).getLast(), "and the others go on");
    }

    /// Beside a model: runs that do not overlap, and none is refused while there is room.
    @Test
    void placesAreRunsThatNobodyElseHas() {
        Random random = new Random(13);
        HeadPlaces places = new HeadPlaces(64, 64 * 260, 64 * 20);
        List<int[]> held = new ArrayList<>();  // first, blocks
        boolean[] taken = new boolean[260];
        for (int step = 0; step < 20_000; step++) {
            if (random.nextInt(5) > 2 && !held.isEmpty()) {
                int[] run = held.remove(random.nextInt(held.size()));
                int kept = random.nextBoolean() ? 0 : 1 + random.nextInt(run[1]);
                places.giveBack(64L + 64 * run[0], 64 * run[1], 64 * kept);
                Arrays.fill(taken, run[0] + kept, run[0] + run[1], false);
                int first = kept == 0 ? -1 : first(taken, 0, kept);
                boolean moves = first >= 0 && first < run[0];
                if (kept > 0) {
                    assertEquals(moves ? 64 + 64L * first : -1, places.tryMove(64L + 64 * run[0], 64 * kept), "step " + step);
                }
                if (moves) {
                    places.giveBack(64L + 64 * run[0], 64 * kept, 0);
                    Arrays.fill(taken, run[0], run[0] + kept, false);
                    Arrays.fill(taken, first, first + kept, true);
                }
                if (kept > 0) {
                    held.add(new int[] {moves ? first : run[0], kept});
                }
            } else {
                int first = first(taken, 0, 20);
                assertEquals(first >= 0, places.hasRoom(false), "step " + step);
                assertEquals(first >= 0 && first(taken, first + 20, 20) >= 0, places.hasRoom(true), "step " + step);
                if (first >= 0) {
                    assertEquals(64 + 64L * first, places.take(), "step " + step);
                    Arrays.fill(taken, first, first + 20, true);
                    held.add(new int[] {first, 20});
                }
            }
        }
        assertEquals(1, HeadPlaces.kept(0) / 64);
        assertEquals(64, HeadPlaces.kept(64));
        assertEquals(128, HeadPlaces.kept(65));
    }

    /// What is taken for 64 blocks on end parts what is free before and behind it.
    @Test
    void aWordThatIsTakenEndsARun() {
        HeadPlaces places = new HeadPlaces(0, 64 * 192, 64 * 64);
        for (int i = 0; i < 3; i++) {
            assertEquals(64L * 64 * i, places.take());
        }
        places.giveBack(0, 64 * 64, 64 * 60);
        places.giveBack(64 * 128, 64 * 64, 0);
        assertEquals(64 * 128, places.take());
    }

    private static int first(boolean[] taken, int from, int length) {
        for (int first = from; first + length <= taken.length; first++) {
            int end = first;
            while (end < first + length && !taken[end]) {
                end++;
            }
            if (end == first + length) {
                return first;
            }
        }
        return -1;
    }

    /// Octet by octet, with others in between, everything comes to its answer.
    @Test
    void mixturesOfHeadsComeToTheirAnswers() {
        for (int seed = 0; seed < 40; seed++) {
            Random random = new Random(seed);
            Http3Peer all = new Http3Peer(CONFIG, 4, 2048, 4096).hello();
            all.wire.piece = 1 + random.nextInt(600);
            for (int i = 0; i < 30; i++) {
                byte[] head = request("POST", "/echo", "x-long", "v".repeat(random.nextInt(900)));
                byte[] rest = random.nextBoolean() ? data(3) : join(data(3), frame(Frame.HEADERS, section("x-end", "yes")));
                all.wire.send(4L * i, join(head, rest), true);
                if (i % 4 == 3) {
                    all.run();
                }
            }
            all.run();
            for (int i = 0; i < 30; i++) {
                List<String> said = all.said(4L * i);
                assertTrue(said.contains("end"), "seed " + seed + ", stream " + 4 * i + ": " + said);
            }
            all.checkNothingHeld();
        }
    }
}
