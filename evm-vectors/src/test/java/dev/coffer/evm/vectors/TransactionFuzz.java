package dev.coffer.evm.vectors;

import dev.coffer.evm.trie.StateRoot;
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
import dev.coffer.evm.opcode.Opcode;
import dev.coffer.evm.word.Word;
import dev.coffer.testkit.LineChild;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Blocks of random signed transactions through this machine and `@ethereumjs/vm`, and what they disagree on: which are valid, how each ended, what it used,
/// returned and logged, and the root of the state after them all. Every block is decided by its seed alone. One thread at a time.
final class TransactionFuzz implements AutoCloseable {
    private final LineChild other;
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment room = arena.allocate(TransactionReader.WORKSPACE_BYTES, Long.BYTES);
    private final WorldState state = new WorldState(WorldStateConfig.defaults());
    private final Transaction transaction = new Transaction();
    private final Map<Fork, Interpreter> machines = new EnumMap<>(Fork.class);
    private final Map<String, Integer> endings = new TreeMap<>();
    private final Map<String, Integer> kinds = new TreeMap<>();
    private int compared;

    /// @param folder  `evm/fuzz`, with its packages installed
    TransactionFuzz(Path folder) {
        other = new LineChild(folder, List.of("node", "transactions.mjs"));
    }

    /// Runs the block of a seed in both.
    ///
    /// @return the first differences, or null
    String run(long seed) {
        String line = TransactionGenerator.line(seed);
        other.ask(line);
        Map<String, String> test = Json.members(line);
        Fork fork = Fork.named((String) Json.parse(test.get("fork")));
        setUp(state, test);
        Interpreter machine = machines.computeIfAbsent(fork, f -> Interpreter.open(InterpreterConfig.of(f).withCodeBytesMax(4 << 20), state, null));
        TransactionExecutor executor = new TransactionExecutor(machine, state);
        TransactionReader reader = new TransactionReader(fork, 1, room, 0);
        List<Map<String, Object>> ours = new ArrayList<>();
        for (Object text : (List<?>) Json.parse(test.get("transactions"))) {
            byte[] bytes = Hex.bytes((String) text);
            Map<String, Object> result = execute(reader, executor, bytes);
            if (result == null) {
                other.answer();
                return null;                                             // a precompile of a library
            }
            ours.add(result);
            kinds.merge(fork + " type " + (bytes[0] < 0 ? 0 : bytes[0]), 1, Integer::sum);
        }
        Map<?, ?> theirs = (Map<?, ?>) Json.parse(other.answer());
        if (theirs.containsKey("broken")) {
            return "fork " + fork + ": " + theirs.get("broken");
        }
        List<String> differences = new ArrayList<>();
        for (int i = 0; i < ours.size(); i++) {
            compare(differences, i, (Map<?, ?>) ((List<?>) theirs.get("results")).get(i), ours.get(i));
        }
        String root = Hex.text(StateRoot.of(state));
        if (!root.equals(theirs.get("root"))) {
            differences.add("state root, accounts there " + theirs.get("accounts") + ", here " + accounts());
        }
        return differences.isEmpty() ? null : "fork " + fork + ": " + String.join("; ", differences);
    }

    /// Makes a world what a line says that it is before its first transaction.
    @SuppressWarnings("unchecked")  // JSON objects are maps
    static void setUp(WorldState state, Map<String, String> test) {
        state.clear();
        VectorCase.accounts(state, (Map<String, Object>) Json.parse(test.get("pre")));
        block(state, test);
        state.beginTransaction();
    }

    /// Sets what its block says.
    @SuppressWarnings("unchecked")  // JSON objects are maps
    static void block(WorldState state, Map<String, String> test) {
        Map<String, Object> env = (Map<String, Object>) Json.parse(test.get("env"));
        VectorCase.block(state.block(), Opcode.COINBASE, env.get("coinbase"));
        VectorCase.block(state.block(), Opcode.NUMBER, env.get("number"));
        VectorCase.block(state.block(), Opcode.TIMESTAMP, env.get("timestamp"));
        VectorCase.block(state.block(), Opcode.GASLIMIT, env.get("gasLimit"));
        VectorCase.block(state.block(), Opcode.PREVRANDAO, env.get("prevRandao"));
        VectorCase.block(state.block(), Opcode.BASEFEE, env.get("baseFee"));
        VectorCase.block(state.block(), Opcode.CHAINID, env.get("chainId"));
        VectorCase.block(state.block(), Opcode.BLOBBASEFEE, env.get("blobBaseFee"));
    }

    private Map<String, Object> execute(TransactionReader reader, TransactionExecutor executor, byte[] bytes) {
        Refusal refusal = reader.read(MemorySegment.ofArray(bytes), 0, bytes.length, transaction);
        if (refusal != Refusal.NONE) {
            return counted(refusal.name(), Map.of("status", "invalid", "why", refusal.name()));
        }
        TransactionOutcome outcome = executor.execute(transaction);
        if (outcome.rejection() != Rejection.NONE) {
            return counted(outcome.rejection().name(), Map.of("status", "invalid", "why", outcome.rejection().name()));
        }
        if (outcome.status() == Status.PRECOMPILE_MISSING) {
            return null;
        }
        boolean failed = outcome.status().halted();
        String status = outcome.status() == Status.SUCCESS ? "success" : outcome.status() == Status.REVERT ? "revert"
                : failed ? "fail" : outcome.status().name();
        return counted(outcome.status().name(), Map.of("status", status, "why", outcome.status().name(), "gasUsed", outcome.gasUsed(), "output",
                failed ? "0x" : Hex.text(outcome.run().output()), "logs", CallCase.logs(state.logs())));
    }

    private Map<String, Object> counted(String ending, Map<String, Object> result) {
        endings.merge(ending, 1, Integer::sum);
        compared++;
        return result;
    }

    private static void compare(List<String> differences, int index, Map<?, ?> theirs, Map<String, Object> ours) {
        for (String what : List.of("status", "gasUsed", "output", "logs")) {
            Object here = ours.get(what);
            if (here != null && !here.equals(theirs.get(what)) || here == null && theirs.get(what) != null) {
                differences.add("transaction " + index + ": " + what + " " + cut(theirs.get(what)) + " (" + theirs.get("reason") + ") there, " + cut(here)
                        + " (" + ours.get("why") + ") here");
            }
        }
    }

    private static String cut(Object value) {
        String text = String.valueOf(value);
        return text.length() <= 200 ? text : text.substring(0, 200) + "...";
    }

    private Map<String, String> accounts() {
        Map<String, String> all = new TreeMap<>();
        long[] w = new long[2 * Word.LONGS];
        for (int i = 0; i < state.accounts(); i++) {
            state.address(i, w, 0);
            if (state.exists(w, 0)) {
                state.balance(w, 0, w, 4);
                all.put(Hex.address(w, 0), Word.toBigInteger(w, 4) + " " + Long.toUnsignedString(state.nonce(w, 0)));
            }
        }
        return all;
    }

    int compared() {
        return compared;
    }

    /// {@return how transactions ended}
    Map<String, Integer> endings() {
        return endings;
    }

    /// {@return what was run, for people}
    String report() {
        StringBuilder text = new StringBuilder(compared + " transactions compared\n");
        endings.forEach((ending, count) -> text.append(String.format("  %-26s %,8d%n", ending, count)));
        return text.append("  by fork and type: ").append(kinds).toString();
    }

    @Override
    public void close() {
        other.close();
        machines.values().forEach(Interpreter::close);
        arena.close();
    }
}
