package dev.coffer.evm.vectors;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.coffer.evm.Interpreter;
import dev.coffer.evm.InterpreterConfig;
import dev.coffer.evm.Message;
import dev.coffer.evm.Outcome;
import dev.coffer.evm.Status;
import dev.coffer.evm.WorldState;
import dev.coffer.evm.WorldStateConfig;
import dev.coffer.evm.opcode.Fork;
import dev.coffer.testkit.HeapBytes;
import dev.coffer.testkit.Vectors;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Whole programs, run again on a warm machine, make no Java object: nested frames, return data, hashing and storage
/// included.
class NoHeapTest {
    @ParameterizedTest
    @CsvSource({"bench-cases, snailtracer", "bench-cases, precompile-identity", "evm-benchmarks, main/weierstrudel/15",
            "evm-benchmarks, main/structarray_alloc/nfts_rank"})
    void aWarmRunAllocatesNoHeapBytes(String file, String id) throws IOException {
        String path = "evm/" + file + ".jsonl.gz";
        Assumptions.assumeTrue(Vectors.present(path), Vectors.absence(path));
        String line = line(path, id);
        CallCase test = new CallCase(Json.members(line));
        WorldState state = new WorldState(WorldStateConfig.defaults());
        VectorCase.accounts(state, test.object("pre"));
        Map<String, Object> exec = test.object("exec");
        long[] w = new long[12];
        Hex.word((String) exec.get("caller"), w, 0);
        Hex.word((String) exec.get("to"), w, 4);
        byte[] data = Hex.bytes((String) exec.get("data"));
        Message message = new Message().caller(w, 0).to(w, 4).gas(Hex.number(exec.get("gas")))
                .input(MemorySegment.ofArray(data), 0, data.length);
        long expected = Hex.number(test.object("expect").get("gasUsed"));
        try (Interpreter machine = Interpreter.open(InterpreterConfig.of(Fork.CANCUN), state, null)) {
            long bytes = HeapBytes.of(2, () -> {
                state.beginTransaction();
                int before = state.snapshot();
                Outcome outcome = machine.run(message);
                if (outcome.status() != Status.SUCCESS || outcome.gasUsed() != expected) {
                    throw new AssertionError(outcome + ", expected gas " + expected);
                }
                state.revert(before);
            });
            assertEquals(0, bytes);
        }
    }

    private static String line(String path, String id) throws IOException {
        try (BufferedReader in = Vectors.reader(path)) {
            return in.lines().filter(l -> l.startsWith("{\"id\":\"" + id + "\"")).findFirst().orElseThrow();
        }
    }
}
