package dev.coffer.memory.pool;

import dev.coffer.memory.Budget;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Pressure;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import dev.coffer.memory.pool.SizeClassPools.Usage;
import dev.coffer.memory.ring.CircularBuffer;
import dev.coffer.testkit.HeapMode;
import dev.coffer.testkit.SteadyPath;
import dev.coffer.testkit.SteadyPaths;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A lease of every kind, and what is refused when none is left: 0 heap bytes, whoever executes it.
class PoolSteadyPathsTest {
    private static final List<Class<? extends SteadyPath>> PATHS = List.of(Standard.class, OneThread.class, Shared.class,
            Owned.class, Slabbed.class, Classes.class, Blocks.class, Scratch.class, Connection.class, LazyRing.class,
            UnderPressure.class, Slots.class);

    @ParameterizedTest
    @EnumSource(HeapMode.class)
    void noLeaseMakesAnObject(HeapMode mode) {
        SteadyPaths.check(mode, PATHS);
    }

    private static MemorySegment memory(long bytes) {
        return Arena.global().allocate(bytes, 64);
    }

    private static BufferPool pool(BufferPoolConfig config) {
        return BufferPool.over(config, memory(config.bytes()));
    }

    private static void expect(boolean holds) {
        if (!holds) {
            throw new AssertionError();
        }
    }

    /// Takes all, is refused, gives back, and asks for figures.
    private static void cycle(BufferPool pool, PooledBuffer[] out) {
        for (int i = 0; i < out.length; i++) {
            out[i] = pool.tryAcquire();
            out[i].putI32(i);
            expect(out[i].takeI32() == i);
        }
        expect(pool.tryAcquire() == null);
        for (PooledBuffer buffer : out) {
            buffer.close();
        }
        PooledBuffer buffer = pool.acquire();
        expect(buffer.isLeased() && buffer.pool() == pool && pool.inUse() == 1 && pool.usedBytes() > 0
                && pool.peakBytes() > 0);
        buffer.close();
    }

    static final class Standard implements SteadyPath {
        private final BufferPool pool = pool(BufferPoolConfig.of("p", 256, 8));
        private final PooledBuffer[] out = new PooledBuffer[8];

        @Override
        public void run() {
            cycle(pool, out);
        }
    }

    static final class OneThread implements SteadyPath {
        private final BufferPool pool = pool(BufferPoolConfig.of("p", 256, 8).withOneThread());
        private final PooledBuffer[] out = new PooledBuffer[8];

        @Override
        public void run() {
            cycle(pool, out);
        }
    }

    /// Without caches of threads: every lease goes through the shared list.
    static final class Shared implements SteadyPath {
        private final BufferPool pool = pool(BufferPoolConfig.of("p", 256, 8).withCaches(0, 1, 0));
        private final PooledBuffer[] out = new PooledBuffer[8];

        @Override
        public void run() {
            cycle(pool, out);
            pool.flush();
        }
    }

    static final class Owned implements SteadyPath {
        private final BufferPool pool = pool(BufferPoolConfig.of("p", 256, 8));
        private final OwnerCache cache = pool.ownerCache(4);

        @Override
        public void run() {
            PooledBuffer a = cache.tryAcquire();
            PooledBuffer b = cache.acquire();
            a.putU8(1);
            cache.release(a);
            b.close();
        }
    }

    /// Grows into its second slab and gives it back.
    static final class Slabbed implements SteadyPath {
        private final BufferPoolConfig config = BufferPoolConfig.of("p", 4096, 4).withSlabs(1, 2).withCaches(0, 1, 0);
        private final Region region = Region.open(RegionConfig.defaults("r"),
                MemoryPlan.group("data", BufferPool.plan(config)));
        private final BufferPool pool = BufferPool.open(config, region, Budget.root("b", config.bytes()));
        private final PooledBuffer[] out = new PooledBuffer[pool.config().slots()];

        @Override
        public void run() {
            cycle(pool, out);
            pool.shrink();
        }
    }

    static final class Classes implements SteadyPath {
        private static final Usage[] USAGES = Usage.values();
        private final SizeClassPools.Config config = SizeClassPools.Config.defaults("c");
        private final SizeClassPools pools = SizeClassPools.over(config, memory(38 << 10));
        private final PooledBuffer[] contexts = new PooledBuffer[8];

        @Override
        public void run() {
            for (Usage usage : USAGES) {
                PooledBuffer buffer = pools.tryAcquire(48, usage);
                if (buffer != null) {
                    buffer.putU8(1);
                    buffer.close();
                }
                expect(pools.refusal(48, usage) != null && pools.sizeClass(32, Usage.KEY) != null);
            }
            for (int i = 0; i < contexts.length; i++) {
                contexts[i] = pools.tryAcquire(1000, Usage.CONTEXT);
            }
            expect(pools.tryAcquire(1000, Usage.CONTEXT) == null && pools.usedBytes() > 0);
            for (PooledBuffer context : contexts) {
                context.close();
            }
        }
    }

    static final class Blocks implements SteadyPath {
        private final BlockAllocator blocks = BlockAllocator.over(new BlockAllocator.Config("b", 16 << 10, 256),
                memory(16 << 10));

        @Override
        public void run() {
            long a = blocks.tryAllocate(1000);
            long b = blocks.allocate(256);
            long c = blocks.tryAllocate(5000);
            blocks.release(b);
            expect(blocks.tryAllocate(16 << 10) < 0 && blocks.holds(a) && blocks.at(a) >= 0 && blocks.pieceBytes(a) >= 1000 && blocks.largestFreeBytes() > 0
                    && blocks.fragmentationPercent() >= 0 && blocks.freeBytes() > 0);
            blocks.release(a);
            blocks.release(c);
        }
    }

    static final class Scratch implements SteadyPath {
        private final ScratchRing ring = ScratchRing.over(new ScratchRing.Config("s", 4, 256), memory(1024));

        @Override
        public void run() {
            long turn = ring.next();
            expect(ring.holds(turn) && ring.at(turn) >= 0);
            ring.release(turn);
            ring.next();
            expect(ring.overruns() >= 0);
        }
    }

    /// Memory and objects lent by need, to two borrowers, until none is left.
    static final class Slots implements SteadyPath {
        private final SlotPoolConfig config = SlotPoolConfig.of("lent", 2, SlotPoolConfig.Kind.of("output", 256, 3),
                SlotPoolConfig.Kind.of("handshake", 64, 1).withObjectBytes(16));
        private final SlotPool pool = SlotPool.over(config, memory(832), null, (segment, at, index) -> new Object());
        private final SlotObjects<Object> objects = pool.objects(1, Object.class);

        @Override
        public void run() {
            long a = pool.tryLend(0, 0);
            long b = pool.tryLend(0, 1);
            long c = pool.tryLend(0, 1);
            long d = pool.tryLend(1, 1);
            expect(pool.tryLend(0, 0) == SlotPool.NONE && pool.holds(a) && pool.at(b) != pool.at(c) && pool.index(d) == 0
                    && objects.of(d) != null && pool.borrower(c) == 1 && pool.held(0, 1) == 2 && pool.heldBytes(1) == 576);
            pool.segment().set(ValueLayout.JAVA_BYTE, pool.at(b) + 9, (byte) 1);
            pool.release(b, 10);
            pool.release(a);
            expect(pool.releaseAll(1) == 2 && pool.usedBytes() == 0 && pool.peakBytes() == 832 && pool.lent(0) == 0
                    && pool.lentMost(0) == 3 && pool.loans(0) > 0 && pool.refusals(0) > 0);
        }
    }

    static final class Connection implements SteadyPath {
        private final BufferPool buffers = pool(BufferPoolConfig.of("b", 1024, 8));
        private final BufferPool packets = pool(BufferPoolConfig.of("p", 256, 8));
        private final MemorySegment data = memory(256);
        private long now;
        private final ConnectionBuffers connection = ConnectionBuffers.pooled(
                new ConnectionBuffersConfig("c", 2, 4, 1024, 1000, 100, 512, 25), ConnectionPools.of(buffers, packets), this::now);

        private long now() {
            return now;
        }

        @Override
        public void run() {
            now += 50;
            connection.tryReadBuffer().put(data, 0, 100);
            connection.writeBuffer().putU8(1);
            connection.streamBuffer(1).putU8(1);
            for (int i = 0; i < 6; i++) {
                connection.queue(data, 0, 20);
            }
            connection.dequeue().close();
            expect(connection.queuedPackets() == 3 && connection.queuedBytes() > 0 && connection.efficiencyPercent() >= 0
                    && connection.isQueueNearFull() | connection.isProblematic() | connection.isIdle() | true);
            connection.touch();
            connection.endStream(1);
            expect(connection.shrink() == 768 + 768 && connection.tryReadBuffer().takeU8() == 0);  // moved, and back again
            connection.shrinkIfDue();
            connection.shrink(true);
            connection.burn();
        }
    }

    /// Takes its memory from a pool when it is written to.
    static final class LazyRing implements SteadyPath {
        private final BufferPool pool = pool(BufferPoolConfig.of("b", 1024, 2));
        private final CircularBuffer ring = CircularBuffer.lazy("r", pool, 1024);
        private final MemorySegment data = memory(256);

        @Override
        public void run() {
            expect(ring.tryWrite(data, 0, 200) && ring.tryRead(data, 0, 200));
            ring.release();
        }
    }

    static final class UnderPressure implements SteadyPath {
        private final Budget budget = Budget.root("b", 1000);
        private final Pressure pressure = new Pressure(budget, new Pressure.Config(4, 90, 60));

        UnderPressure() {
            pressure.register(new Pressure.Owner() {
                @Override
                public String name() {
                    return "idle";
                }

                @Override
                public boolean isIdle() {
                    return true;
                }

                @Override
                public long shrink(boolean everything) {
                    budget.release(budget.usedBytes());
                    return 100;
                }
            });
        }

        @Override
        public void run() {
            expect(pressure.tryReserve(600) && pressure.tryReserve(600) && !pressure.tryReserve(1001));
            budget.release(budget.usedBytes());
        }
    }
}
