package dev.coffer.http.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.testkit.CutMemory;
import dev.coffer.testkit.RawMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class DynamicTableTest {
    private static final int BYTES = 1024;

    /// The value of a field may lie in memory that fails half-way: what was copied by then is among what is wiped.
    @Test
    void theRoomIsClaimedBeforeItIsWritten() {
        MemorySegment memory = Arena.ofAuto().allocate(DynamicTable.bytes(BYTES), 64);
        for (int readable : new int[] {8, 100, 300}) {
            DynamicTable table = new DynamicTable(memory, 0, BYTES);
            try (CutMemory cut = CutMemory.of((byte) 'v')) {
                table.add(cut.segment(), 0, 4, 4, 500);
                assertThrows(InternalError.class,
                        () -> table.add(cut.segment(), 0, 4, CutMemory.READABLE - readable, readable + 200));
            }
            assertTrue(readable < 300 || RawMemory.nonZero(memory, 0, BYTES) > 504, "a part was copied");
            table.clear();
            assertEquals(0, RawMemory.nonZero(memory));
        }
    }
}
