package dev.coffer.cli.certificate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.coffer.instruments.ChildJvm;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A lock whose file goes with it.
class LockFileTest {
    private static final int PROCESSES = 3;
    private static final int TURNS = 400;

    @TempDir
    private Path folder;

    /// Adds one to the number in a file, again and again.
    static final class Counting {
        private Counting() {}

        public static void main(String[] arguments) throws Exception {
            Path file = Path.of(arguments[0]);
            for (int i = 0; i < TURNS; i++) {
                try (LockFile _ = LockFile.hold(file)) {
                    int count = Integer.parseInt(Files.readString(file));
                    Files.writeString(file, String.valueOf(count + 1));
                }
            }
        }
    }

    @Test
    void oneProcessAtATimeHoldsItThoughItsFileComesAndGoes() throws Exception {
        Path file = Files.writeString(folder.resolve("count"), "0");
        List<ChildJvm> all = new ArrayList<>();
        try {
            for (int i = 0; i < PROCESSES; i++) {
                all.add(ChildJvm.start(List.of(), List.of("-ea", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"), Counting.class, List.of(LockFile.class),
                        file.toString()));
            }
            for (ChildJvm each : all) {
                assertEquals(0, each.exitCode(), each.output());
            }
        } finally {
            all.forEach(ChildJvm::close);
        }
        assertEquals(String.valueOf(PROCESSES * TURNS), Files.readString(file));
        assertFalse(Files.exists(LockFile.of(file)));
    }

    @Test
    void whatAKilledProcessLeftIsTaken() throws Exception {
        Path file = folder.resolve("keys");
        byte[] left;
        try (LockFile _ = LockFile.hold(file)) {
            left = Files.readAllBytes(LockFile.of(file));
        }
        for (int cut = 0; cut <= left.length; cut++) {  // a disk that is full lets a part of it through
            Files.write(LockFile.of(file), Arrays.copyOf(left, cut));
            try (LockFile _ = LockFile.hold(file)) {
                assertEquals(left.length, Files.size(LockFile.of(file)));
            }
            assertFalse(Files.exists(LockFile.of(file)));
        }
    }

    /// Somebody's own file of that name, longer, shorter and as long as a lock.
    @ParameterizedTest
    @ValueSource(strings = {"x", "coffer", "CofferL.", "no lock of anybody's....", "CofferL, and sixteen more", "CofferLK and sixteen more "})
    void whatSomebodyKeepsUnderItsNameStays(String own) throws Exception {
        Path file = folder.resolve("keys");
        Files.writeString(LockFile.of(file), own);
        assertEquals("no lock of coffer's", assertThrows(FileSystemException.class, () -> LockFile.hold(file)).getReason());
        assertEquals(own, Files.readString(LockFile.of(file)));
    }
}
