package dev.coffer.quic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.memory.engine.NetworkPath;
import dev.coffer.quic.Echo.Speaker;
import dev.coffer.quic.packet.Version;
import dev.coffer.testkit.Seeds;
import dev.coffer.testkit.simulation.Conditions;
import dev.coffer.testkit.simulation.DatagramDriver;
import dev.coffer.testkit.simulation.DatagramPort;
import dev.coffer.testkit.simulation.DatagramPort.Address;
import dev.coffer.testkit.simulation.Simulation;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/// Clients of ours, each behind an address of its own, and one endpoint, over networks that delay, lose, reorder, repeat and corrupt.
class QuicEndpointSimulationTest {
    private static final long MILLI = 1_000_000;
    private static final Address SERVER = new Address(0x0a000001, 443);
    private static final int CLIENTS = 4;
    private static final int STEPS_MAX = 600_000;
    private static EndpointEnds tight;
    private static EndpointEnds scarce;
    private static EndpointEnds full;
    private static long looks;   // of those that lacked a block

    /// {@return with a handshake's place for each}
    private static EndpointEnds tight() {
        tight = tight == null
                ? new EndpointEnds(QuicConfig.tight(), QuicConfig.tight(), EndpointConfig.defaults(CLIENTS, CLIENTS), EndpointKeys.none(), CLIENTS)
                : tight;
        return tight;
    }

    /// {@return with fewer handshakes at a time than clients}
    private static EndpointEnds scarce() {
        scarce = scarce == null
                ? new EndpointEnds(QuicConfig.defaults(), QuicConfig.defaults(), EndpointConfig.defaults(CLIENTS, 2), EndpointKeys.none(), CLIENTS)
                : scarce;
        return scarce;
    }

    /// {@return with so few blocks that somebody lacks one nearly always}
    private static EndpointEnds full() {
        full = full == null
                ? new EndpointEnds(QuicConfig.tight().withBlocks(128, 40).withWindows(2048, 4096, 2048), QuicConfig.tight().withWindows(2048, 4096, 2048),
                        EndpointConfig.defaults(CLIENTS, CLIENTS), EndpointKeys.none(), CLIENTS)
                : full;
        return full;
    }

    @AfterAll
    static void close() {
        if (full != null) {
            full.close();
        }
        if (tight != null) {
            tight.close();
        }
        if (scarce != null) {
            scarce.close();
        }
    }

    private static void run(EndpointEnds ends, SplittableRandom random, Conditions up, Conditions down, int streams, int bytes) {
        ends.seed(random.nextLong());
        Simulation world = new Simulation(random);
        long now = world.clock().nanos();
        ends.endpoint.close();
        ends.open(EndpointKeys.none(), now);  // each world has a clock of its own
        QuicEndpoint endpoint = ends.endpoint;
        List<Speaker> speakers = new ArrayList<>();
        MemorySegment path = Arena.ofAuto().allocate(NetworkPath.BYTES);
        DatagramPort serverPort = world.network().datagrams(SERVER, down);
        for (int i = 0; i < CLIENTS; i++) {
            QuicConnection client = ends.clients.get(i);
            Address address = new Address(0x0a000002 + i, 5000);
            client.reset(now);
            DatagramPort.path(path, 0, SERVER, address);
            assertTrue(client.connect("coffer.test", Version.V1, path, 0, now));
            Speaker speaker = new Speaker(client, streams, bytes);
            speakers.add(speaker);
            world.add(new DatagramDriver<>("client " + i, client, world.network().datagrams(address, up), random.split(), event -> {
                if (event != QuicEvent.CLOSED) {
                    speaker.go();
                }
            }));
        }
        world.add(new DatagramDriver<>("server", endpoint, serverPort, random.split(), event -> {
            world.trace(endpoint.number() + " " + event);
            if (event == QuicEvent.STREAMS) {
                Echo.echo(endpoint.connection(endpoint.number()));
            }
        }));
        world.run(STEPS_MAX, () -> speakers.stream().allMatch(each -> each.done == streams || each.client.isEnded()));
        for (Speaker each : speakers) {
            assertEquals(streams, each.done, () -> each.client + " and " + endpoint);
            each.client.shutdown(world.clock().nanos());
        }
        world.run(STEPS_MAX, () -> ends.clients.stream().allMatch(QuicConnection::isEnded) && endpoint.connectionCount() == 0);
        assertEquals(0, ends.held(), "lent at the end");
        looks += endpoint.lacking.looks();
    }

    @Test
    void allAreServedOverAPerfectNetwork() {
        run(tight(), new SplittableRandom(1), Conditions.perfect(), Conditions.perfect(), 3, 800);
        run(scarce(), new SplittableRandom(1), Conditions.perfect().withDelay(MILLI, 0), Conditions.perfect().withDelay(MILLI, 0), 3, 10_000);
    }

    @Test
    void noneIsStuckWhereFiveInAHundredAreLost() {
        Seeds.forEach(1, QuicSimulationTest.seeds(10), random -> run(random.nextBoolean() ? tight() : scarce(), random, QuicSimulationTest.with(0.05),
                QuicSimulationTest.with(0.05), 1 + random.nextInt(4), random.nextInt(2000)));
    }

    @Test
    void noneIsStuckWhereBlocksAreAlwaysLacking() {
        long before = looks;
        Seeds.forEach(1, QuicSimulationTest.seeds(10), random -> run(full(), random, QuicSimulationTest.with(0.02), QuicSimulationTest.with(0.02),
                2 + random.nextInt(3), 1000 + random.nextInt(2000)));
        assertTrue(looks > before + 10, (looks - before) + " looks");
    }

    @Test
    void noneIsStuckWhereAllKindsOfFaultsMeet() {
        Seeds.forEach(1, QuicSimulationTest.seeds(10), random -> {
            Conditions up = Conditions.any(random, true).withMtu(1472);
            Conditions down = Conditions.any(random, true).withMtu(1472);
            up = up.withRate(Math.max(20_000, up.bytesPerSecond()), Math.max(20_000, up.queueBytesMax()));
            down = down.withRate(Math.max(40_000, down.bytesPerSecond()), Math.max(40_000, down.queueBytesMax()));
            run(random.nextBoolean() ? tight() : scarce(), random, up, down, 1 + random.nextInt(2), random.nextInt(1000));
        });
    }
}
