package dev.coffer.bench.serve;

import dev.coffer.bench.table.Machine;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/// What idle connections of HTTP/3 hold in our server, and what it costs that each says something now and then: a server in a process of its own, clients in another behind
/// four sockets. `-Dcoffer.bench.connections` (10,000), `-Dcoffer.bench.seconds` (30) between two frames of a connection.
public final class Http3IdleBench {
    public static final String NAME = "h3-idle";
    public static final String TITLE = "idle connections of HTTP/3: memory of a server, and its processor time where each says something each 30 s";

    private static final int CONNECTIONS = Integer.getInteger("coffer.bench.connections", 10_000);
    private static final int SECONDS = Integer.getInteger("coffer.bench.seconds", 30);
    private static final List<String> HEAP = List.of("-Xms32m", "-Xmx1g");
    private static final double MICROS = 1e6;

    private Http3IdleBench() {}

    /// Prints the table. Needs `openssl`.
    public static void run() throws IOException, InterruptedException {
        if (!Loads.areThere(NAME, "openssl", "openssl")) {
            System.exit(2);
        }
        Files.createDirectories(ServeBench.WORK);
        Servers.Identity as = TlsBench.identity();
        Process server = start(Servers.java(HEAP, Http3IdleServer.class, Integer.toString(CONNECTIONS + 16), as.certificate().toString(), as.key().toString()));
        Process clients = null;
        try (PrintStream ask = new PrintStream(server.getOutputStream(), true, StandardCharsets.US_ASCII); BufferedReader told = server.inputReader()) {
            String[] serving = line(told).split(" ");
            clients = start(Servers.java(HEAP, Http3IdleClients.class, serving[1], "1", as.certificate().toString(), "1", "0"));
            first(clients);             // what the first connection loads is not the others'
            String[] before = held(ask, told);
            long residentBefore = IdleBench.residentBytes(Long.toString(server.pid()));
            clients = start(Servers.java(HEAP, Http3IdleClients.class, serving[1], Integer.toString(CONNECTIONS), as.certificate().toString(),
                    Integer.toString(SECONDS), "1"));
            try (PrintStream order = new PrintStream(clients.getOutputStream(), true, StandardCharsets.US_ASCII); BufferedReader said = clients.inputReader()) {
                System.err.println("bench " + NAME + ": " + line(said));
                String[] after = held(ask, told);
                long resident = IdleBench.residentBytes(Long.toString(server.pid()));
                double micros = micros(server);
                order.println();
                String pinged = line(said);
                double share = (micros(server) - micros) / (SECONDS * MICROS);
                print(serving, before, after, residentBefore, resident, pinged, share, IdleBench.residentBytes(Long.toString(clients.pid())));
            }
        } finally {
            server.destroy();
            if (clients != null) {
                clients.destroy();
            }
        }
    }

    private static void print(String[] serving, String[] before, String[] after, long residentBefore, long resident, String pinged, double share, long clients)
            throws IOException {
        System.out.println("**" + NAME + "**: " + TITLE + "  ");
        System.out.println(Machine.line() + ", load: " + Files.readString(Path.of("/proc/loadavg")).split(" ")[0]);
        System.out.println();
        System.out.println("| " + CONNECTIONS + " connections | |");
        System.out.println("|---|---|");
        System.out.printf(Locale.ROOT, "| open, each after a handshake and a request | %d |%n", Long.parseLong(after[1]) - Long.parseLong(before[1]));
        System.out.printf(Locale.ROOT, "| the server's plan, off heap and objects | %s + %s bytes |%n", serving[3], serving[4]);
        System.out.printf(Locale.ROOT, "| resident memory of its process | %,d KiB, %,d of them before |%n", resident / 1024, residentBefore / 1024);
        System.out.printf(Locale.ROOT, "| heap in use | %,d bytes, %,d of them before |%n", Long.parseLong(after[0]), Long.parseLong(before[0]));
        System.out.printf(Locale.ROOT, "| blocks that each holds | %.1f bytes |%n",
                (Long.parseLong(after[2]) - Long.parseLong(before[2])) / (double) CONNECTIONS);
        System.out.printf(Locale.ROOT, "| a frame of each in %d s: %s | %.2f %% of a processor |%n", SECONDS, pinged, 100 * share);
        System.out.printf(Locale.ROOT, "| the clients' process, apart | %,d KiB |%n", clients / 1024);
    }

    private static void first(Process clients) throws IOException, InterruptedException {
        try (BufferedReader said = clients.inputReader()) {
            line(said);
        }
        clients.destroy();
        clients.waitFor();
    }

    private static String[] held(PrintStream ask, BufferedReader told) throws IOException, InterruptedException {
        Thread.sleep(1000);
        ask.println();
        return line(told).split(" ");
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
