package dev.coffer.jca;

import dev.coffer.crypto.key.KeyAlgorithm;
import java.math.BigInteger;
import java.security.spec.ECFieldFp;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.EllipticCurve;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;

/// The curve P-256 as the JCA describes one, by numbers (SP 800-186, section 3.2.1.3), and its points.
final class P256Curve {
    static final ECParameterSpec PARAMETERS = new ECParameterSpec(
            new EllipticCurve(new ECFieldFp(hex("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff")),
                    hex("ffffffff00000001000000000000000000000000fffffffffffffffffffffffc"),
                    hex("5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b")),
            new ECPoint(hex("6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"),
                    hex("4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5")),
            hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"), 1);

    private static final Set<String> NAMES = Set.of("secp256r1", "p-256", "prime256v1", "x9.62 prime256v1", "nist p-256",
            "1.2.840.10045.3.1.7");
    private static final int NUMBER_BYTES = 32;
    private static final int UNCOMPRESSED = 4;

    private P256Curve() {}

    private static BigInteger hex(String number) {
        return new BigInteger(number, 16);
    }

    static boolean isName(String name) {
        return NAMES.contains(name.toLowerCase(Locale.ROOT));
    }

    static boolean is(ECParameterSpec other) {
        return other != null && PARAMETERS.getCurve().equals(other.getCurve()) && PARAMETERS.getGenerator().equals(other.getGenerator())
                && PARAMETERS.getOrder().equals(other.getOrder()) && PARAMETERS.getCofactor() == other.getCofactor();
    }

    static ECPoint point(byte[] uncompressed) {
        return new ECPoint(new BigInteger(1, Arrays.copyOfRange(uncompressed, 1, 1 + NUMBER_BYTES)),
                new BigInteger(1, Arrays.copyOfRange(uncompressed, 1 + NUMBER_BYTES, 1 + 2 * NUMBER_BYTES)));
    }

    /// {@return the point uncompressed, on the curve or not; null where a number is negative or has more than 256 bits, and for infinity}
    static byte[] uncompressed(ECPoint point) {
        byte[] bytes = new byte[KeyAlgorithm.P256.publicKeyBytes()];
        bytes[0] = UNCOMPRESSED;
        return !point.equals(ECPoint.POINT_INFINITY) && number(point.getAffineX(), bytes, 1)
                && number(point.getAffineY(), bytes, 1 + NUMBER_BYTES) ? bytes : null;
    }

    /// Writes a number in 32 bytes; false where it does not fit.
    static boolean number(BigInteger number, byte[] target, int at) {
        if (number.signum() < 0 || number.bitLength() > NUMBER_BYTES * Byte.SIZE) {
            return false;
        }
        byte[] bytes = number.toByteArray();
        int count = Math.min(bytes.length, NUMBER_BYTES);  // without the sign
        System.arraycopy(bytes, bytes.length - count, target, at + NUMBER_BYTES - count, count);
        Arrays.fill(bytes, (byte) 0);
        return true;
    }
}
