package dev.coffer.bench.serve;

import dev.coffer.bench.table.Machine;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// How near a server of small answers is to the least that it can cost: a C program that reads no HTTP, by epoll and by io_uring
/// (`bench/src/main/c/floor.c`), beside ours and Netty, by turns. What is compared is the processor time a request of the one thread
/// that answers.
public final class FloorBench {
    public static final String NAME = "floor";
    public static final String TITLE = "14-byte answers beside the least they can cost: a C program without HTTP, by epoll and io_uring";

    private static final int ROUNDS = Integer.getInteger("coffer.bench.rounds", 7);
    private static final int SECONDS = Integer.getInteger("coffer.bench.seconds", 1);
    private static final int WARM_UP_SECONDS = 6;
    private static final String PATH = "/small.txt";
    private static final byte[] CONTENT = "cccccccccccccc".getBytes(StandardCharsets.US_ASCII);
    private static final Path SOURCE = Path.of("bench", "src", "main", "c", "floor.c");

    private FloorBench() {}

    /// Prints the table. Needs `cc`, `wrk` and `taskset` and two processors, io_uring, and a kernel that tells of a thread's time.
    public static void run() throws IOException, InterruptedException {
        if (!Loads.areThere(NAME, "gcc wrk util-linux", "cc", "wrk", "taskset")) {
            System.exit(2);
        }
        Path folder = ServeBench.WORK.resolve("floor");
        Files.createDirectories(folder);
        Files.write(folder.resolve(PATH.substring(1)), CONTENT);
        Path program = ServeBench.WORK.resolve("floor.bin");
        if (new ProcessBuilder("cc", "-O2", "-o", program.toString(), SOURCE.toString()).inheritIO().start().waitFor() != 0) {
            throw new IOException(SOURCE + " does not compile");
        }
        try (Served epoll = bare("epoll", program);
                Served receive = bare("receive", program);
                Served ring = bare("ring", program);
                Served netty = Served.start("Netty", log("netty"), port -> Servers.netty(folder, port));
                Served coffer = Served.start("Coffer", log("coffer"), port -> Servers.coffer(folder, port))) {
            measure(List.of(epoll, receive, ring, netty, coffer));
        }
    }

    private static Served bare(String way, Path program) throws IOException {
        return Served.start(way, log(way), port -> List.of(program.toString(), way, Integer.toString(port)));
    }

    private static Path log(String name) {
        return ServeBench.WORK.resolve("floor-" + name + ".log");
    }

    private static void measure(List<Served> servers) throws IOException, InterruptedException {
        System.out.println("**" + NAME + "**: " + TITLE + "; medians of " + ROUNDS + " rounds of " + SECONDS + " s  ");
        System.out.println(Machine.line() + ", load before: " + Files.readString(Path.of("/proc/loadavg")).split(" ")[0]);
        System.out.println();
        System.out.println("| connections | C, epoll us | C, received by io_uring | C, sent too | Netty | Coffer | Coffer to Netty |");
        System.out.println("|---|---|---|---|---|---|---|");
        for (Served server : servers) {
            Loads.http1(server, PATH, 256, WARM_UP_SECONDS);
        }
        for (int connections : ServeBench.CONNECTIONS) {
            double[] medians = medians(servers, connections);
            System.out.println(String.format(Locale.ROOT, "| %d | %.2f | %s | %s | %s | %s | %.3f |", connections, medians[0], beside(medians, 1),
                    beside(medians, 2), beside(medians, 3), beside(medians, 4), medians[4] / medians[3]));
        }
        System.out.println();
    }

    private static String beside(double[] medians, int of) {
        return String.format(Locale.ROOT, "%.2f (%.3f)", medians[of], medians[of] / medians[0]);
    }

    private static double[] medians(List<Served> servers, int connections) throws IOException, InterruptedException {
        List<double[]> all = new ArrayList<>();
        for (int i = 0; i < servers.size(); i++) {
            all.add(new double[ROUNDS]);
        }
        for (int round = 0; round < ROUNDS; round++) {
            for (int i = 0; i < servers.size(); i++) {
                int of = round % 2 == 0 ? i : servers.size() - 1 - i;  // nobody is always behind the same one
                all.get(of)[round] = micros(servers.get(of), connections);
            }
        }
        return all.stream().mapToDouble(Turns::median).toArray();
    }

    private static double micros(Served server, int connections) throws IOException, InterruptedException {
        Map<String, Double> before = server.threadMicros();
        long count = Loads.http1(server, PATH, connections, SECONDS);
        double[] used = server.threadMicros().entrySet().stream()
                .mapToDouble(thread -> thread.getValue() - before.getOrDefault(thread.getKey(), 0.0)).toArray();
        double micros = Arrays.stream(used).max().orElseThrow() / count;
        System.err.printf(Locale.ROOT, "bench floor: %s c%d: %.2f us%n", server.name(), connections, micros);
        return micros;
    }
}
