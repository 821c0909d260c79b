package dev.coffer.bench.memory;

import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import dev.coffer.memory.pool.BufferPool;
import dev.coffer.memory.pool.BufferPoolConfig;
import dev.coffer.memory.pool.OwnerCache;
import dev.coffer.memory.pool.PoolExhaustedException;
import dev.coffer.memory.pool.PooledBuffer;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/// The shipped pool with its default configuration, checks and statistics on: 64 buffers of 8 KiB in a region with
/// default protections.
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class PoolBench {
    static final int SLOT_BYTES = 8192;
    static final int SLOTS = 64;

    /// The pool, shared by all threads.
    @State(Scope.Benchmark)
    public static class Shared {
        Region region;
        BufferPool pool;
        BufferPool exhausted;
        MemorySegment source;

        @Setup
        public void open() {
            BufferPoolConfig config = BufferPoolConfig.of("pool", SLOT_BYTES, SLOTS);
            BufferPoolConfig small = BufferPoolConfig.of("exhausted", 64, 64);
            region = Region.open(RegionConfig.defaults("bench"),
                    MemoryPlan.group("data", BufferPool.plan(config), BufferPool.plan(small)));
            pool = BufferPool.open(config, region);
            exhausted = BufferPool.open(small, region);
            while (exhausted.tryAcquire() != null) {
                continue;  // until every buffer is leased
            }
            source = Arena.ofAuto().allocate(SLOT_BYTES).fill((byte) 0x5a);
        }

        @TearDown
        public void close() {
            pool.close();
            exhausted.close();
            region.close();
        }
    }

    /// What one event loop has.
    @State(Scope.Thread)
    public static class Owner {
        OwnerCache cache;

        @Setup
        public void open(Shared shared) {
            cache = shared.pool.ownerCache(8);
        }
    }

    @Benchmark
    public int lease4(Shared shared) {
        try (PooledBuffer buffer = shared.pool.acquire()) {
            buffer.putI32(0x12345678);
            return buffer.takeI32();
        }
    }

    @Benchmark
    public int ownerLease4(Owner owner) {
        PooledBuffer buffer = owner.cache.acquire();
        buffer.putI32(0x12345678);
        int value = buffer.takeI32();
        owner.cache.release(buffer);
        return value;
    }

    @Benchmark
    public int checkedLease4(Shared shared) {
        try (PooledBuffer.Lease lease = shared.pool.acquire().lease()) {
            lease.buffer().putI32(0x12345678);
            return lease.buffer().takeI32();
        }
    }

    @Benchmark
    public int write1k(Shared shared) {
        try (PooledBuffer buffer = shared.pool.acquire()) {
            buffer.put(shared.source, 0, 1024);
            return buffer.u8At(1023);
        }
    }

    @Benchmark
    public int write8k(Shared shared) {
        try (PooledBuffer buffer = shared.pool.acquire()) {
            buffer.put(shared.source, 0, SLOT_BYTES);
            return buffer.u8At(SLOT_BYTES - 1);
        }
    }

    @Benchmark
    public int lease4Wipe8k(Shared shared) {
        try (PooledBuffer buffer = shared.pool.acquire()) {
            buffer.putI32(0x12345678);
            buffer.dirty(0, SLOT_BYTES);
            return buffer.takeI32();
        }
    }

    @Benchmark
    public boolean refusedByNull(Shared shared) {
        return shared.exhausted.tryAcquire() == null;
    }

    @Benchmark
    public long refusedByException(Shared shared) {
        try {
            return shared.exhausted.acquire().capacity();
        } catch (PoolExhaustedException e) {
            return e.slots();
        }
    }
}
