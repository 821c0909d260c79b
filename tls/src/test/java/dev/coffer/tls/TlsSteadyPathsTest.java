package dev.coffer.tls;

import dev.coffer.crypto.key.KeyAlgorithm;
import dev.coffer.crypto.packet.CipherSuite;
import dev.coffer.memory.Entropy;
import dev.coffer.testkit.HeapMode;
import dev.coffer.testkit.SteadyPath;
import dev.coffer.testkit.SteadyPaths;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A server's connection from its first byte to its last: 0 heap bytes, whoever executes it, the handshake included.
///
/// What a client said once is said again each time: with the same random bytes the server's flight is the same, so that the client's
/// Finished and all its records are right again.
class TlsSteadyPathsTest {
    private static final List<Class<? extends SteadyPath>> PATHS =
            List.of(ChaCha20AndEd25519.class, Aes256AndP256.class, Refusals.class, Resumed.class);

    @ParameterizedTest
    @EnumSource(HeapMode.class)
    void noConnectionMakesAnObject(HeapMode mode) {
        SteadyPaths.check(mode, PATHS);
    }

    /// The same bytes after each [#again].
    private static final class Repeating implements Entropy {
        private long drawn;

        void again() {
            drawn = 0;
        }

        @Override
        public void fill(MemorySegment segment, long at, long length) {
            for (long i = 0; i < length; i++) {
                drawn = drawn * 6364136223846793005L + 1442695040888963407L;
                segment.set(ValueLayout.JAVA_BYTE, at + i, (byte) (drawn >>> 33));
            }
        }
    }

    /// Bytes for the server, each piece fed after the one before was answered.
    private abstract static class Recorded implements SteadyPath {
        final Repeating entropy = new Repeating();
        final Place place;
        final TlsServer<Echo.Event> server;
        final Echo echo = new Echo(20_000);
        private final MemorySegment out = Arena.global().allocate(1 << 16);
        private final List<MemorySegment> pieces = new ArrayList<>();
        private MemorySegment[] said = {};
        private long expected;

        Recorded(TlsServerConfig config, KeyAlgorithm algorithm) throws Exception {
            place = Place.of(config.withCounts(1, 1, 1).withWaiting(1), entropy, Identities.of(algorithm, "coffer.test"));
            server = new TlsServer<>(place.context(), 0, (connection, now) -> echo);
        }

        /// The server, as a client that is recorded sees it.
        final TestClient recorded(CipherSuite suite) {
            echo.reset(0);
            entropy.again();
            pieces.clear();
            return new TestClient(server, suite) {
                @Override
                int raw(byte[] bytes) {
                    pieces.add(Arena.global().allocate(bytes.length).copyFrom(MemorySegment.ofArray(bytes)));
                    return super.raw(bytes);
                }
            };
        }

        final void end() {
            said = pieces.toArray(MemorySegment[]::new);
            expected = conversation();
        }

        /// {@return bytes that the server said}
        final long conversation() {
            echo.reset(0);
            entropy.again();
            server.reset(TestClient.NOW);
            long sum = 0;
            for (MemorySegment piece : said) {
                for (long at = 0; at < piece.byteSize();) {
                    at += server.feed(piece, at, Math.min(server.feedRoom(), piece.byteSize() - at), TestClient.NOW);
                    sum += answers();
                }
            }
            server.close();
            return sum;
        }

        final long answers() {
            long sum = 0;
            for (long wrote = 1; wrote > 0; sum += wrote) {
                wrote = server.pollOutput(out, 0, 20_000, TestClient.NOW);
                while (server.pollEvent() != null) {
                    // heard
                }
            }
            return sum;
        }

        @Override
        public void run() {
            long bytes = conversation();
            if (bytes != expected) {
                throw new AssertionError(bytes + " bytes said, " + expected + " the first time");
            }
        }

        @Override
        public int operations() {
            return 1;
        }

        @Override
        public void close() {
            place.close();
        }
    }

    /// A handshake, an echo in small and full records, key updates, the end.
    private abstract static class Connection extends Recorded {
        Connection(CipherSuite suite, KeyAlgorithm algorithm) throws Exception {
            super(TlsServerConfig.defaults().withSuites(suite), algorithm);
            TestClient client = recorded(suite);
            client.handshake();
            int full = suite == CipherSuite.CHACHA20_POLY1305_SHA256 ? Wire.CONTENT_BYTES_MAX : 1000;  // AES in the interpreter is slow
            for (int bytes : new int[] {1, 100, full}) {
                client.say(Wire.APPLICATION_DATA, new byte[bytes]);
                client.say(Wire.HANDSHAKE, TestClient.hex("18000001 01"));
                client.updateWrite();
                client.listen();
            }
            client.say(Wire.ALERT, new byte[] {1, 0});
            client.listen();
            if (client.content.size() != 1 + 100 + full || client.alert() != Alert.CLOSE_NOTIFY) {
                throw new AssertionError("heard " + client.content.size() + " bytes, then " + client.alert());
            }
            end();
        }
    }

    static final class ChaCha20AndEd25519 extends Connection {
        ChaCha20AndEd25519() throws Exception {
            super(CipherSuite.CHACHA20_POLY1305_SHA256, KeyAlgorithm.ED25519);
        }
    }

    static final class Aes256AndP256 extends Connection {
        Aes256AndP256() throws Exception {
            super(CipherSuite.AES_256_GCM_SHA384, KeyAlgorithm.P256);
        }
    }

    /// Hellos and records that are refused.
    static final class Refusals extends Recorded {
        private final List<MemorySegment> hostile = new ArrayList<>();
        private final MemorySegment[] each;

        Refusals() throws Exception {
            super(TlsServerConfig.defaults().withProtocols("h2"), KeyAlgorithm.ED25519);
            TestClient client = recorded(CipherSuite.CHACHA20_POLY1305_SHA256);
            List<byte[]> extensions = client.extensions();
            add(client.record(Wire.HANDSHAKE, client.hello(extensions.subList(1, 4))));
            add(client.record(Wire.HANDSHAKE, client.hello(extensions.subList(0, 3))));
            List<byte[]> twice = new ArrayList<>(extensions);
            twice.addAll(extensions);
            add(client.record(Wire.HANDSHAKE, client.hello(twice)));
            byte[] hello = client.record(Wire.HANDSHAKE, client.hello(extensions));
            for (int i = 0; i < 60; i += 9) {
                byte[] bad = hello.clone();
                bad[i] ^= 0x40;
                add(bad);
            }
            add("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            add(TestClient.hex("1503030002 0228"));
            each = hostile.toArray(MemorySegment[]::new);
            end();
        }

        private void add(byte[] bytes) {
            hostile.add(Arena.global().allocate(bytes.length).copyFrom(MemorySegment.ofArray(bytes)));
        }

        @Override
        public void run() {
            for (MemorySegment hello : each) {
                server.reset(TestClient.NOW);
                server.feed(hello, 0, hello.byteSize(), TestClient.NOW);
                answers();
                server.onDeadline(Math.min(server.deadlineNanos(), Long.MAX_VALUE / 2));
                answers();
                server.close();
            }
        }
    }

    /// Says something once, and hears.
    private static final class Once extends Echo {
        private static final MemorySegment TEXT = Arena.global().allocate(50);
        private boolean given;

        Once() {
            super((int) TEXT.byteSize());
        }

        @Override
        public void reset(long nowNanos) {
            super.reset(nowNanos);
            given = false;
            feed(TEXT, 0, TEXT.byteSize(), nowNanos);
            given = true;
        }

        @Override
        public long feedRoom() {
            return Long.MAX_VALUE;
        }

        @Override
        public long feed(MemorySegment input, long at, long length, long nowNanos) {
            return given ? length : super.feed(input, at, length, nowNanos);
        }
    }

    /// Client and server of ours: each connection resumes the one before it, says something early and takes new tickets. Neither side makes an object.
    static final class Resumed implements SteadyPath {
        private final TicketKeys keys = TicketKeys.fresh(Arena.global().allocate(TicketKeys.BYTES), Entropy.SYSTEM, 1000);
        private final Place place;
        private final ClientPlace clients;
        private final Echo heard = new Echo(100);
        private final Echo once = new Once();
        private final ReplayGuard guard = ReplayGuard.over(Arena.global().allocate(ReplayGuard.bytes(64)), Entropy.SYSTEM);
        private final TlsServer<Echo.Event> server;
        private final TlsClient<Echo.Event> client;
        private final MemorySegment out = Arena.global().allocate(1 << 16);
        private long now = TestClient.NOW;

        Resumed() throws Exception {
            ServerIdentity identity = Identities.of(KeyAlgorithm.ED25519, "coffer.test");
            place = Place.of(TlsServerConfig.defaults().withCounts(1, 1, 1).withWaiting(1).withGroups(NamedGroup.X25519)
                    .withTickets(new TicketConfig(2, 1000, 4096)), identity);
            place.context().ticketKeys(keys);
            place.context().replayGuard(guard);
            clients = ClientPlace.of(TlsClientConfig.defaults().withCounts(1, 1, 1).withGroups(NamedGroup.X25519).withEarlyBytes(4096), new Trusting());
            server = new TlsServer<>(place.context(), 0, (connection, at) -> heard);
            client = new TlsClient<Echo.Event>(clients.context(), 0, (connection, at) -> once).to("coffer.test").early(true);
            if (connection()) {
                throw new AssertionError("resumed without a session");
            }
        }

        private boolean connection() {
            heard.reset(now);
            once.reset(now);
            server.reset(now);
            client.reset(now);
            pump();
            boolean resumed = client.isResumed() && server.isResumed() && client.isEarlyTaken() && heard.taken == Once.TEXT.byteSize();
            client.close();
            server.close();
            now += 600_000_000_000L;  // so that keys turn
            return resumed;
        }

        private void pump() {
            boolean moved = true;
            while (moved) {
                long wrote = 0;
                for (long more = 1; more > 0; wrote += more) {
                    more = client.pollOutput(out, 0, 20_000, now);
                    server.feed(out, 0, more, now);
                }
                long answered = server.pollOutput(out, 0, 20_000, now);
                client.feed(out, 0, answered, now);
                moved = wrote + answered > 0;
            }
        }

        @Override
        public void run() {
            if (!connection()) {
                throw new AssertionError("not resumed: " + client + ", " + server);
            }
        }

        @Override
        public int operations() {
            return 2;  // keys turn with every other
        }

        @Override
        public void close() {
            place.close();
            clients.close();
            keys.close();
            guard.close();
        }
    }

    /// Trusts everybody.
    private static final class Trusting implements PeerVerifier {
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
}
