package dev.coffer.jca;

import java.io.Serial;

/// A key of an algorithm for which the JCA has no interface: parameter sets go by name.
final class NamedPrivateKey extends CofferPrivateKey {
    @Serial
    private static final long serialVersionUID = 1;

    NamedPrivateKey(HeldPair held) {
        super(held);
    }
}
