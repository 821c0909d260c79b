package dev.coffer.cli.audit;

import dev.coffer.instruments.Mapping;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Protection;
import dev.coffer.memory.Protection.Level;
import dev.coffer.memory.Protection.Status;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import java.util.List;

/// Pages are locked, left out of cores, wiped on fork and guarded: by the kernel's flags, not by our report.
final class ProtectionProof implements Proof {
    @Override
    public String name() {
        return "protection";
    }

    @Override
    public String claim() {
        return "pages are locked (lo), not dumped (dd), wiped on fork (wf) and guarded, by /proc/self/smaps";
    }

    @Override
    public List<String> faults() {
        return List.of("protection-unlocked", "protection-dumped", "protection-forked", "protection-unguarded");
    }

    @Override
    public Verdict run(Setting setting) {
        RegionConfig config = RegionConfig.defaults("audit-protection");
        Protection[] dropped = {Protection.LOCKED, Protection.NO_DUMP, Protection.WIPE_ON_FORK, Protection.GUARD};
        for (int i = 0; i < dropped.length; i++) {
            config = setting.has(faults().get(i)) ? config.withProtection(dropped[i], Level.OFF) : config;
        }
        try (Region region = Region.open(config, MemoryPlan.block("data", 64 * 1024))) {
            for (Status status : region.protections()) {
                if (status.level() == Level.BEST_EFFORT && !status.inForce()) {
                    return Verdict.notRun(status.toString());
                }
            }
            long from = PlanProof.start(region);
            List<Mapping> entries = Mapping.within(Mapping.ofSelf(), from, from + region.bytes());
            List<Mapping> guards = entries.stream().filter(m -> m.permissions().equals("---p")).toList();
            List<Mapping> body = entries.stream().filter(m -> m.permissions().equals("rw-p")).toList();
            long bodyBytes = body.stream().mapToLong(Mapping::bytes).sum();
            long locked = body.stream().mapToLong(Mapping::lockedBytes).sum();
            boolean flags = !body.isEmpty()
                    && body.stream().allMatch(m -> m.flags().containsAll(List.of("lo", "dd", "wf")));
            boolean guarded = guards.size() == 2 && bodyBytes + 2 * region.pageBytes() == region.bytes();
            return Verdict.of(flags && guarded && locked == bodyBytes, bodyBytes + " bytes: VmFlags"
                    + (body.isEmpty() ? " none" : relevant(body.getFirst())) + ", Locked " + locked + ", "
                    + guards.size() + " guard pages ---p");
        }
    }

    private static String relevant(Mapping mapping) {
        StringBuilder flags = new StringBuilder();
        for (String flag : new String[] {"lo", "dd", "wf"}) {
            flags.append(mapping.flags().contains(flag) ? " " + flag : " -");
        }
        return flags.toString();
    }
}
