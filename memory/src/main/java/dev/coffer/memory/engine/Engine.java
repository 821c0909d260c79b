package dev.coffer.memory.engine;

import java.lang.foreign.MemorySegment;

/// State of one connection. No I/O, clock, thread or random source of its own; one thread at a time.
///
/// After each input drain [#pollOutput], then [#pollEvent], then read [#deadlineNanos]. Segments are borrowed for the
/// call; `at` and `length` are bytes, so that no caller has to slice. An engine acts at its own pace: `feed` never
/// calls back. What the peer gets wrong is answered in the protocol's own terms (an alert, a status, a close) and
/// never by an exception; an exception means that the caller misused the interface, and nothing has changed.
///
/// @param <E> the events of this protocol: an enum or preallocated objects, so that polling allocates nothing
public interface Engine<E> extends AutoCloseable {
    /// Offers bytes from the peer.
    ///
    /// @param input     memory that holds them, borrowed for the call
    /// @param at        offset of the first byte
    /// @param length    bytes offered, 0 or more
    /// @param nowNanos  the caller's monotonic clock
    /// @return bytes taken, 0..length; fewer than offered means drain output and events first, then offer the rest
    long feed(MemorySegment input, long at, long length, long nowNanos);

    /// Writes what is pending for the peer.
    ///
    /// @param output    memory to write to, borrowed for the call
    /// @param at        offset of the first byte
    /// @param length    room in bytes
    /// @param nowNanos  the caller's monotonic clock
    /// @return bytes written, 0..length; 0 means that nothing is pending (or that `length` is 0)
    long pollOutput(MemorySegment output, long at, long length, long nowNanos);

    /// {@return the next event, or null when drained; valid until the next call on this engine}
    E pollEvent();

    /// {@return when to call [#onDeadline], on the caller's clock; `Long.MAX_VALUE` for never}
    long deadlineNanos();

    /// Tells the engine that its deadline may have passed. Early and repeated calls are harmless.
    ///
    /// @param nowNanos  the caller's monotonic clock
    void onDeadline(long nowNanos);

    /// Wipes every secret and returns every byte to the budget. Safe to call twice.
    @Override
    void close();
}
