package dev.coffer.crypto.internal.curve25519;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.Memory;
import dev.coffer.crypto.internal.LimbNumbers;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The group beside its equations on BigInteger: the neutral element, equal and opposite points, all eight of small order,
/// scalars around 0 and the order.
class Edwards25519EdgesTest {
    private static final BigInteger ONE = BigInteger.ONE;
    private static final BigInteger P = BigInteger.TWO.pow(255).subtract(BigInteger.valueOf(19));
    private static final BigInteger L = BigInteger.TWO.pow(252).add(new BigInteger("27742317777372353535851937790883648493"));
    private static final BigInteger D = BigInteger.valueOf(-121_665).multiply(BigInteger.valueOf(121_666).modInverse(P)).mod(P);
    private static final BigInteger ROOT = BigInteger.TWO.modPow(P.subtract(ONE).shiftRight(2), P);  // of -1
    private static final long POINT = 0;
    private static final long OTHER = Edwards25519.POINT_BYTES;
    private static final long BYTES = 2 * Edwards25519.POINT_BYTES;
    private static final long SCALARS = BYTES + 32;
    private static final long S = SCALARS + 64;

    private final MemorySegment w = Memory.zeros(S + Edwards25519.TWO_BYTES);

    /// RFC 8032, section 5.1, on affine coordinates.
    private record Affine(BigInteger x, BigInteger y) {
        static final Affine NEUTRAL = new Affine(BigInteger.ZERO, ONE);

        Affine plus(Affine q) {
            BigInteger t = D.multiply(x).multiply(q.x).multiply(y).multiply(q.y).mod(P);
            return new Affine(x.multiply(q.y).add(y.multiply(q.x)).multiply(ONE.add(t).modInverse(P)).mod(P),
                    y.multiply(q.y).add(x.multiply(q.x)).multiply(ONE.subtract(t).modInverse(P)).mod(P));
        }

        Affine negated() {
            return new Affine(x.negate().mod(P), y);
        }

        Affine times(BigInteger n) {
            Affine sum = NEUTRAL;
            for (int i = n.bitLength() - 1; i >= 0; i--) {
                sum = sum.plus(sum);
                sum = n.testBit(i) ? sum.plus(this) : sum;
            }
            return sum;
        }

        /// From y and the low bit of x, which exists.
        static Affine of(BigInteger y, int sign) {
            BigInteger square = y.pow(2).subtract(ONE).multiply(D.multiply(y.pow(2)).add(ONE).modInverse(P)).mod(P);
            BigInteger x = square.modPow(P.add(BigInteger.valueOf(3)).shiftRight(3), P);
            x = x.pow(2).mod(P).equals(square) ? x : x.multiply(ROOT).mod(P);
            assertEquals(square, x.pow(2).mod(P));
            return new Affine(x.testBit(0) == (sign == 1) ? x : x.negate().mod(P), y);
        }
    }

    private static final Affine BASE = Affine.of(BigInteger.valueOf(4).multiply(BigInteger.valueOf(5).modInverse(P)).mod(P), 0);

    /// All eight, as multiples of one of order 8: L times any point is of small order.
    private static List<Affine> smallOrder() {
        List<Affine> all = new ArrayList<>();
        for (int y = 2; all.isEmpty(); y++) {
            BigInteger number = BigInteger.valueOf(y);
            BigInteger square = number.pow(2).subtract(ONE).multiply(D.multiply(number.pow(2)).add(ONE).modInverse(P)).mod(P);
            if (square.modPow(P.subtract(ONE).shiftRight(1), P).equals(ONE)) {
                Affine torsion = Affine.of(number, 0).times(L);
                if (!torsion.times(BigInteger.valueOf(4)).equals(Affine.NEUTRAL)) {
                    for (int i = 0; i < 8; i++) {
                        all.add(torsion.times(BigInteger.valueOf(i)));
                    }
                }
            }
        }
        assertEquals(Affine.NEUTRAL, all.get(1).times(BigInteger.valueOf(8)));
        return all;
    }

    private static List<Affine> points() {
        List<Affine> points = new ArrayList<>(smallOrder());
        for (Affine p : List.of(BASE, BASE.plus(BASE), BASE.times(BigInteger.valueOf(77)).plus(points.get(1)))) {
            points.add(p);
            points.add(p.negated());
        }
        return points;
    }

    private void write(long at, Affine p, BigInteger z) {
        BigInteger[] all = {p.x.multiply(z), p.y.multiply(z), z, p.x.multiply(p.y).multiply(z)};
        for (int i = 0; i < 4; i++) {
            LimbNumbers.set(w, at + i * Field25519.BYTES, all[i].mod(P), 51);
        }
    }

    private void assertPoint(Affine expected, Object of, boolean withT) {
        BigInteger[] all = new BigInteger[4];
        for (int i = 0; i < 4; i++) {
            all[i] = LimbNumbers.value(w, POINT + i * Field25519.BYTES, 51).mod(P);
        }
        BigInteger z = all[2].modInverse(P);
        assertEquals(expected, new Affine(all[0].multiply(z).mod(P), all[1].multiply(z).mod(P)), () -> of.toString());
        if (withT) {
            assertEquals(expected.x.multiply(expected.y).mod(P), all[3].multiply(z).mod(P), () -> "T of " + of);
        }
    }

    @Test
    void everyPairIsAddedAndEveryPointDoubledAndNegated() {
        for (BigInteger z : List.of(ONE, P.subtract(ONE), BigInteger.TWO.pow(254))) {
            for (Affine p : points()) {
                for (Affine q : points()) {
                    write(OTHER, q, z.add(BigInteger.TWO));
                    Edwards25519.cache(w, OTHER, OTHER, S);
                    write(POINT, p, z);
                    Edwards25519.addCached(w, POINT, OTHER, S);
                    assertPoint(p.plus(q), p + " + " + q, true);
                }
                for (boolean withT : new boolean[] {true, false}) {
                    write(POINT, p, z);
                    Edwards25519.twice(w, POINT, withT, S);
                    assertPoint(p.plus(p), "2 * " + p, withT);
                }
                write(POINT, p, z);
                Edwards25519.negate(w, POINT);
                assertPoint(p.negated(), "-" + p, true);
            }
        }
    }

    private BigInteger read(long at) {
        byte[] bytes = Memory.bytes(w.asSlice(at, 32));
        BigInteger number = BigInteger.ZERO;
        for (int i = 31; i >= 0; i--) {
            number = number.shiftLeft(8).add(BigInteger.valueOf(bytes[i] & 0xff));
        }
        return number;
    }

    private void number(long at, BigInteger value) {
        for (int i = 0; i < 32; i++) {
            w.set(ValueLayout.JAVA_BYTE, at + i, value.shiftRight(8 * i).byteValue());
        }
    }

    @Test
    void everyPointIsEncodedAndDecodedAndNothingElseIs() {
        for (Affine p : points()) {
            write(POINT, p, BigInteger.TEN);
            Edwards25519.encode(w, POINT, w, BYTES, S);
            assertEquals(p.x.testBit(0) ? p.y.setBit(255) : p.y, read(BYTES));
            assertTrue(Edwards25519.decode(w, POINT, w, BYTES, S), () -> p.toString());
            assertPoint(p, p, true);
            write(POINT, p, BigInteger.TEN);
            Edwards25519.encodeMontgomeryU(w, POINT, w, BYTES, S);
            BigInteger divisor = ONE.subtract(p.y).mod(P);
            assertEquals(divisor.signum() == 0 ? BigInteger.ZERO : ONE.add(p.y).multiply(divisor.modInverse(P)).mod(P), read(BYTES));
        }
        BigInteger top = BigInteger.TWO.pow(255);
        for (BigInteger no : List.of(ONE.add(top), P.subtract(ONE).add(top), P, P.add(ONE), P.add(top), top.subtract(ONE),
                top.add(top).subtract(ONE), BigInteger.TWO)) {  // -0 twice, p and above, no root
            number(BYTES, no);
            assertFalse(Edwards25519.decode(w, POINT, w, BYTES, S), () -> no.toString(16));
        }
    }

    @Test
    void everyEdgeScalarTimesTheBaseIsRight() {
        List<BigInteger> scalars = new ArrayList<>(List.of(BigInteger.TWO.pow(255).subtract(ONE), BigInteger.TWO.pow(254),
                new BigInteger("08".repeat(32), 16), new BigInteger("78".repeat(32), 16), new BigInteger("77".repeat(32), 16)));
        for (int by = -2; by <= 2; by++) {
            for (BigInteger near : List.of(BigInteger.TWO, BigInteger.valueOf(8), BigInteger.valueOf(128), L, L.shiftLeft(1),
                    BigInteger.TWO.pow(252))) {
                scalars.add(near.add(BigInteger.valueOf(by)));
            }
        }
        for (BigInteger scalar : scalars) {
            number(SCALARS, scalar);
            Edwards25519.multiplyBase(w, POINT, SCALARS, S);
            assertPoint(BASE.times(scalar), scalar.toString(16), true);
        }
    }

    @Test
    void everyPairOfEdgeScalarsTimesTheBaseAndAPointIsRight() {
        List<BigInteger> scalars = List.of(BigInteger.ZERO, ONE, BigInteger.TWO, BigInteger.valueOf(15), BigInteger.valueOf(16),
                BigInteger.valueOf(127), L.subtract(ONE), L, L.add(ONE), BigInteger.TWO.pow(253).subtract(ONE));
        List<Affine> ofBase = scalars.stream().map(BASE::times).toList();
        for (Affine p : List.of(Affine.NEUTRAL, BASE, BASE.negated(), points().get(1), points().get(12))) {
            List<Affine> ofPoint = scalars.stream().map(p::times).toList();
            for (BigInteger a : scalars) {
                for (BigInteger b : scalars) {
                    number(SCALARS, a);
                    number(SCALARS + 32, b);
                    write(POINT, p, BigInteger.TEN);
                    Edwards25519.multiplyTwo(w, POINT, SCALARS, SCALARS + 32, S);
                    assertPoint(ofBase.get(scalars.indexOf(b)).plus(ofPoint.get(scalars.indexOf(a))), a.toString(16) + ", " + b.toString(16), false);
                }
            }
        }
    }
}
