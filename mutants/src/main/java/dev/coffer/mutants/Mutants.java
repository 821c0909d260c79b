package dev.coffer.mutants;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Runs PIT over one module after the other on a seeded sample of breaks, and prints one table and every survivor.
///
/// `mutants/run [--seed N] [--count N] [--threads N] [MODULE ...]`: `count` breaks a module in the middle (a share of all
/// is drawn, so the number varies). Exit code 1 where a module's tests could not run, 2 for wrong options; survivors are a
/// result and not a failure.
///
/// The seed says which classes are broken before a test runs, so that PIT counts the lines of these alone: counting those of every
/// cipher costs more than the tests. Tests that look at a JVM of their own never see a break, and are left out.
public final class Mutants {
    /// The modules, and the packages whose tests are theirs (memory's lie in `testkit` too, in memory's packages).
    private static final List<String> MODULES =
            List.of("memory", "crypto", "crypto-vector", "crypto-native", "http", "tls", "quic", "server", "client", "evm", "cli");
    /// What has classes or test classes that a test may need.
    private static final List<String> HOUSE =
            List.of("memory", "instruments", "testkit", "crypto", "crypto-vector", "crypto-native", "evm", "evm-vectors", "http",
                    "tls", "quic", "server", "client", "cli");
    /// Every test of these starts a JVM of its own, which has no break in it: minutes for nothing.
    private static final String OTHER_JVMS = "*SteadyPathsTest,*ResidueTest,*SystemCallsHeapTest,*ModuleUserTest,*InitialisationTest,"
            + "*LauncherTest,*ManualTest,*NativeAccessTest,*ProcessTest";
    /// The module whose code must be compiled by C2 to be chosen at all. Where others see it they warm it up in vain, for seconds in each
    /// JVM; their tests are short, and on a busy machine C2 takes more than it gives.
    private static final String VECTORS = "crypto-vector";
    private static final Pattern GENERATED = Pattern.compile("Generated (\\d+) mutations");

    private final Path root = Path.of("").toAbsolutePath();
    private final Map<String, Tally> tallies = new LinkedHashMap<>();
    private int seed = 1;
    private int count = 40;
    private int threads = 2;

    private Mutants() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        System.exit(new Mutants().run(List.of(arguments)));
    }

    private int run(List<String> arguments) throws IOException, InterruptedException {
        List<String> modules = new ArrayList<>();
        for (int i = 0; i < arguments.size(); i++) {
            String word = arguments.get(i);
            if (MODULES.contains(word)) {
                modules.add(word);
            } else if (List.of("--seed", "--count", "--threads").contains(word) && i + 1 < arguments.size()
                    && arguments.get(i + 1).matches("[0-9]{1,6}")) {
                int value = Integer.parseInt(arguments.get(++i));
                switch (word) {
                    case "--seed" -> seed = value;
                    case "--count" -> count = value;
                    default -> threads = Math.max(1, value);
                }
            } else {
                System.err.println("mutants: what is \"" + word + "\"? mutants/run [--seed N] [--count N] [--threads N] "
                        + MODULES);
                return 2;
            }
        }
        boolean whole = true;
        for (String module : modules.isEmpty() ? MODULES : modules) {
            whole &= module(module);
        }
        print();
        return whole ? 0 : 1;
    }

    private boolean module(String module) throws IOException, InterruptedException {
        Path report = root.resolve("mutants/target/" + module);
        String dry = pit(module, report, SampleFactory.ALL, true, classes(module));
        Matcher generated = GENERATED.matcher(dry);
        if (!generated.find()) {
            System.err.println("mutants: " + module + ": PIT found nothing to break:\n" + dry);
            return false;
        }
        int all = Integer.parseInt(generated.group(1));
        int share = (int) Math.min(SampleFactory.ALL, (long) SampleFactory.ALL * count / all + 1);
        System.err.println("mutants: " + module + ": about " + count + " of " + all + " breaks, seed " + seed);
        Path table = report.resolve("mutations.csv");
        pit(module, report, share, true, classes(module));
        String log = pit(module, report, share, false, Tally.classes(table));
        if (!Files.exists(table)) {
            System.err.println("mutants: " + module + ": no result; PIT said\n" + log);
            return false;
        }
        tallies.put(module, Tally.read(table, root.resolve(module + "/src/main/java"), root.resolve("mutants/equivalents.tsv"), all));
        return true;
    }

    private static String classes(String module) {
        return "dev.coffer." + module.replace('-', '.') + ".*";
    }

    /// {@return what one run of PIT, in a process of its own, printed}
    private String pit(String module, Path report, int share, boolean dry, String broken) throws IOException, InterruptedException {
        deleted(report.resolve("mutations.csv"));
        Files.createDirectories(report);
        Path log = report.resolve(dry ? "dry.log" : "pit.log");
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        boolean vectors = module.equals(VECTORS);
        List<String> words = List.of(java, "-cp", classPath(vectors), "org.pitest.mutationtest.commandline.MutationCoverageReport",
                "--reportDir", report.toString(),
                "--targetClasses", broken,
                "--targetTests", dry ? "none.at.all" : classes(module) + "Test",  // what can be broken does not depend on them
                "--sourceDirs", root.resolve(module + "/src/main/java").toString(),
                "--mutableCodePaths", root.resolve(module + "/target/classes").toString(),
                "--mutators", "STRONGER",
                "--features", "+" + SampleFactory.NAME + "(seed[" + seed + "] share[" + share + "])",
                "--excludedGroups", "long",
                "--excludedTestClasses", OTHER_JVMS,
                "--excludedMethods", "toString",    // what a person reads; a test of words would only repeat them
                "--skipFailingTests", "true",       // named in the log: a test that needs the module path cannot judge here
                "--threads", Integer.toString(threads),
                "--timeoutConst", "20000",          // a busy machine is not a killed mutant
                "--dryRun", Boolean.toString(dry),
                "--outputFormats", "CSV",
                "--timestampedReports", "false",
                "--jvmArgs", String.join(",", "-ea", "--enable-native-access=ALL-UNNAMED", "--add-modules=jdk.incubator.vector",
                        vectors ? "-XX:+TieredCompilation" : "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx2g", "-Djol.magicFieldOffset=true",
                        "-Dcoffer.root=" + root,
                        "-Dcoffer.vectors=" + System.getProperty("coffer.vectors", root.resolve("../shared/vectors").toString())));
        Process process = new ProcessBuilder(words).redirectErrorStream(true).redirectOutput(log.toFile()).start();
        process.waitFor();
        return Files.readString(log);
    }

    /// Absolute: PIT's children run elsewhere.
    private String classPath(boolean vectors) throws IOException {
        List<String> parts = new ArrayList<>();
        for (String module : HOUSE) {
            if (module.equals(VECTORS) && !vectors) {
                continue;
            }
            for (String folder : List.of("classes", "test-classes")) {
                Path at = root.resolve(module + "/target/" + folder);
                if (Files.isDirectory(at)) {
                    parts.add(at.toString());
                }
            }
        }
        Set<String> libraries = new LinkedHashSet<>();
        for (String module : HOUSE) {
            libraries.addAll(TestLibraries.of(root, module));
        }
        parts.addAll(libraries);
        parts.add(root.resolve("mutants/target/classes").toString());
        try (Stream<Path> jars = Files.list(root.resolve("mutants/target/lib"))) {
            jars.map(Path::toString).sorted().forEach(parts::add);
        }
        return String.join(":", parts);
    }

    private static void deleted(Path file) throws IOException {
        Files.deleteIfExists(file);
    }

    private void print() {
        System.out.println("| module | breaks in all | tried | killed | equivalent | lived | killed of the others |");
        System.out.println("|---|---|---|---|---|---|---|");
        Tally sum = new Tally();
        tallies.forEach((module, tally) -> {
            System.out.println(tally.row(module));
            sum.add(tally);
        });
        if (tallies.size() > 1) {
            System.out.println(sum.row("all"));
        }
        System.out.println();
        for (String line : new TreeSet<>(sum.survivors)) {
            System.out.println(line);
        }
    }
}
