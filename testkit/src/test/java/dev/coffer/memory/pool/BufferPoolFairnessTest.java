package dev.coffer.memory.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.memory.internal.os.MembarrierCall;
import dev.coffer.testkit.Eventually;
import java.lang.foreign.Arena;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Phaser;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// No idle buffer is out of reach, and no figure of the peak is made up: in the default configuration, with owners that go without locks
/// (where the system has `membarrier`) and with owners that lock.
class BufferPoolFairnessTest {
    private final Arena arena = Arena.ofAuto();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();

    private BufferPool pool(int slots, boolean biased) {
        BufferPoolConfig config = BufferPoolConfig.of("p", 64, slots);
        return BufferPool.over(config, arena.allocate(config.bytes(), 64), biased && MembarrierCall.available());
    }

    private Thread start(Thread.Builder builder, Runnable work) {
        Thread thread = builder.unstarted(work);
        thread.setUncaughtExceptionHandler((t, e) -> failure.compareAndSet(null, e));
        thread.start();
        return thread;
    }

    private void passed() {
        assertNull(failure.get(), () -> "" + failure.get());
    }

    private static List<PooledBuffer> take(BufferPool pool) {
        List<PooledBuffer> all = new ArrayList<>();
        for (PooledBuffer buffer = pool.tryAcquire(); buffer != null; buffer = pool.tryAcquire()) {
            all.add(buffer);
        }
        return all;
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void sleepingThreadsKeepNothingFromTheOthers(boolean biased) throws InterruptedException {
        BufferPool pool = pool(64, biased);
        OwnerCache owner = pool.ownerCache(8);
        CountDownLatch idle = new CountDownLatch(8);
        CountDownLatch end = new CountDownLatch(1);
        List<Thread> sleepers = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            sleepers.add(start(Thread.ofPlatform(), () -> {
                List<PooledBuffer> some = new ArrayList<>();
                for (int slot = 0; slot < 16; slot++) {
                    some.add(pool.tryAcquire());
                }
                some.forEach(buffer -> {
                    if (buffer != null) {
                        buffer.close();
                    }
                });
                idle.countDown();
                try {
                    end.await();
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
            }));
        }
        idle.await();
        assertEquals(0, pool.inUse());
        assertTrue(pool.statistics().cached() > 0, "hoarded: " + pool.statistics());  // how many, the scheduler decides: they raid each other
        for (Thread.Builder builder : List.of(Thread.ofPlatform(), Thread.ofVirtual())) {
            start(builder, () -> {
                List<PooledBuffer> all = take(pool);
                assertEquals(64, all.size());
                assertEquals(64, pool.inUse());
                all.forEach(PooledBuffer::close);
            }).join();
            passed();
        }
        for (int i = 0; i < 64; i++) {
            assertNotNull(owner.tryAcquire());
        }
        assertNull(owner.tryAcquire());
        end.countDown();
        for (Thread sleeper : sleepers) {
            sleeper.join();
        }
        passed();
        assertEquals(64, pool.statistics().peakInUse());
    }

    /// Who lacks one buffer takes first what the dead have left, and then the largest hoard alone: the others' caches are not disturbed for it.
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void oneHoardAtATimeIsRaided(boolean biased) throws InterruptedException {
        BufferPool pool = pool(11, biased);
        for (int slots : new int[] {4, 8, 6}) {  // each holds half of what it may
            OwnerCache owner = pool.ownerCache(slots);
            owner.release(owner.acquire());
        }
        OwnerCache orphan = pool.ownerCache(4);
        start(Thread.ofPlatform(), () -> orphan.release(orphan.acquire())).join();
        passed();
        start(Thread.ofPlatform(), () -> {
            for (int raided : new int[] {0, 0, 4, 4, 4, 4, 7, 7, 7, 9, 9}) {
                assertNotNull(pool.tryAcquire());
                assertEquals(raided, pool.statistics().raided());
            }
            assertNull(pool.tryAcquire());
        }).join();
        passed();
        assertEquals(9, pool.statistics().raided());
        assertEquals(2, pool.statistics().swept());
    }

    /// Hands out are counted before a call that takes and after a call that gives, so the count is never below what is leased or in hands.
    /// A refusal during which it never reached the number of slots is wrong.
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aRefusalIsRightAtSomeMomentOfTheCall(boolean biased) throws InterruptedException {
        int slots = 24;
        int workers = 14;
        BufferPool pool = pool(slots, biased);
        AtomicInteger hands = new AtomicInteger();       // most that can be leased or in a running call's hands
        AtomicInteger fullEpochs = new AtomicInteger();  // how often hands reached slots
        List<Thread> threads = new ArrayList<>();
        for (int worker = 0; worker < workers; worker++) {
            int seed = worker;
            threads.add(start(worker % 4 == 3 ? Thread.ofVirtual() : Thread.ofPlatform(), () -> {
                SplittableRandom random = new SplittableRandom(seed);
                List<PooledBuffer> mine = new ArrayList<>();
                for (int i = 0; i < 6_000 && failure.get() == null; i++) {
                    if (random.nextInt(5) < 3 && mine.size() < 3) {
                        int epochs = fullEpochs.get();
                        boolean full = hands.get() >= slots;
                        if (hands.incrementAndGet() > slots) {  // this call itself is not among those that count
                            fullEpochs.getAndIncrement();
                            full = true;
                        }
                        PooledBuffer buffer = pool.tryAcquire();
                        if (buffer == null) {
                            full |= hands.getAndDecrement() > slots || fullEpochs.get() != epochs;
                            if (!full) {
                                throw new AssertionError("refused, yet fewer than " + slots + " were in any hands");
                            }
                        } else {
                            mine.add(buffer);
                        }
                    } else if (!mine.isEmpty()) {
                        mine.remove(random.nextInt(mine.size())).close();
                        hands.getAndDecrement();
                    }
                    if ((i & 255) == 0) {
                        Thread.yield();
                    }
                }
                for (PooledBuffer buffer : mine) {
                    buffer.close();
                    hands.getAndDecrement();
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        passed();
        assertEquals(0, pool.inUse());
        assertEquals(slots, take(pool).size());
    }

    /// 200 threads, 8 leases at one time, 64 buffers: nobody is refused.
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void manyThreadsAndFewLeasesMeetNoRefusal(boolean biased) throws InterruptedException {
        BufferPool pool = pool(64, biased);
        java.util.concurrent.Semaphore eight = new java.util.concurrent.Semaphore(8);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            threads.add(start(Thread.ofPlatform(), () -> {
                for (int round = 0; round < 50; round++) {
                    eight.acquireUninterruptibly();
                    PooledBuffer buffer = pool.tryAcquire();
                    if (buffer == null) {
                        throw new AssertionError("refused: " + pool.statistics());
                    }
                    buffer.putU8(1);
                    buffer.close();
                    eight.release();
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        passed();
        assertEquals(0, pool.statistics().refused());
        assertTrue(pool.statistics().peakInUse() <= 8, pool.statistics().toString());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void thePeakIsOneWhereNeverMoreThanOneWasOut(boolean biased) throws InterruptedException {
        BufferPool pool = pool(64, biased);
        OwnerCache owner = pool.ownerCache(4);
        Phaser turn = new Phaser(1);
        CountDownLatch end = new CountDownLatch(1);
        List<Thread> threads = new ArrayList<>();
        PooledBuffer[] handed = new PooledBuffer[1];
        for (int i = 0; i < 40; i++) {  // one after the other, all alive to the end, some virtual; each third hands its buffer on
            int number = i;
            threads.add(start(i % 5 == 4 ? Thread.ofVirtual() : Thread.ofPlatform(), () -> {
                PooledBuffer buffer = handed[0] != null ? handed[0] : pool.acquire();
                handed[0] = null;
                if (number % 3 == 0 && number < 39) {
                    handed[0] = buffer;
                } else {
                    buffer.close();
                }
                turn.arrive();
                try {
                    end.await();
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
            }));
            turn.awaitAdvance(i);
            passed();
        }
        if (handed[0] != null) {
            handed[0].close();
        }
        for (int i = 0; i < 10; i++) {
            owner.acquire().close();
            owner.release(pool.acquire());
        }
        owner.close();
        assertEquals(1, pool.statistics().peakInUse());
        assertEquals(64, pool.peakBytes());
        PooledBuffer one = pool.acquire();
        PooledBuffer two = pool.acquire();
        assertEquals(2, pool.statistics().peakInUse());
        one.close();
        two.close();
        end.countDown();
        for (Thread thread : threads) {
            thread.join();
        }
    }

    /// The count of a gate that is entered before an acquire and left after a release is never below the true peak; one that is entered
    /// after and left before is never above it.
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void thePeakLiesBetweenWhatIsCountedInsideAndOutside(boolean biased) throws InterruptedException {
        for (int round = 0; round < 400; round++) {
            BufferPool pool = pool(64, biased);
            AtomicInteger inside = new AtomicInteger();
            AtomicInteger outside = new AtomicInteger();
            AtomicInteger insidePeak = new AtomicInteger();
            AtomicInteger outsidePeak = new AtomicInteger();
            List<Thread> threads = new ArrayList<>();
            for (int worker = 0; worker < 6; worker++) {
                int seed = worker + 100 * round;
                threads.add(start(worker == 5 ? Thread.ofVirtual() : Thread.ofPlatform(), () -> {
                    SplittableRandom random = new SplittableRandom(seed);
                    for (int i = 0; i < 300; i++) {
                        int count = random.nextInt(1, 4);
                        PooledBuffer[] some = new PooledBuffer[count];
                        for (int at = 0; at < count; at++) {
                            outsidePeak.accumulateAndGet(outside.incrementAndGet(), Math::max);
                            some[at] = pool.acquire();
                            insidePeak.accumulateAndGet(inside.incrementAndGet(), Math::max);
                        }
                        for (int at = 0; at < count; at++) {
                            inside.getAndDecrement();
                            some[at].close();
                            outside.getAndDecrement();
                        }
                    }
                }));
            }
            for (Thread thread : threads) {
                thread.join();
            }
            passed();
            long peak = pool.statistics().peakInUse();
            assertTrue(insidePeak.get() <= peak && peak <= outsidePeak.get(),
                    insidePeak + " <= " + peak + " <= " + outsidePeak);
        }
    }

    /// A slot that goes from the cache that was found full into one that was found empty was idle all the time: who would be refused for it looks once more, at all
    /// of them at one moment.
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aSlotThatChangesCachesBetweenTwoLooksIsFound(boolean biased) throws ReflectiveOperationException {
        BufferPool pool = pool(1, biased);
        Field caches = BufferPool.class.getDeclaredField("caches");
        caches.setAccessible(true);
        SlotCache full = ((SlotCaches) caches.get(pool)).add(1);
        SlotCache empty = ((SlotCaches) caches.get(pool)).add(1);
        assertEquals(1, full.size());
        assertEquals(0, empty.size());
        PooledBuffer[] got = new PooledBuffer[1];
        full.lock();
        Thread other = start(Thread.ofPlatform(), () -> got[0] = pool.tryAcquire());
        Eventually.holds("it waits for the cache that it found full", () -> isIn(other, "raid", "lock"));
        PooledBuffer slot = full.stack[SlotCache.PAD];
        full.top = 0;
        empty.lock();
        empty.stack[SlotCache.PAD] = slot;
        empty.top = 1;
        empty.unlock();
        full.unlock();
        Eventually.ended(other);
        passed();
        assertSame(slot, got[0], "refused, and the slot was idle all the time");
        assertEquals(0, pool.statistics().refused());
        got[0].close();
        assertEquals(0, pool.inUse());
    }

    private static boolean isIn(Thread thread, String... methods) {
        return Arrays.stream(thread.getStackTrace()).map(StackTraceElement::getMethodName).toList().containsAll(List.of(methods));
    }
}
