package dev.coffer.testkit;

import dev.coffer.instruments.ChildJvm;
import java.lang.reflect.Constructor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// Runs steady paths in a JVM of their own, one start for all of them, and counts the heap bytes of each. Nothing here
/// depends on time: a first pass links, the passes after it are counted, and the bound is 0 ([HeapMode] says for how many).
///
/// A path that is over 0 is looked for with `-XX:-UseTLAB -XX:StartFlightRecording` on [#main]: then each object is an
/// event with its stack.
public final class SteadyPaths {
    private static final Duration MOST = Duration.ofMinutes(10);  // against a hang, not a measure

    /// Modes that are measured at a time: each is one thread's work for most of its time, and the test waits meanwhile.
    private static final int AT_ONCE = 2;
    private static final ExecutorService MEASURING = Executors.newFixedThreadPool(AT_ONCE, Thread.ofPlatform().daemon().name("steady-", 0).factory());
    private static final Map<List<Class<? extends SteadyPath>>, Map<HeapMode, Future<Map<String, Long>>>> MEASURED = new ConcurrentHashMap<>();

    private SteadyPaths() {}

    /// Measures every path in one child JVM.
    ///
    /// @return by the path's name 0, or the heap bytes of the last pass that made any
    /// @throws IllegalStateException  the child ended otherwise; the message has what it printed
    public static Map<String, Long> measure(HeapMode mode, List<Class<? extends SteadyPath>> paths) {
        List<String> options = new ArrayList<>(List.of("-ea", "-XX:+UseSerialGC", "-Xmx512m"));
        options.addAll(mode.options());
        List<String> arguments = new ArrayList<>();
        arguments.add(mode.name());
        paths.forEach(path -> arguments.add(path.getName()));
        Map<String, Long> found = new LinkedHashMap<>();
        try (ChildJvm child = ChildJvm.start(List.of(), options, SteadyPaths.class, List.copyOf(paths),
                arguments.toArray(String[]::new))) {
            for (Class<? extends SteadyPath> path : paths) {
                found.put(path.getSimpleName(), Long.parseLong(child.await(path.getName(), MOST)));
                child.resume();
            }
            int code = child.exitCode(MOST);
            if (code != 0) {
                throw new IllegalStateException("the child ended with " + code + ": " + child.output());
            }
        }
        return found;
    }

    /// Measures every path and demands 0 heap bytes of each. With the first mode that is asked for the others are begun too, two at a
    /// time: whoever checks one of them checks all.
    ///
    /// @throws AssertionError  a path is over it; the message names each that is
    public static void check(HeapMode mode, List<Class<? extends SteadyPath>> paths) {
        Map<HeapMode, Future<Map<String, Long>>> all = MEASURED.computeIfAbsent(List.copyOf(paths), SteadyPaths::begin);
        Map<String, Long> over = new LinkedHashMap<>(result(all.get(mode)));
        over.values().removeIf(bytes -> bytes == 0);
        if (!over.isEmpty()) {
            throw new AssertionError(mode + ": heap bytes of a pass, " + mode.quietPasses()
                    + " without any were never seen in a row: " + over);
        }
    }

    private static Map<HeapMode, Future<Map<String, Long>>> begin(List<Class<? extends SteadyPath>> paths) {
        Map<HeapMode, Future<Map<String, Long>>> begun = new EnumMap<>(HeapMode.class);
        for (HeapMode mode : HeapMode.values()) {
            begun.put(mode, MEASURING.submit(() -> measure(mode, paths)));
        }
        return begun;
    }

    private static Map<String, Long> result(Future<Map<String, Long>> measured) {
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
        HeapBytes.ofThread(thread);
        pass(path, operations);
        int quiet = 0;
        long last = 0;
        long before = HeapBytes.ofThread(thread);
        for (int i = 0; i < mode.passesMax() && quiet < mode.quietPasses(); i++) {
            pass(path, operations);
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
