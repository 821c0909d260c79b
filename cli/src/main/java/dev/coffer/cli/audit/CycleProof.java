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
            cycles(pool, CYCLES / 10, false);  // links and compiles
            heapBytes();                       // the counter's own first call makes objects
            boolean allocate = setting.has("cycle-allocates");  // before counting: a constant's first use makes objects
            long used = ledger.usedBytes();
            long held = ledger.regionBytes();
            long before = heapBytes();
            cycles(pool, CYCLES, allocate);
            long allocated = heapBytes() - before;
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

    /// {@return heap bytes that this thread has allocated since it started}
    static long heapBytes() {
        return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
    }
}
