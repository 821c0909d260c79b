package dev.coffer.crypto.libcrypto;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/// How many may compute with RSA keys at a time, since each takes a part of a heap that is planned: the next one waits, a millisecond or two. Any thread; 0 heap
/// bytes.
final class RsaTurns {
    private static final VarHandle FREE;

    static {
        try {
            FREE = MethodHandles.lookup().findVarHandle(RsaTurns.class, "free", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private volatile int free;

    RsaTurns(int calls) {
        free = calls;
    }

    /// Waits for a turn; [#leave] follows.
    @SuppressWarnings("ThreadPriorityCheck")  // whoever is inside needs the processor, and soon is not
    void take() {
        while (true) {
            int now = free;
            if (now > 0 && FREE.compareAndSet(this, now, now - 1)) {
                return;
            }
            if (now == 0) {
                Thread.yield();
            }
        }
    }

    void leave() {
        FREE.getAndAdd(this, 1);
    }
}
