package dev.coffer.server;

import dev.coffer.server.files.FileSite;
import dev.coffer.server.log.AccessLog;
import dev.coffer.server.log.LogFormat;
import dev.coffer.testkit.HeapMode;
import dev.coffer.testkit.SteadyPath;
import dev.coffer.testkit.SteadyPaths;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What `serve` can be asked for beside files as they are: 0 heap bytes of the loop's thread, whoever executes it.
class ServingSteadyPathsTest {
    private static final List<Class<? extends SteadyPath>> PATHS = List.of(Served.class);

    @ParameterizedTest
    @EnumSource(HeapMode.class)
    void noPageListSiblingOrFieldMakesAnObject(HeapMode mode) {
        SteadyPaths.check(mode, PATHS);
    }

    /// A server with every option, and one connection after another.
    static final class Served implements SteadyPath {
        private static final String HOST = " HTTP/1.1\r\nHost: localhost\r\n";
        private static final byte[] REQUESTS =
                String.join("", "GET /none" + HOST + "\r\n", "GET /none" + HOST + "Accept: text/html\r\nReferer: \"a\\\r\nUser-Agent: \tb\r\n\r\n",
                        "GET /a.js" + HOST + "Accept-Encoding: gzip;q=0.5, br;q=1.0, *;q=0\r\n\r\n", "GET /a.js" + HOST + "Accept-Encoding: gzip\r\n\r\n",
                        "GET /a.js" + HOST + "Accept-Encoding: *;q=0\r\n\r\n", "GET /a.js" + HOST + "Accept-Encoding: br\r\nRange: bytes=1-2\r\n\r\n",
                        "GET /a.js" + HOST + "\r\n", "HEAD /sub/" + HOST + "\r\n", "GET /sub/" + HOST + "\r\n", "GET /sub" + HOST + "\r\n",
                        "GET /-/health" + HOST + "\r\n", "GET /-/metrics" + HOST + "\r\n",
                        "GET /-/metrics" + HOST + "X-Forwarded-Host: a\r\n\r\n", "GET /" + HOST + "Connection: close\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII);
        private final Server server;
        private final long thread;
        private final byte[] sink = new byte[1 << 16];

        Served() throws IOException {
            Path root = Files.createTempDirectory("steady");
            Runtime.getRuntime().addShutdownHook(new Thread(() -> deleteFiles(root)));
            for (String name : new String[] {"404.html", "app.html", "a.js", "a.js.br", "a.js.gz", "sub/x\"<>&\u00e4", "sub/y/z"}) {
                Files.createDirectories(root.resolve(name).getParent());
                Files.writeString(root.resolve(name), "x".repeat(100));
            }
            Files.createSymbolicLink(root.resolve("sub/link"), Path.of("y"));
            for (int i = 0; i < 50; i++) {
                Files.createFile(root.resolve("sub/f" + i));
            }
            FileSite site = FileSite.of(root, 16).withNotFoundPage("404.html").withFallbackPage("app.html").withPrecompressed()
                    .withCacheControl("/a*", "max-age=1").withFields(FixedFields.of(List.of("X-Mine: y", "Link: <z>"))).withListing(40);
            server = Server.open(ServerConfig.standard().withLongerHeads(site.headBytes()),
                    AccessLog.to(root.resolve(".access.log"), LogFormat.COMBINED, StatusPages.before(site)));
            server.start();
            thread = Thread.getAllStackTraces().keySet().stream().filter(t -> t.getName().equals("coffer-loop-0"))
                    .findFirst().orElseThrow().threadId();
        }

        private static void deleteFiles(Path root) {
            try (var paths = Files.walk(root)) {
                paths.sorted(Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void run() throws IOException {
            try (Socket socket = new Socket(server.address().getAddress(), server.address().getPort())) {
                socket.getOutputStream().write(REQUESTS);
                InputStream in = socket.getInputStream();
                int total = 0;
                for (int got; (got = in.read(sink)) >= 0;) {
                    total += got;
                }
                if (total < 5000) {
                    throw new AssertionError("only " + total + " bytes were answered");
                }
            }
        }

        @Override
        public int operations() {
            return 20;
        }

        @Override
        public long thread() {
            return thread;
        }

        @Override
        public void close() {
            server.close();
        }
    }
}
