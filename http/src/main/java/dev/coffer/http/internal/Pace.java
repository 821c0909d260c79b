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
        return deadline != Long.MAX_VALUE;
    }

    public void start(long now) {
        deadline = now + graceNanos;
    }

    /// Counts `bytes` that passed.
    public void passed(long bytes, long now) {
        if (isRunning()) {
            long most = now + graceNanos;
            if (deadline >= most) {
                deadline = most;  // within a turn of the loop nothing is divided
                return;
            }
            // above the rate for the whole grace the product need not be formed
            deadline = bytes / bytesPerSecond > graceNanos / SECOND_NANOS ? most
                    : Math.min(most, deadline + bytes * SECOND_NANOS / bytesPerSecond);
        }
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
