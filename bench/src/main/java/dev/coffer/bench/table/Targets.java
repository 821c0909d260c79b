package dev.coffer.bench.table;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.TimeValue;

/// One table of operations, each in our two profiles and beside its peers, with what was aimed at before: the figures are processor time, so
/// that a machine with other work on it gives ratios too. No JVM waits for its compilers (`-Xbatch`): where C2's code is thrown away several times by
/// uncommon traps, as that of sampling by rejection is, a thread that waits for each new one spends its warming up waiting, and is measured in between.
///
/// @param name   what `bench/run` calls it
/// @param title  one sentence above the table
public record Targets(String name, String title, List<Target> targets) {
    private static final int WARM_UPS = 12;  // ML-DSA is 5 s of processor time away from what C2 makes of it, and decapsulation 9
    private static final long WARM_UP_MILLIS = 1000;
    private static final int ITERATIONS = 3;
    private static final TimeValue ITERATION = TimeValue.milliseconds(500);

    /// At most so many times a peer's time; 0 where nothing is aimed at.
    public record Aim(double jdk, double bouncyCastle) {
        /// Nothing is aimed at.
        public static final Aim NONE = new Aim(0, 0);
    }

    /// One operation; a row that has nothing to run says why.
    ///
    /// @param fast  the opt-in profile, or a key that was expanded before
    public record Target(String operation, Row strict, Aim strictAim, Row fast, Aim fastAim, Row jdk, Row bouncyCastle) {
        private List<Row> rows() {
            return List.of(strict, fast, jdk, bouncyCastle);
        }
    }

    /// On a machine that has several times more to do than processors code takes that many times as long to be compiled.
    private static Measurement.Length length() {
        double share = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage() / Runtime.getRuntime().availableProcessors();
        return new Measurement.Length(1, WARM_UPS, TimeValue.milliseconds((long) (WARM_UP_MILLIS * Math.max(1, share))), ITERATIONS, ITERATION);
    }

    /// Runs every operation whose words contain the given ones, and prints the table.
    ///
    /// @param words  of an operation; empty for all
    /// @param given  JMH's own options of the command line; they win over the table's
    public void run(String words, Options given) throws RunnerException {
        Map<Row, Measurement> measured = new HashMap<>();  // a peer may stand in several lines
        List<String> lines = new ArrayList<>();
        for (Target target : targets.stream().filter(target -> target.operation.contains(words)).toList()) {
            for (Row row : target.rows()) {
                if (row.none().isEmpty() && !measured.containsKey(row)) {
                    Measurement time = Measurement.of(row, given, length(), name + "-" + (measured.size() + 1));
                    measured.put(row, time);
                    System.err.println("bench " + name + ": " + Measurement.figure(time.processor()) + " ns/op  " + target.operation + ", "
                            + row.label());
                }
            }
            String line = line(target, measured);
            System.err.println(line);
            lines.add(line);
        }
        System.out.println("**" + name + "**: " + title + "  ");
        System.out.println(Machine.line() + ", load "
                + String.format(Locale.ROOT, "%.0f", ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage()));
        System.out.println();
        System.out.println("| us of processor time; heap B | strict | fast | JDK | Bouncy Castle | strict to JDK, BC | fast to JDK, BC |");
        System.out.println("|---|---|---|---|---|---|---|");
        lines.forEach(System.out::println);
        System.out.println();
    }

    private static String line(Target target, Map<Row, Measurement> measured) {
        StringBuilder line = new StringBuilder("| " + target.operation);
        for (Row row : target.rows()) {
            Measurement time = measured.get(row);
            line.append(" | ").append(time == null ? row.none() : Measurement.figure(time.processor() / 1e3) + "; "
                    + Measurement.figure(time.heapBytes()) + (row.label().isEmpty() ? "" : " (" + row.label() + ")"));
        }
        Measurement jdk = measured.get(target.jdk);
        Measurement bouncyCastle = measured.get(target.bouncyCastle);
        line.append(" | ").append(verdicts(measured.get(target.strict), target.strictAim, jdk, bouncyCastle));
        line.append(" | ").append(verdicts(measured.get(target.fast), target.fastAim, jdk, bouncyCastle));
        return line.append(" |").toString();
    }

    private static String verdicts(Measurement ours, Aim aim, Measurement jdk, Measurement bouncyCastle) {
        if (ours == null) {
            return "";
        }
        String toJdk = verdict(ours, jdk, aim.jdk);
        String toBouncyCastle = verdict(ours, bouncyCastle, aim.bouncyCastle);
        return toJdk + (toJdk.isEmpty() || toBouncyCastle.isEmpty() ? "" : ", ") + toBouncyCastle;
    }

    private static String verdict(Measurement ours, Measurement peer, double most) {
        if (peer == null) {
            return "";
        }
        double ratio = ours.processor() / peer.processor();
        String figure = String.format(Locale.ROOT, "%.2f", ratio);
        return most == 0 ? figure : ratio <= most ? figure + " (" + most + ")" : "**" + figure + "** (" + most + ")";
    }
}
