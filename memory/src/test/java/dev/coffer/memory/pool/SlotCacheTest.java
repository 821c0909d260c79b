package dev.coffer.memory.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import org.junit.jupiter.api.Test;

/// The parts of a pool that hold idle slots, by themselves and by one thread: how much they keep, in which order they give.
class SlotCacheTest {
    private static final int SLOTS = 16;

    private final BufferPool pool = BufferPool.over(BufferPoolConfig.of("p", 64, SLOTS), Arena.ofAuto().allocate(SLOTS * 64, 64));
    private final PooledBuffer[] handles = new PooledBuffer[SLOTS];
    private final FreeList free;

    SlotCacheTest() {
        for (int i = 0; i < SLOTS; i++) {
            PooledBuffer buffer = pool.acquire();
            handles[buffer.slot()] = buffer;
        }
        free = new FreeList(handles);
    }

    private int freeCount() {
        PooledBuffer[] all = new PooledBuffer[SLOTS];
        int count = free.pop(all, 0, SLOTS);
        free.push(all, 0, count);
        return count;
    }

    @Test
    void theFreeListGivesTheLastFirstAndNoMoreThanAsked() {
        PooledBuffer[] into = new PooledBuffer[6];
        assertTrue(free.isEmpty());
        assertNull(free.pop());
        assertEquals(0, free.pop(into, 0, 6));
        free.push(handles, 3, 0);
        assertTrue(free.isEmpty(), "a chain of none");
        free.push(handles, 3, 1);
        assertFalse(free.isEmpty());
        free.push(handles, 5, 2);
        assertEquals(0, free.pop(into, 0, 0));
        assertEquals(2, free.pop(into, 1, 2));
        assertNull(into[0]);
        assertSame(handles[5], into[1]);
        assertSame(handles[6], into[2]);
        assertNull(into[3]);
        free.push(into[2]);
        assertEquals(2, free.pop(into, 3, 3), "one less than asked");
        assertSame(handles[6], into[3]);
        assertSame(handles[3], into[4]);
        assertNull(into[5]);
        assertTrue(free.isEmpty());
    }

    /// After a raid a cache keeps 1, 3, then as many as it may: each time one more than it has room for goes to everyone.
    @Test
    void aRaidedCacheGrowsAgainStepByStep() {
        SlotCache cache = new SlotCache(4, SlotCache.NOBODY, false);
        for (int i = 0; i < 3; i++) {
            cache.put(handles[i], free);
        }
        assertEquals(3, cache.raid(free));
        assertEquals(0, cache.size());
        assertEquals(0, cache.raid(free));
        int[] kept = {0, 1, 1, 2, 3, 3, 4, 3, 4, 3};  // full at 4: two leave, one comes
        int[] shared = {1, 1, 2, 2, 2, 3, 3, 5, 5, 7};
        for (int i = 0; i < kept.length; i++) {
            cache.put(handles[3 + i], free);
            assertEquals(kept[i], cache.size(), "kept after " + (i + 1));
            assertEquals(3 + shared[i], freeCount(), "shared after " + (i + 1));
        }
    }

    /// The older slots go, the younger stay in their order: the one that came last is the next one out.
    @Test
    void aSpillKeepsTheYoungest() {
        for (int keep = 0; keep <= 5; keep++) {
            SlotCache cache = new SlotCache(8, SlotCache.NOBODY, false);
            for (int i = 0; i < 4; i++) {
                cache.put(handles[i], free);
            }
            cache.spill(free, keep);
            int kept = Math.min(keep, 4);
            assertEquals(kept, cache.size());
            for (int i = 0; i < kept; i++) {
                assertSame(handles[4 - kept + i], cache.stack[SlotCache.PAD + i], keep + " kept");
            }
            PooledBuffer[] gone = new PooledBuffer[SLOTS];
            assertEquals(4 - kept, free.pop(gone, 0, SLOTS));
            for (int i = 0; i < 4 - kept; i++) {
                assertSame(handles[i], gone[i]);
            }
        }
    }

    @Test
    void halfOfTheSlackIsGivenRoundedUpUntilNoneIsLeft() {
        SlotCache cache = new SlotCache(4, SlotCache.NOBODY, false);
        cache.share = 9;
        cache.acquired = 5;
        cache.released = 1;
        for (int given : new int[] {3, 1, 1, 0, 0}) {
            assertFalse(cache.isSpent() && given > 0);
            assertEquals(given, cache.giveShare());
        }
        assertTrue(cache.isSpent());
        assertEquals(4, cache.share);
        for (int share = 3; share >= 0; share--) {  // more are out than its share
            cache.share = share;
            assertEquals(0, cache.giveShare());
            assertEquals(share, cache.share);
        }
    }
}
