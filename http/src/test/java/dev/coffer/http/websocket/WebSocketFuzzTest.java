package dev.coffer.http.websocket;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.coffer.testkit.LongRun;
import dev.coffer.testkit.Seeds;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Random and mutated frames, in pieces, read or not: no exception, no hang; every split says the same, and text is judged as the JDK judges it.
class WebSocketFuzzTest {
    private static final WebSocketLimits SMALL = new WebSocketLimits(300, 500);

    /// Frames that are mostly right, now and then mutated.
    private static byte[] session(SplittableRandom random) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        boolean begun = false;
        for (int i = random.nextInt(1, 8); i > 0; i--) {
            int kind = random.nextInt(12);
            boolean last = random.nextInt(3) != 0;
            byte[] payload = new byte[random.nextInt(6) == 0 ? random.nextInt(310) : random.nextInt(20)];
            for (int j = 0; j < payload.length; j++) {
                payload[j] = (byte) random.nextInt(' ', random.nextInt(40) == 0 ? 256 : 127);
            }
            if (kind < 7) {
                all.writeBytes(EchoWorld.frame((last ? 0x80 : 0) | (begun ? 0 : random.nextInt(1, 3)), payload));
                begun = !last;
            } else if (kind < 10) {
                all.writeBytes(EchoWorld.frame(random.nextBoolean() ? 0x89 : 0x8a, java.util.Arrays.copyOf(payload, Math.min(payload.length, 125))));
            } else if (kind == 10) {
                all.writeBytes(EchoWorld.close(random.nextInt(999, 1020), "bye"));
            } else {
                all.writeBytes(EchoWorld.frame(random.nextInt(256), payload));
            }
        }
        byte[] bytes = all.toByteArray();
        for (int i = random.nextInt(3) == 0 ? random.nextInt(1, 4) : 0; i > 0; i--) {
            bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
        }
        return bytes;
    }

    private static void one(SplittableRandom random) {
        byte[] bytes = session(random);
        List<String> whole;
        try (EchoWorld world = new EchoWorld(SMALL)) {
            whole = world.send(bytes).said();
        }
        try (EchoWorld world = new EchoWorld(SMALL)) {
            world.piece = random.nextInt(3) == 0 ? 1 : random.nextInt(1, 50);
            world.room = random.nextInt(1, 40);
            world.reads = random.nextBoolean();
            world.send(bytes);
            world.reads = true;
            world.turn();
            List<String> split = world.said();
            // pongs overtake messages that wait, so only each kind has its order
            for (String kind : new String[] {"text", "binary", "pong", "close"}) {
                List<String> expected = whole.stream().filter(frame -> frame.startsWith(kind)).toList();
                List<String> found = split.stream().filter(frame -> frame.startsWith(kind)).toList();
                if (kind.equals("close") || !split.toString().contains("close")) {
                    assertEquals(expected, found, kind);
                } else if (found.size() > expected.size() || !expected.subList(0, found.size()).equals(found)) {
                    throw new AssertionError(kind + ": " + found + ", whole " + expected);  // a close gives up what waits
                }
            }
            world.engine.reset();
        }
    }

    @Test
    void randomFramesAreAnsweredTheSameHoweverTheyAreSplit() {
        Seeds.forEach(1, 3000, WebSocketFuzzTest::one);
    }

    @Test
    @Tag("long")
    void randomFramesForALongTime() {
        LongRun.of("websocket frames", WebSocketFuzzTest::one);
    }

    private static boolean isUtf8(byte[] bytes) {
        try {
            CharBuffer text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            return text != null;
        } catch (CharacterCodingException e) {
            return false;
        }
    }

    @Test
    void textIsJudgedAsTheJdkJudgesIt() {
        Seeds.forEach(1, 20_000, random -> {
            byte[] bytes = new byte[random.nextInt(1, 30)];
            for (int i = 0; i < bytes.length;) {
                byte[] character = random.nextInt(12) == 0 ? new byte[] {(byte) random.nextInt(256)}
                        : random.nextInt(60) == 0 ? new byte[] {(byte) 0xed, (byte) random.nextInt(0xa0, 0xc0), (byte) random.nextInt(0x80, 0xc0)}  // a surrogate
                                : new String(Character.toChars(random.nextInt(4) == 0 ? random.nextInt(0x110000) : random.nextInt(0x800)))
                                        .getBytes(StandardCharsets.UTF_8);
                for (int j = 0; j < character.length && i < bytes.length; j++) {
                    bytes[i++] = character[j];
                }
            }
            try (EchoWorld world = new EchoWorld()) {
                world.piece = random.nextInt(1, 12);
                List<String> said = world.send(EchoWorld.frame(0x81, bytes)).said();
                assertEquals(isUtf8(bytes) ? "text " + new String(bytes, StandardCharsets.UTF_8) : "close 1007", said.getFirst());
            }
        });
    }
}
