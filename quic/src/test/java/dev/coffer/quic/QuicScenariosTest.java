package dev.coffer.quic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.packet.CipherSuite;
import dev.coffer.memory.engine.DatagramEngine;
import dev.coffer.memory.engine.NetworkPath;
import dev.coffer.quic.packet.Version;
import dev.coffer.testkit.Seeds;
import dev.coffer.testkit.simulation.Actor;
import dev.coffer.testkit.simulation.Conditions;
import dev.coffer.testkit.simulation.DatagramDriver;
import dev.coffer.testkit.simulation.DatagramPort;
import dev.coffer.testkit.simulation.DatagramPort.Address;
import dev.coffer.testkit.simulation.Simulation;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// The cases that QUIC's implementations are tried on against each other (the interop runner's), in a simulated network, and mixtures of them.
class QuicScenariosTest {
    private static final long MILLI = 1_000_000;
    private static final Address SERVER = new Address(0x0a000001, 443);
    private static final Address CLIENT = new Address(0x0a000002, 5000);
    private static final Address SECOND = new Address(0x0a000102, 5000);
    private static final int STEPS_MAX = 2_000_000;
    private static final Map<String, Ends> ENDS = new HashMap<>();

    @AfterAll
    static void close() {
        ENDS.values().forEach(Ends::close);
        ENDS.clear();
    }

    private static Ends tight() {
        return ENDS.computeIfAbsent("tight", name -> new Ends(QuicConfig.tight(), QuicConfig.tight(), Ends.tls()));
    }

    private static Ends wide() {
        return ENDS.computeIfAbsent("wide", name -> new Ends(QuicConfig.defaults(), QuicConfig.defaults(), Ends.tls()));
    }

    private static Ends chacha() {
        return ENDS.computeIfAbsent("chacha", name -> new Ends(QuicConfig.defaults(), QuicConfig.defaults(),
                Ends.tls().withSuites(CipherSuite.CHACHA20_POLY1305_SHA256)));
    }

    /// One world: a client that says something on streams, a server that echoes it, and what happens in between.
    private static final class World {
        final Ends ends;
        final SplittableRandom random;
        final Simulation world;
        final DatagramPort serverPort;
        final DatagramPort clientPort;
        final Echo.Speaker speaker;
        private final MemorySegment path = Arena.ofAuto().allocate(NetworkPath.BYTES);
        final long began;
        int rebound;

        World(Ends ends, SplittableRandom random, Conditions up, Conditions down, Version version, int streams, int bytes,
                Function<QuicConnection, DatagramEngine<QuicEvent>> serves) {
            this.ends = ends;
            this.random = random;
            ends.seed(random.nextLong());
            world = new Simulation(random);
            serverPort = world.network().datagrams(SERVER, down);
            clientPort = world.network().datagrams(CLIENT, up);
            long now = world.clock().nanos();
            began = now;
            ends.server.reset(now);
            ends.client.reset(now);
            DatagramPort.path(path, 0, SERVER, CLIENT);
            assertTrue(ends.client.connect("coffer.test", version, path, 0, now));
            speaker = new Echo.Speaker(ends.client, streams, bytes);
            world.add(new DatagramDriver<>("client", ends.client, clientPort, random.split(), event -> {
                world.trace("client " + event);
                if (event != QuicEvent.CLOSED) {
                    speaker.go();
                }
            }));
            world.add(new DatagramDriver<>("server", serves.apply(ends.server), serverPort, random.split(), event -> {
                world.trace("server " + event);
                if (event == QuicEvent.STREAMS) {
                    Echo.echo(ends.server);
                }
            }));
            world.add(new Actor() {
                @Override
                public boolean turn(long nowNanos) {
                    assertTrue(ends.server.c.validated || Amplification.left(ends.server.c) >= 0, "more than three times what came");
                    return false;
                }

                @Override
                public long deadlineNanos() {
                    return Long.MAX_VALUE;
                }

                @Override
                public String toString() {
                    return "watcher";
                }
            });
        }

        /// Something happens at a time, and again after as long.
        void every(long nanos, Runnable what) {
            world.clock().after(nanos, () -> {
                if (!isDone()) {
                    what.run();
                    every(nanos, what);
                }
            });
        }

        void once(long nanos, Runnable what) {
            world.clock().after(nanos, what);
        }

        boolean isDone() {
            return speaker.done == speaker.streams || ends.client.isEnded();
        }

        long now() {
            return world.clock().nanos();
        }

        /// A NAT gives the client another face. That of one who says nothing cannot be known to anybody, so something of it is under way; and one change at a time.
        void rebind(Address to) {
            Connection c = ends.client.c;
            if (ends.client.isConfirmed() && ends.server.isConfirmed() && ends.server.c.paths == Blocks.NONE && !clientPort.isReadable()
                    && PacketSpace.eliciting(c.memory, c.spaceAt(PacketSpace.APPLICATION)) > 0) {
                clientPort.rebind(to);
                rebound++;
            }
        }

        void migrate(Address to) {
            DatagramPort.path(path, 0, SERVER, to);
            ends.client.migrate(path, 0, now());
        }

        /// {@return where the server believes its client to be}
        int port() {
            ends.server.path(path, 0);
            return NetworkPath.remotePort(path, 0);
        }

        /// Until all is heard.
        World run() {
            world.run(STEPS_MAX, this::isDone);
            assertEquals(speaker.streams, speaker.done, () -> "streams that are done, after " + now() / MILLI + " ms: " + ends.client + " and " + ends.server);
            return this;
        }

        void end() {
            ends.client.shutdown(now());
            world.run(STEPS_MAX, () -> ends.client.isEnded() && ends.server.isEnded());
            assertEquals(0, ends.held(), "lent at the end");
        }
    }

    private static Conditions link() {
        return Conditions.perfect().withDelay(15 * MILLI, 2 * MILLI).withRate(1_250_000, 30_000);
    }

    private static World world(Ends ends, SplittableRandom random, Conditions both, int streams, int bytes) {
        return new World(ends, random, both, both, Version.V1, streams, bytes, engine -> engine);
    }

    private static int seeds(int usual) {
        return Integer.getInteger("coffer.seeds", usual);
    }

    @Test
    void aTransferOfManyStreamsAndOneOfLargeOnes() {
        Seeds.forEach(1, seeds(1), random -> {
            world(wide(), random, link(), 3, 60_000).run().end();
            world(tight(), random, link(), 4, 3000).run().end();
        });
    }

    @Test
    void aRoundTripOfOneAndAHalfSecondsIsNoReasonToGiveUp() {
        Seeds.forEach(1, seeds(1), random -> world(wide(), random, link().withDelay(750 * MILLI, 0), 2, 20_000).run().end());
    }

    @Test
    void chaCha20() {
        Seeds.forEach(1, seeds(1), random -> {
            World world = world(chacha(), random, link(), 2, 20_000).run();
            assertTrue(world.ends.client.toString().contains("confirmed"));
            world.end();
        });
    }

    @Test
    void aThousandStreamsOneAfterAnotherAndAHundredAtATime() {
        Seeds.forEach(1, seeds(1), random -> world(wide(), random, link(), 1000, 32).run().end());
    }

    @Test
    void aSessionIsResumed() {
        Seeds.forEach(1, seeds(1), random -> {
            Ends ends = ENDS.computeIfAbsent("resuming", name -> new Ends(QuicConfig.defaults(), QuicConfig.defaults(), Ends.tls()).resuming());
            world(ends, random, link(), 1, 100).run().end();
            World again = world(ends, random, link(), 1, 100).run();
            assertTrue(again.ends.client.c.tls().isResumed() && again.ends.server.c.tls().isResumed());
            again.end();
        });
    }

    @Test
    void whereTwoSecondsAreLostInTheMiddleOfATransferItGoesOn() {
        Seeds.forEach(1, seeds(1), random -> {
            World world = world(wide(), random, link(), 2, 150_000);
            world.once(120 * MILLI + random.nextLong(60 * MILLI), () -> {
                world.clientPort.conditions(link().withLoss(1));
                world.serverPort.conditions(link().withLoss(1));
            });
            world.once(2300 * MILLI, () -> {
                world.clientPort.conditions(link());
                world.serverPort.conditions(link());
            });
            world.run();
            assertTrue(world.now() - world.began > 2300 * MILLI, "it was in the middle");
            world.end();
        });
    }

    @Test
    void keysAreUpdatedWhileDataGo() {
        Seeds.forEach(1, seeds(1), random -> {
            boolean isTight = random.nextBoolean();
            World world = world(isTight ? tight() : wide(), random, link().withLoss(0.02).withDisorder(0.05, 0.01), 2, isTight ? 3000 : 60_000);
            world.every(20 * MILLI, () -> {
                if (random.nextBoolean()) {
                    world.ends.client.updateKeys();
                } else {
                    world.ends.server.updateKeys();
                }
            });
            world.run();
            assertTrue(world.ends.client.keyGeneration() > 0);
            world.end();
        });
    }

    @Test
    void bitsThatFlipOnTheWayChangeNothing() {
        Seeds.forEach(1, seeds(1), random -> world(wide(), random, link().withCorruption(random.nextBoolean() ? 0.02 : 0.3), 2, 5000).run().end());
    }

    @Test
    void marksOfCongestionAreToldAndSlowTheSenderDown() {
        Seeds.forEach(1, seeds(1), random -> {
            World world = world(wide(), random, link().withEcn(0.1, 0), 2, 50_000).run();
            Connection c = world.ends.server.c;
            assertTrue(EcnValidation.isCapable(c.memory, c.recoveryAt() + LossRecovery.ECN), "the path carries ECN");
            assertNotEquals(Long.MAX_VALUE, CongestionControl.threshold(c.memory, c.recoveryAt() + LossRecovery.CONGESTION), "it was slowed down");
            world.end();
        });
    }

    @Test
    void aClientWhosePortChangesIsFollowed() {
        Seeds.forEach(1, seeds(1), random -> {
            World world = world(wide(), random, link().withLoss(random.nextBoolean() ? 0 : 0.02), 2, 60_000);
            int[] port = {6000};
            world.every(100 * MILLI, () -> world.rebind(new Address(CLIENT.ip(), port[0]++)));
            world.run();
            assertTrue(world.rebound > 0 && world.port() >= 6000, "port " + world.port() + " after " + world.rebound);
            world.end();
        });
    }

    @Test
    void aClientWhoseAddressChangesIsFollowed() {
        Seeds.forEach(1, seeds(1), random -> {
            World world = world(wide(), random, link().withLoss(random.nextBoolean() ? 0 : 0.02), 2, 60_000);
            int[] port = {7000};
            world.every(100 * MILLI, () -> world.rebind(new Address(0x0a000200 + port[0], port[0]++)));
            world.run();
            assertTrue(world.rebound > 0 && world.port() >= 7000);
            world.end();
        });
    }

    @Test
    void aClientMovesToAnotherAddressAndBack() {
        Seeds.forEach(1, seeds(1), random -> {
            World world = world(wide(), random, link().withLoss(random.nextBoolean() ? 0 : 0.02), 2, 100_000);
            world.clientPort.add(SECOND);
            world.once(130 * MILLI, () -> world.migrate(SECOND));
            boolean[] moved = {false};
            world.every(10 * MILLI, () -> moved[0] |= isAt(world, SECOND));
            world.once(330 * MILLI, () -> world.migrate(CLIENT));
            world.run();
            assertTrue(moved[0], "the server has followed");
            world.end();
        });
    }

    private static boolean isAt(World world, Address address) {
        MemorySegment expected = Arena.ofAuto().allocate(NetworkPath.BYTES);
        DatagramPort.path(expected, 0, address, SERVER);
        MemorySegment actual = Arena.ofAuto().allocate(NetworkPath.BYTES);
        world.ends.server.path(actual, 0);
        return NetworkPath.isSameRemoteHost(expected, 0, actual, 0);
    }

    @Test
    void versionTwo() {
        Seeds.forEach(1, seeds(1), random -> {
            World world = new World(wide(), random, link(), link(), Version.V2, 2, 5000, engine -> engine).run();
            assertEquals(Version.V2, world.ends.server.c.version);
            world.end();
        });
    }

    /// Everything at once, as a seed has it.
    private static void mixture(SplittableRandom random) {
        Conditions up = any(random);
        Conditions down = any(random);
        Ends ends = random.nextBoolean() ? tight() : random.nextInt(4) == 0 ? chacha() : wide();
        World world = new World(ends, random, up, down, random.nextInt(4) == 0 ? Version.V2 : Version.V1, 1 + random.nextInt(4), random.nextInt(6000),
                engine -> engine);
        world.clientPort.add(SECOND);
        if (random.nextInt(3) == 0) {
            world.every(100 * MILLI + random.nextLong(1000 * MILLI), () -> {
                if (random.nextBoolean()) {
                    ends.client.updateKeys();
                } else {
                    ends.server.updateKeys();
                }
            });
        }
        if (random.nextInt(3) == 0) {
            int[] port = {6000};
            world.every(1000 * MILLI + random.nextLong(4000 * MILLI),
                    () -> world.rebind(new Address(random.nextBoolean() ? CLIENT.ip() : 0x0a000300 + port[0], port[0]++)));
        }
        if (random.nextInt(3) == 0) {
            world.every(500 * MILLI + random.nextLong(2000 * MILLI), () -> world.migrate(random.nextBoolean() ? SECOND : CLIENT));
        }
        if (random.nextInt(3) == 0) {
            world.once(random.nextLong(2000 * MILLI), () -> world.clientPort.conditions(up.withLoss(1)));
            world.once(2000 * MILLI + random.nextLong(2000 * MILLI), () -> world.clientPort.conditions(up));
        }
        world.run().end();
    }

    private static Conditions any(SplittableRandom random) {
        Conditions any = Conditions.any(random, true).withMtu(1472);
        return any.withRate(Math.max(20_000, any.bytesPerSecond()), Math.max(20_000, any.queueBytesMax()));
    }

    @Test
    void mixturesOfAllOfIt() {
        Seeds.forEach(1, seeds(5), QuicScenariosTest::mixture);
    }

    @Test
    @Tag("long")
    void tenThousandMixturesOfAllOfIt() {
        Seeds.forEach(1, seeds(10_000), QuicScenariosTest::mixture);
    }

    /// A server that never asks again once the handshake is over: what is lost last is never missed.
    private record Forgetful(QuicConnection of) implements DatagramEngine<QuicEvent> {
        @Override
        public void feed(MemorySegment input, long at, long length, MemorySegment header, long headerAt, long nowNanos) {
            of.feed(input, at, length, header, headerAt, nowNanos);
        }

        @Override
        public int feedBytesMax() {
            return of.feedBytesMax();
        }

        @Override
        public long pollOutput(MemorySegment output, long at, long length, MemorySegment header, long headerAt, long nowNanos) {
            return of.pollOutput(output, at, length, header, headerAt, nowNanos);
        }

        @Override
        public int outputBytesMin() {
            return of.outputBytesMin();
        }

        @Override
        public QuicEvent pollEvent() {
            return of.pollEvent();
        }

        @Override
        public long deadlineNanos() {
            return of.isConnected() ? Long.MAX_VALUE : of.deadlineNanos();  // the fault
        }

        @Override
        public void onDeadline(long nowNanos) {
            if (!of.isConnected()) {
                of.onDeadline(nowNanos);
            }
        }

        @Override
        public void shutdown(long nowNanos) {
            of.shutdown(nowNanos);
        }

        @Override
        public boolean isEnded() {
            return of.isEnded();
        }

        @Override
        public void reset(long nowNanos) {
            of.reset(nowNanos);
        }

        @Override
        public void close() {
            of.close();
        }
    }

    @Test
    void aPlantedFaultIsFoundAndItsSeedShowsItAgain() {
        String found = planted(1, 20);
        long seed = Long.parseLong(found.substring("seed ".length(), found.indexOf(',')));
        assertEquals(found, planted(seed, 1), "the same, alone");
        Seeds.forEach(seed, 1, random -> lossy(random, engine -> engine));
    }

    private static String planted(long first, int count) {
        String message = assertThrows(AssertionError.class, () -> Seeds.forEach(first, count, random -> lossy(random, Forgetful::new))).getMessage();
        assertTrue(message.startsWith("seed "), message);
        return message;
    }

    private static void lossy(SplittableRandom random, Function<QuicConnection, DatagramEngine<QuicEvent>> serves) {
        Conditions link = link().withLoss(0.15);
        new World(tight(), random, link, link, Version.V1, 3, 1000, serves).run().end();
    }
}
