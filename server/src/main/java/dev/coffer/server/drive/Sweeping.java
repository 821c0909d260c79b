package dev.coffer.server.drive;

import dev.coffer.memory.PageSweep;
import dev.coffer.memory.time.TimerWheel;
import java.lang.foreign.MemorySegment;

/// When a loop whose memory is committed on touch gives back what nobody uses: a second after something has happened, and once more a second after that, as a
/// page goes when it was zero twice. A loop in which nothing happens sleeps.
///
/// A pass is cut into steps of 1024 pages, between which connections have their turns. No request waits for more than one.
final class Sweeping {
    private static final long PASS_NANOS = 1_000_000_000L;
    private static final long STEP_NANOS = 4_000_000L;

    private final PageSweep sweep;
    private final TimerWheel timers;
    private final int timer;
    private boolean armed;
    private boolean happened;   // something, since the pass began

    /// @param timer  of the wheel's, its own
    Sweeping(PageSweep sweep, TimerWheel timers, int timer) {
        this.sweep = sweep;
        this.timers = timers;
        this.timer = timer;
    }

    int timer() {
        return timer;
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

    /// The timer is due.
    void fired(long nowNanos) {
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
        timers.arm(timer, atNanos);
    }
}
