package dev.coffer.evm.vectors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.evm.Outcome;
import dev.coffer.evm.Status;
import dev.coffer.evm.WorldStateConfig;
import dev.coffer.evm.memory.EvmMemoryConfig;
import dev.coffer.evm.vectors.VectorRunner.Result;
import dev.coffer.evm.vectors.VectorRunner.Verdict;
import dev.coffer.testkit.Vectors;
import java.io.BufferedReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The shared cases, each twice on memory that the cases before it left dirty. Cases that call a precompile of a library
/// are run by the command's own tests, where those libraries are; here they are counted.
class EvmVectorTest {
    /// Hashing 50,000 times 50,000 bytes takes as long as all the others together; it runs once.
    private static final String SLOW = "stQuadraticComplexityTest/Call50000_sha256";

    private static final String TRACES = "evm/memory-traces.jsonl.gz";
    private static final WorldStateConfig SMALL = new WorldStateConfig(64, 256, 1 << 16, 1 << 17, 256, 4096);

    @ParameterizedTest
    @CsvSource({"memory-traces, 1500, 0", "statetests-cancun, 2657, 48", "vmtests-frontier, 609, 0",
            "bench-cases, 32, 2", "evm-benchmarks, 27, 0"})
    void everyCasePassesTwiceOnDirtyMemory(String file, int cases, int skippedMax) throws IOException {
        String path = "evm/" + file + ".jsonl.gz";
        Assumptions.assumeTrue(Vectors.present(path), Vectors.absence(path));
        List<Result> failed = new ArrayList<>();
        int[] counts = new int[Verdict.values().length];
        try (VectorRunner runner = new VectorRunner(EvmMemoryConfig.defaults(), null);
                BufferedReader in = Vectors.reader(path)) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                Result result = runner.run(line, line.contains(SLOW) ? 1 : 2);
                counts[result.verdict().ordinal()]++;
                if (result.verdict() == Verdict.FAILED) {
                    failed.add(result);
                }
            }
        }
        assertTrue(failed.isEmpty(), () -> failed.size() + " failed: " + failed.subList(0, Math.min(5, failed.size())));
        assertEquals(skippedMax, counts[Verdict.SKIPPED.ordinal()], "skipped for a missing precompile");
        assertEquals(cases - skippedMax, counts[Verdict.PASSED.ordinal()]);
    }

    /// With any tree limit below what a run needs it ends with the limit's own status, all gas gone and state undone;
    /// with exactly what it needs, as before.
    @Test
    void everyLimitBelowTheNeedIsALimitError() throws IOException {
        Assumptions.assumeTrue(Vectors.present(TRACES), Vectors.absence(TRACES));
        int checked = 0;
        int number = 0;
        try (VectorRunner free = new VectorRunner(EvmMemoryConfig.defaults(), null);
                BufferedReader in = Vectors.reader(TRACES)) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                if (number++ % 30 != 0) {
                    continue;
                }
                long need = free.runOnly(line).memoryPeakBytes();
                for (long limit : new long[] {0, 32, need / 64 * 32, need - 64, need - 32}) {
                    if (limit >= 0 && limit < need) {
                        limited(line, limit);
                        checked++;
                    }
                }
                try (VectorRunner exact = new VectorRunner(EvmMemoryConfig.of(need), null, SMALL)) {
                    Result result = exact.run(line, 1);
                    assertEquals(Verdict.PASSED, result.verdict(), result::toString);
                }
            }
        }
        assertTrue(checked > 80, "checked " + checked);
    }

    private static void limited(String line, long limit) {
        try (VectorRunner runner = new VectorRunner(EvmMemoryConfig.of(limit), null, SMALL)) {
            Outcome outcome = runner.runOnly(line);
            assertEquals(Status.MEMORY_TREE_LIMIT, outcome.status(), () -> "limit " + limit + " of " + line);
            assertEquals(0, outcome.gasLeft());
            assertEquals(0, outcome.outputLength());
            assertEquals(0, outcome.refund());
            assertEquals(0, runner.state().logs().count());
            assertTrue(outcome.memoryPeakBytes() <= limit);
        }
    }
}
