package dev.coffer.crypto.internal.curve25519;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.Memory;
import dev.coffer.crypto.internal.LimbNumbers;
import dev.coffer.crypto.internal.limbs.Limbs;
import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// Every operation of the field beside BigInteger, with all limbs at the ends of what is documented.
class Field25519LimbsTest {
    private static final BigInteger P = BigInteger.TWO.pow(255).subtract(BigInteger.valueOf(19));
    private static final long MOST = (1L << 51) + (1L << 17);  // a limb that a product leaves
    private static final long LEAST = -(1L << 17);
    private static final long A = 0;
    private static final long B = 40;
    private static final long OUT = 80;
    private static final long SCRATCH = 120;
    private static final long BYTES = 300;

    private final MemorySegment w = Memory.zeros(400);

    private BigInteger value(long at) {
        return LimbNumbers.value(w, at, 51).mod(P);
    }

    private void assertCarried(BigInteger expected, Object of) {
        assertEquals(expected.mod(P), value(OUT), () -> of.toString());
        for (int i = 0; i < 5; i++) {
            long limb = LimbNumbers.limb(w, OUT, i);
            assertTrue(LEAST <= limb && limb <= MOST, () -> "limb " + limb + " of " + of);
        }
    }

    /// Elements of so many summands: all limbs at either end, at zero, or at the ends of a single element.
    private static List<long[]> extremes(long summands) {
        return LimbNumbers.patterns(5, -summands * MOST, 0, summands * MOST);
    }

    @Test
    void productsOfAsManySummandsAsDocumentedAreRight() {
        SplittableRandom random = new SplittableRandom(1);
        long[][] summands = {{1, 1}, {1, 31}, {2, 16}, {4, 8}, {5, 6}, {8, 4}, {16, 2}, {32, 1}};
        for (long[] k : summands) {
            List<long[]> right = extremes(k[1]);
            for (long[] left : extremes(k[0])) {
                for (int i = 0; i < 20; i++) {
                    long[] other = i == 0 ? left.clone() : right.get(random.nextInt(right.size()));
                    if (i == 0) {
                        Arrays.setAll(other, j -> Long.signum(left[j]) * k[1] * MOST);
                    }
                    LimbNumbers.set(w, A, left);
                    LimbNumbers.set(w, B, other);
                    Field25519.multiply(w, OUT, A, B);
                    assertCarried(value(A).multiply(value(B)), Arrays.toString(left) + " * " + Arrays.toString(other));
                }
            }
        }
    }

    @Test
    void squaresOfFiveSummandsAndSmallMultiplesOf32AreRight() {
        for (long k : new long[] {1, 2, 5}) {
            for (long[] limbs : extremes(k)) {
                LimbNumbers.set(w, A, limbs);
                Field25519.square(w, OUT, A);
                assertCarried(value(A).pow(2), Arrays.toString(limbs));
                Field25519.squareTimes(w, OUT, A, 3);
                assertCarried(value(A).pow(8), Arrays.toString(limbs));
            }
        }
        for (long[] limbs : extremes(32)) {
            for (long factor : new long[] {0, 1, 121_665, 121_666, 1 << 17}) {
                LimbNumbers.set(w, A, limbs);
                Field25519.multiplySmall(w, OUT, A, factor);
                assertCarried(value(A).multiply(BigInteger.valueOf(factor)), Arrays.toString(limbs) + " * " + factor);
            }
        }
    }

    private void assertEncodes(BigInteger expected, Object of) {
        Field25519.encode(w, A, w, BYTES);
        byte[] bytes = Memory.bytes(w.asSlice(BYTES, 32));
        BigInteger read = BigInteger.ZERO;
        for (int i = 31; i >= 0; i--) {
            read = read.shiftLeft(8).add(BigInteger.valueOf(bytes[i] & 0xff));
        }
        assertEquals(expected.mod(P), read, () -> of.toString());
    }

    /// The sum with 8p passes a multiple of 2^255 anywhere near: the second carry, the last one and the last reduction.
    @Test
    void encodesEveryElementOfSevenSummandsAndEachNearAMultipleOfTwoToThe255() {
        for (long k = 1; k <= 7; k++) {
            for (long[] limbs : extremes(k)) {
                LimbNumbers.set(w, A, limbs);
                assertEncodes(value(A), Arrays.toString(limbs));
            }
        }
        long mask = (1L << 51) - 1;
        for (long k = -6; k <= 6; k++) {
            for (long t = -330; t <= 330; t++) {  // k 2^255 + t, in two forms
                BigInteger number = BigInteger.TWO.pow(255).multiply(BigInteger.valueOf(k)).add(BigInteger.valueOf(t));
                LimbNumbers.set(w, A, t, 0, 0, 0, k << 51);
                assertEncodes(number, number);
                LimbNumbers.set(w, A, t + mask + 1, mask, mask, mask, (k << 51) - 1);
                assertEncodes(number, number);
            }
        }
    }

    @Test
    void decodesEachNumberOf256BitsWithoutItsTopBit() {
        BigInteger top = BigInteger.TWO.pow(255);
        for (BigInteger n : List.of(BigInteger.ZERO, BigInteger.ONE, P.subtract(BigInteger.ONE), P, P.add(BigInteger.ONE),
                top.subtract(BigInteger.ONE), BigInteger.TWO.pow(51).subtract(BigInteger.ONE), BigInteger.TWO.pow(204),
                new BigInteger("5a".repeat(31) + "a5", 16), new BigInteger("69".repeat(32), 16))) {
            for (BigInteger given : List.of(n.mod(top), n.mod(top).add(top))) {
                for (int i = 0; i < 32; i++) {
                    w.set(java.lang.foreign.ValueLayout.JAVA_BYTE, BYTES + i, given.shiftRight(8 * i).byteValue());
                }
                Field25519.decode(w, A, w, BYTES);
                assertEquals(given.mod(top), LimbNumbers.value(w, A, 51), given.toString(16));
                assertEncodes(given.mod(top), given.toString(16));
            }
        }
    }

    @Test
    void inversesAndRootsOfEdges() {
        for (BigInteger n : List.of(BigInteger.ZERO, BigInteger.ONE, BigInteger.TWO, P.subtract(BigInteger.ONE), P,
                P.add(BigInteger.ONE), BigInteger.TWO.pow(255).subtract(BigInteger.ONE))) {
            LimbNumbers.set(w, A, n, 51);
            Field25519.invert(w, OUT, A, SCRATCH);
            assertCarried(n.modPow(P.subtract(BigInteger.TWO), P), n);
            Field25519.power22523(w, OUT, A, SCRATCH);
            assertCarried(n.modPow(P.subtract(BigInteger.valueOf(5)).shiftRight(3), P), n);
        }
    }

    @Test
    void sumsDifferencesAndChoices() {
        LimbNumbers.set(w, A, MOST, LEAST, 1, -1, MOST);
        LimbNumbers.set(w, B, LEAST, MOST, -1, 1, 7);
        BigInteger a = LimbNumbers.value(w, A, 51);
        BigInteger b = LimbNumbers.value(w, B, 51);
        Limbs.add(w, OUT, A, B);
        assertEquals(a.add(b), LimbNumbers.value(w, OUT, 51));
        Limbs.subtract(w, OUT, A, B);
        assertEquals(a.subtract(b), LimbNumbers.value(w, OUT, 51));
        Limbs.negate(w, OUT, A);
        assertEquals(a.negate(), LimbNumbers.value(w, OUT, 51));
        Limbs.swapIf(w, 0, A, B);
        assertEquals(a, LimbNumbers.value(w, A, 51));
        Limbs.swapIf(w, -1, A, B);
        assertEquals(List.of(b, a), List.of(LimbNumbers.value(w, A, 51), LimbNumbers.value(w, B, 51)));
        Limbs.copyIf(w, 0, A, B);
        assertEquals(b, LimbNumbers.value(w, A, 51));
        Limbs.copyIf(w, -1, A, B);
        assertEquals(a, LimbNumbers.value(w, A, 51));
    }
}
