package dev.coffer.server.tls;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.memory.Entropy;
import dev.coffer.testkit.RawMemory;
import dev.coffer.tls.TicketKeys;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The file of ticket keys that several servers share.
class TicketKeyFileTest {
    private static final long NOW = 1_000_000;
    private static final int TRAILER_BYTES = 8 + TicketKeyFile.RESET_KEY_BYTES;

    @TempDir
    private Path folder;
    private final MemorySegment memory = Arena.ofAuto().allocate(TicketKeyFile.BYTES);
    private final MemorySegment other = Arena.ofAuto().allocate(TicketKeyFile.BYTES);

    private int nonZero(MemorySegment of, long at) {
        return RawMemory.nonZero(of, at, (int) (TicketKeyFile.BYTES - at));
    }

    private Path file(String mode, byte[] content) throws IOException {
        Path file = folder.resolve("keys");
        Files.deleteIfExists(file);
        return Files.setPosixFilePermissions(Files.write(file, content), PosixFilePermissions.fromString(mode));
    }

    private int turn(Path file) throws IOException {
        try {
            return TicketKeyFile.turn(file, other, Entropy.SYSTEM, NOW, NOW, 1000);
        } finally {
            assertEquals(0, nonZero(other, 0), "left after a turn");
        }
    }

    @Test
    void aFileIsMadeForItsOwnerAloneAndTurned() throws IOException {
        Path file = folder.resolve("keys");
        for (int i = 1; i <= 6; i++) {
            assertEquals(Math.min(i, 4), turn(file));
            assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
            assertEquals(16 + 64L * Math.min(i, 4) + TRAILER_BYTES, Files.size(file));
        }
        try (var all = Files.list(folder)) {
            assertEquals(1, all.count(), "nothing beside it");
        }
        Path link = Files.createSymbolicLink(folder.resolve("link"), file);
        assertEquals(4, turn(link));
        assertTrue(Files.isSymbolicLink(link), "what a link leads to is turned");
    }

    /// A file of that name may be somebody's, and a link that leads nowhere is not to become a file.
    @Test
    void nothingBesideItIsTouchedAndALinkStaysOne() throws IOException {
        Path file = folder.resolve("keys");
        Path neighbour = Files.writeString(folder.resolve("keys.partial"), "somebody's");
        turn(file);
        turn(file);
        assertEquals("somebody's", Files.readString(neighbour));
        try (var all = Files.list(folder)) {
            assertEquals(2, all.count(), "nothing else beside it");
        }
        Path link = Files.createSymbolicLink(folder.resolve("link"), folder.resolve("none"));
        assertThrows(FileSystemException.class, () -> turn(link));
        assertTrue(Files.isSymbolicLink(link));
    }

    @Test
    void whatIsNoFileOfKeysIsRefusedAndWhatWasReadStays() throws IOException {
        Path file = folder.resolve("keys");
        turn(file);
        turn(file);
        byte[] sound = Files.readAllBytes(file);
        try (TicketKeyFile keys = new TicketKeyFile(file, memory)) {
            byte[] held = memory.asSlice(0, TicketKeys.BYTES).toArray(ValueLayout.JAVA_BYTE);
            for (byte[] bad : new byte[][] {{}, Arrays.copyOf(sound, 79), Arrays.copyOf(sound, sound.length + 1), Arrays.copyOf(sound, 4000)}) {
                file("rw-------", bad);
                assertThrows(FileSystemException.class, keys::again);
                assertThrows(FileSystemException.class, () -> turn(file));
                assertEquals(bad.length, Files.size(file), "it is left as it is");
            }
            for (String mode : new String[] {"rw-r-----", "rw----r--", "rw--w----", "rwx------", "rw-----w-"}) {
                file(mode, sound);
                assertThrows(FileSystemException.class, keys::again, mode);
                assertThrows(FileSystemException.class, () -> turn(file), mode);
            }
            Files.delete(file);
            assertThrows(FileSystemException.class, keys::again);
            int room = (int) (TicketKeyFile.BYTES - TicketKeyFile.RESET_KEY_BYTES - TicketKeys.BYTES);
            assertEquals(0, RawMemory.nonZero(memory, TicketKeys.BYTES, room), "left of what was read");
            assertFalse(Arrays.mismatch(held, memory.asSlice(0, TicketKeys.BYTES).toArray(ValueLayout.JAVA_BYTE)) >= 0);
            file("r--------", sound);
            keys.again();
        }
        assertEquals(0, nonZero(memory, 0), "left when closed");
        assertThrows(FileSystemException.class, () -> new TicketKeyFile(folder, memory));
        assertThrows(FileSystemException.class, () -> new TicketKeyFile(file("rw-------", Arrays.copyOf(sound, 100)), memory));
        assertEquals(0, nonZero(memory, 0), "left where reading failed");
    }

    private byte[] resetKey(Path file) throws IOException {
        try (TicketKeyFile keys = new TicketKeyFile(file, memory)) {
            MemorySegment key = keys.resetKey();
            return key == null ? null : key.toArray(ValueLayout.JAVA_BYTE);
        }
    }

    @Test
    void theKeyOfResetsOutlivesEveryTurnAndAnOlderFileGetsOneByTheNext() throws IOException {
        Path file = folder.resolve("keys");
        turn(file);
        byte[] first = resetKey(file);
        assertFalse(Arrays.equals(new byte[TicketKeyFile.RESET_KEY_BYTES], first));
        for (int i = 0; i < 6; i++) {
            turn(file);
            assertArrayEquals(first, resetKey(file));
        }
        byte[] content = Files.readAllBytes(file);
        file("rw-------", Arrays.copyOf(content, content.length - TRAILER_BYTES));
        assertNull(resetKey(file), "as older versions wrote it");
        turn(file);
        assertFalse(Arrays.equals(first, resetKey(file)), "drawn anew");
        assertEquals(0, nonZero(memory, 0), "left when closed");
    }
}
