package dev.coffer.bench.serve;

import dev.coffer.bench.table.Machine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Files over HTTP/1.1 from one processor: the shipped command, Netty with native epoll, and nginx, each a process bound to the
/// first processor, loaded by `wrk` on the second, by turns. What is compared is the server's processor time a request:
/// one thread of `wrk` is soon the limit of requests a second.
public final class ServeBench {
    public static final String NAME = "serve";
    public static final String TITLE = "files over HTTP/1.1, server processor time a request, beside Netty (epoll) and nginx";

    /// Rounds over all servers, `-Dcoffer.bench.rounds`; the median counts.
    private static final int ROUNDS = Integer.getInteger("coffer.bench.rounds", 5);
    /// Of one server under one load, `-Dcoffer.bench.seconds`.
    private static final int SECONDS = Integer.getInteger("coffer.bench.seconds", 3);
    private static final int WARM_UP_SECONDS = 6;
    static final int[] CONNECTIONS = {32, 256};
    private static final Pattern REQUESTS = Pattern.compile("(\\d+) requests in ([0-9.]+)(m?s|m)");
    private static final Pattern ERRORS = Pattern.compile("Non-2xx|Socket errors: (?!connect 0, read 0, write 0, timeout 0)");
    static final Path WORK = Path.of("bench", "target", "serve").toAbsolutePath();

    /// @param aims  most that our time may be of Netty's and of nginx's; 0 for none
    private record File(String path, int bytes, double netty, double nginx) {}

    private static final List<File> FILES = List.of(
            new File("/small.txt", 14, 0.91, 0),
            new File("/page.html", 22_000, 0.91, 0),
            new File("/large.bin", 1_000_000, 0, 1.0));

    private record Measured(double micros, double perSecond) {}

    private ServeBench() {}

    /// Prints the table. Needs `wrk`, `nginx` and `taskset` (Debian: wrk, nginx, util-linux) and two processors.
    public static void run() throws IOException, InterruptedException {
        for (String tool : List.of("wrk", "taskset", "nginx")) {
            if (find(tool) == null) {
                System.err.println("bench serve: " + tool + " is not installed (apt-get install wrk nginx util-linux)");
                System.exit(2);
            }
        }
        Path folder = WORK.resolve("files");
        Files.createDirectories(folder);
        for (File file : FILES) {
            byte[] bytes = new byte[file.bytes];
            Arrays.fill(bytes, (byte) 'c');
            Files.write(folder.resolve(file.path.substring(1)), bytes);
        }
        try (Served coffer = Served.start("Coffer", WORK.resolve("coffer.log"), port -> coffer(folder, port));
                Served netty = Served.start("Netty", WORK.resolve("netty.log"), port -> netty(folder, port));
                Served nginx = Served.start("nginx", WORK.resolve("nginx.log"), port -> nginx(folder, port))) {
            measure(List.of(coffer, netty, nginx));
        }
    }

    static List<String> coffer(Path folder, int port) {
        return List.of("./coffer", "serve", folder.toString(), "--port", Integer.toString(port), "--connections", "1024");
    }

    static List<String> netty(Path folder, int port) {
        return List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xms256m", "-Xmx256m", "-XX:+UseSerialGC",
                "-XX:+AlwaysPreTouch", "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow",
                "-cp", System.getProperty("java.class.path"), NettyServer.class.getName(), folder.toString(), Integer.toString(port));
    }

    /// One process without a master, so that its processor time is all there is; files stay open, as ours do.
    private static List<String> nginx(Path folder, int port) {
        Path config = WORK.resolve("nginx.conf");
        try {
            Files.writeString(config, """
                    daemon off;
                    master_process off;
                    pid %1$s/nginx.pid;
                    error_log %1$s/nginx-error.log;
                    events { worker_connections 4096; }
                    http {
                        access_log off;
                        sendfile on;
                        tcp_nopush on;
                        keepalive_requests 100000000;
                        open_file_cache max=100;
                        open_file_cache_valid 3s;
                        types { text/html html; text/plain txt; }
                        client_body_temp_path %1$s/t1; proxy_temp_path %1$s/t2; fastcgi_temp_path %1$s/t3;
                        uwsgi_temp_path %1$s/t4; scgi_temp_path %1$s/t5;
                        server { listen 127.0.0.1:%3$d; root %2$s; }
                    }
                    """.formatted(WORK, folder, port));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return List.of("nginx", "-c", config.toString(), "-e", WORK.resolve("nginx-error.log").toString());
    }

    private static void measure(List<Served> servers) throws IOException, InterruptedException {
        System.out.println("**" + NAME + "**: " + TITLE + "; medians of " + ROUNDS + " rounds of " + SECONDS + " s  ");
        System.out.println(Machine.line() + ", load before: " + Files.readString(Path.of("/proc/loadavg")).split(" ")[0]);
        System.out.println();
        System.out.println("| file, connections | Coffer us | Netty us | nginx us | to Netty | to nginx | requests/s, Coffer / Netty / nginx |");
        System.out.println("|---|---|---|---|---|---|---|");
        for (Served server : servers) {
            for (File file : FILES) {
                load(server, file, 256, WARM_UP_SECONDS);
            }
        }
        for (File file : FILES) {
            for (int connections : CONNECTIONS) {
                row(servers, file, connections);
            }
        }
        System.out.println();
    }

    private static void row(List<Served> servers, File file, int connections) throws IOException, InterruptedException {
        List<List<Measured>> all = servers.stream().map(server -> (List<Measured>) new ArrayList<Measured>()).toList();
        for (int round = 0; round < ROUNDS; round++) {
            for (int i = 0; i < servers.size(); i++) {
                Measured measured = load(servers.get(i), file, connections, SECONDS);
                all.get(i).add(measured);
                System.err.printf(Locale.ROOT, "bench serve: %s %s c%d: %.2f us, %.0f/s%n", servers.get(i).name(), file.path, connections,
                        measured.micros, measured.perSecond);
            }
        }
        double[] micros = all.stream().mapToDouble(some -> median(some.stream().mapToDouble(Measured::micros).toArray())).toArray();
        double[] perSecond = all.stream().mapToDouble(some -> median(some.stream().mapToDouble(Measured::perSecond).toArray())).toArray();
        System.out.println(String.format(Locale.ROOT, "| %,d B, %d | %.2f | %.2f | %.2f | %s | %s | %,.0f / %,.0f / %,.0f |", file.bytes,
                connections, micros[0], micros[1], micros[2], ratio(micros[0] / micros[1], file.netty), ratio(micros[0] / micros[2], file.nginx),
                perSecond[0], perSecond[1], perSecond[2]));
    }

    private static String ratio(double value, double most) {
        return String.format(Locale.ROOT, "%.2f", value) + (most == 0 ? "" : (value <= most ? ", met" : ", **missed**") + " (at most " + most + ")");
    }

    static double median(double[] values) {
        Arrays.sort(values);
        return values[values.length / 2];
    }

    private static Measured load(Served server, File file, int connections, int seconds) throws IOException, InterruptedException {
        double before = server.processorMicros();
        long count = load(server, file.path, connections, seconds);
        return new Measured((server.processorMicros() - before) / count, count / (double) seconds);
    }

    /// {@return requests that were answered}
    static long load(Served server, String path, int connections, int seconds) throws IOException, InterruptedException {
        Process wrk = new ProcessBuilder(Served.pinned(1, List.of("wrk", "-t1", "-c" + connections, "-d" + seconds + "s", server.url(path))))
                .redirectErrorStream(true).start();
        String said = new String(wrk.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        wrk.waitFor();
        Matcher requests = REQUESTS.matcher(said);
        if (!requests.find() || ERRORS.matcher(said).find()) {
            throw new IOException("wrk at " + server.name() + " " + path + ":\n" + said);
        }
        return Long.parseLong(requests.group(1));
    }

    static Path find(String tool) {
        for (String folder : System.getenv().getOrDefault("PATH", "").split(":")) {
            Path path = Path.of(folder, tool);
            if (Files.isExecutable(path)) {
                return path;
            }
        }
        return null;
    }
}
