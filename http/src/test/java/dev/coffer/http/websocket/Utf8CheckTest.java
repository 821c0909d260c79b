package dev.coffer.http.websocket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// The check against the JDK's decoder: random octets that are nearly text, in random pieces.
class Utf8CheckTest {
    private static final int[] EDGES = {0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed, 0xee, 0xef, 0xf0, 0xf1,
            0xf3, 0xf4, 0xf5, 0xff};

    private final Utf8Check check = new Utf8Check();

    @Test
    void itTakesWhatTheJdksDecoderTakesHoweverItIsCut() {
        long seed = Long.getLong("coffer.seed", 1);
        Random random = new Random(seed);
        int good = 0;
        for (int i = 0; i < 200_000; i++) {
            byte[] octets = nearlyText(random);
            boolean text = decodes(octets);
            good += text ? 1 : 0;
            assertEquals(text, takes(octets, random), () -> HexFormat.of().formatHex(octets) + ", seed " + seed);
        }
        assertTrue(good > 10_000 && good < 190_000, "both kinds: " + good);
    }

    /// All that two and three octets of edges can be, and four behind each first octet of four.
    @Test
    void itTakesWhatTheJdksDecoderTakesAtEachEdge() {
        Random whole = new Random(0);
        for (int a : EDGES) {
            for (int b : EDGES) {
                compare(whole, a, b);
                for (int c : EDGES) {
                    compare(whole, a, b, c);
                    for (int d : EDGES) {
                        compare(whole, a, b, c, d);
                    }
                }
            }
        }
    }

    private void compare(Random random, int... octets) {
        byte[] bytes = new byte[octets.length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) octets[i];
        }
        assertEquals(decodes(bytes), takes(bytes, random), () -> HexFormat.of().formatHex(bytes));
    }

    private boolean takes(byte[] octets, Random random) {
        MemorySegment text = MemorySegment.ofArray(octets);
        check.reset();
        for (int at = 0; at < octets.length;) {
            int piece = Math.min(octets.length - at, 1 + random.nextInt(random.nextBoolean() ? 2 : 40));
            if (!check.go(text, at, piece)) {
                return false;
            }
            at += piece;
        }
        return check.isComplete();
    }

    private static boolean decodes(byte[] octets) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(octets));
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }

    /// Valid text of characters of each length, in most cases with an octet replaced by an edge or cut off.
    private static byte[] nearlyText(Random random) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(30); i >= 0; i--) {
            int bits = random.nextInt(4) == 0 ? 21 : random.nextBoolean() ? 7 : 16;
            int point = random.nextInt(1 << bits);
            text.appendCodePoint(point > Character.MAX_CODE_POINT || point >= 0xd800 && point < 0xe000 ? 'x' : point);
        }
        byte[] octets = text.toString().getBytes(StandardCharsets.UTF_8);
        switch (random.nextInt(4)) {
            case 0, 1 -> octets[random.nextInt(octets.length)] = (byte) EDGES[random.nextInt(EDGES.length)];
            case 2 -> octets = java.util.Arrays.copyOf(octets, octets.length - 1);
            default -> {}
        }
        return octets;
    }
}
