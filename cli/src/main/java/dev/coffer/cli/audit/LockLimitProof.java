package dev.coffer.cli.audit;

import dev.coffer.instruments.ChildJvm;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Protection;
import dev.coffer.memory.Protection.Level;
import dev.coffer.memory.ProtectionException;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Without the right to lock, REQUIRED refuses and names the remedy, and BEST_EFFORT opens and reports. In a child JVM
/// without `CAP_IPC_LOCK` and with 64 KiB of `ulimit -l`.
final class LockLimitProof implements Proof {
    private static final long LIMIT_BYTES = 64 * 1024;
    private static final long DATA_BYTES = 1 << 20;

    /// What the child does: opens 1 MiB both ways and prints what came of it.
    static final class Opener {
        private Opener() {}

        public static void main(String[] arguments) {
            MemoryPlan data = MemoryPlan.block("data", DATA_BYTES);
            RegionConfig config = RegionConfig.defaults("audit-limit");
            try (Region region = Region.open(config.withProtection(Protection.LOCKED, Level.REQUIRED), data)) {
                System.out.println("REQUIRED: opened " + region.bytes());
            } catch (ProtectionException e) {
                System.out.println("REQUIRED: refused " + e.protection() + ", " + e.getMessage());
            }
            try (Region region = Region.open(config, data)) {
                System.out.println("BEST_EFFORT: " + region.protections().get(Protection.LOCKED.ordinal()));
            }
        }
    }

    @Override
    public String name() {
        return "lock-limit";
    }

    @Override
    public String claim() {
        return "where memory cannot be locked, REQUIRED refuses with the remedy and BEST_EFFORT says so";
    }

    @Override
    public List<String> faults() {
        return List.of("lock-limit-raised");
    }

    @Override
    public Verdict run(Setting setting) {
        if (!onPath("prlimit")) {
            return Verdict.notRun("no prlimit in PATH (package util-linux)");
        }
        List<String> prefix = new ArrayList<>();
        boolean raised = setting.has("lock-limit-raised");
        if (!raised) {
            prefix.addAll(List.of("prlimit", "--memlock=" + LIMIT_BYTES + ":" + LIMIT_BYTES));
        }
        if (!raised && mayLock()) {
            if (!onPath("setpriv")) {
                return Verdict.notRun("this process has CAP_IPC_LOCK, and there is no setpriv to drop it "
                        + "(package util-linux)");
            }
            prefix.addAll(List.of("setpriv", "--bounding-set=-ipc_lock", "--inh-caps=-ipc_lock"));
        }
        try (ChildJvm child = ChildJvm.start(prefix, List.of("-Xmx16m", "-XX:+UseSerialGC"), Opener.class)) {
            int exitCode = child.exitCode();
            String said = child.output();
            boolean held = exitCode == 0
                    && said.contains("REQUIRED: refused LOCKED") && said.contains("limit " + LIMIT_BYTES)
                    && said.contains("ulimit -l") && said.contains("BEST_EFFORT: LOCKED NOT in force");
            return new Verdict(held ? Verdict.Outcome.PASS : Verdict.Outcome.FAIL, "child JVM that locks 1 MiB under "
                    + "ulimit -l " + (raised ? "as it is" : "64, without CAP_IPC_LOCK") + ":", List.of(said.split(" \\| ")));
        }
    }

    /// Whether the effective capabilities of this process contain `CAP_IPC_LOCK`, number 14.
    private static boolean mayLock() {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
                if (line.startsWith("CapEff:")) {
                    return (Long.parseUnsignedLong(line.substring("CapEff:".length()).trim(), 16) >> 14 & 1) != 0;
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return false;
    }

    private static boolean onPath(String command) {
        for (String place : System.getenv().getOrDefault("PATH", "/usr/bin:/bin").split(":")) {
            if (Files.isExecutable(Path.of(place, command))) {
                return true;
            }
        }
        return false;
    }
}
