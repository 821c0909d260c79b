package dev.coffer.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.memory.internal.os.MemoryCalls;
import dev.coffer.testkit.Eventually;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/// What two threads do to one mapping at its end costs nobody else: the kernel gives an address that was given up to the next who asks, and a call that comes
/// late would reach his memory.
class ClosedByTwoTest {
    private static final RegionConfig TOUCHED = RegionConfig.defaults("two").withCommit(RegionConfig.Commit.ON_TOUCH);
    private static final MemoryPlan DATA = MemoryPlan.group("data", MemoryPlan.block("rows", 1 << 16));

    /// Holds the first call of a thread of that name until it may go on.
    private static final class Held extends MemoryCalls {
        private final CountDownLatch arrived = new CountDownLatch(1);
        private final CountDownLatch go = new CountDownLatch(1);

        private void hold() {
            if (Thread.currentThread().getName().equals("first") && arrived.getCount() > 0) {
                arrived.countDown();
                try {
                    go.await();
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
            }
        }

        @Override
        public long protect(long address, long bytes, int protection) {
            hold();
            return super.protect(address, bytes, protection);
        }

        @Override
        public long advise(long address, long bytes, int advice) {
            hold();
            return super.advise(address, bytes, advice);
        }

        @Override
        public long resident(long address, long bytes, long target) {
            hold();
            return super.resident(address, bytes, target);
        }
    }

    private static final class Running {
        private final AtomicReference<Throwable> thrown = new AtomicReference<>();
        private final Thread thread;

        Running(String name, Runnable what) {
            this.thread = new Thread(() -> {
                try {
                    what.run();
                } catch (Throwable t) {
                    thrown.set(t);
                }
            }, name);
            thread.start();
        }

        /// The other is held: this one has ended, or waits for it.
        void settle() {
            Eventually.holds("the second has ended or waits", () -> !thread.isAlive() || thread.getState() == Thread.State.BLOCKED || inYield());
        }

        private boolean inYield() {
            StackTraceElement[] stack = thread.getStackTrace();
            return stack.length > 0 && stack[0].getMethodName().startsWith("yield");
        }

        Throwable join() throws InterruptedException {
            thread.join();
            return thrown.get();
        }
    }

    private static String pagesAt(long at) throws Exception {
        for (String line : Files.readAllLines(Path.of("/proc/self/maps"))) {
            String[] range = line.substring(0, line.indexOf(' ')).split("-");
            if (Long.parseUnsignedLong(range[0], 16) <= at && at < Long.parseUnsignedLong(range[1], 16)) {
                return line.split(" ")[1];
            }
        }
        return "none";
    }

    @Test
    void slotsThatTwoCloseOpenNobodyElsesPages() throws Exception {
        Held calls = new Held();
        GuardedSlots.Config config = GuardedSlots.Config.defaults("two");
        GuardedSlots slots = GuardedSlots.open(config, calls);
        Running first = new Running("first", slots::close);
        calls.arrived.await();
        Running second = new Running("second", slots::close);
        second.settle();
        try (GuardedSlots other = GuardedSlots.open(config); Secret secret = other.acquire(32)) {
            long at = secret.segment().address();
            secret.access(Secret.Access.NO_ACCESS);
            calls.go.countDown();
            assertNull(first.join());
            assertNull(second.join());
            assertTrue(slots.protections().size() > 0 && !slots.hasRoom());
            assertEquals("---p", pagesAt(at), "another's secret, closed");
            assertEquals("---p", pagesAt(at + 32), "and its guard page");
        }
    }

    @Test
    void aRegionThatTwoCloseDropsNobodyElsesBytes() throws Exception {
        Held calls = new Held();
        Region region = Region.open(TOUCHED, DATA, calls);
        Running first = new Running("first", region::close);
        calls.arrived.await();
        Running second = new Running("second", region::close);
        second.settle();
        keepsItsBytes(calls, first, second);
        assertTrue(region.isClosed());
    }

    @Test
    void aCloseWaitsForWhoGivesPagesBack() throws Exception {
        Held calls = new Held();
        Region region = Region.open(TOUCHED, DATA, calls);
        Running first = new Running("first", () -> region.discard(0, 1 << 16));
        calls.arrived.await();
        Running second = new Running("second", region::close);
        second.settle();
        assertFalse(region.isClosed());
        keepsItsBytes(calls, first, second);
        assertTrue(region.isClosed());
        assertThrows(IllegalStateException.class, () -> region.discard(0, 1 << 16));
    }

    private static void keepsItsBytes(Held calls, Running first, Running second) throws InterruptedException {
        try (Region other = Region.open(TOUCHED, DATA)) {
            MemorySegment mine = other.carve("rows");
            mine.fill((byte) 7);
            calls.go.countDown();
            assertNull(first.join());
            assertNull(second.join());
            for (long at = 0; at < mine.byteSize(); at += 64) {
                assertEquals(7, mine.get(ValueLayout.JAVA_BYTE, at));
            }
        }
    }

    @Test
    void aCloseWaitsForASweep() throws Exception {
        MemoryPlan rows = MemoryPlan.block("rows", 1 << 16);
        MemoryPlan data = MemoryPlan.group("data", PageSweep.plan(rows), rows);
        Held calls = new Held();
        Region region = Region.open(TOUCHED, data, calls);
        PageSweep sweep = PageSweep.over(region, region.carve("page sweep"));
        Running first = new Running("first", sweep::step);
        calls.arrived.await();
        Running second = new Running("second", region::close);
        second.settle();
        try (Region other = Region.open(TOUCHED, data)) {
            MemorySegment mine = other.carve("page sweep");
            mine.fill((byte) 7);
            calls.go.countDown();
            Throwable thrown = first.join();
            assertTrue(thrown == null || thrown instanceof IllegalStateException, () -> "" + thrown);
            assertNull(second.join());
            assertThrows(IllegalStateException.class, sweep::step, "a sweep behind its region");
            for (long at = 0; at < mine.byteSize(); at++) {
                assertEquals(7, mine.get(ValueLayout.JAVA_BYTE, at), "the system writes where the sweep's memory was");
            }
        }
    }

    @Test
    void aSweepsMemoryIsItsRegions() {
        MemoryPlan rows = MemoryPlan.block("rows", 1 << 16);
        MemoryPlan data = MemoryPlan.group("data", PageSweep.plan(rows), rows);
        try (Region region = Region.open(TOUCHED, data); Region other = Region.open(TOUCHED, data)) {
            MemorySegment elsewhere = other.carve("page sweep");
            assertThrows(IllegalArgumentException.class, () -> PageSweep.over(region, elsewhere));
            PageSweep.over(region, region.carve("page sweep"));
        }
    }

    @Test
    void whatAClosedRegionsCanarySaysIsNoDamage() throws Exception {
        Held calls = new Held();
        Region region = Region.open(TOUCHED, DATA, calls);
        Running first = new Running("first", region::close);
        calls.arrived.await();
        Running second = new Running("second", region::checkCanary);
        second.settle();
        calls.go.countDown();
        assertNull(first.join());
        assertTrue(second.join() instanceof IllegalStateException, () -> "" + second.thrown.get());
    }
}
