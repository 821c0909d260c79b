package dev.coffer.evm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.evm.opcode.Fork;
import dev.coffer.evm.opcode.Opcode;
import dev.coffer.evm.word.Word;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.math.BigInteger;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;

/// A host that throws at its n-th question, for every n, and tracers and precompiles that throw: it goes through, the world is as it was, and the same machine then
/// does what a fresh one does. And whoever is asked, and calls back.
class ThrowingHostTest {
    private static final long SENDER = 0x5e4d;
    private static final long CALLED = 0xc0de;
    private static final long RICH = 1_000_000_000L;
    private static final Set<String> NEVER = Set.of("snapshot", "revert", "beginTransaction", "endTransaction", "unclaim");
    // Stores, calls 0xabcd, which has code, with 1 wei, creates a contract of one byte, looks at a balance, at code and at a slot, logs, destroys itself.
    private static final String ALL = "60015f55" + "5f5f5f5f600161abcd5af150" + "6360015ff35f52" + "6004601c5ff050" + "61beee3150" + "61beef3b50"
            + "60025450" + "5f5fa0" + "60015f5d" + "61beefff";

    private final Transaction t = new Transaction(2, 0, 1);
    private final Set<String> thrown = new TreeSet<>();
    private WorldState world;
    private int goodFor = Integer.MAX_VALUE;
    private final RuntimeException down = new IllegalStateException("the node does not answer");

    private static long[] word(long low) {
        return new long[] {low, 0, 0, 0};
    }

    private static void code(WorldState state, long who, String hex) {
        byte[] code = HexFormat.of().parseHex(hex);
        state.setCode(word(who), 0, MemorySegment.ofArray(code), 0, code.length);
    }

    private WorldState fresh() {
        WorldState state = new WorldState(new WorldStateConfig(64, 64, 1 << 16, 1 << 16, 16, 1 << 12));
        state.account(word(SENDER), 0, word(RICH), 0, 7);
        state.account(word(CALLED), 0, word(100), 0, 1);
        code(state, CALLED, ALL);
        state.account(word(0xabcd), 0, word(5), 0, 1);
        code(state, 0xabcd, "60075f55");
        state.block().set(Opcode.GASLIMIT, word(30_000_000), 0);
        state.block().set(Opcode.CHAINID, word(1), 0);
        t.clear().type(Transaction.ACCESS_LIST).sender(word(SENDER), 0).to(word(CALLED), 0).nonce(7).gas(400_000).gasPrice(word(2), 0).value(word(3), 0);
        t.access(word(0xbeee), 0);
        t.accessKey(word(1), 0);
        return state;
    }

    private Object answer(Object proxy, Method method, Object... arguments) throws Throwable {
        if (!NEVER.contains(method.getName()) && goodFor-- == 0) {
            thrown.add(method.getName());
            throw down;
        }
        try {
            return method.invoke(world, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    private TransactionHost host() {
        return (TransactionHost) Proxy.newProxyInstance(TransactionHost.class.getClassLoader(), new Class<?>[] {TransactionHost.class}, this::answer);
    }

    private String seen() {
        long[] w = new long[8];
        StringBuilder all = new StringBuilder("logs " + world.logs().count());
        for (long who : new long[] {SENDER, CALLED, 0xabcd, 0xbeee, 0xbeef, 0}) {
            world.balance(word(who), 0, w, 0);
            world.load(word(who), 0, word(0), 0, w, 4);
            all.append(", ").append(Long.toHexString(who)).append(": ").append(w[0]).append(' ').append(world.nonce(word(who), 0)).append(' ')
                    .append(world.codeLength(word(who), 0)).append(' ').append(w[4]).append(' ').append(world.exists(word(who), 0));
        }
        return all.toString();
    }

    /// Of each question: what throws goes through, nothing has changed, and then everything is as on a machine and a world that nobody threw at.
    private void whereverItThrows(BiFunction<TransactionExecutor, Interpreter, String> does) {
        world = fresh();
        String expected;
        String before = seen();
        try (Interpreter machine = Interpreter.open(InterpreterConfig.of(Fork.CANCUN), world, null)) {
            expected = does.apply(new TransactionExecutor(machine, world), machine) + seen();
        }
        int n = 0;
        for (boolean throwsAt = true; throwsAt; n++) {
            world = fresh();
            TransactionHost host = host();
            goodFor = Integer.MAX_VALUE;
            try (Interpreter machine = Interpreter.open(InterpreterConfig.of(Fork.CANCUN), host, null)) {
                TransactionExecutor executor = new TransactionExecutor(machine, host);
                goodFor = n;
                throwsAt = false;
                try {
                    does.apply(executor, machine);
                } catch (IllegalStateException e) {
                    assertSame(down, e);
                    throwsAt = true;
                    assertEquals(before, seen(), "question " + n);
                    goodFor = Integer.MAX_VALUE;
                    assertEquals(expected, does.apply(executor, machine) + seen(), "after question " + n);
                }
            }
        }
        assertTrue(n > 40, "questions: " + n);
    }

    @Test
    void whateverQuestionThrowsTheTransactionHasNotBeen() {
        whereverItThrows((executor, machine) -> executor.execute(t).status() + " " + executor.outcome().gasUsed());
        assertTrue(
                thrown.containsAll(Set.of("copyCode", "codeHash", "codeLength", "transfer", "store", "log", "selfDestruct", "setCode", "create", "setBalance",
                        "accessSlot", "accessAccount", "raiseNonce", "nonce", "balance", "block")),
                thrown.toString());
    }

    @Test
    void whateverQuestionThrowsTheSimulationLeavesNothing() {
        whereverItThrows((executor, machine) -> executor.simulate(t).status() + " " + executor.outcome().gasUsed());
    }

    @Test
    void whateverQuestionThrowsTheRunHasNotBeen() {
        Message message = new Message().caller(word(SENDER), 0).to(word(CALLED), 0).value(word(3), 0).gas(400_000);
        whereverItThrows((executor, machine) -> machine.run(message).status() + " " + machine.outcome().gasUsed());
    }

    @Test
    void aSystemCallThatIsThrownAtHasNotBeen() {
        world = fresh();
        long[] history = Word.of(new BigInteger("0000f90827f1c53a10cb7a02335b175320002935", 16));
        world.account(history, 0, word(0), 0, 1);
        byte[] stores = HexFormat.of().parseHex("5f355f55" + "61beef3150" + "00");
        world.setCode(history, 0, MemorySegment.ofArray(stores), 0, stores.length);
        TransactionHost host = host();
        try (Interpreter machine = Interpreter.open(InterpreterConfig.of(Fork.PRAGUE), host, null)) {
            SystemCalls calls = new SystemCalls(machine, host);
            long[] w = new long[4];
            SystemCalls.Answer answer = null;
            for (int n = 0; answer == null; n++) {
                goodFor = n;
                try {
                    answer = calls.parentHash(word(9), 0);
                } catch (IllegalStateException e) {
                    assertSame(down, e);
                }
                goodFor = Integer.MAX_VALUE;
                world.load(history, 0, word(0), 0, w, 0);
                assertEquals(answer == null ? 0 : 9, w[0], "question " + n);
            }
            assertEquals(SystemCalls.Answer.DONE, answer);
        }
    }

    /// At the n-th instruction, beginning or end.
    private static final class Sees implements Tracer {
        private int left;
        private final Runnable does;

        Sees(int left, Runnable does) {
            this.left = left;
            this.does = does;
        }

        private void count() {
            if (left-- == 0) {
                does.run();
            }
        }

        @Override
        public void begin(Frame frame) {
            count();
        }

        @Override
        public void step(Frame frame, int opcode, long[] stack, int stackLongs, long memoryBytes, long refund) {
            count();
        }

        @Override
        public void end(Frame frame, Status status) {
            count();
        }
    }

    @Test
    void aTracerThatThrowsLeavesNothing() {
        world = fresh();
        String before = seen();
        try (Interpreter machine = Interpreter.open(InterpreterConfig.of(Fork.CANCUN), world, null)) {
            TransactionExecutor executor = new TransactionExecutor(machine, world);
            for (int n = 0; n < 40; n++) {
                Runnable fails = () -> {
                    throw down;
                };
                machine.trace(new Sees(n, fails));
                assertSame(down, assertThrows(IllegalStateException.class, () -> executor.execute(t)));
                assertEquals(before, seen(), "step " + n);
                machine.trace(new Sees(n, fails));
                assertSame(down,
                        assertThrows(IllegalStateException.class, () -> machine.run(new Message().caller(word(SENDER), 0).to(word(CALLED), 0).gas(400_000))));
                assertEquals(before, seen(), "step " + n);
            }
            machine.trace(null);
            assertEquals(Status.SUCCESS, executor.execute(t).status());
        }
    }

    @Test
    void aPrecompileThatThrowsLeavesNothing() {
        world = fresh();
        code(world, CALLED, "60015f55" + "5f5f5f5f5f60035af150" + "00");
        String before = seen();
        Precompiles fails = new OnePrecompile(3, 64, () -> {
            throw down;
        });
        try (Interpreter machine = Interpreter.open(InterpreterConfig.of(Fork.CANCUN), world, fails)) {
            assertSame(down, assertThrows(IllegalStateException.class, () -> new TransactionExecutor(machine, world).execute(t)));
            assertEquals(before, seen());
        }
    }

    /// Whoever is asked in the midst of a transaction, and calls back, is refused before anything happens; the transaction goes on as if nobody had.
    @Test
    void nothingOfTheMachineCanBeCalledInItsMidst() {
        world = fresh();
        String expected;
        try (Interpreter machine = Interpreter.open(InterpreterConfig.of(Fork.PRAGUE), world, null)) {
            expected = new TransactionExecutor(machine, world).execute(t) + seen();
        }
        Transaction other = new Transaction(0, 0, 1).sender(word(SENDER), 0).to(word(0xabcd), 0).nonce(8).gas(50_000).gasPrice(word(3), 0);
        other.authorization(new long[16], 0, 4, 0, 0, 8, 12);
        for (int n = 0; n < 40; n++) {
            world = fresh();
            TransactionHost host = host();
            Interpreter machine = Interpreter.open(InterpreterConfig.of(Fork.PRAGUE), host, null);
            TransactionExecutor executor = new TransactionExecutor(machine, host);
            SystemCalls calls = new SystemCalls(machine, host);
            boolean[] called = new boolean[1];
            machine.trace(new Sees(n, () -> {
                called[0] = true;
                Message message = new Message().caller(word(SENDER), 0).to(word(0xabcd), 0).gas(50_000);
                for (Runnable call : new Runnable[] {() -> executor.execute(other), () -> executor.simulate(other), () -> executor.estimateGas(other, 100_000),
                        () -> executor.check(other), () -> executor.reasons(other, EnumSet.noneOf(Rejection.class)),
                        () -> executor.authority(other, 0, new long[4], 0), () -> machine.run(message),
                        () -> calls.parentHash(word(1), 0), () -> calls.withdrawalRequests(), machine::close}) {
                    assertThrows(IllegalStateException.class, call::run);
                }
            }));
            assertEquals(expected, executor.execute(t) + seen(), "step " + n);
            assertTrue(called[0]);
            machine.close();
            machine.close();
        }
        // Also where the executor asks, before and after the machine runs.
        TransactionExecutor[] executor = new TransactionExecutor[1];
        world = fresh();
        int[] asked = new int[1];
        TransactionHost calling = (TransactionHost) Proxy.newProxyInstance(TransactionHost.class.getClassLoader(), new Class<?>[] {TransactionHost.class},
                (proxy, method, arguments) -> {
                    if (executor[0] != null && !NEVER.contains(method.getName())) {
                        asked[0]++;
                        assertThrows(IllegalStateException.class, () -> executor[0].execute(other));
                    }
                    return method.invoke(world, arguments);
                });
        try (Interpreter machine = Interpreter.open(InterpreterConfig.of(Fork.PRAGUE), calling, null)) {
            executor[0] = new TransactionExecutor(machine, calling);
            assertEquals(expected, executor[0].execute(t) + seen());
            assertTrue(asked[0] > 40);
            executor[0] = null;
        }
    }

    /// Nor can another machine begin a transaction on the same state in the midst of one: its changes would be taken for what was there before. It may run what is none.
    @Test
    void noOtherTransactionBeginsInItsMidst() {
        world = fresh();
        String expected;
        try (Interpreter machine = Interpreter.open(InterpreterConfig.of(Fork.PRAGUE), world, null)) {
            expected = new TransactionExecutor(machine, world).execute(t) + seen();
        }
        Transaction other = new Transaction().sender(word(SENDER), 0).to(word(0xabcd), 0).nonce(8).gas(50_000).gasPrice(word(3), 0);
        for (int n = 0; n < 40; n++) {
            world = fresh();
            try (Interpreter machine = Interpreter.open(InterpreterConfig.of(Fork.PRAGUE), world, null);
                    Interpreter second = Interpreter.open(InterpreterConfig.of(Fork.PRAGUE), world, null)) {
                TransactionExecutor executor = new TransactionExecutor(machine, world);
                TransactionExecutor fromSecond = new TransactionExecutor(second, world);
                SystemCalls calls = new SystemCalls(second, world);
                code(world, 0xfffe, "00");
                boolean[] called = new boolean[1];
                machine.trace(new Sees(n, () -> {
                    called[0] = true;
                    for (Runnable call : new Runnable[] {() -> fromSecond.execute(other), () -> fromSecond.simulate(other),
                            () -> fromSecond.estimateGas(other, 100_000), world::beginTransaction, world::clear,
                            () -> world.account(word(SENDER), 0, word(1), 0, 1)}) {
                        assertTrue(assertThrows(IllegalStateException.class, call::run).getMessage().contains("take another state"));
                    }
                    assertEquals(SystemCalls.Answer.NO_CONTRACT, calls.withdrawalRequests());
                    assertEquals(Status.SUCCESS, second.run(new Message().caller(word(SENDER), 0).to(word(0x1111), 0).gas(50_000)).status());
                    fromSecond.check(other);
                }));
                assertEquals(expected, executor.execute(t) + seen(), "step " + n);
                assertTrue(called[0]);
                // Afterwards it may.
                machine.trace(null);
                assertEquals(Status.SUCCESS, fromSecond.simulate(other.value(word(0), 0)).status());
            }
        }
        // A system call is a transaction, too, and one that is simulated.
        world = fresh();
        code(world, 0xfffe, "00");
        long[] withdrawals = Word.of(new BigInteger("00000961ef480eb55e80d19ad83579a64c007002", 16));
        byte[] code = HexFormat.of().parseHex("5b00");
        world.setCode(withdrawals, 0, MemorySegment.ofArray(code), 0, code.length);
        try (Interpreter machine = Interpreter.open(InterpreterConfig.of(Fork.PRAGUE), world, null);
                Interpreter second = Interpreter.open(InterpreterConfig.of(Fork.PRAGUE), world, null)) {
            TransactionExecutor fromSecond = new TransactionExecutor(second, world);
            SystemCalls calls = new SystemCalls(second, world);
            int[] seen = new int[1];
            machine.trace(new Sees(0, () -> {
                seen[0]++;
                assertThrows(IllegalStateException.class, () -> fromSecond.simulate(other));
                assertThrows(IllegalStateException.class, calls::withdrawalRequests);
            }));
            assertEquals(SystemCalls.Answer.DONE, new SystemCalls(machine, world).withdrawalRequests());
            assertEquals(1, seen[0]);
            machine.trace(new Sees(0, () -> {
                seen[0]++;
                assertThrows(IllegalStateException.class, () -> fromSecond.simulate(other));
            }));
            new TransactionExecutor(machine, world).simulate(t);
            assertEquals(2, seen[0]);
            assertEquals(SystemCalls.Answer.DONE, calls.withdrawalRequests());
        }
    }
}
