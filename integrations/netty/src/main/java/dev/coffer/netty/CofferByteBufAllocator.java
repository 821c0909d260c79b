package dev.coffer.netty;

import dev.coffer.memory.Account;
import dev.coffer.memory.Budget;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import dev.coffer.memory.pool.BufferPool;
import dev.coffer.memory.pool.PooledBuffer;
import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocatorMetric;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import io.netty.buffer.CompositeByteBuf;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;

/// Netty's allocator over Coffer pools: direct buffers come from one region planned before start and are zero again
/// before anyone else can have them.
///
/// ```java
/// var allocator = CofferByteBufAllocator.open(CofferAllocatorConfig.defaults());
/// bootstrap.option(ChannelOption.ALLOCATOR, allocator).childOption(ChannelOption.ALLOCATOR, allocator);
/// ```
///
/// A direct buffer takes the smallest class that holds it, or the next larger one that has a block. The whole block's
/// used capacity is wiped on release, and when the buffer grows out of it. **When full**, or for more than the largest
/// class, the allocation is refused with [AllocationRefusedError], which Netty answers by closing that connection.
///
/// Heap buffers (`heapBuffer`, and codecs that want an array) are plain arrays, bounded by
/// [CofferAllocatorConfig#heapBytesMax] and zeroed on release; a moving collector may have copied them before, so no
/// secret belongs there. Each buffer makes a few small objects, as Netty's unpooled ones do.
///
/// Safe for any thread. Close it when every channel is closed.
public final class CofferByteBufAllocator extends AbstractByteBufAllocator
        implements ByteBufAllocatorMetricProvider, Account, AutoCloseable {
    private final CofferAllocatorConfig config;
    private final Region region;
    private final BufferPool[] pools;
    private final Budget heap;
    private final LongAdder refused = new LongAdder();

    private CofferByteBufAllocator(CofferAllocatorConfig config, Region region) {
        super(true);
        this.config = config;
        this.region = region;
        this.heap = Budget.root("netty heap", config.heapBytesMax());
        this.pools = config.classes().stream().map(c -> BufferPool.open(c.pool(), region)).toArray(BufferPool[]::new);
    }

    /// {@return an allocator in a region of its own, protected as well as the system lets us}
    public static CofferByteBufAllocator open(CofferAllocatorConfig config) {
        return open(config, RegionConfig.defaults("netty"));
    }

    /// {@return an allocator in a region of its own}
    ///
    /// @throws dev.coffer.memory.ProtectionException  a required protection was refused; nothing is held
    public static CofferByteBufAllocator open(CofferAllocatorConfig config, RegionConfig regionConfig) {
        return new CofferByteBufAllocator(config, Region.open(regionConfig, config.plan()));
    }

    // Netty prefers the heap where it cannot free the JDK's direct buffers itself; ours are always given back.

    @Override
    public ByteBuf buffer() {
        return directBuffer();
    }

    @Override
    public ByteBuf buffer(int initialCapacity) {
        return directBuffer(initialCapacity);
    }

    @Override
    public ByteBuf buffer(int initialCapacity, int maxCapacity) {
        return directBuffer(initialCapacity, maxCapacity);
    }

    @Override
    public CompositeByteBuf compositeBuffer() {
        return compositeDirectBuffer();
    }

    @Override
    public CompositeByteBuf compositeBuffer(int maxNumComponents) {
        return compositeDirectBuffer(maxNumComponents);
    }

    @Override
    protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
        return toLeakAwareBuffer(new CofferDirectByteBuf(this, initialCapacity, maxCapacity));
    }

    @Override
    protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
        return toLeakAwareBuffer(new CofferHeapByteBuf(this, initialCapacity, maxCapacity));
    }

    /// {@return a block that holds `bytes`, all of it marked for wiping}
    PooledBuffer acquire(int bytes) {
        for (int i = 0; i < pools.length; i++) {
            if (config.classes().get(i).bytes() >= bytes) {
                PooledBuffer block = pools[i].tryAcquire();
                if (block != null) {
                    block.dirty(0, bytes);
                    return block;
                }
            }
        }
        refused.increment();
        throw new AllocationRefusedError("allocator \"netty\": asked " + bytes + " bytes, used " + usedBytes() + " of "
                + capacityBytes() + ", largest class " + config.classes().getLast().bytes(), bytes);
    }

    void reserveHeap(int bytes) {
        if (!heap.tryReserve(bytes)) {
            refused.increment();
            throw new AllocationRefusedError("allocator \"netty heap\": asked " + bytes + " bytes, left "
                    + heap.availableBytes() + " of " + heap.limitBytes(), bytes);
        }
    }

    void releaseHeap(int bytes) {
        heap.release(bytes);
    }

    @Override
    public boolean isDirectBufferPooled() {
        return true;
    }

    @Override
    public ByteBufAllocatorMetric metric() {
        return new ByteBufAllocatorMetric() {
            @Override
            public long usedHeapMemory() {
                return heap.usedBytes();
            }

            @Override
            public long usedDirectMemory() {
                return usedBytes();
            }
        };
    }

    /// {@return the pools, smallest class first}
    public List<BufferPool> pools() {
        return List.of(pools);
    }

    /// {@return the region under the direct buffers}
    public Region region() {
        return region;
    }

    /// {@return allocations refused since the start}
    public long refusedCount() {
        return refused.sum();
    }

    @Override
    public String name() {
        return "netty";
    }

    @Override
    public long capacityBytes() {
        return config.plan().totalBytes();
    }

    @Override
    public long usedBytes() {
        long sum = 0;
        for (BufferPool pool : pools) {
            sum += pool.usedBytes();
        }
        return sum;
    }

    /// {@return the sum of what each class once had out: at least the true peak}
    @Override
    public long peakBytes() {
        long sum = 0;
        for (BufferPool pool : pools) {
            sum += pool.peakBytes();
        }
        return sum;
    }

    /// Wipes and unmaps. Buffers still alive throw at their next use.
    @Override
    public void close() {
        for (BufferPool pool : pools) {
            pool.close();
        }
        region.close();
    }
}
