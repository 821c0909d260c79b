package dev.coffer.crypto.vector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.Aead;
import dev.coffer.memory.Wipe;
import dev.coffer.testkit.Eventually;
import java.io.File;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The kernels' jar beside crypto's, as a reader has them: it costs no warning of the compiler, and is found by lying there.
@Timeout(600)
class ModuleUserTest {
    private static final String SCALAR = "scalar code, not vectors: ";

    @TempDir
    Path folder;
    private Path classes;
    private String libraries;

    @BeforeEach
    void compilesWithEveryLintAsAnError() throws Exception {
        classes = folder.resolve("classes");
        libraries = Stream.of(JdkVectors.class, Aead.class, Wipe.class).map(ModuleUserTest::place)
                .collect(Collectors.joining(File.pathSeparator));
        Path descriptor = Files.writeString(folder.resolve("module-info.java"),
                "module reader {\n    requires transitive dev.coffer.crypto;\n}\n");
        Path source = Files.createDirectory(folder.resolve("reader")).resolve("Reader.java");
        Files.writeString(source, """
                package reader;

                final class Reader {
                    private Reader() {}

                    public static void main(String[] arguments) {
                        dev.coffer.crypto.Aead strict = dev.coffer.crypto.Aead.CHACHA20_POLY1305;
                        System.out.println(strict.fast() == strict ? "strict" : "vectors");
                    }
                }
                """);
        StringWriter said = new StringWriter();
        PrintWriter printer = new PrintWriter(said, true);
        int exitCode = ToolProvider.findFirst("javac").orElseThrow().run(printer, printer, "-Xlint:all", "-Werror", "-p", libraries,
                "-d", classes.toString(), descriptor.toString(), source.toString());
        assertEquals("", said.toString());
        assertEquals(0, exitCode);
    }

    @Test
    void theyAreFoundOnTheModulePathByLyingThere() throws Exception {
        String said = run("-p", classes + File.pathSeparator + libraries, "-m", "reader/reader.Reader");
        assertTrue(served(said), said);
    }

    @Test
    void theyAreFoundOnTheClassPathWhereTheVectorModuleIsResolved() throws Exception {
        String path = classes + File.pathSeparator + libraries;
        String said = run("--add-modules", "jdk.incubator.vector", "-cp", path, "reader.Reader");
        assertTrue(served(said), said);
        said = run("-cp", path, "reader.Reader");
        assertTrue(said.contains(SCALAR + "the vector module is not resolved") && said.endsWith("strict\n"), said);
    }

    @Test
    void withoutThemScalarCodeServesAndTheLogSaysWhy() throws Exception {
        String without = Stream.of(Aead.class, Wipe.class).map(ModuleUserTest::place).collect(Collectors.joining(File.pathSeparator));
        String said = run("-p", classes + File.pathSeparator + without, "-m", "reader/reader.Reader");
        assertTrue(said.contains(SCALAR + "module dev.coffer.crypto.vector (artifact coffer-crypto-vector) was not found"), said);
        assertTrue(said.endsWith("strict\n"), said);
    }

    /// A provider that cannot be used is a reason for scalar code, not a failure of who asked.
    @Test
    void aProviderThatDoesNotLoadIsAReasonAndNoFailure() throws Exception {
        String without = Stream.of(Aead.class, Wipe.class).map(ModuleUserTest::place).collect(Collectors.joining(File.pathSeparator));
        Path services = Files.createDirectories(classes.resolve("META-INF/services"));
        Files.writeString(services.resolve("dev.coffer.crypto.internal.kernel.VectorKernels"), "reader.Gone\n");
        String said = run("-cp", classes + File.pathSeparator + without, "reader.Reader");
        assertTrue(said.contains(SCALAR) && said.contains("reader.Gone") && said.endsWith("strict\n"), said);
    }

    /// A compiler that is late on a busy machine is no fault: the kernels were found, ran and answered rightly.
    private static boolean served(String said) {
        return said.endsWith("vectors\n") || said.contains(SCALAR + "it still takes heap bytes");
    }

    private String run(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC", "-Xmx64m"));
        command.addAll(List.of(arguments));
        Path log = folder.resolve("log");
        Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
        try {
            assertTrue(process.waitFor(Eventually.MILLIS, TimeUnit.MILLISECONDS), "still running");
        } finally {
            process.destroyForcibly();
        }
        String said = Files.readString(log);
        assertEquals(0, process.exitValue(), said);
        return said;
    }

    private static String place(Class<?> type) {
        try {
            return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()).toString();
        } catch (java.net.URISyntaxException e) {
            throw new AssertionError(e);
        }
    }
}
