package dev.coffer.cli.audit;

import java.util.List;

/// What a proof found.
///
/// @param outcome  whether the promise held
/// @param figure   what was measured, or why it was not run; one line
/// @param details  more lines, a table for instance; may be empty
public record Verdict(Outcome outcome, String figure, List<String> details) {
    /// The three answers. There is no fourth, "probably".
    public enum Outcome {
        /// Measured, and it held.
        PASS("pass"),
        /// Measured, and it did not hold.
        FAIL("FAIL"),
        /// This machine cannot measure it.
        NOT_RUN("not run");

        private final String word;

        Outcome(String word) {
            this.word = word;
        }

        @Override
        public String toString() {
            return word;
        }
    }

    static Verdict of(boolean held, String figure) {
        return new Verdict(held ? Outcome.PASS : Outcome.FAIL, figure, List.of());
    }

    static Verdict notRun(String why) {
        return new Verdict(Outcome.NOT_RUN, why, List.of());
    }
}
