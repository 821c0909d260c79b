package dev.coffer.quic;

import dev.coffer.memory.layout.Align;
import dev.coffer.memory.layout.LittleEndian;
import java.lang.foreign.MemorySegment;

/// Numbers in the order in which they came, each at most once: 4 bytes for each that may come, linked in place. One thread at a time; 0 heap bytes after
/// construction. Never full.
///
/// ```
///   link of a number:   0 not in it | 1 the last | else the next one + 2
/// ```
final class NumberQueue {
    /// No number.
    static final int NONE = -1;
    private static final int LAST = 1;
    private static final int NEXT = 2;

    private final MemorySegment memory;
    private final long at;
    private int first = NONE;
    private int last = NONE;
    private int count;

    /// @param memory  zero, for [#bytes] from `at`
    NumberQueue(MemorySegment memory, long at) {
        this.memory = memory;
        this.at = at;
    }

    /// {@return bytes for numbers below that}
    static long bytes(int numbers) {
        return Align.up((long) numbers * Integer.BYTES, Align.CACHE_LINE_BYTES);
    }

    private int link(int number) {
        return LittleEndian.i32(memory, at + (long) number * Integer.BYTES);
    }

    private void link(int number, int value) {
        LittleEndian.i32(memory, at + (long) number * Integer.BYTES, value);
    }

    /// Adds a number at the end, where it is not in it.
    void add(int number) {
        if (link(number) != 0) {
            return;
        }
        link(number, LAST);
        if (last == NONE) {
            first = number;
        } else {
            link(last, number + NEXT);
        }
        last = number;
        count++;
    }

    /// {@return the first, [#NONE] where there is none}
    int first() {
        return first;
    }

    /// {@return the first, which is taken out; [#NONE] where there is none}
    int poll() {
        int number = first;
        if (number == NONE) {
            return NONE;
        }
        int next = link(number);
        first = next == LAST ? NONE : next - NEXT;
        last = first == NONE ? NONE : last;
        link(number, 0);
        count--;
        return number;
    }

    int count() {
        return count;
    }

    /// Takes all out.
    void clear() {
        while (poll() != NONE) {
            assert count >= 0;
        }
    }
}
