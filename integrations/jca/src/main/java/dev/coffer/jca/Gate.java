package dev.coffer.jca;

/// Stands before something that several use and one ends: entering never waits, ending waits for those inside. So two keys may be entered
/// in any order. Safe for any thread; never ended from inside.
final class Gate {
    private int inside;
    private boolean shut;

    /// @throws IllegalStateException  shut (caller's fault)
    synchronized void enter(String what) {
        if (shut) {
            throw new IllegalStateException(what + ": destroyed");
        }
        inside++;
    }

    synchronized void leave() {
        inside--;
        notifyAll();
    }

    /// Lets nobody in from here on, waits until all have left, then runs what ends it; twice is up to that.
    synchronized void shut(Runnable end) {
        shut = true;
        boolean interrupted = false;
        while (inside > 0) {
            try {
                wait();
            } catch (InterruptedException e) {
                interrupted = true;  // a wipe is not given up
            }
        }
        end.run();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    synchronized boolean isShut() {
        return shut;
    }
}
