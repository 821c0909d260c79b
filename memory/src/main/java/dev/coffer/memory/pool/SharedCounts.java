package dev.coffer.memory.pool;

import dev.coffer.memory.layout.HeapLayout;
import java.util.concurrent.atomic.AtomicLong;

/// Counters of leases that go past every cache: shared by all threads, so each count is an atomic operation. What is
/// released is counted before the slot can be found again, so it may run ahead of what is acquired.
final class SharedCounts {
    private final AtomicLong acquired = new AtomicLong();
    private final AtomicLong released = new AtomicLong();
    private final AtomicLong slack = new AtomicLong();  // leases that could begin here without a larger peak
    private volatile long moved;                        // of acquired: what a cache counted and did not miss

    static long heapBytes() {
        return HeapLayout.instance(SharedCounts.class) + 3 * HeapLayout.instance(AtomicLong.class);
    }

    /// {@return whether one lease more may begin here; then it has been counted}
    boolean tryAcquire() {
        for (long seen = slack.get(); seen > 0; seen = slack.get()) {
            if (slack.compareAndSet(seen, seen - 1)) {
                acquired.getAndIncrement();
                return true;
            }
        }
        return false;
    }

    void countReleased() {
        released.getAndIncrement();
        slack.getAndIncrement();
    }

    /// {@return a half of the slack, rounded up, taken}
    long takeSlack() {
        for (long seen = slack.get(); seen > 0; seen = slack.get()) {
            long taken = (seen + 1) / 2;
            if (slack.compareAndSet(seen, seen - taken)) {
                return taken;
            }
        }
        return 0;
    }

    void addSlack(long more) {
        slack.getAndAdd(more);
    }

    /// Takes over what a cache counted that is given up. What was released first: whoever adds up meanwhile sees too few
    /// leases open and never too many.
    void add(SlotCache cache) {
        released.getAndAdd(cache.released);
        acquired.getAndAdd(cache.acquired);
        slack.getAndAdd(cache.slack());
        moved += cache.acquired - cache.misses;
    }

    long acquired() {
        return acquired.get();
    }

    long released() {
        return released.get();
    }

    long misses() {
        return acquired.get() - moved;
    }
}
