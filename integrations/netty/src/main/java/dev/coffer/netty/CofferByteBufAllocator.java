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
import java.util.function.IntFunction;

/// Netty's allocator over Coffer pools: direct buffers come from one region planned before start and are zero again
/// before anyone else can have them.
///
/// ```java
/// var allocator = CofferByteBufAllocator.open(CofferAllocatorConfig.defaults());
/// bootstrap.option(ChannelOption.ALLOCATOR, allocator).childOption(ChannelOption.ALLOCATOR, allocator);
/// ```
///
/// A direct buffer takes the smallest class that holds it, or the next larger one that has a block, or a run of blocks of the
/// large area: that serves any size, up to all of it, as decoders double what they have read (`SslHandler` and HTTP/2 ask for 128
/// KiB and more) and aggregators gather. The used capacity is wiped on release, and when the buffer grows out of it. **When
/// full**, the allocation is refused with [AllocationRefusedError], which Netty answers by closing that connection.
///
/// Heap buffers (`heapBuffer`, and codecs that want an array) are plain arrays, bounded by
/// [CofferAllocatorConfig#heapBytesMax] and zeroed on release; a moving collector may have copied them before, so no
/// secret belongs there. Each buffer makes a few small objects, as Netty's unpooled ones do.
///
/// Safe for any thread. Close it when every channel is closed.
public final class CofferByteBufAllocator extends AbstractByteBufAllocator
        implements
            ByteBufAllocatorMetricProvider,
            Account,
            AutoCloseable {
    private final CofferAllocatorConfig config;
    private final Region region;
    private final BufferPool[] pools;
    private final LargeArea large;  // null where there is none
    private final Budget heap;
    private final LongAdder refused = new LongAdder();

    private CofferByteBufAllocator(CofferAllocatorConfig config, Region region) {
        super(true);
        this.config = config;
        this.region = region;
        this.heap = Budget.root("netty heap", config.heapBytesMax());
        this.pools = config.classes().stream().map(c -> BufferPool.open(c.pool(), region)).toArray(BufferPool[]::new);
        this.large = config.largeBytes() == 0 ? null : new LargeArea(config.large(), region.carve(config.large().name()));
    }

    /// {@return an allocator in a region of its own, protected as well as the system lets us}
    public static CofferByteBufAllocator open(CofferAllocatorConfig config) {
        return open(config, RegionConfig.defaults("netty"));
    }

    /// {@return an allocator in a region of its own}
    ///
    /// @throws dev.coffer.memory.ProtectionException  a required protection was refused; nothing is held
    public static CofferByteBufAllocator open(CofferAllocatorConfig config, RegionConfig regionConfig) {
        Region region = Region.open(regionConfig, config.plan());
        try {
            return new CofferByteBufAllocator(config, region);
        } catch (Throwable e) {
            region.close();
            throw e;
        }
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
        return watched(CofferDirectByteBuf.of(this, initialCapacity, maxCapacity));
    }

    @Override
    protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
        return watched(new CofferHeapByteBuf(this, initialCapacity, maxCapacity));
    }

    private static ByteBuf watched(ByteBuf buffer) {
        try {
            return toLeakAwareBuffer(buffer);
        } catch (Throwable e) {  // no heap left for the tracker
            buffer.release();
            throw e;
        }
    }

    /// {@return memory that holds `bytes`, all of it marked for wiping}
    Block acquire(int bytes) {
        for (int i = 0; i < pools.length; i++) {
            if (config.classes().get(i).bytes() >= bytes) {
                PooledBuffer buffer = pools[i].tryAcquire();
                if (buffer != null) {
                    return Block.Pooled.of(buffer, bytes);
                }
            }
        }
        Block piece = large == null ? null : Block.Large.of(large, bytes);
        if (piece != null) {
            return piece;
        }
        refused.increment();
        throw new AllocationRefusedError("allocator \"netty\": asked " + bytes + " bytes, used " + usedBytes() + " of "
                + capacityBytes() + ", largest class " + config.classes().getLast().bytes()
                + (large == null ? "" : ", longest free run of the large area " + large.largestFreeBytes()), bytes);
    }

    /// {@return an array within the bound for heap buffers; where it cannot be made, nothing is charged}
    ///
    /// @param maker  makes it
    byte[] heapArray(int bytes, IntFunction<byte[]> maker) {
        if (!heap.tryReserve(bytes)) {
            refused.increment();
            throw new AllocationRefusedError("allocator \"netty heap\": asked " + bytes + " bytes, left "
                    + heap.availableBytes() + " of " + heap.limitBytes(), bytes);
        }
        try {
            return maker.apply(bytes);
        } catch (Throwable e) {
            heap.release(bytes);
            throw e;
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
        return large == null ? sum : sum + large.usedBytes();
    }

    /// {@return the sum of what each class and the large area once had out, each exactly: a bound of the peak of their sum}
    @Override
    public long peakBytes() {
        long sum = 0;
        for (BufferPool pool : pools) {
            sum += pool.peakBytes();
        }
        return large == null ? sum : sum + large.peakBytes();
    }

    /// Wipes and unmaps. Buffers still alive throw at their next use, save one that goes by `memoryAddress`, which nobody can end: a native transport, and Netty itself
    /// where it was granted `Unsafe`. So the caller sees to it that event loops and channels have ended before: the VM would end, or what is mapped there by then be read and written.
    @Override
    public void close() {
        for (BufferPool pool : pools) {
            pool.close();
        }
        if (large != null) {
            large.close();
        }
        region.close();
    }
}
