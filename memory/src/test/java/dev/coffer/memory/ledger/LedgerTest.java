package dev.coffer.memory.ledger;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.coffer.memory.Account;
import dev.coffer.memory.Budget;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

class LedgerTest {
    private static final MemoryPlan DATA = MemoryPlan.group("data",
            MemoryPlan.group("read", MemoryPlan.block("slots", 4096), MemoryPlan.block("index", 64)),
            MemoryPlan.group("write", MemoryPlan.block("slots", 8192)).times(2),
            MemoryPlan.block("files \"open\"", 640));

    private static final class Stock implements Account {
        private final String name;
        private final long capacity;
        private long used;
        private long peak;

        Stock(String name, long capacity) {
            this.name = name;
            this.capacity = capacity;
        }

        void use(long bytes) {
            used = bytes;
            peak = Math.max(peak, bytes);
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public long capacityBytes() {
            return capacity;
        }

        @Override
        public long usedBytes() {
            return used;
        }

        @Override
        public long peakBytes() {
            return peak;
        }
    }

    private static int index(Ledger ledger, String name) {
        for (int i = 0; i < ledger.lines().size(); i++) {
            if (ledger.lines().get(i).name().equals(name)) {
                return i;
            }
        }
        throw new AssertionError(name);
    }

    @Test
    void planEqualsRegionAndRowsWithoutAccountAreUsedWhole() {
        try (Region region = Region.open(RegionConfig.defaults("t"), DATA)) {
            Ledger ledger = Ledger.of("test", Ledger.region(region));
            assertEquals(region.bytes(), ledger.planBytes());
            assertEquals(region.bytes(), ledger.regionBytes());
            assertEquals(region.bytes(), ledger.usedBytes());
            assertEquals(region.bytes(), ledger.peakBytes());
        }
    }

    @Test
    void totalsAreTheMappingLessWhatAccountsCouldStillHandOut() {
        try (Region region = Region.open(RegionConfig.defaults("t"), DATA)) {
            Stock read = new Stock("read", 4096);          // of 4160 planned: 64 are its own
            Stock write = new Stock("write/slots", 16384);
            Ledger ledger = Ledger.of("test", Ledger.region(region, read, write));
            assertEquals(region.bytes() - 4096 - 16384, ledger.usedBytes());
            read.use(1000);
            write.use(16384);
            write.use(8192);
            assertEquals(region.bytes() - 3096 - 8192, ledger.usedBytes());
            assertEquals(region.bytes() - 3096, ledger.peakBytes());
            LedgerSnapshot snapshot = ledger.snapshot();
            assertEquals(ledger.usedBytes(), snapshot.usedBytes());
            assertEquals(ledger.peakBytes(), snapshot.peakBytes());
            assertEquals(64 + 1000, snapshot.usedBytes(index(ledger, "read")));
            assertEquals(8192, snapshot.usedBytes(index(ledger, "write")));
            assertEquals(16384, snapshot.peakBytes(index(ledger, "write")));
            assertEquals(-1, snapshot.usedBytes(index(ledger, "index")), "the account above speaks for it");
            assertEquals(-1, snapshot.peakBytes(index(ledger, "index")));
            assertEquals(-1, snapshot.capacityBytes(index(ledger, "index")));
            assertEquals(4096, snapshot.capacityBytes(index(ledger, "read")));
            assertEquals(64 + 1000, snapshot.peakBytes(index(ledger, "read")));
            assertEquals(2 * 8192, ledger.lines().get(index(ledger, "write") + 1).planBytes(), "as often as it stands");
        }
    }

    @Test
    void aRowForOneOfSeveralIsOneLineAndCountsOnce() {
        MemoryPlan protocol = MemoryPlan.oneOf("protocol", MemoryPlan.block("http1", 192), MemoryPlan.block("http2", 128));
        MemoryPlan data = MemoryPlan.group("data", protocol, MemoryPlan.atMost("slots", 3, protocol));
        try (Region region = Region.open(RegionConfig.defaults("r"), data)) {
            Ledger ledger = Ledger.of("l", Ledger.region(region));
            LedgerSnapshot snapshot = ledger.snapshot();
            assertEquals(region.bytes(), snapshot.usedBytes());
            assertEquals(192, snapshot.usedBytes(index(ledger, "protocol")));
            assertEquals(576, snapshot.usedBytes(index(ledger, "slots")));
            assertTrue(ledger.lines().stream().noneMatch(line -> line.name().startsWith("http")));
            assertThrows(IllegalArgumentException.class, () -> Ledger.region(region, new Stock("http1", 192)));
        }
    }

    @Test
    void theUppermostAccountOfABranchCountsOnce() {
        try (Region region = Region.open(RegionConfig.defaults("t"), DATA)) {
            Ledger ledger = Ledger.of("test",
                    Ledger.region(region, new Stock("read", 4160), new Stock("read/slots", 4096)));
            assertEquals(region.bytes() - 4160, ledger.usedBytes());
            assertEquals(ledger.usedBytes(), ledger.snapshot().usedBytes());
            assertEquals(0, ledger.snapshot().usedBytes(index(ledger, "slots")));
        }
    }

    @Test
    void closedRegionsCountZeroInAllButThePlan() {
        Region open = Region.open(RegionConfig.defaults("open"), DATA);
        Region closed = Region.open(RegionConfig.defaults("closed"), DATA);
        Ledger ledger = Ledger.of("test", Ledger.region(open, new Stock("read", 4160)),
                Ledger.region(closed, new Stock("read", 4160)));
        closed.close();
        assertEquals(2 * open.bytes(), ledger.planBytes());
        assertEquals(open.bytes(), ledger.regionBytes());
        assertEquals(open.bytes() - 4160, ledger.usedBytes());
        LedgerSnapshot snapshot = ledger.snapshot();
        assertEquals(open.bytes(), snapshot.regionBytes());
        assertEquals(open.bytes() - 4160, snapshot.usedBytes());
        assertEquals(0, snapshot.usedBytes(index(ledger, "closed")));
        assertEquals(open.bytes() - 4160, ledger.peakBytes());
        assertEquals(open.bytes() - 4160, snapshot.peakBytes());
        assertEquals(0, snapshot.peakBytes(index(ledger, "closed")));
        open.close();
        assertEquals(0, ledger.usedBytes());
        assertEquals(0, ledger.peakBytes());
        snapshot.refresh();
        assertEquals(0, snapshot.usedBytes() + snapshot.peakBytes() + snapshot.regionBytes());
        assertEquals(2 * open.bytes(), snapshot.planBytes());
    }

    @Test
    void jsonHoldsTheTotalsAndTheTree() {
        Budget root = Budget.root("all", 1000);
        Budget tls = root.child("tls", 600);
        tls.reserve(500);
        tls.release(400);
        try (Region region = Region.open(RegionConfig.defaults("t"), DATA)) {
            Stock write = new Stock("write", 16384);
            write.use(3);
            Ledger ledger = Ledger.of("a \"name\"", Ledger.region(region, write), Ledger.budget(root, tls));
            LedgerSnapshot snapshot = ledger.snapshot();
            JsonObject json = JsonParser.parseString(snapshot.toJson()).getAsJsonObject();
            assertEquals("a \"name\"", json.get("name").getAsString());
            assertEquals(region.bytes(), json.get("planBytes").getAsLong());
            assertEquals(region.bytes(), json.get("regionBytes").getAsLong());
            assertEquals(region.bytes() - 2 * region.pageBytes(), json.get("committedBytes").getAsLong(), "all but the guards");
            assertEquals(ledger.committedBytes(), snapshot.committedBytes());
            assertEquals(ledger.usedBytes(), json.get("usedBytes").getAsLong());
            assertEquals(ledger.peakBytes(), json.get("peakBytes").getAsLong());
            JsonObject top = json.getAsJsonArray("tree").get(0).getAsJsonObject();
            assertEquals("region", top.get("kind").getAsString());
            assertFalse(top.get("portable").getAsBoolean());
            assertEquals(region.inForce(region.protections().get(1).protection()),
                    top.getAsJsonObject("protections").get("LOCKED").getAsBoolean());
            JsonObject data = top.getAsJsonArray("children").get(1).getAsJsonObject();
            assertEquals("data", data.get("name").getAsString());
            assertEquals(3, data.getAsJsonArray("children").size());
            JsonObject second = data.getAsJsonArray("children").get(1).getAsJsonObject();
            assertEquals("write", second.get("name").getAsString());
            assertEquals(3, second.get("usedBytes").getAsLong());
            assertEquals(16384, second.get("capacityBytes").getAsLong());
            assertEquals("files \"open\"", data.getAsJsonArray("children").get(2).getAsJsonObject().get("name")
                    .getAsString());
            JsonObject budget = json.getAsJsonArray("tree").get(1).getAsJsonObject();
            assertEquals(1000, budget.get("limitBytes").getAsLong());
            JsonObject child = budget.getAsJsonArray("children").get(0).getAsJsonObject();
            assertEquals(100, child.get("usedBytes").getAsLong());
            assertEquals(500, child.get("peakBytes").getAsLong());
            long rows = 0;
            for (var row : top.getAsJsonArray("children")) {
                rows += row.getAsJsonObject().get("usedBytes").getAsLong();
            }
            assertEquals(top.get("usedBytes").getAsLong(), rows, "a region is the sum of its rows");
        }
    }

    @Test
    void jsonNeedsTheRoomItAsksForAndNoMore() {
        try (Region region = Region.open(RegionConfig.defaults("t"), DATA); Arena arena = Arena.ofConfined()) {
            LedgerSnapshot snapshot = Ledger.of("test", Ledger.region(region)).snapshot();
            MemorySegment exact = arena.allocate(7 + snapshot.jsonBytesMax());
            long written = snapshot.writeJson(exact, 7);
            assertTrue(written <= snapshot.jsonBytesMax());
            assertEquals('}', exact.get(ValueLayout.JAVA_BYTE, 7 + written - 1));
            assertEquals(0, exact.get(ValueLayout.JAVA_BYTE, 6));
            MemorySegment small = arena.allocate(6 + snapshot.jsonBytesMax());
            assertThrows(IllegalArgumentException.class, () -> snapshot.writeJson(small, 7));
            assertThrows(IllegalArgumentException.class, () -> snapshot.writeJson(exact, -1));
            assertThrows(IllegalArgumentException.class, () -> snapshot.writeJson(exact, Long.MAX_VALUE));
        }
    }

    @Test
    void emptyLedgerIsValidJson() {
        JsonObject json = JsonParser.parseString(Ledger.of("none").snapshot().toJson()).getAsJsonObject();
        assertEquals(0, json.get("planBytes").getAsLong());
        assertEquals(0, json.getAsJsonArray("tree").size());
    }

    @Test
    void tableShowsEveryLine() {
        Budget root = Budget.root("all", 1000);
        try (Region region = Region.open(RegionConfig.defaults("t"), DATA)) {
            Ledger ledger = Ledger.of("test", Ledger.region(region), Ledger.budget(root));
            String table = ledger.snapshot().toTable();
            assertTrue(table.contains("16,384"), table);
            assertTrue(table.contains("all (budget)"), table);
            assertTrue(table.endsWith("24,576  bytes of 32,768 mapped are committed\n"), table);
            assertEquals(3 + ledger.lines().size(), table.lines().count(), table);
        }
    }

    @Test
    void refusesAccountsThatFitNoRowOrSeveral() {
        try (Region region = Region.open(RegionConfig.defaults("t"), DATA)) {
            assertThrows(IllegalArgumentException.class, () -> Ledger.region(region, new Stock("none", 1)));
            assertThrows(IllegalArgumentException.class, () -> Ledger.region(region, new Stock("slots", 1)));
            assertThrows(IllegalArgumentException.class,
                    () -> Ledger.region(region, new Stock("read", 1), new Stock("data/read", 1)));
        }
        Budget stranger = Budget.root("stranger", 1);
        assertThrows(IllegalArgumentException.class, () -> Ledger.budget(Budget.root("all", 1), stranger));
    }

    @Test
    void budgetsStandUnderTheirParentsInTheOrderGiven() {
        Budget root = Budget.root("root", 9);
        Budget a = root.child("a", 9);
        Budget b = root.child("b", 9);
        Budget underA = a.child("under a", 9);
        Ledger ledger = Ledger.of("test", Ledger.budget(root, a, b, underA));
        assertEquals("[root, a, under a, b]", ledger.lines().stream().map(LedgerLine::name).toList().toString());
        assertEquals("[0, 1, 2, 1]", ledger.lines().stream().map(LedgerLine::depth).toList().toString());
    }

    @Test
    void theRoomForJsonIsThatOfTheLongestNumbers() {
        LedgerSnapshot empty = Ledger.of("none").snapshot();
        assertEquals(empty.toJson().length() + 6 * (19 - 1), empty.jsonBytesMax(), "six numbers of one digit");
        Budget most = Budget.root("b", Long.MAX_VALUE);
        LedgerSnapshot one = Ledger.of("one", Ledger.budget(most)).snapshot();
        int atRest = one.toJson().length();
        most.reserve(Long.MAX_VALUE);
        one.refresh();
        assertEquals(atRest + 2 * (19 - 1), one.toJson().length());
        assertTrue(one.toJson().length() + 5 * 18 <= one.jsonBytesMax());
        assertEquals(Long.MAX_VALUE, JsonParser.parseString(one.toJson()).getAsJsonObject().getAsJsonArray("tree").get(0)
                .getAsJsonObject().get("peakBytes").getAsLong());
    }

    @Test
    void aBudgetPlansNothingAndSaysItsPath() {
        Budget root = Budget.root("all", 10);
        Budget child = root.child("tls", 5);
        Budget grandchild = child.child("handshake", 5);
        Ledger ledger = Ledger.of("l", Ledger.budget(root, child, grandchild));
        assertEquals(0, ledger.planBytes() + ledger.regionBytes() + ledger.usedBytes() + ledger.heapBytes());
        String[] paths = {"/all", "/all/tls", "/all/tls/handshake"};
        for (int i = 0; i < 3; i++) {
            LedgerLine line = ledger.lines().get(i);
            assertEquals(paths[i], line.path());
            assertEquals(i, line.depth());
            assertEquals(0, line.planBytes());
            assertEquals("", line.regionName());
            assertEquals(LedgerLine.Kind.BUDGET, line.kind());
        }
        assertEquals(grandchild, ledger.lines().get(2).account());
    }
}
