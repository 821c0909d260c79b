package dev.coffer.server;

import dev.coffer.server.drive.LoopContext;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/// Has a task run by a loop, given by any thread: what a handler needs that is told of something which belongs to no one
/// exchange. Given more than once before the task begins, it is run once; what was written before it was given is seen by the
/// task.
///
/// Lock-free; 0 heap bytes. Made by [Place#signal].
public final class Signal {
    private static final VarHandle GIVEN;

    static {
        try {
            GIVEN = MethodHandles.lookup().findVarHandle(Signal.class, "given", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final LoopContext context;
    private final Runnable task;
    private volatile boolean given;

    Signal(LoopContext context, Runnable task) {
        this.context = context;
        this.task = task;
    }

    /// Has the task run soon. From any thread, at any time; after the loop's end it comes to nothing.
    public void give() {
        if (GIVEN.compareAndSet(this, false, true)) {
            context.wake();
        }
    }

    /// The loop's: runs the task if the signal was given.
    void takeIn() {
        if (given) {
            given = false;  // before the task: what comes while it runs has it run again
            task.run();
        }
    }
}
