package dev.coffer.examples;

import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import dev.coffer.memory.ledger.Ledger;
import dev.coffer.memory.pool.BufferPool;
import dev.coffer.memory.pool.BufferPoolConfig;
import dev.coffer.micrometer.CofferMetrics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;

/// A ledger's numbers as Micrometer meters.
public final class OneMeter {
    private OneMeter() {}

    public static void main(String[] arguments) {
        BufferPoolConfig config = BufferPoolConfig.of("requests", 4096, 64);
        try (Region region = Region.open(RegionConfig.defaults("app"), MemoryPlan.group("app", BufferPool.plan(config)));
                BufferPool pool = BufferPool.open(config, region)) {
            SimpleMeterRegistry registry = new SimpleMeterRegistry();      // in earnest: Prometheus, OTLP, ...
            new CofferMetrics(Ledger.of("app", Ledger.region(region, pool))).bindTo(registry);
            try (var held = pool.acquire()) {
                held.putU32(42);
                System.out.println(registry.getMetersAsString());
            }
        }
    }
}
