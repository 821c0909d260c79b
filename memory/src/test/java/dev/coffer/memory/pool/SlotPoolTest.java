package dev.coffer.memory.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.memory.ConstantTime;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Protection;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import dev.coffer.memory.ledger.Ledger;
import dev.coffer.memory.pool.SlotPoolConfig.Kind;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.api.Test;

class SlotPoolTest {
    private static final int OUTPUT = 0;
    private static final int RECORD = 1;
    private static final int HANDSHAKE = 2;
    private static final SlotPoolConfig CONFIG = SlotPoolConfig.of("lent", 4, Kind.of("output", 256, 3), Kind.of("record", 1000, 1),
            Kind.of("handshake", 64, 2).withObjectBytes(24));
    private static final long BYTES = 3 * 256 + 1000 + 2 * 64;

    /// Stands for the state of a handshake, over its slot.
    private record Handshake(long at, int index) {}

    private static SlotPool pool() {
        return pool(Arena.ofAuto().allocate(BYTES, 64));
    }

    private static SlotPool pool(MemorySegment memory) {
        return SlotPool.over(CONFIG, memory, null, null, (segment, at, index) -> new Handshake(at, index));
    }

    private static RegionConfig region() {
        return RegionConfig.defaults("r").withProtection(Protection.LOCKED, Protection.Level.OFF);
    }

    @Test
    void theLastSlotOfAKindIsLentAndTheNextRefusedWhileOtherKindsGoOn() {
        SlotPool pool = pool();
        long[] out = {pool.tryLend(OUTPUT, 0), pool.tryLend(OUTPUT, 1), pool.tryLend(OUTPUT, 1)};
        assertEquals(SlotPool.NONE, pool.tryLend(OUTPUT, 2));
        assertEquals(SlotPool.NONE, pool.tryLend(OUTPUT, 0));
        long record = pool.tryLend(RECORD, 2);
        assertTrue(record > 0);
        assertEquals(2, pool.refusals(OUTPUT));
        assertEquals(0, pool.refusals(RECORD));
        assertEquals(3, pool.loans(OUTPUT));
        assertEquals(3 * 256 + 1000, pool.usedBytes());
        pool.release(out[1]);
        assertTrue(pool.tryLend(OUTPUT, 2) > 0);
        assertEquals(3, pool.lent(OUTPUT));
        assertEquals(3, pool.lentMost(OUTPUT));
        pool.checkInvariants();
    }

    @Test
    void slotsOfAKindLieOneBehindTheOtherAndAreNumbered() {
        SlotPool pool = pool();
        for (int i = 0; i < 3; i++) {
            long slot = pool.tryLend(OUTPUT, i);
            assertEquals(i, pool.index(slot));
            assertEquals(i * 256, pool.at(slot));
            assertEquals(i, pool.borrower(slot));
        }
        assertEquals(768, pool.at(pool.tryLend(RECORD, 0)));
        assertEquals(1768, pool.at(pool.tryLend(HANDSHAKE, 0)));
        long last = pool.tryLend(HANDSHAKE, 3);
        assertEquals(1832, pool.at(last));
        assertEquals(1, pool.index(last));
    }

    @Test
    void aReleasedSlotIsZeroAsFarAsItWasWrittenAndMoreIsFoundWhereAssertionsAreOn() {
        MemorySegment memory = Arena.ofAuto().allocate(BYTES, 64);
        SlotPool pool = pool(memory);
        long slot = pool.tryLend(OUTPUT, 0);
        memory.asSlice(pool.at(slot), 100).fill((byte) 0x5a);
        assertThrows(AssertionError.class, () -> pool.release(slot, 99));
        assertTrue(pool.holds(slot), "nothing has changed");
        assertEquals(0x5a, memory.get(ValueLayout.JAVA_BYTE, pool.at(slot)));
        pool.release(slot, 100);
        assertTrue(ConstantTime.isZero(memory, 0, BYTES));
        long whole = pool.tryLend(RECORD, 0);
        memory.asSlice(pool.at(whole), 1000).fill((byte) 0x5a);
        pool.release(whole);
        assertTrue(ConstantTime.isZero(memory, 0, BYTES));
        pool.checkInvariants();
    }

    @Test
    void aStaleHandleThrowsThoughItsSlotWasLentAgainAndSoDoesAnotherPools() {
        SlotPool pool = pool();
        long stale = pool.tryLend(RECORD, 0);
        pool.release(stale);
        long fresh = pool.tryLend(RECORD, 0);
        assertNotEquals(stale, fresh);
        long foreign = pool().tryLend(RECORD, 0);
        for (long wrong : new long[] {stale, foreign}) {
            assertFalse(pool.holds(wrong));
            assertThrows(IllegalStateException.class, () -> pool.at(wrong));
            assertThrows(IllegalStateException.class, () -> pool.index(wrong));
            assertThrows(IllegalStateException.class, () -> pool.borrower(wrong));
            assertThrows(IllegalStateException.class, () -> pool.release(wrong));
            assertThrows(IllegalStateException.class, () -> pool.release(wrong, 0));
            assertThrows(IllegalStateException.class, () -> pool.objects(HANDSHAKE, Handshake.class).of(wrong));
        }
        for (long none : new long[] {SlotPool.NONE, 0, 1, Long.MIN_VALUE, Long.MAX_VALUE, 3 << 2, fresh | 2 << 2, fresh | 1 << 1}) {
            assertFalse(pool.holds(none), Long.toHexString(none));
            assertThrows(IllegalArgumentException.class, () -> pool.at(none), Long.toHexString(none));
            assertThrows(IllegalArgumentException.class, () -> pool.release(none));
        }
        assertTrue(pool.holds(fresh));
        assertEquals(1, pool.lent(RECORD));
    }

    @Test
    void whatABorrowerForgotComesBackInOneCallAndNothingOfOthers() {
        MemorySegment memory = Arena.ofAuto().allocate(BYTES, 64);
        SlotPool pool = pool(memory);
        long kept = pool.tryLend(OUTPUT, 0);
        long forgotten = pool.tryLend(OUTPUT, 3);
        pool.tryLend(RECORD, 3);
        pool.tryLend(HANDSHAKE, 3);
        pool.tryLend(HANDSHAKE, 3);
        assertEquals(256 + 1000 + 128, pool.heldBytes(3));
        assertEquals(2, pool.held(HANDSHAKE, 3));
        assertEquals(1, pool.held(OUTPUT, 3));
        assertEquals(0, pool.held(RECORD, 0));
        memory.asSlice(256).fill((byte) 0x5a);
        memory.asSlice(512, 256).fill((byte) 0);
        assertEquals(4, pool.releaseAll(3));
        assertEquals(0, pool.releaseAll(3));
        assertTrue(ConstantTime.isZero(memory, 0, BYTES));
        assertFalse(pool.holds(forgotten));
        assertTrue(pool.holds(kept));
        assertEquals(256, pool.usedBytes());
        assertEquals(BYTES - 256, pool.peakBytes(), "over all kinds at a time");
        pool.checkInvariants();
    }

    @Test
    void anObjectIsMadeForEachSlotAtStartAndLentWithIt() {
        SlotPool pool = pool();
        SlotObjects<Handshake> handshakes = pool.objects(HANDSHAKE, Handshake.class);
        long first = pool.tryLend(HANDSHAKE, 0);
        long second = pool.tryLend(HANDSHAKE, 0);
        assertEquals(new Handshake(pool.at(first), 0), handshakes.of(first));
        assertEquals(new Handshake(pool.at(second), 1), handshakes.of(second));
        Handshake before = handshakes.of(first);
        pool.release(first);
        assertThrows(IllegalStateException.class, () -> handshakes.of(first));
        assertSame(before, handshakes.of(pool.tryLend(HANDSHAKE, 2)));
        assertNotSame(before, handshakes.of(second));
        assertThrows(IllegalArgumentException.class, () -> handshakes.of(pool.tryLend(OUTPUT, 0)));
        assertThrows(IllegalArgumentException.class, () -> pool.objects(HANDSHAKE, String.class));
        assertThrows(IllegalArgumentException.class, () -> pool.objects(OUTPUT, Object.class));
        assertThrows(IllegalArgumentException.class, () -> pool.objects(3, Object.class));
    }

    @Test
    void anOpenThatAMakerRefusesHoldsNothingAndTheRowIsOpenedAnew() {
        try (Region region = Region.open(region(), MemoryPlan.group("data", SlotPool.plan(CONFIG)))) {
            for (int nth = 0; nth < 2; nth++) {
                int fails = nth;
                assertThrows(StackOverflowError.class, () -> SlotPool.open(CONFIG, region, null, null, (segment, at, index) -> {
                    if (index == fails) {
                        throw new StackOverflowError();
                    }
                    return index;
                }));
                assertThrows(NullPointerException.class, () -> SlotPool.open(CONFIG, region, (segment, at, index) -> null));
            }
            assertThrows(IllegalArgumentException.class, () -> SlotPool.open(CONFIG, region, null, null, null, null));
            SlotPoolConfig other = SlotPoolConfig.of("lent", 4, Kind.of("output", 264, 3));
            assertThrows(IllegalArgumentException.class, () -> SlotPool.open(other, region));
            SlotPool pool = SlotPool.open(CONFIG, region);
            assertThrows(IllegalStateException.class, () -> SlotPool.open(CONFIG, region));
            assertTrue(pool.tryLend(RECORD, 0) > 0);
        }
    }

    @Test
    void theLedgerShowsThePoolOrEachKind() {
        try (Region region = Region.open(region(), MemoryPlan.group("data", SlotPool.plan(CONFIG)))) {
            SlotPool pool = SlotPool.open(CONFIG, region);
            Ledger whole = Ledger.of("whole", Ledger.region(region, pool));
            Ledger each = Ledger.of("each", Ledger.region(region, pool.account(OUTPUT), pool.account(RECORD), pool.account(HANDSHAKE)));
            for (Ledger ledger : List.of(whole, each)) {
                assertEquals(region.bytes() - BYTES, ledger.usedBytes());
            }
            long slot = pool.tryLend(RECORD, 1);
            for (Ledger ledger : List.of(whole, each)) {
                assertEquals(region.bytes() - BYTES + 1000, ledger.usedBytes());
            }
            pool.release(slot);
            pool.tryLend(OUTPUT, 1);
            assertEquals(region.bytes() - BYTES + 1000, whole.peakBytes());
            assertEquals(region.bytes() - BYTES + 1256, each.peakBytes(), "a sum of peaks is a bound");
        }
    }

    @Test
    void slotsForOneOfSeveralAreAsLongAsTheLargestAndThePlanSaysWhatIsTypical() {
        MemoryPlan protocol = MemoryPlan.oneOf("protocol", MemoryPlan.block("http1", 96), MemoryPlan.block("http2", 640).withHeap(16),
                MemoryPlan.group("tls", MemoryPlan.block("keys", 200), MemoryPlan.block("record", 320)).withHeap(48));
        SlotPoolConfig config = SlotPoolConfig.of("lent", 100, Kind.of("protocols", protocol, 5).withTypical(2), Kind.of("other", 64, 4));
        MemoryPlan plan = SlotPool.plan(config);
        assertEquals(5 * 640 + 4 * 64, plan.totalBytes());
        assertEquals(2 * 640 + 4 * 64, plan.typicalBytes());
        assertEquals(MemoryPlan.Shape.AT_MOST, plan.child("protocols").shape());
        assertEquals(520, plan.find("protocols/tls").totalBytes());
        try (Region region = Region.open(region(), MemoryPlan.group("data", plan))) {
            SlotPool pool = SlotPool.open(config, region, (memory, at, index) -> at);
            Ledger ledger = Ledger.of("l", Ledger.region(region, pool));
            assertEquals(region.bytes() - plan.totalBytes(), ledger.usedBytes());
            for (int i = 0; i < 4; i++) {
                pool.tryLend(1, i);
                assertTrue(i >= 2 || pool.tryLend(0, i) > 0);
            }
            assertEquals(region.plan().typicalBytes(), ledger.usedBytes());
            assertEquals(plan.find("protocols/http2").totalBytes(), pool.at(pool.tryLend(0, 9)) / 2);
        }
    }

    @Test
    void numbersOutOfRangeAreRefusedBeforeAnythingChanges() {
        for (long[] wrong : new long[][] {{4, 1, 0}, {(1L << 30) + 8, 1, 0}, {8, -1, 0}, {8, (1 << 20) + 1, 0}, {8, 1, -1}, {8, 1, 2}}) {
            assertThrows(IllegalArgumentException.class,
                    () -> new Kind("k", (int) wrong[1], (int) wrong[2], MemoryPlan.block("k", wrong[0])));
        }
        Kind kind = Kind.of("k", 0, 1);
        assertThrows(IllegalArgumentException.class, () -> Kind.of("k", -8, 1));
        assertThrows(IllegalArgumentException.class, () -> Kind.of("k", MemoryPlan.block("b", 12), 1));
        assertThrows(IllegalArgumentException.class, () -> kind.withTypical(2));
        assertEquals((1L << 50), Kind.of("k", 1 << 30, 1 << 20).slotBytes() * (1 << 20));
        SlotPool none = SlotPool.over(SlotPoolConfig.of("p", 1, Kind.of("k", 64, 0)), Arena.ofAuto().allocate(0, 64));
        assertEquals(SlotPool.NONE, none.tryLend(0, 0));
        assertThrows(IllegalArgumentException.class, () -> none.at(1 << 10));
        assertThrows(IllegalArgumentException.class, () -> kind.withObjectBytes(-1));
        assertThrows(IllegalArgumentException.class, () -> SlotPoolConfig.of("p", 0, kind));
        assertThrows(IllegalArgumentException.class, () -> SlotPoolConfig.of("p", (1 << 28) + 1, kind));
        assertThrows(IllegalArgumentException.class, () -> SlotPoolConfig.of("p", 1));
        assertThrows(IllegalArgumentException.class, () -> SlotPoolConfig.of("p", 1, kind, kind));
        assertThrows(IllegalArgumentException.class, () -> SlotPoolConfig.of("p", 1, kind).withBorrowers(0));
        Kind[] kinds = new Kind[17];
        for (int i = 0; i < 17; i++) {
            kinds[i] = Kind.of("k" + i, 8, 1);
        }
        assertThrows(IllegalArgumentException.class, () -> SlotPoolConfig.of("p", 1, kinds));
        assertEquals(16, new SlotPoolConfig("p", 1, List.of(kinds).subList(0, 16)).kinds().size());
        SlotPool pool = pool();
        long slot = pool.tryLend(OUTPUT, 0);
        for (int wrong : new int[] {-1, 4, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
            assertThrows(IllegalArgumentException.class, () -> pool.tryLend(OUTPUT, wrong));
            assertThrows(IllegalArgumentException.class, () -> pool.tryLend(wrong, 0));
            assertThrows(IllegalArgumentException.class, () -> pool.held(wrong, 0));
            assertThrows(IllegalArgumentException.class, () -> pool.held(0, wrong));
            assertThrows(IllegalArgumentException.class, () -> pool.heldBytes(wrong));
            assertThrows(IllegalArgumentException.class, () -> pool.releaseAll(wrong));
            for (Runnable ask : new Runnable[] {() -> pool.account(wrong), () -> pool.lent(wrong), () -> pool.lentMost(wrong),
                    () -> pool.loans(wrong), () -> pool.refusals(wrong)}) {
                assertThrows(IllegalArgumentException.class, ask::run);
            }
        }
        assertThrows(IllegalArgumentException.class, () -> pool.release(slot, -1));
        assertThrows(IllegalArgumentException.class, () -> pool.release(slot, 257));
        assertEquals(1, pool.lent(OUTPUT));
        pool.release(slot, 256);
        MemorySegment memory = Arena.ofAuto().allocate(BYTES + 8, 64);
        for (MemorySegment wrong : new MemorySegment[] {memory, memory.asSlice(0, BYTES - 8), memory.asSlice(0, BYTES).asReadOnly(),
                MemorySegment.ofArray(new byte[(int) BYTES])}) {
            assertThrows(IllegalArgumentException.class, () -> SlotPool.over(CONFIG, wrong));
        }
    }

    @Test
    void afterItsEndEveryUseIsRefusedAndItsMemoryIsZero() {
        MemorySegment memory = Arena.ofAuto().allocate(BYTES, 64);
        SlotPool pool = pool(memory);
        SlotObjects<Handshake> handshakes = pool.objects(HANDSHAKE, Handshake.class);
        long slot = pool.tryLend(HANDSHAKE, 0);
        memory.fill((byte) 0x5a);
        pool.close();
        pool.close();
        assertTrue(ConstantTime.isZero(memory, 0, BYTES));
        assertEquals(0, pool.usedBytes());
        assertEquals(64, pool.peakBytes());
        assertEquals(0, pool.lent(HANDSHAKE));
        assertFalse(pool.holds(slot));
        for (Runnable use : new Runnable[] {() -> pool.tryLend(OUTPUT, 0), () -> pool.release(slot), () -> pool.release(slot, 0),
                () -> pool.releaseAll(0), () -> pool.at(slot), () -> pool.index(slot), () -> pool.borrower(slot), pool::segment,
                () -> pool.held(0, 0), () -> pool.heldBytes(0), () -> handshakes.of(slot), () -> pool.objects(2, Handshake.class)}) {
            assertThrows(IllegalStateException.class, use::run);
        }
        Region region = Region.open(region(), MemoryPlan.group("data", SlotPool.plan(CONFIG)));
        SlotPool orphan = SlotPool.open(CONFIG, region);
        region.close();
        orphan.close();
    }
}
