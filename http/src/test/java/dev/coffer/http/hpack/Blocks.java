package dev.coffer.http.hpack;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/// Field blocks as tests write them: hexadecimal in, fields of text out.
final class Blocks {
    static final int ROOM = 1 << 16;

    record Field(String name, String value) {
        @Override
        public String toString() {
            return name + "=" + value;
        }
    }

    /// A decoder over memory of its own.
    static final class Decoder {
        final HpackDecoder hpack;
        private final MemorySegment head;
        private final int room;
        int skipped;

        Decoder(int tableBytes, int room) {
            this.room = room;
            this.head = Arena.ofAuto().allocate(room + 16);
            this.hpack = new HpackDecoder(Arena.ofAuto().allocate(HpackDecoder.plan(tableBytes).totalBytes(), 64), 0, tableBytes);
        }

        /// {@return the block's fields, null where it is at fault}
        List<Field> decode(byte[] block, int piece) {
            List<Field> fields = new ArrayList<>();
            MemorySegment bytes = Arena.ofAuto().allocate(Math.max(block.length, 1)).copyFrom(MemorySegment.ofArray(block));
            skipped = 0;
            hpack.begin(head, 8, room);
            for (int at = 0; at < block.length;) {
                int result = hpack.decode(bytes, at, Math.min(piece, block.length - at));
                at += hpack.taken();
                hpack.table().checkInvariants();
                if (result == HpackDecoder.FAULT) {
                    return null;
                }
                if (result == HpackDecoder.FIELD) {
                    if (hpack.isSkipping()) {
                        skipped++;
                    } else {
                        fields.add(new Field(text(head, hpack.nameAt(), hpack.nameLength()),
                                text(head, hpack.valueAt(), hpack.valueLength())));
                    }
                }
            }
            for (int i = 0; i < 8; i++) {
                if (head.get(ValueLayout.JAVA_BYTE, i) != 0 || head.get(ValueLayout.JAVA_BYTE, 8 + room + i) != 0) {
                    throw new AssertionError("wrote beside its room");
                }
            }
            return hpack.end() ? fields : null;
        }

        List<Field> decode(String hex) {
            return decode(HexFormat.of().parseHex(hex.replace(" ", "")), Integer.MAX_VALUE);
        }

        List<Field> table() {
            List<Field> fields = new ArrayList<>();
            MemorySegment place = Arena.ofAuto().allocate(1 << 17);
            for (int i = 0; i < hpack.table().count(); i++) {
                hpack.table().copyName(i, place, 0);
                String name = text(place, 0, hpack.table().nameLength(i));
                hpack.table().copyValue(i, place, 0);
                fields.add(new Field(name, text(place, 0, hpack.table().valueLength(i))));
            }
            return fields;
        }
    }

    /// An encoder over memory of its own.
    static final class Encoder {
        final HpackEncoder hpack;
        private final MemorySegment out = Arena.ofAuto().allocate(1 << 18);
        private final MemorySegment place = Arena.ofAuto().allocate(1 << 17);

        Encoder(int tableBytes) {
            hpack = new HpackEncoder(Arena.ofAuto().allocate(HpackEncoder.plan(tableBytes).totalBytes(), 64), 0, tableBytes);
        }

        byte[] encode(List<Field> fields) {
            hpack.begin(out, 0);
            long bound = HpackEncoder.UPDATE_BYTES_MAX;
            for (Field field : fields) {
                byte[] name = field.name.getBytes(StandardCharsets.ISO_8859_1);
                byte[] value = field.value.getBytes(StandardCharsets.ISO_8859_1);
                MemorySegment.copy(name, 0, place, ValueLayout.JAVA_BYTE, 3, name.length);
                MemorySegment.copy(value, 0, place, ValueLayout.JAVA_BYTE, 3 + name.length, value.length);
                hpack.field(place, 3, name.length, 3 + name.length, value.length);
                hpack.table().checkInvariants();
                bound += HpackEncoder.bytesMax(name.length, value.length);
            }
            long length = hpack.end();
            if (length > bound) {
                throw new AssertionError("block of " + length + " bytes, bound " + bound);
            }
            return out.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
        }

        String hex(List<Field> fields) {
            return HexFormat.of().formatHex(encode(fields));
        }
    }

    private Blocks() {}

    static List<Field> fields(String... namesAndValues) {
        List<Field> fields = new ArrayList<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            fields.add(new Field(namesAndValues[i], namesAndValues[i + 1]));
        }
        return fields;
    }

    private static String text(MemorySegment segment, long at, int length) {
        return new String(segment.asSlice(at, length).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.ISO_8859_1);
    }
}
