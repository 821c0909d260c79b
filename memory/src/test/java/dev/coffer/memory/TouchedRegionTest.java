package dev.coffer.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.memory.Protection.Level;
import dev.coffer.memory.internal.os.Errno;
import dev.coffer.memory.internal.os.MemoryCalls;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Regions that commit on touch: locked, given back, swept. What is committed is the kernel's word.
class TouchedRegionTest {
    private static final long PAGE = MemoryCalls.SYSTEM.pageBytes();
    private static final long PAGES = 64;
    private static final MemoryPlan DATA = MemoryPlan.group("data", MemoryPlan.block("rows", PAGES * PAGE));
    private static final RegionConfig LOCKED = RegionConfig.defaults("touched").withCommit(RegionConfig.Commit.ON_TOUCH)
            .withProtection(Protection.LOCKED, Level.REQUIRED);

    /// {@return bytes that `/proc/self/smaps` says under a key of the mappings in which the region's data lies}
    private static long smaps(Region region, String key) throws IOException {
        long from = region.data().address();
        long to = from + region.data().byteSize();
        boolean inside = false;
        long sum = 0;
        for (String line : Files.readAllLines(Path.of("/proc/self/smaps"))) {
            if (line.matches("^[0-9a-f]+-[0-9a-f]+ .*")) {
                long start = Long.parseUnsignedLong(line.substring(0, line.indexOf('-')), 16);
                long end = Long.parseUnsignedLong(line.substring(line.indexOf('-') + 1, line.indexOf(' ')), 16);
                inside = start < to && end > from;
            } else if (inside && line.startsWith(key + ":")) {
                sum += Long.parseLong(line.replaceAll("\\D", "")) << 10;
            }
        }
        return sum;
    }

    private static long lockedOfProcess() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("VmLck:")) {
                return Long.parseLong(line.replaceAll("\\D", "")) << 10;
            }
        }
        throw new AssertionError("no VmLck");
    }

    private static void touch(Region region, long page, long pages) {
        for (long i = page; i < page + pages; i++) {
            region.data().set(ValueLayout.JAVA_LONG, i * PAGE + 8 * (i % 512), i + 1);
        }
    }

    @Test
    void aLockedRegionCommitsEachPageWhenItIsTouchedAndGivesItBack() throws IOException {
        long before = lockedOfProcess();
        try (Region region = Region.open(LOCKED, DATA)) {
            assertTrue(region.inForce(Protection.LOCKED));
            assertTrue(region.givesBack(), () -> region.protections().toString());
            assertEquals(before + PAGES * PAGE + PAGE, lockedOfProcess(), "all of it is charged at open, with the canary's page");
            assertEquals(PAGE, smaps(region, "Rss"), "the canary's page alone is committed");
            touch(region, 3, 10);
            assertEquals(11 * PAGE, smaps(region, "Rss"));
            assertEquals(11 * PAGE, smaps(region, "Locked"), "what is committed is locked");
            assertTrue(region.discard(3 * PAGE, 4 * PAGE));
            assertEquals(7 * PAGE, smaps(region, "Rss"));
            assertEquals(7 * PAGE, smaps(region, "Locked"));
            assertTrue(ConstantTime.isZero(region.data(), 3 * PAGE, 4 * PAGE));
            assertEquals(8, region.data().get(ValueLayout.JAVA_LONG, 7 * PAGE + 56), "the neighbour is as it was");
            touch(region, 3, 1);
            assertEquals(8 * PAGE, smaps(region, "Locked"), "again committed, and locked again");
        }
        assertEquals(before, lockedOfProcess());
    }

    @Test
    void hiddenMemoryIsCommittedAtOpenToo() throws IOException {
        RegionConfig config = RegionConfig.defaults("t").withProtection(Protection.HIDDEN, Level.BEST_EFFORT);
        try (Region region = Region.open(config, DATA)) {
            assertEquals((PAGES + 1) * PAGE, smaps(region, "Rss"), () -> region.protections().toString());
        }
    }

    /// Looks at what is given back in the moment in which it goes, and refuses what it is told to.
    private static final class Watching extends MemoryCalls {
        private final int refuse;   // an advice; 0 for mlock2; below that nothing
        private long given;         // pages
        private long dirty;         // bytes in them that were not zero

        Watching(int refuse) {
            this.refuse = refuse;
        }

        @Override
        public long lockOnFault(long address, long bytes) {
            return refuse == 0 ? -Errno.ENOSYS : super.lockOnFault(address, bytes);
        }

        @Override
        public long advise(long address, long bytes, int advice) {
            if (advice == refuse) {
                return -Errno.EINVAL;
            }
            if (advice == MADV_DONTNEED || advice == MADV_DONTNEED_LOCKED) {
                MemorySegment pages = MemorySegment.ofAddress(address).reinterpret(bytes);
                for (long i = 0; i < bytes; i++) {
                    dirty += pages.get(ValueLayout.JAVA_BYTE, i) == 0 ? 0 : 1;
                }
                given += bytes / PAGE;
            }
            return super.advise(address, bytes, advice);
        }
    }

    @Test
    void pagesAreZeroBeforeTheyAreGivenBack() {
        Watching calls = new Watching(-1);
        Region region = Region.open(LOCKED, DATA, calls);
        touch(region, 0, 20);
        region.discard(5 * PAGE, 10 * PAGE);
        assertEquals(10, calls.given);
        assertEquals(0, calls.dirty);
        region.close();
        assertEquals(10 + PAGES + 1, calls.given, "and at the end all are");
        assertEquals(0, calls.dirty);
    }

    @Test
    void aKernelThatCannotGiveLockedPagesBackKeepsThemWipedAndLocked() throws IOException {
        try (Region region = Region.open(LOCKED, DATA, new Watching(MemoryCalls.MADV_DONTNEED_LOCKED))) {
            assertTrue(region.inForce(Protection.LOCKED));
            assertFalse(region.givesBack());
            assertTrue(region.protections().get(Protection.LOCKED.ordinal()).detail().contains("none is given back"));
            touch(region, 0, 10);
            assertFalse(region.discard(0, 10 * PAGE));
            assertTrue(ConstantTime.isZero(region.data(), 0, PAGES * PAGE));
            assertEquals(11 * PAGE, smaps(region, "Locked"));
        }
    }

    @Test
    void withoutMlock2ARequiredLockIsRefusedAndAnotherSaysSo() throws IOException {
        ProtectionException refused = assertThrows(ProtectionException.class, () -> Region.open(LOCKED, DATA, new Watching(0)));
        assertEquals(Protection.LOCKED, refused.protection());
        assertTrue(refused.getMessage().contains("mlock2(MLOCK_ONFAULT)") && refused.getMessage().contains("Linux 4.4"), refused.getMessage());
        Watching calls = new Watching(0);
        try (Region region = Region.open(LOCKED.withProtection(Protection.LOCKED, Level.BEST_EFFORT), DATA, calls)) {
            assertFalse(region.inForce(Protection.LOCKED));
            assertTrue(region.givesBack(), "pages that are not locked are given back by any kernel");
            touch(region, 0, 10);
            assertTrue(region.discard(0, 10 * PAGE));
            assertEquals(0, calls.dirty, "wiped all the same: it was to hold secrets");
            assertEquals(PAGE, smaps(region, "Rss"));
        }
    }

    @Test
    void aFilterThatForbidsGivingBackLeavesPagesWiped() {
        for (Level locked : List.of(Level.OFF, Level.BEST_EFFORT)) {
            class Forbidding extends MemoryCalls {
                @Override
                public long advise(long address, long bytes, int advice) {
                    return bytes > 0 && (advice == MADV_DONTNEED || advice == MADV_DONTNEED_LOCKED) ? -Errno.EPERM : super.advise(address, bytes, advice);
                }
            }
            try (Region region = Region.open(LOCKED.withProtection(Protection.LOCKED, locked), DATA, new Forbidding())) {
                touch(region, 0, 10);
                assertTrue(region.givesBack());
                assertFalse(region.discard(0, 8 * PAGE));
                assertFalse(region.givesBack(), "known from then on");
                assertTrue(ConstantTime.isZero(region.data(), 0, 8 * PAGE));
                assertFalse(ConstantTime.isZero(region.data(), 8 * PAGE, 2 * PAGE));
            }
        }
    }

    private static void pass(PageSweep sweep) {
        while (sweep.step()) {
            continue;
        }
    }

    /// A region of more pages than a step looks at, swept in rows of its own.
    private static MemoryPlan swept(MemoryPlan... rows) {
        MemoryPlan[] all = Arrays.copyOf(rows, rows.length + 1);
        all[rows.length] = PageSweep.plan(MemoryPlan.group("data", rows));
        return MemoryPlan.group("data", all);
    }

    @Test
    void aSweepGivesBackWhatWasZeroTwiceAndTellsWhatIsCommitted() throws IOException {
        long pages = PageSweep.PAGES_A_STEP + 100;
        RegionConfig config = LOCKED.withProtection(Protection.LOCKED, Level.BEST_EFFORT);
        MemoryPlan plan = swept(MemoryPlan.block("others", 10 * PAGE + 128), MemoryPlan.block("first", 10 * PAGE + 100), MemoryPlan.block("own", pages * PAGE));
        try (Region region = Region.open(config, plan)) {
            MemorySegment others = region.carve("others");
            MemorySegment first = region.carve("first");
            MemorySegment own = region.carve("own");
            PageSweep sweep = PageSweep.over(region, region.carve("page sweep"));
            sweep.own(own);
            sweep.own(first);
            assertThrows(IllegalArgumentException.class, () -> sweep.own(first));
            assertEquals(region.bytes() - 2 * PAGE, region.committedBytes(), "before it looked it knows none that is not");
            others.fill((byte) 1);
            first.fill((byte) 2);
            own.fill((byte) 3);
            pass(sweep);
            assertFalse(sweep.isPending());
            assertEquals(smaps(region, "Rss"), region.committedBytes());
            assertTrue(region.committedBytes() >= (10 + 10 + pages) * PAGE);

            others.fill((byte) 0);
            first.fill((byte) 0);
            own.fill((byte) 0);
            own.set(ValueLayout.JAVA_BYTE, 50 * PAGE, (byte) 1);
            long full = smaps(region, "Rss");
            pass(sweep);
            assertTrue(sweep.isPending());
            assertEquals(full, smaps(region, "Rss"), "nothing goes at the first look");
            own.set(ValueLayout.JAVA_BYTE, 70 * PAGE, (byte) 1);
            pass(sweep);
            long left = full - (9 + pages - 2) * PAGE;  // two are in use; the first is shared with others' rows, the last with the sweep's own
            assertEquals(left, smaps(region, "Rss"));
            assertEquals(left, region.committedBytes());
            assertEquals(full - left, sweep.givenBackBytes());
            assertFalse(sweep.isPending());
            assertEquals(1, own.get(ValueLayout.JAVA_BYTE, 50 * PAGE));
            assertEquals(1, own.get(ValueLayout.JAVA_BYTE, 70 * PAGE));

            own.set(ValueLayout.JAVA_BYTE, 50 * PAGE, (byte) 0);
            pass(sweep);
            own.set(ValueLayout.JAVA_BYTE, 50 * PAGE, (byte) 1);
            pass(sweep);
            own.set(ValueLayout.JAVA_BYTE, 50 * PAGE, (byte) 0);
            pass(sweep);
            assertEquals(left, region.committedBytes(), "what is needed now and then keeps its page");
            pass(sweep);
            assertEquals(left - PAGE, region.committedBytes());
        }
    }

    @Test
    void aSweepThatMayNotAskLooksAtAllAndSaysThatAllMayBeCommitted() {
        boolean[] silent = {true};
        class Silent extends MemoryCalls {
            @Override
            public long resident(long address, long bytes, long target) {
                return silent[0] ? -Errno.EPERM : super.resident(address, bytes, target);
            }
        }
        RegionConfig config = LOCKED.withProtection(Protection.LOCKED, Level.BEST_EFFORT);
        try (Region region = Region.open(config, swept(MemoryPlan.block("own", 20 * PAGE)), new Silent())) {
            MemorySegment own = region.carve("own");
            PageSweep sweep = PageSweep.over(region, region.carve("page sweep"));
            sweep.own(own);
            touch(region, 0, 20);
            pass(sweep);
            own.fill((byte) 0);
            pass(sweep);
            pass(sweep);
            assertEquals(20 * PAGE, sweep.givenBackBytes());
            assertEquals(region.bytes() - 2 * PAGE, region.committedBytes());
            silent[0] = false;  // it had no memory for the answer
            pass(sweep);
            assertTrue(region.committedBytes() < 10 * PAGE, () -> region.committedBytes() + " bytes");
        }
    }

    @Test
    void rowsThatAreRefusedLeaveTheOthersAsTheyWere() {
        RegionConfig config = LOCKED.withProtection(Protection.LOCKED, Level.BEST_EFFORT);
        MemoryPlan plan = swept(MemoryPlan.block("a", 4 * PAGE), MemoryPlan.block("between", 4 * PAGE), MemoryPlan.block("b", 4 * PAGE),
                MemoryPlan.block("gap", 4 * PAGE), MemoryPlan.block("c", 4 * PAGE));
        try (Region region = Region.open(config, plan)) {
            MemorySegment a = region.carve("a");
            MemorySegment between = region.carve("between");
            MemorySegment b = region.carve("b");
            region.carve("gap");
            MemorySegment c = region.carve("c");
            PageSweep sweep = PageSweep.over(region, region.carve("page sweep"));
            sweep.own(a);
            sweep.own(c);
            sweep.own(b);
            MemorySegment behind = region.data().asSlice(between.address() - region.data().address(), 5 * PAGE);  // touches a's end, and reaches into b
            assertThrows(IllegalArgumentException.class, () -> sweep.own(behind));
            region.data().asSlice(0, 20 * PAGE).fill((byte) 1);
            pass(sweep);
            a.fill((byte) 0);
            b.fill((byte) 0);
            c.fill((byte) 0);
            pass(sweep);
            assertEquals(0, sweep.givenBackBytes(), "at the first look");
            pass(sweep);
            assertTrue(sweep.givenBackBytes() >= 9 * PAGE, () -> sweep.givenBackBytes() + " bytes of three rows of four pages, whose edges may be shared");
        }
    }

    @Test
    void aSweepOfAClosedRegionRefuses() {
        Region region = Region.open(LOCKED.withProtection(Protection.LOCKED, Level.BEST_EFFORT), swept(DATA.child("rows")));
        PageSweep sweep = PageSweep.over(region, region.carve("page sweep"));
        region.close();
        assertThrows(IllegalStateException.class, sweep::step);
    }

    @Test
    void aSweepWantsARegionCommittedOnTouchAndRowsOfIt() {
        try (Region region = Region.open(RegionConfig.defaults("t"), swept(DATA.child("rows")));
                Region touched = Region.open(LOCKED, swept(DATA.child("rows")))) {
            MemorySegment memory = region.carve("page sweep");
            assertThrows(IllegalArgumentException.class, () -> PageSweep.over(region, memory));
            assertEquals(region.bytes() - 2 * PAGE, region.committedBytes());
            assertFalse(region.givesBack());
            PageSweep sweep = PageSweep.over(touched, touched.carve("page sweep"));
            assertThrows(IllegalArgumentException.class, () -> sweep.own(region.data()));
            assertThrows(IllegalArgumentException.class, () -> PageSweep.over(touched, touched.data().asSlice(0, 64)));
        }
    }
}
