package dev.coffer.server;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What is run before the doors open. That it is enough is shown under pressure, by `DescriptorsTest`.
class RehearsalTest {
    @TempDir
    Path root;

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void everyKindOfAnswerIsHeard(boolean portable) throws IOException {
        long start = System.nanoTime();
        String statuses =
                Rehearsal.run(ServerConfig.standard().withPortable(portable).withHttp2(Http2Serving.defaults()), Setup.standard(root).site().rehearsal());
        System.out.println((System.nanoTime() - start) / 1_000_000 + " ms: " + statuses);
        for (int status : new int[] {200, 204, 206, 301, 304, 400, 404, 405, 408, 412, 413, 414, 416, 417, 431, 501, 503,
                505}) {
            assertTrue(statuses.contains(status + " "), status + " was not heard: " + statuses);
        }
    }
}
