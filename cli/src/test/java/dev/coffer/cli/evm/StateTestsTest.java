package dev.coffer.cli.evm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.evm.precompiles.LibraryPrecompiles;
import dev.coffer.evm.vectors.StateTestResult;
import dev.coffer.evm.vectors.StateTestRunner;
import dev.coffer.evm.vectors.VectorRunner.Verdict;
import dev.coffer.testkit.Vectors;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// The shared slice of the public state tests: 1,080 files, 10,081 cases of every fork from Frontier to Cancun, each with its state root and the hash of
/// its logs.
class StateTestsTest {
    private static final String FOLDER = "evm/statetests";
    private static final int FILES = 1_080;
    private static final int QUICK_FILES = 989;
    private static final int QUICK_CASES = 745;

    /// Of each fork: cases.
    private static final Map<String, Integer> CASES = Map.ofEntries(Map.entry("Frontier", 109), Map.entry("Homestead", 162),
            Map.entry("EIP150", 92), Map.entry("EIP158", 93), Map.entry("Byzantium", 440), Map.entry("Constantinople", 575),
            Map.entry("ConstantinopleFix", 574), Map.entry("Istanbul", 638), Map.entry("Berlin", 655), Map.entry("London", 1282),
            Map.entry("Paris", 1268), Map.entry("Shanghai", 1292), Map.entry("Cancun", 2901));

    private static List<Path> files() throws IOException {
        Path folder = Vectors.file(FOLDER);
        Assumptions.assumeTrue(Files.isDirectory(folder), Vectors.absence(FOLDER));
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(file -> file.toString().endsWith(".json.gz")).sorted().toList();
        }
    }

    private static String text(Path file) {
        try (InputStream in = Vectors.open(Vectors.file("").relativize(file).toString())) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /// Transactions that were read as they are written and signed: their senders were recovered.
    private long signed;

    /// Runs every n-th file.
    private Map<String, int[]> run(List<Path> files, int every, List<StateTestResult> others) {
        Map<String, int[]> counts = new TreeMap<>();
        try (StateTestRunner runner = new StateTestRunner(new LibraryPrecompiles()).asSigned(true)) {
            for (int i = 0; i < files.size(); i += every) {
                runner.run(text(files.get(i)), (test, fork) -> true, result -> {
                    counts.computeIfAbsent(result.fork(), fork -> new int[Verdict.values().length])[result.verdict().ordinal()]++;
                    if (result.verdict() != Verdict.PASSED) {
                        others.add(result);
                    }
                });
            }
            signed = runner.signed();
        }
        return counts;
    }

    /// What a build has time for: every 12th file, without those whose pairings take seconds each.
    @Test
    void casesOfEveryForkHaveTheirRoots() throws IOException {
        List<Path> files = files().stream().filter(file -> !file.toString().contains("stZeroKnowledge")).toList();
        assertEquals(QUICK_FILES, files.size());
        List<StateTestResult> others = new ArrayList<>();
        Map<String, int[]> counts = run(files, 12, others);
        assertTrue(others.isEmpty(), others::toString);
        assertEquals(CASES.keySet(), counts.keySet());
        assertEquals(QUICK_CASES, counts.values().stream().mapToInt(n -> n[Verdict.PASSED.ordinal()]).sum());
    }

    @Test
    @Tag("long")
    void everyCaseOfTheSliceHasItsRoots() throws IOException {
        List<Path> files = files();
        assertEquals(FILES, files.size());
        List<StateTestResult> others = new ArrayList<>();
        Map<String, int[]> counts = run(files, 1, others);
        counts.forEach((fork, n) -> System.out.println("state tests, " + fork + ": " + n[0] + " passed, " + n[1] + " failed, " + n[2] + " skipped"));
        others.forEach(result -> System.out.println(result.verdict() + " " + result.id() + ": " + result.detail()));
        assertTrue(others.isEmpty(), "failures above");
        Map<String, Integer> cases = new TreeMap<>();
        counts.forEach((fork, n) -> cases.put(fork, n[0] + n[1] + n[2]));
        assertEquals(new TreeMap<>(CASES), cases);
    }

    /// MODEXP's prices (EIP-7883) and bounds (EIP-7823), and BLS12-381 (EIP-2537), of which another implementation computed the roots (`evm/fuzz/fixtures.mjs`).
    @Test
    void whatLibrariesComputeHasTheRootsThatThePeerHas() throws IOException {
        Path file = Path.of(System.getProperty("coffer.root", ".."), "evm-vectors/src/test/resources/state-tests/peer/of-libraries.json.gz");
        List<StateTestResult> others = new ArrayList<>();
        Map<String, int[]> counts = run(List.of(file), 1, others);
        assertTrue(others.isEmpty(), others::toString);
        assertEquals(61, counts.get("Prague")[0]);
        assertEquals(61, counts.get("Osaka")[0]);
    }
}
