package dev.coffer.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.testkit.Seeds;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// Random plans beside plain sums, and regions opened from them: what is planned is what is mapped and carved.
class MemoryPlanPropertyTest {
    /// A plan, and what it must say of itself.
    private record Said(MemoryPlan plan, long total, long heap) {}

    private static Said tree(SplittableRandom random, int depth) {
        String name = "n" + random.nextInt(1_000_000);
        long heap = random.nextInt(3) == 0 ? random.nextLong(100) : 0;
        Said made;
        if (depth == 0 || random.nextInt(3) == 0) {
            long bytes = random.nextLong(300);
            long count = random.nextLong(4);
            made = new Said(MemoryPlan.block(name, bytes, count, "").withHeap(heap), bytes * count, heap);
            assertEquals(bytes, made.plan.bytes());
            assertEquals(count, made.plan.count());
        } else {
            List<MemoryPlan> children = new ArrayList<>();
            long total = 0;
            long below = heap;
            for (int i = random.nextInt(5); i > 0; i--) {
                Said child = tree(random, depth - 1);
                children.add(child.plan.named("c" + i));
                total += child.total;
                below += child.heap;
            }
            MemoryPlan group = MemoryPlan.group(name, children.toArray(MemoryPlan[]::new)).withHeap(heap);
            long at = 0;
            for (MemoryPlan child : children) {
                assertEquals(at, group.offsetOf(child.name()));
                assertEquals(child.name(), group.child(child.name()).name());
                at += child.totalBytes();
            }
            made = new Said(group, total, below);
        }
        long times = random.nextInt(3) == 0 ? random.nextLong(4) : 1;
        Said said = times == 1 ? made : new Said(made.plan.times(times), made.total * times, made.heap * times);
        check(said);
        return said;
    }

    private static void check(Said said) {
        MemoryPlan plan = said.plan;
        for (MemoryPlan same : List.of(plan, plan.noted("why"), plan.named("other"), plan.noted("why").named("other"))) {
            assertEquals(said.total, same.totalBytes());
            assertEquals(said.heap, same.heapBytes());
            assertEquals(plan.count(), same.count());
            assertEquals(plan.bytes(), same.bytes());
            assertEquals(plan.children(), same.children());
        }
        assertEquals("why", plan.noted("why").named("other").note());
        assertEquals("other", plan.named("other").noted("why").name());
        assertTrue(plan.toString().contains(said.total + " bytes off heap, " + said.heap + " on heap"), plan.toString());
        assertTrue(plan.toJson().startsWith("{\"name\":\"" + plan.name() + "\",\"totalBytes\":" + said.total
                + ",\"heapBytes\":" + said.heap + ",\"bytes\":" + plan.bytes() + ",\"count\":" + plan.count()));
        assertEquals(1 + rows(plan), plan.toTable().lines().count());
    }

    private static int rows(MemoryPlan plan) {
        return 1 + plan.children().stream().mapToInt(MemoryPlanPropertyTest::rows).sum();
    }

    @Test
    void everyTreeSumsUpWhateverIsDoneToIt() {
        Seeds.forEach(1, 300, random -> tree(random, 3));
    }

    @Test
    void aRegionOfAnyPlanIsCarvedAsItWasPlanned() {
        Seeds.forEach(1, 60, random -> {
            List<MemoryPlan> rows = new ArrayList<>();
            for (int i = random.nextInt(1, 8); i > 0; i--) {
                rows.add(tree(random, 2).plan.named("row" + i));
            }
            MemoryPlan data = MemoryPlan.group("data", rows.toArray(MemoryPlan[]::new));
            RegionConfig config = RegionConfig.defaults("t").with(Protection.LOCKED, Protection.Level.OFF);
            MemoryPlan whole = Region.plan(config, data);
            try (Region region = Region.open(config, data)) {
                assertEquals(whole.totalBytes(), region.bytes());
                assertEquals(0, region.bytes() % region.pageBytes());
                assertEquals(data.heapBytes(), region.plan().heapBytes());
                long end = region.data().address();
                for (MemoryPlan row : rows) {
                    MemorySegment memory = region.carve(row.name());
                    assertEquals(row.totalBytes(), memory.byteSize());
                    assertEquals((end + 63) / 64 * 64, memory.address());
                    assertTrue(ConstantTime.isZero(memory, 0, memory.byteSize()));
                    memory.fill((byte) 0x5a);
                    end = memory.address() + memory.byteSize();
                }
                assertEquals(end, region.data().address() + region.data().byteSize());
                region.checkCanary();
            }
        });
    }
}
