package dev.coffer.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.memory.Entropy;
import dev.coffer.memory.layout.BigEndian;
import dev.coffer.testkit.RawMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/// Keys of tickets: when which one seals and opens, and what a file holds that several processes share.
class TicketKeysTest {
    private static final int LIFETIME = 1000;
    private static final long NOW = 1_000_000;

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

    /// {@return the file with a key more}
    private static byte[] turned(byte[] before, long now, long from) {
        MemorySegment file = Arena.ofAuto().allocate(TicketKeys.FILE_BYTES_MAX);
        MemorySegment.copy(before, 0, file, ValueLayout.JAVA_BYTE, 0, before.length);
        int bytes = TicketKeys.turn(file, 0, before.length, Entropy.SYSTEM, now, from, LIFETIME);
        assertEquals(0, RawMemory.nonZero(file, bytes, TicketKeys.FILE_BYTES_MAX - bytes), "behind the file");
        return file.asSlice(0, bytes).toArray(ValueLayout.JAVA_BYTE);
    }

    private static boolean takes(TicketKeys keys, byte[] file) {
        MemorySegment memory = Arena.ofAuto().allocate(1 + file.length);
        MemorySegment.copy(file, 0, memory, ValueLayout.JAVA_BYTE, 1, file.length);
        return keys.take(memory, 1, file.length);
    }

    @Test
    void whatOneProcessSealsAnotherOpens() {
        byte[] first = turned(new byte[0], NOW, NOW);
        assertEquals(80, first.length);
        try (TicketKeys one = TicketKeys.shared(memory); TicketKeys two = TicketKeys.shared(other)) {
            assertTrue(takes(one, first) && takes(two, first));
            Tickets here = tickets(one);
            Tickets there = tickets(two);
            MemorySegment ticket = sealed(here, NOW);
            assertTrue(opens(there, ticket, NOW + 1));
            // a key that begins later is known everywhere before it seals anywhere
            byte[] second = turned(first, NOW, NOW + 100);
            assertTrue(takes(one, second));
            assertTrue(opens(there, sealed(here, NOW + 99), NOW + 99), "still under the old one");
            MemorySegment later = sealed(here, NOW + 100);
            assertFalse(opens(there, later, NOW + 100), "the other process does not know it yet");
            assertTrue(takes(two, second));
            assertTrue(opens(there, later, NOW + 100));
            assertTrue(opens(there, ticket, NOW + 100 + LIFETIME - 1), "the old one opens a lifetime more");
            assertFalse(opens(there, ticket, NOW + 100 + LIFETIME));
        }
        assertEquals(0, RawMemory.nonZero(memory, 0, (int) TicketKeys.BYTES), "left when closed");
    }

    @Test
    void aFileHoldsFourKeysAtMostAndTheOldestGoes() {
        byte[] file = {};
        for (int i = 1; i <= 6; i++) {
            file = turned(file, NOW + i, NOW + i);
            assertEquals(16 + 64 * Math.min(i, 4), file.length);
        }
        assertEquals(16 + 2 * 64, turned(file, NOW + 3000, NOW + 3000).length, "but the newest all are too old");
    }

    @Test
    void whatIsNoFileOfKeysIsRefusedAndWhatWasTakenStays() {
        byte[] sound = turned(turned(new byte[0], NOW, NOW), NOW, NOW + 1);
        try (TicketKeys keys = TicketKeys.shared(memory)) {
            assertTrue(takes(keys, sound));
            Tickets tickets = tickets(keys);
            MemorySegment ticket = sealed(tickets, NOW + 5);
            for (int length = 0; length < sound.length; length++) {
                byte[] part = Arrays.copyOf(sound, length);
                assertFalse(takes(keys, part), length + " bytes");
                assertEquals(length > 0, turns(part) < 0, length + " bytes");
            }
            assertFalse(takes(keys, Arrays.copyOf(sound, sound.length + 1)));
            for (int at : new int[] {0, 7, 11, 12, 15}) {
                byte[] bad = sound.clone();
                bad[at] ^= 1;
                assertFalse(takes(keys, bad), "byte " + at);
            }
            byte[] twice = sound.clone();
            System.arraycopy(twice, 16, twice, 16 + 64, 16);
            assertFalse(takes(keys, twice), "one name twice");
            byte[] backwards = sound.clone();
            Arrays.fill(backwards, 16 + 24, 16 + 32, (byte) 0);
            assertFalse(takes(keys, backwards), "a key whose time ends before it begins");
            byte[] before = sound.clone();
            before[16 + 16] = (byte) 0x80;
            assertFalse(takes(keys, before), "a key of before 1970");
            assertTrue(opens(tickets, ticket, NOW + 6), "what was taken before is in force");
        }
        assertThrows(IllegalStateException.class, () -> TicketKeys.fresh(memory, Entropy.SYSTEM, 1).take(other, 0, 0));
    }

    private static int turns(byte[] before) {
        MemorySegment file = Arena.ofAuto().allocate(TicketKeys.FILE_BYTES_MAX);
        MemorySegment.copy(before, 0, file, ValueLayout.JAVA_BYTE, 0, before.length);
        return TicketKeys.turn(file, 0, before.length, Entropy.SYSTEM, NOW, NOW, LIFETIME);
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
        assertEquals(0, RawMemory.nonZero(memory, 0, (int) TicketKeys.BYTES));
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

    /// A machine woke up with a clock that was a year ahead, and set it.
    @Test
    void aClockThatIsSetBackLeavesKeysThatSeal() {
        long ahead = NOW + 365L * 24 * 3600;
        try (TicketKeys keys = TicketKeys.fresh(memory, Entropy.SYSTEM, LIFETIME)) {
            Tickets tickets = tickets(keys);
            assertTrue(sealed(tickets, NOW) != null && sealed(tickets, ahead) != null);
            MemorySegment ticket = sealed(tickets, NOW + 1);
            assertTrue(ticket != null && opens(tickets, ticket, NOW + 2) && opens(tickets, ticket, NOW + LIFETIME));
            int version = keys.version(NOW + LIFETIME);
            assertEquals(version, keys.version(NOW + LIFETIME - 60), "loops look at clocks of their own");
        }
    }
}
