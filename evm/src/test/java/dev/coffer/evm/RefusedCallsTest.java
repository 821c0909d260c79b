package dev.coffer.evm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.evm.opcode.Fork;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What tracers are told of calls that come to nothing, of logs, of storage and of balances that SELFDESTRUCT moves; the words for errors and reverts; and what is
/// left out where there is no room.
class RefusedCallsTest {
    private static final long SENDER = 0x5e4d;
    private static final long CALLED = 0xc0de;
    private static final long OTHER = 0xbeef;

    private final WorldState state = new WorldState(new WorldStateConfig(2048, 64, 1 << 17, 1 << 10, 16, 1 << 14));
    private CallTracer tracer = new CallTracer(true, CallTracer.BYTES_MAX);
    private Outcome outcome;

    private static long[] word(long low) {
        return new long[] {low, 0, 0, 0};
    }

    private void code(long who, long nonce, String hex) {
        byte[] bytes = HexFormat.of().parseHex(hex);
        state.account(word(who), 0, word(9), 0, nonce);
        state.setCode(word(who), 0, MemorySegment.ofArray(bytes), 0, bytes.length);
    }

    private String tree(Fork fork, Message message, Tracer sees) {
        state.beginTransaction();
        try (Interpreter machine = Interpreter.open(InterpreterConfig.of(fork), state, null)) {
            machine.trace(sees);
            outcome = machine.run(message.caller(word(SENDER), 0));
        }
        return tracer.json();
    }

    private String tree(String code, long gas) {
        code(CALLED, 1, code);
        return tree(Fork.CANCUN, new Message().to(word(CALLED), 0).gas(gas), tracer);
    }

    private static String inner(String json) {
        return json.substring(json.indexOf("\"calls\":[") + 9, json.lastIndexOf("]}"));
    }

    @Test
    void whoLacksTheValueIsThereWithAllItsGas() {
        String json = tree("5f5f5f5f600a61beef611000f15000", 100_000);
        assertEquals("{\"type\":\"CALL\",\"from\":\"0x" + "0".repeat(36) + "c0de\",\"to\":\"0x" + "0".repeat(36)
                + "beef\",\"gas\":\"0x18fc\",\"input\":\"0x\",\"value\":\"0xa\",\"gasUsed\":\"0x0\",\"error\":\"insufficient balance for transfer\"}",
                inner(json));
        assertEquals(Status.SUCCESS, outcome.status());
        json = tree("60fe5f5360015f600af000", 100_000);
        assertTrue(inner(json).matches("\\{\"type\":\"CREATE\",\"from\":\"0x0{36}c0de\",\"gas\":\"0x[0-9a-f]+\",\"input\":\"0xfe\",\"value\":\"0xa\","
                + "\"gasUsed\":\"0x0\",\"error\":\"insufficient balance for transfer\"}"), json);
    }

    @Test
    void aCreationThatMayNotBeIsThereWithItsReason() {
        code(CALLED, -1, "5f5f5ff000");
        String json = tree(Fork.CANCUN, new Message().to(word(CALLED), 0).gas(100_000), tracer);
        assertTrue(inner(json).endsWith("\"gasUsed\":\"0x0\",\"error\":\"nonce uint64 overflow\"}"), json);
        // CREATE2 twice to one address.
        json = tree("5f5f5f5ff5505f5f5f5ff55000", 200_000);
        String[] calls = inner(json).split("\\},\\{");
        assertEquals(2, calls.length, json);
        assertFalse(calls[0].contains("error"), json);
        assertTrue(calls[1].contains("\"type\":\"CREATE2\"") && calls[1].endsWith("\"error\":\"contract address collision\"}"), json);
        String gas = calls[1].replaceAll(".*\"gas\":\"(0x[0-9a-f]+)\".*", "$1");
        assertTrue(calls[1].contains("\"gasUsed\":\"" + gas + "\""), "all of it is gone: " + json);
    }

    @Test
    void theCallThatIsTooDeepIsTheLast() {
        int[] deepest = new int[2];
        Tracer depths = new Tracer() {
            @Override
            public void begin(Frame frame) {
                deepest[0] = Math.max(deepest[0], frame.depth());
            }

            @Override
            public void step(Frame frame, int opcode, long[] stack, int stackLongs, long memoryBytes, long refund) {}

            @Override
            public void end(Frame frame, Status status) {
                deepest[1] += status == Status.CALL_TOO_DEEP ? 1 : 0;
            }
        };
        code(CALLED, 1, "5f5f5f5f5f305af100");
        tree(Fork.HOMESTEAD, new Message().to(word(CALLED), 0).gas(1L << 40), depths);
        code(CALLED, 1, "60006000600060006000305af100");
        tree(Fork.CANCUN, new Message().to(word(CALLED), 0).gas(1L << 50), depths);
        assertEquals(1025, deepest[0]);
        assertEquals(1, deepest[1]);
        assertEquals(1024, outcome.depthMax(), "who is refused does not run");
        assertEquals(Status.SUCCESS, outcome.status());
    }

    /// A run that ends before its first frame is the last run all the same.
    @Test
    void aRunThatDoesNotBeginIsTheLastOne() {
        String first = tree("00", 100_000);
        assertFalse(first.contains("error"), first);
        String json = tree(Fork.CANCUN, new Message().to(word(CALLED), 0).gas(100).value(word(1), 0), tracer);
        assertEquals(Status.BALANCE_TOO_LOW, outcome.status());
        assertEquals("{\"type\":\"CALL\",\"from\":\"0x" + "0".repeat(36) + "5e4d\",\"to\":\"0x" + "0".repeat(36)
                + "c0de\",\"gas\":\"0x64\",\"input\":\"0x\",\"value\":\"0x1\",\"gasUsed\":\"0x64\",\"error\":\"insufficient balance for transfer\"}", json);
        json = tree(Fork.CANCUN, new Message().to(word(5), 0).gas(100), tracer);
        assertEquals(Status.PRECOMPILE_MISSING, outcome.status());
        assertTrue(json.endsWith("\"gasUsed\":\"0x64\",\"error\":\"precompile missing\"}"), json);
        byte[] initcode = new byte[49_153];
        json = tree(Fork.CANCUN, new Message().create().gas(100).input(MemorySegment.ofArray(initcode), 0, initcode.length), tracer);
        assertTrue(json.startsWith("{\"type\":\"CREATE\",\"from\":") && json.endsWith("\"gasUsed\":\"0x64\",\"error\":\"max initcode size exceeded\"}"),
                json.substring(0, 100));
        assertFalse(json.contains("\"to\""));
    }

    @Test
    void aWholeTransactionHasItsOwnGas() {
        String json = tree("00", 100_000);
        assertTrue(json.contains("\"gas\":\"0x186a0\"") && json.contains("\"gasUsed\":\"0x0\""), json);
        json = tracer.json(121_000, 21_000);
        assertTrue(json.contains("\"gas\":\"0x1d8a8\"") && json.contains("\"gasUsed\":\"0x5208\""), json);
    }

    @Test
    void logsStandBehindTheCallsBeforeThem() {
        code(OTHER, 1, "5f5fa000");
        String json = tree("6001600260aa5f5260205fa2" + "5f5f5f5f5f61beef5af150" + "5f5fa0" + "00", 100_000);
        assertEquals("{\"address\":\"0x" + "0".repeat(36) + "c0de\",\"topics\":[\"0x" + "0".repeat(63) + "2\",\"0x" + "0".repeat(63) + "1\"],\"data\":\"0x"
                + "0".repeat(62) + "aa\",\"position\":\"0x0\"},{\"address\":\"0x" + "0".repeat(36)
                + "c0de\",\"topics\":[],\"data\":\"0x\",\"position\":\"0x1\"}",
                json.substring(json.lastIndexOf("\"logs\":[") + 8, json.length() - 2));
        assertEquals(2, json.split("\"logs\":", -1).length - 1, "and the one of who was called");
        // Where a frame fails its records go, and those of the frames below it.
        json = tree("5f5fa0" + "5f5f5f5f5f61beef5af150" + "5f5ffd", 100_000);
        assertFalse(json.contains("logs"), json);
        tracer = new CallTracer();
        assertFalse(tree("5f5fa000", 100_000).contains("logs"), "unasked");
    }

    @Test
    void whatSelfDestructMovesIsACall() {
        String json = tree("61deadff", 100_000);
        assertEquals("{\"type\":\"SELFDESTRUCT\",\"from\":\"0x" + "0".repeat(36) + "c0de\",\"to\":\"0x" + "0".repeat(36)
                + "dead\",\"gas\":\"0x0\",\"input\":\"0x\",\"value\":\"0x9\",\"gasUsed\":\"0x0\"}", inner(json));
    }

    @Test
    void storageIsToldAsItWasAndIs() {
        List<String> seen = new ArrayList<>();
        Tracer slots = new Tracer() {
            @Override
            public void step(Frame frame, int opcode, long[] stack, int stackLongs, long memoryBytes, long refund) {}

            @Override
            public void end(Frame frame, Status status) {}

            @Override
            public void loaded(Frame frame, long[] k, int key, long[] v, int value) {
                seen.add("load " + k[key] + " " + v[value]);
            }

            @Override
            public void stored(Frame frame, long[] k, int key, long[] b, int before, long[] v, int value) {
                seen.add("store " + k[key] + " " + b[before] + " " + v[value]);
            }
        };
        code(CALLED, 1, "6002545060056003556006600355600660035500");
        state.store(word(CALLED), 0, word(2), 0, word(7), 0);
        tree(Fork.CANCUN, new Message().to(word(CALLED), 0).gas(100_000), slots);
        assertEquals(List.of("load 2 7", "store 3 0 5", "store 3 5 6", "store 3 6 6"), seen);
        seen.clear();
        code(CALLED, 1, "5f5500");
        tree(Fork.CANCUN, new Message().to(word(CALLED), 0).gas(100_000), slots);
        assertEquals(List.of(), seen, "a store that lacks its operands is none");
    }

    @ParameterizedTest
    @CsvSource({"fe, invalid opcode: INVALID", "0c, invalid opcode: opcode 0xc not defined", "01, stack underflow (0 <=> 2)", "5f56, invalid jump destination",
            "5f5f5f3e60015f5f3e, return data out of bounds", "5b5f5f5f5f5f600056, out of gas", "5b5f600056, stack limit reached 1024 (1023)"})
    void errorsAreInTheUsualWords(String code, String words) {
        String json = tree(code, code.startsWith("5b5f5f") ? 500 : 1_000_000);
        assertTrue(json.contains("\"error\":\"" + words + "\""), json);
    }

    @Test
    void codeThatCannotBePaidForHasAnErrorOfItsOwn() {
        byte[] initcode = HexFormat.of().parseHex("6110005ff3");
        String json = tree(Fork.CANCUN, new Message().create().gas(10_000).input(MemorySegment.ofArray(initcode), 0, initcode.length), tracer);
        assertEquals(Status.OUT_OF_GAS, outcome.status());
        assertTrue(json.contains("\"error\":\"contract creation code storage out of gas\""), json);
    }

    /// ABI of `Error(string)` and `Panic(uint256)`, and what only begins like it.
    @Test
    void aRevertSaysWhy() {
        assertEquals("no \\\"way\\\"", reason(error(32, 8, "no \"way\"")));
        assertEquals("a".repeat(32), reason(error(32, 32, "a".repeat(32))));
        assertEquals("", reason(error(32, 33, "a".repeat(32))), "a length past the end");
        assertEquals("", reason(error(65, 0, "far")), "an offset that ends past it");
        assertEquals("", reason(error(1 << 20, 3, "far")), "an offset past the end");
        assertEquals("", reason("08c379a0"));
        assertEquals("", reason("12345678" + "0".repeat(192)), "another error");
        assertEquals("", reason(error(32, 2, new String(new byte[] {(byte) 0xff, (byte) 0xfe}, StandardCharsets.ISO_8859_1))), "no UTF-8");
        assertEquals("\\u000a", reason(error(32, 1, "\n")));
        assertEquals("arithmetic underflow or overflow", reason("4e487b71" + "0".repeat(62) + "11"));
        assertEquals("unknown panic code: 0x99", reason("4e487b71" + "0".repeat(62) + "99"));
        assertEquals("unknown panic code: 0x1" + "0".repeat(63), reason("4e487b71" + "1" + "0".repeat(63)));
    }

    private static String error(long offset, long length, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        return "08c379a0" + String.format("%064x%064x", offset, length) + HexFormat.of().formatHex(bytes) + "00".repeat(32 - bytes.length);
    }

    private static String reason(String hex) {
        byte[] bytes = HexFormat.of().parseHex("ff" + hex);
        return TracerWords.revertReason(MemorySegment.ofArray(bytes), 1, bytes.length - 1);
    }

    @Test
    void whatHasNoRoomIsLeftOutAndTheRunGoesOn() {
        code(OTHER, 1, "60205ff3");
        StringBuilder calls = new StringBuilder();
        for (int i = 0; i < 10; i++) {
            calls.append("5f5f5f5f5f61beef5af150");
        }
        tracer = new CallTracer(true, 1 << 11);
        String json = tree(calls + "00", 100_000);
        int told = json.split("beef", -1).length - 1;
        assertEquals(3, told, json);
        assertTrue(tracer.leftOut() >= 10 - told, "left out " + tracer.leftOut());
        assertTrue(json.length() < 1 << 11, json);
        assertEquals(Status.SUCCESS, outcome.status());
        byte[] large = new byte[2000];
        tree(Fork.CANCUN, new Message().to(word(CALLED), 0).gas(100_000).input(MemorySegment.ofArray(large), 0, large.length), tracer);
        assertEquals("", tracer.json(), "not even the outermost");
        assertEquals(11, tracer.leftOut());
        tree("00", 1000);
        assertEquals(0, tracer.leftOut());
    }
}
