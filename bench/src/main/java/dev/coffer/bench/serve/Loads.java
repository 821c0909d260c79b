package dev.coffer.bench.serve;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The programs that load a server from the second processor, each counting what was answered: `wrk` by HTTP/1.1, `h2load` by HTTP/2,
/// `openssl s_time` by a connection a request.
final class Loads {
    /// The system's OpenSSL reads it: what its clients offer, so that every server does the same work.
    private static final String OPENSSL_CONF = """
            openssl_conf = all
            [all]
            ssl_conf = tls
            [tls]
            system_default = offer
            [offer]
            MinProtocol = TLSv1.3
            Ciphersuites = %s
            Groups = X25519
            """;
    private static final Pattern REQUESTS = Pattern.compile("(\\d+) requests in ([0-9.]+)(m?s|m)");
    private static final Pattern ERRORS = Pattern.compile("Non-2xx|Socket errors: (?!connect 0, read 0, write 0, timeout 0)");
    private static final Pattern STREAMS = Pattern.compile("(\\d+) succeeded, (\\d+) failed, (\\d+) errored, (\\d+) timeout");
    private static final Pattern HANDSHAKES = Pattern.compile("(?m)^[rt*]*(\\d+) connections in [0-9]+ real seconds");

    /// A load that has not come to its end by then does not: `h2load` was seen to wait without one on a machine too busy.
    private static final int SECONDS_MAX = 60;
    private static final int TIMED_OUT = 124;

    private Loads() {}

    /// {@return whether all programs are there; else says which one is not}
    static boolean areThere(String bench, String packages, String... tools) {
        for (String tool : tools) {
            if (find(tool) == null) {
                System.err.println("bench " + bench + ": " + tool + " is not installed (apt-get install " + packages + ")");
                return false;
            }
        }
        return true;
    }

    static Path find(String tool) {
        for (String folder : (System.getenv().getOrDefault("PATH", "") + ":/usr/sbin").split(":")) {
            Path path = Path.of(folder, tool);
            if (Files.isExecutable(path)) {
                return path;
            }
        }
        return null;
    }

    /// {@return requests that `wrk` was answered}
    static long http1(Served server, String path, int connections, int seconds) throws IOException, InterruptedException {
        String said = run(server, List.of("wrk", "-t1", "-c" + connections, "-d" + seconds + "s", server.url(path)));
        if (said.isEmpty()) {
            return 0;
        }
        Matcher requests = REQUESTS.matcher(said);
        if (!requests.find() || ERRORS.matcher(said).find()) {
            throw new IOException("wrk at " + server.name() + " " + path + ":\n" + said);
        }
        return Long.parseLong(requests.group(1));
    }

    /// {@return requests that `h2load` was answered}
    ///
    /// @param streams  of each connection at a time
    static long http2(Served server, String path, int connections, int streams, int seconds) throws IOException, InterruptedException {
        String said = run(server, List.of("h2load", "-t1", "-c" + connections, "-m" + streams, "-D" + seconds,
                "--tls13-ciphers=" + server.suite(), server.url(path)));
        if (said.isEmpty()) {
            return 0;
        }
        Matcher requests = STREAMS.matcher(said);
        if (!requests.find() || !said.contains("Application protocol: h2") || Long.parseLong(requests.group(2)) != 0) {
            throw new IOException("h2load at " + server.name() + " " + path + ":\n" + said);
        }
        return Long.parseLong(requests.group(1));
    }

    /// {@return connections of a group that OpenSSL 3.0 does not have, by BoringSSL in a process of Netty's, each for one request}
    static long connections(Served server, String path, String group, int seconds) throws IOException, InterruptedException {
        String said = run(server, Servers.java(List.of("-Xmx128m"), NettyConnections.class, Integer.toString(server.port()), path, group,
                Integer.toString(seconds)));
        if (said.isEmpty()) {
            return 0;
        }
        Matcher made = HANDSHAKES.matcher(said);
        if (!made.find()) {
            throw new IOException("connections of " + group + " at " + server.name() + ":\n" + said);
        }
        return Long.parseLong(made.group(1));
    }

    /// {@return connections that were made, each for one request}
    ///
    /// @param resumed  whether all but the first resume its session
    static long connections(Served server, String path, boolean resumed, int seconds) throws IOException, InterruptedException {
        String said = run(server, List.of("openssl", "s_time", "-connect", server.authority(), "-tls1_3", resumed ? "-reuse" : "-new",
                "-www", path, "-time", Integer.toString(seconds)));
        if (said.isEmpty()) {
            return 0;
        }
        Matcher made = HANDSHAKES.matcher(said);
        String kinds = resumed ? "r" : "*";
        if (!made.find() || said.lines().noneMatch(line -> line.startsWith(kinds)) || resumed && said.lines().anyMatch(line -> line.startsWith("*"))) {
            throw new IOException("openssl s_time at " + server.name() + ":\n" + said);
        }
        return Long.parseLong(made.group(1));
    }

    /// {@return what a load said; nothing where it did not end}
    private static String run(Served server, List<String> command) throws IOException, InterruptedException {
        List<String> bounded = new ArrayList<>(List.of("timeout", Integer.toString(SECONDS_MAX)));
        bounded.addAll(command);
        ProcessBuilder builder = new ProcessBuilder(Served.pinned(1, bounded)).redirectErrorStream(true);
        if (!server.suite().isEmpty()) {
            Path conf = ServeBench.WORK.resolve("offer-" + server.suite() + ".cnf");
            Files.writeString(conf, OPENSSL_CONF.formatted(server.suite()));
            builder.environment().put("OPENSSL_CONF", conf.toString());
        }
        Process process = builder.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() == TIMED_OUT) {
            System.err.println(server.name() + ": no end of " + String.join(" ", command));
            return "";
        }
        return said;
    }
}
