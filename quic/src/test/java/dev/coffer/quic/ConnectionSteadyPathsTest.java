package dev.coffer.quic;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.coffer.testkit.HeapBytes;
import dev.coffer.testkit.HeapMode;
import dev.coffer.testkit.SteadyPath;
import dev.coffer.testkit.SteadyPaths;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A connection that stands: 0 heap bytes, whoever executes it, loss and key updates among it. In JVMs of their own it is long: the interpreter takes its time over AEADs; here it is executed
/// as far as compilers have come, a few times.
class ConnectionSteadyPathsTest {
    private static final int PASS = 8;          // operations: one key update
    private static final int PASSES_MAX = 60;   // classes are linked in the first ones, and when a method is first handed to a compiler

    @Test
    void aFewPassesMakeNoObject() throws Exception {
        quiet(new ConnectionSteadyPath());
        quiet(new EndpointSteadyPath());
    }

    /// A path that makes an object makes it in each pass.
    private static void quiet(SteadyPath path) throws Exception {
        try (path) {
            long bytes = -1;
            for (int pass = 0; pass < PASSES_MAX && bytes != 0; pass++) {
                long before = HeapBytes.now();
                for (int i = 0; i < PASS; i++) {
                    path.run();
                }
                bytes = HeapBytes.now() - before;
            }
            assertEquals(0, bytes, "of the last pass, and there was none without any");
        }
    }

    @Tag("long")
    @ParameterizedTest
    @EnumSource(HeapMode.class)
    void noStreamMakesAnObject(HeapMode mode) {
        SteadyPaths.check(mode, List.of(ConnectionSteadyPath.class, EndpointSteadyPath.class));
    }
}
