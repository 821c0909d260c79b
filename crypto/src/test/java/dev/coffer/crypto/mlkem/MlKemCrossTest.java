package dev.coffer.crypto.mlkem;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.coffer.crypto.Memory;
import dev.coffer.testkit.Seeds;
import dev.coffer.testkit.SeededEntropy;
import java.lang.foreign.MemorySegment;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import javax.crypto.KEM;
import org.bouncycastle.crypto.SecretWithEncapsulation;
import org.bouncycastle.crypto.digests.SHAKEDigest;
import org.bouncycastle.crypto.kems.MLKEMExtractor;
import org.bouncycastle.crypto.kems.MLKEMGenerator;
import org.bouncycastle.crypto.params.MLKEMParameters;
import org.bouncycastle.crypto.params.MLKEMPrivateKeyParameters;
import org.bouncycastle.crypto.params.MLKEMPublicKeyParameters;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Keys, ciphertexts and secrets cross between us, Bouncy Castle and the JDK, in both directions, rejected ones too.
class MlKemCrossTest {
    private static final int ROUNDS = 20;

    static java.util.stream.Stream<MlKem> sets() {
        return MlKemCase.sets();
    }

    private static MLKEMParameters bc(MlKem kem) {
        return kem == MlKem.ML_KEM_512 ? MLKEMParameters.ml_kem_512
                : kem == MlKem.ML_KEM_768 ? MLKEMParameters.ml_kem_768 : MLKEMParameters.ml_kem_1024;
    }

    private static MemorySegment random(SeededEntropy entropy, int bytes) {
        MemorySegment segment = Memory.zeros(bytes);
        entropy.fill(segment, 0, bytes);
        return segment;
    }

    @ParameterizedTest
    @MethodSource("sets")
    void agreesWithBouncyCastle(MlKem kem) {
        Seeds.forEach(1, ROUNDS, random -> {
            SeededEntropy entropy = new SeededEntropy(random.nextLong());
            MlKemCase ours = new MlKemCase(kem);
            MemorySegment bytes = random(entropy, MlKem.SEED_BYTES);
            MlKemCase.Keys keys = ours.keyPair(bytes);
            MLKEMPrivateKeyParameters theirs = new MLKEMPrivateKeyParameters(bc(kem), Memory.bytes(bytes));
            assertArrayEquals(theirs.getPublicKey(),
                    Memory.bytes(keys.ek()));
            MLKEMPrivateKeyParameters expanded = new MLKEMPrivateKeyParameters(bc(kem), Memory.bytes(keys.dk()));
            MLKEMPublicKeyParameters ek = new MLKEMPublicKeyParameters(bc(kem), Memory.bytes(keys.ek()));

            MemorySegment m = random(entropy, 32);
            MlKemCase.Shared shared = ours.encapsulate(keys.ek(), m);
            SecretWithEncapsulation same = MLKEMGenerator.internalGenerateEncapsulated(ek, Memory.bytes(m));
            assertArrayEquals(same.getEncapsulation(), Memory.bytes(shared.ciphertext()));
            assertArrayEquals(same.getSecret(), Memory.bytes(shared.secret()));
            assertArrayEquals(same.getSecret(), Memory.bytes(ours.decapsulate(keys.dk(), shared.ciphertext())));
            assertArrayEquals(same.getSecret(), new MLKEMExtractor(expanded).extractSecret(same.getEncapsulation()));

            MemorySegment noise = random(entropy, kem.ciphertextBytes());
            assertArrayEquals(new MLKEMExtractor(theirs).extractSecret(Memory.bytes(noise)),
                    Memory.bytes(ours.decapsulate(keys.dk(), noise)), "a ciphertext of noise");
        });
    }

    /// Every bit of one ciphertext, one at a time: the secret is J(z || c), computed by Bouncy Castle's SHAKE256.
    @ParameterizedTest
    @MethodSource("sets")
    void everyFlippedBitOfACiphertextIsRejectedImplicitly(MlKem kem) {
        SeededEntropy entropy = new SeededEntropy(3);
        MlKemCase ours = new MlKemCase(kem);
        MemorySegment seed = random(entropy, MlKem.SEED_BYTES);
        MlKemCase.Keys keys = ours.keyPair(seed);
        byte[] ciphertext = Memory.bytes(ours.encapsulate(keys.ek(), random(entropy, 32)).ciphertext());
        byte[] z = Arrays.copyOfRange(Memory.bytes(seed), 32, 64);
        MemorySegment workspace = Memory.zeros(kem.workspaceBytes());
        MemorySegment secret = Memory.zeros(32);
        for (int bit = 0; bit < 8 * ciphertext.length; bit++) {
            ciphertext[bit >> 3] ^= (byte) (1 << (bit & 7));
            SHAKEDigest shake = new SHAKEDigest(256);
            shake.update(z, 0, z.length);
            shake.update(ciphertext, 0, ciphertext.length);
            byte[] expected = new byte[32];
            shake.doFinal(expected, 0, 32);
            kem.decapsulate(keys.dk(), 0, MemorySegment.ofArray(ciphertext), 0, secret, 0, workspace, 0);
            assertArrayEquals(expected, Memory.bytes(secret), "bit " + bit);
            ciphertext[bit >> 3] ^= (byte) (1 << (bit & 7));
        }
    }

    /// The JDK's encodings end in the raw key, so ours are made by exchanging that end.
    @ParameterizedTest
    @MethodSource("sets")
    void agreesWithTheJdk(MlKem kem) throws Exception {
        SeededEntropy entropy = new SeededEntropy(5);
        MlKemCase ours = new MlKemCase(kem);
        KeyPairGenerator generator = KeyPairGenerator.getInstance(kem.name());
        KeyFactory factory = KeyFactory.getInstance("ML-KEM");
        KEM jdk = KEM.getInstance("ML-KEM");
        for (int round = 0; round < ROUNDS; round++) {
            KeyPair theirs = generator.generateKeyPair();
            byte[] spki = theirs.getPublic().getEncoded();
            byte[] pkcs8 = theirs.getPrivate().getEncoded();
            MemorySegment ek = end(spki, kem.encapsulationKeyBytes());
            MemorySegment dk = end(pkcs8, kem.decapsulationKeyBytes());

            KEM.Encapsulated made = jdk.newEncapsulator(theirs.getPublic()).encapsulate();
            assertArrayEquals(made.key().getEncoded(), Memory.bytes(ours.decapsulate(dk, Memory.of(made.encapsulation()))));
            MlKemCase.Shared shared = ours.encapsulate(ek, random(entropy, 32));
            assertArrayEquals(jdk.newDecapsulator(theirs.getPrivate()).decapsulate(Memory.bytes(shared.ciphertext()))
                    .getEncoded(), Memory.bytes(shared.secret()));

            MlKemCase.Keys mine = ours.keyPair(random(entropy, MlKem.SEED_BYTES));
            made = jdk.newEncapsulator(factory.generatePublic(new X509EncodedKeySpec(exchanged(spki, mine.ek())))).encapsulate();
            assertArrayEquals(made.key().getEncoded(), Memory.bytes(ours.decapsulate(mine.dk(), Memory.of(made.encapsulation()))));
            MemorySegment noise = random(entropy, kem.ciphertextBytes());
            assertEquals(Memory.hex(Memory.of(jdk.newDecapsulator(factory.generatePrivate(
                    new PKCS8EncodedKeySpec(exchanged(pkcs8, mine.dk())))).decapsulate(Memory.bytes(noise)).getEncoded())),
                    Memory.hex(ours.decapsulate(mine.dk(), noise)));
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
