package dev.coffer.server.files;

import dev.coffer.memory.Wipe;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Names of one folder in planned memory: gathered up to a bound, then put in order step by step, folders first, then by their bytes, which
/// for UTF-8 is the order of code points. One thread at a time; 0 heap bytes.
final class FolderNames implements Folder.Names {
    /// Longest name; none that Linux has is longer.
    static final int NAME_BYTES_MAX = 255;
    /// Bytes of names for each entry: most have fewer, and where all together are more the rest is left out.
    private static final int NAME_BYTES = 64;
    private static final int ENTRY_BYTES = Long.BYTES;
    /// Names that are looked at for one that is wanted: hidden ones are not.
    private static final int SEEN_FACTOR = 8;
    private static final ValueLayout.OfByte U8 = ValueLayout.JAVA_BYTE;
    private static final ValueLayout.OfLong ENTRY = ValueLayout.JAVA_LONG;

    // An entry: kind, 2 bits at 48; bytes of the name, 16 bits at 32; offset of the name, 32 bits.
    private static final int KIND_SHIFT = 48;
    private static final int LENGTH_SHIFT = 32;

    private final MemorySegment memory;
    private final long entriesAt;
    private final long namesAt;
    private final int entriesMax;
    private int count;
    private int used;           // bytes of names
    private int seen;
    private boolean complete;
    private boolean sorting;
    private int heapFrom;       // entries from this one on are a heap
    private int heapEnd;        // entries from this one on are in their place

    /// @param memory  [#bytes] at `at`, zero
    FolderNames(MemorySegment memory, long at, int entriesMax) {
        this.memory = memory;
        this.entriesAt = at;
        this.namesAt = at + (long) entriesMax * ENTRY_BYTES;
        this.entriesMax = entriesMax;
        this.complete = true;
    }

    static long bytes(int entriesMax) {
        return (long) entriesMax * (ENTRY_BYTES + NAME_BYTES);
    }

    @Override
    public boolean name(MemorySegment segment, long at, int length, Folder.Kind kind) {
        seen++;
        if (segment.get(U8, at) == '.' || length > NAME_BYTES_MAX) {
            complete &= seen < (long) SEEN_FACTOR * entriesMax;
            return complete;
        }
        if (count == entriesMax || length > entriesMax * NAME_BYTES - used) {
            complete = false;
            return false;
        }
        entry(count++, (long) kind.ordinal() << KIND_SHIFT | (long) length << LENGTH_SHIFT | used);
        MemorySegment.copy(segment, at, memory, namesAt + used, length);
        used += length;
        return true;
    }

    /// {@return whether every name that is to be shown is here}
    boolean isComplete() {
        return complete;
    }

    int count() {
        return count;
    }

    MemorySegment memory() {
        return memory;
    }

    long nameAt(int index) {
        return namesAt + (entry(index) & 0xffff_ffffL);
    }

    int nameLength(int index) {
        return (int) (entry(index) >>> LENGTH_SHIFT) & 0xffff;
    }

    /// {@return whether it is not known yet what the thing of that name is}
    boolean isUnknown(int index) {
        return kind(index) == Folder.Kind.UNKNOWN.ordinal();
    }

    boolean isFolder(int index) {
        return kind(index) == Folder.Kind.FOLDER.ordinal();
    }

    private int kind(int index) {
        return (int) (entry(index) >>> KIND_SHIFT);
    }

    /// Says what the thing of a name is.
    void set(int index, Folder.Kind kind) {
        entry(index, entry(index) & (1L << KIND_SHIFT) - 1 | (long) kind.ordinal() << KIND_SHIFT);
    }

    private long entry(int index) {
        return memory.get(ENTRY, entriesAt + (long) index * ENTRY_BYTES);
    }

    private void entry(int index, long value) {
        memory.set(ENTRY, entriesAt + (long) index * ENTRY_BYTES, value);
    }

    /// Puts them in order, or goes on with it: heapsort, which needs no memory, has no bad case and can stop after any step. What is to be
    /// shown is gathered, and the kinds are set, before the first call.
    ///
    /// @param steps  at most; each compares no more than 34 pairs of names. All together are one and a half for each name
    /// @return whether they are in order
    boolean sort(int steps) {
        if (!sorting) {
            sorting = true;
            heapFrom = count / 2;
            heapEnd = count;
        }
        for (int left = steps; left > 0 && !isSorted(); left--) {
            if (heapFrom > 0) {
                sink(--heapFrom, count);
            } else {
                swap(0, --heapEnd);
                sink(0, heapEnd);
            }
        }
        return isSorted();
    }

    private boolean isSorted() {
        return heapFrom == 0 && heapEnd <= 1;
    }

    private void sink(int from, int end) {
        int parent = from;
        for (int child; (child = 2 * parent + 1) < end; parent = child) {
            if (child + 1 < end && isBefore(child, child + 1)) {
                child++;
            }
            if (!isBefore(parent, child)) {
                return;
            }
            swap(parent, child);
        }
    }

    private void swap(int a, int b) {
        long entry = entry(a);
        entry(a, entry(b));
        entry(b, entry);
    }

    private boolean isBefore(int a, int b) {
        if (isFolder(a) != isFolder(b)) {
            return isFolder(a);
        }
        long aAt = nameAt(a);
        long bAt = nameAt(b);
        int both = Math.min(nameLength(a), nameLength(b));
        long at = MemorySegment.mismatch(memory, aAt, aAt + both, memory, bAt, bAt + both);
        return at < 0 ? nameLength(a) < nameLength(b) : (memory.get(U8, aAt + at) & 0xff) < (memory.get(U8, bAt + at) & 0xff);
    }

    /// Forgets all, wiped.
    void clear() {
        Wipe.bytes(memory, entriesAt, (long) count * ENTRY_BYTES);
        Wipe.bytes(memory, namesAt, used);
        count = 0;
        used = 0;
        seen = 0;
        complete = true;
        sorting = false;
    }
}
