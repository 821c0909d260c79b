package dev.coffer.quic;

import dev.coffer.memory.engine.DatagramHeader;
import dev.coffer.memory.layout.LittleEndian;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Packet numbers that were received in one space, and when the peer is to hear of them (RFC 9000, sections 12.3 and 13.2). Stateless; 0 heap bytes.
///
/// ```
///   0 ...... floor | received | gap | received | gap | ... largest
///   as if received   these ranges go into each ACK
/// ```
///
/// Bounded, and nothing is lost by it: a number below the floor counts as received, so no packet is ever taken twice. **When full**, a number that wants
/// a range of its own takes the lowest one's place once an ACK has told the peer of all of that; before, it is refused ([#FULL]), as if its packet was
/// lost on its way, and an ACK is due at once.
///
/// [#begin] first: all zeros is no state.
final class ReceivedRanges {
    /// What [#look] says: not seen, and there is room.
    static final int NEW = 0;
    /// Received before, or as good as.
    static final int DUPLICATE = 1;
    /// Not seen, and not to be taken now.
    static final int FULL = 2;

    private static final long FLOOR = 0;                // i64
    private static final long LARGEST_NANOS = 8;        // i64, when the largest number came
    private static final long DUE_NANOS = 16;           // i64, when an ACK is due; Long.MAX_VALUE for never
    private static final long LOWEST_UNTOLD = 24;       // i64, of which no ACK has told; Long.MAX_VALUE for none
    private static final long LARGEST_ELICITING = 32;   // i64, -1 for none
    private static final long ECN = 40;                 // 3 x i64, packets that came with ECT(1), ECT(0), CE
    private static final long WAITING = 64;             // u8, ack-eliciting ones since the last ACK; EVERY where that is due at once for whatever reason
    private static final long RANGES = 72;              // RangeSet

    private static final int EVERY = 2;                 // ack-eliciting packets have an ACK (RFC 9000, section 13.2.2)
    /// Deadlines of ACKs that wait are multiples of that, 8.4 ms, or earlier: so those of many connections fall due together, and their loop wakes once for them all.
    static final long TOGETHER_NANOS = 1 << 23;

    private ReceivedRanges() {}

    /// {@return bytes of the state}
    static long bytes(int rangesMax) {
        return RANGES + RangeSet.bytes(rangesMax);
    }

    /// Begins a space in memory of zeros.
    static void begin(MemorySegment memory, long at) {
        LittleEndian.i64(memory, at + DUE_NANOS, Long.MAX_VALUE);
        LittleEndian.i64(memory, at + LOWEST_UNTOLD, Long.MAX_VALUE);
        LittleEndian.i64(memory, at + LARGEST_ELICITING, -1);
    }

    /// {@return what is to be done with a packet of that number: [#NEW], [#DUPLICATE] or [#FULL]}
    static int look(MemorySegment memory, long at, int rangesMax, long number) {
        long set = at + RANGES;
        if (number < LittleEndian.i64(memory, at + FLOOR) || RangeSet.contains(memory, set, number)) {
            return DUPLICATE;
        }
        if (RangeSet.count(memory, set) < rangesMax || touches(memory, set, number)) {
            return NEW;
        }
        boolean isLowest = number < RangeSet.start(memory, set, 0);
        return !isLowest && LittleEndian.i64(memory, at + LOWEST_UNTOLD) >= RangeSet.end(memory, set, 0) ? NEW : FULL;
    }

    private static boolean touches(MemorySegment memory, long set, long number) {
        return RangeSet.contains(memory, set, number + 1) || number > 0 && RangeSet.contains(memory, set, number - 1);
    }

    /// A packet was refused because there is no room: an ACK makes some.
    static void refused(MemorySegment memory, long at, long nowNanos) {
        LittleEndian.i64(memory, at + DUE_NANOS, Math.min(nowNanos, dueNanos(memory, at)));
        waiting(memory, at, EVERY);
    }

    /// Takes a number that [#look] called [#NEW].
    ///
    /// @param eliciting   whether the packet asks for an ACK
    /// @param ecn         the codepoint that it came with
    /// @param delayNanos  how long its ACK may wait; 0 for not at all
    static void add(MemorySegment memory, long at, int rangesMax, long number, boolean eliciting, int ecn, long delayNanos, long nowNanos) {
        long set = at + RANGES;
        long largest = largest(memory, at);
        if (!RangeSet.add(memory, set, rangesMax, number, number + 1)) {
            long floor = RangeSet.end(memory, set, 0);
            LittleEndian.i64(memory, at + FLOOR, floor);
            RangeSet.removeBelow(memory, set, floor);
            boolean added = RangeSet.add(memory, set, rangesMax, number, number + 1);
            assert added : "look() said that there is room";
        }
        if (number > largest) {
            LittleEndian.i64(memory, at + LARGEST_NANOS, nowNanos);
        }
        LittleEndian.i64(memory, at + LOWEST_UNTOLD, Math.min(number, LittleEndian.i64(memory, at + LOWEST_UNTOLD)));
        if (ecn != DatagramHeader.NOT_ECT) {
            long count = at + ECN + (ecn - 1) * (long) Long.BYTES;
            LittleEndian.i64(memory, count, LittleEndian.i64(memory, count) + 1);
        }
        if (eliciting) {
            asksForAck(memory, at, number, ecn, delayNanos, nowNanos);
        }
    }

    private static void asksForAck(MemorySegment memory, long at, long number, int ecn, long delayNanos, long nowNanos) {
        long before = LittleEndian.i64(memory, at + LARGEST_ELICITING);
        LittleEndian.i64(memory, at + LARGEST_ELICITING, Math.max(before, number));
        int waiting = Math.min(EVERY, waiting(memory, at) + 1);
        // out of order, or behind a gap (section 13.2.1); what was marked is told at once
        boolean disordered =
                number < before || !RangeSet.covers(memory, at + RANGES, Math.max(before, LittleEndian.i64(memory, at + FLOOR) - 1) + 1, number + 1);
        boolean now = waiting == EVERY || delayNanos == 0 || ecn == DatagramHeader.CE || disordered;
        waiting(memory, at, now ? EVERY : waiting);
        LittleEndian.i64(memory, at + DUE_NANOS, Math.min(dueNanos(memory, at), now ? nowNanos : dueBy(nowNanos + delayNanos, delayNanos)));
    }

    /// {@return a time in the second half of the delay, or its end where it is a short one}
    private static long dueBy(long latest, long delayNanos) {
        return delayNanos < 2 * TOGETHER_NANOS ? latest : latest & -TOGETHER_NANOS;
    }

    private static int waiting(MemorySegment memory, long at) {
        return memory.get(ValueLayout.JAVA_BYTE, at + WAITING);
    }

    private static void waiting(MemorySegment memory, long at, int count) {
        memory.set(ValueLayout.JAVA_BYTE, at + WAITING, (byte) count);
    }

    /// {@return whether an ACK became due at once, and not with time: a second packet came that asks for one, or a first one of which the peer is to hear soon}
    static boolean isDueAtOnce(MemorySegment memory, long at) {
        return waiting(memory, at) == EVERY;
    }

    /// {@return whether the peer waits for an ACK, due or not: one goes with whatever goes}
    static boolean isAckWanted(MemorySegment memory, long at) {
        return dueNanos(memory, at) != Long.MAX_VALUE;
    }

    /// {@return when an ACK is due; `Long.MAX_VALUE` for never}
    static long dueNanos(MemorySegment memory, long at) {
        return LittleEndian.i64(memory, at + DUE_NANOS);
    }

    /// {@return the largest number, -1 for none}
    static long largest(MemorySegment memory, long at) {
        int count = RangeSet.count(memory, at + RANGES);
        return count == 0 ? LittleEndian.i64(memory, at + FLOOR) - 1 : RangeSet.end(memory, at + RANGES, count - 1) - 1;
    }

    /// {@return when the largest number came}
    static long largestNanos(MemorySegment memory, long at) {
        return LittleEndian.i64(memory, at + LARGEST_NANOS);
    }

    /// {@return ranges, of which an ACK tells from the highest on}
    static int count(MemorySegment memory, long at) {
        return RangeSet.count(memory, at + RANGES);
    }

    /// {@return first number of a range, the highest range being 0}
    static long first(MemorySegment memory, long at, int fromTop) {
        return RangeSet.start(memory, at + RANGES, count(memory, at) - 1 - fromTop);
    }

    /// {@return last number of a range, the highest range being 0}
    static long last(MemorySegment memory, long at, int fromTop) {
        return RangeSet.end(memory, at + RANGES, count(memory, at) - 1 - fromTop) - 1;
    }

    /// {@return packets that came with a codepoint, [DatagramHeader#ECT_1], [DatagramHeader#ECT_0] or [DatagramHeader#CE]}
    static long ecn(MemorySegment memory, long at, int codepoint) {
        return LittleEndian.i64(memory, at + ECN + (codepoint - 1) * (long) Long.BYTES);
    }

    /// {@return whether any packet came with a codepoint: then ACKs tell of it}
    static boolean hasEcn(MemorySegment memory, long at) {
        return (ecn(memory, at, DatagramHeader.ECT_1) | ecn(memory, at, DatagramHeader.ECT_0) | ecn(memory, at, DatagramHeader.CE)) != 0;
    }

    /// An ACK was written.
    ///
    /// @param ranges  that it tells of, from the highest on, 1..[#count]
    static void told(MemorySegment memory, long at, int ranges) {
        waiting(memory, at, 0);
        LittleEndian.i64(memory, at + DUE_NANOS, Long.MAX_VALUE);
        long lowest = first(memory, at, ranges - 1);
        if (ranges == count(memory, at) || LittleEndian.i64(memory, at + LOWEST_UNTOLD) >= lowest) {
            LittleEndian.i64(memory, at + LOWEST_UNTOLD, Long.MAX_VALUE);
        }
    }

    /// The peer has heard an ACK of ours (RFC 9000, section 13.2.4): it need not be told again of what that told.
    ///
    /// @param largest  the largest number that it told of
    static void heard(MemorySegment memory, long at, long largest) {
        long set = at + RANGES;
        int below = 0;
        while (below < RangeSet.count(memory, set) - 1 && RangeSet.end(memory, set, below) <= largest
                && RangeSet.end(memory, set, below) <= LittleEndian.i64(memory, at + LOWEST_UNTOLD)) {
            below++;
        }
        if (below > 0) {
            long floor = RangeSet.end(memory, set, below - 1);
            LittleEndian.i64(memory, at + FLOOR, floor);
            RangeSet.removeBelow(memory, set, floor);
        }
    }

    /// For property tests.
    static void checkInvariants(MemorySegment memory, long at, int rangesMax) {
        RangeSet.checkInvariants(memory, at + RANGES, rangesMax);
        assert count(memory, at) == 0 || RangeSet.start(memory, at + RANGES, 0) >= LittleEndian.i64(memory, at + FLOOR) : "a range below the floor";
    }
}
