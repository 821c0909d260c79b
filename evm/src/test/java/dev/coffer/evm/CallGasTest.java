package dev.coffer.evm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.coffer.evm.opcode.Fork;
import dev.coffer.evm.word.Word;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Gas of calls, creations and everything that expands memory, in pairs; and, by name, what another machine got wrong:
/// expansion that was free, logs charged twice, calls that pushed 0 for what halts, output of a revert that was lost,
/// RETURNDATACOPY of nothing past the end, MCOPY that moved before it charged, refunds applied in every frame.
///
/// Account 0xc0de runs, with balance 10; 0xdead is there with code; 0xca11e4 calls and has no account; 0xbeef is cold.
class CallGasTest {
    private static final WorldStateConfig SMALL = new WorldStateConfig(64, 64, 1 << 17, 1 << 16, 16, 1 << 12);
    private static final int CALLEE = 0xdead;
    private static final String TOP_BIT = "7f80" + "00".repeat(31);      // PUSH32 2^255

    private final WorldState state = new WorldState(SMALL);
    private final Interpreter machine = Interpreter.open(InterpreterConfig.of(Fork.CANCUN), state, null);
    private String calleeCode = "00";
    private long nonce = 1;

    @AfterEach
    void closes() {
        machine.close();
    }

    private Outcome run(String code, long gas) {
        long[] w = {0xca11e4, 0, 0, 0, 0xc0de, 0, 0, 0, 10, 0, 0, 0, CALLEE, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0};
        state.clear();
        state.account(w, 4, w, 8, nonce);
        setCode(w, 4, code);
        state.account(w, 12, w, 16, 1);
        setCode(w, 12, calleeCode);
        state.store(w, 12, w, 16, w, 20);                // slot 0 is 1
        state.beginTransaction();
        return machine.run(new Message().caller(w, 0).to(w, 4).gas(gas));
    }

    private void setCode(long[] w, int address, String code) {
        byte[] bytes = HexFormat.of().parseHex(code);
        state.setCode(w, address, MemorySegment.ofArray(bytes), 0, bytes.length);
    }

    private long runForWord(String code, long gas) {
        Outcome outcome = run(code, gas);
        assertEquals(Status.SUCCESS, outcome.status(), outcome::toString);
        long[] w = new long[4];
        Word.load(MemorySegment.ofArray(outcome.output()), 0, w, 0);
        return w[0];
    }

    /// `need` is enough and one less is not; `used` is less where the stipend comes back.
    @ParameterizedTest
    @CsvSource({
            "CALL of a cold account,                 5f5f5f5f5f61beef5ff1, 2615, 2615",
            "CALL of a warm account,                 5f5f5f5f5f335ff1, 114, 114",
            "CALL with value makes an account,       5f5f5f5f6001335ff1, 34115, 31815",
            "CALL with value to one that is there,   5f5f5f5f6001305ff1, 9115, 9115",
            "CALL expands by the larger range: out,  60405f60205f5f335ff1, 122, 122",
            "CALL expands by the larger range: in,   60205f60405f5f335ff1, 122, 122",
            "CALL too poor pays for its memory,      60405f5f5f61ffff305ff1, 9122, 6822",
            "CALLCODE of a cold account,             5f5f5f5f5f61beef5ff2, 2615, 2615",
            "CALLCODE with value makes no account,   5f5f5f5f600161beef5ff2, 11616, 9316",
            "DELEGATECALL of a cold account,         5f5f5f5f61beef5ff4, 2613, 2613",
            "DELEGATECALL of a warm account,         5f5f5f5f335ff4, 112, 112",
            "STATICCALL of a cold account,           5f5f5f5f61beef5ffa, 2613, 2613",
            "STATICCALL of a warm account,           5f5f5f5f335ffa, 112, 112",
            "CREATE of nothing,                      5f5f5ff0, 32006, 32006",
            "CREATE of two words of initcode,        60215f5ff0, 32017, 32017",
            "CREATE2 of nothing,                     5f5f5f5ff5, 32008, 32008",
            "CREATE2 hashes its two words,           5f60215f5ff5, 32031, 32031",
            "SHA-256 and a copy of its result,       5f5f60205f5f600261fffff160205f60203e, 209, 209",
            "identity and a copy of its result,      5f5f60205f5f600461fffff160205f60203e, 155, 155",
            "RETURNDATACOPY of nothing at the end,   5f5f5f3e, 9, 9"})
    void callsAndCreationsCostWhatTheProtocolSays(String name, String code, long need, long used) {
        edges(name, code, need, used);
    }

    /// Byte or word at 4096: 129 words cost 387 + 16641 / 512 = 419.
    @ParameterizedTest
    @CsvSource({"MLOAD, 61100051, 6", "MSTORE, 5f61100052, 8", "MSTORE8, 5f61100053, 8", "MCOPY, 60015f6110005e, 14",
            "MCOPY from there, 60016110005f5e, 14", "CALLDATACOPY, 60015f61100037, 14", "CODECOPY, 60015f61100039, 14",
            "EXTCODECOPY, 60015f611000333c, 113", "KECCAK256, 600161100020, 42", "LOG0, 6001611000a0, 389",
            "RETURN, 6001611000f3, 6", "REVERT, 6001611000fd, 6", "CREATE, 60016110005ff0, 32010",
            "CALL in, 5f5f60016110005f335ff1, 116", "CALL out, 60016110005f5f5f335ff1, 116"})
    void everythingThatTouchesMemoryPaysForItsGrowth(String name, String code, long other) {
        edges(name, code, other + 419, other + 419);
    }

    private void edges(String name, String code, long need, long used) {
        Outcome enough = run(code, need);
        assertEquals(code.endsWith("fd") ? Status.REVERT : Status.SUCCESS, enough.status(), name + ": " + enough);
        assertEquals(used, enough.gasUsed(), name);
        Outcome less = run(code, need - 1);
        assertEquals(Status.OUT_OF_GAS, less.status(), name + " with one less");
        assertEquals(need - 1, less.gasUsed(), name + " with one less");
    }

    @Test
    void logsPayOnce() {
        edges("LOG4", "5f5f5f5f5f5fa4", 12 + 375 + 4 * 375, 12 + 375 + 4 * 375);
    }

    @Test
    void callWhoseOperandsDoNotFitHalts() {
        for (String code : new String[] {
                "5f5f6001" + TOP_BIT + "5f305ff1",           // one byte of input at 2^255
                "6001" + TOP_BIT + "5f5f5f305ff1",           // one byte of output there
                "5f5f" + TOP_BIT + "5f5f305ff1",             // 2^255 bytes of input
                TOP_BIT + "5f5f5f5f305ff1"}) {
            Outcome outcome = run(code, 1_000_000);
            assertEquals(Status.OUT_OF_GAS, outcome.status(), code);
            assertEquals(1_000_000, outcome.gasUsed(), code);
        }
    }

    @Test
    void emptyRangesAtAnyOffsetExpandNothing() {
        Outcome outcome = run("5f" + TOP_BIT + "5f" + TOP_BIT + "5f335ff1", 1000);
        assertEquals(Status.SUCCESS, outcome.status());
        assertEquals(0, outcome.memoryBytes());
        assertEquals(116, outcome.gasUsed());
    }

    @Test
    void outputOfARevertIsWrittenAndReturned() {
        calleeCode = "602a5f5260205ffd";                 // reverts with the word 42
        // RETURNDATASIZE + MLOAD(0) + what CALL pushed
        assertEquals(32 + 42, runForWord("60205f5f5f5f61dead5af13d5f5101015f5260205ff3", 100_000));
    }

    @Test
    void returnDataPastTheEndHaltsEvenForNothing() {
        assertEquals(Status.RETURN_DATA_OUT_OF_BOUNDS, run("5f60015f3e", 1000).status());
        assertEquals(Status.RETURN_DATA_OUT_OF_BOUNDS, run("5f" + TOP_BIT + "5f3e", 1000).status());
    }

    @Test
    void overlappingCopyKeepsItsSource() {
        byte[] word = new byte[32];
        for (int i = 0; i < 32; i++) {
            word[i] = (byte) (i + 1);
        }
        Outcome outcome = run("7f" + HexFormat.of().formatHex(word) + "5f5260205f60015e60206001f3", 1000);
        assertArrayEquals(word, outcome.output());
    }

    @Test
    void calleeSeesSixtyThreeSixtyFourths() {
        calleeCode = "5a5f5260205ff3";                   // returns GAS
        // 2619 before it is divided, 6400 left then: the callee gets 6300 and pays 2 to look.
        assertEquals(6298, runForWord("60205f5f5f5f61dead5af160205ff3", 2619 + 6400));
    }

    @Test
    void initcodeOf49152BytesRunsAndOneMoreHalts() {
        assertEquals(Status.SUCCESS, run("61c0005f5ff0", 1_000_000).status());
        assertEquals(Status.INITCODE_TOO_LONG, run("61c0015f5ff0", 1_000_000).status());
    }

    @Test
    void deployedCodePays200AByteOfWhatTheCreationWasGiven() {
        String code = "6360015ff35f526004601c5ff0";      // initcode returns one byte: 8 and 200
        long before = 19 + 32000 + 2;
        assertEquals(before + 208, run(code, before + 212).gasUsed(), "209 given, 1 came back");
        assertEquals(before + 208, run(code, before + 211).gasUsed(), "208 given");
        assertEquals(before + 207, run(code, before + 210).gasUsed(), "207 given, all gone");
    }

    @Test
    void lastNonceCreatesNothingAndKeepsItsGas() {
        nonce = -1;                                      // 2^64 - 1 (EIP-2681)
        Outcome outcome = run("5f5f5ff0", 100_000);
        assertEquals(Status.SUCCESS, outcome.status());
        assertEquals(32006, outcome.gasUsed());
        assertEquals(1, outcome.frames());
    }

    @Test
    void refundsAreCountedForTheTreeAndNotSubtracted() {
        String code = "5f5f5f5f5f61dead5af1";
        calleeCode = "5f5f5500";                         // clears its slot: 4 + 2100 + 2900
        Outcome kept = run(code, 100_000);
        assertEquals(2615 + 5004, kept.gasUsed());
        assertEquals(4800, kept.refund());
        calleeCode = "5f5f555f5ffd";
        assertEquals(0, run(code, 100_000).refund(), "undone with the frame");
    }

    @Test
    void codeOfAnAccountThatWasNeverSetUpIsItsOwn() {
        long[] w = {0xca11e4, 0, 0, 0, 0xc0de, 0, 0, 0};
        for (int value = 1; value <= 2; value++) {
            state.clear();
            setCode(w, 4, "600" + value + "5f5260205ff3");
            state.beginTransaction();
            Outcome outcome = machine.run(new Message().caller(w, 0).to(w, 4).gas(1000));
            assertEquals(value, outcome.output()[31]);
        }
    }

    /// A tracer hears of each frame's end, the inner ones first, and of nothing once it is taken off.
    @Test
    void aTracerHearsOfEveryFramesEndInItsOrder() {
        List<String> heard = new ArrayList<>();
        machine.trace(new Tracer() {
            @Override
            public void step(Frame frame, int opcode, long[] stack, int stackLongs, long memoryBytes, long refund) {
                heard.add(Integer.toHexString(opcode));
            }

            @Override
            public void end(Frame frame, Status status) {
                heard.add(status.toString());
            }
        });
        calleeCode = "5f5ffd";
        Outcome outcome = run("5f5f5f5f5f61dead5af100", 100_000);
        machine.trace(null);
        assertEquals(List.of("5f", "5f", "5f", "5f", "5f", "61", "5a", "f1", "5f", "5f", "fd"), heard.subList(0, 11));
        assertEquals(List.of("REVERT", "0", outcome.status().toString()), heard.subList(11, heard.size()));
        int before = heard.size();
        run("00", 1000);
        assertEquals(before, heard.size());
    }
}
