package dev.coffer.jca;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.memory.internal.vault.Piece;
import dev.coffer.memory.pool.BlockAllocator;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.crypto.Cipher;
import javax.crypto.DecapsulateException;
import javax.crypto.KDF;
import javax.crypto.KEM;
import javax.crypto.KeyAgreement;
import javax.crypto.KeyGenerator;
import javax.crypto.SecretKey;
import javax.crypto.spec.HKDFParameterSpec;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import javax.security.auth.DestroyFailedException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// What an operation takes of the provider's memory it gives back, and what is given back is wiped: whatever it answers, and where any of its steps finds no
/// room. One table of operations, each of which ends what it began.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)  // the table's keys are made once
class GivenBackTest {
    /// Bytes of work that are left: each step of each operation is the first that is refused by some of them.
    private static final int[] ROOMS = {0, 64, 320, 640, 1_600, 3_200, 6_400, 11_200, 24_000, 40_000};
    private static final byte[] MESSAGE = new byte[100];

    /// An operation that ends what it began.
    private interface Operation {
        void run() throws GeneralSecurityException, DestroyFailedException;
    }

    private static void refused(Class<? extends Exception> by, Operation operation) throws GeneralSecurityException, DestroyFailedException {
        try {
            operation.run();
        } catch (ProviderMemoryException e) {
            throw e;
        } catch (GeneralSecurityException | IllegalStateException e) {
            assertInstanceOf(by, e);
            return;
        }
        throw new AssertionError("not refused by " + by);
    }

    private final CofferProvider coffer = new CofferProvider(CofferProviderConfig.defaults().withKeyBytes(128 << 10).withWorkBytes(512 << 10));
    private final Map<String, Operation> operations = new LinkedHashMap<>();
    private final Map<String, Operation> ofOneCipher = new LinkedHashMap<>();  // which keeps what it has where it finds no room, for another try
    private final List<KeyPair> pairs = new ArrayList<>();
    private final Map<String, KeyPair> shared = new LinkedHashMap<>();

    /// {@return one that no operation ends}
    private KeyPair pair(String name) throws GeneralSecurityException {
        KeyPair pair = shared.get(name);
        if (pair == null) {
            pair = fresh(name);
            shared.put(name, pair);
        }
        return pair;
    }

    private KeyPair fresh(String name) throws GeneralSecurityException {
        KeyPair pair = KeyPairGenerator.getInstance(name, coffer).generateKeyPair();
        pairs.add(pair);  // none is forgotten meanwhile
        return pair;
    }

    @BeforeAll
    void table() throws Exception {
        coffer.reserve();
        for (String name : new String[] {"EC", "X25519", "Ed25519", "ML-KEM-512", "ML-DSA-44", "SLH-DSA-SHA2-128f", "Falcon-512"}) {
            keys(name, pair(name));
        }
        for (String[] names : new String[][] {{"EC", "SHA256withECDSA"}, {"EC", "SHA256withECDSAinP1363Format"}, {"Ed25519", "Ed25519"},
                {"ML-DSA-44", "ML-DSA-44"}, {"Falcon-512", "Falcon-512"}}) {
            signatures(names[0], names[1], pair(names[0]));
        }
        for (String[] names : new String[][] {{"ML-KEM-512", "ML-KEM"}, {"X25519", "DHKEM"}, {"EC", "DHKEM"}}) {
            encapsulations(names[1] + " of " + names[0], KEM.getInstance(names[1], coffer), pair(names[0]), fresh(names[0]));
        }
        for (String[] names : new String[][] {{"X25519", "XDH"}, {"EC", "ECDH"}}) {
            agreements(KeyAgreement.getInstance(names[1], coffer), pair(names[0]), pair(names[0]));
        }
        derivations();
        ciphers();
    }

    private void keys(String name, KeyPair made) throws Exception {
        KeyFactory factory = KeyFactory.getInstance(name, coffer);
        KeyPairGenerator generator = KeyPairGenerator.getInstance(name, coffer);
        byte[] pkcs8 = made.getPrivate().getEncoded();
        byte[] spki = made.getPublic().getEncoded();
        byte[] none = pkcs8.clone();
        Arrays.fill(none, none.length - 30, none.length, (byte) -1);  // of the curves another key
        if (!name.startsWith("SLH")) {
            operations.put(name + " generated", () -> generator.generateKeyPair().getPrivate().destroy());
        }
        operations.put(name + " written", () -> made.getPrivate().getEncoded());
        operations.put(name + " read", () -> factory.generatePrivate(new PKCS8EncodedKeySpec(pkcs8)).destroy());
        operations.put(name + " read by another's factory", () -> refused(InvalidKeySpecException.class,
                () -> KeyFactory.getInstance(name.equals("EC") ? "XDH" : "EC", coffer).generatePrivate(new PKCS8EncodedKeySpec(pkcs8))));
        operations.put(name + " changed", () -> {
            try {
                factory.generatePrivate(new PKCS8EncodedKeySpec(none)).destroy();
            } catch (InvalidKeySpecException e) {
                assertTrue(e.getMessage().length() > 10);
            }
        });
        operations.put(name + " cut", () -> refused(InvalidKeySpecException.class,
                () -> factory.generatePrivate(new PKCS8EncodedKeySpec(withLength(Arrays.copyOf(pkcs8, pkcs8.length - 2))))));
        operations.put(name + " public", () -> factory.generatePublic(new X509EncodedKeySpec(spki)));
        operations.put(name + " public by another's factory", () -> refused(InvalidKeySpecException.class,
                () -> KeyFactory.getInstance(name.equals("EC") ? "XDH" : "EC", coffer).generatePublic(new X509EncodedKeySpec(spki))));
        operations.put(name + " public cut", () -> refused(InvalidKeySpecException.class,
                () -> factory.generatePublic(new X509EncodedKeySpec(withLength(Arrays.copyOf(spki, spki.length - 2))))));
    }

    /// Two bytes less in the outer length too, so that what is in it is looked at.
    private static byte[] withLength(byte[] der) {
        int last = der[1] >= 0 ? 1 : 1 + (der[1] & 0x7f);
        int low = (der[last] & 0xff) - 2;
        der[last] = (byte) low;
        if (low < 0) {
            der[last - 1]--;
        }
        return der;
    }

    private void signatures(String keys, String name, KeyPair pair) throws Exception {
        byte[] signature = signed(name, pair);
        byte[] wrong = signature.clone();
        wrong[signature.length / 2] ^= 1;
        operations.put(name + " signed", () -> signed(name, pair));
        for (byte[] given : new byte[][] {signature, wrong, Arrays.copyOf(signature, 7)}) {
            operations.put(name + " verified" + given.length + (given == signature), () -> {
                Signature verifier = Signature.getInstance(name, coffer);
                message(verifier, pair.getPublic(), () -> {
                    verifier.initVerify(pair.getPublic());
                    verifier.update(MESSAGE);
                    assertEquals(given == signature, verifier.verify(given));
                });
            });
        }
        if (!name.startsWith("Falcon")) {  // whose keys take long
            operations.put(name + " by a destroyed key", () -> {
                KeyPair own = KeyPairGenerator.getInstance(keys, coffer).generateKeyPair();
                Signature signer = Signature.getInstance(name, coffer);
                signer.initSign(own.getPrivate());
                own.getPrivate().destroy();
                message(signer, own.getPublic(), () -> refused(SignatureException.class, () -> {
                    signer.update(MESSAGE);
                    signer.sign();
                }));
            });
        }
    }

    private byte[] signed(String name, KeyPair pair) throws GeneralSecurityException, DestroyFailedException {
        Signature signer = Signature.getInstance(name, coffer);
        byte[][] signature = new byte[1][];
        message(signer, pair.getPublic(), () -> {
            signer.initSign(pair.getPrivate());
            signer.update(MESSAGE);
            signature[0] = signer.sign();
        });
        return signature[0];
    }

    /// A message that there was no room for is forgotten by the next `init`, which takes nothing.
    private static void message(Signature engine, PublicKey key, Operation operation) throws GeneralSecurityException, DestroyFailedException {
        try {
            operation.run();
        } catch (ProviderMemoryException e) {
            engine.initVerify(key);
            throw e;
        }
    }

    private void encapsulations(String name, KEM kem, KeyPair pair, KeyPair ended) throws Exception {
        byte[] ciphertext = kem.newEncapsulator(pair.getPublic()).encapsulate().encapsulation();
        byte[] none = new byte[ciphertext.length];  // of the curves a point that is none
        KEM.Decapsulator late = kem.newDecapsulator(ended.getPrivate());
        ended.getPrivate().destroy();
        operations.put(name + " encapsulated", () -> kem.newEncapsulator(pair.getPublic()).encapsulate().key().destroy());
        operations.put(name + " decapsulated", () -> kem.newDecapsulator(pair.getPrivate()).decapsulate(ciphertext).destroy());
        operations.put(name + " decapsulated nothing", () -> {
            try {
                kem.newDecapsulator(pair.getPrivate()).decapsulate(none).destroy();
            } catch (DecapsulateException e) {
                assertTrue(e.getMessage().length() > 10);
            }
        });
        operations.put(name + " by a destroyed key", () -> refused(DecapsulateException.class, () -> late.decapsulate(ciphertext)));
    }

    private void agreements(KeyAgreement engine, KeyPair pair, KeyPair peer) {
        operations.put(engine.getAlgorithm() + " agreed", () -> {
            engine.init(pair.getPrivate());
            engine.doPhase(peer.getPublic(), true);
            engine.generateSecret("AES").destroy();
            engine.init(pair.getPrivate());
            engine.doPhase(peer.getPublic(), true);
            engine.init(pair.getPrivate());  // another begins: what was agreed on is forgotten
            engine.doPhase(peer.getPublic(), true);
            assertEquals(32, engine.generateSecret().length);
        });
        operations.put(engine.getAlgorithm() + " by a destroyed key", () -> {
            KeyPair own = KeyPairGenerator.getInstance(engine.getAlgorithm().equals("XDH") ? "X25519" : "EC", coffer).generateKeyPair();
            engine.init(own.getPrivate());
            own.getPrivate().destroy();
            refused(IllegalStateException.class, () -> engine.doPhase(peer.getPublic(), true));
        });
    }

    private void derivations() throws Exception {
        KDF kdf = KDF.getInstance("HKDF-SHA256", coffer);
        SecretKey material = new SecretKeySpec(new byte[40], "Generic");
        HKDFParameterSpec.Builder extract = HKDFParameterSpec.ofExtract().addIKM(material).addIKM(material).addSalt(new byte[300]);
        operations.put("HKDF data", () -> kdf.deriveData(extract.thenExpand(new byte[20], 100)));
        operations.put("HKDF key", () -> kdf.deriveKey("AES", extract.extractOnly()).destroy());
        operations.put("HKDF too long", () -> refused(GeneralSecurityException.class, () -> kdf.deriveData(extract.thenExpand(null, 9000))));
        KeyGenerator generator = KeyGenerator.getInstance("AES", coffer);
        operations.put("AES generated", () -> generator.generateKey().destroy());
    }

    /// The cipher has its key's schedule before and after; of what it wraps and unwraps nothing.
    private void ciphers() throws Exception {
        SecretKey key = new SecretKeySpec(new byte[32], "ChaCha20");
        Cipher cipher = Cipher.getInstance("ChaCha20-Poly1305", coffer);
        cipher.init(Cipher.WRAP_MODE, key, new IvParameterSpec(new byte[12]));
        byte[] wrapped = cipher.wrap(new SecretKeySpec(new byte[16], "AES"));
        int[] count = {0};
        ofOneCipher.put("unwrapped", () -> {
            cipher.init(Cipher.UNWRAP_MODE, key, new IvParameterSpec(new byte[12]));
            ((SecretKey) cipher.unwrap(wrapped, "AES", Cipher.SECRET_KEY)).destroy();
        });
        ofOneCipher.put("wrapped", () -> {
            byte[] nonce = new byte[12];
            nonce[count[0] & 7] = (byte) ++count[0];
            nonce[9] = 1;
            cipher.init(Cipher.WRAP_MODE, key, new IvParameterSpec(nonce));
            cipher.wrap(new SecretKeySpec(new byte[16], "AES"));
        });
        ofOneCipher.put("a key of another length", () -> refused(GeneralSecurityException.class,
                () -> cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(new byte[31], "ChaCha20"), new IvParameterSpec(new byte[12]))));
    }

    @AfterAll
    void close() {
        coffer.close();
    }

    private long work() {
        return coffer.accounts().get(2).usedBytes();
    }

    private long keys() {
        return coffer.accounts().get(1).usedBytes();
    }

    @Test
    void whatAnOperationTakesItGivesBackWhateverItAnswers() throws Exception {
        Map<String, Operation> all = new LinkedHashMap<>(operations);
        all.putAll(ofOneCipher);
        for (Map.Entry<String, Operation> each : all.entrySet()) {
            long work = work();
            long keys = keys();
            each.getValue().run();
            assertEquals(work, work(), "work after " + each.getKey());
            assertEquals(keys, keys(), "keys after " + each.getKey());
        }
    }

    /// All of the area but some bytes is another's meanwhile.
    @Test
    void anOperationThatFindsNoRoomHoldsNothing() throws Exception {
        int refused = 0;
        int done = 0;
        for (int room : ROOMS) {
            long run = ((BlockAllocator) coffer.accounts().get(2)).largestFreeBytes();
            Piece others = coffer.vault().work(run - room);
            for (Map.Entry<String, Operation> each : operations.entrySet()) {
                long work = work();
                long keys = keys();
                try {
                    each.getValue().run();
                    done++;
                } catch (ProviderMemoryException e) {
                    refused++;
                }
                assertTrue(work() <= work, "work after " + each.getKey() + " with " + room + " bytes");  // less: a refusal has the collector asked
                assertTrue(keys() <= keys, "keys after " + each.getKey() + " with " + room + " bytes");
            }
            others.close();
        }
        assertTrue(refused > 300 && done > 300, "refused " + refused + ", done " + done);
    }
}
