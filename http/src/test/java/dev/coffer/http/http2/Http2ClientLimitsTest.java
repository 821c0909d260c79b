package dev.coffer.http.http2;

import static dev.coffer.http.http2.Http2Peer.frameBytes;
import static dev.coffer.http.http2.Http2Peer.ints;
import static dev.coffer.http.http2.Http2Peer.setting;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.http.Limits;
import dev.coffer.http.Method;
import dev.coffer.http.http2.Http2Origin.Ask;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A client's connection at the edges of windows, limits and tables, and what of a server's frames it may not believe (RFC 9113, RFC 7541).
class Http2ClientLimitsTest {
    private static final byte STATUS_200 = (byte) 0x88;         // RFC 7541, appendix A
    private static final byte NEWEST_ENTRY = (byte) 0xbe;       // 62, the first of the dynamic table
    private static final byte[] INDEXED = {0x40, 1, 'x', 2, 'y', 'y'};
    private static final int PADDED = 8;

    private static byte[] join(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    /// {@return what the client says next, whole frames}
    private static byte[] output(Http2Origin origin) {
        MemorySegment output = Arena.ofAuto().allocate(1 << 15);
        long wrote = origin.engine.pollOutput(output, 0, output.byteSize(), origin.now);
        return output.asSlice(0, wrote).toArray(ValueLayout.JAVA_BYTE);
    }

    @Test
    void aRequestThatWasHeardIsNotTakenForRefused() {
        Http2Origin origin = new Http2Origin().hello();
        origin.ask(Method.POST, 0);
        origin.headers(1, false, ":status", "103").frame(Frame.RST_STREAM, 0, 1, ints(ErrorCode.REFUSED_STREAM.code()));
        assertEquals("ABORTED POST RESET", origin.events.getLast());
    }

    /// What a server allows is known when all of its settings have come, and not when they begin to.
    @Test
    void settingsThatComeInPiecesAllowNoMoreThanTheySay() {
        Http2Origin origin = new Http2Origin();
        byte[] frame = Http2Peer.frameBytes(Frame.SETTINGS, 0, 0, 6, setting(Frame.MAX_CONCURRENT_STREAMS, 1));
        origin.ask(Method.GET, 0);
        for (byte octet : frame) {
            assertFalse(origin.engine.canRequest(), "one is under way, and no more was allowed");
            assertFalse(origin.engine.isSettled());
            origin.send(octet);
        }
        assertTrue(origin.engine.isSettled());
        assertFalse(origin.engine.canRequest());
    }

    @Test
    void anotherInterimHeadIsNoLeaveToSendContent() {
        Http2Origin origin = new Http2Origin().hello();
        Ask ask = new Ask(Method.POST, 5);
        ask.expects = true;
        origin.ask(ask);
        origin.headers(1, false, ":status", "103");
        assertEquals("HEADERS 1", origin.last());
        origin.headers(1, false, ":status", "100");
        assertEquals("DATA 1 5 end", origin.last());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void contentIsTakenUpToItsLimitWhetherItsLengthIsSaidOrNot(int past) {
        for (boolean said : new boolean[] {false, true}) {
            Limits limits = Limits.defaults().withBodyBytesMax(1000);
            Http2Origin origin = new Http2Origin(Http2Config.defaults().withLimits(limits), 2).hello();
            origin.ask(Method.GET, 0);
            if (said) {
                origin.headers(1, false, ":status", "200", "content-length", "" + (1000 + past));
            } else {
                origin.headers(1, false, ":status", "200");
            }
            origin.data(1, true, 1000 + past);
            assertEquals(past == 1, origin.events.contains("ABORTED GET CONTENT_TOO_LARGE"), origin.events::toString);
            assertEquals(past == 0, origin.events.contains("END GET"), origin.events::toString);
            assertEquals(past == 0 || !said, origin.events.toString().contains("RESPONSE"), "known from its head, it is refused there");
            assertEquals(past == 1 ? "RST 1 CANCEL" : "HEADERS 1 end", origin.last());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void allStreamsTogetherKeepToTheConnectionsWindow(int past) {
        Http2Origin origin = new Http2Origin(Http2Config.defaults().withWindowBytes(65_535), 4).hello();
        origin.holds = true;
        origin.ask(Method.GET, 0);
        origin.ask(Method.GET, 0);
        origin.headers(1, false, ":status", "200").headers(3, false, ":status", "200");
        byte[] full = frameBytes(Frame.DATA, 0, 1, 16_384, new byte[16_384]);
        byte[] other = frameBytes(Frame.DATA, 0, 3, 16_384, new byte[16_384]);
        int left = 65_535 - 3 * 16_384 + past;
        origin.send(join(full, other, full, frameBytes(Frame.DATA, 0, 3, left, new byte[left])));
        assertEquals(past == 1, origin.said.contains("GOAWAY 0 FLOW_CONTROL_ERROR"), origin.said::toString);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void windowsOfOursHaveALargestSize(int past) {
        int most = Integer.MAX_VALUE - 65_535;
        Http2Origin connection = new Http2Origin().hello();
        connection.frame(Frame.WINDOW_UPDATE, 0, 0, ints(most)).frame(Frame.WINDOW_UPDATE, 0, 0, ints(past == 0 ? 0 : 1));
        assertEquals("GOAWAY 0 " + (past == 0 ? "PROTOCOL_ERROR" : "FLOW_CONTROL_ERROR"), connection.last());
        Http2Origin stream = new Http2Origin().hello();
        Ask waits = new Ask(Method.POST, 5).named("waits");
        waits.blocked = true;
        stream.ask(waits);
        stream.ask(new Ask(Method.GET, 0).named("other"));
        stream.frame(Frame.WINDOW_UPDATE, 0, 1, ints(most));
        assertFalse(stream.said.toString().contains("RST"), "the largest");
        stream.frame(Frame.WINDOW_UPDATE, 0, 1, ints(past));
        assertEquals("RST 1 " + (past == 0 ? "PROTOCOL_ERROR" : "FLOW_CONTROL_ERROR"), stream.last());
        stream.headers(3, true, ":status", "200");
        assertEquals("END other", stream.events.getLast());
    }

    @Test
    void settingsThatMakeAWindowTooLargeEndTheConnection() {
        Http2Origin origin = new Http2Origin().hello();
        Ask waits = new Ask(Method.POST, 5);
        waits.blocked = true;
        origin.ask(waits);
        origin.frame(Frame.WINDOW_UPDATE, 0, 1, ints(Integer.MAX_VALUE - 65_535)).frame(Frame.SETTINGS, 0, 0, setting(Frame.INITIAL_WINDOW_SIZE, 65_535));
        assertFalse(origin.said.toString().contains("GOAWAY"), "as it was");
        origin.frame(Frame.SETTINGS, 0, 0, setting(Frame.INITIAL_WINDOW_SIZE, 65_536));
        assertEquals("GOAWAY 0 FLOW_CONTROL_ERROR", origin.last());
    }

    @Test
    void aWindowThatIsMadeSmallerMayBeBelowZero() {
        Http2Origin origin = new Http2Origin().hello(setting(Frame.INITIAL_WINDOW_SIZE, 10));
        origin.ask(Method.POST, 100);
        assertEquals("DATA 1 10", origin.last());
        origin.frame(Frame.SETTINGS, 0, 0, setting(Frame.INITIAL_WINDOW_SIZE, 4)).frame(Frame.WINDOW_UPDATE, 0, 1, ints(6));
        assertEquals("SETTINGS ack", origin.last());
        origin.frame(Frame.WINDOW_UPDATE, 0, 1, ints(1));
        assertEquals("DATA 1 1", origin.last());
    }

    @Test
    void streamsThatAreOpenGoOnWhereFewerAreAllowed() {
        Http2Origin origin = new Http2Origin().hello();
        origin.ask(Method.GET, 0);
        origin.ask(Method.GET, 0);
        origin.frame(Frame.SETTINGS, 0, 0, setting(Frame.MAX_CONCURRENT_STREAMS, 1));
        origin.headers(1, true, ":status", "200");
        assertFalse(origin.engine.canRequest());
        origin.headers(3, true, ":status", "200");
        assertTrue(origin.engine.canRequest());
        assertEquals("END GET", origin.events.getLast());
    }

    /// What is in the server's table for us must be forgotten, and what it is told of that comes first in the next block.
    @Test
    void aTableThatTheServerMakesSmallerIsSmallerInTheNextBlock() {
        Http2Origin origin = new Http2Origin().hello();
        origin.ask(Method.GET, 0);
        origin.frame(Frame.SETTINGS, 0, 0, setting(Frame.HEADER_TABLE_SIZE, 0)).frame(Frame.SETTINGS, 0, 0, setting(Frame.HEADER_TABLE_SIZE, 100));
        origin.engine.request(new Ask(Method.GET, 0));
        byte[] said = output(origin);
        assertEquals(Frame.HEADERS, said[3]);
        assertEquals(0x20, said[9], "none of it");
        assertEquals(0x3f, said[10], "then so much");
        assertEquals(100 - 0x1f, said[11]);
        for (int i = 12; i < said.length && i < 16; i++) {
            assertTrue(said[i] > 0 || (said[i] & 0x7f) <= 61, "no entry of before");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theSchemeIsWhatItWasSaidToBe(boolean secure) {
        Http2Origin origin = new Http2Origin().hello();
        origin.engine.secure(secure);
        origin.engine.request(new Ask(Method.GET, 0));
        byte[] said = output(origin);
        int method = 9;
        while (said[method] != (byte) 0x82) {  // GET, behind the table's size
            method++;
        }
        assertEquals((byte) (secure ? 0x87 : 0x86), said[method + 1]);
    }

    @Test
    void paddingIsGivenBackToTheServersWindow() {
        Http2Origin origin = new Http2Origin(Http2Config.defaults().withWindowBytes(1024), 2).hello();
        origin.ask(Method.GET, 0);
        origin.headers(1, false, ":status", "200");
        byte[] padded = new byte[257];
        padded[0] = (byte) 255;
        for (int i = 0; i < 20; i++) {
            origin.frame(Frame.DATA, PADDED, 1, padded);
        }
        origin.data(1, true, 1);
        assertEquals(21, origin.asks.values().iterator().next().got);
        assertEquals("END GET", origin.events.getLast());
    }

    @Test
    void whatComesBeforeAHeadOrInsteadOfTrailersIsAFaultOfItsStream() {
        Http2Origin origin = new Http2Origin().hello();
        origin.ask(Method.GET, 0);
        origin.data(1, false, 1);
        assertEquals("RST 1 PROTOCOL_ERROR", origin.last());
        origin.ask(Method.GET, 0);
        origin.headers(3, false, ":status", "200").headers(3, false, "x-sum", "1");
        assertEquals("RST 3 PROTOCOL_ERROR", origin.last());
        assertTrue(origin.engine.canRequest());
    }

    @Test
    void settingsComeFirst() {
        Http2Origin other = new Http2Origin();
        other.frame(Frame.PING, 0, 0, new byte[8]);
        assertEquals("GOAWAY 0 PROTOCOL_ERROR", other.last());
        Http2Origin acknowledges = new Http2Origin();
        acknowledges.frame(Frame.SETTINGS, Frame.ACK, 0);
        assertEquals("GOAWAY 0 PROTOCOL_ERROR", acknowledges.last());
    }

    @Test
    void contentThatIsShorterThanItWasSaidIsCancelled() {
        Http2Origin origin = new Http2Origin().hello();
        Ask ask = new Ask(Method.POST, 5) {
            @Override
            public long body(MemorySegment out, long at, long room) {
                return END;
            }
        };
        origin.ask(ask);
        assertEquals("RST 1 INTERNAL_ERROR", origin.last());
        assertEquals("ABORTED POST LOCAL unheard", origin.events.getLast());
    }

    /// The table is the connection's: it goes on whatever becomes of the stream whose block made an entry.
    @ParameterizedTest
    @ValueSource(strings = {"too long", "given up", "malformed", "closed"})
    void aBlockThatNobodyTakesIsEnteredInTheTable(String why) {
        Limits limits = Limits.defaults().withHead(300, 4);
        Http2Origin origin = new Http2Origin(Http2Config.defaults().withLimits(limits), 4).hello();
        Ask first = origin.ask(new Ask(Method.GET, 0).named("first"));
        origin.ask(new Ask(Method.GET, 0).named("second"));
        byte[] tail = switch (why) {
            case "too long" -> join(new byte[] {0x00, 1, 'a', 0x7f, (byte) 0xff, 0x01}, "v".repeat(0x7f + 0xff).getBytes(StandardCharsets.US_ASCII));
            case "malformed" -> new byte[] {0x00, 1, 'A', 1, 'v'};
            default -> new byte[0];
        };
        if (why.equals("given up") || why.equals("closed")) {
            origin.engine.abort(first.stream);
            if (why.equals("closed")) {
                origin.turn();
            }
        }
        byte[] block = join(new byte[] {STATUS_200}, INDEXED, tail);
        byte[] all = new byte[0];
        for (int i = 0; i < Math.min(block.length, 8); i++) {  // split inside of the entry
            all = join(all, frameBytes(i == 0 ? Frame.HEADERS : Frame.CONTINUATION, 0, 1, 1, new byte[] {block[i]}));
        }
        byte[] rest = Arrays.copyOfRange(block, Math.min(block.length, 8), block.length);
        origin.send(join(all, frameBytes(Frame.CONTINUATION, Frame.END_HEADERS, 1, rest.length, rest)));
        origin.frame(Frame.HEADERS, Frame.END_HEADERS | Frame.END_STREAM, 3, STATUS_200, NEWEST_ENTRY);
        assertTrue(origin.events.contains("RESPONSE second 200 x=yy"), origin.events::toString);
        assertFalse(origin.events.toString().contains("RESPONSE first"), origin.events::toString);
        assertFalse(origin.engine.isEnded());
    }

    /// Its GOAWAY cannot go any more, and what it was for is told: nothing is left to wait for.
    @Test
    void aFaultBeforeTheTransportIsLostEndsOnceItIsTold() {
        Http2Origin origin = new Http2Origin().hello();
        origin.ask(Method.GET, 0);
        byte[] fault = frameBytes(Frame.PING, 0, 0, 1, new byte[1]);
        origin.engine.feed(Arena.ofAuto().allocate(fault.length).copyFrom(MemorySegment.ofArray(fault)), 0, fault.length, origin.now);
        origin.engine.disconnect(origin.now);
        assertFalse(origin.engine.isEnded(), "it is yet to be told");
        origin.turn();
        assertTrue(origin.events.contains("ABORTED GET UNEXPECTED unheard"), origin.events::toString);
        assertEquals(Long.MAX_VALUE, origin.engine.deadlineNanos());
        assertTrue(origin.engine.isEnded());
        assertTrue(origin.events.toString().contains("CLOSED"), origin.events::toString);
    }
}
