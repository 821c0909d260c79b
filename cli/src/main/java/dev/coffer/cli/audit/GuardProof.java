package dev.coffer.cli.audit;

import dev.coffer.instruments.ChildJvm;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Protection;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/// A write past either end of a region kills the process at once. In a child JVM, beside one that writes the last byte
/// before the guard and lives.
final class GuardProof implements Proof {
    private static final int LIVED = 42;
    private static final int NO_GUARD = 43;
    private static final String LIVES = "lives";
    private static final String KILLED = "killed by SIGSEGV";
    private static final String UNGUARDED = "unguarded";

    /// What the child does: one write at an offset from the first or past the last byte of the mapping's body.
    static final class Writer {
        private Writer() {}

        @SuppressWarnings("restricted")  // to write where no segment reaches is the experiment
        public static void main(String[] arguments) {
            Region region = Region.open(RegionConfig.defaults("audit-guard"), MemoryPlan.block("data", 4096));
            if (!region.inForce(Protection.GUARD)) {
                System.exit(NO_GUARD);
            }
            long body = region.bytes() - 2 * region.pageBytes();
            long from = arguments[0].equals("end") ? region.data().address() + body : region.data().address();
            MemorySegment.ofAddress(from + Long.parseLong(arguments[1])).reinterpret(1)
                    .set(ValueLayout.JAVA_BYTE, 0, (byte) 1);
            Runtime.getRuntime().halt(LIVED);
        }
    }

    @Override
    public String name() {
        return "guard";
    }

    @Override
    public String claim() {
        return "a write one byte past either end of a region kills the process instead of going on";
    }

    @Override
    public List<String> faults() {
        return List.of("guard-missed");
    }

    @Override
    public Verdict run(Setting setting) {
        String inside = write("end", -1);
        if (inside.equals(UNGUARDED)) {
            return Verdict.notRun("no guard pages here: the region reports them not in force");
        }
        String past = write("end", setting.has("guard-missed") ? -1 : 0);
        String before = write("start", setting.has("guard-missed") ? 0 : -1);
        boolean held = inside.equals(LIVES) && past.equals(KILLED) && before.equals(KILLED);
        return Verdict.of(held, "child JVMs: " + inside + " writing the last byte, " + past + " one past the end, "
                + before + " one before the start");
    }

    /// What becomes of a child that writes there.
    private static String write(String end, long offset) {
        try (ChildJvm child = ChildJvm.start(List.of(), List.of("-Xmx16m", "-XX:+UseSerialGC"), Writer.class, end,
                Long.toString(offset))) {
            return switch (child.exitCode()) {
                case LIVED -> LIVES;
                case NO_GUARD -> UNGUARDED;
                // HotSpot catches the signal, reports it and ends; without a core, with exit code 1.
                default -> child.output().contains("SIGSEGV") ? KILLED : "exit code " + child.exitCode();
            };
        }
    }
}
