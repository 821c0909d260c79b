package dev.coffer.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
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
    private record Said(MemoryPlan plan, long total, long typical, long heap) {}

    private static Said tree(SplittableRandom random, int depth) {
        String name = "n" + random.nextInt(1_000_000);
        long heap = random.nextInt(3) == 0 ? random.nextLong(100) : 0;
        Said made;
        if (depth == 0 || random.nextInt(3) == 0) {
            long bytes = random.nextLong(300);
            long count = random.nextLong(4);
            long inUse = random.nextInt(3) == 0 ? random.nextLong(count + 1) : count;
            made = new Said(MemoryPlan.block(name, bytes, count, "").typically(inUse).withHeap(heap), bytes * count, bytes * inUse, heap);
            assertEquals(bytes, made.plan.bytes());
            assertEquals(count, made.plan.count());
        } else {
            made = random.nextInt(3) == 0 ? choice(random, depth, name, heap) : sum(random, depth, name, heap);
        }
        long times = random.nextInt(3) == 0 ? random.nextLong(4) : 1;
        Said said = times == 1 ? made : new Said(made.plan.times(times), made.total * times, made.typical * times, made.heap * times);
        check(said);
        return said;
    }

    private static Said sum(SplittableRandom random, int depth, String name, long heap) {
        List<MemoryPlan> children = new ArrayList<>();
        long total = 0;
        long typical = 0;
        long below = heap;
        for (int i = random.nextInt(5); i > 0; i--) {
            Said child = tree(random, depth - 1);
            children.add(child.plan.named("c" + i));
            total += child.total;
            typical += child.typical;
            below += child.heap;
        }
        MemoryPlan group = MemoryPlan.group(name, children.toArray(MemoryPlan[]::new)).withHeap(heap);
        long at = 0;
        for (MemoryPlan child : children) {
            assertEquals(at, group.offsetOf(child.name()));
            assertEquals(child.name(), group.child(child.name()).name());
            at += child.totalBytes();
        }
        return new Said(group, total, typical, below);
    }

    /// Alternatives in one place, or in each of several.
    private static Said choice(SplittableRandom random, int depth, String name, long heap) {
        List<MemoryPlan> children = new ArrayList<>();
        long largest = 0;
        long most = 0;
        long chosen = 0;
        long objects = 0;
        int choice = random.nextInt(1, 5);
        for (int i = random.nextInt(1, 5); i > 0; i--) {
            Said child = tree(random, depth - 1);
            children.add(child.plan.named("c" + i));
            largest = Math.max(largest, child.total);
            most = Math.max(most, child.typical);
            chosen = i == choice ? child.typical : chosen;
            objects += child.heap;
        }
        MemoryPlan[] of = children.toArray(MemoryPlan[]::new);
        long slots = random.nextBoolean() ? 1 : random.nextLong(6);
        long inUse = random.nextLong(slots + 1);
        boolean chooses = choice <= children.size();
        MemoryPlan plan = (slots == 1 && random.nextBoolean() ? MemoryPlan.oneOf(name, of) : MemoryPlan.atMost(name, slots, of))
                .withHeap(heap).typically(inUse);
        for (MemoryPlan child : children) {
            assertEquals(0, plan.offsetOf(child.name()));
            assertEquals(child.totalBytes(), plan.find(child.name()).totalBytes());
        }
        return new Said(chooses ? plan.typically("c" + choice) : plan, largest * slots, (chooses ? chosen : most) * inUse,
                objects * slots + heap);
    }

    private static void check(Said said) {
        MemoryPlan plan = said.plan;
        for (MemoryPlan same : List.of(plan, plan.noted("why"), plan.named("other"), plan.noted("why").named("other"))) {
            assertEquals(said.total, same.totalBytes());
            assertEquals(said.typical, same.typicalBytes());
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
            RegionConfig config = RegionConfig.defaults("t").withProtection(Protection.LOCKED, Protection.Level.OFF);
            MemoryPlan whole = Region.plan(config, data);
            try (Region region = Region.open(config, data)) {
                assertEquals(whole.totalBytes(), region.bytes());
                assertEquals(0, region.bytes() % region.pageBytes());
                assertEquals(data.heapBytes(), region.plan().heapBytes());
                long end = region.data().address();
                for (MemoryPlan row : rows) {
                    alternatives(region, row);
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

    /// Hands a row to each of its alternatives in turn, where it is one of several.
    private static void alternatives(Region region, MemoryPlan row) {
        if (row.shape() == MemoryPlan.Shape.SUM || row.count() != 1) {
            assertThrows(IllegalArgumentException.class, () -> region.carve(row.name(), "c1"));
            return;
        }
        long used = region.usedBytes();
        for (MemoryPlan alternative : row.children()) {
            MemorySegment memory = region.carve(row.name(), alternative.name());
            assertEquals(alternative.totalBytes(), memory.byteSize());
            assertEquals(used + row.totalBytes(), region.usedBytes());
            assertTrue(ConstantTime.isZero(memory, 0, memory.byteSize()));
            memory.fill((byte) 0x5a);
            assertThrows(IllegalStateException.class, () -> region.carve(row.name()));
            assertThrows(IllegalStateException.class, () -> region.carve(row.name(), alternative.name()));
            region.uncarve(row.name());
            assertEquals(used, region.usedBytes());
        }
    }
}
