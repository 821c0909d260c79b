package dev.coffer.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.testkit.LongRun;
import dev.coffer.testkit.Seeds;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Integers of variable length, hex and base64 out of hostile bytes: a value or a typed refusal, and after a refusal nothing has
/// moved. What is taken is what the JDK says, and goes back to the same bytes where the form is unique.
class HostileBytesTest {
    private static final int BYTES_MAX = 24;
    private static final byte[] HEX = "0123456789abcdefABCDEF".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_=".getBytes(StandardCharsets.US_ASCII);

    private final Buffer source = Buffer.open(64);
    private final Buffer target = Buffer.open(64);
    private final byte[] bytes = new byte[BYTES_MAX];

    private int fill(SplittableRandom random, byte[] alphabet) {
        int length = random.nextInt(BYTES_MAX + 1);
        for (int i = 0; i < length; i++) {
            bytes[i] = alphabet == null || random.nextInt(40) == 0 ? (byte) random.nextInt() : alphabet[random.nextInt(alphabet.length)];
        }
        source.reset();
        target.reset();
        for (int i = 0; i < length; i++) {
            source.putU8(bytes[i] & 0xff);
        }
        return length;
    }

    /// The text without the white space that both decoders pass over.
    private byte[] withoutSpace(int length) {
        byte[] text = new byte[length];
        int kept = 0;
        for (int i = 0; i < length; i++) {
            if (" \t\r\n".indexOf(bytes[i]) < 0) {
                text[kept++] = bytes[i];
            }
        }
        return Arrays.copyOf(text, kept);
    }

    private void varint(SplittableRandom random) {
        int length = fill(random, null);
        int ready = QuicVarint.ready(source);
        int need = length == 0 ? 0 : 1 << ((bytes[0] & 0xff) >>> 6);
        assertEquals(need <= length ? need : 0, ready);
        if (ready > 0) {
            long value = 0;
            for (int i = 0; i < ready; i++) {
                value = value << 8 | (i == 0 ? bytes[0] & 0x3f : bytes[i] & 0xff);
            }
            assertEquals(value, QuicVarint.take(source));
            assertEquals(ready, source.position());
            QuicVarint.put(target, value, ready);
            same(target, bytes, ready);
        } else {
            refused(() -> QuicVarint.take(source));
        }
    }

    private void leb128(SplittableRandom random) {
        int length = fill(random, null);
        int ready = Leb128.ready(source);
        if (ready > 0) {
            long value = Leb128.take(source);
            assertEquals(ready, source.position());
            Leb128.put(target, value);
            same(target, bytes, ready);          // the shortest form is the only one
        } else {
            int continued = 0;
            while (continued < Math.min(length, Leb128.BYTES_MAX) && bytes[continued] < 0) {
                continued++;
            }
            assertEquals(ready == 0, continued == length && length < Leb128.BYTES_MAX);
            refused(() -> Leb128.take(source));
        }
    }

    private void mpint(SplittableRandom random) {
        int length = fill(random, null);
        if (length >= 4) {                       // a length that may fit
            source.reset();
            for (int i = 0; i < length; i++) {
                bytes[i] = i < 3 ? 0 : i == 3 ? (byte) random.nextInt(BYTES_MAX) : bytes[i];
                source.putU8(bytes[i] & 0xff);
            }
        }
        long ready = Mpint.ready(source);
        assertTrue(ready <= length, "more than there is: " + ready);
        assertEquals(0, source.position());
    }

    private void hex(SplittableRandom random) {
        int length = fill(random, HEX);
        byte[] text = withoutSpace(length);
        byte[] expected;
        try {
            expected = HexFormat.of().parseHex(new String(text, StandardCharsets.ISO_8859_1));
        } catch (IllegalArgumentException e) {
            expected = null;
        }
        decoded(expected, () -> TextCodec.decodeHex(source, target));
    }

    private void base64(SplittableRandom random) {
        int length = fill(random, BASE64);
        byte[] text = withoutSpace(length);
        byte[] expected = null;
        for (Base64.Decoder decoder : new Base64.Decoder[] {Base64.getDecoder(), Base64.getUrlDecoder()}) {
            try {
                byte[] one = decoder.decode(text);
                Base64.Encoder back = decoder == Base64.getDecoder() ? Base64.getEncoder() : Base64.getUrlEncoder();
                boolean exact = Arrays.equals(back.encode(one), text) || Arrays.equals(back.withoutPadding().encode(one), text);
                expected = exact ? one : expected;   // the JDK takes spare bits that are not zero; we do not
            } catch (IllegalArgumentException e) {
                continue;
            }
        }
        byte[] jdk = expected;
        long before = target.length();
        if (jdk != null) {
            decoded(jdk, () -> TextCodec.decodeBase64(source, target));
        } else {
            try {                                // both alphabets in one text are ours alone to take or refuse
                TextCodec.decodeBase64(source, target);
            } catch (IllegalArgumentException | BufferBoundsException e) {
                assertEquals(before, target.length());
                assertEquals(0, source.position());
            }
        }
    }

    private void decoded(byte[] expected, Runnable decode) {
        if (expected == null) {
            refused(decode);
            assertEquals(0, target.length());
        } else {
            decode.run();
            assertEquals(expected.length, target.length());
            same(target, expected, expected.length);
        }
    }

    private void refused(Runnable take) {
        try {
            take.run();
        } catch (IllegalArgumentException | BufferBoundsException e) {
            assertEquals(0, source.position(), "moved");
            return;
        }
        throw new AssertionError("not refused");
    }

    private static void same(Buffer buffer, byte[] expected, int length) {
        assertEquals(length, buffer.length());
        for (int i = 0; i < length; i++) {
            assertEquals(expected[i], (byte) buffer.takeU8());
        }
    }

    @Test
    void aValueOrATypedRefusal() {
        Seeds.forEach(1, 3_000, this::varint);
        Seeds.forEach(1, 3_000, this::leb128);
        Seeds.forEach(1, 3_000, this::mpint);
        Seeds.forEach(1, 3_000, this::hex);
        Seeds.forEach(1, 3_000, this::base64);
    }

    @Test
    @Tag("long")
    void varintsForLong() {
        LongRun.of("QUIC varints", this::varint);
    }

    @Test
    @Tag("long")
    void leb128ForLong() {
        LongRun.of("LEB128", this::leb128);
    }

    @Test
    @Tag("long")
    void mpintsForLong() {
        LongRun.of("SSH mpints", this::mpint);
    }

    @Test
    @Tag("long")
    void hexForLong() {
        LongRun.of("hex", this::hex);
    }

    @Test
    @Tag("long")
    void base64ForLong() {
        LongRun.of("base64", this::base64);
    }
}
