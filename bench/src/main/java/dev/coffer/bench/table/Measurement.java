package dev.coffer.bench.table;

import java.util.Collection;
import java.util.Locale;
import java.util.regex.Pattern;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.util.Statistics;

/// What the JVMs of one [Row] measured, all times in ns an operation.
///
/// @param median     of all iterations of all forks, by the clock
/// @param least      of them
/// @param most       of them
/// @param processor  processor time of the whole process, its compilers and collectors included
/// @param heapBytes  heap bytes an operation
record Measurement(double median, double least, double most, double processor, double heapBytes) {
    /// Where JMH's own words go, a file a row.
    static final String LOGS = "bench/target/logs/";

    /// How long a row is run where the command line says nothing.
    ///
    /// @param warmUps     iterations that are not measured
    /// @param iterations  iterations that are
    record Length(int forks, int warmUps, TimeValue warmUp, int iterations, TimeValue iteration) {}

    /// @param given  JMH's own options of the command line; they win over the length
    static Measurement of(Row row, Options given, Length length, String log) throws RunnerException {
        ChainedOptionsBuilder options = new OptionsBuilder().parent(given)
                .include("\\b" + Pattern.quote(row.benchmark()) + "$").threads(row.threads()).addProfiler(GCProfiler.class)
                .addProfiler(ProcessorTime.class).output(LOGS + log + ".log").shouldFailOnError(true)
                .jvmArgsAppend(row.jvm().toArray(String[]::new));
        row.params().forEach(options::param);
        length(options, given, length);
        Collection<RunResult> results = new Runner(options.build()).run();
        if (results.size() != 1) {
            throw new IllegalStateException(row.benchmark() + ": " + results.size() + " results (expected 1)");
        }
        RunResult result = results.iterator().next();
        Statistics time = result.getPrimaryResult().getStatistics();
        Result<?> heap = result.getSecondaryResults().get("gc.alloc.rate.norm");
        double nanos = result.getSecondaryResults().get(ProcessorTime.NANOS).getScore();
        double operations = result.getSecondaryResults().get(ProcessorTime.OPERATIONS).getScore();
        return new Measurement(time.getPercentile(50), time.getMin(), time.getMax(), nanos / operations,
                heap == null ? 0 : heap.getStatistics().getPercentile(50));
    }

    private static void length(ChainedOptionsBuilder options, Options given, Length length) {
        if (!given.getForkCount().hasValue()) {
            options.forks(length.forks);
        }
        if (!given.getWarmupIterations().hasValue()) {
            options.warmupIterations(length.warmUps);
        }
        if (!given.getMeasurementIterations().hasValue()) {
            options.measurementIterations(length.iterations);
        }
        if (!given.getWarmupTime().hasValue()) {
            options.warmupTime(length.warmUp);
        }
        if (!given.getMeasurementTime().hasValue()) {
            options.measurementTime(length.iteration);
        }
    }

    /// {@return a number in at least two digits that mean something}
    static String figure(double value) {
        if (value < 0.005) {
            return "0";
        }
        return String.format(Locale.ROOT, value < 10 ? "%.2f" : value < 100 ? "%.1f" : "%,.0f", value);
    }
}
