package dev.coffer.testkit;

import java.lang.management.ManagementFactory;

/// Counts the heap bytes that the calling thread allocates.
public final class HeapBytes {
    private static final com.sun.management.ThreadMXBean THREADS =
            (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

    private HeapBytes() {}

    /// {@return heap bytes that the calling thread allocated while `action` ran, after `warmUps` runs that link and
    /// warm it up}
    public static long of(int warmUps, Runnable action) {
        for (int i = 0; i < warmUps; i++) {
            action.run();
        }
        now();
        long before = now();
        action.run();
        return now() - before;
    }

    /// {@return the least of `runs` measurements of [#of], after `warmUps` runs}
    ///
    /// For actions of many operations whose code C2 is still compiling: leaving compiled code for the interpreter once
    /// may put tens of bytes on the heap, while an operation that allocates does so in every run.
    public static long least(int warmUps, int runs, Runnable action) {
        long least = of(warmUps, action);
        for (int i = 1; i < runs; i++) {
            least = Math.min(least, of(0, action));
        }
        return least;
    }

    /// {@return heap bytes that the calling thread has allocated since it started}
    public static long now() {
        return THREADS.getCurrentThreadAllocatedBytes();
    }

    /// {@return heap bytes that a thread has allocated since it started}
    ///
    /// @param threadId  of a living thread
    public static long ofThread(long threadId) {
        return THREADS.getThreadAllocatedBytes(threadId);
    }
}
