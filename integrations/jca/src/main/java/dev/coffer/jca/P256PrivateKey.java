package dev.coffer.jca;

import java.io.Serial;
import java.math.BigInteger;
import java.security.interfaces.ECPrivateKey;
import java.security.spec.ECParameterSpec;
import java.util.Arrays;

/// A key of P-256, for who asks for the JDK's interface.
final class P256PrivateKey extends CofferPrivateKey implements ECPrivateKey {
    @Serial
    private static final long serialVersionUID = 1;

    P256PrivateKey(HeldPair held) {
        super(held);
    }

    @Override
    public ECParameterSpec getParams() {
        return P256Curve.PARAMETERS;
    }

    /// {@return the number, on the heap, which the interface asks for}
    ///
    /// @throws UnsupportedOperationException  the key may not leave
    @Override
    public BigInteger getS() {
        if (!isExportable()) {
            throw new UnsupportedOperationException("key of secp256r1: export is forbidden");
        }
        byte[] s = held().privateBytes();
        try {
            return new BigInteger(1, s);
        } finally {
            Arrays.fill(s, (byte) 0);
        }
    }
}
