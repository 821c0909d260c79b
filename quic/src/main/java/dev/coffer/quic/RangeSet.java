package dev.coffer.quic;

import dev.coffer.memory.layout.LittleEndian;
import java.lang.foreign.MemorySegment;

/// A bounded set of numbers 0..2^62 as ranges that neither touch nor overlap, lowest first. Stateless, thread-safe; 0 heap bytes. All zeros is the empty set.
///
/// ```
///   0: count | 8: start, end | 24: start, end | ...      a range is start..end-1
/// ```
///
/// **When full** a change that needs one more range is refused and nothing changes: what that means is for the owner to say.
final class RangeSet {
    private static final long COUNT = 0;        // u16
    private static final long RANGES = 8;
    private static final long RANGE_BYTES = 16;
    private static final long END = 8;

    private RangeSet() {}

    /// {@return bytes of a set of so many ranges}
    static long bytes(int rangesMax) {
        return RANGES + rangesMax * RANGE_BYTES;
    }

    static int count(MemorySegment memory, long at) {
        return LittleEndian.u16(memory, at + COUNT);
    }

    private static void count(MemorySegment memory, long at, int count) {
        LittleEndian.u16(memory, at + COUNT, count);
    }

    /// {@return first number of a range}
    static long start(MemorySegment memory, long at, int index) {
        return LittleEndian.i64(memory, at + RANGES + index * RANGE_BYTES);
    }

    /// {@return one past the last number of a range}
    static long end(MemorySegment memory, long at, int index) {
        return LittleEndian.i64(memory, at + RANGES + index * RANGE_BYTES + END);
    }

    private static void set(MemorySegment memory, long at, int index, long start, long end) {
        LittleEndian.i64(memory, at + RANGES + index * RANGE_BYTES, start);
        LittleEndian.i64(memory, at + RANGES + index * RANGE_BYTES + END, end);
    }

    /// {@return index of the first range that ends at or behind `value`: it holds it, touches it, or lies above}
    private static int reaching(MemorySegment memory, long at, long value) {
        int low = 0;
        int high = count(memory, at);
        while (low < high) {
            int middle = low + high >>> 1;
            if (end(memory, at, middle) < value) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /// Adds numbers, joined with what they touch.
    ///
    /// @return whether they are in; false where that needs more than `rangesMax` ranges
    static boolean add(MemorySegment memory, long at, int rangesMax, long start, long end) {
        assert start < end : start + ".." + end;
        int count = count(memory, at);
        int first = reaching(memory, at, start);
        int behind = first;
        long low = start;
        long high = end;
        while (behind < count && start(memory, at, behind) <= end) {
            low = Math.min(low, start(memory, at, behind));
            high = Math.max(high, end(memory, at, behind));
            behind++;
        }
        if (behind == first && count == rangesMax) {
            return false;
        }
        move(memory, at, behind, first + 1, count);
        set(memory, at, first, low, high);
        return true;
    }

    /// Moves the ranges from `from` on to `to`.
    private static void move(MemorySegment memory, long at, int from, int to, int count) {
        if (from != to) {
            MemorySegment.copy(memory, at + RANGES + from * RANGE_BYTES, memory, at + RANGES + to * RANGE_BYTES, (count - from) * RANGE_BYTES);
        }
        int now = count + to - from;
        for (int i = now; i < count; i++) {
            set(memory, at, i, 0, 0);
        }
        count(memory, at, now);
    }

    /// Adds numbers whatever is there: where there is no room for another range, the nearest grows over what lies between.
    static void cover(MemorySegment memory, long at, int rangesMax, long start, long end) {
        if (add(memory, at, rangesMax, start, end)) {
            return;
        }
        int above = reaching(memory, at, start);
        int count = count(memory, at);
        long up = above < count ? start(memory, at, above) - end : Long.MAX_VALUE;
        long down = above > 0 ? start - end(memory, at, above - 1) : Long.MAX_VALUE;
        boolean added = up < down ? add(memory, at, rangesMax, start, start(memory, at, above))
                : add(memory, at, rangesMax, end(memory, at, above - 1), end);
        assert added : "touches";
    }

    /// Takes numbers out.
    ///
    /// @return whether they are out; false where a range would be cut in two and there is no room for that
    static boolean remove(MemorySegment memory, long at, int rangesMax, long start, long end) {
        assert start < end : start + ".." + end;
        int count = count(memory, at);
        int first = reaching(memory, at, start + 1);
        if (first == count || start(memory, at, first) >= end) {
            return true;
        }
        long low = start(memory, at, first);
        int last = first;
        while (last + 1 < count && start(memory, at, last + 1) < end) {
            last++;
        }
        long high = end(memory, at, last);
        int kept = (low < start ? 1 : 0) + (high > end ? 1 : 0);
        if (count - (last - first + 1) + kept > rangesMax) {
            return false;
        }
        move(memory, at, last + 1, first + kept, count);
        if (low < start) {
            set(memory, at, first, low, start);
        }
        if (high > end) {
            set(memory, at, first + kept - 1, end, high);
        }
        return true;
    }

    /// Takes out all numbers below a bound.
    static void removeBelow(MemorySegment memory, long at, long bound) {
        int count = count(memory, at);
        int kept = reaching(memory, at, bound + 1);
        move(memory, at, kept, 0, count);
        if (kept < count && start(memory, at, 0) < bound) {
            set(memory, at, 0, bound, end(memory, at, 0));
        }
    }

    static boolean contains(MemorySegment memory, long at, long value) {
        int index = reaching(memory, at, value + 1);
        return index < count(memory, at) && start(memory, at, index) <= value;
    }

    /// {@return whether all of start..end-1 is in}
    static boolean covers(MemorySegment memory, long at, long start, long end) {
        int index = reaching(memory, at, start + 1);
        return index < count(memory, at) && start(memory, at, index) <= start && end(memory, at, index) >= end;
    }

    /// For property tests.
    static void checkInvariants(MemorySegment memory, long at, int rangesMax) {
        int count = count(memory, at);
        assert count <= rangesMax : count + " ranges of " + rangesMax;
        for (int i = 0; i < rangesMax; i++) {
            long start = start(memory, at, i);
            long end = end(memory, at, i);
            assert i < count ? start < end && (i == 0 || end(memory, at, i - 1) < start) : start == 0 && end == 0 : "range " + i + ": " + start + ".." + end;
        }
    }
}
