package dev.coffer.http;

import java.util.function.Consumer;

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

    /// Makes an exchange a tunnel: what comes behind the request's head is its content, whatever its size and its pace, until the peer ends its
    /// side, and the answer ([HeadWriter#tunnel]) goes on for as long as its source likes. Before [#respond], and before END is told. In HTTP/1.1 the
    /// connection ends with it.
    ///
    /// @throws IllegalStateException  the request has content of its own, or cannot be upgraded: of HTTP/1.0; of HTTP/2 and no extended CONNECT
    ///                                with its side open (RFC 8441) (caller's fault)
    void tunnel(long stream);

    /// Sends an interim answer before the answer (RFC 9110, section 15.2): its status and the fields that are written.
    ///
    /// @param status  102..199
    /// @param fields  asked by a later `pollOutput`, perhaps more than once, until they are written
    /// @throws IllegalArgumentException  another status (caller's fault)
    /// @return whether it will be sent; not to a client of HTTP/1.0, not once the answer is given, and not while another one waits
    boolean inform(long stream, int status, Consumer<HeadWriter> fields);

    /// Says that others wait for this engine: a head that is begun and not ended is refused now, as if its time were over.
    ///
    /// @param patienceNanos  0 or more; a head that is waited for since less than that may go on
    /// @return whether one is refused, by 408, which ends the connection
    boolean giveWay(long nowNanos, long patienceNanos);
}
