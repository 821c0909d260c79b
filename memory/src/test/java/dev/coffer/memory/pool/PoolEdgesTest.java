package dev.coffer.memory.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.memory.ConstantTime;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import dev.coffer.memory.pool.SizeClassPools.SizeClass;
import dev.coffer.memory.pool.SizeClassPools.Usage;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.Field;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The last value that is taken and the first that is not, for what is easily off by one.
class PoolEdgesTest {
    private final Arena arena = Arena.ofAuto();

    private BufferPool pool(BufferPoolConfig config) {
        return BufferPool.over(config, arena.allocate(config.bytes(), 64));
    }

    private static List<PooledBuffer> take(BufferPool pool, int count) {
        List<PooledBuffer> some = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            some.add(pool.acquire());
        }
        return some;
    }

    @Test
    void aCacheKeepsItsFillAndHalfOfItWhenOneMoreComes() {
        BufferPool pool = pool(BufferPoolConfig.of("p", 64, 16).withCaches(1, 1, 4));
        List<PooledBuffer> some = take(pool, 6);
        pool.flush();
        for (int i = 0; i < 4; i++) {
            some.removeLast().close();
        }
        assertEquals(4, pool.statistics().cached());
        some.removeLast().close();  // two go to everyone, two stay, one comes
        assertEquals(3, pool.statistics().cached());
        some.removeLast().close();
        assertEquals(4, pool.statistics().cached());
    }

    /// An owner counts a lease and begins it a moment later, on no list and in no lock: who closes the cache between has taken the count over, and
    /// must find the end of the lease too.
    @Test
    void aLeaseThatBeginsAfterItsCacheWasClosedIsCountedToItsEnd() throws ReflectiveOperationException {
        for (boolean byOwner : new boolean[] {false, true}) {
            BufferPool pool = pool(BufferPoolConfig.of("p", 64, 8).withCaches(0, 1, 4));
            OwnerCache owner = pool.ownerCache(4);
            Field field = OwnerCache.class.getDeclaredField("cache");
            field.setAccessible(true);
            SlotCache cache = (SlotCache) field.get(owner);
            owner.release(owner.acquire());
            PooledBuffer buffer = cache.stack[SlotCache.PAD + --cache.top];  // the first half of a lease
            cache.acquired++;
            owner.close();
            buffer.open(cache);                                              // and the second
            if (byOwner) {
                pool.slow.release(buffer, buffer.generation(), cache);
            } else {
                buffer.close();
            }
            assertThrows(IllegalStateException.class, buffer::close);
            assertEquals(2, pool.statistics().acquired());
            assertEquals(2, pool.statistics().released());
            assertEquals(0, pool.inUse());
            assertEquals(8, take(pool, 8).size());
            assertEquals(8, pool.statistics().peakInUse());
        }
    }

    /// Any thread may close an owner's cache, also between the two steps of an owner who asks or gives back just then.
    @Test
    void anOwnersCacheThatIsClosedUnderItsHandsKeepsNoSlotAndNoNumber() throws ReflectiveOperationException {
        BufferPool pool = pool(BufferPoolConfig.of("p", 64, 8).withCaches(0, 1, 4));
        OwnerCache owner = pool.ownerCache(4);
        Field field = OwnerCache.class.getDeclaredField("cache");
        field.setAccessible(true);
        SlotCache cache = (SlotCache) field.get(owner);
        PooledBuffer buffer = owner.acquire();
        owner.close();
        assertEquals(0, cache.slack(), "what it gave up cannot be taken again");
        assertThrows(IllegalStateException.class, () -> pool.slow.acquire(cache));
        pool.slow.release(buffer, buffer.generation(), cache);
        assertEquals(0, cache.size());
        assertEquals(0, pool.inUse());
        assertEquals(1, pool.statistics().acquired());
        assertEquals(1, pool.statistics().peakInUse());
        assertEquals(8, take(pool, 8).size(), "all of them are everyone's");
        assertEquals(8, pool.statistics().peakInUse());
    }

    /// The release is refused from inside the cache, with its mark set: who comes next must not wait for it for ever.
    @Test
    void aReleaseThatTheMemoryRefusesLeavesItsCacheFree() {
        BufferPoolConfig config = BufferPoolConfig.of("p", 64, 8);
        Arena closed = Arena.ofShared();
        BufferPool pool = BufferPool.over(config, closed.allocate(config.bytes(), 64));
        PooledBuffer buffer = pool.acquire();
        buffer.putU8(1);
        closed.close();
        for (int i = 0; i < 2; i++) {
            assertThrows(IllegalStateException.class, buffer::close);
            assertTrue(buffer.isLeased(), "nothing changed");
        }
        assertTimeoutPreemptively(Duration.ofMinutes(10), pool::close);
        assertEquals(0, pool.inUse());
    }

    @Test
    void aReleasedBufferIsTheNextOneOut() {
        BufferPool pool = pool(BufferPoolConfig.of("p", 64, 16).withCaches(1, 1, 4));
        List<PooledBuffer> some = take(pool, 3);
        PooledBuffer last = some.removeLast();
        some.forEach(PooledBuffer::close);
        last.close();
        assertEquals(last, pool.acquire());
    }

    @Test
    void hitsAreTheLeasesThatFoundTheirCacheFilled() {
        BufferPool pool = pool(BufferPoolConfig.of("p", 64, 16).withCaches(1, 1, 4));
        for (int i = 0; i < 100; i++) {
            pool.acquire().close();
        }
        PoolStatistics statistics = pool.statistics();
        assertEquals(1, statistics.misses());
        assertEquals(99, statistics.hits());
        assertEquals(99, statistics.hitPercent());
        assertEquals(100, statistics.servedPercent());
        BufferPool bare = pool(BufferPoolConfig.of("q", 64, 2).withCaches(0, 1, 0));
        take(bare, 2);
        for (int i = 0; i < 2; i++) {
            assertEquals(null, bare.tryAcquire());
        }
        assertEquals(2, bare.statistics().misses());
        assertEquals(0, bare.statistics().hits());
        assertEquals(50, bare.statistics().servedPercent());
    }

    /// The head is never the same one again although the same slot lies on top: a thread that read it long ago does not exchange it.
    @Test
    void aFreeListThatChangedAndChangedBackHasAnotherHead() throws ReflectiveOperationException {
        BufferPool pool = pool(BufferPoolConfig.of("p", 64, 2));
        PooledBuffer[] handles = {pool.acquire(), pool.acquire()};
        FreeList free = new FreeList(handles);
        Field head = FreeList.class.getDeclaredField("head");
        head.setAccessible(true);
        free.push(handles, 0, 2);
        List<Long> seen = new ArrayList<>(List.of((Long) head.get(free)));
        PooledBuffer[] into = new PooledBuffer[2];
        for (int i = 0; i < 4; i++) {
            if (i % 2 == 0) {
                PooledBuffer top = free.pop();
                free.push(top);
            } else {
                assertEquals(2, free.pop(into, 0, 2));
                free.push(into, 0, 2);
            }
            Long now = (Long) head.get(free);
            assertEquals((int) (long) seen.getFirst(), (int) (long) now, "the same slot on top");
            assertTrue(!seen.contains(now), "the same head");
            seen.add(now);
        }
    }

    @Test
    void theIdlePagesOfASlabThatLeavesGoBackToTheSystem() {
        BufferPoolConfig config = BufferPoolConfig.of("p", 4096, 4).withSlabs(1, 3);
        try (Region region = Region.open(RegionConfig.reservation("t"), MemoryPlan.group("d", BufferPool.plan(config)));
                BufferPool pool = BufferPool.open(config, region)) {
            List<PooledBuffer> all = take(pool, 12);
            MemorySegment data = region.data();
            all.forEach(PooledBuffer::close);
            for (int slot = 0; slot < 12; slot++) {  // behind everyone's back: what wiping knows nothing of
                data.set(ValueLayout.JAVA_BYTE, slot * 4096L, (byte) 1);
            }
            assertEquals(2 * 4 * 4096, pool.shrink());
            for (int slot = 0; slot < 12; slot++) {
                int expected = region.portable() || slot < 4 ? 1 : 0;
                assertEquals(expected, data.get(ValueLayout.JAVA_BYTE, slot * 4096L), "slot " + slot);
                data.set(ValueLayout.JAVA_BYTE, slot * 4096L, (byte) 0);
            }
        }
    }

    @Test
    void aSizeGoesToTheSmallestClassThatHoldsItAndIsTheBuffersLimit() {
        SizeClassPools.Config config = SizeClassPools.Config.defaults("s");
        SizeClassPools pools = SizeClassPools.over(config, arena.allocate(SizeClassPools.plan(config).totalBytes(), 64));
        record Case(long bytes, Usage usage, SizeClass served) {}
        for (Case it : List.of(new Case(0, Usage.KEY, null), new Case(1, Usage.KEY, SizeClass.TINY),
                new Case(64, Usage.KEY, SizeClass.TINY), new Case(65, Usage.KEY, SizeClass.SMALL),
                new Case(256, Usage.KEY, SizeClass.SMALL), new Case(257, Usage.KEY, SizeClass.MEDIUM),
                new Case(1024, Usage.KEY, SizeClass.MEDIUM), new Case(1025, Usage.KEY, SizeClass.LARGE),
                new Case(4096, Usage.KEY, SizeClass.LARGE), new Case(4097, Usage.KEY, null),
                new Case(64, Usage.NONCE, SizeClass.TINY), new Case(65, Usage.NONCE, null),
                new Case(256, Usage.MEDIUM_MESSAGE, SizeClass.MEDIUM), new Case(1024, Usage.LARGE_MESSAGE, SizeClass.LARGE),
                new Case(1024, Usage.MEDIUM_MESSAGE, SizeClass.MEDIUM), new Case(1025, Usage.MEDIUM_MESSAGE, null),
                new Case(0, Usage.CONTEXT, null), new Case(1024, Usage.CONTEXT, SizeClass.CONTEXT),
                new Case(1025, Usage.CONTEXT, null))) {
            assertEquals(it.served(), pools.sizeClass(it.bytes(), it.usage()), it.toString());
            if (it.served() == null) {
                assertThrows(SizeNotSupportedException.class, () -> pools.acquire(it.bytes(), it.usage()));
                assertThrows(SizeNotSupportedException.class, () -> pools.tryAcquire(it.bytes(), it.usage()));
                assertEquals(SizeClassPools.Refusal.SIZE_NOT_SUPPORTED, pools.refusal(it.bytes(), it.usage()));
            } else {
                for (PooledBuffer buffer : new PooledBuffer[] {pools.acquire(it.bytes(), it.usage()),
                        pools.tryAcquire(it.bytes(), it.usage())}) {
                    assertEquals(it.bytes(), buffer.limit(), it.toString());
                    assertEquals(config.blocks(it.served()).bytes(), buffer.capacity());
                    buffer.close();
                }
            }
        }
        pools.close();
    }

    @Test
    void closingTheProcessWideInstanceLeavesNoDeadOneBehind() {
        SizeClassPools.Config config = SizeClassPools.Config.defaults("s");
        SizeClassPools first = SizeClassPools.initialise(config, RegionConfig.defaults("edges"));
        first.close();
        first.close();
        assertThrows(IllegalStateException.class, SizeClassPools::process);
        SizeClassPools second = SizeClassPools.initialise(config, RegionConfig.defaults("edges"));
        first.close();
        assertEquals(second, SizeClassPools.process(), "an old instance's close is not the new one's");
        second.acquire(1, Usage.KEY).close();
        assertTrue(SizeClassPools.shutDown());
    }

    @Test
    void aClearedRingBeginsAtItsFirstSlotAndOldTurnsNameNothing() {
        ScratchRing.Config config = new ScratchRing.Config("s", 3, 64);
        MemorySegment memory = arena.allocate(3 * 64, 64);
        ScratchRing ring = ScratchRing.over(config, memory);
        assertEquals(0, ring.clear());
        long first = ring.next();
        long second = ring.next();
        memory.fill((byte) 7);
        assertEquals(2, ring.clear());
        assertTrue(ConstantTime.isZero(memory, 0, 3 * 64));
        assertEquals(0, ring.usedBytes());
        assertThrows(IllegalStateException.class, () -> ring.at(first));
        assertThrows(IllegalStateException.class, () -> ring.release(second));
        long next = ring.next();
        assertNotEquals(first, next);
        assertEquals(0, ring.at(next));
        assertThrows(IllegalStateException.class, () -> ring.at(first));
        assertEquals(64, ring.at(ring.next()));
        assertEquals(128, ring.at(ring.next()));
        assertEquals(0, ring.at(ring.next()));
        assertThrows(IllegalStateException.class, () -> ring.at(next));
        assertEquals(1, ring.overruns());
        ring.close();
        assertThrows(IllegalStateException.class, ring::clear);
    }

    @Test
    void blocksOfNothingAreRefusedAndOneByteIsABlock() {
        BlockAllocator.Config config = new BlockAllocator.Config("b", 256, 64);
        BlockAllocator blocks = BlockAllocator.over(config, arena.allocate(256, 64));
        assertThrows(IllegalArgumentException.class, () -> blocks.allocate(0));
        assertThrows(IllegalArgumentException.class, () -> blocks.tryAllocate(-1));
        assertEquals(64, blocks.pieceBytes(blocks.allocate(1)));
        assertEquals(192, blocks.pieceBytes(blocks.allocate(192)));
        assertEquals(-1, blocks.tryAllocate(1));
        blocks.close();
    }

    /// The source is a mapped file that was cut while it is read: the fault is an `Error`, and no exception.
    @Test
    void aPacketWhoseSourceFaultsTakesNothing(@TempDir Path folder) throws IOException {
        BufferPool packets = pool(BufferPoolConfig.of("p", 4096, 1));
        ConnectionBuffers connection = ConnectionBuffers.pooled(ConnectionBuffersConfig.defaults("c"),
                ConnectionPools.of(packets, packets), () -> 0);
        Path file = Files.write(folder.resolve("cut"), new byte[8192]);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            MemorySegment mapped = channel.map(FileChannel.MapMode.READ_ONLY, 0, 8192, arena);
            assertEquals(ConnectionBuffers.Queued.QUEUED, connection.queue(mapped, 4096, 4096));
            connection.burn();
            channel.truncate(4096);
            assertThrows(InternalError.class, () -> connection.queue(mapped, 4096, 4096));
        }
        assertEquals(0, packets.inUse());
        assertEquals(0, connection.queuedPackets());
        assertEquals(ConnectionBuffers.Queued.QUEUED, connection.queue(arena.allocate(8), 0, 8));
        connection.close();
    }

    @Test
    void aLimitIsChangedByNameAndChecked() {
        ConnectionBuffersConfig config = ConnectionBuffersConfig.defaults("c");
        assertEquals(new ConnectionBuffersConfig("c", 9, 10, 640, 7, 8, 5, 6),
                config.withStreams(9).withQueue(10, 640).withTimes(7, 8).withProblematic(5, 6));
        assertThrows(IllegalArgumentException.class, () -> config.withStreams(-1));
        assertThrows(IllegalArgumentException.class, () -> config.withQueue(0, 1));
        assertThrows(IllegalArgumentException.class, () -> config.withTimes(0, 1));
        assertThrows(IllegalArgumentException.class, () -> config.withProblematic(1, 101));
    }

    /// A cache that is empty takes half of what it may hold, one at least: of what was taken, one is leased at once.
    @Test
    void anEmptyCacheTakesHalfOfItsRoomAndOneAtLeast() {
        for (int[] it : new int[][] {{1, 1}, {2, 1}, {3, 1}, {4, 2}, {5, 2}, {6, 3}}) {
            BufferPool pool = pool(BufferPoolConfig.of("p", 64, 32).withCaches(1, 1, it[0]));
            pool.acquire();
            assertEquals(it[1] - 1, pool.statistics().cached(), "room for " + it[0]);
            BufferPool warm = pool(BufferPoolConfig.of("p", 64, 32).withCaches(1, 1, it[0]));
            warm.warmUp();
            assertEquals(it[1], warm.statistics().cached(), "warmed, room for " + it[0]);
            warm.warmUp();
            assertEquals(it[1], warm.statistics().cached(), "warmed again");
            assertEquals(0, warm.inUse());
        }
    }

    /// A word of the bitmap holds 64 blocks: one less, as many, one more.
    @Test
    void blocksFillTheirWordsToTheLastAndNoFurther() {
        for (int[] it : new int[][] {{1, 1}, {2, 1}, {63, 1}, {64, 1}, {65, 2}, {127, 2}, {128, 2}, {129, 3}}) {
            int count = it[0];
            BlockAllocator.Config config = new BlockAllocator.Config("b", count * 64, 64);
            assertEquals(it[1], config.words(), count + " blocks");
            MemorySegment memory = arena.allocate(count * 64L, 64);
            BlockAllocator blocks = BlockAllocator.over(config, memory);
            assertEquals(memory, blocks.segment());
            List<Long> pieces = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                assertEquals((count - i) * 64L, blocks.largestFreeBytes());
                pieces.add(blocks.allocate(64));
                assertEquals(i * 64L, blocks.at(pieces.get(i)));
            }
            assertEquals(-1, blocks.tryAllocate(1));
            assertEquals(0, blocks.largestFreeBytes());
            assertEquals(0, blocks.fragmentationPercent());
            blocks.segment().set(ValueLayout.JAVA_BYTE, blocks.at(pieces.getLast()) + 63, (byte) 1);
            blocks.release(pieces.getLast());
            assertTrue(ConstantTime.isZero(memory, 0, memory.byteSize()));
            assertEquals(64, blocks.largestFreeBytes());
            assertEquals(64, blocks.pieceBytes(blocks.allocate(64)));
            blocks.checkInvariants();
            blocks.close();
            assertThrows(IllegalStateException.class, blocks::segment);
        }
    }

    @Test
    void refusalsTellTheNumbersOfTheirMoment() {
        BlockAllocator.Config config = new BlockAllocator.Config("b", 5 * 64, 64);
        BlockAllocator blocks = BlockAllocator.over(config, arena.allocate(5 * 64, 64));
        long[] pieces = {blocks.allocate(64), blocks.allocate(64), blocks.allocate(64), blocks.allocate(128)};
        blocks.release(pieces[0]);
        blocks.release(pieces[3]);
        BlocksExhaustedException broken = assertThrows(BlocksExhaustedException.class, () -> blocks.allocate(129));
        assertEquals(List.of(129L, 192L, 128L), List.of(broken.requested(), broken.available(), broken.largest()));
        assertEquals(33, blocks.fragmentationPercent());
        assertEquals(1, blocks.refusals());
        blocks.release(blocks.allocate(128));
        BufferPool pool = pool(BufferPoolConfig.of("p", 64, 3));
        take(pool, 3);
        PoolExhaustedException spent = assertThrows(PoolExhaustedException.class, pool::acquire);
        assertEquals(List.of(64L, 3L, 3L), List.of(spent.requestedBytes(), spent.inUse(), spent.slots()));
        assertEquals("p", spent.pool());
        assertEquals("pool \"p\": asked 1 buffer of 64 bytes, 3 of 3 leased", spent.getMessage());
        assertTrue(new PoolExhaustedException("p", 64, 2, 3).getMessage().contains("the rest in the hands of other calls"));
    }

    /// The numbers of handles come round at their last: 0, which is nobody's, is left out, and every handle stays above 0.
    @Test
    void aHandleIsAboveZeroWhenItsNumbersComeRound() throws ReflectiveOperationException {
        Field number = BlockAllocator.class.getDeclaredField("number");
        number.setAccessible(true);
        for (int count : new int[] {1, 2, 3, 64}) {
            BlockAllocator blocks = BlockAllocator.over(new BlockAllocator.Config("b", count * 64, 64), arena.allocate(count * 64L, 64));
            int bits = Long.SIZE - 1 - (Integer.SIZE - Integer.numberOfLeadingZeros(count - 1));
            number.set(blocks, (1L << bits) - 2);
            for (long expected : new long[] {(1L << bits) - 1, 1, 2}) {
                long piece = blocks.allocate(64L * count);
                assertEquals(expected, number.get(blocks));
                assertTrue(piece > 0, count + " blocks: " + piece);
                assertTrue(blocks.holds(piece));
                blocks.release(piece);
                assertTrue(!blocks.holds(piece));
            }
        }
    }

    /// At 80 of 100, and not at one less: in packets, and in bytes where these are the narrower bound.
    @Test
    void aQueueIsNearFullFromFourFifthsOn() {
        for (int[] it : new int[][] {{10, 10, 8}, {5, 5, 4}, {4, 4, 4}, {1, 1, 1}, {10, 99, 8}, {5, 99, 4}, {100, 10, 8},
                {100, 7, 6}, {100, 1, 1}}) {
            BufferPool packets = pool(BufferPoolConfig.of("p", 64, 16));
            ConnectionBuffers connection = ConnectionBuffers.pooled(
                    ConnectionBuffersConfig.defaults("c").withQueue(it[0], it[1] * 64L), ConnectionPools.of(packets, packets), () -> 0);
            int most = Math.min(it[0], it[1]);
            for (int waiting = 0; waiting <= most; waiting++) {
                assertEquals(waiting >= it[2], connection.isQueueNearFull(), waiting + " of " + it[0] + ", " + it[1]);
                if (waiting < most) {
                    assertEquals(ConnectionBuffers.Queued.QUEUED, connection.queue(arena.allocate(8), 0, 8));
                }
            }
            connection.close();
        }
    }

    /// Pieces that are still out, too.
    @Test
    void whatAnAllocatorHeldIsZeroWhenItIsClosed() {
        MemorySegment memory = arena.allocate(4 * 64, 64);
        BlockAllocator blocks = BlockAllocator.over(new BlockAllocator.Config("b", 4 * 64, 64), memory);
        long piece = blocks.tryAllocate(100);
        memory.asSlice(blocks.at(piece), 100).fill((byte) 7);
        blocks.close();
        assertTrue(ConstantTime.isZero(memory, 0, memory.byteSize()));
    }
}
