package dev.coffer.jsse;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.jsse.Certificates.Side;
import dev.coffer.memory.Account;
import dev.coffer.memory.layout.Align;
import dev.coffer.tls.SessionKeeper;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSessionBindingEvent;
import javax.net.ssl.SSLSessionBindingListener;
import javax.net.ssl.SSLSessionContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Sessions that clients of ours resume, those that they do not, and what a program sees of them.
final class SessionsTest {
    private static final long SESSION_BYTES = Align.up(SessionKeeper.SESSION_BYTES, Align.CACHE_LINE_BYTES);

    private CofferJsseProvider provider = new CofferJsseProvider(CofferJsseConfig.defaults().withEngines(4));

    /// Trusts everybody, and counts.
    private static final class Counting implements X509TrustManager {
        private final AtomicInteger asked = new AtomicInteger();

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {
            asked.incrementAndGet();
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {
            asked.incrementAndGet();
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }

    private final Counting trust = new Counting();

    @AfterEach
    void close() {
        provider.close();
    }

    private SSLContext ours(KeyManager[] keys, X509TrustManager trusts) throws Exception {
        SSLContext context = SSLContext.getInstance("TLSv1.3", provider);
        context.init(keys, new TrustManager[] {trusts}, null);
        return context;
    }

    private long held() {
        return provider.accounts().stream().filter(each -> each.name().equals("jsse sessions")).mapToLong(Account::usedBytes).sum();
    }

    /// {@return a connection that was open, has heard its tickets, and is over}
    private static Exchange connection(SSLContext clients, SSLContext servers, String host, int port, Consumer<SSLEngine> told) throws Exception {
        Exchange exchange = new Exchange(clients.createSSLEngine(host, port), servers.createSSLEngine());
        told.accept(exchange.client);
        exchange.handshake();
        exchange.say(true, "question".getBytes());
        assertArrayEquals("question".getBytes(), Exchange.taken(exchange.heardByServer));
        exchange.say(false, "answer".getBytes());
        assertArrayEquals("answer".getBytes(), Exchange.taken(exchange.heardByClient));
        exchange.client.closeOutbound();
        exchange.settle();
        exchange.server.closeOutbound();
        exchange.settle();
        return exchange;
    }

    private static Exchange connection(SSLContext clients, SSLContext servers) throws Exception {
        return connection(clients, servers, "localhost", 443, engine -> {});
    }

    private static int count(SSLSessionContext of) {
        return Collections.list(of.getIds()).size();
    }

    @ParameterizedTest
    @EnumSource(Side.class)
    void aClientResumesWithEachServerAndShowsWhomItTrustedThen(Side server) throws Exception {
        SSLContext clients = ours(null, trust);
        SSLContext servers = server == Side.OURS ? ours(Certificates.keys("EC"), trust) : server.server("EC");
        SSLSession first = connection(clients, servers).client.getSession();
        first.putValue("mine", "kept");
        assertTrue(count(clients.getClientSessionContext()) > 0);
        for (int i = 0; i < 3; i++) {
            SSLSession next = connection(clients, servers).client.getSession();
            assertEquals(1, trust.asked.get(), "resumed");
            assertArrayEquals(first.getPeerCertificates(), next.getPeerCertificates());
            assertEquals("kept", next.getValue("mine"));
            assertEquals(first.getCreationTime(), next.getCreationTime());
            assertTrue(next.isValid());
        }
    }

    @Test
    void whoWouldTrustSomebodyElseBeginsAnew() throws Exception {
        SSLContext servers = ours(Certificates.keys("EC"), trust);
        List<Consumer<SSLEngine>> others = List.of(
                engine -> set(engine, parameters -> parameters.setEndpointIdentificationAlgorithm("HTTPS")),
                engine -> set(engine, parameters -> parameters.setServerNames(List.of(new SNIHostName("other.example")))),
                engine -> set(engine, parameters -> parameters.setSignatureSchemes(new String[] {"ecdsa_secp256r1_sha256"})));
        for (Consumer<SSLEngine> other : others) {
            SSLContext clients = ours(null, trust);
            connection(clients, servers);
            int asked = trust.asked.get();
            connection(clients, servers, "localhost", 443, other);
            assertEquals(asked + 1, trust.asked.get(), "asked again");
            connection(clients, servers, "localhost", 443, other);
            assertEquals(asked + 1, trust.asked.get(), "as before it");
        }
        SSLContext clients = ours(null, trust);
        connection(clients, servers);
        int asked = trust.asked.get();
        connection(clients, servers, "localhost", 444, engine -> {});
        connection(clients, servers, "127.0.0.1", 443, engine -> {});
        assertEquals(asked + 2, trust.asked.get(), "another port, another host");
        connection(clients, servers, "LOCALHOST", 443, engine -> {});
        assertEquals(asked + 2, trust.asked.get(), "the same host");
        connection(ours(null, trust), servers);
        assertEquals(asked + 3, trust.asked.get(), "another context");
    }

    private static void set(SSLEngine engine, Consumer<SSLParameters> what) {
        SSLParameters parameters = engine.getSSLParameters();
        what.accept(parameters);
        engine.setSSLParameters(parameters);
    }

    @Test
    void sessionsAreFoundInvalidatedAndWiped() throws Exception {
        SSLContext clients = ours(null, trust);
        SSLContext servers = ours(Certificates.keys("EC"), trust);
        SSLSessionContext sessions = clients.getClientSessionContext();
        SSLSession session = connection(clients, servers).client.getSession();
        assertEquals(2, count(sessions), "tickets of our server");
        assertEquals(2 * SESSION_BYTES, held());
        assertEquals(0, count(servers.getServerSessionContext()), "they lie with their clients");
        SSLSession found = sessions.getSession(Collections.list(sessions.getIds()).getFirst());
        assertNotNull(found);
        assertSame(sessions, found.getSessionContext());
        assertArrayEquals(session.getPeerCertificates(), found.getPeerCertificates());
        assertNull(sessions.getSession(new byte[32]));
        assertThrows(NullPointerException.class, () -> sessions.getSession(null));
        session.invalidate();
        assertFalse(session.isValid() || found.isValid());
        assertEquals(0, count(sessions));
        assertEquals(0, held(), "wiped");
        connection(clients, servers);
        assertEquals(2, trust.asked.get(), "not resumed");
    }

    @Test
    void aConnectionWhoseSessionIsInvalidKeepsNoMoreTickets() throws Exception {
        SSLContext clients = ours(null, trust);
        Exchange exchange = new Exchange(clients.createSSLEngine("localhost", 443), ours(Certificates.keys("EC"), trust).createSSLEngine());
        exchange.client.beginHandshake();
        while (exchange.finishedByClient == 0) {
            assertTrue(exchange.turn(true) | exchange.turn(false), exchange.log::toString);
        }
        exchange.client.getSession().invalidate();
        exchange.settle();
        assertEquals(0, count(clients.getClientSessionContext()));
    }

    @Test
    void theOldestMakesRoom() throws Exception {
        provider = new CofferJsseProvider(CofferJsseConfig.defaults().withEngines(4).withSessions(6));
        SSLContext clients = ours(null, trust);
        SSLContext servers = ours(Certificates.keys("EC"), trust);
        SSLSessionContext sessions = clients.getClientSessionContext();
        for (int port = 1; port <= 5; port++) {
            connection(clients, servers, "localhost", port, engine -> {});
        }
        assertEquals(6, count(sessions), "as many as there is memory for");
        assertEquals(6 * SESSION_BYTES, held());
        connection(clients, servers, "localhost", 1, engine -> {});
        assertEquals(6, trust.asked.get(), "the first server's made room");
        connection(clients, servers, "localhost", 5, engine -> {});
        assertEquals(6, trust.asked.get(), "the last one's did not");
        sessions.setSessionCacheSize(1);
        assertEquals(1, count(sessions));
        assertEquals(SESSION_BYTES, held());
        assertEquals(1, sessions.getSessionCacheSize());
        assertThrows(IllegalArgumentException.class, () -> sessions.setSessionCacheSize(-1));
        assertThrows(IllegalArgumentException.class, () -> sessions.setSessionTimeout(-1));
        SSLContext others = ours(null, trust);
        for (int port = 11; port <= 15; port++) {
            connection(others, servers, "localhost", port, engine -> {});
        }
        assertEquals(1, count(sessions), "no context takes from another");
        assertEquals(5, count(others.getClientSessionContext()));
    }

    @Test
    void whatIsTooOldIsGone() throws Exception {
        SSLContext clients = ours(null, trust);
        SSLContext servers = ours(Certificates.keys("EC"), trust);
        SSLSessionContext sessions = clients.getClientSessionContext();
        connection(clients, servers);
        byte[] id = Collections.list(sessions.getIds()).getFirst();
        sessions.setSessionTimeout(1);
        while (sessions.getSession(id) != null) {
            Thread.sleep(20);
        }
        assertEquals(0, held());
        connection(clients, servers);
        assertEquals(2, trust.asked.get());
    }

    @Test
    void whoMayNotBeginASessionResumesOneOrIsRefused() throws Exception {
        SSLContext clients = ours(null, trust);
        SSLContext servers = ours(Certificates.keys("EC"), trust);
        SSLEngine alone = clients.createSSLEngine("localhost", 443);
        alone.setUseClientMode(true);
        alone.setEnableSessionCreation(false);
        assertThrows(SSLHandshakeException.class, alone::beginHandshake);
        connection(clients, servers);
        connection(clients, servers, "localhost", 443, engine -> engine.setEnableSessionCreation(false));
        assertEquals(1, trust.asked.get());
        assertEquals(1, count(clients.getClientSessionContext()), "and keeps none");
        SSLContext restarted = ours(Certificates.keys("EC"), trust);  // it cannot open the tickets of before
        SSLHandshakeException refused = assertThrows(SSLHandshakeException.class,
                () -> connection(clients, restarted, "localhost", 443, engine -> engine.setEnableSessionCreation(false)));
        assertTrue(refused.getMessage().contains("New session creation is disabled"), refused.getMessage());
        assertEquals(1, trust.asked.get(), "nobody is asked for whom that is no matter");
    }

    @ParameterizedTest
    @EnumSource(Side.class)
    void aServerThatMayNotBeginASessionResumesOneOrRefuses(Side client) throws Exception {
        SSLContext clients = client == Side.OURS ? ours(null, trust) : client.client();
        SSLContext servers = ours(Certificates.keys("EC"), trust);
        for (boolean begun : new boolean[] {false, true}) {
            Exchange exchange = new Exchange(clients.createSSLEngine("localhost", 443), servers.createSSLEngine());
            exchange.server.setEnableSessionCreation(begun);
            if (begun) {
                exchange.handshake();
                exchange.say(false, "tickets".getBytes());
            } else {
                SSLHandshakeException refused = assertThrows(SSLHandshakeException.class, exchange::handshake);
                assertTrue(refused.getMessage().contains("no new session is allowed"), refused.getMessage());
            }
        }
        Exchange again = new Exchange(clients.createSSLEngine("localhost", 443), servers.createSSLEngine());
        again.server.setEnableSessionCreation(false);
        again.handshake();
        again.say(false, "resumed".getBytes());
        assertEquals("resumed", new String(Exchange.taken(again.heardByClient)));
    }

    @Test
    void aContextThatIsGivenOtherManagersResumesNothingOfThoseBefore() throws Exception {
        SSLContext clients = ours(null, trust);
        SSLContext servers = ours(Certificates.keys("EC"), trust);
        connection(clients, servers);
        Counting other = new Counting();
        for (KeyManager[] keys : new KeyManager[][] {null, Certificates.keys("Ed25519")}) {
            int asked = other.asked.get();
            clients.init(keys, new TrustManager[] {other}, null);
            connection(clients, servers);
            assertEquals(asked + 1, other.asked.get(), "asked again");
            connection(clients, servers);
            assertEquals(asked + 1, other.asked.get(), "resumed");
        }
        assertEquals(1, trust.asked.get());
    }

    @Test
    void aClientsTicketEndsWithItsCertificate() throws Exception {
        KeyPair pair = Certificates.pair("EC");
        for (int daysAgo : new int[] {0, 60}) {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            Certificates.add(store, "client", pair.getPrivate(), Certificates.certificate(pair, "client", "CN=client", daysAgo));
            SSLContext clients = ours(Certificates.keys(store), trust);
            SSLContext servers = ours(Certificates.keys("EC"), trust);  // its manager looks at no time
            Exchange exchange = new Exchange(clients.createSSLEngine("localhost", 443), servers.createSSLEngine());
            exchange.server.setNeedClientAuth(true);
            exchange.handshake();
            exchange.say(false, "tickets".getBytes());
            assertEquals("CN=client", exchange.server.getSession().getPeerPrincipal().getName());
            assertEquals(daysAgo == 0 ? 2 : 0, count(clients.getClientSessionContext()), daysAgo + " days ago");
        }
    }

    @Test
    void whoseConnectionIsCutOffResumesNothingOfIt() throws Exception {
        SSLContext clients = ours(null, trust);
        Exchange exchange = new Exchange(clients.createSSLEngine("localhost", 443), ours(Certificates.keys("EC"), trust).createSSLEngine());
        exchange.handshake();
        exchange.say(false, "tickets".getBytes());
        SSLSession session = exchange.client.getSession();
        assertTrue(session.isValid() && held() > 0);
        assertThrows(SSLException.class, exchange.client::closeInbound);
        assertFalse(session.isValid());
        assertEquals(0, held());
    }

    /// A value that hears where it is put and taken out.
    private record Bound(List<String> heard, String name) implements SSLSessionBindingListener {
        @Override
        public void valueBound(SSLSessionBindingEvent event) {
            heard.add("+" + name + " " + event.getName());
        }

        @Override
        public void valueUnbound(SSLSessionBindingEvent event) {
            heard.add("-" + name + " " + event.getName());
        }
    }

    @ParameterizedTest
    @EnumSource(Side.class)
    void valuesHearWhenTheyAreReplacedAndRemoved(Side side) throws Exception {
        Exchange exchange = new Exchange(side.client().createSSLEngine("localhost", 443), side.server("EC").createSSLEngine());
        exchange.handshake();
        SSLSession session = exchange.client.getSession();
        List<String> heard = new ArrayList<>();
        session.putValue("place", new Bound(heard, "one"));
        session.putValue("place", new Bound(heard, "two"));
        session.removeValue("place");
        session.removeValue("place");
        Collections.sort(heard.subList(1, 3));  // which of two comes first is nobody's promise
        assertEquals(List.of("+one place", "+two place", "-one place", "-two place"), heard);
    }

    @Test
    void aClientThatWasForgottenIsAskedAgain() throws Exception {
        Counting ofServer = new Counting();
        SSLContext servers = ours(Certificates.keys("EC"), ofServer);
        servers.getServerSessionContext().setSessionCacheSize(1);
        SSLContext one = ours(Certificates.keys("EC"), trust);
        SSLContext two = ours(Certificates.keys("Ed25519"), trust);
        for (SSLContext each : List.of(one, one, two, one)) {
            Exchange exchange = new Exchange(each.createSSLEngine("localhost", 443), servers.createSSLEngine());
            exchange.server.setNeedClientAuth(true);
            exchange.handshake();
            exchange.say(false, "tickets".getBytes());
            assertEquals(each == two ? "CN=Ed25519" : "CN=EC", exchange.server.getSession().getPeerPrincipal().getName());
            assertEquals(each == two ? "CN=Ed25519" : "CN=EC", exchange.client.getSession().getLocalPrincipal().getName());
        }
        assertEquals(3, ofServer.asked.get(), "the second time it was known");
        assertEquals(3, trust.asked.get());
    }
}
