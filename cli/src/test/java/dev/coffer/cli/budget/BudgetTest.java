package dev.coffer.cli.budget;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.http.Status;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.RegionConfig.Commit;
import dev.coffer.server.Http3Serving;
import dev.coffer.server.Server;
import dev.coffer.server.ServerConfig;
import dev.coffer.server.Site;
import java.util.List;
import org.junit.jupiter.api.Test;

class BudgetTest {
    private static final Site SITE = Site.of(exchange -> exchange.respond(Status.NO_CONTENT));

    @Test
    void theNumberIsWhatAServerOfTwiceTheSizeHoldsMoreRoundingAside() {
        ServerConfig base = Target.tight();
        Budget budget = Budget.of(base, SITE);
        MemoryPlan once = Server.plan(Target.of(base, 1), SITE);
        MemoryPlan twice = Server.plan(Target.of(base, 2), SITE);
        assertEquals(twice.totalBytes() - once.totalBytes(), budget.regionBytes(), 4096, "regions are rounded to pages");
        assertEquals(twice.heapBytes() - once.heapBytes(), budget.objectBytes());
        assertEquals(once.totalBytes() + once.heapBytes(), budget.bytesWithShared());
        assertTrue(budget.scratchBytes() > 0, "a key exchange");
    }

    /// Its blocks are those of the profile, and not those of 100,000 connections (twice as many of them were more than there may be).
    @Test
    void theNumberIsTheSameInAServerForMoreConnections() {
        ServerConfig base = Target.tight();
        ServerConfig larger = base.withHttp3(base.http3().withConnections(100_000));
        assertEquals(Budget.of(base, SITE).bytes(), Budget.of(larger, SITE).bytes());
    }

    /// What a server has beside that commits on touch, the sweep, is shared.
    @Test
    void theNumberIsTheSameWhereMemoryIsCommittedWhenTouched() {
        ServerConfig base = Target.tight();
        Budget touched = Budget.of(base.withCommit(Commit.ON_TOUCH), SITE);
        Budget open = Budget.of(base.withCommit(Commit.ON_OPEN), SITE);
        assertEquals(open.bytes(), touched.bytes());
        assertTrue(touched.bytesWithShared() >= open.bytesWithShared(), "the sweep's row, which a page's rounding may have room for");
    }

    @Test
    void whateverGrowsCountsWhoeverItBelongsTo() {
        ServerConfig base = Target.tight();
        Http3Serving third = base.http3();
        int more = 64;
        long larger = Budget.of(base.withHttp3(third.withConfig(third.config().withHeadShareBytes(third.config().headShareBytes() + more))), SITE).bytes();
        assertEquals(Budget.of(base, SITE).bytes() + (long) Target.STREAM_PLACES * more, larger, "each stream's share in heads");
    }

    @Test
    void theTableSaysTheNumberAndWhetherItIsReached() {
        Budget budget = Budget.of(Target.tight(), SITE);
        List<String> table = budget.table();
        String number = String.format(java.util.Locale.ROOT, "%,d", budget.bytes());
        assertTrue(table.stream().anyMatch(line -> line.contains(number) && line.contains("in all: because") && line.contains(Budget.against(budget.bytes()))),
                () -> String.join("\n", table));
        assertEquals("gate 69,700 NOT reached: 1 over", Budget.against(Target.GATE_BYTES + 1));
        assertEquals("gate 69,700 reached", Budget.against(Target.GATE_BYTES));
        assertEquals("aim 57,344 reached", Budget.against(Target.AIM_BYTES));
        assertEquals("record 49,152 reached", Budget.against(Target.RECORD_BYTES));
    }

    @Test
    void aServerWithoutHttp3HasNone() {
        assertThrows(IllegalArgumentException.class, () -> Target.of(ServerConfig.tight(), 1));
    }
}
