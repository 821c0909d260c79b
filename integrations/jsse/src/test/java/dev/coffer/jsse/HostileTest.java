package dev.coffer.jsse;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.jsse.Certificates.Side;
import dev.coffer.memory.Account;
import java.nio.ByteBuffer;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Peers, managers and programs that do what they should not.
final class HostileTest {
    private static final int ROOM = 20_000;
    private static final int TURNS_MAX = 3000;

    private static ByteBuffer none() {
        return ByteBuffer.allocate(0);
    }

    private static long engines(CofferJsseProvider provider) {
        return provider.accounts().stream().filter(each -> each.name().equals("jsse engines")).mapToLong(Account::usedBytes).sum();
    }

    /// Trusts everybody, and counts; or throws what it is given.
    private static final class Counting extends X509ExtendedTrustManager {
        private final AtomicInteger asked = new AtomicInteger();
        private final Throwable throwing;

        Counting(Throwable throwing) {
            this.throwing = throwing;
        }

        private void ask() throws CertificateException {
            asked.incrementAndGet();
            switch (throwing) {
                case CertificateException e -> throw e;
                case RuntimeException e -> throw e;
                case Error e -> throw e;
                case null, default -> {}
            }
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, java.net.Socket socket) throws CertificateException {
            ask();
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, java.net.Socket socket) throws CertificateException {
            ask();
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) throws CertificateException {
            ask();
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) throws CertificateException {
            ask();
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
            ask();
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
            ask();
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }

    /// Trusts everybody, and is of the kind that sees no engine.
    private static final class Plainly implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whoHasToSayWhoHeIsHasSaidSoInEachConnection(boolean asks) throws Exception {
        Counting ofClient = new Counting(null);
        Counting ofServer = new Counting(null);
        SSLContext clients = Side.JDK.context(Certificates.keys("EC"), new TrustManager[] {ofClient});
        SSLContext servers = Side.OURS.context(Certificates.keys("EC"), new TrustManager[] {ofServer});
        for (int i = 1; i <= 3; i++) {
            Exchange exchange = new Exchange(clients.createSSLEngine("localhost", 4433), servers.createSSLEngine());
            exchange.server.setNeedClientAuth(asks);
            exchange.handshake();
            assertEquals(1, exchange.finishedByServer, exchange.log::toString);
            if (asks) {
                assertEquals("CN=EC", exchange.server.getSession().getPeerPrincipal().getName());
                assertEquals(2, exchange.server.getSession().getPeerCertificates().length);
                assertEquals(1, ofServer.asked.get());
            }
            exchange.client.closeOutbound();
            exchange.settle();
            exchange.server.closeOutbound();
            exchange.settle();
        }
        assertEquals(1, ofClient.asked.get(), "the others are resumed");
    }

    @Test
    void aTicketOfSomebodyUnknownIsNoWayAroundBeingAsked() throws Exception {
        Counting ofServer = new Counting(null);
        SSLContext clients = Side.JDK.context(null, Certificates.trust());
        SSLContext servers = Side.OURS.context(Certificates.keys("EC"), new TrustManager[] {ofServer});
        new Exchange(clients.createSSLEngine("localhost", 4434), servers.createSSLEngine()).handshake();
        Exchange exchange = new Exchange(clients.createSSLEngine("localhost", 4434), servers.createSSLEngine());
        exchange.server.setNeedClientAuth(true);
        SSLException e = assertThrows(SSLException.class, () -> {
            exchange.handshake();
            exchange.server.wrap(none(), ByteBuffer.allocate(ROOM));
        });
        assertTrue(e.getMessage().contains("certificate_required"), e.getMessage());
    }

    @Test
    void whatIsNoHelloIsRefusedAtOnceAndNothingIsGathered() throws Exception {
        byte[][] wrong = {{20, 3, 3, 0, 1, 1}, {22, 3, 3, 0, 0}, {23, 3, 3, 0, 1, 0}, {22, 3, 3, 0, 4, 2, 0, 0, 0}};
        for (byte[] record : wrong) {
            SSLEngine server = Side.OURS.server("EC").createSSLEngine();
            server.setUseClientMode(false);
            SSLException e = assertThrows(SSLException.class, () -> {
                for (int i = 0; i < 3; i++) {
                    server.unwrap(ByteBuffer.wrap(record), none());
                    if (server.getHandshakeStatus() == HandshakeStatus.NEED_TASK) {
                        server.getDelegatedTask().run();
                    }
                }
            }, Arrays.toString(record));
            assertTrue(e.getMessage().contains("unexpected_message"), Arrays.toString(record) + ": " + e.getMessage());
            ByteBuffer said = ByteBuffer.allocate(ROOM);
            assertEquals(Status.CLOSED, server.wrap(none(), said).getStatus());
            assertArrayEquals(new byte[] {21, 3, 3, 0, 2, 2, 10}, Exchange.taken(said), Arrays.toString(record));
        }
    }

    @Test
    void whatWasClosedBeforeItBeganListensToNobody() throws Exception {
        ByteBuffer hello = ByteBuffer.allocate(ROOM);
        SSLEngine other = Side.JDK.client().createSSLEngine("localhost", 443);
        other.setUseClientMode(true);
        other.wrap(none(), hello);
        hello.flip();
        for (boolean client : new boolean[] {true, false}) {
            SSLEngine engine = Side.OURS.server("EC").createSSLEngine();
            engine.setUseClientMode(client);
            engine.closeOutbound();
            assertEquals(Status.CLOSED, engine.unwrap(hello.duplicate(), ByteBuffer.allocate(ROOM)).getStatus());
            assertTrue(engine.isInboundDone() && engine.isOutboundDone());
            assertEquals(HandshakeStatus.NOT_HANDSHAKING, engine.getHandshakeStatus());
        }
    }

    @Test
    void aForgottenEnginesMemoryComesBack() throws Exception {
        try (CofferJsseProvider provider = new CofferJsseProvider(CofferJsseConfig.defaults().withEngines(2))) {
            SSLContext context = SSLContext.getInstance("TLSv1.3", provider);
            context.init(Certificates.keys("EC"), Certificates.trust(), null);
            begin(context);
            for (int turn = 0; turn < TURNS_MAX && engines(provider) > 0; turn++) {
                System.gc();
                Thread.sleep(20);
            }
            assertEquals(0, engines(provider), "of an engine that nobody refers to");
        }
    }

    private static void begin(SSLContext context) throws SSLException {
        SSLEngine engine = context.createSSLEngine("localhost", 443);
        engine.setUseClientMode(true);
        engine.wrap(none(), ByteBuffer.allocate(ROOM));
    }

    @Test
    void recordsThatComeByTheByteAreTakenWhenTheyAreWhole() throws Exception {
        Exchange exchange = new Exchange(Side.OURS.client().createSSLEngine("localhost", 443), Side.OURS.server("EC").createSSLEngine());
        exchange.byTheByte = true;
        exchange.handshake();
        exchange.say(true, "question".getBytes());
        assertArrayEquals("question".getBytes(), Exchange.taken(exchange.heardByServer));
        exchange.client.closeOutbound();
        exchange.settle();
        assertTrue(exchange.server.isInboundDone());
    }

    @Test
    void twoThreadsSayAndHearAtOnce() throws Exception {
        Exchange exchange = new Exchange(Side.OURS.client().createSSLEngine("localhost", 443), Side.OURS.server("EC").createSSLEngine());
        exchange.handshake();
        AtomicReference<Throwable> fault = new AtomicReference<>();
        BlockingQueue<byte[]> there = new LinkedBlockingQueue<>();
        BlockingQueue<byte[]> back = new LinkedBlockingQueue<>();
        List<Thread> threads = List.of(saying(exchange.client, there, fault), hearing(exchange.server, there, fault),
                saying(exchange.server, back, fault), hearing(exchange.client, back, fault));
        threads.forEach(Thread::start);
        for (Thread each : threads) {
            each.join();
        }
        assertEquals(null, fault.get());
    }

    private static final int RECORDS = 200;

    private static Thread saying(SSLEngine engine, BlockingQueue<byte[]> to, AtomicReference<Throwable> fault) {
        return thread(fault, () -> {
            ByteBuffer out = ByteBuffer.allocate(ROOM);
            for (int i = 0; i < RECORDS; i++) {
                byte[] text = new byte[500];
                Arrays.fill(text, (byte) i);
                engine.wrap(ByteBuffer.wrap(text), out);
                to.add(Exchange.taken(out));
            }
        });
    }

    private static Thread hearing(SSLEngine engine, BlockingQueue<byte[]> from, AtomicReference<Throwable> fault) {
        return thread(fault, () -> {
            ByteBuffer in = ByteBuffer.allocate(ROOM);
            for (int i = 0; i < RECORDS; i++) {
                byte[] record = from.poll(5, TimeUnit.MINUTES);
                engine.unwrap(ByteBuffer.wrap(record), in);
                byte[] expected = new byte[500];
                Arrays.fill(expected, (byte) i);
                assertArrayEquals(expected, Exchange.taken(in), "record " + i);
            }
        });
    }

    @FunctionalInterface
    private interface Work {
        void run() throws Exception;
    }

    private static Thread thread(AtomicReference<Throwable> fault, Work work) {
        return new Thread(() -> {
            try {
                work.run();
            } catch (Exception | AssertionError e) {
                fault.compareAndSet(null, e);
            }
        });
    }

    @Test
    void whatATrustManagerThrowsIsTheCauseAndThePeerIsTold() throws Exception {
        for (Throwable thrown : List.of(new CertificateException("mine"), new IllegalStateException("mine"))) {
            Exchange exchange = new Exchange(Side.OURS.context(null, new TrustManager[] {new Counting(thrown)}).createSSLEngine("localhost", 443),
                    Side.OURS.server("EC").createSSLEngine());
            SSLException e = assertThrows(SSLException.class, exchange::handshake);
            assertEquals(thrown, e.getCause());
            assertThrows(javax.net.ssl.SSLPeerUnverifiedException.class, exchange.client.getSession()::getPeerCertificates);
            assertEquals(HandshakeStatus.NEED_WRAP, exchange.client.getHandshakeStatus());
            SSLException heard = assertThrows(SSLException.class, exchange::settle);
            assertTrue(heard.getMessage().contains("certificate_unknown"), heard.getMessage());
        }
    }

    @Test
    void anErrorOfAManagersEndsTheEngineAndNothingIsHeld() throws Exception {
        try (CofferJsseProvider provider = new CofferJsseProvider(CofferJsseConfig.defaults().withEngines(4))) {
            SSLContext context = SSLContext.getInstance("TLSv1.3", provider);
            context.init(null, new TrustManager[] {new Counting(new StackOverflowError("mine"))}, null);
            Exchange exchange = new Exchange(context.createSSLEngine("localhost", 443), Side.JDK.server("EC").createSSLEngine());
            SSLException e = assertThrows(SSLException.class, exchange::handshake);
            assertEquals("mine", e.getCause().getMessage());
            assertEquals(0, engines(provider), "after an Error");
            assertTrue(exchange.client.isInboundDone());
        }
    }

    @Test
    void withoutANameNoNameIsFound() throws Exception {
        for (TrustManager[] trust : List.of(Certificates.trust(), new TrustManager[] {new Plainly()})) {
            SSLEngine client = Side.OURS.context(null, trust).createSSLEngine();
            SSLParameters parameters = client.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            client.setSSLParameters(parameters);
            Exchange exchange = new Exchange(client, Side.OURS.server("EC").createSSLEngine());
            SSLException e = assertThrows(SSLException.class, exchange::handshake);
            assertTrue(e.getMessage().contains("certificate_unknown"), e.getMessage());
        }
    }

    @Test
    void aTaskThatRunsTwiceDoesItsWorkOnce() throws Exception {
        Exchange exchange = new Exchange(Side.OURS.client().createSSLEngine("localhost", 443), Side.OURS.server("EC").createSSLEngine());
        exchange.client.wrap(none(), exchange.toServer);
        exchange.toServer.flip();
        exchange.server.unwrap(exchange.toServer, none());
        exchange.toServer.compact();
        Runnable task = exchange.server.getDelegatedTask();
        task.run();
        task.run();
        exchange.settle();
        assertEquals(1, exchange.finishedByServer);
        task.run();
        exchange.say(true, "still".getBytes());
        assertArrayEquals("still".getBytes(), Exchange.taken(exchange.heardByServer));
    }

    @Test
    void aTaskThatNeverRunsHoldsNothingUpButItsEngine() throws Exception {
        try (CofferJsseProvider provider = new CofferJsseProvider(CofferJsseConfig.defaults().withEngines(4))) {
            SSLContext context = SSLContext.getInstance("TLSv1.3", provider);
            context.init(null, Certificates.trust(), null);
            Exchange exchange = new Exchange(context.createSSLEngine("localhost", 443), Side.JDK.server("EC").createSSLEngine());
            exchange.client.beginHandshake();
            while (exchange.client.getHandshakeStatus() != HandshakeStatus.NEED_TASK) {
                assertTrue(exchange.turn(true) | exchange.turn(false), exchange.log::toString);
            }
            Runnable task = exchange.client.getDelegatedTask();
            exchange.client.closeOutbound();
            assertThrows(SSLException.class, exchange.client::closeInbound);
            SSLEngineResult waits = exchange.client.wrap(none(), ByteBuffer.allocate(ROOM));
            assertEquals(HandshakeStatus.NEED_TASK, waits.getHandshakeStatus());
            task.run();
            exchange.client.wrap(none(), ByteBuffer.allocate(ROOM));
            assertTrue(exchange.client.isOutboundDone());
            assertEquals(0, engines(provider), "when it has run after all");
        }
    }

    /// A key of the JDK's that remembers which arrays it gave out.
    private record Watched(PrivateKey key, List<byte[]> given) implements PrivateKey {
        private static final long serialVersionUID = 1;

        @Override
        public String getAlgorithm() {
            return key.getAlgorithm();
        }

        @Override
        public String getFormat() {
            return key.getFormat();
        }

        @Override
        public byte[] getEncoded() {
            given.add(key.getEncoded());
            return given.getLast();
        }
    }

    @Test
    void anArrayWithAKeysEncodingIsWipedOnceItIsCopied() throws Exception {
        KeyPair pair = Certificates.pair("EC");
        Watched watched = new Watched(pair.getPrivate(), new ArrayList<>());
        X509Certificate[] chain = {Certificates.certificate(pair, "localhost", "CN=EC", 0), Certificates.root()};
        SSLContext servers = Side.OURS.context(new KeyManager[] {new One(watched, chain)}, Certificates.trust());
        Exchange exchange = new Exchange(Side.OURS.client().createSSLEngine("localhost", 443), servers.createSSLEngine());
        exchange.handshake();
        assertEquals(1, exchange.finishedByServer);
        assertFalse(watched.given().isEmpty());
        for (byte[] each : watched.given()) {
            assertArrayEquals(new byte[each.length], each);
        }
    }

    /// Shows one key of one kind.
    private static final class One extends X509ExtendedKeyManager {
        private final PrivateKey key;
        private final X509Certificate[] chain;

        One(PrivateKey key, X509Certificate[] chain) {
            this.key = key;
            this.chain = chain;
        }

        @Override
        public String[] getClientAliases(String type, java.security.Principal[] issuers) {
            return new String[] {"one"};
        }

        @Override
        public String chooseClientAlias(String[] types, java.security.Principal[] issuers, java.net.Socket socket) {
            return "one";
        }

        @Override
        public String[] getServerAliases(String type, java.security.Principal[] issuers) {
            return new String[] {"one"};
        }

        @Override
        public String chooseServerAlias(String type, java.security.Principal[] issuers, java.net.Socket socket) {
            return "one";
        }

        @Override
        public String chooseEngineServerAlias(String type, java.security.Principal[] issuers, SSLEngine engine) {
            return type.equals("EC") ? "one" : null;
        }

        @Override
        public X509Certificate[] getCertificateChain(String alias) {
            return chain.clone();
        }

        @Override
        public PrivateKey getPrivateKey(String alias) {
            return key;
        }
    }
}
