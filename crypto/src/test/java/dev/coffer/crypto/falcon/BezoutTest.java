package dev.coffer.crypto.falcon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.Memory;
import dev.coffer.testkit.Seeds;
import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// Factors that make 1, beside `BigInteger`, and numbers that have none: a divisor may look like 1 in all its words but one.
class BezoutTest {
    private static final int WORDS = 6;
    private static final int WORD_BITS = 31;
    private static final long NUMBER = 4L * WORDS;

    private final MemorySegment w = Memory.zeros((int) (8 * NUMBER));

    private boolean solve(BigInteger x, BigInteger y) {
        put(2, x);
        put(3, y);
        return Bezout.solve(w, 0, NUMBER, 2 * NUMBER, 3 * NUMBER, WORDS, 4 * NUMBER);
    }

    private void put(int number, BigInteger value) {
        for (int i = 0; i < WORDS; i++) {
            Rns.store(w, number * NUMBER, i, value.shiftRight(i * WORD_BITS).intValue() & Integer.MAX_VALUE);
        }
    }

    private BigInteger get(int number) {
        BigInteger value = BigInteger.ZERO;
        for (int i = WORDS - 1; i >= 0; i--) {
            value = value.shiftLeft(WORD_BITS).or(BigInteger.valueOf(Rns.load(w, number * NUMBER, i)));
        }
        return value;
    }

    private static BigInteger odd(SplittableRandom random, int bits) {
        byte[] bytes = new byte[bits / 8 + 1];
        random.nextBytes(bytes);
        return new BigInteger(1, bytes).mod(BigInteger.TWO.pow(bits)).setBit(0).max(BigInteger.valueOf(3));
    }

    /// {@return whether there are factors; they are as it was found}
    private boolean solvesAsItShould(BigInteger x, BigInteger y) {
        boolean one = x.gcd(y).equals(BigInteger.ONE);
        assertEquals(one, solve(x, y), x + ", " + y);
        if (one) {
            assertEquals(BigInteger.ONE, x.multiply(get(0)).subtract(y.multiply(get(1))), x + ", " + y);
            assertTrue(get(0).compareTo(y) <= 0 && get(1).compareTo(x) <= 0, x + ", " + y);
        }
        return one;
    }

    @Test
    void theFactorsMakeOneWhereThereAreAny() {
        int[] solved = new int[2];
        Seeds.forEach(1, 300, random -> {
            BigInteger x = odd(random, 2 + random.nextInt(WORDS * WORD_BITS - 2));
            BigInteger y = odd(random, 2 + random.nextInt(WORDS * WORD_BITS - 2));
            solved[solvesAsItShould(x, y) ? 1 : 0]++;
        });
        assertTrue(solved[0] > 20 && solved[1] > 100, solved[0] + " without, " + solved[1] + " with");
    }

    /// The steps compare by the highest words in use. Where these are the same the difference may come out below zero, and is turned.
    @Test
    void numbersThatDifferInTheirLowWordsAlone() {
        Seeds.forEach(2, 100, random -> {
            BigInteger x = odd(random, (WORDS - 1) * WORD_BITS).setBit((WORDS - 1) * WORD_BITS);
            BigInteger difference = odd(random, 2 + random.nextInt(2 * WORD_BITS)).shiftLeft(1 + random.nextInt(WORD_BITS));
            solvesAsItShould(x.add(difference), x);
            solvesAsItShould(x, x.add(difference));
        });
    }

    @Test
    void aDivisorThatLooksLikeOneInAllWordsButOneIsNone() {
        BigInteger three = BigInteger.valueOf(3);
        BigInteger five = BigInteger.valueOf(5);
        for (int word = 1; word < WORDS; word++) {
            for (int bit = 0; bit < WORD_BITS - (word == WORDS - 1 ? 3 : 0); bit += 7) {
                BigInteger divisor = BigInteger.TWO.pow(word * WORD_BITS + bit).add(BigInteger.ONE);
                assertFalse(solve(divisor.multiply(three), divisor.multiply(five)), "word " + word + ", bit " + bit);
            }
        }
    }

    /// Modulo 1 there is one number, and 0 stands for it as well as 1: the submission's code does not look, finds that the keys do not solve
    /// their equation, and draws others.
    @Test
    void whereOneNumberIsOneThereAreNone() {
        for (BigInteger other : List.of(BigInteger.ONE, BigInteger.valueOf(3), BigInteger.TWO.pow(100).add(BigInteger.ONE))) {
            assertFalse(solve(other, BigInteger.ONE), other + ", 1");
            assertFalse(solve(BigInteger.ONE, other), "1, " + other);
        }
        for (int word = 0; word < WORDS; word++) {  // what looks like one in all words but one is none
            BigInteger nearly = BigInteger.TWO.pow(word * WORD_BITS + 1).add(BigInteger.ONE);
            assertTrue(solve(nearly, BigInteger.valueOf(7)) == nearly.gcd(BigInteger.valueOf(7)).equals(BigInteger.ONE), nearly.toString());
            assertTrue(solve(BigInteger.valueOf(7), nearly) == nearly.gcd(BigInteger.valueOf(7)).equals(BigInteger.ONE), nearly.toString());
        }
    }

    @Test
    void evenNumbersHaveNone() {
        assertFalse(solve(BigInteger.valueOf(8), BigInteger.valueOf(3)));
        assertFalse(solve(BigInteger.valueOf(3), BigInteger.valueOf(8)));
        assertTrue(solve(BigInteger.valueOf(9), BigInteger.valueOf(7)));
    }
}
