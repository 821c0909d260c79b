package dev.coffer.quic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.memory.engine.NetworkPath;
import dev.coffer.quic.packet.Version;
import dev.coffer.testkit.Seeds;
import dev.coffer.testkit.simulation.Conditions;
import dev.coffer.testkit.simulation.DatagramDriver;
import dev.coffer.testkit.simulation.DatagramPort;
import dev.coffer.testkit.simulation.DatagramPort.Address;
import dev.coffer.testkit.simulation.Simulation;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/// Transfers over networks that drop what is larger than so many bytes, and say nothing of it.
class PathMtuSimulationTest {
    private static final long MILLI = 1_000_000;
    private static final Address SERVER = new Address(0x0a000001, 443);
    private static final Address CLIENT = new Address(0x0a000002, 5000);
    private static final int STEPS_MAX = 400_000;
    private static final int MOST = QuicConfig.defaults().datagramBytes();
    private static final QuicConfig CONFIG = QuicConfig.defaults().withWindows(1 << 16, 1 << 18, 16_384);  // a transfer takes many round trips
    private static Ends ends;

    @AfterAll
    static void close() {
        if (ends != null) {
            ends.close();
        }
    }

    private static Conditions link(int carries) {
        return Conditions.perfect().withDelay(15 * MILLI, 0).withMtu(carries);
    }

    /// A client says so much and hears it again; at a time the path carries other sizes.
    ///
    /// @return the most that either side took for the size of a datagram before that
    private static int transfer(SplittableRandom random, Conditions at, long thenNanos, Conditions then, int bytes) {
        ends = ends == null ? new Ends(CONFIG, CONFIG, Ends.tls()) : ends;
        ends.seed(random.nextLong());
        Simulation world = new Simulation(random);
        DatagramPort serverPort = world.network().datagrams(SERVER, at);
        DatagramPort clientPort = world.network().datagrams(CLIENT, at);
        long now = world.clock().nanos();
        ends.server.reset(now);
        ends.client.reset(now);
        MemorySegment path = Arena.ofAuto().allocate(NetworkPath.BYTES);
        DatagramPort.path(path, 0, SERVER, CLIENT);
        assertTrue(ends.client.connect("coffer.test", Version.V1, path, 0, now));
        Echo.Speaker speaker = new Echo.Speaker(ends.client, 1, bytes);
        world.add(new DatagramDriver<>("client", ends.client, clientPort, random.split(), event -> {
            if (event != QuicEvent.CLOSED) {
                speaker.go();
            }
        }));
        world.add(new DatagramDriver<>("server", ends.server, serverPort, random.split(), event -> {
            if (event == QuicEvent.STREAMS) {
                Echo.echo(ends.server);
            }
        }));
        int[] before = new int[1];
        world.clock().after(thenNanos, () -> {
            assertEquals(0, speaker.done, "it is under way");
            before[0] = Math.max(ends.client.c.datagramBytes(), ends.server.c.datagramBytes());
            serverPort.conditions(then);
            clientPort.conditions(then);
        });
        world.run(STEPS_MAX, () -> speaker.done == 1 || ends.client.isEnded());
        assertEquals(1, speaker.done, () -> ends.client + " and " + ends.server);
        return before[0];
    }

    private static void assertSize(Connection c, int carries) {
        int most = Math.min(MOST, carries);
        int size = c.datagramBytes();
        assertTrue(size <= most && size > most - 16, size + " bytes a datagram over a path of " + carries + ", " + c);
    }

    private static boolean wasSlowedDown(Connection c) {
        return CongestionControl.threshold(c.memory, c.recoveryAt() + LossRecovery.CONGESTION) != Long.MAX_VALUE;
    }

    @Test
    void whatThePathCarriesIsFoundBothWaysAndNoProbeThatIsLostSlowsDown() {
        Seeds.forEach(1, QuicSimulationTest.seeds(1), random -> {
            int carries = 1200 + random.nextInt(300);
            transfer(random, link(carries), 1, link(carries), 800_000);
            assertSize(ends.client.c, carries);
            assertSize(ends.server.c, carries);
            assertEquals("false false", wasSlowedDown(ends.client.c) + " " + wasSlowedDown(ends.server.c));
        });
    }

    @Test
    void whereOtherPacketsAreLostTooNothingLargerThanThePathIsSettledOn() {
        Seeds.forEach(1, QuicSimulationTest.seeds(1), random -> {
            int carries = 1250 + random.nextInt(250);
            transfer(random, link(carries).withLoss(0.02), 1, link(carries).withLoss(0.02), 300_000);
            int client = ends.client.c.datagramBytes();
            int server = ends.server.c.datagramBytes();
            assertTrue(client <= carries && server <= carries);
            assertTrue(Math.max(client, server) > PathMtu.BASE, "something was looked for");
        });
    }

    @Test
    void aPathThatShrinksInTheMiddleIsABlackHoleForAFewRoundTrips() {
        Seeds.forEach(1, QuicSimulationTest.seeds(1), random -> {
            int carries = 1200 + random.nextInt(200);
            assertEquals(MOST, transfer(random, link(MOST), 200 * MILLI, link(carries), 600_000), "before it shrank");
            assertTrue(ends.client.c.datagramBytes() <= carries && ends.server.c.datagramBytes() <= carries,
                    () -> ends.client.c.datagramBytes() + " and " + ends.server.c.datagramBytes() + " over a path of " + carries);
        });
    }
}
