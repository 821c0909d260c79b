package dev.coffer.micrometer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.memory.Budget;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.PageSweep;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import dev.coffer.memory.ledger.Ledger;
import dev.coffer.memory.pool.BufferPool;
import dev.coffer.memory.pool.BufferPoolConfig;
import dev.coffer.memory.pool.PooledBuffer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class CofferMetricsTest {
    private static double value(MeterRegistry registry, String name, String... tags) {
        return registry.get(name).tags(tags).gauge().value();
    }

    @Test
    void gaugesFollowTheLedger() {
        BufferPoolConfig buffers = BufferPoolConfig.of("read", 1024, 8);
        Budget all = Budget.root("all", 1000);
        Budget tls = all.child("tls", 600);
        MeterRegistry registry = new SimpleMeterRegistry();
        Region region = Region.open(RegionConfig.defaults("r"), MemoryPlan.group("data", BufferPool.plan(buffers)));
        try (BufferPool pool = BufferPool.open(buffers, region)) {
            Ledger ledger = Ledger.of("test", Ledger.region(region, pool), Ledger.budget(all, tls));
            new CofferMetrics(ledger).bindTo(registry);
            assertEquals(region.bytes(), value(registry, "coffer.memory.plan", "ledger", "test"));
            assertEquals(region.bytes(), value(registry, "coffer.memory.region"));
            double idle = value(registry, "coffer.memory.used");
            PooledBuffer buffer = pool.acquire();
            assertEquals(idle + 1024, value(registry, "coffer.memory.used"));
            assertEquals(1024, value(registry, "coffer.account.used", "region", "r", "row", "data/read"));
            buffer.close();
            assertEquals(0, value(registry, "coffer.account.used"));
            assertEquals(8192, value(registry, "coffer.account.capacity"));
            tls.reserve(500);
            assertEquals(500, value(registry, "coffer.budget.used", "budget", "all"));
            assertEquals(500, value(registry, "coffer.budget.used", "budget", "all/tls"));
            assertEquals(600, value(registry, "coffer.budget.limit", "budget", "all/tls"));
            tls.release(500);
            assertEquals(0, value(registry, "coffer.budget.used", "budget", "all/tls"));
            assertEquals(500, value(registry, "coffer.budget.peak", "budget", "all/tls"));
        }
        region.close();
        assertEquals(0, value(registry, "coffer.memory.region"), "after close");
    }

    @Test
    void whatIsCommittedIsWhatTheLastSweepFound() {
        MeterRegistry registry = new SimpleMeterRegistry();
        MemoryPlan row = MemoryPlan.block("row", 1 << 20);
        MemoryPlan sweeping = PageSweep.plan(MemoryPlan.group("data", row));
        try (Region region = Region.open(RegionConfig.reservation("r"), MemoryPlan.group("data", row, sweeping))) {
            new CofferMetrics(Ledger.of("test", Ledger.region(region))).bindTo(registry);
            assertEquals(region.committedBytes(), value(registry, "coffer.memory.committed", "ledger", "test"));
            assertTrue(region.committedBytes() > 1 << 20, "all, before anybody looked");
            PageSweep sweep = PageSweep.over(region, region.carve(sweeping.name()));
            while (sweep.step()) {
                continue;
            }
            assertEquals(region.committedBytes(), value(registry, "coffer.memory.committed"));
            assertTrue(region.portable() || value(registry, "coffer.memory.committed") < 1 << 18, "nobody wrote to it");
        }
        assertEquals(0, value(registry, "coffer.memory.committed"), "after close");
    }

    @Test
    void moreTagsStandOnEveryMeter() {
        MeterRegistry registry = new SimpleMeterRegistry();
        new CofferMetrics(Ledger.of("none"), Tags.of("host", "a")).bindTo(registry);
        assertEquals(5, registry.getMeters().size());
        registry.getMeters().forEach(meter -> assertEquals("a", meter.getId().getTag("host")));
        assertNull(registry.find("coffer.account.used").gauge());
        Gauge plan = registry.get("coffer.memory.plan").gauge();
        assertEquals("bytes", plan.getId().getBaseUnit());
    }

    @Test
    void aSecondLedgerOfOneNameIsRefusedAndSeenUnderTagsOfItsOwn() {
        MeterRegistry registry = new SimpleMeterRegistry();
        registry.config().commonTags("application", "x");
        Budget first = Budget.root("b", 100);
        Budget second = Budget.root("b", 200);
        new CofferMetrics(Ledger.of("one", Ledger.budget(first))).bindTo(registry);
        int meters = registry.getMeters().size();
        CofferMetrics again = new CofferMetrics(Ledger.of("one", Ledger.budget(second)));
        String text = assertThrows(IllegalStateException.class, () -> again.bindTo(registry)).getMessage();
        assertTrue(text.contains("coffer.memory.plan") && text.contains("one"), text);
        assertEquals(meters, registry.getMeters().size());
        assertEquals(100, value(registry, "coffer.budget.limit"), "the first is as it was");
        new CofferMetrics(Ledger.of("one", Ledger.budget(second)), Tags.of("part", "2")).bindTo(registry);
        assertEquals(200, value(registry, "coffer.budget.limit", "part", "2"));
        assertEquals(2 * meters, registry.getMeters().size());
    }

    /// Both have looked, and neither has made its first meter yet: there is no such instant.
    @Test
    void ofTwoThatBindOneNameAtOnceOneIsRefused() throws Exception {
        MeterRegistry registry = new SimpleMeterRegistry();
        CyclicBarrier together = new CyclicBarrier(2);
        registry.config().meterFilter(new MeterFilter() {
            @Override
            public Meter.Id map(Meter.Id id) {
                try {
                    together.await(300, TimeUnit.MILLISECONDS);
                } catch (BrokenBarrierException | TimeoutException e) {
                    return id;  // alone, as is right
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
                return id;
            }
        });
        AtomicInteger refused = new AtomicInteger();
        List<Thread> both = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            both.add(Thread.ofPlatform().start(() -> {
                try {
                    new CofferMetrics(Ledger.of("one", Ledger.budget(Budget.root("b", 100)))).bindTo(registry);
                } catch (IllegalStateException e) {
                    refused.incrementAndGet();
                }
            }));
        }
        for (Thread thread : both) {
            thread.join();
        }
        assertEquals(1, refused.get());
    }

    @Test
    void twoRowsOfOneNameInOneLedgerAreRefusedWholly() {
        MeterRegistry registry = new SimpleMeterRegistry();
        Ledger ledger = Ledger.of("two", Ledger.budget(Budget.root("b", 100)), Ledger.budget(Budget.root("b", 200)));
        assertThrows(IllegalStateException.class, () -> new CofferMetrics(ledger).bindTo(registry));
        assertEquals(0, registry.getMeters().size(), "nothing is registered");
    }
}
