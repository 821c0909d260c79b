package dev.coffer.jca;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.coffer.testkit.Vectors;
import java.io.Reader;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.ECPrivateKeySpec;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.NamedParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.security.spec.XECPrivateKeySpec;
import java.util.Arrays;
import java.util.HexFormat;
import javax.crypto.Cipher;
import javax.crypto.KDF;
import javax.crypto.KEM;
import javax.crypto.KeyAgreement;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.HKDFParameterSpec;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Wycheproof through the JCA: every case of a file, counted, with those that the provider leaves to others.
class WycheproofTest {
    private static final CofferProvider COFFER = new CofferProvider();
    private static final HexFormat HEX = HexFormat.of();

    /// {@return whether the case was as the file says; null where it is not for this provider}
    private interface Case {
        Boolean run(JsonObject group, JsonObject test) throws Exception;
    }

    @AfterAll
    static void close() {
        COFFER.close();
    }

    private static byte[] hex(JsonObject object, String name) {
        return HEX.parseHex(object.get(name).getAsString());
    }

    private static void run(String name, int others, Case one) throws Exception {
        String path = "wycheproof/" + name + ".json.gz";
        Assumptions.assumeTrue(Vectors.present(path), Vectors.absence(path));
        JsonObject file;
        try (Reader reader = Vectors.reader(path)) {
            file = JsonParser.parseReader(reader).getAsJsonObject();
        }
        int ran = 0;
        int left = 0;
        for (JsonElement group : file.getAsJsonArray("testGroups")) {
            for (JsonElement element : group.getAsJsonObject().getAsJsonArray("tests")) {
                JsonObject test = element.getAsJsonObject();
                String result = test.get("result").getAsString();
                Boolean accepted = one.run(group.getAsJsonObject(), test);
                if (accepted == null) {
                    left++;
                } else {
                    ran++;
                    assertTrue(result.equals("acceptable") || accepted == result.equals("valid"), name + " " + test.get("tcId") + " " + test.get("comment")
                            + " is " + result + ", accepted " + accepted);
                }
            }
        }
        assertEquals(file.get("numberOfTests").getAsInt(), ran + left, name);
        assertEquals(others, left, name + ": cases for other providers");
    }

    @ParameterizedTest
    @CsvSource({"ed25519_test, Ed25519, Ed25519", "ecdsa_secp256r1_sha256_test, EC, SHA256withECDSA",
            "ecdsa_secp256r1_sha256_p1363_test, EC, SHA256withECDSAinP1363Format", "mldsa_44_verify_test, ML-DSA-44, ML-DSA-44",
            "mldsa_65_verify_test, ML-DSA-65, ML-DSA"})
    void signatures(String file, String keys, String algorithm) throws Exception {
        KeyFactory factory = KeyFactory.getInstance(keys, COFFER);
        run(file, 0, (group, test) -> {
            PublicKey key;
            if (!group.has("publicKeyDer") || group.get("publicKeyDer").isJsonNull()) {
                return false;  // a key that has no encoding
            }
            try {
                key = factory.generatePublic(new X509EncodedKeySpec(hex(group, "publicKeyDer")));
            } catch (InvalidKeySpecException e) {
                return false;
            }
            Signature verifier = Signature.getInstance(algorithm, COFFER);
            if (test.has("ctx")) {
                byte[] context = hex(test, "ctx");
                if (context.length > SignatureContext.BYTES_MAX) {
                    return false;
                }
                verifier.setParameter(new SignatureContext(context));
            }
            verifier.initVerify(key);
            verifier.update(hex(test, "msg"));
            return verifier.verify(hex(test, "sig"));
        });
    }

    @ParameterizedTest
    @CsvSource({"aes_gcm_test, AES/GCM/NoPadding, AES", "chacha20_poly1305_test, ChaCha20-Poly1305, ChaCha20"})
    void ciphers(String file, String transformation, String name) throws Exception {
        run(file, count(file, name), (group, test) -> {
            byte[] nonce = hex(test, "iv");
            byte[] key = hex(test, "key");
            AlgorithmParameterSpec parameters = name.equals("AES") ? nonce.length == 0 ? null : new GCMParameterSpec(group.get("tagSize").getAsInt(), nonce)
                    : new IvParameterSpec(nonce);
            Cipher cipher = Cipher.getInstance(transformation, COFFER);
            try {
                cipher.init(Cipher.DECRYPT_MODE, new SecretKeySpec(key, name), parameters);
            } catch (GeneralSecurityException e) {
                assertTrue(isForOthers(group, name), () -> "refused: " + test);
                return null;
            }
            byte[] tag = hex(test, "tag");
            byte[] text = hex(test, "ct");
            byte[] sealed = Arrays.copyOf(text, text.length + tag.length);
            System.arraycopy(tag, 0, sealed, text.length, tag.length);
            cipher.updateAAD(hex(test, "aad"));
            try {
                assertArrayEquals(hex(test, "msg"), cipher.doFinal(sealed));
            } catch (GeneralSecurityException e) {
                return false;
            }
            cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, name), parameters);
            cipher.updateAAD(hex(test, "aad"));
            assertArrayEquals(sealed, cipher.doFinal(hex(test, "msg")));
            return true;
        });
    }

    private static boolean isForOthers(JsonObject group, String name) {
        return group.get("ivSize").getAsInt() != 96 || group.get("tagSize").getAsInt() != 128 || name.equals("AES") && group.get("keySize").getAsInt() == 192;
    }

    /// {@return cases with nonces, tags or keys that are not had here}
    private static int count(String name, String key) throws Exception {
        String path = "wycheproof/" + name + ".json.gz";
        Assumptions.assumeTrue(Vectors.present(path), Vectors.absence(path));
        int count = 0;
        try (Reader reader = Vectors.reader(path)) {
            for (JsonElement group : JsonParser.parseReader(reader).getAsJsonObject().getAsJsonArray("testGroups")) {
                count += isForOthers(group.getAsJsonObject(), key) ? group.getAsJsonObject().getAsJsonArray("tests").size() : 0;
            }
        }
        return count;
    }

    @ParameterizedTest
    @CsvSource({"hmac_sha256_test, HmacSHA256", "hmac_sha3_256_test, HmacSHA3-256"})
    void macs(String file, String algorithm) throws Exception {
        run(file, 0, (group, test) -> {
            Mac mac = Mac.getInstance(algorithm, COFFER);
            byte[] key = hex(test, "key");
            mac.init(new SecretKeySpec(key.length == 0 ? new byte[1] : key, "any"));
            byte[] tag = mac.doFinal(hex(test, "msg"));
            return Arrays.equals(Arrays.copyOf(tag, group.get("tagSize").getAsInt() / 8), hex(test, "tag"));
        });
    }

    @ParameterizedTest
    @CsvSource({"hkdf_sha256_test, HKDF-SHA256", "hkdf_sha512_test, HKDF-SHA512"})
    void derivations(String file, String algorithm) throws Exception {
        run(file, 0, (group, test) -> {
            KDF kdf = KDF.getInstance(algorithm, COFFER);
            HKDFParameterSpec.Builder extract = HKDFParameterSpec.ofExtract().addIKM(hex(test, "ikm")).addSalt(hex(test, "salt"));
            try {
                byte[] got = kdf.deriveData(extract.thenExpand(hex(test, "info"), test.get("size").getAsInt()));
                return Arrays.equals(hex(test, "okm"), got);
            } catch (GeneralSecurityException e) {
                return false;
            }
        });
    }

    @ParameterizedTest
    @CsvSource({"x25519_test", "ecdh_secp256r1_test"})
    void agreements(String file) throws Exception {
        boolean isX = file.startsWith("x");
        KeyFactory factory = KeyFactory.getInstance(isX ? "X25519" : "EC", COFFER);
        run(file, 0, (group, test) -> {
            try {
                PublicKey peer = isX ? CofferPublicKey.of(dev.coffer.crypto.key.KeyAlgorithm.X25519, hex(test, "public"))
                        : factory.generatePublic(new X509EncodedKeySpec(hex(test, "public")));
                PrivateKey own = isX ? factory.generatePrivate(new XECPrivateKeySpec(NamedParameterSpec.X25519, hex(test, "private")))
                        : factory.generatePrivate(new ECPrivateKeySpec(new BigInteger(test.get("private").getAsString(), 16), P256Curve.PARAMETERS));
                KeyAgreement agreement = KeyAgreement.getInstance(isX ? "X25519" : "ECDH", COFFER);
                agreement.init(own);
                agreement.doPhase(peer, true);
                return Arrays.equals(hex(test, "shared"), agreement.generateSecret());
            } catch (GeneralSecurityException e) {
                return false;
            }
        });
    }

    @ParameterizedTest
    @CsvSource({"mlkem_512_test, ML-KEM-512, 01", "mlkem_768_test, ML-KEM-768, 02", "mlkem_1024_test, ML-KEM-1024, 03"})
    void encapsulations(String file, String name, String arc) throws Exception {
        KeyFactory factory = KeyFactory.getInstance(name, COFFER);
        run(file, 0, (group, test) -> {
            try {
                byte[] seed = hex(test, "seed");
                if (seed.length != 64) {
                    return false;
                }
                byte[] front = HEX.parseHex("3054020100300b06096086480165030404" + arc + "04428040");  // RFC 9935, section 6: a seed
                byte[] encoded = Arrays.copyOf(front, front.length + 64);
                System.arraycopy(seed, 0, encoded, front.length, 64);
                PrivateKey key = factory.generatePrivate(new PKCS8EncodedKeySpec(encoded));
                byte[] shared = KEM.getInstance("ML-KEM", COFFER).newDecapsulator(key).decapsulate(hex(test, "c")).getEncoded();
                return Arrays.equals(hex(test, "K"), shared);
            } catch (GeneralSecurityException e) {
                return false;
            }
        });
    }
}
