package dev.coffer.jca;

import dev.coffer.crypto.key.KeyAlgorithm;
import java.io.Serial;
import java.math.BigInteger;
import java.security.interfaces.XECPublicKey;
import java.security.spec.NamedParameterSpec;

/// A key of X25519 (RFC 7748, section 5): u of 255 bits, little-endian; the bit above is ignored.
final class X25519PublicKey extends CofferPublicKey implements XECPublicKey {
    @Serial
    private static final long serialVersionUID = 1;
    private static final int BITS = 255;

    X25519PublicKey(byte[] bytes) {
        super(KeyAlgorithm.X25519, bytes);
    }

    @Override
    public NamedParameterSpec getParams() {
        return NamedParameterSpec.X25519;
    }

    @Override
    public BigInteger getU() {
        return number(bytes());
    }

    /// {@return the lower 255 bits of a little-endian number}
    static BigInteger number(byte[] bytes) {
        return new BigInteger(1, reversed(bytes)).clearBit(BITS);
    }

    /// {@return the number little-endian in 32 bytes, or null where it is negative or has more than 255 bits}
    static byte[] bytes(BigInteger number) {
        byte[] bytes = new byte[KeyAlgorithm.X25519.publicKeyBytes()];
        return number.bitLength() <= BITS && P256Curve.number(number, bytes, 0) ? reversed(bytes) : null;
    }

    private static byte[] reversed(byte[] bytes) {
        byte[] reversed = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            reversed[i] = bytes[bytes.length - 1 - i];
        }
        return reversed;
    }
}
