package dev.coffer.server.drive;

import dev.coffer.memory.layout.HeapLayout;
import java.util.Arrays;

/// The deadlines of a loop, each with a number. One thread at a time; 0 heap bytes.
final class Timers {
    static final long NEVER = Long.MAX_VALUE;
    /// How exactly time limits are kept: they are looked after at most this often.
    private static final long SWEEP_NANOS = 50_000_000L;

    /// Who is told.
    interface Fired {
        /// The deadline of that number has passed; it is not armed any more.
        void fired(int id);
    }

    private final long[] deadlines;
    private long next = NEVER;
    private long now;

    Timers(int count) {
        deadlines = new long[count];
        Arrays.fill(deadlines, NEVER);
    }

    static long heapBytes(int count) {
        return HeapLayout.array(long.class, count);
    }

    /// Arms, anew if need be.
    ///
    /// @param at  when; [#NEVER] to disarm
    void arm(int id, long at) {
        deadlines[id] = at;
        if (at != NEVER) {
            next = Math.min(next, Math.max(at, now + SWEEP_NANOS));
        }
    }

    /// {@return when [#expire] has something to do, or before; [#NEVER] where nothing is armed}
    long next() {
        return next;
    }

    /// Tells whose time has come.
    void expire(long newNow, Fired fired) {
        now = newNow;
        if (now < next) {
            return;
        }
        next = NEVER;
        for (int id = 0; id < deadlines.length; id++) {
            if (deadlines[id] <= now) {
                deadlines[id] = NEVER;
                fired.fired(id);
            }
        }
        for (long at : deadlines) {
            if (at != NEVER) {
                next = Math.min(next, Math.max(at, now + SWEEP_NANOS));
            }
        }
    }
}
