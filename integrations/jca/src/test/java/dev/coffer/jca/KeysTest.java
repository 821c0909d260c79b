package dev.coffer.jca;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.key.KeyAlgorithm;
import dev.coffer.memory.Account;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.Secret;
import dev.coffer.testkit.Eventually;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.NotSerializableException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.PublicKey;
import java.security.Security;
import java.security.Signature;
import java.security.SignatureException;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPrivateKey;
import java.security.interfaces.EdECPublicKey;
import java.security.interfaces.XECPrivateKey;
import java.security.interfaces.XECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPrivateKeySpec;
import java.security.spec.ECPublicKeySpec;
import java.security.spec.EdECPrivateKeySpec;
import java.security.spec.EdECPublicKeySpec;
import java.security.spec.EncodedKeySpec;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.KeySpec;
import java.security.spec.NamedParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.security.spec.XECPrivateKeySpec;
import java.security.spec.XECPublicKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.crypto.KEM;
import javax.crypto.KeyGenerator;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Keys: how they are made, kept in, given away and ended.
class KeysTest {
    private final CofferProvider coffer = new CofferProvider(CofferProviderConfig.defaults().withKeyBytes(64 << 10).withWorkBytes(512 << 10));

    @AfterEach
    void close() {
        coffer.close();
    }

    private KeyPair pair(String name) throws Exception {
        return KeyPairGenerator.getInstance(name, coffer).generateKeyPair();
    }

    private Account keys() {
        return coffer.accounts().get(1);
    }

    private Account work() {
        return coffer.accounts().get(2);
    }

    @Test
    void aDestroyedKeyIsWipedAndRefused() throws Exception {
        for (String name : new String[] {"Ed25519", "EC", "ML-DSA-44", "SLH-DSA-SHA2-128f"}) {
            KeyPair pair = pair(name);
            CofferPrivateKey key = (CofferPrivateKey) pair.getPrivate();
            var memory = key.held().use(p -> p.secret().segment());
            assertFalse(isZero(memory.toArray(ValueLayout.JAVA_BYTE)));
            String algorithm = name.equals("EC") ? "SHA256withECDSA" : name;
            Signature before = Signature.getInstance(algorithm, coffer);
            before.initSign(key);
            before.update((byte) 1);
            long held = keys().usedBytes();
            assertTrue(held >= key.keyAlgorithm().keyPairBytes(), "held " + held);
            key.destroy();
            key.destroy();
            assertTrue(key.isDestroyed());
            assertEquals(0, keys().usedBytes());
            assertTrue(isZero(memory.toArray(ValueLayout.JAVA_BYTE)), "wiped");
            assertThrows(SignatureException.class, before::sign);
            assertThrows(InvalidKeyException.class, () -> Signature.getInstance(algorithm, coffer).initSign(key));
            assertThrows(IllegalStateException.class, key::getEncoded);
            assertEquals("CofferPrivateKey[" + KeyNames.set(key.keyAlgorithm()) + ", destroyed]", key.toString());
            assertEquals(key, key);
        }
    }

    private static boolean isZero(byte[] bytes) {
        return Arrays.equals(bytes, new byte[bytes.length]);
    }

    @Test
    void aDestroyedSecretKeyIsWipedAndRefused() throws Exception {
        CofferSecretKey key = (CofferSecretKey) KeyGenerator.getInstance("AES", coffer).generateKey();
        var memory = key.use(bytes -> bytes);
        assertFalse(isZero(memory.toArray(ValueLayout.JAVA_BYTE)));
        assertEquals(32, key.getEncoded().length);
        key.destroy();
        assertTrue(isZero(memory.toArray(ValueLayout.JAVA_BYTE)));
        assertEquals(0, keys().usedBytes());
        assertThrows(IllegalStateException.class, key::getEncoded);
        assertThrows(InvalidKeyException.class, () -> javax.crypto.Mac.getInstance("HmacSHA256", coffer).init(key));
        assertEquals("CofferSecretKey[AES, destroyed]", key.toString());
        assertEquals(key, key);
    }

    /// Destroying waits for those inside, who end well; whoever comes later is refused.
    @Test
    void aKeyIsDestroyedUnderThoseWhoUseIt() throws Exception {
        CofferPrivateKey key = (CofferPrivateKey) pair("Ed25519").getPrivate();
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch leave = new CountDownLatch(1);
        try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
            Future<Boolean> using = threads.submit(() -> key.held().use(pair -> {
                inside.countDown();
                leave.await();
                return !isZero(pair.secret().segment().toArray(ValueLayout.JAVA_BYTE));
            }));
            inside.await();
            Future<?> destroying = threads.submit(key::destroy);
            try {
                Eventually.holds("whoever comes later is refused", () -> refuses(key));
                assertFalse(destroying.isDone());
            } finally {
                leave.countDown();  // else the threads would be waited for
            }
            assertTrue(using.get(), "whole until the end");
            destroying.get();
        }
        assertEquals(0, keys().usedBytes());
    }

    private static boolean refuses(CofferPrivateKey key) {
        try {
            key.held().use(pair -> true);
            return false;
        } catch (IllegalStateException e) {
            return true;
        }
    }

    @Test
    void severalThreadsUseOneKeyAtATime() throws Exception {
        KeyPair pair = pair("Ed25519");
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Boolean>> all = new ArrayList<>();
            for (int i = 0; i < 16; i++) {
                byte[] message = {(byte) i};
                all.add(threads.submit(() -> {
                    Signature signature = Signature.getInstance("Ed25519", coffer);
                    boolean valid = true;
                    for (int round = 0; round < 10; round++) {
                        signature.initSign(pair.getPrivate());
                        signature.update(message);
                        byte[] signed = signature.sign();
                        signature.initVerify(pair.getPublic());
                        signature.update(message);
                        valid &= signature.verify(signed);
                    }
                    return valid;
                }));
            }
            for (Future<Boolean> one : all) {
                assertTrue(one.get());
            }
        }
        assertEquals(0, work().usedBytes());
        assertEquals(64, keys().usedBytes());
        pair.getPrivate().destroy();
    }

    @Test
    void whatMayNotLeaveStaysIn() throws Exception {
        for (String name : new String[] {"Ed25519", "X25519", "EC", "ML-KEM-512"}) {
            CofferPrivateKey key = (CofferPrivateKey) pair(name).getPrivate();
            KeyFactory factory = KeyFactory.getInstance(name, coffer);
            assertEquals("PKCS#8", key.getFormat());
            assertTrue(key.isExportable());
            key.forbidExport();
            assertFalse(key.isExportable());
            assertNull(key.getEncoded());
            assertNull(key.getFormat());
            assertThrows(InvalidKeySpecException.class, () -> factory.getKeySpec(key, PKCS8EncodedKeySpec.class));
            switch (key) {
                case EdECPrivateKey ed -> assertTrue(ed.getBytes().isEmpty());
                case XECPrivateKey x -> assertTrue(x.getScalar().isEmpty());
                case ECPrivateKey ec -> assertThrows(UnsupportedOperationException.class, ec::getS);
                default -> assertEquals("ML-KEM", key.getAlgorithm());
            }
        }
        SecretKey secret = KeyGenerator.getInstance("AES", coffer).generateKey();
        ((CofferSecretKey) secret).forbidExport();
        assertNull(secret.getEncoded());
        assertNull(secret.getFormat());
    }

    @Test
    void aProviderThatForbidsExportMakesNoKeyThatLeaves() throws Exception {
        try (CofferProvider closed = new CofferProvider(CofferProviderConfig.parse("export=forbidden"))) {
            KeyPair pair = KeyPairGenerator.getInstance("Ed25519", closed).generateKeyPair();
            assertNull(pair.getPrivate().getEncoded());
            assertNull(KeyGenerator.getInstance("ChaCha20", closed).generateKey().getEncoded());
            Signature signer = Signature.getInstance("Ed25519", closed);
            signer.initSign(pair.getPrivate());
            assertEquals(64, signer.sign().length);
            PrivateKey read = KeyFactory.getInstance("Ed25519", closed)
                    .generatePrivate(new PKCS8EncodedKeySpec(pair("Ed25519").getPrivate().getEncoded()));
            assertNull(read.getEncoded());
        }
    }

    @Test
    void nothingOfAKeyIsInItsText() throws Exception {
        KeyPair pair = pair("EC");
        assertEquals("CofferPrivateKey[secp256r1]", pair.getPrivate().toString());
        assertEquals("CofferPublicKey[secp256r1]", pair.getPublic().toString());
        assertEquals("CofferSecretKey[AES]", KeyGenerator.getInstance("AES", coffer).generateKey().toString());
        assertEquals(pair.getPrivate().hashCode(), pair("EC").getPrivate().hashCode());
        assertNotEquals(pair.getPrivate(), pair("EC").getPrivate());
        assertNotEquals(pair.getPublic(), pair("EC").getPublic());
    }

    @Test
    void privateKeysAreNotSerializedAndPublicOnesAre() throws Exception {
        KeyPair pair = pair("ML-DSA-44");
        for (Object secret : new Object[] {pair.getPrivate(), pair("EC").getPrivate(), KeyGenerator.getInstance("AES", coffer).generateKey(), coffer}) {
            assertThrows(NotSerializableException.class, () -> new ObjectOutputStream(new ByteArrayOutputStream()).writeObject(secret));
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        new ObjectOutputStream(bytes).writeObject(pair.getPublic());
        Security.insertProviderAt(coffer, 1);
        try {
            assertEquals(pair.getPublic(), new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray())).readObject());
        } finally {
            Security.removeProvider("Coffer");
        }
    }

    /// A full area waits a quarter of a second for the thread that gives back, and a busy machine may give that thread no turn so long: who is
    /// refused asks again, as the message says.
    @Test
    void forgottenKeysComeBack() throws Exception {
        int room = (int) (keys().capacityBytes() / 64);
        KeyPairGenerator generator = KeyPairGenerator.getInstance("X25519", coffer);
        for (int i = 0; i < 3 * room; i++) {  // each is forgotten at once
            Eventually.holds("room for key " + i, () -> isMade(generator));
        }
        assertTrue(keys().peakBytes() <= keys().capacityBytes());
    }

    private static boolean isMade(KeyPairGenerator generator) {
        try {
            return generator.generateKeyPair() != null;
        } catch (ProviderMemoryException notYet) {
            return false;
        }
    }

    @Test
    void aFullAreaRefusesAndLosesNothing() throws Exception {
        KeyGenerator generator = KeyGenerator.getInstance("AES", coffer);
        SecretKey[] held = new SecretKey[(int) (keys().capacityBytes() / 64)];
        for (int i = 0; i < held.length; i++) {
            held[i] = generator.generateKey();
        }
        assertThrows(ProviderMemoryException.class, generator::generateKey);
        ProviderMemoryException refusal = assertThrows(ProviderMemoryException.class, () -> pair("ML-DSA-65"));
        assertTrue(refusal.getMessage().contains("jca keys: asked "), refusal.getMessage());
        assertEquals(0, work().usedBytes(), "what the refused operations worked with");
        held[7].destroy();
        SecretKey next = generator.generateKey();
        assertEquals(32, next.getEncoded().length);
        assertEquals(held.length * 64L, keys().usedBytes());
        for (SecretKey key : held) {
            key.destroy();
        }
        assertEquals(64, keys().usedBytes());
        next.destroy();
    }

    @Test
    void numbersMakeKeysAndKeysGiveNumbers() throws Exception {
        KeyFactory ec = KeyFactory.getInstance("EC", coffer);
        KeyPair p256 = pair("EC");
        ECPublicKeySpec point = ec.getKeySpec(p256.getPublic(), ECPublicKeySpec.class);
        assertEquals(p256.getPublic(), ec.generatePublic(point));
        assertEquals(p256.getPrivate(), ec.generatePrivate(ec.getKeySpec(p256.getPrivate(), ECPrivateKeySpec.class)));
        assertEquals(point.getW(), ((ECPublicKey) KeyFactory.getInstance("EC", "SunEC").generatePublic(point)).getW());
        assertThrows(InvalidKeySpecException.class, () -> ec.generatePublic(
                new ECPublicKeySpec(new ECPoint(point.getW().getAffineX(), point.getW().getAffineY().flipBit(0)), point.getParams())), "off the curve");
        KeyFactory x = KeyFactory.getInstance("XDH", coffer);
        KeyPair x25519 = pair("X25519");
        XECPublicKeySpec u = x.getKeySpec(x25519.getPublic(), XECPublicKeySpec.class);
        assertEquals(x25519.getPublic(), x.generatePublic(u));
        assertEquals(u.getU(), ((XECPublicKey) KeyFactory.getInstance("XDH", "SunEC").generatePublic(u)).getU());
        assertEquals(x25519.getPrivate(), x.generatePrivate(x.getKeySpec(x25519.getPrivate(), XECPrivateKeySpec.class)));
        KeyFactory ed = KeyFactory.getInstance("EdDSA", coffer);
        for (int i = 0; i < 8; i++) {  // x odd and even
            KeyPair ed25519 = pair("Ed25519");
            EdECPublicKeySpec y = ed.getKeySpec(ed25519.getPublic(), EdECPublicKeySpec.class);
            assertEquals(ed25519.getPublic(), ed.generatePublic(y));
            assertEquals(y.getPoint().getY(), ((EdECPublicKey) KeyFactory.getInstance("EdDSA", "SunEC").generatePublic(y)).getPoint().getY());
            assertEquals(ed25519.getPrivate(), ed.generatePrivate(ed.getKeySpec(ed25519.getPrivate(), EdECPrivateKeySpec.class)));
        }
    }

    @Test
    void bytesThatAreNoKeyAreRefused() throws Exception {
        for (String name : new String[] {"Ed25519", "X25519", "EC", "ML-KEM-768", "ML-DSA-65", "SLH-DSA-SHAKE-128f"}) {
            KeyPair pair = pair(name);
            KeyFactory factory = KeyFactory.getInstance(name, coffer);
            byte[] pkcs8 = pair.getPrivate().getEncoded();
            byte[] spki = pair.getPublic().getEncoded();
            for (byte[] bad : new byte[][] {{}, {0x30}, {0x30, 0}, Arrays.copyOf(pkcs8, pkcs8.length - 1), Arrays.copyOf(pkcs8, pkcs8.length + 1), spki,
                    pem("PRIVATE KEY", pkcs8), new byte[20_000]}) {
                assertThrows(InvalidKeySpecException.class, () -> factory.generatePrivate(new PKCS8EncodedKeySpec(bad)), name + " " + bad.length);
            }
            for (byte[] bad : new byte[][] {{}, {0x30}, Arrays.copyOf(spki, spki.length - 1), Arrays.copyOf(spki, spki.length + 1), pkcs8,
                    pem("PUBLIC KEY", spki), new byte[20_000]}) {
                assertThrows(InvalidKeySpecException.class, () -> factory.generatePublic(new X509EncodedKeySpec(bad)), name + " " + bad.length);
            }
            String other = name.equals("EC") ? "XDH" : "EC";
            assertThrows(InvalidKeySpecException.class, () -> KeyFactory.getInstance(other, coffer).generatePrivate(new PKCS8EncodedKeySpec(pkcs8)));
            assertThrows(InvalidKeySpecException.class, () -> KeyFactory.getInstance(other, coffer).generatePublic(new X509EncodedKeySpec(spki)));
            assertEquals(0, work().usedBytes());
        }
    }

    private static byte[] pem(String label, byte[] der) {
        return ("-----BEGIN " + label + "-----\n" + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der) + "\n-----END " + label + "-----\n")
                .getBytes();
    }

    /// A private key that is all right but for one bit of its public half, or of what the other parts follow from.
    @Test
    void anEncodingWithOneBitChangedIsRefusedOrAnotherKey() throws Exception {
        for (String name : new String[] {"EC", "ML-DSA-44", "ML-KEM-512"}) {
            KeyPair pair = pair(name);
            byte[] pkcs8 = pair.getPrivate().getEncoded();
            KeyFactory factory = KeyFactory.getInstance(name, coffer);
            for (int at = 0; at < pkcs8.length; at += Math.max(1, pkcs8.length / 40)) {
                byte[] changed = pkcs8.clone();
                changed[at] ^= 4;
                try {
                    assertNotEquals(pair.getPrivate(), factory.generatePrivate(new PKCS8EncodedKeySpec(changed)), name + " at " + at);
                } catch (InvalidKeySpecException e) {
                    assertTrue(e.getMessage().length() > 10, e.getMessage());
                }
            }
        }
    }

    /// X-Wing has keys and identifiers in Coffer and no name in the JCA: no factory and no engine takes one for another's.
    @Test
    void keysOfAnAlgorithmWithoutANameAreRefusedByEveryFactoryAndEngine() throws Exception {
        KeyAlgorithm algorithm = KeyAlgorithm.X_WING;
        byte[] pkcs8;
        byte[] spki;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment work = arena.allocate(algorithm.workspaceBytes());
            MemorySegment encoded = arena.allocate(4096);
            var pair = dev.coffer.crypto.key.KeyPair.generate(algorithm, Secret.of(arena.allocate(algorithm.keyPairBytes()), 0,
                    algorithm.keyPairBytes()), Entropy.SYSTEM, work, 0);
            pkcs8 = encoded.asSlice(0, pair.encode(encoded, 0)).toArray(ValueLayout.JAVA_BYTE);
            spki = encoded.asSlice(0, pair.publicKey(arena.allocate(algorithm.publicKeyBytes()), 0).encode(encoded, 0))
                    .toArray(ValueLayout.JAVA_BYTE);
        }
        assertThrows(IllegalArgumentException.class, () -> KeyNames.of(algorithm));
        for (Provider.Service service : coffer.getServices()) {
            String name = service.getAlgorithm();
            switch (service.getType()) {
                case "KeyFactory" -> {
                    KeyFactory factory = KeyFactory.getInstance(name, coffer);
                    assertThrows(InvalidKeySpecException.class, () -> factory.generatePrivate(new PKCS8EncodedKeySpec(pkcs8)), name);
                    assertThrows(InvalidKeySpecException.class, () -> factory.generatePublic(new X509EncodedKeySpec(spki)), name);
                    assertThrows(InvalidKeyException.class, () -> factory.translateKey(new Foreign(spki)), name);
                }
                case "KEM" -> assertThrows(InvalidKeyException.class,
                        () -> KEM.getInstance(name, coffer).newEncapsulator(new Foreign(spki)), name);
                case "Signature" -> assertThrows(InvalidKeyException.class,
                        () -> Signature.getInstance(name, coffer).initVerify(new Foreign(spki)), name);
                default -> {
                }
            }
        }
    }

    private record Foreign(byte[] encoded) implements PublicKey {
        @Override
        public String getAlgorithm() {
            return "X-Wing";
        }

        @Override
        public String getFormat() {
            return "X.509";
        }

        @Override
        public byte[] getEncoded() {
            return encoded;
        }
    }

    @Test
    void specificationsThatAreNotHadAreRefused() throws Exception {
        KeyFactory factory = KeyFactory.getInstance("EC", coffer);
        assertThrows(InvalidKeySpecException.class, () -> factory.generatePublic(null));
        assertThrows(InvalidKeySpecException.class, () -> factory.generatePrivate(new XECPrivateKeySpec(NamedParameterSpec.X25519, new byte[32])));
        assertThrows(InvalidKeySpecException.class, () -> factory.generatePublic(new KeySpec() {}));
        KeyFactory x = KeyFactory.getInstance("XDH", coffer);
        assertThrows(InvalidKeySpecException.class, () -> x.generatePrivate(new XECPrivateKeySpec(NamedParameterSpec.X25519, new byte[31])));
        assertThrows(InvalidKeySpecException.class, () -> x.generatePrivate(new XECPrivateKeySpec(NamedParameterSpec.X448, new byte[56])));
        assertThrows(InvalidKeySpecException.class, () -> x.getKeySpec(pair("X25519").getPublic(), ECPublicKeySpec.class));
        assertThrows(InvalidKeyException.class, () -> x.translateKey(pair("EC").getPublic()));
        assertThrows(InvalidKeyException.class, () -> x.translateKey(new SecretKeySpec(new byte[32], "AES")));
        EncodedKeySpec any = x.getKeySpec(pair("X25519").getPublic(), EncodedKeySpec.class);
        assertEquals("X.509", any.getFormat());
    }

    @Test
    void generatorsTakeTheirParametersAndNoOthers() throws Exception {
        KeyPairGenerator ec = KeyPairGenerator.getInstance("EC", coffer);
        ec.initialize(256);
        ec.initialize(new ECGenParameterSpec("NIST P-256"));
        ec.initialize(((ECPublicKey) pair("EC").getPublic()).getParams());
        assertThrows(InvalidAlgorithmParameterException.class, () -> ec.initialize(new ECGenParameterSpec("secp384r1")));
        assertThrows(java.security.InvalidParameterException.class, () -> ec.initialize(384));
        KeyPairGenerator dsa = KeyPairGenerator.getInstance("ML-DSA", coffer);
        assertEquals(KeyAlgorithm.ML_DSA_65, ((CofferPublicKey) dsa.generateKeyPair().getPublic()).keyAlgorithm());
        dsa.initialize(NamedParameterSpec.ML_DSA_87);
        assertEquals(KeyAlgorithm.ML_DSA_87, ((CofferPublicKey) dsa.generateKeyPair().getPublic()).keyAlgorithm());
        assertThrows(InvalidAlgorithmParameterException.class, () -> dsa.initialize(NamedParameterSpec.ML_KEM_512));
        assertThrows(InvalidAlgorithmParameterException.class,
                () -> KeyPairGenerator.getInstance("ML-DSA-44", coffer).initialize(NamedParameterSpec.ML_DSA_65));
        assertThrows(java.security.InvalidParameterException.class, () -> KeyGenerator.getInstance("AES", coffer).init(192));
    }

    /// With this provider first, whatever it has not goes to the next one, by the same calls as before.
    @Test
    void whatIsNotHadHereTheNextProviderDoes() throws Exception {
        Security.insertProviderAt(coffer, 1);
        try {
            KeyPairGenerator ec = KeyPairGenerator.getInstance("EC");
            ec.initialize(new ECGenParameterSpec("secp384r1"));
            KeyPair p384 = ec.generateKeyPair();
            assertFalse(p384.getPublic() instanceof CofferPublicKey);
            PublicKey read = KeyFactory.getInstance("EC").generatePublic(new X509EncodedKeySpec(p384.getPublic().getEncoded()));
            assertEquals(p384.getPublic(), read);
            Signature signer = Signature.getInstance("SHA256withECDSA");
            signer.initSign(p384.getPrivate());
            assertEquals("SunEC", signer.getProvider().getName());
            KeyPair p256 = pair("EC");
            signer = Signature.getInstance("SHA256withECDSA");
            signer.initSign(p256.getPrivate());
            assertEquals("Coffer", signer.getProvider().getName());
            Signature verifier = Signature.getInstance("SHA256withECDSA", "SunEC");
            verifier.initVerify(p256.getPublic());
            assertTrue(verifier.verify(signer.sign()), "the JDK's engine takes our public key");
            Signature theirs = Signature.getInstance("SHA256withECDSA", "SunEC");
            theirs.initSign(p256.getPrivate());
            assertTrue(theirs.sign().length > 60, "and our private key, as it may leave");
            ((CofferPrivateKey) p256.getPrivate()).forbidExport();
            assertThrows(UnsupportedOperationException.class, () -> {
                theirs.initSign(p256.getPrivate());
                theirs.sign();
            });
            assertArrayEquals(p256.getPublic().getEncoded(), KeyFactory.getInstance("EC", "SunEC").translateKey(p256.getPublic()).getEncoded());
        } finally {
            Security.removeProvider("Coffer");
        }
    }
}
