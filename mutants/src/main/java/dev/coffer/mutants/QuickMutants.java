package dev.coffer.mutants;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// The quick way beside PIT: single breaks, drawn by a seed, are planted in the compiled classes, and judged by those test classes
/// alone that come by them.
///
/// `mutants/quick [--seed N] [--count N] [--threads N] [--in WORD] [--what WORDS] [--output FOLDER] [MODULE ...]`, with `--in` only where
/// `Class.method` contains the word, with `--what` only changes whose words the expression finds: `--what 'no (bytes|wipe)'` drops each
/// call that wipes. Each test class of the module runs once, in a JVM of its own, with a probe at each place of the sample; then each break
/// gets a JVM whose class path begins with the broken class and in which the classes that met it run, the shortest first, until one is red.
/// Four times its processor time and four seconds more is a hang, and a hang is a kill; so is a virtual machine that breaks down. Survivors are a result and not a failure;
/// a test class that cannot be loaded is one (exit code 1), as nobody judges in its place.
public final class QuickMutants {
    static final int COUNT_MAX = 1000;
    /// A test class that takes more of the processor, unbroken, judges nothing.
    static final long CLASS_SECONDS_MAX = 240;
    private static final List<String> HOUSE =
            List.of("memory", "instruments", "testkit", "crypto", "crypto-vector", "crypto-native", "evm", "integrations/evm-precompiles",
                    "evm-vectors", "http", "tls", "quic", "server", "client", "cli");
    /// Where a module's tests lie, beside its own.
    private static final Map<String, List<String>> ELSEWHERE = Map.of("memory", List.of("testkit"), "evm", List.of("evm-vectors"), "server", List.of("client"));
    /// Each test of these starts JVMs of its own, of which many take minutes or a module path, where no break is.
    private static final Pattern OTHER_JVMS = Pattern.compile(".*(SteadyPathsTest|ResidueTest|SystemCallsHeapTest|ModuleUserTest"
            + "|InitialisationTest|LauncherTest|ManualTest|NativeAccessTest|ProcessTest)");
    private static final String VECTORS = "crypto-vector";
    private static final List<String> MODULES = List.of("memory", "crypto", VECTORS, "crypto-native", "http", "tls", "quic", "server", "client", "evm", "cli");

    private final Path root = Path.of("").toAbsolutePath();
    private final Path work = root.resolve("mutants/target/quick");
    private int seed = 1;
    private int count = 40;
    private int threads = Math.max(1, Runtime.getRuntime().availableProcessors());
    private String output = "target";
    private String in = "";
    private Pattern what = Pattern.compile("");
    private final Set<String> unloaded = new ConcurrentSkipListSet<>();  // test classes

    private QuickMutants() {}

    /// What one test class does on unbroken code.
    private record Met(String home, String className, long millis, long cpuMillis, Set<Integer> hits, Set<String> red) {}

    /// @param fate `killed`, `late`, `lived`, `not met` (no test comes here) or `invalid` (the verifier refuses the broken class)
    private record Verdict(String fate, String by) {}

    public static void main(String[] arguments) throws IOException, InterruptedException, ExecutionException {
        System.exit(new QuickMutants().run(List.of(arguments)));
    }

    private int run(List<String> arguments) throws IOException, InterruptedException, ExecutionException {
        List<String> modules = new ArrayList<>();
        for (int i = 0; i < arguments.size(); i++) {
            String word = arguments.get(i);
            String value = i + 1 < arguments.size() ? arguments.get(i + 1) : "";
            if (MODULES.contains(word)) {
                modules.add(word);
            } else if (word.equals("--output") && !value.isEmpty()) {
                output = value;
                i++;
            } else if (word.equals("--in") && !value.isEmpty()) {
                in = value;
                i++;
            } else if (word.equals("--what") && !value.isEmpty()) {
                what = Pattern.compile(value);
                i++;
            } else if (List.of("--seed", "--count", "--threads").contains(word) && value.matches("[0-9]{1,6}")) {
                int number = Integer.parseInt(value);
                switch (word) {
                    case "--seed" -> seed = number;
                    case "--count" -> count = Math.min(COUNT_MAX, number);
                    default -> threads = Math.max(1, number);
                }
                i++;
            } else {
                System.err.println(
                        "mutants: what is \"" + word + "\"? mutants/quick [--seed N] [--count N] [--threads N] [--in WORD] [--what WORDS] [--output FOLDER] "
                                + MODULES);
                return 2;
            }
        }
        System.out.println(
                "| module | lines in all | seed | tried | killed | of these hung | equivalent | lived | of these met by no test | killed of the others |");
        System.out.println("|---|---|---|---|---|---|---|---|---|---|");
        List<String> survivors = new ArrayList<>();
        for (String module : modules.isEmpty() ? MODULES : modules) {
            module(module, survivors);
        }
        System.out.println();
        survivors.forEach(System.out::println);
        if (!unloaded.isEmpty()) {
            System.err.println("mutants: " + unloaded.size() + " test classes could not be loaded, and judged nothing: " + unloaded);
            return 1;
        }
        return 0;
    }

    private void module(String module, List<String> survivors) throws IOException, InterruptedException, ExecutionException {
        long begun = System.nanoTime();
        Path classes = root.resolve(module).resolve(output).resolve("classes");
        Path place = work.resolve(module);
        emptied(place);
        try (URLClassLoader loader = new URLClassLoader(urls(module)); ExecutorService workers = Executors.newFixedThreadPool(threads)) {
            Breaker breaker = new Breaker(classes, root.resolve(module).resolve("src/main/java"), loader);
            Map<String, List<Break>> all = breaker.all();
            all.values().forEach(line -> line.removeIf(one -> !(one.className() + "." + one.method()).contains(in) || !what.matcher(one.what()).find()));
            all.values().removeIf(List::isEmpty);
            List<Break> sample = Breaker.sample(all, seed, count);
            breaker.probe(sample, place.resolve("probed"));
            List<Met> met = met(module, place, workers);
            System.err.printf(Locale.ROOT, "mutants: %s: %d breaks on %,d lines, seed %d; of %d test classes, run in %d s, %d come by them%n", module,
                    sample.size(), all.size(), seed, met.size(), (System.nanoTime() - begun) / 1_000_000_000,
                    met.stream().filter(one -> !one.hits().isEmpty()).count());
            List<Future<Verdict>> verdicts = new ArrayList<>();
            for (int i = 0; i < sample.size(); i++) {
                int number = i;
                verdicts.add(workers.submit(() -> judged(module, breaker, sample.get(number), number, place, met)));
            }
            tell(module, breaker, all.size(), sample, verdicts, survivors);
        }
        System.err.println("mutants: " + module + ": " + (System.nanoTime() - begun) / 1_000_000_000 + " s");
    }

    private List<Met> met(String module, Path place, ExecutorService workers) throws IOException, InterruptedException, ExecutionException {
        List<Callable<Met>> runs = new ArrayList<>();
        List<String> homes = new ArrayList<>(List.of(module));
        homes.addAll(ELSEWHERE.getOrDefault(module, List.of()));
        for (String home : homes) {
            Path tests = root.resolve(home).resolve(output).resolve("test-classes");
            if (!Files.isDirectory(tests)) {
                continue;
            }
            try (Stream<Path> tree = Files.walk(tests)) {
                tree.filter(file -> file.toString().endsWith("Test.class") && !file.toString().contains("$")).sorted().forEach(file -> {
                    String name = tests.relativize(file).toString().replace('/', '.').replaceFirst("\\.class$", "");
                    if (!OTHER_JVMS.matcher(name).matches()) {
                        runs.add(() -> met(module, home, name, place));
                    }
                });
            }
        }
        List<Met> met = new ArrayList<>();
        for (Future<Met> one : workers.invokeAll(runs)) {
            met.add(one.get());
        }
        met.sort(Comparator.comparingLong(Met::cpuMillis).thenComparing(Met::className));
        return met;
    }

    private Met met(String module, String home, String className, Path place) throws IOException, InterruptedException {
        Path result = place.resolve("met").resolve(className);
        child(module, home, place.resolve("probed"), result, 20 * CLASS_SECONDS_MAX, "probe", result.toString(), className);
        long millis = 0;
        long cpuMillis = 0;
        Set<Integer> hits = new HashSet<>();
        Set<String> red = new HashSet<>();
        for (String line : Files.exists(result) ? Files.readAllLines(result) : List.of("late " + className)) {
            String value = line.substring(line.indexOf(' ') + 1);
            switch (line.substring(0, line.indexOf(' '))) {
                case "ms" -> millis = Long.parseLong(value);
                case "cpu" -> cpuMillis = Long.parseLong(value);
                case "hit" -> hits.add(Integer.parseInt(value));
                case "red" -> red.add(value);
                case "unloaded" -> {
                    System.err.println("mutants: " + className + " could not be loaded: " + value);
                    unloaded.add(className);
                }
                default -> System.err.println("mutants: " + className + " did not end, and judges nothing");
            }
        }
        red.forEach(id -> System.err.println("mutants: red without a break, and not believed: " + id));
        return new Met(home, className, millis, cpuMillis, hits, red);
    }

    private Verdict judged(String module, Breaker breaker, Break one, int number, Path place, List<Met> met) throws IOException, InterruptedException {
        Path broken = place.resolve("broken").resolve(Integer.toString(number));
        if (!breaker.plant(one, broken)) {
            return new Verdict("invalid", "");
        }
        Map<String, List<String>> byHome = new LinkedHashMap<>();
        byHome.put(module, new ArrayList<>());  // its own tests come first
        long seconds = 60;
        for (Met test : met) {
            if (test.hits().contains(number)) {
                long allowed = 5 * test.millis() + 10_000;
                long cpuAllowed = 4 * test.cpuMillis() + 4_000;
                seconds += Math.max(allowed, 20 * cpuAllowed) / 1000;
                List<String> lines = byHome.computeIfAbsent(test.home(), _ -> new ArrayList<>());
                lines.add(test.className() + "\t" + allowed + "\t" + cpuAllowed);
                test.red().forEach(id -> lines.add("red " + id));
            }
        }
        byHome.values().removeIf(List::isEmpty);
        for (Map.Entry<String, List<String>> home : byHome.entrySet()) {
            Path list = broken.resolve(home.getKey() + ".list");
            Path result = broken.resolve(home.getKey() + ".result");
            Files.write(list, home.getValue());
            boolean ended = child(module, home.getKey(), broken, result, seconds, "break", result.toString(), list.toString());
            String line = Files.exists(result) ? Files.readAllLines(result).getFirst()
                    : ended ? "killed the virtual machine of " + home.getKey() : "late " + home.getKey();
            if (!line.equals("lived")) {
                int space = line.indexOf(' ');
                return new Verdict(line.substring(0, space), line.substring(space + 1));
            }
        }
        return new Verdict(byHome.isEmpty() ? "not met" : "lived", "");
    }

    /// Runs [Judge] to its end, or kills it after `seconds`. Its words go to `RESULT.log`, its temporary files away.
    ///
    /// @return whether it ended by itself; without a result, then, it broke down
    private boolean child(String module, String home, Path first, Path result, long seconds, String... words) throws IOException, InterruptedException {
        Files.createDirectories(result.getParent());
        Path temporary = Files.createTempDirectory("coffer");
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-ea",
                "--enable-native-access=ALL-UNNAMED", "--add-modules=jdk.incubator.vector", "-XX:+UseSerialGC", "-Xmx512m", "-Xshare:auto",
                module.equals(VECTORS) ? "-XX:+TieredCompilation" : "-XX:TieredStopAtLevel=1",  // vectors are chosen where C2 has them
                "-Djol.magicFieldOffset=true", "-Djava.io.tmpdir=" + temporary, "-Dcoffer.root=" + root,
                "-Dcoffer.vectors=" + System.getProperty("coffer.vectors", root.resolve("../shared/vectors").toString()),
                "-cp", first + ":" + String.join(":", parts(module, home)), Judge.class.getName()));
        command.addAll(List.of(words));
        Path hits = Files.createDirectory(temporary.resolve("coffer-hits"));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put(Probe.FOLDER, hits.toString());
        Process process = builder.directory(root.resolve(home).toFile()).redirectErrorStream(true)
                .redirectOutput(Path.of(result + ".log").toFile()).start();
        boolean ended = process.waitFor(seconds, TimeUnit.SECONDS);
        if (!ended) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly().waitFor();
        }
        emptied(temporary);
        return ended;
    }

    private List<String> parts(String module, String home) throws IOException {
        List<String> parts = new ArrayList<>(List.of(root.resolve(home).resolve(output).resolve("test-classes").toString()));
        for (String other : HOUSE) {
            if (!other.equals(VECTORS) || module.equals(VECTORS)) {  // where it is seen it is warmed up, for seconds in each JVM
                parts.add(root.resolve(other).resolve(output).resolve("classes").toString());
            }
        }
        parts.addAll(TestLibraries.of(root, home));
        parts.add(System.getProperty("java.class.path").replace("mutants/target/", root + "/mutants/target/"));
        return parts;
    }

    private URL[] urls(String module) throws IOException {
        List<URL> urls = new ArrayList<>();
        for (String part : parts(module, module)) {
            for (String one : part.split(":")) {
                if (one.endsWith("*")) {
                    try (Stream<Path> jars = Files.list(Path.of(one.substring(0, one.length() - 1)))) {
                        for (Path jar : jars.sorted().toList()) {
                            urls.add(jar.toUri().toURL());
                        }
                    }
                } else {
                    urls.add(Path.of(one).toUri().toURL());
                }
            }
        }
        return urls.toArray(URL[]::new);
    }

    private void tell(String module, Breaker breaker, int lines, List<Break> sample, List<Future<Verdict>> verdicts, List<String> survivors)
            throws IOException, InterruptedException, ExecutionException {
        Set<String> named = new HashSet<>();
        for (String line : Files.readAllLines(root.resolve("mutants/equivalents.tsv"))) {
            named.add(line.substring(0, line.lastIndexOf('\t')));
        }
        Map<String, Integer> fates = new TreeMap<>();
        for (int i = 0; i < sample.size(); i++) {
            Break one = sample.get(i);
            Verdict verdict = verdicts.get(i).get();
            String words = String.join("\t", one.className(), one.method(), one.what(), breaker.source(one));
            boolean alive = verdict.fate().equals("lived") || verdict.fate().equals("not met");
            String fate = alive && named.contains(words) ? "equivalent" : verdict.fate();
            fates.merge(fate, 1, Integer::sum);
            System.err.println(fate + "\t" + one.line() + "\t" + words + "\t" + verdict.by());
            if (alive && !fate.equals("equivalent")) {
                survivors.add(words + "\t" + one.line() + (fate.equals("lived") ? "" : "\tno test comes here"));
            }
        }
        int hung = fates.getOrDefault("late", 0);
        int killed = fates.getOrDefault("killed", 0) + hung;
        int unmet = fates.getOrDefault("not met", 0);
        int lived = fates.getOrDefault("lived", 0) + unmet;
        int equivalent = fates.getOrDefault("equivalent", 0);
        System.out.printf(Locale.ROOT, "| %s | %,d | %d | %d | %d | %d | %d | %d | %d | %.0f %% |%n", module, lines, seed, killed + lived + equivalent,
                killed, hung, equivalent, lived, unmet, killed + lived == 0 ? 0 : 100.0 * killed / (killed + lived));
    }

    private static void emptied(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> tree = Files.walk(folder)) {
            for (Path one : tree.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(one);
            }
        }
    }
}
