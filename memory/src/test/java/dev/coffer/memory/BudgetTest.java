package dev.coffer.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class BudgetTest {
    @Test
    void reservesUpToTheLimitAndRefusesOneByteMore() {
        Budget budget = Budget.root("tls", 100);
        budget.reserve(100);
        BudgetExceededException refusal = assertThrows(BudgetExceededException.class, () -> budget.reserve(1));
        assertEquals("budget \"tls\": asked 1 bytes, left 0 of 100", refusal.getMessage());
        assertEquals("tls", refusal.budget());
        assertEquals(1, refusal.requested());
        assertEquals(0, refusal.available());
        assertEquals(100, refusal.limit());
        assertFalse(budget.tryReserve(1));
        assertEquals(100, budget.usedBytes());
    }

    @Test
    void countsAgainstEveryAncestorAndRollsBackWhenOneRefuses() {
        Budget root = Budget.root("root", 100);
        Budget middle = root.child("middle", 1000);
        Budget leaf = middle.child("leaf", 1000);
        leaf.reserve(60);
        assertEquals(60, root.usedBytes());
        BudgetExceededException refusal = assertThrows(BudgetExceededException.class, () -> leaf.reserve(41));
        assertEquals("root", refusal.budget());
        assertEquals(40, refusal.available());
        assertEquals(60, leaf.usedBytes());
        assertEquals(60, middle.usedBytes());
        leaf.release(60);
        assertEquals(0, root.usedBytes());
        assertEquals(60, root.peakBytes());
        assertSame(middle, leaf.parent());
        assertNull(root.parent());
    }

    @Test
    void refusedRequestsDoNotRaiseThePeak() {
        Budget root = Budget.root("root", 10);
        Budget leaf = root.child("leaf", 100);
        assertFalse(leaf.tryReserve(50));
        assertEquals(0, leaf.peakBytes());
        assertTrue(leaf.tryReserve(10));
        assertEquals(new Budget.Snapshot("leaf", 100, 10, 10), leaf.snapshot());
        assertEquals(90, leaf.snapshot().availableBytes());
    }

    @Test
    void refusesMisuseBeforeAnythingChanges() {
        Budget budget = Budget.root("b", Long.MAX_VALUE);
        assertThrows(IllegalArgumentException.class, () -> budget.reserve(-1));
        assertThrows(IllegalArgumentException.class, () -> budget.tryReserve(Long.MIN_VALUE));
        assertThrows(IllegalArgumentException.class, () -> budget.release(-1));
        assertThrows(IllegalStateException.class, () -> budget.release(1));
        assertThrows(IllegalArgumentException.class, () -> Budget.root("b", -1));
        budget.reserve(Long.MAX_VALUE);
        assertFalse(budget.tryReserve(Long.MAX_VALUE));
        assertEquals(Long.MAX_VALUE, budget.usedBytes());
        assertTrue(Budget.root("zero", 0).tryReserve(0));
        assertFalse(Budget.root("zero", 0).tryReserve(1));
    }

    /// Children of one root from four threads; a watcher reads the root all the while.
    @Test
    void boundHoldsAtEveryInstantWhileThreadsCompete() throws InterruptedException {
        long limit = 1000;
        Budget root = Budget.root("root", limit);
        AtomicLong worst = new AtomicLong();
        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < 4; t++) {
            Budget mine = root.child("child" + t, 700);
            SplittableRandom random = new SplittableRandom(t);
            threads.add(Thread.ofPlatform().start(() -> {
                long held = 0;
                for (int i = 0; i < 200_000; i++) {
                    long bytes = random.nextLong(400);
                    if (mine.tryReserve(bytes)) {
                        held += bytes;
                    } else if (held > 0) {
                        long back = random.nextLong(held) + 1;
                        mine.release(back);
                        held -= back;
                    }
                    worst.accumulateAndGet(root.usedBytes(), Math::max);
                }
                mine.release(held);
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertEquals(0, root.usedBytes());
        assertTrue(worst.get() <= limit, "seen " + worst);
        assertTrue(root.peakBytes() > limit / 2 && root.peakBytes() <= limit, "peak " + root.peakBytes());
    }
}
