package dev.coffer.memory.pool;

import dev.coffer.memory.internal.event.MemoryEvents;
import dev.coffer.memory.layout.HeapLayout;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// What a [BufferPool] does where the calling thread's cache has no answer: it leases from wherever there is something, and takes back
/// to wherever there is room. See the picture there. Safe for any thread; makes no object, debug mode aside.
final class SlowPath {
    private final BufferPool pool;
    private final BufferPoolConfig config;
    private final FreeList free;
    private final SharedCounts past;         // leases that went past every cache
    private final SlotCaches caches;
    private final Slabs slabs;
    private final @Nullable PoolDebug debug;  // null when off
    private final AtomicLong refused = new AtomicLong();
    private final AtomicLong swept = new AtomicLong();

    /// @param pool  with its configuration and debug mode set
    SlowPath(BufferPool pool, FreeList free, SharedCounts past, SlotCaches caches, Slabs slabs) {
        this.pool = pool;
        this.config = pool.config();
        this.free = free;
        this.past = past;
        this.caches = caches;
        this.slabs = slabs;
        this.debug = pool.debug;
    }

    /// {@return bytes of the Java objects}
    static long heapBytes() {
        return HeapLayout.instance(SlowPath.class) + 2 * HeapLayout.instance(AtomicLong.class);
    }

    /// {@return requests refused since the start}
    long refused() {
        return refused.get();
    }

    /// {@return buffers that came back from the caches of dead threads}
    long swept() {
        return swept.get();
    }

    /// Leases from wherever there is something.
    ///
    /// @param own  an owner's cache; null for the thread's own, or a stripe, or past all of them
    /// @return null where the request is refused, and counted
    @Nullable
    PooledBuffer acquire(@Nullable SlotCache own) {
        pool.checkOpen();
        if (debug != null) {
            return acquireForDebug(debug);
        }
        Thread thread = Thread.currentThread();
        while (true) {
            SlotCache cache = own != null ? own : caches.of(thread);
            SlotCache stripe = cache == null ? caches.lockStripe(thread) : null;
            PooledBuffer buffer = cache != null ? leaseFrom(cache, thread, false)
                    : stripe != null ? leaseFrom(stripe, thread, true) : leasePast(thread);
            if (buffer != null) {
                return buffer;
            }
            if (!supply()) {
                return refuse();
            }
        }
    }

    /// @param entered  whether the caller is in the cache already; it is left in any case
    private @Nullable PooledBuffer leaseFrom(SlotCache cache, Thread thread, boolean entered) {
        for (boolean inside = entered;; inside = false) {
            if (!inside) {
                cache.enter(thread);
            }
            try {
                pool.checkOpen();
                if (cache.ownerId == SlotCache.GIVEN_UP) {  // since its owner asked
                    throw OwnerCache.usedAfterClose(pool);
                }
                if (cache.top == 0 && !cache.refill(free)) {
                    return null;
                }
                if (!cache.isSpent()) {
                    return cache.leaseNext();
                }
            } finally {
                cache.leave(thread);
            }
            PooledBuffer buffer = caches.grant(cache, thread);
            if (buffer != null) {
                return buffer;
            }
        }
    }

    private @Nullable PooledBuffer leasePast(Thread thread) {
        PooledBuffer buffer = free.pop();
        if (buffer == null) {
            return null;
        }
        boolean leased = false;
        try {
            countPast(thread);
            buffer.openShared();
            leased = true;
        } finally {
            if (!leased) {
                free.push(buffer);
            }
        }
        if (pool.isClosed() && pool.ends(buffer)) {  // the pool was closed between: its end may have passed this slot by
            past.countReleased();
        }
        pool.checkOpen();
        return buffer;
    }

    private void countPast(Thread thread) {
        while (!past.tryAcquire()) {
            caches.grantPast(thread);
        }
    }

    /// Brings idle slots to the free list from wherever they are: stripes and the caches of dead threads, a slab more, and last
    /// the caches of others, who are disturbed by that.
    ///
    /// @return whether it may have something now; if not, for certain there was none at some moment
    private boolean supply() {
        sweep();
        if (!free.isEmpty() || slabs.supply()) {
            return true;
        }
        long changes = slabs.changes();
        int used = slabs.usedCount();
        if (caches.areLeased((long) used * config.slabSlots()) && slabs.usedCount() == used && slabs.changes() == changes) {
            return false;
        }
        return caches.raid() > 0 || caches.gather();
    }

    /// Takes back what the caches of dead threads hold.
    ///
    /// @return buffers that came back
    int sweep() {
        int count = caches.sweep();
        if (count > 0) {
            swept.getAndAdd(count);
        }
        return count;
    }

    private @Nullable PooledBuffer refuse() {
        refused.getAndIncrement();
        if (MemoryEvents.recordsExhaustion()) {
            MemoryEvents.poolExhausted(config.name(), config.bufferBytes(), pool.usedBytes(), config.bytes());
        }
        return null;
    }

    /// Ends a lease from anywhere, and keeps the slot where the thread will find it again.
    ///
    /// @param into  an owner's cache; null for the thread's own, or a stripe, or the free list
    /// @throws IllegalStateException  it has ended, or the region is closed; nothing changes
    void release(PooledBuffer buffer, long ending, @Nullable SlotCache into) {
        Thread thread = Thread.currentThread();
        boolean counted = buffer.shut(ending, thread);
        if (debug != null) {
            releaseForDebug(debug, buffer);
            return;
        }
        boolean kept = false;
        try {
            kept = keep(buffer, counted, into, thread);
        } finally {
            if (!kept) {  // no cache is free, or a stack overflows on the way to one
                if (!counted) {
                    past.countReleased();
                }
                free.push(buffer);
            }
        }
    }

    /// {@return whether a cache took the slot}
    private boolean keep(PooledBuffer buffer, boolean counted, @Nullable SlotCache into, Thread thread) {
        SlotCache cache = into != null ? into : caches.of(thread);
        if (cache != null) {
            cache.enter(thread);
        } else {
            cache = caches.lockStripe(thread);
        }
        if (cache == null) {
            return false;
        }
        try {
            if (cache.ownerId == SlotCache.GIVEN_UP) {  // meanwhile: nobody would find the slot in it
                return false;
            }
            if (!counted) {
                cache.released++;
            }
            cache.put(buffer, free);
        } finally {
            cache.leave(thread);
        }
        return true;
    }

    // ---- debug mode: one lock, no caches

    private @Nullable PooledBuffer acquireForDebug(PoolDebug checks) {
        synchronized (checks) {
            pool.checkOpen();
            PooledBuffer buffer = free.pop();
            if (buffer == null && slabs.supply()) {
                buffer = free.pop();
            }
            if (buffer == null) {
                buffer = checks.oldest();
            }
            if (buffer == null) {
                return refuse();
            }
            checks.acquired(buffer.slot());
            countPast(Thread.currentThread());
            buffer.openShared();
            if (pool.isClosed() && pool.ends(buffer)) {  // as in a lease past the caches
                past.countReleased();
            }
            pool.checkOpen();
            return buffer;
        }
    }

    private void releaseForDebug(PoolDebug checks, PooledBuffer buffer) {
        synchronized (checks) {
            past.countReleased();
            PooledBuffer back = checks.released(buffer);
            if (back != null) {
                free.push(back);
            }
        }
    }
}
