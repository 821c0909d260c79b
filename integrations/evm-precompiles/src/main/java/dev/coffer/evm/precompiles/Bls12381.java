package dev.coffer.evm.precompiles;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.crypto.bls.BLS12_381G1;
import org.bouncycastle.crypto.bls.BLS12_381G2;
import org.bouncycastle.crypto.bls.BLS12_381G2HashToCurve;
import org.bouncycastle.crypto.bls.BLS12_381G2Point;
import org.bouncycastle.crypto.bls.BLS12_381Pairing;
import org.bouncycastle.crypto.bls.BLS12_381SubgroupCheck;
import org.bouncycastle.crypto.bls.Fp12Element;
import org.bouncycastle.crypto.bls.Fp2Element;
import org.bouncycastle.crypto.hash2curve.impl.BLS12_381G1MapToCurve;
import org.bouncycastle.math.ec.ECAlgorithms;
import org.bouncycastle.math.ec.ECCurve;
import org.bouncycastle.math.ec.ECPoint;

/// Precompiles 11 to 17 (EIP-2537), on Bouncy Castle's BLS12-381: each takes its whole input and answers null where that is refused. Stateless, thread-safe.
final class Bls12381 {
    static final BigInteger ORDER = BLS12_381G2.ORDER;
    static final ECCurve G1 = BLS12_381G1.createCurve();

    private static final BigInteger P = BLS12_381G1.Q;
    private static final int FIELD = 64;                        // bytes of an element, the first 16 of them zero
    private static final int PAD = 16;
    private static final int SCALAR = 32;
    static final int POINT1 = 2 * FIELD;
    static final int POINT2 = 4 * FIELD;
    private static final int WORD = 32;
    /// The curve's parameter is this, negated.
    private static final BigInteger X = new BigInteger("d201000000010000", 16);
    private static final BLS12_381G2HashToCurve MAP2 = new BLS12_381G2HashToCurve(new byte[] {1});

    private Bls12381() {}

    // --- G1 ---------------------------------------------------------------------------------------------------------

    /// Precompile 11: the sum of two points of the curve, whatever their order.
    static byte[] addG1(byte[] in) {
        if (in.length != 2 * POINT1) {
            return null;
        }
        ECPoint a = pointG1(in, 0);
        ECPoint b = pointG1(in, POINT1);
        return a == null || b == null ? null : bytes(a.add(b));
    }

    /// Precompile 12: the sum of points of the group, each times its number.
    static byte[] multiplyG1(byte[] in) {
        int pair = POINT1 + SCALAR;
        if (in.length == 0 || in.length % pair != 0) {
            return null;
        }
        List<ECPoint> points = new ArrayList<>();
        List<BigInteger> numbers = new ArrayList<>();
        for (int at = 0; at < in.length; at += pair) {
            ECPoint point = pointG1(in, at);
            if (point == null || !isInGroup(point)) {
                return null;
            }
            if (!point.isInfinity()) {
                points.add(point);
                numbers.add(LibraryPrecompiles.number(in, at + POINT1, SCALAR).mod(ORDER));
            }
        }
        return bytes(points.isEmpty() ? G1.getInfinity()
                : ECAlgorithms.sumOfMultiplies(points.toArray(new ECPoint[0]), numbers.toArray(new BigInteger[0])));
    }

    /// Precompile 16: the point of the group that an element of the field is mapped to (RFC 9380, section 6.6.3).
    static byte[] mapG1(byte[] in) {
        BigInteger u = in.length == FIELD ? element(in, 0) : null;
        if (u == null) {
            return null;
        }
        ECPoint point = new BLS12_381G1MapToCurve(G1).process(u);
        return bytes(ECAlgorithms.referenceMultiply(point, BLS12_381G1.H_EFF));
    }

    /// {@return the point at `from`, null where that is none of the curve}
    private static ECPoint pointG1(byte[] in, int from) {
        BigInteger x = element(in, from);
        BigInteger y = element(in, from + FIELD);
        if (x == null || y == null) {
            return null;
        }
        if (x.signum() == 0 && y.signum() == 0) {
            return G1.getInfinity();
        }
        return y.multiply(y).subtract(x.pow(3)).subtract(BigInteger.valueOf(4)).mod(P).signum() == 0 ? G1.createPoint(x, y) : null;
    }

    static boolean isInGroup(ECPoint point) {
        // Not by the library's multipliers: they make a table first, which fails on points of small order with an exception.
        return ECAlgorithms.referenceMultiply(point, ORDER).isInfinity();
    }

    private static byte[] bytes(ECPoint point) {
        byte[] out = new byte[POINT1];
        if (!point.isInfinity()) {
            ECPoint affine = point.normalize();
            put(affine.getAffineXCoord().toBigInteger(), out, 0);
            put(affine.getAffineYCoord().toBigInteger(), out, FIELD);
        }
        return out;
    }

    // --- G2 ---------------------------------------------------------------------------------------------------------

    /// Precompile 13.
    static byte[] addG2(byte[] in) {
        if (in.length != 2 * POINT2) {
            return null;
        }
        BLS12_381G2Point a = pointG2(in, 0);
        BLS12_381G2Point b = pointG2(in, POINT2);
        return a == null || b == null ? null : bytes(a.add(b));
    }

    /// Precompile 14.
    static byte[] multiplyG2(byte[] in) {
        int pair = POINT2 + SCALAR;
        if (in.length == 0 || in.length % pair != 0) {
            return null;
        }
        BLS12_381G2Point sum = BLS12_381G2Point.INFINITY;
        for (int at = 0; at < in.length; at += pair) {
            BLS12_381G2Point point = pointG2(in, at);
            if (point == null || !isInGroup(point)) {
                return null;
            }
            sum = sum.add(times(LibraryPrecompiles.number(in, at + POINT2, SCALAR).mod(ORDER), point));
        }
        return bytes(sum);
    }

    /// Precompile 17: RFC 9380, section 8.8.2. The cofactor is cleared by the endomorphism psi (Budroni and Pintore; RFC 9380, appendix G.3): the library's
    /// own constant of it is wrong.
    static byte[] mapG2(byte[] in) {
        Fp2Element u = in.length == 2 * FIELD ? element2(in, 0) : null;
        if (u == null) {
            return null;
        }
        BLS12_381G2Point p = MAP2.mapToCurveAndIso3(u);
        if (p.isInfinity()) {
            return bytes(p);
        }
        // (x^2 - x - 1) P + (x - 1) psi(P) + psi^2(2 P), with x negative.
        BLS12_381G2Point psi = BLS12_381SubgroupCheck.psiG2(p);
        BLS12_381G2Point first = times(X, p).negate();                          // x P
        BLS12_381G2Point second = first.add(psi);                               // x P + psi(P)
        BLS12_381G2Point third = times(X, second).negate();                     // x^2 P + x psi(P)
        BLS12_381G2Point twice = BLS12_381SubgroupCheck.psiG2(BLS12_381SubgroupCheck.psiG2(p.doublePoint()));
        return bytes(third.add(first.negate()).add(p.negate()).add(psi.negate()).add(twice));
    }

    /// A point of the curve that is not in the group, for tests.
    static byte[] mapWithoutClearing(byte[] in) {
        return bytes(MAP2.mapToCurveAndIso3(element2(in, 0)));
    }

    private static BLS12_381G2Point pointG2(byte[] in, int from) {
        Fp2Element x = element2(in, from);
        Fp2Element y = element2(in, from + 2 * FIELD);
        if (x == null || y == null) {
            return null;
        }
        if (x.isZero() && y.isZero()) {
            return BLS12_381G2Point.INFINITY;
        }
        boolean onCurve = y.square().equals(x.square().mul(x).add(BLS12_381G2Point.B));
        return onCurve ? BLS12_381G2Point.of(x, y) : null;
    }

    private static boolean isInGroup(BLS12_381G2Point point) {
        // psi(P) = x P is so in the group alone (Scott, "A note on group membership tests").
        return point.isInfinity() || BLS12_381SubgroupCheck.psiG2(point).equals(times(X, point).negate());
    }

    /// Not the library's: it takes the number modulo the order of the group, in which not each point is.
    private static BLS12_381G2Point times(BigInteger k, BLS12_381G2Point point) {
        BLS12_381G2Point sum = BLS12_381G2Point.INFINITY;
        for (int i = k.bitLength() - 1; i >= 0; i--) {
            sum = sum.doublePoint();
            sum = k.testBit(i) ? sum.add(point) : sum;
        }
        return sum;
    }

    private static byte[] bytes(BLS12_381G2Point point) {
        byte[] out = new byte[POINT2];
        if (!point.isInfinity()) {
            put(point.x().c0(), out, 0);
            put(point.x().c1(), out, FIELD);
            put(point.y().c0(), out, 2 * FIELD);
            put(point.y().c1(), out, 3 * FIELD);
        }
        return out;
    }

    // --- pairing ----------------------------------------------------------------------------------------------------

    /// Precompile 15: whether the product of the pairings is one.
    static byte[] pairing(byte[] in) {
        int pair = POINT1 + POINT2;
        if (in.length == 0 || in.length % pair != 0) {
            return null;
        }
        List<ECPoint> left = new ArrayList<>();
        List<BLS12_381G2Point> right = new ArrayList<>();
        for (int at = 0; at < in.length; at += pair) {
            ECPoint p = pointG1(in, at);
            BLS12_381G2Point q = pointG2(in, at + POINT1);
            if (p == null || q == null || !isInGroup(p) || !isInGroup(q)) {
                return null;
            }
            if (!p.isInfinity() && !q.isInfinity()) {
                left.add(p);
                right.add(q);
            }
        }
        boolean one = left.isEmpty() || BLS12_381Pairing.multiPair(left.toArray(new ECPoint[0]), right.toArray(new BLS12_381G2Point[0]))
                .equals(Fp12Element.ONE);
        byte[] out = new byte[WORD];
        out[WORD - 1] = (byte) (one ? 1 : 0);
        return out;
    }

    // --- elements of the fields -------------------------------------------------------------------------------------

    /// {@return the element at `from`; null where it is not below p}
    private static BigInteger element(byte[] in, int from) {
        for (int i = 0; i < PAD; i++) {
            if (in[from + i] != 0) {
                return null;
            }
        }
        BigInteger value = LibraryPrecompiles.number(in, from + PAD, FIELD - PAD);
        return value.compareTo(P) < 0 ? value : null;
    }

    private static Fp2Element element2(byte[] in, int from) {
        BigInteger c0 = element(in, from);
        BigInteger c1 = element(in, from + FIELD);
        return c0 == null || c1 == null ? null : Fp2Element.of(c0, c1);
    }

    private static void put(BigInteger value, byte[] out, int at) {
        System.arraycopy(LibraryPrecompiles.bytes(value, FIELD), 0, out, at, FIELD);
    }
}
