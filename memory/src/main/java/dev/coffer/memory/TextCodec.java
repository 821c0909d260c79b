package dev.coffer.memory;

import java.lang.foreign.ValueLayout;

/// Hex and base64 (RFC 4648) from buffer to buffer, for key files: the text is read into locked memory and decoded there,
/// so that no secret becomes a `String` or an array. Stateless; 0 heap bytes.
///
/// No branch and no index depends on a digit; which bytes are white space, how many digits and how much padding there
/// are, is public. White space (space, tab, CR, LF) may stand anywhere.
///
/// A decoder reads all that the source has left and writes after the target's data. After an error the source has not
/// moved and what was decoded is wiped.
public final class TextCodec {
    private TextCodec() {}

    /// Decodes hex digits of either case.
    ///
    /// @return bytes decoded
    /// @throws IllegalArgumentException  an odd number of digits, another character, or one buffer as both (caller's fault);
    ///                                   neither buffer changes
    /// @throws BufferBoundsException     the target has less room; neither buffer changes
    public static long decodeHex(Buffer source, Buffer target) {
        checkApart(source, target);
        long digits = characters(source);
        if ((digits & 1) != 0) {
            throw new IllegalArgumentException("hex: " + digits + " digits (expected an even number)");
        }
        long bytes = digits / 2;
        long start = target.stain(bytes);
        int bad = -1;
        try {
            bad = hex(source, digits, target, start);
        } finally {
            settle(bad, target, start, bytes);
        }
        return done("hex: a character that is no digit", bad, source, target, bytes);
    }

    /// {@return negative where a character is no digit}
    private static int hex(Buffer source, long digits, Buffer target, long start) {
        int bad = 0;
        int high = 0;
        long seen = 0;
        for (long from = source.position(); seen < digits; from++) {
            int c = source.u8At(from);
            if (isSpace(c)) {
                continue;
            }
            int digit = hexDigit(c);
            bad |= digit;
            if ((seen & 1) != 0) {
                target.segment.set(ValueLayout.JAVA_BYTE, start + (seen >>> 1), (byte) (high << 4 | digit));
            }
            high = digit;
            seen++;
        }
        return bad;
    }

    /// Decodes base64 of either alphabet (RFC 4648, sections 4 and 5), padded or not; bits that the last digit has too many
    /// must be zero.
    ///
    /// @return bytes decoded
    /// @throws IllegalArgumentException  a wrong number of digits or padding, another character, or one buffer as both
    ///                                   (caller's fault); neither buffer changes
    /// @throws BufferBoundsException     the target has less room; neither buffer changes
    public static long decodeBase64(Buffer source, Buffer target) {
        checkApart(source, target);
        long characters = characters(source);
        long padding = padding(source);
        long digits = characters - padding;
        if (digits % 4 == 1 || padding > 0 && characters % 4 != 0) {
            throw new IllegalArgumentException("base64: " + digits + " digits, " + padding + " padding");
        }
        long bytes = digits * 6 / 8;
        long start = target.stain(bytes);
        int bad = -1;
        try {
            bad = base64(source, digits, target, start);
        } finally {
            settle(bad, target, start, bytes);
        }
        return done("base64: a character that is no digit, or bits too many", bad, source, target, bytes);
    }

    /// {@return negative where a character is no digit, or bits are left over that are not zero}
    private static int base64(Buffer source, long digits, Buffer target, long start) {
        long at = start;
        int bad = 0;
        int bits = 0;
        int held = 0;
        long seen = 0;
        for (long from = source.position(); seen < digits; from++) {
            int c = source.u8At(from);
            if (isSpace(c)) {
                continue;
            }
            seen++;
            int digit = base64Digit(c);
            bad |= digit;
            bits = bits << 6 | digit & 0x3f;
            held += 6;
            if (held >= 8) {
                held -= 8;
                target.segment.set(ValueLayout.JAVA_BYTE, at++, (byte) (bits >>> held));
            }
        }
        return bad | -(bits & (1 << held) - 1);
    }

    /// Encodes as lower-case hex, for what is public: a fingerprint, a digest.
    ///
    /// @throws BufferBoundsException     the target has less room; neither buffer changes
    /// @throws IllegalArgumentException  one buffer as both (caller's fault); nothing changes
    public static void encodeHex(Buffer source, Buffer target) {
        checkApart(source, target);
        long octets = source.remaining();
        long start = target.stain(Math.multiplyExact(2, octets));
        for (long i = 0; i < octets; i++) {
            int octet = source.u8At(source.position() + i);
            target.segment.set(ValueLayout.JAVA_BYTE, start + 2 * i, (byte) hexCharacter(octet >>> 4));
            target.segment.set(ValueLayout.JAVA_BYTE, start + 2 * i + 1, (byte) hexCharacter(octet & 0xf));
        }
        target.grow(2 * octets);
        source.advance(octets);
    }

    private static void checkApart(Buffer source, Buffer target) {
        if (source == target) {
            throw new IllegalArgumentException("text: decoded or encoded into itself");
        }
    }

    /// Wipes what was decoded where it was not all good, also where the source threw half-way.
    private static void settle(int bad, Buffer target, long start, long bytes) {
        if (bad < 0) {
            Wipe.bytes(target.segment, start, bytes);
        }
    }

    private static long done(String what, int bad, Buffer source, Buffer target, long bytes) {
        if (bad < 0) {
            throw new IllegalArgumentException(what);
        }
        target.grow(bytes);
        source.advance(source.remaining());
        return bytes;
    }

    /// {@return 0..15, or negative}
    private static int hexDigit(int c) {
        int digit = c - '0';
        int letter = (c | 0x20) - 'a';
        int isDigit = within(digit, 9);
        int isLetter = within(letter, 5);
        return isDigit & digit | isLetter & letter + 10 | ~(isDigit | isLetter);
    }

    private static int hexCharacter(int digit) {
        return '0' + digit + (9 - digit >> 31 & 'a' - '0' - 10);
    }

    /// {@return 0..63, or negative}
    private static int base64Digit(int c) {
        int isUpper = within(c - 'A', 25);
        int isLower = within(c - 'a', 25);
        int isDigit = within(c - '0', 9);
        int is62 = within(c - '+', 0) | within(c - '-', 0);
        int is63 = within(c - '/', 0) | within(c - '_', 0);
        return isUpper & c - 'A' | isLower & c - 'a' + 26 | isDigit & c - '0' + 52 | is62 & 62 | is63 & 63
                | ~(isUpper | isLower | isDigit | is62 | is63);
    }

    /// {@return all ones where 0 <= value <= max, else 0}
    private static int within(int value, int max) {
        return ~((value | max - value) >> 31);
    }

    private static long characters(Buffer source) {
        long count = 0;
        for (long at = source.position(); at < source.length(); at++) {
            count += isSpace(source.u8At(at)) ? 0 : 1;
        }
        return count;
    }

    /// {@return how many `=` end the text, at most 2}
    private static long padding(Buffer source) {
        long count = 0;
        for (long at = source.length() - 1; at >= source.position() && count < 2; at--) {
            int c = source.u8At(at);
            if (!isSpace(c)) {
                if (c != '=') {
                    break;
                }
                count++;
            }
        }
        return count;
    }

    private static boolean isSpace(int c) {
        return c == ' ' || c == '\n' || c == '\r' || c == '\t';
    }

    /// {@return bytes that as many characters of base64, padded or not, can decode to at most}
    public static long base64BytesMax(long characters) {
        return (characters + 3) / 4 * 3;
    }
}
