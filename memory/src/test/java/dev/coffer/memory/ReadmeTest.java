package dev.coffer.memory;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// The feature table of the module's README names classes, methods and tests that exist.
class ReadmeTest {
    private static final Path ROOT = Path.of(System.getProperty("coffer.root", ".."));
    private static final Pattern TEST = Pattern.compile("`(\\w+Test)\\.(\\w+)`");
    private static final Pattern TYPE = Pattern.compile("`([A-Z]\\w+)(?:\\.\\w+)*`");
    private static final Pattern MEMBER = Pattern.compile("`(?:([A-Z]\\w*)\\.?)?(\\w+)?`");

    private static Map<String, String> sources(String below) throws IOException {
        Map<String, String> sources = new TreeMap<>();
        for (String module : List.of("memory", "testkit", "crypto")) {
            try (Stream<Path> files = Files.walk(ROOT.resolve(module).resolve(below))) {
                for (Path file : files.filter(f -> f.toString().endsWith(".java")).toList()) {
                    sources.put(file.getFileName().toString().replace(".java", ""), Files.readString(file));
                }
            }
        }
        return sources;
    }

    /// The rows of the tables after "Feature by feature": feature, ours, test.
    private static List<String[]> rows() throws IOException {
        String text = Files.readString(ROOT.resolve("memory/README.md"));
        return text.substring(text.indexOf("## Feature by feature")).lines()
                .filter(line -> line.startsWith("| ") && !line.startsWith("| feature"))
                .map(line -> line.substring(2).split(" \\| |\\|$")).toList();
    }

    @Test
    void everyRowNamesATestThatExists() throws IOException {
        Map<String, String> tests = sources("src/test/java");
        List<String> wrong = rows().stream().filter(row -> {
            Matcher name = TEST.matcher(row[2]);
            return !name.find() || !tests.getOrDefault(name.group(1), "").contains("void " + name.group(2) + "(");
        }).map(row -> row[0] + ": " + row[2]).toList();
        assertTrue(wrong.isEmpty(), wrong::toString);
        assertTrue(rows().size() > 40, "only " + rows().size() + " rows");
    }

    @Test
    void everyClassOfOursExists() throws IOException {
        Map<String, String> classes = sources("src/main/java");
        TreeSet<String> gone = new TreeSet<>();
        for (String[] row : rows()) {
            Matcher name = TYPE.matcher(row[1]);
            while (name.find()) {
                if (!classes.containsKey(name.group(1))) {
                    gone.add(name.group(1));
                }
            }
        }
        assertTrue(gone.isEmpty(), () -> "no class " + gone);
    }

    /// A method without its class belongs to the class named before it.
    @Test
    void everyMethodOfOursExists() throws IOException {
        Map<String, String> classes = sources("src/main/java");
        TreeSet<String> gone = new TreeSet<>();
        int seen = 0;
        for (String[] row : rows()) {
            String owner = "";
            Matcher name = MEMBER.matcher(row[1]);
            while (name.find()) {
                owner = name.group(1) == null ? owner : name.group(1);
                if (name.group(2) != null && classes.containsKey(owner)) {
                    seen++;
                    if (!Pattern.compile("\\b" + name.group(2) + "\\b").matcher(withParents(classes, owner)).find()) {
                        gone.add(owner + "." + name.group(2));
                    }
                }
            }
        }
        assertTrue(gone.isEmpty(), () -> "no method " + gone);
        assertTrue(seen > 60, "only " + seen + " methods");
    }

    private static String withParents(Map<String, String> classes, String name) {
        String source = classes.get(name);
        Matcher parent = Pattern.compile("class " + name + " extends (\\w+)").matcher(source);
        return parent.find() && classes.containsKey(parent.group(1)) ? source + withParents(classes, parent.group(1)) : source;
    }
}
