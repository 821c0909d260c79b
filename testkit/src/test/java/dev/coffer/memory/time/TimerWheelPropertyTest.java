package dev.coffer.memory.time;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.testkit.ObjectBytes;
import dev.coffer.testkit.Seeds;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Random deadlines beside a sorted map of them: what fires, when, in which order, and what a loop is told to wait for.
class TimerWheelPropertyTest {
    private static final long NEVER = Long.MAX_VALUE;

    @Test
    void agreesWithASortedMap() {
        Seeds.forEach(1, 40, random -> new Model(random, 1 + random.nextInt(60)).run(3_000));
    }

    @Test
    void agreesWithASortedMapOfThousands() {
        Seeds.forEach(1, 2, random -> new Model(random, 20_000).run(100_000));
    }

    @Test
    void whatAFireThrowsCostsNoOtherTimerItsTime() {
        Seeds.forEach(1, 60, random -> {
            Model model = new Model(random, 1 + random.nextInt(60));
            model.throwsOneIn = 1 + random.nextInt(8);
            model.run(2_000);
            assertTrue(model.thrown > 20, model.thrown + " fires threw");
        });
    }

    @Test
    @Tag("long")
    void agreesWithASortedMapForTenMillionOperations() {
        Seeds.forEach(100, 20, random -> new Model(random, 1 + random.nextInt(2_000)).run(500_000));
    }

    private static TimerWheel wheel(TimerWheel.Config config, long now) {
        return TimerWheel.over(config, Arena.ofAuto().allocate(TimerWheel.plan(config).totalBytes(), 64), now);
    }

    /// What a fire throws.
    private static final class Thrown extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    private static final class Model {
        private final SplittableRandom random;
        private final TimerWheel.Config config;
        private final TimerWheel wheel;
        private final long[] deadlines;
        private final boolean[] past;               // armed for a time that was past then
        private final TreeMap<Long, TreeSet<Integer>> ticks = new TreeMap<>();  // of the others
        private final TreeSet<Integer> pasts = new TreeSet<>();
        private final TreeSet<Integer> turn = new TreeSet<>();  // of the pasts, those of this advance
        private long now;
        private long told;                          // the last tick that was told
        private long reached;                       // the last tick that was told and not cut short
        private boolean advancing;
        private long lastFired;
        private int throwsOneIn;                    // of so many fires one; 0 for none
        private int thrown;
        private boolean moved;                      // a timer was cancelled or moved since the wheel was empty

        Model(SplittableRandom random, int timers) {
            this.random = random;
            this.config = new TimerWheel.Config("t", timers, 1L << random.nextInt(10, 34), random.nextInt(1, 9));
            this.now = switch (random.nextInt(4)) {
                case 0 -> random.nextLong();
                case 1 -> -random.nextLong(1L << random.nextInt(1, 50));
                case 2 -> Long.MIN_VALUE + random.nextLong(1L << 40);
                default -> random.nextLong(1L << random.nextInt(1, 50));
            };
            this.wheel = wheel(config, now);
            this.reached = reached(now);
            this.told = reached;
            this.deadlines = new long[timers];
            Arrays.fill(deadlines, NEVER);
            this.past = new boolean[timers];
        }

        private long reached(long nanos) {
            return nanos == NEVER ? NEVER : Math.floorDiv(nanos, config.tickNanos());
        }

        private long tickOf(long deadline) {
            return Math.floorDiv(deadline, config.tickNanos()) + (Math.floorMod(deadline, config.tickNanos()) == 0 ? 0 : 1);
        }

        void run(int operations) {
            for (int i = 0; i < operations; i++) {
                switch (random.nextInt(10)) {
                    case 0, 1 -> advance();
                    case 2 -> cancel(random.nextInt(deadlines.length));
                    case 3 -> sleep();
                    default -> arm(random.nextInt(deadlines.length), someDeadline());
                }
                if (deadlines.length <= 60 || random.nextInt(2_000) == 0) {
                    wheel.checkInvariants();
                }
                assertEquals(armed(), wheel.armed());
            }
            throwsOneIn = 0;
            now = NEVER;
            advanceTo(NEVER);
            advanceTo(NEVER);  // what was armed by the last fires for the past
        }

        private long armed() {
            return pasts.size() + turn.size() + count;
        }

        private long count;  // in `ticks`

        /// Near and far, on the edges of ticks and of levels, past, and the ends of time.
        private long someDeadline() {
            long base = random.nextInt(3) == 0 ? now : now & -config.tickNanos();
            long ahead = switch (random.nextInt(8)) {
                case 0 -> random.nextLong(4 * config.tickNanos());
                case 1 -> (1L << 6 * random.nextInt(4)) * config.tickNanos() + random.nextInt(-1, 2);
                case 2 -> random.nextLong(1, 70) * config.tickNanos() + random.nextInt(-1, 2);
                case 3 -> -random.nextLong(1L << random.nextInt(1, 62));
                case 4 -> random.nextLong(1L << random.nextInt(1, 63));
                default -> random.nextLong(1L << random.nextInt(1, 45));
            };
            long deadline = base + ahead;
            boolean overflow = ahead > 0 != deadline > base && ahead != 0;
            return random.nextInt(200) == 0 ? NEVER - random.nextInt(3) : random.nextInt(200) == 0 ? Long.MIN_VALUE + random.nextInt(3)
                    : overflow ? ahead > 0 ? NEVER : Long.MIN_VALUE : deadline;
        }

        private void forget(int timer) {
            if (deadlines[timer] == NEVER) {
                return;
            }
            moved = true;
            if (past[timer]) {
                assertTrue(pasts.remove(timer) | turn.remove(timer));
            } else {
                TreeSet<Integer> same = ticks.get(tickOf(deadlines[timer]));
                assertTrue(same.remove(timer));
                count--;
                if (same.isEmpty()) {
                    ticks.remove(tickOf(deadlines[timer]));
                }
            }
            deadlines[timer] = NEVER;
        }

        private void arm(int timer, long deadline) {
            wheel.arm(timer, deadline);
            forget(timer);
            deadlines[timer] = deadline;
            if (deadline != NEVER) {
                past[timer] = tickOf(deadline) <= reached;
                if (past[timer]) {
                    pasts.add(timer);
                } else {
                    ticks.computeIfAbsent(tickOf(deadline), t -> new TreeSet<>()).add(timer);
                    count++;
                }
            }
            assertEquals(deadline, wheel.deadlineNanos(timer));
        }

        private void cancel(int timer) {
            assertEquals(deadlines[timer] != NEVER, wheel.isArmed(timer));
            assertEquals(deadlines[timer] != NEVER, wheel.cancel(timer));
            forget(timer);
        }

        private void advance() {
            long by = switch (random.nextInt(4)) {
                case 0 -> random.nextLong(2 * config.tickNanos());
                case 1 -> random.nextLong(100) * config.tickNanos();
                case 2 -> -random.nextLong(100);
                default -> random.nextLong(1L << random.nextInt(1, 50));
            };
            now = by > 0 && now + by < now ? NEVER - 1 : by < 0 && now + by > now ? now : now + by;
            advanceTo(now);
        }

        private void advanceTo(long to) {
            long before = reached;
            told = Math.max(told, reached(to));
            reached = told;
            advancing = true;
            lastFired = Long.MIN_VALUE;
            turn.addAll(pasts);
            pasts.clear();
            int firesBefore = fires;
            try {
                assertEquals(wheel.advance(to, this::fire), fires - firesBefore);
            } catch (Thrown e) {
                stopped(before);
                return;
            } finally {
                advancing = false;
            }
            assertTrue(turn.isEmpty(), "the past has fired");
            assertTrue(ticks.isEmpty() || ticks.firstKey() > reached, "nothing that is due is left");
            moved &= armed() > 0;
        }

        /// A fire has thrown: time stays where it was due, and what was armed for between there and the time told is not past.
        private void stopped(long before) {
            thrown++;
            reached = lastFired == Long.MIN_VALUE ? before : lastFired;
            for (int timer : pasts.toArray(Integer[]::new)) {
                if (tickOf(deadlines[timer]) > reached) {
                    pasts.remove(timer);
                    past[timer] = false;
                    ticks.computeIfAbsent(tickOf(deadlines[timer]), t -> new TreeSet<>()).add(timer);
                    count++;
                }
            }
            moved &= armed() > 0;
        }

        private int fires;

        private void fire(int timer) {
            fires++;
            assertTrue(deadlines[timer] != NEVER, "armed");
            if (past[timer]) {
                assertEquals(Long.MIN_VALUE, lastFired, "the past comes first");
                assertTrue(turn.remove(timer), "not twice in an advance");
            } else {
                assertTrue(turn.isEmpty(), "the past comes first");
                long tick = tickOf(deadlines[timer]);
                assertTrue(tick <= reached, "early");
                assertEquals(tick, ticks.firstKey(), "in order");
                assertTrue(tick >= lastFired);
                lastFired = tick;
                assertTrue(ticks.get(tick).remove(timer));
                count--;
                if (ticks.get(tick).isEmpty()) {
                    ticks.remove(tick);
                }
            }
            deadlines[timer] = NEVER;
            if (random.nextInt(3) == 0) {  // from within
                int other = random.nextInt(3) == 0 ? timer : random.nextInt(deadlines.length);
                if (random.nextInt(3) == 0) {
                    cancel(other);
                } else {
                    arm(other, someDeadline());
                }
                next();
            }
            if (throwsOneIn > 0 && random.nextInt(throwsOneIn) == 0) {
                throw new Thrown();
            }
        }

        /// {@return what the wheel says comes next, which is not too late, nor too early where nothing was moved}
        private long next() {
            long next = wheel.nextDeadlineNanos();
            if (!pasts.isEmpty() || !turn.isEmpty()) {
                assertTrue(reached(next) <= reached, "due");
                return next;
            }
            if (ticks.isEmpty()) {
                assertEquals(NEVER, next);
                return next;
            }
            long tick = ticks.firstKey();
            long exact = tick > reached(NEVER - 1) ? NEVER : tick * config.tickNanos();
            assertTrue(next <= exact, "next " + next + ", exact " + exact);
            assertTrue(advancing || reached(next) > reached || next == NEVER || tick == reached && thrown > 0, "in the future");
            if (!moved && config.levels() <= 6 && !advancing) {
                assertEquals(exact, next);
            }
            return next;
        }

        /// Sleeps as it is told until something fires: that takes an idle look a level at most.
        private void sleep() {
            int before = fires;
            for (int looks = 0; fires == before; looks++) {
                long next = next();
                if (next == NEVER) {
                    return;
                }
                assertTrue(looks <= config.levels(), looks + " looks on " + config.levels() + " levels");
                now = Math.max(now, next);
                advanceTo(now);
            }
        }
    }

    @Test
    void aMillionTimersFireInOrderAndTheMillionthMoveCostsWhatTheFirstDid() {
        int timers = 1_000_000;
        TimerWheel.Config config = TimerWheel.Config.defaults("t", timers);
        TimerWheel wheel = wheel(config, 0);
        SplittableRandom random = new SplittableRandom(5);
        long[] deadlines = new long[timers];
        for (int i = 0; i < timers; i++) {
            deadlines[i] = random.nextLong(1L << random.nextInt(20, 46));
            wheel.arm(i, random.nextLong(1L << 46));
            wheel.arm(i, deadlines[i]);
        }
        wheel.checkInvariants();
        assertEquals(timers, wheel.armed());
        for (int i = 0; i < timers; i += 3) {
            wheel.cancel(i);
            deadlines[i] = NEVER;
        }
        wheel.checkInvariants();
        long[] last = {0};
        int[] fired = {0};
        long now = 0;
        while (wheel.armed() > 0) {
            now += 1L << 41;
            long until = now;
            wheel.advance(now, timer -> {
                long tick = -Math.floorDiv(-deadlines[timer], config.tickNanos());
                assertTrue(tick >= last[0] && tick * config.tickNanos() <= until && deadlines[timer] > until - (1L << 41) - config.tickNanos());
                last[0] = tick;
                deadlines[timer] = NEVER;
                fired[0]++;
            });
        }
        assertEquals(timers - (timers + 2) / 3, fired[0]);
        assertTrue(Arrays.stream(deadlines).allMatch(d -> d == NEVER));
    }

    @Test
    void itsObjectsAreThoseOfThePlan() {
        for (int levels : new int[] {1, 5, 8}) {
            TimerWheel.Config config = TimerWheel.Config.defaults("t", 10).withLevels(levels);
            var memory = Arena.ofAuto().allocate(TimerWheel.plan(config).totalBytes(), 64);
            TimerWheel wheel = TimerWheel.over(config, memory, 0);
            assertEquals(TimerWheel.plan(config).heapBytes(), ObjectBytes.beside(wheel, config, memory));
        }
    }
}
