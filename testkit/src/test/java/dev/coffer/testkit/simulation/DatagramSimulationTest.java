package dev.coffer.testkit.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.memory.engine.DatagramHeader;
import dev.coffer.testkit.Seeds;
import dev.coffer.testkit.simulation.DatagramPort.Address;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/// The datagram outline, its driver and the network, shown by a protocol that needs all of them.
class DatagramSimulationTest {
    private static final Address CLIENT = new Address(0x0a000001, 50_000);
    private static final Address SERVER = new Address(0xc0000201, 443);

    /// Two engines, each on its own socket.
    private static final class World {
        final Simulation simulation;
        final WindowEngine client;
        final WindowEngine server;
        final DatagramPort clientPort;
        final DatagramPort serverPort;
        final AtomicInteger atClient = new AtomicInteger();
        final AtomicInteger atServer = new AtomicInteger();
        final AtomicInteger ends = new AtomicInteger();

        World(SplittableRandom random, int up, int down, int bytes, Conditions there, Conditions back) {
            simulation = new Simulation(random);
            clientPort = simulation.network().datagrams(CLIENT, there);
            serverPort = simulation.network().datagrams(SERVER, back);
            client = new WindowEngine(up, bytes);
            server = new WindowEngine(down, bytes);
            client.reset(simulation.clock().nanos());
            server.reset(simulation.clock().nanos());
            client.connect(SERVER);
            simulation.add(new DatagramDriver<>("client", client, clientPort, random.split(), e -> count(e, atClient)));
            simulation.add(new DatagramDriver<>("server", server, serverPort, random.split(), e -> count(e, atServer)));
        }

        private void count(WindowEngine.Event event, AtomicInteger messages) {
            switch (event) {
                case MESSAGE -> messages.incrementAndGet();
                case ENDED -> ends.incrementAndGet();
                case ALL_ACKNOWLEDGED -> {}
            }
        }

        boolean isDelivered(int up, int down) {
            return atServer.get() == up && atClient.get() == down && client.acknowledged() == up && server.acknowledged() == down;
        }

        void end() {
            client.shutdown(simulation.clock().nanos());
            server.shutdown(simulation.clock().nanos());
            simulation.run(10_000, () -> client.isEnded() && server.isEnded() && ends.get() > 1);
            assertEquals(2, ends.get(), "ENDED is told once by each");
            client.close();
            server.close();
        }
    }

    @Test
    void allArrivesUnderEveryFault() {
        AtomicInteger dropped = new AtomicInteger();
        AtomicInteger bad = new AtomicInteger();
        AtomicInteger segments = new AtomicInteger();
        int[] ecn = new int[4];
        Seeds.forEach(1, 400, random -> {
            int up = 1 + random.nextInt(60);
            int down = 1 + random.nextInt(60);
            int bytes = 10 + random.nextInt(200);
            Conditions there = Conditions.any(random, true).withMtu(WindowEngine.HEAD_BYTES + bytes);
            Conditions back = Conditions.any(random, true).withMtu(WindowEngine.HEAD_BYTES + bytes);
            World world = new World(random, up, down, bytes, there, back);
            world.simulation.run(200_000, () -> world.isDelivered(up, down));
            dropped.addAndGet((int) world.clientPort.dropped());
            bad.addAndGet(world.client.bad() + world.server.bad());
            segments.set(Math.max(segments.get(), world.client.segmentsMost()));
            for (int i = 0; i < ecn.length; i++) {
                ecn[i] += (int) world.server.ecn(i);
            }
            world.end();
        });
        if (Long.getLong("coffer.seed") == null) {
            assertTrue(dropped.get() > 1000 && bad.get() > 1000, "faults: " + dropped + " dropped, " + bad + " changed");
            assertTrue(segments.get() > 8, "segments of one output: " + segments);
            assertTrue(ecn[DatagramHeader.NOT_ECT] > 100 && ecn[DatagramHeader.ECT_0] > 100 && ecn[DatagramHeader.CE] > 100
                    && ecn[DatagramHeader.ECT_1] == 0, java.util.Arrays.toString(ecn));
        }
    }

    /// A NAT gives the client another port in the middle; the server follows it, and the old address is dead.
    @Test
    void aPathThatChangesIsFollowed() {
        Seeds.forEach(1, 100, random -> {
            Conditions conditions = Conditions.perfect().withDelay(20_000_000, 5_000_000).withLoss(0.05);
            World world = new World(random, 200, 200, 50, conditions, conditions);
            world.simulation.run(100_000, () -> world.atServer.get() >= 50);
            world.clientPort.rebind(new Address(0x0b000001, 1024 + random.nextInt(1000)));
            world.simulation.run(100_000, () -> world.isDelivered(200, 200));
            assertEquals(1, world.server.paths());
            assertTrue(world.client.paths() <= 1, "the server's local address is learned, and nothing else");
            world.end();
        });
    }

    @Test
    void aBlackHoleEndsNothingForEver() {
        Seeds.forEach(1, 20, random -> {
            World world = new World(random, 100, 0, 50, Conditions.perfect().withDelay(10_000_000, 0), Conditions.perfect());
            world.simulation.run(100_000, () -> world.atServer.get() >= 20);
            world.clientPort.conditions(Conditions.perfect().withLoss(1));
            world.simulation.clock().after(20_000_000_000L, () -> world.clientPort.conditions(Conditions.perfect()));
            world.simulation.run(100_000, () -> world.isDelivered(100, 0));
            world.end();
        });
    }

    @Test
    void theMtuIsALimitAndNotOneLess() {
        Seeds.forEach(1, 1, random -> {
            World fits = new World(random, 3, 0, 100, Conditions.perfect().withMtu(113), Conditions.perfect());
            fits.simulation.run(1000, () -> fits.isDelivered(3, 0));
            assertEquals(0, fits.clientPort.dropped());
            World tooLarge = new World(random, 3, 0, 100, Conditions.perfect().withMtu(112), Conditions.perfect());
            tooLarge.simulation.clock().after(60_000_000_000L, () -> {});
            tooLarge.simulation.run(1000, () -> tooLarge.clientPort.dropped() > 5);
            assertEquals(0, tooLarge.atServer.get());
        });
    }
}
