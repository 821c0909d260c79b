package dev.coffer.http.qpack;

import static dev.coffer.http.qpack.Sections.hex;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.coffer.http.qpack.Sections.Decoder;
import dev.coffer.http.qpack.Sections.Encoder;
import dev.coffer.http.qpack.Sections.Field;
import dev.coffer.http.qpack.Sections.Result;
import dev.coffer.http.qpack.Sections.Section;
import dev.coffer.testkit.Vectors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.MetaData;
import org.eclipse.jetty.http3.qpack.Instruction;
import org.eclipse.jetty.http3.qpack.QpackException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// RFC 9204, appendix B, and the corpora of four other encoders; our own sections in a decoder that is not ours.
class QpackVectorTest {
    private static final String FOLDER = "http/qpack/";
    private static final Map<String, Integer> FILES = Map.of("f5", 13, "ls-qpack", 20, "nghttp3", 20, "quinn", 20);

    /// A whole connection of the appendix, step by step.
    @Test
    void theAppendixsConnectionDecodesStepByStep() {
        Decoder decoder = new Decoder(220, 100);
        assertEquals(Sections.fields(":path", "/index.html"), decoder.decode("0000510b2f696e6465782e68746d6c").fields());    // B.1
        assertEquals("", decoder.said());
        assertTrue(decoder.instructions("3fbd01c00f7777772e6578616d706c652e636f6dc10c2f73616d706c652f70617468"));            // B.2
        assertEquals(Sections.fields(":authority", "www.example.com", ":path", "/sample/path"), decoder.section(4, hex("03811011")).go(1).fields());
        assertEquals("84", decoder.said());
        assertEquals(106, decoder.qpack.tableBytes());
        assertTrue(decoder.instructions("4a637573746f6d2d6b65790c637573746f6d2d76616c7565"));                                // B.3
        assertEquals("01", decoder.said());
        assertEquals(160, decoder.qpack.tableBytes());
        Section early = decoder.section(8, hex("050080c181"));                                                              // B.4: it waits
        assertTrue(early.go(1).blocked());
        assertEquals(1, decoder.qpack.blocked());
        assertTrue(decoder.instructions("02"));
        assertEquals(217, decoder.qpack.tableBytes());
        assertEquals(Sections.fields(":authority", "www.example.com", ":path", "/", "custom-key", "custom-value"), early.go(1).fields());
        assertEquals(0, decoder.qpack.blocked());
        assertEquals("88", decoder.said());
        assertTrue(decoder.instructions("810d637573746f6d2d76616c756532"));                                                  // B.5
        assertEquals(215, decoder.qpack.tableBytes());
        assertEquals(Sections.fields("custom-key", "custom-value2", ":authority", "www.example.com", "custom-key", "custom-value", ":path",
                "/sample/path"), decoder.table());
    }

    @Test
    void theAppendixsBlockedStreamMayBeCancelled() {
        Decoder decoder = new Decoder(220, 100);
        assertTrue(
                decoder.instructions("3fbd01c00f7777772e6578616d706c652e636f6dc10c2f73616d706c652f706174684a637573746f6d2d6b65790c637573746f6d2d76616c7565"));
        assertEquals("03", decoder.said());
        Section blocked = decoder.section(8, hex("050080c181"));
        assertTrue(blocked.go(100).blocked());
        blocked.decoder.reset();
        assertTrue(decoder.qpack.cancel(8));
        assertEquals("48", decoder.said());
        assertEquals(0, decoder.qpack.blocked());
    }

    @ParameterizedTest
    @ValueSource(strings = {"f5", "ls-qpack", "nghttp3", "quinn"})
    void everyFileOfTheCorpusDecodesToItsListsHoweverItIsSplit(String encoder) throws IOException {
        List<Path> files = files(FOLDER + encoder);
        for (Path file : files) {
            for (int piece : new int[] {Integer.MAX_VALUE, 1, 7}) {
                decode(file, piece);
            }
        }
        assertTrue(files.size() >= FILES.get(encoder), encoder + ": " + files.size() + " files");
    }

    /// Records of stream 0 are the encoder stream; a section that waits goes on when that has brought more.
    private static void decode(Path file, int piece) throws IOException {
        String[] parts = file.getFileName().toString().split("\\.");
        Decoder decoder = new Decoder(Integer.parseInt(parts[2]), Integer.parseInt(parts[3]));
        decoder.qpack.table.limit(Integer.parseInt(parts[2]));  // of an earlier draft, in which the encoder need not say so
        Map<Long, List<Field>> lists = new TreeMap<>();
        Map<Long, Section> waiting = new TreeMap<>();
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file));
        while (bytes.hasRemaining()) {
            long stream = bytes.getLong();
            byte[] record = new byte[bytes.getInt()];
            bytes.get(record);
            if (stream == 0) {
                assertTrue(decoder.instructions(record, piece), file + ": encoder stream");
                for (var each : List.copyOf(waiting.entrySet())) {
                    if (take(file, each.getKey(), each.getValue().go(piece), lists)) {
                        waiting.remove(each.getKey());
                    }
                }
            } else {
                Section section = decoder.section(stream, record);
                if (!take(file, stream, section.go(piece), lists)) {
                    waiting.put(stream, section);
                }
            }
            decoder.said();
        }
        assertEquals(Map.of(), waiting, file.toString());
        List<List<Field>> expected = Sections.qif(FOLDER + "qif/" + parts[0] + ".qif");
        assertEquals(expected, List.copyOf(lists.values()), file.toString());
    }

    private static boolean take(Path file, long stream, Result result, Map<Long, List<Field>> lists) {
        assertFalse(result.fault(), file + ", stream " + stream);
        if (!result.blocked()) {
            lists.put(stream, result.fields());
        }
        return !result.blocked();
    }

    /// The ninth is legal: an `:authority` without a value.
    @Test
    void whatTheCorpusCallsErrorsIsRefusedButForTheLegalOne() throws IOException {
        List<Path> files = files(FOLDER + "errors");
        for (Path file : files) {
            ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file));
            bytes.getLong();
            byte[] record = new byte[bytes.getInt()];
            bytes.get(record);
            for (int piece : new int[] {100, 1}) {
                Result result = new Decoder(4096, 100).section(1, record).go(piece);
                assertEquals(!file.endsWith("err9"), result.fault(), file + ": " + HexFormat.of().formatHex(record));
                assertEquals(file.endsWith("err9") ? Sections.fields(":authority", "") : List.of(), result.fields());
            }
        }
        assertTrue(files.size() >= 9, files.size() + " files");
    }

    /// Jetty's decoder reads what we encode, and acknowledges it where ours does. Sizes are printed.
    @ParameterizedTest
    @CsvSource({"fb-req, 4096, false", "fb-resp, 4096, false", "netbsd, 512, false", "netbsd, 0, false", "fb-req, 256, false", "fb-req, 4096, true",
            "netbsd, 512, true"})
    void anotherDecoderReadsWhatWeEncode(String name, int table, boolean mayBlock) throws IOException, QpackException {
        String file = FOLDER + "qif/" + name + ".qif";
        assumeTrue(Vectors.present(file), Vectors.absence(file));
        List<List<Field>> lists = Sections.qif(file).stream().map(QpackVectorTest::wellFormed).toList();
        Encoder encoder = new Encoder(table, mayBlock);
        encoder.qpack.settings(table, 100);
        Decoder ours = new Decoder(table, 100);
        List<Instruction> said = new ArrayList<>();
        org.eclipse.jetty.http3.qpack.QpackDecoder jetty = new org.eclipse.jetty.http3.qpack.QpackDecoder(said::addAll);
        jetty.setMaxTableCapacity(table);
        jetty.setMaxBlockedStreams(100);
        jetty.setMaxHeadersSize(1 << 20);
        jetty.setBeginNanoTimeSupplier(System::nanoTime);
        long bytes = 0;
        long plain = 0;
        int turn = 0;
        for (List<Field> list : lists) {
            long stream = 4L * turn++;
            byte[] section = encoder.encode(stream, list);
            byte[] instructions = encoder.instructions(1 + turn % 50);
            bytes += section.length + instructions.length;
            for (Field field : list) {
                plain += field.name().length() + field.value().length();
            }
            List<MetaData> came = new ArrayList<>();
            boolean late = mayBlock && turn % 2 == 0;
            if (!late) {
                jetty.parseInstructions(ByteBuffer.wrap(instructions));
            }
            assertTrue(ours.instructions(instructions, 3));
            jetty.decode(stream, ByteBuffer.wrap(section), (id, metaData, wasBlocked) -> came.add(metaData));
            if (late) {
                jetty.parseInstructions(ByteBuffer.wrap(instructions));
            }
            assertEquals(list, ours.section(stream, section).go(5).fields(), name + ", ours, stream " + stream);
            assertEquals(1, came.size(), name + ", stream " + stream);
            assertEquals(sorted(list), sorted(fields(came.getFirst())), name + ", theirs, stream " + stream);
            if (turn % 3 != 0) {
                assertTrue(encoder.told(ours.said()));
            }
        }
        assertEquals(table > 0, said.size() > 0, "acknowledged");
        System.out.printf("qpack: %s, table %d%s: %d sections, %d bytes of %d, %.3f%n", name, table, mayBlock ? ", may block" : "", lists.size(), bytes, plain,
                (double) bytes / plain);
    }

    /// Lists as messages have them: pseudo-header fields first, names in lower case, none of a connection's.
    private static List<Field> wellFormed(List<Field> list) {
        List<Field> fields = new ArrayList<>(list.stream().filter(field -> field.name().startsWith(":")).toList());
        for (Field field : list) {
            String name = field.name().toLowerCase(java.util.Locale.ROOT);
            if (!name.startsWith(":") && !List.of("connection", "keep-alive", "transfer-encoding", "host", "te").contains(name)) {
                fields.add(new Field(name, field.value()));
            }
        }
        return fields;
    }

    /// Names that are no pseudo-header fields, as that decoder keeps those apart.
    private static List<Field> fields(MetaData metaData) {
        List<Field> fields = new ArrayList<>();
        for (HttpField field : metaData.getHttpFields()) {
            fields.add(new Field(field.getLowerCaseName(), field.getValue() == null ? "" : field.getValue()));
        }
        return fields;
    }

    private static List<Field> sorted(List<Field> fields) {
        return fields.stream().filter(field -> !field.name().startsWith(":")).sorted(Comparator.comparing(Field::toString)).toList();
    }

    private static List<Path> files(String folder) throws IOException {
        Path path = Vectors.file(folder);
        assumeTrue(Files.isDirectory(path), Vectors.absence(folder));
        try (Stream<Path> files = Files.list(path)) {
            return files.sorted().toList();
        }
    }
}
