package dev.coffer.memory;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class BufferTest {
    private static Buffer of(int capacity) {
        return Buffer.over(Arena.ofAuto().allocate(capacity));
    }

    private static byte[] bytes(Buffer buffer) {
        byte[] all = new byte[(int) buffer.remaining()];
        MemorySegment.copy(buffer.readable(), ValueLayout.JAVA_BYTE, 0, all, 0, all.length);
        return all;
    }

    @Test
    void integersAreBigEndianInTheStandardOrder() {
        Buffer b = of(64);
        b.putU8(0x101);
        b.putU16(0x12345);
        b.putU24(0x1234567);
        b.putU32(0x1_89abcdefL);
        b.putI32(-2);
        b.putI64(0x0102030405060708L);
        b.putBoolean(true);
        assertArrayEquals(new byte[] {1, 0x23, 0x45, 0x23, 0x45, 0x67, (byte) 0x89, (byte) 0xab, (byte) 0xcd,
                (byte) 0xef, -1, -1, -1, -2, 1, 2, 3, 4, 5, 6, 7, 8, 1}, bytes(b));
        assertEquals(1, b.peekU8());
        assertEquals(1, b.takeU8());
        assertEquals(0x2345, b.peekU16());
        assertEquals(0x2345, b.takeU16());
        assertEquals(0x234567, b.peekU24());
        assertEquals(0x234567, b.takeU24());
        assertEquals(0x89abcdefL, b.peekU32());
        assertEquals(0x89abcdefL, b.takeU32());
        assertEquals(-2, b.takeI32());
        assertEquals(0x0102030405060708L, b.peekI64());
        assertEquals(0x0102030405060708L, b.takeI64());
        assertTrue(b.takeBoolean());
        assertFalse(b.hasRemaining());
    }

    @Test
    void littleEndianIsTheMirror() {
        Buffer b = of(64);
        b.putU16Le(0x1234);
        b.putU24Le(0x123456);
        b.putU32Le(0xf0123456L);
        b.putI32Le(-3);
        b.putI64Le(0x0102030405060708L);
        assertArrayEquals(new byte[] {0x34, 0x12, 0x56, 0x34, 0x12, 0x56, 0x34, 0x12, (byte) 0xf0, -3, -1, -1, -1, 8, 7,
                6, 5, 4, 3, 2, 1}, bytes(b));
        assertEquals(0x1234, b.takeU16Le());
        assertEquals(0x123456, b.takeU24Le());
        assertEquals(0xf0123456L, b.takeU32Le());
        assertEquals(-3, b.takeI32Le());
        assertEquals(0x0102030405060708L, b.takeI64Le());
    }

    @Test
    void stringsAreWrittenWholeOrNotAtAll() {
        Buffer b = of(16);
        byte[] twelve = "twelve bytes".getBytes(StandardCharsets.UTF_8);
        b.putString(twelve);
        assertEquals(16, b.length());
        assertEquals(12, b.stringBytes());
        Buffer out = of(16);
        assertEquals(12, b.takeString(out, 12));
        assertArrayEquals(twelve, bytes(out));

        Buffer small = of(15);
        BufferBoundsException refusal = assertThrows(BufferBoundsException.class, () -> small.putString(twelve));
        assertEquals(16, refusal.requested());
        assertEquals(15, refusal.available());
        assertEquals(0, small.length());
        assertEquals(0, small.dirtyBytes());
    }

    @Test
    void textIsWrittenAsUtf8() {
        String text = "a\u00e9\u20ac\ud83d\ude00 \ud800 x";
        Buffer b = of(64);
        b.putString(text);
        byte[] expected = text.getBytes(StandardCharsets.UTF_8);
        assertEquals(expected.length, b.takeU32());
        assertArrayEquals(expected, bytes(b));
    }

    @Test
    void readingAStringThatIsNotWholeChangesNothing() {
        Buffer b = of(16);
        b.putU32(0xffff_ffffL);
        b.putU8(1);
        assertEquals(-1, b.stringBytes());
        Buffer out = of(16);
        assertThrows(BufferBoundsException.class, () -> b.takeString(out, 8));
        assertThrows(BufferBoundsException.class, b::skipString);
        assertEquals(0, b.position());
        assertEquals(0, out.length());
    }

    @Test
    void everyOffsetMovesWithinTheRuleOnly() {
        Buffer b = of(32);
        b.putZeros(8);
        b.skip(4);
        assertThrows(IllegalArgumentException.class, () -> b.position(9));
        assertThrows(IllegalArgumentException.class, () -> b.position(-1));
        assertThrows(IllegalArgumentException.class, () -> b.length(3));
        assertThrows(IllegalArgumentException.class, () -> b.length(33));
        assertThrows(IllegalArgumentException.class, () -> b.limit(7));
        assertThrows(IllegalArgumentException.class, () -> b.limit(33));
        b.limit(8);
        assertThrows(BufferBoundsException.class, () -> b.putU8(1));
        b.mark();
        b.skip(4);
        assertThrows(BufferBoundsException.class, b::takeU8);
        b.toMark();
        assertEquals(4, b.position());
    }

    @Test
    void rawViewsCountAsDirty() {
        Buffer b = of(32);
        b.putI32(7);
        ByteBuffer room = b.writableBytes();
        assertEquals(28, room.remaining());
        assertEquals(32, b.dirtyBytes());
        room.put((byte) 9);
        b.claim(1);
        assertEquals(9, b.u8At(4));
        assertEquals(5, b.readableBytes().remaining());
        assertTrue(b.readable().isReadOnly());
    }

    private static String offsets(Buffer buffer) {
        return buffer.toString().replaceAll(", dirty .*", "");
    }

    @Test
    void aCopyThatTheOtherMemoryRefusesChangesNothing() {
        Buffer b = of(64);
        b.putU32(4);
        b.putU32(0x01020304);
        String before = offsets(b);
        MemorySegment readOnly = Arena.ofAuto().allocate(8).asReadOnly();
        MemorySegment gone;
        Buffer goneBuffer;
        try (Arena arena = Arena.ofConfined()) {
            gone = arena.allocate(8);
            goneBuffer = Buffer.over(gone);
            goneBuffer.putU32(7);
        }
        assertThrows(IllegalArgumentException.class, () -> b.take(readOnly, 0, 4));
        assertThrows(IllegalArgumentException.class, () -> b.takeString(readOnly, 0, 8));
        assertThrows(IllegalArgumentException.class, () -> Mpint.take(b, readOnly, 0, 8));
        assertThrows(IllegalStateException.class, () -> b.take(gone, 0, 4));
        assertThrows(IllegalStateException.class, () -> b.put(gone, 0, 8));
        assertThrows(IllegalStateException.class, () -> b.putString(gone, 0, 8));
        assertThrows(IllegalStateException.class, () -> b.put(goneBuffer));
        assertEquals(before, offsets(b));
        assertEquals(4, goneBuffer.remaining());
        MemorySegment target = Arena.ofAuto().allocate(8);
        assertEquals(4, b.takeString(target, 1, 7));
        assertEquals(4, target.get(ValueLayout.JAVA_BYTE, 4));
        assertFalse(b.hasRemaining());
    }

    @Test
    void aMarkPastTheEndOfTheDataReturnsToTheEnd() {
        Buffer b = of(32);
        b.putZeros(8);
        b.skip(6);
        b.mark();
        b.position(1);
        b.length(3);
        b.toMark();
        assertEquals(3, b.position());
        b.putZeros(5);
        b.toMark();
        assertEquals(6, b.position(), "the mark itself is kept");
        b.reset();
        b.putZeros(8);
        b.skip(4);
        b.toMark();
        assertEquals(0, b.position());
    }
}
