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
import dev.coffer.tls.EarlyData;
import dev.coffer.tls.TicketConfig;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// 0-RTT in a simulated network that loses, reorders, doubles and corrupts: whatever becomes of what is said early, all of it is heard once, and nothing is held afterwards.
class QuicEarlySimulationTest {
    private static final long MILLI = 1_000_000;
    private static final Address SERVER = new Address(0x0a000001, 443);
    private static final Address CLIENT = new Address(0x0a000002, 5000);
    private static final int STEPS_MAX = 2_000_000;

    private final EarlyPeers.Grants grants = new EarlyPeers.Grants();
    private final EarlyPeers.Remembers remembers = new EarlyPeers.Remembers();
    private int taken;
    private int refused;

    private static Conditions link() {
        return Conditions.perfect().withDelay(15 * MILLI, 2 * MILLI).withRate(1_250_000, 30_000);
    }

    /// One connection from its begin to its end.
    private void talk(Ends ends, SplittableRandom random, Conditions conditions, boolean early, int streams, int bytes, boolean updates) {
        MemorySegment path = Arena.ofAuto().allocate(NetworkPath.BYTES);
        ends.seed(random.nextLong());
        Simulation world = new Simulation(random);
        DatagramPort serverPort = world.network().datagrams(SERVER, conditions);
        DatagramPort clientPort = world.network().datagrams(CLIENT, conditions);
        long now = world.clock().nanos();
        ends.server.reset(now);
        ends.server.c.admit(true, false, false);
        ends.client.reset(now);
        DatagramPort.path(path, 0, SERVER, CLIENT);
        ends.client.early(early);
        assertTrue(ends.client.connect("coffer.test", Version.V1, path, 0, now));
        assertEquals(early, ends.client.isEarly());
        Echo.Speaker speaker = new Echo.Speaker(ends.client, streams, bytes);
        world.add(new DatagramDriver<>("client", ends.client, clientPort, random.split(), event -> {
            world.trace("client " + event);
            if (event != QuicEvent.CLOSED) {
                speaker.go();
            }
            if (updates && event == QuicEvent.STREAMS) {
                ends.client.updateKeys();
            }
        }));
        world.add(new DatagramDriver<>("server", ends.server, serverPort, random.split(), event -> {
            world.trace("server " + event);
            if (event == QuicEvent.STREAMS) {
                Echo.echo(ends.server);
            }
        }));
        world.run(STEPS_MAX, () -> speaker.done == streams || ends.client.isEnded());
        assertEquals(streams, speaker.done, () -> "streams: " + ends.client + " and " + ends.server);
        world.run(STEPS_MAX, () -> ends.client.isConfirmed() && ends.clientContext.sessions() > 0);
        taken += ends.client.earlyData() == EarlyData.TAKEN ? 1 : 0;
        refused += ends.client.earlyData() == EarlyData.REFUSED ? 1 : 0;
        ends.client.shutdown(world.clock().nanos());
        world.run(STEPS_MAX, () -> ends.client.isEnded() && ends.server.isEnded());
        assertEquals(0, ends.held(), "lent at the end");
    }

    @Test
    void whateverBecomesOfItAllIsHeardOnce() {
        int seeds = Integer.getInteger("coffer.seeds", 2);
        Seeds.forEach(1, seeds, random -> {
            try (Ends ends = new Ends(QuicConfig.defaults(), QuicConfig.defaults(), Ends.tls().withTickets(TicketConfig.defaults().withEarlyBytes(1)))) {
                ends.serverLoop.early(grants);
                ends.clientLoop.early(remembers);
                ends.resuming();
                grants.protocol = new byte[] {1};
                talk(ends, random, link(), false, 1, 100, false);
                int before = taken;
                talk(ends, random, link(), true, 3, 4000, true);
                assertEquals(before + 1, taken, "where nothing is lost it is taken");
                Conditions bad = link().withLoss(0.1).withDisorder(0.1, 0.05).withCorruption(0.02);
                talk(ends, random, bad, true, 1 + random.nextInt(8), 1 + random.nextInt(12_000), random.nextBoolean());
                before = refused;
                grants.protocol = new byte[2];  // other terms than the session's
                talk(ends, random, random.nextBoolean() ? bad : link(), true, 1 + random.nextInt(8), 1 + random.nextInt(12_000), random.nextBoolean());
                assertEquals(before + 1, refused);
            }
        });
    }
}
