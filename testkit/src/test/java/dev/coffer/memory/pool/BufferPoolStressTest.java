package dev.coffer.memory.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.memory.Budget;
import dev.coffer.memory.ConstantTime;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import dev.coffer.testkit.RawMemory;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Many threads at random against a simple model: who holds which slot. Platform and virtual threads acquire, write,
/// check, release, hand on for another thread to release, and die holding; meanwhile slabs join and leave under a
/// budget that a watcher samples.
class BufferPoolStressTest {
    private static final int BUFFER_BYTES = 192;
    private static final int SLAB_SLOTS = 8;
    private static final int SLABS = 8;
    private static final int SLABS_AFFORDED = 5;   // what the budget agrees to: fewer than the plan has
    private static final int WORKERS = 6;
    private static final int HELD_MAX = 12;

    private final BufferPoolConfig config = BufferPoolConfig.of("stress", BUFFER_BYTES, SLAB_SLOTS)
            .withSlabs(1, SLABS).withCaches(4, 2, 4);   // fewer caches than workers: they collide
    private final Budget budget = Budget.root("stress", SLABS_AFFORDED * config.slabBytes() + 63);
    private final AtomicInteger[] holders = new AtomicInteger[config.slots()];  // by slot: 1 while the model says leased
    private final AtomicInteger held = new AtomicInteger();
    private final AtomicLong acquired = new AtomicLong();
    private final AtomicLong released = new AtomicLong();
    private final ArrayBlockingQueue<PooledBuffer> handedOn = new ArrayBlockingQueue<>(64);
    private final List<PooledBuffer> orphans = new ArrayList<>();  // of threads that died holding
    private final AtomicReference<Throwable> failure = new AtomicReference<>();

    @Test
    void theModelHolds() throws InterruptedException {
        run(1, 300_000);
    }

    @Test
    @Tag("long")
    void theModelHoldsForTenMillionOperations() throws InterruptedException {
        run(2, 10_000_000);
    }

    private void run(long seed, long operations) throws InterruptedException {
        for (int i = 0; i < holders.length; i++) {
            holders[i] = new AtomicInteger();
        }
        try (Region region = Region.open(RegionConfig.reservation("t"), MemoryPlan.group("d", BufferPool.plan(config)));
                BufferPool pool = BufferPool.open(config, region, budget)) {
            long lives = Math.max(3, operations / 100_000);
            long each = operations / (WORKERS * lives);
            AtomicInteger running = new AtomicInteger(WORKERS);
            List<Thread> threads = new ArrayList<>();
            for (int worker = 0; worker < WORKERS; worker++) {
                long workerSeed = seed * 1000 + worker;
                boolean virtual = worker % 3 == 2;
                threads.add(Thread.ofPlatform().start(() -> live(pool, workerSeed, lives, each, virtual, running)));
            }
            while (running.get() > 0) {
                assertTrue(budget.usedBytes() <= budget.limitBytes());
                pool.shrink();
                Thread.sleep(1);
            }
            for (Thread thread : threads) {
                thread.join();
            }
            assertNull(failure.get(), () -> "seed " + seed + ": " + failure.get());
            checkQuiet(pool);
            for (PooledBuffer buffer : orphans) {
                release(buffer);
            }
            for (PooledBuffer buffer = handedOn.poll(); buffer != null; buffer = handedOn.poll()) {
                release(buffer);
            }
            checkQuiet(pool);
            assertEquals(0, pool.inUse());
            assertEquals(0, RawMemory.nonZero(region.data(), 0, Math.toIntExact(config.bytes())));
            pool.shrink();
            assertEquals(config.slabBytes(), budget.usedBytes());
            everySlotIsStillThere(pool);
        }
        assertEquals(0, budget.usedBytes());
    }

    /// One worker: several threads, one after the other; each dies, every third holding a buffer.
    private void live(BufferPool pool, long seed, long lives, long operations, boolean virtual, AtomicInteger running) {
        try {
            for (long life = 0; life < lives && failure.get() == null; life++) {
                SplittableRandom random = new SplittableRandom(seed + 7919 * life);
                boolean diesHolding = life % 3 == 0;
                Runnable work = () -> work(pool, random, operations, diesHolding);
                Thread.Builder builder = virtual ? Thread.ofVirtual() : Thread.ofPlatform();
                Thread thread = builder.unstarted(work);
                thread.setUncaughtExceptionHandler((t, e) -> failure.compareAndSet(null, e));
                thread.start();
                thread.join();
            }
        } catch (InterruptedException e) {
            failure.compareAndSet(null, e);
        } finally {
            running.getAndDecrement();
        }
    }

    private void work(BufferPool pool, SplittableRandom random, long operations, boolean diesHolding) {
        List<PooledBuffer> mine = new ArrayList<>();
        for (long i = 0; i < operations; i++) {
            int what = random.nextInt(100);
            if (what < 45 && mine.size() < HELD_MAX) {
                PooledBuffer buffer = acquire(pool, random);
                if (buffer != null) {
                    mine.add(buffer);
                }
            } else if (what < 92 && !mine.isEmpty()) {
                release(mine.remove(random.nextInt(mine.size())));
            } else if (what < 96 && !mine.isEmpty()) {
                PooledBuffer given = mine.removeLast();
                if (!handedOn.offer(given)) {
                    mine.add(given);
                }
            } else {
                PooledBuffer taken = handedOn.poll();
                if (taken != null) {
                    release(taken);
                }
            }
            if ((i & 1023) == 0) {
                Thread.yield();
            }
        }
        if (diesHolding && !mine.isEmpty()) {
            synchronized (orphans) {
                if (orphans.size() < 8) {
                    orphans.add(mine.removeLast());
                }
            }
        }
        mine.forEach(this::release);
    }

    private PooledBuffer acquire(BufferPool pool, SplittableRandom random) {
        PooledBuffer buffer = pool.tryAcquire();
        if (buffer == null) {
            return null;
        }
        if (!holders[buffer.slot()].compareAndSet(0, 1)) {
            throw new AssertionError("slot " + buffer.slot() + " was handed out twice");
        }
        int now = held.incrementAndGet();
        if (now > SLABS_AFFORDED * SLAB_SLOTS) {
            throw new AssertionError(now + " buffers held, the budget affords " + SLABS_AFFORDED * SLAB_SLOTS);
        }
        acquired.getAndIncrement();
        if (buffer.length() != 0 || !ConstantTime.isZero(buffer.segment(), 0, BUFFER_BYTES)) {
            throw new AssertionError("slot " + buffer.slot() + " is not as new");
        }
        int bytes = random.nextInt(8, BUFFER_BYTES + 1);
        buffer.putI64(stamp(buffer));
        for (int i = 8; i < bytes; i++) {
            buffer.putU8(0xa5);
        }
        return buffer;
    }

    private void release(PooledBuffer buffer) {
        if (buffer.i64At(0) != stamp(buffer)) {
            throw new AssertionError("slot " + buffer.slot() + " was written by someone else");
        }
        if (!holders[buffer.slot()].compareAndSet(1, 0)) {
            throw new AssertionError("slot " + buffer.slot() + " was not held");
        }
        held.getAndDecrement();
        released.getAndIncrement();
        buffer.close();
    }

    private static long stamp(PooledBuffer buffer) {
        return 0x5eed_0000_0000_0000L | buffer.slot() * 31L + 1;
    }

    private void checkQuiet(BufferPool pool) {
        PoolStatistics statistics = pool.statistics();
        assertEquals(acquired.get(), statistics.acquired());
        assertEquals(released.get(), statistics.released());
        assertEquals(held.get(), statistics.inUse());
        assertEquals(statistics.acquired(), statistics.released() + statistics.inUse());
        assertEquals(held.get(), pool.inUse());
    }

    private void everySlotIsStillThere(BufferPool pool) {
        List<PooledBuffer> all = new ArrayList<>();
        for (PooledBuffer buffer = pool.tryAcquire(); buffer != null; buffer = pool.tryAcquire()) {
            all.add(buffer);
        }
        assertEquals(SLABS_AFFORDED * SLAB_SLOTS, all.size());
        all.forEach(PooledBuffer::close);
    }
}
