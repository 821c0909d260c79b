package dev.coffer.jca;

import dev.coffer.crypto.key.KeyAlgorithm;
import java.io.Serial;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;

/// A key of P-256, held and encoded uncompressed.
final class P256PublicKey extends CofferPublicKey implements ECPublicKey {
    @Serial
    private static final long serialVersionUID = 1;

    P256PublicKey(byte[] bytes) {
        super(KeyAlgorithm.P256, bytes);
    }

    @Override
    public ECParameterSpec getParams() {
        return P256Curve.PARAMETERS;
    }

    @Override
    public ECPoint getW() {
        return P256Curve.point(bytes());
    }
}
