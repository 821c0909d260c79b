package dev.coffer.server.drive;

/// Whom a loop tells what happens to its connections. Called on the loop's thread; makes no object.
public interface Tally {
    /// A connection has a seat.
    void accepted();

    /// A newcomer was turned away at the door: every seat was taken, or no descriptor was left.
    void turnedAway();

    /// Accepting pauses: no descriptor is left.
    void acceptPaused();

    /// A connection waited for a protocol's memory longer than it may, and was refused.
    void starved();

    /// A peer took too slowly what was written to it, and was given up.
    void refused();

    /// A connection ended by a reset, or with something cut short.
    void broken();
}
