package dev.coffer.tls;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.key.KeyAlgorithm;
import dev.coffer.crypto.packet.CipherSuite;
import java.security.KeyStore;
import java.util.SplittableRandom;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;

/// The server's engine with the JDK's as its client.
class TlsServerTest {
    private static final TlsServerConfig CONFIG = TlsServerConfig.defaults().withCounts(4, 2, 2);

    static SSLEngine client(ServerIdentity server, String host) throws Exception {
        return engine(context(server), host);
    }

    /// {@return what trusts a server, and keeps its sessions}
    static SSLContext context(ServerIdentity server) throws Exception {
        return context(server, null);
    }

    /// @param keys  who the client is; null for nobody
    static SSLContext context(ServerIdentity server, KeyManager[] keys) throws Exception {
        KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
        trusted.load(null, null);
        trusted.setCertificateEntry("server", server.certificate());
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLSv1.3");
        context.init(keys, trust.getTrustManagers(), null);
        return context;
    }

    static SSLEngine engine(SSLContext context, String host) {
        SSLEngine engine = context.createSSLEngine(host, 443);
        engine.setUseClientMode(true);
        engine.setEnabledProtocols(new String[] {"TLSv1.3"});
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        engine.setSSLParameters(parameters);
        return engine;
    }

    @Test
    void anEchoThroughEverySuiteGroupAndCertificateThatTheJdkHas() throws Exception {
        for (KeyAlgorithm algorithm : new KeyAlgorithm[] {KeyAlgorithm.ED25519, KeyAlgorithm.P256}) {
            ServerIdentity identity = Identities.of(algorithm, "coffer.test");
            for (CipherSuite suite : CONFIG.suites()) {
                for (NamedGroup group : new NamedGroup[] {NamedGroup.X25519, NamedGroup.SECP256R1}) {
                    try (Place place = Place.of(CONFIG.withSuites(suite).withGroups(group), identity)) {
                        Echo echo = new Echo(20_000);
                        TlsServer<Echo.Event> server = new TlsServer<>(place.context(), 1, (connection, now) -> echo);
                        SSLEngine client = client(identity, "coffer.test");
                        Wired wired = new Wired(server, client, algorithm.ordinal() * 100 + suite.code() + group.code());
                        byte[] said = new byte[100_000];
                        new SplittableRandom(1).nextBytes(said);
                        wired.toSend = said;
                        wired.closeAfter = true;
                        wired.run();
                        String what = algorithm + " " + suite + " " + group;
                        assertArrayEquals(said, wired.heard.toByteArray(), what);
                        assertEquals(suite.toString(), client.getSession().getCipherSuite(), what);
                        assertTrue(server.isEnded(), what);
                        assertEquals(Alert.CLOSE_NOTIFY, server.alertSent(), what);
                        assertEquals(Alert.CLOSE_NOTIFY, server.alertReceived(), what);
                        assertTrue(client.isInboundDone() && client.isOutboundDone(), what);
                        assertEquals(0, place.context().pool().usedBytes(), what);
                        assertNull(server.protocol());
                        server.close();
                    }
                }
            }
        }
    }
}
