package dev.coffer.server;

import dev.coffer.server.files.FileSite;
import dev.coffer.testkit.HeapMode;
import dev.coffer.testkit.SteadyPath;
import dev.coffer.testkit.SteadyPaths;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Requests over HTTP/2 through sockets, loop and handlers: 0 heap bytes of the loop's thread, whoever executes it.
class Http2SteadyPathsTest {
    @ParameterizedTest
    @EnumSource(HeapMode.class)
    void noRequestMakesAnObject(HeapMode mode) {
        SteadyPaths.check(mode, List.of(Served.class));
    }

    /// Files, a listing, echoes, refusals; one connection for all.
    static final class Served implements SteadyPath {
        private final Path root;
        private final Server files;
        private final Http2Talk talk;
        private final long thread;
        private int stream = 1;

        Served() throws IOException {
            root = Files.createTempDirectory("steady");
            Files.writeString(root.resolve("small.txt"), "hello");
            Files.write(root.resolve("large.bin"), new byte[100_000]);
            files = Server.open(ServerConfig.standard().withHttp2(Http2Serving.defaults()), FileSite.of(root, 16));
            files.start();
            thread = Thread.getAllStackTraces().keySet().stream().filter(t -> t.getName().equals("coffer-loop-0")).findFirst().orElseThrow().threadId();
            talk = Http2Talk.open(files.address()).hello();
        }

        @Override
        public void run() throws IOException {
            talk.answers.clear();
            int from = stream;
            talk.get(stream, "/small.txt").get(stream + 2, "/large.bin").get(stream + 4, "/none").get(stream + 6, "/small.txt", "range", "bytes=1-2");
            talk.request(stream + 8, "POST", "/small.txt", false);
            talk.frame(Http2Talk.DATA, 1, stream + 8, "hello".getBytes(StandardCharsets.US_ASCII));
            talk.request(stream + 10, "GET", "/small.txt", true, "x", "y".repeat(9000));
            stream += 12;
            int bytes = 0;
            for (int i = from; i < stream; i += 2) {
                bytes += talk.answer(i).content.size();
            }
            if (bytes < 100_000) {
                throw new AssertionError(bytes);
            }
        }

        @Override
        public int operations() {
            return 8;
        }

        @Override
        public long thread() {
            return thread;
        }

        @Override
        public void close() throws IOException {
            talk.close();
            files.close();
            for (String name : new String[] {"small.txt", "large.bin", ""}) {
                Files.delete(root.resolve(name));
            }
        }
    }
}
