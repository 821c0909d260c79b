package dev.coffer.http.hpack;

import dev.coffer.http.internal.RestBlocks;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.Align;
import dev.coffer.memory.layout.HeapLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

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
    /// Of a number below 2^21 + 127.
    private static final int NUMBER_BYTES_MAX = 4;
    /// Of an index behind four bits: 61 and 2,048 entries at most.
    private static final int INDEX_BYTES_MAX = 3;
    /// Cookies below that are few enough to be guessed.
    private static final int COOKIE_BYTES_MIN = 20;

    private static final byte INDEXES = 0;
    private static final byte PLAIN = 1;
    private static final byte NEVER = 2;
    private static final byte COOKIE = 3;
    private static final byte[] POLICIES = policies();  // by the first static entry of a name
    private static final int HASH_BYTES = 2 * Integer.BYTES;
    private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt HASH = ValueLayout.JAVA_INT_UNALIGNED;
    private static final long MULTIPLIER = 0x9e3779b97f4a7c15L;  // 2^64 divided by the golden ratio

    private final DynamicTable table;
    private final MemorySegment memory;
    private final long hashesAt;    // of name, and of name and value, for each record of the table
    private int lowest;             // limit that the peer has yet to hear of, -1 for none
    private boolean updateDue;
    private boolean hashed;         // something was written there: it is wiped

    private MemorySegment out = MemorySegment.NULL;
    private long to;

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
        this.hashesAt = at + DynamicTable.bytes(tableBytesMax);
        reset();
    }

    private static byte[] policies() {
        byte[] policies = new byte[StaticTable.ENTRIES + 1];
        for (int i = 1; i <= StaticTable.ENTRIES; i++) {
            policies[i] = switch (StaticTable.name(i).toString()) {
                case ":path", "age", "content-length", "etag", "if-modified-since", "if-none-match", "location", "set-cookie" -> PLAIN;
                case "authorization", "proxy-authorization" -> NEVER;
                case "cookie" -> COOKIE;
                default -> INDEXES;
            };
        }
        return policies;
    }

    private static long hashBytes(int tableBytesMax) {
        return Align.up((long) DynamicTable.records(tableBytesMax) * HASH_BYTES, Align.CACHE_LINE_BYTES);
    }

    private static long bytes(int tableBytesMax) {
        return DynamicTable.bytes(tableBytesMax) + hashBytes(tableBytesMax);
    }

    /// {@return what one encoder holds: the table's rings, two hashes an entry, and its Java objects}
    public static MemoryPlan plan(int tableBytesMax) {
        HpackDecoder.checkTable(tableBytesMax);
        int records = DynamicTable.records(tableBytesMax);
        return MemoryPlan.group("encoder",
                MemoryPlan.block("table", DynamicTable.bytes(tableBytesMax), 1, tableBytesMax + " + " + records + " x 8"),
                MemoryPlan.block("hashes", hashBytes(tableBytesMax), 1, records + " x " + HASH_BYTES))
                .withHeap(HeapLayout.instance(HpackEncoder.class) + HeapLayout.instance(DynamicTable.class));
    }

    /// Forgets all and wipes it: another connection, whose peer has a table of [HpackDecoder#TABLE_BYTES_INITIAL] bytes until it
    /// says something else.
    public void reset() {
        table.clear();
        if (hashed) {
            Wipe.bytes(memory, hashesAt, hashBytes(table.bytesMax()));
            hashed = false;
        }
        updateDue = table.bytesMax() < HpackDecoder.TABLE_BYTES_INITIAL;
        table.limit(Math.min(table.bytesMax(), HpackDecoder.TABLE_BYTES_INITIAL));
        lowest = table.limit();
        out = MemorySegment.NULL;
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
        return INDEX_BYTES_MAX + lengthBytes(nameLength) + nameLength + lengthBytes(valueLength) + (long) valueLength;
    }

    private static int lengthBytes(int length) {
        return length < 0x7f ? 1 : length < 0x7f + 0x80 ? 2 : length < 0x7f + 0x4000 ? 3 : NUMBER_BYTES_MAX;
    }

    /// Begins a block.
    public void begin(MemorySegment output, long at) {
        out = output;
        to = at;
        if (updateDue) {
            updateDue = false;
            if (lowest < table.limit()) {
                number(0x20, 0x1f, lowest);
            }
            number(0x20, 0x1f, table.limit());
        }
    }

    /// Writes a field.
    ///
    /// @param segment  where both lie
    public void field(MemorySegment segment, long nameAt, int nameLength, long valueAt, int valueLength) {
        int known = StaticTable.find(segment, nameAt, nameLength);
        byte policy = known == 0 ? INDEXES : POLICIES[known];
        if (policy == COOKIE) {
            policy = valueLength < COOKIE_BYTES_MIN ? NEVER : INDEXES;
        }
        if (policy == NEVER) {
            literal(0x10, 0x0f, known, segment, nameAt, nameLength, valueAt, valueLength);
            return;
        }
        int same = known == 0 ? 0 : StaticTable.findValue(known, segment, valueAt, valueLength);
        if (same != 0) {
            number(0x80, 0x7f, same);
            return;
        }
        int nameHash = hash(segment, nameAt, nameLength, 0);
        int hash = hash(segment, valueAt, valueLength, nameHash);
        int named = known;
        for (int i = 0; i < table.count(); i++) {
            long at = hashesAt + (long) table.slot(i) * HASH_BYTES;
            if (memory.get(HASH, at + Integer.BYTES) == hash && table.isName(i, segment, nameAt, nameLength)
                    && table.isValue(i, segment, valueAt, valueLength)) {
                number(0x80, 0x7f, StaticTable.ENTRIES + 1 + i);
                return;
            }
            if (named == 0 && memory.get(HASH, at) == nameHash && table.isName(i, segment, nameAt, nameLength)) {
                named = StaticTable.ENTRIES + 1 + i;
            }
        }
        if (policy == INDEXES && nameLength + valueLength + DynamicTable.OVERHEAD_BYTES <= table.limit() * 3L / 4) {
            literal(0x40, 0x3f, named, segment, nameAt, nameLength, valueAt, valueLength);
            table.add(segment, nameAt, nameLength, valueAt, valueLength);
            hashes(0, nameHash, hash);
        } else {
            literal(0x00, 0x0f, named, segment, nameAt, nameLength, valueAt, valueLength);
        }
    }

    private void literal(int pattern, int mask, int named, MemorySegment segment, long nameAt, int nameLength, long valueAt,
            int valueLength) {
        number(pattern, mask, named);
        if (named == 0) {
            string(segment, nameAt, nameLength);
        }
        string(segment, valueAt, valueLength);
    }

    /// Writes a string, coded where that is shorter (section 5.2).
    private void string(MemorySegment segment, long at, int length) {
        int coded = HuffmanCode.encodedBytes(segment, at, length);
        if (coded < length) {
            number(0x80, 0x7f, coded);
            HuffmanCode.encode(segment, at, length, out, to);
            to += coded;
        } else {
            number(0, 0x7f, length);
            MemorySegment.copy(segment, at, out, to, length);
            to += length;
        }
    }

    /// Writes a number behind the pattern of its first octet (section 5.1).
    private void number(int pattern, int mask, int value) {
        if (value < mask) {
            put(pattern | value);
            return;
        }
        put(pattern | mask);
        int rest = value - mask;
        while (rest >= 0x80) {
            put(rest & 0x7f | 0x80);
            rest >>>= 7;
        }
        put(rest);
    }

    private void put(int octet) {
        out.set(ValueLayout.JAVA_BYTE, to++, (byte) octet);
    }

    private static int hash(MemorySegment segment, long at, int length, int seed) {
        long hash = (seed ^ length) * MULTIPLIER;
        int i = 0;
        for (; length - i >= Long.BYTES; i += Long.BYTES) {
            hash = (hash ^ segment.get(WORD, at + i)) * MULTIPLIER;
            hash ^= hash >>> 32;
        }
        for (; i < length; i++) {
            hash = (hash ^ segment.get(ValueLayout.JAVA_BYTE, at + i)) * MULTIPLIER;
        }
        return (int) (hash ^ hash >>> 32);
    }

    /// Ends the block.
    ///
    /// @return where the next byte would go
    public long end() {
        out = MemorySegment.NULL;
        return to;
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
            int nameHash = hash(memory, nameAt, nameLength, 0);
            hashes(i, nameHash, hash(memory, nameAt + nameLength, table.valueLength(i), nameHash));
        }
    }

    private void hashes(int index, int nameHash, int hash) {
        long at = hashesAt + (long) table.slot(index) * HASH_BYTES;
        memory.set(HASH, at, nameHash);
        memory.set(HASH, at + Integer.BYTES, hash);
        hashed = true;
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
