package dev.coffer.bench.table;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/// One table of measurements: its rows are run one after the other, each in JVMs of its own, and printed as Markdown with
/// the median of all iterations of all forks, their spread, the heap bytes an operation, and the ratio to the first row, or to the last bold one where there are several.
///
/// @param name   what `bench/run` calls it
/// @param title  one sentence above the table
/// @param rows   the first, and each whose label is bold, is the one that those after it are compared with
public record Table(String name, String title, List<Row> rows) {
    private static final TimeValue ITERATION = TimeValue.milliseconds(400);
    // About 8 s a row with the start of the JVMs.
    private static final Measurement.Length LENGTH = new Measurement.Length(2, 3, ITERATION, 5, ITERATION);

    /// Forks of each side where an older build is compared; old and new by turns, so that both meet the same weather.
    private static final int ROUNDS = 5;
    private static final String CLASS_PATH = "java.class.path";

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
            Measurement measured = Measurement.of(row, given, LENGTH, name + "-" + (lines.size() + 1));
            System.err.println("bench " + name + ": " + Measurement.figure(measured.median()) + " ns/op  " + row.label());
            first = first == 0 || row.label().startsWith("**") ? measured.median() : first;
            lines.add(String.format(Locale.ROOT, "| %s | %s | %s - %s | %s | %.2f%s |", row.label(), Measurement.figure(measured.median()),
                    Measurement.figure(measured.least()), Measurement.figure(measured.most()), Measurement.figure(measured.heapBytes()),
                    measured.median() / first,
                    row.verdict(measured.median() / first)));
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
                    before.add(Measurement.of(row, once, LENGTH, name + "-older").median());
                    System.setProperty(CLASS_PATH, present);
                    now.add(Measurement.of(row, once, LENGTH, name + "-present").median());
                    System.err.println("bench " + name + ": " + Measurement.figure(before.getLast()) + " -> " + Measurement.figure(now.getLast()) + " ns/op  "
                            + row.label());
                }
            } finally {
                System.setProperty(CLASS_PATH, present);
            }
            System.out.println(String.format(Locale.ROOT, "| %s | %s | %s | %.2f |", row.label(), Measurement.figure(median(before)),
                    Measurement.figure(median(now)), median(now) / median(before)));
        }
        System.out.println();
    }

    private static double median(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        return sorted.get(sorted.size() / 2);
    }
}
