package dev.coffer.evm.vectors;

import dev.coffer.evm.trie.StateRoot;
import dev.coffer.evm.Interpreter;
import dev.coffer.evm.InterpreterConfig;
import dev.coffer.evm.Precompiles;
import dev.coffer.evm.Rejection;
import dev.coffer.evm.Status;
import dev.coffer.evm.Tracer;
import dev.coffer.evm.Transaction;
import dev.coffer.evm.TransactionExecutor;
import dev.coffer.evm.TransactionOutcome;
import dev.coffer.evm.TransactionReader;
import dev.coffer.evm.WorldState;
import dev.coffer.evm.WorldStateConfig;
import dev.coffer.evm.memory.EvmMemory;
import dev.coffer.evm.memory.EvmMemoryConfig;
import dev.coffer.evm.opcode.Fork;
import dev.coffer.evm.vectors.VectorRunner.Verdict;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import java.util.function.Function;

/// Runs the public state tests (`GeneralStateTests`): a file is an object of named tests, a test has a state, a block, a transaction with lists of data, gas
/// limits and values, and for each fork the state root and the hash of the logs that each choice of them should come to. Pretty-printed or not; members that
/// are not needed are passed over unread.
///
/// Machines are made once a fork and reused, so each case meets the dirty memory of those before it. One thread at a time.
public final class StateTestRunner implements AutoCloseable {
    /// For cases whose initcode, in 1,024 frames, does not fit into what each machine keeps ready: it lies in the callers' memory, so it is no longer than
    /// that. Opened for one case.
    private static final int LARGE_CODE_BYTES = 64 << 20;

    private final EvmMemoryConfig memory;
    private final Precompiles precompiles;
    private final Function<EvmMemory, Tracer> traces;
    private final Map<Fork, TransactionExecutor> executors = new EnumMap<>(Fork.class);
    private final Map<Fork, Interpreter> machines = new EnumMap<>(Fork.class);
    private final WorldState state;
    private boolean asSigned;
    private long signed;

    /// With room for what 2,000,000,000 gas can do, which the suite has: about 230 MiB of heap, and 5 MiB for each fork.
    ///
    /// @param precompiles  those beside SHA-256 and identity; null for none
    public StateTestRunner(Precompiles precompiles) {
        this(precompiles, memory -> null);
    }

    /// @param traces  makes what sees each instruction of a machine, from its memory
    public StateTestRunner(Precompiles precompiles, Function<EvmMemory, Tracer> traces) {
        this(precompiles, WorldStateConfig.block().withLogBytesMax(64 << 20), traces);
    }

    /// With a state of another size: a test that needs a larger one fails.
    ///
    /// @param room  what the state may hold
    public StateTestRunner(Precompiles precompiles, WorldStateConfig room, Function<EvmMemory, Tracer> traces) {
        this.memory = EvmMemoryConfig.defaults();
        this.precompiles = precompiles;
        this.traces = traces;
        this.state = new WorldState(room);
    }

    /// Says whether a transaction is read from its signed bytes, where a case has them and should be valid: who sent it is recovered then, and nothing is
    /// taken from what else the file says of it. False unless set otherwise.
    ///
    /// @return this
    public StateTestRunner asSigned(boolean reads) {
        asSigned = reads;
        return this;
    }

    /// {@return transactions that were read from their signed bytes}
    public long signed() {
        return signed;
    }

    /// Runs the cases of a file, in their order.
    ///
    /// @param text    the file's
    /// @param wanted  which tests and forks are run, by name of test and of fork as the file has them
    /// @param to      takes what came of each; a file or a test that is none is one failure
    public void run(String text, BiPredicate<String, String> wanted, Consumer<StateTestResult> to) {
        Map<String, String> tests;
        try {
            tests = Json.members(text);
        } catch (IllegalArgumentException e) {
            to.accept(StateTestResult.notRun("?", "?", "?", Verdict.FAILED, "no file of tests: " + e.getMessage()));
            return;
        }
        tests.forEach((name, test) -> {
            try {
                runTest(name, Json.members(test), wanted, to);
            } catch (RuntimeException e) {
                to.accept(StateTestResult.notRun(name, "?", "?", Verdict.FAILED, "not a test this can run: " + words(e)));
            }
        });
    }

    private static String words(RuntimeException e) {
        return e instanceof IllegalArgumentException || e instanceof IllegalStateException ? e.getMessage()
                : e instanceof NullPointerException || e instanceof ClassCastException ? "a member is missing, or of another kind" : e.toString();
    }

    private void runTest(String name, Map<String, String> test, BiPredicate<String, String> wanted, Consumer<StateTestResult> to) {
        Map<String, Object> env = object(test, "env");
        Map<String, Object> pre = object(test, "pre");
        StateTestTransaction transaction = new StateTestTransaction(object(test, "transaction"));
        for (Map.Entry<String, Object> post : object(test, "post").entrySet()) {
            if (!wanted.test(name, post.getKey())) {
                continue;
            }
            for (Object one : (List<?>) post.getValue()) {
                to.accept(runCase(name, post.getKey(), new StateTestCase(env, pre, transaction, (Map<?, ?>) one)));
            }
        }
    }

    @SuppressWarnings("unchecked")  // JSON objects are maps
    private static Map<String, Object> object(Map<String, String> members, String name) {
        String text = members.get(name);
        if (text == null || !(Json.parse(text) instanceof Map<?, ?> map)) {
            throw new IllegalArgumentException("no object \"" + name + "\"");
        }
        return (Map<String, Object>) map;
    }

    private StateTestResult runCase(String name, String forkName, StateTestCase test) {
        String indexes = "?";
        try {
            indexes = test.indexes();
            Fork fork = Fork.find(forkName);
            if (fork == null) {
                return StateTestResult.notRun(name, forkName, indexes, Verdict.SKIPPED, "fork " + forkName + " is unknown");
            }
            return test.isRefusedBeforeItIsOne() ? untouched(name, forkName, test, fork) : execute(name, forkName, test, fork);
        } catch (RuntimeException e) {
            return StateTestResult.notRun(name, forkName, indexes, Verdict.FAILED, "not a case this can run: " + words(e));
        }
    }

    private StateTestResult execute(String name, String forkName, StateTestCase test, Fork fork) {
        test.setUp(state, fork);
        Transaction transaction = transaction(test, fork);
        TransactionOutcome outcome = executor(fork).execute(transaction);
        if (!isEndedBy(outcome, Status.CODE_LIMIT)) {
            return judge(name, forkName, test, fork, outcome);
        }
        try (Interpreter large = open(fork, LARGE_CODE_BYTES)) {
            test.setUp(state, fork);
            return judge(name, forkName, test, fork, new TransactionExecutor(large, state).execute(transaction));
        }
    }

    private Transaction transaction(StateTestCase test, Fork fork) {
        byte[] bytes = asSigned ? test.signed() : null;
        if (bytes == null) {
            return test.transaction();
        }
        Transaction t = new Transaction(1 << 16, 1 << 8, 1 << 12);
        MemorySegment room = Arena.ofAuto().allocate(TransactionReader.WORKSPACE_BYTES, Long.BYTES);
        TransactionReader.Refusal refusal = new TransactionReader(fork, 1, room, 0).read(MemorySegment.ofArray(bytes), 0, bytes.length, t);
        if (refusal != TransactionReader.Refusal.NONE) {
            throw new IllegalArgumentException("the signed transaction is refused: " + refusal);
        }
        signed++;
        return t;
    }

    private static boolean isEndedBy(TransactionOutcome outcome, Status limit) {
        return outcome.rejection() == Rejection.NONE && outcome.status() == limit;
    }

    private StateTestResult judge(String name, String forkName, StateTestCase test, Fork fork, TransactionOutcome outcome) {
        if (isEndedBy(outcome, Status.PRECOMPILE_MISSING)) {
            return StateTestResult.notRun(name, forkName, test.indexes(), Verdict.SKIPPED, "a precompile is missing");
        }
        if (outcome.rejection() == Rejection.NONE && !outcome.isExecuted()) {
            return StateTestResult.notRun(name, forkName, test.indexes(), Verdict.FAILED, "ended by " + outcome.status());
        }
        test.rewardNothing(state, fork);
        String root = Hex.text(StateRoot.of(state));
        String difference = test.differs(outcome, root, Hex.text(StateRoot.ofLogs(state.logs())));
        return new StateTestResult(name, forkName, test.indexes(), difference == null ? Verdict.PASSED : Verdict.FAILED,
                difference == null ? "" : difference, root,
                outcome.rejection() == Rejection.NONE ? Hex.text(outcome.run().output()) : "0x", outcome.gasUsed());
    }

    /// A transaction that cannot even be written: the state stays.
    private StateTestResult untouched(String name, String forkName, StateTestCase test, Fork fork) {
        test.setUp(state, fork);
        String root = Hex.text(StateRoot.of(state));
        String difference = test.differs(root, Hex.text(StateRoot.ofLogs(state.logs())));
        return new StateTestResult(name, forkName, test.indexes(), difference == null ? Verdict.PASSED : Verdict.FAILED,
                difference == null ? "" : difference, root, "0x", 0);
    }

    private TransactionExecutor executor(Fork fork) {
        return executors.computeIfAbsent(fork, f -> {
            Interpreter machine = open(f, InterpreterConfig.of(f).codeBytesMax());
            machines.put(f, machine);
            return new TransactionExecutor(machine, state);
        });
    }

    private Interpreter open(Fork fork, int codeBytesMax) {
        InterpreterConfig config = InterpreterConfig.of(fork).withMemory(memory).withCodeBytesMax(codeBytesMax);
        Interpreter machine = Interpreter.open(config, state, precompiles);
        machine.trace(traces.apply(machine.memory()));
        return machine;
    }

    @Override
    public void close() {
        machines.values().forEach(Interpreter::close);
        machines.clear();
        executors.clear();
    }
}
