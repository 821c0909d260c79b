package dev.coffer.crypto.p256;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.coffer.crypto.Memory;
import dev.coffer.crypto.internal.LimbNumbers;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.bouncycastle.math.ec.ECPoint;
import org.junit.jupiter.api.Test;

/// Additions, doublings and multiplications where formulas that are not complete go wrong, beside Bouncy Castle: the
/// neutral element, equal and opposite points, scalars around 0 and the order.
class P256PointEdgesTest {
    private static final BigInteger P =
            new BigInteger("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff", 16);
    private static final BigInteger N =
            new BigInteger("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", 16);
    private static final ECPoint G = CustomNamedCurves.getByName("P-256").getG();
    private static final long FIRST = 0;
    private static final long SECOND = P256Point.POINT_BYTES;
    private static final long SCALAR = 2 * P256Point.POINT_BYTES;
    private static final long OUT = SCALAR + 32;
    private static final long S = OUT + 64;

    private final MemorySegment w = Memory.zeros(S + P256Point.MULTIPLY_BYTES);

    private static List<ECPoint> points() {
        List<ECPoint> points = new ArrayList<>(List.of(G.getCurve().getInfinity()));
        for (ECPoint point : List.of(G, G.twice(), G.multiply(BigInteger.valueOf(7)), G.multiply(N.shiftRight(1)))) {
            points.add(point.normalize());
            points.add(point.negate().normalize());
        }
        points.add(G.getCurve().decodePoint(java.util.HexFormat.of().parseHex("02" + "00".repeat(32))));  // x = 0
        return points;
    }

    /// Writes (x z : y z : z), in Montgomery's form; the neutral element as (0 : z : 0).
    private void write(long at, ECPoint point, BigInteger z) {
        BigInteger inner = z.shiftLeft(260);
        boolean neutral = point.isInfinity();
        BigInteger x = neutral ? BigInteger.ZERO : point.getAffineXCoord().toBigInteger();
        BigInteger y = neutral ? BigInteger.ONE : point.getAffineYCoord().toBigInteger();
        LimbNumbers.set(w, at, x.multiply(inner).mod(P), 52);
        LimbNumbers.set(w, at + P256Field.BYTES, y.multiply(inner).mod(P), 52);
        LimbNumbers.set(w, at + 2 * P256Field.BYTES, neutral ? BigInteger.ZERO : inner.mod(P), 52);
    }

    private void assertPoint(ECPoint expected, Object of) {
        ECPoint point = expected.normalize();
        BigInteger x = LimbNumbers.value(w, FIRST, 52).mod(P);
        BigInteger y = LimbNumbers.value(w, FIRST + P256Field.BYTES, 52).mod(P);
        BigInteger z = LimbNumbers.value(w, FIRST + 2 * P256Field.BYTES, 52).mod(P);
        assertEquals(point.isInfinity(), z.signum() == 0, () -> "neutral: " + of);
        if (point.isInfinity()) {
            assertEquals(true, x.signum() == 0 && y.signum() != 0, () -> of.toString());
        } else {
            assertEquals(point.getAffineXCoord().toBigInteger(), x.multiply(z.modInverse(P)).mod(P), () -> of.toString());
            assertEquals(point.getAffineYCoord().toBigInteger(), y.multiply(z.modInverse(P)).mod(P), () -> of.toString());
        }
    }

    @Test
    void everyPairIsAddedAndEveryPointDoubled() {
        P256Point.constants(w, S);
        for (BigInteger z : List.of(BigInteger.ONE, BigInteger.TWO.pow(255), P.subtract(BigInteger.ONE))) {
            for (ECPoint p : points()) {
                for (ECPoint q : points()) {
                    write(FIRST, p, z);
                    write(SECOND, q, BigInteger.valueOf(3).multiply(z));
                    P256Point.add(w, FIRST, SECOND, S);
                    assertPoint(p.add(q), p + " + " + q);
                    if (!q.isInfinity()) {
                        write(FIRST, p, z);
                        write(SECOND, q, BigInteger.ONE);
                        P256Point.addAffine(w, FIRST, SECOND, S);
                        assertPoint(p.add(q), p + " + affine " + q);
                    }
                }
                write(FIRST, p, z);
                P256Point.twice(w, FIRST, S);
                assertPoint(p.twice(), "2 * " + p);
            }
        }
    }

    /// Scalars of digits -16, 15 and 0, those around 0 and the order, and such as no caller lets through.
    @Test
    void everyEdgeScalarTimesEveryPointIsRight() {
        List<BigInteger> scalars = new ArrayList<>(List.of(BigInteger.TWO.pow(256).subtract(BigInteger.ONE), N.shiftRight(1),
                N.shiftRight(1).add(BigInteger.ONE), BigInteger.TWO.pow(255), BigInteger.TWO.pow(255).subtract(BigInteger.ONE),
                new BigInteger("84210".repeat(12), 16), new BigInteger("7bdef".repeat(12), 16)));
        for (int by = -2; by <= 2; by++) {
            scalars.add(N.add(BigInteger.valueOf(by)));
            for (int small : new int[] {2, 16, 32, 512, 1024}) {
                scalars.add(BigInteger.valueOf(small + by));
            }
        }
        for (BigInteger scalar : scalars) {
            for (int i = 0; i < 32; i++) {
                w.set(ValueLayout.JAVA_BYTE, SCALAR + 31 - i, scalar.shiftRight(8 * i).byteValue());
            }
            P256Point.multiplyBase(w, FIRST, SCALAR, S);
            assertPoint(G.multiply(scalar), scalar.toString(16) + " * G");
            for (ECPoint p : points()) {
                write(FIRST, p, BigInteger.TEN);
                P256Point.multiply(w, FIRST, SCALAR, S);
                assertPoint(p.multiply(scalar), scalar.toString(16) + " * " + p);
            }
        }
    }
}
