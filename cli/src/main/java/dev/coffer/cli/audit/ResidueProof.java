package dev.coffer.cli.audit;

import dev.coffer.instruments.ChildJvm;
import dev.coffer.instruments.Dumps;
import dev.coffer.instruments.PlantedSecrets;
import dev.coffer.instruments.ResidueScan;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// How many of 100 planted secrets can still be found: in a heap dump, in a core and in the raw memory of a child JVM,
/// after collections, while they are live and after they were released; beside them arrays that were moved and wiped,
/// and controls that must be found.
final class ResidueProof implements Proof {
    static final String UNWIPED = "residue-unwiped";
    static final String ON_HEAP = "residue-on-heap";
    static final String DUMPED = "residue-dumped";
    static final String BLIND = "residue-blind";
    static final String UNMOVED = "residue-unmoved-baseline";

    private static final int COUNT = 100;
    private static final int BASELINE_MIN = 90;
    private static final int NOT_RUN = -1;

    /// What was found where: of the secrets, and how many of the two controls.
    private record Found(int heap, int core, int raw, int controlsHeap, int controlsCore, int controlsRaw) {}

    @Override
    public String name() {
        return "residue";
    }

    @Override
    public String claim() {
        return "of 100 secrets none is left in heap dump or core while live, nor in raw memory once released";
    }

    @Override
    public List<String> faults() {
        return List.of(UNWIPED, ON_HEAP, DUMPED, BLIND, UNMOVED);
    }

    @Override
    public Verdict run(Setting setting) {
        if (Dumps.heapObstacle().isPresent()) {
            return Verdict.notRun(Dumps.heapObstacle().get());
        }
        if (!Files.isReadable(Path.of("/proc/self/mem"))) {
            return Verdict.notRun("no /proc/PID/mem on this system");
        }
        boolean cores = Dumps.coreObstacle().isEmpty();
        List<String> table = new ArrayList<>();
        table.add(String.format(Locale.ROOT, "%-9s %-38s %9s %9s %9s", "collector", "100 secrets, found in", "heap dump", "core",
                "memory"));
        boolean held = true;
        boolean dumpable = false;
        int most = 0;
        StringBuilder baselines = new StringBuilder();
        for (Collector collector : setting.collectors()) {
            long seed = new SecureRandom().nextLong();
            try (ChildJvm child = start(ResidueChild.COFFER, collector, seed, setting)) {
                boolean noDump = Boolean.parseBoolean(child.await(ResidueChild.LIVE));
                boolean inCore = cores && (noDump || setting.has(DUMPED));
                dumpable |= !inCore;
                Found live = search(child, seed, inCore, setting.folder());
                child.resume();
                child.await(ResidueChild.RELEASED);
                Found released = search(child, seed, cores, setting.folder());
                child.resume();
                table.add(row(collector, "Coffer, live", live) + "  (memory: the search sees them)");
                table.add(row(collector, "Coffer, released", released));
                table.add(controls(collector, live, cores));
                most = Math.max(most, Math.max(Math.max(live.heap, live.core), Math.max(released.heap,
                        Math.max(released.core, released.raw))));
                held &= clean(live.heap) && clean(live.core) && live.raw == COUNT && clean(released.heap)
                        && clean(released.core) && released.raw == 0 && seen(live, inCore) && seen(released, cores);
            }
            try (ChildJvm child = start(ResidueChild.ARRAYS, collector, seed, setting)) {
                child.await(ResidueChild.RELEASED);
                Found left = search(child, seed, cores, setting.folder());
                child.resume();
                table.add(row(collector, "byte[], moved once, wiped", left));
                int count = cores ? left.core : left.raw;
                baselines.append(baselines.isEmpty() ? "" : ", ").append(count).append(' ').append(collector);
                held &= count >= BASELINE_MIN || !collector.leavesCopies();
            }
        }
        String figure = "most found of Coffer's: " + most + "; of byte[]: " + baselines + "; searched "
                + (cores ? "heap dump, core, memory" : "heap dump, memory; core not run, " + Dumps.coreObstacle().get())
                + (cores && dumpable ? "; live core not run, MADV_DONTDUMP is not in force here" : "");
        return new Verdict(held ? Verdict.Outcome.PASS : Verdict.Outcome.FAIL, figure, table);
    }

    private static ChildJvm start(String subject, Collector collector, long seed, Setting setting) {
        return ChildJvm.start(List.of(), List.of(collector.option(), "-Xms64m", "-Xmx64m",
                "-XX:ReservedCodeCacheSize=32m"), ResidueChild.class, subject, Long.toString(seed),
                Integer.toString(COUNT), setting.fault().orElse("-"));
    }

    private static boolean clean(int found) {
        return found == 0 || found == NOT_RUN;
    }

    /// Whether the search found what it had to: the heap's control in the heap dump, both controls elsewhere.
    private static boolean seen(Found found, boolean core) {
        return found.controlsHeap == 1 && (!core || found.controlsCore == 2) && found.controlsRaw == 2;
    }

    private static Found search(ChildJvm child, long seed, boolean withCore, Path folder) {
        ResidueScan raw = scan(seed);
        raw.search(child.pid());
        ResidueScan core = scan(seed);
        if (withCore) {
            search(core, Dumps.core(child.pid(), folder));
        }
        ResidueScan heap = scan(seed);
        search(heap, Dumps.heap(child.pid(), folder));
        int end = COUNT + ResidueChild.CONTROLS;
        return new Found(heap.found(0, COUNT), withCore ? core.found(0, COUNT) : NOT_RUN, raw.found(0, COUNT),
                heap.found(COUNT, end), core.found(COUNT, end), raw.found(COUNT, end));
    }

    private static ResidueScan scan(long seed) {
        return ResidueScan.of(new PlantedSecrets(seed, COUNT + ResidueChild.CONTROLS));
    }

    private static void search(ResidueScan scan, Path file) {
        scan.search(file);
        try {
            Files.delete(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String row(Collector collector, String what, Found found) {
        return String.format(Locale.ROOT, "%-9s %-38s %9d %9s %9d", collector, what, found.heap,
                found.core == NOT_RUN ? "not run" : Integer.toString(found.core), found.raw);
    }

    private static String controls(Collector collector, Found found, boolean cores) {
        return String.format(Locale.ROOT, "%-9s %-38s %7d/1 %9s %7d/2", collector, "controls: one on the heap, one off it",
                found.controlsHeap, cores ? found.controlsCore + "/2" : "not run", found.controlsRaw);
    }
}
