package dev.coffer.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MeasuredOnceTest {
    @TempDir
    private Path folder;

    private Path file;
    private long measured;

    @BeforeEach
    void name() {
        file = folder.resolve("steady").resolve("mode.properties");
    }

    private Map<String, Long> ask(String run, String... names) {
        return MeasuredOnce.of(file, run, Set.of(names), () -> {
            measured++;
            return names.length == 1 ? Map.of(names[0], measured) : Map.of(names[0], measured, names[1], 0L);
        });
    }

    @Test
    void whoAsksSecondReadsWhatTheFirstFound() {
        assertEquals(Map.of("a$B", 1L, "c", 0L), ask("10:00:00", "a$B", "c"));
        assertEquals(Map.of("a$B", 1L, "c", 0L), ask("10:00:00", "a$B", "c"));
        assertEquals(1, measured);
    }

    @Test
    void anotherBuildOrOtherPathsAreMeasuredAgain() {
        ask("10:00:00", "a", "b");
        assertEquals(Map.of("a", 2L, "b", 0L), ask("10:00:01", "a", "b"));
        assertEquals(Map.of("a", 3L), ask("10:00:01", "a"));
        assertEquals(Map.of("c", 4L), ask("10:00:01", "c"));
    }

    @Test
    void nothingIsKeptOfAFailure() {
        ask("10:00:00", "a");
        IllegalStateException failure = new IllegalStateException("the child ended");
        assertEquals(failure, assertThrows(IllegalStateException.class, () -> MeasuredOnce.of(file, "10:00:01", Set.of("a"), () -> {
            throw failure;
        })));
        assertEquals(Map.of("a", 2L), ask("10:00:01", "a"));
    }
}
