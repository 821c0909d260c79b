package dev.coffer.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.instruments.Mapping;
import dev.coffer.server.drive.Loop;
import dev.coffer.server.time.Time;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Protection.Level;
import dev.coffer.memory.Region;
import dev.coffer.server.files.FileSite;
import dev.coffer.testkit.Eventually;
import dev.coffer.testkit.ObjectBytes;
import dev.coffer.testkit.RawMemory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What was planned is what is held: as the kernel says, as the ledger says, as JOL says.
class ServerMemoryTest {
    /// The usual `ulimit -l` is 8 MiB; below 7 the rest of the process may lock something too.
    private static final long LOCKABLE_BYTES_MAX = 7L << 20;

    @TempDir
    Path root;

    /// {@return the kernel's word on the length of a mapping, its guards with it}
    private static long smapsBytes(Region region) {
        long guard = region.config().guard() == Level.OFF ? 0 : region.pageBytes();
        long from = region.data().address() - guard;
        return Mapping.within(Mapping.ofSelf(), from, from + region.bytes()).stream().mapToLong(Mapping::bytes).sum();
    }

    @Test
    void planIsMappingIsLedger() throws IOException {
        for (Setup config : new Setup[] {Setup.standard(root), Setup.tight(root),
                Setup.standard(root).sized(2, 100, 30), Setup.standard(root).withPortable(true)}) {
            try (Server server = config.open()) {
                long mapped = 0;
                for (Region region : server.regions()) {
                    mapped += smapsBytes(region);
                }
                assertEquals(config.plan().totalBytes(), mapped);
                assertEquals(mapped, server.ledger().planBytes());
                assertEquals(mapped, server.ledger().regionBytes());
                assertEquals(config.plan().heapBytes(), server.ledger().heapBytes());
            }
        }
    }

    @Test
    void everyRowOfThePlanIsCarved() throws IOException {
        for (boolean portable : new boolean[] {false, true}) {
            try (Loop loop = Setup.standard(root).withPortable(portable).loop(0, Time.SYSTEM)) {
                assertEquals(loop.region().bytes(), loop.region().usedBytes());
            }
        }
    }

    @Test
    void theDefaultPlanLocksUnderTheUsualLimit() {
        assertTrue(Setup.standard(root).plan().totalBytes() < LOCKABLE_BYTES_MAX);
        assertTrue(Setup.tight(root).plan().totalBytes() < 1 << 20);
    }

    /// The heap column counts the tables that grow with the configuration: two loops of different sizes differ by what
    /// their plans differ by, to the byte, as JOL counts everything that a loop reaches.
    @Test
    void heapBytesAreWhatJolCounts() throws IOException {
        Setup small = Setup.standard(root).withLocked(Level.OFF).sized(1, 10, 20).withBlocks(3, 1 << 14);  // what a lock says of itself is as long as its size's number
        Setup[] larger = {small.sized(1, 107, 20), small.sized(1, 10, 231), small.withBlocks(90, 1 << 14),
                small.sized(1, 400, 500)};
        long smallBytes = jolBytes(small);
        long smallPlan = small.loopPlan(0).heapBytes();
        assertTrue(smallPlan > 0 && smallPlan < smallBytes, smallPlan + " planned, " + smallBytes + " reached");
        for (Setup config : larger) {
            MemoryPlan plan = config.loopPlan(0);
            assertEquals(jolBytes(config) - smallBytes, plan.heapBytes() - smallPlan, config.toString());
        }
    }

    /// What a thousand connections more cost, of which no more are active: the kernel's and JOL's word for it are the tests above.
    @Test
    void anIdleConnectionHoldsAtMost512BytesOffTheHeapAnd512OnIt() throws IOException {
        ServerConfig few = ServerConfig.standard().withSize(1, 1000, 64);
        ServerConfig many = few.withSize(1, 2000, 64);
        Site site = LedgerPage.before(FileSite.of(root, 16));
        MemoryPlan more = Server.plan(many, site);
        MemoryPlan less = Server.plan(few, site);
        double off = (more.totalBytes() - less.totalBytes()) / 1000.0;
        double on = (more.heapBytes() - less.heapBytes()) / 1000.0;
        System.out.printf("an idle connection: %.1f bytes off the heap, %.1f of objects%n", off, on);
        assertTrue(off > 0 && off <= 512, off + " bytes off the heap");
        assertTrue(on > 0 && on <= 512, on + " bytes of objects");
        long jol = 0;
        for (ServerConfig config : new ServerConfig[] {few, many}) {
            jol = jolBytes(new Setup(config, root, 16)) - jol;
        }
        assertEquals(more.heapBytes() - less.heapBytes(), jol, 1000, "as JOL counts, rows of the plan aside");
    }

    private static long jolBytes(Setup config) throws IOException {
        try (Loop loop = config.loop(0, Time.SYSTEM)) {
            return ObjectBytes.of(loop);
        }
    }

    @Test
    void whatARequestLeftIsWiped() throws IOException, InterruptedException {
        Files.writeString(root.resolve("f"), "the answer");
        try (Server server = Setup.standard(root).open()) {
            server.start();
            Region region = server.regions().getFirst();
            long address = region.data().address();
            int length = Math.toIntExact(region.data().byteSize());
            String cookie = "planted-4711-cookie";
            try (Client client = new Client(server.address())) {
                assertEquals(200, client.get("/f", "Cookie: " + cookie).status());
                client.send("GET /f HTTP/1.1\r\nHost: t\r\nCookie: " + cookie);  // half a head: still held
                Eventually.holds("the control is found while the head is incomplete", () -> holds(address, length, cookie));
            }
            Eventually.holds("gone after the connection closed", () -> !holds(address, length, cookie));
        }
    }

    private static boolean holds(long address, int length, String text) {
        String memory = new String(RawMemory.read(address, length), StandardCharsets.ISO_8859_1);
        return memory.contains(text);
    }
}
