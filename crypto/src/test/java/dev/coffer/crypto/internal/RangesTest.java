package dev.coffer.crypto.internal;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

/// Which two ranges share a byte: of one memory or two, off the heap and in arrays, seen through slices and read-only views.
class RangesTest {
    private final MemorySegment off = Arena.ofAuto().allocate(64);
    private final MemorySegment array = MemorySegment.ofArray(new byte[64]);
    private final MemorySegment other = MemorySegment.ofArray(new byte[64]);

    private static void apart(MemorySegment a, long aAt, long aLength, MemorySegment b, long bAt, long bLength) {
        assertDoesNotThrow(() -> Ranges.apart("t", a, aAt, aLength, b, bAt, bLength));
        assertDoesNotThrow(() -> Ranges.apart("t", b, bAt, bLength, a, aAt, aLength));
    }

    private static void shared(MemorySegment a, long aAt, long aLength, MemorySegment b, long bAt, long bLength) {
        assertThrows(IllegalArgumentException.class, () -> Ranges.apart("t", a, aAt, aLength, b, bAt, bLength));
        assertThrows(IllegalArgumentException.class, () -> Ranges.apart("t", b, bAt, bLength, a, aAt, aLength));
    }

    @Test
    void rangesOfOneMemoryTouchOrShareAByte() {
        for (MemorySegment one : new MemorySegment[] {off, array}) {
            apart(one, 0, 16, one, 16, 16);
            shared(one, 0, 17, one, 16, 16);
            shared(one, 0, 64, one, 20, 1);
            shared(one, 8, 8, one, 8, 8);
            apart(one, 8, 0, one, 0, 64);
            shared(one, 0, 32, one.asSlice(31), 0, 1);
            apart(one, 0, 32, one.asSlice(32), 0, 32);
        }
    }

    @Test
    void twoMemoriesShareNothing() {
        apart(array, 0, 64, other, 0, 64);
        apart(array, 0, 64, off, 0, 64);
        apart(off, 0, 64, Arena.ofAuto().allocate(64), 0, 64);
    }

    /// A read-only view of an array does not say of which: it counts as the same.
    @Test
    void aReadOnlyViewCountsAsTheSameArray() {
        shared(array.asReadOnly(), 0, 64, array, 0, 64);
        shared(array.asReadOnly(), 0, 64, array.asReadOnly(), 63, 1);
        shared(array.asReadOnly(), 0, 16, other, 0, 16);
        apart(array.asReadOnly(), 0, 16, array, 16, 16);
        shared(off.asReadOnly(), 0, 64, off, 0, 64);
        apart(off.asReadOnly(), 0, 64, array, 0, 64);
    }
}
