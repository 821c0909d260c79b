package dev.coffer.examples;

import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import dev.coffer.memory.pool.BufferPool;
import dev.coffer.memory.pool.BufferPoolConfig;
import dev.coffer.memory.pool.PooledBuffer;

/// A pool of 64 buffers of 4 KiB in a region of its own, planned before it is opened.
public final class OnePool {
    private OnePool() {}

    public static void main(String[] arguments) {
        BufferPoolConfig config = BufferPoolConfig.of("requests", 4096, 64);
        MemoryPlan plan = MemoryPlan.group("app", BufferPool.plan(config));
        try (Region region = Region.open(RegionConfig.defaults("app"), plan);
                BufferPool pool = BufferPool.open(config, region)) {
            try (PooledBuffer buffer = pool.acquire()) {            // throws when all are out; tryAcquire() gives null
                buffer.putU32(42);
                System.out.println("read back " + buffer.takeU32());
            }                                                       // what was written is zero before the next lease
            System.out.println(region);
            System.out.println(pool.statistics());
        }
    }
}
