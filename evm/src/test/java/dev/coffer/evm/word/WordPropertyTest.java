package dev.coffer.evm.word;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.coffer.testkit.HeapBytes;
import dev.coffer.testkit.Seeds;
import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// Every operation beside `BigInteger`, on words that are random, sparse, at edges, and equal.
class WordPropertyTest {
    private static final BigInteger MOD = BigInteger.ONE.shiftLeft(256);
    private static final BigInteger SIGN = BigInteger.ONE.shiftLeft(255);
    private static final int A = 0;
    private static final int B = 4;
    private static final int M = 8;
    private static final int R = 12;

    private final Division division = new Division();
    private final long[] s = new long[16];

    private static void random(SplittableRandom random, long[] s, int at) {
        int kind = random.nextInt(8);
        for (int i = 0; i < 4; i++) {
            s[at + i] = switch (kind) {
                case 0, 1 -> random.nextLong();
                case 2 -> i == 0 ? random.nextLong() : 0;
                case 3 -> random.nextInt(3) - 1;
                case 4 -> i == 0 ? random.nextInt(300) : 0;
                case 5 -> i < random.nextInt(5) ? random.nextLong() : 0;
                case 6 -> i == 3 ? Long.MIN_VALUE : random.nextInt(2);
                default -> -1L << random.nextInt(64);
            };
        }
    }

    private static BigInteger big(long[] s, int at) {
        BigInteger value = BigInteger.ZERO;
        for (int i = 3; i >= 0; i--) {
            value = value.shiftLeft(64).or(new BigInteger(Long.toUnsignedString(s[at + i])));
        }
        return value;
    }

    private static BigInteger signed(BigInteger value) {
        return value.compareTo(SIGN) >= 0 ? value.subtract(MOD) : value;
    }

    private void check(String name, BigInteger expected, int at) {
        assertEquals(expected.mod(MOD).toString(16), big(s, at).toString(16), name + " of " + big(s, A).toString(16)
                + ", " + big(s, B).toString(16) + ", " + big(s, M).toString(16));
    }

    private void all(SplittableRandom random) {
        random(random, s, A);
        random(random, s, B);
        random(random, s, M);
        if (random.nextInt(6) == 0) {
            Word.copy(s, A, s, B);
        }
        BigInteger a = big(s, A);
        BigInteger b = big(s, B);
        BigInteger m = big(s, M);
        boolean zero = b.signum() == 0;
        Word.add(s, A, B, R);
        check("add", a.add(b), R);
        Word.subtract(s, A, B, R);
        check("subtract", a.subtract(b), R);
        Word.multiply(s, A, B, R);
        check("multiply", a.multiply(b), R);
        Word.negate(s, A, R);
        check("negate", a.negate(), R);
        division.divide(s, A, B, R);
        check("divide", zero ? b : a.divide(b), R);
        division.remainder(s, A, B, R);
        check("remainder", zero ? b : a.mod(b), R);
        division.divideSigned(s, A, B, R);
        check("divideSigned", zero ? b : signed(a).divide(signed(b)), R);
        division.remainderSigned(s, A, B, R);
        check("remainderSigned", zero ? b : signed(a).remainder(signed(b)), R);
        division.addModulo(s, A, B, M, R);
        check("addModulo", m.signum() == 0 ? m : a.add(b).mod(m), R);
        division.multiplyModulo(s, A, B, M, R);
        check("multiplyModulo", m.signum() == 0 ? m : a.multiply(b).mod(m), R);
        division.power(s, A, B, R);
        check("power", a.modPow(b, MOD), R);
        assertEquals(a.compareTo(b) < 0, Word.less(s, A, s, B));
        assertEquals(signed(a).compareTo(signed(b)) < 0, Word.lessSigned(s, A, s, B));
        assertEquals(a.equals(b), Word.equal(s, A, s, B));
        assertEquals(a.bitLength(), Word.bits(s, A));
        Word.countLeadingZeros(s, A, R);
        check("countLeadingZeros", BigInteger.valueOf(256 - a.bitLength()), R);
        shifts(a, b);
    }

    private void shifts(BigInteger a, BigInteger b) {
        int shift = a.bitLength() > 9 ? 256 : Math.min(256, a.intValue());
        Word.shiftLeft(s, A, B, R);
        check("shiftLeft", b.shiftLeft(shift), R);
        Word.shiftRight(s, A, B, R);
        check("shiftRight", b.shiftRight(shift), R);
        Word.shiftRightSigned(s, A, B, R);
        check("shiftRightSigned", signed(b).shiftRight(shift), R);
        int index = a.bitLength() > 6 ? 32 : Math.min(32, a.intValue());
        Word.byteOf(s, A, B, R);
        check("byteOf", index > 31 ? BigInteger.ZERO : b.shiftRight(8 * (31 - index)).and(BigInteger.valueOf(255)), R);
        Word.signExtend(s, A, B, R);
        BigInteger low = index > 30 ? b : b.mod(BigInteger.ONE.shiftLeft(8 * (index + 1)));
        check("signExtend", index <= 30 && low.testBit(8 * index + 7)
                ? low.subtract(BigInteger.ONE.shiftLeft(8 * (index + 1))) : low, R);
    }

    @Test
    void agreesWithBigInteger() {
        Seeds.forEach(1, 60, random -> {
            for (int i = 0; i < 100; i++) {
                all(random);
            }
        });
    }

    /// Where the estimated digit of algorithm D is one or two too large, and where it would be 2^64.
    @Test
    void dividesWhereTheEstimateIsTooLarge() {
        long[][] dividends = {{0, 0, 1L << 63, (1L << 63) - 1}, {-1, -1, -1, -1}, {0, 0, 0, 1L << 63}, {3, 0, -1, -2},
                {0, -1, -1, (1L << 63) - 1}};
        long[][] divisors = {{1, 0, 1L << 63, 0}, {-1, -1, 0, 0}, {-1, 1L << 63, 0, 0}, {-1, -2, 0, 0}, {-1, -1, -1, 0},
                {1, 0, 0, 1L << 63}};
        for (long[] dividend : dividends) {
            for (long[] divisor : divisors) {
                System.arraycopy(dividend, 0, s, A, 4);
                System.arraycopy(divisor, 0, s, B, 4);
                division.divide(s, A, B, R);
                check("divide", big(s, A).divide(big(s, B)), R);
                division.multiplyModulo(s, A, A, B, R);
                check("multiplyModulo", big(s, A).pow(2).mod(big(s, B)), R);
            }
        }
    }

    @Test
    void targetMayBeASource() {
        Seeds.forEach(7, 200, random -> {
            random(random, s, A);
            random(random, s, B);
            BigInteger a = big(s, A);
            BigInteger b = big(s, B);
            Word.multiply(s, A, B, B);
            check("multiply", a.multiply(b), B);
            Word.add(s, A, A, A);
            check("add", a.add(a), A);
            division.divide(s, B, A, B);
        });
    }

    @Test
    void loadAndStoreAreBigEndianAtAnyOffset() {
        MemorySegment memory = MemorySegment.ofArray(new byte[80]);
        Seeds.forEach(3, 100, random -> {
            random(random, s, A);
            int at = random.nextInt(48);
            Word.store(s, A, memory, at);
            byte[] bytes = memory.asSlice(at, 32).toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
            assertEquals(big(s, A), new BigInteger(1, bytes));
            Word.load(memory, at, s, R);
            check("load", big(s, A), R);
        });
    }

    @Test
    void operationsAllocateNoHeapBytes() {
        SplittableRandom random = new SplittableRandom(5);
        assertEquals(0, HeapBytes.of(3, () -> {
            for (int i = 0; i < 1000; i++) {
                random(random, s, A);
                random(random, s, B);
                random(random, s, M);
                division.divideSigned(s, A, B, R);
                division.multiplyModulo(s, A, B, M, R);
                division.power(s, A, B, R);
                Word.multiply(s, A, B, R);
                Word.shiftLeft(s, A, B, R);
                Word.signExtend(s, A, B, R);
            }
        }));
    }

    /// Limbs at their ends make the first digit of an estimate as large as it can be, and wrong by one or two.
    @Test
    void dividesWordsWhoseLimbsAreAtTheirEnds() {
        long[] ends = {0, 1, 2, 1L << 63, (1L << 63) + 1, (1L << 63) - 1, -2, -1};
        Seeds.forEach(11, 100, random -> {
            for (int i = 0; i < 1500; i++) {
                for (int limb = 0; limb < 4; limb++) {
                    s[A + limb] = ends[random.nextInt(ends.length)];
                    s[B + limb] = limb > i % 4 ? 0 : ends[random.nextInt(ends.length)];
                }
                s[M] = 0;
                BigInteger a = big(s, A);
                BigInteger b = big(s, B);
                division.divide(s, A, B, R);
                check("divide", b.signum() == 0 ? BigInteger.ZERO : a.divide(b), R);
                division.multiplyModulo(s, A, A, B, R);
                check("multiplyModulo", b.signum() == 0 ? BigInteger.ZERO : a.pow(2).mod(b), R);
            }
        });
    }
}
