package dev.coffer.bench.timers;

import dev.coffer.memory.time.TimerWheel;
import io.netty.util.HashedWheelTimer;
import io.netty.util.Timeout;
import io.netty.util.TimerTask;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.agrona.DeadlineTimerWheel;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/// What a connection does to its timers all day, in three wheels with ticks of 1 ms (2^20 ns). Coffer's and Agrona's have a clock that
/// goes on by 1 us an operation, and are advanced every 1,024 operations, which is in the figure; Netty's is driven by its own
/// thread and the real clock, which is not, save where it takes the other's processor. Each has places for all before.
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class TimerBench {
    static final long TICK_NANOS = 1 << 20;
    /// About 34 s of ticks: no timer needs a second round.
    static final int TICKS = 1 << 15;
    private static final int TURN = 1024;
    private static final long NANOS_AN_OPERATION = 1_000;
    private static final int DELAYS = 1 << 16;

    /// Delays of 2 to 32 s, and every timer in its turn, in no order.
    @State(Scope.Thread)
    public static class Load {
        @Param({"1", "10000", "1000000"})
        public int timers;
        long[] delays;
        int[] order;
        int operation;
        long now;

        @Setup
        public void open() {
            SplittableRandom random = new SplittableRandom(1);
            delays = random.longs(DELAYS, 2_000_000_000L, 32_000_000_000L).toArray();
            order = new int[timers];
            for (int i = 0; i < timers; i++) {
                int other = random.nextInt(i + 1);
                order[i] = order[other];
                order[other] = i;
            }
            operation = 0;
            now = 0;
        }

        int timer() {
            return order[operation % timers];
        }

        long delay() {
            return delays[operation & DELAYS - 1];
        }

        /// {@return whether a turn of the loop is over}
        boolean next() {
            operation = operation + 1 & Integer.MAX_VALUE;
            now += NANOS_AN_OPERATION;
            return (operation & TURN - 1) == 0;
        }
    }

    /// Ours.
    @State(Scope.Thread)
    public static class Coffer {
        TimerWheel wheel;
        long fired;
        final TimerWheel.Expiry expiry = timer -> fired++;

        @Setup
        public void open(Load load) {
            TimerWheel.Config config = new TimerWheel.Config("timers", load.timers + 1, TICK_NANOS, 4);
            wheel = TimerWheel.over(config, Arena.ofAuto().allocate(TimerWheel.plan(config).totalBytes(), 64), 0);
            for (int i = 0; i < load.timers; i++) {
                wheel.arm(i, load.delays[i & DELAYS - 1]);
            }
        }
    }

    /// Agrona's: a timer is a number of its own.
    @State(Scope.Thread)
    public static class Agrona {
        DeadlineTimerWheel wheel;
        long[] ids;
        long fired;
        final DeadlineTimerWheel.TimerHandler handler = (unit, now, id) -> {
            fired++;
            return true;
        };

        @Setup
        public void open(Load load) {
            wheel = new DeadlineTimerWheel(TimeUnit.NANOSECONDS, 0, TICK_NANOS, TICKS, Math.max(16, 64 * (load.timers >> 20 | 1)));
            ids = new long[load.timers];
            for (int i = 0; i < ids.length; i++) {
                ids[i] = wheel.scheduleTimer(load.delays[i & DELAYS - 1]);
            }
        }

        void turn(long now) {
            while (wheel.currentTickTime() < now) {
                wheel.poll(now, handler, Integer.MAX_VALUE);
            }
        }
    }

    /// Netty's: a timer is an object, cancelled and made anew.
    @State(Scope.Thread)
    public static class Netty {
        HashedWheelTimer timer;
        Thread worker;
        Timeout[] timeouts;
        final TimerTask task = timeout -> {};

        @Setup
        public void open(Load load) {
            timer = new HashedWheelTimer(task -> worker = Thread.ofPlatform().daemon().unstarted(task), TICK_NANOS, TimeUnit.NANOSECONDS, TICKS, false);
            timeouts = new Timeout[load.timers];
            Arrays.setAll(timeouts, i -> timer.newTimeout(task, load.delays[i & DELAYS - 1], TimeUnit.NANOSECONDS));
        }

        @TearDown
        public void close() {
            timer.stop();
        }
    }

    @Benchmark
    public void cofferMove(Coffer coffer, Load load) {
        coffer.wheel.arm(load.timer(), load.now + load.delay());
        if (load.next()) {
            coffer.wheel.advance(load.now, coffer.expiry);
        }
    }

    @Benchmark
    public void agronaMove(Agrona agrona, Load load) {
        int timer = load.timer();
        agrona.wheel.cancelTimer(agrona.ids[timer]);
        agrona.ids[timer] = agrona.wheel.scheduleTimer(load.now + load.delay());
        if (load.next()) {
            agrona.turn(load.now);
        }
    }

    @Benchmark
    public void nettyMove(Netty netty, Load load) {
        int timer = load.timer();
        netty.timeouts[timer].cancel();
        netty.timeouts[timer] = netty.timer.newTimeout(netty.task, load.delay(), TimeUnit.NANOSECONDS);
        load.next();
    }

    @Benchmark
    public boolean cofferArmAndCancel(Coffer coffer, Load load) {
        coffer.wheel.arm(load.timers, load.now + load.delay());
        load.operation++;
        return coffer.wheel.cancel(load.timers);
    }

    @Benchmark
    public boolean agronaArmAndCancel(Agrona agrona, Load load) {
        long id = agrona.wheel.scheduleTimer(load.now + load.delay());
        load.operation++;
        return agrona.wheel.cancelTimer(id);
    }

    @Benchmark
    public boolean nettyArmAndCancel(Netty netty, Load load) {
        Timeout timeout = netty.timer.newTimeout(netty.task, load.delay(), TimeUnit.NANOSECONDS);
        load.operation++;
        return timeout.cancel();
    }
}
