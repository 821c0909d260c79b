package dev.coffer.bench.table;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.Collection;
import java.util.List;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.profile.InternalProfiler;
import org.openjdk.jmh.results.AggregationPolicy;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.ScalarResult;

/// Processor time of the fork and the operations that it did meanwhile, summed over all measured iterations, as the system counts it in steps
/// of 10 ms: on a busy machine the clock measures the neighbours.
public final class ProcessorTime implements InternalProfiler {
    /// Label of the sum of nanoseconds.
    static final String NANOS = "processor.nanos";
    /// Label of the sum of operations.
    static final String OPERATIONS = "processor.operations";

    private static final OperatingSystemMXBean SYSTEM = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

    private long before;

    @Override
    public String getDescription() {
        return "processor time of the process";
    }

    @Override
    public void beforeIteration(BenchmarkParams benchmark, IterationParams iteration) {
        before = SYSTEM.getProcessCpuTime();
    }

    @Override
    @SuppressWarnings("rawtypes")  // as JMH declares it
    public Collection<? extends Result> afterIteration(BenchmarkParams benchmark, IterationParams iteration, IterationResult result) {
        return List.of(new ScalarResult(NANOS, SYSTEM.getProcessCpuTime() - before, "ns", AggregationPolicy.SUM),
                new ScalarResult(OPERATIONS, result.getMetadata().getAllOps(), "ops", AggregationPolicy.SUM));
    }
}
