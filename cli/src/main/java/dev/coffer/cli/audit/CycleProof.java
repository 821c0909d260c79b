package dev.coffer.cli.audit;

import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import dev.coffer.memory.ledger.Ledger;
import dev.coffer.memory.pool.BufferPool;
import dev.coffer.memory.pool.BufferPoolConfig;
import dev.coffer.memory.pool.PooledBuffer;
import java.lang.management.ManagementFactory;
import java.util.List;

/// A million leases allocate no heap byte on their thread and no byte off the heap, and leave the ledger as it was.
final class CycleProof implements Proof {
    private static final int CYCLES = 1_000_000;
    private static final int WINDOWS = 10;
    private static final int WARM_UPS = 10;   // windows before counting, in which the loop is linked and compiled
    /// Kept: asking the factory for it makes 728 bytes of objects each time.
    private static final com.sun.management.ThreadMXBean THREADS =
            (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static Object sink;   // keeps the fault's objects from being optimised away

    @Override
    public String name() {
        return "cycle";
    }

    @Override
    public String claim() {
        return "a pooled buffer's cycle (acquire, write, read, wipe, release) allocates nothing, on or off the heap";
    }

    @Override
    public List<String> faults() {
        return List.of("cycle-allocates", "cycle-leaks");
    }

    @Override
    public Verdict run(Setting setting) {
        BufferPoolConfig config = BufferPoolConfig.of("buffers", 8192, 16);
        try (Region region = Region.open(RegionConfig.defaults("audit-cycle"),
                MemoryPlan.group("data", BufferPool.plan(config)));
                BufferPool pool = BufferPool.open(config, region)) {
            Ledger ledger = Ledger.of("audit", Ledger.region(region, pool));
            boolean allocate = setting.has("cycle-allocates");
            long used = ledger.usedBytes();
            long held = ledger.regionBytes();
            long allocated = 0;
            for (int window = -WARM_UPS; window < WINDOWS; window++) {
                long before = THREADS.getCurrentThreadAllocatedBytes();
                cycles(pool, CYCLES / WINDOWS, allocate);
                allocated += window < 0 ? 0 : THREADS.getCurrentThreadAllocatedBytes() - before;
            }
            if (setting.has("cycle-leaks")) {
                pool.acquire();
            }
            long grown = ledger.usedBytes() - used + ledger.regionBytes() - held;
            return Verdict.of(allocated == 0 && grown == 0, String.format("%,d cycles of 8 KiB buffers: %,d heap bytes, "
                    + "ledger grown by %,d bytes", CYCLES, allocated, grown));
        }
    }

    private static void cycles(BufferPool pool, int count, boolean allocate) {
        for (int i = 0; i < count; i++) {
            PooledBuffer buffer = pool.tryAcquire();
            buffer.putI32(i);
            if (buffer.takeI32() != i) {
                throw new AssertionError("read something else than was written");
            }
            buffer.close();
            if (allocate) {
                sink = new byte[1];
            }
        }
    }
}
