package dev.coffer.memory.internal.os;

import static org.junit.jupiter.api.Assertions.assertEquals;
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

@Timeout(60)
class FileNamesTest {
    @TempDir
    private Path folder;

    private int asked;

    /// One name that is taken is passed by; a folder that has every one is a refusal after so many, which names what was to be written.
    @Test
    void partialNamesThatAreTakenArePassedByUntilTheyAreTooMany() throws IOException {
        Path file = folder.resolve("file");
        try (var first = FileNames.openPartial(file, true, () -> 7).channel();
                var next = FileNames.openPartial(file, false, () -> 7 + asked++ / 15).channel()) {
            assertEquals(FileNames.NAMES_MAX, asked, "the last of them was free");
            assertTrue(first.isOpen() && next.isOpen());
        }
        asked = 0;
        FileSystemException refused = assertThrows(FileSystemException.class, () -> FileNames.openPartial(file, false, () -> 7 + asked++ % 2));
        assertEquals(FileNames.NAMES_MAX, asked);
        assertEquals(file.toString(), refused.getFile());
        Path secret = folder.resolve(".coffer-" + ProcessHandle.current().pid() + "-7.partial");
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(secret)));
    }
}
