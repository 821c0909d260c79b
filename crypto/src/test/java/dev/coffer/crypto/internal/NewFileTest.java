package dev.coffer.crypto.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(600)
class NewFileTest {
    private static final int BYTES = 1 << 24;

    @TempDir
    Path folder;

    private List<String> names() throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    /// Whoever looks sees no file of that name or a whole one, as does whoever comes after a crash.
    @Test
    void aNameIsThatOfAWholeFileFromTheFirstMomentOn() throws Exception {
        for (int i = 0; i < 5; i++) {
            Path file = folder.resolve("key" + i);
            FutureTask<Long> firstSeen = new FutureTask<>(() -> {
                while (!Files.exists(file)) {
                    Thread.onSpinWait();
                }
                return Files.size(file);
            });
            Thread.ofPlatform().daemon().start(firstSeen);
            try (Arena arena = Arena.ofShared()) {
                NewFile.write(file, arena.allocate(BYTES), 0, BYTES, true);
            }
            assertEquals(BYTES, firstSeen.get());
            assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
        }
        assertEquals(List.of("key0", "key1", "key2", "key3", "key4"), names());
    }

    @Test
    void aFileThatAppearsMeanwhileStays() throws Exception {
        boolean refused = false;
        for (int i = 0; !refused; i++) {  // until it appears before the other is whole
            Path file = folder.resolve("key" + i);
            FutureTask<Path> appears = new FutureTask<>(() -> {
                while (names().stream().noneMatch(name -> name.endsWith(".partial")) && !Files.exists(file)) {
                    Thread.onSpinWait();
                }
                return Files.exists(file) ? file : Files.writeString(file, "somebody's");
            });
            Thread.ofPlatform().daemon().start(appears);
            try (Arena arena = Arena.ofShared()) {
                NewFile.write(file, arena.allocate(BYTES), 0, BYTES, true);
            } catch (FileAlreadyExistsException e) {
                refused = true;
            }
            appears.get();
            assertEquals(refused ? "somebody's".length() : BYTES, Files.size(file));
            assertEquals(i + 1, names().size());
        }
    }

    @Test
    void whatIsThereStaysAndNothingIsLeftBeside() throws IOException {
        Path file = Files.writeString(folder.resolve("there"), "before");
        MemorySegment bytes = MemorySegment.ofArray(new byte[100]);
        assertThrows(FileAlreadyExistsException.class, () -> NewFile.write(file, bytes, 0, 100, false));
        Path dangling = Files.createSymbolicLink(folder.resolve("link"), folder.resolve("nowhere"));
        assertThrows(FileAlreadyExistsException.class, () -> NewFile.write(dangling, bytes, 0, 100, false));
        assertThrows(IndexOutOfBoundsException.class, () -> NewFile.write(folder.resolve("long"), bytes, 1, 100, false));
        assertEquals("before", Files.readString(file));
        assertEquals(List.of("link", "there"), names());
    }
}
