package dev.coffer.evm.precompiles;

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
import org.junit.jupiter.api.Tag;
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

    /// @param every     which of the cases: each n-th
    /// @param bytesMax  and of those only such inputs
    private void check(CurveLibrary library, String name, int address, Fork fork, int held, int every, int bytesMax) throws IOException {
        List<Case> cases = cases(name);
        List<String> others = new ArrayList<>();
        int ran = 0;
        WorldState state = new WorldState(new WorldStateConfig(16, 16, 1 << 10, 1 << 10, 16, 64));
        try (LibraryPrecompiles precompiles = LibraryPrecompiles.open(library);
                Interpreter machine = Interpreter.open(InterpreterConfig.of(fork), state, precompiles)) {
            for (int i = 0; i < cases.size(); i += every) {
                Case c = cases.get(i);
                byte[] input = HexFormat.of().parseHex(c.input);
                if (input.length > bytesMax) {
                    continue;
                }
                ran++;
                boolean refused = c.expectedError != null;
                Outcome outcome = run(machine, state, address, input, refused ? PLENTY : c.gas);
                Status status = refused ? Status.PRECOMPILE_FAILED : Status.SUCCESS;
                String output = HexFormat.of().formatHex(outcome.output());
                if (outcome.status() != status || outcome.gasLeft() != 0 || !output.equals(refused ? "" : c.expected)) {
                    others.add(c.name + " " + outcome + " " + output);
                } else if (!refused && c.gas > 0
                        && run(machine, state, address, input, c.gas - 1).status() != Status.OUT_OF_GAS) {
                    others.add(c.name + " for one gas less");
                }
            }
        }
        assertTrue(others.isEmpty(), others::toString);
        assertEquals(held, cases.size(), name);
        assertTrue(ran > 0, name);
    }

    @ParameterizedTest
    @CsvSource({
            "ecRecover, 1, FRONTIER, 5", "modexp, 5, BYZANTIUM, 17", "modexp_eip2565, 5, BERLIN, 47", "modexp_eip7883, 5, OSAKA, 45",
            "bn256Add, 6, ISTANBUL, 16", "bn256ScalarMul, 7, ISTANBUL, 19", "bn256Pairing, 8, ISTANBUL, 14", "blake2F, 9, ISTANBUL, 5",
            "fail-blake2f, 9, ISTANBUL, 4",
            "p256Verify, 256, OSAKA, 782",
    })
    void everyCaseHasItsAnswerAndItsGas(String name, int address, Fork fork, int held) throws IOException {
        check(CurveLibrary.BLST, name, address, fork, held, 1, Integer.MAX_VALUE);
    }

    /// All of BLS12-381 by blst. Of Bouncy Castle's, which are slow, what a build has time for: some of those with short inputs.
    @ParameterizedTest
    @CsvSource({
            "pointEvaluation, 10, CANCUN, 1, 1", "blsG1Add, 11, PRAGUE, 112, 1", "blsG1Mul, 12, PRAGUE, 11, 1", "blsG1MultiExp, 12, PRAGUE, 154, 20",
            "blsG2Add, 13, PRAGUE, 112, 1", "blsG2Mul, 14, PRAGUE, 11, 4", "blsG2MultiExp, 14, PRAGUE, 153, 50", "blsPairing, 15, PRAGUE, 106, 40",
            "blsMapG1, 16, PRAGUE, 105, 20", "blsMapG2, 17, PRAGUE, 105, 40", "fail-blsG1Add, 11, PRAGUE, 6, 1", "fail-blsG1Mul, 12, PRAGUE, 7, 1",
            "fail-blsG1MultiExp, 12, PRAGUE, 7, 1", "fail-blsG2Add, 13, PRAGUE, 6, 1", "fail-blsG2Mul, 14, PRAGUE, 7, 1",
            "fail-blsG2MultiExp, 14, PRAGUE, 7, 1", "fail-blsPairing, 15, PRAGUE, 9, 1", "fail-blsMapG1, 16, PRAGUE, 5, 1",
            "fail-blsMapG2, 17, PRAGUE, 5, 1",
    })
    void pointsOfBls12381HaveTheirAnswersAndTheirGas(String name, int address, Fork fork, int held, int every) throws IOException {
        check(CurveLibrary.BLST, name, address, fork, held, 1, Integer.MAX_VALUE);
        check(CurveLibrary.BOUNCY_CASTLE, name, address, fork, held, every, 1000);
    }

    @ParameterizedTest
    @Tag("long")
    @CsvSource({
            "pointEvaluation, 10, CANCUN, 1, 1", "blsG1Add, 11, PRAGUE, 112, 1", "blsG1Mul, 12, PRAGUE, 11, 1", "blsG1MultiExp, 12, PRAGUE, 154, 20",
            "blsG2Add, 13, PRAGUE, 112, 1", "blsG2Mul, 14, PRAGUE, 11, 4", "blsG2MultiExp, 14, PRAGUE, 153, 50", "blsPairing, 15, PRAGUE, 106, 40",
            "blsMapG1, 16, PRAGUE, 105, 20", "blsMapG2, 17, PRAGUE, 105, 40", "fail-blsG1Add, 11, PRAGUE, 6, 1", "fail-blsG1Mul, 12, PRAGUE, 7, 1",
            "fail-blsG1MultiExp, 12, PRAGUE, 7, 1", "fail-blsG2Add, 13, PRAGUE, 6, 1", "fail-blsG2Mul, 14, PRAGUE, 7, 1",
            "fail-blsG2MultiExp, 14, PRAGUE, 7, 1", "fail-blsPairing, 15, PRAGUE, 9, 1", "fail-blsMapG1, 16, PRAGUE, 5, 1",
            "fail-blsMapG2, 17, PRAGUE, 5, 1",
    })
    void everySlowOneHasItsAnswerAndItsGas(String name, int address, Fork fork, int held, int every) throws IOException {
        check(CurveLibrary.BOUNCY_CASTLE, name, address, fork, held, 1, Integer.MAX_VALUE);
    }
}
