package dev.coffer.mutants;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.Launcher;
import org.junit.platform.launcher.TagFilter;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/// Runs test classes in a JVM of its own and ends it at once when it knows.
///
/// `Judge probe RESULT CLASS` writes what the unbroken class gives: `ms N`, `cpu N` (of the processor), `hit N` for each break it came by, `red ID`
/// for each test that fails without any break, `unloaded WHY` where no test could be found in the class at all. `Judge break RESULT LIST`: LIST has a line `CLASS TAB milliseconds TAB milliseconds of the
/// processor` for each class and `red ID` for tests not to be believed; RESULT gets `killed TEST`, `late CLASS` or `lived`.
///
/// A class is late when it has used more of the processor than it may, or when its time is over and it stands still: a busy machine alone
/// makes no test late.
final class Judge {
    /// A JVM that does less in a minute stands still, however busy the machine: one that waits for its turn gets more.
    private static final long STILL_NANOS = 60_000_000;
    private static final long STILL_AFTER_NANOS = 60_000_000_000L;
    private final Path result;
    private final Set<String> red = new TreeSet<>();
    private String unloaded = "";
    private final boolean breaking;
    private volatile String running = "";
    private volatile long until = Long.MAX_VALUE;
    private volatile long cpuUntil = Long.MAX_VALUE;

    private Judge(Path result, boolean breaking) {
        this.result = result;
        this.breaking = breaking;
    }

    public static void main(String[] words) throws IOException {
        Judge judge = new Judge(Path.of(words[1]), words[0].equals("break"));
        judge.watch();
        if (judge.breaking) {
            judge.judge(Files.readAllLines(Path.of(words[2])));
        } else {
            judge.probe(words[2]);
        }
        Runtime.getRuntime().halt(0);  // what a test left running is not waited for
    }

    private void watch() {
        Thread.ofPlatform().daemon().start(() -> {
            long cpu = 0;
            long moved = System.nanoTime();
            while (true) {
                long now = System.nanoTime();
                if (cpu() > cpu + STILL_NANOS) {
                    cpu = cpu();
                    moved = now;
                }
                if (cpu() > cpuUntil || now > until && now - moved > STILL_AFTER_NANOS) {
                    end("late " + running);
                }
                try {
                    Thread.sleep(1000);
                } catch (InterruptedException e) {
                    return;
                }
            }
        });
    }

    private static long cpu() {
        return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
    }

    private void judge(List<String> lines) {
        for (String line : lines) {
            if (line.startsWith("red ")) {
                red.add(line.substring(4));
            }
        }
        for (String line : lines) {
            if (!line.startsWith("red ")) {
                String[] cell = line.split("\t");
                running = cell[0];
                until = System.nanoTime() + Long.parseLong(cell[1]) * 1_000_000;
                cpuUntil = cpu() + Long.parseLong(cell[2]) * 1_000_000;
                run(cell[0]);
            }
        }
        end("lived");
    }

    private void probe(String className) throws IOException {
        cpuUntil = QuickMutants.CLASS_SECONDS_MAX * 1_000_000_000L;
        running = className;
        Probe.judged = true;
        long begun = System.nanoTime();
        long cpuBegun = cpu();
        run(className);
        StringBuilder text = new StringBuilder("ms " + (System.nanoTime() - begun) / 1_000_000 + "\ncpu " + (cpu() - cpuBegun) / 1_000_000 + "\n");
        String folder = System.getenv(Probe.FOLDER);
        for (int i = 0; i < Probe.HIT.length; i++) {
            if (Probe.HIT[i] || folder != null && Files.exists(Path.of(folder, Integer.toString(i)))) {
                text.append("hit ").append(i).append('\n');
            }
        }
        red.forEach(id -> text.append("red ").append(id).append('\n'));
        if (!unloaded.isEmpty()) {
            text.append("unloaded ").append(unloaded).append('\n');
        }
        Files.writeString(result, text);
    }

    private void run(String className) {
        try {
            Launcher launcher = LauncherFactory.create();
            launcher.execute(LauncherDiscoveryRequestBuilder.request().selectors(selectClass(className))
                    .filters(TagFilter.excludeTags("long")).build(), new Listener());
        } catch (Throwable e) {
            notLoaded(className, e);
        }
    }

    /// No test of the class began: a library is missing, or the break is such that its class is refused.
    private void notLoaded(String id, Throwable why) {
        if (breaking) {
            failed(id, why);
            return;
        }
        Throwable first = why;
        while (first.getCause() != null) {
            first = first.getCause();
        }
        unloaded = first.toString().replaceAll("\\s+", " ");
    }

    private void failed(String id, Throwable why) {
        if (!breaking) {
            red.add(id);
        } else if (!red.contains(id)) {
            System.out.println(id + ": " + why);
            end("killed " + id);
        }
    }

    private void end(String words) {
        try {
            Files.writeString(result, words + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            System.out.println(e);
        }
        Runtime.getRuntime().halt(0);
    }

    private final class Listener implements TestExecutionListener {
        @Override
        public void executionFinished(TestIdentifier test, TestExecutionResult outcome) {
            if (outcome.getStatus() == TestExecutionResult.Status.FAILED) {
                Throwable why = outcome.getThrowable().orElseGet(() -> new AssertionError("no reason given"));
                if (test.getParentId().isEmpty()) {  // the engine itself, which looked for the tests
                    notLoaded(test.getUniqueId(), why);
                } else {
                    failed(test.getUniqueId(), why);
                }
            }
        }
    }
}
