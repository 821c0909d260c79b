package dev.coffer.http.internal;

import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.Align;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// Two hashes of 32 bits for each entry of an encoder's dynamic table, of its name and of name and value, by which it is looked through, newest first.
///
/// ```
/// bytes: ceil(T / 32) x 8, rounded up to 64
/// ```
public final class EntryHashes {
    /// No such entry.
    public static final int NONE = -1;
    public static final int HASH_BYTES = 2 * Integer.BYTES;
    private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt HASH = ValueLayout.JAVA_INT_UNALIGNED;
    private static final long MULTIPLIER = 0x9e3779b97f4a7c15L;  // 2^64 divided by the golden ratio

    private final DynamicTable table;
    private final MemorySegment memory;
    private final long hashesAt;
    private boolean dirty;          // something was written there: it is wiped
    private int named;              // see find

    public EntryHashes(DynamicTable table, MemorySegment memory, long at) {
        this.table = table;
        this.memory = memory;
        this.hashesAt = at;
    }

    /// {@return bytes of memory}
    public static long bytes(int tableBytesMax) {
        return Align.up((long) DynamicTable.records(tableBytesMax) * HASH_BYTES, Align.CACHE_LINE_BYTES);
    }

    public void clear() {
        if (dirty) {
            Wipe.bytes(memory, hashesAt, bytes(table.bytesMax()));
            dirty = false;
        }
    }

    /// {@return a hash of octets}
    ///
    /// @param seed  0, or the hash of what stands before them
    public static int hash(MemorySegment segment, long at, int length, int seed) {
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

    /// Notes the hashes of an entry.
    public void set(int index, int nameHash, int hash) {
        long at = at(index);
        dirty = true;
        memory.set(HASH, at, nameHash);
        memory.set(HASH, at + Integer.BYTES, hash);
    }

    private long at(int index) {
        return hashesAt + (long) table.slot(index) * HASH_BYTES;
    }

    /// Looks for a field; [#named] says then where its name was met on the way.
    ///
    /// @param from  index of the first entry that is looked at
    /// @return index of the newest of that name and value, or NONE
    public int find(int from, MemorySegment segment, long nameAt, int nameLength, int nameHash, long valueAt, int valueLength, int hash) {
        named = NONE;
        for (int i = from; i < table.count(); i++) {
            long at = at(i);
            if (memory.get(HASH, at + Integer.BYTES) == hash && table.isName(i, segment, nameAt, nameLength)
                    && table.isValue(i, segment, valueAt, valueLength)) {
                return i;
            }
            if (named == NONE && memory.get(HASH, at) == nameHash && table.isName(i, segment, nameAt, nameLength)) {
                named = i;
            }
        }
        return NONE;
    }

    /// {@return index of the newest entry of the name that [#find] looked for last, or NONE}
    public int named() {
        return named;
    }
}
