package dev.coffer.crypto.p256;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.Memory;
import dev.coffer.crypto.internal.LimbNumbers;
import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// Every operation of the field beside BigInteger, with all limbs at the ends of what is documented.
class P256FieldLimbsTest {
    private static final BigInteger P =
            new BigInteger("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff", 16);
    private static final BigInteger R = BigInteger.TWO.pow(260);
    private static final BigInteger UNDO = R.modInverse(P);
    private static final BigInteger EDGE = BigInteger.TWO.pow(252);  // elements are tried this far outside of 0..2^256
    private static final BigInteger PRODUCT_SLACK = BigInteger.TWO.pow(253);
    private static final BigInteger SUM_SLACK = BigInteger.TWO.pow(228);
    private static final BigInteger ALL = BigInteger.TWO.pow(256);
    private static final long A = 0;
    private static final long B = 40;
    private static final long OUT = 80;
    private static final long SCRATCH = 120;
    private static final long BYTES = 400;

    private final MemorySegment w = Memory.zeros(500);

    private BigInteger at(long element) {
        return LimbNumbers.value(w, element, 52);
    }

    private void assertSum(BigInteger expected, Object of) {
        assertElement(expected, SUM_SLACK, of);
    }

    private void assertElement(BigInteger expected, BigInteger slack, Object of) {
        assertEquals(expected.mod(P), at(OUT).mod(P), () -> of.toString());
        assertTrue(at(OUT).compareTo(slack.negate()) >= 0 && at(OUT).compareTo(ALL.add(slack)) <= 0,
                () -> at(OUT).toString(16) + " of " + of);
    }

    private void assertProduct(BigInteger expected, Object of) {
        assertElement(expected, PRODUCT_SLACK, of);
        for (int i = 0; i < 4; i++) {
            assertTrue(Math.abs(LimbNumbers.limb(w, OUT, i)) <= (1L << 52) + (1L << 11), () -> "limbs of " + of);
        }
    }

    /// Elements whose four low limbs are each at either end or zero, and which as numbers are at the ends too.
    private static List<long[]> extremes(long most) {
        List<long[]> all = new ArrayList<>();
        for (long[] low : LimbNumbers.patterns(4, -most, 0, most)) {
            for (long top : new long[] {-(1L << 44), 0, (1L << 48) - 1, (1L << 48) + (1L << 44)}) {
                long[] limbs = Arrays.copyOf(low, 5);
                limbs[4] = top;
                all.add(limbs);
            }
        }
        return all;
    }

    @Test
    void productsWithEveryLimbAtItsEndAreRight() {
        SplittableRandom random = new SplittableRandom(2);
        for (int[] bits : new int[][] {{56, 56}, {57, 55}, {55, 57}, {52, 52}}) {
            List<long[]> right = extremes((1L << bits[1]) - 1);
            for (long[] left : extremes((1L << bits[0]) - 1)) {
                for (int i = 0; i < 20; i++) {
                    long[] other = right.get(random.nextInt(right.size()));
                    if (i == 0) {  // each limb product positive, so that columns are as large as can be
                        Arrays.setAll(other = new long[5], j -> j == 4 ? left[4] : Long.signum(left[j]) * ((1L << bits[1]) - 1));
                    }
                    LimbNumbers.set(w, A, left);
                    LimbNumbers.set(w, B, other);
                    P256Field.multiply(w, OUT, A, B);
                    assertProduct(at(A).multiply(at(B)).multiply(UNDO), Arrays.toString(left) + " * " + Arrays.toString(other));
                }
            }
        }
    }

    @Test
    void squaresWithEveryLimbAtItsEndAreRight() {
        for (int bits : new int[] {52, 55, 56}) {
            for (long[] limbs : extremes((1L << bits) - 1)) {
                LimbNumbers.set(w, A, limbs);
                P256Field.square(w, OUT, A);
                assertProduct(at(A).pow(2).multiply(UNDO), Arrays.toString(limbs));
            }
        }
    }

    /// Sums fold what they have above 256 bits, of either sign.
    @Test
    void sumsAndMultiplesStayInTheirBounds() {
        List<long[]> elements = extremes((1L << 52) + (1L << 11));
        SplittableRandom random = new SplittableRandom(3);
        for (long[] left : elements) {
            LimbNumbers.set(w, A, left);
            for (int i = 0; i < 10; i++) {
                LimbNumbers.set(w, B, elements.get(random.nextInt(elements.size())));
                P256Field.add(w, OUT, A, B);
                assertSum(at(A).add(at(B)), "sum");
                P256Field.subtract(w, OUT, A, B);
                assertSum(at(A).subtract(at(B)), "difference");
            }
            for (long n = -8; n <= 8; n++) {
                P256Field.times(w, OUT, A, n);
                assertSum(at(A).multiply(BigInteger.valueOf(n)), n);
            }
            P256Field.negateIf(w, -1, OUT, A);
            assertSum(at(A).negate(), "negated");
            P256Field.negateIf(w, 0, OUT, A);
            assertSum(at(A), "not negated");
        }
    }

    private static List<BigInteger> edges() {
        List<BigInteger> edges = new ArrayList<>();
        for (BigInteger near : new BigInteger[] {BigInteger.ZERO, P, ALL, EDGE.negate(), ALL.add(EDGE),
                BigInteger.TWO.pow(52), BigInteger.TWO.pow(96), BigInteger.TWO.pow(104), BigInteger.TWO.pow(156),
                BigInteger.TWO.pow(192), BigInteger.TWO.pow(208), BigInteger.TWO.pow(224), BigInteger.TWO.pow(255)}) {
            for (int by = -2; by <= 2; by++) {
                edges.add(near.add(BigInteger.valueOf(by)));
            }
        }
        return edges;
    }

    /// What an element stands for is its number divided by R: so each edge is also tried times R, where the last
    /// subtraction is decided.
    @Test
    void encodesAndComparesWithZeroAtEveryEdge() {
        for (BigInteger edge : edges()) {
            for (BigInteger number : List.of(edge, edge.multiply(R).mod(P), edge.multiply(R).mod(P).subtract(P).max(EDGE.negate()))) {
                LimbNumbers.set(w, A, number, 52);
                long carried = LimbNumbers.limb(w, A, 1);
                for (int form = 0; form < 3; form++) {  // the same number with a limb that borrows from the next
                    LimbNumbers.set(w, A, number, 52);
                    long by = form == 0 ? 0 : form == 1 ? 1 : -1;
                    LimbNumbers.set(w, A, LimbNumbers.limb(w, A, 0) + (by << 52), carried - by, LimbNumbers.limb(w, A, 2), LimbNumbers.limb(w, A, 3),
                            LimbNumbers.limb(w, A, 4));
                    BigInteger expected = number.multiply(UNDO).mod(P);
                    P256Field.encode(w, A, w, BYTES, SCRATCH);
                    assertEquals(expected, new BigInteger(1, Memory.bytes(w.asSlice(BYTES, 32))), number.toString(16));
                    assertEquals(expected.signum() == 0 ? -1 : 0, P256Field.maskZero(w, A, SCRATCH), number.toString(16));
                }
            }
        }
    }

    @Test
    void decodesWhatIsBelowPAndSaysWhatIsNot() {
        for (BigInteger edge : edges()) {
            if (edge.signum() < 0 || edge.compareTo(ALL) >= 0) {
                continue;
            }
            for (int i = 0; i < 32; i++) {
                w.set(java.lang.foreign.ValueLayout.JAVA_BYTE, BYTES + 31 - i, edge.shiftRight(8 * i).byteValue());
            }
            assertEquals(edge.compareTo(P) < 0, P256Field.decode(w, OUT, w, BYTES, SCRATCH), edge.toString(16));
            assertProduct(edge.multiply(R), edge.toString(16));
        }
    }

    @Test
    void inversesAndRootsOfEdges() {
        for (BigInteger edge : edges()) {
            BigInteger plain = edge.multiply(UNDO).mod(P);
            LimbNumbers.set(w, A, edge, 52);
            P256Field.invert(w, OUT, A, SCRATCH);
            assertProduct(plain.modPow(P.subtract(BigInteger.TWO), P).multiply(R), edge.toString(16));
            P256Field.root(w, OUT, A, SCRATCH);
            assertProduct(plain.modPow(P.add(BigInteger.ONE).shiftRight(2), P).multiply(R), edge.toString(16));
        }
        P256Field.one(w, OUT);
        assertSum(R, "one");
    }
}
