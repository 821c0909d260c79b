package dev.coffer.cli.evm;

import dev.coffer.evm.vectors.StateTestResult;
import dev.coffer.evm.vectors.VectorRunner.Verdict;
import java.util.Locale;

/// What came of one case of a state test, as JSON: the summary of EIP-3155, with the case's names, and the reason where it failed or was skipped. Stateless.
public final class CaseLine {
    private CaseLine() {}

    /// {@return one line: `stateRoot`, `output` and `gasUsed` where it was run, `pass`, `fork`, `test`, `case`, `file`; where it did not pass `error`, or `skipped`}
    public static String of(StateTestResult result, String file) {
        StringBuilder line = new StringBuilder("{");
        if (!result.stateRoot().isEmpty()) {
            line.append("\"stateRoot\":\"").append(result.stateRoot()).append("\",\"output\":\"").append(result.output()).append("\",\"gasUsed\":\"0x")
                    .append(Long.toHexString(result.gasUsed())).append("\",");
        }
        line.append("\"pass\":").append(result.verdict() == Verdict.PASSED);
        member(line, "fork", result.fork());
        member(line, "test", result.test());
        member(line, "case", result.indexes());
        member(line, "file", file);
        if (result.verdict() != Verdict.PASSED) {
            member(line, result.verdict() == Verdict.SKIPPED ? "skipped" : "error", result.detail());
        }
        return line.append('}').toString();
    }

    private static void member(StringBuilder line, String name, String text) {
        line.append(",\"").append(name).append("\":\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                line.append('\\').append(c);
            } else if (c < ' ' || Character.isSurrogate(c)) {              // half a pair would be no text at all
                line.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
            } else {
                line.append(c);
            }
        }
        line.append('"');
    }
}
