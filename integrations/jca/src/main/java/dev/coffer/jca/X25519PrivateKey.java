package dev.coffer.jca;

import java.io.Serial;
import java.security.interfaces.XECPrivateKey;
import java.security.spec.NamedParameterSpec;
import java.util.Optional;

/// A key of X25519, for who asks for the JDK's interface.
final class X25519PrivateKey extends CofferPrivateKey implements XECPrivateKey {
    @Serial
    private static final long serialVersionUID = 1;

    X25519PrivateKey(HeldPair held) {
        super(held);
    }

    @Override
    public NamedParameterSpec getParams() {
        return NamedParameterSpec.X25519;
    }

    @Override
    public Optional<byte[]> getScalar() {
        return isExportable() ? Optional.of(held().privateBytes()) : Optional.empty();
    }
}
