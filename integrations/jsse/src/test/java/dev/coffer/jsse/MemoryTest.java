package dev.coffer.jsse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.memory.Account;
import dev.coffer.tls.NamedGroup;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Test;

/// What engines hold, when they are refused, and when it comes back.
final class MemoryTest {
    private static SSLContext context(CofferJsseProvider provider, String... keys) throws Exception {
        SSLContext context = SSLContext.getInstance("TLSv1.3", provider);
        context.init(keys.length == 0 ? null : Certificates.keys(keys), Certificates.trust(), null);
        return context;
    }

    private static long engines(CofferJsseProvider provider) {
        return provider.accounts().stream().filter(each -> each.name().equals("jsse engines")).mapToLong(Account::usedBytes).sum();
    }

    @Test
    void oneEngineTooManyIsRefusedAloneAndAnEndMakesRoom() throws Exception {
        try (CofferJsseProvider provider = new CofferJsseProvider(CofferJsseConfig.defaults().withEngines(2))) {
            SSLContext servers = context(provider, "EC");
            SSLContext clients = context(provider);
            Exchange one = new Exchange(clients.createSSLEngine("localhost", 443), servers.createSSLEngine());
            one.handshake();
            assertEquals(1, one.finishedByServer);
            assertTrue(engines(provider) > CofferJsseConfig.ENGINE_BYTES, "held by two engines: " + engines(provider));
            var other = clients.createSSLEngine("localhost", 443);
            other.setUseClientMode(true);
            SSLException refused = assertThrows(SSLException.class, () -> other.wrap(ByteBuffer.allocate(0), ByteBuffer.allocate(20_000)));
            assertTrue(refused.getMessage().contains("jsse engines: asked "), refused.getMessage());
            one.say(true, "goes on".getBytes());
            assertEquals("goes on", new String(Exchange.taken(one.heardByServer)));
            one.client.closeOutbound();
            one.settle();
            one.server.closeOutbound();
            one.settle();
            assertEquals(0, engines(provider), "after both ends");
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
    void theHybridIsAgreedOnFirst() throws Exception {
        Exchange exchange = new Exchange(Certificates.Side.OURS.client().createSSLEngine("localhost", 443),
                Certificates.Side.OURS.server("EC").createSSLEngine());
        exchange.handshake();
        assertEquals(NamedGroup.X25519MLKEM768, ((TlsEngine) exchange.client).group());
        assertEquals(NamedGroup.X25519MLKEM768, ((TlsEngine) exchange.server).group());
    }
}
