package dev.coffer.http.http1;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.http.HttpEvent;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import dev.coffer.memory.ledger.Ledger;
import dev.coffer.memory.ledger.LedgerSnapshot;
import dev.coffer.testkit.LongRun;
import dev.coffer.testkit.RawMemory;
import dev.coffer.testkit.Seeds;
import dev.coffer.testkit.simulation.StreamDriver;
import dev.coffer.testkit.simulation.StreamEnd;
import java.lang.foreign.MemorySegment;
import java.util.EnumMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Both engines of HTTP/1.1 through the simulated network under every fault, against a model ([Http1World]); afterwards plan and ledger are
/// where they began, and the memory of both is zero.
class Http1SimulationTest {
    private static final Http1Config CONFIG = Http1Config.tight();
    private static final int SEEDS = 5000;

    /// A region for one client and one server, used for one world after another.
    private static final class Place implements AutoCloseable {
        final MemoryPlan plan = MemoryPlan.group("simulation", CONFIG.clientPlan().named("client"), CONFIG.plan().named("server"));
        final Region region = Region.open(RegionConfig.defaults("simulation"), plan);
        final MemorySegment client = region.carve("client");
        final MemorySegment server = region.carve("server");
        final LedgerSnapshot ledger = Ledger.of("simulation", Ledger.region(region)).snapshot();
        final String before = state();

        private String state() {
            ledger.refresh();
            return ledger.toJson();
        }

        Http1World run(SplittableRandom random, Http1World.Drivers drivers) {
            Http1World world = new Http1World(random, CONFIG, client, server, drivers);
            boolean ended = false;
            try {
                world.run();
                ended = true;
            } finally {
                if (!ended) {  // the next world finds it as this one did
                    client.fill((byte) 0);
                    server.fill((byte) 0);
                }
            }
            assertEquals(0, RawMemory.nonZero(client), "bytes that the client left behind");
            assertEquals(0, RawMemory.nonZero(server), "bytes that the server left behind");
            region.checkCanary();
            assertEquals(before, state());
            return world;
        }

        @Override
        public void close() {
            region.close();
        }
    }

    @Test
    void whatEachSideGotIsWhatTheModelSays() {
        int[] completed = {0};
        int[] aborted = {0};
        Map<Http1World.Fault, Integer> faults = new EnumMap<>(Http1World.Fault.class);
        try (Place place = new Place()) {
            Seeds.forEach(1, SEEDS, random -> {
                Http1World world = place.run(random, Http1World::rightDriver);
                completed[0] += world.completed();
                aborted[0] += world.aborted();
                for (Http1World.Fault fault : Http1World.Fault.values()) {
                    faults.merge(fault, world.has(fault) ? 1 : 0, Integer::sum);
                }
            });
        }
        if (Long.getLong("coffer.seed") == null) {
            assertTrue(completed[0] > SEEDS && aborted[0] > SEEDS / 10, completed[0] + " completed, " + aborted[0] + " aborted");
            faults.forEach((fault, count) -> assertTrue(count > SEEDS / 10, fault + " in " + count));
        }
    }

    /// A driver that forgets one byte of its input in a rare case.
    private static StreamDriver<HttpEvent> forgetful(String name, Http1Engine engine, StreamEnd end, SplittableRandom random,
            Http1Application application) {
        return new StreamDriver<>(name, engine, end, random, application::handle) {
            @Override
            protected int afterFeed(int offered, int taken, int left) {
                return taken > 0 && taken < offered && left % 16 == 3 ? left - 1 : left;
            }
        };
    }

    @Test
    void aPlantedMistakeIsFoundAndReplaysByItsSeed() {
        String replayed = System.getProperty("coffer.seed");
        try (Place place = new Place()) {
            System.clearProperty("coffer.seed");
            AssertionError found = assertThrows(AssertionError.class,
                    () -> Seeds.forEach(1, SEEDS, random -> place.run(random, Http1SimulationTest::forgetful)));
            Matcher seed = Pattern.compile("replay with -Dcoffer.seed=(\\d+)").matcher(found.getMessage());
            assertTrue(seed.find(), found.getMessage());
            System.setProperty("coffer.seed", seed.group(1));
            AssertionError again = assertThrows(AssertionError.class,
                    () -> Seeds.forEach(1, SEEDS, random -> place.run(random, Http1SimulationTest::forgetful)));
            assertEquals(found.getMessage(), again.getMessage());
            Seeds.forEach(1, SEEDS, random -> place.run(random, Http1World::rightDriver));  // it is the mistake, not the seed
        } finally {
            if (replayed == null) {
                System.clearProperty("coffer.seed");
            } else {
                System.setProperty("coffer.seed", replayed);
            }
        }
    }

    @Test
    @Tag("long")
    void manyWorldsMore() {
        try (Place place = new Place()) {
            LongRun.of("HTTP/1.1 in the simulator", 1_000_000, random -> place.run(random, Http1World::rightDriver));
        }
    }
}
