package dev.coffer.evm.vectors;

import dev.coffer.evm.CorePrecompiles;
import dev.coffer.evm.Interpreter;
import dev.coffer.evm.InterpreterConfig;
import dev.coffer.evm.Message;
import dev.coffer.evm.Outcome;
import dev.coffer.evm.Precompiles;
import dev.coffer.evm.WorldState;
import dev.coffer.evm.WorldStateConfig;
import dev.coffer.evm.memory.EvmMemoryConfig;
import dev.coffer.evm.opcode.Fork;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/// Runs fixture cases, one JSON object a line, in two formats: message calls with an `expect` object, and VMTests of the
/// Frontier suite. What is expected is read only after the case has run. Machines are made once a fork and reused, so
/// every case meets the dirty memory of those before it.
///
/// One thread at a time.
public final class VectorRunner implements AutoCloseable {
    /// What came of one case.
    ///
    /// @param id       its name
    /// @param verdict  what it is worth
    /// @param detail   why it failed or was skipped; empty where it passed
    public record Result(String id, Verdict verdict, String detail) {}

    /// The three counts.
    public enum Verdict { PASSED, FAILED, SKIPPED }

    private final EvmMemoryConfig memory;
    private final Precompiles precompiles;
    private final Map<Fork, Interpreter> machines = new EnumMap<>(Fork.class);
    private final WorldState state;
    private long runNanos;

    /// @param memory       limits of the machines
    /// @param precompiles  those beside SHA-256 and identity; null for none, which skips the cases that call one
    public VectorRunner(EvmMemoryConfig memory, Precompiles precompiles) {
        this(memory, precompiles, WorldStateConfig.block());
    }

    /// @param room  what the state may hold; the other one has room for what 30,000,000 gas can do
    public VectorRunner(EvmMemoryConfig memory, Precompiles precompiles, WorldStateConfig room) {
        this.memory = memory;
        this.precompiles = precompiles;
        this.state = new WorldState(room);
    }

    /// {@return the state after the last run}
    WorldState state() {
        return state;
    }

    Interpreter machine(Fork fork) {
        return machines.computeIfAbsent(fork,
                f -> Interpreter.open(InterpreterConfig.of(f).withMemory(memory).withCodeBytesMax(4 << 20), state, precompiles));
    }

    /// Runs one line.
    ///
    /// @param line   one JSON object
    /// @param times  how often, each time from its own start; all must agree with what is expected
    /// @return its verdict; malformed input is a failure, not an exception
    /// @throws IllegalArgumentException  `times` below 1 (caller's fault)
    public Result run(String line, int times) {
        if (times < 1) {
            throw new IllegalArgumentException("times " + times + " (expected 1 or more)");
        }
        String id = "?";
        try {
            Map<String, String> members = Json.members(line);
            id = (String) Json.parse(members.getOrDefault("id", "\"?\""));
            String missing = missing(members);
            if (missing != null) {
                return new Result(id, Verdict.SKIPPED, missing);
            }
            VectorCase test = members.containsKey("expect") ? new CallCase(members) : new FrontierCase(members);
            for (int i = 0; i < times; i++) {
                String difference = test.run(this);
                if (difference != null) {
                    return new Result(id, Verdict.FAILED, (times > 1 ? "run " + (i + 1) + ": " : "") + difference);
                }
            }
            return new Result(id, Verdict.PASSED, "");
        } catch (RuntimeException e) {
            return new Result(id, Verdict.FAILED, "not a case this can run: "
                    + (e instanceof IllegalArgumentException ? e.getMessage() : e));
        }
    }

    /// Runs one line without looking at what it expects.
    ///
    /// @return the machine's outcome, valid until the next run
    public Outcome runOnly(String line) {
        Map<String, String> members = Json.members(line);
        VectorCase test = members.containsKey("expect") ? new CallCase(members) : new FrontierCase(members);
        return test.execute(this);
    }

    /// {@return nanoseconds that the last message ran, without setting up and comparing}
    public long runNanos() {
        return runNanos;
    }

    private String missing(Map<String, String> members) {
        Object listed = members.containsKey("precompiles") ? Json.parse(members.get("precompiles")) : List.of();
        if (!members.containsKey("fork")) {
            throw new IllegalArgumentException("no member \"fork\"");
        }
        Fork fork = Fork.named((String) Json.parse(members.get("fork")));
        for (Object number : (List<?>) listed) {
            int n = Math.toIntExact(Hex.number(number));
            if (!CorePrecompiles.holds(n, fork) && (precompiles == null || !precompiles.has(n, fork))) {
                return "precompile " + n + " is missing";
            }
        }
        return null;
    }

    /// Runs a message within a transaction of its own; ends it where it succeeded.
    Outcome transact(Fork fork, Message message) {
        state.beginTransaction();
        Interpreter machine = machine(fork);
        long start = System.nanoTime();
        Outcome outcome = machine.run(message);
        runNanos = System.nanoTime() - start;
        if (outcome.status() == dev.coffer.evm.Status.SUCCESS) {
            state.endTransaction();
        }
        return outcome;
    }

    @Override
    public void close() {
        machines.values().forEach(Interpreter::close);
        machines.clear();
    }
}
