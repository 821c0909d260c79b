package dev.coffer.crypto.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.Memory;
import dev.coffer.memory.Entropy;
import dev.coffer.testkit.RawMemory;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

/// What is drawn lies in its range alone, and of a source that fails nothing stays there, whoever wipes afterwards.
class DrawnTest {
    private static final int BYTES = 48;

    private static MemorySegment marked() {
        return Memory.zeros(BYTES).fill((byte) 9);
    }

    private static void assertInside(int expected, MemorySegment memory) {
        assertEquals(expected, RawMemory.nonZero(memory, 8, BYTES - 16), "the range");
        assertEquals(8, RawMemory.nonZero(memory, 0, 8), "before it");
        assertEquals(8, RawMemory.nonZero(memory, BYTES - 8, 8), "behind it");
    }

    @Test
    void whatASourceGivesIsThereAndTheRestIsAsItWas() {
        MemorySegment memory = marked();
        Drawn.fill("test", (segment, at, length) -> segment.asSlice(at, length).fill((byte) 5), memory, 8, BYTES - 16);
        assertInside(BYTES - 16, memory);
        assertEquals("05".repeat(BYTES - 16), Memory.hex(memory.asSlice(8, BYTES - 16)));
    }

    @Test
    void aSourceThatThrowsHalfWayLeavesNothing() {
        MemorySegment memory = marked();
        Entropy source = (segment, at, length) -> {
            segment.asSlice(at, length / 2).fill((byte) 5);
            throw new OutOfMemoryError("planted");
        };
        assertThrows(OutOfMemoryError.class, () -> Drawn.fill("test", source, memory, 8, BYTES - 16));
        assertInside(0, memory);
    }

    @Test
    void aSourceThatFillsNothingIsTold() {
        MemorySegment memory = marked();
        IllegalStateException told = assertThrows(IllegalStateException.class, () -> Drawn.fill("test", (segment, at, length) -> {}, memory, 8, BYTES - 16));
        assertTrue(told.getMessage().startsWith("test: "));
        assertInside(0, memory);
    }
}
