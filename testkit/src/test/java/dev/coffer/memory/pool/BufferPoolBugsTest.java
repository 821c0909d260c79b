package dev.coffer.memory.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.memory.Budget;
import dev.coffer.memory.Buffer;
import dev.coffer.memory.BufferBoundsException;
import dev.coffer.testkit.RawMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// The numbered bugs of secbuf 0.1.7 that could exist in a buffer or a general pool, and the test that shows each does not
/// (11, 12, 15 are those of rings and connection buffers and stand with their tests, as does 9).
///
/// | secbuf | here |
/// |---|---|
/// | 1 one thread cache shared by all pools | `bug01CachesBelongToTheirPool` |
/// | 2 the pool is not bounded | `bug02OutstandingBuffersAreBounded` |
/// | 3 in use is wrong after leaks | `bug03InUseCountsBuffersNobodyGaveBack` |
/// | 4 warmed buffers are not counted | `bug04WarmUpLeavesTheNumbersRight` |
/// | 5 resized buffers come back into the pool | `bug05PooledCapacityIsFixed` |
/// | 6 a new buffer cannot be written | `bug06NewBufferCanBeFilled` |
/// | 7 burn wipes the length, not what was cut | `bug07BurnAndReleaseWipeWhatWasCut` |
/// | 8 growth leaves a copy | `bug08GrowthLeavesNoCopy` |
/// | 10 burnt is for ever | `bug10BurnWorksEveryTime` |
/// | 13 strings are half written | `bug13StringIsWholeOrNot` |
/// | 14 lengths wrap | `bug14HugeLengthsAreRefused` |
/// | 16 thread exit loses buffers | `bug16ThreadExitLosesNothing` |
/// | 17 copies on the heap | `bug17NothingReturnsACopy` |
/// | 18 documented features that are not there | each feature has its test in `BufferPoolTest` |
/// | 19 the fast path is the slow one | there is one path; `bench/run pool`, `bench/run wipe` |
/// | 20 statistics are no snapshot | `bug20StatisticsAddUp`, `BufferPoolStressTest` |
/// | 21 a panic while releasing | `bug21FailedReleaseChangesNothing` |
class BufferPoolBugsTest {
    private final Arena arena = Arena.ofAuto();

    private BufferPool pool(String name, int bytes, int slots) {
        BufferPoolConfig config = BufferPoolConfig.of(name, bytes, slots);
        return BufferPool.over(config, arena.allocate(config.bytes(), 64));
    }

    private static void on(Runnable action) throws InterruptedException {
        Thread thread = Thread.ofPlatform().start(action);
        thread.join();
    }

    @Test
    void bug01CachesBelongToTheirPool() {
        BufferPool small = pool("small", 64, 16);
        BufferPool large = pool("large", 65536, 16);
        for (int i = 0; i < 100; i++) {
            try (PooledBuffer one = small.acquire(); PooledBuffer other = large.acquire()) {
                assertEquals(64, one.capacity());
                assertEquals(65536, other.capacity());
            }
            small.flush();
        }
        assertEquals(100, small.statistics().released());
        assertEquals(100, large.statistics().released());
    }

    @Test
    void bug02OutstandingBuffersAreBounded() {
        BufferPool pool = pool("p", 64, 4);
        List<PooledBuffer> all = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            PooledBuffer buffer = pool.tryAcquire();
            if (buffer != null) {
                all.add(buffer);
            }
        }
        assertEquals(4, all.size());
        assertEquals(996, pool.statistics().refused());
    }

    @Test
    void bug03InUseCountsBuffersNobodyGaveBack() throws InterruptedException {
        BufferPool pool = pool("p", 64, 8);
        on(() -> {
            pool.acquire();
            pool.acquire();
            pool.acquire().close();
        });
        assertEquals(2, pool.inUse());
        assertEquals(2, pool.statistics().inUse());
        assertEquals(6, pool.statistics().available());
    }

    @Test
    void bug04WarmUpLeavesTheNumbersRight() {
        BufferPool pool = pool("p", 64, 8);
        pool.warmUp();
        PoolStatistics statistics = pool.statistics();
        assertEquals(0, statistics.acquired());
        assertEquals(0, statistics.inUse());
        assertEquals(8, statistics.active());
        assertTrue(statistics.cached() > 0);
    }

    @Test
    void bug05PooledCapacityIsFixed() {
        BufferPool pool = pool("p", 64, 1);
        PooledBuffer buffer = pool.acquire();
        assertThrows(IllegalStateException.class, () -> buffer.resize(1));
        buffer.limit(1);
        buffer.close();
        assertEquals(64, pool.acquire().room());
    }

    @Test
    void bug06NewBufferCanBeFilled() {
        Buffer buffer = Buffer.over(arena.allocate(8));
        buffer.putU32(1);
        buffer.putU32(2);
        assertEquals(0, buffer.room());
    }

    @Test
    void bug07BurnAndReleaseWipeWhatWasCut() {
        BufferPool pool = pool("p", 128, 1);
        PooledBuffer buffer = pool.acquire();
        long address = buffer.segment().address();
        buffer.put(new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20});
        buffer.length(2);
        buffer.burn();
        assertEquals(0, RawMemory.nonZero(address, 128));
        buffer.putI64(-1);
        buffer.putI64(-1);
        buffer.putI64(-1);
        buffer.length(0);
        buffer.close();
        assertEquals(0, RawMemory.nonZero(address, 128));
    }

    @Test
    void bug08GrowthLeavesNoCopy() {
        BufferPool small = pool("small", 64, 1);
        BufferPool large = pool("large", 256, 1);
        PooledBuffer from = small.acquire();
        PooledBuffer to = large.acquire();
        long address = from.segment().address();
        from.putI64(0x1122334455667788L);
        from.skip(2);
        from.moveTo(to);
        assertEquals(0, RawMemory.nonZero(address, 64));
        assertEquals(2, to.position());
        assertEquals(0x1122334455667788L, to.i64At(0));

        MemorySegment place = arena.allocate(256);
        Budget budget = Budget.root("b", 200);
        Buffer grown = Buffer.within(budget, place, 64);
        grown.putI64(-1);
        grown.resize(128);
        assertEquals(8, RawMemory.nonZero(place, 0, 256));
        grown.length(0);
        grown.resize(4);
        assertEquals(4, RawMemory.nonZero(place, 0, 256));
        assertEquals(4, budget.usedBytes());
        assertThrows(RuntimeException.class, () -> grown.resize(201));
        assertEquals(4, grown.capacity());
    }

    @Test
    void bug10BurnWorksEveryTime() {
        MemorySegment place = arena.allocate(64);
        Buffer buffer = Buffer.over(place);
        for (int i = 0; i < 3; i++) {
            buffer.putI64(-1);
            buffer.burn();
            assertEquals(0, RawMemory.nonZero(place, 0, 64));
            assertEquals(0, buffer.length());
        }
    }

    @Test
    void bug13StringIsWholeOrNot() {
        MemorySegment place = arena.allocate(10);
        Buffer buffer = Buffer.over(place);
        assertThrows(BufferBoundsException.class, () -> buffer.putString(new byte[7]));
        assertThrows(BufferBoundsException.class, () -> buffer.putString("seven b"));
        assertThrows(BufferBoundsException.class, () -> buffer.putString(arena.allocate(7), 0, 7));
        assertEquals(0, buffer.length());
        assertEquals(0, RawMemory.nonZero(place, 0, 10));
    }

    @Test
    void bug14HugeLengthsAreRefused() {
        Buffer buffer = Buffer.over(arena.allocate(16));
        buffer.putI64(1);
        buffer.skip(4);
        MemorySegment other = arena.allocate(16);
        for (long huge : new long[] {Long.MAX_VALUE, Long.MAX_VALUE - 4, -1, Long.MIN_VALUE, 1L << 32}) {
            assertThrows(BufferBoundsException.class, () -> buffer.claim(huge));
            assertThrows(BufferBoundsException.class, () -> buffer.consume(huge));
            assertThrows(BufferBoundsException.class, () -> buffer.skip(huge));
            assertThrows(BufferBoundsException.class, () -> buffer.putZeros(huge));
            assertThrows(BufferBoundsException.class, () -> buffer.u8At(huge));
            assertThrows(BufferBoundsException.class, () -> buffer.i64At(huge, 1));
            assertThrows(IndexOutOfBoundsException.class, () -> buffer.put(other, 0, huge));
            assertThrows(IndexOutOfBoundsException.class, () -> buffer.put(other, huge, 1));
            assertThrows(IndexOutOfBoundsException.class, () -> buffer.take(other, huge, 1));
            assertThrows(IndexOutOfBoundsException.class, () -> buffer.putString(other, huge, 1));
            assertThrows(IllegalArgumentException.class, () -> buffer.position(huge));
            assertThrows(IllegalArgumentException.class, () -> buffer.length(huge));
            assertThrows(IllegalArgumentException.class, () -> buffer.limit(huge));
            assertThrows(IllegalArgumentException.class, () -> buffer.dirty(1, huge));
            assertThrows(IllegalArgumentException.class, () -> buffer.view(huge, 1));
            assertThrows(IllegalArgumentException.class, () -> Buffer.over(other, 1, huge));
            assertThrows(IllegalArgumentException.class, () -> Buffer.over(other, huge, 1));
        }
        assertEquals(4, buffer.position());
        assertEquals(8, buffer.length());
    }

    @Test
    void bug16ThreadExitLosesNothing() throws InterruptedException {
        BufferPool pool = pool("p", 64, 16);
        for (int i = 0; i < 50; i++) {
            on(() -> {
                List<PooledBuffer> all = Stream.generate(pool::tryAcquire).limit(16).toList();
                assertTrue(all.stream().allMatch(buffer -> buffer != null));
                all.forEach(PooledBuffer::close);
            });
        }
        PoolStatistics statistics = pool.statistics();
        assertEquals(800, statistics.acquired());
        assertEquals(800, statistics.released());
        assertEquals(0, statistics.inUse());
    }

    @Test
    void bug17NothingReturnsACopy() {
        for (Class<?> type = PooledBuffer.class; type != Object.class; type = type.getSuperclass()) {
            for (Method method : type.getDeclaredMethods()) {
                boolean isPublic = Modifier.isPublic(method.getModifiers());
                Class<?> result = method.getReturnType();
                boolean asked = method.getName().equals("takeString");  // whoever reads a name wants one
                assertTrue(!isPublic || asked || !result.isArray(), method + " returns an array");
                assertTrue(!isPublic || result != String.class || method.getName().equals("toString"), method.toString());
            }
        }
        Buffer buffer = Buffer.over(arena.allocate(64));
        byte[] key = {1, 2, 3};
        buffer.put(key, true);
        assertEquals(0, key[0] | key[1] | key[2]);
        assertTrue(!buffer.toString().contains("1, 2"));
        assertTrue(!Cloneable.class.isAssignableFrom(Buffer.class));
    }

    @Test
    void bug20StatisticsAddUp() throws Exception {
        BufferPool pool = pool("p", 64, 32);
        CyclicBarrier quiet = new CyclicBarrier(4);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            threads.add(Thread.ofPlatform().start(() -> {
                for (int round = 0; round < 1000; round++) {
                    pool.acquire().close();
                }
                PooledBuffer kept = pool.acquire();
                try {
                    quiet.await();
                    quiet.await();
                } catch (Exception e) {
                    throw new AssertionError(e);
                }
                kept.close();
            }));
        }
        quiet.await();
        PoolStatistics statistics = pool.statistics();
        assertEquals(3003, statistics.acquired());
        assertEquals(3000, statistics.released());
        assertEquals(3, statistics.inUse());
        quiet.await();
        for (Thread thread : threads) {
            thread.join();
        }
        assertEquals(0, pool.inUse());
    }

    @Test
    void bug21FailedReleaseChangesNothing() {
        BufferPool pool = pool("p", 64, 2);
        PooledBuffer one = pool.acquire();
        PooledBuffer two = pool.acquire();
        one.close();
        for (int i = 0; i < 3; i++) {
            assertThrows(IllegalStateException.class, one::close);
        }
        two.close();
        assertEquals(0, pool.inUse());
        assertNotNull(pool.tryAcquire());
        assertNotNull(pool.tryAcquire());
        assertNull(pool.tryAcquire());
    }
}
