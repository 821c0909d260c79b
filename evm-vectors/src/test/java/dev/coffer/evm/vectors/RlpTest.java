package dev.coffer.evm.vectors;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.evm.trie.Rlp;
import dev.coffer.testkit.LongRun;
import dev.coffer.testkit.Seeds;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Recursive length prefix: known forms, the edges of heads, and hostile bytes, of which each is refused or is the one form of what was read.
class RlpTest {
    private final int[] answers = new int[2];

    private static byte[] hex(String digits) {
        return HexFormat.of().parseHex(digits);
    }

    /// The examples of the Yellow Paper's appendix and of the wiki that it came from.
    @Test
    void knownFormsAreWrittenAndRead() {
        assertArrayEquals(hex("80"), Rlp.bytes(new byte[0]));
        assertArrayEquals(hex("00"), Rlp.bytes(new byte[] {0}));
        assertArrayEquals(hex("7f"), Rlp.bytes(new byte[] {0x7f}));
        assertArrayEquals(hex("8180"), Rlp.bytes(new byte[] {(byte) 0x80}));
        assertArrayEquals(hex("83646f67"), Rlp.bytes("dog".getBytes(US_ASCII)));
        assertArrayEquals(hex("c0"), Rlp.list());
        assertArrayEquals(hex("c88363617483646f67"), Rlp.list(Rlp.bytes("cat".getBytes(US_ASCII)), Rlp.bytes("dog".getBytes(US_ASCII))));
        assertArrayEquals(hex("c7c0c1c0c3c0c1c0"), Rlp.list(Rlp.list(), Rlp.list(Rlp.list()), Rlp.list(Rlp.list(), Rlp.list(Rlp.list()))));
        assertArrayEquals(hex("b8384c6f72656d20697073756d20646f6c6f722073697420616d65742c20636f6e7365637465747572206164697069736963696e6720656c6974"),
                Rlp.bytes("Lorem ipsum dolor sit amet, consectetur adipisicing elit".getBytes(US_ASCII)));
        assertArrayEquals(hex("80"), Rlp.number(BigInteger.ZERO));
        assertArrayEquals(hex("820400"), Rlp.number(BigInteger.valueOf(1024)));
        assertArrayEquals(hex("8180"), Rlp.number(BigInteger.valueOf(128)));
    }

    @ParameterizedTest
    @CsvSource({"0", "1", "54", "55", "56", "57", "255", "256", "257", "65535", "65536", "70000"})
    void stringsAndListsOfEachLengthComeBack(int length) {
        byte[] value = new byte[length];
        Arrays.fill(value, (byte) 0x81);
        assertEquals(new Rlp.Bytes(value), Rlp.read(Rlp.bytes(value)));
        List<Rlp.Item> items = new ArrayList<>();
        byte[][] written = new byte[length][];
        for (int i = 0; i < length; i++) {
            items.add(new Rlp.Bytes(new byte[] {5}));
            written[i] = new byte[] {5};
        }
        assertEquals(new Rlp.Items(items), Rlp.read(Rlp.list(written)));
        int head = length < 56 ? 1 : length < 256 ? 2 : length < 65536 ? 3 : 4;
        assertEquals(length + head, Rlp.list(written).length);
    }

    @ParameterizedTest
    @CsvSource({
            "'', cut short", "8100, a byte below 128 that has a head", "817f, a byte below 128 that has a head", "83646f, cut short", "c1, cut short",
            "c28363, cut short", "0001, something after the item", "c000, something after the item", "b800, a length with a leading zero",
            "b837" + "00, a long head for 55 bytes", "b90038, a length with a leading zero", "f800, a length with a leading zero",
            "f83700, a long head for 55 bytes",
            "b8, cut short", "bf, cut short", "ff, cut short", "bfffffffffffffffff, cut short", "ff7fffffffffffffff, cut short", "bb80000000, cut short",
            "c3c28101, a byte below 128 that has a head", "c281, cut short"
    })
    void whatIsNotTheOneFormIsRefused(String digits, String why) {
        IllegalArgumentException refused = assertThrows(IllegalArgumentException.class, () -> Rlp.read(hex(digits)));
        assertTrue(refused.getMessage().endsWith(": " + why), refused.getMessage());
    }

    @Test
    void listsNestAsDeepAsIsSaidAndNoDeeper() {
        byte[] nested = Rlp.list();
        for (int depth = 1; depth < Rlp.DEPTH_MAX; depth++) {
            nested = Rlp.list(nested);
        }
        byte[] deepest = nested;
        assertArrayEquals(deepest, Rlp.item(Rlp.read(deepest)));
        assertThrows(IllegalArgumentException.class, () -> Rlp.read(Rlp.list(deepest)));
        byte[] hostile = new byte[1 << 16];
        Arrays.fill(hostile, (byte) 0xf9);
        assertThrows(IllegalArgumentException.class, () -> Rlp.read(hostile));
    }

    // --- hostile bytes ----------------------------------------------------------------------------------------------

    private static Rlp.Item item(SplittableRandom random, int depth) {
        if (random.nextInt(3) > 0 || depth > 4) {
            byte[] value = new byte[random.nextInt(12) == 0 ? random.nextInt(50, 70) : random.nextInt(4)];
            random.nextBytes(value);
            return new Rlp.Bytes(value);
        }
        List<Rlp.Item> items = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            items.add(item(random, depth + 1));
        }
        return new Rlp.Items(items);
    }

    private static byte[] spoiled(SplittableRandom random, byte[] good) {
        byte[] bad = Arrays.copyOf(good, Math.max(0, good.length + random.nextInt(-1, 2)));
        for (int changes = random.nextInt(3); changes > 0 && bad.length > 0; changes--) {
            bad[random.nextInt(bad.length)] = (byte) (random.nextBoolean() ? random.nextInt() : 0xb5 + random.nextInt(0x4b));
        }
        return bad;
    }

    private static byte[] noise(SplittableRandom random) {
        byte[] bytes = new byte[random.nextInt(12)];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (random.nextInt(3) == 0 ? random.nextInt() : random.nextInt(2) == 0 ? 0xb6 + random.nextInt(0x4a) : random.nextInt(4));
        }
        return bytes;
    }

    private void read(SplittableRandom random) {
        byte[] input;
        if (random.nextInt(3) == 0) {
            input = noise(random);
        } else {
            Rlp.Item item = item(random, 0);
            byte[] good = Rlp.item(item);
            assertEquals(item, Rlp.read(good));
            input = spoiled(random, good);
        }
        try {
            Rlp.Item read = Rlp.read(input);
            assertArrayEquals(input, Rlp.item(read), () -> "another form of " + read);
            answers[1]++;
        } catch (IllegalArgumentException e) {
            assertTrue(e.getMessage().startsWith("RLP at "), e.getMessage());
            answers[0]++;
        }
    }

    @Test
    void hostileBytesAreRefusedOrAreTheOneFormOfWhatWasRead() {
        Seeds.forEach(1, 100_000, this::read);
        for (int count : answers) {
            assertTrue(Long.getLong("coffer.seed") != null || count > 10_000, "each answer often: " + count);
        }
    }

    @Test
    @Tag("long")
    void rlpForLong() {
        LongRun.of("RLP", 1_000_000, this::read);
    }
}
