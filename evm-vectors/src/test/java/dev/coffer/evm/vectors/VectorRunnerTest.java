package dev.coffer.evm.vectors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.evm.WorldStateConfig;
import dev.coffer.evm.memory.EvmMemoryConfig;
import dev.coffer.evm.vectors.VectorRunner.Result;
import dev.coffer.evm.vectors.VectorRunner.Verdict;
import org.junit.jupiter.api.Test;

/// A line that is no case fails and says why; what is expected is not read before the case has run.
class VectorRunnerTest {
    private static final String CASE = """
            {"id":"t","fork":"Cancun","env":{"number":1,"timestamp":1,"gasLimit":1,"coinbase":"0x1","prevRandao":"0x0",\
            "baseFee":1,"gasPrice":1,"origin":"0x1","chainId":1,"blobBaseFee":1},\
            "exec":{"caller":"0x1","to":"0x2000","value":"0x0","gas":100,"data":"0x"},"pre":{},"expect":EXPECT}""";
    private static final String RIGHT = """
            {"status":"success","gasUsed":0,"refund":0,"outLen":0,"output":"0x","storage":{},"outKeccak":\
            "0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"}""";

    private static Result run(String line) {
        try (VectorRunner runner = new VectorRunner(EvmMemoryConfig.defaults(), null,
                new WorldStateConfig(64, 64, 1 << 16, 1 << 16, 16, 1 << 12))) {
            return runner.run(line, 2);
        }
    }

    @Test
    void brokenExpectationFailsOnlyAfterTheRun() {
        Result right = run(CASE.replace("EXPECT", RIGHT));
        assertEquals(Verdict.PASSED, right.verdict(), right::detail);
        String wrong = RIGHT.replace("\"gasUsed\":0", "\"gasUsed\":1");
        assertEquals(Verdict.FAILED, run(CASE.replace("EXPECT", wrong)).verdict());
        Result broken = run(CASE.replace("EXPECT", "{1.5}"));
        assertEquals(Verdict.FAILED, broken.verdict());
        try (VectorRunner runner = new VectorRunner(EvmMemoryConfig.defaults(), null,
                new WorldStateConfig(64, 64, 1 << 16, 1 << 16, 16, 1 << 12))) {
            assertEquals(0, runner.runOnly(CASE.replace("EXPECT", "{1.5}")).gasUsed(), "ran without looking");
        }
    }

    @Test
    void linesThatAreNoCaseFailInPlainWords() {
        for (String line : new String[] {"", "x", "[]", "{", "{\"id\"", "{\"id\":\"", "{\"id\":\"a\\", "{\"id\":[",
                "{\"id\":\"a\"}", "{\"id\":\"a\",\"fork\":\"Nowhere\"}", "{\"id\":\"a\",\"fork\":\"Cancun\"}",
                "{\"id\":\"a\",\"fork\":\"Cancun\",\"expect\":{}}", "{\"id\":\"a\"} {}"}) {
            Result result = run(line);
            assertEquals(Verdict.FAILED, result.verdict(), line);
            assertTrue(result.detail().startsWith("not a case this can run: "), result.detail());
            assertFalse(result.detail().contains("Exception"), line + " -> " + result.detail());
        }
    }

    @Test
    void runningNoTimesIsRefused() {
        try (VectorRunner runner = new VectorRunner(EvmMemoryConfig.defaults(), null)) {
            assertThrows(IllegalArgumentException.class, () -> runner.run(CASE.replace("EXPECT", RIGHT), 0));
        }
    }
}
