package dev.coffer.jca;

import dev.coffer.crypto.key.KeyAlgorithm;
import java.io.Serial;
import java.security.interfaces.EdECPublicKey;
import java.security.spec.EdECPoint;
import java.security.spec.NamedParameterSpec;

/// A key of Ed25519 (RFC 8032, section 5.1.2): y of 255 bits, little-endian, and above it whether x is odd.
final class Ed25519PublicKey extends CofferPublicKey implements EdECPublicKey {
    @Serial
    private static final long serialVersionUID = 1;

    Ed25519PublicKey(byte[] bytes) {
        super(KeyAlgorithm.ED25519, bytes);
    }

    @Override
    public NamedParameterSpec getParams() {
        return NamedParameterSpec.ED25519;
    }

    @Override
    public EdECPoint getPoint() {
        return new EdECPoint(bytes()[bytes().length - 1] < 0, X25519PublicKey.number(bytes()));
    }

    /// {@return the bytes of a point, or null where y has more than 255 bits}
    static byte[] bytes(EdECPoint point) {
        byte[] bytes = X25519PublicKey.bytes(point.getY());
        if (bytes != null && point.isXOdd()) {
            bytes[bytes.length - 1] |= (byte) 0x80;
        }
        return bytes;
    }
}
