package dev.coffer.tls;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.Signature;
import dev.coffer.crypto.key.KeyAlgorithm;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import org.junit.jupiter.api.Test;

class ServerIdentityTest {
    /// As libcrypto's is: the same scheme, and another object.
    private static Signature another(Signature own) {
        return (Signature) Proxy.newProxyInstance(Signature.class.getClassLoader(), new Class<?>[] {Signature.class}, (proxy, method, arguments) -> {
            try {
                return method.invoke(own, arguments);
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
        });
    }

    /// A server that reads its certificate again closes the identity that it has from the file; handshakes hold the one that libcrypto signs for.
    @Test
    void aKeyStaysForWhoHoldsItByAnotherForm() throws Exception {
        for (boolean original : new boolean[] {true, false}) {
            ServerIdentity own = Identities.of(KeyAlgorithm.P256, "localhost");
            ServerIdentity other = own.withSignatures(ServerIdentityTest::another);
            assertNotSame(own, other);
            ServerIdentity held = original ? own : other;
            ServerIdentity closed = original ? other : own;
            assertTrue(held.hold());
            assertTrue(closed.hold());
            closed.close();
            assertFalse(held.hold() || closed.hold(), "closed with either");
            closed.letGo();
            assertFalse(own.isDestroyed() || other.isDestroyed(), "a handshake has yet to sign");
            held.letGo();
            assertTrue(own.isDestroyed() && other.isDestroyed());
        }
    }
}
