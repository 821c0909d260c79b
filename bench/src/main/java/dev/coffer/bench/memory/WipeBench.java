package dev.coffer.bench.memory;

import dev.coffer.memory.Wipe;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/// Zeroing off-heap memory: ours, the JDK's, and the C library's through a critical call.
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Benchmark)
public class WipeBench {
    private static final MethodHandle BZERO = Linker.nativeLinker().downcallHandle(
            Linker.nativeLinker().defaultLookup().findOrThrow("explicit_bzero"),
            FunctionDescriptor.ofVoid(ValueLayout.ADDRESS, ValueLayout.JAVA_LONG), Linker.Option.critical(false));

    /// How much.
    @Param({"4", "64", "1024", "8192", "65536"})
    public int bytes;

    private MemorySegment segment;

    @Setup
    public void open() {
        segment = Arena.ofShared().allocate(bytes, 64);
    }

    @Benchmark
    public void wipe() {
        Wipe.bytes(segment, 0, bytes);
    }

    @Benchmark
    public void fill() {
        segment.fill((byte) 0);
    }

    @Benchmark
    public void explicitBzero() throws Throwable {
        BZERO.invokeExact(segment, (long) bytes);
    }
}
