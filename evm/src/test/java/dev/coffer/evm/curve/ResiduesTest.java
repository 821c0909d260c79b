package dev.coffer.evm.curve;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.coffer.evm.word.Word;
import java.math.BigInteger;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Arithmetic modulo primes beside `BigInteger`: small numbers, those next to the prime and to powers of 2^64, random ones.
class ResiduesTest {
    private static final long SEED = Long.getLong("coffer.seed", 7702);
    private static final BigInteger[] PRIMES = {
            new BigInteger("fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f", 16),
            new BigInteger("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141", 16),
            new BigInteger("30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47", 16),
            BigInteger.ONE.shiftLeft(127).subtract(BigInteger.ONE), BigInteger.valueOf(5)};

    private final long[] w = new long[6 * Word.LONGS + Residues.POWER_LONGS];

    private void check(BigInteger p, Residues f, BigInteger x, BigInteger y) {
        Word.set(w, 0, x);
        Word.set(w, 4, y);
        assertEquals(x.compareTo(p) < 0, f.isBelow(w, 0));
        f.enter(w, 0, w, 0);
        f.enter(w, 4, w, 4);
        String what = "seed " + SEED + ", p " + p + ", " + x + " and " + y;
        f.add(w, 0, w, 4, w, 8);
        assertEquals(x.add(y).mod(p), left(f), what);
        f.subtract(w, 0, w, 4, w, 8);
        assertEquals(x.subtract(y).mod(p), left(f), what);
        f.multiply(w, 0, w, 4, w, 8);
        assertEquals(x.multiply(y).mod(p), left(f), what);
        f.power(w, 0, Word.of(y), w, 8, w, 12);
        assertEquals(x.mod(p).modPow(y, p), left(f), what);
        if (x.mod(p).signum() != 0) {
            f.invert(w, 0, w, 8, w, 12);
            assertEquals(x.modInverse(p), left(f), what);
        }
    }

    private BigInteger left(Residues f) {
        f.leave(w, 8, w, 8);
        return Word.toBigInteger(w, 8);
    }

    @Test
    void everyOperationIsThatOfBigInteger() {
        Random random = new Random(SEED);
        BigInteger top = BigInteger.ONE.shiftLeft(256);
        for (BigInteger p : PRIMES) {
            Residues f = new Residues(Word.of(p));
            BigInteger[] edges = {BigInteger.ZERO, BigInteger.ONE, BigInteger.TWO, p.subtract(BigInteger.ONE), p, p.add(BigInteger.ONE),
                    p.shiftRight(1), top.subtract(BigInteger.ONE), BigInteger.ONE.shiftLeft(64), BigInteger.ONE.shiftLeft(192).subtract(BigInteger.ONE)};
            for (BigInteger x : edges) {
                for (BigInteger y : edges) {
                    check(p, f, x, y);
                }
            }
            for (int i = 0; i < 300; i++) {
                check(p, f, new BigInteger(256, random), new BigInteger(1 + random.nextInt(256), random));
            }
        }
    }
}
