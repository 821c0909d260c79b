package dev.coffer.memory.pool;

import dev.coffer.memory.internal.os.MembarrierCall;
import dev.coffer.memory.layout.HeapLayout;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// All caches of one pool: one for each of some threads, the stripes that everyone else shares, and those of owners. What
/// concerns more than one of them is here: finding idle slots, saying for certain that there are none, and the peak.
///
/// **The peak** is exact, though nobody counts all leases at one place. It is dealt out in shares: the leases that a cache
/// has out never pass its share, and the shares together are the peak. So a lease within its cache's share cannot be a new
/// peak. One past it takes from the share of a cache that has less out ([#grant]); where none has, for certain, the peak
/// rises by one. That happens as often as the pool has slots, and never again.
final class SlotCaches {
    private static final long GOLDEN = 0x9e3779b97f4a7c15L;  // 2^64 / golden ratio: spreads consecutive thread ids

    private static final int LAST_TURNS = 10_000;  // a quarter of a second and more

    final SlotCache[] threads;      // by thread id & mask
    final int threadMask;
    private final SlotCache[] stripes;
    private final FreeList free;
    private final SharedCounts past;
    private final boolean biased;
    private volatile SlotCache[] all;   // threads, stripes, owners' caches; replaced under this object's lock
    private volatile long peak;         // written under this object's lock
    private volatile long raided;       // slots taken from caches; written under this object's lock

    /// @param past    counts the leases that no cache counts
    /// @param biased  whether owners may go without locks: where the system has `membarrier`
    SlotCaches(BufferPoolConfig config, FreeList free, SharedCounts past, boolean biased) {
        boolean cached = isCached(config);
        this.free = free;
        this.past = past;
        this.biased = biased;
        this.threads = caches(threadCount(config), config.cacheSlots(),
                cached && config.threadCaches() > 0 ? SlotCache.NOBODY : SlotCache.BARRED, biased);
        this.threadMask = threads.length - 1;
        this.stripes = caches(stripeCount(config), config.cacheSlots(), SlotCache.BARRED, false);
        this.all = Arrays.copyOf(threads, threads.length + stripes.length);
        System.arraycopy(stripes, 0, all, threads.length, stripes.length);
    }

    private static boolean isCached(BufferPoolConfig config) {
        return !config.debug().isOn() && config.cacheSlots() > 0;
    }

    private static int threadCount(BufferPoolConfig config) {
        return isCached(config) ? Math.max(1, config.threadCaches()) : 1;
    }

    private static int stripeCount(BufferPoolConfig config) {
        return isCached(config) ? config.stripes() : 0;
    }

    private static SlotCache[] caches(int count, int slots, long ownerId, boolean biased) {
        SlotCache[] caches = new SlotCache[count];
        Arrays.setAll(caches, i -> new SlotCache(slots, ownerId, biased));
        return caches;
    }

    static long heapBytes(BufferPoolConfig config) {
        int threads = threadCount(config);
        int stripes = stripeCount(config);
        return HeapLayout.instance(SlotCaches.class) + HeapLayout.array(SlotCache.class, threads)
                + HeapLayout.array(SlotCache.class, stripes) + HeapLayout.array(SlotCache.class, threads + stripes)
                + (threads + stripes) * SlotCache.heapBytes(config.cacheSlots());
    }

    // ---- finding one

    /// {@return the thread's cache, claimed where it can be; null for a virtual thread or where another owns it}
    @Nullable
    SlotCache of(Thread thread) {
        SlotCache cache = threads[(int) thread.threadId() & threadMask];
        if (cache.ownerId == thread.threadId()) {
            return cache;
        }
        return !thread.isVirtual() && claim(cache, thread) ? cache : null;
    }

    /// Makes the calling thread the owner of a cache that has none, or a dead one.
    ///
    /// @return whether it is
    static boolean claim(SlotCache cache, Thread thread) {
        if (cache.ownerId == thread.threadId()) {
            return true;
        }
        if (!cache.isVacant() || !cache.tryFlag()) {
            return false;
        }
        if (!cache.isVacant()) {  // by now another owns it, and may be inside
            cache.unflag();
            return false;
        }
        cache.own(thread);
        cache.unlock();
        return true;
    }

    /// {@return a stripe, locked; null where every one is held at this moment, or there is none}
    @Nullable
    SlotCache lockStripe(Thread thread) {
        int at = (int) (thread.threadId() * GOLDEN >>> 32);
        for (int i = 0; i < stripes.length; i++) {
            SlotCache stripe = stripes[at + i & stripes.length - 1];
            if (stripe.tryLock()) {
                return stripe;
            }
        }
        return null;
    }

    /// {@return a cache for one owner, filled}
    SlotCache add(int slots) {
        SlotCache cache = new SlotCache(slots, SlotCache.NOBODY, biased);
        cache.refill(free);
        cache.misses = 0;
        synchronized (this) {
            SlotCache[] more = Arrays.copyOf(all, all.length + 1);
            more[all.length] = cache;
            all = more;
        }
        return cache;
    }

    /// Gives an owner's cache up: its slots are everyone's, its open leases nobody's, its numbers stay in the sums.
    synchronized void remove(SlotCache cache, PooledBuffer[] handles) {
        SlotCache[] fewer = Arrays.stream(all).filter(other -> other != cache).toArray(SlotCache[]::new);
        cache.lock();
        try {
            for (PooledBuffer handle : handles) {
                handle.leaveHome(cache);
            }
            all = fewer;
            past.add(cache);
            cache.bar(free);
        } finally {
            cache.unlock();
        }
    }

    // ---- idle slots, wherever they are

    /// Brings what stripes and the caches of dead threads hold to the free list: where no owner has to be kept out.
    ///
    /// @return slots that came from the caches of dead threads
    int sweep() {
        int count = 0;
        for (SlotCache cache : all) {
            if (cache.size() > 0 && !cache.isOwned() && cache.tryFlag()) {
                if (cache.isOwned()) {
                    cache.unflag();
                    continue;
                }
                count += cache.ownerId == SlotCache.BARRED ? 0 : cache.top;
                cache.spill(free, 0);
                cache.unlock();
            }
        }
        return count;
    }

    /// Brings what one owner's cache holds to the free list, from under its hands.
    ///
    /// @return slots that came, 0 where no cache seems to hold one
    int raid() {
        SlotCache fullest = null;
        int most = 0;
        for (SlotCache cache : all) {
            int size = cache.size();
            if (size > most) {
                most = size;
                fullest = cache;
            }
        }
        if (fullest == null) {
            return 0;
        }
        fullest.lock();
        int count;
        try {
            count = fullest.raid(free);
        } finally {
            fullest.unlock();
        }
        countRaided(count);
        return count;
    }

    private synchronized void countRaided(int count) {
        raided += count;
    }

    /// Brings what every cache holds to the free list.
    ///
    /// @return whether the free list has something now. If not, then every slot in use was leased, or in the hands of a call that
    ///         runs, at the moment of that look: nobody was in any cache, and all were empty
    synchronized boolean gather() {
        SlotCache[] frozen = freeze();
        try {
            int count = 0;
            for (SlotCache cache : frozen) {
                count += cache.top;
                cache.spill(free, 0);
            }
            raided += count;
            return !free.isEmpty();
        } finally {
            thaw(frozen);
        }
    }

    /// {@return whether at some moment during this call as many leases were open as that; false where it cannot be told}
    ///
    /// Counts what was released, then what was acquired, then what was released again: where the first and the last agree, nothing
    /// was released in between, so at the moment of the last at least as many were open as the difference.
    boolean areLeased(long leases) {
        SlotCache[] before = all;
        long released = released(before);
        long acquired = acquired(before);
        return acquired - released >= leases && released(before) == released && all == before;
    }

    /// Locks every cache: nobody is inside any until [#thaw]. Under this object's lock, by a thread that is in none.
    private SlotCache[] freeze() {
        SlotCache[] frozen = all;
        int flagged = 0;
        boolean alone = false;
        try {
            boolean barrier = false;
            for (SlotCache cache : frozen) {
                cache.flag();
                flagged++;
                barrier |= cache.isBarrierNeeded();
            }
            if (barrier) {
                MembarrierCall.run();
            }
            for (SlotCache cache : frozen) {
                cache.awaitOwner();
            }
            alone = true;
            return frozen;
        } finally {
            for (int i = 0; !alone && i < flagged; i++) {
                frozen[i].unflag();
            }
        }
    }

    private static void thaw(SlotCache[] frozen) {
        for (SlotCache cache : frozen) {
            cache.unlock();
        }
    }

    // ---- the peak

    /// Enlarges a cache's share by one at least, at the cost of one that has less out, else of the peak. One at a time: what is on its way from one
    /// share to another is in neither, and who looked meanwhile would raise the peak for it.
    ///
    /// @return a lease, where the peak had to rise for it; null where the caller is to try again
    synchronized @Nullable PooledBuffer grant(SlotCache cache, Thread thread) {
        long found = takeSlack(cache, thread);
        if (found == 0) {
            return rise(cache);
        }
        boolean added = false;
        try {
            cache.enter(thread);
            try {
                if (cache.ownerId != SlotCache.GIVEN_UP) {
                    cache.share += found;
                    added = true;
                }
            } finally {
                cache.leave(thread);
            }
        } finally {
            if (!added) {
                past.addSlack(found);
            }
        }
        return null;
    }

    private @Nullable PooledBuffer rise(SlotCache cache) {
        SlotCache[] frozen = freeze();
        try {
            if (cache.top == 0) {
                return null;  // it was taken away meanwhile: no lease, no peak
            }
            if (cache.isSpent()) {
                cache.share += takeSlackOrRise(frozen);
            }
            return cache.leaseNext();
        } finally {
            thaw(frozen);
        }
    }

    /// Enlarges the share of those who go past the caches by one at least; one at a time, as [#grant].
    synchronized void grantPast(Thread thread) {
        long found = takeSlack(null, thread);
        past.addSlack(found > 0 ? found : risePast());
    }

    private long risePast() {
        SlotCache[] frozen = freeze();
        try {
            return takeSlackOrRise(frozen);
        } finally {
            thaw(frozen);
        }
    }

    private long takeSlack(@Nullable SlotCache except, Thread thread) {
        long found = past.takeSlack();
        SlotCache[] others = all;
        for (int i = 0; found == 0 && i < others.length; i++) {
            if (others[i] != except && others[i].slack() > 0) {
                others[i].enter(thread);
                try {
                    found = others[i].giveShare();
                } finally {
                    others[i].leave(thread);
                }
            }
        }
        return found;
    }

    private long takeSlackOrRise(SlotCache[] frozen) {
        long found = past.takeSlack();
        for (int i = 0; found == 0 && i < frozen.length; i++) {
            found = frozen[i].giveShare();
        }
        if (found == 0) {
            peak++;
            found = 1;
        }
        return found;
    }

    // ---- numbers

    long peak() {
        return peak;
    }

    long raided() {
        return raided;
    }

    /// {@return leases begun, through caches and past them}
    long acquired() {
        return acquired(all);
    }

    long released() {
        return released(all);
    }

    private long acquired(SlotCache[] caches) {
        long sum = past.acquired();
        for (SlotCache cache : caches) {
            sum += cache.acquiredSeen();
        }
        return sum;
    }

    private long released(SlotCache[] caches) {
        long sum = past.released();
        for (SlotCache cache : caches) {
            sum += cache.releasedSeen();
        }
        return sum;
    }

    /// {@return slots that wait in caches}
    long cached() {
        long sum = 0;
        for (SlotCache cache : all) {
            sum += cache.size();
        }
        return sum;
    }

    /// {@return leases that found their cache empty, or had none}
    long misses() {
        long sum = past.misses();
        for (SlotCache cache : all) {
            sum += cache.misses;
        }
        return sum;
    }

    /// Runs the end of a pool while nobody is in any cache; no cache is used after it.
    synchronized void end(Runnable ending) {
        SlotCache[] frozen = freeze();
        try {
            ending.run();
        } finally {
            for (SlotCache cache : frozen) {
                cache.bar(free);
            }
            thaw(frozen);
        }
    }

    /// Waits, after the end, for calls that counted a lease which they have not begun yet, or ended one and have not counted that: they
    /// were past their marks when the caches were locked. An owner that is not run for that long finds its lease open.
    ///
    /// @param ending  looks for leases that have begun meanwhile
    void awaitLastCalls(Runnable ending) {
        for (int turn = 0; turn < LAST_TURNS && acquired() != released(); turn++) {
            SlotCache.pause(turn);
            ending.run();
        }
    }
}
