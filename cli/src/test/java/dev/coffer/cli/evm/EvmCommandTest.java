package dev.coffer.cli.evm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.evm.memory.EvmMemoryConfig;
import dev.coffer.evm.precompiles.LibraryPrecompiles;
import dev.coffer.evm.vectors.VectorRunner;
import dev.coffer.evm.vectors.VectorRunner.Result;
import dev.coffer.evm.vectors.VectorRunner.Verdict;
import dev.coffer.testkit.Vectors;
import java.io.BufferedReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/// The shared cases that call a precompile of a library; all the others run in the machine's own tests.
class EvmCommandTest {
    @Test
    void everyCaseWithAPrecompilePassesTwice() throws IOException {
        for (String file : new String[] {"evm/statetests-cancun.jsonl.gz", "evm/bench-cases.jsonl.gz"}) {
            Assumptions.assumeTrue(Vectors.present(file), Vectors.absence(file));
        }
        List<Result> others = new ArrayList<>();
        int passed = 0;
        for (String file : new String[] {"statetests-cancun", "bench-cases"}) {
            try (VectorRunner runner = new VectorRunner(EvmMemoryConfig.defaults(), new LibraryPrecompiles());
                    BufferedReader in = Vectors.reader("evm/" + file + ".jsonl.gz")) {
                for (String line = in.readLine(); line != null; line = in.readLine()) {
                    if (!line.contains("\"precompiles\":") || line.contains("Call50000_sha256")) {
                        continue;
                    }
                    Result result = runner.run(line, 2);
                    if (result.verdict() == Verdict.PASSED) {
                        passed++;
                    } else {
                        others.add(result);
                    }
                }
            }
        }
        assertTrue(others.isEmpty(), others::toString);
        assertEquals(107 + 7 - 2, passed);
    }
}
