package dev.coffer.crypto.libcrypto;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/// Whether one opening of the library is open, and how many calls are under way in it: a close waits for them, and lets nobody in.
///
/// Any thread; 0 heap bytes.
final class Closing {
    private static final int CLOSED = Integer.MIN_VALUE;  // added to the calls
    private static final VarHandle CALLS;

    static {
        try {
            CALLS = MethodHandles.lookup().findVarHandle(Closing.class, "calls", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private volatile int calls;

    /// {@return whether it is open; then [#leave] follows}
    boolean enter() {
        int now = calls;
        while (now >= 0) {
            if (CALLS.compareAndSet(this, now, now + 1)) {
                return true;
            }
            now = calls;
        }
        return false;
    }

    /// Ends a call, and gives back what the library keeps for this thread.
    void leave() {
        try {
            LibraryCalls.threadStop();
        } finally {
            CALLS.getAndAdd(this, -1);
        }
    }

    /// Lets nobody in any more, and waits for who is. Twice is harmless.
    ///
    /// @return whether it was open
    @SuppressWarnings("ThreadPriorityCheck")  // whoever is inside needs the processor, and soon is not
    boolean close() {
        int now = calls;
        while (now >= 0 && !CALLS.compareAndSet(this, now, now + CLOSED)) {
            now = calls;
        }
        while (calls != CLOSED) {
            Thread.yield();
        }
        return now >= 0;
    }
}
