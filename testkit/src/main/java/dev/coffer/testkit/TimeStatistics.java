package dev.coffer.testkit;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.IntConsumer;
import java.util.stream.LongStream;

/// Statistics of time in the manner of dudect (Reparaz, Balasch, Verbauwhede, 2017): two classes of input in random order, Welch's t over
/// their times without the slowest tenth. A test that uses it plants a leak that must be found, or it proves nothing. What it cannot show:
/// leaks below the machine's noise, classes that are not tried, power, speculation, and what another JIT makes of the code.
public final class TimeStatistics {
    /// The bound of dudect for "definitely not constant time".
    public static final double SUSPECT = 10;
    /// For an operation of microseconds and more.
    private static final int MEASUREMENTS = 40_000;
    private static final double KEPT = 0.9;

    private TimeStatistics() {}

    /// {@return |t| over 40,000 measurements}
    ///
    /// @param prepare  makes an input of class 0 or 1 in one place, untimed
    public static double t(String name, IntConsumer prepare, Runnable operation) {
        return t(name, MEASUREMENTS, prepare, operation);
    }

    /// {@return |t|; a quarter as many go before, untold}
    ///
    /// @param prepare  makes an input of class 0 or 1 in one place, untimed
    public static double t(String name, int measurements, IntConsumer prepare, Runnable operation) {
        SplittableRandom random = new SplittableRandom(11);
        long[][] times = new long[2][measurements];
        int[] count = new int[2];
        for (int i = -measurements / 4; i < measurements; i++) {
            int kind = random.nextInt(2);
            prepare.accept(kind);
            long start = System.nanoTime();
            operation.run();
            long time = System.nanoTime() - start;
            if (i >= 0) {
                times[kind][count[kind]++] = time;
            }
        }
        long[] all = LongStream.concat(Arrays.stream(times[0], 0, count[0]), Arrays.stream(times[1], 0, count[1])).sorted().toArray();
        long limit = all[(int) (all.length * KEPT)];
        double[] mean = new double[2];
        double[] error = new double[2];
        for (int kind = 0; kind < 2; kind++) {
            long[] kept = Arrays.stream(times[kind], 0, count[kind]).filter(time -> time <= limit).toArray();
            double middle = Arrays.stream(kept).average().orElseThrow();
            mean[kind] = middle;
            error[kind] = Arrays.stream(kept).mapToDouble(x -> (x - middle) * (x - middle)).sum() / (kept.length - 1.0) / kept.length;
        }
        double t = (mean[0] - mean[1]) / Math.sqrt(error[0] + error[1]);
        System.out.printf("timing %s: means %.1f and %.1f ns, t = %.2f%n", name, mean[0], mean[1], t);
        return Math.abs(t);
    }
}
