package dev.coffer.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileIdentityTest {
    private static final int REGULAR = 0100644;
    private static final int FOLDER = 0040755;
    private static final int BLOCK = 0060660;
    private static final int CHARACTER = 0020620;
    private static final int FIFO = 0010600;
    private static final int SOCKET = 0140600;

    @TempDir
    private Path folder;

    private static FileIdentity file(int mode, long device, long inode, long rdev) {
        return new FileIdentity(device, inode, mode, rdev, 0, 0);
    }

    @Test
    void whatIsDestroyedByWritingClashesAndNothingElse() {
        for (int mode : new int[] {REGULAR, FIFO}) {
            assertTrue(file(mode, 1, 2, 0).clashes(file(mode, 1, 2, 0)));
            assertFalse(file(mode, 1, 2, 0).clashes(file(mode, 1, 3, 0)), "another inode");
            assertFalse(file(mode, 1, 2, 0).clashes(file(mode, 2, 2, 0)), "another device");
        }
        assertTrue(file(BLOCK, 1, 2, 7).clashes(file(BLOCK, 3, 4, 7)), "two nodes of one disk");
        assertFalse(file(BLOCK, 1, 2, 7).clashes(file(BLOCK, 1, 2, 8)));
        for (int mode : new int[] {CHARACTER, SOCKET, FOLDER}) {
            assertFalse(file(mode, 1, 2, 7).clashes(file(mode, 1, 2, 7)));
        }
        assertFalse(file(REGULAR, 1, 2, 0).clashes(file(FIFO, 1, 2, 0)));
        assertFalse(file(REGULAR, 1, 2, 0).clashes(null));
        assertFalse(file(REGULAR, 1, 2, 0).isSame(null));
    }

    @Test
    void terminalsAreKnownByTheirMajors() {
        for (int major : new int[] {4, 5, 136, 143}) {
            assertTrue(file(CHARACTER, 1, 2, (long) major << 8 | 3).isTerminal(), "major " + major);
            assertFalse(file(BLOCK, 1, 2, (long) major << 8 | 3).isTerminal());
        }
        for (int major : new int[] {1, 3, 6, 135, 144}) {
            assertFalse(file(CHARACTER, 1, 2, (long) major << 8 | 3).isTerminal(), "major " + major);
        }
    }

    @Test
    void permissionsOfOthersAreSeen() {
        assertFalse(file(0100600, 1, 1, 0).isReadByOthers());
        assertFalse(file(0100733, 1, 1, 0).isReadByOthers());
        assertTrue(file(0100640, 1, 1, 0).isReadByOthers());
        assertTrue(file(0100604, 1, 1, 0).isReadByOthers());
        assertEquals("0640", file(0100640, 1, 1, 0).permissions());
        assertEquals("4755", file(0104755, 1, 1, 0).permissions());
    }

    @Test
    void namesOfOneFileHaveOneIdentity() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "x");
        FileIdentity identity = FileIdentity.of(file);
        assertTrue(identity.isRegular() && !identity.isFolder() && !identity.isFifo());
        assertEquals(identity, FileIdentity.of(Files.createLink(folder.resolve("hard"), file)));
        assertEquals(identity, FileIdentity.of(Files.createSymbolicLink(folder.resolve("link"), file)));
        assertFalse(identity.isSame(FileIdentity.of(Files.writeString(folder.resolve("other"), "x"))));
        assertTrue(FileIdentity.of(folder).isFolder());
        assertNull(FileIdentity.orNull(folder.resolve("none")));
        assertEquals(identity, FileIdentity.orNull(file));
        Path dangling = Files.createSymbolicLink(folder.resolve("dangling"), Path.of("nothing"));
        assertThrows(IOException.class, () -> FileIdentity.orNull(dangling), "there is something, and it leads nowhere");
    }

    @Test
    void placesFollowLinksButStopAtDescriptors() throws IOException {
        Path link = Files.createSymbolicLink(folder.resolve("link"), Path.of("link2"));
        Files.createSymbolicLink(folder.resolve("link2"), Path.of("new"));
        assertEquals(new Place(-1, folder.resolve("new")), Place.of(link.toString()));
        assertEquals(new Place(-1, Path.of("plain")), Place.of("plain"));
        Path loop = Files.createSymbolicLink(folder.resolve("loop"), Path.of("loop"));
        assertThrows(Failure.class, () -> Place.of(loop.toString()));
        if (Files.exists(Path.of("/proc/self/fd"))) {
            assertEquals(1, Place.of("/dev/stdout").descriptor());
            assertEquals(0, Place.of("/proc/self/fd/0").descriptor());
            assertEquals(17, Place.of("/dev/fd/17").descriptor());
            assertEquals(2, Place.of("/proc/" + ProcessHandle.current().pid() + "/fd/2").descriptor());
            assertEquals(1, Place.of(Files.createSymbolicLink(folder.resolve("out"), Path.of("/dev/stdout")).toString()).descriptor());
            Process other = new ProcessBuilder("cat").start();
            try {
                assertEquals(-1, Place.of("/proc/" + other.pid() + "/fd/1").descriptor(), "another process's");
            } finally {
                other.destroy();
            }
        }
        assertEquals(-1, Place.of(folder + "/1").descriptor());
    }

    /// In a container every process has the same number, and so had those that were killed.
    @Test
    void whatKilledProcessesLeftIsNeverInTheWay() throws IOException {
        Path file = folder.resolve("file");
        for (int n = 0; n < 200; n++) {
            Output.file("file", file, null, Output.Kind.TEXT).settle();  // and no more of it
        }
        assertEquals(200, names().size());
        Output output = Output.file("file", file, null, Output.Kind.TEXT);
        output.write(java.nio.ByteBuffer.wrap(new byte[] {'x'}));
        assertTrue(output.hasWritten() && !output.isDirect());
        assertFalse(Files.exists(file));
        output.publish(false);
        assertEquals("x", Files.readString(file));
        assertEquals(201, names().size(), "its own partial name is gone");
    }

    private List<String> names() throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.map(name -> name.getFileName().toString()).toList();
        }
    }

    @Test
    void aFileThatAppearsMeanwhileIsNotReplaced() throws IOException {
        Path file = folder.resolve("file");
        Output output = Output.file("file", file, null, Output.Kind.TEXT);
        output.write(java.nio.ByteBuffer.wrap(new byte[] {'x'}));
        Files.writeString(file, "somebody else's");
        assertThrows(java.nio.file.FileAlreadyExistsException.class, () -> output.publish(true));
        output.undo();
        assertEquals("somebody else's", Files.readString(file));
        assertEquals(1, Files.list(folder).count());
    }

    @Test
    void whatWasReplacedComesBackWhenItIsUndone() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "old");
        Output output = Output.file("file", file, FileIdentity.of(file), Output.Kind.TEXT);
        output.write(java.nio.ByteBuffer.wrap(new byte[] {'x'}));
        output.publish(true);
        assertEquals("x", Files.readString(file));
        output.undo();
        assertEquals("old", Files.readString(file));
        assertEquals(1, Files.list(folder).count());
        Output again = Output.file("file", file, FileIdentity.of(file), Output.Kind.TEXT);
        again.publish(true);
        again.settled();
        again.undo();
        assertEquals("", Files.readString(file), "settled is for good");
        assertEquals(1, Files.list(folder).count());
    }

    @Test
    void aTerminalGetsTextAndNoCommands() throws IOException {
        Path file = folder.resolve("terminal");
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            Output output = Output.direct("terminal", channel, null, true);
            output.write(java.nio.ByteBuffer.wrap("text\n\t\r\u00fc\u00a0~".getBytes(java.nio.charset.StandardCharsets.UTF_8)));
            for (int c : new int[] {0, 7, 8, 11, 27, 31, 127}) {
                assertThrows(Failure.class, () -> output.write(java.nio.ByteBuffer.wrap(new byte[] {'a', (byte) c})), "byte " + c);
            }
            for (String c1 : new String[] {"\u0080", "x\u009b31m", "\u009f"}) {
                assertThrows(Failure.class, () -> output.write(java.nio.ByteBuffer.wrap(
                        c1.getBytes(java.nio.charset.StandardCharsets.UTF_8))), c1);
            }
            Output.direct("forced", channel, null, false).write(java.nio.ByteBuffer.wrap(new byte[] {27}));
        }
        assertEquals("text\n\t\r\u00fc\u00a0~\u001b", Files.readString(file));
    }
}
