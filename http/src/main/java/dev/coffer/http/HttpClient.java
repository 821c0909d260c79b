package dev.coffer.http;

/// The client's side of a connection, in any version.
public interface HttpClient extends HttpEngine {
    /// {@return whether [#request] would take another request now}
    boolean canRequest();

    /// Sends a request. It is written by the next calls of `pollOutput`.
    ///
    /// @param source  pulled until SENT or ABORTED
    /// @return the new stream, or -1 if the connection takes none now: busy, closing or closed
    long request(MessageSource source);

    /// {@return the head that INFORMATION or RESPONSE announced}
    ResponseHead response(long stream);
}
