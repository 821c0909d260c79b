package dev.coffer.bench.timers;

import com.sun.management.ThreadMXBean;
import dev.coffer.bench.table.Machine;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.LongSupplier;

/// What [TimerBench] does, by processor time: on a machine that others use too the clock of the wall tells how busy they are. All
/// three take turns within each round. Netty's figure has the time of its own thread in it, which takes in what was armed and takes out
/// what was cancelled.
public final class TimerMoves {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final int ROUNDS = 9;  // the first two warm up
    private static final int WARM_UPS = 2;
    private static final int OPERATIONS = 1 << 19;

    /// One wheel: its label, its operation, and the processor time of its threads.
    private record Contender(String label, Runnable operation, LongSupplier nanos, LongSupplier bytes) {}

    private TimerMoves() {}

    public static void run() {
        for (boolean moves : new boolean[] {true, false}) {
            System.out.println("**timers**: " + (moves ? "a timer among as many is moved, each in its turn" : "beside as many, one more is armed "
                    + "and cancelled") + ", 2 to 32 s ahead; ticks of 1 ms; processor time, the three by turns  ");
            System.out.println(Machine.line());
            System.out.println();
            System.out.println("| | ns/op, median | least - most | heap B/op | to the first row |");
            System.out.println("|---|---|---|---|---|");
            for (int timers : new int[] {1, 10_000, 1_000_000}) {
                size(moves, timers);
            }
            System.out.println();
        }
    }

    private static void size(boolean moves, int timers) {
        TimerBench bench = new TimerBench();
        TimerBench.Load[] loads = new TimerBench.Load[3];
        for (int i = 0; i < loads.length; i++) {
            loads[i] = new TimerBench.Load();
            loads[i].timers = timers;
            loads[i].open();
        }
        TimerBench.Coffer coffer = new TimerBench.Coffer();
        coffer.open(loads[0]);
        TimerBench.Agrona agrona = new TimerBench.Agrona();
        agrona.open(loads[1]);
        TimerBench.Netty netty = new TimerBench.Netty();
        netty.open(loads[2]);
        long own = Thread.currentThread().threadId();
        LongSupplier nanos = THREADS::getCurrentThreadCpuTime;
        LongSupplier bytes = () -> THREADS.getThreadAllocatedBytes(own);
        long worker = netty.worker.threadId();
        List<Contender> contenders = List.of(
                new Contender("**Coffer `TimerWheel`, %,d**", moves ? () -> bench.cofferMove(coffer, loads[0])
                        : () -> bench.cofferArmAndCancel(coffer, loads[0]), nanos, bytes),
                new Contender("Agrona `DeadlineTimerWheel`, %,d", moves ? () -> bench.agronaMove(agrona, loads[1])
                        : () -> bench.agronaArmAndCancel(agrona, loads[1]), nanos, bytes),
                new Contender("Netty 4.2 `HashedWheelTimer`, both threads, %,d", moves ? () -> bench.nettyMove(netty, loads[2])
                        : () -> bench.nettyArmAndCancel(netty, loads[2]),
                        () -> THREADS.getCurrentThreadCpuTime() + THREADS.getThreadCpuTime(worker),
                        () -> THREADS.getThreadAllocatedBytes(own) + THREADS.getThreadAllocatedBytes(worker)));
        double[][] times = new double[3][ROUNDS - WARM_UPS];
        double[][] heap = new double[3][ROUNDS - WARM_UPS];
        for (int round = 0; round < ROUNDS; round++) {
            for (int i = 0; i < 3; i++) {
                double[] taken = measure(contenders.get(i));
                if (round >= WARM_UPS) {
                    times[i][round - WARM_UPS] = taken[0];
                    heap[i][round - WARM_UPS] = taken[1];
                }
            }
        }
        netty.close();
        for (int i = 0; i < 3; i++) {
            Arrays.sort(times[i]);
            Arrays.sort(heap[i]);
            int middle = times[i].length / 2;
            System.out.printf(Locale.ROOT, "| %s | %,.1f | %,.1f - %,.1f | %,.2f | %.2f |%n",
                    String.format(Locale.ROOT, contenders.get(i).label, timers), times[i][middle], times[i][0],
                    times[i][times[i].length - 1], heap[i][middle], times[i][middle] / times[0][middle]);
        }
        System.err.println("bench timers: " + (moves ? "moved among " : "armed and cancelled beside ") + timers);
    }

    private static double[] measure(Contender contender) {
        long bytes = contender.bytes.getAsLong();
        long nanos = contender.nanos.getAsLong();
        for (int i = 0; i < OPERATIONS; i++) {
            contender.operation.run();
        }
        return new double[] {(double) (contender.nanos.getAsLong() - nanos) / OPERATIONS,
                (double) (contender.bytes.getAsLong() - bytes) / OPERATIONS};
    }
}
