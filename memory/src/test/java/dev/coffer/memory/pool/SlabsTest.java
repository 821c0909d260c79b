package dev.coffer.memory.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.coffer.memory.Budget;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Slabs that join and leave: by the byte of the budget, by the page of the system, and what the pool says of it.
class SlabsTest {
    /// Slabs of a page and a half: of the one that leaves, only the pages that no neighbour has a byte of go back.
    @Test
    void aPageThatTwoSlabsShareStaysWhereItIs() {
        long page = pageBytes();
        BufferPoolConfig config = BufferPoolConfig.of("p", page / 2, 3).withSlabs(1, 3);
        try (Region region = Region.open(RegionConfig.reservation("t"),
                MemoryPlan.group("d", BufferPool.plan(config), MemoryPlan.block("next", page)));
                BufferPool pool = BufferPool.open(config, region)) {
            List<PooledBuffer> all = new ArrayList<>();
            for (int i = 0; i < 9; i++) {
                all.add(pool.acquire());
            }
            all.forEach(PooledBuffer::close);
            MemorySegment data = region.data();
            data.fill((byte) 1);  // behind everyone's back: what wiping knows nothing of
            assertEquals(2 * 3 * page / 2, pool.shrink());
            int[] kept = region.portable() ? new int[] {1, 1, 1, 1, 1} : new int[] {1, 1, 0, 0, 1};
            for (int i = 0; i < kept.length; i++) {  // the middle slab begins in page 1, the last one ends in page 4
                assertEquals(kept[i], data.get(ValueLayout.JAVA_BYTE, i * page), "page " + i);
                assertEquals(kept[i], data.get(ValueLayout.JAVA_BYTE, i * page + page - 1), "page " + i + ", its end");
            }
            data.fill((byte) 0);
        }
    }

    private static long pageBytes() {
        try (Region region = Region.open(RegionConfig.reservation("t"), MemoryPlan.block("a", 64))) {
            return region.pageBytes();
        }
    }

    /// A budget that is full to the last byte with two slabs, and one that lacks a byte of the second.
    @Test
    void aSlabJoinsWhereTheBudgetHoldsItsLastByte() {
        BufferPoolConfig config = BufferPoolConfig.of("p", 64, 2).withSlabs(1, 3);
        for (int lacking = 0; lacking <= 1; lacking++) {
            Budget budget = Budget.root("b", 2 * config.slabBytes() - lacking);
            try (Region region = Region.open(RegionConfig.reservation("t"), MemoryPlan.group("d", BufferPool.plan(config)));
                    BufferPool pool = BufferPool.open(config, region, budget)) {
                List<PooledBuffer> all = new ArrayList<>();
                for (int i = 0; i < 4 - 2 * lacking; i++) {
                    all.add(pool.acquire());
                }
                assertNull(pool.tryAcquire());
                PoolStatistics full = pool.statistics();
                assertEquals(1 - lacking, full.grown());
                assertEquals(4 - 2 * lacking, full.active());
                assertEquals(0, full.available());
                assertEquals((2 - lacking) * config.slabBytes(), budget.usedBytes());
                assertEquals(0, pool.shrink(), "every slab has a lease");
                all.forEach(PooledBuffer::close);
                assertEquals((1 - lacking) * config.slabBytes(), pool.shrink());
                assertEquals(0, pool.shrink(), "the slabs at start stay");
                assertEquals(1 - lacking, pool.statistics().shrunk());
                assertEquals(2, pool.statistics().available());
                assertEquals(config.slabBytes(), budget.usedBytes());
            }
            assertEquals(0, budget.usedBytes());
        }
    }

    private static PoolStatistics counted(long acquired, long misses, long refused) {
        return new PoolStatistics("p", 64, 10, 8, acquired, 0, 3, 0, 0, misses, refused, 0, 0, 0, 0);
    }

    @Test
    void percentsAreRoundedDownAndWholeOnlyWhereNothingIsMissing() {
        assertEquals(5, counted(0, 0, 0).available());
        assertEquals(192, counted(0, 0, 0).usedBytes());
        for (long[] it : new long[][] {{0, 0, 100}, {0, 1, 100}, {1, 0, 100}, {1, 1, 0}, {2, 3, 0}, {3, 1, 66}, {1000, 1, 99},
                {1000, 999, 0}, {100, 99, 1}}) {
            PoolStatistics seen = counted(it[0], it[1], 0);
            assertEquals(it[2], seen.hitPercent(), seen.toString());
            assertEquals(Math.max(0, it[0] - it[1]), seen.hits());
        }
        for (long[] it : new long[][] {{0, 0, 100}, {0, 1, 0}, {1, 0, 100}, {1, 1, 50}, {2, 1, 66}, {999, 1, 99}, {1, 999, 0},
                {1, 99, 1}}) {
            assertEquals(it[2], counted(it[0], 0, it[1]).servedPercent(), it[0] + " and " + it[1]);
        }
    }
}
