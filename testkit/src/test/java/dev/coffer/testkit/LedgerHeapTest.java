package dev.coffer.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.coffer.memory.Budget;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import dev.coffer.memory.ledger.Ledger;
import dev.coffer.memory.ledger.LedgerSnapshot;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class LedgerHeapTest {
    @Test
    void totalsRefreshAndJsonAllocateNoHeapBytes() {
        MemoryPlan data = MemoryPlan.group("data", MemoryPlan.block("a", 4096), MemoryPlan.block("b", 64, 10, "ten"));
        Budget root = Budget.root("all", 1 << 20);
        try (Region region = Region.open(RegionConfig.defaults("t"), data); Arena arena = Arena.ofShared()) {
            Ledger ledger = Ledger.of("test", Ledger.region(region), Ledger.budget(root, root.child("one", 1 << 19)));
            LedgerSnapshot snapshot = ledger.snapshot();
            MemorySegment page = arena.allocate(snapshot.jsonBytesMax());
            long[] sum = new long[1];
            long allocated = HeapBytes.least(1, 3, () -> {
                for (int i = 0; i < 10_000; i++) {
                    snapshot.refresh();
                    sum[0] += snapshot.writeJson(page, 0) + ledger.usedBytes() + ledger.peakBytes()
                            + ledger.regionBytes();
                }
            });
            assertEquals(0, allocated, "heap bytes in 10000 answers of " + sum[0]);
        }
    }

    @Test
    void refusalsTellNobodyAndAllocateNothingWhileNothingIsRecorded() {
        Budget budget = Budget.root("small", 100).child("below", 1000);
        long allocated = HeapBytes.least(1, 3, () -> {
            for (int i = 0; i < 10_000; i++) {
                if (budget.tryReserve(101)) {
                    throw new AssertionError("reserved past the limit");
                }
            }
        });
        assertEquals(0, allocated, "heap bytes of 10000 refusals");
    }
}
