package dev.coffer.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.key.KeyAlgorithm;
import dev.coffer.memory.Entropy;
import dev.coffer.testkit.RawMemory;
import dev.coffer.testkit.Speaker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Identities by RSA keys: which of their three schemes signs, on both sides; keys that end.
class RsaIdentityTest {
    private static final long NOW = 5_000_000_000L;
    private static final TlsServerConfig SERVER = TlsServerConfig.defaults().withCounts(2, 1, 1).withSchemes(SignatureScheme.values());
    private static final TlsClientConfig CLIENT = TlsClientConfig.defaults().withCounts(2, 1, 1).withGroups(NamedGroup.X25519);

    @TempDir
    private static Path folder;
    private static PlainRsaKey key;
    private static ServerIdentity identity;
    private static Path authorities;

    @BeforeAll
    static void make() throws Exception {
        key = PlainRsaKey.make();
        identity = Identities.of(key, "coffer.test");
        authorities = Files.writeString(folder.resolve("rsa.pem"), "-----BEGIN CERTIFICATE-----\n"
                + Base64.getMimeEncoder().encodeToString(identity.certificate().getEncoded()) + "\n-----END CERTIFICATE-----\n");
    }

    /// Trusts that certificate, and verifies with these schemes alone.
    private static final class Of implements ClientVerifier {
        private final JdkVerifier real;
        private final int[] schemes;
        private int seen;

        Of(int... schemes) throws Exception {
            this.real = JdkVerifier.of(authorities);
            this.schemes = schemes;
        }

        @Override
        public ClientVerifier another() {
            return this;
        }

        @Override
        public int[] schemes() {
            return schemes;
        }

        @Override
        public Alert trust(MemorySegment chain, long at, int length, String host) {
            return host.isEmpty() ? real.trustClient(chain, at, length) : real.trust(chain, at, length, host);
        }

        @Override
        public boolean verifies(int scheme, MemorySegment covered, long coveredAt, int coveredLength, MemorySegment signature, long signatureAt,
                int signatureLength) {
            seen = scheme;
            return real.verifies(scheme, covered, coveredAt, coveredLength, signature, signatureAt, signatureLength);
        }

        @Override
        public long policy() {
            return 1;
        }

        @Override
        public long untilSeconds() {
            return Long.MAX_VALUE;
        }

        @Override
        public void key(MemorySegment memory, long at) {
            memory.set(ValueLayout.JAVA_BYTE, at, (byte) 1);
        }
    }

    /// {@return the alert that a handshake ends with, or null}
    private static Alert shake(TlsServerConfig config, ServerIdentity shown, Of verifier, Of ofClients, ServerIdentity ofClient) {
        try (Place place = ofClients == null ? Place.of(config, shown)
                : Place.of(config.withClientAuthentication(ClientAuthentication.REQUIRED), ofClients, Entropy.SYSTEM, shown);
                ClientPlace clients = ClientPlace.of(CLIENT, verifier)) {
            clients.context().identity(ofClient);
            Speaker speaker = new Speaker(new byte[10]);
            TlsServer<Echo.Event> server = new TlsServer<>(place.context(), 1, (connection, now) -> new Echo(100));
            TlsClient<Speaker.Event> client = new TlsClient<Speaker.Event>(clients.context(), 1, (connection, now) -> speaker).to("coffer.test");
            server.reset(NOW);
            client.reset(NOW);
            TlsClientTest.converse(client, server, 1);
            Alert alert = Stream.of(client.alertSent(), client.alertReceived()).filter(each -> each != null && each != Alert.CLOSE_NOTIFY).findFirst()
                    .orElse(null);
            assertEquals(alert == null ? 10 : 0, speaker.heard.size(), client + ", " + server);
            client.close();
            server.close();
            assertEquals(0, place.context().pool().usedBytes());
            place.context().close();
            assertEquals(0, RawMemory.nonZero(place.memory()), "left by the server");
            return alert;
        }
    }

    private static int signed(TlsServerConfig config, int... schemes) throws Exception {
        Of verifier = new Of(schemes);
        assertEquals(null, shake(config, identity, verifier, null, null));
        return verifier.seen;
    }

    @Test
    void thePeersListSaysWhichHashItSignsWith() throws Exception {
        assertEquals(0x0804, signed(SERVER, 0x0804, 0x0805, 0x0806));
        assertEquals(0x0806, signed(SERVER, 0x0403, 0x0806, 0x0805, 0x0804));
        assertEquals(0x0805, signed(SERVER, 0x0401, 0x0805));
        assertEquals(0x0804, signed(SERVER.withSchemes(SignatureScheme.RSA_PSS_RSAE_SHA256), 0x0806, 0x0804), "as configured");
        assertEquals(Alert.HANDSHAKE_FAILURE, shake(SERVER, identity, new Of(0x0403, 0x0401, 0x0809), null, null), "PKCS #1 and the other OID");
        assertEquals(Alert.HANDSHAKE_FAILURE, shake(SERVER.withSchemes(SignatureScheme.RSA_PSS_RSAE_SHA512), identity, new Of(0x0804), null, null));
    }

    @Test
    void aClientShowsARsaCertificateToo() throws Exception {
        for (int scheme : new int[] {0x0804, 0x0805, 0x0806}) {
            Of ofClients = new Of(0x0807, scheme);
            assertEquals(null, shake(SERVER, identity, new Of(0x0804), ofClients, identity));
            assertEquals(scheme, ofClients.seen);
        }
        assertEquals(Alert.CERTIFICATE_REQUIRED, shake(SERVER, identity, new Of(0x0804), new Of(0x0403), identity), "nobody whom it could verify");
    }

    @Test
    void anIdentityIsForItsConfigurationAndKeyAlone() throws Exception {
        assertEquals(List.of(SignatureScheme.RSA_PSS_RSAE_SHA256, SignatureScheme.RSA_PSS_RSAE_SHA384, SignatureScheme.RSA_PSS_RSAE_SHA512),
                identity.schemes());
        assertThrows(IllegalArgumentException.class, () -> Place.of(TlsServerConfig.defaults(), identity));
        PlainRsaKey other = PlainRsaKey.another();
        assertTrue(assertThrows(CertificateException.class, () -> ServerIdentity.of(identity.chain(), other)).getMessage().contains("not that of"));
        assertFalse(other.isClosed());
    }

    /// The key's own certificate goes first, and who issued it behind.
    @Test
    void aChainInAnotherOrderIsRefusedInWords() throws Exception {
        X509Certificate own = identity.certificate();
        X509Certificate stranger = Identities.of(KeyAlgorithm.ED25519, "stranger").certificate();
        PlainRsaKey again = PlainRsaKey.make();
        String first = assertThrows(CertificateException.class, () -> ServerIdentity.of(List.of(stranger, own), again)).getMessage();
        assertTrue(first.contains("of number 2, CN=coffer.test: put that one first"), first);
        String behind = assertThrows(CertificateException.class, () -> ServerIdentity.of(List.of(own, stranger), again)).getMessage();
        assertTrue(behind.contains("number 2, CN=stranger, did not issue the one before it, whose issuer is CN=coffer.test"), behind);
        assertEquals(2, ServerIdentity.of(List.of(own, own), again).chain().size(), "one that issued itself");
    }

    /// All forms of an identity are one: closed, none begins anew; a key that is gone all the same ends the handshake and says nothing.
    @Test
    void aKeyThatEndedSignsNothing() throws Exception {
        PlainRsaKey own = PlainRsaKey.make();
        ServerIdentity ending = Identities.of(own, "coffer.test");
        own.close();
        assertEquals(Alert.INTERNAL_ERROR, shake(SERVER, ending, new Of(0x0806, 0x0804), null, null));
        PlainRsaKey second = PlainRsaKey.make();
        ServerIdentity closed = Identities.of(second, "coffer.test");
        closed.close();
        assertTrue(closed.isDestroyed() && second.isClosed());
        assertEquals(Alert.HANDSHAKE_FAILURE, shake(SERVER, closed, new Of(0x0806), null, null));
    }
}
