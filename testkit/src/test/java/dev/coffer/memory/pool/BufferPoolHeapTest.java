package dev.coffer.memory.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.coffer.memory.layout.HeapLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.openjdk.jol.vm.VM;

/// The heap column of a pool's plan against JOL's word on every object that the pool made.
class BufferPoolHeapTest {
    @Test
    void planWeighsEveryObjectThatThePoolMakes() throws IllegalAccessException {
        for (BufferPoolConfig config : new BufferPoolConfig[] {BufferPoolConfig.of("p", 64, 1),
                BufferPoolConfig.of("p", 64, 33), BufferPoolConfig.of("p", 128, 4).withSlabs(2, 5),
                BufferPoolConfig.of("p", 64, 10).withOneThread(), BufferPoolConfig.of("p", 64, 7).withCaches(0, 2, 3)}) {
            BufferPool pool = BufferPool.over(config, Arena.ofAuto().allocate(config.bytes(), 64));
            Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
            assertEquals(weigh(pool, seen), BufferPool.plan(config).heapBytes(), config.toString());
        }
    }

    /// Sums JOL's sizes over what can be reached through fields of the pool's own classes.
    private static long weigh(Object object, Set<Object> seen) throws IllegalAccessException {
        if (object == null || object instanceof BufferPoolConfig || object instanceof String || object instanceof Class
                || !seen.add(object)) {
            return 0;
        }
        long bytes = VM.current().sizeOf(object);
        if (object instanceof Object[] array) {
            for (int i = 0; i < Array.getLength(array); i++) {
                bytes += weigh(array[i], seen);
            }
        }
        boolean ours = object.getClass().getName().startsWith("dev.coffer.");
        for (Class<?> type = object.getClass(); ours && type != null; type = type.getSuperclass()) {
            for (Field field : type.getDeclaredFields()) {
                if (!Modifier.isStatic(field.getModifiers()) && !field.getType().isPrimitive()
                        && !isMemoryOfSlabs(object, field)) {
                    field.setAccessible(true);
                    bytes += weigh(field.get(object), seen);
                }
            }
        }
        return bytes;
    }

    /// The row that the caller carved: its segment was there before the pool.
    private static boolean isMemoryOfSlabs(Object object, Field field) {
        return (object instanceof Slabs || object instanceof BufferPool) && field.getType() == MemorySegment.class;
    }

    @Test
    void plansHeapGrowsWithTheSlots() {
        long one = BufferPool.plan(BufferPoolConfig.of("p", 64, 100).withCaches(0, 1, 0)).heapBytes();
        long more = BufferPool.plan(BufferPoolConfig.of("p", 64, 101).withCaches(0, 1, 0)).heapBytes();
        assertEquals(true, more - one >= HeapLayout.instance(MemorySegment.NULL.getClass()) && more - one < 512);
    }
}
