package dev.coffer.http;

/// The client's side of a connection, in any version.
public interface HttpClient extends HttpEngine {
    /// Interim heads (1xx) before an answer, at most; one more aborts the exchange. RFC 9110 (section 15.2) has no bound; a server that
    /// sends some has one or two to say.
    int INFORMATIONS_MAX = 32;

    /// {@return whether [#request] would take another request now}
    boolean canRequest();

    /// Sends a request. It is written by the next calls of `pollOutput`.
    ///
    /// @param source  pulled until SENT or ABORTED
    /// @return the new stream, or -1 if the connection takes none now: busy, closing or closed
    long request(MessageSource source);

    /// {@return whether not one byte of an answer has come to a stream: one that is open, or that ABORTED was told of last. Where the
    /// connection broke, an idempotent request may then be sent again (RFC 9110, section 9.2.2)}
    boolean isUnheard(long stream);

    /// {@return the head that INFORMATION or RESPONSE announced}
    ResponseHead response(long stream);
}
