package dev.coffer.jsse;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.jsse.Certificates.Side;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.security.AlgorithmConstraints;
import java.security.AlgorithmParameters;
import java.security.CryptoPrimitive;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.KeyStoreException;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.X509ExtendedKeyManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// What programs do that is allowed and seldom: the same with our engine and with the JDK's, where that has it.
final class UnusualTest {
    static Stream<Arguments> pairs() {
        return CrossedTest.pairs();
    }

    private static Exchange exchange(Side client, Side server) throws Exception {
        return new Exchange(client.client().createSSLEngine("localhost", 443), server.server("EC").createSSLEngine());
    }

    private static void set(SSLEngine engine, Consumer<SSLParameters> what) {
        SSLParameters parameters = engine.getSSLParameters();
        what.accept(parameters);
        engine.setSSLParameters(parameters);
    }

    /// Chooses by the name that a client asks for, as a program with many hosts does.
    private static final class ByName extends X509ExtendedKeyManager {
        private final KeyStore from;

        ByName(KeyStore from) {
            this.from = from;
        }

        @Override
        public String chooseEngineServerAlias(String type, Principal[] issuers, SSLEngine engine) {
            List<?> names = ((ExtendedSSLSession) engine.getHandshakeSession()).getRequestedServerNames();
            return type.equals("EC") && !names.isEmpty() ? ((SNIHostName) names.getFirst()).getAsciiName() : null;
        }

        @Override
        public String[] getClientAliases(String type, Principal[] issuers) {
            return new String[0];
        }

        @Override
        public String chooseClientAlias(String[] types, Principal[] issuers, Socket socket) {
            return null;
        }

        @Override
        public String[] getServerAliases(String type, Principal[] issuers) {
            return new String[0];
        }

        @Override
        public String chooseServerAlias(String type, Principal[] issuers, Socket socket) {
            return null;
        }

        @Override
        public X509Certificate[] getCertificateChain(String alias) {
            try {
                return new X509Certificate[] {(X509Certificate) from.getCertificate(alias), Certificates.root()};
            } catch (KeyStoreException e) {
                throw new AssertionError(e);
            }
        }

        @Override
        public PrivateKey getPrivateKey(String alias) {
            try {
                return (PrivateKey) from.getKey(alias, Certificates.PASSWORD);
            } catch (GeneralSecurityException e) {
                throw new AssertionError(e);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void aKeyManagerChoosesByTheNameThatIsAskedFor(Side client, Side server) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        for (String host : List.of("one.example", "two.example")) {
            KeyPair pair = Certificates.pair("EC");
            Certificates.add(store, host, pair.getPrivate(), Certificates.certificate(pair, host, "CN=" + host, 0));
        }
        var servers = server.context(new KeyManager[] {new ByName(store)}, Certificates.trust());
        var clients = client.client();
        for (String host : List.of("one.example", "two.example", "one.example")) {
            Exchange exchange = new Exchange(clients.createSSLEngine(host, 443), servers.createSSLEngine());
            set(exchange.client, parameters -> parameters.setEndpointIdentificationAlgorithm("HTTPS"));
            exchange.handshake();
            exchange.say(false, "with tickets".getBytes());
            assertEquals("CN=" + host, exchange.client.getSession().getPeerPrincipal().getName());
            assertEquals("CN=" + host, exchange.server.getSession().getLocalPrincipal().getName());
        }
        Exchange unknown = new Exchange(clients.createSSLEngine("three.example", 443), servers.createSSLEngine());
        assertThrows(SSLException.class, () -> {
            unknown.handshake();
            unknown.server.wrap(ByteBuffer.allocate(0), ByteBuffer.allocate(20_000));
        });
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void theServersOrderOfSuitesCountsWhereItSaysSo(Side client, Side server) throws Exception {
        for (boolean servers : new boolean[] {true, false}) {
            Exchange exchange = exchange(client, server);
            exchange.client.setEnabledCipherSuites(new String[] {"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384"});
            exchange.server.setEnabledCipherSuites(new String[] {"TLS_AES_256_GCM_SHA384", "TLS_AES_128_GCM_SHA256"});
            set(exchange.server, parameters -> parameters.setUseCipherSuitesOrder(servers));
            exchange.handshake();
            assertEquals(servers ? "TLS_AES_256_GCM_SHA384" : "TLS_AES_128_GCM_SHA256", exchange.client.getSession().getCipherSuite());
        }
    }

    /// Forbids one thing.
    private record Without(String name) implements AlgorithmConstraints {
        @Override
        public boolean permits(Set<CryptoPrimitive> primitives, String algorithm, AlgorithmParameters parameters) {
            return !algorithm.equals(name);
        }

        @Override
        public boolean permits(Set<CryptoPrimitive> primitives, Key key) {
            return true;
        }

        @Override
        public boolean permits(Set<CryptoPrimitive> primitives, String algorithm, Key key, AlgorithmParameters parameters) {
            return !algorithm.equals(name);
        }
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void constraintsForbidSuites(Side client, Side server) throws Exception {
        Exchange exchange = exchange(client, server);
        exchange.client.setEnabledCipherSuites(new String[] {"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384"});
        set(exchange.client, parameters -> parameters.setAlgorithmConstraints(new Without("TLS_AES_128_GCM_SHA256")));
        exchange.handshake();
        assertEquals("TLS_AES_256_GCM_SHA384", exchange.client.getSession().getCipherSuite());
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void buffersOfEachKindAreTaken(Side client, Side server) throws Exception {
        Exchange exchange = exchange(client, server);
        exchange.handshake();
        byte[] text = "some text of a program's".getBytes();
        ByteBuffer shared = ByteBuffer.allocateDirect(40_000);
        shared.put(text).flip();
        ByteBuffer wire = shared.duplicate().clear().position(1000).slice();
        SSLEngineResult said = exchange.client.wrap(shared.asReadOnlyBuffer(), wire);  // one memory, apart
        assertEquals(text.length, said.bytesConsumed());
        wire.flip();
        ByteBuffer inPlace = wire.duplicate();
        SSLEngineResult heard = exchange.server.unwrap(wire.asReadOnlyBuffer(), inPlace.clear());  // over what it lies in
        assertEquals(text.length, heard.bytesProduced());
        assertArrayEquals(text, Exchange.taken(inPlace));
        ByteBuffer[] huge = new ByteBuffer[300];
        for (int i = 0; i < huge.length; i++) {
            huge[i] = ByteBuffer.wrap(new byte[] {(byte) i}).asReadOnlyBuffer();
        }
        ByteBuffer record = ByteBuffer.allocate(1 << 20);
        assertEquals(300, exchange.client.wrap(huge, record).bytesConsumed());
        ByteBuffer[] tiny = new ByteBuffer[340];  // the JDK's engine wants room for what the record may hold at most
        for (int i = 0; i < tiny.length; i++) {
            tiny[i] = ByteBuffer.allocate(i == 0 ? 0 : 1);
        }
        assertEquals(300, exchange.server.unwrap(record.flip(), tiny).bytesProduced());
        assertEquals((byte) 299, tiny[300].get(0));
        ByteBuffer many = ByteBuffer.allocate(100_000);
        assertEquals(client == Side.OURS ? 1 << 14 : (1 << 14) - 17, exchange.client.wrap(many, ByteBuffer.allocate(1 << 20)).bytesConsumed());
    }

    @ParameterizedTest
    @EnumSource(Side.class)
    void enginesCloseInEachState(Side side) throws Exception {
        for (int turns = 0; turns < 8; turns++) {
            for (boolean clients : new boolean[] {true, false}) {
                Exchange exchange = clients ? exchange(side, Side.JDK) : exchange(Side.JDK, side);
                exchange.client.beginHandshake();
                exchange.server.beginHandshake();
                for (int i = 0; i < turns; i++) {
                    exchange.turn(i % 2 == 0);
                }
                SSLEngine closes = clients ? exchange.client : exchange.server;
                closes.closeOutbound();
                for (int i = 0; i < 20 && !closes.isOutboundDone(); i++) {
                    Runnable task = closes.getDelegatedTask();
                    if (task != null) {
                        task.run();
                    }
                    closes.wrap(ByteBuffer.allocate(0), ByteBuffer.allocate(20_000));
                }
                assertTrue(closes.isOutboundDone(), side + " " + (clients ? "client" : "server") + " after " + turns);
                assertEquals(Status.CLOSED, closes.wrap(ByteBuffer.allocate(10), ByteBuffer.allocate(20_000)).getStatus());
            }
        }
    }

    @Test
    void valuesAreToldThatTheyAreBoundAndNamesAreNotShared() throws Exception {
        Exchange exchange = exchange(Side.OURS, Side.OURS);
        exchange.handshake();
        exchange.client.getSession().putValue("mine", 1);
        assertEquals(1, exchange.client.getSession().getValue("mine"));
        assertEquals(0, exchange.server.getSession().getValueNames().length);
        assertNotEquals(new String(exchange.client.getSession().getId()), new String(exchange.server.getSession().getId()));
        SSLParameters parameters = exchange.client.getSSLParameters();
        parameters.setEnableRetransmissions(false);
        parameters.setMaximumPacketSize(0);
        exchange.client.setSSLParameters(parameters);
        assertFalse(exchange.client.getSSLParameters().getEnableRetransmissions());
    }
}
