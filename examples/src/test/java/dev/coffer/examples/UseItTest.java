package dev.coffer.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.testkit.Eventually;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// `docs/use-it.md`, as a reader takes it: the programs on it are the files of this folder, and they compile without a warning and
/// run on the class path and on the module path, with the flags and the descriptor that the page gives.
@Timeout(600)
class UseItTest {
    private static final Path ROOT = Path.of(System.getProperty("coffer.root", ".."));
    private static final Path SOURCES = ROOT.resolve("examples/src/main/java/dev/coffer/examples");
    private static final String PACKAGE = "package dev.coffer.examples;\n\n";
    private static final Pattern BLOCK = Pattern.compile("^```java\n(.*?)^```$", Pattern.DOTALL | Pattern.MULTILINE);
    private static final Pattern CLASS = Pattern.compile("^public final class (\\w+) ", Pattern.MULTILINE);

    @TempDir
    Path folder;

    private final Map<String, String> programs = new TreeMap<>();
    private String descriptor;

    private void readPage() throws IOException {
        String page = Files.readString(ROOT.resolve("docs/use-it.md"));
        for (MatchResult block : BLOCK.matcher(page).results().toList()) {
            String text = block.group(1);
            if (text.startsWith("module ")) {
                descriptor = text;
            } else {
                MatchResult name = CLASS.matcher(text).results().findFirst().orElseThrow(() -> new AssertionError("no program: " + text));
                programs.put(name.group(1), text);
            }
        }
    }

    @Test
    void thePageShowsTheProgramsAsTheyAre() throws IOException {
        readPage();
        try (Stream<Path> files = Files.list(SOURCES)) {
            for (Path file : files.filter(f -> f.getFileName().toString().matches("One\\w+\\.java")).toList()) {
                String name = file.getFileName().toString().replace(".java", "");
                String source = Files.readString(file);
                assertTrue(source.startsWith(PACKAGE), name);
                assertEquals(source.substring(PACKAGE.length()), programs.remove(name), name + " in docs/use-it.md");
            }
        }
        assertEquals(Map.of(), programs, "programs of docs/use-it.md that are no file of examples/");
    }

    @Test
    void theyRunOnTheClassPath() throws IOException, InterruptedException {
        readPage();
        Path classes = compile("-cp", libraries());
        run("--enable-native-access=ALL-UNNAMED", "-cp", classes + File.pathSeparator + libraries(), "reader.All");
    }

    @Test
    void theyRunOnTheModulePath() throws IOException, InterruptedException {
        readPage();
        Files.writeString(folder.resolve("module-info.java"), descriptor);
        Path classes = compile("-p", libraries());
        run("--enable-native-access=dev.coffer.memory", "-p", classes + File.pathSeparator + libraries(), "-m", "your.program/reader.All");
    }

    /// What the dependencies of this module bring, without itself and the test framework.
    private static String libraries() {
        String path = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        Path own = ROOT.resolve("examples/target").toAbsolutePath().normalize();
        return Arrays.stream(path.split(File.pathSeparator)).filter(e -> !Path.of(e).toAbsolutePath().normalize().startsWith(own))
                .filter(e -> !e.matches(".*(junit|opentest4j|apiguardian|surefire).*")).collect(Collectors.joining(File.pathSeparator));
    }

    private Path compile(String option, String path) throws IOException {
        assertTrue(programs.size() >= 8, "programs of the page: " + programs.keySet());
        StringBuilder all = new StringBuilder("package reader;\n\nfinal class All {\n    private All() {}\n\n"
                + "    public static void main(String[] arguments) throws Exception {\n");
        for (Map.Entry<String, String> program : programs.entrySet()) {
            Files.writeString(folder.resolve(program.getKey() + ".java"), "package reader;\n\n" + program.getValue());
            all.append("        ").append(program.getKey()).append(".main(arguments);\n        System.out.println(\"ran ")
                    .append(program.getKey()).append("\");\n");
        }
        Files.writeString(folder.resolve("All.java"), all + "    }\n}\n");
        Path classes = folder.resolve("classes");
        // Without --release, under which javac says nothing of incubators.
        List<String> command = new ArrayList<>(List.of("-Xlint:all", "-Werror", "-d", classes.toString(), option, path));
        try (Stream<Path> files = Files.list(folder)) {
            files.map(Path::toString).filter(f -> f.endsWith(".java")).forEach(command::add);
        }
        var said = new java.io.ByteArrayOutputStream();
        int exitCode = ToolProvider.getSystemJavaCompiler().run(null, said, said, command.toArray(String[]::new));
        assertEquals(0, exitCode, said.toString());
        assertEquals("", said.toString());
        return classes;
    }

    private void run(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin/java").toString(), "-ea"));
        command.addAll(List.of(arguments));
        Path log = folder.resolve("log");
        Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
        try {
            assertTrue(process.waitFor(Eventually.MILLIS, TimeUnit.MILLISECONDS), "still running; so far: " + Files.readString(log));
        } finally {
            process.destroyForcibly();
        }
        String text = Files.readString(log);
        assertEquals(0, process.exitValue(), text);
        for (String name : programs.keySet()) {
            assertTrue(text.contains("ran " + name), text);
        }
        assertFalse(text.contains("restricted method"), "native access was not granted: " + text);
    }
}
