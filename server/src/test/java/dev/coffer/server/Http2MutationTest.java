package dev.coffer.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.key.KeyAlgorithm;
import dev.coffer.http.Limits;
import dev.coffer.http.http1.Http1Config;
import dev.coffer.http.http2.Http2Config;
import dev.coffer.memory.Account;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.Protection.Level;
import dev.coffer.server.LoopStatistics.Count;
import dev.coffer.server.drive.Loop;
import dev.coffer.server.net.FakeSockets;
import dev.coffer.server.time.Time;
import dev.coffer.server.tls.Certified;
import dev.coffer.server.tls.Tls;
import dev.coffer.server.tls.TlsLane;
import dev.coffer.testkit.LongRun;
import dev.coffer.testkit.Seeds;
import dev.coffer.testkit.simulation.Actor;
import dev.coffer.testkit.simulation.Conditions;
import dev.coffer.testkit.simulation.Simulation;
import dev.coffer.testkit.simulation.StreamDriver;
import dev.coffer.testkit.simulation.VirtualClock;
import dev.coffer.tls.Alert;
import dev.coffer.tls.ClientContext;
import dev.coffer.tls.NamedGroup;
import dev.coffer.tls.PeerVerifier;
import dev.coffer.tls.ServerIdentity;
import dev.coffer.tls.TlsClient;
import dev.coffer.tls.TlsClientConfig;
import dev.coffer.tls.TlsServerConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Map;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Frames of HTTP/2 that are changed before TLS protects them, to a whole loop in the simulated network: answers, resets and ends by the protocol's own codes, never
/// the server's fault, nothing thrown, no alert; afterwards nothing is held and the ledger is as it was.
class Http2MutationTest {
    private static final int SEEDS = 25;
    private static final int WORLDS_LONG = 30_000;   // of some forty changed frames each
    private static final int AT_ONCE = 3;
    private static final int CONNECTIONS = 6;
    private static final long SECOND = 1_000_000_000L;
    private static final ServerIdentity IDENTITY = identity();

    /// What a run of worlds came to.
    private static final class Totals {
        long frames;
        long answers;
        long resets;
        final Map<Integer, Integer> ends = new TreeMap<>();

        @Override
        public String toString() {
            return "http2 mutations under TLS: " + frames + " changed frames read, " + answers + " answers, " + resets + " resets, ended by " + ends;
        }
    }

    private static ServerIdentity identity() {
        try {
            return Certified.make(KeyAlgorithm.ED25519, "coffer.test").identity();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /// Trusts everybody: the handshake is not what is looked at here.
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

    /// Takes the content, and answers with as much as the path's number says.
    private static final class Counting implements Handler, ContentSink {
        @Override
        public void handle(Exchange exchange) {
            if (exchange.request().pathLength() == 2) {
                exchange.respond(403);  // whatever content is still to come
            } else {
                exchange.receive(this, 1 << 16);
            }
        }

        @Override
        public long take(Exchange exchange, MemorySegment content, long at, long length) {
            return length;
        }

        @Override
        public void end(Exchange exchange) {
            MemorySegment head = exchange.request().segment();
            int length = 0;
            for (long i = 1; i < exchange.request().pathLength(); i++) {
                length = (length * 10 + (head.get(ValueLayout.JAVA_BYTE, exchange.request().pathAt() + i) & 0xf)) % LoopSimulationTest.CONTENT_BYTES_MAX;
            }
            exchange.respond(200, MediaType.TEXT, LoopSimulationTest.CONTENT, 0, length);
        }
    }

    /// Connections that come one after the other, some at a time.
    private static final class World implements Actor, Time {
        private final SplittableRandom random;
        private final Totals totals;
        private final Simulation simulation;
        private final ServerConfig config;
        private final FakeSockets sockets;
        private final ClientContext clients;
        private final List<Peer> peers = new ArrayList<>();
        private Loop loop;
        private int begun;
        private boolean stopped;

        World(SplittableRandom random, Totals totals, Arena arena) {
            this.random = random;
            this.totals = totals;
            this.simulation = new Simulation(random);
            Limits limits = Limits.tight().withTimes(20 * SECOND, 20 * SECOND, 20 * SECOND);
            Http2Serving http2 = Http2Serving.defaults().withConfig(Http2Config.of(limits, 256).withStreamsMax(1 + random.nextInt(8))
                    .withWindowBytes(1024 << random.nextInt(5))).withSize(16, 1 + random.nextInt(16)).withResting(random.nextInt(3));
            this.config = ServerConfig.tight().withSize(1, AT_ONCE + 1, 1 + random.nextInt(AT_ONCE)).withHttp(Http1Config.tight().withLimits(limits))
                    .withBlocks(2, 1024).withHttp2(http2).withLocked(Level.OFF).withPortable(true).withTimes(20 * SECOND, 20 * SECOND, 20 * SECOND)
                    .withTls(Tls.of(TlsServerConfig.defaults().withGroups(NamedGroup.X25519).withProtocols("h2"), IDENTITY));
            TlsClientConfig client = TlsClientConfig.defaults().withCounts(AT_ONCE, AT_ONCE, AT_ONCE).withGroups(NamedGroup.X25519).withProtocols("h2")
                    .withCarriedOutputBytesMin(1024).withSessions(0);
            this.clients = ClientContext.over(client, new Trusting(), Entropy.SYSTEM, arena.allocate(client.plan().totalBytes(), 64));
            int slots = config.loop(0).sockets();
            this.sockets = new FakeSockets(simulation, random.split(), slots, slots + 10);
        }

        private String used() {
            return Arrays.toString(Arrays.stream(loop.accounts()).mapToLong(Account::usedBytes).toArray());
        }

        void run() throws IOException {
            LoopStatistics statistics = new LoopStatistics();
            HttpLane http = new HttpLane(config, Site.of(new Counting()), 0, statistics);
            try (Loop opened = new Loop(config.loop(0), new TlsLane(config.tls(), http, config.connections(), config.headBytesMax()), statistics.tally(),
                    this, sockets)) {
                loop = opened;
                loop.listen(config.address(), new Loop[] {loop});
                String before = used();
                for (int i = 0; i < AT_ONCE; i++) {
                    peers.add(new Peer(i));
                }
                simulation.add(this);
                loop.run();
                assertEquals(0, loop.connections(), "connections after the stop");
                assertEquals(before, used(), "what is lent after the stop");
            }
            assertEquals(0, statistics.of(Count.FAILED), "what was thrown");
            clients.close();
        }

        /// One place of a client, with one connection after the other.
        private final class Peer {
            private final int number;
            private MutatedFrames frames;
            private TlsClient<Object> engine;
            private StreamDriver<Object> driver;

            Peer(int number) {
                this.number = number;
            }

            boolean isBusy() {
                return driver != null && !driver.isDone();
            }

            void begin(long now) {
                MutatedFrames said = new MutatedFrames(random.split());
                frames = said;
                engine = new TlsClient<Object>(clients, number, (connection, at) -> said).to("coffer.test");
                engine.reset(now);
                Conditions way = Conditions.any(random, false);
                driver = simulation.add(new StreamDriver<>("peer " + number, engine, sockets.connect(way, way), random.split(), event -> {
                }).readsAlways());
            }

            void settle() {
                if (driver == null) {
                    return;
                }
                Alert heard = engine.alertReceived();
                assertTrue(heard == null || heard == Alert.CLOSE_NOTIFY, () -> "an alert, though the records are right: " + engine);
                assertTrue(engine.alertSent() == null || engine.alertSent() == Alert.CLOSE_NOTIFY, engine::toString);
                totals.frames += frames.read;
                totals.answers += frames.answers;
                totals.resets += frames.resets;
                totals.ends.merge(frames.goneAway, 1, Integer::sum);
                engine.close();
                driver = null;
            }
        }

        @Override
        public boolean turn(long now) {
            boolean moved = false;
            for (Peer peer : peers) {
                if (!peer.isBusy()) {
                    peer.settle();
                    if (begun < CONNECTIONS) {
                        begun++;
                        peer.begin(now);
                        moved = true;
                    }
                }
            }
            if (!stopped && begun == CONNECTIONS && peers.stream().noneMatch(Peer::isBusy)) {
                stopped = true;
                loop.stop();
                return true;
            }
            return moved;
        }

        @Override
        public long deadlineNanos() {
            return Long.MAX_VALUE;
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

    private static void world(SplittableRandom random, Totals totals) {
        try (Arena arena = Arena.ofConfined()) {
            new World(random, totals, arena).run();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void changedFramesAreAnsweredByTheProtocolsOwnCodesAndNothingIsHeld() {
        Totals totals = new Totals();
        Seeds.forEach(1, SEEDS, random -> world(random, totals));
        System.out.println(totals);
        if (Long.getLong("coffer.seed") == null) {
            assertTrue(totals.frames > 20L * SEEDS && totals.answers > SEEDS && totals.resets > SEEDS && totals.ends.size() > 4, totals::toString);
        }
    }

    @Test
    @Tag("long")
    void theSameInManyWorlds() {
        Totals totals = new Totals();
        LongRun.of("changed frames of HTTP/2 under TLS", WORLDS_LONG, random -> world(random, totals));
        System.out.println(totals);
    }
}
