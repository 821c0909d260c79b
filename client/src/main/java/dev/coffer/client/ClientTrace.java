package dev.coffer.client;

import dev.coffer.http.http2.FrameTrace;
import org.jspecify.annotations.Nullable;

/// Hears what a client's connections do, for one who looks on: `coffer get -v`. On the client's thread; it may make objects, and asks nothing.
@SuppressWarnings("exports")  // annotations that users need not have
public interface ClientTrace extends FrameTrace, dev.coffer.http.http3.FrameTrace {
    /// A connection begins to carry a call: over TLS when the handshake is done.
    ///
    /// @param origin    whose it is
    /// @param version   in tens, 11, 20 or 30
    /// @param security  what TLS agreed on, in words; null in the clear
    void carries(Origin origin, int version, @Nullable String security);

    /// Nothing, unless it is said what.
    @Override
    default void http3Frame(boolean sent, long type, long stream, long length) {}
}
