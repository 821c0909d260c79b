package dev.coffer.server;

import static dev.coffer.testkit.RecordRanges.check;
import static dev.coffer.testkit.RecordRanges.differences;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.http.Limits;
import dev.coffer.http.http1.Http1Config;
import dev.coffer.memory.Protection.Level;
import dev.coffer.memory.RegionConfig;
import dev.coffer.server.drive.LoopConfig;
import dev.coffer.server.events.EventConfig;
import dev.coffer.server.events.EventConfig.WhenFull;
import dev.coffer.server.net.DatagramConfig;
import dev.coffer.testkit.RecordRanges;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;

/// Each number of a configuration is taken at both edges of its range and refused past them; each way to another number changes that one.
class ConfigRangesTest {
    private static final int MIB = 1 << 20;
    private static final long MILLI = 1_000_000;
    private static final long QUARTER = Long.MAX_VALUE / 4;
    private static final ServerConfig STANDARD = ServerConfig.standard();

    @Test
    void aServersNumbersAreTakenAtTheirEdges() {
        check(STANDARD, "loops", 1, 64);
        check(STANDARD.withSize(7, 512, 7), "connections", 7, MIB);
        check(STANDARD.withSize(7, 512, 64), "active", 7, 512);
        check(STANDARD.withBlocks(1, MIB), "blocks", 0, 4096);
        for (String time : new String[] {"answerNanosMax", "starvedNanosMax"}) {
            check(STANDARD, time, MILLI, QUARTER);
        }
        check(STANDARD, "stopNanosMax", 0, QUARTER);
    }

    @Test
    void outputHoldsAHeadAndABlockHoldsAnOutputInSteps() {
        ServerConfig wide = STANDARD.withBlocks(1, MIB);
        assertEquals(1024, wide.outputBytes());
        RecordRanges.refuses(wide, "outputBytes", 1024 - 64);
        RecordRanges.refuses(wide, "outputBytes", 1024 + 1);
        RecordRanges.refuses(STANDARD, "blockBytes", 1024 - 64);
        RecordRanges.refuses(STANDARD, "blockBytes", 1024 + 63);
        RecordRanges.refuses(STANDARD, "blockBytes", MIB + 64);
        assertEquals(MIB, wide.blockBytes());
        assertEquals(1024, STANDARD.withBlocks(3, 1024).blockBytes());
        assertThrows(IllegalArgumentException.class, () -> STANDARD.withAddress(InetSocketAddress.createUnresolved("no.such", 1)));
    }

    @Test
    void eachWayToAnotherNumberChangesThatOne() {
        assertEquals("loops connections active", differences(STANDARD, STANDARD.withSize(2, 9, 5)));
        assertEquals("http", differences(STANDARD, STANDARD.withLimits(Limits.tight())));
        assertEquals("http", differences(STANDARD, STANDARD.withHttp(Http1Config.tight())));
        assertEquals("blocks blockBytes", differences(STANDARD, STANDARD.withBlocks(2, 2048)));
        assertEquals("locked", differences(STANDARD, STANDARD.withLocked(Level.OFF)));
        RegionConfig.Commit other = STANDARD.commit() == RegionConfig.Commit.ON_OPEN ? RegionConfig.Commit.ON_TOUCH : RegionConfig.Commit.ON_OPEN;
        assertEquals("commit", differences(STANDARD, STANDARD.withCommit(other)));
        assertEquals("portable", differences(STANDARD, STANDARD.withPortable(true)));
        ServerConfig timed = STANDARD.withTimes(MILLI, 2 * MILLI, 3 * MILLI);
        assertEquals("answerNanosMax starvedNanosMax stopNanosMax", differences(STANDARD, timed));
        assertEquals(MILLI, timed.answerNanosMax());
        assertEquals(2 * MILLI, timed.starvedNanosMax());
        assertEquals(3 * MILLI, timed.stopNanosMax());
        InetSocketAddress where = new InetSocketAddress("127.0.0.1", 17);
        assertEquals("address", differences(STANDARD, STANDARD.withAddress(where)));
    }

    @Test
    void longerHeadsTakeMoreOfEveryOutputInStepsOf64() {
        assertEquals(STANDARD, STANDARD.withLongerHeads(0));
        ServerConfig longer = STANDARD.withLongerHeads(1);
        assertEquals("http outputBytes", differences(STANDARD, longer));
        assertEquals("sentHeadBytesMax", differences(STANDARD.http(), longer.http()));
        assertEquals(1024 + 64, longer.http().sentHeadBytesMax());
        assertEquals(1024 + 64, longer.outputBytes());
        ServerConfig full = STANDARD.withBlocks(1, 1024).withLongerHeads(65);
        assertEquals(1024 + 128, full.blockBytes(), "a block holds what an output holds");
    }

    @Test
    void everyLoopHasAnEvenShareAndTheFirstOnesTheRest() {
        ServerConfig config = STANDARD.withSize(3, 11, 4);
        int[] connections = {4, 4, 3};
        int[] active = {2, 1, 1};
        for (int i = 0; i < 3; i++) {
            assertEquals(connections[i], config.connectionsOf(i));
            assertEquals(active[i], config.activeOf(i));
            LoopConfig loop = config.loop(i);
            assertEquals("loop-" + i, loop.name());
            assertEquals(i, loop.index());
            assertEquals(connections[i], loop.connections());
            assertEquals(i == 0, loop.accepts());
            assertTrue(i == 0 ? loop.sockets() > connections[0] : loop.sockets() == connections[i], "the first has the door");
        }
    }

    @Test
    void datagramsNumbersAreTakenAtTheirEdges() {
        DatagramConfig standard = DatagramConfig.standard();
        check(standard, "datagramBytesMax", 1, 65_507);
        check(standard, "receives", 1, 1024);
        check(standard, "outputBytes", 1, 1 << 24);
        check(standard, "outputs", 1, 4096);
        check(standard, "sends", 1, 1024);
        check(standard, "systemReceiveBytes", 0, 1 << 30);
        check(standard, "systemSendBytes", 0, 1 << 30);
        assertEquals(new DatagramConfig(1472, 8, true, 1 << 17, 64, 64, 0, 0), standard);
        assertEquals(new DatagramConfig(1, 2, false, 3, 4, 5, 6, 7),
                standard.withDatagramBytesMax(1).withReceives(2).withGrouped(false).withOutput(3, 4, 5).withSystemBytes(6, 7));
    }

    @Test
    void eventsNumbersAreTakenAtTheirEdges() {
        EventConfig standard = EventConfig.standard();
        check(standard, "subscribers", 1, MIB);
        check(standard, "broadcastEvents", 1, 1 << 16);
        check(standard, "retryMillis", 0, Integer.MAX_VALUE);
        check(standard, "keepAliveNanos", MILLI, QUARTER);
        for (int wrong : new int[] {0, 63, 65, MIB + 64}) {
            RecordRanges.refuses(standard, "eventBytesMax", wrong);
        }
        assertEquals(64, standard.withSize(1, 64, 1, 0).eventBytesMax());
        assertEquals(MIB, standard.withSize(1, MIB, 1, 2).eventBytesMax());
        for (int wrong : new int[] {-1, 1, 1025}) {
            RecordRanges.refuses(standard, "queueEvents", wrong);
        }
        assertEquals(1024, standard.withSize(1, 64, 1, 1024).queueEvents());
        assertEquals(new EventConfig(1, 64, 2, 3, WhenFull.CLOSE, 4, MILLI),
                standard.withSize(1, 64, 2, 3).withWhenFull(WhenFull.CLOSE).withTimes(4, MILLI));
        assertEquals(new EventConfig(64, 1024, 64, 4, WhenFull.DROP_OLDEST, 3000, 15_000 * MILLI), standard);
    }
}
