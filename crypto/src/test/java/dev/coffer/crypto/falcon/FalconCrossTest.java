package dev.coffer.crypto.falcon;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.Memory;
import dev.coffer.testkit.SeededEntropy;
import java.lang.foreign.MemorySegment;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.stream.Stream;
import org.bouncycastle.crypto.AsymmetricCipherKeyPair;
import org.bouncycastle.crypto.params.ParametersWithRandom;
import org.bouncycastle.pqc.crypto.falcon.FalconKeyGenerationParameters;
import org.bouncycastle.pqc.crypto.falcon.FalconKeyPairGenerator;
import org.bouncycastle.pqc.crypto.falcon.FalconParameters;
import org.bouncycastle.pqc.crypto.falcon.FalconPrivateKeyParameters;
import org.bouncycastle.pqc.crypto.falcon.FalconPublicKeyParameters;
import org.bouncycastle.pqc.crypto.falcon.FalconSigner;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Keys and signatures cross between us and Bouncy Castle, whose keys have no header and whose signatures are the compressed form.
class FalconCrossTest {
    private static final int ROUNDS = 3;

    static Stream<Falcon> sets() {
        return FalconCase.sets();
    }

    private static MemorySegment random(SeededEntropy entropy, int bytes) {
        MemorySegment segment = Memory.zeros(bytes);
        entropy.fill(segment, 0, bytes);
        return segment;
    }

    private static MemorySegment headed(int header, byte[] key) {
        byte[] all = new byte[key.length + 1];
        all[0] = (byte) header;
        System.arraycopy(key, 0, all, 1, key.length);
        return Memory.of(all);
    }

    @ParameterizedTest
    @MethodSource("sets")
    void agreesWithBouncyCastle(Falcon falcon) {
        SeededEntropy entropy = new SeededEntropy(11);
        FalconCase ours = new FalconCase(falcon);
        FalconParameters set = falcon == Falcon.FALCON_512 ? FalconParameters.falcon_512 : FalconParameters.falcon_1024;
        int n = falcon.p.n();
        int part = n * falcon.p.fgBits() / 8;
        FalconSigner signer = new FalconSigner();
        for (int round = 0; round < ROUNDS; round++) {
            byte[] message = Memory.bytes(random(entropy, 1000 * round));

            FalconCase.Keys mine = ours.keyPair(random(entropy, 48));
            byte[] pk = Arrays.copyOfRange(Memory.bytes(mine.pk()), 1, falcon.publicKeyBytes());
            byte[] sk = Arrays.copyOfRange(Memory.bytes(mine.sk()), 1, falcon.privateKeyBytes());
            FalconPublicKeyParameters theirPk = new FalconPublicKeyParameters(set, pk);
            FalconPrivateKeyParameters theirSk = new FalconPrivateKeyParameters(set, Arrays.copyOfRange(sk, 0, part),
                    Arrays.copyOfRange(sk, part, 2 * part), Arrays.copyOfRange(sk, 2 * part, sk.length), pk);
            signer.init(true, new ParametersWithRandom(theirSk, new SecureRandom()));
            assertTrue(ours.verify(FalconForm.COMPRESSED, mine.pk(), Memory.of(message), Memory.of(signer.generateSignature(message))));
            byte[] signature = Memory.bytes(ours.sign(FalconForm.COMPRESSED, entropy, mine.sk(), Memory.of(message)));
            signer.init(false, theirPk);
            assertTrue(signer.verifySignature(message, signature));
            signature[50] ^= 1;
            assertFalse(signer.verifySignature(message, signature));

            FalconKeyPairGenerator generator = new FalconKeyPairGenerator();
            generator.init(new FalconKeyGenerationParameters(new SecureRandom(), set));
            AsymmetricCipherKeyPair theirs = generator.generateKeyPair();
            MemorySegment theirPublic = headed(falcon.p.logn(), ((FalconPublicKeyParameters) theirs.getPublic()).getH());
            MemorySegment theirPrivate = headed(0x50 + falcon.p.logn(), ((FalconPrivateKeyParameters) theirs.getPrivate()).getEncoded());
            byte[] mySignature = Memory.bytes(ours.sign(FalconForm.COMPRESSED, entropy, theirPrivate, Memory.of(message)));
            signer.init(false, theirs.getPublic());
            assertTrue(signer.verifySignature(message, mySignature));
            signer.init(true, new ParametersWithRandom(theirs.getPrivate(), new SecureRandom()));
            assertTrue(ours.verify(FalconForm.COMPRESSED, theirPublic, Memory.of(message), Memory.of(signer.generateSignature(message))));
        }
    }
}
