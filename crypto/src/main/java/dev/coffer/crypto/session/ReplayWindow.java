package dev.coffer.crypto.session;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Which of the last 128 sequence numbers were seen: a flyweight of three longs in native order. The newest number
/// plus one, and one bit each for it and the 127 before it, as in RFC 6479's idea with a plain shift.
final class ReplayWindow {
    static final long NEXT = 0;         // u64, newest seen plus one; 0 when none was
    static final long LOW = 8;          // bit i: number NEXT - 1 - i was seen, i in 0..63
    static final long HIGH = 16;        // the same, i in 64..127
    static final long BYTES = 24;
    static final int NUMBERS = 128;

    private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG_UNALIGNED;

    private ReplayWindow() {}

    /// {@return whether a number may still be new: not seen, and not older than the window}
    ///
    /// @param sequence  0..2^63-2
    static boolean isNew(MemorySegment segment, long at, long sequence) {
        long back = segment.get(WORD, at + NEXT) - 1 - sequence;
        if (back < 0) {
            return true;
        }
        if (back >= NUMBERS) {
            return false;
        }
        long word = segment.get(WORD, at + (back < Long.SIZE ? LOW : HIGH));
        return (word >>> (back & 63) & 1) == 0;
    }

    /// Marks a number as seen; for numbers that are new and whose message verified.
    static void mark(MemorySegment segment, long at, long sequence) {
        assert isNew(segment, at, sequence) : "sequence " + sequence;
        long next = segment.get(WORD, at + NEXT);
        long low = segment.get(WORD, at + LOW);
        long high = segment.get(WORD, at + HIGH);
        long ahead = sequence + 1 - next;
        if (ahead <= 0) {
            if (-ahead < Long.SIZE) {
                segment.set(WORD, at + LOW, low | 1L << -ahead);
            } else {
                segment.set(WORD, at + HIGH, high | 1L << -ahead - Long.SIZE);
            }
            return;
        }
        segment.set(WORD, at + HIGH, ahead >= NUMBERS ? 0
                : ahead >= Long.SIZE ? (ahead == Long.SIZE ? low : low << ahead - Long.SIZE)
                        : high << ahead | low >>> Long.SIZE - ahead);
        segment.set(WORD, at + LOW, (ahead >= Long.SIZE ? 0 : low << ahead) | 1);
        segment.set(WORD, at + NEXT, sequence + 1);
    }
}
