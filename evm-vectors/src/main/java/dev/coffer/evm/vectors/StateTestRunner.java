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
import dev.coffer.evm.memory.EvmMemoryConfig;
import dev.coffer.evm.opcode.Fork;
import dev.coffer.evm.vectors.VectorRunner.Verdict;
import dev.coffer.evm.word.Word;
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
    private static final int CODE_BYTES = 4 << 20;             // of the machines that are kept, one a fork
    /// For cases whose gas pays for more memory than the main network's does, and for those whose initcode, in 1,024 frames, does not fit into what each machine keeps ready. Opened
    /// for one case, when no other machine is: with the larger state that takes 400 MiB of heap.
    private static final long LARGE_MEMORY_BYTES = 256L << 20;
    private static final int LARGE_CODE_BYTES = 64 << 20;

    private final EvmMemoryConfig memory;
    private final Precompiles precompiles;
    private final Function<Interpreter, Tracer> traces;
    private final Map<Fork, Machine> machines = new EnumMap<>(Fork.class);
    private WorldState state;
    private WorldStateConfig larger;        // for the first case that needs it; null for none
    private boolean asSigned;
    private long signed;

    /// A machine, what executes on it, and what sees it; null for nothing.
    private record Machine(Interpreter interpreter, TransactionExecutor executor, Tracer tracer) {
        TransactionOutcome execute(Transaction transaction, boolean isSeen) {
            interpreter.trace(isSeen ? tracer : null);
            return executor.execute(transaction);
        }
    }

    /// With room for what the suite does: about 10 MiB of heap, and what a machine holds for each fork; 260 MiB from the first case on that needs them. A case that asks for more
    /// fails, and says of what.
    ///
    /// @param precompiles  those beside SHA-256 and identity; null for none
    public StateTestRunner(Precompiles precompiles) {
        this(precompiles, machine -> null);
    }

    /// @param traces  makes what sees each instruction of a machine; null for nothing
    public StateTestRunner(Precompiles precompiles, Function<Interpreter, Tracer> traces) {
        this(precompiles, WorldStateConfig.defaults(), traces);
        larger = WorldStateConfig.block().withLogBytesMax(64 << 20).withLogsMax(1 << 17).withAccountsMax(1 << 16);
    }

    /// With a state of another size: a test that needs a larger one fails.
    ///
    /// @param room  what the state may hold
    public StateTestRunner(Precompiles precompiles, WorldStateConfig room, Function<Interpreter, Tracer> traces) {
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
        String format = format(test);
        if (!format.startsWith("state_test")) {
            to.accept(StateTestResult.notRun(name, "?", "?", Verdict.SKIPPED, "a " + format + ", no state test"));
            return;
        }
        Map<String, Object> env = object(test, "env");
        Map<String, Object> pre = object(test, "pre");
        Map<String, Object> config = test.getOrDefault("config", "null").equals("null") ? null : object(test, "config");
        StateTestTransaction transaction = new StateTestTransaction(object(test, "transaction"));
        for (Map.Entry<String, Object> post : object(test, "post").entrySet()) {
            if (!wanted.test(name, post.getKey())) {
                continue;
            }
            for (Object one : (List<?>) post.getValue()) {
                to.accept(runCase(name, post.getKey(), config, new StateTestCase(env, pre, transaction, (Map<?, ?>) one)));
            }
        }
    }

    /// {@return what a test says that it is; a state test where it says nothing}
    private static String format(Map<String, String> test) {
        String info = test.getOrDefault("_info", "{}");
        String format = info.startsWith("{") ? Json.members(info).get("fixture-format") : null;
        return format != null && Json.parse(format) instanceof String text ? text : "state_test";
    }

    @SuppressWarnings("unchecked")  // JSON objects are maps
    private static Map<String, Object> object(Map<String, String> members, String name) {
        String text = members.get(name);
        if (text == null || !(Json.parse(text) instanceof Map<?, ?> map)) {
            throw new IllegalArgumentException("no object \"" + name + "\"");
        }
        return (Map<String, Object>) map;
    }

    private StateTestResult runCase(String name, String forkName, Map<String, Object> config, StateTestCase test) {
        String indexes = "?";
        try {
            indexes = test.indexes();
            StateTestRules rules = StateTestRules.of(forkName, config);
            if (rules == null) {
                return StateTestResult.notRun(name, forkName, indexes, Verdict.SKIPPED, "fork " + forkName + " is unknown");
            }
            String none = test.noTransaction();
            return none != null ? untouched(name, forkName, test, rules, TransactionReader.Refusal.TOO_LARGE, none) : execute(name, forkName, test, rules);
        } catch (RuntimeException e) {
            return StateTestResult.notRun(name, forkName, indexes, Verdict.FAILED, "not a case this can run: " + words(e));
        }
    }

    /// A case that needs a larger machine is run again on one. A tracer sees the last run alone.
    private StateTestResult execute(String name, String forkName, StateTestCase test, StateTestRules rules) {
        setUp(test, rules);
        Machine machine = machine(rules);
        TransactionOutcome outcome = machine.execute(transaction(test, rules), false);
        if (isEndedBy(outcome, Status.HOST_LIMIT) && grow()) {
            return execute(name, forkName, test, rules);
        }
        if (isTooLarge(outcome)) {
            return executeLarge(name, forkName, test, rules, isEndedBy(outcome, Status.CODE_LIMIT) ? LARGE_CODE_BYTES : CODE_BYTES);
        }
        if (machine.tracer != null) {
            test.setUp(state, rules);
            outcome = machine.execute(transaction(test, rules), true);
        }
        return judge(name, forkName, test, rules, machine, outcome);
    }

    private StateTestResult executeLarge(String name, String forkName, StateTestCase test, StateTestRules rules, int codeBytes) {
        grow();  // what needs so large a machine may need so large a state
        close();
        try (Interpreter large = open(rules.fork(), EvmMemoryConfig.of(LARGE_MEMORY_BYTES), codeBytes)) {
            Machine machine = new Machine(large, new TransactionExecutor(large, state).blobsMax(rules.blobs().most()), traces.apply(large));
            test.setUp(state, rules);
            TransactionOutcome outcome = machine.execute(transaction(test, rules), codeBytes == LARGE_CODE_BYTES);
            if (codeBytes == LARGE_CODE_BYTES) {
                return judge(name, forkName, test, rules, machine, outcome);
            }
            if (!isEndedBy(outcome, Status.CODE_LIMIT)) {
                if (machine.tracer != null) {
                    test.setUp(state, rules);
                    outcome = machine.execute(transaction(test, rules), true);
                }
                return judge(name, forkName, test, rules, machine, outcome);
            }
        }
        return executeLarge(name, forkName, test, rules, LARGE_CODE_BYTES);
    }

    private void setUp(StateTestCase test, StateTestRules rules) {
        try {
            test.setUp(state, rules);
        } catch (IllegalStateException e) {
            if (!grow()) {
                throw e;
            }
            test.setUp(state, rules);
        }
    }

    /// {@return whether there is a larger state from now on}
    private boolean grow() {
        if (larger == null) {
            return false;
        }
        close();
        state = new WorldState(larger);
        larger = null;
        return true;
    }

    private Transaction transaction(StateTestCase test, StateTestRules rules) {
        byte[] bytes = asSigned && !test.isInvalid() ? test.signed() : null;
        if (bytes == null) {
            return test.transaction();
        }
        Transaction t = new Transaction(1 << 16, 1 << 8, 1 << 12);
        TransactionReader.Refusal refusal = read(bytes, rules, t);
        if (refusal != TransactionReader.Refusal.NONE) {
            throw new IllegalArgumentException("the signed transaction is refused: " + refusal);
        }
        signed++;
        return t;
    }

    private static TransactionReader.Refusal read(byte[] bytes, StateTestRules rules, Transaction t) {
        MemorySegment room = Arena.ofAuto().allocate(TransactionReader.WORKSPACE_BYTES, Long.BYTES);
        return new TransactionReader(rules.fork(), rules.chain().longValueExact(), room, 0).read(MemorySegment.ofArray(bytes), 0, bytes.length, t);
    }

    private static boolean isTooLarge(TransactionOutcome outcome) {
        return isEndedBy(outcome, Status.CODE_LIMIT) || isEndedBy(outcome, Status.MEMORY_TREE_LIMIT) || isEndedBy(outcome, Status.MEMORY_FRAME_LIMIT);
    }

    private static boolean isEndedBy(TransactionOutcome outcome, Status limit) {
        return outcome.rejection() == Rejection.NONE && outcome.status() == limit;
    }

    private StateTestResult judge(String name, String forkName, StateTestCase test, StateTestRules rules, Machine machine, TransactionOutcome outcome) {
        if (isEndedBy(outcome, Status.PRECOMPILE_MISSING)) {
            return StateTestResult.notRun(name, forkName, test.indexes(), Verdict.SKIPPED, "a precompile is missing");
        }
        if (outcome.rejection() == Rejection.NONE && !outcome.isExecuted()) {
            return StateTestResult.notRun(name, forkName, test.indexes(), Verdict.FAILED, "ended by " + outcome.status());
        }
        Rejection rejection = outcome.rejection();
        if (rejection == Rejection.NONE && test.isInvalid()) {
            TransactionReader.Refusal refusal = refusal(test, rules);
            if (refusal != TransactionReader.Refusal.NONE && refusal != TransactionReader.Refusal.NO_PLACE) {
                return untouched(name, forkName, test, rules, refusal, "as signed " + refusal);
            }
        }
        test.rewardNothing(state, rules.fork());
        StateTestResult result = result(name, forkName, test, roots -> test.differs(outcome, roots[0], roots[1]),
                rejection == Rejection.NONE ? Hex.text(outcome.run().output()) : "0x", outcome.gasUsed());
        return rejection == Rejection.NONE || !test.isInvalid() ? result : reasoned(result, test, isMet(rejection, test, rules, machine), rejection.name());
    }

    /// What a transaction's bytes say that is wrong with it: its signature, its chain, the form that it is written in.
    private static TransactionReader.Refusal refusal(StateTestCase test, StateTestRules rules) {
        byte[] bytes = test.signed();
        return bytes == null ? TransactionReader.Refusal.NONE : read(bytes, rules, new Transaction(1 << 16, 1 << 8, 1 << 12));
    }

    /// Whether a transaction is rejected for the reason that its test names: the first that is found, or one behind it, be it in its bytes.
    private boolean isMet(Rejection first, StateTestCase test, StateTestRules rules, Machine machine) {
        ExpectedReason expected = test.reason();
        if (expected.isMetBy(first) || expected.isMetBy(refusal(test, rules))) {
            return true;
        }
        long[] sender = new long[Word.LONGS];
        test.sender(sender);
        test.setUp(state, rules);
        return InvalidFor.of(test.transaction(), sender, state, machine.executor).stream().anyMatch(expected::isMetBy);
    }

    /// A transaction that is none, or that is refused before it is looked at: the state stays.
    private StateTestResult untouched(String name, String forkName, StateTestCase test, StateTestRules rules, TransactionReader.Refusal refusal, String words) {
        setUp(test, rules);
        StateTestResult result = result(name, forkName, test, roots -> test.differs(roots[0], roots[1]), "0x", 0);
        return reasoned(result, test, test.reason().isMetBy(refusal), words);
    }

    /// Of a transaction that should be invalid and is: the right result is one of the right reason.
    private static StateTestResult reasoned(StateTestResult result, StateTestCase test, boolean isMet, String reason) {
        if (result.verdict() != Verdict.PASSED || isMet && !test.reason().isUnknown()) {
            return result;
        }
        return isMet ? result.withVerdict(Verdict.PASSED, "invalid (" + reason + "); whether for " + test.reason() + " is not known here")
                : result.withVerdict(Verdict.FAILED, "expected to be invalid for " + test.reason() + ", is for " + reason);
    }

    private StateTestResult result(String name, String forkName, StateTestCase test, Function<String[], String> differs, String output, long gasUsed) {
        String[] roots = {Hex.text(StateRoot.of(state)), Hex.text(StateRoot.ofLogs(state.logs()))};
        String difference = differs.apply(roots);
        return new StateTestResult(name, forkName, test.indexes(), difference == null ? Verdict.PASSED : Verdict.FAILED,
                difference == null ? "" : difference, roots[0], output, gasUsed);
    }

    private Machine machine(StateTestRules rules) {
        Machine machine = machines.computeIfAbsent(rules.fork(), f -> {
            Interpreter made = open(f, memory, CODE_BYTES);
            return new Machine(made, new TransactionExecutor(made, state), traces.apply(made));
        });
        machine.executor.blobsMax(rules.blobs().most());
        return machine;
    }

    private Interpreter open(Fork fork, EvmMemoryConfig limits, int codeBytesMax) {
        return Interpreter.open(InterpreterConfig.of(fork).withMemory(limits).withCodeBytesMax(codeBytesMax), state, precompiles);
    }

    @Override
    public void close() {
        machines.values().forEach(machine -> machine.interpreter.close());
        machines.clear();
    }
}
