package dev.coffer.http.qpack;

import dev.coffer.http.internal.DynamicTable;
import dev.coffer.http.internal.FieldRoom;
import dev.coffer.http.internal.PrimitiveReader;
import dev.coffer.memory.layout.HeapLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Decodes the field sections of one stream (RFC 9204, section 4.5), one after the other, fed in pieces of any size; no piece is kept. Names and values go
/// straight to the caller's memory, one behind the other. It may serve one stream after another, of one connection after another.
///
/// ```java
/// section.begin(decoder, stream, head, headAt, headBytesMax);
/// while (length > 0) {
///     int result = section.decode(bytes, at, length);
///     at += section.taken();
///     switch (result) {
///         case SectionDecoder.FIELD -> field(section.nameAt(), section.nameLength(), section.valueAt(), section.valueLength());
///         case SectionDecoder.BLOCKED -> { return; }             // goes on when the encoder stream has brought more; what was not taken stays where it is
///         case SectionDecoder.FAULT -> connectionError(QPACK_DECOMPRESSION_FAILED);
///     }
/// }
/// section.end();                                                 // whether it was whole; it is acknowledged then
/// ```
///
/// **When a section is larger than its room** it is decoded to its end all the same, so that it can be acknowledged, and [#isSkipping] is true from the field
/// on that did not fit: what was written before stays, the others are counted and not kept.
///
/// Errors are the peer's; none is an exception. One thread at a time; 0 heap bytes after construction.
public final class SectionDecoder {
    /// The piece is used up.
    public static final int MORE = 0;
    /// A field is complete, and lies where [#nameAt] and [#valueAt] say; or it is only counted, see [#isSkipping].
    public static final int FIELD = 1;
    /// The section is not QPACK, or against its limits: a connection error QPACK_DECOMPRESSION_FAILED.
    public static final int FAULT = 2;
    /// It refers to entries that have yet to come (section 2.1.2): nothing behind its first octets is taken until they have.
    public static final int BLOCKED = 3;

    private enum State { REQUIRED, REQUIRED_MORE, BASE, BASE_MORE, WAITING, START, INDEX, NAME_LENGTH, NAME, VALUE_FIRST, VALUE_LENGTH, VALUE, FAILED }

    private final PrimitiveReader read = new PrimitiveReader(PrimitiveReader.LONG);
    private final FieldRoom field = new FieldRoom(MemorySegment.NULL, 0, 0);  // what does not fit need not be kept: it enters no table
    private QpackDecoder decoder = NOBODY;
    private long stream;
    private State state = State.START;
    private long required;          // Required Insert Count
    private long base;
    private boolean negative;       // the base's sign
    private boolean isStatic;
    private boolean postBase;
    private boolean named;          // a name by reference, a value in full
    private boolean never;
    private boolean counted;        // among the connection's blocked streams
    private boolean promised;       // a place for its acknowledgement
    private int taken;

    private static final QpackDecoder NOBODY = new QpackDecoder(MemorySegment.NULL, 0, 0, 0);

    /// A decoder without a section.
    public SectionDecoder() {}

    /// {@return bytes of its Java objects}
    public static long heapBytes() {
        return HeapLayout.instance(SectionDecoder.class) + HeapLayout.instance(PrimitiveReader.class) + HeapLayout.instance(FieldRoom.class);
    }

    /// Begins a section.
    ///
    /// @param of      the connection's
    /// @param number  of the stream
    /// @param target  `room` bytes at `at` for its names and values
    /// @throws IllegalStateException  one is under way (caller's fault)
    public void begin(QpackDecoder of, long number, MemorySegment target, long at, int room) {
        if (field.isOpen()) {
            throw new IllegalStateException("qpack: a section is under way");
        }
        decoder = of;
        stream = number;
        state = State.REQUIRED;
        field.open(target, at, room);
    }

    /// {@return whether a section is under way}
    public boolean isOpen() {
        return field.isOpen();
    }

    /// Gives up what is under way, and forgets its connection. Where that goes on its peer is told by [QpackDecoder#cancel].
    public void reset() {
        unblock();
        settle();
        field.close();
        decoder = NOBODY;
    }

    private void unblock() {
        if (counted) {
            counted = false;
            decoder.blocked--;
        }
    }

    /// Gives back the place for an acknowledgement: to that, or to nobody.
    private void settle() {
        if (promised) {
            promised = false;
            decoder.promised--;
        }
    }

    /// From here on fields are counted and not kept.
    public void skip() {
        field.skip(state != State.START);
    }

    /// Decodes up to the end of the next field, or of the piece. How much that was is [#taken].
    ///
    /// @return [#MORE], [#FIELD], [#BLOCKED] or [#FAULT]
    /// @throws IllegalStateException  none is under way (caller's fault)
    public int decode(MemorySegment input, long at, long length) {
        if (!field.isOpen()) {
            throw new IllegalStateException("qpack: no section is under way");
        }
        long from = at;
        long last = at + length;
        int result = state == State.FAILED ? FAULT : state == State.WAITING ? waiting() : MORE;
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
            case REQUIRED -> read.begin(b, 0xff) ? required() : after(State.REQUIRED_MORE);
            case BASE -> {
                negative = (b & 0x80) != 0;
                yield read.begin(b & 0x7f, 0x7f) ? base() : after(State.BASE_MORE);
            }
            case START -> start(b);
            case VALUE_FIRST -> {
                read.beginString((b & 0x80) != 0);
                yield read.begin(b & 0x7f, 0x7f) ? whole(State.VALUE_LENGTH) : after(State.VALUE_LENGTH);
            }
            case REQUIRED_MORE, BASE_MORE, INDEX, NAME_LENGTH, VALUE_LENGTH -> {
                int result = read.more(b);
                yield result == PrimitiveReader.DONE ? whole(state) : result == PrimitiveReader.MORE ? MORE : FAULT;
            }
            default -> throw new AssertionError(state);
        };
    }

    private int after(State next) {
        state = next;
        return MORE;
    }

    /// A number is read.
    private int whole(State of) {
        return switch (of) {
            case REQUIRED_MORE -> required();
            case BASE_MORE -> base();
            case INDEX -> indexed();
            case NAME_LENGTH -> read.beginOctets() ? after(State.NAME) : FAULT;
            default -> read.beginOctets() ? after(State.VALUE) : FAULT;
        };
    }

    /// The Required Insert Count, which is said modulo twice the most entries (section 4.5.1.1).
    private int required() {
        long encoded = read.number();
        long entries = decoder.table.bytesMax() / DynamicTable.OVERHEAD_BYTES;
        if (encoded == 0) {
            required = 0;
            return after(State.BASE);
        }
        if (encoded > 2 * entries) {
            return FAULT;
        }
        long most = decoder.table.inserted() + entries;
        required = most / (2 * entries) * (2 * entries) + encoded - 1;
        if (required > most) {
            if (required <= 2 * entries) {
                return FAULT;
            }
            required -= 2 * entries;
        }
        return required == 0 ? FAULT : after(State.BASE);
    }

    private int base() {
        base = negative ? required - read.number() - 1 : required + read.number();
        if (base < 0) {
            return FAULT;  // section 4.5.1.2
        }
        state = State.WAITING;
        return waiting();
    }

    private int waiting() {
        if (required <= decoder.table.inserted() && (required == 0 || decoder.hasRoom())) {
            unblock();
            promised = required > 0;
            decoder.promised += promised ? 1 : 0;
            return after(State.START);
        }
        decoder.wanted |= required <= decoder.table.inserted();
        if (required > decoder.table.inserted() && !counted) {
            if (decoder.blocked >= decoder.blockedMax) {
                return FAULT;  // section 2.1.2: more than we allow
            }
            decoder.blocked++;
            counted = true;
        }
        return BLOCKED;
    }

    private int start(int b) {
        int mask;
        isStatic = false;
        postBase = false;
        named = true;
        never = false;
        if ((b & 0x80) != 0) {          // indexed (section 4.5.2)
            named = false;
            isStatic = (b & 0x40) != 0;
            mask = 0x3f;
        } else if ((b & 0x40) != 0) {   // literal with a name's reference (4.5.4)
            never = (b & 0x20) != 0;
            isStatic = (b & 0x10) != 0;
            mask = 0x0f;
        } else if ((b & 0x20) != 0) {   // literal with a literal name (4.5.6)
            never = (b & 0x10) != 0;
            field.beginField();
            read.beginString((b & 0x08) != 0);
            state = State.NAME_LENGTH;
            return read.begin(b & 0x07, 0x07) ? whole(State.NAME_LENGTH) : MORE;
        } else if ((b & 0x10) != 0) {   // indexed behind the base (4.5.3)
            named = false;
            postBase = true;
            mask = 0x0f;
        } else {                        // literal with a reference behind the base (4.5.5)
            never = (b & 0x08) != 0;
            postBase = true;
            mask = 0x07;
        }
        field.beginField();
        state = State.INDEX;
        return read.begin(b & mask, mask) ? indexed() : MORE;
    }

    private int indexed() {
        long index = read.number();
        if (isStatic) {
            if (!QpackStatic.FIELDS.has(index)) {
                return FAULT;
            }
            field.put(QpackStatic.FIELDS.name((int) index));
            field.nameGrows(QpackStatic.FIELDS.name((int) index).length());
            field.beginValue();
            if (named) {
                return after(State.VALUE_FIRST);
            }
            field.put(QpackStatic.FIELDS.value((int) index));
            field.valueGrows(QpackStatic.FIELDS.value((int) index).length());
            return field();
        }
        long absolute = postBase ? base + index : base - 1 - index;
        DynamicTable table = decoder.table;
        long entry = table.index(absolute);
        if (absolute < 0 || absolute >= required || entry >= table.count()) {
            return FAULT;  // section 2.2.1, or evicted
        }
        field.putName(table, (int) entry);
        field.nameGrows(table.nameLength((int) entry));
        field.beginValue();
        if (named) {
            return after(State.VALUE_FIRST);
        }
        field.putValue(table, (int) entry);
        field.valueGrows(table.valueLength((int) entry));
        return field();
    }

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
            return FAULT;
        }
        if (state == State.NAME) {
            field.beginValue();
            return after(State.VALUE_FIRST);
        }
        return field();
    }

    private int field() {
        state = State.START;
        return FIELD;
    }

    /// {@return octets that the last [#decode] took}
    public int taken() {
        return taken;
    }

    /// {@return where the last field's name lies, in the section's memory; unspecified while [#isSkipping]}
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

    /// {@return whether the last field is one that must never be indexed, whoever sends it on (section 7.1.3)}
    public boolean isNeverIndexed() {
        return never;
    }

    /// {@return whether fields are counted and not kept: the room has ended, or [#skip] was called}
    public boolean isSkipping() {
        return field.isSkipping();
    }

    /// Ends the section. One that refers to the table is acknowledged.
    ///
    /// @return whether it was whole; a fault otherwise
    public boolean end() {
        boolean whole = state == State.START;
        field.close();
        unblock();
        settle();
        if (whole) {
            decoder.acknowledge(stream, required);
        } else {
            state = State.FAILED;
        }
        return whole;
    }

    /// {@return offset behind the last octet of the section's names and values; unspecified where [#isSkipping]}
    public long writtenTo() {
        return field.writtenTo();
    }

    @Override
    public String toString() {
        return "SectionDecoder[stream " + stream + ", " + state + ", " + required + " required]";
    }
}
