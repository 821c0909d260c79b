package dev.coffer.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.server.drive.DatagramDriver;
import dev.coffer.server.drive.DatagramProtocol;
import dev.coffer.server.drive.LoopContext;
import dev.coffer.server.drive.Protocol;
import dev.coffer.server.net.Datagrams;
import dev.coffer.server.time.Now;
import dev.coffer.server.time.Timer;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What is left for a call is taken once, by who it is for, also where it is left while an earlier taking is being worked off.
class InboxTest {
    private static final int CALLS = 4;
    private static final String NOT_HERE = "an inbox only wakes";

    private final Asked asked = Asked.get("http://host/");
    private final Inbox inbox = new Inbox(CALLS);
    private final Call[] calls = new Call[CALLS];
    private int wakes;

    InboxTest() {
        for (int i = 0; i < CALLS; i++) {
            calls[i] = new Call(null, i);
        }
        inbox.open(new LoopContext() {
            @Override
            public int index() {
                throw new AssertionError(NOT_HERE);
            }

            @Override
            public Now now() {
                throw new AssertionError(NOT_HERE);
            }

            @Override
            public Timer timer(Runnable task) {
                throw new AssertionError(NOT_HERE);
            }

            @Override
            public int connect(InetSocketAddress address, long untilNanos) {
                throw new AssertionError(NOT_HERE);
            }

            @Override
            public void use(int seat, Protocol protocol) {
                throw new AssertionError(NOT_HERE);
            }

            @Override
            public void close(int seat) {
                throw new AssertionError(NOT_HERE);
            }

            @Override
            public DatagramDriver drive(Datagrams socket, DatagramProtocol protocol) {
                throw new AssertionError(NOT_HERE);
            }

            @Override
            public void wake() {
                wakes++;
            }
        }, calls);
    }

    /// Works off what was taken, as the client's thread does.
    private static String workOff(Call first, Runnable beforeEach) {
        List<String> done = new ArrayList<>();
        Call next;
        for (Call call = first; call != null; call = next) {
            beforeEach.run();
            next = call.taken();
            done.add(call.index + ":" + call.taken);
        }
        return String.join(" ", done);
    }

    private String workOff() {
        return workOff(inbox.take(), () -> {});
    }

    @Test
    void whatIsLeftWhileATakingIsWorkedOffWaitsForTheNext() {
        long first = inbox.ask(asked, asked);
        long second = inbox.ask(asked, asked);
        Call taken = inbox.take();
        assertTrue(inbox.leave(second, Call.CANCEL));  // stands in what is being worked off, and now in the queue too
        long third = inbox.ask(asked, asked);          // behind it
        assertTrue(inbox.leave(first, Call.RESUME));
        assertEquals("0:1 1:1", workOff(taken, () -> {}));
        assertEquals("1:2 2:1 0:4", workOff());
        assertTrue(inbox.leave(third, Call.CANCEL));
        assertEquals("2:2", workOff(), "who stood behind it is heard again");
        assertEquals("", workOff());
        assertEquals(3, wakes, "the first in each queue wakes");
    }

    /// Whatever is left at whatever moment: each word is taken, once.
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void everyWordIsTakenOnce(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int[] left = new int[CALLS];
        int[] heard = new int[CALLS];
        long[] tickets = new long[CALLS];
        for (int i = 0; i < CALLS; i++) {
            tickets[i] = inbox.ask(asked, asked);
            left[i] |= Call.ASKED;
        }
        for (int round = 0; round < 200; round++) {
            Call taken = inbox.take();
            int[] due = left.clone();
            Arrays.fill(left, 0);
            Arrays.fill(heard, 0);
            Call next;
            for (Call call = taken; call != null; call = next) {
                for (int words = random.nextInt(3); words > 0; words--) {
                    int to = random.nextInt(CALLS);
                    int what = random.nextBoolean() ? Call.CANCEL : Call.RESUME;
                    assertTrue(inbox.leave(tickets[to], what));
                    left[to] |= what;
                }
                next = call.taken();
                assertEquals(0, heard[call.index], "taken twice in round " + round);
                heard[call.index] = call.taken;
            }
            assertEquals(Arrays.toString(due), Arrays.toString(heard), "round " + round);
            int to = random.nextInt(CALLS);
            assertTrue(inbox.leave(tickets[to], Call.RESUME));
            left[to] |= Call.RESUME;
        }
    }

    @Test
    void aTicketIsStaleFromTheCallsEndOn() {
        long ticket = inbox.ask(asked, asked);
        for (int i = 1; i < CALLS; i++) {
            inbox.ask(asked, asked);
        }
        assertEquals(Client.FULL, inbox.ask(asked, asked));
        workOff();
        inbox.leave(ticket, Call.CANCEL);
        inbox.giveBack(calls[0]);
        assertFalse(inbox.leave(ticket, Call.CANCEL));
        assertFalse(inbox.leave(-1, Call.CANCEL));
        long again = inbox.ask(asked, asked);
        assertEquals(ticket + CALLS, again);
        assertFalse(inbox.leave(ticket, Call.CANCEL));
        assertEquals("0:1", workOff(), "what was left for the last call is not the next one's");
        inbox.stop();
        assertFalse(inbox.leave(again, Call.CANCEL));
        assertEquals(Client.STOPPED, inbox.ask(asked, asked));
        assertNull(inbox.take());
    }
}
