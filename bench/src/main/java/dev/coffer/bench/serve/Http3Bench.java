package dev.coffer.bench.serve;

import dev.coffer.bench.table.Machine;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/// HTTP/3 from one processor: the shipped command, Netty's codec over quiche and nginx with HTTP/3, as one certificate of P-256, by turns, under the load of one client of Netty's.
/// What is compared is the server's processor time.
///
/// nginx with HTTP/3 is that of a newer Debian, in a root folder of its own that `HTTP3_ROOT` names; without one its column is empty.
public final class Http3Bench {
    public static final String NAME = "h3";
    public static final String TITLE = "HTTP/3, server processor time, a large file, handshakes and idle connections, beside Netty (quiche) and nginx";

    private static final String SMALL = "/small.txt";
    private static final String PAGE = "/page.html";
    private static final String LARGE = "/large.bin";
    private static final int LARGE_BYTES = 100_000_000;
    private static final int WARM_UP_SECONDS = Integer.getInteger("coffer.bench.warmup", 4);
    /// Rounds of warming up, of all servers alike: until none takes another time than in the round before, by more than that part.
    private static final int WARM_UP_ROUNDS_MAX = Integer.getInteger("coffer.bench.warmups", 12);
    private static final double STILL = 0.05;
    private static final int ROUNDS = Integer.getInteger("coffer.bench.rounds", 3);
    private static final int IDLE = Integer.getInteger("coffer.bench.connections", 1000);
    private static final double NETTY = 1.0;
    private static final String ROOT = System.getenv().getOrDefault("HTTP3_ROOT", "");
    private static final String OWN_HEAP = "-Xms256m -Xmx256m -XX:+AlwaysPreTouch";
    private static final List<String> ROOMY = List.of("-Xms256m", "-Xmx256m", "-XX:+AlwaysPreTouch");

    /// One line of the table.
    ///
    /// @param order  of the load, with a place for the port and one for the seconds
    /// @param octets whether content is counted, in MB, and not answers
    private record Row(String what, String order, boolean octets, double netty) {}

    private static final List<Row> ROWS = List.of(
            new Row("a request, 14 B, 8 connections of 16 streams", "requests %d " + SMALL + " 8 16 %d", false, NETTY),
            new Row("a request, 22,000 B, 8 connections of 16 streams", "requests %d " + PAGE + " 8 16 %d", false, NETTY),
            new Row("a MB of a file of 100 MB, one connection", "requests %d " + LARGE + " 1 1 %d", true, NETTY),
            new Row("a full handshake, X25519, and a request, 8 at a time", "connections %d " + SMALL + " 8 %d", false, NETTY));

    private Http3Bench() {}

    /// Prints the tables. Needs `openssl` and `taskset` (Debian: openssl, util-linux), and two processors.
    public static void run() throws IOException, InterruptedException {
        if (!Loads.areThere(NAME, "openssl util-linux", "openssl", "taskset")) {
            System.exit(2);
        }
        Servers.build();
        Path folder = ServeBench.WORK.resolve("h3");
        Files.createDirectories(folder);
        TlsBench.write(folder, SMALL, 14);
        TlsBench.write(folder, PAGE, 22_000);
        TlsBench.write(folder, LARGE, LARGE_BYTES);
        Servers.Identity as = TlsBench.identity();
        List<Served> servers = new ArrayList<>();
        Process load = new ProcessBuilder(Served.pinned(1, Servers.java(ROOMY, NettyHttp3Load.class))).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        try (PrintStream orders = new PrintStream(load.getOutputStream(), true, StandardCharsets.US_ASCII); BufferedReader said = load.inputReader()) {
            start(servers, folder, as);
            measure(servers, orders, said);
            idle(servers, orders, said);
        } finally {
            servers.forEach(server -> {
                if (server != null) {
                    server.close();
                }
            });
            load.destroy();
        }
    }

    private static void start(List<Served> servers, Path folder, Servers.Identity as) throws IOException {
        servers.add(Served.start("Coffer", "h3", ServeBench.WORK.resolve("h3-coffer.log"), port -> {
            List<String> command = new ArrayList<>(List.of("env", "COFFER_JAVA_OPTS=-XX:+UseSerialGC " + OWN_HEAP));
            command.addAll(Servers.coffer(folder, port, 64, "--tls", "--cert", as.certificate().toString(), "--key", as.key().toString(), "--idle-seconds",
                    "3600", "--http3-connections", Integer.toString(2 * IDLE + 64), "--http3-streams", "512"));
            return command;
        }));
        servers.add(Served.start("Netty", "h3", ServeBench.WORK.resolve("h3-netty.log"), port -> Servers.java(ROOMY, NettyHttp3Server.class,
                folder.toString(), Integer.toString(port), as.certificate().toString(), as.key().toString())));
        servers.add(ROOT.isEmpty() ? null : Served.start("nginx", "h3", ServeBench.WORK.resolve("h3-nginx.log"), port -> nginx(folder, port, as)));
    }

    /// {@return nginx of the other root, where it finds copies of all}
    private static List<String> nginx(Path folder, int port, Servers.Identity as) {
        Path inside = Path.of("/tmp/coffer-bench-h3");
        Path own = Path.of(ROOT + inside);
        try {
            Files.createDirectories(own.resolve("site"));
            for (String file : new String[] {SMALL, PAGE, LARGE}) {
                Files.copy(folder.resolve(file.substring(1)), own.resolve("site" + file), StandardCopyOption.REPLACE_EXISTING);
            }
            Files.copy(as.certificate(), own.resolve("cert.pem"), StandardCopyOption.REPLACE_EXISTING);
            Files.copy(as.key(), own.resolve("key.pem"), StandardCopyOption.REPLACE_EXISTING);
            Files.writeString(own.resolve("nginx.conf"), """
                    daemon off;
                    master_process off;
                    user root;
                    pid %1$s/nginx.pid;
                    error_log %1$s/nginx-error.log;
                    events { worker_connections 8192; }
                    http {
                        access_log off;
                        keepalive_requests 100000000;
                        keepalive_timeout 1h;
                        http3_max_concurrent_streams 128;
                        quic_gso on;
                        open_file_cache max=100;
                        open_file_cache_valid 3s;
                        types { text/html html; text/plain txt; }
                        client_body_temp_path %1$s/t1; proxy_temp_path %1$s/t2; fastcgi_temp_path %1$s/t3;
                        uwsgi_temp_path %1$s/t4; scgi_temp_path %1$s/t5;
                        server {
                            listen 127.0.0.1:%2$d quic reuseport; listen 127.0.0.1:%2$d ssl; http3 on; ssl_protocols TLSv1.3; ssl_ecdh_curve X25519;
                            ssl_certificate %1$s/cert.pem; ssl_certificate_key %1$s/key.pem; root %1$s/site;
                        }
                    }
                    """.formatted(inside, port));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        return List.of("chroot", ROOT, "/usr/sbin/nginx", "-c", inside + "/nginx.conf", "-e", inside + "/nginx-error.log");
    }

    /// {@return answers, octets and failures}
    private static long[] ordered(PrintStream orders, BufferedReader said, String order) throws IOException {
        orders.println(order);
        String line = said.readLine();
        if (line == null) {
            throw new IOException("the load has ended");
        }
        long[] counts = Arrays.stream(line.split(" ")).mapToLong(Long::parseLong).toArray();
        if (counts[0] == 0 && counts[1] == 0 || counts[2] > 0) {
            throw new IOException(order + ": " + line + " (expected answers and no failure)");
        }
        return counts;
    }

    private static void measure(List<Served> servers, PrintStream orders, BufferedReader said) throws IOException, InterruptedException {
        System.out.println("**" + NAME + "**: " + TITLE + "; medians of " + ROUNDS + " rounds of " + Turns.SECONDS
                + " s, behind rounds of " + WARM_UP_SECONDS + " s until all stand still  ");
        System.out.println(Machine.line() + ", load before: " + Files.readString(Path.of("/proc/loadavg")).split(" ")[0]);
        System.out.println();
        System.out.println(
                "| microseconds of the server's for | Coffer | Netty, quiche | nginx | Coffer to Netty | to nginx | a second: Coffer / Netty / nginx |");
        System.out.println("|---|---|---|---|---|---|---|");
        for (Row row : ROWS) {
            Turns.Load load = (server, seconds) -> {
                long[] counts = ordered(orders, said, row.order.formatted(server.port(), seconds));
                return row.octets ? counts[1] / 1_000_000 : counts[0];
            };
            warm(row, servers, load);
            List<Turns.Measured> all = Turns.measure(NAME, row.what, servers, ROUNDS, Turns.SECONDS, load);
            StringBuilder line = new StringBuilder("| ").append(row.what);
            for (Turns.Measured each : all) {
                line.append(Double.isNaN(each.micros()) ? " | -" : String.format(Locale.ROOT, " | %.2f", each.micros()));
            }
            line.append(" | ").append(all.getFirst().to(all.get(1), row.netty)).append(" | ").append(all.getFirst().to(all.get(2), 0)).append(" |");
            for (Turns.Measured each : all) {
                line.append(Double.isNaN(each.perSecond()) ? " -" : String.format(Locale.ROOT, " %,.0f", each.perSecond()))
                        .append(each == all.getLast() ? " |" : " /");
            }
            System.out.println(line);
        }
        System.out.println();
    }

    /// Loads all servers by turns until what each takes stands still: a compiler has its turn while it is loaded, for half a minute of a processor.
    private static void warm(Row row, List<Served> servers, Turns.Load load) throws IOException, InterruptedException {
        List<Turns.Measured> before = List.of();
        for (int round = 0; round < WARM_UP_ROUNDS_MAX; round++) {
            List<Turns.Measured> now = Turns.measure(NAME, row.what + " (warm-up)", servers, 1, WARM_UP_SECONDS, load);
            if (isStill(before, now)) {
                return;
            }
            before = now;
        }
        System.err.println("bench " + NAME + ": " + row.what + " did not stand still in " + WARM_UP_ROUNDS_MAX + " rounds of warming up");
    }

    private static boolean isStill(List<Turns.Measured> before, List<Turns.Measured> now) {
        boolean still = !before.isEmpty();
        for (int i = 0; i < before.size(); i++) {
            still &= !(Math.abs(now.get(i).micros() / before.get(i).micros() - 1) > STILL);  // not a number: a server that is not there
        }
        return still;
    }

    /// What each process grows by: resident memory, after a collection where there is a collector. Ours has committed all of its own before.
    private static void idle(List<Served> servers, PrintStream orders, BufferedReader said) throws IOException, InterruptedException {
        System.out.println("| resident memory of a server, after all of the above and a collection | bytes of each of " + IDLE
                + " more connections | in all, KiB |");
        System.out.println("|---|---|---|");
        for (Served server : servers) {
            if (server == null) {
                continue;
            }
            ordered(orders, said, "idle %d %s 10".formatted(server.port(), SMALL));
            TlsBench.collect(server);
            long before = server.residentBytes();
            ordered(orders, said, "idle %d %s %d".formatted(server.port(), SMALL, IDLE));
            TlsBench.collect(server);
            long after = server.residentBytes();
            System.out.printf(Locale.ROOT, "| %s | %,.0f | %,d |%n", server.name(), (after - before) / (double) IDLE, after / 1024);
        }
        System.out.println();
    }
}
