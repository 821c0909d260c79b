package dev.coffer.quic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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

/// Whole connections of ours over a network that delays, loses, reorders, repeats, corrupts and marks: a handshake, streams that are echoed, an end.
class QuicSimulationTest {
    private static final long MILLI = 1_000_000;
    private static final Address SERVER = new Address(0x0a000001, 443);
    private static final Address CLIENT = new Address(0x0a000002, 5000);
    private static final int STEPS_MAX = 400_000;
    private static Ends tight;
    private static Ends wide;

    private static Ends tight() {
        tight = tight == null ? new Ends(QuicConfig.tight(), QuicConfig.tight(), Ends.tls()) : tight;
        return tight;
    }

    private static Ends wide() {
        wide = wide == null ? new Ends(QuicConfig.defaults(), QuicConfig.defaults(), Ends.tls()) : wide;
        return wide;
    }

    @AfterAll
    static void close() {
        if (tight != null) {
            tight.close();
        }
        if (wide != null) {
            wide.close();
        }
    }

    static Echo.Speaker run(Ends ends, SplittableRandom random, Conditions up, Conditions down, int streams, int bytes) {
        ends.seed(random.nextLong());
        Simulation world = new Simulation(random);
        DatagramPort serverPort = world.network().datagrams(SERVER, down);
        DatagramPort clientPort = world.network().datagrams(CLIENT, up);
        long now = world.clock().nanos();
        ends.server.reset(now);
        ends.client.reset(now);
        MemorySegment path = Arena.ofAuto().allocate(NetworkPath.BYTES);
        DatagramPort.path(path, 0, SERVER, CLIENT);
        assertTrue(ends.client.connect("coffer.test", Version.V1, path, 0, now));
        Echo.Speaker speaker = new Echo.Speaker(ends.client, streams, bytes);
        world.add(new DatagramDriver<>("client", ends.client, clientPort, random.split(), event -> {
            world.trace("client " + event);
            if (event != QuicEvent.CLOSED) {
                speaker.go();
            }
        }));
        world.add(new DatagramDriver<>("server", ends.server, serverPort, random.split(), event -> {
            world.trace("server " + event);
            if (event == QuicEvent.STREAMS) {
                Echo.echo(ends.server);
            }
        }));
        world.run(STEPS_MAX, () -> speaker.done == streams || ends.client.isEnded());
        assertEquals(streams, speaker.done, () -> ends.client + " and " + ends.server);
        assertTrue(ends.client.isConnected() && ends.server.isConnected());
        assertEquals("h3", ends.client.protocol());
        ends.client.shutdown(world.clock().nanos());
        world.run(STEPS_MAX, () -> ends.client.isEnded() && ends.server.isEnded());
        assertEquals(0, ends.held(), "lent at the end");
        return speaker;
    }

    @Test
    void aHandshakeStreamsAndAnEndOverAPerfectNetwork() {
        run(wide(), new SplittableRandom(1), Conditions.perfect(), Conditions.perfect(), 3, 10_000);
        run(tight(), new SplittableRandom(1), Conditions.perfect(), Conditions.perfect(), 3, 1000);
    }

    /// {@return seeds of a test; `-Dcoffer.seeds=N` for more of them}
    static int seeds(int usual) {
        return Integer.getInteger("coffer.seeds", usual);
    }

    static Conditions with(double loss) {
        return Conditions.perfect().withDelay(20 * MILLI, 5 * MILLI).withLoss(loss);
    }

    @Test
    void noConnectionIsStuckWhereTwoInAHundredAreLost() {
        Seeds.forEach(1, seeds(30), random -> run(random.nextBoolean() ? tight() : wide(), random, with(0.02), with(0.02),
                1 + random.nextInt(6), random.nextInt(4000)));
    }

    @Test
    void noConnectionIsStuckWhereThirtyInAHundredAreLost() {
        Seeds.forEach(1, seeds(15), random -> run(random.nextBoolean() ? tight() : wide(), random, with(0.3), with(0.3),
                1 + random.nextInt(3), random.nextInt(1500)));
    }

    @Test
    void noConnectionIsStuckWhereAllKindsOfFaultsMeet() {
        Seeds.forEach(1, seeds(30), random -> {
            Conditions up = Conditions.any(random, true).withMtu(1472);
            Conditions down = Conditions.any(random, true).withMtu(1472);
            up = up.withRate(Math.max(20_000, up.bytesPerSecond()), Math.max(20_000, up.queueBytesMax()));
            down = down.withRate(Math.max(20_000, down.bytesPerSecond()), Math.max(20_000, down.queueBytesMax()));
            run(random.nextBoolean() ? tight() : wide(), random, up, down, 1 + random.nextInt(3), random.nextInt(1500));
        });
    }

    @Test
    void aPeerThatVanishesIsGivenUpAfterTheIdleTime() {
        Ends ends = wide();
        SplittableRandom random = new SplittableRandom(3);
        ends.seed(3);
        Simulation world = new Simulation(random);
        DatagramPort port = world.network().datagrams(CLIENT, Conditions.perfect());
        long now = world.clock().nanos();
        ends.client.reset(now);
        MemorySegment path = Arena.ofAuto().allocate(NetworkPath.BYTES);
        DatagramPort.path(path, 0, SERVER, CLIENT);
        assertTrue(ends.client.connect("coffer.test", Version.V1, path, 0, now));
        world.add(new DatagramDriver<>("client", ends.client, port, random.split(), event -> assertEquals(QuicEvent.CLOSED, event)));
        world.run(STEPS_MAX, ends.client::isEnded);
        long idle = world.clock().nanos() - now;
        assertTrue(idle >= 30_000 * MILLI && idle < 40_000 * MILLI, idle + " ns");
        assertFalse(ends.client.isConnected());
        assertEquals(0, ends.clientLoop.blocksAccount().usedBytes() + ends.clientLoop.handshakesAccount().usedBytes());
    }
}
