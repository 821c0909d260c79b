package dev.coffer.c;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.testkit.Eventually;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The close waits for calls, for all of them and for nothing else; who comes meanwhile is told so.
class ClosingTest {
    private static final int LOOKS = 20;
    private static final int SHA = 0x0301;

    private Native c;
    private MemorySegment number;

    @BeforeEach
    void open() {
        c = new Native();
        number = c.number();
    }

    @AfterEach
    void close() {
        c.close();
    }

    private long handle(String create, Object... arguments) {
        Object[] all = Arrays.copyOf(arguments, arguments.length + 1);
        all[arguments.length] = number;
        assertEquals("OK", c.call(create, all));
        return Native.value(number);
    }

    private Thread closing() {
        Thread closing = Thread.ofPlatform().daemon().start(CTable::close);
        Eventually.holds("the table takes no new call", () -> !CTable.isOpen());
        return closing;
    }

    /// Of each kind one place is in use, one after the other: while it is, all memory is there.
    @Test
    void waitsForACallOfEachKind() throws InterruptedException {
        for (int kind = 0; kind < 3; kind++) {
            CMemory held = CTable.held();
            Slots slots = new Slots[] {held.workspaces, held.hashes, held.evms}[kind];
            int place = slots.claim();
            Thread closing = closing();
            for (int look = 0; look < LOOKS; look++) {
                assertTrue(closing.isAlive() && held.workspace(0).scope().isAlive(), "closed under a call of kind " + kind);
                Thread.sleep(1);
            }
            held.memories[0].reset();
            slots.end(place, true);
            Eventually.ended(closing);
            assertFalse(held.workspace(0).scope().isAlive());
            CTable.open(CTableConfig.defaults());
        }
    }

    /// Nothing of the table's is in use then, but who asks for the close may unload what the call stands on once it has its answer.
    @Test
    void waitsForCallsThatBroughtTheirWorkspaces() throws InterruptedException {
        CMemory held = CTable.held();
        assertEquals(CMemory.BROUGHT, held.claimWorkspace(4096));
        assertEquals(CMemory.BROUGHT, held.claimWorkspace(4096), "as many as there are");
        Thread closing = closing();
        for (int ended = 0; ended < 2; ended++) {
            for (int look = 0; look < LOOKS; look++) {
                assertTrue(closing.isAlive() && held.workspace(0).scope().isAlive(), "closed under a call with a workspace of its own");
                Thread.sleep(1);
            }
            assertEquals(Status.CLOSED, held.claimWorkspace(4096), "who comes meanwhile");
            held.leaveWorkspace(CMemory.BROUGHT, true);
        }
        Eventually.ended(closing);
        assertFalse(held.workspace(0).scope().isAlive());
        assertEquals(Status.CLOSED, held.claimWorkspace(4096));
    }

    /// A call that already had the table in its hand when the close began.
    @Test
    void whoComesWhileItWaitsIsToldThatItIsClosed() {
        long hash = handle("hash_open", SHA);
        long memory = handle("evm_create");
        CMemory held = CTable.held();
        for (int i = 0; i < held.config.workspaces(); i++) {
            assertEquals(i, held.claimWorkspace(0));
        }
        assertEquals(Status.FULL, held.claimWorkspace(0));
        int state = held.hashes.enter(hash);
        int evm = held.evms.enter(memory);
        assertEquals(Status.BUSY, held.hashes.enter(hash));
        Thread closing = closing();
        Eventually.holds("the close has come to the workspaces", () -> held.claimWorkspace(0) == Status.CLOSED);
        for (int i = 0; i < held.config.workspaces(); i++) {
            held.workspaces.end(i, true);
        }
        Eventually.holds("the close has come to the states", () -> held.hashes.enter(hash) == Status.CLOSED);
        assertEquals(Status.CLOSED, held.hashes.enter(memory));
        held.hashes.end(state, true);
        Eventually.holds("and to the memories", () -> held.evms.enter(memory) == Status.CLOSED);
        held.evms.leave(evm);
        Eventually.ended(closing);
        assertEquals(Status.CLOSED, held.hashes.claim());
        assertEquals(Status.CLOSED, held.evms.claim());
        assertEquals(Status.CLOSED, held.evms.enter(memory));
    }

    /// A memory whose pages the system does not take back: its handle is gone, nobody gets its place, and the close does not wait for it.
    @Test
    void aPlaceThatCouldNotBeWipedIsNobodysAndHoldsNothingUp() {
        long first = handle("evm_create");
        int all = CTableConfig.defaults().memories();
        CTable.held().memories[0].close();
        assertEquals("INTERNAL", c.call("evm_destroy", first));
        assertEquals("HANDLE", c.call("evm_destroy", first));
        for (int i = 1; i < all; i++) {
            handle("evm_create");
        }
        assertEquals("FULL", c.call("evm_create", number));
        Thread closing = closing();
        Eventually.ended(closing);
    }

    /// The same of a state and of a workspace.
    @Test
    void aPlaceThatIsEndedUnwipedIsNotGivenOutAgain() {
        CMemory held = CTable.held();
        for (Slots slots : new Slots[] {held.workspaces, held.hashes, held.evms}) {
            int free = slots.free();
            int place = slots.claim();
            long handle = slots.handle(place);
            slots.end(place, false);
            assertEquals(Status.HANDLE, slots.enter(handle));
            assertEquals(free - 1, slots.free());
            for (int i = 1; i < free; i++) {
                assertTrue(slots.claim() > place);
            }
            assertEquals(Status.FULL, slots.claim());
            for (int i = 1; i < free; i++) {
                slots.end(place + i, true);
            }
        }
    }
}
