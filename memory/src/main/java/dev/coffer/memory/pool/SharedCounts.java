package dev.coffer.memory.pool;

import dev.coffer.memory.layout.HeapLayout;
import java.util.concurrent.atomic.AtomicLong;

/// Counters of leases that go past every cache: shared by all threads, so each count is an atomic operation.
final class SharedCounts {
    private final AtomicLong acquired = new AtomicLong();
    private final AtomicLong released = new AtomicLong();
    private final AtomicLong peak = new AtomicLong();

    static long heapBytes() {
        return HeapLayout.instance(SharedCounts.class) + 3 * HeapLayout.instance(AtomicLong.class);
    }

    void countAcquired() {
        long out = acquired.incrementAndGet() - released.get();
        long seen = peak.get();
        while (out > seen && !peak.compareAndSet(seen, out)) {
            seen = peak.get();
        }
    }

    void countReleased() {
        released.getAndIncrement();
    }

    /// Takes over what a cache counted that is given up.
    void add(SlotCache cache) {
        acquired.getAndAdd(cache.acquiredSeen());
        released.getAndAdd(cache.releasedSeen());
        peak.getAndAdd(cache.peak);
    }

    long acquired() {
        return acquired.get();
    }

    long released() {
        return released.get();
    }

    long peak() {
        return peak.get();
    }
}
