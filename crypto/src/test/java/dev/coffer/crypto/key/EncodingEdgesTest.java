package dev.coffer.crypto.key;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.coffer.crypto.Memory;
import dev.coffer.crypto.key.KeyFormatException.Reason;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/// The limits of DER's lengths and of base64, in pairs: the last that is read and the first that is refused.
class EncodingEdgesTest {
    private static final HexFormat HEX = HexFormat.of();
    private static final String KEY = "302e020100300506032b657004220420"
            + "d4ee72dbf913584ad5b6d8f1f769f8ad3afe7c28cbf1d4fbe097a88f44755842";

    private final MemorySegment workspace = Memory.zeros(Keys.OPERATION_BYTES);

    /// {@return a key of Ed25519 with attributes that make its content `content` bytes long, under a given head}
    private static byte[] key(String head, int content) {
        int attributes = content - 46;
        String length = attributes - 2 < 0x80 ? HEX.toHexDigits((byte) (attributes - 2))
                : attributes - 3 < 0x100 ? "81" + HEX.toHexDigits((byte) (attributes - 3))
                        : "82" + HEX.toHexDigits((short) (attributes - 4));
        int filler = attributes - 1 - length.length() / 2;
        return HEX.parseHex(head + KEY.substring(4) + "a0" + length + attributes(filler));
    }

    /// {@return one attribute, or two, of so many bytes together, 9 or more}
    private static String attributes(int bytes) {
        for (String before : new String[] {"", attribute(0)}) {
            for (int filler = 0; filler < bytes; filler++) {
                String all = before + attribute(filler);
                if (all.length() == 2 * bytes) {
                    return all;
                }
            }
        }
        throw new AssertionError(bytes + " bytes");
    }

    private static String attribute(int filler) {
        return value("30", "06012a" + value("31", value("04", "00".repeat(filler))));
    }

    private static String value(String tag, String content) {
        int bytes = content.length() / 2;
        return tag + (bytes < 0x80 ? "" : bytes < 0x100 ? "81" : "82" + HEX.toHexDigits((byte) (bytes >>> 8)))
                + HEX.toHexDigits((byte) bytes) + content;
    }

    private static byte[] withAttributes(String content) {
        return HEX.parseHex(value("30", KEY.substring(4) + value("a0", content)));
    }

    /// RFC 5958, section 2: a set of attributes, each an identifier with a set of values; nothing else, and nothing cut.
    @Test
    void attributesAreReadToTheirLastByte() {
        assertDoesNotThrow(() -> read(withAttributes("")), "none");
        assertDoesNotThrow(() -> read(withAttributes("300906022a033103020101")), "one");
        assertDoesNotThrow(() -> read(withAttributes("300a06028837" + "3104" + "05000500")), "two values");
        assertDoesNotThrow(() -> read(withAttributes("300d06012a3108" + "3006" + "a004" + "0c0261" + "62")), "values in values");
        for (String wrong : new String[] {"00", "0000", "0500", "040100", "3000", "300306012a", "300506012a3100", "300506012a0500",
                "3004" + "31020500", "30070600" + "31030201" + "01", "30080601" + "80" + "3103020101", "30090602" + "2a80" + "3103020101",
                "300906028001" + "3103020101", "300806012a3103020201", "300806012a3103" + "1f0100", "300806012a3103" + "000100",
                "300a06012a3105" + "3003020201", "300806012a310202" + "00" + "00", "300906012a3103020101" + "00", "300806012a31030201"}) {
            assertEquals(Reason.BAD_DER, refusal(withAttributes(wrong)), wrong);
        }
    }

    private void read(byte[] bytes) {
        Keys.decode(Memory.of(bytes), 0, bytes.length, KeyPairTest.room(KeyAlgorithm.ED25519), workspace, 0);
    }

    private Reason refusal(byte[] bytes) {
        return assertThrows(KeyFormatException.class, () -> read(bytes)).reason();
    }

    @Test
    void lengthsAreTheShortestThatThereAre() {
        assertDoesNotThrow(() -> read(key("307f", 0x7f)));
        assertEquals(Reason.BAD_DER, refusal(key("30817f", 0x7f)), "127 in two bytes");
        assertDoesNotThrow(() -> read(key("308180", 0x80)));
        assertEquals(Reason.BAD_DER, refusal(key("30820080", 0x80)), "128 in three bytes");
        assertDoesNotThrow(() -> read(key("3081ff", 0xff)));
        assertEquals(Reason.BAD_DER, refusal(key("308200ff", 0xff)), "255 in three bytes");
        assertDoesNotThrow(() -> read(key("30820100", 0x100)));
        assertEquals(Reason.BAD_DER, refusal(key("3083000100", 0x100)), "256 in four bytes");
        assertEquals(Reason.BAD_DER, refusal(key("3080", 0x80)), "no length at all");
        assertEquals(Reason.BAD_DER, refusal(key("308181", 0x80)), "one byte more than there is");
        assertEquals(Reason.BAD_DER, refusal(key("30817f", 0x80)), "one byte less than there is");
        assertEquals(Reason.BAD_DER, refusal(new byte[] {0x30, (byte) 0x81}));
        assertEquals(Reason.BAD_DER, refusal(new byte[] {0x30, (byte) 0x82, 1}));
    }

    private static byte[] pem(String letters) {
        return ("-----BEGIN PRIVATE KEY-----\n" + letters + "\n-----END PRIVATE KEY-----\n").getBytes(StandardCharsets.US_ASCII);
    }

    @Test
    void paddingStandsAtTheEndAndTheBitsBehindAreZero() {
        String letters = Base64.getEncoder().encodeToString(HEX.parseHex("3030" + KEY.substring(4) + "a000"));
        assertEquals('=', letters.charAt(letters.length() - 1), "50 bytes, so one letter of padding");
        String body = letters.substring(0, letters.length() - 1);
        String start = body.substring(0, body.length() - 1);
        assertDoesNotThrow(() -> read(pem(letters)));
        assertEquals(Reason.BAD_BASE64, refusal(pem(start + "=" + body.charAt(body.length() - 1))), "a letter behind it");
        assertEquals(Reason.BAD_BASE64, refusal(pem(start + (char) (body.charAt(body.length() - 1) + 1) + "=")), "bits behind");
        assertEquals(Reason.BAD_BASE64, refusal(pem(body)), "no padding");
        assertEquals(Reason.BAD_BASE64, refusal(pem(body + "==")), "too much of it");
        assertEquals(Reason.BAD_BASE64, refusal(pem(body + "=====")), "a whole group of it");
        String two = Base64.getEncoder().encodeToString(HEX.parseHex(KEY));
        assertDoesNotThrow(() -> read(pem(two + "")), "48 bytes, none");
        String four = Base64.getEncoder().encodeToString(withAttributes(attributes(11)));
        assertEquals("==", four.substring(four.length() - 2));
        assertDoesNotThrow(() -> read(pem(four)));
        char last = four.charAt(four.length() - 3);
        for (int bit = 1; bit < 16; bit++) {
            String wrong = four.substring(0, four.length() - 3) + (char) (last + bit) + "==";
            assertEquals(Reason.BAD_BASE64, refusal(pem(wrong)), "bits behind: " + bit);
        }
    }

    @Test
    void onlyTheAlphabetCounts() {
        String letters = Base64.getEncoder().encodeToString(HEX.parseHex(KEY));
        for (int c = 0; c < 256; c++) {
            byte[] text = pem("~" + letters.substring(1));
            text[28] = (byte) c;
            boolean letter = c < 128 && (Character.isLetterOrDigit(c) || c == '+' || c == '/');
            boolean space = c == ' ' || c == '\n' || c == '\r' || c == '\t';
            Reason reason = c == letters.charAt(0) ? null : refusal(text);
            // 'M' is the first letter; others make another tag, which is no DER; the rest is no base64 at all.
            boolean base64 = reason == Reason.BAD_BASE64;
            assertEquals(!letter, c != letters.charAt(0) && base64, "character " + c + (space ? ", a space: one letter less" : ""));
        }
    }
}
