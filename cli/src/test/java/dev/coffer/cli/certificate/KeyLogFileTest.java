package dev.coffer.cli.certificate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Where secrets may be written to: a regular file that nobody else reads.
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class KeyLogFileTest {
    private static final int NOBODY = 65534;

    @TempDir
    private Path folder;

    private static void refused(String words, Path file) {
        FileSystemException why = assertThrows(FileSystemException.class, () -> KeyLogFile.open(file).close());
        assertTrue(why.getMessage().contains(words), why.getMessage());
    }

    @Test
    void aFileThatIsMadeIsItsOwnersAlone() throws IOException {
        Path file = folder.resolve("new");
        KeyLogFile.open(file).close();
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
        KeyLogFile.open(file).close();
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
        refused("chmod 600", file);
    }

    @Test
    void whatIsNoRegularFileIsRefusedBeforeItIsOpened() throws IOException, InterruptedException {
        Path pipe = folder.resolve("pipe");
        assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
        refused("no regular file", pipe);  // opening it would wait for a reader
        Path link = Files.createSymbolicLink(folder.resolve("link"), folder.resolve("behind"));
        refused("no regular file", link);
        assertFalse(Files.exists(folder.resolve("behind")));
        refused("no regular file", folder);
    }

    /// Only who may give files away can show it: elsewhere the file stays ours, and is taken.
    @Test
    void anothersFileIsRefusedThoughNobodyElseMayReadIt() throws IOException {
        Path file = Files.createFile(folder.resolve("given"), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        if (Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0)) {
            Files.setAttribute(file, "unix:uid", NOBODY);
            refused("another user's file", file);
        } else {
            KeyLogFile.open(file).close();
        }
    }
}
