package dev.coffer.memory.layout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class LayoutTest {
    private static String hex(MemorySegment segment, int length) {
        return HexFormat.of().formatHex(segment.asSlice(1, length).toArray(ValueLayout.JAVA_BYTE));
    }

    @Test
    void bigEndianBytesLieMostSignificantFirst() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment s = arena.allocate(16);
            BigEndian.u16(s, 1, 0xfffe);
            assertEquals("fffe", hex(s, 2));
            assertEquals(0xfffe, BigEndian.u16(s, 1));
            BigEndian.u24(s, 1, 0xfedcba);
            assertEquals("fedcba", hex(s, 3));
            assertEquals(0xfedcba, BigEndian.u24(s, 1));
            BigEndian.u32(s, 1, 0xfedcba98L);
            assertEquals("fedcba98", hex(s, 4));
            assertEquals(0xfedcba98L, BigEndian.u32(s, 1));
            assertEquals(0xfedcba98, BigEndian.i32(s, 1));
            BigEndian.i64(s, 1, 0xfedcba9876543210L);
            assertEquals("fedcba9876543210", hex(s, 8));
            assertEquals(0xfedcba9876543210L, BigEndian.i64(s, 1));
        }
    }

    @Test
    void littleEndianBytesLieLeastSignificantFirst() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment s = arena.allocate(16);
            LittleEndian.u16(s, 1, 0xfffe);
            assertEquals("feff", hex(s, 2));
            assertEquals(0xfffe, LittleEndian.u16(s, 1));
            LittleEndian.u24(s, 1, 0xfedcba);
            assertEquals("badcfe", hex(s, 3));
            assertEquals(0xfedcba, LittleEndian.u24(s, 1));
            LittleEndian.u32(s, 1, 0xfedcba98L);
            assertEquals("98badcfe", hex(s, 4));
            assertEquals(0xfedcba98L, LittleEndian.u32(s, 1));
            assertEquals(0xfedcba98, LittleEndian.i32(s, 1));
            LittleEndian.i64(s, 1, 0xfedcba9876543210L);
            assertEquals("1032547698badcfe", hex(s, 8));
            assertEquals(0xfedcba9876543210L, LittleEndian.i64(s, 1));
        }
    }

    @Test
    void numbersAreWrittenInDigitsAndNoFurther() {
        MemorySegment s = MemorySegment.ofArray(new byte[Decimal.BYTES_MAX + 2]);
        for (long number = 1; number > 0; number *= 10) {
            for (long near : new long[] {number - 1, number}) {
                String text = Long.toString(near);
                s.fill((byte) '.');
                assertEquals(text.length(), Decimal.bytes(near));
                assertEquals(1 + text.length(), Decimal.write(s, 1, near));
                assertEquals("." + text + ".", new String(s.toArray(ValueLayout.JAVA_BYTE), 0, text.length() + 2, StandardCharsets.US_ASCII));
            }
            if (number > Long.MAX_VALUE / 10) {
                break;
            }
        }
        assertEquals(1 + Decimal.BYTES_MAX, Decimal.write(s, 1, Long.MAX_VALUE));
        assertThrows(IllegalArgumentException.class, () -> Decimal.bytes(-1));
        s.fill((byte) 0);
        assertThrows(IllegalArgumentException.class, () -> Decimal.write(s, 0, Long.MIN_VALUE));
        for (long at : new long[] {-1, s.byteSize() - 1, s.byteSize(), Long.MAX_VALUE, Long.MAX_VALUE - 1, Long.MIN_VALUE}) {
            assertThrows(IndexOutOfBoundsException.class, () -> Decimal.write(s, at, 10), "at " + at);
        }
        assertEquals(-1, s.mismatch(MemorySegment.ofArray(new byte[Decimal.BYTES_MAX + 2])), "a part of a number was written");
        assertEquals(s.byteSize(), Decimal.write(s, s.byteSize() - 2, 10));
    }

    @Test
    void alignsUpAtTheEdges() {
        assertEquals(0, Align.up(0, 64));
        assertEquals(64, Align.up(1, 64));
        assertEquals(64, Align.up(64, 64));
        assertEquals(128, Align.up(65, 64));
        assertTrue(Align.is(128, 64));
        assertFalse(Align.is(127, 64));
        assertThrows(IllegalArgumentException.class, () -> Align.up(-1, 64));
        assertThrows(IllegalArgumentException.class, () -> Align.up(1, 48));
        assertThrows(IllegalArgumentException.class, () -> Align.up(1, 0));
        assertThrows(IllegalArgumentException.class, () -> Align.up(1, Long.MIN_VALUE));
        assertThrows(ArithmeticException.class, () -> Align.up(Long.MAX_VALUE, 64));
    }
}
