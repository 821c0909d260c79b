package dev.coffer.jca;

import dev.coffer.crypto.key.KeyAlgorithm;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidParameterException;
import java.security.KeyPair;
import java.security.KeyPairGeneratorSpi;
import java.security.SecureRandom;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.NamedParameterSpec;
import java.util.Set;

/// Generates pairs. Random bytes come from the kernel straight into the provider's memory: a `SecureRandom` that the caller gives would bring
/// them in an array, and is not asked.
final class KeyPairGeneratorEngine extends KeyPairGeneratorSpi {
    private static final int P256_BITS = 256;
    private static final int CURVE25519_BITS = 255;

    private final Vault vault;
    private final Set<KeyAlgorithm> allowed;
    private KeyAlgorithm algorithm;

    KeyPairGeneratorEngine(Vault vault, Set<KeyAlgorithm> allowed, KeyAlgorithm first) {
        this.vault = vault;
        this.allowed = allowed;
        this.algorithm = first;
    }

    @Override
    public void initialize(int bits, SecureRandom random) {
        int expected = switch (algorithm) {
            case P256 -> P256_BITS;
            case X25519, ED25519 -> CURVE25519_BITS;
            default -> 0;
        };
        if (bits != expected) {
            throw new InvalidParameterException("a key of " + KeyNames.of(algorithm).family() + " with " + bits + " bits (expected "
                    + (expected == 0 ? "a NamedParameterSpec" : expected) + ")");
        }
    }

    @Override
    public void initialize(AlgorithmParameterSpec parameters, SecureRandom random) throws InvalidAlgorithmParameterException {
        algorithm = switch (parameters) {
            case ECGenParameterSpec named when allowed.contains(KeyAlgorithm.P256) && P256Curve.isName(named.getName()) -> KeyAlgorithm.P256;
            case ECParameterSpec curve when allowed.contains(KeyAlgorithm.P256) && P256Curve.is(curve) -> KeyAlgorithm.P256;
            case NamedParameterSpec named -> named(named);
            case null, default -> throw unknown(parameters == null ? "none" : parameters.getClass().getName());
        };
    }

    private KeyAlgorithm named(NamedParameterSpec named) throws InvalidAlgorithmParameterException {
        for (KeyAlgorithm known : allowed) {
            if (KeyNames.set(known).equalsIgnoreCase(named.getName())) {
                return known;
            }
        }
        throw unknown(named.getName());
    }

    private InvalidAlgorithmParameterException unknown(String what) {
        return new InvalidAlgorithmParameterException("parameters " + what + " for a key of " + allowed);
    }

    @Override
    public KeyPair generateKeyPair() {
        HeldPair held = ForeignKeys.generate(vault, algorithm);
        return new KeyPair(CofferPublicKey.of(algorithm, held.publicBytes()), CofferPrivateKey.of(held));
    }
}
