package dev.coffer.memory.internal.os;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The kernel is given addresses, and another thread may give the memory back meanwhile: what is mapped there by then is somebody else's.
@Timeout(600)
class HeldMemoryTest {
    private static final long BYTES = 1 << 21;
    private static final int ROUNDS = Integer.getInteger("coffer.race.rounds", 8);
    private static final int GETRANDOM = Syscall.number(318, 278);

    /// The memory is there, and its life over: what would be written to it shows.
    @Test
    void aCallWhoseMemoryWasClosedIsNotMade() {
        assumeTrue(Syscall.available(), Syscall.obstacle());
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(64);
            MemorySegment ended;
            try (Arena life = Arena.ofShared()) {
                ended = memory.reinterpret(life, null);
                assertEquals(32, Syscall.call(GETRANDOM, memory.address(), 32, 0, 0, 0, 0, ended));
            }
            memory.fill((byte) 0);
            assertThrows(IllegalStateException.class, () -> Syscall.call(GETRANDOM, memory.address(), 64, 0, 0, 0, 0, ended));
            for (int i = 0; i < 64; i++) {
                assertEquals(0, memory.get(ValueLayout.JAVA_BYTE, i));
            }
        }
    }

    /// Whoever closes waits or is refused for the moment of a call, and whoever fills is refused from then on: no call comes by an address that was
    /// given up, which the kernel would refuse (`EFAULT`) or write to.
    @Test
    void aRegionThatIsFilledFromTheKernelIsNotUnmappedUnderIt() throws Exception {
        assumeTrue(Syscall.available(), Syscall.obstacle());
        for (int round = 0; round < ROUNDS; round++) {
            Region region = Region.open(RegionConfig.defaults("filled").withCommit(RegionConfig.Commit.ON_TOUCH), MemoryPlan.block("data", BYTES));
            FutureTask<Throwable> filling = new FutureTask<>(() -> {
                try {
                    while (true) {
                        assertEquals(0, RandomCall.fill(region.data(), 0, BYTES));
                        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
                    }
                } catch (IllegalStateException | AssertionError e) {
                    return e;
                }
            });
            Thread.ofPlatform().daemon().start(filling);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2 + round % 7));
            while (!region.isClosed()) {
                try {
                    region.close();
                } catch (IllegalStateException e) {
                    Thread.onSpinWait();  // the other thread is inside
                }
            }
            assertEquals(IllegalStateException.class, filling.get().getClass(), filling.get().toString());
        }
    }
}
