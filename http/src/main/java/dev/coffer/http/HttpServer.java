package dev.coffer.http;

/// The server's side of a connection, in any version.
///
/// ```java
/// switch (event) {
///     case REQUEST -> {                                  // compare and look up, no String
///         RequestHead head = engine.request(engine.stream());
///         exchange.plan(head);                           // your object, a MessageSource: finds file, status, range
///         engine.discard(engine.stream());               // or proceed(...) and read content from DATA
///         engine.respond(engine.stream(), exchange);
///     }
///     case DATA -> engine.consume(engine.stream(), engine.dataLength(engine.stream()));
///     case SENT, ABORTED -> exchange.release();          // close the file
///     case CLOSED -> closing = true;                     // flush, then close the socket
///     default -> { }
/// }
/// ```
public interface HttpServer extends HttpEngine {
    /// {@return the head of a request whose exchange is open}
    RequestHead request(long stream);

    /// Says that the content is wanted: sends 100 to a client that waits for it, and does nothing otherwise. Without
    /// this call such a client may never send its content and runs into the time limit.
    void proceed(long stream);

    /// Gives the answer, at any time after REQUEST. It is written by the next calls of `pollOutput`.
    ///
    /// @param source  pulled until SENT or ABORTED
    /// @throws IllegalStateException  the stream has its answer already (caller's fault)
    void respond(long stream, MessageSource source);

    /// Says that others wait for this engine: a head that is begun and not ended is refused now, as if its time were over.
    ///
    /// @param patienceNanos  0 or more; a head that is waited for since less than that may go on
    /// @return whether one is refused, by 408, which ends the connection
    boolean giveWay(long nowNanos, long patienceNanos);
}
