package dev.coffer.jsse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.memory.Account;
import dev.coffer.memory.internal.vault.Piece;
import dev.coffer.tls.NamedGroup;
import dev.coffer.tls.TicketKeys;
import dev.coffer.tls.TlsClientConfig;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// What engines hold, when they are refused, and when it comes back.
final class MemoryTest {
    private static final int TURNS_MAX = 3000;
    private static final long SECRETS_BYTES = TlsClientConfig.defaults().connectionBytes();  // of both directions

    private static SSLContext context(CofferJsseProvider provider, String... keys) throws Exception {
        SSLContext context = SSLContext.getInstance("TLSv1.3", provider);
        context.init(keys.length == 0 ? null : Certificates.keys(keys), Certificates.trust(), null);
        return context;
    }

    private static long used(CofferJsseProvider provider, String name) {
        return provider.accounts().stream().filter(each -> each.name().startsWith(name)).mapToLong(Account::usedBytes).sum();
    }

    private static long engines(CofferJsseProvider provider) {
        return used(provider, "jsse engines");
    }

    private static SSLEngine hello(SSLContext clients) throws SSLException {
        SSLEngine engine = clients.createSSLEngine("localhost", 443);
        engine.setUseClientMode(true);
        engine.wrap(ByteBuffer.allocate(0), ByteBuffer.allocate(20_000));
        return engine;
    }

    @Test
    void oneEngineTooManyIsRefusedAloneAndAnEndMakesRoom() throws Exception {
        try (CofferJsseProvider provider = new CofferJsseProvider(CofferJsseConfig.defaults().withEngines(2))) {
            SSLContext servers = context(provider, "EC");
            SSLContext clients = context(provider);
            Exchange one = new Exchange(clients.createSSLEngine("localhost", 443), servers.createSSLEngine());
            one.handshake();
            assertEquals(1, one.finishedByServer);
            assertEquals(0, engines(provider), "of open connections");
            SSLEngine first = hello(clients);
            SSLEngine second = hello(clients);
            assertTrue(engines(provider) > CofferJsseConfig.ENGINE_BYTES, "held by two engines: " + engines(provider));
            SSLException refused = assertThrows(SSLException.class, () -> hello(clients));
            assertTrue(refused.getMessage().contains("jsse engines: asked "), refused.getMessage());
            one.say(true, "goes on".getBytes());
            assertEquals("goes on", new String(Exchange.taken(one.heardByServer)));
            one.client.closeOutbound();
            one.settle();
            one.server.closeOutbound();
            one.settle();
            for (SSLEngine each : List.of(first, second)) {
                each.closeOutbound();
                assertThrows(SSLException.class, each::closeInbound);
            }
            assertEquals(0, engines(provider) + used(provider, "jsse room"), "after all ends");
        }
    }

    @Test
    void aServersPeerIsToldThatThereIsNoRoom() throws Exception {
        try (CofferJsseProvider provider = new CofferJsseProvider(CofferJsseConfig.defaults().withEngines(1))) {
            SSLContext clients = context(provider);
            Exchange exchange = new Exchange(Certificates.Side.JDK.client().createSSLEngine("localhost", 443), context(provider, "EC").createSSLEngine());
            var holds = clients.createSSLEngine("localhost", 443);
            holds.setUseClientMode(true);
            holds.wrap(ByteBuffer.allocate(0), ByteBuffer.allocate(20_000));
            SSLException refused = assertThrows(SSLException.class, exchange::handshake);
            assertTrue(refused.getMessage().contains("internal_error"), refused.getMessage());
            exchange.server.wrap(ByteBuffer.allocate(0), exchange.toClient);
            assertThrows(SSLException.class, exchange::settle);
            holds.closeOutbound();
            assertThrows(SSLException.class, holds::closeInbound);
            assertEquals(0, engines(provider), "of an engine that was closed by calls alone");
        }
    }

    @Test
    void anOpenConnectionHoldsItsSecretsAndNothingElse() throws Exception {
        try (CofferJsseProvider provider = new CofferJsseProvider(CofferJsseConfig.defaults().withEngines(2).withOpenConnections(4))) {
            SSLContext servers = context(provider, "EC");
            SSLContext clients = context(provider);
            List<Exchange> open = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                open.add(new Exchange(clients.createSSLEngine("localhost", 443), servers.createSSLEngine()));
                open.getLast().handshake();
                assertEquals(0, engines(provider));
                assertEquals((i + 1) * 2L * SECRETS_BYTES, used(provider, "jsse room"));
            }
            Exchange fifth = new Exchange(clients.createSSLEngine("localhost", 443), servers.createSSLEngine());
            fifth.handshake();
            assertTrue(engines(provider) > CofferJsseConfig.ENGINE_BYTES, "of those that found no room, and stayed");
            open.add(fifth);
            for (int turn = 0; turn < 3; turn++) {
                for (Exchange each : open) {
                    each.say(true, new byte[20_000]);
                    each.say(false, "answer".getBytes());
                    assertEquals(20_000, Exchange.taken(each.heardByServer).length);
                    assertEquals("answer", new String(Exchange.taken(each.heardByClient)));
                    each.client.beginHandshake();  // its key is updated
                }
            }
            open.getFirst().client.closeOutbound();
            open.getFirst().settle();
            open.getFirst().server.closeOutbound();
            open.getFirst().settle();
            fifth.say(true, new byte[1]);
            fifth.say(false, new byte[1]);
            assertEquals(0, engines(provider), "they move when there is room");
            for (Exchange each : open) {
                each.client.closeOutbound();
                each.server.closeOutbound();
                each.settle();
            }
            assertEquals(0, engines(provider) + used(provider, "jsse room"));
        }
    }

    @Test
    void aForgottenOpenConnectionsPlaceComesBack() throws Exception {
        try (CofferJsseProvider provider = new CofferJsseProvider(CofferJsseConfig.defaults().withEngines(2))) {
            forget(provider);
            for (int turn = 0; turn < TURNS_MAX && used(provider, "jsse room") > 0; turn++) {
                System.gc();
                Thread.sleep(20);
            }
            assertEquals(0, used(provider, "jsse room"), "of engines that nobody refers to");
        }
    }

    private static void forget(CofferJsseProvider provider) throws Exception {
        new Exchange(context(provider).createSSLEngine("localhost", 443), context(provider, "EC").createSSLEngine()).handshake();
        assertEquals(2L * SECRETS_BYTES, used(provider, "jsse room"));
    }

    @Test
    void manyEnginesLeaveTheLedgerAsItWas() throws Exception {
        leave(16);
    }

    @Test
    @Tag("long")
    void tenThousandEnginesLeaveTheLedgerAsItWas() throws Exception {
        leave(10_000);
    }

    /// Engines that end in each way: open, in their handshake, refused, before they begin.
    private static void leave(int engines) throws Exception {
        try (CofferJsseProvider provider = new CofferJsseProvider(CofferJsseConfig.defaults().withEngines(4).withOpenConnections(4))) {
            SSLContext servers = context(provider, "EC");
            SSLContext clients = context(provider);
            Exchange first = new Exchange(clients.createSSLEngine(), servers.createSSLEngine());
            first.handshake();  // from here on the server's key is here
            for (SSLEngine each : List.of(first.client, first.server)) {
                each.closeOutbound();
                close(each);
            }
            List<Long> before = provider.accounts().stream().map(Account::usedBytes).toList();
            for (int i = 0; i < engines / 2; i++) {
                Exchange exchange = new Exchange(clients.createSSLEngine("localhost", i), servers.createSSLEngine());
                if (i % 4 < 3) {
                    exchange.client.beginHandshake();
                    exchange.turn(true);
                }
                if (i % 4 < 2) {
                    exchange.handshake();
                }
                if (i % 4 == 0) {
                    exchange.client.closeOutbound();
                    exchange.settle();
                    exchange.server.closeOutbound();
                    exchange.settle();
                }
                for (SSLEngine each : List.of(exchange.client, exchange.server)) {
                    each.closeOutbound();
                    close(each);
                }
            }
            clients.getClientSessionContext().setSessionCacheSize(1);
            clients.getClientSessionContext().setSessionTimeout(1);
            for (int turn = 0; turn < TURNS_MAX && clients.getClientSessionContext().getIds().hasMoreElements(); turn++) {
                Thread.sleep(20);
            }
            assertEquals(before, provider.accounts().stream().map(Account::usedBytes).toList());
        }
    }

    private static void close(SSLEngine engine) {
        try {
            engine.closeInbound();
        } catch (SSLException cut) {
            // it may have been in the middle of something
        }
    }

    private static TlsContextSpi bare(Vault vault) throws Exception {
        TlsContextSpi context = new TlsContextSpi(vault);
        context.engineInit(null, Certificates.trust(), null);
        return context;
    }

    @Test
    void contextsWithoutNumberLeaveRoomForPrivateKeys() throws Exception {
        CofferJsseConfig least = CofferJsseConfig.defaults().withEngines(1).withKeyBytes(4 << 10);
        int most = least.keyBytes() / 2 / (int) TicketKeys.BYTES;
        try (Vault vault = Vault.open(least)) {
            List<TlsContextSpi> contexts = new ArrayList<>();
            for (int i = 0; i <= most; i++) {
                contexts.add(bare(vault));
                assertEquals(i < most, contexts.getLast().tickets() != null, "resumes with context " + i);
            }
            try (Piece key = vault.key(least.keyBytes())) {
                assertNotNull(key, "the area of keys is theirs");
            }
            contexts.getFirst().engineInit(null, Certificates.trust(), null);
            assertNotNull(contexts.getLast().tickets(), "what is given back is there for others");
            assertNull(contexts.getFirst().tickets());
            Reference.reachabilityFence(contexts);
        }
    }

    @Test
    void aContextThatIsInitialisedAgainAndAgainHoldsOneSetOfKeysOfTickets() throws Exception {
        try (CofferJsseProvider provider = new CofferJsseProvider(CofferJsseConfig.defaults().withEngines(4).withKeyBytes(4 << 10))) {
            SSLContext servers = context(provider);
            SSLContext clients = context(provider);
            assertEquals(0, used(provider, "jsse ticket keys"), "who serves nobody has none");
            for (int i = 0; i < 20; i++) {
                servers.init(Certificates.keys("EC"), Certificates.trust(), null);
                Exchange exchange = new Exchange(clients.createSSLEngine("localhost", i), servers.createSSLEngine());
                exchange.handshake();
                assertEquals(1, exchange.finishedByServer);
                assertEquals(TicketKeys.BYTES, used(provider, "jsse ticket keys"));
            }
        }
    }

    @Test
    void whoBeganBeforeAContextWasInitialisedAnewGetsNoTicket() throws Exception {
        try (CofferJsseProvider provider = new CofferJsseProvider(CofferJsseConfig.defaults().withEngines(4))) {
            SSLContext servers = context(provider, "EC");
            SSLContext clients = context(provider);
            for (boolean anew : new boolean[] {false, true}) {
                Exchange exchange = new Exchange(clients.createSSLEngine("localhost", anew ? 1 : 2), servers.createSSLEngine());
                exchange.client.beginHandshake();
                while (exchange.server.getHandshakeSession() == null) {
                    assertTrue(exchange.turn(true) | exchange.turn(false), exchange.log::toString);
                }
                if (anew) {
                    servers.init(Certificates.keys("EC"), Certificates.trust(), null);
                }
                exchange.settle();
                exchange.say(false, "open".getBytes());
                assertEquals("open", new String(Exchange.taken(exchange.heardByClient)));
                assertEquals(2, Collections.list(clients.getClientSessionContext().getIds()).size(), "the first connection's");
            }
        }
    }

    @Test
    void theHybridIsAgreedOnFirst() throws Exception {
        Exchange exchange = new Exchange(Certificates.Side.OURS.client().createSSLEngine("localhost", 443),
                Certificates.Side.OURS.server("EC").createSSLEngine());
        exchange.handshake();
        assertEquals(NamedGroup.X25519MLKEM768, ((TlsEngine) exchange.client).group());
        assertEquals(NamedGroup.X25519MLKEM768, ((TlsEngine) exchange.server).group());
    }
}
