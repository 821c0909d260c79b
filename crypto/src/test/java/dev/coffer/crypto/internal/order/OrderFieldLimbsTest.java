package dev.coffer.crypto.internal.order;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.Memory;
import dev.coffer.crypto.internal.LimbNumbers;
import dev.coffer.crypto.internal.limbs.Limbs;
import dev.coffer.crypto.internal.limbs.Radix52;
import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Numbers modulo both orders beside BigInteger, at 0, around the order, and with all limbs at their ends.
class OrderFieldLimbsTest {
    private static final BigInteger R = BigInteger.TWO.pow(260);
    private static final BigInteger ALL = BigInteger.TWO.pow(256);
    private static final BigInteger ONE = BigInteger.ONE;
    private static final long A = 0;
    private static final long B = 40;
    private static final long OUT = 80;
    private static final long SCRATCH = 120;
    private static final long BYTES = 800;

    private record Order(OrderField field, BigInteger m) {}

    private static final List<Order> ORDERS = List.of(
            new Order(OrderField.EDWARDS25519,
                    BigInteger.TWO.pow(252).add(new BigInteger("27742317777372353535851937790883648493"))),
            new Order(OrderField.P256,
                    new BigInteger("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", 16)));

    private final MemorySegment w = Memory.zeros(900);

    /// Plain numbers of 256 bits.
    private static List<BigInteger> edges(BigInteger m) {
        List<BigInteger> edges = new ArrayList<>();
        for (BigInteger near : new BigInteger[] {BigInteger.ZERO, m, m.shiftLeft(1), m.multiply(BigInteger.TEN), ALL,
                BigInteger.TWO.pow(255), BigInteger.TWO.pow(252), BigInteger.TWO.pow(208), BigInteger.TWO.pow(156),
                BigInteger.TWO.pow(104), BigInteger.TWO.pow(52)}) {
            for (int by = -2; by <= 2; by++) {
                BigInteger edge = near.add(BigInteger.valueOf(by));
                if (edge.signum() >= 0 && edge.compareTo(ALL) < 0) {
                    edges.add(edge);
                }
            }
        }
        return edges;
    }

    private BigInteger at(long element) {
        return LimbNumbers.value(w, element, 52);
    }

    /// What a product leaves: congruent, below 2m, its limbs carried.
    private void assertProduct(Order order, BigInteger expected) {
        assertEquals(expected.mod(order.m), at(OUT).mod(order.m));
        assertTrue(at(OUT).compareTo(order.m.shiftLeft(1)) < 0 && at(OUT).signum() >= 0, () -> at(OUT).toString(16));
        for (int i = 0; i < 4; i++) {
            assertEquals(0, LimbNumbers.limb(w, OUT, i) >> 52);
        }
    }

    @Test
    void productsOfEdgesAreRightAndBelowTwiceTheOrder() {
        for (Order order : ORDERS) {
            BigInteger inverse = R.modInverse(order.m);
            List<BigInteger> edges = edges(order.m);
            for (BigInteger a : edges) {
                for (BigInteger b : edges) {
                    LimbNumbers.set(w, A, a, 52);
                    LimbNumbers.set(w, B, b, 52);
                    order.field.multiply(w, OUT, A, B);
                    assertProduct(order, a.multiply(b).multiply(inverse));
                }
            }
        }
    }

    /// A sum below 2^259 whose limbs were not carried, by a product below 2m.
    @Test
    void aSumWithEveryLimbAtItsEndTimesAProductIsRight() {
        for (Order order : ORDERS) {
            BigInteger inverse = R.modInverse(order.m);
            long full = (1L << 52) - 1;
            for (long[] limbs : LimbNumbers.patterns(5, 0, full, 7 * full)) {
                limbs[4] = Math.min(limbs[4], (1L << 51) - 8);
                for (BigInteger b : List.of(BigInteger.ZERO, ONE, order.m, order.m.shiftLeft(1).subtract(ONE))) {
                    LimbNumbers.set(w, A, limbs);
                    LimbNumbers.set(w, B, b, 52);
                    BigInteger expected = at(A).multiply(b).multiply(inverse);
                    order.field.multiply(w, OUT, A, B);
                    assertProduct(order, expected);
                    LimbNumbers.set(w, A, limbs);
                    order.field.leave(w, OUT, A);
                    assertEquals(LimbNumbers.value(w, A, 52).multiply(inverse).mod(order.m), at(OUT));
                }
            }
        }
    }

    @Test
    void everyNumberIsReducedBelowTheOrder() {
        for (Order order : ORDERS) {
            for (BigInteger a : edges(order.m)) {
                LimbNumbers.set(w, A, a, 52);
                order.field.reduce(w, OUT, A);
                assertEquals(a.mod(order.m), at(OUT), a.toString(16));
                assertEquals(a.compareTo(order.m) < 0 ? -1 : 0, order.field.maskBelow(w, A), a.toString(16));
                assertEquals(a.signum() == 0 ? -1 : 0, Limbs.maskZero(w, A), a.toString(16));
                order.field.enter(w, OUT, A);
                assertProduct(order, a.multiply(R));
                for (BigInteger high : edges(order.m)) {
                    LimbNumbers.set(w, B, high, 52);
                    order.field.enterWide(w, OUT, A, B);
                    order.field.leave(w, OUT, OUT);
                    assertEquals(a.add(high.multiply(ALL)).mod(order.m), at(OUT));
                }
            }
        }
    }

    /// The last subtraction: both sides of m, at each limb from which a borrow can come.
    @Test
    void whatLeavesIsBelowTheOrderAlsoWhereTheProductIsTheOrderItself() {
        for (Order order : ORDERS) {
            for (BigInteger near : edges(order.m)) {
                BigInteger inner = near.multiply(R).mod(order.m);
                for (BigInteger form : List.of(inner, inner.add(order.m))) {
                    LimbNumbers.set(w, A, form, 52);
                    order.field.leave(w, OUT, A);
                    assertEquals(near.mod(order.m), at(OUT), near.toString(16));
                }
            }
        }
    }

    @Test
    void inversesOfEdgesAndOfZero() {
        for (Order order : ORDERS) {
            for (BigInteger a : edges(order.m)) {
                LimbNumbers.set(w, A, a, 52);
                order.field.enter(w, A, A);
                order.field.invert(w, OUT, A, SCRATCH);
                order.field.leave(w, OUT, OUT);
                assertEquals(a.modPow(order.m.subtract(BigInteger.TWO), order.m), at(OUT), a.toString(16));
            }
        }
    }

    @Test
    void oneMoreAndTheOrderMoreCarryThroughEveryLimb() {
        for (Order order : ORDERS) {
            for (BigInteger a : edges(order.m)) {
                LimbNumbers.set(w, A, a, 52);
                OrderField.increment(w, A);
                assertEquals(a.add(ONE), at(A));
                if (a.compareTo(order.m) < 0) {
                    LimbNumbers.set(w, A, a, 52);
                    boolean past = order.field.addOrder(w, A);
                    assertEquals(a.add(order.m), at(A));
                    assertEquals(a.add(order.m).compareTo(ALL) >= 0, past, a.toString(16));
                }
            }
        }
    }

    @Test
    void bothOrdersOfBytesReadWhatTheyWrote() {
        for (BigInteger a : edges(ORDERS.get(1).m)) {
            LimbNumbers.set(w, A, a, 52);
            Radix52.encodeBigEndian(w, A, w, BYTES);
            Radix52.encodeLittleEndian(w, A, w, BYTES + 32);
            byte[] big = Memory.bytes(w.asSlice(BYTES, 32));
            assertEquals(a, new BigInteger(1, big));
            for (int i = 0; i < 32; i++) {
                assertEquals(big[31 - i], w.get(java.lang.foreign.ValueLayout.JAVA_BYTE, BYTES + 32 + i));
            }
            Radix52.decodeBigEndian(w, B, w, BYTES);
            Radix52.decodeLittleEndian(w, OUT, w, BYTES + 32);
            assertEquals(List.of(a, a), List.of(at(B), at(OUT)));
        }
    }
}
