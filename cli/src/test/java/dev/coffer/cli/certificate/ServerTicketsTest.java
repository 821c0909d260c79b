package dev.coffer.cli.certificate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.coffer.testkit.Eventually;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A file of ticket keys that several make at once.
class ServerTicketsTest {
    private static final int MAKERS = 4;
    private static final int ROUNDS = 20;

    @TempDir
    private Path folder;

    @Test
    void whoeverMakesItAtOnceHasTheOneKeyOfTheFile() throws Exception {
        CyclicBarrier start = new CyclicBarrier(MAKERS);
        try (ExecutorService makers = Executors.newFixedThreadPool(MAKERS)) {
            for (int round = 0; round < ROUNDS; round++) {
                Path file = folder.resolve("keys" + round);
                List<Future<byte[]>> seen = new ArrayList<>();
                for (int i = 0; i < MAKERS; i++) {
                    seen.add(makers.submit(() -> {
                        start.await();
                        try (ServerTickets tickets = ServerTickets.of(file, 1000, false)) {
                            assertEquals("TicketKeys[shared]", tickets.keys().toString());
                            return Files.readAllBytes(file);
                        }
                    }));
                }
                for (Future<byte[]> each : seen) {
                    byte[] own = each.get();
                    assertArrayEquals(Files.readAllBytes(file), own);
                }
                assertEquals(80 + 40, Files.size(file), "one key, and that of resets");
            }
        }
        try (var names = Files.list(folder)) {
            assertEquals(ROUNDS, names.count(), "a lock goes when it is let go");
        }
    }

    @Test
    void aFileThatIsThereNeedsNoLock() throws Exception {
        Path file = folder.resolve("keys");
        ServerTickets.turn(file, 0, 1000);
        try (FileChannel channel = FileChannel.open(LockFile.of(file), StandardOpenOption.CREATE, StandardOpenOption.WRITE); FileLock held = channel.lock()) {
            assertEquals(true, held.isValid());
            ServerTickets.of(file, 1000, false).close();
        }
    }

    @Test
    void whatIsNoFileIsRefusedAndLeavesNoLock() throws Exception {
        Path inside = Files.createDirectory(folder.resolve("folder"));
        assertEquals("no regular file", assertThrows(FileSystemException.class, () -> ServerTickets.turn(inside, 0, 1000)).getReason());
        assertFalse(Files.exists(LockFile.of(inside)));
    }

    /// The opening of a FIFO would wait for ever; through a link the lock would be made, or emptied of meaning, elsewhere.
    @Test
    void aLockThatIsNoFileIsRefused() throws Exception {
        Path file = folder.resolve("keys");
        Path lock = LockFile.of(file);
        assertEquals(0, Eventually.ended(new ProcessBuilder("mkfifo", lock.toString()).start()));
        assertEquals("no regular file", assertThrows(FileSystemException.class, () -> ServerTickets.turn(file, 0, 1000)).getReason());
        Files.delete(lock);
        Files.createSymbolicLink(lock, folder.resolve("elsewhere"));
        assertEquals("no regular file", assertThrows(FileSystemException.class, () -> ServerTickets.turn(file, 0, 1000)).getReason());
        assertFalse(Files.exists(folder.resolve("elsewhere")));
        assertFalse(Files.exists(file));
    }
}
