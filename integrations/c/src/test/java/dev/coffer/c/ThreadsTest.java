package dev.coffer.c;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.testkit.HeapBytes;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Threads of C's own making: which calls may run together, what a thread costs, what is left when it ends.
class ThreadsTest {
    private static final int TURNS_MAX = 6_000;  // of 10 ms: a minute

    private static final int THOUSANDS_MAX = 200;

    private Native c;

    @BeforeAll
    static void compiler() {
        Assumptions.assumeTrue(Compiler.isThere("cc"), "no C compiler");
    }

    @BeforeEach
    void open() {
        c = new Native(CTableConfig.defaults().withHashes(3).withMemories(3));
    }

    @AfterEach
    void close() {
        c.close();
    }

    private static Set<Thread> threads() {
        return new HashSet<>(Thread.getAllStackTraces().keySet());
    }

    @Test
    void aThreadThatIsNotKnownIsADaemonFromItsFirstCallToItsEndAndItsCallsMakeNothing() throws InterruptedException {
        Caller begin = new Caller("stranger_begin");
        Caller call = new Caller("stranger_call");
        Caller thousand = new Caller("stranger_call_1000");
        Caller end = new Caller("stranger_end");
        Set<Thread> before = threads();
        begin.run(CTable.address());
        call.run(CTable.address());
        Set<Thread> attached = threads();
        attached.removeAll(before);
        attached.removeIf(thread -> thread.getThreadGroup() == null || thread.getThreadGroup().getName().equals("system"));
        assertEquals(1, attached.size(), () -> "attached: " + attached);
        Thread stranger = attached.iterator().next();
        assertTrue(stranger.isDaemon());
        long attaching = HeapBytes.ofThread(stranger.threadId());
        long before1000 = attaching;
        int quiet = 0;
        for (int i = 0; i < THOUSANDS_MAX && quiet < 3; i++) {  // leaving compiled code for the interpreter once may make some bytes
            thousand.run(CTable.address());
            long now = HeapBytes.ofThread(stranger.threadId());
            quiet = now == before1000 ? quiet + 1 : 0;
            before1000 = now;
        }
        System.out.printf("a thread of C's own: %d heap bytes by its first call, %d more until 3,000 calls made none%n", attaching,
                before1000 - attaching);
        assertEquals(3, quiet, "thousands of calls in a row that made nothing");
        end.run(CTable.address());
        for (int turn = 0; stranger.isAlive() && turn < TURNS_MAX; turn++) {
            Thread.sleep(10);
        }
        assertTrue(!stranger.isAlive(), "the thread is gone for Java too");
    }

    @Test
    void fourThreadsDoEverythingAtOnce() {
        CTable.close();
        CTable.open(CTableConfig.defaults());
        new Caller("threads_do_everything").run(CTable.address());
    }

    @Test
    void theStackThatTheHeaderAsksForIsEnough() {
        CTable.close();
        CTable.open(CTableConfig.defaults());
        new Caller("threads_on_small_stacks").run(CTable.address());
    }

    @Test
    void callsOnOneHandleAreWholeOrRefused() {
        new Caller("threads_fight_for_memory").run(CTable.address());
    }

    @Test
    void strangersThatForgeHandlesAndLengthsAreRefusedAndReachNothing() {
        new Caller("threads_forge").run(CTable.address());
        assertEquals(0, CTable.held().committedBytes());
    }

    @Test
    void handlesAreMadeAndEndedByAllAtOnceAndNobodyHasAnothers() {
        new Caller("threads_make_and_end").run(CTable.address());
        CMemory held = CTable.held();
        assertEquals(List.of(3, 3, 4), List.of(held.hashes.free(), held.evms.free(), held.workspaces.free()));
        assertEquals(0, held.committedBytes(), "nothing is committed for whom nobody holds");
    }

    @Test
    void aHandleInUseIsBusyForAnotherCallAndGoesOn() {
        MemorySegment number = c.number();
        c.call("evm_create", number);
        long memory = Native.value(number);
        c.call("hash_open", 0x0301, number);
        long hash = Native.value(number);
        CMemory held = CTable.held();
        int place = held.evms.enter(memory);
        int state = held.hashes.enter(hash);
        MemorySegment room = c.bytes(32);
        for (String[] call : new String[][] {{"evm_reset"}, {"evm_destroy"}}) {
            assertEquals("BUSY", c.call(call[0], memory));
        }
        assertEquals("BUSY", c.call("evm_size", memory, number));
        assertEquals("BUSY", c.call("evm_write", memory, 0, room));
        assertEquals("BUSY", c.call("evm_read", memory, 0, room));
        assertEquals("BUSY", c.call("evm_write_byte", memory, 0, 1));
        assertEquals("BUSY", c.call("evm_ensure", memory, 0, 1));
        assertEquals("BUSY", c.call("evm_copy", memory, 0, 1, 1));
        assertEquals("BUSY", c.call("evm_zero", memory, 0, 1));
        assertEquals("BUSY", c.call("evm_expansion_cost", memory, 0, 1, number));
        assertEquals("BUSY", c.call("hash_update", hash, room));
        assertEquals("BUSY", c.call("hash_finish", hash, room));
        assertEquals("BUSY", c.call("hash_close", hash));
        held.evms.leave(place);
        held.hashes.leave(state);
        assertEquals("OK", c.call("evm_size", memory, number));
        assertEquals(0, Native.value(number), "the refused calls did nothing");
        assertEquals("OK", c.call("hash_finish", hash, room));
    }

    @Test
    void aTableThatIsClosedUnderRunningCallsWaitsForThemAndRefusesTheNext() throws InterruptedException {
        for (int round = 0; round < 5; round++) {
            List<Throwable> wrong = new ArrayList<>();
            Caller caller = new Caller("threads_until_closed");
            Thread calls = Thread.ofPlatform().start(() -> {
                try {
                    caller.run(CTable.address());
                } catch (Throwable e) {
                    wrong.add(e);
                }
            });
            CMemory held = CTable.held();
            for (int turn = 0; held.committedBytes() == 0 && turn < TURNS_MAX; turn++) {
                Thread.sleep(1);
            }
            assertEquals("OK", c.call("close"));
            calls.join();
            assertEquals(List.of(), wrong);
            CTable.open(CTableConfig.defaults().withHashes(3).withMemories(3));
        }
    }
}
