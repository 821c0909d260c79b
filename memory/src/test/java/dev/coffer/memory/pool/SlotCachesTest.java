package dev.coffer.memory.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.ref.WeakReference;
import java.lang.reflect.Field;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// What concerns all caches of a pool, by one thread at a time: the first and the last of them, owners that come and go between two
/// looks, calls that never come back.
class SlotCachesTest {
    private static BufferPool pool(BufferPoolConfig config) {
        return BufferPool.over(config, Arena.ofAuto().allocate(config.bytes(), 64));
    }

    private static SlotCaches caches(BufferPool pool) throws ReflectiveOperationException {
        Field field = BufferPool.class.getDeclaredField("caches");
        field.setAccessible(true);
        return (SlotCaches) field.get(pool);
    }

    /// Each thread leases from the cache that its id names; together they own all of them, and die.
    @Test
    void whatDeadThreadsKeptComesBackFromEachOfTheCaches() throws ReflectiveOperationException, InterruptedException {
        BufferPool pool = pool(BufferPoolConfig.of("p", 64, 64).withCaches(4, 1, 4));
        Set<Long> owned = new HashSet<>();
        while (owned.size() < 4) {
            Thread thread = new Thread(() -> pool.acquire().close());
            if (owned.add(thread.threadId() & 3)) {
                thread.start();
                thread.join();
            }
        }
        long cached = pool.statistics().cached();
        assertTrue(cached >= 4, "cached " + cached);
        assertEquals(cached, pool.sweep());
        assertEquals(0, pool.statistics().cached());
        for (SlotCache cache : caches(pool).threads) {
            assertEquals(0, cache.size());
        }
    }

    @Test
    void aLeaseThatAnotherThreadEndsIsNoLongerOneOfItsHomes() throws ReflectiveOperationException, InterruptedException {
        BufferPool pool = pool(BufferPoolConfig.of("p", 64, 8).withCaches(1, 1, 4));
        SlotCache home = caches(pool).threads[0];
        PooledBuffer[] out = {pool.acquire(), pool.acquire(), pool.acquire()};
        assertSame(home, caches(pool).of(Thread.currentThread()));
        assertEquals(0, home.slack());
        for (int ended = 1; ended <= out.length; ended++) {
            Thread other = new Thread(out[ended - 1]::close);
            other.start();
            other.join();
            assertEquals(ended, home.slack(), "its share has room for as many again");
        }
        assertEquals(0, pool.inUse());
    }

    /// Between the two looks of who would have a cache, or empty it, another became its owner and is inside: then nothing of it is
    /// written but the lock.
    @Test
    void whoFindsAnOwnerAtTheSecondLookTouchesNothingOfHis() throws ReflectiveOperationException {
        BufferPool pool = pool(BufferPoolConfig.of("p", 64, 8).withCaches(1, 1, 4));
        SlotCaches caches = caches(pool);
        SlotCache cache = caches.threads[0];
        pool.acquire().close();
        assertTrue(cache.size() > 0);
        for (boolean sweeping : new boolean[] {false, true}) {
            int[] looks = {0};
            cache.owner = new WeakReference<>(Thread.currentThread()) {
                @Override
                public Thread get() {
                    return looks[0]++ == 0 ? null : super.get();
                }
            };
            int size = cache.size();
            cache.floor = 99;  // what the owner is about to write
            if (sweeping) {
                assertEquals(0, caches.sweep());
            } else {
                assertFalse(SlotCaches.claim(cache, new Thread(() -> {})));
            }
            assertTrue(looks[0] >= 2, "looks " + looks[0]);
            assertEquals(99, cache.floor);
            assertEquals(size, cache.size());
            assertEquals(Thread.currentThread().threadId(), cache.ownerId);
            assertEquals(0, cache.state, "given back");
        }
    }

    /// An owner that was past its mark when the pool ended and never runs again: its lease is counted and will not begin.
    @Test
    void aCallThatNeverComesBackDoesNotKeepAPoolFromItsEnd() {
        BufferPoolConfig config = BufferPoolConfig.of("p", 64, 2).withCaches(1, 1, 1);
        SharedCounts past = new SharedCounts();
        SlotCaches caches = new SlotCaches(config, new FreeList(new PooledBuffer[2]), past, false);
        int[] looks = {0};
        caches.awaitLastCalls(() -> looks[0]++);
        assertEquals(0, looks[0], "nothing to wait for");
        past.addSlack(1);
        assertTrue(past.tryAcquire());
        assertTimeoutPreemptively(Duration.ofMinutes(5), () -> caches.awaitLastCalls(() -> looks[0]++));
        assertTrue(looks[0] > 0);
        looks[0] = 0;
        caches.awaitLastCalls(() -> {
            if (++looks[0] == 3) {
                past.countReleased();
            }
        });
        assertEquals(3, looks[0], "no longer than it takes");
    }
}
