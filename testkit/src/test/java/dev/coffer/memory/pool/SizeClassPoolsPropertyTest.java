package dev.coffer.memory.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.memory.CanaryException;
import dev.coffer.memory.ConstantTime;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import dev.coffer.memory.pool.SizeClassPools.Blocks;
import dev.coffer.memory.pool.SizeClassPools.Refusal;
import dev.coffer.memory.pool.SizeClassPools.SizeClass;
import dev.coffer.memory.pool.SizeClassPools.Usage;
import dev.coffer.testkit.HeapBytes;
import dev.coffer.testkit.ObjectBytes;
import dev.coffer.testkit.RawMemory;
import dev.coffer.testkit.Seeds;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Size classes beside a model of five counters, and each refusal by name.
class SizeClassPoolsPropertyTest {
    private static final SizeClassPools.Config CONFIG = SizeClassPools.Config.defaults("sizes");
    private static final Usage[] USAGES = Usage.values();

    /// An open lease, with the byte that it is filled with.
    private record Open(PooledBuffer buffer, SizeClass sizeClass, int fill, long bytes) {}

    @Test
    void agreesWithTheModel() {
        Seeds.forEach(1, 4, random -> run(random, 75_000));
    }

    @Test
    @Tag("long")
    void agreesWithTheModelForTenMillionOperations() {
        Seeds.forEach(100, 1, random -> run(random, 10_000_000));
    }

    private static void run(SplittableRandom random, int operations) {
        MemoryPlan plan = SizeClassPools.plan(CONFIG);
        try (Region region = Region.open(RegionConfig.defaults("t"), MemoryPlan.group("data", plan))) {
            SizeClassPools pools = SizeClassPools.open(CONFIG, region);
            List<Open> open = new ArrayList<>();
            int[] inUse = new int[SizeClass.values().length];
            int[] peak = new int[inUse.length];
            long[] acquired = new long[inUse.length];
            long[] refused = new long[inUse.length];
            int bias = 60;
            for (int i = 0; i < operations; i++) {
                bias = i % 1000 == 0 ? random.nextInt(35, 70) : bias;
                if (random.nextInt(100) < bias) {
                    Usage usage = USAGES[random.nextInt(USAGES.length)];
                    long bytes = random.nextInt(20) == 0 ? random.nextLong() : random.nextLong(-2, 5000);
                    SizeClass expected = expected(bytes, usage);
                    Refusal before = pools.refusal(bytes, usage);
                    if (expected == null) {
                        assertThrows(SizeNotSupportedException.class, () -> pools.tryAcquire(bytes, usage));
                        assertEquals(Refusal.SIZE_NOT_SUPPORTED, before);
                        continue;
                    }
                    PooledBuffer buffer = pools.tryAcquire(bytes, usage);
                    int c = expected.ordinal();
                    boolean full = inUse[c] == CONFIG.blocks(expected).count();
                    assertEquals(full, buffer == null, () -> bytes + " bytes for " + usage);
                    assertEquals(full, before != Refusal.NONE);
                    if (full) {
                        refused[c]++;
                        continue;
                    }
                    assertEquals(bytes, buffer.limit());
                    if (!ConstantTime.isZero(buffer.segment(), 0, buffer.capacity())) {
                        throw new AssertionError("a buffer that is not zero: " + buffer);
                    }
                    int fill = random.nextInt(1, 256);
                    for (long at = 0; at < Math.min(bytes, 70); at++) {
                        buffer.putU8(fill);
                    }
                    open.add(new Open(buffer, expected, fill, Math.min(bytes, 70)));
                    inUse[c]++;
                    acquired[c]++;
                    peak[c] = Math.max(peak[c], inUse[c]);
                } else if (!open.isEmpty()) {
                    int at = random.nextInt(open.size());
                    Open lease = open.set(at, open.getLast());
                    open.removeLast();
                    for (long i2 = 0; i2 < lease.bytes(); i2++) {
                        assertEquals(lease.fill(), lease.buffer().takeU8());
                    }
                    lease.buffer().close();
                    inUse[lease.sizeClass().ordinal()]--;
                }
            }
            long used = 0;
            for (SizeClass sizeClass : SizeClass.values()) {
                int c = sizeClass.ordinal();
                PoolStatistics now = pools.statistics(sizeClass);
                assertEquals(inUse[c], pools.inUse(sizeClass));
                assertEquals(inUse[c], now.inUse());
                assertEquals(acquired[c], now.acquired());
                assertEquals(acquired[c] - inUse[c], now.released());
                assertEquals(refused[c], now.refused());
                assertEquals(peak[c], now.peakInUse());
                used += (long) inUse[c] * CONFIG.blocks(sizeClass).bytes();
            }
            assertEquals(used, pools.usedBytes());
            open.forEach(lease -> lease.buffer().close());
            assertEquals(0, pools.usedBytes());
            assertEquals(0, RawMemory.nonZero(region.data(), 0, (int) plan.totalBytes()));
            pools.close();
        }
    }

    /// The table of the class's Javadoc, written down a second time.
    private static SizeClass expected(long bytes, Usage usage) {
        if (bytes < 1) {
            return null;
        }
        return switch (usage) {
            case NONCE -> bytes <= 64 ? SizeClass.TINY : null;
            case SMALL_MESSAGE -> bytes <= 256 ? SizeClass.SMALL : null;
            case MEDIUM_MESSAGE -> bytes <= 1024 ? SizeClass.MEDIUM : null;
            case LARGE_MESSAGE -> bytes <= 4096 ? SizeClass.LARGE : null;
            case CONTEXT -> bytes <= 1024 ? SizeClass.CONTEXT : null;
            case KEY -> bytes <= 64 ? SizeClass.TINY : bytes <= 256 ? SizeClass.SMALL : bytes <= 1024 ? SizeClass.MEDIUM
                    : bytes <= 4096 ? SizeClass.LARGE : null;
        };
    }

    @Test
    void eachClassRefusesForItselfAndLeavesTheOthersAlone() {
        Object[][] cases = {{Usage.NONCE, 12, 32, "tiny", Refusal.TINY_EXHAUSTED},
                {Usage.SMALL_MESSAGE, 100, 16, "small", Refusal.SMALL_EXHAUSTED},
                {Usage.MEDIUM_MESSAGE, 1024, 8, "medium", Refusal.MEDIUM_EXHAUSTED},
                {Usage.LARGE_MESSAGE, 1, 4, "large", Refusal.LARGE_EXHAUSTED},
                {Usage.CONTEXT, 1000, 8, "context", Refusal.CONTEXTS_EXHAUSTED}};
        try (Region region = Region.open(RegionConfig.defaults("t"),
                MemoryPlan.group("data", SizeClassPools.plan(CONFIG)))) {
            SizeClassPools pools = SizeClassPools.open(CONFIG, region);
            assertEquals(38 << 10, pools.capacityBytes() - 0L);
            for (Object[] c : cases) {
                Usage usage = (Usage) c[0];
                int bytes = (int) c[1];
                for (int i = 0; i < (int) c[2]; i++) {
                    assertEquals(Refusal.NONE, pools.refusal(bytes, usage));
                    pools.acquire(bytes, usage);
                }
                assertSame(c[4], pools.refusal(bytes, usage));
                PoolExhaustedException refusal =
                        assertThrows(PoolExhaustedException.class, () -> pools.acquire(bytes, usage));
                assertEquals("sizes." + c[3], refusal.pool());
                assertTrue(refusal.getMessage().contains(c[2] + " of " + c[2]), refusal.getMessage());
            }
            assertEquals(pools.capacityBytes(), pools.usedBytes());
            assertEquals(0, HeapBytes.least(3, 3, () -> {
                for (int i = 0; i < 20_000; i++) {
                    if (pools.tryAcquire(10, Usage.KEY) != null || pools.sizeClass(5000, Usage.KEY) != null
                            || pools.refusal(10, Usage.KEY) != Refusal.TINY_EXHAUSTED) {
                        throw new AssertionError();
                    }
                }
            }), "a refusal");
            pools.close();
            assertThrows(IllegalStateException.class, () -> pools.acquire(1, Usage.KEY));
        }
    }

    @Test
    void aSizeThatNoClassHoldsIsRefusedByNumber() {
        try (Region region = Region.open(RegionConfig.defaults("t"),
                MemoryPlan.group("data", SizeClassPools.plan(CONFIG)))) {
            SizeClassPools pools = SizeClassPools.open(CONFIG, region);
            for (long bytes : new long[] {0, -1, Long.MIN_VALUE, 4097, Long.MAX_VALUE}) {
                SizeNotSupportedException refusal =
                        assertThrows(SizeNotSupportedException.class, () -> pools.acquire(bytes, Usage.KEY));
                assertEquals("size classes \"sizes\": " + bytes + " bytes for KEY (expected 1..4096)", refusal.getMessage());
                assertEquals(bytes, refusal.requested());
                assertEquals(4096, refusal.max());
                assertEquals(Usage.KEY, refusal.usage());
            }
            pools.acquire(64, Usage.NONCE);
            assertThrows(SizeNotSupportedException.class, () -> pools.acquire(65, Usage.NONCE));
            pools.close();
        }
    }

    @Test
    void theProcessWideInstanceIsInitialisedOnce() {
        assertThrows(IllegalStateException.class, SizeClassPools::process);
        SizeClassPools first = SizeClassPools.initialise(CONFIG, RegionConfig.defaults("process"));
        try {
            assertSame(first, SizeClassPools.process());
            String text = assertThrows(IllegalStateException.class,
                    () -> SizeClassPools.initialise(CONFIG, RegionConfig.defaults("again"))).getMessage();
            assertTrue(text.contains("already initialised as \"sizes\", 38912 bytes"), text);
            PooledBuffer buffer = SizeClassPools.process().acquire(32, Usage.KEY);
            buffer.putI64(1);
            buffer.close();
        } finally {
            assertTrue(SizeClassPools.shutDown());
        }
        assertThrows(IllegalStateException.class, SizeClassPools::process);
        assertEquals(false, SizeClassPools.shutDown());
    }

    @Test
    void steadyStateAllocatesNothing() {
        try (Region region = Region.open(RegionConfig.defaults("t"),
                MemoryPlan.group("data", SizeClassPools.plan(CONFIG)))) {
            SizeClassPools pools = SizeClassPools.open(CONFIG, region);
            assertEquals(0, HeapBytes.least(3, 3, () -> {
                for (int i = 0; i < 50_000; i++) {
                    PooledBuffer key = pools.tryAcquire(32, Usage.KEY);
                    PooledBuffer message = pools.tryAcquire(4000, Usage.LARGE_MESSAGE);
                    key.putI64(i);
                    message.putI64(i);
                    message.close();
                    key.close();
                }
            }));
            pools.close();
        }
    }

    @Test
    void itsHeapBesideThePoolsIsWhatJolCounts() {
        MemoryPlan plan = SizeClassPools.plan(CONFIG);
        long children = plan.children().stream().mapToLong(MemoryPlan::heapBytes).sum();
        try (Region region = Region.open(RegionConfig.defaults("t"), MemoryPlan.group("data", plan))) {
            SizeClassPools pools = SizeClassPools.open(CONFIG, region);
            assertEquals(plan.heapBytes() - children, ObjectBytes.beside(pools, pools.given()));
            pools.close();
        }
    }

    @Test
    void refusesClassesThatCannotStand() {
        Blocks one = new Blocks(64, 1);
        assertThrows(IllegalArgumentException.class, () -> new SizeClassPools.Config("c", one, one, one, one, one));
        assertThrows(IllegalArgumentException.class, () -> new SizeClassPools.Config("c", new Blocks(60, 1),
                new Blocks(128, 1), new Blocks(192, 1), new Blocks(256, 1), one));
        assertThrows(IllegalArgumentException.class, () -> new SizeClassPools.Config("c", one,
                new Blocks(128, 0), new Blocks(192, 1), new Blocks(256, 1), one));
        assertThrows(IllegalArgumentException.class,
                () -> SizeClassPools.over(CONFIG, MemorySegment.ofArray(new byte[100])));
    }

    @Test
    void damageThatShutDownReportsDoesNotKeepTheInstance() {
        PooledBuffer buffer = SizeClassPools.initialise(CONFIG, RegionConfig.defaults("damaged")).acquire(1, Usage.NONCE);
        long data = buffer.segment().address() - buffer.slot() * 64L;  // tiny is the first row
        MemorySegment past = MemorySegment.ofAddress(data + (38 << 10)).reinterpret(1);
        past.set(ValueLayout.JAVA_BYTE, 0, (byte) ~past.get(ValueLayout.JAVA_BYTE, 0));
        assertThrows(CanaryException.class, SizeClassPools::shutDown);
        assertThrows(IllegalStateException.class, SizeClassPools::process);
        assertFalse(SizeClassPools.shutDown());
    }
}
