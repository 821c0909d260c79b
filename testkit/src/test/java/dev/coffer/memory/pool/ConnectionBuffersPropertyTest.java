package dev.coffer.memory.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.memory.Budget;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Pressure;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import dev.coffer.memory.pool.ConnectionBuffers.Config;
import dev.coffer.memory.pool.ConnectionBuffers.Queued;
import dev.coffer.testkit.HeapBytes;
import dev.coffer.testkit.RawMemory;
import dev.coffer.testkit.Seeds;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.SplittableRandom;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.openjdk.jol.info.GraphLayout;

class ConnectionBuffersPropertyTest {
    private static final Config CONFIG = new Config("conn", 3, 10, 8 * 128, 1000, 100, 256, 25);
    private static final BufferPoolConfig BUFFERS = BufferPoolConfig.of("buffers", 256, 4).withCaches(0, 1, 0);
    private static final BufferPoolConfig PACKETS = BufferPoolConfig.of("packets", 128, 6).withCaches(0, 1, 0);
    private static final MemorySegment SOURCE = MemorySegment.ofArray(new byte[512]);

    private static final class Clock implements LongSupplier {
        private long now;

        @Override
        public long getAsLong() {
            return now;
        }
    }

    private static Region region() {
        return Region.open(RegionConfig.defaults("t"), MemoryPlan.group("data",
                ConnectionBuffers.plan(CONFIG, 256, 128), BufferPool.plan(BUFFERS), BufferPool.plan(PACKETS)));
    }

    @Test
    void agreesWithTheModel() {
        Seeds.forEach(1, 6, random -> run(random, 40_000));
    }

    @Test
    @Tag("long")
    void agreesWithTheModelForTenMillionOperations() {
        Seeds.forEach(100, 2, random -> run(random, 5_000_000));
    }

    private static void run(SplittableRandom random, int operations) {
        try (Region region = region()) {
            Clock clock = new Clock();
            boolean pooled = random.nextBoolean();
            BufferPool buffers = BufferPool.open(BUFFERS, region);
            BufferPool packets = BufferPool.open(PACKETS, region);
            ConnectionBuffers connection = pooled ? ConnectionBuffers.pooled(CONFIG, buffers, packets, clock)
                    : ConnectionBuffers.over(CONFIG, 256, 128, region.carve("conn"), clock);
            new Model(random, clock, connection, pooled ? 4 : 5, pooled ? 6 : 8).run(operations);
            connection.close();
            assertEquals(0, buffers.inUse() + packets.inUse());
            buffers.close();
            packets.close();
            assertEquals(0, RawMemory.nonZero(region.data().address(), (int) region.data().byteSize()));
        }
    }

    private static final class Model {
        private final SplittableRandom random;
        private final Clock clock;
        private final ConnectionBuffers connection;
        private final int buffersMax;   // of the pool
        private final int packetsMax;   // of the pool
        private final long[] data = {-1, -1, -1, -1, -1};           // unread bytes by buffer, -1 for none
        private final ArrayDeque<Integer> queue = new ArrayDeque<>();  // lengths
        private long lastUse;
        private long lastShrink;
        private long peak;

        Model(SplittableRandom random, Clock clock, ConnectionBuffers connection, int buffersMax, int packetsMax) {
            this.random = random;
            this.clock = clock;
            this.connection = connection;
            this.buffersMax = buffersMax;
            this.packetsMax = packetsMax;
        }

        void run(int operations) {
            for (int i = 0; i < operations; i++) {
                clock.now += random.nextInt(10) == 0 ? random.nextInt(1, 1200) : random.nextInt(1, 20);
                step();
                check();
            }
        }

        private int heldBuffers() {
            int count = 0;
            for (long bytes : data) {
                count += bytes >= 0 ? 1 : 0;
            }
            return count;
        }

        private void step() {
            switch (random.nextInt(10)) {
                case 0, 1, 2, 3 -> buffer(random.nextInt(5));
                case 4, 5 -> enqueue(random.nextInt(0, 140));
                case 6, 7 -> dequeue();
                case 8 -> {
                    int stream = random.nextInt(3);
                    assertEquals(data[2 + stream] >= 0 ? 256 : 0, connection.endStream(stream));
                    data[2 + stream] = -1;
                    lastUse = clock.now;
                }
                default -> giveBack();
            }
        }

        private void buffer(int index) {
            boolean fits = data[index] >= 0 || heldBuffers() < buffersMax;
            PooledBuffer buffer = switch (index) {
                case 0 -> connection.tryReadBuffer();
                case 1 -> connection.tryWriteBuffer();
                default -> connection.tryStreamBuffer(index - 2);
            };
            lastUse = clock.now;
            assertEquals(fits, buffer != null);
            if (!fits) {
                assertThrows(PoolExhaustedException.class, () -> {
                    switch (index) {
                        case 0 -> connection.readBuffer();
                        case 1 -> connection.writeBuffer();
                        default -> connection.streamBuffer(index - 2);
                    }
                });
                return;
            }
            data[index] = Math.max(0, data[index]);
            assertEquals(data[index], buffer.remaining());
            if (random.nextBoolean() && buffer.room() >= 50) {
                buffer.put(SOURCE, 0, 50);
                data[index] += 50;
            } else {
                long take = random.nextLong(0, data[index] + 1);
                buffer.skip(take);
                data[index] -= take;
                if (data[index] == 0) {
                    buffer.burn();
                }
            }
        }

        private void enqueue(int bytes) {
            Queued expected = bytes > 128 ? Queued.TOO_LONG : queue.size() == 10 ? Queued.TOO_MANY_PACKETS
                    : (queue.size() + 1) * 128 > 8 * 128 ? Queued.TOO_MANY_BYTES
                    : queue.size() == packetsMax ? Queued.POOL_EXHAUSTED : Queued.QUEUED;
            SOURCE.set(ValueLayout.JAVA_BYTE, 0, (byte) bytes);
            assertEquals(expected, connection.queue(SOURCE, 0, bytes));
            lastUse = clock.now;
            if (expected == Queued.QUEUED) {
                queue.add(bytes);
            }
        }

        private void dequeue() {
            PooledBuffer packet = connection.dequeue();
            lastUse = clock.now;
            assertEquals(queue.isEmpty(), packet == null);
            if (packet != null) {
                int bytes = queue.remove();
                assertEquals(bytes, packet.remaining());
                assertTrue(bytes == 0 || packet.takeU8() == bytes, "another packet");
                packet.close();
            }
        }

        private void giveBack() {
            long empty = 0;
            for (long bytes : data) {
                empty += bytes == 0 ? 256 : 0;
            }
            long all = heldBuffers() * 256L + queue.size() * 128L;
            switch (random.nextInt(8)) {
                case 0, 1, 2, 3 -> {
                    boolean due = clock.now - lastShrink >= 100;
                    assertEquals(due ? empty : 0, connection.shrinkIfDue());
                    forget(due, false);
                }
                case 4, 5 -> {
                    assertEquals(empty, connection.shrink());
                    forget(true, false);
                }
                case 6 -> {
                    boolean idle = clock.now - lastUse >= 1000;
                    assertEquals(idle, connection.isIdle());
                    assertEquals(idle ? all : empty, connection.cleanUp());
                    forget(true, idle);
                }
                default -> {
                    assertEquals(all, connection.burn());
                    forget(true, true);
                }
            }
        }

        private void forget(boolean shrunk, boolean everything) {
            if (!shrunk) {
                return;
            }
            lastShrink = clock.now;
            for (int i = 0; i < data.length; i++) {
                data[i] = everything || data[i] == 0 ? -1 : data[i];
            }
            if (everything) {
                queue.clear();
            }
        }

        private void check() {
            long total = heldBuffers() * 256L + queue.size() * 128L;
            long used = 0;
            for (long bytes : data) {
                used += Math.max(0, bytes);
            }
            for (int bytes : queue) {
                used += bytes;
            }
            peak = Math.max(peak, total);
            assertEquals(total, connection.usedBytes());
            assertEquals(total, connection.totalBytes());
            assertEquals(used, connection.dataBytes());
            assertEquals(total - used, connection.wastedBytes());
            assertEquals(total == 0 ? 100 : used * 100 / total, connection.efficiencyPercent());
            assertEquals(total >= 256 && used * 100 / total < 25, connection.isProblematic());
            assertEquals(queue.size(), connection.queuedPackets());
            assertEquals(queue.size() * 128L, connection.queuedBytes());
            assertEquals(queue.size() >= 7, connection.isQueueNearFull());  // 80 % of 8 x 128 bytes is 819: 7 packets
            connection.checkInvariants();
            assertTrue(connection.peakBytes() >= peak && connection.peakBytes() <= connection.capacityBytes());
        }
    }

    /// secbuf bug 9: the byte limit counted contents, so that 10 000 empty packets of 8 KiB passed a limit of 1 KiB.
    @Test
    void bug09TheByteBoundCountsMemoryNotContents() {
        try (Region region = region()) {
            ConnectionBuffers connection = ConnectionBuffers.over(CONFIG, 256, 128, region.carve("conn"), new Clock());
            int queued = 0;
            while (connection.queue(SOURCE, 0, 0) == Queued.QUEUED) {
                queued++;
            }
            assertEquals(8, queued);
            assertEquals(Queued.TOO_MANY_BYTES, connection.queue(SOURCE, 0, 0));
            assertEquals(8 * 128, connection.queuedBytes());
            connection.close();
        }
    }

    /// secbuf bug 12: at exactly 80 % the queue was not near full, although the text said so.
    @Test
    void bug12NearFullBeginsAtEightyPercent() {
        Config config = new Config("conn", 0, 5, 1 << 20, 1000, 100, 256, 25);
        BufferPoolConfig packets = BufferPoolConfig.of("packets", 128, 5).withCaches(0, 1, 0);
        try (Region region = Region.open(RegionConfig.defaults("t"), MemoryPlan.group("data", BufferPool.plan(packets)));
                BufferPool pool = BufferPool.open(packets, region)) {
            ConnectionBuffers connection = ConnectionBuffers.pooled(config, pool, pool, new Clock());
            for (int i = 0; i < 3; i++) {
                connection.queue(SOURCE, 0, 1);
            }
            assertFalse(connection.isQueueNearFull());
            connection.queue(SOURCE, 0, 1);
            assertTrue(connection.isQueueNearFull(), "4 of 5");
            connection.close();
        }
    }

    /// secbuf bug 18: idle timeout, shrinking, clean-up, efficiency and the problematic rule were in the README alone.
    @Test
    void bug18IdleShrinkCleanUpAndEfficiencyExist() {
        Clock clock = new Clock();
        try (Region region = region()) {
            ConnectionBuffers connection = ConnectionBuffers.over(CONFIG, 256, 128, region.carve("conn"), clock);
            assertEquals(new ConnectionBuffers.Usage(0, 0, 0, 100, false), connection.usage());
            PooledBuffer read = connection.readBuffer();
            read.put(SOURCE, 0, 64);
            connection.writeBuffer();
            assertEquals(new ConnectionBuffers.Usage(512, 64, 448, 12, true), connection.usage());
            clock.now = 99;
            assertEquals(0, connection.shrinkIfDue());
            clock.now = 100;
            assertEquals(256, connection.shrinkIfDue(), "the write buffer is empty");
            assertEquals(new ConnectionBuffers.Usage(256, 64, 192, 25, false), connection.usage());
            clock.now = 999;
            assertFalse(connection.isIdle());
            assertEquals(0, connection.cleanUp());
            clock.now = 1000;
            assertTrue(connection.isIdle());
            assertEquals(256, connection.cleanUp());
            assertThrows(IllegalStateException.class, read::remaining);
            assertNotNull(connection.tryReadBuffer());
            assertFalse(connection.isIdle());
            connection.close();
        }
    }

    @Test
    void thePooledFormReallyUsesItsPool() {
        try (Region region = region(); BufferPool buffers = BufferPool.open(BUFFERS, region);
                BufferPool packets = BufferPool.open(PACKETS, region)) {
            ConnectionBuffers a = ConnectionBuffers.pooled(CONFIG, buffers, packets, new Clock());
            ConnectionBuffers b = ConnectionBuffers.pooled(CONFIG, buffers, packets, new Clock());
            assertEquals(0, buffers.inUse());
            assertSame(a.readBuffer(), a.readBuffer());
            a.writeBuffer();
            a.streamBuffer(2);
            b.readBuffer();
            assertEquals(4, buffers.inUse());
            assertNull(b.tryWriteBuffer());
            PoolExhaustedException refusal = assertThrows(PoolExhaustedException.class, b::writeBuffer);
            assertEquals("buffers", refusal.pool());
            a.queue(SOURCE, 0, 5);
            assertEquals(1, packets.inUse());
            assertEquals(256, a.endStream(2));
            assertNotNull(b.tryWriteBuffer());
            a.close();
            b.close();
            assertEquals(0, buffers.inUse() + packets.inUse());
            a.close();
            assertThrows(IllegalStateException.class, a::readBuffer);
            assertThrows(IllegalStateException.class, () -> a.queue(SOURCE, 0, 1));
            assertThrows(IllegalStateException.class, a::dequeue);
        }
    }

    @Test
    void steadyStateAllocatesNothingAndItsHeapIsWhatJolCounts() {
        try (Region region = region(); BufferPool buffers = BufferPool.open(BUFFERS, region);
                BufferPool packets = BufferPool.open(PACKETS, region)) {
            Clock clock = new Clock();
            ConnectionBuffers connection = ConnectionBuffers.pooled(CONFIG, buffers, packets, clock);
            assertEquals(0, HeapBytes.least(3, 3, () -> {
                for (int i = 0; i < 20_000; i++) {
                    clock.now += 50;
                    connection.tryReadBuffer().put(SOURCE, 0, 100);
                    for (int packet = 0; packet < 9; packet++) {
                        connection.queue(SOURCE, 0, 20);
                    }
                    connection.dequeue().close();
                    connection.isQueueNearFull();
                    connection.isProblematic();
                    connection.shrinkIfDue();
                    connection.burn();
                }
            }));
            Object[] given = {CONFIG, buffers, packets, clock};
            assertEquals(ConnectionBuffers.plan(CONFIG).heapBytes(), GraphLayout.parseInstance(connection)
                    .subtract(GraphLayout.parseInstance(given)).totalSize());
            connection.close();
        }
    }

    @Test
    void underPressureIdleConnectionsGiveBackFirstThenThePoolItsSlabs() {
        BufferPoolConfig slabs = new BufferPoolConfig("slabs", 256, 2, 4, 1, 0, 1, 0, BufferPoolConfig.Debug.OFF);
        Budget budget = Budget.root("loop", slabs.bytes());
        try (Region region = Region.open(RegionConfig.defaults("t"), MemoryPlan.group("data", BufferPool.plan(slabs)));
                BufferPool pool = BufferPool.open(slabs, region, budget)) {
            Clock clock = new Clock();
            Config config = new Config("c", 2, 1, 256, 1000, 100, 256, 25);
            ConnectionBuffers idle = ConnectionBuffers.pooled(config, pool, pool, clock);
            ConnectionBuffers busy = ConnectionBuffers.pooled(config, pool, pool, clock);
            Pressure pressure = new Pressure(budget, new Pressure.Config(4, 90, 60));
            Pressure.Owner store = Pressure.pool(pool);
            pressure.register(store);
            pressure.register(busy);
            pressure.register(idle);
            busy.readBuffer().putU8(1);
            for (int stream = 0; stream < 2; stream++) {
                idle.streamBuffer(stream).putU8(1);
            }
            idle.readBuffer().putU8(1);
            idle.writeBuffer();
            busy.writeBuffer().putU8(1);
            busy.streamBuffer(0);
            busy.streamBuffer(1);
            assertEquals(slabs.bytes(), budget.usedBytes());
            assertTrue(budget.availableBytes() == 0 && !pool.isClosed());
            clock.now = 1000;
            busy.touch();
            long back = pressure.relieve();
            assertTrue(back > 0, pressure.toString());
            assertEquals(back, pressure.reclaimedBytes());
            assertEquals(4 * 256, pressure.givenBytes(idle), "everything of the idle one");
            assertTrue(busy.totalBytes() >= 2 * 256, "what the busy one uses stays");
            assertEquals(1, busy.readBuffer().remaining());
            idle.close();
            busy.close();
        }
        assertEquals(0, budget.usedBytes());
    }

    @Test
    void aSourceThatIsGoneCostsNoPacketBuffer() {
        try (Region region = region()) {
            BufferPool buffers = BufferPool.open(BUFFERS, region);
            BufferPool packets = BufferPool.open(PACKETS, region);
            ConnectionBuffers connection = ConnectionBuffers.pooled(CONFIG, buffers, packets, new Clock());
            MemorySegment gone;
            try (Arena arena = Arena.ofConfined()) {
                gone = arena.allocate(8);
            }
            for (int i = 0; i < 7; i++) {  // one more than the pool has
                assertThrows(IllegalStateException.class, () -> connection.queue(gone, 0, 8));
            }
            connection.checkInvariants();
            assertEquals(0, packets.inUse() + connection.usedBytes());
            assertEquals(Queued.QUEUED, connection.queue(SOURCE, 0, 8));
            connection.close();
            assertEquals(0, packets.inUse());
        }
    }

    @Test
    void closesAfterItsPools() {
        try (Region region = region()) {
            BufferPool buffers = BufferPool.open(BUFFERS, region);
            BufferPool packets = BufferPool.open(PACKETS, region);
            ConnectionBuffers connection = ConnectionBuffers.pooled(CONFIG, buffers, packets, new Clock());
            connection.readBuffer();
            connection.queue(SOURCE, 0, 8);
            connection.queue(SOURCE, 0, 8);
            packets.close();
            buffers.close();
            connection.close();
            assertEquals(0, connection.usedBytes() + connection.queuedPackets());
            assertThrows(IllegalStateException.class, connection::readBuffer);
        }
    }
}
