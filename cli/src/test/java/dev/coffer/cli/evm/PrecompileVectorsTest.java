package dev.coffer.cli.evm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.FieldNamingPolicy;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import dev.coffer.evm.Interpreter;
import dev.coffer.evm.InterpreterConfig;
import dev.coffer.evm.Message;
import dev.coffer.evm.Outcome;
import dev.coffer.evm.Status;
import dev.coffer.evm.WorldState;
import dev.coffer.evm.WorldStateConfig;
import dev.coffer.evm.opcode.Fork;
import dev.coffer.testkit.Vectors;
import java.io.IOException;
import java.io.Reader;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The shared cases of every precompile, each as a message to its address: answer and gas, one gas less, and what must be refused.
class PrecompileVectorsTest {
    /// As the files have it.
    private record Case(String name, String input, String expected, String expectedError, long gas) {}

    private static final long PLENTY = 1_000_000_000;

    private final long[] w = new long[8];

    private static List<Case> cases(String name) throws IOException {
        String file = "evm/precompiles/" + name + ".json.gz";
        Assumptions.assumeTrue(Vectors.present(file), Vectors.absence(file));
        Gson gson = new GsonBuilder().setFieldNamingPolicy(FieldNamingPolicy.UPPER_CAMEL_CASE).create();
        try (Reader in = Vectors.reader(file)) {
            return Arrays.asList(gson.fromJson(in, Case[].class));
        }
    }

    private Outcome run(Interpreter machine, WorldState state, int address, byte[] input, long gas) {
        w[4] = address;
        state.clear();
        state.beginTransaction();
        return machine.run(new Message().caller(w, 0).to(w, 4).gas(gas).input(MemorySegment.ofArray(input), 0, input.length));
    }

    /// @param every  which of the cases: each n-th
    private void check(String name, int address, Fork fork, int held, int every) throws IOException {
        List<Case> cases = cases(name);
        List<String> others = new ArrayList<>();
        WorldState state = new WorldState(new WorldStateConfig(16, 16, 1 << 10, 1 << 10, 16, 64));
        try (Interpreter machine = Interpreter.open(InterpreterConfig.of(fork), state, new LibraryPrecompiles())) {
            for (int i = 0; i < cases.size(); i += every) {
                Case c = cases.get(i);
                byte[] input = HexFormat.of().parseHex(c.input);
                boolean refused = c.expectedError != null;
                Outcome outcome = run(machine, state, address, input, refused ? PLENTY : c.gas);
                Status status = refused ? Status.PRECOMPILE_FAILED : Status.SUCCESS;
                String output = HexFormat.of().formatHex(outcome.output());
                if (outcome.status() != status || outcome.gasLeft() != 0 || !output.equals(refused ? "" : c.expected)) {
                    others.add(c.name + " " + outcome + " " + output);
                } else if (!refused && c.gas > 0
                        && run(machine, state, address, input, c.gas - 1).status() != Status.PRECOMPILE_FAILED) {
                    others.add(c.name + " for one gas less");
                }
            }
        }
        assertTrue(others.isEmpty(), others::toString);
        assertEquals(held, cases.size(), name);
    }

    @ParameterizedTest
    @CsvSource({
            "ecRecover, 1, FRONTIER, 5", "modexp, 5, BYZANTIUM, 17", "modexp_eip2565, 5, BERLIN, 47", "modexp_eip7883, 5, OSAKA, 45",
            "bn256Add, 6, ISTANBUL, 16", "bn256ScalarMul, 7, ISTANBUL, 19", "blake2F, 9, ISTANBUL, 5", "fail-blake2f, 9, ISTANBUL, 4",
            "pointEvaluation, 10, CANCUN, 1", "p256Verify, 256, OSAKA, 782",
    })
    void everyCaseHasItsAnswerAndItsGas(String name, int address, Fork fork, int held) throws IOException {
        check(name, address, fork, held, 1);
    }
}
