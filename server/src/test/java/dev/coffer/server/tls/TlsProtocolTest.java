package dev.coffer.server.tls;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.key.KeyAlgorithm;
import dev.coffer.memory.Entropy;
import dev.coffer.server.drive.Lane;
import dev.coffer.tls.ServerContext;
import dev.coffer.tls.TlsServerConfig;
import java.lang.foreign.Arena;
import java.lang.reflect.Proxy;
import org.junit.jupiter.api.Test;

/// What a connection over TLS knows of the protocol inside while none is lent to it.
class TlsProtocolTest {
    /// A protocol is lent, and perhaps taken from somebody, for a word that is said alone.
    @Test
    void whoLeftNothingOrIsCutShortHasNoLastWord() throws Exception {
        TlsServerConfig config = TlsServerConfig.defaults().withCounts(1, 1, 1);
        Tls tls = Tls.of(config, Certified.make(KeyAlgorithm.P256, "localhost").identity());
        Lane inner = (Lane) Proxy.newProxyInstance(Lane.class.getClassLoader(), new Class<?>[] {Lane.class}, (lane, method, arguments) -> {
            throw new AssertionError(method + " is asked");
        });
        boolean[] busy = {false};
        try (ServerContext context = ServerContext.over(config, tls.identities(), Entropy.SYSTEM, Arena.ofAuto().allocate(config.plan().totalBytes(), 64))) {
            TlsProtocol protocol = new TlsProtocol(new TlsLane(tls, inner, 1, 512), context, 0);
            assertFalse(protocol.hasLastWord(), "of HTTP/1.1 nothing is kept");
            protocol.keep(() -> busy[0]);
            assertTrue(protocol.hasLastWord());
            busy[0] = true;
            assertFalse(protocol.hasLastWord(), "what is under way is cut");
            busy[0] = false;
            protocol.keep(null);
            assertFalse(protocol.hasLastWord());
        }
    }
}
