package dev.coffer.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.testkit.CutMemory;
import dev.coffer.testkit.RawMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class RecordInputTest {
    /// What is read may fail half-way: what was copied by then is among what is wiped, and nothing has come.
    @Test
    void theRoomIsClaimedBeforeItIsWritten() {
        MemorySegment memory = Arena.ofAuto().allocate(Wire.RECORD_BYTES_MAX);
        for (int readable : new int[] {1, 8, 100, 999}) {
            RecordInput input = new RecordInput(memory, 0);
            input.begin();
            try (CutMemory cut = CutMemory.of((byte) 0x17)) {
                input.append(cut.segment(), 0, 40);
                assertThrows(InternalError.class, () -> input.append(cut.segment(), CutMemory.READABLE - readable, readable + 200));
            }
            assertTrue(readable < 999 || RawMemory.nonZero(memory, 0, Wire.RECORD_BYTES_MAX) > 40, "a part was copied");
            memory.asSlice(0, input.dirtyBytes()).fill((byte) 0);
            assertEquals(0, RawMemory.nonZero(memory, 0, Wire.RECORD_BYTES_MAX));
            assertEquals(Wire.RECORD_BYTES_MAX - 40, input.room());
        }
    }
}
