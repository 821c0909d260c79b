package dev.coffer.bench.memory;

import io.netty.buffer.AdaptiveByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/// Netty's two allocators on the same work. Netty wipes nothing: the rows that say so call `setZero` before release.
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Benchmark)
public class NettyBench {
    /// Which allocator.
    @Param({"pooled", "adaptive"})
    public String allocator;

    private ByteBufAllocator netty;
    private ByteBuffer source;

    @Setup
    public void open() {
        netty = allocator.equals("pooled") ? new PooledByteBufAllocator(true) : new AdaptiveByteBufAllocator(true);
        source = ByteBuffer.allocateDirect(PoolBench.SLOT_BYTES);
    }

    private ByteBuf acquire() {
        return netty.directBuffer(PoolBench.SLOT_BYTES, PoolBench.SLOT_BYTES);
    }

    @Benchmark
    public int lease4() {
        ByteBuf buffer = acquire();
        buffer.writeInt(0x12345678);
        int value = buffer.readInt();
        buffer.release();
        return value;
    }

    @Benchmark
    public int lease4Wiped() {
        ByteBuf buffer = acquire();
        buffer.writeInt(0x12345678);
        int value = buffer.readInt();
        buffer.setZero(0, buffer.writerIndex());
        buffer.release();
        return value;
    }

    @Benchmark
    public int lease4Wipe8k() {
        ByteBuf buffer = acquire();
        buffer.writeInt(0x12345678);
        int value = buffer.readInt();
        buffer.setZero(0, PoolBench.SLOT_BYTES);
        buffer.release();
        return value;
    }

    @Benchmark
    public int write1k() {
        return write(1024);
    }

    @Benchmark
    public int write8k() {
        return write(PoolBench.SLOT_BYTES);
    }

    private int write(int bytes) {
        ByteBuf buffer = acquire();
        buffer.writeBytes(source.duplicate().limit(bytes));  // escape analysis removes the duplicate
        int last = buffer.getByte(bytes - 1);
        buffer.setZero(0, buffer.writerIndex());
        buffer.release();
        return last;
    }
}
