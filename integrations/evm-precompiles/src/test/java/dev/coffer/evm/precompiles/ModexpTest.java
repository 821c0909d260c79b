package dev.coffer.evm.precompiles;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.coffer.evm.Interpreter;
import dev.coffer.evm.InterpreterConfig;
import dev.coffer.evm.Message;
import dev.coffer.evm.Outcome;
import dev.coffer.evm.Status;
import dev.coffer.evm.WorldState;
import dev.coffer.evm.WorldStateConfig;
import dev.coffer.evm.opcode.Fork;
import dev.coffer.testkit.Seeds;
import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// MODEXP where its numbers are long, and its input is shorter than they are.
class ModexpTest {
    private static final int LONG = (1 << 24) + 1;

    private final long[] w = new long[8];

    private static byte[] input(long base, long exponent, long modulus, int bytes) {
        byte[] input = new byte[bytes];
        long[] lengths = {base, exponent, modulus};
        for (int i = 0; i < lengths.length; i++) {
            byte[] length = LibraryPrecompiles.bytes(BigInteger.valueOf(lengths[i]), 32);
            System.arraycopy(length, 0, input, 32 * i, 32);
        }
        return input;
    }

    /// What came of a message to it.
    private record Answer(Status status, long gasLeft, String output) {}

    private Answer run(Fork fork, byte[] input, long gas) {
        WorldState state = new WorldState(new WorldStateConfig(16, 16, 1 << 10, 1 << 10, 16, 64));
        try (Interpreter machine = Interpreter.open(InterpreterConfig.of(fork), state, new LibraryPrecompiles())) {
            w[4] = 5;
            state.beginTransaction();
            Outcome outcome = machine.run(new Message().caller(w, 0).to(w, 4).gas(gas).input(MemorySegment.ofArray(input), 0, input.length));
            return new Answer(outcome.status(), outcome.gasLeft(), HexFormat.of().formatHex(outcome.output()));
        }
    }

    /// 3 to a power of 2^24 + 1 bytes that are not there, modulo a byte that is not there: blocks had the gas for it.
    @Test
    void anExponentThatIsNotThereCostsItsLengthAndHasAnAnswer() {
        byte[] input = input(1, LONG, 1, 97);
        input[96] = 3;
        for (Fork fork : new Fork[] {Fork.BYZANTIUM, Fork.PRAGUE}) {
            long gas = 8L * (LONG - 32) / (fork.atLeast(Fork.BERLIN) ? 3 : 20);
            assertEquals(new Answer(Status.SUCCESS, 0, "00"), run(fork, input, gas), fork::toString);
            assertEquals(Status.OUT_OF_GAS, run(fork, input, gas - 1).status(), fork::toString);
        }
        assertEquals(Status.PRECOMPILE_FAILED, run(Fork.OSAKA, input, 1L << 62).status(), "EIP-7823");
        byte[] endless = input(1, 0, 2, 97);
        Arrays.fill(endless, 32, 64, (byte) 0xff);                         // an exponent of 2^256 - 1 bytes
        assertEquals(Status.OUT_OF_GAS, run(Fork.BERLIN, endless, 1L << 60).status());
        MemorySegment segment = MemorySegment.ofArray(endless);
        assertEquals(2, Modexp.outputBytes(segment, 0, endless.length));
        assertArrayEquals(new byte[2], Modexp.run(segment, 0, endless.length));
    }

    /// 2^24 + 1 bytes that are there, zeros but for the last: 7^5 mod 1000.
    @Test
    void aLongExponentThatIsThereCounts() {
        byte[] input = input(1, LONG, 2, 96 + 1 + LONG + 2);
        input[96] = 7;
        input[96 + LONG] = 5;
        input[96 + 1 + LONG] = (byte) (1000 >> 8);
        input[96 + 2 + LONG] = (byte) 1000;
        MemorySegment segment = MemorySegment.ofArray(input);
        assertEquals("0327", HexFormat.of().formatHex(Modexp.run(segment, 0, input.length)));   // 16807 mod 1000 = 807
    }

    /// Base and modulus are paid for by their square, and are bounded.
    @Test
    void aLongBaseOrModulusIsMoreThanAnyMemory() {
        for (long[] lengths : new long[][] {{LONG, 1, 1}, {1, 1, LONG}}) {
            byte[] input = input(lengths[0], lengths[1], lengths[2], 96);
            assertEquals(Long.MAX_VALUE, Modexp.outputBytes(MemorySegment.ofArray(input), 0, 96));
        }
        byte[] none = input(LONG, LONG, 0, 96);
        assertEquals(0, Modexp.outputBytes(MemorySegment.ofArray(none), 0, 96));
    }

    /// In parts of one to five bytes as at once; cut anywhere, what is missing is zeros.
    @Test
    void partsOfAnExponentMakeThePowerOfTheWhole() {
        Seeds.forEach(1, 1_000, ModexpTest::compare);
    }

    private static void compare(SplittableRandom random) {
        int base = random.nextInt(9);
        int exponent = random.nextInt(20);
        int modulus = 1 + random.nextInt(9);
        byte[] input = input(base, exponent, modulus, 96 + base + exponent + modulus);
        for (int i = 96; i < input.length; i++) {
            input[i] = random.nextInt(3) == 0 ? 0 : (byte) random.nextInt();
        }
        int length = 96 + random.nextInt(input.length - 95);
        byte[] whole = Arrays.copyOf(Arrays.copyOf(input, length), input.length);
        BigInteger m = LibraryPrecompiles.number(whole, 96 + base + exponent, modulus);
        byte[] expected = m.signum() == 0 ? new byte[modulus]
                : LibraryPrecompiles.bytes(LibraryPrecompiles.number(whole, 96, base).modPow(LibraryPrecompiles.number(whole, 96 + base, exponent), m),
                        modulus);
        MemorySegment segment = MemorySegment.ofArray(input);
        assertArrayEquals(expected, Modexp.run(segment, 0, length, 1 + random.nextInt(5)));
        assertArrayEquals(expected, Modexp.run(segment, 0, length));
    }
}
