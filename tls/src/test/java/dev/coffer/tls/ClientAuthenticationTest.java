package dev.coffer.tls;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.key.KeyAlgorithm;
import dev.coffer.crypto.packet.CipherSuite;
import dev.coffer.memory.Entropy;
import dev.coffer.testkit.RawMemory;
import dev.coffer.testkit.Speaker;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.function.Consumer;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Clients that are asked who they are: ours, the JDK's, and those that get it wrong.
class ClientAuthenticationTest {
    private static final long SECOND = 1_000_000_000L;
    private static final TlsServerConfig SERVER = TlsServerConfig.defaults().withCounts(2, 1, 1);
    private static final TlsClientConfig CLIENT = TlsClientConfig.defaults().withCounts(2, 1, 1).withGroups(NamedGroup.X25519);
    private static final byte[] TEXT = "who am I".getBytes(StandardCharsets.US_ASCII);

    @TempDir
    private Path folder;
    private ServerIdentity identity;
    private ServerIdentity known;
    private TicketKeys keys;
    private Place place;
    private ClientPlace clients;
    private TlsServer<Echo.Event> server;
    private TlsClient<Speaker.Event> client;
    private long now = 5 * SECOND;
    private byte[] peer = {};
    private Speaker speaker;

    @BeforeEach
    void open() throws Exception {
        identity = Identities.of(KeyAlgorithm.ED25519, "coffer.test");
        known = Identities.of(KeyAlgorithm.P256, "client");
        keys = TicketKeys.fresh(Arena.ofAuto().allocate(TicketKeys.BYTES), Entropy.SYSTEM, TicketKeys.LIFETIME_SECONDS_MAX);
        clients = ClientPlace.of(CLIENT, JdkVerifier.of(file("server", identity.certificate())));
    }

    private Path file(String name, X509Certificate... certificates) throws Exception {
        StringBuilder text = new StringBuilder();
        for (X509Certificate certificate : certificates) {
            text.append("-----BEGIN CERTIFICATE-----\n").append(Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(certificate.getEncoded()))
                    .append("\n-----END CERTIFICATE-----\n");
        }
        return Files.writeString(folder.resolve(name + ".pem"), text);
    }

    private void server(ClientAuthentication mode, ClientVerifier verifier) {
        closeServer();
        place = Place.of(SERVER.withClientAuthentication(mode), verifier, Entropy.SYSTEM, identity);
        place.context().ticketKeys(keys);
    }

    private ClientVerifier trusting(X509Certificate... certificates) throws Exception {
        return JdkClientVerifier.of(file("clients", certificates));
    }

    private void closeServer() {
        if (place != null) {
            assertEquals(0, place.context().pool().usedBytes());
            place.context().close();
            assertEquals(0, RawMemory.nonZero(place.memory()), "left by the server");
            place.close();
        }
    }

    @AfterEach
    void close() {
        closeServer();
        assertEquals(0, clients.context().pool().usedBytes());
        clients.close();
        keys.close();
    }

    /// Connects our client; what it heard says whether it was let in.
    ///
    /// @return what it heard
    private String connect() {
        begin();
        TlsClientTest.converse(client, server, now, now);
        MemorySegment key = Arena.ofAuto().allocate(ClientVerifier.KEY_BYTES);
        assertEquals(server.isVerified() ? ClientVerifier.KEY_BYTES : 0, server.peerKey(key, 0));
        peer = key.toArray(ValueLayout.JAVA_BYTE);
        return speaker.heard.toString(StandardCharsets.US_ASCII);
    }

    private void begin() {
        Echo echo = new Echo(20_000);
        speaker = new Speaker(TEXT);
        server = new TlsServer<>(place.context(), 1, (connection, at) -> echo);
        client = new TlsClient<Speaker.Event>(clients.context(), 1, (connection, at) -> speaker).to("coffer.test");
        server.reset(now);
        client.reset(now);
    }

    private void end() {
        client.close();
        server.close();
        ServerContext context = place.context();
        if (context.asksClients()) {
            assertEquals(0, RawMemory.nonZero(context.peers(), context.peerAt(1), ClientVerifier.KEY_BYTES), "who it was");
        }
        now += SECOND;
    }

    private void letIn(boolean verified, boolean resumed) {
        assertEquals("who am I", connect(), client + ", " + server);
        assertEquals(verified, server.isVerified());
        assertEquals(resumed, server.isResumed());
        end();
    }

    private void refused(Alert alert) {
        assertEquals("", connect());
        assertEquals(alert, server.alertSent(), client + ", " + server);
        assertEquals(alert, client.alertReceived());
        end();
        assertEquals(0, place.context().pool().usedBytes());
    }

    private static byte[] pin(X509Certificate certificate) throws Exception {
        return MessageDigest.getInstance("SHA-256").digest(certificate.getPublicKey().getEncoded());
    }

    @Test
    void whoIsKnownIsLetInAndNamedByTheKeyAlsoWhenResumed() throws Exception {
        for (KeyAlgorithm algorithm : new KeyAlgorithm[] {KeyAlgorithm.P256, KeyAlgorithm.ED25519}) {
            known = Identities.of(algorithm, "client");
            clients.context().identity(known);
            for (ClientAuthentication mode : new ClientAuthentication[] {ClientAuthentication.OPTIONAL, ClientAuthentication.REQUIRED}) {
                server(mode, trusting(known.certificate()));
                letIn(true, mode == ClientAuthentication.REQUIRED);  // of the session with the server that did not require it
                assertArrayEquals(pin(known.certificate()), peer);
                letIn(true, true);
                assertArrayEquals(pin(known.certificate()), peer, "of the session that was resumed");
            }
            server(ClientAuthentication.NONE, null);
            letIn(false, true);
        }
        assertThrows(IllegalArgumentException.class, () -> clients.context().identity(Identities.of(KeyAlgorithm.ML_DSA_44, "client")));
    }

    @Test
    void anotherVerifierIsAskedFromTheNextHandshakeOn() throws Exception {
        ServerIdentity other = Identities.of(KeyAlgorithm.P256, "other");
        server(ClientAuthentication.REQUIRED, trusting(known.certificate()));
        clients.context().identity(known);
        letIn(true, false);
        place.context().clients(trusting(other.certificate()));
        refused(Alert.UNKNOWN_CA);
        clients.context().identity(other);
        letIn(true, false);
        assertArrayEquals(pin(other.certificate()), peer);
        letIn(true, true);
        place.context().clients(trusting(known.certificate(), other.certificate()));
        letIn(true, false);  // of a session that others had vouched for
        server(ClientAuthentication.NONE, null);
        assertThrows(IllegalArgumentException.class, () -> place.context().clients(trusting(known.certificate())));
    }

    @Test
    void aHandshakeEndsWithTheVerifierItBeganWith() throws Exception {
        server(ClientAuthentication.REQUIRED, trusting(known.certificate()));
        clients.context().identity(known);
        begin();
        TlsClientTest.exchange(client, server, now);  // the server has asked
        place.context().clients(trusting(identity.certificate()));
        TlsClientTest.converse(client, server, now, now);
        assertTrue(server.isVerified(), client + ", " + server);
        end();
    }

    @Test
    void aCertificatesKeyIsHeldByWhoeverSignsWithItUntilThen() throws Exception {
        server(ClientAuthentication.REQUIRED, trusting(known.certificate()));
        ServerIdentity next = Identities.of(KeyAlgorithm.ED25519, "coffer.test");
        clients.context().identity(known);
        begin();
        TlsClientTest.exchange(client, server, now);  // the hello has come, and has chosen
        place.context().identities(java.util.List.of(next));
        identity.close();
        assertFalse(identity.isDestroyed(), "its handshake has yet to sign");
        TlsClientTest.exchange(server, client, now);  // the server signs, and the client is asked
        assertTrue(identity.isDestroyed(), "nobody needs it any more");
        clients.context().identity(null);
        known.close();
        TlsClientTest.converse(client, server, now, now);
        assertTrue(server.isVerified(), client + ", " + server);
        assertTrue(known.isDestroyed());
        end();
        begin();
        TlsClientTest.exchange(client, server, now);
        next.close();
        assertFalse(next.isDestroyed());
        end();
        assertTrue(next.isDestroyed(), "a handshake that comes to nothing lets go too");
        begin();
        TlsClientTest.converse(client, server, now, now);
        assertEquals(Alert.HANDSHAKE_FAILURE, server.alertSent(), "there is nobody");
        end();
    }

    @Test
    void whoHasNoCertificateIsLetInOnlyWhereNoneIsRequired() throws Exception {
        server(ClientAuthentication.OPTIONAL, trusting(known.certificate()));
        letIn(false, false);
        letIn(false, true);
        server(ClientAuthentication.REQUIRED, trusting(known.certificate()));
        refused(Alert.CERTIFICATE_REQUIRED);
    }

    @Test
    void whoIsNotTrustedIsRefusedInEitherMode() throws Exception {
        for (ClientAuthentication mode : new ClientAuthentication[] {ClientAuthentication.OPTIONAL, ClientAuthentication.REQUIRED}) {
            server(mode, trusting(known.certificate()));
            clients.context().identity(Identities.of(KeyAlgorithm.ED25519, "client"));
            refused(Alert.UNKNOWN_CA);
        }
    }

    @Test
    void aSessionIsNotResumedPastWhatItWasVerifiedBy() throws Exception {
        server(ClientAuthentication.NONE, null);
        letIn(false, false);
        server(ClientAuthentication.REQUIRED, trusting(known.certificate()));
        clients.context().identity(known);
        letIn(true, false);
        server(ClientAuthentication.REQUIRED, trusting(known.certificate(), identity.certificate()));
        letIn(true, false);
        letIn(true, true);
        server(ClientAuthentication.OPTIONAL, trusting(known.certificate()));
        clients.context().identity(null);
        letIn(false, false);
        server(ClientAuthentication.REQUIRED, trusting(known.certificate()));
        refused(Alert.CERTIFICATE_REQUIRED);
    }

    @Test
    void aSessionEndsWithItsClientsCertificate() throws Exception {
        server(ClientAuthentication.REQUIRED, trusting(known.certificate()));
        clients.context().identity(known);
        long ends = known.certificate().getNotAfter().toInstant().getEpochSecond();
        place.context().clock(now, (ends - 100) * 1000);
        letIn(true, false);
        letIn(true, true);
        now += 90 * SECOND;
        letIn(true, true);
        now += 10 * SECOND;
        letIn(true, false);
    }

    @Test
    void certificatesOfOtherTimesAndUsesAreRefused() throws Exception {
        server(ClientAuthentication.REQUIRED, new Throwing());
        clients.context().identity(known);
        refused(Alert.INTERNAL_ERROR);
        X509Certificate[] made = new X509Certificate[3];
        Instant today = Instant.now();
        PrivateKey[] key = new PrivateKey[1];
        made[0] = certificate(key, today.minusSeconds(100_000), today.minusSeconds(1000), KeyPurposeId.id_kp_clientAuth);
        made[1] = certificate(key, today.minusSeconds(1000), today.plusSeconds(100_000), KeyPurposeId.id_kp_serverAuth);
        made[2] = certificate(key, today.minusSeconds(1000), today.plusSeconds(100_000), KeyPurposeId.id_kp_clientAuth);
        ClientVerifier verifier = trusting(made);
        assertEquals(Alert.CERTIFICATE_EXPIRED, trust(verifier, made[0]));
        assertEquals(Alert.UNSUPPORTED_CERTIFICATE, trust(verifier, made[1]), "another use");
        assertEquals(null, trust(verifier, made[2]));
        assertEquals(made[2].getNotAfter().toInstant().getEpochSecond(), verifier.untilSeconds());
    }

    private static Alert trust(ClientVerifier verifier, X509Certificate certificate) throws Exception {
        byte[] der = certificate.getEncoded();
        byte[] entry = TestClient.concat(new byte[] {(byte) (der.length >> 16), (byte) (der.length >> 8), (byte) der.length}, der, new byte[2]);
        return verifier.trust(MemorySegment.ofArray(entry), 0, entry.length, "");
    }

    private static X509Certificate certificate(PrivateKey[] key, Instant from, Instant to, KeyPurposeId use) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        java.security.KeyPair pair = generator.generateKeyPair();
        key[0] = pair.getPrivate();
        X500Name name = new X500Name("CN=client " + use + to);
        X509v3CertificateBuilder builder = new X509v3CertificateBuilder(name, java.math.BigInteger.ONE, Date.from(from), Date.from(to), name,
                SubjectPublicKeyInfo.getInstance(pair.getPublic().getEncoded()));
        builder.addExtension(Extension.extendedKeyUsage, true, new ExtendedKeyUsage(use));
        return new JcaX509CertificateConverter().getCertificate(builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate())));
    }

    /// Fails at whatever it is shown.
    private static final class Throwing implements ClientVerifier {
        @Override
        public ClientVerifier another() {
            return this;
        }

        @Override
        public int[] schemes() {
            return new int[] {0x0403};
        }

        @Override
        public Alert trust(MemorySegment chain, long at, int length, String host) {
            throw new StackOverflowError();
        }

        @Override
        public boolean verifies(int scheme, MemorySegment covered, long coveredAt, int coveredLength, MemorySegment signature, long signatureAt,
                int signatureLength) {
            return true;
        }

        @Override
        public void key(MemorySegment target, long at) {}

        @Override
        public long untilSeconds() {
            return 0;
        }

        @Override
        public long policy() {
            return 1;
        }
    }

    @Test
    void theJdksClientIsAskedAndShowsItsCertificate() throws Exception {
        Instant today = Instant.now();
        PrivateKey[] key = new PrivateKey[1];
        X509Certificate certificate = certificate(key, today.minusSeconds(1000), today.plusSeconds(100_000), KeyPurposeId.id_kp_clientAuth);
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("client", key[0], new char[0], new X509Certificate[] {certificate});
        KeyManagerFactory managers = KeyManagerFactory.getInstance("PKIX");
        managers.init(store, new char[0]);
        for (KeyManager[] who : new KeyManager[][] {managers.getKeyManagers(), null}) {
            server(ClientAuthentication.OPTIONAL, trusting(certificate));
            Echo echo = new Echo(20_000);
            server = new TlsServer<>(place.context(), 1, (connection, at) -> echo);
            Wired wired = new Wired(server, TlsServerTest.engine(TlsServerTest.context(identity, who), "coffer.test"), 5);
            wired.toSend = TEXT;
            wired.run();
            assertArrayEquals(TEXT, wired.heard.toByteArray());
            assertEquals(who != null, server.isVerified());
            server.close();
        }
    }

    private void wrong(Alert alert, Consumer<TestClient> says) {
        Echo echo = new Echo(20_000);
        server = new TlsServer<>(place.context(), 1, (connection, at) -> echo);
        TestClient wrong = new TestClient(server, CipherSuite.CHACHA20_POLY1305_SHA256);
        byte[] hello = wrong.hello(wrong.extensions());
        wrong.remember(hello);
        wrong.say(Wire.HANDSHAKE, hello);
        wrong.listen();
        assertEquals(Wire.CERTIFICATE_REQUEST, wrong.messages.get(2)[0], "behind hello and extensions");
        says.accept(wrong);
        wrong.listen();
        assertEquals(alert, wrong.alert());
        server.close();
        assertEquals(0, place.context().pool().usedBytes());
    }

    @Test
    void whatAClientGetsWrongHasItsAlert() throws Exception {
        server(ClientAuthentication.OPTIONAL, trusting(known.certificate()));
        byte[] certificate = known.message().toArray(ValueLayout.JAVA_BYTE);
        byte[] none = TestClient.message(Wire.CERTIFICATE, new byte[4]);
        wrong(Alert.UNEXPECTED_MESSAGE, c -> c.say(Wire.HANDSHAKE, c.finished()));
        wrong(Alert.UNEXPECTED_MESSAGE, c -> {
            c.say(Wire.HANDSHAKE, certificate);
            c.say(Wire.HANDSHAKE, c.finished());
        });
        wrong(Alert.UNEXPECTED_MESSAGE, c -> {
            c.say(Wire.HANDSHAKE, none);
            c.say(Wire.HANDSHAKE, TestClient.message(Wire.CERTIFICATE_VERIFY, new byte[68]));
        });
        wrong(Alert.DECRYPT_ERROR, c -> {
            c.say(Wire.HANDSHAKE, none);
            c.say(Wire.HANDSHAKE, c.finished());  // which does not cover the certificate
        });
        wrong(Alert.DECODE_ERROR, c -> c.say(Wire.HANDSHAKE, TestClient.message(Wire.CERTIFICATE, TestClient.hex("01aa 000000"))));
        wrong(Alert.DECODE_ERROR, c -> c.say(Wire.HANDSHAKE, TestClient.message(Wire.CERTIFICATE, TestClient.hex("00 000001 00"))));
        wrong(Alert.BAD_CERTIFICATE, c -> c.say(Wire.HANDSHAKE, TestClient.message(Wire.CERTIFICATE, TestClient.hex("00 000006 000001 aa 0000"))));
        wrong(Alert.UNSUPPORTED_EXTENSION,
                c -> c.say(Wire.HANDSHAKE, TestClient.message(Wire.CERTIFICATE, TestClient.hex("00 00000a 000001 aa 0004 0012 0000"))));
        wrong(Alert.DECODE_ERROR, c -> c.say(Wire.HANDSHAKE, TestClient.message(Wire.CERTIFICATE, TestClient.hex("00 000007 000001 aa 0001 00"))));
        for (String signature : new String[] {"0403 0000", "0403 0004 30020101", "0403 0040 " + "5a".repeat(64)}) {
            wrong(Alert.DECRYPT_ERROR, c -> {
                c.say(Wire.HANDSHAKE, certificate);
                c.say(Wire.HANDSHAKE, TestClient.message(Wire.CERTIFICATE_VERIFY, TestClient.hex(signature)));
            });
        }
        // not offered (ECDSA and RSA with SHA-1 or SHA-224, Ed448, rsa_pss_pss), in certificates alone, and of another kind of key
        for (String scheme : "0203 0201 0303 0301 0808 0809 080b 0603 0401 0501 0601 0807 0503 0804 0805 0806 0904".split(" ")) {
            wrong(Alert.ILLEGAL_PARAMETER, c -> {
                c.say(Wire.HANDSHAKE, certificate);
                c.say(Wire.HANDSHAKE, TestClient.message(Wire.CERTIFICATE_VERIFY, TestClient.hex(scheme + " 0000")));
            });
        }
        wrong(Alert.DECODE_ERROR, c -> {
            c.say(Wire.HANDSHAKE, certificate);
            c.say(Wire.HANDSHAKE, TestClient.message(Wire.CERTIFICATE_VERIFY, TestClient.hex("0403 0001")));
        });
        server(ClientAuthentication.REQUIRED, trusting(known.certificate()));
        wrong(Alert.CERTIFICATE_REQUIRED, c -> c.say(Wire.HANDSHAKE, none));
    }

    @Test
    void aVerifierIsThereWhereClientsAreAskedAndNowhereElse() {
        assertThrows(IllegalArgumentException.class, () -> Place.of(SERVER, new Throwing(), Entropy.SYSTEM, identity));
        assertThrows(IllegalArgumentException.class, () -> Place.of(SERVER.withClientAuthentication(ClientAuthentication.OPTIONAL), identity));
        assertTrue(SERVER.withClientAuthentication(ClientAuthentication.REQUIRED).plan().totalBytes() >= SERVER.plan().totalBytes());
        assertFalse(SERVER.clientAuthentication() != ClientAuthentication.NONE);
    }
}
