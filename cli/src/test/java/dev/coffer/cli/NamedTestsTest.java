package dev.coffer.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// What the pages of proofs, of faults and of conformance name is there: test classes, their methods (the beginning of a name is enough), scripts, the classes that keep a rule.
class NamedTestsTest {
    private static final Path ROOT = Path.of(System.getProperty("coffer.root", ".."));
    private static final Pattern QUOTED = Pattern.compile("`([^`]+)`");
    /// A class, a member of it, or a member alone: then of the class that was named last.
    private static final Pattern NAME = Pattern.compile("([A-Z]\\w*(?:Test|Stress))?(?:\\.([A-Za-z]\\w*)(?:\\.\\.\\.)?)?");

    private static Map<String, String> sources() throws IOException {
        Map<String, String> sources = new HashMap<>();  // of all classes of one name
        for (String folder : Files.readString(ROOT.resolve("pom.xml")).lines().filter(line -> line.contains("<module>"))
                .map(line -> line.replaceAll(".*<module>(.*)</module>.*", "$1")).toList()) {
            for (String kind : new String[] {"src/test/java", "stress".equals(folder) ? "src/main/java" : "none"}) {
                Path tests = ROOT.resolve(folder).resolve(kind);
                if (Files.isDirectory(tests)) {
                    try (Stream<Path> all = Files.walk(tests)) {
                        for (Path file : all.filter(path -> path.toString().endsWith(".java")).toList()) {
                            sources.merge(file.getFileName().toString().replace(".java", ""), Files.readString(file), String::concat);
                        }
                    }
                }
            }
        }
        return sources;
    }

    private static List<String> missing(String text, Map<String, String> sources, int[] checked) {
        List<String> missing = new ArrayList<>();
        String last = "";
        for (MatchResult quoted : QUOTED.matcher(text).results().toList()) {
            String word = quoted.group(1);
            MatchResult name = NAME.matcher(word).results().findFirst().orElseThrow();
            if (word.isEmpty() || name.group().length() != word.length() || name.group(1) == null && last.isEmpty()) {
                continue;
            }
            last = name.group(1) == null ? last : name.group(1);
            String source = sources.get(last);
            String member = name.group(2);
            if (source == null || member != null && !Pattern.compile("\\b(void|class|Stream<\\w+>) " + member).matcher(source).find()) {
                missing.add(name.group(1) == null ? last + word : word);
            }
            checked[0]++;
        }
        return missing;
    }

    @Test
    void everyTestThatAPageOfProofsOrFaultsNamesIsThere() throws IOException {
        Map<String, String> sources = sources();
        List<String> missing = new ArrayList<>();
        int[] checked = {0};
        Map<String, Integer> cellOf = Map.of("docs/proofs.md", 2, "docs/faults.md", 3, "docs/conformance-quic.md", 4);
        for (Map.Entry<String, Integer> page : cellOf.entrySet()) {
            for (String row : Files.readAllLines(ROOT.resolve(page.getKey()))) {
                String[] cells = row.split("(?<!\\\\)\\|");
                if (row.startsWith("| ") && cells.length > page.getValue()) {
                    missing.addAll(missing(cells[page.getValue()], sources, checked));
                }
            }
        }
        assertTrue(checked[0] > 400, "checked " + checked[0]);
        assertEquals(List.of(), missing);
    }

    /// Of each section a class that is there and a test that is, or the decision that departs from it.
    @Test
    void everyRowOfConformanceNamesWhatIsThere() throws IOException {
        Map<String, String> sources = sources();
        List<String> wrong = new ArrayList<>();
        int[] checked = {0};
        int departed = 0;
        for (String row : Files.readAllLines(ROOT.resolve("docs/conformance-http.md"))) {
            String[] cells = row.split("\\|");
            if (!row.matches("\\| [0-9R].*")) {
                continue;
            }
            int before = checked[0];
            wrong.addAll(missing(cells[4], sources, checked));
            if (cells[3].contains("departed: decision ")) {
                departed++;
                wrong.addAll(decision(cells[3].replaceAll("\\D", "")));
            } else if (checked[0] == before) {
                wrong.add("no test: " + row);
            } else {
                wrong.addAll(noClass(cells[3]));
            }
        }
        assertTrue(checked[0] > 150 && departed > 4, "checked " + checked[0] + ", departed " + departed);
        assertEquals(List.of(), wrong);
    }

    private static List<String> decision(String number) throws IOException {
        try (Stream<Path> all = Files.list(ROOT.resolve("docs/decisions"))) {
            return all.anyMatch(path -> path.getFileName().toString().startsWith(number + "-")) ? List.of() : List.of("no decision " + number);
        }
    }

    private static List<String> noClass(String cell) throws IOException {
        List<String> names = QUOTED.matcher(cell).results().map(quoted -> quoted.group(1) + ".java").toList();
        List<String> there = new ArrayList<>();
        for (String module : new String[] {"http", "client", "server"}) {
            try (Stream<Path> all = Files.walk(ROOT.resolve(module).resolve("src/main/java"))) {
                all.map(path -> path.getFileName().toString()).forEach(there::add);
            }
        }
        return names.isEmpty() ? List.of("no class: " + cell) : names.stream().filter(name -> !there.contains(name)).toList();
    }

    @Test
    void everyClassThatKeepsARuleOfQuicIsThere() throws IOException {
        Set<String> classes = new HashSet<>();
        for (String module : new String[] {"quic", "tls", "server"}) {
            try (Stream<Path> all = Files.walk(ROOT.resolve(module).resolve("src/main/java"))) {
                all.forEach(file -> classes.add(file.getFileName().toString().replace(".java", "")));
            }
        }
        int named = 0;
        for (String row : Files.readAllLines(ROOT.resolve("docs/conformance-quic.md"))) {
            String[] cells = row.split("\\|");
            for (MatchResult quoted : QUOTED.matcher(row.startsWith("| ") && cells.length > 4 ? cells[3] : "").results().toList()) {
                assertTrue(classes.contains(quoted.group(1)), row);
                named++;
            }
        }
        assertTrue(named > 100, named + " named");
    }

    @Test
    void everyFaultHasATestOrAScriptThatIsThere() throws IOException {
        Map<String, String> sources = sources();
        List<String> bare = new ArrayList<>();
        int rows = 0;
        for (String row : Files.readAllLines(ROOT.resolve("docs/faults.md"))) {
            if (row.matches("\\| [A-F][0-9].*")) {
                rows++;
                int[] tests = {0};
                missing(row.split("\\|")[3], sources, tests);
                for (MatchResult quoted : QUOTED.matcher(row.split("\\|")[3]).results().toList()) {
                    if (quoted.group(1).contains("/")) {
                        tests[0]++;
                        assertTrue(Files.isExecutable(ROOT.resolve(quoted.group(1))), quoted.group(1));
                    }
                }
                if (tests[0] == 0) {
                    bare.add(row);
                }
            }
        }
        assertTrue(rows > 30, "rows " + rows);
        assertEquals(List.of(), bare);
    }

    @Test
    void whatIsNotThereIsFound() {
        Map<String, String> sources = Map.of("OneTest", "void doesThis() {} static class Inner {}");
        assertEquals(List.of(), missing("`OneTest`, `.does...`, `OneTest.doesThis`, `.Inner`, `-Plong`, `OneTestx.y`", sources, new int[1]));
        assertEquals(List.of("OneTest.that..."), missing("`OneTest`, `.that...`", sources, new int[1]));
        assertEquals(List.of("TwoTest", "TwoTest.does..."), missing("`TwoTest`, `TwoTest.does...`", sources, new int[1]));
    }
}
