package dev.coffer.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The launcher in a house that is simulated: its folder has a blank in its name, the JDK and Maven are scripts that say what they
/// were told. Nothing is built.
@Timeout(60)
class LauncherTest {
    @TempDir
    Path folder;

    private Path house;
    private Path jdk;
    private Path tools;

    /// What the launcher printed, on both streams, and how it ended.
    private record Run(int exitCode, String text) {}

    @BeforeEach
    void build() throws IOException {
        Path real = Path.of("..", "coffer");
        assumeTrue(Files.isRegularFile(real) && Files.isExecutable(Path.of("/bin/bash")), "no launcher beside the module, or no bash");
        house = Files.createDirectories(folder.resolve("a house"));
        Files.copy(real, house.resolve("coffer"), java.nio.file.StandardCopyOption.COPY_ATTRIBUTES);
        Files.writeString(house.resolve("pom.xml"), "<project/>");
        for (String module : new String[] {"memory", "cli"}) {
            Files.writeString(Files.createDirectories(house.resolve(module + "/src/main")).resolve("A.java"), "class A {}");
        }
        Files.createDirectories(house.resolve("cli/target/lib"));
        jdk = jdk("jdk", 25);
        tools = Files.createDirectories(folder.resolve("tools"));
    }

    private Path jdk(String name, int version) throws IOException {
        Path home = folder.resolve(name);
        Files.createDirectories(home.resolve("bin"));
        Files.writeString(home.resolve("release"), "JAVA_VERSION=\"" + version + ".0.1\"\n");
        script(home.resolve("bin/java"), "printf 'arg %s\\n' \"$@\"");
        script(home.resolve("bin/javac"), "exit 1");
        return home;
    }

    private static void script(Path path, String body) throws IOException {
        Files.writeString(path, "#!/bin/bash\n" + body + "\n");
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwx------"));
    }

    /// The house was built after its sources were last changed.
    private void built() throws IOException {
        Path stamp = Files.writeString(house.resolve("cli/target/coffer.built"), "");
        Files.setLastModifiedTime(stamp, FileTime.from(Instant.now().plusSeconds(60)));
    }

    private Run run(Path launcher, Map<String, String> more, String... arguments) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(launcher.toString());
        builder.command().addAll(List.of(arguments));
        builder.directory(folder.toFile()).redirectErrorStream(true);
        builder.environment().clear();
        builder.environment().putAll(Map.of("PATH", tools + ":/usr/bin:/bin", "COFFER_JAVA_HOME", jdk.toString()));
        builder.environment().putAll(more);
        Process process = builder.start();
        String text = new String(process.getInputStream().readAllBytes());
        assertTrue(process.waitFor(30, TimeUnit.SECONDS));
        return new Run(process.exitValue(), text);
    }

    private Run run(Map<String, String> more, String... arguments) throws IOException, InterruptedException {
        return run(house.resolve("coffer"), more, arguments);
    }

    @Test
    void givesTheCommandItsFlagsAndItsWordsUnchanged() throws IOException, InterruptedException {
        built();
        Run run = run(Map.of(), "plan", "two words", "*", "");
        assertEquals(0, run.exitCode(), run.text());
        List<String> words = run.text().lines().toList();
        assertEquals(List.of("arg plan", "arg two words", "arg *", "arg "), words.subList(words.size() - 4, words.size()));
        Path target = house.toRealPath().resolve("cli/target");
        for (String flag : new String[] {"--enable-native-access=dev.coffer.memory", "-XX:+UseCompactObjectHeaders",
            "-XX:+UseSerialGC", "-Xmx24m", "--module-path=" + target + "/coffer-cli.jar:" + target + "/lib"}) {
            assertTrue(words.contains("arg " + flag), flag + " in " + run.text());
        }
    }

    @Test
    void aCollectorOrHeapOfOnesOwnReplacesTheLaunchers() throws IOException, InterruptedException {
        built();
        String text = run(Map.of("COFFER_JAVA_OPTS", "-XX:+UnlockExperimentalVMOptions -XX:+UseEpsilonGC -Dx=*"), "plan").text();
        assertTrue(text.contains("arg -XX:+UseEpsilonGC") && text.contains("arg -Dx=*\n") && text.contains("-Xmx24m"), text);
        assertFalse(text.contains("SerialGC"), text);
        text = run(Map.of("COFFER_JAVA_OPTS", "-Xmx64m"), "plan").text();
        assertTrue(text.contains("arg -Xmx64m") && text.contains("SerialGC") && !text.contains("-Xmx24m"), text);
    }

    @Test
    void findsItsHouseThroughLinksAndWhateverCdpathSays() throws IOException, InterruptedException {
        built();
        Path bin = Files.createDirectories(folder.resolve("bin"));
        Files.createSymbolicLink(bin.resolve("second"), Path.of("../a house/coffer"));
        Files.createSymbolicLink(bin.resolve("first"), Path.of("second"));
        Files.createDirectories(folder.resolve("elsewhere/bin"));
        Run run = run(Path.of("bin/first"), Map.of("CDPATH", folder.resolve("elsewhere").toString()), "plan");
        assertTrue(run.text().contains("--module-path=" + house.toRealPath()), run.text());
    }

    @Test
    void aJdkThatWasNamedAndIsNoneEndsWithTwoAndSaysWhy() throws IOException, InterruptedException {
        built();
        Run run = run(Map.of("COFFER_JAVA_HOME", "/nowhere"), "plan");
        assertEquals(2, run.exitCode(), run.text());
        assertTrue(run.text().contains("no JDK 25 or later found") && run.text().contains("/nowhere (COFFER_JAVA_HOME): no bin/java")
                && run.text().contains("COFFER_JAVA_HOME=/path/to/jdk"), run.text());
        run = run(Map.of("COFFER_JAVA_HOME", jdk("old", 21).toString()), "plan");
        assertEquals(2, run.exitCode(), run.text());
        assertTrue(run.text().contains("Java 21"), run.text());
    }

    @Test
    void withoutOneItTakesJavaHomeAndPassesAnOldOneBy() throws IOException, InterruptedException {
        built();
        Run run = run(Map.of("COFFER_JAVA_HOME", "", "JAVA_HOME", jdk.toString()), "plan");
        assertEquals(0, run.exitCode(), run.text());
        Files.createSymbolicLink(tools.resolve("java"), jdk.resolve("bin/java"));
        run = run(Map.of("COFFER_JAVA_HOME", "", "JAVA_HOME", jdk("old", 21).toString()), "plan");
        assertTrue(run.text().contains("arg plan"), run.text());
    }

    @Test
    void buildsOnceAndAgainAfterAChange() throws IOException, InterruptedException {
        script(tools.resolve("mvn"), "echo built with \"$JAVA25_HOME\"");
        Map<String, String> untrained = Map.of("COFFER_JAVA_OPTS", "-Dx=1");
        String with = "built with " + jdk;
        assertTrue(run(untrained, "plan").text().contains(with));
        built();
        assertFalse(run(untrained, "plan").text().contains(with), "nothing has changed");
        Files.setLastModifiedTime(house.resolve("memory/src/main/A.java"), FileTime.from(Instant.now().plusSeconds(120)));
        assertTrue(run(untrained, "plan").text().contains(with));
    }

    @Test
    void aBuildThatFailsStartsNothing() throws IOException, InterruptedException {
        script(tools.resolve("mvn"), "exit 7");
        Run run = run(Map.of(), "plan");
        assertEquals(1, run.exitCode(), run.text());
        assertTrue(run.text().contains("the build failed") && !run.text().contains("arg "), run.text());
        assertFalse(Files.exists(house.resolve("cli/target/coffer.built")));
    }
}
