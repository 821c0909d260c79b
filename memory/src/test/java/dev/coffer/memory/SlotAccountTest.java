package dev.coffer.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class SlotAccountTest {
    @Test
    void countsSlotsAndRefusesMoreThanThereAre() {
        SlotAccount account = new SlotAccount("a", 100, 3);
        assertEquals(300, account.capacityBytes());
        account.taken();
        account.taken(2);
        assertThrows(IllegalStateException.class, account::taken);
        assertThrows(IllegalStateException.class, () -> account.taken(Long.MAX_VALUE));
        assertThrows(IllegalArgumentException.class, () -> account.taken(-1));
        assertEquals(3, account.count());
        account.released(2);
        account.released();
        assertThrows(IllegalStateException.class, account::released);
        assertThrows(IllegalArgumentException.class, () -> account.released(-1));
        account.taken(0);
        assertEquals(0, account.usedBytes());
        assertEquals(300, account.peakBytes());
        assertEquals(3, account.peakCount());
    }

    @Test
    void refusesNumbersThatCannotBe() {
        assertThrows(IllegalArgumentException.class, () -> new SlotAccount("a", -1, 1));
        assertThrows(IllegalArgumentException.class, () -> new SlotAccount("a", 1, -1));
        assertThrows(ArithmeticException.class, () -> new SlotAccount("a", 1L << 40, 1L << 23));
        assertThrows(NullPointerException.class, () -> new SlotAccount(null, 1, 1));
        assertEquals((1L << 63) - (1L << 40), new SlotAccount("a", 1L << 40, (1L << 23) - 1).capacityBytes());
    }
}
