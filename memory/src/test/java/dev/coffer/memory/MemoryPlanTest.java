package dev.coffer.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Locale;
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

    private static final MemoryPlan PROTOCOL = MemoryPlan.oneOf("protocol", MemoryPlan.block("http1", 512), MemoryPlan.block("http2", 2048).withHeap(24),
            MemoryPlan.group("tls", MemoryPlan.block("keys", 100), MemoryPlan.block("record", 900)).withHeap(40));

    @Test
    void oneOfTakesWhatItsLargestAlternativeTakesAndMakesTheObjectsOfAll() {
        assertEquals(2048, PROTOCOL.totalBytes());
        assertEquals(2048, PROTOCOL.typicalBytes());
        assertEquals(64, PROTOCOL.heapBytes());
        assertEquals(3 * 2048, PROTOCOL.times(3).totalBytes());
        assertEquals(3 * 64 + 8, PROTOCOL.times(3).withHeap(8).heapBytes());
        MemoryPlan group = MemoryPlan.group("g", MemoryPlan.block("a", 8), PROTOCOL, MemoryPlan.block("b", 8));
        assertEquals(8 + 2048 + 8, group.totalBytes());
        assertEquals(8 + 2048, group.offsetOf("b"));
        for (MemoryPlan alternative : PROTOCOL.children()) {
            assertEquals(0, PROTOCOL.offsetOf(alternative.name()));
        }
        assertEquals(100, group.find("protocol/tls").offsetOf("record"));
    }

    @Test
    void atMostTakesSoManyTimesTheLargest() {
        MemoryPlan slots = MemoryPlan.atMost("handshakes", 16, MemoryPlan.block("client", 6000), MemoryPlan.block("server", 7000).withHeap(8));
        assertEquals(16 * 7000, slots.totalBytes());
        assertEquals(16 * 8, slots.heapBytes());
        assertEquals(16, slots.count());
        assertEquals(0, MemoryPlan.atMost("none", 0, PROTOCOL).totalBytes());
        assertEquals(2048 * 5, MemoryPlan.atMost("some", 5, PROTOCOL).totalBytes(), "one of several in each slot");
    }

    @Test
    void typicalIsWhatRowsSayAndTheWorstCaseWhereTheySayNothing() {
        assertEquals(512, PROTOCOL.typically("http1").typicalBytes());
        assertEquals(2048, PROTOCOL.typically("http1").totalBytes());
        assertEquals(2048, PROTOCOL.typically("tls").typically("http2").typicalBytes());
        MemoryPlan many = PROTOCOL.typically("http1").times(100).typically(10);
        assertEquals(5120, many.typicalBytes());
        assertEquals(204_800, many.totalBytes());
        assertEquals(2 * 5120, many.times(2).named("n").noted("n").withHeap(1).typicalBytes());
        assertEquals(5120 + 7, MemoryPlan.group("g", many, MemoryPlan.block("b", 7)).typicalBytes());
        assertEquals(0, many.typically(0).typicalBytes());
        assertEquals(512 * 100, many.typically(100).typicalBytes());
        assertThrows(IllegalArgumentException.class, () -> many.typically(101));
        assertThrows(IllegalArgumentException.class, () -> many.typically(-1));
        assertThrows(IllegalArgumentException.class, () -> PROTOCOL.typically("none"));
        assertThrows(IllegalArgumentException.class, () -> CONNECTION.typically("read"));
    }

    @Test
    void printsAlternativesAsSuchAndWhatIsTypicalWhereARowSaysIt() {
        MemoryPlan plan = MemoryPlan.group("server", PROTOCOL.typically("tls").times(2), MemoryPlan.atMost("handshakes", 16,
                MemoryPlan.block("x25519", 600), MemoryPlan.block("hybrid", 7000)).typically(2).noted("lent"));
        assertEquals("""
                     worst case          typical             count x bytes    heap bytes  name
                        116,096           16,000                                     128  server
                          4,096            2,000                 2 x 2,048           128    protocol: one of
                            512              512                   1 x 512             0      | http1
                          2,048            2,048                 1 x 2,048            24      | http2
                          1,000            1,000                                      40      | tls
                            100              100                   1 x 100             0        keys
                            900              900                   1 x 900             0        record
                        112,000           14,000                16 x 7,000             0    handshakes: at most 16 of  (lent)
                            600              600                   1 x 600             0      | x25519
                          7,000            7,000                 1 x 7,000             0      | hybrid
                """.replace("\n", System.lineSeparator()), plan.toTable());
        assertTrue(plan.toJson().startsWith("{\"name\":\"server\",\"totalBytes\":116096,\"heapBytes\":128,\"bytes\":0,\"count\":1,"
                + "\"typicalBytes\":16000,\"children\":[{\"name\":\"protocol\",\"totalBytes\":4096,\"heapBytes\":128,\"bytes\":0,"
                + "\"count\":2,\"shape\":\"oneOf\",\"typicalBytes\":2000,\"children\":[{\"name\":\"http1\""), plan.toJson());
        assertTrue(plan.toJson().contains("{\"name\":\"handshakes\",\"totalBytes\":112000,\"heapBytes\":0,\"bytes\":0,\"count\":16,"
                + "\"shape\":\"atMost\",\"typicalBytes\":14000,\"note\":\"lent\",\"children\":[{"), plan.toJson());
    }

    @Test
    void refusesChoicesOfNothingAndPathsThatLeadNowhere() {
        assertThrows(IllegalArgumentException.class, () -> MemoryPlan.oneOf("o"));
        assertThrows(IllegalArgumentException.class, () -> MemoryPlan.atMost("o", 3));
        assertThrows(IllegalArgumentException.class, () -> MemoryPlan.atMost("o", -1, PROTOCOL));
        assertThrows(IllegalArgumentException.class, () -> MemoryPlan.oneOf("o", PROTOCOL, PROTOCOL));
        MemoryPlan half = MemoryPlan.block("half", Long.MAX_VALUE / 2 + 1);
        assertEquals(half.totalBytes(), MemoryPlan.oneOf("o", half, half.named("other")).totalBytes());
        assertThrows(ArithmeticException.class, () -> MemoryPlan.atMost("o", 2, half));
        assertEquals("record", PROTOCOL.find("tls/record").name());
        for (String path : new String[] {"", "tls/", "/tls", "tls/none", "tls/record/x", "none"}) {
            assertThrows(IllegalArgumentException.class, () -> PROTOCOL.find(path), path);
        }
    }

    @Test
    void aTableIsTheSameWhateverLocaleTheMachineHas() {
        MemoryPlan plan = MemoryPlan.group("all", MemoryPlan.block("rows", 1 << 20, 3, ""), MemoryPlan.block("one", 64)).withHeap(12_345);
        Locale before = Locale.getDefault();
        String expected = plan.toTable();
        assertTrue(expected.contains("3,145,"), expected);
        try {
            for (String tag : List.of("de", "ar-EG", "hi-IN-u-nu-deva")) {
                Locale.setDefault(Locale.forLanguageTag(tag));
                assertEquals(expected, plan.toTable(), tag);
            }
        } finally {
            Locale.setDefault(before);
        }
    }
}
