package dev.coffer.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/// What a module's test JVMs measure once between them: the first to ask measures, the others wait and read what it found. A file holds it, locked while it
/// is measured, with the name of the build: what another build found is measured again.
final class MeasuredOnce {
    private static final String RUN = "run";
    private static final long PAUSE_NANOS = 20_000_000;

    private MeasuredOnce() {}

    /// {@return a number for each name, from the file where this build put them for exactly these names, else measured now}
    ///
    /// @param file     asked for by one thread of a JVM at a time: its lock is the process's
    /// @param run      names the build
    /// @param measure  what it throws goes to the caller, and nothing is kept: whoever asks next measures
    static Map<String, Long> of(Path file, String run, Set<String> names, Supplier<Map<String, Long>> measure) {
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
                    FileLock _ = lock(channel)) {
                Properties kept = new Properties();
                kept.load(Channels.newInputStream(channel));
                if (!run.equals(kept.remove(RUN)) || !kept.stringPropertyNames().equals(names)) {
                    kept.clear();
                    measure.get().forEach((name, number) -> kept.setProperty(name, number.toString()));
                    write(channel, run, kept);
                }
                Map<String, Long> found = new TreeMap<>();
                kept.forEach((name, number) -> found.put((String) name, Long.valueOf((String) number)));
                return found;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Asks again and again: who waits in the kernel for several files on threads of its own is taken for one half of a deadlock (EDEADLK counts by process).
    private static FileLock lock(FileChannel channel) throws IOException {
        while (true) {
            FileLock lock = channel.tryLock();
            if (lock != null) {
                return lock;
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    private static void write(FileChannel channel, String run, Properties found) throws IOException {
        Properties written = new Properties();
        written.putAll(found);
        written.setProperty(RUN, run);
        channel.truncate(0);
        channel.position(0);
        written.store(Channels.newOutputStream(channel), null);
    }
}
