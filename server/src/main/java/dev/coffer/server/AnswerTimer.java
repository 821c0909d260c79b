package dev.coffer.server;

import dev.coffer.server.drive.LoopContext;
import dev.coffer.server.time.Timer;

/// How long one exchange may take to its answer.
final class AnswerTimer {
    private static final long NEVER = Long.MAX_VALUE;

    private final Timer timer;
    private long began;                 // nanoseconds: the request's head was complete
    private long nanosMax;
    private boolean armed;

    /// @param expiry  run when the time is over
    AnswerTimer(LoopContext context, Runnable expiry) {
        this.timer = context.timer(expiry);
    }

    void begin(long nowNanos, long newNanosMax) {
        began = nowNanos;
        nanosMax = newNanosMax;
    }

    long began() {
        return began;
    }

    /// Another limit; where the time is running already, from now on that one counts.
    void limit(long newNanosMax) {
        nanosMax = newNanosMax;
        if (armed) {
            stop();
            start();
        }
    }

    /// From here on the time can run out; does nothing where that is so already.
    void start() {
        long end = began + nanosMax;
        if (!armed && end >= began && end != NEVER) {  // past the end of all time is never
            armed = true;
            timer.arm(end);
        }
    }

    /// It cannot any more.
    void stop() {
        if (armed) {
            armed = false;
            timer.cancel();
        }
    }

    /// The timer has fired.
    void fired() {
        armed = false;
    }
}
