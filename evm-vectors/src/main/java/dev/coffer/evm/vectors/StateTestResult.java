package dev.coffer.evm.vectors;

import dev.coffer.evm.vectors.VectorRunner.Verdict;

/// What came of one case of a state test.
///
/// @param test       name of the test in its file
/// @param fork       as the file names it
/// @param indexes    which of the transaction's data, gas limits and values: `d0g1v2`
/// @param verdict    what it is worth
/// @param detail     why it failed or was skipped; where it passed empty, or that it is not known whether it was for the right reason
/// @param stateRoot  root of the state afterwards, as text; empty where it was not run
/// @param output     of its code, as text
/// @param gasUsed    gas that was paid for
public record StateTestResult(String test, String fork, String indexes, Verdict verdict, String detail, String stateRoot, String output,
        long gasUsed) {
    static StateTestResult notRun(String test, String fork, String indexes, Verdict verdict, String detail) {
        return new StateTestResult(test, fork, indexes, verdict, detail, "", "0x", 0);
    }

    /// {@return the one failure that a file is which cannot be read}
    public static StateTestResult noFile(String why) {
        return notRun("?", "?", "?", Verdict.FAILED, why);
    }

    /// {@return this with another verdict, for another reason}
    StateTestResult withVerdict(Verdict other, String reason) {
        return new StateTestResult(test, fork, indexes, other, reason, stateRoot, output, gasUsed);
    }

    /// {@return test, fork and indexes in one}
    public String id() {
        return test + "/" + fork + "/" + indexes;
    }
}
