package dev.coffer.examples.seeds;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The examples of the five documents: each prints, line for line, what its file under `resources/seeds` holds, and stands in a table of
/// `docs/from-the-seeds.md`.
@Timeout(600)
class SeedsTest {
    private static final Path ROOT = Path.of(System.getProperty("coffer.root", ".."));
    private static final Path SOURCES = ROOT.resolve("examples/src/main/java/dev/coffer/examples/seeds");
    private static final List<String> NAMES = List.of("SecureBuffers", "CryptoMemory", "StaticPools", "StaticWorkspace", "BlockLayout",
            "HttpBudget", "ByteMemory");
    private static final Pattern EXAMPLE = Pattern.compile("^# (.+?)  +document +Coffer$", Pattern.MULTILINE);

    /// What may throw.
    private interface Program {
        void run() throws Exception;
    }

    private static String printed(Program program) throws Exception {
        var bytes = new ByteArrayOutputStream();
        PrintStream before = System.out;
        try (var out = new PrintStream(bytes, true, StandardCharsets.UTF_8)) {
            System.setOut(out);
            program.run();
        } finally {
            System.setOut(before);
        }
        return bytes.toString(StandardCharsets.UTF_8).replace(System.lineSeparator(), "\n");
    }

    private static String expected(String name) throws IOException {
        try (InputStream in = SeedsTest.class.getResourceAsStream("/seeds/" + name + ".txt")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void eachPrintsWhatItIsExpectedToPrint() throws Exception {
        assertEquals(expected("SecureBuffers"), printed(() -> SecureBuffers.main(new String[0])));
        assertEquals(expected("CryptoMemory"), printed(() -> CryptoMemory.main(new String[0])));
        assertEquals(expected("StaticPools"), printed(() -> StaticPools.main(new String[0])));
        assertEquals(expected("StaticWorkspace"), printed(() -> StaticWorkspace.main(new String[0])));
        assertEquals(expected("BlockLayout"), printed(() -> BlockLayout.main(new String[0])));
        assertEquals(expected("HttpBudget"), printed(() -> HttpBudget.main(new String[0])));
        assertEquals(expected("ByteMemory"), printed(() -> ByteMemory.main(new String[0])));
    }

    @Test
    void oneCommandRunsThemAll() throws Exception {
        StringBuilder all = new StringBuilder();
        for (String name : NAMES) {
            all.append(expected(name));
        }
        assertEquals(all.toString(), printed(() -> Seeds.main(new String[0])));
        try (Stream<Path> files = Files.list(SOURCES)) {
            Set<String> programs = files.map(f -> f.getFileName().toString().replace(".java", ""))
                    .filter(f -> !Set.of("Seeds", "Beside", "package-info").contains(f)).collect(Collectors.toCollection(TreeSet::new));
            assertEquals(new TreeSet<>(NAMES), programs);
        }
    }

    @Test
    void thePageNamesEachExampleAndNoOther() throws IOException {
        String page = Files.readString(ROOT.resolve("docs/from-the-seeds.md"));
        Set<String> printed = new TreeSet<>();
        for (String name : NAMES) {
            assertTrue(page.contains("`" + name + "`"), name);
            EXAMPLE.matcher(expected(name)).results().forEach(m -> printed.add(m.group(1).substring(m.group(1).indexOf(": ") + 2)));
        }
        Set<String> named = Pattern.compile("^\\| \\*(.+?)\\* \\|", Pattern.MULTILINE).matcher(page).results().map(m -> m.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
        assertEquals(printed, named);
    }

    @Test
    void aLineThatIsSaidToAgreeAndDoesNotEndsTheProgram() throws Exception {
        assertThrows(AssertionError.class, () -> Beside.agrees("the number", 42, 43));
        assertThrows(AssertionError.class, () -> Beside.differs("the number", 42, 42L));
        assertEquals("  the number", printed(() -> Beside.agrees("the number", 42, 42L)).substring(0, 12));
        assertEquals("* the number", printed(() -> Beside.differs("the number", 42, 43)).substring(0, 12));
    }
}
