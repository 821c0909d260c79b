package dev.coffer.memory.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.coffer.memory.Account;
import dev.coffer.memory.Budget;
import dev.coffer.memory.BudgetExceededException;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import dev.coffer.memory.pool.ConnectionBuffersConfig.Sizes;
import java.util.List;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every `open` of the package, refused at each of its steps: nothing is held afterwards, and a second try is served.
class RefusedOpensTest {
    private interface Open {
        Account in(Region region, Budget budget, LongSupplier clock);
    }

    /// @param plan     of its row, named "it"
    /// @param charged  bytes of the budget, 0 where it takes none
    /// @param clocked  whether it asks a clock
    record Kind(String name, MemoryPlan plan, long charged, boolean clocked, Open open) {
        @Override
        public String toString() {
            return name;
        }
    }

    static List<Kind> kinds() {
        BufferPoolConfig pool = BufferPoolConfig.of("it", 64, 4).withSlabs(2, 3);
        SizeClassPools.Config classes = SizeClassPools.Config.defaults("it");
        ScratchRing.Config scratch = ScratchRing.Config.defaults("it");
        BlockAllocator.Config blocks = BlockAllocator.Config.defaults("it");
        ConnectionBuffersConfig connection = ConnectionBuffersConfig.defaults("it");
        Sizes sizes = Sizes.of(256, 128).withSmall(64);
        return List.of(
                new Kind("BufferPool", BufferPool.plan(pool), 512, false, (region, budget, clock) -> BufferPool.open(pool, region, budget)),
                new Kind("SizeClassPools", SizeClassPools.plan(classes), 0, false,
                        (region, budget, clock) -> SizeClassPools.open(classes, region)),
                new Kind("ScratchRing", ScratchRing.plan(scratch), 0, false, (region, budget, clock) -> ScratchRing.open(scratch, region)),
                new Kind("BlockAllocator", BlockAllocator.plan(blocks), 0, false,
                        (region, budget, clock) -> BlockAllocator.open(blocks, region)),
                new Kind("ConnectionBuffers", ConnectionBuffers.plan(connection, sizes), 0, true,
                        (region, budget, clock) -> ConnectionBuffers.open(connection, sizes, region, clock)));
    }

    private static Region region(MemoryPlan... rows) {
        return Region.open(RegionConfig.defaults("t"), MemoryPlan.group("d", rows));
    }

    private static void refused(Class<? extends Throwable> by, Kind kind, Region region, Budget budget, LongSupplier clock) {
        long carved = region.usedBytes();
        assertThrows(by, () -> kind.open().in(region, budget, clock));
        assertEquals(carved, region.usedBytes(), "bytes carved");
        assertEquals(0, budget.usedBytes(), "bytes charged");
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void everyOpenIsRefusedAtEachStepAndHoldsNothing(Kind kind) {
        Budget parent = Budget.root("parent", 4096);
        Budget budget = parent.child("b", 4096);
        try (Region region = region(MemoryPlan.block("other", 64))) {
            refused(IllegalArgumentException.class, kind, region, budget, () -> 0);  // no such row
        }
        try (Region region = region(MemoryPlan.block("it", kind.plan().totalBytes() + 64))) {
            refused(IllegalArgumentException.class, kind, region, budget, () -> 0);  // of another size
            assertNotNull(region.carve("it"), "the row is free again");
        }
        Region region = region(kind.plan());
        long before = region.usedBytes();
        region.carve("it");
        refused(IllegalStateException.class, kind, region, budget, () -> 0);  // carved already, and stays so
        region.uncarve("it");
        if (kind.charged() > 0) {
            Budget tight = parent.child("tight", kind.charged() - 1);
            refused(BudgetExceededException.class, kind, region, tight, () -> 0);
            Budget below = Budget.root("root", kind.charged() - 1);
            refused(BudgetExceededException.class, kind, region, below.child("c", 4096), () -> 0);
            assertEquals(0, parent.usedBytes() + below.usedBytes());
        }
        if (kind.clocked()) {
            refused(OutOfMemoryError.class, kind, region, budget, () -> {
                throw new OutOfMemoryError("planted");
            });
        }
        Account served = kind.open().in(region, budget, () -> 0);
        assertEquals(kind.charged(), budget.usedBytes());
        assertEquals(before + kind.plan().totalBytes(), region.usedBytes());
        assertThrows(IllegalStateException.class, () -> kind.open().in(region, budget, () -> 0));  // by itself: holds what it held
        assertEquals(kind.charged(), budget.usedBytes());
        assertEquals("it", served.name());
        region.close();
        refused(IllegalStateException.class, kind, region, Budget.root("late", 4096), () -> 0);
    }

    @Test
    void aMakerThatThrowsLeavesItsRow() {
        Region region = region(MemoryPlan.block("it", 64));
        long before = region.usedBytes();
        assertThrows(StackOverflowError.class, () -> region.carve("it", memory -> {
            throw new StackOverflowError("planted");
        }));
        assertEquals(before, region.usedBytes());
        UnsupportedOperationException planted = new UnsupportedOperationException("planted");
        assertSame(planted, assertThrows(UnsupportedOperationException.class, () -> region.carve("it", memory -> {
            region.close();
            throw planted;
        })), "and not what a closed region says");
    }
}
