package dev.coffer.evm;

import static dev.coffer.evm.Secp256k1Model.G;
import static dev.coffer.evm.Secp256k1Model.N;
import static dev.coffer.evm.Secp256k1Model.P;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.evm.Secp256k1Model.Signature;
import dev.coffer.evm.word.Word;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Whose signature it is: beside a model on `BigInteger`, at the edges of each number, and what nobody signed.
class SignerRecoveryTest {
    private static final long SEED = Long.getLong("coffer.seed", 155);

    private final SignerRecovery recovery =
            new SignerRecovery(Arena.ofAuto().allocate(SignerRecovery.WORKSPACE_BYTES, Long.BYTES), 0);
    private final long[] w = new long[20];

    private boolean key(BigInteger digest, BigInteger r, BigInteger s, boolean odd) {
        Word.set(w, 0, digest);
        Word.set(w, 4, r);
        Word.set(w, 8, s);
        return recovery.publicKey(w, 0, 4, 8, odd, w, 12);
    }

    private void signs(BigInteger key, BigInteger digest, BigInteger nonce) {
        Signature signature = Secp256k1Model.sign(key, digest, nonce);
        BigInteger[] expected = Secp256k1Model.times(key, G);
        String what = "seed " + SEED + ", key " + key + ", digest " + digest;
        assertTrue(key(digest, signature.r(), signature.s(), signature.odd()), what);
        assertEquals(expected[0], Word.toBigInteger(w, 12), what);
        assertEquals(expected[1], Word.toBigInteger(w, 16), what);
        // The other half's s with the other parity is the same key's.
        assertTrue(key(digest, signature.r(), N.subtract(signature.s()), !signature.odd()), what);
        assertEquals(expected[0], Word.toBigInteger(w, 12), what);
    }

    @Test
    void theKeyIsTheSigners() {
        Random random = new Random(SEED);
        BigInteger[] digests = {BigInteger.ZERO, BigInteger.ONE, N.subtract(BigInteger.ONE), N, N.add(BigInteger.ONE),
                BigInteger.ONE.shiftLeft(256).subtract(BigInteger.ONE)};
        for (BigInteger digest : digests) {
            signs(BigInteger.ONE, digest, BigInteger.TWO);                       // sums of points that are equal or opposite
            signs(N.subtract(BigInteger.ONE), digest, BigInteger.valueOf(3));
            signs(BigInteger.TWO, digest, BigInteger.ONE);
        }
        for (int i = 0; i < 12; i++) {
            signs(new BigInteger(255, random), new BigInteger(256, random), new BigInteger(255, random));
        }
    }

    @Test
    void theAddressOfAKeyIsKnown() {
        Signature signature = Secp256k1Model.sign(BigInteger.ONE, BigInteger.TEN, BigInteger.valueOf(77));
        Word.set(w, 0, BigInteger.TEN);
        Word.set(w, 4, signature.r());
        Word.set(w, 8, signature.s());
        assertTrue(recovery.address(w, 0, 4, 8, signature.odd(), w, 12));
        assertEquals("7e5f4552091a69125d5dfcb7b8c2659029395bdf", Word.toBigInteger(w, 12).toString(16));
    }

    @Test
    void whatNobodySignedHasNoKey() {
        Signature good = Secp256k1Model.sign(BigInteger.TWO, BigInteger.TEN, BigInteger.valueOf(5));
        BigInteger top = BigInteger.ONE.shiftLeft(256).subtract(BigInteger.ONE);
        for (BigInteger outside : new BigInteger[] {BigInteger.ZERO, N, N.add(BigInteger.ONE), top}) {
            assertFalse(key(BigInteger.TEN, outside, good.s(), good.odd()), "r " + outside);
            assertFalse(key(BigInteger.TEN, good.r(), outside, good.odd()), "s " + outside);
        }
        assertTrue(key(BigInteger.TEN, good.r(), BigInteger.ONE, good.odd()));
        assertTrue(key(BigInteger.TEN, good.r(), N.subtract(BigInteger.ONE), good.odd()));
        BigInteger noPoint = BigInteger.valueOf(5);                              // 5^3 + 7 = 132 is no square
        assertFalse(isSquare(noPoint));
        assertFalse(key(BigInteger.TEN, noPoint, BigInteger.ONE, false));
        // s R = e G: what is recovered is the neutral element.
        BigInteger[] point = Secp256k1Model.times(BigInteger.valueOf(3), G);
        assertFalse(key(BigInteger.valueOf(12), point[0], BigInteger.valueOf(4), point[1].testBit(0)), "the neutral element");
        assertTrue(key(BigInteger.valueOf(12), point[0], BigInteger.valueOf(4), !point[1].testBit(0)));
    }

    private static boolean isSquare(BigInteger x) {
        BigInteger y2 = x.pow(3).add(BigInteger.valueOf(7)).mod(P);
        return y2.modPow(P.subtract(BigInteger.ONE).shiftRight(1), P).equals(BigInteger.ONE);
    }

    @Test
    void lowIsTheLowerHalf() {
        BigInteger half = N.shiftRight(1);
        assertTrue(SignerRecovery.isLow(Word.of(half), 0));
        assertFalse(SignerRecovery.isLow(Word.of(half.add(BigInteger.ONE)), 0));
        assertThrows(IndexOutOfBoundsException.class,
                () -> new SignerRecovery(MemorySegment.ofArray(new long[(int) SignerRecovery.WORKSPACE_BYTES / 8]), 8));
    }
}
