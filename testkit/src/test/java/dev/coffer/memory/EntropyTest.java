package dev.coffer.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.testkit.HeapBytes;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

class EntropyTest {
    @Test
    void fillsExactlyItsRange() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(1000);
            long ones = 0;
            for (int i = 0; i < 200; i++) {
                memory.fill((byte) 0);
                Entropy.SYSTEM.fill(memory, 7, i);
                for (int at = 0; at < 1000; at++) {
                    int value = memory.get(ValueLayout.JAVA_BYTE, at);
                    assertTrue(at >= 7 && at < 7 + i || value == 0, "written outside");
                    ones += Integer.bitCount(value & 0xff);
                }
            }
            long bits = 8L * 199 * 200 / 2;
            assertTrue(Math.abs(ones - bits / 2) < 5 * Math.sqrt(bits) / 2, ones + " ones of " + bits);
            Entropy.SYSTEM.fill(memory, 1000, 0);
        }
    }

    @Test
    void refusesHeapSegmentsAndRangesOutside() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(10);
            assertThrows(IndexOutOfBoundsException.class, () -> Entropy.SYSTEM.fill(memory, 1, 10));
            assertThrows(IllegalArgumentException.class, () -> Entropy.SYSTEM.fill(memory.asReadOnly(), 0, 10));
            assertThrows(IllegalArgumentException.class, () -> Entropy.SYSTEM.fill(MemorySegment.ofArray(new byte[9]), 0, 9));
        }
        Arena closed = Arena.ofConfined();
        MemorySegment gone = closed.allocate(10);
        closed.close();
        assertThrows(IllegalStateException.class, () -> Entropy.SYSTEM.fill(gone, 0, 10));
    }

    @Test
    void allocatesNoHeapBytes() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(100);
            assertEquals(0, HeapBytes.least(2, 5, () -> {
                for (int i = 0; i < 300; i++) {
                    Entropy.SYSTEM.fill(memory, i & 15, 32);
                }
            }));
        }
    }
}
