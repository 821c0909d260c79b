package dev.coffer.server.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.memory.internal.os.Syscall;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Both drivers behind one set of promises.
class FolderTest {
    private static final int NAMES = 400;
    private static final int DUP3 = Syscall.number(292, 24);

    @TempDir
    Path temporary;

    private final Arena arena = Arena.ofConfined();
    private final MemorySegment name = arena.allocate(4096);
    private Folder folder;

    private Path root() throws IOException {
        return Files.createDirectories(temporary.resolve("root"));
    }

    private void open(boolean linux) throws IOException {
        open(linux, root());
    }

    private void open(boolean linux, Path path) throws IOException {
        folder = linux ? LinuxFolder.open(path, arena.allocate(LinuxFolder.BYTES, 8)) : new NioFolder(path, 3);
    }

    @AfterEach
    void close() {
        if (folder != null) {
            folder.close();
        }
        arena.close();
    }

    private int open(String path) {
        return open((path + "\0").getBytes(StandardCharsets.UTF_8));
    }

    private int open(byte[] bytes) {
        MemorySegment.copy(bytes, 0, name, ValueLayout.JAVA_BYTE, 0, bytes.length);
        int code = folder.look(name, 0, bytes.length - 1);
        return code < 0 ? code : folder.open(name, 0, bytes.length - 1);
    }

    private int look(String path) {
        byte[] bytes = (path + "\0").getBytes(StandardCharsets.UTF_8);
        MemorySegment.copy(bytes, 0, name, ValueLayout.JAVA_BYTE, 0, bytes.length);
        return folder.look(name, 0, bytes.length - 1);
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

    /// A name with a NUL in it is none: not to the JDK either.
    @Test
    void theJdksFilesHaveNoNameWithANul() throws IOException {
        Files.writeString(root().resolve("a"), "x");
        open(false);
        assertEquals(0, look("a"));
        assertEquals(Folder.MISSING, look("a\0"));
        assertEquals(Folder.MISSING, look("\0"));
    }

    /// A folder beside the root whose path is as long: what a link names there is not what lies under that name in the root.
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anAbsoluteLinkToATwinOfTheRootLeadsNowhere(boolean linux) throws IOException {
        Path twin = Files.createDirectories(temporary.toRealPath().resolve("toor"));
        Files.writeString(twin.resolve("file"), "theirs");
        Files.writeString(root().resolve("file"), "ours");
        Files.createSymbolicLink(root().resolve("link"), twin.resolve("file"));
        Files.createSymbolicLink(root().resolve("own"), root().toRealPath().resolve("file"));
        open(linux);
        assertTrue(open("own") >= 0);
        assertEquals(Folder.MISSING, open("link"));
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

    /// Where the folder is `/`, its slash is that of the name behind it.
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void followsAbsoluteLinksInTheFolderOfAll(boolean linux) throws IOException {
        Path real = root().toRealPath();
        Files.writeString(real.resolve("file"), "x");
        Files.createSymbolicLink(real.resolve("absolute"), real.resolve("file"));
        Files.createSymbolicLink(real.resolve("dangling"), real.resolve("none"));
        open(linux, Path.of("/"));
        String below = real.toString().substring(1);
        int handle = open(below + "/absolute");
        assertTrue(handle >= 0, "handle " + handle);
        assertEquals(1, folder.size());
        folder.close(handle);
        assertEquals(Folder.MISSING, open(below + "/dangling"));
    }

    /// What was looked at is replaced before it is opened, by a link that leads outside: nobody is told that something failed here.
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatLeavesBetweenTheLookAndTheOpeningIsMissing(boolean linux) throws IOException {
        Path file = root().resolve("file");
        Path secret = Files.writeString(temporary.resolve("secret"), "TOP SECRET");
        open(linux);
        for (Path target : new Path[] {secret, Path.of("../secret"), Path.of("/proc/self/root"), file.resolveSibling("none")}) {
            Files.writeString(file, "x");
            assertEquals(0, look("file"));
            Files.delete(file);
            Files.createSymbolicLink(file, target);
            assertEquals(Folder.MISSING, folder.open(name, 0, 4), () -> "a link to " + target);
            Files.delete(file);
        }
    }

    /// Absolute, climbing out and back, through other links, and with the root itself behind a link.
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void followsAbsoluteLinksThatComeBack(boolean linux) throws IOException {
        Path real = root().toRealPath();
        Files.createDirectories(root().resolve("a/b"));
        Files.writeString(root().resolve("a/b/file"), "x");
        Files.createSymbolicLink(temporary.resolve("alias"), real);
        Files.createSymbolicLink(root().resolve("absolute"), real.resolve("a/b/file"));
        Files.createSymbolicLink(root().resolve("folder"), real.resolve("a"));
        Files.createSymbolicLink(root().resolve("outAndBack"), Path.of("../root/a/b/file"));
        Files.createSymbolicLink(root().resolve("aliased"), temporary.toRealPath().resolve("alias/a/b/file"));
        Files.createSymbolicLink(root().resolve("twice"), real.resolve("folder/b/../b/./file"));
        Files.createSymbolicLink(root().resolve("self"), real);
        Files.createSymbolicLink(root().resolve("circle"), real.resolve("circle"));
        Files.createSymbolicLink(root().resolve("beside"), Path.of(real + "beside/file"));
        Files.createDirectories(Path.of(real + "beside"));
        Files.writeString(Path.of(real + "beside/file"), "TOP SECRET");
        Files.createSymbolicLink(root().resolve("dangling"), real.resolve("none"));
        open(linux);
        MemorySegment target = arena.allocate(16);
        for (String path : new String[] {"absolute", "folder/b/file", "outAndBack", "aliased", "twice"}) {
            int handle = open(path);
            assertTrue(handle >= 0, path + " gave " + handle);
            assertEquals(1, folder.read(handle, target, 0, 16, 0), path);
            folder.close(handle);
        }
        for (String path : new String[] {"circle", "beside", "dangling", "absolute/x", "folder/none"}) {
            assertTrue(open(path) < 0, path);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void opensNamesOfAnyBytes(boolean linux) throws IOException, InterruptedException {
        String[] octal = {"\\377\\376", "a\\nb", "back\\\\slash", "\\001\\177", "caf\\351", "100%", "a?b#c", " ", "~"};
        byte[][] names = {{-1, -2}, "a\nb".getBytes(StandardCharsets.US_ASCII), "back\\slash".getBytes(StandardCharsets.US_ASCII),
                {1, 127}, {'c', 'a', 'f', (byte) 0xe9}, "100%".getBytes(StandardCharsets.US_ASCII),
                "a?b#c".getBytes(StandardCharsets.US_ASCII), {' '}, {'~'}};
        for (int i = 0; i < names.length; i++) {
            // by the shell: the JDK itself cannot say such names where the locale has no word for them
            assertEquals(0, new ProcessBuilder("sh", "-c", "printf 'x%.0s' 1 > \"" + root() + "/$(printf '" + octal[i].replace("%", "%%")
                    + "')\"").inheritIO().start().waitFor());
        }
        open(linux);
        for (int i = 0; i < names.length; i++) {
            int handle = open(Arrays.copyOf(names[i], names[i].length + 1));
            assertTrue(handle >= 0, octal[i] + " gave " + handle);
            folder.close(handle);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void tellsChangesThatSizeAndTimeDoNot(boolean linux) throws IOException {
        Path file = Files.writeString(root().resolve("file"), "one");
        FileTime time = FileTime.from(Instant.ofEpochSecond(1_700_000_000));
        Files.setLastModifiedTime(file, time);
        open(linux);
        assertEquals(0, look("file"));
        long inode = folder.inode();
        long seconds = folder.changedSeconds();
        assertTrue(seconds > 1_700_000_000, "not the time that was set");
        Path other = Files.writeString(root().resolve("other"), "two");
        Files.setLastModifiedTime(other, time);
        Files.move(other, file, StandardCopyOption.REPLACE_EXISTING);
        assertEquals(0, look("file"));
        assertEquals(3, folder.size());
        assertEquals(1_700_000_000, folder.modifiedSeconds());
        assertTrue(inode != folder.inode());
    }

    /// Opening it would let its writer go on.
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aFifoIsNotOpened(boolean linux) throws IOException, InterruptedException {
        Path fifo = root().resolve("fifo");
        assertEquals(0, new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor());
        open(linux);
        Process writer = new ProcessBuilder("sh", "-c", "echo waiting; echo x > '" + fifo + "'; echo opened").start();
        try {
            assertEquals("waiting", writer.inputReader().readLine());
            for (int i = 0; i < 20; i++) {
                assertEquals(Folder.MISSING, look("fifo"));
                assertEquals(Folder.MISSING, open("fifo"));
                Thread.sleep(5);
            }
            assertTrue(writer.isAlive(), "the writer still waits for a reader");
            assertEquals(0, writer.getInputStream().available());
        } finally {
            writer.destroyForcibly();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void tellsFoldersAndWhatIsMissing(boolean linux) throws IOException {
        Files.createDirectories(root().resolve("sub"));
        Files.writeString(root().resolve("file"), "x");
        open(linux);
        assertTrue(look("sub") == 0 && folder.isFolder());
        assertTrue(look("") == 0 && folder.isFolder());
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

    /// A folder that cannot be read to its end: another file is put in its descriptor's place at the first name. Whoever is told
    /// names then must not take them for all there are.
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aFolderWhoseReadingFailsHalfwayIsToldFromAWholeOne(boolean linux) throws IOException {
        Path many = Files.createDirectories(root().toRealPath().resolve("many"));
        for (int i = 0; i < NAMES; i++) {
            Files.createFile(many.resolve("n".repeat(200) + i));  // more than is read ahead at once
        }
        Path other = Files.createFile(temporary.toRealPath().resolve("other"));
        open(linux);
        MemorySegment buffer = arena.allocate(4096);
        byte[] path = "many\0".getBytes(StandardCharsets.UTF_8);
        MemorySegment.copy(path, 0, name, ValueLayout.JAVA_BYTE, 0, path.length);
        int[] told = {0};
        assertEquals(0, folder.list(name, 0, path.length - 1, buffer, (_, _, _, _) -> ++told[0] > 0));
        assertEquals(NAMES, told[0]);
        told[0] = 0;
        try (FileChannel channel = FileChannel.open(other)) {
            assertTrue(channel.isOpen());
            int code = folder.list(name, 0, path.length - 1, buffer, (_, _, _, _) -> {
                if (told[0]++ == 0) {
                    assertEquals(0, Math.min(0, Syscall.call(DUP3, descriptor(other), descriptor(many), 0, 0, 0, 0)));
                }
                return true;
            });
            assertTrue(code < 0, "code " + code + " after " + told[0] + " names");
        }
        assertTrue(0 < told[0] && told[0] < NAMES, "told " + told[0]);
    }

    private static int descriptor(Path file) {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.filter(fd -> {
                try {
                    return Files.readSymbolicLink(fd).equals(file);
                } catch (IOException e) {
                    return false;  // that of this list itself
                }
            }).mapToInt(fd -> Integer.parseInt(fd.getFileName().toString())).findFirst().orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
