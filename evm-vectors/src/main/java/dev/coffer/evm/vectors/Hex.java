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

    /// {@return a number of 64 bits, unsigned, as [#quantity] reads it}
    ///
    /// @throws IllegalArgumentException  it is none, or longer
    static long number(Object value) {
        BigInteger number = quantity(value);
        if (number.bitLength() > Long.SIZE) {
            throw new IllegalArgumentException("number " + value + " (expected at most 64 bits)");
        }
        return number.longValue();
    }

    /// {@return a number: a JSON integer, or text that is hexadecimal behind 0x and else decimal; `0x` alone is 0}
    ///
    /// @throws IllegalArgumentException  it is none, or below 0
    static BigInteger quantity(Object value) {
        if (value instanceof Long number && number >= 0) {
            return BigInteger.valueOf(number);
        }
        if (value instanceof String text) {
            String digits = digits(text);
            int radix = digits.length() < text.length() ? 16 : 10;
            if ((radix == 16 || !digits.isEmpty()) && digits.chars().allMatch(c -> c < 0x80 && Character.digit(c, radix) >= 0)) {
                return digits.isEmpty() ? BigInteger.ZERO : new BigInteger(digits, radix);
            }
        }
        throw new IllegalArgumentException(value == null ? "a number is missing" : "number " + value + " (expected hexadecimal behind 0x, or decimal)");
    }

    /// Reads a number into a word, as [#quantity] reads it.
    ///
    /// @throws IllegalArgumentException  it is none, or of more than 256 bits
    static void quantity(Object value, long[] s, int r) {
        BigInteger number = quantity(value);
        if (number.bitLength() > Word.BYTES * Byte.SIZE) {
            throw new IllegalArgumentException("number of " + number.bitLength() + " bits (expected at most 256)");
        }
        Word.copy(Word.of(number), 0, s, r);
    }
}
