package dev.coffer.crypto.vector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.internal.kernel.VectorKernels.Kernel;
import dev.coffer.instruments.ChildJvm;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Vectors of the JDK are objects until C2 has made them registers. Where there is no C2 that is said at once, and no self-test warms up in vain: ten seconds
/// of it held up the first handshake of a client.
class WithoutCompilerTest {

    @ParameterizedTest
    @ValueSource(strings = {"-Xint", "-XX:TieredStopAtLevel=1"})
    void whereItIsOffThatIsTheObstacle(String flag) {
        try (ChildJvm child = ChildJvm.start(List.of(), List.of(flag, "-XX:+UseSerialGC", "--add-modules", "jdk.incubator.vector"), Child.class,
                List.of(JdkVectors.class))) {
            assertEquals(0, child.exitCode(), child.output());
            assertTrue(child.output().contains("without the compiler that makes vectors of it"), child.output());
        }
    }

    static final class Child {
        private Child() {}

        public static void main(String... arguments) {
            for (Kernel kernel : Kernel.values()) {
                String obstacle = new JdkVectors().obstacle(kernel);
                assertNotNull(obstacle, kernel.name());
                System.out.println(obstacle);
            }
        }
    }
}
