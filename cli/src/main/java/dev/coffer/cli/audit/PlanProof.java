package dev.coffer.cli.audit;

import dev.coffer.instruments.Mapping;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Protection.Level;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import dev.coffer.memory.ledger.Ledger;
import java.util.List;

/// Plan, mapping and ledger say the same number; the mapping's is the kernel's, summed over all its entries.
final class PlanProof implements Proof {
    private static final MemoryPlan DATA = MemoryPlan.group("data", MemoryPlan.block("keys", 32, 8, "256 bits each"),
            MemoryPlan.group("loop", MemoryPlan.block("read", 16384), MemoryPlan.block("write", 65536)).times(2));

    @Override
    public String name() {
        return "plan";
    }

    @Override
    public String claim() {
        return "the plan made before start = bytes of the mapping = what the ledger reports";
    }

    @Override
    public List<String> faults() {
        return List.of("plan-forgotten-row");
    }

    @Override
    public Verdict run(Setting setting) {
        RegionConfig config = RegionConfig.defaults("audit-plan");
        long planned = Region.plan(config, DATA).totalBytes();
        MemoryPlan real = setting.has("plan-forgotten-row")
                ? MemoryPlan.group("data", DATA.named("planned"), MemoryPlan.block("forgotten", 8192)) : DATA;
        try (Region region = Region.open(config, real)) {
            if (region.portable()) {
                return Verdict.notRun("this system shows no mappings (no /proc/self/smaps)");
            }
            long mapped = mappedBytes(region);
            Ledger ledger = Ledger.of("audit", Ledger.region(region));
            boolean held = planned == mapped && mapped == ledger.planBytes() && mapped == ledger.regionBytes();
            return Verdict.of(held, "plan " + planned + ", smaps " + mapped + ", ledger " + ledger.planBytes()
                    + " planned and " + ledger.regionBytes() + " held (bytes)");
        }
    }

    /// {@return bytes of a region's mapping by the kernel's count, guards included}
    static long mappedBytes(Region region) {
        long from = start(region);
        return Mapping.within(Mapping.ofSelf(), from, from + region.bytes()).stream().mapToLong(Mapping::bytes).sum();
    }

    /// {@return address of a region's mapping}
    static long start(Region region) {
        return region.data().address() - (region.config().guard() == Level.OFF ? 0 : region.pageBytes());
    }
}
