package dev.coffer.crypto.p256;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.Memory;
import dev.coffer.crypto.internal.LimbNumbers;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.bouncycastle.math.ec.ECPoint;
import org.junit.jupiter.api.Test;

/// The sum of two multiples beside Bouncy Castle, where on its way the two points are equal, opposite or neutral: no signature
/// of a test file comes there.
class P256PublicEdgesTest {
    private static final BigInteger P =
            new BigInteger("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff", 16);
    private static final BigInteger N =
            new BigInteger("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", 16);
    private static final ECPoint G = CustomNamedCurves.getByName("P-256").getG();
    private static final long U1 = P256Point.POINT_BYTES;
    private static final long U2 = U1 + 32;
    private static final long S = U2 + 32;

    private final MemorySegment w = Memory.zeros(S + P256Public.SCRATCH_BYTES);
    private int neutral;

    private void element(long at, BigInteger value) {
        LimbNumbers.set(w, at, value.shiftLeft(260).mod(P), 52);
    }

    private BigInteger element(long at) {
        return LimbNumbers.value(w, at, 52).multiply(BigInteger.TWO.pow(260).modInverse(P)).mod(P);
    }

    private void scalar(long at, BigInteger value) {
        for (int i = 0; i < 32; i++) {
            w.set(ValueLayout.JAVA_BYTE, at + i, value.shiftRight(8 * (31 - i)).byteValue());
        }
    }

    private void check(BigInteger u1, BigInteger u2, BigInteger k) {
        ECPoint q = G.multiply(k).normalize();
        element(0, q.getAffineXCoord().toBigInteger());
        element(P256Field.BYTES, q.getAffineYCoord().toBigInteger());
        element(2 * P256Field.BYTES, BigInteger.ONE);
        scalar(U1, u1);
        scalar(U2, u2);
        P256Public.multiplyTwo(w, 0, U1, U2, S);
        ECPoint expected = G.multiply(u1.add(u2.multiply(k)).mod(N)).normalize();
        String of = u1 + " G + " + u2 + " (" + k + " G)";
        BigInteger z = element(2 * P256Field.BYTES);
        assertEquals(expected.isInfinity(), z.signum() == 0, of);
        if (expected.isInfinity()) {
            neutral++;
        } else {
            BigInteger inverse = z.modInverse(P);
            BigInteger square = inverse.multiply(inverse).mod(P);
            assertEquals(expected.getAffineXCoord().toBigInteger(), element(0).multiply(square).mod(P), of);
            assertEquals(expected.getAffineYCoord().toBigInteger(),
                    element(P256Field.BYTES).multiply(square).multiply(inverse).mod(P), of);
        }
    }

    @Test
    void theSumIsRightWhereItsPartsMeet() {
        List<BigInteger> some = new ArrayList<>();
        for (int small = 0; small <= 3; small++) {
            some.add(BigInteger.valueOf(small));
            some.add(N.subtract(BigInteger.valueOf(small + 1)));
        }
        some.add(N.shiftRight(1));
        Random random = new Random(7);
        for (BigInteger k : List.of(BigInteger.ONE, BigInteger.TWO, BigInteger.valueOf(7), N.subtract(BigInteger.ONE),
                N.subtract(BigInteger.TWO))) {
            for (BigInteger u1 : some) {
                for (BigInteger u2 : some) {
                    check(u1, u2, k);
                }
            }
            for (int i = 0; i < 10; i++) {
                BigInteger u2 = new BigInteger(255, random);
                check(u2.multiply(k).negate().mod(N), u2, k);  // nothing is left
                check(u2.multiply(k).mod(N), u2, k);           // the same twice
            }
        }
        assertTrue(neutral > 70, neutral + " times neutral");
    }
}
