package dev.coffer.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.key.KeyAlgorithm;
import dev.coffer.http.Limits;
import dev.coffer.http.http1.Http1Config;
import dev.coffer.http.http2.Http2Config;
import dev.coffer.memory.Account;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.Protection.Level;
import dev.coffer.server.SimulatedHttp2Peer.End;
import dev.coffer.server.drive.Lane;
import dev.coffer.server.drive.Loop;
import dev.coffer.server.net.FakeSockets;
import dev.coffer.server.time.Time;
import dev.coffer.server.tls.Certified;
import dev.coffer.server.tls.Tls;
import dev.coffer.server.tls.TlsLane;
import dev.coffer.testkit.LongRun;
import dev.coffer.testkit.Seeds;
import dev.coffer.testkit.simulation.Actor;
import dev.coffer.testkit.simulation.Simulation;
import dev.coffer.testkit.simulation.VirtualClock;
import dev.coffer.tls.Alert;
import dev.coffer.tls.ClientContext;
import dev.coffer.tls.NamedGroup;
import dev.coffer.tls.PeerVerifier;
import dev.coffer.tls.ServerIdentity;
import dev.coffer.tls.TlsClientConfig;
import dev.coffer.tls.TlsServerConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// A whole loop that speaks HTTP/2, in the clear or behind TLS, over the simulated network and clock: streams side by side, connections that rest,
/// handlers that take time, peers that come and go under every fault. Each exchange ends whole and right, or refused, or cut as its world explains; none
/// is left; afterwards nothing is held.
class Http2LoopSimulationTest {
    private static final int FIRST_SEED = 16;   // from there on there is much of everything in few worlds
    private static final int SEEDS = 8;
    private static final int SEEDS_LONG = 10_000;
    private static final int PEERS_MAX = 5;
    private static final long SECOND = 1_000_000_000L;
    private static final long DAY = 24 * 3600 * SECOND;  // the slowest network brings six octets a second
    private static final ServerIdentity IDENTITY = identity();

    private enum Fault { RESET, TRUNCATION, STALL, NO_DESCRIPTOR, EARLY_STOP, CROWD, CORRUPTION }

    /// What a run of worlds came to.
    private static final class Totals {
        final Map<End, Integer> ends = new EnumMap<>(End.class);
        final int[] faults = new int[Fault.values().length];
        int secured;
        long rested;

        @Override
        public String toString() {
            return "http2 worlds: " + ends + ", faults " + Arrays.toString(faults) + ", behind TLS " + secured + ", with rest " + rested;
        }
    }

    private static ServerIdentity identity() {
        try {
            return Certified.make(KeyAlgorithm.ED25519, "coffer.test").identity();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /// Trusts everybody: what was changed on the way is noticed without that.
    private record Trusting() implements PeerVerifier {
        @Override
        public int[] schemes() {
            return new int[] {0x0807};
        }

        @Override
        public PeerVerifier another() {
            return this;
        }

        @Override
        public Alert trust(MemorySegment chain, long at, int length, String host) {
            return null;
        }

        @Override
        public boolean verifies(int scheme, MemorySegment covered, long coveredAt, int coveredLength, MemorySegment signature, long signatureAt,
                int signatureLength) {
            return true;
        }
    }

    /// One world. Peers come in two waves: the first under its faults; the second, when the first has gone, must all be served.
    private static final class World implements Actor, Time {
        private final SplittableRandom random;
        private final Totals totals;
        private final Simulation simulation;
        private final Set<Fault> faults = EnumSet.noneOf(Fault.class);
        private final boolean secured;
        private final boolean planted;
        private final int count;
        private final ServerConfig config;
        private final FakeSockets sockets;
        private final SimulatedApplication application;
        private final List<SimulatedHttp2Peer> first = new ArrayList<>();
        private final List<SimulatedHttp2Peer> second = new ArrayList<>();
        private final Arena arena;
        private final ClientContext clients;
        private Loop loop;
        private long restedMost;
        private long secondAt = Long.MAX_VALUE;
        private boolean stopped;

        /// @param planted  the peers' drivers are at fault, and nothing else
        World(SplittableRandom random, Totals totals, Arena arena, boolean planted) {
            this.random = random;
            this.totals = totals;
            this.arena = arena;
            this.simulation = new Simulation(random);
            this.secured = random.nextInt(3) == 0;
            for (Fault fault : Fault.values()) {
                if (!planted && random.nextInt(6) == 0 && (secured || fault != Fault.CORRUPTION)) {
                    faults.add(fault);
                    totals.faults[fault.ordinal()]++;
                }
            }
            this.count = 1 + random.nextInt(PEERS_MAX);
            this.config = config();
            this.application = new SimulatedApplication(simulation.clock(), random.split());
            int slots = config.loop(0).sockets();
            this.sockets = new FakeSockets(simulation, random.split(), slots, slots + 10);
            this.planted = planted;
            this.clients = secured ? clients() : null;
        }

        private boolean has(Fault fault) {
            return faults.contains(fault);
        }

        private ServerConfig config() {
            boolean crowd = has(Fault.CROWD);
            int seats = crowd ? 1 + random.nextInt(count) : count;
            int active = crowd ? 1 + random.nextInt(seats) : seats;
            Limits limits = Limits.tight().withTimes(DAY, DAY, DAY);
            int streams = crowd ? 1 + random.nextInt(8) : 64;
            Http2Serving http2 = Http2Serving.defaults().withConfig(Http2Config.of(limits, 256).withStreamsMax(1 + random.nextInt(8))
                    .withWindowBytes(1024 << random.nextInt(5))).withSize(streams, crowd ? 1 + random.nextInt(streams) : streams)
                    .withResting(random.nextInt(3));
            ServerConfig plain = ServerConfig.tight().withSize(1, seats, active).withHttp(Http1Config.tight().withLimits(limits)).withBlocks(2, 1024)
                    .withHttp2(http2).withLocked(Level.OFF).withPortable(true).withTimes(DAY, crowd ? 5 * SECOND : DAY, DAY);
            return secured ? plain.withTls(Tls.of(TlsServerConfig.defaults().withGroups(NamedGroup.X25519).withProtocols("h2", "http/1.1")
                    .withNanosMax(DAY, DAY), IDENTITY)) : plain;
        }

        private ClientContext clients() {
            int all = 2 * PEERS_MAX;
            TlsClientConfig client = TlsClientConfig.defaults().withCounts(all, all, all).withGroups(NamedGroup.X25519).withProtocols("h2")
                    .withCarriedOutputBytesMin(1024).withNanosMax(DAY, DAY);
            return ClientContext.over(client, new Trusting(), Entropy.SYSTEM, arena.allocate(client.plan().totalBytes(), 64));
        }

        void run() throws IOException {
            LoopStatistics statistics = new LoopStatistics();
            HttpLane http = new HttpLane(config, Site.of(application), 0, statistics);
            Lane lane = secured ? new TlsLane(config.tls(), http, config.connections(), config.headBytesMax()) : http;
            try (Loop opened = new Loop(config.loop(0), lane, statistics.tally(), this, sockets)) {
                loop = opened;
                loop.listen(config.address(), new Loop[] {loop});
                String before = used();
                for (int i = 0; i < count; i++) {
                    first.add(peer(i));
                }
                plan();
                simulation.add(this);
                loop.run();
                assertEquals(0, loop.connections(), "connections after the stop");
                assertEquals(before, used(), "what is lent after the stop");
            }
            simulation.run(200_000, () -> first.stream().allMatch(SimulatedHttp2Peer::isDone) && second.stream().allMatch(SimulatedHttp2Peer::isDone));
            first.forEach(SimulatedHttp2Peer::settle);
            second.forEach(SimulatedHttp2Peer::settle);
            judge();
        }

        private SimulatedHttp2Peer peer(int number) {
            return simulation.add(new SimulatedHttp2Peer(simulation, sockets, random.split(), number, config.http2().config(), arena,
                    has(Fault.CORRUPTION) && number < count, application, clients, planted));
        }

        private String used() {
            return Arrays.toString(Arrays.stream(loop.accounts()).mapToLong(Account::usedBytes).toArray());
        }

        private long resting() {
            return Arrays.stream(loop.accounts()).filter(account -> account.name().equals("http2 at rest")).mapToLong(Account::usedBytes).sum();
        }

        /// Faults at their times.
        private void plan() {
            VirtualClock clock = simulation.clock();
            for (Fault fault : faults) {
                SimulatedHttp2Peer peer = first.get(random.nextInt(first.size()));
                clock.after(random.nextLong(4 * SECOND), () -> {
                    simulation.trace(fault);
                    switch (fault) {
                        case RESET -> {
                            if (peer.end() != null) {
                                peer.end().reset();
                            }
                        }
                        case TRUNCATION -> {
                            if (peer.end() != null) {
                                peer.end().truncate();
                            }
                        }
                        case STALL -> peer.stall(3 * SECOND);
                        case NO_DESCRIPTOR -> {
                            sockets.foreign(1000);
                            clock.after(1 + random.nextLong(3 * SECOND), () -> sockets.foreign(0));
                        }
                        case EARLY_STOP -> loop.stop();
                        case CROWD, CORRUPTION -> {}
                    }
                });
            }
        }

        @Override
        public boolean turn(long now) {
            restedMost = Math.max(restedMost, resting());
            if (secondAt == Long.MAX_VALUE && loop.connections() == 0 && first.stream().allMatch(SimulatedHttp2Peer::isDone)) {
                secondAt = now + 3 * SECOND;  // a reset takes its time to arrive
                return true;
            }
            if (now >= secondAt && second.isEmpty()) {
                sockets.foreign(0);
                second.add(peer(count));
                return true;
            }
            if (!stopped && !second.isEmpty() && second.stream().allMatch(SimulatedHttp2Peer::isDone)) {
                stopped = true;
                loop.stop();
                return true;
            }
            return false;
        }

        @Override
        public long deadlineNanos() {
            return second.isEmpty() ? secondAt : Long.MAX_VALUE;
        }

        private void judge() {
            assertNull(application.wrong);
            assertEquals(application.handled, application.over, "exchanges that are over, of those that began");
            totals.secured += secured ? 1 : 0;
            totals.rested += restedMost > 0 ? 1 : 0;
            for (SimulatedHttp2Peer peer : first) {
                peer.ends.forEach((how, times) -> totals.ends.merge(how, times, Integer::sum));
                for (End how : peer.ends.keySet()) {
                    assertTrue(isExplained(how), how + " of " + peer + " in a world of " + faults + ", " + config.http2());
                }
                assertEquals(peer.requests(), peer.ends.values().stream().mapToInt(each -> each).sum(), peer.toString());
            }
            if (!has(Fault.EARLY_STOP)) {
                second.forEach(peer -> peer.ends.keySet().forEach(how -> assertTrue(how == End.ANSWERED || how == End.CANCELLED
                        || has(Fault.CROWD) || how == End.REFUSED && isNarrow(),
                        how + " of " + peer + ", though nothing stands in its way any more, after " + faults)));
            }
        }

        private boolean isExplained(End how) {
            boolean cut = has(Fault.RESET) || has(Fault.TRUNCATION) || has(Fault.CORRUPTION) || has(Fault.CROWD) || has(Fault.NO_DESCRIPTOR);
            return switch (how) {
                case ANSWERED, CANCELLED -> true;
                case BUSY -> has(Fault.CROWD);
                case REFUSED -> has(Fault.CROWD) || has(Fault.EARLY_STOP) || isNarrow() || has(Fault.CORRUPTION);  // of a length: it is waited for, for a day
                case LOST, UNASKED -> cut || has(Fault.EARLY_STOP);
            };
        }

        /// {@return whether more may come of a request's content than its window, before its client has heard of that}
        private boolean isNarrow() {
            return config.http2().config().windowBytes() < SimulatedHttp2Peer.CONTENT_BYTES_MAX;
        }

        @Override
        public long nanos() {
            return simulation.clock().nanos();
        }

        @Override
        public long epochSeconds() {
            return 1_700_000_000 + (simulation.clock().nanos() - VirtualClock.START_NANOS) / SECOND;
        }
    }

    private static void world(SplittableRandom random, Totals totals, boolean planted) {
        try (Arena arena = Arena.ofConfined()) {
            new World(random, totals, arena, planted).run();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void eachExchangeEndsWholeAndRightOrAsItsWorldExplains() {
        Totals totals = new Totals();
        Seeds.forEach(FIRST_SEED, SEEDS, random -> world(random, totals, false));
        System.out.println(totals);
        if (Long.getLong("coffer.seed") == null) {
            assertTrue(totals.ends.getOrDefault(End.ANSWERED, 0) > 3 * SEEDS && totals.secured > 0 && totals.rested > 0, totals::toString);
        }
    }

    /// A world without faults, but for the octet that a driver loses now and then: it is found, and found again by its seed.
    @Test
    void aFaultThatIsPlantedIsFoundAndReplayed() {
        AtomicLong at = new AtomicLong();
        String found = null;
        for (long seed = 1; seed < 20 && found == null; seed++) {
            at.set(seed);
            found = plantedIn(seed);
        }
        assertTrue(found != null, "an octet was lost, and nobody noticed");
        assertEquals(found, plantedIn(at.get()), "by the same seed the same");
    }

    private static String plantedIn(long seed) {
        try {
            world(new SplittableRandom(seed), new Totals(), true);
            return null;
        } catch (AssertionError e) {
            return e.getMessage().replaceAll("@[0-9a-f]+", "");
        }
    }

    @Test
    @Tag("long")
    void theSameInManyWorlds() {
        Totals totals = new Totals();
        long worlds = LongRun.of("a server's loop with HTTP/2 in the simulator", SEEDS_LONG, random -> world(random, totals, false));
        System.out.println(totals);
        if (worlds >= SEEDS_LONG) {
            for (End how : End.values()) {
                assertTrue(how == End.BUSY || totals.ends.getOrDefault(how, 0) > 0, () -> how + " was never seen: " + totals);
            }
        }
    }
}
