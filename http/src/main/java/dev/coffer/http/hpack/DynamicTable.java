package dev.coffer.http.hpack;

import dev.coffer.http.internal.RestBlocks;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.Align;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// A dynamic table (RFC 7541, section 2.3.2) in planned memory: a ring of bytes, each entry's name and value behind those of the entry
/// before it, and a ring of records that say where.
///
/// ```
/// a record, 8 bytes:   bits 0..15 where its name begins | 16..31 name's length | 32..47 value's length
/// bytes of both rings: T + ceil(T / 32) x 8, each rounded up to 64; with T = 4096: 4096 + 1024
/// ```
///
/// An entry counts its octets and 32 more (section 4.1), so there are T / 32 entries at most and the octets of all fit always.
final class DynamicTable {
    /// Section 4.1.
    static final int OVERHEAD_BYTES = 32;
    /// Largest table: 16 bits say where an entry begins.
    static final int BYTES_MAX = 1 << 16;
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

    DynamicTable(MemorySegment memory, long at, int bytesMax) {
        this.memory = memory;
        this.at = at;
        this.bytesMax = bytesMax;
        this.records = records(bytesMax);
        this.recordsAt = at + octets(bytesMax);
        this.limit = bytesMax;
    }

    static int records(int bytesMax) {
        return bytesMax / OVERHEAD_BYTES;
    }

    private static long octets(int bytesMax) {
        return Align.up(bytesMax, Align.CACHE_LINE_BYTES);
    }

    /// {@return bytes of memory}
    static long bytes(int bytesMax) {
        return octets(bytesMax) + Align.up((long) records(bytesMax) * RECORD_BYTES, Align.CACHE_LINE_BYTES);
    }

    /// Forgets all and wipes it.
    void clear() {
        Wipe.bytes(memory, at, dirty);
        Wipe.bytes(memory, recordsAt, dirty == 0 ? 0 : (long) records * RECORD_BYTES);
        limit = bytesMax;
        size = 0;
        count = 0;
        newest = 0;
        next = 0;
        dirty = 0;
    }

    int bytesMax() {
        return bytesMax;
    }

    int limit() {
        return limit;
    }

    int size() {
        return size;
    }

    int count() {
        return count;
    }

    /// Sets the limit and evicts what is past it (section 4.3).
    void limit(int bytes) {
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
    boolean add(MemorySegment segment, long nameAt, int nameLength, long valueAt, int valueLength) {
        long entry = (long) nameLength + valueLength + OVERHEAD_BYTES;
        if (entry > limit) {
            evict(0);
            return false;
        }
        evict(limit - (int) entry);
        newest = newest + 1 >= records ? 0 : newest + 1;
        next = wrapped(next);
        memory.set(RECORD, recordsAt + (long) newest * RECORD_BYTES, next | (long) nameLength << 16 | (long) valueLength << 32);
        put(segment, nameAt, nameLength);
        put(segment, valueAt, valueLength);
        size += (int) entry;
        count++;
        return true;
    }

    private void put(MemorySegment segment, long from, int length) {
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

    /// {@return ordinal of the record of an entry, 0..records - 1}
    ///
    /// @param index  0 for the newest, to [#count] - 1
    int slot(int index) {
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

    int nameLength(int index) {
        return nameLength(record(index));
    }

    int valueLength(int index) {
        return valueLength(record(index));
    }

    /// Copies an entry's name to `to`, where there is room for it.
    void copyName(int index, MemorySegment output, long to) {
        long record = record(index);
        copy((int) record & 0xffff, nameLength(record), output, to);
    }

    /// Copies an entry's value to `to`, where there is room for it.
    void copyValue(int index, MemorySegment output, long to) {
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

    boolean isName(int index, MemorySegment segment, long nameAt, int length) {
        long record = record(index);
        return nameLength(record) == length && equal((int) record & 0xffff, segment, nameAt, length);
    }

    boolean isValue(int index, MemorySegment segment, long valueAt, int length) {
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
    int keptBytes() {
        return (2 + count) * Integer.BYTES + (int) Align.up(size - count * OVERHEAD_BYTES, Integer.BYTES);
    }

    /// Writes down what is in it: both lengths of each entry, oldest first, then the octets of all, which lie one behind the other.
    void keep(RestBlocks rest) {
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
    void resume(RestBlocks rest) {
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
        dirty = next;
        rest.get(memory, at, next);
    }

    /// {@return offset of an entry's name, of a table that was [#resume]d and not written to since: its value lies behind that}
    long nameAt(int index) {
        return at + ((int) record(index) & 0xffff);
    }

    /// For tests: throws where the numbers contradict each other.
    void checkInvariants() {
        int sum = 0;
        for (int i = 0; i < count; i++) {
            sum += nameLength(i) + valueLength(i) + OVERHEAD_BYTES;
        }
        if (sum != size || size > limit || limit > bytesMax || count > records) {
            throw new AssertionError("dynamic table: " + count + " entries of " + sum + " bytes, size " + size + ", limit " + limit);
        }
    }
}
