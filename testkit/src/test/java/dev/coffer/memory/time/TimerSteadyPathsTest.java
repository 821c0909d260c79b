package dev.coffer.memory.time;

import dev.coffer.testkit.HeapMode;
import dev.coffer.testkit.SteadyPath;
import dev.coffer.testkit.SteadyPaths;
import java.lang.foreign.Arena;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A timer's whole life on every level, and time that jumps: 0 heap bytes, whoever executes it.
class TimerSteadyPathsTest {
    @ParameterizedTest
    @EnumSource(HeapMode.class)
    void noTimerMakesAnObject(HeapMode mode) {
        SteadyPaths.check(mode, List.of(Lives.class));
    }

    static final class Lives implements SteadyPath, TimerWheel.Expiry {
        private static final int TIMERS = 48;
        private final TimerWheel.Config config = TimerWheel.Config.defaults("t", TIMERS).withLevels(3);
        private final TimerWheel wheel =
                TimerWheel.over(config, Arena.global().allocate(TimerWheel.plan(config).totalBytes(), 64), -5);
        private long now = -5;
        private int fired;

        @Override
        public void expired(int timer) {
            fired++;
            if (timer == 7) {
                wheel.arm(8, now);
            }
        }

        @Override
        public void run() {
            for (int i = 0; i < TIMERS; i++) {
                wheel.arm(i, now + (1L << i));  // far ones too
                wheel.arm(i, now + (1L << i) + 1);
                wheel.arm(i, now + (1L << i % 40) + (1L << 16));
            }
            wheel.cancel(3);
            wheel.arm(4, Long.MAX_VALUE);
            wheel.arm(5, now - 1);
            fired = 0;
            while (wheel.nextDeadlineNanos() != Long.MAX_VALUE) {
                now = Math.max(now, wheel.nextDeadlineNanos());
                wheel.advance(now, this);
            }
            if (fired < TIMERS - 2 || wheel.armed() != 0 || wheel.isArmed(5) || wheel.deadlineNanos(5) != Long.MAX_VALUE
                    || wheel.usedBytes() != 0 || wheel.peakBytes() == 0) {
                throw new AssertionError(fired);
            }
        }
    }
}
