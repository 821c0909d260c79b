package dev.coffer.evm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.evm.opcode.Fork;
import dev.coffer.evm.opcode.Opcode;
import dev.coffer.evm.word.Word;
import java.lang.foreign.MemorySegment;
import java.util.HexFormat;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Runs that leave no trace: simulated transactions, the least gas of one, runs that are stopped; and a machine that is called by what it asked.
class SimulationTest {
    private static final long SENDER = 0x5e4d;
    private static final long CALLED = 0xc0de;

    private final WorldState state = new WorldState(new WorldStateConfig(64, 64, 1 << 14, 1 << 10, 16, 1 << 10));
    private final Transaction t = new Transaction();

    private static long[] word(long low) {
        return new long[] {low, 0, 0, 0};
    }

    private void code(long who, String hex) {
        byte[] bytes = HexFormat.of().parseHex(hex);
        state.account(word(who), 0, word(0), 0, 1);
        state.setCode(word(who), 0, MemorySegment.ofArray(bytes), 0, bytes.length);
    }

    private Interpreter open(Fork fork) {
        state.block().set(Opcode.GASLIMIT, word(30_000_000), 0);
        state.block().set(Opcode.BASEFEE, word(10), 0);
        t.clear().sender(word(SENDER), 0).to(word(CALLED), 0).gas(100_000);
        return Interpreter.open(InterpreterConfig.of(fork), state, null);
    }

    private long stored(long key) {
        long[] w = new long[4];
        state.load(word(CALLED), 0, word(key), 0, w, 0);
        return w[0];
    }

    /// Code that looks at the price goes the way that it will go: 12 of at most 12, base fee and tip of at most 40, and what is offered where that is too little. Nobody pays it.
    @Test
    void gasHasThePriceThatItWillHave() {
        code(CALLED, "3a5f5260205ff3");
        try (Interpreter machine = open(Fork.CANCUN)) {
            TransactionExecutor executor = new TransactionExecutor(machine, state);
            long[][] offers = {{12, 12, 12}, {40, 3, 13}, {40, 35, 40}, {10, 0, 10}, {9, 2, 9}, {0, 0, 0}};
            for (long[] offer : offers) {
                t.type(Transaction.DYNAMIC_FEE).fees(new long[] {offer[0], 0, 0, 0, offer[1], 0, 0, 0}, 0, 4);
                TransactionOutcome outcome = executor.simulate(t);
                assertEquals(Status.SUCCESS, outcome.status());
                assertEquals(offer[2], new java.math.BigInteger(1, outcome.run().output()).longValueExact(), "of at most " + offer[0] + ", tip " + offer[1]);
            }
        }
    }

    @Test
    void aSimulatedTransactionAnswersAndLeavesNothing() {
        code(CALLED, "6007600055" + "5f5fa0" + "600054600052" + "60206000f3");
        try (Interpreter machine = open(Fork.PRAGUE)) {
            TransactionExecutor executor = new TransactionExecutor(machine, state);
            state.beginTransaction();
            int before = state.snapshot();
            TransactionOutcome outcome = executor.simulate(t.nonce(99));     // no account, no money, another nonce, no fee
            assertTrue(outcome.isExecuted());
            assertEquals(Status.SUCCESS, outcome.status());
            byte[] seven = new byte[32];
            seven[31] = 7;
            assertEquals(HexFormat.of().formatHex(seven), HexFormat.of().formatHex(outcome.run().output()));
            long code = 3 + 3 + 22_100 + 2 + 2 + 375 + 3 + 100 + 3 + 6 + 3 + 3;
            assertEquals(21_000 + code, outcome.gasUsed());
            assertEquals(0, stored(0));
            assertEquals(0, state.logs().count());
            assertEquals(before, state.snapshot());
            assertFalse(state.exists(word(SENDER), 0));
            assertEquals(Rejection.GAS_BELOW_INTRINSIC, executor.simulate(t.gas(20_999)).rejection());
            assertEquals(Rejection.TYPE_UNKNOWN, executor.simulate(t.gas(100_000).type(9)).rejection());
            t.type(0).value(word(1), 0);
            assertEquals(Status.BALANCE_TOO_LOW, executor.simulate(t).status());
        }
    }

    @Test
    void theLeastGasSuffices() {
        // All but one 64th for a call: what is used is less than what must be there.
        code(0xbeef, "6001600055" + "00");
        code(CALLED, "5f5f5f5f5f61beef5af1" + "6010575f5ffd5b00");
        try (Interpreter machine = open(Fork.PRAGUE)) {
            TransactionExecutor executor = new TransactionExecutor(machine, state);
            long gas = executor.estimateGas(t, 30_000_000);
            assertTrue(gas > 21_000 + 22_100 + 2_600, "gas " + gas);
            assertEquals(Status.SUCCESS, executor.simulate(t).status(), "the transaction has it now");
            assertTrue(executor.simulate(t).gasUsed() < gas, "a part of it is only held back");
            assertEquals(Status.REVERT, executor.simulate(t.gas(gas - 1)).status());
            assertEquals(gas, executor.estimateGas(t, gas));
            assertEquals(-1, executor.estimateGas(t, gas - 1));
            assertEquals(-1, executor.estimateGas(t, 20_000));
            t.to(word(0xdead), 0);
            assertEquals(21_000, executor.estimateGas(t, 30_000_000));
            assertThrows(IllegalArgumentException.class, () -> executor.estimateGas(t, -1));
        }
    }

    /// A stop, or a limit, is not too little gas: the search ends, and says why.
    @Test
    void aSearchThatIsStoppedOrMeetsALimitFindsNothing() {
        code(CALLED, "5f5460010160010160005500");
        try (Interpreter machine = open(Fork.PRAGUE)) {
            TransactionExecutor executor = new TransactionExecutor(machine, state);
            int[] runs = new int[1];
            int[] stopAt = {Integer.MAX_VALUE};
            int[] stopBehind = {Integer.MAX_VALUE};
            machine.trace(new Tracer() {
                @Override
                public void begin(Frame frame) {
                    if (++runs[0] == stopAt[0]) {
                        machine.stop();
                    }
                }

                @Override
                public void step(Frame frame, int opcode, long[] stack, int stackLongs, long memoryBytes, long refund) {}

                @Override
                public void end(Frame frame, Status status) {
                    if (runs[0] == stopBehind[0]) {
                        machine.stop();
                    }
                }
            });
            long gas = executor.estimateGas(t, 30_000_000);
            assertTrue(gas > 40_000);
            int all = runs[0];
            assertTrue(all > 20, "runs: " + all);
            for (int n = 1; n <= all; n++) {
                runs[0] = 0;
                stopAt[0] = n;
                assertEquals(-1, executor.estimateGas(t, 30_000_000), "stopped in run " + n);
                assertEquals(n, runs[0], "no run after it");
                assertEquals(Status.STOPPED, executor.outcome().status());
            }
            stopAt[0] = Integer.MAX_VALUE;
            for (int n = 1; n < all; n++) {
                runs[0] = 0;
                stopBehind[0] = n;
                assertEquals(-1, executor.estimateGas(t, 30_000_000), "stopped between run " + n + " and the next");
                assertEquals(n + 1, runs[0]);
            }
            stopBehind[0] = Integer.MAX_VALUE;
            machine.trace(null);
            code(CALLED, "5f5f5f5f5f60035af100");    // a precompile that is missing, where there is gas for the call
            assertEquals(-1, executor.estimateGas(t, 30_000_000));
            assertEquals(Status.PRECOMPILE_MISSING, executor.outcome().status());
        }
    }

    /// EIP-7825 is about what a block holds: no transaction has more gas, a call that is only simulated may.
    @Test
    void theCapOfATransactionBoundsTheSearchAndNoSimulation() {
        code(CALLED, "6001600055" + "00");
        try (Interpreter machine = open(Fork.OSAKA)) {
            TransactionExecutor executor = new TransactionExecutor(machine, state);
            assertEquals(executor.estimateGas(t, 1 << 24), executor.estimateGas(t, 36_000_000));
            assertTrue(t.gas > 43_000, "gas " + t.gas);
            assertEquals(Status.SUCCESS, executor.simulate(t.gas(1L << 40)).status());
            assertEquals(Rejection.NONE, executor.outcome().rejection());
            code(CALLED, "5a63" + "01000000" + "10600b57fe5b00");          // succeeds with more than 2^24 gas: which no transaction has
            assertEquals(-1, executor.estimateGas(t, 1L << 40));
        }
    }

    /// A loop, and a tree of calls that never jumps, each after a precompile that tells that the run is there; what is not stopped runs out of gas after seconds.
    @ParameterizedTest
    @ValueSource(strings = {"5b600f56", "5f5f5f5f5f305af150" + "5f5f5f5f5f305af100"})
    void anotherThreadStopsARun(String code) throws InterruptedException {
        code(CALLED, "6007600055" + "5f5f5f5f5f60035af150" + code);
        CountDownLatch there = new CountDownLatch(1);
        Precompiles tells = new Precompiles() {
            @Override
            public boolean has(int number, Fork fork) {
                return true;
            }

            @Override
            public long outputBytesMax(int number, MemorySegment input, long at, long length) {
                return 0;
            }

            @Override
            public long run(int number, Fork fork, MemorySegment input, long at, long length, MemorySegment output, long outputAt) {
                there.countDown();
                return 0;
            }
        };
        open(Fork.CANCUN).close();
        try (Interpreter machine = Interpreter.open(InterpreterConfig.of(Fork.CANCUN), state, tells)) {
            AtomicReference<Status> status = new AtomicReference<>();
            Thread runner = Thread.ofPlatform().start(() -> status.set(machine.run(new Message().caller(word(SENDER), 0).to(word(CALLED), 0)
                    .gas(1L << 34)).status()));
            there.await();
            machine.stop();
            runner.join();
            assertEquals(Status.STOPPED, status.get());
            assertEquals(0, stored(0), "as it was before");
            Outcome next = machine.run(new Message().caller(word(SENDER), 0).to(word(CALLED), 0).gas(50_000));
            assertNotEquals(Status.STOPPED, next.status(), "the next run is not");
            assertTrue(next.gasUsed() > 22_000, "it ran");
        }
    }

    @Test
    void aTracerStopsARunAndMayNotStartAnother() {
        code(CALLED, "6007600055" + "5b600556");
        try (Interpreter machine = open(Fork.CANCUN)) {
            Message message = new Message().caller(word(SENDER), 0).to(word(CALLED), 0).gas(1L << 40);
            int[] steps = new int[1];
            machine.trace(new Tracer() {
                @Override
                public void step(Frame frame, int opcode, long[] stack, int stackLongs, long memoryBytes, long refund) {
                    assertThrows(IllegalStateException.class, () -> machine.run(message));
                    assertThrows(IllegalStateException.class, () -> machine.trace(null));
                    if (++steps[0] == 10) {
                        machine.stop();
                    }
                }

                @Override
                public void end(Frame frame, Status status) {}
            });
            assertEquals(Status.STOPPED, machine.run(message).status());
            assertEquals(10, steps[0]);
            assertEquals(0, stored(0));
            machine.trace(null);
            assertEquals(Status.OUT_OF_GAS, machine.run(message.gas(50_000)).status());
        }
    }

    /// A transaction asks for its sender before its run begins; a state that is held elsewhere may take its time then, and whoever watches stops it.
    @Test
    void aStopIsHeardWhereverATransactionIs() {
        stopAtEachQuestion(CALLED, 5);
        stopAtEachQuestion(CALLED + 1, 5);  // no code: no loop looks
        stopAtEachQuestion(4, 3);           // a precompile
    }

    private void stopAtEachQuestion(long receiver, int least) {
        int questions = 0;
        for (int n = 0; n <= questions; n++) {
            int stopsAt = n;
            int[] asked = new int[1];
            Interpreter[] machine = new Interpreter[1];
            WorldOrigin origin = new WorldOrigin() {
                private void asks() {
                    if (asked[0]++ == stopsAt) {
                        machine[0].stop();
                    }
                }

                @Override
                public void balance(long[] s, int address, long[] to, int r) {
                    asks();
                    Word.set(to, r, s[address] == SENDER ? 1L << 40 : 0);
                }

                @Override
                public long nonce(long[] s, int address) {
                    asks();
                    return 0;
                }

                @Override
                public byte[] code(long[] s, int address) {
                    asks();
                    return HexFormat.of().parseHex(s[address] == CALLED ? "5b5f56" : "");
                }

                @Override
                public void slot(long[] s, int address, long[] k, int key, long[] to, int r) {
                    throw new AssertionError("no slot is looked at");
                }
            };
            WorldState fork = new WorldState(new WorldStateConfig(64, 64, 1 << 14, 1 << 10, 16, 1 << 10), origin);
            try (Interpreter opened = Interpreter.open(InterpreterConfig.of(Fork.CANCUN), fork, null)) {
                machine[0] = opened;
                fork.block().set(Opcode.GASLIMIT, word(30_000_000), 0);
                t.clear().sender(word(SENDER), 0).to(word(receiver), 0).gas(50_000);
                assertEquals(Status.STOPPED, new TransactionExecutor(opened, fork).execute(t).status(), receiver + " at question " + n);
            }
            questions = Math.max(questions, asked[0] - 1);
        }
        assertTrue(questions >= least, "sender and receiver: " + questions);
    }
}
