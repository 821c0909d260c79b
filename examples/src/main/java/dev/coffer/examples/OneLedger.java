package dev.coffer.examples;

import dev.coffer.memory.Budget;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import dev.coffer.memory.ledger.Ledger;
import dev.coffer.memory.pool.BufferPool;
import dev.coffer.memory.pool.BufferPoolConfig;

/// What a program holds, live: the plan's rows, who uses how much of which, and the budgets.
public final class OneLedger {
    private OneLedger() {}

    public static void main(String[] arguments) {
        BufferPoolConfig config = BufferPoolConfig.of("requests", 4096, 64);
        Budget budget = Budget.root("app", 1 << 20);
        MemoryPlan plan = MemoryPlan.group("app", BufferPool.plan(config));
        try (Region region = Region.open(RegionConfig.defaults("app"), plan);
                BufferPool pool = BufferPool.open(config, region, budget)) {
            Ledger ledger = Ledger.of("app", Ledger.region(region, pool), Ledger.budget(budget));
            try (var held = pool.acquire()) {
                held.putU32(42);
                System.out.println(ledger.snapshot().toTable());            // toJson() for a page
            }
        }
    }
}
