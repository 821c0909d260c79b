package dev.coffer.instruments;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// Heap dumps and cores of other processes: what a support engineer, a crash handler or a thief would take away.
/// Stateless, thread-safe.
public final class Dumps {
    private static final long SECONDS_MAX = 600;  // against a hang, not a measure

    private Dumps() {}

    /// {@return why no core can be written here, or empty where it can}
    public static Optional<String> coreObstacle() {
        for (String place : System.getenv().getOrDefault("PATH", "/usr/bin").split(":")) {
            if (Files.isExecutable(Path.of(place, "gcore"))) {
                return Optional.empty();
            }
        }
        return Optional.of("no gcore in PATH (package gdb)");
    }

    /// {@return why no heap dump can be taken here, or empty where it can}
    public static Optional<String> heapObstacle() {
        return Files.isExecutable(jcmd()) ? Optional.empty() : Optional.of("no jcmd in " + jcmd().getParent());
    }

    private static Path jcmd() {
        return Path.of(System.getProperty("java.home"), "bin", "jcmd");
    }

    /// Writes a core of a running process, as the kernel would: without what `MADV_DONTDUMP` leaves out.
    ///
    /// @return the file, in `folder`
    /// @throws IllegalStateException  it failed, with what gcore said
    public static Path core(long pid, Path folder) {
        run(folder, "gcore", "-o", folder.resolve("core").toString(), Long.toString(pid));
        return written(folder.resolve("core." + pid));
    }

    /// Writes a heap dump of a running JVM with all objects, unreachable ones too.
    ///
    /// @return the file, in `folder`
    /// @throws IllegalStateException  it failed, with what jcmd said
    public static Path heap(long pid, Path folder) {
        Path file = folder.resolve("heap." + pid + ".hprof");
        run(folder, jcmd().toString(), Long.toString(pid), "GC.heap_dump", "-all", file.toString());
        return written(file);
    }

    private static Path written(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new IllegalStateException("no " + file.getFileName() + " was written");
        }
        return file;
    }

    private static void run(Path folder, String... command) {
        try {
            Path log = Files.createTempFile(folder, "dump", ".log");
            Process process = new ProcessBuilder(List.of(command)).redirectErrorStream(true)
                    .redirectOutput(log.toFile()).redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                    .start();
            boolean ended = process.waitFor(SECONDS_MAX, TimeUnit.SECONDS);
            if (!ended) {
                process.destroyForcibly();
            }
            if (!ended || process.exitValue() != 0) {
                List<String> said = Files.readAllLines(log);
                throw new IllegalStateException(Path.of(command[0]).getFileName()
                        + (ended ? " failed: " : " took more than " + SECONDS_MAX + " s: ")
                        + String.join(" | ", said.subList(Math.max(0, said.size() - 5), said.size())));
            }
            Files.delete(log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }
}
