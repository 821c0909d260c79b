package dev.coffer.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.memory.Entropy;
import dev.coffer.memory.layout.BigEndian;
import dev.coffer.testkit.RawMemory;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Keys of tickets: when which one seals and opens, and the file that several processes share.
class TicketKeysTest {
    private static final int LIFETIME = 1000;
    private static final long NOW = 1_000_000;

    @TempDir
    private Path folder;
    private final MemorySegment memory = Arena.ofAuto().allocate(TicketKeys.BYTES);
    private final MemorySegment other = Arena.ofAuto().allocate(TicketKeys.BYTES);

    private static Tickets tickets(TicketKeys keys) {
        Tickets tickets = new Tickets(Arena.ofAuto().allocate(Tickets.MEMORY_BYTES), Entropy.SYSTEM);
        tickets.keys(keys);
        return tickets;
    }

    /// {@return a ticket of that second, or null where no key seals}
    private static MemorySegment sealed(Tickets by, long second) {
        assertTrue(by.isOn(second));
        if (by.sealsFor(second * 1000) == 0) {
            return null;
        }
        BigEndian.i64(by.memory(), by.state() + Tickets.UNTIL, Long.MAX_VALUE);
        BigEndian.i64(by.memory(), by.state() + Tickets.ENDS, Long.MAX_VALUE);
        BigEndian.i64(by.memory(), by.state() + Tickets.PSK, 0x1122334455667788L);
        MemorySegment ticket = Arena.ofAuto().allocate(Tickets.BYTES);
        by.seal(ticket, 0, second * 1000);
        return ticket;
    }

    private static boolean opens(Tickets by, MemorySegment ticket, long second) {
        assertTrue(by.isOn(second));
        boolean opened = by.open(ticket, 0, Tickets.BYTES, second * 1000);
        assertEquals(opened ? 0x1122334455667788L : 0, BigEndian.i64(by.memory(), by.state() + Tickets.PSK));
        by.forget();
        return opened;
    }

    private Path file(byte[] content) throws IOException {
        Path file = folder.resolve("keys");
        Files.deleteIfExists(file);
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        return Files.write(file, content);
    }

    @Test
    void whatOneProcessSealsAnotherOpens() throws IOException {
        Path file = folder.resolve("keys");
        assertEquals(1, TicketKeys.turn(file, memory, Entropy.SYSTEM, NOW, NOW, LIFETIME));
        assertEquals(0, RawMemory.nonZero(memory.address(), (int) TicketKeys.BYTES), "left after a turn");
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
        assertEquals(80, Files.size(file));
        try (TicketKeys one = TicketKeys.read(file, memory); TicketKeys two = TicketKeys.read(file, other)) {
            Tickets here = tickets(one);
            Tickets there = tickets(two);
            MemorySegment ticket = sealed(here, NOW);
            assertTrue(opens(there, ticket, NOW + 1));
            // a key that begins later is known everywhere before it seals anywhere
            assertEquals(2, TicketKeys.turn(file, Arena.ofAuto().allocate(TicketKeys.BYTES), Entropy.SYSTEM, NOW, NOW + 100, LIFETIME));
            one.again();
            assertTrue(opens(there, sealed(here, NOW + 99), NOW + 99), "still under the old one");
            MemorySegment later = sealed(here, NOW + 100);
            assertFalse(opens(there, later, NOW + 100), "the other process does not know it yet");
            two.again();
            assertTrue(opens(there, later, NOW + 100));
            assertTrue(opens(there, ticket, NOW + 100 + LIFETIME - 1), "the old one opens a lifetime more");
            assertFalse(opens(there, ticket, NOW + 100 + LIFETIME));
        }
        assertEquals(0, RawMemory.nonZero(memory.address(), (int) TicketKeys.BYTES), "left when closed");
    }

    @Test
    void aFileHoldsFourKeysAtMostAndTheOldestGoes() throws IOException {
        Path file = folder.resolve("keys");
        for (int i = 1; i <= 6; i++) {
            assertEquals(Math.min(i, 4), TicketKeys.turn(file, memory, Entropy.SYSTEM, NOW + i, NOW + i, LIFETIME));
        }
        assertEquals(272, Files.size(file));
        assertEquals(2, TicketKeys.turn(file, memory, Entropy.SYSTEM, NOW + 3000, NOW + 3000, LIFETIME), "but the newest all are too old");
    }

    @Test
    void whatIsNoFileOfKeysIsRefusedAndWhatWasReadStays() throws IOException {
        Path file = folder.resolve("keys");
        TicketKeys.turn(file, memory, Entropy.SYSTEM, NOW, NOW, LIFETIME);
        TicketKeys.turn(file, memory, Entropy.SYSTEM, NOW, NOW + 1, LIFETIME);
        byte[] sound = Files.readAllBytes(file);
        try (TicketKeys keys = TicketKeys.read(file, memory)) {
            Tickets tickets = tickets(keys);
            MemorySegment ticket = sealed(tickets, NOW + 5);
            for (int length = 0; length < sound.length; length += 7) {
                file(Arrays.copyOf(sound, length));
                assertThrows(FileSystemException.class, keys::again);
            }
            file(Arrays.copyOf(sound, sound.length + 1));
            assertThrows(FileSystemException.class, keys::again);
            for (int at : new int[] {0, 7, 11, 12, 15}) {
                byte[] bad = sound.clone();
                bad[at] ^= 1;
                file(bad);
                assertThrows(FileSystemException.class, keys::again, "byte " + at);
            }
            byte[] twice = sound.clone();
            System.arraycopy(twice, 16, twice, 16 + 64, 16);
            file(twice);
            assertThrows(FileSystemException.class, keys::again, "one name twice");
            byte[] backwards = sound.clone();
            Arrays.fill(backwards, 16 + 24, 16 + 32, (byte) 0);
            file(backwards);
            assertThrows(FileSystemException.class, keys::again, "a key whose time ends before it begins");
            for (String mode : new String[] {"rw-r-----", "rw----r--", "rw--w----", "rwx------"}) {
                Files.setPosixFilePermissions(file(sound), PosixFilePermissions.fromString(mode));
                assertThrows(FileSystemException.class, keys::again, mode);
            }
            Files.delete(file);
            assertThrows(FileSystemException.class, keys::again);
            assertThrows(FileSystemException.class, () -> TicketKeys.read(folder, other));
            assertTrue(opens(tickets, ticket, NOW + 6), "what was read before is in force");
            file(sound);
            keys.again();
            assertTrue(opens(tickets, ticket, NOW + 6));
        }
        assertThrows(FileSystemException.class, () -> TicketKeys.read(folder.resolve("none"), other));
        assertEquals(0, RawMemory.nonZero(other.address(), (int) TicketKeys.BYTES), "left where reading failed");
    }

    @Test
    void keysOfOnesOwnSealForHalfALifetimeAndOpenForAWholeOneMore() {
        TicketKeys keys = TicketKeys.fresh(memory, Entropy.SYSTEM, LIFETIME);
        Tickets tickets = tickets(keys);
        MemorySegment first = sealed(tickets, NOW);
        MemorySegment last = sealed(tickets, NOW + LIFETIME / 2 - 1);
        assertEquals(1, keys.version(NOW + LIFETIME / 2 - 1));
        MemorySegment next = sealed(tickets, NOW + LIFETIME / 2);
        assertEquals(2, keys.version(NOW + LIFETIME / 2));
        assertTrue(MemorySegment.mismatch(last, 0, 16, next, 0, 16) >= 0 && MemorySegment.mismatch(first, 0, 16, last, 0, 16) < 0);
        assertTrue(opens(tickets, last, NOW + LIFETIME / 2 - 1 + LIFETIME));
        assertFalse(opens(tickets, last, NOW + LIFETIME / 2 + LIFETIME));
        assertTrue(opens(tickets, next, NOW + LIFETIME / 2 + LIFETIME));
        keys.close();
        assertTrue(tickets.isOn(NOW));
        assertEquals(0, tickets.sealsFor(NOW * 1000), "closed keys seal nothing");
        assertEquals(0, RawMemory.nonZero(memory.address(), (int) TicketKeys.BYTES));
    }

    @Test
    void rangesOfAConfiguration() {
        assertThrows(IllegalArgumentException.class, () -> TicketKeys.fresh(memory, Entropy.SYSTEM, 0));
        assertThrows(IllegalArgumentException.class, () -> TicketKeys.fresh(memory, Entropy.SYSTEM, 604_801));
        TicketKeys.fresh(memory, Entropy.SYSTEM, 604_800).close();
        assertThrows(IllegalArgumentException.class, () -> TicketKeys.fresh(memory.asSlice(1), Entropy.SYSTEM, 1));
        assertThrows(IllegalArgumentException.class, () -> TicketKeys.fresh(MemorySegment.ofArray(new byte[4096]), Entropy.SYSTEM, 1));
        assertThrows(IllegalArgumentException.class, () -> new TicketConfig(9, 1));
        assertThrows(IllegalArgumentException.class, () -> new TicketConfig(-1, 1));
        assertThrows(IllegalArgumentException.class, () -> new TicketConfig(1, 604_801));
        assertEquals(8, new TicketConfig(8, 604_800).count());
        assertThrows(IllegalArgumentException.class, () -> TlsClientConfig.defaults().withSessions(-1));
    }
}
