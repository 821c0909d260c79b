package dev.coffer.crypto.mldsa;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.AcvpPrehash;
import dev.coffer.crypto.Memory;
import dev.coffer.crypto.Prehash;
import dev.coffer.testkit.SeededEntropy;
import java.lang.foreign.MemorySegment;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.stream.Stream;
import org.bouncycastle.crypto.params.MLDSAParameters;
import org.bouncycastle.crypto.params.MLDSAPrivateKeyParameters;
import org.bouncycastle.crypto.params.MLDSAPublicKeyParameters;
import org.bouncycastle.crypto.params.ParametersWithContext;
import org.bouncycastle.crypto.params.ParametersWithRandom;
import org.bouncycastle.crypto.signers.HashMLDSASigner;
import org.bouncycastle.crypto.signers.MLDSASigner;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Keys and signatures cross between us, Bouncy Castle and the JDK, in both directions.
class MlDsaCrossTest {
    private static final int ROUNDS = 6;

    static Stream<MlDsa> sets() {
        return MlDsaCase.sets();
    }

    private static MLDSAParameters bc(MlDsa dsa, boolean hash) {
        return switch (dsa.name()) {
            case "ML-DSA-44" -> hash ? MLDSAParameters.ml_dsa_44_with_sha512 : MLDSAParameters.ml_dsa_44;
            case "ML-DSA-65" -> hash ? MLDSAParameters.ml_dsa_65_with_sha512 : MLDSAParameters.ml_dsa_65;
            default -> hash ? MLDSAParameters.ml_dsa_87_with_sha512 : MLDSAParameters.ml_dsa_87;
        };
    }

    private static MemorySegment random(SeededEntropy entropy, int bytes) {
        MemorySegment segment = Memory.zeros(bytes);
        entropy.fill(segment, 0, bytes);
        return segment;
    }

    @ParameterizedTest
    @MethodSource("sets")
    void agreesWithBouncyCastle(MlDsa dsa) throws Exception {
        SeededEntropy entropy = new SeededEntropy(11);
        MlDsaCase ours = new MlDsaCase(dsa);
        for (int round = 0; round < ROUNDS; round++) {
            MemorySegment seed = random(entropy, 32);
            MlDsaCase.Keys keys = ours.keyPair(seed);
            MLDSAPrivateKeyParameters sk = new MLDSAPrivateKeyParameters(bc(dsa, false), Memory.bytes(seed));
            assertArrayEquals(sk.getPublicKey(), Memory.bytes(keys.pk()));
            MLDSAPublicKeyParameters pk = new MLDSAPublicKeyParameters(bc(dsa, false), Memory.bytes(keys.pk()));
            byte[] message = Memory.bytes(random(entropy, 1000 * round));
            MemorySegment context = random(entropy, 51 * round);

            MLDSASigner signer = new MLDSASigner();
            signer.init(true, new ParametersWithContext(new MLDSAPrivateKeyParameters(bc(dsa, false), Memory.bytes(keys.sk())),
                    Memory.bytes(context)));
            signer.update(message, 0, message.length);
            assertEquals(Memory.hex(Memory.of(signer.generateSignature())),
                    Memory.hex(ours.sign(null, keys.sk(), Memory.of(message), context)), "deterministic");

            signer.init(true, new ParametersWithContext(new ParametersWithRandom(sk, new SecureRandom()), Memory.bytes(context)));
            signer.update(message, 0, message.length);
            assertTrue(ours.verify(keys.pk(), Memory.of(message), context, Memory.of(signer.generateSignature())));

            MemorySegment hedged = ours.sign(random(entropy, 32), keys.sk(), Memory.of(message), context);
            signer.init(false, new ParametersWithContext(pk, Memory.bytes(context)));
            signer.update(message, 0, message.length);
            assertTrue(signer.verifySignature(Memory.bytes(hedged)));

            HashMLDSASigner hashing = new HashMLDSASigner();
            hashing.init(true, new ParametersWithContext(new MLDSAPrivateKeyParameters(bc(dsa, true), Memory.bytes(seed)),
                    Memory.bytes(context)));
            hashing.update(message, 0, message.length);
            MemorySegment digest = AcvpPrehash.digest("SHA2-512", Memory.of(message));
            assertTrue(ours.verifyPrehashed(keys.pk(), Prehash.SHA_512, digest, context, Memory.of(hashing.generateSignature())));
        }
    }

    /// The JDK's encodings end in the raw key, so ours are made by exchanging that end. It knows no context.
    @ParameterizedTest
    @MethodSource("sets")
    void agreesWithTheJdk(MlDsa dsa) throws Exception {
        SeededEntropy entropy = new SeededEntropy(12);
        MlDsaCase ours = new MlDsaCase(dsa);
        KeyPairGenerator generator = KeyPairGenerator.getInstance(dsa.name());
        KeyFactory factory = KeyFactory.getInstance("ML-DSA");
        Signature jdk = Signature.getInstance("ML-DSA");
        for (int round = 0; round < ROUNDS; round++) {
            KeyPair theirs = generator.generateKeyPair();
            byte[] spki = theirs.getPublic().getEncoded();
            byte[] pkcs8 = theirs.getPrivate().getEncoded();
            byte[] message = Memory.bytes(random(entropy, 999 * round));
            jdk.initSign(theirs.getPrivate());
            jdk.update(message);
            assertTrue(ours.verify(end(spki, dsa.publicKeyBytes()), Memory.of(message), MlDsaCase.NONE, Memory.of(jdk.sign())));
            MemorySegment signature = ours.sign(random(entropy, 32), end(pkcs8, dsa.privateKeyBytes()), Memory.of(message), MlDsaCase.NONE);
            jdk.initVerify(theirs.getPublic());
            jdk.update(message);
            assertTrue(jdk.verify(Memory.bytes(signature)));

            MlDsaCase.Keys mine = ours.keyPair(random(entropy, 32));
            jdk.initSign(factory.generatePrivate(new PKCS8EncodedKeySpec(exchanged(pkcs8, mine.sk()))));
            jdk.update(message);
            assertTrue(ours.verify(mine.pk(), Memory.of(message), MlDsaCase.NONE, Memory.of(jdk.sign())));
            jdk.initVerify(factory.generatePublic(new X509EncodedKeySpec(exchanged(spki, mine.pk()))));
            jdk.update(message);
            assertTrue(jdk.verify(Memory.bytes(ours.sign(null, mine.sk(), Memory.of(message), MlDsaCase.NONE))));
        }
    }

    private static MemorySegment end(byte[] encoded, int bytes) {
        return Memory.of(Arrays.copyOfRange(encoded, encoded.length - bytes, encoded.length));
    }

    private static byte[] exchanged(byte[] encoded, MemorySegment key) {
        byte[] all = encoded.clone();
        byte[] raw = Memory.bytes(key);
        System.arraycopy(raw, 0, all, all.length - raw.length, raw.length);
        return all;
    }
}
