package dev.coffer.quic;

import dev.coffer.testkit.HeapMode;
import dev.coffer.testkit.SteadyPaths;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A connection that stands: 0 heap bytes, whoever executes it, loss and key updates among it. Long: the interpreter takes its time over AEADs.
@Tag("long")
class ConnectionSteadyPathsTest {
    @ParameterizedTest
    @EnumSource(HeapMode.class)
    void noStreamMakesAnObject(HeapMode mode) {
        SteadyPaths.check(mode, List.of(ConnectionSteadyPath.class, EndpointSteadyPath.class));
    }
}
