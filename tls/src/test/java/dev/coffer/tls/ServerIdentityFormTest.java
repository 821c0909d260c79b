package dev.coffer.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.ed25519.Ed25519;
import dev.coffer.crypto.key.KeyAlgorithm;
import dev.coffer.crypto.p256.EcdsaP256;
import dev.coffer.crypto.p256.P256;
import org.junit.jupiter.api.Test;

/// An identity whose key signs by another form of its scheme.
class ServerIdentityFormTest {
    @Test
    void thatVerySchemeIsTheSameIdentity() throws Exception {
        ServerIdentity own = Identities.of(KeyAlgorithm.P256, "coffer.test");
        assertSame(own, own.withSignatures(scheme -> scheme));
    }

    @Test
    void anotherFormKeepsTheChainTheSchemeAndTheMessage() throws Exception {
        ServerIdentity own = Identities.of(KeyAlgorithm.P256, "coffer.test");
        ServerIdentity other = own.withSignatures(scheme -> EcdsaP256.scheme(P256.CURVE));
        assertNotSame(own, other);
        assertEquals(own.chain(), other.chain());
        assertSame(own.scheme(), other.scheme());
        assertSame(own.message(), other.message());
    }

    @Test
    void aFormOfAnotherSchemeIsRefusedAndTheIdentityStays() throws Exception {
        ServerIdentity own = Identities.of(KeyAlgorithm.P256, "coffer.test");
        assertThrows(IllegalArgumentException.class, () -> own.withSignatures(scheme -> Ed25519.SCHEME));
        assertFalse(own.isDestroyed());
        assertTrue(own.hold());
        own.letGo();
    }

    @Test
    void oneKeyIsDestroyedOnceEitherIsClosed() throws Exception {
        for (boolean first : new boolean[] {true, false}) {
            ServerIdentity own = Identities.of(KeyAlgorithm.P256, "coffer.test");
            ServerIdentity other = own.withSignatures(scheme -> EcdsaP256.scheme(P256.CURVE));
            (first ? own : other).close();
            assertTrue(own.isDestroyed());
            assertTrue(other.isDestroyed());
            own.close();
            other.close();
        }
    }
}
