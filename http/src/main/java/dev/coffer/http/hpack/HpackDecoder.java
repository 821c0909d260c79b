package dev.coffer.http.hpack;

import dev.coffer.http.Ascii;
import dev.coffer.http.internal.DynamicTable;
import dev.coffer.http.internal.FieldRoom;
import dev.coffer.http.internal.PrimitiveReader;
import dev.coffer.http.internal.RestBlocks;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.layout.Align;
import dev.coffer.memory.layout.HeapLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Decodes field blocks of one connection (RFC 7541), fed in pieces of any size; no piece is kept. Names and values go straight to
/// the caller's memory, one behind the other.
///
/// ```java
/// decoder.begin(head, headAt, headBytesMax);
/// for (int at = 0; at < length; at += decoder.taken()) {
///     switch (decoder.decode(fragment, at, length - at)) {
///         case HpackDecoder.FIELD -> field(decoder.nameAt(), decoder.nameLength(), decoder.valueAt(), decoder.valueLength());
///         case HpackDecoder.FAULT -> connectionError(COMPRESSION_ERROR);
///     }
/// }
/// decoder.end();                                   // whether the block was whole
/// ```
///
/// **When a block is larger than its room** it is decoded to its end all the same, as the table must go on, and [#isSkipping] is
/// true from the field on that did not fit: what was written before stays, the others are told without being kept. A field that is
/// larger than the table never enters it, so a place of the table's size is enough for that.
///
/// After a fault the decoder wants [#reset]: the connection is lost. Errors are the peer's; none is an exception. One thread at a
/// time; 0 heap bytes after construction.
public final class HpackDecoder {
    /// The piece is used up.
    public static final int MORE = 0;
    /// A field is complete, and lies where [#nameAt] and [#valueAt] say; or it is only counted, see [#isSkipping].
    public static final int FIELD = 1;
    /// The block is not HPACK, or against its limits: a connection error COMPRESSION_ERROR (RFC 9113, section 4.3).
    public static final int FAULT = 2;

    /// What a peer may assume before it has seen our settings (RFC 9113, section 6.5.2).
    public static final int TABLE_BYTES_INITIAL = 4096;

    private enum State { START, INDEX, NAME_LENGTH, NAME_MORE_LENGTH, NAME, VALUE_LENGTH, VALUE_MORE_LENGTH, VALUE, FAILED }

    // Representations (section 6).
    private static final int INDEXED = 0;
    private static final int INCREMENTAL = 1;
    private static final int UPDATE = 2;
    private static final int PLAIN = 3;
    private static final int NEVER = 4;

    private final DynamicTable table;
    private final FieldRoom field;      // that is under way
    private int settled;                // what our settings allow the peer's encoder
    private boolean updateDue;          // they went down, and the next block must say so

    private State state = State.START;
    private boolean first;              // no field has come in this block
    private int kind;
    private final PrimitiveReader read = new PrimitiveReader(PrimitiveReader.SHORT);
    private int taken;

    /// @param memory         the caller's; must outlive the decoder
    /// @param at             offset of [#plan] bytes, all zero
    /// @param tableBytesMax  largest dynamic table, 0..65536: what SETTINGS_HEADER_TABLE_SIZE says. Below
    ///                       [#TABLE_BYTES_INITIAL] only where the peer knows before its first block
    /// @throws IllegalArgumentException  out of range, or not in the memory (caller's fault)
    public HpackDecoder(MemorySegment memory, long at, int tableBytesMax) {
        checkTable(tableBytesMax);
        long tableBytes = DynamicTable.bytes(tableBytesMax);
        if (at < 0 || bytes(tableBytesMax) > memory.byteSize() - at) {
            throw new IllegalArgumentException("hpack: " + bytes(tableBytesMax) + " bytes at " + at + " of " + memory.byteSize());
        }
        this.table = new DynamicTable(memory, at, tableBytesMax);
        this.field = new FieldRoom(memory, at + tableBytes, tableBytesMax);
        this.settled = tableBytesMax;
    }

    static void checkTable(int bytes) {
        if (bytes < 0 || bytes > DynamicTable.BYTES_MAX) {
            throw new IllegalArgumentException("table: " + bytes + " bytes (expected 0.." + DynamicTable.BYTES_MAX + ")");
        }
    }

    private static long bytes(int tableBytesMax) {
        return DynamicTable.bytes(tableBytesMax) + Align.up(tableBytesMax, Align.CACHE_LINE_BYTES);
    }

    /// {@return what one decoder holds: the table's rings, a field's place, and its Java objects}
    public static MemoryPlan plan(int tableBytesMax) {
        checkTable(tableBytesMax);
        return MemoryPlan.group("decoder",
                MemoryPlan.block("table", DynamicTable.bytes(tableBytesMax), 1, tableBytesMax + " + " + DynamicTable.records(tableBytesMax)
                        + " x 8"),
                MemoryPlan.block("field", Align.up(tableBytesMax, Align.CACHE_LINE_BYTES), 1, "one that is told and not kept"))
                .withHeap(HeapLayout.instance(HpackDecoder.class) + HeapLayout.instance(FieldRoom.class) + HeapLayout.instance(DynamicTable.class)
                        + HeapLayout.instance(PrimitiveReader.class));
    }

    /// Forgets all and wipes it: another connection.
    public void reset() {
        table.clear();
        field.clear();
        settled = table.bytesMax();
        updateDue = false;
        state = State.START;
    }

    /// Our settings allow another table, and the peer has acknowledged them (section 4.2).
    ///
    /// @param tableBytes  0..the one of the construction
    /// @throws IllegalArgumentException  out of range (caller's fault)
    public void limit(int tableBytes) {
        if (tableBytes < 0 || tableBytes > table.bytesMax()) {
            throw new IllegalArgumentException("table: " + tableBytes + " bytes (expected 0.." + table.bytesMax() + ")");
        }
        settled = tableBytes;
        updateDue |= tableBytes < table.limit();
    }

    /// Begins a block.
    ///
    /// @param target  `room` bytes at `at` for its names and values
    /// @throws IllegalStateException  a block is under way, or there was a fault (caller's fault)
    public void begin(MemorySegment target, long at, int room) {
        if (state != State.START || field.isOpen()) {
            throw new IllegalStateException("hpack: a block is under way, or was at fault");
        }
        field.open(target, at, room);
        first = true;
    }

    /// From here on fields are told and not kept, one that has begun included: the block's room is not used any more.
    public void skip() {
        field.skip(state != State.START);
    }

    /// Decodes up to the end of the next field, or of the piece. How much that was is [#taken].
    ///
    /// @return [#MORE], [#FIELD] or [#FAULT]
    public int decode(MemorySegment input, long at, int length) {
        if (!field.isOpen()) {
            throw new IllegalStateException("hpack: no block is under way");
        }
        long from = at;
        long last = at + length;
        int result = state == State.FAILED ? FAULT : MORE;
        while (result == MORE && (from < last || read.left() == 0 && (state == State.NAME || state == State.VALUE))) {
            switch (state) {
                case NAME, VALUE -> {
                    int used = (int) Math.min(read.left(), last - from);
                    result = string(input, from, used);
                    from += used;
                }
                default -> result = octet(input.get(ValueLayout.JAVA_BYTE, from++) & 0xff);
            }
        }
        taken = (int) (from - at);
        if (result == FAULT) {
            state = State.FAILED;
        }
        return result;
    }

    private int octet(int b) {
        return switch (state) {
            case START -> start(b);
            case NAME_LENGTH, VALUE_LENGTH -> firstOfLength(b);
            case INDEX, NAME_MORE_LENGTH, VALUE_MORE_LENGTH -> more(b);
            case NAME, VALUE, FAILED -> throw new AssertionError(state);
        };
    }

    private int firstOfLength(int b) {
        read.beginString((b & 0x80) != 0);
        return read.begin(b & 0x7f, 0x7f) ? length()
                : after(state == State.NAME_LENGTH ? State.NAME_MORE_LENGTH : State.VALUE_MORE_LENGTH);
    }

    /// The next octet of a number.
    private int more(int b) {
        int result = read.more(b);
        return result == PrimitiveReader.FAULT ? FAULT : result == PrimitiveReader.MORE ? MORE : state == State.INDEX ? indexed() : length();
    }

    private int after(State next) {
        state = next;
        return MORE;
    }

    private int start(int b) {
        int mask;
        if ((b & 0x80) != 0) {
            kind = INDEXED;
            mask = 0x7f;
        } else if ((b & 0x40) != 0) {
            kind = INCREMENTAL;
            mask = 0x3f;
        } else if ((b & 0x20) != 0) {
            kind = UPDATE;
            mask = 0x1f;
        } else {
            kind = (b & 0x10) != 0 ? NEVER : PLAIN;
            mask = 0x0f;
        }
        if (kind != UPDATE) {
            if (updateDue) {
                return FAULT;  // the first thing after our limit went down must be an update (section 4.2)
            }
            first = false;
            field.beginField();
        }
        state = State.INDEX;
        return read.begin(b & mask, mask) ? indexed() : MORE;
    }

    /// The number of the first octet is read.
    private int indexed() {
        int number = (int) read.number();
        if (kind == UPDATE) {
            if (!first || number > settled) {
                return FAULT;  // section 4.2, 6.3
            }
            updateDue = false;
            table.limit(number);
            return after(State.START);
        }
        if (number == 0) {
            return kind == INDEXED ? FAULT : after(State.NAME_LENGTH);  // section 6.1
        }
        if (number > StaticTable.ENTRIES + table.count()) {
            return FAULT;  // section 2.3.3
        }
        return kind == INDEXED ? whole(number) : name(number);
    }

    private int name(int index) {
        if (index <= StaticTable.ENTRIES) {
            Ascii name = StaticTable.FIELDS.name(index);
            field.put(name);
            field.nameGrows(name.length());
        } else {
            int entry = index - StaticTable.ENTRIES - 1;
            field.putName(table, entry);
            field.nameGrows(table.nameLength(entry));
        }
        return nameEnd();
    }

    private int nameEnd() {
        field.beginValue();
        return after(State.VALUE_LENGTH);
    }

    private int whole(int index) {
        name(index);
        if (index <= StaticTable.ENTRIES) {
            Ascii value = StaticTable.FIELDS.value(index);
            field.put(value);
            field.valueGrows(value.length());
        } else {
            int entry = index - StaticTable.ENTRIES - 1;
            field.putValue(table, entry);
            field.valueGrows(table.valueLength(entry));
        }
        return field();
    }

    /// A string's length is read.
    private int length() {
        if (!read.beginOctets()) {
            return FAULT;
        }
        return after(state == State.NAME_LENGTH || state == State.NAME_MORE_LENGTH ? State.NAME : State.VALUE);
    }

    /// Takes octets of a string, or its end where there are none.
    private int string(MemorySegment input, long from, int used) {
        int written = read.take(input, from, used, field);
        if (written < 0) {
            return FAULT;
        }
        if (state == State.NAME) {
            field.nameGrows(written);
        } else {
            field.valueGrows(written);
        }
        if (read.left() > 0) {
            return MORE;
        }
        if (!read.mayEnd()) {
            return FAULT;  // section 5.2
        }
        return state == State.NAME ? nameEnd() : field();
    }

    /// A field is complete.
    private int field() {
        state = State.START;
        if (kind == INCREMENTAL) {
            field.addTo(table);
        }
        return FIELD;
    }

    /// {@return octets that the last [#decode] took}
    public int taken() {
        return taken;
    }

    /// {@return where the last field's name lies, in the block's memory; unspecified while [#isSkipping]}
    public long nameAt() {
        return field.nameAt();
    }

    /// {@return octets of the last field's name}
    public int nameLength() {
        return field.nameLength();
    }

    /// {@return where the last field's value lies}
    public long valueAt() {
        return field.valueAt();
    }

    /// {@return octets of the last field's value}
    public int valueLength() {
        return field.valueLength();
    }

    /// {@return whether the last field is one that must never be indexed, whoever sends it on (section 6.2.3)}
    public boolean isNeverIndexed() {
        return kind == NEVER;
    }

    /// {@return whether fields are told and not kept: the room has ended, or [#skip] was called}
    public boolean isSkipping() {
        return field.isSkipping();
    }

    /// Ends the block.
    ///
    /// @return whether it was whole; a fault otherwise
    public boolean end() {
        boolean whole = state == State.START;
        field.close();
        if (!whole) {
            state = State.FAILED;
        }
        return whole;
    }

    /// {@return offset behind the last octet of the block's names and values; unspecified where [#isSkipping]}
    public long writtenTo() {
        return field.writtenTo();
    }

    /// {@return bytes in the dynamic table, as section 4.1 counts them}
    public int tableBytes() {
        return table.size();
    }

    /// {@return bytes that [#keep] writes, at most}
    public int keptBytes() {
        return 2 * Integer.BYTES + table.keptBytes();
    }

    /// Writes down what the next block will need. Between blocks.
    @SuppressWarnings("exports")  // for the engines of this module
    public void keep(RestBlocks rest) {
        assert state == State.START && !field.isOpen() : state;
        rest.putInt(settled);
        rest.putInt(updateDue ? 1 : 0);
        table.keep(rest);
    }

    /// Goes on as another decoder, with a table as large, has left off; after [#reset].
    @SuppressWarnings("exports")  // for the engines of this module
    public void resume(RestBlocks rest) {
        settled = rest.getInt();
        updateDue = rest.getInt() != 0;
        table.resume(rest);
    }

    DynamicTable table() {
        return table;
    }

    @Override
    public String toString() {
        return "HpackDecoder[" + table.count() + " entries, " + table.size() + " of " + table.limit() + " bytes, " + state + "]";
    }
}
