package dev.coffer.bench.serve;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import java.util.stream.Stream;

/// A server in a process of its own, bound to the first processor, and the processor time that it has used.
final class Served implements AutoCloseable {
    private static final long START_NANOS_MAX = 120_000_000_000L;
    /// Of `/proc/PID/stat`, counted after the name in brackets: user and system time in clock ticks.
    private static final int USER_FIELD = 11;
    private static final int SYSTEM_FIELD = 12;
    /// Whether servers and load run before everything else on the machine, `-Dcoffer.bench.realtime=true`: then what others do there
    /// hardly shows. Needs the right to (`chrt -r 1`), and a machine that may stand still for seconds.
    private static final boolean REALTIME = Boolean.getBoolean("coffer.bench.realtime");
    private static final double NANOS_A_MICRO = 1_000;
    /// USER_HZ is 100 in every Linux there is.
    private static final double TICK_MICROS = 10_000;

    private final String name;
    private final String suite;
    private final int port;
    private final Process process;

    private Served(String name, String suite, int port, Process process) {
        this.name = name;
        this.suite = suite;
        this.port = port;
        this.process = process;
    }

    /// Starts a server and waits until it answers.
    ///
    /// @param command  of the port that it shall listen at
    static Served start(String name, Path log, IntFunction<List<String>> command) throws IOException {
        return start(name, "", log, command);
    }

    /// The same of one that speaks TLS.
    ///
    /// @param suite  that its clients offer, and no other, as OpenSSL has it
    static Served start(String name, String suite, Path log, IntFunction<List<String>> command) throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        Served served = new Served(name, suite, port, new ProcessBuilder(pinned(0, command.apply(port))).redirectErrorStream(true)
                .redirectOutput(log.toFile()).start());
        long until = System.nanoTime() + START_NANOS_MAX;
        while (!served.answers()) {
            if (!served.process.isAlive() || System.nanoTime() - until > 0) {
                served.close();
                throw new IOException(name + " did not start; its words are in " + log);
            }
            pause();
        }
        return served;
    }

    /// {@return a command bound to one processor, before all others where that was asked for}
    static List<String> pinned(int processor, List<String> command) {
        List<String> pinned = new ArrayList<>(REALTIME ? List.of("chrt", "-r", "1") : List.of());
        pinned.addAll(List.of("taskset", "-c", Integer.toString(processor)));
        pinned.addAll(command);
        return pinned;
    }

    private boolean answers() {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 100);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static void pause() {
        try {
            Thread.sleep(50);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    String name() {
        return name;
    }

    /// {@return the suite of TLS that it is loaded with; nothing in the clear}
    String suite() {
        return suite;
    }

    String authority() {
        return "127.0.0.1:" + port;
    }

    String url(String path) {
        return (suite.isEmpty() ? "http://" : "https://") + authority() + path;
    }

    int port() {
        return port;
    }

    long pid() {
        return process.pid();
    }

    /// {@return bytes of it that are in memory}
    long residentBytes() throws IOException {
        return IdleBench.residentBytes(Long.toString(pid()));
    }

    /// {@return processor time used so far, of the kernel's work for it too, in microseconds, to 10 ms}
    double processorMicros() {
        try {
            String stat = Files.readString(Path.of("/proc/" + process.pid() + "/stat"));
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            return (Long.parseLong(fields[USER_FIELD]) + Long.parseLong(fields[SYSTEM_FIELD])) * TICK_MICROS;
        } catch (IOException e) {
            throw new UncheckedIOException(name + " has ended", e);
        }
    }

    /// {@return processor time used so far by each thread that lives, in microseconds, by its number}
    Map<String, Double> threadMicros() {
        Map<String, Double> all = new HashMap<>();
        try (Stream<Path> threads = Files.list(Path.of("/proc/" + process.pid() + "/task"))) {
            for (Path thread : threads.toList()) {
                try {
                    String nanos = Files.readString(thread.resolve("schedstat")).split(" ")[0];
                    all.put(thread.getFileName().toString(), Long.parseLong(nanos) / NANOS_A_MICRO);
                } catch (NoSuchFileException e) {
                    continue;  // it has ended meanwhile
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(name + " has ended", e);
        }
        return all;
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
