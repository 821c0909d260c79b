package dev.coffer.netty;

import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.pool.BlockAllocator;
import dev.coffer.memory.pool.BufferPool;
import dev.coffer.memory.pool.BufferPoolConfig;
import java.util.List;
import java.util.stream.Stream;

/// The size classes of a [CofferByteBufAllocator], smallest first, its area for all other sizes, and its bound for heap buffers.
///
/// @param classes       at least one; sizes strictly rising
/// @param largeBytes    of the area that serves what no class does, in one piece up to all of it: a multiple of 4 KiB, at most 2^30; 0
///                      for none, then the largest class is the largest buffer
/// @param heapBytesMax  bytes of heap buffers alive at one time, 0 or more; 0 refuses them all
public record CofferAllocatorConfig(List<SizeClass> classes, int largeBytes, long heapBytesMax) {
    private static final int KIB = 1 << 10;

    /// Buffers of one size.
    ///
    /// @param bytes  capacity of each: a multiple of 64, at most 2^30
    /// @param count  how many, 1 or more
    public record SizeClass(int bytes, int count) {
        /// @throws IllegalArgumentException  a size that is no such multiple, or no buffers (caller's fault)
        public SizeClass {
            if (bytes <= 0 || bytes % 64 != 0 || bytes > 1 << 30 || count < 1) {
                throw new IllegalArgumentException("size class " + count + " x " + bytes
                        + " bytes (expected 1 or more, of a multiple of 64, at most 2^30)");
            }
        }

        BufferPoolConfig pool() {
            // No cache per thread: what the last buffer costs matters more here than five nanoseconds.
            return BufferPoolConfig.of("netty " + bytes, bytes, count).withCaches(0, 4, Math.clamp(count / 16, 0, 16));
        }
    }

    /// @throws IllegalArgumentException  no class, sizes that do not rise, or a negative bound (caller's fault)
    public CofferAllocatorConfig {
        classes = List.copyOf(classes);
        if (classes.isEmpty() || heapBytesMax < 0) {
            throw new IllegalArgumentException("allocator: " + classes.size() + " classes, " + heapBytesMax
                    + " heap bytes (expected 1 or more, and 0 or more)");
        }
        if (largeBytes < 0 || largeBytes % LargeArea.BLOCK_BYTES != 0 || largeBytes > 1 << 30) {
            throw new IllegalArgumentException("allocator: large area of " + largeBytes + " bytes (expected a multiple of "
                    + LargeArea.BLOCK_BYTES + " from 0 to 2^30)");
        }
        for (int i = 1; i < classes.size(); i++) {
            if (classes.get(i).bytes() <= classes.get(i - 1).bytes()) {
                throw new IllegalArgumentException("allocator: class of " + classes.get(i).bytes() + " bytes after "
                        + classes.get(i - 1).bytes() + " (expected rising sizes)");
            }
        }
    }

    /// Classes alone, without an area for what is larger.
    public CofferAllocatorConfig(List<SizeClass> classes, long heapBytesMax) {
        this(classes, 0, heapBytesMax);
    }

    /// {@return 7.5 MiB, below the usual limit of locked memory: 1024 x 256, 512 x 1 KiB, 192 x 4 KiB, 96 x 16 KiB, 24 x 64 KiB
    /// (what Netty's adaptive receive buffer grows to), 3 MiB for whatever is larger, and 1 MiB of heap buffers}
    public static CofferAllocatorConfig defaults() {
        return new CofferAllocatorConfig(List.of(new SizeClass(256, 1024), new SizeClass(KIB, 512),
                new SizeClass(4 * KIB, 192), new SizeClass(16 * KIB, 96), new SizeClass(64 * KIB, 24)), 3 * KIB * KIB, KIB * KIB);
    }

    /// {@return the same with another area for large buffers: as much as those that are alive at one time need, and while one
    /// grows both its old and its new memory. A WebSocket message of n bytes that is gathered from its frames and copied by its
    /// handler takes up to 4n on a busy machine}
    public CofferAllocatorConfig withLargeBytes(int bytes) {
        return new CofferAllocatorConfig(classes, bytes, heapBytesMax);
    }

    BlockAllocator.Config large() {
        return new BlockAllocator.Config("netty large", largeBytes, LargeArea.BLOCK_BYTES);
    }

    /// {@return what an allocator of this configuration holds off the heap}
    public MemoryPlan plan() {
        Stream<MemoryPlan> rows = classes.stream().map(c -> BufferPool.plan(c.pool()));
        return MemoryPlan.group("netty", (largeBytes == 0 ? rows : Stream.concat(rows, Stream.of(BlockAllocator.plan(large()))))
                .toArray(MemoryPlan[]::new));
    }
}
