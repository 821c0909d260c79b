package dev.coffer.memory.pool;

import dev.coffer.memory.Account;
import dev.coffer.memory.Budget;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Region;
import dev.coffer.memory.internal.event.MemoryEvents;
import dev.coffer.memory.layout.HeapLayout;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/// Buffers of one size, carved once from a region, leased and taken back for ever. Nothing is allocated after the start,
/// on or off the heap; a lease on a warm thread costs no atomic operation.
///
/// ```
///   thread -> its own cache -> free list -> stripes, caches of dead threads -> next slab -> refused
///   virtual thread, or no cache left -> a stripe -> free list -> ...the same
/// ```
///
/// Safe for any thread, platform or virtual. A released buffer is zero before anyone can have it. **When full**:
/// [#tryAcquire] returns null, [#acquire] throws; nobody waits. The bound is hard: never more than
/// [BufferPoolConfig#slots] leases at one time, nor more slabs than the budget agreed to.
public final class BufferPool implements Account, AutoCloseable {
    /// One open lease, in debug mode.
    ///
    /// @param slot     number of the buffer
    /// @param thread   name of the thread that acquired it
    /// @param alive    whether that thread is alive; if not, the buffer is lost unless it was handed on
    /// @param place    where it was acquired
    public record Leak(int slot, String thread, boolean alive, Throwable place) {}

    private static final long GOLDEN = 0x9e3779b97f4a7c15L;  // 2^64 / golden ratio: spreads consecutive thread ids

    private final SlotCache[] threadCaches;  // by thread id & mask
    private final int threadMask;
    private final PooledBuffer[] handles;    // by slot
    boolean starving;                        // someone was refused: the next release goes past its cache; plain, for
                                             // speed: a thread that never leaves one compiled loop may overlook it
    final SlotCache nobody = new SlotCache(0, SlotCache.BARRED);  // home of those that came from no thread's cache
    private final FreeList free;
    private final SlotCache[] stripes;
    private final Slabs slabs;
    private final BufferPoolConfig config;
    final PoolDebug debug;                   // null when off
    private volatile SlotCache[] owned = new SlotCache[0];  // of owner caches; replaced under this pool's lock
    private final SharedCounts past = new SharedCounts();  // leases that went past every cache
    private final AtomicLong refused = new AtomicLong();
    private final AtomicLong swept = new AtomicLong();
    private volatile boolean closed;

    private BufferPool(BufferPoolConfig config, MemorySegment memory, Region region, Budget budget) {
        if (memory.byteSize() != config.bytes()) {
            throw new IllegalArgumentException("pool \"" + config.name() + "\": memory of " + memory.byteSize()
                    + " bytes (expected " + config.bytes() + ")");
        }
        this.config = config;
        this.debug = config.debug().isOn() ? new PoolDebug(config, memory) : null;
        this.handles = new PooledBuffer[config.slots()];
        for (int slot = 0; slot < handles.length; slot++) {
            handles[slot] = PooledBuffer.in(this, slot, memory.asSlice(slot * config.bufferBytes(), config.bufferBytes()));
        }
        this.free = new FreeList(handles);
        this.slabs = new Slabs(config, handles, free, budget, debug == null ? region : null, memory);
        boolean cached = debug == null && config.cacheSlots() > 0;
        this.threadCaches = caches(cached ? Math.max(1, config.threadCaches()) : 1, config.cacheSlots(),
                cached && config.threadCaches() > 0 ? SlotCache.NOBODY : SlotCache.BARRED);
        this.threadMask = threadCaches.length - 1;
        this.stripes = caches(cached ? config.stripes() : 0, config.cacheSlots(), SlotCache.BARRED);
    }

    private static SlotCache[] caches(int count, int slots, long ownerId) {
        SlotCache[] caches = new SlotCache[count];
        Arrays.setAll(caches, i -> new SlotCache(slots, ownerId));
        return caches;
    }

    /// {@return the plan's row: `slots` buffers of `bufferBytes`, with the handles, lists and caches on the heap; what debug
    /// mode makes beside them is not planned}
    public static MemoryPlan plan(BufferPoolConfig config) {
        return MemoryPlan.block(config.name(), config.bufferBytes(), config.slots(),
                config.slabs() == 1 ? "pool" : "pool, " + config.slabs() + " slabs of " + config.slabSlots())
                .withHeap(heapBytes(config));
    }

    private static long heapBytes(BufferPoolConfig config) {
        boolean cached = config.cacheSlots() > 0;
        int threads = cached ? Math.max(1, config.threadCaches()) : 1;
        int shared = cached ? config.stripes() : 0;
        return HeapLayout.instance(BufferPool.class) + 2 * HeapLayout.instance(AtomicLong.class)
                + HeapLayout.array(PooledBuffer.class, config.slots()) + config.slots() * PooledBuffer.heapBytes()
                + FreeList.heapBytes(config.slots()) + Slabs.heapBytes(config) + SharedCounts.heapBytes()
                + HeapLayout.array(SlotCache.class, threads) + HeapLayout.array(SlotCache.class, shared)
                + HeapLayout.array(SlotCache.class, 0) + SlotCache.heapBytes(0)
                + (threads + shared) * SlotCache.heapBytes(config.cacheSlots());
    }

    /// {@return a pool over the row of a region's plan that [#plan] made; the region's commit decides whether idle slabs
    /// give their pages back}
    ///
    /// @param budget  charged per slab in use; null where the plan alone is the bound
    /// @throws IllegalArgumentException                    no such row, or another size (caller's fault)
    /// @throws IllegalStateException                       the row is carved already, or the region closed (caller's fault)
    /// @throws dev.coffer.memory.BudgetExceededException   the budget cannot take the slabs at start
    public static BufferPool open(BufferPoolConfig config, Region region, Budget budget) {
        return new BufferPool(config, region.carve(config.name()), region, budget);
    }

    /// {@return a pool over a row of a region, bounded by the plan alone}
    public static BufferPool open(BufferPoolConfig config, Region region) {
        return open(config, region, null);
    }

    /// {@return a pool over memory that the caller has carved}
    ///
    /// @param memory  zero, [BufferPoolConfig#bytes] long, used by nobody else
    /// @throws IllegalArgumentException  another size (caller's fault)
    public static BufferPool over(BufferPoolConfig config, MemorySegment memory) {
        return new BufferPool(config, memory, null, null);
    }

    // ---- leasing

    /// {@return a buffer, empty and zero, or null where there is none; makes no object either way}
    ///
    /// @throws IllegalStateException  the pool is closed (caller's fault)
    public PooledBuffer tryAcquire() {
        Thread thread = Thread.currentThread();
        SlotCache cache = threadCaches[(int) thread.threadId() & threadMask];
        if (cache.ownerId != thread.threadId() && !isClaimed(cache, thread)) {
            return acquireShared(thread);
        }
        // What is slow comes before the pop and never beside it: where two ways meet, the compiler forgets what it knows of
        // the buffer's fields, and the lease takes twice as long.
        if (cache.top == 0 && !fill(cache)) {
            return null;
        }
        PooledBuffer buffer = cache.pop();
        if (!buffer.open()) {
            cache.countReleased();  // the slot was on two lists after a race of releases; one of them goes on
            return tryAcquire();
        }
        if (buffer.home != cache) {
            buffer.home = cache;
        }
        return buffer;
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

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("pool \"" + config.name() + "\" is closed");
        }
    }

    // ---- past the thread's own cache

    private boolean isClaimed(SlotCache cache, Thread thread) {
        checkOpen();
        return debug == null && !thread.isVirtual() && cache.claim(thread, free);
    }

    /// Fills an empty cache from wherever there is something.
    ///
    /// @return whether it is filled; if not, the request is refused and counted, or the pool is in debug mode
    boolean fill(SlotCache cache) {
        checkOpen();
        if (debug != null) {
            return false;
        }
        while (!cache.refill(free)) {
            if (!supply()) {
                refuse();
                return false;
            }
        }
        return true;
    }

    private PooledBuffer acquireShared(Thread thread) {
        checkOpen();
        if (debug != null) {
            return acquireForDebug();
        }
        SlotCache stripe = lockStripe(thread);
        if (stripe == null) {
            return acquirePastCaches();
        }
        try {
            while (stripe.top > 0 || fill(stripe)) {
                PooledBuffer buffer = stripe.pop();
                if (buffer.open()) {
                    return buffer;
                }
                stripe.countReleased();
            }
            return null;
        } finally {
            stripe.unlock();
        }
    }

    /// {@return the thread's cache, claimed where it can be; null for a virtual thread or where another owns it}
    private SlotCache ownCache(Thread thread) {
        if (thread.isVirtual()) {
            return null;
        }
        SlotCache cache = threadCaches[(int) thread.threadId() & threadMask];
        return cache.ownerId == thread.threadId() || cache.claim(thread, free) ? cache : null;
    }

    /// {@return a stripe, locked; null where every one is held at this moment}
    private SlotCache lockStripe(Thread thread) {
        int at = (int) (thread.threadId() * GOLDEN >>> 32);
        for (int i = 0; i < stripes.length; i++) {
            SlotCache stripe = stripes[at + i & stripes.length - 1];
            if (stripe.tryLock()) {
                return stripe;
            }
        }
        return null;
    }

    private PooledBuffer acquirePastCaches() {
        while (true) {
            PooledBuffer buffer = free.pop();
            if (buffer != null && buffer.open()) {
                past.countAcquired();
                return buffer;
            }
            if (buffer == null && !supply()) {
                return refuse();
            }
        }
    }

    /// Brings idle slots to the free list from wherever they can be reached.
    ///
    /// @return whether it may have something now
    private boolean supply() {
        for (SlotCache stripe : stripes) {
            if (stripe.size() > 0 && stripe.tryLock()) {
                stripe.spill(free, 0);
                stripe.unlock();
            }
        }
        sweep();
        return !free.isEmpty() || slabs.supply();
    }

    /// Takes back what the caches of dead threads hold.
    ///
    /// @return buffers that came back
    public int sweep() {
        int count = 0;
        for (SlotCache cache : threadCaches) {
            count += cache.size() > 0 ? cache.sweep(free) : 0;
        }
        if (count > 0) {
            swept.getAndAdd(count);
        }
        return count;
    }

    private PooledBuffer refuse() {
        refused.getAndIncrement();
        if (!starving) {
            starving = true;
        }
        MemoryEvents.poolExhausted(this, config.bufferBytes());
        return null;
    }

    /// Takes back a buffer that is shut and did not go into its home.
    void releaseSlowly(PooledBuffer slot) {
        if (debug != null) {
            releaseForDebug(slot);
            return;
        }
        Thread thread = Thread.currentThread();
        SlotCache cache = ownCache(thread);
        if (cache != null) {
            giveBack(cache, slot);
            return;
        }
        SlotCache stripe = lockStripe(thread);
        if (stripe == null) {
            past.countReleased();
            free.push(slot);
            return;
        }
        try {
            giveBack(stripe, slot);
        } finally {
            stripe.unlock();
        }
    }

    /// Puts a slot into a cache that has room or makes it; past it where somebody was refused.
    void giveBack(SlotCache cache, PooledBuffer slot) {
        if (debug != null) {
            releaseForDebug(slot);
        } else if (starving) {
            starving = false;
            cache.spill(free, 0);
            cache.countReleased();
            free.push(slot);
        } else if (!cache.push(slot)) {
            cache.spill(free, cache.size() / 2);
            cache.push(slot);
        }
    }

    // ---- debug mode

    PooledBuffer acquireForDebug() {
        PooledBuffer buffer = free.pop();
        if (buffer == null && slabs.supply()) {
            buffer = free.pop();
        }
        if (buffer == null) {
            buffer = debug.oldest();
        }
        if (buffer == null) {
            return refuse();
        }
        debug.acquired(buffer.slot());
        past.countAcquired();
        buffer.open();
        return buffer;
    }

    private void releaseForDebug(PooledBuffer buffer) {
        PooledBuffer back = debug.released(buffer);
        past.countReleased();
        if (back != null) {
            free.push(back);
        }
    }

    /// {@return the open leases with their places, where the pool was made with traces; else nothing}
    public List<Leak> leaks() {
        return debug == null ? List.of() : debug.leaks();
    }

    // ---- owners, warm-up, shrinking, end

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
        SlotCache cache = new SlotCache(slots, SlotCache.BARRED);
        synchronized (this) {
            SlotCache[] more = Arrays.copyOf(owned, owned.length + 1);
            more[owned.length] = cache;
            owned = more;
        }
        if (debug == null) {
            cache.refill(free);
        }
        return new OwnerCache(this, cache);
    }

    synchronized void leave(SlotCache cache) {
        cache.spill(free, 0);
        owned = Arrays.stream(owned).filter(other -> other != cache).toArray(SlotCache[]::new);
        past.add(cache);
    }

    /// Gives the idle buffers of the calling thread's cache back to all: before a thread goes idle for long.
    ///
    /// @return buffers given back
    public int flush() {
        Thread thread = Thread.currentThread();
        SlotCache cache = threadCaches[(int) thread.threadId() & threadMask];
        if (cache.ownerId != thread.threadId()) {
            return 0;
        }
        int count = cache.size();
        cache.spill(free, 0);
        return count;
    }

    /// Touches the memory of every idle buffer, so that no lease pays for a page fault, and fills the calling thread's
    /// cache. Requests may be refused while it runs.
    public void warmUp() {
        checkOpen();
        slabs.touch();
        SlotCache cache = debug == null ? ownCache(Thread.currentThread()) : null;
        if (cache != null && cache.size() == 0) {
            cache.refill(free);
        }
    }

    /// Takes idle slabs out of use until [BufferPoolConfig#slabsAtStart] are left, and gives their bytes back to the
    /// budget; in a region that commits on touch their pages go back to the system. Flushes the calling thread's
    /// cache, the stripes and the caches of dead threads first; a slab with a buffer in another live thread's cache
    /// stays. No object is made.
    ///
    /// @return bytes given back
    public long shrink() {
        checkOpen();
        flush();
        for (SlotCache stripe : stripes) {
            if (stripe.tryLock()) {
                stripe.spill(free, 0);
                stripe.unlock();
            }
        }
        sweep();
        return slabs.shrink() * config.slabBytes();
    }

    /// Ends the pool: open leases are wiped and ended, so that whoever still holds one gets an exception and no memory;
    /// the budget gets its bytes back; the flight recorder hears of each. No other thread may be inside the pool. Closing twice is harmless.
    ///
    /// @throws IllegalStateException  the region is closed already (caller's fault)
    @Override
    public void close() {
        if (closed) {
            return;
        }
        for (PooledBuffer handle : handles) {
            if (handle.isLeased()) {
                MemoryEvents.leak(config.name(), config.bufferBytes(), debug == null ? "" : debug.place(handle.slot()));
                handle.shut();
                past.countReleased();
            }
        }
        closed = true;
        for (SlotCache cache : threadCaches) {
            cache.bar();
        }
        for (SlotCache cache : owned) {
            cache.spill(free, 0);  // empty, so that its owner's next lease asks whether the pool is open
        }
        slabs.close();
    }

    // ---- what it says of itself

    /// {@return the numbers at this moment; makes an object}
    public PoolStatistics statistics() {
        long released = past.released();
        long acquired = past.acquired();
        long peak = past.peak();
        long cached = debug == null ? 0 : debug.waitingCount();
        for (SlotCache[] caches : List.of(threadCaches, stripes, owned)) {
            for (SlotCache cache : caches) {
                released += cache.releasedSeen();
                acquired += cache.acquiredSeen();
                peak += cache.peak;
                cached += cache.size();
            }
        }
        long inUse = Math.clamp(acquired - released, 0, config.slots());
        return new PoolStatistics(config.name(), config.bufferBytes(), config.slots(),
                (long) slabs.usedCount() * config.slabSlots(), acquired, released, inUse, cached,
                Math.clamp(peak, inUse, config.slots()), refused.get(), slabs.grown(), slabs.shrunk(), swept.get());
    }

    /// {@return leases open now}
    public long inUse() {
        long out = past.acquired() - past.released() + out(threadCaches) + out(stripes) + out(owned);
        return Math.clamp(out, 0, config.slots());
    }

    private static long out(SlotCache[] caches) {
        long out = 0;
        for (SlotCache cache : caches) {
            out += cache.acquiredSeen() - cache.releasedSeen();
        }
        return out;
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

    /// {@return the most bytes leased at one time, as [PoolStatistics#peakInUse] counts them}
    @Override
    public long peakBytes() {
        return Math.clamp(past.peak() + peak(threadCaches) + peak(stripes) + peak(owned), 0, config.slots())
                * config.bufferBytes();
    }

    private static long peak(SlotCache[] caches) {
        long peak = 0;
        for (SlotCache cache : caches) {
            peak += cache.peak;
        }
        return peak;
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
