package dev.coffer.evm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.evm.opcode.Fork;
import java.lang.foreign.MemorySegment;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// 30,000,000 gas spent on one thing meet the end of the gas, and not that of [WorldStateConfig#block]: records of logs, and changes to undo.
class BlockRoomTest {
    @ParameterizedTest
    @ValueSource(strings = {"5f5fa0", "5a5f5d"})
    void thirtyMillionGasEndBeforeTheRoom(String spends) {
        WorldStateConfig block = WorldStateConfig.block();
        WorldState state = new WorldState(new WorldStateConfig(64, 64, 1 << 10, 1 << 10, block.logsMax(), block.undosMax()));
        long[] who = {0xc0de, 0, 0, 0};
        byte[] code = HexFormat.of().parseHex("5b" + spends.repeat(200) + "5f56");
        try (Interpreter machine = Interpreter.open(InterpreterConfig.of(Fork.CANCUN), state, null)) {
            state.beginTransaction();
            assertEquals(Status.OUT_OF_GAS, machine.run(new Message().caller(who, 0).to(who, 0).gas(30_000_000)
                    .code(MemorySegment.ofArray(code), 0, code.length)).status());
        }
    }

    /// Half of the accounts may be idle, which somebody has looked at in a simulation: 30,000,000 gas of looks fit beside them.
    @Test
    void looksFitBesideWhatWasOnlyLookedAt() {
        int most = WorldStateConfig.block().accountsMax();
        WorldState state = new WorldState(new WorldStateConfig(most, 64, 1 << 10, 1 << 10, 16, 1 << 17));
        long[] who = {0xc0de, 0, 0, 0};
        byte[] code = HexFormat.of().parseHex("5b" + "5a3150".repeat(200) + "5f56");        // BALANCE of what GAS says
        try (Interpreter machine = Interpreter.open(InterpreterConfig.of(Fork.CANCUN), state, null)) {
            for (long gas : new long[] {2_604L * (most / 2 - 100), 30_000_000}) {
                state.beginTransaction();
                int before = state.accounts();
                assertEquals(Status.OUT_OF_GAS, machine.run(new Message().caller(who, 0).to(who, 0).gas(gas)
                        .code(MemorySegment.ofArray(code), 0, code.length)).status(), state::toString);
                assertTrue(state.accounts() - before > 11_000, state::toString);
            }
        }
        assertTrue(state.accounts() > most / 2 + 11_000, "nothing was swept in between: " + state);
    }
}
