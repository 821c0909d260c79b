package dev.coffer.http.http2;

import static dev.coffer.http.http2.Http2Peer.ints;
import static dev.coffer.http.http2.Http2Peer.setting;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.http.HeadWriter;
import dev.coffer.http.Limits;
import dev.coffer.http.MessageSource;
import dev.coffer.http.Refusal;
import dev.coffer.testkit.Seeds;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A connection's course: settings, order of content, back-pressure, ends, time, and what is left in memory.
class Http2ConnectionTest {
    private static final long SECOND = 1_000_000_000L;

    @Test
    void saysItsSettingsFirst() {
        Http2Peer peer = new Http2Peer(Http2Config.defaults().withWindowBytes(2000), 4, 4);
        peer.turn();
        assertEquals("[SETTINGS]", peer.seen.toString());
        byte[] payload = peer.seen.getFirst().payload();
        assertEquals(5 * 6, payload.length);
        assertEquals(100, peer.seen.getFirst().code(2));
        assertEquals(1, peer.seen.getFirst().code(8), "extended CONNECT (RFC 8441)");
        assertEquals(8192, peer.seen.getFirst().code(14));
        assertEquals(1, peer.seen.getFirst().code(20));
        assertEquals(2000, peer.seen.getFirst().code(26));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 9, 100, 16_384, 16_385, 65_535, 65_536, 200_000})
    void contentOfAnyLengthGoesAsWindowsAllow(int bytes) {
        Http2Peer peer = new Http2Peer().hello().get(1, "/" + bytes);
        int sent = sum(peer);
        assertEquals(Math.min(bytes, 65_535), sent);
        while (sent < bytes) {
            peer.frame(Frame.WINDOW_UPDATE, 0, 1, ints(30_000));
            assertEquals(sent, sum(peer), "the connection's window holds it");
            peer.frame(Frame.WINDOW_UPDATE, 0, 0, ints(30_000));
            assertEquals(Math.min(bytes, sent + 30_000), sum(peer));
            sent = sum(peer);
        }
        assertTrue(peer.last().endsWith("end"), peer.last());
        assertEquals(List.of("REQUEST 1", "SENT 1"), peer.events);
    }

    private static int sum(Http2Peer peer) {
        return peer.seen.stream().filter(frame -> frame.type() == Frame.DATA).mapToInt(frame -> frame.payload().length).sum();
    }

    @Test
    void contentIsHeldBackUntilItIsTaken() {
        Http2Peer peer = new Http2Peer(Http2Config.defaults().withWindowBytes(1024), 4, 4).hello().post(1, "/hold").data(1, false, 1024);
        assertEquals(List.of("REQUEST 1", "DATA 1"), peer.events);
        peer.exchange(1).take(511);
        peer.turn();
        assertFalse(peer.last().startsWith("UPDATE 1"), "less than half of the window");
        peer.exchange(1).take(1);
        peer.turn();
        assertEquals("UPDATE 1 512", peer.last());
        peer.data(1, true, 512);
        assertEquals(List.of("REQUEST 1", "DATA 1"), peer.events, "until all of a piece is consumed");
        peer.exchange(1).take(512);
        peer.turn();
        assertEquals(List.of("REQUEST 1", "DATA 1", "DATA 1"), peer.events);
        peer.exchange(1).take(512);
        peer.turn();
        assertEquals("END 1", peer.events.getLast());
        peer.exchange(1).answer(new byte[3]);
        peer.turn();
        assertEquals("DATA 1 3 end", peer.last());
    }

    @Test
    void urgentContentGoesFirstAndIncrementalContentInTurns() {
        Http2Peer peer = new Http2Peer().hello();
        peer.frame(Frame.SETTINGS, 0, 0, setting(4, 0));
        peer.get(1, "/40000").get(3, "/100").get(5, "/40000", "priority", "u=1, i").get(7, "/40000", "priority", "i, u=1").get(9, "/100", "priority", "u=5");
        peer.frame(Frame.WINDOW_UPDATE, 0, 0, ints(1 << 20)).frame(Frame.PRIORITY_UPDATE, 0, 0, joined(ints(9), "u=0"));
        int before = peer.seen.size();
        peer.frame(Frame.SETTINGS, 0, 0, setting(4, 1 << 20));
        List<Integer> order =
                peer.seen.subList(before, peer.seen.size()).stream().filter(frame -> frame.type() == Frame.DATA).map(Http2Peer.Seen::stream).toList();
        assertEquals(List.of(9, 5, 7, 5, 7, 5, 7, 1, 1, 1, 3), order);
    }

    /// RFC 9218, section 7.1: what a frame says before the request comes overrules the request's field; of more than have a place the oldest is forgotten. RFC 9651, section 4.2: a
    /// field in several lines is one, and what is no dictionary is none.
    @Test
    void aPriorityMayComeBeforeItsRequest() {
        Http2Peer peer = new Http2Peer().hello();
        peer.frame(Frame.SETTINGS, 0, 0, setting(4, 0));
        for (int id = 1; id <= 17; id += 2) {
            peer.frame(Frame.PRIORITY_UPDATE, 0, 0, joined(ints(id), "u=6")).frame(Frame.PRIORITY_UPDATE, 0, 0, joined(ints(id), "u=" + (id == 17 ? 0 : 5)));
        }
        peer.get(1, "/100", "priority", "u=1").get(3, "/100", "priority", "u=2").get(5, "/100", "priority", "u=0, i=").get(17, "/100", "priority", "u=7");
        peer.get(19, "/100", "priority", "u=0, i=?2").get(21, "/100", "priority", "u=0", "priority", "u=4").get(23, "/100", "priority", "u=2");
        peer.frame(Frame.WINDOW_UPDATE, 0, 0, ints(1 << 20));
        peer.frame(Frame.PRIORITY_UPDATE, 0, 0, joined(ints(23), "u=0" + " ".repeat(60) + ", !")).frame(Frame.PRIORITY_UPDATE, 0, 0, joined(ints(23), "u=7,"));
        int before = peer.seen.size();
        peer.frame(Frame.SETTINGS, 0, 0, setting(4, 1 << 20));
        List<Integer> order =
                peer.seen.subList(before, peer.seen.size()).stream().filter(frame -> frame.type() == Frame.DATA).map(Http2Peer.Seen::stream).toList();
        assertEquals(List.of(17, 1, 23, 19, 21, 3, 5), order);
    }

    private static byte[] joined(byte[] first, String text) {
        byte[] all = java.util.Arrays.copyOf(first, first.length + text.length());
        System.arraycopy(text.getBytes(), 0, all, first.length, text.length());
        return all;
    }

    @Test
    void crumbsOfACookieAreOneField() {
        Http2Peer peer = new Http2Peer().hello().get(1, "/wait", "cookie", "a=b", "cookie", "c=d", "cookie", "e=f", "x", "y", "cookie", "g=h");
        var head = peer.engine.request(peer.exchange(1).stream);
        assertEquals("a=b; c=d; e=f; g=h", Http2Peer.string(head.segment(), head.valueAt(0), head.valueLength(0)));
        assertEquals("x", Http2Peer.string(head.segment(), head.nameAt(1), head.nameLength(1)));
        assertEquals("y", Http2Peer.string(head.segment(), head.valueAt(1), head.valueLength(1)));
        assertEquals(2, head.count());
    }

    /// Crumbs and other fields in any order: one cookie, where the first of them stood, and the others as they came.
    @Test
    void crumbsAreOneFieldWhereverTheyStand() {
        Seeds.forEach(1, 200, random -> {
            List<String> fields = new ArrayList<>();
            StringBuilder cookie = new StringBuilder();
            List<String> expected = new ArrayList<>();
            int place = -1;
            for (int i = random.nextInt(30); i > 0; i--) {
                boolean crumb = random.nextInt(3) > 0;
                String value = "v".repeat(random.nextInt(40)) + i;
                if (crumb) {
                    place = place < 0 ? expected.size() : place;
                    cookie.append(cookie.isEmpty() ? "" : "; ").append(value);
                } else {
                    expected.add("n" + i + "=" + value);
                }
                fields.addAll(List.of(crumb ? "cookie" : "n" + i, value));
            }
            if (place >= 0) {
                expected.add(place, "cookie=" + cookie);
            }
            Http2Peer peer = new Http2Peer().hello().get(1, "/wait", fields.toArray(String[]::new));
            var head = peer.engine.request(peer.exchange(1).stream);
            List<String> got = new ArrayList<>();
            for (int i = 0; i < head.count(); i++) {
                got.add(Http2Peer.string(head.segment(), head.nameAt(i), head.nameLength(i)) + "="
                        + Http2Peer.string(head.segment(), head.valueAt(i), head.valueLength(i)));
            }
            assertEquals(expected, got);
        });
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void crumbsApartAreNoLongerTogetherThanAFieldMayBe(int past) {
        Limits limits = Limits.defaults();
        Http2Config config = Http2Config.defaults().withLimits(new Limits(limits.startLineBytesMax(), 100, limits.headBytesMax(),
                limits.fieldsMax(), limits.bodyBytesMax(), limits.headNanosMax(), limits.idleNanosMax(), limits.graceNanos(), limits.bytesPerSecondMin()));
        Http2Peer peer = new Http2Peer(config, 4, 2).hello().get(1, "/", "cookie", "a".repeat(46), "x", "y", "cookie", "b".repeat(46 + past));
        assertEquals(past == 0, peer.events.contains("REQUEST 1"), () -> peer.said().toString());
        assertTrue(past == 0 || peer.said().getFirst().contains("=431"), () -> peer.said().toString());
    }

    @Test
    void aStopIsSaidInTwoSteps() {
        Http2Peer peer = new Http2Peer().hello().get(1, "/wait");
        peer.engine.shutdown(peer.now);
        peer.turn();
        assertEquals(List.of("GOAWAY 2147483647 NO_ERROR", "PING"), peer.said());
        peer.get(3, "/");
        assertEquals("DATA 3 5 end", peer.last(), "it had not heard of it");
        peer.frame(Frame.PING, Frame.ACK, 0, java.nio.ByteBuffer.allocate(8).putLong(Controls.FAREWELL).array());
        assertEquals("GOAWAY 3 NO_ERROR", peer.last());
        peer.get(5, "/");
        assertEquals("RST 5 REFUSED_STREAM", peer.last());
        assertFalse(peer.engine.isEnded());
        peer.exchange(1).answer(new byte[1]);
        peer.turn();
        assertEquals("DATA 1 1 end", peer.last());
        assertTrue(peer.engine.isEnded());
        assertEquals(List.of("SENT 1", "CLOSED"), peer.events.subList(peer.events.size() - 2, peer.events.size()));
    }

    /// An upload that is answered before its end: that nobody waits for the rest is said before the connection ends.
    @Test
    void theLastStreamOfAStopHasItsReset() {
        Http2Peer peer = new Http2Peer().hello().post(1, "/wait");
        peer.engine.shutdown(peer.now);
        peer.turn();
        peer.frame(Frame.PING, Frame.ACK, 0, java.nio.ByteBuffer.allocate(8).putLong(Controls.FAREWELL).array());
        peer.exchange(1).answer(new byte[1]);
        peer.turn();
        assertEquals(List.of("DATA 1 1 end", "RST 1 NO_ERROR"), peer.said().subList(peer.said().size() - 2, peer.said().size()));
        assertTrue(peer.engine.isEnded());
        assertEquals("CLOSED", peer.events.getLast());
    }

    @Test
    void aStopWaitsASecondForItsEcho() {
        Http2Peer peer = new Http2Peer().hello();
        peer.engine.shutdown(peer.now);
        peer.turn();
        assertEquals(peer.now + SECOND, peer.engine.deadlineNanos());
        peer.pass(SECOND - 1);
        assertFalse(peer.engine.isEnded());
        peer.pass(1);
        assertEquals("GOAWAY 0 NO_ERROR", peer.last());
        assertTrue(peer.engine.isEnded());
    }

    @Test
    void anEndOfThePeerEndsTheConnectionAndAllItsExchanges() {
        Http2Peer peer = new Http2Peer().hello().get(1, "/wait").post(3, "/hold").data(3, false, 5);
        peer.engine.feedEnd(peer.now);
        peer.turn();
        assertEquals(List.of("ABORTED 1", "ABORTED 3", "REFUSED", "CLOSED"), peer.events.subList(peer.events.size() - 4, peer.events.size()));
        assertEquals(Refusal.TRUNCATED, peer.engine.refusal());
        assertTrue(peer.engine.isEnded());
        assertEquals(0, peer.streams.accounts().getFirst().usedBytes(), "nothing waits for an answer that nobody will read");
    }

    @Test
    void anEndOfAnIdlePeerIsNobodysFault() {
        Http2Peer peer = new Http2Peer().hello().get(1, "/");
        peer.engine.feedEnd(peer.now);
        peer.turn();
        assertEquals(List.of("REQUEST 1", "SENT 1", "CLOSED"), peer.events);
        assertEquals(Refusal.NONE, peer.engine.refusal());
    }

    @Test
    void aLostTransportAbortsAll() {
        Http2Peer peer = new Http2Peer().hello().get(1, "/wait").post(3, "/hold");
        peer.engine.disconnect(peer.now);
        peer.turn();
        assertEquals(List.of("REQUEST 1", "END 1", "REQUEST 3", "ABORTED 1", "ABORTED 3", "REFUSED", "CLOSED"), peer.events);
        assertEquals(Refusal.BROKEN, peer.engine.refusal());
    }

    @Test
    void timeLimitsHold() {
        Limits limits = Limits.defaults().withHead(8192, 100).withTimes(10 * SECOND, 60 * SECOND, 20 * SECOND);
        Http2Config config = Http2Config.defaults().withLimits(limits);
        Http2Peer preface = new Http2Peer(config, 4, 4);
        preface.send((byte) 'P');
        preface.pass(10 * SECOND - 1);
        assertFalse(preface.engine.isEnded());
        preface.pass(1);
        assertTrue(preface.engine.isEnded());

        Http2Peer head = new Http2Peer(config, 4, 4).hello();
        head.frame(Frame.HEADERS, 0, 1, Http2Peer.get("/"));
        head.pass(10 * SECOND);
        assertEquals("GOAWAY 1 ENHANCE_YOUR_CALM", head.last());

        Http2Peer idle = new Http2Peer(config, 4, 4).hello().get(1, "/");
        idle.pass(60 * SECOND - 1);
        assertFalse(idle.engine.isEnded());
        idle.pass(1);
        assertEquals("GOAWAY 1 NO_ERROR", idle.last());
        assertEquals(Refusal.IDLE, idle.engine.refusal());

        Http2Peer content = new Http2Peer(config, 4, 4).hello().post(1, "/hold");
        content.engine.deadlineNanos();
        content.pass(20 * SECOND);
        assertTrue(content.said().toString().contains(":status=408"), content.said().toString());
        assertTrue(content.events.contains("ABORTED 1"));

        Http2Peer reading = new Http2Peer(config, 4, 4).hello().get(1, "/100000");
        assertEquals(65_535, sum(reading));
        reading.engine.deadlineNanos();
        reading.pass(20 * SECOND);
        assertEquals("RST 1 CANCEL", reading.last());
        assertEquals(Refusal.READS_TOO_SLOWLY, reading.engine.refusal());
    }

    /// An answer that takes its time is not the peer's fault, nor is content that nobody takes.
    @Test
    void timeThatTheApplicationTakesIsNotThePeers() {
        Http2Peer peer = new Http2Peer(Http2Config.defaults().withWindowBytes(1024), 4, 4).hello().post(1, "/hold").data(1, false, 1024).get(3, "/wait");
        for (int i = 0; i < 100; i++) {
            peer.engine.deadlineNanos();
            peer.pass(10 * SECOND);
        }
        assertFalse(peer.said().toString().contains("408"), peer.said().toString());
        assertEquals(2, peer.exchanges.size());
    }

    @Test
    void aConnectionWithoutAStreamGivesWay() {
        Http2Peer peer = new Http2Peer().hello().get(1, "/wait");
        assertFalse(peer.engine.giveWay(peer.now + SECOND, 0));
        peer.exchange(1).answer(new byte[1]);
        peer.turn();
        assertFalse(peer.engine.giveWay(peer.now += SECOND, SECOND + 1));
        assertTrue(peer.engine.giveWay(peer.now, 0));
        peer.turn();
        assertEquals("GOAWAY 1 NO_ERROR", peer.last());
        assertTrue(peer.engine.isEnded());
    }

    @Test
    void nothingIsLeftInMemoryByAReset() {
        Http2Peer peer = new Http2Peer(Http2Config.defaults(), 3, 2).hello();
        peer.post(1, "/hold", "cookie", "secret-of-somebody-that-is-long").data(1, false, 5000).get(3, "/", "x", "secret");
        peer.post(5, "/echo", "x", "y".repeat(9000)).data(5, false, 100);
        peer.frame(Frame.HEADERS, Frame.END_STREAM, 7, Http2Peer.get("/", "z", "q"));
        peer.engine.reset(peer.now);
        assertTrue(isZero(peer.memory), "a connection's memory");
        assertTrue(isZero(peer.sharedMemory), "the streams'");
        peer.exchanges.clear();
        peer.hello().post(1, "/hold").data(1, false, 5000);
        peer.engine.close();
        peer.engine.close();
        assertTrue(isZero(peer.memory) && isZero(peer.sharedMemory));
        assertThrows(IllegalStateException.class, () -> peer.engine.feedEnd(0));
    }

    private static boolean isZero(MemorySegment memory) {
        for (byte b : memory.toArray(ValueLayout.JAVA_BYTE)) {
            if (b != 0) {
                return false;
            }
        }
        return true;
    }

    @Test
    void aStreamsPlaceIsZeroWhenItIsGivenBack() {
        Http2Peer peer = new Http2Peer(Http2Config.defaults(), 3, 2).hello();
        peer.post(1, "/echo", "x", "y".repeat(3000)).data(1, false, 3000).frame(Frame.HEADERS, 5, 1, Http2Peer.block("t", "u"));
        peer.get(3, "/fail").get(5, "/", "x", "y".repeat(9000)).get(7, "/", "Bad", "z");
        assertTrue(peer.exchanges.isEmpty());
        assertTrue(isZero(peer.sharedMemory));
        peer.streams.accounts().forEach(account -> assertEquals(0, account.usedBytes(), account.name()));
    }

    @Test
    void aTunnelIsNotAnsweredWhereNoneWasMade() {
        Http2Peer peer = new Http2Peer().hello().get(1, "/wait");
        peer.engine.respond(peer.exchange(1).stream, new MessageSource() {
            @Override
            public void head(HeadWriter head) {
                head.tunnel(Http2Peer.TEXT);
            }

            @Override
            public long body(MemorySegment output, long at, long room) {
                return END;
            }
        });
        MemorySegment output = peer.arena.allocate(peer.engine.outputBytesMin());
        assertThrows(IllegalStateException.class, () -> peer.engine.pollOutput(output, 0, output.byteSize(), peer.now));
    }

    @Test
    void misuseIsTheCallers() {
        Http2Peer peer = new Http2Peer().hello().get(1, "/wait");
        long stream = peer.exchange(1).stream;
        assertThrows(IllegalArgumentException.class, () -> peer.engine.request(stream + 2));
        assertThrows(IllegalArgumentException.class, () -> peer.engine.consume(stream, 1));
        assertThrows(IllegalArgumentException.class, () -> peer.engine.feed(peer.memory, 0, peer.memory.byteSize() + 1, 0));
        assertThrows(IllegalArgumentException.class, () -> peer.engine.pollOutput(peer.memory, 1, peer.memory.byteSize(), 0));
        for (int status : new int[] {99, 100, 101, 200}) {
            assertThrows(IllegalArgumentException.class, () -> peer.engine.inform(stream, status, head -> {}), "interim " + status);
        }
        peer.exchange(1).answer(new byte[1]);
        assertThrows(IllegalStateException.class, () -> peer.engine.respond(stream, peer.exchange(1)));
        peer.turn();
        assertThrows(IllegalArgumentException.class, () -> peer.engine.request(stream));
        peer.engine.feedEnd(peer.now);
        assertThrows(IllegalArgumentException.class, () -> new Http2Server(peer.config, peer.memory, 64, peer.streams));
        assertThrows(IllegalArgumentException.class, () -> Http2Config.defaults().withStreamsMax(0));
        assertThrows(IllegalArgumentException.class, () -> Http2Config.defaults().withWindowBytes((1 << 24) + 1));
    }
}
