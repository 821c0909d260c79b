package dev.coffer.http.qpack;

import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.Align;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Sections that refer to our dynamic table and that the peer has yet to acknowledge (RFC 9204, section 2.1.1), oldest first. While all places are taken
/// nothing refers to the table.
///
/// ```
///   a section, 24 bytes:   stream | lowest entry it refers to | its Required Insert Count
/// ```
final class Outstanding {
    private static final int STREAM = 0;
    private static final int LOWEST = 8;
    private static final int REQUIRED = 16;
    static final int BYTES = 24;
    private static final int PLACES_MIN = 8;
    private static final int PLACES_MAX = 64;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

    private final MemorySegment memory;
    private final long base;
    private final int places;
    private int count;

    Outstanding(MemorySegment memory, long at, int tableBytesMax) {
        this.memory = memory;
        this.base = at;
        this.places = places(tableBytesMax);
    }

    static int places(int tableBytesMax) {
        return tableBytesMax == 0 ? 0 : Math.clamp(tableBytesMax / PLACES_MAX, PLACES_MIN, PLACES_MAX);
    }

    /// {@return bytes of memory}
    static long bytes(int tableBytesMax) {
        return Align.up((long) places(tableBytesMax) * BYTES, Align.CACHE_LINE_BYTES);
    }

    void clear() {
        Wipe.bytes(memory, base, (long) places * BYTES);
        count = 0;
    }

    boolean isFull() {
        return count == places;
    }

    private long get(int index, int field) {
        return memory.get(LONG, base + (long) index * BYTES + field);
    }

    void add(long stream, long lowest, long required) {
        long at = base + (long) count++ * BYTES;
        memory.set(LONG, at + STREAM, stream);
        memory.set(LONG, at + LOWEST, lowest);
        memory.set(LONG, at + REQUIRED, required);
    }

    private void remove(int index) {
        count--;
        MemorySegment.copy(memory, base + (long) (index + 1) * BYTES, memory, base + (long) index * BYTES, (long) (count - index) * BYTES);
    }

    /// A section of that stream is acknowledged: its oldest.
    ///
    /// @return its Required Insert Count, or 0 where there is none
    long acknowledge(long stream) {
        for (int i = 0; i < count; i++) {
            if (get(i, STREAM) == stream) {
                long required = get(i, REQUIRED);
                remove(i);
                return required;
            }
        }
        return 0;
    }

    /// No section of that stream will be acknowledged.
    void cancel(long stream) {
        for (int i = count - 1; i >= 0; i--) {
            if (get(i, STREAM) == stream) {
                remove(i);
            }
        }
    }

    /// {@return the lowest entry that any refers to, `most` where none refers to a lower one}
    long lowest(long most) {
        long lowest = most;
        for (int i = 0; i < count; i++) {
            lowest = Math.min(lowest, get(i, LOWEST));
        }
        return lowest;
    }

    /// {@return whether a section of that stream may be blocked, as the peer may lack entries that it refers to}
    boolean isAtRisk(long stream, long known) {
        for (int i = 0; i < count; i++) {
            if (get(i, STREAM) == stream && get(i, REQUIRED) > known) {
                return true;
            }
        }
        return false;
    }

    /// {@return streams that may be blocked}
    int atRisk(long known) {
        int streams = 0;
        for (int i = 0; i < count; i++) {
            boolean first = get(i, REQUIRED) > known;
            for (int j = 0; j < i && first; j++) {
                first = get(j, STREAM) != get(i, STREAM) || get(j, REQUIRED) <= known;
            }
            streams += first ? 1 : 0;
        }
        return streams;
    }

    int count() {
        return count;
    }
}
