package dev.coffer.server.files;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.coffer.testkit.Seeds;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestPathTest {
    private final byte[] bytes = new byte[600];
    private final MemorySegment target = MemorySegment.ofArray(bytes);

    private int decode(String path, int room) {
        byte[] sent = path.getBytes(StandardCharsets.ISO_8859_1);
        return RequestPath.decode(MemorySegment.ofArray(sent), 0, sent.length, target, 0, room);
    }

    @ParameterizedTest
    @CsvSource({"/,''", "'',''", "/a,a", "/a/b.txt,a/b.txt", "/a/,a/", "/a%20b,a b", "/%41,A", "/%e2%82%ac,€", "/a+b,a+b",
            "/.well-known/x,.well-known/x", "/a..b,a..b", "/a.,a.", "/~u/%7eu,~u/~u", "/%F0%9F%98%80,😀"})
    void decodes(String path, String name) {
        int length = decode(path, 512);
        assertEquals(name, new String(bytes, 0, Math.max(length, 0), StandardCharsets.UTF_8), path);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "*", "/..", "/../etc/passwd", "/a/../b", "/a/..", "/.", "/./a", "/a/.", "/%2e%2e/a",
            "/%2e", "/.%2e/", "/%2E%2E%2Fa", "/a%2fb", "/%00", "/a%00.txt", "/%", "/%4", "/%zz", "/%4g", "/%-1", "/% 1"})
    void refusesMalformed(String path) {
        assertEquals(RequestPath.MALFORMED, decode(path, 512), path);
    }

    /// Any byte but NUL and `/` may stand in a name.
    @Test
    void everyOtherByteIsPartOfAName() {
        for (int b = 1; b < 256; b++) {
            if (b != '/') {
                String hex = String.format("/x%%%02X", b);
                assertEquals(2, decode(hex, 512), hex);
                assertEquals((byte) b, bytes[1], hex);
            }
        }
        assertEquals(3, decode("/a\\b", 512));
    }

    @ParameterizedTest
    @ValueSource(strings = {"//", "//a", "/a//b", "/a//", "/.git/config", "/.env", "/a/.htaccess", "/...", "/.well-knowm/x",
            "/%2egit/", "/..a"})
    void findsNothing(String path) {
        assertEquals(RequestPath.MISSING, decode(path, 512), path);
    }

    @Test
    void longestPathPassesAndOnePastItIsTooLong() {
        assertEquals(512, decode("/" + "a".repeat(512), 512));
        assertEquals(RequestPath.TOO_LONG, decode("/" + "a".repeat(513), 512));
        assertEquals(512, decode("/" + "%41".repeat(512), 512));
    }

    /// Whatever is asked for, a name that is given back has no segment that could climb, no NUL and no empty segment.
    @Test
    void noDecodedNameCanClimb() {
        String[] parts = {"/", ".", "..", "%2e", "%2f", "a", "%00", "\\", "%5c", "%c0%ae", "//", "%"};
        Seeds.forEach(7, 50_000, random -> {
            StringBuilder path = new StringBuilder("/");
            for (int i = random.nextInt(8); i > 0; i--) {
                path.append(parts[random.nextInt(parts.length)]);
            }
            int length = decode(path.toString(), 512);
            if (length > 0) {
                String name = new String(bytes, 0, length, StandardCharsets.UTF_8);
                for (String segment : (name.endsWith("/") ? name.substring(0, length - 1) : name).split("/", -1)) {
                    if (segment.isEmpty() || segment.startsWith(".") || segment.indexOf('\0') >= 0) {
                        throw new AssertionError(path + " gave " + name);
                    }
                }
            }
            target.set(ValueLayout.JAVA_BYTE, 0, (byte) 0);
        });
    }
}
