package dev.coffer.evm.vectors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// The machine beside `@ethereumjs/evm` on random programs. `evm/fuzz/run --programs N --seed FIRST` installs that and
/// runs this; with `-Dcoffer.seed=N` one program alone.
class DifferentialFuzzTest {
    private static final Path FOLDER = Path.of(System.getProperty("coffer.root", ".."), "evm", "fuzz");
    private static final int SHOWN = 20;

    @Test
    @Tag("long")
    void randomProgramsEndAsInAnotherImplementation() {
        Assumptions.assumeTrue(Files.isDirectory(FOLDER.resolve("node_modules")),
                "no packages in evm/fuzz: run evm/fuzz/run once");
        Long only = Long.getLong("coffer.seed");
        long first = only == null ? Long.getLong("coffer.fuzz.seed", 1) : only;
        int programs = only == null ? Integer.getInteger("coffer.fuzz.programs", 10_000) : 1;
        List<String> differences = new ArrayList<>();
        try (DifferentialFuzz fuzz = new DifferentialFuzz(FOLDER)) {
            for (long seed = first; seed < first + programs; seed++) {
                String difference = fuzz.run(seed);
                if (difference != null) {
                    differences.add("seed " + seed + ", replay with evm/fuzz/run --replay " + seed + ": " + difference);
                }
                if ((seed - first) % 1000 == 999) {
                    System.err.println(seed - first + 1 + " programs, " + differences.size() + " differences");
                }
            }
            System.out.println(fuzz.report());
            differences.stream().limit(SHOWN).forEach(System.out::println);
            assertEquals(0, differences.size(), () -> "differences, the first: " + differences.getFirst());
            if (programs >= 10_000) {
                assertReachesFar(fuzz);
            }
        }
    }

    /// A generator that went stale would find nothing either.
    private static void assertReachesFar(DifferentialFuzz fuzz) {
        assertTrue(fuzz.depthMax() >= 1024, "deepest call " + fuzz.depthMax());
        assertTrue(fuzz.endings().getOrDefault("SUCCESS", 0) > fuzz.compared() / 5, "few programs succeed");
        assertTrue(fuzz.endings().size() >= 8, "kinds of endings: " + fuzz.endings());
    }
}
