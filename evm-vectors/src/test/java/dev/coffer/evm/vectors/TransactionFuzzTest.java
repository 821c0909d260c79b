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

/// Whole transactions beside `@ethereumjs/vm`. `evm/fuzz/run --transactions --programs N --seed FIRST` installs that and runs this; with `-Dcoffer.seed=N` one
/// block alone.
class TransactionFuzzTest {
    private static final Path FOLDER = Path.of(System.getProperty("coffer.root", ".."), "evm", "fuzz");
    private static final int SHOWN = 20;

    @Test
    @Tag("long")
    void randomTransactionsEndAsInAnotherImplementation() {
        Assumptions.assumeTrue(Files.isDirectory(FOLDER.resolve("node_modules/@ethereumjs/vm")), "no packages in evm/fuzz: run evm/fuzz/run once");
        Long only = Long.getLong("coffer.seed");
        long first = only == null ? Long.getLong("coffer.fuzz.seed", 1) : only;
        int blocks = only == null ? Integer.getInteger("coffer.fuzz.programs", 5_000) : 1;
        List<String> differences = new ArrayList<>();
        try (TransactionFuzz fuzz = new TransactionFuzz(FOLDER)) {
            for (long seed = first; seed < first + blocks; seed++) {
                String difference = fuzz.run(seed);
                if (difference != null) {
                    differences.add("seed " + seed + ", replay with evm/fuzz/run --transactions --replay " + seed + ": " + difference);
                }
                if ((seed - first) % 1000 == 999) {
                    System.err.println(seed - first + 1 + " blocks, " + differences.size() + " differences");
                }
            }
            System.out.println(fuzz.report());
            differences.stream().limit(SHOWN).forEach(System.out::println);
            assertEquals(0, differences.size(), () -> "differences, the first: " + differences.getFirst());
            if (blocks >= 5_000) {
                assertTrue(fuzz.endings().getOrDefault("SUCCESS", 0) > fuzz.compared() / 5, "few transactions succeed");
                assertTrue(fuzz.endings().size() >= 15, "kinds of endings: " + fuzz.endings());
            }
        }
    }
}
