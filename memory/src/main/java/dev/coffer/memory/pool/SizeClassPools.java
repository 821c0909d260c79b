package dev.coffer.memory.pool;

import dev.coffer.memory.Account;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import dev.coffer.memory.layout.HeapLayout;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A small fixed set of pools by size and use, as embedded crypto lays out its static memory.
///
/// | class | default | serves |
/// |---|---|---|
/// | [SizeClass#TINY] | 64 x 32 | nonces, keys to 64 bytes |
/// | [SizeClass#SMALL] | 256 x 16 | small messages, keys to 256 bytes |
/// | [SizeClass#MEDIUM] | 1024 x 8 | medium messages, keys to 1024 bytes |
/// | [SizeClass#LARGE] | 4096 x 4 | large messages, keys to 4096 bytes |
/// | [SizeClass#CONTEXT] | 1024 x 8 | contexts |
///
/// A request goes to the one class that its size and [Usage] name. It never spills into a larger class when that is
/// empty: what is planned for one purpose stays there for it. So each class refuses for itself ([#refusal] says which,
/// [PoolExhaustedException#pool] names it), and a size that no class of that use can hold is [SizeNotSupportedException].
///
/// Buffers are those of [BufferPool], limited to the bytes asked for, wiped on close. Safe for any thread: the pools keep
/// no caches, so that the last buffer goes to whoever asks. 0 heap bytes after the factory.
@SuppressWarnings("exports")  // annotations that users need not have
public final class SizeClassPools implements Account, AutoCloseable {
    /// The pools.
    public enum SizeClass {
        TINY, SMALL, MEDIUM, LARGE, CONTEXT
    }

    /// What a buffer is for.
    public enum Usage {
        /// A key: the smallest of tiny, small, medium and large that holds it.
        KEY,
        /// A nonce, a tag, a seed: tiny.
        NONCE,
        /// A message of the small class.
        SMALL_MESSAGE,
        /// A message of the medium class.
        MEDIUM_MESSAGE,
        /// A message of the large class.
        LARGE_MESSAGE,
        /// A context: state of an operation or a session.
        CONTEXT
    }

    /// Why a request would be refused.
    public enum Refusal {
        /// It would not.
        NONE, TINY_EXHAUSTED, SMALL_EXHAUSTED, MEDIUM_EXHAUSTED, LARGE_EXHAUSTED, CONTEXTS_EXHAUSTED,
        /// No class of that use holds so many bytes, or so few.
        SIZE_NOT_SUPPORTED
    }

    /// One class: `count` buffers of `bytes`.
    ///
    /// @param bytes  a multiple of 64, from 64
    /// @param count  1 or more
    public record Blocks(int bytes, int count) {}

    /// The sizes and counts; off-heap bytes are the sum of `bytes` x `count`, 38 KiB by default.
    ///
    /// @param name  the plan's row
    public record Config(String name, Blocks tiny, Blocks small, Blocks medium, Blocks large, Blocks contexts) {
        /// @throws IllegalArgumentException  sizes that do not grow from tiny to large, or as of [BufferPoolConfig]
        public Config {
            if (tiny.bytes() >= small.bytes() || small.bytes() >= medium.bytes() || medium.bytes() >= large.bytes()) {
                throw new IllegalArgumentException("size classes \"" + name + "\": tiny " + tiny.bytes() + ", small "
                        + small.bytes() + ", medium " + medium.bytes() + ", large " + large.bytes()
                        + " bytes (expected each larger than the one before)");
            }
            for (Blocks blocks : new Blocks[] {tiny, small, medium, large, contexts}) {
                pool(name, blocks);
            }
        }

        /// {@return 64 x 32, 256 x 16, 1024 x 8, 4096 x 4, contexts of 1024 x 8: 38 KiB}
        public static Config defaults(String name) {
            return new Config(name, new Blocks(64, 32), new Blocks(256, 16), new Blocks(1024, 8), new Blocks(4096, 4),
                    new Blocks(1024, 8));
        }

        /// {@return size and count of one class}
        public Blocks blocks(SizeClass sizeClass) {
            return switch (sizeClass) {
                case TINY -> tiny;
                case SMALL -> small;
                case MEDIUM -> medium;
                case LARGE -> large;
                case CONTEXT -> contexts;
            };
        }

        BufferPoolConfig pool(SizeClass sizeClass) {
            return pool(name + "." + sizeClass.name().toLowerCase(Locale.ROOT), blocks(sizeClass));
        }

        private static BufferPoolConfig pool(String name, Blocks blocks) {
            return BufferPoolConfig.of(name, blocks.bytes(), blocks.count()).withCaches(0, 1, 0);
        }
    }

    private static final SizeClass[] CLASSES = SizeClass.values();
    private static final Object PROCESS_LOCK = new Object();
    private static @Nullable SizeClassPools process;  // under PROCESS_LOCK; null: not initialised
    private static @Nullable Region processRegion;    // under PROCESS_LOCK

    private final Config config;
    private final BufferPool[] pools;        // by ordinal of the class

    private SizeClassPools(Config config, MemorySegment memory) {
        this.config = config;
        this.pools = new BufferPool[CLASSES.length];
        long at = 0;
        for (SizeClass sizeClass : CLASSES) {
            BufferPoolConfig pool = config.pool(sizeClass);
            pools[sizeClass.ordinal()] = BufferPool.over(pool, memory.asSlice(at, pool.bytes()));
            at += pool.bytes();
        }
    }

    /// {@return the plan's group: one row a class}
    public static MemoryPlan plan(Config config) {
        MemoryPlan[] rows = new MemoryPlan[CLASSES.length];
        for (SizeClass sizeClass : CLASSES) {
            rows[sizeClass.ordinal()] = BufferPool.plan(config.pool(sizeClass));
        }
        return MemoryPlan.group(config.name(), rows).withHeap(HeapLayout.instance(SizeClassPools.class)
                + HeapLayout.array(BufferPool.class, CLASSES.length));
    }

    /// {@return pools over memory that the caller has carved}
    ///
    /// @param memory  exactly the total of [#plan], zero, off the heap, nobody else's
    /// @throws IllegalArgumentException  another size, or memory on the heap (caller's fault)
    public static SizeClassPools over(Config config, MemorySegment memory) {
        long bytes = plan(config).totalBytes();
        if (memory.byteSize() != bytes || !memory.isNative()) {
            throw new IllegalArgumentException("size classes \"" + config.name() + "\": memory of " + memory.byteSize()
                    + " bytes " + (memory.isNative() ? "off" : "on") + " the heap (expected " + bytes + ", off the heap)");
        }
        return new SizeClassPools(config, memory);
    }

    /// {@return pools over the row of a region's plan that [#plan] made}
    ///
    /// @throws IllegalArgumentException  no such row, or another size (caller's fault)
    /// @throws IllegalStateException     the row is carved already, or the region closed (caller's fault); after any refusal
    ///                                   nothing is held, and the row may be opened anew
    public static SizeClassPools open(Config config, Region region) {
        return region.carve(config.name(), row -> over(config, row));
    }

    // ---- the process-wide instance

    /// Makes the instance that [#process] answers, in a region of its own.
    ///
    /// @return it
    /// @throws IllegalStateException  already initialised (caller's fault); the first stays as it is
    /// @throws dev.coffer.memory.ProtectionException  a required protection was refused; nothing is held
    public static SizeClassPools initialise(Config config, RegionConfig region) {
        synchronized (PROCESS_LOCK) {
            if (process != null) {
                throw new IllegalStateException("size classes \"" + config.name() + "\": already initialised as \""
                        + process.name() + "\", " + process.capacityBytes() + " bytes");
            }
            Region opened = Region.open(region, MemoryPlan.group("data", plan(config)));
            try {
                process = open(config, opened);
                processRegion = opened;
            } finally {
                if (process == null) {
                    opened.close();
                }
            }
            return process;
        }
    }

    /// {@return the process-wide instance}
    ///
    /// @throws IllegalStateException  not initialised, or shut down (caller's fault)
    public static SizeClassPools process() {
        synchronized (PROCESS_LOCK) {
            if (process == null) {
                throw new IllegalStateException("size classes: not initialised; call initialise first");
            }
            return process;
        }
    }

    /// Closes the process-wide instance and its region; it may be initialised anew.
    ///
    /// @return whether there was one
    /// @throws dev.coffer.memory.CanaryException  something was written past the data; it is closed all the same
    public static boolean shutDown() {
        synchronized (PROCESS_LOCK) {
            if (process == null) {
                return false;
            }
            Region region = Objects.requireNonNull(processRegion, "the instance's");
            try {
                process.closePools();
                region.close();
            } finally {
                if (region.isClosed()) {  // also where it reports damage
                    process = null;
                    processRegion = null;
                }
            }
            return true;
        }
    }

    // ---- leasing

    /// {@return the class that serves a request, or null where none does}
    ///
    /// @param bytes  any number
    public @Nullable SizeClass sizeClass(long bytes, Usage usage) {
        if (bytes < 1) {
            return null;
        }
        SizeClass only = switch (usage) {
            case KEY -> bytes <= config.tiny().bytes() ? SizeClass.TINY : bytes <= config.small().bytes() ? SizeClass.SMALL
                    : bytes <= config.medium().bytes() ? SizeClass.MEDIUM : SizeClass.LARGE;
            case NONCE -> SizeClass.TINY;
            case SMALL_MESSAGE -> SizeClass.SMALL;
            case MEDIUM_MESSAGE -> SizeClass.MEDIUM;
            case LARGE_MESSAGE -> SizeClass.LARGE;
            case CONTEXT -> SizeClass.CONTEXT;
        };
        return bytes <= config.blocks(only).bytes() ? only : null;
    }

    /// {@return an empty buffer whose limit is `bytes`; close it to give it back}
    ///
    /// @throws PoolExhaustedException     the class is spent; the exception names it
    /// @throws SizeNotSupportedException  no class of that use holds so many bytes (caller's fault)
    /// @throws IllegalStateException      closed (caller's fault)
    public PooledBuffer acquire(long bytes, Usage usage) {
        PooledBuffer buffer = pools[supported(bytes, usage).ordinal()].acquire();
        buffer.limit(bytes);
        return buffer;
    }

    private SizeClass supported(long bytes, Usage usage) {
        SizeClass sizeClass = sizeClass(bytes, usage);
        if (sizeClass == null) {
            throw new SizeNotSupportedException(config.name(), usage, bytes, bytesMax(usage));
        }
        return sizeClass;
    }

    /// Acquires as [#acquire] does, and where the class is spent says so without making an object.
    ///
    /// @return the buffer, or null where the class is spent now
    /// @throws SizeNotSupportedException  no class of that use holds so many bytes: there will never be one (caller's fault; ask
    ///                                    [#sizeClass] first where a peer chooses the size)
    /// @throws IllegalStateException      closed (caller's fault)
    public @Nullable PooledBuffer tryAcquire(long bytes, Usage usage) {
        PooledBuffer buffer = pools[supported(bytes, usage).ordinal()].tryAcquire();
        if (buffer != null) {
            buffer.limit(bytes);
        }
        return buffer;
    }

    /// {@return why such a request would be refused at this moment; makes no object}
    public Refusal refusal(long bytes, Usage usage) {
        SizeClass sizeClass = sizeClass(bytes, usage);
        if (sizeClass == null) {
            return Refusal.SIZE_NOT_SUPPORTED;
        }
        if (pools[sizeClass.ordinal()].inUse() < config.blocks(sizeClass).count()) {
            return Refusal.NONE;
        }
        return switch (sizeClass) {
            case TINY -> Refusal.TINY_EXHAUSTED;
            case SMALL -> Refusal.SMALL_EXHAUSTED;
            case MEDIUM -> Refusal.MEDIUM_EXHAUSTED;
            case LARGE -> Refusal.LARGE_EXHAUSTED;
            case CONTEXT -> Refusal.CONTEXTS_EXHAUSTED;
        };
    }

    private long bytesMax(Usage usage) {
        return switch (usage) {
            case NONCE -> config.tiny().bytes();
            case SMALL_MESSAGE -> config.small().bytes();
            case MEDIUM_MESSAGE -> config.medium().bytes();
            case KEY, LARGE_MESSAGE -> config.large().bytes();
            case CONTEXT -> config.contexts().bytes();
        };
    }

    /// {@return sizes and counts of the classes}
    public Config config() {
        return config;
    }

    /// {@return the numbers of one class at this moment; makes an object}
    public PoolStatistics statistics(SizeClass sizeClass) {
        return pools[sizeClass.ordinal()].statistics();
    }

    /// {@return buffers of one class that are leased now}
    public long inUse(SizeClass sizeClass) {
        return pools[sizeClass.ordinal()].inUse();
    }

    @Override
    public String name() {
        return config.name();
    }

    @Override
    public long capacityBytes() {
        long sum = 0;
        for (BufferPool pool : pools) {
            sum += pool.capacityBytes();
        }
        return sum;
    }

    /// {@return bytes of leased buffers, whole ones}
    @Override
    public long usedBytes() {
        long sum = 0;
        for (BufferPool pool : pools) {
            sum += pool.usedBytes();
        }
        return sum;
    }

    /// {@return the sum of the classes' peaks, which may not have been at one time}
    @Override
    public long peakBytes() {
        long sum = 0;
        for (BufferPool pool : pools) {
            sum += pool.peakBytes();
        }
        return sum;
    }

    /// Wipes and ends the open leases of every class. Twice is harmless. Closing the process-wide instance is [#shutDown]: nobody is
    /// handed dead pools, and it may be initialised anew.
    @Override
    public void close() {
        synchronized (PROCESS_LOCK) {
            if (process == this) {
                shutDown();
                return;
            }
        }
        closePools();
    }

    private void closePools() {
        for (BufferPool pool : pools) {
            pool.close();
        }
    }

    /// For tests that weigh it: what it refers to beside its own objects.
    Object[] given() {
        Object[] given = Arrays.copyOf(pools, pools.length + 1, Object[].class);
        given[pools.length] = config;
        return given;
    }

    @Override
    public String toString() {
        return "SizeClassPools[" + config.name() + ", " + usedBytes() + " of " + capacityBytes() + " bytes]";
    }
}
