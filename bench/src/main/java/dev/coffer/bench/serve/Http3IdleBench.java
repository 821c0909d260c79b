package dev.coffer.bench.serve;

import dev.coffer.bench.table.Machine;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/// What idle connections of HTTP/3 hold in our server, and what it costs that each says something now and then: a server in a process of its own, clients in another behind
/// four sockets. `bench/run h3-idle COUNT`; `-Dcoffer.bench.seconds` (30) between two PINGs of a connection. Before it counts, so many are said that the server is compiled.
public final class Http3IdleBench {
    public static final String NAME = "h3-idle";
    public static final String TITLE = "idle connections of HTTP/3: memory of a server, and its processor time where each says a PING each 30 s";
    /// Connections, where nobody says how many.
    public static final int CONNECTIONS = 10_000;

    private static final int SECONDS = Integer.getInteger("coffer.bench.seconds", 30);
    private static final int WARM = 120_000;            // PINGs
    private static final int WARM_A_SECOND = 5_000;
    /// As much heap as there are objects, and little for garbage, of which there is none to speak of: what was touched once stays resident. Otherwise as the launcher starts `serve`.
    private static final List<String> SERVER =
            List.of("-Xms16m", "-Xmx1g", "-Xmn4m", "-XX:MinHeapFreeRatio=2", "-XX:MaxHeapFreeRatio=5", "-XX:+UseCompactObjectHeaders",
                    "-XX:-UsePerfData", "-XX:TrimNativeHeapInterval=5000");
    private static final List<String> CLIENTS = List.of("-Xms64m", "-Xmx4g");
    private static final double MICROS = 1e6;

    private Http3IdleBench() {}

    /// Prints the table. Needs `openssl`.
    ///
    /// @param connections  1..200,000
    public static void run(int connections) throws IOException, InterruptedException {
        if (!Loads.areThere(NAME, "openssl", "openssl")) {
            System.exit(2);
        }
        Files.createDirectories(ServeBench.WORK);
        Servers.Identity as = TlsBench.identity();
        List<String> options = new ArrayList<>(SERVER);
        options.addAll(List.of(System.getProperty("coffer.bench.server", "").split(" ")));
        options.removeIf(String::isEmpty);
        Process server =
                start(Servers.java(options, Http3IdleServer.class, Integer.toString(connections + 16), as.certificate().toString(), as.key().toString()));
        Process clients = null;
        try (PrintStream ask = new PrintStream(server.getOutputStream(), true, StandardCharsets.US_ASCII); BufferedReader told = server.inputReader()) {
            String[] serving = line(told).split(" ");
            clients = start(Servers.java(CLIENTS, Http3IdleClients.class, serving[1], "1", as.certificate().toString()));
            first(clients);             // what the first connection loads is not the others'
            long[] before = held(ask, told, server);
            clients = start(Servers.java(CLIENTS, Http3IdleClients.class, serving[1], Integer.toString(connections), as.certificate().toString()));
            try (PrintStream order = new PrintStream(clients.getOutputStream(), true, StandardCharsets.US_ASCII); BufferedReader said = clients.inputReader()) {
                double micros = micros(server);
                System.err.println("bench " + NAME + ": " + line(said));
                double let = micros(server) - micros;
                long[] after = held(ask, told, server);
                begin(serving, before, after, connections, let);
                for (int warm = 0; warm < WARM; warm += connections) {
                    said(order, said, server, "ping", Math.max(1, connections / WARM_A_SECOND));
                }
                said("a PING of each in " + SECONDS + " s", said(order, said, server, "ping", SECONDS));
                said("a PING of each in " + SECONDS + " s, again", said(order, said, server, "ping", SECONDS));
                said("a frame on each's control stream in " + SECONDS + " s, which is read", said(order, said, server, "frames", SECONDS));
                long[] last = held(ask, told, server);
                System.out.printf(Locale.ROOT, "| resident memory of the server's process at the end, and once it has collected | %,d KiB, %,d |%n",
                        last[0] / 1024, last[1] / 1024);
                System.out.printf(Locale.ROOT, "| the clients' process, apart | %,d KiB |%n", IdleBench.residentBytes(Long.toString(clients.pid())) / 1024);
            }
        } finally {
            server.destroy();
            if (clients != null) {
                clients.destroy();
            }
        }
    }

    private static void begin(String[] serving, long[] before, long[] after, int connections, double let) throws IOException {
        System.out.println("**" + NAME + "**: " + TITLE + "  ");
        System.out.println(Machine.line() + ", load: " + load());
        System.out.println();
        System.out.println("| " + connections + " connections | |");
        System.out.println("|---|---|");
        System.out.printf(Locale.ROOT, "| open, each after a handshake and a request | %,d |%n", after[3] - before[3]);
        System.out.printf(Locale.ROOT, "| processor time of the server's to let one in | %.0f us |%n", let / connections);
        System.out.printf(Locale.ROOT, "| the server's plan, and objects that it names | %,d + %,d bytes |%n", Long.parseLong(serving[3]),
                Long.parseLong(serving[4]));
        System.out.printf(Locale.ROOT, "| blocks that each holds | %.1f bytes |%n", (after[4] - before[4]) / (double) connections);
        System.out.printf(Locale.ROOT, "| heap in use | %,d bytes, %,d of them before |%n", after[2], before[2]);
        System.out.printf(Locale.ROOT, "| resident memory of the server's process | %,d KiB, %,d of them before; collected %,d |%n", after[0] / 1024,
                before[0] / 1024,
                after[1] / 1024);
    }

    private static String load() throws IOException {
        return Files.readString(Path.of("/proc/loadavg")).split(" ")[0];
    }

    /// {@return how many were said, datagrams that came back, connections that have ended, the server's microseconds, seconds}
    private static double[] said(PrintStream order, BufferedReader said, Process server, String what, int seconds) throws IOException {
        double micros = micros(server);
        long begun = System.nanoTime();
        order.println(what + " " + seconds);
        String[] words = line(said).split(" ");
        double lasted = (System.nanoTime() - begun) / 1e9;
        if (seconds >= SECONDS) System.err.println("bench " + NAME + ": " + what + " in " + seconds + " s: " + String.join(" ", words));
        return new double[] {Double.parseDouble(words[0]), Double.parseDouble(words[1]), Double.parseDouble(words[2]), micros(server) - micros, lasted};
    }

    private static void said(String what, double[] of) throws IOException {
        System.out.printf(Locale.ROOT, "| %s: %,.0f, %,.0f datagrams came back, %.0f have ended, load %s | %.2f %% of a processor, %.1f us each |%n", what,
                of[0], of[1], of[2], load(),
                100 * of[3] / (of[4] * MICROS), of[3] / of[0]);
    }

    private static void first(Process clients) throws IOException, InterruptedException {
        try (BufferedReader said = clients.inputReader()) {
            line(said);
        }
        clients.destroy();
        clients.waitFor();
    }

    /// {@return resident bytes, the same once the server has collected, bytes of its heap in use, connections accepted, bytes of blocks that are lent, connections refused}
    private static long[] held(PrintStream ask, BufferedReader told, Process server) throws IOException, InterruptedException {
        Thread.sleep(1000);
        String pid = Long.toString(server.pid());
        long resident = IdleBench.residentBytes(pid);
        ask.println();
        long[] said = Stream.of(line(told).split(" ")).mapToLong(Long::parseLong).toArray();
        return LongStream.concat(LongStream.of(resident, IdleBench.residentBytes(pid)), LongStream.of(said)).toArray();
    }

    private static double micros(Process process) throws IOException {
        return process.info().totalCpuDuration().orElseThrow(() -> new IOException("ended")).toNanos() / 1e3;
    }

    private static Process start(List<String> command) throws IOException {
        return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    }

    private static String line(BufferedReader from) throws IOException {
        String line = from.readLine();
        if (line == null) {
            throw new IOException("a process has ended");
        }
        return line;
    }
}
