package dev.coffer.server.drive;

import dev.coffer.memory.PageSweep;
import java.lang.foreign.MemorySegment;

/// When a loop whose memory is committed on touch gives back what nobody uses: a second after something has happened, and once more a second after that, as a
/// page goes when it was zero twice. A loop in which nothing happens sleeps.
///
/// When the next step is due it keeps itself, and not as a timer of the loop's: the plan has the same rows then as where memory is committed at open, and one more.
///
/// A pass is cut into steps of 1024 pages, between which connections have their turns. No request waits for more than one.
final class Sweeping {
    private static final long PASS_NANOS = 1_000_000_000L;
    private static final long STEP_NANOS = 4_000_000L;

    private final PageSweep sweep;
    private boolean armed;
    private long dueNanos;      // where armed
    private boolean happened;   // something, since the pass began

    Sweeping(PageSweep sweep) {
        this.sweep = sweep;
    }

    void own(MemorySegment rows) {
        if (rows.byteSize() > 0) {
            sweep.own(rows);
        }
    }

    /// Something has happened, after which memory may be free.
    void noticed(long nowNanos) {
        happened = true;
        if (!armed) {
            arm(nowNanos + PASS_NANOS);
        }
    }

    /// {@return the earlier of a deadline and when the next step is due}
    ///
    /// @param untilNanos  `Long.MAX_VALUE` for never
    long earlier(long untilNanos) {
        return armed && (untilNanos == Long.MAX_VALUE || dueNanos - untilNanos < 0) ? dueNanos : untilNanos;
    }

    /// Takes the next step, if it is due.
    void turn(long nowNanos) {
        if (!armed || dueNanos - nowNanos > 0) {
            return;
        }
        armed = false;
        if (sweep.step()) {
            arm(nowNanos + STEP_NANOS);
        } else if (happened || sweep.isPending()) {
            happened = false;  // what happens from here on is seen by the pass after the next
            arm(nowNanos + PASS_NANOS);
        }
    }

    private void arm(long atNanos) {
        armed = true;
        dueNanos = atNanos;
    }
}
