package dev.coffer.memory.pool;

import dev.coffer.memory.Budget;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import dev.coffer.memory.layout.Align;
import dev.coffer.memory.layout.HeapLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Which slabs of a pool are in use: they join by growth, charged to the budget, and leave by shrinking. Changes are
/// rare and take the lock; a slab's slots are in the free list exactly while it is in use and they are idle and in no
/// cache.
final class Slabs {
    private static final long PAGE_BYTES_MIN = 4096;

    private final BufferPoolConfig config;
    private final FreeList free;
    private final @Nullable Budget budget;  // null: growth is bounded by the plan alone
    private final @Nullable Region region;  // null: nothing to give back to the system
    private final MemorySegment memory;
    private final boolean[] used;
    private final PooledBuffer[] handles;  // by slot
    private final PooledBuffer[] drained;  // scratch for joining and shrinking
    private final int[] idle;           // scratch for shrinking: by slab
    private volatile int usedCount;
    private volatile boolean shrinking;
    private boolean closed;             // under the lock
    private volatile long grown;
    private volatile long shrunk;

    /// @param budget  has been charged with the slabs at start
    Slabs(BufferPoolConfig config, PooledBuffer[] handles, FreeList free, @Nullable Budget budget, @Nullable Region region, MemorySegment memory) {
        this.config = config;
        this.free = free;
        this.budget = budget;
        this.region = region;
        this.memory = memory;
        this.used = new boolean[config.slabs()];
        this.handles = handles;
        this.drained = new PooledBuffer[config.slots()];
        this.idle = new int[config.slabs()];
        for (int slab = config.slabsAtStart() - 1; slab >= 0; slab--) {
            join(slab);
        }
    }

    static long heapBytes(BufferPoolConfig config) {
        return HeapLayout.instance(Slabs.class) + HeapLayout.array(boolean.class, config.slabs())
                + HeapLayout.array(PooledBuffer.class, config.slots()) + HeapLayout.array(int.class, config.slabs());
    }

    private void join(int slab) {
        used[slab] = true;
        usedCount++;
        for (int i = 0; i < config.slabSlots(); i++) {
            drained[i] = handles[slab * config.slabSlots() + i];
        }
        free.push(drained, 0, config.slabSlots());
    }

    /// {@return whether the free list may have something now that it had not: a slab joined, or a shrink that was under
    /// way has put back what it had drained}
    boolean supply() {
        if (usedCount == config.slabs() && !shrinking) {
            return !free.isEmpty();  // a shrink may have put everything back since the caller looked
        }
        synchronized (this) {
            if (!free.isEmpty()) {
                return true;
            }
            if (closed) {
                return false;  // a request that was under way when the pool ended: nobody would give the budget back what joins now
            }
            int slab = 0;
            while (slab < used.length && used[slab]) {
                slab++;
            }
            if (slab == used.length || budget != null && !budget.tryReserve(config.slabBytes())) {
                return false;
            }
            join(slab);
            grown++;
            return true;
        }
    }

    /// Takes idle slabs out of use, the last first, until `slabsAtStart` are left.
    ///
    /// @return slabs that left
    synchronized int shrink() {
        if (usedCount <= config.slabsAtStart()) {
            return 0;
        }
        shrinking = true;
        int count = free.pop(drained, 0, drained.length);
        Arrays.fill(idle, 0);
        for (int i = 0; i < count; i++) {
            idle[drained[i].slot() / config.slabSlots()]++;
        }
        int left = 0;
        for (int slab = used.length - 1; slab >= 0 && usedCount > config.slabsAtStart(); slab--) {
            if (used[slab] && idle[slab] == config.slabSlots()) {
                leave(slab);
                left++;
            }
        }
        int kept = 0;
        for (int i = 0; i < count; i++) {
            if (used[drained[i].slot() / config.slabSlots()]) {
                drained[kept++] = drained[i];
            }
        }
        free.push(drained, 0, kept);
        shrinking = false;
        return left;
    }

    /// Writes to each page of every idle slot.
    synchronized void touch() {
        shrinking = true;
        int count = free.pop(drained, 0, drained.length);
        for (int i = 0; i < count; i++) {
            long from = drained[i].slot() * config.bufferBytes();
            for (long at = 0; at < config.bufferBytes(); at += PAGE_BYTES_MIN) {
                memory.set(ValueLayout.JAVA_BYTE, from + at, memory.get(ValueLayout.JAVA_BYTE, from + at));
            }
        }
        free.push(drained, 0, count);
        shrinking = false;
    }

    private void leave(int slab) {
        used[slab] = false;
        usedCount--;
        shrunk++;
        if (region != null && region.config().commit() == RegionConfig.Commit.ON_TOUCH) {
            long at = memory.address() + slab * config.slabBytes() - region.data().address();
            long from = Align.up(at, region.pageBytes());
            long bytes = (at + config.slabBytes() - from) & -region.pageBytes();
            if (bytes > 0) {
                region.discard(from, bytes);  // the pages that are the slab's alone
            }
        }
        if (budget != null) {
            budget.release(config.slabBytes());
        }
    }

    /// Gives the budget back what every slab in use took.
    synchronized void close() {
        if (budget != null) {
            budget.release(config.slabBytes() * usedCount);
        }
        usedCount = 0;
        closed = true;
    }

    int usedCount() {
        return usedCount;
    }

    /// {@return how often a slab joined or left}
    long changes() {
        return grown + shrunk;
    }

    long grown() {
        return grown;
    }

    long shrunk() {
        return shrunk;
    }
}
