package dev.coffer.http.qpack;

import dev.coffer.http.internal.DynamicTable;
import dev.coffer.http.internal.FieldWriter;
import dev.coffer.http.internal.PrimitiveReader;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.Align;
import dev.coffer.memory.layout.HeapLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// The decoder's side of one connection's QPACK: the dynamic table that the peer's encoder stream fills (RFC 9204, section 4.3), and what our decoder stream
/// says back (4.4). Field sections are decoded by a [SectionDecoder] for each stream.
///
/// ```java
/// if (decoder.feed(bytes, at, length) == QpackDecoder.FAULT) {           // of the peer's encoder stream
///     connectionError(QPACK_ENCODER_STREAM_ERROR);
/// }
/// long wrote = decoder.write(output, at, room);                          // for our decoder stream
/// ```
///
/// An entry goes straight into the table as it comes, so that instructions need no place of their own. Acknowledgements that are yet to be written have
/// [#NOTES_MAX] places. A section that will need one has it from its beginning, half of them at most at a time: while there is none, no such section is
/// begun ([#hasRoom]). With a table of 0 bytes nothing is ever acknowledged, and nothing held.
///
/// Errors are the peer's; none is an exception. One thread at a time; 0 heap bytes after construction.
public final class QpackDecoder {
    /// All was taken.
    public static final int TAKEN = 0;
    /// The encoder stream is not QPACK, or against its limits: a connection error QPACK_ENCODER_STREAM_ERROR.
    public static final int FAULT = 2;

    /// Acknowledgements and cancellations that wait for room in the decoder stream.
    public static final int NOTES_MAX = 32;
    /// The most that [#write] writes for one of them, and for the count that follows.
    public static final int NOTE_BYTES_MAX = 10;
    private static final int COPIES_MAX = 16;  // tables of octets that are copied within it between sections that use it
    private static final long CANCELS = 1L << 62;   // of a note, beside the stream's number

    private enum State { START, NUMBER, NAME_LENGTH, NAME, VALUE_FIRST, VALUE_LENGTH, VALUE, FAILED }

    // Instructions (section 4.3).
    private static final int CAPACITY = 0;
    private static final int NAMED = 1;
    private static final int LITERAL = 2;
    private static final int DUPLICATE = 3;

    private static final ValueLayout.OfLong NOTE = ValueLayout.JAVA_LONG_UNALIGNED;

    final DynamicTable table;
    final int blockedMax;
    int blocked;                        // streams
    private int copied;                 // octets within the table since a section last used it
    int promised;                       // places of notes, to sections that are under way
    boolean wanted;                     // such a place, by a section that found none
    private final MemorySegment memory;
    private final long notesAt;
    private final FieldWriter writer = new FieldWriter();
    private final PrimitiveReader read = new PrimitiveReader(PrimitiveReader.LONG);
    private int notes;
    private long told;                  // entries that the peer's encoder knows we have

    private State state = State.START;
    private int kind;
    private boolean isStatic;           // where the name is from

    /// @param memory         the caller's; must outlive the decoder
    /// @param at             offset of [#plan] bytes, all zero
    /// @param tableBytesMax  largest dynamic table, 0..65536: what SETTINGS_QPACK_MAX_TABLE_CAPACITY says
    /// @param blockedMax     streams that may wait for entries, 0 or more: what SETTINGS_QPACK_BLOCKED_STREAMS says
    /// @throws IllegalArgumentException  out of range, or not in the memory (caller's fault)
    public QpackDecoder(MemorySegment memory, long at, int tableBytesMax, int blockedMax) {
        checkTable(tableBytesMax);
        if (at < 0 || bytes(tableBytesMax) > memory.byteSize() - at) {
            throw new IllegalArgumentException("qpack: " + bytes(tableBytesMax) + " bytes at " + at + " of " + memory.byteSize());
        }
        if (blockedMax < 0) {
            throw new IllegalArgumentException("blocked streams: " + blockedMax + " (expected 0 or more)");
        }
        this.table = new DynamicTable(memory, at, tableBytesMax);
        this.blockedMax = blockedMax;
        this.memory = memory;
        this.notesAt = at + DynamicTable.bytes(tableBytesMax);
        reset();
    }

    static void checkTable(int bytes) {
        if (bytes < 0 || bytes > DynamicTable.BYTES_MAX) {
            throw new IllegalArgumentException("table: " + bytes + " bytes (expected 0.." + DynamicTable.BYTES_MAX + ")");
        }
    }

    private static long noteBytes(int tableBytesMax) {
        return tableBytesMax == 0 ? 0 : Align.up((long) NOTES_MAX * Long.BYTES, Align.CACHE_LINE_BYTES);
    }

    private static long bytes(int tableBytesMax) {
        return DynamicTable.bytes(tableBytesMax) + noteBytes(tableBytesMax);
    }

    /// {@return what one decoder holds: the table's rings, acknowledgements to be written, and its Java objects}
    public static MemoryPlan plan(int tableBytesMax) {
        checkTable(tableBytesMax);
        return MemoryPlan.group("decoder",
                MemoryPlan.block("table", DynamicTable.bytes(tableBytesMax), 1, tableBytesMax + " + " + DynamicTable.records(tableBytesMax)
                        + " x 8"),
                MemoryPlan.block("notes", noteBytes(tableBytesMax), 1, "acknowledgements to be written"))
                .withHeap(HeapLayout.instance(QpackDecoder.class) + HeapLayout.instance(DynamicTable.class) + HeapLayout.instance(FieldWriter.class)
                        + HeapLayout.instance(PrimitiveReader.class));
    }

    /// Forgets all and wipes it: another connection. Its sections are [SectionDecoder#reset] by who has them.
    public void reset() {
        table.clear();
        table.limit(0);  // until the peer says more (section 3.2.3)
        Wipe.bytes(memory, notesAt, noteBytes(table.bytesMax()));
        notes = 0;
        told = 0;
        blocked = 0;
        promised = 0;
        wanted = false;
        copied = 0;
        state = State.START;
    }

    // The peer's encoder stream.

    /// Takes bytes of the peer's encoder stream. Sections that were blocked may go on afterwards.
    ///
    /// @return [#TAKEN] or [#FAULT]; after a fault the decoder wants [#reset]
    public int feed(MemorySegment input, long at, long length) {
        long from = at;
        long last = at + length;
        int result = state == State.FAILED ? FAULT : TAKEN;
        while (result == TAKEN && (from < last || read.left() == 0 && (state == State.NAME || state == State.VALUE))) {
            switch (state) {
                case NAME, VALUE -> {
                    int used = (int) Math.min(read.left(), last - from);
                    result = string(input, from, used);
                    from += used;
                }
                default -> result = octet(input.get(ValueLayout.JAVA_BYTE, from++) & 0xff);
            }
        }
        if (result == FAULT) {
            state = State.FAILED;
        }
        return result;
    }

    private int octet(int b) {
        return switch (state) {
            case START -> start(b);
            case VALUE_FIRST -> {
                read.beginString((b & 0x80) != 0);
                yield read.begin(b & 0x7f, 0x7f) ? number() : after(State.VALUE_LENGTH);
            }
            case NUMBER, NAME_LENGTH, VALUE_LENGTH -> {
                int result = read.more(b);
                yield result == PrimitiveReader.DONE ? number() : result == PrimitiveReader.MORE ? TAKEN : FAULT;
            }
            default -> throw new AssertionError(state);
        };
    }

    private int after(State next) {
        state = next;
        return TAKEN;
    }

    private int start(int b) {
        int mask;
        if ((b & 0x80) != 0) {
            kind = NAMED;
            isStatic = (b & 0x40) != 0;
            mask = 0x3f;
        } else if ((b & 0x40) != 0) {
            kind = LITERAL;
            read.beginString((b & 0x20) != 0);
            mask = 0x1f;
        } else {
            kind = (b & 0x20) != 0 ? CAPACITY : DUPLICATE;
            mask = 0x1f;
        }
        state = kind == LITERAL ? State.NAME_LENGTH : State.NUMBER;
        return read.begin(b & mask, mask) ? number() : TAKEN;
    }

    /// A number is read.
    private int number() {
        return switch (state) {
            case NUMBER -> kind == CAPACITY ? capacity() : kind == DUPLICATE ? duplicate() : named();
            case NAME_LENGTH -> {
                table.begin();
                yield octets(State.NAME);
            }
            default -> octets(State.VALUE);
        };
    }

    /// A string's length is read. One that cannot fit is refused before it evicts anything (section 3.2.2).
    private int octets(State next) {
        return read.beginOctets() && table.fits(read.atLeast()) ? after(next) : FAULT;
    }

    private int capacity() {
        if (read.number() > table.bytesMax()) {
            return FAULT;  // section 4.3.1
        }
        table.limit((int) read.number());
        return after(State.START);
    }

    private int duplicate() {
        if (read.number() >= table.count()) {
            return FAULT;  // section 4.3.4: from the newest back
        }
        table.begin();
        return copied(table.putCopy((int) read.number(), true)) ? entry() : FAULT;
    }

    private int named() {
        long index = read.number();
        if (isStatic ? !QpackStatic.FIELDS.has(index) : index >= table.count()) {
            return FAULT;
        }
        table.begin();
        if (isStatic) {
            table.put(QpackStatic.FIELDS.name((int) index));
        } else if (!copied(table.putCopy((int) index, false))) {
            return FAULT;
        }
        table.nameEnd();
        return after(State.VALUE_FIRST);
    }

    /// One octet of the peer's may have a whole table copied: it is an error where so much is that no section has use for (RFC 9204, section 7.3).
    ///
    /// @return whether that is within the ration
    private boolean copied(int octets) {
        copied += octets;
        return copied <= COPIES_MAX * table.bytesMax();
    }

    private int string(MemorySegment input, long from, int used) {
        if (read.take(input, from, used, table) < 0) {
            return FAULT;
        }
        if (read.left() > 0) {
            return TAKEN;
        }
        if (!read.mayEnd()) {
            return FAULT;
        }
        if (state == State.NAME) {
            table.nameEnd();
            return after(State.VALUE_FIRST);
        }
        return entry();
    }

    private int entry() {
        return table.commit() ? after(State.START) : FAULT;  // larger than the table (section 3.2.2)
    }

    // Our decoder stream.

    /// {@return whether another section can be acknowledged: one that needs it is to be begun only then}
    public boolean hasRoom() {
        return table.bytesMax() == 0 || promised < NOTES_MAX / 2 && notes + promised < NOTES_MAX;
    }

    /// Tells once of room that a section has waited for, whatever made it: what was written, a section that ended, or one that was given up.
    ///
    /// @return whether sections that waited are to go on
    public boolean takeRoom() {
        boolean there = wanted && hasRoom();
        wanted &= !there;
        return there;
    }

    /// A section that refers to the table was decoded to its end.
    ///
    /// @param required  its Required Insert Count
    void acknowledge(long stream, long required) {
        if (required > 0) {
            copied = 0;
            note(stream);
            told = Math.max(told, required);
        }
    }

    /// A stream is no more read, or was reset, before all its sections were decoded (section 4.4.2). Where the table has no bytes nobody need hear of it.
    ///
    /// @return whether there is a place for that; where there is none, and [#write] makes none, the peer does not read what we say
    public boolean cancel(long stream) {
        if (table.bytesMax() == 0) {
            return true;
        }
        if (notes + promised >= NOTES_MAX) {
            return false;
        }
        note(stream | CANCELS);
        return true;
    }

    private void note(long note) {
        memory.set(NOTE, notesAt + (long) notes++ * Long.BYTES, note);
    }

    /// {@return whether something is to be written}
    public boolean isPending() {
        return notes > 0 || table.inserted() > told;
    }

    /// Writes for our decoder stream what is due and fits: acknowledgements, cancellations, then how many entries have come that they did not tell of.
    ///
    /// @return bytes written, 0 where there is less room than [#NOTE_BYTES_MAX]
    public long write(MemorySegment output, long at, long room) {
        long to = at;
        long end = at + room;
        int done = 0;
        for (; done < notes && end - to >= NOTE_BYTES_MAX; done++) {
            long note = memory.get(NOTE, notesAt + (long) done * Long.BYTES);
            boolean cancels = (note & CANCELS) != 0;
            writer.begin(output, to);
            writer.number(cancels ? 0x40 : 0x80, cancels ? 0x3f : 0x7f, note & ~CANCELS);
            to = writer.end();
        }
        if (done > 0) {
            MemorySegment.copy(memory, notesAt + (long) done * Long.BYTES, memory, notesAt, (long) (notes - done) * Long.BYTES);
            notes -= done;
        }
        if (notes == 0 && table.inserted() > told && end - to >= NOTE_BYTES_MAX) {
            writer.begin(output, to);
            writer.number(0x00, 0x3f, table.inserted() - told);
            told = table.inserted();
            to = writer.end();
        }
        return to - at;
    }

    /// {@return bytes in the dynamic table, as section 3.2.1 counts them}
    public int tableBytes() {
        return table.size();
    }

    /// {@return streams that wait for entries}
    public int blocked() {
        return blocked;
    }

    @Override
    public String toString() {
        return "QpackDecoder[" + table.count() + " entries of " + table.inserted() + ", " + table.size() + " of " + table.limit() + " bytes, " + blocked
                + " blocked, " + state + "]";
    }
}
