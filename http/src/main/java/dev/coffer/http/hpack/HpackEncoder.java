package dev.coffer.http.hpack;

import dev.coffer.http.internal.DynamicTable;
import dev.coffer.http.internal.EntryHashes;
import dev.coffer.http.internal.FieldWriter;
import dev.coffer.http.internal.IndexPolicy;
import dev.coffer.http.internal.RestBlocks;
import dev.coffer.http.internal.StaticFields;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.layout.HeapLayout;
import java.lang.foreign.MemorySegment;

/// Encodes field blocks of one connection (RFC 7541). The caller sees to it that there is room, [#bytesMax] for each field and
/// [#UPDATE_BYTES_MAX] for the block: what is in the table cannot be taken back.
///
/// What enters the dynamic table is what repeats: not `:path`, `age`, `content-length`, `etag`, `if-modified-since`,
/// `if-none-match`, `location`, `set-cookie`, nor what is larger than three quarters of the table; and never what a guesser must not
/// find there (section 7.1.3): `authorization`, `proxy-authorization` and cookies below 20 octets, which are sent as never indexed.
///
/// The table is looked through by hashes of 32 bits, newest first. One thread at a time; 0 heap bytes after construction.
public final class HpackEncoder {
    /// Of the size updates before a block: two numbers (section 4.2).
    public static final int UPDATE_BYTES_MAX = 2 * 4;
    private final DynamicTable table;
    private final EntryHashes hashes;
    private final FieldWriter writer = new FieldWriter();
    private final MemorySegment memory;
    private int lowest;             // limit that the peer has yet to hear of, -1 for none
    private boolean updateDue;

    /// @param memory         the caller's; must outlive the encoder
    /// @param at             offset of [#plan] bytes, all zero
    /// @param tableBytesMax  largest dynamic table, 0..65536, whatever the peer allows
    /// @throws IllegalArgumentException  out of range, or not in the memory (caller's fault)
    public HpackEncoder(MemorySegment memory, long at, int tableBytesMax) {
        HpackDecoder.checkTable(tableBytesMax);
        if (at < 0 || bytes(tableBytesMax) > memory.byteSize() - at) {
            throw new IllegalArgumentException("hpack: " + bytes(tableBytesMax) + " bytes at " + at + " of " + memory.byteSize());
        }
        this.memory = memory;
        this.table = new DynamicTable(memory, at, tableBytesMax);
        this.hashes = new EntryHashes(table, memory, at + DynamicTable.bytes(tableBytesMax));
        reset();
    }

    private static long bytes(int tableBytesMax) {
        return DynamicTable.bytes(tableBytesMax) + EntryHashes.bytes(tableBytesMax);
    }

    /// {@return what one encoder holds: the table's rings, two hashes an entry, and its Java objects}
    public static MemoryPlan plan(int tableBytesMax) {
        HpackDecoder.checkTable(tableBytesMax);
        int records = DynamicTable.records(tableBytesMax);
        return MemoryPlan.group("encoder",
                MemoryPlan.block("table", DynamicTable.bytes(tableBytesMax), 1, tableBytesMax + " + " + records + " x 8"),
                MemoryPlan.block("hashes", EntryHashes.bytes(tableBytesMax), 1, records + " x " + EntryHashes.HASH_BYTES))
                .withHeap(HeapLayout.instance(HpackEncoder.class) + HeapLayout.instance(DynamicTable.class) + HeapLayout.instance(EntryHashes.class)
                        + HeapLayout.instance(FieldWriter.class));
    }

    /// Forgets all and wipes it: another connection, whose peer has a table of [HpackDecoder#TABLE_BYTES_INITIAL] bytes until it
    /// says something else.
    public void reset() {
        table.clear();
        hashes.clear();
        updateDue = table.bytesMax() < HpackDecoder.TABLE_BYTES_INITIAL;
        table.limit(Math.min(table.bytesMax(), HpackDecoder.TABLE_BYTES_INITIAL));
        lowest = table.limit();
        writer.end();
    }

    /// The peer's settings allow another table (section 4.2); the next block says what is made of it.
    ///
    /// @param bytes  SETTINGS_HEADER_TABLE_SIZE, 0..2^32-1
    public void limit(long bytes) {
        int most = (int) Math.min(bytes, table.bytesMax());
        if (most != table.limit() || updateDue) {
            lowest = updateDue ? Math.min(lowest, most) : most;
            updateDue = true;
            table.limit(most);
        }
    }

    /// {@return bytes of a field of these lengths, at most}
    public static long bytesMax(int nameLength, int valueLength) {
        return FieldWriter.bytesMax(nameLength, valueLength);
    }

    /// Begins a block.
    public void begin(MemorySegment output, long at) {
        writer.begin(output, at);
        if (updateDue) {
            updateDue = false;
            if (lowest < table.limit()) {
                writer.number(0x20, 0x1f, lowest);
            }
            writer.number(0x20, 0x1f, table.limit());
        }
    }

    /// Writes a field.
    ///
    /// @param segment  where both lie
    public void field(MemorySegment segment, long nameAt, int nameLength, long valueAt, int valueLength) {
        int known = StaticTable.FIELDS.find(segment, nameAt, nameLength);
        IndexPolicy policy = IndexPolicy.of(StaticTable.FIELDS, known, segment, nameAt, nameLength, valueLength);
        if (policy == IndexPolicy.NEVER) {
            literal(0x10, 0x0f, Math.max(known, 0), segment, nameAt, nameLength, valueAt, valueLength);
            return;
        }
        int same = StaticTable.FIELDS.findValue(known, segment, valueAt, valueLength);
        if (same != StaticFields.NONE) {
            writer.number(0x80, 0x7f, same);
            return;
        }
        int nameHash = EntryHashes.hash(segment, nameAt, nameLength, 0);
        int hash = EntryHashes.hash(segment, valueAt, valueLength, nameHash);
        int entry = hashes.find(0, segment, nameAt, nameLength, nameHash, valueAt, valueLength, hash);
        if (entry != EntryHashes.NONE) {
            writer.number(0x80, 0x7f, StaticTable.ENTRIES + 1 + entry);
            return;
        }
        int named = known >= 0 ? known : hashes.named() == EntryHashes.NONE ? 0 : StaticTable.ENTRIES + 1 + hashes.named();
        if (policy == IndexPolicy.INDEXES && IndexPolicy.isWorth(nameLength, valueLength, table.limit())) {
            literal(0x40, 0x3f, named, segment, nameAt, nameLength, valueAt, valueLength);
            table.add(segment, nameAt, nameLength, valueAt, valueLength);
            hashes.set(0, nameHash, hash);
        } else {
            literal(0x00, 0x0f, named, segment, nameAt, nameLength, valueAt, valueLength);
        }
    }

    private void literal(int pattern, int mask, int named, MemorySegment segment, long nameAt, int nameLength, long valueAt,
            int valueLength) {
        writer.number(pattern, mask, named);
        if (named == 0) {
            writer.string(0, 0x80, 0x7f, segment, nameAt, nameLength);
        }
        writer.string(0, 0x80, 0x7f, segment, valueAt, valueLength);
    }

    /// Ends the block.
    ///
    /// @return where the next byte would go
    public long end() {
        return writer.end();
    }

    /// {@return bytes that [#keep] writes, at most}
    public int keptBytes() {
        return 2 * Integer.BYTES + table.keptBytes();
    }

    /// Writes down what the next block will need. Between blocks.
    @SuppressWarnings("exports")  // for the engines of this module
    public void keep(RestBlocks rest) {
        rest.putInt(lowest);
        rest.putInt(updateDue ? 1 : 0);
        table.keep(rest);
    }

    /// Goes on as another encoder, with a table as large, has left off; after [#reset]. Hashes are made anew.
    @SuppressWarnings("exports")  // for the engines of this module
    public void resume(RestBlocks rest) {
        lowest = rest.getInt();
        updateDue = rest.getInt() != 0;
        table.resume(rest);
        for (int i = 0; i < table.count(); i++) {
            long nameAt = table.nameAt(i);
            int nameLength = table.nameLength(i);
            int nameHash = EntryHashes.hash(memory, nameAt, nameLength, 0);
            hashes.set(i, nameHash, EntryHashes.hash(memory, nameAt + nameLength, table.valueLength(i), nameHash));
        }
    }

    /// {@return bytes in the dynamic table, as section 4.1 counts them}
    public int tableBytes() {
        return table.size();
    }

    DynamicTable table() {
        return table;
    }

    @Override
    public String toString() {
        return "HpackEncoder[" + table.count() + " entries, " + table.size() + " of " + table.limit() + " bytes]";
    }
}
