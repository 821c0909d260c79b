package dev.coffer.jca;

import dev.coffer.memory.Entropy;
import dev.coffer.memory.internal.vault.Piece;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidParameterException;
import java.security.SecureRandom;
import java.security.spec.AlgorithmParameterSpec;
import javax.crypto.KeyGeneratorSpi;
import javax.crypto.SecretKey;

/// Secret keys of the kernel's random bytes, drawn off the heap. A `SecureRandom` of the caller's is not asked.
final class KeyGeneratorEngine extends KeyGeneratorSpi {
    private static final int MAC_BITS_MAX = 8 * 1024;

    private final Vault vault;
    private final String algorithm;
    private int bits;

    KeyGeneratorEngine(Vault vault, String algorithm, int firstBits) {
        this.vault = vault;
        this.algorithm = algorithm;
        this.bits = firstBits;
    }

    @Override
    protected void engineInit(SecureRandom random) {
        // nothing to learn from it
    }

    @Override
    protected void engineInit(AlgorithmParameterSpec parameters, SecureRandom random) throws InvalidAlgorithmParameterException {
        throw new InvalidAlgorithmParameterException("parameters for a key of " + algorithm + " (expected a number of bits)");
    }

    @Override
    protected void engineInit(int wanted, SecureRandom random) {
        boolean known = switch (algorithm) {
            case "AES" -> wanted == 128 || wanted == 256;
            case "ChaCha20" -> wanted == 256;
            default -> wanted >= 40 && wanted <= MAC_BITS_MAX && wanted % 8 == 0;  // as the JDK's
        };
        if (!known) {
            throw new InvalidParameterException("a key of " + algorithm + " with " + wanted + " bits");
        }
        bits = wanted;
    }

    @Override
    protected SecretKey engineGenerateKey() {
        int bytes = bits / Byte.SIZE;
        try (Piece drawn = vault.work(bytes)) {
            Entropy.SYSTEM.fill(drawn.segment(), 0, bytes);
            return CofferSecretKey.copyOf(vault, algorithm, drawn.segment(), 0, bytes);
        }
    }
}
