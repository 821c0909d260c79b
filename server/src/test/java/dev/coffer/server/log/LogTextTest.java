package dev.coffer.server.log;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/// Texts of peers in a line, at the length where they are cut.
class LogTextTest {
    private static final int MOST = 16;

    private static String escaped(String what, boolean json) {
        byte[] bytes = what.getBytes(StandardCharsets.ISO_8859_1);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment source = arena.allocate(bytes.length + 1L);
            MemorySegment.copy(MemorySegment.ofArray(bytes), 0, source, 0, bytes.length);
            MemorySegment target = arena.allocate(64);
            long end = new LogText(target).from(5).escaped(source, 0, bytes.length, MOST, json).at();
            byte[] written = target.asSlice(5, end - 5).toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
            return new String(written, StandardCharsets.US_ASCII);
        }
    }

    /// The longest escape of JSON and the dots still fit behind what is not cut.
    @Test
    void aTextIsCutWhereTheLongestEscapeAndTheDotsStillFit() {
        assertEquals("xxxxxxxx", escaped("x".repeat(8), false));
        assertEquals("xxxxxxxx...", escaped("x".repeat(9), false));
        assertEquals("xxxxxxx\\u0001", escaped("xxxxxxx\u0001", true));
        String longest = escaped("xxxxxxx\u0001x", true);
        assertEquals("xxxxxxx\\u0001...", longest);
        assertEquals(MOST, longest.length());
        assertEquals("\\u00ff\\u009b...", escaped("\u00ff\u009b\u007f", true));
    }

    @Test
    void whatCouldEndALineAQuotationOrMoveACursorIsSpelt() {
        assertEquals("\\\"\\\\", escaped("\"\\", true));
        assertEquals("\\x1b ~\\x7f", escaped("\u001b ~\u007f", false));
        assertEquals("\\u000a", escaped("\n", true));
    }
}
