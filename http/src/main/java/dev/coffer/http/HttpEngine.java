package dev.coffer.http;

import dev.coffer.memory.engine.Engine;
import java.lang.foreign.MemorySegment;

/// One connection's HTTP, whatever the version: what [HttpServer] and [HttpClient] have in common. An application
/// written on these three interfaces does not see which version it serves.
///
/// An exchange (request and response) is a *stream*, a number that this engine never uses again, on a later connection
/// neither: in HTTP/1.1 their ordinal from 0, one at a time, which goes on over resets.
///
/// The driver's turn, for a connection with a socket buffer `out` and any input:
///
/// ```java
/// long taken = engine.feed(in, 0, received, now);           // may be fewer: keep the rest, offer it again
/// boolean more;
/// do {
///     long wrote = engine.pollOutput(out, used, room, now);  // pulls heads and content from the sources
///     used += wrote; room -= wrote;
///     more = wrote > 0;
///     for (HttpEvent event; (event = engine.pollEvent()) != null; more = true) {
///         handle(engine, event);                            // calls respond, consume, ...
///     }
/// } while (more);
/// // flush `out` to the socket, feed what was not taken, arm a timer for engine.deadlineNanos()
/// ```
///
/// Offer at least [#outputBytesMin] of room when `out` is otherwise empty: heads and small control messages are
/// written whole or not at all, so with less room `pollOutput` may return 0 though something is pending.
///
/// Methods with a `stream` throw `IllegalArgumentException` for a stale or unknown one (caller's fault). One thread at a
/// time.
public interface HttpEngine extends Engine<HttpEvent> {
    /// {@return the stream of the event polled last; -1 for REFUSED and CLOSED}
    long stream();

    /// {@return bytes that [#feed] will take now: read no more than that from a shared buffer and nothing is left over}
    long feedRoom();

    /// Tells that the peer will send no more (end of its stream). What cannot be completed is aborted; a response to a
    /// complete request is still written, then CLOSED comes.
    void feedEnd(long nowNanos);

    /// {@return room in bytes with which `pollOutput` can always make progress}
    long outputBytesMin();

    /// {@return the memory that received content lies in}
    MemorySegment dataSegment(long stream);

    /// {@return offset of the content that DATA announced and that is not yet consumed}
    long dataAt(long stream);

    /// {@return bytes of content there; 0 when all is consumed}
    long dataLength(long stream);

    /// Gives content back to the engine, from the front. Until all of a piece is consumed its sender is held back.
    ///
    /// @param bytes  0..[#dataLength]
    void consume(long stream, long bytes);

    /// Skips the rest of the content: no DATA, TRAILERS or END follows. What is skipped counts against the limits.
    void discard(long stream);

    /// {@return trailer fields of the peer's message, valid after TRAILERS}
    Fields trailers(long stream);

    /// Says that a source which returned 0 has content again, so that the next `pollOutput` asks it.
    void resume(long stream);

    /// Gives up one exchange: its source is no longer used and ABORTED follows. In HTTP/1.1 the connection ends with it.
    void abort(long stream);

    /// Finishes what has begun and takes no further exchange: graceful stop. CLOSED comes when all is done.
    void shutdown();

    /// {@return why the peer was refused or the exchange aborted; [Refusal#NONE] if it was not}
    Refusal refusal();

    /// Forgets the connection and stands ready for the next one; a new engine wants this call first. Every byte of its memory that
    /// the old one dirtied is wiped.
    ///
    /// @param nowNanos  from which the first time limit runs
    void reset(long nowNanos);
}
