package dev.coffer.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

class ConstantTimeTest {
    private static final int LENGTH_MAX = 40;

    @Test
    void oneDifferingByteAtEveryPlaceOfEveryLengthIsSeen() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment a = arena.allocate(LENGTH_MAX + 3);
            MemorySegment b = arena.allocate(LENGTH_MAX + 3);
            for (int length = 0; length <= LENGTH_MAX; length++) {
                assertTrue(ConstantTime.equal(a, 1, b, 2, length));
                assertTrue(ConstantTime.isZero(a, 1, length));
                for (int at = 0; at < length; at++) {
                    a.set(ValueLayout.JAVA_BYTE, 1 + at, (byte) 0x80);
                    assertFalse(ConstantTime.equal(a, 1, b, 2, length), length + " at " + at);
                    assertFalse(ConstantTime.isZero(a, 1, length));
                    a.set(ValueLayout.JAVA_BYTE, 1 + at, (byte) 0);
                }
                a.set(ValueLayout.JAVA_BYTE, 1 + length, (byte) 1);  // one past the end says nothing
                assertTrue(ConstantTime.equal(a, 1, b, 2, length));
                assertTrue(ConstantTime.isZero(a, 1, length));
                a.set(ValueLayout.JAVA_BYTE, 1 + length, (byte) 0);
            }
        }
    }

    @Test
    void masksAndSelects() {
        assertEquals(-1, ConstantTime.maskOfZero(0));
        for (long value : new long[] {1, -1, Long.MIN_VALUE, Long.MAX_VALUE, 1L << 32}) {
            assertEquals(0, ConstantTime.maskOfZero(value));
        }
        assertEquals(5, ConstantTime.select(-1, 5, 9));
        assertEquals(9, ConstantTime.select(0, 5, 9));
    }

    @Test
    void copiesOnlyUnderAFullMask() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment source = arena.allocate(LENGTH_MAX).fill((byte) 7);
            for (int length = 0; length < LENGTH_MAX; length++) {
                MemorySegment target = arena.allocate(LENGTH_MAX);
                ConstantTime.copyIf(0, source, 0, target, 0, length);
                assertTrue(ConstantTime.isZero(target, 0, LENGTH_MAX));
                ConstantTime.copyIf(-1, source, 0, target, 0, length);
                assertTrue(ConstantTime.equal(source, 0, target, 0, length));
                assertTrue(ConstantTime.isZero(target, length, LENGTH_MAX - length));
            }
        }
    }

    @Test
    void refusesRangesOutsideTheSegment() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment a = arena.allocate(8);
            for (long[] range : new long[][] {{0, 9}, {8, 1}, {-1, 1}, {0, -1}, {Long.MAX_VALUE, 1}, {1, Long.MAX_VALUE}}) {
                assertThrows(IndexOutOfBoundsException.class, () -> ConstantTime.equal(a, range[0], a, 0, range[1]));
                assertThrows(IndexOutOfBoundsException.class, () -> ConstantTime.isZero(a, range[0], range[1]));
                assertThrows(IndexOutOfBoundsException.class,
                        () -> ConstantTime.copyIf(-1, a, 0, a, range[0], range[1]));
            }
        }
    }

    @Test
    void valuesOfTwoLengthsDiffer() {
        MemorySegment four = MemorySegment.ofArray(new byte[] {1, 2, 3, 4});
        MemorySegment five = MemorySegment.ofArray(new byte[] {1, 2, 3, 4, 0});
        assertTrue(ConstantTime.equal(four, 0, five, 0, 4), "the form with one length sees that many");
        assertFalse(ConstantTime.equal(four, 0, 4, five, 0, 5));
        assertFalse(ConstantTime.equal(five, 0, 5, four, 0, 4));
        assertTrue(ConstantTime.equal(four, 0, 4, five, 0, 4));
        assertFalse(ConstantTime.equal(four, 0, 4, five, 1, 4));
        assertTrue(ConstantTime.equal(four, 2, 0, five, 5, 0), "nothing equals nothing");
        assertFalse(ConstantTime.equal(four, 2, 0, five, 4, 1));
        assertFalse(ConstantTime.equal(four, five));
        assertTrue(ConstantTime.equal(four, five.asSlice(0, 4)));
        for (long[] range : new long[][] {{-1, 1}, {0, -1}, {0, 6}, {1, Long.MAX_VALUE}, {Long.MAX_VALUE, 1}}) {
            assertThrows(IndexOutOfBoundsException.class, () -> ConstantTime.equal(five, range[0], range[1], four, 0, 4));
            assertThrows(IndexOutOfBoundsException.class, () -> ConstantTime.equal(four, 0, 4, five, range[0], range[1]));
        }
    }
}
