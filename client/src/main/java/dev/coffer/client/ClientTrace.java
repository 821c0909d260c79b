package dev.coffer.client;

import dev.coffer.http.http2.FrameTrace;
import org.jspecify.annotations.Nullable;

/// Hears what a client's connections do, for one who looks on: `coffer get -v`. On the client's thread; it may make objects, and asks nothing.
@SuppressWarnings("exports")  // annotations that users need not have
public interface ClientTrace extends FrameTrace {
    /// A connection begins to carry a call: over TLS when the handshake is done.
    ///
    /// @param origin    whose it is
    /// @param version   in tens, 11 or 20
    /// @param security  what TLS agreed on, in words; null in the clear
    void carries(Origin origin, int version, @Nullable String security);
}
