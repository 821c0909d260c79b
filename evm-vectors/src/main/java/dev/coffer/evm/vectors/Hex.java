package dev.coffer.evm.vectors;

import dev.coffer.evm.word.Word;
import java.math.BigInteger;
import java.util.HexFormat;
import java.util.Locale;

/// Numbers and bytes as fixtures write them: hexadecimal with 0x. Stateless.
public final class Hex {
    private Hex() {}

    private static String digits(String text) {
        return text.startsWith("0x") || text.startsWith("0X") ? text.substring(2) : text;
    }

    /// {@return the bytes of an even number of digits}
    ///
    /// @throws IllegalArgumentException  not hexadecimal, or an odd number of digits
    public static byte[] bytes(String text) {
        return HexFormat.of().parseHex(digits(text));
    }

    /// {@return the bytes of a number, whose first zero may be left out}
    static byte[] padded(String text) {
        String digits = digits(text);
        return HexFormat.of().parseHex(digits.length() % 2 == 0 ? digits : "0" + digits);
    }

    /// {@return bytes as text with 0x}
    public static String text(byte[] bytes) {
        return "0x" + HexFormat.of().formatHex(bytes);
    }

    /// Reads a number of at most 64 digits into a word.
    ///
    /// @throws IllegalArgumentException  not hexadecimal, or longer
    public static void word(String text, long[] s, int r) {
        String digits = digits(text);
        if (digits.length() > 64) {
            throw new IllegalArgumentException("number of " + digits.length() + " digits (expected at most 64)");
        }
        for (int i = 0; i < Word.LONGS; i++) {
            int end = Math.max(0, digits.length() - 16 * i);
            int start = Math.max(0, end - 16);
            s[r + i] = start == end ? 0 : Long.parseUnsignedLong(digits, start, end, 16);
        }
    }

    /// {@return a word as text with 0x and 64 digits}
    public static String word(long[] s, int a) {
        return String.format(Locale.ROOT, "0x%016x%016x%016x%016x", s[a + 3], s[a + 2], s[a + 1], s[a]);
    }

    /// {@return the low 160 bits of a word as text with 0x and 40 digits}
    public static String address(long[] s, int a) {
        return "0x" + word(s, a).substring(26);
    }

    /// {@return a word as text with 0x and no leading zero}
    public static String shortWord(long[] s, int a) {
        return "0x" + new BigInteger(word(s, a).substring(2), 16).toString(16);
    }

    /// {@return a number of 64 bits, unsigned: a JSON integer, or hexadecimal text}
    ///
    /// @throws IllegalArgumentException  it is not
    static long number(Object value) {
        if (value instanceof Long number) {
            return number;
        }
        BigInteger number = new BigInteger(digits((String) value), 16);
        if (number.bitLength() > 64) {
            throw new IllegalArgumentException("number " + value + " (expected at most 64 bits)");
        }
        return number.longValue();
    }
}
