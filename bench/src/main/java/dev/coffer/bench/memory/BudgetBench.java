package dev.coffer.bench.memory;

import dev.coffer.memory.Budget;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/// What a budget costs: why it is charged per slab and never per lease.
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Benchmark)
public class BudgetBench {
    private final Budget root = Budget.root("root", 1 << 20);
    private final Budget leaf = root.child("middle", 1 << 20).child("leaf", 1 << 20);
    private final Budget spent = Budget.root("spent", 0);

    @Benchmark
    public void oneLevel() {
        root.reserve(64);
        root.release(64);
    }

    @Benchmark
    public void threeLevels() {
        leaf.reserve(64);
        leaf.release(64);
    }

    @Benchmark
    public boolean refused() {
        return spent.tryReserve(64);
    }
}
