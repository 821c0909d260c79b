package dev.coffer.memory.layout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.coffer.memory.Budget;
import dev.coffer.memory.GuardedSlots;
import dev.coffer.memory.Secret;
import java.lang.foreign.MemorySegment;
import java.util.HashSet;
import org.junit.jupiter.api.Test;
import org.openjdk.jol.info.ClassLayout;
import org.openjdk.jol.info.GraphLayout;

class HeapLayoutTest {
    @Test
    void agreesWithJolOnInstances() {
        Class<?>[] types = {Object.class, Budget.class, Secret.class, GuardedSlots.class, HashSet.class,
                MemorySegment.NULL.getClass()};
        for (Class<?> type : types) {
            assertEquals(ClassLayout.parseClass(type).instanceSize(), HeapLayout.instance(type), type.getName());
        }
    }

    @Test
    void agreesWithJolOnArrays() {
        for (int length : new int[] {0, 1, 2, 3, 7, 8, 9, 1000}) {
            Object[] arrays = {new byte[length], new short[length], new int[length], new long[length],
                    new boolean[length], new Object[length]};
            for (Object array : arrays) {
                assertEquals(GraphLayout.parseInstance(array).totalSize(),
                        HeapLayout.array(array.getClass().getComponentType(), length), array.getClass() + " " + length);
            }
        }
        assertThrows(IllegalArgumentException.class, () -> HeapLayout.array(byte.class, -1));
        assertThrows(ArithmeticException.class, () -> HeapLayout.array(long.class, Long.MAX_VALUE));
    }
}
