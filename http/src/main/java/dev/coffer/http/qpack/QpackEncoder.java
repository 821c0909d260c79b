package dev.coffer.http.qpack;

import dev.coffer.http.internal.DynamicTable;
import dev.coffer.http.internal.EntryHashes;
import dev.coffer.http.internal.FieldWriter;
import dev.coffer.http.internal.IndexPolicy;
import dev.coffer.http.internal.PrimitiveReader;
import dev.coffer.http.internal.StaticFields;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.Align;
import dev.coffer.memory.layout.HeapLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// The encoder's side of one connection's QPACK: field sections (RFC 9204, section 4.5), instructions for our encoder stream (4.3), and what the peer's
/// decoder stream says of both (4.4).
///
/// ```java
/// encoder.begin(stream, output, at);              // PREFIX_BYTES_MAX, and bytesMax for each field
/// encoder.field(...);
/// long end = encoder.end();                       // the section lies from encoder.sectionAt() on
/// long wrote = encoder.write(output, at, room);   // for our encoder stream
/// if (encoder.feed(bytes, at, length) == QpackEncoder.FAULT) {           // of the peer's decoder stream
///     connectionError(QPACK_DECODER_STREAM_ERROR);
/// }
/// ```
///
/// **It never blocks a stream of the peer's**: a section refers to no entry that the peer has not acknowledged, save where the constructor allows that, and then of
/// as many streams as the peer's settings do. **It never evicts** an entry that was not acknowledged, or that a section refers to that was not; a field
/// for which there is no room then goes as a literal, and so does one while instructions wait for room in their stream ([#pending]).
///
/// What enters the table is what repeats: a field whose name may be there (not `:path`, `age`, `content-length`, `etag`, `if-modified-since`,
/// `if-none-match`, `location`, `set-cookie`; never `authorization`, `proxy-authorization` and cookies below 20 octets, which are sent as never indexed), that takes no
/// more than three quarters of it, and that has been sent before, not long ago. Without the last it would be sent twice to be used never.
///
/// One thread at a time; 0 heap bytes after construction.
public final class QpackEncoder {
    /// All was taken.
    public static final int TAKEN = 0;
    /// The decoder stream is not QPACK, or acknowledges what was not sent: a connection error QPACK_DECODER_STREAM_ERROR.
    public static final int FAULT = 2;
    /// What stands before a section's field lines, at most: two numbers of entries (section 4.5.1).
    public static final int PREFIX_BYTES_MAX = 8;

    private static final int INSTRUCTIONS_BYTES_MIN = 256;
    private static final int SEEN = 64;             // hashes of fields that were sent lately
    private static final ValueLayout.OfInt HASH = ValueLayout.JAVA_INT_UNALIGNED;

    private final DynamicTable table;
    private final EntryHashes hashes;
    private final Outstanding outstanding;
    private final FieldWriter section = new FieldWriter();
    private final FieldWriter instruction = new FieldWriter();
    private final PrimitiveReader read = new PrimitiveReader(PrimitiveReader.LONG);
    private final MemorySegment memory;
    private final long instructionsAt;
    private final int instructionsMax;
    private final long seenAt;
    private final boolean mayBlock;

    private long entriesMax;            // of the peer's largest table, modulo which counts are said
    private long blockedMax;            // streams that the peer lets us risk
    private long known;                 // entries that the peer has acknowledged
    private int pending;                // bytes of instructions that are yet to be written
    private boolean seen;               // something was noted there: it is wiped

    private MemorySegment out = MemorySegment.NULL;
    private long sectionAt;
    private long stream;
    private long base;
    private long lowest;                // entry that this section refers to
    private long required;
    private boolean refers;             // this section may refer to the table
    private boolean risks;              // and to entries that the peer may lack

    private boolean reading;            // a number of the decoder stream is under way
    private int kind;                   // its instruction
    private boolean failed;

    /// @param memory         the caller's; must outlive the encoder
    /// @param at             offset of [#plan] bytes, all zero
    /// @param tableBytesMax  largest dynamic table, 0..65536, whatever the peer allows
    /// @param mayBlock       whether sections may refer to entries that the peer has not acknowledged
    /// @throws IllegalArgumentException  out of range, or not in the memory (caller's fault)
    public QpackEncoder(MemorySegment memory, long at, int tableBytesMax, boolean mayBlock) {
        QpackDecoder.checkTable(tableBytesMax);
        if (at < 0 || plan(tableBytesMax).totalBytes() > memory.byteSize() - at) {
            throw new IllegalArgumentException("qpack: " + plan(tableBytesMax).totalBytes() + " bytes at " + at + " of " + memory.byteSize());
        }
        long to = at;
        this.table = new DynamicTable(memory, to, tableBytesMax);
        to += DynamicTable.bytes(tableBytesMax);
        this.hashes = new EntryHashes(table, memory, to);
        to += EntryHashes.bytes(tableBytesMax);
        this.outstanding = new Outstanding(memory, to, tableBytesMax);
        to += Outstanding.bytes(tableBytesMax);
        this.memory = memory;
        this.instructionsAt = to;
        this.instructionsMax = instructionBytes(tableBytesMax);
        this.seenAt = to + instructionsMax;
        this.mayBlock = mayBlock;
        reset();
    }

    private static int instructionBytes(int tableBytesMax) {
        return tableBytesMax == 0 ? 0 : (int) Align.up(Math.max(tableBytesMax / 2, INSTRUCTIONS_BYTES_MIN), Align.CACHE_LINE_BYTES);
    }

    private static int seenBytes(int tableBytesMax) {
        return tableBytesMax == 0 ? 0 : SEEN * Integer.BYTES;
    }

    /// {@return what one encoder holds: the table's rings, two hashes an entry, sections that are not acknowledged, instructions that are not written,
    /// and its Java objects}
    public static MemoryPlan plan(int tableBytesMax) {
        QpackDecoder.checkTable(tableBytesMax);
        int records = DynamicTable.records(tableBytesMax);
        return MemoryPlan.group("encoder",
                MemoryPlan.block("table", DynamicTable.bytes(tableBytesMax), 1, tableBytesMax + " + " + records + " x 8"),
                MemoryPlan.block("hashes", EntryHashes.bytes(tableBytesMax), 1, records + " x " + EntryHashes.HASH_BYTES),
                MemoryPlan.block("sections", Outstanding.bytes(tableBytesMax), 1, Outstanding.places(tableBytesMax) + " x " + Outstanding.BYTES),
                MemoryPlan.block("instructions", instructionBytes(tableBytesMax), 1, "to be written"),
                MemoryPlan.block("seen", seenBytes(tableBytesMax), 1, "hashes of fields that were sent lately"))
                .withHeap(HeapLayout.instance(QpackEncoder.class) + HeapLayout.instance(DynamicTable.class) + HeapLayout.instance(EntryHashes.class)
                        + HeapLayout.instance(Outstanding.class) + 2 * HeapLayout.instance(FieldWriter.class) + HeapLayout.instance(PrimitiveReader.class));
    }

    /// Forgets all and wipes it: another connection, whose peer has no table until [#settings].
    public void reset() {
        table.clear();
        table.limit(0);
        hashes.clear();
        outstanding.clear();
        Wipe.bytes(memory, instructionsAt, instructionsMax);
        if (seen) {
            Wipe.bytes(memory, seenAt, seenBytes(table.bytesMax()));
            seen = false;
        }
        pending = 0;
        entriesMax = 0;
        blockedMax = 0;
        known = 0;
        reading = false;
        failed = false;
        section.end();
        instruction.end();
        out = MemorySegment.NULL;
    }

    /// The peer's settings have come: once, and before that no entry is made.
    ///
    /// @param tableBytes  SETTINGS_QPACK_MAX_TABLE_CAPACITY, 0..2^62-1
    /// @param blocked     SETTINGS_QPACK_BLOCKED_STREAMS, 0..2^62-1
    public void settings(long tableBytes, long blocked) {
        int limit = (int) Math.min(tableBytes, table.bytesMax());
        entriesMax = tableBytes / DynamicTable.OVERHEAD_BYTES;
        blockedMax = mayBlock ? blocked : 0;
        if (limit > 0 && table.limit() == 0) {
            table.limit(limit);
            beginInstruction();
            instruction.number(0x20, 0x1f, limit);
            endInstruction();
        }
    }

    private void beginInstruction() {
        instruction.begin(memory, instructionsAt + pending);
    }

    private void endInstruction() {
        pending = (int) (instruction.end() - instructionsAt);
    }

    // Sections.

    /// {@return bytes of a field of these lengths, at most}
    public static long bytesMax(int nameLength, int valueLength) {
        return FieldWriter.bytesMax(nameLength, valueLength);
    }

    /// Begins a section.
    ///
    /// @param of      the stream that it goes to
    /// @param output  where; [#PREFIX_BYTES_MAX], and [#bytesMax] for each field
    public void begin(long of, MemorySegment output, long at) {
        stream = of;
        out = output;
        section.begin(output, at + PREFIX_BYTES_MAX);
        sectionAt = at + PREFIX_BYTES_MAX;
        base = table.inserted();
        lowest = Long.MAX_VALUE;
        required = 0;
        refers = table.limit() > 0 && !outstanding.isFull();
        risks = refers && blockedMax > 0 && (outstanding.isAtRisk(of, known) || outstanding.atRisk(known) < blockedMax);
    }

    /// Writes a field.
    ///
    /// @param segment  where both lie
    public void field(MemorySegment segment, long nameAt, int nameLength, long valueAt, int valueLength) {
        StaticFields fields = QpackStatic.FIELDS;
        int known0 = fields.find(segment, nameAt, nameLength);
        IndexPolicy policy = IndexPolicy.of(fields, known0, segment, nameAt, nameLength, valueLength);
        if (policy == IndexPolicy.NEVER) {
            literal(true, known0, segment, nameAt, nameLength, valueAt, valueLength);
            return;
        }
        int same = fields.findValue(known0, segment, valueAt, valueLength);
        if (same != StaticFields.NONE) {
            section.number(0xc0, 0x3f, same);
            return;
        }
        if (table.limit() == 0) {
            literal(false, known0, segment, nameAt, nameLength, valueAt, valueLength);
            return;
        }
        int nameHash = EntryHashes.hash(segment, nameAt, nameLength, 0);
        int hash = EntryHashes.hash(segment, valueAt, valueLength, nameHash);
        int there = hashes.find(0, segment, nameAt, nameLength, nameHash, valueAt, valueLength, hash);
        if (there == EntryHashes.NONE && policy == IndexPolicy.INDEXES
                && insert(known0, segment, nameAt, nameLength, valueAt, valueLength, nameHash, hash)) {
            there = 0;
        }
        int from = firstUsable();
        int entry = there >= from || !refers ? there : hashes.find(from, segment, nameAt, nameLength, nameHash, valueAt, valueLength, hash);
        if (refers && entry != EntryHashes.NONE) {
            long absolute = refer(entry);
            if (absolute < base) {
                section.number(0x80, 0x3f, base - 1 - absolute);
            } else {
                section.number(0x10, 0x0f, absolute - base);
            }
            return;
        }
        if (known0 == StaticFields.NONE && refers) {
            hashes.find(from, segment, nameAt, nameLength, nameHash, valueAt, valueLength, hash);
            if (hashes.named() != EntryHashes.NONE) {
                long absolute = refer(hashes.named());
                if (absolute < base) {
                    section.number(0x40, 0x0f, base - 1 - absolute);
                } else {
                    section.number(0x00, 0x07, absolute - base);
                }
                section.string(0, 0x80, 0x7f, segment, valueAt, valueLength);
                return;
            }
        }
        literal(false, known0, segment, nameAt, nameLength, valueAt, valueLength);
    }

    /// {@return index of the newest entry that this section may refer to}
    private int firstUsable() {
        return risks ? 0 : (int) (table.inserted() - known);
    }

    private long refer(int entry) {
        long absolute = table.inserted() - 1 - entry;
        lowest = Math.min(lowest, absolute);
        required = Math.max(required, absolute + 1);
        return absolute;
    }

    private void literal(boolean never, int named, MemorySegment segment, long nameAt, int nameLength, long valueAt, int valueLength) {
        if (named >= 0) {
            section.number(never ? 0x70 : 0x50, 0x0f, named);
        } else {
            section.string(never ? 0x30 : 0x20, 0x08, 0x07, segment, nameAt, nameLength);
        }
        section.string(0, 0x80, 0x7f, segment, valueAt, valueLength);
    }

    /// Adds a field to the table, where it is worth it and nothing stands in its way.
    private boolean insert(int named, MemorySegment segment, long nameAt, int nameLength, long valueAt, int valueLength, int nameHash, int hash) {
        if (!IndexPolicy.isWorth(nameLength, valueLength, table.limit()) || !risks && !hasSeen(hash)
                || bytesMax(nameLength, valueLength) > instructionsMax - pending) {
            return false;
        }
        // entries below that may go: acknowledged, and of no section that is not, this one among them
        long floor = outstanding.lowest(Math.min(known, lowest));
        if (table.inserted() - table.count() + table.evictions(nameLength + valueLength) > floor) {
            return false;
        }
        beginInstruction();
        if (named >= 0) {
            instruction.number(0xc0, 0x3f, named);
        } else if (hashes.named() != EntryHashes.NONE) {
            instruction.number(0x80, 0x3f, hashes.named());
        } else {
            instruction.string(0x40, 0x20, 0x1f, segment, nameAt, nameLength);
        }
        instruction.string(0, 0x80, 0x7f, segment, valueAt, valueLength);
        endInstruction();
        table.add(segment, nameAt, nameLength, valueAt, valueLength);
        hashes.set(0, nameHash, hash);
        return true;
    }

    /// {@return whether a field of that hash was sent not long ago; it was now}
    private boolean hasSeen(int hash) {
        long at = seenAt + (long) (hash & SEEN - 1) * Integer.BYTES;
        if (memory.get(HASH, at) == hash) {
            return true;
        }
        seen = true;
        memory.set(HASH, at, hash);
        return false;
    }

    /// Ends the section.
    ///
    /// @return where the next byte would go
    public long end() {
        long end = section.end();
        long linesAt = sectionAt;
        long prefix = 0;
        if (required > 0) {
            section.begin(out, linesAt - PREFIX_BYTES_MAX);
            section.number(0, 0xff, required % (2 * entriesMax) + 1);
            section.number(base >= required ? 0 : 0x80, 0x7f, base >= required ? base - required : required - base - 1);
            prefix = section.end() - linesAt + PREFIX_BYTES_MAX;
            MemorySegment.copy(out, linesAt - PREFIX_BYTES_MAX, out, linesAt - prefix, prefix);
            outstanding.add(stream, lowest, required);
        } else {
            prefix = 2;
            out.set(ValueLayout.JAVA_BYTE, linesAt - 2, (byte) 0);
            out.set(ValueLayout.JAVA_BYTE, linesAt - 1, (byte) 0);
        }
        sectionAt = linesAt - prefix;
        out = MemorySegment.NULL;
        return end;
    }

    /// {@return where the last section begins: behind where it was begun by up to [#PREFIX_BYTES_MAX]}
    public long sectionAt() {
        return sectionAt;
    }

    // Our encoder stream.

    /// {@return bytes that wait for room in our encoder stream}
    public int pending() {
        return pending;
    }

    /// Writes for our encoder stream as much as fits, in pieces of any size.
    ///
    /// @return bytes written
    public long write(MemorySegment output, long at, long room) {
        int bytes = (int) Math.min(room, pending);
        if (bytes > 0) {
            MemorySegment.copy(memory, instructionsAt, output, at, bytes);
            pending -= bytes;
            MemorySegment.copy(memory, instructionsAt + bytes, memory, instructionsAt, pending);
        }
        return bytes;
    }

    // The peer's decoder stream.

    /// Takes bytes of the peer's decoder stream.
    ///
    /// @return [#TAKEN] or [#FAULT]; after a fault the encoder wants [#reset]
    public int feed(MemorySegment input, long at, long length) {
        for (long from = at; from < at + length && !failed; from++) {
            int b = input.get(ValueLayout.JAVA_BYTE, from) & 0xff;
            boolean whole;
            if (reading) {
                int result = read.more(b);
                failed = result == PrimitiveReader.FAULT;
                whole = result == PrimitiveReader.DONE;
            } else {
                kind = b & 0xc0;
                int mask = (b & 0x80) != 0 ? 0x7f : 0x3f;
                whole = read.begin(b & mask, mask);
            }
            reading = !whole;
            failed |= whole && !told(read.number());
        }
        return failed ? FAULT : TAKEN;
    }

    private boolean told(long number) {
        if ((kind & 0x80) != 0) {       // a section is acknowledged (section 4.4.1)
            long of = outstanding.acknowledge(number);
            known = Math.max(known, of);
            return of > 0;
        }
        if (kind == 0x40) {             // a stream is cancelled (4.4.2)
            outstanding.cancel(number);
            return true;
        }
        known += number;                // entries have come (4.4.3)
        return number > 0 && number <= table.inserted() && known <= table.inserted();
    }

    /// {@return bytes in the dynamic table, as section 3.2.1 counts them}
    public int tableBytes() {
        return table.size();
    }

    /// {@return sections that refer to the table and are not acknowledged}
    public int outstanding() {
        return outstanding.count();
    }

    DynamicTable table() {
        return table;
    }

    @Override
    public String toString() {
        return "QpackEncoder[" + table.count() + " entries of " + table.inserted() + ", " + known + " known, " + table.size() + " of " + table.limit()
                + " bytes, "
                + outstanding.count() + " sections]";
    }
}
