package dev.coffer.memory.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.memory.Budget;
import dev.coffer.memory.Buffer;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Pressure;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import dev.coffer.memory.pool.ConnectionBuffersConfig.Sizes;
import dev.coffer.memory.pool.ConnectionBuffers.Queued;
import dev.coffer.testkit.HeapBytes;
import dev.coffer.testkit.ObjectBytes;
import dev.coffer.testkit.RawMemory;
import dev.coffer.testkit.Seeds;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class ConnectionBuffersPropertyTest {
    private static final ConnectionBuffersConfig CONFIG = new ConnectionBuffersConfig("conn", 3, 10, 8 * 128, 1000, 100, 256, 25);
    private static final BufferPoolConfig BUFFERS = BufferPoolConfig.of("buffers", 256, 2).withCaches(0, 1, 0);
    private static final BufferPoolConfig STREAMS = BufferPoolConfig.of("streams", 192, 2).withCaches(0, 1, 0);
    private static final BufferPoolConfig SMALL = BufferPoolConfig.of("small", 64, 3).withCaches(0, 1, 0);
    private static final BufferPoolConfig PACKETS = BufferPoolConfig.of("packets", 128, 6).withCaches(0, 1, 0);
    private static final Sizes SIZES = Sizes.of(256, 128).withStreams(192).withSmall(64);
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
                ConnectionBuffers.plan(CONFIG, SIZES), BufferPool.plan(BUFFERS), BufferPool.plan(STREAMS), BufferPool.plan(SMALL),
                BufferPool.plan(PACKETS)));
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
            BufferPool[] pools = {BufferPool.open(BUFFERS, region), BufferPool.open(STREAMS, region), BufferPool.open(SMALL, region),
                    BufferPool.open(PACKETS, region)};
            ConnectionBuffers connection = pooled
                    ? ConnectionBuffers.pooled(CONFIG, new ConnectionPools(pools[0], pools[1], pools[2], pools[3]), clock)
                    : ConnectionBuffers.over(CONFIG, SIZES, region.carve("conn"), clock);
            new Model(random, clock, connection, pooled ? 2 : 3, pooled ? 3 : 5, pooled ? 6 : 8).run(operations);
            connection.close();
            for (BufferPool pool : pools) {
                assertEquals(0, pool.inUse());
                pool.close();
            }
            assertEquals(0, RawMemory.nonZero(region.data()));
        }
    }

    /// Read, write and three streams: for each what it holds, byte for byte, and in how much memory.
    private static final class Model {
        private static final int PLACES = 5;
        private static final int SMALL_BYTES = 64;

        private final SplittableRandom random;
        private final Clock clock;
        private final ConnectionBuffers connection;
        private final int streamsMax;   // of the pool
        private final int smallMax;     // of the pool
        private final int packetsMax;   // of the pool
        private final List<ArrayDeque<Byte>> data = new ArrayList<>();  // unread bytes by place
        private final long[] memory = new long[PLACES];                 // bytes of memory by place, 0 for none
        private final ConnectionBuffer[] kept = new ConnectionBuffer[PLACES];  // as they were first answered
        private final ArrayDeque<Integer> queue = new ArrayDeque<>();   // lengths
        private long lastUse;
        private long lastShrink;
        private long peak;

        Model(SplittableRandom random, Clock clock, ConnectionBuffers connection, int streamsMax, int smallMax, int packetsMax) {
            this.random = random;
            this.clock = clock;
            this.connection = connection;
            this.streamsMax = streamsMax;
            this.smallMax = smallMax;
            this.packetsMax = packetsMax;
            for (int place = 0; place < PLACES; place++) {
                data.add(new ArrayDeque<>());
            }
        }

        void run(int operations) {
            for (int i = 0; i < operations; i++) {
                clock.now += random.nextInt(10) == 0 ? random.nextInt(1, 1200) : random.nextInt(1, 20);
                step();
                check();
            }
        }

        private static long fullBytes(int place) {
            return place < 2 ? 256 : 192;
        }

        private int smallOut() {
            int count = 0;
            for (long bytes : memory) {
                count += bytes == SMALL_BYTES ? 1 : 0;
            }
            return count;
        }

        private boolean hasFull(int place) {
            int out = 0;
            for (int other = place < 2 ? 0 : 2; other < (place < 2 ? 2 : PLACES); other++) {
                out += memory[other] == fullBytes(other) ? 1 : 0;
            }
            return out < (place < 2 ? 2 : streamsMax);
        }

        private void step() {
            switch (random.nextInt(10)) {
                case 0, 1, 2, 3 -> buffer(random.nextInt(PLACES));
                case 4, 5 -> enqueue(random.nextInt(0, 140));
                case 6, 7 -> dequeue();
                case 8 -> end(random.nextInt(PLACES));
                default -> giveBack();
            }
        }

        private void end(int place) {
            if (place >= 2) {
                assertEquals(memory[place], connection.endStream(place - 2));
                lastUse = clock.now;
            } else if (kept[place] != null) {
                kept[place].close();
            } else {
                return;
            }
            forget(place);
        }

        private void forget(int place) {
            memory[place] = 0;
            data.get(place).clear();
        }

        private void buffer(int place) {
            if (memory[place] != fullBytes(place) && hasFull(place)) {
                memory[place] = fullBytes(place);
            }
            ConnectionBuffer buffer = switch (place) {
                case 0 -> connection.tryReadBuffer();
                case 1 -> connection.tryWriteBuffer();
                default -> connection.tryStreamBuffer(place - 2);
            };
            lastUse = clock.now;
            assertEquals(memory[place] != 0, buffer != null);
            if (buffer == null) {
                PoolExhaustedException refusal = assertThrows(PoolExhaustedException.class, () -> connection.streamBuffer(place - 2));
                assertTrue(refusal.pool().endsWith("streams"));
                return;
            }
            kept[place] = kept[place] == null ? buffer : kept[place];
            assertSame(kept[place], buffer);
            use(buffer, data.get(place));
        }

        private void use(ConnectionBuffer buffer, ArrayDeque<Byte> unread) {
            if (random.nextBoolean() && buffer.room() >= 50) {
                for (int i = 0; i < 50; i++) {
                    unread.add((byte) random.nextInt());
                    buffer.putU8(unread.getLast());
                }
            } else {
                for (int take = random.nextInt(0, unread.size() + 1); take > 0; take--) {
                    assertEquals(unread.remove() & 0xff, buffer.takeU8());
                }
                if (unread.isEmpty()) {
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
            boolean idle = clock.now - lastUse >= 1000;
            assertEquals(idle, connection.isIdle());
            switch (random.nextInt(10)) {
                case 0, 1, 2, 3 -> {
                    boolean due = clock.now - lastShrink >= 100;
                    long expected = due ? shrink() : 0;
                    assertEquals(expected, connection.shrinkIfDue());
                }
                case 4, 5 -> {
                    long expected = shrink();
                    assertEquals(expected, connection.shrink());
                }
                case 6 -> {
                    long expected = idle ? burn() : 0;
                    assertEquals(expected, connection.burnIfIdle());
                }
                case 7 -> {
                    long expected = idle ? shrink() : 0;
                    assertEquals(expected, connection.shrink(false), "a busy connection is left alone");
                }
                case 8 -> {
                    long expected = idle ? burn() : 0;
                    assertEquals(expected, connection.shrink(true), "a busy connection is left alone");
                }
                default -> {
                    long expected = burn();
                    assertEquals(expected, connection.burn());
                }
            }
        }

        private long shrink() {
            lastShrink = clock.now;
            long before = total();
            for (int place = 0; place < PLACES; place++) {
                if (data.get(place).isEmpty()) {
                    memory[place] = 0;
                } else if (data.get(place).size() <= SMALL_BYTES && smallOut() < smallMax) {
                    memory[place] = SMALL_BYTES;
                }
            }
            return before - total();
        }

        private long burn() {
            lastShrink = clock.now;
            long before = total();
            for (int place = 0; place < PLACES; place++) {
                forget(place);
            }
            queue.clear();
            return before;
        }

        private long total() {
            long sum = queue.size() * 128L;
            for (long bytes : memory) {
                sum += bytes;
            }
            return sum;
        }

        private void check() {
            long total = total();
            long used = 0;
            for (int place = 0; place < PLACES; place++) {
                used += data.get(place).size();
                if (kept[place] != null) {
                    assertEquals(memory[place], kept[place].heldBytes());
                    if (memory[place] == 0) {
                        assertThrows(IllegalStateException.class, kept[place]::remaining);
                    } else {
                        assertEquals(data.get(place).size(), kept[place].remaining());
                        assertEquals(memory[place], kept[place].capacity());
                    }
                }
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
            assertEquals(peak, connection.peakBytes());
            assertEquals(2 * 256 + 3 * 192 + 8 * 128, connection.capacityBytes());
        }
    }

    /// A buffer that was kept past a shrink wrote into what another connection held by then.
    @Test
    void aBufferThatIsKeptReachesNobodyElse() {
        try (Region region = region(); BufferPool packets = BufferPool.open(PACKETS, region)) {
            BufferPool buffers = BufferPool.open(BUFFERS, region);
            ConnectionPools pools = ConnectionPools.of(buffers, packets);
            ConnectionBuffers mine = ConnectionBuffers.pooled(CONFIG, pools, new Clock());
            ConnectionBuffers other = ConnectionBuffers.pooled(CONFIG, pools, new Clock());
            ConnectionBuffer kept = mine.readBuffer();
            ConnectionBuffer spare = mine.writeBuffer();
            kept.putU8(1);
            Buffer view = kept.view(0, 1);
            assertEquals(1, kept.takeU8());
            assertEquals(512, mine.shrink());
            other.readBuffer().putU8(7);
            other.writeBuffer().putU8(8);
            for (Buffer stale : new Buffer[] {kept, spare, view}) {
                assertThrows(IllegalStateException.class, () -> stale.putU8(9));
                assertThrows(IllegalStateException.class, stale::takeU8);
                assertThrows(IllegalStateException.class, stale::segment);
                assertThrows(IllegalStateException.class, stale::burn);
                stale.close();
            }
            assertEquals(7, other.readBuffer().takeU8());
            assertEquals(8, other.writeBuffer().takeU8());
            other.close();
            assertSame(kept, mine.readBuffer());
            kept.putU8(2);
            kept.close();
            kept.close();
            assertThrows(IllegalStateException.class, () -> kept.putU8(3));
            assertEquals(0, mine.usedBytes() + buffers.inUse());
            mine.readBuffer().putI64(-1);
            buffers.close();
            assertThrows(IllegalStateException.class, () -> kept.putU8(3), "its pool has ended the lease");
            mine.close();
        }
    }

    @Test
    void fewDataMoveIntoLessMemoryAndBack() {
        try (Region region = region(); BufferPool buffers = BufferPool.open(BUFFERS, region);
                BufferPool small = BufferPool.open(SMALL, region); BufferPool packets = BufferPool.open(PACKETS, region)) {
            ConnectionPools pools = new ConnectionPools(buffers, buffers, small, packets);
            ConnectionBuffers connection = ConnectionBuffers.pooled(CONFIG, pools, new Clock());
            ConnectionBuffer read = connection.readBuffer();
            ConnectionBuffer write = connection.writeBuffer();
            read.put(SOURCE, 0, 100);
            read.skip(35);
            write.put(SOURCE, 0, 100);
            write.skip(36);
            read.putU8(5);
            assertEquals(192, connection.shrink(), "66 bytes do not fit, 64 do");
            assertEquals(64, write.capacity());
            assertEquals(64, write.remaining());
            assertEquals(0, write.room());
            assertEquals(256, read.capacity());
            assertEquals(1, buffers.inUse());
            ConnectionBuffers other = ConnectionBuffers.pooled(CONFIG, pools, new Clock());
            other.readBuffer();
            assertSame(write, connection.writeBuffer(), "no larger one is left: as it is, so that it can be drained");
            assertEquals(64, write.capacity());
            other.close();
            assertSame(write, connection.writeBuffer());
            assertEquals(256, write.capacity());
            assertEquals(64, write.remaining());
            assertEquals(0, small.inUse());
            connection.close();
        }
    }

    /// secbuf bug 9: the byte limit counted contents, so that 10 000 empty packets of 8 KiB passed a limit of 1 KiB.
    @Test
    void bug09TheByteBoundCountsMemoryNotContents() {
        try (Region region = region()) {
            ConnectionBuffers connection = ConnectionBuffers.over(CONFIG, SIZES, region.carve("conn"), new Clock());
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
        ConnectionBuffersConfig config = new ConnectionBuffersConfig("conn", 0, 5, 1 << 20, 1000, 100, 256, 25);
        BufferPoolConfig packets = BufferPoolConfig.of("packets", 128, 5).withCaches(0, 1, 0);
        try (Region region = Region.open(RegionConfig.defaults("t"), MemoryPlan.group("data", BufferPool.plan(packets)));
                BufferPool pool = BufferPool.open(packets, region)) {
            ConnectionBuffers connection = ConnectionBuffers.pooled(config, ConnectionPools.of(pool, pool), new Clock());
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
            ConnectionBuffers connection = ConnectionBuffers.over(CONFIG, SIZES, region.carve("conn"), clock);
            assertEquals(new ConnectionBuffers.Usage(0, 0, 0, 100, false), connection.usage());
            ConnectionBuffer read = connection.readBuffer();
            read.put(SOURCE, 0, 65);
            connection.writeBuffer();
            assertEquals(new ConnectionBuffers.Usage(512, 65, 447, 12, true), connection.usage());
            clock.now = 99;
            assertEquals(0, connection.shrinkIfDue());
            clock.now = 100;
            assertEquals(256, connection.shrinkIfDue(), "the write buffer is empty");
            assertEquals(new ConnectionBuffers.Usage(256, 65, 191, 25, false), connection.usage());
            clock.now = 999;
            assertFalse(connection.isIdle());
            assertEquals(0, connection.burnIfIdle());
            assertEquals(65, read.remaining(), "a busy one keeps its data");
            clock.now = 1000;
            assertTrue(connection.isIdle());
            assertEquals(256, connection.burnIfIdle());
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
            ConnectionPools pools = ConnectionPools.of(buffers, packets);
            ConnectionBuffers a = ConnectionBuffers.pooled(CONFIG, pools, new Clock());
            ConnectionBuffers b = ConnectionBuffers.pooled(CONFIG, pools, new Clock());
            assertEquals(0, buffers.inUse());
            assertSame(a.readBuffer(), a.readBuffer());
            a.streamBuffer(2);
            assertEquals(2, buffers.inUse());
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
            ConnectionPools pools = ConnectionPools.of(buffers, packets);
            ConnectionBuffers connection = ConnectionBuffers.pooled(CONFIG, pools, clock);
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
            assertEquals(ConnectionBuffers.plan(CONFIG).heapBytes(),
                    ObjectBytes.beside(connection, CONFIG, buffers, packets, clock, MemorySegment.NULL));
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
            ConnectionBuffersConfig config = new ConnectionBuffersConfig("c", 2, 1, 256, 1000, 100, 256, 25);
            ConnectionBuffers idle = ConnectionBuffers.pooled(config, ConnectionPools.of(pool, pool), clock);
            ConnectionBuffers busy = ConnectionBuffers.pooled(config, ConnectionPools.of(pool, pool), clock);
            Pressure pressure = new Pressure(budget, new Pressure.Config(4, 90, 60));
            Pressure.Owner store = pool.asOwner();
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
            ConnectionBuffers connection = ConnectionBuffers.pooled(CONFIG, ConnectionPools.of(buffers, packets), new Clock());
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
            ConnectionBuffers connection = ConnectionBuffers.pooled(CONFIG, ConnectionPools.of(buffers, packets), new Clock());
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
