package dev.coffer.evm.curve;

import java.math.BigInteger;

/// Precompiles 6 and 7 as EIP-196 has them, on `BigInteger`: addition and multiplication on y^2 = x^3 + 3 over the prime field of alt_bn128.
public final class Bn254Model {
    static final BigInteger P =
            new BigInteger("21888242871839275222246405745257275088696311157297823662689037894645226208583");
    static final BigInteger N =
            new BigInteger("21888242871839275222246405745257275088548364400416034343698204186575808495617");
    private static final BigInteger THREE = BigInteger.valueOf(3);
    private static final int WORD = 32;

    /// A point; both coordinates null at infinity.
    record Point(BigInteger x, BigInteger y) {
        static final Point INFINITY = new Point(null, null);

        boolean infinite() {
            return x == null;
        }
    }

    private Bn254Model() {}

    public static byte[] add(byte[] in) {
        Point a = point(in, 0);
        Point b = point(in, 2 * WORD);
        return a == null || b == null ? null : bytes(add(a, b));
    }

    public static byte[] multiply(byte[] in) {
        Point a = point(in, 0);
        if (a == null) {
            return null;
        }
        BigInteger k = number(in, 2 * WORD, WORD);
        Point sum = Point.INFINITY;
        for (int i = k.bitLength() - 1; i >= 0; i--) {
            sum = add(sum, sum);
            sum = k.testBit(i) ? add(sum, a) : sum;
        }
        return bytes(sum);
    }

    /// {@return the point at `from`, zeros past the end; null where that is none}
    static Point point(byte[] in, int from) {
        BigInteger x = number(in, from, WORD);
        BigInteger y = number(in, from + WORD, WORD);
        if (x.compareTo(P) >= 0 || y.compareTo(P) >= 0) {
            return null;
        }
        if (x.signum() == 0 && y.signum() == 0) {
            return Point.INFINITY;
        }
        return y.multiply(y).subtract(x.pow(3)).subtract(THREE).mod(P).signum() == 0 ? new Point(x, y) : null;
    }

    private static Point add(Point a, Point b) {
        if (a.infinite() || b.infinite()) {
            return a.infinite() ? b : a;
        }
        BigInteger slope;
        if (a.x.equals(b.x)) {
            if (a.y.add(b.y).mod(P).signum() == 0) {
                return Point.INFINITY;
            }
            slope = a.x.multiply(a.x).multiply(THREE).multiply(a.y.shiftLeft(1).modInverse(P)).mod(P);
        } else {
            slope = b.y.subtract(a.y).multiply(b.x.subtract(a.x).modInverse(P)).mod(P);
        }
        BigInteger x = slope.multiply(slope).subtract(a.x).subtract(b.x).mod(P);
        return new Point(x, slope.multiply(a.x.subtract(x)).subtract(a.y).mod(P));
    }

    private static byte[] bytes(Point point) {
        byte[] out = new byte[2 * WORD];
        if (!point.infinite()) {
            System.arraycopy(bytes(point.x, WORD), 0, out, 0, WORD);
            System.arraycopy(bytes(point.y, WORD), 0, out, WORD, WORD);
        }
        return out;
    }

    /// {@return the number of `length` bytes at `from`, zeros past the end}
    static BigInteger number(byte[] in, int from, int length) {
        byte[] bytes = new byte[length];
        if (from < in.length) {
            System.arraycopy(in, from, bytes, 0, Math.min(length, in.length - from));
        }
        return new BigInteger(1, bytes);
    }

    /// {@return a number as `length` bytes from the left}
    static byte[] bytes(BigInteger value, int length) {
        byte[] out = new byte[length];
        byte[] raw = value.toByteArray();
        int used = Math.min(length, raw.length);
        System.arraycopy(raw, raw.length - used, out, length - used, used);
        return out;
    }
}
