package dev.coffer.bench.memory;

import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import dev.coffer.memory.pool.BufferPool;
import dev.coffer.memory.pool.BufferPoolConfig;
import dev.coffer.memory.pool.OwnerCache;
import dev.coffer.memory.pool.PooledBuffer;
import java.util.Arrays;
import java.util.Locale;

/// The lease of [PoolBench] in windows of a tenth of a millisecond, for a machine that has other work: most windows pass without a
/// switch of threads, so their quantiles stay what they are on a quiet one. `java -cp MEMORY:bench/target/classes
/// dev.coffer.bench.memory.PoolWindows pool|owner`, with `MEMORY` the classes of either build, by turns.
public final class PoolWindows {
    private static final int LEASES = 20_000;  // in a window
    private static final int WARM_UP = 300;
    private static final int WINDOWS = 1500;

    private static volatile boolean done;  // read at each lease, as JMH does: nothing is kept in a register from one to the next
    private static int sink;

    private PoolWindows() {}

    public static void main(String... arguments) {
        boolean byOwner = arguments.length > 0 && arguments[0].equals("owner");
        BufferPoolConfig config = BufferPoolConfig.of("pool", PoolBench.SLOT_BYTES, PoolBench.SLOTS);
        try (Region region = Region.open(RegionConfig.defaults("bench"), MemoryPlan.group("data", BufferPool.plan(config)));
                BufferPool pool = BufferPool.open(config, region);
                OwnerCache owner = pool.ownerCache(8)) {
            double[] windows = new double[WINDOWS];
            for (int i = -WARM_UP; i < WINDOWS; i++) {
                double nanos = (double) (byOwner ? throughOwner(owner) : throughPool(pool)) / LEASES;
                windows[Math.max(0, i)] = nanos;
            }
            Arrays.sort(windows);
            System.out.printf(Locale.ROOT, "%s: ns a lease: 5 %% %.2f, 25 %% %.2f, median %.2f (%d)%n", byOwner ? "owner" : "pool",
                    windows[WINDOWS / 20], windows[WINDOWS / 4], windows[WINDOWS / 2], sink & 1);
        }
    }

    private static long throughPool(BufferPool pool) {
        long start = System.nanoTime();
        int sum = 0;
        for (int i = 0; i < LEASES && !done; i++) {
            try (PooledBuffer buffer = pool.acquire()) {
                buffer.putI32(0x12345678);
                sum += buffer.takeI32();
            }
        }
        sink += sum;
        return System.nanoTime() - start;
    }

    private static long throughOwner(OwnerCache owner) {
        long start = System.nanoTime();
        int sum = 0;
        for (int i = 0; i < LEASES && !done; i++) {
            PooledBuffer buffer = owner.acquire();
            buffer.putI32(0x12345678);
            sum += buffer.takeI32();
            owner.release(buffer);
        }
        sink += sum;
        return System.nanoTime() - start;
    }
}
