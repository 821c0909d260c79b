package dev.coffer.http.internal;

import dev.coffer.http.Ascii;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.Align;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// A dynamic table (RFC 7541, section 2.3.2; RFC 9204, section 3.2) in planned memory: a ring of bytes, each entry's name and value behind those of the entry
/// before it, and a ring of records that say where.
///
/// ```
/// a record, 8 bytes:   bits 0..15 where its name begins | 16..31 name's length | 32..47 value's length
/// bytes of both rings: T + ceil(T / 32) x 8, each rounded up to 64; with T = 4096: 4096 + 1024
/// ```
///
/// An entry counts its octets and 32 more (section 4.1), so there are T / 32 entries at most and the octets of all fit always.
///
/// An entry may also come in pieces, straight into the ring ([#begin] to [#commit]): what stands in its way is evicted as it grows, which in the end is
/// what would have been evicted at once. A copy of another entry, which may be one of those, reads ahead of where it writes.
public final class DynamicTable implements OctetSink {
    /// Section 4.1.
    public static final int OVERHEAD_BYTES = 32;
    /// Largest table: 16 bits say where an entry begins.
    public static final int BYTES_MAX = 1 << 16;
    private static final int RECORD_BYTES = Long.BYTES;
    private static final ValueLayout.OfLong RECORD = ValueLayout.JAVA_LONG_UNALIGNED;

    private final MemorySegment memory;
    private final long at;          // of the bytes
    private final int bytesMax;     // of the plan
    private final long recordsAt;
    private final int records;      // in all

    private int limit;              // bytes as section 4.1 counts them, 0..bytesMax
    private int size;               // the same, in use
    private int count;              // entries
    private int newest;             // record of the entry that came last
    private int next;               // where the next entry's octets begin
    private int dirty;              // octets from the front that were ever written
    private long inserted;          // entries, ever

    private int grown;              // octets of the entry that comes in pieces
    private int grownName;          // of these, its name's
    private boolean overgrown;      // it is larger than the table

    public DynamicTable(MemorySegment memory, long at, int bytesMax) {
        this.memory = memory;
        this.at = at;
        this.bytesMax = bytesMax;
        this.records = records(bytesMax);
        this.recordsAt = at + octets(bytesMax);
        this.limit = bytesMax;
    }

    public static int records(int bytesMax) {
        return bytesMax / OVERHEAD_BYTES;
    }

    private static long octets(int bytesMax) {
        return Align.up(bytesMax, Align.CACHE_LINE_BYTES);
    }

    /// {@return bytes of memory}
    public static long bytes(int bytesMax) {
        return octets(bytesMax) + Align.up((long) records(bytesMax) * RECORD_BYTES, Align.CACHE_LINE_BYTES);
    }

    /// Forgets all and wipes it.
    public void clear() {
        Wipe.bytes(memory, at, dirty);
        Wipe.bytes(memory, recordsAt, dirty == 0 ? 0 : (long) records * RECORD_BYTES);
        limit = bytesMax;
        size = 0;
        count = 0;
        newest = 0;
        next = 0;
        dirty = 0;
        inserted = 0;
        grown = 0;
    }

    public int bytesMax() {
        return bytesMax;
    }

    public int limit() {
        return limit;
    }

    public int size() {
        return size;
    }

    public int count() {
        return count;
    }

    /// Sets the limit and evicts what is past it (section 4.3).
    public void limit(int bytes) {
        assert bytes >= 0 && bytes <= bytesMax : "limit " + bytes;
        limit = bytes;
        evict(bytes);
    }

    private void evict(int most) {
        while (size > most) {
            long oldest = record(count - 1);
            size -= nameLength(oldest) + valueLength(oldest) + OVERHEAD_BYTES;
            count--;
        }
    }

    /// Evicts what stands in an entry's way and adds it (section 4.4): one that is larger than the table empties it and is no error.
    ///
    /// @return whether it is there
    public boolean add(MemorySegment segment, long nameAt, int nameLength, long valueAt, int valueLength) {
        long entry = (long) nameLength + valueLength + OVERHEAD_BYTES;
        if (entry > limit) {
            evict(0);
            return false;
        }
        evict(limit - (int) entry);
        next = wrapped(next);
        int from = next;
        append(segment, nameAt, nameLength);
        append(segment, valueAt, valueLength);
        record(from, nameLength, valueLength);
        return true;
    }

    private void record(int from, int nameLength, int valueLength) {
        newest = newest + 1 >= records ? 0 : newest + 1;
        memory.set(RECORD, recordsAt + (long) newest * RECORD_BYTES, from | (long) nameLength << 16 | (long) valueLength << 32);
        size += nameLength + valueLength + OVERHEAD_BYTES;
        count++;
        inserted++;
    }

    private void append(MemorySegment segment, long from, int length) {
        int first = Math.min(length, bytesMax - next);
        dirty = Math.max(dirty, next + first);  // first: what is read may fail half-way
        MemorySegment.copy(segment, from, memory, at + next, first);
        if (first < length) {
            MemorySegment.copy(segment, from + first, memory, at, length - first);
            next = length - first;
        } else {
            next += length;
        }
    }

    /// Begins an entry that comes in pieces: its name, [#nameEnd], its value, [#commit].
    public void begin() {
        next = wrapped(next);
        grown = 0;
        grownName = 0;
        overgrown = false;
    }

    /// {@return whether so many octets more of it could ever fit}
    public boolean fits(int octets) {
        return grown + (long) octets + OVERHEAD_BYTES <= limit;
    }

    /// {@return whether so many octets more of it fit; what stands in their way is evicted}
    private boolean grow(int octets) {
        overgrown |= !fits(octets);
        if (overgrown) {
            return false;
        }
        evict(limit - grown - octets - OVERHEAD_BYTES);
        grown += octets;
        return true;
    }

    @Override
    public void put(byte octet) {
        if (grow(1)) {
            next = wrapped(next);
            dirty = Math.max(dirty, next + 1);
            memory.set(ValueLayout.JAVA_BYTE, at + next++, octet);
        }
    }

    @Override
    public void put(MemorySegment segment, long from, int octets) {
        if (grow(octets)) {
            next = wrapped(next);
            append(segment, from, octets);
        }
    }

    public void put(Ascii text) {
        for (int i = 0; i < text.length(); i++) {
            put(text.at(i));
        }
    }

    /// Copies the name of an entry, or its name and its value.
    ///
    /// @return octets copied
    public int putCopy(int index, boolean whole) {
        long record = record(index);
        int from = (int) record & 0xffff;
        int length = nameLength(record) + (whole ? valueLength(record) : 0);
        if (grow(length)) {
            grownName = whole ? nameLength(record) : grownName;
            for (int left = length; left > 0;) {  // three pieces at most; what a piece overwrites it has read, or one before it
                next = wrapped(next);
                int piece = Math.min(left, bytesMax - Math.max(next, from));
                MemorySegment.copy(memory, at + from, memory, at + next, piece);
                next += piece;
                dirty = Math.max(dirty, next);
                from = wrapped(from + piece);
                left -= piece;
            }
            return length;
        }
        return 0;
    }

    /// What has come is its name.
    public void nameEnd() {
        grownName = grown;
    }

    /// Adds the entry that came in pieces.
    ///
    /// @return whether it is there: not where it is larger than the table
    public boolean commit() {
        if (!grow(0)) {
            return false;
        }
        int from = next - grown;
        record(from < 0 ? from + bytesMax : from, grownName, grown - grownName);
        return true;
    }

    /// {@return entries that were ever added}
    public long inserted() {
        return inserted;
    }

    /// {@return index of the entry that so many were added before, not in 0..[#count] - 1 where it is not there (RFC 9204, section 3.2.4)}
    public long index(long absolute) {
        return inserted - 1 - absolute;
    }

    /// {@return entries that have to go for one of so many octets, which fits}
    public int evictions(int octets) {
        int most = limit - octets - OVERHEAD_BYTES;
        int left = size;
        int gone = 0;
        while (left > most) {
            long oldest = record(count - 1 - gone);
            left -= nameLength(oldest) + valueLength(oldest) + OVERHEAD_BYTES;
            gone++;
        }
        return gone;
    }

    /// {@return ordinal of the record of an entry, 0..records - 1}
    ///
    /// @param index  0 for the newest, to [#count] - 1
    public int slot(int index) {
        int slot = newest - index;
        return slot < 0 ? slot + records : slot;
    }

    private long record(int index) {
        return memory.get(RECORD, recordsAt + (long) slot(index) * RECORD_BYTES);
    }

    private static int nameLength(long record) {
        return (int) (record >>> 16) & 0xffff;
    }

    private static int valueLength(long record) {
        return (int) (record >>> 32) & 0xffff;
    }

    public int nameLength(int index) {
        return nameLength(record(index));
    }

    public int valueLength(int index) {
        return valueLength(record(index));
    }

    /// Copies an entry's name to `to`, where there is room for it.
    public void copyName(int index, MemorySegment output, long to) {
        long record = record(index);
        copy((int) record & 0xffff, nameLength(record), output, to);
    }

    /// Copies an entry's value to `to`, where there is room for it.
    public void copyValue(int index, MemorySegment output, long to) {
        long record = record(index);
        copy(wrapped(((int) record & 0xffff) + nameLength(record)), valueLength(record), output, to);
    }

    private int wrapped(int position) {
        return position >= bytesMax ? position - bytesMax : position;
    }

    private void copy(int from, int length, MemorySegment output, long to) {
        int first = Math.min(length, bytesMax - from);
        MemorySegment.copy(memory, at + from, output, to, first);
        if (first < length) {
            MemorySegment.copy(memory, at, output, to + first, length - first);
        }
    }

    public boolean isName(int index, MemorySegment segment, long nameAt, int length) {
        long record = record(index);
        return nameLength(record) == length && equal((int) record & 0xffff, segment, nameAt, length);
    }

    public boolean isValue(int index, MemorySegment segment, long valueAt, int length) {
        long record = record(index);
        return valueLength(record) == length
                && equal(wrapped(((int) record & 0xffff) + nameLength(record)), segment, valueAt, length);
    }

    private boolean equal(int from, MemorySegment segment, long other, int length) {
        int position = from;
        for (int i = 0; i < length; i++) {
            if (memory.get(ValueLayout.JAVA_BYTE, at + position) != segment.get(ValueLayout.JAVA_BYTE, other + i)) {
                return false;
            }
            if (++position == bytesMax) {
                position = 0;
            }
        }
        return true;
    }

    /// {@return bytes that [#keep] writes, at most}
    public int keptBytes() {
        return (2 + count) * Integer.BYTES + (int) Align.up(size - count * OVERHEAD_BYTES, Integer.BYTES);
    }

    /// Writes down what is in it: both lengths of each entry, oldest first, then the octets of all, which lie one behind the other.
    public void keep(RestBlocks rest) {
        rest.putInt(limit);
        rest.putInt(count);
        for (int i = count - 1; i >= 0; i--) {
            rest.putInt((int) (record(i) >>> 16));
        }
        if (count > 0) {
            int from = (int) record(count - 1) & 0xffff;
            int octets = size - count * OVERHEAD_BYTES;
            int first = Math.min(octets, bytesMax - from);
            rest.put(memory, at + from, first);
            rest.put(memory, at, octets - first);
        }
    }

    /// Takes in what was written down, from the front of the ring on; the table is clear.
    public void resume(RestBlocks rest) {
        limit = rest.getInt();
        count = rest.getInt();
        for (int i = 0; i < count; i++) {
            long lengths = Integer.toUnsignedLong(rest.getInt());
            newest = newest + 1 >= records ? 0 : newest + 1;
            long entry = lengths << 16 | next;
            memory.set(RECORD, recordsAt + (long) newest * RECORD_BYTES, entry);
            next += nameLength(entry) + valueLength(entry);
        }
        size = next + count * OVERHEAD_BYTES;
        inserted = count;
        dirty = next;
        rest.get(memory, at, next);
    }

    /// {@return offset of an entry's name, of a table that was [#resume]d and not written to since: its value lies behind that}
    public long nameAt(int index) {
        return at + ((int) record(index) & 0xffff);
    }

    /// For tests: throws where the numbers contradict each other.
    public void checkInvariants() {
        int sum = 0;
        for (int i = 0; i < count; i++) {
            sum += nameLength(i) + valueLength(i) + OVERHEAD_BYTES;
        }
        if (sum != size || size > limit || limit > bytesMax || count > records) {
            throw new AssertionError("dynamic table: " + count + " entries of " + sum + " bytes, size " + size + ", limit " + limit);
        }
    }
}
