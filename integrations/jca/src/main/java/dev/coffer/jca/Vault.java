package dev.coffer.jca;

import dev.coffer.memory.Account;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import dev.coffer.memory.pool.BlockAllocator;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Cleaner;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/// All memory of a provider: one region, an area for keys and one for work. Safe for any thread.
///
/// A JCA object is never closed: what it holds comes back when it is done with its message, when its key is destroyed, or when the
/// collector has found it forgotten ([Cleaner]). **When an area is full** a collection is asked for, as the JDK does it for direct buffers, and
/// the pieces of what was forgotten are waited for, up to a quarter of a second. Then it is [ProviderMemoryException], and for a second
/// nobody asks again: a full provider refuses without stopping the process each time.
final class Vault implements AutoCloseable {
    private static final long VAIN_NANOS = 1_000_000_000;
    private static final long WAIT_NANOS_MIN = 1_000_000;
    private static final long WAIT_NANOS_MAX = 128_000_000;  // 1 + 2 + ... + 128 ms in all

    private static Cleaner cleaner;  // null until the first vault; under the class's lock

    private final CofferProviderConfig config;
    private final Region region;
    private final Area keys;
    private final Area work;
    private final RandomEngine.Source random;
    private final Object collecting = new Object();
    private boolean vain;   // the last collection brought nothing; under collecting
    private long vainAt;    // and when that was; under collecting

    private Vault(CofferProviderConfig config, Region region) {
        this.config = config;
        this.region = region;
        this.keys = new Area(BlockAllocator.open(config.keys(), region));
        this.work = new Area(BlockAllocator.open(config.work(), region));
        this.random = new RandomEngine.Source(region.carve("jca random"));
    }

    static Vault open(CofferProviderConfig config) {
        cleaner();
        Region region = Region.open(RegionConfig.defaults("jca"), config.plan());
        try {
            return new Vault(config, region);
        } catch (Throwable e) {
            region.close();
            throw e;
        }
    }

    CofferProviderConfig config() {
        return config;
    }

    RandomEngine.Source random() {
        return random;
    }

    /// {@return the one thread of all vaults. Where it cannot start, the vault that asked is refused and the next one asks again: made with the class, it
    /// would be refused for ever}
    private static synchronized Cleaner cleaner() {
        Cleaner there = cleaner;
        if (there == null) {
            there = Cleaner.create(task -> {
                Thread thread = new Thread(task, "coffer-jca-cleaner");
                thread.setDaemon(true);
                return thread;
            });
            cleaner = there;
        }
        return there;
    }

    List<Account> accounts() {
        return List.of(region, keys.blocks, work.blocks);
    }

    /// {@return zero bytes for a key; its holder watches over them ([Piece#watch])}
    Piece key(long bytes) {
        return take(keys, bytes);
    }

    /// {@return zero bytes for an operation, or for a message under way}
    Piece work(long bytes) {
        return take(work, bytes);
    }

    private Piece take(Area area, long bytes) {
        long asked = Math.max(1, bytes);
        Piece piece = area.tryTake(asked);
        if (piece == null && asked <= area.blocks.capacityBytes()) {
            piece = collectAndTake(area, asked);
        }
        if (piece == null) {
            throw area.refusal(asked);
        }
        return piece;
    }

    /// One thread asks the collector, the others wait for what that brings.
    private Piece collectAndTake(Area area, long bytes) {
        synchronized (collecting) {
            Piece piece = area.tryTake(bytes);
            if (piece != null || vain && System.nanoTime() - vainAt < VAIN_NANOS) {
                return piece;
            }
            System.gc();
            for (long wait = WAIT_NANOS_MIN; piece == null && wait <= WAIT_NANOS_MAX; wait *= 2) {
                LockSupport.parkNanos(wait);
                piece = area.tryTake(bytes);
            }
            vain = piece == null;
            vainAt = System.nanoTime();
            return piece;
        }
    }

    /// Wipes and unmaps; whatever still uses a piece throws from here on, and what is given back late changes nothing.
    @Override
    public void close() {
        keys.close();
        work.close();
        region.close();
    }

    /// One allocator and the lock around it.
    private static final class Area {
        private final BlockAllocator blocks;
        private final MemorySegment memory;
        private boolean closed;

        Area(BlockAllocator blocks) {
            this.blocks = blocks;
            this.memory = blocks.segment();
        }

        synchronized Piece tryTake(long bytes) {
            if (closed) {
                throw new IllegalStateException("provider Coffer is closed");
            }
            if (bytes > blocks.capacityBytes()) {
                return null;
            }
            long piece = blocks.tryAllocate(bytes);
            if (piece < 0) {
                return null;
            }
            boolean taken = false;
            try {
                Piece made = new Piece(memory.asSlice(blocks.at(piece), bytes), new Return(this, piece));
                taken = true;
                return made;
            } finally {
                if (!taken) {
                    blocks.release(piece);
                }
            }
        }

        synchronized void release(long piece) {
            if (!closed && blocks.holds(piece)) {
                blocks.release(piece);
            }
        }

        synchronized ProviderMemoryException refusal(long bytes) {
            return new ProviderMemoryException(blocks.name(), bytes, closed ? 0 : blocks.largestFreeBytes(), blocks.capacityBytes());
        }

        synchronized void close() {
            closed = true;
            blocks.close();
        }
    }

    /// What gives a piece back, wiped: once, as a handle is good for one release. Refers to nothing that the collector shall find forgotten.
    private record Return(Area area, long piece) implements Runnable {
        @Override
        public void run() {
            area.release(piece);
        }
    }

    /// Memory from 0 to its size, zero when taken, wiped when closed. Whoever may be forgotten before that has it watched over.
    static final class Piece implements AutoCloseable {
        private final MemorySegment segment;
        private final Runnable giveBack;
        private Cleaner.Cleanable watched;  // null: its taker closes it in the same call

        Piece(MemorySegment segment, Runnable giveBack) {
            this.segment = segment;
            this.giveBack = giveBack;
        }

        /// {@return this, which comes back too when `holder` is forgotten; where that cannot be arranged it comes back now}
        Piece watch(Object holder) {
            boolean watching = false;
            try {
                watched = cleaner().register(holder, giveBack);
                watching = true;
                return this;
            } finally {
                if (!watching) {
                    giveBack.run();
                }
            }
        }

        MemorySegment segment() {
            return segment;
        }

        long bytes() {
            return segment.byteSize();
        }

        /// Twice is harmless.
        @Override
        public void close() {
            if (watched != null) {
                watched.clean();
            } else {
                giveBack.run();
            }
        }
    }
}
