package dev.coffer.evm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.coffer.evm.opcode.Fork;
import dev.coffer.testkit.Seeds;
import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.BinaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Instructions as code runs them, beside [BigInteger]; and what they copy, on memory that is not zero.
class InstructionsPropertyTest {
    private static final WorldStateConfig SMALL = new WorldStateConfig(64, 64, 1 << 16, 1 << 16, 16, 1 << 12);
    private static final BigInteger MODULUS = BigInteger.ONE.shiftLeft(256);
    private static final BigInteger ONES = MODULUS.subtract(BigInteger.ONE);
    private static final String RETURN_WORD = "60205ff3";
    private static final String ALL_ONES = "7f" + "ff".repeat(32) + "5f52";     // the first word of memory
    private static final int HERE = 0xc0de;
    private static final int OTHER = 0xdead;

    /// By opcode; the first operand is the top of the stack.
    private static final Map<Integer, BinaryOperator<BigInteger>> TWO = Map.ofEntries(
            Map.entry(0x01, BigInteger::add), Map.entry(0x02, BigInteger::multiply), Map.entry(0x03, BigInteger::subtract),
            Map.entry(0x04, (a, b) -> b.signum() == 0 ? b : a.divide(b)), Map.entry(0x05, (a, b) -> b.signum() == 0 ? b : signed(a).divide(signed(b))),
            Map.entry(0x06, (a, b) -> b.signum() == 0 ? b : a.mod(b)), Map.entry(0x07, (a, b) -> b.signum() == 0 ? b : signed(a).remainder(signed(b))),
            Map.entry(0x10, (a, b) -> truth(a.compareTo(b) < 0)), Map.entry(0x11, (a, b) -> truth(a.compareTo(b) > 0)),
            Map.entry(0x12, (a, b) -> truth(signed(a).compareTo(signed(b)) < 0)), Map.entry(0x13, (a, b) -> truth(signed(a).compareTo(signed(b)) > 0)),
            Map.entry(0x14, (a, b) -> truth(a.equals(b))), Map.entry(0x16, BigInteger::and), Map.entry(0x17, BigInteger::or),
            Map.entry(0x18, BigInteger::xor),
            Map.entry(0x1a, (i, x) -> i.bitLength() > 5 ? BigInteger.ZERO : x.shiftRight(248 - 8 * i.intValue()).and(BigInteger.valueOf(255))),
            Map.entry(0x1b, (n, x) -> n.bitLength() > 8 ? BigInteger.ZERO : x.shiftLeft(n.intValue())),
            Map.entry(0x1c, (n, x) -> n.bitLength() > 8 ? BigInteger.ZERO : x.shiftRight(n.intValue())),
            Map.entry(0x1d, (n, x) -> signed(x).shiftRight(n.bitLength() > 8 ? 256 : n.intValue())));

    private final WorldState state = new WorldState(SMALL);
    private final Interpreter machine = Interpreter.open(InterpreterConfig.of(Fork.CANCUN), state, null);

    @AfterEach
    void closes() {
        machine.close();
    }

    private static BigInteger signed(BigInteger word) {
        return word.testBit(255) ? word.subtract(MODULUS) : word;
    }

    private static BigInteger truth(boolean is) {
        return is ? BigInteger.ONE : BigInteger.ZERO;
    }

    private static String push(BigInteger word) {
        return "7f" + String.format(Locale.ROOT, "%064x", word);
    }

    private Outcome outcome(String code, byte[] input) {
        long[] w = {0xca11e4, 0, 0, 0, HERE, 0, 0, 0, 10, 0, 0, 0, OTHER, 0, 0, 0};
        state.clear();
        state.account(w, 4, w, 8, 1);
        setCode(w, 4, code);
        state.account(w, 12, w, 8, 1);
        setCode(w, 12, "60016002600360045b00");
        state.beginTransaction();
        return machine.run(new Message().caller(w, 0).to(w, 4).input(MemorySegment.ofArray(input), 0, input.length).gas(1_000_000));
    }

    private byte[] run(String code, byte[] input) {
        Outcome outcome = outcome(code, input);
        assertEquals(Status.SUCCESS, outcome.status(), outcome::toString);
        return outcome.output();
    }

    private void setCode(long[] w, int address, String code) {
        byte[] bytes = HexFormat.of().parseHex(code);
        state.setCode(w, address, MemorySegment.ofArray(bytes), 0, bytes.length);
    }

    /// Small ones, those with few bits set or clear, halves, and any.
    private static BigInteger word(SplittableRandom random) {
        BigInteger any = new BigInteger(256, new java.util.Random(random.nextLong()));
        return switch (random.nextInt(7)) {
            case 0 -> BigInteger.valueOf(random.nextInt(300));
            case 1 -> ONES.subtract(BigInteger.valueOf(random.nextInt(3)));
            case 2 -> BigInteger.ONE.shiftLeft(random.nextInt(256));
            case 3 -> ONES.clearBit(random.nextInt(256));
            case 4 -> any.shiftRight(random.nextInt(256));
            case 5 -> any.and(BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE).shiftLeft(64 * random.nextInt(4)));
            default -> any;
        };
    }

    @Test
    void instructionsOfTwoOperandsAgreeWithBigIntegers() {
        Seeds.forEach(1, 300, random -> TWO.forEach((opcode, model) -> {
            BigInteger a = word(random);
            BigInteger b = random.nextInt(10) == 0 ? a : word(random);
            String name = Integer.toHexString(opcode) + " of " + a.toString(16) + " and " + b.toString(16);
            byte[] found = run(push(b) + push(a) + String.format(Locale.ROOT, "%02x", opcode) + "5f52" + RETURN_WORD, new byte[0]);
            assertEquals(model.apply(a, b).mod(MODULUS).toString(16), new BigInteger(1, found).toString(16), name);
        }));
    }

    @Test
    void notAndIsZeroLookAtEveryBit() {
        for (int bit = 0; bit < 256; bit++) {
            BigInteger one = BigInteger.ONE.shiftLeft(bit);
            assertEquals(ONES.subtract(one), new BigInteger(1, run(push(one) + "195f52" + RETURN_WORD, new byte[0])));
            assertEquals(BigInteger.ZERO, new BigInteger(1, run(push(one) + "155f52" + RETURN_WORD, new byte[0])));
        }
        assertEquals(BigInteger.ONE, new BigInteger(1, run("5f155f52" + RETURN_WORD, new byte[0])));
    }

    /// Code that copies to the first word of memory, which is all ones before, and what is then in it.
    @ParameterizedTest
    @CsvSource({
            "60205f5f37, '', ''",                                                        // CALLDATACOPY
            "602060015f37, 0102030405, 02030405",
            "602060055f37, 0102030405, ''",
            "602067ffffffffffffffff5f37, 0102030405, ''",
            "600360035f37, 0102030405, 040500" + "ff",                                   // the last bytes are not touched
            "60205f5f61dead3c, '', 60016002600360045b00",                                // EXTCODECOPY
            "602060085f61dead3c, '', 5b00",
            "60205f5f7fffffffffffffffffffffffff000000000000000000000000000000000000dead3c, '', 60016002600360045b00",  // whatever lies above an address
            "60205f5f61beef3c, '', ''",                                                  // nobody
            "60206101005f39, '', ''"                                                     // CODECOPY past its end
    })
    void whatIsCopiedPastTheEndIsZero(String copies, String input, String expected) {
        byte[] found = run(ALL_ONES + copies + RETURN_WORD, HexFormat.of().parseHex(input));
        String text = expected.endsWith("ff") ? expected + "ff".repeat(32 - expected.length() / 2) : expected + "00".repeat(32 - expected.length() / 2);
        assertEquals(text, HexFormat.of().formatHex(found));
    }

    @Test
    void theHashOfNothingIsThatOfNothing() {
        assertArrayEquals(HexFormat.of().parseHex("c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"),
                run("5f5f205f52" + RETURN_WORD, new byte[0]));
        assertArrayEquals(HexFormat.of().parseHex("c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"),
                run("5f7f" + "ff".repeat(32) + "205f52" + RETURN_WORD, new byte[0]), "wherever that lies");
    }

    @Test
    void theSizeOfTheInputIsPushed() {
        for (int length : new int[] {0, 1, 300}) {
            assertEquals(length, new BigInteger(1, run("365f52" + RETURN_WORD, new byte[length])).intValueExact());
        }
    }

    @ParameterizedTest
    @CsvSource({"5f56, BAD_JUMP", "60015f57, BAD_JUMP", "6001600457, BAD_JUMP", "5f600457, SUCCESS", "60016006575f5b, SUCCESS", "6005565f5b, BAD_JUMP"})
    void aJumpLandsWhereOneMayOrEndsTheRun(String code, Status expected) {
        assertEquals(expected, outcome(code, new byte[0]).status());
    }

    @Test
    void gasBelowZeroIsRefused() {
        Message message = new Message().gas(0);
        assertThrows(IllegalArgumentException.class, () -> message.gas(-1));
        assertThrows(IllegalArgumentException.class, () -> message.gas(Long.MIN_VALUE));
    }
}
