package dev.coffer.memory.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import dev.coffer.memory.pool.BufferPool;
import dev.coffer.memory.pool.BufferPoolConfig;
import dev.coffer.testkit.HeapBytes;
import dev.coffer.testkit.ObjectBytes;
import dev.coffer.testkit.RawMemory;
import dev.coffer.testkit.Seeds;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Random operations on rings of several sizes, backed and lazy, beside a model that is two counters: byte n of the stream
/// is always n * 31 + 1, so contents need no second copy.
class CircularBufferPropertyTest {
    private static final long[] CAPACITIES = {1, 2, 7, 64, 100};

    @Test
    void agreesWithTheModel() {
        Seeds.forEach(1, 2 * CAPACITIES.length, random -> run(random, 40_000));
    }

    @Test
    @Tag("long")
    void agreesWithTheModelForTenMillionOperations() {
        Seeds.forEach(100, 2 * CAPACITIES.length, random -> run(random, 10_000_000 / (2 * CAPACITIES.length)));
    }

    private static void run(SplittableRandom random, int operations) {
        BufferPoolConfig pools = BufferPoolConfig.of("pool", 128, 2).withCaches(0, 1, 0);
        try (Region region = Region.open(RegionConfig.defaults("t"),
                MemoryPlan.group("data", CircularBuffer.plan("ring", 128), BufferPool.plan(pools)))) {
            MemorySegment memory = region.carve("ring");
            long capacity = CAPACITIES[random.nextInt(CAPACITIES.length)];
            try (BufferPool pool = BufferPool.open(pools, region)) {
                boolean lazy = random.nextBoolean();
                CircularBuffer ring = lazy ? CircularBuffer.lazy("ring", pool, capacity)
                        : CircularBuffer.over("ring", memory, 3, capacity);
                new Model(random, ring, capacity, lazy ? pool : null).run(operations);
                ring.close();
                assertEquals(0, pool.inUse());
            }
            long data = region.data().address();
            assertEquals(0, RawMemory.nonZero(data, (int) region.data().byteSize()));
        }
    }

    private static final class Model {
        private final SplittableRandom random;
        private final CircularBuffer ring;
        private final long capacity;
        private final BufferPool pool;  // null: not lazy
        private final MemorySegment piece = MemorySegment.ofArray(new byte[160]);
        private long written;
        private long read;
        private long peak;
        private long refused;

        Model(SplittableRandom random, CircularBuffer ring, long capacity, BufferPool pool) {
            this.random = random;
            this.ring = ring;
            this.capacity = capacity;
            this.pool = pool;
        }

        void run(int operations) {
            for (int i = 0; i < operations; i++) {
                step();
                peak = Math.max(peak, written - read);
                assertEquals(written - read, ring.usedBytes());
                ring.checkInvariants();
            }
            assertEquals(written, ring.writtenBytes());
            assertEquals(read, ring.readBytes());
            assertEquals(peak, ring.peakBytes());
            assertEquals(refused, ring.refused());
        }

        private void step() {
            long at = random.nextInt(0, 20);
            long bytes = random.nextLong(0, Math.min(140, capacity * 2) + 1);
            switch (random.nextInt(12)) {
                case 0, 1 -> {
                    fill(at, bytes);
                    boolean fits = bytes <= capacity - (written - read);
                    if (bytes > capacity) {
                        assertThrows(IllegalArgumentException.class, () -> ring.tryWrite(piece, at, bytes));
                        return;
                    }
                    assertEquals(fits, ring.tryWrite(piece, at, bytes));
                    written += fits ? bytes : 0;
                    refused += fits ? 0 : 1;
                }
                case 2, 3 -> {
                    fill(at, bytes);
                    long expected = Math.min(bytes, capacity - (written - read));
                    assertEquals(expected, ring.writeSome(piece, at, bytes));
                    written += expected;
                }
                case 4 -> writeThroughTheView();
                case 5 -> {
                    boolean fits = written - read < capacity;
                    assertEquals(fits, ring.tryWriteU8((int) (written * 31 + 1)));
                    written += fits ? 1 : 0;
                    refused += fits ? 0 : 1;
                }
                case 6, 7 -> {
                    boolean there = bytes <= written - read;
                    boolean peek = random.nextBoolean();
                    if (bytes > capacity) {
                        assertThrows(IllegalArgumentException.class, () -> ring.tryRead(piece, at, bytes));
                        return;
                    }
                    assertEquals(there, peek ? ring.tryPeek(piece, at, bytes) : ring.tryRead(piece, at, bytes));
                    check(at, there ? bytes : 0);
                    read += there && !peek ? bytes : 0;
                }
                case 8, 9 -> {
                    long expected = Math.min(bytes, written - read);
                    assertEquals(expected, ring.readSome(piece, at, bytes));
                    check(at, expected);
                    read += expected;
                }
                case 10 -> readThroughTheView();
                default -> rare();
            }
        }

        private void rare() {
            switch (random.nextInt(12)) {
                case 0 -> {
                    assertEquals(written - read, ring.clear());
                    read = written;
                }
                case 1 -> {
                    ring.wipe();
                    read = written;
                }
                case 2 -> {
                    boolean empty = written == read;
                    boolean backed = pool != null && pool.inUse() == 1;
                    assertEquals(empty && backed ? 128 : 0, ring.release());
                    if (empty && pool != null) {
                        assertEquals(0, pool.inUse());
                    }
                }
                default -> {
                    long ahead = random.nextLong(0, capacity + 3);
                    assertEquals(ahead < written - read ? (read + ahead) * 31 + 1 & 0xff : -1, ring.peekU8(ahead));
                }
            }
        }

        private void writeThroughTheView() {
            long room = ring.room();
            assertEquals(capacity - (written - read), room);
            assertEquals(room, ring.firstRoomBytes() + ring.secondRoomBytes());
            long commit = random.nextLong(0, room + 1);
            for (long i = 0; i < room; i++) {  // also what will not be committed
                long first = ring.firstRoomBytes();
                long to = i < first ? ring.firstRoomAt() + i : ring.secondRoomAt() + i - first;
                ring.segment().set(ValueLayout.JAVA_BYTE, to, (byte) ((written + i) * 31 + 1));
            }
            ring.commit(commit);
            written += commit;
        }

        private void readThroughTheView() {
            long there = ring.readable();
            assertEquals(written - read, there);
            assertEquals(there, ring.firstReadableBytes() + ring.secondReadableBytes());
            long consume = random.nextLong(0, there + 1);
            for (long i = 0; i < there; i++) {
                long first = ring.firstReadableBytes();
                long from = i < first ? ring.firstReadableAt() + i : ring.secondReadableAt() + i - first;
                assertEquals((byte) ((read + i) * 31 + 1), ring.segment().get(ValueLayout.JAVA_BYTE, from));
            }
            ring.consume(consume);
            read += consume;
        }

        private void fill(long at, long bytes) {
            for (long i = 0; i < bytes; i++) {
                piece.set(ValueLayout.JAVA_BYTE, at + i, (byte) ((written + i) * 31 + 1));
            }
        }

        private void check(long at, long bytes) {
            for (long i = 0; i < bytes; i++) {
                assertEquals((byte) ((read + i) * 31 + 1), piece.get(ValueLayout.JAVA_BYTE, at + i));
            }
        }
    }

    @Test
    void consumedBytesAreZeroInRawMemory() {
        try (Region region = Region.open(RegionConfig.defaults("t"),
                MemoryPlan.group("data", CircularBuffer.plan("ring", 1000)))) {
            MemorySegment memory = region.carve("ring");
            CircularBuffer ring = CircularBuffer.over("ring", memory, 0, 1000);
            MemorySegment piece = MemorySegment.ofArray(new byte[700]);
            piece.fill((byte) 0x5a);
            ring.tryWrite(piece, 0, 700);
            ring.consume(600);
            ring.tryWrite(piece, 0, 700);
            assertEquals(800, RawMemory.nonZero(memory, 0, 1000));
            ring.consume(799);
            assertEquals(1, RawMemory.nonZero(memory, 0, 1000));
            ring.consume(1);
            assertEquals(0, RawMemory.nonZero(memory, 0, 1000));
            ring.close();
        }
    }

    @Test
    void aLazyRingHoldsNothingUntilWrittenAndRefusesWhenItsPoolIsEmpty() {
        BufferPoolConfig config = BufferPoolConfig.of("pool", 128, 1).withCaches(0, 1, 0);
        try (Region region = Region.open(RegionConfig.defaults("t"), MemoryPlan.group("data", BufferPool.plan(config)));
                BufferPool pool = BufferPool.open(config, region)) {
            CircularBuffer a = CircularBuffer.lazy("a", pool, 100);
            CircularBuffer b = CircularBuffer.lazy("b", pool, 100);
            assertEquals(0, a.readable());
            assertEquals(0, pool.inUse());
            assertEquals(true, a.tryWriteU8(7));
            assertEquals(1, pool.inUse());
            assertEquals(false, b.tryWriteU8(7));
            assertEquals(0, b.room());
            assertEquals(0, b.writeSome(MemorySegment.ofArray(new byte[1]), 0, 1));
            assertEquals(0, a.release(), "it holds data");
            assertEquals(7, a.readU8());
            assertEquals(128, a.release());
            assertEquals(100, b.room());
            a.close();
            b.close();
            assertEquals(0, pool.inUse());
        }
    }

    @Test
    void steadyStateAllocatesNothingAndItsHeapIsWhatJolCounts() {
        try (Region region = Region.open(RegionConfig.defaults("t"),
                MemoryPlan.group("data", CircularBuffer.plan("ring", 1000)))) {
            MemorySegment memory = region.carve("ring");
            CircularBuffer ring = CircularBuffer.over("ring", memory, 0, 1000);
            MemorySegment piece = MemorySegment.ofArray(new byte[700]);
            assertEquals(0, HeapBytes.least(3, 3, () -> {
                for (int i = 0; i < 50_000; i++) {
                    ring.writeSome(piece, 0, 1 + i % 700);
                    ring.tryWrite(piece, 0, 700);
                    ring.commit(Math.min(5, ring.room()));
                    ring.peekU8(3);
                    ring.readSome(piece, 0, 1 + i % 600);
                    ring.consume(ring.readable() / 2);
                }
            }));
            assertEquals(CircularBuffer.plan("ring", 1000).heapBytes(), ObjectBytes.beside(ring, "ring", memory));
            ring.close();
        }
    }
}
