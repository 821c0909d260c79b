package dev.coffer.c;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/// What is no handle enters nowhere, whatever the place that it would name holds: nothing, a handle at rest, one in use, or the end.
class SlotsTest {
    private static final int KIND = CMemory.HASH;

    private final Slots slots = new Slots(KIND, 2);

    @Test
    void zeroIsNoHandleOfAPlaceThatIsFree() {
        assertEquals(Status.HANDLE, slots.enter(0));
        assertEquals(Status.HANDLE, slots.enter(1));
        assertEquals(2, slots.free());
        assertEquals(0, slots.claim(), "a handle of 0 has not taken it into use");
    }

    @Test
    void whatAPlaceHoldsWhileItIsInUseIsNoHandle() {
        int place = slots.claim();
        long handle = slots.handle(place);
        assertTrue(handle > 0);
        assertEquals(Status.HANDLE, slots.enter(~handle), "in use");
        assertEquals(Status.BUSY, slots.enter(handle), "and still is");
        slots.leave(place);
        assertEquals(Status.HANDLE, slots.enter(~handle), "at rest");
        assertEquals(place, slots.enter(handle));
    }

    @Test
    void whatAnEndedPlaceHoldsIsNoHandle() {
        int place = slots.claim();
        slots.end(place, false);
        assertEquals(Status.HANDLE, slots.enter(Long.MIN_VALUE));
        assertEquals(1, slots.claim(), "the other");
        assertEquals(Status.FULL, slots.claim());
    }

    @Test
    void aPlaceThatIsNotThereIsNone() {
        long handle = slots.handle(slots.claim());
        slots.leave(0);
        assertEquals(Status.HANDLE, slots.enter(handle + 1), "free");
        assertEquals(Status.HANDLE, slots.enter(handle + 2), "one past the last");
        assertEquals(Status.HANDLE, slots.enter(handle + Slots.PLACES_MAX - 1));
        assertEquals(0, slots.enter(handle));
    }
}
