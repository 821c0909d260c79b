package dev.coffer.crypto.aead;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.coffer.crypto.Memory;
import dev.coffer.testkit.Seeds;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/// Poly1305 beside a restatement of RFC 8439, section 2.5.1, in big integers, with sums that random messages reach once in
/// 2^100: at and past the modulus, and limbs full of ones. And that no expansion leaves its scratch.
class Poly1305Test {
    private static final BigInteger P = BigInteger.TWO.pow(130).subtract(BigInteger.valueOf(5));

    private static byte[] expected(byte[] key, byte[] message) {
        BigInteger r = little(Arrays.copyOf(key, 16)).and(new BigInteger("0ffffffc0ffffffc0ffffffc0fffffff", 16));
        BigInteger h = BigInteger.ZERO;
        for (int i = 0; i < message.length; i += 16) {
            byte[] block = Arrays.copyOf(Arrays.copyOfRange(message, i, i + 16), 17);  // padded with zeros, as in section 2.8
            block[16] = 1;
            h = h.add(little(block)).multiply(r).mod(P);
        }
        byte[] sum = h.add(little(Arrays.copyOfRange(key, 16, 32))).mod(BigInteger.TWO.pow(128)).toByteArray();
        byte[] tag = new byte[16];
        for (int i = 0; i < 16 && i < sum.length; i++) {
            tag[i] = sum[sum.length - 1 - i];
        }
        return tag;
    }

    private static BigInteger little(byte[] bytes) {
        byte[] big = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            big[i] = bytes[bytes.length - 1 - i];
        }
        return new BigInteger(1, big);
    }

    private static void check(byte[] key, byte[] message, String what) {
        MemorySegment state = Memory.zeros(Poly1305.STATE_BYTES);
        MemorySegment tag = Memory.zeros(16);
        state.fill((byte) 0xa5);  // of whoever had the place before
        Poly1305.init(state, 0, Memory.of(key), 0);
        Poly1305.update(state, 0, Memory.of(message), 0, message.length, Memory.zeros(16), 0);
        Poly1305.tag(state, 0, tag, 0);
        assertArrayEquals(expected(key, message), tag.toArray(ValueLayout.JAVA_BYTE), what);
    }

    /// With r = 1 the sum is that of the blocks: three of them, each with its 2^128, and 2^128 - 5 + k in all make p + k.
    @Test
    void sumsAroundTheModulusAreReducedOnce() {
        byte[] key = new byte[32];
        key[0] = 1;
        for (int pad = 0; pad < 3; pad++) {
            Arrays.fill(key, 16, 32, (byte) (pad == 0 ? 0 : pad == 1 ? 0xff : 0x80));
            for (int k = -6; k <= 12; k++) {
                byte[] message = new byte[48];
                BigInteger rest = BigInteger.TWO.pow(128).subtract(BigInteger.valueOf(5 - k));
                BigInteger first = rest.min(BigInteger.TWO.pow(128).subtract(BigInteger.ONE));
                put(message, 0, first);
                put(message, 16, rest.subtract(first));
                check(key, message, "p + " + k);
            }
        }
    }

    private static void put(byte[] message, int at, BigInteger number) {
        byte[] big = number.toByteArray();
        for (int i = 0; i < 16 && i < big.length; i++) {
            message[at + i] = big[big.length - 1 - i];
        }
    }

    @Test
    void limbsFullOfOnesAndZerosCarryAsNumbersDo() {
        Seeds.forEach(1, 3000, random -> {
            byte[] key = new byte[32];
            byte[] message = new byte[random.nextInt(1, 130)];
            random.nextBytes(key);
            random.nextBytes(message);
            for (byte[] bytes : new byte[][] {key, message}) {
                int runs = random.nextInt(4);
                for (int run = 0; run < runs; run++) {
                    int from = random.nextInt(bytes.length);
                    Arrays.fill(bytes, from, from + random.nextInt(bytes.length - from + 1),
                            (byte) (random.nextBoolean() ? 0xff : 0));
                }
            }
            check(key, message, "random runs");
        });
    }
}
