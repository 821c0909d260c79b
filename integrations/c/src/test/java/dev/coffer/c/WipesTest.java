package dev.coffer.c;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.coffer.testkit.RawMemory;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What a call had in the table's own memory is zero there once it has answered, whatever it answered.
class WipesTest {
    private static final int SHA = 0x0301;

    private Native c;

    @BeforeEach
    void open() {
        c = new Native();
    }

    @AfterEach
    void close() {
        c.close();
    }

    private static int states() {
        MemorySegment states = CTable.held().hashStates;
        return RawMemory.nonZero(states);
    }

    @Test
    void aHashThatIsClosedOrFinishedLeavesNothing() {
        MemorySegment number = c.number();
        for (boolean finished : new boolean[] {false, true}) {
            assertEquals("OK", c.call("hash_open", SHA, number));
            assertEquals("OK", c.call("hash_update", Native.value(number), c.random(100, 1)));
            assertNotEquals(0, states());
            assertEquals("OK", finished ? c.call("hash_finish", Native.value(number), c.bytes(32)) : c.call("hash_close", Native.value(number)));
            assertEquals(0, states(), finished ? "finished" : "closed");
        }
    }

    @Test
    void aWorkspaceWhoseCallDidNotComeToItsEndIsWipedBeforeAnotherHasIt() {
        CMemory held = CTable.held();
        int place = held.claimWorkspace(0);
        MemorySegment work = held.workspace(place);
        long at = held.workspaceAt(place, 0);
        work.asSlice(at, CTableConfig.WORKSPACE_BYTES).fill((byte) 0x5a);
        held.leaveWorkspace(place, false);
        assertEquals(0, RawMemory.nonZero(work, at, CTableConfig.WORKSPACE_BYTES));
        assertEquals(place, held.claimWorkspace(0), "and is given out again");
        held.leaveWorkspace(place, true);
    }
}
