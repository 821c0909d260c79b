package dev.coffer.evm;

import dev.coffer.evm.memory.EvmMemory;
import dev.coffer.evm.memory.EvmMemoryConfig;
import dev.coffer.evm.opcode.Fork;
import dev.coffer.testkit.HeapMode;
import dev.coffer.testkit.SteadyPath;
import dev.coffer.testkit.SteadyPaths;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Memory, words and whole programs: 0 heap bytes, whoever executes them.
class EvmSteadyPathsTest {
    private static final List<Class<? extends SteadyPath>> PATHS =
            List.of(Frames.class, Programs.class, Failures.class, Transactions.class, Signatures.class, Delegated.class, Pairings.class);

    @ParameterizedTest
    @EnumSource(HeapMode.class)
    void noRunMakesAnObject(HeapMode mode) {
        SteadyPaths.check(mode, PATHS);
    }

    /// Loads, stores, copies, expansion, nested frames and their end, refusals.
    static final class Frames implements SteadyPath {
        private final EvmMemory memory = EvmMemory.open(EvmMemoryConfig.of(1 << 20));
        private final long[] s = new long[8];

        @Override
        public void run() {
            memory.reset();
            for (int frame = 0; frame < 8; frame++) {
                for (int i = 0; i < 256; i += 32) {
                    memory.loadWord(i, s, 0);
                    memory.storeWord(i + 1, s, 0);
                }
                memory.storeByte(2000, 1);
                memory.copy(100, 0, 500);
                memory.enter();
            }
            for (int frame = 0; frame < 8; frame++) {
                memory.expand(0, 64);
                memory.forget(memory.checkpoint());
                memory.leave(0, 64);
            }
            memory.tryExpand(1L << 30, 1);
        }
    }

    /// A world of two contracts; every run begins where the one before began.
    private abstract static class Machine implements SteadyPath {
        private static final WorldStateConfig SMALL = new WorldStateConfig(64, 64, 1 << 16, 1 << 16, 1 << 10, 1 << 16);
        private final WorldState state = new WorldState(SMALL);
        private final Interpreter machine = Interpreter.open(InterpreterConfig.of(Fork.CANCUN), state, null);
        private final Message message;
        private final Status expected;

        Machine(String main, String callee, long gas, Status expected) {
            long[] w = new long[12];
            w[0] = 0xca11e4;
            w[4] = 0xc0de;
            contract(w, 4, main);
            w[4] = 0xbeef;
            contract(w, 4, callee);
            w[4] = 0xc0de;
            this.message = new Message().caller(w, 0).to(w, 4).gas(gas);
            this.expected = expected;
        }

        private void contract(long[] w, int at, String hex) {
            byte[] code = HexFormat.of().parseHex(hex.replace(" ", ""));
            state.account(w, at, w, 8, 1);
            state.setCode(w, at, MemorySegment.ofArray(code), 0, code.length);
        }

        @Override
        public void run() {
            state.beginTransaction();
            int before = state.snapshot();
            Outcome outcome = machine.run(message);
            if (outcome.status() != expected) {
                throw new AssertionError(outcome);
            }
            state.revert(before);
        }

        @Override
        public void close() {
            machine.close();
        }
    }

    /// 20 rounds of hashing, storage, arithmetic, a log, a call, copies of return and call data.
    static final class Programs extends Machine {
        Programs() {
            super("6014" + "5b"                                     // 20 rounds
                    + "80600052" + "60406000 20"                    // mem[0] = counter; hash of 64 bytes
                    + "80 82 55" + "81 54 02"                       // storage[counter] = hash; times what is loaded
                    + "80820450 80820550 80820650 80820750"         // div, sdiv, mod, smod
                    + "8080830850 8080830950 80820a50"              // addmod, mulmod, exp
                    + "80821050 801950 801550 80821b50 50"          // lt, not, iszero, shl
                    + "60aa 6020 6000 a1"                           // log of one topic
                    + "6020 6040 6020 6000 6000 61beef 5a f1 50"    // call with 32 bytes in and out
                    + "3d 6000 6060 3e"                             // copy of what it returned
                    + "6020 6000 6020 6000 61beef 5a fa 50"         // static call
                    + "6001 90 03 80 6002 57" + "60206000f3",
                    "61040051 50 600035 600052 60206000f3", 10_000_000, Status.SUCCESS);
        }

        @Override
        public int operations() {
            return 16;
        }
    }

    /// A run that ends out of gas, inside a call.
    static final class Failures extends Machine {
        Failures() {
            super("5b 6000 6000 6000 6000 6000 61beef 5a f1 50 6000 56", "5b 6001 6000 55 6000 56", 100_000,
                    Status.OUT_OF_GAS);
        }

        @Override
        public int operations() {
            return 16;
        }
    }

    /// Transactions: one that is executed, with an access list, a touch of an empty account and a refund, and one that is rejected.
    static final class Transactions implements SteadyPath {
        private final WorldState state = new WorldState(new WorldStateConfig(64, 64, 1 << 16, 1 << 16, 1 << 10, 1 << 12));
        private final Interpreter machine = Interpreter.open(InterpreterConfig.of(Fork.CANCUN), state, null);
        private final TransactionExecutor executor = new TransactionExecutor(machine, state);
        private final Transaction good = new Transaction();
        private final Transaction bad = new Transaction();
        private final long[] w = {0x5e4d, 0, 0, 0, 0xc0de, 0, 0, 0, 1 << 20, 1, 0, 0, 2, 0, 0, 0};
        private long nonce;

        Transactions() {
            byte[] code = HexFormat.of().parseHex("6000546001900360005560006000600060006000" + "61eeee5af100");
            state.account(w, 0, w, 8, 0);
            state.account(w, 4, w, 12, 1);
            state.setCode(w, 4, MemorySegment.ofArray(code), 0, code.length);
            state.block().set(dev.coffer.evm.opcode.Opcode.GASLIMIT, w, 8);
            for (Transaction t : new Transaction[] {good, bad}) {
                t.type(Transaction.DYNAMIC_FEE).sender(w, 0).to(w, 4).gas(100_000).fees(w, 12, 12);
                t.access(w, 4);
                t.accessKey(w, 12);
            }
            bad.type(Transaction.BLOBS);
        }

        @Override
        public void run() {
            state.account(w, 0, w, 8, nonce);
            TransactionOutcome outcome = executor.execute(good.nonce(nonce++));
            if (outcome.status() != Status.SUCCESS || outcome.rejection() != Rejection.NONE) {
                throw new AssertionError(outcome);
            }
            if (executor.execute(bad).rejection() != Rejection.NO_BLOBS) {
                throw new AssertionError(executor);
            }
        }

        @Override
        public void close() {
            machine.close();
        }
    }

    /// A signed transaction with an authorization: read, its signers recovered, executed on what it delegates, simulated; ecRecover; a system call.
    static final class Delegated implements SteadyPath {
        private static final java.math.BigInteger KEY = java.math.BigInteger.TWO;
        private final Arena arena = Arena.ofConfined();
        private final WorldState state = new WorldState(new WorldStateConfig(64, 64, 1 << 10, 1 << 10, 16, 1 << 10));
        private final Interpreter machine = Interpreter.open(InterpreterConfig.of(Fork.PRAGUE), state, null);
        private final TransactionExecutor executor = new TransactionExecutor(machine, state);
        private final SystemCalls calls = new SystemCalls(machine, state);
        private final TransactionReader reader =
                new TransactionReader(Fork.PRAGUE, 1, arena.allocate(TransactionReader.WORKSPACE_BYTES, Long.BYTES), 0);
        private final Transaction transaction = new Transaction();
        private final CorePrecompiles core = new CorePrecompiles(arena.allocate(CorePrecompiles.WORKSPACE_BYTES), 0);
        private final MemorySegment signed = MemorySegment.ofArray(TransactionReaderTest.delegating(KEY));
        private final MemorySegment code = MemorySegment.ofArray(HexFormat.of().parseHex("33600055" + "00"));
        private final MemorySegment recovered = arena.allocate(160);
        private final long[] account = RlpModel.address(KEY);
        private final long[] w = {0xc0de, 0, 0, 0, 1L << 50, 0, 0, 0, 1 << 24, 0, 0, 0, 1, 0, 0, 0};

        Delegated() {
            recovered.set(ValueLayout.JAVA_BYTE, 63, (byte) 27);
            recovered.set(ValueLayout.JAVA_BYTE, 95, (byte) 1);        // x = 1 is a point's
            recovered.set(ValueLayout.JAVA_BYTE, 127, (byte) 1);
        }

        @Override
        public void run() {
            state.clear();
            state.block().set(dev.coffer.evm.opcode.Opcode.GASLIMIT, w, 8);
            state.block().set(dev.coffer.evm.opcode.Opcode.CHAINID, w, 12);
            state.account(account, 0, w, 4, 0);
            state.account(w, 0, w, 4, 1);
            state.setCode(w, 0, code, 0, code.byteSize());
            if (reader.read(signed, 0, signed.byteSize(), transaction) != TransactionReader.Refusal.NONE
                    || executor.simulate(transaction).status() != Status.SUCCESS || executor.execute(transaction).status() != Status.SUCCESS
                    || state.codeLength(account, 0) != Delegations.DESIGNATOR_BYTES) {
                throw new AssertionError(executor);
            }
            if (calls.parentHash(w, 0) != SystemCalls.Answer.NO_CONTRACT
                    || core.run(CorePrecompiles.EC_RECOVER, Fork.PRAGUE, recovered, 0, 128, recovered, 128) != 32) {
                throw new AssertionError(core);
            }
        }

        @Override
        public int operations() {
            return 2;
        }

        @Override
        public void close() {
            machine.close();
            arena.close();
        }
    }

    /// P256VERIFY, valid and not.
    static final class Signatures implements SteadyPath {
        private final Arena arena = Arena.ofConfined();
        private final MemorySegment room = arena.allocate(160 + 32);
        private final CorePrecompiles core = new CorePrecompiles(arena.allocate(CorePrecompiles.WORKSPACE_BYTES), 0);

        Signatures() {
            MemorySegment.copy(CorePrecompilesTest.SIGNED, 0, room, ValueLayout.JAVA_BYTE, 0, 160);
        }

        @Override
        public void run() {
            for (int length = 159; length <= 160; length++) {
                if (core.run(CorePrecompiles.P256_VERIFY, Fork.OSAKA, room, 0, length, room, 160) != (length == 160 ? 32 : 0)) {
                    throw new AssertionError(length);
                }
            }
        }

        @Override
        public int operations() {
            return 4;
        }

        @Override
        public void close() {
            arena.close();
        }
    }

    /// Points of alt_bn128: sums, multiples, pairings of both answers, and what is none.
    static final class Pairings implements SteadyPath {
        private static final int PAIR = 192;
        private final Arena arena = Arena.ofConfined();
        private final MemorySegment room = arena.allocate(2 * PAIR + 64);
        private final CorePrecompiles core = new CorePrecompiles(arena.allocate(CorePrecompiles.WORKSPACE_BYTES), 0);

        Pairings() {
            byte[] pair = HexFormat.of().parseHex(Bn254PrecompilesTest.G1 + Bn254PrecompilesTest.G2);
            MemorySegment.copy(pair, 0, room, ValueLayout.JAVA_BYTE, 0, PAIR);
            MemorySegment.copy(pair, 0, room, ValueLayout.JAVA_BYTE, PAIR, PAIR);
        }

        private void expect(int number, long length, long written) {
            if (core.run(number, Fork.OSAKA, room, 0, length, room, 2 * PAIR) != written) {
                throw new AssertionError(number + " of " + length);
            }
        }

        @Override
        public void run() {
            expect(CorePrecompiles.BN254_ADD, 64, 64);
            expect(CorePrecompiles.BN254_ADD, 96, Precompiles.FAILED);
            expect(CorePrecompiles.BN254_MULTIPLY, 96, 64);
            expect(CorePrecompiles.BN254_PAIRING, 0, 32);
            expect(CorePrecompiles.BN254_PAIRING, PAIR - 1, Precompiles.FAILED);
            expect(CorePrecompiles.BN254_PAIRING, 2 * PAIR, 32);
        }

        @Override
        public int operations() {
            return 6;
        }

        @Override
        public void close() {
            arena.close();
        }
    }
}
