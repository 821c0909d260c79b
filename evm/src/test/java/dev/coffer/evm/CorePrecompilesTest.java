package dev.coffer.evm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.evm.opcode.Fork;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/// P256VERIFY (EIP-7951) at the edges of each of its five numbers; the signature is RFC 6979's of "sample" with SHA-256 (appendix A.2.5).
class CorePrecompilesTest {
    static final byte[] SIGNED = HexFormat.of().parseHex("af2bdbe1aa9b6ec1e2ade1d694f41fc71a831d0268e9891562113d8a62add1bf"
            + "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716" + "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8"
            + "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6" + "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299");
    private static final int DIGEST = 0;
    private static final int R = 32;
    private static final int S = 64;
    private static final int X = 96;
    private static final int Y = 128;
    private static final BigInteger N = new BigInteger("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", 16);
    private static final BigInteger P = new BigInteger("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff", 16);
    private static final byte[] NOTHING = {};
    private static final byte[] ONE = number(BigInteger.ONE);

    private static byte[] number(BigInteger value) {
        return HexFormat.of().parseHex(String.format("%064x", value));
    }

    private static BigInteger at(int at) {
        return new BigInteger(1, Arrays.copyOfRange(SIGNED, at, at + 32));
    }

    private static void put(byte[] in, int at, BigInteger value) {
        System.arraycopy(number(value), 0, in, at, 32);
    }

    private static byte[] with(int at, BigInteger value) {
        byte[] in = SIGNED.clone();
        put(in, at, value);
        return in;
    }

    /// The answer, in room that was not zero, with the input somewhere in a segment.
    private static byte[] verify(byte[] in) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment workspace = arena.allocate(CorePrecompiles.WORKSPACE_BYTES + 8).fill((byte) 0x55);
            MemorySegment input = arena.allocate(in.length + 14).fill((byte) 0x66);
            MemorySegment.copy(in, 0, input, ValueLayout.JAVA_BYTE, 7, in.length);
            MemorySegment output = arena.allocate(40).fill((byte) 0x77);
            CorePrecompiles core = new CorePrecompiles(workspace, 8);
            assertEquals(32, core.outputBytesMax(CorePrecompiles.P256_VERIFY, input, 7, in.length));
            long written = core.run(CorePrecompiles.P256_VERIFY, Fork.OSAKA, input, 7, in.length, output, 3);
            byte[] all = output.toArray(ValueLayout.JAVA_BYTE);
            for (int i = 0; i < all.length; i++) {
                assertTrue(i >= 3 && i < 3 + written || all[i] == 0x77, "writes only its answer");
            }
            return Arrays.copyOfRange(all, 3, 3 + (int) written);
        }
    }

    @Test
    void aValidSignatureAndItsTwinGiveOne() {
        assertArrayEquals(ONE, verify(SIGNED));
        assertArrayEquals(ONE, verify(with(S, N.subtract(at(S)))), "n - s: nothing asks for the lower one");
    }

    @Test
    void aSignatureOfSomethingElseGivesNothing() {
        for (int i = 0; i < SIGNED.length; i += 31) {
            byte[] in = SIGNED.clone();
            in[i] ^= 1;
            assertArrayEquals(NOTHING, verify(in), "byte " + i);
        }
        assertArrayEquals(NOTHING, verify(with(Y, P.subtract(at(Y)))), "the other point of that x");
    }

    @Test
    void bothNumbersOfASignatureLieAbove0AndBelowTheOrder() {
        for (int at : new int[] {R, S}) {
            for (BigInteger no : new BigInteger[] {BigInteger.ZERO, N, N.add(BigInteger.ONE), BigInteger.TWO.pow(256).subtract(BigInteger.ONE)}) {
                assertArrayEquals(NOTHING, verify(with(at, no)), "at " + at + " " + no.toString(16));
            }
        }
    }

    /// With digest 0 and r = s the point is the key itself: r is its x, and there is no private key to know.
    @Test
    void aDigestIsTakenModuloTheOrder() {
        BigInteger r = at(X).mod(N);
        byte[] holds = with(DIGEST, BigInteger.ZERO);
        put(holds, R, r);
        put(holds, S, r);
        assertArrayEquals(ONE, verify(holds));
        put(holds, DIGEST, N);
        assertArrayEquals(ONE, verify(holds));
        put(holds, DIGEST, N.add(BigInteger.ONE));
        assertArrayEquals(NOTHING, verify(holds));
    }

    /// The key is the generator, so that the point is (e + r) / s of it.
    @Test
    void theLeastAndTheGreatestAreNumbersLikeOthersAndTheNeutralElementHasNoX() {
        BigInteger gx = new BigInteger("6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296", 16);
        byte[] in = new byte[160];
        put(in, X, gx);
        put(in, Y, new BigInteger("4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5", 16));
        put(in, R, gx);
        put(in, S, BigInteger.ONE);
        put(in, DIGEST, BigInteger.ONE.subtract(gx).mod(N));
        assertArrayEquals(ONE, verify(in), "s = 1");
        put(in, S, N.subtract(BigInteger.ONE));
        put(in, DIGEST, BigInteger.ONE.negate().subtract(gx).mod(N));
        assertArrayEquals(ONE, verify(in), "s = n - 1");
        put(in, DIGEST, gx.negate().mod(N));
        assertArrayEquals(NOTHING, verify(in), "the point is the neutral element");
    }

    @Test
    void aKeyThatIsNoPointGivesNothing() {
        byte[] nowhere = with(X, BigInteger.ZERO);
        put(nowhere, Y, BigInteger.ZERO);
        assertArrayEquals(NOTHING, verify(nowhere), "infinity");
        assertArrayEquals(NOTHING, verify(with(Y, at(Y).add(BigInteger.ONE))), "not on the curve");
        assertArrayEquals(NOTHING, verify(with(X, P)), "x of the field's size");
        assertArrayEquals(NOTHING, verify(with(Y, P)), "y of the field's size");
        // x = 5 is on the curve; x = p + 5 is the same number and no coordinate. Digest 0 and r = s = 5 hold for it.
        BigInteger b = new BigInteger("5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b", 16);
        BigInteger five = BigInteger.valueOf(5);
        BigInteger y = five.pow(3).subtract(BigInteger.valueOf(15)).add(b).modPow(P.add(BigInteger.ONE).shiftRight(2), P);
        byte[] small = new byte[160];
        for (int at : new int[] {R, S, X}) {
            put(small, at, five);
        }
        put(small, Y, y);
        assertArrayEquals(ONE, verify(small));
        put(small, X, five.add(P));
        assertArrayEquals(NOTHING, verify(small));
    }

    @Test
    void anotherLengthGivesNothing() {
        for (int length : new int[] {0, 1, 32, 96, 159, 161, 192, 320}) {
            assertArrayEquals(NOTHING, verify(Arrays.copyOf(SIGNED, length)), "length " + length);
        }
    }

    @Test
    void itIsThereFromOsakaOn() {
        CorePrecompiles core = new CorePrecompiles(MemorySegment.ofArray(new long[(int) CorePrecompiles.WORKSPACE_BYTES / 8 + 1]), 0);
        assertFalse(core.has(CorePrecompiles.P256_VERIFY, Fork.PRAGUE));
        assertTrue(core.has(CorePrecompiles.P256_VERIFY, Fork.OSAKA));
        assertTrue(core.has(CorePrecompiles.EC_RECOVER, Fork.FRONTIER));
        for (int number : new int[] {0, 3, 17, 0xff, 0x101}) {
            assertFalse(core.has(number, Fork.OSAKA));
        }
    }
}
