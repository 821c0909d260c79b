package dev.coffer.testkit;

import dev.coffer.instruments.ChildJvm;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;

/// Runs steady paths in a JVM of their own, one start for all of them, and counts the heap bytes of each. Nothing here
/// depends on time: a first pass links, the passes after it are counted, and the bound is 0 ([HeapMode] says for how many).
///
/// A path that is over 0 is looked for with `-XX:-UseTLAB -XX:StartFlightRecording` on [#main]: then each object is an
/// event with its stack.
///
/// Where `coffer.steady.together` is set, as in Maven's builds, all paths of a module's tests are measured together, in one child a mode,
/// by whichever test asks first: a start of a JVM and of what the paths stand on is dearer than most paths. Where `coffer.steady.run` names the build besides,
/// the test JVMs of the module do so once between them, under `target/steady`.
public final class SteadyPaths {

    /// Modes that are measured at a time: each is one thread's work for most of its time, and the test waits meanwhile.
    private static final int AT_ONCE = 2;
    private static final ExecutorService MEASURING = Executors.newFixedThreadPool(AT_ONCE, Thread.ofPlatform().daemon().name("steady-", 0).factory());
    private static final boolean TOGETHER = Boolean.getBoolean("coffer.steady.together");
    private static final String RUN = System.getProperty("coffer.steady.run");
    private static final Map<Path, List<Class<? extends SteadyPath>>> TOLD = new ConcurrentHashMap<>();  // by the place of the classes
    private static final Map<List<Class<? extends SteadyPath>>, Map<HeapMode, Future<Map<Class<? extends SteadyPath>, Long>>>> MEASURED =
            new ConcurrentHashMap<>();

    private SteadyPaths() {}

    /// Measures every path in one child JVM.
    ///
    /// @return by the path's class 0, or the heap bytes of the last pass that made any
    /// @throws IllegalStateException  the child ended otherwise; the message has what it printed
    public static Map<Class<? extends SteadyPath>, Long> measure(HeapMode mode, List<Class<? extends SteadyPath>> paths) {
        List<String> options = new ArrayList<>(List.of("-ea", "-XX:+UseSerialGC", "-Xmx512m"));
        options.addAll(mode.options());
        List<String> arguments = new ArrayList<>();
        arguments.add(mode.name());
        paths.forEach(path -> arguments.add(path.getName()));
        Map<Class<? extends SteadyPath>, Long> found = new LinkedHashMap<>();
        try (ChildJvm child = ChildJvm.start(List.of(), options, SteadyPaths.class, List.copyOf(paths),
                arguments.toArray(String[]::new))) {
            for (Class<? extends SteadyPath> path : paths) {
                found.put(path, Long.parseLong(child.await(path.getName())));
                child.resume();
            }
            int code = child.exitCode();
            if (code != 0) {
                throw new IllegalStateException("the child ended with " + code + ": " + child.output());
            }
        }
        return found;
    }

    /// Measures every path and demands 0 heap bytes of each. With the first mode that is asked for the others are begun too, two at a
    /// time: whoever checks one of them checks all.
    ///
    /// @throws AssertionError  a path is over it, or one of the same test is not among them; the message names each that is
    public static void check(HeapMode mode, List<Class<? extends SteadyPath>> paths) {
        Set<String> unasked = unasked(paths);
        if (!unasked.isEmpty()) {
            throw new AssertionError("paths that nobody asks for: " + unasked);
        }
        List<Class<? extends SteadyPath>> measured = TOGETHER ? together(paths) : List.copyOf(paths);
        Map<Class<? extends SteadyPath>, Long> found = result(MEASURED.computeIfAbsent(measured, SteadyPaths::begin).get(mode));
        Map<String, Long> over = new LinkedHashMap<>();
        for (Class<? extends SteadyPath> path : paths) {
            long bytes = found.get(path);
            if (bytes != 0) {
                over.put(path.getSimpleName(), bytes);
            }
        }
        if (!over.isEmpty()) {
            throw new AssertionError(mode + ": heap bytes of a pass, " + mode.quietPasses()
                    + " without any were never seen in a row: " + over);
        }
    }

    /// {@return paths that stand beside these in their test and are not among them: measured perhaps, and judged by nobody}
    private static Set<String> unasked(List<Class<? extends SteadyPath>> paths) {
        Set<String> unasked = new TreeSet<>();
        for (Class<?> path : paths) {
            Class<?> test = path.getEnclosingClass();
            if (test == null || isOwnTest(test.getName())) {
                continue;
            }
            for (Class<?> each : test.getDeclaredClasses()) {
                if (isPath(each) && !paths.contains(each)) {
                    unasked.add(each.getSimpleName());
                }
            }
        }
        return unasked;
    }

    private static boolean isPath(Class<?> type) {
        return SteadyPath.class.isAssignableFrom(type) && !Modifier.isAbstract(type.getModifiers());
    }

    /// {@return whether it is the counting's own test, some of whose paths must fail}
    private static boolean isOwnTest(String test) {
        return test.equals(SteadyPaths.class.getName() + "Test");
    }

    /// {@return all paths of these paths' module, or these alone where some of them would not be found among all}
    private static List<Class<? extends SteadyPath>> together(List<Class<? extends SteadyPath>> paths) {
        Class<?> first = paths.getFirst();
        Path place = ChildJvm.place(first).orElse(null);
        if (place == null) {
            return List.copyOf(paths);
        }
        List<Class<? extends SteadyPath>> all = TOLD.computeIfAbsent(place, under -> pathsUnder(under, first.getClassLoader()));
        return all.containsAll(paths) ? all : List.copyOf(paths);
    }

    /// {@return whether a test is of the long profile alone: whoever runs it waits for its paths, and nobody else}
    private static boolean isLong(Class<?> test) {
        return Arrays.stream(test.getAnnotations()).anyMatch(each -> each.toString().matches(".*\\bTag\\(.*\"?long\"?\\)"));
    }

    /// {@return every class within a test that is a path, save those of the counting's own test and of tests of the long profile}
    private static List<Class<? extends SteadyPath>> pathsUnder(Path place, ClassLoader loader) {
        List<Class<? extends SteadyPath>> all = new ArrayList<>();
        try (Stream<Path> files = Files.walk(place)) {
            for (Path file : files.filter(each -> each.getFileName().toString().matches("\\w+Test\\$[A-Za-z]\\w*\\.class")).sorted().toList()) {
                String name = place.relativize(file).toString().replace(file.getFileSystem().getSeparator(), ".").replaceAll("\\.class$", "");
                Class<?> found = Class.forName(name, false, loader);
                if (isPath(found) && !isOwnTest(found.getEnclosingClass().getName()) && !isLong(found.getEnclosingClass())) {
                    all.add(found.asSubclass(SteadyPath.class));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException("a class that has a file", e);
        }
        return List.copyOf(all);
    }

    private static Map<HeapMode, Future<Map<Class<? extends SteadyPath>, Long>>> begin(List<Class<? extends SteadyPath>> paths) {
        Map<HeapMode, Future<Map<Class<? extends SteadyPath>, Long>>> begun = new EnumMap<>(HeapMode.class);
        for (HeapMode mode : HeapMode.values()) {
            begun.put(mode, MEASURING.submit(() -> RUN == null || !TOGETHER ? measure(mode, paths) : measureOnce(mode, paths)));
        }
        return begun;
    }

    /// Two lists of paths in one JVM ask for the same file: in turn.
    private static Map<Class<? extends SteadyPath>, Long> measureOnce(HeapMode mode, List<Class<? extends SteadyPath>> paths) {
        Map<String, Class<? extends SteadyPath>> byName = new LinkedHashMap<>();
        paths.forEach(path -> byName.put(path.getName(), path));
        Map<Class<? extends SteadyPath>, Long> found = new LinkedHashMap<>();
        synchronized (mode) {
            MeasuredOnce.of(Path.of("target", "steady", mode + ".properties"), RUN, byName.keySet(), () -> {
                Map<String, Long> named = new LinkedHashMap<>();
                measure(mode, paths).forEach((path, bytes) -> named.put(path.getName(), bytes));
                return named;
            }).forEach((name, bytes) -> found.put(byName.get(name), bytes));
        }
        return found;
    }

    private static Map<Class<? extends SteadyPath>, Long> result(Future<Map<Class<? extends SteadyPath>, Long>> measured) {
        try {
            return measured.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException thrown ? thrown : new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    /// The child: `MODE CLASS...`.
    public static void main(String... arguments) throws Exception {
        HeapMode mode = HeapMode.valueOf(arguments[0]);
        for (int i = 1; i < arguments.length; i++) {
            Constructor<?> constructor = Class.forName(arguments[i]).getDeclaredConstructor();
            constructor.setAccessible(true);
            try (SteadyPath path = (SteadyPath) constructor.newInstance()) {
                ChildJvm.pause(arguments[i] + " " + heapBytes(path, mode));
            }
        }
    }

    private static long heapBytes(SteadyPath path, HeapMode mode) throws Exception {
        long thread = path.thread();
        int operations = path.operations();
        int counted = mode.countedOperations(operations);
        HeapBytes.ofThread(thread);
        pass(path, operations);
        int quiet = 0;
        long last = 0;
        long before = HeapBytes.ofThread(thread);
        for (int i = 0; i < mode.passesMax() && quiet < mode.quietPasses(); i++) {
            pass(path, counted);
            long now = HeapBytes.ofThread(thread);
            quiet = now == before ? quiet + 1 : 0;
            last = now == before ? last : now - before;
            before = now;
        }
        return quiet == mode.quietPasses() ? 0 : last;
    }

    private static void pass(SteadyPath path, int operations) throws Exception {
        for (int i = 0; i < operations; i++) {
            path.run();
        }
    }
}
