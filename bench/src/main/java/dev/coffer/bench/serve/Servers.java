package dev.coffer.bench.serve;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// How each server is started: the shipped command, Netty and nginx, all of them on one folder, in the clear or as one certificate.
final class Servers {
    /// A certificate and its key, PEM: what a server speaks TLS as.
    record Identity(Path certificate, Path key) {}

    private static final int CONNECTIONS = 1024;

    private Servers() {}

    /// Has the shipped command built where it is not, or not from these sources: minutes, on all processors, which no start of a server may wait
    /// for.
    ///
    /// @throws IOException  it cannot be built; why was told on standard error
    static void build() throws IOException, InterruptedException {
        if (new ProcessBuilder("./coffer", "serve", "--help").redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.INHERIT).start().waitFor() != 0) {
            throw new IOException("./coffer cannot be started");
        }
    }

    static List<String> coffer(Path folder, int port) {
        return coffer(folder, port, CONNECTIONS);
    }

    /// @param options  more of them
    static List<String> coffer(Path folder, int port, int connections, String... options) {
        List<String> command = new ArrayList<>(List.of("./coffer", "serve", folder.toString(), "--port", Integer.toString(port), "--connections",
                Integer.toString(connections)));
        command.addAll(List.of(options));
        return command;
    }

    static List<String> netty(Path folder, int port) {
        return java(List.of("-Xms256m", "-Xmx256m", "-XX:+AlwaysPreTouch"), NettyServer.class, folder.toString(), Integer.toString(port));
    }

    /// @param heap      options that say how large it is
    /// @param provider  `JDK` or `OPENSSL`, which is BoringSSL
    static List<String> netty(Path folder, int port, List<String> heap, String provider, Identity as) {
        return java(heap, NettyServer.class, folder.toString(), Integer.toString(port), provider, as.certificate.toString(), as.key.toString());
    }

    /// {@return a class of ours with the class path of this process}
    static List<String> java(List<String> heap, Class<?> main, String... arguments) {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow", "-cp", System.getProperty("java.class.path")));
        command.addAll(heap);
        command.add(main.getName());
        command.addAll(List.of(arguments));
        return command;
    }

    /// {@return nginx in the clear}
    static List<String> nginx(Path folder, int port) {
        return nginx(folder, port, 4096, "listen 127.0.0.1:" + port + ";");
    }

    /// {@return nginx as somebody, of TLS 1.3 alone}
    static List<String> nginx(Path folder, int port, int connections, Identity as) {
        return nginx(folder, port, connections, """
                listen 127.0.0.1:%d ssl http2; ssl_protocols TLSv1.3; ssl_ecdh_curve X25519;
                ssl_certificate %s; ssl_certificate_key %s; ssl_session_timeout 1h; keepalive_timeout 1h;
                """.formatted(port, as.certificate, as.key));
    }

    /// One process without a master, so that its processor time is all there is; files stay open, as ours do.
    private static List<String> nginx(Path folder, int port, int connections, String listen) {
        Path own = ServeBench.WORK.resolve("nginx-" + port);
        Path config = own.resolve("nginx.conf");
        try {
            Files.createDirectories(own);
            Files.writeString(config, """
                    daemon off;
                    master_process off;
                    pid %1$s/nginx.pid;
                    error_log %1$s/nginx-error.log;
                    events { worker_connections %4$d; }
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
                        server { %3$s root %2$s; }
                    }
                    """.formatted(own, folder, listen, connections));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return List.of(Loads.find("nginx").toString(), "-c", config.toString(), "-e", own.resolve("nginx-error.log").toString());
    }
}
