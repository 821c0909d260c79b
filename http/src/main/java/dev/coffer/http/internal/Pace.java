package dev.coffer.http.internal;

import dev.coffer.http.Limits;

/// A peer's pace in one direction: a deadline that every byte puts off by its share of the slowest rate allowed, never
/// further than the grace ahead. One byte now and then does not keep a connection; a steady slow peer does.
public final class Pace {
    private static final long SECOND_NANOS = 1_000_000_000;

    private final long graceNanos;
    private final long bytesPerSecond;
    private long deadline = Long.MAX_VALUE;

    public Pace(Limits limits) {
        this.graceNanos = limits.graceNanos();
        this.bytesPerSecond = limits.bytesPerSecondMin();
    }

    public void stop() {
        deadline = Long.MAX_VALUE;
    }

    public boolean isRunning() {
        return isRunning(deadline);
    }

    /// {@return whether a pace runs that is kept by whoever has it: its deadline, or `Long.MAX_VALUE`}
    public static boolean isRunning(long deadline) {
        return deadline != Long.MAX_VALUE;
    }

    public void start(long now) {
        deadline = now + graceNanos;
    }

    /// Counts `bytes` that passed.
    public void passed(long bytes, long now) {
        deadline = passed(deadline, bytes, now, graceNanos, bytesPerSecond);
    }

    /// {@return the deadline when `bytes` have passed, of a pace that is kept by whoever has it}
    public static long passed(long deadline, long bytes, long now, long graceNanos, long bytesPerSecond) {
        long most = now + graceNanos;
        if (!isRunning(deadline) || deadline >= most) {
            return isRunning(deadline) ? most : deadline;  // within a turn of the loop nothing is divided
        }
        // above the rate for the whole grace the product need not be formed
        return bytes / bytesPerSecond > graceNanos / SECOND_NANOS ? most : Math.min(most, deadline + bytes * SECOND_NANOS / bytesPerSecond);
    }

    /// Time that was not the peer's to use.
    public void excuse(long nanos) {
        if (isRunning()) {
            deadline += nanos;
        }
    }

    public long deadlineNanos() {
        return deadline;
    }
}
