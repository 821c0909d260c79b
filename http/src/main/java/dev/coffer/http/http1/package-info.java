/// HTTP/1.1 (RFC 9112) without I/O: [dev.coffer.http.http1.Http1Server] and [dev.coffer.http.http1.Http1Client], engines
/// over one range of the caller's memory, planned by [dev.coffer.http.http1.Http1Config#plan].
///
/// Here: message format (section 2), request and status line (3, 4), fields (5), message body (6), chunked coding (7),
/// connections, persistence and pipelining (9); HTTP/1.0 peers are served. Strict where the standard leaves a choice
/// that was ever used to smuggle (11.2): see [dev.coffer.http.Refusal]. Left out on purpose: transfer codings other than
/// chunked, CONNECT (refused), HTTP/0.9. Upgrade is the application's ([dev.coffer.http.HttpServer#tunnel]), and else ignored.
///
/// The largest thing held is one head with its field table, and one window of content.
@org.jspecify.annotations.NullMarked
package dev.coffer.http.http1;
