package dev.coffer.instruments;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// A JVM of our own making, started from the classes of this one, kept in step phase by phase and killed at the end.
///
/// The child calls [#pause] where the parent shall look at it; the parent [#await]s that phase, looks, and lets it
/// [#resume]. Everything else that the child prints is kept, up to 200 lines, for messages. The child runs on the class
/// path with native access, asserts off, without performance data file, `hs_err` file or core, and commits memory when this one does (`coffer.commit`). One
/// thread at a time.
public final class ChildJvm implements AutoCloseable {
    private static final String MARK = "@phase ";
    private static final String COMMIT = "coffer.commit";
    private static final int LINES_MAX = 200;
    private static final Duration KILL = Duration.ofSeconds(5);

    /// Against a hang, not a measure: a busy machine takes two minutes for what takes two seconds here.
    private static final Duration MOST = Duration.ofMinutes(10);

    private final Process process;
    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
    private final List<String> output = new ArrayList<>();
    private final Thread reader;

    private ChildJvm(Process process) {
        this.process = process;
        this.reader = Thread.ofPlatform().daemon().name("child " + process.pid()).start(this::read);
    }

    /// Starts one.
    ///
    /// @param prefix   a command that runs what follows it, such as `prlimit --memlock=0`; may be empty
    /// @param options  JVM options, after those of the class
    /// @param main     its main class
    /// @throws UncheckedIOException  it cannot be started
    public static ChildJvm start(List<String> prefix, List<String> options, Class<?> main, String... arguments) {
        return start(prefix, options, main, List.of(), arguments);
    }

    /// The same, for a main class that is told the names of others.
    ///
    /// @param others  classes that it shall find, wherever this process has them from
    /// @throws UncheckedIOException  it cannot be started
    public static ChildJvm start(List<String> prefix, List<String> options, Class<?> main, List<Class<?>> others,
            String... arguments) {
        List<String> command = new ArrayList<>(prefix);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-XX:-UsePerfData", "-XX:ErrorFile=/dev/null",
                "-XX:-CreateCoredumpOnCrash", "-XX:CompressedClassSpaceSize=16m"));
        String commit = System.getProperty(COMMIT);
        if (commit != null) {  // else a suite that runs under the other policy has children that do not
            command.add("-D" + COMMIT + "=" + commit);
        }
        command.addAll(options);
        command.addAll(List.of("-cp", classPath(main, others), main.getName()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().keySet().removeAll(Set.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS"));
        builder.environment().put("MALLOC_ARENA_MAX", "1");  // else a core has 64 MiB of nothing for each thread
        try {
            return new ChildJvm(builder.start());
        } catch (IOException e) {
            throw new UncheckedIOException("starting a child JVM", e);
        }
    }

    /// Where this process has its classes from, modules or not, with the places of `main` and `others` in front: a test's
    /// class may be patched into a module whose place does not hold it.
    private static String classPath(Class<?> main, List<Class<?>> others) {
        Set<String> places = new LinkedHashSet<>();
        addPlace(places, main);
        others.forEach(other -> addPlace(places, other));
        for (String property : new String[] {"jdk.module.path", "java.class.path"}) {
            for (String place : System.getProperty(property, "").split(File.pathSeparator)) {
                if (place.isEmpty()) {
                    continue;
                }
                File[] jars = new File(place).listFiles((folder, name) -> name.endsWith(".jar"));
                places.add(place);
                for (File jar : jars == null ? new File[0] : jars) {  // a folder of modules
                    places.add(jar.getPath());
                }
            }
        }
        return String.join(File.pathSeparator, places);
    }

    private static void addPlace(Set<String> places, Class<?> type) {
        place(type).ifPresent(place -> places.add(place.toString()));
    }

    /// {@return the folder that a class was compiled to; none where it is in a jar}
    public static Optional<Path> place(Class<?> type) {
        String file = type.getName().substring(type.getPackageName().length() + 1) + ".class";
        URL found = type.getResource(file);
        if (found == null || !found.getProtocol().equals("file")) {
            return Optional.empty();
        }
        try {
            Path place = Path.of(found.toURI()).getParent();
            for (int i = type.getPackageName().split("\\.").length; i > 0; i--) {
                place = place.getParent();
            }
            return Optional.of(place);
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private void read() {
        try (BufferedReader in = process.inputReader()) {
            String line = in.readLine();
            while (line != null) {
                if (line.startsWith(MARK)) {
                    lines.add(line.substring(MARK.length()));
                } else {
                    synchronized (output) {
                        if (output.size() < LINES_MAX) {
                            output.add(line);
                        }
                    }
                }
                line = in.readLine();
            }
        } catch (IOException e) {
            // the child is gone; what it said is kept
        } finally {
            lines.add("");
        }
    }

    public long pid() {
        return process.pid();
    }

    /// Waits until the child pauses.
    ///
    /// @return what it said of the phase, past the name
    /// @throws IllegalStateException  it ended, paused elsewhere, or was not there after ten minutes; the message has what it printed
    public String await(String phase) {
        try {
            String line = lines.poll(MOST.toMillis(), TimeUnit.MILLISECONDS);
            if (line != null && (line.equals(phase) || line.startsWith(phase + " "))) {
                return line.substring(phase.length()).trim();
            }
            String what = line == null ? "took more than " + MOST.toSeconds() + " s"
                    : line.isEmpty() ? "ended with exit code " + exitCode(KILL) : "paused at \"" + line + "\"";
            throw new IllegalStateException("child JVM, waited for at \"" + phase + "\", " + what + ": " + output());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    /// Lets the child go on from its pause.
    public void resume() {
        try {
            process.getOutputStream().write('\n');
            process.getOutputStream().flush();
        } catch (IOException e) {
            throw new UncheckedIOException("child JVM is gone: " + output(), e);
        }
    }

    /// {@return its exit code once it has ended: 128 + n where signal n killed it}
    ///
    /// @throws IllegalStateException  it had not after ten minutes
    public int exitCode() {
        return exitCode(MOST);
    }

    private int exitCode(Duration most) {
        try {
            if (!process.waitFor(most.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new IllegalStateException("child JVM still runs after " + most.toSeconds() + " s: " + output());
            }
            reader.join(KILL);
            return process.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    /// {@return what it printed so far, joined by " | "}
    public String output() {
        synchronized (output) {
            return String.join(" | ", output);
        }
    }

    /// For the child: says that it is ready to be looked at, and waits until the parent resumes it. Where the parent is
    /// gone, the process ends.
    public static void pause(String phase) {
        try {
            System.out.println(MARK + phase);
            System.out.flush();
            if (System.in.read() < 0) {
                Runtime.getRuntime().halt(1);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Kills it, if it still runs.
    @Override
    public void close() {
        process.destroyForcibly();
        try {
            process.waitFor(KILL.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
