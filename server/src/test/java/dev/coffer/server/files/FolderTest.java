package dev.coffer.server.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Both drivers behind one set of promises.
class FolderTest {
    @TempDir
    Path temporary;

    private final Arena arena = Arena.ofConfined();
    private final MemorySegment name = arena.allocate(4096);
    private Folder folder;

    private Path root() throws IOException {
        return Files.createDirectories(temporary.resolve("root"));
    }

    private void open(boolean linux) throws IOException {
        folder = linux ? LinuxFolder.open(root(), arena.allocate(LinuxFolder.BYTES, 8)) : new NioFolder(root(), 3);
    }

    @AfterEach
    void close() {
        if (folder != null) {
            folder.close();
        }
        arena.close();
    }

    private int open(String path) {
        byte[] bytes = (path + "\0").getBytes(StandardCharsets.UTF_8);
        MemorySegment.copy(bytes, 0, name, ValueLayout.JAVA_BYTE, 0, bytes.length);
        return folder.open(name, 0, bytes.length - 1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void opensReadsAndTells(boolean linux) throws IOException {
        Path file = root().resolve("é.txt");
        Files.writeString(file, "hello world");
        Files.setLastModifiedTime(file, FileTime.from(Instant.ofEpochSecond(1_700_000_000, 123_456_789)));
        open(linux);
        int handle = open("é.txt");
        assertTrue(handle >= 0, "handle " + handle);
        assertFalse(folder.isFolder());
        assertEquals(11, folder.size());
        assertEquals(1_700_000_000, folder.modifiedSeconds());
        assertEquals(123_456_789, folder.modifiedNanos());
        MemorySegment target = arena.allocate(16);
        assertEquals(5, folder.read(handle, target, 2, 5, 6));
        assertEquals("world", new String(target.asSlice(2, 5).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.US_ASCII));
        assertEquals(0, folder.read(handle, target, 0, 5, 11));
        folder.close(handle);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void opensNothingOutside(boolean linux) throws IOException {
        Path secret = Files.writeString(temporary.resolve("secret"), "x");
        Files.createSymbolicLink(root().resolve("out"), secret);
        Files.createSymbolicLink(root().resolve("climb"), Path.of("../secret"));
        Files.createSymbolicLink(root().resolve("dir"), temporary);
        Files.createSymbolicLink(root().resolve("loop"), Path.of("loop"));
        Files.createSymbolicLink(root().resolve("proc"), Path.of("/proc/self/root"));
        open(linux);
        for (String path : new String[] {"out", "climb", "dir/secret", "proc/etc/passwd", "../secret",
            "sub/../../secret", secret.toString()}) {
            assertEquals(Folder.MISSING, open(path), path);
        }
        assertTrue(open("loop") < 0);
        Files.delete(root().resolve("proc"));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void followsLinksThatStayInside(boolean linux) throws IOException {
        Files.createDirectories(root().resolve("a/b"));
        Files.writeString(root().resolve("a/b/file"), "x");
        Files.createSymbolicLink(root().resolve("a/link"), Path.of("b/file"));
        Files.createSymbolicLink(root().resolve("a/b/up"), Path.of("../b/file"));
        open(linux);
        assertTrue(open("a/link") >= 0);
        assertTrue(open("a/b/up") >= 0);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void tellsFoldersAndWhatIsMissing(boolean linux) throws IOException {
        Files.createDirectories(root().resolve("sub"));
        Files.writeString(root().resolve("file"), "x");
        open(linux);
        int handle = open("sub");
        assertTrue(handle >= 0 && folder.isFolder());
        folder.close(handle);
        handle = open("");
        assertTrue(handle >= 0 && folder.isFolder());
        folder.close(handle);
        for (String path : new String[] {"none", "file/", "file/x", "sub/none", "n".repeat(300)}) {
            assertEquals(Folder.MISSING, open(path), path);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatIsNeitherFileNorFolderIsMissingAndDoesNotBlock(boolean linux) throws IOException, InterruptedException {
        int made = new ProcessBuilder("mkfifo", root().resolve("fifo").toString()).start().waitFor();
        assertEquals(0, made);
        open(linux);
        assertEquals(Folder.MISSING, open("fifo"));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void refusesWhatIsNoFolder(boolean linux) throws IOException {
        Path file = Files.writeString(root().resolve("file"), "x");
        MemorySegment memory = arena.allocate(LinuxFolder.BYTES, 8);
        for (Path path : new Path[] {file, temporary.resolve("none")}) {
            assertThrows(IOException.class, () -> {
                if (linux) {
                    LinuxFolder.open(path, memory);
                } else {
                    new NioFolder(path, 1);
                }
            });
        }
    }
}
