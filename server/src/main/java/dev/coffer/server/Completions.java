package dev.coffer.server;

import dev.coffer.server.drive.LoopContext;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// The exchanges of a loop for which another thread has something: any thread adds, the loop's takes. Each stands in it once
/// at most, so it is bounded by them, and its links are their own.
///
/// Lock-free. 0 heap bytes.
final class Completions {
    private final LoopContext context;
    private final AtomicReference<Later> top = new AtomicReference<>();

    Completions(LoopContext context) {
        this.context = context;
    }

    void push(Later later) {
        Later before;
        do {
            before = top.get();
            later.next = before;
        } while (!top.compareAndSet(before, later));
        if (before == null) {  // else who came first has woken it
            context.wake();
        }
    }

    /// Takes all of them.
    ///
    /// @return the one that came first, the others behind it; null where there is none
    @Nullable
    Later take() {
        if (top.get() == null) {
            return null;
        }
        Later newest = top.getAndSet(null);
        Later oldest = null;
        while (newest != null) {
            Later next = newest.next;
            newest.next = oldest;
            oldest = newest;
            newest = next;
        }
        return oldest;
    }
}
