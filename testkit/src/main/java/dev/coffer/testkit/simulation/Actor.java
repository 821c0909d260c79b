package dev.coffer.testkit.simulation;

/// Something that acts in a [Simulation]: a driver with its engine, an application, a whole loop.
public interface Actor {
    /// Does some of what can be done now.
    ///
    /// @return whether anything was done: then time stands still and all have another turn
    boolean turn(long nowNanos);

    /// {@return when it wants a turn though nothing else happens; `Long.MAX_VALUE` for never}
    long deadlineNanos();
}
