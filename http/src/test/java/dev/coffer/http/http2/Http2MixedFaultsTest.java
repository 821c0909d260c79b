package dev.coffer.http.http2;

import static dev.coffer.http.http2.Http2Peer.block;
import static dev.coffer.http.http2.Http2Peer.frameBytes;
import static dev.coffer.http.http2.Http2Peer.get;
import static dev.coffer.http.http2.Http2Peer.ints;
import static dev.coffer.http.http2.Http2Peer.request;
import static dev.coffer.http.http2.Http2Peer.setting;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Faults that come in the midst of something else, and what is allowed though it looks like one: each of a stream ends that stream alone.
class Http2MixedFaultsTest {
    private static final int END_BOTH = Frame.END_HEADERS | Frame.END_STREAM;

    private static Http2Peer hello() {
        return new Http2Peer().hello();
    }

    private static void goesOn(Http2Peer peer, int stream) {
        peer.get(stream, "/");
        assertEquals("DATA " + stream + " 5 end", peer.last(), () -> peer.said().toString());
    }

    @Test
    void anUploadThatIsUnderWayWhenTheServerSaysGoodbyeIsTakenToItsEnd() {
        Http2Peer peer = hello().post(1, "/echo").data(1, false, 1000);
        peer.engine.shutdown(peer.now);
        peer.turn();
        peer.data(1, false, 1000).frame(Frame.PING, Frame.ACK, 0, "farewell".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        assertTrue(peer.said().contains("GOAWAY 1 NO_ERROR"), () -> peer.said().toString());
        peer.get(3, "/").data(1, true, 500);
        assertFalse(peer.said().contains("DATA 3 5 end"), "a stream past the last");
        assertTrue(peer.said().stream().anyMatch(text -> text.equals("DATA 1 2500")), () -> peer.said().toString());
        assertTrue(peer.engine.isEnded(), () -> peer.engine.toString());
    }

    @Test
    void anUploadThatIsUnderWayWhenTheClientSaysGoodbyeIsTakenToItsEnd() {
        Http2Peer peer = hello().post(1, "/echo").data(1, false, 10);
        peer.frame(Frame.GOAWAY, 0, 0, ints(0, 0)).data(1, true, 10);
        assertTrue(peer.said().stream().anyMatch(text -> text.equals("DATA 1 20")), () -> peer.said().toString());
    }

    @Test
    void windowsThatOpenInAnyOrderLetTheSameThrough() {
        for (boolean streamFirst : new boolean[] {true, false}) {
            Http2Peer peer = hello().frame(Frame.SETTINGS, 0, 0, setting(Frame.INITIAL_WINDOW_SIZE, 0)).get(1, "/100000");
            assertTrue(peer.last().startsWith("HEADERS 1"), peer::last);
            for (int i = 0; i < 2; i++) {
                peer.frame(Frame.WINDOW_UPDATE, 0, streamFirst == (i == 0) ? 1 : 0, ints(100_000));
            }
            assertEquals(100_000, peer.seen.stream().filter(each -> each.type() == Frame.DATA).mapToInt(each -> each.payload().length).sum());
            assertTrue(peer.last().endsWith("end"), peer::last);
        }
    }

    /// RFC 9113, section 6.9.2.
    @Test
    void aWindowMadeSmallerInMidstreamGoesBelowZeroAndHasToBePaidBack() {
        Http2Peer peer = hello().frame(Frame.SETTINGS, 0, 0, setting(Frame.INITIAL_WINDOW_SIZE, 1000)).get(1, "/3000");
        assertEquals("DATA 1 1000", peer.last());
        peer.frame(Frame.SETTINGS, 0, 0, setting(Frame.INITIAL_WINDOW_SIZE, 400));  // now -600
        peer.frame(Frame.WINDOW_UPDATE, 0, 1, ints(600));
        assertEquals("DATA 1 1000", peer.last(), "it stands at nothing");
        peer.frame(Frame.WINDOW_UPDATE, 0, 1, ints(1));
        assertEquals("DATA 1 1", peer.last());
        peer.frame(Frame.SETTINGS, 0, 0, setting(Frame.INITIAL_WINDOW_SIZE, 2000));  // 1,600 more
        assertEquals("DATA 1 1600", peer.last());
        peer.frame(Frame.WINDOW_UPDATE, 0, 1, ints(399));
        assertEquals("DATA 1 399 end", peer.last());
    }

    @Test
    void aWindowIsFullAtItsLastOctetAndNotBefore() {
        Http2Peer full = hello().get(1, "/wait").frame(Frame.WINDOW_UPDATE, 0, 1, ints(Integer.MAX_VALUE - 65_535));
        assertFalse(full.last().startsWith("RST"), full::last);
        full.frame(Frame.WINDOW_UPDATE, 0, 1, ints(1));
        assertEquals("RST 1 FLOW_CONTROL_ERROR", full.last());
        goesOn(full, 3);
        Http2Peer by = hello().get(1, "/wait").frame(Frame.WINDOW_UPDATE, 0, 1, ints(Integer.MAX_VALUE - 65_535));
        by.frame(Frame.SETTINGS, 0, 0, setting(Frame.INITIAL_WINDOW_SIZE, 65_536));
        assertEquals("GOAWAY 1 FLOW_CONTROL_ERROR", by.last(), "by a setting it is the connection's");
    }

    @Test
    void paddingCountsForTheWindowsAndIsNotContent() {
        byte[] padded = new byte[1 + 10 + 255];
        padded[0] = (byte) 255;
        Arrays.fill(padded, 1, 11, (byte) 'd');
        Http2Peer peer = hello().post(1, "/echo", "content-length", "20");
        peer.frame(Frame.DATA, Frame.PADDED, 1, padded).frame(Frame.DATA, Frame.PADDED | Frame.END_STREAM, 1, padded);
        assertTrue(peer.said().stream().anyMatch(text -> text.equals("DATA 1 20")), () -> peer.said().toString());
        Http2Peer held = hello().post(1, "/hold").frame(Frame.DATA, Frame.PADDED, 1, padded).data(1, false, 16_000).data(1, false, 16_000)
                .data(1, false, 16_000).data(1, false, 16_000);
        assertFalse(held.last().contains("FLOW_CONTROL"), held::last);
        held.data(1, false, 1535 - 266 + 1);  // one more than 65,535 with the padded frame, none of which was given back yet
        assertTrue(held.last().endsWith("FLOW_CONTROL_ERROR"), held::last);
    }

    /// It counts what came on all streams until some of it is given back: 65,535 octets, whichever window of a stream has room.
    @Test
    void theConnectionsWindowIsOneForAllStreamsAndGivenBackInHalves() {
        for (int more : new int[] {0, 1}) {
            Http2Peer peer = hello().post(1, "/hold").post(3, "/hold");
            peer.reads = false;
            peer.data(1, false, 16_000).data(3, false, 16_000).data(1, false, 16_000).data(3, false, 16_000).data(1, false, 1535 + more);
            peer.reads = true;
            peer.turn();
            assertEquals(more == 1, peer.last().equals("GOAWAY 3 FLOW_CONTROL_ERROR"), peer::last);
            assertEquals(more == 0, peer.said().contains("UPDATE 0 65535"), () -> peer.said().toString());
        }
    }

    @Test
    void paddingThatIsAllOfTheFrameIsLegalAndOneOctetMoreIsNot() {
        Http2Peer peer = hello().post(1, "/echo").frame(Frame.DATA, Frame.PADDED | Frame.END_STREAM, 1, new byte[] {3, 0, 0, 0});
        assertFalse(peer.last().startsWith("GOAWAY"), peer::last);
        Http2Peer more = hello().post(1, "/echo").frame(Frame.DATA, Frame.PADDED | Frame.END_STREAM, 1, new byte[] {4, 0, 0, 0});
        assertEquals("GOAWAY 1 PROTOCOL_ERROR", more.last());
    }

    @Test
    void contentThatIsOneOctetShortOrLongResetsItsStreamAlone() {
        for (int bytes : new int[] {9, 10, 11}) {
            Http2Peer peer = hello().post(1, "/echo", "content-length", "10").data(1, true, bytes);
            assertEquals(bytes != 10, peer.said().contains("RST 1 PROTOCOL_ERROR"), () -> peer.said().toString());
            goesOn(peer, 3);
        }
        Http2Peer none = hello().frame(Frame.HEADERS, END_BOTH, 1, request("POST", "/", "content-length", "1"));
        assertEquals("RST 1 PROTOCOL_ERROR", none.last());
        Http2Peer twice = hello().frame(Frame.HEADERS, END_BOTH, 1, get("/", "content-length", "0", "content-length", "1"));
        assertTrue(twice.said().stream().noneMatch(text -> text.startsWith("DATA 1 5")), () -> twice.said().toString());
    }

    @Test
    void trailersThatAreNoneResetTheirStreamAlone() {
        for (String[] fields : new String[][] {{":path", "/"}, {":status", "200"}, {"content-length", "3"}, {"host", "a"}, {"X-Big", "a"}, {"connection", "x"},
                {"te", "trailers"}, {"a", "b\nc"}}) {
            Http2Peer peer = hello().post(1, "/echo").data(1, false, 3);
            peer.frame(Frame.HEADERS, END_BOTH, 1, block(fields));
            assertEquals("RST 1 PROTOCOL_ERROR", peer.last(), () -> List.of(fields) + " " + peer.said());
            goesOn(peer, 3);
        }
        Http2Peer open = hello().post(1, "/echo").data(1, false, 3).frame(Frame.HEADERS, Frame.END_HEADERS, 1, block("a", "b"));
        assertEquals("RST 1 PROTOCOL_ERROR", open.last(), "trailers that end nothing");
        goesOn(open, 3);
    }

    @Test
    void aConnectWithoutAnAuthorityOrWithAPathIsMalformed() {
        for (String[] fields : new String[][] {{":method", "CONNECT"}, {":method", "CONNECT", ":authority", "a:1", ":path", "/"},
                {":method", "CONNECT", ":authority", "a:1", ":scheme", "https"}, {":method", "CONNECT", ":protocol", "websocket", ":authority", "a"},
                {":method", "GET", ":protocol", "websocket", ":scheme", "http", ":path", "/", ":authority", "a"}}) {
            Http2Peer peer = hello().frame(Frame.HEADERS, Frame.END_HEADERS, 1, block(fields));
            assertEquals("RST 1 PROTOCOL_ERROR", peer.last(), () -> List.of(fields) + " " + peer.said());
            goesOn(peer, 3);
        }
    }

    @Test
    void anExpectationIsJudgedAsInHttp11() {
        Http2Peer peer = hello().post(1, "/echo", "expect", "100-continue");
        assertTrue(peer.last().contains(":status=100"), peer::last);
        peer.data(1, true, 3);
        assertTrue(peer.said().stream().anyMatch(text -> text.equals("DATA 1 3")), () -> peer.said().toString());
        Http2Peer tea = hello().post(1, "/echo", "expect", "tea");
        assertTrue(tea.said().stream().anyMatch(text -> text.contains(":status=417")), () -> tea.said().toString());
        goesOn(tea, 3);
        Http2Peer whole = hello().frame(Frame.HEADERS, END_BOTH, 1, get("/", "expect", "100-continue"));
        assertFalse(whole.said().stream().anyMatch(text -> text.contains(":status=100")), "there is no content to wait for");
    }

    @Test
    void aFrameInTheMidstOfAHeadEndsTheConnectionWhateverItIs() {
        for (int type : new int[] {Frame.DATA, Frame.HEADERS, Frame.PRIORITY, Frame.RST_STREAM, Frame.SETTINGS, Frame.PING, Frame.GOAWAY,
                Frame.WINDOW_UPDATE, Frame.PRIORITY_UPDATE, 0x20}) {
            Http2Peer peer = hello().frame(Frame.HEADERS, Frame.END_STREAM, 1, get("/"));
            peer.send(frameBytes(type, 0, type == Frame.SETTINGS || type == Frame.PING || type == Frame.GOAWAY ? 0 : 1, 8, new byte[8]));
            assertEquals("GOAWAY 1 PROTOCOL_ERROR", peer.last(), "type " + type);
        }
        Http2Peer other = hello().frame(Frame.HEADERS, Frame.END_STREAM, 1, get("/")).frame(Frame.CONTINUATION, Frame.END_HEADERS, 3);
        assertEquals("GOAWAY 1 PROTOCOL_ERROR", other.last(), "of another stream");
    }

    /// What an answer waits for is still to come when there was no room for it.
    @Test
    void whatFindsNoRoomIsSaidWhenThereIsSome() {
        Http2Peer peer = hello();
        peer.room = Frame.HEAD_BYTES;
        peer.post(1, "/echo", "expect", "100-continue");
        assertEquals(List.of(), peer.said());
        peer.room = 1 << 16;
        peer.turn();
        assertTrue(peer.last().contains(":status=100"), peer::last);
    }

    @Test
    void contentOfUnknownLengthWithoutTrailersEndsWithAnEmptyFrame() {
        Http2Peer peer = hello().get(1, "/plain");
        assertEquals("DATA 1 0 end", peer.last());
        assertTrue(peer.said().contains("DATA 1 5"), () -> peer.said().toString());
        goesOn(peer, 3);
    }

    /// Behind a fault of the connection nothing is answered any more: what was owed goes with it.
    @Test
    void afterAFaultOfTheConnectionOnlyGoodbyeIsSaid() {
        Http2Peer peer = hello();
        peer.reads = false;
        peer.frame(Frame.PING, 0, 0, new byte[8]).frame(Frame.DATA, 0, 0, new byte[1]);
        peer.reads = true;
        peer.turn();
        assertEquals(List.of("GOAWAY 0 PROTOCOL_ERROR"), peer.said());
    }

    @Test
    void whoMayNotTakeASettingIsTold() {
        for (int[] bad : new int[][] {{Frame.ENABLE_PUSH, 2}, {Frame.MAX_FRAME_SIZE, 16_383}, {Frame.MAX_FRAME_SIZE, 1 << 24},
                {Frame.ENABLE_CONNECT_PROTOCOL, 2}, {Frame.NO_RFC7540_PRIORITIES, 2}}) {
            assertEquals("GOAWAY 0 PROTOCOL_ERROR", hello().frame(Frame.SETTINGS, 0, 0, setting(bad[0], bad[1])).last(), bad[0] + " " + bad[1]);
        }
        assertEquals("GOAWAY 0 FLOW_CONTROL_ERROR", hello().frame(Frame.SETTINGS, 0, 0, setting(Frame.INITIAL_WINDOW_SIZE, 1 << 31)).last());
        goesOn(hello().frame(Frame.SETTINGS, 0, 0, setting(Frame.MAX_FRAME_SIZE, (1 << 24) - 1)).frame(Frame.SETTINGS, 0, 0, setting(0xf0f0, 7)), 1);
    }
}
