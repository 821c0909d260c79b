package dev.coffer.mutants;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/// What became of one module's breaks. A break that made its test run for ever, or out of memory, counts as killed; one that no test
/// could judge (its JVM did not start, its class did not load) as not tried.
final class Tally {
    private static final Set<String> UNJUDGED = Set.of("RUN_ERROR", "NON_VIABLE", "NOT_STARTED", "STARTED");
    final List<String> survivors = new ArrayList<>();
    private int all;
    private int killed;
    private int equivalent;

    /// Reads PIT's table: file, class, mutator, method, line, status, test.
    ///
    /// @param equivalents lines of `class TAB method TAB mutator TAB source line TAB reason`, named as changing nothing that can be
    ///        seen; the source line stands for its number, which moves
    static Tally read(Path table, Path sources, Path equivalents, int all) throws IOException {
        Set<String> named = new HashSet<>();
        for (String line : Files.readAllLines(equivalents)) {
            named.add(line.substring(0, line.lastIndexOf('\t')));
        }
        Tally tally = new Tally();
        tally.all = all;
        for (String line : Files.readAllLines(table)) {
            String[] cell = line.split(",", -1);
            if (UNJUDGED.contains(cell[5])) {
                continue;
            }
            String mutator = cell[2].substring(cell[2].lastIndexOf('.') + 1);
            if (!cell[5].equals("SURVIVED") && !cell[5].equals("NO_COVERAGE")) {
                tally.killed++;
                continue;
            }
            String source = source(sources, cell[1], cell[0], Integer.parseInt(cell[4]));
            if (named.contains(String.join("\t", cell[1], cell[3], mutator, source))) {
                tally.equivalent++;
            } else {
                tally.survivors.add(String.join("\t", cell[1], cell[3], mutator, source) + "\t" + cell[4]
                        + (cell[5].equals("NO_COVERAGE") ? "\tno test comes here" : ""));
            }
        }
        return tally;
    }

    /// {@return the classes that PIT's table names, each once, with commas between them}
    static String classes(Path table) throws IOException {
        return String.join(",", new TreeSet<>(Files.readAllLines(table).stream().map(line -> line.split(",", -1)[1]).toList()));
    }

    private static String source(Path sources, String className, String file, int line) throws IOException {
        int end = className.lastIndexOf('.');
        Path at = sources.resolve(className.substring(0, end).replace('.', '/')).resolve(file);
        List<String> lines = Files.readAllLines(at);
        return line >= 1 && line <= lines.size() ? lines.get(line - 1).strip() : "?";
    }

    void add(Tally other) {
        survivors.addAll(other.survivors);
        all += other.all;
        killed += other.killed;
        equivalent += other.equivalent;
    }

    String row(String name) {
        int judged = killed + survivors.size();
        return String.format(Locale.ROOT, "| %s | %,d | %d | %d | %d | %d | %.0f %% |", name, all, judged + equivalent, killed,
                equivalent, survivors.size(), judged == 0 ? 0 : 100.0 * killed / judged);
    }
}
