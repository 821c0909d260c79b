package dev.coffer.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class MemoryPlanTest {
    private static final MemoryPlan CONNECTION = MemoryPlan.group("connection",
            MemoryPlan.block("read", 2048).withHeap(40), MemoryPlan.block("fields", 16, 64, "offset and length"));

    @Test
    void totalsAreExactSums() {
        assertEquals(2048 + 1024, CONNECTION.totalBytes());
        MemoryPlan server = MemoryPlan.group("server", CONNECTION.times(100), MemoryPlan.block("files", 4096));
        assertEquals(100 * 3072 + 4096, server.totalBytes());
        assertEquals(4000, server.heapBytes());
        assertEquals(307_200, server.offsetOf("files"));
        assertEquals(100, server.child("connection").count());
        assertEquals(0, CONNECTION.times(0).totalBytes());
    }

    @Test
    void groupHeapIsItsOwnBesideItsChildren() {
        assertEquals(40 + 8, CONNECTION.withHeap(8).heapBytes());
        assertEquals(2 * (40 + 8), CONNECTION.withHeap(8).times(2).heapBytes());
    }

    @Test
    void printsAnAlignedTableAndJson() {
        MemoryPlan plan = MemoryPlan.group("s\"erver", CONNECTION.times(2)).noted("a\nb");
        assertEquals("{\"name\":\"s\\\"erver\",\"totalBytes\":6144,\"heapBytes\":80,\"bytes\":0,\"count\":1,"
                + "\"note\":\"a\\u000ab\",\"children\":[{\"name\":\"connection\",\"totalBytes\":6144,\"heapBytes\":80,"
                + "\"bytes\":0,\"count\":2,\"children\":[{\"name\":\"read\",\"totalBytes\":2048,\"heapBytes\":40,"
                + "\"bytes\":2048,\"count\":1},{\"name\":\"fields\",\"totalBytes\":1024,\"heapBytes\":0,\"bytes\":16,"
                + "\"count\":64,\"note\":\"offset and length\"}]}]}", plan.toJson());
        String[] lines = CONNECTION.toTable().split(System.lineSeparator());
        assertEquals(4, lines.length);
        assertTrue(lines[3].contains("64 x 16") && lines[3].endsWith("  fields  (offset and length)"), lines[3]);
        assertEquals(lines[1].indexOf("connection") + 2, lines[2].indexOf("read"));
    }

    @Test
    void refusesWhatCannotBeAdded() {
        MemoryPlan half = MemoryPlan.block("half", Long.MAX_VALUE / 2 + 1);
        assertThrows(ArithmeticException.class, () -> MemoryPlan.group("g", half, half.named("other")));
        assertThrows(ArithmeticException.class, () -> half.times(2));
        assertThrows(IllegalArgumentException.class, () -> MemoryPlan.group("g", half, half));
        assertThrows(IllegalArgumentException.class, () -> MemoryPlan.block("a", -1));
        assertThrows(IllegalArgumentException.class, () -> MemoryPlan.block("a", 1, -1, ""));
        assertThrows(IllegalArgumentException.class, () -> MemoryPlan.block(" ", 1));
        assertThrows(IllegalArgumentException.class, () -> MemoryPlan.block("a/b", 1));
        assertThrows(IllegalArgumentException.class, () -> CONNECTION.withHeap(-1));
        assertThrows(IllegalArgumentException.class, () -> CONNECTION.child("none"));
        assertThrows(IllegalArgumentException.class, () -> CONNECTION.offsetOf("none"));
    }

    /// Each of the two that JSON gives a meaning, alone and in either order; the neighbours of the least that needs no escape.
    @Test
    void namesAndNotesAreJsonWhateverTheyHold() {
        for (String[] pair : new String[][] {{"\"", "\\\""}, {"\\", "\\\\"}, {"\\\"", "\\\\\\\""}, {"\"\\", "\\\"\\\\"},
                {"\u001f", "\\u001f"}, {"a b", "a b"}, {"[]#!", "[]#!"}, {"\u0000", "\\u0000"}, {"\u00e9", "\u00e9"}}) {
            assertEquals("{\"name\":\"x" + pair[1] + "\",\"totalBytes\":1,\"heapBytes\":0,\"bytes\":1,\"count\":1,\"note\":\""
                    + pair[1] + "\"}", MemoryPlan.block("x" + pair[0], 1).noted(pair[0]).toJson());
        }
    }
}
