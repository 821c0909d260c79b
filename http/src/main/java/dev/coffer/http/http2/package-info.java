/// HTTP/2 (RFC 9113) without I/O: [dev.coffer.http.http2.Http2Server] and [dev.coffer.http.http2.Http2Client], engines over one range of the
/// caller's memory, planned by [dev.coffer.http.http2.Http2Config], whose streams are lent places by [dev.coffer.http.http2.Http2Streams].
///
/// Here: frames (section 4), streams and flow control (5), all frames (6), error codes (7), requests and responses (8), GOAWAY in two steps
/// (6.8), limits against abuse (10.5), priorities of RFC 9218. Left out on purpose: push (refused), the priorities of RFC 7540 (taken apart and
/// ignored), CONNECT (refused), upgrades from HTTP/1.1 (section 3.1: gone).
///
/// The largest thing held is HPACK's tables for a connection; a head and a window for each open stream.
@org.jspecify.annotations.NullMarked
package dev.coffer.http.http2;
