package dev.coffer.client;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.client.Http3World.Totals;
import dev.coffer.http.http3.Http3Config;
import dev.coffer.quic.QuicConfig;
import dev.coffer.testkit.LongRun;
import dev.coffer.testkit.Seeds;
import dev.coffer.testkit.simulation.Conditions;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// HTTP/3 of ours over QUIC of ours, over a network that delays, loses, reorders, repeats and corrupts: every call is answered with the right bytes or comes to
/// the end that was meant for it, and nothing is held afterwards.
class Http3SimulationTest {
    private static final long MILLI = 1_000_000;
    private static Http3Ends tight;
    private static Http3Ends narrow;
    private static Http3Ends wide;
    private static Http3Ends least;

    @BeforeAll
    static void open(@TempDir Path folder) throws Exception {
        Localhost localhost = Localhost.in(folder);
        tight = new Http3Ends(localhost.identity(), QuicConfig.tight(), Http3Config.tight(), 4);
        narrow = new Http3Ends(localhost.identity(), QuicConfig.defaults().withStreams(8, 3).withBlocks(264, 256).withWindows(1000, 3000, 2000),
                Http3Config.defaults().withStreamsMax(8).withTables(512, 4, 512), 8);
        wide = new Http3Ends(localhost.identity(), QuicConfig.defaults(), Http3Config.defaults(), 50);
        least = new Http3Ends(localhost.identity(), QuicConfig.tight().withWindows(64, 256, 1280), Http3Config.tight(), 4);
    }

    @AfterAll
    static void close() {
        tight.close();
        narrow.close();
        wide.close();
        least.close();
    }

    private static Conditions conditions(SplittableRandom random) {
        if (random.nextInt(4) == 0) {
            return Conditions.perfect();
        }
        if (random.nextInt(3) == 0) {
            return Conditions.perfect().withDelay(20 * MILLI, 5 * MILLI).withLoss(random.nextDouble(0.3));
        }
        Conditions any = Conditions.any(random, true).withMtu(1472);
        return any.withRate(Math.max(20_000, any.bytesPerSecond()), Math.max(20_000, any.queueBytesMax()));
    }

    private static void world(SplittableRandom random, Totals totals) {
        int size = random.nextInt(3);
        Http3Ends ends = size == 0 ? tight : size == 1 ? narrow : wide;
        new Http3World(ends, random, totals, 1 + random.nextInt(size == 2 ? 30 : 12), size == 0 ? 3000 : size == 1 ? 10_000 : 40_000)
                .run(conditions(random), conditions(random));
    }

    @Test
    void everyCallComesToItsEndWhateverTheNetworkDoes() {
        int seeds = Integer.getInteger("coffer.seeds", 20);
        Totals totals = new Totals();
        Seeds.forEach(1, seeds, random -> world(random, totals));
        if (Long.getLong("coffer.seed") == null) {
            assertTrue(totals.answered > 3 * seeds && totals.trailers > seeds / 2, "answered " + totals.answered + ", trailers " + totals.trailers);
            assertTrue(totals.reset > 0 && totals.givenUp > 0, "reset " + totals.reset + ", given up " + totals.givenUp);
            assertTrue(totals.rejected > 0, "rejected " + totals.rejected);
            assertTrue(totals.goneAway > 0 && totals.leftOut > 0, "gone away " + totals.goneAway + ", left out " + totals.leftOut);
            assertTrue(totals.updates > 0, "key updates " + totals.updates);
        }
    }

    /// Heads are longer than the window of a stream: they go as it rises, whatever is lost of that.
    @Test
    void headsLongerThanTheWindowsGoAsTheyRise() {
        Totals totals = new Totals();
        Conditions lossy = Conditions.perfect().withDelay(20 * MILLI, 5 * MILLI).withLoss(0.1);  // a slower one takes longer than a request may
        Seeds.forEach(1, Integer.getInteger("coffer.seeds", 6), random -> new Http3World(least, random, totals, 1 + random.nextInt(6), 300).run(lossy, lossy));
        if (Long.getLong("coffer.seed") == null) {
            assertTrue(totals.answered > 6 && totals.trailers > 0, "answered " + totals.answered + ", trailers " + totals.trailers);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {36, 59})
    void whatHasFoundAFaultBeforeFindsNone(long seed) {
        Seeds.forEach(seed, 1, random -> world(random, new Totals()));
    }

    @Test
    @Tag("long")
    void manyWorldsOfHttp3() {
        Totals totals = new Totals();
        LongRun.of("worlds of HTTP/3 over QUIC", 20_000, random -> world(random, totals));
    }
}
