package dev.coffer.bench.timers;

import com.sun.management.ThreadMXBean;
import dev.coffer.bench.table.Machine;
import dev.coffer.memory.time.TimerWheel;
import io.netty.util.HashedWheelTimer;
import io.netty.util.TimerTask;
import java.lang.foreign.Arena;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongConsumer;
import org.agrona.DeadlineTimerWheel;

/// What a fire costs: timers spread over a second, on the real clock, by processor time and heap bytes of the thread that fires them, its
/// sleeping and waking included; arming is over before the count begins. Coffer's loop sleeps until it is told; the others wake every
/// tick, as they cannot say when.
public final class TimerFires {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final int ROUNDS = 7;  // the first two warm up
    private static final int WARM_UPS = 2;
    private static final long SPREAD_NANOS = 1_000_000_000L;
    private static final long SETTLED_NANOS = 20_000_000L;  // before the first is due, all are armed and counting begins

    private static final long AHEAD_NANOS_MAX = 30_000_000_000L;
    private static final long LATE = -1;

    private TimerFires() {}

    /// One wheel with its thread.
    private interface Wheel {
        /// {@return processor nanoseconds, or LATE, and heap bytes of the thread while all fire}
        ///
        /// @param ahead  when the first may fire, at the earliest
        long[] fire(long[] delays, long ahead) throws InterruptedException;
    }

    public static void run() throws InterruptedException {
        System.out.println("**timers**: as many timers fire, spread over 1 s, ticks of 1 ms, real clock; processor time of the thread that fires, "
                + "its sleep and wake-ups included  ");
        System.out.println(Machine.line());
        System.out.println();
        System.out.println("| | ns a fire, median | least - most | heap B a fire | to the first row |");
        System.out.println("|---|---|---|---|---|");
        for (int timers : new int[] {1, 10_000, 1_000_000}) {
            double first = row("**Coffer `TimerWheel`", timers, TimerFires::coffer, 0);
            row("Agrona `DeadlineTimerWheel`", timers, TimerFires::agrona, first);
            row("Netty 4.2 `HashedWheelTimer`", timers, TimerFires::netty, first);
        }
        System.out.println();
    }

    private static double row(String label, int timers, Wheel wheel, double first) throws InterruptedException {
        SplittableRandom random = new SplittableRandom(2);
        long ahead = timers > 100_000 ? 3_000_000_000L : 500_000_000L;
        double[] nanos = new double[ROUNDS - WARM_UPS];
        double[] bytes = new double[ROUNDS - WARM_UPS];
        for (int round = 0; round < ROUNDS;) {
            long[] taken = wheel.fire(random.longs(timers, ahead, ahead + SPREAD_NANOS).toArray(), ahead);
            if (taken[0] == LATE) {  // some had fired before the count began
                if (ahead == AHEAD_NANOS_MAX) {
                    throw new IllegalStateException("the machine is too busy to arm " + timers + " timers in time");
                }
                ahead = Math.min(2 * ahead, AHEAD_NANOS_MAX);
                continue;
            }
            if (round >= WARM_UPS) {
                nanos[round - WARM_UPS] = (double) taken[0] / timers;
                bytes[round - WARM_UPS] = (double) taken[1] / timers;
            }
            round++;
        }
        Arrays.sort(nanos);
        Arrays.sort(bytes);
        double median = nanos[nanos.length / 2];
        System.out.printf(Locale.ROOT, "| %s, %,d%s | %,.1f | %,.1f - %,.1f | %,.2f | %.2f |%n", label, timers, first == 0 ? "**" : "",
                median, nanos[0], nanos[nanos.length - 1], bytes[bytes.length / 2], first == 0 ? 1 : median / first);
        System.err.println("bench timers: fired " + timers + " with " + label);
        return median;
    }

    /// Runs a loop in a thread of its own.
    private static long[] measured(long from, LongConsumer catchUp, Runnable loop) throws InterruptedException {
        long[] taken = new long[2];
        Thread.ofPlatform().start(() -> {
            long thread = Thread.currentThread().threadId();
            if (!sleepUntil(from)) {
                taken[0] = LATE;
                return;
            }
            catchUp.accept(System.nanoTime());
            long bytes = THREADS.getThreadAllocatedBytes(thread);
            long nanos = THREADS.getCurrentThreadCpuTime();
            loop.run();
            taken[0] = THREADS.getCurrentThreadCpuTime() - nanos;
            taken[1] = THREADS.getThreadAllocatedBytes(thread) - bytes;
        }).join();
        return taken;
    }

    /// {@return whether it is not too late for a count that begins then}
    private static boolean sleepUntil(long nanos) {
        for (long left = nanos - System.nanoTime(); left > 0; left = nanos - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
        return System.nanoTime() - nanos < SETTLED_NANOS;
    }

    private static long[] coffer(long[] delays, long ahead) throws InterruptedException {
        long start = System.nanoTime();
        TimerWheel.Config config = new TimerWheel.Config("timers", delays.length, TimerBench.TICK_NANOS, 4);
        TimerWheel wheel = TimerWheel.over(config, Arena.ofAuto().allocate(TimerWheel.plan(config).totalBytes(), 64), start);
        for (int i = 0; i < delays.length; i++) {
            wheel.arm(i, start + delays[i]);
        }
        long[] sum = new long[1];
        TimerWheel.Expiry expiry = timer -> sum[0] += timer;
        return measured(start + ahead - SETTLED_NANOS, now -> wheel.advance(now, expiry), () -> {
            while (wheel.armed() > 0) {
                long now = System.nanoTime();
                wheel.advance(now, expiry);
                long next = wheel.nextDeadlineNanos();
                if (next > now && next != Long.MAX_VALUE) {
                    LockSupport.parkNanos(next - now);
                }
            }
        });
    }

    private static long[] agrona(long[] delays, long ahead) throws InterruptedException {
        long start = System.nanoTime();
        DeadlineTimerWheel wheel = new DeadlineTimerWheel(TimeUnit.NANOSECONDS, start, TimerBench.TICK_NANOS, TimerBench.TICKS,
                delays.length > 100_000 ? 1024 : 16);
        for (long delay : delays) {
            wheel.scheduleTimer(start + delay);
        }
        long[] sum = new long[1];
        DeadlineTimerWheel.TimerHandler handler = (unit, now, id) -> {
            sum[0] += id;
            return true;
        };
        LongConsumer catchUp = now -> {
            while (wheel.currentTickTime() < now && wheel.timerCount() > 0) {
                wheel.poll(now, handler, Integer.MAX_VALUE);
            }
        };
        return measured(start + ahead - SETTLED_NANOS, catchUp, () -> {
            while (wheel.timerCount() > 0) {
                catchUp.accept(System.nanoTime());
                LockSupport.parkNanos(wheel.currentTickTime() - System.nanoTime());
            }
        });
    }

    private static long[] netty(long[] delays, long ahead) throws InterruptedException {
        Thread[] worker = new Thread[1];
        HashedWheelTimer timer = new HashedWheelTimer(task -> worker[0] = Thread.ofPlatform().daemon().unstarted(task),
                TimerBench.TICK_NANOS, TimeUnit.NANOSECONDS, TimerBench.TICKS, false);
        timer.start();
        CountDownLatch left = new CountDownLatch(1);
        int[] fired = new int[1];
        TimerTask task = timeout -> {
            if (++fired[0] == delays.length) {
                left.countDown();
            }
        };
        long thread = worker[0].threadId();
        long start = System.nanoTime();
        for (long delay : delays) {
            timer.newTimeout(task, start + delay - System.nanoTime(), TimeUnit.NANOSECONDS);
        }
        boolean late = !sleepUntil(start + ahead - SETTLED_NANOS);
        long bytes = THREADS.getThreadAllocatedBytes(thread);
        long nanos = THREADS.getThreadCpuTime(thread);
        left.await();
        long[] taken = {THREADS.getThreadCpuTime(thread) - nanos, THREADS.getThreadAllocatedBytes(thread) - bytes};
        timer.stop();
        return late ? new long[] {LATE, 0} : taken;
    }
}
