package dev.coffer.evm.vectors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.evm.Interpreter;
import dev.coffer.evm.InterpreterConfig;
import dev.coffer.evm.Rejection;
import dev.coffer.evm.Status;
import dev.coffer.evm.Transaction;
import dev.coffer.evm.TransactionExecutor;
import dev.coffer.evm.TransactionOutcome;
import dev.coffer.evm.TransactionReader;
import dev.coffer.evm.TransactionReader.Refusal;
import dev.coffer.evm.WorldState;
import dev.coffer.evm.WorldStateConfig;
import dev.coffer.evm.opcode.Fork;
import dev.coffer.testkit.HeapBytes;
import dev.coffer.testkit.Holdings;
import dev.coffer.testkit.ObjectBytes;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Thousands of random signed transactions through one machine and one state: what they hold is the plan before the first one and after the last.
class TransactionMemoryTest {
    private final Arena arena = Arena.ofShared();
    private final MemorySegment signed = arena.allocate(1 << 17);
    private final WorldState state = new WorldState(WorldStateConfig.defaults());
    private final Transaction transaction = new Transaction();
    private int executed;
    private int succeeded;
    private long heapBytes;

    @Test
    void thePeakOfTransactionsIsThePlan() {
        thePeakIsThePlan(100);
    }

    @Test
    @Tag("long")
    void thePeakOfTenThousandTransactionsIsThePlan() {
        thePeakIsThePlan(10_000);
        // What is compiled for the first time costs some hundred bytes however few transactions there are; an object a transaction would be 16 each.
        // The bound of 0 is that of the steady paths.
        assertTrue(heapBytes < executed, heapBytes + " heap bytes in " + executed + " transactions");
    }

    private void thePeakIsThePlan(int transactions) {
        InterpreterConfig config = InterpreterConfig.of(Fork.OSAKA);
        MemorySegment room = arena.allocate(TransactionReader.WORKSPACE_BYTES, Long.BYTES);
        TransactionReader reader = new TransactionReader(Fork.OSAKA, 1, room, 0);
        try (arena; Interpreter machine = Interpreter.open(config, state, null)) {
            TransactionExecutor executor = new TransactionExecutor(machine, state);
            long seed = 1;
            while (executed < Math.min(transactions, 500)) {             // links and warms up
                block(seed++, reader, executor);
            }
            seed = 1;
            // What one or the other of them leads to, whichever the last transaction was.
            Object[] shared = {signed, MemorySegment.NULL, Status.values(), Rejection.values(), Refusal.values()};
            Holdings held = Holdings.now();
            long objects = ObjectBytes.of(machine, state, executor, reader, transaction, shared);
            executed = 0;
            succeeded = 0;
            heapBytes = 0;
            while (executed < transactions) {
                block(seed++, reader, executor);
            }
            assertTrue(succeeded > executed / 5, succeeded + " of " + executed + " succeeded");
            assertEquals(config.plan().totalBytes(), machine.ledger().peakBytes(), "the ledger's peak");
            assertEquals(config.plan().totalBytes(), machine.ledger().planBytes());
            assertEquals(objects, ObjectBytes.of(machine, state, executor, reader, transaction, shared), "objects that they reach");
            Holdings now = Holdings.now();
            assertEquals(held.regions(), now.regions());
            assertEquals(held.regionBytes(), now.regionBytes());
            assertTrue(now.directBytes() <= held.directBytes(), "other tests' may have gone: " + held.directBytes() + " bytes, now " + now.directBytes());
            // Fewer than the least object a transaction; the long form has enough of them to ask for less.
            assertTrue(heapBytes < 16L * executed, heapBytes + " heap bytes in " + executed + " transactions");
            System.out.println(executed + " transactions, " + succeeded + " succeeded, " + heapBytes + " heap bytes, peak "
                    + machine.ledger().peakBytes() + " of " + config.plan().totalBytes() + " planned, objects " + objects);
        }
    }

    /// Executes a block of the generator with this fork's rules, whichever it was made for.
    private void block(long seed, TransactionReader reader, TransactionExecutor executor) {
        Map<String, String> test = Json.members(TransactionGenerator.line(seed));
        if (!Fork.named((String) Json.parse(test.get("fork"))).atLeast(Fork.CANCUN)) {
            return;
        }
        TransactionFuzz.setUp(state, test);
        for (Object text : (List<?>) Json.parse(test.get("transactions"))) {
            byte[] bytes = Hex.bytes((String) text);
            MemorySegment.copy(bytes, 0, signed, ValueLayout.JAVA_BYTE, 0, bytes.length);
            long before = HeapBytes.now();
            TransactionOutcome outcome = null;
            if (reader.read(signed, 0, bytes.length, transaction) == Refusal.NONE) {
                outcome = executor.execute(transaction);
            }
            heapBytes += HeapBytes.now() - before;
            executed++;
            succeeded += outcome != null && outcome.rejection() == Rejection.NONE && outcome.status() == Status.SUCCESS ? 1 : 0;
        }
    }
}
