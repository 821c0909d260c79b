package dev.coffer.server.drive;

import dev.coffer.memory.time.TimerWheel;
import dev.coffer.server.time.Timer;

/// One of the timers that a loop's lane was given.
final class LoopTimer implements Timer {
    final Runnable task;
    private final TimerWheel timers;
    private final int id;

    LoopTimer(TimerWheel timers, int id, Runnable task) {
        this.timers = timers;
        this.id = id;
        this.task = task;
    }

    @Override
    public void arm(long nanos) {
        timers.arm(id, nanos);
    }

    @Override
    public void cancel() {
        timers.cancel(id);
    }
}
