package dev.coffer.memory;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HexFormat;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// Variable-length integers, mpint, hex and base64 in a buffer, against the standards' examples and the JDK.
class BufferCodecTest {
    private final Buffer buffer = of(1024);

    private static Buffer of(int capacity) {
        return Buffer.over(Arena.ofAuto().allocate(capacity));
    }

    private static Buffer holding(byte[] bytes) {
        Buffer buffer = of(bytes.length);
        buffer.put(bytes);
        return buffer;
    }

    private static Buffer hex(String hex) {
        return holding(HexFormat.of().parseHex(hex));
    }

    private static byte[] rest(Buffer buffer) {
        byte[] all = new byte[(int) buffer.remaining()];
        buffer.take(all);
        return all;
    }

    @Test
    void quicVarintReadsTheExamplesOfAppendixA1() {
        assertEquals(151_288_809_941_952_652L, QuicVarint.take(hex("c2197c5eff14e88c")));
        assertEquals(494_878_333, QuicVarint.take(hex("9d7f3e7d")));
        assertEquals(15_293, QuicVarint.take(hex("7bbd")));
        assertEquals(37, QuicVarint.take(hex("25")));
        assertEquals(37, QuicVarint.take(hex("4025")));
    }

    @Test
    void quicVarintIsShortestAtEveryEdge() {
        long[] edges = {0, 63, 64, 16_383, 16_384, (1 << 30) - 1, 1 << 30, QuicVarint.VALUE_MAX};
        int[] bytes = {1, 1, 2, 2, 4, 4, 8, 8};
        for (int i = 0; i < edges.length; i++) {
            buffer.reset();
            MemorySegment place = MemorySegment.ofArray(new byte[9]);
            assertEquals(bytes[i], QuicVarint.set(place, 1, edges[i]));
            assertEquals(bytes[i], QuicVarint.bytesAt(place, 1));
            assertEquals(edges[i], QuicVarint.get(place, 1));
            QuicVarint.set(place, 1, edges[i], 8);
            assertEquals(edges[i], QuicVarint.get(place, 1));
            QuicVarint.put(buffer, edges[i]);
            assertEquals(bytes[i], buffer.length());
            assertEquals(bytes[i], QuicVarint.ready(buffer));
            assertEquals(edges[i], QuicVarint.take(buffer));
        }
        assertThrows(IllegalArgumentException.class, () -> QuicVarint.put(buffer, -1));
        assertThrows(IllegalArgumentException.class, () -> QuicVarint.put(buffer, QuicVarint.VALUE_MAX + 1));
        assertThrows(IllegalArgumentException.class, () -> QuicVarint.put(buffer, 64, 1));
        assertThrows(IllegalArgumentException.class, () -> QuicVarint.put(buffer, 1, 3));
        QuicVarint.put(buffer, 1, 8);
        buffer.skip(buffer.remaining() - 8);
        assertEquals(1, QuicVarint.take(buffer));
    }

    @Test
    void aVarintThatIsNotWholeWaits() {
        Buffer part = hex("c2197c5eff14e8");
        assertEquals(0, QuicVarint.ready(part));
        assertThrows(BufferBoundsException.class, () -> QuicVarint.take(part));
        assertEquals(0, part.position());
        assertEquals(0, QuicVarint.ready(of(1)));
        assertThrows(BufferBoundsException.class, () -> QuicVarint.take(of(1)));
        assertEquals(0, Leb128.ready(hex("ff")));
        assertThrows(BufferBoundsException.class, () -> Leb128.take(hex("ff")));
    }

    @Test
    void leb128RoundTripsAndRefusesWhatIsNotShortest() {
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 2000; i++) {
            long value = random.nextLong() >>> random.nextInt(64);
            buffer.reset();
            Leb128.put(buffer, value);
            Leb128.putSigned(buffer, -value);
            assertEquals(Leb128.bytes(value), Leb128.ready(buffer));
            assertEquals(value, Leb128.take(buffer));
            assertEquals(-value, Leb128.takeSigned(buffer));
        }
        assertEquals(624_485, Leb128.take(hex("e58e26")));  // the example of DWARF's and WebAssembly's readers
        for (String malformed : new String[] {"8000", "ffffffffffffffffff02", "ffffffffffffffffffff01"}) {
            assertEquals(-1, Leb128.ready(hex(malformed)), malformed);
            assertThrows(IllegalArgumentException.class, () -> Leb128.take(hex(malformed)));
        }
    }

    @Test
    void integersWithoutRoomWriteNothing() {
        Buffer small = of(1);
        assertThrows(BufferBoundsException.class, () -> QuicVarint.put(small, 64));
        assertThrows(BufferBoundsException.class, () -> Leb128.put(small, 128));
        assertEquals(0, small.length());
    }

    @Test
    void mpintWritesTheExamplesOfRfc4251() {
        String[][] examples = {{"00", "00000000"}, {"09a378f9b2e332a7", "0000000809a378f9b2e332a7"}, {"0080", "000000020080"},
                {"ff", "0000000200ff"}};
        for (String[] example : examples) {
            byte[] number = HexFormat.of().parseHex(example[0]);
            Buffer out = of(64);
            MemorySegment off = Arena.ofAuto().allocate(32);
            MemorySegment.copy(number, 0, off, ValueLayout.JAVA_BYTE, 3, number.length);
            Mpint.put(out, off, 3, number.length);
            assertEquals(example[1], HexFormat.of().formatHex(rest(out)));
        }
    }

    @Test
    void mpintReadsWhatBigIntegerWritesAndRefusesTheRest() {
        SplittableRandom random = new SplittableRandom(2);
        MemorySegment target = Arena.ofAuto().allocate(40);
        for (int i = 0; i < 500; i++) {
            byte[] magnitude = new byte[random.nextInt(32)];
            random.nextBytes(magnitude);
            BigInteger value = new BigInteger(1, magnitude);
            buffer.reset();
            buffer.putString(value.signum() == 0 ? new byte[0] : value.toByteArray());
            target.fill((byte) 0x77);
            Mpint.take(buffer, target, 4, 32);
            assertEquals(value, new BigInteger(1, target.asSlice(4, 32).toArray(ValueLayout.JAVA_BYTE)));
            assertEquals(0x77, target.get(ValueLayout.JAVA_BYTE, 3));
            assertEquals(0x77, target.get(ValueLayout.JAVA_BYTE, 36));
        }
        for (String refused : new String[] {"0000000180", "0000000100", "000000020001"}) {
            Buffer bad = hex(refused);
            assertEquals(-2, Mpint.ready(bad));
            assertThrows(IllegalArgumentException.class, () -> Mpint.take(bad, target, 0, 32));
            assertEquals(0, bad.position());
        }
        assertThrows(BufferBoundsException.class, () -> Mpint.take(hex("000000020101"), target, 0, 1));
        assertThrows(BufferBoundsException.class, () -> Mpint.take(hex("0000000201"), target, 0, 8));
        assertThrows(IndexOutOfBoundsException.class, () -> Mpint.take(hex("0000000101"), target, 39, 2));
    }

    @Test
    void hexDecodesEveryByteInBothCases() {
        byte[] all = new byte[256];
        for (int i = 0; i < 256; i++) {
            all[i] = (byte) i;
        }
        String text = HexFormat.of().formatHex(all);
        for (String form : new String[] {text, text.toUpperCase(java.util.Locale.ROOT), text.replace("80", " 8\t0\r\n")}) {
            Buffer out = of(256);
            assertEquals(256, TextCodec.decodeHex(holding(form.getBytes(StandardCharsets.US_ASCII)), out));
            assertArrayEquals(all, rest(out));
        }
        Buffer back = of(512);
        TextCodec.encodeHex(holding(all), back);
        assertEquals(text, new String(rest(back), StandardCharsets.US_ASCII));
    }

    @Test
    void everyCharacterThatIsNoDigitIsRefusedAndWhatWasDecodedIsWiped() {
        String hexDigits = "0123456789abcdefABCDEF \t\r\n";
        String base64Digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_ \t\r\n";
        for (int c = 0; c < 256; c++) {
            byte[] text = {'1', '1', (byte) c, '1'};
            Buffer out = of(8);
            Buffer source = holding(text);
            if (hexDigits.indexOf(c) < 0) {
                assertThrows(IllegalArgumentException.class, () -> TextCodec.decodeHex(source, out), "hex " + c);
            }
            if (base64Digits.indexOf(c) < 0) {
                assertThrows(IllegalArgumentException.class, () -> TextCodec.decodeBase64(source, out), "base64 " + c);
            }
            assertEquals(0, source.position());
            assertEquals(0, out.length());
            assertEquals(0, out.segment().get(ValueLayout.JAVA_LONG_UNALIGNED, 0));
        }
        assertThrows(IllegalArgumentException.class, () -> TextCodec.decodeHex(holding(new byte[] {'1'}), of(8)));
    }

    @Test
    void base64DecodesWhatTheJdkEncodes() {
        SplittableRandom random = new SplittableRandom(3);
        for (int bytes = 0; bytes < 130; bytes++) {
            byte[] data = new byte[bytes];
            random.nextBytes(data);
            for (Base64.Encoder encoder : new Base64.Encoder[] {Base64.getEncoder(), Base64.getEncoder().withoutPadding(),
                    Base64.getUrlEncoder(), Base64.getMimeEncoder()}) {
                byte[] text = encoder.encode(data);
                Buffer out = of(bytes);
                assertEquals(bytes, TextCodec.decodeBase64(holding(text), out));
                assertArrayEquals(data, rest(out));
            }
        }
        for (String bad : new String[] {"A", "AAAAA", "AA=", "A===", "AB==", "AAB=", "AA==AA==", "===="}) {
            Buffer source = holding(bad.getBytes(StandardCharsets.US_ASCII));
            assertThrows(IllegalArgumentException.class, () -> TextCodec.decodeBase64(source, of(16)), bad);
        }
    }

    @Test
    void decodersWithoutRoomChangeNothing() {
        Buffer source = holding("00ff".getBytes(StandardCharsets.US_ASCII));
        Buffer small = of(1);
        assertThrows(BufferBoundsException.class, () -> TextCodec.decodeHex(source, small));
        assertThrows(BufferBoundsException.class, () -> TextCodec.decodeBase64(source, small));
        assertEquals(0, source.position());
        assertEquals(0, small.length());
    }

    @Test
    void oneBufferAsSourceAndTargetIsRefusedAndUnchanged() {
        Buffer both = holding("4142".getBytes(StandardCharsets.US_ASCII));
        String before = both.toString();
        assertThrows(IllegalArgumentException.class, () -> TextCodec.decodeHex(both, both));
        assertThrows(IllegalArgumentException.class, () -> TextCodec.decodeBase64(both, both));
        assertThrows(IllegalArgumentException.class, () -> TextCodec.encodeHex(both, both));
        assertEquals(before, both.toString());
    }

    @Test
    void zeroTakesExactlyItsLengthAsAMultiplePrecisionInteger() {
        Buffer four = of(4);
        Mpint.put(four, MemorySegment.ofArray(new byte[3]), 0, 3);
        assertEquals(4, four.length());
        assertEquals(0, Mpint.ready(four));
        four.checkInvariants();
    }
}
