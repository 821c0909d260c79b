package dev.coffer.bench.serve;

import dev.coffer.bench.table.Machine;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/// TLS 1.3 from one processor: the shipped command by libcrypto and by our own code, Netty with the JDK's engine and with BoringSSL, and
/// nginx, all of them as one certificate of P-256, by turns. What is compared is the server's processor time.
///
/// Clients offer one suite, AES-128-GCM, and one group, X25519, so that all do the same; our own code is offered ChaCha20-Poly1305, as it
/// would choose. The hybrid group is a row of its own: the JDK and the system's OpenSSL, which nginx stands on, may not have it.
public final class TlsBench {
    public static final String NAME = "tls";
    public static final String TITLE = "HTTPS/1.1, HTTP/2 and handshakes, server processor time, beside Netty (JDK, BoringSSL) and nginx";

    private static final int WARM_UP_SECONDS = Integer.getInteger("coffer.bench.warmup", 6);
    /// Connections that are held idle, `-Dcoffer.bench.connections`: a process has some 20,000 descriptors.
    static final int IDLE = Integer.getInteger("coffer.bench.connections", 10_000);
    private static final int IDLE_ACTIVE = 256;
    private static final double JDK = 0.91;       // at least 1.1 times as many requests
    private static final double JDK_HANDSHAKE = 0.5;
    private static final double TCNATIVE = 1.0;
    private static final int RECORDS = 64;        // of 16 KiB, in the large file
    private static final String AES = "TLS_AES_128_GCM_SHA256";
    private static final String CHACHA20 = "TLS_CHACHA20_POLY1305_SHA256";
    private static final String SMALL = "/small.txt";
    private static final String PAGE = "/page.html";
    private static final String LARGE = "/large.bin";
    private static final String ONLY = System.getProperty("coffer.bench.only", "");  // part of a row's name
    private static final String HYBRID = "X25519MLKEM768";
    private static final List<String> TIGHT = List.of("-Xms16m", "-Xmx1g");
    private static final List<String> ROOMY = List.of("-Xms256m", "-Xmx256m", "-XX:+AlwaysPreTouch");

    /// One line of the table.
    ///
    /// @param jdk     most that our time may be of Netty's with the JDK's engine; 0 for none, as with BoringSSL
    /// @param others  whether those can do it that stand on the JDK or on the system's OpenSSL
    private record Row(String what, double jdk, double tcnative, boolean others, Turns.Load load) {}

    private static final List<Row> ROWS = List.of(
            new Row("HTTPS/1.1, 14 B, 32 connections", JDK, TCNATIVE, true, (server, seconds) -> Loads.http1(server, SMALL, 32, seconds)),
            new Row("HTTPS/1.1, 14 B, 256 connections", JDK, TCNATIVE, true, (server, seconds) -> Loads.http1(server, SMALL, 256, seconds)),
            new Row("HTTPS/1.1, 22,000 B, 32 connections", JDK, TCNATIVE, true, (server, seconds) -> Loads.http1(server, PAGE, 32, seconds)),
            new Row("HTTP/2, 14 B, 16 connections of 8 streams", JDK, TCNATIVE, true,
                    (server, seconds) -> Loads.http2(server, SMALL, 16, 8, seconds)),
            new Row("HTTP/2, 22,000 B, 16 connections of 8 streams", JDK, TCNATIVE, true,
                    (server, seconds) -> Loads.http2(server, PAGE, 16, 8, seconds)),
            new Row("a record of 16 KiB, of 1 MiB files, 8 connections", 0, 0, true,
                    (server, seconds) -> RECORDS * Loads.http1(server, LARGE, 8, seconds)),
            new Row("full handshake, X25519, and a request", JDK_HANDSHAKE, 0, true,
                    (server, seconds) -> Loads.connections(server, SMALL, false, seconds)),
            new Row("resumed handshake, X25519, and a request", JDK_HANDSHAKE, 0, true,
                    (server, seconds) -> Loads.connections(server, SMALL, true, seconds)),
            new Row("full handshake, X25519MLKEM768, and a request", 0, 0, false,
                    (server, seconds) -> Loads.connections(server, SMALL, HYBRID, seconds)));

    /// How a server is started, so that it can be twice.
    private record Peer(String name, String suite, boolean hasHybrid, Starting command) {
        interface Starting {
            List<String> of(Path folder, int port, int connections, List<String> heap, Servers.Identity as);
        }

        Served start(Path folder, int connections, List<String> heap, Servers.Identity as) throws IOException {
            return Served.start(name, suite, ServeBench.WORK.resolve("tls-" + name.replace(' ', '-') + ".log"),
                    port -> command.of(folder, port, connections, heap, as));
        }
    }

    private static final List<Peer> PEERS = List.of(
            new Peer("Coffer", AES, true, (folder, port, connections, heap, as) -> coffer("native", folder, port, connections, as)),
            new Peer("Coffer strict", CHACHA20, true, (folder, port, connections, heap, as) -> coffer("strict", folder, port, connections, as)),
            new Peer("Netty JDK", AES, false, (folder, port, connections, heap, as) -> Servers.netty(folder, port, heap, "JDK", as)),
            new Peer("Netty tcnative", AES, true, (folder, port, connections, heap, as) -> Servers.netty(folder, port, heap, "OPENSSL", as)),
            new Peer("nginx", AES, false, (folder, port, connections, heap, as) -> Servers.nginx(folder, port, connections, as)));

    private TlsBench() {}

    private static List<String> coffer(String form, Path folder, int port, int connections, Servers.Identity as) {
        return Servers.coffer(folder, port, connections, "--idle-seconds", "3600", "--tls", "--crypto", form, "--cert", as.certificate().toString(),
                "--key", as.key().toString());
    }

    /// Prints the tables. Needs `wrk`, `h2load`, `openssl`, `nginx` and `taskset` (Debian: wrk, nghttp2-client, openssl, nginx, util-linux), and
    /// two processors.
    public static void run() throws IOException, InterruptedException {
        if (!Loads.areThere(NAME, "wrk nghttp2-client openssl nginx util-linux", "wrk", "h2load", "openssl", "nginx", "taskset")) {
            System.exit(2);
        }
        Servers.build();
        Path folder = ServeBench.WORK.resolve("tls");
        Files.createDirectories(folder);
        write(folder, SMALL, 14);
        write(folder, PAGE, 22_000);
        write(folder, LARGE, 1 << 20);
        Servers.Identity as = identity();
        List<Served> servers = new ArrayList<>();
        try {
            for (Peer peer : PEERS) {
                servers.add(peer.start(folder, 1024, ROOMY, as));
            }
            measure(servers);
        } finally {
            servers.forEach(Served::close);
        }
        IdleBench.run(as);
        idle(folder, as);
    }

    static void write(Path folder, String path, int bytes) throws IOException {
        byte[] content = new byte[bytes];
        Arrays.fill(content, (byte) 'c');
        Files.write(folder.resolve(path.substring(1)), content);
    }

    static Servers.Identity identity() throws IOException, InterruptedException {
        Servers.Identity as = new Servers.Identity(ServeBench.WORK.resolve("tls-cert.pem"), ServeBench.WORK.resolve("tls-key.pem"));
        Process made = new ProcessBuilder("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", as.key().toString(), "-out",
                as.certificate().toString()).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
        if (made.waitFor() != 0) {
            throw new IOException("openssl req made no certificate");
        }
        return as;
    }

    private static void measure(List<Served> servers) throws IOException, InterruptedException {
        System.out.println("**" + NAME + "**: " + TITLE + "; medians of " + Turns.ROUNDS + " rounds of " + Turns.SECONDS + " s  ");
        System.out.println(Machine.line() + ", load before: " + Files.readString(Path.of("/proc/loadavg")).split(" ")[0]);
        System.out.println();
        System.out.println("| microseconds each | Coffer | Coffer strict, ChaCha20 | Netty, JDK | Netty, tcnative | nginx | Coffer to Netty JDK |"
                + " to tcnative | to nginx | strict to Netty JDK | a second: Coffer / strict / JDK / tcnative / nginx |");
        System.out.println("|---|---|---|---|---|---|---|---|---|---|---|");
        for (Row row : ROWS.stream().filter(each -> each.what.contains(ONLY)).toList()) {
            List<Served> able = new ArrayList<>(servers);
            for (int i = 0; i < able.size(); i++) {
                if (!row.others && !PEERS.get(i).hasHybrid) {
                    able.set(i, null);
                }
            }
            if (WARM_UP_SECONDS > 0) {
                Turns.measure(NAME, row.what + " (warm-up)", able, 1, WARM_UP_SECONDS, row.load);
            }
            print(row, Turns.measure(NAME, row.what, able, Turns.ROUNDS, Turns.SECONDS, row.load));
        }
        System.out.println();
    }

    private static void print(Row row, List<Turns.Measured> all) {
        Turns.Measured coffer = all.getFirst();
        StringBuilder line = new StringBuilder("| ").append(row.what);
        for (Turns.Measured each : all) {
            line.append(Double.isNaN(each.micros()) ? " | -" : String.format(Locale.ROOT, " | %.2f", each.micros()));
        }
        line.append(" | ").append(coffer.to(all.get(2), row.jdk)).append(" | ").append(coffer.to(all.get(3), row.tcnative)).append(" | ")
                .append(coffer.to(all.get(4), 0)).append(" | ").append(all.get(1).to(all.get(2), 0)).append(" |");
        for (Turns.Measured each : all) {
            line.append(Double.isNaN(each.perSecond()) ? " -" : String.format(Locale.ROOT, " %,.0f", each.perSecond()))
                    .append(each == all.getLast() ? " |" : " /");
        }
        System.out.println(line);
    }

    /// What each of the others' processes grows by, and the shipped command's: resident memory, after a collection where there is a collector.
    private static void idle(Path folder, Servers.Identity as) throws IOException, InterruptedException {
        System.out.println("| resident memory of a server, after a first request and a collection | bytes of each of " + IDLE
                + " connections | in all, KiB |");
        System.out.println("|---|---|---|");
        for (Peer peer : PEERS) {
            try (Served server = peer.start(folder, IDLE + 512, TIGHT, as)) {
                Loads.http1(server, SMALL, IDLE_ACTIVE, 2);
                collect(server);
                long before = server.residentBytes();
                Process clients = IdleBench.clients(server.port(), IDLE, "tls");
                try (BufferedReader told = clients.inputReader()) {
                    IdleBench.expect(told, "connected");
                    collect(server);
                    long after = server.residentBytes();
                    System.out.printf(Locale.ROOT, "| %s | %,.0f | %,d |%n", peer.name, (after - before) / (double) IDLE, after / 1024);
                } finally {
                    clients.destroy();
                }
            }
        }
        System.out.println();
    }

    static void collect(Served server) throws IOException, InterruptedException {
        if (server.name().startsWith("Netty")) {
            new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(), Long.toString(server.pid()), "GC.run")
                    .redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start().waitFor();
        }
        Thread.sleep(1000);
    }
}
