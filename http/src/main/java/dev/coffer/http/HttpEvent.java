package dev.coffer.http;

/// What an engine has to tell. [HttpEngine#stream] says which exchange an event belongs to.
///
/// ```
/// server:   REQUEST (DATA* TRAILERS? END)?  then SENT or ABORTED        then the next REQUEST
/// client:   INFORMATION* RESPONSE DATA* TRAILERS? END, and SENT anywhere, or ABORTED
/// either:   REFUSED at most once, CLOSED last of all
/// ```
///
/// On a server SENT ends the exchange: content that is still arriving is no longer reported but skipped. On a client
/// the exchange ends with both END and SENT, or with ABORTED. After the end its head, data and source are no longer
/// used by the engine and its stream number is stale.
public enum HttpEvent {
    /// Server: a request head is complete; read it with [HttpServer#request].
    REQUEST,
    /// Client: a 1xx head came; read it with [HttpClient#response], valid until the next call.
    INFORMATION,
    /// Client: the final response head is complete; read it with [HttpClient#response].
    RESPONSE,
    /// Content lies at [HttpEngine#dataAt]; [HttpEngine#consume] it, then the next piece comes.
    DATA,
    /// Trailer fields came; read them with [HttpEngine#trailers].
    TRAILERS,
    /// The peer's message is complete.
    END,
    /// Our own message has been written to the output completely; its source is no longer used.
    SENT,
    /// The exchange ended before it was complete; its source is no longer used. [HttpEngine#refusal] says why.
    ABORTED,
    /// The peer broke a rule or a limit: [HttpEngine#refusal] says which. A server has answered it if it still could.
    REFUSED,
    /// Nothing more will be taken, written or told: flush what is written, then close the connection.
    CLOSED
}
