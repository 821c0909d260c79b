package dev.coffer.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class CryptoBufferTest {
    private static MemorySegment filled(int bytes, int value) {
        MemorySegment segment = MemorySegment.ofArray(new byte[bytes]);
        return segment.fill((byte) value);
    }

    /// libQ's page, `test_buffer_overflow_protection`: 1,024 bytes, then one more.
    @Test
    void oneByteAfterTheLastIsRefusedAndNothingIsLost() {
        MemorySegment memory = Arena.ofAuto().allocate(1024);
        try (CryptoBuffer buffer = CryptoBuffer.over("c", memory, 0, 1024)) {
            buffer.write(filled(1024, 0x42), 0, 1024);
            BufferBoundsException refusal =
                    assertThrows(BufferBoundsException.class, () -> buffer.write(filled(1, 0x43), 0, 1));
            assertEquals(1, refusal.requested());
            assertEquals(0, refusal.available());
            assertFalse(buffer.tryWrite(filled(1, 0x43), 0, 1));
            assertEquals(1024, buffer.length());
            MemorySegment out = filled(1024, 0);
            assertEquals(1024, buffer.read(out, 0));
            assertEquals(-1, filled(1024, 0x42).mismatch(out));
        }
        assertTrue(ConstantTime.isZero(memory, 0, 1024));
    }

    @Test
    void writesAddAndReplacingHasANameOfItsOwn() {
        CryptoBuffer buffer = CryptoBuffer.over("c", Arena.ofAuto().allocate(10), 1, 8);
        buffer.write(filled(3, 1), 0, 3);
        buffer.write(filled(2, 2), 0, 2);
        assertEquals(5, buffer.length());
        assertEquals(3, assertThrows(BufferBoundsException.class, () -> buffer.write(filled(4, 3), 0, 4)).available());
        buffer.replace(filled(2, 7), 0, 2);
        assertEquals(2, buffer.length());
        MemorySegment out = filled(2, 0);
        buffer.read(out, 0);
        assertEquals(-1, filled(2, 7).mismatch(out));
        buffer.checkInvariants();
        assertEquals(5, buffer.peakBytes());
        assertThrows(IllegalArgumentException.class, () -> buffer.replace(filled(9, 3), 0, 9));
        assertEquals(2, buffer.length());
    }

    @Test
    void aPartIsReadAndWhatIsNotThereIsRefusedWithNumbers() {
        CryptoBuffer buffer = CryptoBuffer.over("c", Arena.ofAuto().allocate(8), 0, 8);
        buffer.write(MemorySegment.ofArray(new byte[] {1, 2, 3, 4, 5}), 0, 5);
        MemorySegment out = filled(4, 0);
        buffer.read(out, 1, 2, 3);
        assertEquals(-1, MemorySegment.ofArray(new byte[] {0, 3, 4, 5}).mismatch(out));
        buffer.read(out, 4, 5, 0);
        for (long[] wrong : new long[][] {{3, 3, 2}, {5, 1, 0}, {6, 0, 0}, {Long.MAX_VALUE, 0, 0}}) {
            BufferBoundsException refusal =
                    assertThrows(BufferBoundsException.class, () -> buffer.read(out, 0, wrong[0], wrong[1]));
            assertEquals(wrong[1], refusal.requested());
            assertEquals(wrong[2], refusal.available());
        }
        assertThrows(IndexOutOfBoundsException.class, () -> buffer.read(out, 0, -1, 1));
        assertThrows(IndexOutOfBoundsException.class, () -> buffer.read(out, 0, 0, 5));
        assertThrows(IndexOutOfBoundsException.class, () -> buffer.read(out, 0, 0, -1));
        assertThrows(IndexOutOfBoundsException.class, () -> buffer.read(out, Long.MAX_VALUE, 0, 1));
        assertThrows(IllegalArgumentException.class, () -> buffer.read(out.asReadOnly(), 0, 0, 1));
        assertEquals(-1, MemorySegment.ofArray(new byte[] {0, 3, 4, 5}).mismatch(out));
    }

    @Test
    void itIsEmptyAfterItsRegionClosedFirst() {
        Region region = Region.open(RegionConfig.defaults("t"), MemoryPlan.block("data", 8));
        CryptoBuffer buffer = CryptoBuffer.over("c", region.data(), 0, 8);
        buffer.write(filled(5, 3), 0, 5);
        region.close();
        buffer.close();
        assertEquals(0, buffer.length());
        assertEquals(5, buffer.peakBytes());
    }
}
