package dev.coffer.http.qpack;

import static dev.coffer.http.qpack.Sections.hex;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.http.qpack.Sections.Decoder;
import dev.coffer.http.qpack.Sections.Encoder;
import dev.coffer.http.qpack.Sections.Field;
import dev.coffer.http.qpack.Sections.Section;
import dev.coffer.testkit.Seeds;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What is refused, what waits, what is evicted and what is not, each at its edge and one past it.
class QpackLimitsTest {
    private static final String TWO = "3fbd01c00f7777772e6578616d706c652e636f6dc10c2f73616d706c652f70617468";  // of 220 bytes, two entries

    @ParameterizedTest
    @CsvSource({"ff00, more than twice the entries (4.5.1.1)", "0080, a base below zero (4.5.1.2)", "000080, an entry of an empty table",
            "000010, behind the base",
            "0000ff24, past the static table (3.1)", "0000ffffffffffffffffffffff7f, an index without end", "000027, a name that is cut",
            "0000230361, a name's padding", "00002cffffffff0161, Huffman: a name of EOS", "0000518100, Huffman: padding of zeros",
            "00005184ffffffff, Huffman: EOS", "0300ff, cut in a number"})
    void whatIsNotQpackIsAFaultWhereverItIsSplit(String hex, String why) {
        for (int piece : new int[] {1, 2, 100}) {
            Decoder decoder = new Decoder(220, 10);
            if (hex.startsWith("03")) {
                assertTrue(decoder.instructions(TWO));
            }
            assertTrue(decoder.section(0, hex(hex)).go(piece).fault(), why);
        }
    }

    @ParameterizedTest
    @CsvSource({"3fbe01, a capacity past ours (4.3.1)", "00, a duplicate of nothing (4.3.4)", "80, a name of nothing", "ff24, a name past the static table",
            "3fffffffffffffffffffff7f, a number without end", "4a637573746f6d2d6b65790c637573746f6d2d76616c7565, an entry in a table of no bytes (3.2.2)",
            "3f0143616263 00, an entry one larger than its table"})
    void whatNoEncoderSaysIsAFaultWhereverItIsSplit(String hex, String why) {
        for (int piece : new int[] {1, 2, 100}) {
            assertFalse(new Decoder(220, 10).instructions(hex(hex), piece), why);
        }
    }

    @Test
    void anEntryOfTheTablesSizeStaysAndOneLargerIsAnError() {
        Decoder decoder = new Decoder(220, 0);
        assertTrue(decoder.instructions("3f05" + "4161" + "03" + "626262"));        // a table of 36: 1 + 3 + 32
        assertEquals(36, decoder.qpack.tableBytes());
        assertTrue(decoder.instructions("4163" + "03" + "646464"));
        assertEquals(Sections.fields("c", "ddd"), decoder.table());
        assertFalse(decoder.instructions("4163" + "04" + "64646464"));
    }

    /// Section 7.3: an octet may have all of a table copied, sixteen times between sections that use it.
    @Test
    void copiesWithinTheTableAreRationed() {
        String entry = "3fbd01" + "4161" + "64" + "62".repeat(100);  // of 101 octets in a table of 220
        Decoder decoder = new Decoder(220, 0);
        assertTrue(decoder.instructions(entry));
        assertTrue(decoder.instructions("00".repeat(34)));           // 3,434 of 3,520
        assertFalse(decoder.instructions("00"));
        Decoder used = new Decoder(220, 0);
        assertTrue(used.instructions(entry));
        assertTrue(used.instructions("00".repeat(20)));
        assertFalse(used.section(0, hex("0a0080")).go(9).fault());   // required are 21, of which it uses the newest
        assertTrue(used.instructions("00".repeat(34)));
        assertFalse(used.instructions("00"));
        Decoder named = new Decoder(220, 0);
        assertTrue(named.instructions("3fbd01" + "5f45" + "61".repeat(100) + "00"));  // a name of 100 octets
        assertTrue(named.instructions("8000".repeat(35)));
        assertFalse(named.instructions("8000"));
    }

    /// Section 3.2.2: the entry that a name was taken from, or that is duplicated, may be evicted by the one that takes it.
    @Test
    void whatIsCopiedOutlivesTheEntryThatItCameFrom() {
        for (int shift = 0; shift < 90; shift++) {          // over the ring's end at each place
            Decoder decoder = new Decoder(96, 0);
            assertTrue(decoder.instructions("3f41"));         // 96
            for (int i = 0; i < shift; i++) {
                assertTrue(decoder.instructions("4178" + "00"));
            }
            assertTrue(decoder.instructions("4a" + "6e".repeat(10) + "28" + "31".repeat(40)));
            assertTrue(decoder.instructions("80" + "27" + "32".repeat(39)));
            assertEquals(Sections.fields("n".repeat(10), "2".repeat(39)), decoder.table(), "name, shift " + shift);
            assertTrue(decoder.instructions("00"));
            assertEquals(Sections.fields("n".repeat(10), "2".repeat(39)), decoder.table(), "duplicate, shift " + shift);
        }
    }

    @Test
    void asManyStreamsMayWaitAsWasSaidAndNoMore() {
        Decoder decoder = new Decoder(220, 2);
        Section first = decoder.section(0, hex("03811011"));
        assertTrue(first.go(1).blocked());
        assertTrue(first.go(1).blocked(), "asked again it does not count twice");
        assertTrue(decoder.section(4, hex("03811011")).go(9).blocked());
        assertTrue(decoder.section(8, hex("03811011")).go(9).fault(), "the third of two");
        first.decoder.reset();
        assertTrue(decoder.section(12, hex("03811011")).go(9).blocked(), "one has given its place back");
        assertTrue(new Decoder(220, 0).section(0, hex("03811011")).go(9).fault(), "none is allowed");
    }

    /// A peer that never reads what we say may have many sections under way, each of which is acknowledged when it ends.
    @Test
    void asManySectionsAreUnderWayAsCanBeAcknowledgedAndAStreamCanBeCancelledAllTheSame() {
        MemorySegment memory = Arena.ofAuto().allocate(QpackDecoder.plan(220).totalBytes() + 64, 64);
        QpackDecoder decoder = new QpackDecoder(memory, 0, 220, 100);
        MemorySegment bytes = MemorySegment.ofArray(hex(TWO));
        assertEquals(QpackDecoder.TAKEN, decoder.feed(bytes, 0, bytes.byteSize()));
        MemorySegment section = MemorySegment.ofArray(hex("030080"));
        MemorySegment room = Arena.ofAuto().allocate(4096);
        List<SectionDecoder> begun = new ArrayList<>();
        for (int stream = 0; stream < 100; stream++) {
            SectionDecoder each = new SectionDecoder();
            each.begin(decoder, 4L * stream, room, 0, 4096);
            int result = each.decode(section, 0, 2);
            assertEquals(stream < QpackDecoder.NOTES_MAX / 2 ? SectionDecoder.MORE : SectionDecoder.BLOCKED, result, "stream " + stream);
            begun.add(each);
        }
        assertTrue(decoder.cancel(4000), "a stream that has no section");
        for (SectionDecoder each : begun.subList(0, QpackDecoder.NOTES_MAX / 2)) {
            assertEquals(SectionDecoder.FIELD, each.decode(section, 2, 1));
            assertTrue(each.end());
        }
        int more = 0;
        for (SectionDecoder each : begun.subList(QpackDecoder.NOTES_MAX / 2, 100)) {
            if (each.decode(section, 2, 1) == SectionDecoder.FIELD) {
                assertTrue(each.end());
                more++;
            }
        }
        assertEquals(QpackDecoder.NOTES_MAX / 2 - 1, more, "beside what is cancelled");
        assertFalse(decoder.cancel(4004), "nothing was read");
        assertEquals(-1, MemorySegment.mismatch(memory, memory.byteSize() - 64, memory.byteSize(), Arena.ofAuto().allocate(64), 0, 64), "what lies behind");
        MemorySegment out = Arena.ofAuto().allocate(1024);
        assertTrue(decoder.write(out, 0, 1024) > 0);
        assertTrue(decoder.hasRoom() && decoder.cancel(4004));
    }

    /// A section refers to entries below its Required Insert Count, and to none that was evicted.
    @Test
    void aSectionRefersToWhatItSaidItRequires() {
        Decoder decoder = new Decoder(220, 0);
        assertTrue(decoder.instructions(TWO));
        assertFalse(decoder.decode("0300" + "80").fault(), "the second entry");
        assertTrue(decoder.decode("0200" + "10").fault(), "the second, where one is required");
        assertFalse(decoder.decode("0200" + "80").fault(), "the first");
        assertTrue(decoder.decode("0200" + "81").fault(), "below the first");
        assertTrue(decoder.instructions("3f1f" + "3fbd01"), "a table of 62, and of 220 again");
        assertTrue(decoder.decode("0200" + "80").fault(), "the first, evicted");
    }

    /// The Required Insert Count is said modulo twice the most entries, and goes on over that.
    @Test
    void countsGoOnOverTheirModulus() {
        Encoder encoder = new Encoder(96, true);
        encoder.qpack.settings(96, 4);
        Decoder decoder = new Decoder(96, 4);
        for (int i = 0; i < 100; i++) {
            List<Field> fields = Sections.fields("k" + i % 5, "v" + i, "k", "v");
            byte[] section = encoder.encode(4L * i, fields);
            assertTrue(decoder.instructions(encoder.instructions(100), 100));
            assertEquals(fields, decoder.section(4L * i, section).go(3).fields(), "turn " + i);
            assertTrue(encoder.told(decoder.said()));
        }
        assertTrue(encoder.qpack.table().inserted() > 60, encoder.qpack::toString);
    }

    @Test
    void acknowledgementsHaveTheirPlacesAndHoldBackWhoNeedsOne() {
        Decoder decoder = new Decoder(220, 1);
        assertTrue(decoder.instructions(TWO));
        for (int i = 0; i < QpackDecoder.NOTES_MAX; i++) {
            assertTrue(decoder.qpack.hasRoom());
            assertFalse(decoder.section(i, hex("0300" + "80")).go(9).blocked());
        }
        assertFalse(decoder.qpack.hasRoom());
        assertFalse(decoder.qpack.cancel(1), "nor is there a place for that");
        assertFalse(decoder.decode("0000" + "d1").blocked(), "without entries nothing is acknowledged");
        Section held = decoder.section(100, hex("0300" + "80"));
        assertTrue(held.go(9).blocked());
        assertEquals(0, decoder.qpack.blocked(), "which is none of the encoder's doing");
        assertEquals(2 * QpackDecoder.NOTES_MAX, decoder.said().length());
        assertFalse(held.go(9).blocked());
        assertEquals("e4", decoder.said());
    }

    @Test
    void aTableOfNoBytesHoldsNothingAndSaysNothing() {
        assertEquals(0, QpackDecoder.plan(0).totalBytes());
        assertEquals(0, QpackEncoder.plan(0).totalBytes());
        Decoder decoder = new Decoder(0, 0);
        assertTrue(decoder.qpack.cancel(4));
        assertEquals("", decoder.said());
        assertTrue(decoder.instructions("20"), "a capacity of 0 is what it has");
        assertFalse(decoder.instructions("21"));
        Encoder encoder = new Encoder(0, true);
        encoder.qpack.settings(4096, 100);
        assertEquals("0000" + "d1" + "2161" + "0162", java.util.HexFormat.of().formatHex(encoder.encode(0, Sections.fields(":method", "GET", "a", "b"))));
        assertEquals(0, encoder.instructions(100).length);
    }

    /// What the default policy means: nothing that the peer may lack is referred to, and nothing is evicted that it has not acknowledged.
    @Test
    void anEncoderRefersToWhatIsAcknowledgedAlone() {
        Encoder encoder = new Encoder(256, false);
        encoder.qpack.settings(256, 100);
        List<Field> fields = Sections.fields("x-one", "1111111111");
        byte[] first = encoder.encode(0, fields);
        assertEquals(0, encoder.qpack.table().count(), "once is not often");
        byte[] second = encoder.encode(4, fields);
        assertEquals(1, encoder.qpack.table().count());
        assertEquals(first.length, second.length, "a literal again");
        assertEquals(0, encoder.qpack.outstanding());
        assertTrue(encoder.told("01"));
        assertEquals("020080", java.util.HexFormat.of().formatHex(encoder.encode(8, fields)));
        assertEquals(1, encoder.qpack.outstanding());
        for (int i = 0; i < 20; i++) {  // none of these may push out what section 8 refers to
            encoder.encode(12, Sections.fields("y" + i / 2, "2".repeat(40)));
        }
        assertEquals("020080".substring(0, 2), java.util.HexFormat.of().formatHex(encoder.encode(8, fields)).substring(0, 2), "it is still there");
        assertFalse(encoder.told("0a"), "more entries than were made");
    }

    @ParameterizedTest
    @ValueSource(strings = {"80", "84", "00", "01", "3fffffffffffffffffffff7f"})
    void whatNoDecoderSaysIsAFault(String hex) {
        Encoder encoder = new Encoder(256, false);
        encoder.qpack.settings(256, 0);
        assertFalse(encoder.told(hex), "section never sent, no entry, or more than there are");
        assertFalse(encoder.told("44"), "and stays one");
    }

    @Test
    void aCancelledStreamLetsItsEntriesGo() {
        Encoder encoder = new Encoder(70, false);
        encoder.qpack.settings(70, 0);
        List<Field> one = Sections.fields("a", "1");
        List<Field> two = Sections.fields("b", "2222222222");
        encoder.encode(0, one);
        encoder.encode(0, one);
        encoder.told("01");
        encoder.encode(4, one);
        assertEquals(1, encoder.qpack.outstanding());
        encoder.encode(8, two);
        encoder.encode(8, two);
        assertEquals(1, encoder.qpack.table().inserted(), "the first stands in its way, and is referred to");
        assertTrue(encoder.told("44"));
        encoder.encode(8, two);
        assertEquals(2, encoder.qpack.table().inserted());
    }

    @ParameterizedTest
    @CsvSource({"authorization, Basic QWxhZGRpbg==, 7", "proxy-authorization, x, 3", "cookie, id=1234567890123456, 7", "cookie, id=12345678901234567, 5",
            ":path, /a, 5",
            "set-cookie, a=b, 5", "x-own, y, 2"})
    void whatAGuesserSeeksNeverEntersATable(String name, String value, String pattern) {
        Encoder encoder = new Encoder(4096, false);
        encoder.qpack.settings(4096, 0);
        byte[] section = {};
        for (int i = 0; i < 2; i++) {
            section = encoder.encode(0, Sections.fields(name, value));
        }
        assertEquals(pattern, Integer.toHexString(section[2] >> 4 & 0xf));
        assertEquals(pattern.equals("2") || value.length() > 19 && name.equals("cookie") ? 1 : 0, encoder.qpack.table().count());
    }

    /// A model: whatever is lost, late, cancelled or out of order, what was encoded is what is decoded, nobody is at fault, and no entry is gone that someone needs.
    @Test
    void sectionsComeBackWhateverTheOrderOfStreams() {
        Seeds.forEach(1, 120, random -> {
            boolean mayBlock = random.nextBoolean();
            int table = random.nextInt(0, 500);
            int blocked = random.nextInt(0, 6);
            Encoder encoder = new Encoder(random.nextInt(0, 700), mayBlock);
            encoder.qpack.settings(table, blocked);
            Decoder decoder = new Decoder(table, blocked);
            ArrayDeque<byte[]> instructions = new ArrayDeque<>();
            StringBuilder said = new StringBuilder();
            Map<Section, List<Field>> open = new HashMap<>();
            for (int turn = 0; turn < 80; turn++) {
                long stream = 4L * turn;
                List<Field> fields = new ArrayList<>();
                for (int i = random.nextInt(6); i > 0; i--) {
                    fields.add(new Field("n" + random.nextInt(7), "v".repeat(random.nextInt(30)) + random.nextInt(4)));
                }
                byte[] section = encoder.encode(stream, fields);
                instructions.add(encoder.instructions(1 + random.nextInt(40)));
                if (random.nextInt(3) == 0 || !mayBlock) {
                    while (!instructions.isEmpty()) {
                        assertTrue(decoder.instructions(instructions.remove(), 1 + random.nextInt(9)));
                    }
                }
                open.put(decoder.section(stream, section), fields);
                for (Section each : List.copyOf(open.keySet())) {
                    var result = each.go(1 + random.nextInt(9));
                    assertFalse(result.fault(), encoder.qpack + ", " + decoder.qpack);
                    if (!result.blocked()) {
                        assertEquals(open.remove(each), result.fields());
                    } else if (random.nextInt(9) == 0 && decoder.qpack.hasRoom()) {
                        String name = each.decoder.toString();
                        each.decoder.reset();
                        decoder.qpack.cancel(Long.parseLong(name.replaceAll("\\D*(\\d+).*", "$1")));
                        open.remove(each);
                    }
                }
                said.append(decoder.said());
                if (random.nextBoolean()) {
                    assertTrue(encoder.told(said.toString()));
                    said.setLength(0);
                }
            }
        });
    }

    @Test
    void allIsWipedByAReset() {
        Encoder encoder = new Encoder(512, true);
        encoder.qpack.settings(512, 4);
        Decoder decoder = new Decoder(512, 4);
        SplittableRandom random = new SplittableRandom(9);
        for (int i = 0; i < 40; i++) {
            encoder.encode(i, Sections.fields("secret" + random.nextInt(20), "value".repeat(i % 9)));
            assertTrue(decoder.instructions(encoder.instructions(100), 100));
        }
        assertTrue(!isZero(encoder.memory) && !isZero(decoder.memory));
        encoder.qpack.reset();
        decoder.qpack.reset();
        assertTrue(isZero(encoder.memory));
        assertTrue(isZero(decoder.memory));
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
        assertThrows(IllegalArgumentException.class, () -> new QpackDecoder(memory, 0, 4096, 1));
        assertThrows(IllegalArgumentException.class, () -> new QpackDecoder(memory, 0, 0, -1));
        assertThrows(IllegalArgumentException.class, () -> new QpackEncoder(memory, 0, 4096, false));
        assertThrows(IllegalArgumentException.class, () -> QpackDecoder.plan(-1));
        assertThrows(IllegalArgumentException.class, () -> QpackEncoder.plan(65_537));
        SectionDecoder section = new SectionDecoder();
        assertThrows(IllegalStateException.class, () -> section.decode(memory, 0, 1));
        section.begin(new Decoder(0, 0).qpack, 0, memory, 0, 16);
        assertThrows(IllegalStateException.class, () -> section.begin(new Decoder(0, 0).qpack, 0, memory, 0, 16));
    }
}
