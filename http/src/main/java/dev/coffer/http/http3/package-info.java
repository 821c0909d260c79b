/// HTTP/3 (RFC 9114) without I/O: [dev.coffer.http.http3.Http3Server] and [dev.coffer.http.http3.Http3Client], engines over one range of the caller's memory, planned by
/// [dev.coffer.http.http3.Http3Config], on a [dev.coffer.memory.engine.StreamTransport] (QUIC), whose requests are lent places by
/// [dev.coffer.http.http3.Http3Streams].
///
/// Here: streams (section 6), frames (7) and their order (4.1), requests and responses (4), GOAWAY in two steps (5.2), errors (8), limits against abuse
/// (10.5), extended CONNECT (RFC 9220), priorities (RFC 9218). Left out on purpose: push (refused), CONNECT (refused), datagrams (RFC 9297).
///
/// The largest thing held is QPACK's tables for a connection; a head for each open request. Content lies with the transport.
@org.jspecify.annotations.NullMarked
package dev.coffer.http.http3;
