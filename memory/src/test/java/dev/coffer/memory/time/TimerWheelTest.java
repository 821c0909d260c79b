package dev.coffer.memory.time;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.memory.ConstantTime;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Protection;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import dev.coffer.memory.ledger.Ledger;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TimerWheelTest {
    private static final long TICK = 1L << 17;
    private static final long NEVER = Long.MAX_VALUE;
    private static final long HOUR = 3_600_000_000_000L;
    private static final long[] ORIGINS = {0, 1, -1, TICK - 1, -TICK, 5 * HOUR + 17, -5 * HOUR - 17, Long.MIN_VALUE,
            Long.MIN_VALUE + 1, Long.MAX_VALUE - 2 * HOUR};

    private final List<Integer> fired = new ArrayList<>();

    private static TimerWheel wheel(TimerWheel.Config config, long now) {
        return TimerWheel.over(config, Arena.ofAuto().allocate(TimerWheel.plan(config).totalBytes(), 64), now);
    }

    private static TimerWheel wheel(int timers, long now) {
        return wheel(TimerWheel.Config.defaults("t", timers), now);
    }

    private List<Integer> advance(TimerWheel wheel, long now) {
        fired.clear();
        int count = wheel.advance(now, fired::add);
        assertEquals(fired.size(), count);
        wheel.checkInvariants();
        return fired;
    }

    @Test
    void firesAtItsTickAndNotOneNanosecondBefore() {
        for (long origin : ORIGINS) {
            for (long ahead : new long[] {1, TICK - 1, TICK, TICK + 1, 63 * TICK, 64 * TICK, 65 * TICK, 4095 * TICK + 1, 4096 * TICK,
                    4097 * TICK - 1, HOUR}) {
                TimerWheel wheel = wheel(1, origin);
                long deadline = origin + ahead;
                wheel.arm(0, deadline);
                long tick = Math.floorDiv(deadline, TICK) * TICK + (Math.floorMod(deadline, TICK) == 0 ? 0 : TICK);
                String what = "origin " + origin + ", ahead " + ahead;
                assertEquals(tick, wheel.nextDeadlineNanos(), what);
                assertEquals(deadline, wheel.deadlineNanos(0), what);
                assertTrue(tick >= deadline && tick - deadline < TICK, what);
                assertEquals(List.of(), advance(wheel, deadline - 1), what);
                assertEquals(List.of(), advance(wheel, tick - 1), what);
                assertEquals(List.of(0), advance(wheel, tick), what);
                assertEquals(NEVER, wheel.nextDeadlineNanos(), what);
            }
        }
    }

    @Test
    void whatWasArmedAsDueAndThenMovedAfterAFireThatThrewDoesNotFireEarly() {
        TimerWheel wheel = wheel(2, 0);
        wheel.arm(0, 10 * TICK);
        assertThrows(StackOverflowError.class, () -> wheel.advance(100 * TICK, timer -> {
            wheel.arm(1, 70 * TICK);
            throw new StackOverflowError();
        }));
        wheel.arm(1, 120 * TICK);  // in the slot of 64 ticks that 70 lies in too
        assertEquals(List.of(), advance(wheel, 119 * TICK));
        assertEquals(List.of(1), advance(wheel, 120 * TICK));
    }

    @Test
    void whatIsPastWhenArmedFiresAtTheNextAdvanceBeforeAllOthers() {
        TimerWheel wheel = wheel(4, 10 * TICK);
        wheel.arm(0, 11 * TICK);
        wheel.arm(1, 10 * TICK);
        wheel.arm(2, -HOUR);
        wheel.arm(3, Long.MIN_VALUE);
        assertTrue(wheel.nextDeadlineNanos() <= 10 * TICK);
        List<Integer> all = advance(wheel, 12 * TICK);
        assertEquals(0, all.getLast());
        assertEquals(4, all.size());
        wheel.arm(1, 12 * TICK);
        assertEquals(List.of(1), advance(wheel, 12 * TICK), "time need not move on");
    }

    @Test
    void ticksFireInTheirOrderAcrossTheEdgesOfLevels() {
        for (long origin : ORIGINS) {
            long[] ticks = {1, 2, 62, 63, 64, 65, 127, 128, 4094, 4095, 4096, 4097, 64 * 4096 - 1, 64 * 4096, 64 * 4096 + 1};
            TimerWheel wheel = wheel(ticks.length, origin);
            List<Integer> order = new ArrayList<>();
            for (int i = 0; i < ticks.length; i++) {
                int timer = i * 7 % ticks.length;
                wheel.arm(timer, origin + ticks[timer] * TICK);
                order.add(i);
            }
            wheel.checkInvariants();
            assertEquals(order, advance(wheel, origin + HOUR), "origin " + origin);
        }
    }

    @Test
    void aJumpOfDaysFiresWhatIsDueAndKeepsTheRestWhereverItLies() {
        for (int levels = 1; levels <= 8; levels++) {
            TimerWheel.Config config = TimerWheel.Config.defaults("t", 200).withLevels(levels);
            TimerWheel wheel = wheel(config, -HOUR);
            for (int i = 0; i < 200; i++) {
                wheel.arm(i, -HOUR + i * HOUR / 2);
            }
            wheel.checkInvariants();
            assertEquals(150, advance(wheel, -HOUR + 149 * HOUR / 2 + TICK).size(), levels + " levels");
            assertEquals(50, wheel.armed());
            assertEquals(List.of(), advance(wheel, -HOUR + 75 * HOUR - 1));
            assertEquals(List.of(150), advance(wheel, -HOUR + 75 * HOUR + TICK));
            assertEquals(49, advance(wheel, NEVER).size(), "the end of time is after all deadlines");
        }
    }

    @Test
    void neverIsNoDeadlineAndTheEndOfTimeIsReached() {
        TimerWheel wheel = wheel(3, 0);
        wheel.arm(0, NEVER);
        assertFalse(wheel.isArmed(0));
        wheel.arm(0, 5);
        wheel.arm(0, NEVER);
        assertFalse(wheel.isArmed(0));
        assertEquals(0, wheel.armed());
        wheel.arm(1, NEVER - 1);
        wheel.arm(2, NEVER - TICK);
        assertEquals(NEVER - TICK + 1, wheel.nextDeadlineNanos(), "the last tick before the end");
        assertEquals(List.of(), advance(wheel, NEVER - TICK));
        assertEquals(List.of(2), advance(wheel, NEVER - 1));
        assertEquals(List.of(1), advance(wheel, NEVER));
        assertEquals(0, wheel.armed());
        wheel.arm(0, 7);
        assertEquals(List.of(0), advance(wheel, NEVER), "and there is life after it");
    }

    @Test
    void timeThatGoesBackIsTheLatestThatWasTold() {
        TimerWheel wheel = wheel(2, 100 * TICK);
        advance(wheel, 200 * TICK);
        wheel.arm(0, 150 * TICK);
        wheel.arm(1, 201 * TICK);
        assertEquals(List.of(0), advance(wheel, 0));
        assertEquals(List.of(), advance(wheel, Long.MIN_VALUE));
        assertEquals(List.of(1), advance(wheel, 201 * TICK));
    }

    @Test
    void aTimerIsMovedBothWaysAndCancelledOnce() {
        TimerWheel wheel = wheel(2, 0);
        wheel.arm(0, 100 * TICK);
        wheel.arm(0, HOUR);
        assertEquals(List.of(), advance(wheel, 100 * TICK));
        wheel.arm(0, HOUR + 1);   // within its slot
        wheel.arm(0, 101 * TICK);
        assertEquals(101 * TICK, wheel.nextDeadlineNanos());
        assertEquals(1, wheel.armed());
        assertTrue(wheel.cancel(0));
        assertFalse(wheel.cancel(0));
        assertEquals(NEVER, wheel.deadlineNanos(0));
        assertEquals(List.of(), advance(wheel, 2 * HOUR));
        assertEquals(NEVER, wheel.nextDeadlineNanos());
    }

    @Test
    void theNextDeadlineIsEarlyByLessThanTheSlotAfterACancelAndASleeperFindsItInALookALevel() {
        TimerWheel wheel = wheel(2, 0);
        wheel.arm(0, (4096 * 3 + 5) * TICK);
        wheel.arm(1, (4096 * 3 + 4000) * TICK);
        assertEquals((4096 * 3 + 5) * TICK, wheel.nextDeadlineNanos());
        wheel.cancel(0);
        long next = wheel.nextDeadlineNanos();
        assertTrue(next >= 4096 * 3 * TICK && next <= (4096 * 3 + 4000) * TICK);
        int looks = 0;
        while (advance(wheel, wheel.nextDeadlineNanos()).isEmpty()) {
            looks++;
        }
        assertEquals(List.of(1), fired);
        assertTrue(looks <= 2, looks + " looks");
    }

    @Test
    void fromWithinAFireAnyTimerIsArmedAndCancelledAndEachFiresOnceAnAdvance() {
        TimerWheel wheel = wheel(6, 0);
        wheel.arm(0, TICK);
        wheel.arm(1, 2 * TICK);
        wheel.arm(2, 3 * TICK);
        wheel.arm(3, 3 * TICK);
        wheel.arm(4, 50 * TICK);
        TimerWheel.Expiry expiry = timer -> {
            fired.add(timer);
            assertFalse(wheel.isArmed(timer));
            switch (timer) {
                case 0 -> {
                    wheel.arm(0, TICK);            // itself, past: at the next advance
                    assertTrue(wheel.cancel(1));   // due in this advance
                    wheel.arm(4, 10 * TICK);       // from later to now: at the next advance
                    wheel.arm(5, 100 * TICK);
                }
                case 2 -> wheel.arm(3, 101 * TICK);
                case 3 -> wheel.arm(2, 101 * TICK);
                default -> {}
            }
            assertThrows(IllegalStateException.class, () -> wheel.advance(NEVER, t -> {}));
            wheel.checkInvariants();
        };
        assertEquals(2, wheel.advance(60 * TICK, expiry));
        assertEquals(0, fired.getFirst());
        assertEquals(2, fired.size());
        assertTrue(wheel.nextDeadlineNanos() <= 60 * TICK, "something is due");
        fired.clear();
        wheel.cancel(1);
        assertEquals(2, wheel.advance(60 * TICK, t -> fired.add(t)));
        assertEquals(List.of(0, 4), fired.stream().sorted().toList());
        assertEquals(100 * TICK, wheel.nextDeadlineNanos());
        assertEquals(2, advance(wheel, 101 * TICK).size());
        assertEquals(0, wheel.armed());
    }

    @Test
    void aFireThatThrowsTakesNoOtherTimerWithIt() {
        TimerWheel wheel = wheel(5, 0);
        for (int i = 0; i < 3; i++) {
            wheel.arm(i, (i + 1) * TICK);
        }
        wheel.arm(3, -1);
        wheel.arm(4, -1);
        for (int i = 5; i > 0; i--) {
            assertThrows(StackOverflowError.class, () -> wheel.advance(10 * TICK, timer -> {
                fired.add(timer);
                throw new StackOverflowError();
            }));
            wheel.checkInvariants();
            assertEquals(i - 1, wheel.armed());
        }
        assertEquals(List.of(0, 1, 2), fired.subList(2, 5));
        assertEquals(List.of(3, 4), fired.subList(0, 2).stream().sorted().toList());
        assertEquals(List.of(), advance(wheel, 10 * TICK));
        assertEquals(NEVER, wheel.nextDeadlineNanos());
    }

    @Test
    void timeThatGoesBackAfterAFireThatThrewIsTheLatestThatWasTold() {
        for (long back : new long[] {Long.MIN_VALUE, 0, 1, 2, 9}) {
            TimerWheel wheel = wheel(5, 0);
            for (int i = 0; i < 4; i++) {
                wheel.arm(i, (1 + 3 * i) * TICK);
            }
            assertThrows(StackOverflowError.class, () -> wheel.advance(10 * TICK, timer -> {
                throw new StackOverflowError();
            }));
            wheel.arm(4, 11 * TICK);
            assertEquals(List.of(1, 2, 3), advance(wheel, back * TICK), "back to " + back);
            assertEquals(List.of(), advance(wheel, 10 * TICK));
            assertEquals(List.of(4), advance(wheel, 11 * TICK));
        }
    }

    @Test
    void whatIsArmedAfterAFireThatThrewKeepsItsPlaceAmongWhatIsLeft() {
        TimerWheel wheel = wheel(4, 0);
        for (int i = 0; i < 3; i++) {
            wheel.arm(i, (1 + 2 * i) * TICK);
        }
        assertThrows(StackOverflowError.class, () -> wheel.advance(10 * TICK, timer -> {
            throw new StackOverflowError();
        }));
        wheel.arm(3, 4 * TICK);
        assertEquals(3 * TICK, wheel.nextDeadlineNanos());
        assertEquals(List.of(1, 3, 2), advance(wheel, 10 * TICK));
    }

    @Test
    void everyPublicNumberOutOfRangeIsRefusedBeforeAnythingChanges() {
        TimerWheel.Config config = TimerWheel.Config.defaults("t", 3);
        for (long[] wrong : new long[][] {{0, TICK, 5}, {(1L << 28) + 1, TICK, 5}, {1, TICK + 1, 5}, {1, 1 << 9, 5}, {1, 1L << 34, 5},
                {1, Long.MIN_VALUE, 5}, {1, 0, 5}, {1, TICK, 0}, {1, TICK, 9}}) {
            assertThrows(IllegalArgumentException.class,
                    () -> new TimerWheel.Config("t", (int) wrong[0], wrong[1], (int) wrong[2]));
        }
        assertEquals(new TimerWheel.Config("t", 3, 1L << 33, 8), config.withTickNanos(1L << 33).withLevels(8));
        assertEquals(1 << 28, new TimerWheel.Config("t", 1 << 28, 1 << 10, 1).timers());
        TimerWheel wheel = wheel(config, 0);
        for (int timer : new int[] {-1, 3, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
            assertThrows(IllegalArgumentException.class, () -> wheel.arm(timer, 1));
            assertThrows(IllegalArgumentException.class, () -> wheel.arm(timer, NEVER));
            assertThrows(IllegalArgumentException.class, () -> wheel.cancel(timer));
            assertThrows(IllegalArgumentException.class, () -> wheel.isArmed(timer));
            assertThrows(IllegalArgumentException.class, () -> wheel.deadlineNanos(timer));
        }
        wheel.arm(2, 1);
        assertThrows(NullPointerException.class, () -> wheel.advance(NEVER, null));
        assertEquals(1, wheel.armed());
        long bytes = TimerWheel.plan(config).totalBytes();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(bytes + 8, 64);
            for (MemorySegment wrong : new MemorySegment[] {memory, memory.asSlice(0, bytes - 8), memory.asSlice(0, bytes).asReadOnly(),
                    MemorySegment.ofArray(new long[(int) bytes / 8])}) {
                assertThrows(IllegalArgumentException.class, () -> TimerWheel.over(config, wrong, 0));
            }
        }
    }

    @Test
    void afterItsEndEveryUseIsRefusedAndItsMemoryIsZero() {
        TimerWheel.Config config = TimerWheel.Config.defaults("t", 8);
        MemorySegment memory = Arena.ofAuto().allocate(TimerWheel.plan(config).totalBytes(), 64);
        TimerWheel wheel = TimerWheel.over(config, memory, 0);
        for (int i = 0; i < 8; i++) {
            wheel.arm(i, (i + 1) * TICK);  // the others are due in the same advance
        }
        int[] count = new int[1];
        assertEquals(1, wheel.advance(HOUR, timer -> {
            count[0]++;
            wheel.close();  // the last fire
        }));
        wheel.close();
        assertEquals(1, count[0]);
        assertTrue(ConstantTime.isZero(memory, 0, memory.byteSize()));
        assertEquals(0, wheel.armed());
        assertEquals(8 * 16, wheel.peakBytes());
        for (Runnable use : new Runnable[] {() -> wheel.arm(0, 1), () -> wheel.arm(0, NEVER), () -> wheel.cancel(0), () -> wheel.isArmed(0),
                () -> wheel.deadlineNanos(0), wheel::nextDeadlineNanos, () -> wheel.advance(1, t -> {})}) {
            assertThrows(IllegalStateException.class, use::run);
        }
    }

    @Test
    void theRowOfItsPlanIsWhatItHoldsAndARefusedOpenLeavesTheRowAlone() {
        TimerWheel.Config config = TimerWheel.Config.defaults("timers of all", 100);
        assertEquals(100 * 16, TimerWheel.plan(config).child("timers").totalBytes());
        assertTrue(TimerWheel.plan(config).child("wheel").totalBytes() <= 5 * 512 + 64);
        RegionConfig plain = RegionConfig.defaults("r").withProtection(Protection.LOCKED, Protection.Level.OFF);
        Region region = Region.open(plain, MemoryPlan.group("data", TimerWheel.plan(config)));
        assertThrows(IllegalArgumentException.class,
                () -> TimerWheel.open(TimerWheel.Config.defaults("timers of all", 99), region, 0));
        TimerWheel wheel = TimerWheel.open(config, region, 0);
        assertThrows(IllegalStateException.class, () -> TimerWheel.open(config, region, 0));
        Ledger ledger = Ledger.of("test", Ledger.region(region, wheel));
        long empty = ledger.usedBytes();
        for (int i = 0; i < 100; i++) {
            wheel.arm(i, 1 + i);
        }
        assertEquals(region.bytes(), ledger.usedBytes());
        assertEquals(empty + 1600, ledger.usedBytes());
        wheel.advance(TICK, t -> {});
        assertEquals(empty, ledger.usedBytes());
        assertEquals(region.bytes(), ledger.peakBytes());
        region.close();
        assertThrows(IllegalStateException.class, () -> wheel.arm(1, 1));
        wheel.close();
    }
}
