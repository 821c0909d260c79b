package dev.coffer.cli.audit;

import dev.coffer.instruments.ProcessMemory;
import dev.coffer.memory.CanaryException;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import java.util.List;

/// A byte overwritten past the data is reported, on demand and at close; the overwriting is done from outside, through
/// `/proc/self/mem`.
final class CanaryProof implements Proof {
    private static final long DATA_BYTES = 4096 - 64;

    @Override
    public String name() {
        return "canary";
    }

    @Override
    public String claim() {
        return "each byte overwritten past a region's data is reported, on demand and at close";
    }

    @Override
    public List<String> faults() {
        return List.of("canary-rewritten");
    }

    @Override
    public Verdict run(Setting setting) {
        int reported = 0;
        int atClose = 0;
        int tried = (int) Region.CANARY_BYTES;
        for (int i = 0; i < tried; i++) {
            Region region = Region.open(RegionConfig.defaults("audit-canary"), MemoryPlan.block("data", DATA_BYTES));
            if (region.portable()) {
                region.close();
                return Verdict.notRun("this system has no /proc/self/mem to write through");
            }
            region.checkCanary();  // whole before
            try (ProcessMemory memory = ProcessMemory.ofSelf()) {
                long at = region.data().address() + DATA_BYTES + i;
                byte now = memory.read(at, 1)[0];
                memory.write(at, setting.has("canary-rewritten") ? now : (byte) (now ^ 1));
            }
            reported += reports(region::checkCanary) ? 1 : 0;
            atClose += reports(region::close) ? 1 : 0;
        }
        return Verdict.of(reported == tried && atClose == tried, "one bit of one byte damaged, " + tried
                + " bytes in turn: " + reported + " reported on demand, " + atClose + " at close");
    }

    private static boolean reports(Runnable check) {
        try {
            check.run();
            return false;
        } catch (CanaryException e) {
            return true;
        }
    }
}
