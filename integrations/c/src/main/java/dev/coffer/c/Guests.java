package dev.coffer.c;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/// Calls that have brought a workspace: they hold no place, so they are counted. Safe for any thread; 0 heap bytes.
final class Guests {
    private static final int SHUT = Integer.MIN_VALUE;  // plus how many are still inside
    private static final long WAIT_NANOS = 100_000;

    private final AtomicInteger inside = new AtomicInteger();

    /// {@return whether the call may go on; not where [#shut] has begun}
    boolean enter() {
        for (int seen = inside.get(); seen >= 0; seen = inside.get()) {
            if (inside.compareAndSet(seen, seen + 1)) {
                return true;
            }
        }
        return false;
    }

    /// Ends a call that has entered.
    void leave() {
        inside.decrementAndGet();
    }

    /// Lets no other call enter and waits for those inside. Once.
    void shut() {
        inside.addAndGet(SHUT);
        while (inside.get() != SHUT) {
            LockSupport.parkNanos(WAIT_NANOS);
        }
    }
}
