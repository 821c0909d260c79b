package dev.coffer.memory.pool;

import static dev.coffer.testkit.RecordRanges.check;
import static dev.coffer.testkit.RecordRanges.checkSteps;
import static dev.coffer.testkit.RecordRanges.differences;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.coffer.memory.GuardedSlots;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.RegionConfig;
import dev.coffer.memory.time.TimerWheel;
import org.junit.jupiter.api.Test;

/// Each number of a configuration of memory is taken at both edges of its range and refused past them; each way to another number changes that one.
class ConfigRangesTest {
    private static final int MIB = 1 << 20;
    private static final int GIB = 1 << 30;

    @Test
    void rowsOfSlotsAndBlocksAreTakenAtTheirEdges() {
        ScratchRing.Config ring = ScratchRing.Config.defaults("r");
        checkSteps(ring, "count", 1, MIB, 1);
        checkSteps(ring, "slotBytes", 64, GIB, 64);
        BlockAllocator.Config blocks = new BlockAllocator.Config("b", 1 << 12, 64);
        checkSteps(blocks, "bytes", 64, GIB, 64);
        SlotPoolConfig.Kind kind = SlotPoolConfig.Kind.of("k", 64, 3);
        checkSteps(kind.withTypical(0), "slots", 0, MIB, 1);
        checkSteps(kind, "typical", 0, 3, 1);
        checkSteps(SlotPoolConfig.of("p", 1, kind), "borrowers", 1, 1 << 28, 1);
        checkSteps(new GuardedSlots.Config(RegionConfig.defaults("g"), 1, 1), "slots", 1, GuardedSlots.SLOTS_MAX, 1);
        checkSteps(new GuardedSlots.Config(RegionConfig.defaults("g"), 1, 1), "slotBytes", 1, MIB, 1);
    }

    @Test
    void aPoolsNumbersAreTakenAtTheirEdges() {
        BufferPoolConfig pool = BufferPoolConfig.of("p", 64, 4);
        check(pool, "slabSlots", 1, BufferPoolConfig.SLOTS_MAX);
        check(pool, "slabs", 1, BufferPoolConfig.SLOTS_MAX / 4);
        check(pool.withSlabs(1, 5), "slabsAtStart", 1, 5);
        check(pool, "threadCaches", 0, 1 << 16);
        check(pool, "stripes", 1, 1 << 16);
        check(pool, "cacheSlots", 0, BufferPoolConfig.SLOTS_MAX);
        checkSteps(pool, "bufferBytes", 64, Long.MAX_VALUE / 4 / 64 * 64, 64);
    }

    @Test
    void timersAndConnectionsAreTakenAtTheirEdges() {
        TimerWheel.Config wheel = TimerWheel.Config.defaults("t", 9);
        checkSteps(wheel, "timers", 1, 1 << 28, 1);
        checkSteps(wheel, "levels", 1, 8, 1);
        ConnectionBuffersConfig connection = ConnectionBuffersConfig.defaults("c");
        checkSteps(connection, "streamsMax", 0, 1 << 16, 1);
        checkSteps(connection, "packetsMax", 1, MIB, 1);
        checkSteps(connection, "problematicPercent", 0, 100, 1);
        for (String number : new String[] {"packetBytesMax", "idleNanos", "shrinkEveryNanos", "problematicBytesMin"}) {
            checkSteps(connection, number, 1, Long.MAX_VALUE, 1);
        }
    }

    @Test
    void eachWayToAnotherNumberChangesThatOne() {
        BufferPoolConfig pool = BufferPoolConfig.of("p", 64, 4);
        assertEquals("slabs slabsAtStart", differences(pool, pool.withSlabs(2, 3)));
        assertEquals("threadCaches stripes cacheSlots", differences(pool, pool.withCaches(2, 2, 3)));
        SlotPoolConfig.Kind kind = SlotPoolConfig.Kind.of("k", 64, 3);
        assertEquals("typical", differences(kind, kind.withTypical(1)));
        assertEquals(MemoryPlan.block("k", 64).totalBytes(), kind.each().totalBytes());
    }
}
