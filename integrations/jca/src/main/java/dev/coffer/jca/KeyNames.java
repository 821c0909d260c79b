package dev.coffer.jca;

import dev.coffer.crypto.key.KeyAlgorithm;
import java.security.spec.NamedParameterSpec;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/// What the JCA calls the algorithms of keys: a family, `getAlgorithm()` of its keys, and in some a name of its own for each parameter set.
enum KeyNames {
    /// Signatures on edwards25519; the JDK's family has Ed448 too, which is left to others.
    EDDSA("EdDSA", EnumSet.of(KeyAlgorithm.ED25519)),
    /// Agreement on curve25519.
    XDH("XDH", EnumSet.of(KeyAlgorithm.X25519)),
    /// P-256 of the Weierstrass curves.
    EC("EC", EnumSet.of(KeyAlgorithm.P256)),
    ML_KEM("ML-KEM", EnumSet.of(KeyAlgorithm.ML_KEM_512, KeyAlgorithm.ML_KEM_768, KeyAlgorithm.ML_KEM_1024)),
    ML_DSA("ML-DSA", EnumSet.of(KeyAlgorithm.ML_DSA_44, KeyAlgorithm.ML_DSA_65, KeyAlgorithm.ML_DSA_87)),
    SLH_DSA("SLH-DSA", EnumSet.range(KeyAlgorithm.SLH_DSA_SHA2_128S, KeyAlgorithm.SLH_DSA_SHAKE_256F)),
    /// No standard yet: Bouncy Castle's names, and the provisional identifiers of the Open Quantum Safe project.
    FALCON("Falcon", EnumSet.of(KeyAlgorithm.FALCON_512, KeyAlgorithm.FALCON_1024));

    private static final String NIST_KEM = "2.16.840.1.101.3.4.4.";
    private static final String NIST_SIGNATURE = "2.16.840.1.101.3.4.3.";

    private final String family;
    private final Set<KeyAlgorithm> sets;

    KeyNames(String family, Set<KeyAlgorithm> sets) {
        this.family = family;
        this.sets = sets;
    }

    String family() {
        return family;
    }

    Set<KeyAlgorithm> sets() {
        return sets;
    }

    /// {@return what a generator makes that nobody told which one: the JDK's choice, and the fast set of level 1 of SLH-DSA}
    KeyAlgorithm first() {
        return switch (this) {
            case ML_KEM -> KeyAlgorithm.ML_KEM_768;
            case ML_DSA -> KeyAlgorithm.ML_DSA_65;
            case SLH_DSA -> KeyAlgorithm.SLH_DSA_SHA2_128F;
            default -> sets.iterator().next();
        };
    }

    static KeyNames of(KeyAlgorithm algorithm) {
        for (KeyNames names : values()) {
            if (names.sets.contains(algorithm)) {
                return names;
            }
        }
        throw new IllegalArgumentException("keys of " + algorithm + " have no name in the JCA");
    }

    /// {@return the name of a parameter set, such as `ML-DSA-65` or `X25519`}
    static String set(KeyAlgorithm algorithm) {
        return switch (algorithm) {
            case X25519 -> "X25519";
            case P256 -> "secp256r1";
            default -> algorithm.signs() ? algorithm.signature().name() : algorithm.kem().name();
        };
    }

    static NamedParameterSpec parameters(KeyAlgorithm algorithm) {
        return new NamedParameterSpec(set(algorithm));
    }

    /// {@return the object identifier of keys, which is also that of signatures where there is one for both}
    static String identifier(KeyAlgorithm algorithm) {
        return switch (of(algorithm)) {
            case EDDSA -> "1.3.101.112";
            case XDH -> "1.3.101.110";
            case EC -> "1.2.840.10045.2.1";
            case ML_KEM -> NIST_KEM + (1 + algorithm.ordinal() - KeyAlgorithm.ML_KEM_512.ordinal());
            case ML_DSA -> NIST_SIGNATURE + (17 + algorithm.ordinal() - KeyAlgorithm.ML_DSA_44.ordinal());
            case SLH_DSA -> NIST_SIGNATURE + (20 + algorithm.ordinal() - KeyAlgorithm.SLH_DSA_SHA2_128S.ordinal());
            case FALCON -> algorithm == KeyAlgorithm.FALCON_512 ? "1.3.9999.3.11" : "1.3.9999.3.14";
        };
    }

    /// {@return aliases for an identifier, as the JDK registers them}
    static List<String> aliases(String identifier) {
        return List.of(identifier, "OID." + identifier);
    }
}
