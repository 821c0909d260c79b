package dev.coffer.evm.gas;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.evm.opcode.Fork;
import dev.coffer.testkit.Seeds;
import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Prices of the precompiles at the edges of their steps: the Yellow Paper's appendix E, EIP-152, 197, 198, 1108, 2537,
/// 2565, 4844, 7823, 7883 and 7951.
class PrecompileGasTest {
    private static long price(int number, Fork fork, int length) {
        return PrecompileGas.of(number, fork, MemorySegment.ofArray(new byte[length]), 0, length);
    }

    @ParameterizedTest
    @CsvSource({
            "1, FRONTIER, 0, 3000", "1, OSAKA, 999, 3000",
            "2, FRONTIER, 0, 60", "2, FRONTIER, 1, 72", "2, FRONTIER, 32, 72", "2, FRONTIER, 33, 84",
            "3, FRONTIER, 0, 600", "3, FRONTIER, 32, 720", "3, FRONTIER, 33, 840",
            "4, FRONTIER, 0, 15", "4, FRONTIER, 32, 18", "4, FRONTIER, 33, 21",
            "6, BYZANTIUM, 128, 500", "6, ISTANBUL, 128, 150",
            "7, BYZANTIUM, 96, 40000", "7, ISTANBUL, 96, 6000",
            "8, BYZANTIUM, 0, 100000", "8, BYZANTIUM, 191, 100000", "8, BYZANTIUM, 192, 180000", "8, BYZANTIUM, 383, 180000",
            "8, ISTANBUL, 0, 45000", "8, ISTANBUL, 1, 45000", "8, ISTANBUL, 191, 45000", "8, ISTANBUL, 192, 79000",
            "8, ISTANBUL, 193, 79000", "8, ISTANBUL, 384, 113000",
            "9, ISTANBUL, 213, 0", "9, ISTANBUL, 212, -1", "9, ISTANBUL, 214, -1",
            "10, CANCUN, 192, 50000", "11, PRAGUE, 256, 375", "13, PRAGUE, 512, 600",
            "12, PRAGUE, 159, 0", "12, PRAGUE, 160, 12000", "12, PRAGUE, 320, 22776", "12, PRAGUE, 20480, 797184",
            "12, PRAGUE, 20640, 803412",
            "14, PRAGUE, 287, 0", "14, PRAGUE, 288, 22500", "14, PRAGUE, 576, 45000", "14, PRAGUE, 36864, 1509120",
            "14, PRAGUE, 37152, 1520910",
            "15, PRAGUE, 0, 37700", "15, PRAGUE, 383, 37700", "15, PRAGUE, 384, 70300",
            "16, PRAGUE, 64, 5500", "17, PRAGUE, 128, 23800", "256, OSAKA, 160, 6900", "18, OSAKA, 0, -1",
    })
    void stepsArePricedAtTheirEdges(int number, Fork fork, int length, long gas) {
        assertEquals(gas < 0 ? PrecompileGas.REFUSED : gas, price(number, fork, length));
    }

    /// The input of MODEXP whose base and modulus have `longest` bytes and whose exponent is 2^bit in 32 bytes.
    private static MemorySegment modexp(int longest, int bit) {
        byte[] input = new byte[96 + longest + 32 + longest];
        put(input, 0, BigInteger.valueOf(longest));
        put(input, 32, BigInteger.valueOf(32));
        put(input, 64, BigInteger.valueOf(longest));
        put(input, 96 + longest, BigInteger.ONE.shiftLeft(bit));
        return MemorySegment.ofArray(input);
    }

    private static void put(byte[] input, int at, BigInteger value) {
        byte[] bytes = value.toByteArray();
        for (int i = 0; i < Math.min(32, bytes.length); i++) {
            input[at + 31 - i] = bytes[bytes.length - 1 - i];
        }
    }

    /// EIP-2565: 200 at least; two words squared are 4, so 150 bits cost exactly that.
    @ParameterizedTest
    @CsvSource({
            "BERLIN, 16, 149, 200", "BERLIN, 16, 150, 200", "BERLIN, 16, 151, 201", "BERLIN, 17, 150, 450", "BERLIN, 8, 0, 200",
            "BYZANTIUM, 16, 0, 12", "BYZANTIUM, 16, 1, 12", "BYZANTIUM, 16, 2, 25", "BYZANTIUM, 64, 255, 52224",
            "BYZANTIUM, 65, 255, 53856", "BYZANTIUM, 1024, 1, 17868", "BYZANTIUM, 1025, 1, 17899",
            "OSAKA, 32, 31, 500", "OSAKA, 32, 32, 512", "OSAKA, 33, 10, 500", "OSAKA, 33, 11, 550", "OSAKA, 1024, 1, 32768",
            "OSAKA, 1025, 1, -1",
    })
    void modexpIsPricedAtItsEdges(Fork fork, int longest, int bit, long gas) {
        MemorySegment input = modexp(longest, bit);
        assertEquals(gas < 0 ? PrecompileGas.REFUSED : gas, PrecompileGas.of(5, fork, input, 0, input.byteSize()));
    }

    /// EIP-7823: each length alone, also where the others are 0; before Osaka none is too long.
    @ParameterizedTest
    @CsvSource({"1024, 0, 0, 32768", "1025, 0, 0, -1", "0, 1024, 0, 253952", "0, 1025, 0, -1", "0, 0, 1024, 32768", "0, 0, 1025, -1",
            "1024, 1024, 1024, 520093696",
            "1, 1025, 1, -1"})
    void eachLengthOfModexpHasItsBound(int base, int exponent, int modulus, long gas) {
        byte[] input = new byte[96];
        put(input, 0, BigInteger.valueOf(base));
        put(input, 32, BigInteger.valueOf(exponent));
        put(input, 64, BigInteger.valueOf(modulus));
        long osaka = PrecompileGas.of(5, Fork.OSAKA, MemorySegment.ofArray(input), 0, 96);
        assertEquals(gas < 0 ? PrecompileGas.REFUSED : Math.max(gas, 500), osaka);
        assertTrue(PrecompileGas.of(5, Fork.PRAGUE, MemorySegment.ofArray(input), 0, 96) < PrecompileGas.REFUSED);
    }

    /// The proposals' own words, in numbers without end.
    private static BigInteger modexpByProposal(Fork fork, int base, int exponent, int modulus, BigInteger head) {
        BigInteger longest = BigInteger.valueOf(Math.max(base, modulus));
        BigInteger words = longest.add(BigInteger.valueOf(7)).divide(BigInteger.valueOf(8));
        long perByte = fork == Fork.OSAKA ? 16 : 8;
        BigInteger iterations = BigInteger.valueOf(Math.max(0, head.bitLength() - 1) + perByte * Math.max(0, exponent - 32)).max(BigInteger.ONE);
        if (fork == Fork.BERLIN) {
            return words.pow(2).multiply(iterations).divide(BigInteger.valueOf(3)).max(BigInteger.valueOf(200));
        }
        if (fork == Fork.OSAKA) {
            BigInteger complexity = longest.intValue() > 32 ? words.pow(2).shiftLeft(1) : BigInteger.valueOf(16);
            return complexity.multiply(iterations).max(BigInteger.valueOf(500));
        }
        int x = longest.intValue();
        BigInteger complexity = x <= 64 ? longest.pow(2) : x <= 1024 ? longest.pow(2).divide(BigInteger.valueOf(4)).add(BigInteger.valueOf(96L * x - 3072))
                : longest.pow(2).divide(BigInteger.valueOf(16)).add(BigInteger.valueOf(480L * x - 199680));
        return complexity.multiply(iterations).divide(BigInteger.valueOf(20));
    }

    @Test
    void modexpIsPricedAsItsProposalsSayWhateverItsLengthsAndExponent() {
        Seeds.forEach(1, 3000, random -> {
            Fork fork = new Fork[] {Fork.BYZANTIUM, Fork.BERLIN, Fork.OSAKA}[random.nextInt(3)];
            int[] lengths = new int[3];
            for (int i = 0; i < 3; i++) {
                int[] edges = {0, 1, 31, 32, 33, 64, 65, 1024};
                lengths[i] = random.nextBoolean() ? edges[random.nextInt(edges.length)] : random.nextInt(1025);
            }
            byte[] input = new byte[96 + lengths[0] + lengths[1] + lengths[2]];
            random.nextBytes(input);
            for (int i = 0; i < 3; i++) {
                Arrays.fill(input, 32 * i, 32 * i + 32, (byte) 0);
                put(input, 32 * i, BigInteger.valueOf(lengths[i]));
            }
            int headBytes = Math.min(32, lengths[1]);
            int from = 96 + lengths[0];
            Arrays.fill(input, from, from + random.nextInt(headBytes + 1), (byte) 0);
            int present = random.nextInt(4) == 0 ? random.nextInt(96, input.length + 1) : input.length;   // zeros past the input's end
            byte[] head = Arrays.copyOfRange(Arrays.copyOf(Arrays.copyOf(input, present), input.length), from, from + headBytes);
            assertEquals(modexpByProposal(fork, lengths[0], lengths[1], lengths[2], new BigInteger(1, head)).longValueExact(),
                    PrecompileGas.of(5, fork, MemorySegment.ofArray(input), 0, present), () -> fork + " " + Arrays.toString(lengths));
        });
    }

    @Test
    void modexpOfHugeLengthsSaturates() {
        byte[] input = new byte[96];
        Arrays.fill(input, (byte) 0xff);
        MemorySegment segment = MemorySegment.ofArray(input);
        assertEquals(1L << 62, PrecompileGas.modexpLength(segment, 0, 96, 0));
        assertEquals((Long.MAX_VALUE - 1) / 3, PrecompileGas.of(5, Fork.BERLIN, segment, 0, 96));
        assertEquals(0, PrecompileGas.modexpLength(segment, 0, 0, 0), "zeros past the input's end");
    }

    @ParameterizedTest
    @CsvSource({
            "FRONTIER, 15000, 24000, 4", "BYZANTIUM, 15000, 24000, 8", "ISTANBUL, 15000, 24000, 9", "BERLIN, 15000, 24000, 9",
            "LONDON, 4800, 0, 9", "CANCUN, 4800, 0, 10", "PRAGUE, 4800, 0, 17", "OSAKA, 4800, 0, 17",
    })
    void refundsAndPrecompilesOfAForkAreThoseOfItsProposals(Fork fork, long clear, long destruct, int precompiles) {
        GasSchedule schedule = GasSchedule.of(fork);
        assertEquals(clear, schedule.clearRefund);
        assertEquals(destruct, schedule.destructRefund);
        assertEquals(precompiles, schedule.precompileMax);
    }
}
