package dev.coffer.bench.table;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.util.Statistics;

/// One table of measurements: its rows are run one after the other, each in JVMs of its own, and printed as Markdown with
/// the median of all iterations of all forks, their spread, the heap bytes an operation, and the ratio to the first row, or to the last bold one where there are several.
///
/// @param name   what `bench/run` calls it
/// @param title  one sentence above the table
/// @param rows   the first, and each whose label is bold, is the one that those after it are compared with
public record Table(String name, String title, List<Row> rows) {
    // 2 forks x 5 iterations of 400 ms after 3 of 400 ms: about 8 s a row with the start of the JVMs.
    private static final int FORKS = 2;
    private static final int WARM_UPS = 3;
    private static final int ITERATIONS = 5;
    private static final TimeValue ITERATION = TimeValue.milliseconds(400);

    /// Where JMH's own words go, a file a row.
    private static final String LOGS = "bench/target/logs/";

    /// Forks of each side where an older build is compared; old and new by turns, so that both meet the same weather.
    private static final int ROUNDS = 5;
    private static final String CLASS_PATH = "java.class.path";

    private record Measured(double median, double least, double most, double heapBytes) {}

    /// Runs every row and prints the table.
    ///
    /// @param given  JMH's own options of the command line; they win over the table's
    public void run(Options given) throws RunnerException {
        List<String> lines = new ArrayList<>();
        double first = 0;
        for (Row row : rows) {
            if (!row.none().isEmpty()) {
                lines.add("| " + row.label() + " | no figure: " + row.none() + " | | | |");
                continue;
            }
            Measured measured = measure(row, given, LOGS + name + "-" + (lines.size() + 1) + ".log");
            System.err.println("bench " + name + ": " + figure(measured.median) + " ns/op  " + row.label());
            first = first == 0 || row.label().startsWith("**") ? measured.median : first;
            lines.add(String.format(Locale.ROOT, "| %s | %s | %s - %s | %s | %.2f%s |", row.label(), figure(measured.median),
                    figure(measured.least), figure(measured.most), figure(measured.heapBytes), measured.median / first,
                    row.verdict(measured.median / first)));
        }
        System.out.println("**" + name + "**: " + title + "  ");
        System.out.println(Machine.line());
        System.out.println();
        System.out.println("| | ns/op, median | least - most | heap B/op | to the first row |");
        System.out.println("|---|---|---|---|---|");
        lines.forEach(System.out::println);
        System.out.println();
    }

    /// Runs the table's own rows, those of no peer, with the classes of an older build and with the present ones in turn, and prints
    /// both with their ratio.
    ///
    /// @param older  a jar whose classes are found before the present ones
    public void runAgainst(Path older, Options given) throws RunnerException {
        String present = System.getProperty(CLASS_PATH);
        System.out.println("**" + name + "**, older build and this one by turns: " + title + "  ");
        System.out.println(Machine.line());
        System.out.println();
        System.out.println("| | older, ns/op, median | this | this to older |");
        System.out.println("|---|---|---|---|");
        Options once = given.getForkCount().hasValue() ? given : new OptionsBuilder().parent(given).forks(1).build();
        for (Row row : rows.stream().filter(Row::isOwn).toList()) {
            List<Double> before = new ArrayList<>();
            List<Double> now = new ArrayList<>();
            try {
                for (int round = 0; round < ROUNDS; round++) {
                    System.setProperty(CLASS_PATH, older + File.pathSeparator + present);
                    before.add(measure(row, once, LOGS + name + "-older.log").median);
                    System.setProperty(CLASS_PATH, present);
                    now.add(measure(row, once, LOGS + name + "-present.log").median);
                    System.err.println("bench " + name + ": " + figure(before.getLast()) + " -> " + figure(now.getLast()) + " ns/op  "
                            + row.label());
                }
            } finally {
                System.setProperty(CLASS_PATH, present);
            }
            System.out.println(String.format(Locale.ROOT, "| %s | %s | %s | %.2f |", row.label(), figure(median(before)),
                    figure(median(now)), median(now) / median(before)));
        }
        System.out.println();
    }

    private static double median(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        return sorted.get(sorted.size() / 2);
    }

    private static Measured measure(Row row, Options given, String log) throws RunnerException {
        ChainedOptionsBuilder options = new OptionsBuilder().parent(given)
                .include("\\b" + Pattern.quote(row.benchmark()) + "$").threads(row.threads()).addProfiler(GCProfiler.class)
                .output(log).shouldFailOnError(true)
                .jvmArgsAppend(row.jvm().toArray(String[]::new));
        row.params().forEach(options::param);
        defaults(options, given);
        Collection<RunResult> results = new Runner(options.build()).run();
        if (results.size() != 1) {
            throw new IllegalStateException(row.benchmark() + ": " + results.size() + " results (expected 1)");
        }
        RunResult result = results.iterator().next();
        Statistics time = result.getPrimaryResult().getStatistics();
        Result<?> heap = result.getSecondaryResults().get("gc.alloc.rate.norm");
        return new Measured(time.getPercentile(50), time.getMin(), time.getMax(),
                heap == null ? 0 : heap.getStatistics().getPercentile(50));
    }

    private static void defaults(ChainedOptionsBuilder options, Options given) {
        if (!given.getForkCount().hasValue()) {
            options.forks(FORKS);
        }
        if (!given.getWarmupIterations().hasValue()) {
            options.warmupIterations(WARM_UPS);
        }
        if (!given.getMeasurementIterations().hasValue()) {
            options.measurementIterations(ITERATIONS);
        }
        if (!given.getWarmupTime().hasValue()) {
            options.warmupTime(ITERATION);
        }
        if (!given.getMeasurementTime().hasValue()) {
            options.measurementTime(ITERATION);
        }
    }

    private static String figure(double value) {
        if (value < 0.005) {
            return "0";
        }
        return String.format(Locale.ROOT, value < 10 ? "%.2f" : value < 100 ? "%.1f" : "%,.0f", value);
    }
}
