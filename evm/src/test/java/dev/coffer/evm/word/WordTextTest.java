package dev.coffer.evm.word;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.coffer.testkit.Seeds;
import java.math.BigInteger;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// Words to and from [BigInteger] and hex.
class WordTextTest {
    private static final BigInteger LIMIT = BigInteger.ONE.shiftLeft(256);

    @Test
    void valuesGoThereAndBack() {
        Seeds.forEach(1, 4, this::thereAndBack);
    }

    private void thereAndBack(SplittableRandom random) {
        for (int i = 0; i < 600; i++) {
            BigInteger value = i < 257 ? BigInteger.ONE.shiftLeft(i).subtract(BigInteger.ONE)
                    : new BigInteger(1 + random.nextInt(256), new Random(random.nextLong()));
            long[] word = Word.of(value);
            for (int limb = 0; limb < 4; limb++) {
                assertEquals(value.shiftRight(64 * limb).longValue(), word[limb]);
            }
            assertEquals(value, Word.toBigInteger(word, 0));
            String hex = Word.toHex(word, 0);
            assertEquals(String.format("0x%064x", value), hex);
            long[] back = {9, 9, 9, 9, 9, 9};
            Word.setHex(back, 1, i % 2 == 0 ? hex : value.toString(16).toUpperCase(java.util.Locale.ROOT));
            assertArrayEquals(new long[] {9, word[0], word[1], word[2], word[3], 9}, back);
            Word.set(back, 2, BigInteger.ZERO);
            assertArrayEquals(new long[] {9, word[0], 0, 0, 0, 0}, back);
        }
    }

    @Test
    void whatIsNoWordIsRefusedAndChangesNothing() {
        long[] word = {1, 2, 3, 4};
        assertThrows(IllegalArgumentException.class, () -> Word.set(word, 0, BigInteger.valueOf(-1)));
        assertThrows(IllegalArgumentException.class, () -> Word.set(word, 0, LIMIT));
        Word.set(new long[4], 0, LIMIT.subtract(BigInteger.ONE));
        for (String wrong : new String[] {"", "0x", "0x" + "0".repeat(65), "g", "0x12 ", "-1", "+1", "0x0x1", "12\uff11"}) {
            assertThrows(IllegalArgumentException.class, () -> Word.setHex(word, 0, wrong), wrong);
        }
        assertThrows(IndexOutOfBoundsException.class, () -> Word.setHex(word, 1, "1"));
        assertThrows(IndexOutOfBoundsException.class, () -> Word.set(word, 1, BigInteger.ONE));
        assertThrows(IndexOutOfBoundsException.class, () -> Word.toHex(word, 1));
        assertThrows(IndexOutOfBoundsException.class, () -> Word.toBigInteger(word, -1));
        assertArrayEquals(new long[] {1, 2, 3, 4}, word);
        Word.setHex(word, 0, "0X00f");
        assertArrayEquals(new long[] {15, 0, 0, 0}, word);
    }
}
