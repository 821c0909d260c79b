package dev.coffer.crypto.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.testkit.Seeds;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ReplayWindowTest {
    @Test
    void acceptsEachNumberOnceAndNoneOlderThanTheWindow() {
        Seeds.forEach(1, 200, random -> {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment window = arena.allocate(ReplayWindow.BYTES, 8);
                Set<Long> seen = new HashSet<>();
                long newest = -1;
                for (int i = 0; i < 500; i++) {
                    int reach = 1 + random.nextInt(random.nextInt(8) == 0 ? 400 : 40);
                    long sequence = Math.max(0, newest + random.nextInt(reach) - random.nextInt(reach));
                    boolean expected = !seen.contains(sequence) && sequence > newest - ReplayWindow.NUMBERS;
                    assertEquals(expected, ReplayWindow.isNew(window, 0, sequence), sequence + " after " + newest);
                    if (expected) {
                        ReplayWindow.mark(window, 0, sequence);
                        seen.add(sequence);
                        newest = Math.max(newest, sequence);
                    }
                }
            }
        });
    }

    @Test
    void edgesOfTheWindowComeInPairs() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment window = arena.allocate(ReplayWindow.BYTES, 8);
            ReplayWindow.mark(window, 0, 1000);
            assertTrue(ReplayWindow.isNew(window, 0, 1000 - 127));
            assertFalse(ReplayWindow.isNew(window, 0, 1000 - 128));
            for (long shift : new long[] {1, 63, 64, 65, 127, 128, 129}) {
                MemorySegment moved = arena.allocate(ReplayWindow.BYTES, 8);
                ReplayWindow.mark(moved, 0, 1000);
                ReplayWindow.mark(moved, 0, 1000 + shift);
                assertFalse(ReplayWindow.isNew(moved, 0, 1000), "moved by " + shift);
                assertTrue(shift == 1 || ReplayWindow.isNew(moved, 0, 1000 + shift - 1));
            }
        }
    }
}
