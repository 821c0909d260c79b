package dev.coffer.memory.time;

import dev.coffer.memory.layout.Align;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// The layout of a wheel: lists of timers that are linked through the timers themselves. All zeros is: every list is empty.
///
/// ```
///   heads      lists x i32           first timer + 1, 0 where the list is empty
///   earliest   64 x (levels - 1) i32 of a list above the lowest level: a lower bound of its deadlines, see TimerWheel
///   (to 64)
///   timers     n x { i64 deadline | i32 next + 1, 0 at the end | i32 previous + 1, or ~list at the front; 0 is in no list }
/// ```
final class TimerLists {
    static final int NONE = -1;
    static final long TIMER_BYTES = 16;

    private static final long DEADLINE = 0;
    private static final long NEXT = 8;
    private static final long PREVIOUS = 12;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

    private final MemorySegment memory;
    private final long earliestAt;
    private final long timersAt;

    /// @param lists  with a head
    /// @param bounded  of these, those that have a bound
    TimerLists(MemorySegment memory, int lists, int bounded) {
        this.memory = memory;
        this.earliestAt = (long) lists * Integer.BYTES;
        this.timersAt = headBytes(lists, bounded);
    }

    /// {@return bytes in front of the timers}
    static long headBytes(int lists, int bounded) {
        return Align.up((long) (lists + bounded) * Integer.BYTES, Align.CACHE_LINE_BYTES);
    }

    private long at(int timer) {
        return timersAt + timer * TIMER_BYTES;
    }

    MemorySegment memory() {
        return memory;
    }

    /// {@return the first timer of a list, or [#NONE]}
    int first(int list) {
        return memory.get(INT, (long) list * Integer.BYTES) - 1;
    }

    /// {@return the timer behind this one in its list, or [#NONE]}
    int next(int timer) {
        return memory.get(INT, at(timer) + NEXT) - 1;
    }

    boolean isLinked(int timer) {
        return memory.get(INT, at(timer) + PREVIOUS) != 0;
    }

    long deadline(int timer) {
        return memory.get(LONG, at(timer) + DEADLINE);
    }

    void deadline(int timer, long nanos) {
        memory.set(LONG, at(timer) + DEADLINE, nanos);
    }

    int earliest(int bound) {
        return memory.get(INT, earliestAt + (long) bound * Integer.BYTES);
    }

    void earliest(int bound, int value) {
        memory.set(INT, earliestAt + (long) bound * Integer.BYTES, value);
    }

    /// Puts a timer that is in no list in front.
    void push(int list, int timer) {
        int first = first(list);
        long at = at(timer);
        memory.set(INT, at + NEXT, first + 1);
        memory.set(INT, at + PREVIOUS, ~list);
        memory.set(INT, (long) list * Integer.BYTES, timer + 1);
        if (first != NONE) {
            memory.set(INT, at(first) + PREVIOUS, timer + 1);
        }
    }

    /// Empties a list whose timers go elsewhere; until then they say that they are in one.
    ///
    /// @return its first timer, or [#NONE]
    int clear(int list) {
        int first = first(list);
        memory.set(INT, (long) list * Integer.BYTES, 0);
        return first;
    }

    /// Takes a timer out of the list that it is in.
    ///
    /// @return the list, where it is empty now; else [#NONE]
    int remove(int timer) {
        long at = at(timer);
        int next = memory.get(INT, at + NEXT);
        int previous = memory.get(INT, at + PREVIOUS);
        assert previous != 0 : "timer " + timer + " is in no list";
        memory.set(INT, at + PREVIOUS, 0);
        if (next != 0) {
            memory.set(INT, at(next - 1) + PREVIOUS, previous);
        }
        if (previous > 0) {
            memory.set(INT, at(previous - 1) + NEXT, next);
            return NONE;
        }
        memory.set(INT, (long) ~previous * Integer.BYTES, next);
        return next == 0 ? ~previous : NONE;
    }

    /// {@return whether a timer's neighbours know it; for property tests}
    boolean isWhole(int timer) {
        int next = next(timer);
        int previous = memory.get(INT, at(timer) + PREVIOUS);
        return previous != 0 && (previous < 0 ? first(~previous) == timer : next(previous - 1) == timer)
                && (next == NONE || memory.get(INT, at(next) + PREVIOUS) == timer + 1);
    }
}
