package dev.coffer.evm;

import java.math.BigInteger;

/// The curve of SEC 2, section 2.4.1, word for word on `BigInteger`, affine: keys, signatures, recovery. Beside the machine's own in tests.
public final class Secp256k1Model {
    public static final BigInteger P = BigInteger.ONE.shiftLeft(256).subtract(BigInteger.ONE.shiftLeft(32)).subtract(BigInteger.valueOf(977));
    public static final BigInteger N = new BigInteger("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141", 16);
    public static final BigInteger[] G = {new BigInteger("79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798", 16),
            new BigInteger("483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8", 16)};

    /// What a key makes of a digest, s in the lower half.
    public record Signature(BigInteger r, BigInteger s, boolean odd) {}

    private Secp256k1Model() {}

    /// {@return a + b; null is the neutral element}
    static BigInteger[] add(BigInteger[] a, BigInteger[] b) {
        if (a == null || b == null) {
            return a == null ? b : a;
        }
        BigInteger slope;
        if (a[0].equals(b[0])) {
            if (a[1].add(b[1]).mod(P).signum() == 0) {
                return null;
            }
            slope = a[0].pow(2).multiply(BigInteger.valueOf(3)).multiply(a[1].shiftLeft(1).modInverse(P));
        } else {
            slope = b[1].subtract(a[1]).multiply(b[0].subtract(a[0]).mod(P).modInverse(P));
        }
        BigInteger x = slope.pow(2).subtract(a[0]).subtract(b[0]).mod(P);
        return new BigInteger[] {x, slope.multiply(a[0].subtract(x)).subtract(a[1]).mod(P)};
    }

    /// {@return k a}
    public static BigInteger[] times(BigInteger k, BigInteger[] a) {
        BigInteger[] sum = null;
        for (int i = k.bitLength() - 1; i >= 0; i--) {
            sum = add(sum, sum);
            sum = k.testBit(i) ? add(sum, a) : sum;
        }
        return sum;
    }

    /// {@return the signature of a digest by a key, with the nonce that is given}
    public static Signature sign(BigInteger key, BigInteger digest, BigInteger nonce) {
        BigInteger[] point = times(nonce, G);
        BigInteger r = point[0].mod(N);
        BigInteger s = nonce.modInverse(N).multiply(digest.add(r.multiply(key))).mod(N);
        boolean high = s.compareTo(N.shiftRight(1)) > 0;
        return new Signature(r, high ? N.subtract(s) : s, point[1].testBit(0) != high);
    }
}
