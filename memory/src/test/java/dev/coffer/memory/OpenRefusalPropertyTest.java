package dev.coffer.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.coffer.memory.CountedCalls.Failure;
import dev.coffer.memory.Protection.Level;
import dev.coffer.memory.ledger.Ledger;
import dev.coffer.memory.ledger.LedgerBean;
import dev.coffer.memory.pool.BufferPool;
import dev.coffer.memory.pool.BufferPoolConfig;
import dev.coffer.memory.pool.PooledBuffer;
import dev.coffer.memory.ring.CircularBuffer;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// Every open of this package is refused at each of its steps, by the system and by an error of the machine; afterwards nothing is
/// held, and the same open succeeds.
class OpenRefusalPropertyTest {
    private static final MemoryPlan DATA = MemoryPlan.group("data", MemoryPlan.block("a", 100), MemoryPlan.block("b", 64));

    private interface Opening {
        AutoCloseable open(CountedCalls calls);
    }

    private static RegionConfig config(Level level, Level hidden) {
        RegionConfig config = RegionConfig.defaults("refused");
        for (Protection protection : Protection.values()) {
            config = config.withProtection(protection, level);
        }
        return config.withProtection(Protection.HIDDEN, hidden);
    }

    private static Map<String, Opening> openings() {
        Map<String, Opening> openings = new LinkedHashMap<>();
        RegionConfig touched = RegionConfig.reservation("touched").withProtection(Protection.GUARD, Level.REQUIRED);
        openings.put("region, touched", calls -> Region.open(touched, DATA, calls));
        for (Level level : new Level[] {Level.REQUIRED, Level.BEST_EFFORT}) {
            for (Level hidden : Level.values()) {
                RegionConfig config = config(level, hidden);
                String what = ", " + level + ", hidden " + hidden;
                openings.put("region" + what, calls -> Region.open(config, DATA, calls));
                openings.put("buffer" + what, calls -> Buffer.open(config, 100, calls));
                GuardedSlots.Config slots = new GuardedSlots.Config(config, 2, 32);
                openings.put("slots" + what, calls -> GuardedSlots.open(slots, calls));
            }
        }
        return openings;
    }

    @Test
    void anOpenThatIsRefusedAtAnyStepHoldsNothingAndSucceedsThen() throws Exception {
        int refused = 0;
        for (Map.Entry<String, Opening> opening : openings().entrySet()) {
            for (Failure failure : Failure.values()) {
                CountedCalls calls = new CountedCalls();
                for (int nth = 1;; nth++) {
                    String what = opening.getKey() + ", " + failure + " at call " + nth;
                    calls.fail(nth, failure);
                    AutoCloseable half = attempt(opening.getValue(), calls);
                    boolean reached = calls.failed();
                    calls.heal();
                    if (half != null) {
                        half.close();
                    }
                    refused += half == null ? 1 : 0;
                    assertEquals(Map.of(), calls.mappings, what);
                    assertEquals(Set.of(), calls.files, what);
                    AutoCloseable open = opening.getValue().open(calls);
                    assertEquals(1, calls.mappings.size(), what);
                    open.close();
                    assertEquals(Map.of(), calls.mappings, what);
                    if (!reached) {
                        assertTrue(nth > 3, () -> what + ": the open makes fewer calls than that");
                        break;
                    }
                }
            }
        }
        assertTrue(refused > 120, "refused only " + refused);
    }

    /// {@return what was opened in spite of the failure, as a best effort is; null where it was refused}
    private static AutoCloseable attempt(Opening opening, CountedCalls calls) {
        try {
            return opening.open(calls);
        } catch (ProtectionException | OutOfMemoryError | StackOverflowError e) {
            return null;
        }
    }

    private static Throwable refusal(Runnable use) {
        try {
            use.run();
        } catch (ProtectionException | StackOverflowError e) {
            return e;
        }
        return fail("nothing was thrown");
    }

    @Test
    void aSecretThatIsRefusedAtAnyStepHoldsNoSlot() {
        GuardedSlots.Config config = new GuardedSlots.Config(config(Level.REQUIRED, Level.OFF), 1, 32);
        CountedCalls calls = new CountedCalls();
        try (GuardedSlots slots = GuardedSlots.open(config, calls)) {
            for (Failure failure : Failure.values()) {
                calls.fail(1, failure);
                Throwable refusal = refusal(() -> slots.acquire(32));
                assertTrue(refusal instanceof ProtectionException == (failure == Failure.REFUSED), refusal.toString());
                assertEquals(0, slots.usedBytes());
                assertEquals(0, slots.peakBytes() - (failure == Failure.REFUSED ? 0 : 32));
                assertTrue(slots.hasRoom());
                calls.heal();
                Secret secret = slots.acquire(32);
                assertEquals(32, slots.usedBytes());
                assertNull(slots.tryAcquire(32));
                secret.access(Secret.Access.NO_ACCESS);
                for (int nth = 1; nth <= 2; nth++) {
                    changesOfStateAreRefused(secret, calls, nth, failure);
                }
                secret.destroy();
                assertEquals(0, slots.usedBytes());
            }
            assertEquals(32, slots.peakBytes());
        }
        assertEquals(Map.of(), calls.mappings);
    }

    private static void changesOfStateAreRefused(Secret secret, CountedCalls calls, int nth, Failure failure) {
        boolean[] ran = new boolean[1];
        calls.fail(nth, failure);
        refusal(() -> secret.write((segment, at, length) -> ran[0] = true));
        assertEquals(nth == 2, ran[0], "the first call opens the pages, the second closes them");
        calls.fail(nth, failure);
        refusal(() -> secret.read((segment, at, length) -> ran[0] = true));
        calls.heal();
        secret.read((segment, at, length) -> assertEquals(32, length));
        assertEquals(Secret.Access.NO_ACCESS, secret.access());
        assertThrows(IllegalStateException.class, secret::segment);
    }

    @Test
    void theRefusalOfALockNamesItsLimitAlsoWhereThatCannotBeRead() {
        CountedCalls calls = new CountedCalls();
        RegionConfig config = RegionConfig.defaults("t");
        for (int nth = 1; nth <= 6; nth++) {
            calls.fail(nth, Failure.REFUSED);
            try (Region region = Region.open(config.withProtection(Protection.GUARD, Level.OFF), DATA, calls)) {
                Protection.Status lock = region.protections().get(Protection.LOCKED.ordinal());
                if (nth == 3) {
                    assertEquals(false, lock.inForce());
                    assertTrue(lock.detail().startsWith("mlock: " + region.bytes() + " bytes refused, ENOMEM; limit "),
                            lock.detail());
                }
            } catch (OutOfMemoryError e) {
                assertEquals(1, nth, "mmap is the first");
                assertTrue(e.getMessage().startsWith("region \"t\": mmap of "), e.getMessage());
            }
        }
    }

    @Test
    void aBudgetThatRefusesLeavesNoBufferBehind() {
        Budget root = Budget.root("root", 100);
        Budget child = root.child("child", 200);
        MemorySegment memory = Arena.ofAuto().allocate(200);
        for (long bytes : new long[] {101, 200}) {
            assertThrows(BudgetExceededException.class, () -> Buffer.within(child, memory, bytes));
            assertEquals(0, child.usedBytes() + root.usedBytes());
        }
        Buffer buffer = Buffer.within(child, memory, 60);
        assertThrows(BudgetExceededException.class, () -> buffer.resize(101));
        assertEquals(60, buffer.capacity());
        assertEquals(60, root.usedBytes());
        buffer.resize(100);
        assertEquals(100, child.usedBytes());
        buffer.close();
        assertEquals(0, child.usedBytes() + root.usedBytes());
        assertNotNull(Buffer.within(child, memory, 100));
    }

    @Test
    void aRowThatCannotBeCarvedIsNotCarved() {
        try (Region region = Region.open(RegionConfig.defaults("t"), DATA)) {
            long before = region.usedBytes();
            assertThrows(IllegalArgumentException.class, () -> region.carve("c"));
            assertEquals(before, region.usedBytes());
            MemorySegment a = region.carve("a");
            assertEquals(before + 100, region.usedBytes());
            assertThrows(IllegalArgumentException.class, () -> CircularBuffer.over("r", a.asReadOnly(), 0, 8));
            assertThrows(IndexOutOfBoundsException.class, () -> CryptoBuffer.over("c", a, 0, 101));
            assertThrows(IllegalArgumentException.class, () -> Secret.of(a.asReadOnly(), 0, 8));
            assertNotNull(CircularBuffer.over("r", a, 0, 100));
        }
    }

    @Test
    void aRingWhosePoolIsEmptyHoldsNothingAndWritesWhenItIsNot() {
        BufferPool pool = BufferPool.over(BufferPoolConfig.of("p", 64, 1), Arena.ofAuto().allocate(64, 64));
        CircularBuffer ring = CircularBuffer.lazy("r", pool, 64);
        PooledBuffer other = pool.acquire();
        MemorySegment one = MemorySegment.ofArray(new byte[] {1});
        assertEquals(0, ring.room());
        assertEquals(0, ring.writeSome(one, 0, 1));
        assertThrows(BufferBoundsException.class, () -> ring.writeU8(1));
        BufferBoundsException refusal = assertThrows(BufferBoundsException.class, () -> ring.write(one, 0, 1));
        assertTrue(refusal.getMessage().contains("as pool \"p\" has no buffer to lend: asked 1 bytes, left 0"),
                refusal.getMessage());
        assertNull(ring.segment());
        assertEquals(0, ring.release());
        other.close();
        assertEquals(0, pool.inUse());
        ring.write(one, 0, 1);
        assertEquals(1, ring.readU8());
        assertEquals(64, ring.release());
        assertEquals(0, pool.inUse());
    }

    @Test
    void aSecondBeanOfOneNameIsRefusedAndTheFirstGoesOn() {
        Ledger ledger = Ledger.of("refused", Ledger.budget(Budget.root("b", 7)));
        try (LedgerBean first = LedgerBean.register(ledger)) {
            assertThrows(IllegalStateException.class, () -> LedgerBean.register(ledger));
            assertEquals(0, first.getUsedBytes());
        }
        LedgerBean.register(ledger).close();
    }

    /// Where the system does not take the pages back, they are wiped: the bytes asked for, and none beside them.
    @Test
    void pagesThatTheSystemDoesNotTakeBackAreWiped() {
        CountedCalls calls = new CountedCalls();
        try (Region region = Region.open(RegionConfig.reservation("t"), MemoryPlan.block("big", 3L << 16), calls)) {
            for (boolean refused : new boolean[] {false, true}) {
                region.data().fill((byte) 7);
                if (refused) {
                    calls.fail(1, Failure.REFUSED);
                }
                region.discard(1 << 16, 1 << 16);
                assertEquals(refused, calls.failed());
                calls.heal();
                assertTrue(ConstantTime.isZero(region.data(), 1 << 16, 1 << 16), "refused: " + refused);
                assertEquals(7, region.data().get(ValueLayout.JAVA_BYTE, (1 << 16) - 1));
                assertEquals(7, region.data().get(ValueLayout.JAVA_BYTE, 2 << 16));
            }
        }
        assertTrue(calls.mappings.isEmpty());
    }
}
