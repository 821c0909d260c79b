package dev.coffer.server;

import dev.coffer.crypto.key.KeyAlgorithm;
import dev.coffer.server.files.FileSite;
import dev.coffer.server.tls.Certified;
import dev.coffer.testkit.HeapMode;
import dev.coffer.testkit.SteadyPath;
import dev.coffer.testkit.SteadyPaths;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Requests over HTTP/3 through a UDP socket, QUIC, loop and handlers: 0 heap bytes of the loop's thread, whoever executes it.
@Tag("long")
class Http3SteadyPathsTest {
    @ParameterizedTest
    @EnumSource(HeapMode.class)
    void noRequestMakesAnObject(HeapMode mode) {
        SteadyPaths.check(mode, List.of(Served.class));
    }

    /// Files, ranges, what is not there, content that is refused; one connection for all, and datagrams that are nobody's.
    static final class Served implements SteadyPath {
        private static final int LARGE_BYTES = 20_000;

        private final Path root;
        private final Server files;
        private final Http3Talk talk;
        private final long thread;

        Served() throws Exception {
            root = Files.createTempDirectory("steady");
            Files.writeString(root.resolve("small.txt"), "hello");
            Files.write(root.resolve("large.bin"), new byte[LARGE_BYTES]);
            Certified identity = Certified.make(KeyAlgorithm.ED25519, "localhost");
            files = Server.open(Http3ServingTest.config(identity), FileSite.of(root, 16));
            files.start();
            thread = Thread.getAllStackTraces().keySet().stream().filter(t -> t.getName().equals("coffer-loop-0")).findFirst().orElseThrow().threadId();
            talk = Http3Talk.open(files, identity);
        }

        @Override
        public void run() throws IOException {
            List<Http3Talk.Asked> asked = new ArrayList<>();
            asked.add(talk.get("/small.txt"));
            asked.add(talk.get("/large.bin"));
            asked.add(talk.get("/none"));
            asked.add(talk.get("/small.txt", "range", "bytes=1-2"));
            asked.add(talk.post("/small.txt", "hello".getBytes(StandardCharsets.US_ASCII)));
            talk.sayRaw(RehearsalHttp3Peer.ofNoVersion(1200));
            int bytes = 0;
            for (Http3Talk.Asked each : asked) {
                bytes += talk.end(each).content.size();
            }
            talk.forget();
            if (bytes < LARGE_BYTES) {
                throw new AssertionError(bytes);
            }
        }

        @Override
        public int operations() {
            return 6;
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
