package dev.coffer.testkit.simulation;

import java.util.Locale;
import java.util.PriorityQueue;

/// Time that moves only when it is told to, and what is to happen at its moments. Begins far from 0, so that code which takes 0 or a
/// small number for a time is found. One thread.
public final class VirtualClock {
    /// Near the middle of the positive longs: sums of it with any limit do not overflow, differences of it are right.
    public static final long START_NANOS = 1L << 61;

    private record Moment(long at, long order, Runnable action) implements Comparable<Moment> {
        @Override
        public int compareTo(Moment other) {
            return at != other.at ? Long.compare(at, other.at) : Long.compare(order, other.order);
        }
    }

    private final PriorityQueue<Moment> moments = new PriorityQueue<>();
    private long now = START_NANOS;
    private long orders;

    /// A clock at [#START_NANOS], with nothing to happen.
    public VirtualClock() {}

    /// {@return the time, in nanoseconds}
    public long nanos() {
        return now;
    }

    /// {@return when the next thing happens; `Long.MAX_VALUE` for never}
    public long nextNanos() {
        return moments.isEmpty() ? Long.MAX_VALUE : moments.peek().at;
    }

    /// Lets `action` happen at a time, now at the earliest; what is due at the same time happens in the order of these calls.
    public void at(long nanos, Runnable action) {
        moments.add(new Moment(Math.max(now, nanos), orders++, action));
    }

    /// Lets `action` happen after a time.
    ///
    /// @throws IllegalArgumentException  below 0 (caller's fault)
    public void after(long nanos, Runnable action) {
        if (nanos < 0) {
            throw new IllegalArgumentException("after: " + nanos + " ns");
        }
        at(now + nanos, action);
    }

    /// Moves on to `nanos`; everything that is due by then has happened, at its own time.
    ///
    /// @throws IllegalArgumentException  before now (caller's fault)
    public void advanceTo(long nanos) {
        if (nanos < now) {
            throw new IllegalArgumentException("time runs forward only: " + nanos + " is " + (now - nanos) + " ns ago");
        }
        while (!moments.isEmpty() && moments.peek().at <= nanos) {
            Moment moment = moments.poll();
            now = moment.at;
            moment.action.run();
        }
        now = nanos;
    }

    @Override
    public String toString() {
        long since = now - START_NANOS;
        return since / 1_000_000 + "." + String.format(Locale.ROOT, "%06d", since % 1_000_000) + " ms";
    }
}
