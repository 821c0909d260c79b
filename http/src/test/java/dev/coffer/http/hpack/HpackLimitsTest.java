package dev.coffer.http.hpack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.http.hpack.Blocks.Decoder;
import dev.coffer.http.hpack.Blocks.Encoder;
import dev.coffer.http.hpack.Blocks.Field;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What is refused, what is evicted, and what stays when a block is larger than its room.
class HpackLimitsTest {
    @ParameterizedTest
    @CsvSource({"80, index 0 (6.1)", "be, past an empty table (2.3.3)", "ffffffffff0f, an integer without end (5.1)",
            "00ffffffff7f, a string's length without end", "0001618180, Huffman: padding of eight bits (5.2)",
            "00016184ffffffff, Huffman: EOS (5.2)", "0001618100, Huffman: padding of zeros (5.2)", "3fe21f, an update past our settings (6.3)",
            "8220, an update behind a field (4.2)", "40, cut behind the first octet", "400161, cut before the value", "40016102, cut in the value",
            "ff, cut in an integer"})
    void whatIsNotHpackIsAFaultWhereverItIsSplit(String hex, String why) {
        for (int piece : new int[] {1, 2, 100}) {
            assertNull(new Decoder(4096, 256).decode(HexFormat.of().parseHex(hex), piece), why);
        }
    }

    /// Zeros behind a number say nothing, and still have a bound (section 5.1).
    @Test
    void anIntegerMayHaveFourContinuationsAndNoFifth() {
        assertEquals(List.of(), new Decoder(4096, 256).decode("3fe0808000"));   // 31 + 96
        assertNull(new Decoder(4096, 256).decode("3fe080808000"));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 31, 32, 33, 100, 4096})
    void aTableOfAnySizeHoldsWhatFitsAndNoMore(int bytes) {
        Encoder encoder = new Encoder(4096);
        encoder.hpack.limit(bytes);
        Decoder decoder = new Decoder(4096, 4096);
        for (int i = 0; i < 300; i++) {
            List<Field> fields = Blocks.fields("x-" + i % 7, "v".repeat(i % 50), "y", "" + i);
            assertEquals(fields, decoder.decode(encoder.encode(fields), 5));
            assertEquals(bytes, decoder.hpack.table().limit());
            assertTrue(decoder.hpack.tableBytes() <= bytes);
            assertEquals(encoder.hpack.tableBytes(), decoder.hpack.tableBytes());
        }
    }

    @Test
    void anEntryOfTheTablesSizeStaysAndOneLargerEmptiesIt() {
        Decoder decoder = new Decoder(100, 4096);
        decoder.decode("4001610162");                                           // 34 bytes
        assertEquals(34, decoder.hpack.tableBytes());
        decoder.decode("400161" + "43" + "62".repeat(67));                      // 1 + 67 + 32: all of it
        assertEquals(100, decoder.hpack.tableBytes());
        assertEquals(1, decoder.table().size());
        decoder.decode("400161" + "44" + "62".repeat(68));
        assertEquals(0, decoder.hpack.tableBytes());
        assertEquals(List.of(), decoder.table());
    }

    /// Section 4.4: the entry that a name was taken from may be evicted by the entry that takes it.
    @Test
    void aNameOutlivesTheEntryThatItCameFrom() {
        Decoder decoder = new Decoder(64, 4096);
        decoder.decode("40" + "0a" + "6e".repeat(10) + "01" + "31");
        assertEquals(List.of(new Field("n".repeat(10), "2".repeat(20))), decoder.decode("7e" + "14" + "32".repeat(20)));
        assertEquals(List.of(new Field("n".repeat(10), "2".repeat(20))), decoder.table());
    }

    @Test
    void aLimitThatWentDownMustBeTakenNoteOf() {
        Decoder decoder = new Decoder(4096, 256);
        decoder.hpack.limit(100);
        assertNull(decoder.decode("82"), "no update");
        decoder = new Decoder(4096, 256);
        decoder.hpack.limit(100);
        assertEquals(Blocks.fields(":method", "GET"), decoder.decode("3f45" + "82"));   // 100
        decoder = new Decoder(4096, 256);
        decoder.hpack.limit(100);
        assertNull(decoder.decode("3f46" + "82"), "101");
    }

    /// The smallest limit between two blocks, and the last one (section 4.2).
    @Test
    void theEncoderSaysTheLowestLimitAndTheLast() {
        Encoder encoder = new Encoder(4096);
        encoder.encode(Blocks.fields("a", "b"));
        encoder.hpack.limit(0);
        encoder.hpack.limit(10_000);
        assertEquals("20" + "3fe11f" + "82", encoder.hex(Blocks.fields(":method", "GET")));
        assertEquals("82", encoder.hex(Blocks.fields(":method", "GET")));
        assertEquals("3fe107" + "82", new Encoder(1024).hex(Blocks.fields(":method", "GET")), "a smaller table than is assumed");
    }

    /// Whatever does not fit, the table is the one that a larger room would have given.
    @Test
    void aBlockLargerThanItsRoomGoesOnInTheTable() {
        for (int room = 0; room < 400; room += 7) {
            Encoder encoder = new Encoder(512);
            Decoder small = new Decoder(4096, room);
            Decoder large = new Decoder(4096, 1 << 16);
            for (int i = 0; i < 40; i++) {
                List<Field> fields = new ArrayList<>();
                for (int j = 0; j < 1 + i % 6; j++) {
                    fields.add(new Field("n" + (i + j) % 9, "v".repeat((i * 13 + j * 57) % 230) + j));
                }
                byte[] block = encoder.encode(fields);
                assertEquals(fields, large.decode(block, 1000));
                List<Field> kept = small.decode(block, 1 + i);
                assertNotNull(kept);
                assertEquals(fields.subList(0, kept.size()), kept);
                assertEquals(fields.size(), kept.size() + small.skipped);
                assertEquals(large.table(), small.table());
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"authorization, Basic QWxhZGRpbg==, 10", "proxy-authorization, x, 10", "cookie, id=1234567890123456, 10",
            "cookie, id=12345678901234567, 40", ":path, /a, 00", "set-cookie, a=b, 00", "etag, \"x\", 00", "x-own, y, 40"})
    void whatAGuesserSeeksNeverEntersATable(String name, String value, String pattern) {
        Encoder encoder = new Encoder(4096);
        byte[] block = encoder.encode(Blocks.fields(name, value));
        int first = block[0] & 0xff;
        assertEquals(Integer.parseInt(pattern, 16), (first & 0x40) != 0 ? 0x40 : first & 0xf0);
        Decoder decoder = new Decoder(4096, 256);
        assertEquals(Blocks.fields(name, value), decoder.decode(block, 1));
        assertEquals(pattern.equals("10"), decoder.hpack.isNeverIndexed());
        assertEquals(pattern.equals("40") ? 1 : 0, encoder.hpack.table().count());
    }

    @Test
    void whatIsAlmostTheWholeTableDoesNotEnterIt() {
        Encoder encoder = new Encoder(400);
        encoder.encode(Blocks.fields("n", "v".repeat(300 - 32 - 1)));
        assertEquals(1, encoder.hpack.table().count());
        encoder.encode(Blocks.fields("n", "w".repeat(300 - 32)));
        assertEquals(1, encoder.hpack.table().count());
    }

    @Test
    void allIsWipedByAReset() {
        try (Arena arena = Arena.ofConfined()) {
            long bytes = HpackDecoder.plan(256).totalBytes();
            MemorySegment memory = arena.allocate(bytes, 64);
            HpackDecoder decoder = new HpackDecoder(memory, 0, 256);
            MemorySegment head = arena.allocate(1024);
            byte[] block = HexFormat.of().parseHex("40" + "0a" + "6e".repeat(10) + "7f21" + "31".repeat(160));
            MemorySegment in = arena.allocate(block.length).copyFrom(MemorySegment.ofArray(block));
            for (int room : new int[] {1024, 5, 1024}) {
                decoder.begin(head, 0, room);
                assertEquals(HpackDecoder.FIELD, decoder.decode(in, 0, block.length));
                assertTrue(decoder.end());
            }
            assertTrue(!isZero(memory));
            decoder.reset();
            assertTrue(isZero(memory));
            long more = HpackEncoder.plan(256).totalBytes();
            MemorySegment other = arena.allocate(more, 64);
            HpackEncoder encoder = new HpackEncoder(other, 0, 256);
            encoder.begin(head, 0);
            encoder.field(in, 2, 10, 14, 100);
            encoder.end();
            assertTrue(!isZero(other));
            encoder.reset();
            assertTrue(isZero(other));
        }
    }

    private static boolean isZero(MemorySegment memory) {
        for (byte b : memory.toArray(ValueLayout.JAVA_BYTE)) {
            if (b != 0) {
                return false;
            }
        }
        return true;
    }

    @Test
    void misuseIsTheCallers() {
        MemorySegment memory = Arena.ofAuto().allocate(16);
        assertThrows(IllegalArgumentException.class, () -> new HpackDecoder(memory, 0, 4096));
        assertThrows(IllegalArgumentException.class, () -> new HpackEncoder(memory, 0, 4096));
        assertThrows(IllegalArgumentException.class, () -> HpackDecoder.plan(-1));
        assertThrows(IllegalArgumentException.class, () -> HpackEncoder.plan(65_537));
        Decoder decoder = new Decoder(4096, 256);
        assertThrows(IllegalStateException.class, () -> decoder.hpack.decode(memory, 0, 1));
        assertThrows(IllegalArgumentException.class, () -> decoder.hpack.limit(4097));
        decoder.hpack.begin(memory, 0, 16);
        assertThrows(IllegalStateException.class, () -> decoder.hpack.begin(memory, 0, 16));
    }
}
