package dev.coffer.memory.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.coffer.memory.ConstantTime;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import dev.coffer.testkit.RawMemory;
import dev.coffer.testkit.Seeds;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Random turns beside a queue of the last few.
class ScratchRingPropertyTest {
    private static final ScratchRing.Config CONFIG = new ScratchRing.Config("s", 4, 256);

    @Test
    void agreesWithTheModel() {
        Seeds.forEach(1, 4, random -> run(random, 75_000));
    }

    @Test
    @Tag("long")
    void agreesWithTheModelForTenMillionOperations() {
        Seeds.forEach(100, 1, random -> run(random, 10_000_000));
    }

    private static void run(SplittableRandom random, int operations) {
        try (Region region = Region.open(RegionConfig.defaults("t"), MemoryPlan.group("data", ScratchRing.plan(CONFIG)))) {
            MemorySegment memory = region.carve("s");
            ScratchRing ring = ScratchRing.over(CONFIG, memory);
            long first = ring.next();
            ring.release(first);
            assertEquals(0, ring.clear());
            ArrayDeque<Long> open = new ArrayDeque<>();  // turns not released and not overrun, eldest first
            long turns = first;
            long overruns = 0;
            int peak = 0;
            for (int i = 0; i < operations; i++) {
                if (random.nextInt(3) > 0) {
                    if (!open.isEmpty() && open.peekFirst() == turns + 1 - CONFIG.count()) {
                        open.removeFirst();
                        overruns++;
                    }
                    long turn = ring.next();
                    assertEquals(++turns, turn);
                    open.addLast(turn);
                    peak = Math.max(peak, open.size());
                    long at = ring.at(turn);
                    assertEquals((turn - 1 - first) % 4 * 256, at);
                    if (!ConstantTime.isZero(memory, at, 256)) {
                        throw new AssertionError("turn " + turn + " met old bytes");
                    }
                    memory.asSlice(at, 256).fill((byte) turn);
                } else {
                    long turn = turns - random.nextInt(0, 8);
                    boolean holds = open.contains(turn);
                    assertEquals(holds, ring.holds(turn));
                    if (holds) {
                        assertEquals((byte) turn, memory.get(java.lang.foreign.ValueLayout.JAVA_BYTE, ring.at(turn) + 255));
                        ring.release(turn);
                        open.remove(turn);
                    } else {
                        assertThrows(IllegalStateException.class, () -> ring.at(turn));
                        assertThrows(IllegalStateException.class, () -> ring.release(turn));
                    }
                }
                if (i % 16 == 0) {
                    ring.checkInvariants();
                }
                assertEquals(open.size() * 256L, ring.usedBytes());
            }
            assertEquals(turns - first + 1, ring.turns());
            assertEquals(overruns, ring.overruns());
            assertEquals(peak * 256L, ring.peakBytes());
            for (Iterator<Long> left = open.iterator(); left.hasNext();) {
                ring.release(left.next());
            }
            assertEquals(0, RawMemory.nonZero(memory));
            ring.close();
        }
    }
}
