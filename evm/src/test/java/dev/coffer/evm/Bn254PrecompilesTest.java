package dev.coffer.evm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.evm.curve.Bn254Model;
import dev.coffer.evm.curve.Bn254PairingModel;
import dev.coffer.evm.opcode.Fork;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Precompiles 6, 7 and 8 (EIP-196, EIP-197) beside a model on `BigInteger`: edges, random points and numbers, short and long inputs; the bilinear law, both
/// answers, and whatever is no point of its group.
class Bn254PrecompilesTest {
    static final String G2 = "198e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c2"
            + "1800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6ed"
            + "090689d0585ff075ec9e99ad690c3395bc4b313370b38ef355acdadcd122975b"
            + "12c85ea5db8c6deb4aab71808dcb408fe3d1e7690c43d37b4ce6cc0166fa7daa";
    /// y is p - y.
    private static final String MINUS_G2 = G2.substring(0, 128) + minus(G2.substring(128, 192)) + minus(G2.substring(192));
    static final String P = "30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47";
    static final BigInteger N = new BigInteger("30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001", 16);
    static final String G1 = word(1) + word(2);
    /// On the twist, x = 2 + i: of the order of all its points.
    private static final String WHOLE =
            "00000000000000000000000000000000000000000000000000000000000000010000000000000000000000000000000000000000000000000000000000000002"
                    + "2b76c179599bb92a963dac85546a005a777f7c13f6a7b75d5918b6b5808f5fde101f7278419308b95099eca02dcee0c5381f4d26d1d62313f057167f064101ce";
    /// That times 2 p - n: of order n.
    private static final String CLEARED =
            "0cc52155d015f5bfe14a977f613d2d1fc2dd71966abf025a3dea3444afb7eeed27d409ede13256511fb71acc9b73965ec3ee0cf9768aa74bfdaa33a3d1af123c"
                    + "0c4e19e7e4f2445558334ade78c9e7a25e33d14a264c6e7764ca0d7899a981df190aaa70c451efd5ff89aa542eedd6c7e897ab8af6cddfa401f3441593f8ec08";
    /// That times (2 p - n) n / 10069: of order 10069.
    private static final String SMALL =
            "1f1939a35248c05963dc28c492bd5496d0ee07203ed62a4646610343b7f519d1163b1e6d53c2b9384d7a50f52db7a5f3089a85d87695f7b4f0dfb367204e3d74"
                    + "05b7ee9fa25c610b779f046afe61bc518aac03cdfed3a82e1851d413bf4e56e120616720904c4e3ec2056718d1a8fd28cb3978424461aec3ed1ee4534b60ca11";
    private static final String NOWHERE = "00".repeat(64);
    private static final long SEED = Long.getLong("coffer.seed", 196);
    private static final String FAILED = "failed";

    private final Random random = new Random(SEED);

    static String word(long value) {
        return word(BigInteger.valueOf(value));
    }

    static String word(BigInteger value) {
        return String.format("%064x", value);
    }

    private static String minus(String word) {
        return word(new BigInteger(P, 16).subtract(new BigInteger(word, 16)));
    }

    /// The answer, in room that was not zero, with the input somewhere in a segment.
    private static String run(int number, String hex) {
        byte[] in = HexFormat.of().parseHex(hex);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment workspace = arena.allocate(CorePrecompiles.WORKSPACE_BYTES + 8).fill((byte) 0x55);
            MemorySegment input = arena.allocate(in.length + 14).fill((byte) 0x66);
            MemorySegment.copy(in, 0, input, ValueLayout.JAVA_BYTE, 7, in.length);
            MemorySegment output = arena.allocate(80).fill((byte) 0x77);
            CorePrecompiles core = new CorePrecompiles(workspace, 8);
            long written = core.run(number, Fork.BYZANTIUM, input, 7, in.length, output, 3);
            byte[] all = output.toArray(ValueLayout.JAVA_BYTE);
            for (int i = 0; i < all.length; i++) {
                assertTrue(i >= 3 && i < 3 + written || all[i] == 0x77, "writes only its answer");
            }
            assertTrue(written <= core.outputBytesMax(number, input, 7, in.length));
            return written == Precompiles.FAILED ? FAILED : HexFormat.of().formatHex(Arrays.copyOfRange(all, 3, 3 + (int) written));
        }
    }

    private static String model(int number, String hex) {
        byte[] in = HexFormat.of().parseHex(hex);
        byte[] out = number == CorePrecompiles.BN254_ADD ? Bn254Model.add(in) : number == CorePrecompiles.BN254_MULTIPLY ? Bn254Model.multiply(in)
                : Bn254PairingModel.check(in);
        return out == null ? FAILED : HexFormat.of().formatHex(out);
    }

    private static String sum(String a, String b) {
        return run(CorePrecompiles.BN254_ADD, a + b);
    }

    private static String times(String a, BigInteger k) {
        return run(CorePrecompiles.BN254_MULTIPLY, a + word(k));
    }

    private static String pairs(String... parts) {
        return run(CorePrecompiles.BN254_PAIRING, String.join("", parts));
    }

    @Test
    void sumsAndMultiplesAreThoseOfTheModel() {
        List<String> points = new ArrayList<>(List.of(NOWHERE, G1, word(1) + minus(word(2)), word(1) + word(1), word(0) + word(2), word(0) + P, P + word(2),
                word(1) + P, "ff".repeat(64), G1.substring(0, 126) + "ff"));
        List<BigInteger> numbers = new ArrayList<>(List.of(BigInteger.ZERO, BigInteger.ONE, BigInteger.TWO, N.subtract(BigInteger.ONE), N,
                N.add(BigInteger.ONE), BigInteger.ONE.shiftLeft(256).subtract(BigInteger.ONE), BigInteger.ONE.shiftLeft(252), BigInteger.valueOf(16)));
        for (int i = 0; i < 4; i++) {
            numbers.add(new BigInteger(256, random));
            points.add(model(CorePrecompiles.BN254_MULTIPLY, G1 + word(numbers.getLast())));
        }
        points.add(points.getLast().substring(0, 64) + minus(points.getLast().substring(64)));
        for (String a : points) {
            for (String b : points) {
                assertEquals(model(CorePrecompiles.BN254_ADD, a + b), sum(a, b), () -> "seed " + SEED + ": " + a + " and " + b);
            }
        }
        for (String a : points.subList(0, 12)) {
            for (BigInteger k : numbers) {
                assertEquals(model(CorePrecompiles.BN254_MULTIPLY, a + word(k)), times(a, k), () -> "seed " + SEED + ": " + k + " times " + a);
            }
        }
    }

    @Test
    void zerosFollowWhatIsShortAndWhatIsLongIsCut() {
        String point = times(G1, new BigInteger(250, random));
        String in = point + times(G1, BigInteger.TEN) + "123456";
        for (int bytes = 0; bytes <= 131; bytes++) {
            String cut = in.substring(0, 2 * bytes);
            assertEquals(model(CorePrecompiles.BN254_ADD, cut), run(CorePrecompiles.BN254_ADD, cut), "bytes " + bytes);
            if (bytes % 8 == 0) {
                assertEquals(model(CorePrecompiles.BN254_MULTIPLY, cut), run(CorePrecompiles.BN254_MULTIPLY, cut), "bytes " + bytes);
            }
        }
    }

    @Test
    void theProductIsOneWhereTheExponentsCancelAndElseNot() {
        String minus = times(G1, N.subtract(BigInteger.ONE));
        assertEquals(word(1), pairs());
        assertEquals(word(0), pairs(G1, G2));
        assertEquals(word(1), pairs(G1, G2, minus, G2));
        assertEquals(word(1), pairs(G1, G2, G1, MINUS_G2));
        assertEquals(word(0), pairs(G1, G2, G1, G2));
        assertEquals(word(1), pairs(NOWHERE, G2, G1, NOWHERE + NOWHERE));
        assertEquals(word(0), pairs(NOWHERE, G2, G1, G2));
        for (int i = 0; i < 40; i++) {
            BigInteger k = new BigInteger(256, random).mod(N);
            BigInteger l = new BigInteger(1 + random.nextInt(256), random).mod(N);
            BigInteger rest = N.add(N).subtract(k).subtract(l).mod(N);
            String what = "seed " + SEED + ": " + k + " and " + l;
            assertEquals(word(1), pairs(times(G1, k), G2, times(G1, l), G2, times(G1, rest), G2), what);
            assertEquals(word(1), pairs(times(G1, k), G2, times(G1, l), MINUS_G2, times(G1, l.subtract(k).mod(N)), G2), what);
            assertEquals(word(0), pairs(times(G1, k), G2, times(G1, l), G2, times(G1, rest.add(BigInteger.ONE).mod(N)), G2), what);
        }
    }

    @Test
    void whatIsNoListOfPointsOfBothGroupsIsRefusedWhereverItStands() {
        assertEquals(FAILED, pairs("00".repeat(191)));
        assertEquals(FAILED, pairs("00".repeat(193)));
        String offTheTwist = G2.substring(0, 255) + "b";
        for (String first : new String[] {"", G1 + G2}) {
            assertEquals(FAILED, pairs(first, word(1) + word(1), G2), "off the curve");
            assertEquals(FAILED, pairs(first, word(1) + P, G2), "not below p");
            assertEquals(FAILED, pairs(first, G1, offTheTwist), "off the twist");
            for (int i = 0; i < 256; i += 64) {
                assertEquals(FAILED, pairs(first, G1, G2.substring(0, i) + P + G2.substring(i + 64)), "not below p");
            }
            assertEquals(FAILED, pairs(first, NOWHERE, offTheTwist), "also beside the neutral element");
            assertEquals(FAILED, pairs(first, word(1) + word(1), NOWHERE + NOWHERE));
        }
    }

    @Test
    void whatIsOnTheTwistAndNotOfOrderNIsRefused() {
        String minus = times(G1, N.subtract(BigInteger.ONE));
        assertEquals(word(1), pairs(G1, CLEARED, minus, CLEARED));
        assertEquals(word(0), pairs(G1, CLEARED, minus, G2));
        for (String other : new String[] {WHOLE, SMALL}) {
            assertEquals(FAILED, model(CorePrecompiles.BN254_PAIRING, G1 + other));
            assertEquals(FAILED, pairs(G1, other));
            assertEquals(FAILED, pairs(NOWHERE, other), "also beside the neutral element");
            assertEquals(FAILED, pairs(G1, CLEARED, minus, other));
        }
    }

    @Test
    void theForksBeforeByzantiumHaveNone() {
        for (int number = CorePrecompiles.BN254_ADD; number <= CorePrecompiles.BN254_PAIRING; number++) {
            assertFalse(CorePrecompiles.holds(number, Fork.SPURIOUS_DRAGON));
            assertTrue(CorePrecompiles.holds(number, Fork.BYZANTIUM));
        }
    }
}
