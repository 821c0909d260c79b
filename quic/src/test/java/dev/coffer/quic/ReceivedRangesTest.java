package dev.coffer.quic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.memory.engine.DatagramHeader;
import dev.coffer.testkit.Seeds;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class ReceivedRangesTest {
    private static final long DELAY = 25;

    private MemorySegment memory = memory(4);

    private static MemorySegment memory(int ranges) {
        MemorySegment memory = Arena.ofAuto().allocate(ReceivedRanges.bytes(ranges));
        memory.fill((byte) 0);
        ReceivedRanges.begin(memory, 0);
        return memory;
    }

    private void take(long number, boolean eliciting, long now) {
        assertEquals(ReceivedRanges.NEW, ReceivedRanges.look(memory, 0, 4, number));
        ReceivedRanges.add(memory, 0, 4, number, eliciting, DatagramHeader.NOT_ECT, DELAY, now);
    }

    private long due() {
        return ReceivedRanges.dueNanos(memory, 0);
    }

    private void tell() {
        ReceivedRanges.told(memory, 0, ReceivedRanges.count(memory, 0));
    }

    @Test
    void everySecondPacketIsAcknowledgedAtOnceAndOneAloneAfterTheDelay() {
        take(0, true, 100);
        assertEquals(100 + DELAY, due());
        take(1, false, 101);
        assertEquals(100 + DELAY, due(), "what asks for none is none of the two");
        take(2, true, 110);
        assertEquals(110, due());
        tell();
        assertFalse(ReceivedRanges.isAckWanted(memory, 0));
        take(3, false, 120);
        assertFalse(ReceivedRanges.isAckWanted(memory, 0), "nobody waits for an ACK of ACKs");
        take(4, true, 130);
        assertEquals(130 + DELAY, due());
    }

    @Test
    void aGapItsEndAndAMarkAreToldAtOnce() {
        take(0, true, 1);
        tell();
        take(2, true, 5);
        assertEquals(5, due(), "a gap");
        tell();
        take(3, true, 6);
        assertEquals(6 + DELAY, due(), "the gap is told already");
        take(1, true, 7);
        assertEquals(7, due(), "late");
        tell();
        ReceivedRanges.add(memory, 0, 4, 4, true, DatagramHeader.CE, DELAY, 9);
        assertEquals(9, due(), "marked");
        assertEquals(1, ReceivedRanges.ecn(memory, 0, DatagramHeader.CE));
        assertEquals(0, ReceivedRanges.ecn(memory, 0, DatagramHeader.ECT_0));
        assertTrue(ReceivedRanges.hasEcn(memory, 0));
    }

    /// Those of many connections are due together, none later than it may be, and none in the first half of that.
    @Test
    void anAckThatMayWaitLongIsDueWithOthers() {
        long delay = 25_000_000;
        Set<Long> dues = new HashSet<>();
        for (long now = -40_000_000; now < 40_000_000; now += 99_991) {
            memory = memory(4);
            ReceivedRanges.add(memory, 0, 4, 0, true, DatagramHeader.NOT_ECT, delay, now);
            assertTrue(now + delay / 2 < due() && due() <= now + delay, due() + " at " + now);
            dues.add(due());
        }
        assertTrue(dues.size() <= 11, dues.size() + " times in 80 ms");
        long shorter = 2 * ReceivedRanges.TOGETHER_NANOS - 1;
        memory = memory(4);
        ReceivedRanges.add(memory, 0, 4, 0, true, DatagramHeader.NOT_ECT, shorter, 3);
        assertEquals(3 + shorter, due());
    }

    @Test
    void aFullTableRefusesUntilItsLowestRangeWasTold() {
        for (long number = 0; number < 8; number += 2) {
            take(number, true, 1);
        }
        assertEquals(ReceivedRanges.FULL, ReceivedRanges.look(memory, 0, 4, 8));
        assertEquals(ReceivedRanges.NEW, ReceivedRanges.look(memory, 0, 4, 7), "it needs no range of its own");
        tell();
        ReceivedRanges.refused(memory, 0, 1);
        assertEquals(1, due());
        assertTrue(ReceivedRanges.isDueAtOnce(memory, 0), "who was refused asks again: no lull");
        tell();
        assertFalse(ReceivedRanges.isDueAtOnce(memory, 0));
        assertEquals(ReceivedRanges.NEW, ReceivedRanges.look(memory, 0, 4, 8));
        take(8, true, 2);
        assertEquals(ReceivedRanges.DUPLICATE, ReceivedRanges.look(memory, 0, 4, 0), "what fell out counts as received");
        assertEquals(ReceivedRanges.NEW, ReceivedRanges.look(memory, 0, 4, 1), "it touches nothing that is there, and what is lowest was told");
        assertEquals(4, ReceivedRanges.count(memory, 0));
        ReceivedRanges.told(memory, 0, 2);
        assertEquals(ReceivedRanges.NEW, ReceivedRanges.look(memory, 0, 4, 10), "told before");
    }

    @Test
    void whatThePeerHasHeardOfIsForgottenAndNeverTakenAgain() {
        for (long number = 0; number < 8; number += 2) {
            take(number, true, 1);
        }
        ReceivedRanges.heard(memory, 0, 6);
        assertEquals(4, ReceivedRanges.count(memory, 0), "nothing was told");
        tell();
        ReceivedRanges.heard(memory, 0, 3);
        assertEquals(2, ReceivedRanges.count(memory, 0));
        assertEquals(ReceivedRanges.DUPLICATE, ReceivedRanges.look(memory, 0, 4, 1));
        assertEquals(ReceivedRanges.NEW, ReceivedRanges.look(memory, 0, 4, 5));
        ReceivedRanges.heard(memory, 0, 6);
        assertEquals(1, ReceivedRanges.count(memory, 0), "the highest stays, so that there is always something to tell");
        assertEquals(6, ReceivedRanges.largest(memory, 0));
    }

    @Test
    void noNumberIsTakenTwiceAndNothingIsForgottenBeforeItIsTold() {
        Seeds.forEach(1, 500, random -> {
            int most = 2 + random.nextInt(5);
            MemorySegment of = memory(most);
            Set<Long> taken = new HashSet<>();
            Set<Long> told = new HashSet<>();
            long highest = 0;
            for (int step = 0; step < 200; step++) {
                long number = Math.max(0, highest + random.nextInt(12) - 8);
                int look = ReceivedRanges.look(of, 0, most, number);
                assertFalse(look == ReceivedRanges.NEW && taken.contains(number), "taken twice: " + number);
                assertFalse(look == ReceivedRanges.FULL && taken.contains(number), "it is there");
                if (look == ReceivedRanges.NEW) {
                    ReceivedRanges.add(of, 0, most, number, random.nextBoolean(), DatagramHeader.NOT_ECT, DELAY, step);
                    taken.add(number);
                    highest = Math.max(highest, number);
                } else if (look == ReceivedRanges.FULL) {
                    ReceivedRanges.refused(of, 0, step);
                    assertTrue(ReceivedRanges.dueNanos(of, 0) <= step);
                }
                ReceivedRanges.checkInvariants(of, 0, most);
                TreeSet<Long> held = new TreeSet<>();
                for (int i = 0; i < ReceivedRanges.count(of, 0); i++) {
                    for (long each = ReceivedRanges.first(of, 0, i); each <= ReceivedRanges.last(of, 0, i); each++) {
                        held.add(each);
                    }
                }
                assertTrue(taken.containsAll(held), "received");
                for (long each : taken) {
                    assertTrue(held.contains(each) || told.contains(each), each + " was forgotten and never told");
                }
                if (random.nextInt(4) == 0 && !held.isEmpty()) {
                    int ranges = random.nextInt(3) == 0 ? 1 + random.nextInt(ReceivedRanges.count(of, 0)) : ReceivedRanges.count(of, 0);
                    long lowest = ReceivedRanges.first(of, 0, ranges - 1);
                    held.stream().filter(each -> each >= lowest).forEach(told::add);
                    ReceivedRanges.told(of, 0, ranges);
                    if (random.nextBoolean()) {
                        ReceivedRanges.heard(of, 0, ReceivedRanges.largest(of, 0));
                    }
                }
            }
        });
    }
}
