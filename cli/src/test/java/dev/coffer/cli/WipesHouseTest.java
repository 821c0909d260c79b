package dev.coffer.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Of what a `finally` wipes and gives back, one step does not keep the next from being done: the memory that broke an operation off may be what
/// cannot be wiped either. Two of them in a row are `Wipe.both` or `Ending.end`, or the second stands in a `finally` of its own.
class WipesHouseTest {
    private static final Path ROOT = Path.of(System.getProperty("coffer.root", ".."));
    private static final List<String> MODULES = List.of("crypto", "crypto-native", "crypto-vector", "memory", "tls", "quic", "integrations/jca",
            "integrations/jsse", "integrations/c");
    /// `wipeAfterFault` throws nothing.
    private static final Pattern ENDS = Pattern.compile("\\b(?:Wipe\\.\\w+|(?:wipe(?!AfterFault)|close|destroy|release|forget|giveBack|end)\\w*)\\(");
    private static final Pattern FINALLY = Pattern.compile("\\bfinally *\\{");
    private static final Pattern NO_CODE = Pattern.compile("//[^\\n]*|\"(?:\\\\.|[^\"\\\\\\n])*\"|'(?:\\\\.|[^'\\\\])'");

    @Test
    void whatEndsAnOperationIsDoneWhateverElseFails() throws IOException {
        List<String> found = new ArrayList<>();
        int blocks = 0;
        for (String module : MODULES) {
            Path folder = ROOT.resolve(module).resolve("src/main/java");
            try (Stream<Path> all = Files.walk(folder)) {
                for (Path file : all.filter(each -> each.toString().endsWith(".java")).toList()) {
                    blocks += look(file.getFileName().toString(), Files.readString(file), found);
                }
            }
        }
        assertEquals(List.of(), found, "blocks of which one step keeps the next from being done");
        assertTrue(blocks > 250, "blocks: " + blocks);
    }

    /// {@return how many blocks there are}
    private static int look(String name, String source, List<String> found) {
        String code = NO_CODE.matcher(source).replaceAll(" ");
        int blocks = 0;
        for (Matcher block = FINALLY.matcher(code); block.find(); blocks++) {
            String inner = code.substring(block.end(), end(code, block.end()) - 1);
            if (steps(inner) > 1) {
                found.add(name + ": " + inner.strip().replaceAll("\\s+", " "));
            }
        }
        return blocks;
    }

    /// {@return the place behind the brace that ends the block whose inside begins here}
    private static int end(String code, int from) {
        int depth = 1;
        int at = from;
        for (; depth > 0; at++) {
            depth += code.charAt(at) == '{' ? 1 : code.charAt(at) == '}' ? -1 : 0;
        }
        return at;
    }

    /// {@return how many steps may follow one another: of alternatives the most, of a `try` with a `finally`, or a loop, one}
    private static int steps(String code) {
        int steps = 0;
        int last = 0;  // of the statement before
        for (int at = 0; at < code.length();) {
            int open = code.indexOf('{', at);
            int semicolon = code.indexOf(';', at);
            if (open < 0 || semicolon >= 0 && semicolon < open) {
                int end = semicolon < 0 ? code.length() : semicolon + 1;
                last = ENDS.matcher(code.substring(at, end)).find() ? 1 : 0;
                steps += last;
                at = end;
                continue;
            }
            int end = end(code, open + 1);
            String head = code.substring(at, open).strip();
            int inner = steps(code.substring(open + 1, end - 1));
            if (head.startsWith("else")) {
                steps += Math.max(0, inner - last);
                last = Math.max(last, inner);
            } else if (head.startsWith("catch") || head.startsWith("finally")) {
                last = Math.max(last, Math.min(inner, 1));  // what is in a finally is looked at by itself
                steps += last == 1 && steps == 0 ? 1 : 0;
            } else {
                last = inner;
                steps += inner;
            }
            at = end;
        }
        return steps;
    }

    /// The look itself.
    @Test
    void oneStepBehindAnotherIsSeen() {
        List<String> none = new ArrayList<>();
        look("none", """
                void a() { try { b(); } finally { Wipe.bytes(w, 0, 1); if (x) { y(); } else { z(); } } }
                void c() { try { b(); } finally { try { Wipe.bytes(w, 0, 1); } finally { key.wipe(); } } }
                void d() { try { b(); } finally { if (x) { held.leave(1); } else { held.end(1); } // Wipe.bytes(w); close();
                } }
                """, none);
        assertEquals(List.of(), none);
        for (String body : List.of("Wipe.bytes(w, 0, 1); key.wipe();", "Wipe.bytes(w, 0, 1); if (!whole) { Wipe.bytes(s, 0, 1); }",
                "if (x) { file.close(); other.close(); }", "try { a.close(); } finally { b.close(); } c.close();",
                "if (x) { a(); } else { wipeState(); giveBack(b); }")) {
            List<String> found = new ArrayList<>();
            look("some", "try { b(); } finally { " + body + " }", found);
            assertEquals(1, found.size(), body);
        }
    }
}
