package dev.coffer.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.instruments.ChildJvm;
import dev.coffer.server.LoopStatistics.Count;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A server under every kind of fault at once for half an hour, with few descriptors and now and then with none: afterwards
/// it holds what it held before. `-Dcoffer.soak.seconds=N` takes another length, `-Dcoffer.seed=N` another mixture (the
/// order of what threads do is not the seed's).
@Tag("long")
class ServerSoakTest {
    private static final long SECONDS = Long.getLong("coffer.soak.seconds", 1800);
    private static final long SEED = Long.getLong("coffer.seed", 1);
    private static final int WARM_SECONDS = 20;
    private static final int THREADS = 8;
    private static final int DESCRIPTORS = 160;
    private static final int IDLE_TRIES = 60;               // seconds
    /// What the JVM itself may have more than after the warm-up: classes and profiles of paths that came late; code.
    private static final long HEAP_MORE_MAX = 1 << 20;
    private static final long RSS_MORE_MAX = 24 << 20;

    @TempDir
    Path folder;

    private ChildJvm child;
    private Faults faults;

    /// What the process holds when nobody asks for anything.
    private record Held(long used, long heap, long descriptors, long resident, long[] counts) {
        long count(Count what) {
            return counts[what.ordinal()];
        }

        @Override
        public String toString() {
            return String.format("ledger %,d, heap %,d, descriptors %d, resident %,d, counts %s", used, heap, descriptors,
                    resident, Arrays.toString(counts));
        }
    }

    /// No pause where spare descriptors are enough; every connection has an engine, and files do not throw: `ActiveTest`,
    /// `ExchangeTest` bring these about.
    private static final Set<Count> NOT_PROVOKED = EnumSet.of(Count.ACCEPT_PAUSED, Count.STARVED, Count.FAILED);

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void afterAllFaultsAServerHoldsWhatItHeldBefore(boolean portable) throws Exception {
        Path root = Files.createDirectories(folder.resolve("root"));
        Files.createDirectories(folder.resolve("partial"));
        Path end = folder.resolve("end");
        child = ChildJvm.start(List.of("prlimit", "--nofile=" + DESCRIPTORS),
                List.of("-ea", "-XX:+UseSerialGC", "-Xms24m", "-Xmx24m", "-XX:+AlwaysPreTouch",
                        "-XX:ReservedCodeCacheSize=16m"),
                SoakedServer.class,
                List.of(Server.class, dev.coffer.http.Ascii.class, dev.coffer.memory.MemoryPlan.class), root.toString(),
                Boolean.toString(portable), end.toString());
        try {
            int port = Integer.parseInt(child.await("ready"));
            faults = new Faults(root, new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            attack(Math.min(WARM_SECONDS, SECONDS), SEED);
            Held before = idle(null);
            System.out.println("after the warm-up: " + before);
            attack(SECONDS, SEED + THREADS);
            Held after = idle(before);
            System.out.println("after the soak:    " + after);
            for (Faults.Kind kind : Faults.Kind.values()) {
                System.out.println("  " + kind + " " + faults.done(kind));
                assertTrue(faults.done(kind) > 0, kind + " has never come to pass");
            }
            assertEquals(before.used, after.used, "bytes used, as the ledger says");
            assertEquals(before.descriptors, after.descriptors, "open descriptors");
            assertTrue(after.heap - before.heap <= HEAP_MORE_MAX, "heap after a collection: " + before + "; " + after);
            assertTrue(after.resident - before.resident <= RSS_MORE_MAX, "resident: " + before + "; " + after);
            for (Count what : Count.values()) {
                assertTrue(after.count(what) > 0 || NOT_PROVOKED.contains(what), what + " was never counted");
            }
            Files.createFile(end);
            child.resume();
            child.await("closed");
            child.resume();
            assertEquals(0, child.exitCode(), child.output());
        } finally {
            child.close();
        }
    }

    /// Lets all threads do as they please, while descriptors run out and come back.
    private void attack(long seconds, long seed) throws InterruptedException {
        AtomicReference<Throwable> failed = new AtomicReference<>();
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            SplittableRandom random = new SplittableRandom(seed + i);
            threads.add(Thread.ofPlatform().start(() -> {
                while (System.nanoTime() < until && failed.get() == null) {
                    try {
                        faults.one(random);
                    } catch (IOException | RuntimeException | Error e) {
                        failed.compareAndSet(null, e);
                    }
                }
            }));
        }
        try {
            while (System.nanoTime() < until && failed.get() == null) {
                child.resume();
                assertTrue(Integer.parseInt(child.await("exhausted")) > 0);
                Thread.sleep(1000);
                child.resume();
                child.await("freed");
                Thread.sleep(3000);
                child.resume();
                child.await("holds");
            }
        } finally {
            for (Thread thread : threads) {
                thread.join();
            }
        }
        assertNull(failed.get(), () -> "seed " + SEED + ": " + failed.get() + "; the server: " + child.output());
    }

    /// {@return what is held once nobody is connected, every file was asked for, and the numbers are those of `before`, or
    /// after a while that they are not}
    private Held idle(Held before) throws IOException, InterruptedException {
        faults.askForAll();
        for (int tries = 0;; tries++) {
            Thread.sleep(1000);
            child.resume();
            child.await("exhausted");
            child.resume();
            child.await("freed");
            child.resume();
            String[] said = child.await("holds").split(" ");
            long[] numbers = Arrays.stream(said).mapToLong(Long::parseLong).toArray();
            assertEquals(0, numbers[0], "a loop has died: " + child.output());
            Held held = new Held(numbers[1], numbers[3], openDescriptors(), resident(),
                    Arrays.copyOfRange(numbers, 4, numbers.length));
            boolean same = before == null ? tries > 10
                    : before.used == held.used && before.descriptors == held.descriptors;
            if (numbers[2] == 0 && same || tries == IDLE_TRIES) {
                assertEquals(0, numbers[2], "connections that nobody has");
                return held;
            }
        }
    }

    private long openDescriptors() throws IOException {
        try (var names = Files.list(Path.of("/proc/" + child.pid() + "/fd"))) {
            return names.count();
        }
    }

    private long resident() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/" + child.pid() + "/status"))) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("[^0-9]", "")) << 10;
            }
        }
        throw new AssertionError("no VmRSS");
    }
}
