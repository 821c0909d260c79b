package dev.coffer.evm.vectors;

import dev.coffer.evm.Outcome;
import dev.coffer.evm.Status;
import dev.coffer.evm.memory.EvmMemoryConfig;
import dev.coffer.testkit.LineChild;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Random programs through this machine and `@ethereumjs/evm`, and what they disagree on. Every program is decided by its
/// seed alone. One thread at a time; the machine's memory stays dirty from one program to the next.
final class DifferentialFuzz implements AutoCloseable {
    private final VectorRunner runner = new VectorRunner(EvmMemoryConfig.defaults(), null);
    private final LineChild other;
    private final Map<String, Integer> endings = new TreeMap<>();   // ours, also of what could not be compared
    private final Map<String, Integer> forks = new TreeMap<>();
    private int compared;
    private int depthMax;
    private long depthSeed;
    private long frames;
    private int nested;                                             // programs of more than one frame

    /// @param folder  `evm/fuzz`, with its packages installed
    DifferentialFuzz(Path folder) {
        other = new LineChild(folder, List.of("node", "other.mjs"));
    }

    /// Runs the program of a seed in both.
    ///
    /// @return the first difference, or null
    String run(long seed) {
        String line = ProgramGenerator.line(seed);
        other.ask(line);
        CallCase test = new CallCase(Json.members(line));
        Outcome outcome = test.execute(runner);
        String ours = status(outcome.status());
        List<String> differences = new ArrayList<>();
        Map<?, ?> theirs = (Map<?, ?>) Json.parse(other.answer());
        count(test, outcome, seed);
        if (outcome.status() == Status.PRECOMPILE_MISSING) {
            return null;
        }
        compared++;
        compare(differences, "status", theirs.get("status") + (theirs.get("reason").equals("") ? "" : " "
                + theirs.get("reason")), ours, ours.equals(theirs.get("status")));
        compare(differences, "gas used", theirs.get("gasUsed"), outcome.gasUsed());
        compare(differences, "refund", theirs.get("refund"), outcome.refund());
        compare(differences, "output", theirs.get("output"), Hex.text(outcome.output()));
        @SuppressWarnings("unchecked")  // JSON objects are maps
        Map<String, Object> storage = (Map<String, Object>) theirs.get("storage");
        compare(differences, "storage", storage == null ? null : VectorCase.storage(storage, false),
                VectorCase.storage(runner.state()));
        compare(differences, "logs", theirs.get("logs"), CallCase.logs(runner.state().logs()));
        return differences.isEmpty() ? null : "fork " + test.string("fork") + ", " + outcome.status() + ": "
                + String.join("; ", differences);
    }

    private void count(CallCase test, Outcome outcome, long seed) {
        endings.merge(outcome.status().name(), 1, Integer::sum);
        forks.merge(test.string("fork"), 1, Integer::sum);
        frames += outcome.frames();
        nested += outcome.frames() > 1 ? 1 : 0;
        if (outcome.depthMax() > depthMax) {
            depthMax = outcome.depthMax();
            depthSeed = seed;
        }
    }

    private static String status(Status status) {
        return status == Status.SUCCESS ? "success" : status == Status.REVERT ? "revert"
                : status.halted() ? "fail" : status.toString();
    }

    private static void compare(List<String> differences, String what, Object theirs, Object ours) {
        compare(differences, what, theirs, ours, ours.equals(theirs));
    }

    private static void compare(List<String> differences, String what, Object theirs, Object ours, boolean same) {
        if (!same) {
            differences.add(what + " " + cut(theirs) + " there, " + cut(ours) + " here");
        }
    }

    private static String cut(Object value) {
        String text = String.valueOf(value);
        return text.length() <= 400 ? text : text.substring(0, 400) + "...";
    }

    int compared() {
        return compared;
    }

    /// {@return how programs ended: a line for each kind}
    Map<String, Integer> endings() {
        return endings;
    }

    /// {@return calls below the outermost one, in the program that went deepest}
    int depthMax() {
        return depthMax;
    }

    /// {@return what was run, for people}
    String report() {
        StringBuilder text = new StringBuilder(compared + " programs compared, " + nested + " with nested frames, "
                + frames + " frames, deepest call " + depthMax + " (seed " + depthSeed + ")\n");
        endings.forEach((ending, count) -> text.append(String.format("  %-26s %,8d%n", ending, count)));
        return text.append("  by fork: ").append(forks).toString();
    }

    @Override
    public void close() {
        other.close();
        runner.close();
    }
}
