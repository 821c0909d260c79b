package dev.coffer.bench.memory;

import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.agrona.BitUtil;
import org.agrona.concurrent.ManyToManyConcurrentArrayQueue;
import org.agrona.concurrent.UnsafeBuffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/// What people build on Agrona: its many-to-many queue, holding buffers. It checks no double release.
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Benchmark)
public class AgronaBench {
    private ManyToManyConcurrentArrayQueue<UnsafeBuffer> agrona;

    @Setup
    public void open() {
        agrona = new ManyToManyConcurrentArrayQueue<>(BitUtil.findNextPositivePowerOfTwo(2 * PoolBench.SLOTS));
        for (int i = 0; i < PoolBench.SLOTS; i++) {
            agrona.offer(new UnsafeBuffer(ByteBuffer.allocateDirect(PoolBench.SLOT_BYTES)));
        }
    }

    private UnsafeBuffer poll() {
        UnsafeBuffer buffer = agrona.poll();
        while (buffer == null) {  // seen with two threads although buffers are in the queue
            Thread.onSpinWait();
            buffer = agrona.poll();
        }
        return buffer;
    }

    @Benchmark
    public int lease4() {
        UnsafeBuffer buffer = poll();
        buffer.putInt(0, 0x12345678);
        int value = buffer.getInt(0);
        agrona.offer(buffer);
        return value;
    }

    @Benchmark
    public int lease4Wiped() {
        UnsafeBuffer buffer = poll();
        buffer.putInt(0, 0x12345678);
        int value = buffer.getInt(0);
        buffer.putInt(0, 0);
        agrona.offer(buffer);
        return value;
    }
}
