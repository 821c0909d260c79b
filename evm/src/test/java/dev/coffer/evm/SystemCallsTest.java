package dev.coffer.evm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.coffer.evm.SystemCalls.Answer;
import dev.coffer.evm.opcode.Fork;
import dev.coffer.evm.opcode.Opcode;
import dev.coffer.evm.word.Word;
import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/// The protocol's own calls: the contracts of EIP-4788 and EIP-2935 as they are deployed, and stand-ins for the two queues.
class SystemCallsTest {
    private static final String SYSTEM = "fffffffffffffffffffffffffffffffffffffffe";
    private static final String HISTORY =
            "3373" + SYSTEM + "14604657602036036042575f35600143038111604257611fff81430311604257611fff9006545f5260205ff35b5f5ffd5b5f3561"
                    + "1fff60014303065500";
    private static final String ROOTS =
            "3373" + SYSTEM + "14604d57602036146024575f5ffd5b5f35801560495762001fff810690815414603c575f5ffd5b62001fff01545f5260205ff35b5f"
                    + "5ffd5b62001fff42064281555f359062001fff015500";
    private static final long[] HISTORY_AT = address("0000f90827f1c53a10cb7a02335b175320002935");
    private static final long[] ROOTS_AT = address("000f3df6d732807ef1319fb7b8bb8522d0beac02");
    private static final long[] WITHDRAWALS_AT = address("00000961ef480eb55e80d19ad83579a64c007002");
    private static final long[] CONSOLIDATIONS_AT = address("0000bbddc7ce488642fb579f8b00f3a590007251");
    private static final long NUMBER = 20_000;
    private static final long TIME = 1_700_000_000;

    private final WorldState state = new WorldState(new WorldStateConfig(64, 64, 1 << 14, 1 << 10, 16, 64));

    private static long[] address(String hex) {
        return Word.of(new BigInteger(hex, 16));
    }

    private static long[] word(long low) {
        return new long[] {low, 0, 0, 0};
    }

    private void contract(long[] at, String code) {
        byte[] bytes = HexFormat.of().parseHex(code);
        state.account(at, 0, word(0), 0, 1);
        state.setCode(at, 0, MemorySegment.ofArray(bytes), 0, bytes.length);
    }

    private Interpreter open(Fork fork) {
        state.block().set(Opcode.NUMBER, word(NUMBER), 0);
        state.block().set(Opcode.TIMESTAMP, word(TIME), 0);
        return Interpreter.open(InterpreterConfig.of(fork), state, null);
    }

    private String stored(long[] at, long key) {
        long[] w = new long[4];
        state.load(at, 0, word(key), 0, w, 0);
        return Word.toBigInteger(w, 0).toString(16);
    }

    private String codeHash(long[] at) {
        long[] w = new long[4];
        state.codeHash(at, 0, w, 0);
        return Word.toBigInteger(w, 0).toString(16);
    }

    @Test
    void hashesAndRootsAreRememberedByTheContractsThatAreDeployed() {
        contract(HISTORY_AT, HISTORY);
        contract(ROOTS_AT, ROOTS);
        assertEquals("6e49e66782037c0555897870e29fa5e552daf4719552131a0abce779daec0a5d", codeHash(HISTORY_AT), "EIP-2935");
        assertEquals("f57acd40259872606d76197ef052f3d35588dadf919ee1f0e3cb9b62d3f4b02c", codeHash(ROOTS_AT), "EIP-4788");
        try (Interpreter machine = open(Fork.PRAGUE)) {
            SystemCalls calls = new SystemCalls(machine, state);
            long[] hash = {1, 2, 3, 4};
            assertEquals(Answer.DONE, calls.parentHash(hash, 0));
            assertEquals(Word.toBigInteger(hash, 0).toString(16), stored(HISTORY_AT, (NUMBER - 1) % 8191));
            hash[0] = 9;
            assertEquals(Answer.DONE, calls.beaconRoot(hash, 0));
            assertEquals(Long.toHexString(TIME), stored(ROOTS_AT, TIME % 8191));
            assertEquals(Word.toBigInteger(hash, 0).toString(16), stored(ROOTS_AT, TIME % 8191 + 8191));
            assertFalse(state.exists(address(SYSTEM), 0), "the caller is nobody and stays that");
            // Whoever is not the system reads: the hash of the block before.
            Outcome read = machine.run(new Message().caller(word(7), 0).to(HISTORY_AT, 0).gas(100_000)
                    .input(MemorySegment.ofArray(HexFormat.of().parseHex("0".repeat(60) + Long.toHexString(NUMBER - 1))), 0, 32));
            assertEquals("0000000000000004000000000000000300000000000000020000000000000001", HexFormat.of().formatHex(read.output()));
        }
    }

    @Test
    void requestsAreTheOutputAndWhatFailsChangesNothing() {
        try (Interpreter machine = open(Fork.OSAKA)) {
            SystemCalls calls = new SystemCalls(machine, state);
            assertEquals(Answer.NO_CONTRACT, calls.withdrawalRequests());
            assertEquals(Answer.NO_CONTRACT, calls.parentHash(word(1), 0));
            contract(WITHDRAWALS_AT, "36600055" + "5a600155" + "61abcd5f526002601ef3");
            assertEquals(Answer.DONE, calls.withdrawalRequests());
            assertArrayEquals(new byte[] {(byte) 0xab, (byte) 0xcd}, calls.outcome().output());
            assertEquals("0", stored(WITHDRAWALS_AT, 0), "no input");
            long left = Long.parseLong(stored(WITHDRAWALS_AT, 1), 16);
            assertEquals(SystemCalls.GAS - 2 - 2200 - 3 - 2, left, "30,000,000 gas, all for the code");
            contract(CONSOLIDATIONS_AT, "6001600055" + "5f5ffd");
            assertEquals(Answer.FAILED, calls.consolidationRequests());
            assertEquals("0", stored(CONSOLIDATIONS_AT, 0));
            contract(CONSOLIDATIONS_AT, "6001600055" + "5f5f5f5f5f60055af1");
            assertEquals(Answer.LIMITED, calls.consolidationRequests());
            assertEquals(Status.PRECOMPILE_MISSING, calls.outcome().status());
            assertEquals("0", stored(CONSOLIDATIONS_AT, 0));
        }
    }

    /// ORIGIN and CALLER are the system's, the price of gas is 0.
    @Test
    void theSystemCallsForNothing() {
        contract(WITHDRAWALS_AT, "32600055" + "33600155" + "3a600255" + "34600355");
        try (Interpreter machine = open(Fork.PRAGUE)) {
            assertEquals(Answer.DONE, new SystemCalls(machine, state).withdrawalRequests());
            for (int key = 0; key < 4; key++) {
                assertEquals(key < 2 ? "f".repeat(39) + "e" : "0", stored(WITHDRAWALS_AT, key), "slot " + key);
            }
        }
    }

    @Test
    void forksThatHaveThemNotRefuseThem() {
        try (Interpreter machine = open(Fork.CANCUN)) {
            SystemCalls calls = new SystemCalls(machine, state);
            assertEquals(Answer.NO_CONTRACT, calls.beaconRoot(word(1), 0));
            assertThrows(IllegalStateException.class, () -> calls.parentHash(word(1), 0));
            assertThrows(IllegalStateException.class, calls::withdrawalRequests);
            assertThrows(IllegalStateException.class, calls::consolidationRequests);
            assertThrows(IllegalArgumentException.class, () -> new SystemCalls(machine, new WorldState(new WorldStateConfig(1, 1, 1, 1, 1, 1))));
        }
        try (Interpreter machine = open(Fork.SHANGHAI)) {
            SystemCalls calls = new SystemCalls(machine, state);
            assertThrows(IllegalStateException.class, () -> calls.beaconRoot(word(1), 0));
        }
    }
}
