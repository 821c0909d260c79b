package dev.coffer.memory.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.memory.ConstantTime;
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
        BufferPool pool = pool(3, 2, true);
        PooledBuffer buffer = pool.acquire();
        buffer.putI64(-1);
        MemorySegment view = buffer.readable();
        assertEquals(-1, view.get(ValueLayout.JAVA_LONG_UNALIGNED, 0));
        pool.close();
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
