package dev.coffer.memory.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.Proxy;
import org.junit.jupiter.api.Test;

class PassageTest {
    private final Passage passage = new Passage();

    @Test
    void goesOnByWhatHasGone() {
        passage.ofFile(3, 1L << 40, 10);
        assertTrue(passage.isFile());
        assertEquals(3, passage.file());
        assertNull(passage.segment());
        passage.advance(4);
        assertEquals((1L << 40) + 4, passage.at());
        assertEquals(6, passage.left());
        passage.clear();
        assertEquals(0, passage.left());
        assertFalse(passage.isFile());
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(8);
            passage.ofMemory(memory, 5, 3);
            assertSame(memory, passage.segment());
            assertFalse(passage.isFile());
            passage.advance(3);
            assertEquals(0, passage.left());
        }
    }

    /// And is as it was.
    @Test
    void refusesWhatCannotBeSent() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(8);
            passage.ofMemory(memory, 0, 8);
            assertThrows(IndexOutOfBoundsException.class, () -> passage.ofMemory(memory, 1, 8));
            assertThrows(IndexOutOfBoundsException.class, () -> passage.ofMemory(memory, Long.MAX_VALUE, 2));
            assertThrows(IllegalArgumentException.class, () -> passage.ofMemory(memory, 8, 0));
            assertThrows(IllegalArgumentException.class, () -> passage.ofMemory(MemorySegment.ofArray(new byte[8]), 0, 8));
            assertThrows(IllegalArgumentException.class, () -> passage.ofFile(-1, 0, 1));
            assertThrows(IllegalArgumentException.class, () -> passage.ofFile(0, -1, 1));
            assertThrows(IllegalArgumentException.class, () -> passage.ofFile(0, 0, 0));
            assertThrows(IllegalArgumentException.class, () -> passage.advance(9));
            assertThrows(IllegalArgumentException.class, () -> passage.advance(-1));
            assertSame(memory, passage.segment());
            assertEquals(0, passage.at());
            assertEquals(8, passage.left());
        }
    }

    @Test
    void anEngineWithoutPassagesRefusesToHearOfThem() {
        Engine<?> engine = (Engine<?>) Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] {Engine.class},
                java.lang.reflect.InvocationHandler::invokeDefault);
        engine.allowPassages(true);
        assertNull(engine.passage());
        assertThrows(IllegalStateException.class, () -> engine.passed(1, 0));
        assertThrows(IllegalStateException.class, () -> engine.refusePassage(0));
    }
}
