package dev.coffer.netty;

import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.pool.BufferPool;
import dev.coffer.memory.pool.BufferPoolConfig;
import java.util.List;

/// The size classes of a [CofferByteBufAllocator], smallest first, and its bound for heap buffers.
///
/// @param classes       at least one; sizes strictly rising
/// @param heapBytesMax  bytes of heap buffers alive at one time, 0 or more; 0 refuses them all
public record CofferAllocatorConfig(List<SizeClass> classes, long heapBytesMax) {
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
        for (int i = 1; i < classes.size(); i++) {
            if (classes.get(i).bytes() <= classes.get(i - 1).bytes()) {
                throw new IllegalArgumentException("allocator: class of " + classes.get(i).bytes() + " bytes after "
                        + classes.get(i - 1).bytes() + " (expected rising sizes)");
            }
        }
    }

    /// {@return 7.5 MiB, below the usual limit of locked memory: 1024 x 256, 512 x 1 KiB, 256 x 4 KiB, 128 x 16 KiB and 56 x
    /// 64 KiB (what Netty's adaptive receive buffer grows to), and 1 MiB of heap buffers}
    public static CofferAllocatorConfig defaults() {
        return new CofferAllocatorConfig(List.of(new SizeClass(256, 1024), new SizeClass(KIB, 512),
                new SizeClass(4 * KIB, 256), new SizeClass(16 * KIB, 128), new SizeClass(64 * KIB, 56)), KIB * KIB);
    }

    /// {@return what an allocator of this configuration holds off the heap}
    public MemoryPlan plan() {
        return MemoryPlan.group("netty",
                classes.stream().map(c -> BufferPool.plan(c.pool())).toArray(MemoryPlan[]::new));
    }
}
