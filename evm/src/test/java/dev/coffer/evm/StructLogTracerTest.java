package dev.coffer.evm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.evm.opcode.Fork;
import java.lang.foreign.MemorySegment;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// The struct logs of runs of each kind, to the character; and what happens when they are full.
class StructLogTracerTest {
    private static final long SENDER = 0x5e4d;
    private static final long CALLED = 0xc0de;
    private static final long OTHER = 0xbeef;
    private static final Pattern STEP = Pattern.compile("\"op\":\"(\\w+)\",\"gas\":(\\d+),\"gasCost\":(-?\\d+),\"depth\":(\\d+)");

    private final WorldState state = new WorldState(new WorldStateConfig(64, 64, 1 << 14, 1 << 10, 16, 1 << 10));
    private Outcome outcome;
    private long leftOut;

    private static long[] word(long low) {
        return new long[] {low, 0, 0, 0};
    }

    private static String digits(long low) {
        return String.format("%064x", low);
    }

    private void code(long who, String hex) {
        byte[] bytes = HexFormat.of().parseHex(hex);
        state.account(word(who), 0, word(9), 0, 1);
        state.setCode(word(who), 0, MemorySegment.ofArray(bytes), 0, bytes.length);
    }

    private String trace(String code, long gas, StructLogConfig config) {
        code(CALLED, code);
        state.beginTransaction();
        try (Interpreter machine = Interpreter.open(InterpreterConfig.of(Fork.CANCUN), state, null)) {
            StructLogTracer tracer = new StructLogTracer(machine, config);
            machine.trace(tracer);
            for (int times = 0; times < 2; times++) {                        // each run begins anew
                int before = state.snapshot();
                outcome = machine.run(new Message().caller(word(SENDER), 0).to(word(CALLED), 0).gas(gas));
                if (times == 0) {
                    state.revert(before);
                }
            }
            leftOut = tracer.leftOut();
            return tracer.json();
        }
    }

    private static String step(int pc, String op, long gas, long cost, int depth, String rest) {
        return "{\"pc\":" + pc + ",\"op\":\"" + op + "\",\"gas\":" + gas + ",\"gasCost\":" + cost + ",\"depth\":" + depth + rest + "}";
    }

    /// Op, cost and depth of each instruction.
    private static List<String> costs(String json) {
        return STEP.matcher(json).results().map((MatchResult m) -> m.group(1) + " " + m.group(3) + " " + m.group(4)).toList();
    }

    @Test
    void eachInstructionIsThereAsItWasFound() {
        String json = trace("6001600255" + "600254" + "5f52" + "60205ff3", 100_000, StructLogConfig.defaults());
        String one = ",\"stack\":[\"0x1\",\"0x2\"]";
        String slot = ",\"storage\":{\"" + digits(2) + "\":\"" + digits(1) + "\"}";
        String[] steps = {step(0, "PUSH1", 100_000, 3, 1, ",\"stack\":[]"), step(2, "PUSH1", 99_997, 3, 1, ",\"stack\":[\"0x1\"]"),
                step(4, "SSTORE", 99_994, 22_100, 1, one + slot), step(5, "PUSH1", 77_894, 3, 1, ",\"stack\":[]"),
                step(7, "SLOAD", 77_891, 100, 1, ",\"stack\":[\"0x2\"]" + slot), step(8, "PUSH0", 77_791, 2, 1, ",\"stack\":[\"0x1\"]"),
                step(9, "MSTORE", 77_789, 6, 1, ",\"stack\":[\"0x1\",\"0x0\"]"), step(10, "PUSH1", 77_783, 3, 1, ",\"stack\":[]"),
                step(12, "PUSH0", 77_780, 2, 1, ",\"stack\":[\"0x20\"]"), step(13, "RETURN", 77_778, 0, 1, ",\"stack\":[\"0x20\",\"0x0\"]")};
        assertEquals("{\"gas\":22222,\"failed\":false,\"returnValue\":\"0x" + digits(1) + "\",\"structLogs\":[" + String.join(",", steps) + "]}", json);
        assertEquals(22_222, outcome.gasUsed());
    }

    @Test
    void memoryRefundReturnDataAndWideWordsAreThereWhereTheyAreAskedFor() {
        code(OTHER, "60aa5f5260205ff3");
        StructLogConfig all = StructLogConfig.defaults().withStack(false).withStorage(false).withMemory(true).withReturnData(true);
        String json = trace("60bb5f52" + "5f5f5f5f61beef5afa" + "00", 100_000, all);
        String memory = ",\"memory\":[\"" + digits(0xbb) + "\"]";
        assertTrue(json.endsWith(",\"op\":\"STOP\",\"gas\":97360,\"gasCost\":0,\"depth\":1" + memory + ",\"returnData\":\"0x" + digits(0xaa) + "\"}]}"), json);
        assertTrue(json.contains("\"op\":\"PUSH1\",\"gas\":100000,\"gasCost\":3,\"depth\":1,\"memory\":[]}"), json);
        assertTrue(json.contains("\"op\":\"RETURN\",") && json.contains(",\"depth\":2,\"memory\":[\"" + digits(0xaa) + "\"]}"),
                "the memory of the frame that runs");
        // A slot that was 1 is cleared: 4,800 are to be given back.
        state.store(word(CALLED), 0, word(2), 0, word(1), 0);
        json = trace("5f60025500", 100_000, StructLogConfig.defaults());
        assertTrue(json.contains("\"op\":\"STOP\",\"gas\":94995,\"gasCost\":0,\"depth\":1,\"stack\":[],\"refund\":4800}"), json);
        json = trace("7f" + "0".repeat(15) + "1" + "0".repeat(47) + "a" + "5f1900", 100_000, StructLogConfig.defaults());
        assertTrue(json.contains("\"stack\":[\"0x1" + "0".repeat(47) + "a\",\"0x" + "f".repeat(64) + "\"]"), json);
    }

    /// go-ethereum: a call costs what the called one gets, a creation does not, and the deposit for code is no instruction's.
    @Test
    void callsCostWhatTheyGiveAndCreationsDoNot() {
        code(OTHER, "00");
        String json = trace("5f5f5f5f61beef612710fa" + "00", 100_000, StructLogConfig.defaults());
        List<String> costs = costs(json);
        assertTrue(costs.contains("STATICCALL 12600 1"), costs::toString);
        assertTrue(costs.contains("STOP 0 2"), costs::toString);
        // The identity, which runs no instruction.
        json = trace("5f5f5f5f6004612710fa" + "00", 100_000, StructLogConfig.defaults());
        assertTrue(costs(json).contains("STATICCALL 10100 1"), json);
        // Initcode 60015ff3 returns a byte: 200 of deposit.
        json = trace("6360015ff35f52" + "6004601c5ff0" + "00", 100_000, StructLogConfig.defaults());
        costs = costs(json);
        assertTrue(costs.contains("CREATE 32002 1"), costs::toString);
        assertTrue(costs.contains("RETURN 3 2"), costs::toString);
    }

    @Test
    void errorsStandWhereTheyHappenedAndARevertIsNone() {
        String json = trace("5f5f01" + "56", 100_000, StructLogConfig.defaults());
        assertTrue(json.startsWith("{\"gas\":100000,\"failed\":true,\"returnValue\":\"0x\","), json);
        assertTrue(json.endsWith(step(3, "JUMP", 99_993, 8, 1, ",\"stack\":[\"0x0\"]") + "]}"), "it ran, and has no error: " + json);
        json = trace("60aa5f5260205ffd", 100_000, StructLogConfig.defaults());
        assertTrue(json.startsWith("{\"gas\":16,\"failed\":true,\"returnValue\":\"0x" + digits(0xaa) + "\","), json);
        assertTrue(!json.contains("error"), json);
        code(OTHER, "01");                                                      // has nothing to add
        json = trace("5f5f5f5f61beef5afa00", 100_000, StructLogConfig.defaults());
        assertTrue(json.contains("{\"pc\":0,\"op\":\"ADD\",") && json.contains(",\"gasCost\":3,\"depth\":2,\"error\":\"stack underflow (0 <=> 2)\","), json);
        assertTrue(json.contains("\"failed\":false"), json);
        json = trace("5f5f5f5f61beef5afa00", 100, StructLogConfig.defaults());
        assertTrue(json.contains("\"op\":\"STATICCALL\"") && json.contains("\"error\":\"out of gas\""), json);
        // A limit of the machine, two frames deep, and the run after it.
        code(OTHER, "60aa5f5260aa5f5f5f5f5f60035af150");
        json = trace("5f5f5f5f61beef5afa00", 100_000, StructLogConfig.defaults());
        assertEquals(Status.PRECOMPILE_MISSING, outcome.status());
        assertTrue(json.startsWith("{\"gas\":100000,\"failed\":true,\"returnValue\":\"0x\","), json);
    }

    /// A loop that would fill gigabytes: what fits is there, the rest is counted, and the run is what it would have been.
    @Test
    void whatHasNoRoomIsLeftOutAndCounted() {
        String whole = trace("5b5f50600056", 20_000, StructLogConfig.defaults());
        long gas = outcome.gasUsed();
        int steps = costs(whole).size();
        assertEquals(0, leftOut);
        for (int bytes : new int[] {1024, 2000, 50_000}) {
            String json = trace("5b5f50600056", 20_000, StructLogConfig.defaults().withBytesMax(bytes));
            assertEquals(steps, costs(json).size() + leftOut, "each is there or counted");
            assertTrue(leftOut > 0, "bytes " + bytes);
            int logs = json.length() - json.indexOf("[{") - 3;
            assertTrue(logs <= bytes && logs > bytes - 200, logs + " of " + bytes);
            assertTrue(whole.startsWith(json.substring(0, json.length() - 2)), "and nothing else is");
            assertEquals(gas, outcome.gasUsed());
        }
        // Memory and storage that alone are past it.
        String json = trace("5f6180005200", 100_000, StructLogConfig.defaults().withMemory(true).withBytesMax(1024));
        assertEquals(List.of("PUSH0 2 1", "PUSH2 3 1", "MSTORE 5130 1"), costs(json));
        assertEquals(1, leftOut, "the STOP, which finds 32 KiB");
        StringBuilder stores = new StringBuilder();
        for (int i = 1; i < 20; i++) {
            stores.append("60").append(String.format("%02x", i)).append("8055");
        }
        json = trace(stores + "00", 1_000_000, StructLogConfig.defaults().withBytesMax(4096));
        assertTrue(leftOut > 20 && json.length() < 4096 + 200, json.length() + ", left out " + leftOut);
        assertThrows(IllegalArgumentException.class, () -> StructLogConfig.defaults().withBytesMax(1023));
        assertThrows(IllegalArgumentException.class, () -> StructLogConfig.defaults().withBytesMax(-1));
    }

    /// go-ethereum kept the name.
    @Test
    void whatAsksForRandomnessIsCalledDifficulty() {
        assertEquals(List.of("DIFFICULTY 2 1", "STOP 0 1"), costs(trace("4400", 1000, StructLogConfig.defaults())));
    }

    /// The `limit` of go-ethereum's releases that count instructions: the first so many, and all else as it was.
    @Test
    void soManyInstructionsAreToldAndTheRestIsCounted() {
        String whole = trace("5b5f50600056", 20_000, StructLogConfig.defaults());
        int steps = costs(whole).size();
        for (int most : new int[] {1, 2, 17, steps - 1}) {
            String json = trace("5b5f50600056", 20_000, StructLogConfig.defaults().withStepsMax(most));
            assertEquals(most, costs(json).size());
            assertEquals(steps - most, leftOut);
            assertTrue(whole.startsWith(json.substring(0, json.length() - 2)), json);
        }
        assertEquals(whole, trace("5b5f50600056", 20_000, StructLogConfig.defaults().withStepsMax(steps)));
        assertEquals(0, leftOut);
        assertThrows(IllegalArgumentException.class, () -> StructLogConfig.defaults().withStepsMax(-1));
    }

    /// With the gas of a whole transaction; and a second run begins anew.
    @Test
    void aTransactionHasItsOwnGas() {
        code(CALLED, "5f5000");
        state.account(word(SENDER), 0, word(1 << 20), 0, 0);
        state.block().set(dev.coffer.evm.opcode.Opcode.GASLIMIT, word(30_000_000), 0);
        try (Interpreter machine = Interpreter.open(InterpreterConfig.of(Fork.CANCUN), state, null)) {
            StructLogTracer tracer = new StructLogTracer(machine);
            assertEquals("{\"gas\":0,\"failed\":false,\"returnValue\":\"0x\",\"structLogs\":[]}", tracer.json());
            machine.trace(tracer);
            TransactionExecutor executor = new TransactionExecutor(machine, state);
            Transaction t = new Transaction().sender(word(SENDER), 0).to(word(CALLED), 0).gas(30_000);
            TransactionOutcome done = executor.execute(t);
            String first = tracer.json(done.gasUsed());
            assertTrue(first.startsWith("{\"gas\":21004,\"failed\":false,"), first);
            assertEquals(3, costs(first).size());
            assertTrue(tracer.json().startsWith("{\"gas\":4,"), "the code's alone");
            executor.execute(t.nonce(1));
            assertEquals(first, tracer.json(done.gasUsed()));
        }
    }
}
