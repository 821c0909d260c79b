package dev.coffer.evm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.evm.memory.EvmMemoryConfig;
import dev.coffer.evm.opcode.Fork;
import dev.coffer.memory.ledger.Ledger;
import dev.coffer.testkit.ObjectBytes;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

/// What is planned is what is held: off the heap as the ledger says, on it as JOL counts objects.
class PlanTest {
    private static final WorldStateConfig SMALL = new WorldStateConfig(16, 16, 1 << 12, 1 << 12, 16, 1 << 8);

    @Test
    void theLedgersTotalsAreThePlan() {
        for (InterpreterConfig config : new InterpreterConfig[] {InterpreterConfig.of(Fork.OSAKA),
                InterpreterConfig.of(Fork.FRONTIER).withMemory(EvmMemoryConfig.of(1 << 20)).withCodeBytesMax(1 << 16)}) {
            Interpreter machine = Interpreter.open(config, new WorldState(SMALL), null);
            Ledger ledger = machine.ledger();
            assertEquals(config.plan().totalBytes(), ledger.planBytes());
            assertEquals(ledger.planBytes(), ledger.regionBytes());
            assertEquals(ledger.planBytes(), ledger.usedBytes());
            assertEquals(ledger.planBytes(), ledger.peakBytes());
            assertEquals(config.plan().heapBytes(), ledger.heapBytes());
            machine.close();
            assertEquals(0, ledger.regionBytes());
        }
    }

    /// Two states of different sizes differ by what their plans differ by, to the byte; and what no size decides is small.
    @Test
    void objectsOfAStateAreWhatJolCounts() {
        long bytes = ObjectBytes.of(new WorldState(SMALL));
        long plan = SMALL.plan().heapBytes();
        assertTrue(plan < bytes && bytes < plan + (24 << 10), plan + " planned, " + bytes + " reached");
        for (WorldStateConfig larger : new WorldStateConfig[] {SMALL.withAccountsMax(107), SMALL.withSlotsMax(333), SMALL.withCodeBytesMax(5001),
                SMALL.withLogBytesMax(10_001), SMALL.withLogsMax(77), SMALL.withUndosMax(999), WorldStateConfig.defaults()}) {
            assertEquals(ObjectBytes.of(new WorldState(larger)) - bytes, larger.plan().heapBytes() - plan, larger.toString());
        }
    }

    @Test
    void objectsOfAMachineAreWhatJolCounts() {
        InterpreterConfig small = InterpreterConfig.of(Fork.CANCUN).withCodeBytesMax(1 << 16).withCodesMax(1026);
        WorldState host = new WorldState(SMALL);
        long bytes = objects(small, host);
        long plan = small.plan().heapBytes();
        assertTrue(Math.abs(bytes - plan) < plan / 20, plan + " planned, " + bytes + " counted");
        for (InterpreterConfig larger : new InterpreterConfig[] {InterpreterConfig.of(Fork.CANCUN), small.withCodesMax(4000),
                small.withMemory(EvmMemoryConfig.defaults().withFramesMax(4096))}) {
            long more = objects(larger, host) - bytes;
            long planned = larger.plan().heapBytes() - plan;
            assertEquals(more, planned, 8, planned + " planned, " + more + " counted, " + larger);
        }
    }

    private static long objects(InterpreterConfig config, WorldState host) {
        try (Interpreter machine = Interpreter.open(config, host, null)) {
            return ObjectBytes.beside(machine, host);
        }
    }

    @Test
    void objectsOfATransactionAreWhatJolCounts() {
        assertEquals(ObjectBytes.beside(new Transaction(), MemorySegment.NULL), Transaction.plan().heapBytes());
        assertEquals(ObjectBytes.beside(new Transaction(3, 5, 7), MemorySegment.NULL), Transaction.plan(3, 5, 7).heapBytes());
        WorldState host = new WorldState(SMALL);
        try (Interpreter machine = Interpreter.open(InterpreterConfig.of(Fork.CANCUN), host, null)) {
            long bytes = ObjectBytes.beside(new TransactionExecutor(machine, host), machine, host);
            long plan = TransactionExecutor.plan().heapBytes();
            assertTrue(bytes <= plan && plan < bytes + 256, plan + " planned, " + bytes + " counted");
        }
    }
}
