package dev.coffer.jca;

import dev.coffer.crypto.key.KeyAlgorithm;
import java.io.Serial;

/// A key of an algorithm for which the JCA has no interface: parameter sets go by name.
final class NamedPublicKey extends CofferPublicKey {
    @Serial
    private static final long serialVersionUID = 1;

    NamedPublicKey(KeyAlgorithm algorithm, byte[] bytes) {
        super(algorithm, bytes);
    }
}
