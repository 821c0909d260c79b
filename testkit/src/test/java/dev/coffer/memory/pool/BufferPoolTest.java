package dev.coffer.memory.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.memory.Budget;
import dev.coffer.memory.Buffer;
import dev.coffer.memory.BudgetExceededException;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import dev.coffer.testkit.HeapBytes;
import dev.coffer.testkit.RawMemory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BufferPoolTest {
    private final List<AutoCloseable> open = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable it : open.reversed()) {
            it.close();
        }
    }

    private BufferPool pool(BufferPoolConfig config) {
        return pool(config, null, RegionConfig.defaults("t"));
    }

    private BufferPool pool(BufferPoolConfig config, Budget budget, RegionConfig regionConfig) {
        Region region = Region.open(regionConfig, MemoryPlan.group("data", BufferPool.plan(config)));
        open.add(region);
        BufferPool pool = BufferPool.open(config, region, budget);
        open.add(pool);
        return pool;
    }

    private static void on(Thread.Builder builder, Runnable action) throws InterruptedException {
        Throwable[] thrown = new Throwable[1];
        Thread thread = builder.unstarted(action);
        thread.setUncaughtExceptionHandler((t, e) -> thrown[0] = e);
        thread.start();
        thread.join();
        if (thrown[0] != null) {
            throw new AssertionError(thrown[0]);
        }
    }

    @Test
    void leasesEveryBufferOnceAndThenRefuses() {
        BufferPool pool = pool(BufferPoolConfig.of("p", 64, 8));
        Set<Long> addresses = new HashSet<>();
        List<PooledBuffer> held = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            PooledBuffer buffer = pool.acquire();
            held.add(buffer);
            assertTrue(addresses.add(buffer.segment().address()));
            assertEquals(64, buffer.capacity());
        }
        assertNull(pool.tryAcquire());
        PoolExhaustedException refusal = assertThrows(PoolExhaustedException.class, pool::acquire);
        assertEquals(8, refusal.inUse());
        assertEquals(8, refusal.slots());
        assertTrue(refusal.getMessage().contains("asked 1 buffer of 64 bytes, 8 of 8 leased"), refusal.getMessage());
        held.removeLast().close();
        assertNotNull(pool.tryAcquire());
        assertEquals(8, pool.inUse());
        PoolStatistics statistics = pool.statistics();
        assertEquals(9, statistics.acquired());
        assertEquals(1, statistics.released());
        assertEquals(2, statistics.refused());
        assertEquals(8, statistics.peakInUse());
        assertEquals(0, statistics.available());
    }

    @Test
    void doubleReleaseThrowsAndTakesNothing() {
        BufferPool pool = pool(BufferPoolConfig.of("p", 64, 2));
        PooledBuffer buffer = pool.acquire();
        buffer.close();
        assertThrows(IllegalStateException.class, buffer::close);
        PooledBuffer one = pool.acquire();
        PooledBuffer two = pool.acquire();
        assertNotSame(one, two);
        assertNull(pool.tryAcquire());
    }

    @Test
    void everyUseAfterReleaseThrows() {
        BufferPool pool = pool(BufferPoolConfig.of("p", 64, 2));
        PooledBuffer buffer = pool.acquire();
        buffer.putI64(1);
        Buffer view = buffer.view(0, 8);
        buffer.close();
        List<Runnable> uses = List.of(() -> buffer.putU8(1), () -> buffer.takeU8(), () -> buffer.claim(0),
                () -> buffer.consume(0), buffer::position, buffer::length, buffer::limit, buffer::remaining, buffer::room,
                () -> buffer.position(0), () -> buffer.length(0), () -> buffer.limit(0), buffer::mark, buffer::toMark,
                buffer::reset, buffer::burn, buffer::compact, () -> buffer.dirty(0, 1), () -> buffer.resize(64),
                () -> buffer.u8At(0), () -> buffer.u8At(0, 1), buffer::segment, buffer::readable, buffer::writable,
                () -> buffer.view(0, 1), () -> buffer.putString(""), buffer::skipString, buffer::stringBytes,
                () -> buffer.put(new byte[0]), () -> buffer.take(new byte[0]), () -> buffer.putZeros(0), buffer::lease,
                () -> view.takeU8(), () -> view.putU8(1), view::segment);
        for (int i = 0; i < uses.size(); i++) {
            Runnable use = uses.get(i);
            assertThrows(IllegalStateException.class, use::run, "use " + i);
        }
    }

    @Test
    void leaseRecordCatchesTheStaleAlias() {
        BufferPool pool = pool(BufferPoolConfig.of("p", 64, 1));
        PooledBuffer first = pool.acquire();
        PooledBuffer.Lease lease = first.lease();
        assertSame(first, lease.buffer());
        lease.close();
        PooledBuffer second = pool.acquire();
        assertSame(first, second);
        assertFalse(lease.isOpen());
        assertThrows(IllegalStateException.class, lease::buffer);
        assertThrows(IllegalStateException.class, lease::close);
        assertTrue(second.isLeased());
    }

    @Test
    void releaseWipesWhatWasWrittenByEveryDoor() {
        BufferPool pool = pool(BufferPoolConfig.of("p", 1024, 1));
        for (int bytes : new int[] {1, 7, 8, 9, 63, 64, 65, 511, 512, 513, 1000, 1024}) {
            PooledBuffer buffer = pool.acquire();
            long address = buffer.segment().address();
            buffer.put(new byte[bytes].clone());
            for (int i = 0; i < bytes; i++) {
                buffer.u8At(i, 0xee);
            }
            assertEquals(bytes, RawMemory.nonZero(address, 1024));
            buffer.reset();
            buffer.close();
            assertEquals(0, RawMemory.nonZero(address, 1024));
        }
        PooledBuffer buffer = pool.acquire();
        long address = buffer.segment().address();
        buffer.writable().fill((byte) 1);
        buffer.close();
        assertEquals(0, RawMemory.nonZero(address, 1024));
    }

    @Test
    void foreignThreadMayRelease() throws InterruptedException {
        BufferPool pool = pool(BufferPoolConfig.of("p", 64, 8));
        for (Thread.Builder builder : List.of(Thread.ofPlatform(), Thread.ofVirtual())) {
            PooledBuffer buffer = pool.acquire();
            on(builder, buffer::close);
            assertFalse(buffer.isLeased());
        }
        PoolStatistics statistics = pool.statistics();
        assertEquals(2, statistics.acquired());
        assertEquals(2, statistics.released());
        assertEquals(0, statistics.inUse());
    }

    @Test
    void deadThreadsCachesComeBack() throws InterruptedException {
        BufferPool pool = pool(BufferPoolConfig.of("p", 64, 16).withCaches(4, 1, 16));
        for (int i = 0; i < 20; i++) {
            on(Thread.ofPlatform(), () -> {
                List<PooledBuffer> all = new ArrayList<>();
                for (int slot = 0; slot < 16; slot++) {
                    all.add(pool.acquire());
                }
                all.forEach(PooledBuffer::close);
            });
        }
        PoolStatistics statistics = pool.statistics();
        assertEquals(320, statistics.acquired());
        assertEquals(320, statistics.released());
        for (int i = 0; i < 16; i++) {
            assertNotNull(pool.tryAcquire());
        }
        assertTrue(pool.statistics().swept() > 0);
    }

    @Test
    void anIdleBufferInAnotherThreadsCacheIsHadByWhoeverAsks() throws InterruptedException {
        BufferPool pool = pool(BufferPoolConfig.of("p", 64, 4).withCaches(16, 1, 4));
        List<PooledBuffer> held = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            held.add(pool.acquire());
        }
        on(Thread.ofPlatform(), () -> assertNull(pool.tryAcquire()));
        held.removeLast().close();  // idle in this thread's cache
        on(Thread.ofPlatform(), () -> {
            assertNotNull(pool.tryAcquire());
            assertNull(pool.tryAcquire());
        });
        assertEquals(1, pool.statistics().raided());
        held.removeLast().close();
        on(Thread.ofVirtual(), () -> {
            assertNotNull(pool.tryAcquire());
            assertNull(pool.tryAcquire());
        });
    }

    @Test
    void growsWithinItsBudgetAndShrinksBack() {
        Budget budget = Budget.root("b", 3 * 4 * 4096);
        BufferPoolConfig config = BufferPoolConfig.of("p", 4096, 4).withSlabs(1, 8);
        BufferPool pool = pool(config, budget, RegionConfig.reservation("t"));
        assertEquals(4 * 4096, budget.usedBytes());
        List<PooledBuffer> held = new ArrayList<>();
        for (PooledBuffer buffer = pool.tryAcquire(); buffer != null; buffer = pool.tryAcquire()) {
            held.add(buffer);
        }
        assertEquals(12, held.size());
        assertEquals(3 * 4 * 4096, budget.usedBytes());
        assertEquals(0, pool.shrink());
        held.forEach(PooledBuffer::close);
        assertEquals(2 * 4 * 4096, pool.shrink());
        assertEquals(4 * 4096, budget.usedBytes());
        assertEquals(4, pool.statistics().active());
        assertEquals(2, pool.statistics().grown());
        assertEquals(2, pool.statistics().shrunk());
        for (int i = 0; i < 12; i++) {
            assertNotNull(pool.tryAcquire());
        }
        assertNull(pool.tryAcquire());
        pool.close();
        assertEquals(0, budget.usedBytes());
        assertThrows(BudgetExceededException.class, () -> pool(config, Budget.root("none", 1), RegionConfig.defaults("u")));
    }

    @Test
    void ownerCacheLeasesAndCountsLikeThePool() {
        BufferPool pool = pool(BufferPoolConfig.of("p", 64, 8));
        OwnerCache cache = pool.ownerCache(4);
        PooledBuffer one = cache.acquire();
        PooledBuffer two = cache.acquire();
        one.putU8(1);
        cache.release(one);
        assertThrows(IllegalStateException.class, () -> cache.release(one));
        assertEquals(1, pool.inUse());
        two.close();
        assertEquals(0, pool.inUse());
        PooledBuffer three = pool.acquire();
        cache.release(three);
        List<PooledBuffer> all = new ArrayList<>();
        for (int i = 0; i < 7; i++) {
            all.add(cache.acquire());
        }
        all.forEach(cache::release);
        cache.close();
        cache.close();
        assertThrows(IllegalStateException.class, cache::tryAcquire);
        PoolStatistics statistics = pool.statistics();
        assertEquals(10, statistics.acquired());
        assertEquals(10, statistics.released());
        BufferPool other = pool(BufferPoolConfig.of("q", 64, 8));
        OwnerCache others = other.ownerCache(1);
        PooledBuffer stranger = pool.acquire();
        assertThrows(IllegalArgumentException.class, () -> others.release(stranger));
        assertTrue(stranger.isLeased());
        others.close();
    }

    @Test
    void closeEndsOpenLeasesWiped() {
        BufferPool pool = pool(BufferPoolConfig.of("p", 64, 2));
        PooledBuffer buffer = pool.acquire();
        long address = buffer.segment().address();
        buffer.putI64(-1);
        pool.close();
        pool.close();
        assertEquals(0, RawMemory.nonZero(address, 64));
        assertThrows(IllegalStateException.class, () -> buffer.putU8(1));
        assertThrows(IllegalStateException.class, pool::tryAcquire);
        assertThrows(IllegalStateException.class, () -> pool.ownerCache(1));
        assertEquals(0, pool.inUse());
    }

    @Test
    void steadyStateAllocatesNoHeapBytes() throws InterruptedException {
        BufferPool pool = pool(BufferPoolConfig.of("p", 8192, 8));
        OwnerCache owner = pool.ownerCache(2);
        Runnable cycles = () -> {
            for (int i = 0; i < 100_000; i++) {
                PooledBuffer buffer = pool.tryAcquire();
                buffer.putI32(i);
                if (buffer.takeI32() != i) {
                    throw new AssertionError();
                }
                buffer.close();
                PooledBuffer owned = owner.tryAcquire();
                owned.putI64(i);
                owner.release(owned);
            }
        };
        assertEquals(0, HeapBytes.of(10, cycles));
        List<PooledBuffer> all = new ArrayList<>();
        for (PooledBuffer buffer = pool.tryAcquire(); buffer != null; buffer = pool.tryAcquire()) {
            all.add(buffer);
        }
        assertEquals(0, HeapBytes.of(10, () -> {
            for (int i = 0; i < 100_000; i++) {
                if (pool.tryAcquire() != null) {
                    throw new AssertionError();
                }
            }
        }));
    }

    // ---- debug mode

    @Test
    void quarantineKeepsAStaleHandleClosedAndRawViewsDieWithTheLease() {
        BufferPool pool = pool(BufferPoolConfig.of("p", 64, 4).withDebug(new BufferPoolConfig.Debug(2, false)));
        PooledBuffer stale = pool.acquire();
        stale.putI64(1);
        MemorySegment raw = stale.readable();
        assertEquals(1, raw.get(ValueLayout.JAVA_BYTE, 7));
        stale.close();
        assertThrows(IllegalStateException.class, () -> raw.get(ValueLayout.JAVA_BYTE, 7));
        for (int i = 0; i < 2; i++) {
            PooledBuffer other = pool.acquire();
            assertNotSame(stale, other);
            assertThrows(IllegalStateException.class, () -> stale.putU8(1));
            other.close();
        }
    }

    @Test
    void poisonFindsAWriteAfterRelease() {
        BufferPool pool = pool(BufferPoolConfig.of("p", 64, 1).withDebug(new BufferPoolConfig.Debug(1, true)));
        PooledBuffer buffer = pool.acquire();
        MemorySegment memory = buffer.segment();
        buffer.close();
        assertEquals(PoolDebug.POISON, memory.get(ValueLayout.JAVA_BYTE, 0));
        PooledBuffer again = pool.acquire();
        assertEquals(0, RawMemory.nonZero(memory, 0, 64));
        again.close();
        memory.set(ValueLayout.JAVA_BYTE, 5, (byte) 1);
        IllegalStateException found = assertThrows(IllegalStateException.class, pool::acquire);
        assertTrue(found.getMessage().contains("offset 5"), found.getMessage());
        assertTrue(List.of(found.getCause().getStackTrace()).toString().contains("poisonFindsAWriteAfterRelease"));
    }

    @Test
    void leaksNameThePlaceAndTheDead() throws InterruptedException {
        BufferPool pool = pool(BufferPoolConfig.of("p", 64, 4).withDebug(new BufferPoolConfig.Debug(0, true)));
        on(Thread.ofPlatform().name("careless"), () -> pool.acquire());
        PooledBuffer mine = pool.acquire();
        pool.acquire().close();
        List<BufferPool.Leak> leaks = pool.leaks();
        assertEquals(2, leaks.size());
        assertEquals("careless", leaks.get(0).thread());
        assertFalse(leaks.get(0).alive());
        assertTrue(leaks.get(1).alive());
        assertTrue(List.of(leaks.get(0).place().getStackTrace()).toString().contains("leaksNameThePlace"));
        mine.close();
        assertEquals(1, pool.leaks().size());
        assertEquals(1, pool.inUse());
    }

}
