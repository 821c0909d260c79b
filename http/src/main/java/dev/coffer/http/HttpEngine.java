package dev.coffer.http;

import dev.coffer.memory.engine.Engine;
import java.lang.foreign.MemorySegment;

/// One connection's HTTP, whatever the version: what [HttpServer] and [HttpClient] have in common. An application
/// written on these three interfaces does not see which version it serves.
///
/// An exchange (request and response) is a *stream*, a number that this engine never uses again, on a later connection
/// neither: in HTTP/1.1 their ordinal from 0, one at a time, which goes on over resets.
///
/// The driver's turn is that of every [Engine]. `pollOutput` pulls heads and content from the sources; heads and small control
/// messages are written whole or not at all. A peer's end in the middle of a message is [Refusal#TRUNCATED], a lost transport
/// [Refusal#BROKEN]; both only after the content that had come was told and consumed, save that a server whose transport is lost gives
/// up its exchange at once, as it can answer nothing any more.
///
/// CLOSED is told once, when the connection is done for whatever reason: [#isEnded] is true from then on.
///
/// Methods with a `stream` throw `IllegalArgumentException` for a stale or unknown one (caller's fault). One thread at a
/// time.
public interface HttpEngine extends Engine<HttpEvent> {
    /// {@return the stream of the event polled last; -1 for REFUSED and CLOSED}
    long stream();

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

    /// {@return why the peer was refused or the exchange aborted; [Refusal#NONE] if it was not}
    Refusal refusal();
}
