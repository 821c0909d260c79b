package dev.coffer.http.qpack;

import dev.coffer.testkit.Vectors;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/// Field sections and instructions as tests write them: octets in, fields of text out.
final class Sections {
    static final int ROOM = 1 << 16;

    record Field(String name, String value) {
        @Override
        public String toString() {
            return name + "=" + value;
        }
    }

    /// What a section came to: its fields, or that it waits, or that it is at fault.
    record Result(List<Field> fields, boolean blocked, boolean fault) {}

    /// One stream's section while it is decoded, which may wait in the middle.
    static final class Section {
        final SectionDecoder decoder = new SectionDecoder();
        private final Arena arena = Arena.ofAuto();
        private final MemorySegment bytes;
        private final MemorySegment head;
        private final int room;
        private final int length;
        private final List<Field> fields = new ArrayList<>();
        private int at;
        int skipped;

        Section(QpackDecoder of, long stream, byte[] section, int room) {
            this.room = room;
            length = section.length;
            bytes = arena.allocate(Math.max(length, 1)).copyFrom(MemorySegment.ofArray(section));
            head = arena.allocate(room + 16L);
            decoder.begin(of, stream, head, 8, room);
        }

        Result go(int piece) {
            while (true) {
                int part = Math.min(piece, length - at);
                int result = decoder.decode(bytes, at, part);
                at += decoder.taken();
                switch (result) {
                    case SectionDecoder.FAULT -> {
                        return new Result(List.of(), false, true);
                    }
                    case SectionDecoder.BLOCKED -> {
                        return new Result(List.of(), true, false);
                    }
                    case SectionDecoder.FIELD -> {
                        if (decoder.isSkipping()) {
                            skipped++;
                        } else {
                            fields.add(new Field(text(head, decoder.nameAt(), decoder.nameLength()), text(head, decoder.valueAt(), decoder.valueLength())));
                        }
                    }
                    default -> {
                        if (at == length) {
                            return end();
                        }
                    }
                }
            }
        }

        private Result end() {
            for (int i = 0; i < 8; i++) {
                if (head.get(ValueLayout.JAVA_BYTE, i) != 0 || head.get(ValueLayout.JAVA_BYTE, 8L + room + i) != 0) {
                    throw new AssertionError("wrote beside its room");
                }
            }
            boolean whole = decoder.end();
            return new Result(fields, false, !whole);
        }
    }

    /// A connection's decoder over memory of its own.
    static final class Decoder {
        final QpackDecoder qpack;
        final MemorySegment memory;
        private final MemorySegment out = Arena.ofAuto().allocate(1024);

        Decoder(int tableBytes, int blocked) {
            memory = Arena.ofAuto().allocate(Math.max(QpackDecoder.plan(tableBytes).totalBytes(), 64), 64);
            qpack = new QpackDecoder(memory, 0, tableBytes, blocked);
        }

        boolean instructions(byte[] bytes, int piece) {
            MemorySegment in = Arena.ofAuto().allocate(Math.max(bytes.length, 1)).copyFrom(MemorySegment.ofArray(bytes));
            for (int at = 0; at < bytes.length; at += piece) {
                if (qpack.feed(in, at, Math.min(piece, bytes.length - at)) == QpackDecoder.FAULT) {
                    return false;
                }
                qpack.table.checkInvariants();
            }
            return true;
        }

        boolean instructions(String hex) {
            return instructions(hex(hex), Integer.MAX_VALUE);
        }

        Section section(long stream, byte[] section) {
            return new Section(qpack, stream, section, ROOM);
        }

        Result decode(String hex) {
            return section(0, hex(hex)).go(Integer.MAX_VALUE);
        }

        String said() {
            StringBuilder said = new StringBuilder();
            for (long bytes; (bytes = qpack.write(out, 0, 16)) > 0;) {
                said.append(HexFormat.of().formatHex(out.asSlice(0, bytes).toArray(ValueLayout.JAVA_BYTE)));
            }
            return said.toString();
        }

        List<Field> table() {
            List<Field> fields = new ArrayList<>();
            MemorySegment place = Arena.ofAuto().allocate(1 << 17);
            for (int i = 0; i < qpack.table.count(); i++) {
                qpack.table.copyName(i, place, 0);
                String name = text(place, 0, qpack.table.nameLength(i));
                qpack.table.copyValue(i, place, 0);
                fields.add(new Field(name, text(place, 0, qpack.table.valueLength(i))));
            }
            return fields;
        }
    }

    /// A connection's encoder over memory of its own.
    static final class Encoder {
        final QpackEncoder qpack;
        final MemorySegment memory;
        private final MemorySegment out = Arena.ofAuto().allocate(1 << 18);
        private final MemorySegment place = Arena.ofAuto().allocate(1 << 17);

        Encoder(int tableBytes, boolean mayBlock) {
            memory = Arena.ofAuto().allocate(Math.max(QpackEncoder.plan(tableBytes).totalBytes(), 64), 64);
            qpack = new QpackEncoder(memory, 0, tableBytes, mayBlock);
        }

        byte[] encode(long stream, List<Field> fields) {
            qpack.begin(stream, out, 0);
            long bound = QpackEncoder.PREFIX_BYTES_MAX;
            for (Field field : fields) {
                byte[] name = field.name.getBytes(StandardCharsets.ISO_8859_1);
                byte[] value = field.value.getBytes(StandardCharsets.ISO_8859_1);
                MemorySegment.copy(name, 0, place, ValueLayout.JAVA_BYTE, 3, name.length);
                MemorySegment.copy(value, 0, place, ValueLayout.JAVA_BYTE, 3L + name.length, value.length);
                qpack.field(place, 3, name.length, 3L + name.length, value.length);
                qpack.table().checkInvariants();
                bound += QpackEncoder.bytesMax(name.length, value.length);
            }
            long end = qpack.end();
            if (end > bound) {
                throw new AssertionError("section up to " + end + ", bound " + bound);
            }
            return out.asSlice(qpack.sectionAt(), end - qpack.sectionAt()).toArray(ValueLayout.JAVA_BYTE);
        }

        /// {@return instructions, in pieces of any size}
        byte[] instructions(int piece) {
            java.io.ByteArrayOutputStream all = new java.io.ByteArrayOutputStream();
            for (long bytes; (bytes = qpack.write(out, 0, piece)) > 0;) {
                all.writeBytes(out.asSlice(0, bytes).toArray(ValueLayout.JAVA_BYTE));
            }
            return all.toByteArray();
        }

        boolean told(byte[] bytes) {
            MemorySegment in = Arena.ofAuto().allocate(Math.max(bytes.length, 1)).copyFrom(MemorySegment.ofArray(bytes));
            return qpack.feed(in, 0, bytes.length) == QpackEncoder.TAKEN;
        }

        boolean told(String hex) {
            return told(hex(hex));
        }
    }

    private Sections() {}

    static byte[] hex(String hex) {
        return HexFormat.of().parseHex(hex.replace(" ", ""));
    }

    static List<Field> fields(String... namesAndValues) {
        List<Field> fields = new ArrayList<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            fields.add(new Field(namesAndValues[i], namesAndValues[i + 1]));
        }
        return fields;
    }

    /// {@return the lists of a file of QIF}
    static List<List<Field>> qif(String file) throws IOException {
        List<List<Field>> lists = new ArrayList<>();
        List<Field> list = new ArrayList<>();
        Path path = Vectors.file(file);
        for (String line : Files.readAllLines(path, StandardCharsets.ISO_8859_1)) {
            if (line.isEmpty()) {
                if (!list.isEmpty()) {
                    lists.add(list);
                }
                list = new ArrayList<>();
            } else if (!line.startsWith("#")) {
                int tab = line.indexOf('\t');
                list.add(new Field(line.substring(0, tab), line.substring(tab + 1)));
            }
        }
        if (!list.isEmpty()) {
            lists.add(list);
        }
        return lists;
    }

    private static String text(MemorySegment segment, long at, int length) {
        return new String(segment.asSlice(at, length).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.ISO_8859_1);
    }
}
