package dev.coffer.memory.pool;

import dev.coffer.memory.Account;
import dev.coffer.memory.Budget;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Pressure;
import dev.coffer.memory.Region;
import dev.coffer.memory.internal.event.MemoryEvents;
import dev.coffer.memory.internal.os.MembarrierCall;
import dev.coffer.memory.layout.HeapLayout;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Buffers of one size, carved once from a region, leased and taken back for ever. Nothing is allocated after the start,
/// on or off the heap; a lease on a warm thread costs no atomic operation.
///
/// ```
///   thread -> its own cache -> free list -> stripes, caches of dead threads -> next slab -> other threads' caches -> refused
///   virtual thread, or no cache left -> a stripe -> free list -> ...the same
/// ```
///
/// Safe for any thread, platform or virtual. A released buffer is zero before anyone can have it. **When full**:
/// [#tryAcquire] returns null, [#acquire] throws; nobody waits. The bound is hard: never more than
/// [BufferPoolConfig#slots] leases at one time, nor more slabs than the budget agreed to.
@SuppressWarnings("exports")  // annotations that users need not have
public final class BufferPool implements Account, AutoCloseable {
    /// One open lease, in debug mode.
    ///
    /// @param slot     number of the buffer
    /// @param thread   name of the thread that acquired it
    /// @param alive    whether that thread is alive; if not, the buffer is lost unless it was handed on
    /// @param place    where it was acquired
    public record Leak(int slot, String thread, boolean alive, Throwable place) {}

    private final SlotCache[] threadCaches;  // by thread id & mask: those of `caches`, one step nearer
    private final int threadMask;
    private final PooledBuffer[] handles;    // by slot
    final SlotCache nobody = new SlotCache(0, SlotCache.BARRED, false);  // home of the leases that have none
    private final FreeList free;
    private final SharedCounts past = new SharedCounts();  // leases that went past every cache
    private final SlotCaches caches;
    private final Slabs slabs;
    private final BufferPoolConfig config;
    private final MemorySegment memory;
    final @Nullable PoolDebug debug;         // null when off
    final SlowPath slow;                     // of leases and releases that no cache of their thread's answers
    private volatile boolean closed;

    /// @param budget  has been charged with the slabs at start
    private BufferPool(BufferPoolConfig config, MemorySegment memory, @Nullable Region region, @Nullable Budget budget, boolean biased) {
        if (memory.byteSize() != config.bytes()) {
            throw new IllegalArgumentException("pool \"" + config.name() + "\": memory of " + memory.byteSize()
                    + " bytes (expected " + config.bytes() + ")");
        }
        this.config = config;
        this.memory = memory;
        this.debug = config.debug().isOn() ? new PoolDebug(config, memory, region) : null;
        this.handles = new PooledBuffer[config.slots()];
        for (int slot = 0; slot < handles.length; slot++) {
            handles[slot] = PooledBuffer.in(this, slot, memory.asSlice(slot * config.bufferBytes(), config.bufferBytes()));
        }
        this.free = new FreeList(handles);
        this.slabs = new Slabs(config, handles, free, budget, debug == null ? region : null, memory);
        this.caches = new SlotCaches(config, free, past, biased);
        this.slow = new SlowPath(this, free, past, caches, slabs);
        this.threadCaches = caches.threads;
        this.threadMask = caches.threadMask;
    }

    /// {@return the plan's row: `slots` buffers of `bufferBytes`, with the handles, lists and caches on the heap; what debug
    /// mode makes beside them is not planned}
    public static MemoryPlan plan(BufferPoolConfig config) {
        return MemoryPlan.block(config.name(), config.bufferBytes(), config.slots(),
                config.slabs() == 1 ? "pool" : "pool, " + config.slabs() + " slabs of " + config.slabSlots())
                .withHeap(heapBytes(config));
    }

    private static long heapBytes(BufferPoolConfig config) {
        return HeapLayout.instance(BufferPool.class) + SlowPath.heapBytes()
                + HeapLayout.array(PooledBuffer.class, config.slots()) + config.slots() * PooledBuffer.heapBytes()
                + FreeList.heapBytes(config.slots()) + Slabs.heapBytes(config) + SharedCounts.heapBytes()
                + SlotCache.heapBytes(0) + SlotCaches.heapBytes(config);
    }

    /// {@return a pool over the row of a region's plan that [#plan] made; the region's commit decides whether idle slabs
    /// give their pages back}
    ///
    /// @param budget  charged per slab in use; null where the plan alone is the bound
    /// @throws IllegalArgumentException                    no such row, or another size (caller's fault)
    /// @throws IllegalStateException                       the row is carved already, or the region closed (caller's fault)
    /// @throws dev.coffer.memory.BudgetExceededException   the budget cannot take the slabs at start; after any refusal nothing
    ///                                                     is held, and the row may be opened anew
    public static BufferPool open(BufferPoolConfig config, Region region, @Nullable Budget budget) {
        long bytes = config.slabBytes() * config.slabsAtStart();
        if (budget != null) {
            budget.reserve(bytes);
        }
        BufferPool pool = null;
        try {
            pool = region.carve(config.name(), row -> new BufferPool(config, row, region, budget, MembarrierCall.available()));
            return pool;
        } finally {
            if (pool == null && budget != null) {
                budget.release(bytes);
            }
        }
    }

    /// {@return a pool over a row of a region, bounded by the plan alone}
    public static BufferPool open(BufferPoolConfig config, Region region) {
        return open(config, region, null);
    }

    /// {@return a pool over memory that the caller has carved}
    ///
    /// @param memory  zero, [BufferPoolConfig#bytes] long, used by nobody else; off the heap, unless nothing secret ever
    ///                lies in it. In debug mode raw views of it are not found out when they outlive their lease: see [#open(BufferPoolConfig, Region)]
    /// @throws IllegalArgumentException  another size (caller's fault)
    public static BufferPool over(BufferPoolConfig config, MemorySegment memory) {
        return over(config, memory, MembarrierCall.available());
    }

    /// For tests of the form that a system without `membarrier` gets.
    static BufferPool over(BufferPoolConfig config, MemorySegment memory, boolean biased) {
        return new BufferPool(config, memory, null, null, biased);
    }

    // ---- leasing

    /// {@return a buffer, empty and zero, or null where there is none; makes no object either way. Null is right for certain: at some
    /// moment during the call every buffer was leased, or in the hands of another call that ran}
    ///
    /// @throws IllegalStateException  the pool is closed (caller's fault)
    public @Nullable PooledBuffer tryAcquire() {
        Thread thread = Thread.currentThread();
        SlotCache cache = threadCaches[(int) thread.threadId() & threadMask];
        if (cache.ownerId == thread.threadId()) {
            PooledBuffer buffer = cache.lease();
            if (buffer != null) {
                return buffer;
            }
        }
        return slow.acquire(null);
    }

    /// {@return a buffer, empty and zero}
    ///
    /// @throws PoolExhaustedException  there is none; see [#tryAcquire] for paths that a peer can drive
    /// @throws IllegalStateException   the pool is closed (caller's fault)
    public PooledBuffer acquire() {
        PooledBuffer buffer = tryAcquire();
        if (buffer == null) {
            throw exhausted();
        }
        return buffer;
    }

    PoolExhaustedException exhausted() {
        return new PoolExhaustedException(config.name(), config.bufferBytes(), inUse(), config.slots());
    }

    void checkOpen() {
        if (closed) {
            throw new IllegalStateException("pool \"" + config.name() + "\" is closed");
        }
    }

    // ---- owners, misuse, warm-up, shrinking, end

    /// {@return the open leases with their places, where the pool was made with traces; else nothing}
    public List<Leak> leaks() {
        return debug == null ? List.of() : debug.leaks();
    }

    /// {@return a cache for one owner, filled; makes objects: once per owner, at start}
    ///
    /// @param slots  most idle buffers it keeps, 1 or more
    /// @throws IllegalArgumentException  fewer than 1, or more than the pool has (caller's fault)
    /// @throws IllegalStateException     the pool is closed (caller's fault)
    public OwnerCache ownerCache(int slots) {
        checkOpen();
        if (slots < 1 || slots > config.slots()) {
            throw new IllegalArgumentException(
                    "pool \"" + config.name() + "\": owner cache of " + slots + " (expected 1.." + config.slots() + ")");
        }
        return new OwnerCache(this, caches.add(slots));
    }

    void leave(SlotCache cache) {
        caches.remove(cache, handles);
    }

    /// Gives the idle buffers of the calling thread's cache back to all: before a thread goes idle for long. Nobody is refused for want
    /// of them in any case; this spares others the search.
    ///
    /// @return buffers given back
    public int flush() {
        Thread thread = Thread.currentThread();
        SlotCache cache = threadCaches[(int) thread.threadId() & threadMask];
        if (cache.ownerId != thread.threadId()) {
            return 0;
        }
        cache.enter(thread);
        try {
            int count = cache.top;
            cache.spill(free, 0);
            return count;
        } finally {
            cache.leave(thread);
        }
    }

    /// Takes back what the caches of dead threads hold.
    ///
    /// @return buffers that came back
    public int sweep() {
        return slow.sweep();
    }

    /// Touches the memory of every idle buffer that no cache holds, so that no lease pays for a page fault, and fills the calling
    /// thread's cache. Requests may be refused while it runs: the buffers are in its hands.
    public void warmUp() {
        checkOpen();
        slabs.touch();
        Thread thread = Thread.currentThread();
        SlotCache cache = debug == null ? caches.of(thread) : null;
        if (cache != null) {
            cache.enter(thread);
            try {
                if (cache.top == 0) {
                    cache.refill(free);
                }
            } finally {
                cache.leave(thread);
            }
        }
    }

    /// Takes idle slabs out of use until [BufferPoolConfig#slabsAtStart] are left, and gives their bytes back to the
    /// budget; in a region that commits on touch their pages go back to the system. Every cache is emptied first, so a slab
    /// stays only while a buffer of it is leased. No object is made.
    ///
    /// @return bytes given back
    public long shrink() {
        checkOpen();
        if (slabs.usedCount() > config.slabsAtStart()) {
            caches.gather();
        }
        return slabs.shrink() * config.slabBytes();
    }

    /// {@return the pool as one who can give back to a budget: its idle slabs, asked for last; makes an object}
    public Pressure.Owner asOwner() {
        return new PoolOwner(this);
    }

    private record PoolOwner(BufferPool pool) implements Pressure.Owner {
        @Override
        public String name() {
            return pool.name();
        }

        @Override
        public boolean isIdle() {
            return false;
        }

        @Override
        public long shrink(boolean everything) {
            return pool.shrink();
        }

        @Override
        public boolean isStore() {
            return true;
        }
    }

    /// Ends the pool: open leases are wiped and ended, so that whoever still holds one gets an exception and no memory;
    /// the budget gets its bytes back; the flight recorder hears of each. Safe while other threads are inside: each of them gets its
    /// answer or [IllegalStateException]. After its region's close nothing is left to wipe, and the budget gets its bytes all the
    /// same. Closing twice is harmless.
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            caches.end(this::endLeases);
            caches.awaitLastCalls(this::endLeases);
        } finally {
            try {
                if (debug != null) {
                    debug.ended();
                }
            } finally {
                slabs.close();
            }
        }
    }

    /// {@return whether a buffer was leased until the pool's end, which is now; wiped}
    boolean ends(PooledBuffer buffer) {
        return buffer.endWithPool(memory);
    }

    private void endLeases() {
        for (PooledBuffer handle : handles) {
            if (ends(handle)) {
                past.countReleased();
                MemoryEvents.leak(config.name(), config.bufferBytes(), debug == null ? "" : debug.place(handle.slot()));
            }
        }
    }

    // ---- what it says of itself

    /// {@return the numbers at this moment; makes an object}
    public PoolStatistics statistics() {
        long released = caches.released();
        long acquired = caches.acquired();
        long inUse = Math.clamp(acquired - released, 0, config.slots());
        return new PoolStatistics(config.name(), config.bufferBytes(), config.slots(),
                (long) slabs.usedCount() * config.slabSlots(), acquired, released, inUse,
                debug == null ? caches.cached() : debug.waitingCount(), Math.max(caches.peak(), inUse), caches.misses(), slow.refused(),
                slabs.grown(), slabs.shrunk(), slow.swept(), caches.raided());
    }

    /// {@return leases open now}
    public long inUse() {
        long released = caches.released();
        return Math.clamp(caches.acquired() - released, 0, config.slots());
    }

    public BufferPoolConfig config() {
        return config;
    }

    @Override
    public String name() {
        return config.name();
    }

    @Override
    public long capacityBytes() {
        return config.bytes();
    }

    @Override
    public long usedBytes() {
        return inUse() * config.bufferBytes();
    }

    /// {@return the most bytes leased at one time, exactly}
    @Override
    public long peakBytes() {
        return caches.peak() * config.bufferBytes();
    }

    public boolean isClosed() {
        return closed;
    }

    @Override
    public String toString() {
        return "BufferPool[" + config.name() + ", " + inUse() + " of " + config.slots() + " buffers of "
                + config.bufferBytes() + " bytes leased" + (closed ? ", closed" : "") + "]";
    }
}
