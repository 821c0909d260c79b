package dev.coffer.jca;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.InvalidParameterException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.Provider;
import java.security.Security;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class ProviderTest {
    private static final CofferProvider COFFER = new CofferProvider();

    @AfterAll
    static void close() {
        COFFER.close();
    }

    /// Every service of the list makes its engine, and the JCA finds it by each of its names.
    @Test
    void everyServiceIsFoundByEachName() throws Exception {
        int services = 0;
        for (Services.Definition definition : Services.all()) {
            Provider.Service service = COFFER.getService(definition.type(), definition.algorithm());
            assertNotNull(service, definition.type() + " " + definition.algorithm());
            assertTrue(definition.engine().isInstance(service.newInstance(null)), service.toString());
            for (String alias : definition.aliases()) {
                assertSame(service, COFFER.getService(definition.type(), alias), definition.type() + " " + alias);
            }
            services++;
        }
        assertTrue(services > 100, "services: " + services);
    }

    @Test
    void signsWithWhatItGenerated() throws Exception {
        KeyPair pair = KeyPairGenerator.getInstance("Ed25519", COFFER).generateKeyPair();
        Signature signer = Signature.getInstance("Ed25519", COFFER);
        signer.initSign(pair.getPrivate());
        signer.update("message".getBytes());
        byte[] signature = signer.sign();
        Signature verifier = Signature.getInstance("Ed25519", "SunEC");
        verifier.initVerify(pair.getPublic());
        verifier.update("message".getBytes());
        assertTrue(verifier.verify(signature));
        KeyFactory factory = KeyFactory.getInstance("Ed25519", COFFER);
        assertEquals(pair.getPrivate(), factory.generatePrivate(new PKCS8EncodedKeySpec(pair.getPrivate().getEncoded())));
        assertEquals(pair.getPublic(), factory.generatePublic(new X509EncodedKeySpec(pair.getPublic().getEncoded())));
    }

    @Test
    void digestsAsTheJdkDoes() throws Exception {
        byte[] message = new byte[1000];
        for (String name : new String[] {"SHA-256", "SHA-384", "SHA-512", "SHA3-224", "SHA3-256", "SHA3-384", "SHA3-512"}) {
            assertArrayEquals(MessageDigest.getInstance(name, "SUN").digest(message), MessageDigest.getInstance(name, COFFER).digest(message), name);
        }
    }

    /// The other half is in `ConsumersTest`, where a child finds it by its configuration.
    @Test
    void isAServiceOfTheClassPath() throws Exception {
        try (InputStream list = CofferProvider.class.getResourceAsStream("/META-INF/services/java.security.Provider")) {
            assertEquals(CofferProvider.class.getName(), new String(list.readAllBytes(), StandardCharsets.US_ASCII).strip());
        }
    }

    @Test
    void textConfiguresIt() {
        CofferProvider given = (CofferProvider) COFFER.configure(" keys=64k, work=512k export=forbidden,form=both");
        assertEquals(64 << 10, given.config().keyBytes());
        assertEquals(512 << 10, given.config().workBytes());
        assertFalse(given.config().exports());
        assertEquals(dev.coffer.crypto.key.PrivateKeyForm.BOTH, given.config().form());
        assertEquals(CofferProviderConfig.defaults(), CofferProviderConfig.parse(""));
        for (String bad : new String[] {"keys", "keys=", "keys=1g", "keys=-4k", "keys=5", "work=4k", "export=maybe", "form=none", "cache=1k", "=4k",
                "keys=99999999999k"}) {
            assertThrows(InvalidParameterException.class, () -> COFFER.configure(bad), bad);
        }
    }

    @Test
    void aClosedProviderRefusesAndItsKeysAreGone() throws Exception {
        CofferProvider other = new CofferProvider();
        KeyPair pair = KeyPairGenerator.getInstance("Ed25519", other).generateKeyPair();
        MessageDigest digest = MessageDigest.getInstance("SHA-256", other);
        digest.update((byte) 1);
        other.close();
        other.close();
        assertThrows(IllegalStateException.class, () -> pair.getPrivate().getEncoded());
        assertThrows(IllegalStateException.class, () -> digest.update((byte) 2));
        assertThrows(IllegalStateException.class, other::reserve);
        assertThrows(IllegalStateException.class, () -> MessageDigest.getInstance("SHA-256", other));
        pair.getPrivate().destroy();
    }

    @Test
    void namesThatAreNotHadAreRefused() {
        assertThrows(NoSuchAlgorithmException.class, () -> Signature.getInstance("SHA384withECDSA", COFFER));
        assertEquals(-1, Security.insertProviderAt(Security.getProvider("SUN"), 1));
    }
}
