package dev.coffer.memory.pool;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.memory.Budget;
import dev.coffer.memory.ConstantTime;
import dev.coffer.memory.Lifetime;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import dev.coffer.memory.pool.BufferPoolConfig.Debug;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// A pool that looks for misuse: how long a buffer waits, what its memory holds meanwhile, what a late write does.
class PoolDebugTest {
    private static final int BYTES = 128;

    private final Arena arena = Arena.ofAuto();

    private MemorySegment memory;

    private BufferPool pool(int slots, int quarantine, boolean traces) {
        BufferPoolConfig config = BufferPoolConfig.of("p", BYTES, slots).withDebug(new Debug(quarantine, traces));
        memory = arena.allocate(config.bytes(), 64);
        return BufferPool.over(config, memory);
    }

    @Test
    void withoutQuarantineAReleasedBufferIsZeroAndTheNextOneOut() {
        BufferPool pool = pool(3, 0, true);
        PooledBuffer buffer = pool.acquire();
        buffer.putI64(-1);
        buffer.close();
        assertTrue(ConstantTime.isZero(memory, 0, memory.byteSize()), "no pattern is filled in");
        assertEquals(0, pool.statistics().cached());
        assertEquals(buffer, pool.acquire());
    }

    @Test
    void aBufferWaitsUntilAsManyOthersWereReleased() {
        for (int quarantine = 1; quarantine <= 3; quarantine++) {
            BufferPool pool = pool(6, quarantine, false);
            PooledBuffer first = pool.acquire();
            first.close();
            for (int others = 0; others < quarantine; others++) {
                assertEquals(1 + others, pool.statistics().cached());
                PooledBuffer other = pool.acquire();
                assertNotSame(first, other, quarantine + " wait, " + others + " were released");
                other.close();
            }
            assertEquals(quarantine, pool.statistics().cached());
            assertEquals(first, pool.acquire(), quarantine + " were released");
        }
    }

    /// The memory may be unmapped behind the pool's end: a view that outlived it would be somebody else's, or nobody's.
    @Test
    void rawViewsEndWithThePoolWhoeverForgotTheLease() {
        BufferPoolConfig config = BufferPoolConfig.of("p", BYTES, 3).withDebug(new Debug(2, true));
        try (Region region = Region.open(RegionConfig.defaults("r"), MemoryPlan.group("data", BufferPool.plan(config)))) {
            BufferPool pool = BufferPool.open(config, region);
            endsWith(pool, pool);
        }
    }

    /// The memory goes back to the system, which ended the virtual machine where a view was read behind that.
    @Test
    void rawViewsEndWithTheRegionThoughThePoolIsOpen() {
        BufferPoolConfig config = BufferPoolConfig.of("p", BYTES, 3).withDebug(new Debug(2, true));
        Region region = Region.open(RegionConfig.defaults("r"), MemoryPlan.group("data", BufferPool.plan(config)));
        try (BufferPool pool = BufferPool.open(config, region)) {
            endsWith(region, pool);
            PooledBuffer another = pool.tryAcquire();
            assertThrows(IllegalStateException.class, another::readable, "no new one is made");
            assertThrows(IllegalStateException.class, region::lifetime);
        }
    }

    /// Memory whose end nobody tells of: a view of one's own would be read when it is gone.
    @Test
    void rawViewsOfOtherMemoryEndWithThat() {
        BufferPoolConfig config = BufferPoolConfig.of("p", BYTES, 3).withDebug(new Debug(2, true));
        Arena shared = Arena.ofShared();
        try (BufferPool pool = BufferPool.over(config, shared.allocate(config.bytes(), 64))) {
            endsWith(shared, pool);
        }
    }

    @Test
    void aLifeOfARegionsViewsIsForItsOwnMemoryAndEndsOnce() {
        try (Region region = Region.open(RegionConfig.defaults("r"), MemoryPlan.block("data", 128))) {
            Lifetime lifetime = region.lifetime();
            MemorySegment foreign = MemorySegment.ofArray(new byte[8]);
            assertThrows(IllegalArgumentException.class, () -> lifetime.view(foreign));
            MemorySegment view = lifetime.view(region.data().asSlice(64, 8));
            region.data().set(ValueLayout.JAVA_BYTE, 64, (byte) 5);
            assertEquals(5, view.get(ValueLayout.JAVA_BYTE, 0));
            assertEquals(8, view.byteSize());
            lifetime.close();
            lifetime.close();
            assertThrows(IllegalStateException.class, () -> view.get(ValueLayout.JAVA_BYTE, 0));
            assertThrows(IllegalStateException.class, () -> lifetime.view(region.data()));
            assertEquals(5, region.data().get(ValueLayout.JAVA_BYTE, 64), "the memory is there");
        }
    }

    /// A request that was under way when the pool ended takes nothing from the budget that nobody gives back.
    @Test
    void noSlabJoinsBehindTheEnd() {
        BufferPoolConfig config = new BufferPoolConfig("p", BYTES, 2, 2, 1, 0, 1, 0, Debug.OFF);
        MemorySegment all = arena.allocate(config.bytes(), 64);
        BufferPool pool = BufferPool.over(config, all);
        PooledBuffer[] handles = new PooledBuffer[config.slots()];
        for (int slot = 0; slot < handles.length; slot++) {
            handles[slot] = PooledBuffer.in(pool, slot, all.asSlice((long) slot * BYTES, BYTES));
        }
        Budget budget = Budget.root("b", config.bytes());
        budget.reserve(config.slabBytes());
        FreeList free = new FreeList(handles);
        Slabs slabs = new Slabs(config, handles, free, budget, null, all);
        while (free.pop() != null) {
            continue;
        }
        slabs.close();
        assertEquals(0, budget.usedBytes());
        assertFalse(slabs.supply());
        assertEquals(0, budget.usedBytes());
        assertEquals(0, slabs.usedCount());
    }

    private static void endsWith(AutoCloseable ending, BufferPool pool) {
        PooledBuffer buffer = pool.acquire();
        buffer.putI64(-1);
        MemorySegment view = buffer.readable();
        assertEquals(-1, view.get(ValueLayout.JAVA_LONG_UNALIGNED, 0));
        assertDoesNotThrow(ending::close);
        assertThrows(IllegalStateException.class, () -> view.get(ValueLayout.JAVA_LONG_UNALIGNED, 0));
    }

    @Test
    void aPoolOverTheHeapShowsItsOwnBytes() {
        BufferPoolConfig config = BufferPoolConfig.of("p", BYTES, 2).withDebug(new Debug(1, true));
        BufferPool pool = BufferPool.over(config, MemorySegment.ofArray(new long[(int) (config.bytes() / Long.BYTES)]));
        PooledBuffer buffer = pool.acquire();
        buffer.putI64(-1);
        assertEquals(-1, buffer.readable().get(ValueLayout.JAVA_LONG_UNALIGNED, 0));
        buffer.close();
        pool.close();
    }

    /// Where all others are leased the oldest is taken early; where none waits there is nothing, however often one asks.
    @Test
    void anEmptyQuarantineGivesNothingAndForgetsNothing() {
        BufferPool pool = pool(2, 2, false);
        PooledBuffer older = pool.acquire();
        PooledBuffer younger = pool.acquire();
        older.close();
        younger.close();
        assertEquals(2, pool.statistics().cached());
        assertEquals(older, pool.acquire());
        assertEquals(younger, pool.acquire());
        for (int i = 0; i < 5; i++) {
            assertNull(pool.tryAcquire(), "request " + i);
            assertEquals(0, pool.statistics().cached());
        }
        younger.close();
        older.close();
        assertEquals(2, pool.statistics().cached());
        assertEquals(younger, pool.acquire());
        assertEquals(older, pool.acquire());
        assertEquals(2, pool.inUse());
    }

    /// The first and the last byte of a buffer, and each of its neighbours': the one that was written is found, by its number and
    /// offset, and no other.
    @Test
    void aLateWriteIsFoundInItsOwnBufferAtItsOwnOffset() {
        for (int at : new int[] {0, BYTES - 1}) {
            for (int victim = 0; victim < 3; victim++) {
                BufferPool pool = pool(3, 3, false);
                List<PooledBuffer> all = new ArrayList<>(List.of(pool.acquire(), pool.acquire(), pool.acquire()));
                all.forEach(PooledBuffer::close);
                memory.set(ValueLayout.JAVA_BYTE, (long) victim * BYTES + at, (byte) 1);
                int found = 0;
                for (int i = 0; i < 3; i++) {
                    if (all.get(i).slot() == victim) {
                        IllegalStateException told = assertThrows(IllegalStateException.class, pool::tryAcquire);
                        assertTrue(told.getMessage().contains("buffer " + victim + " was written at offset " + at + " after"),
                                told.getMessage());
                        found++;
                    } else {
                        assertEquals(all.get(i), pool.tryAcquire());
                    }
                }
                assertEquals(1, found);
                assertNull(pool.tryAcquire(), "it stays out of use");
                assertEquals(2, pool.inUse());
            }
        }
    }

    @Test
    void aLeaseFromQuarantineIsZeroAndItsNeighboursKeepTheirPattern() {
        BufferPool pool = pool(3, 3, false);
        List<PooledBuffer> all = new ArrayList<>(List.of(pool.acquire(), pool.acquire(), pool.acquire()));
        all.forEach(PooledBuffer::close);
        PooledBuffer again = pool.acquire();
        for (int slot = 0; slot < 3; slot++) {
            byte expected = slot == again.slot() ? 0 : PoolDebug.POISON;
            for (int at = 0; at < BYTES; at++) {
                assertEquals(expected, memory.get(ValueLayout.JAVA_BYTE, (long) slot * BYTES + at), slot + " at " + at);
            }
        }
    }
}
