package dev.coffer.jca;

import java.io.Serial;
import java.security.interfaces.EdECPrivateKey;
import java.security.spec.NamedParameterSpec;
import java.util.Optional;

/// A key of Ed25519, for who asks for the JDK's interface.
final class Ed25519PrivateKey extends CofferPrivateKey implements EdECPrivateKey {
    @Serial
    private static final long serialVersionUID = 1;

    Ed25519PrivateKey(HeldPair held) {
        super(held);
    }

    @Override
    public NamedParameterSpec getParams() {
        return NamedParameterSpec.ED25519;
    }

    @Override
    public Optional<byte[]> getBytes() {
        return isExportable() ? Optional.of(held().privateBytes()) : Optional.empty();
    }
}
