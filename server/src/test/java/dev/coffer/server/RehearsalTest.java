package dev.coffer.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.key.KeyAlgorithm;
import dev.coffer.server.tls.Certified;
import dev.coffer.server.tls.Tls;
import dev.coffer.tls.Alert;
import dev.coffer.tls.ClientAuthentication;
import dev.coffer.tls.ClientVerifier;
import dev.coffer.tls.NamedGroup;
import dev.coffer.tls.SignatureScheme;
import dev.coffer.tls.TlsServerConfig;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What is run before the doors open. That it is enough is shown under pressure, by `DescriptorsTest`.
class RehearsalTest {
    @TempDir
    Path root;

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void everyKindOfAnswerIsHeard(boolean portable) throws IOException {
        long start = System.nanoTime();
        String statuses =
                Rehearsal.run(ServerConfig.standard().withPortable(portable).withHttp2(Http2Serving.defaults()), Setup.standard(root).site().rehearsal());
        System.out.println((System.nanoTime() - start) / 1_000_000 + " ms: " + statuses);
        for (int status : new int[] {200, 204, 206, 301, 304, 400, 404, 405, 408, 412, 413, 414, 416, 417, 431, 501, 503,
                505}) {
            assertTrue(statuses.contains(status + " "), status + " was not heard: " + statuses);
        }
    }

    /// Each kind of answer, and each group of the configuration.
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void http3IsSpokenOverASocketOfItsOwn(boolean portable) throws Exception {
        ServerConfig config = Http3ServingTest.config(Certified.make(KeyAlgorithm.ED25519, "localhost")).withPortable(portable);
        long start = System.nanoTime();
        String heard = RehearsalHttp3.run(config, Setup.standard(root).site().rehearsal());
        System.out.println((System.nanoTime() - start) / 1_000_000 + " ms: " + heard);
        String once = "h3 200 200 200 404 200 200 200 200 500 500 500 413 200 200 ";
        assertEquals(once + "h3 200 ".repeat(config.tls().config().groups().size() - 1), heard);
    }

    /// Every suite, group and identity of the configuration, both protocols, a session resumed, a retry, and who speaks no TLS.
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void handshakesAreMadeWithTheServersOwnConfigurationAndKeys(boolean portable) throws Exception {
        Certified one = Certified.make(KeyAlgorithm.P256, "localhost");
        Certified two = Certified.make(KeyAlgorithm.ED25519, "coffer.test");
        Tls tls = Tls.of(TlsServerConfig.defaults().withProtocols("h2", "http/1.1"), one.identity(), two.identity());
        ServerConfig config = ServerConfig.standard().withPortable(portable).withHttp2(Http2Serving.defaults()).withTls(tls);
        long start = System.nanoTime();
        String heard = RehearsalTls.run(config, Setup.standard(root).site().rehearsal());
        System.out.println((System.nanoTime() - start) / 1_000_000 + " ms: " + heard);
        assertTrue(heard.contains("http/1.1 HTTP/1.1 200"), heard);
        assertTrue(heard.contains("h2 ..."), heard);
        assertTrue(heard.contains("resumed HTTP/1.1 200"), heard);
        assertTrue(heard.contains("clear"), heard);
        assertTrue(heard.endsWith("null HTTP/1.1 200 "), "by a retry, without a protocol: " + heard);
        assertFalse(heard.contains("refused"), heard);
        assertNull(tls.ticketKeys(), "the rehearsal's own");
        assertEquals(List.of(one.identity(), two.identity()), tls.identities());
    }

    /// A request with the hello, over TCP and QUIC: what it needs is loaded and linked before a client brings one, and neither guard nor keys of the server's have seen it.
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatMayComeWithAHelloComes(boolean portable) throws Exception {
        ServerConfig plain = Http3ServingTest.config(Certified.make(KeyAlgorithm.ED25519, "localhost")).withPortable(portable);
        Tls served = Objects.requireNonNull(plain.tls());
        TlsServerConfig config = served.config().withGroups(NamedGroup.X25519).withTickets(served.config().tickets().withEarlyBytes(4096));
        Tls tls = Tls.of(config, served.identities().getFirst());
        String overQuic = RehearsalHttp3.run(plain.withTls(tls), Setup.standard(root).site().rehearsal());
        assertTrue(overQuic.matches(".*h3 early (425 200|200 425) "), overQuic);
        String overTcp = RehearsalTls.run(plain.withTls(tls), Setup.standard(root).site().rehearsal());
        assertTrue(overTcp.contains(" resumed early "), overTcp);
        assertNull(tls.replayGuard(), "the rehearsal's own");
    }

    /// Counts how often it was asked, and refuses.
    private record Refusing(AtomicInteger asked) implements ClientVerifier {
        @Override
        public int[] schemes() {
            return new int[] {SignatureScheme.ECDSA_SECP256R1_SHA256.code()};
        }

        @Override
        public ClientVerifier another() {
            return this;
        }

        @Override
        public Alert trust(MemorySegment chain, long at, int length, String host) {
            asked.incrementAndGet();
            return Alert.UNKNOWN_CA;
        }

        @Override
        public boolean verifies(int scheme, MemorySegment covered, long coveredAt, int coveredLength, MemorySegment signature, long signatureAt,
                int signatureLength) {
            return false;
        }

        @Override
        public void key(MemorySegment target, long at) {}

        @Override
        public long untilSeconds() {
            return 0;
        }

        @Override
        public long policy() {
            return 0;
        }
    }

    /// Before a server is open its verifier of clients was asked once, about a stranger; and nothing of that is counted or held.
    @Test
    void aServerOfTlsIsRehearsedBeforeItIsOpenAndNothingIsLeftOfIt() throws Exception {
        Certified one = Certified.make(KeyAlgorithm.P256, "localhost");
        Refusing clients = new Refusing(new AtomicInteger());
        Tls tls = Tls.of(TlsServerConfig.defaults().withClientAuthentication(ClientAuthentication.REQUIRED), one.identity()).withClients(clients);
        Setup setup = Setup.standard(root);
        Tls ofOtherKind = Tls.of(tls.config(), Certified.make(KeyAlgorithm.ED25519, "localhost").identity()).withClients(clients);
        Server.open(setup.config().withTls(ofOtherKind), setup.site()).close();
        assertEquals(0, clients.asked.get(), "it takes no key of that kind");
        try (Server server = Server.open(setup.config().withTls(tls), setup.site())) {
            assertEquals(1, clients.asked.get());
            for (LoopStatistics.Count count : LoopStatistics.Count.values()) {
                assertEquals(0, server.count(count), count.name());
            }
            assertEquals(0, server.connections());
            assertNull(tls.ticketKeys());
        }
        Server.open(setup.config().withTls(tls), setup.site()).close();
        assertEquals(1, clients.asked.get(), "once a process");
        Tls other = Tls.of(tls.config(), Certified.make(KeyAlgorithm.P256, "localhost").identity()).withClients(clients);
        Server.open(setup.config().withTls(other), setup.site()).close();
        assertEquals(1, clients.asked.get(), "whosever keys of that kind are");
    }
}
