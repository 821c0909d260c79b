package dev.coffer.crypto.slhdsa;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.AcvpPrehash;
import dev.coffer.crypto.Memory;
import dev.coffer.testkit.SeededEntropy;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.bouncycastle.crypto.params.ParametersWithContext;
import org.bouncycastle.crypto.params.ParametersWithRandom;
import org.bouncycastle.crypto.params.SLHDSAParameters;
import org.bouncycastle.crypto.params.SLHDSAPrivateKeyParameters;
import org.bouncycastle.crypto.params.SLHDSAPublicKeyParameters;
import org.bouncycastle.crypto.signers.HashSLHDSASigner;
import org.bouncycastle.crypto.signers.SLHDSASigner;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Keys and signatures cross between us and Bouncy Castle in both directions.
class SlhDsaCrossTest {
    static Stream<SlhDsa> fast() {
        return SlhDsaCase.fast();
    }

    static List<SlhDsa> sets() {
        return SlhDsaCase.sets();
    }

    private static SLHDSAParameters bc(SlhDsa dsa, boolean hash) {
        String name = dsa.name().substring("SLH-DSA-".length()).toLowerCase(Locale.ROOT).replace('-', '_');
        String digest = !hash ? "" : name.startsWith("sha2") ? name.contains("128") ? "_with_sha256" : "_with_sha512"
                : name.contains("128") ? "_with_shake128" : "_with_shake256";
        try {
            return (SLHDSAParameters) SLHDSAParameters.class.getField(name + digest).get(null);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }

    private static MemorySegment random(SeededEntropy entropy, int bytes) {
        MemorySegment segment = Memory.zeros(bytes);
        entropy.fill(segment, 0, bytes);
        return segment;
    }

    @ParameterizedTest
    @MethodSource("fast")
    void agreesWithBouncyCastle(SlhDsa dsa) throws Exception {
        agrees(dsa, 1);
    }

    @ParameterizedTest
    @Tag("long")
    @MethodSource("sets")
    void agreesWithBouncyCastleInEverySet(SlhDsa dsa) throws Exception {
        agrees(dsa, 4);
    }

    private static void agrees(SlhDsa dsa, int rounds) throws Exception {
        SeededEntropy entropy = new SeededEntropy(11);
        SlhDsaCase ours = new SlhDsaCase(dsa);
        for (int round = 1; round <= rounds; round++) {
            SlhDsaCase.Keys keys = ours.keyPair(random(entropy, dsa.seedBytes()));
            byte[] sk = Memory.bytes(keys.sk());
            SLHDSAPrivateKeyParameters theirs = new SLHDSAPrivateKeyParameters(bc(dsa, false), sk);
            assertArrayEquals(Memory.bytes(keys.pk()), theirs.getPublicKey());
            byte[] message = Memory.bytes(random(entropy, 333 * round));
            MemorySegment context = random(entropy, 51 * round);

            SLHDSASigner signer = new SLHDSASigner();
            signer.init(true, new ParametersWithContext(theirs, Memory.bytes(context)));
            assertEquals(-1, Arrays.mismatch(signer.generateSignature(message),
                    Memory.bytes(ours.sign(null, keys.sk(), Memory.of(message), context))), "deterministic");

            MemorySegment hedged = ours.sign(random(entropy, dsa.publicKeyBytes() / 2), keys.sk(), Memory.of(message), context);
            signer.init(false, new ParametersWithContext(new SLHDSAPublicKeyParameters(bc(dsa, false), Memory.bytes(keys.pk())),
                    Memory.bytes(context)));
            assertTrue(signer.verifySignature(message, Memory.bytes(hedged)));

            HashSLHDSASigner hashing = new HashSLHDSASigner();
            hashing.init(true, new ParametersWithContext(
                    new ParametersWithRandom(new SLHDSAPrivateKeyParameters(bc(dsa, true), sk), new java.security.SecureRandom()),
                    Memory.bytes(context)));
            hashing.update(message, 0, message.length);
            String function = (dsa.name().contains("SHA2") ? dsa.name().contains("128") ? "SHA2-256" : "SHA2-512"
                    : dsa.name().contains("128") ? "SHAKE-128" : "SHAKE-256");
            assertTrue(ours.verifyPrehashed(keys.pk(), AcvpPrehash.function(function),
                    AcvpPrehash.digest(function, Memory.of(message)), context, Memory.of(hashing.generateSignature())));
        }
    }
}
