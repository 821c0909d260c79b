package dev.coffer.instruments;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// This process looked at from outside of its accessors, against what the accessors say.
class ProcessMemoryTest {
    private static final int WINDOW = 1 << 20;

    private final Arena arena = Arena.ofAuto();

    @Test
    void readsAndWritesWhatTheAccessorsSee() {
        MemorySegment segment = arena.allocate(64, 64);
        segment.set(ValueLayout.JAVA_LONG, 8, 0x1122_3344_5566_7788L);
        try (ProcessMemory memory = ProcessMemory.ofSelf()) {
            assertArrayEquals(segment.asSlice(7, 10).toArray(ValueLayout.JAVA_BYTE), memory.read(segment.address() + 7, 10));
            memory.write(segment.address() + 63, (byte) -1);
            assertEquals(-1, segment.get(ValueLayout.JAVA_BYTE, 63));
            assertEquals(0, segment.get(ValueLayout.JAVA_BYTE, 62));
            assertThrows(UncheckedIOException.class, () -> memory.read(0, 1));
            assertThrows(UncheckedIOException.class, () -> memory.write(0, (byte) 1));
        }
    }

    /// The last byte of a window, the first of the next, the first and the last of all; and none of those beside them.
    @Test
    void countsBytesThatAreNotZeroAcrossWindows() {
        MemorySegment segment = arena.allocate(2 * WINDOW + 64, 64);
        try (ProcessMemory memory = ProcessMemory.ofSelf()) {
            long from = segment.address() + 8;
            for (int length : new int[] {0, 1, 16, WINDOW - 1, WINDOW, WINDOW + 1, 2 * WINDOW, 2 * WINDOW + 1}) {
                segment.fill((byte) 0);
                segment.set(ValueLayout.JAVA_BYTE, 7, (byte) 1);
                segment.set(ValueLayout.JAVA_BYTE, 8 + length, (byte) 1);
                assertEquals(0, memory.nonZero(from, length), length + " bytes between two that are not zero");
                int marks = 0;
                for (int at : new int[] {0, WINDOW - 1, WINDOW, length - 1}) {
                    if (at >= 0 && at < length && segment.get(ValueLayout.JAVA_BYTE, 8 + at) == 0) {
                        segment.set(ValueLayout.JAVA_BYTE, 8 + at, (byte) 0x80);
                        marks++;
                    }
                }
                assertEquals(marks, memory.nonZero(from, length), length + " bytes");
            }
        }
    }

    /// Sixteen bytes that lie across the end of a window are found at each of their places there, and found once.
    @Test
    void aScanFindsWhatLiesAcrossItsWindows() {
        PlantedSecrets secrets = new PlantedSecrets(5, 1);
        MemorySegment segment = arena.allocate(3 * WINDOW, 4096);
        Mapping mapping = new Mapping(segment.address(), segment.address() + segment.byteSize(), "rw-p", "", segment.byteSize(), 0,
                Set.of());
        try (ProcessMemory memory = ProcessMemory.ofSelf()) {
            for (int at : new int[] {0, WINDOW - 17, WINDOW - 16, WINDOW - 15, WINDOW - 8, WINDOW - 1, WINDOW, 2 * WINDOW - 31,
                    2 * WINDOW - 30, 2 * WINDOW - 16, 3 * WINDOW - 16}) {
                segment.fill((byte) 0);
                for (int i = 0; i < ResidueScan.PATTERN_BYTES; i++) {
                    segment.set(ValueLayout.JAVA_BYTE, at + i, secrets.at(0, i));
                }
                ResidueScan scan = ResidueScan.of(secrets);
                assertTrue(memory.scan(List.of(mapping), scan) >= segment.byteSize());
                assertEquals(1, scan.copies(), "at " + at);
            }
        }
    }

    /// What nobody can read, what was never touched and what is only read from a file is not offered; all else is.
    @Test
    void aScanLeavesOutWhatHoldsNothingOfTheProcess() {
        MemorySegment segment = arena.allocate(4096, 4096);
        long at = segment.address();
        record Case(String permissions, String name, long rss, long offered) {}
        try (ProcessMemory memory = ProcessMemory.ofSelf()) {
            for (Case it : List.of(new Case("rw-p", "", 4096, 4096), new Case("r--p", "", 4096, 4096),
                    new Case("-w-p", "", 4096, 0), new Case("---p", "", 4096, 0), new Case("rw-p", "", 0, 0),
                    new Case("r--p", "/a/file", 4096, 0), new Case("rw-s", "/a/file", 4096, 4096),
                    new Case("rw-p", "[heap]", 4096, 4096), new Case("r--p", "[anon:a]", 4096, 4096))) {
                assertEquals(it.offered, memory.scan(List.of(
                        new Mapping(at, at + 4096, it.permissions, it.name, it.rss, 0, Set.of())), new ResidueScan()), it.toString());
            }
        }
    }

    /// An entry is within where one byte of it is, and is cut at both ends.
    @Test
    void mappingsAreCutAtTheEndsOfARange() {
        Mapping mapping = new Mapping(100, 200, "rw-p", "[anon:a]", 1, 2, Set.of("lo"));
        List<Mapping> all = List.of(mapping, new Mapping(200, 300, "r--p", "[anon:ab]", 0, 0, Set.of()));
        assertEquals(all, Mapping.within(all, 100, 300));
        assertEquals(List.of(mapping), Mapping.within(all, 0, 200));
        assertEquals(2, Mapping.within(all, 0, 201).size());
        assertEquals(1, Mapping.within(all, 0, 201).get(1).bytes());
        assertEquals(List.of(), Mapping.within(all, 0, 100));
        assertEquals(List.of(new Mapping(100, 101, "rw-p", "[anon:a]", 1, 2, Set.of("lo"))), Mapping.within(all, 0, 101));
        assertEquals(List.of(new Mapping(199, 200, "rw-p", "[anon:a]", 1, 2, Set.of("lo"))), Mapping.within(all, 199, 200));
        assertEquals(List.of(), Mapping.within(all, 300, 400));
        assertEquals(List.of(mapping), Mapping.named(all, "[anon:a]"));
        assertEquals(List.of(), Mapping.named(all, "[anon:"));
    }

    @Test
    void thisProcessHasAnEntryForItsOwnMemory() {
        MemorySegment segment = arena.allocate(4096, 4096);
        segment.fill((byte) 1);
        List<Mapping> own = Mapping.within(Mapping.ofSelf(), segment.address(), segment.address() + 4096);
        assertEquals(4096, own.stream().mapToLong(Mapping::bytes).sum());
        for (Mapping mapping : own) {
            assertTrue(mapping.permissions().startsWith("rw"), mapping.toString());
            assertTrue(mapping.rssBytes() >= 4096 && mapping.rssBytes() % 1024 == 0, mapping.toString());
            assertTrue(mapping.flags().containsAll(Set.of("rd", "wr")), mapping.toString());
        }
        assertThrows(UncheckedIOException.class, () -> Mapping.of(-1));
    }
}
