package dev.coffer.memory.engine;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// State of a protocol over datagrams: QUIC's endpoint with its connections, or one connection of it. The sister of [Engine],
/// with the same rules: no I/O, clock, thread or random source of its own, one thread at a time, drained after each input,
/// exceptions for the caller's fault only.
///
/// A datagram is never cut and never joined: one [#feed] is one whole datagram, and so is each segment of one
/// [#pollOutput]. Beside its bytes travels a [DatagramHeader]: the path, the ECN codepoint and, for output, the size of its
/// segments. Addresses are values in that header and not numbers of a table, so a flood of forged senders fills nothing; an
/// engine keeps a copy of the paths that it needs, in memory that its plan names.
///
/// ```java
/// while (receives(in, header)) {                                  // bytes, path and ECN of one datagram
///     engine.feed(in, 0, received, header, 0, now);
/// }
/// boolean more;
/// do {
///     long wrote = engine.pollOutput(out, 0, room, header, 0, now);
///     if (wrote > 0) {
///         send(out, 0, wrote, header);                            // one call where the system has GSO
///     }
///     more = wrote > 0;
///     for (E event; (event = engine.pollEvent()) != null; more = true) {
///         handle(event);
///     }
/// } while (more);
/// // arm a timer for engine.deadlineNanos()
/// ```
///
/// Datagrams may be lost, repeated, reordered and changed on their way, and those that the driver cannot send (the system's
/// buffer is full, the path's MTU is smaller, an interface is gone) it may drop: to the engine each of these is a loss.
///
/// @param <E> the events of this protocol: an enum or preallocated objects, so that polling allocates nothing
public interface DatagramEngine<E> extends AutoCloseable {
    /// Segments that one output has at most: what Linux takes in one call (`UDP_MAX_SEGMENTS`).
    int SEGMENTS_MAX = 64;
    /// Largest content of a UDP datagram over IPv4: 65,535 without the headers of IP (20) and UDP (8).
    int DATAGRAM_BYTES_MAX = 65_535 - 20 - 8;

    /// Takes one datagram, whole. What is not for this engine, not valid, or more than it can hold now, is dropped, as the
    /// network might have done; that is never an error.
    ///
    /// @param input     memory that holds it, borrowed for the call; the engine may overwrite it (packet protection is removed in
    ///                  place)
    /// @param at        offset of the first byte
    /// @param length    bytes of the datagram, 0 or more; one longer than [#feedBytesMax] is dropped
    /// @param header    memory of its header, borrowed for the call: the path as the receiver sees it (local is ours) and the ECN
    ///                  codepoint it arrived with
    /// @param headerAt  offset of [DatagramHeader#BYTES] bytes
    /// @param nowNanos  the caller's monotonic clock
    /// @throws IllegalStateException     closed, or never reset (caller's fault)
    /// @throws IllegalArgumentException  a range does not lie in its memory (caller's fault)
    void feed(MemorySegment input, long at, long length, MemorySegment header, long headerAt, long nowNanos);

    /// {@return bytes of the largest datagram that is taken, 1..[#DATAGRAM_BYTES_MAX]: a receive buffer needs no more. The same for
    /// an engine's whole life}
    int feedBytesMax();

    /// Writes the next datagrams for one path: one, or as many as fit of one size, of which only the last may be shorter
    /// ([DatagramHeader#segmentBytes]). They lie one behind the other without a gap.
    ///
    /// @param output    memory to write to, borrowed for the call
    /// @param at        offset of the first byte
    /// @param length    room in bytes; a driver that can send but one datagram a call gives room for one
    /// @param header    memory for the header of all of them, borrowed for the call: path, ECN codepoint, segment size. Where the
    ///                  answer is 0 it is unchanged
    /// @param headerAt  offset of [DatagramHeader#BYTES] bytes
    /// @param nowNanos  the caller's monotonic clock
    /// @return bytes written, 0..length; 0 means that nothing is to be sent now: nothing is pending, [#deadlineNanos] says when more
    ///         may go (pacing), or `length` is below [#outputBytesMin]
    /// @throws IllegalStateException     closed, or never reset (caller's fault)
    /// @throws IllegalArgumentException  a range does not lie in its memory (caller's fault)
    long pollOutput(MemorySegment output, long at, long length, MemorySegment header, long headerAt, long nowNanos);

    /// {@return room in bytes with which [#pollOutput] always makes progress: the largest datagram that may be sent, probes of the
    /// path's MTU among them; 1..[#DATAGRAM_BYTES_MAX]. The same for an engine's whole life}
    int outputBytesMin();

    /// {@return the next event, or null when drained; valid until the next call on this engine}
    @SuppressWarnings("exports")  // an annotation that users need not have
    @Nullable
    E pollEvent();

    /// {@return when to call [#onDeadline], on the caller's clock: loss detection, pacing, idle and draining times, delayed
    /// acknowledgements; `Long.MAX_VALUE` for never. Any other call may move it}
    long deadlineNanos();

    /// Tells the engine that its deadline may have passed. Early and repeated calls are harmless. A turn follows.
    ///
    /// @param nowNanos  the caller's monotonic clock
    /// @throws IllegalStateException  closed, or never reset (caller's fault)
    void onDeadline(long nowNanos);

    /// Begins an orderly end: nothing new, what runs is finished, peers are told in the protocol's own way. [#isEnded] when all of it
    /// is done, draining included. A repeated call does nothing.
    ///
    /// @param nowNanos  the caller's monotonic clock
    /// @throws IllegalStateException  closed, or never reset (caller's fault)
    void shutdown(long nowNanos);

    /// {@return whether all is done: nothing more will be written, what still comes is dropped. Events that tell the end may still
    /// be pending}
    boolean isEnded();

    /// Forgets everything, wipes every byte that was dirtied, returns what was lent, and stands ready anew without making an
    /// object. A new engine wants this call first; a closed one may be used again by it.
    ///
    /// @param nowNanos  the caller's monotonic clock, from which the first time limit runs
    void reset(long nowNanos);

    /// Wipes every secret and returns every byte to the budget. Safe to call twice.
    @Override
    void close();

    /// {@return whether what the last [#pollOutput] wrote was an acknowledgement alone that could wait and did, as a keep-alive's: it answers nobody who waits. One that is due at once, as while
    /// somebody uploads, sets the pace of who sends, and is an answer}
    default boolean hasAcknowledgedAlone() {
        return false;
    }
}
