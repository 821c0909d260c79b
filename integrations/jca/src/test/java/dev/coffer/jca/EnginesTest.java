package dev.coffer.jca;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.key.KeyAlgorithm;
import java.nio.ByteBuffer;
import java.security.DigestException;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidKeyException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.Provider;
import java.security.SecureRandom;
import java.security.Security;
import java.util.Arrays;
import java.util.Random;
import javax.crypto.Cipher;
import javax.crypto.DecapsulateException;
import javax.crypto.KDF;
import javax.crypto.KEM;
import javax.crypto.KeyAgreement;
import javax.crypto.KeyGenerator;
import javax.crypto.Mac;
import javax.crypto.SecretKey;
import javax.crypto.ShortBufferException;
import javax.crypto.spec.HKDFParameterSpec;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The contracts of the engines that are neither ciphers nor signatures, state by state, beside the JDK's and Bouncy Castle's.
class EnginesTest {
    private static final Provider JCE = Security.getProvider("SunJCE");
    private final CofferProvider coffer = new CofferProvider();
    private final Random random = new Random(7);

    @AfterEach
    void close() {
        coffer.close();
    }

    private byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        return bytes;
    }

    @ParameterizedTest
    @ValueSource(strings = {"SHA-256", "SHA-384", "SHA-512", "SHA3-224", "SHA3-256", "SHA3-384", "SHA3-512", "KECCAK-256"})
    void digests(String name) throws Exception {
        MessageDigest ours = MessageDigest.getInstance(name, coffer);
        MessageDigest theirs = name.startsWith("KECCAK") ? MessageDigest.getInstance(name, new BouncyCastleProvider()) : MessageDigest.getInstance(name, "SUN");
        assertEquals(theirs.getDigestLength(), ours.getDigestLength());
        assertArrayEquals(theirs.digest(), ours.digest(), "of nothing");
        byte[] message = bytes(999);
        ours.update(message[0]);
        ours.update(message, 1, 400);
        MessageDigest copy = (MessageDigest) ours.clone();
        ours.update(ByteBuffer.allocateDirect(598).put(message, 401, 598).flip());
        byte[] expected = theirs.digest(message);
        assertThrows(DigestException.class, () -> ours.digest(new byte[expected.length], 1, expected.length - 1));
        byte[] target = new byte[expected.length + 4];
        assertEquals(expected.length, ours.digest(target, 2, expected.length));
        assertArrayEquals(expected, Arrays.copyOfRange(target, 2, 2 + expected.length), "after a short buffer");
        copy.update(message, 401, 598);
        assertArrayEquals(expected, copy.digest(), "a copy goes on by itself");
        ours.update(message);
        ours.reset();
        assertArrayEquals(theirs.digest(), ours.digest(), "reset");
        assertEquals(0, coffer.accounts().get(2).usedBytes(), "nothing is held between messages");
    }

    @ParameterizedTest
    @ValueSource(strings = {"HmacSHA256", "HmacSHA384", "HmacSHA512", "HmacSHA3-224", "HmacSHA3-256", "HmacSHA3-384", "HmacSHA3-512", "KMAC128", "KMAC256"})
    void macs(String name) throws Exception {
        Mac ours = Mac.getInstance(name, coffer);
        Mac theirs = Mac.getInstance(name, name.startsWith("KMAC") ? new BouncyCastleProvider() : JCE);
        assertThrows(IllegalStateException.class, () -> ours.update((byte) 1));
        assertThrows(IllegalStateException.class, ours::doFinal);
        assertThrows(InvalidKeyException.class, () -> ours.init(null));
        SecretKey key = new SecretKeySpec(bytes(40), name);
        assertThrows(InvalidAlgorithmParameterException.class, () -> ours.init(key, new IvParameterSpec(bytes(12))));
        ours.init(key);
        theirs.init(key);
        assertEquals(theirs.getMacLength(), ours.getMacLength());
        byte[] message = bytes(777);
        for (int round = 0; round < 2; round++) {
            ours.update(message[0]);
            ours.update(message, 1, 300);
            Mac copy = (Mac) ours.clone();
            ours.update(ByteBuffer.wrap(message, 301, 476).asReadOnlyBuffer());
            byte[] expected = theirs.doFinal(message);
            assertThrows(ShortBufferException.class, () -> ours.doFinal(new byte[expected.length - 1], 0));
            byte[] target = new byte[expected.length];
            ours.doFinal(target, 0);
            assertArrayEquals(expected, target, "after a short buffer");
            copy.update(message, 301, 476);
            assertArrayEquals(expected, copy.doFinal(), "a copy goes on by itself");
            ours.update(message);
            ours.reset();
            assertArrayEquals(theirs.doFinal(), ours.doFinal(), "reset keeps the key");
        }
        SecretKey other = KeyGenerator.getInstance(name, coffer).generateKey();
        ours.update((byte) 1);
        ours.init(other);
        theirs.init(other);
        assertArrayEquals(theirs.doFinal(), ours.doFinal(), "a new key forgets the message");
    }

    @ParameterizedTest
    @ValueSource(strings = {"HKDF-SHA256", "HKDF-SHA384", "HKDF-SHA512"})
    void derivations(String name) throws Exception {
        KDF ours = KDF.getInstance(name, coffer);
        KDF theirs = KDF.getInstance(name, JCE);
        for (int length : new int[] {1, 31, 64, 65, 1000}) {
            SecretKey material = new SecretKeySpec(bytes(33), "Generic");
            SecretKey more = KeyGenerator.getInstance("AES", coffer).generateKey();
            HKDFParameterSpec.Builder extract = HKDFParameterSpec.ofExtract().addIKM(material).addIKM(more).addSalt(bytes(5)).addSalt(more);
            assertArrayEquals(theirs.deriveData(extract.extractOnly()), ours.deriveData(extract.extractOnly()));
            HKDFParameterSpec both = HKDFParameterSpec.ofExtract().addIKM(material).thenExpand(null, length);
            assertArrayEquals(theirs.deriveData(both), ours.deriveData(both), "no salt, no info");
            HKDFParameterSpec full = extract.thenExpand(bytes(20), length);
            assertArrayEquals(theirs.deriveData(full), ours.deriveData(full));
            SecretKey prk = ours.deriveKey("PRK", extract.extractOnly());
            HKDFParameterSpec expand = HKDFParameterSpec.expandOnly(prk, bytes(9), length);
            SecretKey key = ours.deriveKey("AES", expand);
            assertTrue(key instanceof CofferSecretKey);
            assertEquals("AES", key.getAlgorithm());
            assertArrayEquals(theirs.deriveData(expand), key.getEncoded());
        }
        int most = 255 * (name.endsWith("256") ? 32 : name.endsWith("384") ? 48 : 64);
        SecretKey material = new SecretKeySpec(bytes(64), "Generic");
        assertEquals(most, ours.deriveData(HKDFParameterSpec.ofExtract().addIKM(material).thenExpand(null, most)).length);
        assertThrows(InvalidAlgorithmParameterException.class,
                () -> ours.deriveData(HKDFParameterSpec.ofExtract().addIKM(material).thenExpand(null, most + 1)));
        assertThrows(InvalidAlgorithmParameterException.class,
                () -> ours.deriveData(HKDFParameterSpec.expandOnly(new SecretKeySpec(bytes(16), "Generic"), null, 16)), "a short pseudorandom key");
        assertThrows(InvalidAlgorithmParameterException.class, () -> ours.deriveData(new IvParameterSpec(bytes(12))));
        CofferSecretKey gone = (CofferSecretKey) KeyGenerator.getInstance("AES", coffer).generateKey();
        gone.destroy();
        assertThrows(InvalidAlgorithmParameterException.class, () -> ours.deriveData(HKDFParameterSpec.ofExtract().addIKM(gone).extractOnly()));
        assertEquals(0, coffer.accounts().get(2).usedBytes());
    }

    @ParameterizedTest
    @ValueSource(strings = {"X25519", "EC"})
    void agreements(String keys) throws Exception {
        String name = keys.equals("EC") ? "ECDH" : "XDH";
        KeyPair one = KeyPairGenerator.getInstance(keys, coffer).generateKeyPair();
        KeyPair two = KeyPairGenerator.getInstance(keys, coffer).generateKeyPair();
        KeyAgreement agreement = KeyAgreement.getInstance(name, coffer);
        assertThrows(IllegalStateException.class, () -> agreement.doPhase(two.getPublic(), true));
        assertThrows(InvalidAlgorithmParameterException.class, () -> agreement.init(one.getPrivate(), new IvParameterSpec(bytes(12))));
        KeyPair other = KeyPairGenerator.getInstance("Ed25519", coffer).generateKeyPair();
        assertThrows(InvalidKeyException.class, () -> agreement.init(other.getPrivate()));
        agreement.init(one.getPrivate());
        assertThrows(IllegalStateException.class, agreement::generateSecret, "no other side yet");
        assertThrows(InvalidKeyException.class, () -> agreement.doPhase(other.getPublic(), true));
        assertThrows(IllegalStateException.class, () -> agreement.doPhase(two.getPublic(), false));
        agreement.doPhase(two.getPublic(), true);
        assertThrows(IllegalStateException.class, () -> agreement.doPhase(two.getPublic(), true));
        assertThrows(ShortBufferException.class, () -> agreement.generateSecret(new byte[32], 1));
        byte[] secret = new byte[40];
        assertEquals(32, agreement.generateSecret(secret, 8));
        assertThrows(IllegalStateException.class, agreement::generateSecret, "once");
        agreement.doPhase(two.getPublic(), true);
        assertThrows(NoSuchAlgorithmException.class, () -> agreement.generateSecret("DESede"));
        SecretKey key = agreement.generateSecret("Generic");
        assertArrayEquals(Arrays.copyOfRange(secret, 8, 40), key.getEncoded());
        agreement.init(two.getPrivate());
        agreement.doPhase(one.getPublic(), true);
        assertArrayEquals(key.getEncoded(), agreement.generateSecret(), "the same from the other side");
        agreement.doPhase(one.getPublic(), true);
        ((CofferPrivateKey) two.getPrivate()).destroy();
        agreement.generateSecret();
        assertThrows(IllegalStateException.class, () -> agreement.doPhase(one.getPublic(), true), "destroyed since");
        assertEquals(0, coffer.accounts().get(2).usedBytes());
    }

    /// The key before is wiped and given back when the next one comes, not when the collector does.
    @ParameterizedTest
    @ValueSource(strings = {"AES/GCM/NoPadding", "ChaCha20-Poly1305"})
    void aCipherHoldsTheKeyItHasAndNoneThatItHad(String name) throws Exception {
        Cipher cipher = Cipher.getInstance(name, coffer);
        String kind = name.startsWith("AES") ? "AES" : "ChaCha20";
        cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(bytes(32), kind));
        long one = coffer.accounts().get(2).usedBytes();
        assertTrue(one > 0);
        for (int i = 0; i < 20; i++) {
            cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(bytes(32), kind));
            assertEquals(one, coffer.accounts().get(2).usedBytes());
        }
    }

    @Test
    void aPointOfSmallOrderIsRefused() throws Exception {
        KeyAgreement agreement = KeyAgreement.getInstance("X25519", coffer);
        agreement.init(KeyPairGenerator.getInstance("X25519", coffer).generateKeyPair().getPrivate());
        assertThrows(InvalidKeyException.class, () -> agreement.doPhase(CofferPublicKey.of(KeyAlgorithm.X25519, new byte[32]), true));
        assertEquals(0, coffer.accounts().get(2).usedBytes());
    }

    @ParameterizedTest
    @ValueSource(strings = {"ML-KEM-512", "ML-KEM-768", "ML-KEM-1024"})
    void encapsulations(String name) throws Exception {
        KeyPair pair = KeyPairGenerator.getInstance(name, coffer).generateKeyPair();
        KEM kem = KEM.getInstance("ML-KEM", coffer);
        KEM.Encapsulator encapsulator = kem.newEncapsulator(pair.getPublic());
        KEM.Decapsulator decapsulator = kem.newDecapsulator(pair.getPrivate());
        assertEquals(32, encapsulator.secretSize());
        KEM.Encapsulated part = encapsulator.encapsulate(8, 24, "AES");
        assertEquals(encapsulator.encapsulationSize(), part.encapsulation().length);
        assertEquals(decapsulator.encapsulationSize(), part.encapsulation().length);
        assertNull(part.params());
        SecretKey key = decapsulator.decapsulate(part.encapsulation(), 8, 24, "AES");
        assertEquals(part.key(), key);
        assertEquals(16, key.getEncoded().length);
        byte[] changed = part.encapsulation();
        changed[5] ^= 1;
        assertNotEquals(key, decapsulator.decapsulate(changed, 8, 24, "AES"), "implicit rejection");
        for (int length : new int[] {0, changed.length - 1, changed.length + 1}) {
            assertThrows(DecapsulateException.class, () -> decapsulator.decapsulate(Arrays.copyOf(changed, length)));
        }
        assertThrows(IndexOutOfBoundsException.class, () -> encapsulator.encapsulate(0, 33, "AES"));
        assertThrows(InvalidKeyException.class, () -> kem.newEncapsulator(KeyPairGenerator.getInstance("EC", coffer).generateKeyPair().getPublic()));
        String other = name.equals("ML-KEM-512") ? "ML-KEM-768" : "ML-KEM-512";
        assertThrows(InvalidKeyException.class, () -> KEM.getInstance(other, coffer).newDecapsulator(pair.getPrivate()));
        assertThrows(InvalidAlgorithmParameterException.class, () -> kem.newDecapsulator(pair.getPrivate(), new IvParameterSpec(bytes(12))));
        ((CofferPrivateKey) pair.getPrivate()).destroy();
        assertThrows(DecapsulateException.class, () -> decapsulator.decapsulate(part.encapsulation()));
        assertThrows(InvalidKeyException.class, () -> kem.newDecapsulator(pair.getPrivate()));
        assertEquals(0, coffer.accounts().get(2).usedBytes());
    }

    @Test
    void theKernelsRandomBytes() throws Exception {
        SecureRandom ours = SecureRandom.getInstance("NativePRNG", coffer);
        ours.setSeed(42);
        byte[] one = new byte[1000];
        byte[] two = new byte[1000];
        ours.nextBytes(one);
        ours.nextBytes(two);
        assertFalse(Arrays.equals(one, two));
        for (int from = 0; from < 1000; from += 100) {
            assertFalse(Arrays.equals(new byte[100], Arrays.copyOfRange(one, from, from + 100)), "filled to its end");
        }
        assertEquals(20, ours.generateSeed(20).length);
        Security.insertProviderAt(coffer, 1);
        try {
            assertEquals("Coffer", new SecureRandom().getProvider().getName());
        } finally {
            Security.removeProvider("Coffer");
        }
    }

    @Test
    void generatedKeysHaveTheSizesThatAreAsked() throws Exception {
        KeyGenerator aes = KeyGenerator.getInstance("AES", coffer);
        assertEquals(32, aes.generateKey().getEncoded().length);
        aes.init(128);
        assertEquals(16, aes.generateKey().getEncoded().length);
        assertNotEquals(aes.generateKey(), aes.generateKey());
        KeyGenerator mac = KeyGenerator.getInstance("HmacSHA384", coffer);
        assertEquals(48, mac.generateKey().getEncoded().length);
        mac.init(40);
        assertEquals(5, mac.generateKey().getEncoded().length);
        assertThrows(InvalidAlgorithmParameterException.class, () -> mac.init(new IvParameterSpec(bytes(12))));
    }
}
