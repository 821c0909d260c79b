package dev.coffer.cli.certificate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.tls.KeyLog;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
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

    /// What a process that was killed left of its last line takes no line of the next one's with it.
    @Test
    void aLineThatAProcessBeforeLeftCutIsEndedFirst() throws IOException {
        String line = "SERVER_TRAFFIC_SECRET_0 " + "ab".repeat(32) + " " + "ab".repeat(48);
        for (String left : new String[] {"", line + "\n", line.substring(0, 100)}) {
            Path file = folder.resolve("secrets");
            Files.writeString(file, left);
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
            try (Arena arena = Arena.ofConfined(); KeyLogFile log = KeyLogFile.open(file)) {
                log.secret(KeyLog.Label.SERVER_TRAFFIC_SECRET_0, arena.allocate(80).fill((byte) 0xab), 0, 32, 48);
            }
            assertEquals(left + (left.length() == 100 ? "\n" : "") + line + "\n", Files.readString(file));
        }
    }

    /// As on a disk that is full for a moment: half a line is ended before the next one, which its readers pass over, and somebody hears of it once.
    @Test
    void aLineThatIsNotTakenIsLostAndNoOther() throws IOException {
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        int[] left = {300};
        WritableByteChannel full = new WritableByteChannel() {
            @Override
            public int write(ByteBuffer bytes) throws IOException {
                if (left[0] == 0) {
                    throw new IOException("No space left on device");
                }
                int some = Math.min(left[0], bytes.remaining());
                byte[] taken = new byte[some];
                bytes.get(taken);
                written.writeBytes(taken);
                left[0] -= some;
                return some;
            }

            @Override
            public boolean isOpen() {
                return true;
            }

            @Override
            public void close() {}
        };
        try (Arena arena = Arena.ofConfined(); KeyLogFile log = KeyLogFile.over(full)) {
            MemorySegment memory = arena.allocate(80).fill((byte) 0xab);
            String line = "SERVER_TRAFFIC_SECRET_0 " + "ab".repeat(32) + " " + "ab".repeat(48);
            log.secret(KeyLog.Label.SERVER_TRAFFIC_SECRET_0, memory, 0, 32, 48);
            assertNull(log.lost());
            log.secret(KeyLog.Label.SERVER_TRAFFIC_SECRET_0, memory, 0, 32, 48);
            log.secret(KeyLog.Label.SERVER_TRAFFIC_SECRET_0, memory, 0, 32, 48);
            assertEquals("No space left on device", log.lost().getMessage());
            assertNull(log.lost(), "told");
            left[0] = Integer.MAX_VALUE;
            log.secret(KeyLog.Label.SERVER_TRAFFIC_SECRET_0, memory, 0, 32, 48);
            log.secret(KeyLog.Label.SERVER_TRAFFIC_SECRET_0, memory, 0, 32, 48);
            assertEquals(List.of(line, line.substring(0, 300 - line.length() - 1), line, line),
                    written.toString(StandardCharsets.US_ASCII).lines().toList());
        }
    }
}
