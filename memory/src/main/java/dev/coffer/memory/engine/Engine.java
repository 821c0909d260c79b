package dev.coffer.memory.engine;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// State of one connection over a stream of bytes: TLS, HTTP/1.1, HTTP/2. No I/O, clock, thread or random source of its own;
/// one thread at a time. [DatagramEngine] is its sister for protocols over datagrams.
///
/// ```
///   made --reset--> RUNNING --output ended--> only takes --ended--> DONE --reset--> RUNNING, for another connection
///                      '------------------- both at once -----------'
/// ```
///
/// After each input drain [#pollOutput], then [#pollEvent], then read [#deadlineNanos]; what the application does on an
/// event may make new output, so a turn ends when both have nothing. Segments are borrowed for the call; `at` and
/// `length` are bytes, so that no caller has to slice. An engine acts at its own pace: `feed` never calls back.
///
/// The driver's turn, the same for every engine, with received bytes `in` and an output buffer `out`:
///
/// ```java
/// long taken = engine.feed(in, 0, received, now);            // keep what was not taken, offer it again
/// boolean more;
/// do {
///     long wrote = engine.pollOutput(out, used, room - used, now);
///     used += wrote;
///     more = wrote > 0;
///     for (E event; (event = engine.pollEvent()) != null; more = true) {
///         handle(event);
///     }
/// } while (more);
/// // flush `out`; if engine.isOutputEnded(), tell the peer so; arm a timer for engine.deadlineNanos(); listen if
/// // engine.awaitsInput(), and when something has come receive at most engine.feedRoom() bytes; if engine.isEnded(), discard
/// // for a moment what still comes, then close the transport
/// ```
///
/// What the peer gets wrong is answered in the protocol's own terms (an alert, a status, a close) and never by an
/// exception; an exception means that the caller misused the interface, and nothing has changed. What came before an end of
/// any kind is not lost by it: it is told first.
///
/// An engine that carries another, as TLS carries HTTP, is an engine towards the wire and has an application side of its own:
/// what was opened is shown in its memory and consumed from there, so that `feedRoom` is 0 while the application leaves it;
/// what is to be sealed is pulled by `pollOutput` from the carried engine's `pollOutput`, behind the room for the record's
/// header, and sealed in place. Then `outputBytesMin` is the carried engine's and the record's overhead, `deadlineNanos` the
/// earlier one, and each engine's events are polled from itself. A time-out, a `shutdown` or an end goes to the carried
/// engine first, so that its last words are still sealed.
///
/// @param <E> the events of this protocol: an enum or preallocated objects, so that polling allocates nothing
public interface Engine<E> extends AutoCloseable {
    /// Offers bytes from the peer.
    ///
    /// @param input     memory that holds them, borrowed for the call
    /// @param at        offset of the first byte
    /// @param length    bytes offered, 0 or more
    /// @param nowNanos  the caller's monotonic clock
    /// @return bytes taken, 0..length; at least the smaller of `length` and [#feedRoom]. Fewer than offered means drain
    ///         output and events first, then offer the rest. All of them once they are discarded
    /// @throws IllegalStateException     closed, never reset, or bytes after [#feedEnd] of a connection that goes on (caller's
    ///                                   fault)
    /// @throws IllegalArgumentException  the range does not lie in the memory (caller's fault)
    long feed(MemorySegment input, long at, long length, long nowNanos);

    /// {@return bytes that the next [#feed] will take for certain: receive no more than that into a shared buffer, and nothing
    /// is left over. 0 means that what has come waits for the application or for output: receive nothing, so that the peer is
    /// held back. `Long.MAX_VALUE` once what comes is discarded, which is so at the latest when [#isEnded].
    ///
    /// To be asked where input is there: an engine that lacks memory for it takes note of that, asks again by its deadline, and may give the
    /// connection up in the end. Who only looks asks [#awaitsInput]}
    long feedRoom();

    /// {@return whether to listen: what may come would be taken, as far as is known. Nothing is noted by the question. Where it is false
    /// it becomes true when output and events are drained, or by [#onDeadline]; where [#feedRoom] is above 0 it is true}
    default boolean awaitsInput() {
        return feedRoom() > 0;
    }

    /// {@return whether bytes that it took wait for the application alone: more of them would help nobody, so an engine that carries this one
    /// leaves them where they are. False where a protocol takes all that its peer may send}
    default boolean isHolding() {
        return false;
    }

    /// Tells that the peer will send no more: the end of its stream, after all its bytes. They are told before the end is. What
    /// they do not complete is aborted; what they do complete is still answered.
    ///
    /// Comes at any time, also while [#feedRoom] is 0; a repeated call does nothing.
    ///
    /// @param nowNanos  the caller's monotonic clock
    /// @throws IllegalStateException  closed, or never reset (caller's fault)
    void feedEnd(long nowNanos);

    /// Tells that the transport is gone in both directions: reset by the peer, timed out, unreachable. As [#feedEnd], and nothing
    /// can be written any more: [#isOutputEnded] is true from here on. What has come and needs no answer is still told, then
    /// every open exchange its end, so that the application lets go what it holds for them.
    ///
    /// A repeated call does nothing. A driver that wants nothing told may call [#reset] or [#close] instead.
    ///
    /// @param nowNanos  the caller's monotonic clock
    /// @throws IllegalStateException  closed, or never reset (caller's fault)
    void disconnect(long nowNanos);

    /// Writes what is pending for the peer. Bytes that it returned are the driver's to deliver, in order and once. Room behind
    /// them is as it was, or zero: what was begun there and had to be forgotten is wiped.
    ///
    /// @param output    memory to write to, borrowed for the call
    /// @param at        offset of the first byte
    /// @param length    room in bytes
    /// @param nowNanos  the caller's monotonic clock
    /// @return bytes written, 0..length; 0 means that nothing is pending, or that `length` is below [#outputBytesMin]
    /// @throws IllegalStateException     closed, or never reset (caller's fault)
    /// @throws IllegalArgumentException  the range does not lie in the memory (caller's fault)
    long pollOutput(MemorySegment output, long at, long length, long nowNanos);

    /// {@return room in bytes with which [#pollOutput] always makes progress, where anything is pending: what may not be cut (a
    /// head, a record, a frame of control) is written whole or not at all. The same for an engine's whole life}
    long outputBytesMin();

    /// Says whether the driver can send bytes from where they lie, [#passage]. Asked for after each [#reset], which takes it back:
    /// where nobody says so, and in an engine that must touch what it sends (TLS seals it), everything goes through
    /// [#pollOutput]. An engine that carries another decides for both.
    ///
    /// @param allowed  whether it can, for memory and for files
    default void allowPassages(boolean allowed) {}

    /// {@return bytes that come next for the peer, behind all that was polled so far, and are sent from where they lie; null if
    /// there are none. While there are, [#pollOutput] writes nothing. Valid until the next call but this}
    @SuppressWarnings("exports")  // an annotation that users need not have
    default @Nullable Passage passage() {
        return null;
    }

    /// Tells that the first bytes of the [#passage] were handed to the transport. They are the driver's to deliver from here on.
    ///
    /// @param bytes     1 or more, of those that were left
    /// @param nowNanos  the caller's monotonic clock
    /// @throws IllegalStateException     there is no passage (caller's fault)
    /// @throws IllegalArgumentException  more than there are (caller's fault)
    default void passed(long bytes, long nowNanos) {
        throw new IllegalStateException("passage: there is none");
    }

    /// Tells that the rest of the [#passage] cannot be sent from where it lies: the system will not, or the file has become shorter.
    /// What is left comes through [#pollOutput], or the engine finds out there that it is gone.
    ///
    /// @param nowNanos  the caller's monotonic clock
    /// @throws IllegalStateException  there is no passage (caller's fault)
    default void refusePassage(long nowNanos) {
        throw new IllegalStateException("passage: there is none");
    }

    /// {@return whether nothing more will ever be pending for the peer: flush what was polled, then end our half of the
    /// transport, once. The peer's half may go on}
    boolean isOutputEnded();

    /// {@return the next event, or null when drained; valid until the next call on this engine}
    @SuppressWarnings("exports")  // an annotation that users need not have
    @Nullable
    E pollEvent();

    /// {@return when to call [#onDeadline], on the caller's clock; `Long.MAX_VALUE` for never. Any other call may move it, so it
    /// is read after the last call of a turn}
    long deadlineNanos();

    /// Tells the engine that its deadline may have passed. Early and repeated calls are harmless. A turn follows.
    ///
    /// @param nowNanos  the caller's monotonic clock
    /// @throws IllegalStateException  closed, or never reset (caller's fault)
    void onDeadline(long nowNanos);

    /// Begins an orderly end: no new exchange, what runs is finished, the peer is told in the protocol's own way (a header, an
    /// alert, a frame). [#isEnded] when all of it is done. A repeated call does nothing.
    ///
    /// @param nowNanos  the caller's monotonic clock
    /// @throws IllegalStateException  closed, or never reset (caller's fault)
    void shutdown(long nowNanos);

    /// {@return whether this connection is done in both directions; implies [#isOutputEnded]. What the peer still sends is
    /// discarded; events that tell the end may still be pending}
    boolean isEnded();

    /// {@return whether the engine holds nothing that the connection will need: no byte is buffered, nothing is open, pending or
    /// remembered. A driver may then [#close] it, keep the connection with [#deadlineNanos] as its time limit, and give it
    /// another engine, [#reset], when its next byte comes. False where a protocol always remembers something}
    default boolean isAtRest() {
        return false;
    }

    /// Forgets the connection, wipes every byte that it dirtied, returns what was lent to it, and stands ready for the next one
    /// without making an object. A new engine wants this call first; a closed one may be used again by it.
    ///
    /// @param nowNanos  the caller's monotonic clock, from which the first time limit runs
    void reset(long nowNanos);

    /// Wipes every secret and returns every byte to the budget. Safe to call twice.
    @Override
    void close();
}
