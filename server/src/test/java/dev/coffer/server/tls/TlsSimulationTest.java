package dev.coffer.server.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.key.KeyAlgorithm;
import dev.coffer.http.Ascii;
import dev.coffer.http.HeadWriter;
import dev.coffer.http.HttpEvent;
import dev.coffer.http.Limits;
import dev.coffer.http.MessageSource;
import dev.coffer.http.Method;
import dev.coffer.http.http1.Http1Client;
import dev.coffer.http.http1.Http1Config;
import dev.coffer.http.http1.Http1Server;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.engine.Engine;
import dev.coffer.testkit.LongRun;
import dev.coffer.testkit.Seeds;
import dev.coffer.testkit.simulation.Actor;
import dev.coffer.testkit.simulation.Conditions;
import dev.coffer.testkit.simulation.Network;
import dev.coffer.testkit.simulation.Simulation;
import dev.coffer.testkit.simulation.StreamDriver;
import dev.coffer.tls.Alert;
import dev.coffer.tls.ClientContext;
import dev.coffer.tls.NamedGroup;
import dev.coffer.tls.PeerVerifier;
import dev.coffer.tls.ServerContext;
import dev.coffer.tls.ServerIdentity;
import dev.coffer.tls.TlsClient;
import dev.coffer.tls.TlsClientConfig;
import dev.coffer.tls.TlsConnection;
import dev.coffer.tls.TlsServer;
import dev.coffer.tls.TlsServerConfig;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Clients and servers of ours, HTTP/1.1 over TLS, in a simulated world of one seed: several connections at once that share few slots, any
/// split, delay and rate, cuts, resets and changed octets. What either hears is what the other said, or a beginning of it; without a fault it is
/// all; afterwards nothing is lent and both memories are zero.
class TlsSimulationTest {
    private static final int SEEDS = 30;
    private static final int CONNECTIONS = 3;
    private static final int CONTENT_BYTES_MAX = 60_000;
    private static final long SECOND = 1_000_000_000L;
    private static final long HOUR = 3600 * SECOND;
    private static final Http1Config HTTP = Http1Config.defaults().withLimits(Limits.defaults().withTimes(HOUR, HOUR, HOUR));
    private static final ServerIdentity IDENTITY = identity();

    private int whole;
    private int cut;
    private int refused;

    private static ServerIdentity identity() {
        try {
            return Certified.make(KeyAlgorithm.ED25519, "coffer.test").identity();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /// Trusts everybody: whom to trust is shown elsewhere, and what was changed is noticed without it.
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

    private static byte octet(int i) {
        return (byte) (i * 31 + (i >> 7));
    }

    /// A message of so many octets.
    private static final class Text implements MessageSource {
        private final boolean request;
        private final int length;
        private int said;

        Text(boolean request, int length) {
            this.request = request;
            this.length = length;
        }

        @Override
        public void head(HeadWriter head) {
            if (request) {
                head.request(Method.POST, Ascii.of("coffer.test"), Ascii.of("/")).content(length);
            } else {
                head.status(200).content(length);
            }
        }

        @Override
        public long body(MemorySegment output, long at, long room) {
            if (said == length) {
                return END;
            }
            int part = (int) Math.min(room, length - said);
            for (int i = 0; i < part; i++) {
                output.set(ValueLayout.JAVA_BYTE, at + i, octet(said + i));
            }
            said += part;
            return part;
        }
    }

    /// One connection with its two sides.
    private static final class Pair {
        final SplittableRandom random;
        final int up;
        final int down;
        final Http1Client client;
        final Http1Server server;
        final TlsClient<HttpEvent> tlsClient;
        final TlsServer<HttpEvent> tlsServer;
        StreamDriver<HttpEvent> clientDriver;
        StreamDriver<HttpEvent> serverDriver;
        int heardUp;
        int heardDown;
        boolean answered;

        Pair(World world, int index) {
            random = world.random.split();
            up = random.nextInt(CONTENT_BYTES_MAX);
            down = random.nextInt(CONTENT_BYTES_MAX);
            client = new Http1Client(HTTP, Arena.ofAuto().allocate(HTTP.clientPlan().totalBytes(), 64), 0);
            server = new Http1Server(HTTP, Arena.ofAuto().allocate(HTTP.plan().totalBytes(), 64), 0, null);
            long now = world.simulation.clock().nanos();
            client.reset(now);
            server.reset(now);
            tlsServer = new TlsServer<>(world.servers, index, (connection, when) -> server);
            tlsClient = new TlsClient<HttpEvent>(world.clients, index, (connection, when) -> ask()).to("coffer.test");
            tlsServer.reset(now);
            tlsClient.reset(now);
            Network.Stream stream = world.simulation.network().stream(Conditions.any(random, world.corrupts), Conditions.any(random, world.corrupts));
            clientDriver = world.simulation.add(new StreamDriver<>("client " + index, tlsClient, stream.client(), random.split(), this::atClient)
                    .readsAlways());
            serverDriver = world.simulation.add(new StreamDriver<>("server " + index, tlsServer, stream.server(), random.split(), this::atServer));
            if (world.cuts) {
                long after = random.nextLong(random.nextBoolean() ? 3_000 : 100_000);
                boolean hard = random.nextBoolean();
                world.simulation.add(new Once(() -> stream.client().written() + stream.server().written() >= after, () -> {
                    if (hard) {
                        stream.client().reset();
                    } else {
                        stream.server().truncate();
                    }
                }));
            }
        }

        private Engine<HttpEvent> ask() {
            client.request(new Text(true, up));
            return client;
        }

        private static int hear(dev.coffer.http.HttpEngine engine, int heard) {
            long stream = engine.stream();
            int length = (int) engine.dataLength(stream);
            for (int i = 0; i < length; i++) {
                if (engine.dataSegment(stream).get(ValueLayout.JAVA_BYTE, engine.dataAt(stream) + i) != octet(heard + i)) {
                    throw new AssertionError("octet " + (heard + i) + " is another than was said");
                }
            }
            engine.consume(stream, length);
            return heard + length;
        }

        private void atServer(HttpEvent event) {
            switch (event) {
                case REQUEST -> server.proceed(server.stream());
                case DATA -> heardUp = hear(server, heardUp);
                case END -> {
                    assertEquals(up, heardUp);
                    server.respond(server.stream(), new Text(false, down));
                }
                default -> {}
            }
        }

        private void atClient(HttpEvent event) {
            switch (event) {
                case DATA -> heardDown = hear(client, heardDown);
                case END -> {
                    assertEquals(down, heardDown);
                    answered = true;
                    clientDriver.shutdown(nowNanos);
                }
                default -> {}
            }
        }

        long nowNanos;

        boolean isDone() {
            return clientDriver.isDone() && serverDriver.isDone();
        }
    }

    /// Does one thing once.
    private static final class Once implements Actor {
        private final java.util.function.BooleanSupplier when;
        private final Runnable what;
        private boolean done;

        Once(java.util.function.BooleanSupplier when, Runnable what) {
            this.when = when;
            this.what = what;
        }

        @Override
        public boolean turn(long nowNanos) {
            if (done || !when.getAsBoolean()) {
                return false;
            }
            done = true;
            what.run();
            return true;
        }

        @Override
        public long deadlineNanos() {
            return Long.MAX_VALUE;
        }
    }

    private static final class World {
        final SplittableRandom random;
        final Simulation simulation;
        final boolean corrupts;
        final boolean cuts;
        final ServerContext servers;
        final ClientContext clients;
        final MemorySegment serverMemory;
        final MemorySegment clientMemory;
        final List<Pair> pairs = new ArrayList<>();

        World(SplittableRandom random) {
            this.random = random;
            this.simulation = new Simulation(random);
            corrupts = random.nextInt(4) == 0;
            cuts = random.nextInt(4) == 0;
            int few = 1 + random.nextInt(2);
            TlsServerConfig serverConfig = TlsServerConfig.defaults().withCounts(CONNECTIONS, few, few).withGroups(random.nextBoolean()
                    ? NamedGroup.X25519 : NamedGroup.SECP256R1).withCarriedOutputBytesMin(HTTP.sentHeadBytesMax()).withNanosMax(HOUR, HOUR);
            TlsClientConfig clientConfig = TlsClientConfig.defaults().withCounts(CONNECTIONS, CONNECTIONS, CONNECTIONS)
                    .withGroups(NamedGroup.X25519, NamedGroup.SECP256R1).withCarriedOutputBytesMin(HTTP.sentHeadBytesMax()).withNanosMax(HOUR, HOUR);
            serverMemory = Arena.ofAuto().allocate(serverConfig.plan().totalBytes(), 64);
            clientMemory = Arena.ofAuto().allocate(clientConfig.plan().totalBytes(), 64);
            servers = ServerContext.over(serverConfig, List.of(IDENTITY), Entropy.SYSTEM, serverMemory);
            clients = ClientContext.over(clientConfig, new Trusting(), Entropy.SYSTEM, clientMemory);
            for (int i = 0; i < CONNECTIONS; i++) {
                pairs.add(new Pair(this, i));
            }
        }

        void run() {
            simulation.add(new Once(() -> false, () -> {}));
            simulation.run(2_000_000, () -> {
                pairs.forEach(pair -> pair.nowNanos = simulation.clock().nanos());
                return pairs.stream().allMatch(Pair::isDone);
            });
            for (Pair pair : pairs) {
                pair.tlsClient.close();
                pair.tlsServer.close();
            }
        }
    }

    private void run(SplittableRandom random) {
        World world = new World(random);
        world.run();
        for (Pair pair : world.pairs) {
            for (TlsConnection<?> each : List.of(pair.tlsClient, pair.tlsServer)) {
                assertTrue(each.alertSent() != Alert.INTERNAL_ERROR, each::toString);
            }
            if (!world.corrupts && !world.cuts) {
                assertTrue(pair.answered, () -> pair.tlsClient + ", " + pair.tlsServer + ": " + pair.heardUp + " of " + pair.up + " up, " + pair.heardDown
                        + " of " + pair.down + " down");
                assertEquals(Alert.CLOSE_NOTIFY, pair.tlsServer.alertReceived());
            }
            whole += pair.answered ? 1 : 0;
            cut += pair.answered ? 0 : 1;
            refused += pair.tlsClient.alertSent() == Alert.BAD_RECORD_MAC || pair.tlsServer.alertSent() == Alert.BAD_RECORD_MAC ? 1 : 0;
        }
        for (MemorySegment memory : new MemorySegment[] {world.serverMemory, world.clientMemory}) {
            assertEquals(0, Arrays.stream(memory.toArray(ValueLayout.JAVA_LONG)).filter(each -> each != 0).count(), "left");
        }
    }

    @Test
    void whatEitherHearsIsWhatTheOtherSaidOrABeginningOfItAndNothingIsLeft() {
        Seeds.forEach(1, SEEDS, this::run);
        System.out.println("tls worlds: " + whole + " answers whole, " + cut + " cut, " + refused + " refused for a changed octet");
        assertTrue(whole > SEEDS && cut > SEEDS / 10 && refused > SEEDS / 20, whole + " whole, " + cut + " cut, " + refused + " refused");
    }

    @Test
    @Tag("long")
    void theSameInManyWorlds() {
        LongRun.of("tls worlds", 100_000, this::run);
        System.out.println("tls worlds: " + whole + " answers whole, " + cut + " cut, " + refused + " refused for a changed octet");
    }
}
