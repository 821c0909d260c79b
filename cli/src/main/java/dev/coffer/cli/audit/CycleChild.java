package dev.coffer.cli.audit;

import dev.coffer.instruments.ChildJvm;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import dev.coffer.memory.ledger.Ledger;
import dev.coffer.memory.pool.BufferPool;
import dev.coffer.memory.pool.BufferPoolConfig;
import dev.coffer.memory.pool.PooledBuffer;
import java.lang.management.ManagementFactory;

/// The process that [CycleProof] looks at: cycles of one pool. Says what it counted in one line and ends.
final class CycleChild {
    static final int CYCLES = 200_000;
    static final int FAULTY_CYCLES = 2_000;  // each of them makes an object, or none does
    private static final int LINKING_CYCLES = 1_000;
    /// Kept: asking the factory for it makes 728 bytes of objects each time.
    private static final com.sun.management.ThreadMXBean THREADS =
            (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static Object sink;   // keeps the fault's objects

    private CycleChild() {}

    /// The child: `FAULT`.
    public static void main(String... arguments) {
        BufferPoolConfig config = BufferPoolConfig.of("buffers", 8192, 16);
        try (Region region = Region.open(RegionConfig.defaults("audit-cycle"),
                MemoryPlan.group("data", BufferPool.plan(config)));
                BufferPool pool = BufferPool.open(config, region)) {
            Ledger ledger = Ledger.of("audit", Ledger.region(region, pool));
            boolean allocate = arguments[0].equals("cycle-allocates");
            int counted = cycles(arguments[0]);  // before: a literal that is asked for the first time makes an object
            cycles(pool, LINKING_CYCLES, allocate);
            THREADS.getCurrentThreadAllocatedBytes();
            long used = ledger.usedBytes();
            long held = ledger.regionBytes();
            long before = THREADS.getCurrentThreadAllocatedBytes();
            cycles(pool, counted, allocate);
            long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
            if (arguments[0].equals("cycle-leaks")) {
                pool.acquire();
            }
            long grown = ledger.usedBytes() - used + ledger.regionBytes() - held;
            ChildJvm.pause("counted " + allocated + " " + grown);
        }
    }

    /// {@return how many are counted under a fault, or none}
    static int cycles(String fault) {
        return fault.equals("none") ? CYCLES : FAULTY_CYCLES;
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
