package dev.coffer.memory.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.memory.Budget;
import dev.coffer.memory.BudgetExceededException;
import dev.coffer.memory.Buffer;
import dev.coffer.memory.BufferBoundsException;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

/// Every wrong use of the pool's public methods: a documented exception with the numbers in its text, nothing changed.
class BufferPoolMisuseTest {
    private static BufferPool pool(BufferPoolConfig config) {
        return BufferPool.over(config, Arena.ofAuto().allocate(config.bytes(), 64));
    }

    private static void refused(Runnable misuse, String numbers) {
        IllegalArgumentException refusal = assertThrows(IllegalArgumentException.class, misuse::run);
        assertTrue(refusal.getMessage().contains(numbers), refusal.getMessage());
    }

    @Test
    void configRefusesWhatCannotBe() {
        refused(() -> BufferPoolConfig.of("p", 0, 1), "buffers of 0 bytes (expected a multiple of 64)");
        refused(() -> BufferPoolConfig.of("p", 63, 1), "63");
        refused(() -> BufferPoolConfig.of("p", -64, 1), "-64");
        refused(() -> BufferPoolConfig.of("p", 64, 0), "slabSlots 0 (expected 1..16777216)");
        refused(() -> BufferPoolConfig.of("p", 64, -1), "-1");
        refused(() -> BufferPoolConfig.of("p", 64, BufferPoolConfig.SLOTS_MAX + 1), "16777217");
        refused(() -> BufferPoolConfig.of("p", Long.MAX_VALUE & -64, 2), "2 buffers of 9223372036854775744 bytes");
        BufferPoolConfig good = BufferPoolConfig.of("p", 64, 4);
        refused(() -> good.withSlabs(0, 1), "slabsAtStart 0");
        refused(() -> good.withSlabs(2, 1), "slabsAtStart 2 (expected 1..1)");
        refused(() -> good.withSlabs(1, Integer.MAX_VALUE), "slabs 2147483647");
        refused(() -> good.withCaches(3, 1, 1), "3 thread caches");
        refused(() -> good.withCaches(-1, 1, 1), "threadCaches -1");
        refused(() -> good.withCaches(1, 0, 1), "stripes 0");
        refused(() -> good.withCaches(1, 3, 1), "3 stripes");
        refused(() -> good.withCaches(1, 1, -1), "cacheSlots -1");
        refused(() -> new BufferPoolConfig.Debug(-1, false), "-1");
    }

    @Test
    void poolRefusesMemoryOfAnotherSizeOrRow() {
        BufferPoolConfig config = BufferPoolConfig.of("p", 64, 4);
        MemorySegment memory = Arena.ofAuto().allocate(512, 64);
        refused(() -> BufferPool.over(config, memory.asSlice(0, 192)), "memory of 192 bytes (expected 256)");
        refused(() -> BufferPool.over(config, memory), "512");
        try (Region region = Region.open(RegionConfig.defaults("t"), MemoryPlan.group("d", MemoryPlan.block("q", 256)))) {
            assertThrows(IllegalArgumentException.class, () -> BufferPool.open(config, region));
            BufferPoolConfig other = BufferPoolConfig.of("q", 64, 4);
            BufferPool.open(other, region).close();
            assertThrows(IllegalStateException.class, () -> BufferPool.open(other, region));
        }
    }

    @Test
    void aRefusedOpenHoldsNothingAndASecondTryIsServed() {
        BufferPoolConfig config = BufferPoolConfig.of("p", 64, 4).withSlabs(2, 3);
        Region region = Region.open(RegionConfig.defaults("t"), MemoryPlan.group("d", BufferPool.plan(config)));
        Budget tight = Budget.root("tight", 2 * 256 - 1);
        long carved = region.usedBytes();
        assertThrows(BudgetExceededException.class, () -> BufferPool.open(config, region, tight));
        assertEquals(0, tight.usedBytes());
        assertEquals(carved, region.usedBytes());
        Budget enough = Budget.root("enough", 2 * 256);
        BufferPoolConfig other = BufferPoolConfig.of("q", 64, 1);
        assertThrows(IllegalArgumentException.class, () -> BufferPool.open(other, region, enough));
        assertThrows(IllegalArgumentException.class, () -> BufferPool.open(BufferPoolConfig.of("p", 64, 1), region, enough));
        assertEquals(0, enough.usedBytes());
        assertEquals(carved, region.usedBytes());
        assertThrows(IllegalStateException.class, () -> region.uncarve("p"));
        assertThrows(IllegalArgumentException.class, () -> region.uncarve("q"));
        BufferPool pool = BufferPool.open(config, region, enough);
        assertEquals(512, enough.usedBytes());
        assertThrows(IllegalStateException.class, () -> BufferPool.open(config, region, null));
        assertEquals(carved + 768, region.usedBytes(), "a second open does not give the first one's row back");
        region.close();
        pool.close();
        assertEquals(0, enough.usedBytes());
        assertThrows(IllegalStateException.class, () -> region.uncarve("p"));
    }

    @Test
    void ownerCacheRefusesSizesThatCannotBe() {
        BufferPool pool = pool(BufferPoolConfig.of("p", 64, 4));
        refused(() -> pool.ownerCache(0), "owner cache of 0 (expected 1..4)");
        refused(() -> pool.ownerCache(-1), "-1");
        refused(() -> pool.ownerCache(5), "5");
        refused(() -> pool.ownerCache(Integer.MAX_VALUE), "2147483647");
        OwnerCache cache = pool.ownerCache(1);
        PooledBuffer buffer = cache.acquire();
        cache.close();
        assertThrows(IllegalStateException.class, cache::acquire);
        assertThrows(IllegalStateException.class, () -> cache.release(buffer));
        assertTrue(buffer.isLeased());
        buffer.close();
        assertEquals(0, pool.inUse());
    }

    @Test
    void useAfterTheRegionClosedIsAnException() {
        BufferPoolConfig config = BufferPoolConfig.of("p", 64, 4);
        Region region = Region.open(RegionConfig.defaults("t"), MemoryPlan.group("d", BufferPool.plan(config)));
        BufferPool pool = BufferPool.open(config, region);
        PooledBuffer buffer = pool.acquire();
        buffer.putI64(1);
        region.close();
        assertThrows(IllegalStateException.class, buffer::takeI64);
        assertThrows(IllegalStateException.class, () -> buffer.putU8(1));
        assertThrows(IllegalStateException.class, buffer::burn);
        assertThrows(IllegalStateException.class, buffer::close);
        assertTrue(buffer.isLeased());
        pool.close();
        assertFalse(buffer.isLeased());
        assertEquals(0, pool.inUse());
    }

    @Test
    void sameOrSmallerTargetsAreRefusedBeforeAnythingMoves() {
        BufferPool pool = pool(BufferPoolConfig.of("p", 64, 2));
        PooledBuffer one = pool.acquire();
        PooledBuffer two = pool.acquire();
        one.putZeros(64);
        two.putU8(7);
        assertThrows(IllegalArgumentException.class, () -> one.put(one));
        assertThrows(IllegalArgumentException.class, () -> one.put(one, 0));
        assertThrows(IllegalArgumentException.class, () -> one.moveTo(one));
        assertThrows(BufferBoundsException.class, () -> two.put(one));
        assertThrows(BufferBoundsException.class, () -> two.moveTo(Buffer.over(Arena.ofAuto().allocate(0))));
        assertEquals(64, one.remaining());
        assertEquals(1, two.length());
        two.close();
        assertThrows(IllegalStateException.class, () -> one.moveTo(two));
        assertThrows(IllegalStateException.class, () -> one.put(two));
        assertThrows(IllegalStateException.class, () -> two.put(one));
        assertEquals(64, one.remaining());
    }

    @Test
    void aBufferClosedByAnotherThreadRefusesThisOne() throws Exception {
        BufferPool pool = pool(BufferPoolConfig.of("p", 64, 2));
        PooledBuffer buffer = pool.acquire();
        PooledBuffer.Lease lease = buffer.lease();
        try (var other = Executors.newSingleThreadExecutor()) {
            other.submit(buffer::close).get();
        }
        assertFalse(lease.isOpen());
        assertThrows(IllegalStateException.class, buffer::close);
        assertThrows(IllegalStateException.class, () -> buffer.putU8(0));
        assertEquals(0, pool.inUse());
    }

    @Test
    void viewsKeepWithinTheirRange() {
        BufferPool pool = pool(BufferPoolConfig.of("p", 64, 1));
        PooledBuffer buffer = pool.acquire();
        buffer.putI64(1);
        Buffer view = buffer.view(2, 4);
        Buffer inner = view.view(1, 2);
        assertEquals(4, view.capacity());
        for (Runnable past : List.<Runnable>of(() -> view.putU8(1), () -> view.i64At(0), () -> inner.u24At(0))) {
            assertThrows(BufferBoundsException.class, past::run);
        }
        inner.u16At(0, 0xabcd);
        assertEquals(0xabcd, buffer.u16At(3));
        assertThrows(IllegalArgumentException.class, () -> view.view(3, 2));
        buffer.close();
        assertThrows(IllegalStateException.class, () -> inner.u8At(0));
        assertThrows(IllegalStateException.class, () -> view.view(0, 1));
    }

    @Test
    void anOwnersIdleBuffersEndWithThePool() {
        BufferPool pool = pool(BufferPoolConfig.of("p", 64, 8));
        OwnerCache owner = pool.ownerCache(4);
        assertTrue(pool.statistics().cached() > 0);
        pool.close();
        assertThrows(IllegalStateException.class, owner::tryAcquire);
        assertThrows(IllegalStateException.class, owner::acquire);
        assertEquals(0, pool.inUse());
        owner.close();
    }
}
