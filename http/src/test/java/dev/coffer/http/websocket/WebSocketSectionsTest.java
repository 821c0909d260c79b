package dev.coffer.http.websocket;

import static dev.coffer.http.websocket.EchoWorld.close;
import static dev.coffer.http.websocket.EchoWorld.frame;
import static dev.coffer.http.websocket.EchoWorld.octets;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.http.Ascii;
import dev.coffer.testkit.RawMemory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// RFC 6455 by its sections, case by case as the public suite of Autobahn sorts them: framing (5.2), pings (5.5.2), reserved bits (5.2), opcodes (5.2),
/// fragmentation (5.4), UTF-8 (8.1), closing (5.5.1, 7), limits (10.4). Each whole, and octet by octet both ways.
class WebSocketSectionsTest {
    private static final int[] PIECES = {Integer.MAX_VALUE, 1, 7};

    /// Sends everything, and expects what is said, however it is split.
    private static void expect(byte[] sent, String... frames) {
        for (int piece : PIECES) {
            try (EchoWorld world = new EchoWorld()) {
                world.piece = piece;
                world.room = piece == 1 ? 1 : 1 << 12;
                assertEquals(List.of(frames), world.send(sent).said(), "in pieces of " + piece);
            }
        }
    }

    private static byte[] all(byte[]... parts) {
        int length = 0;
        for (byte[] part : parts) {
            length += part.length;
        }
        ByteBuffer all = ByteBuffer.allocate(length);
        for (byte[] part : parts) {
            all.put(part);
        }
        return all.array();
    }

    private static byte[] raw(int first, int... payload) {
        return frame(first, octets(payload));
    }

    // 1: framing.

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 7, 8, 9, 125, 126, 127, 128, 255, 65_535, 65_536, 65_537})
    void messagesOfEveryLengthComeBack(int length) {
        for (int piece : length < 1000 ? PIECES : new int[] {1 << 20, 997, 65_536}) {
            try (EchoWorld world = new EchoWorld()) {
                world.piece = piece;
                assertEquals(List.of("text " + "*".repeat(length)), world.send(0x81, "*".repeat(length)).said());
                assertEquals(List.of("binary " + length), world.send(frame(0x82, new byte[length])).said());
            }
        }
    }

    @Test
    void lengthsThatAreLongerThanTheyNeedBeAreAProtocolError() {
        expect(all(octets(0x81, 0x80 | 126, 0, 125, 0, 0, 0, 0), new byte[125]), "close 1002");
        expect(all(octets(0x82, 0x80 | 127, 0, 0, 0, 0, 0, 0, 255, 255, 0, 0, 0, 0), new byte[65_535]), "close 1002");
        expect(octets(0x82, 0x80 | 127, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), "close 1002");
        expect(all(octets(0x82, 0x80 | 126, 0, 126, 0, 0, 0, 0), new byte[126]), "binary 126");
    }

    @Test
    void aFrameWithoutMaskIsAProtocolError() {
        expect(octets(0x81, 1, 'x'), "close 1002");
        expect(octets(0x89, 0), "close 1002");
        expect(octets(0x81, 0x81, 0, 0, 0, 0, 'x'), "text x");
    }

    // 2: pings and pongs.

    @Test
    void pingsAreAnsweredWithTheirPayload() {
        expect(frame(0x89, ""), "pong ");
        expect(frame(0x89, "Hello, world!"), "pong Hello, world!");
        expect(raw(0x89, 0, 255, 254, 253, 128), "pong \0\u00ff\u00fe\u00fd\u0080");
        expect(frame(0x89, "x".repeat(125)), "pong " + "x".repeat(125));
        expect(all(octets(0x89, 0x80 | 126, 0, 126, 0, 0, 0, 0), new byte[126]), "close 1002");
        expect(frame(0x8a, "unasked"));
        expect(all(frame(0x8a, ""), frame(0x89, "p")), "pong p");
    }

    @Test
    void tenPingsHaveTenPongsInOrder() {
        List<String> pongs = new ArrayList<>();
        byte[][] pings = new byte[10][];
        for (int i = 0; i < 10; i++) {
            pings[i] = frame(0x89, "payload-" + i);
            pongs.add("pong payload-" + i);
        }
        expect(all(pings), pongs.toArray(new String[0]));
        expect(all(all(pings), close(1000, "")), all(pongs, "close 1000"));
    }

    private static String[] all(List<String> some, String last) {
        List<String> more = new ArrayList<>(some);
        more.add(last);
        return more.toArray(new String[0]);
    }

    @Test
    void aPeerThatPingsAndDoesNotReadIsHeldBackAndGetsEachPongLater() {
        try (EchoWorld world = new EchoWorld()) {
            world.reads = false;
            for (int i = 0; i < 5; i++) {
                world.send(0x89, "" + i);
            }
            assertTrue(world.engine.isHeld());
            assertEquals(List.of("PING"), world.heard);
            world.reads = true;
            world.turn();
            assertEquals(List.of("pong 0", "pong 1", "pong 2", "pong 3", "pong 4"), world.said());
        }
    }

    @Test
    void ourPingIsSentBetweenMessagesAndItsPongIsHeard() {
        try (EchoWorld world = new EchoWorld()) {
            world.engine.ping();
            world.turn();
            assertEquals(List.of("ping"), world.said());
            assertEquals(List.of(), world.send(0x8a, "").said());
            assertEquals(List.of("PONG"), world.heard);
        }
    }

    // 3: reserved bits.

    @ParameterizedTest
    @ValueSource(ints = {0x10, 0x20, 0x30, 0x40, 0x50, 0x60, 0x70})
    void reservedBitsAreAProtocolError(int bits) {
        expect(frame(0x81 | bits, "x"), "close 1002");
        expect(all(frame(0x81, "before"), frame(0x82 | bits, "x"), frame(0x89, "")), "text before", "close 1002");
        expect(frame(0x89 | bits, ""), "close 1002");
        expect(frame(0x88 | bits, ""), "close 1002");
        expect(all(frame(1, "a"), frame(0x80 | bits, "b")), "close 1002");
    }

    // 4: opcodes.

    @ParameterizedTest
    @ValueSource(ints = {3, 4, 5, 6, 7, 0xb, 0xc, 0xd, 0xe, 0xf})
    void reservedOpcodesAreAProtocolError(int opcode) {
        expect(frame(0x80 | opcode, ""), "close 1002");
        expect(all(frame(0x81, "before"), frame(0x80 | opcode, "x"), frame(0x89, "")), "text before", "close 1002");
    }

    // 5: fragmentation.

    @Test
    void controlFramesAreNotFragmented() {
        expect(frame(0x09, "a"), "close 1002");
        expect(frame(0x0a, "a"), "close 1002");
        expect(frame(0x08, ""), "close 1002");
    }

    @Test
    void fragmentsAreOneMessage() {
        expect(all(frame(1, "frag"), frame(0x80, "ments")), "text fragments");
        expect(all(frame(1, ""), frame(0, ""), frame(0x80, "")), "text ");
        expect(all(frame(1, ""), frame(0, "middle"), frame(0x80, "")), "text middle");
        expect(all(frame(2, "ab"), frame(0, "cd"), frame(0, "e"), frame(0x80, "")), "binary 5");
    }

    @Test
    void controlFramesStandBetweenFragments() {
        expect(all(frame(1, "frag"), frame(0x89, "p"), frame(0x80, "ments")), "pong p", "text fragments");
        expect(all(frame(1, "a"), frame(0, "b"), frame(0x89, "1"), frame(0x8a, ""), frame(0, "c"), frame(0x89, "2"), frame(0x80, "d")), "pong 1",
                "pong 2", "text abcd");
        expect(all(frame(1, "a"), close(1000, "")), "close 1000");
    }

    @Test
    void aMessageWithinAMessageAndAContinuationOfNoneAreProtocolErrors() {
        expect(all(frame(1, "a"), frame(0x81, "b")), "close 1002");
        expect(all(frame(1, "a"), frame(2, "b")), "close 1002");
        expect(frame(0x80, "x"), "close 1002");
        expect(frame(0, "x"), "close 1002");
        expect(all(frame(0x81, "whole"), frame(0x80, "x")), "text whole", "close 1002");
        expect(all(frame(1, "a"), frame(0x80, "b"), frame(0, "c")), "text ab", "close 1002");
    }

    // 6: UTF-8.

    @Test
    void textIsUtf8AndCharactersMayBeCutByFrames() {
        String text = "Hello-\u00b5@\u00df\u00f6\u00e4\u00fc\u00e0\u00e1-UTF-8!! \u03ba\u1f79\u03c3\u03bc\u03b5 \ud83d\ude00";
        expect(frame(0x81, text), "text " + text);
        byte[] bytes = text.getBytes(java.nio.charset.StandardCharsets.UTF_8);
        byte[][] frames = new byte[bytes.length][];
        for (int i = 0; i < bytes.length; i++) {
            frames[i] = frame((i == 0 ? 1 : 0) | (i == bytes.length - 1 ? 0x80 : 0), octets(bytes[i]));
        }
        expect(all(frames), "text " + text);
    }

    @Test
    void theEdgesOfUtf8AreValid() {
        for (String edge : List.of("\0", "\u007f", "\u0080", "\u07ff", "\u0800", "\ud7ff", "\ue000", "\ufffd", "\uffff", "\ud800\udc00",
                "\udbff\udfff", "\ufffe", "\ufdd0")) {
            expect(frame(0x81, edge), "text " + edge);
        }
    }

    @Test
    void whatIsNoUtf8ClosesWith1007() {
        int[][] bad = {{0x80}, {0xbf}, {0xc0, 0x80}, {0xc1, 0xbf}, {0xe0, 0x80, 0x80}, {0xe0, 0x9f, 0xbf}, {0xed, 0xa0, 0x80}, {0xed, 0xbf, 0xbf},
                {0xf0, 0x80, 0x80, 0x80}, {0xf0, 0x8f, 0xbf, 0xbf}, {0xf4, 0x90, 0x80, 0x80}, {0xf5, 0x80, 0x80, 0x80}, {0xf8, 0x88, 0x80, 0x80, 0x80},
                {0xfe}, {0xff}, {0xc2}, {0xe1, 0x80}, {0xf1, 0x80, 0x80}, {0xc2, 0x41}, {0xe1, 0x80, 0xc0}, {'a', 0xce, 0xba, 0xff, 'b'},
                {0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80}};
        for (int[] octets : bad) {
            expect(raw(0x81, octets), "close 1007");
            expect(raw(0x82, octets), "binary " + octets.length);
        }
        for (int at = 0; at < 20; at++) {  // wherever the fast way begins and ends
            byte[] text = "12345678901234567890".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
            text[at] = (byte) 0xff;
            expect(frame(0x81, text), "close 1007");
        }
    }

    @Test
    void wrongTextFailsAtItsFirstWrongOctetAndNotAtItsEnd() {
        try (EchoWorld world = new EchoWorld()) {
            byte[] begun = raw(0x01, 'a', 0xce, 0xba, 0xf4);
            assertEquals(List.of(), world.send(begun).said());
            byte[] next = frame(0, octets(0x90, 'x', 'y', 'z'));
            assertEquals(List.of("close 1007"), world.send(java.util.Arrays.copyOf(next, 7)).said(), "the head and one octet");
        }
    }

    @Test
    void aMessageThatEndsInTheMidstOfACharacterIsWrongAndTheNextBeginsAnew() {
        expect(all(frame(1, "a"), raw(0x80, 0xc3)), "close 1007");
        try (EchoWorld world = new EchoWorld()) {
            assertEquals(List.of("binary 1", "text \u00e9"), world.send(all(raw(0x82, 0xc3), frame(0x81, "\u00e9"))).said());
        }
    }

    // 7: closing.

    @Test
    void aCloseIsAnsweredWithItsCodeAndNothingFollowsIt() {
        expect(close(1000, ""), "close 1000");
        expect(close(1000, "Hello World!"), "close 1000");
        expect(close(1001, "x".repeat(123)), "close 1001");
        expect(frame(0x88, ""), "close");
        expect(all(frame(0x81, "m"), close(1000, "")), "text m", "close 1000");
        expect(all(close(1000, ""), close(1000, "")), "close 1000");
        expect(all(close(1000, ""), frame(0x89, "late")), "close 1000");
        expect(all(close(1000, ""), frame(0x81, "late"), octets(0xff, 0xff)), "close 1000");
    }

    @Test
    void codesThatNoFrameMayCarryAreAProtocolError() {
        for (int code : new int[] {0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535}) {
            expect(close(code, ""), "close 1002");
            assertFalse(CloseCode.isOnTheWire(code));
        }
        for (int code : new int[] {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999}) {
            expect(close(code, ""), "close " + code);
            assertTrue(CloseCode.isOnTheWire(code));
        }
    }

    @Test
    void aCloseOfOneOctetOrWithAWrongReasonIsRefused() {
        expect(raw(0x88, 3), "close 1002");
        expect(raw(0x88, 3, 0xe8, 0xff), "close 1007");
        expect(raw(0x88, 3, 0xe8, 0xc3), "close 1007");
        expect(all(octets(0x88, 0x80 | 126, 0, 126, 0, 0, 0, 0), new byte[126]), "close 1002");
        try (EchoWorld world = new EchoWorld()) {
            world.send(raw(0x88, 3, 0xe8, 0xff));
            assertEquals(List.of("FAILED 1007"), world.heard, "the application hears of it");
        }
    }

    @Test
    void outputEndsWhenACloseWentEachWay() {
        try (EchoWorld world = new EchoWorld()) {
            world.engine.close(1001, Ascii.of("bye"));
            world.turn();
            assertEquals(List.of("close 1001 bye"), world.said());
            assertFalse(world.engine.isOutputEnded());
            assertEquals(List.of(), world.send(all(frame(0x89, "p"), frame(0x81, "on its way"))).said());
            assertFalse(world.engine.isOutputEnded());
            assertEquals(List.of(), world.send(close(1001, "")).said());
            assertTrue(world.engine.isOutputEnded());
            assertThrows(IllegalStateException.class, () -> world.engine.begin(true, 1));  // no more
        }
    }

    @Test
    void outputEndsBehindTheCloseThatTellsAFailure() {
        try (EchoWorld world = new EchoWorld()) {
            assertEquals(List.of("close 1002"), world.send(octets(0x83, 0x80)).said());
            assertTrue(world.engine.isOutputEnded());
            assertTrue(world.engine.isReadEnded());
        }
    }

    @Test
    void aCloseWaitsForTheMessagesBeforeIt() {
        try (EchoWorld world = new EchoWorld()) {
            world.room = 3;
            world.reads = false;
            world.send(0x81, "a message that takes several turns");
            world.reads = true;
            world.engine.close(CloseCode.NORMAL, null);
            world.turn();
            assertEquals(List.of("text a message that takes several turns", "close 1000"), world.said());
        }
    }

    @Test
    void whatMayNotBeSaidIsTheCallersFault() {
        try (EchoWorld world = new EchoWorld()) {
            for (int code : new int[] {0, 1004, 1006, 1015, 2999, 5000}) {
                assertThrows(IllegalArgumentException.class, () -> world.engine.close(code, null));
            }
            assertThrows(IllegalArgumentException.class, () -> world.engine.close(1000, Ascii.of("x".repeat(124))));
            assertThrows(IllegalArgumentException.class, () -> world.engine.close(CloseCode.NONE, Ascii.of("x")));
            world.engine.close(1000, Ascii.of("x".repeat(123)));
            world.turn();
            assertEquals(List.of("close 1000 " + "x".repeat(123)), world.said());
        }
    }

    // 9, 10: limits.

    @Test
    void aFrameAtItsLimitPassesAndOnePastItIs1009() {
        WebSocketLimits limits = new WebSocketLimits(200, 300);
        try (EchoWorld world = new EchoWorld(limits)) {
            assertEquals(List.of("binary 200"), world.send(frame(0x82, new byte[200])).said());
            assertEquals(List.of("binary 300"), world.send(all(frame(2, new byte[200]), frame(0x80, new byte[100]))).said());
            assertEquals(List.of("close 1009"), world.send(octets(0x82, 0x80 | 126, 0, 201, 0, 0, 0, 0)).said(), "at the head");
        }
        try (EchoWorld world = new EchoWorld(limits)) {
            world.send(frame(2, new byte[200]));
            assertEquals(List.of("close 1009"), world.send(octets(0x80, 0x80 | 101, 0, 0, 0, 0)).said(), "at the head");
        }
        try (EchoWorld world = new EchoWorld(limits)) {
            assertEquals(List.of("close 1009"), world.send(octets(0x82, 0x80 | 127, 0x7f, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 0)).said());
        }
    }

    @Test
    void nothingOfAControlFrameIsLeftBehind() {
        try (EchoWorld world = new EchoWorld()) {
            world.reads = false;
            world.send(all(frame(0x89, "secret"), frame(0x89, "second"), frame(1, "begun")));
            world.engine.reset();
            assertEquals(0, RawMemory.nonZero(world.memory, 0, WebSocketEngine.BYTES));
            assertFalse(world.engine.isHeld());
            assertFalse(world.engine.isClosing());
        }
    }
}
