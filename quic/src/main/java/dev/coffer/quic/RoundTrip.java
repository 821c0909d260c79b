package dev.coffer.quic;

import dev.coffer.memory.layout.LittleEndian;
import java.lang.foreign.MemorySegment;

/// How long a packet and its acknowledgement take on one path (RFC 9002, section 5). Stateless; 0 heap bytes. [#begin] first.
final class RoundTrip {
    /// Timers are no finer than this (section 6.1.2).
    static final long GRANULARITY_NANOS = 1_000_000;
    /// Before the first sample (section 6.2.2).
    static final long INITIAL_NANOS = 333_000_000;

    private static final long LATEST = 0;      // i64, nanoseconds each
    private static final long SMOOTHED = 8;
    private static final long VARIATION = 16;
    private static final long MIN = 24;
    private static final long FIRST = 32;      // when the first sample was taken; Long.MAX_VALUE before
    static final long BYTES = 40;

    private RoundTrip() {}

    static void begin(MemorySegment memory, long at) {
        LittleEndian.i64(memory, at + LATEST, 0);
        LittleEndian.i64(memory, at + SMOOTHED, INITIAL_NANOS);
        LittleEndian.i64(memory, at + VARIATION, INITIAL_NANOS / 2);
        LittleEndian.i64(memory, at + MIN, 0);
        LittleEndian.i64(memory, at + FIRST, Long.MAX_VALUE);
    }

    /// Takes a sample.
    ///
    /// @param latest      from sending to its acknowledgement, 0 or more
    /// @param delayNanos  that the peer says it waited, no more than it may; passed over where the sample would fall below the least one
    static void sample(MemorySegment memory, long at, long latest, long delayNanos, long nowNanos) {
        LittleEndian.i64(memory, at + LATEST, latest);
        if (!isSampled(memory, at)) {
            LittleEndian.i64(memory, at + FIRST, nowNanos);
            LittleEndian.i64(memory, at + MIN, latest);
            LittleEndian.i64(memory, at + SMOOTHED, latest);
            LittleEndian.i64(memory, at + VARIATION, latest / 2);
            return;
        }
        long min = Math.min(latest, min(memory, at));
        LittleEndian.i64(memory, at + MIN, min);
        long adjusted = latest - min >= delayNanos ? latest - delayNanos : latest;
        long smoothed = smoothed(memory, at);
        LittleEndian.i64(memory, at + VARIATION, (3 * LittleEndian.i64(memory, at + VARIATION) + Math.abs(smoothed - adjusted)) / 4);
        LittleEndian.i64(memory, at + SMOOTHED, (7 * smoothed + adjusted) / 8);
    }

    /// The path is another for good: its least sample is the latest (section 5.2).
    static void forgetLeast(MemorySegment memory, long at) {
        LittleEndian.i64(memory, at + MIN, LittleEndian.i64(memory, at + LATEST));
    }

    static boolean isSampled(MemorySegment memory, long at) {
        return firstNanos(memory, at) != Long.MAX_VALUE;
    }

    /// {@return when the first sample was taken; `Long.MAX_VALUE` before}
    static long firstNanos(MemorySegment memory, long at) {
        return LittleEndian.i64(memory, at + FIRST);
    }

    static long smoothed(MemorySegment memory, long at) {
        return LittleEndian.i64(memory, at + SMOOTHED);
    }

    static long variation(MemorySegment memory, long at) {
        return LittleEndian.i64(memory, at + VARIATION);
    }

    static long min(MemorySegment memory, long at) {
        return LittleEndian.i64(memory, at + MIN);
    }

    /// {@return how long to wait for an acknowledgement before asking for it (section 6.2.1), without back-off}
    ///
    /// @param delayNanosMax  that the peer may wait with it; 0 where it may not
    static long probeNanos(MemorySegment memory, long at, long delayNanosMax) {
        return smoothed(memory, at) + Math.max(4 * variation(memory, at), GRANULARITY_NANOS) + delayNanosMax;
    }

    /// {@return the same of a path of which nothing is known}
    static long firstProbeNanos() {
        return INITIAL_NANOS + 4 * (INITIAL_NANOS / 2);
    }

    /// {@return how much later than a later packet's an acknowledgement may come (section 6.1.2)}
    static long lossNanos(MemorySegment memory, long at) {
        long most = Math.max(smoothed(memory, at), LittleEndian.i64(memory, at + LATEST));
        return Math.max(most + most / 8, GRANULARITY_NANOS);
    }

    /// {@return for how long all must be lost before the path is taken to have changed for good (section 7.6.1)}
    static long persistentNanos(MemorySegment memory, long at, long delayNanosMax) {
        return 3 * probeNanos(memory, at, delayNanosMax);
    }
}
