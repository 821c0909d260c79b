package dev.coffer.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.coffer.memory.layout.HeapLayout;
import org.junit.jupiter.api.Test;

class ObjectBytesTest {
    @Test
    void whatIsSharedIsCountedForNobodyAndTheRestOnce() {
        Object shared = new int[1000];
        Object own = new long[10];
        Object[] both = {own, shared, own};
        long owned = HeapLayout.array(Object.class, 3) + HeapLayout.array(long.class, 10);
        assertEquals(owned + HeapLayout.array(int.class, 1000), ObjectBytes.of(new Object[] {both}));
        for (int i = 0; i < 20; i++) {
            assertEquals(owned, ObjectBytes.beside(both, shared));
            System.gc();  // a collection moves what is shared
        }
        assertEquals(owned - HeapLayout.array(long.class, 10), ObjectBytes.beside(both, shared, own));
        assertEquals(0, ObjectBytes.beside(both, new Object[] {both}));
    }
}
