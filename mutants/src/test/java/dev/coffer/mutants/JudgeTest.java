package dev.coffer.mutants;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the judge says of a test class. Each is judged in a JVM whose class path lacks [Gone], as if a library were not there.
class JudgeTest {
    @TempDir
    private Path folder;

    static final class Gone {}

    /// The engine cannot look at its methods.
    static class Lacking {
        @Test
        void green() {}

        static Gone made(Gone gone) {
            return gone;
        }
    }

    /// One test red by itself, one that comes by the break numbered 7.
    static class Mixed {
        @Test
        void red() {
            fail("by itself");
        }

        @Test
        void green() {
            Probe.hit(7);
        }
    }

    static class Killing {
        @Test
        void red() {
            fail("by the break");
        }
    }

    @Test
    void aClassThatCannotBeLoadedIsSaidToBeAndNotCountedAsOneThatComesByNothing() throws Exception {
        List<String> lines = judge("probe", Lacking.class.getName());
        assertTrue(lines.stream().anyMatch(line -> line.startsWith("unloaded ") && line.contains(Gone.class.getName())), lines::toString);
        assertTrue(lines.stream().noneMatch(line -> line.startsWith("red ")), lines::toString);
    }

    @Test
    void aTestThatIsRedWithoutABreakIsNamedAndOthersOfItsClassJudge() throws Exception {
        List<String> lines = judge("probe", Mixed.class.getName());
        assertTrue(lines.stream().anyMatch(line -> line.startsWith("red ") && line.contains("red()")), lines::toString);
        assertTrue(lines.contains("hit 7"), lines::toString);
        assertTrue(lines.stream().noneMatch(line -> line.startsWith("unloaded ")), lines::toString);
    }

    @Test
    void theFirstRedTestThatIsBelievedKills() throws Exception {
        String red = judge("probe", Mixed.class.getName()).stream().filter(line -> line.startsWith("red ")).findFirst().orElseThrow();
        Path list = folder.resolve("list");
        String allowed = "\t600000\t600000";
        Files.write(list, List.of(Mixed.class.getName() + allowed, red));
        assertEquals(List.of("lived"), judge("break", list.toString()));
        Files.write(list, List.of(Mixed.class.getName() + allowed, red, Killing.class.getName() + allowed, Lacking.class.getName() + allowed));
        String said = judge("break", list.toString()).getFirst();
        assertTrue(said.startsWith("killed ") && said.contains("Killing"), said);
    }

    private List<String> judge(String how, String what) throws IOException, InterruptedException {
        Path classes = folder.resolve("classes/dev/coffer/mutants");
        Path result = folder.resolve("result");
        Files.createDirectories(classes);
        Files.deleteIfExists(result);
        for (Class<?> each : List.of(Lacking.class, Mixed.class, Killing.class)) {
            String file = each.getName().substring(each.getPackageName().length() + 1) + ".class";
            try (var bytes = JudgeTest.class.getResourceAsStream(file)) {
                Files.write(classes.resolve(file), bytes.readAllBytes());
            }
        }
        String tests = Path.of(JudgeTest.class.getProtectionDomain().getCodeSource().getLocation().getPath()).toString();
        List<String> parts = new ArrayList<>(List.of(folder.resolve("classes").toString()));
        String all = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        Arrays.stream(all.split(File.pathSeparator)).filter(part -> !Path.of(part.replace("*", "")).toString().equals(tests)).forEach(parts::add);
        Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC", "-cp", String.join(File.pathSeparator, parts), Judge.class.getName(), how, result.toString(), what)
                .redirectErrorStream(true).redirectOutput(folder.resolve("log").toFile()).start();
        assertTrue(process.waitFor(10, TimeUnit.MINUTES), "it hangs");
        assertTrue(Files.exists(result), () -> said(folder.resolve("log")));
        return Files.readAllLines(result);
    }

    private static String said(Path log) {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            return e.toString();
        }
    }
}
