package dev.coffer.crypto;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.instruments.ChildJvm;
import dev.coffer.testkit.SteadyPath;
import java.io.PrintStream;
import java.lang.reflect.Constructor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// No operation is too large for C1 with profiling. A method that is stays in the interpreter, or in code without profiles that C2 is
/// never asked to improve, for as long as the process lives: ten times slower, on a busy machine only.
class CompilerLimitsTest {

    @Test
    void everyMethodThatIsHotCanBeCompiledWithProfiling(@TempDir Path folder) throws Exception {
        Path log = folder.resolve("compilations.log");
        List<Class<?>> paths = new ArrayList<>(CryptoSteadyPathsTest.PATHS);
        paths.add(Class.forName("dev.coffer.crypto.argon2.Argon2idTest$Derivation"));
        paths.add(Class.forName("dev.coffer.crypto.packet.PacketSteadyPathsTest$Packets"));
        List<String> options = List.of("-XX:TieredStopAtLevel=3", "-XX:CompileThresholdScaling=0.02", "-XX:+UseSerialGC",
                "-XX:+UnlockDiagnosticVMOptions", "-XX:+LogVMOutput", "-XX:-DisplayVMOutput", "-XX:+PrintCompilation",
                "-XX:LogFile=" + log);
        try (ChildJvm child = ChildJvm.start(List.of(), options, Child.class, paths,
                paths.stream().map(Class::getName).toArray(String[]::new))) {
            assertEquals(0, child.exitCode(), child.output());
        }
        List<String> ours = Files.readAllLines(log).stream().filter(line -> line.contains(" dev.coffer.crypto.")).toList();
        assertTrue(ours.stream().anyMatch(line -> line.contains("sha2.Compress32::blocks")), "the log is not what it was: " + ours.size());
        assertEquals(List.of(), ours.stream().filter(line -> line.contains("COMPILE SKIPPED: out of")).map(String::strip).toList());
    }

    /// Runs each path often enough for its methods to be compiled, those in loops and those that are called.
    static final class Child {
        private static final int RUNS = 12;

        private Child() {}

        public static void main(String... arguments) throws Exception {
            PrintStream progress = System.err;
            for (String name : arguments) {
                Constructor<?> constructor = Class.forName(name).getDeclaredConstructor();
                constructor.setAccessible(true);
                try (SteadyPath path = (SteadyPath) constructor.newInstance()) {
                    for (int i = 0; i < RUNS; i++) {
                        path.run();
                    }
                }
                progress.println(name);
            }
        }
    }
}
