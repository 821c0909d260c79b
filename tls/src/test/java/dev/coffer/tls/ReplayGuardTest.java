package dev.coffer.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.memory.Entropy;
import dev.coffer.testkit.RawMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ReplayGuardTest {
    private static final long IN_FORCE = 2 * ReplayGuard.WINDOW_MILLIS + ReplayGuard.SKEW_MILLIS;

    private final MemorySegment memory = Arena.ofAuto().allocate(ReplayGuard.bytes(8));
    private final ReplayGuard guard = ReplayGuard.over(memory, Entropy.SYSTEM);

    @Test
    void aTicketIsAdmittedOnceInItsTimeAndNotForgottenBefore() {
        for (long start : new long[] {-5_000, 0, 1L << 40}) {
            ReplayGuard fresh = ReplayGuard.over(memory, Entropy.SYSTEM);
            assertTrue(fresh.admits(7, start));
            assertFalse(fresh.admits(7, start));
            assertTrue(fresh.admits(8, start), "another");
            assertFalse(fresh.admits(7, start + IN_FORCE));
            assertTrue(fresh.admits(7, start + IN_FORCE + 1), "too old by then for whoever asks for its age");
        }
    }

    @Test
    void aBucketThatIsFullRefuses() {
        for (int ticket = 1; ticket <= 8; ticket++) {
            assertTrue(guard.admits(ticket, ticket));
        }
        assertFalse(guard.admits(9, 9));
        assertFalse(guard.admits(9, 1 + IN_FORCE));
        assertTrue(guard.admits(9, 2 + IN_FORCE), "one has gone");
        assertFalse(guard.admits(10, 2 + IN_FORCE));
    }

    @Test
    void whoseClockIsBehindByMoreThanTheSkewIsRefused() {
        assertTrue(guard.admits(1, 50_000));
        assertTrue(guard.admits(2, 50_000 - ReplayGuard.SKEW_MILLIS));
        assertFalse(guard.admits(3, 50_000 - ReplayGuard.SKEW_MILLIS - 1));
        assertTrue(guard.admits(3, 50_000));
    }

    /// Two loops whose clocks differ: what one has let go the other does not admit while it is fresh.
    @Test
    void noTicketIsAdmittedTwiceWhileItIsFreshWhateverTheClocksSay() {
        SplittableRandom random = new SplittableRandom(20);
        MemorySegment more = Arena.ofAuto().allocate(ReplayGuard.bytes(64));
        for (int round = 0; round < 50; round++) {
            ReplayGuard of = ReplayGuard.over(more, Entropy.SYSTEM);
            Map<Long, Long> admitted = new HashMap<>();  // by ticket: the oldest age that it may have told, as the time of its issue
            long now = random.nextLong(-1000, 1000);
            for (int i = 0; i < 2000; i++) {
                now += random.nextInt(300);
                long own = now - random.nextInt(2 * (int) ReplayGuard.SKEW_MILLIS);
                long ticket = random.nextInt(40);
                long before = admitted.getOrDefault(ticket, Long.MIN_VALUE / 2);
                if (of.admits(ticket, own)) {
                    // The same hello is fresh within the window around one moment: at both times only where they are near.
                    assertTrue(own - before > 2 * ReplayGuard.WINDOW_MILLIS, "admitted at " + before + " and at " + own);
                    admitted.put(ticket, own);
                }
            }
        }
    }

    @Test
    void ofManyThreadsOneIsAdmitted() throws Exception {
        MemorySegment more = Arena.ofAuto().allocate(ReplayGuard.bytes(1 << 12));
        ReplayGuard of = ReplayGuard.over(more, Entropy.SYSTEM);
        int threads = 4;
        AtomicInteger admitted = new AtomicInteger();
        CyclicBarrier together = new CyclicBarrier(threads);
        Thread[] all = new Thread[threads];
        for (int i = 0; i < threads; i++) {
            all[i] = Thread.ofPlatform().start(() -> {
                try {
                    together.await();
                } catch (Exception e) {
                    throw new AssertionError(e);
                }
                for (int ticket = 0; ticket < 1000; ticket++) {
                    if (of.admits(ticket, 1)) {
                        admitted.incrementAndGet();
                    }
                }
            });
        }
        for (Thread each : all) {
            each.join();
        }
        assertEquals(1000, admitted.get());
    }

    @Test
    void agesAreTheSameWithinTheWindowAndAcrossTheEndOfTheirNumbers() {
        int window = (int) ReplayGuard.WINDOW_MILLIS;
        for (long ours : new long[] {0, 5, Integer.MAX_VALUE, 1L << 31, (1L << 32) - 1, (1L << 32) + 17}) {
            assertTrue(ReplayGuard.isFresh((int) ours, ours));
            assertTrue(ReplayGuard.isFresh((int) ours + window, ours));
            assertFalse(ReplayGuard.isFresh((int) ours + window + 1, ours));
            assertTrue(ReplayGuard.isFresh((int) ours - window, ours));
            assertFalse(ReplayGuard.isFresh((int) ours - window - 1, ours));
            assertFalse(ReplayGuard.isFresh((int) ours + Integer.MIN_VALUE, ours));
        }
    }

    @Test
    void eachHasANumberOfItsOwnAndNoneIsNobodys() {
        assertNotEquals(guard.issuer(), ReplayGuard.over(Arena.ofAuto().allocate(ReplayGuard.bytes(8)), Entropy.SYSTEM).issuer());
        assertNotEquals(0, ReplayGuard.over(memory, (segment, at, length) -> segment.asSlice(at, length).fill((byte) 0)).issuer());
    }

    @Test
    void whenItIsClosedItAdmitsNothingAndNothingIsLeft() {
        assertTrue(guard.admits(-1, -1));
        assertNotEquals(0, RawMemory.nonZero(memory));
        guard.close();
        guard.close();
        assertFalse(guard.admits(2, 2));
        assertEquals(0, RawMemory.nonZero(memory));
    }

    @Test
    void memoryOfAnotherKindIsRefused() {
        for (int entries : new int[] {0, 7, 9, -8, (1 << 20) + 8}) {
            assertThrows(IllegalArgumentException.class, () -> ReplayGuard.bytes(entries), entries + " entries");
        }
        assertEquals(16L << 20, ReplayGuard.bytes(1 << 20));
        for (long size : new long[] {0, 64, 127, 129, 192, (16L << 20) + 128}) {
            MemorySegment other = Arena.ofAuto().allocate(size);
            assertThrows(IllegalArgumentException.class, () -> ReplayGuard.over(other, Entropy.SYSTEM), size + " bytes");
        }
        assertThrows(IllegalArgumentException.class, () -> ReplayGuard.over(MemorySegment.ofArray(new byte[128]), Entropy.SYSTEM));
        assertThrows(IllegalArgumentException.class, () -> ReplayGuard.over(memory.asReadOnly(), Entropy.SYSTEM));
    }
}
