package dev.coffer.memory.internal.os;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// A wait for events ends with one, or when its time is over and never before: no second is a nanosecond.
class AwaitTest {
    private static final int EVENTS = 4;
    private static final long TIME_AT = EVENTS * EpollEvent.BYTES;

    private final Arena arena = Arena.ofAuto();
    private final MemorySegment memory = arena.allocate(TIME_AT + 64, 8);
    private int epoll = -1;
    private int event = -1;

    @BeforeEach
    void open() {
        assumeTrue(Syscall.available());
        epoll = SocketCalls.epoll();
        event = SocketCalls.event();
        EpollEvent.set(memory, 0, EpollEvent.EPOLLIN, event);
        assertEquals(0, SocketCalls.control(epoll, SocketCalls.EPOLL_CTL_ADD, event, memory, 0));
    }

    @AfterEach
    void close() {
        if (epoll >= 0) {
            SocketCalls.close(epoll);
            SocketCalls.close(event);
        }
    }

    private int await(long nanos) {
        return assertTimeoutPreemptively(Duration.ofMinutes(5), () -> SocketCalls.await(epoll, memory, 0, EVENTS, nanos, TIME_AT));
    }

    @Test
    void endsWhenItsTimeIsOverAndNotBefore() {
        for (long nanos : new long[] {1, 1_000_000, 30_000_001, 1_002_000_000}) {
            long waited = 0;
            for (int i = 0; i < 5 && waited < nanos; i++) {  // a signal may end a wait too
                long begun = System.nanoTime();
                assertEquals(0, await(nanos));
                waited = System.nanoTime() - begun;
            }
            assertTrue(waited >= nanos, "after " + waited + " of " + nanos);
        }
        assertEquals(0, await(0));
    }

    @Test
    void endsWithAnEventHoweverLongItMayWait() {
        memory.set(ValueLayout.JAVA_LONG, TIME_AT + 32, 1);
        SocketCalls.signalEvent(event, memory, TIME_AT + 32);
        for (long nanos : new long[] {0, 1, 3_600_000_000_000L, Long.MAX_VALUE}) {
            assertEquals(1, await(nanos));
            assertEquals(event, EpollEvent.token(memory, 0));
        }
        SocketCalls.drainEvent(event, memory, TIME_AT + 32);
        assertEquals(0, await(0));
    }
}
