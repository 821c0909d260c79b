package dev.coffer.bench.memory;

import java.nio.ByteBuffer;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/// What people build themselves: a queue of direct buffers, or one for each thread. None wipes unless the row says so;
/// none checks a double release; the thread-local one is no pool: unbounded, and nothing can be handed on.
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Benchmark)
public class QueueBench {
    private static final ThreadLocal<ByteBuffer> OWN =
            ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(PoolBench.SLOT_BYTES));

    private ArrayBlockingQueue<ByteBuffer> blocking;

    @Setup
    public void open() {
        blocking = new ArrayBlockingQueue<>(PoolBench.SLOTS);
        for (int i = 0; i < PoolBench.SLOTS; i++) {
            blocking.offer(ByteBuffer.allocateDirect(PoolBench.SLOT_BYTES));
        }
    }

    @Benchmark
    public int blocking4() throws InterruptedException {
        ByteBuffer buffer = blocking.take();
        buffer.clear().putInt(0x12345678);
        int value = buffer.flip().getInt();
        blocking.put(buffer);
        return value;
    }

    @Benchmark
    public int threadLocal4() {
        ByteBuffer buffer = OWN.get();
        buffer.clear().putInt(0x12345678);
        return buffer.flip().getInt();
    }
}
