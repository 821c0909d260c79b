package dev.coffer.server.drive;

import dev.coffer.server.time.Now;
import dev.coffer.server.time.Timer;

/// A loop, as those see it who live in it.
public interface LoopContext {
    /// {@return its ordinal, from 0}
    int index();

    /// {@return the time of the present turn, the same object for ever}
    Now now();

    /// A timer of the loop's own, made at start.
    ///
    /// @param task  run on the loop's thread when the time has come
    /// @throws IllegalStateException  more than were planned (caller's fault)
    Timer timer(Runnable task);

    /// Makes the loop have a turn. From any thread, at any time.
    void wake();
}
